/* E[x^2] = 1/4 keeps the mass about as near to 0 as 1/2, whatever else is asked for; E[cos(x)] = 0.7 says nothing of that kind: it is
 * met as near and as far as one likes. */
#include "solve/cells/widths.h"

#include "base/memory.h"
#include "solve/cells/hints.h"

#include <math.h>
#include <string.h>

enum { HINTS = 64, FAR = 3 };

#define GROWTH 1.2 /* at least, of log(1 + x^2) over the places below */
#define MET 1e-6   /* a hint is where the feature is at its target, or an extreme */

static const double far[FAR] = {1e3, 1e5, 1e8}; /* widths */

/* Does feature i grow without bound to the side of `sign`, the same way as bounds forbid? way: of the growth. */
static int grows(mx_probe_line *p, size_t i, const mx_fact *fact, double middle, double width, int sign, int *way)
{
    double x[FAR], level = isfinite(fact->upper) ? fact->upper : fact->lower, before = 0;
    for (int j = 0; j < FAR; j++)
        x[j] = middle + sign * far[j] * width;
    if (mx_probe_look(p, FAR, x, NULL, 1) != 0)
        return 0;
    for (int j = 0; j < FAR; j++) {
        double off = p->f[(size_t)j * p->k + i] - level;
        if (isnan(off) || (j > 0 && !(fabs(off) > GROWTH * fabs(before) && off * before > 0) && !(isinf(off) && off * before > 0)))
            return 0;
        before = off;
    }
    *way = before > 0 ? 1 : -1;
    return isfinite(*way > 0 ? fact->upper : fact->lower);
}

/* The stretch of fact i along the axis of p, if there is one: its ends. */
static int stretch(mx_probe_line *p, const mx_fact *fact, mx_fact *only, size_t i, size_t n, const double *x, double *left, double *right)
{
    const mx_axis *axis = &p->grid->axis[p->a];
    mx_center at[HINTS];
    mx_centers c = {.at = at, .most = HINTS};
    only[i] = fact[i];
    mx_probe_hints(p, only, n, x, &c);
    only[i].lower = -INFINITY;
    only[i].upper = INFINITY;
    *left = INFINITY;
    *right = -INFINITY;
    for (size_t j = 0; j < c.count; j++) {
        double here = c.at[j].x;
        if (!isfinite(here) || mx_probe_look(p, 1, &here, NULL, 1) != 0)
            continue;
        double f = p->f[i], off = fmin(fabs(f - fact[i].lower), fabs(f - fact[i].upper));
        if (off <= MET * fmax(fabs(f), 1e-300)) {
            *left = fmin(*left, here);
            *right = fmax(*right, here);
        }
    }
    *left = isfinite(axis->lower) ? axis->lower : *left;
    *right = isfinite(axis->upper) ? axis->upper : *right;
    if (c.failed || !(*right > *left) || !isfinite(*left) || !isfinite(*right))
        return 0;
    double middle = 0.5 * (*left + *right), half = 0.5 * (*right - *left);
    int down = 0, up = 0;
    int below = isfinite(axis->lower) || grows(p, i, &fact[i], middle, half, -1, &down);
    int above = isfinite(axis->upper) || grows(p, i, &fact[i], middle, half, 1, &up);
    return below && above && down * up >= 0;
}

/* Is feature i at x the same wherever the other variables are? */
static int alone(mx_probe_line *p, size_t i, double x)
{
    double base[64];
    if (mx_probe_look(p, 1, &x, NULL, 1) != 0)
        return 0;
    double f = p->f[i];
    memcpy(base, p->base, sizeof base);
    for (size_t b = 0; b < p->grid->axes; b++) {
        const mx_axis *axis = &p->grid->axis[b];
        double *at = &p->base[axis->variable], length = axis->upper - axis->lower;
        *at += isfinite(length) ? 0.1 * length : isfinite(axis->upper) ? -0.7 : 0.7;
    }
    int same = mx_probe_look(p, 1, &x, NULL, 1) == 0 && fabs(p->f[i] - f) <= MET * fabs(f);
    memcpy(p->base, base, sizeof base);
    return same;
}

int mx_widths_from_facts(const mx_grid *grid, const mx_fact *fact, double *centre, double *scale)
{
    size_t k = grid->problem->k;
    double x[MX_SCAN_MOST], told[MX_AXES];
    mx_probe_line p;
    if (grid->problem->support.variables > 64)
        return 0;
    if (mx_probe_open(grid, &p) != MAXENT_OK)
        return -1;
    mx_fact *only = mx_alloc(k + 1, sizeof *only);
    for (size_t i = 0; only != NULL && i < k; i++) {
        only[i] = fact[i];
        only[i].lower = -INFINITY;
        only[i].upper = INFINITY;
    }
    mx_probe_base(&p, 0);
    for (size_t a = 0; a < grid->axes; a++) {
        const mx_axis *axis = &grid->axis[a];
        told[a] = axis->whole || (isfinite(axis->lower) && isfinite(axis->upper)) ? 0 : INFINITY;
    }
    for (int together = 0; only != NULL && together < 2; together++) /* what hangs on other variables is asked where they are */
        for (size_t a = 0; a < grid->axes; a++) {
            const mx_axis *axis = &grid->axis[a];
            double left, right;
            if (!isinf(told[a]))
                continue;
            p.a = a;
            size_t n = mx_probe_scan(axis, x);
            for (size_t i = 0; i < k; i++) {
                int bound = isfinite(fact[i].lower) || isfinite(fact[i].upper);
                if (!bound || !stretch(&p, fact, only, i, n, x, &left, &right) || !(right - left < told[a]) ||
                    !(together || alone(&p, i, isfinite(axis->upper) ? left : right)))
                    continue;
                told[a] = right - left;
                centre[a] = isfinite(axis->lower) ? right : isfinite(axis->upper) ? left : 0.5 * (left + right);
                scale[a] = isfinite(axis->lower) || isfinite(axis->upper) ? told[a] : 0.5 * told[a];
            }
            if (isfinite(told[a]))
                p.base[axis->variable] = centre[a];
        }
    int missing = only == NULL;
    mx_free(p.value);
    mx_free(only);
    return missing ? -1 : 0;
}
