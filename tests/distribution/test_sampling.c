/* The sampler, and the entropy of given probabilities.
 *
 * Expected draws come from a separate program in Python: xoshiro256++ with 64-bit integers, checked against the authors' first outputs
 * for the state 1, 2, 3, 4 (41943041, 58720359, 3588806011781223) and splitmix64's first output for 0 (e220a8397b1dcdaf), with Vose's
 * table. The shape of many draws is judged by chi-square with fixed seeds, so that these tests either always pass or never.
 */
#include <maxent/distribution.h>

#include "support/failing_alloc.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void draws(size_t n, const double *p, uint64_t seed, size_t count, size_t *out)
{
    maxent_sampler *sampler = NULL;
    assert_int_equal(maxent_sampler_new(n, p, seed, &sampler), MAXENT_OK);
    maxent_sampler_draw(sampler, count, out);
    maxent_sampler_free(sampler);
}

static void same_draws_as_the_other_program(void **unused)
{
    (void)unused;
    static const double p[] = {0.1, 0.2, 0.3, 0.4}, holes[] = {0.5, 0.0, 0.25, 0.0, 0.25};
    static const size_t want_p[] = {0, 2, 3, 2, 3, 0, 2, 1, 0, 3, 2, 3, 3, 0, 1, 3, 2, 1, 1, 3, 3, 0, 3, 1};
    static const size_t want_holes[] = {0, 4, 0, 2, 2, 2, 2, 2, 4, 0, 0, 4, 2, 4, 2, 4, 0, 0, 0, 4, 4, 4, 0, 2};
    size_t got[24];
    draws(4, p, 7, 24, got);
    assert_memory_equal(got, want_p, sizeof got);
    draws(5, holes, 2026, 24, got);
    assert_memory_equal(got, want_holes, sizeof got);
}

/* Draws in pieces are the draws in one go. */
static void pieces(void **unused)
{
    (void)unused;
    static const double p[] = {1, 2, 3};
    size_t all[100], part[100];
    maxent_sampler *sampler;
    draws(3, p, 5, 100, all);
    assert_int_equal(maxent_sampler_new(3, p, 5, &sampler), MAXENT_OK);
    maxent_sampler_draw(sampler, 1, part);
    maxent_sampler_draw(sampler, 0, part);
    maxent_sampler_draw(sampler, 99, part + 1);
    maxent_sampler_free(sampler);
    assert_memory_equal(all, part, sizeof all);
}

/* Frequencies of 400,000 draws: chi-square within 5 standard deviations of its mean n - 1 (its variance is 2 (n - 1)). */
static void frequencies(void **unused)
{
    (void)unused;
    enum { N = 37, COUNT = 400000 };
    static size_t out[COUNT];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        double p[N], sum = 0.0, chi = 0.0;
        size_t hits[N] = {0}, positive = 0;
        uint64_t z = seed;
        for (int i = 0; i < N; i++) {
            z = z * 6364136223846793005u + 1442695040888963407u;
            double u = (double)(z >> 11) * 0x1p-53;
            p[i] = i % 5 == 3 ? 0.0 : pow(u, 4.0) * ldexp(1.0, (int)seed * 100 - 300); /* any sum */
            sum += p[i];
            positive += p[i] > 0.0;
        }
        draws(N, p, seed, COUNT, out);
        for (int i = 0; i < COUNT; i++) {
            assert_true(out[i] < N);
            hits[out[i]]++;
        }
        double rare = 0.0, rare_hits = 0.0;
        for (int i = 0; i < N; i++) {
            double expected = p[i] / sum * COUNT;
            if (p[i] == 0.0) {
                assert_int_equal(hits[i], 0);
            } else if (expected < 10.0) { /* too few for chi-square: taken together */
                rare += expected;
                rare_hits += (double)hits[i];
                positive--;
            } else {
                chi += ((double)hits[i] - expected) * ((double)hits[i] - expected) / expected;
            }
        }
        if (rare > 0.0)
            chi += (rare_hits - rare) * (rare_hits - rare) / fmax(rare, 1.0);
        assert_true(fabs(chi - (double)(positive - 1)) < 5.0 * sqrt(2.0 * (double)positive) + 1.0);
    }
}

/* A state of probability zero is never drawn, also where rounding leaves cells over. */
static void never_the_impossible(void **unused)
{
    (void)unused;
    enum { N = 1000, COUNT = 200000 };
    static double p[N];
    static size_t out[COUNT];
    for (int i = 0; i < N; i++)
        p[i] = i % 3 == 0 ? 0.0 : 1.0 / (0.1 + i);
    draws(N, p, 99, COUNT, out);
    for (int i = 0; i < COUNT; i++)
        assert_true(p[out[i]] > 0.0);
    static const double one[] = {0.0, 0.0, 5e-324};
    draws(3, one, 1, 1000, out);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(out[i], 2);
}

static void edges(void **unused)
{
    (void)unused;
    static const double one[] = {0.3}, zero[] = {0.0, 0.0}, negative[] = {0.5, -0.1}, nan_[] = {0.5, NAN}, infinite[] = {1.0, INFINITY};
    static const double huge[] = {1e308, 1e308, 1e308};
    maxent_sampler *sampler = NULL;
    size_t out[10];
    draws(1, one, 0, 10, out);
    for (int i = 0; i < 10; i++)
        assert_int_equal(out[i], 0);
    assert_int_equal(maxent_sampler_new(0, one, 1, &sampler), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_sampler_new(1, NULL, 1, &sampler), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_sampler_new(1, one, 1, NULL), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_sampler_new(2, zero, 1, &sampler), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_sampler_new(2, negative, 1, &sampler), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_sampler_new(2, nan_, 1, &sampler), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_sampler_new(2, infinite, 1, &sampler), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_sampler_new(3, huge, 1, &sampler), MAXENT_ERROR_VALUE);
    assert_null(sampler);
    maxent_sampler_free(NULL);
}

static void no_memory(void **unused)
{
    (void)unused;
    static const double p[] = {0.1, 0.2, 0.7};
    size_t k = 0, failed;
    do {
        maxent_sampler *sampler = NULL;
        failing_alloc_start(++k, 0);
        maxent_error error = maxent_sampler_new(3, p, 1, &sampler);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        assert_true((sampler == NULL) == (failed > 0));
        maxent_sampler_free(sampler);
    } while (failed > 0);
    assert_true(k > 3);
}

static void entropy(void **unused)
{
    (void)unused;
    static const double certain[] = {0.0, 1.0, 0.0}, quarters[] = {0.5, 0.25, 0.125, 0.125};
    assert_true(maxent_entropy_of(3, certain) == 0.0);
    assert_true(maxent_entropy_of(0, NULL) == 0.0);
    /* 7/4 bits: Cover and Thomas, example 2.1.1 */
    assert_true(fabs(maxent_entropy_of(4, quarters) - 1.75 * 0.69314718055994530942) <= 2 * DBL_EPSILON);
    /* a million equal states: log 10^6 = 13.815510557964274; each term is off by an ulp or so, the sum by no more */
    enum { N = 1000000 };
    double *p = malloc(N * sizeof *p);
    assert_non_null(p);
    for (int i = 0; i < N; i++)
        p[i] = 1e-6;
    assert_true(fabs(maxent_entropy_of(N, p) - 13.815510557964274104) <= 4 * DBL_EPSILON * 14);
    free(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_draws_as_the_other_program), cmocka_unit_test(pieces), cmocka_unit_test(frequencies),
        cmocka_unit_test(never_the_impossible),            cmocka_unit_test(edges),  cmocka_unit_test(no_memory),
        cmocka_unit_test(entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
