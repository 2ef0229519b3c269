/* Breaks of lines about what is narrow: spots, and ridges that they cross. */
#include "solve/cells/nested.h"

#include "solve/cells/nested_far.h"

#include <math.h>
#include <string.h>

#define CORE 2.0 /* widths of a spot on either side that one piece takes */
#define CORES 8.0 /* so many more in pieces of twice the length of the one before */
#define WIDER 4.0 /* and pieces from there outwards */
#define CORE_3 4.0
#define FULL_3 2.5
#define MIDDLE 4.0 /* widths to both sides of the middle of p */
#define FULL 4.0  /* a line that passes by so many widths away, or more, is cut more coarsely */

/* One more break, unless there is another within `apart`. */
static size_t insert_break(double *at, size_t count, double x, double apart)
{
    size_t b = count;
    if (count == MX_NESTED_BREAKS)
        return count;
    for (; b > 0 && at[b - 1] > x; b--)
        ;
    if ((b > 0 && x - at[b - 1] <= apart) || (b < count && at[b] - x <= apart))
        return count;
    memmove(at + b + 1, at + b, (count - b) * sizeof *at);
    at[b] = x;
    return count + 1;
}

/* Breaks about spots: as narrow as they are, or as far as this line passes by. */
static size_t about_spots(const mx_grid *grid, size_t a, const double *outer, double *at, size_t count)
{
    const mx_axis *axis = &grid->axis[a];
    const mx_nested *nested = &grid->nested;
    double left = isinf(axis->lower) ? nested->centre[a] - nested->scale[a] : axis->lower;
    double cores = grid->axes < 3 ? CORES : CORE_3;
    double right = isinf(axis->upper) ? nested->centre[a] + nested->scale[a] : axis->upper;
    for (size_t i = 0; i < nested->spots; i++) {
        const mx_spot *spot = &nested->spot[i];
        double by = 1;
        for (size_t b = 0; b < a; b++)
            by = isinf(spot->width[b]) ? by : fmax(by, fabs(outer[b] - spot->at[b]) / ((grid->axes < 3 ? FULL : FULL_3) * spot->width[b]));
        if (by == 1 && grid->axes < 3 && isfinite(spot->width[a]) && spot->at[a] > axis->lower && spot->at[a] < axis->upper)
            count = insert_break(at, count, spot->at[a], 0);
        for (int side = -1; side <= 1 && isfinite(spot->width[a]) && spot->width[a] > 0; side += 2)
            for (double d = CORE * by * spot->width[a];; d *= d < cores * by * spot->width[a] ? 2 : WIDER) {
                double x = spot->at[a] + side * d;
                if (x > axis->lower && x < axis->upper)
                    count = insert_break(at, count, x, 0.25 * d);
                if (!(side < 0 ? x > left : x < right))
                    break;
            }
    }
    return count;
}

/* Breaks at doubling distances from x to both sides. */
static size_t about(const mx_grid *grid, size_t a, double x, double width, double *at, size_t count)
{
    const mx_axis *axis = &grid->axis[a];
    const mx_nested *nested = &grid->nested;
    double left = isinf(axis->lower) ? nested->centre[a] - nested->scale[a] : axis->lower;
    double right = isinf(axis->upper) ? nested->centre[a] + nested->scale[a] : axis->upper;
    for (int side = -1; side <= 1 && width > 0; side += 2)
        for (double d = CORE * width; d < 1e3 * (right - left); d *= d < CORES * width ? 2 : WIDER) {
            double y = x + side * d;
            if (y > axis->lower && y < axis->upper)
                count = insert_break(at, count, y, 0.25 * d);
            if (side < 0 ? y <= left : y >= right)
                break;
        }
    return count;
}

/* Where the line of axis a crosses a ridge; and where lines of later axes would cross it at their ends: there it comes or goes on them. */
static size_t about_ridges(const mx_grid *grid, size_t a, const double *outer, double *at, size_t count)
{
    const mx_nested *nested = &grid->nested;
    for (size_t i = 0; i < nested->ridges; i++) {
        const mx_ridge *ridge = &nested->ridge[i];
        size_t later = 0, which[MX_AXES];
        double rest = ridge->at;
        int bounded = ridge->by[a] != 0 && isfinite(ridge->width[a]);
        for (size_t b = 0; b < a; b++)
            rest -= ridge->by[b] * outer[b];
        for (size_t b = a + 1; b < grid->axes; b++)
            if (ridge->by[b] != 0) {
                which[later++] = b;
                bounded = bounded && isfinite(grid->axis[b].lower) && isfinite(grid->axis[b].upper);
            }
        for (size_t ends = 0; bounded && ends < (size_t)1 << later; ends++) {
            double level = rest;
            for (size_t j = 0; j < later; j++)
                level -= ridge->by[which[j]] * (ends >> j & 1 ? grid->axis[which[j]].upper : grid->axis[which[j]].lower);
            count = about(grid, a, level / ridge->by[a], ridge->width[a], at, count);
        }
    }
    return count;
}

/* On a line whose pieces see every distance from their ends. */
static size_t about_far(const mx_grid *grid, size_t a, const double *outer, double *at, size_t count)
{
    const mx_nested *nested = &grid->nested;
    const mx_axis *axis = &grid->axis[a];
    for (size_t i = 0; i < nested->spots; i++)
        if (isfinite(nested->spot[i].width[a]) && nested->spot[i].at[a] > axis->lower && nested->spot[i].at[a] < axis->upper)
            count = insert_break(at, count, nested->spot[i].at[a], nested->scale[a]);
    for (size_t i = 0; i < nested->ridges; i++) {
        const mx_ridge *ridge = &nested->ridge[i];
        double rest = ridge->at;
        int last = ridge->by[a] != 0;
        for (size_t b = 0; b < grid->axes; b++) {
            rest -= b < a ? ridge->by[b] * outer[b] : 0;
            last = last && (b <= a || ridge->by[b] == 0);
        }
        double x = rest / ridge->by[a];
        if (last && x > axis->lower && x < axis->upper)
            count = insert_break(at, count, x, 4e-16 * fabs(x) + nested->scale[a]);
    }
    return count;
}

/* Pieces whose ends are far from the middle of p resolve it badly: it is cut out of them. A line without breaks needs none. */
static size_t about_middle(const mx_grid *grid, size_t a, double *at, size_t count)
{
    const mx_axis *axis = &grid->axis[a];
    double centre = grid->nested.centre[a], scale = grid->nested.scale[a];
    if (count == 0 || !isinf(axis->lower) || !isinf(axis->upper))
        return count;
    double least = at[0], most = at[count - 1];
    count = insert_break(at, count, centre, scale);
    if (least < centre - (MIDDLE + 2) * scale)
        count = insert_break(at, count, centre - MIDDLE * scale, scale);
    if (most > centre + (MIDDLE + 2) * scale)
        count = insert_break(at, count, centre + MIDDLE * scale, scale);
    return count;
}

size_t mx_nested_about(const mx_grid *grid, size_t a, const double *outer, double *at, size_t count)
{
    if (mx_nested_is_far(grid, a))
        return about_far(grid, a, outer, at, count);
    return about_middle(grid, a, at, about_ridges(grid, a, outer, at, about_spots(grid, a, outer, at, count)));
}
