/* What is known of the features on a part of the support: range.c's intervals, worked out anew for each box.
 *
 * They narrow as boxes do, so that a comparison is 0 or 1 on most boxes and a peak that no sample meets is closed in on by halving those
 * boxes on which it may be. Here logarithms, powers and waves are as narrow as they can be, which range.c does not need.
 * Intervals are not rounded outwards.
 */
#include "facts/ranges.h"

#include "base/memory.h"
#include "facts/field.h"

#include <math.h>
#include <string.h>

struct mx_ranges {
    const maxent_problem *problem;
    mx_node *node;         /* [nodes] a copy, with low and high of the box */
    unsigned char *needed; /* [nodes] by a feature */
    uint32_t nodes;
};

mx_ranges *mx_ranges_new(const maxent_problem *problem)
{
    const mx_graph *graph = &problem->field->graph;
    mx_ranges *boxes = mx_zalloc(1, sizeof *boxes);
    if (boxes == NULL)
        return NULL;
    boxes->problem = problem;
    boxes->nodes = graph->nodes;
    boxes->node = mx_alloc((size_t)graph->nodes + 1, sizeof *boxes->node);
    boxes->needed = mx_graph_needed(graph, problem->field->root, problem->k);
    if (boxes->node == NULL || boxes->needed == NULL) {
        mx_ranges_free(boxes);
        return NULL;
    }
    memcpy(boxes->node, graph->node, graph->nodes * sizeof *boxes->node);
    return boxes;
}

void mx_ranges_free(mx_ranges *boxes)
{
    if (boxes == NULL)
        return;
    mx_free(boxes->node);
    mx_free(boxes->needed);
    mx_free(boxes);
}

static void set(mx_node *node, double low, double high)
{
    node->low = isnan(low) ? -INFINITY : low;
    node->high = isnan(high) ? INFINITY : high;
}

/* sin on low .. high: its peaks are at pi/2 + 2 pi m, its troughs half a turn from them. */
static void wave(mx_node *node, double low, double high)
{
    const double turn = 6.283185307179586;
    double peak = 0.25 * turn + turn * ceil((low - 0.25 * turn) / turn), trough = 0.75 * turn + turn * ceil((low - 0.75 * turn) / turn);
    double a = sin(low), b = sin(high);
    if (!(fabs(low) < 1e9) || !(fabs(high) < 1e9))
        set(node, -1, 1);
    else
        set(node, trough <= high ? -1 : fmin(a, b), peak <= high ? 1 : fmax(a, b));
}

/* a^b for a >= 0: monotone in each, so that the extremes are at corners. */
static void power(mx_node *node, const mx_node *a, const mx_node *b)
{
    double base[2] = {fmax(a->low, 0), fmax(a->high, 0)}, exponent[2] = {b->low, b->high}, low = INFINITY, high = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double value = pow(base[i / 2], exponent[i % 2]);
        low = fmin(low, isnan(value) ? 0 : value);
        high = fmax(high, isnan(value) ? INFINITY : value);
    }
    if (base[0] < 1 && base[1] > 1) { /* 1 lies between */
        low = fmin(low, 1);
        high = fmax(high, 1);
    }
    set(node, low, high);
}

static void judge(const mx_ranges *boxes, mx_node *node, const mx_node *a, const mx_node *b, const double *lower, const double *upper)
{
    switch ((mx_op)node->op) {
    case MX_OP_VARIABLE: set(node, lower[node->a], upper[node->a]); break;
    case MX_OP_LEVEL: node->low = node->high = lower[node->a] == (double)node->b; break;
    case MX_OP_POWER: power(node, a, b); break;
    case MX_OP_LESS: set(node, a->high < b->low, a->low < b->high); break;
    case MX_OP_AT_MOST: set(node, a->high <= b->low, a->low <= b->high); break;
    case MX_OP_EQUAL: set(node, a->low == a->high && b->low == b->high && a->low == b->low, a->low <= b->high && b->low <= a->high); break;
    case MX_OP_UNEQUAL:
        set(node, a->low > b->high || b->low > a->high, !(a->low == a->high && b->low == b->high && a->low == b->low));
        break;
    case MX_OP_AND: set(node, a->low > 0 && b->low > 0, (a->high > 0 || a->low < 0) && (b->high > 0 || b->low < 0)); break;
    case MX_OP_OR: set(node, a->low > 0 || b->low > 0, a->high > 0 || a->low < 0 || b->high > 0 || b->low < 0); break;
    case MX_OP_NOT: set(node, a->low == 0 && a->high == 0, a->low <= 0 && a->high >= 0); break;
    case MX_OP_LOG: set(node, log(fmax(a->low, 0)), log(fmax(a->high, 0))); break;
    case MX_OP_LOG2: set(node, log2(fmax(a->low, 0)), log2(fmax(a->high, 0))); break;
    case MX_OP_LOG10: set(node, log10(fmax(a->low, 0)), log10(fmax(a->high, 0))); break;
    case MX_OP_SIN: wave(node, a->low, a->high); break;
    case MX_OP_COS: wave(node, a->low + 1.5707963267948966, a->high + 1.5707963267948966); break;
    case MX_OP_COSH:
        set(node, a->low > 0 ? cosh(a->low) : a->high < 0 ? cosh(a->high) : 1, fmax(cosh(a->low), cosh(a->high)));
        break;
    default: mx_range_judge(&boxes->problem->support, node, a, b); break;
    }
}

/* 1: a function that is the same nowhere over a stretch on which its operands are not. */
static int strict(int op)
{
    return op >= MX_OP_ADD && !mx_op_jumps(op) && op != MX_OP_MIN && op != MX_OP_MAX && op != MX_OP_NEGATE && op != MX_OP_ABS;
}

static int single(const mx_node *node)
{
    return node == NULL || node->low == node->high;
}

/* cos(x) for x in 0 .. 1e-9 is not 1 all along, though doubles have it so. */
static void widen(mx_node *node, const mx_node *a, const mx_node *b)
{
    int zero = (node->op == MX_OP_MULTIPLY && b->low == 0 && b->high == 0) || (a != NULL && a->low == 0 && a->high == 0);
    if (node->low != node->high || isinf(node->low) || (single(a) && single(b)) || !strict(node->op))
        return;
    if ((zero && (node->op == MX_OP_MULTIPLY || node->op == MX_OP_DIVIDE)) || (node->op == MX_OP_WHOLE_POWER && node->value.hi == 0))
        return;
    set(node, nextafter(node->low, -INFINITY), nextafter(node->high, INFINITY));
}

/* Whether a node's values are whole numbers, by those of its operands. */
static int whole(const mx_ranges *boxes, const mx_node *node, const unsigned char *known)
{
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT: return node->value.hi == floor(node->value.hi) && node->value.lo == 0;
    case MX_OP_VARIABLE: {
        const mx_variable *v = &boxes->problem->support.variable[node->a];
        int all = v->extent == MX_WHOLE;
        for (size_t i = 0; i < v->levels && v->extent == MX_LISTED && v->number != NULL; i++)
            all = (i == 0 || all) && v->number[i] == floor(v->number[i]);
        return all;
    }
    case MX_OP_ADD:
    case MX_OP_SUBTRACT:
    case MX_OP_MULTIPLY:
    case MX_OP_MIN:
    case MX_OP_MAX: return known[node->a] && known[node->b];
    case MX_OP_NEGATE:
    case MX_OP_ABS: return known[node->a];
    case MX_OP_WHOLE_POWER: return known[node->a] && node->value.hi >= 0;
    default: return mx_op_jumps(node->op);
    }
}

int mx_ranges_whole(const mx_ranges *boxes, size_t i)
{
    uint32_t root = boxes->problem->field->root[i];
    unsigned char *known = mx_zalloc((size_t)root + 1, 1);
    if (known == NULL)
        return 0;
    for (uint32_t j = 0; j <= root; j++)
        known[j] = (unsigned char)whole(boxes, &boxes->node[j], known);
    int answer = known[root];
    mx_free(known);
    return answer;
}

void mx_ranges_bounds(mx_ranges *boxes, const double *lower, const double *upper, double *low, double *high)
{
    for (uint32_t j = 0; j < boxes->nodes; j++) {
        mx_node *node = &boxes->node[j];
        int operands = mx_operands(node);
        if (!boxes->needed[j])
            continue;
        const mx_node *a = operands > 0 ? &boxes->node[node->a] : NULL, *b = operands > 1 ? &boxes->node[node->b] : NULL;
        judge(boxes, node, a, b, lower, upper);
        widen(node, a, b);
    }
    for (size_t i = 0; i < boxes->problem->k; i++) {
        low[i] = boxes->node[boxes->problem->field->root[i]].low;
        high[i] = boxes->node[boxes->problem->field->root[i]].high;
    }
}

enum { DOWN = 1, UP = 2, BOTH = DOWN | UP };

static unsigned turned_round(unsigned way)
{
    return (way & DOWN ? UP : 0u) | (way & UP ? DOWN : 0u);
}

static int meets_zero(const mx_node *node)
{
    return node->low <= 0 && node->high >= 0;
}

/* Which ways a node goes without end towards finite places; a, b: which its operands do, and what is known of their values. */
static unsigned without_end(const mx_node *node, const mx_node *x, const mx_node *y, unsigned a, unsigned b)
{
    unsigned any = a | b;
    switch ((mx_op)node->op) {
    case MX_OP_ADD:
    case MX_OP_MIN:
    case MX_OP_MAX:
    case MX_OP_LOG_SUM: return any;
    case MX_OP_SUBTRACT: return a | turned_round(b);
    case MX_OP_NEGATE: return turned_round(a);
    case MX_OP_ABS:
    case MX_OP_COSH: return any ? UP : 0u;
    case MX_OP_EXP:
    case MX_OP_SQRT: return a & UP;
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10: return (a & UP) | (x->low <= 0 ? DOWN : 0u);
    case MX_OP_LGAMMA: return any ? BOTH : x->low <= 0 ? UP : 0u;
    case MX_OP_TAN: return BOTH;
    case MX_OP_MULTIPLY: return any == 0 ? 0u : node->low >= 0 ? UP : node->high <= 0 ? DOWN : BOTH;
    case MX_OP_DIVIDE: return any == 0 && !meets_zero(y) ? 0u : node->low >= 0 ? UP : node->high <= 0 ? DOWN : BOTH;
    case MX_OP_POWER: return any || (x->low <= 0 && y->low < 0) ? UP : 0u;
    case MX_OP_WHOLE_POWER: return any || (node->value.hi < 0 && meets_zero(x)) ? node->low >= 0 ? UP : BOTH : 0u;
    case MX_OP_SIN:
    case MX_OP_COS:
    case MX_OP_ASIN:
    case MX_OP_ACOS:
    case MX_OP_ATAN:
    case MX_OP_TANH:
    case MX_OP_ERF:
    case MX_OP_SIGN: return 0;
    default: return any && !mx_op_truth(node->op) ? BOTH : 0u;
    }
}

int mx_ranges_singular(const maxent_problem *problem, unsigned char *low, unsigned char *high)
{
    const mx_graph *graph = &problem->field->graph;
    unsigned char *way = mx_zalloc((size_t)graph->nodes + 1, 1);
    if (way == NULL)
        return -1;
    for (uint32_t j = 0; j < graph->nodes; j++) {
        const mx_node *node = &graph->node[j];
        int operands = mx_operands(node);
        const mx_node *x = operands > 0 ? &graph->node[node->a] : NULL, *y = operands > 1 ? &graph->node[node->b] : NULL;
        way[j] = (unsigned char)without_end(node, x, y, x != NULL ? way[node->a] : 0u, y != NULL ? way[node->b] : 0u);
    }
    for (size_t i = 0; i < problem->k; i++) {
        low[i] = (way[problem->field->root[i]] & DOWN) != 0;
        high[i] = (way[problem->field->root[i]] & UP) != 0;
    }
    mx_free(way);
    return 0;
}
