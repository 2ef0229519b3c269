/* The smallest set of a given probability: where p is above a level, {x: p(x) >= c} with the c that gives it the mass.
 *
 * Every piece is cut into parts; a part whose ends lie on either side of the level is cut where p crosses it. c is found by bisection
 * of its logarithm. Where p is constant on a set that holds more than is wanted, the set is not unique; then what is needed of it is taken
 * next to what lies higher, or from the middle where nothing does. Atoms are taken from the most probable on.
 */
#include "distribution/line.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 16 };

/* A part of a piece: from place t on, p at both ends. */
typedef struct slab {
    const mx_stretch *piece;
    double t, p[2], mass;
} slab;

typedef struct parts {
    size_t count;
    slab *part;
    const mx_line *line;
} parts;

static double width_of(const mx_stretch *piece)
{
    return piece->width > 0.0 ? piece->width : 1.0; /* atoms among pieces of whole numbers stand for their width */
}

static double part_size(const slab *part)
{
    return part->piece->width > 0.0 ? 2.0 / PARTS : 2.0;
}

static double p_at(const slab *part, double t)
{
    return part->piece->width > 0.0 ? mx_stretch_at(part->piece, t) : part->piece->mass;
}

/* The mass of [-1, t] of the piece. */
static double mass_to(const slab *part, double t)
{
    if (part->piece->width == 0.0)
        return 0.5 * (1.0 + t) * part->piece->mass;
    if (part->piece->count > 0.0) { /* as if it were continuous */
        mx_stretch smooth = *part->piece;
        smooth.count = 0.0;
        return mx_stretch_sum(&smooth, t);
    }
    return mx_stretch_sum(part->piece, t);
}

static double x_at(const slab *part, double t)
{
    double from = part->piece->width > 0.0 ? 0.0 : -0.5;
    return mx_dd_add_d(part->piece->left, from + 0.5 * (1.0 + t) * width_of(part->piece)).hi;
}

static maxent_error cut(const mx_line *line, parts *out)
{
    out->line = line;
    out->count = 0;
    out->part = mx_alloc(line->pieces * PARTS, sizeof *out->part);
    if (out->part == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t j = 0; j < line->pieces; j++) {
        size_t count = line->piece[j].width > 0.0 ? PARTS : 1;
        double before = 0.0;
        for (size_t i = 0; i < count; i++) {
            slab *part = &out->part[out->count++];
            part->piece = &line->piece[j];
            part->t = -1.0 + (double)i * 2.0 / (double)count;
            double end = i + 1 == count ? 1.0 : part->t + 2.0 / (double)count, to = mass_to(part, end);
            part->p[0] = p_at(part, part->t);
            part->p[1] = p_at(part, end);
            part->mass = to - before;
            before = to;
        }
    }
    return MAXENT_OK;
}

/* Where p crosses the level in a part. */
static double crossing(const slab *part, double level)
{
    double low = part->t, high = part->t + part_size(part);
    int rising = part->p[1] >= level;
    for (int step = 0; step < 60 && high - low > 1e-16; step++) {
        double middle = 0.5 * (low + high);
        if ((p_at(part, middle) >= level) == rising)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}

/* The mass above a level; list (NULL: only the mass) gets the intervals, at most one a part. */
static double above(const parts *all, double level, mx_interval *list, size_t *count)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        const slab *part = &all->part[i];
        int first = part->p[0] >= level, second = part->p[1] >= level;
        double from = part->t, to = part->t + part_size(part), mass = part->mass;
        if (!first && !second)
            continue;
        if (first != second) {
            double c = crossing(part, level), middle = mass_to(part, c);
            if (first) {
                to = c;
                mass = middle - mass_to(part, part->t);
            } else {
                from = c;
                mass = mass_to(part, to) - middle;
            }
        }
        sum += mass;
        if (list == NULL)
            continue;
        double a = x_at(part, from), b = x_at(part, to);
        if (n > 0 && a <= list[n - 1].to + 1e-12 * fmax(fabs(a), b - a))
            list[n - 1].to = b;
        else
            list[n++] = (mx_interval){a, b};
    }
    if (count != NULL)
        *count = n;
    return sum;
}

/* Of the intervals `low`, which hold more than is wanted, what holds `share` of each part that is not in `high`. */
static void fill(const mx_line *line, mx_interval *low, size_t lows, const mx_interval *high, size_t highs, double share)
{
    for (size_t i = 0; i < lows; i++) {
        double a = low[i].from, b = low[i].to, from = b, to = a;
        for (size_t j = 0; j < highs; j++)
            if (high[j].from >= a && high[j].to <= b) {
                from = fmin(from, high[j].from);
                to = fmax(to, high[j].to);
            }
        double before, after, unused;
        if (from > to) { /* nothing higher: the middle */
            double mass = mx_line_between(line, a, b) * (1.0 - share) / 2.0;
            mx_line_cdf(line, a, &before, &unused);
            mx_line_cdf(line, b, &unused, &after);
            low[i].from = fmax(a, mx_line_quantile(line, fmin(1.0, before + mass)));
            low[i].to = fmin(b, mx_line_quantile(line, fmax(0.0, 1.0 - (after + mass))));
            continue;
        }
        mx_line_cdf(line, from, &before, &unused);
        mx_line_cdf(line, to, &unused, &after);
        low[i].from = from > a ? fmax(a, mx_line_quantile(line, before - share * mx_line_between(line, a, from))) : a;
        low[i].to = to < b ? fmin(b, mx_line_quantile(line, 1.0 - (after - share * mx_line_between(line, to, b)))) : b;
    }
}

static int down(const void *a, const void *b)
{
    const mx_stretch *const *x = a, *const *y = b;
    if ((*x)->mass != (*y)->mass)
        return ((*x)->mass < (*y)->mass) - ((*x)->mass > (*y)->mass);
    return (*x > *y) - (*x < *y);
}

/* Atoms only: the most probable until their sum is reached; neighbours in the list become an interval. */
static maxent_error take_atoms(const mx_line *line, double mass, mx_interval *list, size_t *count)
{
    const mx_stretch **order = mx_alloc(line->pieces, sizeof *order);
    char *taken = mx_zalloc(line->pieces, 1);
    maxent_error error = order == NULL || taken == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        double sum = 0.0;
        for (size_t j = 0; j < line->pieces; j++)
            order[j] = &line->piece[j];
        qsort((void *)order, line->pieces, sizeof *order, down);
        for (size_t j = 0; j < line->pieces && sum < mass - 1e-15; j++) {
            sum += order[j]->mass;
            taken[order[j] - line->piece] = 1;
        }
        size_t n = 0;
        for (size_t j = 0; j < line->pieces; j++) {
            double x = line->piece[j].left.hi;
            if (!taken[j])
                continue;
            if (j > 0 && taken[j - 1] && (line->step == 0.0 || x - line->piece[j - 1].left.hi <= line->step))
                list[n - 1].to = x;
            else
                list[n++] = (mx_interval){x, x};
        }
        *count = n;
    }
    mx_free((void *)order);
    mx_free(taken);
    return error;
}

maxent_error mx_line_densest(const mx_line *line, double mass, mx_interval **out, size_t *out_count)
{
    if (!(mass > 0.0 && mass < 1.0))
        return MAXENT_ERROR_VALUE;
    size_t count = 0, highs = 0;
    int smooth = 0;
    for (size_t j = 0; j < line->pieces; j++)
        smooth = smooth || line->piece[j].width > 0.0;
    size_t room = line->pieces * (smooth ? PARTS : 1) + 1;
    mx_interval *list = mx_alloc(room, 2 * sizeof *list), *high = list + room;
    parts all = {0};
    maxent_error error = list == NULL ? MAXENT_ERROR_MEMORY : smooth ? cut(line, &all) : take_atoms(line, mass, list, &count);
    if (error == MAXENT_OK && smooth) {
        double top = 0.0;
        for (size_t i = 0; i < all.count; i++)
            top = fmax(top, fmax(all.part[i].p[0], all.part[i].p[1]));
        double low = log(top) - 745.0, up = log(top) + 1e-9;
        for (int step = 0; step < 100 && up - low > 1e-15 * (1.0 + fabs(up)); step++) {
            double middle = 0.5 * (low + up);
            if (above(&all, exp(middle), NULL, NULL) >= mass)
                low = middle;
            else
                up = middle;
        }
        /* a step of the mass at this level: a plateau, to rounding */
        double more = above(&all, exp(low - 1e-11), list, &count), less = above(&all, exp(up + 1e-11), high, &highs);
        if (more - less > 1e-8)
            fill(line, list, count, high, highs, (mass - less) / (more - less));
        else
            above(&all, exp(low), list, &count);
        for (size_t i = 0; i < count && line->whole; i++) {
            list[i].from = ceil(list[i].from);
            list[i].to = floor(list[i].to);
        }
    }
    mx_free(all.part);
    if (error != MAXENT_OK) {
        mx_free(list);
        return error;
    }
    *out = list;
    *out_count = count;
    return MAXENT_OK;
}
