/* The certificate of dual coordinate ascent: from a dual point alpha the weights W(alpha) that belong to it, and at those the gap
 *
 *     P(W(alpha), b) - D(alpha) = sum_e w_e KL(alpha_e || p_e),     W_j(alpha) = (1/l2_j) sum_e w_e (y_e - alpha_e) x_ej
 *
 * in double precision. One product with the data makes W(alpha) in the place where the weights are wanted, the other the scores there: no
 * gradient is kept, and the W of the ascent's single precision plays no part, but where alpha had to be repaired (dual.c). Sums run over
 * the events in blocks and in their order; threads share out columns of the first product, and fixed ranges of events of the second: the
 * same bits at any number of them.
 *
 * With three classes or more the vectors add up to 0: the last is not summed but made from the others.
 */
#include "model/fit/products.h"
#include "model/fit/task.h"
#include "model/threads.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define BLOCK 64  /* events at a time */
#define RANGES 16 /* of events, or features, whose sums are kept apart */
#define SPARE 8   /* numbers that the vectors of a kernel may run over the end */

/* Blocks of alpha, their logarithms and the residuals; or of scores. */
typedef struct room {
    double *a, *log, *r;
} room;

static room room_at(double *space, const mx_task *task, size_t number)
{
    const size_t each = BLOCK * task->C + SPARE;
    space += number * 3 * each;
    return (room){space, space + each, space + 2 * each};
}

/* r[V] = w_e (alpha_e - y_e) of the events first .. end-1. Returns sum_e w_e (H(alpha_e) + (alpha_e - y_e) . o_e), if it is wanted. */
static double residuals(const mx_task *task, const mx_dual_point *point, size_t first, size_t end, const room *at, int valued)
{
    const mx_products *products = mx_products_get();
    const size_t C = task->C, V = task->V, count = (end - first) * C;
    double value = 0;
    for (size_t e = first; e < end; e++)
        mx_dual_row(task, point, e, at->a + (e - first) * C);
    if (valued) {
        memcpy(at->log, at->a, count * sizeof *at->log);
        products->logs(at->log, count);
    }
    for (size_t e = first; e < end; e++) {
        const double *a = at->a + (e - first) * C, *l = at->log + (e - first) * C;
        const double *base = task->base == NULL ? NULL : task->base + e * C;
        const double weight = task->weight == NULL ? 1.0 : task->weight[e];
        double *r = at->r + (e - first) * V;
        mx_targets t;
        mx_event_targets(task->events, e, &t);
        if (valued && weight > 0) {
            double entropy = 0, shift = 0;
            for (size_t c = 0; c < C; c++)
                entropy -= a[c] * l[c];
            for (size_t c = 0; base != NULL && c < C; c++)
                shift += a[c] * base[c];
            for (size_t k = 0; base != NULL && k < t.count; k++)
                shift -= t.weight[k] / weight * base[t.target[k]];
            value += weight * (entropy + shift);
        }
        for (size_t v = 0; v < V; v++)
            r[v] = weight * a[v + (V == 1)];
        for (size_t k = 0; k < t.count; k++)
            if (V > 1)
                r[t.target[k]] -= t.weight[k];
            else if (t.target[k] == 1)
                r[0] -= t.weight[k];
    }
    return value;
}

/* g[m][V] += the residuals times x in the columns from .. to-1, and slope[V] += them, of all events. */
static double scatter_columns(const mx_task *task, const mx_dual_point *point, const room *at, size_t from, size_t to, double *g,
                              double *slope)
{
    const mx_products *products = mx_products_get();
    const size_t V = task->V;
    double value = 0;
    for (size_t first = 0; first < task->n; first += BLOCK) {
        size_t end = first + BLOCK < task->n ? first + BLOCK : task->n;
        value += residuals(task, point, first, end, at, from == 0);
        products->scatter(task->events, first, end, at->r + from, V, to - from, g + from);
        for (size_t e = 0; e < end - first; e++)
            for (size_t v = from; task->intercept && v < to; v++)
                slope[v] += at->r[e * V + v];
    }
    return value;
}

/* The loss of the events first .. end-1 at w. */
static double losses(const mx_task *task, const double *w, size_t kept, size_t first, size_t end, const room *at)
{
    const mx_products *products = mx_products_get();
    const size_t C = task->C, V = task->V, bias = task->m * V;
    double loss = 0;
    products->scores(task->events, first, end, w, V, kept, at->r);
    for (size_t e = first; e < end; e++) {
        const double *z = at->r + (e - first) * V, *base = task->base == NULL ? NULL : task->base + e * C;
        double *s = at->a + (e - first) * C, *low = at->log + (e - first) * C, rest = 0, top;
        for (size_t v = 0; v < kept; v++)
            rest -= s[v + (V == 1)] = task->intercept ? z[v] + w[bias + v] : z[v];
        if (V == 1)
            s[0] = 0;
        else
            s[kept] = rest;
        for (size_t c = 0; base != NULL && c < C; c++)
            s[c] += base[c];
        top = s[0];
        for (size_t c = 1; c < C; c++)
            top = s[c] > top ? s[c] : top;
        for (size_t c = 0; c < C; c++)
            low[c] = s[c] -= top;
    }
    products->exps(at->log, (end - first) * C);
    for (size_t e = first; e < end; e++) {
        const double *s = at->a + (e - first) * C, *p = at->log + (e - first) * C;
        double sum = 0, logz;
        for (size_t c = 0; c < C; c++)
            sum += p[c];
        logz = log(sum);
        mx_targets t;
        mx_event_targets(task->events, e, &t);
        for (size_t k = 0; k < t.count; k++)
            if (t.weight[k] > 0)
                loss += t.weight[k] * (logz - s[t.target[k]]);
    }
    return loss;
}

/* w_j := -w_j / l2_j of the features first .. end-1; returns sum_j (l2_j/2) |w_j|^2. */
static double divide(const mx_task *task, double *w, size_t kept, size_t first, size_t end)
{
    const size_t V = task->V;
    double norm = 0;
    for (size_t j = first; j < end; j++) {
        const double l2 = mx_task_l2(task, j), inverse = -1 / l2;
        double *row = w + j * V, rest = 0, square = 0;
        for (size_t v = 0; v < kept; v++) {
            row[v] *= inverse;
            rest -= row[v];
            square += row[v] * row[v];
        }
        if (kept < V) {
            row[kept] = rest;
            square += rest * rest;
        }
        norm += 0.5 * l2 * square;
    }
    return norm;
}

static double *space_for(const mx_task *task, int workers)
{
    return mx_zalloc((size_t)workers * 3, (BLOCK * task->C + SPARE) * sizeof(double));
}

maxent_error mx_task_dual(mx_task *task, const mx_dual_point *point, double *w, double *slope, double *dual, double *penalty)
{
    const size_t m = task->m, V = task->V, kept = V == 1 ? 1 : V - 1;
    const long shares = (long)(kept < 16 || task->threads == 1 ? 1 : (kept + 7) / 8 < RANGES ? (kept + 7) / 8 : RANGES);
    const int workers = mx_workers(task->threads, RANGES);
    double part[RANGES], value = 0, norm = 0;
    double *space = space_for(task, workers);
    if (space == NULL)
        return MAXENT_ERROR_MEMORY;
    memset(w, 0, m * V * sizeof *w);
    memset(slope, 0, V * sizeof *slope);
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (shares > 1)
    for (long s = 0; s < shares; s++) { /* whole vectors of 8 */
        size_t vectors = (kept + 7) / 8, from = vectors * (size_t)s / (size_t)shares * 8;
        size_t to = vectors * (size_t)(s + 1) / (size_t)shares * 8;
        room at = room_at(space, task, (size_t)mx_worker());
        double found = scatter_columns(task, point, &at, from, to < kept ? to : kept, w, slope);
        if (s == 0)
            value = found;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (workers > 1)
    for (long s = 0; s < RANGES; s++)
        part[s] = divide(task, w, kept, m * (size_t)s / RANGES, m * (size_t)(s + 1) / RANGES);
    for (size_t s = 0; s < RANGES; s++)
        norm += part[s];
    for (size_t v = 0; kept < V && v < kept; v++)
        slope[kept] -= slope[v];
    for (size_t v = 0; task->intercept && task->l2_bias > 0 && v < V; v++) {
        w[m * V + v] = -slope[v] / task->l2_bias;
        norm += 0.5 * task->l2_bias * w[m * V + v] * w[m * V + v];
    }
    *dual = value - norm;
    *penalty = norm;
    task->products += 1;
    mx_free(space);
    return MAXENT_OK;
}

maxent_error mx_task_primal(mx_task *task, const double *w, double *loss)
{
    const size_t n = task->n, V = task->V, kept = V == 1 ? 1 : V - 1, blocks = (n + BLOCK - 1) / BLOCK;
    const int workers = mx_workers(task->threads, RANGES);
    double part[RANGES];
    double *space = space_for(task, workers);
    if (space == NULL)
        return MAXENT_ERROR_MEMORY;
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (workers > 1)
    for (long s = 0; s < RANGES; s++) {
        room at = room_at(space, task, (size_t)mx_worker());
        part[s] = 0;
        for (size_t b = blocks * (size_t)s / RANGES; b < blocks * (size_t)(s + 1) / RANGES; b++)
            part[s] += losses(task, w, kept, b * BLOCK, b * BLOCK + BLOCK < n ? b * BLOCK + BLOCK : n, &at);
    }
    *loss = 0;
    for (size_t s = 0; s < RANGES; s++)
        *loss += part[s];
    task->products += 1;
    mx_free(space);
    return MAXENT_OK;
}
