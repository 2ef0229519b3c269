/* Spots: zeros and extremes of arguments, and how wide what is made of them is.
 *
 * The width of a spot is read off the features and the prior themselves: on the way outwards, distances doubled, the slope of a smooth
 * function changes it twice as much at every step and its bend four times as much, until it has shown all of its structure. The first step
 * at which they do not is the width; of the prior also that at which it has fallen or risen by a factor of e.
 */
#include "solve/narrow.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 112, PLACES_MOST = 160, EACH_MOST = 24, SCATTERED = 256, STARTS = 2, ROUNDS = 48, WORK_MOST = 4000000,
       FUNCTIONS_MOST = 64, JUMP = 8, LASTING = 5 };

#define GROWTH 1.4   /* of changes over doubled distances: 2 for a slope, */
#define GROWTH_EVEN 2.4 /* 4 for a bend, 2 for a sharp one */
#define NOISE 1e-10  /* changes that may be rounding, as a part of the values */
#define ROUNDING 20.0 /* times what is seen of it, likewise */
#define FARTHEST 1e60
#define FARTHEST_WHOLE 0x1p48
#define NARROW 0.1   /* as a part of an interval */
#define MIDDLE 0.40625 /* not quite: nothing else should be there */
#define EDGE 1e-3
#define CLOSE 1e-11  /* steps at a summit, as a part of the support */
#define TARGETS 0.05 /* how near the extreme of its feature, as a part of its range, a target makes p narrow there */

/* ---- widths ---- */

static double first_distance(const mx_axis *axis, double x)
{
    if (axis->whole)
        return 1;
    double length = axis->upper - axis->lower, least = isfinite(length) ? 0x1p-70 * length : 0x1p-70;
    return fmax(0x1p-46 * fabs(x), least);
}

/* The step before which changes, [n], no longer grow `by` times and more, for good: a few steps on they have not caught up, as they do
 * after rounding. least: [n] what may be rounding. n: none. */
static size_t stops(const double *change, const double *least, size_t n, double by, int lasting)
{
    for (size_t j = 1; j < n; j++) {
        if (!(change[j - 1] > least[j - 1]) || !(change[j] < by * change[j - 1]))
            continue;
        double most = by * change[j - 1];
        int stay = 1;
        for (size_t m = 1; m <= LASTING && j + m < n && lasting && stay; m++)
            stay = change[j + m] < (most *= by);
        if (stay)
            return j - 1;
    }
    return n;
}

/* The step j after which v, [count[side]] values each at doubling distances from a place where it is v[0], left ones first, has shown its
 * structure: its even part, its odd part, or beyond one end of the support the other side. SIZE_MAX: none. */
static size_t settles(const double *v, size_t stride, const size_t *count, int log_density, int whole)
{
    size_t both = count[0] < count[1] ? count[0] : count[1], most = count[0] + count[1] - both;
    const double *left = v + stride, *right = v + (1 + count[0]) * stride, *longer = count[0] > count[1] ? left : right;
    double even[STEPS], odd[STEPS], one[STEPS], least[STEPS], v0 = v[0], size = fabs(v0), noise = log_density ? NOISE : 0, last = v0;
    size_t falls = SIZE_MAX;
    for (size_t j = 0; j < JUMP && j < most && !whole; j++) /* so near, differences are rounding, unless there is a jump */
        noise = fmax(noise, ROUNDING * fmax(j < both ? fabs(left[j * stride] - v0) : 0,
                                            fabs((j < both ? right : longer)[j * stride] - v0)));
    for (size_t j = 0; j < most; j++) {
        double a = j < both ? left[j * stride] : v0, b = j < both ? right[j * stride] : longer[j * stride];
        if (!isfinite(a) || !isfinite(b)) {
            most = j;
            both = both < j ? both : j;
            break;
        }
        size = fmax(size, fmax(fabs(a), fabs(b)));
        least[j] = fmax(NOISE * size, noise);
        even[j] = fabs(a + b - 2 * v0);
        odd[j] = fabs(b - a);
        one[j] = fabs(b - last);
        last = b;
        if (log_density && falls == SIZE_MAX && fmax(fabs(a - v0), fabs(b - v0)) >= 1)
            falls = j;
    }
    size_t bend = stops(even, least, both, GROWTH_EVEN, !whole), slope = stops(odd, least, both, GROWTH, !whole);
    size_t step = bend < slope ? bend : slope, side = both + stops(one + both, least + both, most - both, GROWTH, !whole);
    step = step < both ? step : side < most ? side : SIZE_MAX;
    return step < falls ? step : falls;
}

double mx_narrow_width(mx_probe_line *p, double x)
{
    const mx_axis *axis = &p->grid->axis[p->a];
    double at[2 * STEPS + 1], width = INFINITY, first = first_distance(axis, x);
    size_t n = 0, count[2] = {0, 0};
    at[n++] = x;
    for (int side = 0; side < 2; side++)
        for (size_t j = 0; j < STEPS; j++) {
            double d = ldexp(first, (int)j), y = side == 0 ? x - d : x + d;
            if (!(y > axis->lower && y < axis->upper))
                break;
            at[n++] = y;
            count[side]++;
        }
    if (mx_probe_look(p, n, at, NULL, 1) != 0)
        return INFINITY;
    for (size_t i = 0; i <= p->k; i++) {
        const double *v = i < p->k ? p->f + i : p->logq;
        size_t j = isfinite(v[0]) ? settles(v, i < p->k ? p->k : 1, count, i == p->k, axis->whole) : SIZE_MAX;
        if (j != SIZE_MAX && (axis->whole || j > JUMP)) /* at a jump or a cusp there is a cut */
            width = fmin(width, ldexp(first, (int)j));
    }
    return width;
}

/* ---- one variable ---- */

typedef struct places {
    double at[PLACES_MOST];
    size_t count;
} places;

static void add(places *s, double x)
{
    if (s->count < PLACES_MOST && isfinite(x))
        s->at[s->count++] = x;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Zeros and extremes of every argument between points of the scan; the ends. */
static int find(mx_probe_line *p, size_t n, const double *x, places *found)
{
    size_t m = p->arguments;
    const mx_axis *axis = &p->grid->axis[p->a];
    double *u = mx_alloc(n * m + 1, sizeof *u);
    if (u == NULL || mx_probe_look(p, n, x, NULL, 3) != 0) {
        mx_free(u);
        return -1;
    }
    memcpy(u, p->argument, n * m * sizeof *u);
    for (size_t i = 0; i < m; i++) {
        size_t mine = found->count;
        for (size_t j = 1; j + 1 < n && found->count - mine < EACH_MOST; j++) {
            double a = u[(j - 1) * m + i], b = u[j * m + i], c = u[(j + 1) * m + i];
            if (!isfinite(b) || !isfinite(c))
                continue;
            if (b == 0)
                add(found, x[j]);
            else if ((b < 0) != (c < 0) && c != 0)
                add(found, mx_probe_root(p, p->k + 1 + p->cuts + i, 0, x[j], x[j + 1], b, c));
            size_t end = j; /* of a stretch where it is the same, to the last place */
            while (end + 1 < n && u[(end + 1) * m + i] == b)
                end++;
            double after = end + 1 < n ? u[(end + 1) * m + i] : NAN;
            if (!((b > a && b > after) || (b < a && b < after)))
                continue;
            if (end == j)
                add(found, mx_probe_peak(p, p->k + 1 + p->cuts + i, b > a ? 1 : -1, x[j - 1], x[j + 1]));
            else
                add(found, x[j] < 0 && x[end] > 0 ? 0 : 0.5 * (x[j] + x[end]));
        }
    }
    for (int side = 0; side < 2; side++)
        if (isfinite(side == 0 ? axis->lower : axis->upper))
            add(found, side == 0 ? axis->lower : axis->upper);
    mx_free(u);
    return 0;
}

int mx_narrow_line(mx_probe_line *p, size_t n, const double *x, mx_spot *spot, size_t most)
{
    const mx_axis *axis = &p->grid->axis[p->a];
    places found = {.count = 0};
    size_t count = 0, work = 0;
    if (p->arguments == 0)
        return 0;
    if (find(p, n, x, &found) != 0)
        return -1;
    qsort(found.at, found.count, sizeof *found.at, ascending);
    for (size_t i = 0; i < found.count && count < most && work < WORK_MOST; i++) {
        double at = axis->whole ? floor(found.at[i] + 0.5) : found.at[i];
        mx_spot *last = count > 0 ? &spot[count - 1] : NULL;
        double far = axis->whole ? FARTHEST_WHOLE : FARTHEST;
        if (at < axis->lower || at > axis->upper || fabs(at) > far || (last != NULL && fabs(at - last->at[0]) <= 1e-3 * last->width[0]))
            continue;
        double width = mx_narrow_width(p, at);
        work += (2 * STEPS + 1) * (p->k + 1);
        if (!(width < NARROW * (axis->upper - axis->lower)) || (last != NULL && at == last->at[0]))
            continue;
        spot[count].at[0] = at;
        spot[count++].width[0] = width;
    }
    return (int)count;
}

/* ---- several variables ---- */

typedef struct search {
    const mx_grid *grid;
    const maxent_problem *problem;
    size_t axes, variables, arguments, k;
    double *column, *u, *f; /* of SCATTERED points */
    const double **list;
    const double *base;
    mx_nested *nested;
    double length[MX_AXES];  /* of an interval */
    int bounded;             /* 1: all axes are intervals */
} search;

/* All functions at n points, at: [n][MX_AXES]. */
static int look(search *s, size_t n, const double *at)
{
    for (size_t v = 0; v < s->variables; v++) {
        s->list[v] = s->column + v * SCATTERED;
        for (size_t j = 0; j < n; j++)
            s->column[v * SCATTERED + j] = s->base[v];
    }
    for (size_t a = 0; a < s->axes; a++)
        for (size_t j = 0; j < n; j++)
            s->column[s->grid->axis[a].variable * SCATTERED + j] = at[j * MX_AXES + a];
    mx_points points = {n, s->list, NULL};
    if (s->arguments > 0 && mx_field_argument_values(s->problem, &points, s->u) != 0)
        return -1;
    return s->k > 0 ? mx_field_values(s->problem, &points, s->f, NULL, NULL) : 0;
}

/* Function w, an argument or a feature, at point j of those that were looked at. */
static double value(const search *s, size_t w, size_t j)
{
    return w < s->arguments ? s->u[j * s->arguments + w] : s->f[j * s->k + w - s->arguments];
}

/* The step from gradient g to the extreme of a quadratic with Hessian h that is to be negative definite; 0: it is not. */
static int newton_step(size_t n, double h[MX_AXES][MX_AXES], const double *g, double *step)
{
    double l[MX_AXES][MX_AXES] = {{0}}, trace = 0;
    for (size_t a = 0; a < n; a++)
        trace += fabs(h[a][a]);
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = -h[a][b] + (a == b ? 1e-7 * trace : 0); /* ridges have no curvature along them */
            for (size_t e = 0; e < b; e++)
                sum -= l[a][e] * l[b][e];
            if (a == b && !(sum > 0))
                return 0;
            l[a][b] = a == b ? sqrt(sum) : sum / l[b][b];
        }
    for (size_t a = 0; a < n; a++) {
        step[a] = g[a];
        for (size_t b = 0; b < a; b++)
            step[a] -= l[a][b] * step[b];
        step[a] /= l[a][a];
    }
    for (size_t a = n; a-- > 0;) {
        for (size_t b = a + 1; b < n; b++)
            step[a] -= l[b][a] * step[b];
        step[a] /= l[a][a];
    }
    return 1;
}

static void inside(const search *s, double *x)
{
    for (size_t a = 0; a < s->axes; a++) {
        x[a] = fmin(fmax(x[a], s->grid->axis[a].lower), s->grid->axis[a].upper);
        if (s->grid->axis[a].whole)
            x[a] = floor(x[a] + 0.5);
    }
}

/* From x to where sign * function w is largest nearby: steps of Newton's method from differences, the best of the points around where that
 * does not help. 1: it is there, 0: it went on and on, -1: no memory. */
static int climb(search *s, size_t w, double sign, double *x)
{
    size_t n = s->axes;
    double at[(1 + 3 * MX_AXES + MX_AXES) * MX_AXES], reach = 0.01;
    for (int round = 0; round < ROUNDS && reach > CLOSE; round++) {
        double h[MX_AXES], g[MX_AXES], hess[MX_AXES][MX_AXES], step[MX_AXES];
        size_t m = 0;
        for (size_t a = 0; a < n; a++) {
            h[a] = reach * (isfinite(s->grid->axis[a].lower) && isfinite(s->grid->axis[a].upper) ? s->length[a] : 1 + fabs(x[a]));
            h[a] = s->grid->axis[a].whole ? ceil(h[a]) : h[a];
        }
        for (size_t i = 0; i < 1 + 2 * n + n * (n - 1) / 2; i++)
            memcpy(at + i * MX_AXES, x, n * sizeof *at);
        for (size_t a = 0; a < n; a++) {
            at[(1 + 2 * a) * MX_AXES + a] += h[a];
            at[(2 + 2 * a) * MX_AXES + a] -= h[a];
        }
        m = 1 + 2 * n;
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < a; b++, m++) {
                at[m * MX_AXES + a] += h[a];
                at[m * MX_AXES + b] += h[b];
            }
        if (look(s, m, at) != 0)
            return -1;
        double f0 = sign * value(s, w, 0);
        for (size_t a = 0; a < n; a++) {
            double up = sign * value(s, w, 1 + 2 * a), down = sign * value(s, w, 2 + 2 * a);
            g[a] = (up - down) / (2 * h[a]);
            hess[a][a] = (up - 2 * f0 + down) / (h[a] * h[a]);
        }
        m = 1 + 2 * n;
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < a; b++, m++)
                hess[a][b] = hess[b][a] = (sign * value(s, w, m) - sign * value(s, w, 1 + 2 * a) - sign * value(s, w, 1 + 2 * b) + f0) /
                                          (h[a] * h[b]);
        size_t tries = 0;
        double try[(2 * MX_AXES + 1) * MX_AXES];
        if (newton_step(n, hess, g, step)) {
            for (size_t a = 0; a < n; a++)
                try[a] = x[a] + step[a];
            inside(s, try);
            tries++;
        }
        for (size_t i = 1; i < 1 + 2 * n; i++, tries++) {
            memcpy(try + tries * MX_AXES, at + i * MX_AXES, n * sizeof *try);
            inside(s, try + tries * MX_AXES);
        }
        if (look(s, tries, try) != 0)
            return -1;
        size_t best = tries;
        double most = f0;
        for (size_t i = 0; i < tries; i++)
            if (sign * value(s, w, i) > most) {
                most = sign * value(s, w, i);
                best = i;
            }
        if (best == tries) {
            reach *= 0.1;
            continue;
        }
        memcpy(x, try + best * MX_AXES, n * sizeof *x);
        if (best == 0)
            reach = fmax(0.3 * reach, 1e-5);
    }
    return reach <= CLOSE;
}

/* The distance along p's axis at which feature i is as far from what it is at x as its target is. */
static double target_width(mx_probe_line *p, size_t i, double x, double off)
{
    const mx_axis *axis = &p->grid->axis[p->a];
    double at[2 * STEPS + 1], first = first_distance(axis, x);
    size_t n = 0;
    at[n++] = x;
    for (size_t j = 0; j < STEPS; j++)
        for (int side = 0; side < 2; side++) {
            double d = ldexp(first, (int)j), y = side == 0 ? x - d : x + d;
            if (y > axis->lower && y < axis->upper)
                at[n++] = y;
        }
    if (mx_probe_look(p, n, at, NULL, 1) != 0)
        return INFINITY;
    for (size_t j = 1; j < n; j++)
        if (fabs(p->f[j * p->k + i] - p->f[i]) > off)
            return fabs(at[j] - x);
    return INFINITY;
}

/* The widths at a spot; 1: it is narrow along some axis. target: the feature whose target makes p narrow here, k: none. */
static int measure(const search *s, mx_probe_line *p, const double *x, size_t target, double off, mx_spot *spot)
{
    int narrow = 0;
    size_t a0 = p->a;
    double base[64];
    memcpy(base, p->base, sizeof base);
    for (size_t a = 0; a < s->axes; a++)
        p->base[s->grid->axis[a].variable] = spot->at[a] = x[a];
    for (size_t a = 0; a < s->axes; a++) {
        const mx_axis *axis = &s->grid->axis[a];
        p->a = a;
        double width = mx_narrow_width(p, x[a]);
        if (target < p->k)
            width = fmin(width, target_width(p, target, x[a], off));
        spot->width[a] = width < NARROW * (axis->upper - axis->lower) ? width : INFINITY;
        narrow = narrow || isfinite(spot->width[a]);
    }
    memcpy(p->base, base, sizeof base);
    p->a = a0;
    return narrow;
}

static double narrowest(const mx_spot *spot, size_t axes)
{
    double least = INFINITY;
    for (size_t a = 0; a < axes; a++)
        least = fmin(least, spot->width[a]);
    return least;
}

static void keep(mx_nested *nested, size_t axes, const mx_spot *spot)
{
    for (size_t i = 0; i < nested->spots; i++) {
        mx_spot *other = &nested->spot[i];
        int same = 1;
        for (size_t a = 0; a < axes; a++)
            same = same && (isinf(spot->width[a]) ? isinf(other->width[a]) : fabs(spot->at[a] - other->at[a]) <= 0.3 * spot->width[a]);
        if (!same)
            continue;
        for (size_t a = 0; a < axes; a++)
            other->width[a] = fmin(other->width[a], spot->width[a]);
        return;
    }
    if (nested->spots < MX_SPOTS) {
        nested->spot[nested->spots++] = *spot;
        return;
    }
    size_t widest = 0;
    for (size_t i = 1; i < MX_SPOTS; i++)
        widest = narrowest(&nested->spot[i], axes) > narrowest(&nested->spot[widest], axes) ? i : widest;
    if (narrowest(spot, axes) < narrowest(&nested->spot[widest], axes))
        nested->spot[widest] = *spot;
}

/* Points of every scale over the support. */
static void scatter(const search *s, double *at)
{
    static const double by[MX_AXES] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
    for (size_t a = 0; a < s->axes; a++) {
        const mx_axis *axis = &s->grid->axis[a];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        for (size_t j = 0; j < SCATTERED; j++) {
            double u = fmod(0.5 + (double)(j + 1) * by[a], 1), t = 2 * u - 1;
            at[j * MX_AXES + a] = left && right ? copysign(expm1(8 * fabs(t)), t)
                                  : left        ? axis->upper - expm1(8 * u)
                                  : right       ? axis->lower + expm1(8 * u)
                                                : axis->lower + u * (axis->upper - axis->lower);
            if (axis->whole)
                at[j * MX_AXES + a] = floor(at[j * MX_AXES + a]);
        }
    }
}

/* The spots of function w: from a few of the scattered points with its largest (sign 1) or least values. */
static int climbs(search *s, mx_probe_line *p, const mx_fact *fact, const double *at, size_t w, double sign)
{
    double range = 0, best[SCATTERED], target = w < s->arguments ? NAN : 0;
    double least = INFINITY, most = -INFINITY;
    for (size_t j = 0; j < SCATTERED; j++) {
        best[j] = sign * value(s, w, j);
        if (!isfinite(best[j]))
            best[j] = -INFINITY;
        least = isfinite(best[j]) ? fmin(least, best[j]) : least;
        most = fmax(most, best[j]);
    }
    range = most - least;
    if (!(range > 0))
        return 0;
    if (w >= s->arguments) {
        const mx_fact *f = &fact[w - s->arguments];
        target = isfinite(f->lower) ? f->lower : f->upper;
        if (!s->bounded || !isfinite(target) || sign * target < most - TARGETS * range || f->given != SIZE_MAX)
            return 0;
    }
    for (int start = 0; start < STARTS; start++) {
        size_t top = 0;
        for (size_t j = 1; j < SCATTERED; j++)
            top = best[j] > best[top] ? j : top;
        if (!isfinite(best[top]))
            break;
        double x[MX_AXES];
        memcpy(x, at + top * MX_AXES, sizeof x);
        for (size_t j = 0; j < SCATTERED; j++) { /* the next one is to start elsewhere */
            double far = 0;
            for (size_t a = 0; a < s->axes; a++)
                far = fmax(far, fabs(at[j * MX_AXES + a] - x[a]) / (isinf(s->length[a]) ? 1 + fabs(x[a]) : s->length[a]));
            best[j] = far < 0.2 ? -INFINITY : best[j];
        }
        int there = climb(s, w, sign, x);
        if (there < 0 || look(s, 1, x) != 0)
            return -1;
        if (!there)
            continue;
        mx_spot spot;
        size_t k = w < s->arguments ? s->k : w - s->arguments;
        if (measure(s, p, x, k, w < s->arguments ? 0 : fabs(value(s, w, 0) - target), &spot))
            keep(s->nested, s->axes, &spot);
    }
    return 0;
}

/* ---- ridges ---- */

/* A point of the ridge inside the support, as near to the middle as it goes. 0: none was found. */
static int on_ridge(const search *s, const mx_ridge *r, double *x)
{
    double low[MX_AXES], high[MX_AXES];
    for (size_t a = 0; a < s->axes; a++) {
        const mx_axis *axis = &s->grid->axis[a];
        low[a] = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper - 2 : -1;
        high[a] = isfinite(axis->upper) ? axis->upper : isfinite(axis->lower) ? axis->lower + 2 : 1;
        x[a] = low[a] + MIDDLE * (high[a] - low[a]);
    }
    for (int round = 0; round < ROUNDS; round++) { /* along the normal, in units of the lengths; back inside; again */
        double off = r->at, square = 0;
        for (size_t a = 0; a < s->axes; a++) {
            off -= r->by[a] * x[a];
            square += r->by[a] * r->by[a] * (high[a] - low[a]) * (high[a] - low[a]);
        }
        for (size_t a = 0; a < s->axes; a++)
            x[a] += off * r->by[a] * (high[a] - low[a]) * (high[a] - low[a]) / square;
        int out = 0;
        for (size_t a = 0; a < s->axes; a++) {
            double to = fmin(fmax(x[a], low[a] + EDGE * (high[a] - low[a])), high[a] - EDGE * (high[a] - low[a]));
            out |= to != x[a];
            x[a] = to;
        }
        if (!out)
            return 1;
    }
    return 0;
}

/* Ridges of feature i, or of the log prior (k): where it is at its extreme, if it is narrow there, or p has to be. */
static int ridges(search *s, mx_probe_line *p, const mx_fact *fact, size_t i)
{
    enum { EQUATIONS = 4 };
    for (int side = -1; side <= 1; side += 2) {
        mx_equation line[EQUATIONS];
        int complete;
        size_t count = mx_field_extreme(s->problem, i, side, line, EQUATIONS, &complete);
        for (size_t j = 0; j < count && s->nested->ridges < MX_RIDGES; j++) {
            mx_ridge ridge = {.at = line[j].b};
            size_t used = 0;
            double x[MX_AXES];
            for (size_t a = 0; a < s->axes; a++) {
                ridge.by[a] = line[j].a[s->grid->axis[a].variable];
                used += ridge.by[a] != 0;
            }
            if (used < 2 || !on_ridge(s, &ridge, x) || s->k == 0)
                continue;
            if (look(s, 1, x) != 0)
                return -1;
            double target = NAN;
            if (i < s->k && !(fact[i].sd > 0))
                target = isfinite(fact[i].lower) ? fact[i].lower : fact[i].upper;
            double off = i < s->k ? fabs(value(s, s->arguments + i, 0) - target) : NAN;
            mx_spot spot;
            if (!measure(s, p, x, isfinite(off) ? i : s->k, off, &spot))
                continue;
            memcpy(ridge.width, spot.width, sizeof ridge.width);
            s->nested->ridge[s->nested->ridges++] = ridge;
        }
    }
    return 0;
}

maxent_error mx_narrow_spots(mx_grid *grid, mx_probe_line *p, const mx_fact *fact)
{
    search s = {.grid = grid, .problem = grid->problem, .axes = grid->axes, .variables = p->variables, .arguments = p->arguments, .k = p->k,
                .nested = &grid->nested};
    size_t functions = s.arguments + s.k;
    double at[SCATTERED * MX_AXES];
    s.column = mx_alloc(s.variables + functions + 1, SCATTERED * sizeof *s.column);
    double *first = mx_alloc(functions + 1, SCATTERED * sizeof *first);
    s.list = mx_alloc(s.variables + 1, sizeof *s.list);
    int bad = s.column == NULL || s.list == NULL || first == NULL;
    grid->nested.spots = grid->nested.ridges = 0;
    if (!bad) {
        s.u = s.column + s.variables * SCATTERED;
        s.f = s.u + s.arguments * SCATTERED;
        s.base = p->base;
        for (size_t a = 0; a < s.axes; a++)
            s.length[a] = grid->axis[a].upper - grid->axis[a].lower;
        s.bounded = 1;
        for (size_t a = 0; a < s.axes; a++)
            s.bounded = s.bounded && isfinite(s.length[a]);
        scatter(&s, at);
    }
    for (size_t level = 0; !bad && level < grid->levels && level < 4; level++) {
        mx_probe_base(p, level);
        bad = look(&s, SCATTERED, at);
        if (bad)
            break;
        memcpy(first, s.u, functions * SCATTERED * sizeof *first);
        for (size_t i = 0; i <= s.k && i < FUNCTIONS_MOST && level == 0 && !bad; i++)
            bad = ridges(&s, p, fact, i);
        for (size_t w = 0; w < functions && w < FUNCTIONS_MOST && !bad; w++)
            for (int sign = -1; sign <= 1 && !bad; sign += 2) {
                memcpy(s.u, first, functions * SCATTERED * sizeof *first);
                bad = climbs(&s, p, fact, at, w, sign);
            }
    }
    mx_free(s.column);
    mx_free(s.list);
    mx_free(first);
    return bad ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}
