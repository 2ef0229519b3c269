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

typedef enum mx_extent {
    MX_LISTED,         /* the values below */
    MX_REAL,           /* every real number of lower .. upper */
    MX_WHOLE           /* every whole number of lower .. upper, one end or both infinite */
} mx_extent;

typedef struct mx_variable {
    char *name;
    mx_extent extent;
    double lower, upper; /* REAL, WHOLE: the ends, may be infinite; whether an end belongs to it makes no difference to an integral */
    int named;         /* 1: its values are labels, 0: numbers */
    size_t levels;     /* number of distinct values listed in `label` or `number`; 0 for a numeric column of a table */
    char **label;      /* [levels] when named, else NULL */
    double *number;    /* product: [levels] values; table: [n] value in each row; NULL when named */
    const double *low; /* table: [n] what is to be added to number, far below its last place; NULL: 0. Only mx_problem_at has it */
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

/* Values that are expressions of the variables, at points handed over: see mx_problem_at. */
typedef struct mx_field mx_field;

struct maxent_problem {
    size_t n, k;       /* n = 0: some variable is REAL or WHOLE, and there are no states until nodes are laid (mx_problem_at) */
    mx_support support;
    mx_features features;
    double *q;         /* [n] prior, or NULL: 1 for every state */
    double *logq;      /* [n] log of the prior, -inf where it is zero: what mx_problem_at makes instead of q; else NULL */
    mx_field *field;   /* n = 0: features, log prior, and where they bend, as programs; else NULL */
    mx_fact *fact;     /* [k] */
    char *source;      /* the text it was compiled from, or NULL */
    int masked;        /* 1: some feature has no finite value where q was 0; it is stored as 0 there, and q must stay 0 */
};

/* out: row-major [count][k]. Returns 0, or non-zero when the callback failed. Thread-safe. */
int mx_features_block(const maxent_problem *problem, size_t first, size_t count, double *out);
/* The same in double-double (lo = 0 where the doubles are exact). */
int mx_features_block_dd(const maxent_problem *problem, size_t first, size_t count, double *hi, double *lo);

/* ---- continuous and countable supports: the problem on points ---- */

/* Points of a support: each variable's value in each. REAL and WHOLE: the number value[v][j] + low[v][j], where low (NULL: 0) may be
 * as small as it likes, so that 1 - x keeps its digits next to 1; LISTED: the number, or the level when it is named (low NULL).
 * A WHOLE variable may be given values between whole numbers: sums over long ranges are taken by nodes. */
typedef struct mx_points {
    size_t n;
    const double *const *value; /* [variables][n] */
    const double *const *low;   /* [variables][n], any may be NULL; or NULL */
} mx_points;

/* hi + lo: [n][k] row-major, the features at the points, in double-double; lo NULL: in doubles, several times faster, and the low
 * parts of the points count for nothing; hi NULL: none. logq: [n] natural logarithm of the prior (of 1 when there is none, -inf where
 * it is zero, NaN where it is negative or undefined), or NULL; in doubles where the features are, else in double-double, rounded.
 * Values are written as they come, not finite ones too. In double-double a jump is where value + low has it. Returns 0; -1 when there
 * is no memory. Thread-safe. */
int mx_field_values(const maxent_problem *problem, const mx_points *points, double *hi, double *lo, double *logq);

/* The log of the prior alone, in double-double: hi + lo, [n] each. Where it is not finite, lo may be anything. */
int mx_field_prior(const maxent_problem *problem, const mx_points *points, double *hi, double *lo);

/* Where features and prior may bend, jump or be singular: cut c is where an expression is zero (MX_CUT_ZERO) or a whole number
 * (MX_CUT_WHOLE), such as x - 3 for x <= 3, x for abs(x) and log(x), 2 x for floor(2 x), a - b for min(a, b). No cut is a
 * constant. out: [n][cuts] row-major. */
typedef enum mx_cut { MX_CUT_ZERO, MX_CUT_WHOLE } mx_cut;
size_t mx_field_cuts(const maxent_problem *problem);
mx_cut mx_field_cut(const maxent_problem *problem, size_t c);
int mx_field_cut_values(const maxent_problem *problem, const mx_points *points, double *out);
int mx_field_cut_values_exact(const maxent_problem *problem, const mx_points *points, double *hi, double *lo); /* to about 30 digits */

/* Expressions near whose zeros and extremes features and prior may change quickly: a for exp(a), 1/a, log(a), and what is 0 at cuts.
 * out: [n][arguments] row-major, in doubles. */
size_t mx_field_arguments(const maxent_problem *problem);
int mx_field_argument_values(const maxent_problem *problem, const mx_points *points, double *out);

/* Whether a feature is a polynomial of the variables, as the tree shows: 1 and its coefficients for one variable, coefficient[d] of
 * x^d for d in 0 .. *degree, to be freed; 0: it is none, or there are several variables; -1: no memory. i = k: the log prior. */
int mx_field_polynomial(const maxent_problem *problem, size_t i, double **coefficient, size_t *degree);

/* Whether a feature is a polynomial T or L of slope x + offset, as the tree shows; x itself and its like are both, of degree 1. */
typedef enum mx_orthogonal_family { MX_ORTHOGONAL_EITHER, MX_ORTHOGONAL_CHEBYSHEV, MX_ORTHOGONAL_LEGENDRE } mx_orthogonal_family;
typedef struct mx_orthogonal {
    mx_orthogonal_family family;
    size_t degree;
    double slope[2], offset[2]; /* high and low parts */
} mx_orthogonal;
int mx_field_orthogonal(const maxent_problem *problem, size_t i, mx_orthogonal *out); /* 1: it is; 0: not, or several variables */

/* sum_v a[v] x_v = b over the variables. */
enum { MX_EQUATION_VARIABLES = 16 };
typedef struct mx_equation {
    double a[MX_EQUATION_VARIABLES], b;
} mx_equation;

/* Equations of REAL and WHOLE variables that hold wherever feature i is at its least (side 1) or largest (-1) value, as far as the tree
 * shows them. Returns how many, at most `most`. *complete: 1: it is at that value wherever they hold. */
size_t mx_field_extreme(const maxent_problem *problem, size_t i, int side, mx_equation *out, size_t most, int *complete);

/* The problem with the prior 0 wherever a feature with side[i] != 0 is not at the upper (side 1) or lower (-1) bound of its fact, and that
 * fact only watched. It shares all else with the problem, which must outlive it. side: [k]. Errors: MEMORY. */
maxent_error mx_problem_bar(const maxent_problem *problem, const signed char *side, maxent_problem *barred);
/* Has no mass at combinations of listed variables with shut[combination] != 0, the last variable running fastest; shut outlives it. */
void mx_problem_shut(maxent_problem *barred, unsigned char *shut);
/* What rules mass out there leaves single whole numbers between others: to be looked at number by number. */
void mx_problem_comb(maxent_problem *barred);
int mx_field_comb(const maxent_problem *problem);
int mx_field_barred(const maxent_problem *problem); /* 1: it is one of these */
void mx_problem_unbar(maxent_problem *barred); /* frees what it does not share */

/* The problem with x_v = 2^axis[v] x'_v and f_i = 2^fact[i] f'_i, whose supports and facts are out's; axis: [variables], 0 for all that are
 * not REAL. It shares names and texts with the problem, which must outlive it; so must out itself its field. Errors: MEMORY. */
maxent_error mx_problem_rescale(const maxent_problem *problem, const int *axis, const int *fact, maxent_problem *out);
void mx_problem_rescale_free(maxent_problem *rescaled); /* frees what it does not share */

void mx_field_free(mx_field *field);

/* An empty problem of n states and k equality facts with text NULL and target 0; NULL: no memory. */
maxent_problem *mx_problem_new(size_t n, size_t k);

#endif
