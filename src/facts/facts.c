/* Facts: sides that are linear in p, relations, families, to features with bounds.
 *
 *     a side                c0 + sum_j c_j E[f_j]  =  E[c0 + sum_j c_j f_j]          one feature, whatever the sum
 *     E[g | B] = c          E[1_B (g - c)] = 0                                       linear in p, as P[B] > 0
 *     Var[x] = v            E[(x - m)^2] = v        when E[x] = m is given
 *     Cov[x, y] = v         E[(x - m)(y - l)] = v   when both means are given
 *
 * A family is expanded turn by turn: loop variables are constants and the tree is checked anew. Where a value is `observed`, the
 * expansion notes which averages it needs, and is run again when they are known (observed.c).
 */
#include "facts/compile.h"

#include "base/memory.h"
#include "facts/lexer.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ULP (DBL_EPSILON / 2) /* 2^-53 */

typedef struct side {
    uint32_t node;         /* the constant, or f of E[f] */
    uint32_t given;        /* event of a conditional expectation, or MX_NO_NODE */
    int random;            /* it has an expectation */
} side;

typedef struct mean {
    uint32_t node;
    double value;
} mean;

/* What an expansion is for. */
typedef struct expansion {
    mx_compile *c;
    int means_only;        /* collect E[x] = m; make no facts */
    mean *mean;            /* [means], sorted by node once collected */
    size_t means, mean_capacity;
    /* of the statement being expanded */
    const mx_statement *statement;
    double *list, *soft_list;
    unsigned char *decimal;
    size_t listed, soft_listed;
    size_t turn;           /* how many turns came before this one */
    size_t rounds;         /* and with those that the filter leaves out */
} expansion;

/* A bound with what is known of its rounding. */
typedef struct bound {
    double value;
    double error;          /* half-width of what is not known */
} bound;

/* ---- sides ---- */

static int has_kind(const mx_tree *tree, int low, int high)
{
    if (tree->kind >= low && tree->kind <= high)
        return 1;
    for (const mx_tree *t = tree->child; t != NULL; t = t->next)
        if (has_kind(t, low, high))
            return 1;
    return 0;
}

static int has_expectation(const mx_tree *tree)
{
    return has_kind(tree, MX_TREE_EXPECT, MX_TREE_COVARIANCE);
}

static int by_node(const void *a, const void *b)
{
    uint32_t x = ((const mean *)a)->node, y = ((const mean *)b)->node;
    return x < y ? -1 : x > y;
}

/* x - m, where E[x] = m is given */
static uint32_t centred(expansion *e, const mx_tree *tree)
{
    mx_graph *g = &e->c->graph;
    mean key = {mx_check_number(e->c, tree), 0.0};
    if (key.node == MX_NO_NODE)
        return MX_NO_NODE;
    const mean *known = e->means == 0 ? NULL : bsearch(&key, e->mean, e->means, sizeof key, by_node);
    if (known == NULL) {
        mx_compile_fail(e->c, tree, MAXENT_ERROR_UNSUPPORTED,
                        "a variance or covariance is not linear in p unless the mean is given: add the fact E[...] = m for this expression");
        return MX_NO_NODE;
    }
    return mx_graph_binary(g, MX_OP_SUBTRACT, key.node, mx_graph_constant(g, mx_dd_make(known->value), 1));
}

static int linear(expansion *e, const mx_tree *tree, side *out);

static int spread(expansion *e, const mx_tree *tree, side *out)
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
    *out = (side){node, MX_NO_NODE, 1};
    return node != MX_NO_NODE || mx_compile_memory(e->c);
}

static int expectation(expansion *e, const mx_tree *tree, side *out)
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

static int refuse_conditional(expansion *e, const mx_tree *tree)
{
    return mx_compile_fail(e->c, tree, MAXENT_ERROR_UNSUPPORTED,
                           "a conditional expectation can only stand alone, as in E[f | B] = c: its sums, multiples and comparisons with "
                           "other expectations are not linear in p");
}

static int combine(expansion *e, const mx_tree *tree, side *out)
{
    mx_compile *c = e->c;
    if (!linear(e, tree->child, out))
        return 0;
    if (out->given != MX_NO_NODE)
        return refuse_conditional(e, tree->child);
    for (const mx_tree *t = tree->child->next; t != NULL; t = t->next) {
        side one;
        if (!linear(e, t, &one))
            return 0;
        if (one.given != MX_NO_NODE)
            return refuse_conditional(e, t);
        if (t->join == '*' && one.random && out->random)
            return mx_compile_fail(c, t, MAXENT_ERROR_UNSUPPORTED, "a product of expectations is not linear in p");
        if (t->join == '/' && one.random)
            return mx_compile_fail(c, t, MAXENT_ERROR_UNSUPPORTED,
                                   "a ratio of expectations is not linear in p; P[A and B]/P[B] = c is written P[A | B] = c");
        mx_op op = t->join == '+'   ? MX_OP_ADD
                   : t->join == '-' ? MX_OP_SUBTRACT
                   : t->join == '*' ? MX_OP_MULTIPLY
                                    : MX_OP_DIVIDE;
        out->node = mx_graph_binary(&c->graph, op, out->node, one.node);
        out->random |= one.random;
        if (out->node == MX_NO_NODE)
            return mx_compile_memory(c);
    }
    return 1;
}

static int linear(expansion *e, const mx_tree *tree, side *out)
{
    mx_compile *c = e->c;
    *out = (side){MX_NO_NODE, MX_NO_NODE, 0};
    switch ((mx_tree_kind)tree->kind) {
    case MX_TREE_EXPECT:
    case MX_TREE_CHANCE: return expectation(e, tree, out);
    case MX_TREE_VARIANCE:
    case MX_TREE_COVARIANCE: return spread(e, tree, out);
    case MX_TREE_SUM:
    case MX_TREE_PRODUCT: return combine(e, tree, out);
    case MX_TREE_NEGATE:
        if (!linear(e, tree->child, out))
            return 0;
        if (out->given != MX_NO_NODE)
            return refuse_conditional(e, tree->child);
        out->node = mx_graph_unary(&c->graph, MX_OP_NEGATE, out->node);
        return out->node != MX_NO_NODE || mx_compile_memory(c);
    case MX_TREE_SET:
    case MX_TREE_STRING:
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "a list stands alone on the right-hand side of a fact");
    case MX_TREE_OBSERVED:
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "'observed' stands alone on the right-hand side of a fact");
    default: break;
    }
    if (has_expectation(tree))
        return mx_compile_fail(c, tree, MAXENT_ERROR_UNSUPPORTED,
                               "this is not linear in p: only sums and multiples of expectations can be facts");
    out->node = mx_check_number(c, tree);
    if (out->node == MX_NO_NODE)
        return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
    if (c->graph.node[out->node].op != MX_OP_CONSTANT)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "this depends on the variables and stands outside of E[...] and P[...]");
    return 1;
}

/* ---- text of facts ---- */

static int is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char ch = text[i];
        int letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || (unsigned char)ch >= 0x80;
        if (!letter && !(i > 0 && ch >= '0' && ch <= '9'))
            return 0;
    }
    return length > 0 && !mx_names_reserved(text, length);
}

static int substitute(void *user, const mx_tree *name, mx_buffer *out)
{
    const mx_compile *c = user;
    for (size_t i = 0; i < c->turns && !name->quoted; i++) {
        const mx_turn *turn = &c->turn[i];
        if (turn->name->length != name->length || memcmp(turn->name->value.text, name->value.text, name->length) != 0)
            continue;
        if (turn->value.kind == MX_VALUE_NUMBER) {
            mx_buffer_put(out, turn->number < 0 ? "(" : "");
            mx_buffer_double(out, turn->number);
            mx_buffer_put(out, turn->number < 0 ? ")" : "");
        } else {
            const char *quote = is_word(turn->value.text, turn->value.length) ? "" : "\"";
            mx_buffer_put(out, quote);
            mx_buffer_append(out, turn->value.text, turn->value.length);
            mx_buffer_put(out, quote);
        }
        return 1;
    }
    return 0;
}

static int index_number(void *user, const mx_tree *index, double *value)
{
    return mx_check_whole(user, index, "an index", value); /* it was worked out before, without error */
}

/* left, or left - right */
static char *fact_text(mx_compile *c, const mx_tree *left, const mx_tree *right)
{
    mx_buffer out = {0};
    mx_tree_print(left, c->source, substitute, index_number, c, &out);
    if (right != NULL) {
        int wrap = !right->wrapped && (right->kind == MX_TREE_SUM || right->kind == MX_TREE_NEGATE);
        mx_buffer_put(&out, wrap ? " - (" : " - ");
        mx_tree_print(right, c->source, substitute, index_number, c, &out);
        mx_buffer_put(&out, wrap ? ")" : "");
    }
    return mx_buffer_take(&out);
}

/* ---- facts ---- */

static int add_draft(mx_compile *c, const mx_draft *draft, const mx_tree *left, const mx_tree *right)
{
    if (c->drafts == MX_FACT_LIMIT)
        return mx_compile_fail(c, left, MAXENT_ERROR_LIMIT, "more than %d facts", MX_FACT_LIMIT);
    if (c->drafts == c->draft_capacity) {
        size_t capacity = c->draft_capacity == 0 ? 8 : c->draft_capacity * 2;
        mx_draft *grown = mx_resize(c->draft, capacity, sizeof *grown);
        if (grown == NULL)
            return mx_compile_memory(c);
        c->draft = grown;
        c->draft_capacity = capacity;
    }
    char *text = fact_text(c, left, right);
    if (text == NULL)
        return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
    c->draft[c->drafts] = *draft;
    c->draft[c->drafts].text = text;
    c->draft[c->drafts++].at = left;
    return 1;
}

static bound bound_of(const mx_node *node)
{
    double value = node->value.hi;
    return (bound){value, node->decimal || isinf(value) ? 0.0 : fabs(value) * ULP};
}

/* lower <= E[f | B] <= upper as facts. right: for the text, what is subtracted, or NULL. */
static int add_fact(expansion *e, const side *f, bound lower, bound upper, double sd, const mx_tree *left, const mx_tree *right)
{
    mx_compile *c = e->c;
    mx_draft draft = {.node = f->node, .given = f->given, .lower = lower.value, .upper = upper.value, .sd = sd};
    if (e->means_only)
        return 1;
    if (isnan(lower.value) && c->pending) { /* the value is not known yet: only the expansion counts */
        lower = upper = (bound){0.0, 0.0};
        draft.lower = draft.upper = 0.0;
    }
    if (isnan(lower.value) || isnan(upper.value) || (isinf(lower.value) && isinf(upper.value)) ||
        (isinf(lower.value) && lower.value > 0) || (isinf(upper.value) && upper.value < 0))
        return mx_compile_fail(c, left, MAXENT_ERROR_VALUE, "the value of this fact is not a finite number");
    if (lower.value > upper.value) {
        char a[MX_DOUBLE_TEXT], b[MX_DOUBLE_TEXT];
        return mx_compile_fail(c, left, MAXENT_ERROR_VALUE, "the lower bound %s is above the upper bound %s",
                               mx_double_text(lower.value, a), mx_double_text(upper.value, b));
    }
    draft.target_error = fmax(lower.error, upper.error);
    if (f->given == MX_NO_NODE)
        return add_draft(c, &draft, left, right);
    if (sd > 0)
        return mx_compile_fail(c, left, MAXENT_ERROR_UNSUPPORTED,
                               "a standard error on a conditional expectation is not supported: its penalty is not one on the multiplier");
    mx_graph *g = &c->graph;
    bound end[2] = {lower, upper};
    int equal = lower.value == upper.value;
    for (int i = equal ? 1 : 0; i < 2; i++) {
        if (isinf(end[i].value))
            continue;
        uint32_t shifted = mx_graph_binary(g, MX_OP_SUBTRACT, f->node, mx_graph_constant(g, mx_dd_make(end[i].value), 1));
        draft.node = mx_graph_binary(g, MX_OP_MULTIPLY, f->given, shifted);
        draft.lower = i == 0 || equal ? 0.0 : -INFINITY;
        draft.upper = i == 1 || equal ? 0.0 : INFINITY;
        draft.shift = end[i].value;
        draft.target_error = equal ? fmax(lower.error, upper.error) : end[i].error;
        if (draft.node == MX_NO_NODE)
            return mx_compile_memory(c);
        if (!add_draft(c, &draft, left, right))
            return 0;
    }
    return 1;
}

static int add_mean(expansion *e, const side *f, double value)
{
    if (!e->means_only || f->given != MX_NO_NODE)
        return 1;
    if (e->means == e->mean_capacity) {
        size_t capacity = e->mean_capacity == 0 ? 8 : e->mean_capacity * 2;
        mean *grown = mx_resize(e->mean, capacity, sizeof *grown);
        if (grown == NULL)
            return mx_compile_memory(e->c);
        e->mean = grown;
        e->mean_capacity = capacity;
    }
    e->mean[e->means++] = (mean){f->node, value};
    return 1;
}

/* The average of a side under the observed weights: of E[g | B], sum w 1_B g / sum w 1_B. */
static int observed_bound(expansion *e, const mx_tree *at, const side *f, bound *out)
{
    mx_compile *c = e->c;
    mx_average whole, part;
    if (!c->table && !c->observed)
        return mx_compile_fail(c, at, MAXENT_ERROR_VALUE,
                               "there is nothing observed: give the weights, as in observed {3, 1, 4}, or read a table with states");
    uint32_t node = f->given == MX_NO_NODE ? f->node : mx_graph_binary(&c->graph, MX_OP_MULTIPLY, f->given, f->node);
    if (node == MX_NO_NODE)
        return mx_compile_memory(c);
    if (!mx_observed_average(c, node, &whole))
        return 0;
    *out = (bound){whole.value, whole.exact ? 0.0 : 4.0 * ULP * whole.size};
    if (f->given != MX_NO_NODE) {
        if (!mx_observed_average(c, f->given, &part))
            return 0;
        if (part.known && part.value == 0)
            return mx_compile_fail(c, at, MAXENT_ERROR_VALUE, "the condition is never observed, so there is no observed value");
        *out = (bound){whole.value / part.value, 8.0 * ULP * (whole.size > 0 ? whole.size : 1.0)};
    }
    if (whole.known && !isfinite(whole.value))
        return mx_compile_fail(c, at, MAXENT_ERROR_VALUE, "the observed value is not finite");
    return 1;
}

/* The right-hand side of the only relation: a constant, the next of a list, or what was observed. */
static int right_bound(expansion *e, const mx_tree *tree, const side *left, const side *right, bound *out)
{
    if (tree->kind == MX_TREE_OBSERVED)
        return observed_bound(e, tree, left, out);
    if (tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING) {
        double value = e->turn < e->listed ? e->list[e->turn] : 0.0; /* too short: said when the family is counted */
        *out = (bound){value, e->turn < e->listed && e->decimal[e->turn] ? 0.0 : fabs(value) * ULP};
    } else {
        *out = bound_of(&e->c->graph.node[right->node]);
    }
    return 1;
}

static int soft_value(expansion *e, double *sd)
{
    const mx_tree *tree = e->statement->soft;
    mx_compile *c = e->c;
    *sd = 0.0;
    if (tree == NULL)
        return 1;
    if (tree->kind == MX_TREE_OBSERVED)
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "a standard error cannot be observed; give a number");
    if (tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING) {
        *sd = e->turn < e->soft_listed ? e->soft_list[e->turn] : 1.0;
    } else {
        mx_dd value;
        if (has_expectation(tree))
            return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "a standard error is a constant");
        if (!mx_check_constant(c, tree, "a standard error", &value, NULL))
            return 0;
        *sd = value.hi;
    }
    if (!(*sd > 0) || isinf(*sd))
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "a standard error is positive and finite%s",
                               *sd == 0 ? "; without one the fact is exact" : "");
    return 1;
}

static int is_value(const mx_tree *tree)
{
    return tree->kind == MX_TREE_OBSERVED || tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING;
}

/* side in [a, b] */
static int interval_fact(expansion *e, const mx_tree *left, const side *f)
{
    mx_compile *c = e->c;
    const mx_tree *interval = left->next, *low = interval->child, *high = low->next;
    mx_dd value[2];
    int decimal[2];
    if (!f->random)
        return mx_compile_fail(c, left, MAXENT_ERROR_SYNTAX, "a fact needs an expectation E[...] or a probability P[...]");
    if (e->statement->soft != NULL)
        return mx_compile_fail(c, e->statement->soft, MAXENT_ERROR_SYNTAX, "a standard error goes with '=', not with an interval");
    if (has_expectation(interval))
        return mx_compile_fail(c, interval, MAXENT_ERROR_SYNTAX, "the ends of an interval are constants");
    if (!mx_check_constant(c, low, "the end of an interval", &value[0], &decimal[0]) ||
        !mx_check_constant(c, high, "the end of an interval", &value[1], &decimal[1]))
        return 0;
    if ((interval->open_low && isfinite(value[0].hi)) || (interval->open_high && isfinite(value[1].hi)))
        return mx_compile_fail(c, interval, MAXENT_ERROR_VALUE, "a fact has closed bounds: write [a, b]");
    bound lower = {value[0].hi, decimal[0] || isinf(value[0].hi) ? 0.0 : fabs(value[0].hi) * ULP};
    bound upper = {value[1].hi, decimal[1] || isinf(value[1].hi) ? 0.0 : fabs(value[1].hi) * ULP};
    return add_fact(e, f, lower, upper, 0.0, left, NULL);
}

/* One relation of two sides. */
static int pair_fact(expansion *e, const mx_tree *left, const side *a, const mx_tree *right, const side *b, int join, double sd)
{
    mx_compile *c = e->c;
    const bound low = {-INFINITY, 0.0}, high = {INFINITY, 0.0};
    bound value = {0.0, 0.0};
    if (!a->random && !b->random)
        return mx_compile_fail(c, left, MAXENT_ERROR_SYNTAX, "a fact needs an expectation E[...] or a probability P[...]");
    if (a->random && b->random) { /* E[f - g] against 0 */
        if (a->given != MX_NO_NODE || b->given != MX_NO_NODE)
            return refuse_conditional(e, a->given != MX_NO_NODE ? left : right);
        side difference = {mx_graph_binary(&c->graph, MX_OP_SUBTRACT, a->node, b->node), MX_NO_NODE, 1};
        if (difference.node == MX_NO_NODE)
            return mx_compile_memory(c);
        return add_fact(e, &difference, join == MX_TOKEN_AT_MOST ? low : value, join == MX_TOKEN_AT_LEAST ? high : value, sd, left, right);
    }
    if (!a->random) { /* 0.2 <= P[A] */
        int turned = join == MX_TOKEN_AT_MOST ? MX_TOKEN_AT_LEAST : join == MX_TOKEN_AT_LEAST ? MX_TOKEN_AT_MOST : join;
        return pair_fact(e, right, b, left, a, turned, sd);
    }
    if (!right_bound(e, right, a, b, &value))
        return 0;
    if (join == MX_TOKEN_EQUAL && sd == 0 && (left->kind == MX_TREE_EXPECT || left->kind == MX_TREE_CHANCE) &&
        !add_mean(e, a, value.value))
        return 0;
    if (isinf(value.value))
        return mx_compile_fail(c, right, MAXENT_ERROR_VALUE, "the value of a fact is finite");
    return add_fact(e, a, join == MX_TOKEN_AT_MOST ? low : value, join == MX_TOKEN_AT_LEAST ? high : value, sd, left, NULL);
}

/* One turn of the statement, with the loop variables set. */
static int instance(expansion *e)
{
    enum { SIDES = 8 };
    mx_compile *c = e->c;
    const mx_tree *tree[SIDES];
    side value[SIDES] = {{0}};
    size_t sides = 0;
    double sd;
    for (const mx_tree *t = e->statement->side; t != NULL; t = t->next) {
        if (t->kind == MX_TREE_INTERVAL)
            return interval_fact(e, tree[0], &value[0]);
        if (sides == SIDES)
            return mx_compile_fail(c, t, MAXENT_ERROR_LIMIT, "more than %d sides in one chain of relations", SIDES);
        tree[sides] = t;
        int value_only = sides == 1 && t->next == NULL && is_value(t);
        if (value_only)
            value[1] = (side){MX_NO_NODE, MX_NO_NODE, 0};
        else if (!linear(e, t, &value[sides]))
            return 0;
        sides++;
    }
    if (!soft_value(e, &sd))
        return 0;
    if (sd > 0 && (sides != 2 || tree[1]->join != MX_TOKEN_EQUAL))
        return mx_compile_fail(c, e->statement->soft, MAXENT_ERROR_SYNTAX, "a standard error goes with a single '='");
    if (sides == 2 && is_value(tree[1]) && !value[0].random)
        return mx_compile_fail(c, tree[0], MAXENT_ERROR_SYNTAX, "a fact needs an expectation E[...] or a probability P[...]");
    if (sides == 3 && tree[1]->join == tree[2]->join && tree[1]->join != MX_TOKEN_EQUAL && !value[0].random && value[1].random &&
        !value[2].random) { /* 0.2 <= P[A] <= 0.5: one fact */
        bound first = bound_of(&c->graph.node[value[0].node]), last = bound_of(&c->graph.node[value[2].node]);
        int rising = tree[1]->join == MX_TOKEN_AT_MOST;
        return add_fact(e, &value[1], rising ? first : last, rising ? last : first, 0.0, tree[1], NULL);
    }
    for (size_t i = 1; i < sides; i++)
        if (!pair_fact(e, tree[i - 1], &value[i - 1], tree[i], &value[i], tree[i]->join, sd))
            return 0;
    return 1;
}

/* ---- families ---- */

static int turn(expansion *e, const mx_loop *loop);

static int set_turn(expansion *e, const mx_loop *loop, const mx_value *value, double number)
{
    mx_compile *c = e->c;
    c->turn[c->turns++] = (mx_turn){loop->name, *value, number};
    int ok = turn(e, loop->next);
    c->turns--;
    return ok;
}

static int number_turn(expansion *e, const mx_loop *loop, double number)
{
    mx_value value = {.kind = MX_VALUE_NUMBER, .variable = SIZE_MAX};
    value.node = mx_graph_constant(&e->c->graph, mx_dd_make(number), 1);
    return value.node == MX_NO_NODE ? mx_compile_memory(e->c) : set_turn(e, loop, &value, number);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* for g in Gender: its names in order; for x in Age: its numbers, those of a column sorted and each once */
static int loop_variable(expansion *e, const mx_loop *loop)
{
    mx_compile *c = e->c;
    mx_value value;
    if (!mx_check_value(c, loop->domain, &value))
        return 0;
    if (value.kind == MX_VALUE_VARIABLE) {
        const mx_variable *v = &c->support.variable[value.variable];
        for (size_t i = 0; i < v->levels; i++) {
            mx_value name = {.kind = MX_VALUE_NAME, .variable = value.variable, .text = v->label[i], .length = strlen(v->label[i])};
            if (!set_turn(e, loop, &name, 0.0))
                return 0;
        }
        return 1;
    }
    if (value.kind == MX_VALUE_UNKNOWN)
        return mx_names_unknown(c, loop->domain);
    if (value.kind != MX_VALUE_NUMBER || c->graph.node[value.node].op != MX_OP_VARIABLE)
        return mx_compile_fail(c, loop->domain, MAXENT_ERROR_VALUE, "a loop runs over a set {...}, a range 1..n or a variable");
    const mx_variable *v = &c->support.variable[c->graph.node[value.node].a];
    if (v->stride != 0) {
        for (size_t i = 0; i < v->levels; i++)
            if (!number_turn(e, loop, v->number[i]))
                return 0;
        return 1;
    }
    double *sorted = mx_alloc(c->support.n, sizeof *sorted);
    if (sorted == NULL)
        return mx_compile_memory(c);
    memcpy(sorted, v->number, c->support.n * sizeof *sorted);
    qsort(sorted, c->support.n, sizeof *sorted, by_value);
    int ok = 1;
    for (size_t i = 0; i < c->support.n && ok; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            ok = number_turn(e, loop, sorted[i]);
    mx_free(sorted);
    return ok;
}

static int loop_range(expansion *e, const mx_loop *loop, const mx_tree *range)
{
    double first, last;
    if (!mx_check_whole(e->c, range->child, "the end of a loop", &first) ||
        !mx_check_whole(e->c, range->child->next, "the end of a loop", &last))
        return 0;
    for (double v = first; v <= last; v++) /* none when last < first, as in j in i+1..n */
        if (!number_turn(e, loop, v))
            return 0;
    return 1;
}

static int turn(expansion *e, const mx_loop *loop)
{
    mx_compile *c = e->c;
    if (loop == NULL) {
        if (++e->rounds > MX_ROUND_LIMIT)
            return mx_compile_fail(c, e->statement->side, MAXENT_ERROR_LIMIT, "a family of more than %zu turns", MX_ROUND_LIMIT);
        if (e->statement->filter != NULL) {
            uint32_t node = mx_check_event(c, e->statement->filter);
            if (node == MX_NO_NODE)
                return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
            if (c->graph.node[node].op != MX_OP_CONSTANT)
                return mx_compile_fail(c, e->statement->filter, MAXENT_ERROR_VALUE,
                                       "a filter is about the loop variables; this depends on the variables of the problem");
            if (!(c->graph.node[node].value.hi == 1))
                return 1;
        }
        if (e->turn >= MX_FACT_LIMIT)
            return mx_compile_fail(c, e->statement->side, MAXENT_ERROR_LIMIT, "more than %d facts", MX_FACT_LIMIT);
        int ok = instance(e);
        e->turn++;
        return ok;
    }
    if (loop->domain->kind == MX_TREE_RANGE)
        return loop_range(e, loop, loop->domain);
    if (loop->domain->kind == MX_TREE_INTERVAL)
        return mx_compile_fail(c, loop->domain, MAXENT_ERROR_VALUE, "a loop runs over a set {...}, a range 1..n or a variable");
    if (loop->domain->kind != MX_TREE_SET)
        return loop_variable(e, loop);
    int names = mx_domain_names(c, loop->domain);
    for (const mx_tree *t = loop->domain->child; t != NULL && names >= 0; t = t->next) {
        mx_value value = {.kind = MX_VALUE_NAME, .text = t->value.text, .length = t->length, .variable = SIZE_MAX};
        mx_dd number;
        if (names && t->kind == MX_TREE_NAME && !t->quoted) { /* a loop variable of names, or the name itself */
            if (!mx_check_value(c, t, &value))
                return 0;
            if (value.kind != MX_VALUE_NAME)
                value = (mx_value){.kind = MX_VALUE_NAME, .text = t->value.text, .length = t->length, .variable = SIZE_MAX};
        }
        if (names ? !set_turn(e, loop, &value, 0.0)
            : t->kind == MX_TREE_RANGE
                ? !loop_range(e, loop, t)
                : !mx_check_constant(c, t, "a value of a loop", &number, NULL) || !number_turn(e, loop, number.hi))
            return 0;
    }
    return names >= 0;
}

static int check_loops(mx_compile *c, const mx_statement *s)
{
    size_t count = 0;
    for (const mx_loop *a = s->loop; a != NULL; a = a->next, count++) {
        const mx_tree *name = a->name;
        if (count == MX_LOOP_LIMIT)
            return mx_compile_fail(c, name, MAXENT_ERROR_LIMIT, "more than %d loop variables", MX_LOOP_LIMIT);
        if (mx_names_reserved(name->value.text, name->length))
            return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "'%.*s' is a word of the language", (int)name->length, name->value.text);
        if (mx_names_find(c, name->value.text, name->length) != NULL)
            return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "the loop variable '%.*s' would hide what has this name already",
                                   (int)(name->length > 100 ? 100 : name->length), name->value.text);
        for (const mx_loop *b = s->loop; b != a; b = b->next)
            if (b->name->length == name->length && memcmp(b->name->value.text, name->value.text, name->length) == 0)
                return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "two loop variables have the same name");
    }
    return 1;
}

static int check_length(expansion *e, const mx_tree *tree, size_t listed)
{
    if (tree == NULL || (tree->kind != MX_TREE_SET && tree->kind != MX_TREE_STRING) || listed == e->turn)
        return 1;
    if (e->statement->loop == NULL)
        return mx_compile_fail(e->c, tree, MAXENT_ERROR_VALUE, "a list of %zu number%s for one fact; a family of facts needs 'for'", listed,
                               listed == 1 ? "" : "s");
    return mx_compile_fail(e->c, tree, MAXENT_ERROR_VALUE, "the list has %zu number%s, the family has %zu fact%s", listed,
                           listed == 1 ? "" : "s", e->turn, e->turn == 1 ? "" : "s");
}

static int expand_statement(expansion *e, const mx_statement *s)
{
    mx_compile *c = e->c;
    const mx_tree *list = s->side->next;
    int ok = check_loops(c, s);
    e->statement = s;
    e->turn = e->rounds = 0;
    e->listed = e->soft_listed = 0;
    if (ok && (list->kind == MX_TREE_SET || list->kind == MX_TREE_STRING))
        ok = mx_list_values(c, list, &e->list, &e->decimal, &e->listed);
    if (ok && s->soft != NULL && (s->soft->kind == MX_TREE_SET || s->soft->kind == MX_TREE_STRING))
        ok = mx_list_values(c, s->soft, &e->soft_list, NULL, &e->soft_listed);
    ok = ok && turn(e, s->loop) && check_length(e, list, e->listed) && check_length(e, s->soft, e->soft_listed);
    mx_free(e->list);
    mx_free(e->decimal);
    mx_free(e->soft_list);
    e->list = e->soft_list = NULL;
    e->decimal = NULL;
    return ok;
}

static int has_spread(const mx_statement *s)
{
    for (const mx_tree *t = s->side; t != NULL; t = t->next)
        if (has_kind(t, MX_TREE_VARIANCE, MX_TREE_COVARIANCE))
            return 1;
    return 0;
}

int mx_facts_expand(mx_compile *c)
{
    expansion e = {.c = c};
    int spreads = 0, ok = 1;
    for (const mx_statement *s = c->statement; s != NULL && !spreads; s = s->next)
        spreads = s->kind == MX_STATEMENT_FACT && has_spread(s);
    do {
        for (size_t i = 0; i < c->drafts; i++)
            mx_free(c->draft[i].text);
        c->drafts = c->pending = 0;
        e.means = 0;
        for (e.means_only = spreads; ok && e.means_only >= 0; e.means_only--) {
            for (const mx_statement *s = c->statement; s != NULL && ok; s = s->next)
                if (s->kind == MX_STATEMENT_FACT && !(e.means_only && has_spread(s)))
                    ok = expand_statement(&e, s);
            if (e.means_only && e.means > 1)
                qsort(e.mean, e.means, sizeof *e.mean, by_node);
            if (ok && c->pending) { /* means first, then what hangs on them */
                ok = mx_observed_update(c);
                c->pending = 1;
                break;
            }
        }
    } while (ok && c->pending);
    mx_free(e.mean);
    return ok;
}
