/* Proximal Newton for penalties with an L1 part: quadratic models of the loss, minimised by coordinate descent on the features that can
 * move [1, 2].
 *
 *     min_d  g.d + (1/2) sum_e w_e u_e' (diag p_e - p_e p_e') u_e + (l2/2)|W + d|^2 + l1 |W + d|_1,      u_e = d' x_e
 *
 * The weights of one feature are updated together: diag p - p p' is the Laplacian of a graph, so that twice its diagonal bounds it,
 * and the bound is separable (with two classes the curvature is exact). A feature is active when a weight of it is not 0 or its
 * gradient exceeds l1. Where the Hessian is small enough to be formed, sweeps cost no product with the data and take its diagonal for
 * the curvature of each weight. Scores Z = W' x are kept, so that a line search costs no product with the data. Columns of the data are read
 * in a copy by features.
 *
 * The gap: alpha = y + s (p - y), with the largest s <= 1 that makes |sum_e w_e (alpha_e - y_e) x_ej| <= l1_j wherever l2_j = 0, is a
 * point of the dual of value
 *
 *     sum_e w_e (H(alpha_e) + (alpha_e - y_e) . o_e) - sum_jv max(|s g_jv| - l1_j, 0)^2 / (2 l2_j)
 *
 * Weights without any penalty (the intercept) ask for g = 0; what is left of it counts as a gap of |g| (1 + |W|), which is an estimate.
 *
 * [1] J. Friedman, T. Hastie, R. Tibshirani, Regularization paths for generalized linear models via coordinate descent,
 *     J. Stat. Softw. 33 (2010) 1.   [2] G.-X. Yuan, C.-H. Ho, C.-J. Lin, An improved GLMNET for L1-regularized logistic regression,
 *     JMLR 13 (2012) 1999.
 */
#include "model/newton.h"
#include "model/products.h"
#include "model/task.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define BLOCK 64
#define ITERATIONS 500
#define SWEEPS 200
#define SMALL 2000        /* weights up to which the Hessian is formed, when that takes half a second at most */
#define SMALL_SWEEPS 5000

typedef struct prox {
    mx_task *task;
    size_t *column;      /* [m + 1] where each feature starts */
    uint32_t *event;     /* [nnz] events that have it, */
    float *value;        /* [nnz] and its values; NULL: 1 */
    double *Z, *u;       /* [n][V] scores without the base; change of them */
    float *p;            /* [n][C] */
    double *mean;        /* [n] sum_c p_c u_c */
    double *g, *d;       /* [P] gradient of loss and L2; the step */
    double *h;           /* [P] bound on the curvature, for active features */
    uint32_t *active;    /* [m + 1] */
    size_t actives;
    double *row;         /* [3 C] */
    double *H;           /* [P][P] the Hessian with L2, when it is small; its slope g + H d is then kept up to date in */
    double *slope;       /* [P] */
} prox;

static void end(prox *x)
{
    mx_free(x->column);
    mx_free(x->event);
    mx_free(x->value);
    mx_free(x->Z);
    mx_free(x->p);
    mx_free(x->mean);
    mx_free(x->g);
    mx_free(x->active);
    mx_free(x->row);
    mx_free(x->H);
    mx_free(x->slope);
}

static int begin(prox *x, mx_task *task)
{
    const maxent_events *events = task->events;
    const size_t n = task->n, m = task->m, nonzeros = events->row[n];
    *x = (prox){.task = task};
    x->column = mx_zalloc(m + 2, sizeof *x->column);
    x->event = mx_alloc(nonzeros, sizeof *x->event);
    x->Z = mx_alloc(2 * n, task->V * sizeof *x->Z);
    x->p = mx_alloc(n, task->C * sizeof *x->p);
    x->mean = mx_alloc(n, sizeof *x->mean);
    x->g = mx_alloc(3, task->P * sizeof *x->g);
    x->active = mx_alloc(m + 1, sizeof *x->active);
    x->row = mx_alloc(3 * task->C, sizeof *x->row);
    const int small = task->P <= SMALL && mx_task_hessian_work(task) <= 5e8;
    if (small) {
        x->H = mx_alloc(task->P, task->P * sizeof *x->H);
        x->slope = mx_alloc(task->P, sizeof *x->slope);
    }
    int valued = events->value != NULL || events->code != NULL;
    if (valued)
        x->value = mx_alloc(nonzeros, sizeof *x->value);
    if (x->column == NULL || x->event == NULL || x->Z == NULL || x->p == NULL || x->mean == NULL || x->g == NULL ||
        x->active == NULL || x->row == NULL || (valued && x->value == NULL) || (small && (x->H == NULL || x->slope == NULL)))
        return 0;
    x->u = x->Z + n * task->V;
    x->d = x->g + task->P;
    x->h = x->d + task->P;
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
    return 1;
}

/* Scores of event e with the base, as log p; returns the loss. */
static double log_p(const prox *x, size_t e, const double *z, double *s)
{
    const mx_task *task = x->task;
    const size_t C = task->C, V = task->V;
    double loss = 0;
    mx_targets t;
    s[0] = 0;
    for (size_t v = 0; v < V; v++)
        s[v + (V == 1)] = z[v];
    for (size_t c = 0; task->base != NULL && c < C; c++)
        s[c] += task->base[e * C + c];
    (void)mx_log_softmax(C, s);
    mx_event_targets(task->events, e, &t);
    for (size_t k = 0; k < t.count; k++)
        if (t.weight[k] > 0)
            loss -= t.weight[k] * s[t.target[k]];
    return loss;
}

/* Loss at Z + t u. */
static double loss_at(const prox *x, double t)
{
    const mx_task *task = x->task;
    double loss = 0, *z = x->row + task->C;
    for (size_t e = 0; e < task->n; e++) {
        for (size_t v = 0; v < task->V; v++)
            z[v] = x->Z[e * task->V + v] + t * x->u[e * task->V + v];
        loss += log_p(x, e, z, x->row);
    }
    return loss;
}

/* Probabilities and the gradient of the loss at Z; returns the loss. */
static double gradient(prox *x)
{
    mx_task *task = x->task;
    const mx_products *products = mx_products_get();
    const size_t C = task->C, V = task->V, bias = task->m * V;
    double loss = 0, *s = x->row;
    memset(x->g, 0, task->P * sizeof *x->g);
    for (size_t first = 0; first < task->n; first += BLOCK) {
        size_t last = first + BLOCK < task->n ? first + BLOCK : task->n;
        double *R = task->space;
        for (size_t e = first; e < last; e++) {
            double *r = R + (e - first) * V, w = task->weight == NULL ? 1.0 : task->weight[e];
            mx_targets t;
            loss += log_p(x, e, x->Z + e * V, s);
            for (size_t c = 0; c < C; c++) {
                s[c] = exp(s[c]);
                x->p[e * C + c] = (float)s[c];
            }
            mx_event_targets(task->events, e, &t);
            for (size_t v = 0; v < V; v++)
                r[v] = w * s[v + (V == 1)];
            for (size_t k = 0; k < t.count; k++)
                if (V > 1)
                    r[t.target[k]] -= t.weight[k];
                else if (t.target[k] == 1)
                    r[0] -= t.weight[k];
            for (size_t v = 0; task->intercept && v < V; v++)
                x->g[bias + v] += r[v];
        }
        products->scatter(task->events, first, last, R, V, x->g);
    }
    task->products += 1;
    return loss;
}

/* objective - D(alpha), given the gradient of the loss alone in x->g. */
static double gap_of(const prox *x, const double *w, double objective)
{
    const mx_task *task = x->task;
    const size_t C = task->C, V = task->V;
    double s = 1, dual = 0, slack = 0, *p = x->row, *a = p + C;
    for (size_t i = 0; i < task->P; i++) {
        double l1 = mx_task_l1(task, i / V), l2 = mx_task_l2(task, i / V), size = fabs(x->g[i]);
        if (!(l2 > 0) && l1 > 0 && size * s > l1)
            s = l1 / size;
    }
    for (size_t i = 0; i < task->P; i++) {
        double l1 = mx_task_l1(task, i / V), l2 = mx_task_l2(task, i / V), over = fmax(s * fabs(x->g[i]) - l1, 0.0);
        if (l2 > 0)
            dual -= over * over / (2 * l2);
        else if (!(l1 > 0))
            slack += fabs(s * x->g[i]) * (1 + fabs(w[i]));
    }
    for (size_t e = 0; e < task->n; e++) {
        const double weight = task->weight == NULL ? 1.0 : task->weight[e];
        mx_targets t;
        if (!(weight > 0))
            continue;
        (void)log_p(x, e, x->Z + e * V, p);
        mx_event_targets(task->events, e, &t);
        for (size_t c = 0; c < C; c++)
            a[c] = s * exp(p[c]);
        for (size_t k = 0; k < t.count; k++)
            a[t.target[k]] += (1 - s) * t.weight[k] / weight;
        for (size_t c = 0; c < C; c++) {
            dual -= a[c] > 0 ? weight * a[c] * log(a[c]) : 0.0;
            dual += task->base != NULL ? weight * a[c] * task->base[e * C + c] : 0.0;
        }
        for (size_t k = 0; task->base != NULL && k < t.count; k++)
            dual -= t.weight[k] * task->base[e * C + t.target[k]];
    }
    return objective - dual + slack;
}

/* Which features can move, and the bounds on their curvature; the intercept always can. */
static void activate(prox *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t V = task->V, C = task->C;
    x->actives = 0;
    for (size_t j = 0; j < task->m + (size_t)task->intercept; j++) {
        const double l1 = mx_task_l1(task, j);
        int moves = j == task->m;
        for (size_t v = 0; v < V; v++)
            moves |= w[j * V + v] != 0 || fabs(x->g[j * V + v]) > l1;
        if (!moves)
            continue;
        x->active[x->actives++] = (uint32_t)j;
        double *h = x->h + j * V;
        for (size_t v = 0; v < V; v++)
            h[v] = 0;
        const size_t count = j == task->m ? task->n : x->column[j + 1] - x->column[j], start = j == task->m ? 0 : x->column[j];
        for (size_t i = 0; i < count; i++) {
            size_t e = j == task->m ? i : x->event[start + i];
            double value = j == task->m || x->value == NULL ? 1.0 : (double)x->value[start + i];
            double square = value * value * (task->weight == NULL ? 1.0 : task->weight[e]) * (V == 1 ? 1.0 : 2.0);
            const float *p = x->p + e * C + (V == 1);
            for (size_t v = 0; v < V; v++)
                h[v] += square * (double)(p[v] * (1 - p[v]));
        }
        for (size_t v = 0; v < V; v++)
            h[v] = fmax(h[v] + mx_task_l2(task, j), 1e-12);
    }
}

/* One sweep over the active features; returns the sum of h times the squares of the changes. */
static double sweep(prox *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t V = task->V, C = task->C;
    double moved = 0, *slope = x->row, *delta = slope + C;
    for (size_t k = 0; k < x->actives; k++) {
        const size_t j = x->active[k];
        const int is_bias = j == task->m;
        const size_t start = is_bias ? 0 : x->column[j], count = is_bias ? task->n : x->column[j + 1] - start;
        const double l1 = mx_task_l1(task, j), l2 = mx_task_l2(task, j);
        const double *h = x->h + j * V;
        double *d = x->d + j * V;
        int any = 0;
        for (size_t v = 0; v < V; v++)
            slope[v] = x->g[j * V + v] + l2 * (w[j * V + v] + d[v]);
        for (size_t i = 0; i < count; i++) {
            const size_t e = is_bias ? i : x->event[start + i];
            const double value = (is_bias || x->value == NULL ? 1.0 : (double)x->value[start + i]) *
                                 (task->weight == NULL ? 1.0 : task->weight[e]);
            const double *u = x->u + e * V;
            if (V == 1) {
                slope[0] += value * (double)(x->p[2 * e] * x->p[2 * e + 1]) * u[0];
                continue;
            }
            const float *p = x->p + e * C;
            const double mean = x->mean[e];
            for (size_t v = 0; v < V; v++)
                slope[v] += value * (double)p[v] * (u[v] - mean);
        }
        for (size_t v = 0; v < V; v++) {
            double at = w[j * V + v] + d[v], to = at - slope[v] / h[v], limit = l1 / h[v];
            to = to > limit ? to - limit : to < -limit ? to + limit : 0.0;
            delta[v] = to - at;
            any |= delta[v] != 0;
            moved += h[v] * delta[v] * delta[v];
        }
        if (!any)
            continue;
        for (size_t v = 0; v < V; v++)
            d[v] += delta[v];
        for (size_t i = 0; i < count; i++) {
            const size_t e = is_bias ? i : x->event[start + i];
            const double value = is_bias || x->value == NULL ? 1.0 : (double)x->value[start + i];
            double *u = x->u + e * V;
            const float *p = x->p + e * C;
            double mean = 0;
            for (size_t v = 0; v < V; v++) {
                u[v] += value * delta[v];
                mean += (double)p[v] * delta[v];
            }
            x->mean[e] += value * mean;
        }
    }
    return moved;
}

/* One sweep with the Hessian at hand: every weight by itself, H_ii its curvature. */
static double small_sweep(prox *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t V = task->V, P = task->P;
    double moved = 0;
    for (size_t k = 0; k < x->actives; k++)
        for (size_t v = 0; v < V; v++) {
            const size_t i = x->active[k] * V + v;
            const double h = fmax(x->H[i * P + i], 1e-12), l1 = mx_task_l1(task, i / V), at = w[i] + x->d[i];
            double to = at - x->slope[i] / h, limit = l1 / h;
            to = to > limit ? to - limit : to < -limit ? to + limit : 0.0;
            const double delta = to - at;
            if (delta == 0)
                continue;
            x->d[i] += delta;
            moved += h * delta * delta;
            for (size_t r = 0; r < P; r++)
                x->slope[r] += delta * x->H[i * P + r];
        }
    return moved;
}

/* The Hessian, both triangles, and the slope at d = 0. */
static maxent_error prepare_small(prox *x, const double *w)
{
    mx_task *task = x->task;
    const size_t P = task->P;
    maxent_error error = mx_task_hessian(task, w, x->p, x->H);
    for (size_t i = 0; error == MAXENT_OK && i < P; i++) {
        for (size_t r = 0; r < i; r++)
            x->H[r * P + i] = x->H[i * P + r];
        x->slope[i] = x->g[i] + mx_task_l2(task, i / task->V) * w[i];
    }
    return error;
}

/* u := X' d for the changed features d, afresh. */
static void change_of_scores(prox *x)
{
    mx_task *task = x->task;
    const mx_products *products = mx_products_get();
    products->scores(task->events, 0, task->n, x->d, task->V, x->u);
    for (size_t e = 0; task->intercept && e < task->n; e++)
        for (size_t v = 0; v < task->V; v++)
            x->u[e * task->V + v] += x->d[task->m * task->V + v];
    task->products += 1;
}

maxent_error mx_fit_proximal(mx_task *task, mx_found *found)
{
    const maxent_fit_options *options = task->options;
    const size_t P = task->P, V = task->V, n = task->n;
    double *w = found->w, loss = 0, objective = 0, accuracy;
    maxent_error error = MAXENT_ERROR_MEMORY;
    prox x;
    found->verdict = MAXENT_UNFINISHED;
    found->gap = INFINITY;
    if (!begin(&x, task))
        goto done;
    error = MAXENT_OK;
    accuracy = x.H != NULL ? 1e-3 : 0.1;
    memcpy(x.d, w, P * sizeof *w);
    change_of_scores(&x);
    memcpy(x.Z, x.u, n * V * sizeof *x.Z);

    const size_t most = options->max_iterations > 0 ? options->max_iterations : ITERATIONS;
    for (size_t turn = 0;; turn++) {
        loss = gradient(&x);
        objective = loss + mx_task_penalty(task, w, NULL);
        double gap = gap_of(&x, w, objective);
        accuracy = gap < 0.5 * found->gap ? accuracy : fmax(0.2 * accuracy, 1e-8); /* the model was not solved well enough */
        found->gap = gap;
        found->iterations = turn;
        if (gap <= options->tolerance * objective) {
            found->verdict = MAXENT_SOLVED;
            break;
        }
        if (mx_task_report(task, turn, objective, gap, w) || turn == most)
            break;
        activate(&x, w);
        memset(x.d, 0, P * sizeof *x.d);
        memset(x.u, 0, n * V * sizeof *x.u);
        memset(x.mean, 0, n * sizeof *x.mean);
        double first = 0;
        if (x.H != NULL) {
            error = prepare_small(&x, w);
            if (error != MAXENT_OK)
                goto done;
        }
        for (int s = 0; s < (x.H != NULL ? SMALL_SWEEPS : SWEEPS); s++) {
            double moved = x.H != NULL ? small_sweep(&x, w) : sweep(&x, w);
            task->products += x.H != NULL ? 0 : 2 * (double)x.actives / (double)(task->m + 1);
            if (s == 0)
                first = moved;
            if (!(moved > accuracy * accuracy * first))
                break;
            if (options->time_limit > 0 && mx_task_seconds(task) >= options->time_limit)
                break;
        }

        if (x.H != NULL)
            change_of_scores(&x);

        /* Armijo on the decrease that the model without its curvature promises */
        double promise = 0, t = 1;
        for (size_t i = 0; i < P; i++)
            if (x.d[i] != 0) {
                double l1 = mx_task_l1(task, i / V), l2 = mx_task_l2(task, i / V);
                promise += (x.g[i] + l2 * w[i]) * x.d[i] + l1 * (fabs(w[i] + x.d[i]) - fabs(w[i]));
            }
        if (!(promise < 0))
            break; /* nothing moves any more */
        int moved = 0;
        double before = objective;
        for (int halved = 0; halved < 40 && !moved; halved++, t *= moved ? 1 : 0.5) {
            for (size_t i = 0; i < P; i++)
                if (x.d[i] != 0)
                    w[i] += t * x.d[i];
            loss = loss_at(&x, t);
            objective = loss + mx_task_penalty(task, w, NULL);
            moved = objective <= before + 1e-4 * t * promise || -promise <= 1e-13 * before;
            if (!moved)
                for (size_t i = 0; i < P; i++)
                    if (x.d[i] != 0)
                        w[i] -= t * x.d[i];
        }
        if (!moved) {
            objective = before;
            break;
        }
        for (size_t i = 0; i < n * V; i++)
            x.Z[i] += t * x.u[i];
        if (turn % 16 == 15) { /* without what rounding has added */
            memcpy(x.d, w, P * sizeof *w);
            change_of_scores(&x);
            memcpy(x.Z, x.u, n * V * sizeof *x.Z);
        }
    }
    found->loss = loss;
    found->objective = objective;
    (void)mx_task_penalty(task, w, x.g);
    found->gradient = mx_task_stationarity(task, w, x.g);
done:
    end(&x);
    return error;
}
