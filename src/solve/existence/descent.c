/* The way down from a place: a search by patterns [1] in the coordinates z, along the axes, the diagonals and a few directions that turn.
 *
 * Where a step crosses a cut, at which what is asked may jump, it is tried also as a step along the cut on this side of it: the least is
 * often right there, and no straight step stays there when the cut is curved.
 *
 * [1] T. G. Kolda, R. M. Lewis, V. Torczon, Optimization by direct search, SIAM Review 45 (2003) 385-482.
 */
#include "solve/existence/places.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { WAYS_MOST = 2 * (MX_AXES + MX_AXES * (MX_AXES - 1) + 2), DAMPINGS = 7 };

typedef struct walker {
    const mx_places *places;
    mx_worth worth;
    const void *user;
    double *hi, *lo, *logq;      /* [2 WAYS_MOST][k] */
    double at[2 * WAYS_MOST * 128], z[2 * WAYS_MOST][MX_AXES], value[2 * WAYS_MOST];
    double cut[(WAYS_MOST + 1) * MX_CUTS_MOST];
} walker;

static int look(walker *w, size_t first, size_t n)
{
    size_t k = w->places->problem->k;
    if (n == 0)
        return 0;
    if (mx_sample_evaluate(w->places->problem, w->at + first * 2 * w->places->variables, n, w->hi, w->lo, w->logq) != 0)
        return -1;
    for (size_t j = 0; j < n; j++)
        w->value[first + j] = w->logq[j] > -INFINITY ? w->worth(w->user, w->hi + j * k, w->lo + j * k) : INFINITY;
    return 0;
}

/* Points that have crossed a cut come back to this side of it, by Newton's method along its slope: appended. Returns how many, -1. */
static int slide(walker *w, const double *from, const double *z, size_t n)
{
    const mx_places *p = w->places;
    size_t width = 2 * p->variables, cut[MX_CUTS_MOST];
    double g[MX_CUTS_MOST], by[MX_CUTS_MOST][MX_AXES];
    for (size_t i = 0; i < p->cuts; i++)
        cut[i] = i;
    if (p->cuts == 0)
        return 0;
    if (mx_places_cuts(p, w->at, n, w->cut) != 0 || mx_places_slopes(p, from, z, cut, p->cuts, g, by) != 0)
        return -1;
    size_t added = 0;
    for (size_t j = 0; j < n; j++) {
        int crossed = 0;
        double *at = w->at + (n + added) * width, *to = w->z[n + added], value[MX_CUTS_MOST];
        memcpy(at, w->at + j * width, width * sizeof *at);
        memcpy(to, w->z[j], sizeof w->z[j]);
        memcpy(value, w->cut + j * p->cuts, p->cuts * sizeof *value);
        for (int round = 0; round < 6; round++) {
            int wrong = 0;
            for (size_t i = 0; i < p->cuts; i++) {
                double side = mx_places_side(p, i, g[i]), square = 0;
                if (mx_places_side(p, i, value[i]) == side)
                    continue;
                wrong = crossed = 1;
                int stairs = mx_field_cut(p->problem, i) == MX_CUT_WHOLE;
                double edge = !stairs ? 0 : value[i] > g[i] ? side + 1 : side, inside = g[i] - edge;
                double aim = edge + (round < 3 ? inside : inside * (1 + round)) ;
                if (fabs(inside) > 0.5 * fabs(value[i] - g[i])) /* not next to it: as near as is safe */
                    aim = edge + 1e-3 * inside;
                for (size_t a = 0; a < p->axes; a++)
                    square += by[i][a] * by[i][a];
                for (size_t a = 0; a < p->axes && square > 0; a++)
                    to[a] -= (value[i] - aim) * by[i][a] / square;
            }
            if (!wrong)
                break;
            for (size_t a = 0; a < p->axes; a++) {
                at[p->variable[a]] = mx_places_x(p, a, to[a]);
                to[a] = mx_places_z(p, a, at[p->variable[a]]);
            }
            if (mx_places_cuts(p, at, 1, value) != 0)
                return -1;
        }
        added += crossed != 0;
    }
    return (int)added;
}

/* The points of a poll: [ways] around z at distance h. */
static size_t poll(walker *w, const double *from, const double *z, double h, size_t turn)
{
    const mx_places *p = w->places;
    size_t n = 0, width = 2 * p->variables, axes = p->axes, spread = axes > 1 ? 2 : 0;
    double way[WAYS_MOST][MX_AXES];
    memset(way, 0, sizeof way);
    for (size_t a = 0; a < axes; a++)
        way[n++][a] = 1;
    for (size_t a = 0; a < axes; a++)
        for (size_t b = a + 1; b < axes; b++)
            for (int sign = -1; sign <= 1; sign += 2) {
                way[n][a] = 1;
                way[n++][b] = sign;
            }
    for (size_t j = 0; j < spread; j++, n++)
        for (size_t a = 0; a < axes; a++)
            way[n][a] = 2 * mx_places_drawn(2 * turn + j, a) - 1;
    size_t ways = n, count = 0;
    for (size_t j = 0; j < 2 * ways; j++) {
        int moved = 0;
        memcpy(w->at + count * width, from, width * sizeof *from);
        for (size_t a = 0; a < axes; a++) {
            double unit = p->infinite[a] ? 1 : 0.25 * (p->upper[a] - p->lower[a]), by = (j < ways ? 1 : -1) * way[j % ways][a];
            double x = mx_places_x(p, a, z[a] + h * unit * by);
            if (p->whole[a] && by != 0 && x == from[p->variable[a]])
                x = fmin(fmax(x + (by > 0 ? 1 : -1), p->lower[a]), p->upper[a]);
            if (by == 0)
                x = from[p->variable[a]];
            moved |= x != from[p->variable[a]];
            w->at[count * width + p->variable[a]] = x;
            w->at[count * width + p->variables + p->variable[a]] = by == 0 ? from[p->variables + p->variable[a]] : 0;
            w->z[count][a] = mx_places_z(p, a, x);
        }
        count += moved != 0;
    }
    return count;
}

/* Newton's steps for the quadratic through the points of a poll, [WAYS_MOST at most] all of them: along narrow valleys nothing else gets
 * anywhere. Appended from number n on, as many as there are dampings; returns how many. */
static size_t newton(walker *w, const double *from, const double *z, double value, double h, size_t n)
{
    const mx_places *p = w->places;
    size_t axes = p->axes, ways = axes + axes * (axes - 1) + (axes > 1 ? 2 : 0), width = 2 * p->variables, count = 0;
    double g[MX_AXES], bend[MX_AXES][MX_AXES], unit[MX_AXES], largest = 0;
    for (size_t j = 0; j < 2 * ways; j++)
        if (!isfinite(w->value[j]))
            return 0;
    for (size_t a = 0; a < axes; a++) {
        unit[a] = h * (p->infinite[a] ? 1 : 0.25 * (p->upper[a] - p->lower[a]));
        for (int sign = -1; sign <= 1; sign += 2)
            if (p->whole[a] || mx_places_x(p, a, z[a] + sign * unit[a]) != w->at[(sign > 0 ? a : ways + a) * width + p->variable[a]])
                return 0;
        g[a] = 0.5 * (w->value[a] - w->value[ways + a]);
        bend[a][a] = w->value[a] + w->value[ways + a] - 2 * value;
        largest = fmax(largest, fabs(bend[a][a]));
    }
    for (size_t a = 0, j = axes; a < axes; a++)
        for (size_t b = a + 1; b < axes; b++, j += 2)
            bend[a][b] = bend[b][a] = 0.25 * (w->value[j + 1] + w->value[ways + j + 1] - w->value[j] - w->value[ways + j]);
    for (size_t i = 0; i < DAMPINGS && largest > 0; i++) {
        double damped[MX_AXES][MX_AXES], step[MX_AXES], length = 0;
        memcpy(damped, bend, sizeof bend);
        for (size_t a = 0; a < axes; a++)
            damped[a][a] += i == 0 ? 0 : largest * pow(10, -2 * (double)(DAMPINGS - i) + 1);
        if (!mx_places_solve(axes, damped, g, step))
            continue;
        for (size_t a = 0; a < axes; a++)
            length = fmax(length, fabs(step[a]) * h);
        if (!(length > 0) || !isfinite(length))
            continue;
        memcpy(w->at + (n + count) * width, from, width * sizeof *from);
        for (size_t a = 0; a < axes; a++) {
            double x = mx_places_x(p, a, z[a] - step[a] * unit[a] * fmin(1, 1 / length));
            w->at[(n + count) * width + p->variable[a]] = x;
            w->at[(n + count) * width + p->variables + p->variable[a]] = 0;
            w->z[n + count][a] = mx_places_z(p, a, x);
        }
        count++;
    }
    return count;
}

int mx_places_descend(const mx_places *p, mx_worth worth, const void *user, size_t steps, mx_run *run, double *at, double *value)
{
    size_t width = 2 * p->variables, k = p->problem->k;
    walker *w = mx_alloc(1, sizeof *w);
    double *space = mx_alloc(2 * WAYS_MOST, (2 * k + 1) * sizeof *space), z[MX_AXES], h = 0.5;
    int bad = w == NULL || space == NULL ? -1 : 0;
    *value = INFINITY;
    if (bad == 0) {
        w->places = p;
        w->worth = worth;
        w->user = user;
        w->hi = space;
        w->lo = space + 2 * WAYS_MOST * k;
        w->logq = w->lo + 2 * WAYS_MOST * k;
        memcpy(w->at, at, width * sizeof *at);
        bad = look(w, 0, 1);
        *value = bad == 0 ? w->value[0] : INFINITY;
        for (size_t a = 0; a < p->axes; a++)
            z[a] = mx_places_z(p, a, at[p->variable[a]]);
    }
    for (size_t step = 0; bad == 0 && step < steps && h > 1e-13 && !mx_late(run); step++) {
        size_t n = poll(w, at, z, h, step), best = 0, polled = n;
        if (n == 0)
            break;
        bad = look(w, 0, n);
        int more = bad == 0 ? slide(w, at, z, n) : -1;
        if (more > 0)
            bad = look(w, n, (size_t)more);
        bad |= more < 0 ? -1 : 0;
        n += more > 0 ? (size_t)more : 0;
        size_t curved = bad == 0 && n >= 2 && n == polled ? newton(w, at, z, *value, h, n) : 0;
        bad = bad == 0 ? look(w, n, curved) : bad;
        n += curved;
        for (size_t j = 1; j < n; j++)
            best = w->value[j] < w->value[best] ? j : best;
        if (bad == 0 && w->value[best] < *value) {
            double gain = *value - w->value[best];
            memcpy(at, w->at + best * width, width * sizeof *at);
            memcpy(z, w->z[best], sizeof z);
            h = fmin(gain > 1e-15 * fabs(*value) ? 1.5 * h : 0.4 * h, 1);
            *value = w->value[best];
        } else {
            h *= 0.4;
        }
    }
    mx_free(w);
    mx_free(space);
    return bad;
}
