/* A point inside half-spaces, or the combination of them that rules one out. */
#ifndef MX_INTERIOR_H
#define MX_INTERIOR_H

#include <stddef.h>

/* max t subject to a_e . x + b_e >= w_e t for every row e, and t <= 1, over x in R^k.
 *
 * t > 0: x lies strictly inside the rows with w_e = 1. Otherwise y >= 0 proves that t is the most: sum_e y_e a_e = 0, sum_e w_e y_e = 1
 * and sum_e y_e b_e = t; at t = 0 the rows with y_e > 0 hold as equalities wherever all hold. Coefficients are expected to be of the
 * order of 1; what is below 1e-11 counts as zero.
 *
 * a: [m][k]; b, w: [m], w_e 0 or 1; t, x: [k], y: [m] out. Returns 0, -1 when there is no memory, 1 when no x satisfies the rows whatever
 * t (only those with w_e = 0 can do that; y is then a combination of them with sum_e y_e b_e < 0). */
int mx_interior(size_t m, size_t k, const double *a, const double *b, const double *w, double *t, double *x, double *y);

#endif
