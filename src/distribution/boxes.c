/* Draws from a density of several variables, by rejection from boxes.
 *
 * The part of the support that carries p is tiled with boxes. Each has a number M with p <= M inside it: a box is proposed in
 * proportion to M times its volume, a point in it evenly, and the point is taken with probability p / M. The draws follow p itself,
 * whatever the boxes; these only decide how many proposals a draw costs.
 *
 * The tiling starts from the nodes of the density, which know where the mass is: boxes are halved at the median node until each holds a
 * small share of it. Then p is sampled on a grid in every box, and those that waste most proposals, (M - mean p) volume, are halved
 * across the direction in which p varies most, until about two proposals in three are taken. M is the largest value on the grid and
 * at the nodes inside with a margin that grows with how much p varies there, and is raised by more points once the tiling stands. Where p
 * still grows towards a side (x^-0.9), boxes are halved until what lies next to it has mass below 1e-9; there every point is taken.
 *
 * Where all variables run over the whole line the boxes stand in coordinates of mean 0 and covariance 1, x = mean + L z, so that a
 * thin ridge does not need more of them than a ball. What lies outside the tiling has a mass of about 1e-16.
 */
#include "distribution/boxes_inside.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_ROOTS = 4096 };

#define LEAST_PART 0.05 /* of the proposals that has to be taken */

void mx_boxes_free(mx_boxes *b)
{
    if (b == NULL)
        return;
    mx_free(b->held);
    mx_free(b->all);
    mx_free(b->z);
    mx_free(b->order);
    mx_free(b->x);
    mx_free(b->logp);
    mx_free((void *)b->column);
    mx_free(b->ready);
    mx_free(b);
}

int mx_boxes_whole(const mx_boxes *b, size_t i)
{
    return b->support->variable[b->axis[i]].extent == MX_WHOLE;
}

double mx_boxes_side(const mx_boxes *b, const mx_box *it, size_t i)
{
    return it->high[i] - it->low[i] + (mx_boxes_whole(b, i) ? 1.0 : 0.0);
}

double mx_boxes_volume(const mx_boxes *b, const mx_box *it)
{
    double v = 1.0;
    for (size_t i = 0; i < b->d; i++)
        v *= mx_boxes_side(b, it, i);
    return v;
}

void mx_boxes_put(mx_boxes *b, const mx_box *it, const double *part, size_t j)
{
    double z[MX_BOXES_DIMENSIONS];
    for (size_t i = 0; i < b->d; i++) {
        z[i] = it->low[i] + part[i] * mx_boxes_side(b, it, i);
        z[i] = mx_boxes_whole(b, i) ? fmin(floor(z[i]), it->high[i]) : fmin(fmax(z[i], it->low[i]), it->high[i]);
    }
    for (size_t v = 0; v < b->variables; v++)
        b->x[v * MX_BOXES_BATCH + j] = b->held[it->root * b->variables + v];
    for (size_t i = 0; i < b->d; i++) {
        double x = b->mean[i];
        for (size_t u = 0; u <= i; u++)
            x += b->factor[i][u] * z[u];
        b->x[b->axis[i] * MX_BOXES_BATCH + j] = x;
    }
}

maxent_error mx_boxes_ask(mx_boxes *b, size_t n)
{
    mx_points points = {.n = n, .value = b->column};
    return mx_density_log(b->result, &points, b->logp);
}

double mx_boxes_node_mass(const mx_boxes *b, size_t node)
{
    return exp(b->result->density->logw[node] + b->result->density->logp[node]);
}

/* ---- where the boxes stand ---- */

/* Does a node carry anything? */
static int carries(const struct mx_density *density, size_t node)
{
    return density->logw[node] + density->logp[node] > -40.0; /* 4e-18 */
}

/* Coordinates of mean 0 and covariance 1 where all variables run over the whole line. */
static void turn(mx_boxes *b)
{
    const struct mx_density *density = b->result->density;
    int line = 1;
    for (size_t i = 0; i < b->d; i++) {
        const mx_variable *variable = &b->support->variable[b->axis[i]];
        b->factor[i][i] = 1.0;
        line = line && variable->extent == MX_REAL && variable->lower == -INFINITY && variable->upper == INFINITY;
    }
    if (!line)
        return;
    double mean[MX_BOXES_DIMENSIONS] = {0}, c[MX_BOXES_DIMENSIONS][MX_BOXES_DIMENSIONS] = {{0}}, mass = 0.0;
    for (size_t j = 0; j < density->n; j++)
        for (size_t i = 0; i < b->d; i++)
            mean[i] += mx_boxes_node_mass(b, j) * density->value[b->axis[i]][j];
    for (size_t j = 0; j < density->n; j++)
        mass += mx_boxes_node_mass(b, j);
    for (size_t j = 0; j < density->n; j++)
        for (size_t i = 0; i < b->d; i++)
            for (size_t u = 0; u <= i; u++)
                c[i][u] += mx_boxes_node_mass(b, j) / mass * (density->value[b->axis[i]][j] - mean[i] / mass) *
                           (density->value[b->axis[u]][j] - mean[u] / mass);
    for (size_t i = 0; i < b->d; i++) /* Cholesky's factor, in its place */
        for (size_t u = 0; u <= i; u++) {
            for (size_t w = 0; w < u; w++)
                c[i][u] -= c[i][w] * c[u][w];
            if (i != u)
                c[i][u] /= c[u][u];
            else if (c[i][i] > 0.0 && c[i][i] < INFINITY && isfinite(mean[i]))
                c[i][i] = sqrt(c[i][i]);
            else
                return; /* no covariance */
        }
    for (size_t i = 0; i < b->d; i++) {
        b->mean[i] = mean[i] / mass;
        for (size_t u = 0; u <= i; u++)
            b->factor[i][u] = c[i][u];
    }
}

/* z of every node. */
static void turn_nodes(mx_boxes *b)
{
    const struct mx_density *density = b->result->density;
    for (size_t j = 0; j < density->n; j++)
        for (size_t i = 0; i < b->d; i++) {
            double z = density->value[b->axis[i]][j] - b->mean[i];
            for (size_t u = 0; u < i; u++)
                z -= b->factor[i][u] * b->z[j * b->d + u];
            b->z[j * b->d + i] = z / b->factor[i][i];
        }
}

static int same_listed(const mx_boxes *b, size_t root, size_t node)
{
    for (size_t v = 0; v < b->variables; v++)
        if (b->support->variable[v].extent == MX_LISTED && b->held[root * b->variables + v] != b->result->density->value[v][node])
            return 0;
    return 1;
}

/* The root boxes: for every combination of listed values the nodes that carry something, put in order there, and what they span. */
static maxent_error root(mx_boxes *b)
{
    const struct mx_density *density = b->result->density;
    size_t *of = mx_alloc(density->n, sizeof *of), room = 0;
    maxent_error error = of == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t j = 0, last = 0; j < density->n && error == MAXENT_OK; j++) {
        if (!carries(density, j)) {
            of[j] = SIZE_MAX;
            continue;
        }
        if (last >= b->roots || !same_listed(b, last, j))
            for (last = 0; last < b->roots && !same_listed(b, last, j);)
                last++;
        of[j] = last;
        if (last < b->roots)
            continue;
        if (b->roots == MOST_ROOTS) {
            error = MAXENT_ERROR_LIMIT;
        } else if (b->roots == room) {
            room = 2 * room + 1;
            double *more = mx_resize(b->held, room, b->variables * sizeof *more);
            error = more == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
            b->held = more != NULL ? more : b->held;
        }
        for (size_t v = 0; v < b->variables && error == MAXENT_OK; v++)
            b->held[b->roots * b->variables + v] = density->value[v][j];
        b->roots++;
    }
    b->room = b->roots + 64;
    b->all = error == MAXENT_OK ? mx_zalloc(b->room, sizeof *b->all) : NULL;
    if (b->all == NULL && error == MAXENT_OK)
        error = MAXENT_ERROR_MEMORY;
    for (size_t r = 0, used = 0; r < b->roots && error == MAXENT_OK; r++) {
        mx_box *it = &b->all[b->count++];
        it->root = r;
        it->first = used;
        for (size_t i = 0; i < b->d; i++) {
            it->low[i] = INFINITY;
            it->high[i] = -INFINITY;
        }
        for (size_t j = 0; j < density->n; j++)
            if (of[j] == r) {
                b->order[used++] = j;
                for (size_t i = 0; i < b->d; i++) {
                    it->low[i] = fmin(it->low[i], b->z[j * b->d + i]);
                    it->high[i] = fmax(it->high[i], b->z[j * b->d + i]);
                }
            }
        it->count = used - it->first;
        for (size_t i = 0; i < b->d; i++) { /* up to the ends of the support, or some way beyond the last nodes */
            const mx_variable *variable = &b->support->variable[b->axis[i]];
            double more = 0.02 * (it->high[i] - it->low[i]);
            it->low[i] = variable->lower > -INFINITY ? variable->lower : it->low[i] - more;
            it->high[i] = variable->upper < INFINITY ? variable->upper : it->high[i] + more;
            if (mx_boxes_whole(b, i)) {
                it->low[i] = ceil(it->low[i] - 1.0);
                it->high[i] = floor(it->high[i] + 1.0);
            }
        }
    }
    mx_free(of);
    return error;
}

/* A batch of points, each in a box of its own choice. */
static void propose(mx_boxes *b, maxent_sampler *sampler, size_t *of)
{
    maxent_sampler_draw(sampler, MX_BOXES_BATCH, of);
    for (size_t j = 0; j < MX_BOXES_BATCH; j++) {
        double part[MX_BOXES_DIMENSIONS];
        for (size_t i = 0; i < b->d; i++)
            part[i] = mx_sampler_uniform(sampler);
        mx_boxes_put(b, &b->all[of[j]], part, j);
    }
}

/* Have the boxes all of the mass? Of N proposals the share that is taken, times the sum of bound and volume, is the mass, with a
 * standard error of sqrt((1 - share) / share / N). */
static maxent_error weigh(mx_boxes *b, const double *often, double sum)
{
    enum { ROUNDS = 200 };
    maxent_sampler *sampler;
    double taken = 0.0, n = (double)ROUNDS * MX_BOXES_BATCH;
    size_t of[MX_BOXES_BATCH];
    maxent_error error = maxent_sampler_new(b->count, often, 1, &sampler);
    if (error != MAXENT_OK)
        return error;
    for (int round = 0; round < ROUNDS && error == MAXENT_OK; round++) {
        propose(b, sampler, of);
        error = mx_boxes_ask(b, MX_BOXES_BATCH);
        for (size_t j = 0; j < MX_BOXES_BATCH && error == MAXENT_OK; j++)
            taken += b->all[of[j]].singular ? 1.0 : fmin(1.0, exp(b->logp[j] - b->all[of[j]].top));
    }
    maxent_sampler_free(sampler);
    double part = taken / n, mass = part * sum;
    for (size_t i = 0; i < b->d; i++) /* volumes are of z */
        mass *= b->factor[i][i];
    if (error == MAXENT_OK && !(part >= LEAST_PART && fabs(mass - 1.0) <= 5.0 * sqrt((1.0 - part) / part / n) + 1e-3))
        error = MAXENT_ERROR_UNSUPPORTED;
    return error;
}

maxent_error mx_boxes_new(const maxent_result *result, mx_boxes **out, double **mass, size_t *count)
{
    const struct mx_density *density = result->density;
    mx_boxes *b = mx_zalloc(1, sizeof *b);
    if (b == NULL)
        return MAXENT_ERROR_MEMORY;
    double *often = NULL;
    maxent_error error = MAXENT_OK;
    b->result = result;
    b->support = &maxent_result_problem(result)->support;
    b->variables = b->support->variables;
    for (size_t v = 0; v < b->variables; v++)
        if (b->support->variable[v].extent != MX_LISTED) {
            if (b->d == MX_BOXES_DIMENSIONS) {
                error = MAXENT_ERROR_UNSUPPORTED;
                goto done;
            }
            b->axis[b->d++] = v;
        }
    b->z = mx_alloc(density->n, b->d * sizeof *b->z);
    b->order = mx_alloc(density->n, sizeof *b->order);
    b->x = mx_alloc(b->variables * MX_BOXES_BATCH, sizeof *b->x);
    b->logp = mx_alloc(MX_BOXES_BATCH, sizeof *b->logp);
    b->column = mx_alloc(b->variables, sizeof *b->column);
    b->ready = mx_alloc(b->variables * MX_BOXES_BATCH, sizeof *b->ready);
    if (b->z == NULL || b->order == NULL || b->x == NULL || b->logp == NULL || b->column == NULL || b->ready == NULL) {
        error = MAXENT_ERROR_MEMORY;
        goto done;
    }
    for (size_t v = 0; v < b->variables; v++)
        b->column[v] = b->x + v * MX_BOXES_BATCH;
    turn(b);
    turn_nodes(b);
    if ((error = root(b)) != MAXENT_OK || (error = mx_boxes_tile(b)) != MAXENT_OK)
        goto done;
    often = mx_alloc(b->count, sizeof *often);
    error = often == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    double sum = 0.0;
    for (size_t i = 0; i < b->count && error == MAXENT_OK; i++)
        sum += often[i] = exp(b->all[i].top) * mx_boxes_volume(b, &b->all[i]);
    if (error == MAXENT_OK && !(sum > 0.0 && sum < INFINITY))
        error = MAXENT_ERROR_VALUE;
    if (error == MAXENT_OK)
        error = weigh(b, often, sum);
    mx_free(b->z);
    mx_free(b->order);
    b->z = NULL;
    b->order = NULL;
done:
    if (error == MAXENT_OK) {
        *out = b;
        *mass = often;
        *count = b->count;
    } else {
        mx_free(often);
        mx_boxes_free(b);
    }
    return error;
}

void mx_boxes_draw(mx_boxes *b, maxent_sampler *sampler, double *out)
{
    while (b->waiting == 0) {
        double coin[MX_BOXES_BATCH];
        size_t of[MX_BOXES_BATCH];
        propose(b, sampler, of);
        for (size_t j = 0; j < MX_BOXES_BATCH; j++)
            coin[j] = log(mx_sampler_uniform(sampler));
        if (mx_boxes_ask(b, MX_BOXES_BATCH) != MAXENT_OK) {
            for (size_t v = 0; v < b->variables; v++)
                out[v] = NAN;
            return;
        }
        for (size_t j = MX_BOXES_BATCH; j-- > 0;) /* the first comes out first */
            if (b->all[of[j]].singular || coin[j] < b->logp[j] - b->all[of[j]].top) {
                for (size_t v = 0; v < b->variables; v++)
                    b->ready[b->waiting * b->variables + v] = b->x[v * MX_BOXES_BATCH + j];
                b->waiting++;
            }
    }
    memcpy(out, b->ready + --b->waiting * b->variables, b->variables * sizeof *out);
}
