/* Helpers of the tests of the solver: problems as plain numbers, and a verifier that knows nothing of the solver.
 *
 * The verifier computes everything in long double from the features, the bounds, the prior and the p and lambda of the result:
 *
 *     sum p = 1,   E f_i = tau_i   or   lower_i <= E f_i <= upper_i   or   E f_i = tau_i + sd_i^2 lambda_i,
 *     lambda_i >= 0 at an upper bound, <= 0 at a lower one, 0 between them,
 *     D(lambda) = log sum_{p > 0} q exp(-lambda . (f - b)) + pieces = -sum p log(p / q) - penalty,
 *     d . f(x) > d . b for every x (infeasible),  >= for every x (boundary)
 */
#ifndef TEST_SOLVE_SUPPORT_H
#define TEST_SOLVE_SUPPORT_H

#include <maxent/distribution.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/long_double.h"

/* ---- random numbers: splitmix64, the same everywhere ---- */

static inline double uniform(uint64_t *seed) /* in [0, 1) */
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline size_t below(uint64_t *seed, size_t count)
{
    return (size_t)(uniform(seed) * (double)count);
}

static inline double normal(uint64_t *seed)
{
    double radius = sqrt(-2 * log(1 - uniform(seed)));
    return radius * cos(6.283185307179586 * uniform(seed));
}

/* ---- problems as plain numbers ---- */

typedef struct raw {
    size_t n, k;
    double *F;             /* [n * k] row-major */
    double *q;             /* [n] or NULL */
    double *lower, *upper; /* [k] */
    double *sd;            /* [k] 0: not soft */
} raw;

static inline double *doubles(size_t count)
{
    double *memory = calloc(count + 1, sizeof *memory);
    assert_non_null(memory);
    return memory;
}

static inline raw raw_new(size_t n, size_t k)
{
    raw r = {n, k, doubles(n * k), NULL, doubles(k), doubles(k), doubles(k)};
    return r;
}

static inline void raw_free(raw *r)
{
    free(r->F);
    free(r->q);
    free(r->lower);
    free(r->upper);
    free(r->sd);
}

/* Puts facts and prior of `r` on a problem that has its features. */
static inline void raw_apply(const raw *r, maxent_problem *problem)
{
    for (size_t i = 0; i < r->k; i++) {
        if (r->sd[i] > 0)
            assert_int_equal(maxent_problem_set_soft(problem, i, r->lower[i], r->sd[i]), MAXENT_OK);
        else
            assert_int_equal(maxent_problem_set_interval(problem, i, r->lower[i], r->upper[i]), MAXENT_OK);
    }
    if (r->q != NULL)
        assert_int_equal(maxent_problem_set_prior(problem, r->q, NULL), MAXENT_OK);
}

static inline maxent_problem *raw_problem(const raw *r)
{
    maxent_problem *problem = NULL;
    double *target = doubles(r->k);
    assert_int_equal(maxent_problem_from_array(r->n, r->k, r->F, r->k, 1, target, &problem, NULL), MAXENT_OK);
    free(target);
    raw_apply(r, problem);
    return problem;
}

static inline maxent_result *solve_with(const maxent_problem *problem, const maxent_options *options)
{
    maxent_result *result = NULL;
    maxent_diagnostic where;
    if (maxent_solve(problem, options, &result, &where) != MAXENT_OK)
        fail_msg("maxent_solve: %s", where.message);
    assert_non_null(result);
    assert_ptr_equal(maxent_result_problem(result), problem);
    return result;
}

/* ---- the verifier ---- */

/* What is wrong with the certificate of a direction, or NULL. strict: d . f > d . b for every state of positive prior. */
static inline const char *wrong_direction(const raw *r, const maxent_result *result, int strict)
{
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    if (c.direction == NULL)
        return "no direction";
    const double *p = maxent_result_probabilities(result);
    long double bound = 0, least = INFINITY, at_zeros = INFINITY, noise = 0;
    for (size_t i = 0; i < r->k; i++) {
        if (c.direction[i] == 0)
            continue;
        if (r->sd[i] > 0)
            return "a soft fact in a certificate";
        bound += (long double)c.direction[i] * (c.direction[i] > 0 ? r->upper[i] : r->lower[i]);
    }
    for (size_t x = 0; x < r->n; x++) {
        long double along = 0, size = 0;
        if (r->q != NULL && r->q[x] == 0)
            continue;
        for (size_t i = 0; i < r->k; i++) {
            along += (long double)c.direction[i] * r->F[x * r->k + i];
            size += fabsl((long double)c.direction[i] * r->F[x * r->k + i]);
        }
        noise = fmaxl(noise, size);
        least = fminl(least, along);
        if (p != NULL && p[x] == 0)
            at_zeros = fminl(at_zeros, along);
    }
    noise = 0x1p-60L * (noise + fabsl(bound)); /* of long double sums of a few terms */
    if (strict) {
        if (!(least > bound - noise))
            return "d . f > d . b fails in a state";
        if (!(c.margin > 0) || fabsl(c.margin - (least - bound)) > 1e-9L * fabsl(least - bound) + 8 * noise)
            return "the margin is not min d . f - d . b";
    } else if (!(least >= bound - 4 * noise) || !(at_zeros > bound - 4 * noise)) {
        return "d . f >= d . b fails in a state";
    }
    return NULL;
}

/* 1: a test has intervals that leave nothing but their ends; their multipliers may then have any sign. */
static int pinned_intervals;

/* What is wrong with an answer that has a p, or NULL. tolerance: on residuals, in the unit of scale_i. */
static inline const char *wrong_answer(const raw *r, const maxent_result *result, double tolerance)
{
    static char text[160];
    const double *p = maxent_result_probabilities(result);
    maxent_verdict verdict = maxent_result_verdict(result);
    int boundary = verdict == MAXENT_BOUNDARY;
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    if (p == NULL)
        return "no p";
    long double total = 0, entropy = 0, relative = 0, log_q = 0, q_total = 0;
    size_t zeros = 0;
    for (size_t x = 0; x < r->n; x++) {
        double q = r->q != NULL ? r->q[x] : 1;
        if (!(p[x] >= 0) || (q == 0 && p[x] != 0))
            return "a probability is negative, NaN, or positive where the prior is not";
        zeros += q > 0 && p[x] == 0;
        total += p[x];
        q_total += q;
        if (p[x] > 0) {
            entropy -= p[x] * logl(p[x]);
            log_q += p[x] * logl(q);
        }
    }
    relative = -entropy - log_q + logl(q_total);
    double own = long_double_is_wide() ? 0 : (double)r->n * 0x1p-53; /* rounding of the sums below */
    if (fabsl(total - 1) > 1e-13 + own)
        return "the probabilities do not add up to 1";
    if (fabsl(entropy - maxent_result_entropy(result)) > (1e-13 + own) * (1 + entropy))
        return "the entropy is not -sum p log p";
    if (fabsl(relative - maxent_result_relative_entropy(result)) > (1e-12 + own) * (1 + fabsl(entropy) + fabsl(log_q)))
        return "the relative entropy is not D(p || q)";
    if (boundary ? c.zeros == 0 || zeros < c.zeros : c.zeros != 0)
        return "the number of forced zeros is wrong";

    long double dual = 0, penalty = 0, noise = 0;
    for (size_t i = 0; i < r->k; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        long double mean = 0, square = 0, off, b = isfinite(r->lower[i]) ? r->lower[i] : isfinite(r->upper[i]) ? r->upper[i] : 0;
        long double spread = 0;
        for (size_t x = 0; x < r->n; x++) {
            mean += (long double)p[x] * (r->F[x * r->k + i] - b);
            spread = fmaxl(spread, r->q != NULL && r->q[x] == 0 ? 0 : fabsl(r->F[x * r->k + i] - b));
        }
        for (size_t x = 0; x < r->n; x++)
            square += p[x] * (r->F[x * r->k + i] - b - mean) * (r->F[x * r->k + i] - b - mean);
        long double sd = sqrtl(square), scale = fmaxl(fabsl(b), sd), lambda = fact.lambda, size = spread > 0 ? spread : 1;
        noise += fabsl(lambda) * spread;
        if (fabsl(mean + b - fact.achieved) > (1e-13 + own) * (fabsl(b) + spread)) {
            snprintf(text, sizeof text, "fact %zu: achieved %.17g is not E f = %.17Lg", i, fact.achieved, mean + b);
            return text;
        }
        if (r->sd[i] > 0) {
            scale = fmaxl(scale, r->sd[i]);
            off = mean - (long double)r->sd[i] * r->sd[i] * lambda;
            penalty += mean * mean / (2 * (long double)r->sd[i] * r->sd[i]);
            noise += spread * fabsl(mean) / ((long double)r->sd[i] * r->sd[i]); /* p is rounded as well */
            dual += (long double)r->sd[i] * r->sd[i] * lambda * lambda / 2;
        } else if (r->lower[i] == r->upper[i]) {
            off = mean;
        } else {
            off = fmaxl(0, fmaxl(r->lower[i] - b - mean, mean + b - r->upper[i]));
            if (isfinite(r->upper[i]) && mean + b >= r->upper[i])
                scale = fmaxl(fabs(r->upper[i]), sd);
            int above = lambda > 0;
            if (boundary || pinned_intervals) /* a fact that the face pins has a multiplier of any sign */
                above = isfinite(r->upper[i]) && !(fabsl(mean + b - r->lower[i]) < fabsl(mean + b - r->upper[i]));
            long double bound = above ? r->upper[i] : r->lower[i];
            if (lambda != 0 && !(fabsl(bound - b - mean) <= 1e-9 * (fabsl(bound) + size))) {
                snprintf(text, sizeof text, "fact %zu: lambda = %Lg though E f is not at that bound", i, lambda);
                return text;
            }
            if (lambda != 0 && isfinite((double)bound))
                dual += lambda * (bound - b);
        }
        if (scale == 0)
            scale = size;
        if (!(fabsl(off) <= tolerance * scale + own * spread)) {
            snprintf(text, sizeof text, "fact %zu: off by %Lg, scale %Lg", i, off, scale);
            return text;
        }
    }
    /* D(lambda) from lambda alone, on the states that p may use. */
    double *lambda = doubles(r->k), *b = doubles(r->k);
    for (size_t i = 0; i < r->k; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        lambda[i] = fact.lambda;
        b[i] = isfinite(r->lower[i]) ? r->lower[i] : isfinite(r->upper[i]) ? r->upper[i] : 0;
    }
    long double most = -INFINITY, sum = 0;
    for (size_t x = 0; x < r->n; x++) {
        if (!(p[x] > 0))
            continue;
        long double score = r->q != NULL ? logl(r->q[x]) : 0;
        for (size_t i = 0; i < r->k; i++)
            if (lambda[i] != 0)
                score -= (long double)lambda[i] * (r->F[x * r->k + i] - b[i]);
        if (score > most) {
            sum *= expl(most - score);
            most = score;
        }
        sum += expl(score - most);
    }
    free(lambda);
    free(b);
    dual += most + logl(sum);
    long double gap = dual - (entropy + log_q - penalty);
    /* lambda is rounded to a double: each of its parts moves D by up to 2^-53 |lambda_i| max |f_i - b_i|. */
    if (!(fabsl(gap) <= 1e-9 + 0x1p-50 * noise)) {
        snprintf(text, sizeof text, "gap %Lg", gap);
        return text;
    }
    if (!(fabsl(c.gap) <= 1e-9 + 0x1p-50 * noise) || !(c.residual <= tolerance)) {
        snprintf(text, sizeof text, "reported gap %g, residual %g", c.gap, c.residual);
        return text;
    }
    return NULL;
}

/* Solved or boundary, and everything holds. */
static inline void verify(const raw *r, const maxent_result *result, maxent_verdict verdict, const char *where)
{
    if (maxent_result_verdict(result) != verdict)
        fail_msg("%s: %s: %s", where, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
    const char *wrong = verdict == MAXENT_INFEASIBLE ? wrong_direction(r, result, 1) : wrong_answer(r, result, 1e-12);
    if (wrong == NULL && verdict == MAXENT_BOUNDARY)
        wrong = wrong_direction(r, result, 0);
    if (wrong != NULL)
        fail_msg("%s: %s", where, wrong);
}

#endif
