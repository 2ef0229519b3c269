/* Mass at the near end of a wide cell, where no node of it looks. */
#include "solve/continuous/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN 1e-16      /* mass that may be where no node looks, on a line */
#define HIDDEN_INSIDE 1e-14 /* the same in cells of several axes */
#define SEEN 4.0          /* times what the nodes of the cell see */
#define WIDE 32.0         /* times the narrowest cell of an axis */

typedef struct place {
    double left, right;
    size_t cell;
} place;

static int by_left(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return (x->left > y->left) - (x->left < y->left);
}

/* Beside a cell with mass the next one may be so wide that no node of it sees the mass at its near end. With r the density at the last
 * node on this side, r times the distance to the first node on the other bounds what may be hidden there; if that counts and the
 * densities differ by more than a smooth fall explains, the wide cell is halved. */
static maxent_error behind_on_line(mx_continuum *c, size_t *halved)
{
    size_t cells = c->grid.cells, levels = c->grid.levels, v = c->grid.axis[0].variable;
    if (c->grid.axes != 1)
        return MAXENT_OK;
    place *order = mx_alloc(cells + 1, sizeof *order);
    if (order == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t a = 0; a < cells; a++) {
        order[a].cell = a;
        mx_span_ends(&c->grid.cell[a].span[0], c->grid.axis[0].whole, &order[a].left, &order[a].right);
    }
    qsort(order, cells, sizeof *order, by_left);
    maxent_error error = MAXENT_OK;
    unsigned char *done = mx_zalloc(cells + 1, 1);
    for (size_t i = 0; done != NULL && i + 1 < cells && error == MAXENT_OK; i++) {
        size_t cell[2] = {order[i].cell, order[i + 1].cell};
        const mx_cell *left = &c->grid.cell[cell[0]], *right = &c->grid.cell[cell[1]];
        for (size_t l = 0; l < levels; l++) {
            size_t a = left->first + left->count - levels + l, b = right->first + l;
            double fall = (c->logp[a] - c->nodes.logw[a]) - (c->logp[b] - c->nodes.logw[b]);
            size_t wide = fall > 0 ? 1 : 0, high = fall > 0 ? a : b, low = fall > 0 ? b : a;
            double gap = fabs(c->nodes.value[v][low] - (wide == 1 ? order[i].right : order[i + 1].left));
            if (!(fabs(fall) > 30) || !(c->logp[high] - c->nodes.logw[high] + log(gap) > log(HIDDEN)) || done[cell[wide]])
                continue;
            int how = mx_grid_halve(&c->grid, cell[wide], 0);
            done[cell[wide]] = 1;
            *halved += how == 0;
            error = how < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        }
    }
    error = done == NULL ? MAXENT_ERROR_MEMORY : error;
    mx_free(order);
    mx_free(done);
    return error;
}

/* ---- several axes ---- */

enum { NEAR = 11, POINTS_MOST = 2 * NEAR * 25 };

typedef struct look {
    double *column, *hi, *lo, *logq, *logq_low;
    const double **list;
    double extent[POINTS_MOST]; /* log of how much of the cell is about as near as the point */
    double off[POINTS_MOST];    /* its distance from the end, along the axis, in x */
    int side[POINTS_MOST];
    size_t points, peak;
} look;

static double width_of(const mx_grid *grid, const mx_cell *cell, size_t a)
{
    double left, right;
    mx_span_ends(&cell->span[a], grid->axis[a].whole, &left, &right);
    return right - left;
}

/* Points of a cell towards both ends of axis a, at a few places of the other axes. */
static void place_points(const mx_continuum *c, const mx_cell *cell, size_t a, look *l)
{
    static const double other2[] = {0x1p-20, 0x1p-8, 0.5, 1 - 0x1p-8, 1 - 0x1p-20}, other3[] = {0x1p-8, 0.5, 1 - 0x1p-8};
    const mx_grid *grid = &c->grid;
    const double *other = grid->axes == 2 ? other2 : other3;
    size_t places = grid->axes == 2 ? 5 : 3, combinations = 1;
    for (size_t b = 1; b < grid->axes; b++)
        combinations *= places;
    l->points = 0;
    for (int side = 0; side < 2; side++)
        for (int near = 0; near < NEAR; near++)
            for (size_t m = 0; m < combinations; m++) {
                size_t n = l->points++, rest = m;
                l->extent[n] = 0;
                l->side[n] = side;
                for (size_t b = 0; b < grid->axes; b++) {
                    const mx_span *span = &cell->span[b];
                    double part = b == a ? ldexp(1, -1 - 3 * near) : other[rest % places], low, x, end;
                    if (b != a)
                        rest /= places;
                    part = b == a && side == 1 ? 1 - part : part;
                    mx_span_point(span, span->from + part * (span->to - span->from), &x, &low);
                    mx_span_point(span, part < 0.5 ? span->from : span->to, &end, &low);
                    if (grid->axis[b].whole)
                        x = floor(x);
                    l->column[grid->axis[b].variable * POINTS_MOST + n] = x;
                    double off = fabs(x - end) + (grid->axis[b].whole ? 1 : 0); /* of whole numbers: how many */
                    l->extent[n] += log(off);
                    if (b == a)
                        l->off[n] = off;
                }
            }
}

/* The place of a cell where most mass may be hidden: its number, or -1: nothing that counts. */
static int look_at(const mx_continuum *c, const mx_cell *cell, size_t a, look *l)
{
    mx_points points = {0, l->list, NULL};
    place_points(c, cell, a, l);
    points.n = l->points;
    if (mx_field_values(c->run->problem, &points, l->hi, l->lo, NULL) != 0 ||
        mx_field_prior(c->run->problem, &points, l->logq, l->logq_low) != 0)
        return -1;
    mx_continuum_log_density(c, l->points, l->hi, l->lo, l->logq, l->logq_low);
    int found = -1;
    double most = log(fmax(HIDDEN_INSIDE, SEEN * cell->mass)), width = width_of(&c->grid, cell, a);
    for (size_t n = 0; n < l->points; n++)
        if (l->off[n] < width / WIDE && l->logq[n] + l->extent[n] > most) {
            most = l->logq[n] + l->extent[n];
            found = (int)n;
        }
    return found;
}

/* Halves a cell towards one of its ends until its part there is no wider than a few times `off`. Returns how many halvings; -1: no
 * memory. */
static int narrow_down(mx_grid *grid, size_t cell, size_t a, int side, double off)
{
    int halved = 0;
    while (width_of(grid, &grid->cell[cell], a) > 8 * off) {
        int done = mx_grid_halve(grid, cell, a);
        if (done != 0)
            return done < 0 ? -1 : halved;
        halved++;
        cell = side == 1 ? grid->cells - 1 : cell;
    }
    return halved;
}

static maxent_error behind_inside(mx_continuum *c, size_t *halved)
{
    mx_grid *grid = &c->grid;
    size_t variables = c->shadow.support.variables, k = c->shadow.k, cells = grid->cells;
    look l = {.column = mx_zalloc(variables, POINTS_MOST * sizeof(double)), .hi = mx_alloc(2 * k + 2, POINTS_MOST * sizeof(double)),
              .list = mx_alloc(variables, sizeof *l.list)};
    maxent_error error = l.column == NULL || l.hi == NULL || l.list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        l.lo = l.hi + k * POINTS_MOST;
        l.logq = l.lo + k * POINTS_MOST;
        l.logq_low = l.logq + POINTS_MOST;
        for (size_t j = 1; j < c->nodes.n; j++)
            l.peak = c->p[j] > c->p[l.peak] ? j : l.peak;
        for (size_t v = 0; v < variables; v++) {
            l.list[v] = l.column + v * POINTS_MOST;
            for (size_t n = 0; n < POINTS_MOST; n++) /* listed variables as at the peak */
                l.column[v * POINTS_MOST + n] = c->nodes.value[v][l.peak];
        }
    }
    for (size_t a = 0; error == MAXENT_OK && a < grid->axes; a++) {
        double narrowest = INFINITY;
        for (size_t b = 0; b < cells; b++)
            narrowest = fmin(narrowest, width_of(grid, &grid->cell[b], a));
        if (grid->axis[a].whole) /* of fewer each is a node */
            narrowest = fmax(narrowest, MX_EACH / WIDE);
        for (size_t b = 0; b < cells && error == MAXENT_OK && !mx_late(c->run); b++) {
            if (!(width_of(grid, &grid->cell[b], a) > WIDE * narrowest) || grid->cell[b].rule == 0) /* halved already */
                continue;
            int found = look_at(c, &grid->cell[b], a, &l);
            int done = found < 0 ? 0 : narrow_down(grid, b, a, l.side[found], l.off[found]);
            *halved += done > 0 ? (size_t)done : 0;
            error = done < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        }
    }
    mx_free(l.column);
    mx_free(l.hi);
    mx_free(l.list);
    return error;
}

maxent_error mx_continuum_behind(mx_continuum *c, int thorough, size_t *halved)
{
    const mx_grid *grid = &c->grid;
    if (grid->axes == 1)
        return behind_on_line(c, halved);
    return thorough && !grid->frame.set && !grid->nested.on ? behind_inside(c, halved) : MAXENT_OK;
}
