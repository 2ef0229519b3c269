/* The sample of a support that existence is decided on. */
#include "solve/existence/sample.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { FROM_CELL = 5, SAMPLE_MOST = 20000 };

#define FARTHEST 1e15 /* times its target: the hull works to 1e-26 of the largest */
#define LENGTH_MOST 1e3 /* features farther out than so many times the typical are left to the exchange */


int mx_sample_evaluate(const maxent_problem *problem, const double *at, size_t n, double *hi, double *lo, double *logq)
{
    size_t variables = problem->support.variables;
    double *column = mx_alloc(2 * variables, (n + 1) * sizeof *column);
    const double **list = mx_alloc(2 * variables, sizeof *list);
    int bad = column == NULL || list == NULL ? -1 : 0;
    for (size_t v = 0; bad == 0 && v < variables; v++) {
        for (size_t j = 0; j < n; j++) {
            column[v * n + j] = at[j * 2 * variables + v];
            column[(variables + v) * n + j] = at[j * 2 * variables + variables + v];
        }
        list[v] = column + v * n;
        list[variables + v] = column + (variables + v) * n;
    }
    if (bad == 0) {
        mx_points points = {n, list, list + variables};
        bad = mx_field_values(problem, &points, hi, lo, logq);
    }
    mx_free(column);
    mx_free(list);
    return bad;
}

/* Adds points whose features are in range and whose prior is positive. */
int mx_sample_join(mx_sample *s, const double *at, size_t n, int joined)
{
    size_t width = 2 * s->variables;
    if (s->n + n > s->capacity) {
        size_t capacity = 2 * (s->n + n) + 256;
        double *a = mx_resize(s->at, capacity, width * sizeof *a);
        s->at = a != NULL ? a : s->at;
        double *h = mx_resize(s->hi, capacity, (s->k + 1) * sizeof *h);
        s->hi = h != NULL ? h : s->hi;
        double *l = mx_resize(s->lo, capacity, (s->k + 1) * sizeof *l);
        s->lo = l != NULL ? l : s->lo;
        unsigned char *m = mx_resize(s->joined, capacity, 1);
        s->joined = m != NULL ? m : s->joined;
        if (a == NULL || h == NULL || l == NULL || m == NULL)
            return -1;
        s->capacity = capacity;
    }
    double *logq = mx_alloc(n + 1, sizeof *logq);
    if (logq == NULL || mx_sample_evaluate(s->problem, at, n, s->hi + s->n * s->k, s->lo + s->n * s->k, logq) != 0) {
        mx_free(logq);
        return -1;
    }
    size_t base = s->n;
    for (size_t j = 0; j < n; j++) {
        int fits = logq[j] > -INFINITY;
        for (size_t i = 0; i < s->k && fits; i++)
            fits = fabs(s->hi[(base + j) * s->k + i]) <= 1e70;
        if (!fits)
            continue;
        memcpy(s->at + s->n * width, at + j * width, width * sizeof *at);
        memmove(s->hi + s->n * s->k, s->hi + (base + j) * s->k, s->k * sizeof *s->hi);
        memmove(s->lo + s->n * s->k, s->lo + (base + j) * s->k, s->k * sizeof *s->lo);
        s->joined[s->n++] = (unsigned char)joined;
    }
    mx_free(logq);
    return 0;
}

int mx_sample_tangents(mx_continuum *c, mx_sample *s, size_t from)
{
    size_t width = 2 * s->variables, k = s->k;
    for (size_t a = 0; a < c->grid.axes; a++) {
        const mx_axis *axis = &c->grid.axis[a];
        size_t v = axis->variable;
        double at[4 * 64], x = s->at[from * width + v], low = s->at[from * width + s->variables + v];
        double h = 1e-9 * fmax(fabs(x), 1e-9 * (fabs(c->outskirts[a].reach[0]) + fabs(c->outskirts[a].reach[1])));
        if (axis->whole || !(h > 0) || !(x - h > axis->lower) || !(x + h < axis->upper))
            continue;
        for (int side = 0; side < 2; side++) {
            memcpy(at + (size_t)side * width, s->at + from * width, width * sizeof *at);
            mx_dd moved = mx_dd_add_d((mx_dd){x, low}, side == 0 ? -h : h);
            at[(size_t)side * width + v] = moved.hi;
            at[(size_t)side * width + s->variables + v] = moved.lo;
        }
        size_t before = s->n;
        if (mx_sample_join(s, at, 2, 2) != 0)
            return -1;
        if (s->n != before + 2) {
            s->n = before;
            continue;
        }
        int smooth = 1;
        for (size_t i = 0; i < k; i++) { /* f +- l f' with l such that the change is of the size of f */
            mx_dd f = {s->hi[from * k + i], s->lo[from * k + i]};
            mx_dd left = {s->hi[before * k + i], s->lo[before * k + i]}, right = {s->hi[(before + 1) * k + i], s->lo[(before + 1) * k + i]};
            mx_dd bend = mx_dd_sub(mx_dd_add(left, right), mx_dd_mul_d(f, 2)), rise = mx_dd_sub(right, left);
            smooth = smooth && fabs(bend.hi) <= 1e-4 * fabs(rise.hi) + 1e-12 * fabs(f.hi);
            mx_dd step = mx_dd_mul_d(rise, 0.25 * fmax(fabs(x), 1e-300) / h);
            left = mx_dd_sub(f, step);
            right = mx_dd_add(f, step);
            s->hi[before * k + i] = left.hi;
            s->lo[before * k + i] = left.lo;
            s->hi[(before + 1) * k + i] = right.hi;
            s->lo[(before + 1) * k + i] = right.lo;
        }
        if (!smooth)
            s->n = before;
    }
    return 0;
}

void mx_sample_close(mx_sample *s)
{
    mx_free(s->at);
    mx_free(s->hi);
    mx_free(s->lo);
    mx_free(s->joined);
    memset(s, 0, sizeof *s);
}

size_t mx_sample_bare(mx_sample *s)
{
    size_t kept = 0, width = 2 * s->variables, k = s->k, n = s->n;
    for (size_t j = 0; j < n; j++) {
        if (s->joined[j] == 2)
            continue;
        if (kept < j) {
            memcpy(s->at + kept * width, s->at + j * width, width * sizeof *s->at);
            memcpy(s->hi + kept * k, s->hi + j * k, k * sizeof *s->hi);
            memcpy(s->lo + kept * k, s->lo + j * k, k * sizeof *s->lo);
            s->joined[kept] = s->joined[j];
        }
        kept++;
    }
    s->n = kept;
    s->bare = 1;
    return n - kept;
}

size_t mx_sample_within(const mx_continuum *c, mx_sample *s)
{
    for (size_t j = 0; j < s->n; j++)
        for (size_t i = 0; i < s->k; i++) {
            double size = mx_fact_size(&c->fact[i]);
            if (fabs(s->hi[j * s->k + i]) > FARTHEST * (size > 0 ? size : 1))
                s->joined[j] = 2; /* bared */
        }
    return mx_sample_bare(s);
}

/* The end of a span from inside, at[] [2 variables] holding the other variables: the center itself where nothing jumps or is singular. */
void mx_sample_end(mx_continuum *c, const mx_span *span, int side, double *at)
{
    size_t variables = c->shadow.support.variables, k = c->shadow.k, v = c->grid.axis[0].variable, width = 2 * variables;
    double t = side == 0 ? span->from : span->to;
    if (t != 0 || span->log) {
        mx_span_point(span, t, &at[v], &at[variables + v]);
        return;
    }
    mx_span_point(span, 0x1p-1000, &at[v], &at[variables + v]);
    double *work = mx_alloc(4 * k + 2 * width + 4, sizeof *work);
    if (work == NULL)
        return;
    double *both = work + 4 * k + 2;
    memcpy(both, at, width * sizeof *at);
    memcpy(both + width, at, width * sizeof *at);
    both[width + v] = span->center;
    both[width + variables + v] = 0;
    int same = mx_sample_evaluate(&c->shadow, both, 2, work, work + 2 * k, work + 4 * k) == 0 && isfinite(work[4 * k + 1]);
    for (size_t i = 0; same && i < k; i++)
        same = isfinite(work[k + i]) && fabs((work[i] - work[k + i]) + (work[2 * k + i] - work[3 * k + i])) <= 1e-280;
    if (same)
        memcpy(at, both + width, width * sizeof *at);
    mx_free(work);
}

/* How far a node is from where facts are met: max_i |f_i - tau_i| / size_i, with size_i the median-like size over the inner cells. */
int mx_sample_build(mx_continuum *c, mx_sample *s)
{
    size_t variables = s->variables, width = 2 * variables, per = c->grid.cells > 2000 ? 1 : FROM_CELL;
    double *at = mx_alloc(c->nodes.n + (2 * c->grid.levels + 1) * c->grid.cells + 1, width * sizeof *at);
    if (at == NULL)
        return -1;
    size_t n = 0;
    for (size_t a = 0; a < c->grid.cells && n < SAMPLE_MOST; a++) {
        const mx_cell *cell = &c->grid.cell[a];
        size_t columns = cell->count / c->grid.levels, step = columns > per ? columns / per : 1;
        for (size_t j = step / 2; j < columns; j += step)
            for (size_t l = 0; l < c->grid.levels; l++, n++)
                for (size_t v = 0; v < variables; v++) {
                    at[n * width + v] = c->nodes.value[v][cell->first + j * c->grid.levels + l];
                    at[n * width + variables + v] = c->nodes.low[v][cell->first + j * c->grid.levels + l];
                }
        if (c->grid.axes > 1 || c->grid.axis[0].whole)
            continue;
        for (int side = 0; side < 2; side++) /* the ends, from inside: a feature may jump there */
            for (size_t l = 0; l < c->grid.levels; l++, n++) {
                for (size_t v = 0; v < variables; v++) {
                    at[n * width + v] = c->nodes.value[v][cell->first + l];
                    at[n * width + variables + v] = c->nodes.low[v][cell->first + l];
                }
                mx_sample_end(c, &cell->span[0], side, at + n * width);
            }
    }
    int bad = mx_sample_join(s, at, n, 0);
    mx_free(at);
    const mx_nested *spots = &c->grid.nested;
    at = spots->spots > 0 && bad == 0 && c->nodes.n > 0 ? mx_zalloc(spots->spots * c->grid.levels, width * sizeof *at) : NULL;
    for (size_t i = 0; at != NULL && i < spots->spots; i++) /* where something is narrow, the place itself */
        for (size_t l = 0; l < c->grid.levels; l++) {
            double *point = at + (i * c->grid.levels + l) * width;
            for (size_t v = 0; v < variables; v++)
                point[v] = c->nodes.value[v][l];
            for (size_t a = 0; a < c->grid.axes; a++)
                point[c->grid.axis[a].variable] = spots->spot[i].at[a];
        }
    if (at != NULL)
        bad = mx_sample_join(s, at, spots->spots * c->grid.levels, 0);
    mx_free(at);
    at = c->hints > 0 && bad == 0 ? mx_zalloc(c->hints, width * sizeof *at) : NULL;
    for (size_t i = 0; at != NULL && i < c->hints; i++)
        memcpy(at + i * width, c->hint + i * variables, variables * sizeof *at);
    if (at != NULL)
        bad = mx_sample_join(s, at, c->hints, 0);
    mx_free(at);
    return bad;
}

/* The view of a sample; points too far out are left away (their place in the sample stays). */
maxent_error mx_sample_view(mx_continuum *c, const mx_sample *s, mx_view *view)
{
    size_t k = s->k;
    memset(view, 0, sizeof *view);
    view->k = k;
    view->relaxed = c->relaxed != MX_ROUNDING_NONE;
    view->state = mx_alloc(s->n + 1, sizeof *view->state);
    view->column = mx_zalloc(k + 1, sizeof *view->column);
    view->logq = mx_zalloc(s->n + 1, sizeof *view->logq);
    view->hi = mx_alloc(k + 1, (s->n + 1) * sizeof *view->hi);
    view->lo = mx_alloc(k + 1, (s->n + 1) * sizeof *view->lo);
    double *size = mx_zalloc(k + 1, sizeof *size), reach = LENGTH_MOST;
    if (view->state == NULL || view->column == NULL || view->logq == NULL || view->hi == NULL || view->lo == NULL || size == NULL) {
        mx_free(size);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t i = 0; i < k; i++) { /* the geometric mean of what is not 0 */
        double sum = 0;
        size_t count = 0;
        for (size_t j = 0; j < s->n; j++)
            if (s->hi[j * k + i] != 0) {
                sum += log(fabs(s->hi[j * k + i]));
                count++;
            }
        const mx_fact *fact = &c->fact[i];
        double target = fmax(isfinite(fact->lower) ? fabs(fact->lower) : 0, isfinite(fact->upper) ? fabs(fact->upper) : 0);
        double usual = count > 0 ? exp(sum / (double)count) : 1; /* a target far below it may be the rounding of a zero */
        size[i] = target > fmin(1, usual) * 1e-14 ? target : usual;
    }
    do { /* enough points to span the facts */
        view->n = 0;
        for (size_t j = 0; j < s->n; j++) {
            int near = 1;
            for (size_t i = 0; i < k && near; i++)
                near = s->joined[j] || fabs(s->hi[j * k + i]) <= reach * size[i];
            if (near)
                view->state[view->n++] = j;
        }
        reach *= 100;
    } while (view->n < s->n && view->n < 8 * (k + 1) && reach < 1e60);
    for (size_t y = 0; y < view->n; y++)
        for (size_t i = 0; i < k; i++) {
            view->hi[i * view->n + y] = s->hi[view->state[y] * k + i];
            view->lo[i * view->n + y] = s->lo[view->state[y] * k + i];
        }
    for (size_t i = 0; i < k; i++)
        mx_view_centre(&c->shadow, view, i);
    mx_free(size);
    return MAXENT_OK;
}
