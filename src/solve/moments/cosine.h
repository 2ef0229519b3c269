/* Cosine series on Chebyshev's points theta_m = (2 m + 1) pi / (2 n), x_m = cos theta_m, by the fast Fourier transform [1].
 *
 *     values:  y_m = sum_j a_j cos(j theta_m)        moments:  A_j = sum_m y_m cos(j theta_m)
 *
 * and Fejer's first rule, which integrates polynomials of degree n - 1 in x over [-1, 1]; its weights are positive [2].
 *
 * [1] J. Makhoul, A fast cosine transform in one and two dimensions (1980).
 * [2] J. Waldvogel, Fast construction of the Fejer and Clenshaw-Curtis quadrature rules (2006).
 */
#ifndef MX_COSINE_H
#define MX_COSINE_H

#include <stddef.h>

typedef struct mx_cosine {
    size_t n;              /* points, a power of 2, >= 4 */
    double *turn;          /* [2 n] cos, sin of pi j / (2 n) */
    double *root;          /* [n / 2] cos, sin of 4 pi j / n, j < n / 4 */
    double *space;         /* [2 n] */
} mx_cosine;

/* Returns 0; -1: no memory. To be closed also then. */
int mx_cosine_open(mx_cosine *c, size_t n);
void mx_cosine_close(mx_cosine *c);

/* y[n] from a[n], and A[n] from y[n]; the two arrays may be one. */
void mx_cosine_values(mx_cosine *c, const double *a, double *y);
void mx_cosine_moments(mx_cosine *c, const double *y, double *A);

/* Fejer's weights. */
void mx_cosine_weights(mx_cosine *c, double *weight);

#endif
