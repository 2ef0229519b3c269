/* The name of a continuous or countable answer of one variable.
 *
 * log p at the nodes that carry more than 1e-13 is laid against each form; the name is given when it fits everywhere to 1e-9. With
 * L and U the ends of the support, y = log p:
 *
 *     uniform                y = c                                  [L, U]
 *     exponential            y = c - rate (x - L)                   [L, inf); also (-inf, U], "reflected exponential"
 *     truncated exponential  the same                               [L, U]
 *     normal                 y = c - (x - mean)^2 / (2 sd^2)        R;  truncated normal elsewhere
 *     Laplace                y = c - |x - location| / scale         R;  asymmetric Laplace with two scales
 *     Pareto                 y = c - (shape + 1) log x              [scale, inf), scale > 0
 *     power function         y = c + (shape - 1) log(x - L)         [L, U]
 *     gamma                  y = c + (shape - 1) log x - rate x     [0, inf); x - L on [L, inf)
 *     inverse gamma          y = c - (shape + 1) log x - scale / x  [0, inf)
 *     beta                   y = c + (alpha - 1) log x + (beta - 1) log(1 - x)     [0, 1]; scaled to [L, U]
 *     beta prime             y = c + (alpha - 1) log x - (alpha + beta) log(1 + x)  [0, inf)
 *     lognormal              y = c - log x - (log x - mu)^2 / (2 sigma^2)          [0, inf)
 *     von Mises              y = c + concentration cos(x - location)               [L, L + 2 pi]
 *     Weibull                y = c + (shape - 1) log x - (x / scale)^shape         [0, inf)
 *     generalised gamma      y = c + (shape - 1) log x - (x / scale)^power         [0, inf)
 *     Maxwell                y = c + 2 log x - x^2 / (2 scale^2)                   [0, inf)
 *     logistic, Cauchy, Student t, Gumbel, generalised normal (c - |z|^shape)      R, z = (x - location) / scale
 *
 *     geometric              y = c + x log ratio                    L, L + 1, ...
 *     Poisson                y + log x! = c + x log rate            0, 1, ...; truncated Poisson from another L
 *     zeta                   y = c - exponent log x                 1, 2, ...
 *     logarithmic            y + log x = c + x log ratio            1, 2, ...
 *     negative binomial      y - log((x + size - 1)! / x!) = c + x log ratio        0, 1, ...
 *     discretised normal, discrete Laplace                           whole numbers
 *
 * Forms are tried from the simplest on. Nothing is concluded from the facts.
 */
#include "distribution/family.h"

#include "base/memory.h"
#include "problem/problem.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- bases: constant[0] is the place that x is measured from, constant[1] the unit, constant[2] the other end ---- */

static void flat(double x, const double *c, double *out)
{
    (void)x;
    (void)c;
    out[0] = 1.0;
}

static void straight(double x, const double *c, double *out)
{
    out[0] = 1.0;
    out[1] = (x - c[0]) / c[1];
}

static void parabola(double x, const double *c, double *out)
{
    straight(x, c, out);
    out[2] = out[1] * out[1];
}

static void bent(double x, const double *c, double *out)
{
    double t = (x - c[0]) / c[1];
    out[0] = 1.0;
    out[1] = t > 0.0 ? t : 0.0;
    out[2] = t < 0.0 ? -t : 0.0;
}

static void logarithm(double x, const double *c, double *out)
{
    out[0] = 1.0;
    out[1] = log((x - c[0]) / c[1]);
}

static void log_and_x(double x, const double *c, double *out)
{
    logarithm(x, c, out);
    out[2] = (x - c[0]) / c[1];
}

static void log_and_inverse(double x, const double *c, double *out)
{
    logarithm(x, c, out);
    out[2] = c[1] / (x - c[0]);
}

static void two_logs(double x, const double *c, double *out)
{
    logarithm(x, c, out);
    out[2] = log((c[2] - x) / c[1]);
}

static void log_and_log1p(double x, const double *c, double *out)
{
    out[0] = 1.0;
    out[1] = log(x / c[1]);
    out[2] = log1p(x);
}

static void square_of_log(double x, const double *c, double *out)
{
    logarithm(x, c, out);
    out[2] = out[1] * out[1];
}

static void circle(double x, const double *c, double *out)
{
    out[0] = 1.0;
    out[1] = cos(x - c[0]);
    out[2] = sin(x - c[0]);
}

/* ---- forms that are not linear: theta = c, log scale, then the rest ---- */

static double weibull(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), shape = theta[2], z = pow(x / scale, shape);
    slope[0] = 1.0;
    slope[1] = shape * z;
    slope[2] = log(x) - z * log(x / scale);
    return theta[0] + (shape - 1.0) * log(x) - z;
}

/* theta[2]: the power, theta[3]: the shape less 1 */
static double generalised_gamma(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), z = pow(x / scale, theta[2]);
    slope[0] = 1.0;
    slope[1] = theta[2] * z;
    slope[2] = -z * log(x / scale);
    slope[3] = log(x);
    return theta[0] + theta[3] * log(x) - z;
}

static double logistic(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), z = (x - theta[2]) / scale, turn = tanh(0.5 * z);
    slope[0] = 1.0;
    slope[1] = z * turn;
    slope[2] = turn / scale;
    return theta[0] - fabs(z) - 2.0 * log1p(exp(-fabs(z)));
}

/* theta[3]: (df + 1) / 2 */
static double student(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), z = (x - theta[2]) / scale, turn = 2.0 * theta[3] * z / (1.0 + z * z);
    slope[0] = 1.0;
    slope[1] = z * turn;
    slope[2] = turn / scale;
    slope[3] = -log1p(z * z);
    return theta[0] - theta[3] * log1p(z * z);
}

static double gumbel(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), z = (x - theta[2]) / scale, e = exp(-z);
    slope[0] = 1.0;
    slope[1] = z * (1.0 - e);
    slope[2] = (1.0 - e) / scale;
    return theta[0] - z - e;
}

static double reflected_gumbel(double x, const double *theta, double *slope)
{
    double mirrored[3] = {theta[0], theta[1], -theta[2]};
    double value = gumbel(-x, mirrored, slope);
    slope[2] = -slope[2];
    return value;
}

/* theta[2]: the shape, theta[3]: the location */
static double generalised_normal(double x, const double *theta, double *slope)
{
    double scale = exp(theta[1]), z = (x - theta[3]) / scale, size = fabs(z), power = pow(size, theta[2]);
    slope[0] = 1.0;
    slope[1] = theta[2] * power;
    slope[2] = size > 0.0 ? -power * log(size) : 0.0;
    slope[3] = size > 0.0 ? theta[2] * power / z / scale : 0.0;
    return theta[0] - power;
}

static void ends(maxent_family *family, const mx_shape *a)
{
    if (isfinite(a->lower))
        mx_family_parameter(family, "minimum", a->lower);
    if (isfinite(a->upper))
        mx_family_parameter(family, "maximum", a->upper);
}

/* A place that is 0 but for rounding: the form is met to 1e-10 or so. */
static double clean(double place, double scale)
{
    return fabs(place) <= 1e-10 * scale ? 0.0 : place;
}

static void location_and_scale(maxent_family *family, const char *text, double location, double scale)
{
    mx_family_name(family, text);
    mx_family_parameter(family, "location", clean(location, scale));
    mx_family_parameter(family, "scale", scale);
}

/* y = c, a straight line, a parabola: 1 when it has one of these forms, with a name or without. */
static int name_polynomial(const mx_shape *a, maxent_family *family)
{
    double theta[3], unit[3] = {a->middle, a->spread, 0.0};
    int left = isfinite(a->lower), right = isfinite(a->upper);
    if (left && right && mx_fit_linear(&a->s, flat, unit, 1, theta)) {
        mx_family_name(family, "uniform");
        ends(family, a);
        return 1;
    }
    if ((left || right) && mx_fit_linear(&a->s, straight, unit, 2, theta)) {
        double rate = -theta[1] / a->spread;
        mx_family_name(family, left && right ? "truncated exponential" : left ? "exponential" : "reflected exponential");
        mx_family_parameter(family, "rate", left ? rate : -rate);
        if ((left && right) || (left && a->lower != 0.0) || (!left && a->upper != 0.0))
            ends(family, a);
        return 1;
    }
    if (mx_fit_linear(&a->s, parabola, unit, 3, theta)) {
        if (theta[2] < 0.0) {
            mx_family_name(family, left || right ? "truncated normal" : "normal");
            mx_family_parameter(family, "mean", clean(a->origin + (a->middle - a->spread * theta[1] / (2.0 * theta[2])), a->spread));
            mx_family_parameter(family, "sd", a->spread * sqrt(-0.5 / theta[2]));
            ends(family, a);
        }
        return 1;
    }
    return 0;
}

static int name_bent(const mx_shape *a, maxent_family *family)
{
    double theta[3], unit[3] = {a->kink, a->spread, 0.0};
    if (isnan(a->kink) || isfinite(a->lower) || isfinite(a->upper) || !mx_fit_linear(&a->s, bent, unit, 3, theta) || theta[1] >= 0.0 ||
        theta[2] >= 0.0)
        return 0;
    if (fabs(theta[1] - theta[2]) <= 1e-9 * fabs(theta[1])) {
        location_and_scale(family, "Laplace", a->origin + a->kink, -a->spread / theta[1]);
    } else {
        mx_family_name(family, "asymmetric Laplace");
        mx_family_parameter(family, "location", a->origin + a->kink);
        mx_family_parameter(family, "left_scale", -a->spread / theta[2]);
        mx_family_parameter(family, "right_scale", -a->spread / theta[1]);
    }
    return 1;
}

/* Half lines and intervals, with logarithms. */
static int name_logarithmic(const mx_shape *a, maxent_family *family)
{
    double theta[3], scale = fmax(a->spread, 1e-300), from_left[3] = {0.0, scale, a->upper - a->lower}, plain[3] = {-a->lower, scale, 0.0};
    int left = isfinite(a->lower), right = isfinite(a->upper);
    if (left && !right && a->lower > 0.0 && mx_fit_linear(&a->s, logarithm, plain, 2, theta)) {
        mx_family_name(family, "Pareto");
        mx_family_parameter(family, "shape", -theta[1] - 1.0);
        mx_family_parameter(family, "scale", a->lower);
        return 1;
    }
    if (left && right && mx_fit_linear(&a->s, logarithm, from_left, 2, theta) && theta[1] > -1.0) {
        if (a->lower == 0.0 && a->upper == 1.0) {
            mx_family_name(family, "beta");
            mx_family_parameter(family, "alpha", theta[1] + 1.0);
            mx_family_parameter(family, "beta", 1.0);
        } else {
            mx_family_name(family, "power function");
            mx_family_parameter(family, "shape", theta[1] + 1.0);
            ends(family, a);
        }
        return 1;
    }
    if (left && right && mx_fit_linear(&a->s, two_logs, from_left, 3, theta)) {
        mx_family_name(family, "beta");
        mx_family_parameter(family, "alpha", theta[1] + 1.0);
        mx_family_parameter(family, "beta", theta[2] + 1.0);
        if (a->lower != 0.0 || a->upper != 1.0)
            ends(family, a);
        return 1;
    }
    if (!left || right)
        return 0;
    if (mx_fit_linear(&a->s, log_and_x, from_left, 3, theta) && theta[2] < 0.0) {
        mx_family_name(family, "gamma");
        mx_family_parameter(family, "shape", theta[1] + 1.0);
        mx_family_parameter(family, "rate", -theta[2] / scale);
        if (a->lower != 0.0)
            ends(family, a);
        return 1;
    }
    if (a->lower != 0.0)
        return 0;
    if (mx_fit_linear(&a->s, square_of_log, from_left, 3, theta) && theta[2] < 0.0) {
        /* -log x - (log x - mu)^2 / 2 s^2, with t = log(x / scale) */
        double variance = -0.5 / theta[2];
        mx_family_name(family, "lognormal");
        mx_family_parameter(family, "mu", clean((theta[1] + 1.0) * variance + log(scale), sqrt(variance)));
        mx_family_parameter(family, "sigma", sqrt(variance));
        return 1;
    }
    if (mx_fit_linear(&a->s, log_and_inverse, from_left, 3, theta) && theta[2] < 0.0) {
        mx_family_name(family, "inverse gamma");
        mx_family_parameter(family, "shape", -theta[1] - 1.0);
        mx_family_parameter(family, "scale", -theta[2] * scale);
        return 1;
    }
    if (mx_fit_linear(&a->s, log_and_log1p, from_left, 3, theta)) {
        mx_family_name(family, "beta prime");
        mx_family_parameter(family, "alpha", theta[1] + 1.0);
        mx_family_parameter(family, "beta", -theta[2] - theta[1] - 1.0);
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        double start[3] = {0.0, log(a->middle), i == 0 ? 1.5 : i == 1 ? 0.6 : 4.0};
        if (mx_fit_form(&a->s, weibull, 3, 3, start)) {
            mx_family_name(family, "Weibull");
            mx_family_parameter(family, "shape", start[2]);
            mx_family_parameter(family, "scale", exp(start[1]));
            return 1;
        }
    }
    for (int i = 0; i < 2; i++) {
        double start[4] = {0.0, log(a->middle), i == 0 ? 2.0 : 0.7, 0.0};
        if (mx_fit_form(&a->s, generalised_gamma, 4, 4, start) && start[2] > 0.0) {
            if (fabs(start[2] - 2.0) < 1e-9 && fabs(start[3] - 2.0) < 1e-9) { /* speeds in a gas */
                mx_family_name(family, "Maxwell");
                mx_family_parameter(family, "scale", exp(start[1]) / sqrt(2.0));
                return 1;
            }
            mx_family_name(family, "generalised gamma");
            mx_family_parameter(family, "shape", start[3] + 1.0);
            mx_family_parameter(family, "power", start[2]);
            mx_family_parameter(family, "scale", exp(start[1]));
            return 1;
        }
    }
    return 0;
}

static int name_circular(const mx_shape *a, maxent_family *family)
{
    double theta[3], from[3] = {-a->origin, 1.0, 0.0};
    if (!(fabs(a->upper - a->lower - 2.0 * pi) < 1e-9) || !mx_fit_linear(&a->s, circle, from, 3, theta))
        return 0;
    mx_family_name(family, "von Mises");
    mx_family_parameter(family, "location", clean(atan2(theta[2], theta[1]), 1.0));
    mx_family_parameter(family, "concentration", hypot(theta[1], theta[2]));
    return 1;
}

/* The whole line. */
static int name_bell(const mx_shape *a, maxent_family *family)
{
    if (isfinite(a->lower) || isfinite(a->upper))
        return 0;
    double top = -log(a->spread) - 1.0, scale = log(a->spread), theta[4] = {top, scale, a->middle, 0.0};
    if (mx_fit_form(&a->s, logistic, 3, 3, theta)) {
        location_and_scale(family, "logistic", a->origin + theta[2], exp(theta[1]));
        return 1;
    }
    memcpy(theta, (double[]){top, scale, a->middle, 1.0}, sizeof theta);
    if (mx_fit_form(&a->s, student, 4, 3, theta)) { /* the power held at 1 */
        location_and_scale(family, "Cauchy", a->origin + theta[2], exp(theta[1]));
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        memcpy(theta, (double[]){top, scale, a->middle, i == 0 ? 2.0 : 8.0}, sizeof theta);
        if (mx_fit_form(&a->s, student, 4, 4, theta) && theta[3] > 0.5) {
            double df = 2.0 * theta[3] - 1.0;
            location_and_scale(family, "Student t", a->origin + theta[2], exp(theta[1]) / sqrt(df));
            mx_family_parameter(family, "df", df);
            return 1;
        }
    }
    memcpy(theta, (double[]){top, scale, a->mode, 0.0}, sizeof theta);
    if (mx_fit_form(&a->s, gumbel, 3, 3, theta)) {
        location_and_scale(family, "Gumbel", a->origin + theta[2], exp(theta[1]));
        return 1;
    }
    memcpy(theta, (double[]){top, scale, a->mode, 0.0}, sizeof theta);
    if (mx_fit_form(&a->s, reflected_gumbel, 3, 3, theta)) {
        location_and_scale(family, "reflected Gumbel", a->origin + theta[2], exp(theta[1]));
        return 1;
    }
    for (int i = 0; i < 4; i++) { /* the location free, or at a kink */
        int held = i >= 2;
        memcpy(theta, (double[]){top, scale, i % 2 == 0 ? 3.0 : 1.2, held ? a->kink : a->middle}, sizeof theta);
        if (!isnan(theta[3]) && mx_fit_form(&a->s, generalised_normal, 4, held ? 3 : 4, theta) && theta[2] > 0.0) {
            location_and_scale(family, "generalised normal", a->origin + theta[3], exp(theta[1]));
            mx_family_parameter(family, "shape", theta[2]);
            return 1;
        }
    }
    return 0;
}

/* ---- whole numbers ---- */

/* y with log p + sign * what is added: log x!, log x */
static int straight_after(const mx_shape *a, double (*added)(double x), double *intercept, double *slope)
{
    mx_sampled s = {.n = a->s.n, .x = a->s.x, .logp = mx_alloc(a->s.n, sizeof *s.logp)};
    double theta[2] = {0}, unit[3] = {a->middle, fmax(a->spread, 1.0), 0.0};
    int fits = 0;
    if (s.logp != NULL) {
        for (size_t j = 0; j < s.n; j++)
            s.logp[j] = a->s.logp[j] + added(s.x[j]);
        fits = mx_fit_linear(&s, straight, unit, 2, theta);
    }
    mx_free(s.logp);
    *slope = theta[1] / unit[1];
    *intercept = theta[0] - *slope * unit[0];
    return fits;
}

static double log_factorial(double x)
{
    return lgamma(x + 1.0);
}

static double nothing(double x)
{
    (void)x;
    return 0.0;
}

/* theta: c, log ratio, log size */
static double negative_binomial(double x, const double *theta, double *slope)
{
    double size = exp(theta[2]), h = 1e-5 * size;
    slope[0] = 1.0;
    slope[1] = x;
    slope[2] = size * ((lgamma(x + size + h) - lgamma(size + h)) - (lgamma(x + size - h) - lgamma(size - h))) / (2.0 * h);
    return theta[0] + x * theta[1] + lgamma(x + size) - lgamma(size) - lgamma(x + 1.0);
}

static void name_whole(const mx_shape *a, maxent_family *family)
{
    double c, slope, theta[3], plain[3] = {0.0, 1.0, 0.0}, unit[3] = {a->middle, fmax(a->spread, 1.0), 0.0};
    int from_left = isfinite(a->lower) && isinf(a->upper);
    if (from_left && straight_after(a, nothing, &c, &slope)) {
        mx_family_name(family, "geometric");
        mx_family_parameter(family, "probability", -expm1(slope));
        mx_family_parameter(family, "minimum", a->lower);
        return;
    }
    if (from_left && a->lower >= 0.0 && straight_after(a, log_factorial, &c, &slope)) {
        mx_family_name(family, a->lower == 0.0 ? "Poisson" : "truncated Poisson");
        mx_family_parameter(family, "rate", exp(slope));
        if (a->lower != 0.0)
            mx_family_parameter(family, "minimum", a->lower);
        return;
    }
    if (from_left && a->lower > 0.0 && mx_fit_linear(&a->s, logarithm, plain, 2, theta)) {
        mx_family_name(family, a->lower == 1.0 ? "zeta" : "truncated zeta");
        mx_family_parameter(family, "exponent", -theta[1]);
        if (a->lower != 1.0)
            mx_family_parameter(family, "minimum", a->lower);
        return;
    }
    if (from_left && a->lower == 1.0 && straight_after(a, log, &c, &slope)) {
        mx_family_name(family, "logarithmic");
        mx_family_parameter(family, "ratio", exp(slope));
        return;
    }
    if (mx_fit_linear(&a->s, parabola, unit, 3, theta) && theta[2] < 0.0) {
        mx_family_name(family, "discretised normal");
        mx_family_parameter(family, "mean", clean(unit[0] - unit[1] * theta[1] / (2.0 * theta[2]), unit[1]));
        mx_family_parameter(family, "sd", unit[1] * sqrt(-0.5 / theta[2]));
        ends(family, a);
        return;
    }
    unit[0] = a->mode;
    if (isinf(a->lower) && isinf(a->upper) && mx_fit_linear(&a->s, bent, unit, 3, theta) && theta[1] < 0.0 &&
        fabs(theta[1] - theta[2]) <= 1e-9 * fabs(theta[1])) {
        mx_family_name(family, "discrete Laplace");
        mx_family_parameter(family, "location", a->mode);
        mx_family_parameter(family, "ratio", exp(theta[1] / unit[1]));
        return;
    }
    double start[3] = {-1.0, -0.5, 0.0};
    if (from_left && a->lower == 0.0 && mx_fit_form(&a->s, negative_binomial, 3, 3, start) && start[1] < 0.0) {
        mx_family_name(family, "negative binomial");
        mx_family_parameter(family, "size", exp(start[2]));
        mx_family_parameter(family, "ratio", exp(start[1]));
    }
}

void mx_family_line(const maxent_result *result, maxent_family *family)
{
    mx_shape a;
    if (mx_shape_look(result, &a)) {
        if (result->problem->support.variable[0].extent == MX_WHOLE)
            name_whole(&a, family);
        else if (!name_polynomial(&a, family) && !name_bent(&a, family) && !name_circular(&a, family) && !name_logarithmic(&a, family))
            name_bell(&a, family);
    }
    mx_free(a.s.x);
}
