/* Loops over double-doubles: element by element the bits of dd.h; sums against those one by one; the same bits from every variant. */
#include "base/dd_loops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { MOST = 131, FEATURES = 3 };

static const char *const variants[] = {"portable", "avx2", "avx512"};

static uint64_t seed = 20261122;

static double uniform(void) /* in (-1, 1) */
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(seed & ~(uint64_t)0x7FF) * 0x1p-63;
}

static void fill(size_t n, double scale, double *hi, double *lo)
{
    for (size_t x = 0; x < n; x++) {
        double high = uniform() * scale;
        mx_dd a = mx_quick_two_sum(high, high * 0x1p-54 * uniform());
        hi[x] = a.hi;
        lo[x] = a.lo;
    }
}

static void same_bits(double a, double b)
{
    if (memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%a is not %a", a, b);
}

static void same(mx_dd a, double hi, double lo)
{
    same_bits(hi, a.hi);
    same_bits(lo, a.lo);
}

static void test_elements(void **state)
{
    (void)state;
    double hi[MOST], lo[MOST], b_hi[MOST], b_lo[MOST], to_hi[MOST], to_lo[MOST];
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_dd_loops *loops = mx_dd_loops_find(variants[v]);
        for (size_t n = 0; loops != NULL && n <= MOST; n++) {
            mx_dd by = {0.3, 0x1p-60};
            fill(n, 1, hi, lo);
            fill(n, 1e3, b_hi, b_lo);
            memcpy(to_hi, hi, n * sizeof *hi);
            memcpy(to_lo, lo, n * sizeof *lo);
            loops->shift(n, by, to_hi, to_lo);
            for (size_t x = 0; x < n; x++)
                same(mx_dd_add((mx_dd){hi[x], lo[x]}, by), to_hi[x], to_lo[x]);
            memcpy(to_hi, hi, n * sizeof *hi);
            memcpy(to_lo, lo, n * sizeof *lo);
            loops->scale(n, by, to_hi, to_lo);
            for (size_t x = 0; x < n; x++)
                same(mx_dd_mul((mx_dd){hi[x], lo[x]}, by), to_hi[x], to_lo[x]);
            memcpy(to_hi, hi, n * sizeof *hi);
            memcpy(to_lo, lo, n * sizeof *lo);
            loops->take(n, by, b_hi, b_lo, to_hi, to_lo);
            for (size_t x = 0; x < n; x++)
                same(mx_dd_sub((mx_dd){hi[x], lo[x]}, mx_dd_mul(by, (mx_dd){b_hi[x], b_lo[x]})), to_hi[x], to_lo[x]);
        }
    }
}

static void test_scores(void **state)
{
    (void)state;
    double hi[FEATURES * MOST], lo[FEATURES * MOST], s_hi[MOST], s_lo[MOST], to_hi[MOST], to_lo[MOST];
    const mx_dd mu[FEATURES] = {{1.7, 0x1p-58}, {0, 0}, {-40, 0}};
    const double centre[FEATURES] = {0.25, NAN, 3}; /* what has no weight is not looked at */
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_dd_loops *loops = mx_dd_loops_find(variants[v]);
        for (size_t n = 1; loops != NULL && n <= MOST; n++)
            for (int rows = 0; rows < 2; rows++) {
                size_t step = rows ? FEATURES : 1, stride = rows ? 1 : n;
                fill(FEATURES * n, 10, hi, lo);
                fill(n, 100, s_hi, s_lo);
                if (n > 4) { /* out of range in three ways */
                    hi[step] = INFINITY;
                    lo[step] = 0;
                    hi[2 * step] = 1e308;
                    s_hi[3] = -INFINITY;
                    s_lo[3] = 0;
                }
                memcpy(to_hi, s_hi, n * sizeof *s_hi);
                memcpy(to_lo, s_lo, n * sizeof *s_lo);
                loops->score(n, FEATURES, mu, centre, hi, lo, step, stride, to_hi, to_lo);
                for (size_t x = 0; x < n; x++) {
                    mx_dd s = {s_hi[x], s_lo[x]};
                    for (size_t i = 0; i < FEATURES; i += 2) {
                        mx_dd f = {hi[x * step + i * stride], lo[x * step + i * stride]};
                        s = mx_dd_sub(s, mx_dd_mul(mu[i], mx_dd_add_d(f, -centre[i])));
                    }
                    same(isfinite(s.hi) ? s : mx_dd_make(-INFINITY), to_hi[x], to_lo[x]);
                }
                if (n > 4)
                    assert_true(to_hi[1] == -INFINITY && to_hi[3] == -INFINITY && isfinite(to_hi[4]));
            }
    }
}

/* |a - b| <= size 2^-98: a few hundred roundings of 2^-104 */
static void close_to(mx_dd a, mx_dd b, double size)
{
    double off = mx_dd_sub(a, b).hi;
    if (!(fabs(off) <= 0x1p-98 * size))
        fail_msg("%a + %a is not %a + %a (off by %g)", a.hi, a.lo, b.hi, b.lo, off);
}

static void test_sums(void **state)
{
    (void)state;
    double hi[MOST], lo[MOST], r_hi[FEATURES * MOST], r_lo[FEATURES * MOST], b_hi[MOST], b_lo[MOST], w[MOST], out[MOST];
    for (size_t n = 0; n <= MOST; n++) {
        mx_dd first[4];
        fill(n, 1, hi, lo);
        fill(FEATURES * n, 1, r_hi, r_lo);
        fill(n, 1, b_hi, b_lo);
        for (size_t x = 0; x < n; x++)
            w[x] = fabs(uniform());
        if (n > 2) { /* counts for nothing */
            w[1] = 0;
            hi[1] = r_hi[FEATURES] = NAN;
        }
        for (int variant = 0, seen = 0; variant < 3; variant++) {
            const mx_dd_loops *loops = mx_dd_loops_find(variants[variant]);
            if (loops == NULL)
                continue;
            const mx_dd about = {0.125, 0x1p-70};
            mx_dd sum = {0, 0}, plain = {0, 0}, rows = {0, 0}, product = {0, 0}, weight = {0, 0}, count = {0, 0};
            double square = 0, size = 1 + (double)n;
            for (size_t x = 0; x < n; x++) {
                weight = mx_dd_add_d(weight, w[x]);
                count = mx_dd_add_d(count, b_hi[x]);
                if (w[x] == 0)
                    continue;
                mx_dd a = {hi[x], lo[x]}, r = {r_hi[x * FEATURES], r_lo[x * FEATURES]}, b = {b_hi[x], b_lo[x]};
                sum = mx_dd_add(sum, mx_dd_mul_d(mx_dd_sub(a, about), w[x]));
                rows = mx_dd_add(rows, mx_dd_mul_d(r, w[x]));
                plain = mx_dd_add(plain, mx_two_prod(w[x], hi[x]));
                product = mx_dd_add(product, mx_dd_mul_d(mx_dd_mul(b, b), w[x]));
                square += w[x] * mx_dd_sub(r, about).hi * mx_dd_sub(r, about).hi;
            }
            mx_dd got[4] = {loops->sum(n, w, hi, lo, 1, about), loops->sum(n, w, r_hi, r_lo, FEATURES, mx_dd_make(0)),
                            loops->product(n, w, b_hi, b_lo, b_hi, b_lo), loops->total(n, w, hi)};
            close_to(got[0], sum, size);
            close_to(got[1], rows, size);
            close_to(got[2], product, size);
            close_to(got[3], plain, size);
            close_to(loops->total(n, w, NULL), weight, size);
            close_to(loops->total(n, NULL, b_hi), count, size);
            assert_true(loops->total(n, NULL, NULL).hi == (double)n);
            double about_it = loops->deviation(n, w, r_hi, r_lo, FEATURES, about, out);
            assert_true(fabs(about_it - square) <= 0x1p-50 * size);
            same_bits(about_it, loops->deviation(n, w, r_hi, r_lo, FEATURES, about, NULL));
            for (size_t x = 0; x < n; x++)
                assert_true(w[x] == 0 ? out[x] == 0 : fabs(out[x] - (r_hi[x * FEATURES] - about.hi)) <= 0x1p-51);
            for (int i = 0; i < 4 && seen; i++)
                same(first[i], got[i].hi, got[i].lo);
            memcpy(first, got, sizeof first);
            seen = 1;
        }
    }
}

/* Cancellation: 1e16 + 1 - 1e16 and the like, where doubles have nothing left. */
static void test_cancellation(void **state)
{
    (void)state;
    double hi[96], lo[96];
    for (size_t x = 0; x < 96; x++) {
        hi[x] = x % 3 == 0 ? 1e16 : x % 3 == 1 ? 0x1p-40 : -1e16;
        lo[x] = x % 3 == 1 ? 0x1p-100 : 0;
    }
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_dd_loops *loops = mx_dd_loops_find(variants[v]);
        if (loops != NULL) {
            mx_dd sum = loops->sum(96, NULL, hi, lo, 1, mx_dd_make(0));
            assert_true(fabs(mx_dd_add_d(sum, -0x1p-35).hi) <= 1e16 * 0x1p-96);
        }
    }
}

/* The functions of dd_math.c, whatever the argument; test_dd.c has those against mpmath. */
static void test_functions(void **state)
{
    (void)state;
    static const double edges[] = {0,    1,      -1,      0.5,                 1e-310,             -1e-310, 1e-295,    1e-20,
                                   700,  -700,   709.5,   -745,                760,                1e9,     -1e9,      1e300,
                                   1.7e308, 0x1p-900, 0x1p900, 0.70710678118654752, 1.4142135623730951, INFINITY, -INFINITY, NAN,
                                   749.487, 710};
    enum { EDGES = sizeof edges / sizeof *edges, COUNT = 2000 };
    static double a_hi[COUNT], a_lo[COUNT], hi[COUNT], lo[COUNT];
    fill(COUNT, 1, a_hi, a_lo);
    for (size_t x = 0; x < COUNT; x++) {
        static const double sizes[] = {1, 6, 100, 690, 1e8, 1e-5};
        double by = sizes[x % 6];
        mx_dd a = x < EDGES ? mx_dd_make(edges[x]) : mx_dd_mul_d((mx_dd){a_hi[x], a_lo[x]}, by);
        a = x >= EDGES && x % 4 == 0 ? mx_dd_add_d(mx_dd_mul_d(a, 1e-9), 1) : a;
        a_hi[x] = a.hi;
        a_lo[x] = a.lo;
    }
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_dd_loops *loops = mx_dd_loops_find(variants[v]);
        for (int which = 0; loops != NULL && which < 4; which++)
            for (size_t n = COUNT - 17; n <= COUNT; n++) {
                (which == 0 ? loops->exp : which == 1 ? loops->log : which == 2 ? loops->sin : loops->cos)(n, a_hi, a_lo, hi, lo);
                for (size_t x = 0; x < n; x++) {
                    mx_dd a = {a_hi[x], a_lo[x]};
                    mx_dd f = which == 0 ? mx_dd_exp(a) : which == 1 ? mx_dd_log(a) : which == 2 ? mx_dd_sin(a) : mx_dd_cos(a);
                    assert_true(isfinite(hi[x]) || lo[x] == 0);
                    if (isnan(f.hi))
                        assert_true(isnan(hi[x]));
                    else
                        same(f, hi[x], lo[x]);
                }
            }
    }
}

static void test_variants(void **state)
{
    (void)state;
    assert_ptr_equal(mx_dd_loops_find("portable"), &mx_dd_loops_portable);
    assert_null(mx_dd_loops_find("no such variant"));
    assert_ptr_equal(mx_dd_loops_get(), mx_dd_loops_find(mx_dd_loops_get()->name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_cancellation),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
