/* The dual in one pass: blocks of states, in lanes that are added in a fixed order.
 *
 *     s_x = log q_x - z . u_x,    w_x = exp(s_x - shift),    Z = sum w_x,    F = shift + log Z
 *     E[u] = sum w_x u_x / Z,     Cov[u] = sum w_x u_x u_x^T / Z - E[u] E[u]^T
 *
 * The states are cut into lanes, whose number depends on n and r alone; each lane is summed block by block by one thread, and
 * the lanes are combined in index order: the same bits for any number of threads. The shift of a lane is the largest score it
 * has met; when a block raises it, the sums so far are scaled down. The inner loops are in kernels.h.
 */
#include "solve/dual/dual.h"

#include "base/dense.h"
#include "base/memory.h"
#include "solve/dual/kernels.h"
#include "solve/dual/lanes.h"

#include <math.h>
#include <string.h>

/* Weights, relative to the sum so far, below which a state adds less to a Hessian than its rounding. */
#define NEGLIGIBLE 1e-18

/* Of a Hessian from some blocks: so much of their share of the weight they have to have. */
#define SHARE_LEAST 0.25

/* Places in a lane's sums: the shift, sum w with its compensation, sum w^2, sum w of the blocks that a thin Hessian is from; the mean;
 * then the squares when variances are wanted, or the mean over those blocks. */
enum { SHIFT, TOTAL, TOTAL_LOW, SQUARES, SOME, MEAN };

maxent_error mx_dual_open(mx_dual *dual, int hessian)
{
    size_t r = dual->r;
    mx_lanes_plan(dual, hessian);
    dual->lane_sums = mx_alloc_aligned(dual->lanes * dual->lane_stride, sizeof(double));
    size_t squares = hessian ? (dual->lanes - 1) * r * r : 0;
    dual->lane_squares = mx_alloc_aligned(squares, sizeof(double));
    dual->scratch = mx_alloc_aligned(dual->workers * dual->scratch_stride, sizeof(double));
    dual->aim = mx_alloc(r, sizeof(double));
    dual->surveys = dual->range != NULL ? mx_alloc(dual->lanes * (2 + 2 * r), sizeof(double)) : NULL;
    dual->evaluations = 0;
    if (dual->lane_sums == NULL || dual->lane_squares == NULL || dual->scratch == NULL || dual->aim == NULL ||
        (dual->range != NULL && dual->surveys == NULL)) {
        mx_dual_close(dual);
        return MAXENT_ERROR_MEMORY;
    }
    return MAXENT_OK;
}

void mx_dual_close(mx_dual *dual)
{
    mx_free(dual->lane_sums);
    mx_free(dual->lane_squares);
    dual->lane_squares = NULL;
    mx_free(dual->scratch);
    mx_free(dual->aim);
    dual->aim = NULL;
    mx_free(dual->surveys);
    dual->surveys = NULL;
    dual->lane_sums = NULL;
    dual->scratch = NULL;
}

/* Where the next block's features lie in memory, to be fetched while this one is worked on; bytes: 0 when they are not together. */
static const void *block_address(const mx_dual *dual, size_t first, size_t end, size_t *bytes)
{
    size_t m = end - first < dual->block ? end - first : dual->block;
    *bytes = 0;
    if (first >= end)
        return NULL;
    if (dual->panel != NULL) {
        *bytes = m * dual->ld * sizeof(double);
        return dual->panel + first * dual->ld;
    }
    const mx_features *features = &dual->problem->features;
    if (features->storage == MX_STORE_I8) {
        *bytes = m * dual->r;
        return features->i8 + first * dual->r;
    }
    if (features->storage != MX_STORE_F64 || features->feature_stride != 1 || features->state_stride != dual->r)
        return NULL;
    *bytes = m * dual->r * sizeof(double);
    return features->f64 + first * dual->r;
}

static void scale_by(double *sums, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++)
        sums[i] *= factor;
}

/* Where the first value is that is not finite. Scales are powers of two that overflow nothing finite. */
static void first_bad(const mx_dual *dual, mx_rows rows, size_t first, double *found)
{
    const double *f = rows.at;
    for (size_t x = 0;; x++, f += rows.stride)
        for (size_t i = 0; i < dual->r; i++)
            if (!isfinite(f[i])) {
                found[0] = (double)(first + x);
                found[1] = (double)i;
                return;
            }
}

/* found: [2 + 2r] of the lane: state and feature of the first value that is not finite, then the ranges. */
static int survey_block(const mx_dual *dual, const mx_block *block, double *found)
{
    size_t r = dual->r, run;
    mx_rows rows = block->u != NULL ? (mx_rows){block->u, dual->ld, 0} : block->rows;
    const double *logq = dual->logq != NULL ? dual->logq + block->first : NULL;
    double none[2 * 8], *low = found + 2, *high = low + r; /* a panel has 8 columns or more; of those beyond r nothing is kept */
    int narrow = r < 8, bad = 0;
    for (size_t x = 0; x < block->m; x += run) { /* runs of states that are there, and that are not */
        int there = logq == NULL || logq[x] > -INFINITY;
        for (run = logq == NULL ? block->m : 1; logq != NULL && x + run < block->m && (logq[x + run] > -INFINITY) == there;)
            run++;
        mx_rows part = rows;
        part.at = (const char *)rows.at + x * rows.stride * (rows.bytes ? 1 : sizeof(double));
        for (size_t i = 0; narrow && i < 8; i++) {
            none[i] = i < r ? low[i] : 0;
            none[8 + i] = i < r ? high[i] : 0;
        }
        if (there && narrow) {
            bad |= !mx_kernels_get()->rows_range(part, run, 8, none, none + 8);
            memcpy(low, none, r * sizeof *low);
            memcpy(high, none + 8, r * sizeof *high);
        } else if (there) {
            bad |= !mx_kernels_get()->rows_range(part, run, r, low, high);
        } else if (!rows.bytes) {
            for (size_t y = 0; y < run; y++)
                bad |= !mx_kernels_get()->finite((const double *)part.at + y * rows.stride, r);
        }
    }
    if (bad)
        first_bad(dual, rows, block->first, found);
    return bad;
}

static void survey_begin(const mx_dual *dual, double *found)
{
    found[0] = found[1] = -1;
    for (size_t i = 0; i < dual->r; i++) {
        found[2 + i] = INFINITY;
        found[2 + dual->r + i] = -INFINITY;
    }
}

static void survey_end(mx_dual *dual)
{
    size_t r = dual->r;
    dual->bad_state = dual->bad_feature = SIZE_MAX;
    for (size_t i = 0; i < r; i++) {
        dual->range[i] = INFINITY;
        dual->range[r + i] = -INFINITY;
    }
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *found = dual->surveys + lane * (2 + 2 * r);
        if (found[0] >= 0 && dual->bad_state == SIZE_MAX) {
            dual->bad_state = (size_t)found[0];
            dual->bad_feature = (size_t)found[1];
        }
        for (size_t i = 0; i < r; i++) {
            dual->range[i] = fmin(dual->range[i], found[2 + i]);
            dual->range[r + i] = fmax(dual->range[r + i], found[2 + r + i]);
        }
    }
}

/* The covariance of lane 0 is summed in the caller's own array: it is the largest thing there is. */
static double *lane_covariance(const mx_dual *dual, size_t lane, mx_want want, double *covariance)
{
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    if (want == MX_WANT_DIAGONAL)
        return sums + MEAN + dual->r;
    return lane == 0 ? covariance : dual->lane_squares + (lane - 1) * dual->r * dual->r;
}

/* Ranges of features as they stand become ranges of coordinates: rounding keeps their order. */
static void survey_scale(const mx_dual *dual, double *found)
{
    for (size_t i = 0; i < 2 * dual->r; i++)
        found[2 + i] = (found[2 + i] - dual->center[i % dual->r]) * dual->scale[i % dual->r];
}

/* Rows waiting for their part in the Hessian. */
static void flush(const mx_dual *dual, mx_workspace space, size_t *count, double *covariance)
{
    mx_kernels_get()->gram(space.gather, dual->ld, *count, dual->r, space.chosen, covariance, dual->r, space.gram);
    *count = 0;
}

/* States that carry next to nothing, whose weights sum to less than the rounding of the Hessian, need not be in it. */
static void gather(const mx_dual *dual, mx_workspace space, const mx_block *block, double least, size_t *count, double *covariance)
{
    for (size_t x = 0; x < block->m; x++) {
        if (!(space.score[x] > least))
            continue;
        mx_lane_gather(dual, block, x, space.gather + *count * dual->ld);
        space.chosen[(*count)++] = space.score[x];
        if (*count == dual->block)
            flush(dual, space, count, covariance);
    }
}

/* Are there so few states of negligible weight that leaving them out does not pay? */
static int mostly_heavy(const double *weight, size_t m, double least)
{
    size_t heavy = 0;
    for (size_t x = 0; x < m; x++)
        heavy += weight[x] > least;
    return 10 * heavy > 8 * m;
}

static double squares_of(const double *v, size_t m)
{
    enum { LANES = 8 }; /* independent sums, for vectors */
    double sum[LANES] = {0}, rest = 0;
    for (size_t x = 0; x + LANES <= m; x += LANES)
        for (size_t i = 0; i < LANES; i++)
            sum[i] += v[x + i] * v[x + i];
    for (size_t x = m / LANES * LANES; x < m; x++)
        rest += v[x] * v[x];
    for (size_t i = 0; i < LANES; i++)
        rest += sum[i];
    return rest;
}

typedef struct sum_data {
    const double *z;
    mx_want want;
    double *square; /* the caller's covariance */
} sum_data;

static int lane_sum(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const double *z = ((sum_data *)data)->z;
    mx_want want = ((sum_data *)data)->want;
    double *square = ((sum_data *)data)->square;
    const mx_kernels *kernel = mx_kernels_get();
    size_t r = dual->r;
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    double *mean = sums + MEAN, *covariance = want >= MX_WANT_DIAGONAL ? lane_covariance(dual, lane, want, square) : NULL;
    size_t used = MEAN + 2 * r;
    size_t squares = want == MX_WANT_HESSIAN ? r * r : 0, waiting = 0, thin = squares > 0 ? dual->thin : 0;
    memset(sums, 0, used * sizeof *sums);
    if (squares > 0)
        memset(covariance, 0, squares * sizeof *covariance);
    sums[SHIFT] = -INFINITY;
    double *found = dual->range != NULL ? dual->surveys + lane * (2 + 2 * r) : NULL;
    if (found != NULL)
        survey_begin(dual, found);
    size_t first, end;
    mx_lane_range(dual, lane, &first, &end);
    mx_block block = {.u = NULL};
    int raw = squares > 0 && mx_lane_as_they_stand(dual);
    size_t step = squares > 0 && !raw ? dual->block : mx_lane_step(dual);
    for (; first < end; first += step) {
        size_t m = end - first < step ? end - first : step;
        if (mx_lane_open(dual, &space, first, m, &block))
            return 1;
        if (found != NULL && survey_block(dual, &block, found))
            return 0;
        mx_lane_scores(dual, &block, z, space.score);
        if (dual->scores != NULL)
            memcpy(dual->scores + first, space.score, m * sizeof(double));
        double top = kernel->max(space.score, m);
        if (top == -INFINITY)
            continue;
        if (top > sums[SHIFT]) {
            if (sums[SHIFT] > -INFINITY) {
                double factor = exp(sums[SHIFT] - top);
                scale_by(sums + TOTAL, used - TOTAL, factor);
                scale_by(covariance, squares, factor);
                scale_by(space.chosen, waiting, factor);
            }
            sums[SHIFT] = top;
        }
        double weight = kernel->exp_sum(space.score, m, sums[SHIFT]);
        mx_add_exactly(&sums[TOTAL], &sums[TOTAL_LOW], weight);
        sums[SQUARES] += squares_of(space.score, m);
        if (r == 0)
            continue;
        if (want == MX_WANT_DIAGONAL) {
            mx_lane_squares(dual, &block, space.score, mean, covariance);
            continue;
        }
        if (want >= MX_WANT_GRADIENT)
            mx_lane_gradient(dual, &block, space.score, mean);
        if (squares == 0 || (thin > 0 && mx_hashed(first / step) * (double)thin >= 1))
            continue;
        if (thin > 0) {
            sums[SOME] += weight;
            mx_lane_gradient(dual, &block, space.score, mean + r);
        }
        double least = NEGLIGIBLE * sums[TOTAL];
        if (dual->panel == NULL && !mostly_heavy(space.score, m, least)) { /* an explicit panel may hang on the least of weights */
            gather(dual, space, &block, least, &waiting, covariance);
            continue;
        }
        if (waiting > 0) /* what gathers them may be the panel */
            flush(dual, space, &waiting, covariance);
        size_t bytes = 0, ld = dual->ld;
        const void *next = block_address(dual, first + m, end, &bytes);
        const double *panel = raw ? mx_lane_rows(dual, &space, &block, &ld) : mx_lane_panel(dual, &space, &block);
        kernel->gram_ahead(panel, ld, m, r, space.score, covariance, r, space.gram, next, bytes);
    }
    if (found != NULL && block.u == NULL && block.m > 0)
        survey_scale(dual, found);
    if (waiting > 0)
        flush(dual, space, &waiting, covariance);
    double total = sums[TOTAL] + sums[TOTAL_LOW];
    if (raw)
        mx_lane_settle_square(dual, thin > 0 ? sums[SOME] : total, thin > 0 ? mean + r : mean, covariance);
    if (want == MX_WANT_DIAGONAL)
        mx_lane_settle_squares(dual, total, mean, covariance);
    if (want == MX_WANT_GRADIENT || want >= MX_WANT_HESSIAN)
        mx_lane_settle(dual, total, mean);
    if (thin > 0)
        mx_lane_settle(dual, sums[SOME], mean + r);
    return 0;
}

maxent_error mx_dual_evaluate(mx_dual *dual, const double *z, mx_want want, double *value, double *mean, double *covariance)
{
    size_t r = dual->r;
    sum_data data = {z, want, covariance};
    mx_lanes_aim(dual, z);
    maxent_error error = mx_lanes_run(dual, lane_sum, &data);
    if (error != MAXENT_OK)
        return error;
    if (dual->range != NULL) {
        survey_end(dual);
        if (dual->bad_state != SIZE_MAX)
            return MAXENT_ERROR_VALUE;
    }
    double shift = -INFINITY;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        shift = fmax(shift, dual->lane_sums[lane * dual->lane_stride + SHIFT]);
    double total = 0, low = 0, squares = 0, some = 0, *part = dual->lane_sums + MEAN + r; /* of thin blocks */
    int thin = want == MX_WANT_HESSIAN && dual->thin > 0;
    if (want >= MX_WANT_GRADIENT)
        memset(mean, 0, r * sizeof *mean);
    if (want == MX_WANT_DIAGONAL)
        memset(covariance, 0, r * sizeof *covariance);
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *sums = dual->lane_sums + lane * dual->lane_stride;
        double factor = sums[SHIFT] == -INFINITY ? 0 : exp(sums[SHIFT] - shift);
        mx_add_exactly(&total, &low, factor * (sums[TOTAL] + sums[TOTAL_LOW]));
        squares += factor * factor * sums[SQUARES];
        if (want >= MX_WANT_GRADIENT)
            for (size_t i = 0; i < r; i++)
                mean[i] += factor * sums[MEAN + i];
        if (want == MX_WANT_DIAGONAL)
            for (size_t i = 0; i < r; i++)
                covariance[i] += factor * sums[MEAN + r + i];
        if (want >= MX_WANT_HESSIAN) {
            const double *square = lane_covariance(dual, lane, want, covariance);
            for (size_t i = 0; i < r * r; i++)
                covariance[i] = lane == 0 ? factor * square[i] : covariance[i] + factor * square[i];
        }
        if (thin) {
            some += factor * sums[SOME];
            for (size_t i = 0; i < r; i++)
                part[i] = lane == 0 ? factor * part[i] : part[i] + factor * sums[MEAN + r + i];
        }
    }
    total += low;
    if (thin && !(some * (double)dual->thin >= SHARE_LEAST * total)) { /* p rests on other blocks: on all of them, then */
        dual->thin = 0;
        return mx_dual_evaluate(dual, z, want, value, mean, covariance);
    }
    dual->effective = total * total / squares;
    *value = shift + log(total);
    if (want >= MX_WANT_GRADIENT)
        for (size_t i = 0; i < r; i++)
            mean[i] /= total;
    if (want == MX_WANT_DIAGONAL)
        for (size_t i = 0; i < r; i++)
            covariance[i] = fmax(covariance[i] / total - mean[i] * mean[i], 0);
    if (want >= MX_WANT_HESSIAN) {
        double weight = thin ? some : total;
        for (size_t i = 0; i < r; i++)
            part[i] = thin ? part[i] / some : mean[i];
        for (size_t i = 0; i < r; i++)
            for (size_t j = 0; j <= i; j++)
                covariance[i * r + j] = covariance[i * r + j] / weight - part[i] * part[j];
        mx_mirror_lower(r, covariance, r);
    }
    return MAXENT_OK;
}
