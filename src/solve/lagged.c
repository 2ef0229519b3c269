/* Newton with a Hessian that is formed only when it pays.
 *
 * A pass for value and gradient reads the features once; forming the Hessian in it costs k/2 multiplications more for every feature
 * read, which for many facts is most of the work. So the Hessian is kept while it serves, in single precision, as the initial
 * matrix of a limited-memory BFGS recursion that learns the difference from the gradients seen since [1, algorithm 7.4], and formed
 * anew when the convergence it gives would cost more passes than it does. Matrix-free, the diagonal of the Hessian takes its place.
 *
 * The choice is made from counts of bytes and operations, not from clocks: the same problem takes the same path every time.
 *
 * While p is far from where it is going it may rest on a handful of states, and its covariance says nothing of the others. The step
 * is therefore kept within a trust region in the metric of the variances v over the start, sum_j v_j d_j^2 <= radius^2, which
 * bounds the change of scores over the whole support: (H + mu diag(v)) d = -slope with the least mu >= 0 that does it [1, section 4.3].
 *
 * [1] J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006.
 */
#include "solve/minimise.h"

#include "base/dense.h"

#include <math.h>
#include <string.h>

#define MEMORY 24      /* pairs kept; more did not lower the number of passes on the benchmark's hard problems */
#define SLOW_STEPS 3
#define LATE 1e-5 /* residual from which on a Hessian in double precision paid, on problems that rest on one to three states */
#define CHEAP 0.6 /* passes that a Hessian may cost to be formed after every one */
#define MOST_FIRST 5 /* and to begin with one */
#define GOOD_RATE 0.01
#define GOOD_RATE_OF_SOME 0.1
#define FIRST_RADIUS 2.0 /* standard deviations of the scores over the support */
/* A step from a residual below this that changes the score of some state by more than DYING: the state dies out. */
#define ALREADY_SMALL 1e-6
#define DYING 0.1
#define PATIENCE 60    /* steps before the problem is asked whether it has an interior solution */

/* States for a Hessian: a hundred a coordinate, for errors of a tenth, or what costs a quarter of a pass if that is more. */
#define STATES_EACH 100
#define SHARE 0.25

/* Nanoseconds a state: a pass, a Hessian in single precision; and the factorisation. On the machine where it was measured (2.6 GHz,
 * AVX-512); ratios vary little elsewhere. */
static double pass_time(size_t r) { return 5 + 0.4 * (double)r; }
static double hessian_time(size_t r) { return 20 + 0.0135 * (double)r * (double)r; }
static double factor_time(size_t r) { return 0.02 * (double)r * (double)r * (double)r; }

static size_t hessian_states(size_t n, size_t r)
{
    double states = fmax(STATES_EACH * (double)r, SHARE * (double)n * pass_time(r) / hessian_time(r));
    return states < (double)n ? (size_t)states : n;
}

/* Passes that a Hessian costs. */
static double hessian_cost(size_t n, size_t r, size_t states)
{
    return ((double)states * hessian_time(r) + factor_time(r)) / ((double)n * pass_time(r));
}

typedef struct pairs {
    size_t r, count, next;
    double *s, *y;      /* [MEMORY][r] steps, and changes of the slope */
    double *inverse;    /* [MEMORY] 1 / s . y */
    double *alpha;      /* [MEMORY] */
} pairs;

typedef struct lagged {
    mx_dual *dual;
    const mx_piece *piece;
    mx_minimum *m;
    pairs pairs;
    double *scratch;    /* [r] */
    double *work;
    size_t states;      /* that a Hessian is made from */
    double *reach;      /* [r] variances at the start: the metric of the trust region */
    double *taken;      /* [r] the longest step taken from a residual already small */
    double longest;
    double radius;
    double formed_at;   /* the residual where the matrix in use was formed */
    int matrix_free;    /* never a Hessian */
    int diagonal;       /* the matrix in use is the diagonal of variances */
} lagged;

size_t mx_lagged_work(size_t r, int threads, int method)
{
    size_t cholesky = method == 1 ? (mx_cholesky_work(r, threads) + 7) / 8 * 8 : 0;
    return cholesky + 2 * MEMORY * r + 2 * MEMORY + 3 * r + 8;
}

static void remember(pairs *p, const double *step, double length, const double *slope, const double *before)
{
    double *s = p->s + p->next * p->r, *y = p->y + p->next * p->r;
    for (size_t j = 0; j < p->r; j++) {
        s[j] = length * step[j];
        y[j] = slope[j] - before[j];
    }
    double curvature = mx_dot(p->r, s, y);
    if (!(curvature > 1e-14 * sqrt(mx_dot(p->r, s, s) * mx_dot(p->r, y, y))))
        return;
    p->inverse[p->next] = 1 / curvature;
    p->next = (p->next + 1) % MEMORY;
    p->count = p->count < MEMORY ? p->count + 1 : MEMORY;
}

/* A coordinate that carries no fact. */
static int watched(const mx_piece *piece)
{
    return piece->kind == MX_KIND_BOX || piece->kind == MX_KIND_WATCH;
}

/* step := -B^-1 slope */
static void direction(const lagged *l)
{
    const pairs *p = &l->pairs;
    size_t r = p->r;
    double *d = l->m->step;
    for (size_t j = 0; j < r; j++)
        d[j] = -l->m->slope[j];
    for (size_t a = 0; a < p->count; a++) {
        size_t at = (p->next + MEMORY - 1 - a) % MEMORY;
        p->alpha[at] = p->inverse[at] * mx_dot(r, p->s + at * r, d);
        for (size_t j = 0; j < r; j++)
            d[j] -= p->alpha[at] * p->y[at * r + j];
    }
    if (!l->diagonal) {
        mx_cholesky_solve(r, l->m->covariance, r, d);
    } else {
        double by = 1;
        if (p->count > 0) { /* the size of the last step's curvature, [1, eq. 7.20], in the metric of the diagonal */
            size_t last = (p->next + MEMORY - 1) % MEMORY;
            double yy = 0;
            for (size_t j = 0; j < r; j++)
                yy += p->y[last * r + j] * p->y[last * r + j] / l->m->variance[j];
            by = 1 / (p->inverse[last] * yy);
        }
        for (size_t j = 0; j < r; j++)
            d[j] *= by / l->m->variance[j];
    }
    for (size_t a = p->count; a-- > 0;) {
        size_t at = (p->next + MEMORY - 1 - a) % MEMORY;
        double beta = p->inverse[at] * mx_dot(r, p->y + at * r, d);
        for (size_t j = 0; j < r; j++)
            d[j] += (p->alpha[at] - beta) * p->s[at * r + j];
    }
    for (size_t j = 0; j < r; j++)
        if (watched(&l->piece[j]))
            d[j] = 0;
}

static double reach_of(const lagged *l, const double *d)
{
    double sum = 0;
    for (size_t j = 0; j < l->m->r; j++)
        sum += l->reach[j] * d[j] * d[j];
    return sqrt(sum);
}

/* Factors H + mu diag(v) in the lower triangle; H stays in the strict upper triangle and in `variance`. Non-zero: singular. */
static int factor_with(lagged *l, double mu)
{
    mx_minimum *m = l->m;
    size_t r = m->r;
    for (size_t j = 0; j < r; j++) {
        for (size_t i = j + 1; i < r; i++)
            m->covariance[i * r + j] = m->covariance[j * r + i];
        double diagonal = m->variance[j];
        if (l->piece[j].kind == MX_KIND_SOFT)
            diagonal += l->piece[j].sd * l->piece[j].sd;
        m->covariance[j * r + j] = watched(&l->piece[j]) ? 1 : diagonal + mu * l->reach[j];
    }
    if (mx_cholesky(r, m->covariance, r, m->threads, l->work) != 0)
        return 1;
    for (size_t j = 0; j < r; j++) {
        double pivot = m->covariance[j * r + j] * m->covariance[j * r + j];
        if (!(pivot > 1e-10 * (m->variance[j] + mu * l->reach[j])))
            return 1;
    }
    return 0;
}

/* The covariance just formed becomes the matrix, with the least mu that keeps the step in the trust region [1, algorithm 4.3].
 * Returns non-zero when no mu makes it regular: it is not finite. */
static int factor(lagged *l)
{
    mx_minimum *m = l->m;
    size_t r = m->r;
    l->pairs.count = l->pairs.next = 0;
    l->diagonal = 0;
    for (size_t j = 0; j < r; j++) {
        m->variance[j] = fmax(m->covariance[j * r + j], 0);
        if (watched(&l->piece[j]))
            for (size_t i = 0; i < r; i++)
                m->covariance[i * r + j] = m->covariance[j * r + i] = 0;
    }
    double mu = 0, *d = m->step, *w = l->scratch;
    mx_pieces_slope(r, l->piece, m->z, m->mean, m->slope);
    for (int attempt = 0; attempt < 40; attempt++) {
        if (factor_with(l, mu)) {
            mu = mu == 0 ? 1e-9 : 10 * mu;
            continue;
        }
        for (size_t j = 0; j < r; j++)
            d[j] = watched(&l->piece[j]) ? 0 : -m->slope[j];
        mx_cholesky_solve(r, m->covariance, r, d);
        double length = reach_of(l, d);
        if (!(length > 1.2 * l->radius))
            return !isfinite(length);
        for (size_t j = 0; j < r; j++)
            w[j] = l->reach[j] * d[j];
        double toward = mx_dot(r, w, d); /* |d|^2 in the metric; then d' V (H + mu V)^-1 V d */
        mx_solve_lower(r, m->covariance, r, w);
        mu += toward / mx_dot(r, w, w) * (length / l->radius - 1);
    }
    return 1;
}

static void spoil_guard(double *variance, size_t r)
{
    double most = 0;
    for (size_t j = 0; j < r; j++)
        most = fmax(most, variance[j]);
    for (size_t j = 0; j < r; j++)
        variance[j] = fmax(variance[j], 1e-12 * most + 1e-300);
}

/* The first matrix: a Hessian where it costs a few passes, else the variances until the convergence shows that they will not do. */
int mx_lagged_starts_diagonal(size_t n, size_t r)
{
    return hessian_cost(n, r, hessian_states(n, r)) > MOST_FIRST;
}

/* Where p rests on few states, directions of small variance hang on small weights, which single precision does not see: the last
 * digits of the residual need a Hessian in double precision. It costs less there, because the other states are left out of it. */
static int in_single(const lagged *l)
{
    int few = l->dual->effective < 8 * (double)l->m->r;
    return !(few && l->m->residual < LATE);
}

/* A Hessian at m->z, where the last evaluation was. *singular: even from all states in double precision. */
static maxent_error form(lagged *l, size_t states, int single, int *singular)
{
    mx_minimum *m = l->m;
    maxent_error error = mx_dual_covariance(l->dual, m->log_partition, states, single, m->covariance);
    *singular = error == MAXENT_OK && factor(l);
    if (*singular && (single || states < l->dual->n)) {
        error = mx_dual_covariance(l->dual, m->log_partition, l->dual->n, 0, m->covariance);
        *singular = error == MAXENT_OK && factor(l);
    }
    l->formed_at = m->residual;
    return error;
}

static maxent_error start(lagged *l, const mx_rules *rules, int *singular)
{
    mx_minimum *m = l->m;
    maxent_error error = MAXENT_OK;
    *singular = 0;
    l->diagonal = l->matrix_free || mx_lagged_starts_diagonal(l->dual->n, m->r);
    if (!m->ready)
        error = mx_dual_evaluate(l->dual, m->z, l->diagonal ? MX_WANT_DIAGONAL : MX_WANT_GRADIENT, &m->log_partition, m->mean,
                                 l->diagonal ? m->variance : NULL);
    if (error == MAXENT_OK && !l->diagonal) {
        error = mx_dual_covariance(l->dual, m->log_partition, l->states, 1, m->covariance);
        for (size_t j = 0; j < m->r; j++)
            m->variance[j] = fmax(m->covariance[j * m->r + j], 0);
    }
    if (error != MAXENT_OK)
        return error;
    spoil_guard(m->variance, m->r);
    memcpy(l->reach, m->variance, m->r * sizeof *l->reach);
    if (!l->diagonal)
        *singular = factor(l);
    mx_minimum_settle(m, l->piece, rules);
    l->formed_at = m->residual;
    return MAXENT_OK;
}

/* One step from m->z along m->step. *moved: 0: no fall seen. */
static maxent_error advance(lagged *l, int *moved)
{
    mx_minimum *m = l->m;
    size_t r = m->r, vector = (r + 8) / 8 * 8;
    double *z = m->trial, *mean = z + vector, *slope = mean + vector;
    double before = mx_dot(r, m->slope, m->step), noise = 4e-16 * (1 + fabs(m->value));
    double reach = reach_of(l, m->step), length = reach > 1.2 * l->radius ? l->radius / reach : 1;
    *moved = 0;
    for (int attempt = 0; attempt < 40; attempt++) {
        double log_partition;
        for (size_t j = 0; j < r; j++)
            z[j] = m->z[j] + length * m->step[j];
        maxent_error error = mx_dual_evaluate(l->dual, z, MX_WANT_GRADIENT, &log_partition, mean, NULL);
        if (error != MAXENT_OK)
            return error;
        double value = log_partition + mx_pieces_value(r, l->piece, z);
        mx_pieces_slope(r, l->piece, z, mean, slope);
        double along = mx_dot(r, slope, m->step);
        int flat = fabs(before) < 1e-9 * (1 + fabs(m->value)); /* values cannot tell: the slopes do */
        if (isfinite(value) && (value <= m->value + 1e-4 * length * before + noise || (flat && fabs(along) < 0.9 * fabs(before)))) {
            memcpy(m->z, z, r * sizeof *z);
            memcpy(m->mean, mean, r * sizeof *mean);
            m->log_partition = log_partition;
            remember(&l->pairs, m->step, length, slope, m->slope);
            if (m->residual < ALREADY_SMALL && length * reach > l->longest) {
                l->longest = length * reach;
                for (size_t j = 0; j < r; j++)
                    l->taken[j] = length * m->step[j];
            }
            /* As far again and twice where the slope has not turned, less where the step had to be shortened. */
            if (attempt > 0)
                l->radius = fmax(0.25 * l->radius, 1.5 * length * reach);
            else if (along < 0.25 * fabs(before))
                l->radius = fmax(l->radius, (along < 0 ? 3 : 1.5) * length * reach);
            *moved = 1;
            return MAXENT_OK;
        }
        double secant = along > 0 && isfinite(along) ? length * before / (before - along) : 0.1 * length;
        length = fmin(fmax(secant, 0.02 * length), 0.6 * length);
    }
    return MAXENT_OK;
}

/* Would a new Hessian pay? The residual falls by `rate` a pass now. */
static int refresh_pays(const lagged *l, const mx_rules *rules, double rate, size_t since, size_t states)
{
    const mx_minimum *m = l->m;
    if (since == 0)
        return 0;
    size_t heavy = mx_dual_heavy(l->dual, m->log_partition);
    double cost = hessian_cost(l->dual->n, m->r, heavy < states ? heavy : states);
    if (cost < CHEAP) /* what a choice of states leaves open is better learnt from the steps, once they are good */
        return rate > (heavy <= states ? GOOD_RATE : GOOD_RATE_OF_SOME);
    if (since < (l->diagonal ? 3 : 1))
        return 0;
    /* One bad step among good ones is no reason: from the third on, the average since the matrix was formed decides. */
    double pace = since >= 3 ? pow(m->residual / l->formed_at, 1 / (double)since) : rate;
    double passes = log(rules->tolerance / m->residual) / log(fmin(fmax(pace, 1e-6), 0.98));
    return passes > 3 + cost;
}

maxent_error mx_minimise_lagged(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m, int matrix_free)
{
    size_t r = m->r;
    lagged l = {.dual = dual, .piece = piece, .m = m, .radius = FIRST_RADIUS, .matrix_free = matrix_free};
    l.work = m->work;
    double *at = m->work + (matrix_free ? 0 : (mx_cholesky_work(r, m->threads) + 7) / 8 * 8);
    l.pairs = (pairs){.r = r, .s = at, .y = at + MEMORY * r, .inverse = at + 2 * MEMORY * r, .alpha = at + 2 * MEMORY * r + MEMORY};
    l.reach = at + 2 * MEMORY * r + 2 * MEMORY;
    l.scratch = l.reach + r;
    l.taken = l.scratch + r;
    memset(l.taken, 0, r * sizeof *l.taken);
    m->iterations = 0;
    l.states = matrix_free ? 0 : hessian_states(dual->n, r);
    int singular;
    maxent_error error = start(&l, rules, &singular);
    double rate = 1, last = INFINITY;
    for (size_t since = 0, stuck = 0, slow = 0; error == MAXENT_OK; since++) {
        double before = m->residual;
        mx_minimum_settle(m, piece, rules);
        if (m->iterations > 0 && before > 0) {
            rate = m->residual / before;
            slow += rate > 0.5 && l.states < dual->n && m->residual < 1e-3; /* a choice of states that serves badly is given up */
        }
        if (mx_minimum_report(dual, rules, m)) {
            m->ending = MX_ENDING_STOPPED;
            return MAXENT_OK;
        }
        size_t states = slow >= SLOW_STEPS ? dual->n : l.states;
        if (!singular && !matrix_free && m->residual > rules->tolerance && refresh_pays(&l, rules, rate, since, states)) {
            error = form(&l, states, in_single(&l), &singular);
            if (error != MAXENT_OK)
                return error;
            since = 0;
            mx_minimum_settle(m, piece, rules);
        }
        if (singular) {
            m->ending = MX_ENDING_ILL;
            return MAXENT_OK;
        }
        direction(&l);
        if (m->residual <= rules->tolerance) {
            error = mx_minimum_spread(dual, rules, m, m->step, &m->spread);
            m->ending = m->spread <= MX_SPREAD ? MX_ENDING_CONVERGED : MX_ENDING_DRIFTING;
            int on = m->spread <= MX_SPREAD && mx_minimum_goes_on(rules, m, &last);
            /* A matrix in single precision does not see the curvature left where states die out: the steps tell. */
            if (error == MAXENT_OK && !on && m->spread <= MX_SPREAD && l.longest > 0) {
                double spread;
                error = mx_minimum_spread(dual, rules, m, l.taken, &spread);
                m->ending = spread <= DYING ? MX_ENDING_CONVERGED : MX_ENDING_DRIFTING;
            }
            if (error != MAXENT_OK || !on)
                return error;
        }
        if (m->value < rules->floor - 1e-6 * (1 + fabs(rules->floor)) ||
            (!rules->patient && m->iterations >= PATIENCE * (matrix_free ? 10 : 1))) {
            m->ending = MX_ENDING_DRIFTING;
            return MAXENT_OK;
        }
        if (m->iterations >= rules->max_iterations || mx_seconds() > rules->deadline) {
            m->ending = MX_ENDING_LIMIT;
            return MAXENT_OK;
        }
        int moved;
        error = advance(&l, &moved);
        m->iterations++;
        stuck = moved ? 0 : stuck + 1;
        if (moved || error != MAXENT_OK)
            continue;
        if (m->residual <= rules->tolerance) { /* it was only for the last digits of p */
            m->ending = MX_ENDING_CONVERGED;
            return mx_dual_evaluate(dual, m->z, MX_WANT_GRADIENT, &m->log_partition, m->mean, NULL);
        }
        /* Not even downhill: forget what was learnt, then form the Hessian here with all digits, then give up. */
        if (stuck > 2) {
            m->ending = rules->patient ? MX_ENDING_LIMIT : MX_ENDING_DRIFTING;
            return error;
        }
        l.pairs.count = 0;
        error = mx_dual_evaluate(dual, m->z, MX_WANT_GRADIENT, &m->log_partition, m->mean, NULL); /* the last one was elsewhere */
        if (error == MAXENT_OK && !matrix_free && stuck > 1) {
            error = form(&l, dual->n, 0, &singular);
            since = (size_t)-1; /* the loop makes it 0 */
        }
    }
    return error;
}
