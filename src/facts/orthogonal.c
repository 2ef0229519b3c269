/* Whether a feature is a Chebyshev or Legendre polynomial of an affine function of one variable, as the tree shows. */
#include "facts/field.h"

enum { DEPTH = 16 };

/* slope x + offset; 0: it is something else. */
static int affine(const mx_graph *graph, uint32_t at, int depth, mx_dd *slope, mx_dd *offset)
{
    const mx_node *node = &graph->node[at];
    mx_dd s, o;
    if (depth == 0)
        return 0;
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT:
        *slope = mx_dd_make(0.0);
        *offset = node->value;
        return 1;
    case MX_OP_VARIABLE:
        *slope = mx_dd_make(1.0);
        *offset = mx_dd_make(0.0);
        return 1;
    case MX_OP_NEGATE:
        if (!affine(graph, node->a, depth - 1, slope, offset))
            return 0;
        *slope = mx_dd_neg(*slope);
        *offset = mx_dd_neg(*offset);
        return 1;
    case MX_OP_ADD:
    case MX_OP_SUBTRACT:
    case MX_OP_MULTIPLY:
    case MX_OP_DIVIDE:
        if (!affine(graph, node->a, depth - 1, slope, offset) || !affine(graph, node->b, depth - 1, &s, &o))
            return 0;
        break;
    default: return 0;
    }
    if (node->op == MX_OP_ADD || node->op == MX_OP_SUBTRACT) {
        *slope = node->op == MX_OP_ADD ? mx_dd_add(*slope, s) : mx_dd_sub(*slope, s);
        *offset = node->op == MX_OP_ADD ? mx_dd_add(*offset, o) : mx_dd_sub(*offset, o);
        return 1;
    }
    if (node->op == MX_OP_DIVIDE) {
        if (s.hi != 0 || o.hi == 0)
            return 0;
        *slope = mx_dd_div(*slope, o);
        *offset = mx_dd_div(*offset, o);
        return 1;
    }
    if (slope->hi != 0 && s.hi != 0)
        return 0;
    mx_dd by = slope->hi != 0 ? o : *offset; /* one side is the constant `by`, the other slope x + offset */
    *slope = mx_dd_mul(slope->hi != 0 ? *slope : s, by);
    *offset = mx_dd_mul(*offset, o);
    return 1;
}

int mx_field_orthogonal(const maxent_problem *problem, size_t i, mx_orthogonal *out)
{
    const mx_graph *graph = &problem->field->graph;
    uint32_t at = problem->field->root[i];
    const mx_node *node = &graph->node[at];
    out->family = MX_ORTHOGONAL_EITHER;
    out->degree = 1;
    if (problem->support.variables != 1)
        return 0;
    if (node->op == MX_OP_CHEBYSHEV || node->op == MX_OP_LEGENDRE) {
        out->family = node->op == MX_OP_CHEBYSHEV ? MX_ORTHOGONAL_CHEBYSHEV : MX_ORTHOGONAL_LEGENDRE;
        out->degree = (size_t)node->value.hi;
        at = node->a;
    }
    mx_dd slope, offset;
    if (!affine(graph, at, DEPTH, &slope, &offset) || slope.hi == 0)
        return 0;
    out->slope[0] = slope.hi;
    out->slope[1] = slope.lo;
    out->offset[0] = offset.hi;
    out->offset[1] = offset.lo;
    return 1;
}
