/* Separable data, classes without events, arguments that are refused, starts and priors, paths and folds. */
#include "random_events.h"

static maxent_events *line_events(size_t n, const double *x, const uint32_t *label, size_t C)
{
    maxent_events *events;
    assert_int_equal(maxent_events_from_dense(n, 1, C, x, 1, label, NULL, &events, NULL), MAXENT_OK);
    return events;
}

static void test_separable(void **state)
{
    (void)state;
    static const double x[] = {-2, -1, -0.5, 0.5, 1, 3};
    static const uint32_t apart[] = {0, 0, 0, 1, 1, 1}, nearly[] = {0, 0, 1, 1, 1, 1}, mixed[] = {0, 1, 0, 1, 0, 1};
    static const double tied[] = {-1, 0, 0, 0, 1, 2}; /* quasi-separated: both classes at 0 */
    static const maxent_fit_method method[] = {MAXENT_FIT_AUTO, MAXENT_FIT_NEWTON_CG};
    static const uint32_t tied_label[] = {0, 0, 1, 1, 1, 1};
    for (size_t k = 0; k < 2; k++) {
        maxent_fit_options o;
        maxent_model *model;
        maxent_fit fit;
        maxent_fit_options_init(&o);
        o.method = method[k];

        maxent_events *events = line_events(6, x, apart, 2);
        assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_BOUNDARY);
        assert_int_equal(fit.separated, 6);
        double d = maxent_model_direction(model, 1, 0), d0 = maxent_model_direction(model, 1, 1);
        for (size_t e = 0; e < 6; e++)
            assert_true((d * x[e] + d0 > 0) == apart[e]);
        assert_true(maxent_model_direction(model, 0, 0) == 0);
        assert_true(isfinite(maxent_model_weight(model, 1, 0)));
        maxent_model_free(model);
        maxent_events_free(events);

        events = line_events(6, x, nearly, 2);
        assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_BOUNDARY);
        maxent_model_free(model);
        maxent_events_free(events);

        events = line_events(6, x, mixed, 2);
        assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_SOLVED);
        assert_true(maxent_model_direction(model, 1, 0) == 0 && fit.separated == 0);
        maxent_model_free(model);
        maxent_events_free(events);

        /* a penalty makes the separable one finite */
        o.l2 = 1e-3;
        events = line_events(6, x, apart, 2);
        assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_SOLVED);
        maxent_model_free(model);
        maxent_events_free(events);
    }
    maxent_events *events = line_events(6, tied, tied_label, 2);
    maxent_fit fit;
    maxent_model *model;
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_BOUNDARY);
    assert_int_equal(fit.separated, 3);
    assert_true(fabs(fit.objective - 3 * log(3) + 2 * log(2)) < 1e-9); /* one and two events at 0 remain */
    assert_true(fabs(maxent_model_direction(model, 1, 1)) < 1e-6 * fabs(maxent_model_direction(model, 1, 0)));
    maxent_model_free(model);
    maxent_events_free(events);
}

static void test_empty_class(void **state)
{
    (void)state;
    static const double x[] = {-2, -1, -0.5, 0.5, 1, 3};
    static const uint32_t label[] = {0, 2, 0, 2, 0, 2};
    maxent_events *events = line_events(6, x, label, 3);
    maxent_fit fit, two;
    maxent_model *model;
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_BOUNDARY); /* class 1 never occurs: its probability goes to 0 */
    double logp[3];
    uint32_t index = 0;
    (void)maxent_model_predict(model, 1, &index, x, NULL, logp);
    assert_true(exp(logp[1]) < 1e-6);
    maxent_model_free(model);
    maxent_events_free(events);

    static const uint32_t squeezed[] = {0, 1, 0, 1, 0, 1};
    events = line_events(6, x, squeezed, 2);
    assert_int_equal(maxent_model_fit(events, NULL, &model, &two, NULL), MAXENT_OK);
    assert_true(fabs(two.objective - fit.objective) < 1e-6);
    maxent_model_free(model);
    maxent_events_free(events);
}

/* The largest and least: no features, features that never occur, collinear ones, one class only. */
static void test_degenerate(void **state)
{
    (void)state;
    static const double x[6][3] = {{1, 2, 0}, {2, 4, 0}, {-1, -2, 0}, {0.5, 1, 0}, {3, 6, 0}, {-2, -4, 0}};
    static const uint32_t label[] = {0, 1, 0, 1, 0, 1}, only[] = {1, 1, 1, 1, 1, 1};
    maxent_events *events;
    maxent_fit fit, one;
    maxent_model *model;
    maxent_fit_options o;
    maxent_fit_options_init(&o);
    assert_int_equal(maxent_events_from_dense(6, 3, 2, &x[0][0], 3, label, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_SOLVED);
    maxent_model_free(model);
    maxent_events_free(events);
    assert_int_equal(maxent_events_from_dense(6, 1, 2, &x[0][0], 3, label, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, &one, NULL), MAXENT_OK);
    assert_true(fabs(one.objective - fit.objective) < 1e-12);
    maxent_model_free(model);
    maxent_events_free(events);

    assert_int_equal(maxent_events_from_dense(6, 3, 2, &x[0][0], 3, only, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_BOUNDARY);
    assert_true(fit.objective < 1e-6);
    maxent_model_free(model);
    maxent_events_free(events);

    assert_int_equal(maxent_events_from_dense(6, 0, 2, &x[0][0], 3, label, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    assert_true(fabs(fit.objective - 6 * log(2)) < 1e-14);
    maxent_model_free(model);
    o.intercept = MAXENT_INTERCEPT_NONE; /* nothing to fit */
    assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_SOLVED);
    assert_true(fabs(fit.objective - 6 * log(2)) < 1e-14);
    maxent_model_free(model);
    maxent_events_free(events);
}

static void test_refused(void **state)
{
    (void)state;
    static const double x[] = {1, 2}, bad[] = {1, NAN}, weight[] = {1, -1}, nothing[] = {0, 0};
    static const uint32_t label[] = {0, 1}, beyond[] = {0, 2};
    static const size_t row[] = {0, 1, 2}, back[] = {0, 2, 1};
    static const uint32_t index[] = {0, 0}, high[] = {0, 5};
    maxent_events *events = NULL;
    maxent_diagnostic diagnostic;
    assert_int_equal(maxent_events_from_dense(2, 1, 2, bad, 1, label, NULL, &events, &diagnostic), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_events_from_dense(2, 1, 2, x, 1, label, weight, &events, &diagnostic), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_events_from_dense(2, 1, 2, x, 1, beyond, NULL, &events, &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_events_from_dense(2, 1, 1, x, 1, label, NULL, &events, &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_events_from_dense(2, 2, 2, x, 1, label, NULL, &events, &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_events_from_csr(2, 1, 2, back, index, x, label, NULL, &events, &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_events_from_csr(2, 1, 2, row, high, x, label, NULL, &events, &diagnostic), MAXENT_ERROR_ARGUMENT);
    assert_null(events);
    assert_int_equal(maxent_events_from_csr(2, 1, 2, row, index, x, label, NULL, &events, &diagnostic), MAXENT_OK);

    maxent_fit_options o;
    maxent_model *model = NULL;
    maxent_fit_options_init(&o);
    o.l2 = -1;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), MAXENT_ERROR_VALUE);
    o.l2 = NAN;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), MAXENT_ERROR_VALUE);
    o.l2 = 0;
    o.method = MAXENT_FIT_DUAL;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), MAXENT_ERROR_ARGUMENT);
    o.l1 = 1;
    o.method = MAXENT_FIT_NEWTON;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), MAXENT_ERROR_ARGUMENT);
    o.method = MAXENT_FIT_AUTO;
    o.tolerance = 0;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), MAXENT_ERROR_VALUE);
    assert_null(model);
    static const double targets[] = {1, NAN, 0, 1}, negative[] = {1, -1, 0, 0}, none[] = {0, 0, 0, 0};
    assert_int_equal(maxent_events_set_targets(events, targets, &diagnostic), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_events_set_targets(events, negative, &diagnostic), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_events_set_offsets(events, targets, &diagnostic), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_events_set_targets(events, none, &diagnostic), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, NULL, &diagnostic), MAXENT_ERROR_ARGUMENT);
    static const char *const twice[] = {"a", "a"}, *const once[] = {"a"}, *const classes[] = {"no", "yes"};
    assert_int_equal(maxent_events_set_names(events, NULL, twice, &diagnostic), MAXENT_ERROR_NAME);
    assert_int_equal(maxent_events_set_names(events, once, classes, &diagnostic), MAXENT_OK);
    maxent_events_free(events);

    assert_int_equal(maxent_events_from_dense(2, 1, 2, x, 1, label, nothing, &events, &diagnostic), MAXENT_OK);
    assert_int_equal(maxent_model_fit(events, NULL, &model, NULL, &diagnostic), MAXENT_ERROR_ARGUMENT);
    maxent_events_free(events);
}

static void test_start_and_path(void **state)
{
    (void)state;
    static const double scale[] = {100, 10, 1, 0.1};
    raw r = raw_new((plan){600, 20, 4, 1, 0, 0, 0, 0.4, 71}), v = raw_new((plan){300, 20, 4, 1, 0, 0, 0, 0.4, 71});
    static const maxent_fit_method method[] = {MAXENT_FIT_DUAL, MAXENT_FIT_NEWTON, MAXENT_FIT_PROXIMAL};
    for (size_t k = 0; k < 3; k++) {
        maxent_fit_options o;
        maxent_fit_options_init(&o);
        o.l2 = 1;
        o.l1 = method[k] == MAXENT_FIT_PROXIMAL ? 0.5 : 0;
        o.method = method[k];
        o.valid = v.events;
        maxent_path_point point[4];
        maxent_model *best, *again;
        assert_int_equal(maxent_model_fit_path(r.events, &o, 4, scale, point, &best, NULL), MAXENT_OK);
        size_t least = 0, cold[4];
        for (size_t i = 0; i < 4; i++) {
            maxent_fit alone;
            maxent_fit_options one = o;
            one.l1 *= scale[i];
            one.l2 *= scale[i];
            assert_int_equal(maxent_model_fit(r.events, &one, &again, &alone, NULL), MAXENT_OK);
            assert_int_equal(point[i].fit.verdict, MAXENT_SOLVED);
            assert_true(fabs(alone.objective - point[i].fit.objective) <= alone.gap + point[i].fit.gap + 1e-12 * alone.objective);
            maxent_model_free(again);
            cold[i] = alone.iterations;
            least = point[i].valid_loss < point[least].valid_loss ? i : least;
        }
        maxent_evaluation e;
        assert_int_equal(maxent_model_evaluate(best, v.events, 1, &e, NULL), MAXENT_OK);
        assert_true(e.log_loss / e.weight == point[least].valid_loss);
        /* from the solution little is left to do */
        maxent_fit fit;
        o.start = best;
        o.l1 *= scale[least];
        o.l2 *= scale[least];
        assert_int_equal(maxent_model_fit(r.events, &o, &again, &fit, NULL), MAXENT_OK);
        assert_true(fit.iterations <= (method[k] == MAXENT_FIT_DUAL ? cold[least] : 1));
        maxent_model_free(again);
        maxent_model_free(best);
        o.start = NULL;
        o.l1 = method[k] == MAXENT_FIT_PROXIMAL ? 0.5 : 0;
        o.l2 = 1;
        assert_int_equal(maxent_model_cross_validate(r.events, &o, 5, 4, scale, point, NULL), MAXENT_OK);
        for (size_t i = 0; i < 4; i++)
            assert_true(point[i].valid_loss > 0 && point[i].valid_loss < 2 && point[i].valid_error > 0 && point[i].valid_accuracy > 0.2);
        assert_int_equal(maxent_model_cross_validate(r.events, &o, 1, 4, scale, point, NULL), MAXENT_ERROR_ARGUMENT);
    }
    raw_free(&r);
    raw_free(&v);
}

/* Names carry weights from one space to another. */
static void test_prior_by_name(void **state)
{
    (void)state;
    static const double x[4][2] = {{1, 0}, {0, 1}, {1, 1}, {0, 0}};
    static const uint32_t label[] = {0, 1, 2, 0}, other[] = {2, 1, 0, 2};
    static const char *const feature[] = {"a", "b"}, *const swapped[] = {"b", "a"};
    static const char *const class_name[] = {"x", "y", "z"}, *const reversed[] = {"z", "y", "x"};
    double x2[4][2];
    for (size_t e = 0; e < 4; e++) {
        x2[e][0] = x[e][1];
        x2[e][1] = x[e][0];
    }
    maxent_events *events, *mirrored;
    maxent_model *model, *same;
    maxent_fit_options o;
    maxent_fit fit;
    assert_int_equal(maxent_events_from_dense(4, 2, 3, &x[0][0], 2, label, NULL, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_from_dense(4, 2, 3, &x2[0][0], 2, other, NULL, &mirrored, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_set_names(events, feature, class_name, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_set_names(mirrored, swapped, reversed, NULL), MAXENT_OK);
    maxent_fit_options_init(&o);
    o.l2 = 0.1;
    assert_int_equal(maxent_model_fit(events, &o, &model, NULL, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_set_names(events, feature, class_name, NULL), MAXENT_ERROR_ARGUMENT);
    o.start = model;
    assert_int_equal(maxent_model_fit(mirrored, &o, &same, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.iterations, 0);
    for (size_t c = 0; c < 3; c++) {
        assert_true(fabs(maxent_model_weight(model, c, 0) - maxent_model_weight(same, 2 - c, 1)) < 1e-12);
        char name[8];
        assert_int_equal(maxent_model_class_name(same, c, name, sizeof name), 1);
        assert_string_equal(name, reversed[c]);
    }
    maxent_model_free(same);
    o.start = NULL;
    o.prior = model;
    o.l2 = 1e9; /* the prior means hold against everything */
    assert_int_equal(maxent_model_fit(mirrored, &o, &same, &fit, NULL), MAXENT_OK);
    for (size_t c = 0; c < 3; c++)
        for (size_t j = 0; j < 2; j++)
            assert_true(fabs(maxent_model_weight(model, c, j) - maxent_model_weight(same, 2 - c, 1 - j)) < 1e-6);
    maxent_model_free(same);
    maxent_model_free(model);
    maxent_events_free(events);
    maxent_events_free(mirrored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_separable), cmocka_unit_test(test_empty_class),    cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_start_and_path), cmocka_unit_test(test_prior_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
