/* Cuts, where features bend, jump or are singular; hints, where a single feature takes its target value; peaks of the prior. */
#include "solve/cells/hints.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HINT_FACTS = 12, LEVELS_MOST = 1000 };

void mx_centers_add(mx_centers *c, double x, int hint)
{
    if (c->count < c->most) /* one more jump among so many is left to halving */
        c->at[c->count++] = (mx_center){x, hint};
}

/* Values at points x + low of the axis, the other variables at their base. what: 1 features and prior, 2 cuts, 3 arguments. */
int mx_probe_look(mx_probe_line *p, size_t n, const double *x, const double *low, int what)
{
    const double *value[64], *rest[64];
    for (size_t v = 0; v < p->variables; v++) {
        for (size_t j = 0; j < n; j++) {
            int mine = v == p->grid->axis[p->a].variable;
            p->value[v * MX_SCAN_MOST + j] = mine ? x[j] : p->base[v];
            p->low[v * MX_SCAN_MOST + j] = mine && low != NULL ? low[j] : 0;
        }
        value[v] = p->value + v * MX_SCAN_MOST;
        rest[v] = p->low + v * MX_SCAN_MOST;
    }
    mx_points points = {n, value, rest};
    if (what == 2)
        return mx_field_cut_values(p->grid->problem, &points, p->cut);
    if (what == 3)
        return mx_field_argument_values(p->grid->problem, &points, p->argument);
    return mx_field_values(p->grid->problem, &points, p->f, low != NULL ? p->f_low : NULL, p->logq);
}

/* What function `which` is at x, counted as in hints.h. */
static double one(mx_probe_line *p, size_t which, double x)
{
    int what = which <= p->k ? 1 : which <= p->k + p->cuts ? 2 : 3;
    if (mx_probe_look(p, 1, &x, NULL, what) != 0)
        return NAN;
    if (what == 1)
        return which < p->k ? p->f[which] : p->logq[0];
    which -= p->k + 1;
    return what == 2 ? p->cut[which] : p->argument[which - p->cuts];
}

/* A root of g - level between a and b, where the signs differ: regula falsi (Illinois), bisection when that is slow. */
double mx_probe_root(mx_probe_line *p, size_t which, double level, double a, double b, double ga, double gb)
{
    int side = 0;
    for (int step = 0; step < 200; step++) {
        double x = step % 3 == 2 ? 0.5 * (a + b) : (a * gb - b * ga) / (gb - ga);
        if (!(x > fmin(a, b) && x < fmax(a, b)))
            x = 0.5 * (a + b);
        if (x == a || x == b)
            break;
        double g = one(p, which, x) - level;
        if (g == 0)
            return x;
        if (!isfinite(g))
            break;
        if ((g > 0) == (gb > 0)) {
            b = x;
            gb = g;
            if (side == 1)
                ga *= 0.5;
            side = 1;
        } else {
            a = x;
            ga = g;
            if (side == -1)
                gb *= 0.5;
            side = -1;
        }
    }
    return fabs(ga) < fabs(gb) ? a : b;
}

/* The place between a and b where sign * g is largest, by golden section. */
double mx_probe_peak(mx_probe_line *p, size_t which, double sign, double a, double b)
{
    const double golden = 0.6180339887498949;
    double x = b - golden * (b - a), y = a + golden * (b - a), gx = sign * one(p, which, x), gy = sign * one(p, which, y);
    for (int step = 0; step < 90 && b - a > 1e-15 * (fabs(a) + fabs(b)); step++)
        if (gx > gy || isnan(gy)) {
            b = y;
            y = x;
            gy = gx;
            x = b - golden * (b - a);
            gx = sign * one(p, which, x);
        } else {
            a = x;
            x = y;
            gx = gy;
            y = a + golden * (b - a);
            gy = sign * one(p, which, y);
        }
    return 0.5 * (a + b);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Points of every scale over the axis, ascending. */
size_t mx_probe_scan(const mx_axis *axis, double *x)
{
    size_t n = 0;
    double low = axis->lower, high = axis->upper;
    for (int e = -60; e <= 60; e++) {
        double t = ldexp(1, e);
        double at[6] = {t, -t, low + t, high - t, 1.37 * t, -1.37 * t};
        for (int i = 0; i < 6; i++)
            if (at[i] > low && at[i] < high)
                x[n++] = at[i];
    }
    for (int e = 64; e <= 960; e += 16) /* the rest of the range of doubles, coarsely */
        for (int sign = -1; sign <= 1; sign += 2) {
            double t = ldexp(1, sign * e), at[4] = {t, -t, low + t, high - t};
            for (int i = 0; i < 4; i++)
                if (at[i] > low && at[i] < high)
                    x[n++] = at[i];
        }
    if (low < 0 && high > 0)
        x[n++] = 0;
    for (int i = 1; i < 64 && isfinite(low) && isfinite(high); i++)
        x[n++] = low + (high - low) * i / 64;
    qsort(x, n, sizeof *x, ascending);
    size_t m = 0;
    for (size_t j = 0; j < n; j++)
        if (m == 0 || x[j] > x[m - 1])
            x[m++] = x[j];
    return m;
}

void mx_probe_cuts(mx_probe_line *p, size_t n, const double *x, mx_centers *out)
{
    size_t cuts = p->cuts;
    double *g = mx_alloc(n * cuts + 1, sizeof *g);
    if (g == NULL || mx_probe_look(p, n, x, NULL, 2) != 0) {
        out->failed = 1;
        mx_free(g);
        return;
    }
    memcpy(g, p->cut, n * cuts * sizeof *g);
    for (size_t c = 0; c < cuts; c++) {
        int whole = mx_field_cut(p->grid->problem, c) == MX_CUT_WHOLE, varies = n < 2;
        for (size_t j = 1; j < n && !varies; j++)
            varies = g[j * cuts + c] != g[c];
        for (size_t j = 0; j < n && varies; j++) { /* what is 0 all along is a matter of other variables */
            double a = g[j * cuts + c], b = j + 1 < n ? g[(j + 1) * cuts + c] : NAN, before = j > 0 ? g[(j - 1) * cuts + c] : NAN;
            int same = (b == a || isnan(b)) && (before == a || isnan(before));
            if (!same && (whole ? a == floor(a) && fabs(b - a) <= LEVELS_MOST : a == 0)) /* not all along max(x, 0), min(x, 5) */
                mx_centers_add(out, x[j], 0);
            if (isfinite(a) && isfinite(b)) {
                double first = whole ? floor(fmin(a, b)) + 1 : 0, last = whole ? ceil(fmax(a, b)) - 1 : 0;
                if (whole && last - first >= LEVELS_MOST)
                    continue; /* too far out to be told apart */
                for (double up = 0; up <= last - first; up++) { /* beyond 2^53 level + 1 is level */
                    double level = first + up;
                    if ((a < level && b > level) || (a > level && b < level))
                        mx_centers_add(out, mx_probe_root(p, p->k + 1 + c, level, x[j], x[j + 1], a - level, b - level), 0);
                }
            }
            if (!whole && fabs(a) < fabs(before) && fabs(a) < fabs(b) && (a > 0) == (b > 0) && (a > 0) == (before > 0)) {
                size_t which = p->k + 1 + c;
                double touch = mx_probe_peak(p, which, a > 0 ? -1 : 1, x[j - 1], x[j + 1]), there = one(p, which, touch);
                if ((there > 0) != (a > 0) && fabs(there) > 0) { /* two zeros between points of the scan */
                    mx_centers_add(out, mx_probe_root(p, which, 0, x[j - 1], touch, before, there), 0);
                    mx_centers_add(out, mx_probe_root(p, which, 0, touch, x[j + 1], there, b), 0);
                } else if (fabs(there) < 1e-12 * (fabs(before) + fabs(b))) /* a zero without a change of sign */
                    mx_centers_add(out, fabs(touch) < 1e-7 * (x[j + 1] - x[j - 1]) && x[j - 1] < 0 && x[j + 1] > 0 ? 0 : touch, 0);
            }
        }
    }
    mx_free(g);
}

/* A feature comes closest to its target between two points of the scan, x[0] and x[2]: there may be two roots, or its
 * extreme is the hint. */
static size_t between(mx_probe_line *p, size_t i, double level, const double *x, double a, double before, double after, mx_centers *out)
{
    double at = mx_probe_peak(p, i, a > 0 ? -1 : 1, x[0], x[2]), g = one(p, i, at) - level;
    if (!isfinite(g))
        return 0;
    mx_centers_add(out, at, 1);
    if (g != 0 && (g > 0) != (a > 0)) {
        mx_centers_add(out, mx_probe_root(p, i, level, x[0], at, before, g), 1);
        mx_centers_add(out, mx_probe_root(p, i, level, at, x[2], g, after), 1);
    }
    return 1;
}

typedef struct remote {
    double distance;
    size_t index;
} remote;

static int by_distance(const void *a, const void *b)
{
    const remote *x = a, *y = b;
    if (x->distance != y->distance)
        return (x->distance > y->distance) - (x->distance < y->distance);
    return (x->index > y->index) - (x->index < y->index);
}

void mx_probe_hints(mx_probe_line *p, const mx_fact *fact, size_t n, const double *x, mx_centers *out)
{
    size_t k = p->k, tried = 0;
    double *f = mx_alloc(n * (k + 1) + 1, sizeof *f), *logq = mx_alloc(n + 1, sizeof *logq);
    remote *order = mx_alloc(n + 1, sizeof *order);
    if (f == NULL || logq == NULL || order == NULL || mx_probe_look(p, n, x, NULL, 1) != 0) {
        out->failed = 1;
        goto done;
    }
    const mx_axis *axis = &p->grid->axis[p->a];
    double anchor = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper : 0;
    for (size_t j = 0; j < n; j++)
        order[j] = (remote){fabs(x[j] - anchor), j};
    qsort(order, n, sizeof *order, by_distance);
    memcpy(f, p->f, n * k * sizeof *f);
    memcpy(logq, p->logq, n * sizeof *logq);
    for (size_t l = 0; l < 2 * k && tried < HINT_FACTS; l++) {
        size_t i = l / 2;
        double level = l % 2 == 0 ? fact[i].lower : fact[i].upper;
        if (!isfinite(level) || (l % 2 == 1 && fact[i].lower == level))
            continue;
        size_t found = 0;
        for (size_t step = 0; step < n && found < 6; step++) { /* from the anchor outwards: what oscillates takes its target everywhere */
            size_t j = order[step].index;
            if (found > 0 && order[step].distance > 0x1p61)
                break;
            double a = f[j * k + i] - level, b = j + 1 < n ? f[(j + 1) * k + i] - level : NAN;
            double before = j > 0 ? f[(j - 1) * k + i] - level : NAN;
            if (fabs(a) < 0.999999 * fabs(before) && fabs(a) < 0.999999 * fabs(b) && (a > 0) == (before > 0) && (a > 0) == (b > 0)) {
                found += between(p, i, level, x + j - 1, a, before, b, out);
            } else if (a == 0) {
                if (b != 0 && (j == 0 || f[(j - 1) * k + i] != level)) { /* not where it is the same over a stretch */
                    mx_centers_add(out, x[j], 1);
                    found++;
                }
            } else if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
                double r = mx_probe_root(p, i, level, x[j], x[j + 1], a, b);
                if (isfinite(r)) {
                    mx_centers_add(out, r, 1);
                    found++;
                }
            }
        }
        tried += found > 0;
    }
    for (size_t step = 0, peaks = 0; step < n && peaks < 6; step++) { /* peaks of the prior, with the distance of a fall by 1 */
        size_t j = order[step].index;
        double before = j > 0 ? logq[j - 1] : -INFINITY, after = j + 1 < n ? logq[j + 1] : -INFINITY;
        if (!(logq[j] > before || (j > 0 && before == -INFINITY)) || !(logq[j] > after) || j == 0 || j + 1 == n ||
            fabs(x[j] - anchor) > 0x1p61)
            continue;
        double at = mx_probe_peak(p, k, 1, x[j - 1], x[j + 1]), top = one(p, k, at), fall = ldexp(fmax(fabs(at), 1e-300), -50);
        peaks++;
        mx_centers_add(out, at, 1);
        /* Of one variable what is beyond the next points is told by others; of several a cusp at 0 may have its next points at 1e-288. */
        double last = p->grid->axes > 1 ? 0x1p61 : x[j + 1] - x[j - 1];
        while (fall < last && !(one(p, k, at + fall) < top - 1 || one(p, k, at - fall) < top - 1))
            fall *= 2;
        mx_centers_add(out, at + fall, 1);
        mx_centers_add(out, at - fall, 1);
    }
done:
    mx_free(f);
    mx_free(logq);
    mx_free(order);
}

/* Does a feature or the prior change at distances from x (to the side of `sign`) where a smooth function of scale h no longer would? */
int mx_probe_singular(mx_probe_line *p, double x, int sign, double h)
{
    double value[4], low[4];
    const double distance[4] = {0.5 * h, 1e-9 * h, 1e-60 * h, 1e-200 * h};
    mx_span span = {.center = x, .sign = (signed char)sign};
    for (int j = 0; j < 4; j++)
        mx_span_point(&span, distance[j], &value[j], &low[j]);
    if (mx_probe_look(p, 4, value, low, 1) != 0)
        return 1;
    for (size_t i = 0; i <= p->k; i++) {
        double f[4];
        for (int j = 0; j < 4; j++)
            f[j] = i < p->k ? p->f[(size_t)j * p->k + i] : p->logq[j];
        double size = fabs(f[0] - f[1]) + 1e-3 * fabs(f[1]);
        if (!(fabs(f[1] - f[2]) <= 1e-6 * size) || !(fabs(f[2] - f[3]) <= 1e-6 * size)) {
            if (f[0] == -INFINITY && f[1] == -INFINITY && f[3] == -INFINITY)
                continue;
            return 1;
        }
    }
    return 0;
}

void mx_probe_base(mx_probe_line *p, size_t combination)
{
    const mx_support *support = &p->grid->problem->support;
    for (size_t v = support->variables; v-- > 0;) {
        const mx_variable *variable = &support->variable[v];
        if (variable->extent == MX_LISTED) {
            size_t level = combination % variable->levels;
            combination /= variable->levels;
            p->base[v] = variable->named ? (double)level : variable->number[level];
        } else if (isfinite(variable->lower) && isfinite(variable->upper)) {
            p->base[v] = variable->lower + 0.40625 * (variable->upper - variable->lower);
        } else {
            p->base[v] = isfinite(variable->lower) ? variable->lower + 1 : isfinite(variable->upper) ? variable->upper - 1 : 0;
        }
    }
}

maxent_error mx_probe_open(const mx_grid *grid, mx_probe_line *p)
{
    const maxent_problem *problem = grid->problem;
    memset(p, 0, sizeof *p);
    p->grid = grid;
    p->variables = problem->support.variables;
    p->k = problem->k;
    p->cuts = mx_field_cuts(problem);
    p->arguments = mx_field_arguments(problem);
    size_t columns = 2 * p->variables + 2 * (p->k + 1) + 1 + p->cuts + p->arguments;
    double *all = mx_alloc(columns, MX_SCAN_MOST * sizeof *all);
    if (all == NULL)
        return MAXENT_ERROR_MEMORY;
    p->value = all;
    p->low = p->value + p->variables * MX_SCAN_MOST;
    p->f = p->low + p->variables * MX_SCAN_MOST;
    p->f_low = p->f + (p->k + 1) * MX_SCAN_MOST;
    p->logq = p->f_low + (p->k + 1) * MX_SCAN_MOST;
    p->cut = p->logq + MX_SCAN_MOST;
    p->argument = p->cut + p->cuts * MX_SCAN_MOST;
    return MAXENT_OK;
}
