/* Compiling: what the parts of the compiler share. tree -> names and domains -> nodes -> facts -> problem. */
#ifndef MX_COMPILE_H
#define MX_COMPILE_H

#include "base/text.h"
#include "base/watch.h"
#include "data/dictionary.h"
#include "facts/program.h"
#include "facts/tree.h"

#define MX_STATE_LIMIT ((size_t)1 << 28)    /* states of a problem written as text, and numbers of a list file */
#define MX_VARIABLE_LIMIT 65536             /* variables */
#define MX_MOVING_LIMIT 3                   /* variables over an interval or over whole numbers without end */
#define MX_FACT_LIMIT 65536                 /* facts, with the hidden ones */
#define MX_LOOP_LIMIT 8                     /* loop variables of one family */
#define MX_ROUND_LIMIT ((size_t)1 << 20)    /* turns of the loops of one family, those left out by `if` included */
#define MX_LET_LIMIT 1000                   /* levels that expressions nest through let names */
#define MX_STORE_LIMIT ((size_t)2 << 30)    /* bytes of features that are kept in memory */

/* What a name or an expression stands for. */
typedef enum mx_value_kind {
    MX_VALUE_NUMBER,   /* node */
    MX_VALUE_VARIABLE, /* a variable of names */
    MX_VALUE_NAME,     /* one name: text; `variable` is the one it was taken from, or SIZE_MAX */
    MX_VALUE_UNKNOWN   /* a bare word that is not known: perhaps a value of some variable */
} mx_value_kind;

typedef struct mx_value {
    mx_value_kind kind;
    uint32_t node;
    size_t variable;
    const char *text;
    size_t length;
} mx_value;

typedef struct mx_let {
    const mx_statement *statement;
    mx_value value;
    int state;             /* 0: not looked at, 1: being worked out, 2: known */
} mx_let;

/* A name of the problem. */
typedef struct mx_entry {
    enum { MX_ENTRY_VARIABLE, MX_ENTRY_ARRAY, MX_ENTRY_LET } kind;
    const char *text;      /* [length], in the source or in a variable's name */
    size_t length;
    size_t index;          /* of the variable (of the first of an array), of the let */
    long first, last;      /* ARRAY: s[first .. last] */
} mx_entry;

/* A loop variable's value now. */
typedef struct mx_turn {
    const mx_tree *name;
    mx_value value;        /* NUMBER or NAME */
    double number;
} mx_turn;

/* Sums over the states under the observed weights, worked out when first asked for. */
typedef struct mx_average {
    uint32_t node;
    double value;
    double size;           /* largest |value of the node| where the weight is positive */
    int exact;             /* the value is exact */
    int known;
} mx_average;

/* One fact before it becomes a column of features. */
typedef struct mx_draft {
    char *text;
    const mx_tree *at;     /* for messages */
    uint32_t node;         /* the feature */
    uint32_t given;        /* the event that it is conditional on, or MX_NO_NODE */
    double lower, upper, sd, shift, target_error;
} mx_draft;

typedef struct mx_compile {
    const mx_source *source;
    size_t sources;
    const char *directory;
    maxent_diagnostic *diagnostic;
    maxent_error error;    /* the first one */
    size_t state_limit;    /* most states; MX_STATE_LIMIT but in tests */
    mx_watch *watch;       /* whose time it is, or NULL */
    mx_pool pool;
    mx_statement *statement;

    mx_entry *entry;       /* [entries] */
    size_t entries, entry_capacity;
    uint32_t *slot;        /* [slots] hash table of entry + 1; NULL while there are few */
    size_t slots;
    mx_let *let;
    size_t lets;
    mx_support support;
    int table;             /* the support is a table */
    size_t moving;         /* variables over an interval or over whole numbers without end; > 0: the problem is a field */
    int constants_only;    /* variables may not be used: the support is being made */
    mx_dictionary **levels;/* [leveled] the names of each variable, made when there are many */
    size_t leveled;

    mx_graph graph;
    unsigned depth;
    mx_turn turn[MX_LOOP_LIMIT];
    size_t turns;

    double *q;             /* prior, or NULL */
    uint32_t log_prior;    /* moving > 0: node of the log of the prior */
    double *weight;        /* observed weights as given, or NULL: 1 for every state */
    int observed;          /* there is an observed statement */
    mx_average *average;
    size_t averages, average_capacity;
    int pending;           /* some average is not known yet */

    mx_draft *draft;
    size_t drafts, draft_capacity;
} mx_compile;

/* Remembers the first error, at a place in the text; names the loop variables' values. Returns 0. */
int mx_compile_fail(mx_compile *compile, const mx_tree *at, maxent_error error, const char *format, ...) MX_PRINTF(4, 5);
int mx_compile_memory(mx_compile *compile); /* out of memory; returns 0 */
/* Is the time over, after a piece of work that went from `before` to `after` values? Then the error is set. */
int mx_compile_late(mx_compile *compile, size_t before, size_t after);
/* What passes over the states return from their mx_emit when the time is over; and the error of such a pass, returns 0. */
#define MX_COMPILE_STOP 3
int mx_compile_pass_failed(mx_compile *compile, int stop);

/* ---- names.c ---- */

/* Adds a name; 0 when it is there already or there is no memory (the error is set). */
int mx_names_add(mx_compile *compile, const mx_tree *at, const mx_entry *entry);
const mx_entry *mx_names_find(const mx_compile *compile, const char *text, size_t length); /* NULL: unknown */
/* Level of a name among those of a variable of names, SIZE_MAX: none. */
size_t mx_names_level(mx_compile *compile, size_t variable, const char *text, size_t length);
int mx_names_reserved(const char *text, size_t length); /* 1: a constant or a keyword */
int mx_names_constant(const char *text, size_t length, mx_dd *value); /* pi, e, inf */
int mx_names_unknown(mx_compile *compile, const mx_tree *at); /* the error, with the nearest name; returns 0 */
int mx_names_unknown_level(mx_compile *compile, const mx_tree *at, size_t variable, const char *text, size_t length);
int mx_names_unknown_function(mx_compile *compile, const mx_tree *at);

/* ---- check.c: tree -> nodes. 0 or MX_NO_NODE: the error is set. ---- */

int mx_check_value(mx_compile *compile, const mx_tree *tree, mx_value *out);
uint32_t mx_check_number(mx_compile *compile, const mx_tree *tree);
uint32_t mx_check_event(mx_compile *compile, const mx_tree *tree);
/* A constant; what: "a bound", for the message. decimal may be NULL. */
int mx_check_constant(mx_compile *compile, const mx_tree *tree, const char *what, mx_dd *value, int *decimal);
/* The same, a whole number of at most 2^53. */
int mx_check_whole(mx_compile *compile, const mx_tree *tree, const char *what, double *value);

/* ---- domain.c: declarations, tables -> support ---- */

int mx_domain_lets(mx_compile *compile);
int mx_domain_support(mx_compile *compile);
/* Whether a set {...} holds names (1) or numbers (0); -1: both, the error is set. */
int mx_domain_names(mx_compile *compile, const mx_tree *set);

/* ---- lists.c ---- */

/* Numbers from a file: separated by blanks, commas or semicolons, # comments. decimal: [*count] as mx_node; may be NULL. */
maxent_error mx_list_read(const char *path, mx_watch *watch, double **out, unsigned char **decimal, size_t *count,
                          maxent_diagnostic *diagnostic);
/* The same from text. */
maxent_error mx_list_parse(const mx_source *source, mx_watch *watch, double **out, unsigned char **decimal, size_t *count,
                           maxent_diagnostic *diagnostic);
/* The numbers of {...} or of "file", at most `limit`: to be freed with mx_free. */
int mx_list_values(mx_compile *compile, const mx_tree *tree, size_t limit, double **out, unsigned char **decimal, size_t *count);
char *mx_list_path(const mx_compile *compile, const mx_tree *name); /* NULL: no memory */

/* ---- facts.c ---- */

int mx_facts_expand(mx_compile *compile);

/* ---- observed.c ---- */

int mx_observed_measures(mx_compile *compile); /* prior and observed statements -> q, weight */
/* The average of a node under the observed weights; value NaN and compile->pending while it is not known. 0: the error is set. */
int mx_observed_average(mx_compile *compile, uint32_t node, mx_average *out);
int mx_observed_update(mx_compile *compile); /* works out all that are pending, in one pass */

/* ---- text.c ---- */

/* maxent_problem_from_text and its sisters; state_limit: most states that are accepted; watch: whose time it is, or NULL. */
maxent_error mx_compile_sources(const mx_source *source, size_t sources, const char *directory, size_t state_limit, mx_watch *watch,
                                maxent_problem **out, maxent_diagnostic *diagnostic);

/* ---- store.c ---- */

int mx_store_problem(mx_compile *compile, maxent_problem **out);
/* " x = 1, y = rainy" of a state, for messages. */
void mx_store_state(const mx_support *support, size_t x, char *out, size_t size);

#endif
