/* Statements, by recursive descent over the tokens; expressions and domains are in parser.c.
 *
 *     problem    = statement { newline-or-; statement }
 *     statement  = name [ "[" range "]" ] "in" domain | "states" string | "prior" value | "observed" value
 *                | "let" name "=" expression | fact
 *     fact       = side relation right { relation right } [ "+-" right ] [ loops ]   |   side "in" interval [ loops ]
 *     right      = side | set | string | "observed"
 *     loops      = "for" name "in" domain { "," name "in" domain } [ "if" expression ]
 *
 * A statement that begins with a name and `in`, or a name and an index, is a declaration; everything that no keyword begins is a
 * fact.
 */
#include "facts/parser.h"

#include <string.h>

/* A set, a file name, `observed` (for facts), or an expression or side. */
static mx_tree *parse_right(mx_parser *p, int fact)
{
    if (p->token.kind == MX_TOKEN_BRACE)
        return mx_parse_set(p);
    if (p->token.kind == MX_TOKEN_STRING)
        return mx_parser_text(p, MX_TREE_STRING);
    if (fact && mx_token_is(&p->token, "observed"))
        return mx_parser_text(p, MX_TREE_OBSERVED);
    return fact ? mx_parse_sum(p) : mx_parse_inner(p);
}

static void parse_loops(mx_parser *p, mx_statement *s)
{
    mx_loop **link = &s->loop;
    do {
        mx_loop *loop = mx_pool_alloc(p->pool, sizeof *loop);
        if (loop == NULL) {
            p->error = mx_fail(p->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
            return;
        }
        if (p->token.kind != MX_TOKEN_NAME) {
            mx_parser_expected(p, "the name of a loop variable");
            return;
        }
        loop->name = mx_parser_text(p, MX_TREE_NAME);
        if (p->error == MAXENT_OK && !mx_parser_accept(p, MX_TOKEN_IN))
            mx_parser_expected(p, "'in' after the loop variable");
        loop->domain = mx_parse_domain(p, 1);
        *link = loop;
        link = &loop->next;
    } while (p->error == MAXENT_OK && mx_parser_accept(p, MX_TOKEN_COMMA));
    if (p->error == MAXENT_OK && mx_parser_accept(p, MX_TOKEN_IF))
        s->filter = mx_parse_inner(p);
}

static void parse_fact(mx_parser *p, mx_statement *s)
{
    s->side = mx_parse_sum(p);
    mx_tree *last = s->side;
    if (last == NULL)
        return;
    if (p->token.kind == MX_TOKEN_IN) {
        mx_parser_advance(p);
        if (p->error == MAXENT_OK && p->token.kind != MX_TOKEN_BRACKET && p->token.kind != MX_TOKEN_OPEN) {
            mx_parser_expected(p, "an interval [a, b]");
            return;
        }
        last->next = mx_parse_interval(p);
        if (last->next != NULL)
            last->next->join = MX_TOKEN_IN;
    } else if (mx_token_relation(p->token.kind)) {
        while (p->error == MAXENT_OK && mx_token_relation(p->token.kind)) {
            int join = p->token.kind;
            if (join == MX_TOKEN_LESS || join == MX_TOKEN_GREATER) {
                mx_parser_fail(p, p->token.at, MAXENT_ERROR_SYNTAX,
                               join == MX_TOKEN_LESS ? "a fact has closed bounds: write '<=' for '<'"
                                                     : "a fact has closed bounds: write '>=' for '>'");
                return;
            }
            if (join == MX_TOKEN_UNEQUAL) {
                mx_parser_fail(p, p->token.at, MAXENT_ERROR_SYNTAX, "expected '=', '<=', '>=' or 'in' in a fact, found '!='");
                return;
            }
            mx_parser_advance(p);
            mx_tree *right = parse_right(p, 1);
            if (right == NULL)
                return;
            right->join = (uint8_t)join;
            last->next = right;
            last = right;
        }
    } else {
        mx_parser_expected(p, "'=', '<=', '>=' or 'in' after the left side of a fact");
        return;
    }
    if (p->error == MAXENT_OK && mx_parser_accept(p, MX_TOKEN_PLUS_MINUS))
        s->soft = parse_right(p, 1);
    if (p->error == MAXENT_OK && mx_parser_accept(p, MX_TOKEN_FOR))
        parse_loops(p, s);
}

/* name in ... or name[...] in ...: a declaration, which no fact can look like. Looks ahead without consuming. */
static int is_declaration(const mx_parser *p)
{
    if (p->token.kind != MX_TOKEN_NAME && p->token.kind != MX_TOKEN_QUOTED)
        return 0;
    mx_lexer ahead = p->lexer;
    ahead.diagnostic = NULL;
    mx_token next;
    if (mx_lexer_next(&ahead, &next) != MAXENT_OK)
        return 0;
    if (next.kind == MX_TOKEN_IN)
        return 1;
    return next.kind == MX_TOKEN_BRACKET && !mx_token_is(&p->token, "E") && !mx_token_is(&p->token, "P") &&
           !mx_token_is(&p->token, "Var") && !mx_token_is(&p->token, "Cov");
}

static void parse_declaration(mx_parser *p, mx_statement *s)
{
    s->kind = MX_STATEMENT_DECLARE;
    s->name = mx_parser_text(p, MX_TREE_NAME);
    size_t open = p->token.at;
    if (mx_parser_accept(p, MX_TOKEN_BRACKET)) {
        mx_tree *first = mx_parse_inner(p);
        if (p->error == MAXENT_OK && p->token.kind != MX_TOKEN_DOTS)
            mx_parser_expected(p, "the '..' of an index range, as in s[1..20] (facts begin with E[ or P[)");
        s->index = p->error == MAXENT_OK ? mx_parse_range(p, first) : NULL;
        mx_parser_close(p, MX_TOKEN_UNBRACKET, "]", "[", open);
    }
    if (p->error == MAXENT_OK && !mx_parser_accept(p, MX_TOKEN_IN))
        mx_parser_expected(p, "'in' after the variable");
    s->value = mx_parse_domain(p, 0);
}

/* The word begins a statement unless the next token makes it a name (prior in {1, 2}). */
static void parse_statement(mx_parser *p, mx_statement *s)
{
    s->source = (uint16_t)p->current;
    s->at = p->token.at;
    p->inside = 0;
    if (is_declaration(p)) {
        parse_declaration(p, s);
    } else if (mx_token_is(&p->token, "states")) {
        s->kind = MX_STATEMENT_STATES;
        mx_parser_advance(p);
        if (p->token.kind == MX_TOKEN_STRING)
            s->value = mx_parser_text(p, MX_TREE_STRING);
        else
            mx_parser_expected(p, "a file name in double quotes after 'states'");
    } else if (mx_token_is(&p->token, "prior") || mx_token_is(&p->token, "observed")) {
        s->kind = mx_token_is(&p->token, "prior") ? MX_STATEMENT_PRIOR : MX_STATEMENT_OBSERVED;
        mx_parser_advance(p);
        s->value = p->error == MAXENT_OK ? parse_right(p, 0) : NULL;
    } else if (mx_token_is(&p->token, "let")) {
        s->kind = MX_STATEMENT_LET;
        mx_parser_advance(p);
        if (p->token.kind != MX_TOKEN_NAME && p->token.kind != MX_TOKEN_QUOTED) {
            mx_parser_expected(p, "a name after 'let'");
            return;
        }
        s->name = mx_parser_text(p, MX_TREE_NAME);
        if (p->error == MAXENT_OK && !mx_parser_accept(p, MX_TOKEN_EQUAL))
            mx_parser_expected(p, "'=' after the name");
        s->value = p->error == MAXENT_OK ? mx_parse_inner(p) : NULL;
    } else {
        s->kind = MX_STATEMENT_FACT;
        parse_fact(p, s);
    }
}

maxent_error mx_parse(const mx_source *source, size_t sources, mx_pool *pool, mx_statement **out, maxent_diagnostic *diagnostic)
{
    mx_parser p = {.source = source, .pool = pool, .diagnostic = diagnostic};
    mx_statement *first = NULL, **link = &first;
    for (p.current = 0; p.current < sources; p.current++) {
        p.lexer = (mx_lexer){.source = &source[p.current], .pool = pool, .diagnostic = diagnostic};
        p.token = (mx_token){0};
        p.error = mx_source_check(&source[p.current], diagnostic);
        mx_parser_advance(&p);
        while (p.error == MAXENT_OK) {
            while (mx_parser_accept(&p, MX_TOKEN_LINE))
                continue;
            if (p.error != MAXENT_OK || p.token.kind == MX_TOKEN_END)
                break;
            mx_statement *s = mx_pool_alloc(pool, sizeof *s);
            if (s == NULL)
                return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
            parse_statement(&p, s);
            if (p.error == MAXENT_OK && p.token.kind != MX_TOKEN_LINE && p.token.kind != MX_TOKEN_END) {
                int fact = s->kind == MX_STATEMENT_FACT && s->loop == NULL;
                mx_parser_expected(&p, fact ? "the end of the statement, '+-' or 'for'" : "the end of the statement");
            }
            *link = s;
            link = &s->next;
        }
        if (p.error != MAXENT_OK)
            return p.error;
    }
    *out = first;
    return MAXENT_OK;
}
