/* Small problems, judged exactly: the view, its coordinates, Newton, and facial reduction when Newton asks for it.
 *
 *     view ─► clash or touch? ─► coordinates ─► Newton ─► converged: solved (boundary if states were ruled out)
 *               ▲                                 │
 *               └── face, or coordinates ◄── which states can live? ─► none: infeasible
 *                   orthonormal under p
 *
 * Near the edge of the feasible targets p varies over many orders of magnitude and coordinates that are orthonormal under the
 * uniform weights degenerate; they are then made anew, orthonormal under p, and the multipliers carried over.
 */
#include "solve/result.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/finite/allowance.h"
#include "solve/dual/coordinates.h"
#include "solve/finite/hull.h"
#include "solve/finite/refine.h"
#include "solve/verdict.h"

#include <math.h>
#include <string.h>

/* Below this relative pivot of the covariance the coordinates are renewed under p: a step then keeps seven digits. */
#define LEAST_PIVOT 1e-9
#define RENEWALS 300
#define LEAST_WEIGHT 1e-24
#define STAGES 16
/* A fact whose part in a direction is smaller, beside the largest, is not in it. */
#define PART 1e-9
/* Of the scores, from which on they are formed in double-double; and more than this leaves an answer open. */
#define ROUNDING 1e-10
#define MOST_DOUBT 1e-7

typedef struct exact {
    mx_run *run;
    mx_view view;
    mx_coordinates coordinates;
    mx_minimum minimum;
    mx_dual dual;
    mx_piece *piece;      /* [r] */
    mx_dd *lambda;        /* [k] of the scaled columns */
    double *tight;        /* [k] or NULL: a combination that is the same in every state, from bounds that leave nothing but themselves */
    unsigned char *side;  /* [k] with it: 1, 2 where the bound is a lower, an upper one */
    double *weights;      /* [n] p at the last renewal, or NULL before the first */
    size_t positive;      /* states of positive prior */
    size_t iterations, evaluations;
    int decided;          /* facial reduction has been done: the optimum on the view is interior */
    size_t idle;          /* renewals in a row after which no step was made */
    int undecided;        /* it was tried and gave no answer */
    int refined;          /* the last digits were found in double-double */
    double doubt;         /* what rounding the scores may change log p of a state by */
    int allowed;          /* the facts give way by their rounding: the second try */
    int edged;            /* 1: whether rounding alone keeps the facts off the edge has been asked */
    double *stages;       /* [STAGES][k] directions of the faces so far, in the user's units, */
    size_t staged;        /* so many */
} exact;

static void close_dual(exact *e)
{
    e->iterations += e->minimum.iterations;
    e->evaluations += e->dual.evaluations;
    mx_dual_close(&e->dual);
    mx_minimum_close(&e->minimum);
    mx_coordinates_close(&e->coordinates);
    memset(&e->dual, 0, sizeof e->dual);
}

static maxent_error open_dual(exact *e)
{
    maxent_error error = mx_coordinates_open(&e->view, e->weights, &e->coordinates);
    if (error != MAXENT_OK || e->coordinates.clash != NULL)
        return error;
    size_t r = e->coordinates.r;
    const mx_coordinates *c = &e->coordinates;
    for (size_t j = 0; j < r; j++) {
        mx_dd lower = mx_dd_add_d(c->lower[j], -c->offset[j]), upper = mx_dd_add_d(c->upper[j], -c->offset[j]);
        e->piece[j] = (mx_piece){c->kind[j], lower.hi, upper.hi, c->sd[j]};
    }
    e->dual = (mx_dual){.n = e->view.n,
                        .r = r,
                        .panel = e->coordinates.panel,
                        .logq = e->run->problem->q != NULL ? e->view.logq : NULL,
                        .threads = e->run->threads};
    error = mx_dual_open(&e->dual, 1);
    if (error == MAXENT_OK)
        error = mx_minimum_open(&e->minimum, r, e->run->threads, 0);
    if (error == MAXENT_OK)
        mx_coordinates_from_multipliers(&e->coordinates, e->view.k, e->lambda, e->minimum.z);
    return error;
}

/* Does a fact touch the edge of its own feature's range, or miss it? Returns the fact that misses, or SIZE_MAX. */
static size_t touching(const mx_view *view, int *touch, double *sign)
{
    *touch = 0;
    for (size_t i = 0; i < view->k; i++) {
        const mx_column *column = &view->column[i];
        if (column->kind == MX_KIND_WATCH || column->kind == MX_KIND_SOFT)
            continue;
        mx_dd low = mx_view_at(view, i, 0), high = low;
        for (size_t x = 1; x < view->n; x++) {
            mx_dd g = mx_view_at(view, i, x);
            low = mx_dd_compare(g, low) < 0 ? g : low;
            high = mx_dd_compare(g, high) > 0 ? g : high;
        }
        if (mx_dd_compare(low, high) == 0)
            continue; /* constant: settled with the coordinates, where rounding is weighed */
        mx_dd lower = column->kind == MX_KIND_BOX ? column->lower : mx_dd_make(0);
        mx_dd upper = column->kind == MX_KIND_BOX ? column->upper : mx_dd_make(0);
        double open = column->error + column->size * column->rounding;
        if (mx_dd_sub(low, upper).hi > open || mx_dd_sub(lower, high).hi > open) {
            *sign = mx_dd_sub(low, upper).hi > 0 ? 1 : -1;
            return i;
        }
        if (mx_dd_compare(low, upper) >= 0 || mx_dd_compare(high, lower) <= 0)
            *touch = 1;
    }
    return SIZE_MAX;
}

/* A box fact that the face leaves only one bound of becomes an equality. */
static void pin(mx_view *view, size_t i, int side)
{
    mx_column *column = &view->column[i];
    mx_dd bound = side == 1 ? column->lower : column->upper;
    for (size_t x = 0; x < view->n; x++) {
        mx_dd g = mx_dd_sub(mx_view_at(view, i, x), bound);
        view->hi[i * view->n + x] = g.hi;
        view->lo[i * view->n + x] = g.lo;
    }
    column->reference += ldexp(bound.hi, column->exponent);
    column->kind = MX_KIND_EQUAL;
    column->lower = column->upper = mx_dd_make(0);
}

static maxent_error keep_direction(exact *e, const double *direction)
{
    maxent_result *result = e->run->result;
    if (result->direction == NULL)
        result->direction = mx_zalloc(e->view.k + 1, sizeof(double));
    if (result->direction == NULL)
        return MAXENT_ERROR_MEMORY;
    int least = 0;
    for (size_t i = 0, first = 1; i < e->view.k; i++) /* scale so that nothing under- or overflows */
        if (direction[i] != 0) {
            int exponent;
            frexp(direction[i], &exponent);
            exponent -= e->view.column[i].exponent;
            if (first || exponent > least)
                least = exponent;
            first = 0;
        }
    for (size_t i = 0; i < e->view.k; i++)
        result->direction[i] = ldexp(direction[i], -e->view.column[i].exponent - least);
    if (e->stages == NULL)
        e->stages = mx_alloc(STAGES, (e->view.k + 1) * sizeof *e->stages);
    if (e->stages == NULL)
        return MAXENT_ERROR_MEMORY;
    if (e->staged < STAGES)
        memcpy(e->stages + e->staged++ * e->view.k, result->direction, e->view.k * sizeof *result->direction);
    return MAXENT_OK;
}

static maxent_error keep_tight(exact *e, const double *direction, const unsigned char *side);

static void start_afresh(exact *e)
{
    memset(e->lambda, 0, e->view.k * sizeof *e->lambda);
    mx_free(e->weights);
    e->weights = NULL;
}

/* Asks which states can live and acts on the answer. *over: the verdict is infeasible. */
static maxent_error reduce(exact *e, int *over)
{
    mx_hull hull;
    double *edge = mx_alloc(e->view.k + 1, sizeof *edge);
    maxent_error error = mx_hull_open(&e->view, &e->coordinates, 1000 + 50 * e->coordinates.r, &hull);
    if (error == MAXENT_OK && edge == NULL)
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK)
        goto done;
    e->decided = 1;
    e->undecided = hull.side == MX_UNDECIDED;
    if (hull.side == MX_FACE || hull.side == MX_OUTSIDE) {
        double open = 0;
        for (size_t i = 0; i < e->view.k; i++)
            open += fabs(hull.direction[i]) *
                    (e->view.column[i].error + e->view.column[i].rounding * e->view.column[i].size);
        int pinned = 0;
        if (hull.side == MX_OUTSIDE && hull.margin <= (e->coordinates.r > 1 ? MX_ALLOWED : 1) * open && !e->view.relaxed) {
            e->decided = 0;
            size_t kept = mx_view_edge_face(&e->view, hull.keep, edge);
            if (kept > 0 && kept < e->view.n) {
                error = keep_direction(e, edge);
                mx_view_restrict(&e->view, hull.keep);
                start_afresh(e);
                goto done;
            }
            double most = 0; /* the largest part in it: others are there by rounding */
            for (size_t i = 0; i < e->view.k; i++)
                most = fmax(most, fabs(hull.direction[i]) * e->view.column[i].size);
            for (size_t i = 0; i < e->view.k; i++)
                if (fabs(hull.direction[i]) * e->view.column[i].size <= PART * most)
                    hull.direction[i] = 0;
            for (size_t i = 0; i < e->view.k; i++) /* bounds that leave nothing but themselves */
                if (hull.direction[i] != 0 && e->view.column[i].kind == MX_KIND_BOX) {
                    hull.pinned[i] = hull.direction[i] > 0 ? 2 : 1;
                    pin(&e->view, i, hull.pinned[i]);
                    pinned = 1;
                }
            if (pinned) {
                error = keep_tight(e, hull.direction, hull.pinned);
                start_afresh(e);
                goto done;
            }
            if (mx_view_near_face(&e->view, hull.direction, open, hull.keep) > 0) {
                error = keep_direction(e, hull.direction);
                mx_view_restrict(&e->view, hull.keep);
            } else {
                e->view.relaxed = 1;
            }
            start_afresh(e);
            goto done;
        }
        error = keep_direction(e, hull.direction);
    }
    if (error == MAXENT_OK && hull.side == MX_OUTSIDE) {
        e->run->result->margin = hull.margin;
        *over = 1;
    }
    if (error == MAXENT_OK && hull.side == MX_FACE) {
        mx_view_restrict(&e->view, hull.keep);
        error = keep_tight(e, hull.direction, hull.pinned);
        for (size_t i = 0; i < e->view.k; i++)
            if (hull.pinned[i])
                pin(&e->view, i, hull.pinned[i]);
        start_afresh(e);
    }
done:
    mx_free(edge);
    mx_hull_close(&hull);
    return error;
}

/* Bounds that became equalities keep their signs: an upper bound's multiplier is >= 0, a lower one's <= 0. The combination that shows
 * them tight has those signs and no effect on p. */
static maxent_error keep_tight(exact *e, const double *direction, const unsigned char *side)
{
    if (e->tight == NULL) {
        e->tight = mx_zalloc(e->view.k + 1, sizeof *e->tight);
        e->side = mx_zalloc(e->view.k + 1, 1);
    }
    if (e->tight == NULL || e->side == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < e->view.k; i++) {
        e->tight[i] = direction[i];
        e->side[i] |= side[i];
    }
    return MAXENT_OK;
}

static void restore_signs(exact *e)
{
    double by = 0;
    for (size_t i = 0; e->tight != NULL && i < e->view.k; i++) {
        double sign = e->side[i] == 2 ? 1 : e->side[i] == 1 ? -1 : 0;
        if (sign * e->tight[i] > 0)
            by = fmax(by, -sign * e->lambda[i].hi / fabs(e->tight[i]));
    }
    for (size_t i = 0; by > 0 && i < e->view.k; i++) {
        e->lambda[i] = mx_dd_add(e->lambda[i], mx_two_prod(by, e->tight[i]));
        if (fabs(e->lambda[i].hi) < 1e-15 * by * fabs(e->tight[i]))
            e->lambda[i] = mx_dd_make(0);
    }
}

/* Coordinates that are orthonormal under the present p. */
static maxent_error renew(exact *e)
{
    mx_coordinates_multipliers(&e->coordinates, e->view.k, e->minimum.z, e->lambda);
    if (e->weights == NULL)
        e->weights = mx_alloc(e->view.n, sizeof *e->weights);
    if (e->weights == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = mx_dual_probabilities(&e->dual, e->minimum.z, e->weights);
    /* No state is lost from sight: double-double resolves coordinates under weights that differ by so much. */
    for (size_t x = 0; x < e->view.n; x++)
        e->weights[x] += LEAST_WEIGHT / (double)e->view.n;
    return error;
}

/* The view with the facts as they were given, on the same states: the judge makes no allowances. */
static maxent_error open_as_given(exact *e)
{
    mx_view given;
    memset(&given, 0, sizeof given);
    unsigned char *keep = mx_zalloc(e->positive + 1, 1);
    maxent_error error = keep == NULL ? MAXENT_ERROR_MEMORY : mx_view_open(e->run->problem, &given, e->run->diagnostic);
    if (error == MAXENT_OK) {
        for (size_t x = 0, y = 0; x < given.n && y < e->view.n; x++)
            if (given.state[x] == e->view.state[y]) {
                keep[x] = 1;
                y++;
            }
        for (size_t i = 0; i < given.k; i++)
            if (e->view.column[i].kind == MX_KIND_WATCH)
                given.column[i].kind = MX_KIND_WATCH;
        mx_view_restrict(&given, keep);
        mx_view allowed = e->view;
        e->view = given;
        given = allowed;
    }
    mx_view_close(&given);
    mx_free(keep);
    return error;
}

/* Writes p and the multipliers of the user's features into the result, and judges them. p: [view.n]; work as for
 * mx_coordinates_least_norm. */
static void write_answer(exact *e, const mx_dd *z, const double *p, mx_dd log_partition, double value, double *work)
{
    maxent_result *result = e->run->result;
    size_t k = e->view.k;
    for (size_t x = 0; x < e->view.n; x++)
        result->p[e->view.state[x]] = p[x];
    mx_coordinates_multipliers_dd(&e->coordinates, k, z, e->lambda);
    if (e->coordinates.redundant > 0)
        mx_coordinates_least_norm(&e->coordinates, &e->view, e->lambda, work);
    restore_signs(e);
    mx_dd log_z = log_partition;
    for (size_t i = 0; i < k; i++) {
        result->lambda[i] = ldexp(e->lambda[i].hi, -e->view.column[i].exponent);
        /* log Z = F - lambda . b */
        mx_dd b = mx_dd_make(ldexp(e->view.column[i].reference, -e->view.column[i].exponent));
        log_z = mx_dd_sub(log_z, mx_dd_mul(e->lambda[i], b));
    }
    result->log_partition = log_z.hi;
    mx_result_judge(e->run, &e->view, value + e->coordinates.settled_value);
    result->zeros = e->positive - e->view.n;
}

/* Multipliers of soft facts far apart are huge and all but cancel: their sums have lost that many digits, where there is probability. */
static double score_rounding(const mx_coordinates *c, const mx_dd *z, const double *p)
{
    double most = 0;
    for (size_t x = 0; x < c->n; x++) {
        double sum = 0;
        for (size_t j = 0; j < c->r && p[x] > 0; j++)
            sum += fabs(z[j].hi * c->hi[j * c->n + x]);
        most = fmax(most, sum);
    }
    return most * 0x1p-53;
}

/* Is there time, and did the user not stop the iteration himself? */
static int may_refine(const exact *e)
{
    return mx_refine_affordable(&e->coordinates) && e->minimum.ending != MX_ENDING_STOPPED && !mx_late(e->run) &&
           e->iterations + e->minimum.iterations < mx_run_rules(e->run).max_iterations;
}

static maxent_error deliver(exact *e)
{
    maxent_result *result = e->run->result;
    mx_coordinates *c = &e->coordinates;
    size_t n = e->run->problem->n, k = e->view.k;
    mx_dd log_partition;
    double value, distance;
    int better;
    result->p = mx_zalloc(n, sizeof *result->p);
    result->lambda = mx_zalloc(k + 1, sizeof *result->lambda);
    double *p = mx_alloc(e->view.n, sizeof *p), *work = mx_alloc(c->redundant + 8, (k + 1) * sizeof *work);
    mx_dd *z = mx_alloc(c->r + 1, 2 * sizeof *z), *kept = z + c->r;
    maxent_error error = MAXENT_ERROR_MEMORY;
    if (result->p == NULL || result->lambda == NULL || p == NULL || work == NULL || z == NULL)
        goto done;
    error = mx_dual_probabilities(&e->dual, e->minimum.z, p);
    if (error == MAXENT_OK && e->allowed)
        error = open_as_given(e);
    if (error != MAXENT_OK)
        goto done;
    mx_dd offset = mx_dd_make(e->minimum.log_partition);
    for (size_t j = 0; j < c->r; j++) {
        z[j] = mx_dd_make(e->minimum.z[j]);
        offset = mx_dd_sub(offset, mx_two_prod(e->minimum.z[j], c->offset[j]));
    }
    write_answer(e, z, p, offset, e->minimum.value, work);
    e->doubt = score_rounding(c, z, p);
    for (int afresh = 0; afresh < 2 && error == MAXENT_OK; afresh++) {
        double worst = result->worst_residual;
        int sure = afresh || e->doubt <= ROUNDING;
        if ((sure && worst <= (afresh ? 1e-9 : fmin(e->run->options->tolerance, 1e-12))) || !may_refine(e))
            break;
        memcpy(kept, z, c->r * sizeof *z);
        for (size_t j = 0; afresh && j < c->r; j++)
            z[j] = mx_dd_make(0);
        error = mx_refine(c, e->view.logq, e->run->deadline, z, p, &log_partition, &value, &distance, &better);
        if (error == MAXENT_OK)
            write_answer(e, z, p, log_partition, value, work);
        if (error == MAXENT_OK && afresh && !(result->worst_residual < worst)) { /* back, without a step */
            memcpy(z, kept, c->r * sizeof *z);
            error = mx_refine(c, e->view.logq, 0, z, p, &log_partition, &value, &distance, &better);
            if (error == MAXENT_OK)
                write_answer(e, z, p, log_partition, value, work);
        }
        e->refined = result->worst_residual <= 1e-12;
        e->doubt = 0x1p-50 * score_rounding(c, z, p);
        if (e->refined)
            result->gap = distance;
    }
done:
    mx_free(p);
    mx_free(work);
    mx_free(z);
    return error;
}

/* Are there states with next to no probability that only the rounding of the targets leaves any? They are ruled out then. *again: 1. */
static maxent_error ask_edge(exact *e, int *again)
{
    size_t kept = 0;
    *again = 0;
    if (e->edged || e->run->problem->source == NULL || !mx_view_hollow(&e->view, e->lambda, e->run->result->p))
        return MAXENT_OK;
    e->edged = 1;
    unsigned char *keep = mx_alloc(e->view.n + 1, 1);
    double *direction = mx_alloc(e->view.k + 1, sizeof *direction);
    maxent_error error = keep == NULL || direction == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK)
        error = mx_view_edge(e->run->problem, &e->view, keep, direction, &kept);
    if (error == MAXENT_OK && kept > 0) {
        mx_result_withdraw(e->run->result);
        error = keep_direction(e, direction);
        mx_view_restrict(&e->view, keep);
        e->view.relaxed = 1;
        e->decided = 0;
        start_afresh(e);
        *again = 1;
    }
    mx_free(keep);
    mx_free(direction);
    return error;
}

/* The last direction rules out all that those before it leave: a certificate, alone or together with them. If none holds, the verdict
 * is UNFINISHED. */
static maxent_error infeasible(exact *e)
{
    maxent_result *result = e->run->result;
    result->verdict = MAXENT_INFEASIBLE;
    maxent_error error = mx_explain_infeasible(e->run);
    int again = error == MAXENT_OK && result->verdict != MAXENT_INFEASIBLE && e->staged > 1 && e->allowed;
    if (again)
        error = mx_chain_certificates(e->run->problem, e->stages, e->staged, result->direction);
    if (!again || error != MAXENT_OK)
        return error;
    mx_free(result->repair);
    result->repair = NULL;
    result->message[0] = '\0';
    result->verdict = MAXENT_INFEASIBLE;
    return mx_explain_infeasible(e->run);
}

static maxent_error solve(exact *e)
{
    maxent_result *result = e->run->result;
    for (size_t renewals = 0;; renewals++) {
        int touch, over = 0;
        double sign = 0;
        if (renewals == 0) {
            size_t missed = touching(&e->view, &touch, &sign);
            if (missed != SIZE_MAX) {
                e->weights = mx_zalloc(e->view.k > e->view.n ? e->view.k : e->view.n, sizeof *e->weights);
                if (e->weights == NULL)
                    return MAXENT_ERROR_MEMORY;
                e->weights[missed] = sign;
                maxent_error error = keep_direction(e, e->weights);
                return error != MAXENT_OK ? error : infeasible(e);
            }
        } else {
            touch = 0;
        }
        maxent_error error = open_dual(e);
        if (error != MAXENT_OK)
            return error;
        if (e->coordinates.clash != NULL) {
            double toward = e->coordinates.clash_value > 0 ? 1 : -1;
            for (size_t i = 0; i < e->view.k; i++)
                e->coordinates.clash[i] *= toward;
            error = keep_direction(e, e->coordinates.clash);
            return error != MAXENT_OK ? error : infeasible(e);
        }
        mx_rules rules = mx_run_rules(e->run);
        rules.polish = 1;
        rules.tolerance = fmin(rules.tolerance, 1e-12);
        rules.patient = e->decided;
        rules.least_pivot = e->idle < 2 ? LEAST_PIVOT : 0;
        rules.iterations_before = e->iterations;
        rules.evaluations_before = e->evaluations;
        if (touch && !e->decided) {
            e->minimum.ending = MX_ENDING_DRIFTING;
        } else {
            error = mx_minimise(&e->dual, e->piece, &rules, &e->minimum);
            if (error != MAXENT_OK)
                return error;
        }
        e->idle = e->minimum.iterations > 0 ? 0 : e->idle + 1;
        mx_ending ending = e->minimum.ending;
        if (ending == MX_ENDING_CONVERGED || ending == MX_ENDING_LIMIT || ending == MX_ENDING_STOPPED || renewals > RENEWALS) {
            error = deliver(e);
            /* The judge has the last word; a limit is no objection when the optimum is known to be interior and the facts are met. */
            double least = fmax(rules.tolerance, 1e-10);
            int met = result->unmet <= fmax(1e-9, e->run->options->tolerance) && result->worst_residual <= 1e-6 &&
                      (ending == MX_ENDING_CONVERGED || e->refined || (e->decided && !e->undecided && result->worst_residual <= least));
            if (met && e->doubt > MOST_DOUBT) {
                met = 0;
                mx_explain_scores(e->run, e->doubt);
            }
            result->verdict = !met ? MAXENT_UNFINISHED : e->view.n < e->positive ? MAXENT_BOUNDARY : MAXENT_SOLVED;
            int again = 0;
            if (error != MAXENT_OK || !met || (error = ask_edge(e, &again)) != MAXENT_OK || !again)
                return error;
            close_dual(e);
            continue;
        }
        if (!e->decided) {
            if (!touch && (error = renew(e)) != MAXENT_OK)
                return error;
            error = reduce(e, &over);
            if (error != MAXENT_OK)
                return error;
            if (over)
                return infeasible(e);
        } else if ((error = renew(e)) != MAXENT_OK) {
            return error;
        }
        close_dual(e);
    }
}

static maxent_error attempt(exact *e)
{
    mx_run *run = e->run;
    size_t k = run->problem->k;
    e->piece = mx_alloc(k + 1, sizeof *e->piece);
    e->lambda = mx_zalloc(k + 1, sizeof *e->lambda);
    if (e->piece == NULL || e->lambda == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = mx_view_open(run->problem, &e->view, run->diagnostic);
    if (error != MAXENT_OK)
        return error;
    e->positive = e->view.n;
    if (e->allowed)
        mx_view_allow(run->problem, &e->view);
    mx_view_drop_implied(&e->view);
    for (size_t i = 0; run->options->warm != NULL && i < k; i++)
        e->lambda[i] = mx_dd_make(ldexp(run->options->warm[i], e->view.column[i].exponent));
    return solve(e);
}

static void close_exact(exact *e)
{
    close_dual(e);
    e->run->result->iterations += e->iterations;
    e->run->result->evaluations += e->evaluations;
    mx_view_close(&e->view);
    mx_free(e->piece);
    mx_free(e->lambda);
    mx_free(e->weights);
    mx_free(e->tight);
    mx_free(e->side);
    mx_free(e->stages);
}

maxent_error mx_solve_exact(mx_run *run)
{
    maxent_result *result = run->result;
    maxent_error error = MAXENT_OK;
    result->iterations = result->evaluations = 0;
    for (int allowed = 0; allowed < 2 && error == MAXENT_OK; allowed++) {
        exact e;
        memset(&e, 0, sizeof e);
        e.run = run;
        e.allowed = allowed;
        result->message[0] = '\0';
        error = attempt(&e);
        close_exact(&e);
        if (result->verdict != MAXENT_UNFINISHED || result->p != NULL) /* else they clash by no more than their rounding */
            break;
        if (allowed == 0) {
            mx_free(result->direction);
            mx_free(result->repair);
            result->direction = result->repair = NULL;
        }
    }
    return error;
}
