/* Newton on the nodes of a continuum: they are the states of a finite problem whose prior are the weights of the rule, so its dual is
 * minimised in the coordinates and by the method of small finite problems (coordinates.h, minimise.h): facts orthonormal under
 * the present p, in double-double, and renewed when they degenerate.
 *
 * The multipliers z of equalities count from where they stand, and what they say there belongs to the prior: of exp(-x^2/2) and a mean
 * of 1e5 the two are 5e9 where p lives, and only their difference, formed in double-double, has digits to spare.
 */
#include "solve/continuous/continuum.h"

#include "base/dd_loops.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define LEAST_PIVOT 1e-9
#define LEAST_WEIGHT 1e-24
#define RENEWALS 60
#define NARROWED 6
#define MISSED 1e-20 /* mass that a node which was left out may turn out to have, */
#define MISSED_PART 1e-17 /* and what it may add to an expectation, in standard deviations */
#define STALE 1e-6 /* variance: of what was 1 when the coordinates were made; slopes are then known to 1e-13 deviations only */
#define FAR_STEPS 80 /* from multipliers 0 on nodes that reach far out */

typedef struct attempt {
    mx_view view;
    mx_coordinates coordinates;
    mx_minimum minimum;
    mx_dual dual;
    mx_piece *piece;
    mx_dd *lambda; /* [k] of the scaled columns */
    double *stand; /* [k] what z counts from */
    double *logq;  /* [view.n] the prior there */
    double *weights;
} attempt;

static void close_attempt(mx_continuum *c, attempt *t)
{
    c->iterations += t->minimum.iterations;
    c->evaluations += t->dual.evaluations;
    mx_dual_close(&t->dual);
    mx_minimum_close(&t->minimum);
    mx_coordinates_close(&t->coordinates);
    memset(&t->dual, 0, sizeof t->dual);
}

/* z counts from where it is, for equalities: what they say there is taken into the prior, which is 1 where p is largest. */
static void stand_there(const mx_continuum *c, attempt *t)
{
    const mx_coordinates *o = &t->coordinates;
    size_t n = t->view.n;
    const mx_dd_loops *loops = mx_dd_loops_get();
    double *low = t->weights; /* the coordinates have them */
    mx_dd top = {0, 0};
    double peak = 0;
    for (size_t y = 0; y < n; y++) {
        size_t node = t->view.state[y];
        mx_dd sum = mx_dd_add_d((mx_dd){c->nodes.logq[node], c->nodes.logq_low[node]}, c->nodes.logw[node]);
        t->logq[y] = sum.hi;
        low[y] = sum.lo;
    }
    for (size_t j = 0; j < o->r; j++) {
        t->stand[j] = o->kind[j] == MX_KIND_EQUAL ? t->minimum.z[j] : 0;
        t->minimum.z[j] -= t->stand[j];
        mx_dd by = mx_dd_make(t->stand[j]);
        loops->score(n, 1, &by, &o->offset[j], o->hi + j * n, o->lo + j * n, 1, n, t->logq, low);
    }
    for (size_t y = 0; y < n; y++) {
        size_t node = t->view.state[y];
        if (c->p[node] > peak) {
            peak = c->p[node];
            top = (mx_dd){t->logq[y], low[y]};
        }
    }
    loops->shift(n, mx_dd_neg(top), t->logq, low);
}

static maxent_error open_attempt(mx_continuum *c, attempt *t)
{
    size_t k = t->view.k;
    maxent_error error = mx_coordinates_open(&t->view, t->weights, &t->coordinates);
    if (error != MAXENT_OK || t->coordinates.clash != NULL)
        return error;
    const mx_coordinates *o = &t->coordinates;
    for (size_t j = 0; j < o->r; j++) {
        mx_dd lower = mx_dd_add_d(o->lower[j], -o->offset[j]), upper = mx_dd_add_d(o->upper[j], -o->offset[j]);
        t->piece[j] = (mx_piece){o->kind[j], lower.hi, upper.hi, o->sd[j]};
    }
    t->dual = (mx_dual){.n = t->view.n, .r = o->r, .panel = o->panel, .logq = t->logq, .threads = c->run->threads};
    error = mx_dual_open(&t->dual, 1);
    if (error == MAXENT_OK)
        error = mx_minimum_open(&t->minimum, o->r, c->run->threads, 0);
    for (size_t i = 0; i < k && error == MAXENT_OK; i++)
        t->lambda[i] = mx_dd_scale(c->lambda[i], t->view.column[i].exponent);
    if (error == MAXENT_OK)
        mx_coordinates_from_multipliers(o, k, t->lambda, t->minimum.z);
    if (error == MAXENT_OK)
        stand_there(c, t);
    return error;
}

/* Multipliers from the coordinates back to the continuum, and p there. */
static maxent_error take_back(mx_continuum *c, attempt *t)
{
    size_t k = t->view.k;
    double *work = mx_alloc(t->coordinates.redundant + 8, (k + 1) * sizeof *work);
    if (work == NULL)
        return MAXENT_ERROR_MEMORY;
    mx_dd *part = t->lambda + k;
    mx_coordinates_multipliers(&t->coordinates, k, t->minimum.z, t->lambda);
    mx_coordinates_multipliers(&t->coordinates, k, t->stand, part);
    for (size_t i = 0; i < k; i++) /* both have what is settled */
        t->lambda[i] = mx_dd_add(t->lambda[i], mx_dd_sub(part[i], t->coordinates.settled[i]));
    if (t->coordinates.redundant > 0 && !c->relaxed) /* what is only redundant to rounding is not without effect */
        mx_coordinates_least_norm(&t->coordinates, &t->view, t->lambda, work);
    mx_free(work);
    for (size_t i = 0; i < k; i++)
        c->lambda[i] = mx_dd_scale(t->lambda[i], -t->view.column[i].exponent);
    mx_continuum_weigh(c);
    return MAXENT_OK;
}

maxent_error mx_continuum_minimise(mx_continuum *c, mx_outcome *how, int *stuck)
{
    attempt t;
    memset(&t, 0, sizeof t);
    size_t k = c->shadow.k, idle = 0;
    t.piece = mx_alloc(k + 1, sizeof *t.piece);
    t.lambda = mx_zalloc(2 * k + 1, sizeof *t.lambda);
    t.stand = mx_zalloc(k + 1, sizeof *t.stand);
    int missing = t.piece == NULL || t.lambda == NULL || t.stand == NULL;
    maxent_error error = missing ? MAXENT_ERROR_MEMORY : mx_continuum_view(c, &t.view);
    t.weights = mx_alloc(t.view.n + 1, sizeof *t.weights);
    t.logq = mx_alloc(t.view.n + 1, sizeof *t.logq);
    if (t.weights == NULL || t.logq == NULL)
        error = MAXENT_ERROR_MEMORY;
    int bump_open = c->core[0] < c->core[1]; /* before one has looked for a bump, no more steps than show that there may be one */
    *how = MX_ADRIFT;
    *stuck = 0;
    for (size_t renewals = 0; error == MAXENT_OK && t.view.n > 0; renewals++) {
        for (size_t y = 0; y < t.view.n; y++)
            t.weights[y] = c->p[t.view.state[y]] + LEAST_WEIGHT / (double)t.view.n;
        if (mx_late(c->run)) {
            *how = MX_STOPPED;
            break;
        }
        error = open_attempt(c, &t);
        if (error != MAXENT_OK)
            break;
        if (t.coordinates.clash != NULL) {
            *how = MX_CLASH;
            break;
        }
        mx_rules rules = mx_run_rules(c->run);
        rules.polish = 1;
        rules.tolerance = fmin(rules.tolerance, 1e-12);
        rules.patient = c->decided || c->insist;
        rules.impatience = c->grid.nested.on || c->grid.frame.set ? FAR_STEPS : 0;
        rules.least_pivot = idle < 2 ? LEAST_PIVOT : 0;
        rules.max_iterations = bump_open && rules.max_iterations > MX_MANY_STEPS ? MX_MANY_STEPS : rules.max_iterations;
        rules.iterations_before = c->iterations;
        rules.evaluations_before = c->evaluations;
        error = mx_minimise(&t.dual, t.piece, &rules, &t.minimum);
        if (error != MAXENT_OK)
            break;
        idle = t.minimum.iterations > 0 ? 0 : idle + 1;
        c->run->seen = (maxent_progress){rules.iterations_before + t.minimum.iterations, rules.evaluations_before + t.dual.evaluations,
                                         t.minimum.value, t.minimum.residual, 0};
        c->run->stopped |= t.minimum.ending == MX_ENDING_STOPPED;
        mx_ending ending = t.minimum.ending;
        c->stale = 0;
        for (size_t j = 0; j < t.coordinates.r; j++)
            c->stale |= t.minimum.variance[j] < STALE;
        error = take_back(c, &t);
        close_attempt(c, &t);
        if (error != MAXENT_OK)
            break;
        if (ending == MX_ENDING_ILL && renewals < RENEWALS)
            continue;
        int spent = !bump_open && c->iterations - c->annealing >= rules.max_iterations;
        *how = ending == MX_ENDING_CONVERGED ? MX_MET
               : ending == MX_ENDING_STOPPED || mx_late(c->run) || spent ? MX_STOPPED
               : ending == MX_ENDING_LIMIT && c->decided ? MX_MET
                                                         : MX_ADRIFT;
        *stuck = ending == MX_ENDING_LIMIT && *how != MX_STOPPED;
        break;
    }
    close_attempt(c, &t);
    mx_view_close(&t.view);
    mx_free(t.piece);
    mx_free(t.lambda);
    mx_free(t.stand);
    mx_free(t.logq);
    mx_free(t.weights);
    return error;
}

/* Does node j matter, by its mass or by what it adds to an expectation? sd: [k] of the features at the nodes that count. */
static int matters(const mx_continuum *c, const double *sd, size_t j)
{
    double most = MISSED_PART / MISSED;
    for (size_t i = 0; i < c->nodes.k && c->p[j] > 0; i++) {
        double off = fabs(c->nodes.hi[j * c->nodes.k + i] - mx_fact_centre(&c->fact[i])) / sd[i];
        most = off > most ? off : most;
    }
    return !(c->p[j] * most <= MISSED_PART);
}

/* The length of a step is limited by the scores that it changes most. Where the law is narrow these are far from it, at nodes that have
 * no say: without them the steps are whole again. Those that turn out to have a say are taken back, and it is begun anew. */
static maxent_error without_the_far(mx_continuum *c, mx_outcome *how, int *stuck)
{
    size_t n = c->nodes.n, k = c->shadow.k, left_out = 0;
    mx_dd *before = mx_alloc(k + 1, sizeof *before);
    double *sd = mx_alloc(k + 1, sizeof *sd);
    unsigned char *out = mx_alloc(n + 1, 1);
    maxent_error error = before == NULL || sd == NULL || out == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t j = 0; error == MAXENT_OK && j < n; j++)
        left_out += out[j] = !(c->logp[j] >= MX_FAR);
    if (error == MAXENT_OK)
        memcpy(before, c->lambda, k * sizeof *before);
    int missed = left_out > 0, again = 0;
    double far = MX_FAR;
    for (int round = 0; error == MAXENT_OK && missed && round < NARROWED && !mx_late(c->run) && !mx_continuum_bump_due(c); round++) {
        mx_outcome now;
        c->out = out;
        error = mx_continuum_minimise(c, &now, &again);
        c->out = NULL;
        int lost = error != MAXENT_OK || now == MX_ADRIFT || now == MX_CLASH;
        for (size_t i = 0; i < k && !lost; i++) {
            mx_dd centre = mx_dd_make(mx_fact_centre(&c->fact[i]));
            sd[i] = sqrt(mx_dd_loops_get()->deviation(n, c->p, c->nodes.hi + i, c->nodes.lo + i, k, centre, NULL));
        }
        missed = lost;
        for (size_t j = 0; j < n && !lost; j++)
            if (out[j] && matters(c, sd, j)) {
                missed = 1;
                out[j] = 0;
            }
        if (!missed) {
            *how = now;
            break;
        }
        memcpy(c->lambda, before, k * sizeof *before);
        mx_continuum_weigh(c);
        if (lost)
            break;
        far *= 4; /* a node that mattered has neighbours */
        for (size_t j = 0; j < n; j++)
            out[j] = out[j] && !(c->logp[j] >= far);
    }
    *stuck = !missed && left_out > 0 && again;
    mx_free(before);
    mx_free(sd);
    mx_free(out);
    return error;
}

maxent_error mx_continuum_newton(mx_continuum *c, mx_outcome *how)
{
    int stuck;
    int face = c->on_numbers || c->barreds > 0; /* what is left open there is left out */
    if (c->relaxed && mx_continuum_all_equal(c) && !face)
        return mx_continuum_rounded(c, how);
    maxent_error error = mx_continuum_minimise(c, how, &stuck);
    for (int round = 0; error == MAXENT_OK && stuck && round < NARROWED && !mx_continuum_bump_due(c); round++)
        error = without_the_far(c, how, &stuck);
    return error;
}
