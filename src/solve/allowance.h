/* Second looks at problems that are infeasible by next to nothing, or by more than one face after another shows. */
#ifndef MX_ALLOWANCE_H
#define MX_ALLOWANCE_H

#include "solve/view.h"

/* Bounds on what an equality fixes already become WATCH. */
void mx_view_drop_implied(mx_view *view);

/* Every equality and every bound gives way by MX_ALLOWED times what the rounding of its numbers leaves open. A fact that any
 * distribution then meets asks for nothing any more. */
void mx_view_allow(const maxent_problem *problem, mx_view *view);

/* One certificate from several: stages: [count * k], directions of which each rules out some states (d . f > d . b there, = on the
 * others) and the last one all that the others leave. out: [k] a direction with d . f > d . b in every state, if doubles carry
 * it, for the caller to check. problem: of the facts in user's units. Errors: MEMORY, CALLBACK, VALUE. */
maxent_error mx_chain_certificates(const maxent_problem *problem, const double *stages, size_t count, double *out);

#endif
