/* Digamma, trigamma and rising factorials.
 *
 *     psi(x)  = log x - 1/2x - sum_k B_2k / (2k x^2k)          [1, 6.3.18]
 *     psi'(x) = 1/x + 1/2x^2 + sum_k B_2k / x^(2k+1)           [1, 6.4.12]
 *
 * from x = 10 on (eight terms: the first one left out is below 1e-17 there), and from below by psi(x) = psi(x + 1) - 1/x.
 *
 * [1] M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964).
 */
#include "entropy/special.h"

#include "entropy/sum.h"

#include <math.h>

double mx_digamma(double x)
{
    mx_sum sum = {0, 0};
    while (x < 10) {
        mx_sum_add(&sum, -1 / x);
        x += 1;
    }
    double y = 1 / (x * x);
    double series = y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 -
                    y * (691.0 / 32760 - y * (1.0 / 12 - y * (3617.0 / 8160))))))));
    mx_sum_add(&sum, log(x));
    mx_sum_add(&sum, -0.5 / x - series);
    return mx_sum_value(&sum);
}

double mx_trigamma(double x)
{
    mx_sum sum = {0, 0};
    while (x < 10) {
        mx_sum_add(&sum, 1 / (x * x));
        x += 1;
    }
    double y = 1 / (x * x);
    double series = y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y * (1.0 / 30 - y * (5.0 / 66 -
                    y * (691.0 / 2730 - y * (7.0 / 6 - y * (3617.0 / 510))))))));
    mx_sum_add(&sum, 1 / x);
    mx_sum_add(&sum, 0.5 * y + series);
    return mx_sum_value(&sum);
}

/* What Stirling's formula for log Gamma lacks: sum_k B_2k / (2k (2k - 1) x^(2k-1)), x >= 16. */
static double stirling_rest(double x)
{
    double y = 1 / (x * x);
    return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * (691.0 / 360360)))))) / x;
}

/* log(1 + x / a) for a > 0, x >= 0, also where x / a overflows. */
static double log_ratio(double x, double a)
{
    return x <= a ? log1p(x / a) : log(a + x) - log(a);
}

double mx_log_rising(double a, double n)
{
    mx_sum sum = {0, 0};
    double done = 0; /* factors taken one by one */
    while (done < n && (a + done < 16 || n <= 32)) {
        mx_sum_add(&sum, log_ratio(done, a));
        done += 1;
    }
    if (done < n) {
        /* With b = a + done, r = n - done factors left: log[Gamma(b+r) / Gamma(b)] - r log a
         *     = (b - 1/2) log(1 + r/b) + r log((b + r)/a) - r + rest(b + r) - rest(b) */
        double b = a + done, r = n - done;
        mx_sum_add(&sum, (b - 0.5) * log_ratio(r, b));
        mx_sum_add(&sum, -r);
        mx_sum_add(&sum, r * log_ratio(n, a));
        mx_sum_add(&sum, stirling_rest(b + r) - stirling_rest(b));
    }
    return mx_sum_value(&sum);
}
