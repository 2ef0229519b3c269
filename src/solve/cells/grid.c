/* Cells, spans and their nodes. */
#include "solve/cells/grid.h"

#include "base/dd.h"
#include "base/memory.h"
#include "solve/result.h"

#include <math.h>
#include <string.h>

#define AT_ONCE ((size_t)16384) /* nodes between two looks at the clock */

/* ---- rules ---- */

/* By Newton's method on P_m from the usual cosines, which are good to 1e-3 of the distances: three steps reach the last digit. */
void mx_legendre_rule(size_t m, double *node, double *weight)
{
    for (size_t j = m / 2; j < m; j++) {
        double x = 2 * j + 1 == m ? 0 : cos(3.14159265358979323846 * ((double)(m - j) - 0.25) / ((double)m + 0.5)), derivative = 1;
        for (int step = 0; step < 5; step++) {
            double before = 1, at = x;
            for (size_t l = 2; l <= m; l++) {
                double next = ((double)(2 * l - 1) * x * at - (double)(l - 1) * before) / (double)l;
                before = at;
                at = next;
            }
            derivative = (double)m * (x * at - before) / (x * x - 1);
            x -= at / derivative;
        }
        node[j] = x;
        node[m - 1 - j] = -x;
        weight[j] = weight[m - 1 - j] = 2 / ((1 - x * x) * derivative * derivative);
    }
}

/* The rule of the cells, and tail[r] = Legendre coefficients m - 1 - r of the interpolant. */
static void cell_rule(mx_grid *grid)
{
    size_t m = grid->rule;
    mx_legendre_rule(m, grid->node, grid->weight);
    for (size_t j = 0; j < m; j++)
        grid->log_weight[j] = log(grid->weight[j]);
    for (size_t j = 0; j < m; j++) { /* a_l = (2 l + 1) / 2 sum_j w_j P_l(x_j) y_j */
        double before = 1, at = grid->node[j];
        for (size_t l = 1; l < m; l++) {
            if (l + 3 >= m)
                grid->tail[m - 1 - l][j] = 0.5 * (double)(2 * l + 1) * grid->weight[j] * at;
            double next = ((double)(2 * l + 1) * grid->node[j] * at - (double)l * before) / (double)(l + 1);
            before = at;
            at = next;
        }
    }
}

/* Nodes and weights of the Gauss rule of m points for counting measure on `count` consecutive whole numbers centred on 0: eigenvalues
 * of the Jacobi matrix, off-diagonals b_j^2 = j^2 (count^2 - j^2) / (4 (4 j^2 - 1)), by implicit QL; weights from first components. */
static void counting_rule(size_t m, double count, double *node, double *weight)
{
    double d[MX_RULE_MOST] = {0}, e[MX_RULE_MOST] = {0}, z[MX_RULE_MOST] = {0};
    z[0] = 1;
    for (size_t j = 1; j < m; j++) {
        double s = (double)j;
        e[j - 1] = 0.5 * s * sqrt((count - s) * (count + s) / (4 * s * s - 1));
    }
    for (size_t l = 0; l < m; l++)
        for (int sweep = 0; sweep < 60; sweep++) {
            size_t at = l;
            while (at + 1 < m && fabs(e[at]) > 1e-17 * (fabs(d[at]) + fabs(d[at + 1])))
                at++;
            if (at == l)
                break;
            double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1), s = 1, c = 1, p = 0;
            g = d[at] - d[l] + e[l] / (g + copysign(r, g));
            for (size_t i = at; i-- > l;) {
                double f = s * e[i], b = c * e[i];
                r = hypot(f, g);
                e[i + 1] = r;
                s = r > 0 ? f / r : 0;
                c = r > 0 ? g / r : 1;
                g = d[i + 1] - p;
                r = (d[i] - g) * s + 2 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                double upper = z[i + 1];
                z[i + 1] = s * z[i] + c * upper;
                z[i] = c * z[i] - s * upper;
            }
            d[l] -= p;
            e[l] = g;
            e[at] = 0;
        }
    for (size_t j = 0; j < m; j++) { /* in ascending order; the rule is symmetric */
        size_t least = j;
        for (size_t i = j + 1; i < m; i++)
            least = d[i] < d[least] ? i : least;
        double x = d[least], w = z[least];
        d[least] = d[j];
        z[least] = z[j];
        d[j] = x;
        z[j] = w;
        node[j] = x;
        weight[j] = count * w * w;
    }
}

/* ---- spans ---- */

static int each(const mx_span *span)
{
    return span->to - span->from < MX_EACH;
}

static size_t span_nodes(const mx_grid *grid, size_t a, const mx_span *span)
{
    return grid->axis[a].whole && !span->log && each(span) ? (size_t)(span->to - span->from) + 1 : grid->rule;
}

void mx_span_point(const mx_span *span, double t, double *value, double *low)
{
    double distance = span->log ? exp(t) : t;
    mx_dd x = mx_two_sum(span->center, span->sign < 0 ? -distance : distance);
    *value = x.hi;
    *low = x.lo;
}

void mx_span_ends(const mx_span *span, int whole, double *left, double *right)
{
    double low, a = span->from, b = span->to;
    if (whole && !span->log) {
        *left = a;
        *right = b;
        return;
    }
    mx_span_point(span, span->sign > 0 ? a : b, left, &low);
    mx_span_point(span, span->sign > 0 ? b : a, right, &low);
}

/* Half the width of a span in t (s) whose weights are that times those of the Gauss rule; 0: they are others. */
static double gauss_half(const mx_grid *grid, size_t a, const mx_span *span)
{
    return grid->frame.comb > 0 || (grid->axis[a].whole && !span->log) ? 0 : 0.5 * (span->to - span->from);
}

/* The nodes of one span in ascending order of x: value + low, the weight of the rule in t (s), and the log of the Jacobian. */
static void span_lay(const mx_grid *grid, size_t a, const mx_span *span, double *value, double *low, double *weight, double *jacobian)
{
    size_t m = span_nodes(grid, a, span);
    if (grid->axis[a].whole && !span->log) {
        double node[MX_RULE_MOST];
        if (!each(span))
            counting_rule(m, span->to - span->from + 1, node, weight);
        for (size_t j = 0; j < m; j++) {
            value[j] = each(span) ? span->from + (double)j : 0.5 * (span->from + span->to) + node[j];
            if (each(span))
                weight[j] = 1;
            low[j] = jacobian[j] = 0;
        }
        return;
    }
    double half = 0.5 * (span->to - span->from), middle = 0.5 * (span->to + span->from);
    for (size_t j = 0; j < m && grid->frame.comb > 0; j++) {
        value[j] = middle + half * ((double)(2 * j + 1) - (double)m) / (double)m;
        weight[j] = 2 * half / (double)m;
        low[j] = jacobian[j] = 0;
    }
    if (grid->frame.comb > 0)
        return;
    for (size_t j = 0; j < m; j++) {
        double t = middle + (span->sign > 0 ? half : -half) * grid->node[j];
        mx_span_point(span, t, &value[j], &low[j]);
        weight[j] = half * grid->weight[j];
        jacobian[j] = span->log ? t : 0;
    }
}

/* ---- the grid ---- */

maxent_error mx_grid_open(const maxent_problem *problem, mx_grid *grid)
{
    memset(grid, 0, sizeof *grid);
    grid->problem = problem;
    grid->levels = 1;
    int steps = mx_field_comb(problem);
    for (size_t i = 0; i < mx_field_cuts(problem); i++)
        steps |= mx_field_cut(problem, i) == MX_CUT_WHOLE;
    for (size_t v = 0; v < problem->support.variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        if (variable->extent == MX_LISTED)
            grid->levels *= variable->levels;
        else if (grid->axes < MX_AXES)
            grid->axis[grid->axes++] = (mx_axis){.variable = v, .whole = variable->extent == MX_WHOLE,
                                                 .fine = variable->extent == MX_WHOLE && steps,
                                                 .lower = variable->lower, .upper = variable->upper};
    }
    mx_grid_rule(grid, 0);
    return MAXENT_OK;
}

void mx_grid_rule(mx_grid *grid, int check)
{
    if (grid->frame.comb > 0) {
        grid->rule = grid->frame.comb + (check ? grid->frame.comb / 3 : 0);
        return;
    }
    grid->rule = grid->axes == 1 ? 16 : grid->frame.set ? 12 : grid->axes == 2 ? 10 : 6;
    grid->rule += check ? grid->rule / (grid->axes < 3 ? 2 : 3) : 0;
    cell_rule(grid);
}

void mx_grid_close(mx_grid *grid)
{
    for (size_t a = 0; a < grid->axes; a++) {
        mx_free(grid->axis[a].root);
        mx_free(grid->axis[a].singular);
    }
    mx_free(grid->cell);
    mx_free(grid->nested.edge);
    memset(grid, 0, sizeof *grid);
}

int mx_grid_root(mx_axis *axis, mx_span span)
{
    if (axis->roots == axis->capacity) {
        size_t capacity = axis->capacity == 0 ? 64 : 2 * axis->capacity;
        mx_span *grown = mx_resize(axis->root, capacity, sizeof *grown);
        if (grown == NULL)
            return -1;
        axis->root = grown;
        axis->capacity = capacity;
    }
    axis->root[axis->roots++] = span;
    return 0;
}

static mx_cell *new_cell(mx_grid *grid)
{
    if (grid->cells == grid->capacity) {
        size_t capacity = grid->capacity == 0 ? 128 : 2 * grid->capacity;
        mx_cell *grown = mx_resize(grid->cell, capacity, sizeof *grown);
        if (grown == NULL)
            return NULL;
        grid->cell = grown;
        grid->capacity = capacity;
    }
    mx_cell *cell = &grid->cell[grid->cells++];
    memset(cell, 0, sizeof *cell);
    return cell;
}

maxent_error mx_grid_cells(mx_grid *grid, size_t a, size_t first, size_t last)
{
    size_t at[MX_AXES] = {0};
    for (size_t b = 0; b < grid->axes; b++)
        if (grid->axis[b].roots == 0)
            return MAXENT_OK;
    if (first >= last)
        return MAXENT_OK;
    at[a] = first;
    for (;;) {
        mx_cell *cell = new_cell(grid);
        if (cell == NULL)
            return MAXENT_ERROR_MEMORY;
        for (size_t b = 0; b < grid->axes; b++)
            cell->span[b] = grid->axis[b].root[at[b]];
        size_t b = 0;
        for (; b < grid->axes; b++) {
            if (++at[b] < (b == a ? last : grid->axis[b].roots))
                break;
            at[b] = b == a ? first : 0;
        }
        if (b == grid->axes)
            return MAXENT_OK;
    }
}

int mx_grid_halve(mx_grid *grid, size_t c, size_t a)
{
    mx_span *span = &grid->cell[c].span[a];
    int whole = grid->axis[a].whole && !span->log;
    double middle = 0.5 * (span->from + span->to);
    if (whole) {
        if (each(span))
            return 1;
        middle = floor(middle);
    } else {
        double scale = span->log ? 1 : fmax(fabs(span->from), fabs(span->to));
        if (!(span->to - span->from > 1e-12 * scale))
            return 1;
    }
    mx_cell *second = new_cell(grid);
    if (second == NULL)
        return -1;
    span = &grid->cell[c].span[a];
    grid->cell[c].rule = 0;
    *second = grid->cell[c];
    span->to = middle;
    second->span[a].from = whole ? middle + 1 : middle;
    return 0;
}

double mx_grid_tail(const mx_grid *grid, const mx_cell *cell, size_t a, const double *y)
{
    const mx_span *span = &cell->span[a];
    if ((grid->axis[a].whole && !span->log && each(span)) || grid->frame.comb > 0)
        return 0;
    size_t stride = grid->levels, m = grid->rule, lines = cell->count / m;
    for (size_t b = 0; b < a; b++)
        stride *= span_nodes(grid, b, &cell->span[b]);
    double sum = 0;
    for (size_t line = 0; line < lines; line++) {
        const double *at = y + line / stride * stride * m + line % stride;
        double worst = 0;
        for (int r = 0; r < 3; r++) {
            double coefficient = 0;
            for (size_t j = 0; j < m; j++)
                coefficient += grid->tail[r][j] * at[j * stride];
            worst = fmax(worst, fabs(coefficient));
        }
        sum += worst;
    }
    return sum;
}

double mx_grid_edge(const mx_grid *grid, const mx_cell *cell, size_t a, int side, const double *y)
{
    size_t stride = grid->levels, m = span_nodes(grid, a, &cell->span[a]);
    for (size_t b = 0; b < a; b++)
        stride *= span_nodes(grid, b, &cell->span[b]);
    double sum = 0;
    for (size_t j = 0; j < cell->count; j++)
        if (j / stride % m == (side == 0 ? 0 : m - 1))
            sum += y[j];
    return sum;
}

static size_t cell_nodes(const mx_grid *grid, const mx_cell *cell)
{
    size_t n = grid->levels;
    for (size_t a = 0; a < grid->axes; a++)
        n *= span_nodes(grid, a, &cell->span[a]);
    return n;
}

void mx_grid_weights(const mx_grid *grid, const mx_cell *cell, double *out)
{
    double value[MX_LINE_MOST], low[MX_LINE_MOST], weight[MX_LINE_MOST], jacobian[MX_LINE_MOST];
    size_t n = cell_nodes(grid, cell), stride = grid->levels;
    for (size_t j = 0; j < n; j++)
        out[j] = 1;
    for (size_t a = 0; a < grid->axes; a++) {
        size_t m = span_nodes(grid, a, &cell->span[a]);
        double half = gauss_half(grid, a, &cell->span[a]);
        if (half == 0)
            span_lay(grid, a, &cell->span[a], value, low, weight, jacobian);
        for (size_t i = 0; half > 0 && i < m; i++) /* the points are not asked for: their exponentials take time */
            weight[i] = half * grid->weight[i];
        for (size_t from = 0, i = 0; from < n; from += stride, i = i + 1 < m ? i + 1 : 0)
            for (size_t j = from; j < from + stride; j++)
                out[j] *= weight[i];
        stride *= m;
    }
}

void mx_frame_points(const mx_grid *grid, size_t n, double *const *value, double *const *low)
{
    const mx_frame *frame = &grid->frame;
    for (size_t a = grid->axes; a-- > 0;) /* by is lower triangular: the last first, in place */
        for (size_t j = 0; j < n; j++) {
            mx_dd x = mx_dd_make(frame->centre[a]);
            for (size_t b = 0; b <= a; b++)
                x = mx_dd_add(x, mx_dd_mul_d((mx_dd){value[b][j], low[b][j]}, frame->by[a][b]));
            value[a][j] = x.hi;
            low[a][j] = x.lo;
        }
}

void mx_nodes_levels(const mx_grid *grid, mx_nodes *nodes, size_t first, size_t count)
{
    const mx_support *support = &grid->problem->support;
    size_t inner = 1;
    for (size_t v = support->variables; v-- > 0;) {
        const mx_variable *variable = &support->variable[v];
        if (variable->extent != MX_LISTED)
            continue;
        for (size_t j = 0; j < count; j++) {
            size_t level = j / inner % variable->levels;
            nodes->value[v][first + j] = variable->named ? (double)level : variable->number[level];
            nodes->low[v][first + j] = 0;
        }
        inner *= variable->levels;
    }
}

/* The nodes of a cell from number `first` on: levels run fastest, then the axes in turn. */
static void cell_lay(const mx_grid *grid, const mx_cell *cell, size_t first, mx_nodes *nodes)
{
    double value[MX_LINE_MOST], low[MX_LINE_MOST], weight[MX_LINE_MOST], jacobian[MX_LINE_MOST];
    size_t n = cell_nodes(grid, cell), stride = grid->levels;
    for (size_t j = 0; j < n; j++)
        nodes->logw[first + j] = 0;
    for (size_t a = 0; a < grid->axes; a++) {
        size_t m = span_nodes(grid, a, &cell->span[a]), v = grid->axis[a].variable;
        span_lay(grid, a, &cell->span[a], value, low, weight, jacobian);
        double half = gauss_half(grid, a, &cell->span[a]), log_half = half > 0 ? log(half) : 0;
        for (size_t i = 0; i < m; i++)
            weight[i] = (half > 0 ? log_half + grid->log_weight[i] : log(weight[i])) + jacobian[i];
        for (size_t from = 0, i = 0; from < n; from += stride, i = i + 1 < m ? i + 1 : 0)
            for (size_t j = first + from; j < first + from + stride; j++) {
                nodes->value[v][j] = value[i];
                nodes->low[v][j] = low[i];
                nodes->logw[j] += weight[i];
            }
        stride *= m;
    }
    if (grid->frame.set) {
        double *x[MX_AXES] = {NULL}, *x_low[MX_AXES] = {NULL}, stretch = 0;
        for (size_t a = 0; a < grid->axes; a++) {
            x[a] = nodes->value[grid->axis[a].variable] + first;
            x_low[a] = nodes->low[grid->axis[a].variable] + first;
            stretch += log(grid->frame.by[a][a]);
        }
        mx_frame_points(grid, n, x, x_low);
        for (size_t j = 0; j < n; j++)
            nodes->logw[first + j] += stretch;
    }
    mx_nodes_levels(grid, nodes, first, n);
}

maxent_error mx_nodes_evaluate(const mx_grid *grid, mx_nodes *nodes, size_t first, size_t count)
{
    size_t variables = grid->problem->support.variables;
    const double **list = mx_alloc(2 * variables, sizeof *list);
    maxent_error error = list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t from = first, to; error == MAXENT_OK && from < first + count; from = to) {
        to = first + count - from > AT_ONCE ? from + AT_ONCE : first + count;
        for (size_t v = 0; v < variables; v++) {
            list[v] = nodes->value[v] + from;
            list[variables + v] = nodes->low[v] + from;
        }
        mx_points points = {to - from, list, list + variables};
        if (mx_field_values(grid->problem, &points, nodes->hi + from * nodes->k, nodes->lo + from * nodes->k, NULL) != 0 ||
            mx_field_prior(grid->problem, &points, nodes->logq + from, nodes->logq_low + from) != 0)
            error = MAXENT_ERROR_MEMORY;
        else if (grid->run != NULL && count > AT_ONCE && mx_late(grid->run))
            error = MAXENT_ERROR_LIMIT;
    }
    mx_free(list);
    return error;
}

static void copy(const mx_nodes *old, size_t from, mx_nodes *nodes, size_t to, size_t count, size_t variables)
{
    size_t k = nodes->k;
    for (size_t v = 0; v < variables; v++) {
        memcpy(nodes->value[v] + to, old->value[v] + from, count * sizeof(double));
        memcpy(nodes->low[v] + to, old->low[v] + from, count * sizeof(double));
    }
    memcpy(nodes->logw + to, old->logw + from, count * sizeof(double));
    memcpy(nodes->logq + to, old->logq + from, count * sizeof(double));
    memcpy(nodes->logq_low + to, old->logq_low + from, count * sizeof(double));
    memcpy(nodes->hi + to * k, old->hi + from * k, count * k * sizeof(double));
    memcpy(nodes->lo + to * k, old->lo + from * k, count * k * sizeof(double));
}

maxent_error mx_nodes_open(mx_nodes *nodes, size_t n, size_t variables, size_t k)
{
    memset(nodes, 0, sizeof *nodes);
    nodes->n = n;
    nodes->k = k;
    nodes->value = mx_zalloc(variables, sizeof *nodes->value);
    nodes->low = mx_zalloc(variables, sizeof *nodes->low);
    nodes->logw = mx_alloc(n + 1, sizeof *nodes->logw);
    nodes->logq = mx_alloc(n + 1, sizeof *nodes->logq);
    nodes->logq_low = mx_alloc(n + 1, sizeof *nodes->logq_low);
    nodes->hi = mx_alloc(n + 1, (k + 1) * sizeof *nodes->hi);
    nodes->lo = mx_alloc(n + 1, (k + 1) * sizeof *nodes->lo);
    if (nodes->value == NULL || nodes->low == NULL || nodes->logw == NULL || nodes->logq == NULL || nodes->logq_low == NULL ||
        nodes->hi == NULL || nodes->lo == NULL)
        return MAXENT_ERROR_MEMORY;
    double *all = mx_alloc(2 * variables, (n + 1) * sizeof *all); /* one block: value[0] owns it */
    if (all == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t v = 0; v < variables; v++) {
        nodes->value[v] = all + v * n;
        nodes->low[v] = all + (variables + v) * n;
    }
    return MAXENT_OK;
}

maxent_error mx_nodes_lay(mx_grid *grid, const mx_nodes *old, size_t most, mx_nodes *nodes)
{
    size_t variables = grid->problem->support.variables, k = grid->problem->k;
    memset(nodes, 0, sizeof *nodes);
    for (size_t c = 0; c < grid->cells; c++)
        nodes->n += cell_nodes(grid, &grid->cell[c]);
    if (nodes->n > most) {
        nodes->n = 0;
        return MAXENT_ERROR_LIMIT;
    }
    maxent_error error = mx_nodes_open(nodes, nodes->n, variables, k);
    if (error != MAXENT_OK)
        return error;
    size_t at = 0, fresh = 0; /* nodes fresh .. at - 1 are to be evaluated */
    for (size_t c = 0; c < grid->cells; c++) {
        mx_cell *cell = &grid->cell[c];
        size_t count = cell_nodes(grid, cell);
        if (old != NULL && cell->rule == grid->rule) {
            if (at > fresh && (error = mx_nodes_evaluate(grid, nodes, fresh, at - fresh)) != MAXENT_OK)
                return error;
            copy(old, cell->first, nodes, at, count, variables);
            fresh = at + count;
        } else {
            cell_lay(grid, cell, at, nodes);
        }
        cell->first = at;
        cell->count = count;
        cell->rule = grid->rule;
        at += count;
    }
    return at > fresh ? mx_nodes_evaluate(grid, nodes, fresh, at - fresh) : MAXENT_OK;
}

void mx_nodes_close(mx_nodes *nodes)
{
    if (nodes->value != NULL)
        mx_free(nodes->value[0]);
    mx_free(nodes->value);
    mx_free(nodes->low);
    mx_free(nodes->logw);
    mx_free(nodes->logq);
    mx_free(nodes->logq_low);
    mx_free(nodes->hi);
    mx_free(nodes->lo);
    memset(nodes, 0, sizeof *nodes);
}
