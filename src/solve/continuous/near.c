/* Newton near the mass first.
 *
 * Far out the first cells of a line are wide, and one node of them can hold, as a spike, what only a law without far mass explains: from
 * there to the answer it is hundreds of steps. So the multipliers are first sought where features are of ordinary size, and kept if p
 * stays there. Where it does not, a high power may ask for a bump farther out: bumps.c.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define NEAR_ROUNDS 8
#define PARTS 32
#define NEAR_ENOUGH 1e-3 /* mass outside */
#define ROUGHLY_MET 1e-6 /* residual on cells that need not resolve p yet, */
#define FULLY_MET 1e-13  /* and on such as do */

/* Minimises on the nodes in low .. high. *far: the mass of the others. */
static maxent_error minimise_within(mx_continuum *c, double low, double high, mx_outcome *how, double *far)
{
    int stuck;
    size_t n = c->nodes.n;
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    unsigned char *out = mx_alloc(n + 1, 1);
    for (size_t j = 0; out != NULL && j < n; j++)
        out[j] = x[j] < low || x[j] > high;
    int insist = c->insist;
    c->out = out;
    c->insist = 1; /* many powers take more than the steps after which one asks whether there is a solution */
    maxent_error error = out == NULL ? MAXENT_ERROR_MEMORY : mx_continuum_minimise(c, how, &stuck);
    c->out = NULL;
    c->insist = insist;
    *far = 0;
    for (size_t j = 0; error == MAXENT_OK && j < n; j++)
        *far += out[j] ? c->p[j] : 0;
    mx_free(out);
    return error;
}

/* Where features are up to `times` of what is expected of them. */
static void near_interval(const mx_continuum *c, const double *unit, double times, double *low, double *high)
{
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t j = 0; j < c->nodes.n; j++)
        if (mx_continuum_weight(c, unit, x[j], c->nodes.hi + j * c->nodes.k) <= times) {
            *low = fmin(*low, x[j]);
            *high = fmax(*high, x[j]);
        }
}

/* Halves the cells within low .. high until none is wider than its part of that: many powers want many nodes there. */
static maxent_error divide_within(mx_continuum *c, double low, double high)
{
    for (size_t halved = 1; halved > 0;) {
        halved = 0;
        for (size_t a = 0, cells = c->grid.cells; a < cells; a++) {
            double left, right;
            mx_span_ends(&c->grid.cell[a].span[0], 0, &left, &right);
            if (!(left < high && right > low && fmin(right, high) - fmax(left, low) > (high - low) / PARTS))
                continue;
            int done = mx_grid_halve(&c->grid, a, 0);
            if (done < 0)
                return MAXENT_ERROR_MEMORY;
            halved += done == 0;
        }
    }
    return mx_continuum_lay(c);
}

/* One interval: lambda there, on cells that resolve p, if p stays there; *kept: else lambda is what it was, start. */
static maxent_error try_within(mx_continuum *c, double low, double high, size_t most, const mx_dd *start, int *kept)
{
    size_t before = 0;
    maxent_error error = MAXENT_OK;
    *kept = 1;
    for (int round = 0; error == MAXENT_OK && *kept && c->grid.cells != before && round < NEAR_ROUNDS; round++) {
        mx_outcome how;
        double far;
        before = c->grid.cells;
        error = minimise_within(c, low, high, &how, &far);
        *kept = error == MAXENT_OK && how == MX_MET && far < NEAR_ENOUGH;
        if (*kept)
            error = mx_continuum_follow(c, most);
    }
    if (!*kept && error == MAXENT_OK) {
        memcpy(c->lambda, start, c->shadow.k * sizeof *start);
        mx_continuum_weigh(c);
    }
    return error;
}

maxent_error mx_continuum_near(mx_continuum *c, size_t most)
{
    static const double near[] = {1e4, 1e7, 1e4}; /* many powers of light tails, or of wide ones; the first again, with cells that are */
    size_t k = c->shadow.k, tries = sizeof near / sizeof *near; /* narrow from the start */
    mx_dd *start = mx_alloc(k + 1, sizeof *start);
    double low, high, *unit = mx_alloc(k + 1, sizeof *unit);
    maxent_error error = start == NULL || unit == NULL ? MAXENT_ERROR_MEMORY : mx_continuum_central(c);
    int kept = 0;
    if (error == MAXENT_OK)
        memcpy(start, c->lambda, k * sizeof *start);
    if (error == MAXENT_OK && mx_continuum_units(c, unit) == 0)
        tries = 0;
    for (size_t try = 0; error == MAXENT_OK && !kept && try < tries && !mx_late(c->run); try++) {
        near_interval(c, unit, near[try], &low, &high);
        if (!(low < high))
            break;
        if (try == 0) {
            c->core[0] = low;
            c->core[1] = high;
        }
        if (try + 1 == tries)
            error = divide_within(c, low, high);
        if (error == MAXENT_OK)
            error = try_within(c, low, high, most, start, &kept);
    }
    if (kept && c->near == 0) /* first it is seen whether there is anything to be looked for farther out */
        c->near = c->iterations;
    mx_free(start);
    mx_free(unit);
    return error;
}

/* Ten moments of a normal are met by the normal that the first two tell, to the rounding of the others, which would have a bump far out
 * to hold them. */
maxent_error mx_continuum_fewer(mx_continuum *c, size_t most, int *met)
{
    size_t k = c->shadow.k, steps = c->iterations;
    mx_fact *fact = mx_alloc(k + 1, sizeof *fact);
    mx_dd *start = mx_alloc(k + 1, sizeof *start);
    maxent_error error = fact == NULL || start == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int mixed = c->ends != NULL && c->ends->from != NULL; /* facts are combinations */
    *met = 0;
    if (error == MAXENT_OK) {
        memcpy(fact, c->fact, k * sizeof *fact);
        memcpy(start, c->lambda, k * sizeof *start);
        memset(c->lambda, 0, k * sizeof *c->lambda);
    }
    for (size_t m = 1; error == MAXENT_OK && m < k && !mixed && !*met && !mx_late(c->run); m++) {
        mx_outcome how;
        double far, worst;
        size_t before = 0;
        for (size_t i = 0; i < k; i++) {
            c->fact[i] = fact[i];
            if (i >= m) { /* only watched */
                c->fact[i].lower = -INFINITY;
                c->fact[i].upper = INFINITY;
                c->fact[i].sd = 0;
            }
        }
        for (int round = 0; error == MAXENT_OK && c->grid.cells != before && round < NEAR_ROUNDS; round++) {
            before = c->grid.cells;
            int stuck;
            error = minimise_within(c, c->core[0], c->core[1], &how, &far);
            if (error == MAXENT_OK && how == MX_MET && far < NEAR_ENOUGH)
                error = mx_continuum_minimise(c, &how, &stuck);
            if (error != MAXENT_OK || how != MX_MET || far >= NEAR_ENOUGH)
                break;
            mx_continuum_judge(c, &worst);
            worst = c->run->result->worst_residual; /* of relaxed facts too */
            if (worst > ROUGHLY_MET)
                break;
            *met = worst <= FULLY_MET;
            size_t grown;
            error = mx_continuum_reach(c, &grown);
            if (error == MAXENT_OK)
                error = mx_continuum_follow(c, most);
        }
    }
    if (error == MAXENT_OK && !*met) {
        memcpy(c->fact, fact, k * sizeof *fact);
        memcpy(c->lambda, start, k * sizeof *start);
        mx_continuum_weigh(c);
    }
    c->annealing += c->iterations - steps;
    mx_free(fact);
    mx_free(start);
    return error;
}
