/* The name of the answer, when it is a distribution that has one: finite supports here, others in family_line.c and
 * family_several.c.
 *
 * Nothing is concluded from the facts. The logarithms of the probabilities are laid against each family's form over all states, and
 * the name is given only when the largest deviation is at most 1e-10:
 *
 *     uniform                  log p = c                                        states
 *     degenerate               one state has probability 1                      value (of a numeric variable)
 *     Bernoulli                x in {0, 1}                                      probability
 *     binomial                 x = 0..n,  log p - log C(n, x) = a + b x         trials, probability
 *     truncated Poisson        x = 0..n,  log p + log x! = a + b x              rate, maximum
 *     truncated geometric      equally spaced x,  log p = a + b x               ratio, minimum, maximum, step
 *     discretised normal       equally spaced x,  log p = a + b x - c x^2       mean, sd, minimum, maximum, step
 *     independent              several variables, log p = sum_v g_v(x_v)        variables
 *     Ising                    two-valued variables, log p = sum_uv g_uv        spins
 *     pairwise log-linear      three variables or more, the same                variables
 *
 * The forms with free parameters are only tried where there are more states than parameters, so that fitting is evidence. With forced
 * zeros the states that are left are looked at. Parameters are of the law before it is cut to the support: `mean` and `sd` of the
 * discretised normal are those of the normal curve through the probabilities. No name is given for more than 1e5 states.
 */
#include "distribution/family.h"

#include "base/memory.h"
#include "problem/problem.h"
#include "solve/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t most_states = 100000;
static const double form_tolerance = 1e-10; /* of log p, absolute */

/* One numeric variable: its states of positive probability, in increasing order. */
typedef struct point {
    double x;
    double logp;
} point;

void mx_family_name(maxent_family *family, const char *text)
{
    family->name = text;
    family->parameters = 0;
}

void mx_family_parameter(maxent_family *family, const char *text, double value)
{
    family->parameter[family->parameters].name = text;
    family->parameter[family->parameters++].value = value;
}

static int by_x(const void *a, const void *b)
{
    double x = ((const point *)a)->x, y = ((const point *)b)->x;
    return (x > y) - (x < y);
}

/* Is y[j] = a + b j, j = 0..n-1? */
static int linear(size_t n, const double *y, double *a, double *b)
{
    *a = y[0];
    *b = (y[n - 1] - y[0]) / (double)(n - 1);
    for (size_t j = 0; j < n; j++)
        if (!(fabs(y[j] - *a - *b * (double)j) <= form_tolerance))
            return 0;
    return 1;
}

/* Is y[j] = a + b t + c t^2 with t = 2 j / (n - 1) - 1? By the parabola through the ends and the middle. */
static int quadratic(size_t n, const double *y, double *b, double *c)
{
    size_t m = (n - 1) / 2;
    double h = 2.0 / (double)(n - 1), tm = h * (double)m - 1.0;
    double half_sum = (y[n - 1] + y[0]) / 2.0; /* a + c */
    *b = (y[n - 1] - y[0]) / 2.0;
    *c = (y[m] - half_sum - *b * tm) / (tm * tm - 1.0);
    for (size_t j = 0; j < n; j++) {
        double t = h * (double)j - 1.0;
        if (!(fabs(y[j] - (half_sum - *c) - *b * t - *c * t * t) <= form_tolerance))
            return 0;
    }
    return 1;
}

/* Families of one numeric variable. s: [n] states in increasing order; y: [n] work. */
static void name_numeric(size_t n, const point *s, double *y, maxent_family *family)
{
    double first = s[0].x, last = s[n - 1].x, step = (last - first) / (double)(n - 1), a, b, c;
    if (n == 2 && first == 0.0 && last == 1.0) {
        mx_family_name(family, "Bernoulli");
        mx_family_parameter(family, "probability", exp(s[1].logp));
        return;
    }
    if (n < 3 || !(step > 0.0) || isinf(step))
        return;
    for (size_t j = 0; j < n; j++)
        if (!(fabs(s[j].x - (first + step * (double)j)) <= 1e-9 * step))
            return;
    int counts = first == 0.0 && step == 1.0;
    double trials = (double)(n - 1);
    for (size_t j = 0; j < n; j++)
        y[j] = s[j].logp;
    if (linear(n, y, &a, &b)) {
        mx_family_name(family, "truncated geometric");
        mx_family_parameter(family, "ratio", exp(b));
        mx_family_parameter(family, "minimum", first);
        mx_family_parameter(family, "maximum", last);
        mx_family_parameter(family, "step", step);
        return;
    }
    for (size_t j = 0; counts && j < n; j++)
        y[j] = s[j].logp - (lgamma(trials + 1.0) - lgamma((double)j + 1.0) - lgamma(trials - (double)j + 1.0));
    if (counts && linear(n, y, &a, &b)) {
        mx_family_name(family, "binomial");
        mx_family_parameter(family, "trials", trials);
        mx_family_parameter(family, "probability", b > 0.0 ? 1.0 / (1.0 + exp(-b)) : exp(b) / (1.0 + exp(b)));
        return;
    }
    for (size_t j = 0; counts && j < n; j++)
        y[j] = s[j].logp + lgamma((double)j + 1.0);
    if (counts && linear(n, y, &a, &b)) {
        mx_family_name(family, "truncated Poisson");
        mx_family_parameter(family, "rate", exp(b));
        mx_family_parameter(family, "maximum", last);
        return;
    }
    for (size_t j = 0; j < n; j++)
        y[j] = s[j].logp;
    if (n >= 4 && quadratic(n, y, &b, &c) && c < 0.0) {
        /* b t + c t^2 = -(t - m)^2 / (2 v) + constant, with m = -b / (2 c) and v = -1 / (2 c); x = middle + half t */
        double half = (last - first) / 2.0, middle = first + half;
        mx_family_name(family, "discretised normal");
        mx_family_parameter(family, "mean", middle - half * b / (2.0 * c));
        mx_family_parameter(family, "sd", half * sqrt(-0.5 / c));
        mx_family_parameter(family, "minimum", first);
        mx_family_parameter(family, "maximum", last);
        mx_family_parameter(family, "step", step);
    }
}

/* Averages of y over all states that share the level of v (w < 0), or the levels of v and w. mean: [cells]. */
static void averages(const mx_support *support, const double *y, size_t v, size_t w, double *mean, size_t *cells)
{
    size_t levels = support->variable[v].levels, count = levels * (w == SIZE_MAX ? 1 : support->variable[w].levels);
    memset(mean, 0, count * sizeof *mean);
    for (size_t x = 0; x < support->n; x++) {
        size_t cell = mx_support_level(support, v, x);
        if (w != SIZE_MAX)
            cell += levels * mx_support_level(support, w, x);
        mean[cell] += y[x];
    }
    for (size_t c = 0; c < count; c++)
        mean[c] /= (double)(support->n / count);
    *cells = count;
}

/* fit[x] += weight * (average of y over the states that agree with x in v, and in w unless it is SIZE_MAX) */
static void add_effect(const mx_support *support, const double *y, size_t v, size_t w, double weight, double *mean, double *fit)
{
    size_t cells, levels = support->variable[v].levels;
    averages(support, y, v, w, mean, &cells);
    for (size_t x = 0; x < support->n; x++) {
        size_t cell = mx_support_level(support, v, x);
        if (w != SIZE_MAX)
            cell += levels * mx_support_level(support, w, x);
        fit[x] += weight * mean[cell];
    }
}

static int fits(size_t n, const double *y, const double *fit)
{
    for (size_t x = 0; x < n; x++)
        if (!(fabs(y[x] - fit[x]) <= form_tolerance))
            return 0;
    return 1;
}

/* Families of a product of m variables without zeros. With A the mean of y = log p over all states, A_v and A_vw the means given one
 * and two variables, the projections of y on sums of functions of one and of two variables are
 *
 *     sum_v A_v - (m - 1) A      and      sum_{v<w} A_vw - (m - 2) sum_v A_v + (m - 1)(m - 2)/2 A
 */
static void name_product(const mx_support *support, const double *y, double *fit, double *mean, maxent_family *family)
{
    size_t n = support->n, m = support->variables;
    double all = 0.0, count = (double)m;
    int two_valued = 1;
    for (size_t x = 0; x < n; x++)
        all += y[x] / (double)n;
    for (size_t x = 0; x < n; x++)
        fit[x] = -(count - 1.0) * all;
    for (size_t v = 0; v < m; v++) {
        add_effect(support, y, v, SIZE_MAX, 1.0, mean, fit);
        two_valued = two_valued && support->variable[v].levels == 2;
    }
    if (fits(n, y, fit)) {
        mx_family_name(family, "independent");
        mx_family_parameter(family, "variables", count);
        return;
    }
    if (m < 3)
        return;
    for (size_t x = 0; x < n; x++)
        fit[x] = (count - 1.0) * (count - 2.0) / 2.0 * all;
    for (size_t v = 0; v < m; v++) {
        add_effect(support, y, v, SIZE_MAX, 2.0 - count, mean, fit);
        for (size_t w = v + 1; w < m; w++)
            add_effect(support, y, v, w, 1.0, mean, fit);
    }
    if (fits(n, y, fit)) {
        mx_family_name(family, two_valued ? "Ising" : "pairwise log-linear");
        mx_family_parameter(family, two_valued ? "spins" : "variables", count);
    }
}

void maxent_result_family(const maxent_result *result, maxent_family *family)
{
    memset(family, 0, sizeof *family);
    const maxent_problem *problem = maxent_result_problem(result);
    const double *p = maxent_result_probabilities(result);
    size_t n = problem->n, positive = 0, some = 0;
    maxent_verdict verdict = maxent_result_verdict(result);
    if (result->density != NULL) { /* on a face the ends of the support are not those of the density: no name */
        if (verdict != MAXENT_SOLVED)
            return;
        if (problem->support.variables == 1 && problem->support.variable[0].extent != MX_LISTED)
            mx_family_line(result, family);
        else
            mx_family_several(result, family);
        return;
    }
    if (p == NULL || n > most_states || (verdict != MAXENT_SOLVED && verdict != MAXENT_BOUNDARY))
        return;
    double lowest = INFINITY, highest = 0.0;
    for (size_t x = 0; x < n; x++)
        if (p[x] > 0.0) {
            positive++;
            some = x;
            lowest = fmin(lowest, p[x]);
            highest = fmax(highest, p[x]);
        }
    const mx_support *support = &problem->support;
    int numeric = support->variables == 1 && !support->variable[0].named, product = support->variables > 1;
    for (size_t v = 0; v < support->variables; v++)
        product = product && support->variable[v].stride > 0;
    if (positive == 1) {
        mx_family_name(family, "degenerate");
        if (numeric) {
            double value;
            maxent_problem_value(problem, 0, some, &value);
            mx_family_parameter(family, "value", value);
        }
        return;
    }
    if (numeric && n == 2) { /* Bernoulli also with equal odds */
        double first, second;
        maxent_problem_value(problem, 0, 0, &first);
        maxent_problem_value(problem, 0, 1, &second);
        if (first + second == 1.0 && first * second == 0.0) {
            mx_family_name(family, "Bernoulli");
            mx_family_parameter(family, "probability", first == 1.0 ? p[0] : p[1]);
            return;
        }
    }
    if (positive >= 2 && log(highest / lowest) <= form_tolerance) {
        mx_family_name(family, "uniform");
        mx_family_parameter(family, "states", (double)positive);
        return;
    }
    if (lowest < 1e-300) /* the logarithm of a subnormal number is not known to 1e-10 */
        return;
    double *y = mx_alloc(n, 3 * sizeof *y); /* no memory: no name */
    point *s = mx_alloc(n, sizeof *s);
    if (y != NULL && s != NULL && numeric) {
        size_t count = 0;
        for (size_t x = 0; x < n; x++)
            if (p[x] > 0.0) {
                maxent_problem_value(problem, 0, x, &s[count].x);
                s[count++].logp = log(p[x]);
            }
        qsort(s, count, sizeof *s, by_x);
        name_numeric(count, s, y, family);
    } else if (y != NULL && product && positive == n) {
        for (size_t x = 0; x < n; x++)
            y[x] = log(p[x]);
        name_product(support, y, y + n, y + 2 * n, family);
    }
    mx_free(s);
    mx_free(y);
}
