/* Cholesky factors and solves, checked by multiplying back in long double. The backward error of Cholesky is within
 * (k + 1) eps of sqrt(A_ii A_jj) (Higham, Accuracy and Stability of Numerical Algorithms, theorem 10.3); so are the tests. */
#include "base/dense.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SENTINEL 12345.5

static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 20, 33, 63, 64, 65, 100, 128, 191, 210, 257};
#define SIZES (sizeof sizes / sizeof *sizes)

/* splitmix64, seeded by each test */
static uint64_t state;

static double uniform(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53 * 2 - 1;
}

static double *space(size_t count)
{
    double *v = mx_alloc_aligned(count + 1, sizeof *v);
    assert_non_null(v);
    return v;
}

/* A = B D B^T with B: [k][rank] uniform and columns of several sizes; the upper triangle holds a sentinel. */
static double *random_matrix(size_t k, size_t rank, size_t ld)
{
    double *A = space(k * ld), *B = space(k * rank);
    for (size_t i = 0; i < k * rank; i++)
        B[i] = uniform();
    for (size_t i = 0; i < k * ld; i++)
        A[i] = SENTINEL;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            long double sum = 0;
            for (size_t r = 0; r < rank; r++)
                sum += (long double)B[i * rank + r] * B[j * rank + r];
            A[i * ld + j] = (double)sum * ldexp(1, (int)(i % 5) + (int)(j % 5));
        }
    }
    mx_free(B);
    return A;
}

static void untouched_above(size_t k, const double *A, size_t ld)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = i + 1; j < ld; j++)
            assert_true(A[i * ld + j] == SENTINEL);
    }
}

/* |(L L^T)_ij - A_{order i, order j}| <= limit sqrt(A_ii A_jj), L having `rank` columns */
static void multiplies_back(size_t k, size_t rank, const double *L, const double *A, size_t ld, const size_t *order, double limit)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            size_t a = order != NULL ? order[i] : i, b = order != NULL ? order[j] : j;
            long double sum = 0;
            for (size_t r = 0; r < rank && r <= j; r++)
                sum += (long double)L[i * ld + r] * L[j * ld + r];
            double expected = a >= b ? A[a * ld + b] : A[b * ld + a];
            assert_true(fabs((double)sum - expected) <= limit * sqrt(A[a * ld + a] * A[b * ld + b]));
        }
    }
}

static void factor_and_solve(void **unused)
{
    (void)unused;
    for (size_t t = 0; t < SIZES; t++) {
        size_t k = sizes[t], ld = k + t % 3;
        state = t;
        double *A = random_matrix(k, k + 20, ld), *L = space(k * ld), *work = space(mx_cholesky_work(k, 1));
        double *b = space(k), *x = space(k), *y = space(k), *inverse = space(k * k);
        memcpy(L, A, k * ld * sizeof *A);
        assert_int_equal(mx_cholesky(k, L, ld, 1, work), 0);
        untouched_above(k, L, ld);
        multiplies_back(k, k, L, A, ld, NULL, (double)(k + 1) * DBL_EPSILON);

        /* L (L^T x) = b row by row, and A x as a whole */
        for (size_t i = 0; i < k; i++)
            x[i] = b[i] = uniform();
        mx_solve_lower(k, L, ld, x);
        for (size_t i = 0; i < k; i++) {
            long double sum = 0, size = 0;
            for (size_t j = 0; j <= i; j++) {
                sum += (long double)L[i * ld + j] * x[j];
                size += fabsl((long double)L[i * ld + j] * x[j]);
            }
            assert_true(fabsl(sum - b[i]) <= (double)(k + 1) * DBL_EPSILON * size);
        }
        memcpy(y, x, k * sizeof *x);
        mx_solve_lower_transposed(k, L, ld, x);
        for (size_t i = 0; i < k; i++) {
            long double sum = 0, size = 0;
            for (size_t j = i; j < k; j++) {
                sum += (long double)L[j * ld + i] * x[j];
                size += fabsl((long double)L[j * ld + i] * x[j]);
            }
            assert_true(fabsl(sum - y[i]) <= (double)(k + 1) * DBL_EPSILON * size);
        }
        memcpy(y, b, k * sizeof *b);
        mx_cholesky_solve(k, L, ld, y);
        assert_memory_equal(x, y, k * sizeof *x);

        /* A A^-1 = 1; entries in the scale that makes the diagonal of A one */
        double *more = space(mx_cholesky_inverse_work(k)), *column = space(k);
        mx_cholesky_inverse(k, L, ld, inverse, k, more);
        for (size_t c = 0; c < k; c++) {
            double norm = 0;
            for (size_t i = 0; i < k; i++) {
                column[i] = i >= c ? inverse[i * k + c] : inverse[c * k + i];
                norm += fabs(column[i]) * sqrt(A[i * ld + i]);
            }
            for (size_t i = 0; i < k; i++) {
                y[i] = 0;
                for (size_t j = 0; j < k; j++)
                    y[i] += A[(i > j ? i : j) * ld + (i > j ? j : i)] * column[j];
            }
            for (size_t i = 0; i < k; i++)
                assert_true(fabs(y[i] - (i == c)) <= 20 * (double)(k + 1) * DBL_EPSILON * (norm * sqrt(A[i * ld + i]) + 1));
        }
        mx_free(A);
        mx_free(L);
        mx_free(work);
        mx_free(b);
        mx_free(x);
        mx_free(y);
        mx_free(inverse);
        mx_free(more);
        mx_free(column);
    }
}

static void pivoted(void **unused)
{
    (void)unused;
    for (size_t t = 0; t < SIZES; t++) {
        size_t k = sizes[t], ld = k + t % 2;
        for (int variant = 0; variant < 3; variant++) {
            size_t rank = variant == 0 ? k : variant == 1 ? (k + 1) / 2 : 1, found = SIZE_MAX;
            state = t + 100;
            double *A = random_matrix(k, variant == 0 ? k + 20 : rank, ld), *L = space(k * ld);
            double *work = space(mx_cholesky_work(k, 1));
            size_t *order = mx_alloc(k, sizeof *order);
            char *seen = mx_zalloc(k, 1);
            assert_non_null(order);
            assert_non_null(seen);
            memcpy(L, A, k * ld * sizeof *A);
            assert_int_equal(mx_cholesky_pivoted(k, L, ld, 1e-11, 1, order, &found, work), 0);
            assert_int_equal(found, rank);
            untouched_above(k, L, ld);
            for (size_t i = 0; i < k; i++) {
                assert_true(order[i] < k && !seen[order[i]]);
                seen[order[i]] = 1;
            }
            /* what is left out has at most 1e-11 of each variance */
            multiplies_back(k, rank, L, A, ld, order, variant == 0 ? (double)(k + 1) * DBL_EPSILON : 2e-11);
            /* pivots never grow, in the scale of the original diagonal */
            for (size_t i = 0; i < rank; i++) {
                double pivot = L[i * ld + i] * L[i * ld + i] / A[order[i] * ld + order[i]];
                for (size_t r = i + 1; r < rank; r++) {
                    long double part = A[order[r] * ld + order[r]];
                    for (size_t c = 0; c < i; c++)
                        part -= (long double)L[r * ld + c] * L[r * ld + c];
                    assert_true((double)part / A[order[r] * ld + order[r]] <= pivot + 1e-12);
                }
            }
            mx_free(A);
            mx_free(L);
            mx_free(work);
            mx_free(order);
            mx_free(seen);
        }
    }
}

static void degenerate(void **unused)
{
    (void)unused;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    double work[64 * 80 + 256 * 600] __attribute__((aligned(64)));
    double A[9 * 9];
    size_t order[9], rank = 77;
    assert_true(mx_cholesky_work(9, 1) <= sizeof work / sizeof *work);

    assert_int_equal(mx_cholesky(0, A, 0, 1, work), 0);
    assert_int_equal(mx_cholesky_pivoted(0, A, 0, 0, 1, order, &rank, work), 0);
    assert_int_equal(rank, 0);

    /* a bad entry anywhere is noticed by both */
    for (size_t i = 0; i < 9; i++) {
        for (size_t j = 0; j <= i; j++) {
            for (size_t c = 0; c < 3; c++) {
                for (int which = 0; which < 2; which++) {
                    for (size_t e = 0; e < 81; e++)
                        A[e] = e % 10 == 0 ? 2 : 0;
                    A[i * 9 + j] = bad[c];
                    rank = 77;
                    assert_int_equal(which ? mx_cholesky(9, A, 9, 1, work)
                                           : mx_cholesky_pivoted(9, A, 9, 1e-12, 1, order, &rank, work),
                                     -1);
                    assert_int_equal(rank, 77);
                }
            }
        }
    }
    /* indefinite: [1 2; 2 1], and a negative diagonal */
    double B[4] = {1, 0, 2, 1}, C[4] = {1, 0, 0, -1}, D[4] = {0, 0, 0, 0};
    assert_int_equal(mx_cholesky(2, B, 2, 1, work), -1);
    assert_int_equal(mx_cholesky(2, C, 2, 1, work), -1);
    assert_int_equal(mx_cholesky(2, D, 2, 1, work), -1);
    C[0] = 1, C[3] = -1;
    assert_int_equal(mx_cholesky_pivoted(2, C, 2, 0, 1, order, &rank, work), -1);
    assert_int_equal(mx_cholesky_pivoted(2, D, 2, 0, 1, order, &rank, work), 0);
    assert_int_equal(rank, 0);

    /* [4 2; 2 5] = [2 0; 1 2] [2 1; 0 2]; exact */
    double E[4] = {4, 9, 2, 5}, b[2] = {8, 14}; /* = E (3/4, 5/2) */
    assert_int_equal(mx_cholesky(2, E, 2, 1, work), 0);
    assert_true(E[0] == 2 && E[2] == 1 && E[3] == 2 && E[1] == 9);
    mx_cholesky_solve(2, E, 2, b);
    assert_true(b[0] == 0.75 && b[1] == 2.5);

    /* a zero row is put last, a duplicate is dropped: features 1, f, f */
    double F[9] = {0, 0, 0, 0, 3, 0, 0, 3, 3};
    assert_int_equal(mx_cholesky_pivoted(3, F, 3, 1e-12, 1, order, &rank, work), 0);
    assert_int_equal(rank, 1);
    assert_int_equal(order[0], 1);
}

static void same_bits_with_threads(void **unused)
{
    (void)unused;
    size_t k = 700, ld = k;
    state = 9;
    double *A = space(k * ld), *one = space(k * ld), *two = space(k * ld), *work = space(mx_cholesky_work(k, 3));
    size_t *order = mx_alloc(k, sizeof *order), *order2 = mx_alloc(k, sizeof *order2), rank = 0, rank2 = 1;
    assert_non_null(order);
    assert_non_null(order2);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            A[i * ld + j] = i == j ? 40 + 10 * uniform() : uniform();
    }
    memcpy(one, A, k * ld * sizeof *A);
    memcpy(two, A, k * ld * sizeof *A);
    assert_int_equal(mx_cholesky(k, one, ld, 1, work), 0);
    assert_int_equal(mx_cholesky(k, two, ld, 3, work), 0);
    assert_memory_equal(one, two, k * ld * sizeof *A);
    memcpy(one, A, k * ld * sizeof *A);
    memcpy(two, A, k * ld * sizeof *A);
    assert_int_equal(mx_cholesky_pivoted(k, one, ld, 1e-12, 1, order, &rank, work), 0);
    assert_int_equal(mx_cholesky_pivoted(k, two, ld, 1e-12, 3, order2, &rank2, work), 0);
    assert_int_equal(rank, k);
    assert_int_equal(rank2, k);
    assert_memory_equal(order, order2, k * sizeof *order);
    assert_memory_equal(one, two, k * ld * sizeof *A);
    mx_free(A);
    mx_free(one);
    mx_free(two);
    mx_free(work);
    mx_free(order);
    mx_free(order2);
}

static void dots(void **unused)
{
    (void)unused;
    double a[40], b[40];
    for (size_t count = 0; count <= 40; count++) {
        double expected = 0;
        for (size_t i = 0; i < count; i++) { /* small integers: exact */
            a[i] = (double)(i + 1);
            b[i] = (double)(i % 7) - 3;
            expected += a[i] * b[i];
        }
        assert_true(mx_dot(count, a, b) == expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dots),       cmocka_unit_test(factor_and_solve),       cmocka_unit_test(pivoted),
        cmocka_unit_test(degenerate), cmocka_unit_test(same_bits_with_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
