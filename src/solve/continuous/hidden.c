/* Several variables: is there something between the nodes? Rules are judged by denser ones, and a narrow bump can escape both; points that
 * have nothing to do with either are looked at [1].
 *
 * [1] M. Roberts, The unreasonable effectiveness of quasirandom sequences (2018): multiples of powers of the plastic number and its like.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"
#include "solve/existence/existence.h"
#include "solve/cells/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 4096 };

#define HIGHER 1.0  /* in log p, above what any node shows */
#define LARGER 3.0  /* times the size that a feature has at any node */

/* Points over the support, more of them where p is; [axes][POINTS], as high and low parts. */
static void scatter(const mx_continuum *c, double *const *value, double *const *low)
{
    static const double by[MX_AXES][MX_AXES] = { /* of 1, 2, 3 axes */
        {0.6180339887498949}, {0.7548776662466927, 0.5698402909980532}, {0.8191725133961645, 0.6710436067037893, 0.5497004779019703}};
    const mx_grid *grid = &c->grid;
    double centre[MX_AXES] = {0}, scale[MX_AXES] = {1, 1, 1};
    if (!grid->frame.set)
        mx_frame_widths(grid, &c->nodes, c->p, centre, scale);
    for (size_t a = 0; a < grid->axes; a++) {
        const mx_axis *axis = &grid->axis[a];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        for (size_t j = 0; j < POINTS; j++) {
            double u = fmod(0.5 + (double)(j + 1) * by[grid->axes - 1][a], 1);
            u = fmin(fmax(u, 1e-6), 1 - 1e-6);
            low[a][j] = 0;
            value[a][j] = left && right ? centre[a] + scale[a] * log(u / (1 - u))
                          : left        ? axis->upper + 2 * scale[a] * log(u)
                          : right       ? axis->lower - 2 * scale[a] * log(u)
                                        : axis->lower + u * (axis->upper - axis->lower);
            if (grid->nested.heavy && (left || right)) { /* beyond there is nothing to be seen, and features may be any size */
                double from = left && right ? grid->nested.centre[a] : left ? axis->upper : axis->lower, far = grid->nested.far[a];
                value[a][j] = fmin(fmax(value[a][j], from - far), from + far);
            }
        }
    }
    if (grid->frame.set)
        mx_frame_points(grid, POINTS, value, low);
}

/* The largest |f_i - centre_i| at the nodes: [k]; the highest log p there. */
static double summits(const mx_continuum *c, double *most)
{
    size_t k = c->nodes.k;
    double highest = -INFINITY;
    memset(most, 0, k * sizeof *most);
    for (size_t j = 0; j < c->nodes.n; j++) {
        if (c->nodes.logq[j] == -INFINITY)
            continue;
        highest = fmax(highest, c->logp[j] - c->nodes.logw[j]);
        for (size_t i = 0; i < k; i++)
            most[i] = fmax(most[i], fabs(c->nodes.hi[j * k + i] - mx_fact_centre(&c->fact[i])));
    }
    return highest;
}

static void tell(mx_continuum *c, const double *column, size_t j, const char *what)
{
    char *message = c->run->result->message;
    size_t room = sizeof c->run->result->message, used = 0;
    const maxent_problem *problem = &c->shadow;
    used += (size_t)snprintf(message, room, "%.300s is far larger near ", what);
    for (size_t v = 0; v < problem->support.variables && used < room - 100; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        if (variable->extent != MX_LISTED)
            used += (size_t)snprintf(message + used, room - used, "%s%.30s = %.6g", v > 0 ? ", " : "", variable->name,
                                     column[v * POINTS + j]);
    }
    snprintf(message + used, room - used, " than the integrals know of: a peak too narrow for them");
}

maxent_error mx_continuum_hidden(mx_continuum *c, int *hidden)
{
    size_t variables = c->shadow.support.variables, k = c->shadow.k;
    *hidden = 0;
    for (size_t a = 0; a < c->grid.axes; a++)
        if (c->grid.axes < 2 || c->grid.axis[a].whole)
            return MAXENT_OK;
    double *column = mx_alloc(2 * variables + 2 * k + 2, POINTS * sizeof *column), *most = mx_alloc(k + 1, sizeof *most);
    const double **list = mx_alloc(2 * variables, sizeof *list);
    maxent_error error = column == NULL || most == NULL || list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        double *value[MX_AXES], *low[MX_AXES], highest = summits(c, most);
        for (size_t v = 0; v < 2 * variables; v++)
            list[v] = column + v * POINTS;
        for (size_t v = 0, inner = 1; v < variables; v++) { /* every combination of levels in its turn */
            const mx_variable *variable = &c->shadow.support.variable[v];
            if (variable->extent != MX_LISTED)
                continue;
            for (size_t j = 0; j < POINTS; j++) {
                size_t level = j / inner % variable->levels;
                column[v * POINTS + j] = variable->named ? (double)level : variable->number[level];
                column[(variables + v) * POINTS + j] = 0;
            }
            inner *= variable->levels;
        }
        for (size_t a = 0; a < c->grid.axes; a++) {
            value[a] = column + c->grid.axis[a].variable * POINTS;
            low[a] = value[a] + variables * POINTS;
        }
        scatter(c, value, low);
        double *hi = column + 2 * variables * POINTS, *lo = hi + k * POINTS, *logq = lo + k * POINTS, *logq_low = logq + POINTS;
        mx_points points = {POINTS, list, list + variables};
        if (mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 || mx_field_prior(c->run->problem, &points, logq, logq_low) != 0)
            error = MAXENT_ERROR_MEMORY;
        for (size_t j = 0; j < POINTS && error == MAXENT_OK && !*hidden; j++) {
            int on_face = c->face == NULL || mx_existence_on_face(c, c->face, c->face_open, hi + j * k, lo + j * k);
            for (size_t i = 0; i < k && !*hidden && on_face && logq[j] > -INFINITY && c->grid.nested.on; i++)
                if (fabs(hi[j * k + i] - mx_fact_centre(&c->fact[i])) > LARGER * most[i]) {
                    *hidden = 1;
                    tell(c, column, j, c->run->problem->fact[i].text != NULL ? c->run->problem->fact[i].text : "a feature");
                }
            mx_continuum_log_density(c, 1, hi + j * k, lo + j * k, logq + j, logq_low + j);
            if (!*hidden && on_face && logq[j] > highest + HIGHER) {
                *hidden = 1;
                tell(c, column, j, "p");
            }
        }
    }
    mx_free(column);
    mx_free(most);
    mx_free(list);
    return error;
}
