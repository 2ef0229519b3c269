/* The answer as a distribution: probabilities, sampling, covariance, and its name when it has one. */
#ifndef MAXENT_DISTRIBUTION_H
#define MAXENT_DISTRIBUTION_H

#include <maxent/solve.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* p: [n] probabilities, or NULL when the verdict gives none. Owned by the result. Forced zeros are exactly 0. */
MAXENT_API const double *maxent_result_probabilities(const maxent_result *result);

/* Covariance of the features under p: out[k * k], row-major, unit: product of the features' units.
 * Errors: ARGUMENT (the result has no p), MEMORY, CALLBACK. Cost: one pass over the features. */
MAXENT_API maxent_error maxent_result_covariance(const maxent_result *result, double *out);

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
MAXENT_API void maxent_sampler_free(maxent_sampler *sampler);

/* The name of the answer when it is a known family. */
typedef struct maxent_family {
    const char *name;                                  /* "uniform", "truncated geometric", ...; NULL: none known */
    size_t parameters;
    struct { const char *name; double value; } parameter[8];
} maxent_family;

MAXENT_API void maxent_result_family(const maxent_result *result, maxent_family *family);

#ifdef __cplusplus
}
#endif
#endif
