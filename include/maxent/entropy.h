/* Entropy: measures of given probabilities, estimators from counts and from samples, yes/no questions.
 *
 * All entropies and informations are in nats; divide by maxent_nats(base) for another unit (log 2: bits, log 10: dits).
 * Arrays of probabilities are checked: each >= 0 and finite, the sum within MAXENT_SUM_TOLERANCE of 1; otherwise VALUE, and the
 * diagnostic says which element or what the sum is. They are never normalised silently: maxent_normalize does it on request.
 * Everywhere 0 log 0 = 0. Sums are compensated: with exact inputs the results are accurate to a few units in the last place of
 * the largest term. Results are written only on success. All functions are thread-safe and keep nothing between calls.
 */
#ifndef MAXENT_ENTROPY_H
#define MAXENT_ENTROPY_H

#include <maxent/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MAXENT_SUM_TOLERANCE 1e-9 /* probabilities printed with ten digits pass, with six they do not */

/* ---- probabilities -------------------------------------------------------------------------------------------------- */

/* log(base): entropy in that base = nats / maxent_nats(base). NaN unless base > 0, finite, not 1. */
MAXENT_API double maxent_nats(double base);

/* Whether p[n] are probabilities. n >= 1. Errors: ARGUMENT (n = 0), VALUE. */
MAXENT_API maxent_error maxent_probabilities_check(size_t n, const double *p, maxent_diagnostic *diagnostic);

/* Divides p[n], in place, by its sum. Errors: ARGUMENT, VALUE (negative, not finite, all zero). */
MAXENT_API maxent_error maxent_normalize(size_t n, double *p, maxent_diagnostic *diagnostic);

/* H(p) = -sum p log p >= 0; 0 for certainty, log n when uniform. C. E. Shannon, Bell Syst. Tech. J. 27 (1948) 379, theorem 2. */
MAXENT_API maxent_error maxent_entropy(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic);

/* exp(H(p)): the number of equally likely outcomes with this entropy, whatever the base. In [1, n]. */
MAXENT_API maxent_error maxent_perplexity(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic);

/* 1 - H(p) / log n, the part of the capacity that is not used: in [0, 1], a pure number; 0 for n = 1. Shannon 1948, section 7. */
MAXENT_API maxent_error maxent_redundancy(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic);

/* H_a(p) = log(sum p^a) / (1 - a), order a >= 0; a = 0: log of the number of p > 0; a = 1: H; a = inf: -log max p. Continuous
 * in a, also near 1. VALUE for a < 0 or NaN. A. Renyi, 4th Berkeley Symp. 1 (1961) 547, eq. 1.21. */
MAXENT_API maxent_error maxent_renyi(size_t n, const double *p, double order, double *out, maxent_diagnostic *diagnostic);

/* T_q(p) = (1 - sum p^q) / (q - 1), finite order q >= 0; q = 1: H in nats. A pure number: no base applies.
 * C. Tsallis, J. Stat. Phys. 52 (1988) 479, eq. 1. */
MAXENT_API maxent_error maxent_tsallis(size_t n, const double *p, double order, double *out, maxent_diagnostic *diagnostic);

/* H(p, q) = -sum p log q; inf where q = 0 < p. */
MAXENT_API maxent_error maxent_cross_entropy(size_t n, const double *p, const double *q, double *out,
                                             maxent_diagnostic *diagnostic);

/* D(p || q) = sum p log(p / q) >= 0; inf where q = 0 < p. S. Kullback and R. A. Leibler, Ann. Math. Stat. 22 (1951) 79, eq. 2.4. */
MAXENT_API maxent_error maxent_relative_entropy(size_t n, const double *p, const double *q, double *out,
                                                maxent_diagnostic *diagnostic);

/* D_JS(p, q) = (D(p || m) + D(q || m)) / 2 with m = (p + q) / 2: in [0, log 2], symmetric. J. Lin, IEEE Trans. Inf. Theory 37
 * (1991) 145, eq. 4.1 with equal weights. */
MAXENT_API maxent_error maxent_jensen_shannon(size_t n, const double *p, const double *q, double *out,
                                              maxent_diagnostic *diagnostic);

/* ---- joint tables --------------------------------------------------------------------------------------------------- */

/* A joint distribution of up to 64 variables: variable v takes levels[v] values; p is row-major, the last variable fastest.
 * Sets of variables are bit masks: bit v is variable v. Cost: one pass over p a marginal. */
typedef struct maxent_joint {
    size_t variables;
    const size_t *levels; /* [variables], each >= 1 */
    const double *p;      /* [product of levels] */
} maxent_joint;

typedef enum maxent_conditional_form {
    MAXENT_FORM_CHAIN,   /* H(A, B) - H(B) */
    MAXENT_FORM_AVERAGE, /* sum_b p(b) H(A | B = b) */
    MAXENT_FORM_DIRECT   /* -sum p(a, b) log p(a | b) */
} maxent_conditional_form;

/* Errors of all that follow: MEMORY, ARGUMENT (no variables, too many, levels of 0; a set that is empty where it must not be,
 * names variables that are not there, or overlaps another), LIMIT (the product of the levels), VALUE (p). */

/* H(A): joint entropy of the variables in A; 0 for the empty set. */
MAXENT_API maxent_error maxent_joint_entropy(const maxent_joint *joint, uint64_t a, double *out, maxent_diagnostic *diagnostic);

/* H(A | B) >= 0. The three forms agree to rounding. Variables in both sets are known: H(A | B) = H(A without B | B). */
MAXENT_API maxent_error maxent_conditional_entropy(const maxent_joint *joint, uint64_t a, uint64_t b,
                                                   maxent_conditional_form form, double *out, maxent_diagnostic *diagnostic);

/* I(A; B | C) = sum p(a,b,c) log[ p(a,b,c) p(c) / (p(a,c) p(b,c)) ] >= 0; C may be empty; A, B, C disjoint. */
MAXENT_API maxent_error maxent_mutual_information(const maxent_joint *joint, uint64_t a, uint64_t b, uint64_t c, double *out,
                                                  maxent_diagnostic *diagnostic);

/* H(A | B) + H(B | A): a metric. M. Meila, J. Multivariate Anal. 98 (2007) 873, eq. 16. */
MAXENT_API maxent_error maxent_variation_of_information(const maxent_joint *joint, uint64_t a, uint64_t b, double *out,
                                                        maxent_diagnostic *diagnostic);

/* sum_{v in A} H(v | C) - H(A | C) >= 0. S. Watanabe, IBM J. Res. Dev. 4 (1960) 66, eq. 2. */
MAXENT_API maxent_error maxent_total_correlation(const maxent_joint *joint, uint64_t a, uint64_t c, double *out,
                                                 maxent_diagnostic *diagnostic);

/* I(X1; X2; ...; Xm | C) = -sum_{S subset of A} (-1)^|S| H(S | C), so that I(X; Y; Z) = I(X; Y) - I(X; Y | Z); any sign: negative
 * for exclusive or. W. J. McGill, Psychometrika 19 (1954) 97, eq. 24, has the opposite sign for three. At most 16 variables. */
MAXENT_API maxent_error maxent_interaction_information(const maxent_joint *joint, uint64_t a, uint64_t c, double *out,
                                                       maxent_diagnostic *diagnostic);

/* ---- counts --------------------------------------------------------------------------------------------------------- */

/* Estimators of the entropy of the distribution that N observations in K cells were drawn from; y_i: counts, p_i = y_i / N.
 * name, word on the command line, what it is and where it is from. */
#define MAXENT_ESTIMATORS(X)                                                                                                     \
    X(MAXENT_PLUG_IN, "plug-in", "H of the observed frequencies: maximum likelihood, too low by about (K - 1) / 2N")             \
    X(MAXENT_MILLER_MADOW, "miller-madow", "plug-in + (K+ - 1) / 2N, K+ cells seen (G. A. Miller 1955)")                        \
    X(MAXENT_JACKKNIFE, "jackknife", "N H - (N - 1) mean of H without one observation (S. Zahl, Ecology 58 (1977) 907)")         \
    X(MAXENT_GRASSBERGER, "grassberger", "log N - sum y G(y) / N (P. Grassberger, arXiv:physics/0307138 (2003), eq. 35)")        \
    X(MAXENT_SHRINKAGE, "shrinkage", "James-Stein towards uniform (J. Hausser, K. Strimmer, JMLR 10 (2009) 1469, eq. 4-6)")      \
    X(MAXENT_CHAO_SHEN, "chao-shen", "coverage and Horvitz-Thompson (A. Chao, T.-J. Shen, Env. Ecol. Stat. 10 (2003) 429)")      \
    X(MAXENT_CHAO_WANG_JOST, "chao-wang-jost", "accumulation curve (Chao, Wang, Jost, Meth. Ecol. Evol. 4 (2013) 1091, eq. 7)") \
    X(MAXENT_JEFFREYS, "jeffreys", "H of (y + 1/2) / (N + K/2)")                                                                 \
    X(MAXENT_LAPLACE, "laplace", "H of (y + 1) / (N + K)")                                                                       \
    X(MAXENT_PERKS, "perks", "H of (y + 1/K) / (N + 1), K = cells given (T. Schuermann, P. Grassberger 1996)")                  \
    X(MAXENT_MINIMAX, "minimax", "H of (y + sqrt(N)/K) / (N + sqrt N) (S. Trybula 1958)")                                       \
    X(MAXENT_DIRICHLET, "dirichlet", "H of (y + alpha) / (N + alpha K)")                                                         \
    X(MAXENT_NSB, "nsb", "posterior mean under a prior flat in entropy (Nemenman, Shafee, Bialek, NIPS 14 (2002), eq. 9-12)")

typedef enum maxent_estimator {
#define MAXENT_ESTIMATOR_ENTRY(name, word, text) name,
    MAXENT_ESTIMATORS(MAXENT_ESTIMATOR_ENTRY)
#undef MAXENT_ESTIMATOR_ENTRY
    MAXENT_ESTIMATOR_COUNT
} maxent_estimator;

MAXENT_API const char *maxent_estimator_word(maxent_estimator estimator); /* "plug-in", ...; static */
MAXENT_API const char *maxent_estimator_text(maxent_estimator estimator); /* static */
/* The estimator of that word; returns 0 when there is none. "shrink", "mm" and the like are not accepted. */
MAXENT_API int maxent_estimator_find(const char *word, maxent_estimator *out);

#define MAXENT_NSB_BETA_MAX 22026.465794806718 /* e^10 */

typedef struct maxent_estimate_options {
    size_t cells;    /* K when it is known to be larger than the length of the array (unseen cells); 0: the length */
    double alpha;    /* MAXENT_DIRICHLET: pseudocount per cell, > 0, finite; default 1 */
    double beta_max; /* MAXENT_NSB: largest concentration beta in the mixture, at least 0.001; default MAXENT_NSB_BETA_MAX, with
                        which published values agree; INFINITY: no limit, as in the paper's integral */
} maxent_estimate_options;

MAXENT_API void maxent_estimate_options_init(maxent_estimate_options *options);

typedef struct maxent_estimate {
    double value;          /* nats */
    double standard_error; /* NSB: posterior standard deviation, nats; NaN for the others (see maxent_entropy_bootstrap) */
    double observations;   /* N */
    size_t cells;          /* K */
} maxent_estimate;

/* count: [n], >= 0, finite, with a positive sum; cells of count 0 are cells. Whole numbers below 2^53, except for plug-in and the
 * pseudocount family (jeffreys, laplace, perks, minimax, dirichlet), which take weights as well. options: NULL for the defaults.
 * Edge values: one observation: shrinkage gives log K; miller-madow, jackknife, grassberger, chao-shen, chao-wang-jost give what
 * their formula gives (finite). Only singletons: chao-shen takes f1 = N - 1 as its authors' program does.
 * Errors: MEMORY, ARGUMENT (n = 0; cells below the number of cells with counts; alpha), VALUE (a count; no observations). */
MAXENT_API maxent_error maxent_entropy_estimate(maxent_estimator estimator, size_t n, const double *count,
                                                const maxent_estimate_options *options, maxent_estimate *out,
                                                maxent_diagnostic *diagnostic);

typedef struct maxent_interval {
    double standard_error; /* standard deviation of the resampled estimates */
    double lower, upper;   /* basic bootstrap interval 2 h - quantile: corrects the bias of resampling to first order */
} maxent_interval;

/* Bootstrap of maxent_entropy_estimate: `replicates` multinomial samples of size N from the frequencies. level in (0, 1): 0.95.
 * B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Seeded: the same seed gives the same interval.
 * Counts must be whole numbers. lower is not below 0. Errors: as maxent_entropy_estimate, ARGUMENT (replicates < 2, level). */
MAXENT_API maxent_error maxent_entropy_bootstrap(maxent_estimator estimator, size_t n, const double *count,
                                                 const maxent_estimate_options *options, size_t replicates, double level,
                                                 uint64_t seed, maxent_interval *out, maxent_diagnostic *diagnostic);

/* ---- samples -------------------------------------------------------------------------------------------------------- */

/* Differential entropy of the density that n real numbers were drawn from, by m-spacings of the ordered sample, as in
 * scipy.stats.differential_entropy. name, word, source. */
#define MAXENT_SPACINGS(X)                                                                               \
    X(MAXENT_VASICEK, "vasicek", "O. Vasicek, J. R. Stat. Soc. B 38 (1976) 54, eq. 2")                    \
    X(MAXENT_VAN_ES, "van-es", "B. van Es, Scand. J. Stat. 19 (1992) 61, eq. 1.3")                        \
    X(MAXENT_EBRAHIMI, "ebrahimi", "N. Ebrahimi et al., Stat. Prob. Lett. 20 (1994) 225, eq. 2.1")        \
    X(MAXENT_CORREA, "correa", "J. C. Correa, Comm. Stat. Theory Meth. 24 (1995) 2439, eq. 2.2")

typedef enum maxent_spacing {
#define MAXENT_SPACING_ENTRY(name, word, text) name,
    MAXENT_SPACINGS(MAXENT_SPACING_ENTRY)
#undef MAXENT_SPACING_ENTRY
    MAXENT_SPACING_COUNT
} maxent_spacing;

MAXENT_API const char *maxent_spacing_word(maxent_spacing spacing);

/* x: [n], finite, in any order. m: the window, 1 <= m < n / 2; 0: floor(sqrt(n) + 1/2) (made smaller where n < 7 asks for it).
 * Repeated values whose spacing is zero would give minus infinity: VALUE, with the value and how often it occurs.
 * Errors: MEMORY, ARGUMENT (n < 3, m), VALUE. */
MAXENT_API maxent_error maxent_spacing_entropy(maxent_spacing spacing, size_t n, const double *x, size_t m, double *out,
                                               maxent_diagnostic *diagnostic);

/* h = psi(n) - psi(k) + log c_d + d <log e_i>, e_i: Euclidean distance from point i to its k-th neighbour, c_d: volume of the
 * unit ball. x: [n * d] row-major, finite; 1 <= k < n; d >= 1. A point with k copies of itself has e_i = 0: VALUE, with its row.
 * *standard_error (NULL accepted): standard deviation of the terms / sqrt n, without the bias, which falls as n^(-2/d).
 * L. F. Kozachenko and N. N. Leonenko, Probl. Inf. Transm. 23 (1987) 95; k > 1: H. Singh et al., Am. J. Math. Manag. Sci. 23
 * (2003) 301. k-d tree, threads: 0 for as many as the machine offers; the same bits for any number.
 * Errors: MEMORY, ARGUMENT, VALUE. */
MAXENT_API maxent_error maxent_knn_entropy(size_t n, size_t d, const double *x, size_t k, int threads, double *out,
                                           double *standard_error, maxent_diagnostic *diagnostic);

/* Mutual information from samples. name, word, source. */
#define MAXENT_KNN_INFORMATIONS(X)                                                                                        \
    X(MAXENT_KSG1, "ksg", "A. Kraskov, H. Stoegbauer, P. Grassberger, Phys. Rev. E 69 (2004) 066138, eq. 8")               \
    X(MAXENT_KSG2, "ksg2", "the same, eq. 9: rectangles instead of squares")                                             \
    X(MAXENT_GAO, "gao", "W. Gao et al., NIPS 30 (2017) 5986, algorithm 1: values may repeat, mixed laws")

typedef enum maxent_knn_information {
#define MAXENT_KNN_ENTRY(name, word, text) name,
    MAXENT_KNN_INFORMATIONS(MAXENT_KNN_ENTRY)
#undef MAXENT_KNN_ENTRY
    MAXENT_KNN_INFORMATION_COUNT
} maxent_knn_information;

MAXENT_API const char *maxent_knn_word(maxent_knn_information method);

/* I(X; Y) for points (x_i, y_i): x: [n * dx], y: [n * dy], row-major, finite; 1 <= k < n; distances are the largest difference of
 * a coordinate within and between x and y. May come out slightly negative when X and Y are independent. KSG1 and KSG2 refuse
 * samples in which a point coincides with its k-th neighbour (VALUE, with the row); Gao et al. answer them.
 * Errors, threads, standard_error: as maxent_knn_entropy. */
MAXENT_API maxent_error maxent_knn_mutual_information(maxent_knn_information method, size_t n, size_t dx, const double *x,
                                                      size_t dy, const double *y, size_t k, int threads, double *out,
                                                      double *standard_error, maxent_diagnostic *diagnostic);

/* Conditional mutual information from samples. name, word, source. */
#define MAXENT_KNN_CONDITIONALS(X)                                                                                        \
    X(MAXENT_FRENZEL_POMPE, "frenzel-pompe", "S. Frenzel, B. Pompe, Phys. Rev. Lett. 99 (2007) 204101, eq. 4")             \
    X(MAXENT_MESNER_SHALIZI, "mesner-shalizi",                                                                           \
      "O. C. Mesner, C. R. Shalizi, IEEE Trans. Inf. Theory 67 (2021) 464, algorithm 1: values may repeat, mixed laws")

typedef enum maxent_knn_conditional {
#define MAXENT_KNN_ENTRY(name, word, text) name,
    MAXENT_KNN_CONDITIONALS(MAXENT_KNN_ENTRY)
#undef MAXENT_KNN_ENTRY
    MAXENT_KNN_CONDITIONAL_COUNT
} maxent_knn_conditional;

MAXENT_API const char *maxent_knn_conditional_word(maxent_knn_conditional method);

/* I(X; Y | Z) for points (x_i, y_i, z_i), arrays and distances as in maxent_knn_mutual_information; dz = 0: I(X; Y), z is not read.
 * May come out negative when X and Y are independent given Z. Where Z has many coordinates both are drawn towards 0: the neighbours are
 * then too far for Z to be held fixed. FRENZEL_POMPE refuses samples in which a point coincides with its k-th neighbour (VALUE, with
 * the row); Mesner and Shalizi answer them: a category of c levels is log2 c coordinates of bits, so that any two are 1 apart.
 * Errors, threads, standard_error: as maxent_knn_entropy. */
MAXENT_API maxent_error maxent_knn_conditional_information(maxent_knn_conditional method, size_t n, size_t dx, const double *x,
                                                           size_t dy, const double *y, size_t dz, const double *z, size_t k,
                                                           int threads, double *out, double *standard_error,
                                                           maxent_diagnostic *diagnostic);

/* I(C; Y) for a class c_i and a point y_i: psi(N) - <psi(N_c)> + <psi(k_i)> - <psi(m_i)>, k_i = min(k, N_c - 1). Points whose
 * class has no other member are left out (and of N), as in scikit-learn. Repeated y: the k-th distance is zero, then all that
 * coincide are counted. code: [n]; y: [n * d]. B. C. Ross, PLoS ONE 9 (2014) e87357, eq. 2.
 * Errors: as above; VALUE when every class has one member. */
MAXENT_API maxent_error maxent_ross_mutual_information(size_t n, const uint32_t *code, size_t d, const double *y, size_t k,
                                                       int threads, double *out, double *standard_error,
                                                       maxent_diagnostic *diagnostic);

/* ---- yes/no questions ----------------------------------------------------------------------------------------------- */

/* One question of the optimal strategy: is the outcome in the `yes` part? Node i < n is outcome i; node n + j is question j. */
typedef struct maxent_question {
    size_t yes, no; /* nodes; the first outcome (lowest index) below `yes` comes before that below `no` */
} maxent_question;

/* The optimal strategy to find out which of n outcomes holds: a Huffman tree. question: [n - 1]; the first question is the last
 * one, n - 2. asked: [n] questions asked when outcome i holds (0 for n = 1). *expected: sum p_i asked_i, in [H / log 2, H / log 2 + 1];
 * the upper end is reached only with zeros among p, whose outcomes are found out too.
 * Ties: the two lightest nodes are joined; of equal weights the outcome of lower index goes first, outcomes before joined nodes,
 * and joined nodes in the order in which they were made. So the longest chain of questions is as short as an optimal strategy's can be.
 * p: [n] probabilities, zeros allowed. D. A. Huffman, Proc. IRE 40 (1952) 1098; ties: E. S. Schwartz, Inf. Control 7 (1964) 37.
 * Errors: MEMORY, ARGUMENT (n = 0), VALUE. */
MAXENT_API maxent_error maxent_questions(size_t n, const double *p, maxent_question *question, size_t *asked, double *expected,
                                         maxent_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif
#endif
