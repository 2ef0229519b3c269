/* Measuring a file: quantities, written as in a textbook, of the columns of a CSV file. */
#ifndef MAXENT_MEASURE_H
#define MAXENT_MEASURE_H

#include <maxent/entropy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What to do with a missing value: an empty field, or one of NA, N/A, NaN, nan, NULL, null without quotes. */
typedef enum maxent_missing {
    MAXENT_MISSING_ERROR,   /* refuse the file, with the place */
    MAXENT_MISSING_DROP,    /* leave out rows with one in a column that is used */
    MAXENT_MISSING_CATEGORY /* a level of its own; columns of numbers that are not whole are refused */
} maxent_missing;

typedef struct maxent_measure_options {
    const char *estimator;    /* a word of MAXENT_ESTIMATORS, MAXENT_SPACINGS, MAXENT_KNN_INFORMATIONS, MAXENT_KNN_CONDITIONALS, "knn" or
                                 "ross"; NULL: plug-in for discrete columns; for continuous ones what maxent_measure_file says */
    maxent_estimate_options counts; /* cells: only for H of one set; 0: the product of the levels that occur in each column */
    size_t k;                 /* neighbours; default 3 */
    size_t window;            /* of the spacings; 0: floor(sqrt(n) + 1/2) */
    const char *weight;       /* column of weights >= 0 (counts of equal rows), or NULL; discrete columns only */
    maxent_missing missing;
    char delimiter;           /* 0: tab for names in .tsv or .tab, else comma */
    const char *const *discrete;   /* [discretes] columns whose distinct values are categories whatever they look like */
    size_t discretes;
    const char *const *continuous; /* [continuouses] columns that are continuous though their values are whole numbers */
    size_t continuouses;
    int probabilities;        /* non-zero: each column holds the probabilities of a distribution, one row an outcome */
    int normalize;            /* non-zero: columns of probabilities are divided by their sum */
    size_t replicates;        /* of the bootstrap for the intervals; 0: none */
    double level;             /* of the intervals; default 0.95 */
    size_t permutations;      /* of the test of I(A; B | C) = 0; 0: none */
    uint64_t seed;            /* of both; default 1 */
    int threads;              /* 0: as many as the machine offers */
} maxent_measure_options;

MAXENT_API void maxent_measure_options_init(maxent_measure_options *options);

typedef struct maxent_measured {
    double value;          /* nats, or a pure number */
    int pure;              /* 1: a pure number (perplexity, redundancy, Tsallis): no unit, no base */
    char estimator[24];    /* its word; "given" for probabilities */
    double n;              /* observations (sum of the weights); NaN for probabilities */
    double cells;          /* cells of all columns together: the product of their levels; outcomes for probabilities; NaN if continuous */
    double standard_error; /* NaN where there is none */
    double lower, upper;   /* interval at options.level; NaN where there is none */
    double p_value;        /* of the permutation test, (1 + number of permuted values >= value) / (1 + permutations); NaN: none */
} maxent_measured;

/* Evaluates `count` quantities over the file `path` ("-": standard input), which is read once:
 *
 *     H(A)  H(A | C)  H_a(A)  T_q(A)  I(A; B)  I(A; B | C)  I(A; B; C)  TC(A, B | C)  VI(A; B)  h(A)  h(A | C)
 *     perplexity(A)  perplexity(A | C)  redundancy(A)  D(p || q)  H(p || q)  D_JS(p, q)
 *
 * A, B, C: names of columns, with commas between several. A column of numbers that are not all whole is continuous, every other
 * column is discrete; options.discrete and .continuous say otherwise. When D, D_JS or H(p || q) is among the quantities, or a column of
 * which only entropies of its own are asked has non-whole numbers in [0, 1] that sum to 1, columns hold probabilities.
 * H of continuous columns and h of names are refused. Corrected estimates of differences of entropies may be negative.
 *
 * With a continuous column: h by knn; I(A; B) by ksg, by gao where points repeat, by ross when one side is discrete and the other
 * continuous, by gao when a side is mixed; I(A; B | C) by frenzel-pompe, by mesner-shalizi where points repeat or a column is discrete.
 * Numbers of discrete columns are coordinates with their values, names are 1 apart from each other. h(A | C): discrete columns of C
 * split the rows, h(A, K) - h(K) with the continuous ones, K, is averaged over the parts. The permutation test permutes rows of B
 * with equal C, which must be discrete.
 *
 * out: [count], written only on success. dropped: rows left out; NULL accepted.
 * Errors: SYNTAX, NAME, LIMIT (64 columns; 32 in a quantity), VALUE, ARGUMENT, UNSUPPORTED, FILE, MEMORY; *failed (NULL accepted):
 * the quantity to which the error belongs, or `count` when it is the file's. */
MAXENT_API maxent_error maxent_measure_file(const char *path, size_t count, const char *const *quantity,
                                            const maxent_measure_options *options, maxent_measured *out, size_t *dropped,
                                            size_t *failed, maxent_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif
#endif
