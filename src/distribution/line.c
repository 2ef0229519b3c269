/* Laying an answer out along the line: where p is sampled. When a piece is fine enough: line_pieces.c.
 *
 * The nodes of the solver say where the probability is. They cut the line into intervals of about 16 nodes; on each, p is sampled at
 * the 20 points of Gauss's rule, which gives the coefficients of its Legendre series,
 *
 *     c_k = (2 k + 1) / 2 sum_i w_i P_k(t_i) p(t_i)
 *
 * An interval whose last coefficients are not negligible is halved, as deep as a density that is infinite at its end, x^-0.9 at 0, needs.
 * Infinite ends are walked in growing steps until what a step adds is below the floor. Jumps and kinks are ends of the solver's panels;
 * one that is not is closed in on by halving. Places are double-double, so that 1 - x keeps its digits beside 1.
 *
 * Whole numbers: what the solver took one by one are atoms. Over long ranges probability changes slowly, and a piece of at least
 * 64 whole numbers is a series too, whose sum is in line_read.c.
 */
#include "distribution/line_pieces.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_EACH = 16, EDGE = 16 };

static const double default_floor = 1e-25, default_tolerance = 1e-14;

/* A node that carries something. */
static int carries(const struct mx_density *d, size_t j)
{
    return d->logw[j] + d->logp[j] > -65.0; /* 6e-29 */
}

/* Cuts left .. right at every 16th of the nodes, given by their numbers in order. Infinite ends are walked to. */
static void lay(mx_line_builder *b, double left, double right, const size_t *node, size_t nodes)
{
    const struct mx_density *d = b->density;
    const double *value = d->value[b->request->v], *low = d->low != NULL ? d->low[b->request->v] : NULL;
    size_t first = 0, last = nodes;
    while (isinf(left) && first < nodes && !carries(d, node[first]))
        first++;
    while (isinf(right) && last > first && !carries(d, node[last - 1]))
        last--;
    if (first == last && (isinf(left) || isinf(right)))
        return;
    mx_dd from = mx_dd_make(left), end = mx_dd_make(right);
    if (isinf(left)) {
        from = mx_dd_make(value[node[first]]);
    }
    if (isinf(right))
        end = mx_dd_make(value[node[last - 1]]);
    double begin = from.hi;
    int sides = isinf(left) ? 0 : MX_LINE_LOWER;
    for (size_t j = first + NODES_EACH / 2; last - first > 3 * NODES_EACH / 2 && j + NODES_EACH / 2 < last; j += NODES_EACH) {
        mx_dd cut = {value[node[j]], low != NULL ? low[node[j]] : 0.0};
        if (mx_dd_sub(cut, from).hi < MX_LINE_SMALLEST || mx_dd_sub(end, cut).hi < MX_LINE_SMALLEST)
            continue;
        mx_line_push(b, (mx_line_pending){from, mx_dd_sub(cut, from).hi, 0.0, 0, sides});
        from = cut;
        sides = 0;
    }
    mx_line_push(b, (mx_line_pending){from, mx_dd_sub(end, from).hi, 0.0, 0, sides | (isinf(right) ? 0 : MX_LINE_UPPER)});
    double scale = fmax((end.hi - begin) / 64.0, 1e-300);
    mx_line_work_off(b);
    if (isinf(left))
        mx_line_walk(b, begin, begin == end.hi ? 1.0 : scale, -1, 0);
    if (isinf(right))
        mx_line_walk(b, end.hi, begin == end.hi ? 1.0 : scale, 1, 0);
}

/* The same for whole numbers that are not all nodes. */
static void lay_whole(mx_line_builder *b, double left, double right, const size_t *node, size_t nodes)
{
    const struct mx_density *d = b->density;
    const double *value = d->value[b->request->v];
    size_t first = 0, last = nodes;
    while (isinf(left) && first < nodes && !carries(d, node[first]))
        first++;
    while (isinf(right) && last > first && !carries(d, node[last - 1]))
        last--;
    if (first == last && (isinf(left) || isinf(right)))
        return;
    double a = isinf(left) ? floor(value[node[first]]) : left, z = isinf(right) ? ceil(value[node[last - 1]]) : right;
    if (z - a < 4 * MX_LINE_LEAST_WHOLE) {
        mx_line_add_whole(b, a, z - a + 1.0);
    } else {
        double low_edge = fabs(a) < 0x1p52 ? EDGE : 0.0, high_edge = fabs(z) < 0x1p52 ? EDGE : 0.0; /* beyond, numbers run together */
        double from = a + low_edge, end = z - high_edge + 1.0;
        mx_line_add_whole(b, a, low_edge);
        mx_line_add_whole(b, end, high_edge);
        for (size_t j = first + NODES_EACH; j < last; j += NODES_EACH) {
            double cut = floor(value[node[j]]);
            if (cut >= from + MX_LINE_LEAST_WHOLE && cut <= end - MX_LINE_LEAST_WHOLE) {
                mx_line_push(b, (mx_line_pending){mx_dd_make(from - 0.5), cut - from, cut - from, 0, 0});
                from = cut;
            }
        }
        mx_line_push(b, (mx_line_pending){mx_dd_make(from - 0.5), end - from, end - from, 0, 0});
    }
    mx_line_work_off(b);
    if (isinf(left))
        mx_line_walk(b, a - 0.5, MX_LINE_LEAST_WHOLE, -1, 1);
    if (isinf(right))
        mx_line_walk(b, z + 0.5, MX_LINE_LEAST_WHOLE, 1, 1);
}

static int by_place(const void *a, const void *b)
{
    int order = mx_dd_compare(((const mx_stretch *)a)->left, ((const mx_stretch *)b)->left);
    return order;
}

typedef struct numbered {
    double x;
    size_t j;
} numbered;

static int by_x(const void *a, const void *b)
{
    const numbered *x = a, *y = b;
    return x->x != y->x ? (x->x > y->x) - (x->x < y->x) : (x->j > y->j) - (x->j < y->j);
}

/* The nodes at which the other variables have the values they are held at, in ascending order. */
static maxent_error lay_slice(mx_line_builder *b)
{
    const struct mx_density *d = b->density;
    const mx_variable *variable = &maxent_result_problem(b->request->result)->support.variable[b->request->v];
    numbered *sorted = mx_alloc(d->n, sizeof *sorted);
    size_t *node = mx_alloc(d->n, sizeof *node), n = 0;
    if (sorted != NULL && node != NULL) {
        for (size_t j = 0; j < d->n; j++) {
            int here = 1;
            for (size_t v = 0; v < b->variables; v++)
                here = here && (v == b->request->v || d->value[v][j] == b->request->held[v]);
            if (here)
                sorted[n++] = (numbered){d->value[b->request->v][j], j};
        }
        qsort(sorted, n, sizeof *sorted, by_x);
        for (size_t j = 0; j < n; j++)
            node[j] = sorted[j].j;
        if (variable->extent == MX_WHOLE)
            lay_whole(b, variable->lower, variable->upper, node, n);
        else
            lay(b, variable->lower, variable->upper, node, n);
    } else {
        b->error = MAXENT_ERROR_MEMORY;
    }
    mx_free(sorted);
    mx_free(node);
    return b->error;
}

static void lay_panel(mx_line_builder *b, const mx_panel *panel, int whole, size_t *node)
{
    const struct mx_density *d = b->density;
    for (size_t j = 0; j < panel->count; j++)
        node[j] = panel->first + j;
    if (!whole) {
        lay(b, panel->left, panel->right, node, panel->count);
    } else if (panel->right - panel->left + 1.0 == (double)panel->count) {
        for (size_t j = 0; j < panel->count; j++)
            mx_line_add_atom(b, d->value[0][node[j]], exp(d->logp[node[j]]));
    } else {
        lay_whole(b, panel->left, panel->right, node, panel->count);
    }
}

/* The states of a finite support of numbers. */
static maxent_error lay_states(mx_line_builder *b)
{
    const maxent_problem *problem = maxent_result_problem(b->request->result);
    const double *p = maxent_result_probabilities(b->request->result);
    for (size_t x = 0; x < problem->n && b->error == MAXENT_OK; x++) {
        double value;
        maxent_problem_value(problem, b->request->v, x, &value);
        mx_line_add_atom(b, value, p[x]);
    }
    if (b->error != MAXENT_OK || b->pieces == 0)
        return b->error;
    qsort(b->piece, b->pieces, sizeof *b->piece, by_place);
    size_t kept = 0;
    for (size_t j = 1; j < b->pieces; j++)
        if (b->piece[j].left.hi == b->piece[kept].left.hi)
            b->piece[kept].mass += b->piece[j].mass;
        else
            b->piece[++kept] = b->piece[j];
    b->pieces = kept + 1;
    return MAXENT_OK;
}

static maxent_error start(mx_line_builder *b)
{
    size_t most = MX_LINE_BATCH * MX_LINE_POINTS;
    mx_line_matrix(b);
    b->value = mx_alloc(most, 3 * sizeof *b->value);
    b->column = mx_zalloc(b->variables, sizeof *b->column);
    b->low_column = mx_zalloc(b->variables, sizeof *b->low_column);
    b->held = mx_alloc(b->variables, most * sizeof *b->held);
    if (b->value == NULL || b->column == NULL || b->low_column == NULL || b->held == NULL)
        return MAXENT_ERROR_MEMORY;
    b->low = b->value + most;
    b->logp = b->low + most;
    for (size_t v = 0; v < b->variables; v++) {
        b->column[v] = b->held + v * most;
        for (size_t i = 0; i < most; i++)
            b->column[v][i] = b->request->held != NULL ? b->request->held[v] : 0.0;
    }
    b->column[b->request->v] = b->value;
    b->low_column[b->request->v] = b->low;
    return MAXENT_OK;
}

/* Shares of the whole, and what lies on either side. */
static maxent_error finish(mx_line_builder *b, mx_line *line)
{
    if (b->pieces == 0)
        return MAXENT_ERROR_VALUE;
    qsort(b->piece, b->pieces, sizeof *b->piece, by_place);
    mx_dd sum = {0, 0};
    for (size_t j = 0; j < b->pieces; j++) {
        mx_stretch *piece = &b->piece[j];
        if (piece->count > 0.0)
            piece->mass = mx_stretch_sum(piece, 1.0);
        sum = mx_dd_add_d(sum, piece->mass);
    }
    line->total = sum.hi;
    if (!(sum.hi > 0.0) || isinf(sum.hi))
        return MAXENT_ERROR_VALUE;
    mx_dd before = {0, 0}, after = {0, 0};
    for (size_t j = 0; j < b->pieces; j++) {
        mx_stretch *piece = &b->piece[j];
        piece->before = before.hi;
        piece->mass /= sum.hi;
        for (size_t k = 0; k < MX_LINE_TERMS; k++)
            piece->c[k] /= sum.hi;
        before = mx_dd_add_d(before, piece->mass);
    }
    for (size_t j = b->pieces; j-- > 0;) {
        b->piece[j].after = after.hi;
        after = mx_dd_add_d(after, b->piece[j].mass);
    }
    line->piece = b->piece;
    line->pieces = b->pieces;
    b->piece = NULL;
    return MAXENT_OK;
}

int mx_line_possible(const maxent_result *result, size_t v)
{
    const mx_support *support = &maxent_result_problem(result)->support;
    if (v >= support->variables || support->variable[v].named)
        return 0;
    if (maxent_result_probabilities(result) != NULL)
        return support->variables == 1;
    if (result->density == NULL || support->variable[v].extent == MX_LISTED)
        return 0;
    for (size_t u = 0; u < support->variables; u++)
        if (u != v && support->variable[u].extent != MX_LISTED)
            return 0;
    return 1;
}

maxent_error mx_line_new(const mx_line_request *request, mx_line **out)
{
    const maxent_result *result = request->result;
    if (!mx_line_possible(result, request->v))
        return MAXENT_ERROR_ARGUMENT;
    const mx_support *support = &maxent_result_problem(result)->support;
    const mx_variable *variable = &support->variable[request->v];
    mx_line_builder b = {.request = request, .density = result->density, .variables = support->variables};
    b.floor = request->floor > 0.0 ? request->floor : default_floor;
    b.tolerance = request->tolerance > 0.0 ? request->tolerance : default_tolerance;
    if (b.variables > 1 && request->held == NULL)
        return MAXENT_ERROR_ARGUMENT;
    size_t *node = NULL;
    mx_line *line = mx_zalloc(1, sizeof *line);
    maxent_error error = line == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error != MAXENT_OK)
        goto done;
    line->whole = variable->extent != MX_REAL;
    line->step = variable->extent == MX_WHOLE ? 1.0 : 0.0;
    line->lower = variable->lower;
    line->upper = variable->upper;
    if (result->density == NULL) {
        error = lay_states(&b);
    } else if ((error = start(&b)) != MAXENT_OK) {
        goto done;
    } else if (b.density->panels == 0) {
        error = lay_slice(&b);
    } else {
        node = mx_alloc(b.density->n, sizeof *node);
        error = node == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        for (size_t i = 0; i < b.density->panels && error == MAXENT_OK; i++) {
            lay_panel(&b, &b.density->panel[i], line->whole, node);
            error = b.error;
        }
    }
    if (error == MAXENT_OK)
        error = finish(&b, line);
    if (error == MAXENT_OK && variable->extent == MX_LISTED) {
        line->lower = line->piece[0].left.hi;
        line->upper = line->piece[line->pieces - 1].left.hi;
    }
    if (error == MAXENT_OK) {
        *out = line;
        line = NULL;
    }
done:
    mx_line_free(line);
    mx_free(node);
    mx_free(b.piece);
    mx_free(b.todo);
    mx_free(b.value);
    mx_free((void *)b.column);
    mx_free((void *)b.low_column);
    mx_free(b.held);
    return error;
}

void mx_line_free(mx_line *line)
{
    if (line != NULL) {
        mx_free(line->piece);
        mx_free(line);
    }
}
