/* The answer as a distribution: probabilities, density, quantiles, intervals, moments, sampling, and its name when it has one.
 *
 * A finite support has probabilities. A continuous or countable one has a density: with respect to length for real variables, to
 * counting for whole numbers and listed values. The functions of one variable (cdf, quantile, interval, hdi) serve every answer
 * whose only variable is a number, finite supports too. They lay the answer out anew in every call, which takes 0.1 to 10 ms;
 * so hand over many points at once. All are thread-safe.
 */
#ifndef MAXENT_DISTRIBUTION_H
#define MAXENT_DISTRIBUTION_H

#include <maxent/solve.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* p: [n] probabilities, or NULL when the verdict gives none. Owned by the result. Forced zeros are exactly 0; so is what is
 * below the least of doubles. */
MAXENT_API const double *maxent_result_probabilities(const maxent_result *result);

/* Covariance of the features under p: out[k * k], row-major, unit: product of the features' units.
 * Errors: ARGUMENT (the result has neither p nor density), MEMORY, CALLBACK. Cost: one pass over the features. */
MAXENT_API maxent_error maxent_result_covariance(const maxent_result *result, double *out);

/* ---- continuous and countable supports ---- */

/* out[j] = log p at point j, p the density: -inf outside the support. x: [count][variables], row-major, in the order of the
 * variables of the problem; a variable of names has its level as a number. Accuracy: that of a double, in the tails too, because
 * log p is formed in double-double. Values at the edges: NaN gives NaN; where the density is infinite, +inf.
 * Errors: ARGUMENT (the answer has no density), MEMORY. */
MAXENT_API maxent_error maxent_result_log_density(const maxent_result *result, size_t count, const double *x, double *out);
/* The density itself. */
MAXENT_API maxent_error maxent_result_density(const maxent_result *result, size_t count, const double *x, double *out);

/* The points that carry the answer. The integral of p g over the support is sum_j exp(log_weight[j] + log_p[j]) g(x_j), to about the
 * tolerance of the solve for g as smooth as the facts. All arrays belong to the result. */
typedef struct maxent_nodes {
    size_t n, variables;
    const double *const *value; /* [variables][n] */
    const double *const *low;   /* [variables][n]: what is to be added to value, far below its last place (1 - x beside 1); or NULL */
    const double *log_weight;   /* [n] */
    const double *log_p;        /* [n] */
} maxent_nodes;

/* Errors: ARGUMENT (the answer has no density). */
MAXENT_API maxent_error maxent_result_nodes(const maxent_result *result, maxent_nodes *nodes);

/* *value = E[g], g called at every node (or every state of positive probability) with x: [variables] as above.
 * Errors: ARGUMENT (no answer, or states without values). */
typedef double (*maxent_function)(void *user, const double *x);
MAXENT_API maxent_error maxent_result_expectation(const maxent_result *result, maxent_function g, void *user, double *value);

/* ---- one variable that is a number ---- */

/* out[j] = P[X <= x[j]]. 0 at -inf, 1 at inf, NaN for NaN. Accuracy: 1e-13 absolute; relative as well in the lower tail, down to
 * 1e-25. Errors, here and below: ARGUMENT (no answer; several variables; one of names), MEMORY. */
MAXENT_API maxent_error maxent_result_cdf(const maxent_result *result, size_t count, const double *x, double *out);

/* out[j] = the least x with P[X <= x] >= u[j]. u = 0 and 1 give the ends of the support, which may be infinite; u outside [0, 1] and NaN
 * give NaN. Accuracy: P[X <= out] = u to 1e-13. */
MAXENT_API maxent_error maxent_result_quantile(const maxent_result *result, size_t count, const double *u, double *out);

/* *p = P[a <= X <= b], with all its digits where it is small; 0 when a > b, NaN when either is. a and b may be infinite. */
MAXENT_API maxent_error maxent_result_interval(const maxent_result *result, double a, double b, double *p);

typedef struct maxent_range {
    double from, to;
} maxent_range;

/* The highest-density region: the smallest set of probability `mass`, as *count ranges in ascending order, one for every hill above the
 * level. *ranges: to be freed with maxent_free. For atoms the set has at least that mass. Where p is constant the set is not
 * unique: then the middle of the plateau, or what lies next to higher ground. Errors: also VALUE (not 0 < mass < 1). */
MAXENT_API maxent_error maxent_result_hdi(const maxent_result *result, double mass, maxent_range **ranges, size_t *count);

typedef struct maxent_moments {
    double mean, sd;
    double skewness;  /* E[(x - mean)^3] / sd^3 */
    double kurtosis;  /* E[(x - mean)^4] / sd^4: 3 for a normal */
} maxent_moments;

/* Moments of variable v, of any answer in which it is a number. What does not exist is infinite (the mean of a Pareto distribution of
 * shape 1, the sd of one of shape 2) or NaN (the mean of a Cauchy distribution; skewness when sd is 0). With several variables what hangs
 * on a tail too heavy to be followed is NaN, whether it exists or not. Errors: also ARGUMENT (v). */
MAXENT_API maxent_error maxent_result_moments(const maxent_result *result, size_t v, maxent_moments *moments);

/* ---- entropy and draws ---- */

/* Entropy of any probabilities: -sum p log p in nats, with 0 log 0 = 0, by a compensated sum. p: [n], >= 0, not checked. */
MAXENT_API double maxent_entropy_of(size_t n, const double *p);

/* A sampler of a finite distribution: Walker's alias method (A. J. Walker, ACM TOMS 3 (1977) 253; table by M. D. Vose,
 * IEEE TSE 17 (1991) 972), O(n) to build, O(1) a draw. */
typedef struct maxent_sampler maxent_sampler;
/* p: [n], >= 0, finite, positive sum (need not be one). Errors: MEMORY, ARGUMENT, VALUE. */
MAXENT_API maxent_error maxent_sampler_new(size_t n, const double *p, uint64_t seed, maxent_sampler **out);
/* Draws count states into out. Generator: xoshiro256++ (Blackman and Vigna 2021) seeded by splitmix64; the same seed gives
 * the same draws on every machine. Not thread-safe for one sampler. */
MAXENT_API void maxent_sampler_draw(maxent_sampler *sampler, size_t count, size_t *out);
/* A sampler of an answer, for maxent_sampler_draw_points: states by the alias method; densities as quantiles of even
 * numbers, exact to about 1e-14, after the alias method has chosen among listed values; densities of two or three real or countable
 * variables by rejection from boxes, normal ones directly. The draws from a density are the same
 * everywhere for the same seed up to what exp and log differ in their last digit between machines. The result must outlive it.
 * Errors: MEMORY, ARGUMENT (no answer; no values), LIMIT (more than 4096 combinations of listed values), VALUE (the density
 * has no finite mass), UNSUPPORTED (several running variables, and tails or peaks of which a thousandth of the mass or more is missed). */
MAXENT_API maxent_error maxent_sampler_new_result(const maxent_result *result, uint64_t seed, maxent_sampler **out);
/* Draws count points: out[count][variables], row-major; a variable of names gives its level. Only for samplers of an answer. A draw
 * from a density of several variables for which there is no memory is NaN. */
MAXENT_API void maxent_sampler_draw_points(maxent_sampler *sampler, size_t count, double *out);
MAXENT_API void maxent_sampler_free(maxent_sampler *sampler);

/* ---- its name ---- */

/* The name of the answer when it is a known family. */
typedef struct maxent_family {
    const char *name;                                  /* "uniform", "exponential", ...; NULL: none known */
    size_t parameters;
    struct { const char *name; double value; } parameter[12];
} maxent_family;

/* Families are told by the values of p, never by the facts: src/distribution/family.c and family_line.c list them. */
MAXENT_API void maxent_result_family(const maxent_result *result, maxent_family *family);

#ifdef __cplusplus
}
#endif
#endif
