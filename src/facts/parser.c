/* Expressions and domains, by recursive descent: one function per level of precedence. Statements are in statements.c.
 *
 *     domain     = set | interval | expression ".." expression | "R" | name
 *     side       = sum, with E[...], P[...], Var[...], Cov[...] among its primaries
 *     expression = or;  or = and {"or" and};  and = not {"and" not};  not = "not" not | comparison
 *     comparison = sum { ("<" | "<=" | ">" | ">=" | "=" | "!=") sum } | sum "in" domain
 *     sum        = product { ("+" | "-") product };  product = unary { ("*" | "/") unary }
 *     unary      = "-" unary | power;  power = primary [ "^" unary ]
 *
 * Sums, products and chains are lists, not deep trees, so depth comes only from what nests on the page; it is limited
 * (MX_NESTING_LIMIT), and with it the recursion here and in everything that walks the tree.
 */
#include "facts/parser.h"

#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

static void describe(const mx_parser *p, char out[96])
{
    const mx_token *t = &p->token;
    if (t->kind == MX_TOKEN_END) {
        snprintf(out, 96, "end of input");
    } else if (t->kind == MX_TOKEN_LINE) {
        snprintf(out, 96, "%s", p->source[p->current].text[t->at] == ';' ? "';'" : "end of line");
    } else {
        size_t length = t->end - t->at, limit = 60;
        const char *text = p->source[p->current].text + t->at;
        if (length > limit) {
            while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
                limit--;
            snprintf(out, 96, "'%.*s...'", (int)limit, text);
        } else {
            snprintf(out, 96, "'%.*s'", (int)length, text);
        }
    }
}

/* "expected WHAT, found TOKEN" at the token; at the end of the line before it when it stands on a later line. */
void mx_parser_expected(mx_parser *p, const char *what)
{
    if (p->error != MAXENT_OK)
        return;
    char found[96];
    size_t at = p->token.at;
    if (p->token.after_line) {
        snprintf(found, sizeof found, "end of line");
        at = p->last_end;
    } else {
        describe(p, found);
        if (p->token.kind == MX_TOKEN_END || (p->token.kind == MX_TOKEN_LINE && found[0] == 'e'))
            at = p->last_end > 0 ? p->last_end : at;
    }
    p->error = mx_fail_at(&p->source[p->current], at, p->diagnostic, MAXENT_ERROR_SYNTAX, "expected %s, found %s", what, found);
}

void mx_parser_fail(mx_parser *p, size_t at, maxent_error error, const char *message)
{
    if (p->error == MAXENT_OK)
        p->error = mx_fail_at(&p->source[p->current], at, p->diagnostic, error, "%s", message);
}

/* ---- tokens ---- */

void mx_parser_advance(mx_parser *p)
{
    p->last_end = p->token.end;
    if (p->error == MAXENT_OK)
        p->error = mx_lexer_next(&p->lexer, &p->token);
    if (p->error != MAXENT_OK)
        p->token.kind = MX_TOKEN_END; /* every loop ends */
}

int mx_parser_accept(mx_parser *p, mx_token_kind kind)
{
    if (p->token.kind != kind)
        return 0;
    mx_parser_advance(p);
    return 1;
}

int mx_token_is(const mx_token *token, const char *word)
{
    return token->kind == MX_TOKEN_NAME && token->length == strlen(word) && memcmp(token->text, word, token->length) == 0;
}

/* The closing bracket of what was opened at byte `opened`. */
void mx_parser_close(mx_parser *p, mx_token_kind kind, const char *closer, const char *opener, size_t opened)
{
    if (p->error != MAXENT_OK || mx_parser_accept(p, kind))
        return;
    char what[96];
    const mx_source *source = &p->source[p->current];
    size_t line = 0, here = 0;
    for (size_t i = 0; i < p->last_end; i++)
        if (source->text[i] == '\n') {
            here++;
            line += i < opened;
        }
    if (line == here)
        snprintf(what, sizeof what, "'%s' to close %s opened at column %zu", closer, opener, mx_source_column(source, opened));
    else
        snprintf(what, sizeof what, "'%s' to close %s opened at line %zu, column %zu", closer, opener, line + 1,
                 mx_source_column(source, opened));
    mx_parser_expected(p, what);
}

/* ---- nodes ---- */

static mx_tree *node(mx_parser *p, mx_tree_kind kind, size_t at)
{
    if (p->error != MAXENT_OK)
        return NULL;
    mx_tree *tree = mx_pool_alloc(p->pool, sizeof *tree);
    if (tree == NULL) {
        p->error = mx_fail(p->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    tree->kind = (uint8_t)kind;
    tree->source = (uint16_t)p->current;
    tree->at = (uint32_t)at;
    return tree;
}

static mx_tree *parent(mx_parser *p, mx_tree_kind kind, size_t at, mx_tree *first, mx_tree *second)
{
    mx_tree *tree = node(p, kind, at);
    if (tree == NULL || first == NULL)
        return NULL;
    tree->child = first;
    tree->count = second != NULL ? 2 : 1;
    first->next = second;
    return tree;
}

mx_tree *mx_parser_text(mx_parser *p, mx_tree_kind kind)
{
    mx_tree *tree = node(p, kind, p->token.at);
    if (tree != NULL) {
        tree->value.text = p->token.text;
        tree->length = p->token.length;
        tree->quoted = p->token.kind == MX_TOKEN_QUOTED;
    }
    mx_parser_advance(p);
    return tree;
}

/* Appends item to the list of tree's children; *last is the end of that list. */
static void append(mx_tree *tree, mx_tree **last, mx_tree *item)
{
    if (tree == NULL || item == NULL)
        return;
    if (*last == NULL)
        tree->child = item;
    else
        (*last)->next = item;
    *last = item;
    tree->count++;
}

/* ---- expressions ---- */

static mx_tree *parse_or(mx_parser *p);
static mx_tree *parse_unary(mx_parser *p);

static int enter(mx_parser *p)
{
    if (p->error != MAXENT_OK)
        return 0;
    if (++p->depth > MX_NESTING_LIMIT) {
        p->error = mx_fail_at(&p->source[p->current], p->token.at, p->diagnostic, MAXENT_ERROR_LIMIT,
                              "nested deeper than %d levels", MX_NESTING_LIMIT);
        return 0;
    }
    return 1;
}

static void leave(mx_parser *p)
{
    p->depth--;
}

/* An expression inside brackets, whatever the context outside them. */
mx_tree *mx_parse_inner(mx_parser *p)
{
    if (!enter(p))
        return NULL;
    int inside = p->inside;
    p->inside = 1;
    mx_tree *tree = parse_or(p);
    p->inside = inside;
    leave(p);
    return tree;
}

/* E[...], P[...], Var[...], Cov[...]; the next token is the name. */
static mx_tree *parse_expectation(mx_parser *p, mx_tree_kind kind, const char *opener)
{
    size_t at = p->token.at;
    mx_parser_advance(p);
    mx_parser_advance(p); /* [ */
    mx_tree *first = mx_parse_inner(p), *second = NULL;
    if (kind == MX_TREE_COVARIANCE) {
        if (p->error == MAXENT_OK && !mx_parser_accept(p, MX_TOKEN_COMMA))
            mx_parser_expected(p, "',' between the two expressions of Cov[");
        second = mx_parse_inner(p);
    } else if (p->token.kind == MX_TOKEN_BAR) {
        if (kind == MX_TREE_VARIANCE)
            mx_parser_fail(p, p->token.at, MAXENT_ERROR_UNSUPPORTED, "a conditional variance is not linear in p");
        mx_parser_advance(p);
        second = mx_parse_inner(p);
    }
    mx_parser_close(p, MX_TOKEN_UNBRACKET, "]", opener, at);
    return p->error == MAXENT_OK ? parent(p, kind, at, first, second) : NULL;
}

static mx_tree *parse_name(mx_parser *p)
{
    static const struct {
        const char *word, *opener;
        mx_tree_kind kind;
    } special[] = {{"E", "E[", MX_TREE_EXPECT},
                   {"P", "P[", MX_TREE_CHANCE},
                   {"Var", "Var[", MX_TREE_VARIANCE},
                   {"Cov", "Cov[", MX_TREE_COVARIANCE}};
    mx_token name = p->token;
    if (name.kind == MX_TOKEN_NAME && name.end < p->source[p->current].length) {
        mx_lexer ahead = p->lexer; /* one more token of lookahead, only for the words that may open an expectation */
        for (size_t i = 0; i < sizeof special / sizeof *special; i++)
            if (mx_token_is(&name, special[i].word)) {
                mx_token next;
                if (mx_lexer_next(&ahead, &next) == MAXENT_OK && next.kind == MX_TOKEN_BRACKET)
                    return parse_expectation(p, special[i].kind, special[i].opener);
                break;
            }
    }
    mx_tree *tree = mx_parser_text(p, MX_TREE_NAME);
    if (tree == NULL)
        return NULL;
    size_t open = p->token.at;
    if (p->token.kind == MX_TOKEN_OPEN && name.kind == MX_TOKEN_NAME) {
        tree->kind = MX_TREE_CALL;
        mx_parser_advance(p);
        mx_tree *last = NULL;
        if (p->token.kind != MX_TOKEN_CLOSE)
            do
                append(tree, &last, mx_parse_inner(p));
            while (mx_parser_accept(p, MX_TOKEN_COMMA));
        mx_parser_close(p, MX_TOKEN_CLOSE, ")", "(", open);
    } else if (p->token.kind == MX_TOKEN_BRACKET) {
        tree->kind = MX_TREE_INDEX;
        mx_parser_advance(p);
        mx_tree *last = NULL;
        append(tree, &last, mx_parse_inner(p));
        mx_parser_close(p, MX_TOKEN_UNBRACKET, "]", "[", open);
    }
    return p->error == MAXENT_OK ? tree : NULL;
}

static mx_tree *parse_primary(mx_parser *p)
{
    mx_tree *tree = NULL;
    size_t at = p->token.at;
    switch (p->token.kind) {
    case MX_TOKEN_NUMBER:
        tree = node(p, MX_TREE_NUMBER, at);
        if (tree != NULL) {
            tree->value.number = p->token.number;
            tree->exact = p->token.exact;
            tree->length = p->token.end - p->token.at;
        }
        mx_parser_advance(p);
        break;
    case MX_TOKEN_STRING: tree = mx_parser_text(p, MX_TREE_STRING); break;
    case MX_TOKEN_NAME:
    case MX_TOKEN_QUOTED: tree = parse_name(p); break;
    case MX_TOKEN_OPEN:
        if (!enter(p))
            return NULL;
        mx_parser_advance(p);
        /* Parentheses of a side hold a side; those of an expression, an expression. */
        tree = p->inside ? parse_or(p) : mx_parse_sum(p);
        mx_parser_close(p, MX_TOKEN_CLOSE, ")", "(", at);
        leave(p);
        if (tree != NULL)
            tree->wrapped = 1;
        break;
    case MX_TOKEN_BAR:
        mx_parser_fail(p, at, MAXENT_ERROR_SYNTAX, "expected an expression, found '|'; the absolute value is abs(x)");
        break;
    default: mx_parser_expected(p, "an expression");
    }
    return p->error == MAXENT_OK ? tree : NULL;
}

static mx_tree *parse_power(mx_parser *p)
{
    mx_tree *base = parse_primary(p);
    if (base == NULL || p->token.kind != MX_TOKEN_POWER)
        return base;
    size_t at = p->token.at;
    if (!enter(p))
        return NULL;
    mx_parser_advance(p);
    mx_tree *exponent = parse_unary(p); /* 2^-1, and 2^3^2 = 2^(3^2) */
    leave(p);
    return exponent == NULL ? NULL : parent(p, MX_TREE_POWER, at, base, exponent);
}

static mx_tree *parse_unary(mx_parser *p)
{
    if (p->token.kind != MX_TOKEN_PLUS && p->token.kind != MX_TOKEN_MINUS)
        return parse_power(p);
    if (!enter(p))
        return NULL;
    size_t at = p->token.at;
    int minus = p->token.kind == MX_TOKEN_MINUS;
    mx_parser_advance(p);
    mx_tree *operand = parse_unary(p);
    leave(p);
    return operand == NULL || !minus ? operand : parent(p, MX_TREE_NEGATE, at, operand, NULL);
}

static mx_tree *parse_product(mx_parser *p)
{
    mx_tree *first = parse_unary(p);
    if (first == NULL || (p->token.kind != MX_TOKEN_TIMES && p->token.kind != MX_TOKEN_DIVIDE))
        return first;
    mx_tree *tree = parent(p, MX_TREE_PRODUCT, first->at, first, NULL), *last = first;
    while (tree != NULL && (p->token.kind == MX_TOKEN_TIMES || p->token.kind == MX_TOKEN_DIVIDE)) {
        char join = p->token.kind == MX_TOKEN_TIMES ? '*' : '/';
        mx_parser_advance(p);
        if (join == '*' && p->token.kind == MX_TOKEN_TIMES)
            mx_parser_fail(p, p->token.at, MAXENT_ERROR_SYNTAX, "expected an expression, found '*'; a power is written x^2");
        mx_tree *factor = parse_unary(p);
        if (factor == NULL)
            return NULL;
        factor->join = (uint8_t)join;
        append(tree, &last, factor);
    }
    return tree;
}

mx_tree *mx_parse_sum(mx_parser *p)
{
    mx_tree *first = parse_product(p), *tree = NULL, *last = first;
    while (first != NULL && (p->token.kind == MX_TOKEN_PLUS || p->token.kind == MX_TOKEN_MINUS ||
                             (p->token.kind == MX_TOKEN_PLUS_MINUS && p->token.ascii_pm && p->inside))) {
        if (tree == NULL && (tree = parent(p, MX_TREE_SUM, first->at, first, NULL)) == NULL)
            return NULL;
        char join = p->token.kind == MX_TOKEN_PLUS ? '+' : '-'; /* a +-b is a - b */
        mx_parser_advance(p);
        mx_tree *term = parse_product(p);
        if (term == NULL)
            return NULL;
        term->join = (uint8_t)join;
        append(tree, &last, term);
    }
    return tree != NULL ? tree : first;
}

int mx_token_relation(mx_token_kind kind)
{
    return kind >= MX_TOKEN_LESS && kind <= MX_TOKEN_UNEQUAL;
}

static mx_tree *parse_comparison(mx_parser *p)
{
    mx_tree *first = mx_parse_sum(p);
    if (first == NULL)
        return NULL;
    if (p->token.kind == MX_TOKEN_IN && p->inside) {
        size_t at = p->token.at;
        mx_parser_advance(p);
        mx_tree *domain = mx_parse_domain(p, 0);
        return domain == NULL ? NULL : parent(p, MX_TREE_MEMBER, at, first, domain);
    }
    if (!mx_token_relation(p->token.kind))
        return first;
    mx_tree *tree = parent(p, MX_TREE_COMPARE, p->token.at, first, NULL), *last = first;
    while (tree != NULL && mx_token_relation(p->token.kind)) {
        int join = p->token.kind;
        mx_parser_advance(p);
        mx_tree *operand = mx_parse_sum(p);
        if (operand == NULL)
            return NULL;
        operand->join = (uint8_t)join;
        append(tree, &last, operand);
    }
    return tree;
}

static mx_tree *parse_not(mx_parser *p)
{
    if (p->token.kind != MX_TOKEN_NOT)
        return parse_comparison(p);
    if (!enter(p))
        return NULL;
    size_t at = p->token.at;
    mx_parser_advance(p);
    mx_tree *operand = parse_not(p);
    leave(p);
    return operand == NULL ? NULL : parent(p, MX_TREE_NOT, at, operand, NULL);
}

static mx_tree *parse_and(mx_parser *p)
{
    mx_tree *first = parse_not(p), *tree = NULL, *last = first;
    while (first != NULL && p->token.kind == MX_TOKEN_AND) {
        if (tree == NULL && (tree = parent(p, MX_TREE_AND, p->token.at, first, NULL)) == NULL)
            return NULL;
        mx_parser_advance(p);
        append(tree, &last, parse_not(p));
    }
    return p->error != MAXENT_OK ? NULL : tree != NULL ? tree : first;
}

static mx_tree *parse_or(mx_parser *p)
{
    mx_tree *first = parse_and(p), *tree = NULL, *last = first;
    while (first != NULL && p->token.kind == MX_TOKEN_OR) {
        if (tree == NULL && (tree = parent(p, MX_TREE_OR, p->token.at, first, NULL)) == NULL)
            return NULL;
        mx_parser_advance(p);
        append(tree, &last, parse_and(p));
    }
    return p->error != MAXENT_OK ? NULL : tree != NULL ? tree : first;
}

/* ---- domains ---- */

mx_tree *mx_parse_range(mx_parser *p, mx_tree *first)
{
    if (first == NULL)
        return NULL;
    size_t at = first->at;
    mx_parser_advance(p); /* .. */
    mx_tree *last = mx_parse_sum(p);
    return last == NULL ? NULL : parent(p, MX_TREE_RANGE, at, first, last);
}

mx_tree *mx_parse_set(mx_parser *p)
{
    if (!enter(p))
        return NULL;
    size_t at = p->token.at;
    int inside = p->inside;
    mx_tree *set = node(p, MX_TREE_SET, at), *last = NULL;
    p->inside = 1;
    mx_parser_advance(p);
    if (p->token.kind != MX_TOKEN_UNBRACE)
        do {
            mx_tree *item = mx_parse_sum(p);
            if (item != NULL && p->token.kind == MX_TOKEN_DOTS)
                item = mx_parse_range(p, item);
            append(set, &last, item);
        } while (p->error == MAXENT_OK && mx_parser_accept(p, MX_TOKEN_COMMA));
    mx_parser_close(p, MX_TOKEN_UNBRACE, "}", "{", at);
    p->inside = inside;
    leave(p);
    return p->error == MAXENT_OK ? set : NULL;
}

/* [a, b], (a, b), [a, b), (a, b]; or, where a range may begin with a parenthesis, (a)..b. */
mx_tree *mx_parse_interval(mx_parser *p)
{
    size_t at = p->token.at;
    int inside = p->inside, open_low = p->token.kind == MX_TOKEN_OPEN;
    p->inside = 1;
    mx_parser_advance(p);
    mx_tree *low = mx_parse_sum(p);
    if (p->error == MAXENT_OK && !mx_parser_accept(p, MX_TOKEN_COMMA))
        mx_parser_expected(p, "',' between the ends of the interval");
    mx_tree *high = mx_parse_sum(p), *tree = NULL;
    if (p->error == MAXENT_OK) {
        int open_high = p->token.kind == MX_TOKEN_CLOSE;
        if (p->token.kind == MX_TOKEN_COMMA)
            mx_parser_fail(p, p->token.at, MAXENT_ERROR_SYNTAX,
                           "an interval has two ends; a list of values is written in braces: {1, 2, 3}");
        else if (!mx_parser_accept(p, MX_TOKEN_CLOSE))
            mx_parser_close(p, MX_TOKEN_UNBRACKET, "]", open_low ? "(" : "[", at);
        tree = high == NULL ? NULL : parent(p, MX_TREE_INTERVAL, at, low, high);
        if (tree != NULL) {
            tree->open_low = (uint8_t)open_low;
            tree->open_high = (uint8_t)open_high;
        }
    }
    p->inside = inside;
    return tree;
}

/* loop: also the name of a variable, for its values. */
mx_tree *mx_parse_domain(mx_parser *p, int loop)
{
    if (p->error != MAXENT_OK)
        return NULL;
    if (p->token.kind == MX_TOKEN_BRACE)
        return mx_parse_set(p);
    if (p->token.kind == MX_TOKEN_BRACKET || p->token.kind == MX_TOKEN_OPEN)
        return mx_parse_interval(p);
    if (!loop && mx_token_is(&p->token, "R")) {
        size_t at = p->token.at;
        mx_parser_advance(p);
        return node(p, MX_TREE_REALS, at);
    }
    if (p->token.kind != MX_TOKEN_NUMBER && p->token.kind != MX_TOKEN_NAME && p->token.kind != MX_TOKEN_MINUS &&
        !(loop && p->token.kind == MX_TOKEN_QUOTED)) {
        mx_parser_expected(p, loop ? "a set {...}, a range 1..n or a variable"
                                   : "a set {...}, a range 1..n, an interval [a, b] or R");
        return NULL;
    }
    mx_tree *first = mx_parse_sum(p);
    if (first == NULL)
        return NULL;
    if (p->token.kind == MX_TOKEN_DOTS)
        return mx_parse_range(p, first);
    if (loop && (first->kind == MX_TREE_NAME || first->kind == MX_TREE_INDEX) && !first->wrapped)
        return first;
    mx_parser_expected(p, "'..' of a range");
    return NULL;
}
