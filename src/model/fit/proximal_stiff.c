/* The weights of largest curvature in the quadratic model (proximal_model.c), whose Hessian is formed and factored.
 *
 * An event adds to H for every pair of its entries and of classes that are not negligible. Stiff weights are numbered class by class, so
 * that what one class adds to a row lies together: where the entries are many they are laid out in a row first, which vectors add.
 */
#include "model/fit/proximal.h"

#include "base/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEGLIGIBLE 1e-3 /* probabilities below do not count */
#define DAMPING 1e-6    /* of the diagonal, at first */

typedef struct ranked {
    double h;
    uint32_t weight;
} ranked;

static int by_curvature(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->h > y->h ? -1 : x->h < y->h ? 1 : (x->weight > y->weight) - (x->weight < y->weight);
}

static int by_class(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->h < y->h ? -1 : x->h > y->h ? 1 : (x->weight > y->weight) - (x->weight < y->weight);
}

/* The stiff weights: of those that are not 0 or nearly move, the ones of largest curvature, by classes. Xt: X't. */
void mx_stiff_choose(mx_large *x, const double *Xt)
{
    const size_t V = x->task->V, count = x->actives * V;
    ranked *list = (ranked *)(void *)x->v; /* as large as a double and a half, which v and z give */
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (x->at[i] != 0 || fabs(mx_large_slope(x, i, Xt)) > 0.8 * mx_large_l1(x, i / V))
            list[found++] = (ranked){x->h[i], (uint32_t)i};
    qsort(list, found, sizeof *list, by_curvature);
    x->stiffs = found < MX_LARGE_STIFF ? found : MX_LARGE_STIFF;
    for (size_t i = 0; i < x->stiffs; i++)
        list[i].h = (double)(list[i].weight % V);
    qsort(list, x->stiffs, sizeof *list, by_class);
    memset(x->stiff_place, 0xff, count * sizeof *x->stiff_place);
    memset(x->place, 0xff, x->task->m * sizeof *x->place);
    for (size_t i = 0; i < x->stiffs; i++) {
        const uint32_t weight = list[i].weight, j = x->active[weight / V];
        x->stiff[i] = weight;
        x->stiff_place[weight] = (uint32_t)i;
        if (j < x->task->m)
            x->place[j] = (uint32_t)(weight / V);
    }
}

/* The rows `to`[tos] of H get by x_a times the row of x_b, b in from[froms]. */
static void outer(mx_large *x, double by, const uint32_t *to, const float *to_value, size_t tos, const uint32_t *from,
                  const float *from_value, size_t froms)
{
    size_t least = SIZE_MAX, most = 0;
    for (size_t b = 0; b < froms; b++) {
        least = from[b] < least ? from[b] : least;
        most = from[b] > most ? from[b] : most;
    }
    least = least / 16 * 16;
    const size_t wide = most - least + 1 + 15 - (most - least) % 16;
    if (froms * 8 < wide) {
        for (size_t a = 0; a < tos; a++)
            for (size_t b = 0; b < froms; b++)
                x->H[to[a] * (size_t)MX_LARGE_STIFF + from[b]] += (float)by * to_value[a] * from_value[b];
        return;
    }
    for (size_t b = 0; b < froms; b++)
        x->stiff_row[from[b]] = from_value[b];
    for (size_t a = 0; a < tos; a++)
        x->kernels->add(wide, x->stiff_row + least, (float)by * to_value[a], x->H + to[a] * (size_t)MX_LARGE_STIFF + least);
    for (size_t b = 0; b < froms; b++)
        x->stiff_row[from[b]] = 0;
}

/* H_ab = sum_e w_e x_ea x_eb p_ec(a) ([c(a) = c(b)] - p_ec(b)) + l2 [a = b], without probabilities that are negligible; the diagonal is
 * exact. An event's entries are listed class by class: rows of H follow classes, so that what is added to is near. */
void mx_stiff_form(mx_large *x)
{
    const mx_task *task = x->task;
    const maxent_events *events = task->events;
    const size_t V = task->V, last = x->actives - 1;
    double *q = x->S;
    uint32_t *place = x->stiff_list, *use = place + MX_LARGE_STIFF, *start = use + task->C + 1;
    float *value = x->stiff_value;
    memset(x->H, 0, x->stiffs * MX_LARGE_STIFF * sizeof *x->H);
    memset(x->stiff_row, 0, MX_LARGE_STIFF * sizeof *x->stiff_row);
    for (size_t e = 0; e < task->n; e++) {
        const float *p = x->p + e * x->s.lanes;
        const double w = task->weight == NULL ? 1.0 : task->weight[e];
        double rest = 1;
        size_t uses = 0, entries = 0;
        for (size_t v = 0; v < V; v++) {
            q[v] = v < x->kept ? (double)p[v] : rest;
            rest -= q[v];
            if (q[v] > NEGLIGIBLE && q[v] < 1 - NEGLIGIBLE)
                use[uses++] = (uint32_t)v;
        }
        for (size_t u = 0; u < uses; u++) {
            start[u] = (uint32_t)entries;
            for (size_t i = events->row[e]; i < events->row[e + 1] + (size_t)task->intercept; i++) {
                const int is_bias = i == events->row[e + 1];
                const uint32_t k = is_bias ? (uint32_t)last : x->place[events->index[i]];
                const uint32_t at = k == UINT32_MAX ? k : x->stiff_place[k * V + use[u]];
                if (at == UINT32_MAX)
                    continue;
                place[entries] = at;
                value[entries++] = is_bias ? 1.0f : (float)mx_event_value(events, i);
            }
        }
        start[uses] = (uint32_t)entries;
        for (size_t u = 0; u < uses; u++)
            for (size_t v = 0; v <= u; v++) {
                const double by = w * q[use[u]] * ((u == v ? 1.0 : 0.0) - q[use[v]]);
                if (start[u + 1] > start[u] && start[v + 1] > start[v])
                    outer(x, by, place + start[u], value + start[u], start[u + 1] - start[u], place + start[v], value + start[v],
                          start[v + 1] - start[v]);
            }
    }
    for (size_t a = 0; a < x->stiffs; a++) {
        x->H[a * MX_LARGE_STIFF + a] = (float)x->h[x->stiff[a]];
        for (size_t b = 0; b < a; b++)
            x->H[b * MX_LARGE_STIFF + a] = x->H[a * MX_LARGE_STIFF + b];
    }
}

/* Cholesky's factor of the Hessian of the stiff weights that are not held, a little more than it: weights that say the same make it
 * singular. */
void mx_stiff_factor(mx_large *x)
{
    const size_t k = x->stiffs;
    double damp = DAMPING;
    x->factored = 0;
    for (int tries = 0; tries < 3 && !x->factored; tries++, damp *= 100) {
        for (size_t a = 0; a < k; a++) {
            double *row = x->L + a * MX_LARGE_STIFF;
            const float *from = x->H + a * MX_LARGE_STIFF;
            const int out = x->held[x->stiff[a]];
            for (size_t b = 0; b < a; b++)
                row[b] = out || x->held[x->stiff[b]] ? 0 : (double)from[b];
            row[a] = (double)from[a] * (1 + damp);
        }
        x->factored = mx_cholesky(k, x->L, MX_LARGE_STIFF, 1, x->L_space) == 0;
    }
}

/* to := M from, M nearly the inverse of the Hessian of the weights that are not held: exact for the stiff ones among themselves. */
void mx_stiff_precondition(mx_large *x, const double *from, double *to)
{
    const size_t count = x->actives * x->task->V;
    for (size_t i = 0; i < count; i++)
        to[i] = x->held[i] ? 0 : from[i] / x->h[i];
    if (!x->factored)
        return;
    for (size_t a = 0; a < x->stiffs; a++)
        x->L_side[a] = x->held[x->stiff[a]] ? 0 : from[x->stiff[a]];
    mx_cholesky_solve(x->stiffs, x->L, MX_LARGE_STIFF, x->L_side);
    for (size_t a = 0; a < x->stiffs; a++)
        to[x->stiff[a]] = x->held[x->stiff[a]] ? 0 : x->L_side[a];
}
