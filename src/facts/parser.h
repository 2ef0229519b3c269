/* Parsing: what the expressions (parser.c) and the statements (statements.c) share. */
#ifndef MX_PARSER_H
#define MX_PARSER_H

#include "facts/lexer.h"

#define MX_NESTING_LIMIT 200 /* brackets, minus signs, powers and `not` inside each other */

typedef struct mx_parser {
    const mx_source *source;  /* all of them */
    size_t current;           /* the one being read */
    mx_lexer lexer;
    mx_pool *pool;
    maxent_diagnostic *diagnostic;
    mx_token token;           /* the next one, not consumed */
    uint32_t last_end;        /* byte after the last consumed token */
    unsigned depth;
    int inside;               /* inside E[...] or an expression: `in` is membership and "+-" is a plus and a minus */
    maxent_error error;
} mx_parser;

/* The first error wins; after it the token is END, so that every loop ends. */
void mx_parser_expected(mx_parser *p, const char *what); /* "expected WHAT, found TOKEN" */
void mx_parser_fail(mx_parser *p, size_t at, maxent_error error, const char *message);
void mx_parser_advance(mx_parser *p);
int mx_parser_accept(mx_parser *p, mx_token_kind kind); /* consumes the token and returns 1 when it is of that kind */
int mx_token_is(const mx_token *token, const char *word);
int mx_token_relation(mx_token_kind kind); /* < <= > >= = != */
/* Consumes the closing bracket of what was opened at byte `opened`. */
void mx_parser_close(mx_parser *p, mx_token_kind kind, const char *closer, const char *opener, size_t opened);
mx_tree *mx_parser_text(mx_parser *p, mx_tree_kind kind); /* the token as a node, consumed */

/* Each consumes what it reads and returns NULL after an error. */
mx_tree *mx_parse_inner(mx_parser *p); /* an expression inside brackets */
mx_tree *mx_parse_sum(mx_parser *p);   /* an expression without comparisons; of a fact: a side */
mx_tree *mx_parse_set(mx_parser *p);
mx_tree *mx_parse_range(mx_parser *p, mx_tree *first);
mx_tree *mx_parse_interval(mx_parser *p);
mx_tree *mx_parse_domain(mx_parser *p, int loop); /* loop: also the name of a variable, for its values */

#endif
