/* The parts of the solver, each against a slow method that cannot go wrong: the Newton direction against all sign patterns, facial
 * reduction against all circuits in whole numbers, coordinates against their definition, the three minimisers against each other. */
#include "support.h"

#include "base/memory.h"
#include "solve/finite/clash.h"
#include "solve/dual/coordinates.h"
#include "solve/finite/hull.h"
#include "solve/dual/minimise.h"
#include "solve/dual/pieces.h"

/* ---- the Newton direction ---- */

/* Gaussian elimination with pivoting; A: [m][m + 1], the solution in the last column. Returns 0 when regular. */
static int eliminate(size_t m, double A[6][7])
{
    for (size_t c = 0; c < m; c++) {
        size_t best = c;
        for (size_t i = c; i < m; i++)
            if (fabs(A[i][c]) > fabs(A[best][c]))
                best = i;
        if (fabs(A[best][c]) < 1e-12)
            return 1;
        for (size_t j = 0; j <= m; j++) {
            double swap = A[c][j];
            A[c][j] = A[best][j];
            A[best][j] = swap;
        }
        for (size_t i = 0; i < m; i++)
            for (size_t j = m + 1; i != c && j-- > c;)
                A[i][j] -= A[i][c] / A[c][c] * A[c][j];
    }
    for (size_t i = 0; i < m; i++)
        A[i][m] /= A[i][i];
    return 0;
}

static double model_value(size_t r, const mx_piece *piece, const double *z, const double *mean, const double *H, const double *d)
{
    double value = 0, y[6];
    for (size_t i = 0; i < r; i++) {
        y[i] = z[i] + d[i];
        value -= mean[i] * d[i];
        for (size_t j = 0; j < r; j++)
            value += 0.5 * d[i] * H[i * r + j] * d[j];
    }
    return value + mx_pieces_value(r, piece, y);
}

/* The least value of the model over all sign patterns of the boxed coordinates. */
static double least_model(size_t r, const mx_piece *piece, const double *z, const double *mean, const double *H)
{
    double least = INFINITY;
    int patterns = 1;
    for (size_t i = 0; i < r; i++)
        patterns *= 3;
    for (int pattern = 0; pattern < patterns; pattern++) {
        int sign[6], code = pattern, valid = 1;
        size_t list[6], m = 0;
        double A[6][7], d[6];
        for (size_t i = 0; i < r; i++, code /= 3) {
            sign[i] = code % 3 - 1;
            valid &= piece[i].kind == MX_KIND_BOX || sign[i] == 1; /* the others once */
            valid &= sign[i] == 0 || isfinite(sign[i] > 0 ? piece[i].upper : piece[i].lower);
            d[i] = -z[i];
            if (sign[i] != 0)
                list[m++] = i;
        }
        if (!valid)
            continue;
        for (size_t a = 0; a < m; a++) {
            size_t i = list[a];
            double soft = piece[i].kind == MX_KIND_SOFT ? piece[i].sd * piece[i].sd : 0;
            for (size_t b = 0; b < m; b++)
                A[a][b] = H[i * r + list[b]] + (a == b ? soft : 0);
            A[a][m] = mean[i] - soft * z[i] - (sign[i] > 0 ? piece[i].upper : piece[i].lower);
            for (size_t j = 0; j < r; j++)
                if (sign[j] == 0)
                    A[a][m] += H[i * r + j] * z[j];
        }
        if (eliminate(m, A) != 0)
            continue;
        for (size_t a = 0; a < m; a++) {
            d[list[a]] = A[a][m];
            valid &= piece[list[a]].kind != MX_KIND_BOX || (z[list[a]] + A[a][m]) * sign[list[a]] >= 0;
        }
        if (valid)
            least = fmin(least, model_value(r, piece, z, mean, H, d));
    }
    return least;
}

static void test_direction(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int number = 0; number < 400; number++) {
        size_t r = 1 + below(&seed, 5);
        double L[36], H[36], z[6], mean[6], d[6];
        mx_piece piece[6];
        for (size_t j = 0; j < r * r; j++)
            L[j] = normal(&seed);
        for (size_t i = 0; i < r; i++) {
            for (size_t j = 0; j < r; j++) {
                H[i * r + j] = i == j ? 0.1 : 0;
                for (size_t l = 0; l < r; l++)
                    H[i * r + j] += L[i * r + l] * L[j * r + l];
            }
            mean[i] = normal(&seed);
            double kind = uniform(&seed), width = uniform(&seed);
            piece[i] = (mx_piece){kind < 0.6 ? MX_KIND_BOX : kind < 0.8 ? MX_KIND_SOFT : MX_KIND_EQUAL, normal(&seed), 0, 0};
            piece[i].upper = piece[i].lower + (piece[i].kind == MX_KIND_BOX ? width : 0);
            piece[i].sd = piece[i].kind == MX_KIND_SOFT ? width + 0.01 : 0;
            z[i] = uniform(&seed) < 0.3 && piece[i].kind == MX_KIND_BOX ? 0 : normal(&seed);
            if (piece[i].kind == MX_KIND_BOX && kind < 0.1) {
                piece[i].upper = INFINITY;
                z[i] = -fabs(z[i]);
            } else if (piece[i].kind == MX_KIND_BOX && kind < 0.2) {
                piece[i].lower = -INFINITY;
                z[i] = fabs(z[i]);
            }
        }
        double *work = mx_alloc_aligned(mx_direction_work(r, 1), sizeof *work);
        assert_non_null(work);
        double pivot = mx_direction(r, piece, z, mean, H, 1, d, work);
        mx_free(work);
        assert_true(pivot > 0 && pivot <= 1);
        double found = model_value(r, piece, z, mean, H, d), least = least_model(r, piece, z, mean, H);
        if (!(found <= least + 1e-10 * (1 + fabs(least))))
            fail_msg("problem %d: %.17g, but there is %.17g", number, found, least);
    }
}

/* A singular Hessian is said to be one. */
static void test_singular_direction(void **state)
{
    (void)state;
    const double H[4] = {1, 1, 1, 1}, z[2] = {0, 0}, mean[2] = {0.5, 0.5};
    double d[2], *work = mx_alloc_aligned(mx_direction_work(2, 1), sizeof *work);
    const mx_piece piece[2] = {{MX_KIND_EQUAL, 0, 0, 0}, {MX_KIND_EQUAL, 0, 0, 0}};
    assert_non_null(work);
    assert_true(mx_direction(2, piece, z, mean, H, 1, d, work) < 1e-12);
    assert_true(fabs(d[0] + d[1] - 0.5) < 1e-6);
    mx_free(work);
}

/* ---- which states can live ---- */

/* Is there exactly one linear relation of the m columns (whole numbers, d rows), with all coefficients of one strict sign? */
static int positive_circuit(size_t d, size_t m, long long A[3][4])
{
    size_t pivots = 0, at[4];
    int free_column = -1;
    for (size_t c = 0; c < m; c++) { /* fraction-free elimination to a reduced form */
        size_t row = pivots;
        while (row < d && A[row][c] == 0)
            row++;
        if (row == d) {
            if (free_column >= 0)
                return 0;
            free_column = (int)c;
            continue;
        }
        for (size_t j = 0; j < m; j++) {
            long long swap = A[row][j];
            A[row][j] = A[pivots][j];
            A[pivots][j] = swap;
        }
        for (size_t i = 0; i < d; i++) {
            long long by = A[i][c], with = A[pivots][c];
            for (size_t j = 0; i != pivots && j < m; j++)
                A[i][j] = A[i][j] * with - by * A[pivots][j];
        }
        at[pivots++] = c;
    }
    if (free_column < 0)
        return 0;
    for (size_t l = 0; l < pivots; l++) /* x_free = 1: x_c = -A_free / A_c */
        if (!((A[l][free_column] > 0 && A[l][at[l]] < 0) || (A[l][free_column] < 0 && A[l][at[l]] > 0)))
            return 0;
    return 1;
}

/* alive[x] = 1 when 0 is a combination of points in which x has positive weight: when x is in a circuit, of at most d + 1 points. */
static void living(size_t n, size_t d, const double *F, unsigned char *alive)
{
    memset(alive, 0, n);
    for (unsigned set = 1; set < 1u << n; set++) {
        size_t m = 0, member[4];
        for (size_t x = 0; x < n && m <= d + 1; x++)
            if (set >> x & 1) {
                if (m < 4)
                    member[m] = x;
                m++;
            }
        if (m > d + 1)
            continue;
        long long A[3][4];
        for (size_t i = 0; i < d; i++)
            for (size_t a = 0; a < m; a++)
                A[i][a] = (long long)F[member[a] * d + i];
        if (positive_circuit(d, m, A))
            for (size_t a = 0; a < m; a++)
                alive[member[a]] = 1;
    }
}

static void test_hull(void **state)
{
    (void)state;
    uint64_t seed = 2;
    size_t seen[4] = {0};
    for (int number = 0; number < 1500; number++) {
        size_t n = 1 + below(&seed, 9), d = 1 + below(&seed, 3), kept = 0;
        size_t width = 2 + below(&seed, 5);
        raw r = raw_new(n, d);
        unsigned char alive[10];
        for (size_t j = 0; j < n * d; j++)
            r.F[j] = (double)below(&seed, width) - (double)(width - 1) / 2 + (width % 2 == 0 ? 0.5 : 0);
        living(n, d, r.F, alive);
        for (size_t x = 0; x < n; x++)
            kept += alive[x];
        maxent_problem *problem = raw_problem(&r);
        mx_view view;
        mx_coordinates c;
        mx_hull hull;
        assert_int_equal(mx_view_open(problem, &view, NULL), MAXENT_OK);
        assert_int_equal(mx_coordinates_open(&view, NULL, &c), MAXENT_OK);
        if (c.clash != NULL) {
            assert_int_equal(kept, 0);
        } else {
            assert_int_equal(mx_hull_open(&view, &c, 1000, &hull), MAXENT_OK);
            mx_side side = kept == n ? MX_INTERIOR : kept == 0 ? MX_OUTSIDE : MX_FACE;
            seen[side]++;
            if (hull.side != side)
                fail_msg("cloud %d, n = %zu, d = %zu: side %d, not %d", number, n, d, (int)hull.side, (int)side);
            for (size_t x = 0; x < n && side != MX_INTERIOR; x++) {
                double along = 0, size = 0;
                for (size_t i = 0; i < d; i++) {
                    along += hull.direction[i] * ldexp(r.F[x * d + i], -view.column[i].exponent);
                    size += fabs(hull.direction[i]);
                }
                if (side == MX_FACE)
                    assert_int_equal(hull.keep[x], alive[x]);
                assert_true(alive[x] ? fabs(along) <= 1e-13 * size : along >= hull.margin - 1e-13 * size);
            }
            assert_true(side == MX_INTERIOR || hull.margin > 0);
            mx_hull_close(&hull);
            if (side == MX_OUTSIDE && n > 2 && d > 1) { /* and no step is enough to decide */
                assert_int_equal(mx_hull_open(&view, &c, 0, &hull), MAXENT_OK);
                assert_true(hull.side == MX_UNDECIDED);
                mx_hull_close(&hull);
            }
        }
        mx_coordinates_close(&c);
        mx_view_close(&view);
        maxent_problem_free(problem);
        raw_free(&r);
    }
    assert_true(seen[MX_INTERIOR] > 100 && seen[MX_FACE] > 100 && seen[MX_OUTSIDE] > 100);
}

/* ---- coordinates ---- */

/* u = map' g, orthonormal under the weights when centred; a redundant fact is left out; multipliers go there and back. */
static void check_coordinates(size_t n, size_t k, int weighted, uint64_t seed)
{
    raw r = raw_new(n, k);
    for (size_t x = 0; x < n; x++)
        for (size_t i = 0; i < k; i++) /* 1, 2 x, 3 x^2 ...: badly conditioned; the last is implied by two others */
            r.F[x * k + i] = i + 1 < k ? pow((double)x, (double)i + 1) : 3 * (double)x - 2 * (double)(x * x);
    double x0 = (double)(n / 3);
    for (size_t i = 0; i < k; i++)
        r.lower[i] = r.upper[i] = i + 1 < k ? pow(x0, (double)i + 1) : 3 * x0 - 2 * x0 * x0;
    maxent_problem *problem = raw_problem(&r);
    double *weights = NULL, total = 0;
    if (weighted)
        weights = doubles(n);
    for (size_t x = 0; x < n; x++)
        total += weighted ? (weights[x] = exp(3 * normal(&seed))) : 1;
    mx_view view;
    mx_coordinates c;
    assert_int_equal(mx_view_open(problem, &view, NULL), MAXENT_OK);
    assert_int_equal(mx_coordinates_open(&view, weights, &c), MAXENT_OK);
    assert_null(c.clash);
    assert_true(c.r == k - 1 && c.redundant == 1);
    for (size_t j = 0; j < c.r; j++) {
        for (size_t x = 0; x < n; x++) {
            mx_dd u = {0, 0};
            double size = 0;
            for (size_t i = 0; i < k; i++) {
                u = mx_dd_add(u, mx_dd_mul(c.map[i * c.r + j], mx_view_at(&view, i, x)));
                size += fabs(c.map[i * c.r + j].hi * view.hi[i * n + x]);
            }
            u = mx_dd_sub(u, (mx_dd){c.hi[j * n + x], c.lo[j * n + x]});
            assert_true(fabs(u.hi) <= 1e-27 * size);
            assert_true(fabs(c.panel[x * c.ld + j] - (c.hi[j * n + x] - c.offset[j])) <= 1e-15 * (1 + fabs(c.hi[j * n + x])));
        }
        for (size_t l = 0; l <= j; l++) {
            long double a = 0, b = 0, ab = 0;
            for (size_t x = 0; x < n; x++) {
                a += (weighted ? weights[x] : 1) * (long double)c.hi[j * n + x] / total;
                b += (weighted ? weights[x] : 1) * (long double)c.hi[l * n + x] / total;
            }
            for (size_t x = 0; x < n; x++)
                ab += (weighted ? weights[x] : 1) * (c.hi[j * n + x] - a) * (c.hi[l * n + x] - b) / total;
            assert_true(fabsl(ab - (j == l)) <= 1e-12L);
        }
    }
    double *z = doubles(k), *back = doubles(k), *work = doubles((c.redundant + 8) * (k + 1));
    mx_dd *lambda = mx_alloc(k, sizeof *lambda);
    assert_non_null(lambda);
    for (size_t j = 0; j < c.r; j++)
        z[j] = normal(&seed);
    mx_coordinates_multipliers(&c, k, z, lambda);
    mx_coordinates_from_multipliers(&c, k, lambda, back);
    for (size_t j = 0; j < c.r; j++)
        assert_true(fabs(back[j] - z[j]) <= 1e-14);
    /* the least norm: lambda orthogonal to the one null combination, in the user's units */
    mx_coordinates_least_norm(&c, &view, lambda, work);
    long double along = 0, size = 0;
    static const double null[3] = {3, -2, -1}; /* of x, x^2 and the last */
    for (size_t a = 0; a < 3; a++) {
        size_t i = a < 2 ? a : k - 1;
        long double user = ldexpl(lambda[i].hi, -view.column[i].exponent);
        along += null[a] * user;
        size += fabsl(null[a] * user);
    }
    assert_true(fabsl(along) <= 1e-13L * size);
    free(z);
    free(back);
    free(work);
    mx_free(lambda);
    mx_coordinates_close(&c);
    mx_view_close(&view);
    maxent_problem_free(problem);
    free(weights);
    raw_free(&r);
}

static void test_coordinates(void **state)
{
    (void)state;
    for (size_t k = 3; k <= 6; k++) {
        check_coordinates(30, k, 0, k);
        check_coordinates(41, k, 1, k);
    }
    /* a clash: x and 2 x with means that do not fit */
    raw r = raw_new(5, 2);
    for (size_t x = 0; x < 5; x++) {
        r.F[2 * x] = (double)x;
        r.F[2 * x + 1] = 2 * (double)x;
    }
    r.lower[0] = r.upper[0] = 2;
    r.lower[1] = r.upper[1] = 5;
    maxent_problem *problem = raw_problem(&r);
    mx_view view;
    mx_coordinates c;
    assert_int_equal(mx_view_open(problem, &view, NULL), MAXENT_OK);
    assert_int_equal(mx_coordinates_open(&view, NULL, &c), MAXENT_OK);
    assert_non_null(c.clash);
    for (size_t x = 0; x < 5; x++)
        assert_true(c.clash[0] * view.hi[x] + c.clash[1] * view.hi[5 + x] == c.clash_value && c.clash_value != 0);
    mx_coordinates_close(&c);
    mx_view_close(&view);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- how a state is named ---- */

static void test_state_text(void **state)
{
    (void)state;
    static const char text[] = "x in 1..3; y in {a, b}";
    maxent_problem *problem = NULL;
    char out[64], seen[6][64];
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, NULL), MAXENT_OK);
    for (size_t x = 0; x < 6; x++) { /* every state has its own name, of the form "x = 2, y = a" */
        double number;
        char expected[64];
        maxent_problem_value(problem, 0, x, &number);
        snprintf(expected, sizeof expected, "x = %.0f, y = %s", number, maxent_problem_value(problem, 1, x, &number));
        mx_state_text(problem, x, seen[x], sizeof seen[x]);
        assert_string_equal(seen[x], expected);
        for (size_t y = 0; y < x; y++)
            assert_string_not_equal(seen[x], seen[y]);
        mx_state_text(problem, x, out, 5); /* clipped */
        assert_true(strlen(out) == 4 && strncmp(out, expected, 4) == 0);
    }
    maxent_problem_free(problem);
    assert_int_equal(maxent_problem_from_array(9, 0, NULL, 0, 0, NULL, &problem, NULL), MAXENT_OK);
    mx_state_text(problem, 7, out, sizeof out);
    assert_string_equal(out, "state 7");
    maxent_problem_free(problem);
}

/* ---- minimisers ---- */

static int fill_from(void *user, size_t first, size_t count, double *out)
{
    const raw *r = user;
    memcpy(out, r->F + first * r->k, count * r->k * sizeof *out);
    return 0;
}

/* The covariance from a choice of states beside the whole one: the same to rounding from all states, within what sampling allows
 * from some, the same bits on two threads; from every storage of the features, used as they stand and centred. */
static void test_covariance(void **state)
{
    (void)state;
    enum { N = 6000, K = 11 };
    uint64_t seed = 17;
    raw r = raw_new(N, K);
    double *columns = doubles(N * K), *center = doubles(K), *scale = doubles(K), *z = doubles(K), *scores = doubles(N);
    double *mean = doubles(K), *whole = doubles(K * K), *some = doubles(K * K), *again = doubles(K * K), *logq = doubles(N);
    signed char *bytes = malloc(N * K);
    assert_non_null(bytes);
    for (size_t x = 0; x < N; x++) {
        logq[x] = x % 97 == 0 ? -INFINITY : 0.01 * (double)(x % 7);
        for (size_t i = 0; i < K; i++) {
            bytes[x * K + i] = (signed char)fmax(-100, fmin(100, 20 * normal(&seed)));
            columns[i * N + x] = r.F[x * K + i] = bytes[x * K + i];
        }
    }
    for (size_t i = 0; i < K; i++) {
        center[i] = 2;
        scale[i] = 0.0625;
        z[i] = 0.5 * normal(&seed);
    }
    for (int storage = 0; storage < 8; storage++) {
        maxent_problem *problem = raw_problem(&r);
        mx_features *f = &problem->features;
        switch (storage / 2) {
        case 0: break;
        case 1: f->f64 = columns; f->state_stride = 1; f->feature_stride = N; break;
        case 2: f->storage = MX_STORE_I8; f->i8 = bytes; break;
        default: f->storage = MX_STORE_FILL; f->fill = fill_from; f->user = &r; break;
        }
        double value;
        for (int threads = 1; threads <= 2; threads++) {
            mx_dual dual = {.n = N, .r = K, .problem = problem, .center = center, .scale = scale, .logq = logq,
                            .threads = threads, .scores = scores, .direct = storage % 2};
            assert_int_equal(mx_dual_open(&dual, 1), MAXENT_OK);
            assert_int_equal(mx_dual_evaluate(&dual, z, MX_WANT_HESSIAN, &value, mean, whole), MAXENT_OK);
            assert_true(mx_dual_heavy(&dual, value) > N / 2);
            assert_int_equal(mx_dual_covariance(&dual, value, N, 0, some), MAXENT_OK);
            for (size_t i = 0; i < K * K; i++)
                assert_true(fabs(some[i] - whole[i]) <= 1e-12 * (1 + fabs(whole[i])));
            assert_int_equal(mx_dual_covariance(&dual, value, N, 1, some), MAXENT_OK);
            for (size_t i = 0; i < K * K; i++)
                assert_true(fabs(some[i] - whole[i]) <= 1e-5 * (1 + fabs(whole[i])));
            size_t before = dual.evaluations;
            assert_int_equal(mx_dual_covariance(&dual, value, 1000, 0, some), MAXENT_OK);
            assert_true(dual.evaluations == before); /* it read less than a quarter of the features */
            for (size_t i = 0; i < K; i++)
                for (size_t j = 0; j < K; j++) /* five standard errors of a product of nearly normal variables from 1000 states */
                    assert_true(fabs(some[i * K + j] - whole[i * K + j]) <=
                                5 * sqrt(2 * whole[i * K + i] * whole[j * K + j] / 1000));
            if (threads == 1)
                memcpy(again, some, K * K * sizeof *some);
            assert_memory_equal(again, some, K * K * sizeof *some);
            mx_dual_close(&dual);
        }
        f->storage = MX_STORE_F64;
        f->fill = NULL;
        maxent_problem_free(problem);
    }
    double *all[] = {columns, center, scale, z, scores, mean, whole, some, again, logq};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(bytes);
    raw_free(&r);
}

/* Newton on the exact model, the lagged method and its matrix-free form end at the same point. */
static void test_minimise(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (size_t k = 2; k < 40; k += 9) {
        size_t n = 40 * k;
        raw r = raw_new(n, k);
        double *center = doubles(k), *scale = doubles(k), *z = doubles(k);
        mx_piece *piece = calloc(k, sizeof *piece);
        assert_non_null(piece);
        for (size_t j = 0; j < n * k; j++)
            r.F[j] = normal(&seed);
        for (size_t i = 0; i < k; i++) {
            scale[i] = 1;
            piece[i] = (mx_piece){i % 3 == 2 ? MX_KIND_SOFT : MX_KIND_EQUAL, 0.1, 0.1, i % 3 == 2 ? 0.3 : 0};
        }
        maxent_problem *problem = raw_problem(&r);
        double *scores = doubles(n), *spare = doubles(n);
        for (int method = 0; method <= 2; method++) {
            mx_dual dual = {.n = n, .r = k, .problem = problem, .center = center, .scale = scale, .threads = 1, .scores = scores,
                            .spare = spare};
            mx_minimum m;
            mx_rules rules = {.tolerance = 1e-12, .floor = -INFINITY, .max_iterations = 500, .deadline = INFINITY};
            assert_int_equal(mx_dual_open(&dual, method != 2), MAXENT_OK);
            assert_int_equal(mx_minimum_open(&m, k, 1, method), MAXENT_OK);
            maxent_error error =
                method == 0 ? mx_minimise(&dual, piece, &rules, &m) : mx_minimise_lagged(&dual, piece, &rules, &m, method == 2);
            assert_int_equal(error, MAXENT_OK);
            assert_int_equal(m.ending, MX_ENDING_CONVERGED);
            assert_true(m.residual <= 1e-12);
            for (size_t i = 0; i < k; i++) {
                if (method == 0)
                    z[i] = m.z[i];
                assert_true(fabs(m.z[i] - z[i]) <= 1e-10);
            }
            mx_minimum_close(&m);
            mx_dual_close(&dual);
        }
        free(scores);
        free(spare);
        maxent_problem_free(problem);
        free(center);
        free(scale);
        free(z);
        free(piece);
        raw_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direction),   cmocka_unit_test(test_singular_direction), cmocka_unit_test(test_hull),
        cmocka_unit_test(test_covariance),
        cmocka_unit_test(test_coordinates), cmocka_unit_test(test_state_text),         cmocka_unit_test(test_minimise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
