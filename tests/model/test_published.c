/* Published fits: iris, admissions to Berkeley, housing; and the conditional fit beside the joint one. Expected numbers: R's glm and nnet,
 * scikit-learn and Newton's method in 40 digits, to the digits given. */
#include "tables.h"

#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void near(double found, double expected, double relative)
{
    if (!(fabs(found - expected) <= relative * fabs(expected)))
        fail_msg("%.17g instead of %.17g", found, expected);
}

static maxent_events *iris_events(void)
{
    uint32_t label[150];
    maxent_events *events;
    for (uint32_t e = 0; e < 150; e++)
        label[e] = e / 50;
    assert_int_equal(maxent_events_from_dense(150, 4, 3, &iris[0][0], 4, label, NULL, &events, NULL), MAXENT_OK);
    return events;
}

static void test_iris_likelihood(void **state)
{
    (void)state;
    maxent_events *events = iris_events();
    maxent_model *model;
    maxent_fit fit;
    assert_int_equal(maxent_model_fit(events, NULL, &model, &fit, NULL), MAXENT_OK);
    /* setosa is separated from the other two, so the likelihood has a supremum and no maximum */
    assert_int_equal(fit.verdict, MAXENT_BOUNDARY);
    near(2 * fit.objective, 11.8985467913589160, 1e-11);
    assert_true(fit.penalty == 0 && fit.separated == 150); /* every event is separated from setosa, or from the others */
    for (size_t e = 0; e < 150; e++) { /* along the direction setosa gains on the others where it is, and loses where it is not; */
        double s[3];                   /* the others keep their distance */
        for (size_t c = 0; c < 3; c++) {
            s[c] = maxent_model_direction(model, c, 4);
            for (size_t j = 0; j < 4; j++)
                s[c] += maxent_model_direction(model, c, j) * iris[e][j];
        }
        assert_true(e < 50 ? s[0] > s[1] : s[0] < s[1]);
        assert_true(fabs(s[1] - s[2]) < 1e-6 * fabs(s[0] - s[1]));
    }
    maxent_model_free(model);
    maxent_events_free(events);
}

static void test_iris_penalised(void **state)
{
    static const double expected[3][5] = { /* intercept, then the four features */
        {9.849568050482, -.423509920123, .967350579572, -2.517152377609, -1.079336648501},
        {2.237205632203, .534461508996, -.321587855192, -.206392071295, -.944298465396},
        {-12.086773682685, -.110951588873, -.64576272438, 2.723544448904, 2.023635113897}};
    static const maxent_fit_method method[] = {MAXENT_FIT_AUTO, MAXENT_FIT_NEWTON, MAXENT_FIT_NEWTON_CG, MAXENT_FIT_DUAL,
                                               MAXENT_FIT_PROXIMAL};
    (void)state;
    maxent_events *events = iris_events();
    for (size_t i = 0; i < sizeof method / sizeof *method; i++) {
        maxent_fit_options options;
        maxent_model *model;
        maxent_fit fit;
        maxent_fit_options_init(&options);
        options.l2 = 1;
        options.method = method[i];
        options.tolerance = method[i] == MAXENT_FIT_DUAL ? 1e-7 : 1e-13;
        assert_int_equal(maxent_model_fit(events, &options, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_SOLVED);
        int exact = method[i] == MAXENT_FIT_AUTO || method[i] == MAXENT_FIT_NEWTON;
        near(fit.objective, 28.886316604092495, exact ? 1e-13 : options.tolerance * 2);
        assert_true(fit.objective - 28.886316604092495 <= fit.gap + 1e-12);
        if (exact)
            near(fit.log_loss, 17.945501698185648, 1e-11);
        for (size_t c = 0; exact && c < 3; c++)
            for (size_t j = 0; j < 5; j++)
                near(j == 0 ? maxent_model_intercept(model, c) : maxent_model_weight(model, c, j - 1), expected[c][j], 1e-10);
        maxent_model_free(model);
    }
    maxent_events_free(events);
}

/* Rows for the groups (gender, department), of 0 or 1 numbers by treatment contrasts; merged or one event a cell. */
static maxent_events *berkeley_events(int merged)
{
    double x[24][6] = {{0}}, weight[24];
    uint32_t label[24];
    maxent_events *events;
    for (size_t e = 0; e < 24; e++) {
        x[e][0] = berkeley[e][1];
        if (berkeley[e][2] > 0)
            x[e][berkeley[e][2]] = 1;
        label[e] = (uint32_t)berkeley[e][0];
        weight[e] = berkeley[e][3];
    }
    assert_int_equal(maxent_events_from_dense(24, 6, 2, &x[0][0], 6, label, weight, &events, NULL), MAXENT_OK);
    if (merged) {
        size_t gone;
        assert_int_equal(maxent_events_merge(events, &gone, NULL), MAXENT_OK);
        assert_int_equal(gone, 12);
        assert_int_equal(maxent_events_count(events), 12);
    }
    return events;
}

static void test_berkeley(void **state)
{
    static const double weight[7] = {.09987008815935, -.04339793120925, -1.26259802237917, -1.29460646874817, -1.73930573781552,
                                     -3.30648005588693, .58205139527603}; /* female, B .. F, intercept */
    /* R prints .0808464647, .1098388983, ...: it takes the Hessian one step before the last; these are of the optimum, by mpmath */
    static const double error[7] = {.08084646653236977, .1098388983220295, .1066328859114735, .1058234236567762, .1261134960052628,
                                    .1699818086135777, .06899259687583115};
    (void)state;
    for (int merged = 0; merged < 2; merged++) {
        maxent_events *events = berkeley_events(merged);
        maxent_fit_options options;
        maxent_model *model;
        maxent_fit fit;
        maxent_fit_options_init(&options);
        options.standard_errors = 1;
        assert_int_equal(maxent_model_fit(events, &options, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_SOLVED);
        for (size_t j = 0; j < 7; j++) {
            near(j == 6 ? maxent_model_intercept(model, 1) : maxent_model_weight(model, 1, j), weight[j], 1e-11);
            near(maxent_model_standard_error(model, 1, j), error[j], 1e-11);
        }
        /* the deviance of the 12 groups: twice the loss minus what their own rates give */
        double deviance = 2 * fit.objective;
        for (size_t e = 0; e < 24; e += 2) {
            double a = berkeley[e][3], b = berkeley[e + 1][3];
            deviance += 2 * (a * log(a / (a + b)) + b * log(b / (a + b)));
        }
        near(deviance, 20.20427532724, 1e-10);
        /* standard error of a probability: p (1 - p) times that of the score; for men in A the score is the intercept */
        double logp[2], se[2], scratch[8];
        (void)maxent_model_predict(model, 0, NULL, NULL, NULL, logp);
        assert_true(maxent_model_scratch(model) <= 8);
        assert_int_equal(maxent_model_predict_se(model, 0, NULL, NULL, NULL, se, scratch), 0);
        near(se[1], exp(logp[0] + logp[1]) * error[6], 1e-11);
        near(se[0], se[1], 1e-14);
        maxent_model_free(model);
        maxent_events_free(events);
    }
}

/* The log-linear model with all pairs of margins is the logistic regression of one variable on the others. */
static void test_conditional_is_joint(void **state)
{
    (void)state;
    double F[24][19], target[19] = {0}, total = 0, p[24];
    memset(F, 0, sizeof F);
    for (size_t s = 0; s < 24; s++) {
        int admitted = berkeley[s][0], female = berkeley[s][1], department = berkeley[s][2];
        F[s][female * 6 + department] = 1;
        if (admitted)
            F[s][12 + department] = 1;
        F[s][18] = admitted && female;
        total += berkeley[s][3];
    }
    for (size_t s = 0; s < 24; s++)
        for (size_t i = 0; i < 19; i++)
            target[i] += F[s][i] * berkeley[s][3] / total;
    maxent_problem *problem;
    maxent_result *result;
    assert_int_equal(maxent_problem_from_array(24, 19, &F[0][0], 19, 1, target, &problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    memcpy(p, maxent_result_probabilities(result), sizeof p);

    maxent_events *events = berkeley_events(1);
    maxent_model *model;
    assert_int_equal(maxent_model_fit(events, NULL, &model, NULL, NULL), MAXENT_OK);
    for (size_t s = 0; s < 24; s += 2) { /* admitted, then rejected, of the same group */
        uint32_t index[2];
        size_t count = 0;
        double logp[2];
        if (berkeley[s][1])
            index[count++] = 0;
        if (berkeley[s][2] > 0)
            index[count++] = (uint32_t)berkeley[s][2];
        (void)maxent_model_predict(model, count, index, NULL, NULL, logp);
        near(p[s] / (p[s] + p[s + 1]), exp(logp[1]), 1e-11);
    }
    maxent_model_free(model);
    maxent_events_free(events);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void test_housing(void **state)
{
    (void)state;
    double x[72][6] = {{0}}, weight[72];
    uint32_t label[72];
    for (size_t e = 0; e < 72; e++) {
        const int *row = housing[e];
        if (row[1] > 0)
            x[e][row[1] - 1] = 1;
        if (row[2] > 0)
            x[e][1 + row[2]] = 1;
        x[e][5] = row[3];
        label[e] = (uint32_t)row[0];
        weight[e] = row[4];
    }
    maxent_events *events;
    maxent_fit fit;
    maxent_model *model;
    maxent_fit_options options;
    assert_int_equal(maxent_events_from_dense(72, 6, 3, &x[0][0], 6, label, weight, &events, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_merge(events, NULL, NULL), MAXENT_OK);
    assert_int_equal(maxent_events_count(events), 24);
    maxent_fit_options_init(&options);
    options.standard_errors = 1;
    assert_int_equal(maxent_model_fit(events, &options, &model, &fit, NULL), MAXENT_OK);
    assert_int_equal(fit.verdict, MAXENT_SOLVED);
    near(2 * fit.objective, 3470.083866341, 1e-12);
    for (size_t j = 0; j <= 6; j++) { /* the weights that sum to 0 */
        double sum = 0;
        for (size_t c = 0; c < 3; c++) {
            sum += j == 6 ? maxent_model_intercept(model, c) : maxent_model_weight(model, c, j);
            assert_true(maxent_model_standard_error(model, c, j) > 0);
        }
        assert_true(fabs(sum) < 1e-12);
    }
    maxent_model_free(model);
    maxent_events_free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iris_likelihood), cmocka_unit_test(test_iris_penalised),       cmocka_unit_test(test_berkeley),
        cmocka_unit_test(test_conditional_is_joint), cmocka_unit_test(test_housing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
