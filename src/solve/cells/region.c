/* Cutting an axis before anything is known of p.
 *
 * Centers are the finite ends, the points where features bend, jump or are singular (cuts), the points where a single feature
 * takes its target value, f_i(x) = tau_i (hints: the mass cannot be far from all of them), and the peaks of the prior. From each center
 * spans widen outwards by a factor of 4. At a singular center they go on in log t down to t = e^-690: a density x^-0.9 has a fiftieth of
 * its mass below 1e-17. An infinite end is cut off at eight times the distance of the hints; mx_region_extend moves it out.
 */
#include "solve/cells/region.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/cells/hints.h"
#include "solve/cells/narrow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HINTS_MOST = 8, LEVELS_TRIED = 8, FINE_MOST = 20000, FINE_SPANS = 8, FINE_FAR = 100000, SPOTS_MOST = 48,
       KEPT_FREE = 2000, CENTERS_LEAST = 3, CENTERS_MANY = 1000, SPARE_MOST = 12, TOO_MANY = 1 };

#define CORE 2.0 /* widths of a spot that one span takes */
#define FAREST 690.0
#define OUTWARDS 8.0
#define WHOLE_FAR 0x1p50 /* beyond, numbers are not one by one what doubles can tell apart */
#define WHOLE_END 0x1p52 /* and an infinite end is cut off, so that one more is another number */
#define WHOLE_LAST 0x1p53 /* the last number of all that doubles tell apart */
#define NODES_FIRST 5e5 /* of several axes: as many again for halving */
#define TURNED_CORE 3.0  /* in standard deviations */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_place(const void *a, const void *b)
{
    const mx_center *x = a, *y = b;
    return x->x != y->x ? (x->x > y->x) - (x->x < y->x) : x->hint - y->hint;
}

/* Spans from a center outwards to distance h, each 4 times as wide as the one before, from `scale` on (the distance of the nearest other
 * center). Appended in the order of growing distance. */
static int outwards(mx_probe_line *p, mx_axis *axis, double x, int sign, double h, double scale, int hint, int spare)
{
    int bad = !hint && mx_probe_singular(p, x, sign, h);
    double start = bad || (hint && hint < 3 && p->grid->axes == 1) ? 0x1p-6 * h : hint == 3 ? h : 0.25 * h;
    if (!bad && (p->grid->axes > 2 || spare)) /* cells are many enough as it is */
        start = h;
    if (scale > 0 && p->grid->axes == 1)
        start = fmin(start, fmax(scale, 0x1p-80 * h));
    if (!(start > 0)) /* h is among the least of doubles */
        start = h;
    mx_span span = {.center = x, .sign = (signed char)sign};
    if (bad) {
        mx_span *grown = mx_resize(axis->singular, axis->singulars + 1, sizeof *grown);
        if (grown == NULL)
            return -1;
        axis->singular = grown;
        grown[axis->singulars++] = (mx_span){.center = x, .to = h, .sign = (signed char)sign};
        double edges[32], s = log(start), width = spare ? 8 : 2;
        int count = 0;
        for (edges[count++] = s; s > MX_DEEPEST && count < 31; width *= spare ? 4 : 1.6)
            edges[count++] = s = fmax(s - width, MX_DEEPEST);
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

/* Whole numbers from .. to, both included, in spans that widen away from `from` (sign 1) or from `to` (sign -1). Returns 0, -1: no memory,
 * or TOO_MANY spans. */
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
        width *= axis->fine ? 1 : 2;
        if (axis->roots > FINE_MOST)
            return TOO_MANY;
    }
    if (sign < 0)
        reverse(axis->root + start, axis->roots - start);
    return 0;
}

static int whole_axis(mx_axis *axis, const mx_centers *c, mx_outskirts *o, double reach)
{
    double low = isfinite(axis->lower) ? axis->lower : fmax(floor(c->at[0].x - reach), -WHOLE_END);
    double high = isfinite(axis->upper) ? axis->upper : fmin(ceil(c->at[c->count - 1].x + reach), WHOLE_END);
    double from = low;
    int bad = 0;
    for (size_t i = 0; i < c->count && bad == 0; i++) { /* towards each center from both sides */
        double at = fmin(fmax(floor(c->at[i].x), low), high);
        double middle = i + 1 < c->count ? floor(0.5 * (at + fmin(floor(c->at[i + 1].x), high))) : high;
        if (at - 1 >= from)
            bad = whole_spans(axis, from, at - 1, -1);
        from = fmax(from, at);
        if (bad == 0 && middle >= from)
            bad = whole_spans(axis, from, middle, 1);
        from = fmax(from, middle + 1);
    }
    o->center[0] = floor(c->at[0].x);
    o->center[1] = floor(c->at[c->count - 1].x);
    o->reach[0] = o->center[0] - low;
    o->reach[1] = high - o->center[1];
    return bad;
}

static int real_axis(mx_probe_line *p, mx_axis *axis, const mx_centers *c, mx_outskirts *o, double reach, int spare)
{
    const mx_center *at = c->at;
    size_t count = c->count;
    double left = 0, right = 0; /* the distances of the neighbours of a center */
    if (o->open[0]) {
        size_t start = axis->roots;
        if (outwards(p, axis, at[0].x, -1, reach, count > 1 ? at[1].x - at[0].x : 0, at[0].hint, spare) != 0)
            return -1;
        reverse(axis->root + start, axis->roots - start);
    }
    for (size_t i = 0; i + 1 < count; i++) {
        double gap = at[i + 1].x - at[i].x, h = 0.5 * gap;
        left = i > 0 ? at[i].x - at[i - 1].x : 0;
        right = i + 2 < count ? at[i + 2].x - at[i + 1].x : 0;
        if (outwards(p, axis, at[i].x, 1, h, left, at[i].hint, spare) != 0)
            return -1;
        size_t start = axis->roots;
        if (outwards(p, axis, at[i + 1].x, -1, gap - h, right, at[i + 1].hint, spare) != 0)
            return -1;
        reverse(axis->root + start, axis->roots - start);
    }
    double last = count > 1 ? at[count - 1].x - at[count - 2].x : 0;
    if (o->open[1] && outwards(p, axis, at[count - 1].x, 1, reach, last, at[count - 1].hint, spare) != 0)
        return -1;
    o->center[0] = at[0].x;
    o->center[1] = at[count - 1].x;
    o->reach[0] = o->reach[1] = reach;
    return 0;
}

/* Is x so far from 0 and from the ends that there are too many numbers between to look at each? */
static int too_far(const mx_axis *axis, double x)
{
    return axis->fine && fmin(fabs(x), fmin(fabs(x - axis->lower), fabs(axis->upper - x))) > FINE_FAR;
}

/* Can x be a center between the ends? */
static int inside(const mx_axis *axis, double x)
{
    return x > axis->lower && x < axis->upper && !too_far(axis, x) && !(axis->whole && fabs(x) > WHOLE_FAR);
}

/* Sorts, joins what is too close to tell apart, and thins out hints when there are many. Returns the largest distance of two centers. */
static double settle(mx_centers *c, size_t hints_most)
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
    while (hints > hints_most) { /* out goes the hint that says least: the one that has the widest room around it */
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

/* Where something is narrow, the scan gets more points. */
static int look_closely(mx_probe_line *p, size_t *n, double *x, mx_spot *spot, size_t *spots)
{
    static const double near[] = {-4, -2, -1, -0.5, 0, 0.5, 1, 2, 4};
    const mx_axis *axis = &p->grid->axis[p->a];
    int count = mx_narrow_line(p, *n, x, spot + *spots, SPOTS_MOST - *spots);
    if (count <= 0)
        return count;
    size_t before = *n, m = 0;
    for (size_t i = *spots; i < *spots + (size_t)count; i++)
        for (size_t j = 0; j < sizeof near / sizeof *near && *n < MX_SCAN_MOST; j++) {
            double at = spot[i].at[0] + near[j] * spot[i].width[0];
            at = axis->whole ? floor(at) : at;
            if (at > axis->lower && at < axis->upper)
                x[(*n)++] = at;
        }
    *spots += (size_t)count;
    if (*n == before)
        return 0;
    qsort(x, *n, sizeof *x, ascending);
    for (size_t j = 0; j < *n; j++)
        if (m == 0 || x[j] > x[m - 1])
            x[m++] = x[j];
    *n = m;
    return 0;
}

/* Will spans about a spot be no wider than it, whether or not it gets its own? c: [count] centers, ascending. */
static int covered(const mx_centers *c, size_t count, double reach, const mx_spot *spot)
{
    double x = spot->at[0], wide = CORE * spot->width[0];
    size_t i = 0;
    while (i < count && c->at[i].x < x)
        i++;
    double left = i > 0 ? x - c->at[i - 1].x : INFINITY, right = i < count ? c->at[i].x - x : INFINITY, near = fmin(left, right);
    int outer = isinf(left) || isinf(right);
    double gap = outer ? OUTWARDS * reach : 0.5 * (left + right);
    if (outer && near > gap) /* no span gets as far */
        return 0;
    const mx_center *nearest = &c->at[left < right ? i - 1 : i];
    return 0.75 * gap <= wide || (0.75 * near <= wide && (nearest->hint && nearest->hint < 3 ? 0x1p-6 : 0.25) * gap <= wide);
}

/* What an axis shows: centers, and how far to go beyond them. */
typedef struct shown {
    mx_centers centers;
    double reach;
    double remote[2];      /* how far hints are, on the left and the right, that whole numbers are not told apart at; 0: none */
} shown;

static maxent_error find_centers(mx_probe_line *p, mx_axis *axis, const mx_fact *fact, const double *hint, size_t hints, mx_outskirts *o,
                                 mx_nested *nested, shown *out)
{
    double x[MX_SCAN_MOST];
    mx_centers c = {.at = mx_alloc(MX_CENTERS_MOST, sizeof(mx_center)), .most = MX_CENTERS_MOST - KEPT_FREE};
    out->centers.at = c.at;
    maxent_error error = c.at == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    size_t n = mx_probe_scan(axis, x), whole = 0;
    for (size_t j = 0; axis->whole && j < n; j++) /* features need not mean anything between the numbers */
        if (floor(x[j]) >= axis->lower && (whole == 0 || floor(x[j]) > x[whole - 1]))
            x[whole++] = floor(x[j]);
    n = axis->whole ? whole : n;
    size_t spots = 0;
    mx_spot spot[SPOTS_MOST];
    for (size_t level = 0; error == MAXENT_OK && level < p->grid->levels && level < LEVELS_TRIED; level++) {
        mx_probe_base(p, level);
        if (p->grid->axes == 1 && look_closely(p, &n, x, spot, &spots) != 0)
            c.failed = 1;
        if (p->cuts > 0)
            mx_probe_cuts(p, n, x, &c);
        mx_probe_hints(p, fact, n, x, &c);
    }
    if (error == MAXENT_OK && c.failed)
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK)
        return error;
    o->open[0] = isinf(axis->lower);
    o->open[1] = isinf(axis->upper);
    o->width[0] = o->width[1] = log(OUTWARDS);
    size_t m = 0;
    for (size_t i = 0; i < c.count; i++) { /* the ends are centers of their own */
        double at = c.at[i].x;
        if (inside(axis, at))
            c.at[m++] = c.at[i];
        else if (axis->whole && !axis->fine && c.at[i].hint == 1 && fabs(at) > WHOLE_FAR)
            out->remote[at > 0] = fmax(out->remote[at > 0], fabs(at));
    }
    c.count = m;
    c.most = MX_CENTERS_MOST;
    double farthest = 0;
    for (size_t i = 0; i < m; i++)
        farthest = fmax(farthest, fabs(c.at[i].x));
    for (int side = 0; side < 2; side++)
        if (!o->open[side])
            mx_centers_add(&c, side == 0 ? axis->lower : axis->upper, 0);
    if (c.count == 0)
        mx_centers_add(&c, 0, 1);
    for (size_t i = 0; p->grid->axes > 1 && i < p->grid->nested.spots && spots < SPOTS_MOST; i++)
        if (isfinite(p->grid->nested.spot[i].width[p->a]))
            spot[spots++] = (mx_spot){.at = {p->grid->nested.spot[i].at[p->a]}, .width = {p->grid->nested.spot[i].width[p->a]}};
    for (size_t i = 0; p->grid->axes == 1 && i < spots && nested->spots < MX_SPOTS; i++) /* for who looks at single points */
        nested->spot[nested->spots++] = spot[i];
    size_t most = p->grid->axes == 1 ? HINTS_MOST : 3;
    double reach = settle(&c, most), beyond = reach > 0 ? reach : farthest > 0 ? farthest : 1;
    size_t before = c.count;
    for (size_t i = 0; i < spots; i++)
        for (int side = -1; side <= 1 && !(p->grid->axes == 1 && covered(&c, before, beyond, &spot[i])); side++) {
            double at = spot[i].at[0] + side * CORE * spot[i].width[0];
            if (at > axis->lower && at < axis->upper && !too_far(axis, at))
                mx_centers_add(&c, at, 3);
        }
    if (c.count > before)
        reach = fmax(reach, settle(&c, most));
    for (size_t i = 0; i < hints; i++) /* these are not thinned out */
        if (inside(axis, hint[i * p->variables + axis->variable]))
            mx_centers_add(&c, hint[i * p->variables + axis->variable], 2);
    if (hints > 0)
        reach = fmax(reach, settle(&c, most));
    out->reach = OUTWARDS * (reach > 0 ? reach : farthest > 0 ? farthest : 1);
    out->centers.count = c.count;
    return MAXENT_OK;
}

/* Leaves `most` centers, but the ends of the axis: out go first hints from facts, then spots, then what was found on the way, then cuts, of
 * each kind those that are closest to others. */
static void thin(const mx_axis *axis, mx_centers *c, size_t most)
{
    static const int kinds[] = {1, 3, 2, 0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        while (c->count > most) {
            size_t out = c->count;
            double least = INFINITY;
            for (size_t j = 0; j < c->count; j++) {
                double x = c->at[j].x, room = c->at[j + 1 < c->count ? j + 1 : j].x - c->at[j > 0 ? j - 1 : j].x;
                if (c->at[j].hint == kinds[i] && x != axis->lower && x != axis->upper && room < least) {
                    least = room;
                    out = j;
                }
            }
            if (out == c->count)
                break;
            memmove(c->at + out, c->at + out + 1, (c->count - out - 1) * sizeof *c->at);
            c->count--;
        }
}

/* Spans along an axis; spare: the fewer the larger it is, 0: as many as there should be. Errors: MEMORY. */
static maxent_error cut_axis(mx_probe_line *p, mx_axis *axis, shown *s, int spare, mx_outskirts *o)
{
    int bad;
    do {
        double reach = axis->whole ? fmax(s->reach, 64) : s->reach;
        if (axis->fine)
            reach = fmin(reach, fmax(ldexp(FINE_FAR, -2 * spare), 64));
        if (spare > 0)
            thin(axis, &s->centers, s->centers.count / 2 > CENTERS_LEAST ? s->centers.count / 2 : CENTERS_LEAST);
        axis->roots = axis->singulars = 0;
        mx_probe_base(p, 0);
        int few = spare | (s->centers.count > CENTERS_MANY);
        bad = axis->whole ? whole_axis(axis, &s->centers, o, reach) : real_axis(p, axis, &s->centers, o, reach, few);
    } while (bad == TOO_MANY && ++spare <= SPARE_MOST);
    return bad ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

/* Spans along all axes. Where they make more cells than there is room for, those of the axis that has most become fewer: what falls
 * between them is left to halving. Errors: MEMORY. */
static maxent_error cut(mx_probe_line *p, mx_grid *grid, shown *axes, mx_outskirts *outskirts)
{
    int spare[MX_AXES] = {0};
    maxent_error error = MAXENT_OK;
    double room = NODES_FIRST / (double)grid->levels, cells = 1;
    for (size_t a = 0; a < grid->axes; a++)
        room /= (double)grid->rule;
    for (size_t a = 0; a < grid->axes && error == MAXENT_OK; a++) {
        p->a = a;
        error = cut_axis(p, &grid->axis[a], &axes[a], 0, &outskirts[a]);
        cells *= (double)grid->axis[a].roots;
    }
    while (error == MAXENT_OK && grid->axes > 1 && cells > fmax(room, 1)) {
        size_t widest = grid->axes;
        for (size_t a = 0; a < grid->axes; a++)
            if (spare[a] < SPARE_MOST && (widest == grid->axes || grid->axis[a].roots > grid->axis[widest].roots))
                widest = a;
        if (widest == grid->axes)
            break;
        p->a = widest;
        cells /= (double)grid->axis[widest].roots;
        error = cut_axis(p, &grid->axis[widest], &axes[widest], ++spare[widest], &outskirts[widest]);
        cells *= (double)grid->axis[widest].roots;
    }
    return error;
}

/* The point at distance t along an axis from where its outermost center is: is everything in range there? */
static int in_range(const mx_grid *grid, size_t a, mx_probe_line *p, double t, double most)
{
    int bad;
    if (!grid->frame.set) {
        bad = mx_probe_look(p, 1, &t, NULL, 1) != 0;
    } else {
        for (size_t b = 0; b < grid->axes; b++)
            p->base[grid->axis[b].variable] = grid->frame.centre[b] + t * grid->frame.by[b][a];
        double x = p->base[grid->axis[a].variable];
        bad = mx_probe_look(p, 1, &x, NULL, 1) != 0;
    }
    for (size_t i = 0; i < p->k && !bad; i++)
        bad = !(fabs(p->f[i]) <= most);
    return !bad;
}

maxent_error mx_region_extend(mx_grid *grid, size_t a, int side, double most, mx_outskirts *outskirts, int *grown)
{
    mx_axis *axis = &grid->axis[a];
    mx_outskirts *o = &outskirts[a];
    *grown = 0;
    if (!o->open[side])
        return MAXENT_OK;
    if (axis->fine) {
        size_t first = axis->roots;
        double more = fmax(FINE_SPANS, 0.25 * o->reach[side] / MX_EACH);
        for (int i = 0; i < more && axis->roots < FINE_MOST; i++) {
            double from = side == 1 ? o->center[1] + o->reach[1] + 1 : o->center[0] - o->reach[0] - MX_EACH, to = from + MX_EACH - 1;
            if (mx_grid_root(axis, (mx_span){.sign = 1, .from = from, .to = to}) != 0)
                return MAXENT_ERROR_MEMORY;
            o->reach[side] += MX_EACH;
            *grown = 1;
        }
        return mx_grid_cells(grid, a, first, axis->roots);
    }
    mx_span span = {.center = o->center[side], .sign = (signed char)(side == 1 ? 1 : -1)};
    double reach = o->reach[side], width;
    if (axis->whole && reach < WHOLE_FAR && fabs(o->center[side]) + 2 * fmax(reach, 64) < WHOLE_LAST) { /* one by one, or doubling */
        double last = span.center + span.sign * reach;
        width = fmax(reach, 64); /* from the center, not from 0: what p is beyond `last` it is by the distance from there */
        span.from = span.sign == 1 ? last + 1 : last - width;
        span.to = span.sign == 1 ? last + width : last - 1;
        span.center = 0;
        span.sign = 1;
    } else {
        double s = log(reach);
        width = fmin(o->width[side], FAREST - s);
        if (!(width > 0.01))
            return MAXENT_OK;
        span.log = 1;
        span.from = s;
        span.to = s + width;
    }
    mx_probe_line p;
    maxent_error error = mx_probe_open(grid, &p);
    if (error != MAXENT_OK)
        return error;
    p.a = a;
    mx_probe_base(&p, 0);
    int bad = 1, left = !span.log && axis->whole && side == 0;
    for (int shorter = 0; bad && shorter < 8; shorter++) { /* as far as features stay in range */
        double x = span.log ? span.center + span.sign * exp(span.to) : left ? span.from : span.to;
        bad = !in_range(grid, a, &p, x, most);
        reach = span.log ? exp(span.to) : fabs(x - o->center[side]);
        double middle = 0.5 * (span.from + span.to);
        if (bad)
            *(left ? &span.from : &span.to) = span.log ? middle : floor(middle);
    }
    mx_free(p.value);
    if (bad)
        return MAXENT_OK;
    o->reach[side] = reach;
    o->width[side] *= span.log ? 1.5 : 1;
    if (mx_grid_root(axis, span) != 0)
        return MAXENT_ERROR_MEMORY;
    *grown = 1;
    return mx_grid_cells(grid, a, axis->roots - 1, axis->roots);
}

maxent_error mx_region_start(mx_grid *grid, const mx_fact *fact, const double *hint, size_t hints, mx_outskirts *outskirts,
                             maxent_diagnostic *diagnostic)
{
    mx_probe_line p;
    shown axes[MX_AXES];
    memset(axes, 0, sizeof axes);
    if (grid->problem->support.variables > 64)
        return mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "more than 64 variables beside a continuous one");
    maxent_error error = mx_probe_open(grid, &p);
    grid->nested.spots = 0;
    if (error == MAXENT_OK && grid->axes > 1)
        error = mx_narrow_spots(grid, &p, fact);
    for (size_t a = 0; a < grid->axes && error == MAXENT_OK; a++) {
        p.a = a;
        error = find_centers(&p, &grid->axis[a], fact, hint, hints, &outskirts[a], &grid->nested, &axes[a]);
    }
    if (error == MAXENT_OK)
        error = cut(&p, grid, axes, outskirts);
    for (size_t a = 0; a < grid->axes; a++)
        mx_free(axes[a].centers.at);
    mx_free(p.value);
    if (error == MAXENT_OK)
        error = mx_grid_cells(grid, 0, 0, grid->axis[0].roots);
    for (size_t a = 0; a < grid->axes; a++)
        for (int side = 0; side < 2; side++)
            for (int grown = 1; error == MAXENT_OK && grown && outskirts[a].reach[side] < axes[a].remote[side];)
                error = mx_region_extend(grid, a, side, INFINITY, outskirts, &grown);
    return error;
}

maxent_error mx_region_turned(mx_grid *grid, mx_outskirts *outskirts)
{
    double r = grid->frame.comb > 0 ? grid->frame.reach : TURNED_REACH, edge[] = {-r, -TURNED_CORE, 0, TURNED_CORE, r};
    int spans = grid->frame.comb > 0 ? 1 : 4;
    edge[1] = grid->frame.comb > 0 ? r : edge[1];
    for (size_t a = 0; a < grid->axes; a++) {
        for (int i = 0; i < spans; i++)
            if (mx_grid_root(&grid->axis[a], (mx_span){.sign = 1, .from = edge[i], .to = edge[i + 1]}) != 0)
                return MAXENT_ERROR_MEMORY;
        outskirts[a] = (mx_outskirts){.reach = {r, r}, .width = {1, 1}, .open = {1, 1}};
    }
    return mx_grid_cells(grid, 0, 0, grid->axis[0].roots);
}
