/* Faces that combinations of facts force, on problems too large for the exact way. */
#ifndef MX_FACE_H
#define MX_FACE_H

#include "base/watch.h"
#include "problem/problem.h"

/* Looks for combinations d of equalities with d . f_x >= d . tau for every state, = for some, and rules the others out.
 * covariance: [k * k] of the features scaled by scale: [k], under a p that all but vanishes in the states sought; spoiled. watch: whose
 * time it is, or NULL. logq: [n], -inf where a state is out already, and becomes so. *out: how many more; direction: [k] the d of one of
 * them. Only d of small whole numbers are found. Errors: MEMORY, CALLBACK, STOPPED. */
maxent_error mx_find_face(const maxent_problem *problem, double *covariance, const double *scale, int threads, mx_watch *watch,
                          double *logq, double *direction, size_t *out);

#endif
