/* The problem inside the library: what a support, a feature source and a fact look like to every stage after this one.
 *
 * A problem is n states, k features and k facts. The states of a text problem have variables with values; those of an array
 * or a callback are bare numbers 0..n-1. Features are never assumed to be in memory: `mx_features` says how to get them.
 */
#ifndef MX_PROBLEM_H
#define MX_PROBLEM_H

#include <maxent/problem.h>
#include <stdint.h>

/* ---- support ---- */

typedef struct mx_variable {
    char *name;
    int named;         /* 1: its values are labels, 0: numbers */
    size_t levels;     /* number of distinct values listed in `label` or `number`; 0 for a numeric column of a table */
    char **label;      /* [levels] when named, else NULL */
    double *number;    /* product: [levels] values; table: [n] value in each row; NULL when named */
    uint32_t *code;    /* table and named: [n] level of each row; else NULL */
    size_t stride;     /* product: level of state x is (x / stride) % levels; table: 0 */
} mx_variable;

typedef struct mx_support {
    size_t n;          /* states */
    size_t variables;
    mx_variable *variable; /* [variables]; NULL for arrays and callbacks */
} mx_support;

/* out[j] = value of variable v in state first + j: the number, or the level as a number when its values are names. */
void mx_support_column(const mx_support *support, size_t v, size_t first, size_t count, double *out);
/* Level (for a named variable or a product) of variable v in state x. */
size_t mx_support_level(const mx_support *support, size_t v, size_t x);
void mx_support_free(mx_support *support); /* frees what it owns, not the struct */

/* ---- features ---- */

typedef enum mx_storage {
    MX_STORE_F64,      /* F64[x * state_stride + i * feature_stride] */
    MX_STORE_I8,       /* I8[x * k + i] */
    MX_STORE_FILL      /* computed: fill(user, first, count, out) */
} mx_storage;

/* As maxent_fill; additionally may compute in double-double: hi + lo, row-major [count][k]. */
typedef int (*mx_fill_dd)(void *user, size_t first, size_t count, double *hi, double *lo);

typedef struct mx_features {
    mx_storage storage;
    const double *f64;         /* MX_STORE_F64 */
    size_t state_stride;
    size_t feature_stride;
    const signed char *i8;     /* MX_STORE_I8 */
    maxent_fill fill;          /* MX_STORE_FILL */
    mx_fill_dd fill_dd;        /* the same to about 30 digits, whatever the storage; NULL: the doubles are exact */
    void *user;
    void (*free_user)(void *user); /* NULL: not owned */
    void *owned;               /* array to free with the problem: storage that belongs to it; NULL: the caller's */
} mx_features;

/* ---- facts ---- */

typedef struct mx_fact {
    char *text;        /* as the user wrote it */
    double lower;      /* bounds on E[f]; equal: an equality; -inf, inf: only watched */
    double upper;
    double sd;         /* > 0: soft, centred on lower == upper */
    /* A conditional fact E[g | B] = c is stored as E[1_B (g - c)] = 0 with shift = c; `given` is the index of the watched
     * feature 1_B. Reported value: shift + E[f] / E[given]. Otherwise given = SIZE_MAX and shift = 0. */
    double shift;
    size_t given;
    int hidden;        /* 1: a watched helper (the `given` of another fact), not shown to the user */
    double target_error; /* half-width of what is not known of the bound by rounding: 2^-53 |bound| for a decimal, 0 if exact */
} mx_fact;

struct maxent_problem {
    size_t n, k;
    mx_support support;
    mx_features features;
    double *q;         /* [n] prior, or NULL: 1 for every state */
    mx_fact *fact;     /* [k] */
    char *source;      /* the text it was compiled from, or NULL */
    int masked;        /* 1: some feature has no finite value where q was 0; it is stored as 0 there, and q must stay 0 */
};

/* out: row-major [count][k]. Returns 0, or non-zero when the callback failed. Thread-safe. */
int mx_features_block(const maxent_problem *problem, size_t first, size_t count, double *out);
/* The same in double-double (lo = 0 where the doubles are exact). */
int mx_features_block_dd(const maxent_problem *problem, size_t first, size_t count, double *hi, double *lo);

/* An empty problem of n states and k equality facts with text NULL and target 0; NULL: no memory. */
maxent_problem *mx_problem_new(size_t n, size_t k);

#endif
