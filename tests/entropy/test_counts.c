/* Estimators from counts: published numbers, corners, refusals, intervals; the special functions under them. */
#include <maxent/entropy.h>

#include "entropy/close.h"
#include "entropy/special.h"
#include "support/failing_alloc.h"

#include <string.h>

static maxent_diagnostic where;
static const double sample[] = {4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1};

static double estimate(maxent_estimator estimator, size_t n, const double *count)
{
    maxent_estimate out;
    if (maxent_entropy_estimate(estimator, n, count, NULL, &out, &where) != MAXENT_OK)
        fail_msg("%s: %s", maxent_estimator_word(estimator), where.message);
    return out.value;
}

/* The numbers of the published cases (R's entropy 1.3.2 and 30-digit arithmetic), natural logarithms. */
static void test_published(void **state)
{
    (void)state;
    static const struct {
        maxent_estimator estimator;
        double value, tolerance;
    } expected[] = {
        {MAXENT_PLUG_IN, 1.96838240872838, 1e-14},         {MAXENT_MILLER_MADOW, 2.15259293504417, 1e-14},
        {MAXENT_JEFFREYS, 2.1794803827237, 1e-14},         {MAXENT_LAPLACE, 2.25787551869304, 1e-14},
        {MAXENT_PERKS, 2.03688780812372, 1e-14},           {MAXENT_MINIMAX, 2.15409118993096, 1e-14},
        {MAXENT_CHAO_SHEN, 2.20113710127958, 1e-14},       {MAXENT_SHRINKAGE, 2.37960289530996, 1e-14},
        {MAXENT_JACKKNIFE, 2.231274314180113, 1e-14},      {MAXENT_GRASSBERGER, 2.144626386031427, 1e-14},
        {MAXENT_CHAO_WANG_JOST, 2.19711603901733460, 1e-14}, /* [2, eq. 7] by mpmath, 30 digits */
        {MAXENT_NSB, 2.187766664452536, 1e-14},            /* the integral ends at beta = e^10, with mpmath too */
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_close(estimate(expected[i].estimator, 11, sample), expected[i].value, expected[i].tolerance);

    maxent_estimate out;
    maxent_estimate_options options;
    maxent_estimate_options_init(&options);
    assert_int_equal(maxent_entropy_estimate(MAXENT_NSB, 11, sample, &options, &out, NULL), MAXENT_OK);
    assert_close(out.standard_error, .1408893372, 1e-10);
    assert_true(out.observations == 19 && out.cells == 11);
    options.beta_max = INFINITY; /* eq. 9-12 by mpmath, 30 digits, the integral over all beta */
    assert_int_equal(maxent_entropy_estimate(MAXENT_NSB, 11, sample, &options, &out, NULL), MAXENT_OK);
    assert_close(out.value, 2.18777446309209774, 1e-13);
    assert_close(out.standard_error, 0.14089253769492772, 1e-12);
    options.alpha = 0.5;
    assert_int_equal(maxent_entropy_estimate(MAXENT_DIRICHLET, 11, sample, &options, &out, NULL), MAXENT_OK);
    assert_close(out.value, 2.1794803827237, 1e-14);
    assert_true(isnan(out.standard_error));
}

/* mpmath, 40 digits, trapezoidal rule with step 1/64 in log beta. */
static void test_nsb(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double count[5];
        size_t cells;
        double value, sd;
    } expected[] = {
        {4, {1000000, 1200000, 900000, 3}, 0, 1.09142829804358454, 6.875794797992122e-5},
        {4, {250000, 250000, 250000, 250000}, 0, 1.38629336263413985, 9.988627519294919e-7},
        {3, {1, 0, 0}, 0, 0.549306144334054853, 0.3941626882622296},
        {5, {1, 1, 1, 1, 1}, 1000000, 8.51258986856636919, 3.137563239509557},
        {5, {2, 1, 1, 1, 1}, 1000000, 3.60978730788879849, 1.296795726049713},
        {1, {5}, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        maxent_estimate_options options = {expected[i].cells, 1, INFINITY};
        maxent_estimate out;
        assert_int_equal(maxent_entropy_estimate(MAXENT_NSB, expected[i].n, expected[i].count, &options, &out, NULL), MAXENT_OK);
        assert_close(out.value, expected[i].value, 1e-13);
        assert_true(fabs(out.standard_error - expected[i].sd) <= 1e-9 * expected[i].sd);
    }
}

/* The paper's formula by mpmath, 30 digits, where the braces cancel, where A is near 0 and near 1. */
static void test_chao_wang_jost(void **state)
{
    (void)state;
    double count[400];
    for (int i = 0; i < 400; i++)
        count[i] = 1;
    assert_close(estimate(MAXENT_CHAO_WANG_JOST, 20, count), 5.4977130374265881240, 1e-14);
    assert_close(estimate(MAXENT_CHAO_WANG_JOST, 1, count), 0, 0);
    count[300] = 2;
    assert_close(estimate(MAXENT_CHAO_WANG_JOST, 301, count), 10.7178985211742068, 1e-14);
    for (int i = 5; i < 35; i++)
        count[i] = 2;
    count[35] = 7;
    assert_close(estimate(MAXENT_CHAO_WANG_JOST, 36, count), 3.78069807148284731, 1e-14);
    const double two[] = {500, 1};
    assert_close(estimate(MAXENT_CHAO_WANG_JOST, 2, two), 0.0155545377844122248, 1e-14);
}

/* What the definitions say, computed the slow way. */
static void test_definitions(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int trial = 0; trial < 200; trial++) {
        size_t n = 1 + random_bits(&random) % 30;
        double count[30], total = 0, seen = 0;
        for (size_t i = 0; i < n; i++) {
            count[i] = (double)(random_bits(&random) % (trial % 3 == 0 ? 3 : 50));
            total += count[i];
            seen += count[i] > 0;
        }
        if (total < 2)
            continue;
        double h = estimate(MAXENT_PLUG_IN, n, count), without = 0;
        for (size_t i = 0; i < n; i++) /* leave one observation of cell i out */
            if (count[i] > 0) {
                count[i] -= 1;
                without += (count[i] + 1) * estimate(MAXENT_PLUG_IN, n, count);
                count[i] += 1;
            }
        assert_close(estimate(MAXENT_JACKKNIFE, n, count), total * h - (total - 1) / total * without, 1e-12);
        assert_close(estimate(MAXENT_MILLER_MADOW, n, count), h + (seen - 1) / (2 * total), 1e-15);
        double g = log(total); /* Grassberger's G by its recurrence: G(1) = -gamma - log 2, G(2) = 2 - gamma - log 2, G(2m+1) = G(2m),
                                  G(2m+2) = G(2m) + 2/(2m+1) */
        for (size_t i = 0; i < n; i++)
            if (count[i] > 0) {
                double G = -0.57721566490153286061 - log(2);
                for (double m = 1; 2 * m <= count[i]; m++)
                    G += 2 / (2 * m - 1);
                g -= count[i] / total * G;
            }
        assert_close(estimate(MAXENT_GRASSBERGER, n, count), g, 1e-13);
        double p[30], smoothed;
        for (size_t i = 0; i < n; i++)
            p[i] = (count[i] + 0.5) / (total + 0.5 * (double)n);
        assert_int_equal(maxent_entropy(n, p, &smoothed, &where), MAXENT_OK);
        assert_close(estimate(MAXENT_JEFFREYS, n, count), smoothed, 1e-14);
        for (int e = 0; e < MAXENT_ESTIMATOR_COUNT; e++) { /* finite; the same for any order of the cells */
            double value = estimate((maxent_estimator)e, n, count), swap = count[0];
            assert_true(isfinite(value));
            count[0] = count[n - 1];
            count[n - 1] = swap;
            assert_close(estimate((maxent_estimator)e, n, count), value, 1e-15);
        }
    }
}

/* Bias: over simulated samples every corrected estimator comes nearer to the truth than the plug-in. */
static void test_bias(void **state)
{
    (void)state;
    enum { CELLS = 40, SIZE = 60, TRIALS = 300 };
    uint64_t random = 4;
    double p[CELLS], truth, mean[MAXENT_ESTIMATOR_COUNT] = {0}, sum = 0;
    for (int i = 0; i < CELLS; i++)
        sum += p[i] = 1.0 / (3 + i);
    for (int i = 0; i < CELLS; i++)
        p[i] /= sum;
    assert_int_equal(maxent_entropy(CELLS, p, &truth, &where), MAXENT_OK);
    for (int trial = 0; trial < TRIALS; trial++) {
        double count[CELLS] = {0};
        for (int i = 0; i < SIZE; i++) {
            double u = random_unit(&random);
            int cell = 0;
            while (cell + 1 < CELLS && u > p[cell])
                u -= p[cell++];
            count[cell]++;
        }
        for (int e = 0; e < MAXENT_ESTIMATOR_COUNT; e++)
            mean[e] += estimate((maxent_estimator)e, CELLS, count) / TRIALS;
    }
    for (int e = 1; e < MAXENT_ESTIMATOR_COUNT; e++)
        assert_true(fabs(mean[e] - truth) < fabs(mean[MAXENT_PLUG_IN] - truth));
    assert_true(fabs(mean[MAXENT_CHAO_WANG_JOST] - truth) < 0.03 && fabs(mean[MAXENT_GRASSBERGER] - truth) < 0.1);
    assert_true(fabs(mean[MAXENT_NSB] - truth) < 0.06);
}

static void test_corners(void **state)
{
    (void)state;
    const double one[] = {1}, lonely[] = {0, 1, 0}, singles[] = {1, 1, 1, 1}, many[] = {1e15, 1e15}, weights[] = {0.5, 1.5};
    for (int e = 0; e < MAXENT_ESTIMATOR_COUNT; e++) {
        assert_true(isfinite(estimate((maxent_estimator)e, 1, one)));
        assert_true(isfinite(estimate((maxent_estimator)e, 3, lonely)));
        assert_true(isfinite(estimate((maxent_estimator)e, 4, singles)));
        assert_close(estimate((maxent_estimator)e, 2, many), log(2), 1e-7);
    }
    assert_close(estimate(MAXENT_SHRINKAGE, 3, lonely), log(3), 1e-15);
    assert_close(estimate(MAXENT_SHRINKAGE, 4, singles), log(4), 1e-15);
    assert_close(estimate(MAXENT_PLUG_IN, 2, weights), -0.25 * log(0.25) - 0.75 * log(0.75), 1e-15);
    maxent_estimate out;
    maxent_estimate_options options = {1000, 1e308, INFINITY};
    assert_int_equal(maxent_entropy_estimate(MAXENT_DIRICHLET, 3, lonely, &options, &out, NULL), MAXENT_OK);
    assert_close(out.value, log(1000), 1e-14); /* all prior */
    assert_int_equal(out.cells, 1000);
}

static void refused(maxent_estimator estimator, size_t n, const double *count, size_t cells, double alpha, double beta_max,
                    maxent_error error, const char *message)
{
    maxent_estimate out;
    maxent_estimate_options options = {cells, alpha, beta_max};
    assert_int_equal(maxent_entropy_estimate(estimator, n, count, &options, &out, &where), error);
    if (strstr(where.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", where.message, message);
}

static void test_refusals(void **state)
{
    (void)state;
    const double negative[] = {1, -1}, part[] = {1, 2.5}, zeros[] = {0, 0}, nan[] = {NAN}, huge[] = {0x1p53}, big[] = {1e308, 1e308};
    refused(MAXENT_PLUG_IN, 2, negative, 0, 1, 0, MAXENT_ERROR_VALUE, "count 2 is -1");
    refused(MAXENT_NSB, 2, part, 0, 1, INFINITY, MAXENT_ERROR_VALUE, "whole numbers");
    refused(MAXENT_NSB, 1, huge, 0, 1, INFINITY, MAXENT_ERROR_VALUE, "whole numbers");
    refused(MAXENT_PLUG_IN, 2, zeros, 0, 1, 0, MAXENT_ERROR_VALUE, "all zero");
    refused(MAXENT_PLUG_IN, 2, big, 0, 1, 0, MAXENT_ERROR_VALUE, "overflows");
    refused(MAXENT_PLUG_IN, 1, nan, 0, 1, 0, MAXENT_ERROR_VALUE, "count 1 is nan");
    refused(MAXENT_PLUG_IN, 0, NULL, 0, 1, 0, MAXENT_ERROR_ARGUMENT, "no counts");
    refused(MAXENT_LAPLACE, 11, sample, 7, 1, 0, MAXENT_ERROR_ARGUMENT, "7 cells were said to exist, but 8");
    refused(MAXENT_DIRICHLET, 11, sample, 0, 0, 0, MAXENT_ERROR_ARGUMENT, "alpha");
    refused(MAXENT_DIRICHLET, 11, sample, 0, INFINITY, 0, MAXENT_ERROR_ARGUMENT, "alpha");
    refused(MAXENT_NSB, 11, sample, 0, 1, 1e-9, MAXENT_ERROR_ARGUMENT, "beta_max");
    refused(MAXENT_NSB, 11, sample, 0, 1, 0, MAXENT_ERROR_ARGUMENT, "beta_max");
    refused(MAXENT_NSB, 11, sample, 0, 1, NAN, MAXENT_ERROR_ARGUMENT, "beta_max");
    refused(MAXENT_ESTIMATOR_COUNT, 11, sample, 0, 1, 0, MAXENT_ERROR_ARGUMENT, "no such");
    maxent_estimator found;
    for (int e = 0; e < MAXENT_ESTIMATOR_COUNT; e++) {
        assert_true(maxent_estimator_find(maxent_estimator_word((maxent_estimator)e), &found));
        assert_int_equal(found, e);
        assert_true(strlen(maxent_estimator_text((maxent_estimator)e)) > 10);
    }
    assert_false(maxent_estimator_find("jeffrey", &found));
    assert_string_equal(maxent_estimator_word(MAXENT_ESTIMATOR_COUNT), "unknown");
    assert_string_equal(maxent_estimator_text(MAXENT_ESTIMATOR_COUNT), "unknown");
}

static void test_bootstrap(void **state)
{
    (void)state;
    maxent_interval a, b;
    const double count[] = {300, 200, 400, 100}, part[] = {1.5, 2};
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_MILLER_MADOW, 4, count, NULL, 2000, 0.95, 1, &a, &where), MAXENT_OK);
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_MILLER_MADOW, 4, count, NULL, 2000, 0.95, 1, &b, &where), MAXENT_OK);
    assert_true(a.lower == b.lower && a.upper == b.upper); /* seeded */
    /* large-sample standard error: sqrt((sum p log^2 p - H^2) / N) */
    double h = 0, square = 0;
    for (int i = 0; i < 4; i++) {
        double p = count[i] / 1000;
        h -= p * log(p);
        square += p * log(p) * log(p);
    }
    double error = sqrt((square - h * h) / 1000);
    assert_true(fabs(a.standard_error / error - 1) < 0.06); /* 2000 replicates: 1.6 % one sigma */
    assert_true(fabs((a.upper - a.lower) / (2 * 1.96 * error) - 1) < 0.1);
    assert_true(a.lower < h && h < a.upper);
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_PLUG_IN, 4, count, NULL, 1, 0.95, 1, &a, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_PLUG_IN, 4, count, NULL, 10, 1, 1, &a, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_PLUG_IN, 2, part, NULL, 10, 0.9, 1, &a, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_entropy_bootstrap(MAXENT_PLUG_IN, 0, part, NULL, 10, 0.9, 1, &a, &where), MAXENT_ERROR_ARGUMENT);
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error code = maxent_entropy_bootstrap(MAXENT_NSB, 4, count, NULL, 3, 0.95, 1, &a, &where);
        failed = failing_alloc_stop();
        assert_int_equal(code, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
    assert_true(k > 5);
}

/* mpmath, 60 digits. */
static void test_special(void **state)
{
    (void)state;
    static const double psi[][3] = {
        {1e-5, -100000.57719921567289, 10000000001.64490839}, {0.3, -3.5025242222001331249, 12.245364546107731301},
        {1, -0.57721566490153286061, 1.6449340668482264365},   {7.5, 1.9467574842460867881, 0.14261589669670379977},
        {123.25, 4.8101525319648188803, 0.0081465944560802649872}, {1e10, 23.02585092989045684, 1.00000000005e-10},
    };
    for (size_t i = 0; i < sizeof psi / sizeof *psi; i++) {
        assert_close(mx_digamma(psi[i][0]), psi[i][1], 4e-16);
        assert_true(fabs(mx_trigamma(psi[i][0]) / psi[i][2] - 1) < 1e-15);
    }
    assert_close(mx_digamma(1.4616321449683622), 0, 4e-16);
    static const double rising[][3] = {
        {0.001, 5, 30.811157568196556054}, {0.5, 40, 135.62659734853849634}, {3, 1000, 4826.6412507004537429},
        {1e6, 50, 0.0012249797880001934797}, {1e12, 1000000, 0.49999933333366666637}, {1e-300, 3, 1382.2442029769873557},
        {20, 33, 18.161787088597588374}, {1e15, 40, 7.7999999999998973e-13}, {5, 0, 0}, {5, 1, 0},
    };
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) /* 4 ulp of the value, of n where it is large */
        assert_true(fabs(mx_log_rising(rising[i][0], rising[i][1]) - rising[i][2]) <=
                    9e-16 * fmax(rising[i][2], rising[i][1] <= 32 ? 0 : rising[i][1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published), cmocka_unit_test(test_nsb),     cmocka_unit_test(test_chao_wang_jost),
        cmocka_unit_test(test_definitions), cmocka_unit_test(test_bias),  cmocka_unit_test(test_corners),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_bootstrap), cmocka_unit_test(test_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
