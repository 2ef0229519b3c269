/* Cholesky's factors in double-double: Hilbert's matrices, whose condition grows like 33^k, and matrices that have none. */
#include "base/dd_dense.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 14 };

/* x_j = (-1)^j (j + 1) from H x, H_ij = 1 / (i + j + 1): off by at most the condition of H (1.8e16 at 12, Todd 1954)
 * times 2^-104 and some. */
static void test_hilbert(void **state)
{
    (void)state;
    mx_dd A[MOST * MOST], b[MOST];
    for (size_t k = 1; k <= 12; k++) {
        for (size_t i = 0; i < k; i++) {
            b[i] = mx_dd_make(0);
            for (size_t j = 0; j < k; j++) {
                mx_dd entry = mx_dd_div(mx_dd_make(1), mx_dd_make((double)(i + j + 1)));
                A[i * k + j] = j <= i ? entry : mx_dd_make(NAN); /* never read */
                b[i] = mx_dd_add(b[i], mx_dd_mul_d(entry, (j % 2 ? -1.0 : 1.0) * (double)(j + 1)));
            }
        }
        assert_int_equal(mx_dd_cholesky(k, A, 0), 0);
        mx_dd_cholesky_solve(k, A, b);
        for (size_t j = 0; j < k; j++) {
            mx_dd off = mx_dd_add_d(b[j], (j % 2 ? 1.0 : -1.0) * (double)(j + 1));
            if (!(fabs(off.hi) <= 1e-12))
                fail_msg("k = %zu, x_%zu is off by %g", k, j, off.hi);
        }
    }
}

/* [[1, 1], [1, 1]] is singular, [[1, 2], [2, 1]] has a negative eigenvalue. */
static void test_none(void **state)
{
    (void)state;
    mx_dd singular[4] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}}, negative[4] = {{1, 0}, {2, 0}, {2, 0}, {1, 0}}, nan[1] = {{NAN, 0}};
    assert_int_not_equal(mx_dd_cholesky(2, singular, 0), 0);
    assert_int_not_equal(mx_dd_cholesky(2, negative, 0), 0);
    assert_int_not_equal(mx_dd_cholesky(1, nan, 0), 0);
}

/* 1 + v v^T with v = 1e20 (1, 1): all that is left of the second pivot, 1 + 1 / (1 + 1e-40), is rounding: it is taken as the floor. */
static void test_floor(void **state)
{
    (void)state;
    mx_dd A[4] = {{1e40, 0}, {0, 0}, {1e40, 0}, {1e40, 0}};
    assert_int_equal(mx_dd_cholesky(2, A, 1), 0);
    assert_true(A[3].hi == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hilbert),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
