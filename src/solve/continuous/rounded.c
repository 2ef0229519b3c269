/* Targets that are known no better than to their last place, because they contradict each other there, or because more digits would be
 * needed to tell the density by them.
 *
 * Forty power moments written as doubles lie outside of the moments of any distribution, by a few units in the last place. They are taken
 * as known to s_i, half a unit there or a multiple of it:
 *
 *     D(lambda) + sum_i s_i^2 lambda_i^2 / 2 -> min,          E f_i - tau_i = s_i^2 lambda_i
 *
 * by Newton's method in y_i = s_i lambda_i, whose Hessian S^-1 Cov S^-1 + 1 has a condition number up to 1e32: so it is formed and factored
 * in double-double. Its small eigenvalues are right because the weights p enter Cov as they stand: another p, as good, but an
 * exact covariance. Wide errors come first, and each density leads to the next with narrower ones, on cells that follow it: a path along
 * which Newton needs few steps. It ends where E f_i - tau_i has come down to the last place; lambda is one of many that do it.
 */
#include "solve/continuous/continuum.h"

#include "base/dd_dense.h"
#include "base/dd_loops.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define STEPS 300
/* The errors are taken so many times wider at first, then narrower, until the facts are met: each density leads to the next, and the
 * wider they are, the better is the Hessian known. */
#define WIDEST 1e15
#define NARROWING 10.0
#define NARROWEST 10.0
#define NOISE 0.1 /* errors, at their narrowest: by the rounding of p the gradient is known to about as much */
#define SETTLED 1e-6 /* a fall of the value, in squares of the errors: near enough to go on from, */
#define LEAST_FALL 1e-27 /* and an expectation off by no more than about 1e-13 deviations */
#define AIM 1e-15 /* of the residuals, or as near as it gets, */
#define GOOD 0.3  /* of the tolerance at least */
#define MORE_DIGITS 0.1 /* of the time */
#define SAME 1e-3 /* of the log of Z: as good as no change */
enum { STAGES = 20, RETURNS = 12 };
#define REACH 30.0 /* of the score of a state, in one step */

typedef struct soft {
    size_t k;
    double *s;             /* [k] */
    mx_dd *mean, *slope, *step, *from; /* [k] */
    mx_dd *hessian;        /* [k * k] */
    mx_dd *rate;           /* [k] the step in the user's units */
    double *centre;        /* [k] */
    double *p;             /* [nodes.n] of the nodes that carry weight, in their order */
    double *hi, *lo;       /* [k + 1][nodes.n] features there, less their means; the last is for work */
} soft;

/* E[f - centre] and the Hessian at the present p. */
static void moments(const mx_continuum *c, soft *o)
{
    const mx_dd_loops *loops = mx_dd_loops_get();
    size_t k = o->k, n = c->nodes.n, m = 0;
    for (size_t i = 0; i < k; i++)
        o->mean[i] = loops->sum(n, c->p, c->nodes.hi + i, c->nodes.lo + i, k, mx_dd_make(o->centre[i]));
    for (size_t i = 0; i < k; i++) /* tau - E f + s^2 lambda, in the units of y */
        o->slope[i] = o->s[i] > 0 ? mx_dd_div(mx_dd_sub(mx_dd_mul_d(c->lambda[i], o->s[i] * o->s[i]), o->mean[i]), mx_dd_make(o->s[i]))
                                  : mx_dd_make(0);
    for (size_t j = 0; j < n; j++) {
        if (!(c->p[j] > 1e-40))
            continue;
        for (size_t i = 0; i < k; i++) {
            mx_dd f = mx_dd_add_d((mx_dd){c->nodes.hi[j * k + i], c->nodes.lo[j * k + i]}, -o->centre[i]);
            o->hi[i * n + m] = f.hi;
            o->lo[i * n + m] = f.lo;
        }
        o->p[m++] = c->p[j];
    }
    for (size_t i = 0; i < k; i++)
        loops->shift(m, mx_dd_neg(o->mean[i]), o->hi + i * n, o->lo + i * n);
    memset(o->hessian, 0, k * k * sizeof *o->hessian);
    for (size_t i = 0; i < k; i++) {
        double *by_hi = o->hi + k * n, *by_lo = o->lo + k * n; /* p (f_i - E f_i) */
        for (size_t j = 0; j < m && o->s[i] > 0; j++) {
            mx_dd by = mx_dd_mul_d((mx_dd){o->hi[i * n + j], o->lo[i * n + j]}, o->p[j]);
            by_hi[j] = by.hi;
            by_lo[j] = by.lo;
        }
        for (size_t l = 0; l <= i && o->s[i] > 0; l++)
            if (o->s[l] > 0) {
                mx_dd sum = loops->product(m, NULL, by_hi, by_lo, o->hi + l * n, o->lo + l * n);
                o->hessian[i * k + l] = mx_dd_div(mx_dd_div(sum, mx_dd_make(o->s[i])), mx_dd_make(o->s[l]));
            }
        o->hessian[i * k + i] = mx_dd_add_d(o->hessian[i * k + i], 1);
    }
}

/* step = -H^-1 slope by Cholesky in double-double. Returns the predicted fall slope . H^-1 slope. */
static double direction(soft *o)
{
    size_t k = o->k;
    mx_dd_cholesky(k, o->hessian, 1); /* the identity and a covariance */
    for (size_t i = 0; i < k; i++)
        o->step[i] = mx_dd_neg(o->slope[i]);
    mx_dd_cholesky_solve(k, o->hessian, o->step);
    mx_dd fall = {0, 0};
    for (size_t i = 0; i < k; i++)
        fall = mx_dd_sub(fall, mx_dd_mul(o->step[i], o->slope[i]));
    return fall.hi;
}

static double value(const mx_continuum *c, const soft *o)
{
    double sum = c->centred;
    for (size_t i = 0; i < o->k; i++)
        sum += 0.5 * o->s[i] * o->s[i] * c->lambda[i].hi * c->lambda[i].hi;
    return sum;
}

/* The most by which the step changes a score where p lives, relative to the mean. */
static double spread(const mx_continuum *c, soft *o)
{
    size_t k = o->k, n = c->nodes.n;
    double *hi = o->hi + k * n, *lo = o->lo + k * n, most = 0;
    mx_dd mean = {0, 0};
    memset(hi, 0, n * sizeof *hi);
    memset(lo, 0, n * sizeof *lo);
    for (size_t i = 0; i < k; i++) {
        o->rate[i] = o->s[i] > 0 ? mx_dd_div(o->step[i], mx_dd_make(o->s[i])) : mx_dd_make(0);
        mean = mx_dd_add(mean, mx_dd_mul(o->rate[i], o->mean[i]));
    }
    mx_dd_loops_get()->score(n, k, o->rate, o->centre, c->nodes.hi, c->nodes.lo, k, 1, hi, lo);
    for (size_t j = 0; j < n; j++)
        if (c->p[j] > 1e-30)
            most = fmax(most, fabs(mx_dd_add((mx_dd){hi[j], lo[j]}, mean).hi));
    return most;
}

/* The largest residual as the judge has it: of the present p, or of the one that solves the stage. */
static double missed(const mx_continuum *c, const soft *o, int solved)
{
    const mx_dd_loops *loops = mx_dd_loops_get();
    size_t k = o->k, n = c->nodes.n;
    double worst = 0;
    for (size_t i = 0; i < k; i++)
        if (o->s[i] > 0) {
            mx_dd centre = mx_dd_make(o->centre[i]), mean = loops->sum(n, c->p, c->nodes.hi + i, c->nodes.lo + i, k, centre);
            double sd = sqrt(loops->deviation(n, c->p, c->nodes.hi + i, c->nodes.lo + i, k, mx_dd_add(mean, centre), NULL));
            double off = solved ? o->s[i] * o->s[i] * c->lambda[i].hi : mean.hi;
            worst = fmax(worst, fabs(off) / fmax(fabs(o->centre[i]), sd));
        }
    return worst;
}

static void close_soft(soft *o)
{
    mx_free(o->s);
    mx_free(o->mean);
    mx_free(o->p);
}

/* On the nodes as they are, with errors so many times too wide; to be closed after an error too. Errors: MEMORY. */
static maxent_error open_soft(const mx_continuum *c, double wider, soft *o)
{
    size_t k = c->shadow.k, n = c->nodes.n;
    memset(o, 0, sizeof *o);
    o->k = k;
    o->s = mx_zalloc(2 * k + 1, sizeof *o->s);
    o->mean = mx_zalloc(5 * k + k * k + 1, sizeof *o->mean);
    o->p = mx_alloc(2 * k + 3, (n + 1) * sizeof *o->p);
    if (o->s == NULL || o->mean == NULL || o->p == NULL)
        return MAXENT_ERROR_MEMORY;
    o->centre = o->s + k;
    o->slope = o->mean + k;
    o->step = o->slope + k;
    o->from = o->step + k;
    o->rate = o->from + k;
    o->hessian = o->rate + k;
    o->hi = o->p + n;
    o->lo = o->hi + (k + 1) * n;
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &c->fact[i];
        double size = fabs(mx_fact_centre(fact));
        o->centre[i] = mx_fact_centre(fact);
        if (fact->lower == fact->upper) /* a target that is exact is at most as exact as the sums over p */
            o->s[i] = wider * fmax(fact->target_error, 0x1p-53 * (size > 0 ? size : 1));
    }
    return MAXENT_OK;
}

/* Newton with errors so many times too wide. *settled: near enough to its minimum to go on from; at it, where the residual
 * will then be good. *worst: that. */
static maxent_error descend(mx_continuum *c, double wider, double good, mx_outcome *how, int *settled, double *worst)
{
    soft o;
    maxent_error error = open_soft(c, wider, &o);
    size_t k = c->shadow.k;
    double last = INFINITY;
    int idle = 0, polish = 0;
    *settled = 0;
    for (int round = 0; error == MAXENT_OK && round < STEPS; round++) {
        moments(c, &o);
        double fall = direction(&o), before = value(c, &o), wide = spread(c, &o), length = wide > REACH ? REACH / wide : 1;
        c->iterations++;
        if (mx_late(c->run) || (c->run->options->max_iterations > 0 && c->iterations >= c->run->options->max_iterations)) {
            *how = MX_STOPPED;
            break;
        }
        idle = fall > 0.9 * last;
        last = fall;
        *settled = fall <= SETTLED;
        if (*settled && !polish) { /* may it be the answer? */
            polish = missed(c, &o, 1) <= good;
            if (!polish)
                break;
        }
        if (!(fall > LEAST_FALL) || (idle && fall <= NOISE * NOISE / (wider * wider)))
            break;
        memcpy(o.from, c->lambda, k * sizeof *o.from);
        int moved = 0;
        for (int attempt = 0; attempt < 30 && !moved; attempt++, length *= 0.5) {
            for (size_t i = 0; i < k; i++)
                if (o.s[i] > 0)
                    c->lambda[i] = mx_dd_add(o.from[i], mx_dd_mul_d(o.rate[i], length));
            mx_continuum_weigh(c);
            moved = value(c, &o) <= before - 1e-4 * length * fall + 1e-14 * (1 + fabs(before));
        }
        if (!moved) { /* even double-double cannot tell the way */
            memcpy(c->lambda, o.from, k * sizeof *o.from);
            mx_continuum_weigh(c);
            break;
        }
    }
    *worst = error == MAXENT_OK ? missed(c, &o, 0) : NAN;
    close_soft(&o);
    return error;
}

/* What the stages led to. */
typedef struct stages {
    size_t count;
    double wider[STAGES], centred[STAGES], worst[STAGES];
    mx_dd *lambda; /* [STAGES][k] */
} stages;

static void keep_stage(const mx_continuum *c, double wider, double worst, stages *s)
{
    if (s->count == STAGES)
        s->count--;
    s->wider[s->count] = wider;
    s->centred[s->count] = c->centred;
    s->worst[s->count] = worst;
    memcpy(s->lambda + s->count++ * c->shadow.k, c->lambda, c->shadow.k * sizeof *c->lambda);
}

/* The number of stages up to the one with the least residual; 0: there is none. */
static size_t best_stage(const stages *s)
{
    size_t best = 0;
    for (size_t j = 1; j < s->count; j++)
        best = s->worst[j] < s->worst[best] ? j : best;
    return s->count > 0 ? best + 1 : 0;
}

/* To the last stage, before number `most`, whose p is on these nodes what it was on those that it was found on; else to multipliers 0.
 * Returns the errors to go on with. */
static double return_to_stage(mx_continuum *c, size_t most, stages *s)
{
    size_t k = c->shadow.k;
    for (s->count = most; s->count > 0; s->count--) {
        memcpy(c->lambda, s->lambda + (s->count - 1) * k, k * sizeof *c->lambda);
        mx_continuum_weigh(c);
        if (fabs(c->centred - s->centred[s->count - 1]) <= SAME)
            return s->wider[--s->count];
    }
    for (size_t i = 0; i < k; i++)
        c->lambda[i] = mx_dd_make(0);
    mx_continuum_weigh(c);
    return WIDEST;
}

/* Errors to begin with: those of the solution that the multipliers are, on other nodes, or the widest. */
static double first_errors(const mx_continuum *c)
{
    int zero = 1;
    for (size_t i = 0; i < c->shadow.k; i++)
        zero = zero && c->lambda[i].hi == 0;
    return zero || !(c->width > 0) ? WIDEST : c->width;
}

/* More digits of residuals that are good enough are worth this part of the time. */
static int is_time(const mx_run *run)
{
    return mx_seconds() < run->started + MORE_DIGITS * (run->deadline - run->started);
}

maxent_error mx_continuum_rounded(mx_continuum *c, mx_outcome *how)
{
    stages s = {.lambda = mx_alloc(STAGES * c->shadow.k + 1, sizeof *s.lambda)};
    maxent_error error = s.lambda == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    double wider = first_errors(c), worst, good = GOOD * fmax(c->run->options->tolerance, 1e-12);
    size_t stuck = 0; /* number of nodes on which there was no way */
    int settled, returns = 0;
    *how = MX_MET; /* doubles can tell no more in the end; the judge has the last word */
    while (error == MAXENT_OK) {
        double aim = wider < 1.01 * c->least_width ? INFINITY : AIM;
        error = descend(c, wider, fmax(aim, good), how, &settled, &worst);
        if (error != MAXENT_OK || *how == MX_STOPPED)
            break;
        if (settled) {
            size_t nodes = c->nodes.n;
            int last = worst <= aim || (worst <= good && !is_time(c->run));
            keep_stage(c, wider, worst, &s);
            error = mx_continuum_follow(c, SIZE_MAX);
            if (error != MAXENT_OK || (last && c->nodes.n == nodes))
                break;
            int narrowest = wider < 1.01 * NARROWEST;
            if (!narrowest && fabs(c->centred - s.centred[s.count - 1]) <= SAME) {
                wider /= last ? 1 : NARROWING;
                continue;
            }
            settled = !narrowest;
        }
        if (returns++ == RETURNS)
            break;
        if (!settled && c->nodes.n == stuck && s.count > 0) { /* the best stage is as near as it gets */
            wider = c->least_width = return_to_stage(c, best_stage(&s), &s);
            continue;
        }
        if (!settled)
            stuck = c->nodes.n;
        /* there was no way from here, or p is not what it was between nodes that are no longer the only ones */
        wider = return_to_stage(c, settled || s.count == 0 ? s.count : s.count - 1, &s);
    }
    c->width = s.count > 0 ? s.wider[s.count - 1] : 0;
    mx_free(s.lambda);
    return error;
}
