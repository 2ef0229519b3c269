/* A bump of p far out, by annealing.
 *
 * Mean 0, variance 1, skewness 0.001 and kurtosis 4 on the line: nearly a normal, and at x = 1000 a bump of mass 1e-12, without which
 * skewness and kurtosis cannot both be met. From the core of the mass such a bump is a constraint, log p <= log of its height everywhere
 * far out, active at one point; log p is curved so much there that the bump is 1e-5 of its distance wide, and Newton, for which every
 * node is a term of its own, hops from node to node.
 *
 * So far out p is replaced by T exp(level + (log p - level) / T): at a high temperature T a wide smooth bump at the same place with
 * nearly the same mass, whose height is exp(level). The dual stays convex: features count for 1 / T of what they are there, and weights
 * for T. With W(x) the largest of the even powers of x - mean, or of the features that are nowhere negative, in units of what they are
 * expected to be, a bump says (mass) W about the facts; so T = W / coldness, which makes all features far out of ordinary size at first,
 * and level = height - log(W |x|). From stage to stage T falls by four and the bump becomes narrower by two, which the cells follow.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define STAGES 40
#define WARMEST 64.0     /* coldness of the first */
#define HEIGHT (-7.0)    /* of what nothing is known of */
#define HEAVIEST 1e18    /* W of a bump: it has the inverse of that as mass */
#define GRADED 0.1       /* the width of cells as a part of their distance, */
#define SETTLED 0.5      /* of a height */
#define ANY 1e40         /* how many times its target a feature may be */
#define AGAIN 4          /* turns at one temperature */

/* Halves cells beyond low .. high, up to `reach` from there, until none is wider than a part of its distance from there. */
static maxent_error grade(mx_continuum *c, double low, double high, double reach, size_t most)
{
    double radius = 0.5 * (high - low);
    for (size_t halved = 1; halved > 0 && c->grid.cells < most;) {
        size_t cells = c->grid.cells;
        halved = 0;
        for (size_t a = 0; a < cells && c->grid.cells < most; a++) {
            double left, right;
            mx_span_ends(&c->grid.cell[a].span[0], 0, &left, &right);
            double inner = fmax(fmax(left - high, low - right), 0); /* from the core to the cell */
            if ((left < low || right > high) && inner < reach && right - left > GRADED * (inner + radius)) {
                int done = mx_grid_halve(&c->grid, a, 0);
                if (done < 0)
                    return MAXENT_ERROR_MEMORY;
                halved += done == 0;
            }
        }
    }
    return MAXENT_OK;
}

/* Which cells hold the core of the mass, and cells for what may be farther out. */
static maxent_error divide(mx_continuum *c, double low, double high, size_t most)
{
    mx_anneal *anneal = &c->anneal;
    double radius = 0.5 * (high - low), reach = radius;
    maxent_error error = MAXENT_OK;
    for (int side = 0; side < 2 && error == MAXENT_OK; side++) {
        int grown = c->outskirts[0].open[side];
        for (double heaviest = 0; grown && heaviest < HEAVIEST && error == MAXENT_OK;) { /* as far as there are nodes, or cells to be */
            error = mx_region_extend(&c->grid, 0, side, MX_FEATURE_MOST, c->outskirts, &grown);
            if (error == MAXENT_OK)
                error = mx_continuum_lay(c);
            heaviest = 0;
            const double *x = error == MAXENT_OK ? c->nodes.value[c->grid.axis[0].variable] : NULL;
            for (size_t j = 0; error == MAXENT_OK && j < c->nodes.n; j++)
                if (side == 0 ? x[j] < low : x[j] > high) {
                    double weight = mx_continuum_weight(c, anneal->unit, x[j], c->nodes.hi + j * c->nodes.k);
                    heaviest = fmax(heaviest, weight);
                    if (weight <= HEAVIEST)
                        reach = fmax(reach, fmax(low - x[j], x[j] - high));
                }
        }
    }
    if (error == MAXENT_OK)
        error = grade(c, low, high, reach, most);
    for (size_t a = 0; error == MAXENT_OK && a < c->grid.cells; a++) { /* the core ends where cells end */
        double left, right;
        mx_span_ends(&c->grid.cell[a].span[0], 0, &left, &right);
        if (left < low && low <= right)
            low = left;
        if (left <= high && high < right)
            high = right;
    }
    anneal->low = low;
    anneal->high = high;
    return error;
}

static int far_out(const mx_anneal *anneal, double x)
{
    return x < anneal->low || x > anneal->high;
}

/* log W |x - middle of the core| */
static double log_scale(const mx_anneal *anneal, size_t j, double x)
{
    return log(anneal->weight[j] * fabs(x - 0.5 * (anneal->low + anneal->high)));
}

maxent_error mx_continuum_temper(mx_continuum *c)
{
    mx_anneal *anneal = &c->anneal;
    mx_nodes *nodes = &c->nodes;
    size_t k = nodes->k, v = c->grid.axis[0].variable;
    if (!(anneal->coldness > 0))
        return MAXENT_OK;
    double *weight = mx_resize(anneal->weight, nodes->n + 1, sizeof *weight);
    if (weight == NULL)
        return MAXENT_ERROR_MEMORY;
    anneal->weight = weight;
    for (size_t j = 0; j < nodes->n; j++) {
        double x = nodes->value[v][j], *hi = nodes->hi + j * k, *lo = nodes->lo + j * k;
        weight[j] = mx_continuum_weight(c, anneal->unit, x, hi);
        double T = weight[j] / anneal->coldness;
        if (!far_out(anneal, x) || T <= 1)
            continue;
        for (size_t i = 0; i < k; i++) {
            double centre = mx_fact_centre(&c->fact[i]);
            mx_dd f = mx_dd_add_d((mx_dd){hi[i], lo[i]}, -centre);
            f = mx_dd_add_d(mx_dd_mul_d(f, 1 / T), centre);
            hi[i] = f.hi;
            lo[i] = f.lo;
        }
        double level = anneal->level - log_scale(anneal, j, x);
        nodes->logq[j] = weight[j] <= HEAVIEST ? nodes->logq[j] / T + (1 - 1 / T) * level + log(T) : -INFINITY;
        nodes->logq_low[j] = 0;
    }
    return MAXENT_OK;
}

/* The height at the place that says most about the facts; *temperature: there. */
static double height(const mx_continuum *c, double *temperature)
{
    const mx_anneal *anneal = &c->anneal;
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    double most = 0, found = HEIGHT;
    *temperature = 1;
    for (size_t j = 0; j < c->nodes.n; j++)
        if (far_out(anneal, x[j]) && c->p[j] * anneal->weight[j] > most) {
            most = c->p[j] * anneal->weight[j];
            *temperature = fmax(1, anneal->weight[j] / anneal->coldness);
            found = c->logp[j] - c->nodes.logw[j] - log(*temperature) + log_scale(anneal, j, x[j]);
        }
    return found;
}

/* log Z of the core alone. */
static double core(const mx_continuum *c)
{
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    double most = -INFINITY, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < c->nodes.n; j++)
            if (!far_out(&c->anneal, x[j])) {
                most = pass == 0 ? fmax(most, c->logp[j]) : most;
                sum += pass == 1 ? exp(c->logp[j] - most) : 0;
            }
    return c->centred + most + log(sum);
}

maxent_error mx_continuum_bumps(mx_continuum *c, size_t most)
{
    size_t k = c->shadow.k, before = c->iterations;
    mx_anneal *anneal = &c->anneal;
    mx_dd *start = mx_alloc(k + 1, sizeof *start);
    double *unit = mx_alloc(k + 1, sizeof *unit);
    double level = HEIGHT, temperature = INFINITY, cap = c->cap;
    int met = 1, insist = c->insist;
    c->cap = ANY;
    c->insist = 1; /* a hundred steps may be needed at first */
    maxent_error error = start == NULL || unit == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        mx_continuum_units(c, unit);
        anneal->unit = unit;
        error = divide(c, c->core[0], c->core[1], most);
    }
    if (error == MAXENT_OK)
        memcpy(start, c->lambda, k * sizeof *start);
    anneal->coldness = WARMEST;
    for (int stage = 0, again = 0; error == MAXENT_OK && met && temperature > 1 && stage < STAGES && !mx_late(c->run);) {
        mx_outcome how;
        int stuck;
        anneal->level = level + core(c);
        error = mx_continuum_lay(c);
        if (error == MAXENT_OK)
            error = mx_continuum_follow(c, most);
        if (error == MAXENT_OK)
            error = mx_continuum_minimise(c, &how, &stuck);
        met = error == MAXENT_OK && how == MX_MET;
        if (met) {
            double now = height(c, &temperature), change = fabs(now - level);
            level = now;
            if (change > SETTLED && again++ < AGAIN)
                continue;
            again = 0;
            stage++;
            anneal->coldness *= 4;
        }
    }
    met = met && temperature <= 1; /* else it ended too hot */
    if (error == MAXENT_OK && !met)
        memcpy(c->lambda, start, k * sizeof *start);
    mx_free(start);
    mx_free(unit);
    mx_free(anneal->weight);
    c->anneal = (mx_anneal){.over = 1};
    c->cap = met ? ANY : cap;
    c->insist = insist;
    c->decided |= met; /* it is there */
    c->annealing += c->iterations - before;
    if (error == MAXENT_OK)
        error = mx_continuum_lay(c);
    c->anneal.over = 0;
    return error;
}
