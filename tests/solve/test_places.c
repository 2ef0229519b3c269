/* Continuous supports that have many places, or mass in few: verdict and entropy against numbers that are worked out beside each. */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct expected {
    const char *text;
    maxent_verdict verdict;
    double entropy;        /* NaN: none to compare */
    double within;
    const char *says;      /* what the message has in it, or NULL */
} expected;

static maxent_result *answer(const char *text, double limit)
{
    maxent_problem *problem;
    maxent_result *result;
    maxent_options options;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    maxent_options_init(&options);
    options.time_limit = limit;
    if (maxent_solve(problem, &options, &result, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    maxent_problem_free(problem);
    return result;
}

static void check(const expected *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        maxent_result *result = answer(list[i].text, 60);
        double entropy = maxent_result_entropy(result);
        if (maxent_result_verdict(result) != list[i].verdict)
            fail_msg("%s: %s, %s", list[i].text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
        if (!isnan(list[i].entropy) && !(fabs(entropy - list[i].entropy) <= list[i].within))
            fail_msg("%s: entropy %.17g, not %.17g", list[i].text, entropy, list[i].entropy);
        if (list[i].says != NULL && strstr(maxent_result_message(result), list[i].says) == NULL)
            fail_msg("%s: %s", list[i].text, maxent_result_message(result));
        maxent_result_free(result);
    }
}

/* More places where facts jump than cells have edges, or far out where they no longer do. */
static void test_many(void **state)
{
    (void)state;
    static const expected list[] = {
        /* with x - y = sqrt(2) u: log Z + lambda . tau from sums of error functions, 40 digits */
        {"x in R; y in R; E[floor(min(abs(x - y), 5))] = 1; E[x^2 + y^2] = 2", MAXENT_SOLVED, 2.6980347851653678724, 1e-9, NULL},
        /* 5000 equal steps: log((1 - r^5000)/(1 - r)) + 2000 lambda - log 5000, r = e^-lambda, by sums of geometric series */
        {"x in [0,1]; E[floor(5000*x)] = 2000", MAXENT_SOLVED, -0.060615759367560174607, 1e-9, NULL}};
    check(list, sizeof list / sizeof *list);
}

/* Mass as close to sides and corners as targets are to a bound. */
static void test_close(void **state)
{
    (void)state;
    static const expected list[] = {
        /* x y z <= x: E[x] = 0.4. The integral over x by formula, over y and z by Gauss rules on meshes graded to 1e-12 towards 1, and
         * Newton's method on that */
        {"x in [0,1]; y in [0,1]; z in [0,1]; E[x] = .4; E[y] = .5; E[z] = .9; E[x*y*z] = .39", MAXENT_SOLVED, -6.517984768463696, 1e-9,
         NULL}};
    check(list, sizeof list / sizeof *list);
    maxent_result *result = answer("x in [0,1]; y in [0,1]; z in [0,1]; E[x] = .4; E[y] = .5; E[z] = .9; E[x*y*z] = .399999", 10);
    maxent_verdict verdict = maxent_result_verdict(result); /* it can be met: refused or refuted it must not be */
    assert_true(verdict == MAXENT_SOLVED || verdict == MAXENT_UNFINISHED);
    maxent_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many), cmocka_unit_test(test_close)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
