/* What the ends of the support allow: facts relaxed before the dual is minimised, and the answer told apart from a supremum after. */
#ifndef MX_ESCAPE_H
#define MX_ESCAPE_H

#include "solve/continuum.h"

/* Looks at every end of the support and relaxes c->fact accordingly (ends.h). *unbounded: no multipliers at all normalise; the reason
 * is then result->message. Errors: MEMORY. */
maxent_error mx_escape_find(mx_continuum *c, int *unbounded);

/* c->nodes shows the user's features: f~ = from^T f is put in their place, and what edges take from the prior. */
void mx_escape_change(const mx_continuum *c, mx_nodes *nodes);

/* lambda~ becomes lambda, and the facts the user's again; nodes laid after this are plain. */
void mx_escape_undo(mx_continuum *c);

/* From the judged result: is some fact that was relaxed not met? Then the verdict is UNATTAINED, with its message and bound. */
void mx_escape_settle(mx_continuum *c);

#endif
