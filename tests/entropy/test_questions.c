/* Yes/no questions: known games, optimality against all trees by Kraft's sums, deterministic ties. */
#include <maxent/entropy.h>

#include "entropy/close.h"
#include "support/failing_alloc.h"

#include <stdlib.h>
#include <string.h>

static maxent_diagnostic where;

static void ask(size_t n, const double *p, maxent_question *question, size_t *asked, double *expected)
{
    if (maxent_questions(n, p, question, asked, expected, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
}

static void test_known(void **state)
{
    (void)state;
    double p[100], expected;
    maxent_question question[99];
    size_t asked[100];
    for (int i = 0; i < 32; i++)
        p[i] = 1.0 / 32;
    ask(32, p, question, asked, &expected);
    assert_true(expected == 5); /* 32 teams: exactly five questions */
    for (int i = 0; i < 32; i++)
        assert_int_equal(asked[i], 5);
    const double four[] = {0.4, 0.3, 0.2, 0.1};
    ask(4, four, question, asked, &expected);
    assert_close(expected, 1.9, 1e-15);
    assert_true(asked[0] == 1 && asked[1] == 2 && asked[2] == 3 && asked[3] == 3);
    /* Cover and Thomas, example 5.6.1: lengths 2, 2, 2, 3, 3 and 2.3 bits */
    const double five[] = {0.25, 0.25, 0.2, 0.15, 0.15};
    ask(5, five, question, asked, &expected);
    assert_close(expected, 2.3, 1e-15);
    assert_true(asked[0] == 2 && asked[1] == 2 && asked[2] == 2 && asked[3] == 3 && asked[4] == 3);
    const double one[] = {1}, sure[] = {0, 1, 0};
    ask(1, one, question, asked, &expected);
    assert_true(expected == 0 && asked[0] == 0);
    ask(3, sure, question, asked, &expected);
    assert_true(expected == 1 && asked[1] == 1);
    for (int i = 0; i < 100; i++) /* 100 equal ones: 28 questions of 6, 72 of 7 */
        p[i] = 0.01;
    ask(100, p, question, asked, &expected);
    assert_close(expected, 6.72, 1e-14);
}

static void test_properties(void **state)
{
    (void)state;
    uint64_t random = 11;
    double p[60], expected, h, again;
    maxent_question question[59], second[59];
    size_t asked[60], asked2[60];
    for (int trial = 0; trial < 500; trial++) {
        size_t n = 2 + random_bits(&random) % 59;
        if (trial % 4 == 0) { /* many ties */
            double sum = 0;
            for (size_t i = 0; i < n; i++)
                sum += p[i] = (double)(1 + random_bits(&random) % 3);
            for (size_t i = 0; i < n; i++)
                p[i] /= sum;
        } else {
            random_probabilities(&random, n, p);
        }
        memset(question, 0, sizeof question);
        ask(n, p, question, asked, &expected);
        ask(n, p, second, asked2, &again);
        assert_memory_equal(question, second, (n - 1) * sizeof *question);
        maxent_entropy(n, p, &h, &where);
        assert_true(expected >= h / log(2) - 1e-12 && expected < h / log(2) + 1 + 1e-12);
        double kraft = 0;
        int used[120] = {0};
        for (size_t i = 0; i < n; i++)
            kraft += ldexp(1, -(int)asked[i]);
        assert_true(kraft == 1); /* a full tree */
        for (size_t j = 0; j + 1 < n; j++) {
            used[question[j].yes]++;
            used[question[j].no]++;
            assert_true(question[j].yes < n + j && question[j].no < n + j);
        }
        for (size_t i = 0; i + 1 < 2 * n - 1; i++)
            assert_int_equal(used[i], 1);
        for (size_t i = 0; i < n; i++) /* lighter outcomes are never found earlier */
            for (size_t j = 0; j < n; j++)
                assert_true(p[i] >= p[j] || asked[i] >= asked[j] || p[j] - p[i] < 1e-15);
    }
}

/* The least expected number over all sorted depth sequences with Kraft sum 1, for up to 7 outcomes. */
static double best_of_all(size_t n, const double *sorted, size_t at, int depth, double kraft)
{
    if (at == n)
        return kraft == 1 ? 0 : INFINITY;
    double best = INFINITY;
    for (int d = depth; d < (int)n; d++) { /* heaviest first: depths do not fall */
        double used = kraft + ldexp(1, -d);
        if (used > 1)
            continue;
        best = fmin(best, sorted[at] * d + best_of_all(n, sorted, at + 1, d, used));
    }
    return best;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void test_optimal(void **state)
{
    (void)state;
    uint64_t random = 12;
    for (int trial = 0; trial < 200; trial++) {
        double p[7], expected;
        maxent_question question[6];
        size_t asked[7], n = 2 + (size_t)trial % 6;
        random_probabilities(&random, n, p);
        ask(n, p, question, asked, &expected);
        qsort(p, n, sizeof *p, descending);
        assert_close(expected, best_of_all(n, p, 0, 1, 0), 1e-14);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const double half[] = {0.5, 0.4}, good[] = {0.5, 0.3, 0.2};
    double expected = 77;
    maxent_question question[2];
    size_t asked[3];
    assert_int_equal(maxent_questions(0, good, question, asked, &expected, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_questions(2, half, question, asked, &expected, &where), MAXENT_ERROR_VALUE);
    assert_true(expected == 77);
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = maxent_questions(3, good, question, asked, &expected, &where);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_optimal),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
