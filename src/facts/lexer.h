/* Tokens of the facts language. */
#ifndef MX_LEXER_H
#define MX_LEXER_H

#include "facts/tree.h"

typedef enum mx_token_kind {
    MX_TOKEN_END,       /* of the source */
    MX_TOKEN_LINE,      /* end of a statement: a newline outside brackets, or ';' */
    MX_TOKEN_NUMBER,
    MX_TOKEN_NAME,      /* also the keywords */
    MX_TOKEN_QUOTED,    /* `name` */
    MX_TOKEN_STRING,    /* "text" */
    MX_TOKEN_PLUS,
    MX_TOKEN_MINUS,
    MX_TOKEN_TIMES,
    MX_TOKEN_DIVIDE,
    MX_TOKEN_POWER,
    MX_TOKEN_LESS,
    MX_TOKEN_AT_MOST,
    MX_TOKEN_GREATER,
    MX_TOKEN_AT_LEAST,
    MX_TOKEN_EQUAL,
    MX_TOKEN_UNEQUAL,
    MX_TOKEN_PLUS_MINUS,
    MX_TOKEN_BAR,
    MX_TOKEN_COMMA,
    MX_TOKEN_DOTS,
    MX_TOKEN_OPEN,      /* ( */
    MX_TOKEN_CLOSE,     /* ) */
    MX_TOKEN_BRACKET,   /* [ */
    MX_TOKEN_UNBRACKET, /* ] */
    MX_TOKEN_BRACE,     /* { */
    MX_TOKEN_UNBRACE,   /* } */
    MX_TOKEN_IN,        /* keywords */
    MX_TOKEN_AND,
    MX_TOKEN_OR,
    MX_TOKEN_NOT,
    MX_TOKEN_FOR,
    MX_TOKEN_IF
} mx_token_kind;

typedef struct mx_token {
    mx_token_kind kind;
    uint8_t exact;       /* number: the double is the decimal */
    uint8_t after_line;  /* a newline (inside brackets) came before it */
    uint8_t ascii_pm;    /* PLUS_MINUS written "+-" */
    uint32_t at;
    uint32_t end;        /* byte after it */
    uint32_t length;     /* of text */
    double number;
    const char *text;    /* NAME, QUOTED, STRING: what is inside */
} mx_token;

typedef struct mx_lexer {
    const mx_source *source;
    mx_pool *pool;       /* for strings with escapes */
    maxent_diagnostic *diagnostic;
    size_t position;
    size_t nesting;      /* open brackets: newlines inside them are spaces */
} mx_lexer;

maxent_error mx_lexer_next(mx_lexer *lexer, mx_token *token);

#endif
