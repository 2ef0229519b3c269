/* How wide a place is.
 *
 * The width is read off the features and the prior themselves: on the way outwards, distances doubled, the slope of a smooth function
 * changes it twice as much at every step and its bend four times as much, until it has shown all of its structure. The first step at which
 * they do not is the width; of the prior also that at which it has fallen or risen by a factor of e.
 */
#include "solve/cells/narrow.h"

#include <math.h>

enum { STEPS = MX_NARROW_STEPS, JUMP = 8, LASTING = 5, EARLIER = 3 };

#define GROWTH 1.4   /* of changes over doubled distances: 2 for a slope, */
#define GROWTH_EVEN 2.4 /* 4 for a bend, 2 for a sharp one */
#define EXPLODES 1e4 /* growth over one doubling, more and more at each: an exponential has left all that is of ordinary size */
#define NOISE 1e-10  /* changes that may be rounding, as a part of the values */
#define ROUNDING 20.0 /* times what is seen of it, likewise */

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

/* The step by which changes, [n], have begun to grow like an exponential; n: none. That of a power is the same at every step. least: [n]
 * what may be rounding. */
static size_t explodes(const double *change, const double *least, size_t n)
{
    for (size_t j = 2; j < n; j++) {
        double before = change[j - 1] / change[j - 2], now = change[j] / change[j - 1];
        if (change[j - 2] > least[j - 2] && now > EXPLODES && now > before * sqrt(before))
            return j > EARLIER ? j - EARLIER : 0;
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
    size_t burst = log_density ? both : explodes(even, least, both);
    bend = burst < bend ? burst : bend;
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

double mx_narrow_target(mx_probe_line *p, size_t i, double x, double off)
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
