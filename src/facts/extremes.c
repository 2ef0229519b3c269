/* What has to hold where a feature is at its least or its largest value, as far as its expression shows it: linear equations.
 *
 *     a + b least: a least and b least      -a least: a largest      a^2, abs(a), cosh(a) least: a = 0      x >= 3 least: x = 3
 *     3 a = 0, a^3 = 0, tanh(a) = 0: a = 0      sqrt(a), exp(a) least: a least
 *
 * and a = 0 for a linear in the variables is an equation. What cannot be taken apart says nothing.
 */
#include "facts/field.h"

#include <math.h>
#include <string.h>

enum { TODO_MOST = 64, WORK_MOST = 4096 };

typedef struct want {
    uint32_t node;
    int what;              /* 0: = 0, 1: at its least, -1: at its largest */
} want;

typedef struct extremes {
    const mx_graph *graph;
    want todo[TODO_MOST];
    size_t left, work;
    int lost;              /* 1: something could not be taken apart */
} extremes;

static void push(extremes *e, uint32_t node, int what)
{
    e->lost |= e->left == TODO_MOST;
    if (e->left < TODO_MOST)
        e->todo[e->left++] = (want){node, what};
}

/* Adds `by` times a node to an equation. 0: it is not linear. */
static int linear(extremes *e, uint32_t at, double by, int depth, mx_equation *out)
{
    const mx_node *n = &e->graph->node[at], *a = mx_operands(n) > 0 ? &e->graph->node[n->a] : NULL;
    const mx_node *b = mx_operands(n) > 1 ? &e->graph->node[n->b] : NULL;
    if (depth > TODO_MOST || ++e->work > WORK_MOST)
        return 0;
    switch ((mx_op)n->op) {
    case MX_OP_CONSTANT: out->b -= by * n->value.hi; return 1;
    case MX_OP_VARIABLE:
        out->a[n->a] += by;
        return e->graph->support->variable[n->a].extent != MX_LISTED;
    case MX_OP_ADD: return linear(e, n->a, by, depth + 1, out) && linear(e, n->b, by, depth + 1, out);
    case MX_OP_SUBTRACT: return linear(e, n->a, by, depth + 1, out) && linear(e, n->b, -by, depth + 1, out);
    case MX_OP_NEGATE: return linear(e, n->a, -by, depth + 1, out);
    case MX_OP_MULTIPLY:
        return a->op == MX_OP_CONSTANT   ? linear(e, n->b, by * a->value.hi, depth + 1, out)
               : b->op == MX_OP_CONSTANT ? linear(e, n->a, by * b->value.hi, depth + 1, out)
                                         : 0;
    case MX_OP_DIVIDE: return b->op == MX_OP_CONSTANT ? linear(e, n->a, by / b->value.hi, depth + 1, out) : 0;
    default: return 0;
    }
}

static int has_zero(const mx_node *n)
{
    return n->low <= 0 && n->high >= 0;
}

/* node = 0. What it takes is pushed, or it is lost. */
static void zero(extremes *e, const mx_node *n)
{
    size_t before = e->left;
    const mx_node *a = mx_operands(n) > 0 ? &e->graph->node[n->a] : NULL, *b = mx_operands(n) > 1 ? &e->graph->node[n->b] : NULL;
    switch ((mx_op)n->op) {
    case MX_OP_WHOLE_POWER:
        if (n->value.hi > 0)
            push(e, n->a, 0);
        break;
    case MX_OP_MULTIPLY:
        if (n->a == n->b || (b->op == MX_OP_CONSTANT && b->value.hi != 0))
            push(e, n->a, 0);
        else if (a->op == MX_OP_CONSTANT && a->value.hi != 0)
            push(e, n->b, 0);
        break;
    case MX_OP_DIVIDE:
        if (b->op == MX_OP_CONSTANT)
            push(e, n->a, 0);
        break;
    case MX_OP_ABS:
    case MX_OP_NEGATE:
    case MX_OP_SQRT:
    case MX_OP_TANH:
    case MX_OP_SINH:
    case MX_OP_ATAN:
    case MX_OP_ASIN:
    case MX_OP_ERF: push(e, n->a, 0); break;
    default:
        if (n->low == 0 || n->high == 0)
            push(e, (uint32_t)(n - e->graph->node), n->low == 0 ? 1 : -1);
        break;
    }
    e->lost |= e->left == before;
}

/* node at its least (what = 1) or largest, likewise */
static void extreme(extremes *e, const mx_node *n, int what)
{
    size_t before = e->left;
    const mx_node *a = mx_operands(n) > 0 ? &e->graph->node[n->a] : NULL, *b = mx_operands(n) > 1 ? &e->graph->node[n->b] : NULL;
    switch ((mx_op)n->op) {
    case MX_OP_ADD:
    case MX_OP_SUBTRACT:
        push(e, n->a, what);
        push(e, n->b, n->op == MX_OP_ADD ? what : -what);
        break;
    case MX_OP_NEGATE: push(e, n->a, -what); break;
    case MX_OP_MULTIPLY:
        if (n->a == n->b && what > 0 && has_zero(a))
            push(e, n->a, 0);
        else if (a->op == MX_OP_CONSTANT && a->value.hi != 0)
            push(e, n->b, a->value.hi > 0 ? what : -what);
        else if (b->op == MX_OP_CONSTANT && b->value.hi != 0)
            push(e, n->a, b->value.hi > 0 ? what : -what);
        break;
    case MX_OP_DIVIDE:
        if (b->op == MX_OP_CONSTANT)
            push(e, n->a, b->value.hi > 0 ? what : -what);
        break;
    case MX_OP_WHOLE_POWER:
        if (n->value.hi > 0 && fmod(n->value.hi, 2) != 0)
            push(e, n->a, what);
        else if (n->value.hi > 0 && what > 0 && has_zero(a))
            push(e, n->a, 0);
        break;
    case MX_OP_ABS:
    case MX_OP_COSH:
        if (what > 0 && has_zero(a))
            push(e, n->a, 0);
        break;
    case MX_OP_SQRT:
    case MX_OP_EXP:
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10:
    case MX_OP_SINH:
    case MX_OP_TANH:
    case MX_OP_ATAN:
    case MX_OP_ERF: push(e, n->a, what); break;
    default: break;
    }
    e->lost |= e->left == before;
}

size_t mx_field_extreme(const maxent_problem *problem, size_t i, int side, mx_equation *out, size_t most, int *complete)
{
    extremes e = {.graph = &problem->field->graph};
    size_t count = 0, steps = 0;
    *complete = 0;
    if (problem->support.variables > MX_EQUATION_VARIABLES)
        return 0;
    push(&e, problem->field->root[i], side);
    while (e.left > 0 && count < most && ++steps < WORK_MOST) {
        want w = e.todo[--e.left];
        const mx_node *n = &e.graph->node[w.node];
        double at = w.what == 0 ? 0 : w.what > 0 ? n->low : n->high;
        if (n->low == n->high)
            continue;
        if (!isfinite(at) || (w.what == 0 && !has_zero(n))) {
            e.lost = 1;
            continue;
        }
        mx_equation line = {.b = at};
        if ((w.what == 0 || n->op == MX_OP_VARIABLE) && linear(&e, w.node, 1, 0, &line))
            out[count++] = line;
        else if (w.what == 0)
            zero(&e, n);
        else
            extreme(&e, n, w.what);
    }
    *complete = e.left == 0 && !e.lost;
    return count;
}
