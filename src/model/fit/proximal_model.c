/* The quadratic model of an objective with L1, minimised (proximal.h): rounds of things that suit each other.
 *
 * 1. Sweeps of descent by features find out which weights are 0. In the face of those that are not, with their signs, the model is
 *    smooth, and conjugate gradients go far where descent by features creeps: along features that say nearly the same. A weight that
 *    would change its sign stops at 0 and leaves the face; directions are mended for that (Polak, Ribiere: beta = z.(R - R_old) /
 *    z_old.R_old, at least 0). Products with the Hessian are made event by event: the weights of active features stay in the second
 *    cache, and the data are read once for both products. Last, the weights of largest curvature are minimised together, their Hessian
 *    formed (proximal_stiff.c).
 * 2. Near the optimum conjugate residuals: the dual point is scaled down by the largest miss of any condition, which conjugate gradients,
 *    falling in the objective, let rise and fall by tens. Conjugate residuals are the steps that make the residual smallest; with the
 *    formed Hessian's factor as preconditioner (the diagonal elsewhere), thirty of them do what a thousand with the diagonal alone do.
 *    A change of sign starts them afresh, and many end the round.
 *
 * On part-of-speech tagging (l1 = 1) fifty steps of conjugate gradients after two sweeps brought the most in the same time (of 20 to 200).
 * Far from the optimum the factor is no good preconditioner: it goes along flat directions, where signs change first.
 */
#include "model/fit/proximal.h"
#include "model/threads.h"

#include <math.h>
#include <string.h>

#define ROUNDS 30      /* of conjugate gradients; steps in each: */
#define STEPS 50
#define SWEEPS 2       /* before either */
#define FEW 3          /* after the first, when conjugate residuals follow: */
#define POLISHED 12    /* rounds of conjugate residuals, */
#define LONG_STEPS 150 /* steps in each, */
#define CUTS 12        /* and steps cut off at changes of sign that end it */
#define COARSE 0.1     /* targets that take none */
#define STIFF_SWEEPS 300

/* out := X't of all active features. */
static void slopes(mx_large *x, double *out)
{
    const size_t lines = (3 + x->task->C) * x->s.lanes;
    const long parts = MX_LARGE_PARTS;
    const int workers = mx_workers(x->task->threads, MX_LARGE_PARTS);
    (void)workers; /* without OpenMP */
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (workers > 1)
    for (long part = 0; part < parts; part++) {
        float *line = x->line + (size_t)part * lines;
        for (size_t k = (size_t)part; k < x->actives; k += MX_LARGE_PARTS) {
            x->kernels->slope(&x->s, x->s.t, NULL, mx_large_name(x, k), line);
            mx_large_widen(x, line, out + k * x->task->V);
        }
    }
}

/* t follows a step of the active weights. */
static void follow(mx_large *x, const double *step)
{
    float *delta = x->line;
    for (size_t k = 0; k < x->actives; k++)
        if (mx_large_narrow(x, step + k * x->task->V, delta))
            x->kernels->shift(&x->s, mx_large_name(x, k), delta);
}

/* The model and the L1 penalty at x->at, given X't. */
static double value(const mx_large *x, const double *Xt)
{
    double sum = 0;
    for (size_t i = 0; i < x->actives * x->task->V; i++) {
        const double d = x->at[i] - x->start[i];
        sum += d * (x->slope[i] + 0.5 * Xt[i] + 0.5 * mx_large_l2(x, i) * d) + mx_large_l1(x, i / x->task->V) * fabs(x->at[i]);
    }
    return sum;
}

/* ---- conjugate gradients ---- */

/* The entries of features that have a weight which is not held, event by event. */
static void gather(mx_large *x)
{
    const mx_task *task = x->task;
    const maxent_events *events = task->events;
    const size_t V = task->V;
    size_t at = 0;
    memset(x->place, 0xff, task->m * sizeof *x->place);
    for (size_t k = 0; k < x->actives; k++) {
        int any = 0;
        for (size_t v = 0; v < V; v++)
            any |= !x->held[k * V + v];
        if (any && x->active[k] < task->m)
            x->place[x->active[k]] = (uint32_t)k;
    }
    for (size_t e = 0; e < task->n; e++) {
        x->row[e] = at;
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            if (x->place[events->index[i]] != UINT32_MAX) {
                if (x->row_value != NULL)
                    x->row_value[at] = (float)mx_event_value(events, i);
                x->index[at++] = x->place[events->index[i]];
            }
    }
    x->row[task->n] = at;
}

/* Hv := the model's Hessian times v; 0 where held. */
static void curve(mx_large *x, const double *v, double *Hv)
{
    const mx_task *task = x->task;
    const size_t V = task->V, lanes = x->s.lanes, all = x->actives, cells = all * lanes, lines = (3 + task->C) * lanes;
    const mx_rows rows = {x->row, x->index, x->row_value};
    const size_t bias = task->intercept ? (all - 1) * lanes : 0;
    const long parts = MX_LARGE_PARTS;
    const int workers = mx_workers(task->threads, MX_LARGE_PARTS);
    (void)workers; /* without OpenMP */
    for (size_t k = 0; k < all; k++)
        (void)mx_large_narrow(x, v + k * V, x->vf + k * lanes);
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers) if (workers > 1)
    for (long part = 0; part < parts; part++) {
        float *out = x->outf + (size_t)part * cells;
        memset(out, 0, cells * sizeof *out);
        x->kernels->curve(&x->s, &rows, task->n * (size_t)part / MX_LARGE_PARTS, task->n * ((size_t)part + 1) / MX_LARGE_PARTS, x->vf,
                          task->intercept ? x->vf + bias : NULL, out, task->intercept ? out + bias : NULL,
                          x->line + (size_t)part * lines);
    }
    for (size_t part = 1; part < MX_LARGE_PARTS; part++)
        for (size_t c = 0; c < cells; c++)
            x->outf[c] += x->outf[part * cells + c];
    for (size_t k = 0; k < all; k++)
        mx_large_widen(x, x->outf + k * lanes, Hv + k * V);
    for (size_t i = 0; i < all * V; i++)
        Hv[i] = x->held[i] ? 0 : Hv[i] + mx_large_l2(x, i) * v[i];
}

/* The step s = alpha v, cut off where a sign changes or the radius ends; *cut: whether anywhere. */
static void step_along(const mx_large *x, double alpha, double *s, int *cut)
{
    *cut = 0;
    for (size_t i = 0; i < x->actives * x->task->V; i++) {
        const double wanted = x->at[i] + alpha * x->v[i];
        double to = mx_clamp(wanted, x->start[i], x->radius);
        if (to * x->at[i] < 0 && mx_large_l1(x, i / x->task->V) > 0)
            to = 0;
        s[i] = to - x->at[i];
        *cut |= to != wanted;
    }
}

static int at_edge(const mx_large *x, size_t i)
{
    return fabs(x->at[i] - x->start[i]) >= (1 - 1e-6) * x->radius;
}

static void conjugate(mx_large *x)
{
    const size_t V = x->task->V, count = x->actives * V;
    double *at = x->at, *R = x->R, *v = x->v, *z = x->z, *Hv = x->Hv, *s = x->mass, *from = x->line_at;
    double rz = 0, first;
    memcpy(from, at, count * sizeof *at);
    slopes(x, Hv);
    for (size_t i = 0; i < count; i++) {
        const double l1 = mx_large_l1(x, i / V);
        x->held[i] = (at[i] == 0 && l1 > 0) || at_edge(x, i);
        R[i] = x->held[i] ? 0 : -(mx_large_slope(x, i, Hv) + (at[i] > 0 ? l1 : -l1));
        v[i] = R[i] / x->h[i];
        rz += R[i] * v[i];
    }
    gather(x);
    first = rz;
    for (size_t turn = 0; turn < STEPS && rz > 1e-3 * first; turn++) {
        double curvature = 0, along = 0, next = 0, change = 0;
        int cut = 0;
        curve(x, v, Hv);
        x->task->products += 2 * (double)x->row[x->task->n] / (double)(x->task->events->row[x->task->n] + 1);
        for (size_t i = 0; i < count; i++) {
            curvature += v[i] * Hv[i];
            along += v[i] * R[i];
        }
        if (!(curvature > 0) || !(along > 0))
            break;
        double alpha = along / curvature;
        for (int tries = 0; tries < 6; tries++, alpha *= 0.5) {
            step_along(x, alpha, s, &cut);
            if (cut) {
                curve(x, s, Hv);
                x->task->products += 2 * (double)x->row[x->task->n] / (double)(x->task->events->row[x->task->n] + 1);
            } else {
                for (size_t i = 0; i < count; i++)
                    Hv[i] *= alpha;
            }
            change = 0;
            for (size_t i = 0; i < count; i++)
                change += s[i] * (0.5 * Hv[i] - R[i]);
            if (change < 0 || !cut)
                break;
        }
        if (!(change < 0))
            break;
        for (size_t i = 0; i < count; i++) {
            if (x->held[i])
                continue;
            at[i] += s[i];
            R[i] -= Hv[i];
            if ((at[i] == 0 && mx_large_l1(x, i / V) > 0) || at_edge(x, i)) {
                x->held[i] = 1;
                R[i] = v[i] = 0;
            }
        }
        double old = rz;
        rz = 0;
        for (size_t i = 0; i < count; i++) {
            z[i] = R[i] / x->h[i];
            rz += R[i] * z[i];
            next -= z[i] * Hv[i];
        }
        const double beta = next > 0 && old > 0 ? next / old : 0;
        for (size_t i = 0; i < count; i++)
            v[i] = x->held[i] ? 0 : z[i] + beta * v[i];
    }
    for (size_t i = 0; i < count; i++)
        v[i] = at[i] - from[i];
    follow(x, v);
}

/* ---- weights of large curvature ---- */

/* Minimises the model over the stiff weights; Xt: X't, which is not kept up to date. */
static void solve_stiff(mx_large *x, const double *Xt)
{
    const size_t V = x->task->V, count = x->actives * V, wide = (x->stiffs + 15) / 16 * 16;
    double first = 0;
    for (size_t a = 0; a < x->stiffs; a++) {
        x->stiff_slope[a] = (float)mx_large_slope(x, x->stiff[a], Xt);
        x->stiff_at[a] = x->at[x->stiff[a]];
    }
    for (size_t turn = 0; turn < STIFF_SWEEPS; turn++) {
        double now = 0;
        for (size_t a = 0; a < x->stiffs; a++) {
            const uint32_t i = x->stiff[a];
            const double l1 = mx_large_l1(x, i / V), h = x->h[i], from = x->stiff_at[a], S = (double)x->stiff_slope[a];
            if (from == 0 && fabs(S) <= l1)
                continue;
            const double to = mx_clamp(mx_soft(from - S / h, l1 / h), x->start[i], x->radius), d = to - from;
            if (d == 0)
                continue;
            x->stiff_at[a] = to;
            now += h * d * d;
            x->kernels->add(wide, x->H + a * MX_LARGE_STIFF, (float)d, x->stiff_slope);
        }
        first = turn == 0 ? now : first;
        if (!(now > 1e-7 * first))
            break;
    }
    memset(x->v, 0, count * sizeof *x->v);
    for (size_t a = 0; a < x->stiffs; a++) {
        x->v[x->stiff[a]] = x->stiff_at[a] - x->at[x->stiff[a]];
        x->at[x->stiff[a]] = x->stiff_at[a];
    }
    follow(x, x->v);
}

/* ---- conjugate residuals ---- */

static double product(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void count_curve(mx_large *x)
{
    x->task->products += 2 * (double)x->row[x->task->n] / (double)(x->task->events->row[x->task->n] + 1);
}

/* A new start of conjugate residuals from R. Returns z.Hz. */
static double restart(mx_large *x)
{
    const size_t count = x->actives * x->task->V;
    mx_stiff_precondition(x, x->R, x->z);
    curve(x, x->z, x->Hz);
    count_curve(x);
    memcpy(x->v, x->z, count * sizeof *x->v);
    memcpy(x->Hv, x->Hz, count * sizeof *x->Hv);
    return product(count, x->z, x->Hz);
}

/* The part of a step along v that brings the model down, cut off where signs change; R and the weights held follow. Returns 0 when there
 * is none. */
static int cut_step(mx_large *x, double alpha, double *s)
{
    const size_t count = x->actives * x->task->V;
    double change = 0;
    int cut = 1;
    for (int tries = 0; tries < 6; tries++, alpha *= 0.5) {
        if (tries > 0)
            step_along(x, alpha, s, &cut);
        curve(x, s, x->Hv);
        count_curve(x);
        change = 0;
        for (size_t i = 0; i < count; i++)
            change += s[i] * (0.5 * x->Hv[i] - x->R[i]);
        if (change < 0)
            break;
    }
    if (!(change < 0))
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (x->held[i])
            continue;
        x->at[i] += s[i];
        x->R[i] -= x->Hv[i];
        if ((x->at[i] == 0 && mx_large_l1(x, i / x->task->V) > 0) || at_edge(x, i)) {
            x->held[i] = 1;
            x->R[i] = 0;
        }
    }
    return 1;
}

/* How far the slope of weight i is from its condition, relative to l1. */
static double miss(const mx_large *x, size_t i, double slope)
{
    const double l1 = mx_large_l1(x, i / x->task->V);
    const double by = x->at[i] == 0 ? fmax(fabs(slope) - l1, 0.0) : fabs(slope + (x->at[i] > 0 ? l1 : -l1));
    return l1 > 0 ? by / l1 : 0;
}

static double largest_miss(const mx_large *x, const double *Xt)
{
    double most = 0;
    for (size_t i = 0; i < x->actives * x->task->V; i++)
        most = at_edge(x, i) ? most : fmax(most, miss(x, i, mx_large_slope(x, i, Xt)));
    return most;
}

/* The face: weights that are not 0, or without L1; until nothing misses its condition by more than `target` of l1. */
static void polish(mx_large *x, const double *Xt, double target)
{
    const size_t V = x->task->V, count = x->actives * V;
    double *at = x->at, *R = x->R, *v = x->v, *z = x->z, *Hv = x->Hv, *Hz = x->Hz, *s = x->mass, *from = x->line_at;
    memcpy(from, at, count * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        const double l1 = mx_large_l1(x, i / V);
        x->held[i] = (at[i] == 0 && l1 > 0) || at_edge(x, i);
        R[i] = x->held[i] ? 0 : -(mx_large_slope(x, i, Xt) + (at[i] > 0 ? l1 : -l1));
    }
    gather(x);
    mx_stiff_factor(x);
    double zHz = restart(x);
    size_t cuts = 0;
    for (size_t turn = 0; turn < LONG_STEPS && cuts < CUTS && zHz > 0; turn++) {
        int cut = 0;
        mx_stiff_precondition(x, Hv, x->MHv);
        const double alpha = zHz / product(count, Hv, x->MHv);
        if (!(alpha > 0 && alpha < INFINITY))
            break;
        step_along(x, alpha, s, &cut);
        if (cut) {
            cuts++;
            if (!cut_step(x, alpha, s))
                break;
            zHz = restart(x);
            continue;
        }
        double most = 0;
        for (size_t i = 0; i < count; i++) {
            const double l1 = mx_large_l1(x, i / V);
            at[i] += s[i];
            R[i] -= alpha * Hv[i];
            z[i] -= alpha * x->MHv[i];
            most = l1 > 0 ? fmax(most, fabs(R[i]) / l1) : most;
        }
        if (most <= 0.5 * target)
            break;
        curve(x, z, Hz);
        count_curve(x);
        const double next = product(count, z, Hz), beta = next / zHz;
        zHz = next;
        for (size_t i = 0; i < count; i++) {
            v[i] = z[i] + beta * v[i];
            Hv[i] = Hz[i] + beta * Hv[i];
        }
    }
    for (size_t i = 0; i < count; i++)
        v[i] = at[i] - from[i];
    follow(x, v);
}

/* The stiff weights' turn; back when that does not pay. Xt: X't in and out. Returns the model's value. */
static double turn_of_stiff(mx_large *x, double *Xt)
{
    const size_t count = x->actives * x->task->V;
    const double now = value(x, Xt);
    memcpy(x->line_at, x->at, count * sizeof *x->at);
    solve_stiff(x, Xt);
    slopes(x, Xt);
    const double after = value(x, Xt);
    if (!(after > now + 1e-13 * fabs(now)))
        return after;
    for (size_t i = 0; i < count; i++) /* what was neglected mattered */
        x->v[i] = x->line_at[i] - x->at[i];
    memcpy(x->at, x->line_at, count * sizeof *x->at);
    follow(x, x->v);
    slopes(x, Xt);
    return now;
}

void mx_large_model(mx_large *x, double accuracy, double target)
{
    const mx_task *task = x->task;
    const size_t count = x->actives * task->V;
    double *Xt = x->MHv, brought = 0, before;
    memset(x->s.t, 0, task->n * x->s.lanes * sizeof *x->s.t);
    memset(Xt, 0, count * sizeof *Xt);
    const double start = before = value(x, Xt);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SWEEPS; i++)
            brought = mx_large_sweep(x, i, 1, brought);
        conjugate(x);
        slopes(x, Xt);
        if (round == 0) {
            mx_stiff_choose(x, Xt);
            mx_stiff_form(x);
        }
        const double now = turn_of_stiff(x, Xt), gain = before - now;
        before = now;
        if (round > 0 && (!(gain > accuracy * (start - now)) || (target < COARSE && round == FEW)))
            break;
        if (task->options->time_limit > 0 && mx_task_seconds(task) >= task->options->time_limit)
            return;
    }
    for (size_t round = 0; target < COARSE && round < POLISHED && largest_miss(x, Xt) > target; round++) {
        for (size_t i = 0; round > 0 && i < SWEEPS; i++)
            brought = mx_large_sweep(x, i, 1, brought);
        slopes(x, Xt);
        (void)turn_of_stiff(x, Xt);
        polish(x, Xt, target);
        slopes(x, Xt);
        const double now = value(x, Xt);
        before = now;
        if (task->options->time_limit > 0 && mx_task_seconds(task) >= task->options->time_limit)
            break;
    }
}
