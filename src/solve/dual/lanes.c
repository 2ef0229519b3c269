/* Lanes: the plan of a pass, and what every pass does with a block. */
#include "solve/dual/lanes.h"

#include "solve/dual/kernels.h"

#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* Are features used as they stand? */
static int as_they_stand(const mx_dual *dual)
{
    if (dual->panel != NULL || !dual->direct || dual->r < 8)
        return 0;
    const mx_features *features = &dual->problem->features;
    return features->storage != MX_STORE_F64 || features->feature_stride == 1;
}

void mx_lanes_plan(mx_dual *dual, int hessian)
{
    size_t r = dual->r;
    dual->ld = mx_round_up(r == 0 ? 1 : r, 8);
    dual->block = mx_kernels_block(r == 0 ? 1 : r);
    dual->rows = mx_kernels_rows(r == 0 ? 1 : r);
    if (dual->block > dual->n)
        dual->block = dual->n > 0 ? dual->n : 1;
    size_t blocks = (dual->n + dual->block - 1) / dual->block;

    /* As many lanes as the work pays for and the memory allows: what they need beyond the first stays below a tenth of the
     * features. */
    size_t lanes = 16;
    size_t work = dual->n * (r + 4) / 32768;
    size_t bytes_each = (4 + 2 * r + (hessian ? r * r : 0)) * sizeof(double);
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
    /* A helper that has to wait for a processor costs more than a short pass takes: below about half a millisecond one thread works. */
    double long_enough = hessian ? (double)dual->n * (double)(r + 4) * (1 + (double)r / 8) : (double)dual->n * (double)(r + 4);
    dual->workers = dual->lanes == 1 || long_enough < 1 << 20 ? 1 : wanted < dual->lanes ? wanted : dual->lanes;

    dual->lane_stride = mx_round_up(6 + 2 * r, 8);
    dual->scratch_stride = mx_round_up(dual->block, 8);
    if (dual->panel == NULL)
        dual->scratch_stride += mx_round_up(dual->block * dual->ld, 8) +
                                (dual->problem->features.storage == MX_STORE_FILL ? mx_round_up(dual->block * r, 8) : 0);
    dual->hessian = hessian;
    if (hessian)
        dual->scratch_stride += mx_round_up(mx_gram_scratch(r), 8) + (as_they_stand(dual) ? 0 : dual->block * dual->ld) +
                                2 * mx_round_up(dual->block, 8);
}

static mx_workspace workspace_of(const mx_dual *dual, size_t worker)
{
    double *at = dual->scratch + worker * dual->scratch_stride;
    mx_workspace space = {.worker = worker};
    space.score = at;
    at += mx_round_up(dual->block, 8);
    space.panel = at;
    at += dual->panel == NULL ? mx_round_up(dual->block * dual->ld, 8) : 0;
    space.raw = at;
    at += dual->panel == NULL && dual->problem->features.storage == MX_STORE_FILL ? mx_round_up(dual->block * dual->r, 8) : 0;
    space.gram = at;
    at += dual->hessian ? mx_round_up(mx_gram_scratch(dual->r), 8) : 0;
    int shared = as_they_stand(dual); /* then the panel is not needed while rows are gathered */
    space.gather = shared ? space.panel : at;
    space.chosen = at + (shared ? 0 : dual->block * dual->ld);
    space.index = (size_t *)(void *)(space.chosen + mx_round_up(dual->block, 8)); /* no wider than doubles */
    return space;
}

maxent_error mx_lanes_run(mx_dual *dual, mx_lane_body body, void *data)
{
    int failed = 0;
    if (dual->workers == 1) {
        for (size_t lane = 0; lane < dual->lanes; lane++)
            failed |= body(dual, lane, workspace_of(dual, 0), data);
    } else {
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)dual->workers) reduction(| : failed)
        for (size_t lane = 0; lane < dual->lanes; lane++)
            failed |= body(dual, lane, workspace_of(dual, (size_t)omp_get_thread_num()), data);
#endif
    }
    dual->evaluations += !failed;
    return !failed ? MAXENT_OK : mx_watch_over(dual->watch, 0) ? MAXENT_ERROR_STOPPED : MAXENT_ERROR_CALLBACK;
}

void mx_lane_range(const mx_dual *dual, size_t lane, size_t *first, size_t *end)
{
    size_t blocks = (dual->n + dual->block - 1) / dual->block;
    *first = blocks * lane / dual->lanes * dual->block;
    *end = blocks * (lane + 1) / dual->lanes * dual->block;
    if (*end > dual->n)
        *end = dual->n;
}

size_t mx_lane_step(const mx_dual *dual)
{
    return as_they_stand(dual) && dual->problem->features.storage != MX_STORE_FILL && dual->rows < dual->block ? dual->rows
                                                                                                                : dual->block;
}

void mx_lanes_aim(mx_dual *dual, const double *z)
{
    dual->offset = 0;
    for (size_t i = 0; z != NULL && dual->panel == NULL && i < dual->r; i++) {
        dual->aim[i] = z[i] * dual->scale[i];
        dual->offset += dual->aim[i] * dual->center[i];
    }
}

static void load(const mx_dual *dual, mx_rows rows, size_t m, double *panel)
{
    const mx_kernels *kernel = mx_kernels_get();
    if (rows.bytes)
        kernel->load_i8(rows.at, m, dual->r, dual->center, dual->scale, panel, dual->ld);
    else
        kernel->load_f64(rows.at, rows.stride, 1, m, dual->r, dual->center, dual->scale, panel, dual->ld);
}

int mx_lane_open(const mx_dual *dual, const mx_workspace *space, size_t first, size_t m, mx_block *block)
{
    *block = (mx_block){.first = first, .m = m};
    int computed = dual->panel == NULL && dual->problem->features.storage == MX_STORE_FILL; /* who knows how long that takes */
    if (dual->watch != NULL && (computed || mx_watch_due(first * dual->r, (first + m) * dual->r)) &&
        mx_watch_over(dual->watch, space->worker == 0))
        return 1;
    if (dual->panel != NULL) {
        block->u = dual->panel + first * dual->ld;
        return 0;
    }
    const mx_features *features = &dual->problem->features;
    if (features->storage == MX_STORE_F64 && features->feature_stride != 1) {
        mx_kernels_get()->load_f64(features->f64 + first * features->state_stride, features->state_stride, features->feature_stride,
                                   m, dual->r, dual->center, dual->scale, space->panel, dual->ld);
        block->u = space->panel;
        return 0;
    }
    switch (features->storage) {
    case MX_STORE_F64: block->rows = (mx_rows){features->f64 + first * features->state_stride, features->state_stride, 0}; break;
    case MX_STORE_I8: block->rows = (mx_rows){features->i8 + first * dual->r, dual->r, 1}; break;
    case MX_STORE_FILL:
        if (features->fill(features->user, first, m, space->raw) != 0)
            return 1;
        block->rows = (mx_rows){space->raw, dual->r, 0};
        break;
    }
    if (!as_they_stand(dual)) {
        load(dual, block->rows, m, space->panel);
        block->u = space->panel;
    }
    return 0;
}

const double *mx_lane_panel(const mx_dual *dual, const mx_workspace *space, const mx_block *block)
{
    if (block->u != NULL)
        return block->u;
    load(dual, block->rows, block->m, space->panel);
    return space->panel;
}

int mx_lane_as_they_stand(const mx_dual *dual)
{
    return as_they_stand(dual) && dual->problem->features.storage == MX_STORE_F64 &&
           dual->problem->features.state_stride <= MX_LANE_NARROW && dual->problem->features.state_stride >= dual->r;
}

/* One row of features as they stand, and zeros behind it. */
static void copy_row(const mx_dual *dual, mx_rows rows, size_t x, double *to)
{
    memcpy(to, (const double *)rows.at + x * rows.stride, dual->r * sizeof *to);
    memset(to + dual->r, 0, (dual->ld - dual->r) * sizeof *to);
}

const double *mx_lane_rows(const mx_dual *dual, const mx_workspace *space, const mx_block *block, size_t *stride)
{
    *stride = block->rows.stride;
    if (block->first + block->m < dual->n)
        return block->rows.at;
    *stride = dual->ld;
    for (size_t x = 0; x < block->m; x++)
        copy_row(dual, block->rows, x, space->panel + x * dual->ld);
    return space->panel;
}

void mx_lane_settle_square(const mx_dual *dual, double total, const double *G, double *H)
{
    const double *c = dual->center, *scale = dual->scale;
    for (size_t i = 0; i < dual->r; i++)
        for (size_t j = 0; j <= i; j++) {
            double *h = H + i * dual->r + j;
            *h = ((*h - c[i] * G[j]) - c[j] * (G[i] - c[i] * total)) * (scale[i] * scale[j]);
        }
}

void mx_lane_gather(const mx_dual *dual, const mx_block *block, size_t x, double *row)
{
    if (mx_lane_as_they_stand(dual))
        copy_row(dual, block->rows, x, row);
    else
        mx_lane_row(dual, block, x, row);
}

void mx_lane_row(const mx_dual *dual, const mx_block *block, size_t x, double *u)
{
    if (block->u != NULL) {
        memcpy(u, block->u + x * dual->ld, dual->ld * sizeof *u);
        return;
    }
    mx_rows row = block->rows;
    row.at = (const char *)row.at + x * row.stride * (row.bytes ? 1 : sizeof(double));
    load(dual, row, 1, u);
}

int mx_lane_state(const mx_dual *dual, const mx_workspace *space, size_t x, double *u)
{
    if (dual->panel != NULL) {
        memcpy(u, dual->panel + x * dual->ld, dual->ld * sizeof *u);
        return 0;
    }
    const mx_features *features = &dual->problem->features;
    switch (features->storage) {
    case MX_STORE_F64:
        mx_kernels_get()->load_f64(features->f64 + x * features->state_stride, features->state_stride, features->feature_stride, 1,
                                   dual->r, dual->center, dual->scale, u, dual->ld);
        break;
    case MX_STORE_I8: load(dual, (mx_rows){features->i8 + x * dual->r, dual->r, 1}, 1, u); break;
    case MX_STORE_FILL:
        if (features->fill(features->user, x, 1, space->raw) != 0)
            return 1;
        load(dual, (mx_rows){space->raw, dual->r, 0}, 1, u);
        break;
    }
    return 0;
}

void mx_lane_fetch(const mx_dual *dual, size_t x)
{
    enum { LINE = 64 };
    if (dual->panel != NULL || dual->problem->features.storage == MX_STORE_FILL)
        return;
    const mx_features *features = &dual->problem->features;
    int bytes = features->storage == MX_STORE_I8;
    const char *at = bytes ? (const char *)features->i8 + x * dual->r : (const char *)(features->f64 + x * features->state_stride);
    size_t length = bytes ? dual->r : features->feature_stride == 1 ? dual->r * sizeof(double) : 0;
    for (size_t i = 0; i < length + LINE && i < 4096; i += LINE)
        __builtin_prefetch(at + i, 0, 2);
}

void mx_lane_scores(const mx_dual *dual, const mx_block *block, const double *z, double *s)
{
    double offset = block->u == NULL && z != NULL ? dual->offset : 0;
    for (size_t x = 0; x < block->m; x++)
        s[x] = dual->logq != NULL ? dual->logq[block->first + x] + offset : offset;
    if (z == NULL || dual->r == 0)
        return;
    if (block->u != NULL)
        mx_kernels_get()->score(block->u, dual->ld, block->m, dual->r, z, s);
    else
        mx_kernels_get()->rows_score(block->rows, block->m, dual->r, dual->aim, s);
}

void mx_lane_gradient(const mx_dual *dual, const mx_block *block, const double *w, double *G)
{
    if (block->u != NULL)
        mx_kernels_get()->gradient(block->u, dual->ld, block->m, dual->r, w, G);
    else
        mx_kernels_get()->rows_sum(block->rows, block->m, dual->r, w, G);
}

void mx_lane_settle(const mx_dual *dual, double total, double *G)
{
    for (size_t i = 0; as_they_stand(dual) && i < dual->r; i++)
        G[i] = (G[i] - dual->center[i] * total) * dual->scale[i];
}

void mx_lane_squares(const mx_dual *dual, const mx_block *block, const double *w, double *G, double *S)
{
    if (block->u != NULL)
        mx_lane_moments(dual, block, w, G, S);
    else
        mx_kernels_get()->rows_squares(block->rows, block->m, dual->r, w, G, S);
}

void mx_lane_settle_squares(const mx_dual *dual, double total, double *G, double *S)
{
    const double *c = dual->center, *scale = dual->scale;
    for (size_t i = 0; as_they_stand(dual) && i < dual->r; i++)
        S[i] = ((S[i] - c[i] * G[i]) - c[i] * (G[i] - c[i] * total)) * (scale[i] * scale[i]);
    mx_lane_settle(dual, total, G);
}

void mx_lane_moments(const mx_dual *dual, const mx_block *block, const double *w, double *G, double *S)
{
    if (block->u == NULL) {
        mx_kernels_get()->rows_moments(block->rows, block->m, dual->r, dual->center, dual->scale, w, G, S);
        return;
    }
    mx_kernels_get()->gradient(block->u, dual->ld, block->m, dual->r, w, G);
    for (size_t x = 0; x < block->m; x++) {
        const double *row = block->u + x * dual->ld;
        for (size_t i = 0; i < dual->r; i++)
            S[i] += w[x] * row[i] * row[i];
    }
}
