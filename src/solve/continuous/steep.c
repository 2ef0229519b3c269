/* Features that are enormous where there is next to no mass.
 *
 * E[1/x] = 100 on [0, 1] has lambda = exp(-100.6): 1/x spreads over 44 decades of values, each with its part of the mean, and its standard
 * deviation is 1e22, beside which Newton's residual calls any mean met. But the mean depends on log lambda as anything ordinary does, so
 * that one multiplier is found by halving an interval of its logarithm, the others as they are.
 *
 * A bump of p far out carries a feature in the same way: E[x^4] = 20 beside skewness 0.001 rests on mass 1e-17 at x = 4e4. The nodes show
 * all of it when p f is gone beyond them.
 */
#include "solve/continuous/continuum.h"

#include "base/dd_loops.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { HALVINGS = 80, SWEEPS = 4, POINTS = 64 };

#define SAYS_NOTHING 1e3 /* standard deviations of a feature as a multiple of its target, */
#define SINGULAR 1e15    /* which a feature must be somewhere, in the same unit, */
#define OFF 1e-13        /* and how far from that its mean may be, as a part of it */
#define ROUGHLY 1e-6     /* the same of several after they have been met in turn */
#define ENORMOUS 1e20    /* values of a feature, of its target: another feature may keep all mass from them for now */
#define LOG_LEAST (-690.0)
#define LOG_MOST 460.0
#define GONE 1e-12       /* of the size of the fact: what places beyond the nodes may add to it, */
#define GROWN 1e6        /* looked at until the feature is so many times what it is at the last node with a part in it */

static double mean_off(const mx_continuum *c, size_t i)
{
    mx_dd centre = mx_dd_make(mx_fact_centre(&c->fact[i]));
    return mx_dd_loops_get()->sum(c->nodes.n, c->p, c->nodes.hi + i, c->nodes.lo + i, c->nodes.k, centre).hi;
}

/* E[f_i] - tau_i when its multiplier is `lambda`. */
static double off_at(mx_continuum *c, size_t i, double lambda)
{
    c->lambda[i] = mx_dd_make(lambda);
    mx_continuum_weigh(c);
    return mean_off(c, i);
}

/* The largest |f_i - tau_i| at nodes, with its sign. */
static double extreme(const mx_continuum *c, size_t i)
{
    double centre = mx_fact_centre(&c->fact[i]), most = 0;
    for (size_t j = 0; j < c->nodes.n; j++) {
        double off = c->nodes.hi[j * c->nodes.k + i] - centre;
        most = c->nodes.logq[j] > -INFINITY && fabs(off) > fabs(most) ? off : most;
    }
    return most;
}

/* exp of the mean log |f_i| at the nodes: a size that neither a target of 1e-19, perhaps the rounding of 0, nor a singular point tells. */
static double common_size(const mx_continuum *c, size_t i)
{
    double sum = 0;
    size_t count = 0;
    for (size_t j = 0; j < c->nodes.n; j++) {
        double size = fabs(c->nodes.hi[j * c->nodes.k + i]);
        if (size > 0 && isfinite(size) && c->nodes.logq[j] > -INFINITY) {
            sum += log(size);
            count++;
        }
    }
    return count > 0 ? exp(sum / (double)count) : 0;
}

double mx_continuum_hides(const mx_continuum *c, size_t i)
{
    const mx_fact *fact = &c->fact[i];
    double size = mx_fact_size(fact);
    if (fact->lower != fact->upper || fact->sd > 0 || !(size > 0))
        return INFINITY;
    double most = fabs(extreme(c, i));
    return most > SINGULAR * size && most > SINGULAR * common_size(c, i) ? SAYS_NOTHING * size : INFINITY;
}

/* Is fact i an equality whose mean is off its target? */
static int is_off(const mx_continuum *c, size_t i)
{
    return isfinite(mx_continuum_hides(c, i)) && !(fabs(mean_off(c, i)) <= OFF * mx_fact_size(&c->fact[i])) &&
           !(c->ends != NULL && (c->ends->from != NULL || c->ends->escape[i] != MX_ESCAPE_NONE));
}

/* Does the deviation of feature i hide whether its mean is right? */
static int hidden(const mx_continuum *c, size_t i)
{
    double most = mx_continuum_hides(c, i);
    mx_dd centre = mx_dd_make(mx_fact_centre(&c->fact[i]));
    const double *hi = c->nodes.hi + i, *lo = c->nodes.lo + i;
    return !(mx_dd_loops_get()->deviation(c->nodes.n, c->p, hi, lo, c->nodes.k, centre, NULL) <= most * most);
}

/* The multiplier with which fact i is met, the others as they are; 0 when there is none. Returns whether there is one. */
static int meet(mx_continuum *c, size_t i)
{
    double at_0 = off_at(c, i, 0), side = extreme(c, i), sign = side > 0 ? 1 : -1, low = LOG_LEAST, high = LOG_MOST;
    int found = at_0 * sign > 0 && off_at(c, i, sign * exp(high)) * sign < 0;
    for (int step = 0; step < HALVINGS && found; step++) {
        double middle = 0.5 * (low + high);
        *(off_at(c, i, sign * exp(middle)) * sign > 0 ? &low : &high) = middle;
    }
    off_at(c, i, found ? sign * exp(high) : 0);
    return found;
}

maxent_error mx_continuum_steep(mx_continuum *c, int *changed)
{
    size_t k = c->shadow.k, steep = 0;
    unsigned char *which = mx_zalloc(k + 1, 1);
    mx_dd *before = mx_alloc(k + 1, sizeof *before);
    maxent_error error = which == NULL || before == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int any = 0;
    *changed = 0;
    for (size_t i = 0; error == MAXENT_OK && i < k; i++) {
        before[i] = c->lambda[i];
        int off = is_off(c, i);
        any |= off && hidden(c, i);
        which[i] = off && (hidden(c, i) || fabs(extreme(c, i)) > ENORMOUS * mx_fact_size(&c->fact[i]));
        steep += which[i];
    }
    steep = any ? steep : 0;
    for (size_t i = 0; i < k && steep > 1; i++) /* from where none is in the way of another */
        c->lambda[i] = which[i] ? mx_dd_make(0) : c->lambda[i];
    int met = steep > 0;
    for (int sweep = 0; sweep < SWEEPS && met && (sweep == 0 || steep > 1); sweep++)
        for (size_t i = 0; i < k && met; i++)
            met = !which[i] || meet(c, i);
    for (size_t i = 0; i < k && met; i++)
        met = !which[i] || fabs(mean_off(c, i)) <= ROUGHLY * mx_fact_size(&c->fact[i]);
    if (error == MAXENT_OK && steep > 0 && !met) {
        memcpy(c->lambda, before, k * sizeof *before);
        mx_continuum_weigh(c);
    }
    *changed = met;
    while (met && mx_continuum_beyond(c)) /* Newton is to see all of it */
        c->cap = (c->cap > 0 ? c->cap : MX_CAP) * 1e10;
    mx_free(which);
    mx_free(before);
    return error;
}

/* Are p |f_i| r gone at places r beyond the nodes, on one side, as far as f_i grows to GROWN times `last`?
 * column: [2 k + 4][POINTS] to work in. */
static int fades_beyond(const mx_continuum *c, size_t i, int side, double last, const double **list, double *column)
{
    size_t k = c->shadow.k;
    double *hi = column + POINTS, *lo = hi + k * POINTS, *logq = lo + k * POINTS, *logq_low = logq + POINTS, *off = logq_low + POINTS;
    double edge = side == 1 ? -INFINITY : INFINITY, grown = 0, from = c->outskirts[0].center[side], left, right;
    const mx_fact *fact = &c->run->problem->fact[i];
    for (size_t b = 0; b < c->grid.cells; b++) {
        mx_span_ends(&c->grid.cell[b].span[0], 0, &left, &right);
        edge = side == 1 ? fmax(edge, right) : fmin(edge, left);
    }
    for (size_t j = 0; j < POINTS; j++)
        column[j] = from + (edge - from) * pow(1.5, (double)j);
    list[0] = column;
    mx_points points = {POINTS, list, NULL};
    if (mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 || mx_field_prior(c->run->problem, &points, logq, logq_low) != 0)
        return 0;
    for (size_t j = 0; j < POINTS; j++)
        off[j] = fabs(hi[j * k + i] - mx_fact_centre(fact));
    mx_continuum_log_density(c, POINTS, hi, lo, logq, logq_low);
    for (size_t j = 0; j < POINTS && off[j] <= MX_FEATURE_MOST; j++) {
        if (!(logq[j] + log(off[j]) + log(fabs(column[j] - from)) <= log(GONE * mx_fact_size(fact))))
            return 0;
        grown = fmax(grown, off[j]);
    }
    return grown >= GROWN * last;
}

int mx_continuum_fades(const mx_continuum *c, size_t i)
{
    const mx_fact *fact = &c->run->problem->fact[i];
    if (c->shadow.support.variables > 1 || c->grid.axis[0].whole)
        return 0;
    const double *list[1];
    double *column = mx_alloc(2 * c->shadow.k + 4, POINTS * sizeof *column), last = 0;
    int fades = column != NULL;
    for (size_t j = 0; fades && j < c->nodes.n; j++) {
        double off = fabs(c->nodes.hi[j * c->nodes.k + i] - mx_fact_centre(fact));
        last = c->p[j] > 0 && c->p[j] * off > GONE * mx_fact_size(fact) ? fmax(last, off) : last;
    }
    for (int side = 0; side < 2 && fades; side++)
        fades = !c->outskirts[0].open[side] || fades_beyond(c, i, side, last, list, column);
    mx_free(column);
    return fades;
}
