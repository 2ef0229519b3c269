/* A compensated sum: Neumaier's variant of Kahan's, error about one unit in the last place whatever the number of terms.
 * A. Neumaier, Z. Angew. Math. Mech. 54 (1974) 39. Start from {0}. Infinite terms give infinity. */
#ifndef MX_SUM_H
#define MX_SUM_H

#include <math.h>

typedef struct mx_sum {
    double sum, rest;
} mx_sum;

static inline void mx_sum_add(mx_sum *s, double term)
{
    double total = s->sum + term;
    if (isfinite(total))
        s->rest += fabs(s->sum) >= fabs(term) ? (s->sum - total) + term : (term - total) + s->sum;
    s->sum = total;
}

static inline double mx_sum_value(const mx_sum *s)
{
    return s->sum + s->rest;
}

#endif
