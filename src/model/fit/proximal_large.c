/* An L1 penalty on many weights: descent by features on the objective, then on its quadratic models.
 *
 * 1. From weights of 0 the strength of L1 comes down in steps of a fifth, so that few features are active before the scores are right.
 *    A feature's weights move together, to the minimum of their quadratic model with the block sum_e w_e x_ej^2 (diag p_e - p_e p_e'),
 *    by 1 at most, and half of that until the objective falls. The probabilities follow every step (sweep.h): a step costs no more than
 *    one in a model would, and models far from the optimum are worth little: on part-of-speech tagging Newton's steps blow up where a
 *    label's probability is tiny. Single precision; a pass in doubles after every three sweeps sets them right.
 * 2. When that brings less than 3 in 1000: proximal Newton's method [1, 2], its models minimised in proximal_model.c.
 *
 * The gap: alpha = y + s (p - y), with the largest s <= 1 that makes |sum_e w_e (alpha_e - y_e) x_ej| <= l1_j wherever l2_j = 0, is a
 * point of the dual. Weights without any penalty ask for g = 0; what is left of it counts as a gap of |g| (1 + |W|), which is an estimate.
 *
 * Features with the same entries and strength of L1, without L2, are one: their weights are all in the first of them. On part-of-speech
 * tagging 44 in 100 features repeat another, and would make the Hessian of the active ones singular.
 *
 * That scale costs (1 - s) l1 |W|, so the gap is of the order of the largest miss of a condition, not of its square as the objective's
 * distance is. Models are solved until their slopes miss a tenth of what they missed before, for that (proximal_model.c).
 *
 * A feature whose weights are 0 and whose gradient does not exceed its L1 is not looked at until the next pass; features that occur less
 * than l1 times never are, by themselves. Blocks of curvature are kept for features with many entries, as many as fit in the size of
 * the data, the others' computed again.
 *
 * [1] G.-X. Yuan, C.-H. Ho, C.-J. Lin, An improved GLMNET for L1-regularized logistic regression, JMLR 13 (2012) 1999.
 * [2] J. D. Lee, Y. Sun, M. A. Saunders, Proximal Newton-type methods for minimizing composite functions, SIAM J. Optim. 24 (2014) 1420.
 */
#include "model/fit/proximal.h"
#include "model/threads.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define ITERATIONS 300
#define LOWER 0.2          /* of the strength of L1 in a step */
#define SWEEPS 3           /* of phase 1 between two passes */
#define DESCENTS 10        /* times that, at the full strength, at most */
#define WORTH 3e-3         /* what they must bring, of the objective */
#define FLOOR 1e-8         /* of curvatures */
#define ROUNDS_OF_BLOCK 10

static void end(mx_large *x)
{
    void *all[] = {x->column, x->event, x->value, x->weight, x->p, x->s.t, x->g, x->active, x->place, x->at, x->calm, x->block,
                   x->blocks, x->vf, x->row, x->index, x->row_value, x->line, x->S, x->stiff, x->stiff_place, x->H, x->stiff_at,
                   x->stiff_list, x->L, x->twin};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mx_free(all[i]);
}

static uint64_t mix(uint64_t h, uint64_t by)
{
    h = (h ^ by) * 0xBF58476D1CE4E5B9u;
    return h ^ (h >> 29);
}

static int same_column(const mx_large *x, size_t j, size_t k)
{
    const size_t from = x->column[j], other = x->column[k], count = x->column[j + 1] - from;
    return x->column[k + 1] - other == count && mx_task_l1(x->task, j) == mx_task_l1(x->task, k) &&
           memcmp(x->event + from, x->event + other, count * sizeof *x->event) == 0 &&
           (x->value == NULL || memcmp(x->value + from, x->value + other, count * sizeof *x->value) == 0);
}

/* Which features are the same as one before them, in x->twin: their weights may all be in that one's. Not with L2, which would have
 * them shared out. Returns 0 without memory. */
static int find_twins(mx_large *x)
{
    const size_t m = x->task->m;
    size_t slots = 16;
    while (slots < 2 * m)
        slots *= 2;
    uint32_t *slot = mx_alloc(slots, sizeof *slot);
    if (slot == NULL)
        return 0;
    memset(slot, 0xff, slots * sizeof *slot);
    for (size_t j = 0; j < m; j++) {
        uint64_t h = x->column[j + 1] - x->column[j];
        if (h == 0 || mx_task_l2(x->task, j) > 0)
            continue;
        for (size_t i = x->column[j]; i < x->column[j + 1]; i++) {
            uint32_t bits = 0;
            if (x->value != NULL)
                memcpy(&bits, x->value + i, sizeof bits);
            h = mix(h, (uint64_t)x->event[i] << 32 | bits);
        }
        for (size_t at = (size_t)h & (slots - 1);; at = (at + 1) & (slots - 1)) {
            if (slot[at] == UINT32_MAX) {
                slot[at] = (uint32_t)j;
                break;
            }
            if (same_column(x, slot[at], j) && mx_task_l2(x->task, slot[at]) == 0) {
                x->twin[j] = slot[at];
                break;
            }
        }
    }
    mx_free(slot);
    return 1;
}

/* The weights of features that are the same, in the first of them: no penalty grows by that. */
static void join_twins(const mx_large *x, double *w)
{
    const size_t V = x->task->V;
    for (size_t j = 0; j < x->task->m; j++)
        for (size_t v = 0; v < V && x->twin[j] != j; v++) {
            w[x->twin[j] * V + v] += w[j * V + v];
            w[j * V + v] = 0;
        }
}

static int begin(mx_large *x, mx_task *task)
{
    const maxent_events *events = task->events;
    const size_t n = task->n, m = task->m, nonzeros = events->row[n], C = task->C;
    const size_t lanes = C == 2 ? 1 : (C - 1 + 15) / 16 * 16;
    const int valued = events->value != NULL || events->code != NULL;
    *x = (mx_large){.task = task, .kernels = mx_sweep_kernels_get(), .kept = C - 1, .factor = 1, .radius = 1};
    x->column = mx_zalloc(m + 2, sizeof *x->column);
    x->event = mx_alloc(nonzeros, sizeof *x->event);
    x->value = valued ? mx_alloc(nonzeros, sizeof *x->value) : NULL;
    x->weight = task->weight != NULL ? mx_alloc(n, sizeof *x->weight) : NULL;
    x->p = mx_alloc_aligned(n * (lanes > C ? lanes : C), sizeof *x->p);
    x->s.t = mx_alloc_aligned(n * lanes, sizeof *x->s.t);
    x->g = mx_alloc(2, task->P * sizeof *x->g);
    x->active = mx_alloc(m + 1, sizeof *x->active);
    x->place = mx_alloc(m, sizeof *x->place);
    x->twin = mx_alloc(m, sizeof *x->twin);
    x->row = mx_alloc(n + 1, sizeof *x->row);
    x->index = mx_alloc(nonzeros, sizeof *x->index);
    x->row_value = valued ? mx_alloc(nonzeros, sizeof *x->row_value) : NULL;
    x->line = mx_alloc_aligned(MX_LARGE_PARTS * (3 + C), lanes * sizeof *x->line);
    x->S = mx_alloc(4 * C, sizeof *x->S);
    x->stiff = mx_alloc(MX_LARGE_STIFF, sizeof *x->stiff);
    x->H = mx_alloc_aligned(MX_LARGE_STIFF * MX_LARGE_STIFF + 3 * MX_LARGE_STIFF, sizeof *x->H);
    x->stiff_at = mx_alloc(2 * MX_LARGE_STIFF, sizeof *x->stiff_at);
    x->stiff_list = mx_alloc(MX_LARGE_STIFF + 2 * C + 2, sizeof *x->stiff_list);
    x->L = mx_alloc_aligned(MX_LARGE_STIFF * MX_LARGE_STIFF + mx_cholesky_work(MX_LARGE_STIFF, 1), sizeof *x->L);
    if (x->column == NULL || x->event == NULL || x->p == NULL || x->s.t == NULL || x->g == NULL || x->active == NULL ||
        x->place == NULL || x->twin == NULL || x->row == NULL || x->index == NULL || x->line == NULL || x->S == NULL || x->stiff == NULL ||
        x->H == NULL || x->stiff_at == NULL || x->stiff_list == NULL || x->L == NULL ||
        (valued && (x->value == NULL || x->row_value == NULL)) || (task->weight != NULL && x->weight == NULL))
        return 0;
    x->next = x->g + task->P;
    x->stiff_slope = x->H + MX_LARGE_STIFF * MX_LARGE_STIFF;
    x->stiff_row = x->stiff_slope + MX_LARGE_STIFF;
    x->stiff_value = x->stiff_row + MX_LARGE_STIFF;
    x->L_side = x->stiff_at + MX_LARGE_STIFF;
    x->L_space = x->L + MX_LARGE_STIFF * MX_LARGE_STIFF;
    memset(x->stiff_slope, 0, MX_LARGE_STIFF * sizeof *x->stiff_slope);
    for (size_t e = 0; task->weight != NULL && e < n; e++)
        x->weight[e] = (float)task->weight[e];
    for (size_t i = 0; i < nonzeros; i++)
        x->column[events->index[i] + 2]++;
    for (size_t j = 0; j < m; j++)
        x->column[j + 2] += x->column[j + 1];
    for (size_t e = 0; e < n; e++) /* column[j + 1] moves from the start of j to its end */
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            size_t at = x->column[events->index[i] + 1]++;
            x->event[at] = (uint32_t)e;
            if (valued)
                x->value[at] = (float)mx_event_value(events, i);
        }
    for (size_t j = 0; j < m; j++)
        x->twin[j] = (uint32_t)j;
    if (!find_twins(x))
        return 0;
    x->s = (mx_sweep){x->column, x->event, x->value, x->weight, n, lanes, x->p, x->s.t};
    return 1;
}

static double entries_of(const mx_large *x, size_t j)
{
    return j == x->task->m ? (double)x->task->n : (double)(x->column[j + 1] - x->column[j]);
}

/* The objective at the present strength of L1. */
static double objective_of(const mx_large *x, const double *w, double loss)
{
    const mx_task *task = x->task;
    double more = 0;
    for (size_t j = 0; x->factor > 1 && j * task->V < task->P; j++) {
        double sum = 0;
        for (size_t v = 0; v < task->V; v++)
            sum += fabs(w[j * task->V + v]);
        more += (x->factor - 1) * mx_task_l1(task, j) * sum;
    }
    return loss + mx_task_penalty(task, w, NULL) + more;
}

/* From [n][C] probabilities to rows of `lanes`, in place. */
static void pack(mx_large *x)
{
    const size_t C = x->task->C, lanes = x->s.lanes, kept = x->kept;
    float *p = x->p;
    if (lanes <= C) {
        for (size_t e = 0; e < x->task->n; e++)
            memmove(p + e * lanes, p + e * C + (C == 2), lanes * sizeof *p);
        return;
    }
    for (size_t e = x->task->n; e-- > 0;) {
        memmove(p + e * lanes, p + e * C, kept * sizeof *p);
        memset(p + e * lanes + kept, 0, (lanes - kept) * sizeof *p);
    }
}

static int grow(mx_large *x)
{
    const size_t V = x->task->V;
    if (x->actives <= x->room)
        return 1;
    x->room = x->actives + x->actives / 4;
    mx_free(x->at);
    mx_free(x->calm);
    mx_free(x->block);
    mx_free(x->vf);
    mx_free(x->stiff_place);
    x->at = mx_alloc(x->room, 12 * V * sizeof *x->at);
    x->calm = mx_alloc(x->room, 1 + V);
    x->block = mx_alloc(x->room, sizeof *x->block);
    x->vf = mx_alloc_aligned(x->room * (1 + MX_LARGE_PARTS), x->s.lanes * sizeof *x->vf);
    x->stiff_place = mx_alloc(x->room, V * sizeof *x->stiff_place);
    if (x->at == NULL || x->calm == NULL || x->block == NULL || x->vf == NULL || x->stiff_place == NULL)
        return 0;
    double **part[] = {&x->start, &x->slope, &x->mass, &x->h, &x->R, &x->v, &x->z, &x->Hv, &x->Hz, &x->MHv, &x->line_at};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        *part[i] = x->at + (i + 1) * x->room * V;
    x->held = x->calm + x->room;
    x->outf = x->vf + x->room * x->s.lanes;
    return 1;
}

/* Curvatures of active feature k, its block in `block`. */
static void curvatures(mx_large *x, size_t k, float *block)
{
    const size_t V = x->task->V, kept = x->kept, lanes = x->s.lanes;
    const double l2 = mx_task_l2(x->task, x->active[k]);
    double corner = 0, *h = x->h + k * V;
    x->kernels->block(&x->s, mx_large_name(x, k), kept, block);
    for (size_t v = 0; v < kept; v++) {
        h[v] = fmax((double)block[v * lanes + v] + l2, FLOOR);
        for (size_t u = 0; V > 1 && u < kept; u++)
            corner += (double)block[v * lanes + u];
    }
    if (V > 1)
        h[kept] = fmax(corner + l2, FLOOR);
}

/* Which features can move (the intercept always can), and all that is kept of them. Returns 0 without memory. */
static int activate(mx_large *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t V = task->V, each = x->kept * x->s.lanes;
    double room = fmax(8.0 * (double)task->events->row[task->n], 16e6), least = 8; /* bytes for blocks; entries to have one */
    size_t stored = 0;
    pack(x);
    x->actives = 0;
    for (size_t j = 0; j < task->m + (size_t)task->intercept; j++) {
        const double l1 = x->factor * mx_task_l1(task, j);
        int moves = j == task->m;
        for (size_t v = 0; v < V && (j == task->m || x->twin[j] == j); v++)
            moves |= w[j * V + v] != 0 || fabs(x->g[j * V + v]) > l1;
        if (moves)
            x->active[x->actives++] = (uint32_t)j;
    }
    if (!grow(x))
        return 0;
    for (;; least *= 2) {
        stored = 0;
        for (size_t k = 0; k < x->actives; k++)
            stored += entries_of(x, x->active[k]) > least;
        if ((double)stored * (double)(each * sizeof *x->blocks) <= room)
            break;
    }
    mx_free(x->blocks);
    x->blocks = mx_alloc_aligned(stored * each, sizeof *x->blocks);
    if (x->blocks == NULL)
        return 0;
    stored = 0;
    for (size_t k = 0; k < x->actives; k++)
        x->block[k] = entries_of(x, x->active[k]) > least ? x->blocks + each * stored++ : NULL;
    const long parts = MX_LARGE_PARTS;
    const int workers = mx_workers(task->threads, MX_LARGE_PARTS);
    (void)workers; /* without OpenMP */
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (workers > 1)
    for (long part = 0; part < parts; part++) {
        float *line = x->line + (size_t)part * (3 + task->C) * x->s.lanes;
        for (size_t k = (size_t)part; k < x->actives; k += MX_LARGE_PARTS) {
            const size_t j = x->active[k], i = k * V;
            curvatures(x, k, x->block[k] != NULL ? x->block[k] : line);
            x->calm[k] = 0;
            for (size_t v = 0; v < V; v++) {
                x->at[i + v] = x->start[i + v] = w[j * V + v];
                x->slope[i + v] = x->g[j * V + v] + mx_task_l2(task, j) * w[j * V + v];
            }
            x->kernels->slope(&x->s, x->p, x->weight, mx_large_name(x, k), line);
            mx_large_widen(x, line, x->mass + i);
        }
    }
    return 1;
}

/* The minimum over the weights at[V] of feature k of the block's model with the penalty, within the radius of `from`. S: its slope at
 * `at`, changed. Returns sum h d^2 of the first round. */
static double solve(const mx_large *x, size_t k, const float *block, double *S, double *at, const double *from)
{
    const mx_task *task = x->task;
    const size_t V = task->V, kept = x->kept, lanes = x->s.lanes;
    const double l1 = mx_large_l1(x, k), l2 = mx_task_l2(task, x->active[k]);
    double *last = x->S + 3 * task->C, corner = 0, first = 0;
    if (V == 1) {
        const double h = fmax((double)block[0] + l2, FLOOR);
        const double to = mx_clamp(mx_soft(at[0] - S[0] / h, l1 / h), from[0], x->radius), step = to - at[0];
        at[0] = to;
        return h * step * step;
    }
    for (size_t v = 0; v < kept; v++) { /* the column of the last class: minus the sum of the others */
        double sum = 0;
        for (size_t u = 0; u < kept; u++)
            sum += (double)block[v * lanes + u];
        last[v] = -sum;
        corner += sum;
    }
    last[kept] = corner;
    for (int round = 0; round < ROUNDS_OF_BLOCK; round++) {
        double now = 0;
        for (size_t v = 0; v < V; v++) {
            if (at[v] == 0 && fabs(S[v]) <= l1)
                continue;
            const double h = fmax((v < kept ? (double)block[v * lanes + v] : corner) + l2, FLOOR);
            const double to = mx_clamp(mx_soft(at[v] - S[v] / h, l1 / h), from[v], x->radius), step = to - at[v];
            if (step == 0)
                continue;
            at[v] = to;
            now += h * step * step;
            for (size_t u = 0; u < kept; u++)
                S[u] += (v < kept ? (double)block[v * lanes + u] : last[u]) * step;
            S[kept] += last[v] * step;
            S[v] += l2 * step;
        }
        first = round == 0 ? now : first;
        if (!(now > 1e-2 * first))
            break;
    }
    return first;
}

/* Moves the weights of active feature k from x->at by step[V] (to `to`), or by half of that, a quarter, ... until the objective falls. */
static double descend(mx_large *x, size_t k, const double *to, double *step, double promise)
{
    const mx_task *task = x->task;
    const size_t V = task->V, i = k * V, name = mx_large_name(x, k);
    const double l1 = mx_large_l1(x, k), l2 = mx_task_l2(task, x->active[k]);
    float *delta = x->line + x->s.lanes, *power = delta + x->s.lanes;
    for (int tries = 0; tries < 6 && promise < 0; tries++) {
        if (!mx_large_narrow(x, step, delta))
            break;
        double change = x->kernels->follow(&x->s, name, delta, power);
        for (size_t v = 0; v < x->kept; v++) /* labels: sum_e t_e x_ej = mass - gradient of the loss */
            change -= (double)delta[v] * (x->mass[i + v] - x->slope[i + v] + l2 * x->start[i + v]);
        for (size_t v = 0; v < V; v++) {
            const double from = x->at[i + v], now = tries == 0 ? to[v] : from + step[v];
            change += l1 * (fabs(now) - fabs(from)) + 0.5 * l2 * (now * now - from * from);
        }
        if (change <= 0.01 * promise) {
            for (size_t v = 0; v < V; v++)
                x->at[i + v] = tries == 0 ? to[v] : x->at[i + v] + step[v];
            return -change;
        }
        for (size_t c = 0; c < x->s.lanes; c++)
            delta[c] = -delta[c];
        (void)x->kernels->follow(&x->s, name, delta, power);
        for (size_t v = 0; v < V; v++)
            step[v] *= 0.5;
        promise *= 0.5;
    }
    return 0;
}

static double move(mx_large *x, size_t k, int model)
{
    const mx_task *task = x->task;
    const size_t V = task->V, C = task->C, name = mx_large_name(x, k), i = k * V;
    const double l1 = mx_large_l1(x, k), l2 = mx_task_l2(task, x->active[k]);
    float *sum = x->line, *delta = sum + x->s.lanes, *block = x->block[k];
    double *S = x->S, *to = S + C, *step = to + C, promise = 0;
    int quiet = 1;
    x->kernels->slope(&x->s, model ? x->s.t : x->p, model ? NULL : x->weight, name, sum);
    mx_large_widen(x, sum, S);
    for (size_t v = 0; v < V; v++) {
        to[v] = x->at[i + v];
        S[v] += x->slope[i + v] + l2 * (to[v] - x->start[i + v]) - (model ? 0.0 : x->mass[i + v]);
        step[v] = S[v];
        quiet &= to[v] == 0 && fabs(S[v]) <= l1;
    }
    if (quiet)
        return 0;
    if (block == NULL) {
        block = x->line + 3 * x->s.lanes;
        x->kernels->block(&x->s, name, x->kept, block);
    }
    const double moved = solve(x, k, block, S, to, model ? x->start + i : x->at + i);
    for (size_t v = 0; v < V; v++) {
        const double from = x->at[i + v], d = to[v] - from;
        promise += step[v] * d + l1 * (fabs(to[v]) - fabs(from));
        step[v] = d;
    }
    if (!model)
        return descend(x, k, to, step, promise);
    if (mx_large_narrow(x, step, delta))
        x->kernels->shift(&x->s, name, delta);
    memcpy(x->at + i, to, V * sizeof *to);
    return moved;
}

double mx_large_sweep(mx_large *x, size_t number, int model, double last)
{
    double moved = 0, entries = 0;
    const double small = 0.01 * last / (double)(x->actives + 1);
    for (size_t k = 0; k < x->actives; k++) {
        const unsigned calm = x->calm[k];
        const size_t every = calm < 2 ? 1 : calm < 4 ? 2 : 4;
        if (((number + k) & (every - 1)) != 0)
            continue;
        const double now = move(x, k, model);
        x->calm[k] = now > small ? 0 : (unsigned char)(calm + (calm < 255));
        moved += now;
        entries += entries_of(x, x->active[k]);
    }
    x->task->products += 2 * entries / (double)(x->task->events->row[x->task->n] + x->task->n);
    return moved;
}

/* The largest s <= 1 with s |g_j| <= l1_j where l2_j = 0. */
static double scale_of(const mx_large *x)
{
    const mx_task *task = x->task;
    double s = 1;
    for (size_t i = 0; i < task->P; i++) {
        const double l1 = mx_task_l1(task, i / task->V), size = fabs(x->g[i]);
        if (l1 > 0 && !(mx_task_l2(task, i / task->V) > 0) && size * s > l1)
            s = l1 / size;
    }
    return s;
}

/* How near the model's slopes should come to their conditions, relative to l1: a tenth of how far they are, but no nearer than the
 * tolerance asks for. s: the scale of the dual point. */
static double target_of(const mx_large *x, const double *w, double objective, double s)
{
    double penalty = 0;
    for (size_t i = 0; i < x->task->P; i++)
        penalty += mx_task_l1(x->task, i / x->task->V) * fabs(w[i]);
    const double enough = 0.3 * x->task->options->tolerance * objective / fmax(penalty, 1e-300);
    return fmin(fmax(0.1 * (1 / s - 1), enough), 0.1);
}

/* *dual: the value of the dual at y + s (p - y), p at w, less what weights without penalty leave open. MEMORY is the only error. */
static maxent_error dual_at(mx_large *x, const double *w, double s, double *dual)
{
    mx_task *task = x->task;
    mx_dual_point point = {.mix = s};
    double loss;
    maxent_error error = mx_task_pass(task, w, &loss, x->next, &point, NULL);
    if (error != MAXENT_OK)
        return error;
    *dual = point.value;
    for (size_t i = 0; i < task->P; i++) {
        const double l1 = mx_task_l1(task, i / task->V), l2 = mx_task_l2(task, i / task->V), size = fabs(x->next[i]);
        if (l2 > 0)
            *dual -= fmax(size - l1, 0.0) * fmax(size - l1, 0.0) / (2 * l2);
        else if (!(l1 > 0))
            *dual -= size * (1 + fabs(w[i]));
    }
    return MAXENT_OK;
}

/* One step of Newton's: the model's minimum, then a search on the line to it. *loss in, out. Returns how much the objective fell. */
static double newton_step(mx_large *x, double *w, double before, double accuracy, double target, double *loss, maxent_error *error)
{
    mx_task *task = x->task;
    const size_t V = task->V;
    double promise = 0, t = 1;
    mx_large_model(x, accuracy, target);
    for (size_t i = 0; i < x->actives * V; i++)
        promise += x->slope[i] * (x->at[i] - x->start[i]) + mx_large_l1(x, i / V) * (fabs(x->at[i]) - fabs(x->start[i]));
    memcpy(x->next, w, task->P * sizeof *w);
    for (int halved = 0; halved < 30; halved++, t *= 0.5) {
        for (size_t i = 0; i < x->actives * V; i++)
            x->next[x->active[i / V] * V + i % V] = t == 1 ? x->at[i] : x->start[i] + t * (x->at[i] - x->start[i]);
        double next;
        *error = mx_task_pass(task, x->next, &next, x->g, NULL, x->p);
        if (*error != MAXENT_OK)
            return 0;
        const double now = objective_of(x, x->next, next);
        if (now <= before + 1e-4 * t * promise || (-promise <= 1e-12 * before && now <= before * (1 + 1e-14))) {
            memcpy(w, x->next, task->P * sizeof *w);
            *loss = next;
            x->radius *= t == 1 ? 2 : t;
            return before - now;
        }
    }
    *error = mx_task_pass(task, w, loss, x->g, NULL, x->p);
    return 0;
}

/* Phase 1 between two passes. */
static maxent_error descent(mx_large *x, double *w, double *loss)
{
    const size_t V = x->task->V;
    double brought = 0;
    for (size_t i = 0; i < SWEEPS; i++)
        brought = mx_large_sweep(x, i, 0, brought);
    for (size_t i = 0; i < x->actives * V; i++)
        w[x->active[i / V] * V + i % V] = x->at[i];
    return mx_task_pass(x->task, w, loss, x->g, NULL, x->p);
}

maxent_error mx_fit_proximal_large(mx_task *task, mx_found *found)
{
    const maxent_fit_options *options = task->options;
    const size_t most = options->max_iterations > 0 ? options->max_iterations : ITERATIONS;
    double *w = found->w, best = 0, before = INFINITY, accuracy = 0.1; /* best: 0 is the dual's value at alpha = y, at least */
    size_t descents = 0, vain = 0;
    int model = 0;
    maxent_error error = MAXENT_ERROR_MEMORY;
    mx_large x;
    found->verdict = MAXENT_UNFINISHED;
    found->gap = INFINITY;
    if (!begin(&x, task))
        goto done;
    join_twins(&x, w);
    error = mx_task_pass(task, w, &found->loss, x.g, NULL, x.p);
    if (error != MAXENT_OK)
        goto done;
    for (size_t i = 0; !found->warm && i < task->P; i++) {
        const double l1 = mx_task_l1(task, i / task->V);
        if (l1 > 0)
            x.factor = fmax(x.factor, LOWER * fabs(x.g[i]) / l1);
    }
    for (size_t turn = 0;; turn++) {
        found->objective = found->loss + mx_task_penalty(task, w, NULL);
        const double now = objective_of(&x, w, found->loss), s = scale_of(&x), watch = x.factor > 1 ? 2 : 0.9;
        const int last = turn == most || (options->time_limit > 0 && mx_task_seconds(task) >= options->time_limit);
        if (s >= watch || last || vain > 0) {
            double dual;
            error = dual_at(&x, w, s, &dual);
            if (error != MAXENT_OK)
                goto done;
            best = fmax(best, dual);
        }
        found->gap = found->objective - best;
        found->iterations = turn;
        if (found->gap <= options->tolerance * found->objective) {
            found->verdict = MAXENT_SOLVED;
            break;
        }
        if (mx_task_report(task, turn, found->objective, found->gap, w) || last || vain > 3)
            break;
        if (!model && x.factor == 1 && (before - now < WORTH * now || descents++ >= DESCENTS)) {
            model = 1;
            x.radius = 2;
        }
        if (!activate(&x, w)) {
            error = MAXENT_ERROR_MEMORY;
            goto done;
        }
        before = x.factor == 1 ? now : INFINITY;
        if (model) {
            const double target = target_of(&x, w, now, s);
            const double fall = newton_step(&x, w, now, accuracy, target, &found->loss, &error);
            accuracy = fmax(0.7 * accuracy, 0.03);
            vain = fall > 1e-14 * now ? 0 : vain + 1;
        } else {
            error = descent(&x, w, &found->loss);
            x.factor = fmax(1, LOWER * x.factor);
        }
        if (error != MAXENT_OK)
            goto done;
    }
    (void)mx_task_penalty(task, w, x.g);
    found->gradient = mx_task_stationarity(task, w, x.g);
done:
    end(&x);
    return error;
}
