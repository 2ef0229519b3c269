/* Samplers inside the library: the alias table, and what a drawn cell stands for when the answer has values. */
#ifndef MX_SAMPLING_H
#define MX_SAMPLING_H

#include <maxent/distribution.h>

typedef struct mx_draws mx_draws; /* draws.c */

struct maxent_sampler {
    size_t n;
    double *threshold; /* [n] */
    size_t *alias;     /* [n] */
    uint64_t state[4];
    mx_draws *draws;   /* NULL: bare states */
};

/* Even on (0, 1): the middles of 2^53 equal cells. */
double mx_sampler_uniform(maxent_sampler *sampler);
void mx_draws_free(mx_draws *draws);

#endif
