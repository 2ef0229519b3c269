/* Facts that clash by next to nothing, faces that clash one after another, repairs to the last digit, and multipliers so large that only
 * double-double keeps their difference. */
#include "support.h"

#include <maxent/maxent.h>

static maxent_problem *problem_of(const char *text)
{
    maxent_problem *problem = NULL;
    maxent_diagnostic diagnostic;
    if (maxent_problem_from_text(text, strlen(text), "test", NULL, &problem, &diagnostic) != MAXENT_OK)
        fail_msg("%s: %s", text, diagnostic.message);
    return problem;
}

static maxent_result *solved(const maxent_problem *problem)
{
    maxent_result *result = NULL;
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    return result;
}

/* Taken at their word these have no solution; moved by a few units in the last place they leave one distribution. */
static void test_within_rounding(void **state)
{
    (void)state;
    static const struct { const char *text; double p[5]; } cases[] = {
        /* x = 2 always, by its mean and variance; 1 - 2^-53 of it is then asked for where 1 is meant */
        {"x in 1..5; E[abs(x - 5)] = 3; P[x <= 4 | x = 4 or x < 5] = 0.9999999999999999; E[x*x] = 4", {0, 1, 0, 0, 0}},
        /* 0.1 + 0.2 is above 0.3 in doubles */
        {"x in 1..5; P[x = 1] >= 0.1; P[x = 2] >= 0.2; P[x <= 2] <= 0.3; P[x = 3] >= 0.7", {.1, .2, .7, 0, 0}},
        /* E[x] = 0.1, all three; the 0.3 of the last two becomes a part of the feature, and is rounded all the same */
        {"x in {0.1, 0.2, 0.4, 0.8, 1.6}; 3*E[x] = 0.3", {1, 0, 0, 0, 0}},
        {"x in {0.1, 0.2, 0.4, 0.8, 1.6}; 3*E[x] - 0.3 = 0", {1, 0, 0, 0, 0}},
        {"x in {0.1, 0.2, 0.4, 0.8, 1.6}; E[x] <= 0.3 - 2*E[x]", {1, 0, 0, 0, 0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        maxent_problem *problem = problem_of(cases[c].text);
        maxent_result *result = solved(problem);
        if (maxent_result_verdict(result) != MAXENT_BOUNDARY && maxent_result_verdict(result) != MAXENT_SOLVED)
            fail_msg("%s: %s", cases[c].text, maxent_result_message(result));
        for (size_t x = 0; x < 5; x++)
            assert_true(fabs(maxent_result_probabilities(result)[x] - cases[c].p[x]) < 1e-14);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* 0.1 and 0.9 are no doubles, and the sum of the two nearest is not 1: taken at their word the first two facts of each would force their
 * condition to probability zero. The second says nothing new. */
static void test_complements(void **state)
{
    (void)state;
    static const char *share[][2] = {{"0.1", "0.9"}, {"0.3", "0.7"}, {"0.6542248284119413", "0.34577517158805876"}};
    for (size_t c = 0; c < sizeof share / sizeof *share; c++) {
        char text[300];
        static const char rest[] = "u in {a, b, c}; v in {a, b, c}; P[v != c | u != b] = 0.83; P[u = a | v = a] = ";
        snprintf(text, sizeof text, "%s%s; P[u != a | v = a] = %s", rest, share[c][0], share[c][1]);
        maxent_problem *problem = problem_of(text);
        snprintf(text, sizeof text, "%s%s", rest, share[c][0]);
        maxent_problem *without = problem_of(text);
        maxent_result *result = solved(problem), *other = solved(without);
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        assert_int_equal(maxent_result_verdict(other), MAXENT_SOLVED);
        for (size_t x = 0; x < 9; x++)
            assert_true(fabs(maxent_result_probabilities(result)[x] - maxent_result_probabilities(other)[x]) < 1e-15);
        maxent_result_free(result);
        maxent_result_free(other);
        maxent_problem_free(problem);
        maxent_problem_free(without);
    }
}

/* E[n | n > 2] above 3 leaves P[n > 2] = 0, and then E[n] = 2.04 is too much: two stages, one certificate. */
static void test_chain(void **state)
{
    (void)state;
    maxent_problem *problem = problem_of("n in 0..3; E[n | n > 2] in [3.00000000000001, 3.0000000000001]; E[n] = 2.04");
    maxent_result *result = solved(problem);
    assert_int_equal(maxent_result_verdict(result), MAXENT_INFEASIBLE);
    maxent_fact fact[3];
    for (size_t i = 0; i < 3; i++)
        maxent_result_fact(result, i, &fact[i]);
    assert_true(fact[0].direction < 0 && fact[1].direction == 0 && fact[2].direction < 0);
    for (int n = 0; n <= 3; n++) {
        long double along = fact[0].direction * (n > 2 ? n - 3.00000000000001L : 0) + fact[2].direction * (n - 2.04L);
        assert_true(along > 0);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void test_repairs(void **state)
{
    (void)state;
    static const char *texts[] = {
        ("x in 5..15; P[x > 6] = 0.8647117; P[x != 11] <= 0.759; E[x] in [9.154061012026004, 9.154061012028665]; "
         "E[x] <= 9.154061012025709; E[x*x] <= 92.53; E[cos(x)] = 0.3933861"),
        "x in {0, 1e8}; E[x] = 77827706.7; E[(x - 6.5e7)^2] = -2746996748484816",
        "x in {0.1, 0.7, 1.3}; E[x] = 0.9; E[x^4] = -1e9",
        "x in {0, 1, 2, 3}; E[x] = 0.5; P[x < 2] = 0; P[x = 3] = 0.5",
        ("x in {-1.8, -1, 1.11, 1.113116, 4.7}; E[x] = 0.9; P[(x <= -1) or (x >= -1.8) | x < 1.11] <= 0.98; P[x > 1.113116] = 0.17"),
    };
    size_t tried = 0;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        maxent_problem *problem = problem_of(texts[t]);
        maxent_result *result = solved(problem);
        assert_int_equal(maxent_result_verdict(result), MAXENT_INFEASIBLE);
        for (size_t i = 0; i < maxent_result_facts(result); i++) {
            maxent_fact fact;
            maxent_result_fact(result, i, &fact);
            if (isnan(fact.repair))
                continue;
            double low = fact.lower == fact.upper || fact.direction < 0 ? fact.repair : fact.lower;
            double high = fact.lower == fact.upper || fact.direction > 0 ? fact.repair : fact.upper;
            assert_int_equal(maxent_problem_set_interval(problem, i, low, high), MAXENT_OK);
            maxent_result *other = solved(problem);
            if (maxent_result_verdict(other) != MAXENT_SOLVED && maxent_result_verdict(other) != MAXENT_BOUNDARY)
                fail_msg("%s: fact %zu moved to %.17g: %s", texts[t], i, fact.repair, maxent_result_message(other));
            maxent_result_free(other);
            assert_int_equal(maxent_problem_set_interval(problem, i, fact.lower, fact.upper), MAXENT_OK);
            tried++;
        }
        /* x is 1e8 with probability .778277067, so the second moment about 6.5e7 is settled: 4.225e15 - 3e15 * .778277067 */
        if (t == 1) {
            maxent_fact fact;
            maxent_result_fact(result, 1, &fact);
            assert_true(isnan(fact.repair) || fabs(fact.repair - 1890168799000000.0) <= 0.5);
        }
        if (t == 3) { /* x is 2 or 3, by halves: the one mean there is */
            maxent_fact fact;
            maxent_result_fact(result, 0, &fact);
            assert_true(isnan(fact.repair) || fact.repair == 2.5);
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
    assert_true(tried > 0); /* they are given up after 0.7 s, which a debugger may take */
}

/* An exact bound and a standard error of 5e-7 at odds over the same probability: multipliers of 4e11. The bound wins; given y = 0, x is
 * uniform, given y = 1 geometric with the mean that E[x*y] leaves. */
static void test_against_a_bound(void **state)
{
    (void)state;
    maxent_problem *problem = problem_of("x in 1..3; y in 0..1; E[(y - 1)^2] = 0.665 +- 4.73e-7; E[y] <= 0.2405955; E[x*y] = 0.5");
    maxent_result *result = solved(problem);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    const double *p = maxent_result_probabilities(result); /* (x, y), y fastest */
    assert_true(fabs(p[1] + p[3] + p[5] - 0.2405955) < 1e-15 && fabs(p[1] + 2 * p[3] + 3 * p[5] - 0.5) < 2e-15);
    for (size_t x = 0; x < 3; x++)
        assert_true(fabs(p[2 * x] - (1 - 0.2405955) / 3) < 1e-15);
    assert_true(fabs(p[1] * p[5] - p[3] * p[3]) < 1e-15);
    maxent_certificate certificate;
    maxent_result_certificate(result, &certificate);
    assert_true(certificate.residual < 1e-12);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Two standard errors at odds: log((1 - m) / m) = (m - t_1) / sd^2 + (m - t_2) / sd^2 for m = P[u = b]. */
static void test_two_errors(void **state)
{
    (void)state;
    maxent_problem *problem = problem_of("u in {a, b}; v in {a, b, c}; P[u = b] = 0.36510831 +- 4e-7; P[u = b] = 0.3651059 +- 4e-7; "
                                         "P[v != a] = 0.48");
    maxent_result *result = solved(problem);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    const double *p = maxent_result_probabilities(result), middle = (0.36510831 + 0.3651059) / 2;
    double m = p[3] + p[4] + p[5], expected = middle + 8e-14 * log((1 - middle) / middle);
    assert_true(fabs(m - expected) < 4e-16);
    assert_true(fabs(p[0] - 0.52 * (1 - m)) < 1e-15 && fabs(p[1] - 0.24 * (1 - m)) < 1e-15 && fabs(p[5] - 0.24 * m) < 1e-15);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Facts of a drawn law, an exact one and one with a standard error for the same mean, 600 of them apart. */
static void test_conflict(void **state)
{
    (void)state;
    maxent_problem *problem = problem_of("x in -2..22; P[x < 5] = 0.3342556; P[x > 16 | x > 6] = 0.7964; E[x] = 11.09 +- 8e-6; "
                                         "E[(x - 19)^2] = 128.379; E[x] = 11.0949");
    maxent_problem *without = problem_of("x in -2..22; P[x < 5] = 0.3342556; P[x > 16 | x > 6] = 0.7964; "
                                         "E[(x - 19)^2] = 128.379; E[x] = 11.0949");
    maxent_result *result = solved(problem), *other = solved(without); /* what is exact leaves the other nothing to say */
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_int_equal(maxent_result_verdict(other), MAXENT_SOLVED);
    for (size_t x = 0; x < 25; x++)
        assert_true(fabs(maxent_result_probabilities(result)[x] - maxent_result_probabilities(other)[x]) < 1e-14);
    maxent_result_free(result);
    maxent_result_free(other);
    maxent_problem_free(problem);
    maxent_problem_free(without);
}

/* Two values a billion standard errors apart: uniform, with multipliers of 5e17 that no double resolves. Not told as solved. */
static void test_billion(void **state)
{
    (void)state;
    maxent_problem *problem = problem_of("x in {1, 2, 3}; E[x] = 2.5 +- 1e-9; E[x] = 1.5 +- 1e-9");
    maxent_result *result = solved(problem);
    if (maxent_result_verdict(result) != MAXENT_UNFINISHED)
        assert_true(fabs(maxent_result_probabilities(result)[1] - 1.0 / 3.0) < 1e-9);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_within_rounding), cmocka_unit_test(test_complements),
                                       cmocka_unit_test(test_chain),
                                       cmocka_unit_test(test_repairs), cmocka_unit_test(test_against_a_bound),
                                       cmocka_unit_test(test_billion), cmocka_unit_test(test_two_errors), cmocka_unit_test(test_conflict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
