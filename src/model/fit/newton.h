/* The Hessian as a matrix, and what it is good for besides Newton's method: covariances. */
#ifndef MX_NEWTON_H
#define MX_NEWTON_H

#include "model/fit/task.h"

/* H[P][P]: the lower triangle of the Hessian of loss and penalty at w. p: [n][C] the probabilities there, when they are known (and 7
 * digits of H will do), or NULL. Errors: MEMORY. */
maxent_error mx_task_hessian(mx_task *task, const double *w, const float *p, double *H);

/* Multiply-adds that forming and factoring it takes. */
double mx_task_hessian_work(const mx_task *task);

/* Adds kappa_j 1 1' to the blocks of features without penalty, of three vectors or more; kappa: [m + 1] out, 0 where nothing was added. */
void mx_task_pin(const mx_task *task, double *H, double *kappa);

/* The inverse of the Hessian, packed as in maxent_model; NaN where weights are not determined. *covariance: from base/memory.h. */
maxent_error mx_task_covariance(mx_task *task, const double *w, double **covariance);

#endif
