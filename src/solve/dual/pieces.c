/* Slack in the facts, and the Newton direction that respects it.
 *
 * The model is a convex piecewise quadratic in y = z + d: on each orthant of the boxed coordinates a plain quadratic. The method
 * keeps a set of boxed coordinates held at y = 0 and signs for the others, solves the linear system for those that are free,
 * walks there until a sign would change, holds that coordinate, and at a minimum of the set releases the held coordinate whose
 * slope most exceeds its interval [1, section 16.5]. The model falls at every step, so it ends.
 *
 * [1] J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006.
 */
#include "solve/dual/pieces.h"

#include "base/dense.h"

#include <math.h>
#include <string.h>

double mx_pieces_value(size_t r, const mx_piece *piece, const double *z)
{
    double sum = 0;
    for (size_t j = 0; j < r; j++) {
        if (piece[j].kind == MX_KIND_SOFT)
            sum += 0.5 * piece[j].sd * piece[j].sd * z[j] * z[j];
        if (z[j] != 0)
            sum += (z[j] > 0 ? piece[j].upper : piece[j].lower) * z[j];
    }
    return sum;
}

void mx_pieces_slope(size_t r, const mx_piece *piece, const double *z, const double *mean, double *slope)
{
    for (size_t j = 0; j < r; j++) {
        double s = -mean[j];
        if (piece[j].kind != MX_KIND_BOX || z[j] > 0)
            s += piece[j].upper;
        else if (z[j] < 0)
            s += piece[j].lower;
        else
            s = s + piece[j].upper < 0 ? s + piece[j].upper : s + piece[j].lower > 0 ? s + piece[j].lower : 0;
        if (piece[j].kind == MX_KIND_SOFT)
            s += piece[j].sd * piece[j].sd * z[j];
        slope[j] = s;
    }
}

/* Where p has all but left a coordinate no variance: large enough that steps do not overflow. */
#define LEAST_VARIANCE 1e-200

enum { HELD = 0, ABOVE = 1, BELOW = -1, FREE = 2 };

typedef struct model {
    size_t r;
    const mx_piece *piece;
    const double *z, *mean, *covariance;
    double *y;       /* [r] the current point of the model */
    double *goal;    /* [r] minimum on the free set */
    double *slope;   /* [r] -mean + H (y - z) + soft */
    double *matrix;  /* [r * r] */
    double *right;   /* [r] */
    double *sign;    /* [r] HELD, ABOVE, BELOW or FREE */
    double *index;   /* [r] the free coordinates, as numbers */
    double pivot;    /* least relative pivot */
    int threads;
    double *work;    /* for the Cholesky factor */
} model;

static size_t padded(size_t count)
{
    return (count + 7) / 8 * 8;
}

size_t mx_direction_work(size_t r, int threads)
{
    return padded(r * r) + padded(mx_cholesky_work(r, threads)) + 6 * r + 8;
}

static double bound_of(const mx_piece *piece, double sign)
{
    return sign > 0 ? piece->upper : piece->lower;
}

/* The least of pivot_j^2 / H_jj after a Cholesky factorisation: how far H is from singular, whatever the scales. */
static double relative_pivot(const double *factor, const double *diagonal, size_t count)
{
    double least = 1;
    for (size_t a = 0; a < count; a++)
        least = fmin(least, factor[a * count + a] * factor[a * count + a] / diagonal[a]);
    return least;
}

/* goal: the minimum over the free coordinates with the held ones at 0. */
static void solve_free(model *m)
{
    size_t r = m->r, count = 0;
    for (size_t j = 0; j < r; j++)
        if (m->sign[j] != HELD)
            m->index[count++] = (double)j;
    memset(m->goal, 0, r * sizeof *m->goal);
    if (count == 0)
        return;
    double ridge = 0, largest = 0;
    double *diagonal = m->slope; /* free at this moment */
    for (int attempt = 0; attempt < 60; attempt++) {
        for (size_t a = 0; a < count; a++) {
            size_t i = (size_t)m->index[a];
            for (size_t b = 0; b <= a; b++)
                m->matrix[a * count + b] = m->covariance[i * r + (size_t)m->index[b]];
            if (m->piece[i].kind == MX_KIND_SOFT)
                m->matrix[a * count + a] += m->piece[i].sd * m->piece[i].sd;
            if (!(m->matrix[a * count + a] > 1e-13 * m->mean[i] * m->mean[i])) /* a difference of squares that says nothing */
                m->pivot = 0;
            diagonal[a] = m->matrix[a * count + a] = fmax(fabs(m->matrix[a * count + a]), LEAST_VARIANCE);
            largest = fmax(largest, diagonal[a]);
            /* Relative to each coordinate's own variance, with a floor for those that have next to none. */
            m->matrix[a * count + a] += ridge * (diagonal[a] + 1e-14 * largest);
        }
        if (mx_cholesky(count, m->matrix, count, m->threads, m->work) == 0)
            break;
        ridge = ridge == 0 ? 1e-15 : ridge * 10;
    }
    m->pivot = fmin(m->pivot, ridge > 0 ? 0 : relative_pivot(m->matrix, diagonal, count));
    /* H (y - z) = mean - pieces, with y = 0 on the held: H_FF d_F = mean_F - pieces_F + H_FH z_H. */
    for (size_t a = 0; a < count; a++) {
        size_t i = (size_t)m->index[a];
        double right = m->mean[i];
        if (m->piece[i].kind == MX_KIND_SOFT)
            right -= m->piece[i].sd * m->piece[i].sd * m->z[i];
        right -= bound_of(&m->piece[i], m->sign[i]);
        for (size_t j = 0; j < r; j++)
            if (m->sign[j] == HELD)
                right += m->covariance[i * r + j] * m->z[j];
        m->right[a] = right;
    }
    mx_cholesky_solve(count, m->matrix, count, m->right);
    for (size_t a = 0; a < count; a++) {
        size_t i = (size_t)m->index[a];
        m->goal[i] = m->z[i] + m->right[a];
    }
}

/* Walks from y towards the goal until a boxed coordinate reaches 0. Returns non-zero when it got there. */
static int walk(model *m)
{
    double length = 1;
    size_t blocking = SIZE_MAX;
    for (size_t j = 0; j < m->r; j++)
        if (m->sign[j] == ABOVE || m->sign[j] == BELOW) {
            double to = m->goal[j];
            if (m->sign[j] * to < 0 || (to == 0 && m->y[j] != 0)) {
                double t = m->y[j] / (m->y[j] - to);
                if (t < length || blocking == SIZE_MAX) {
                    length = t < length ? t : length;
                    blocking = j;
                }
            }
        }
    for (size_t j = 0; j < m->r; j++)
        m->y[j] += length * (m->goal[j] - m->y[j]);
    if (blocking == SIZE_MAX) {
        memcpy(m->y, m->goal, m->r * sizeof *m->y);
        return 1;
    }
    m->y[blocking] = 0;
    m->sign[blocking] = HELD;
    return 0;
}

/* Releases the held coordinate whose slope most exceeds what its bounds allow. Returns non-zero when there is none. */
static int settled(model *m)
{
    size_t r = m->r, most = SIZE_MAX;
    double excess = 0;
    int sign = 0;
    for (size_t j = 0; j < r; j++) {
        if (m->sign[j] != HELD)
            continue;
        double slope = -m->mean[j], size = fabs(m->mean[j]);
        for (size_t i = 0; i < r; i++) {
            slope += m->covariance[j * r + i] * (m->y[i] - m->z[i]);
            size += fabs(m->covariance[j * r + i] * (m->y[i] - m->z[i]));
        }
        double noise = 1e-14 * size;
        if (slope + m->piece[j].upper < -noise && -(slope + m->piece[j].upper) > excess) {
            excess = -(slope + m->piece[j].upper);
            most = j;
            sign = ABOVE;
        }
        if (slope + m->piece[j].lower > noise && slope + m->piece[j].lower > excess) {
            excess = slope + m->piece[j].lower;
            most = j;
            sign = BELOW;
        }
    }
    if (most == SIZE_MAX)
        return 1;
    m->sign[most] = sign;
    return 0;
}

double mx_direction(size_t r, const mx_piece *piece, const double *z, const double *mean, const double *covariance, int threads,
                    double *d, double *work)
{
    model m = {.r = r, .piece = piece, .z = z, .mean = mean, .covariance = covariance, .pivot = 1, .threads = threads};
    m.matrix = work;
    m.work = m.matrix + padded(r * r);
    m.y = m.work + padded(mx_cholesky_work(r, threads));
    m.goal = m.y + r;
    m.slope = m.goal + r;
    m.right = m.slope + r;
    m.sign = m.right + r;
    m.index = m.sign + r;
    size_t boxes = 0;
    for (size_t j = 0; j < r; j++) {
        m.y[j] = z[j];
        m.sign[j] = piece[j].kind != MX_KIND_BOX ? FREE : z[j] > 0 ? ABOVE : z[j] < 0 ? BELOW : HELD;
        boxes += piece[j].kind == MX_KIND_BOX;
    }
    /* Each round holds or releases one coordinate; the limit guards against rounding, not against the method. */
    for (size_t round = 0; round < 20 * boxes + 20; round++) {
        solve_free(&m);
        if (walk(&m) && settled(&m))
            break;
    }
    for (size_t j = 0; j < r; j++)
        d[j] = m.y[j] - z[j];
    return m.pivot;
}
