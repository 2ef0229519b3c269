/* Facts: a side, a relation and a value, to a feature with bounds.
 *
 *     E[f] = c, <= c, >= c, in [a, b], a <= E[f] <= b       bounds on E[f]
 *     E[f] <= E[g]                                          E[f - g] <= 0
 *     E[g | B] = c                                          E[1_B (g - c)] = 0, linear in p, as P[B] > 0
 *
 * A two-sided interval of a conditional expectation is two facts. Each bound carries how far rounding may have moved it: half an
 * ulp for a decimal such as 0.1, nothing for 0.5, a few ulps of the largest value for an observed average.
 */
#include "facts/expand.h"

#include "base/memory.h"
#include "facts/lexer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* lower <= E[f | B] <= upper as facts. right: for the text, what is subtracted, or NULL. */
static int add_fact(mx_expansion *e, const mx_side_value *f, mx_bound lower, mx_bound upper, double sd, const mx_tree *left,
                    const mx_tree *right)
{
    mx_compile *c = e->c;
    mx_draft draft = {.node = f->node, .given = f->given, .lower = lower.value, .upper = upper.value, .sd = sd};
    if (e->means_only)
        return 1;
    if (isnan(lower.value) && c->pending) { /* the value is not known yet: only the expansion counts */
        lower = upper = (mx_bound){0.0, 0.0};
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
    draft.target_error = fmax(lower.error, upper.error) + f->error;
    if (f->given == MX_NO_NODE)
        return add_draft(c, &draft, left, right);
    if (sd > 0)
        return mx_compile_fail(
            c, left, MAXENT_ERROR_UNSUPPORTED,
            "a standard error on a conditional expectation is not supported: its penalty is not one on the multiplier");
    mx_graph *g = &c->graph;
    mx_bound end[2] = {lower, upper};
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

static int add_mean(mx_expansion *e, const mx_side_value *f, double value)
{
    if (!e->means_only || f->given != MX_NO_NODE)
        return 1;
    if (e->means == e->mean_capacity) {
        size_t capacity = e->mean_capacity == 0 ? 8 : e->mean_capacity * 2;
        mx_mean *grown = mx_resize(e->mean, capacity, sizeof *grown);
        if (grown == NULL)
            return mx_compile_memory(e->c);
        e->mean = grown;
        e->mean_capacity = capacity;
    }
    e->mean[e->means++] = (mx_mean){f->node, value};
    return 1;
}

/* The average of a side under the observed weights: of E[g | B], sum w 1_B g / sum w 1_B. */
static int observed_bound(mx_expansion *e, const mx_tree *at, const mx_side_value *f, mx_bound *out)
{
    mx_compile *c = e->c;
    mx_average whole, part;
    if (!c->table && !c->observed)
        return mx_compile_fail(
            c, at, MAXENT_ERROR_VALUE,
            "there is nothing observed: give the weights, as in observed {3, 1, 4}, or read a table with states");
    uint32_t node = f->given == MX_NO_NODE ? f->node : mx_graph_binary(&c->graph, MX_OP_MULTIPLY, f->given, f->node);
    if (node == MX_NO_NODE)
        return mx_compile_memory(c);
    if (!mx_observed_average(c, node, &whole))
        return 0;
    *out = (mx_bound){whole.value, whole.exact ? 0.0 : 4.0 * MX_ULP * whole.size};
    if (f->given != MX_NO_NODE) {
        if (!mx_observed_average(c, f->given, &part))
            return 0;
        if (part.known && part.value == 0)
            return mx_compile_fail(c, at, MAXENT_ERROR_VALUE, "the condition is never observed, so there is no observed value");
        *out = (mx_bound){whole.value / part.value, 8.0 * MX_ULP * (whole.size > 0 ? whole.size : 1.0)};
    }
    if (whole.known && !isfinite(whole.value))
        return mx_compile_fail(c, at, MAXENT_ERROR_VALUE, "the observed value is not finite");
    return 1;
}

/* The right-hand side of the only relation: a constant, the next of a list, or what was observed. */
static int right_bound(mx_expansion *e, const mx_tree *tree, const mx_side_value *left, const mx_side_value *right, mx_bound *out)
{
    if (tree->kind == MX_TREE_OBSERVED)
        return observed_bound(e, tree, left, out);
    if (tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING) {
        double value = e->turn < e->listed ? e->list[e->turn] : 0.0; /* too short: said when the family is counted */
        *out = (mx_bound){value, e->turn < e->listed && e->decimal[e->turn] ? 0.0 : fabs(value) * MX_ULP};
    } else {
        *out = mx_bound_of(&e->c->graph.node[right->node]);
    }
    return 1;
}

static int soft_value(mx_expansion *e, double *sd)
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
        if (mx_tree_expects(tree))
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
static int interval_fact(mx_expansion *e, const mx_tree *left, const mx_side_value *f)
{
    mx_compile *c = e->c;
    const mx_tree *interval = left->next, *low = interval->child, *high = low->next;
    mx_dd value[2];
    int decimal[2];
    if (!f->random)
        return mx_compile_fail(c, left, MAXENT_ERROR_SYNTAX, "a fact needs an expectation E[...] or a probability P[...]");
    if (e->statement->soft != NULL)
        return mx_compile_fail(c, e->statement->soft, MAXENT_ERROR_SYNTAX,
                               "a standard error goes with '=', not with an interval");
    if (mx_tree_expects(interval))
        return mx_compile_fail(c, interval, MAXENT_ERROR_SYNTAX, "the ends of an interval are constants");
    if (!mx_check_constant(c, low, "the end of an interval", &value[0], &decimal[0]) ||
        !mx_check_constant(c, high, "the end of an interval", &value[1], &decimal[1]))
        return 0;
    if ((interval->open_low && isfinite(value[0].hi)) || (interval->open_high && isfinite(value[1].hi)))
        return mx_compile_fail(c, interval, MAXENT_ERROR_VALUE, "a fact has closed bounds: write [a, b]");
    mx_bound lower = {value[0].hi, decimal[0] || isinf(value[0].hi) ? 0.0 : fabs(value[0].hi) * MX_ULP};
    mx_bound upper = {value[1].hi, decimal[1] || isinf(value[1].hi) ? 0.0 : fabs(value[1].hi) * MX_ULP};
    return add_fact(e, f, lower, upper, 0.0, left, NULL);
}

/* One relation of two sides. */
static int pair_fact(mx_expansion *e, const mx_tree *left, const mx_side_value *a, const mx_tree *right, const mx_side_value *b,
                     int join, double sd)
{
    mx_compile *c = e->c;
    const mx_bound low = {-INFINITY, 0.0}, high = {INFINITY, 0.0};
    mx_bound value = {0.0, 0.0};
    if (!a->random && !b->random)
        return mx_compile_fail(c, left, MAXENT_ERROR_SYNTAX, "a fact needs an expectation E[...] or a probability P[...]");
    if (a->random && b->random) { /* E[f - g] against 0 */
        if (a->given != MX_NO_NODE || b->given != MX_NO_NODE)
            return mx_side_refuse_conditional(e, a->given != MX_NO_NODE ? left : right);
        mx_side_value difference = {mx_graph_binary(&c->graph, MX_OP_SUBTRACT, a->node, b->node), MX_NO_NODE, 1,
                                    a->error + b->error};
        if (difference.node == MX_NO_NODE)
            return mx_compile_memory(c);
        return add_fact(e, &difference, join == MX_TOKEN_AT_MOST ? low : value, join == MX_TOKEN_AT_LEAST ? high : value, sd,
                        left, right);
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
int mx_fact_instance(mx_expansion *e)
{
    enum { SIDES = 8 };
    mx_compile *c = e->c;
    const mx_tree *tree[SIDES];
    mx_side_value value[SIDES] = {{0}};
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
            value[1] = (mx_side_value){.node = MX_NO_NODE, .given = MX_NO_NODE};
        else if (!mx_side_linear(e, t, &value[sides]))
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
        mx_bound first = mx_bound_of(&c->graph.node[value[0].node]), last = mx_bound_of(&c->graph.node[value[2].node]);
        int rising = tree[1]->join == MX_TOKEN_AT_MOST;
        return add_fact(e, &value[1], rising ? first : last, rising ? last : first, 0.0, tree[1], NULL);
    }
    for (size_t i = 1; i < sides; i++)
        if (!pair_fact(e, tree[i - 1], &value[i - 1], tree[i], &value[i], tree[i]->join, sd))
            return 0;
    return 1;
}
