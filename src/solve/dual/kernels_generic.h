/* The kernels: compiled once per instruction set, by kernels_portable.c, kernels_avx2.c and kernels_avx512.c.
 *
 * Vectors run along features (the panel is row-major), except in exp_sum and max, where they run along states. Sums over
 * features of several rows are made in as many vectors, whose lanes are then added crosswise.
 */
#include "base/vector.h"
#include "solve/dual/kernels.h"

#include <math.h>
#include <string.h>

#define W MX_LANES

/* ---- loading ---- */

/* The first `count` < W of the values at `from`, the rest zero; nothing beyond them is read. */
MX_INLINE mx_vd load_part(const double *from, size_t count)
{
#if MX_LANES == 8
    return _mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
#else
    mx_vd v = {0};
    for (size_t l = 0; l < count; l++)
        v[l] = from[l];
    return v;
#endif
}

/* Row-major: each row is k contiguous values. One row after the other: several at a time are half as fast from memory
 * (measured, k = 100), because the processor then fetches ahead for more streams than it follows well. */
static void load_rows(const double *F, size_t stride, size_t m, size_t k, const double *center, const double *scale,
                      double *panel, size_t ld)
{
    const size_t whole = k / W * W, part = k - whole;
    const mx_vd last_center = load_part(center + whole, part), last_scale = load_part(scale + whole, part);

    for (size_t x = 0; x < m; x++) {
        const double *f = F + x * stride;
        double *u = panel + x * ld;
        size_t i = 0;
        for (; i < whole; i += W)
            mx_vd_store(u + i, (mx_vd_load(f + i) - mx_vd_load(center + i)) * mx_vd_load(scale + i));
        if (part != 0) {
            mx_vd_store(u + i, (load_part(f + i, part) - last_center) * last_scale);
            i += W;
        }
        for (; i < ld; i += W)
            mx_vd_store(u + i, (mx_vd){0});
    }
}

/* Feature-major: the values of one feature are contiguous; squares of W x W are transposed in registers. */
static void load_columns(const double *F, size_t stride, size_t m, size_t k, const double *center, const double *scale,
                         double *panel, size_t ld)
{
    const size_t whole = m / W * W;

    for (size_t i = 0; i < ld; i += W) {
        mx_vd c[W], d[W];
        const double *f[W];
        for (size_t l = 0; l < W; l++) {
            int there = i + l < k;
            c[l] = mx_vd_splat(there ? center[i + l] : 0);
            d[l] = mx_vd_splat(there ? scale[i + l] : 0);
            f[l] = there ? F + (i + l) * stride : NULL;
        }
        for (size_t x = 0; x < whole; x += W) {
            mx_vd u[W];
            MX_UNROLL
            for (size_t l = 0; l < W; l++)
                u[l] = f[l] != NULL ? (mx_vd_load(f[l] + x) - c[l]) * d[l] : (mx_vd){0};
            mx_vd_transpose(u);
            MX_UNROLL
            for (size_t l = 0; l < W; l++)
                mx_vd_store(panel + (x + l) * ld + i, u[l]);
        }
        for (size_t x = whole; x < m; x++) {
            for (size_t l = 0; l < W; l++)
                panel[x * ld + i + l] = f[l] != NULL ? (f[l][x] - c[l][0]) * d[l][0] : 0;
        }
    }
}

static void load_f64(const double *F, size_t state_stride, size_t feature_stride, size_t m, size_t k, const double *center,
                     const double *scale, double *panel, size_t ld)
{
    if (feature_stride == 1) {
        load_rows(F, state_stride, m, k, center, scale, panel, ld);
    } else if (state_stride == 1) {
        load_columns(F, feature_stride, m, k, center, scale, panel, ld);
    } else {
        for (size_t x = 0; x < m; x++) {
            const double *f = F + x * state_stride;
            for (size_t i = 0; i < k; i++)
                panel[x * ld + i] = (f[i * feature_stride] - center[i]) * scale[i];
            for (size_t i = k; i < ld; i++)
                panel[x * ld + i] = 0;
        }
    }
}

/* Eight bytes as doubles. */
MX_INLINE void widen(const signed char *from, mx_vd to[8 / W])
{
#if MX_LANES == 8
    to[0] = _mm512_cvtepi32_pd(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from)));
#elif MX_LANES == 4
    __m256i v = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from));
    to[0] = _mm256_cvtepi32_pd(_mm256_castsi256_si128(v));
    to[1] = _mm256_cvtepi32_pd(_mm256_extracti128_si256(v, 1));
#else
    for (size_t p = 0; p < 4; p++)
        to[p] = (mx_vd){from[2 * p], from[2 * p + 1]};
#endif
}

static void load_i8(const signed char *F, size_t m, size_t k, const double *center, const double *scale, double *panel, size_t ld)
{
    const size_t whole = k / 8 * 8, part = k - whole;
    double last_center[8] = {0}, last_scale[8] = {0};

    for (size_t l = 0; l < part; l++) {
        last_center[l] = center[whole + l];
        last_scale[l] = scale[whole + l];
    }
    for (size_t x = 0; x < m; x++) {
        const signed char *f = F + x * k;
        double *u = panel + x * ld;
        mx_vd v[8 / W];
        for (size_t i = 0; i < whole; i += 8) {
            widen(f + i, v);
            MX_UNROLL
            for (size_t p = 0; p < 8 / W; p++)
                mx_vd_store(u + i + p * W, (v[p] - mx_vd_load(center + i + p * W)) * mx_vd_load(scale + i + p * W));
        }
        if (part != 0) {
            signed char last[8] = {0};
            for (size_t l = 0; l < part; l++)
                last[l] = f[whole + l];
            widen(last, v);
            MX_UNROLL
            for (size_t p = 0; p < 8 / W; p++)
                mx_vd_store(u + whole + p * W, (v[p] - mx_vd_load(last_center + p * W)) * mx_vd_load(last_scale + p * W));
        }
        for (size_t i = (k + 7) / 8 * 8; i < ld; i++)
            u[i] = 0;
    }
}

/* ---- along states ---- */

/* v * 0 is NaN exactly when v is not finite. */
static int finite(const double *v, size_t count)
{
    mx_vd bad[4] = {{0}, {0}, {0}, {0}};
    size_t i = 0;
    for (; i + 4 * W <= count; i += 4 * W) {
        MX_UNROLL
        for (size_t j = 0; j < 4; j++)
            bad[j] += mx_vd_load(v + i + j * W) * 0.0;
    }
    double all = 0;
    for (; i < count; i++)
        all += v[i] * 0.0;
    bad[0] += bad[1] + bad[2] + bad[3];
    for (size_t l = 0; l < W; l++)
        all += bad[0][l];
    return all == 0;
}

/* b where a is NaN */
MX_INLINE mx_vd larger(mx_vd a, mx_vd b)
{
#if MX_LANES == 8
    return _mm512_max_pd(a, b);
#elif MX_LANES == 4
    return _mm256_max_pd(a, b);
#else
    return mx_vd_select(a > b, a, b);
#endif
}

MX_INLINE mx_vd smaller(mx_vd a, mx_vd b)
{
#if MX_LANES == 8
    return _mm512_min_pd(a, b);
#elif MX_LANES == 4
    return _mm256_min_pd(a, b);
#else
    return mx_vd_select(a < b, a, b);
#endif
}

static double max(const double *s, size_t m)
{
    mx_vd best[4];
    size_t x = 0;
    for (size_t j = 0; j < 4; j++)
        best[j] = mx_vd_splat(-INFINITY);
    for (; x + 4 * W <= m; x += 4 * W) {
        MX_UNROLL
        for (size_t j = 0; j < 4; j++)
            best[j] = larger(mx_vd_load(s + x + j * W), best[j]);
    }
    double most = -INFINITY;
    for (; x < m; x++)
        most = s[x] > most ? s[x] : most;
    for (size_t j = 0; j < 4; j++) {
        for (size_t l = 0; l < W; l++)
            most = best[j][l] > most ? best[j][l] : most;
    }
    return most;
}

/* exp(x) = 2^n exp(r), n = round(x / log 2), |r| <= log(2)/2, r = x - n log 2 with log 2 in two parts, of which the first has
 * 11 trailing zero bits, so that n times it is exact. exp(r) by its series to r^13, 2^n as a product of two powers so that
 * denormal results are rounded once. */
MX_INLINE mx_vd exponential(mx_vd x)
{
    const double magic = 0x1.8p52; /* adding it leaves the integer nearest to a double in its low bits */
    x = larger(mx_vd_splat(-746), x); /* the order keeps NaN */
    x = mx_vd_select(x > 710.0, mx_vd_splat(710), x);
    mx_vd n = mx_vd_add_product(mx_vd_splat(magic), x, mx_vd_splat(0x1.71547652b82fep0)) - magic;
    mx_vd r = mx_vd_add_product(x, n, mx_vd_splat(-0x1.62e42fefa3800p-1));
    r = mx_vd_add_product(r, n, mx_vd_splat(-0x1.ef35793c76730p-45));
    static const double series[] = {1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0,
                                    1.0 / 40320.0,      1.0 / 5040.0,      1.0 / 720.0,      1.0 / 120.0,     1.0 / 24.0,
                                    1.0 / 6.0,          0.5};
    mx_vd p = mx_vd_splat(series[0]);
    MX_UNROLL
    for (size_t j = 1; j < sizeof series / sizeof *series; j++)
        p = mx_vd_add_product(mx_vd_splat(series[j]), p, r);
    p = mx_vd_add_product(r, r * r, p) + 1.0;
    mx_vd first = larger(n, mx_vd_splat(-1000));
    first = mx_vd_select(first > 1000.0, mx_vd_splat(1000), first);
    mx_vl power1 = (mx_vl)(first + (magic + 1023)) << 52;
    mx_vl power2 = (mx_vl)((n - first) + (magic + 1023)) << 52;
    return p * (mx_vd)power1 * (mx_vd)power2;
}

static double exp_sum(double *s, size_t m, double shift)
{
    mx_vd sum[4] = {{0}, {0}, {0}, {0}};
    size_t x = 0;
    for (; x + 4 * W <= m; x += 4 * W) {
        MX_UNROLL
        for (size_t j = 0; j < 4; j++) {
            mx_vd e = exponential(mx_vd_load(s + x + j * W) - shift);
            mx_vd_store(s + x + j * W, e);
            sum[j] += e;
        }
    }
    for (; x + W <= m; x += W) {
        mx_vd e = exponential(mx_vd_load(s + x) - shift);
        mx_vd_store(s + x, e);
        sum[0] += e;
    }
    if (x < m) {
        double last[W];
        for (size_t l = 0; l < W; l++)
            last[l] = x + l < m ? s[x + l] : -INFINITY;
        mx_vd e = exponential(mx_vd_load(last) - shift);
        mx_vd_store(last, e);
        memcpy(s + x, last, (m - x) * sizeof *s);
        for (size_t l = 0; x + l < m; l++)
            sum[1][l] += last[l];
    }
    mx_vd all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double total = 0;
    for (size_t l = 0; l < W; l++)
        total += all[l];
    return total;
}

/* ---- along features ---- */

/* Minus the scores of W rows; the whole vectors of mu, and the last one padded. */
MX_INLINE mx_vd scores(const double *panel, size_t ld, size_t whole, const double *mu, const double *last, size_t last_count)
{
    mx_vd sum[W];
    MX_UNROLL
    for (size_t r = 0; r < W; r++)
        sum[r] = (mx_vd){0};
    for (size_t i = 0; i < whole; i += W) {
        mx_vd v = mx_vd_load(mu + i);
        MX_UNROLL
        for (size_t r = 0; r < W; r++)
            sum[r] = mx_vd_add_product(sum[r], mx_vd_load(panel + r * ld + i), v);
    }
    if (last_count != 0) {
        mx_vd v = mx_vd_load(last);
        MX_UNROLL
        for (size_t r = 0; r < W; r++)
            sum[r] = mx_vd_add_product(sum[r], mx_vd_load(panel + r * ld + whole), v);
    }
    return mx_vd_sums(sum);
}

static void score(const double *panel, size_t ld, size_t m, size_t k, const double *mu, double *s)
{
    const size_t whole = k / W * W;
    double last[W] = {0};
    size_t x = 0;

    for (size_t l = 0; whole + l < k; l++)
        last[l] = mu[whole + l];
    for (; x + W <= m; x += W)
        mx_vd_store(s + x, mx_vd_load(s + x) - scores(panel + x * ld, ld, whole, mu, last, k - whole));
    if (x < m) { /* the last row takes the place of those that are missing */
        mx_vd sum[W];
        for (size_t r = 0; r < W; r++) {
            const double *row = panel + (x + r < m ? x + r : m - 1) * ld;
            sum[r] = (mx_vd){0};
            for (size_t i = 0; i < whole; i += W)
                sum[r] = mx_vd_add_product(sum[r], mx_vd_load(row + i), mx_vd_load(mu + i));
            if (whole < k)
                sum[r] = mx_vd_add_product(sum[r], mx_vd_load(row + whole), mx_vd_load(last));
        }
        mx_vd all = mx_vd_sums(sum);
        for (size_t l = 0; x + l < m; l++)
            s[x + l] -= all[l];
    }
}

/* ---- on features as they stand ---- */

#include "solve/dual/rows_generic.h"

/* ---- sums over states: base/gram.h in the same variant; GRAM is its table ---- */

static void gradient(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *G)
{
    GRAM.sum(panel, ld, m, k, w, G);
}

static void gram(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch)
{
    GRAM.gram(panel, ld, m, k, w, H, ldh, scratch);
}

static void gram_range(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                       size_t c1, double *scratch)
{
    GRAM.gram_range(panel, ld, m, k, w, H, ldh, c0, c1, scratch);
}

static void gram_ahead(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                       double *scratch, const void *next, size_t bytes)
{
    GRAM.gram_ahead(panel, ld, m, k, w, H, ldh, scratch, next, bytes);
}

static void gram_f32(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch)
{
    GRAM.gram_f32(panel, ld, m, k, w, H, ldh, scratch);
}

static void gram_range_f32(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                           size_t c1, double *scratch)
{
    GRAM.gram_range_f32(panel, ld, m, k, w, H, ldh, c0, c1, scratch);
}

static void gram_ahead_f32(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                           double *scratch, const void *next, size_t bytes)
{
    GRAM.gram_ahead_f32(panel, ld, m, k, w, H, ldh, scratch, next, bytes);
}

#define KERNELS_TABLE(variant)                                                                                                   \
    {                                                                                                                            \
        variant, load_f64, load_i8, finite, max, score, exp_sum, gradient, gram, gram_range, gram_ahead, gram_f32,               \
            gram_range_f32, gram_ahead_f32, rows_score, rows_sum, rows_squares, rows_moments, rows_range                         \
    }
