/* Large problems: nothing of the size of the features is stored, they are read from the user's array (or computed) in every pass.
 *
 * The working coordinates are the facts themselves, centred on their targets and scaled by a power of two; conditioning is the
 * business of the Newton step, which is invariant to it, until the covariance is singular to rounding. Then, and when the
 * multipliers run away, the problem goes the exact way if it is small enough for that.
 */
#include "solve/finite/stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/finite/face.h"
#include "solve/verdict.h"

#include <math.h>
#include <string.h>

/* The most that the exact way is given: 30 million features (2 GB), 2e10 operations of Gram-Schmidt in double-double. */
#define HARD_FEATURES 3e7
#define HARD_WORK 1.5e9
/* A Hessian of more facts than this costs more than it saves. */
#define MOST_HESSIAN 6000
#define SAMPLE 64
/* Below this relative pivot of the covariance the facts are too nearly dependent for coordinates that are the facts themselves. */
#define LEAST_PIVOT 1e-10
/* By so much of itself, of its last step, a probability of a solved problem may be in doubt when there is no better way. */
#define MOST_DOUBT 1e-7
/* Telling it takes so many times as long as the first pass. */
#define TELLING 2
/* A center of so many mean deviations costs two of the sixteen digits of the scores when the features are used as they stand. */
#define MOST_CENTER 64

static double reference_of(const mx_fact *fact)
{
    return isfinite(fact->lower) ? fact->lower : isfinite(fact->upper) ? fact->upper : 0;
}

/* Scales from a sample of states spread over the support; and are the centers small enough to use the features as they stand? */
static maxent_error choose_scales(mx_stream *s)
{
    const maxent_problem *problem = s->run->problem;
    double *row = mx_zalloc(2 * s->k, sizeof *row), *deviation = row + s->k;
    if (row == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = MAXENT_OK;
    for (size_t i = 0; i < s->k; i++) {
        s->center[i] = reference_of(&problem->fact[i]);
        s->scale[i] = 0;
    }
    s->direct = 1;
    size_t count = s->n < SAMPLE ? s->n : SAMPLE;
    for (size_t a = 0; a < count; a++) {
        if (mx_features_block(problem, s->n / count * a, 1, row) != 0) {
            error = MAXENT_ERROR_CALLBACK;
            break;
        }
        for (size_t i = 0; i < s->k; i++)
            if (isfinite(row[i])) {
                deviation[i] += fabs(row[i] - s->center[i]) / (double)count;
                s->scale[i] = fmax(s->scale[i], fabs(row[i] - s->center[i]));
            }
    }
    for (size_t i = 0; i < s->k; i++) {
        s->direct &= fabs(s->center[i]) <= MOST_CENTER * deviation[i] && deviation[i] < 1e100 && deviation[i] > 1e-100;
        int exponent = 0;
        if (s->scale[i] > 0 && isfinite(s->scale[i]))
            frexp(s->scale[i], &exponent);
        s->scale[i] = ldexp(1, -exponent < 1000 ? -exponent + 1 : 1000);
    }
    mx_free(row);
    return error;
}

static void set_pieces(mx_stream *s)
{
    for (size_t i = 0; i < s->k; i++) {
        const mx_fact *fact = &s->run->problem->fact[i];
        mx_piece *piece = &s->piece[i];
        piece->lower = (fact->lower - s->center[i]) * s->scale[i];
        piece->upper = (fact->upper - s->center[i]) * s->scale[i];
        piece->sd = fact->sd * s->scale[i];
        piece->kind = fact->lower == fact->upper ? MX_KIND_EQUAL : MX_KIND_BOX;
        if (piece->sd > 1e-30) /* as in the exact way: a smaller one is none, a larger than 1e30 pulls at nothing */
            piece->kind = piece->sd > 1e30 ? MX_KIND_WATCH : MX_KIND_SOFT;
        if (piece->kind == MX_KIND_WATCH) {
            piece->lower = -INFINITY;
            piece->upper = INFINITY;
            piece->kind = MX_KIND_BOX;
        }
        s->reference[i] = fabs(s->center[i]) * s->scale[i];
    }
}

static maxent_error open_stream(mx_stream *s)
{
    const maxent_problem *problem = s->run->problem;
    s->n = problem->n;
    s->k = problem->k;
    s->piece = mx_zalloc(s->k, sizeof *s->piece);
    s->center = mx_alloc(s->k, sizeof *s->center);
    s->scale = mx_alloc(s->k, sizeof *s->scale);
    s->reference = mx_alloc(s->k, sizeof *s->reference);
    s->range = mx_alloc(s->k, 2 * sizeof *s->range);
    if (s->piece == NULL || s->center == NULL || s->scale == NULL || s->reference == NULL || s->range == NULL)
        return MAXENT_ERROR_MEMORY;
    s->positive = s->n;
    if (problem->q != NULL) {
        s->logq = mx_alloc(s->n, sizeof *s->logq);
        if (s->logq == NULL)
            return MAXENT_ERROR_MEMORY;
        for (size_t x = 0; x < s->n; x++) {
            if (mx_watch_due(x, x + 1) && mx_watch_over(&s->watch, 1))
                return MAXENT_ERROR_STOPPED;
            s->logq[x] = problem->q[x] > 0 ? log(problem->q[x]) : -INFINITY;
            s->positive -= !(problem->q[x] > 0);
        }
    }
    maxent_error error = choose_scales(s);
    if (error == MAXENT_OK)
        set_pieces(s);
    return error;
}

static void close_dual(mx_stream *s)
{
    s->iterations += s->minimum.iterations;
    s->evaluations += s->dual.evaluations;
    mx_minimum_close(&s->minimum);
    mx_dual_close(&s->dual);
    s->dual.evaluations = 0;
}

static void close_stream(mx_stream *s)
{
    close_dual(s);
    mx_free(s->piece);
    mx_free(s->center);
    mx_free(s->scale);
    mx_free(s->reference);
    mx_free(s->range);
    mx_free(s->logq);
    mx_free(s->spare);
}

/* 0: the exact model; 1: lagged; 2: lagged and matrix-free. */
static int choose_method(const mx_stream *s)
{
    int boxes = 0;
    for (size_t i = 0; i < s->k; i++)
        boxes |= s->piece[i].kind == MX_KIND_BOX && (isfinite(s->piece[i].lower) || isfinite(s->piece[i].upper));
    if (s->k > MOST_HESSIAN && !boxes)
        return 2;
    return boxes || s->k < 8 ? 0 : 1;
}

/* Room for the scores that the lagged method works on; probabilities are not wanted at the same time. */
static maxent_error keep_scores(mx_stream *s)
{
    maxent_result *result = s->run->result;
    result->p = result->p != NULL ? result->p : mx_alloc(s->n, sizeof *result->p);
    s->spare = s->spare != NULL ? s->spare : mx_alloc(s->n, sizeof *s->spare);
    s->dual.scores = result->p;
    s->dual.spare = s->spare;
    return result->p == NULL || s->spare == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

/* A first pass at the start: the ranges of all features, whether they are finite, and what the method needs. */
static maxent_error first_pass(mx_stream *s, int method)
{
    s->dual = (mx_dual){.n = s->n, .r = s->k, .problem = s->run->problem, .center = s->center, .scale = s->scale, .direct = s->direct,
                        .logq = s->logq, .threads = s->run->threads, .watch = &s->watch, .range = s->range};
    s->known = 0;
    maxent_error error = mx_dual_open(&s->dual, method != 2);
    if (error == MAXENT_OK)
        error = mx_minimum_open(&s->minimum, s->k, s->run->threads, method);
    if (error != MAXENT_OK)
        return error;
    if (method != 0 && (error = keep_scores(s)) != MAXENT_OK)
        return error;
    mx_minimum *m = &s->minimum;
    for (size_t i = 0; s->run->options->warm != NULL && i < s->k; i++)
        m->z[i] = s->run->options->warm[i] / s->scale[i];
    double before = mx_seconds();
    mx_want want = method == 0 ? MX_WANT_HESSIAN : method == 1 ? mx_lagged_begins(&s->dual) : MX_WANT_DIAGONAL;
    error = mx_dual_evaluate(&s->dual, m->z, want, &m->log_partition, m->mean,
                             want == MX_WANT_DIAGONAL ? m->variance : m->covariance);
    s->dual.range = NULL;
    m->ready = 1;
    s->pass = mx_seconds() - before;
    s->known = error == MAXENT_OK;
    return error;
}

/* *finite: the feature is, but its distance from the target is not. */
static maxent_error not_finite(mx_stream *s, int *finite)
{
    double *row = mx_alloc(s->k, sizeof *row);
    if (row == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = MAXENT_ERROR_CALLBACK;
    *finite = 0;
    if (mx_features_block(s->run->problem, s->dual.bad_state, 1, row) == 0)
        *finite = isfinite(row[s->dual.bad_feature]) != 0;
    else
        s->dual.bad_state = SIZE_MAX;
    if (s->dual.bad_state != SIZE_MAX)
        error = mx_not_finite(s->run->problem, s->dual.bad_feature, s->dual.bad_state, row[s->dual.bad_feature], s->run->diagnostic);
    mx_free(row);
    return error;
}

static maxent_error open_prior(mx_stream *s)
{
    if (s->logq == NULL)
        s->logq = mx_zalloc(s->n, sizeof *s->logq);
    return s->logq == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

/* Facts at the very edge of their feature's range: the states that are not there are ruled out. Returns the number ruled out;
 * *missed: a fact beyond its range, or SIZE_MAX. */
static maxent_error rule_out(mx_stream *s, size_t *out, size_t *missed, int *unclear)
{
    enum { BLOCK = 256 };
    const maxent_problem *problem = s->run->problem;
    *out = 0;
    *missed = SIZE_MAX;
    int *edge = mx_zalloc(s->k, sizeof *edge), any = 0;
    double *block = mx_alloc(BLOCK, s->k * sizeof *block);
    maxent_error error = edge == NULL || block == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t i = 0; i < s->k && error == MAXENT_OK; i++) {
        if (s->piece[i].kind == MX_KIND_SOFT)
            continue;
        double low = s->range[i], high = s->range[s->k + i];
        double beyond = fmax(low - s->piece[i].upper, s->piece[i].lower - high);
        if (beyond > 0 && beyond > 0x1p-50 * (fabs(low) + fabs(high) + s->reference[i]))
            *missed = i;
        else if (beyond > 0)
            *unclear = 1; /* by no more than rounding */
        edge[i] = low == high ? 0 : low == s->piece[i].upper ? 1 : high == s->piece[i].lower ? 2 : 0;
        any |= edge[i];
    }
    if (any && error == MAXENT_OK && *missed == SIZE_MAX)
        error = open_prior(s);
    if (any && error == MAXENT_OK && *missed == SIZE_MAX && s->run->result->direction == NULL) {
        double *direction = mx_alloc(s->k, sizeof *direction);
        error = direction == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        for (size_t i = 0; i < s->k && error == MAXENT_OK; i++)
            direction[i] = edge[i] == 1 ? 1 : edge[i] == 2 ? -1 : 0;
        s->run->result->direction = direction;
    }
    for (size_t first = 0; any && first < s->n && error == MAXENT_OK && *missed == SIZE_MAX; first += BLOCK) {
        size_t m = s->n - first < BLOCK ? s->n - first : BLOCK;
        if (mx_watch_due(first * s->k, (first + m) * s->k) && mx_watch_over(&s->watch, 1))
            error = MAXENT_ERROR_STOPPED;
        else if (mx_features_block(problem, first, m, block) != 0)
            error = MAXENT_ERROR_CALLBACK;
        for (size_t x = 0; x < m && error == MAXENT_OK; x++)
            for (size_t i = 0; i < s->k && s->logq[first + x] > -INFINITY; i++) {
                double value = block[x * s->k + i];
                if ((edge[i] == 1 && value > problem->fact[i].upper) || (edge[i] == 2 && value < problem->fact[i].lower)) {
                    s->logq[first + x] = -INFINITY;
                    ++*out;
                }
            }
    }
    s->dead += *out;
    mx_free(edge);
    mx_free(block);
    return error;
}

static maxent_error infeasible(mx_stream *s, const double *direction)
{
    maxent_result *result = s->run->result;
    if (result->direction == NULL)
        result->direction = mx_alloc(s->k, sizeof *result->direction);
    if (result->direction == NULL)
        return MAXENT_ERROR_MEMORY;
    memcpy(result->direction, direction, s->k * sizeof *direction);
    result->verdict = MAXENT_INFEASIBLE;
    return mx_explain_infeasible(s->run);
}

/* Do the multipliers, or the last step, separate the targets from all states? Then *done. */
static maxent_error try_certificates(mx_stream *s, int *done)
{
    const double *candidate[] = {s->minimum.z, s->minimum.step};
    double *direction = mx_alloc(s->k, sizeof *direction);
    maxent_error error = direction == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    *done = 0;
    for (int c = 0; c < 2 && error == MAXENT_OK && !*done; c++) {
        double extent[2], needed = 0;
        size_t where[2];
        for (size_t i = 0; i < s->k; i++) {
            double z = s->piece[i].kind == MX_KIND_SOFT ? 0 : candidate[c][i];
            direction[i] = z;
            if (s->piece[i].kind == MX_KIND_BOX && z != 0)
                needed += z * (z > 0 ? s->piece[i].upper : s->piece[i].lower);
        }
        error = mx_dual_extent(&s->dual, direction, extent, where);
        if (error == MAXENT_OK && isfinite(needed) && extent[0] > needed) {
            for (size_t i = 0; i < s->k; i++)
                direction[i] *= s->scale[i];
            error = infeasible(s, direction);
            *done = error != MAXENT_OK || s->run->result->verdict == MAXENT_INFEASIBLE;
            if (!*done) { /* by rounding alone: nothing is said */
                s->run->result->message[0] = '\0';
                mx_free(s->run->result->direction);
                s->run->result->direction = NULL;
            }
        }
    }
    mx_free(direction);
    return error;
}

static maxent_error finish(mx_stream *s, maxent_verdict verdict)
{
    s->run->result->verdict = verdict;
    return MAXENT_OK;
}

static maxent_error minimise(mx_stream *s, mx_rules *rules, int method)
{
    rules->deadline = s->run->deadline - TELLING * s->pass;
    mx_stream_watch(s, rules->deadline);
    return method == 0 ? mx_minimise(&s->dual, s->piece, rules, &s->minimum)
                       : mx_minimise_lagged(&s->dual, s->piece, rules, &s->minimum, method == 2);
}

/* The facts are met while some states go on dying: those that a combination of equalities rules out. */
static maxent_error rule_out_combined(mx_stream *s, int method, size_t *out)
{
    mx_minimum *m = &s->minimum;
    maxent_result *result = s->run->result;
    *out = 0;
    if (method == 2)
        return MAXENT_OK;
    maxent_error error = method == 1 ? mx_dual_covariance(&s->dual, m->log_partition, s->n, 0, m->covariance) : MAXENT_OK;
    double *direction = mx_zalloc(s->k, sizeof *direction);
    if (error == MAXENT_OK)
        error = direction == NULL ? MAXENT_ERROR_MEMORY : open_prior(s);
    if (error == MAXENT_OK)
        error = mx_find_face(s->run->problem, m->covariance, s->scale, s->run->threads, &s->watch, s->logq, direction, out);
    s->dead += *out;
    if (*out > 0 && result->direction == NULL) {
        result->direction = direction;
        direction = NULL;
    }
    mx_free(direction);
    return error;
}

/* What the caller is told within a pass is what he was told before it. */
static int report(void *user, const maxent_progress *progress)
{
    mx_run *run = user;
    run->seen = *progress;
    run->stopped |= run->options->progress(run->options->progress_user, progress) != 0;
    return run->stopped;
}

/* Steps go on until they change p by no more than this of itself. */
static double settled_at(const mx_rules *rules)
{
    return fmin(fmax(1e-10, 1000 * (rules->tolerance - 1e-12)), MX_SPREAD);
}

static maxent_error solve(mx_stream *s, int *hard)
{
    double features = (double)s->n * (double)s->k;
    int affordable = features <= HARD_FEATURES && features * (double)s->k <= HARD_WORK;
    int method = choose_method(s), retried = 0;
    maxent_error error = first_pass(s, method);
    if (error == MAXENT_ERROR_VALUE) {
        error = not_finite(s, hard);
        *hard &= affordable && error == MAXENT_ERROR_VALUE;
        return *hard ? MAXENT_OK : error;
    }
    int unclear = 0;
    for (size_t out, missed; error == MAXENT_OK;) { /* faces that single facts force, until none does */
        error = rule_out(s, &out, &missed, &unclear);
        if (error == MAXENT_OK && missed != SIZE_MAX) {
            memset(s->minimum.step, 0, s->k * sizeof(double));
            s->minimum.step[missed] = s->range[missed] > s->piece[missed].upper ? 1 : -1;
            return infeasible(s, s->minimum.step);
        }
        if (error != MAXENT_OK || (out == 0 && !(unclear && affordable)))
            break;
        if (affordable) {
            *hard = 1;
            return MAXENT_OK;
        }
        close_dual(s);
        error = first_pass(s, method);
    }
    mx_rules rules = mx_run_rules(s->run);
    rules.progress = rules.progress != NULL ? report : NULL;
    rules.progress_user = s->run;
    rules.reference = s->reference;
    rules.range = s->range;
    rules.settled = settled_at(&rules);
    rules.least_pivot = affordable && method == 0 ? LEAST_PIVOT : 0;
    while (error == MAXENT_OK) {
        rules.iterations_before = s->iterations;
        rules.evaluations_before = s->evaluations;
        error = minimise(s, &rules, method);
        if (error != MAXENT_OK)
            break;
        mx_ending ending = s->minimum.ending;
        if (ending == MX_ENDING_CONVERGED && s->minimum.separates) { /* by less than the tolerance, which is no reason to agree */
            int done;
            error = try_certificates(s, &done);
            if (error != MAXENT_OK || done)
                return error;
        }
        if (ending == MX_ENDING_CONVERGED && s->minimum.dependent) {
            size_t out;
            error = rule_out_combined(s, method, &out);
            if (error != MAXENT_OK || (out == 0 && affordable))
                break;
            if (out > 0) {
                close_dual(s);
                error = first_pass(s, method);
                continue;
            }
            error = mx_stream_judge(s);
            if (error == MAXENT_OK)
                mx_explain_near_face(s->run);
            return error != MAXENT_OK ? error : finish(s, s->run->result->worst_residual > 4 * rules.tolerance ? MAXENT_UNFINISHED
                                                          : s->dead > 0                                     ? MAXENT_BOUNDARY
                                                                                                            : MAXENT_SOLVED);
        }
        if (ending == MX_ENDING_CONVERGED && affordable && s->minimum.doubt > 10 * rules.settled)
            break; /* the facts are met, but double precision cannot tell p */
        if (ending == MX_ENDING_CONVERGED) {
            error = mx_stream_judge(s);
            if (error != MAXENT_OK)
                break;
            if (s->run->result->worst_residual <= rules.tolerance || retried == 3) {
                int doubtful = s->minimum.doubt > fmax(rules.settled, MOST_DOUBT);
                if (doubtful)
                    mx_explain_doubt(s->run, s->minimum.doubt);
                return finish(s, doubtful || s->run->result->worst_residual > fmax(10 * rules.tolerance, 1e-9) ? MAXENT_UNFINISHED
                                 : s->dead > 0                                                              ? MAXENT_BOUNDARY
                                                                                                            : MAXENT_SOLVED);
            }
            /* The standard deviations that judged the last step were of an earlier one. */
            retried++;
            rules.tolerance *= 0.2;
            s->minimum.ready = 0;
            continue;
        }
        if (ending == MX_ENDING_LIMIT || ending == MX_ENDING_STOPPED)
            return mx_stream_give_up(s);
        if (ending == MX_ENDING_DRIFTING && !affordable && s->minimum.residual <= rules.tolerance) {
            size_t out;
            error = rule_out_combined(s, method, &out);
            if (error == MAXENT_OK && out > 0) {
                close_dual(s);
                rules.patient = 0;
                error = first_pass(s, method);
                continue;
            }
            /* A face, or nearly, and too large to tell. The numbers are right either way, as residual and gap show; the message says
             * what is open. */
            if (error == MAXENT_OK)
                error = mx_stream_judge(s);
            maxent_result *result = s->run->result;
            int near = error == MAXENT_OK && result->worst_residual <= 4 * rules.tolerance && fabs(result->gap) <= 1e-6;
            if (near)
                mx_explain_near_face(s->run);
            return error != MAXENT_OK ? error : finish(s, !near ? MAXENT_UNFINISHED : s->dead > 0 ? MAXENT_BOUNDARY : MAXENT_SOLVED);
        }
        if (ending == MX_ENDING_DRIFTING || method == 0) {
            int done;
            error = try_certificates(s, &done);
            if (error != MAXENT_OK || done)
                return error;
        }
        if (affordable) {
            *hard = 1;
            return MAXENT_OK;
        }
        if (rules.patient && method == 2)
            return mx_stream_give_up(s);
        if (ending == MX_ENDING_ILL || rules.patient) { /* redundant or nearly redundant facts: steps that need no inverse */
            double *z = s->minimum.z;
            mx_minimum old = s->minimum;
            s->iterations += old.iterations;
            error = mx_minimum_open(&s->minimum, s->k, s->run->threads, 2);
            if (error == MAXENT_OK)
                error = keep_scores(s);
            if (error == MAXENT_OK)
                memcpy(s->minimum.z, z, s->k * sizeof *z);
            s->minimum.log_partition = old.log_partition;
            mx_minimum_close(&old);
            method = 2;
        }
        rules.patient = 1;
        s->minimum.ready = 0;
    }
    *hard = error == MAXENT_OK;
    return error;
}

maxent_error mx_solve_stream(mx_run *run, int *hard)
{
    mx_stream s;
    memset(&s, 0, sizeof s);
    s.run = run;
    *hard = 0;
    mx_stream_watch(&s, run->deadline);
    maxent_error error = open_stream(&s);
    if (error == MAXENT_OK)
        error = solve(&s, hard);
    if (error == MAXENT_ERROR_STOPPED && s.known) {
        s.minimum.judged = 0; /* the pass that was cut short may have been in its scores */
        error = mx_stream_give_up(&s);
    }
    close_stream(&s);
    if (*hard) {
        mx_free(run->result->p);
        mx_free(run->result->lambda);
        mx_free(run->result->direction);
        run->result->p = run->result->lambda = run->result->direction = NULL;
    }
    run->result->iterations = s.iterations;
    run->result->evaluations = s.evaluations;
    return error;
}
