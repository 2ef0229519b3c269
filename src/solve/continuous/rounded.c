/* Targets that contradict each other by no more than their own rounding.
 *
 * Forty power moments written as doubles lie outside of the moments of any distribution, by a few units in the last place. They are taken
 * as known to s_i, half a unit there:
 *
 *     D(lambda) + sum_i s_i^2 lambda_i^2 / 2 -> min,          E f_i - tau_i = s_i^2 lambda_i
 *
 * by Newton's method in y_i = s_i lambda_i, whose Hessian S^-1 Cov S^-1 + 1 has a condition number up to 1e32: so it is formed and factored
 * in double-double. Its small eigenvalues are right because the weights p enter Cov as they stand: another p, as good, but an
 * exact covariance. The facts are met to about their last place, and lambda is one of many that do it.
 */
#include "solve/continuous/continuum.h"

#include "base/dd_loops.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define STEPS 120
/* The errors are taken this many times wider at first, then narrower: the way is shorter, and the last Hessian is the worst. */
#define WIDEST 1e8
#define NARROWING 10.0
#define NARROWEST 10.0
#define SETTLED 1e-8 /* a fall of the value, in squares of the errors: beyond it the last step has not found its minimum */
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
    mx_dd *L = o->hessian;
    for (size_t i = 0; i < k; i++)
        for (size_t l = 0; l <= i; l++) {
            mx_dd sum = L[i * k + l];
            for (size_t m = 0; m < l; m++)
                sum = mx_dd_sub(sum, mx_dd_mul(L[i * k + m], L[l * k + m]));
            if (i == l)
                L[i * k + i] = mx_dd_sqrt(sum.hi > 0.5 ? sum : mx_dd_make(1)); /* at least 1 but for rounding */
            else
                L[i * k + l] = mx_dd_div(sum, L[l * k + l]);
        }
    for (size_t i = 0; i < k; i++) {
        mx_dd sum = mx_dd_neg(o->slope[i]);
        for (size_t m = 0; m < i; m++)
            sum = mx_dd_sub(sum, mx_dd_mul(L[i * k + m], o->step[m]));
        o->step[i] = mx_dd_div(sum, L[i * k + i]);
    }
    for (size_t i = k; i-- > 0;) {
        mx_dd sum = o->step[i];
        for (size_t m = i + 1; m < k; m++)
            sum = mx_dd_sub(sum, mx_dd_mul(L[m * k + i], o->step[m]));
        o->step[i] = mx_dd_div(sum, L[i * k + i]);
    }
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

maxent_error mx_continuum_rounded(mx_continuum *c, mx_outcome *how)
{
    size_t k = c->shadow.k;
    soft o = {.k = k};
    o.s = mx_zalloc(3 * k + 1, sizeof *o.s);
    o.mean = mx_zalloc(6 * k + k * k + 1, sizeof *o.mean);
    o.p = mx_alloc(2 * k + 3, (c->nodes.n + 1) * sizeof *o.p);
    if (o.s == NULL || o.mean == NULL || o.p == NULL) {
        mx_free(o.s);
        mx_free(o.mean);
        mx_free(o.p);
        return MAXENT_ERROR_MEMORY;
    }
    o.hi = o.p + c->nodes.n;
    o.lo = o.hi + (k + 1) * c->nodes.n;
    o.slope = o.mean + k;
    o.step = o.slope + k;
    o.from = o.step + k;
    mx_dd *stage = o.from + k; /* where the last errors led */
    o.rate = stage + k;
    o.hessian = o.rate + k;
    memcpy(stage, c->lambda, k * sizeof *stage);
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &c->fact[i];
        double size = fabs(mx_fact_centre(fact));
        if (fact->lower == fact->upper) /* a target that is exact is at most as exact as the sums over p */
            o.s[i] = fmax(fact->target_error, 0x1p-53 * (size > 0 ? size : 1));
    }
    double *least = o.s + k;
    o.centre = least + k;
    for (size_t i = 0; i < k; i++)
        o.centre[i] = mx_fact_centre(&c->fact[i]);
    memcpy(least, o.s, k * sizeof *least);
    *how = MX_MET; /* doubles can tell no more in the end; the judge has the last word */
    int fresh = 1; /* from a solution on other nodes, straight to the narrowest */
    for (size_t i = 0; i < k; i++)
        fresh = fresh && c->lambda[i].hi == 0;
    double narrowest = 0.99 * fmax(NARROWEST, c->least_width);
    for (double wider = fresh || !(c->width > 0) ? WIDEST : 100 * c->width; wider > narrowest; wider /= NARROWING) {
        for (size_t i = 0; i < k; i++)
            o.s[i] = wider * least[i];
        double last = INFINITY;
        int stalled = 0, settled = 0;
        for (int round = 0; round < STEPS; round++) {
            moments(c, &o);
            double fall = direction(&o), before = value(c, &o), wide = spread(c, &o), length = wide > REACH ? REACH / wide : 1;
            c->iterations++;
            if (mx_late(c->run)) {
                *how = MX_STOPPED;
                goto done;
            }
            stalled += fall < 1e-6 && fall > 0.1 * last; /* by the rounding of p the gradient is known to about a tenth of s */
            last = fall;
            settled = fall <= SETTLED;
            if (!(fall > 1e-20) || stalled > 2)
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
            if (!moved) {
                memcpy(c->lambda, o.from, k * sizeof *o.from);
                mx_continuum_weigh(c);
                if (fall > 1e-6 && !fresh) /* even double-double cannot tell the way: the wider errors were as narrow as it goes */
                    goto back;
                break;
            }
        }
        if (!settled && !fresh) {
            c->least_width = 10 * wider;
            goto back;
        }
        memcpy(stage, c->lambda, k * sizeof *stage);
        c->width = wider;
        fresh = 0;
    }
    goto done;
back:
    memcpy(c->lambda, stage, k * sizeof *stage);
    mx_continuum_weigh(c);
done:
    mx_free(o.s);
    mx_free(o.mean);
    mx_free(o.p);
    return MAXENT_OK;
}
