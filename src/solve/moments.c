/* Many Chebyshev or Legendre moments of one variable on an interval.
 *
 * With t = slope x + offset = cos theta every feature is a sum of cos(j theta), and p lives on the nodes of Fejer's rule:
 *
 *     p(theta_m) ~ w_m q(x_m) exp(-sum_j s_j cos(j theta_m)),      mu_j = E cos(j theta), j = 0 .. 2 M
 *
 * Both are fast cosine transforms (cosine.h): s are the multipliers of T_j, or for L_n = sum_k a_k a_{n-k} cos((n - 2 k) theta),
 * a_k = (1/2)_k / k!, the sums of theirs. The moments up to 2 M hold the whole Hessian [1]:
 *
 *     cov(T_i, T_j) = (mu_{i+j} + mu_{|i-j|}) / 2 - mu_i mu_j
 *
 * and that of L from E[L_n], n = 0 .. 2 M, by the recurrence of E[L_i L_j] in i and j that x L_i = L_i x gives. So a Newton step is
 * one factor of it; the next steps solve with the Hessian where they are by conjugate gradients, for which that factor is the
 * preconditioner, at the price of two transforms each. The facts of low degree are solved first, which brings a start for more.
 *
 * The rule is doubled until the residual on twice as many nodes, all of them new, is met. That residual is the one told.
 * What does not come out (targets that no density has, priors that bend) is left to the general way.
 *
 * [1] L. R. Mead, N. Papanicolaou, Maximum entropy in the problem of moments (1984); in the Chebyshev basis: the Hessian is Toeplitz
 *     plus Hankel: A. C. Antoulas, Approximation of Large-Scale Dynamical Systems (2005), 10.4.
 */
#include "solve/moments.h"

#include "base/dense.h"
#include "base/memory.h"
#include "solve/cosine.h"
#include "solve/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_FACTS = 24, MOST_FACTS = 8000, LEAST_NODES = 64, NODES_EACH = 128, STEPS = 60, HALVINGS = 30, CG_STEPS = 40, PANEL = 16 };

typedef struct rule {
    mx_cosine cosine;
    size_t n;
    double *logw, *logq;   /* [n] theta ascending, so that t falls; logq NULL: 0 everywhere */
    double *p;             /* [n] */
    double *space;         /* [n] */
} rule;

typedef struct moments {
    mx_run *run;
    const maxent_problem *problem;
    int legendre, flipped; /* flipped: the slope is negative */
    size_t m;              /* facts that count */
    size_t *fact, *degree; /* [m] ascending in degree */
    size_t most;           /* largest degree of all features */
    double *target;        /* [m] */
    double *a;             /* [2 most + 1] (1/2)_k / k! */
    double *lambda, *trial, *mean, *slope, *step; /* [m] */
    double *r, *z, *d, *Hd; /* [m] conjugate gradients */
    double *mu;            /* [2 most + 1] */
    double *square;        /* [m] E f^2 */
    double *H;             /* [m][m] factor */
    double *work;          /* Cholesky */
    double *legendre_mean; /* [2 most + 1] */
    double *before, *now, *next; /* [2 most + 2] rows of E[L_i L_j] */
    size_t factored;       /* facts that the factor is for; 0: there is none */
    double dual;           /* log Z + lambda . target */
    rule *at;              /* the present rule */
    size_t iterations, evaluations;
} moments;

/* ---- the rule ---- */

static void close_rule(rule *r)
{
    mx_cosine_close(&r->cosine);
    mx_free(r->logw);
    mx_free(r->logq);
    mx_free(r->p);
    mx_free(r->space);
    memset(r, 0, sizeof *r);
}

/* x at node j, with the distance from the nearer end to full precision. */
static void place(const moments *s, const rule *r, size_t j, double *value, double *low)
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
static int open_rule(const moments *s, rule *r, size_t n)
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
            place(s, r, first + j, &value[j], &low[j]);
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
static void to_series(const moments *s, size_t m, const double *c, double *out, size_t n)
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
static double legendre(const moments *s, size_t n, const double *mu)
{
    double sum = n % 2 == 0 ? s->a[n / 2] * s->a[n / 2] * mu[0] : 0;
    for (size_t k = 0; 2 * k < n; k++)
        sum += 2 * s->a[k] * s->a[n - k] * mu[n - 2 * k];
    return sum;
}

static double feature_mean(const moments *s, size_t degree, const double *mu)
{
    return s->legendre ? legendre(s, degree, mu) : mu[degree];
}

/* p, log Z + lambda . target, moments and means of the first m facts at lambda. Returns the dual, not finite when it overflows. */
static double evaluate(moments *s, size_t m, const double *lambda, double *mean)
{
    rule *r = s->at;
    size_t n = r->n, most = 2 * s->most;
    double top = -INFINITY, sum = 0, dual = 0;
    to_series(s, m, lambda, r->space, n);
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
        mean[i] = feature_mean(s, s->degree[i], s->mu);
        dual += lambda[i] * s->target[i];
    }
    s->evaluations++;
    return dual + top + log(sum);
}

/* ---- the Hessian ---- */

/* out[i][j] = E f_i f_j - E f_i E f_j, j <= i < m; diagonal only: out[m]. */
static void chebyshev_hessian(const moments *s, size_t m, double *out, int diagonal)
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
static void legendre_hessian(moments *s, size_t m, double *out, int diagonal)
{
    size_t top = s->degree[m - 1], at = 0;
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

static void hessian(moments *s, size_t m, double *out, int diagonal)
{
    if (s->legendre)
        legendre_hessian(s, m, out, diagonal);
    else
        chebyshev_hessian(s, m, out, diagonal);
}

/* Factor of the Hessian at the present p, with as much on the diagonal as rounding demands. 0: done. */
static int factor(moments *s, size_t m)
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
static void times(moments *s, size_t m, const double *d, double *out)
{
    rule *r = s->at;
    double mean = 0;
    to_series(s, m, d, r->space, r->n);
    mx_cosine_values(&r->cosine, r->space, r->space);
    for (size_t j = 0; j < r->n; j++)
        mean += r->p[j] * r->space[j];
    for (size_t j = 0; j < r->n; j++)
        r->space[j] = r->p[j] * (r->space[j] - mean);
    mx_cosine_moments(&r->cosine, r->space, r->space);
    for (size_t i = 0; i < m; i++)
        out[i] = feature_mean(s, s->degree[i], r->space);
}

/* step = -H^-1 slope by conjugate gradients to a part `eta` of the first residual; 0: met, 1: after CG_STEPS it is not. */
static int conjugate(moments *s, size_t m, double eta)
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
static double residual(moments *s, size_t m)
{
    double worst = 0;
    hessian(s, m, s->square, 1);
    for (size_t i = 0; i < m; i++) {
        double off = fabs(s->mean[i] - s->target[i]), scale = fmax(fabs(s->target[i]), sqrt(fmax(s->square[i], 0)));
        if (!(off <= worst * scale))
            worst = off / scale;
    }
    return worst;
}

static int out_of_time(const moments *s)
{
    size_t limit = s->run->options->max_iterations;
    return mx_seconds() > s->run->deadline || (limit > 0 && s->iterations >= limit);
}

/* Newton on the first m facts until the residual is below `goal` or falls no more. 0: fine, 1: it does not come out. */
static int newton(moments *s, size_t m, double goal, double *worst)
{
    double best = INFINITY;
    int idle = 0;
    s->dual = evaluate(s, m, s->lambda, s->mean);
    for (int round = 0; round < STEPS; round++) {
        *worst = residual(s, m);
        if (!isfinite(s->dual) || isnan(*worst))
            return 1;
        idle = *worst < 0.5 * best ? 0 : idle + 1;
        best = fmin(best, *worst);
        if (*worst <= goal || (idle >= 2 && *worst < 1e-11))
            return 0;
        if (out_of_time(s))
            return 1;
        for (size_t i = 0; i < m; i++)
            s->slope[i] = s->target[i] - s->mean[i];
        double eta = fmin(0.1, fmax(1e-6, 0.1 * *worst));
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
            value = evaluate(s, m, s->trial, s->mean);
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

/* The rule with n nodes becomes the present one. 1: done, 0: not for this, -1: no memory. */
static int change_rule(moments *s, rule *r, size_t n)
{
    close_rule(r);
    s->at = r;
    return open_rule(s, r, n);
}

/* Multipliers and a rule that resolves p: `fine` has twice its nodes, and shows the residual `worst`. 1: done, 0: not for this,
 * -1: no memory. */
static int solve(moments *s, rule *coarse, rule *fine)
{
    size_t n = LEAST_NODES;
    double tolerance = fmax(s->run->options->tolerance, 1e-12), worst = 0;
    while (n < 4 * s->most)
        n *= 2;
    int opened = change_rule(s, coarse, n);
    if (opened != 1)
        return opened;
    for (size_t part = s->run->options->warm == NULL && s->m >= 64 ? 4 : 1; part > 1; part /= 2)
        if (newton(s, s->m / part, 1e-3, &worst) != 0)
            return 0;
    for (;; n *= 2) {
        s->at = coarse;
        if (newton(s, s->m, 1e-7, &worst) != 0)
            return 0;
        opened = change_rule(s, fine, 2 * n);
        if (opened != 1)
            return opened;
        evaluate(s, s->m, s->lambda, s->mean);
        if (residual(s, s->m) < 1e-6) {
            s->at = coarse;
            if (newton(s, s->m, 1e-15, &worst) != 0)
                return 0;
            s->at = fine;
            s->dual = evaluate(s, s->m, s->lambda, s->mean);
            if (residual(s, s->m) <= 0.5 * tolerance)
                return 1;
        }
        if (n > NODES_EACH * s->most || out_of_time(s))
            return 0;
        rule swap = *coarse;
        *coarse = *fine;
        *fine = swap;
    }
}

/* ---- what fits ---- */

typedef struct numbered {
    size_t fact, degree;
} numbered;

static int by_degree(const void *a, const void *b)
{
    const numbered *x = a, *y = b;
    return (x->degree > y->degree) - (x->degree < y->degree);
}

static int is_free(const mx_fact *fact)
{
    return fact->lower == -INFINITY && fact->upper == INFINITY;
}

/* Does slope x + offset take -1 .. 1 to the digits that the largest degree needs? */
static int covers(const mx_variable *variable, const mx_orthogonal *o, size_t most)
{
    mx_dd slope = {o->slope[0], o->slope[1]}, offset = {o->offset[0], o->offset[1]};
    double sign = slope.hi > 0 ? 1 : -1, allowed = 1e-15 / ((double)most * (double)most);
    mx_dd left = mx_dd_add_d(mx_dd_add(mx_dd_mul_d(slope, variable->lower), offset), sign);
    mx_dd right = mx_dd_add_d(mx_dd_add(mx_dd_mul_d(slope, variable->upper), offset), -sign);
    return fabs(left.hi) <= allowed && fabs(right.hi) <= allowed;
}

/* 1: s->fact, degree, target are filled, ascending in degree; 0: another kind of problem; -1: no memory. */
static int recognise(moments *s)
{
    const maxent_problem *problem = s->problem;
    size_t k = problem->k;
    mx_orthogonal first = {MX_ORTHOGONAL_EITHER, 0, {0, 0}, {0, 0}}, o;
    if (problem->field == NULL || k < LEAST_FACTS || k > MOST_FACTS || problem->support.variables != 1 ||
        problem->support.variable[0].extent != MX_REAL)
        return 0;
    mx_orthogonal_family family = MX_ORTHOGONAL_EITHER;
    numbered *list = mx_alloc(k, sizeof *list);
    if (list == NULL)
        return -1;
    int fits = 1;
    for (size_t i = 0; i < k && fits; i++) {
        const mx_fact *fact = &problem->fact[i];
        fits = mx_field_orthogonal(problem, i, &o) && o.degree >= 1 && fact->sd == 0 && fact->given == SIZE_MAX &&
               (is_free(fact) || (fact->lower == fact->upper && isfinite(fact->lower)));
        if (!fits)
            break;
        if (i == 0)
            first = o;
        fits = o.slope[0] == first.slope[0] && o.slope[1] == first.slope[1] && o.offset[0] == first.offset[0] &&
               o.offset[1] == first.offset[1] &&
               (o.family == MX_ORTHOGONAL_EITHER || family == MX_ORTHOGONAL_EITHER || o.family == family);
        family = o.family != MX_ORTHOGONAL_EITHER ? o.family : family;
        s->most = o.degree > s->most ? o.degree : s->most;
        list[i] = (numbered){i, o.degree};
    }
    fits = fits && s->most <= MOST_FACTS && covers(&problem->support.variable[0], &first, s->most);
    if (fits) {
        qsort(list, k, sizeof *list, by_degree);
        s->legendre = family == MX_ORTHOGONAL_LEGENDRE;
        s->flipped = first.slope[0] < 0;
        for (size_t i = 0; i < k && fits; i++) {
            const mx_fact *fact = &problem->fact[list[i].fact];
            fits = i == 0 || list[i].degree > list[i - 1].degree;
            if (is_free(fact))
                continue;
            s->fact[s->m] = list[i].fact;
            s->degree[s->m] = list[i].degree;
            s->target[s->m++] = fact->lower;
        }
    }
    mx_free(list);
    return fits;
}

/* ---- the answer ---- */

/* Are the features what they were taken for? A few nodes, as the problem's own programs see them. 1: yes, 0: no, -1: no memory. */
static int agrees(moments *s, rule *r)
{
    enum { PLACES = 16 };
    size_t k = s->problem->k;
    double value[PLACES], low[PLACES], *hi = mx_alloc(2 * k, PLACES * sizeof *hi);
    const double *values[1] = {value}, *lows[1] = {low};
    int same = hi == NULL ? -1 : 1;
    mx_points points = {PLACES, values, lows};
    for (size_t j = 0; j < PLACES; j++)
        place(s, r, (2 * j + 1) * r->n / (2 * PLACES), &value[j], &low[j]);
    if (same == 1 && mx_field_values(s->problem, &points, hi, hi + k * PLACES, NULL) != 0)
        same = -1;
    to_series(s, s->m, s->lambda, r->space, r->n);
    mx_cosine_values(&r->cosine, r->space, r->space);
    for (size_t j = 0; same == 1 && j < PLACES; j++) {
        double sum = 0, size = 1;
        for (size_t i = 0; i < s->m; i++) {
            sum += s->lambda[i] * hi[j * k + s->fact[i]];
            size += fabs(s->lambda[i]);
        }
        same = fabs(sum - r->space[(2 * j + 1) * r->n / (2 * PLACES)]) <= 1e-12 * size;
    }
    mx_free(hi);
    return same;
}

/* The density on the nodes of `coarse`, from left to right; log Z from `fine`. */
static maxent_error deliver(moments *s, rule *coarse)
{
    maxent_result *result = s->run->result;
    size_t n = coarse->n, panels = n / PANEL;
    const mx_variable *variable = &s->problem->support.variable[0];
    struct mx_density *d = mx_zalloc(1, sizeof *d);
    if (d == NULL)
        return MAXENT_ERROR_MEMORY;
    d->value = mx_zalloc(1, sizeof *d->value);
    d->low = mx_zalloc(1, sizeof *d->low);
    d->logw = mx_alloc(n, sizeof *d->logw);
    d->logp = mx_alloc(n, sizeof *d->logp);
    d->panel = mx_zalloc(panels, sizeof *d->panel);
    double *all = mx_alloc(2 * n, sizeof *all);
    if (d->value != NULL)
        d->value[0] = all;
    else
        mx_free(all);
    if (d->value == NULL || d->low == NULL || d->logw == NULL || d->logp == NULL || d->panel == NULL || all == NULL) {
        mx_density_free(d);
        return MAXENT_ERROR_MEMORY;
    }
    d->low[0] = all + n;
    d->variables = 1;
    d->centred = s->dual;
    d->n = n;
    d->panels = panels;
    to_series(s, s->m, s->lambda, coarse->space, n);
    mx_cosine_values(&coarse->cosine, coarse->space, coarse->space);
    double log_z = s->dual;
    for (size_t i = 0; i < s->m; i++)
        log_z -= s->lambda[i] * s->target[i];
    for (size_t j = 0; j < n; j++) {
        size_t from = s->flipped ? j : n - 1 - j;
        place(s, coarse, from, &d->value[0][j], &d->low[0][j]);
        d->logw[j] = coarse->logw[from];
        d->logp[j] = coarse->logq[from] - coarse->space[from] - log_z;
        d->panel[j / PANEL].mass += exp(d->logp[j] + d->logw[j]);
    }
    for (size_t i = 0; i < panels; i++) {
        d->panel[i].first = i * PANEL;
        d->panel[i].count = PANEL;
        d->panel[i].left = i == 0 ? variable->lower : d->panel[i - 1].right;
        d->panel[i].right = i + 1 == panels ? variable->upper
                                            : 0.5 * (d->value[0][(i + 1) * PANEL - 1] + d->value[0][(i + 1) * PANEL]);
    }
    result->density = d;
    return MAXENT_OK;
}

/* Residuals, entropies and gap on the nodes of `fine`, where p was evaluated last. */
static maxent_error judge(moments *s, rule *fine)
{
    maxent_result *result = s->run->result;
    size_t k = s->problem->k, n = fine->n;
    double log_z = s->dual, by = 0;
    result->lambda = mx_zalloc(k, sizeof *result->lambda);
    result->lambda_low = mx_zalloc(k, sizeof *result->lambda_low);
    if (result->lambda == NULL || result->lambda_low == NULL)
        return MAXENT_ERROR_MEMORY;
    result->worst_residual = residual(s, s->m);
    for (size_t i = 0; i < s->m; i++) {
        size_t at = s->fact[i];
        double off = fabs(s->mean[i] - s->target[i]), sd = sqrt(fmax(s->square[i], 0));
        result->lambda[at] = s->lambda[i];
        result->achieved[at] = s->mean[i];
        result->deviation[at] = sd;
        result->residual[at] = off == 0 ? 0 : off / fmax(fabs(s->target[i]), sd);
        log_z -= s->lambda[i] * s->target[i];
    }
    for (size_t i = 0; i < k; i++) {
        mx_orthogonal o;
        if (!is_free(&s->problem->fact[i]) || !mx_field_orthogonal(s->problem, i, &o))
            continue;
        result->achieved[i] = feature_mean(s, o.degree, s->mu);
        double square = s->legendre ? NAN : 0.5 * (1 + s->mu[2 * o.degree]);
        result->deviation[i] = sqrt(fmax(0, square - result->achieved[i] * result->achieved[i]));
        result->residual[i] = 0;
    }
    to_series(s, s->m, s->lambda, fine->space, n);
    mx_cosine_values(&fine->cosine, fine->space, fine->space);
    mx_dd entropy = {0, 0}, relative = {0, 0};
    for (size_t j = 0; j < n; j++)
        by += fine->p[j];
    for (size_t j = 0; j < n; j++) {
        double p = fine->p[j] / by;
        if (!(p > 0))
            continue;
        double logp = fine->logq[j] - fine->space[j] - log_z;
        entropy = mx_dd_sub(entropy, mx_two_prod(p, logp));
        relative = mx_dd_add(relative, mx_two_prod(p, logp - fine->logq[j]));
    }
    result->entropy = entropy.hi;
    result->relative_entropy = relative.hi;
    result->log_partition = log_z;
    result->gap = s->dual + relative.hi;
    result->verdict = MAXENT_SOLVED;
    result->iterations = s->iterations;
    result->evaluations = s->evaluations;
    return MAXENT_OK;
}

maxent_error mx_solve_moments(mx_run *run, int *mine)
{
    const maxent_problem *problem = run->problem;
    size_t k = problem->k;
    maxent_error error = MAXENT_ERROR_MEMORY;
    rule coarse = {0}, fine = {0};
    moments s = {.run = run, .problem = problem};
    *mine = 0;
    if (k < LEAST_FACTS || k > MOST_FACTS)
        return MAXENT_OK;
    s.fact = mx_alloc(2 * k, sizeof *s.fact);
    s.target = mx_zalloc(11 * k, sizeof *s.target);
    if (s.fact == NULL || s.target == NULL)
        goto done;
    s.degree = s.fact + k;
    int fits = recognise(&s);
    if (fits != 1) {
        error = fits < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        goto done;
    }
    size_t rows = 2 * s.most + 2;
    s.lambda = s.target + k;
    s.trial = s.lambda + k;
    s.mean = s.trial + k;
    s.slope = s.mean + k;
    s.step = s.slope + k;
    s.r = s.step + k;
    s.z = s.r + k;
    s.d = s.z + k;
    s.Hd = s.d + k;
    s.square = s.Hd + k;
    s.mu = mx_alloc(6, rows * sizeof *s.mu);
    s.H = mx_alloc_aligned(s.m + 1, (s.m + 1) * sizeof *s.H);
    s.work = mx_alloc_aligned(mx_cholesky_work(s.m, run->threads) + 8, sizeof *s.work);
    if (s.mu == NULL || s.H == NULL || s.work == NULL)
        goto done;
    s.legendre_mean = s.mu + rows;
    s.before = s.legendre_mean + rows;
    s.now = s.before + rows;
    s.next = s.now + rows;
    s.a = s.next + rows;
    s.a[0] = 1;
    for (size_t i = 1; i < rows; i++)
        s.a[i] = s.a[i - 1] * (double)(2 * i - 1) / (double)(2 * i);
    for (size_t i = 0; i < s.m && run->options->warm != NULL; i++)
        s.lambda[i] = run->options->warm[s.fact[i]];
    int found = solve(&s, &coarse, &fine);
    if (found == 1)
        found = agrees(&s, &fine);
    error = found < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (found == 1) {
        error = judge(&s, &fine);
        if (error == MAXENT_OK)
            error = deliver(&s, &coarse);
        *mine = error == MAXENT_OK;
    }
done:
    close_rule(&coarse);
    close_rule(&fine);
    mx_free(s.fact);
    mx_free(s.target);
    mx_free(s.mu);
    mx_free(s.H);
    mx_free(s.work);
    return error;
}
