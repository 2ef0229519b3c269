/* Cells that follow p: halved until the nodes resolve it, added while it reaches beyond them. */
#include "solve/continuous/escape.h"

#include "base/dd_loops.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell of mass m is resolved when the last Legendre coefficients are below sqrt(RESOLVED / m) of the first: Gauss rules
 * integrate twice as many, so the error is about the square. */
#define RESOLVED 1e-17
#define RESOLVED_TURNED 1e-9 /* where p has the shape of the cells, the last coefficients fall so fast that their square says too much */
#define OUTSIDE_COMB 1e-18 /* the same of the outermost nodes of a comb */
#define OUTSIDE_FAR 1e-16  /* and of lines that reach far out: what is beyond is a few times that */
#define CALM 0.01     /* mass of new cells, */
enum { CALM_LEAST = -200, CALM_MOST = 20 }; /* reached by 2^e of multipliers that settle the ends */
#define OUTSIDE 1e-21 /* mass of the outermost spans that asks for no more of them */
#define OUTSIDE_MEAN 1e-14 /* the part of a mean beyond them that does */
#define PAST 1e-14       /* mass beyond the largest of doubles, by whose thousandfold entropies and mean logarithms are off */
#define BEYOND 1e-9      /* mass next to a singular point, closer than doubles go, that is told */

/* A few combinations of features that show what the cells do not resolve: y = p u with u = sum_i s_i (f_i - mean_i) / size_i. */
enum { COMBINATIONS = 3 };

/* Adds s_b (f - mean) / size to each u_b. f: hi[j * stride] + lo[j * stride]; i: which, k: of how many; most: of the deviation by which
 * it is judged; off: [n] to work in. */
static void combine_one(const mx_continuum *c, const double *hi, const double *lo, size_t stride, size_t i, size_t k, double most,
                        double *u, double *off)
{
    size_t n = c->nodes.n;
    const mx_dd_loops *loops = mx_dd_loops_get();
    mx_dd mean = loops->sum(n, c->p, hi, lo, stride, mx_dd_make(0));
    double size = fmin(sqrt(loops->deviation(n, c->p, hi, lo, stride, mean, off)), most); /* the deviation may be beyond doubles */
    if (!(size > 0) || !isfinite(size))
        return;
    double by = 1 / (size * sqrt((double)k));
    for (int b = 0; b < COMBINATIONS; b++) {
        uint32_t hash = (uint32_t)(i * COMBINATIONS + (size_t)b) * 2654435761u;
        double sign = (hash >> 16 & 1) ? by : -by;
        for (size_t j = 0; j < n; j++)
            u[(size_t)b * n + j] += sign * off[j];
    }
}

/* The log prior counts as a feature: its mean is a part of the entropy. */
static void combine(const mx_continuum *c, double *u, double *off)
{
    size_t n = c->nodes.n, k = c->nodes.k;
    memset(u, 0, COMBINATIONS * n * sizeof *u);
    for (size_t i = 0; i < k; i++)
        combine_one(c, c->nodes.hi + i, c->nodes.lo + i, k, i, k, mx_continuum_hides(c, i), u, off);
    combine_one(c, c->nodes.logq, c->nodes.logq_low, 1, k, k + 1, INFINITY, u, off);
}

/* Halves the cells that do not resolve p or p u. *halved: how many. */
static maxent_error resolve(mx_continuum *c, size_t *halved)
{
    size_t n = c->nodes.n, cells = c->grid.cells, most = 0;
    double resolved = c->grid.frame.set ? RESOLVED_TURNED : RESOLVED;
    *halved = 0;
    if (c->grid.frame.comb > 0 || c->grid.nested.on) /* judged by a denser one */
        return MAXENT_OK;
    for (size_t a = 0; a < cells; a++)
        most = c->grid.cell[a].count > most ? c->grid.cell[a].count : most;
    double *u = mx_alloc(COMBINATIONS + 1, (n + 1) * sizeof *u), *y = mx_alloc(2 * most + 1, sizeof *y);
    maxent_error error = u == NULL || y == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK)
        combine(c, u, u + COMBINATIONS * n);
    for (size_t a = 0; a < cells && error == MAXENT_OK && c->grid.cells < mx_continuum_cells_most(c); a++) {
        mx_cell *cell = &c->grid.cell[a];
        double *weight = y + most, worst[MX_AXES] = {0}, volume = 0;
        mx_grid_weights(&c->grid, cell, weight);
        for (size_t j = 0; j < cell->count; j++)
            volume += weight[j];
        for (int b = -1; b < COMBINATIONS; b++) {
            double mass = 0;
            for (size_t j = 0; j < cell->count; j++) {
                double p = c->p[cell->first + j];
                y[j] = p > 0 ? p / weight[j] * (b < 0 ? 1 : u[(size_t)b * n + cell->first + j]) : 0;
                mass += fabs(y[j]) * weight[j];
            }
            if (!(mass > RESOLVED))
                continue;
            for (size_t axis = 0; axis < c->grid.axes; axis++) {
                /* lines x tail / lines' mean, as a part of the mean height mass / volume */
                double lines = (double)cell->count / (double)c->grid.rule;
                double tail = mx_grid_tail(&c->grid, cell, axis, y) / lines / (mass / volume);
                worst[axis] = fmax(worst[axis], tail / sqrt(resolved / fmin(mass, 1)));
            }
        }
        size_t axis = 0;
        for (size_t b = 1; b < c->grid.axes; b++)
            axis = worst[b] > worst[axis] ? b : axis;
        if (worst[axis] > 1) {
            int done = mx_grid_halve(&c->grid, a, axis);
            if (done < 0)
                error = MAXENT_ERROR_MEMORY;
            *halved += done == 0;
        }
    }
    mx_free(u);
    mx_free(y);
    return error;
}

/* Lays and halves until p at the present lambda is resolved. */
maxent_error mx_continuum_follow(mx_continuum *c, size_t most)
{
    size_t halved = 0;
    maxent_error error = MAXENT_OK;
    for (int round = 0; round < 60 && error == MAXENT_OK; round++) {
        double before = mx_seconds();
        error = resolve(c, &halved);
        if (error == MAXENT_OK && halved == 0)
            error = mx_continuum_behind(c, most == SIZE_MAX, &halved);
        if (error != MAXENT_OK || halved == 0)
            break;
        error = mx_continuum_lay(c);
        if (c->grid.cells > most)
            break;
        if (mx_late(c->run) || 2 * mx_seconds() - before > c->run->deadline) /* the next round takes as long, at least */
            break;
    }
    return error;
}

/* The distance beyond the grid, if any, at which p asks for nodes again. t: of the outermost point. */
static double farthest(const mx_continuum *c, size_t a, int side, double t)
{
    enum { POINTS = 240 };
    size_t variables = c->shadow.support.variables, k = c->shadow.k, v = c->grid.axis[a].variable, peak = 0;
    double *column = mx_alloc(variables + 3 * k + 3, POINTS * sizeof *column), found = 0;
    const double **list = mx_alloc(variables, sizeof *list);
    if (column == NULL || list == NULL)
        goto done;
    for (size_t j = 1; j < c->nodes.n; j++)
        peak = c->p[j] > c->p[peak] ? j : peak;
    size_t count = 0;
    for (double far = t; count < POINTS && far < 1e300; far *= count < 64 ? 1.5 : 8)
        column[v * POINTS + count++] = c->outskirts[a].center[side] + (side == 1 ? far : -far);
    for (size_t w = 0; w < variables; w++) {
        for (size_t j = 0; j < count && w != v; j++)
            column[w * POINTS + j] = c->nodes.value[w][peak];
        list[w] = column + w * POINTS;
    }
    double *hi = column + variables * POINTS, *lo = hi + k * POINTS, *logq = lo + k * POINTS, *logq_low = logq + POINTS;
    double *feature = logq_low + POINTS;
    mx_points points = {count, list, NULL};
    if (mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 || mx_field_prior(c->run->problem, &points, logq, logq_low) != 0)
        goto done;
    memcpy(feature, hi, count * k * sizeof *hi); /* as the user has them */
    mx_continuum_log_density(c, count, hi, lo, logq, logq_low);
    for (size_t j = 0; j < count; j++) {
        double x = fabs(column[v * POINTS + j] - c->outskirts[a].center[side]);
        int asks = logq[j] + log(x) > log(OUTSIDE);
        for (size_t i = 0; i < k && !asks; i++) { /* the mean of a fact that is not met is to be known all the same */
            double size = mx_fact_size(&c->run->problem->fact[i]); /* 0: it is only watched */
            asks = size > 0 && mx_continuum_relaxed(c, i) && fabs(feature[j * k + i]) <= MX_FEATURE_MOST &&
                   logq[j] + log(x) + log(fabs(feature[j * k + i])) > log(OUTSIDE_MEAN * size);
        }
        if (asks)
            found = found > 0 ? found : x;
    }
done:
    mx_free(column);
    mx_free(list);
    return found;
}

static double outermost(const mx_continuum *c, size_t a, int side, double *mass)
{
    double edge = side == 1 ? -INFINITY : INFINITY, left, right;
    for (size_t b = 0; b < c->grid.cells; b++) {
        mx_span_ends(&c->grid.cell[b].span[a], c->grid.axis[a].whole, &left, &right);
        edge = side == 1 ? fmax(edge, right) : fmin(edge, left);
    }
    *mass = 0;
    for (size_t b = 0; b < c->grid.cells; b++) {
        mx_span_ends(&c->grid.cell[b].span[a], c->grid.axis[a].whole, &left, &right);
        if (side == 1 ? right == edge : left == edge)
            *mass += c->grid.frame.set ? mx_grid_edge(&c->grid, &c->grid.cell[b], a, side, c->p + c->grid.cell[b].first)
                                       : c->grid.cell[b].mass; /* a turned grid begins with wide cells that p ends in */
    }
    return edge;
}

/* The mass beyond the outermost cell of a line, which reaches as far as doubles go: in s = log distance p falls like exp(-a s) there. */
static double past_the_last(const mx_continuum *c, int side)
{
    double edge = side == 1 ? -INFINITY : INFINITY, left, right;
    const mx_cell *last = NULL;
    for (size_t b = 0; b < c->grid.cells; b++) {
        mx_span_ends(&c->grid.cell[b].span[0], c->grid.axis[0].whole, &left, &right);
        if (side == 1 ? right > edge : left < edge) {
            edge = side == 1 ? right : left;
            last = &c->grid.cell[b];
        }
    }
    if (last == NULL || !last->span[0].log)
        return INFINITY;
    double inner = mx_grid_edge(&c->grid, last, 0, 1 - side, c->p + last->first);
    double outer = mx_grid_edge(&c->grid, last, 0, side, c->p + last->first);
    return outer < inner ? last->mass * outer / (inner - outer) : INFINITY;
}

/* lambda = from + 2^e toward, and the mass of the cells from number `first` on there. */
static double calmer(mx_continuum *c, size_t first, const mx_dd *from, const mx_dd *toward, int e)
{
    double mass = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        c->lambda[i] = mx_dd_add(from[i], mx_dd_scale(toward[i], e));
    mx_continuum_weigh(c);
    for (size_t b = first; b < c->grid.cells; b++)
        mass += c->grid.cell[b].mass;
    return mass;
}

/* Is there mass next to a singular point, closer than doubles go? In s = log distance p falls like exp(a s) there, so that beyond an
 * innermost cell with mass m on which it rises from low to high there is m low / (high - low). */
static int too_deep(const mx_continuum *c)
{
    double beyond = 0;
    for (size_t b = 0; b < c->grid.cells; b++) {
        const mx_cell *cell = &c->grid.cell[b];
        for (size_t a = 0; a < c->grid.axes; a++) {
            if (!(cell->span[a].log && cell->span[a].from <= MX_DEEPEST && cell->mass > BEYOND))
                continue;
            double one = mx_grid_edge(&c->grid, cell, a, 0, c->p + cell->first);
            double other = mx_grid_edge(&c->grid, cell, a, 1, c->p + cell->first);
            beyond += cell->mass * fmin(one, other) / fabs(one - other);
        }
    }
    return !(beyond <= BEYOND);
}

/* Where the grid has grown, p at the old multipliers may have most of its mass; then they are moved towards some that are known to
 * make the ends small, no farther than needed. first: the first new cell. */
static void calm(mx_continuum *c, size_t first)
{
    size_t k = c->shadow.k;
    double mass = 0;
    for (size_t b = first; b < c->grid.cells; b++)
        mass += c->grid.cell[b].mass;
    mx_dd *toward = c->ends != NULL && !(mass < CALM) ? mx_zalloc(2 * k + 1, sizeof *toward) : NULL;
    if (toward == NULL)
        return;
    mx_dd *from = toward + k;
    for (size_t i = 0; i < k; i++) {
        from[i] = c->lambda[i];
        toward[i] = mx_dd_make(c->ends->lambda[i]);
        if (c->ends->to != NULL) {
            toward[i] = mx_dd_make(0);
            for (size_t j = 0; j < k; j++)
                toward[i] = mx_dd_add(toward[i], mx_dd_mul_d(c->ends->to[i * k + j], c->ends->lambda[j]));
        }
        if (c->ends->escape[i] != MX_ESCAPE_NONE)
            toward[i] = mx_dd_add_d(toward[i], -c->ends->edge[i]);
    }
    int still = 1, low = CALM_LEAST, high = CALM_MOST; /* too little, and enough */
    for (size_t i = 0; i < k; i++)
        still = still && toward[i].hi == 0;
    while (!still && high - low > 1 && !mx_late(c->run)) {
        int e = (low + high) / 2;
        *(calmer(c, first, from, toward, e) < CALM ? &high : &low) = e;
    }
    if (!still)
        calmer(c, first, from, toward, high);
    mx_free(toward);
}

maxent_error mx_continuum_reach(mx_continuum *c, size_t *grown)
{
    size_t first = c->grid.cells;
    double farther = 0;
    int over;
    *grown = 0;
    c->cut_off = too_deep(c);
    if (c->grid.nested.on) {
        double mass = 0;
        for (size_t j = 0; j < c->nodes.n; j++)
            mass += c->grid.nested.edge[j / c->grid.levels] ? c->p[j] : 0;
        *grown = mass > (c->grid.nested.heavy ? OUTSIDE_FAR : OUTSIDE_COMB);
        return *grown ? mx_continuum_wider(c, 2, &over) : MAXENT_OK;
    }
    double beyond = 0;
    if (c->grid.frame.set) {
        maxent_error error = mx_continuum_far(c, log(OUTSIDE), &beyond);
        if (error != MAXENT_OK)
            return error;
        farther = beyond > 0 ? 1.1 * beyond / c->grid.frame.reach : 0;
    }
    for (size_t a = 0; a < c->grid.axes; a++)
        for (int side = 0; side < 2; side++) {
            if (!c->outskirts[a].open[side])
                continue;
            double mass, edge = outermost(c, a, side, &mass), t = fabs(edge - c->outskirts[a].center[side]);
            if (c->grid.frame.comb > 0) {
                farther = mass > OUTSIDE_COMB ? 1.2 : farther;
                continue;
            }
            double far = mass > OUTSIDE ? 0 : c->grid.frame.set ? beyond : farthest(c, a, side, t);
            if (!(mass > OUTSIDE) && !(far > 0))
                continue;
            int done = 1;
            for (int spans = 0; done && (spans == 0 || t < far); spans++) {
                maxent_error error = mx_region_extend(&c->grid, a, side, MX_FEATURE_MOST, c->outskirts, &done);
                if (error != MAXENT_OK)
                    return error;
                *grown += done != 0;
                t = fabs(c->outskirts[a].reach[side]);
            }
            c->cut_off |= !done && mass > PAST && !(c->grid.axes == 1 && past_the_last(c, side) < PAST);
        }
    if (farther > 0 && c->grid.frame.comb > 0) {
        *grown = 1;
        return mx_continuum_wider(c, farther, &over);
    }
    if (*grown == 0)
        return MAXENT_OK;
    maxent_error error = mx_continuum_lay(c);
    if (error == MAXENT_OK)
        calm(c, first);
    return error;
}
