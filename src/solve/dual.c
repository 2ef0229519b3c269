/* The dual in one pass: blocks of states, in lanes that are added in a fixed order.
 *
 *     s_x = log q_x - z . u_x,    w_x = exp(s_x - shift),    Z = sum w_x,    F = shift + log Z
 *     E[u] = sum w_x u_x / Z,     Cov[u] = sum w_x u_x u_x^T / Z - E[u] E[u]^T
 *
 * The states are cut into lanes, whose number depends on n and r alone; each lane is summed block by block by one thread, and
 * the lanes are combined in index order: the same bits for any number of threads. The shift of a lane is the largest score it
 * has met; when a block raises it, the sums so far are scaled down. The inner loops are in kernels.h.
 */
#include "solve/dual.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/kernels.h"

#include <math.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define NEGLIGIBLE 1e-12 /* of the sum so far */

enum { SHIFT, TOTAL, TOTAL_LOW, MEAN }; /* places in a lane's sums; the covariance follows the mean */

typedef struct workspace {
    double *panel;  /* [block][ld] */
    double *raw;    /* [block][r], for callbacks */
    double *score;  /* [block] */
    double *weight; /* [block] */
    double *gram;
} workspace;

static size_t round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static workspace workspace_of(const mx_dual *dual, size_t worker)
{
    double *at = dual->scratch + worker * dual->scratch_stride;
    workspace space;
    space.score = at;
    at += round_up(dual->block, 8);
    space.weight = at;
    at += round_up(dual->block, 8);
    space.panel = at;
    at += dual->panel == NULL ? round_up(dual->block * dual->ld, 8) : 0;
    space.raw = at;
    at += dual->panel == NULL && dual->problem->features.storage == MX_STORE_FILL ? round_up(dual->block * dual->r, 8) : 0;
    space.gram = at;
    return space;
}

static size_t worker_number(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_thread_num();
#else
    return 0;
#endif
}

maxent_error mx_dual_open(mx_dual *dual, int hessian)
{
    size_t r = dual->r;
    dual->ld = round_up(r == 0 ? 1 : r, 8);
    dual->block = mx_kernels_block(r == 0 ? 1 : r);
    if (dual->block > dual->n)
        dual->block = dual->n;
    size_t blocks = (dual->n + dual->block - 1) / dual->block;

    /* As many lanes as the work pays for and the memory allows: the sums of all lanes beyond the first stay below a tenth of the features. */
    size_t lanes = 16;
    size_t work = dual->n * (r + 4) / 32768;
    size_t bytes_each = (MEAN + r + (hessian ? r * r : 0)) * sizeof(double);
    size_t memory = 1 + dual->n * r * sizeof(double) / 10 / bytes_each;
    lanes = lanes > work ? work : lanes;
    lanes = lanes > memory ? memory : lanes;
    lanes = lanes > blocks ? blocks : lanes;
    dual->lanes = lanes < 1 ? 1 : lanes;
#ifdef _OPENMP
    size_t wanted = dual->threads > 0 ? (size_t)dual->threads : (size_t)omp_get_max_threads();
#else
    size_t wanted = 1;
#endif
    dual->workers = dual->lanes == 1 ? 1 : wanted < dual->lanes ? wanted : dual->lanes;

    dual->lane_stride = round_up(MEAN + 2 * r, 8);
    dual->scratch_stride = 2 * round_up(dual->block, 8);
    if (dual->panel == NULL)
        dual->scratch_stride += round_up(dual->block * dual->ld, 8) +
                                (dual->problem->features.storage == MX_STORE_FILL ? round_up(dual->block * r, 8) : 0);
    if (hessian)
        dual->scratch_stride += round_up(mx_gram_scratch(r), 8);
    dual->lane_sums = mx_alloc_aligned(dual->lanes * dual->lane_stride, sizeof(double));
    size_t squares = hessian ? (dual->lanes - 1) * r * r : 0;
    dual->lane_squares = mx_alloc_aligned(squares, sizeof(double));
    dual->scratch = mx_alloc_aligned(dual->workers * dual->scratch_stride, sizeof(double));
    dual->surveys = dual->range != NULL ? mx_alloc(dual->lanes * (2 + 2 * r), sizeof(double)) : NULL;
    dual->evaluations = 0;
    dual->failed = 0;
    if (dual->lane_sums == NULL || dual->lane_squares == NULL || dual->scratch == NULL || (dual->range != NULL && dual->surveys == NULL)) {
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
    mx_free(dual->surveys);
    dual->surveys = NULL;
    dual->lane_sums = NULL;
    dual->scratch = NULL;
}

/* The states of a lane: a whole number of blocks. */
static void lane_range(const mx_dual *dual, size_t lane, size_t *first, size_t *end)
{
    size_t blocks = (dual->n + dual->block - 1) / dual->block;
    *first = blocks * lane / dual->lanes * dual->block;
    *end = blocks * (lane + 1) / dual->lanes * dual->block;
    if (*end > dual->n)
        *end = dual->n;
}

/* The coordinates of a block; NULL: the callback failed. */
static const double *block_panel(const mx_dual *dual, const workspace *space, size_t first, size_t m)
{
    if (dual->panel != NULL)
        return dual->panel + first * dual->ld;
    const mx_features *features = &dual->problem->features;
    const mx_kernels *kernel = mx_kernels_get();
    switch (features->storage) {
    case MX_STORE_F64:
        kernel->load_f64(features->f64 + first * features->state_stride, features->state_stride, features->feature_stride, m,
                         dual->r, dual->center, dual->scale, space->panel, dual->ld);
        break;
    case MX_STORE_I8:
        kernel->load_i8(features->i8 + first * dual->r, m, dual->r, dual->center, dual->scale, space->panel, dual->ld);
        break;
    case MX_STORE_FILL:
        if (features->fill(features->user, first, m, space->raw) != 0)
            return NULL;
        kernel->load_f64(space->raw, dual->r, 1, m, dual->r, dual->center, dual->scale, space->panel, dual->ld);
        break;
    }
    return space->panel;
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

/* s_x = log q_x - z . u_x */
static void block_scores(const mx_dual *dual, const double *u, size_t first, size_t m, const double *z, double *s)
{
    if (dual->logq != NULL)
        memcpy(s, dual->logq + first, m * sizeof *s);
    else
        memset(s, 0, m * sizeof *s);
    if (z != NULL && dual->r > 0)
        mx_kernels_get()->score(u, dual->ld, m, dual->r, z, s);
}

static void scale_by(double *sums, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++)
        sums[i] *= factor;
}

/* Adds with Neumaier's compensation: *high + *low gains value. */
static void add_exactly(double *high, double *low, double value)
{
    double sum = *high + value;
    *low += fabs(*high) >= fabs(value) ? (*high - sum) + value : (value - sum) + *high;
    *high = sum;
}

/* Where in the block the first value is that is not finite. Scales are powers of two that overflow nothing finite. */
static void first_bad(const double *u, size_t ld, size_t m, size_t r, size_t first, double *found)
{
    for (size_t x = 0; x < m; x++)
        for (size_t i = 0; i < r; i++)
            if (!isfinite(u[x * ld + i])) {
                found[0] = (double)(first + x);
                found[1] = (double)i;
                return;
            }
}

/* found: [2 + 2r] of the lane: state and feature of the first value that is not finite, then the ranges. */
static int survey_block(const mx_dual *dual, const double *u, size_t first, size_t m, double *found)
{
    size_t r = dual->r;
    double *low = found + 2, *high = low + r;
    if (!mx_kernels_get()->finite(u, m * dual->ld)) {
        first_bad(u, dual->ld, m, r, first, found);
        return 1;
    }
    for (size_t x = 0; x < m; x++) {
        if (dual->logq != NULL && dual->logq[first + x] == -INFINITY)
            continue;
        const double *row = u + x * dual->ld;
        for (size_t i = 0; i < r; i++) {
            low[i] = row[i] < low[i] ? row[i] : low[i];
            high[i] = row[i] > high[i] ? row[i] : high[i];
        }
    }
    return 0;
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

static void add_squares(const double *u, size_t ld, size_t m, size_t r, const double *weight, double *square)
{
    for (size_t x = 0; x < m; x++) {
        const double *row = u + x * ld;
        for (size_t i = 0; i < r; i++)
            square[i] += weight[x] * row[i] * row[i];
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

/* For a Hessian in single precision the states that carry next to nothing are left out: their rows are closed up, if they are
 * many. Their weights sum to less than its rounding. Returns the number of rows kept. */
static size_t close_up(double *u, size_t ld, size_t m, double total, double *weight)
{
    size_t kept = 0;
    for (size_t x = 0; x < m; x++)
        kept += weight[x] > NEGLIGIBLE * total;
    if (10 * kept > 8 * m)
        return m;
    kept = 0;
    for (size_t x = 0; x < m; x++) {
        if (!(weight[x] > NEGLIGIBLE * total))
            continue;
        if (kept != x)
            memcpy(u + kept * ld, u + x * ld, ld * sizeof *u);
        weight[kept++] = weight[x];
    }
    return kept;
}

static int lane_sum(const mx_dual *dual, size_t lane, const double *z, mx_want want, double *square, workspace space)
{
    const mx_kernels *kernel = mx_kernels_get();
    size_t r = dual->r;
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    double *mean = sums + MEAN, *covariance = want >= MX_WANT_DIAGONAL ? lane_covariance(dual, lane, want, square) : NULL;
    size_t used = MEAN + (want >= MX_WANT_GRADIENT ? r : 0) + (want == MX_WANT_DIAGONAL ? r : 0);
    size_t squares = want >= MX_WANT_HESSIAN ? r * r : 0;
    memset(sums, 0, used * sizeof *sums);
    if (squares > 0)
        memset(covariance, 0, squares * sizeof *covariance);
    sums[SHIFT] = -INFINITY;
    double *found = dual->range != NULL ? dual->surveys + lane * (2 + 2 * r) : NULL;
    if (found != NULL)
        survey_begin(dual, found);
    size_t first, end;
    lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *u = block_panel(dual, &space, first, m);
        if (u == NULL)
            return 1;
        if (found != NULL && survey_block(dual, u, first, m, found))
            return 0;
        block_scores(dual, u, first, m, z, space.score);
        double top = kernel->max(space.score, m);
        if (top == -INFINITY)
            continue;
        if (top > sums[SHIFT]) {
            if (sums[SHIFT] > -INFINITY) {
                double factor = exp(sums[SHIFT] - top);
                scale_by(sums + TOTAL, used - TOTAL, factor);
                scale_by(covariance, squares, factor);
            }
            sums[SHIFT] = top;
        }
        add_exactly(&sums[TOTAL], &sums[TOTAL_LOW], kernel->exp_sum(space.score, m, sums[SHIFT]));
        if (r == 0)
            continue;
        if (want >= MX_WANT_GRADIENT)
            kernel->gradient(u, dual->ld, m, r, space.score, mean);
        size_t used_rows = m;
        if (want == MX_WANT_HESSIAN_SINGLE && u == space.panel)
            used_rows = close_up(space.panel, dual->ld, m, sums[TOTAL], space.score);
        size_t bytes = 0;
        const void *next = block_address(dual, first + m, end, &bytes);
        if (want == MX_WANT_DIAGONAL)
            add_squares(u, dual->ld, m, r, space.score, covariance);
        else if (want == MX_WANT_HESSIAN)
            kernel->gram_ahead(u, dual->ld, m, r, space.score, covariance, r, space.gram, next, bytes);
        else if (want == MX_WANT_HESSIAN_SINGLE)
            kernel->gram_ahead_f32(u, dual->ld, used_rows, r, space.score, covariance, r, space.gram, next, bytes);
    }
    return 0;
}

/* Runs `body` for every lane with the worker's own space; `failed` collects. */
#define FOR_LANES(dual, failed, lane, space, body)                                                                    \
    do {                                                                                                              \
        if ((dual)->workers == 1) {                                                                                   \
            workspace space = workspace_of((dual), 0);                                                                \
            for (size_t lane = 0; lane < (dual)->lanes; lane++) {                                                     \
                body;                                                                                                 \
            }                                                                                                         \
        } else {                                                                                                      \
            PARALLEL((dual)->workers, failed)                                                                         \
            for (size_t lane = 0; lane < (dual)->lanes; lane++) {                                                     \
                workspace space = workspace_of((dual), worker_number());                                              \
                body;                                                                                                 \
            }                                                                                                         \
        }                                                                                                             \
    } while (0)
#define PRAGMA(text) _Pragma(#text)
#ifdef _OPENMP
#define PARALLEL(workers, failed) PRAGMA(omp parallel for schedule(dynamic, 1) num_threads((int)(workers)) reduction(| : failed))
#else
#define PARALLEL(workers, failed)
#endif

maxent_error mx_dual_evaluate(mx_dual *dual, const double *z, mx_want want, double *value, double *mean, double *covariance)
{
    int failed = 0;
    size_t r = dual->r;
    FOR_LANES(dual, failed, lane, space, failed |= lane_sum(dual, lane, z, want, covariance, space));
    dual->evaluations++;
    if (failed) {
        dual->failed = 1;
        return MAXENT_ERROR_CALLBACK;
    }
    if (dual->range != NULL) {
        survey_end(dual);
        if (dual->bad_state != SIZE_MAX)
            return MAXENT_ERROR_VALUE;
    }
    double shift = -INFINITY;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        shift = fmax(shift, dual->lane_sums[lane * dual->lane_stride + SHIFT]);
    double total = 0, low = 0;
    if (want >= MX_WANT_GRADIENT)
        memset(mean, 0, r * sizeof *mean);
    if (want == MX_WANT_DIAGONAL)
        memset(covariance, 0, r * sizeof *covariance);
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *sums = dual->lane_sums + lane * dual->lane_stride;
        double factor = sums[SHIFT] == -INFINITY ? 0 : exp(sums[SHIFT] - shift);
        add_exactly(&total, &low, factor * (sums[TOTAL] + sums[TOTAL_LOW]));
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
    }
    total += low;
    *value = shift + log(total);
    if (want >= MX_WANT_GRADIENT)
        for (size_t i = 0; i < r; i++)
            mean[i] /= total;
    if (want == MX_WANT_DIAGONAL)
        for (size_t i = 0; i < r; i++)
            covariance[i] = fmax(covariance[i] / total - mean[i] * mean[i], 0);
    if (want >= MX_WANT_HESSIAN)
        for (size_t i = 0; i < r; i++)
            for (size_t j = 0; j <= i; j++)
                covariance[j * r + i] = covariance[i * r + j] = covariance[i * r + j] / total - mean[i] * mean[j];
    return MAXENT_OK;
}

static int lane_product(const mx_dual *dual, size_t lane, const double *z, double value, double centre, const double *v,
                        workspace space)
{
    const mx_kernels *kernel = mx_kernels_get();
    double *product = dual->lane_sums + lane * dual->lane_stride + MEAN;
    memset(product, 0, dual->r * sizeof *product);
    size_t first, end;
    lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *u = block_panel(dual, &space, first, m);
        if (u == NULL)
            return 1;
        block_scores(dual, u, first, m, z, space.score);
        kernel->exp_sum(space.score, m, value);
        memset(space.weight, 0, m * sizeof(double));
        kernel->score(u, dual->ld, m, dual->r, v, space.weight);
        for (size_t x = 0; x < m; x++)
            space.weight[x] = space.score[x] * (-space.weight[x] - centre);
        kernel->gradient(u, dual->ld, m, dual->r, space.weight, product);
    }
    return 0;
}

maxent_error mx_dual_product(mx_dual *dual, const double *z, double value, const double *mean, const double *v, double *product)
{
    int failed = 0;
    size_t r = dual->r;
    double centre = 0;
    for (size_t i = 0; i < r; i++)
        centre += mean[i] * v[i];
    FOR_LANES(dual, failed, lane, space, failed |= lane_product(dual, lane, z, value, centre, v, space));
    dual->evaluations++;
    if (failed) {
        dual->failed = 1;
        return MAXENT_ERROR_CALLBACK;
    }
    memset(product, 0, r * sizeof *product);
    for (size_t lane = 0; lane < dual->lanes; lane++)
        for (size_t i = 0; i < r; i++)
            product[i] += dual->lane_sums[lane * dual->lane_stride + MEAN + i];
    return MAXENT_OK;
}

static int lane_probabilities(const mx_dual *dual, size_t lane, const double *z, double *p, workspace space)
{
    const mx_kernels *kernel = mx_kernels_get();
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    sums[SHIFT] = -INFINITY;
    sums[TOTAL] = sums[TOTAL_LOW] = 0;
    size_t first, end;
    lane_range(dual, lane, &first, &end);
    size_t start = first;
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *u = block_panel(dual, &space, first, m);
        if (u == NULL)
            return 1;
        block_scores(dual, u, first, m, z, p + first);
        sums[SHIFT] = fmax(sums[SHIFT], kernel->max(p + first, m));
    }
    for (first = start; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        if (sums[SHIFT] == -INFINITY)
            memset(p + first, 0, m * sizeof *p);
        else
            add_exactly(&sums[TOTAL], &sums[TOTAL_LOW], kernel->exp_sum(p + first, m, sums[SHIFT]));
    }
    return 0;
}

maxent_error mx_dual_probabilities(mx_dual *dual, const double *z, double *p)
{
    int failed = 0;
    FOR_LANES(dual, failed, lane, space, failed |= lane_probabilities(dual, lane, z, p, space));
    dual->evaluations++;
    if (failed) {
        dual->failed = 1;
        return MAXENT_ERROR_CALLBACK;
    }
    double shift = -INFINITY, total = 0, low = 0;
    for (size_t lane = 0; lane < dual->lanes; lane++)
        shift = fmax(shift, dual->lane_sums[lane * dual->lane_stride + SHIFT]);
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        const double *sums = dual->lane_sums + lane * dual->lane_stride;
        if (sums[SHIFT] > -INFINITY)
            add_exactly(&total, &low, exp(sums[SHIFT] - shift) * (sums[TOTAL] + sums[TOTAL_LOW]));
    }
    total += low;
    for (size_t lane = 0; lane < dual->lanes; lane++) {
        double factor = exp(dual->lane_sums[lane * dual->lane_stride + SHIFT] - shift) / total;
        size_t first, end;
        lane_range(dual, lane, &first, &end);
        for (size_t x = first; x < end; x++)
            p[x] *= factor;
    }
    return MAXENT_OK;
}

/* The sums of a lane in mx_dual_moments: total, p log p, p log q with their compensations, then mean and square, each with its own. */
enum { SUM_P = 0, SUM_PLOGP = 2, SUM_PLOGQ = 4, SUM_MOMENTS = 6 };

static int lane_moments(const mx_dual *dual, size_t lane, const double *z, double value, double *p, double *sums, workspace space)
{
    const mx_kernels *kernel = mx_kernels_get();
    size_t r = dual->r;
    double *mean = sums + SUM_MOMENTS, *square = mean + 2 * r, *part = square + 2 * r;
    memset(sums, 0, (SUM_MOMENTS + 4 * r) * sizeof *sums);
    size_t first, end;
    lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *u = block_panel(dual, &space, first, m);
        if (u == NULL)
            return 1;
        block_scores(dual, u, first, m, z, p + first);
        kernel->exp_sum(p + first, m, value);
        double total = 0, plogp = 0, plogq = 0;
        for (size_t x = first; x < first + m; x++) {
            total += p[x];
            plogp += p[x] > 0 ? p[x] * log(p[x]) : 0;
            plogq += p[x] > 0 && dual->logq != NULL ? p[x] * dual->logq[x] : 0;
        }
        add_exactly(&sums[SUM_P], &sums[SUM_P + 1], total);
        add_exactly(&sums[SUM_PLOGP], &sums[SUM_PLOGP + 1], plogp);
        add_exactly(&sums[SUM_PLOGQ], &sums[SUM_PLOGQ + 1], plogq);
        memset(part, 0, 2 * r * sizeof *part);
        kernel->gradient(u, dual->ld, m, r, p + first, part);
        for (size_t x = 0; x < m; x++) {
            const double *row = u + x * dual->ld;
            double weight = p[first + x];
            for (size_t i = 0; i < r; i++)
                part[r + i] += weight * row[i] * row[i];
        }
        for (size_t i = 0; i < r; i++) {
            add_exactly(&mean[2 * i], &mean[2 * i + 1], part[i]);
            add_exactly(&square[2 * i], &square[2 * i + 1], part[r + i]);
        }
    }
    return 0;
}

maxent_error mx_dual_moments(mx_dual *dual, const double *z, double value, mx_moments *moments)
{
    int failed = 0;
    size_t r = dual->r, stride = SUM_MOMENTS + 6 * r;
    double *sums = mx_alloc(dual->lanes, stride * sizeof *sums);
    if (sums == NULL)
        return MAXENT_ERROR_MEMORY;
    FOR_LANES(dual, failed, lane, space,
              failed |= lane_moments(dual, lane, z, value, moments->p, sums + lane * stride, space));
    dual->evaluations++;
    for (size_t lane = 1; lane < dual->lanes; lane++)
        for (size_t i = 0; i < SUM_MOMENTS + 4 * r; i += 2) {
            add_exactly(&sums[i], &sums[i + 1], sums[lane * stride + i]);
            sums[i + 1] += sums[lane * stride + i + 1];
        }
    moments->total = sums[SUM_P] + sums[SUM_P + 1];
    moments->p_log_p = sums[SUM_PLOGP] + sums[SUM_PLOGP + 1];
    moments->p_log_q = sums[SUM_PLOGQ] + sums[SUM_PLOGQ + 1];
    for (size_t i = 0; i < r; i++) {
        moments->mean[i] = sums[SUM_MOMENTS + 2 * i] + sums[SUM_MOMENTS + 2 * i + 1];
        moments->square[i] = sums[SUM_MOMENTS + 2 * r + 2 * i] + sums[SUM_MOMENTS + 2 * r + 2 * i + 1];
    }
    mx_free(sums);
    dual->failed |= failed;
    return failed ? MAXENT_ERROR_CALLBACK : MAXENT_OK;
}

typedef struct extent_lane {
    double low, high;
    size_t where_low, where_high;
} extent_lane;

static int lane_extent(const mx_dual *dual, size_t lane, const double *v, extent_lane *extent, workspace space)
{
    *extent = (extent_lane){INFINITY, -INFINITY, SIZE_MAX, SIZE_MAX};
    size_t first, end;
    lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        const double *u = block_panel(dual, &space, first, m);
        if (u == NULL)
            return 1;
        memset(space.score, 0, m * sizeof(double));
        mx_kernels_get()->score(u, dual->ld, m, dual->r, v, space.score);
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
    return 0;
}

maxent_error mx_dual_extent(mx_dual *dual, const double *v, double extent[2], size_t where[2])
{
    int failed = 0;
    extent_lane lanes[16] = {{0, 0, 0, 0}}; /* dual->lanes is at most 16 */
    FOR_LANES(dual, failed, lane, space, failed |= lane_extent(dual, lane, v, lanes + lane, space));
    dual->evaluations++;
    if (failed) {
        dual->failed = 1;
        return MAXENT_ERROR_CALLBACK;
    }
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
