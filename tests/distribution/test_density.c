/* The distribution functions of densities in closed form: normal, exponential, x^-0.9, a step, Cauchy, Pareto, geometric, Poisson,
 * a class and a measurement. Expected numbers: the closed forms beside each; erfc and lgamma of the C library. */
#include "distribution/hand.h"
#include "report/report.h"

#include <maxent/report.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g, expected %.17g within %g", got, want, tolerance);
}

static double cdf(hand *h, double x)
{
    double out;
    hand_now = h;
    assert_int_equal(maxent_result_cdf(&h->result, 1, &x, &out), MAXENT_OK);
    return out;
}

static double quantile(hand *h, double u)
{
    double out;
    hand_now = h;
    assert_int_equal(maxent_result_quantile(&h->result, 1, &u, &out), MAXENT_OK);
    return out;
}

static double between(hand *h, double a, double b)
{
    double out;
    hand_now = h;
    assert_int_equal(maxent_result_interval(&h->result, a, b, &out), MAXENT_OK);
    return out;
}

static maxent_moments moments(hand *h)
{
    maxent_moments m;
    hand_now = h;
    assert_int_equal(maxent_result_moments(&h->result, 0, &m), MAXENT_OK);
    return m;
}

/* ---- normal, mean 2, sd 0.5 ---- */

static double normal_law(double x, double low, double other)
{
    double z = ((x - 2.0) + low) / 0.5;
    (void)other;
    return -0.5 * z * z - log(0.5) - 0.5 * log(2.0 * pi);
}

static hand *normal(void)
{
    hand *h = hand_new(MX_REAL, -INFINITY, INFINITY, normal_law);
    hand_panel(h, -4.0, 0.0, 24);
    hand_panel(h, 0.0, 2.0, 24);
    hand_panel(h, 2.0, 4.0, 24);
    hand_panel(h, 4.0, 8.0, 24);
    h->panel[0].left = -INFINITY;
    h->panel[3].right = INFINITY;
    return h;
}

static void a_normal(void **unused)
{
    (void)unused;
    hand *h = normal();
    for (double z = -8.0; z <= 8.0; z += 0.37) {
        double want = 0.5 * erfc(-z / sqrt(2.0)), x = 2.0 + 0.5 * z;
        near(cdf(h, x), want, 1e-13 * fmax(want, z < 0.0 ? 0.0 : 1.0) + 1e-25);
        near(between(h, x, INFINITY) / (0.5 * erfc(z / sqrt(2.0))), 1.0, 2e-12);
        if (fabs(z) < 5.0)
            near(quantile(h, want), x, 1e-11 * (1.0 + exp(0.5 * z * z - 10.0)));
    }
    near(between(h, 12.0, INFINITY) / 2.7536241186062336951e-89, 1.0, 1e-10); /* 20 sd: erfc(20 / sqrt 2) / 2 */
    near(cdf(h, -8.0) / 2.7536241186062336951e-89, 1.0, 1e-10);
    near(quantile(h, 1e-100), 2.0 + 0.5 * -21.273453560965324295, 1e-9); /* mpmath: -sqrt(2) erfinv(1 - 2e-100), 120 digits */
    near(between(h, 1.5, 2.5), 0.68268949213708589717, 1e-14);
    near(between(h, 1.9999999, 2.0000001) / 1.595769121605724e-7, 1.0, 1e-9);
    near(between(h, 2.0, 2.0), 0.0, 0.0);
    near(between(h, 3.0, 2.0), 0.0, 0.0);
    assert_true(isnan(cdf(h, NAN)) && isnan(quantile(h, NAN)) && isnan(quantile(h, -0.1)) && isnan(quantile(h, 1.1)) &&
                isnan(between(h, NAN, 1.0)));
    near(cdf(h, -INFINITY), 0.0, 0.0);
    near(cdf(h, INFINITY), 1.0, 0.0);
    assert_true(quantile(h, 0.0) == -INFINITY && quantile(h, 1.0) == INFINITY);
    maxent_moments m = moments(h);
    near(m.mean, 2.0, 1e-14);
    near(m.sd, 0.5, 1e-14);
    near(m.skewness, 0.0, 1e-12);
    near(m.kurtosis, 3.0, 1e-12);
    maxent_range *list;
    size_t count;
    assert_int_equal(maxent_result_hdi(&h->result, 0.95, &list, &count), MAXENT_OK);
    assert_int_equal(count, 1);
    near(list[0].from, 2.0 - 0.5 * 1.959963984540054, 1e-8); /* p is flat to rounding over 1e-8 of a level */
    near(list[0].to, 2.0 + 0.5 * 1.959963984540054, 1e-8);
    maxent_free(list);
    assert_int_equal(maxent_result_hdi(&h->result, 1.0, &list, &count), MAXENT_ERROR_VALUE);
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "normal");
    near(family.parameter[0].value, 2.0, 1e-13);
    near(family.parameter[1].value, 0.5, 1e-13);
    double x[3] = {2.0, NAN, INFINITY}, p[3];
    assert_int_equal(maxent_result_density(&h->result, 3, x, p), MAXENT_OK);
    near(p[0], 0.79788456080286535588, 1e-15);
    assert_true(isnan(p[1]) && p[2] == 0.0);
    free(h);
}

/* ---- exponential, rate 3, from 1 ---- */

static double exponential_law(double x, double low, double other)
{
    (void)other;
    return log(3.0) - 3.0 * ((x - 1.0) + low);
}

static void an_exponential(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, 1.0, INFINITY, exponential_law);
    hand_half_line(h, 1.0, 0.3, -3.5, 4.0, 90);
    for (double x = 1.0; x < 12.0; x += 0.31) {
        near(cdf(h, x), -expm1(-3.0 * (x - 1.0)), 2e-14);
        near(between(h, x, INFINITY) * exp(3.0 * (x - 1.0)), 1.0, 1e-11);
    }
    near(cdf(h, 1.0 + 1e-9) / 3e-9, 1.0, 1e-6); /* the rounding of 1 + 1e-9 */
    near(cdf(h, 0.5), 0.0, 0.0);
    near(quantile(h, 0.0), 1.0, 0.0);
    near(quantile(h, 0.5), 1.0 + log(2.0) / 3.0, 1e-15);
    near(quantile(h, 0.999999), 1.0 - log1p(-0.999999) / 3.0, 1e-10);
    maxent_moments m = moments(h);
    near(m.mean, 4.0 / 3.0, 1e-14);
    near(m.sd, 1.0 / 3.0, 1e-14);
    near(m.skewness, 2.0, 1e-11);
    near(m.kurtosis, 9.0, 1e-10);
    maxent_range *list;
    size_t count;
    assert_int_equal(maxent_result_hdi(&h->result, 0.9, &list, &count), MAXENT_OK);
    assert_int_equal(count, 1);
    near(list[0].from, 1.0, 1e-14);
    near(list[0].to, 1.0 + log(10.0) / 3.0, 1e-9);
    maxent_free(list);
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "exponential");
    near(family.parameter[0].value, 3.0, 1e-12);
    near(family.parameter[1].value, 1.0, 0.0);
    free(h);
}

/* ---- 0.1 x^-0.9 on [0, 1]: P[X <= x] = x^0.1 ---- */

static double spike_law(double x, double low, double other)
{
    (void)other;
    return log(0.1) - 0.9 * log(x + low);
}

static void a_density_infinite_at_its_end(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, 0.0, 1.0, spike_law);
    hand_log_panel(h, -500.0, 12);
    near(cdf(h, 1e-10), 0.1, 1e-13);
    near(cdf(h, 0.5), pow(0.5, 0.1), 1e-13);
    near(cdf(h, 1e-100), 1e-10, 1e-20);
    near(cdf(h, 0.0), 0.0, 0.0);
    near(quantile(h, 0.5) / pow(0.5, 10.0), 1.0, 1e-12);
    near(quantile(h, 0.01) / 1e-20, 1.0, 1e-12);
    maxent_moments m = moments(h);
    near(m.mean, 0.1 / 1.1, 1e-14);
    near(m.sd, sqrt(0.1 / 2.1 - 0.01 / 1.21), 1e-14);
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "beta");
    near(family.parameter[0].value, 0.1, 1e-12);
    near(family.parameter[1].value, 1.0, 0.0);
    free(h);
}

/* ---- two levels: 0.3 on [0, 1/2), 1.7 on [1/2, 1] ---- */

static double step_law(double x, double low, double other)
{
    (void)low;
    (void)other;
    return x < 0.5 ? log(0.3) : log(1.7);
}

static void a_step(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, 0.0, 1.0, step_law);
    hand_panel(h, 0.0, 0.5, 16);
    hand_panel(h, 0.5, 1.0, 16);
    near(cdf(h, 0.25), 0.075, 1e-15);
    near(cdf(h, 0.75), 0.575, 1e-15);
    near(quantile(h, 0.15), 0.5, 1e-14);
    maxent_range *list;
    size_t count;
    assert_int_equal(maxent_result_hdi(&h->result, 0.91, &list, &count), MAXENT_OK);
    assert_int_equal(count, 1); /* 0.85 on the right, and 0.06 of the plateau beside it */
    near(list[0].from, 0.3, 1e-7);
    near(list[0].to, 1.0, 1e-12);
    maxent_free(list);
    assert_int_equal(maxent_result_hdi(&h->result, 0.425, &list, &count), MAXENT_OK);
    assert_int_equal(count, 1); /* the middle of the higher plateau */
    near(list[0].from, 0.625, 1e-7);
    near(list[0].to, 0.875, 1e-7);
    maxent_free(list);
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_null(family.name);
    /* the same with the jump inside one panel: it is closed in on */
    h->density.n = h->density.panels = 0;
    hand_panel(h, 0.0, 1.0, 32);
    near(cdf(h, 0.25), 0.075, 1e-13);
    near(cdf(h, 0.75), 0.575, 1e-13);
    free(h);
}

/* ---- two hills ---- */

static double hills_law(double x, double low, double other)
{
    double a = ((x + 2.0) + low) / 0.3, b = ((x - 3.0) + low) / 0.5;
    (void)other;
    return log(0.4 / 0.3 * exp(-0.5 * a * a) + 0.6 / 0.5 * exp(-0.5 * b * b) + 1e-300) - 0.5 * log(2.0 * pi);
}

static void two_hills(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, -20.0, 20.0, hills_law);
    for (double x = -20.0; x < 20.0; x += 1.0)
        hand_panel(h, x, x + 1.0, 20);
    maxent_range *list;
    size_t count;
    assert_int_equal(maxent_result_hdi(&h->result, 0.9, &list, &count), MAXENT_OK);
    assert_int_equal(count, 2);
    double sum = between(h, list[0].from, list[0].to) + between(h, list[1].from, list[1].to), p[4];
    near(sum, 0.9, 1e-9);
    double ends[4] = {list[0].from, list[0].to, list[1].from, list[1].to};
    assert_int_equal(maxent_result_density(&h->result, 4, ends, p), MAXENT_OK);
    for (int i = 1; i < 4; i++)
        near(p[i], p[0], 1e-8);
    maxent_free(list);
    near(cdf(h, 0.5), 0.4, 1e-6);
    free(h);
}

/* ---- heavy tails ---- */

static double cauchy_law(double x, double low, double other)
{
    double z = (x - 1.0 + low) / 2.0;
    (void)other;
    return -log(2.0 * pi) - log1p(z * z);
}

static double pareto_law(double x, double low, double other)
{
    (void)low;
    (void)other;
    return log(2.5) - 3.5 * log(x);
}

static void heavy_tails(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, -INFINITY, INFINITY, cauchy_law);
    for (double e = 40.0; e > 0.0; e -= 1.0)
        hand_panel(h, 1.0 - pow(4.0, e), 1.0 - pow(4.0, e - 1.0), 20);
    hand_panel(h, 0.0, 2.0, 20);
    for (double e = 1.0; e < 41.0; e += 1.0)
        hand_panel(h, 1.0 + pow(4.0, e - 1.0), 1.0 + pow(4.0, e), 20);
    h->panel[0].left = -INFINITY;
    h->panel[h->density.panels - 1].right = INFINITY;
    for (double x = -50.0; x < 50.0; x += 3.3)
        near(cdf(h, x), 0.5 + atan((x - 1.0) / 2.0) / pi, 1e-13);
    near(between(h, 1e9, INFINITY) / (2.0 / pi * 1e-9), 1.0, 1e-8);
    near(quantile(h, 0.75), 3.0, 1e-12);
    near(quantile(h, 1e-9), 1.0 - 2.0 / tan(pi * 1e-9), 1e-2);
    maxent_moments m = moments(h);
    assert_true(isnan(m.mean) && isnan(m.sd));
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "Cauchy");
    near(family.parameter[0].value, 1.0, 1e-10);
    near(family.parameter[1].value, 2.0, 1e-10);
    free(h);
    h = hand_new(MX_REAL, 1.0, INFINITY, pareto_law);
    for (double e = 0.0; e < 40.0; e += 1.0)
        hand_panel(h, pow(2.0, e), pow(2.0, e + 1.0), 20);
    h->panel[h->density.panels - 1].right = INFINITY;
    near(cdf(h, 10.0), 1.0 - pow(10.0, -2.5), 1e-13);
    m = moments(h);
    near(m.mean, 2.5 / 1.5, 1e-12);
    near(m.sd, sqrt(2.5 / 0.5 - 2.5 * 2.5 / 2.25), 1e-6); /* E x^2 beyond X is 5 X^-0.5: by its power law */
    assert_true(isinf(m.skewness) && isinf(m.kurtosis));
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "Pareto");
    near(family.parameter[0].value, 2.5, 1e-12);
    near(family.parameter[1].value, 1.0, 0.0);
    free(h);
}

/* ---- whole numbers ---- */

static double geometric_law(double x, double low, double other)
{
    (void)low;
    (void)other;
    return log(0.2) + x * log(0.8);
}

static double rare_law(double x, double low, double other) /* mean 1e6 */
{
    (void)low;
    (void)other;
    return -log1p(1e6) + x * -log1p(1e-6);
}

static double poisson_law(double x, double low, double other)
{
    (void)low;
    (void)other;
    return x * log(3.5) - 3.5 - lgamma(x + 1.0);
}

static void whole_numbers(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_WHOLE, 0.0, INFINITY, geometric_law);
    hand_whole(h, 0.0, 400.0);
    h->panel[0].right = INFINITY;
    near(cdf(h, 3.0), 1.0 - pow(0.8, 4.0), 1e-14);
    near(cdf(h, 3.9), 1.0 - pow(0.8, 4.0), 1e-14);
    near(cdf(h, -0.5), 0.0, 0.0);
    near(between(h, 2.0, 3.0), 0.2 * (0.64 + 0.512), 1e-15);
    near(between(h, 2.0, 2.0), 0.2 * 0.64, 1e-16);
    near(between(h, 2.1, 2.9), 0.0, 0.0);
    near(between(h, 50.0, INFINITY) / pow(0.8, 50.0), 1.0, 1e-12);
    near(quantile(h, 0.2), 0.0, 0.0);
    near(quantile(h, 0.21), 1.0, 0.0);
    near(quantile(h, 0.0), 0.0, 0.0);
    assert_true(quantile(h, 1.0) == INFINITY);
    maxent_moments m = moments(h);
    near(m.mean, 4.0, 1e-13);
    near(m.sd, sqrt(20.0), 1e-12);
    maxent_range *list;
    size_t count;
    assert_int_equal(maxent_result_hdi(&h->result, 0.5, &list, &count), MAXENT_OK);
    assert_int_equal(count, 1); /* 1 - 0.8^4 = 0.5904, 1 - 0.8^3 = 0.488 */
    near(list[0].from, 0.0, 0.0);
    near(list[0].to, 3.0, 0.0);
    maxent_free(list);
    maxent_family family;
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "geometric");
    near(family.parameter[0].value, 0.2, 1e-14);
    free(h);

    h = hand_new(MX_WHOLE, 0.0, INFINITY, poisson_law);
    hand_whole(h, 0.0, 80.0);
    maxent_result_family(&h->result, &family);
    assert_string_equal(family.name, "Poisson");
    near(family.parameter[0].value, 3.5, 1e-12);
    free(h);

    /* few nodes over a long range */
    h = hand_new(MX_WHOLE, 0.0, INFINITY, rare_law);
    mx_panel *panel = &h->panel[h->density.panels++];
    *panel = (mx_panel){.left = 0.0, .right = INFINITY, .first = 0, .count = 200};
    for (int i = 0; i < 200; i++)
        hand_node(h, floor(60e6 * (i + 0.5) / 200.0), 0.0, 60e6 / 200.0, 0.0);
    for (double x = 10.0; x < 3e7; x *= 3.0)
        near(cdf(h, floor(x)), -expm1((floor(x) + 1.0) * -log1p(1e-6)), 1e-13);
    near(quantile(h, 0.5), 693147.0, 0.0); /* k + 1 >= log 2 / log1p(1e-6) = 693147.527 */
    near(between(h, 5e6, 5e6) / (exp(-5e6 * log1p(1e-6)) / (1.0 + 1e6)), 1.0, 1e-7);
    m = moments(h);
    near(m.mean, 1e6, 1e-4);
    near(m.sd, sqrt(1e6 * (1e6 + 1.0)), 1e-4);
    free(h);
}

/* ---- a class and a measurement: c = 1 with 0.3, x normal(0, 1); c = 2 with 0.7, x normal(5, 2) ---- */

static double mixed_law(double x, double low, double other)
{
    double z = other == 1.0 ? x + low : (x - 5.0 + low) / 2.0;
    return (other == 1.0 ? log(0.3) : log(0.35)) - 0.5 * z * z - 0.5 * log(2.0 * pi);
}

static hand *mixed(void)
{
    hand *h = hand_new(MX_REAL, -INFINITY, INFINITY, mixed_law);
    h->problem.support.variables = h->density.variables = 2;
    h->levels[0] = 1.0;
    h->levels[1] = 2.0;
    h->variable[1].levels = 2;
    double t[40], w[40];
    mx_gauss(40, t, w);
    for (double c = 1.0; c <= 2.0; c += 1.0)
        for (size_t i = 0; i < 80; i++) {
            double half = 5.0 * c, from = 5.0 * (c - 1.0) - 2.0 * half + (i < 40 ? 0.0 : 2.0 * half);
            hand_node(h, from + half * (1.0 + t[i % 40]), 0.0, half * w[i % 40], c);
        }
    return h;
}

static double is_one(void *user, const double *x)
{
    (void)user;
    return x[1] == 1.0;
}

static void a_class_and_a_measurement(void **unused)
{
    (void)unused;
    hand *h = mixed();
    double share, out;
    assert_int_equal(maxent_result_expectation(&h->result, is_one, NULL, &share), MAXENT_OK);
    near(share, 0.3, 1e-12);
    double x = 0.0;
    assert_int_equal(maxent_result_cdf(&h->result, 1, &x, &out), MAXENT_ERROR_ARGUMENT);
    double held[2] = {0.0, 2.0};
    mx_line_request request = {.result = &h->result, .v = 0, .held = held};
    mx_line *line;
    assert_int_equal(mx_line_new(&request, &line), MAXENT_OK);
    near(line->total, 0.7, 1e-13);
    near(mx_line_quantile(line, 0.5), 5.0, 1e-12);
    mx_line_free(line);
    maxent_moments m;
    assert_int_equal(maxent_result_moments(&h->result, 0, &m), MAXENT_OK);
    near(m.mean, 3.5, 1e-11);
    maxent_sampler *sampler;
    assert_int_equal(maxent_sampler_new_result(&h->result, 5, &sampler), MAXENT_OK);
    static double draws[40000];
    maxent_sampler_draw_points(sampler, 20000, draws);
    double ones = 0.0, mean = 0.0, square = 0.0;
    for (size_t i = 0; i < 20000; i++) {
        assert_true(draws[2 * i + 1] == 1.0 || draws[2 * i + 1] == 2.0);
        ones += draws[2 * i + 1] == 1.0;
        if (draws[2 * i + 1] == 2.0) {
            mean += draws[2 * i];
            square += (draws[2 * i] - 5.0) * (draws[2 * i] - 5.0);
        }
    }
    near(ones / 20000.0, 0.3, 5.0 * sqrt(0.21 / 20000.0));
    near(mean / (20000.0 - ones), 5.0, 5.0 * 2.0 / sqrt(14000.0));
    near(square / (20000.0 - ones), 4.0, 5.0 * 4.0 * sqrt(2.0 / 14000.0));
    maxent_sampler_free(sampler);
    free(h);
}

/* Kolmogorov and Smirnov: the largest distance of the empirical distribution function from the true one. */
static void draws_follow(hand *h, double (*true_cdf)(double x), size_t n)
{
    maxent_sampler *sampler, *again;
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), distance = 0.0;
    hand_now = h;
    assert_int_equal(maxent_sampler_new_result(&h->result, 7, &sampler), MAXENT_OK);
    assert_int_equal(maxent_sampler_new_result(&h->result, 7, &again), MAXENT_OK);
    maxent_sampler_draw_points(sampler, n, x);
    maxent_sampler_draw_points(again, n, y);
    assert_memory_equal(x, y, n * sizeof *x);
    for (size_t cell = 0; cell < 200; cell++) { /* at 200 places is enough, and needs no sorting */
        double at = x[cell], below = 0.0;
        for (size_t i = 0; i < n; i++)
            below += x[i] <= at;
        distance = fmax(distance, fabs(below / (double)n - true_cdf(at)));
    }
    if (distance * sqrt((double)n) > 2.0) /* probability 7e-4 */
        fail_msg("distance %g", distance * sqrt((double)n));
    maxent_sampler_free(sampler);
    maxent_sampler_free(again);
    free(x);
    free(y);
}

static double spike_cdf(double x)
{
    return pow(x, 0.1);
}

/* ---- what an unfinished solve may leave ---- */

static double without_mass(double x, double low, double other)
{
    (void)low;
    (void)other;
    return fabs(x) > 0.5 ? INFINITY : 0.0;
}

/* A density that is infinite on a set of positive measure has no line; laying it out ends, and reports tell it from an error. */
static void no_law(void **unused)
{
    (void)unused;
    hand *h = hand_new(MX_REAL, -1.0, 1.0, without_mass);
    hand_panel(h, -1.0, 1.0, 24);
    mx_line *line;
    hand_asked = 0;
    assert_int_equal(mx_report_line(&h->result, &line), MAXENT_ERROR_VALUE);
    assert_true(hand_asked < 5000000);
    assert_false(mx_report_has_no_law(&h->result, MAXENT_ERROR_VALUE));
    h->result.verdict = MAXENT_UNFINISHED;
    assert_true(mx_report_has_no_law(&h->result, MAXENT_ERROR_VALUE));
    assert_false(mx_report_has_no_law(&h->result, MAXENT_ERROR_MEMORY));
    maxent_diagnostic diagnostic;
    assert_int_equal(maxent_report_csv(&h->result, "never-written.csv", &diagnostic), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(diagnostic.message, "no finite mass"));
    assert_null(fopen("never-written.csv", "r"));
    free(h);
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-(x - 2.0) / 0.5 / sqrt(2.0));
}

static double rare_cdf(double x)
{
    return -expm1((x + 1.0) * -log1p(1e-6));
}

static void draws(void **unused)
{
    (void)unused;
    hand *h = normal();
    draws_follow(h, normal_cdf, 20000);
    free(h);
    h = hand_new(MX_REAL, 0.0, 1.0, spike_law);
    hand_log_panel(h, -500.0, 12);
    draws_follow(h, spike_cdf, 20000);
    free(h);
    h = hand_new(MX_WHOLE, 0.0, INFINITY, rare_law);
    h->panel[h->density.panels++] = (mx_panel){.left = 0.0, .right = INFINITY, .first = 0, .count = 200};
    for (int i = 0; i < 200; i++)
        hand_node(h, floor(60e6 * (i + 0.5) / 200.0), 0.0, 60e6 / 200.0, 0.0);
    draws_follow(h, rare_cdf, 5000);
    free(h);
}

/* ---- a finite support of numbers ---- */

static void states_too(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result;
    static const char text[] = "x in {1, 2, 3}; E[x] = 1.75";
    assert_int_equal(maxent_problem_from_text(text, sizeof text - 1, NULL, NULL, &problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    const double *p = maxent_result_probabilities(result);
    double x[4] = {0.5, 1.0, 2.5, 3.0}, out[4], u[3] = {0.4, 0.5, 0.9};
    assert_int_equal(maxent_result_cdf(result, 4, x, out), MAXENT_OK);
    near(out[0], 0.0, 0.0);
    near(out[1], p[0], 1e-15);
    near(out[2], p[0] + p[1], 1e-15);
    near(out[3], 1.0, 1e-15);
    assert_int_equal(maxent_result_quantile(result, 3, u, out), MAXENT_OK);
    near(out[0], 1.0, 0.0);
    near(out[1], 2.0, 0.0);
    near(out[2], 3.0, 0.0);
    maxent_moments m;
    assert_int_equal(maxent_result_moments(result, 0, &m), MAXENT_OK);
    near(m.mean, 1.75, 1e-15);
    assert_int_equal(maxent_result_moments(result, 1, &m), MAXENT_ERROR_ARGUMENT);
    maxent_sampler *sampler;
    assert_int_equal(maxent_sampler_new_result(result, 7, &sampler), MAXENT_OK);
    maxent_sampler_draw_points(sampler, 4, out);
    for (int i = 0; i < 4; i++)
        assert_true(out[i] == 1.0 || out[i] == 2.0 || out[i] == 3.0);
    maxent_sampler_free(sampler);
    maxent_nodes nodes;
    assert_int_equal(maxent_result_nodes(result, &nodes), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_result_density(result, 1, x, out), MAXENT_ERROR_ARGUMENT);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normal),
        cmocka_unit_test(no_law),
        cmocka_unit_test(an_exponential),
        cmocka_unit_test(a_density_infinite_at_its_end),
        cmocka_unit_test(a_step),
        cmocka_unit_test(two_hills),
        cmocka_unit_test(heavy_tails),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(a_class_and_a_measurement),
        cmocka_unit_test(draws),
        cmocka_unit_test(states_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
