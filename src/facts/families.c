/* Families of facts: every turn of the loops, with the loop variables as constants, and all statements in order.
 *
 * Where a value is `observed`, the expansion notes which averages it needs and is run again when they are known (observed.c).
 * Where there is a variance, a first run collects the means that are given.
 */
#include "facts/expand.h"

#include "base/memory.h"
#include "facts/lexer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TURN_WORTH 512 /* a turn takes about as long as that many values of a feature */

static int turn(mx_expansion *e, const mx_loop *loop);

static int set_turn(mx_expansion *e, const mx_loop *loop, const mx_value *value, double number)
{
    mx_compile *c = e->c;
    if (++e->rounds > MX_ROUND_LIMIT)
        return mx_compile_fail(c, loop->name, MAXENT_ERROR_LIMIT, "the loops of this family take more than %zu turns",
                               MX_ROUND_LIMIT);
    if (mx_compile_late(c, TURN_WORTH * (e->rounds - 1), TURN_WORTH * e->rounds))
        return 0;
    c->turn[c->turns++] = (mx_turn){loop->name, *value, number};
    int ok = turn(e, loop->next);
    c->turns--;
    return ok;
}

static int number_turn(mx_expansion *e, const mx_loop *loop, double number)
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
static int loop_variable(mx_expansion *e, const mx_loop *loop)
{
    mx_compile *c = e->c;
    mx_value value;
    if (!mx_check_value(c, loop->domain, &value))
        return 0;
    if (value.kind == MX_VALUE_VARIABLE) {
        const mx_variable *v = &c->support.variable[value.variable];
        for (size_t i = 0; i < v->levels; i++) {
            mx_value name = {
                .kind = MX_VALUE_NAME, .variable = value.variable, .text = v->label[i], .length = strlen(v->label[i])};
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
    if (v->extent != MX_LISTED)
        return mx_compile_fail(c, loop->domain, MAXENT_ERROR_VALUE, "a loop cannot run over %.100s, whose values are without number",
                               v->name);
    if (v->stride != 0) {
        double largest = -INFINITY;
        for (size_t i = 0; i < v->levels; i++) {
            double now = v->number[i];
            size_t j = now > largest ? i : 0; /* a set may list a number twice; one that rises needs no search */
            while (j < i && v->number[j] != now)
                j++;
            if (j == i && !number_turn(e, loop, now))
                return 0;
            largest = now > largest ? now : largest;
        }
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

static int loop_range(mx_expansion *e, const mx_loop *loop, const mx_tree *range)
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

static int turn(mx_expansion *e, const mx_loop *loop)
{
    mx_compile *c = e->c;
    if (loop == NULL) {
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
        int ok = mx_fact_instance(e);
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
            return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "'%.*s' is a word of the language", (int)name->length,
                                   name->value.text);
        if (mx_names_find(c, name->value.text, name->length) != NULL)
            return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "the loop variable '%.*s' would hide what has this name already",
                                   (int)(name->length > 100 ? 100 : name->length), name->value.text);
        for (const mx_loop *b = s->loop; b != a; b = b->next)
            if (b->name->length == name->length && memcmp(b->name->value.text, name->value.text, name->length) == 0)
                return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "two loop variables have the same name");
    }
    return 1;
}

static int check_length(mx_expansion *e, const mx_tree *tree, size_t listed)
{
    if (tree == NULL || (tree->kind != MX_TREE_SET && tree->kind != MX_TREE_STRING) || listed == e->turn)
        return 1;
    if (e->statement->loop == NULL)
        return mx_compile_fail(e->c, tree, MAXENT_ERROR_VALUE,
                               "a list of %zu number%s for one fact; a family of facts needs 'for'", listed,
                               listed == 1 ? "" : "s");
    return mx_compile_fail(e->c, tree, MAXENT_ERROR_VALUE, "the list has %zu number%s, the family has %zu fact%s", listed,
                           listed == 1 ? "" : "s", e->turn, e->turn == 1 ? "" : "s");
}

static int expand_statement(mx_expansion *e, const mx_statement *s)
{
    mx_compile *c = e->c;
    const mx_tree *list = s->side->next;
    int ok = check_loops(c, s);
    e->statement = s;
    e->turn = e->rounds = 0;
    e->listed = e->soft_listed = 0;
    if (ok && (list->kind == MX_TREE_SET || list->kind == MX_TREE_STRING))
        ok = mx_list_values(c, list, MX_FACT_LIMIT, &e->list, &e->decimal, &e->listed);
    if (ok && s->soft != NULL && (s->soft->kind == MX_TREE_SET || s->soft->kind == MX_TREE_STRING))
        ok = mx_list_values(c, s->soft, MX_FACT_LIMIT, &e->soft_list, NULL, &e->soft_listed);
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
        if (mx_tree_has(t, MX_TREE_VARIANCE, MX_TREE_COVARIANCE))
            return 1;
    return 0;
}

int mx_facts_expand(mx_compile *c)
{
    mx_expansion e = {.c = c};
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
                qsort(e.mean, e.means, sizeof *e.mean, mx_mean_order);
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
