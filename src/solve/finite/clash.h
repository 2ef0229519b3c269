/* Clashing facts: a smallest set of them, and what would repair it. For problems small enough for the exact view. */
#ifndef MX_CLASH_H
#define MX_CLASH_H

#include "solve/dual/view.h"

/* direction: [k] in and out, on the scaled columns: a certificate; out: one whose facts clash with none to spare.
 * Facts are dropped one by one while what is left still clashes. Ends early at the deadline. Errors: MEMORY. */
maxent_error mx_clash_reduce(mx_view *view, double *direction, double deadline);

/* repair: [k] out, in the user's unit: the nearest bound for each fact of the clash that makes all facts feasible when it alone
 * moves; NaN where there is none. Errors: MEMORY. */
maxent_error mx_clash_repair(mx_view *view, const double *direction, double deadline, double *repair);

#endif
