/* The graph of expressions: every distinct expression once, constants folded, with what is known of its values.
 *
 * Two facts that share a subexpression share its node, so 210 pair features of 20 spins are 20 variables and 190 products.
 * Constants are double-double: 1/3 is known to 31 digits, and used as a double it is the nearest one.
 *
 * Exactness. A node whose values are multiples of 2^g and at most b in size is computed without any rounding when
 * b <= 2^(53 + g); g and b follow from those of its operands. Where every feature is exact, nothing is gained by
 * double-double features. Jumps (comparisons, floor, ...) take the doubles by definition, so they are exact whatever they
 * compare.
 */
#include "facts/program.h"

#include "base/memory.h"
#include "data/dictionary.h"

#include <math.h>
#include <string.h>

enum { GRAIN_OF_ZERO = 2000, LEAST_GRAIN = -1074 };

/* The largest g with v a multiple of 2^g. */
static int grain_of(double v)
{
    int e;
    if (v == 0 || !isfinite(v))
        return v == 0 ? GRAIN_OF_ZERO : LEAST_GRAIN;
    uint64_t m = (uint64_t)ldexp(frexp(fabs(v), &e), 53);
    e -= 53;
    for (; (m & 1) == 0; m >>= 1)
        e++;
    return e;
}

static int fits(double bound, int grain)
{
    return grain >= LEAST_GRAIN && bound <= ldexp(1.0, grain > 900 ? 1000 : 53 + grain);
}

/* Half the size of an int is never reached: grains stay within a few thousand. */
static int clamp(double grain)
{
    return grain < -20000 ? -20000 : grain > 20000 ? 20000 : (int)grain;
}

static int is_power_of_two(const mx_node *node)
{
    int e;
    return node->op == MX_OP_CONSTANT && node->value.lo == 0 && fabs(frexp(node->value.hi, &e)) == 0.5;
}

/* Multiplying by a power of two is exact, however many digits the other factor has, as long as it stays a normal number. */
static int scaled_fits(const mx_node *node)
{
    return node->grain >= LEAST_GRAIN && node->bound < 1e308;
}

static double power_bound(double bound, double n)
{
    return n == 0 ? 1.0 : pow(bound, n);
}

/* What it depends on, from what its operands do. Nothing on points is exact: their low parts may be anything. */
static void depend(mx_node *node, const mx_node *a, const mx_node *b)
{
    unsigned on = (a != NULL ? a->on : 0u) | (b != NULL ? b->on : 0u), vanish = on & MX_ON_VANISH;
    on &= ~(unsigned)MX_ON_VANISH;
    if (mx_op_jumps(node->op))
        on = (on & ~(unsigned)MX_ON_SMOOTH) | (on & MX_ON_REAL ? MX_ON_BENT : 0u);
    switch ((mx_op)node->op) {
    case MX_OP_ABS:
    case MX_OP_MIN:
    case MX_OP_MAX: on |= on & MX_ON_REAL ? MX_ON_BENT : 0u; break;
    case MX_OP_EXP: on |= on != 0 ? MX_ON_VANISH : 0u; break;
    case MX_OP_ADD:
    case MX_OP_MULTIPLY:
    case MX_OP_DIVIDE:
    case MX_OP_SQRT:
    case MX_OP_POWER:
    case MX_OP_WHOLE_POWER: on |= vanish; break;
    default: break;
    }
    node->on = (uint8_t)on;
    if (on != 0)
        node->exact = 0;
}

/* exact, bound and grain of an operation from those of its operands. */
static void judge(const mx_graph *graph, mx_node *node)
{
    const mx_node *a = node->op >= MX_OP_ADD ? &graph->node[node->a] : NULL;
    const mx_node *b = node->op >= MX_OP_ADD && node->op <= MX_OP_OR ? &graph->node[node->b] : NULL;
    node->bound = INFINITY;
    node->grain = LEAST_GRAIN;
    if (mx_op_truth(node->op)) {
        node->bound = 1.0;
        node->grain = 0;
        node->exact = node->truth = 1;
    }
    switch ((mx_op)node->op) {
    case MX_OP_ADD:
    case MX_OP_SUBTRACT:
        node->bound = a->bound + b->bound;
        node->grain = a->grain < b->grain ? a->grain : b->grain;
        node->exact = a->exact && b->exact && fits(node->bound, node->grain);
        break;
    case MX_OP_MULTIPLY:
        node->bound = a->bound * b->bound;
        node->grain = clamp((double)a->grain + b->grain);
        node->exact = a->exact && b->exact &&
                      (fits(node->bound, node->grain) || ((is_power_of_two(a) || is_power_of_two(b)) && scaled_fits(node)));
        node->truth = a->truth && b->truth;
        break;
    case MX_OP_DIVIDE:
        if (is_power_of_two(b)) {
            node->bound = a->bound / fabs(b->value.hi);
            node->grain = clamp((double)a->grain - b->grain);
            node->exact = a->exact && scaled_fits(node);
        }
        break;
    case MX_OP_MIN:
    case MX_OP_MAX:
        node->bound = fmax(a->bound, b->bound);
        node->grain = a->grain < b->grain ? a->grain : b->grain;
        node->exact = a->exact && b->exact;
        break;
    case MX_OP_NEGATE:
    case MX_OP_ABS:
        node->bound = a->bound;
        node->grain = a->grain;
        node->exact = a->exact;
        break;
    case MX_OP_SIGN:
    case MX_OP_FLOOR:
    case MX_OP_CEIL:
        node->bound = node->op == MX_OP_SIGN ? 1.0 : a->bound + 1.0;
        node->grain = 0;
        node->exact = 1;
        break;
    case MX_OP_WHOLE_POWER:
        if (node->value.hi >= 0) {
            node->bound = power_bound(a->bound, node->value.hi);
            node->grain = clamp(a->grain * node->value.hi);
            node->exact = a->exact && fits(node->bound, node->grain);
        }
        break;
    case MX_OP_ASIN:
    case MX_OP_ACOS:
    case MX_OP_ATAN: node->bound = 4.0; break;
    case MX_OP_SIN:
    case MX_OP_COS:
    case MX_OP_TANH:
    case MX_OP_ERF: node->bound = 1.0; break;
    default: break;
    }
    if (isnan(node->bound))
        node->bound = INFINITY;
    depend(node, a, b);
}

/* ---- the table of nodes ---- */

static uint64_t bits(double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static uint32_t hash(const mx_node *node)
{
    uint64_t h = node->op;
    h = (h ^ node->a) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 29) ^ node->b) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 29) ^ bits(node->value.hi)) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 29) ^ bits(node->value.lo) ^ node->decimal) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 32);
}

static int same(const mx_node *x, const mx_node *y)
{
    return x->op == y->op && x->a == y->a && x->b == y->b && x->decimal == y->decimal && bits(x->value.hi) == bits(y->value.hi) &&
           bits(x->value.lo) == bits(y->value.lo);
}

static int grow(mx_graph *graph)
{
    if (graph->nodes == graph->capacity) {
        uint32_t capacity = graph->capacity == 0 ? 32 : graph->capacity * 2;
        mx_node *node = capacity > UINT32_MAX / 4 ? NULL : mx_resize(graph->node, capacity, sizeof *node);
        if (node == NULL)
            return 0;
        graph->node = node;
        graph->capacity = capacity;
    }
    if (graph->nodes * 2 >= graph->slots) {
        uint32_t slots = graph->slots == 0 ? 64 : graph->slots * 2;
        uint32_t *slot = mx_zalloc(slots, sizeof *slot);
        if (slot == NULL)
            return 0;
        for (uint32_t i = 0; i < graph->nodes; i++) {
            uint32_t at = hash(&graph->node[i]) & (slots - 1);
            while (slot[at] != 0)
                at = (at + 1) & (slots - 1);
            slot[at] = i + 1;
        }
        mx_free(graph->slot);
        graph->slot = slot;
        graph->slots = slots;
    }
    return 1;
}

static uint32_t insert(mx_graph *graph, const mx_node *node)
{
    if (graph->failed)
        return MX_NO_NODE;
    if (!grow(graph)) {
        graph->failed = 1;
        return MX_NO_NODE;
    }
    uint32_t at = hash(node) & (graph->slots - 1);
    for (; graph->slot[at] != 0; at = (at + 1) & (graph->slots - 1))
        if (same(&graph->node[graph->slot[at] - 1], node))
            return graph->slot[at] - 1;
    graph->node[graph->nodes] = *node;
    if (node->op > MX_OP_VARIABLE)
        judge(graph, &graph->node[graph->nodes]);
    if (graph->support != NULL && graph->support->n == 0) {
        mx_node *made = &graph->node[graph->nodes];
        int many = mx_operands(made);
        mx_range_judge(graph->support, made, many > 0 ? &graph->node[made->a] : NULL, many > 1 ? &graph->node[made->b] : NULL);
    }
    graph->slot[at] = ++graph->nodes;
    return graph->nodes - 1;
}

void mx_graph_free(mx_graph *graph)
{
    mx_free(graph->node);
    mx_free(graph->slot);
    for (size_t i = 0; i < graph->maps; i++)
        mx_free(graph->map[i]);
    mx_free(graph->map);
    *graph = (mx_graph){0};
}

unsigned char *mx_graph_needed(const mx_graph *graph, const uint32_t *root, size_t count)
{
    unsigned char *needed = mx_zalloc((size_t)graph->nodes + 1, 1);
    if (needed == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        needed[root[i]] = 1;
    for (uint32_t i = graph->nodes; i-- > 0;) { /* operands come before what uses them */
        int operands = needed[i] ? mx_operands(&graph->node[i]) : 0;
        if (operands > 0)
            needed[graph->node[i].a] = 1;
        if (operands > 1)
            needed[graph->node[i].b] = 1;
    }
    return needed;
}

/* ---- leaves ---- */

uint32_t mx_graph_constant(mx_graph *graph, mx_dd value, int decimal)
{
    mx_node node = {.op = MX_OP_CONSTANT, .value = value, .decimal = (uint8_t)(decimal != 0 && value.lo == 0)};
    node.exact = value.lo == 0 && isfinite(value.hi);
    node.truth = value.lo == 0 && (value.hi == 0 || value.hi == 1);
    node.bound = isnan(value.hi) ? INFINITY : fabs(value.hi);
    node.grain = grain_of(value.hi);
    return insert(graph, &node);
}

uint32_t mx_graph_variable(mx_graph *graph, size_t variable)
{
    mx_node node = {.op = MX_OP_VARIABLE, .a = (uint32_t)variable, .exact = 1, .grain = GRAIN_OF_ZERO};
    uint32_t before = graph->nodes, index = insert(graph, &node);
    if (index != before) /* known already, or no memory */
        return index;
    const mx_variable *v = &graph->support->variable[variable];
    size_t count = v->stride == 0 ? graph->support->n : v->levels;
    mx_node *made = &graph->node[index];
    if (v->extent != MX_LISTED) {
        made->on = MX_ON_SMOOTH | (v->extent == MX_REAL ? MX_ON_REAL : MX_ON_WHOLE);
        made->exact = 0;
        made->bound = fmax(fabs(v->lower), fabs(v->upper));
        made->grain = LEAST_GRAIN;
        return index;
    }
    double scale = 0.0;
    for (size_t i = 0; i < count; i++) {
        double size = fabs(v->number[i]);
        if (size > made->bound)
            made->bound = size;
        if (made->grain < -900 || made->grain > 900 || size * scale != floor(size * scale)) { /* a finer one than all before */
            int grain = grain_of(size);
            made->grain = grain < made->grain ? grain : made->grain;
            scale = made->grain < -900 || made->grain > 900 ? 0.0 : ldexp(1.0, -made->grain);
        }
    }
    return index;
}

uint32_t mx_graph_level(mx_graph *graph, size_t variable, size_t level)
{
    mx_node node = {.op = MX_OP_LEVEL, .a = (uint32_t)variable, .b = (uint32_t)level};
    return insert(graph, &node);
}

static uint32_t *level_map(const mx_variable *from, const mx_variable *to)
{
    mx_dictionary dictionary = {0};
    uint32_t *map = mx_alloc(from->levels, sizeof *map), code;
    int ok = map != NULL;
    for (size_t i = 0; ok && i < to->levels; i++)
        ok = mx_dictionary_add(&dictionary, to->label[i], strlen(to->label[i]), &code);
    for (size_t i = 0; ok && i < from->levels; i++) {
        ok = mx_dictionary_add(&dictionary, from->label[i], strlen(from->label[i]), &code);
        map[i] = code < to->levels ? code : UINT32_MAX;
    }
    mx_dictionary_free(&dictionary);
    if (!ok) {
        mx_free(map);
        return NULL;
    }
    return map;
}

uint32_t mx_graph_same(mx_graph *graph, size_t first, size_t second)
{
    if (first == second)
        return mx_graph_constant(graph, mx_dd_make(1.0), 1);
    if (graph->failed)
        return MX_NO_NODE;
    for (uint32_t i = 0; i < graph->nodes; i++)
        if (graph->node[i].op == MX_OP_SAME && graph->node[i].a == first && graph->node[i].b == second)
            return i;
    uint32_t **maps = mx_resize(graph->map, graph->maps + 1, sizeof *maps);
    if (maps != NULL) {
        graph->map = maps;
        maps[graph->maps] = level_map(&graph->support->variable[first], &graph->support->variable[second]);
    }
    if (maps == NULL || maps[graph->maps] == NULL) {
        graph->failed = 1;
        return MX_NO_NODE;
    }
    graph->maps++;
    mx_node node = {.op = MX_OP_SAME, .a = (uint32_t)first, .b = (uint32_t)second, .value = {(double)(graph->maps - 1), 0}};
    return insert(graph, &node);
}

/* ---- operations ---- */

static int is_constant(const mx_graph *graph, uint32_t node, double value)
{
    const mx_node *n = &graph->node[node];
    return n->op == MX_OP_CONSTANT && n->value.hi == value && n->value.lo == 0;
}

/* Whether an operation on decimals gave exactly what the text says. Operands have lo = 0. */
static int stays_exact(mx_op op, double a, double b, mx_dd result)
{
    if (!isfinite(result.hi) || result.lo != 0)
        return 0;
    switch (op) {
    case MX_OP_DIVIDE: {
        mx_dd back = mx_two_prod(result.hi, b);
        return back.hi == a && back.lo == 0;
    }
    case MX_OP_SQRT: {
        mx_dd back = mx_two_prod(result.hi, result.hi);
        return back.hi == a && back.lo == 0;
    }
    case MX_OP_WHOLE_POWER: return b >= 0 && fits(power_bound(fabs(a), b), clamp(grain_of(a) * b));
    case MX_OP_EXP:
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10:
    case MX_OP_POWER:
    case MX_OP_SIN:
    case MX_OP_COS:
    case MX_OP_TAN:
    case MX_OP_LOG_SUM:
    case MX_OP_ASIN:
    case MX_OP_ACOS:
    case MX_OP_ATAN:
    case MX_OP_SINH:
    case MX_OP_COSH:
    case MX_OP_TANH:
    case MX_OP_ERF:
    case MX_OP_LGAMMA:
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return a == 0 && result.hi == 0; /* sin 0, tan 0 */
    default: return 1;
    }
}

static uint32_t fold(mx_graph *graph, mx_op op, const mx_node *a, const mx_node *b, double parameter)
{
    mx_dd second = b != NULL ? b->value : mx_dd_make(parameter);
    mx_dd value = mx_op_dd(op, a->value, second);
    int decimal = a->decimal && (b == NULL || b->decimal) && stays_exact(op, a->value.hi, second.hi, value);
    return mx_graph_constant(graph, value, decimal);
}

uint32_t mx_graph_binary(mx_graph *graph, mx_op op, uint32_t a, uint32_t b)
{
    if (graph->failed || a == MX_NO_NODE || b == MX_NO_NODE)
        return MX_NO_NODE;
    const mx_node *x = &graph->node[a], *y = &graph->node[b];
    if (op == MX_OP_POWER && y->op == MX_OP_CONSTANT && y->value.lo == 0 && y->value.hi == floor(y->value.hi) &&
        fabs(y->value.hi) <= 65536) {
        double n = y->value.hi;
        if (n == 1)
            return a;
        if (x->op == MX_OP_CONSTANT)
            return fold(graph, MX_OP_WHOLE_POWER, x, NULL, n);
        if (n == 0)
            return mx_graph_constant(graph, mx_dd_make(1.0), 1);
        mx_node node = {.op = MX_OP_WHOLE_POWER, .a = a, .value = {n, 0}};
        return insert(graph, &node);
    }
    if (x->op == MX_OP_CONSTANT && y->op == MX_OP_CONSTANT)
        return fold(graph, op, x, y, 0);
    if (op == MX_OP_ADD && is_constant(graph, a, 0))
        return b;
    if ((op == MX_OP_ADD || op == MX_OP_SUBTRACT) && is_constant(graph, b, 0))
        return a;
    if (op == MX_OP_MULTIPLY && is_constant(graph, a, 1))
        return b;
    if ((op == MX_OP_MULTIPLY || op == MX_OP_DIVIDE) && is_constant(graph, b, 1))
        return a;
    int commutes = op == MX_OP_ADD || op == MX_OP_MULTIPLY || op == MX_OP_MIN || op == MX_OP_MAX || op == MX_OP_EQUAL ||
                   op == MX_OP_UNEQUAL || op == MX_OP_LOG_SUM || op == MX_OP_AND || op == MX_OP_OR;
    mx_node node = {.op = (uint8_t)op, .a = commutes && a > b ? b : a, .b = commutes && a > b ? a : b};
    return insert(graph, &node);
}

uint32_t mx_graph_unary(mx_graph *graph, mx_op op, uint32_t a)
{
    if (graph->failed || a == MX_NO_NODE)
        return MX_NO_NODE;
    const mx_node *x = &graph->node[a];
    if (x->op == MX_OP_CONSTANT)
        return fold(graph, op, x, NULL, 0);
    if ((op == MX_OP_NEGATE && x->op == MX_OP_NEGATE) || (op == MX_OP_NOT && x->op == MX_OP_NOT && graph->node[x->a].truth))
        return x->a;
    mx_node node = {.op = (uint8_t)op, .a = a};
    return insert(graph, &node);
}

uint32_t mx_graph_polynomial(mx_graph *graph, mx_op op, uint32_t x, size_t degree)
{
    if (graph->failed || x == MX_NO_NODE)
        return MX_NO_NODE;
    if (graph->node[x].op == MX_OP_CONSTANT)
        return fold(graph, op, &graph->node[x], NULL, (double)degree);
    if (degree == 1)
        return x;
    if (degree == 0)
        return mx_graph_constant(graph, mx_dd_make(1.0), 1);
    mx_node node = {.op = (uint8_t)op, .a = x, .value = {(double)degree, 0}};
    return insert(graph, &node);
}
