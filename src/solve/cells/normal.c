/* Facts l_i <= E[g_i] <= u_i with g_i = x'A_i x + b_i'x leave the normal law with
 *
 *     Q = Q_0 + 2 sum_i lambda_i A_i,    r = r_0 - sum_i lambda_i b_i,    mean m = Q^-1 r,    covariance S = Q^-1,
 *
 * which minimises the dual   r'Q^-1 r / 2 - log det Q / 2 + sum_i psi_i(lambda_i),   a function in closed form over Q > 0 [1]; Q_0 and r_0
 * are those of a prior that is a normal one. psi is lambda tau of an equality, a barrier's likeness of max(lambda l, lambda u) of a bound.
 *
 *     dE[g_i] / dlambda_j = -Cov(g_i, g_j) = -(2 tr(A_i S A_j S) + (2 A_i m + b_i)' S (2 A_j m + b_j))
 *
 * Newton's method in the coordinates of a guess, and once more in those of what came out, until they are its own. Which features are such
 * polynomials is told by their values at random points.
 *
 * [1] L. Vandenberghe, S. Boyd, S.-P. Wu, Determinant maximization with linear matrix inequality constraints, SIAM J. Matrix Anal. Appl.
 *     19 (1998) 499-533.
 */
#include "solve/cells/normal.h"

#include "base/dense.h"
#include "base/memory.h"
#include "solve/cells/look.h"

#include <math.h>
#include <string.h>

enum { MONOMIALS = MX_AXES + MX_AXES * (MX_AXES + 1) / 2, POINTS = 3 * MONOMIALS + 12, FACTS_MOST = MX_LOOK_MOST + 1, POLISHES = 8,
       STEPS = 80 };

#define EXACT 1e-9     /* of a feature, that no polynomial of degree 2 explains */
#define ROUNDING 1e-12 /* of a coefficient that is 0 */
#define CONVERGED 1e-12 /* half the square of the Newton decrement, in nats */
#define SLOPE 1e-4     /* of the decrease that a step promises */
#define RIDGE 1e-13    /* of the diagonal of the Hessian: facts that say the same twice */
#define FURTHEST 1e60
#define STEEPEST 1e10 /* what s is worth: it falls below 0 before, or not at all */
#define LEAST_BARRIER 1e-7
#define ITS_OWN 1e-3   /* the law in its own coordinates: mean and covariance less 0 and 1 */

typedef struct quadratic {
    double A[MX_AXES][MX_AXES], b[MX_AXES]; /* of a feature of norm 1; of the log prior, A is -Q_0 / 2 */
    double lower, upper, soft;              /* soft: the variance of what a soft target is known by */
} quadratic;

typedef struct law {
    size_t axes, k;
    quadratic g[FACTS_MOST], was[FACTS_MOST], prior;
    double lambda[FACTS_MOST], barrier;
    size_t from[FACTS_MOST];                /* number among the facts looked at */
    double mean[MX_AXES], S[MX_AXES][MX_AXES];
    double lean[FACTS_MOST][MX_AXES];     /* 2 A m + b */
    double SA[FACTS_MOST][MX_AXES][MX_AXES];
    double *work;                           /* of Cholesky's, [k][k], [k], [k], [k] */
} law;

/* An orthonormal basis of the monomials at the points, and what each is of the monomials: fit[e][d]. */
typedef struct monomials {
    size_t count;
    double value[MONOMIALS][POINTS], fit[MONOMIALS][MONOMIALS];
} monomials;

static void open_monomials(const mx_look *look, size_t axes, monomials *m)
{
    m->count = 0;
    memset(m->fit, 0, sizeof m->fit);
    for (size_t a = 0; a < axes; a++)
        for (size_t b = 0; b <= axes - a; b++, m->count++) /* b = 0: u_a; else u_a u_(a + b - 1) */
            for (size_t j = 0; j < look->n; j++)
                m->value[m->count][j] = look->at[a * look->n + j] * (b == 0 ? 1 : look->at[(a + b - 1) * look->n + j]);
    for (size_t e = 0; e < m->count; e++) { /* Gram and Schmidt */
        m->fit[e][e] = 1;
        for (int twice = 0; twice < 2; twice++)
            for (size_t d = 0; d < e; d++) {
                double along = mx_dot(look->n, m->value[e], m->value[d]);
                for (size_t j = 0; j < look->n; j++)
                    m->value[e][j] -= along * m->value[d][j];
                for (size_t i = 0; i <= d; i++)
                    m->fit[e][i] -= along * m->fit[d][i];
            }
        double length = sqrt(mx_dot(look->n, m->value[e], m->value[e]));
        for (size_t j = 0; j < look->n; j++)
            m->value[e][j] /= length;
        for (size_t i = 0; i <= e; i++)
            m->fit[e][i] /= length;
    }
}

/* The polynomial that column, [points], is, divided by size. 0: it is none. */
static int fit(const monomials *m, size_t axes, size_t n, const double *column, double size, quadratic *out)
{
    double left[POINTS], part[MONOMIALS] = {0};
    memset(out, 0, sizeof *out);
    for (size_t j = 0; j < n; j++)
        left[j] = column[j] / size;
    for (size_t e = 0; e < m->count; e++) {
        double along = mx_dot(n, left, m->value[e]);
        for (size_t j = 0; j < n; j++)
            left[j] -= along * m->value[e][j];
        for (size_t d = 0; d <= e; d++)
            part[d] += along * m->fit[e][d];
    }
    if (!(mx_dot(n, left, left) <= EXACT * EXACT))
        return 0;
    for (size_t d = 0; d < m->count; d++)
        part[d] = fabs(part[d]) > ROUNDING ? part[d] : 0;
    for (size_t a = 0, d = 0; a < axes; a++) {
        out->b[a] = part[d++];
        for (size_t b = a; b < axes; b++, d++)
            out->A[a][b] = out->A[b][a] = a == b ? part[d] : 0.5 * part[d];
    }
    return 1;
}

/* ---- the dual ---- */

static double penalty(const law *w, size_t i, double lambda, double *slope, double *curve)
{
    const quadratic *g = &w->g[i];
    double t = w->barrier;
    *curve = g->soft;
    if (g->lower == g->upper) {
        *slope = g->lower + g->soft * lambda;
        return g->lower * lambda + 0.5 * g->soft * lambda * lambda;
    }
    if (isfinite(g->lower) && isfinite(g->upper)) { /* |lambda| as a hyperbola */
        double root = sqrt(lambda * lambda + t * t), middle = 0.5 * (g->lower + g->upper), half = 0.5 * (g->upper - g->lower);
        *slope = middle + half * lambda / root;
        *curve = half * t * t / (root * root * root);
        return middle * lambda + half * root;
    }
    double bound = isfinite(g->upper) ? g->upper : g->lower, sign = isfinite(g->upper) ? 1 : -1;
    *slope = bound - t / lambda + g->soft * lambda;
    *curve += t / (lambda * lambda);
    return sign * lambda > 0 ? (bound + 0.5 * g->soft * lambda) * lambda - t * log(sign * lambda) : INFINITY;
}

/* The law at lambda: its value, and its mean and covariance; INFINITY where it is none. */
static double look_at(law *w, const double *lambda)
{
    size_t n = w->axes;
    double Q[MX_AXES][MX_AXES] = {{0}}, r[MX_AXES] = {0}, value = 0, slope, curve;
    for (size_t a = 0; a < n; a++) {
        r[a] = w->prior.b[a];
        for (size_t b = 0; b < n; b++)
            Q[a][b] = -2 * w->prior.A[a][b];
    }
    for (size_t i = 0; i < w->k; i++) {
        value += penalty(w, i, lambda[i], &slope, &curve);
        for (size_t a = 0; a < n; a++) {
            r[a] -= lambda[i] * w->g[i].b[a];
            for (size_t b = 0; b < n; b++)
                Q[a][b] += 2 * lambda[i] * w->g[i].A[a][b];
        }
    }
    for (size_t a = 0; a < n; a++) /* Cholesky, in the lower triangle */
        for (size_t b = 0; b <= a; b++) {
            for (size_t e = 0; e < b; e++)
                Q[a][b] -= Q[a][e] * Q[b][e];
            if (a == b && !(Q[a][a] > 0))
                return INFINITY;
            Q[a][b] = a == b ? sqrt(Q[a][a]) : Q[a][b] / Q[b][b];
        }
    for (size_t a = 0; a < n; a++) {
        double unit[MX_AXES] = {0};
        unit[a] = 1;
        value -= log(Q[a][a]);
        mx_cholesky_solve(n, &Q[0][0], MX_AXES, unit);
        memcpy(w->S[a], unit, sizeof unit);
    }
    for (size_t a = 0; a < n; a++) {
        w->mean[a] = mx_dot(n, w->S[a], r);
        value += 0.5 * w->mean[a] * r[a];
    }
    return isfinite(value) ? value : INFINITY;
}

/* The gradient and the Hessian where it was looked at last, in w->work. */
static void derivatives(law *w, const double *lambda, double *gradient, double *hessian)
{
    size_t n = w->axes, k = w->k;
    for (size_t i = 0; i < k; i++) {
        const quadratic *g = &w->g[i];
        double expected = 0, slope, curve;
        for (size_t a = 0; a < n; a++) {
            w->lean[i][a] = g->b[a];
            expected += g->b[a] * w->mean[a];
            for (size_t b = 0; b < n; b++) {
                w->lean[i][a] += 2 * g->A[a][b] * w->mean[b];
                expected += g->A[a][b] * (w->S[a][b] + w->mean[a] * w->mean[b]);
                w->SA[i][a][b] = mx_dot(n, w->S[a], g->A[b]);
            }
        }
        penalty(w, i, lambda[i], &slope, &curve);
        gradient[i] = slope - expected;
        hessian[i * k + i] = curve;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t a = 0; a < n; a++)
                for (size_t b = 0; b < n; b++)
                    sum += 2 * w->SA[i][a][b] * w->SA[j][b][a] + w->lean[i][a] * w->S[a][b] * w->lean[j][b];
            hessian[i * k + j] = sum + (i == j ? hessian[i * k + i] : 0);
        }
}

/* Newton's method from w->lambda. 1: it converged. */
static int minimise(law *w)
{
    size_t k = w->k;
    double *space = w->work, *hessian = space + mx_cholesky_work(k, 1), *gradient = hessian + k * k, *step = gradient + k, *next = step + k;
    double value = look_at(w, w->lambda);
    for (int steps = 0; steps < STEPS && isfinite(value); steps++) {
        derivatives(w, w->lambda, gradient, hessian);
        for (size_t i = 0; i < k; i++) {
            hessian[i * k + i] *= 1 + RIDGE;
            step[i] = -gradient[i];
        }
        if (mx_cholesky(k, hessian, k, 1, space) != 0)
            return 0;
        mx_cholesky_solve(k, hessian, k, step);
        double promised = -mx_dot(k, gradient, step), length = 1, there = INFINITY;
        if (!(promised >= 0))
            return 0;
        for (; length > 1e-12; length *= 0.5) {
            for (size_t i = 0; i < k; i++)
                next[i] = w->lambda[i] + length * step[i];
            there = look_at(w, next);
            if (there <= value - SLOPE * length * promised + 1e-14 * fabs(value))
                break;
        }
        if (!(length > 1e-12)) {
            look_at(w, w->lambda);
            return promised < ITS_OWN * ITS_OWN;
        }
        memcpy(w->lambda, next, k * sizeof *next);
        value = there;
        if (0.5 * promised < CONVERGED)
            return 1;
    }
    return 0;
}

/* Multipliers for which Q is positive definite, if there are such: least s with Q + s I > 0, each lambda kept small by a soft target of 0.
 * With one more feature, of multiplier s, this is a dual of the same form. 1: they are in w. */
static int begin(law *w)
{
    size_t k = w->k;
    quadratic prior = w->prior, *last = &w->g[k];
    memcpy(w->was, w->g, k * sizeof *w->was);
    memset(&w->prior, 0, sizeof w->prior);
    memset(last, 0, sizeof *last);
    for (size_t a = 0; a < w->axes; a++)
        last->A[a][a] = 0.5;
    for (size_t i = 0; i < k; i++) {
        quadratic *g = &w->g[i];
        int up = isfinite(g->upper), both = up && isfinite(g->lower);
        memset(g->b, 0, sizeof g->b);
        g->lower = up && !both ? -INFINITY : 0;
        g->upper = up ? 0 : INFINITY;
        g->soft = 1;
        w->lambda[i] = both ? 0 : up ? 1e-2 : -1e-2;
    }
    w->k = k + 1;
    w->barrier = 1e-2;
    w->lambda[k] = 1;
    while (!isfinite(look_at(w, w->lambda)) && w->lambda[k] < FURTHEST)
        w->lambda[k] *= 4;
    int fine = 1;
    for (double t = 1; fine && t < STEEPEST && !(w->lambda[k] < 0); t *= 10) {
        last->lower = last->upper = t;
        fine = minimise(w);
    }
    fine = fine && w->lambda[k] < 0;
    w->k = k;
    w->prior = prior;
    memcpy(w->g, w->was, k * sizeof *w->was);
    return fine;
}

/* 1: the law is in w. */
static int settle(law *w)
{
    double by = 1, least = INFINITY, next[MX_LOOK_MOST];
    if (!begin(w))
        return 0;
    w->barrier = 1;
    for (double times = 0x1p-60; times < FURTHEST; times *= 4) { /* the best multiple of those */
        for (size_t i = 0; i < w->k; i++)
            next[i] = times * w->lambda[i];
        double value = look_at(w, next);
        by = value < least ? times : by;
        least = fmin(value, least);
    }
    for (size_t i = 0; i < w->k; i++)
        w->lambda[i] *= by;
    for (; minimise(w); w->barrier *= 0.03)
        if (w->barrier < LEAST_BARRIER)
            return 1;
    return 0;
}

/* ---- facts ---- */

/* The facts that are such polynomials in the coordinates of the frame. *all: 1: there is nothing else. Returns 0, -1: no memory. */
static int gather(const mx_grid *grid, const mx_fact *fact, const mx_frame *frame, mx_look *look, law *w, int *all)
{
    monomials m;
    w->k = 0;
    w->axes = grid->axes;
    *all = grid->levels == 1;
    if (mx_look_at(grid, fact, frame, look) != 0)
        return -1;
    open_monomials(look, w->axes, &m);
    for (size_t i = 0; i < look->k; i++) {
        quadratic *g = &w->g[w->k];
        double size = look->norm[i];
        if (!(size > 0) || !isfinite(size) || !fit(&m, w->axes, look->n, look->column + i * look->n, size, g)) {
            *all = 0;
            continue;
        }
        double sd = fact[look->fact[i]].sd / size;
        g->lower = look->lower[i] / size;
        g->upper = look->upper[i] / size;
        g->soft = sd * sd;
        w->from[w->k++] = i;
    }
    double square = mx_dot(look->n, look->logq, look->logq);
    memset(&w->prior, 0, sizeof w->prior);
    if (square == 0)
        return 0;
    int quadratics = isfinite(square) && fit(&m, w->axes, look->n, look->logq, sqrt(square), &w->prior);
    if (!quadratics)
        memset(&w->prior, 0, sizeof w->prior);
    *all = *all && quadratics;
    for (size_t a = 0; a < w->axes; a++) {
        w->prior.b[a] *= sqrt(square);
        for (size_t b = 0; b < w->axes; b++)
            w->prior.A[a][b] *= sqrt(square);
    }
    return 0;
}

/* The frame of the law, from that in whose coordinates it is told. Returns how far it is from it, or INFINITY. */
static double move(const law *w, mx_frame *frame)
{
    size_t n = w->axes;
    double covariance[MX_AXES][MX_AXES] = {{0}}, off = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            off = fmax(off, fabs(w->S[a][b] - (a == b)));
            for (size_t d = 0; d <= a; d++)
                for (size_t e = 0; e <= b; e++)
                    covariance[a][b] += frame->by[a][d] * w->S[d][e] * frame->by[b][e];
        }
    for (size_t a = 0; a < n; a++) {
        off = fmax(off, fabs(w->mean[a]));
        for (size_t b = 0; b <= a; b++)
            frame->centre[a] += frame->by[a][b] * w->mean[b];
        if (!isfinite(frame->centre[a]))
            return INFINITY;
    }
    return mx_frame_set(frame, n, covariance) ? off : INFINITY;
}

int mx_normal_from_facts(const mx_grid *grid, const mx_fact *fact, mx_frame *frame, double *lambda)
{
    mx_look look;
    mx_frame own = *frame;
    int all = 1, more = 0;
    memset(&look, 0, sizeof look);
    for (size_t i = 0; i < grid->problem->k; i++)
        if (isfinite(fact[i].lower) || isfinite(fact[i].upper)) {
            more |= look.k == MX_LOOK_MOST;
            if (look.k < MX_LOOK_MOST)
                look.fact[look.k++] = i;
        }
    int opened = mx_look_open(grid, POINTS, &look);
    law *w = opened == 1 ? mx_zalloc(1, sizeof *w) : NULL;
    double *work = opened == 1 ? mx_alloc(mx_cholesky_work(look.k + 1, 1) + (look.k + 1) * (look.k + 4), sizeof *work) : NULL;
    int failed = opened < 0 || (opened == 1 && (w == NULL || work == NULL)), found = 0;
    for (int step = 0; step < POLISHES && opened == 1 && !failed; step++) {
        w->work = work;
        failed = gather(grid, fact, &own, &look, w, &all) != 0;
        if (failed || w->k == 0 || !settle(w))
            break;
        double off = move(w, &own);
        found = off < ITS_OWN;
        if (found || isinf(off))
            break;
    }
    if (found) {
        *frame = own;
        memset(lambda, 0, grid->problem->k * sizeof *lambda);
        for (size_t i = 0; i < w->k; i++)
            lambda[look.fact[w->from[i]]] = w->lambda[i] / look.norm[w->from[i]];
    }
    mx_free(look.at);
    mx_free(w);
    mx_free(work);
    return failed ? -1 : !found ? MX_NORMAL_NONE : all && !more ? MX_NORMAL_ALL : MX_NORMAL_PART;
}
