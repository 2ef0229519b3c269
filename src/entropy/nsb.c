/* The estimator of Nemenman, Shafee and Bialek [1]: Dirichlet priors of every concentration beta, mixed so that the prior of the
 * entropy is nearly flat.
 *
 *     H_NSB = int <H | y, beta> rho(y | beta) dxi(beta) / int rho(y | beta) dxi(beta)                    [1, eq. 9-12]
 *     xi(beta)     = psi(K beta + 1) - psi(beta + 1)                the mean entropy under the prior
 *     rho(y|beta)  = Gamma(K beta) / Gamma(N + K beta) prod_i Gamma(y_i + beta) / Gamma(beta)
 *     <H | y, beta> = psi(A + 1) - sum_i (a_i / A) psi(a_i + 1),    a_i = y_i + beta,  A = N + K beta     [2]
 *
 * The posterior variance is the mean over beta of Var[H | y, beta] plus the variance over beta of <H | y, beta>. The second moment
 * of [2] reduces, after the terms that cancel are cancelled by hand, to (w_i = a_i / A)
 *
 *     Var[H | y, beta] = Var_w[psi(a + 1)] / (A + 1)  +  sum_i w_i (a_i + 1) psi'(a_i + 1) / (A + 1)  -  psi'(A + 1)
 *
 * Integration is over t = log beta, where the integrand is analytic and falls exponentially on both sides: the trapezoidal rule
 * converges geometrically there [3]. The step is halved until two results agree. With an upper limit T of t it is over s in
 * t = T - log(1 + e^-s), which has the same two properties.
 *
 * [1] has no limit. Programs that integrate numerically have one, and published numbers come from them: the default is beta = e^10,
 * where the prior's mean entropy is within (1 - 1/K) / 2 e^10 of log K. What is left out shows in the sixth digit of small samples.
 *
 * [1] I. Nemenman, F. Shafee, W. Bialek, NIPS 14 (2002) 471, arXiv:physics/0108025.
 * [2] D. H. Wolpert and D. R. Wolf, Phys. Rev. E 52 (1995) 6841, theorem 8.
 * [3] L. N. Trefethen and J. A. C. Weideman, SIAM Review 56 (2014) 385.
 */
#include "entropy/counts.h"
#include "entropy/special.h"
#include "entropy/sum.h"

#include <math.h>

enum { LOWEST = -80, HIGHEST = 80 }; /* of t or s; the peak lies between for any counts below 1e15 */

/* dxi/dbeta = K psi'(K beta + 1) - psi'(beta + 1); for large beta by the asymptotic series, in which 1/beta cancels:
 * psi'(z + 1) = 1/z - 1/2z^2 + 1/6z^3 - 1/30z^5 + 1/42z^7 - 1/30z^9 + ... */
static double prior_slope(double beta, double k)
{
    if (beta < 25)
        return k * mx_trigamma(k * beta + 1) - mx_trigamma(beta + 1);
    double y = 1 / beta, y2 = y * y, k2 = 1 / (k * k);
    return y2 * ((1 - 1 / k) / 2 - y * ((1 - k2) / 6 - y2 * ((1 - k2 * k2) / 30 - y2 * ((1 - k2 * k2 * k2) / 42 -
           y2 * (1 - k2 * k2 * k2 * k2) / 30))));
}

/* log(1 + e^x) */
static double soft_plus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double beta_at(double s, double limit)
{
    return exp(isinf(limit) ? s : limit - soft_plus(-s));
}

/* log of rho(y | beta) dxi/dbeta dbeta/ds, up to a constant. rho's powers of beta cancel but for
 * rho = K^-N prod_i [rising(beta, y_i) / beta^y_i] / [rising(K beta, N) / (K beta)^N] */
static double log_density(const mx_counts *c, double at, double limit)
{
    double beta = beta_at(at, limit);
    mx_sum s = {0, 0};
    for (size_t g = 0; g < c->groups; g++)
        mx_sum_add(&s, c->cells[g] * mx_log_rising(beta, c->value[g]));
    mx_sum_add(&s, -mx_log_rising(c->total * beta, c->n));
    return mx_sum_value(&s) + log(prior_slope(beta, c->total)) + log(beta) - (isinf(limit) ? 0 : soft_plus(at));
}

/* Mean and variance of H given beta. */
static void moments(const mx_counts *c, double beta, double *mean, double *variance)
{
    double all = c->n + c->total * beta, psi_all = mx_digamma(all + 1);
    mx_sum m = {0, 0}, v = {0, 0}, tri = {0, 0};
    for (int pass = 0; pass < 2; pass++)
        for (size_t g = 0; g <= c->groups; g++) { /* the last group: cells never seen */
            double cells = g < c->groups ? c->cells[g] : c->total - c->seen, a = (g < c->groups ? c->value[g] : 0) + beta;
            if (cells == 0)
                continue;
            double w = cells * a / all, y = psi_all - mx_digamma(a + 1);
            if (pass == 0) {
                mx_sum_add(&m, w * y);
                mx_sum_add(&tri, w * (a + 1) * mx_trigamma(a + 1));
            } else {
                double off = y - mx_sum_value(&m);
                mx_sum_add(&v, w * off * off);
            }
        }
    *mean = mx_sum_value(&m);
    double value = (mx_sum_value(&v) + mx_sum_value(&tri)) / (all + 1) - mx_trigamma(all + 1);
    *variance = value > 0 ? value : 0;
}

/* Adds to total, first and second moment the points s = start + i step within [low, high]. */
static void add_points(const mx_counts *c, double limit, double start, double step, const double edge[2], double peak,
                       double centre, mx_sum sum[3])
{
    for (double i = ceil((edge[0] - start) / step); start + i * step <= edge[1]; i++) {
        double at = start + i * step, weight = exp(log_density(c, at, limit) - peak), mean, variance;
        if (!(weight > 0))
            continue;
        moments(c, beta_at(at, limit), &mean, &variance);
        double off = mean - centre;
        mx_sum_add(&sum[0], weight);
        mx_sum_add(&sum[1], weight * off);
        mx_sum_add(&sum[2], weight * (variance + off * off));
    }
}

double mx_nsb(const mx_counts *c, double beta_max, double *sd)
{
    double limit = log(beta_max);
    *sd = 0;
    if (c->total == 1)
        return 0;
    /* The peak by a scan and a golden section, then the range in which the density is above e^-42 of it. */
    double at = LOWEST, peak = -INFINITY;
    for (double t = LOWEST; t <= HIGHEST; t += 0.5) {
        double d = log_density(c, t, limit);
        if (d > peak) {
            peak = d;
            at = t;
        }
    }
    double left = at - 0.5, right = at + 0.5;
    const double golden = 0.6180339887498949;
    for (int i = 0; i < 60; i++) {
        double a = right - golden * (right - left), b = left + golden * (right - left);
        if (log_density(c, a, limit) < log_density(c, b, limit))
            left = a;
        else
            right = b;
    }
    at = (left + right) / 2;
    peak = log_density(c, at, limit);
    double edge[2];
    for (int side = 0; side < 2; side++) {
        double inside = at, outside = side == 0 ? LOWEST : HIGHEST, reach = 1e-6;
        while (reach < 200 && log_density(c, at + (side == 0 ? -reach : reach), limit) > peak - 42)
            reach *= 2;
        inside = at + (side == 0 ? -reach : reach) / 2;
        outside = at + (side == 0 ? -reach : reach);
        for (int i = 0; i < 20; i++) {
            double middle = (inside + outside) / 2;
            if (log_density(c, middle, limit) > peak - 42)
                inside = middle;
            else
                outside = middle;
        }
        edge[side] = outside;
    }
    double centre, unused;
    moments(c, beta_at(at, limit), &centre, &unused);

    mx_sum sum[3] = {{0, 0}, {0, 0}, {0, 0}};
    double step = (edge[1] - edge[0]) / 32, before = INFINITY, before_sd = INFINITY, value = centre;
    add_points(c, limit, at, step, edge, peak, centre, sum);
    for (int halvings = 0; halvings < 14; halvings++) {
        double total = mx_sum_value(&sum[0]), off = mx_sum_value(&sum[1]) / total;
        double variance = mx_sum_value(&sum[2]) / total - off * off;
        value = centre + off;
        *sd = variance > 0 ? sqrt(variance) : 0;
        if (fabs(value - before) <= 1e-14 * fabs(value) && fabs(*sd - before_sd) <= 1e-12 * *sd)
            break;
        before = value;
        before_sd = *sd;
        add_points(c, limit, at + step / 2, step, edge, peak, centre, sum); /* the points between */
        step /= 2;
    }
    return value;
}
