/* What a continuous or countable answer of one variable looks like, before it is laid against any form. */
#include "distribution/family.h"

#include "base/memory.h"
#include "problem/problem.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct node {
    double x, low, logp, mass;
} node;

static int by_x(const void *a, const void *b)
{
    const node *m = a, *n = b;
    double off = (m->x - n->x) + (m->low - n->low);
    return (off > 0.0) - (off < 0.0);
}

/* Cells come as near to a singular point at 0 as doubles go. */
static double no_less(double edge)
{
    return fabs(edge) < 1e-250 ? 0.0 : edge;
}

/* The part of the line where the prior is positive, which panels end at. 0: it has holes, or ends within a panel. */
static int find_extent(const struct mx_density *d, mx_shape *out)
{
    size_t first = SIZE_MAX, last = SIZE_MAX;
    for (size_t a = 0; a < d->panels; a++) {
        size_t positive = 0;
        for (size_t j = d->panel[a].first; j < d->panel[a].first + d->panel[a].count; j++)
            positive += d->logp[j] > -INFINITY;
        if (positive == 0)
            continue;
        if (positive < d->panel[a].count || (first != SIZE_MAX && a != last + 1))
            return 0;
        first = first == SIZE_MAX ? a : first;
        last = a;
    }
    if (first != SIZE_MAX && first > 0)
        out->lower = no_less(d->panel[first].left);
    if (first != SIZE_MAX && last + 1 < d->panels)
        out->upper = no_less(d->panel[last].right);
    return 1;
}

int mx_shape_look(const maxent_result *result, mx_shape *out)
{
    const struct mx_density *d = result->density;
    const mx_variable *variable = &result->problem->support.variable[0];
    memset(out, 0, sizeof *out);
    node *nodes = mx_alloc(d->n, sizeof *nodes);
    out->s.x = mx_alloc(d->n, 2 * sizeof *out->s.x);
    int known = 0;
    if (nodes == NULL || out->s.x == NULL)
        goto done;
    out->s.logp = out->s.x + d->n;
    double top = -INFINITY, sum = 0.0;
    size_t n = 0;
    for (size_t j = 0; j < d->n; j++)
        if (d->logw[j] + d->logp[j] > -29.9 && d->logp[j] < INFINITY) { /* 1e-13 */
            double low = d->low != NULL && d->low[0] != NULL ? d->low[0][j] : 0.0;
            /* next to an upper end x alone does not tell how far it is from it */
            if (low != 0.0 && fabs(low) > 1e-10 * fabs(variable->upper - d->value[0][j] - low))
                continue;
            nodes[n++] = (node){d->value[0][j], low, d->logp[j], exp(d->logw[j] + d->logp[j])};
            sum += nodes[n - 1].mass;
        }
    if (n == 0)
        goto done;
    qsort(nodes, n, sizeof *nodes, by_x);
    double before = 0.0, quartile[3] = {nodes[0].x, nodes[0].x, nodes[0].x};
    top = -INFINITY;
    for (size_t j = 0; j < n; j++) {
        out->s.logp[j] = nodes[j].logp;
        before += nodes[j].mass;
        for (int i = 0; i < 3; i++)
            if (before < 0.25 * (i + 1) * sum)
                quartile[i] = nodes[j].x;
        if (nodes[j].logp > top) {
            top = nodes[j].logp;
            out->mode = nodes[j].x;
        }
    }
    out->s.n = n;
    out->lower = variable->lower;
    out->upper = variable->upper;
    if (!find_extent(d, out))
        goto done;
    out->origin = variable->extent == MX_WHOLE ? 0.0 : isfinite(out->lower) ? out->lower : isfinite(out->upper) ? out->upper : quartile[1];
    for (size_t j = 0; j < n; j++)
        out->s.x[j] = (nodes[j].x - out->origin) + nodes[j].low;
    out->middle = quartile[1] - out->origin;
    out->mode -= out->origin;
    out->spread = 0.5 * (quartile[2] - quartile[0]);
    if (!(out->spread > 0.0))
        out->spread = nodes[n - 1].x > nodes[0].x ? nodes[n - 1].x - nodes[0].x : 1.0;
    out->kink = NAN;
    for (size_t i = 1; i < d->panels; i++) {
        double edge = d->panel[i].left - out->origin;
        if (!(fabs(edge - out->mode) >= fabs(out->kink - out->mode)))
            out->kink = edge;
    }
    known = 1;
done:
    mx_free(nodes);
    return known;
}
