/* Second looks at problems that are infeasible by next to nothing, or by more than one face after another shows. */
#ifndef MX_ALLOWANCE_H
#define MX_ALLOWANCE_H

#include "solve/dual/view.h"

/* Bounds on what an equality fixes already become WATCH. */
void mx_view_drop_implied(mx_view *view);

/* Every equality and every bound gives way by MX_ALLOWED times what the rounding of its numbers leaves open. A fact that any
 * distribution then meets asks for nothing any more. */
void mx_view_allow(const maxent_problem *problem, mx_view *view);

/* d . g_x for a direction on the scaled columns; a box counts from the bound that d leans on. */
mx_dd mx_view_along(const mx_view *view, const double *direction, size_t x);
/* The facts miss the hull by no more than `open` along the direction. If the states fall into two clear classes, those where d . g is 0
 * to rounding and those where it is not, keep[x] = 1 for the first. Returns their number, or 0 when there is no such gap. */
size_t mx_view_near_face(const mx_view *view, const double *direction, double open, unsigned char *keep);

/* May there be states whose probability, p[state], is there by the rounding of the targets only? lambda: [k] on the columns. */
int mx_view_hollow(const mx_view *view, const mx_dd *lambda, const double *p);
/* The face that facts force when their numbers are taken as the shortest decimals that read as them, and not as doubles: keep[x] = 1 on it,
 * direction: [k] on the scaled columns. *kept: the number of states kept, 0: they force none. Errors: MEMORY. */
maxent_error mx_view_edge(const maxent_problem *problem, const mx_view *view, unsigned char *keep, double *direction, size_t *kept);

/* The face that facts at the very edge of their own feature's range force, exactly: keep[x] = 1 on it, direction: [k]. Returns the
 * number of states kept. */
size_t mx_view_edge_face(const mx_view *view, unsigned char *keep, double *direction);

/* One certificate from several: stages: [count * k], directions of which each rules out some states (d . f > d . b there, = on the
 * others) and the last one all that the others leave. out: [k] a direction with d . f > d . b in every state, if doubles carry
 * it, for the caller to check. problem: of the facts in user's units. Errors: MEMORY, CALLBACK, VALUE. */
maxent_error mx_chain_certificates(const maxent_problem *problem, const double *stages, size_t count, double *out);

#endif
