/* Newton's method in a trust region, its systems solved by conjugate gradients that need only products with the Hessian [1, 2].
 *
 * Serves what the others do not: many weights of which some have no penalty, tolerances beyond single precision, more than 1024
 * classes. The preconditioner M is the diagonal of the Hessian; the trust region is a ball in its norm. A step is solved to
 * min(0.3, sqrt(|g| / |g_0|)) of its gradient, which makes the convergence superlinear.
 *
 * The gap: sum_j |g_j|^2 / (2 l2_j), certified by the probabilities as a point of the dual; for a weight without penalty its Newton
 * decrement alone, g^2 / (2 M), stands in, which certifies nothing.
 *
 * [1] T. Steihaug, The conjugate gradient method and trust regions in large scale optimization, SIAM J. Numer. Anal. 20 (1983) 626.
 * [2] C.-J. Lin, R. C. Weng, S. S. Keerthi, Trust region Newton method for large-scale logistic regression, JMLR 9 (2008) 627.
 */
#include "model/fit/task.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define ITERATIONS 1000
#define INNER 400

static double dot(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* <a, b> in the norm of the preconditioner. */
static double dot_in(size_t count, const double *M, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * M[i] * b[i];
    return sum;
}

/* M_jv = l2_j + sum_e w_e x_ej^2 p_ev (1 - p_ev), kept away from 0. */
static void diagonal(const mx_task *task, const float *p, double *M)
{
    const maxent_events *events = task->events;
    const size_t V = task->V, C = task->C;
    memset(M, 0, task->P * sizeof *M);
    for (size_t e = 0; e < task->n; e++) {
        const float *row = p + e * C + (V == 1);
        const double w = task->weight == NULL ? 1.0 : task->weight[e];
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            double x = mx_event_value(events, i), square = w * x * x, *to = M + events->index[i] * V;
            for (size_t v = 0; v < V; v++)
                to[v] += square * (double)(row[v] * (1 - row[v]));
        }
        for (size_t v = 0; task->intercept && v < V; v++)
            M[task->m * V + v] += w * (double)(row[v] * (1 - row[v]));
    }
    double largest = 0;
    for (size_t i = 0; i < task->P; i++) {
        M[i] += mx_task_l2(task, i / V);
        largest = fmax(largest, M[i]);
    }
    for (size_t i = 0; i < task->P; i++)
        M[i] = fmax(M[i], 1e-10 * largest);
}

static double gap_of(const mx_task *task, const double *g, const double *M)
{
    double gap = 0;
    for (size_t i = 0; i < task->P; i++) {
        double l2 = mx_task_l2(task, i / task->V);
        gap += g[i] * g[i] / (2 * (l2 > 0 ? l2 : M[i]));
    }
    return gap;
}

/* The step s inside |s|_M <= radius; r: [P] out: -g - H s. Returns MEMORY or OK. *edge: it ends at the edge. */
static maxent_error inner(mx_task *task, const float *p, const double *g, const double *M, double radius, double accuracy, double *s,
                          double *r, double *d, double *Hd, int *edge)
{
    const size_t P = task->P, V = task->V;
    double rz = 0, first;
    *edge = 0;
    for (size_t i = 0; i < P; i++) {
        s[i] = 0;
        r[i] = -g[i];
        d[i] = r[i] / M[i];
        rz += r[i] * d[i];
    }
    first = rz;
    for (int turn = 0; turn < INNER && rz > accuracy * accuracy * first; turn++) {
        maxent_error error = mx_task_curve(task, p, d, Hd);
        if (error != MAXENT_OK)
            return error;
        for (size_t i = 0; i < P; i++)
            Hd[i] += mx_task_l2(task, i / V) * d[i];
        double curvature = dot(P, d, Hd), dd = dot_in(P, M, d, d), sd = dot_in(P, M, s, d), ss = dot_in(P, M, s, s);
        double alpha = curvature > 0 ? rz / curvature : INFINITY;
        if (!(ss + 2 * alpha * sd + alpha * alpha * dd < radius * radius)) {
            double root = sqrt(fmax(sd * sd + dd * (radius * radius - ss), 0.0));
            alpha = sd >= 0 ? (radius * radius - ss) / (sd + root) : (root - sd) / dd;
            *edge = 1;
        }
        double next = 0;
        for (size_t i = 0; i < P; i++) {
            s[i] += alpha * d[i];
            r[i] -= alpha * Hd[i];
            next += r[i] * r[i] / M[i];
        }
        if (*edge)
            break;
        for (size_t i = 0; i < P; i++)
            d[i] = r[i] / M[i] + next / rz * d[i];
        rz = next;
    }
    return MAXENT_OK;
}

maxent_error mx_fit_newton_cg(mx_task *task, mx_found *found)
{
    const maxent_fit_options *options = task->options;
    const size_t P = task->P;
    maxent_error error = MAXENT_ERROR_MEMORY;
    double *w = found->w, *vectors = mx_alloc(6, P * sizeof *vectors);
    float *p = mx_alloc(task->n, task->C * sizeof *p);
    found->verdict = MAXENT_UNFINISHED;
    if (vectors == NULL || p == NULL)
        goto done;
    double *g = vectors, *s = g + P, *r = s + P, *d = r + P, *Hd = d + P, *M = Hd + P;
    double loss, objective, radius = 0, start = 0;
    int free_somewhere = 0;
    for (size_t i = 0; i < P; i += task->V)
        free_somewhere |= !(mx_task_l2(task, i / task->V) > 0);

    error = mx_task_pass(task, w, &loss, g, NULL, p);
    if (error != MAXENT_OK)
        goto done;
    objective = loss + mx_task_penalty(task, w, g);
    const size_t most = options->max_iterations > 0 ? options->max_iterations : ITERATIONS;
    for (size_t turn = 0;; turn++) {
        diagonal(task, p, M);
        double norm = 0;
        for (size_t i = 0; i < P; i++)
            norm += g[i] * g[i] / M[i];
        norm = sqrt(norm);
        if (turn == 0) {
            start = norm;
            radius = norm;
        }
        found->gap = fmin(gap_of(task, g, M), objective); /* no loss or penalty is below 0 */
        if (free_somewhere && turn > 0 && turn % 4 == 0) { /* does what the weights have become separate the events? */
            size_t separated;
            for (size_t i = 0; i < P; i++)
                s[i] = mx_task_l2(task, i / task->V) > 0 ? 0.0 : w[i]; /* what has a penalty does not run away */
            error = mx_task_separates(task, s, 1e-9, &separated);
            if (error != MAXENT_OK)
                goto done;
            if (separated > 0) {
                found->separated = separated;
                if (found->direction == NULL)
                    found->direction = mx_alloc(P, sizeof *w);
                if (found->direction == NULL) {
                    error = MAXENT_ERROR_MEMORY;
                    goto done;
                }
                memcpy(found->direction, s, P * sizeof *s);
                found->verdict = MAXENT_BOUNDARY;
                break;
            }
        }
        if (found->gap <= options->tolerance * objective) {
            found->verdict = MAXENT_SOLVED;
            break;
        }
        if (mx_task_report(task, turn, objective, found->gap, w) || turn == most)
            break;

        int accepted = 0, tries = 0;
        double next_loss = loss, next = objective;
        for (; !accepted && tries < 30; tries++) {
            int edge;
            error = inner(task, p, g, M, radius, fmin(0.3, sqrt(norm / start)), s, r, d, Hd, &edge);
            if (error != MAXENT_OK)
                goto done;
            double slope = dot(P, g, s), predicted = 0.5 * (slope - dot(P, s, r)), length = sqrt(dot_in(P, M, s, s));
            for (size_t i = 0; i < P; i++)
                w[i] += s[i];
            error = mx_task_pass(task, w, &next_loss, Hd, NULL, p);
            if (error != MAXENT_OK)
                goto done;
            next = next_loss + mx_task_penalty(task, w, Hd);
            double ratio = (next - objective) / predicted; /* both negative */
            if (!(ratio > 1e-4) && -predicted <= 1e-12 * objective)
                ratio = 1; /* rounding decides nothing */
            if (ratio > 1e-4) {
                accepted = 1;
                memcpy(g, Hd, P * sizeof *g);
                if (ratio > 0.75 && edge)
                    radius = fmax(radius, 3 * length);
                else if (ratio < 0.25)
                    radius = 0.5 * length;
            } else {
                for (size_t i = 0; i < P; i++)
                    w[i] -= s[i];
                radius = 0.25 * length;
                double again; /* the probabilities at w once more */
                error = mx_task_pass(task, w, &again, NULL, NULL, p);
                if (error != MAXENT_OK)
                    goto done;
            }
        }
        if (!accepted)
            break;
        loss = next_loss;
        objective = next;
        found->iterations = turn + 1;
    }
    found->loss = loss;
    found->objective = objective;
    found->gradient = mx_task_stationarity(task, w, g);
done:
    mx_free(vectors);
    mx_free(p);
    return error;
}
