/* Every allocation of every report fails once: the call says MEMORY, leaves its outputs alone, and leaks nothing (sanitizers). */
#include "report/support.h"

#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* mean 3.9: solved; 6: boundary; 7: infeasible */
static const double means[] = {3.9, 6.0, 7.0};

static void text_and_json(void **unused)
{
    (void)unused;
    for (size_t m = 0; m < 3; m++)
        for (int prior = 0; prior < 2; prior++) {
            maxent_problem *problem;
            maxent_result *result = report_die(&problem, means[m], prior);
            assert_non_null(result);
            for (int form = 0; form < 4; form++) {
                maxent_report_options options;
                maxent_report_options_init(&options);
                options.covariance = form & 1;
                options.color = options.unicode = prior;
                size_t k = 0, failed;
                do {
                    char *text = NULL;
                    size_t length = 77;
                    failing_alloc_start(++k, 0);
                    maxent_error error = form < 2 ? maxent_report_text(result, &options, &text, &length)
                                                  : maxent_report_json(result, &options, &text, &length);
                    failed = failing_alloc_stop();
                    if (failed > 0 && error == MAXENT_OK) {
                        assert_non_null(text); /* only the name of the family may be missing: it is an extra */
                    } else if (failed > 0) {
                        assert_int_equal(error, MAXENT_ERROR_MEMORY);
                        assert_null(text);
                        assert_int_equal(length, 77);
                    } else {
                        assert_int_equal(error, MAXENT_OK);
                        assert_int_equal(strlen(text), length);
                    }
                    maxent_free(text);
                } while (failed > 0);
                assert_true(k > 2);
            }
            maxent_result_free(result);
            maxent_problem_free(problem);
        }
}

static void files(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = report_die(&problem, 4.5, 1);
    assert_non_null(result);
    for (int form = 0; form < 2; form++) {
        char path[64];
        snprintf(path, sizeof path, "report_failures_%ld.%s", (long)getpid(), form == 0 ? "csv" : "svg");
        size_t k = 0, failed;
        do {
            maxent_diagnostic diagnostic = {0};
            failing_alloc_start(++k, 0);
            maxent_error error = form == 0 ? maxent_report_csv(result, path, &diagnostic)
                                           : maxent_report_plot(result, NULL, path, &diagnostic);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
            assert_int_equal(diagnostic.error, error);
            assert_int_equal(access(path, F_OK), failed > 0 ? -1 : 0);
        } while (failed > 0);
        assert_int_equal(unlink(path), 0);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void nothing_to_write(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = report_die(&problem, 7.0, 0);
    assert_non_null(result);
    maxent_diagnostic diagnostic = {0};
    assert_int_equal(maxent_report_csv(result, "none.csv", &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_report_plot(result, NULL, "none.svg", &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_report_plot(result, NULL, "none.gif", &diagnostic), MAXENT_ERROR_UNSUPPORTED);
    assert_int_equal(maxent_report_plot(result, NULL, ".svg", &diagnostic), MAXENT_ERROR_UNSUPPORTED);
    assert_int_equal(access("none.csv", F_OK), -1);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_json),
        cmocka_unit_test(files),
        cmocka_unit_test(nothing_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
