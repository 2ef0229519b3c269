/* Orthogonalising the facts.
 *
 * For each fact in turn, v = g_i less its projections on the coordinates already accepted, under the weights and after taking
 * off means (so that coordinates have the identity as their covariance under the weights). What is left of v decides:
 * a v that is constant within rounding adds nothing. If the constant is 0 within what the targets' own rounding leaves open, the
 * fact is redundant; if not, the facts clash: the combination of them is the same number in every state and was asked to be
 * another one.
 */
#include "solve/dual/coordinates.h"

#include "base/dd_loops.h"
#include "base/dense.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Above so many features it is first asked whether the facts need orthogonalising; with this least pivot of their correlations
 * they do not: nothing is lost but two digits of the last place. */
#define PLAIN_SIZE 2000
#define PLAIN_PIVOT 0.01
/* Above so many redundant facts their multipliers are found by conjugate gradients, of at most so many steps. */
#define MANY_REDUNDANT 32
#define MOST_STEPS 200

/* A norm that falls by more than this when projections are taken off has lost too many of its 31 digits: they are taken off again. */
#define LOST 1e8

typedef struct basis {
    const mx_dd_loops *loops;
    double *hi, *lo;   /* [r * n] coordinates less their mean */
    mx_dd *mean;       /* [r] */
    const double *weights;
    mx_dd total;       /* of the weights */
    size_t n, k, accepted, equalities;
} basis;

/* The next coordinate, v = centred + mean, while it is made. */
typedef struct column_work {
    double *hi, *lo;   /* [n] centred */
    mx_dd mean;
    mx_dd *combination; /* [k] of the g that v is */
} column_work;

static mx_dd weighted_product(const basis *b, const column_work *work, size_t j)
{
    const double *hi = b->hi + j * b->n, *lo = b->lo + j * b->n;
    return mx_dd_div(b->loops->product(b->n, b->weights, work->hi, work->lo, hi, lo), b->total);
}

static void centre(const basis *b, column_work *work)
{
    mx_dd mean = mx_dd_div(b->loops->sum(b->n, b->weights, work->hi, work->lo, 1, mx_dd_make(0)), b->total);
    b->loops->shift(b->n, mx_dd_neg(mean), work->hi, work->lo);
    work->mean = mx_dd_add(work->mean, mean);
}

/* v = g_i, uncentred. */
static void begin(const basis *b, const mx_view *view, size_t i, column_work *work)
{
    work->hi = b->hi + b->accepted * b->n;
    work->lo = b->lo + b->accepted * b->n;
    work->mean = mx_dd_make(0);
    memcpy(work->hi, view->hi + i * b->n, b->n * sizeof *work->hi);
    memcpy(work->lo, view->lo + i * b->n, b->n * sizeof *work->lo);
    memset(work->combination, 0, view->k * sizeof *work->combination);
    work->combination[i] = mx_dd_make(1);
}

/* Takes the projections on accepted equality coordinates off v and notes the combination. Returns the norm of what is left. */
static double project_out(const basis *b, const mx_coordinates *c, column_work *work)
{
    double norm = 0;
    for (int sweep = 0; sweep < 2; sweep++) {
        double off = 0;
        for (size_t j = 0; j < b->equalities; j++) {
            mx_dd along = weighted_product(b, work, j);
            if (along.hi == 0)
                continue;
            off += along.hi * along.hi;
            b->loops->take(b->n, along, b->hi + j * b->n, b->lo + j * b->n, work->hi, work->lo);
            work->mean = mx_dd_sub(work->mean, mx_dd_mul(along, b->mean[j]));
            for (size_t i = 0; i < b->k; i++)
                work->combination[i] = mx_dd_sub(work->combination[i], mx_dd_mul(along, c->map[i * c->r + j]));
        }
        centre(b, work);
        mx_dd square = mx_dd_div(b->loops->product(b->n, b->weights, work->hi, work->lo, work->hi, work->lo), b->total);
        norm = sqrt(square.hi);
        if (sqrt(off) <= LOST * norm)
            break;
    }
    return norm;
}

static double largest(const double *value, size_t n)
{
    double most = 0;
    for (size_t x = 0; x < n; x++)
        most = fabs(value[x]) > most ? fabs(value[x]) : most;
    return most;
}

/* What rounding leaves open of a combination: of its features, of its targets. */
static void openness(const mx_view *view, const mx_dd *combination, double *features, double *targets)
{
    *features = *targets = 0;
    for (size_t i = 0; i < view->k; i++) {
        *features += fabs(combination[i].hi) * view->column[i].size * fmax(view->column[i].rounding, 0x1p-98);
        *targets += fabs(combination[i].hi) * view->column[i].error;
    }
}

static void accept(mx_coordinates *c, const mx_view *view, size_t i, const column_work *work, double norm, basis *b)
{
    size_t j = b->accepted, n = view->n;
    double *hi = c->hi + j * n, *lo = c->lo + j * n;
    mx_dd by = mx_dd_div(mx_dd_make(1), mx_dd_make(norm)), mean = mx_dd_mul(work->mean, by);
    b->loops->scale(n, by, work->hi, work->lo);
    memcpy(hi, work->hi, n * sizeof *hi);
    memcpy(lo, work->lo, n * sizeof *lo);
    b->loops->shift(n, mean, hi, lo);
    b->mean[j] = mean;
    for (size_t l = 0; l < view->k; l++)
        c->map[l * c->r + j] = mx_dd_mul(work->combination[l], by);
    /* Far from the target, variances would be differences of large squares: count from the mean instead. */
    c->offset[j] = b->weights != NULL && fabs(mean.hi) > 1 ? mean.hi : 0;
    for (size_t x = 0; x < n; x++)
        c->panel[x * c->ld + j] = c->offset[j] == 0 ? hi[x] : mx_dd_add_d((mx_dd){hi[x], lo[x]}, -c->offset[j]).hi;
    c->fact[j] = i;
    c->kind[j] = view->column[i].kind;
    c->lower[j] = mx_dd_mul(view->column[i].lower, by);
    c->upper[j] = mx_dd_mul(view->column[i].upper, by);
    c->sd[j] = view->column[i].sd * by.hi;
    b->accepted++;
    if (c->kind[j] == MX_KIND_EQUAL)
        b->equalities++;
}

/* A combination that is the same number in every state: redundant, or a clash. Returns non-zero for a clash. */
static int settle_constant(mx_coordinates *c, const mx_view *view, size_t i, const column_work *work, double open_features,
                           double open_targets)
{
    const mx_column *column = &view->column[i];
    double value = work->mean.hi;
    double open = open_features + open_targets;
    double off = 0;
    if (column->kind == MX_KIND_EQUAL)
        off = value;
    else if (value < column->lower.hi)
        off = value - column->lower.hi;
    else if (value > column->upper.hi)
        off = value - column->upper.hi;
    if (fabs(off) <= MX_ALLOWED * open) {
        if (column->kind == MX_KIND_EQUAL) {
            c->left_out[c->redundant] = i;
            memcpy(c->null + c->redundant * view->k, work->combination, view->k * sizeof *c->null);
            c->redundant++;
        }
        return 0;
    }
    c->clash_value = off;
    for (size_t l = 0; l < view->k; l++)
        c->clash[l] = work->combination[l].hi;
    return 1;
}

/* Takes the facts of one class (equalities, or the others) in order. Returns non-zero for a clash. */
static int take_class(mx_coordinates *c, const mx_view *view, int equalities, column_work *work, basis *b)
{
    size_t n = view->n, k = view->k;
    for (size_t i = 0; i < k; i++) {
        mx_kind kind = view->column[i].kind;
        if (kind == MX_KIND_WATCH || (kind == MX_KIND_EQUAL) != equalities)
            continue;
        begin(b, view, i, work);
        centre(b, work);
        double norm = project_out(b, c, work), open_features, open_targets;
        openness(view, work->combination, &open_features, &open_targets);
        double left = largest(work->hi, n);
        int constant = left <= 8 * open_features || (view->relaxed && left <= 256 * open_targets);
        if (constant && kind == MX_KIND_SOFT) { /* the equalities settle it: its multiplier follows, p does not depend on it */
            double value = work->mean.hi, sd = view->column[i].sd;
            double z = value / (sd * sd);
            for (size_t l = 0; l < k; l++)
                c->settled[l] = mx_dd_add(c->settled[l], mx_dd_mul_d(work->combination[l], z));
            c->settled_value -= 0.5 * value * z;
            continue;
        }
        if (constant) {
            if (settle_constant(c, view, i, work, open_features, fmax(open_targets, view->relaxed ? left : 0)))
                return 1;
            continue;
        }
        accept(c, view, i, work, norm > 0 ? norm : left, b); /* 0: it varies only where the weights vanish */
    }
    return 0;
}

/* Are the facts so nearly orthogonal as they stand that centring and scaling will do? Then norm: [k] their standard
 * deviations. Judged by the pivots of their correlation matrix, in doubles: n k^2 operations instead of 40 times as many. */
static int nearly_orthogonal(const mx_view *view, double *norm, double *square)
{
    size_t n = view->n, k = view->k;
    for (size_t i = 0; i < k; i++) {
        const double *g = view->hi + i * n;
        double sum = 0, low = INFINITY, high = -INFINITY;
        for (size_t x = 0; x < n; x++) {
            sum += g[x];
            low = fmin(low, g[x]);
            high = fmax(high, g[x]);
        }
        norm[i] = sum / (double)n; /* the mean, for now */
        if (view->column[i].kind != MX_KIND_WATCH && !(high - low > 1e-6 * (fabs(high) + fabs(low))))
            return 0;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            const double *a = view->hi + i * n, *b = view->hi + j * n;
            double sum = 0;
            for (size_t x = 0; x < n; x++)
                sum += (a[x] - norm[i]) * (b[x] - norm[j]);
            square[i * k + j] = sum / (double)n;
        }
    for (size_t i = 0; i < k; i++)
        norm[i] = sqrt(square[i * k + i]);
    for (size_t i = 0; i < k; i++) /* Cholesky of the correlations; what is only watched stays outside */
        for (size_t j = 0; j <= i; j++) {
            int both = view->column[i].kind != MX_KIND_WATCH && view->column[j].kind != MX_KIND_WATCH;
            double sum = i == j ? 1 : both ? square[i * k + j] / (norm[i] * norm[j]) : 0;
            for (size_t l = 0; l < j; l++)
                sum -= square[i * k + l] * square[j * k + l];
            if (i == j && !(sum > PLAIN_PIVOT))
                return 0;
            square[i * k + j] = i == j ? sqrt(sum) : sum / square[j * k + j];
        }
    return 1;
}

/* Coordinates that are the facts themselves, scaled: equalities first. */
static void accept_plain(mx_coordinates *c, const mx_view *view, const double *norm, column_work *work, basis *b)
{
    for (int equalities = 1; equalities >= 0; equalities--)
        for (size_t i = 0; i < view->k; i++) {
            mx_kind kind = view->column[i].kind;
            if (kind == MX_KIND_WATCH || (kind == MX_KIND_EQUAL) != equalities)
                continue;
            begin(b, view, i, work);
            accept(c, view, i, work, norm[i], b);
        }
}

maxent_error mx_coordinates_open(const mx_view *view, const double *weights, mx_coordinates *c)
{
    size_t n = view->n, k = view->k;
    memset(c, 0, sizeof *c);
    c->n = n;
    c->r = k; /* the stride of map while building; compacted below */
    c->ld = (k + 7) / 8 * 8;
    c->ld = c->ld == 0 ? 8 : c->ld;
    maxent_error error = MAXENT_ERROR_MEMORY;
    column_work work = {.combination = mx_alloc(k + 1, sizeof(mx_dd))};
    double *plain = mx_alloc(k + 1, (k + 2) * sizeof *plain);
    basis b = {.loops = mx_dd_loops_get(), .weights = weights, .n = n, .k = k};
    b.hi = mx_alloc(k + 1, n * sizeof *b.hi);
    b.lo = mx_alloc(k + 1, n * sizeof *b.lo);
    b.mean = mx_alloc(k + 1, sizeof *b.mean);
    b.total = b.loops->total(n, weights, NULL);
    c->panel = mx_alloc_aligned(n * c->ld, sizeof *c->panel);
    c->hi = mx_alloc(k + 1, n * sizeof *c->hi);
    c->lo = mx_alloc(k + 1, n * sizeof *c->lo);
    c->fact = mx_alloc(k + 1, sizeof *c->fact);
    c->kind = mx_alloc(k + 1, sizeof *c->kind);
    c->lower = mx_alloc(k + 1, sizeof *c->lower);
    c->upper = mx_alloc(k + 1, sizeof *c->upper);
    c->sd = mx_alloc(k + 1, sizeof *c->sd);
    c->offset = mx_alloc(k + 1, sizeof *c->offset);
    c->map = mx_zalloc((k + 1) * (k + 1), sizeof *c->map);
    c->clash = mx_zalloc(k + 1, sizeof *c->clash);
    c->null = mx_alloc(k + 1, (k + 1) * sizeof *c->null);
    c->settled = mx_zalloc(k + 1, sizeof *c->settled);
    c->left_out = mx_alloc(k + 1, sizeof *c->left_out);
    if (plain == NULL || work.combination == NULL || b.hi == NULL || b.lo == NULL || b.mean == NULL || c->panel == NULL ||
        c->hi == NULL || c->lo == NULL || c->fact == NULL || c->kind == NULL || c->lower == NULL || c->upper == NULL || c->sd == NULL ||
        c->offset == NULL || c->map == NULL || c->clash == NULL || c->null == NULL ||
        c->settled == NULL || c->left_out == NULL)
        goto done;
    memset(c->panel, 0, n * c->ld * sizeof *c->panel);
    error = MAXENT_OK;
    int clash = 0;
    if (weights == NULL && n * k > PLAIN_SIZE && nearly_orthogonal(view, plain, plain + k + 1))
        accept_plain(c, view, plain, &work, &b);
    else
        clash = take_class(c, view, 1, &work, &b) || take_class(c, view, 0, &work, &b);
    if (!clash) {
        mx_free(c->clash);
        c->clash = NULL;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < b.accepted; j++)
            c->map[i * b.accepted + j] = c->map[i * k + j];
    c->r = b.accepted;
    size_t ld = (c->r + 7) / 8 * 8;
    ld = ld == 0 ? 8 : ld;
    for (size_t x = 0; ld < c->ld && x < n; x++)
        memmove(c->panel + x * ld, c->panel + x * c->ld, ld * sizeof *c->panel);
    c->ld = ld;
done:
    mx_free(plain);
    mx_free(work.combination);
    mx_free(b.hi);
    mx_free(b.lo);
    mx_free(b.mean);
    return error;
}

void mx_coordinates_close(mx_coordinates *c)
{
    mx_free(c->panel);
    mx_free(c->hi);
    mx_free(c->lo);
    mx_free(c->fact);
    mx_free(c->kind);
    mx_free(c->lower);
    mx_free(c->upper);
    mx_free(c->sd);
    mx_free(c->offset);
    mx_free(c->map);
    mx_free(c->clash);
    mx_free(c->null);
    mx_free(c->settled);
    mx_free(c->left_out);
    memset(c, 0, sizeof *c);
}

void mx_coordinates_multipliers_dd(const mx_coordinates *c, size_t k, const mx_dd *z, mx_dd *lambda)
{
    for (size_t i = 0; i < k; i++) {
        lambda[i] = c->settled[i];
        for (size_t j = 0; j < c->r; j++)
            lambda[i] = mx_dd_add(lambda[i], mx_dd_mul(c->map[i * c->r + j], z[j]));
    }
}

void mx_coordinates_multipliers(const mx_coordinates *c, size_t k, const double *z, mx_dd *lambda)
{
    for (size_t i = 0; i < k; i++) {
        lambda[i] = c->settled[i];
        for (size_t j = 0; j < c->r; j++)
            lambda[i] = mx_dd_add(lambda[i], mx_dd_mul_d(c->map[i * c->r + j], z[j]));
    }
}

/* The map is upper triangular in the order in which the facts were taken: solve from the last coordinate back. */
void mx_coordinates_from_multipliers(const mx_coordinates *c, size_t k, const mx_dd *lambda, double *z)
{
    for (size_t j = c->r; j-- > 0;) {
        mx_dd left = mx_dd_sub(lambda[c->fact[j]], c->settled[c->fact[j]]);
        for (size_t a = 0; a < c->redundant; a++) /* what the facts left out say, said by the others */
            left = mx_dd_sub(left, mx_dd_mul(lambda[c->left_out[a]], c->null[a * k + c->fact[j]]));
        for (size_t l = j + 1; l < c->r; l++)
            left = mx_dd_sub(left, mx_dd_mul_d(c->map[c->fact[j] * c->r + l], z[l]));
        z[j] = mx_dd_div(left, c->map[c->fact[j] * c->r + j]).hi;
    }
}

/* t: [k] = N' c for the rows N */
static void combine(size_t rows, size_t k, const double *N, const double *c, double *t)
{
    memset(t, 0, k * sizeof *t);
    for (size_t a = 0; a < rows; a++)
        for (size_t i = 0; i < k && c[a] != 0; i++)
            t[i] += c[a] * N[a * k + i];
}

/* c: [rows] of least |user - N' c|, by conjugate gradients on N N' c = N user: each row is a fact less a combination of the few
 * that carry all, so that N N' is a multiple of 1 but for a small rank, and the steps are about as many as that rank.
 * work: [3 rows + k]. Returns 0 when they were too many. */
static int closest(size_t rows, size_t k, const double *N, const double *user, double *c, double *work)
{
    double *residual = work, *direction = residual + rows, *image = direction + rows, *t = image + rows;
    double size = 0, before = 0;
    for (size_t a = 0; a < rows; a++) {
        c[a] = 0;
        direction[a] = residual[a] = mx_dot(k, N + a * k, user);
        before += residual[a] * residual[a];
    }
    size = before;
    for (int step = 0; step < MOST_STEPS && before > 1e-30 * size; step++) {
        combine(rows, k, N, direction, t);
        double curvature = mx_dot(k, t, t), after = 0;
        if (!(curvature > 0))
            return 0;
        for (size_t a = 0; a < rows; a++) {
            image[a] = mx_dot(k, N + a * k, t);
            c[a] += before / curvature * direction[a];
            residual[a] -= before / curvature * image[a];
            after += residual[a] * residual[a];
        }
        for (size_t a = 0; a < rows; a++)
            direction[a] = residual[a] + after / before * direction[a];
        before = after;
    }
    return before <= 1e-30 * size;
}

/* Many redundant facts: the same as below in time that grows with the square of their number, not with its cube. */
static int least_norm_of_many(const mx_coordinates *c, size_t k, const double *scale, mx_dd *lambda, double *work)
{
    double *N = work, *user = N + c->redundant * k, *by = user + k, *space = by + c->redundant;
    for (size_t a = 0; a < c->redundant; a++)
        for (size_t i = 0; i < k; i++)
            N[a * k + i] = c->null[a * k + i].hi * scale[i];
    for (int sweep = 0; sweep < 2; sweep++) {
        for (size_t i = 0; i < k; i++)
            user[i] = lambda[i].hi * scale[i];
        if (!closest(c->redundant, k, N, user, by, space))
            return 0;
        for (size_t a = 0; a < c->redundant; a++)
            for (size_t i = 0; i < k && by[a] != 0; i++)
                lambda[i] = mx_dd_sub(lambda[i], mx_dd_mul_d(c->null[a * k + i], by[a]));
    }
    return 1;
}

void mx_coordinates_least_norm(const mx_coordinates *c, const mx_view *view, mx_dd *lambda, double *work)
{
    size_t k = view->k;
    double *user = work, *scale = work + k, *null = work + 2 * k;
    int largest = 0;
    for (size_t i = 0; i < k; i++) /* the user's units, but for a common factor that keeps them in range */
        largest = i == 0 || view->column[i].exponent < largest ? view->column[i].exponent : largest;
    for (size_t i = 0; i < k; i++)
        scale[i] = ldexp(1, largest - view->column[i].exponent);
    if (c->redundant > MANY_REDUNDANT && least_norm_of_many(c, k, scale, lambda, null))
        return;
    for (size_t a = 0; a < c->redundant; a++) { /* Gram-Schmidt on the null combinations, keeping how each is made of them */
        double *row = null + a * k, after = 0;
        mx_dd *combination = c->null + a * k;
        for (int sweep = 0; sweep < 2; sweep++)
            for (size_t b = 0; b < a; b++) {
                double along = 0;
                for (size_t i = 0; i < k; i++)
                    along += combination[i].hi * scale[i] * null[b * k + i];
                for (size_t i = 0; i < k; i++)
                    combination[i] = mx_dd_sub(combination[i], mx_dd_mul_d(c->null[b * k + i], along));
            }
        for (size_t i = 0; i < k; i++)
            after += combination[i].hi * scale[i] * combination[i].hi * scale[i];
        double by = after > 0 ? 1 / sqrt(after) : 0;
        for (size_t i = 0; i < k; i++) {
            combination[i] = mx_dd_mul_d(combination[i], by);
            row[i] = combination[i].hi * scale[i];
        }
    }
    for (int sweep = 0; sweep < 2; sweep++)
        for (size_t a = 0; a < c->redundant; a++) {
            double along = 0;
            for (size_t i = 0; i < k; i++) {
                user[i] = lambda[i].hi * scale[i];
                along += user[i] * null[a * k + i];
            }
            for (size_t i = 0; i < k; i++)
                lambda[i] = mx_dd_sub(lambda[i], mx_dd_mul_d(c->null[a * k + i], along));
        }
}
