/* Where the frame of a grid comes from.
 *
 * From facts: E[g] is known for g = x_a and (x_a - m_a)(x_b - m_b) when g is a combination of features of equalities. Whether it is, and
 * which, is asked of their values at random points, features counted from their values at m, so that a mean far from 0 costs no digits:
 * a least-squares problem, solved exactly or not at all.
 */
#include "solve/cells/frame.h"

#include "base/dd.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { FACTS_MOST = 64, POLISHES = 3 };

#define EXACT 1e-9 /* of a monomial that may be left unexplained */
#define ALIKE 1e-7 /* a pivot less than that of its row: no width */

int mx_frame_fits(const mx_grid *grid)
{
    for (size_t a = 0; a < grid->axes; a++)
        if (grid->axis[a].whole || isfinite(grid->axis[a].lower) || isfinite(grid->axis[a].upper))
            return 0;
    return grid->axes > 1 && mx_field_cuts(grid->problem) == 0;
}

/* covariance = by by^T, by lower triangular. 0: not positive definite. */
static int set(mx_frame *frame, size_t axes, double covariance[MX_AXES][MX_AXES])
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
    size_t n, k;      /* points, equalities */
    double *at;       /* [axes][n] points, counted from the centre */
    double *monomial; /* [n] */
    double *column;   /* [k][n] features there, less their values at the centre */
    double *norm;     /* [k] */
    double *work;     /* [k][n], [n], [k][k], [k] */
    double target[FACTS_MOST];
    size_t fact[FACTS_MOST];
} samples;

static double draw(unsigned long long *state) /* of -1 .. 1 */
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(*state >> 11) * 0x1p-52 - 1;
}

/* Points about the centre, of the given scale along each axis, and what the features are there. Returns 0, -1: no memory, 1: features that
 * are not finite. */
static int look(const mx_grid *grid, const mx_fact *fact, const double *centre, const double *scale, samples *s)
{
    size_t n = s->n, variables = grid->problem->support.variables, k = grid->problem->k;
    double *value = mx_zalloc((2 * variables + 2 * k + 1) * (n + 1) + 1, sizeof *value);
    const double **list = mx_alloc(2 * variables, sizeof *list);
    int bad = value == NULL || list == NULL ? -1 : 0;
    unsigned long long state = 20;
    for (size_t v = 0; v < variables && bad == 0; v++) {
        double *x = value + v * (n + 1), *low = value + (variables + v) * (n + 1);
        list[v] = x;
        list[variables + v] = low;
        const mx_variable *variable = &grid->problem->support.variable[v];
        for (size_t j = 0; j <= n && variable->extent == MX_LISTED; j++)
            x[j] = variable->named ? 0 : variable->number[0];
        for (size_t a = 0; a < grid->axes; a++)
            for (size_t j = 0; j <= n && grid->axis[a].variable == v; j++) {
                double off = j == n ? 0 : scale[a] * draw(&state);
                mx_dd sum = mx_two_sum(centre[a], off);
                x[j] = sum.hi;
                low[j] = sum.lo;
                if (j < n)
                    s->at[a * n + j] = off;
            }
    }
    double *hi = value + 2 * variables * (n + 1), *lo = hi + k * (n + 1), *logq = lo + k * (n + 1);
    mx_points points = {n + 1, list, list != NULL ? list + variables : NULL};
    if (bad == 0)
        bad = mx_field_values(grid->problem, &points, hi, lo, logq) != 0 ? -1 : 0;
    for (size_t i = 0; i < s->k && bad == 0; i++) {
        size_t f = s->fact[i];
        mx_dd from = {hi[n * k + f], lo[n * k + f]};
        s->target[i] = mx_dd_add_d(mx_dd_neg(from), fact[f].lower).hi;
        double square = 0;
        for (size_t j = 0; j < n; j++) {
            double y = mx_dd_sub((mx_dd){hi[j * k + f], lo[j * k + f]}, from).hi;
            s->column[i * n + j] = y;
            square += y * y;
        }
        s->norm[i] = sqrt(square);
        bad = isfinite(s->norm[i]) && isfinite(s->target[i]) ? 0 : 1;
    }
    mx_free(value);
    mx_free(list);
    return bad;
}

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
    size_t n = s->n, k = s->k, rank = 0;
    double *basis = s->work, *left = basis + k * n, *told = left + n; /* told[i]: E of basis vector i */
    double size = 0;
    for (size_t i = 0; i < k; i++) {
        double *b = basis + rank * n, expected = s->norm[i] > 0 ? s->target[i] / s->norm[i] : 0, square = 0;
        if (!(s->norm[i] > 0))
            continue;
        for (size_t j = 0; j < n; j++)
            b[j] = s->column[i * n + j] / s->norm[i];
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

/* The equalities, and space for them. Returns 1, 0: too few, -1: no memory. To be freed: s->at. */
static int open_samples(const mx_grid *grid, const mx_fact *fact, samples *s)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < grid->problem->k && s->k < FACTS_MOST; i++)
        if (fact[i].lower == fact[i].upper && !(fact[i].sd > 0))
            s->fact[s->k++] = i;
    if (s->k == 0)
        return 0;
    size_t n = s->n = 3 * s->k + 12;
    s->at = mx_alloc((grid->axes + 1) * n + s->k * n + s->k + (s->k + 1) * n + s->k, sizeof *s->at);
    if (s->at == NULL)
        return -1;
    s->monomial = s->at + grid->axes * n;
    s->column = s->monomial + n;
    s->norm = s->column + s->k * n;
    s->work = s->norm + s->k;
    return 1;
}

/* E[(x_a - centre_a) (x_b - centre_b)]. */
static double second_moment(samples *s, size_t a, size_t b)
{
    for (size_t j = 0; j < s->n; j++)
        s->monomial[j] = s->at[a * s->n + j] * s->at[b * s->n + j];
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
        known = look(grid, fact, frame->centre, scale, &s) == 0;
        for (size_t a = 0; a < axes && known; a++) {
            frame->centre[a] += expectation(&s, s.at + a * s.n);
            known = isfinite(frame->centre[a]);
        }
        known = known && look(grid, fact, frame->centre, scale, &s) == 0;
        for (size_t a = 0; a < axes; a++)
            for (size_t b = 0; b <= a && known; b++) {
                covariance[a][b] = second_moment(&s, a, b);
                known = isfinite(covariance[a][b]) && (a != b || covariance[a][a] > 0);
                if (known && a == b)
                    scale[a] = sqrt(covariance[a][a]);
            }
    }
    known = known == 1 ? set(frame, axes, covariance) : known;
    mx_free(s.at);
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
        known = look(grid, fact, at, wide, &s) == 0;
        double mean = known ? at[a] + expectation(&s, s.at + a * s.n) : NAN;
        centre[a] = mean;
        scale[a] = left ? axis->upper - mean : mean - axis->lower;
        if (left && right) {
            at[a] = isfinite(mean) ? mean : 0;
            known = known && look(grid, fact, at, wide, &s) == 0;
            scale[a] = known ? sqrt(second_moment(&s, a, a)) : NAN;
        }
        known = known && isfinite(mean) && scale[a] > 0;
    }
    mx_free(s.at);
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
    return set(frame, axes, covariance);
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
