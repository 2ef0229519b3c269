/* Cutting an axis before anything is known of p.
 *
 * Centers are the finite ends, the points where features bend, jump or are singular (cuts), the points where a single feature
 * takes its target value, f_i(x) = tau_i (hints: the mass cannot be far from all of them), and the peaks of the prior. From each center spans
 * widen outwards by a factor of 4. At a singular center they go on in log t down to t = e^-690: a density x^-0.9 has a fiftieth of
 * its mass below 1e-17. An infinite end is cut off at eight times the distance of the hints; mx_region_extend moves it out.
 */
#include "solve/region.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_MOST = 1400, CENTERS_MOST = 4096, HINTS_MOST = 8, HINT_FACTS = 12, LEVELS_TRIED = 8 };

#define DEEPEST (-690.0) /* log of the least distance from a center */
#define FAREST 690.0
#define OUTWARDS 8.0

typedef struct probe {
    const mx_grid *grid;
    size_t a, variables, k, cuts;
    double base[64];       /* the other variables */
    double *value, *low;   /* [variables * SCAN_MOST] */
    double *f, *f_low, *logq, *cut; /* [SCAN_MOST * k], ..., [SCAN_MOST * cuts] */
} probe;

typedef struct center {
    double x;
    int hint;              /* 1, 2: everything is smooth there; 2: not to be left out */
} center;

typedef struct centers {
    center *at;
    size_t count;
    int overflow;          /* 1: too many, 2: no memory */
} centers;

static void add(centers *c, double x, int hint)
{
    if (c->count == CENTERS_MOST)
        c->overflow = 1;
    else
        c->at[c->count++] = (center){x, hint};
}

/* Values at points x + low of the axis, the other variables at their base. what: 1 features and prior, 2 cuts. */
static int look(probe *p, size_t n, const double *x, const double *low, int what)
{
    const double *value[64], *rest[64];
    for (size_t v = 0; v < p->variables; v++) {
        for (size_t j = 0; j < n; j++) {
            int mine = v == p->grid->axis[p->a].variable;
            p->value[v * SCAN_MOST + j] = mine ? x[j] : p->base[v];
            p->low[v * SCAN_MOST + j] = mine && low != NULL ? low[j] : 0;
        }
        value[v] = p->value + v * SCAN_MOST;
        rest[v] = p->low + v * SCAN_MOST;
    }
    mx_points points = {n, value, rest};
    if (what == 2)
        return mx_field_cut_values(p->grid->problem, &points, p->cut);
    return mx_field_values(p->grid->problem, &points, p->f, low != NULL ? p->f_low : NULL, p->logq);
}

/* What function `which` is at x: feature i, log prior (which = k), cut c (which = k + 1 + c). */
static double one(probe *p, size_t which, double x)
{
    if (look(p, 1, &x, NULL, which > p->k ? 2 : 1) != 0)
        return NAN;
    return which < p->k ? p->f[which] : which == p->k ? p->logq[0] : p->cut[which - p->k - 1];
}

/* A root of g - level between a and b, where the signs differ: regula falsi (Illinois), bisection when that is slow. */
static double root(probe *p, size_t which, double level, double a, double b, double ga, double gb)
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
static double peak(probe *p, size_t which, double sign, double a, double b)
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

static int by_place(const void *a, const void *b)
{
    const center *x = a, *y = b;
    return x->x != y->x ? (x->x > y->x) - (x->x < y->x) : x->hint - y->hint;
}

/* Points of every scale over the axis, ascending. */
static size_t scan_points(const mx_axis *axis, double *x)
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

static void find_cuts(probe *p, size_t n, const double *x, centers *out)
{
    size_t cuts = p->cuts;
    double *g = mx_alloc(n * cuts + 1, sizeof *g);
    if (g == NULL || look(p, n, x, NULL, 2) != 0) {
        out->overflow = 2;
        mx_free(g);
        return;
    }
    memcpy(g, p->cut, n * cuts * sizeof *g);
    for (size_t c = 0; c < cuts; c++) {
        int whole = mx_field_cut(p->grid->problem, c) == MX_CUT_WHOLE;
        for (size_t j = 0; j < n; j++) {
            double a = g[j * cuts + c], b = j + 1 < n ? g[(j + 1) * cuts + c] : NAN, before = j > 0 ? g[(j - 1) * cuts + c] : NAN;
            if (!whole && a == 0)
                add(out, x[j], 0);
            if (isfinite(a) && isfinite(b)) {
                double first = whole ? floor(fmin(a, b)) + 1 : 0, last = whole ? ceil(fmax(a, b)) - 1 : 0;
                if (whole && last - first > 1000)
                    continue; /* too far out to be told apart */
                if (whole && a == floor(a))
                    add(out, x[j], 0);
                for (double level = first; level <= last; level++)
                    if ((a < level && b > level) || (a > level && b < level))
                        add(out, root(p, p->k + 1 + c, level, x[j], x[j + 1], a - level, b - level), 0);
            }
            if (!whole && fabs(a) < fabs(before) && fabs(a) < fabs(b) && (a > 0) == (b > 0) && (a > 0) == (before > 0)) {
                double touch = peak(p, p->k + 1 + c, a > 0 ? -1 : 1, x[j - 1], x[j + 1]); /* a zero without a change of sign? */
                if (fabs(one(p, p->k + 1 + c, touch)) < 1e-12 * (fabs(before) + fabs(b)))
                    add(out, fabs(touch) < 1e-7 * (x[j + 1] - x[j - 1]) && x[j - 1] < 0 && x[j + 1] > 0 ? 0 : touch, 0);
            }
        }
    }
    mx_free(g);
}

/* A feature comes closest to its target between two points of the scan, x[0] and x[2]: there may be two roots, or its extreme is the hint. */
static size_t between(probe *p, size_t i, double level, const double *x, double a, double before, double after, centers *out)
{
    double at = peak(p, i, a > 0 ? -1 : 1, x[0], x[2]), g = one(p, i, at) - level;
    if (!isfinite(g))
        return 0;
    add(out, at, 1);
    if (g != 0 && (g > 0) != (a > 0)) {
        add(out, root(p, i, level, x[0], at, before, g), 1);
        add(out, root(p, i, level, at, x[2], g, after), 1);
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
    return x->distance != y->distance ? (x->distance > y->distance) - (x->distance < y->distance) : (x->index > y->index) - (x->index < y->index);
}

static void find_hints(probe *p, const mx_fact *fact, size_t n, const double *x, centers *out)
{
    size_t k = p->k, tried = 0;
    double *f = mx_alloc(n * (k + 1) + 1, sizeof *f), *logq = mx_alloc(n + 1, sizeof *logq);
    remote *order = mx_alloc(n + 1, sizeof *order);
    if (f == NULL || logq == NULL || order == NULL || look(p, n, x, NULL, 1) != 0) {
        out->overflow = 2;
        goto done;
    }
    const mx_axis *axis = &p->grid->axis[p->a];
    double anchor = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper : 0;
    for (size_t j = 0; j < n; j++)
        order[j] = (remote){fabs(x[j] - anchor), j};
    qsort(order, n, sizeof *order, by_distance);
    memcpy(f, p->f, n * k * sizeof *f);
    memcpy(logq, p->logq, n * sizeof *logq);
    for (size_t i = 0; i < k && tried < HINT_FACTS; i++) {
        double level = isfinite(fact[i].lower) ? fact[i].lower : fact[i].upper;
        if (!isfinite(level))
            continue;
        size_t found = 0;
        for (size_t step = 0; step < n && found < 6; step++) { /* from the anchor outwards: what oscillates takes its target everywhere */
            size_t j = order[step].index;
            if (found > 0 && order[step].distance > 0x1p61)
                break;
            double a = f[j * k + i] - level, b = j + 1 < n ? f[(j + 1) * k + i] - level : NAN, before = j > 0 ? f[(j - 1) * k + i] - level : NAN;
            if (fabs(a) < 0.999999 * fabs(before) && fabs(a) < 0.999999 * fabs(b) && (a > 0) == (before > 0) && (a > 0) == (b > 0)) {
                found += between(p, i, level, x + j - 1, a, before, b, out);
            } else if (a == 0) {
                if (b != 0 && (j == 0 || f[(j - 1) * k + i] != level)) { /* not where it is the same over a stretch */
                    add(out, x[j], 1);
                    found++;
                }
            } else if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
                double r = root(p, i, level, x[j], x[j + 1], a, b);
                if (isfinite(r)) {
                    add(out, r, 1);
                    found++;
                }
            }
        }
        tried += found > 0;
    }
    for (size_t j = 0; j < n; j++) { /* peaks of the prior, each with the distance at which it has fallen */
        double before = j > 0 ? logq[j - 1] : -INFINITY, after = j + 1 < n ? logq[j + 1] : -INFINITY;
        if (!(logq[j] > before || (j > 0 && before == -INFINITY)) || !(logq[j] > after) || j == 0 || j + 1 == n || fabs(x[j] - anchor) > 0x1p61)
            continue;
        double at = peak(p, k, 1, x[j - 1], x[j + 1]), top = one(p, k, at), fall = ldexp(fmax(fabs(at), 1e-300), -50);
        add(out, at, 1);
        while (fall < x[j + 1] - x[j - 1] && !(one(p, k, at + fall) < top - 1 || one(p, k, at - fall) < top - 1))
            fall *= 2;
        add(out, at + fall, 1);
        add(out, at - fall, 1);
    }
done:
    mx_free(f);
    mx_free(logq);
    mx_free(order);
}

/* Does a feature or the prior change at distances from x (to the side of `sign`) where a smooth function of scale h no longer would? */
static int singular(probe *p, double x, int sign, double h)
{
    double value[4], low[4];
    const double distance[4] = {0.5 * h, 1e-9 * h, 1e-60 * h, 1e-200 * h};
    mx_span span = {.center = x, .sign = (signed char)sign};
    for (int j = 0; j < 4; j++)
        mx_span_point(&span, distance[j], &value[j], &low[j]);
    if (look(p, 4, value, low, 1) != 0)
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

/* Spans from a center outwards to distance h, each 4 times as wide as the one before, from `scale` on (the distance of the nearest other
 * center). Appended in the order of growing distance. */
static int outwards(probe *p, mx_axis *axis, double x, int sign, double h, double scale, int hint)
{
    int bad = !hint && singular(p, x, sign, h);
    double start = bad || (hint && p->grid->axes == 1) ? 0x1p-6 * h : 0.25 * h;
    if (!bad && p->grid->axes > 2) /* cells are many enough as it is */
        start = h;
    if (scale > 0 && p->grid->axes == 1)
        start = fmin(start, fmax(scale, 0x1p-80 * h));
    mx_span span = {.center = x, .sign = (signed char)sign};
    if (bad) {
        mx_span *grown = mx_resize(axis->singular, axis->singulars + 1, sizeof *grown);
        if (grown == NULL)
            return -1;
        axis->singular = grown;
        grown[axis->singulars++] = (mx_span){.center = x, .to = h, .sign = (signed char)sign};
        double edges[32], s = log(start), width = 2;
        int count = 0;
        for (edges[count++] = s; s > DEEPEST && count < 31; width *= 1.6)
            edges[count++] = s = fmax(s - width, DEEPEST);
        span.log = 1;
        while (--count > 0) {
            span.from = edges[count];
            span.to = edges[count - 1];
            if (mx_grid_root(axis, span) != 0)
                return -1;
        }
        span.log = 0;
    } else {
        span.from = 0;
        span.to = start;
        if (mx_grid_root(axis, span) != 0)
            return -1;
    }
    while (span.from = start, start < h) {
        start = 4 * start < 0.9 * h ? 4 * start : h;
        span.to = start;
        if (mx_grid_root(axis, span) != 0)
            return -1;
    }
    return 0;
}

static void reverse(mx_span *span, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        mx_span other = span[i];
        span[i] = span[count - 1 - i];
        span[count - 1 - i] = other;
    }
}

/* Whole numbers from .. to, both included, in spans that widen away from `from` (sign 1) or from `to` (sign -1). */
static int whole_spans(mx_axis *axis, double from, double to, int sign)
{
    size_t start = axis->roots;
    double width = MX_EACH, at = sign > 0 ? from : to;
    while (sign > 0 ? at <= to : at >= from) {
        double end = sign > 0 ? fmin(at + width - 1, to) : fmax(at - width + 1, from);
        mx_span span = {.sign = 1, .from = fmin(at, end), .to = fmax(at, end)};
        if (mx_grid_root(axis, span) != 0)
            return -1;
        at = sign > 0 ? end + 1 : end - 1;
        width *= 2;
    }
    if (sign < 0)
        reverse(axis->root + start, axis->roots - start);
    return 0;
}

static int whole_axis(mx_axis *axis, const centers *c, mx_outskirts *o, double reach)
{
    double low = isfinite(axis->lower) ? axis->lower : floor(c->at[0].x - reach);
    double high = isfinite(axis->upper) ? axis->upper : ceil(c->at[c->count - 1].x + reach);
    double from = low;
    for (size_t i = 0; i < c->count; i++) { /* towards each center from both sides */
        double at = fmin(fmax(floor(c->at[i].x), low), high);
        double middle = i + 1 < c->count ? floor(0.5 * (at + fmin(floor(c->at[i + 1].x), high))) : high;
        if (at - 1 >= from && whole_spans(axis, from, at - 1, -1) != 0)
            return -1;
        from = fmax(from, at);
        if (middle >= from && whole_spans(axis, from, middle, 1) != 0)
            return -1;
        from = fmax(from, middle + 1);
    }
    o->center[0] = o->center[1] = 0;
    o->reach[0] = low;
    o->reach[1] = high;
    return 0;
}

static int real_axis(probe *p, mx_axis *axis, const centers *c, mx_outskirts *o, double reach)
{
    const center *at = c->at;
    size_t count = c->count;
    double left = 0, right = 0; /* the distances of the neighbours of a center */
    if (o->open[0]) {
        size_t start = axis->roots;
        if (outwards(p, axis, at[0].x, -1, reach, count > 1 ? at[1].x - at[0].x : 0, at[0].hint) != 0)
            return -1;
        reverse(axis->root + start, axis->roots - start);
    }
    for (size_t i = 0; i + 1 < count; i++) {
        double gap = at[i + 1].x - at[i].x, h = 0.5 * gap;
        left = i > 0 ? at[i].x - at[i - 1].x : 0;
        right = i + 2 < count ? at[i + 2].x - at[i + 1].x : 0;
        if (outwards(p, axis, at[i].x, 1, h, left, at[i].hint) != 0)
            return -1;
        size_t start = axis->roots;
        if (outwards(p, axis, at[i + 1].x, -1, at[i + 1].x - (at[i].x + h), right, at[i + 1].hint) != 0)
            return -1;
        reverse(axis->root + start, axis->roots - start);
    }
    if (o->open[1] && outwards(p, axis, at[count - 1].x, 1, reach, count > 1 ? at[count - 1].x - at[count - 2].x : 0, at[count - 1].hint) != 0)
        return -1;
    o->center[0] = at[0].x;
    o->center[1] = at[count - 1].x;
    o->reach[0] = o->reach[1] = reach;
    return 0;
}

/* Sorts, joins what is too close to tell apart, and thins out hints when there are many. Returns the largest distance of two centers. */
static double settle(centers *c, size_t hints_most)
{
    qsort(c->at, c->count, sizeof *c->at, by_place);
    size_t m = 0, hints = 0;
    for (size_t i = 0; i < c->count; i++) {
        double x = c->at[i].x;
        if (m > 0 && x - c->at[m - 1].x <= 4e-16 * fabs(x)) {
            if (c->at[m - 1].hint && !c->at[i].hint)
                c->at[m - 1] = c->at[i];
            continue;
        }
        c->at[m++] = c->at[i];
        hints += c->at[i].hint == 1;
    }
    double range = m > 0 ? c->at[m - 1].x - c->at[0].x : 0;
    while (hints > hints_most) { /* out goes the hint that says least: the one beside which the neighbours have the widest room in proportion */
        size_t least = 0;
        double most = -1;
        for (size_t i = 1; i + 1 < m; i++) {
            double left = c->at[i].x - c->at[i - 1].x, right = c->at[i + 1].x - c->at[i].x;
            double say = fmin(left, right);
            if (c->at[i].hint == 1 && say > most) {
                most = say;
                least = i;
            }
        }
        if (most < 0)
            break;
        memmove(c->at + least, c->at + least + 1, (m - least - 1) * sizeof *c->at);
        m--;
        hints--;
    }
    c->count = m;
    return range;
}

static void set_base(probe *p, size_t combination)
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

static maxent_error cut_axis(probe *p, mx_axis *axis, const mx_fact *fact, const double *hint, size_t hints, mx_outskirts *o,
                             maxent_diagnostic *diagnostic)
{
    double x[SCAN_MOST];
    centers c = {mx_alloc(CENTERS_MOST, sizeof(center)), 0, 0};
    maxent_error error = c.at == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    size_t n = scan_points(axis, x);
    for (size_t level = 0; error == MAXENT_OK && level < p->grid->levels && level < LEVELS_TRIED; level++) {
        set_base(p, level);
        if (p->cuts > 0)
            find_cuts(p, n, x, &c);
        find_hints(p, fact, n, x, &c);
    }
    if (error == MAXENT_OK && c.overflow == 2)
        error = MAXENT_ERROR_MEMORY;
    if (error == MAXENT_OK && c.overflow)
        error = mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "more than %d places where the facts bend or jump", (int)CENTERS_MOST);
    if (error != MAXENT_OK) {
        mx_free(c.at);
        return error;
    }
    o->open[0] = isinf(axis->lower);
    o->open[1] = isinf(axis->upper);
    o->width[0] = o->width[1] = log(OUTWARDS);
    size_t m = 0;
    for (size_t i = 0; i < c.count; i++) /* the ends are centers of their own */
        if (c.at[i].x > axis->lower && c.at[i].x < axis->upper)
            c.at[m++] = c.at[i];
    c.count = m;
    double farthest = 0;
    for (size_t i = 0; i < m; i++)
        farthest = fmax(farthest, fabs(c.at[i].x));
    for (int side = 0; side < 2; side++)
        if (!o->open[side])
            add(&c, side == 0 ? axis->lower : axis->upper, 0);
    if (c.count == 0)
        add(&c, 0, 1);
    size_t most = p->grid->axes == 1 ? HINTS_MOST : 3;
    double reach = settle(&c, most);
    for (size_t i = 0; i < hints; i++) /* these are not thinned out */
        if (hint[i * p->variables + axis->variable] > axis->lower && hint[i * p->variables + axis->variable] < axis->upper)
            add(&c, hint[i * p->variables + axis->variable], 2);
    if (hints > 0)
        reach = fmax(reach, settle(&c, most));
    reach = OUTWARDS * (reach > 0 ? reach : farthest > 0 ? farthest : 1);
    if (axis->whole)
        reach = fmax(reach, 64);
    set_base(p, 0);
    if ((axis->whole ? whole_axis(axis, &c, o, reach) : real_axis(p, axis, &c, o, reach)) != 0)
        error = MAXENT_ERROR_MEMORY;
    mx_free(c.at);
    return error;
}

static maxent_error open_probe(const mx_grid *grid, probe *p)
{
    const maxent_problem *problem = grid->problem;
    memset(p, 0, sizeof *p);
    p->grid = grid;
    p->variables = problem->support.variables;
    p->k = problem->k;
    p->cuts = mx_field_cuts(problem);
    size_t columns = 2 * p->variables + 2 * (p->k + 1) + 1 + p->cuts;
    double *all = mx_alloc(columns, SCAN_MOST * sizeof *all);
    if (all == NULL)
        return MAXENT_ERROR_MEMORY;
    p->value = all;
    p->low = p->value + p->variables * SCAN_MOST;
    p->f = p->low + p->variables * SCAN_MOST;
    p->f_low = p->f + (p->k + 1) * SCAN_MOST;
    p->logq = p->f_low + (p->k + 1) * SCAN_MOST;
    p->cut = p->logq + SCAN_MOST;
    return MAXENT_OK;
}

maxent_error mx_region_start(mx_grid *grid, const mx_fact *fact, const double *hint, size_t hints, mx_outskirts *outskirts,
                             maxent_diagnostic *diagnostic)
{
    probe p;
    if (grid->problem->support.variables > 64)
        return mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "more than 64 variables beside a continuous one");
    maxent_error error = open_probe(grid, &p);
    for (size_t a = 0; a < grid->axes && error == MAXENT_OK; a++) {
        p.a = a;
        error = cut_axis(&p, &grid->axis[a], fact, hint, hints, &outskirts[a], diagnostic);
    }
    mx_free(p.value);
    return error != MAXENT_OK ? error : mx_grid_cells(grid, 0, 0, grid->axis[0].roots);
}

maxent_error mx_region_extend(mx_grid *grid, size_t a, int side, double most, mx_outskirts *outskirts, int *grown)
{
    mx_axis *axis = &grid->axis[a];
    mx_outskirts *o = &outskirts[a];
    *grown = 0;
    if (!o->open[side])
        return MAXENT_OK;
    mx_span span = {.center = o->center[side], .sign = (signed char)(side == 1 ? 1 : -1)};
    double reach = o->reach[side], next;
    if (axis->whole && fabs(reach) < 0x1p50) { /* from the last number on, doubling */
        double width = fmax(fabs(reach), 64);
        span.sign = 1;
        span.from = side == 1 ? reach + 1 : reach - width;
        span.to = side == 1 ? reach + width : reach - 1;
        next = side == 1 ? span.to : span.from;
    } else {
        double s = log(fabs(reach)), width = fmin(o->width[side], FAREST - s);
        if (!(width > 0.01))
            return MAXENT_OK;
        span.log = 1;
        span.from = s;
        span.to = s + width;
        next = exp(s + width);
        if (axis->whole && side == 0)
            next = -next;
    }
    probe p;
    maxent_error error = open_probe(grid, &p);
    if (error != MAXENT_OK)
        return error;
    p.a = a;
    set_base(&p, 0);
    int bad = 1;
    for (int shorter = 0; bad && shorter < 8; shorter++) { /* as far as features stay in range */
        double x = span.log ? span.center + span.sign * exp(span.to) : side == 1 ? span.to : span.from;
        bad = look(&p, 1, &x, NULL, 1) != 0;
        for (size_t i = 0; i < p.k && !bad; i++)
            bad = !(fabs(p.f[i]) <= most);
        if (bad) {
            double middle = 0.5 * (span.from + span.to);
            if (axis->whole && !span.log)
                middle = floor(middle);
            *(!span.log && side == 0 ? &span.from : &span.to) = middle;
            next = !span.log ? middle : exp(middle);
            if (axis->whole && span.log && side == 0)
                next = -next;
        }
    }
    mx_free(p.value);
    if (bad)
        return MAXENT_OK;
    o->reach[side] = next;
    o->width[side] *= 1.5;
    if (mx_grid_root(axis, span) != 0)
        return MAXENT_ERROR_MEMORY;
    *grown = 1;
    return mx_grid_cells(grid, a, axis->roots - 1, axis->roots);
}
