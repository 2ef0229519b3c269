/* Cuts: where the features and the prior may bend, jump or be singular, read off the graph.
 *
 *     a < b, a = b, min(a, b), max(a, b)      a - b = 0
 *     abs(a), sign(a), log(a), sqrt(a), lgamma(a), 1/a, a^0.3, a^-2      a = 0
 *     floor(a), ceil(a)      a whole
 *     asin(a), acos(a)       a - 1 = 0, a + 1 = 0
 *     tan(a)                 a/pi - 1/2 whole
 *
 * A zero of a product is one of a factor, of a power one of its base, and so on; what is positive everywhere has none. What depends on
 * no REAL or WHOLE variable, or through jumps alone (floor(x) <= 3 jumps where floor(x) does), is left out.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct cut {
    uint32_t node;
    mx_cut kind;
} cut;

typedef struct cuts {
    mx_graph *graph;
    cut *cut;
    size_t count, capacity;
    int failed;
} cuts;

static void put(cuts *c, uint32_t node, mx_cut kind)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity == 0 ? 16 : 2 * c->capacity;
        cut *grown = mx_resize(c->cut, capacity, sizeof *grown);
        if (grown == NULL) {
            c->failed = 1;
            return;
        }
        c->cut = grown;
        c->capacity = capacity;
    }
    c->cut[c->count++] = (cut){node, kind};
}

/* node = 0, taken apart as far as one can see. */
static void zero(cuts *c, uint32_t node)
{
    enum { MOST = 32 };
    uint32_t todo[MOST];
    size_t left = 0, products = 0;
    todo[left++] = node;
    while (left > 0 && !c->failed) {
        node = todo[--left];
        if (node == MX_NO_NODE) {
            c->failed = 1;
            return;
        }
        const mx_node *n = &c->graph->node[node];
        if ((n->on & MX_ON_SMOOTH) == 0 || n->low > 0 || n->high < 0)
            continue;
        switch ((mx_op)n->op) {
        case MX_OP_EXP: break;
        case MX_OP_WHOLE_POWER:
            if (n->value.hi > 0)
                todo[left++] = n->a;
            break;
        case MX_OP_DIVIDE: /* the zeros of b are found as those of a denominator */
        case MX_OP_NEGATE:
        case MX_OP_SQRT:
        case MX_OP_ABS:
        case MX_OP_ASIN:
        case MX_OP_ATAN:
        case MX_OP_SINH:
        case MX_OP_TANH:
        case MX_OP_ERF: todo[left++] = n->a; break;
        case MX_OP_MULTIPLY:
            if (products++ < MOST - 2) { /* products of products share factors: without a limit there are 2^depth of them */
                todo[left++] = n->a;
                if (n->b != n->a)
                    todo[left++] = n->b;
                break;
            } /* fall through */
        default:
            if (n->op == MX_OP_SUBTRACT && c->graph->node[n->a].op == MX_OP_CONSTANT) /* 1 - x is x - 1 */
                node = mx_graph_binary(c->graph, MX_OP_SUBTRACT, n->b, n->a);
            if (node == MX_NO_NODE)
                c->failed = 1;
            else
                put(c, node, MX_CUT_ZERO);
        }
    }
}

/* a = b: constants second, else the older node first, so that x < y and y < x have one cut. */
static void equal(cuts *c, uint32_t a, uint32_t b)
{
    mx_graph *g = c->graph;
    if (((g->node[a].on | g->node[b].on) & MX_ON_SMOOTH) == 0)
        return;
    int turned = g->node[a].op == MX_OP_CONSTANT || (g->node[b].op != MX_OP_CONSTANT && b < a);
    zero(c, turned ? mx_graph_binary(g, MX_OP_SUBTRACT, b, a) : mx_graph_binary(g, MX_OP_SUBTRACT, a, b));
}

static void whole(cuts *c, uint32_t node)
{
    if (node == MX_NO_NODE)
        c->failed = 1;
    else if ((c->graph->node[node].on & MX_ON_SMOOTH) != 0)
        put(c, node, MX_CUT_WHOLE);
}

static void visit(cuts *c, uint32_t node)
{
    mx_graph *g = c->graph;
    const mx_node n = g->node[node];
    switch ((mx_op)n.op) {
    case MX_OP_LESS:
    case MX_OP_AT_MOST:
    case MX_OP_EQUAL:
    case MX_OP_UNEQUAL:
    case MX_OP_MIN:
    case MX_OP_MAX: equal(c, n.a, n.b); break;
    case MX_OP_ABS:
    case MX_OP_SIGN:
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10:
    case MX_OP_SQRT:
    case MX_OP_LGAMMA:
    case MX_OP_POWER: zero(c, n.a); break;
    case MX_OP_WHOLE_POWER:
        if (n.value.hi < 0)
            zero(c, n.a);
        break;
    case MX_OP_DIVIDE: zero(c, n.b); break;
    case MX_OP_FLOOR:
    case MX_OP_CEIL: whole(c, n.a); break;
    case MX_OP_ASIN:
    case MX_OP_ACOS: {
        uint32_t one = mx_graph_constant(g, mx_dd_make(1.0), 1);
        zero(c, mx_graph_binary(g, MX_OP_SUBTRACT, n.a, one));
        zero(c, mx_graph_binary(g, MX_OP_ADD, n.a, one));
        break;
    }
    case MX_OP_TAN: {
        uint32_t turns = mx_graph_binary(g, MX_OP_DIVIDE, n.a, mx_graph_constant(g, mx_dd_pi, 0));
        whole(c, mx_graph_binary(g, MX_OP_SUBTRACT, turns, mx_graph_constant(g, mx_dd_make(0.5), 1)));
        break;
    }
    default: break;
    }
}

static int by_node(const void *a, const void *b)
{
    const cut *x = a, *y = b;
    return x->node != y->node ? (x->node < y->node ? -1 : 1) : (x->kind > y->kind) - (x->kind < y->kind);
}

int mx_cuts_find(mx_graph *graph, const uint32_t *root, size_t count, mx_cut **kind, uint32_t **node, size_t *number)
{
    cuts c = {.graph = graph};
    uint32_t nodes = graph->nodes;
    unsigned char *needed = mx_graph_needed(graph, root, count);
    int ok = 0;
    *kind = NULL;
    *node = NULL;
    if (needed == NULL)
        return 0;
    for (uint32_t i = 0; i < nodes && !c.failed; i++)
        if (needed[i] && graph->node[i].on != 0)
            visit(&c, i);
    if (c.failed)
        goto done;
    if (c.count > 1)
        qsort(c.cut, c.count, sizeof *c.cut, by_node);
    *kind = mx_alloc(c.count, sizeof **kind);
    *node = mx_alloc(c.count, sizeof **node);
    if (*kind == NULL || *node == NULL)
        goto done;
    *number = 0;
    for (size_t i = 0; i < c.count; i++) {
        if (i > 0 && by_node(&c.cut[i - 1], &c.cut[i]) == 0)
            continue;
        (*kind)[*number] = c.cut[i].kind;
        (*node)[(*number)++] = c.cut[i].node;
    }
    ok = 1;
done:
    mx_free(needed);
    mx_free(c.cut);
    if (!ok) {
        mx_free(*kind);
        mx_free(*node);
        *kind = NULL;
        *node = NULL;
    }
    return ok;
}
