/* Spots: zeros and extremes of arguments, and where they are narrow (narrow_width.c). */
#include "solve/cells/narrow.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_MOST = 160, EACH_MOST = 24, SCATTERED = 256, STARTS = 2, ROUNDS = 48, WORK_MOST = 4000000, FUNCTIONS_MOST = 64 };

#define FARTHEST 1e60
#define FARTHEST_WHOLE 0x1p48
#define NARROW 0.1   /* as a part of an interval */
#define MIDDLE 0.40625 /* not quite: nothing else should be there */
#define EDGE 1e-3
#define CLOSE 1e-11  /* steps at a summit, as a part of the support */
#define SNAP 1e-6    /* this near to an end of the support a point is on it */
#define ZERO 1e-3   /* of that */
#define BROAD 1e3   /* widths of spots on axes without ends, as a multiple of their distance from 0 */
#define TARGETS 0.05 /* how near the extreme of its feature, as a part of its range, a target makes p narrow there */

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
        work += (2 * MX_NARROW_STEPS + 1) * (p->k + 1);
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
            width = fmin(width, mx_narrow_target(p, target, x[a], off));
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
        double end[2 * MX_AXES]; /* the point, and the same on the ends, or 0, that it all but reached */
        memcpy(end, x, sizeof x);
        for (size_t a = 0; a < s->axes; a++) {
            const mx_axis *axis = &s->grid->axis[a];
            double near = SNAP * (isfinite(s->length[a]) ? s->length[a] : 1 + fabs(x[a]));
            end[MX_AXES + a] = x[a] - axis->lower <= near ? axis->lower : axis->upper - x[a] <= near ? axis->upper : x[a];
            if (fabs(x[a]) <= ZERO * near) /* most of what is simple is simplest there */
                end[MX_AXES + a] = 0;
        }
        if (look(s, 2, end) != 0)
            return -1;
        if (sign * value(s, w, 1) >= sign * value(s, w, 0) - SNAP * range)
            memcpy(x, end + MX_AXES, sizeof x);
        if (look(s, 1, x) != 0)
            return -1;
        mx_spot spot;
        size_t k = w < s->arguments ? s->k : w - s->arguments;
        if (!measure(s, p, x, k, w < s->arguments ? 0 : fabs(value(s, w, 0) - target), &spot))
            continue;
        for (size_t a = 0; a < s->axes; a++) /* the square of log(1 + x^2 + y^2) grows for ever: that is no spot */
            if (isinf(s->length[a]) && spot.width[a] > BROAD * (1 + fabs(spot.at[a])))
                spot.width[a] = INFINITY;
        if (isfinite(narrowest(&spot, s->axes)))
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
