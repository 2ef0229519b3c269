/* Does a certificate hold far out too?
 *
 * A cloud meets the parts of a support that features tell apart, but not a valley that curves: (y - x^3)^2 - x is below any bound, and
 * only along y = x^3. So infinite ends are looked at along rays and curves of a few powers; and every axis with one is followed outwards
 * by factors of 2: the least of the slack over the other axes there, m(t), is looked for where it was nearer, along a power law, at all
 * scales, and in narrow valleys (valleys.c). A certificate fails where m(t) < 0, and nothing is known where m(t) falls steadily until
 * doubles no longer tell the bottom of the valley from its sides.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "solve/continuous/escape.h"
#include "solve/existence/lowest.h"
#include "solve/existence/places.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MOST = 4, FIRST = -2, OCTAVES = 56, SCALES = 60, STEPS = 44, STARTS = 3, SWEEPS = 3, STEADY = 8, BOTTOMS = 4, OFFS = 24 };

#define STEADILY 0.7 /* a fall beside that of STEADY octaves before: less is on its way to a limit */
#define ROUNDING 1e-12 /* of the terms */

/* ---- rays ---- */

/* Looked at along rays, at distances up to 2^FAR_MOST. *holds: 0: it does not. */
static maxent_error along_rays(const mx_continuum *c, const double *direction, int *holds)
{
    enum { RAYS = 64, FAR_FIRST = 4, FAR_MOST = 200, FAR_STEP = 2, EACH = (FAR_MOST - FAR_FIRST) / FAR_STEP };
    const maxent_problem *problem = c->run->problem;
    size_t k = problem->k, variables = problem->support.variables;
    double *value = mx_alloc(variables + 2 * k, EACH * sizeof *value), logq[EACH];
    const double **column = mx_alloc(variables, sizeof *column);
    maxent_error error = value == NULL || column == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    double *hi = error == MAXENT_OK ? value + variables * EACH : NULL, *lo = error == MAXENT_OK ? hi + k * EACH : NULL;
    *holds = 1;
    for (size_t ray = 0; error == MAXENT_OK && *holds && ray < RAYS; ray++) {
        for (size_t v = 0; v < variables; v++) {
            const mx_variable *variable = &problem->support.variable[v];
            double part = fmod(0.5 + (double)(ray + 1) * (v == 0 ? 0.6180339887 : v == 1 ? 0.7548776662 : 0.8191725134), 1.0);
            double slope = ray < 2 * variables ? (ray / 2 == v ? 1 - 2 * (double)(ray % 2) : 0) : 2 * part - 1;
            column[v] = value + v * EACH;
            for (size_t j = 0; j < EACH; j++) {
                double far = slope * ldexp(1.0, FAR_FIRST + (int)j * FAR_STEP), *x = &value[v * EACH + j];
                size_t level = (size_t)(part * (double)variable->levels);
                if (variable->extent == MX_LISTED)
                    *x = variable->named ? (double)level : variable->number[level];
                else if (isinf(variable->lower) || isinf(variable->upper))
                    *x = fmin(fmax(far, variable->lower), variable->upper);
                else
                    *x = variable->lower + part * (variable->upper - variable->lower);
                *x = variable->extent == MX_WHOLE ? floor(*x) : *x;
            }
        }
        mx_points points = {EACH, column, NULL};
        if (mx_field_values(problem, &points, hi, lo, logq) != 0)
            error = MAXENT_ERROR_MEMORY;
        for (size_t j = 0; error == MAXENT_OK && j < EACH && *holds; j++) {
            mx_dd sum = {0, 0};
            double size = 0;
            for (size_t i = 0; i < k; i++) {
                const mx_fact *fact = &problem->fact[i];
                mx_dd f = {hi[j * k + i], lo[j * k + i]};
                if (direction[i] == 0 || logq[j] == -INFINITY) /* no mass there anyway */
                    continue;
                sum = mx_dd_add(sum, mx_dd_mul_d(mx_dd_add_d(f, -(direction[i] > 0 ? fact->upper : fact->lower)), direction[i]));
                size += fabs(direction[i] * f.hi);
            }
            *holds = !(isfinite(size) && sum.hi < -1e-12 * size);
        }
    }
    mx_free(value);
    mx_free((void *)column);
    return error;
}

/* ---- valleys ---- */

typedef struct valley {
    mx_continuum *c;
    const double *d;
    size_t variables, k;
    double at[2 * 64];     /* the place, low parts 0 */
    double *point, *hi, *lo, *logq; /* [2 SCALES + 4] of each */
    int failed;            /* no memory */
} valley;

/* Coordinates in which scales are evenly spaced, from the middle or the end of an axis; along a finite axis 0 .. 1. */
static double place_of(const mx_axis *axis, double u)
{
    double x = isfinite(axis->lower) && isfinite(axis->upper) ? axis->lower + u * (axis->upper - axis->lower)
               : isfinite(axis->lower)                        ? axis->lower + exp2(u) - 1
               : isfinite(axis->upper)                        ? axis->upper - exp2(u) + 1
                                                              : copysign(exp2(fabs(u)) - 1, u);
    x = fmin(fmax(x, axis->lower), axis->upper);
    return axis->whole ? floor(x) : x;
}

static double coordinate_of(const mx_axis *axis, double x)
{
    return isfinite(axis->lower) && isfinite(axis->upper) ? (x - axis->lower) / (axis->upper - axis->lower)
           : isfinite(axis->lower)                        ? log2(1 + x - axis->lower)
           : isfinite(axis->upper)                        ? log2(1 + axis->upper - x)
                                                          : copysign(log2(1 + fabs(x)), x);
}

static void range_of(const mx_axis *axis, double *from, double *to)
{
    int closed = isfinite(axis->lower) && isfinite(axis->upper);
    *to = closed ? 1 : 3 * OCTAVES;
    *from = isinf(axis->lower) && isinf(axis->upper) ? -*to : 0;
}

/* The slack at n places, by their coordinate along variable v, the others as they are. size: of the terms, or NULL. */
static void slacks(valley *w, size_t v, size_t n, const double *x, double *value, double *size)
{
    size_t width = 2 * w->variables;
    for (size_t j = 0; j < n; j++) {
        memcpy(w->point + j * width, w->at, width * sizeof *w->point);
        w->point[j * width + v] = x[j];
    }
    if (mx_sample_evaluate(w->c->run->problem, w->point, n, w->hi, w->lo, w->logq) != 0) {
        w->failed = 1;
        n = 0;
    }
    for (size_t j = 0; j < n; j++) {
        int inside = w->logq[j] > -INFINITY;
        for (size_t i = 0; i < w->k && inside; i++)
            inside = w->d[i] == 0 || fabs(w->hi[j * w->k + i]) <= MX_FEATURE_MOST;
        value[j] = inside ? mx_slack(w->c, w->d, w->hi + j * w->k, w->lo + j * w->k, size != NULL ? &size[j] : NULL).hi : INFINITY;
    }
}

/* By golden section between from and to, of the coordinate (scaled) or of the variable itself. Returns the place. */
static double golden(valley *w, const mx_axis *axis, int scaled, double from, double to, double *least)
{
    const double part = 0.6180339887498949;
    double u[2] = {to - part * (to - from), from + part * (to - from)}, x[2], f[2], best = NAN;
    *least = INFINITY;
    for (int step = 0, which = 2; step < STEPS; step++) {
        for (int i = 0; i < 2; i++)
            if (which == 2 || which == i) {
                x[i] = scaled ? place_of(axis, u[i]) : u[i];
                slacks(w, axis->variable, 1, &x[i], &f[i], NULL);
                best = f[i] < *least ? x[i] : best;
                *least = fmin(*least, f[i]);
            }
        if (f[0] < f[1]) {
            to = u[1];
            u[1] = u[0];
            f[1] = f[0];
            u[0] = to - part * (to - from);
            which = 0;
        } else {
            from = u[0];
            u[0] = u[1];
            f[0] = f[1];
            u[1] = from + part * (to - from);
            which = 1;
        }
    }
    return best;
}

/* The least about a place in a narrow valley, whatever its width. Returns the place. */
static double least_about(valley *w, const mx_axis *axis, double place, double *least)
{
    double x[2 * OFFS + 1], f[2 * OFFS + 1];
    size_t n = 0, best = 0;
    for (int j = -OFFS; j <= OFFS; j++) { /* ascending: far to near, near to far */
        double off = j == 0 ? 0 : copysign(ldexp(fmax(fabs(place), 1), -2 * (OFFS - abs(j)) - 3), j);
        x[n++] = fmin(fmax(axis->whole ? rint(place + off) : place + off, axis->lower), axis->upper);
    }
    slacks(w, axis->variable, n, x, f, NULL);
    for (size_t j = 1; j < n; j++)
        best = f[j] < f[best] ? j : best;
    double at = x[best], low;
    *least = f[best];
    if (!axis->whole && isfinite(*least)) {
        double other = golden(w, axis, 0, x[best > 0 ? best - 1 : best], x[best + 1 < n ? best + 1 : best], &low);
        at = low < *least ? other : at;
        *least = fmin(*least, low);
    }
    return at;
}

/* The least along one axis: near `guess` (NaN: none), and about the least of all scales. It becomes the place. */
static double least_along(valley *w, const mx_axis *axis, double guess)
{
    double from, to, u[2 * SCALES + 1], x[2 * SCALES + 1], f[2 * SCALES + 1], least = INFINITY, best = w->at[axis->variable];
    size_t n = 0;
    range_of(axis, &from, &to);
    for (int j = 0; j <= 2 * SCALES; j++, n++) {
        double part = from < 0 ? (double)(j - SCALES) / SCALES : (double)j / (2 * SCALES);
        u[j] = to > 1 ? to * part * part * part : part; /* ordinary scales matter most */
        x[j] = place_of(axis, u[j]);
    }
    double bottom[BOTTOMS], low_about;
    size_t bottoms;
    w->failed |= mx_places_bottoms(w->c->run->problem, w->at, axis->variable, n, x, bottom, BOTTOMS, &bottoms) != 0;
    for (size_t i = 0; i < bottoms && !w->failed; i++) {
        double place = least_about(w, axis, bottom[i], &low_about);
        if (low_about < least) {
            least = low_about;
            best = place;
        }
    }
    slacks(w, axis->variable, n, x, f, NULL);
    for (int start = 0; start < STARTS && !w->failed; start++) {
        double at = guess, h = 0.05, low;
        if (start > 0) { /* the lowest of the scan that has not been taken */
            size_t lowest = 0;
            for (size_t j = 1; j < n; j++)
                lowest = f[j] < f[lowest] ? j : lowest;
            if (!(f[lowest] < INFINITY))
                break;
            at = u[lowest];
            h = fmax(lowest > 0 ? at - u[lowest - 1] : 0, lowest + 1 < n ? u[lowest + 1] - at : 0);
            for (size_t j = lowest > 0 ? lowest - 1 : 0; j <= lowest + 1 && j < n; j++)
                f[j] = INFINITY;
        }
        if (isnan(at))
            continue;
        double place = golden(w, axis, 1, fmax(at - h, from), fmin(at + h, to), &low), near = 1e-9 * fabs(place), closer;
        if (!axis->whole && isfinite(low) && near > 0) {
            double other = golden(w, axis, 0, fmax(place - near, axis->lower), fmin(place + near, axis->upper), &closer);
            place = closer < low ? other : place;
            low = fmin(low, closer);
        }
        if (low < least) {
            least = low;
            best = place;
        }
    }
    w->at[axis->variable] = best;
    return least;
}

/* Do the doubles next to the place along an axis tell the slack there to less than `fine`? */
static int resolved(valley *w, const mx_axis *axis, double value, double fine)
{
    double x = w->at[axis->variable], beside[2] = {nextafter(x, -INFINITY), nextafter(x, INFINITY)}, f[2];
    slacks(w, axis->variable, 2, beside, f, NULL);
    return axis->whole || (!(f[0] - value > fine) && !(f[1] - value > fine));
}

/* Along one axis to one end, from where the others stand. *holds: 0: the certificate does not, or that is not known. */
static void follow(valley *w, size_t a, int side, int *holds)
{
    const mx_grid *grid = &w->c->grid;
    const mx_axis *axis = &grid->axis[a];
    double was[MX_AXES], before[MX_AXES], m[OCTAVES], size = 0;
    size_t steady = 0;
    for (size_t b = 0; b < MX_AXES; b++)
        was[b] = before[b] = NAN;
    for (int j = 0; j < OCTAVES && !w->failed && *holds && !mx_late(w->c->run); j++) {
        double end = isinf(axis->lower) && isinf(axis->upper) ? 0 : side == 1 ? axis->lower : axis->upper;
        double x = end + (side == 1 ? 1 : -1) * exp2(FIRST + j), value = INFINITY;
        w->at[axis->variable] = axis->whole ? floor(x) : x;
        for (int sweep = 0; sweep < (grid->axes > 2 ? SWEEPS : 1); sweep++)
            for (size_t b = 0; b < grid->axes; b++)
                if (b != a) {
                    double low = least_along(w, &grid->axis[b], sweep == 0 ? 2 * was[b] - before[b] : was[b]);
                    value = fmin(value, low);
                    if (sweep == 0)
                        before[b] = was[b];
                    was[b] = coordinate_of(&grid->axis[b], w->at[grid->axis[b].variable]);
                }
        slacks(w, axis->variable, 1, &w->at[axis->variable], &m[j], &size);
        if (w->failed || !isfinite(m[j]))
            break;
        if (m[j] < -ROUNDING * size) {
            *holds = 0;
            break;
        }
        double fall = j > 0 ? m[j - 1] - m[j] : 0;
        int blurred = 0; /* does it only seem to rise? */
        for (size_t b = 0; b < grid->axes; b++)
            blurred |= b != a && !resolved(w, &grid->axis[b], m[j], fabs(fall));
        if (steady >= STEADY && blurred)
            *holds = 0;
        if (blurred)
            break;
        int slower = steady >= STEADY && j > STEADY && fall < STEADILY * (m[j - 1 - STEADY] - m[j - STEADY]);
        int falls = j > 0 && fall > ROUNDING * size && !slower;
        steady = falls ? steady + 1 : 0;
        if (j == OCTAVES - 1 && steady >= STEADY)
            *holds = 0;
    }
}

static maxent_error along_valleys(mx_continuum *c, const double *direction, int *holds)
{
    enum { ROOM = 2 * SCALES + 4 };
    const maxent_problem *problem = c->run->problem;
    size_t variables = problem->support.variables, k = problem->k, levels = c->grid.levels < LEVELS_MOST ? c->grid.levels : LEVELS_MOST;
    valley w = {.c = c, .d = direction, .variables = variables, .k = k};
    mx_fact *facts = c->fact;
    w.point = mx_alloc(ROOM, (2 * variables + 2 * k + 1) * sizeof *w.point);
    if (w.point == NULL)
        return MAXENT_ERROR_MEMORY;
    w.hi = w.point + ROOM * 2 * variables;
    w.lo = w.hi + ROOM * k;
    w.logq = w.lo + ROOM * k;
    c->fact = problem->fact;
    for (size_t level = 0; level < levels && *holds; level++) {
        size_t rest = level;
        for (size_t v = 0; v < variables; v++) {
            const mx_variable *variable = &problem->support.variable[v];
            size_t mine = variable->extent == MX_LISTED ? rest % variable->levels : 0;
            rest /= variable->extent == MX_LISTED ? variable->levels : 1;
            w.at[v] = variable->extent != MX_LISTED ? 0 : variable->named ? (double)mine : variable->number[mine];
        }
        for (size_t a = 0; a < c->grid.axes; a++)
            for (int side = 0; side < 2; side++) {
                for (size_t b = 0; b < c->grid.axes; b++) /* from the middle of the others */
                    w.at[c->grid.axis[b].variable] = place_of(&c->grid.axis[b], 0.5);
                if (isinf(side == 0 ? c->grid.axis[a].lower : c->grid.axis[a].upper) && *holds && !w.failed)
                    follow(&w, a, side, holds);
            }
    }
    c->fact = facts;
    mx_free(w.point);
    return w.failed ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

maxent_error mx_existence_holds_far(mx_continuum *c, const double *direction, int *holds)
{
    maxent_error error = along_rays(c, direction, holds);
    if (error != MAXENT_OK || !*holds || c->grid.axes == 1)
        return error;
    *holds = !mx_escape_falls(c, direction);
    return *holds ? along_valleys(c, direction, holds) : MAXENT_OK;
}
