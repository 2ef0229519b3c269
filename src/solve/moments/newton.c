/* Newton's method on Fejer's nodes for many moments: see moments.c. */
#include "solve/moments/moments.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { STEPS = 150, HALVINGS = 30, CG_STEPS = 40 };

/* ---- the rule ---- */

void mx_fejer_close(mx_fejer *r)
{
    mx_cosine_close(&r->cosine);
    mx_free(r->logw);
    mx_free(r->logq);
    mx_free(r->p);
    mx_free(r->space);
    memset(r, 0, sizeof *r);
}

/* x at node j, with the distance from the nearer end to full precision. */
void mx_fejer_place(const mx_many *s, const mx_fejer *r, size_t j, double *value, double *low)
{
    const mx_variable *variable = &s->problem->support.variable[0];
    double half = 3.14159265358979323846 * (double)(2 * j + 1) / (double)(4 * r->n), width = variable->upper - variable->lower;
    int upper = (j < r->n / 2) != s->flipped; /* t near 1 */
    double part = j < r->n / 2 ? sin(half) : cos(half), away = width * part * part;
    mx_dd x = mx_two_sum(upper ? variable->upper : variable->lower, upper ? -away : away);
    *value = x.hi;
    *low = x.lo;
}

/* 1: laid; 0: the prior is not for this; -1: no memory. */
int mx_fejer_open(const mx_many *s, mx_fejer *r, size_t n)
{
    enum { BLOCK = 1024 };
    double value[BLOCK], low[BLOCK];
    const double *values[1] = {value}, *lows[1] = {low};
    memset(r, 0, sizeof *r);
    r->n = n;
    r->logw = mx_alloc(n, sizeof *r->logw);
    r->logq = mx_alloc(n, sizeof *r->logq);
    r->p = mx_alloc(n, sizeof *r->p);
    r->space = mx_alloc(n, sizeof *r->space);
    if (mx_cosine_open(&r->cosine, n) != 0 || r->logw == NULL || r->logq == NULL || r->p == NULL || r->space == NULL)
        return -1;
    mx_cosine_weights(&r->cosine, r->logw);
    double scale = log(0.5 * (s->problem->support.variable[0].upper - s->problem->support.variable[0].lower));
    for (size_t j = 0; j < n; j++)
        r->logw[j] = log(r->logw[j]) + scale;
    for (size_t first = 0; first < n; first += BLOCK) {
        mx_points points = {n - first < BLOCK ? n - first : BLOCK, values, lows};
        for (size_t j = 0; j < points.n; j++)
            mx_fejer_place(s, r, first + j, &value[j], &low[j]);
        if (mx_field_values(s->problem, &points, NULL, NULL, r->logq + first) != 0)
            return -1;
    }
    for (size_t j = 0; j < n; j++)
        if (!(r->logq[j] < INFINITY) || !isfinite(r->logw[j]))
            return 0;
    return 1;
}

/* ---- features and cosines ---- */

/* out[n] = the cosine series of sum_i c_i f_i over the first m facts. */
void mx_moments_series(const mx_many *s, size_t m, const double *c, double *out, size_t n)
{
    memset(out, 0, n * sizeof *out);
    for (size_t i = 0; i < m; i++) {
        size_t degree = s->degree[i];
        if (!s->legendre) {
            out[degree] += c[i];
            continue;
        }
        for (size_t k = 0; 2 * k < degree; k++)
            out[degree - 2 * k] += 2 * c[i] * s->a[k] * s->a[degree - k];
        if (degree % 2 == 0)
            out[0] += c[i] * s->a[degree / 2] * s->a[degree / 2];
    }
}

/* E L_n from E cos(j theta). */
static double legendre(const mx_many *s, size_t n, const double *mu)
{
    double sum = n % 2 == 0 ? s->a[n / 2] * s->a[n / 2] * mu[0] : 0;
    for (size_t k = 0; 2 * k < n; k++)
        sum += 2 * s->a[k] * s->a[n - k] * mu[n - 2 * k];
    return sum;
}

double mx_moments_mean(const mx_many *s, size_t degree, const double *mu)
{
    return s->legendre ? legendre(s, degree, mu) : mu[degree];
}

/* p, log Z + lambda . target, moments and means of the first m facts at lambda. Returns the dual, not finite when it overflows. */
double mx_moments_evaluate(mx_many *s, size_t m, const double *lambda, double *mean)
{
    mx_fejer *r = s->at;
    size_t n = r->n, most = 2 * s->most;
    double top = -INFINITY, sum = 0, dual = 0;
    mx_moments_series(s, m, lambda, r->space, n);
    mx_cosine_values(&r->cosine, r->space, r->space);
    for (size_t j = 0; j < n; j++) {
        r->p[j] = r->logw[j] + r->logq[j] - r->space[j];
        top = fmax(top, r->p[j]);
    }
    for (size_t j = 0; j < n; j++)
        sum += r->p[j] = exp(r->p[j] - top);
    for (size_t j = 0; j < n; j++)
        r->p[j] *= 1 / sum;
    mx_cosine_moments(&r->cosine, r->p, r->space);
    double by = 1 / r->space[0];
    for (size_t j = 0; j <= most; j++)
        s->mu[j] = r->space[j] * by;
    for (size_t i = 0; i < m; i++) {
        mean[i] = mx_moments_mean(s, s->degree[i], s->mu);
        dual += lambda[i] * s->target[i];
    }
    s->evaluations++;
    return dual + top + log(sum);
}

/* ---- the Hessian ---- */

/* out[i][j] = E f_i f_j - E f_i E f_j, j <= i < m; diagonal only: out[m]. */
static void chebyshev_hessian(const mx_many *s, size_t m, double *out, int diagonal)
{
    const double *mu = s->mu;
    for (size_t i = 0; i < m; i++) {
        size_t a = s->degree[i];
        if (diagonal) {
            out[i] = 0.5 * (1 + mu[2 * a]) - mu[a] * mu[a];
            continue;
        }
        double *row = out + i * m;
        if (a == i + 1) /* all degrees so far */
            for (size_t j = 0; j <= i; j++)
                row[j] = 0.5 * (mu[a + j + 1] + mu[a - j - 1]) - mu[a] * mu[j + 1];
        else
            for (size_t j = 0; j <= i; j++)
                row[j] = 0.5 * (mu[a + s->degree[j]] + mu[a - s->degree[j]]) - mu[a] * mu[s->degree[j]];
    }
}

/* (i + 1) G_{i+1,j} = (2 i + 1) ((j + 1) G_{i,j+1} + j G_{i,j-1}) / (2 j + 1) - i G_{i-1,j}, G_{0,j} = E L_j */
static void legendre_hessian(mx_many *s, size_t m, double *out, int diagonal)
{
    size_t top = m > 0 ? s->degree[m - 1] : 0, at = 0;
    double *before = s->before, *now = s->now, *next = s->next;
    for (size_t j = 0; j <= 2 * top; j++) {
        now[j] = s->legendre_mean[j] = legendre(s, j, s->mu);
        before[j] = 0;
    }
    for (size_t i = 0; i < top; i++) {
        double f = (double)i, c = (2 * f + 1) / (f + 1), e = f / (f + 1);
        for (size_t j = 0; j < 2 * top - i; j++) {
            double g = (double)j;
            next[j] = c * ((g + 1) * now[j + 1] + (j > 0 ? g * now[j - 1] : 0)) / (2 * g + 1) - e * before[j];
        }
        double *spare = before;
        before = now;
        now = next;
        next = spare;
        if (s->degree[at] != i + 1)
            continue;
        if (diagonal)
            out[at] = now[i + 1] - s->legendre_mean[i + 1] * s->legendre_mean[i + 1];
        else
            for (size_t j = 0; j <= at; j++)
                out[at * m + j] = now[s->degree[j]] - s->legendre_mean[i + 1] * s->legendre_mean[s->degree[j]];
        at++;
    }
}

static void hessian(mx_many *s, size_t m, double *out, int diagonal)
{
    if (s->legendre)
        legendre_hessian(s, m, out, diagonal);
    else
        chebyshev_hessian(s, m, out, diagonal);
}

/* Factor of the Hessian at the present p, with as much on the diagonal as rounding demands. 0: done. */
static int factor(mx_many *s, size_t m)
{
    s->factored = 0;
    for (double more = 0; more < 1e-3; more = more == 0 ? 1e-15 * (double)m : 30 * more) {
        hessian(s, m, s->H, 0);
        for (size_t i = 0; i < m && more > 0; i++)
            s->H[i * m + i] += more;
        if (mx_cholesky(m, s->H, m, s->run->threads, s->work) == 0) {
            s->factored = m;
            return 0;
        }
    }
    return -1;
}

/* out = H d at the present p. */
static void times(mx_many *s, size_t m, const double *d, double *out)
{
    mx_fejer *r = s->at;
    double mean = 0;
    mx_moments_series(s, m, d, r->space, r->n);
    mx_cosine_values(&r->cosine, r->space, r->space);
    for (size_t j = 0; j < r->n; j++)
        mean += r->p[j] * r->space[j];
    for (size_t j = 0; j < r->n; j++)
        r->space[j] = r->p[j] * (r->space[j] - mean);
    mx_cosine_moments(&r->cosine, r->space, r->space);
    for (size_t i = 0; i < m; i++)
        out[i] = mx_moments_mean(s, s->degree[i], r->space);
}

/* step = -H^-1 slope by conjugate gradients to a part `eta` of the first residual; 0: met, 1: after CG_STEPS it is not. */
static int conjugate(mx_many *s, size_t m, double eta)
{
    double first = 0, rz = 0;
    for (size_t i = 0; i < m; i++) {
        s->step[i] = 0;
        s->r[i] = s->z[i] = -s->slope[i];
    }
    mx_cholesky_solve(m, s->H, m, s->z);
    first = rz = mx_dot(m, s->r, s->z);
    memcpy(s->d, s->z, m * sizeof *s->d);
    for (int turn = 0; turn < CG_STEPS; turn++) {
        times(s, m, s->d, s->Hd);
        double curve = mx_dot(m, s->d, s->Hd);
        if (!(curve > 0) || !(rz > 0))
            return 1;
        double by = rz / curve;
        for (size_t i = 0; i < m; i++) {
            s->step[i] += by * s->d[i];
            s->r[i] -= by * s->Hd[i];
        }
        memcpy(s->z, s->r, m * sizeof *s->z);
        mx_cholesky_solve(m, s->H, m, s->z);
        double now = mx_dot(m, s->r, s->z), keep = now / rz;
        if (!(now > eta * eta * first))
            return 0;
        rz = now;
        for (size_t i = 0; i < m; i++)
            s->d[i] = s->z[i] + keep * s->d[i];
    }
    return 1;
}

/* ---- Newton ---- */

/* The largest |E f - tau| / max(|tau|, sd f) of the first m facts at the present p. */
double mx_moments_residual(mx_many *s, size_t m)
{
    double worst = 0;
    hessian(s, m, s->variance, 1);
    for (size_t i = 0; i < m; i++) {
        double off = fabs(s->mean[i] - s->target[i]), scale = fmax(fabs(s->target[i]), sqrt(fmax(s->variance[i], 0)));
        if (!(off <= worst * scale))
            worst = off / scale;
    }
    return worst;
}

int mx_moments_late(const mx_many *s)
{
    size_t limit = s->run->options->max_iterations;
    return mx_late(s->run) || (limit > 0 && s->iterations >= limit);
}

/* Newton on the first m facts until the residual is below `goal` or falls no more. 0: fine, 1: it does not come out. */
int mx_moments_newton(mx_many *s, size_t m, double goal, double *worst)
{
    double best = INFINITY;
    int idle = 0;
    s->dual = mx_moments_evaluate(s, m, s->lambda, s->mean);
    for (int round = 0; round < STEPS; round++) {
        *worst = mx_moments_residual(s, m);
        if (!isfinite(s->dual) || isnan(*worst))
            return 1;
        idle = *worst < 0.5 * best ? 0 : idle + 1;
        best = fmin(best, *worst);
        if (*worst <= goal || (idle >= 2 && *worst < 1e-11))
            return 0;
        if (mx_moments_late(s))
            return 1;
        for (size_t i = 0; i < m; i++)
            s->slope[i] = s->target[i] - s->mean[i];
        double eta = fmin(0.1, fmax(1e-3, 0.1 * *worst));
        if (s->factored != m || conjugate(s, m, eta) != 0) {
            if (factor(s, m) != 0)
                return 1;
            for (size_t i = 0; i < m; i++)
                s->step[i] = -s->slope[i];
            mx_cholesky_solve(m, s->H, m, s->step);
        }
        double fall = -mx_dot(m, s->step, s->slope), length = 1, value;
        if (!(fall >= 0))
            return 1;
        s->iterations++;
        for (int tries = 0;; tries++, length *= 0.5) {
            for (size_t i = 0; i < m; i++)
                s->trial[i] = s->lambda[i] + length * s->step[i];
            value = mx_moments_evaluate(s, m, s->trial, s->mean);
            if (value <= s->dual - 1e-4 * length * fall + 1e-14 * (1 + fabs(s->dual)))
                break;
            if (tries == HALVINGS)
                return 1;
        }
        memcpy(s->lambda, s->trial, m * sizeof *s->lambda);
        s->dual = value;
    }
    return 1;
}
