/* Passes over the events in double precision: loss and gradient, products with the Hessian, dual points, separation. */
#include "model/fit/products.h"
#include "model/fit/task.h"
#include "model/threads.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define BLOCK 64 /* events whose scores are held at a time */

void mx_dual_row(const mx_task *task, const mx_dual_point *dual, size_t e, double *a)
{
    const size_t C = task->C;
    if (dual->two != NULL) {
        a[0] = 1 - dual->two[e];
        a[1] = dual->two[e];
    } else {
        const float *from = dual->alpha + e * C;
        double sum = 0;
        for (size_t c = 0; c < C; c++)
            sum += a[c] = (double)from[c];
        for (size_t c = 0; c < C; c++)
            a[c] /= sum;
    }
    if (dual->shrink != NULL) {
        double freed = 0;
        for (size_t c = 0; c < C; c++) {
            double part = a[c] * dual->shrink[c];
            freed += part;
            a[c] -= part;
        }
        for (size_t c = 0; c < C; c++)
            a[c] += freed * dual->share[c];
    }
}

/* a := y + mix (p - y). */
static void mixed_row(double mix, size_t C, double weight, const mx_targets *t, const double *p, double *a)
{
    for (size_t c = 0; c < C; c++)
        a[c] = mix * p[c];
    for (size_t k = 0; weight > 0 && k < t->count; k++)
        a[t->target[k]] += (1 - mix) * t->weight[k] / weight;
}

/* What a pass does. */
typedef struct work {
    const double *w;
    const double *v;     /* curve: the vector */
    double *gradient;
    mx_dual_point *dual;
    float *p;            /* out of a pass, in for the curve */
    double *loss, *dual_value; /* [lanes] */
} work;

/* From scores to loss and residuals, one event; z: [V] in: scores without the base, out: residuals. */
static double one_event(const mx_task *task, size_t e, const work *job, double *z, double *s, double *a, double *dual_value)
{
    const size_t C = task->C, V = task->V;
    const double weight = task->weight == NULL ? 1.0 : task->weight[e];
    const double *base = task->base == NULL ? NULL : task->base + e * C;
    mx_targets t;
    mx_event_targets(task->events, e, &t);

    s[0] = 0;
    for (size_t v = 0; v < V; v++)
        s[v + (V == 1)] = z[v];
    for (size_t c = 0; base != NULL && c < C; c++)
        s[c] += base[c];
    double loss = 0;
    (void)mx_log_softmax(C, s);
    for (size_t k = 0; k < t.count; k++)
        if (t.weight[k] > 0)
            loss -= t.weight[k] * s[t.target[k]];
    if (job->gradient == NULL && job->p == NULL)
        return loss;
    for (size_t c = 0; c < C; c++)
        s[c] = exp(s[c]);
    for (size_t c = 0; job->p != NULL && c < C; c++)
        job->p[e * C + c] = (float)s[c];
    const double *from = s;
    if (job->dual != NULL) {
        if (job->dual->mix > 0)
            mixed_row(job->dual->mix, C, weight, &t, s, a);
        else
            mx_dual_row(task, job->dual, e, a);
        double entropy = 0, shift = 0;
        for (size_t c = 0; c < C; c++) {
            entropy -= a[c] > 0 ? a[c] * log(a[c]) : 0.0;
            shift += base != NULL ? a[c] * base[c] : 0.0;
        }
        for (size_t k = 0; base != NULL && k < t.count; k++)
            shift -= t.weight[k] / weight * base[t.target[k]];
        *dual_value += weight > 0 ? weight * (entropy + shift) : 0.0;
        from = a;
    }
    for (size_t v = 0; v < V; v++)
        z[v] = weight * from[v + (V == 1)];
    for (size_t k = 0; k < t.count; k++)
        if (V > 1)
            z[t.target[k]] -= t.weight[k];
        else if (t.target[k] == 1)
            z[0] -= t.weight[k];
    return loss;
}

/* z := w (diag p - p p') z for one event. */
static void curve_event(const mx_task *task, size_t e, const float *p, double *z)
{
    const size_t C = task->C, V = task->V;
    const double weight = task->weight == NULL ? 1.0 : task->weight[e];
    const float *row = p + e * C;
    if (V == 1) {
        z[0] *= weight * (double)row[0] * (double)row[1];
        return;
    }
    double mean = 0;
    for (size_t c = 0; c < C; c++)
        mean += (double)row[c] * z[c];
    for (size_t c = 0; c < C; c++)
        z[c] = weight * (double)row[c] * (z[c] - mean);
}

static void lane_of(const mx_task *task, size_t lane, const work *job)
{
    const mx_products *products = mx_products_get();
    const size_t V = task->V, blocks = (task->n + BLOCK - 1) / BLOCK, bias = task->m * V;
    const size_t from = blocks * lane / task->lanes, to = blocks * (lane + 1) / task->lanes;
    double *Z = task->space + lane * task->space_each, *s = Z + BLOCK * V, *a = s + task->C;
    double *gradient = job->gradient == NULL ? NULL : lane == 0 ? job->gradient : task->partial + (lane - 1) * task->P;
    const double *w = job->v != NULL ? job->v : job->w;
    double loss = 0, dual_value = 0;
    if (gradient != NULL)
        memset(gradient, 0, task->P * sizeof *gradient);
    for (size_t b = from; b < to; b++) {
        size_t first = b * BLOCK, end = first + BLOCK < task->n ? first + BLOCK : task->n;
        products->scores(task->events, first, end, w, V, V, Z);
        for (size_t e = first; e < end; e++) {
            double *z = Z + (e - first) * V;
            for (size_t v = 0; task->intercept && v < V; v++)
                z[v] += w[bias + v];
            if (job->v != NULL)
                curve_event(task, e, job->p, z);
            else
                loss += one_event(task, e, job, z, s, a, &dual_value);
            for (size_t v = 0; gradient != NULL && task->intercept && v < V; v++)
                gradient[bias + v] += z[v];
        }
        if (gradient != NULL)
            products->scatter(task->events, first, end, Z, V, V, gradient);
    }
    if (job->loss != NULL) {
        job->loss[lane] = loss;
        job->dual_value[lane] = dual_value;
    }
}

static maxent_error run(mx_task *task, work *job)
{
    if (job->gradient != NULL && task->lanes > 1 && task->partial == NULL) {
        task->partial = mx_alloc(task->lanes - 1, task->P * sizeof *task->partial);
        if (task->partial == NULL)
            return MAXENT_ERROR_MEMORY;
    }
    const int workers = mx_workers(task->threads, task->lanes);
    const long lanes = (long)task->lanes;
    if (workers == 1) {
        for (size_t lane = 0; lane < task->lanes; lane++)
            lane_of(task, lane, job);
    } else {
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers)
        for (long lane = 0; lane < lanes; lane++)
            lane_of(task, (size_t)lane, job);
    }
    for (size_t lane = 1; job->gradient != NULL && lane < task->lanes; lane++)
        for (size_t i = 0; i < task->P; i++)
            job->gradient[i] += task->partial[(lane - 1) * task->P + i];
    task->products += job->gradient != NULL ? 2 : 1;
    return MAXENT_OK;
}

maxent_error mx_task_pass(mx_task *task, const double *w, double *loss, double *gradient, mx_dual_point *dual, float *p)
{
    double part[16], dual_part[16];
    work job = {.w = w, .gradient = gradient, .dual = dual, .p = p, .loss = part, .dual_value = dual_part};
    maxent_error error = run(task, &job);
    if (error != MAXENT_OK)
        return error;
    double sum = 0, dual_sum = 0;
    for (size_t lane = 0; lane < task->lanes; lane++) {
        sum += part[lane];
        dual_sum += dual_part[lane];
    }
    *loss = sum;
    if (dual != NULL)
        dual->value = dual_sum;
    return MAXENT_OK;
}

maxent_error mx_task_curve(mx_task *task, const float *p, const double *v, double *out)
{
    work job = {.v = v, .gradient = out, .p = (float *)(uintptr_t)p};
    return run(task, &job);
}

maxent_error mx_task_separates(mx_task *task, const double *d, double tolerance, size_t *separated)
{
    const mx_products *products = mx_products_get();
    const size_t V = task->V, C = task->C, bias = task->m * V;
    double *Z = task->space, *s = Z + BLOCK * V;
    double largest = 0;
    size_t count = 0;
    int against = 0;
    for (int turn = 0; turn < 2 && !against; turn++) /* the scale, then the judgement */
        for (size_t first = 0; first < task->n; first += BLOCK) {
            size_t end = first + BLOCK < task->n ? first + BLOCK : task->n;
            products->scores(task->events, first, end, d, V, V, Z);
            for (size_t e = first; e < end; e++) {
                mx_targets t;
                mx_event_targets(task->events, e, &t);
                s[0] = 0;
                for (size_t v = 0; v < V; v++)
                    s[v + (V == 1)] = Z[(e - first) * V + v] + (task->intercept ? d[bias + v] : 0.0);
                double low = INFINITY, high = -INFINITY, top = -INFINITY, bottom = INFINITY;
                for (size_t k = 0; k < t.count; k++)
                    if (t.weight[k] > 0) {
                        low = fmin(low, s[t.target[k]]);
                        high = fmax(high, s[t.target[k]]);
                    }
                for (size_t c = 0; c < C; c++) {
                    top = fmax(top, s[c]);
                    bottom = fmin(bottom, s[c]);
                }
                if (high == -INFINITY)
                    continue; /* an event without weight */
                if (turn == 0) {
                    largest = fmax(largest, top - bottom);
                } else {
                    against |= !(top - low <= tolerance * largest); /* another class gains on one that the event has */
                    count += low - bottom > 1e3 * tolerance * largest;
                }
            }
        }
    task->products += 2;
    *separated = against || !(largest > 0) ? 0 : count;
    return MAXENT_OK;
}
