/* Newton near the mass first.
 *
 * Far out the first cells of a line are wide, and one node of them can hold, as a spike, what only a law without far mass explains: from
 * there to the answer it is hundreds of steps. So the multipliers are first sought where features are of ordinary size, and kept if p
 * stays there. Where it does not, a high power may ask for a bump farther out: bumps.c.
 */
#include "solve/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define NEAR_ROUNDS 8
#define NEAR_ENOUGH 1e-3 /* mass outside */

/* Where these features are up to `times` their targets. */
static void near_interval(const mx_continuum *c, const double *unit, double times, double *low, double *high)
{
    size_t k = c->shadow.k;
    const double *x = c->nodes.value[c->grid.axis[0].variable];
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t j = 0; j < c->nodes.n; j++) {
        size_t i = 0;
        while (i < k && !(unit[i] > 0 && c->nodes.hi[j * k + i] > times * unit[i]))
            i++;
        if (i == k) {
            *low = fmin(*low, x[j]);
            *high = fmax(*high, x[j]);
        }
    }
}

maxent_error mx_continuum_near(mx_continuum *c, size_t most)
{
    static const double near[] = {1e4, 1e7}; /* many powers of light tails, or of wide ones */
    size_t k = c->shadow.k, tries = sizeof near / sizeof *near, v = c->grid.axis[0].variable;
    mx_dd *start = mx_alloc(k + 1, sizeof *start);
    double low, high, *unit = mx_alloc(k + 1, sizeof *unit);
    maxent_error error = start == NULL || unit == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int kept = 0;
    if (error == MAXENT_OK)
        memcpy(start, c->lambda, k * sizeof *start);
    if (error == MAXENT_OK && mx_continuum_units(c, unit) == 0)
        tries = 0;
    for (size_t try = 0; error == MAXENT_OK && !kept && try < tries && !mx_late(c->run); try++) {
        size_t before = 0;
        near_interval(c, unit, near[try], &low, &high);
        if (!(low < high))
            break;
        if (try == 0) {
            c->core[0] = low;
            c->core[1] = high;
        }
        kept = 1;
        for (int round = 0; error == MAXENT_OK && kept && c->grid.cells != before && round < NEAR_ROUNDS; round++) {
            mx_outcome how;
            int stuck;
            double far = 0;
            before = c->grid.cells;
            unsigned char *out = mx_alloc(c->nodes.n + 1, 1);
            for (size_t j = 0; out != NULL && j < c->nodes.n; j++)
                out[j] = c->nodes.value[v][j] < low || c->nodes.value[v][j] > high;
            c->out = out;
            error = out == NULL ? MAXENT_ERROR_MEMORY : mx_continuum_minimise(c, &how, &stuck);
            c->out = NULL;
            for (size_t j = 0; error == MAXENT_OK && j < c->nodes.n; j++)
                far += out[j] ? c->p[j] : 0;
            mx_free(out);
            kept = error == MAXENT_OK && how == MX_MET && far < NEAR_ENOUGH;
            if (kept)
                error = mx_continuum_follow(c, most);
        }
        if (!kept && error == MAXENT_OK) {
            memcpy(c->lambda, start, k * sizeof *start);
            mx_continuum_weigh(c);
        }
    }
    mx_free(start);
    mx_free(unit);
    return error;
}
