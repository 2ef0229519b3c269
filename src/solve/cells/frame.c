/* Where the frame of a grid comes from.
 *
 * From facts: E[g] is known for g = x_a and (x_a - m_a)(x_b - m_b) when g is a combination of features of equalities. Whether it is, and
 * which, is asked of their values at random points, features counted from their values at m, so that a mean far from 0 costs no digits:
 * a least-squares problem, solved exactly or not at all.
 */
#include "solve/cells/frame.h"

#include "base/memory.h"
#include "solve/cells/look.h"

#include <math.h>
#include <string.h>

enum { POLISHES = 3 };

#define EXACT 1e-9 /* of a monomial that may be left unexplained */
#define ALIKE 1e-7 /* a pivot less than that of its row: no width */

int mx_frame_fits(const mx_grid *grid)
{
    for (size_t a = 0; a < grid->axes; a++)
        if (grid->axis[a].whole || isfinite(grid->axis[a].lower) || isfinite(grid->axis[a].upper))
            return 0;
    return grid->axes > 1 && mx_field_cuts(grid->problem) == 0;
}

int mx_frame_set(mx_frame *frame, size_t axes, double covariance[MX_AXES][MX_AXES])
{
    for (size_t a = 0; a < axes; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = covariance[a][b];
            for (size_t e = 0; e < b; e++)
                sum -= frame->by[a][e] * frame->by[b][e];
            if (a == b && !(sum > ALIKE * ALIKE * covariance[a][a]))
                return 0;
            frame->by[a][b] = a == b ? sqrt(sum) : sum / frame->by[b][b];
            if (!isfinite(frame->by[a][b]))
                return 0;
        }
    frame->set = 1;
    return 1;
}

/* ---- from facts ---- */

typedef struct samples {
    mx_look look;     /* at the equalities */
    double *monomial; /* [n] */
    double *work;     /* [k][n], [n], [k] */
} samples;

/* Takes the part along an orthonormal basis, [rank][n], out of x; Gram and Schmidt, for whom twice is enough. told: [rank] E of the basis.
 * Returns E of the part. */
static double project(const double *basis, const double *told, size_t rank, size_t n, double *x)
{
    double expected = 0;
    for (int twice = 0; twice < 2; twice++)
        for (size_t e = 0; e < rank; e++) {
            double along = 0;
            for (size_t j = 0; j < n; j++)
                along += basis[e * n + j] * x[j];
            for (size_t j = 0; j < n; j++)
                x[j] -= along * basis[e * n + j];
            expected += along * told[e];
        }
    return expected;
}

/* E[g] when g, [n] at the points, is a combination of the columns: NAN otherwise. */
static double expectation(const samples *s, const double *g)
{
    const mx_look *look = &s->look;
    size_t n = look->n, k = look->k, rank = 0;
    double *basis = s->work, *left = basis + k * n, *told = left + n; /* told[i]: E of basis vector i */
    double size = 0;
    for (size_t i = 0; i < k; i++) {
        double *b = basis + rank * n, expected = look->norm[i] > 0 ? look->lower[i] / look->norm[i] : 0, square = 0;
        if (!(look->norm[i] > 0))
            continue;
        for (size_t j = 0; j < n; j++)
            b[j] = look->column[i * n + j] / look->norm[i];
        expected -= project(basis, told, rank, n, b);
        for (size_t j = 0; j < n; j++)
            square += b[j] * b[j];
        double length = sqrt(square);
        if (!(length > 1e-8)) /* as good as told by those before */
            continue;
        for (size_t j = 0; j < n; j++)
            b[j] /= length;
        told[rank++] = expected / length;
    }
    for (size_t j = 0; j < n; j++) {
        left[j] = g[j];
        size += g[j] * g[j];
    }
    double answer = project(basis, told, rank, n, left), unexplained = 0;
    for (size_t j = 0; j < n; j++)
        unexplained += left[j] * left[j];
    return unexplained <= EXACT * EXACT * size ? answer : NAN;
}

/* The equalities, and space for them. Returns 1, 0: too few, -1: no memory. To be freed: s->look.at, s->monomial. */
static int open_samples(const mx_grid *grid, const mx_fact *fact, samples *s)
{
    memset(s, 0, sizeof *s);
    mx_look *look = &s->look;
    for (size_t i = 0; i < grid->problem->k && look->k < MX_LOOK_MOST; i++)
        if (fact[i].lower == fact[i].upper && !(fact[i].sd > 0))
            look->fact[look->k++] = i;
    int opened = mx_look_open(grid, 3 * look->k + 12, look);
    if (opened != 1)
        return opened;
    s->monomial = mx_alloc(look->n + (look->k + 1) * look->n + look->k, sizeof *s->monomial);
    s->work = s->monomial + look->n;
    return s->monomial == NULL ? -1 : 1;
}

static void close_samples(samples *s)
{
    mx_free(s->look.at);
    mx_free(s->monomial);
}

/* The features about a place, by points of the given scale along each axis. 1: all are finite. */
static int look_about(const mx_grid *grid, const mx_fact *fact, const double *centre, const double *scale, samples *s)
{
    mx_frame frame;
    memset(&frame, 0, sizeof frame);
    for (size_t a = 0; a < grid->axes; a++) {
        frame.centre[a] = centre[a];
        frame.by[a][a] = scale[a];
    }
    int fine = mx_look_at(grid, fact, &frame, &s->look) == 0;
    for (size_t i = 0; i < s->look.k && fine; i++)
        fine = isfinite(s->look.norm[i]) && isfinite(s->look.lower[i]);
    return fine;
}

/* E[u_a u_b] of the coordinates of the last look. */
static double second_moment(samples *s, size_t a, size_t b)
{
    for (size_t j = 0; j < s->look.n; j++)
        s->monomial[j] = s->look.at[a * s->look.n + j] * s->look.at[b * s->look.n + j];
    return expectation(s, s->monomial);
}

int mx_frame_from_facts(const mx_grid *grid, const mx_fact *fact, mx_frame *frame)
{
    size_t axes = grid->axes;
    samples s;
    int known = open_samples(grid, fact, &s);
    memset(frame, 0, sizeof *frame);
    double scale[MX_AXES] = {1, 1, 1}, covariance[MX_AXES][MX_AXES];
    for (int step = 0; step < POLISHES && known == 1; step++) {
        known = look_about(grid, fact, frame->centre, scale, &s);
        for (size_t a = 0; a < axes && known; a++) {
            frame->centre[a] += scale[a] * expectation(&s, s.look.at + a * s.look.n);
            known = isfinite(frame->centre[a]);
        }
        known = known && look_about(grid, fact, frame->centre, scale, &s);
        for (size_t a = 0; a < axes; a++)
            for (size_t b = 0; b <= a && known; b++) {
                covariance[a][b] = second_moment(&s, a, b) * scale[a] * scale[b];
                known = isfinite(covariance[a][b]) && (a != b || covariance[a][a] > 0);
            }
        for (size_t a = 0; a < axes && known; a++)
            scale[a] = sqrt(covariance[a][a]);
    }
    known = known == 1 ? mx_frame_set(frame, axes, covariance) : known;
    close_samples(&s);
    return known;
}

int mx_frame_told_widths(const mx_grid *grid, const mx_fact *fact, double *centre, double *scale)
{
    samples s;
    double at[MX_AXES] = {0}, wide[MX_AXES] = {1, 1, 1};
    int ends = 0;
    for (size_t a = 0; a < grid->axes; a++) { /* points inside the support */
        const mx_axis *axis = &grid->axis[a];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        ends += left || right;
        if (!left && !right)
            wide[a] = 0.5 * (axis->upper - axis->lower);
        at[a] = left && right ? 0 : left ? axis->upper - 1 : right ? axis->lower + 1 : axis->lower + wide[a];
    }
    if (ends == 0)
        return 1;
    int known = open_samples(grid, fact, &s);
    for (size_t a = 0; a < grid->axes && known == 1; a++) {
        const mx_axis *axis = &grid->axis[a];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        if (!left && !right)
            continue;
        known = look_about(grid, fact, at, wide, &s);
        double mean = known ? at[a] + wide[a] * expectation(&s, s.look.at + a * s.look.n) : NAN;
        centre[a] = mean;
        scale[a] = left ? axis->upper - mean : mean - axis->lower;
        if (left && right) {
            at[a] = isfinite(mean) ? mean : 0;
            known = known && look_about(grid, fact, at, wide, &s);
            scale[a] = known ? wide[a] * sqrt(second_moment(&s, a, a)) : NAN;
        }
        known = known && isfinite(mean) && scale[a] > 0;
    }
    close_samples(&s);
    return known;
}

/* ---- from p ---- */

int mx_frame_from_nodes(const mx_grid *grid, const mx_nodes *nodes, const double *p, mx_frame *frame)
{
    size_t axes = grid->axes;
    double covariance[MX_AXES][MX_AXES] = {{0}};
    memset(frame, 0, sizeof *frame);
    for (size_t a = 0; a < axes; a++) {
        const double *x = nodes->value[grid->axis[a].variable];
        for (size_t j = 0; j < nodes->n; j++)
            frame->centre[a] += p[j] > 0 ? p[j] * x[j] : 0;
    }
    for (size_t a = 0; a < axes; a++)
        for (size_t b = 0; b <= a; b++) {
            const double *x = nodes->value[grid->axis[a].variable], *y = nodes->value[grid->axis[b].variable];
            for (size_t j = 0; j < nodes->n; j++)
                if (p[j] > 0)
                    covariance[a][b] += p[j] * (x[j] - frame->centre[a]) * (y[j] - frame->centre[b]);
        }
    return mx_frame_set(frame, axes, covariance);
}

void mx_frame_widths(const mx_grid *grid, const mx_nodes *nodes, const double *p, double *centre, double *scale)
{
    for (size_t a = 0; a < grid->axes; a++) {
        const mx_axis *axis = &grid->axis[a];
        const double *x = nodes->value[axis->variable];
        int left = isinf(axis->lower), right = isinf(axis->upper);
        double mean = 0, square = 0;
        for (size_t j = 0; j < nodes->n; j++)
            mean += p[j] > 0 ? p[j] * x[j] : 0;
        for (size_t j = 0; j < nodes->n; j++)
            square += p[j] > 0 ? p[j] * (x[j] - mean) * (x[j] - mean) : 0;
        centre[a] = mean;
        scale[a] = left && right ? sqrt(square) : left ? axis->upper - mean : mean - axis->lower;
    }
}
