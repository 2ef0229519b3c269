/* The last digits of small problems, in double-double. */
#ifndef MX_REFINE_H
#define MX_REFINE_H

#include "solve/dual/coordinates.h"

/* Newton's method on the dual from z on, until the deadline, scores and means in double-double: where multipliers are so large and of
 * such different signs that doubles lose the difference. z: [r] in and out, p: [n] out, log_partition: log sum exp(logq - z . u), value:
 * the whole dual. distance: of the dual from the primal at p, which their difference may have
 * no digits for. *better: 0: nothing was gained, and z is as it was. Errors: MEMORY. */
maxent_error mx_refine(const mx_coordinates *coordinates, const double *logq, double deadline, mx_dd *z, double *p,
                       mx_dd *log_partition, double *value, double *distance, int *better);

/* Whether it costs no more than a few hundredths of a second. */
int mx_refine_affordable(const mx_coordinates *coordinates);

#endif
