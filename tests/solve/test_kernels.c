/* The kernels of every variant this processor runs, against the formulas in long double and against themselves: every shape
 * around the widths of vectors, tiles and blocks. Tolerances: a sum of m terms in double is within m eps of the sum of their
 * absolute values; the terms here are of order one, so 4 m eps times their number of factors is ample. */
#include "base/memory.h"
#include "solve/dual/kernels.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SENTINEL 12345.5

static const char *const variants[] = {"portable", "avx2", "avx512"};

static const struct {
    size_t m, k;
} shapes[] = {{1, 1},  {2, 1},   {3, 2},   {5, 3},   {7, 4},    {8, 5},    {9, 7},    {16, 8},   {17, 9},  {33, 12},
              {3, 16}, {130, 20}, {129, 23}, {64, 24}, {65, 25},  {100, 33}, {300, 47}, {31, 48},  {12, 49}, {257, 100},
              {5, 210}, {140, 211}, {70, 500}, {130, 505}};

/* splitmix64, seeded by each test: the same numbers everywhere */
static uint64_t state;

static double uniform(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53 * 2 - 1;
}

static double *numbers(size_t count)
{
    double *v = mx_alloc_aligned(count + 1, sizeof *v);
    assert_non_null(v);
    for (size_t i = 0; i < count; i++)
        v[i] = uniform();
    return v;
}

static size_t padded(size_t k)
{
    return (k + 7) / 8 * 8;
}

static double *random_panel(size_t m, size_t k)
{
    double *panel = numbers(m * padded(k));
    for (size_t x = 0; x < m; x++) {
        for (size_t i = k; i < padded(k); i++)
            panel[x * padded(k) + i] = 0;
    }
    return panel;
}

typedef void check(const mx_kernels *kernels, size_t m, size_t k);

static void every(check *run)
{
    int ran = 0;
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_kernels *kernels = mx_kernels_find(variants[v]);
        if (kernels == NULL)
            continue;
        assert_string_equal(kernels->name, variants[v]);
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            state = s;
            run(kernels, shapes[s].m, shapes[s].k);
            ran++;
        }
    }
    assert_true(ran > 0);
}

static void check_load(const mx_kernels *kernels, size_t m, size_t k)
{
    size_t ld = padded(k);
    /* exactly as many values as belong to the block, so that ASan sees a read beyond them */
    double *center = numbers(k), *scale = numbers(k), *F = malloc(m * k * sizeof *F), *panel = numbers(m * ld);
    double *strided = malloc(2 * m * k * sizeof *strided);
    signed char *bytes = malloc(m * k);
    assert_non_null(F);
    assert_non_null(strided);
    assert_non_null(bytes);

    for (int layout = 0; layout < 4; layout++) {
        const double *from = layout == 2 ? strided : F;
        size_t state_stride = layout == 1 ? 1 : layout == 2 ? 2 * k : k, feature_stride = layout == 1 ? m : layout == 2 ? 2 : 1;
        for (size_t x = 0; x < m; x++) {
            for (size_t i = 0; i < k; i++) {
                bytes[x * k + i] = (signed char)(uniform() * 128);
                F[layout == 1 ? x + i * m : x * k + i] = layout == 3 ? bytes[x * k + i] : uniform();
            }
        }
        for (size_t i = 0; i < m * k; i++) {
            strided[2 * i] = F[i];
            strided[2 * i + 1] = NAN;
        }
        for (size_t i = 0; i < m * ld; i++)
            panel[i] = SENTINEL;
        if (layout < 3)
            kernels->load_f64(from, state_stride, feature_stride, m, k, center, scale, panel, ld);
        else
            kernels->load_i8(bytes, m, k, center, scale, panel, ld);
        for (size_t x = 0; x < m; x++) {
            for (size_t i = 0; i < ld; i++) {
                double u = i < k ? (from[x * state_stride + i * feature_stride] - center[i]) * scale[i] : 0;
                assert_true(panel[x * ld + i] == u);
            }
        }
    }
    mx_free(center);
    mx_free(scale);
    mx_free(panel);
    free(F);
    free(strided);
    free(bytes);
}

/* The kernels on features as they stand, against sums in long double: rows of doubles one after the other and with gaps, and bytes. */
static void check_rows(const mx_kernels *kernels, size_t m, size_t k)
{
    if (k < 8)
        return;
    double *y = numbers(k), *center = numbers(k), *scale = numbers(k), *s = numbers(m), *s0 = numbers(m), *w = numbers(m);
    double *G = numbers(k), *G0 = numbers(k), *S = numbers(k), *low = numbers(k), *high = numbers(k), *value = numbers(m * k);
    for (int layout = 0; layout < 3; layout++) {
        size_t stride = layout == 1 ? k + 3 : k, count = (m - 1) * stride + k; /* no more, so that ASan sees a read beyond */
        double *F = malloc(count * sizeof *F);
        signed char *bytes = malloc(count);
        assert_non_null(F);
        assert_non_null(bytes);
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (signed char)(uniform() * 128);
            F[i] = stride > k && i % stride >= k ? NAN : uniform();
        }
        for (size_t x = 0; x < m; x++)
            for (size_t i = 0; i < k; i++)
                value[x * k + i] = layout == 2 ? bytes[x * k + i] : F[x * stride + i];
        mx_rows rows = {layout == 2 ? (const void *)bytes : (const void *)F, stride, layout == 2};
        double eps = DBL_EPSILON * (layout == 2 ? 128 : 1);

        memcpy(s, s0, m * sizeof *s);
        kernels->rows_score(rows, m, k, y, s);
        for (size_t x = 0; x < m; x++) {
            long double sum = s0[x];
            for (size_t i = 0; i < k; i++)
                sum -= (long double)value[x * k + i] * y[i];
            assert_true(fabsl(sum - s[x]) <= 4 * eps * (double)(k + 1));
            double alone = s0[x];
            mx_rows one = {layout == 2 ? (const void *)(bytes + x * stride) : (const void *)(F + x * stride), stride, layout == 2};
            kernels->rows_score(one, 1, k, y, &alone);
            assert_true(alone == s[x]);
        }
        memcpy(G, G0, k * sizeof *G);
        kernels->rows_sum(rows, m, k, w, G);
        for (size_t i = 0; i < k; i++) {
            long double sum = G0[i];
            for (size_t x = 0; x < m; x++)
                sum += (long double)w[x] * value[x * k + i];
            assert_true(fabsl(sum - G[i]) <= 4 * eps * (double)(m + 1));
        }
        memcpy(G, G0, k * sizeof *G);
        memset(S, 0, k * sizeof *S);
        kernels->rows_squares(rows, m, k, w, G, S);
        for (size_t i = 0; i < k; i++) {
            long double sum = G0[i], square = 0;
            for (size_t x = 0; x < m; x++) {
                long double f = value[x * k + i];
                sum += w[x] * f;
                square += w[x] * f * f;
            }
            assert_true(fabsl(sum - G[i]) <= 8 * eps * (double)(m + 1));
            assert_true(fabsl(square - S[i]) <= 16 * eps * (layout == 2 ? 128 : 1) * (double)(m + 1));
        }
        memcpy(G, G0, k * sizeof *G);
        memset(S, 0, k * sizeof *S);
        kernels->rows_moments(rows, m, k, center, scale, w, G, S);
        for (size_t i = 0; i < k; i++) {
            long double sum = G0[i], square = 0;
            for (size_t x = 0; x < m; x++) {
                long double u = ((long double)value[x * k + i] - center[i]) * scale[i];
                sum += w[x] * u;
                square += w[x] * u * u;
            }
            assert_true(fabsl(sum - G[i]) <= 8 * eps * (double)(m + 1));
            assert_true(fabsl(square - S[i]) <= 16 * eps * (layout == 2 ? 128 : 1) * (double)(m + 1));
        }
        for (size_t i = 0; i < k; i++) {
            low[i] = 0.1;
            high[i] = -0.1;
        }
        assert_true(kernels->rows_range(rows, m, k, low, high));
        for (size_t i = 0; i < k; i++) {
            double least = 0.1, most = -0.1;
            for (size_t x = 0; x < m; x++) {
                least = fmin(least, value[x * k + i]);
                most = fmax(most, value[x * k + i]);
            }
            assert_true(low[i] == least && high[i] == most);
        }
        for (size_t i = 0; layout < 2 && i < k; i += k / 3) { /* what is not finite is seen wherever it stands */
            double *place = F + (m - 1) / 2 * stride + (i + k / 3 < k ? i : k - 1), was = *place;
            *place = i % 2 ? INFINITY : NAN;
            assert_false(kernels->rows_range(rows, m, k, low, high));
            *place = was;
        }
        free(F);
        free(bytes);
    }
    double *all[] = {y, center, scale, s, s0, w, G, G0, S, low, high, value};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mx_free(all[i]);
}

static void check_score_and_gradient(const mx_kernels *kernels, size_t m, size_t k)
{
    size_t ld = padded(k);
    double *panel = random_panel(m, k), *mu = numbers(k), *s = numbers(m), *before = numbers(m), *w = numbers(m);
    double *G = numbers(k), *G_before = numbers(k);

    memcpy(before, s, m * sizeof *s);
    kernels->score(panel, ld, m, k, mu, s);
    for (size_t x = 0; x < m; x++) {
        long double sum = before[x];
        for (size_t i = 0; i < k; i++)
            sum -= (long double)panel[x * ld + i] * mu[i];
        assert_true(fabsl(sum - s[x]) <= 4 * DBL_EPSILON * (double)(k + 1));
        double alone = before[x];
        kernels->score(panel + x * ld, ld, 1, k, mu, &alone);
        assert_true(alone == s[x]); /* whatever the neighbours are */
    }
    memcpy(G_before, G, k * sizeof *G);
    kernels->gradient(panel, ld, m, k, w, G);
    for (size_t i = 0; i < k; i++) {
        long double sum = G_before[i];
        for (size_t x = 0; x < m; x++)
            sum += (long double)w[x] * panel[x * ld + i];
        assert_true(fabsl(sum - G[i]) <= 4 * DBL_EPSILON * (double)(m + 1));
    }
    mx_free(panel);
    mx_free(mu);
    mx_free(s);
    mx_free(before);
    mx_free(w);
    mx_free(G);
    mx_free(G_before);
}

static void check_gram(const mx_kernels *kernels, size_t m, size_t k)
{
    size_t ld = padded(k), ldh = k + 3;
    double *panel = random_panel(m, k), *w = numbers(m), *H = numbers(k * ldh), *single = numbers(k * ldh);
    double *tiled = numbers(k * ldh), *before = numbers(k * ldh);
    double *scratch = mx_alloc_aligned(mx_gram_scratch(k), sizeof *scratch);
    assert_non_null(scratch);

    memcpy(before, H, k * ldh * sizeof *H);
    memcpy(single, H, k * ldh * sizeof *H);
    kernels->gram(panel, ld, m, k, w, H, ldh, scratch);
    kernels->gram_f32(panel, ld, m, k, w, single, ldh, scratch);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < ldh; j++) {
            long double sum = before[i * ldh + j], size = 1;
            for (size_t x = 0; x < m && j <= i; x++) {
                sum += (long double)w[x] * panel[x * ld + i] * panel[x * ld + j];
                size += 1;
            }
            double exact = (double)sum;
            if (j <= i) {
                assert_true(fabs(H[i * ldh + j] - exact) <= 4 * DBL_EPSILON * (double)size);
                assert_true(fabs(single[i * ldh + j] - exact) <= 4 * FLT_EPSILON * (double)size);
            } else { /* untouched */
                assert_true(H[i * ldh + j] == before[i * ldh + j]);
                assert_true(single[i * ldh + j] == before[i * ldh + j]);
            }
        }
    }
    /* any split into ranges, in any order, gives the same bits */
    static const size_t steps[] = {8, 24, 64, 200};
    for (size_t t = 0; t < sizeof steps / sizeof *steps; t++) {
        for (int f32 = 0; f32 < 2; f32++) {
            memcpy(tiled, before, k * ldh * sizeof *H);
            for (size_t c = (k - 1) / steps[t] + 1; c-- > 0;)
                (f32 ? kernels->gram_range_f32 : kernels->gram_range)(panel, ld, m, k, w, tiled, ldh, c * steps[t],
                                                                      (c + 1) * steps[t], scratch);
            assert_memory_equal(tiled, f32 ? single : H, k * ldh * sizeof *H);
        }
    }
    /* fetching ahead, from a real place and from none, changes nothing */
    for (int f32 = 0; f32 < 2; f32++) {
        for (int real = 0; real < 2; real++) {
            memcpy(tiled, before, k * ldh * sizeof *H);
            (f32 ? kernels->gram_ahead_f32 : kernels->gram_ahead)(panel, ld, m, k, w, tiled, ldh, scratch, real ? before : NULL,
                                                                  k * ldh * sizeof *before);
            assert_memory_equal(tiled, f32 ? single : H, k * ldh * sizeof *H);
        }
    }
    if (k <= 32) { /* rows without padding give the same bits, whatever follows the last one */
        double *rows = numbers(m * k + 7);
        for (size_t x = 0; x < m; x++)
            memcpy(rows + x * k, panel + x * ld, k * sizeof *rows);
        for (size_t l = 0; l < 7; l++)
            rows[m * k + l] = NAN;
        memcpy(tiled, before, k * ldh * sizeof *H);
        kernels->gram(rows, k, m, k, w, tiled, ldh, scratch);
        assert_memory_equal(tiled, H, k * ldh * sizeof *H);
        mx_free(rows);
    }
    mx_free(panel);
    mx_free(w);
    mx_free(H);
    mx_free(single);
    mx_free(tiled);
    mx_free(before);
    mx_free(scratch);
}

static void check_finite_and_max(const mx_kernels *kernels, size_t m, size_t k)
{
    size_t count = m * k < 200 ? m * k : 200;
    double *v = numbers(count);
    static const double bad[] = {INFINITY, -INFINITY, NAN};

    assert_int_equal(kernels->finite(v, count), 1);
    for (size_t i = 0; i < count; i++) {
        double kept = v[i];
        for (size_t b = 0; b < 3; b++) {
            v[i] = bad[b];
            assert_int_equal(kernels->finite(v, count), 0);
        }
        v[i] = 2;
        assert_true(kernels->max(v, count) == 2);
        v[i] = DBL_MAX;
        assert_int_equal(kernels->finite(v, count), 1);
        v[i] = kept;
    }
    for (size_t i = 0; i < count; i++)
        v[i] = i == count / 2 ? -5 : NAN;
    assert_true(kernels->max(v, count) == -5);
    assert_true(kernels->max(v, 0) == -INFINITY);
    assert_int_equal(kernels->finite(v, 0), 1);
    mx_free(v);
}

/* |y - exp x| in units of the last place of the result; expl has 64 bits of precision */
static double ulps(double y, double x)
{
    long double exact = expl((long double)x);
    int exponent;
    frexpl(exact, &exponent);
    long double ulp = ldexpl(1, exponent - 53 < -1074 ? -1074 : exponent - 53);
    return (double)(fabsl(y - exact) / ulp);
}

static void exp_accuracy(void **unused)
{
    (void)unused;
    enum { COUNT = 1003 };
    double x[COUNT], y[COUNT];
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_kernels *kernels = mx_kernels_find(variants[v]);
        double worst = 0;
        if (kernels == NULL)
            continue;
        state = 1;
        for (int round = 0; round < 400; round++) {
            double range = round % 4 == 0 ? 750 : round % 4 == 1 ? 40 : round % 4 == 2 ? 1 : 1e-3;
            long double sum = 0;
            for (int i = 0; i < COUNT; i++)
                x[i] = y[i] = -range * fabs(uniform());
            double got = kernels->exp_sum(y, COUNT, 0);
            for (int i = 0; i < COUNT; i++) {
                double error = ulps(y[i], x[i]);
                worst = error > worst ? error : worst;
                sum += y[i];
            }
            assert_true(fabsl(got - sum) <= COUNT / 16 * DBL_EPSILON * sum);
        }
        print_message("exp, %s: at most %.3f ulp\n", variants[v], worst);
        volatile long double one = 1; /* valgrind computes long double as double: the reference is itself half an ulp off */
        assert_true(worst <= (one + 0x1p-60L == one ? 2.0 : 1.0));
    }
}

static void exp_edges(void **unused)
{
    (void)unused;
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        const mx_kernels *kernels = mx_kernels_find(variants[v]);
        if (kernels == NULL)
            continue;
        for (size_t place = 0; place < 40; place++) { /* in vectors and in what is left over */
            double s[40];
            static const double in[] = {0, -0.0, -INFINITY, -1e300, -745.2, -745.1, -708.5, 709.7, 711, INFINITY, -DBL_MIN};
            for (size_t c = 0; c < sizeof in / sizeof *in; c++) {
                for (size_t i = 0; i < 40; i++)
                    s[i] = -INFINITY;
                s[place] = in[c];
                double expected = (double)expl((long double)in[c]), sum = kernels->exp_sum(s, 40, 0);
                if (isinf(expected) || expected < DBL_MIN)
                    assert_true(fabs(s[place] - expected) <= 0x1p-1074 || s[place] == expected);
                else
                    assert_true(fabs(s[place] - expected) <= DBL_EPSILON * expected);
                assert_true(sum == s[place]);
            }
            for (size_t i = 0; i < 40; i++)
                s[i] = 3;
            s[place] = NAN;
            assert_true(isnan(kernels->exp_sum(s, 40, 3)));
            assert_true(isnan(s[place]));
            assert_true(s[(place + 1) % 40] == 1);
        }
        assert_true(kernels->exp_sum(NULL, 0, 0) == 0);
    }
}

static void loads(void **unused)
{
    (void)unused;
    every(check_load);
}

static void features_as_they_stand(void **unused)
{
    (void)unused;
    every(check_rows);
}

static void scores_and_gradients(void **unused)
{
    (void)unused;
    every(check_score_and_gradient);
}

static void grams(void **unused)
{
    (void)unused;
    every(check_gram);
}

static void finite_and_max(void **unused)
{
    (void)unused;
    every(check_finite_and_max);
}

static void choice(void **unused)
{
    (void)unused;
    assert_non_null(mx_kernels_find("portable"));
    assert_null(mx_kernels_find("no such variant"));
    assert_null(mx_gram_find("no such variant"));
    assert_ptr_equal(mx_kernels_get(), mx_kernels_find(mx_kernels_get()->name));
    assert_ptr_equal(mx_gram_get(), mx_gram_find(mx_kernels_get()->name));
    for (size_t k = 0; k < 5000; k++) {
        size_t m = mx_kernels_block(k);
        assert_true(m % 64 == 0 && m >= 64 && m <= 2048);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice),         cmocka_unit_test(loads),          cmocka_unit_test(features_as_they_stand),
        cmocka_unit_test(scores_and_gradients),
        cmocka_unit_test(grams),          cmocka_unit_test(finite_and_max), cmocka_unit_test(exp_accuracy),
        cmocka_unit_test(exp_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
