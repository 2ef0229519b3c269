/* Fitting by dual coordinate ascent (ascent.h): the order of visits, events that have come to rest, the intercept, the certificate.
 *
 * Order: a new random permutation of groups of 16 neighbouring events in every pass. Neighbours are nearby in memory, and in running text
 * share features: a third less time than single events, in as many passes (part-of-speech tagging, l2 = 1).
 *
 * One thread: a pass over two halves of the events at once, each on weights of its own whose changes are then added, diverges or takes five
 * times as many passes unless each counts its own changes double (CoCoA+ [1]), and then 1.4 to 1.5 times as many to 1e-3 and 1.15 to 1.35
 * times to 1e-6 (tagging l2 = 10, digits l2 = 10 and 100), whether the halves are put together once a pass or every thousand events. Two
 * threads would save a third of the wall clock; one, which has to make the same bits, would lose that. Certificates run on all.
 *
 * Rest: an event whose part of the gap was below the average several times in a row is visited every second, fourth, then eighth pass:
 * 14 visits an event instead of 41 to a gap of 1e-6 on the same data.
 *
 * Intercept without penalty: its dual constraint sum_e w_e (alpha_e - y_e) = 0 is met by the method of multipliers: a strength
 * 1/bias_inverse around a centre that moves after every pass to where the intercept is. A point that nearly meets the constraint is
 * repaired for the certificate by moving probability between classes: what class c has too much of, A_c - Y_c > 0, is taken off in
 * proportion to alpha_ec, and shared out over the classes that have too little.
 *
 * Certificate: P - D(alpha) in double precision (certificate.c), P at W(alpha), or at W where alpha was repaired. It is computed when the
 * estimate that a pass gives for nothing, sum_e w_e KL(alpha_e || p_e), comes below the tolerance.
 *
 * The end of single precision: where the estimate falls no more, W is made afresh from alpha (rounding adds up in it, and alpha follows),
 * and the certificate tells whether that helped. When it has not several times, or values are so large beside the penalty that a number is
 * none, what there is is handed back as it is, and fit.c goes on with another method.
 *
 * [1] V. Smith et al., CoCoA: a general framework for communication-efficient distributed optimization, JMLR 18 (2018) 230.
 */
#include "model/fit/ascent.h"
#include "model/fit/task.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define GROUP 16
#define ITERATIONS 5000
#define SETTLE 8 /* passes */

typedef struct dual {
    mx_task *task;
    mx_ascent a;
    double *center;       /* [lanes] the intercept's centre */
    float *rows;          /* where W is */
    float *weight, *score;
    float *inverses;
    uint32_t *visit, *group;
    double *slope;        /* [V] of the last certificate: sum_e w_e (alpha_e - y_e) */
    double *shrink, *share;
    double *count;        /* [C] weight of the events of each class */
    uint64_t random;
} dual;

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void end(dual *d)
{
    mx_free(d->rows);
    mx_free(d->a.bias);
    mx_free(d->a.alpha);
    mx_free(d->a.two);
    mx_free(d->a.q);
    mx_free(d->a.calm);
    mx_free(d->center);
    mx_free(d->weight);
    mx_free(d->score);
    mx_free(d->inverses);
    mx_free(d->visit);
    mx_free(d->group);
    mx_free(d->slope);
    mx_free(d->shrink);
}

/* q_e and the strength of the intercept. */
static void measure(dual *d)
{
    const mx_task *task = d->task;
    const maxent_events *events = task->events;
    double all = 0, count = 0, square[256];
    for (size_t i = 0; events->code != NULL && i < 256; i++)
        square[i] = events->level[i] * events->level[i];
    for (size_t e = 0; e < task->n; e++) {
        double part[4] = {0};
        const size_t first = events->row[e], end = events->row[e + 1];
        if (task->l2 == NULL && events->value == NULL) {
            size_t i = first;
            for (; events->code != NULL && i + 4 <= end; i += 4)
                for (size_t u = 0; u < 4; u++)
                    part[u] += square[events->code[i + u]];
            for (; events->code != NULL && i < end; i++)
                part[0] += square[events->code[i]];
            part[0] += events->code == NULL ? (double)(end - first) : 0.0;
            for (size_t u = 0; u < 4; u++)
                part[u] /= task->l2_all;
        } else {
            for (size_t i = first; i < end; i++) {
                double x = mx_event_value(events, i);
                part[0] += x * x / mx_task_l2(task, events->index[i]);
            }
        }
        const double sum = (part[0] + part[1]) + (part[2] + part[3]);
        all += sum;
        count += (double)(events->row[e + 1] - events->row[e]);
        d->a.q[e] = (float)sum;
    }
    if (task->intercept)
        d->a.bias_inverse = (float)(task->l2_bias > 0 ? 1 / task->l2_bias : all > 0 ? all / count : 1.0);
    for (size_t e = 0; e < task->n; e++) {
        double q = ((double)d->a.q[e] + (double)d->a.bias_inverse) * (task->weight == NULL ? 1.0 : task->weight[e]);
        d->a.q[e] = (float)fmin(fmax(q, 1e-20), 1e20);
    }
}

static int begin(dual *d, mx_task *task)
{
    const size_t n = task->n, m = task->m, C = task->C;
    *d = (dual){.task = task, .random = task->options->seed};
    mx_ascent *a = &d->a;
    a->events = task->events;
    a->lanes = C == 2 ? 1 : (C - 1 + 15) / 16 * 16;
    a->inverse = (float)(1 / task->l2_all);
    for (size_t i = 0; task->events->code != NULL && i < 256; i++)
        a->level[i] = (float)task->events->level[i];
    size_t groups = (n + GROUP - 1) / GROUP;
    d->rows = mx_zalloc(m * a->lanes + 16, sizeof *d->rows); /* zeros of the system's own: rows not visited take no memory */
    a->W = d->rows == NULL ? NULL : (float *)(((uintptr_t)d->rows + 63) & ~(uintptr_t)63);
    a->bias = mx_zalloc(a->lanes, sizeof *a->bias);
    a->q = mx_alloc(n, sizeof *a->q);
    a->calm = mx_zalloc(n, 1);
    d->center = mx_zalloc(a->lanes, sizeof *d->center);
    d->visit = mx_alloc(n, sizeof *d->visit);
    d->group = mx_alloc(groups, sizeof *d->group);
    d->slope = mx_zalloc(task->V, sizeof *d->slope);
    d->shrink = mx_zalloc(3 * C, sizeof *d->shrink);
    if (C == 2)
        a->two = mx_alloc(n, sizeof *a->two);
    else
        a->alpha = mx_zalloc(n, C * sizeof *a->alpha);
    int ok = a->W != NULL && a->bias != NULL && a->q != NULL && a->calm != NULL && d->center != NULL && d->visit != NULL &&
             d->group != NULL && d->slope != NULL && d->shrink != NULL && (a->two != NULL || a->alpha != NULL);
    if (ok && task->weight != NULL) {
        a->weight = d->weight = mx_alloc(n, sizeof *d->weight);
        ok = d->weight != NULL;
        for (size_t e = 0; ok && e < n; e++)
            d->weight[e] = (float)task->weight[e];
    }
    if (ok && task->base != NULL) {
        a->score = d->score = mx_alloc(n, C * sizeof *d->score);
        ok = d->score != NULL;
        for (size_t i = 0; ok && i < n * C; i++)
            d->score[i] = (float)task->base[i];
    }
    if (ok && task->l2 != NULL) {
        a->inverses = d->inverses = mx_alloc(m, sizeof *d->inverses);
        ok = d->inverses != NULL;
        for (size_t j = 0; ok && j < m; j++)
            d->inverses[j] = (float)(1 / task->l2[j]);
    }
    if (!ok)
        return 0;
    d->share = d->shrink + C;
    d->count = d->share + C;
    measure(d);
    for (size_t g = 0; g < groups; g++)
        d->group[g] = (uint32_t)g;
    return 1;
}

/* alpha := y: then W = 0. */
static void start_at_labels(dual *d)
{
    const mx_task *task = d->task;
    const size_t C = task->C;
    for (size_t e = 0; e < task->n; e++) {
        mx_targets t;
        double sum = 0, one = 0;
        mx_event_targets(task->events, e, &t);
        for (size_t k = 0; k < t.count; k++) {
            sum += t.weight[k];
            d->count[t.target[k]] += t.weight[k];
        }
        for (size_t k = 0; k < t.count; k++) {
            double share = sum > 0 ? t.weight[k] / sum : 0;
            if (C == 2)
                one += t.target[k] == 1 ? share : 0.0;
            else
                d->a.alpha[e * C + t.target[k]] = (float)share;
        }
        if (C == 2)
            d->a.two[e] = one;
        else if (!(sum > 0))
            for (size_t c = 0; c < C; c++)
                d->a.alpha[e * C + c] = 1.0f / (float)C;
    }
}

/* W := W(alpha), which is w, and the intercepts that belong to the last certificate. */
static void refresh(dual *d, const double *w)
{
    const mx_task *task = d->task;
    const size_t V = task->V, lanes = d->a.lanes, kept = V == 1 ? 1 : V - 1;
    for (size_t j = 0; j < task->m; j++)
        for (size_t v = 0; v < kept; v++)
            d->a.W[j * lanes + v] = (float)w[j * V + v];
    for (size_t v = 0; task->intercept && v < kept; v++)
        d->a.bias[v] = (float)(d->center[v] - d->slope[v] * (double)d->a.bias_inverse);
}

/* alpha := y + s (p - y), p at the weights found->w and s in [0, 1] such that W(alpha) is nearest to them; then W := W(alpha). */
static maxent_error start_at_weights(dual *d, mx_found *found)
{
    mx_task *task = d->task;
    const size_t C = task->C, V = task->V, kept = V == 1 ? 1 : V - 1;
    double loss, along = 0, square = 0;
    float *p = mx_alloc(task->n, C * sizeof *p);
    double *gradient = mx_alloc(task->P, sizeof *gradient);
    maxent_error error = p == NULL || gradient == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK)
        error = mx_task_pass(task, found->w, &loss, gradient, NULL, p);
    if (error != MAXENT_OK)
        goto done;
    for (size_t i = 0; i < task->P; i++) {
        double l2 = mx_task_l2(task, i / V);
        along -= l2 > 0 ? gradient[i] * found->w[i] : 0.0;
        square += l2 > 0 ? gradient[i] * gradient[i] / l2 : 0.0;
    }
    const double s = square > 0 ? fmin(fmax(along / square, 0.0), 1.0) : 1.0;
    for (size_t i = 0; i < task->n * C; i++)
        if (C > 2)
            d->a.alpha[i] += (float)s * (p[i] - d->a.alpha[i]);
        else if (i % 2 == 1)
            d->a.two[i / 2] += s * ((double)p[i] - d->a.two[i / 2]);
    for (size_t v = 0; task->intercept && v < V; v++)
        d->slope[v] = s * gradient[task->m * V + v];
    for (size_t v = 0; task->intercept && !(task->l2_bias > 0) && v < kept; v++) {
        double mean = 0; /* the last vector is minus the sum of the others */
        for (size_t u = 0; V > 1 && u < V; u++)
            mean += found->w[task->m * V + u] / (double)V;
        d->center[v] = found->w[task->m * V + v] - mean;
    }
    for (size_t i = 0; i < task->m * V; i++)
        found->w[i] = -s * gradient[i] / mx_task_l2(task, i / V);
    refresh(d, found->w);
done:
    mx_free(p);
    mx_free(gradient);
    return error;
}

/* The intercepts afresh: centre + sum_e w_e (y_e - alpha_e) / strength. Their rounding would move the centre in every pass, and alpha after
 * it: in a thousand passes by more than the gap. */
static void settle_intercepts(dual *d)
{
    const mx_task *task = d->task;
    const size_t C = task->C, kept = task->V == 1 ? 1 : C - 1;
    double *sum = d->shrink;
    memset(sum, 0, C * sizeof *sum);
    for (size_t e = 0; e < task->n; e++) {
        const double w = task->weight == NULL ? 1.0 : task->weight[e];
        if (C == 2)
            sum[0] += w * d->a.two[e];
        for (size_t v = 0; C > 2 && v < kept; v++)
            sum[v] += w * (double)d->a.alpha[e * C + v];
    }
    for (size_t v = 0; v < kept; v++)
        d->a.bias[v] = (float)(d->center[v] + (double)d->a.bias_inverse * (d->count[C == 2 ? 1 : v] - sum[v]));
}

/* centre += s / max(strength, n_c (1 - n_c / n)), s = sum_e w_e (y_e - alpha_e) = strength (intercept - centre), which holds for the
 * intercept afterwards too. The second is above the curvature at the optimum: rare classes take Newton's step, no class takes more. */
static void move_center(dual *d)
{
    const mx_task *task = d->task;
    const size_t C = task->C, kept = task->V == 1 ? 1 : C - 1;
    double *step = d->shrink, rest = 0, mean = 0;
    for (size_t v = 0; v < C; v++) {
        double s = 0;
        if (v < kept) {
            s = ((double)d->a.bias[v] - d->center[v]) / (double)d->a.bias_inverse;
            rest -= s;
        } else if (task->V > 1) {
            s = rest;
        }
        double count = d->count[task->V == 1 ? 1 : v], most = count * (1 - count / task->total);
        step[v] = s * fmax((double)d->a.bias_inverse, 1 / fmax(most, 0.5));
        mean += step[v] / (double)C;
    }
    for (size_t v = 0; v < kept; v++) {
        double move = step[v] - (task->V > 1 ? mean : 0.0);
        d->center[v] += move;
        d->a.bias[v] = (float)((double)d->a.bias[v] + move);
    }
}

/* How to move probability so that sum_e w_e (alpha_e - y_e) = 0. Returns 0 when it cannot be done. */
static int repair(dual *d, mx_dual_point *point)
{
    const mx_task *task = d->task;
    const size_t C = task->C;
    double *have = d->shrink, *want = d->share, excess = 0, *row = mx_alloc(C, sizeof *row);
    if (row == NULL)
        return 0;
    memset(have, 0, 2 * C * sizeof *have);
    for (size_t e = 0; e < task->n; e++) {
        const double w = task->weight == NULL ? 1.0 : task->weight[e];
        mx_targets t;
        mx_event_targets(task->events, e, &t);
        mx_dual_row(task, point, e, row);
        for (size_t c = 0; c < C; c++)
            have[c] += w * row[c];
        for (size_t k = 0; k < t.count; k++)
            want[t.target[k]] += t.weight[k];
    }
    mx_free(row);
    for (size_t c = 0; c < C; c++)
        excess += fmax(have[c] - want[c], 0.0);
    for (size_t c = 0; c < C; c++) {
        double over = have[c] - want[c];
        d->shrink[c] = over > 0 ? over / have[c] : 0.0;
        d->share[c] = over < 0 && excess > 0 ? -over / excess : 0.0;
    }
    point->shrink = d->shrink;
    point->share = d->share;
    return 1;
}

/* alpha := the repaired point of the last certificate, and w := W(alpha). */
static maxent_error adopt(dual *d, double *w)
{
    const size_t C = d->task->C;
    mx_dual_point point = {.alpha = d->a.alpha, .two = d->a.two};
    double *row = mx_alloc(C, sizeof *row);
    if (row == NULL || !repair(d, &point)) {
        mx_free(row);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t e = 0; e < d->task->n; e++) {
        mx_dual_row(d->task, &point, e, row);
        for (size_t c = 0; C > 2 && c < C; c++)
            d->a.alpha[e * C + c] = (float)row[c];
        if (C == 2)
            d->a.two[e] = row[1];
    }
    mx_free(row);
    double dual_value, penalty;
    mx_dual_point repaired = {.alpha = d->a.alpha, .two = d->a.two};
    return mx_task_dual(d->task, &repaired, w, d->slope, &dual_value, &penalty);
}

/* The intercepts in doubles; the last is minus the sum of the others. */
static void set_intercepts(const dual *d, double *w)
{
    const mx_task *task = d->task;
    const size_t V = task->V, kept = V == 1 ? 1 : V - 1;
    double rest = 0;
    for (size_t v = 0; task->intercept && v < V; v++) {
        double value = v < kept ? (double)d->a.bias[v] : rest;
        rest -= value;
        w[task->m * V + v] = value;
    }
}

/* w := the W of the ascent. The intercepts go with that; those of a repaired point, though next to it, have a greater loss. */
static void widen(const dual *d, double *w)
{
    const size_t V = d->task->V, kept = V == 1 ? 1 : V - 1;
    for (size_t j = 0; j < d->task->m; j++) {
        double rest = 0;
        for (size_t v = 0; v < kept; v++)
            rest -= w[j * V + v] = (double)d->a.W[j * d->a.lanes + v];
        if (V > 1)
            w[j * V + kept] = rest;
    }
}

static maxent_error certify(dual *d, mx_found *found)
{
    mx_task *task = d->task;
    const size_t V = task->V;
    mx_dual_point point = {.alpha = d->a.alpha, .two = d->a.two};
    const int free_bias = task->intercept && !(task->l2_bias > 0);
    if (free_bias && !repair(d, &point))
        return MAXENT_ERROR_MEMORY;
    double dual_value, penalty;
    set_intercepts(d, found->w);
    maxent_error error = mx_task_dual(task, &point, found->w, d->slope, &dual_value, &penalty);
    if (error != MAXENT_OK)
        return error;
    if (free_bias)
        widen(d, found->w);
    error = mx_task_primal(task, found->w, &found->loss);
    if (error != MAXENT_OK)
        return error;
    found->objective = found->loss + (free_bias ? mx_task_penalty(task, found->w, NULL) : penalty);
    found->gap = found->objective - dual_value;
    found->gradient = 0;
    for (size_t v = 0; task->intercept && v < V; v++) /* of the others it is 0 by the choice of w */
        found->gradient = fmax(found->gradient, fabs(d->slope[v] + task->l2_bias * found->w[task->m * V + v]));
    return MAXENT_OK;
}

/* The events of a pass, in random order. */
static size_t order(dual *d, size_t pass)
{
    const size_t n = d->task->n, groups = (n + GROUP - 1) / GROUP;
    size_t count = 0;
    for (size_t i = groups; i > 1; i--) {
        size_t k = (size_t)((next_random(&d->random) >> 32) * i >> 32);
        uint32_t swap = d->group[i - 1];
        d->group[i - 1] = d->group[k];
        d->group[k] = swap;
    }
    for (size_t g = 0; g < groups; g++) {
        size_t first = (size_t)d->group[g] * GROUP, last = first + GROUP < n ? first + GROUP : n;
        for (size_t e = first; e < last; e++) {
            unsigned calm = d->a.calm[e];
            size_t every = calm < 2 ? 1 : calm < 4 ? 2 : calm < 8 ? 4 : 8;
            if (((e + pass) & (every - 1)) == 0)
                d->visit[count++] = (uint32_t)e;
        }
    }
    return count;
}

/* The weights that it began with, `first` or 0, when they are better than what was found, or that is not a number. */
static maxent_error no_worse_than_before(mx_task *task, const double *first, mx_found *found)
{
    const double proved = found->objective - found->gap;
    double loss, *w = mx_zalloc(task->P, sizeof *w);
    if (w == NULL)
        return MAXENT_ERROR_MEMORY;
    if (first != NULL)
        memcpy(w, first, task->P * sizeof *w);
    maxent_error error = mx_task_primal(task, w, &loss);
    const double objective = loss + (first != NULL ? mx_task_penalty(task, w, NULL) : 0.0);
    if (error == MAXENT_OK && !(found->objective <= objective)) {
        memcpy(found->w, w, task->P * sizeof *w);
        found->objective = objective;
        found->loss = loss;
        found->gap = objective - (proved > 0 ? proved : 0.0); /* alpha = y is a point of the dual of value 0 at least */
    }
    mx_free(w);
    return error;
}

maxent_error mx_fit_dual(mx_task *task, mx_found *found)
{
    const mx_ascent_kernels *kernels = mx_ascent_kernels_get();
    const maxent_fit_options *options = task->options;
    const size_t n = task->n;
    const int free_bias = task->intercept && !(task->l2_bias > 0);
    dual d;
    maxent_error error = MAXENT_ERROR_MEMORY;
    found->verdict = MAXENT_UNFINISHED;
    found->gap = INFINITY;
    found->objective = NAN;
    double *first = found->warm ? mx_alloc(task->P, sizeof *first) : NULL;
    if (!begin(&d, task) || (found->warm && first == NULL))
        goto done;
    start_at_labels(&d);
    if (found->warm) {
        memcpy(first, found->w, task->P * sizeof *first);
        error = start_at_weights(&d, found);
        if (error != MAXENT_OK)
            goto done;
    }

    const size_t most = options->max_iterations > 0 ? options->max_iterations : ITERATIONS;
    double estimate = task->total * log((double)task->C), scale = estimate, reported = 0;
    double least = estimate, before = INFINITY; /* the least estimate; the gap where it fell no more the last time */
    size_t certified = 0, next = 0, vain = 0, fallen = 0, stalls = 0;
    for (size_t pass = 1; pass <= most; pass++) {
        d.a.small = (float)(estimate / (double)n);
        size_t count = order(&d, pass);
        estimate = kernels->pass(&d.a, d.visit, count);
        if (!(estimate < INFINITY)) { /* beyond single precision */
            found->stuck = 1;
            break;
        }
        task->products += 2 * (double)count / (double)n;
        found->iterations = pass;
        if (free_bias && pass % SETTLE == 0)
            settle_intercepts(&d);
        if (free_bias)
            move_center(&d);
        if (estimate < 0.9 * least) {
            least = estimate;
            fallen = pass;
        }
        const int ready = estimate <= 0.7 * options->tolerance * scale && pass >= next;
        const int stuck = pass - fallen > (before < INFINITY ? 8 : 30 + fallen / 2);
        int watch = options->progress != NULL && mx_task_seconds(task) - reported >= 0.5;
        if (ready || stuck || watch || pass == most) { /* what somebody watches says nothing of when it ends: the clock would decide */
            error = certify(&d, found);
            if (error != MAXENT_OK)
                goto done;
            certified = pass;
            if ((ready || stuck || pass == most) && found->gap <= options->tolerance * found->objective) {
                found->verdict = MAXENT_SOLVED;
                break;
            }
            if (stuck) { /* slow, or rounding has led W astray, and does so again: then at what single precision gives */
                const int astray = estimate < 0.3 * found->gap;
                stalls += astray && !(found->gap < 0.5 * before);
                found->stuck = stalls > 3;
                if (found->stuck)
                    break;
                before = astray ? found->gap : INFINITY;
                least = INFINITY;
            }
            if (ready || stuck) {
                scale = found->objective;
                if (stuck || estimate < 0.3 * found->gap) { /* rounding has led W astray */
                    error = free_bias ? adopt(&d, found->w) : MAXENT_OK;
                    if (error != MAXENT_OK)
                        goto done;
                    refresh(&d, found->w);
                    certified = free_bias ? 0 : certified; /* found->w is another */
                }
                next = pass + 1 + pass / 16;
                vain += (size_t)ready;
                found->stuck = vain > 40;
                if (found->stuck)
                    break;
            }
        }
        if (watch || pass == 1) {
            reported = mx_task_seconds(task);
            if (mx_task_report(task, pass, found->objective, fmin(found->gap, estimate * 2), certified == pass ? found->w : NULL))
                break;
        } else if (options->time_limit > 0 && mx_task_seconds(task) >= options->time_limit) {
            break;
        }
    }
    if (found->verdict != MAXENT_SOLVED && certified != found->iterations)
        error = certify(&d, found);
    else
        error = MAXENT_OK;
    found->stuck |= found->verdict != MAXENT_SOLVED && found->iterations == most && options->max_iterations == 0;
    if (error == MAXENT_OK && found->verdict != MAXENT_SOLVED)
        error = no_worse_than_before(task, first, found);
done:
    mx_free(first);
    end(&d);
    return error;
}
