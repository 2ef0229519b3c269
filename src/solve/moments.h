/* Many Chebyshev or Legendre moments of one variable on an interval: the fast way for them (moments.c). */
#ifndef MX_MOMENTS_H
#define MX_MOMENTS_H

#include "solve/result.h"

/* Solves a continuous problem whose facts are equalities on E[T_j] or E[L_j], j in any set, on all of -1 <= slope x + offset <= 1.
 * *mine: 1 when the result is complete, 0 when the problem is none of these, too small to gain, or did not come out: the
 * result is then as it was, and the general way has to solve it. Errors: MEMORY. */
maxent_error mx_solve_moments(mx_run *run, int *mine);

#endif
