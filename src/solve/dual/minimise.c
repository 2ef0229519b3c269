/* Damped Newton on the dual.
 *
 *     d = argmin of the quadratic model (pieces.h),    z <- z + t d,    D(z + t d) <= D(z) + t delta / 10^4,
 *
 * where delta < 0 is the fall that the model's slope predicts. Every trial forms value, gradient and Hessian in its one pass, so
 * an accepted step needs no other. The dual is convex and smooth but for kinks that the model knows, so the full step is taken near
 * the minimum and the convergence is quadratic; far from it, a step that overshoots is shortened by the secant of the slopes at
 * its ends, and one along which the dual still falls as steeply as at its beginning is lengthened.
 *
 * When to stop. The residual judges the facts; it is not enough: on the edge of the feasible targets the multipliers run
 * to infinity while the residual falls below any tolerance. There every Newton step goes on to change the score of the states that
 * are dying out by about 1, so convergence also asks that the step changes no state's score by more than MX_SPREAD. And where |tau| is
 * large beside the deviations, or the facts are all but dependent, a residual met in the user's units leaves p in doubt: steps go on
 * until they change no p by more than `settled`, or rounding lets them gain no more.
 */
#define _POSIX_C_SOURCE 200809L
#include "solve/dual/minimise.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* The first step may change the score of a state by so much, each later one by twice as much while that is what holds it back:
 * the quadratic model of a log-sum-exp knows nothing of states whose probability is exp(-20) now. */
#define REACH 20.0
#define IDLE 40
#define IMPATIENCE 30 /* iterations after which a problem is asked whether it has an interior solution */

maxent_error mx_minimum_open(mx_minimum *minimum, size_t r, int threads, int method)
{
    memset(minimum, 0, sizeof *minimum);
    minimum->r = r;
    minimum->threads = threads;
    minimum->lagged = method != 0;
    size_t vector = (r + 8) / 8 * 8, square = method == 2 ? 0 : (r * r + 7) / 8 * 8;
    size_t work = method == 0 ? mx_direction_work(r, threads) : mx_lagged_work(r);
    double *memory = mx_alloc_aligned(8 * vector + square + work, sizeof *memory);
    if (memory == NULL)
        return MAXENT_ERROR_MEMORY;
    memset(memory, 0, 8 * vector * sizeof *memory);
    minimum->z = memory;
    minimum->mean = memory + vector;
    minimum->slope = memory + 2 * vector;
    minimum->step = memory + 3 * vector;
    minimum->variance = memory + 4 * vector;
    minimum->trial = memory + 5 * vector;
    minimum->covariance = memory + 8 * vector;
    minimum->work = minimum->covariance + square;
    return MAXENT_OK;
}

void mx_minimum_close(mx_minimum *minimum)
{
    mx_free(minimum->z);
    memset(minimum, 0, sizeof *minimum);
}

/* max_j |slope_j| / max(reference_j, sd_j). A fact whose feature no longer varies is judged by its reference alone. */
static double residual_of(const mx_minimum *m, const mx_rules *rules)
{
    double worst = 0;
    for (size_t j = 0; j < m->r; j++) {
        double scale = sqrt(fmax(m->variance[j], 0));
        if (rules->reference != NULL)
            scale = fmax(scale, rules->reference[j]);
        double part = m->slope[j] == 0 ? 0 : fabs(m->slope[j]) / scale;
        if (!(part <= worst)) /* NaN counts as worst */
            worst = part;
    }
    return worst;
}

void mx_minimum_settle(mx_minimum *m, const mx_piece *piece, const mx_rules *rules)
{
    for (size_t j = 0; !m->lagged && j < m->r; j++)
        m->variance[j] = m->covariance[j * m->r + j];
    m->value = m->log_partition + mx_pieces_value(m->r, piece, m->z);
    mx_pieces_slope(m->r, piece, m->z, m->mean, m->slope);
    m->residual = residual_of(m, rules);
}

maxent_error mx_minimum_spread(mx_dual *dual, const mx_rules *rules, mx_minimum *m, const double *step, double *spread)
{
    double mean = mx_dot(m->r, step, m->mean);
    m->separates = 0;
    if (rules->range != NULL) { /* a bound that needs no pass */
        *spread = 0;
        for (size_t j = 0; j < m->r; j++)
            *spread += fabs(step[j]) * fmax(m->mean[j] - rules->range[j], rules->range[m->r + j] - m->mean[j]);
        m->doubt = *spread;
        m->separates = fabs(mean) > *spread;
        if (m->separates || *spread <= (rules->settled > 0 ? rules->settled : MX_SPREAD))
            return MAXENT_OK;
    }
    double change[2] = {0, 0};
    maxent_error error = mx_dual_change(dual, m->z, step, mean, change);
    *spread = change[0];
    m->doubt = change[1];
    m->separates = error == MAXENT_OK && fabs(mean) > *spread;
    return error;
}

int mx_minimum_goes_on(const mx_rules *rules, const mx_minimum *m, double *last)
{
    int on = m->doubt > rules->settled && rules->settled > 0 && m->doubt < 0.5 * *last;
    *last = m->doubt;
    return on;
}

typedef struct trial {
    double *z, *mean, *slope;
    double log_partition, value;
} trial;

/* z + length step. What the model puts at a kink lands on it, and nothing crosses where a bound is infinite. */
static void land(const mx_minimum *m, const mx_piece *piece, double length, double *z)
{
    for (size_t j = 0; j < m->r; j++) {
        z[j] = m->z[j] + length * m->step[j];
        if (piece[j].kind == MX_KIND_BOX &&
            ((length == 1 && fabs(z[j]) <= 4e-16 * (fabs(m->z[j]) + fabs(m->step[j]))) ||
             (z[j] > 0 && isinf(piece[j].upper)) || (z[j] < 0 && isinf(piece[j].lower))))
            z[j] = 0;
    }
}

static maxent_error try_step(mx_dual *dual, const mx_piece *piece, mx_minimum *m, double length, mx_want want, trial *t,
                             double *along)
{
    size_t r = m->r;
    land(m, piece, length, t->z);
    maxent_error error = mx_dual_evaluate(dual, t->z, want, &t->log_partition, t->mean, m->covariance);
    if (error != MAXENT_OK)
        return error;
    t->value = t->log_partition + mx_pieces_value(r, piece, t->z);
    mx_pieces_slope(r, piece, t->z, t->mean, t->slope);
    *along = mx_dot(r, t->slope, m->step);
    if (!isfinite(t->value) || !isfinite(*along))
        t->value = INFINITY;
    return MAXENT_OK;
}

static void take(mx_minimum *m, const trial *t)
{
    memcpy(m->z, t->z, m->r * sizeof *m->z);
    memcpy(m->mean, t->mean, m->r * sizeof *m->mean);
    m->log_partition = t->log_partition;
}

/* Moves along m->step, first by `length` of it. *moved: 0 when no length gives a fall that doubles can see. */
static maxent_error search(mx_dual *dual, const mx_piece *piece, mx_minimum *m, double length, double spread, double delta, trial *t,
                           int *moved)
{
    double before = mx_dot(m->r, m->slope, m->step), noise = 4e-16 * (1 + fabs(m->value));
    double along, start = m->value;
    *moved = 0;
    for (int attempt = 0; attempt < 60; attempt++) {
        maxent_error error = try_step(dual, piece, m, length, MX_WANT_HESSIAN, t, &along);
        if (error != MAXENT_OK)
            return error;
        /* Enough of a fall, and not so far beyond the bottom that the way back is as steep. */
        /* Values cannot tell: the slopes do, for a step that changes no state much. */
        int flat = fabs(before) < 1e-9 * (1 + fabs(start)) && length * spread < 2;
        if ((t->value <= start + 1e-4 * length * delta + noise && (along <= -0.9 * before || fabs(before) < 1e-12)) ||
            (flat && isfinite(t->value) && fabs(along) < 0.9 * fabs(before))) {
            *moved = 1;
            break;
        }
        double secant = along > 0 && isfinite(along) ? length * before / (before - along) : 0.1 * length;
        length = fmin(fmax(secant, 0.02 * length), 0.6 * length);
    }
    if (!*moved)
        return MAXENT_OK;
    /* Still falling as steeply as at the start: the quadratic model is too timid here. */
    for (int attempt = 0; attempt < 40 && along < 0.6 * before && -along > 1e-8; attempt++) {
        double last = t->value;
        take(m, t);
        maxent_error error = try_step(dual, piece, m, length, MX_WANT_HESSIAN, t, &along);
        if (error != MAXENT_OK)
            return error;
        if (!(t->value < last) || along > -0.9 * before) { /* too far: back to the last point, whose Hessian has to be formed again */
            return mx_dual_evaluate(dual, m->z, MX_WANT_HESSIAN, &m->log_partition, m->mean, m->covariance);
        }
        length *= 2;
    }
    take(m, t);
    return MAXENT_OK;
}

int mx_minimum_report(const mx_dual *dual, const mx_rules *rules, const mx_minimum *m)
{
    if (rules->progress == NULL)
        return 0;
    maxent_progress progress = {rules->iterations_before + m->iterations, rules->evaluations_before + dual->evaluations, m->value,
                                m->residual, mx_seconds() - rules->started};
    return rules->progress(rules->progress_user, &progress);
}

/* Full steps while they still improve the residual: to the limit of double precision. */
static maxent_error polish(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m, trial *t)
{
    for (int round = 0; round < 4 && m->residual > 0; round++) {
        double along, before = m->residual;
        maxent_error error = try_step(dual, piece, m, 1, MX_WANT_HESSIAN, t, &along);
        if (error != MAXENT_OK)
            return error;
        mx_minimum next = *m;
        next.z = t->z;
        next.mean = t->mean;
        next.slope = t->slope;
        next.log_partition = t->log_partition;
        mx_minimum_settle(&next, piece, rules);
        if (!(next.residual < before))
            break;
        take(m, t);
        mx_minimum_settle(m, piece, rules);
        m->iterations++;
        if (next.residual > 0.25 * before)
            break;
        mx_direction(m->r, piece, m->z, m->mean, m->covariance, m->threads, m->step, m->work);
    }
    return MAXENT_OK;
}

maxent_error mx_minimise(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m)
{
    size_t r = m->r;
    size_t vector = (r + 8) / 8 * 8;
    trial t = {m->trial, m->trial + vector, m->trial + 2 * vector, 0, 0};
    m->iterations = 0;
    double reach = REACH, best = INFINITY, last = INFINITY;
    size_t idle = 0; /* iterations since the residual last fell */
    maxent_error error = MAXENT_OK;
    if (!m->ready)
        error = mx_dual_evaluate(dual, m->z, MX_WANT_HESSIAN, &m->log_partition, m->mean, m->covariance);
    if (error != MAXENT_OK)
        return error;
    for (;;) {
        mx_minimum_settle(m, piece, rules);
        if (mx_minimum_report(dual, rules, m)) {
            m->ending = MX_ENDING_STOPPED;
            return MAXENT_OK;
        }
        if (r == 0) {
            m->ending = MX_ENDING_CONVERGED;
            return MAXENT_OK;
        }
        double pivot = mx_direction(r, piece, m->z, m->mean, m->covariance, m->threads, m->step, m->work);
        land(m, piece, 1, t.z);
        double delta = -mx_dot(r, m->mean, m->step) + mx_pieces_value(r, piece, t.z) - mx_pieces_value(r, piece, m->z);

        idle = m->residual < 0.9 * best ? 0 : idle + 1;
        best = fmin(best, m->residual);
        if (rules->patient && idle >= IDLE) { /* an interior optimum, and doubles can tell no more of it */
            m->ending = m->residual <= rules->tolerance ? MX_ENDING_CONVERGED : MX_ENDING_LIMIT;
            return MAXENT_OK;
        }
        double spread;
        if (m->residual <= rules->tolerance) {
            error = mx_minimum_spread(dual, rules, m, m->step, &spread);
            if (error != MAXENT_OK)
                return error;
            if (spread <= MX_SPREAD && !mx_minimum_goes_on(rules, m, &last)) {
                m->ending = MX_ENDING_CONVERGED;
                return rules->polish ? polish(dual, piece, rules, m, &t) : MAXENT_OK;
            }
            if (spread > MX_SPREAD && !rules->patient) {
                m->ending = MX_ENDING_DRIFTING;
                return MAXENT_OK;
            }
        }
        size_t patience = rules->impatience > 0 ? rules->impatience : IMPATIENCE;
        if (m->value < rules->floor - 1e-6 * (1 + fabs(rules->floor)) || (!rules->patient && m->iterations >= patience)) {
            m->ending = MX_ENDING_DRIFTING;
            return MAXENT_OK;
        }
        if (pivot < rules->least_pivot) {
            m->ending = MX_ENDING_ILL;
            return MAXENT_OK;
        }
        if (m->iterations >= rules->max_iterations || mx_seconds() > rules->deadline) {
            m->ending = MX_ENDING_LIMIT;
            return MAXENT_OK;
        }
        int moved;
        error = mx_minimum_spread(dual, rules, m, m->step, &spread);
        if (error == MAXENT_OK)
            error = search(dual, piece, m, spread > reach ? reach / spread : 1, spread, delta, &t, &moved);
        if (error != MAXENT_OK)
            return error;
        m->iterations++;
        reach = spread > reach ? 2 * reach : fmax(REACH, 4 * spread);
        if (!moved) { /* rounding hides any further fall: the point is as good as doubles can tell */
            error = mx_dual_evaluate(dual, m->z, MX_WANT_HESSIAN, &m->log_partition, m->mean, m->covariance);
            if (error != MAXENT_OK)
                return error;
            mx_minimum_settle(m, piece, rules);
            m->ending = rules->patient ? MX_ENDING_LIMIT : MX_ENDING_DRIFTING;
            if (m->residual <= rules->tolerance && last <= MX_SPREAD)
                m->ending = MX_ENDING_CONVERGED;
            if (!rules->patient || !rules->polish)
                return MAXENT_OK;
            mx_direction(r, piece, m->z, m->mean, m->covariance, m->threads, m->step, m->work);
            return polish(dual, piece, rules, m, &t);
        }
    }
}
