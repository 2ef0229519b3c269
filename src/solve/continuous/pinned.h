/* Facts that leave a set of measure zero: E[(x - 3)^2] = 0, E[abs(x - y)] = 0. No density meets them, and what is left to be asked is
 * whether any distribution does. */
#ifndef MX_PINNED_H
#define MX_PINNED_H

#include "solve/result.h"

typedef struct mx_pinned {
    char where[400];     /* the equations that hold where there is mass, in words; empty: there may be room */
    maxent_verdict rest; /* SINGULAR: distributions meet the facts, INFEASIBLE: none does, UNFINISHED: that is not known */
} mx_pinned;

/* side: [k] of facts that ask for the least (1) or largest (-1) value of their feature. Errors: MEMORY. */
maxent_error mx_pinned_look(mx_run *run, const signed char *side, mx_pinned *pinned);
/* Puts the verdict into run->result, which may hold one that was found in the usual way: a certificate there is kept. Errors: MEMORY. */
maxent_error mx_pinned_tell(mx_run *run, const signed char *side, const mx_pinned *pinned);

#endif
