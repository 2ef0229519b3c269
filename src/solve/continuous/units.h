/* The units in which a continuous or countable problem is solved: those of its facts. */
#ifndef MX_UNITS_H
#define MX_UNITS_H

#include "solve/result.h"

typedef struct mx_units {
    maxent_problem problem; /* in other units */
    int *axis, *fact;       /* [variables], [k] the powers of two, as of mx_problem_rescale; axis NULL: the problem's own units will do */
    mx_dd stretch;          /* by what the log of a volume is larger in the units of the problem */
    double *warm;           /* [k] or NULL */
    maxent_options options;
    int beyond;             /* 1: the axis would need numbers beyond the range of doubles */
    mx_run outer;           /* what the run was */
} mx_units;

/* Units for the run's problem, and the run changed to it, if its own are far from what its facts ask for. To be closed. Errors: MEMORY. */
maxent_error mx_units_open(mx_run *run, mx_units *units);
/* The run as it was, and what its result holds in the problem's units; *told: 0: it is none that can be told in those, and withdrawn. */
void mx_units_close(mx_run *run, mx_units *units, int *told);
/* An unfinished result where the axis leaves the range of doubles, in words. */
void mx_units_beyond(const mx_units *units, maxent_result *result);

#endif
