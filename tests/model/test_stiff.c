/* Dual ascent where it is hard for it: values large beside the penalty (sum_j x_j^2 / l2_j of 1e4 and more), tolerances below what single
 * precision holds, numbers beyond it; and what takes over. Judged by plain loops in long double, and by Newton's method. */
#include "random_events.h"

static maxent_fit fit_of(const raw *r, maxent_fit_options *o, maxent_fit_method method, double tolerance)
{
    maxent_model *model;
    maxent_fit fit;
    long double *g = malloc((r->p.m + 1) * r->p.C * sizeof *g);
    o->method = method;
    o->tolerance = tolerance;
    assert_int_equal(maxent_model_fit(r->events, o, &model, &fit, NULL), MAXENT_OK);
    const long double value = judge(r, model, o, g);
    if (!(fabsl(value - fit.objective) <= 1e-9L * value)) /* scores of hundreds, rounded */
        fail_msg("%s: %.17g, judged %.17Lg", maxent_fit_method_word(fit.method), fit.objective, value);
    free(g);
    maxent_model_free(model);
    return fit;
}

/* Blocks that are solved less exactly the stiffer they are stall far above these gaps. */
static void test_stiff(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        raw r = raw_new((plan){25, 7, 10, 2, 0, 0, 0, 0.6, seed});
        maxent_fit_options o;
        maxent_fit_options_init(&o);
        o.intercept = MAXENT_INTERCEPT_NONE;
        o.l2 = 2e-3;
        const maxent_fit newton = fit_of(&r, &o, MAXENT_FIT_NEWTON, 1e-12), dual = fit_of(&r, &o, MAXENT_FIT_DUAL, 1e-6);
        assert_int_equal(newton.verdict, MAXENT_SOLVED);
        if (dual.verdict != MAXENT_SOLVED)
            fail_msg("seed %d: %s", (int)seed, dual.message);
        assert_true(dual.objective - newton.objective <= dual.gap + 1e-12 * newton.objective);
        raw_free(&r);
    }
}

/* Rounding adds up in weights and intercepts over thousands of passes (to gaps of 5e-7 to 7e-6 here): they end as near as single precision
 * gets, not where they have drifted. */
static void test_drift(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        raw r = raw_new((plan){60, 3, 5, 1, 0, 0, 0, 0.6, seed});
        maxent_fit_options o;
        maxent_fit_options_init(&o);
        o.l2 = 100;
        const maxent_fit newton = fit_of(&r, &o, MAXENT_FIT_NEWTON, 1e-13), dual = fit_of(&r, &o, MAXENT_FIT_DUAL, 1e-12);
        assert_true(dual.iterations < 3000);
        if (!(dual.gap <= 1e-9 * newton.objective))
            fail_msg("seed %d: %s", (int)seed, dual.message);
        assert_true(dual.objective - newton.objective <= dual.gap + 1e-12 * newton.objective);
        raw_free(&r);
    }
}

/* The method that is chosen: ascent where it is good, and after it, or instead of it, one that goes on in double precision. */
static void test_hands_over(void **state)
{
    (void)state;
    raw r = raw_new((plan){300, 320, 10, 0, 0, 0, 0, 0.05, 1});
    maxent_fit_options o;
    maxent_fit_options_init(&o);
    o.l2 = 1;
    assert_int_equal(fit_of(&r, &o, MAXENT_FIT_AUTO, 1e-6).method, MAXENT_FIT_DUAL);
    maxent_fit fine = fit_of(&r, &o, MAXENT_FIT_AUTO, 1e-13);
    assert_int_equal(fine.method, MAXENT_FIT_NEWTON_CG);
    assert_int_equal(fine.verdict, MAXENT_SOLVED);
    assert_true(fine.gap <= 1e-13 * fine.objective);
    o.l2 = 1e-4; /* 16 ones: 1.6e5 */
    fine = fit_of(&r, &o, MAXENT_FIT_AUTO, 1e-6);
    assert_int_equal(fine.method, MAXENT_FIT_NEWTON_CG);
    assert_int_equal(fine.verdict, MAXENT_SOLVED);
    raw_free(&r);
}

/* No weights are better than those of numbers that are none: n log C, and a gap that holds. */
static void test_beyond(void **state)
{
    (void)state;
    const uint32_t label[6] = {0, 1, 2, 1, 2, 0};
    const double x[12] = {3e9, 2e9, -1e9, 4e9, 5e9, -2e9, 2e9, 2e9, 1e9, 7e9, -3e9, 1e9};
    maxent_events *events;
    maxent_model *model;
    maxent_fit fit;
    maxent_fit_options o;
    maxent_fit_options_init(&o);
    o.intercept = MAXENT_INTERCEPT_NONE;
    o.l2 = 1e-9;
    o.method = MAXENT_FIT_DUAL;
    assert_int_equal(maxent_events_from_dense(6, 2, 3, x, 2, label, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
    assert_true(fit.objective <= 6 * log(3) * (1 + 1e-14)); /* not NaN */
    assert_true(fit.gap > 0 && fit.gap <= fit.objective);
    assert_true(isfinite(maxent_model_weight(model, 1, 0)));
    maxent_model_free(model);
    maxent_events_free(events);
}

/* What is left unfinished is no worse than where it began: at weights 0, 60 log 10 and no penalty, or at a model. */
static void test_no_worse(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        raw r = raw_new((plan){60, 7, 10, 2, 0, 0, 0, 0.6, seed});
        maxent_fit_options o;
        maxent_fit_options_init(&o);
        o.intercept = MAXENT_INTERCEPT_NONE;
        o.l2 = 1e-5;
        o.max_iterations = 1;
        assert_true(fit_of(&r, &o, MAXENT_FIT_DUAL, 1e-9).objective <= 60 * log(10) * (1 + 1e-12));
        maxent_model *model;
        maxent_fit begun;
        o.max_iterations = 4;
        o.method = MAXENT_FIT_NEWTON;
        assert_int_equal(maxent_model_fit(r.events, &o, &model, &begun, NULL), MAXENT_OK);
        o.start = model;
        o.max_iterations = 1;
        const maxent_fit resumed = fit_of(&r, &o, MAXENT_FIT_DUAL, 1e-9);
        if (!(resumed.objective <= begun.objective * (1 + 1e-12)))
            fail_msg("seed %d: %g after %g", (int)seed, resumed.objective, begun.objective);
        maxent_model_free(model);
        raw_free(&r);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_stiff), cmocka_unit_test(test_drift), cmocka_unit_test(test_hands_over),
                                              cmocka_unit_test(test_beyond), cmocka_unit_test(test_no_worse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
