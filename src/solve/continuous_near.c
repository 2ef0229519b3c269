/* Newton near the mass first.
 *
 * Far out the first cells of a line are wide, and one node of them can hold, as a spike, what only a law without far mass explains: from
 * there to the answer it is hundreds of steps. So the multipliers are first sought where features are of ordinary size, and kept if p
 * stays there. Where it does not, there is a bump farther out, of mass 1e-10 perhaps, that a high power asks for; then the cells there
 * are made fine enough for Newton to move it.
 */
#include "solve/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define NEAR_ROUNDS 8
#define NEAR_ENOUGH 1e-3 /* mass outside */
#define GRADED 0.1       /* the width of cells as a part of their distance, */
#define GRADED_TO 64     /* up to so many times as far out as the nodes that are near */

static int is_near(const mx_continuum *c, size_t j, const double *cap)
{
    size_t k = c->shadow.k, i = 0;
    while (i < k && fabs(c->nodes.hi[j * k + i] - mx_fact_centre(&c->fact[i])) <= cap[i])
        i++;
    return i == k;
}

/* Halves cells beyond the nodes that are near until none is wider than a part of its distance from there. */
static maxent_error grade(mx_continuum *c, const double *cap, size_t most)
{
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    double low = INFINITY, high = -INFINITY;
    for (size_t j = 0; j < c->nodes.n; j++)
        if (is_near(c, j, cap)) {
            low = fmin(low, x[j]);
            high = fmax(high, x[j]);
        }
    if (!(high > low))
        return MAXENT_OK;
    double middle = 0.5 * (low + high), radius = 0.5 * (high - low);
    for (size_t halved = 1; halved > 0 && c->grid.cells < most;) {
        size_t cells = c->grid.cells;
        halved = 0;
        for (size_t a = 0; a < cells && c->grid.cells < most; a++) {
            double left, right;
            mx_span_ends(&c->grid.cell[a].span[0], 0, &left, &right);
            double inner = fmin(fabs(left - middle), fabs(right - middle)), outer = fmax(fabs(left - middle), fabs(right - middle));
            if (outer > radius && inner < GRADED_TO * radius && right - left > GRADED * fmax(inner, radius)) {
                int done = mx_grid_halve(&c->grid, a, 0);
                if (done < 0)
                    return MAXENT_ERROR_MEMORY;
                halved += done == 0;
            }
        }
    }
    return mx_continuum_lay(c);
}

maxent_error mx_continuum_near(mx_continuum *c, size_t most)
{
    static const double near[] = {1e4, 1e7}; /* features up to this many times their targets: many powers of light tails, or of wide ones */
    size_t k = c->shadow.k, tries = sizeof near / sizeof *near;
    mx_dd *start = mx_alloc(k + 1, sizeof *start);
    double *cap = mx_alloc(k + 1, sizeof *cap);
    maxent_error error = start == NULL || cap == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int kept = 0;
    if (error == MAXENT_OK)
        memcpy(start, c->lambda, k * sizeof *start);
    for (size_t try = 0; error == MAXENT_OK && !kept && try < tries && !mx_late(c->run); try++) {
        size_t before = 0;
        kept = 1;
        for (int round = 0; error == MAXENT_OK && kept && c->grid.cells != before && round < NEAR_ROUNDS; round++) {
            mx_outcome how;
            int stuck;
            double far = 0;
            before = c->grid.cells;
            c->cap = near[try];
            for (size_t i = 0; i < k; i++)
                cap[i] = mx_continuum_cap(c, i);
            error = mx_continuum_minimise(c, &how, &stuck);
            c->cap = 0;
            for (size_t j = 0; error == MAXENT_OK && j < c->nodes.n; j++)
                far += is_near(c, j, cap) ? 0 : c->p[j];
            kept = error == MAXENT_OK && how == MX_MET && far < NEAR_ENOUGH;
            if (kept)
                error = mx_continuum_follow(c, most);
        }
        if (!kept && error == MAXENT_OK) {
            memcpy(c->lambda, start, k * sizeof *start);
            mx_continuum_weigh(c);
        }
    }
    if (error == MAXENT_OK && !kept)
        error = grade(c, cap, most);
    mx_free(start);
    mx_free(cap);
    return error;
}
