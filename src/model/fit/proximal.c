/* Proximal Newton for penalties with an L1 part: quadratic models of the loss, minimised by coordinate descent on the features that can
 * move [1, 2]. Here where the Hessian is small enough to be formed; proximal_large.c elsewhere.
 *
 *     min_d  g.d + (1/2) sum_e w_e u_e' (diag p_e - p_e p_e') u_e + (l2/2)|W + d|^2 + l1 |W + d|_1,      u_e = d' x_e
 *
 * A feature is active when a weight of it is not 0 or its gradient exceeds l1. Sweeps cost no product with the data; scores Z = W' x are
 * kept, so that the line search costs none either.
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
#include "model/fit/newton.h"
#include "model/fit/products.h"
#include "model/fit/proximal.h"
#include "model/fit/task.h"

#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define BLOCK 64
#define ITERATIONS 500
#define SMALL 2000        /* weights up to which the Hessian is formed, when that takes half a second at most */
#define SMALL_SWEEPS 5000
#define PATIENCE 200      /* sweeps after which the weights that are not 0 are solved for together */

typedef struct prox {
    mx_task *task;
    double *Z, *u;       /* [n][V] scores without the base; change of them */
    float *p;            /* [n][C] probabilities */
    double *g, *d;       /* [P] gradient of the loss; the step */
    uint32_t *active;    /* [m + 1] */
    size_t actives;
    double *row;         /* [6 C] */
    double *H;           /* [P][P] the Hessian with L2; its slope g + H d is kept up to date in */
    double *slope;       /* [P] */
    double *A;           /* [P][P] part of H, its factor; then [P] a step, work space; or NULL: not yet needed */
    uint32_t *support;   /* [P] */
} prox;

static void end(prox *x)
{
    mx_free(x->Z);
    mx_free(x->p);
    mx_free(x->g);
    mx_free(x->active);
    mx_free(x->row);
    mx_free(x->H);
    mx_free(x->slope);
    mx_free(x->A);
    mx_free(x->support);
}

static int begin(prox *x, mx_task *task)
{
    const size_t n = task->n, m = task->m;
    *x = (prox){.task = task};
    x->g = mx_alloc(2, task->P * sizeof *x->g);
    x->active = mx_alloc(m + 1, sizeof *x->active);
    x->row = mx_alloc(6 * task->C, sizeof *x->row);
    x->Z = mx_alloc(2 * n, task->V * sizeof *x->Z);
    x->p = mx_alloc(n, task->C * sizeof *x->p);
    x->H = mx_alloc(task->P, task->P * sizeof *x->H);
    x->slope = mx_alloc(task->P, sizeof *x->slope);
    if (x->Z == NULL || x->p == NULL || x->g == NULL || x->active == NULL || x->row == NULL || x->H == NULL || x->slope == NULL)
        return 0;
    x->u = x->Z + n * task->V;
    x->d = x->g + task->P;
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
        products->scatter(task->events, first, last, R, V, V, x->g);
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

/* Which features can move; the intercept always can. */
static void activate(prox *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t V = task->V;
    x->actives = 0;
    for (size_t j = 0; j < task->m + (size_t)task->intercept; j++) {
        const double l1 = mx_task_l1(task, j);
        int moves = j == task->m;
        for (size_t v = 0; v < V; v++)
            moves |= w[j * V + v] != 0 || fabs(x->g[j * V + v]) > l1;
        if (moves)
            x->active[x->actives++] = (uint32_t)j;
    }
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

/* Minimises the model over the weights that are not 0, as long as they keep their signs: Newton steps, each up to the first weight that
 * becomes 0, which leaves. Where features depend on each other (levels of a column and an intercept) sweeps would creep along the line on
 * which nothing but the L1 part changes. A ridge of 1e-10 of the largest curvature makes that a long step. 0: no memory. */
static int solve_support(prox *x, const double *w)
{
    const mx_task *task = x->task;
    const size_t P = task->P, V = task->V;
    if (x->A == NULL) {
        x->A = mx_alloc_aligned(P * P + P + mx_cholesky_work(P, 1) + 8, sizeof *x->A);
        x->support = mx_alloc(P, sizeof *x->support);
        if (x->A == NULL || x->support == NULL)
            return 0;
    }
    double *step = x->A + P * P, *work = x->A + (P * P + P + 7) / 8 * 8;
    for (size_t turn = 0; turn < 100; turn++) {
        size_t k = 0, blocks = P;
        double largest = 0, reach = 1;
        for (size_t i = 0; i < P; i++)
            if (w[i] + x->d[i] != 0 || !(mx_task_l1(task, i / V) > 0)) {
                x->support[k++] = (uint32_t)i;
                largest = fmax(largest, x->H[i * P + i]);
            }
        for (size_t a = 0; a < k; a++) {
            const size_t i = x->support[a];
            const double at = w[i] + x->d[i];
            for (size_t b = 0; b <= a; b++)
                x->A[a * k + b] = x->H[i * P + x->support[b]];
            x->A[a * k + a] += 1e-10 * largest;
            step[a] = -x->slope[i] - (at > 0 ? mx_task_l1(task, i / V) : at < 0 ? -mx_task_l1(task, i / V) : 0.0);
        }
        if (k == 0 || mx_cholesky(k, x->A, k, 1, work) != 0)
            return 1;
        mx_cholesky_solve(k, x->A, k, step);
        for (size_t a = 0; a < k; a++) {
            const size_t i = x->support[a];
            const double at = w[i] + x->d[i];
            if (mx_task_l1(task, i / V) > 0 && at * (at + step[a]) <= 0 && fabs(at) <= reach * fabs(step[a])) {
                reach = fabs(at) / fabs(step[a]);
                blocks = a;
            }
        }
        for (size_t a = 0; a < k; a++) {
            const size_t i = x->support[a];
            const double delta = a == blocks ? -(w[i] + x->d[i]) : reach * step[a];
            x->d[i] = a == blocks ? -w[i] : x->d[i] + delta;
            for (size_t r = 0; r < P; r++)
                x->slope[r] += delta * x->H[i * P + r];
        }
        if (blocks == P)
            return 1;
    }
    return 1;
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

/* to := X' w, with the intercept. */
static void scores_to(prox *x, const double *w, double *to)
{
    mx_task *task = x->task;
    const mx_products *products = mx_products_get();
    products->scores(task->events, 0, task->n, w, task->V, task->V, to);
    for (size_t e = 0; task->intercept && e < task->n; e++)
        for (size_t v = 0; v < task->V; v++)
            to[e * task->V + v] += w[task->m * task->V + v];
    task->products += 1;
}

/* One step with the Hessian: the model is minimised, then a line search. *error: MEMORY. Returns 0 when nothing moves any more. */
static int small_step(prox *x, double *w, double before, double accuracy, maxent_error *error)
{
    mx_task *task = x->task;
    const maxent_fit_options *options = task->options;
    const size_t P = task->P, V = task->V;
    *error = prepare_small(x, w);
    if (*error != MAXENT_OK)
        return 0;
    memset(x->d, 0, P * sizeof *x->d);
    double first = 0, promise = 0, t = 1;
    for (size_t s = 0; s < SMALL_SWEEPS; s++) {
        double moved = small_sweep(x, w);
        first = s == 0 ? moved : first;
        if (s % PATIENCE == PATIENCE - 1 && !solve_support(x, w)) {
            *error = MAXENT_ERROR_MEMORY;
            return 0;
        }
        if (!(moved > accuracy * accuracy * first) || (options->time_limit > 0 && mx_task_seconds(task) >= options->time_limit))
            break;
    }
    scores_to(x, x->d, x->u);

    /* Armijo on the decrease that the model without its curvature promises */
    for (size_t i = 0; i < P; i++)
        if (x->d[i] != 0) {
            double l1 = mx_task_l1(task, i / V), l2 = mx_task_l2(task, i / V);
            promise += (x->g[i] + l2 * w[i]) * x->d[i] + l1 * (fabs(w[i] + x->d[i]) - fabs(w[i]));
        }
    if (!(promise < 0))
        return 0;
    for (int halved = 0; halved < 40; halved++, t *= 0.5) {
        for (size_t i = 0; i < P; i++)
            w[i] += t * x->d[i];
        double objective = loss_at(x, t) + mx_task_penalty(task, w, NULL);
        if (objective <= before + 1e-4 * t * promise || -promise <= 1e-13 * before)
            return 1;
        for (size_t i = 0; i < P; i++)
            w[i] -= t * x->d[i];
    }
    return 0;
}

int mx_proximal_is_large(const mx_task *task)
{
    return task->P > SMALL || mx_task_hessian_work(task) > 5e8;
}

maxent_error mx_fit_proximal(mx_task *task, mx_found *found)
{
    const maxent_fit_options *options = task->options;
    double *w = found->w, accuracy;
    maxent_error error = MAXENT_ERROR_MEMORY;
    prox x;
    if (mx_proximal_is_large(task))
        return mx_fit_proximal_large(task, found);
    found->verdict = MAXENT_UNFINISHED;
    found->gap = INFINITY;
    if (!begin(&x, task))
        goto done;
    error = MAXENT_OK;
    accuracy = 1e-3;
    const size_t most = options->max_iterations > 0 ? options->max_iterations : ITERATIONS;
    for (size_t turn = 0;; turn++) {
        scores_to(&x, w, x.Z);
        found->loss = gradient(&x);
        found->objective = found->loss + mx_task_penalty(task, w, NULL);
        double gap = gap_of(&x, w, found->objective);
        accuracy = gap < 0.5 * found->gap ? accuracy : fmax(0.2 * accuracy, 1e-8); /* the model was not solved well enough */
        found->gap = gap;
        found->iterations = turn;
        if (gap <= options->tolerance * found->objective) {
            found->verdict = MAXENT_SOLVED;
            break;
        }
        if (mx_task_report(task, turn, found->objective, gap, w) || turn == most)
            break;
        activate(&x, w);
        int moved = small_step(&x, w, found->objective, accuracy, &error);
        if (error != MAXENT_OK)
            goto done;
        if (!moved)
            break;
    }
    (void)mx_task_penalty(task, w, x.g);
    found->gradient = mx_task_stationarity(task, w, x.g);
done:
    end(&x);
    return error;
}
