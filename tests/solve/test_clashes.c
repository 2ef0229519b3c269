/* Clashes on continuous supports: verdict, margin and direction against inequalities that are worked out beside each, repairs put back, and
 * bounds of features on boxes against the features themselves. */
#include <maxent/maxent.h>

#include "facts/ranges.h"
#include "support/failing_alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static maxent_problem *compile(const char *text)
{
    maxent_problem *problem;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    return problem;
}

static maxent_result *solve(const maxent_problem *problem, double limit)
{
    maxent_result *result;
    maxent_options options;
    maxent_diagnostic where;
    maxent_options_init(&options);
    options.time_limit = limit;
    if (maxent_solve(problem, &options, &result, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    return result;
}

typedef struct clash {
    const char *text;
    const char *says;      /* what the message has in it, or NULL */
} clash;

static void test_several_variables(void **state)
{
    (void)state;
    static const clash list[] = {
        /* one of the three fails */
        {"x in [0,1]; y in [0,1]; z in [0,1]; P[x < y] = 0.7; P[y < z] = 0.7; P[z < x] = 0.7", "is never below -2,"},
        {"x in [0,1]; y in [0,1]; P[x + y < 1] = 0; E[x + y] = 0.99", "is never below 1,"},
        {"x in [0,1]; y in [0,1]; P[x > y] = 1; E[x - y] = -0.01", NULL},
        {"x in R; y in R; E[x^2 + y^2] = 1; P[x^2 + y^2 > 4] = 0.4", "is never below 0,"},                  /* Markov */
        {"x in R; y in R; E[x] = 0.4; E[y] = 0.5; E[max(x, y)] = 0.499999", "-y + max(x, y) is never below 0,"}, /* no slack far out */
        {"x in R; y in R; z in R; E[x^2] = 1; E[y^2] = 1; E[z^2] = 1; E[x*y] = -0.6; E[x*z] = -0.6; E[y*z] = -0.6", "is never below 0,"},
        {"x in R; y in R; E[x*y] = 0.4; E[y^3] = 0.5; P[x < 1] = 0.3; P[x < 0] = 0.4", "P[x < 1] - P[x < 0] is never below 0,"},
        {"x in R; E[exp(x)] = 1; P[x > 1] = 0.4", "is never below 0,"},
        {"x in R; E[((x-5120)/1024)^4] = 0.5924170616113744; E[exp((((x-5120)/1024)^4)/1.1848341232227488)] = 1.6460725494294282", NULL}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(problem, 20);
        if (maxent_result_verdict(result) != MAXENT_INFEASIBLE || (list[i].says && !strstr(maxent_result_message(result), list[i].says)))
            fail_msg("%s: %s, %s", list[i].text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* a x^2 + b y^2 + c x y is nowhere below 0 only if 4 a b >= c^2: no certificate may be indefinite, however little. */
static void test_definite(void **state)
{
    (void)state;
    static const char *const text[] = {"x in R; y in R; E[x^2] = 1; E[y^2] = 4; E[x*y] = 2.5; E[x] = 0.1",
                                       "x in R; y in R; E[x^2] = 1; E[y^2] = 4; E[x*y] = 2.1; E[x] = 0.1",
                                       "x in R; y in R; E[x^2] = 1; E[y^2] = 4; E[x*y] = -2.0001; E[x] = 0.1"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = compile(text[i]);
        maxent_result *result = solve(problem, 20);
        assert_int_equal(maxent_result_verdict(result), MAXENT_INFEASIBLE);
        maxent_certificate proof;
        maxent_result_certificate(result, &proof);
        const double *d = proof.direction;
        assert_non_null(d);
        assert_true(d[0] > 0 && d[1] > 0 && 4 * d[0] * d[1] > d[2] * d[2]);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Where PSD holds by 1e-6 there is a law: det = 0.96 v - v^2. */
static void test_not_refuted(void **state)
{
    (void)state;
    static const char *const text[] = {
        "x in R; y in R; z in R; E[x^2] = 1; E[y^2] = 1; E[z^2] = 1; E[x*y] = 0.8; E[x*z] = 0.6; E[y*z] = 1e-6",
        "x in [0,1]; y in [0,1]; P[(x-0.83)^2 + (y-0.17)^2 <= 0.0001] = 0.5; E[x] = 0.6",
        "x in [0,1]; y in [0,1]; E[exp(-1e7*((x-0.4321)^2 + (y-0.61)^2))] = 0.2; E[x] = 0.4"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = compile(text[i]);
        maxent_result *result = solve(problem, 2);
        if (maxent_result_verdict(result) == MAXENT_INFEASIBLE)
            fail_msg("%s: %s", text[i], maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Features that go up and down about a centre far from 0. With u = x - centre and an ordinary density of u (a normal with waves; on the
 * plane exp(-v^2 + 2 cos(u+v) + 0.6 tanh(u v) - 0.6 sin(2u-v)) (1 + u^2 v^2) on 0 .. 1 x R, whose moments these are) the facts are met; the
 * certificates that are nearly right, 1e-10 u^2 - cos(u) >= -0.89, fail only at u = 0. On the line the answer is that of u itself. */
static void test_far_centres(void **state)
{
    (void)state;
    static const char *const line[] = {"z in R; let x = z; E[x^2] = 0.224; E[sin(2*x)] = -0.55; E[cos(x)] = 0.8924",
                                       "z in R; let x = z - 1e9; E[x^2] = 0.224; E[sin(2*x)] = -0.55; E[cos(x)] = 0.8924",
                                       "z in R; let x = z + 3e5; E[x^2] = 0.224; E[sin(2*x)] = -0.55; E[cos(x)] = 0.8924"};
    static const char *const plane = "x in [100000,100001]; y in R; let u = x - 100000; let v = y - 100000; prior 1 + u^2*v^2;"
                                     "E[v^2] = 0.42006228228721154; E[cos(u+v)] = 0.7884864579549482; E[tanh(u*v)] = -0.08551694613353981;"
                                     "E[sin(2*u-v)] = 0.4650982776671653";
    double first = 0;
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        maxent_problem *problem = compile(line[i]);
        maxent_result *result = solve(problem, 30);
        if (maxent_result_verdict(result) != MAXENT_SOLVED)
            fail_msg("%s: %s", line[i], maxent_result_message(result));
        first = i == 0 ? maxent_result_entropy(result) : first;
        assert_true(fabs(maxent_result_entropy(result) - first) < 1e-7); /* x - 1e9 has steps of 1e-7 */
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
    maxent_problem *problem = compile(plane);
    maxent_result *result = solve(problem, 10);
    if (maxent_result_verdict(result) == MAXENT_INFEASIBLE)
        fail_msg("%s: %s", plane, maxent_result_message(result));
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Where doubles end is no bound of log(x) or 1/x: E[log(x)] = -m has x^(1/m - 1)/m on 0 .. 1, and mass 1/800 of log(x) = -640000 beside a
 * law in the middle is enough for all of the others. But log(x) <= 0 there holds. */
static void test_no_bound_at_singular_points(void **state)
{
    (void)state;
    static const char *const text[] = {
        "x in [0,1]; E[log(x)] = -800", "x in [0,1]; E[log(1 - x)] = -800", "x in [0,1]; E[log(x)] = -1e4; E[log(1 - x)] = -1",
        "x in [0,1]; E[log(x)] = -1e12", "x in [0,1]; E[log(x)] = -1e20",
        "x in [0,inf); E[log(x)] = -2000; E[x] = 1", "x in [-1,1]; E[log(abs(x))] = -2000", "x in R; E[log(x^2)] = -2000; E[x^2] = 1",
        "x in [0,1]; y in [0,1]; E[log(x)] = -800; E[y] = 0.3", "x in [0,1]; y in [0,1]; E[log(1 - x*y)] = -800; E[x] = 0.3",
        "x in R; y in R; E[log(x^2 + y^2)] = -3000; E[x^2 + y^2] = 1", "x in [0,1]; y in [0,1]; E[-1/(x + y)] = -1e303"};
    static const char *const never[] = {"x in [0,1]; E[log(x)] = 0.1", "x in [0,1]; y in [0,1]; E[log(x)] = 0.1; E[y] = 0.3",
                                        "x in [0,inf); E[1/x] = 1; E[x] = 0.9"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = compile(text[i]);
        maxent_result *result = solve(problem, 3);
        maxent_verdict verdict = maxent_result_verdict(result);
        if (verdict != MAXENT_UNFINISHED && verdict != MAXENT_SOLVED)
            fail_msg("%s: %s, %s", text[i], maxent_verdict_word(verdict), maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        maxent_problem *problem = compile(never[i]);
        maxent_result *result = solve(problem, 10);
        if (maxent_result_verdict(result) != MAXENT_INFEASIBLE)
            fail_msg("%s: %s", never[i], maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* At x = 0.2 itself both P[x <= 0.2] and P[x >= 0.2] count: mass there meets what no density can. With E[x] = 0.3 none does:
 * 4 P[x <= 0.2] + 5 x is at most 5 everywhere, and would be 5.5. */
static void test_jumps(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        maxent_verdict verdict;
    } list[] = {
        {"x in [0,1]; P[x <= 0.2] = 1; P[x >= 0.2] = 1", "but for mass at x = 0.2 itself", MAXENT_SINGULAR},
        {"x in [0,1]; P[x <= 0.2] = 0.7; P[x >= 0.2] = 0.7", "but for mass at x = 0.2 itself", MAXENT_SINGULAR},
        {"x in [0,1]; P[x < 0.2] = 0; P[x > 0.2] = 0", "but for mass at x = 0.2 itself", MAXENT_SINGULAR},
        {"x in [0,1]; P[x <= 0.2] = 1; P[x >= 0.2] = 1; E[x] = 0.3", "is never below -5", MAXENT_INFEASIBLE},
        {"x in [0,2]; P[x >= 1] = 0.5; P[x < 1] = 0.4", "", MAXENT_INFEASIBLE},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(problem, 10);
        if (maxent_result_verdict(result) != list[i].verdict || strstr(maxent_result_message(result), list[i].says) == NULL)
            fail_msg("%s: %s", list[i].text, maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* A repair that is told mends everything: the facts with it are met, at least by point masses. */
static void test_repairs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t fact;
        double repair;     /* NaN: no change of it alone will do */
    } list[] = {{"x in [0,1]; E[x] = 0.5; E[x^2] = 0.24", 1, 0.25},
                /* m1^2 <= m2 is met at 0.25, (m1 - m2)^2 <= (1 - m1)(m2 - m3) at (1.5 - sqrt(0.85))/2 */
                {"x in [0,1]; E[x] = 0.5; E[x^2] = 0.24; E[x^3] = 0.2", 1, 0.2890227771353556},
                {"x in R; E[x] = 0.5; E[x^2] = 0.24; P[x < 0] = 0.3; P[x < -1] = 0.31", 1, NAN},
                {"x in R; E[exp(x)] = 1; P[x > 1] = 0.4", 1, 0.36787944117144233}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(problem, 20);
        assert_int_equal(maxent_result_verdict(result), MAXENT_INFEASIBLE);
        maxent_fact fact;
        maxent_result_fact(result, list[i].fact, &fact);
        double got = fact.repair;
        if (!(isnan(list[i].repair) ? isnan(got) : fabs(got - list[i].repair) <= 1e-9))
            fail_msg("%s: repair %.17g, not %.17g", list[i].text, got, list[i].repair);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Values at points of a box lie within its bounds, and the bounds of a point are its value. */
static void test_ranges(void **state)
{
    (void)state;
    static const char text[] = "x in [-3, 4]; y in [0.1, 2]; E[sin(3*x) + cos(x*y)] = 0; E[x^3 - 2*x*y] = 0; E[y^x] = 1;"
                               "E[log(y) + sqrt(y)] = 0; E[(x < y and not x^2 > 2) or floor(x) = 1] = 0.5;"
                               "E[max(x, y) - min(x, 1) + abs(x)] = 1;"
                               "E[exp(-x^2)/y] = 1; E[cosh(x) + tanh(x*y)] = 2; P[x >= y] = 0.5";
    maxent_problem *problem = compile(text);
    mx_ranges *ranges = mx_ranges_new(problem);
    enum { K = 9 };
    assert_int_equal(problem->k, K);
    assert_non_null(ranges);
    unsigned seed = 1;
    for (int round = 0; round < 300; round++) {
        double u[4], low[K], high[K], f[K], f_low[K];
        for (int j = 0; j < 4; j++) {
            seed = seed * 1664525u + 1013904223u;
            u[j] = (seed >> 8) / 16777216.0;
        }
        double width = round % 3 == 0 ? 0 : round % 3 == 1 ? 0.05 : 0.6;
        double lower[2] = {-3 + 7 * u[0] * (1 - width), 0.1 + 1.9 * u[1] * (1 - width)};
        double upper[2] = {lower[0] + 7 * width, lower[1] + 1.9 * width};
        double x = lower[0] + u[2] * (upper[0] - lower[0]), y = lower[1] + u[3] * (upper[1] - lower[1]);
        const double *const at[] = {&x, &y};
        mx_points points = {1, at, NULL};
        assert_int_equal(mx_field_values(problem, &points, f, f_low, NULL), 0);
        mx_ranges_bounds(ranges, lower, upper, low, high);
        for (int i = 0; i < K; i++) {
            double slack = 1e-13 * (1 + fabs(f[i]));
            if (!(low[i] <= f[i] + slack && f[i] <= high[i] + slack) || (width == 0 && !(high[i] - low[i] <= slack)))
                fail_msg("feature %d at (%g, %g): %.17g, bounds %.17g .. %.17g", i, x, y, f[i], low[i], high[i]);
        }
    }
    mx_ranges_free(ranges);
    maxent_problem_free(problem);
}

static void test_memory(void **state)
{
    (void)state;
    static const char *const text[] = {"x in R; P[x < 0] = 0; E[x] = -1", "n in 0..inf; P[n > 5] = 0; E[n] = 2",
                                       "x in R; y in R; E[x^2] = 0; E[y] = 1; E[y^2] = 2", "x in R; E[x^2] = 0; P[x < 0] = .5",
                                       "x in [0,1]; y in [0,1]; P[x > y] >= 0.9; E[x - y] = -0.2",
                                       "x in R; y in R; E[x] = 0.4; E[y] = 0.5; E[max(x, y)] = 0.4",
                                       "x in [0,1]; P[x <= 0.2] = 0.7; P[x >= 0.2] = 0.7", "x in [0,1]; E[log(1 - x)] = -800"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = compile(text[i]);
        size_t failed = 1;
        for (size_t fail = 1; failed > 0; fail += fail < 60 ? 1 : 7 + fail / 4) {
            maxent_result *result = NULL;
            maxent_options options;
            maxent_options_init(&options);
            options.threads = 1;
            failing_alloc_start(fail, 0);
            maxent_error error = maxent_solve(problem, &options, &result, NULL);
            failed = failing_alloc_stop();
            if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY)
                fail_msg("%s: allocation %zu: %s", text[i], fail, maxent_error_text(error));
            assert_true((error == MAXENT_OK) == (result != NULL));
            maxent_result_free(result);
        }
        maxent_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_several_variables), cmocka_unit_test(test_definite),
                                       cmocka_unit_test(test_not_refuted), cmocka_unit_test(test_far_centres),
                                       cmocka_unit_test(test_no_bound_at_singular_points),
                                       cmocka_unit_test(test_jumps), cmocka_unit_test(test_repairs), cmocka_unit_test(test_ranges),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
