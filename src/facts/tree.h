/* The tree of a problem as it was written: statements and expressions, before any name has a meaning. */
#ifndef MX_TREE_H
#define MX_TREE_H

#include "base/text.h"
#include "facts/source.h"

#include <stdint.h>

/* ---- memory that is freed all at once ---- */

typedef struct mx_pool {
    struct mx_pool_chunk *chunk;
    char *next;
    size_t left;
} mx_pool;

void *mx_pool_alloc(mx_pool *pool, size_t size); /* zeroed, aligned for doubles and pointers; NULL: no memory */
void mx_pool_free(mx_pool *pool);

/* ---- expressions ---- */

typedef enum mx_tree_kind {
    MX_TREE_NUMBER,     /* number, exact */
    MX_TREE_NAME,       /* text; quoted: it stood in backquotes and is never a keyword or a constant */
    MX_TREE_STRING,     /* text, without the quotes */
    MX_TREE_SUM,        /* children, each with join '+' or '-' */
    MX_TREE_PRODUCT,    /* children, each with join '*' or '/' */
    MX_TREE_NEGATE,     /* child */
    MX_TREE_POWER,      /* base, exponent */
    MX_TREE_COMPARE,    /* a chain: children, each but the first with join MX_TOKEN_LESS ... */
    MX_TREE_AND,        /* children */
    MX_TREE_OR,         /* children */
    MX_TREE_NOT,        /* child */
    MX_TREE_CALL,       /* text = the function, children = its arguments */
    MX_TREE_INDEX,      /* text = the variable, child = the index */
    MX_TREE_MEMBER,     /* expression, domain: x in {1, 2} */
    MX_TREE_EXPECT,     /* E[child] or E[child | second child] */
    MX_TREE_CHANCE,     /* P[...], likewise */
    MX_TREE_VARIANCE,   /* Var[child] */
    MX_TREE_COVARIANCE, /* Cov[child, child] */
    /* domains and right-hand sides */
    MX_TREE_SET,        /* {children}: expressions, names, ranges */
    MX_TREE_RANGE,      /* first .. last */
    MX_TREE_INTERVAL,   /* [low, high]; open_low, open_high */
    MX_TREE_REALS,      /* R */
    MX_TREE_OBSERVED    /* the word `observed` */
} mx_tree_kind;

typedef struct mx_tree {
    uint8_t kind;
    uint8_t join;       /* how it is joined to the child before it */
    uint8_t wrapped;    /* stood in parentheses */
    uint8_t quoted;
    uint8_t exact;      /* number: the double is the decimal as written */
    uint8_t open_low, open_high;
    uint16_t source;
    uint32_t at;        /* byte offset of its first token (of its operator, for POWER and COMPARE) */
    uint32_t length;    /* bytes of text; for a number, of its token */
    uint32_t count;     /* children */
    union {
        double number;
        const char *text; /* [length], not NUL-terminated */
    } value;
    struct mx_tree *child; /* first */
    struct mx_tree *next;  /* sibling */
} mx_tree;

/* ---- statements ---- */

typedef enum mx_statement_kind {
    MX_STATEMENT_DECLARE,  /* name [index] in domain */
    MX_STATEMENT_STATES,   /* states "file" */
    MX_STATEMENT_PRIOR,    /* prior value */
    MX_STATEMENT_OBSERVED, /* observed value */
    MX_STATEMENT_LET,      /* let name = value */
    MX_STATEMENT_FACT
} mx_statement_kind;

typedef struct mx_loop {
    mx_tree *name;
    mx_tree *domain; /* RANGE, SET, or NAME of a variable */
    struct mx_loop *next;
} mx_loop;

typedef struct mx_statement {
    mx_statement_kind kind;
    uint16_t source;
    uint32_t at;
    mx_tree *name;      /* DECLARE, LET */
    mx_tree *index;     /* DECLARE: the range of s[1..20], else NULL */
    mx_tree *value;     /* DECLARE: domain; STATES: file; PRIOR, OBSERVED, LET: expression, SET or STRING */
    mx_tree *side;      /* FACT: two or more sides in a list, each but the first with join = relation (or MX_TOKEN_IN) */
    mx_tree *soft;      /* FACT: after +-, or NULL */
    mx_loop *loop;      /* FACT: or NULL */
    mx_tree *filter;    /* FACT: after if, or NULL */
    struct mx_statement *next;
} mx_statement;

/* Reads all sources into a list of statements, in order. Memory comes from the pool. */
maxent_error mx_parse(const mx_source *source, size_t sources, mx_pool *pool, mx_statement **out,
                      maxent_diagnostic *diagnostic);

/* ---- printing ---- */

/* What to write instead of a name: a loop variable's value. Returns 0 to write the name itself. */
typedef int (*mx_tree_substitute)(void *user, const mx_tree *name, mx_buffer *out);

/* Writes an expression with normal spacing, loop variables replaced, and the index of an indexed variable worked out by
 * `index` (returns 0 when it cannot be). */
typedef int (*mx_tree_index)(void *user, const mx_tree *index, double *value);
void mx_tree_print(const mx_tree *tree, const mx_source *source, mx_tree_substitute substitute, mx_tree_index index,
                   void *user, mx_buffer *out);

#endif
