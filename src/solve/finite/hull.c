/* Facial reduction by nearest points.
 *
 * Wolfe's algorithm [1] finds the point z of least norm in the hull of the points. If z is not 0, then z . u_x >= |z|^2 > 0 for every
 * x, which is the separating direction of largest margin. If z = 0, it comes as a combination with positive weights of a few
 * affinely independent points, the corral: these states can have probability. Any direction that does not rule them out is
 * orthogonal to them all, so they and whatever lies in their span are set aside, the other points are projected on the orthogonal
 * complement, and the question is asked again there, until no point is left (interior) or a z not 0 rules all the others out.
 * Each round lowers the dimension by the size of the corral less one, so the number of rounds is at most the number of facts [2].
 *
 * A box fact enters as one or two rows, E[u] - lower - s = 0 and upper - E[u] - s' = 0, and the slacks s, s' >= 0 are points too.
 *
 * All decisions are made in double-double: points that differ from 0 by one unit in the last place of a double are far from it.
 *
 * [1] P. Wolfe, Finding the nearest point in a polytope, Mathematical Programming 11 (1976) 128.
 * [2] The strictly complementary pair (p, d) of A. J. Goldman and A. W. Tucker (1956), reached face by face as in J. M. Borwein,
 *     H. Wolkowicz, J. Austral. Math. Soc. A 30 (1981) 369.
 */
#include "solve/finite/hull.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Coordinates have size about 1 and carry about 30 digits; a double's last place is 1e-16. Below this is zero. A single coordinate
 * is never projected and keeps its sign however small it is. */
#define NOTHING 1e-26
#define ROUNDED 1e-30 /* what a sum of a few coordinates is rounded to */
#define IDLE 1e-10    /* weights that may be there for no more than that */

typedef struct cloud {
    size_t n, d;         /* points, dimension */
    mx_dd *point;        /* [n * d] row-major */
    unsigned char *live; /* [n] still in question */
    size_t *corral;      /* [d + 1] */
    size_t size;         /* points in the corral */
    mx_dd *weight;       /* [d + 1] of the corral, positive, sum 1 */
    mx_dd *affine;       /* [d + 1] */
    mx_dd *triangle;     /* [(d + 1) * (d + 1)] */
    mx_dd *z;            /* [d] */
    double *rounded;     /* [d] z as doubles */
    mx_dd *basis;        /* [d * d] orthonormal rows: span of the corral */
    size_t steps, limit;
} cloud;

static double nothing(const cloud *c)
{
    return c->d == 1 ? 0 : NOTHING;
}

static mx_dd product(size_t d, const mx_dd *a, const mx_dd *b)
{
    mx_dd sum = {0, 0};
    for (size_t j = 0; j < d; j++)
        sum = mx_dd_add(sum, mx_dd_mul(a[j], b[j]));
    return sum;
}

static double norm(size_t d, const mx_dd *a)
{
    double most = 0, sum = 0;
    for (size_t j = 0; j < d; j++)
        most = fmax(most, fabs(a[j].hi));
    if (most == 0)
        return 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j].hi / most) * (a[j].hi / most);
    return most * sqrt(sum);
}

/* The live point with least z . point; in doubles where z is long enough for them to decide, else in double-double. */
static size_t least_along(const cloud *c, double length, mx_dd *least)
{
    size_t best = SIZE_MAX;
    double low = INFINITY;
    for (size_t x = 0; x < c->n; x++) {
        if (!c->live[x])
            continue;
        const mx_dd *point = c->point + x * c->d;
        if (length > 1e-4) {
            double along = 0;
            for (size_t j = 0; j < c->d; j++)
                along += c->rounded[j] * point[j].hi;
            if (along < low) {
                low = along;
                best = x;
            }
        } else {
            mx_dd along = product(c->d, c->z, point);
            if (best == SIZE_MAX || mx_dd_compare(along, *least) < 0) {
                *least = along;
                best = x;
            }
        }
    }
    *least = product(c->d, c->z, c->point + best * c->d);
    return best;
}

/* Takes the components along the first `rank` rows of the basis off `point`, twice; coefficient: [rank] what was taken, or NULL. */
static void subtract_projections(const cloud *c, mx_dd *point, size_t rank, mx_dd *coefficient)
{
    for (int sweep = 0; sweep < 2; sweep++)
        for (size_t b = 0; b < rank; b++) {
            const mx_dd *other = c->basis + b * c->d;
            mx_dd along = product(c->d, point, other);
            for (size_t j = 0; j < c->d; j++)
                point[j] = mx_dd_sub(point[j], mx_dd_mul(along, other[j]));
            if (coefficient != NULL)
                coefficient[b] = sweep == 0 ? along : mx_dd_add(coefficient[b], along);
        }
}

/* Makes `row`, the next row of the basis, a unit vector. Returns its length, or 0 when it is nothing beside `before`. */
static mx_dd normalise(const cloud *c, mx_dd *row, double before)
{
    mx_dd square = product(c->d, row, row);
    if (!(sqrt(square.hi) > 1e-26 * before))
        return mx_dd_make(0);
    if (c->d == 1) { /* without rounding, so that what is projected out is 0 and not nearly so */
        mx_dd length = row[0].hi < 0 ? mx_dd_neg(row[0]) : row[0];
        row[0] = mx_dd_make(row[0].hi < 0 ? -1 : 1);
        return length;
    }
    mx_dd length = mx_dd_sqrt(square), by = mx_dd_div(mx_dd_make(1), length);
    for (size_t j = 0; j < c->d; j++)
        row[j] = mx_dd_mul(row[j], by);
    return length;
}

/* The point z of least norm in the affine hull of the corral, and its weights. With D_a = P_a - P_0 = sum_b R_ab q_b for
 * orthonormal q, z = P_0 - sum_b (P_0 . q_b) q_b. Nothing is squared, so that a z of 1e-25 beside points of size 1 still has
 * a direction. Returns non-zero when the corral is not affinely independent to the precision at hand. */
static int affine_nearest(cloud *c)
{
    size_t m = c->size, d = c->d;
    const mx_dd *origin = c->point + c->corral[0] * d;
    for (size_t a = 1; a < m; a++) {
        mx_dd *row = c->basis + (a - 1) * d, *r = c->triangle + (a - 1) * (d + 1);
        for (size_t j = 0; j < d; j++)
            row[j] = mx_dd_sub(c->point[c->corral[a] * d + j], origin[j]);
        double before = norm(d, row);
        subtract_projections(c, row, a - 1, r);
        r[a - 1] = normalise(c, row, before);
        if (r[a - 1].hi == 0)
            return 1;
    }
    mx_dd *along = c->affine; /* coefficients of P_0, then weights */
    memcpy(c->z, origin, d * sizeof *c->z);
    subtract_projections(c, c->z, m - 1, along + 1);
    for (size_t j = 0; j < d; j++)
        c->rounded[j] = c->z[j].hi;
    /* z = P_0 + sum_a w_a D_a: R' w = -along, from the last row back */
    mx_dd rest = mx_dd_make(1);
    for (size_t a = m - 1; a >= 1; a--) {
        mx_dd sum = mx_dd_neg(along[a]);
        for (size_t l = a + 1; l < m; l++)
            sum = mx_dd_sub(sum, mx_dd_mul(c->triangle[(l - 1) * (d + 1) + a - 1], c->affine[l]));
        c->affine[a] = mx_dd_div(sum, c->triangle[(a - 1) * (d + 1) + a - 1]);
        rest = mx_dd_sub(rest, c->affine[a]);
    }
    c->affine[0] = rest;
    return 0;
}

/* Minor steps: from the corral with the new point to one whose nearest affine point is inside. Non-zero: numerically stuck. */
static int shrink_corral(cloud *c)
{
    double none = nothing(c);
    for (;;) {
        if (affine_nearest(c))
            return 1;
        double length = 1;
        int inside = 1;
        for (size_t a = 0; a < c->size; a++)
            if (!(c->affine[a].hi > none)) {
                length = fmin(length, mx_dd_div(c->weight[a], mx_dd_sub(c->weight[a], c->affine[a])).hi);
                inside = 0;
            }
        if (inside) {
            memcpy(c->weight, c->affine, c->size * sizeof *c->weight);
            return 0;
        }
        size_t kept = 0, least = 0;
        double lowest = INFINITY;
        for (size_t a = 0; a < c->size; a++) {
            mx_dd move = mx_dd_mul_d(mx_dd_sub(c->affine[a], c->weight[a]), length);
            c->weight[a] = mx_dd_add(c->weight[a], move);
            if (!(c->affine[a].hi > none) && c->weight[a].hi < lowest) {
                lowest = c->weight[a].hi;
                least = a;
            }
        }
        for (size_t a = 0; a < c->size; a++)
            if (a != least && (c->affine[a].hi > none || c->weight[a].hi > none)) {
                c->corral[kept] = c->corral[a];
                c->weight[kept++] = c->weight[a];
            }
        c->size = kept;
    }
}

/* 0 is in the hull of the corral. Points that got their weight from rounding on the way are no witnesses: without them it is so too. */
static void drop_idle(cloud *c)
{
    size_t size = c->size, kept = 0;
    for (size_t a = 0; a < size; a++) /* those with weight come first */
        if (!(c->weight[a].hi < IDLE)) {
            size_t point = c->corral[a];
            mx_dd weight = c->weight[a];
            c->corral[a] = c->corral[kept];
            c->weight[a] = c->weight[kept];
            c->corral[kept] = point;
            c->weight[kept++] = weight;
        }
    if (kept == 0 || kept == size)
        return;
    c->size = kept;
    int inside = affine_nearest(c) == 0 && norm(c->d, c->z) <= ROUNDED;
    for (size_t a = 0; inside && a < kept; a++)
        inside = c->affine[a].hi > 0;
    if (inside)
        memcpy(c->weight, c->affine, kept * sizeof *c->weight);
    else
        c->size = size;
}

/* The nearest point of the hull of the live points. INTERIOR here means that 0 is in the hull, with the corral as witness. */
static mx_side nearest(cloud *c)
{
    double shortest = INFINITY;
    for (size_t x = 0; x < c->n; x++) {
        double length = c->live[x] ? norm(c->d, c->point + x * c->d) : INFINITY;
        if (length < shortest) {
            shortest = length;
            c->corral[0] = x;
        }
    }
    c->size = 1;
    c->weight[0] = mx_dd_make(1);
    affine_nearest(c);
    for (;;) {
        double length = norm(c->d, c->z);
        if (length <= nothing(c)) {
            if (c->d > 1) /* a single coordinate has no rounding */
                drop_idle(c);
            return MX_INTERIOR;
        }
        if (c->steps++ >= c->limit)
            return MX_UNDECIDED;
        mx_dd least = {0, 0}, square = product(c->d, c->z, c->z);
        size_t x = least_along(c, length, &least);
        if (mx_dd_sub(least, square).hi >= -1e-9 * square.hi)
            return MX_OUTSIDE;
        int known = c->size > c->d;
        for (size_t a = 0; a < c->size; a++)
            known |= c->corral[a] == x;
        if (!known) {
            c->corral[c->size] = x;
            c->weight[c->size++] = mx_dd_make(0);
            if (shrink_corral(c) == 0)
                continue;
        }
        return least.hi > 0 ? MX_OUTSIDE : MX_UNDECIDED;
    }
}

/* Every live point loses its component in the span of the corral; those that vanish are settled: they can have probability. The span of
 * m points whose combination is 0 has m - 1 dimensions: the longest of what is left of the points comes first, so that they are all
 * of the points and none of rounding. */
static void project_out_corral(cloud *c, unsigned char *settled)
{
    size_t d = c->d, rank = 0;
    while (rank + 1 < c->size && rank < d) {
        size_t longest = rank;
        double most = -1;
        for (size_t a = rank; a < c->size; a++) {
            double length = norm(d, c->point + c->corral[a] * d);
            if (length > most) {
                most = length;
                longest = a;
            }
        }
        size_t first = c->corral[longest];
        c->corral[longest] = c->corral[rank];
        c->corral[rank] = first;
        mx_dd *row = c->basis + rank * d;
        memcpy(row, c->point + first * d, d * sizeof *row);
        subtract_projections(c, row, rank, NULL);
        if (normalise(c, row, most).hi == 0)
            break;
        rank++;
        for (size_t a = rank; a < c->size; a++) {
            mx_dd *point = c->point + c->corral[a] * d, along = product(d, point, row);
            for (size_t j = 0; j < d; j++)
                point[j] = mx_dd_sub(point[j], mx_dd_mul(along, row[j]));
        }
    }
    for (size_t a = 0; a < c->size; a++) {
        settled[c->corral[a]] = 1;
        c->live[c->corral[a]] = 0;
    }
    for (size_t x = 0; x < c->n; x++) {
        if (!c->live[x])
            continue;
        double before = norm(d, c->point + x * d);
        subtract_projections(c, c->point + x * d, rank, NULL);
        if (norm(d, c->point + x * d) <= NOTHING * (1 + before)) {
            settled[x] = 1;
            c->live[x] = 0;
        }
    }
}

/* One row of the cloud: an equality coordinate, or one side of a box. */
typedef struct row {
    size_t coordinate;
    int side; /* 0 equality, -1 lower, +1 upper */
} row;

static size_t list_rows(const mx_coordinates *c, row *rows)
{
    size_t count = 0;
    for (size_t j = 0; j < c->r; j++) {
        if (c->kind[j] == MX_KIND_EQUAL)
            rows[count++] = (row){j, 0};
        if (c->kind[j] == MX_KIND_BOX && isfinite(c->lower[j].hi))
            rows[count++] = (row){j, -1};
        if (c->kind[j] == MX_KIND_BOX && isfinite(c->upper[j].hi))
            rows[count++] = (row){j, 1};
    }
    return count;
}

static void fill_cloud(cloud *cl, const mx_coordinates *c, const row *rows)
{
    size_t d = cl->d, slack = c->n;
    for (size_t l = 0; l < d; l++) {
        size_t j = rows[l].coordinate;
        for (size_t x = 0; x < c->n; x++) {
            mx_dd u = {c->hi[j * c->n + x], c->lo[j * c->n + x]};
            if (rows[l].side != 0)
                u = rows[l].side < 0 ? mx_dd_sub(u, c->lower[j]) : mx_dd_sub(c->upper[j], u);
            cl->point[x * d + l] = u;
        }
        if (rows[l].side != 0) {
            for (size_t a = 0; a < d; a++)
                cl->point[slack * d + a] = mx_dd_make(a == l ? -1 : 0);
            slack++;
        }
    }
    memset(cl->live, 1, cl->n);
}

/* d on rows -> d on coordinates -> d on the columns of the view: along a column, d > 0 counts against its upper bound. */
static void map_direction(const mx_view *view, const mx_coordinates *c, const row *rows, const cloud *cl, double *direction)
{
    for (size_t i = 0; i < view->k; i++) {
        mx_dd sum = {0, 0};
        for (size_t l = 0; l < cl->d; l++) {
            mx_dd along = rows[l].side > 0 ? mx_dd_neg(cl->z[l]) : cl->z[l];
            sum = mx_dd_add(sum, mx_dd_mul(along, c->map[i * c->r + rows[l].coordinate]));
        }
        direction[i] = sum.hi;
    }
}

static maxent_error cloud_open(cloud *cl, size_t n, size_t d, size_t limit)
{
    memset(cl, 0, sizeof *cl);
    cl->n = n;
    cl->d = d;
    cl->limit = limit;
    cl->point = mx_alloc(n, (d + 1) * sizeof(mx_dd));
    cl->live = mx_alloc(n, 1);
    cl->corral = mx_alloc(d + 2, sizeof(size_t));
    cl->weight = mx_alloc(d + 2, sizeof(mx_dd));
    cl->affine = mx_alloc(d + 2, sizeof(mx_dd));
    cl->triangle = mx_alloc(d + 2, (d + 2) * sizeof(mx_dd));
    cl->z = mx_alloc(d + 1, sizeof(mx_dd));
    cl->rounded = mx_alloc(d + 1, sizeof(double));
    cl->basis = mx_alloc(d + 1, (d + 1) * sizeof(mx_dd));
    return cl->point == NULL || cl->live == NULL || cl->corral == NULL || cl->weight == NULL || cl->affine == NULL ||
                   cl->triangle == NULL || cl->z == NULL || cl->rounded == NULL || cl->basis == NULL
               ? MAXENT_ERROR_MEMORY
               : MAXENT_OK;
}

static void cloud_close(cloud *cl)
{
    mx_free(cl->point);
    mx_free(cl->live);
    mx_free(cl->corral);
    mx_free(cl->weight);
    mx_free(cl->affine);
    mx_free(cl->triangle);
    mx_free(cl->z);
    mx_free(cl->rounded);
    mx_free(cl->basis);
}

static size_t living(const cloud *cl)
{
    size_t left = 0;
    for (size_t x = 0; x < cl->n; x++)
        left += cl->live[x];
    return left;
}

maxent_error mx_hull_open(const mx_view *view, const mx_coordinates *c, size_t limit, mx_hull *hull)
{
    memset(hull, 0, sizeof *hull);
    maxent_error error = MAXENT_ERROR_MEMORY;
    cloud cl;
    memset(&cl, 0, sizeof cl);
    unsigned char *settled = NULL;
    row *rows = mx_alloc(2 * c->r + 1, sizeof *rows);
    hull->keep = mx_zalloc(c->n, 1);
    hull->direction = mx_zalloc(view->k + 1, sizeof *hull->direction);
    hull->pinned = mx_zalloc(view->k + 1, 1);
    if (rows == NULL || hull->keep == NULL || hull->direction == NULL || hull->pinned == NULL)
        goto done;
    size_t d = list_rows(c, rows), slacks = 0;
    for (size_t l = 0; l < d; l++)
        slacks += rows[l].side != 0;
    settled = mx_zalloc(c->n + slacks, 1);
    if (settled == NULL || cloud_open(&cl, c->n + slacks, d, limit) != MAXENT_OK)
        goto done;
    error = MAXENT_OK;
    fill_cloud(&cl, c, rows);

    hull->side = MX_INTERIOR;
    for (int round = 0; d > 0 && living(&cl) > 0; round++) {
        mx_side side = nearest(&cl);
        if (side == MX_INTERIOR) {
            project_out_corral(&cl, settled);
            continue;
        }
        hull->side = side == MX_OUTSIDE && round > 0 ? MX_FACE : side;
        if (side == MX_OUTSIDE) {
            mx_dd least = {0, 0};
            least_along(&cl, 0, &least);
            hull->margin = least.hi;
            map_direction(view, c, rows, &cl, hull->direction);
        }
        break;
    }
    memcpy(hull->keep, settled, c->n);
    for (size_t l = 0, slack = c->n; l < d && hull->side == MX_FACE; l++)
        if (rows[l].side != 0 && !settled[slack++])
            hull->pinned[c->fact[rows[l].coordinate]] |= rows[l].side < 0 ? 1 : 2;
done:
    mx_free(rows);
    mx_free(settled);
    cloud_close(&cl);
    return error;
}

void mx_hull_close(mx_hull *hull)
{
    mx_free(hull->keep);
    mx_free(hull->direction);
    mx_free(hull->pinned);
    memset(hull, 0, sizeof *hull);
}
