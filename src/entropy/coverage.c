/* Entropy estimators that judge by the rare cells how much was not seen. f1, f2: cells seen once, twice.
 *
 * Chao and Shen [1]: coverage C = 1 - f1/N; H = -sum_i C p_i log(C p_i) / (1 - (1 - C p_i)^N), the denominators being the chances
 * of having seen the cell at all (Horvitz-Thompson). With singletons only, C would be 0: f1 = N - 1 then, as in the program of
 * [1] and in R's `entropy`.
 *
 * Chao, Wang and Jost [2, eq. 7]:
 *
 *     H = sum_(1 <= y <= N-1) (y/N) [psi(N) - psi(y)]  +  (f1/N) (1 - A)^(1-N) { -log A - sum_(r=1)^(N-1) (1 - A)^r / r }
 *     A = 2 f2 / ((N-1) f1 + 2 f2)            if f2 > 0
 *         2 / ((N-1) (f1 - 1) + 2)            if f2 = 0 and f1 > 0
 *
 * The braces hold the tail of the series of -log A; with x = 1 - A the second term is (f1/N) S, S = sum_(j >= 1) x^j / (N-1+j),
 * that is (x/N) 2F1(1, N; N+1; x). Its continued fraction [3, 15.7.1]
 *
 *     S = x / (N - N^2 x / ((N+1) - 1^2 x / ((N+2) - (N+1)^2 x / ((N+3) - 2^2 x / ...))))
 *
 * is used where (N-1) A > 1, and a series in A where it is not; the formula as it stands loses all digits for large N.
 *
 * [1] A. Chao and T.-J. Shen, Environmental and Ecological Statistics 10 (2003) 429.
 * [2] A. Chao, Y. T. Wang and L. Jost, Methods in Ecology and Evolution 4 (2013) 1091.
 * [3] NIST Digital Library of Mathematical Functions.
 */
#include "entropy/counts.h"
#include "entropy/special.h"
#include "entropy/sum.h"

#include <math.h>

static double cells_seen(const mx_counts *c, double times)
{
    for (size_t g = 0; g < c->groups && c->value[g] <= times; g++)
        if (c->value[g] == times)
            return c->cells[g];
    return 0;
}

double mx_chao_shen(const mx_counts *c)
{
    double n = c->n, f1 = cells_seen(c, 1);
    if (f1 == n)
        f1 = n - 1;
    double coverage = 1 - f1 / n;
    mx_sum h = {0, 0};
    for (size_t g = 0; g < c->groups; g++) {
        double p = coverage * c->value[g] / n;
        double seen = -expm1(n * log1p(-p)); /* 1 - (1 - p)^N; p = 1: 1 */
        mx_sum_add(&h, -c->cells[g] * p * log(p) / seen);
    }
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}

/* S for A = 1 - x in (0, 1] and m = N - 1. */
static double tail(double A, double m)
{
    if (m * A <= 1) {
        /* S = x^-m { -log A - sum_(r <= m) x^r / r } and sum_(r <= m) (1 - A)^r / r = psi(m+1) + gamma + sum_s C(m, s) (-A)^s / s */
        const double gamma = 0.57721566490153286061;
        mx_sum sum = {0, 0};
        mx_sum_add(&sum, -log(A) - mx_digamma(m + 1) - gamma);
        double binomial = 1; /* C(m, s) (-A)^s: at most 1 / s! */
        for (double s = 1; s <= m && fabs(binomial) > 1e-18; s++) {
            binomial *= -A * (m - s + 1) / s;
            mx_sum_add(&sum, -binomial / s);
        }
        return exp(-m * log1p(-A)) * mx_sum_value(&sum);
    }
    double n = m + 1, x = 1 - A, value = 0;
    double steps = ceil(22 / sqrt(A)) + 10; /* each step gains a factor ((1 + sqrt A) / (1 - sqrt A)) */
    for (double i = steps; i >= 1; i--) {   /* from the bottom up, where rounding errors shrink */
        double k = floor(i / 2), u = fmod(i, 2) == 1 ? (n + k) * (n + k) * x : k * k * x;
        value = u / (n + i - value);
    }
    return x / (n - value);
}

double mx_chao_wang_jost(const mx_counts *c)
{
    double n = c->n, f1 = cells_seen(c, 1), f2 = cells_seen(c, 2);
    mx_sum h = {0, 0};
    for (size_t g = 0; g < c->groups; g++)
        if (c->value[g] < n)
            mx_sum_add(&h, c->cells[g] * c->value[g] / n * (mx_digamma(n) - mx_digamma(c->value[g])));
    if (f1 > 0) {
        double rest = (n - 1) * (f2 > 0 ? f1 : f1 - 1), twos = f2 > 0 ? 2 * f2 : 2; /* A = twos / (rest + twos) */
        if (n > 1)
            mx_sum_add(&h, f1 / n * tail(twos / (rest + twos), n - 1));
    }
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}
