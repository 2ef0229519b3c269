/* Measures of given probabilities: Shannon, Renyi [1], Tsallis [2], cross and relative entropy [3], Jensen-Shannon [4].
 *
 *     H(p) = -sum p log p                      H_a(p) = log(sum p^a) / (1 - a)
 *     D(p || q) = sum p log(p / q)             T_q(p) = (1 - sum p^q) / (q - 1)
 *
 * Near order 1 the last two of the left-hand sums are written with expm1, so that they pass smoothly through H:
 *     sum p^a - 1 = sum p (p^(a-1) - 1) = sum p expm1((a - 1) log p)
 * Far from it powers are scaled by the largest p, so that no order underflows.
 *
 * [1] A. Renyi, 4th Berkeley Symposium 1 (1961) 547. [2] C. Tsallis, J. Stat. Phys. 52 (1988) 479.
 * [3] S. Kullback and R. A. Leibler, Ann. Math. Stat. 22 (1951) 79. [4] J. Lin, IEEE Trans. Inf. Theory 37 (1991) 145.
 */
#include <maxent/entropy.h>

#include "base/text.h"
#include "entropy/check.h"
#include "entropy/sum.h"

#include <math.h>

maxent_error mx_no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

maxent_error mx_check_weights(size_t n, const double *p, const char *what, double *sum, maxent_diagnostic *diagnostic)
{
    mx_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= 0) || !isfinite(p[i])) {
            char text[MX_DOUBLE_TEXT];
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "%s %zu is %s; expected a finite number, at least 0", what, i + 1,
                           mx_double_text(p[i], text));
        }
        mx_sum_add(&total, p[i]);
    }
    *sum = mx_sum_value(&total);
    if (!isfinite(*sum))
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the sum of the values overflows");
    return MAXENT_OK;
}

maxent_error mx_check_finite(size_t n, const double *x, size_t columns, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) {
            char text[MX_DOUBLE_TEXT];
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "value %zu of point %zu is %s; expected a finite number",
                           i % columns + 1, i / columns + 1, mx_double_text(x[i], text));
        }
    return MAXENT_OK;
}

double maxent_nats(double base)
{
    return base > 0 && isfinite(base) && base != 1 ? log(base) : NAN;
}

maxent_error maxent_probabilities_check(size_t n, const double *p, maxent_diagnostic *diagnostic)
{
    if (n == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no probabilities");
    double sum;
    maxent_error error = mx_check_weights(n, p, "probability", &sum, diagnostic);
    if (error == MAXENT_OK && !(fabs(sum - 1) <= MAXENT_SUM_TOLERANCE)) {
        char text[MX_DOUBLE_TEXT];
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the probabilities sum to %s, not to 1 (they can be normalised on request)",
                       mx_double_text_digits(sum, 12, text));
    }
    return error;
}

maxent_error maxent_normalize(size_t n, double *p, maxent_diagnostic *diagnostic)
{
    if (n == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no probabilities");
    double sum;
    maxent_error error = mx_check_weights(n, p, "weight", &sum, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (sum == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the weights are all zero");
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
    return MAXENT_OK;
}

static double shannon(size_t n, const double *p)
{
    mx_sum h = {0, 0};
    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            mx_sum_add(&h, -p[i] * log(p[i]));
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0; /* a sum slightly above 1 may bring p slightly above 1 */
}

/* sum p log(p / q); terms with q = 0 < p are infinite. */
static double divergence(size_t n, const double *p, const double *q)
{
    mx_sum d = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (p[i] == 0)
            continue;
        if (q[i] == 0)
            return INFINITY;
        double ratio = p[i] / q[i];
        /* log(p / q): near 1 by log1p of the exact difference; where the quotient leaves the range, by two logarithms */
        double log_ratio = ratio > 0.5 && ratio < 2 ? log1p((p[i] - q[i]) / q[i])
                           : ratio > 1e-300 && ratio < 1e300 ? log(ratio) : log(p[i]) - log(q[i]);
        mx_sum_add(&d, p[i] * log_ratio);
    }
    double value = mx_sum_value(&d);
    return value > 0 ? value : 0; /* negative by rounding only */
}

maxent_error maxent_entropy(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error == MAXENT_OK)
        *out = shannon(n, p);
    return error;
}

maxent_error maxent_perplexity(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error == MAXENT_OK)
        *out = exp(shannon(n, p));
    return error;
}

maxent_error maxent_redundancy(size_t n, const double *p, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error == MAXENT_OK) {
        double value = n == 1 ? 0 : 1 - shannon(n, p) / log((double)n);
        *out = value > 0 ? value : 0;
    }
    return error;
}

/* sum p expm1((order - 1) log p) = sum p^order - sum p */
static double power_sum_minus_one(size_t n, const double *p, double order)
{
    mx_sum s = {0, 0};
    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            mx_sum_add(&s, p[i] * expm1((order - 1) * log(p[i])));
    return mx_sum_value(&s);
}

maxent_error maxent_renyi(size_t n, const double *p, double order, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (!(order >= 0))
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the order of a Renyi entropy must be at least 0");
    if (order == 1) {
        *out = shannon(n, p);
        return MAXENT_OK;
    }
    double largest = 0, positive = 0;
    for (size_t i = 0; i < n; i++) {
        largest = p[i] > largest ? p[i] : largest;
        positive += p[i] > 0;
    }
    double value;
    if (order == 0) {
        value = log(positive);
    } else if (isinf(order)) {
        value = -log(largest);
    } else if (order > 0.5 && order < 1.5) {
        value = log1p(power_sum_minus_one(n, p, order)) / (1 - order);
    } else { /* log sum p^a = a log max + log sum (p / max)^a */
        mx_sum s = {0, 0};
        for (size_t i = 0; i < n; i++)
            if (p[i] > 0)
                mx_sum_add(&s, pow(p[i] / largest, order));
        value = (order * log(largest) + log(mx_sum_value(&s))) / (1 - order);
    }
    *out = value > 0 ? value : 0;
    return MAXENT_OK;
}

maxent_error maxent_tsallis(size_t n, const double *p, double order, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (!(order >= 0) || isinf(order))
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the order of a Tsallis entropy must be finite and at least 0");
    double value = order == 1 ? shannon(n, p) : -power_sum_minus_one(n, p, order) / (order - 1);
    *out = value > 0 ? value : 0;
    return MAXENT_OK;
}

static maxent_error check_two(size_t n, const double *p, const double *q, maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    return error != MAXENT_OK ? error : maxent_probabilities_check(n, q, diagnostic);
}

maxent_error maxent_cross_entropy(size_t n, const double *p, const double *q, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = check_two(n, p, q, diagnostic);
    if (error != MAXENT_OK)
        return error;
    mx_sum h = {0, 0};
    for (size_t i = 0; i < n; i++)
        if (p[i] > 0)
            mx_sum_add(&h, q[i] > 0 ? -p[i] * log(q[i]) : INFINITY);
    double value = mx_sum_value(&h);
    *out = value > 0 ? value : 0;
    return MAXENT_OK;
}

maxent_error maxent_relative_entropy(size_t n, const double *p, const double *q, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = check_two(n, p, q, diagnostic);
    if (error == MAXENT_OK)
        *out = divergence(n, p, q);
    return error;
}

/* log(2 / (1 + r)) for r = the other / this one: this one over the mean of the two. */
static double over_mean(double this_one, double other)
{
    return this_one == 0 ? 0 : this_one * -log1p((other - this_one) / (2 * this_one));
}

maxent_error maxent_jensen_shannon(size_t n, const double *p, const double *q, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = check_two(n, p, q, diagnostic);
    if (error != MAXENT_OK)
        return error;
    mx_sum d = {0, 0};
    for (size_t i = 0; i < n; i++) {
        mx_sum_add(&d, over_mean(p[i], q[i]) / 2);
        mx_sum_add(&d, over_mean(q[i], p[i]) / 2);
    }
    double value = mx_sum_value(&d);
    *out = value > 0 ? value : 0;
    return MAXENT_OK;
}
