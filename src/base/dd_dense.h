/* Cholesky's factors in double-double, for systems so near singular that doubles leave no digit of the solution.
 *
 * Matrices are row-major [k][k], of which only the lower triangle (j <= i) is read or written. Nothing here allocates.
 */
#ifndef MX_DD_DENSE_H
#define MX_DD_DENSE_H

#include <stddef.h>

#include "base/dd.h"

/* A = L L^T; L takes the place of A. floor > 0: A is floor times the identity and something positive semi-definite, so that no
 * pivot is less but for rounding; one below half of that is taken as floor. Returns 0, or with floor 0 non-zero when a pivot is
 * at most 1e-28 of its diagonal entry, or not a number: A is then spoiled. */
int mx_dd_cholesky(size_t k, mx_dd *A, double floor);

/* b := (L L^T)^-1 b, [k]. */
void mx_dd_cholesky_solve(size_t k, const mx_dd *L, mx_dd *b);

#endif
