/* The log of a prior, from its tree, so that exp(-x^2/2) is -x^2/2 where the density itself underflows:
 *
 *     log e^g = g      log a b = log a + log b      log a / b = log a - log b      log a^e = e log a      log sqrt(a) = log(a) / 2
 *     log(a + b) = log(e^(log a) + e^(log b)), with the larger one taken out, where one of them has an exponential
 *
 * and log(node) otherwise. A log may be taken apart only where no factor hides the sign of another: of (x < 3) (3 - x) e^-x only the
 * last factor, which is positive everywhere, is split off. Where the prior is negative its log is NaN.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>

enum { DEPTH = 100, FACTORS = 64 };

typedef struct logs {
    mx_graph *graph;
    uint32_t *known;       /* [nodes] the log of a node; MX_NO_NODE: not worked out */
    uint32_t nodes;
    unsigned depth;
} logs;

typedef struct factor {
    uint32_t node;
    int below;             /* it divides */
} factor;

static uint32_t log_of(logs *l, uint32_t node);

static uint32_t number(logs *l, double value)
{
    return mx_graph_constant(l->graph, mx_dd_make(value), 1);
}

/* Factors of products and quotients, as many as there is room for. */
static void factors(const mx_graph *graph, uint32_t node, factor *list, size_t *count)
{
    list[0] = (factor){node, 0};
    *count = 1;
    for (size_t i = 0; i < *count;) {
        const mx_node *n = &graph->node[list[i].node];
        if ((n->op != MX_OP_MULTIPLY && n->op != MX_OP_DIVIDE) || *count == FACTORS) {
            i++;
            continue;
        }
        list[(*count)++] = (factor){n->b, n->op == MX_OP_DIVIDE ? !list[i].below : list[i].below};
        list[i].node = n->a;
    }
}

static uint32_t log_product(logs *l, uint32_t node)
{
    mx_graph *g = l->graph;
    factor list[FACTORS];
    size_t count, unsure = 0, zeros = 0;
    factors(g, node, list, &count);
    for (size_t i = 0; i < count; i++) {
        double low = g->node[list[i].node].low;
        unsure += !(low >= 0);
        zeros += low == 0;
    }
    int whole = unsure == 0 || (unsure == 1 && zeros == 0); /* every factor may stand alone */
    uint32_t sum = number(l, 0.0), rest = number(l, 1.0);
    for (size_t i = 0; i < count; i++) {
        if (!whole && !(g->node[list[i].node].low > 0)) {
            rest = mx_graph_binary(g, list[i].below ? MX_OP_DIVIDE : MX_OP_MULTIPLY, rest, list[i].node);
        } else {
            uint32_t log = log_of(l, list[i].node);
            sum = mx_graph_binary(g, list[i].below ? MX_OP_SUBTRACT : MX_OP_ADD, sum, log);
        }
    }
    return whole ? sum : mx_graph_binary(g, MX_OP_ADD, mx_graph_unary(g, MX_OP_LOG, rest), sum);
}

static uint32_t log_power(logs *l, uint32_t node)
{
    mx_graph *g = l->graph;
    mx_node n = g->node[node], a = g->node[n.a];
    if (n.op == MX_OP_WHOLE_POWER) {
        uint32_t base = n.a;
        if (fmod(n.value.hi, 2.0) == 0 && !(a.low >= 0))
            base = mx_graph_unary(g, a.high <= 0 ? MX_OP_NEGATE : MX_OP_ABS, base);
        if (base == MX_NO_NODE)
            return MX_NO_NODE;
        return mx_graph_binary(g, MX_OP_MULTIPLY, number(l, n.value.hi), log_of(l, base));
    }
    mx_node b = g->node[n.b];
    if ((b.op == MX_OP_CONSTANT && b.value.hi != 0) || a.low > 0)
        return mx_graph_binary(g, MX_OP_MULTIPLY, n.b, log_of(l, n.a));
    return mx_graph_unary(g, MX_OP_LOG, node);
}

static uint32_t log_deeper(logs *l, uint32_t node)
{
    mx_graph *g = l->graph;
    mx_node n = g->node[node];
    switch ((mx_op)n.op) {
    case MX_OP_EXP: return n.a;
    case MX_OP_MULTIPLY:
    case MX_OP_DIVIDE: return log_product(l, node);
    case MX_OP_POWER:
    case MX_OP_WHOLE_POWER: return log_power(l, node);
    case MX_OP_SQRT: return mx_graph_binary(g, MX_OP_MULTIPLY, number(l, 0.5), log_of(l, n.a));
    case MX_OP_ABS:
        if (g->node[n.a].low >= 0)
            return log_of(l, n.a);
        break;
    case MX_OP_MIN:
    case MX_OP_MAX:
    case MX_OP_ADD:
        if (g->node[n.a].low >= 0 && g->node[n.b].low >= 0 && (n.op != MX_OP_ADD || (n.on & MX_ON_VANISH) != 0)) {
            uint32_t a = log_of(l, n.a), b = log_of(l, n.b);
            return mx_graph_binary(g, n.op == MX_OP_ADD ? MX_OP_LOG_SUM : (mx_op)n.op, a, b);
        }
        break;
    default: break;
    }
    return mx_graph_unary(g, MX_OP_LOG, node);
}

static uint32_t log_of(logs *l, uint32_t node)
{
    if (node == MX_NO_NODE || (node < l->nodes && l->known[node] != MX_NO_NODE))
        return node == MX_NO_NODE ? node : l->known[node];
    if (l->depth == DEPTH)
        return mx_graph_unary(l->graph, MX_OP_LOG, node);
    l->depth++;
    uint32_t log = log_deeper(l, node);
    l->depth--;
    if (node < l->nodes)
        l->known[node] = log;
    return log;
}

uint32_t mx_log_node(mx_graph *graph, uint32_t node)
{
    logs l = {.graph = graph, .nodes = graph->nodes};
    l.known = mx_alloc(l.nodes, sizeof *l.known);
    if (l.known == NULL) {
        graph->failed = 1;
        return MX_NO_NODE;
    }
    for (uint32_t i = 0; i < l.nodes; i++)
        l.known[i] = MX_NO_NODE;
    uint32_t log = log_of(&l, node);
    mx_free(l.known);
    return log;
}
