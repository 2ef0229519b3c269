/* A step of the dual by way of a sample of the states.
 *
 * Where p rests on few states, Newton's method needs many steps: the weight of states that have to die out falls by a factor of e a
 * step, however good the Hessian. A sample of a twentieth of the states, each taken with a probability in proportion to its weight as
 * in covariance.c, knows what happens along the way about as well as it knows the Hessian, and all steps on it cost less than one pass:
 *
 *     D(z + d) - D(z)  ~  F_S(d) + (E_S[u] - E_p[u]) . d + the pieces,        F_S(d) = log sum_{x in S} a_x exp(-d . u_x)
 *
 * where a_x = max(p_x, tau) and the second term gives the sample the slope that is known from the last pass [1]. Its minimum is found
 * by minimise.c and taken for a direction: a pass there, and the search along it in lagged.c, decide.
 *
 * [1] R. Johnson, T. Zhang. Accelerating stochastic gradient descent using predictive variance reduction. NIPS 2013.
 */
#include "solve/dual/thinned.h"

#include "base/dense.h"
#include "base/memory.h"
#include "solve/dual/lanes.h"

#include <math.h>
#include <string.h>

/* The share of the states, which is also what it costs of memory; so much of a pass an evaluation on the sample may cost, or it does not
 * pay (about 30 facts; with 100 it took as long as it saved); and how many states a coordinate there have to be. */
#define SHARE 0.05
#define OF_A_PASS 0.2
#define STATES_EACH 50
/* Nanoseconds a state: a pass, and a Hessian in double precision; where measured, see lagged.c. */
static double pass_time(size_t r) { return 5 + 0.4 * (double)r; }
static double hessian_time(size_t r) { return 5 + 0.065 * (double)r * (double)r; }
/* The residual on the sample falls to this of what it is. A sample of so many states is right to a few percent. */
#define ENOUGH 0.01
/* With more evaluations than this the sample is given up: it has no states where p has to go, or the way is long. */
#define EVALUATIONS 24

static size_t choose_most(const mx_dual *dual)
{
    if (dual->panel != NULL || dual->r == 0)
        return 0;
    double bytes = dual->problem->features.storage == MX_STORE_F64 ? sizeof(double) : 1;
    double share = SHARE * bytes / sizeof(double), most = share * (double)dual->n;
    return share * hessian_time(dual->r) <= OF_A_PASS * pass_time(dual->r) && most >= STATES_EACH * (double)dual->r ? (size_t)most : 0;
}

maxent_error mx_thinned_open(mx_thinned *sample, const mx_dual *dual)
{
    memset(sample, 0, sizeof *sample);
    sample->most = choose_most(dual);
    if (sample->most == 0)
        return MAXENT_OK;
    size_t r = dual->r, ld = mx_round_up(r, 8);
    sample->panel = mx_alloc_aligned(sample->most, ld * sizeof(double));
    sample->logarithm = mx_alloc(sample->most, sizeof(double));
    sample->piece = mx_zalloc(r, sizeof *sample->piece);
    sample->dual = (mx_dual){.n = sample->most, .r = r, .ld = ld, .panel = sample->panel, .logq = sample->logarithm,
                             .threads = dual->threads};
    if (sample->panel == NULL || sample->logarithm == NULL || sample->piece == NULL || mx_dual_open(&sample->dual, 1) != MAXENT_OK ||
        mx_minimum_open(&sample->minimum, r, dual->threads, 0) != MAXENT_OK) {
        mx_thinned_close(sample);
        return MAXENT_ERROR_MEMORY;
    }
    return MAXENT_OK;
}

void mx_thinned_close(mx_thinned *sample)
{
    mx_minimum_close(&sample->minimum);
    mx_dual_close(&sample->dual);
    mx_free(sample->panel);
    mx_free(sample->logarithm);
    mx_free(sample->piece);
    memset(sample, 0, sizeof *sample);
}

/* The pieces in multipliers measured from z, and the term that corrects the slope. */
static void shift_pieces(mx_thinned *sample, const mx_piece *piece, const mx_minimum *m)
{
    for (size_t j = 0; j < m->r; j++) {
        sample->piece[j] = piece[j];
        if (piece[j].kind == MX_KIND_BOX || piece[j].kind == MX_KIND_WATCH)
            continue;
        double square = piece[j].kind == MX_KIND_SOFT ? piece[j].sd * piece[j].sd : 0;
        sample->piece[j].upper += square * m->z[j] + sample->minimum.mean[j] - m->mean[j];
        sample->piece[j].lower = sample->piece[j].upper;
    }
}

static int too_many(void *user, const maxent_progress *progress)
{
    (void)user;
    return progress->evaluations > EVALUATIONS;
}

maxent_error mx_thinned_step(mx_thinned *sample, mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *m, int *found)
{
    mx_minimum *s = &sample->minimum;
    size_t r = m->r, count;
    *found = 0;
    maxent_error error = mx_dual_sample(dual, m->log_partition, sample->most, sample->panel, sample->logarithm, &count);
    if (error != MAXENT_OK || count < STATES_EACH * r) /* p is on few states, and so are its neighbours: it has far to go */
        return error;
    sample->dual.n = count;
    sample->dual.evaluations = 0;
    memset(s->z, 0, r * sizeof *s->z);
    error = mx_dual_evaluate(&sample->dual, s->z, MX_WANT_HESSIAN, &s->log_partition, s->mean, s->covariance);
    if (error != MAXENT_OK)
        return error;
    shift_pieces(sample, piece, m);
    s->ready = 1;
    mx_rules inner = {.tolerance = fmax(ENOUGH * m->residual, 0.1 * rules->tolerance), .reference = rules->reference, .patient = 1,
                      .floor = -INFINITY, .max_iterations = EVALUATIONS, .deadline = rules->deadline, .started = rules->started,
                      .progress = too_many};
    error = mx_minimise(&sample->dual, sample->piece, &inner, s);
    if (error != MAXENT_OK)
        return error;
    double fall = mx_dot(r, m->slope, s->z);
    *found = s->ending == MX_ENDING_CONVERGED && isfinite(fall) && fall < 0;
    if (*found) {
        memcpy(m->step, s->z, r * sizeof *m->step);
        memcpy(m->covariance, s->covariance, r * r * sizeof *m->covariance);
    }
    return MAXENT_OK;
}
