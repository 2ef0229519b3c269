/* The loops over double-doubles in vectors; compiled once per instruction set.
 *
 * What is not finite is put right at the end, where it may come up. A sum is made of LANES partial sums: several vectors at a time,
 * because each addition waits for the one before it.
 */
#ifndef MX_DD_LOOPS_GENERIC_H
#define MX_DD_LOOPS_GENERIC_H

#include "base/dd_loops.h"
#include "base/dd_vector.h"

enum { LANES = 16, GROUPS = LANES / W };

/* 0 in lanes that are not there */
MX_INLINE mx_vd weights(const double *w, size_t x, size_t count)
{
    if (w != NULL)
        return values(w + x, 1, count);
    mx_vd v = mx_vd_splat(1);
    for (size_t l = count; l < W; l++)
        v[l] = 0;
    return v;
}

/* a where w is not 0, else 0 */
MX_INLINE mx_vd where(mx_vd w, mx_vd a)
{
    return (mx_vd)((mx_vl)a & (w != 0));
}

/* ---- loops ---- */

#if MX_LANES > 2
#define GROUPS_AT_ONCE MX_UNROLL
#else
#define GROUPS_AT_ONCE
#endif

/* STEP for x = 0, W, 2 W, ..: `count` of the lanes from x on are there, in group g. */
#define EACH(STEP)                                                                                                           \
    do {                                                                                                                     \
        size_t block = 0;                                                                                                    \
        for (; block + LANES <= n; block += LANES) {                                                                         \
            GROUPS_AT_ONCE                                                                                                   \
            for (size_t g = 0; g < GROUPS; g++) {                                                                            \
                const size_t x = block + g * W, count = W;                                                                   \
                STEP;                                                                                                        \
            }                                                                                                                \
        }                                                                                                                    \
        for (size_t g = 0; block + g * W < n; g++) {                                                                         \
            const size_t x = block + g * W, count = n - x < W ? n - x : W;                                                   \
            STEP;                                                                                                            \
        }                                                                                                                    \
    } while (0)

static mx_dd fold(const pair *sum)
{
    mx_dd part[LANES];
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t l = 0; l < W; l++)
            part[g * W + l] = (mx_dd){sum[g].hi[l], sum[g].lo[l]};
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            part[l] = mx_dd_add(part[l], part[l + half]);
    return part[0];
}

static mx_dd total(size_t n, const double *w, const double *a)
{
    pair sum[GROUPS] = {{{0}, {0}}};
    if (a == NULL) {
        EACH(sum[g] = add_d(sum[g], weights(w, x, count)));
    } else {
        EACH(mx_vd by = weights(w, x, count); mx_vd value = where(by, values(a + x, 1, count)); mx_vd p = by * value;
             sum[g] = add(sum[g], ((pair){p, fused(by, value, -p)})));
    }
    return fold(sum);
}

MX_INLINE mx_dd sum_strided(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd centre)
{
    pair sum[GROUPS] = {{{0}, {0}}};
    const pair from = each_lane(centre);
    EACH(pair a = less(pairs(hi + x * stride, lo + x * stride, stride, count), from); mx_vd by = weights(w, x, count);
         sum[g] = add(sum[g], times_d(((pair){where(by, a.hi), where(by, a.lo)}), by)));
    return fold(sum);
}

static mx_dd sum(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd centre)
{
    return stride == 1 ? sum_strided(n, w, hi, lo, 1, centre) : sum_strided(n, w, hi, lo, stride, centre);
}

MX_INLINE double deviation_strided(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd mean, double *out)
{
    mx_vd sum[GROUPS] = {{0}};
    EACH(mx_vd by = weights(w, x, count);
         mx_vd off = where(by, (values(hi + x * stride, stride, count) - mean.hi) + (values(lo + x * stride, stride, count) - mean.lo));
         sum[g] += by * (off * off); if (out != NULL) put(out + x, off, count));
    double part[LANES];
    for (size_t g = 0; g < GROUPS; g++)
        mx_vd_store(part + g * W, sum[g]);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            part[l] += part[l + half];
    return part[0];
}

static double deviation(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd mean, double *out)
{
    return stride == 1 ? deviation_strided(n, w, hi, lo, 1, mean, out) : deviation_strided(n, w, hi, lo, stride, mean, out);
}

static mx_dd product(size_t n, const double *w, const double *a_hi, const double *a_lo, const double *b_hi, const double *b_lo)
{
    pair sum[GROUPS] = {{{0}, {0}}};
    EACH(pair ab = times(pairs(a_hi + x, a_lo + x, 1, count), pairs(b_hi + x, b_lo + x, 1, count));
         sum[g] = add(sum[g], times_d(ab, weights(w, x, count))));
    return fold(sum);
}

static void shift(size_t n, mx_dd by, double *hi, double *lo)
{
    const pair step = each_lane(by);
    EACH(pair a = pairs(hi + x, lo + x, 1, count); pair b = add(a, step); mx_vl finite = a.hi - a.hi == 0; (void)g;
         put_pair(hi + x, lo + x, ((pair){mx_vd_select(finite, b.hi, a.hi), mx_vd_select(finite, b.lo, a.lo)}), count));
}

static void scale(size_t n, mx_dd by, double *hi, double *lo)
{
    const pair factor = each_lane(by);
    EACH(put_pair(hi + x, lo + x, times(pairs(hi + x, lo + x, 1, count), factor), count); (void)g);
}

static void take(size_t n, mx_dd by, const double *b_hi, const double *b_lo, double *hi, double *lo)
{
    const pair factor = each_lane(by);
    EACH(pair part = times(factor, pairs(b_hi + x, b_lo + x, 1, count)); (void)g;
         put_pair(hi + x, lo + x, less(pairs(hi + x, lo + x, 1, count), part), count));
}

MX_INLINE void score_strided(size_t n, size_t k, const mx_dd *mu, const double *centre, const double *hi, const double *lo, size_t step,
                             size_t stride, double *s_hi, double *s_lo)
{
    const mx_vd least = mx_vd_splat(-INFINITY);
    EACH(pair s = pairs(s_hi + x, s_lo + x, 1, count); (void)g;
         for (size_t i = 0; i < k; i++) {
             if (mu[i].hi == 0)
                 continue;
             pair f = pairs(hi + x * step + i * stride, lo + x * step + i * stride, step, count);
             s = less(s, times(each_lane(mu[i]), add_d(f, -mx_vd_splat(centre[i]))));
         }
         mx_vl finite = s.hi - s.hi == 0;
         put_pair(s_hi + x, s_lo + x, ((pair){mx_vd_select(finite, s.hi, least), mx_vd_select(finite, s.lo, mx_vd_splat(0))}), count));
}

static void score(size_t n, size_t k, const mx_dd *mu, const double *centre, const double *hi, const double *lo, size_t step,
                  size_t stride, double *s_hi, double *s_lo)
{
    if (step == 1)
        score_strided(n, k, mu, centre, hi, lo, 1, stride, s_hi, s_lo);
    else
        score_strided(n, k, mu, centre, hi, lo, step, stride, s_hi, s_lo);
}

/* The function of dd_math.c has the last word on what is not ordinary. */
#define FUNCTION(NAME, VALUE, EXACT)                                                                                         \
    static void NAME(size_t n, const double *a_hi, const double *a_lo, double *hi, double *lo)                               \
    {                                                                                                                        \
        for (size_t x = 0; x < n; x += W) {                                                                                  \
            size_t count = n - x < W ? n - x : W;                                                                            \
            mx_vl ordinary;                                                                                                  \
            pair a = pairs(a_hi + x, a_lo + x, 1, count), value = (VALUE);                                                   \
            for (size_t l = 0; l < count; l++)                                                                               \
                if (!ordinary[l]) {                                                                                          \
                    mx_dd exact = EXACT((mx_dd){a.hi[l], a.lo[l]});                                                          \
                    value.hi[l] = exact.hi;                                                                                  \
                    value.lo[l] = exact.lo;                                                                                  \
                }                                                                                                            \
            put_pair(hi + x, lo + x, value, count);                                                                          \
        }                                                                                                                    \
    }

FUNCTION(exps, exponential(a, &ordinary), mx_dd_exp)
FUNCTION(logs, logarithm(a, &ordinary), mx_dd_log)
FUNCTION(sines, sine(a, 0, &ordinary), mx_dd_sin)
FUNCTION(cosines, sine(a, 1, &ordinary), mx_dd_cos)

#define DD_LOOPS_TABLE(NAME)                                                                                                 \
    {NAME, total, sum, deviation, product, shift, scale, take, score, exps, logs, sines, cosines}

#endif
