/* Families of polynomials by one recurrence: T(1, x), T(2, x), ... each from the one before it, and so L(k, x) and powers x^k.
 *
 *     T_{i+1} = 2 x T_i - T_{i-1}      (i + 1) L_{i+1} = (2 i + 1) x L_i - i L_{i-1}      x^{i+g} = x^i x^g
 *
 * All degrees of one argument in a program are a chain: steps that share two slots, which keep the last degree and the one before
 * it. A thousand degrees cost a thousand steps of the recurrence, not half a million. A degree below the one before it starts anew.
 */
#ifndef MX_CHAIN_H
#define MX_CHAIN_H

#include "facts/program.h"

/* One step of a chain for `count` values of x; now, before: its state, taken over and left for the next. */
void mx_chain_run(const mx_step *step, size_t count, const double *x, double *now, double *before, double *out);

/* Whether a node is a link of a chain; powers only where points are handed over (field). */
static inline int mx_chain_takes(const mx_node *node, int field)
{
    return node->op == MX_OP_CHEBYSHEV || node->op == MX_OP_LEGENDRE ||
           (field && node->op == MX_OP_WHOLE_POWER && node->value.hi >= 2);
}

#endif
