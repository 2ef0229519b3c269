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
 * The rule is doubled until Newton comes to an end on it, and until the residual on twice as many nodes, all of them new, is met. That
 * residual is the one told.
 * What does not come out (targets that no density has, priors that bend) is left to the general way.
 *
 * [1] L. R. Mead, N. Papanicolaou, Maximum entropy in the problem of moments (1984); in the Chebyshev basis: the Hessian is Toeplitz
 *     plus Hankel: A. C. Antoulas, Approximation of Large-Scale Dynamical Systems (2005), 10.4.
 */
#include "solve/moments/moments.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_FACTS = 8, MOST_FACTS = 8000, LEAST_NODES = 64, NODES_ENOUGH = 16, NODES_EACH = 128 };
#define NEAR 1e-14 /* more nodes are cheap so far */

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
static int recognise(mx_many *s)
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

/* ---- the way ---- */

/* The rule with n nodes becomes the present one. 1: done, 0: not for this, -1: no memory. */
static int change_rule(mx_many *s, mx_fejer *r, size_t n)
{
    mx_fejer_close(r);
    s->at = r;
    return mx_fejer_open(s, r, n);
}

/* Multipliers and a rule that resolves p: `fine` has twice its nodes, and shows the residual `worst`. 1: done, 0: not for this,
 * -1: no memory. */
static int solve(mx_many *s, mx_fejer *coarse, mx_fejer *fine)
{
    size_t n = LEAST_NODES;
    double tolerance = fmax(s->run->options->tolerance, 1e-12), worst = 0;
    while (n < 4 * s->most)
        n *= 2;
    int opened = change_rule(s, coarse, n);
    if (opened != 1)
        return opened;
    for (;; n *= 2) {
        s->at = coarse;
        int lost = 0;
        for (size_t part = !s->started && s->m >= 64 ? 4 : 1; part > 1 && !lost; part /= 2)
            lost = mx_moments_newton(s, s->m / part, 1e-3, &worst) != 0;
        lost = lost || mx_moments_newton(s, s->m, 1e-7, &worst) != 0;
        if (mx_moments_late(s) || (lost && n >= NODES_EACH * s->most))
            return 0;
        if (lost) { /* so few nodes may not be able to carry a law with these moments */
            memset(s->lambda, 0, s->m * sizeof *s->lambda);
            s->started = 0;
            opened = change_rule(s, coarse, 2 * n);
            if (opened != 1)
                return opened;
            continue;
        }
        s->started = 1;
        opened = change_rule(s, fine, 2 * n);
        if (opened != 1)
            return opened;
        mx_moments_evaluate(s, s->m, s->lambda, s->mean);
        if (mx_moments_residual(s, s->m) < 1e-6) {
            s->at = coarse;
            if (mx_moments_newton(s, s->m, 1e-15, &worst) != 0)
                return 0;
            s->at = fine;
            s->dual = mx_moments_evaluate(s, s->m, s->lambda, s->mean);
            worst = mx_moments_residual(s, s->m);
            if (worst <= (n < NODES_ENOUGH * s->most ? NEAR : 0.5 * tolerance))
                return 1;
        }
        if (n > NODES_EACH * s->most || mx_moments_late(s))
            return 0;
        mx_fejer swap = *coarse;
        *coarse = *fine;
        *fine = swap;
    }
}

maxent_error mx_solve_moments(mx_run *run, int *mine)
{
    const maxent_problem *problem = run->problem;
    size_t k = problem->k;
    maxent_error error = MAXENT_ERROR_MEMORY;
    mx_fejer coarse = {0}, fine = {0};
    mx_many s = {.run = run, .problem = problem};
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
    s.variance = s.Hd + k;
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
    s.started = run->options->warm != NULL;
    int found = mx_moments_exist(&s);
    if (found == 0) {
        *mine = 1;
        error = MAXENT_OK;
        goto done;
    }
    if (found == 1)
        found = solve(&s, &coarse, &fine);
    if (found == 1)
        found = mx_moments_agree(&s, &fine);
    error = found < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (found == 1) {
        error = mx_moments_deliver(&s, &coarse, &fine);
        *mine = error == MAXENT_OK;
    }
done:
    mx_fejer_close(&coarse);
    mx_fejer_close(&fine);
    mx_free(s.fact);
    mx_free(s.target);
    mx_free(s.mu);
    mx_free(s.H);
    mx_free(s.work);
    return error;
}
