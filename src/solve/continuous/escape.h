/* What the ends of the support allow: facts relaxed before the dual is minimised, and the answer told apart from a supremum after. */
#ifndef MX_ESCAPE_H
#define MX_ESCAPE_H

#include "solve/continuous/continuum.h"

/* Looks at every end of the support and relaxes c->fact accordingly (ends.h). *unbounded: no multipliers at all normalise; the reason
 * is then result->message. Errors: MEMORY. */
maxent_error mx_escape_find(mx_continuum *c, int *unbounded);

/* 1: mx_escape_change changes features or prior of nodes. */
int mx_escape_changes(const mx_continuum *c);

/* c->nodes shows the user's features: f~ = from^T f is put in their place, and what edges take from the prior. */
void mx_escape_change(const mx_continuum *c, mx_nodes *nodes);

/* lambda~ becomes lambda, and the facts the user's again; nodes laid after this are plain. */
void mx_escape_undo(mx_continuum *c);

/* out: [k] the multipliers of the user's facts, as c->lambda is. */
void mx_escape_multipliers(const mx_continuum *c, double *out);
/* The other way: c->lambda from those, [k]. */
void mx_escape_begin(mx_continuum *c, const double *lambda);

/* Where relaxed facts turn out not to bind (multipliers on the edge), others may lose their say too: on the face lambda_4 = 0 of four
 * moments on the line lambda_3 must be 0. *changed: such facts are dropped, and the dual is to be minimised again. Errors: MEMORY. */
maxent_error mx_escape_face(mx_continuum *c, int *changed);
/* Soft facts that the ends relax are dropped when their multipliers come out on the side that cannot be normalised. 1: some were. */
int mx_escape_soft(mx_continuum *c);
/* 1: a fact dropped so is not met, so that the minimum is not on that face: they are the user's again. */
int mx_escape_leave(mx_continuum *c);

/* From the judged result: is some fact that was relaxed not met? Then the verdict is UNATTAINED, with its message and bound. */
void mx_escape_settle(mx_continuum *c);
/* The same where the expectation of a fact is not finite at the maximum (c->heavy): 1 when the ends leave it free altogether, so that
 * densities as near to that maximum as one likes meet it. */
int mx_escape_heavy(mx_continuum *c);

/* Several continuous variables: is d . f below d . tau somewhere far out, on curves between axes? Then d is no certificate. */
int mx_escape_falls(const mx_continuum *c, const double *d);

#endif
