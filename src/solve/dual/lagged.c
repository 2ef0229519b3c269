/* Newton with a Hessian that is formed only when it pays.
 *
 * A pass for value and gradient reads the features once; forming the Hessian in it costs k/2 multiplications more for every feature
 * read, which for many facts is most of the work. So the Hessian is kept while it serves, in single precision, as the initial
 * matrix of a limited-memory BFGS recursion that learns the difference from the gradients seen since [1, algorithm 7.4], and formed
 * anew when the convergence it gives would cost more passes than it does. Matrix-free, the diagonal of the Hessian takes its place.
 *
 * The choice is made from counts of bytes and operations, not from clocks: the same problem takes the same path every time.
 *
 * A step is first tried whole, in one pass for value, gradient and scores. Where it overshoots, or stops well before the bottom, the
 * difference of the scores gives the dual all along it without reading a feature, exp(s_x + t q_x) for any t, so that the step is
 * taken to its very minimum for one pass more. While p is far from where it is going and rests on a handful of states, this takes the
 * place of a trust region, with a third of the Hessians. States that p knows nothing of yet get a curvature by (H + mu diag(v)) d =
 * -slope, where v are the variances over the start and mu is the least that makes the matrix regular.
 *
 * Of many states and few facts, a sample takes the place of the new Hessian: thinned.c finds the minimum on it, which gives the next
 * step and the Hessian there at once.
 *
 * [1] J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006.
 */
#include "solve/dual/minimise.h"

#include "base/dense.h"
#include "base/memory.h"
#include "solve/dual/along.h"
#include "solve/dual/kernels.h"
#include "solve/dual/pairs.h"
#include "solve/dual/thinned.h"

#include <math.h>
#include <string.h>

#define SLOW_STEPS 3
#define LATE 1e-5 /* residual from which on a Hessian in double precision paid, on problems that rest on one to three states */
#define CHEAP 0.6 /* passes that a Hessian may cost to be formed after every one */
#define MOST_FIRST 5 /* and to begin with one */
/* The first of many states is from one of so many blocks, if these are so many; the second pass, with the solution near by, forms it anew
 * from all. That saves a pass when the residual is no more than NEAR_BY, and more than so many tolerances. */
#define THIN 4
#define LEAST_BLOCKS 64
#define NEAR_BY 0.3
#define TOLERANCES 1e3
/* With one that costs more: far from the solution, above FAR, it is formed anew whenever that saves passes by what the last steps show;
 * nearer, each is given TRIAL_STEPS steps, and kept while the residual falls to less than SERVES of itself a pass: the next one would do
 * little better, because weights that have to fall by much fall by a factor of e a step with any Hessian. On seven problems of 300 to 1000
 * facts these values took 0.69 of the time that FAR = 0 does; it varied by 0.1 of it over FAR 0.05 to 0.2, TRIAL_STEPS 2 to 5, SERVES 0.5
 * to 0.7. */
#define FAR 0.1
#define TRIAL_STEPS 3
#define SERVES 0.6
#define GOOD_RATE 0.01
#define GOOD_RATE_OF_SOME 0.1
#define LEAST_MU 1e-13
#define LEAST_PIVOT 1e-10
#define STEEP 0.5 /* of the slope that a step began with: with more at its end, its length is worth a pass */
/* A step from a residual below this that changes the score of some state by more than DYING: the state dies out, unless a later one
 * changes all by less than SETTLED of that. A state that dies loses about 1 every step; where single precision hides its curvature,
 * less and less, as 1 / steps, while of facts that can be met the changes fall by a factor every step. */
#define ALREADY_SMALL 1e-6
#define DYING 0.1
#define AT_LAST 2e-7 /* residual from which on a Hessian that the end asks for is formed */
#define SETTLED 0.01
#define DEAD 27.0     /* logarithm of the largest p over one that no Hessian in single precision sees */
#define SEEN 35.0     /* and of one that is not followed */
#define PAUSE 2       /* Hessians formed after a sample that leads nowhere, before another is tried */
/* The next pass is expected to be the last when the residual, falling as before but by this at least, will be so many tolerances. */
#define LIKELY_RATE 0.3
#define LIKELY 10
#define PATIENCE 60    /* steps before the problem is asked whether it has an interior solution */

/* States for a Hessian: two a coordinate, and as many of those that p rests on as make it a hundred, for errors of a tenth; or what
 * costs a quarter of a pass if that is more. */
#define STATES_EACH 100
#define STATES_LEAST 2
#define STATES_OF_EFFECTIVE 8
#define SHARE 0.25

/* Nanoseconds a state: a pass, a Hessian in single precision; and the factorisation. On the machine where it was measured (2.6 GHz,
 * AVX-512); ratios vary little elsewhere. */
static double pass_time(size_t r) { return 5 + 0.4 * (double)r; }
static double hessian_time(size_t r) { return 20 + 0.0135 * (double)r * (double)r; }
#define IN_PASS 0.03 /* times r^2: a Hessian of all states in the pass itself */
static double factor_time(size_t r) { return 0.02 * (double)r * (double)r * (double)r; }

static size_t hessian_states(size_t n, size_t r, double effective)
{
    double each = fmin((STATES_EACH - STATES_LEAST) * (double)r, STATES_OF_EFFECTIVE * effective) + STATES_LEAST * (double)r;
    double states = fmax(each, SHARE * (double)n * pass_time(r) / hessian_time(r));
    return states < (double)n ? (size_t)states : n;
}

/* Passes that a Hessian costs. */
static double hessian_cost(size_t n, size_t r, size_t states)
{
    return ((double)states * hessian_time(r) + factor_time(r)) / ((double)n * pass_time(r));
}

typedef struct lagged {
    mx_dual *dual;
    const mx_piece *piece;
    mx_minimum *m;
    mx_pairs pairs;
    double *fresh;      /* [r] variances of a pass that is expected to be the last */
    double *work;       /* mx_cholesky_work */
    size_t states;      /* that a Hessian is made from */
    double *reach;      /* [r] variances at the start: the metric of the trust region */
    double longest;     /* step taken from a residual already small, in that metric, */
    double taken;       /* and the most by which it changed a log p, */
    double recent;      /* and by which the last step did */
    double mu;          /* of the matrix in use */
    double pivot;       /* the least of its pivots, relative to its diagonal */
    double formed_at;   /* the residual where it was formed */
    double since;       /* at most by so much has log p of a state in it changed since then; infinite: not followed */
    int early;          /* one has been formed early because the end asks for it */
    int costly;         /* a Hessian costs more than a pass: it is worth while to follow that */
    mx_thinned sample;
    int pause;          /* Hessians until a sample is tried again */
    int matrix_free;    /* never a Hessian */
    int diagonal;       /* the matrix in use is the diagonal of variances */
} lagged;

size_t mx_lagged_work(size_t r)
{
    return mx_pairs_size(r) + 2 * r + 8;
}

/* d := (L L^T)^-1 d, of the factor in the lower triangle: blocks of rows by the kernels, whatever the processor's vectors. */
static void solve_factor(size_t r, const double *L, double *d)
{
    enum { BLOCK = 64 };
    const mx_kernels *kernel = mx_kernels_get();
    size_t blocks = (r + BLOCK - 1) / BLOCK;
    for (size_t b = 0; b < blocks; b++) {
        size_t first = b * BLOCK, rows = r - first < BLOCK ? r - first : BLOCK;
        if (b > 0)
            kernel->score(L + first * r, r, rows, first, d, d + first);
        mx_solve_lower(rows, L + first * r + first, r, d + first);
    }
    for (size_t b = blocks; b-- > 0;) {
        size_t first = b * BLOCK, rows = r - first < BLOCK ? r - first : BLOCK;
        double minus[BLOCK];
        mx_solve_lower_transposed(rows, L + first * r + first, r, d + first);
        for (size_t y = 0; y < rows; y++)
            minus[y] = -d[first + y];
        if (b > 0)
            kernel->gradient(L + first * r, r, rows, first, minus, d);
    }
}

/* step := -B^-1 slope */
static void direction(lagged *l)
{
    const mx_pairs *p = &l->pairs;
    size_t r = p->r;
    double *d = l->m->step;
    for (size_t j = 0; j < r; j++)
        d[j] = -l->m->slope[j];
    mx_pairs_down(&l->pairs, d);
    if (!l->diagonal) {
        solve_factor(r, l->m->covariance, d);
    } else {
        double by = 1;
        if (p->count > 0) { /* the size of the last step's curvature, [1, eq. 7.20], in the metric of the diagonal */
            size_t last = mx_pairs_last(p);
            double yy = 0;
            for (size_t j = 0; j < r; j++)
                yy += p->y[last * r + j] * p->y[last * r + j] / l->m->variance[j];
            by = 1 / (p->inverse[last] * yy);
        }
        for (size_t j = 0; j < r; j++)
            d[j] *= by / l->m->variance[j];
    }
    mx_pairs_up(p, d);
    for (size_t j = 0; j < r; j++)
        if (mx_piece_watched(&l->piece[j]))
            d[j] = 0;
}

static double reach_of(const lagged *l, const double *d)
{
    double sum = 0;
    for (size_t j = 0; j < l->m->r; j++)
        sum += l->reach[j] * d[j] * d[j];
    return sqrt(sum);
}

/* Factors H + mu diag(v) in the lower triangle; H stays in the strict upper triangle and in `variance`. spoiled: it is no longer in the
 * lower one. Non-zero: singular. */
static int factor_with(lagged *l, double mu, int spoiled)
{
    mx_minimum *m = l->m;
    size_t r = m->r;
    if (spoiled)
        mx_mirror_upper(r, m->covariance, r);
    for (size_t j = 0; j < r; j++) {
        double diagonal = m->variance[j];
        if (l->piece[j].kind == MX_KIND_SOFT)
            diagonal += l->piece[j].sd * l->piece[j].sd;
        m->covariance[j * r + j] = mx_piece_watched(&l->piece[j]) ? 1 : diagonal + mu * l->reach[j];
    }
    if (mx_cholesky(r, m->covariance, r, m->threads, l->work) != 0)
        return 1;
    l->pivot = INFINITY;
    for (size_t j = 0; j < r; j++) {
        double pivot = m->covariance[j * r + j] * m->covariance[j * r + j] / (m->variance[j] + mu * l->reach[j]);
        if (!mx_piece_watched(&l->piece[j]) && !(pivot >= l->pivot)) /* NaN becomes the least */
            l->pivot = pivot;
    }
    return !(l->pivot > LEAST_PIVOT);
}

/* The covariance just formed becomes the matrix, with the least mu that makes it regular. Returns non-zero when none does: it is not
 * finite. */
static int factor(lagged *l)
{
    mx_minimum *m = l->m;
    size_t r = m->r;
    l->pairs.count = l->pairs.next = 0;
    l->diagonal = 0;
    for (size_t j = 0; j < r; j++) {
        m->variance[j] = fmax(m->covariance[j * r + j], 0);
        if (mx_piece_watched(&l->piece[j]))
            for (size_t i = 0; i < r; i++)
                m->covariance[i * r + j] = m->covariance[j * r + i] = 0;
    }
    mx_pieces_slope(r, l->piece, m->z, m->mean, m->slope);
    l->mu = l->mu > 10 * LEAST_MU ? 0.1 * l->mu : 0;
    for (int attempt = 0; attempt < 40; attempt++) {
        if (!factor_with(l, l->mu, attempt > 0))
            return 0;
        l->mu = l->mu == 0 ? LEAST_MU : 10 * l->mu;
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

/* The first matrix: a Hessian from some blocks in the pass itself where one of all costs about a pass; one of some states where that
 * costs a few; else the variances until the convergence shows that they will not do. */
mx_want mx_lagged_begins(mx_dual *dual)
{
    size_t n = dual->n, r = dual->r;
    dual->thin = 0;
    if (IN_PASS * (double)r * (double)r <= pass_time(r)) {
        dual->thin = n / dual->rows >= THIN * LEAST_BLOCKS ? THIN : 0;
        return MX_WANT_HESSIAN;
    }
    return hessian_cost(n, r, hessian_states(n, r, (double)n)) > MOST_FIRST ? MX_WANT_DIAGONAL : MX_WANT_GRADIENT;
}

/* Where p rests on few states, directions of small variance hang on small weights, which single precision does not see: the last
 * digits of the residual need a Hessian in double precision. It costs less there, because the other states are left out of it. */
static int in_single(const lagged *l)
{
    int few = l->dual->effective < 8 * (double)l->m->r;
    return !(few && l->m->residual < LATE);
}

/* Is the matrix in use regular at m->z too? No weight in it is less there than exp(-since) of what it was, or more than exp(since):
 * neither is a variance in any direction. (A state that was in it has been followed, unless it fell by more than SEEN - DEAD.) */
static int still_regular(const lagged *l)
{
    return l->mu == 0 && !l->diagonal && l->since < SEEN - DEAD && l->pivot * exp(-2 * l->since) > LEAST_PIVOT;
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
    l->since = l->costly ? 0 : INFINITY;
    m->judged = 0;
    return error;
}

/* The same of the covariance of a pass that has just been made. */
static int adopt(lagged *l)
{
    l->since = l->costly ? 0 : INFINITY;
    return factor(l);
}

/* The same by way of a sample, which also gives the next step. *found: 0: it does not. */
static maxent_error form_by_sample(lagged *l, const mx_rules *rules, int *found, int *singular)
{
    mx_minimum *m = l->m;
    maxent_error error = mx_thinned_step(&l->sample, l->dual, l->piece, rules, m, found);
    l->pause = *found ? 0 : PAUSE;
    if (error != MAXENT_OK || !*found)
        return error;
    *singular = factor(l);
    l->formed_at = m->residual;
    l->since = INFINITY;
    m->judged = 0;
    return MAXENT_OK;
}

static maxent_error start(lagged *l, const mx_rules *rules, int *singular)
{
    mx_minimum *m = l->m;
    maxent_error error = MAXENT_OK;
    *singular = 0;
    mx_want want = l->matrix_free ? MX_WANT_DIAGONAL : mx_lagged_begins(l->dual);
    l->diagonal = want == MX_WANT_DIAGONAL;
    if (!m->ready)
        error = mx_dual_evaluate(l->dual, m->z, want, &m->log_partition, m->mean, l->diagonal ? m->variance : m->covariance);
    if (error == MAXENT_OK && want == MX_WANT_GRADIENT)
        error = mx_dual_covariance(l->dual, m->log_partition, l->states, 1, m->covariance);
    for (size_t j = 0; error == MAXENT_OK && !l->diagonal && j < m->r; j++)
        m->variance[j] = fmax(m->covariance[j * m->r + j], 0);
    if (error != MAXENT_OK)
        return error;
    spoil_guard(m->variance, m->r);
    memcpy(l->reach, m->variance, m->r * sizeof *l->reach);
    if (!l->diagonal)
        *singular = factor(l);
    mx_minimum_settle(m, l->piece, rules);
    return MAXENT_OK;
}

/* z, mean, slope at z + length step, with their scores in dual->scores; m->z's are in dual->spare. want: DIAGONAL: and variances, in
 * l->fresh; HESSIAN: and the covariance, in the place of the matrix. *fine: the dual has fallen. */
static maxent_error attempt(lagged *l, double length, mx_want want, double before, double *log_partition, double *value, double *along,
                            int *fine)
{
    mx_minimum *m = l->m;
    size_t r = m->r, vector = (r + 8) / 8 * 8;
    double *z = m->trial, *mean = z + vector, *slope = mean + vector;
    for (size_t j = 0; j < r; j++)
        z[j] = m->z[j] + length * m->step[j];
    maxent_error error = mx_dual_evaluate(l->dual, z, want, log_partition, mean, want == MX_WANT_HESSIAN ? m->covariance : l->fresh);
    if (error != MAXENT_OK)
        return error;
    double noise = 4e-16 * (1 + fabs(m->value));
    *value = *log_partition + mx_pieces_value(r, l->piece, z);
    mx_pieces_slope(r, l->piece, z, mean, slope);
    *along = mx_dot(r, slope, m->step);
    int flat = fabs(before) < 1e-9 * (1 + fabs(m->value)); /* values cannot tell: the slopes do */
    *fine = isfinite(*value) && (*value <= m->value + 1e-4 * length * before + noise || (flat && fabs(*along) < 0.9 * fabs(before)));
    return MAXENT_OK;
}

/* One step from m->z along m->step; learn: from its slopes. want: of its end, see `attempt`; of the variances when it is expected to meet
 * the tolerance. *moved: 0: no fall seen. */
static maxent_error advance(lagged *l, int learn, mx_want want, int *moved)
{
    mx_minimum *m = l->m;
    size_t r = m->r, vector = (r + 8) / 8 * 8;
    double *z = m->trial, *mean = z + vector, *slope = mean + vector;
    double before = mx_dot(r, m->slope, m->step), length = 1, log_partition, value, along, *here = l->dual->scores;
    l->dual->scores = l->dual->spare;
    l->dual->spare = here;
    maxent_error error = attempt(l, length, want, before, &log_partition, &value, &along, moved);
    if (error == MAXENT_OK && (!*moved || (!l->diagonal && fabs(along) > STEEP * fabs(before))) && before < 0) {
        length = mx_best_length(l->dual, l->piece, m, length, value, along, before);
        error = length > 0 ? attempt(l, length, want, before, &log_partition, &value, &along, moved) : MAXENT_OK;
    }
    if (error != MAXENT_OK || !*moved || !(length > 0)) {
        *moved = 0;
        l->dual->spare = l->dual->scores;
        l->dual->scores = here;
        return error;
    }
    memcpy(m->z, z, r * sizeof *z);
    memcpy(m->mean, mean, r * sizeof *mean);
    m->judged = want == MX_WANT_DIAGONAL;
    if (m->judged) {
        memcpy(m->variance, l->fresh, r * sizeof *m->variance);
        if (l->diagonal)
            spoil_guard(m->variance, r);
    }
    double change = log_partition - m->log_partition;
    m->log_partition = log_partition;
    if (learn)
        mx_pairs_remember(&l->pairs, m->step, length, slope, m->slope);
    double reach = length * reach_of(l, m->step);
    l->since += isfinite(l->since) ? mx_dual_largest(l->dual, here, change, log_partition - SEEN) : 0;
    if (m->residual < ALREADY_SMALL && (reach > l->longest || l->taken > DYING)) {
        l->recent = mx_dual_largest(l->dual, here, change, -INFINITY);
        if (reach > l->longest)
            l->taken = l->recent;
        l->longest = fmax(reach, l->longest);
    }
    return MAXENT_OK;
}

/* Would a new Hessian pay? The residual falls by `rate` a pass now. */
static int refresh_pays(const lagged *l, const mx_rules *rules, double rate, size_t since, size_t states)
{
    const mx_minimum *m = l->m;
    if (since == 0)
        return 0;
    if (rate <= GOOD_RATE && hessian_cost(l->dual->n, m->r, states) < CHEAP)
        return 0;
    size_t heavy = mx_dual_heavy(l->dual, m->log_partition);
    double cost = hessian_cost(l->dual->n, m->r, heavy < states ? heavy : states);
    if (cost < CHEAP) /* what a choice of states leaves open is better learnt from the steps, once they are good */
        return rate > (heavy <= states ? GOOD_RATE : GOOD_RATE_OF_SOME);
    if (since < (l->diagonal ? 3 : 1))
        return 0;
    /* One bad step among good ones is no reason: from the third on, the average since the matrix was formed decides. */
    double average = pow(m->residual / l->formed_at, 1 / (double)since), pace = since >= 3 ? average : rate;
    double passes = log(rules->tolerance / m->residual) / log(fmin(fmax(pace, 1e-6), 0.98));
    if (!l->diagonal && m->residual <= FAR && (since < TRIAL_STEPS || average <= SERVES))
        return 0;
    return passes > 3 + cost;
}

/* Will a Hessian be asked for at the end in any case, and is p so near its own by now that it may as well be formed here? */
static int needed_at_last(lagged *l, size_t since)
{
    int now = since > 0 && l->costly && !l->early && l->m->residual < AT_LAST && !still_regular(l) && mx_dual_beyond(l->dual, DEAD);
    l->early |= now;
    return now;
}

static maxent_error run(lagged *l, const mx_rules *rules)
{
    mx_minimum *m = l->m;
    mx_dual *dual = l->dual;
    const int matrix_free = l->matrix_free;
    size_t r = m->r;
    l->pairs = mx_pairs_in(m->work, r);
    l->reach = m->work + mx_pairs_size(r);
    l->fresh = l->reach + r;
    l->costly = hessian_cost(dual->n, r, hessian_states(dual->n, r, 1)) > 1;
    m->iterations = 0;
    m->judged = 0;
    l->since = INFINITY;
    l->states = matrix_free ? 0 : hessian_states(dual->n, r, (double)dual->n);
    int singular;
    maxent_error error = start(l, rules, &singular);
    double rate = 1, last = INFINITY;
    for (size_t since = 0, stuck = 0, slow = 0; error == MAXENT_OK; since++) {
        double before = m->residual;
        mx_minimum_settle(m, l->piece, rules);
        if (since == 0)
            l->formed_at = m->residual;
        if (m->iterations > 0 && before > 0) {
            rate = m->residual / before;
            /* a choice of states that serves badly is given up */
            slow += since == 1 && rate > 0.5 && l->states < dual->n && m->residual < 1e-3;
        }
        if (mx_minimum_report(dual, rules, m)) {
            m->ending = MX_ENDING_STOPPED;
            return MAXENT_OK;
        }
        if (!matrix_free)
            l->states = hessian_states(dual->n, r, dual->effective);
        int by_sample = 0;
        size_t states = slow >= SLOW_STEPS ? dual->n : l->states;
        if (!singular && !matrix_free && m->residual > rules->tolerance &&
            (refresh_pays(l, rules, rate, since, states) || needed_at_last(l, since))) {
            if (l->sample.most > 0 && m->iterations > 0 && l->pause-- <= 0)
                error = form_by_sample(l, rules, &by_sample, &singular);
            if (error == MAXENT_OK && !by_sample)
                error = form(l, states, in_single(l), &singular);
            if (error != MAXENT_OK)
                return error;
            since = 0;
            mx_minimum_settle(m, l->piece, rules);
        }
        if (singular) {
            m->ending = MX_ENDING_ILL;
            return MAXENT_OK;
        }
        if (!by_sample)
            direction(l);
        if (m->residual <= rules->tolerance) {
            double spread = 0;
            error = mx_minimum_spread(dual, rules, m, m->step, &spread);
            /* States that have all but died leave no curvature to tell by: do the facts depend on each other without them? */
            m->dependent = error == MAXENT_OK && !matrix_free && mx_dual_beyond(dual, DEAD);
            if (m->dependent && still_regular(l)) {
                m->dependent = 0;
            } else if (m->dependent) {
                if (since > 0)
                    error = form(l, states, 1, &singular);
                m->dependent = l->mu > 0 || singular;
                since = error == MAXENT_OK && since > 0 ? 0 : since;
                direction(l);
            }
            /* A matrix in single precision does not see the curvature left where states die out: the steps tell-> */
            int dying = l->taken > DYING && l->recent > SETTLED * l->taken;
            m->ending = spread <= MX_SPREAD && !dying ? MX_ENDING_CONVERGED : MX_ENDING_DRIFTING;
            int on = error == MAXENT_OK && m->ending == MX_ENDING_CONVERGED && mx_minimum_goes_on(rules, m, &last);
            on |= error == MAXENT_OK && spread > MX_SPREAD && m->residual > ALREADY_SMALL; /* a loose tolerance: too early to tell */
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
        int moved, forms = m->iterations == 0 && dual->thin > 0 && m->residual > TOLERANCES * rules->tolerance;
        int likely = m->residual * fmin(rate, LIKELY_RATE) <= LIKELY * rules->tolerance;
        mx_want want = forms ? MX_WANT_HESSIAN : likely ? MX_WANT_DIAGONAL : MX_WANT_GRADIENT;
        dual->thin = 0;
        forms &= m->residual < NEAR_BY;
        error = advance(l, !by_sample && !forms, want, &moved); /* a matrix at the end of a step knows better than what was on the way */
        m->iterations++;
        stuck = moved ? 0 : stuck + 1;
        if (moved && forms && error == MAXENT_OK) {
            singular = adopt(l);
            since = (size_t)-1; /* the loop makes it 0 */
        }
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
        l->pairs.count = 0;
        error = mx_dual_evaluate(dual, m->z, MX_WANT_GRADIENT, &m->log_partition, m->mean, NULL); /* the last one was elsewhere */
        if (error == MAXENT_OK && !matrix_free && (stuck > 1 || forms)) {
            error = form(l, dual->n, 0, &singular);
            since = (size_t)-1; /* the loop makes it 0 */
        }
    }
    return error;
}

maxent_error mx_minimise_lagged(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m, int matrix_free)
{
    lagged l = {.dual = dual, .piece = piece, .m = m, .matrix_free = matrix_free};
    size_t needed = matrix_free ? 0 : mx_cholesky_work(m->r, m->threads);
    double *own = needed > dual->workers * dual->scratch_stride ? mx_alloc_aligned(needed, sizeof *own) : NULL;
    if (own == NULL && needed > dual->workers * dual->scratch_stride)
        return MAXENT_ERROR_MEMORY;
    l.work = own != NULL ? own : dual->scratch; /* of passes, between which it is idle */
    maxent_error error = matrix_free ? MAXENT_OK : mx_thinned_open(&l.sample, dual);
    if (error == MAXENT_OK)
        error = run(&l, rules);
    mx_thinned_close(&l.sample);
    mx_free(own);
    return error;
}
