/* Lanes: the plan of a pass, and what every pass does with a block. */
#include "solve/lanes.h"

#include "solve/kernels.h"

#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

void mx_lanes_plan(mx_dual *dual, int hessian)
{
    size_t r = dual->r;
    dual->ld = mx_round_up(r == 0 ? 1 : r, 8);
    dual->block = mx_kernels_block(r == 0 ? 1 : r);
    if (dual->block > dual->n)
        dual->block = dual->n;
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
    dual->workers = dual->lanes == 1 ? 1 : wanted < dual->lanes ? wanted : dual->lanes;

    dual->lane_stride = mx_round_up(6 + 2 * r, 8);
    dual->scratch_stride = mx_round_up(dual->block, 8);
    if (dual->panel == NULL)
        dual->scratch_stride += mx_round_up(dual->block * dual->ld, 8) +
                                (dual->problem->features.storage == MX_STORE_FILL ? mx_round_up(dual->block * r, 8) : 0);
    dual->hessian = hessian;
    if (hessian)
        dual->scratch_stride += mx_round_up(mx_gram_scratch(r), 8) + dual->block * dual->ld + mx_round_up(dual->block, 8);
}

static mx_workspace workspace_of(const mx_dual *dual, size_t worker)
{
    double *at = dual->scratch + worker * dual->scratch_stride;
    mx_workspace space;
    space.score = at;
    at += mx_round_up(dual->block, 8);
    space.panel = at;
    at += dual->panel == NULL ? mx_round_up(dual->block * dual->ld, 8) : 0;
    space.raw = at;
    at += dual->panel == NULL && dual->problem->features.storage == MX_STORE_FILL ? mx_round_up(dual->block * dual->r, 8) : 0;
    space.gram = at;
    at += dual->hessian ? mx_round_up(mx_gram_scratch(dual->r), 8) : 0;
    space.gather = at;
    space.chosen = at + dual->block * dual->ld;
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
    dual->evaluations++;
    return failed ? MAXENT_ERROR_CALLBACK : MAXENT_OK;
}

void mx_lane_range(const mx_dual *dual, size_t lane, size_t *first, size_t *end)
{
    size_t blocks = (dual->n + dual->block - 1) / dual->block;
    *first = blocks * lane / dual->lanes * dual->block;
    *end = blocks * (lane + 1) / dual->lanes * dual->block;
    if (*end > dual->n)
        *end = dual->n;
}

const double *mx_lane_block(const mx_dual *dual, const mx_workspace *space, size_t first, size_t m)
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

void mx_lane_scores(const mx_dual *dual, const double *u, size_t first, size_t m, const double *z, double *s)
{
    if (dual->logq != NULL)
        memcpy(s, dual->logq + first, m * sizeof *s);
    else
        memset(s, 0, m * sizeof *s);
    if (z != NULL && dual->r > 0)
        mx_kernels_get()->score(u, dual->ld, m, dual->r, z, s);
}
