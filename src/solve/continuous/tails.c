/* Heavy tails of several variables: how far out there is mass, and lines that reach as far (nested_far.h).
 *
 * From where most of the mass is rays go along the axes and the diagonals; mass at distance t is no more than p times t along the axes that
 * a ray moves on, times the width of p along the others. Means and deviations need not exist, so that the centre is
 * the median, and the width a quantile of the distances from it.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"
#include "solve/cells/nested.h"

#include <math.h>
#include <string.h>

enum { POINTS = 256, HALVINGS = 60 };

#define LEAST (-41.0)  /* log of the mass that is gone after */
#define TOO_MUCH 5.0   /* the same of mass that would not be there if these multipliers were anywhere near the last ones */
#define STEP 2.5       /* from place to place */
#define HEAVY 300.0    /* widths: exponential tails have as much mass beyond 50 */
#define WITHIN 0.7     /* of the mass is as near to the centre as the width */
#define SEEN 0.25      /* of the step of a comb, or the width says nothing */
#define FARTHEST 1e100
#define FARTHER 30.0   /* at least, when it was not far enough */
#define NARROWER 8.0   /* than the width: what changes about the centre */
#define LINE 10.0      /* nodes of a check for e times the distance, to both sides */
#define FINE 0.5       /* of the width of what is narrow */

/* The place below which `part` of the mass is along axis a, or (about) the distance from `from`. */
static double quantile(const mx_continuum *c, size_t a, double part, int about, double from)
{
    const double *x = c->nodes.value[c->grid.axis[a].variable];
    double low = -700, high = 700;
    for (int step = 0; step < HALVINGS; step++) { /* of what has an infinite range as a finite one */
        double middle = 0.5 * (low + high), at = sinh(middle), below = 0;
        for (size_t j = 0; j < c->nodes.n; j++)
            below += (about ? fabs(x[j] - from) : x[j]) < at ? c->p[j] : 0;
        *(below < part ? &low : &high) = middle;
    }
    return sinh(0.5 * (low + high));
}

/* The distances along each axis at which there is mass last. unit: [axes] of places on a ray. centre, wide: [axes]. Errors: MEMORY. */
static maxent_error extent(const mx_continuum *c, const double *centre, const double *wide, const double *unit, double *far)
{
    const mx_grid *grid = &c->grid;
    size_t variables = c->shadow.support.variables, k = c->shadow.k, axes = grid->axes, directions = 1, peak = 0;
    double *column = mx_alloc(variables + 2 * k + 3, POINTS * sizeof *column);
    const double **list = mx_alloc(variables, sizeof *list);
    maxent_error error = column == NULL || list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t j = 1; j < c->nodes.n; j++)
        peak = c->p[j] > c->p[peak] ? j : peak;
    for (size_t a = 0; a < axes; a++)
        directions *= 3;
    for (size_t d = 0; d < directions && error == MAXENT_OK; d++) {
        double by[MX_AXES] = {0}, beside = 0, moving = 0;
        int leaves = 1;
        for (size_t a = 0, rest = d; a < axes; a++, rest /= 3) {
            by[a] = ((double)(rest % 3) - 1) * unit[a];
            leaves = leaves && !(by[a] > 0 && isfinite(grid->axis[a].upper)) && !(by[a] < 0 && isfinite(grid->axis[a].lower));
            moving += by[a] != 0;
            beside += log(by[a] != 0 ? unit[a] : wide[a]);
        }
        if (!leaves || moving == 0)
            continue;
        for (size_t v = 0; v < variables; v++) {
            list[v] = column + v * POINTS;
            for (size_t j = 0; j < POINTS; j++)
                column[v * POINTS + j] = c->nodes.value[v][peak];
        }
        for (size_t a = 0; a < axes; a++)
            for (size_t j = 0; j < POINTS; j++)
                column[grid->axis[a].variable * POINTS + j] = centre[a] + by[a] * pow(STEP, (double)j + 1);
        double *hi = column + variables * POINTS, *lo = hi + k * POINTS, *logq = lo + k * POINTS, *logq_low = logq + POINTS;
        mx_points points = {POINTS, list, NULL};
        if (mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 ||
            mx_field_prior(c->run->problem, &points, logq, logq_low) != 0) {
            error = MAXENT_ERROR_MEMORY;
            break;
        }
        mx_continuum_log_density(c, POINTS, hi, lo, logq, logq_low);
        for (size_t j = 0; j < POINTS; j++) {
            double t = pow(STEP, (double)j + 1), mass = logq[j] + beside + moving * log(t);
            for (size_t a = 0; a < axes && mass > LEAST; a++)
                far[a] = by[a] == 0 ? far[a] : mass > TOO_MUCH ? INFINITY : fmax(far[a], STEP * t * unit[a]);
        }
    }
    mx_free(column);
    mx_free(list);
    return error;
}

/* The centre and the width of p along each axis, and the distances at which there is mass last. Errors: MEMORY. */
static maxent_error spread(const mx_continuum *c, double *centre, double *wide, double *far)
{
    size_t axes = c->grid.axes;
    double unit[MX_AXES] = {0};
    for (size_t a = 0; a < axes; a++) {
        const mx_axis *axis = &c->grid.axis[a];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        centre[a] = left && right ? quantile(c, a, 0.5, 0, 0) : left ? axis->upper : axis->lower;
        unit[a] = wide[a] = left || right ? quantile(c, a, WITHIN, 1, centre[a]) : axis->upper - axis->lower;
        far[a] = wide[a];
    }
    maxent_error error = extent(c, centre, wide, unit, far);
    for (size_t a = 0; a < axes; a++) /* along diagonals of the variables themselves too */
        unit[a] = fmax(wide[0], wide[axes - 1]);
    return error == MAXENT_OK ? extent(c, centre, wide, unit, far) : error;
}

maxent_error mx_continuum_endless(const mx_continuum *c, int *endless)
{
    double centre[MX_AXES], wide[MX_AXES], far[MX_AXES];
    *endless = 0;
    if (c->grid.axes < 2 || !mx_nested_fits(&c->grid))
        return MAXENT_OK;
    maxent_error error = spread(c, centre, wide, far);
    for (size_t a = 0; a < c->grid.axes && error == MAXENT_OK; a++)
        *endless |= isfinite(far[a]) && far[a] >= FARTHEST && far[a] > FARTHEST * wide[a];
    return error;
}

maxent_error mx_continuum_tails(mx_continuum *c, int *heavy)
{
    size_t axes = c->grid.axes;
    mx_nested nested = c->nested;
    double wide[MX_AXES];
    *heavy = 0;
    if (axes < 2 || !mx_nested_fits(&c->grid))
        return MAXENT_OK;
    maxent_error error = spread(c, nested.centre, wide, nested.far);
    int fits = 1;
    double nodes = (double)c->grid.levels;
    for (size_t a = 0; a < axes; a++) {
        *heavy |= nested.far[a] > HEAVY * wide[a];
        double step = c->grid.frame.comb > 0 ? 2 * c->grid.frame.by[a][a] * c->grid.frame.reach / (double)c->grid.frame.comb : 0;
        fits = fits && wide[a] > SEEN * step && nested.far[a] < FARTHEST;
        nested.scale[a] = wide[a] / NARROWER;
        for (size_t i = 0; i < nested.spots; i++)
            nested.scale[a] = fmin(nested.scale[a], FINE * nested.spot[i].width[a]);
        for (size_t i = 0; i < nested.ridges; i++)
            nested.scale[a] = fmin(nested.scale[a], FINE * nested.ridge[i].width[a]);
        nodes *= LINE * log(nested.far[a] / nested.scale[a]);
    }
    fits = fits && nodes < (double)mx_continuum_nodes_most(c);
    for (size_t a = 0; a < axes && c->nested.heavy; a++) { /* they are, and reach too near */
        *heavy = 1;
        nested.far[a] = fmax(nested.far[a], FARTHER * c->nested.far[a]);
        nested.centre[a] = c->nested.centre[a];
        nested.scale[a] = fmin(nested.scale[a], c->nested.scale[a]);
    }
    *heavy = *heavy && fits && error == MAXENT_OK;
    if (*heavy) {
        nested.heavy = nested.on = 1;
        nested.order = nested.order > 0 ? nested.order : 1;
        c->nested = nested;
        c->frame.set = 0;
        c->frame.comb = 0;
        c->turned = 2;
    }
    return error;
}
