/* Passes that are not evaluations: probabilities, values along a step, the judge's moments, the extent of a direction. */
#include "base/memory.h"
#include "solve/dual/kernels.h"
#include "solve/dual/lanes.h"

#include <string.h>

enum { SHIFT, TOTAL, TOTAL_LOW }; /* places in a lane's sums */

/* A walk over the blocks of a lane. */
typedef struct walk {
    size_t next, end;
    mx_block block;
} walk;

static walk walk_begin(const mx_dual *dual, size_t lane)
{
    walk w = {.block = {.u = NULL}};
    mx_lane_range(dual, lane, &w.next, &w.end);
    return w;
}

/* The next block, of `step` states: 1; 0: there is none; -1: the callback failed. */
static int walk_next(const mx_dual *dual, const mx_workspace *space, size_t step, walk *w)
{
    if (w->next >= w->end)
        return 0;
    size_t m = w->end - w->next < step ? w->end - w->next : step;
    if (mx_lane_open(dual, space, w->next, m, &w->block))
        return -1;
    w->next += m;
    return 1;
}

typedef struct point_data {
    const double *z;
    double value;
    double *p, *sums;
} point_data;

static int lane_probabilities(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const double *z = ((point_data *)data)->z;
    double *p = ((point_data *)data)->p;
    const mx_kernels *kernel = mx_kernels_get();
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    sums[SHIFT] = -INFINITY;
    sums[TOTAL] = sums[TOTAL_LOW] = 0;
    int more;
    walk w = walk_begin(dual, lane);
    while ((more = walk_next(dual, &space, dual->block, &w)) > 0) {
        mx_lane_scores(dual, &w.block, z, p + w.block.first);
        sums[SHIFT] = fmax(sums[SHIFT], kernel->max(p + w.block.first, w.block.m));
    }
    if (more < 0)
        return 1;
    size_t first, end;
    mx_lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        if (sums[SHIFT] == -INFINITY)
            memset(p + first, 0, m * sizeof *p);
        else
            mx_add_exactly(&sums[TOTAL], &sums[TOTAL_LOW], kernel->exp_sum(p + first, m, sums[SHIFT]));
    }
    return 0;
}

maxent_error mx_dual_probabilities(mx_dual *dual, const double *z, double *p)
{
    point_data data = {z, 0, p, NULL};
    mx_lanes_aim(dual, z);
    maxent_error error = mx_lanes_run(dual, lane_probabilities, &data);
    if (error != MAXENT_OK)
        return error;
    double shift = -INFINITY, total = 0, low = 0;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        shift = fmax(shift, dual->lane_sums[lane * dual->lane_stride + SHIFT]);
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *sums = dual->lane_sums + lane * dual->lane_stride;
        if (sums[SHIFT] > -INFINITY)
            mx_add_exactly(&total, &low, exp(sums[SHIFT] - shift) * (sums[TOTAL] + sums[TOTAL_LOW]));
    }
    total += low;
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        double factor = exp(dual->lane_sums[lane * dual->lane_stride + SHIFT] - shift) / total;
        size_t first, end;
        mx_lane_range(dual, lane, &first, &end);
        for (size_t x = first; x < end; x++)
            p[x] *= factor;
    }
    return MAXENT_OK;
}

enum { RAY_SHIFT, RAY_TOTAL, RAY_SLOPE, RAY_SQUARE }; /* places in a lane's sums */

typedef struct ray_data {
    const double *s, *q;
    double t;
} ray_data;

static int lane_ray(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const ray_data *ray = data;
    const mx_kernels *kernel = mx_kernels_get();
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    sums[RAY_SHIFT] = -INFINITY;
    sums[RAY_TOTAL] = sums[RAY_SLOPE] = sums[RAY_SQUARE] = 0;
    size_t first, end;
    mx_lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *s = ray->s + first, *q = ray->q + first;
        for (size_t x = 0; x < m; x++)
            space.score[x] = s[x] + ray->t * q[x];
        double top = kernel->max(space.score, m);
        if (top == -INFINITY)
            continue;
        if (top > sums[RAY_SHIFT]) {
            double factor = sums[RAY_SHIFT] > -INFINITY ? exp(sums[RAY_SHIFT] - top) : 0;
            for (int i = RAY_TOTAL; i <= RAY_SQUARE; i++)
                sums[i] *= factor;
            sums[RAY_SHIFT] = top;
        }
        sums[RAY_TOTAL] += kernel->exp_sum(space.score, m, sums[RAY_SHIFT]);
        double slope[4] = {0}, square[4] = {0}; /* independent sums, for vectors */
        size_t x = 0;
        for (; x + 4 <= m; x += 4)
            for (size_t l = 0; l < 4; l++) {
                double part = space.score[x + l] * q[x + l];
                slope[l] += part;
                square[l] += part * q[x + l];
            }
        for (; x < m; x++) {
            slope[0] += space.score[x] * q[x];
            square[0] += space.score[x] * q[x] * q[x];
        }
        sums[RAY_SLOPE] += (slope[0] + slope[1]) + (slope[2] + slope[3]);
        sums[RAY_SQUARE] += (square[0] + square[1]) + (square[2] + square[3]);
    }
    return 0;
}

void mx_dual_ray(mx_dual *dual, const double *s, const double *q, double t, double along[3])
{
    ray_data data = {s, q, t};
    mx_lanes_run(dual, lane_ray, &data); /* calls nobody: cannot fail */
    dual->evaluations--;                 /* and reads no features */
    double shift = -INFINITY, total = 0, slope = 0, square = 0;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        shift = fmax(shift, dual->lane_sums[lane * dual->lane_stride + RAY_SHIFT]);
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *sums = dual->lane_sums + lane * dual->lane_stride;
        double factor = sums[RAY_SHIFT] == -INFINITY ? 0 : exp(sums[RAY_SHIFT] - shift);
        total += factor * sums[RAY_TOTAL];
        slope += factor * sums[RAY_SLOPE];
        square += factor * sums[RAY_SQUARE];
    }
    along[0] = shift + log(total);
    along[1] = slope / total;
    along[2] = fmax(square / total - along[1] * along[1], 0);
}

double mx_dual_largest(const mx_dual *dual, const double *before, double change, double least)
{
    enum { LANES = 8 }; /* several largest ones, for vectors */
    const double *after = dual->scores;
    double largest[LANES] = {0}, most = 0;
    for (size_t x = 0; least == -INFINITY && x + LANES <= dual->n; x += LANES)
        for (size_t i = 0; i < LANES; i++) {
            double by = fabs(after[x + i] - before[x + i] - change); /* NaN where there is no probability */
            largest[i] = by > largest[i] ? by : largest[i];
        }
    for (size_t x = least == -INFINITY ? dual->n / LANES * LANES : 0; x < dual->n; x++) {
        double by = fabs(after[x] - before[x] - change);
        if (by > most && (after[x] > least || before[x] + change > least))
            most = by;
    }
    for (size_t i = 0; i < LANES; i++)
        most = fmax(most, largest[i]);
    return most;
}

int mx_dual_beyond(const mx_dual *dual, double far)
{
    double least = mx_kernels_get()->max(dual->scores, dual->n) - far;
    for (size_t x = 0; x < dual->n; x++)
        if (dual->scores[x] < least && dual->scores[x] > -INFINITY)
            return 1;
    return 0;
}

/* The sums of a lane in mx_dual_moments: total, p log p, p log q with their compensations, then mean and square, each with its own. */
enum { SUM_P = 0, SUM_PLOGP = 2, SUM_PLOGQ = 4, SUM_MOMENTS = 6 };

/* p of m states from `first` on, and their part in the sums that need no features. */
static void weigh(const mx_dual *dual, size_t first, size_t m, double value, const double *score, double *p, double *sums)
{
    double total, plogp = 0, plogq = 0;
    memcpy(p, score, m * sizeof *p);
    total = mx_kernels_get()->exp_sum(p, m, value);
    for (size_t x = 0; x < m; x++)
        plogp += p[x] > 0 ? p[x] * (score[x] - value) : 0; /* log p is known */
    for (size_t x = 0; dual->logq != NULL && x < m; x++)
        plogq += p[x] > 0 ? p[x] * dual->logq[first + x] : 0;
    mx_add_exactly(&sums[SUM_P], &sums[SUM_P + 1], total);
    mx_add_exactly(&sums[SUM_PLOGP], &sums[SUM_PLOGP + 1], plogp);
    mx_add_exactly(&sums[SUM_PLOGQ], &sums[SUM_PLOGQ + 1], plogq);
}

static int lane_moments(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const point_data *point = data;
    double *p = point->p;
    size_t r = dual->r;
    double *sums = point->sums + lane * (SUM_MOMENTS + 6 * r);
    double *mean = sums + SUM_MOMENTS, *square = mean + 2 * r, *part = square + 2 * r;
    memset(sums, 0, (SUM_MOMENTS + 4 * r) * sizeof *sums);
    int more;
    size_t waiting = 0;
    walk w = walk_begin(dual, lane);
    memset(part, 0, 2 * r * sizeof *part);
    while ((more = walk_next(dual, &space, mx_lane_step(dual), &w)) > 0) {
        size_t first = w.block.first, m = w.block.m;
        mx_lane_scores(dual, &w.block, point->z, space.score);
        weigh(dual, first, m, point->value, space.score, p + first, sums);
        mx_lane_moments(dual, &w.block, p + first, part, part + r);
        waiting += m;
        if (waiting < dual->block && w.next < w.end)
            continue;
        waiting = 0;
        for (size_t i = 0; i < r; i++) {
            mx_add_exactly(&mean[2 * i], &mean[2 * i + 1], part[i]);
            mx_add_exactly(&square[2 * i], &square[2 * i + 1], part[r + i]);
        }
        memset(part, 0, 2 * r * sizeof *part);
    }
    return more < 0;
}

/* The sums of lanes added up in lane 0; `count` of them, each with its compensation. */
static void add_lanes(const mx_dual *dual, double *sums, size_t count, size_t stride, mx_moments *moments)
{
    for (size_t lane = 1; lane < dual->lanes; lane++)
        for (size_t i = 0; i < count; i += 2) {
            mx_add_exactly(&sums[i], &sums[i + 1], sums[lane * stride + i]);
            sums[i + 1] += sums[lane * stride + i + 1];
        }
    moments->total = sums[SUM_P] + sums[SUM_P + 1];
    moments->p_log_p = sums[SUM_PLOGP] + sums[SUM_PLOGP + 1];
    moments->p_log_q = sums[SUM_PLOGQ] + sums[SUM_PLOGQ + 1];
}

maxent_error mx_dual_moments(mx_dual *dual, const double *z, double value, mx_moments *moments)
{
    size_t r = dual->r, stride = SUM_MOMENTS + 6 * r;
    double *sums = mx_alloc(dual->lanes, stride * sizeof *sums);
    if (sums == NULL)
        return MAXENT_ERROR_MEMORY;
    point_data data = {z, value, moments->p, sums};
    mx_lanes_aim(dual, z);
    maxent_error error = mx_lanes_run(dual, lane_moments, &data);
    add_lanes(dual, sums, SUM_MOMENTS + 4 * r, stride, moments);
    for (size_t i = 0; i < r; i++) {
        moments->mean[i] = sums[SUM_MOMENTS + 2 * i] + sums[SUM_MOMENTS + 2 * i + 1];
        moments->square[i] = sums[SUM_MOMENTS + 2 * r + 2 * i] + sums[SUM_MOMENTS + 2 * r + 2 * i + 1];
    }
    mx_free(sums);
    return error;
}

static int lane_weigh(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const point_data *point = data;
    double *sums = point->sums + lane * SUM_MOMENTS;
    memset(sums, 0, SUM_MOMENTS * sizeof *sums);
    size_t first, end;
    mx_lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        memcpy(space.score, point->p + first, m * sizeof(double));
        weigh(dual, first, m, point->value, space.score, point->p + first, sums);
    }
    return 0;
}

void mx_dual_weigh(mx_dual *dual, double value, mx_moments *moments)
{
    double sums[16 * SUM_MOMENTS]; /* dual->lanes is at most 16 */
    point_data data = {NULL, value, moments->p, sums};
    mx_lanes_run(dual, lane_weigh, &data); /* calls nobody: cannot fail */
    dual->evaluations--;                   /* and reads no features */
    add_lanes(dual, sums, SUM_MOMENTS, SUM_MOMENTS, moments);
}

typedef struct extent_lane {
    double low, high;
    size_t where_low, where_high;
} extent_lane;

typedef struct extent_data {
    const double *v;
    extent_lane *lanes;
} extent_data;

static int lane_extent(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const double *v = ((extent_data *)data)->v;
    extent_lane *extent = ((extent_data *)data)->lanes + lane;
    *extent = (extent_lane){INFINITY, -INFINITY, SIZE_MAX, SIZE_MAX};
    int more;
    walk w = walk_begin(dual, lane);
    while ((more = walk_next(dual, &space, dual->block, &w)) > 0) {
        size_t first = w.block.first, m = w.block.m;
        memset(space.score, 0, m * sizeof(double));
        mx_kernels_get()->score(mx_lane_panel(dual, &space, &w.block), dual->ld, m, dual->r, v, space.score);
        for (size_t x = 0; x < m; x++) {
            if (dual->logq != NULL && dual->logq[first + x] == -INFINITY)
                continue;
            double along = -space.score[x];
            if (along < extent->low) {
                extent->low = along;
                extent->where_low = first + x;
            }
            if (along > extent->high) {
                extent->high = along;
                extent->where_high = first + x;
            }
        }
    }
    return more < 0;
}

maxent_error mx_dual_extent(mx_dual *dual, const double *v, double extent[2], size_t where[2])
{
    extent_lane lanes[16] = {{0, 0, 0, 0}}; /* dual->lanes is at most 16 */
    extent_data data = {v, lanes};
    maxent_error error = mx_lanes_run(dual, lane_extent, &data);
    if (error != MAXENT_OK)
        return error;
    extent_lane all = lanes[0];
    for (size_t lane = 1; lane < dual->lanes; lane++) {
        if (lanes[lane].low < all.low) {
            all.low = lanes[lane].low;
            all.where_low = lanes[lane].where_low;
        }
        if (lanes[lane].high > all.high) {
            all.high = lanes[lane].high;
            all.where_high = lanes[lane].where_high;
        }
    }
    extent[0] = all.low;
    extent[1] = all.high;
    where[0] = all.where_low;
    where[1] = all.where_high;
    return MAXENT_OK;
}

typedef struct change_data {
    const double *z, *v;
    double mean;
    double (*lanes)[3]; /* the largest score met; the most that a score changes; and of exp(score - largest) times that */
} change_data;

static int lane_change(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const change_data *c = data;
    double *top = c->lanes[lane];
    top[0] = -INFINITY;
    top[1] = top[2] = 0;
    int more;
    walk w = walk_begin(dual, lane);
    while ((more = walk_next(dual, &space, dual->block, &w)) > 0) {
        size_t m = w.block.m;
        double along[64];
        mx_lane_scores(dual, &w.block, c->z, space.score);
        double largest = mx_kernels_get()->max(space.score, m);
        if (largest == -INFINITY)
            continue;
        if (largest > top[0]) {
            top[2] *= top[0] > -INFINITY ? exp(top[0] - largest) : 0;
            top[0] = largest;
        }
        const double *panel = mx_lane_panel(dual, &space, &w.block);
        for (size_t x = 0, some; x < m; x += some) {
            some = m - x < 64 ? m - x : 64;
            memset(along, 0, some * sizeof *along);
            mx_kernels_get()->score(panel + x * dual->ld, dual->ld, some, dual->r, c->v, along);
            for (size_t a = 0; a < some; a++) {
                if (space.score[x + a] == -INFINITY)
                    continue;
                double by = fabs(along[a] + c->mean); /* along is -v . u */
                top[1] = fmax(top[1], by);
                if (by > top[2])
                    top[2] = fmax(top[2], by * exp(space.score[x + a] - top[0]));
            }
        }
    }
    return more < 0;
}

maxent_error mx_dual_change(mx_dual *dual, const double *z, const double *v, double mean, double change[2])
{
    double lanes[16][3] = {{0}}; /* dual->lanes is at most 16 */
    change_data data = {z, v, mean, lanes};
    mx_lanes_aim(dual, z);
    maxent_error error = mx_lanes_run(dual, lane_change, &data);
    double largest = -INFINITY;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        largest = fmax(largest, lanes[lane][0]);
    change[0] = change[1] = 0;
    for (size_t lane = 0; lane < dual->lanes && error == MAXENT_OK; lane++) {
        change[0] = fmax(change[0], lanes[lane][1]);
        change[1] = fmax(change[1], lanes[lane][0] > -INFINITY ? lanes[lane][2] * exp(lanes[lane][0] - largest) : 0);
    }
    return error;
}
