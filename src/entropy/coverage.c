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
 * loses no digits whatever N and A are.
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

/* sum_(j >= 1) x^j / (n - 1 + j) for 0 <= x < 1, by Lentz's method. */
static double tail(double x, double n)
{
    if (x == 0)
        return 0;
    double f = n, c = n, d = 0;
    for (double i = 1; i < 1e7; i++) { /* about 18 / sqrt(1 - x) steps are needed */
        double k = floor(i / 2);
        double u = fmod(i, 2) == 1 ? (n + k) * (n + k) * x : k * k * x;
        double t = n + i;
        d = 1 / (t - u * d);
        c = t - u / c;
        double change = c * d;
        f *= change;
        if (fabs(change - 1) < 1e-16)
            break;
    }
    return x / f;
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
        mx_sum_add(&h, f1 / n * tail(rest / (rest + twos), n));
    }
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}
