/* Arguments: what elementary functions are taken of. Where one of them is 0, or least or largest, what is made of it can change quickly:
 * exp(-1e8 (x - 0.43)^2) is narrow where -1e8 (x - 0.43)^2 is largest, and that, of lower degree, is as wide as the support.
 *
 *     exp(a), cosh(a), tanh(a), log(a), sqrt(a), lgamma(a), a^0.3, a^-2, a^200, 1/a ...      a
 *     log(e^a + e^b)      a, b, a - b
 *     1/(3 + exp(a))      also 3 - exp(a): where the two are of one size
 *     a <= b, abs(a)      what is 0 there, as cuts.c has it
 *
 * Bare variables are left out. Operands come before what uses them, so that simpler arguments come first.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { ARGUMENTS_MOST = 256, POWER_LEAST = 8 };

typedef struct arguments {
    mx_graph *graph;
    uint32_t node[ARGUMENTS_MOST];
    size_t count;
} arguments;

/* 0: no memory. */
static int put(arguments *a, uint32_t node)
{
    if (node == MX_NO_NODE)
        return 0;
    const mx_node *n = &a->graph->node[node];
    if (n->op != MX_OP_VARIABLE && (n->on & MX_ON_SMOOTH) != 0 && a->count < ARGUMENTS_MOST)
        a->node[a->count++] = node;
    return 1;
}

static int argument(arguments *a, uint32_t node)
{
    const mx_node n = a->graph->node[node];
    if (!put(a, node))
        return 0;
    if ((n.op != MX_OP_ADD && n.op != MX_OP_SUBTRACT) || (n.on & MX_ON_VANISH) == 0)
        return 1;
    return put(a, mx_graph_binary(a->graph, n.op == MX_OP_ADD ? MX_OP_SUBTRACT : MX_OP_ADD, n.a, n.b));
}

static int visit(arguments *a, uint32_t node)
{
    const mx_node n = a->graph->node[node];
    switch ((mx_op)n.op) {
    case MX_OP_EXP:
    case MX_OP_COSH:
    case MX_OP_SINH:
    case MX_OP_TANH:
    case MX_OP_ATAN:
    case MX_OP_ERF:
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10:
    case MX_OP_SQRT:
    case MX_OP_ASIN:
    case MX_OP_ACOS:
    case MX_OP_LGAMMA: return argument(a, n.a);
    case MX_OP_WHOLE_POWER: return n.value.hi < 0 || n.value.hi >= POWER_LEAST ? argument(a, n.a) : 1;
    case MX_OP_DIVIDE: return argument(a, n.b);
    case MX_OP_POWER: return argument(a, n.a) && argument(a, n.b);
    case MX_OP_LOG_SUM: return argument(a, n.a) && argument(a, n.b) && put(a, mx_graph_binary(a->graph, MX_OP_SUBTRACT, n.a, n.b));
    default: return 1;
    }
}

static int by_node(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int mx_arguments_find(mx_graph *graph, const uint32_t *root, size_t count, const uint32_t *cut, size_t cuts, uint32_t **node,
                      size_t *number)
{
    uint32_t nodes = graph->nodes;
    unsigned char *needed = mx_graph_needed(graph, root, count);
    arguments *a = mx_alloc(1, sizeof *a);
    int ok = needed != NULL && a != NULL;
    *node = NULL;
    *number = 0;
    if (!ok)
        goto done;
    a->graph = graph;
    a->count = 0;
    for (size_t i = 0; i < cuts && ok; i++)
        ok = put(a, cut[i]);
    for (uint32_t i = 0; i < nodes && ok; i++)
        if (needed[i] && (graph->node[i].on & MX_ON_SMOOTH) != 0)
            ok = visit(a, i);
    if (ok && a->count > 0) {
        *node = mx_alloc(a->count, sizeof **node);
        ok = *node != NULL;
    }
    if (!ok || a->count == 0)
        goto done;
    qsort(a->node, a->count, sizeof *a->node, by_node);
    for (size_t i = 0; i < a->count; i++)
        if (i == 0 || a->node[i] != a->node[i - 1])
            (*node)[(*number)++] = a->node[i];
done:
    mx_free(needed);
    mx_free(a);
    return ok;
}
