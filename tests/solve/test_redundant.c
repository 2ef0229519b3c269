/* Facts that others imply but for the last place of their targets, on continuous and countable supports. */
#include <maxent/maxent.h>

#include "support/failing_alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

static maxent_result *solve(const char *text, maxent_problem *problem)
{
    maxent_result *result;
    maxent_options options;
    maxent_diagnostic where;
    maxent_options_init(&options);
    options.time_limit = 20;
    if (maxent_solve(problem, &options, &result, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    return result;
}

/* Entropies without the third fact, by mpmath at 40 digits: of the gamma law with these means of x and log x (shape 0.67281396774716259),
 * of the beta law (0.97668359183867835, 0.82165032251121659), and by the sum over n of exp(-0.19342051330113973 n + 0.0023840950077608166
 * sqrt(n)). The last is a normal on the plane of variance (2.05 - 0.01 - 0.04) / 2 = 1 in each axis: log(2 pi e). */
static void test_implied(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double entropy;
    } list[] = {{"x in [0,inf); E[x] = 2.7; E[log(x)] = 0.09; E[3*x] = 8.1", 1.9322657069411935},
                {"x in [0,inf); E[3*x] = 8.1; E[log(x)] = 0.09; E[x] = 2.7", 1.9322657069411935},
                {"x in [0,1]; E[log(x)] = -0.9; E[log(1-x)] = -1.2; E[log(x)+log(1-x)] = -2.1", -0.017837315535544488},
                {"n in 0..inf; E[n] = 4.7; E[sqrt(n)] = 1.8; E[0.1*n+0.2*sqrt(n)] = 0.83", 2.6471128294207999},
                {"x in R; y in R; E[x] = 0.1; E[y] = 0.2; E[x+y] = 0.3; E[x^2+y^2] = 2.05", 2.8378770664093454}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(list[i].text, problem);
        if (maxent_result_verdict(result) != MAXENT_SOLVED)
            fail_msg("%s: %s", list[i].text, maxent_result_message(result));
        if (!(fabs(maxent_result_entropy(result) - list[i].entropy) < 1e-12))
            fail_msg("%s: entropy %.17g", list[i].text, maxent_result_entropy(result));
        maxent_fact fact;
        for (size_t f = 0; f < maxent_result_facts(result); f++) {
            maxent_result_fact(result, f, &fact);
            assert_true(fact.residual < 1e-12);
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* By more than rounding it is a clash, and what repairs it is asked of all facts: E[x] = 8.2 / 3. A feature that is 0 but far out is not
 * implied by others that it does not change near the middle. */
static void test_not_implied(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        maxent_verdict verdict;
        const char *says;
    } list[] = {{"x in [0,inf); E[x] = 2.7; E[log(x)] = 0.09; E[3*x] = 8.2", MAXENT_INFEASIBLE, "E[x] = 2.733333333"},
                {"x in [0,1]; E[x] = 1.7; E[3*x] = 5.1", MAXENT_INFEASIBLE, "x never exceeds 1"},
                {"x in R; E[x^2] = 3.3; E[x] = 0.1; E[3*x + 7*(x > 5)] = 0.3", MAXENT_BOUNDARY, NULL}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result = solve(list[i].text, problem);
        if (maxent_result_verdict(result) != list[i].verdict)
            fail_msg("%s: %s", list[i].text, maxent_result_message(result));
        if (list[i].says != NULL && strstr(maxent_result_message(result), list[i].says) == NULL)
            fail_msg("%s: %s", list[i].text, maxent_result_message(result));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

static void test_memory(void **state)
{
    (void)state;
    maxent_problem *problem = compile("x in [0,inf); E[x] = 2.7; E[log(x)] = 0.09; E[3*x] = 8.1");
    size_t failed = 1;
    for (size_t fail = 1; failed > 0; fail += fail < 150 ? 1 : 7 + fail / 4) {
        maxent_result *result = NULL;
        maxent_options options;
        maxent_options_init(&options);
        options.threads = 1;
        failing_alloc_start(fail, 0);
        maxent_error error = maxent_solve(problem, &options, &result, NULL);
        failed = failing_alloc_stop();
        if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY)
            fail_msg("allocation %zu: %s", fail, maxent_error_text(error));
        assert_true((error == MAXENT_OK) == (result != NULL));
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_implied),
        cmocka_unit_test(test_not_implied),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
