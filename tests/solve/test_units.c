/* Facts in units far from 1: a problem with the variable counted in powers of two is the same problem, so entropies are known from the
 * ordinary one, or in closed form. */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/failing_alloc.h"

static maxent_problem *compile(const char *text)
{
    maxent_problem *problem;
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, NULL), MAXENT_OK);
    return problem;
}

static maxent_result *solve(const maxent_problem *problem)
{
    maxent_result *result;
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    return result;
}

/* Normal: H = log(2 pi e s^2)/2, lambda 1/(2 s^2) of x^2; exponential: H = 1 + log m, lambda 1/m; Laplace: 1 + log 2m. */
static void test_closed_forms(void **state)
{
    (void)state;
    const double normal = 1.4189385332046727418;
    const struct {
        const char *text;
        double entropy;
        size_t fact;
        double lambda;
    } list[] = {
        {"x in R; E[x] = 0; E[x^2] = 1e24", normal + 12 * log(10), 1, 5e-25},
        {"x in R; E[x] = 0; E[x^2] = 1e26", normal + 13 * log(10), 1, 5e-27},
        {"x in R; E[x] = 0; E[x^2] = 1e70", normal + 35 * log(10), 1, 5e-71},
        {"x in R; E[x] = 0; E[x^2] = 1e300", normal + 150 * log(10), 1, 5e-301},
        {"x in R; E[x] = 0; E[x^2] = 1e-300", normal - 150 * log(10), 1, 5e299},
        {"x in R; E[x] = 1e150; E[x^2] = 2e300", normal + 150 * log(10), 0, -1e-150},
        {"x in R; E[abs(x)] = 1e155", 1 + log(2) + 155 * log(10), 0, 1e-155},
        {"x in [0, inf); E[x] = 1e70", 1 + 70 * log(10), 0, 1e-70},
        {"x in [0, inf); E[x] = 1e300", 1 + 300 * log(10), 0, 1e-300},
        {"x in [0, inf); E[x] = 1e-300", 1 - 300 * log(10), 0, 1e300},
        {"n in -inf..inf; E[n] = 0; E[n^2] = 1e26", normal + 13 * log(10), 1, 5e-27},
        {"n in 0..inf; E[n] = 1e16", 1 + 16 * log(10), 0, 1e-16}, /* the numbers are no longer told apart, their sum is an integral */
        {"n in 0..inf; E[n] = 1e40", 1 + 40 * log(10), 0, 1e-40},
        {"n in -inf..inf; E[n] = -1e17; E[n^2] = 2e34", normal + 17 * log(10), 1, 5e-35},
        {"c in {a, b}; x in [0, inf); E[x*(c=a)] = 1e40; E[x*(c=b)] = 1e40; P[c=a] = 0.5", 1 + log(2) + log(2) + 40 * log(10), 0, 5e-41},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(problem);
        maxent_fact fact;
        maxent_result_fact(result, list[i].fact, &fact);
        double off = maxent_result_entropy(result) - list[i].entropy;
        if (maxent_result_verdict(result) != MAXENT_SOLVED || !(fabs(off) <= 1e-12 * (1 + fabs(list[i].entropy))) ||
            !(fabs(fact.lambda / list[i].lambda - 1) <= 1e-9) || !(fabs(fact.achieved / fact.target - 1) <= 1e-12))
            fail_msg("%s: %s, entropy %.17g, not %.17g; lambda %.17g, achieved %.17g", list[i].text,
                     maxent_verdict_word(maxent_result_verdict(result)), maxent_result_entropy(result), list[i].entropy, fact.lambda,
                     fact.achieved);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Pairs of problems, x and 2^e x: entropies differ by e log 2, multipliers of x^d by 2^(-d e), quantiles by 2^e. */
static void test_powers_of_two(void **state)
{
    (void)state;
    const struct {
        const char *format; /* of targets E[x], E[x^2], E[x^3], E[x^4] */
        size_t facts;
        double target[4];
    } list[] = {
        {"x in R; E[x] = %.17g; E[x^2] = %.17g; E[x^3] = %.17g; E[x^4] = %.17g", 4, {0, 1, 0, 2.5}},
        {"x in R; E[x] = %.17g; E[x^2] = %.17g; E[x^3] = %.17g; E[x^4] = %.17g", 4, {0.25, 1, 0.5, 2.5}},
        {"x in [0, inf); E[x] = %.17g; E[x^2] = %.17g", 2, {1, 1.5, 0, 0}},
        {"x in [0, inf); E[x] = %.17g; E[x^2] = %.17g; E[x^3] <= %.17g", 3, {1, 1.5, 2.5, 0}},
    };
    const int scale[] = {-400, -60, -21, 20, 41, 130, 240};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        double entropy = 0, lambda[4] = {0}, u[] = {0.01, 0.5, 0.9}, x[3], at[3];
        for (size_t e = 0; e <= sizeof scale / sizeof *scale; e++) {
            int by = e == 0 ? 0 : scale[e - 1];
            const double *t = list[i].target;
            char text[256];
            if (by * 4 < -1000)
                by = -200;
            snprintf(text, sizeof text, list[i].format, ldexp(t[0], by), ldexp(t[1], 2 * by), ldexp(t[2], 3 * by), ldexp(t[3], 4 * by));
            maxent_problem *problem = compile(text);
            maxent_result *result = solve(problem);
            if (maxent_result_verdict(result) != MAXENT_SOLVED)
                fail_msg("%s: %s", text, maxent_result_message(result));
            assert_int_equal(maxent_result_quantile(result, 3, u, at), MAXENT_OK);
            double moved = maxent_result_entropy(result) - by * log(2);
            for (size_t f = 0; f < list[i].facts; f++) {
                maxent_fact fact;
                maxent_result_fact(result, f, &fact);
                double its = ldexp(fact.lambda, by * (int)(f + 1));
                if (e > 0 && !(fabs(its - lambda[f]) <= 1e-9 * (1 + fabs(lambda[f]))))
                    fail_msg("%s: multiplier %.17g of fact %zu, not %.17g", text, its, f, lambda[f]);
                lambda[f] = e == 0 ? its : lambda[f];
            }
            for (size_t j = 0; j < 3; j++) {
                double its = ldexp(at[j], -by);
                if (e > 0 && !(fabs(its - x[j]) <= 1e-9 * (1 + fabs(x[j]))))
                    fail_msg("%s: quantile %.17g, not %.17g", text, its, x[j]);
                x[j] = e == 0 ? its : x[j];
            }
            if (e > 0 && !(fabs(moved - entropy) <= 1e-11))
                fail_msg("%s: entropy %.17g, not %.17g", text, moved, entropy);
            entropy = e == 0 ? moved : entropy;
            maxent_result_free(result);
            maxent_problem_free(problem);
        }
    }
}

/* The same about a centre far away, where cosh leaves the range of doubles 710 from it and cells do not come near it by themselves. */
static void test_far_centres(void **state)
{
    (void)state;
    const struct {
        const char *near, *far;
    } list[] = {
        {"x in R; E[cosh(x)] = 1.3", "z in R; E[cosh(z - 1e6)] = 1.3"},
        {"x in R; E[cosh(x)] <= 1.11; E[x] = 0.18", "z in R; let x = z - 1e4; E[cosh(x)] <= 1.11; E[x] = 0.18"},
        {"x in R; prior 1/(1 + x^2); E[cosh(x)] <= 2.85; E[abs(x - 0.3)] = 0.9",
         "z in R; let x = z + 1e5; prior 1/(1 + x^2); E[cosh(x)] <= 2.85; E[abs(x - 0.3)] = 0.9"},
        {"x in R; E[exp(x)] = 1; E[x] = -0.8", "z in R; let x = z - 1e6; E[exp(x)] = 1; E[x] = -0.8"},
        {"n in -1000000..inf; E[cosh(n)] = 3", "n in 0..inf; E[cosh(n - 1e6)] = 3"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        double entropy[2];
        for (int side = 0; side < 2; side++) {
            maxent_problem *problem = compile(side == 0 ? list[i].near : list[i].far);
            maxent_result *result = solve(problem);
            if (maxent_result_verdict(result) != MAXENT_SOLVED)
                fail_msg("%s: %s", side == 0 ? list[i].near : list[i].far, maxent_result_message(result));
            entropy[side] = maxent_result_entropy(result);
            maxent_result_free(result);
            maxent_problem_free(problem);
        }
        if (!(fabs(entropy[0] - entropy[1]) <= 1e-9))
            fail_msg("%s: %.17g, not %.17g", list[i].far, entropy[1], entropy[0]);
    }
}

/* Twelve moments of s times a law on [0, 1], half beta(4, 12) and half beta(15, 5), for several s. */
static void test_moments_of_wide_intervals(void **state)
{
    (void)state;
    const double upper[] = {1, 1e6, 1e-3, 1e12};
    double entropy = 0;
    for (size_t i = 0; i < sizeof upper / sizeof *upper; i++) {
        char text[2048];
        size_t length = (size_t)snprintf(text, sizeof text, "x in [0, %g]", upper[i]);
        long double power = 1;
        long double first = 1, second = 1;
        for (int j = 1; j <= 12; j++) {
            first *= (4.0L + j - 1) / (16.0L + j - 1);
            second *= (15.0L + j - 1) / (20.0L + j - 1);
            power *= (long double)upper[i];
            length += (size_t)snprintf(text + length, sizeof text - length, "; E[x^%d] = %.17Lg", j, (first + second) / 2 * power);
        }
        maxent_problem *problem = compile(text);
        maxent_result *result = solve(problem);
        double moved = maxent_result_entropy(result) - log(upper[i]);
        if (maxent_result_verdict(result) != MAXENT_SOLVED || (i > 0 && !(fabs(moved - entropy) <= 1e-6)))
            fail_msg("[0, %g]: %s, entropy %.17g, not %.17g", upper[i], maxent_result_message(result), moved, entropy);
        entropy = i == 0 ? moved : entropy;
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* What is only approached is told in the user's units; what doubles cannot hold is told, and quickly. */
static void test_words(void **state)
{
    (void)state;
    const struct {
        const char *text;
        maxent_verdict verdict;
        const char *words;
    } list[] = {
        {"x in [0, inf); E[x] = 5e14; E[x^2] = 4e29; E[x^3] = 4.5e44", MAXENT_UNATTAINED,
         "the answer has 4.113777153e44 there, and the rest of 4.5e44"},
        {"x in [0, inf); E[x] = 1e306", MAXENT_UNFINISHED, "beyond the range of doubles"},
        {"x in R; E[abs(x)] = 1e305", MAXENT_UNFINISHED, "beyond the range of doubles"},
        {"x in R; E[x] = 1e20; E[x^2] = 1e39", MAXENT_INFEASIBLE, "E[x^2] = 1e39"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(problem);
        if (maxent_result_verdict(result) != list[i].verdict || strstr(maxent_result_message(result), list[i].words) == NULL)
            fail_msg("%s: %s: %s", list[i].text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* The k-th allocation fails, for every k. */
static void test_no_memory(void **state)
{
    (void)state;
    maxent_problem *problem = compile("x in R; E[x] = 0; E[x^2] = 1e26");
    for (size_t k = 1, failed = 1; failed > 0; k++) {
        maxent_result *result = NULL;
        failing_alloc_start(k, 0);
        maxent_error error = maxent_solve(problem, NULL, &result, NULL);
        failed = failing_alloc_stop();
        if (error == MAXENT_OK) {
            assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
            maxent_result_free(result);
        } else {
            assert_int_equal(error, MAXENT_ERROR_MEMORY);
        }
    }
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_powers_of_two),
                                       cmocka_unit_test(test_moments_of_wide_intervals), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_far_centres), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
