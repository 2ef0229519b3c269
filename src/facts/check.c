/* Expressions: names get their meaning, kinds are checked, and the tree becomes nodes of the graph.
 *
 * Two kinds of values: numbers (an event is a number that is 0 or 1) and names. Names can only be compared. A bare word beside a
 * variable of names is first looked for among that variable's values: in `play = no`, `no` needs no quotes, whatever else is
 * called no. Loop variables are constants here: every turn of a family is checked anew.
 */
#include "facts/compile.h"

#include "facts/lexer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int build(mx_compile *c, const mx_tree *tree, mx_value *out);

/* A place in the tree with at most 100 bytes of text for messages. */
static int shown(const mx_tree *tree)
{
    return (int)(tree->length > 100 ? 100 : tree->length);
}

static int number(mx_compile *c, uint32_t node, mx_value *out)
{
    *out = (mx_value){.kind = MX_VALUE_NUMBER, .node = node, .variable = SIZE_MAX};
    return node != MX_NO_NODE || mx_compile_memory(c);
}

static uint32_t constant(mx_compile *c, double value)
{
    return mx_graph_constant(&c->graph, mx_dd_make(value), 1);
}

/* ---- names ---- */

static int variable_value(mx_compile *c, const mx_tree *tree, size_t v, mx_value *out)
{
    if (c->constants_only)
        return mx_compile_fail(c, tree, MAXENT_ERROR_NAME, "'%.*s' is a variable; only constants can stand here", shown(tree),
                               tree->value.text);
    if (c->support.variable[v].named) {
        *out = (mx_value){.kind = MX_VALUE_VARIABLE, .variable = v};
        return 1;
    }
    return number(c, mx_graph_variable(&c->graph, v), out);
}

static int let_value(mx_compile *c, const mx_tree *tree, mx_let *let, mx_value *out)
{
    if (let->state == 1)
        return mx_compile_fail(c, tree, MAXENT_ERROR_NAME, "'%.*s' is defined through itself", shown(tree), tree->value.text);
    if (let->state == 0) {
        size_t turns = c->turns; /* a let is the same in every turn of a family */
        let->state = 1;
        c->turns = 0;
        int ok = build(c, let->statement->value, &let->value);
        if (ok && let->value.kind == MX_VALUE_UNKNOWN)
            ok = mx_names_unknown(c, let->statement->value);
        c->turns = turns;
        let->state = ok ? 2 : 0;
        if (!ok)
            return 0;
    }
    *out = let->value;
    return 1;
}

static int name_value(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    const char *text = tree->value.text;
    size_t length = tree->length;
    if (!tree->quoted)
        for (size_t i = 0; i < c->turns; i++)
            if (c->turn[i].name->length == length && memcmp(c->turn[i].name->value.text, text, length) == 0) {
                *out = c->turn[i].value;
                return 1;
            }
    mx_dd value;
    const mx_entry *entry = mx_names_find(c, text, length);
    if (!tree->quoted && mx_names_constant(text, length, &value)) {
        if (entry != NULL) /* a column of that name */
            return mx_compile_fail(c, tree, MAXENT_ERROR_NAME,
                                   "'%.*s' is a constant and a variable: write `%.*s` for the variable", shown(tree), text,
                                   shown(tree), text);
        return number(c, mx_graph_constant(&c->graph, value, 0), out);
    }
    if (entry == NULL) {
        *out = (mx_value){.kind = MX_VALUE_UNKNOWN, .text = text, .length = length, .variable = SIZE_MAX};
        return 1;
    }
    if (entry->kind == MX_ENTRY_ARRAY)
        return mx_compile_fail(c, tree, MAXENT_ERROR_NAME, "'%.*s' is an indexed variable: write %.*s[%ld]", shown(tree), text,
                               shown(tree), text, entry->first);
    return entry->kind == MX_ENTRY_LET ? let_value(c, tree, &c->let[entry->index], out)
                                       : variable_value(c, tree, entry->index, out);
}

static int index_value(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    const mx_entry *entry = mx_names_find(c, tree->value.text, tree->length);
    if (entry == NULL)
        return mx_names_unknown(c, tree);
    if (entry->kind != MX_ENTRY_ARRAY)
        return mx_compile_fail(c, tree, MAXENT_ERROR_NAME, "'%.*s' is not an indexed variable", shown(tree), tree->value.text);
    double index;
    if (!mx_check_whole(c, tree->child, "an index", &index))
        return 0;
    if (index < (double)entry->first || index > (double)entry->last) {
        char text[MX_DOUBLE_TEXT];
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "%.*s[%s] does not exist; the index runs from %ld to %ld",
                               shown(tree), tree->value.text, mx_double_text(index, text), entry->first, entry->last);
    }
    return variable_value(c, tree, entry->index + (size_t)((long)index - entry->first), out);
}

/* ---- comparisons ---- */

/* A bare word that is not a loop variable. */
static int bare(const mx_compile *c, const mx_tree *tree)
{
    if (tree->kind != MX_TREE_NAME || tree->quoted || tree->wrapped)
        return 0;
    for (size_t i = 0; i < c->turns; i++)
        if (c->turn[i].name->length == tree->length && memcmp(c->turn[i].name->value.text, tree->value.text, tree->length) == 0)
            return 0;
    return 1;
}

static uint32_t negate_if(mx_compile *c, int negate, uint32_t node)
{
    return negate ? mx_graph_unary(&c->graph, MX_OP_NOT, node) : node;
}

/* variable = the other side, which is a name, another variable of names, or a mistake. */
static uint32_t compare_names(mx_compile *c, size_t variable, const mx_tree *tree, const mx_value *other)
{
    const char *text = other->text;
    size_t length = other->length, level = SIZE_MAX;
    if (bare(c, tree)) { /* its values come first */
        text = tree->value.text;
        length = tree->length;
        level = mx_names_level(c, variable, text, length);
    }
    if (level == SIZE_MAX && other->kind == MX_VALUE_NAME) { /* a string, a loop variable, a let name */
        text = other->text;
        length = other->length;
        level = mx_names_level(c, variable, text, length);
    }
    if (c->error != MAXENT_OK)
        return MX_NO_NODE;
    if (level != SIZE_MAX)
        return mx_graph_level(&c->graph, variable, level);
    if (other->kind == MX_VALUE_VARIABLE)
        return mx_graph_same(&c->graph, variable, other->variable);
    if (other->kind == MX_VALUE_NUMBER)
        mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the values of %.100s are names, and this is a number%s",
                        c->support.variable[variable].name,
                        tree->kind == MX_TREE_NUMBER ? "; a name made of digits stands in quotes" : "");
    else
        mx_names_unknown_level(c, tree, variable, text, length);
    return MX_NO_NODE;
}

/* x = 3 has probability zero where x runs over the real line. Not refused: what may be constant over a stretch, as max(0, x). */
static int point_event(mx_compile *c, const mx_tree *at, unsigned on)
{
    if ((on & MX_ON_REAL) == 0 || (on & MX_ON_BENT) != 0)
        return 0;
    mx_compile_fail(c, at, MAXENT_ERROR_VALUE,
                    "on a continuous variable this is a set of measure zero, of probability 0; name an interval, as in 2 < x < 3");
    return 1;
}

/* One comparison of two values that were built from the trees. */
static uint32_t compare(mx_compile *c, int relation, const mx_tree *left, const mx_value *a, const mx_tree *right,
                        const mx_value *b)
{
    int equal = relation == MX_TOKEN_EQUAL, unequal = relation == MX_TOKEN_UNEQUAL;
    if (a->kind == MX_VALUE_NUMBER && b->kind == MX_VALUE_NUMBER) {
        mx_graph *g = &c->graph;
        if ((equal || unequal) && a->node != b->node && point_event(c, left, g->node[a->node].on | g->node[b->node].on))
            return MX_NO_NODE;
        switch (relation) {
        case MX_TOKEN_LESS: return mx_graph_binary(g, MX_OP_LESS, a->node, b->node);
        case MX_TOKEN_AT_MOST: return mx_graph_binary(g, MX_OP_AT_MOST, a->node, b->node);
        case MX_TOKEN_GREATER: return mx_graph_binary(g, MX_OP_LESS, b->node, a->node);
        case MX_TOKEN_AT_LEAST: return mx_graph_binary(g, MX_OP_AT_MOST, b->node, a->node);
        case MX_TOKEN_UNEQUAL: return mx_graph_binary(g, MX_OP_UNEQUAL, a->node, b->node);
        default: return mx_graph_binary(g, MX_OP_EQUAL, a->node, b->node);
        }
    }
    int first = a->kind == MX_VALUE_VARIABLE, second = b->kind == MX_VALUE_VARIABLE;
    if (!first && !second && (a->kind == MX_VALUE_UNKNOWN || b->kind == MX_VALUE_UNKNOWN)) {
        const mx_value *known = a->kind == MX_VALUE_UNKNOWN ? b : a;
        const mx_tree *unknown = a->kind == MX_VALUE_UNKNOWN ? left : right;
        if (known->kind != MX_VALUE_NAME) {
            mx_names_unknown(c, unknown);
            return MX_NO_NODE;
        }
        if (known->variable != SIZE_MAX &&
            mx_names_level(c, known->variable, unknown->value.text, unknown->length) == SIZE_MAX) { /* a loop over its values */
            if (c->error == MAXENT_OK)
                mx_names_unknown_level(c, unknown, known->variable, unknown->value.text, unknown->length);
            return MX_NO_NODE;
        }
    } else if (!first && !second && (a->kind == MX_VALUE_NUMBER || b->kind == MX_VALUE_NUMBER)) {
        mx_compile_fail(c, a->kind == MX_VALUE_NUMBER ? right : left, MAXENT_ERROR_VALUE, "a name is compared with a number");
        return MX_NO_NODE;
    }
    if (!equal && !unequal) {
        mx_compile_fail(c, first || a->kind == MX_VALUE_NAME ? left : right, MAXENT_ERROR_VALUE,
                        "names have no order: compare them with '=' or '!='");
        return MX_NO_NODE;
    }
    if (first)
        return negate_if(c, unequal, compare_names(c, a->variable, right, b));
    if (second)
        return negate_if(c, unequal, compare_names(c, b->variable, left, a));
    int same = a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    return constant(c, same == equal ? 1.0 : 0.0);
}

static int compare_chain(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    const mx_tree *left = tree->child;
    mx_value a, b;
    uint32_t all = MX_NO_NODE;
    if (!build(c, left, &a))
        return 0;
    for (const mx_tree *right = left->next; right != NULL; left = right, right = right->next, a = b) {
        if (!build(c, right, &b))
            return 0;
        uint32_t one = compare(c, right->join, left, &a, right, &b);
        if (one == MX_NO_NODE)
            return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
        all = all == MX_NO_NODE ? one : mx_graph_binary(&c->graph, MX_OP_AND, all, one);
    }
    return number(c, all, out);
}

/* x in {1, 2, 5..9}, x in 1..6, x in [0, 2) */
static int member(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    const mx_tree *item = tree->child, *domain = item->next;
    mx_graph *g = &c->graph;
    mx_value x, y;
    if (!build(c, item, &x))
        return 0;
    if (domain->kind == MX_TREE_SET) {
        uint32_t any = constant(c, 0.0);
        int first = 1;
        for (const mx_tree *t = domain->child; t != NULL; t = t->next, first = 0) {
            uint32_t one;
            if (t->kind == MX_TREE_RANGE) {
                mx_tree pair = {.kind = MX_TREE_MEMBER, .source = t->source, .at = t->at, .count = 2};
                mx_tree copy = *item, range = *t;
                copy.next = &range;
                range.next = NULL;
                pair.child = &copy;
                if (!member(c, &pair, &y))
                    return 0;
                one = y.node;
            } else {
                if (!build(c, t, &y))
                    return 0;
                one = compare(c, MX_TOKEN_EQUAL, item, &x, t, &y);
            }
            if (one == MX_NO_NODE)
                return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
            any = first ? one : mx_graph_binary(g, MX_OP_OR, any, one);
        }
        if (first && x.kind == MX_VALUE_UNKNOWN)
            return mx_names_unknown(c, item);
        return number(c, any, out);
    }
    if (x.kind != MX_VALUE_NUMBER)
        return x.kind == MX_VALUE_UNKNOWN
                   ? mx_names_unknown(c, item)
                   : mx_compile_fail(c, domain, MAXENT_ERROR_VALUE, "names are members of sets {...} only");
    if (domain->kind == MX_TREE_REALS)
        return number(c, mx_graph_binary(g, MX_OP_EQUAL, x.node, x.node), out);
    uint32_t low = mx_check_number(c, domain->child), high = low == MX_NO_NODE ? low : mx_check_number(c, domain->child->next);
    if (high == MX_NO_NODE)
        return 0;
    uint32_t both = mx_graph_binary(g, MX_OP_AND, mx_graph_binary(g, domain->open_low ? MX_OP_LESS : MX_OP_AT_MOST, low, x.node),
                                    mx_graph_binary(g, domain->open_high ? MX_OP_LESS : MX_OP_AT_MOST, x.node, high));
    if (domain->kind == MX_TREE_RANGE && point_event(c, item, g->node[x.node].on))
        return 0;
    if (domain->kind == MX_TREE_RANGE) /* whole numbers */
        both =
            mx_graph_binary(g, MX_OP_AND, both, mx_graph_binary(g, MX_OP_EQUAL, x.node, mx_graph_unary(g, MX_OP_FLOOR, x.node)));
    return number(c, both, out);
}

/* ---- operations ---- */

static int arithmetic(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    uint32_t all = mx_check_number(c, tree->child);
    for (const mx_tree *t = tree->child->next; t != NULL && all != MX_NO_NODE; t = t->next) {
        uint32_t one = mx_check_number(c, t);
        if (one == MX_NO_NODE)
            return 0;
        mx_op op = tree->kind == MX_TREE_AND     ? MX_OP_AND
                   : tree->kind == MX_TREE_OR    ? MX_OP_OR
                   : tree->kind == MX_TREE_POWER ? MX_OP_POWER
                   : t->join == '+'              ? MX_OP_ADD
                   : t->join == '-'              ? MX_OP_SUBTRACT
                   : t->join == '*'              ? MX_OP_MULTIPLY
                                                 : MX_OP_DIVIDE;
        all = mx_graph_binary(&c->graph, op, all, one);
        if (all == MX_NO_NODE)
            return mx_compile_memory(c);
    }
    return all == MX_NO_NODE ? 0 : number(c, all, out);
}

static int unary(mx_compile *c, const mx_tree *tree, mx_op op, mx_value *out)
{
    uint32_t operand = mx_check_number(c, tree->child);
    return operand == MX_NO_NODE ? 0 : number(c, mx_graph_unary(&c->graph, op, operand), out);
}

static int call(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    static const struct {
        const char *name;
        mx_op op;
    } table[] = {{"abs", MX_OP_ABS},       {"exp", MX_OP_EXP},   {"log", MX_OP_LOG},     {"log2", MX_OP_LOG2},
                 {"log10", MX_OP_LOG10},   {"sqrt", MX_OP_SQRT}, {"sin", MX_OP_SIN},     {"cos", MX_OP_COS},
                 {"tan", MX_OP_TAN},       {"asin", MX_OP_ASIN}, {"acos", MX_OP_ACOS},
                 {"atan", MX_OP_ATAN},     {"sinh", MX_OP_SINH}, {"cosh", MX_OP_COSH},   {"tanh", MX_OP_TANH},   {"floor", MX_OP_FLOOR},
                 {"ceil", MX_OP_CEIL},     {"sign", MX_OP_SIGN}, {"erf", MX_OP_ERF},     {"lgamma", MX_OP_LGAMMA},
                 {"min", MX_OP_MIN},       {"max", MX_OP_MAX},   {"T", MX_OP_CHEBYSHEV}, {"L", MX_OP_LEGENDRE}};
    size_t f = 0, functions = sizeof table / sizeof *table;
    while (f < functions && (strlen(table[f].name) != tree->length || memcmp(table[f].name, tree->value.text, tree->length) != 0))
        f++;
    if (f == functions) {
        if (mx_names_find(c, tree->value.text, tree->length) != NULL)
            return mx_compile_fail(c, tree, MAXENT_ERROR_NAME, "'%.*s' is not a function; a product needs its '*'", shown(tree),
                                   tree->value.text);
        return mx_names_unknown_function(c, tree);
    }
    mx_op op = table[f].op;
    if (op == MX_OP_MIN || op == MX_OP_MAX) {
        if (tree->count == 0)
            return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "%s takes at least one argument", table[f].name);
        uint32_t all = mx_check_number(c, tree->child);
        for (const mx_tree *t = tree->child->next; t != NULL && all != MX_NO_NODE; t = t->next) {
            uint32_t one = mx_check_number(c, t);
            if (one == MX_NO_NODE)
                return 0;
            all = mx_graph_binary(&c->graph, op, all, one);
            if (all == MX_NO_NODE)
                return mx_compile_memory(c);
        }
        return all == MX_NO_NODE ? 0 : number(c, all, out);
    }
    uint32_t wanted = op == MX_OP_CHEBYSHEV || op == MX_OP_LEGENDRE ? 2 : 1;
    if (tree->count != wanted)
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "%s takes %s, not %u", table[f].name,
                               wanted == 1 ? "one argument" : "two arguments, the degree and x", (unsigned)tree->count);
    if (wanted == 1)
        return unary(c, tree, op, out);
    double degree;
    if (!mx_check_whole(c, tree->child, "a degree", &degree))
        return 0;
    if (degree < 0 || degree > MX_DEGREE_LIMIT)
        return mx_compile_fail(c, tree->child, MAXENT_ERROR_VALUE, "a degree is between 0 and %d", MX_DEGREE_LIMIT);
    uint32_t x = mx_check_number(c, tree->child->next);
    return x == MX_NO_NODE ? 0 : number(c, mx_graph_polynomial(&c->graph, op, x, (size_t)degree), out);
}

static int build_deeper(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    switch ((mx_tree_kind)tree->kind) {
    case MX_TREE_NUMBER: return number(c, mx_graph_constant(&c->graph, mx_dd_make(tree->value.number), tree->exact), out);
    case MX_TREE_STRING:
        *out = (mx_value){.kind = MX_VALUE_NAME, .text = tree->value.text, .length = tree->length, .variable = SIZE_MAX};
        return 1;
    case MX_TREE_NAME: return name_value(c, tree, out);
    case MX_TREE_INDEX: return index_value(c, tree, out);
    case MX_TREE_SUM:
    case MX_TREE_PRODUCT:
    case MX_TREE_POWER:
    case MX_TREE_AND:
    case MX_TREE_OR: return arithmetic(c, tree, out);
    case MX_TREE_NEGATE: return unary(c, tree, MX_OP_NEGATE, out);
    case MX_TREE_NOT: return unary(c, tree, MX_OP_NOT, out);
    case MX_TREE_COMPARE: return compare_chain(c, tree, out);
    case MX_TREE_MEMBER: return member(c, tree, out);
    case MX_TREE_CALL: return call(c, tree, out);
    case MX_TREE_EXPECT:
    case MX_TREE_CHANCE:
    case MX_TREE_VARIANCE:
    case MX_TREE_COVARIANCE:
        return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "an expectation cannot stand inside an expression");
    default: return mx_compile_fail(c, tree, MAXENT_ERROR_SYNTAX, "expected an expression");
    }
}

static int build(mx_compile *c, const mx_tree *tree, mx_value *out)
{
    if (c->depth >= MX_LET_LIMIT)
        return mx_compile_fail(c, tree, MAXENT_ERROR_LIMIT, "expressions nest more than %d levels through let names",
                               MX_LET_LIMIT);
    c->depth++;
    int ok = build_deeper(c, tree, out);
    c->depth--;
    return ok;
}

/* ---- public ---- */

int mx_check_value(mx_compile *compile, const mx_tree *tree, mx_value *out)
{
    return build(compile, tree, out);
}

uint32_t mx_check_number(mx_compile *c, const mx_tree *tree)
{
    mx_value value;
    if (!build(c, tree, &value))
        return MX_NO_NODE;
    switch (value.kind) {
    case MX_VALUE_NUMBER: return value.node;
    case MX_VALUE_UNKNOWN: mx_names_unknown(c, tree); break;
    case MX_VALUE_VARIABLE:
        mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the values of %.100s are names, not numbers; compare it: %.100s = %.100s",
                        c->support.variable[value.variable].name, c->support.variable[value.variable].name,
                        c->support.variable[value.variable].label[0]);
        break;
    default:
        mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "expected a number, found the name \"%.*s\"",
                        (int)(value.length > 100 ? 100 : value.length), value.text);
    }
    return MX_NO_NODE;
}

uint32_t mx_check_event(mx_compile *c, const mx_tree *tree)
{
    uint32_t node = mx_check_number(c, tree);
    if (node == MX_NO_NODE || c->graph.node[node].truth)
        return node;
    mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "expected an event such as x > 2 or x = 1, found a number");
    return MX_NO_NODE;
}

int mx_check_constant(mx_compile *c, const mx_tree *tree, const char *what, mx_dd *value, int *decimal)
{
    uint32_t node = mx_check_number(c, tree);
    if (node == MX_NO_NODE)
        return 0;
    const mx_node *n = &c->graph.node[node];
    if (n->op != MX_OP_CONSTANT)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "%s is a constant; this depends on the variables", what);
    if (isnan(n->value.hi))
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "%s has no value here (NaN)", what);
    *value = n->value;
    if (decimal != NULL)
        *decimal = n->decimal;
    return 1;
}

int mx_check_whole(mx_compile *c, const mx_tree *tree, const char *what, double *value)
{
    mx_dd number_value = {0, 0};
    char text[MX_DOUBLE_TEXT];
    if (!mx_check_constant(c, tree, what, &number_value, NULL))
        return 0;
    if (number_value.lo != 0 || number_value.hi != floor(number_value.hi) || fabs(number_value.hi) > 0x1p53)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "%s is a whole number%s, not %s", what,
                               number_value.hi == floor(number_value.hi) && isfinite(number_value.hi) ? " of at most 2^53" : "",
                               mx_double_text(number_value.hi, text));
    *value = number_value.hi;
    return 1;
}
