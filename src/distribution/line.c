/* Laying an answer out along the line: where p is sampled, and when a piece is fine enough.
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
#include "distribution/line.h"

#include "base/memory.h"
#include "solve/density.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS = MX_LINE_TERMS, POINTS = TERMS + 2, BATCH = 64, NODES_EACH = 16, LEAST_WHOLE = 64, EDGE = 16, MOST_STEPS = 4000 };

static const double default_floor = 1e-25, default_tolerance = 1e-14;
static const size_t most_pieces = 50000;

typedef struct pending {
    mx_dd left;
    double width, count;
    int depth;
} pending;

typedef struct builder {
    const mx_line_request *request;
    const struct mx_density *density;
    size_t variables;
    double floor, tolerance;
    double t[TERMS], w[TERMS], matrix[TERMS][TERMS]; /* [k][i] */
    mx_stretch *piece;
    size_t pieces, room;
    size_t tried;                   /* intervals that were sampled */
    pending *todo;
    size_t waiting, todo_room;
    double *value, *low, *logp;     /* [BATCH * POINTS] */
    double **column, **low_column;  /* [variables] */
    double *held;                   /* [variables][BATCH * POINTS] */
    maxent_error error;
} builder;

static void set_matrix(builder *b)
{
    mx_gauss(TERMS, b->t, b->w);
    for (size_t i = 0; i < TERMS; i++) {
        double p = 1.0, before = 0.0;
        for (size_t k = 0; k < TERMS; k++) {
            b->matrix[k][i] = ((double)k + 0.5) * b->w[i] * p;
            double next = ((2.0 * (double)k + 1.0) * b->t[i] * p - (double)k * before) / ((double)k + 1.0);
            before = p;
            p = next;
        }
    }
}

/* Room for one more; 0 when there is no memory, which is remembered. */
static int grow(builder *b, void **array, size_t used, size_t *room, size_t size)
{
    if (b->error != MAXENT_OK)
        return 0;
    if (used < *room)
        return 1;
    size_t wanted = *room == 0 ? 64 : 2 * *room;
    void *more = mx_resize(*array, wanted, size);
    if (more == NULL) {
        b->error = MAXENT_ERROR_MEMORY;
        return 0;
    }
    *array = more;
    *room = wanted;
    return 1;
}

static mx_stretch *add_piece(builder *b)
{
    void *array = b->piece;
    int ok = grow(b, &array, b->pieces, &b->room, sizeof *b->piece);
    b->piece = array;
    return ok ? memset(&b->piece[b->pieces++], 0, sizeof *b->piece) : NULL;
}

static void add_atom(builder *b, double x, double p)
{
    mx_stretch *piece = p > 0.0 ? add_piece(b) : NULL;
    if (piece != NULL) {
        piece->left = mx_dd_make(x);
        piece->mass = p;
    }
}

static void push(builder *b, mx_dd left, double width, double count, int depth)
{
    void *array = b->todo;
    if (!(width > 0.0))
        return;
    int ok = grow(b, &array, b->waiting, &b->todo_room, sizeof *b->todo);
    b->todo = array;
    if (ok)
        b->todo[b->waiting++] = (pending){left, width, count, depth};
}

/* logp at n places in value and low. */
static void sample(builder *b, size_t n)
{
    if (b->error != MAXENT_OK)
        return;
    mx_points points = {.n = n, .value = (const double *const *)b->column, .low = (const double *const *)b->low_column};
    b->error = mx_density_log(b->request->result, &points, b->logp);
}

/* How far from its ends an interval is looked at, because a jump next to them would hide from the other places. */
static double just_inside(const pending *interval)
{
    double size = fmax(fabs(interval->left.hi), fabs(interval->left.hi + interval->width));
    return fmin(fmax(1e-14 * interval->width, 4.0 * DBL_EPSILON * size), 1e-3 * interval->width);
}

/* Puts the places of an interval into the arrays from `at` on. */
static void place(builder *b, const pending *interval, size_t at)
{
    for (size_t i = 0; i < TERMS; i++) {
        mx_dd x = mx_dd_add_d(interval->left, 0.5 * (1.0 + b->t[i]) * interval->width);
        b->value[at + i] = x.hi;
        b->low[at + i] = x.lo;
    }
    mx_dd right = mx_dd_add_d(interval->left, interval->width);
    double inside = just_inside(interval);
    mx_dd ends[2] = {mx_dd_add_d(interval->left, inside), mx_dd_add_d(right, -inside)};
    for (size_t i = 0; i < 2; i++) {
        b->value[at + TERMS + i] = ends[i].hi;
        b->low[at + TERMS + i] = ends[i].lo;
    }
}

/* The series of p on an interval from its samples. *off: how much is not resolved, in the unit of the mass. Returns whether it will do. */
static int fit(const builder *b, const pending *interval, const double *logp, mx_stretch *piece)
{
    double p[TERMS], largest = 0.0, top = -INFINITY;
    int finite = 1;
    for (size_t i = 0; i < TERMS; i++) {
        p[i] = exp(logp[i]);
        finite = finite && p[i] < INFINITY; /* NaN is not */
        if (logp[i] > top)
            top = logp[i];
    }
    memset(piece, 0, sizeof *piece);
    piece->left = interval->left;
    piece->width = interval->width;
    piece->count = interval->count;
    if (!finite)
        return 0;
    for (size_t k = 0; k < TERMS; k++) {
        for (size_t i = 0; i < TERMS; i++)
            piece->c[k] += b->matrix[k][i] * p[i];
        largest = fmax(largest, fabs(piece->c[k]));
    }
    piece->mass = piece->c[0] * piece->width;
    double rest = fabs(piece->c[TERMS - 1]) + fabs(piece->c[TERMS - 2]);
    double end = 1.0 - 2.0 * just_inside(interval) / interval->width;
    for (size_t i = 0; i < 2; i++) {
        double off = fabs(exp(logp[TERMS + i]) - mx_stretch_at(piece, i == 0 ? -end : end));
        if (!(off <= 1e-7 * largest)) /* a jump is more, rounding far less */
            rest = fmin(fmax(rest, off), largest);
    }
    double noise = 4.0 * DBL_EPSILON * fabs(top); /* of log p, a double */
    double enough = interval->depth > 40 ? 1e-15 : 0.001 * b->floor; /* of the mass: what is left after that is rounding, or an end */
    return rest <= (b->tolerance + (isfinite(noise) ? noise : 0.0)) * largest || rest * piece->width <= enough;
}

/* Whole numbers from a on, one by one. */
static void add_whole(builder *b, double a, double count)
{
    for (double done = 0.0; done < count && b->error == MAXENT_OK;) {
        size_t n = count - done < BATCH * POINTS ? (size_t)(count - done) : BATCH * POINTS;
        for (size_t i = 0; i < n; i++) {
            b->value[i] = a + done + (double)i;
            b->low[i] = 0.0;
        }
        sample(b, n);
        for (size_t i = 0; b->error == MAXENT_OK && i < n; i++)
            add_atom(b, b->value[i], exp(b->logp[i]));
        done += (double)n;
    }
}

/* Can an interval not be halved any more? */
static int is_point(const builder *b, const pending *interval)
{
    return b->pieces > most_pieces || b->tried > 2 * most_pieces || interval->depth > 1060 ||
           (interval->depth > 60 && interval->left.lo == 0.0 && interval->width < DBL_EPSILON * fabs(interval->left.hi));
}

static void halve(builder *b, const pending *whole)
{
    if (whole->count > 0.0) {
        double first = floor(whole->count / 2.0), a = whole->left.hi;
        push(b, whole->left, first, first, whole->depth + 1);
        push(b, mx_dd_make(a + first), whole->count - first, whole->count - first, whole->depth + 1);
        return;
    }
    /* where both ends are far from 0 compared with each other, at their geometric mean */
    double left = whole->left.hi, right = left + whole->width, part = whole->width / 2.0;
    if (left > 0.0 && right > 16.0 * left && right < INFINITY)
        part = sqrt(left) * sqrt(right) - left;
    else if (right < 0.0 && left < 16.0 * right && left > -INFINITY)
        part = -sqrt(-left) * sqrt(-right) - left;
    if (!(part > 0.0 && part < whole->width))
        part = whole->width / 2.0;
    push(b, whole->left, part, 0.0, whole->depth + 1);
    push(b, mx_dd_add_d(whole->left, part), whole->width - part, 0.0, whole->depth + 1);
}

/* Everything that waits becomes pieces. */
static void work_off(builder *b)
{
    while (b->waiting > 0 && b->error == MAXENT_OK) {
        pending now[BATCH];
        size_t n = b->waiting < BATCH ? b->waiting : BATCH, kept = 0;
        for (size_t j = 0; j < n; j++) {
            pending next = b->todo[--b->waiting];
            if (next.count > 0.0 && next.count < 2 * LEAST_WHOLE)
                add_whole(b, next.left.hi + 0.5, next.count);
            else
                now[kept++] = next;
        }
        for (size_t j = 0; j < kept; j++)
            place(b, &now[j], j * POINTS);
        if (kept > 0)
            sample(b, kept * POINTS);
        b->tried += kept;
        for (size_t j = 0; j < kept && b->error == MAXENT_OK; j++) {
            mx_stretch piece;
            if (fit(b, &now[j], b->logp + j * POINTS, &piece) || is_point(b, &now[j])) {
                mx_stretch *new = piece.mass > 0.0 ? add_piece(b) : NULL;
                if (new != NULL)
                    *new = piece;
            } else {
                halve(b, &now[j]);
            }
        }
    }
}

/* From a place to an infinite end in growing steps; sign: which one. */
static void walk(builder *b, double from, double step, int sign, int whole)
{
    double x = from;
    if (whole)
        step = fmax(LEAST_WHOLE, floor(step));
    for (int i = 0; i < MOST_STEPS && b->error == MAXENT_OK; i++) {
        double left = sign > 0 ? x : x - step, mass = 0.0;
        if (!(step > 0.0) || !isfinite(x + sign * step) || x + sign * step == x)
            return;
        pending next = {mx_dd_make(left), step, whole ? step : 0.0, 0};
        mx_stretch piece;
        if (whole && step < 2 * LEAST_WHOLE) {
            size_t first = b->pieces;
            add_whole(b, left + 0.5, step);
            for (size_t j = first; j < b->pieces; j++)
                mass += b->piece[j].mass;
        } else {
            place(b, &next, 0);
            sample(b, POINTS);
            if (b->error != MAXENT_OK)
                return;
            if (!fit(b, &next, b->logp, &piece) && step > 1e-300 && step > DBL_EPSILON * fabs(x)) {
                step = whole ? floor(step / 2.0) : step / 2.0;
                continue;
            }
            mass = piece.mass;
            mx_stretch *new = mass > 0.0 ? add_piece(b) : NULL;
            if (new != NULL)
                *new = piece;
        }
        x += sign * step;
        step *= 2.0;
        if (!(mass > b->floor))
            return;
    }
}

/* A node that carries something. */
static int carries(const struct mx_density *d, size_t j)
{
    return d->logw[j] + d->logp[j] > -65.0; /* 6e-29 */
}

/* Cuts left .. right at every 16th of the nodes, given by their numbers in order. Infinite ends are walked to. */
static void lay(builder *b, double left, double right, const size_t *node, size_t nodes)
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
    for (size_t j = first + NODES_EACH / 2; last - first > 3 * NODES_EACH / 2 && j + NODES_EACH / 2 < last; j += NODES_EACH) {
        mx_dd cut = {value[node[j]], low != NULL ? low[node[j]] : 0.0};
        push(b, from, mx_dd_sub(cut, from).hi, 0.0, 0);
        from = cut;
    }
    push(b, from, mx_dd_sub(end, from).hi, 0.0, 0);
    double scale = fmax((end.hi - begin) / 64.0, 1e-300);
    work_off(b);
    if (isinf(left))
        walk(b, begin, begin == end.hi ? 1.0 : scale, -1, 0);
    if (isinf(right))
        walk(b, end.hi, begin == end.hi ? 1.0 : scale, 1, 0);
}

/* The same for whole numbers that are not all nodes. */
static void lay_whole(builder *b, double left, double right, const size_t *node, size_t nodes)
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
    if (z - a < 4 * LEAST_WHOLE) {
        add_whole(b, a, z - a + 1.0);
    } else {
        double from = a + EDGE, end = z - EDGE + 1.0;
        add_whole(b, a, EDGE);
        add_whole(b, end, EDGE);
        for (size_t j = first + NODES_EACH; j < last; j += NODES_EACH) {
            double cut = floor(value[node[j]]);
            if (cut >= from + LEAST_WHOLE && cut <= end - LEAST_WHOLE) {
                push(b, mx_dd_make(from - 0.5), cut - from, cut - from, 0);
                from = cut;
            }
        }
        push(b, mx_dd_make(from - 0.5), end - from, end - from, 0);
    }
    work_off(b);
    if (isinf(left))
        walk(b, a - 0.5, LEAST_WHOLE, -1, 1);
    if (isinf(right))
        walk(b, z + 0.5, LEAST_WHOLE, 1, 1);
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
static maxent_error lay_slice(builder *b)
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

static void lay_panel(builder *b, const mx_panel *panel, int whole, size_t *node)
{
    const struct mx_density *d = b->density;
    for (size_t j = 0; j < panel->count; j++)
        node[j] = panel->first + j;
    if (!whole) {
        lay(b, panel->left, panel->right, node, panel->count);
    } else if (panel->right - panel->left + 1.0 == (double)panel->count) {
        for (size_t j = 0; j < panel->count; j++)
            add_atom(b, d->value[0][node[j]], exp(d->logp[node[j]]));
    } else {
        lay_whole(b, panel->left, panel->right, node, panel->count);
    }
}

/* The states of a finite support of numbers. */
static maxent_error lay_states(builder *b)
{
    const maxent_problem *problem = maxent_result_problem(b->request->result);
    const double *p = maxent_result_probabilities(b->request->result);
    for (size_t x = 0; x < problem->n && b->error == MAXENT_OK; x++) {
        double value;
        maxent_problem_value(problem, b->request->v, x, &value);
        add_atom(b, value, p[x]);
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

static maxent_error start(builder *b)
{
    size_t most = BATCH * POINTS;
    set_matrix(b);
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
static maxent_error finish(builder *b, mx_line *line)
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
        for (size_t k = 0; k < TERMS; k++)
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
    builder b = {.request = request, .density = result->density, .variables = support->variables};
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
