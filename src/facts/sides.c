/* Sides of facts, which must be linear in p:
 *
 *     c0 + sum_j c_j E[f_j]  =  E[c0 + sum_j c_j f_j]       one feature, whatever the sum
 *     Var[x]     =  E[(x - m)^2]                            when E[x] = m is given
 *     Cov[x, y]  =  E[(x - m)(y - l)]                       when both means are given
 *
 * Products, ratios and functions of expectations are refused with the reason.
 */
#include "facts/expand.h"

#include <stdlib.h>
#include <string.h>

int mx_tree_has(const mx_tree *tree, int low, int high)
{
    if (tree->kind >= low && tree->kind <= high)
        return 1;
    for (const mx_tree *t = tree->child; t != NULL; t = t->next)
        if (mx_tree_has(t, low, high))
            return 1;
    return 0;
}

int mx_tree_expects(const mx_tree *tree)
{
    return mx_tree_has(tree, MX_TREE_EXPECT, MX_TREE_COVARIANCE);
}

int mx_mean_order(const void *a, const void *b)
{
    uint32_t x = ((const mx_mean *)a)->node, y = ((const mx_mean *)b)->node;
    return x < y ? -1 : x > y;
}

/* x - m, where E[x] = m is given */
static uint32_t centred(mx_expansion *e, const mx_tree *tree)
{
    mx_graph *g = &e->c->graph;
    mx_mean key = {mx_check_number(e->c, tree), 0.0};
    if (key.node == MX_NO_NODE)
        return MX_NO_NODE;
    const mx_mean *known = e->means == 0 ? NULL : bsearch(&key, e->mean, e->means, sizeof key, mx_mean_order);
    if (known == NULL) {
        mx_compile_fail(
            e->c, tree, MAXENT_ERROR_UNSUPPORTED,
            "a variance or covariance is not linear in p unless the mean is given: add the fact E[...] = m for this expression");
        return MX_NO_NODE;
    }
    return mx_graph_binary(g, MX_OP_SUBTRACT, key.node, mx_graph_constant(g, mx_dd_make(known->value), 1));
}

static int spread(mx_expansion *e, const mx_tree *tree, mx_side_value *out)
{
    uint32_t first = centred(e, tree->child), second = first;
    if (first == MX_NO_NODE)
        return e->c->error != MAXENT_OK ? 0 : mx_compile_memory(e->c);
    if (tree->kind == MX_TREE_COVARIANCE)
        second = centred(e, tree->child->next);
    if (second == MX_NO_NODE)
        return e->c->error != MAXENT_OK ? 0 : mx_compile_memory(e->c);
    mx_graph *g = &e->c->graph;
    uint32_t node = first == second ? mx_graph_binary(g, MX_OP_POWER, first, mx_graph_constant(g, mx_dd_make(2.0), 1))
                                    : mx_graph_binary(g, MX_OP_MULTIPLY, first, second);
    *out = (mx_side_value){.node = node, .given = MX_NO_NODE, .random = 1};
    return node != MX_NO_NODE || mx_compile_memory(e->c);
}

static int expectation(mx_expansion *e, const mx_tree *tree, mx_side_value *out)
{
    mx_compile *c = e->c;
    out->random = 1;
    out->given = MX_NO_NODE;
    out->node = tree->kind == MX_TREE_CHANCE ? mx_check_event(c, tree->child) : mx_check_number(c, tree->child);
    if (out->node == MX_NO_NODE)
        return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
    if (tree->count == 2) {
        out->given = mx_check_event(c, tree->child->next);
        if (out->given == MX_NO_NODE)
            return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
        const mx_node *given = &c->graph.node[out->given];
        if (given->op == MX_OP_CONSTANT && given->value.hi == 0)
            return mx_compile_fail(c, tree->child->next, MAXENT_ERROR_VALUE, "this condition never holds");
    }
    return 1;
}

int mx_side_refuse_conditional(mx_expansion *e, const mx_tree *tree)
{
    return mx_compile_fail(
        e->c, tree, MAXENT_ERROR_UNSUPPORTED,
        "a conditional expectation can only stand alone, as in E[f | B] = c: its sums, multiples and comparisons with "
        "other expectations are not linear in p");
}

/* What rounding leaves open of a side, and its value if it is a constant; of a sum with expectations the value is none, and a factor of
 * which something is left open changes the feature, not the target. */
static mx_bound constant(const mx_compile *c, const mx_side_value *side)
{
    if (side->random)
        return (mx_bound){0.0, side->error};
    return mx_bound_of(&c->graph.node[side->node]);
}

static int combine(mx_expansion *e, const mx_tree *tree, mx_side_value *out)
{
    mx_compile *c = e->c;
    if (!mx_side_linear(e, tree->child, out))
        return 0;
    if (out->given != MX_NO_NODE)
        return mx_side_refuse_conditional(e, tree->child);
    for (const mx_tree *t = tree->child->next; t != NULL; t = t->next) {
        mx_side_value one;
        if (!mx_side_linear(e, t, &one))
            return 0;
        if (one.given != MX_NO_NODE)
            return mx_side_refuse_conditional(e, t);
        if (t->join == '*' && one.random && out->random)
            return mx_compile_fail(c, t, MAXENT_ERROR_UNSUPPORTED, "a product of expectations is not linear in p");
        if (t->join == '/' && one.random)
            return mx_compile_fail(c, t, MAXENT_ERROR_UNSUPPORTED,
                                   "a ratio of expectations is not linear in p; P[A and B]/P[B] = c is written P[A | B] = c");
        mx_op op = t->join == '+'   ? MX_OP_ADD
                   : t->join == '-' ? MX_OP_SUBTRACT
                   : t->join == '*' ? MX_OP_MULTIPLY
                                    : MX_OP_DIVIDE;
        mx_bound left = constant(c, out), right = constant(c, &one); /* before they become one */
        double error = left.error + right.error;
        if (op == MX_OP_MULTIPLY)
            error = left.error * fabs(right.value) + right.error * fabs(left.value);
        else if (op == MX_OP_DIVIDE)
            error = left.error / fabs(right.value);
        out->node = mx_graph_binary(&c->graph, op, out->node, one.node);
        out->random |= one.random;
        out->error = out->random && isfinite(error) ? error : 0;
        if (out->node == MX_NO_NODE)
            return mx_compile_memory(c);
    }
    return 1;
}

int mx_side_linear(mx_expansion *e, const mx_tree *tree, mx_side_value *out)
{
    mx_compile *c = e->c;
    *out = (mx_side_value){.node = MX_NO_NODE, .given = MX_NO_NODE};
    switch ((mx_tree_kind)tree->kind) {
    case MX_TREE_EXPECT:
    case MX_TREE_CHANCE: return expectation(e, tree, out);
    case MX_TREE_VARIANCE:
    case MX_TREE_COVARIANCE: return spread(e, tree, out);
    case MX_TREE_SUM:
    case MX_TREE_PRODUCT: return combine(e, tree, out);
    case MX_TREE_NEGATE:
        if (!mx_side_linear(e, tree->child, out))
            return 0;
        if (out->given != MX_NO_NODE)
            return mx_side_refuse_conditional(e, tree->child);
        out->node = mx_graph_unary(&c->graph, MX_OP_NEGATE, out->node);
        return out->node != MX_NO_NODE || mx_compile_memory(c);
    case MX_TREE_SET:
    case MX_TREE_STRING:
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "a list stands alone on the right-hand side of a fact");
    case MX_TREE_OBSERVED:
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "'observed' stands alone on the right-hand side of a fact");
    default: break;
    }
    if (mx_tree_expects(tree))
        return mx_compile_fail(c, tree, MAXENT_ERROR_UNSUPPORTED,
                               "this is not linear in p: only sums and multiples of expectations can be facts");
    out->node = mx_check_number(c, tree);
    if (out->node == MX_NO_NODE)
        return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
    if (c->graph.node[out->node].op != MX_OP_CONSTANT)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE,
                               "this depends on the variables and stands outside of E[...] and P[...]");
    return 1;
}
