/* Every allocation of every report and question about a density fails once: the call says MEMORY, leaves its outputs alone, and leaks
 * nothing (sanitizers). */
#include <maxent/maxent.h>

#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const texts[] = {
    "x in [0, inf); E[x] = 2",
    "x in [0, inf); prior x^2*exp(-x); E[x] = 2; P[x <= 1] = 0.2",
    "n in 0..inf; E[n] = 1",
    "n in 0..inf; E[n] = 200",
    "c in {a, b}; x in [0, 1]; E[x*(c = a)] = 0.4",
    "x in [0, 1]; y in [0, 1]; E[x*y] = 0.3",
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static maxent_result *solved(const char *text, maxent_problem **problem)
{
    maxent_result *result = NULL;
    maxent_diagnostic diagnostic;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, problem, &diagnostic) != MAXENT_OK ||
        maxent_solve(*problem, NULL, &result, &diagnostic) != MAXENT_OK)
        fail_msg("%s: %s", text, diagnostic.message);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    return result;
}

/* At most so many allocations fail, spread over all of them, so that long reports do not take long. */
static size_t next_failure(size_t k)
{
    return k < 40 ? k + 1 : k + 1 + k / 8;
}

static void reports(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < TEXTS; i++) {
        maxent_problem *problem;
        maxent_result *result = solved(texts[i], &problem);
        for (int form = 0; form < 4; form++) {
            char path[64];
            snprintf(path, sizeof path, "density_failures_%ld.%s", (long)getpid(), form == 2 ? "csv" : "svg");
            for (size_t k = 1, failed = 1; failed > 0; k = next_failure(k)) {
                char *text = NULL;
                size_t length = 77;
                maxent_diagnostic diagnostic = {0};
                failing_alloc_start(k, 0);
                maxent_error error = form == 0   ? maxent_report_text(result, NULL, &text, &length)
                                     : form == 1 ? maxent_report_json(result, NULL, &text, &length)
                                     : form == 2 ? maxent_report_csv(result, path, &diagnostic)
                                                 : maxent_report_plot(result, NULL, path, &diagnostic);
                failed = failing_alloc_stop();
                if (error != MAXENT_OK) {
                    assert_true(failed > 0);
                    assert_int_equal(error, MAXENT_ERROR_MEMORY);
                    assert_null(text);
                    assert_int_equal(length, 77);
                    assert_int_not_equal(access(path, F_OK), 0);
                } else if (form < 2) { /* the name of the family and whether there is a prior may be missing: extras */
                    assert_int_equal(strlen(text), length);
                } else {
                    assert_int_equal(unlink(path), 0);
                }
                maxent_free(text);
            }
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

static void questions(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < 5; i++) {
        maxent_problem *problem;
        maxent_result *result = solved(texts[i], &problem);
        for (int form = 0; form < 8; form++) {
            if (i == 4 && form < 4)
                continue; /* two variables */
            for (size_t k = 1, failed = 1; failed > 0; k = next_failure(k)) {
                double x[2] = {0.5, 0.25}, out[2] = {77.0, 77.0};
                maxent_range *ranges = NULL;
                maxent_moments moments = {77.0, 0.0, 0.0, 0.0};
                maxent_sampler *sampler = NULL;
                size_t count = 77;
                maxent_error error = MAXENT_OK;
                failing_alloc_start(k, 0);
                switch (form) {
                case 0: error = maxent_result_cdf(result, 2, x, out); break;
                case 1: error = maxent_result_quantile(result, 2, x, out); break;
                case 2: error = maxent_result_interval(result, 0.0, 1.0, out); break;
                case 3: error = maxent_result_hdi(result, 0.9, &ranges, &count); break;
                case 4: error = maxent_result_log_density(result, i == 4 ? 1 : 2, x, out); break;
                case 5: error = maxent_result_moments(result, i == 4 ? 1 : 0, &moments); break;
                default: error = maxent_sampler_new_result(result, 1, &sampler); break;
                }
                failed = failing_alloc_stop();
                assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
                if (error != MAXENT_OK) {
                    assert_true(form == 4 || out[0] == 77.0);
                    assert_true(moments.mean == 77.0 && count == 77);
                    assert_null(ranges);
                    assert_null(sampler);
                }
                maxent_free(ranges);
                maxent_sampler_free(sampler);
            }
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports),
        cmocka_unit_test(questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
