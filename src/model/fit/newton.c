/* Newton's method with the Hessian formed: for few weights, to the limit of double precision.
 *
 *     H = sum_e w_e x_e x_e' (x) (diag p_e - p_e p_e') + diag l2,        step = -H^-1 g,        decrement = g' H^-1 g
 *
 * Half the decrement is the gap of the quadratic model. When every weight is penalised, the probabilities are a point of the dual and
 * certify  objective - optimum <= sum_j |g_j|^2 / (2 l2_j)  [1].
 *
 * With three classes or more, a feature without penalty leaves H singular: the same number added to all its weights changes nothing.
 * kappa 1 1' on its block takes that direction out; the gradient has no part in it. Other null spaces (collinear features) are left
 * out by the pivots of the factor.
 *
 * Separable data: along a direction that separates, the loss falls like e^-t and Newton's steps have length 1 in t, while everything
 * else converges: the steps turn into that direction, which a pass over the events then confirms.
 *
 * [1] S. Shalev-Shwartz, T. Zhang, Stochastic dual coordinate ascent methods for regularized loss minimization, JMLR 14 (2013) 567.
 */
#include "model/fit/newton.h"
#include "model/fit/products.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define ITERATIONS 500
#define POLISH 1e6 /* multiply-adds of a Hessian up to which the last digits are cheaper than a thought whether they are wanted */

/* D[V][V] = w (diag p - p p') for event e; from the probabilities in single precision when they are given. */
static void curvature(const mx_task *task, size_t e, const double *w, const float *p, double *D)
{
    const size_t V = task->V, C = task->C, bias = task->m * V;
    const double weight = task->weight == NULL ? 1.0 : task->weight[e];
    double *z = D + V * V, *s = z + V;
    if (p != NULL) {
        for (size_t c = 0; c < C; c++)
            s[c] = (double)p[e * C + c];
    } else {
        mx_products_get()->scores(task->events, e, e + 1, w, V, V, z);
        s[0] = 0;
        for (size_t v = 0; v < V; v++)
            s[v + (V == 1)] = z[v] + (task->intercept ? w[bias + v] : 0.0);
        for (size_t c = 0; task->base != NULL && c < C; c++)
            s[c] += task->base[e * C + c];
        (void)mx_log_softmax(C, s);
        for (size_t c = 0; c < C; c++)
            s[c] = exp(s[c]);
    }
    if (V == 1)
        D[0] = weight * s[0] * s[1];
    for (size_t u = 0; V > 1 && u < V; u++) {
        double rest = 0; /* 1 - s_u, with all its digits */
        for (size_t v = 0; v < V; v++) {
            rest += u == v ? 0.0 : s[v];
            D[u * V + v] = -weight * s[u] * s[v];
        }
        D[u * V + u] = weight * s[u] * rest;
    }
}

/* H += x_e x_e' D with one vector. */
static void add_one(const mx_task *task, size_t e, double D, double *H)
{
    const maxent_events *events = task->events;
    const size_t P = task->P, first = events->row[e], end = events->row[e + 1];
    const int ones = events->value == NULL && events->code == NULL;
    for (size_t a = first; a < end + (size_t)task->intercept; a++) {
        double *row = H + (a < end ? events->index[a] : task->m) * P;
        double x = D * (a < end ? mx_event_value(events, a) : 1.0);
        size_t last = a < end ? a + 1 : end;
        if (ones)
            for (size_t b = first; b < last; b++)
                row[events->index[b]] += x;
        else
            for (size_t b = first; b < last; b++)
                row[events->index[b]] += x * mx_event_value(events, b);
        if (a == end)
            row[task->m] += x;
    }
}

maxent_error mx_task_hessian(mx_task *task, const double *w, const float *p, double *H)
{
    const maxent_events *events = task->events;
    const size_t V = task->V, P = task->P;
    double *D = mx_alloc(V * V + V + task->C, sizeof *D);
    if (D == NULL)
        return MAXENT_ERROR_MEMORY;
    memset(H, 0, P * P * sizeof *H);
    for (size_t e = 0; e < task->n; e++) {
        curvature(task, e, w, p, D);
        if (V == 1) {
            add_one(task, e, D[0], H);
            continue;
        }
        const size_t first = events->row[e], count = events->row[e + 1] - first, all = count + (size_t)task->intercept;
        for (size_t a = 0; a < all; a++) {
            size_t ja = a < count ? events->index[first + a] : task->m;
            double xa = a < count ? mx_event_value(events, first + a) : 1.0;
            for (size_t b = 0; b <= a; b++) {
                size_t jb = b < count ? events->index[first + b] : task->m;
                double x = xa * (b < count ? mx_event_value(events, first + b) : 1.0);
                for (size_t u = 0; u < V; u++) {
                    double *row = H + (ja * V + u) * P + jb * V;
                    size_t most = a == b ? u + 1 : V;
                    for (size_t v = 0; v < most; v++)
                        row[v] += x * D[u * V + v];
                }
            }
        }
    }
    for (size_t i = 0; i < P; i++)
        H[i * P + i] += mx_task_l2(task, i / V);
    task->products += 1;
    mx_free(D);
    return MAXENT_OK;
}

double mx_task_hessian_work(const mx_task *task)
{
    double work = (double)task->P * (double)task->P * (double)task->P / 3;
    for (size_t e = 0; e < task->n; e++) {
        double k = (double)(task->events->row[e + 1] - task->events->row[e]) + task->intercept;
        work += 0.5 * k * (k + 1) * (double)(task->V * task->V);
    }
    return work;
}

void mx_task_pin(const mx_task *task, double *H, double *kappa)
{
    const size_t V = task->V, P = task->P;
    for (size_t j = 0; j * V < P; j++) {
        double mean = 0;
        kappa[j] = 0;
        if (V == 1 || mx_task_l2(task, j) > 0)
            continue;
        for (size_t v = 0; v < V; v++)
            mean += H[(j * V + v) * P + j * V + v] / (double)V;
        kappa[j] = mean;
        for (size_t u = 0; u < V; u++)
            for (size_t v = 0; v <= u; v++)
                H[(j * V + u) * P + j * V + v] += mean;
    }
}

/* Half of sum_j |g_j|^2 / l2_j; infinite when something is not penalised. */
static double certificate(const mx_task *task, const double *g)
{
    const size_t V = task->V;
    double sum = 0;
    for (size_t i = 0; i < task->P; i++) {
        double l2 = mx_task_l2(task, i / V);
        if (!(l2 > 0))
            return INFINITY;
        sum += 0.5 * g[i] * g[i] / l2;
    }
    return sum;
}

/* d := -H^-1 g with what the pivots left out at 0; H is spoiled. Returns the decrement, or NaN. */
static double solve(size_t P, double *H, const double *g, double *d, size_t *order, double *b, double *space, int threads)
{
    size_t rank;
    if (mx_cholesky_pivoted(P, H, P, 1e-13, threads, order, &rank, space) != 0)
        return NAN;
    for (size_t i = 0; i < rank; i++)
        b[i] = -g[order[i]];
    mx_cholesky_solve(rank, H, P, b);
    memset(d, 0, P * sizeof *d);
    double decrement = 0;
    for (size_t i = 0; i < rank; i++) {
        d[order[i]] = b[i];
        decrement -= g[order[i]] * b[i];
    }
    return decrement;
}

maxent_error mx_fit_newton(mx_task *task, mx_found *found)
{
    const size_t P = task->P;
    maxent_error error = MAXENT_ERROR_MEMORY;
    double *w = found->w, decrement = INFINITY, last = INFINITY;
    double *H = mx_alloc(P, P * sizeof *H), *vectors = mx_alloc(5 * P + task->m + 1, sizeof *vectors);
    size_t *order = mx_alloc(P, sizeof *order);
    double *space = mx_alloc_aligned(mx_cholesky_work(P, task->threads), sizeof *space);
    float *p = mx_alloc(task->n, task->C * sizeof *p);
    const int polish = mx_task_hessian_work(task) <= POLISH;
    int done = 0, sure = 0;
    found->verdict = MAXENT_UNFINISHED;
    if (H == NULL || vectors == NULL || order == NULL || space == NULL || p == NULL)
        goto done;
    double *g = vectors, *d = g + P, *trial = d + P, *next = trial + P, *b = next + P, *kappa = b + P;
    double loss, next_loss, penalty, objective;
    int free_somewhere = !isfinite(certificate(task, memset(g, 0, P * sizeof *g)));

    error = mx_task_pass(task, w, &loss, g, NULL, p);
    if (error != MAXENT_OK)
        goto done;
    penalty = mx_task_penalty(task, w, g);
    objective = loss + penalty;
    size_t most = task->options->max_iterations > 0 ? task->options->max_iterations : ITERATIONS;
    for (size_t turn = 0; turn < most && !done; turn++) {
        error = mx_task_hessian(task, w, polish ? NULL : p, H);
        if (error != MAXENT_OK)
            goto done;
        mx_task_pin(task, H, kappa);
        decrement = solve(P, H, g, d, order, b, space, task->threads);
        if (!(decrement >= 0)) /* not finite, or rounding alone is left */
            decrement = isnan(decrement) ? INFINITY : 0;

        /* separated? */
        if (free_somewhere && turn >= 3 && decrement > 0.1 * last && !sure) {
            size_t separated;
            for (size_t i = 0; i < P; i++)
                trial[i] = mx_task_l2(task, i / task->V) > 0 ? 0.0 : d[i]; /* what has a penalty does not run away */
            error = mx_task_separates(task, trial, 1e-8, &separated);
            if (error != MAXENT_OK)
                goto done;
            if (separated > 0) {
                sure = 1;
                found->separated = separated;
                found->direction = mx_alloc(P, sizeof *d);
                if (found->direction == NULL) {
                    error = MAXENT_ERROR_MEMORY;
                    goto done;
                }
                memcpy(found->direction, trial, P * sizeof *trial);
            }
        }
        found->gap = free_somewhere ? 0.5 * decrement : certificate(task, g);
        if (sure && (decrement <= fmin(task->options->tolerance, 1e-12) * objective || objective <= 1e-9 * task->total))
            break;
        if (0.5 * decrement <= 1e-22 * objective || decrement == 0 ||
            (0.5 * decrement <= 1e-13 * objective && decrement > 0.1 * last) ||
            (!polish && !sure && found->gap <= task->options->tolerance * objective &&
             0.5 * decrement <= task->options->tolerance * objective)) {
            done = 1;
            break;
        }
        if (mx_task_report(task, turn, objective, found->gap, w))
            break;

        /* w + t d: with a Hessian that overestimates nothing, t = 1 nearly always */
        double t = 1;
        int moved = 0;
        for (int halved = 0; halved < 40 && !moved; halved++, t *= 0.5) {
            for (size_t i = 0; i < P; i++)
                trial[i] = w[i] + t * d[i];
            error = mx_task_pass(task, trial, &next_loss, next, NULL, p);
            if (error != MAXENT_OK)
                goto done;
            penalty = mx_task_penalty(task, trial, next);
            moved = next_loss + penalty <= objective - 1e-4 * t * decrement || 0.5 * decrement <= 1e-11 * objective;
        }
        if (!moved)
            break; /* no descent left that can be seen */
        memcpy(w, trial, P * sizeof *w);
        memcpy(g, next, P * sizeof *g);
        loss = next_loss;
        objective = loss + penalty;
        last = decrement;
        found->iterations = turn + 1;
    }
    found->loss = loss;
    found->objective = objective;
    found->gradient = mx_task_stationarity(task, w, g);
    found->verdict = sure ? MAXENT_BOUNDARY
                     : done || found->gap <= task->options->tolerance * objective ? MAXENT_SOLVED
                                                                                 : MAXENT_UNFINISHED;
done:
    mx_free(H);
    mx_free(vectors);
    mx_free(order);
    mx_free(space);
    mx_free(p);
    return error;
}

maxent_error mx_task_covariance(mx_task *task, const double *w, double **covariance)
{
    const size_t P = task->P, V = task->V;
    maxent_error error = MAXENT_ERROR_MEMORY;
    double *H = mx_alloc(P, P * sizeof *H), *inverse = mx_alloc(P, P * sizeof *inverse), *packed = NULL;
    double *kappa = mx_alloc(task->m + 1, sizeof *kappa);
    size_t *order = mx_alloc(P, sizeof *order), *place = mx_alloc(P, sizeof *place), rank;
    double *space = mx_alloc_aligned(mx_cholesky_work(P, task->threads), sizeof *space);
    double *more = mx_alloc_aligned(mx_cholesky_inverse_work(P), sizeof *more);
    if (H == NULL || inverse == NULL || kappa == NULL || order == NULL || place == NULL || space == NULL || more == NULL)
        goto done;
    error = mx_task_hessian(task, w, NULL, H);
    if (error != MAXENT_OK)
        goto done;
    packed = mx_alloc(P * (P + 1) / 2 + 1, sizeof *packed);
    if (packed == NULL) {
        error = MAXENT_ERROR_MEMORY;
        goto done;
    }
    mx_task_pin(task, H, kappa);
    if (mx_cholesky_pivoted(P, H, P, 1e-13, task->threads, order, &rank, space) != 0)
        rank = 0;
    mx_cholesky_inverse(rank, H, P, inverse, P, more);
    for (size_t i = 0; i < P; i++)
        place[order[i]] = i;
    for (size_t i = 0; i < P; i++)
        for (size_t k = 0; k <= i; k++) {
            size_t a = rank == 0 ? 1 : place[i], b = rank == 0 ? 1 : place[k];
            double value = a >= rank || b >= rank ? NAN : inverse[a > b ? a * P + b : b * P + a];
            if (i / V == k / V && kappa[i / V] > 0) /* what kappa 1 1' put there */
                value -= 1 / (kappa[i / V] * (double)(V * V));
            packed[i * (i + 1) / 2 + k] = value;
        }
    *covariance = packed;
done:
    mx_free(H);
    mx_free(inverse);
    mx_free(kappa);
    mx_free(order);
    mx_free(place);
    mx_free(space);
    mx_free(more);
    return error;
}
