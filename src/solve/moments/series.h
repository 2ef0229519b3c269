/* log p of many moments, anywhere, at a price that does not grow with their number.
 *
 * The cosine series of lambda . f is known at n >= 8 degree + 8 equidistant angles: any value between is that of the polynomial through the
 * 24 nearest [1]; the rest is below (pi / 16)^24 of the sum of its coefficients. The first terms, which are the large ones, are summed
 * in double-double instead.
 *
 * [1] J.-P. Berrut, L. N. Trefethen, Barycentric Lagrange interpolation (2004), with binomial weights.
 */
#ifndef MX_SERIES_H
#define MX_SERIES_H

#include "problem/problem.h"

enum { MX_SERIES_FIRST = 32 };

typedef struct mx_series {
    size_t n;              /* angles (2 m + 1) pi / (2 n) */
    double *value;         /* [n] of the terms from MX_SERIES_FIRST on */
    double first[MX_SERIES_FIRST]; /* coefficients of cos(j theta) */
    int flipped;           /* theta = 0 is the lower end */
    double lower, upper;   /* the support */
    double log_z;
} mx_series;

/* out[j] = logq[j] - series - log Z at points of the support; out and logq may be one. */
void mx_series_log(const mx_series *series, const mx_points *points, const double *logq, double *out);
void mx_series_free(mx_series *series);

#endif
