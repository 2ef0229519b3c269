/* Moments of answers on the line, whatever ends them. */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g, not %.17g", got, want);
}

/* Where facts or a prior end a density that is far from 0 there, no tail goes on beyond. The facts are the moments; the last by quadrature
 * (mpmath, 30 digits). */
static void moments_at_an_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double mean, sd;
    } list[] = {{"x in R; E[x] = 0.1; E[x^2] = 3.3; P[x > 5] = 0", 0.1, 1.8138357147217055},
                {"x in R; prior x > -4; E[x] = 0.1; E[x^2] = 3.3", 0.1, 1.8138357147217055},
                {"x in [0,inf); prior x < 3; E[x] = 1; E[x^2] = 1.5", 1.0, 0.70710678118654752},
                {"n in 0..inf; E[n] = 2; E[n^2] = 6; P[n > 9] = 0", 2.0, 1.4142135623730950},
                {"x in R; prior (1+x^2)^-3; P[x > 2] = 0", -0.0085162235509576923, 0.55727091957192862}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem;
        maxent_result *result;
        maxent_moments m;
        assert_int_equal(maxent_problem_from_text(list[i].text, strlen(list[i].text), NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_moments(result, 0, &m), MAXENT_OK);
        near(m.mean, list[i].mean, 1e-10);
        near(m.sd, list[i].sd, 1e-10);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Squares of these are no doubles, but the standard deviation of an exponential is its mean, and its skewness 2. */
static void moments_at_any_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double mean;
    } list[] = {{"x in [0,inf); E[x] = 1e300", 1e300}, {"x in [0,inf); E[x] = 1e-200", 1e-200},
                {"c in {1,2}; x in [0,inf); E[x] = 1e200; E[c] = 1.5", 1e200}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem;
        maxent_result *result;
        maxent_moments m;
        size_t v = list[i].text[0] == 'c';
        assert_int_equal(maxent_problem_from_text(list[i].text, strlen(list[i].text), NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_moments(result, v, &m), MAXENT_OK);
        near(m.mean / list[i].mean, 1.0, 1e-12);
        near(m.sd / list[i].mean, 1.0, 1e-12);
        near(m.skewness, 2.0, 1e-9);
        near(m.kurtosis, 9.0, 1e-8);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments_at_an_end), cmocka_unit_test(moments_at_any_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
