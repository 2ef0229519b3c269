/* Every local minimum of the slack d . (f - tau) over the nodes is followed down inside its cell; beyond the cells a few places do. */
#include "solve/existence/lowest.h"

#include "base/memory.h"
#include "facts/ranges.h"

#include <math.h>
#include <string.h>

enum { FAR_STEPS = 8, NUMBERS = 6 }; /* NUMBERS: looked at about one on a countable axis */

#define NOTHING 1e-290 /* next to the least of doubles */

/* d . (f - tau), with the bound that d leans on for an interval. */
mx_dd mx_slack(const mx_continuum *c, const double *d, const double *hi, const double *lo, double *size)
{
    mx_dd sum = {0, 0};
    double most = 0;
    for (size_t i = 0; i < c->shadow.k; i++) {
        if (d[i] == 0)
            continue;
        const mx_fact *fact = &c->fact[i];
        double bound = fact->lower == fact->upper ? fact->lower : d[i] > 0 ? fact->upper : fact->lower;
        mx_dd part = mx_dd_mul_d(mx_dd_sub((mx_dd){hi[i], lo[i]}, mx_dd_make(bound)), d[i]);
        most = fmax(most, fabs(d[i]) * fmax(fabs(hi[i]), fabs(bound)));
        sum = mx_dd_add(sum, part);
    }
    if (size != NULL)
        *size = most;
    return isnan(sum.hi) ? mx_dd_make(INFINITY) : sum;
}

/* What counts as 0: the rounding of the terms, and what the way down could not tell. */
double mx_low_zero(const mx_low_point *low)
{
    return 1e-14 * low->size + 4 * low->known;
}

/* The slack as a part of its terms; a slack of nothing but zeros is 0. */
double mx_low_relative(const mx_low_point *low)
{
    if (low->slack >= 0 && low->slack <= mx_low_zero(low))
        return 0;
    if (!isfinite(low->size) || !isfinite(low->slack))
        return low->slack < 0 ? -1 : INFINITY;
    return low->size > 0 ? low->slack / low->size : low->slack == 0 ? 0 : low->slack > 0 ? INFINITY : -INFINITY;
}

/* In order of the relative slack, then of the slack: that is 1 everywhere when the terms are of one sign. */
static int lower(const mx_low_point *one, const mx_low_point *other)
{
    double a = mx_low_relative(one), b = mx_low_relative(other);
    return a < b - 1e-9 * fabs(b) || (!(b < a - 1e-9 * fabs(a)) && one->slack < other->slack);
}

static double slack_at(mx_continuum *c, const double *d, double *at, double *size, double *work)
{
    double logq;
    size_t k = c->shadow.k;
    if (mx_sample_evaluate(&c->shadow, at, 1, work, work + k, &logq) != 0 || logq == -INFINITY)
        return INFINITY;
    return mx_slack(c, d, work, work + k, size).hi;
}

/* At the end of a bracket: where the prior alone is 0 and next to it the slack is `least`, its limit counts. */
static double slack_at_end(mx_continuum *c, const double *d, double *at, double least, double *work)
{
    double logq, size;
    size_t k = c->shadow.k;
    if (mx_sample_evaluate(&c->shadow, at, 1, work, work + k, &logq) != 0)
        return INFINITY;
    double value = mx_slack(c, d, work, work + k, &size).hi;
    return logq > -INFINITY || fabs(value - least) <= NOTHING ? value : INFINITY;
}

/* Goes down from a node along each continuous variable in turn, within `room` of it, by golden section on a bracket that shrinks. */
static void descend(mx_continuum *c, const double *d, mx_low_point *low, const double (*room)[2], double *work)
{
    const double golden = 0.6180339887498949;
    size_t axes = c->grid.axes;
    int sweeps = axes == 1 ? 1 : 12;
    for (int sweep = 0; sweep < sweeps; sweep++) {
        double before = low->slack;
        for (size_t a = 0; a < axes; a++) {
            size_t v = c->grid.axis[a].variable;
            double from = room[a][0], to = room[a][1], kept = low->at[v], kept_low = low->at[64 + v];
            double at[128];
            size_t variables = c->shadow.support.variables;
            memcpy(at, low->at, variables * sizeof *at);
            memcpy(at + variables, low->at + 64, variables * sizeof *at);
            at[variables + v] = 0;
            if (c->grid.axis[a].whole) {
                double first = fmax(floor(kept) - 2, c->grid.axis[a].lower), last = fmin(ceil(kept) + 2, c->grid.axis[a].upper);
                for (int step = 0; step <= NUMBERS && first + step <= last; step++) {
                    double size, value, x = first + step; /* beyond 2^53 the same one */
                    at[v] = x;
                    value = slack_at(c, d, at, &size, work);
                    if (value < low->slack || low->at[v] != floor(low->at[v])) {
                        low->slack = value;
                        low->size = size;
                        low->at[v] = x;
                    }
                }
                continue;
            }
            double size_x, size_y, x = to - golden * (to - from), y = from + golden * (to - from);
            at[v] = x;
            double gx = slack_at(c, d, at, &size_x, work);
            at[v] = y;
            double gy = slack_at(c, d, at, &size_y, work);
            for (int step = 0; step < 80 && to - from > 4e-16 * (fabs(from) + fabs(to)); step++) {
                if (gx < gy) {
                    to = y;
                    y = x;
                    gy = gx;
                    size_y = size_x;
                    at[v] = x = to - golden * (to - from);
                    gx = slack_at(c, d, at, &size_x, work);
                } else {
                    from = x;
                    x = y;
                    gx = gy;
                    size_x = size_y;
                    at[v] = y = from + golden * (to - from);
                    gy = slack_at(c, d, at, &size_y, work);
                }
            }
            double least = fmin(gx, gy), least_size[2] = {size_x, size_y};
            if (least < low->slack) {
                at[v] = from;
                /* A jump may be at the end. */
                double left = axes == 1 && from == room[a][0] ? least : slack_at_end(c, d, at, least, work);
                at[v] = to;
                double right = axes == 1 && to == room[a][1] ? least : slack_at_end(c, d, at, least, work);
                double beside = fmax(fabs(left - least), fabs(right - least));
                low->known = isfinite(beside) ? beside : 0;
                low->slack = least;
                low->size = gx < gy ? least_size[0] : least_size[1];
                low->at[v] = gx < gy ? x : y;
                low->at[64 + v] = 0;
            } else {
                low->at[v] = kept;
                low->at[64 + v] = kept_low;
            }
        }
        if (!(low->slack < before))
            break;
    }
}

static size_t place_low(mx_low_point *low, size_t count, size_t most, const mx_low_point *one)
{
    if (count == most && !lower(one, &low[most - 1]))
        return count;
    if (count == most)
        count--;
    size_t place = count++;
    while (place > 0 && lower(one, &low[place - 1])) {
        low[place] = low[place - 1];
        place--;
    }
    low[place] = *one;
    return count;
}

/* Beyond the outermost cells of an infinite axis, at every factor of 2: where the slack is first below 0 there, or else below what it is
 * anywhere nearer, as of exp(x) to the left. */
static size_t far_out(mx_continuum *c, const double *d, mx_low_point *low, size_t count, size_t most, double *work, double *least)
{
    size_t variables = c->shadow.support.variables;
    for (size_t a = 0; a < c->grid.axes; a++)
        for (int side = 0; side < 2; side++) {
            const mx_axis *axis = &c->grid.axis[a];
            if (!isinf(side == 0 ? axis->lower : axis->upper))
                continue;
            double t = fmax(fabs(c->outskirts[a].reach[side]), 1), at[128];
            for (size_t l = 0; l < c->grid.levels && l < 16; l++) {
                mx_low_point lowest = {.slack = fmax(*least, 0)};
                for (double far = t; far < 1e290 && !(lowest.slack < 0); far *= far < 1e20 * t ? 2 : 64) {
                    mx_low_point one = {.start = INFINITY};
                    size_t from = c->grid.cell[0].first + l, v = axis->variable;
                    for (size_t w = 0; w < variables; w++) {
                        at[w] = c->nodes.value[w][from];
                        at[variables + w] = c->nodes.low[w][from];
                    }
                    at[v] = side == 1 ? c->outskirts[a].center[1] + far : c->outskirts[a].center[0] - far;
                    at[v] = axis->whole ? floor(at[v]) : at[v];
                    at[variables + v] = 0;
                    one.slack = slack_at(c, d, at, &one.size, work);
                    memcpy(one.at, at, variables * sizeof *at);
                    int tells = one.slack < 0 || 1e-12 * one.size <= *least; /* not what is left of terms that are far larger */
                    if (tells && one.slack < lowest.slack && isfinite(one.slack))
                        lowest = one;
                }
                if (lowest.slack < 0 || lowest.slack < *least)
                    count = place_low(low, count, most, &lowest);
                *least = lowest.slack < 0 ? *least : fmin(*least, lowest.slack);
            }
        }
    return count;
}

/* d . f, whatever the targets: beside a huge one it would not be seen to fall. */
static double combined_at(mx_continuum *c, const double *d, double *at, double *size, double *work)
{
    double logq;
    size_t k = c->shadow.k;
    mx_dd sum = {0, 0};
    *size = 0;
    if (mx_sample_evaluate(&c->shadow, at, 1, work, work + k, &logq) != 0 || logq == -INFINITY)
        return INFINITY;
    for (size_t i = 0; i < k; i++) {
        if (d[i] == 0)
            continue;
        sum = mx_dd_add(sum, mx_dd_mul_d((mx_dd){work[i], work[k + i]}, d[i]));
        *size = fmax(*size, fabs(d[i] * work[i]));
    }
    return sum.hi;
}

/* Does the slack still fall where doubles end: at the singular points, at infinity? Then nothing is known of its least value. */
int mx_falls_beyond(mx_continuum *c, const double *d, double *work)
{
    size_t variables = c->shadow.support.variables, v = c->grid.axis[0].variable;
    const mx_axis *axis = &c->grid.axis[0];
    double least = 0; /* x goes on falling towards 0, but by nothing that counts */
    for (size_t i = 0; i < c->shadow.k; i++)
        least = fmax(least, fabs(d[i]) * mx_fact_size(&c->fact[i]));
    for (size_t i = 0; c->grid.axes == 1 && i < axis->singulars + 2; i++)
        for (size_t l = 0; l < c->grid.levels && l < 16; l++) {
            double at[128], first = 0, last = 0, size = 0;
            int falls = 1;
            int side = (int)i - (int)axis->singulars;
            if (side >= 0 && !isinf(side == 0 ? axis->lower : axis->upper))
                continue;
            for (int step = 0; step <= FAR_STEPS && falls; step++) { /* all the way: a wave only goes up and down */
                for (size_t w = 0; w < variables; w++) {
                    at[w] = c->nodes.value[w][c->grid.cell[0].first + l];
                    at[variables + w] = c->nodes.low[w][c->grid.cell[0].first + l];
                }
                mx_span span = side < 0 ? axis->singular[i] : (mx_span){.center = 0, .sign = (signed char)(side == 1 ? 1 : -1)};
                span.log = 1;
                mx_span_point(&span, (side < 0 ? -1 : 1) * (500.0 + 170.0 * step / FAR_STEPS), &at[v], &at[variables + v]);
                double value = combined_at(c, d, at, &size, work);
                falls = isfinite(value) && (step == 0 || value <= last);
                last = value;
                first = step == 0 ? value : first;
            }
            if (falls && last < first - 1e-9 * fmax(size, 1e-9 * least))
                return 1;
        }
    return 0;
}

maxent_error mx_may_sink(const mx_continuum *c, const double *d, int *sinks)
{
    size_t k = c->shadow.k;
    unsigned char *low = mx_alloc(k + 1, 2 * sizeof *low);
    *sinks = 0;
    if (low == NULL || mx_ranges_singular(&c->shadow, low, low + k) != 0) {
        mx_free(low);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t i = 0; i < k; i++)
        *sinks |= (d[i] > 0 && low[i]) || (d[i] < 0 && low[k + i]);
    mx_free(low);
    return MAXENT_OK;
}

/* The lowest local minima of the slack over the nodes and the ends of cells, followed down, in the order of slack beside size. Returns
 * their number. least: the least slack of all. */
size_t mx_lowest(mx_continuum *c, const double *d, mx_low_point *low, size_t most, double *work, double *least)
{
    *least = INFINITY;
    size_t count = 0, k = c->shadow.k, variables = c->shadow.support.variables;
    for (size_t a = 0; a < c->grid.cells && !mx_late(c->run); a++) { /* one candidate a cell: its lowest node or end */
        const mx_cell *cell = &c->grid.cell[a];
        mx_low_point best = {.slack = INFINITY};
        for (size_t j = cell->first; j < cell->first + cell->count; j++) {
            double size, value;
            if (c->nodes.logq[j] == -INFINITY)
                continue;
            value = mx_slack(c, d, c->nodes.hi + j * k, c->nodes.lo + j * k, &size).hi;
            if (value < best.slack) {
                best.slack = value;
                best.size = size;
                for (size_t v = 0; v < variables; v++) {
                    best.at[v] = c->nodes.value[v][j];
                    best.at[64 + v] = c->nodes.low[v][j];
                }
            }
        }
        if (best.slack == INFINITY || (count == most && !lower(&best, &low[most - 1]) && best.slack >= *least))
            continue;
        best.start = best.slack;
        memcpy(best.from, best.at, sizeof best.from);
        double room[MX_AXES][2];
        for (size_t b = 0; b < c->grid.axes; b++)
            mx_span_ends(&cell->span[b], c->grid.axis[b].whole, &room[b][0], &room[b][1]);
        descend(c, d, &best, (const double(*)[2])room, work);
        for (int side = 0; c->grid.axes == 1 && !c->grid.axis[0].whole && side < 2; side++) {
            double size, at[128];
            size_t v = c->grid.axis[0].variable;
            memcpy(at, best.at, variables * sizeof *at);
            memcpy(at + variables, best.at + 64, variables * sizeof *at);
            mx_sample_end(c, &cell->span[0], side, at);
            double value = slack_at(c, d, at, &size, work);
            if (value < best.slack) {
                best.slack = value;
                best.size = size;
                best.known = 0;
                best.at[v] = at[v];
                best.at[64 + v] = at[variables + v];
            }
        }
        *least = fmin(*least, best.slack);
        count = place_low(low, count, most, &best);
    }
    return mx_late(c->run) ? 0 : far_out(c, d, low, count, most, work, least);
}
