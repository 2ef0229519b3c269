/* A step of the dual by way of a sample of the states. */
#ifndef MX_THINNED_H
#define MX_THINNED_H

#include "solve/dual/minimise.h"

typedef struct mx_thinned {
    size_t most;       /* states; 0: a sample does not pay */
    mx_dual dual;      /* of the states chosen, in multipliers measured from where they were chosen */
    mx_minimum minimum;
    mx_piece *piece;   /* [r] */
    double *panel;     /* [most][ld] */
    double *logarithm; /* [most] of their weights */
} mx_thinned;

/* Decides whether and how large. Errors: MEMORY. */
maxent_error mx_thinned_open(mx_thinned *sample, const mx_dual *dual);
void mx_thinned_close(mx_thinned *sample);

/* From m->z, where the last evaluation was: *found: m->step leads to where the sample puts the minimum, m->covariance is the covariance
 * there by the sample, and the dual falls along the step at first. Uses dual->spare. Errors: CALLBACK. */
maxent_error mx_thinned_step(mx_thinned *sample, mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m, int *found);

#endif
