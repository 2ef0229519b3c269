/* Declarations to a support: sets of numbers or names, ranges of integers, intervals, indexed variables, their product; or a table. */
#include "facts/compile.h"

#include "base/memory.h"
#include "data/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int shown(size_t length)
{
    return (int)(length > 100 ? 100 : length);
}

/* ---- let ---- */

int mx_domain_lets(mx_compile *c)
{
    size_t count = 0;
    for (const mx_statement *s = c->statement; s != NULL; s = s->next)
        count += s->kind == MX_STATEMENT_LET;
    if (count == 0)
        return 1;
    c->let = mx_pool_alloc(&c->pool, count * sizeof *c->let);
    if (c->let == NULL)
        return mx_compile_memory(c);
    for (const mx_statement *s = c->statement; s != NULL; s = s->next) {
        if (s->kind != MX_STATEMENT_LET)
            continue;
        const mx_tree *name = s->name;
        if (!name->quoted && mx_names_reserved(name->value.text, name->length))
            return mx_compile_fail(c, name, MAXENT_ERROR_NAME, "'%.*s' is a word of the language and cannot be redefined",
                                   shown(name->length), name->value.text);
        mx_entry entry = {.kind = MX_ENTRY_LET, .text = name->value.text, .length = name->length, .index = c->lets};
        if (!mx_names_add(c, name, &entry))
            return 0;
        c->let[c->lets++].statement = s;
    }
    return 1;
}

/* ---- one domain ---- */

/* A bare word that is no constant, no let name and no loop variable: a name of the set. */
static int is_name(const mx_compile *c, const mx_tree *t)
{
    mx_dd value;
    if (t->kind == MX_TREE_STRING)
        return 1;
    if (t->kind != MX_TREE_NAME || t->wrapped)
        return 0;
    for (size_t i = 0; i < c->turns; i++)
        if (c->turn[i].name->length == t->length && memcmp(c->turn[i].name->value.text, t->value.text, t->length) == 0)
            return c->turn[i].value.kind == MX_VALUE_NAME;
    const mx_entry *entry = mx_names_find(c, t->value.text, t->length);
    return t->quoted || (!mx_names_constant(t->value.text, t->length, &value) && (entry == NULL || entry->kind != MX_ENTRY_LET));
}

int mx_domain_names(mx_compile *c, const mx_tree *set)
{
    int names = 0;
    for (const mx_tree *t = set->child; t != NULL && !names; t = t->next)
        names = is_name(c, t);
    for (const mx_tree *t = set->child; t != NULL && names; t = t->next)
        if (t->kind != MX_TREE_STRING && (t->kind != MX_TREE_NAME || t->wrapped)) {
            mx_compile_fail(c, t, MAXENT_ERROR_VALUE,
                            "a set holds numbers or names, not both; a number as a name stands in quotes");
            return -1;
        }
    return names;
}

static int set_of_names(mx_compile *c, const mx_tree *set, mx_variable *v)
{
    mx_dictionary seen = {0};
    int ok = 1;
    v->named = 1;
    v->label = mx_zalloc(set->count, sizeof *v->label);
    if (v->label == NULL)
        return mx_compile_memory(c);
    for (const mx_tree *t = set->child; t != NULL && ok; t = t->next) {
        uint32_t code;
        if (!mx_dictionary_add(&seen, t->value.text, t->length, &code) ||
            (code == v->levels && (v->label[v->levels] = mx_strndup(t->value.text, t->length)) == NULL))
            ok = mx_compile_memory(c);
        else if (code < v->levels)
            ok = mx_compile_fail(c, t, MAXENT_ERROR_NAME, "'%.*s' is in this set twice", shown(t->length), t->value.text);
        else
            v->levels++;
    }
    mx_dictionary_free(&seen);
    return ok;
}

static int range(mx_compile *c, const mx_tree *tree, mx_variable *v)
{
    mx_dd end[2];
    double whole[2];
    const mx_tree *t = tree->child;
    for (int i = 0; i < 2; i++, t = t->next) {
        if (!mx_check_constant(c, t, "the end of a range", &end[i], NULL))
            return 0;
        whole[i] = end[i].hi;
        if (!isinf(end[i].hi) && !mx_check_whole(c, t, "the end of a range", &whole[i]))
            return 0;
    }
    if (whole[0] > whole[1] || (isinf(whole[0]) && whole[0] == whole[1]))
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "this range is empty: it ends before it begins");
    if (isinf(whole[0]) || isinf(whole[1])) { /* 0..inf and -inf..inf */
        v->extent = MX_WHOLE;
        v->lower = whole[0];
        v->upper = whole[1];
        return 1;
    }
    if (whole[1] - whole[0] >= (double)c->state_limit)
        return mx_compile_fail(c, tree, MAXENT_ERROR_LIMIT, "this range has more than %zu values", c->state_limit);
    v->levels = (size_t)(whole[1] - whole[0]) + 1;
    v->number = mx_alloc(v->levels, sizeof *v->number);
    if (v->number == NULL)
        return mx_compile_memory(c);
    for (size_t i = 0; i < v->levels; i++) {
        v->number[i] = whole[0] + (double)i;
        if (mx_compile_late(c, i, i + 1))
            return 0;
    }
    return 1;
}

/* [a, b], (a, b), [a, inf), ... : whether an end belongs to it makes no difference to an integral. */
static int interval(mx_compile *c, const mx_tree *tree, mx_variable *v)
{
    mx_dd end[2];
    const mx_tree *t = tree->child;
    for (int i = 0; i < 2; i++, t = t->next)
        if (!mx_check_constant(c, t, "the end of an interval", &end[i], NULL))
            return 0;
    if (end[0].hi == end[1].hi)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE,
                               "this interval is a point or empty, a set of measure zero: no density lives on it%s",
                               isinf(end[0].hi) ? "" : "; one value is a set, as in {2}");
    if (end[0].hi > end[1].hi)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE,
                               "this interval is empty, a set of measure zero: it ends before it begins");
    v->extent = MX_REAL;
    v->lower = end[0].hi;
    v->upper = end[1].hi;
    return 1;
}

static int domain(mx_compile *c, const mx_tree *tree, mx_variable *v)
{
    switch ((mx_tree_kind)tree->kind) {
    case MX_TREE_RANGE: return range(c, tree, v);
    case MX_TREE_SET: {
        if (tree->count == 0)
            return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "this set is empty");
        int names = mx_domain_names(c, tree);
        if (names != 0)
            return names > 0 && set_of_names(c, tree, v);
        if (!mx_list_values(c, tree, c->state_limit, &v->number, NULL, &v->levels))
            return 0;
        if (v->levels == 0)
            return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "this set is empty");
        for (size_t i = 0; i < v->levels; i++)
            v->number[i] += 0.0; /* -0 is 0 */
        return 1; /* a number that is listed twice is two states */
    }
    case MX_TREE_INTERVAL: return interval(c, tree, v);
    default: /* R */
        v->extent = MX_REAL;
        v->lower = -INFINITY;
        v->upper = INFINITY;
        return 1;
    }
}

/* ---- the product ---- */

static int copy_values(mx_compile *c, const mx_variable *from, mx_variable *to)
{
    to->named = from->named;
    to->extent = from->extent;
    to->lower = from->lower;
    to->upper = from->upper;
    if (from->extent != MX_LISTED)
        return 1;
    if (from->number != NULL) {
        to->number = mx_alloc(from->levels, sizeof *to->number);
        if (to->number == NULL)
            return mx_compile_memory(c);
        memcpy(to->number, from->number, from->levels * sizeof *to->number);
        to->levels = from->levels;
    } else {
        to->label = mx_zalloc(from->levels, sizeof *to->label);
        if (to->label == NULL)
            return mx_compile_memory(c);
        for (; to->levels < from->levels; to->levels++)
            if ((to->label[to->levels] = mx_strdup(from->label[to->levels])) == NULL)
                return mx_compile_memory(c);
    }
    return 1;
}

static int add_variables(mx_compile *c, const mx_tree *at, size_t count)
{
    if (count > MX_VARIABLE_LIMIT - c->support.variables)
        return mx_compile_fail(c, at, MAXENT_ERROR_LIMIT, "more than %d variables", MX_VARIABLE_LIMIT);
    mx_variable *grown = mx_resize(c->support.variable, c->support.variables + count, sizeof *grown);
    if (grown == NULL)
        return mx_compile_memory(c);
    memset(grown + c->support.variables, 0, count * sizeof *grown);
    c->support.variable = grown;
    c->support.variables += count;
    return 1;
}

/* *room: how many times the states so far may still be multiplied, rounded down. */
static int declare(mx_compile *c, const mx_statement *s, size_t *room)
{
    const mx_tree *name = s->name;
    mx_entry entry = {.kind = MX_ENTRY_VARIABLE, .text = name->value.text, .length = name->length, .index = c->support.variables};
    size_t count = 1;
    if (!name->quoted && mx_names_reserved(name->value.text, name->length))
        return mx_compile_fail(c, name, MAXENT_ERROR_NAME,
                               "'%.*s' is a word of the language; choose another name, or write `%.*s`", shown(name->length),
                               name->value.text, shown(name->length), name->value.text);
    if (s->index != NULL) {
        double first, last;
        if (!mx_check_whole(c, s->index->child, "an index", &first) ||
            !mx_check_whole(c, s->index->child->next, "an index", &last))
            return 0;
        if (first > last)
            return mx_compile_fail(c, s->index, MAXENT_ERROR_VALUE, "this range of indices is empty");
        if (last - first >= MX_VARIABLE_LIMIT)
            return mx_compile_fail(c, s->index, MAXENT_ERROR_LIMIT, "more than %d variables", MX_VARIABLE_LIMIT);
        entry.kind = MX_ENTRY_ARRAY;
        entry.first = (long)first;
        entry.last = (long)last;
        count = (size_t)(last - first) + 1;
    }
    if (!mx_names_add(c, name, &entry) || !add_variables(c, name, count))
        return 0;
    for (size_t i = 0; i < count; i++) {
        mx_variable *v = &c->support.variable[entry.index + i];
        mx_buffer text = {0};
        mx_buffer_append(&text, name->value.text, name->length);
        if (s->index != NULL)
            mx_buffer_format(&text, "[%ld]", entry.first + (long)i);
        v->name = mx_buffer_take(&text);
        if (v->name == NULL)
            return mx_compile_memory(c);
        if (i == 0 ? !domain(c, s->value, v) : !copy_values(c, &c->support.variable[entry.index], v))
            return 0;
    }
    const mx_variable *made = &c->support.variable[entry.index];
    if (made->extent != MX_LISTED) {
        if (count > MX_MOVING_LIMIT - c->moving)
            return mx_compile_fail(c, name, MAXENT_ERROR_LIMIT, "more than %d continuous or countable variables", MX_MOVING_LIMIT);
        c->moving += count;
    }
    for (size_t i = 0; i < count && made->extent == MX_LISTED; i++)
        *room /= made->levels;
    if (*room == 0)
        return mx_compile_fail(c, name, MAXENT_ERROR_LIMIT, "the product of the variables has more than %zu states",
                               c->state_limit);
    return 1;
}

static int read_table(mx_compile *c, const mx_statement *s)
{
    char *path = mx_list_path(c, s->value);
    mx_table table;
    if (path == NULL)
        return mx_compile_memory(c);
    maxent_error error = mx_table_read(path, &(mx_table_options){.watch = c->watch}, &table, c->diagnostic);
    mx_free(path);
    if (error != MAXENT_OK) {
        c->error = error;
        return 0;
    }
    int ok = table.rows <= c->state_limit ||
             mx_compile_fail(c, s->value, MAXENT_ERROR_LIMIT, "the table has more than %zu rows", c->state_limit);
    ok = ok && add_variables(c, s->value, table.columns);
    for (size_t i = 0; ok && i < table.columns; i++) {
        mx_column *column = &table.column[i];
        mx_variable *v = &c->support.variable[i];
        *v = (mx_variable){.name = column->name, .named = !column->numeric, .number = column->number, .code = column->code,
                           .label = column->label, .levels = column->numeric ? 0 : column->levels};
        *column = (mx_column){0}; /* taken over */
        mx_entry entry = {.kind = MX_ENTRY_VARIABLE, .text = v->name, .length = strlen(v->name), .index = i};
        ok = mx_names_add(c, s->value, &entry);
    }
    c->support.n = table.rows;
    c->table = 1;
    mx_table_free(&table);
    return ok;
}

int mx_domain_support(mx_compile *c)
{
    const mx_statement *states = NULL, *declared = NULL;
    for (const mx_statement *s = c->statement; s != NULL; s = s->next) {
        if (s->kind != MX_STATEMENT_STATES && s->kind != MX_STATEMENT_DECLARE)
            continue;
        if (s->kind == MX_STATEMENT_STATES && states != NULL)
            return mx_compile_fail(c, s->value, MAXENT_ERROR_NAME, "the states are already read from \"%.*s\"",
                                   shown(states->value->length), states->value->value.text);
        *(s->kind == MX_STATEMENT_STATES ? &states : &declared) = s;
        if (states != NULL && declared != NULL)
            return mx_compile_fail(c, s->kind == MX_STATEMENT_STATES ? s->value : s->name, MAXENT_ERROR_NAME,
                                   "a problem has a table of states or variables declared by 'in', not both");
    }
    if (states == NULL && declared == NULL) {
        c->error =
            mx_fail(c->diagnostic, MAXENT_ERROR_SYNTAX,
                    "there is no support: declare a variable, as in x in {1, 2, 3}, or read a table, as in states \"file.csv\"");
        if (c->diagnostic != NULL && c->sources > 0)
            snprintf(c->diagnostic->file, sizeof c->diagnostic->file, "%s", c->source[0].name);
        return 0;
    }
    if (states != NULL)
        return read_table(c, states);
    size_t room = c->state_limit;
    c->constants_only = 1;
    for (const mx_statement *s = c->statement; s != NULL; s = s->next)
        if (s->kind == MX_STATEMENT_DECLARE && !declare(c, s, &room))
            return 0;
    c->constants_only = 0;
    c->support.n = 1;
    for (size_t v = c->support.variables; v-- > 0;) { /* the last variable runs fastest */
        mx_variable *variable = &c->support.variable[v];
        if (variable->extent != MX_LISTED)
            continue;
        variable->stride = c->support.n;
        c->support.n *= variable->levels;
    }
    if (c->moving > 0) /* states there are none, only points */
        c->support.n = 0;
    return 1;
}
