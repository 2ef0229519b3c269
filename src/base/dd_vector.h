/* Double-doubles in vectors: the operations of dd.h without their look at what is not finite, and elementary functions with the bits of
 * dd_functions.h where these are ordinary; which lanes are is told. Compiled once per instruction set, see vector.h. */
#ifndef MX_DD_VECTOR_H
#define MX_DD_VECTOR_H

#include "base/dd_tables.h"
#include "base/vector.h"

#include <math.h>

#define W MX_LANES

typedef struct pair {
    mx_vd hi, lo;
} pair;

/* a b + c, rounded once: by the instruction where there is one. */
MX_INLINE mx_vd fused(mx_vd a, mx_vd b, mx_vd c)
{
#if MX_LANES > 2
    return mx_vd_add_product(c, a, b);
#else
    return (mx_vd){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
#endif
}

MX_INLINE pair two_sum(mx_vd a, mx_vd b)
{
    mx_vd s = a + b, c = s - a;
    return (pair){s, (a - (s - c)) + (b - c)};
}

MX_INLINE pair quick_two_sum(mx_vd a, mx_vd b)
{
    mx_vd s = a + b;
    return (pair){s, b - (s - a)};
}

MX_INLINE pair add(pair a, pair b)
{
    pair s = two_sum(a.hi, b.hi), t = two_sum(a.lo, b.lo);
    s = quick_two_sum(s.hi, s.lo + t.hi);
    return quick_two_sum(s.hi, s.lo + t.lo);
}

MX_INLINE pair add_d(pair a, mx_vd b)
{
    pair s = two_sum(a.hi, b);
    return quick_two_sum(s.hi, s.lo + a.lo);
}

MX_INLINE pair less(pair a, pair b)
{
    return add(a, (pair){-b.hi, -b.lo});
}

MX_INLINE pair times_d(pair a, mx_vd b)
{
    mx_vd p = a.hi * b, e = fused(a.hi, b, -p);
    return quick_two_sum(p, fused(a.lo, b, e));
}

MX_INLINE pair times(pair a, pair b)
{
    mx_vd p = a.hi * b.hi, e = fused(a.hi, b.hi, -p);
    return quick_two_sum(p, e + fused(a.lo, b.hi, fused(a.hi, b.lo, a.lo * b.lo)));
}

/* ---- reading and writing ---- */

MX_INLINE mx_vd values(const double *from, size_t stride, size_t count)
{
    if (stride == 1 && count == W)
        return mx_vd_load(from);
    double v[W]; /* lanes set one by one become an instruction that valgrind does not know */
    MX_UNROLL
    for (size_t l = 0; l < W; l++)
        v[l] = l < count ? from[l * stride] : 0;
    return mx_vd_load(v);
}

MX_INLINE pair pairs(const double *hi, const double *lo, size_t stride, size_t count)
{
    return (pair){values(hi, stride, count), values(lo, stride, count)};
}

MX_INLINE void put(double *to, mx_vd v, size_t count)
{
    if (count == W) {
        mx_vd_store(to, v);
        return;
    }
    for (size_t l = 0; l < count; l++)
        to[l] = v[l];
}

MX_INLINE void put_pair(double *hi, double *lo, pair a, size_t count)
{
    put(hi, a.hi, count);
    put(lo, a.lo, count);
}

MX_INLINE pair each_lane(mx_dd a)
{
    return (pair){mx_vd_splat(a.hi), mx_vd_splat(a.lo)};
}

/* ---- elementary functions ---- */

MX_INLINE mx_vl below(mx_vd a, double bound)
{
    return mx_vd_select((mx_vl)(a < 0), -a, a) < bound;
}

/* The nearest whole number, |a| < 2^51. */
MX_INLINE mx_vd nearest(mx_vd a)
{
    return (a + 0x1.8p52) - 0x1.8p52;
}

/* The low bits of whole numbers 0 <= a < 2^51. */
MX_INLINE mx_vl whole(mx_vd a)
{
    return (mx_vl)(a + 0x1p52) & 0xFFFFFFFFFFFF;
}

MX_INLINE mx_vd power_of_two(mx_vd k)
{
    return (mx_vd)((whole(k + 1023)) << 52);
}

MX_INLINE pair select_pair(mx_vl mask, pair a, pair b)
{
    return (pair){mx_vd_select(mask, a.hi, b.hi), mx_vd_select(mask, a.lo, b.lo)};
}

MX_INLINE pair entries(const mx_dd *table, mx_vl index)
{
    double hi[W], lo[W];
    for (size_t l = 0; l < W; l++) {
        hi[l] = table[index[l]].hi;
        lo[l] = table[index[l]].lo;
    }
    return (pair){mx_vd_load(hi), mx_vd_load(lo)};
}

/* e^x - 1, |x| < 0.36 */
MX_INLINE pair small_expm1(pair x)
{
    mx_vd j = nearest(x.hi * MX_DD_EXPM1_STEPS);
    pair r = add_d(x, -j / MX_DD_EXPM1_STEPS), t = entries(mx_dd_expm1_table, whole(j + MX_DD_EXPM1_MOST));
    mx_vd rest = mx_vd_splat(mx_dd_inverse_factorial[9].hi);
    for (int n = 8; n >= 4; n--)
        rest = rest * r.hi + mx_dd_inverse_factorial[n].hi;
    pair sum = add_d(each_lane(mx_dd_inverse_factorial[3]), rest * r.hi);
    for (int n = 2; n >= 0; n--)
        sum = add(times(sum, r), each_lane(mx_dd_inverse_factorial[n]));
    pair s = add(times(times(sum, r), r), r);
    return select_pair(j == 0, s, add(add(times(t, s), s), t));
}

MX_INLINE pair exponential(pair a, mx_vl *ordinary)
{
    *ordinary = below(a.hi, 700) & ~below(a.hi, 1e-290);
    a = select_pair(*ordinary, a, each_lane(mx_dd_make(1)));
    mx_vd k = nearest(a.hi / 0x1.62e42fefa39efp-1);
    pair r = add_d(a, -k * 0x1.62e42fefa2000p-1);
    r = add_d(r, -k * 0x1.9ef35793c6000p-41);
    r = add(r, times_d(each_lane((mx_dd){0x1.673007e5ed5e8p-81, 0x1.e6864ce5316c6p-137}), -k));
    pair e = add_d(small_expm1(r), mx_vd_splat(1));
    mx_vd by = power_of_two(k);
    return (pair){e.hi * by, e.lo * by};
}

/* log(1 + r), |r| < 2^-7 */
MX_INLINE pair small_log1p(pair r)
{
    pair under = add_d(r, mx_vd_splat(2));
    mx_vd first = r.hi / under.hi, second = less(r, times_d(under, first)).hi / under.hi;
    pair s = quick_two_sum(first, second), u = times(s, s);
    mx_vd rest = u.hi * (1.0 / 7 + u.hi * (1.0 / 9 + u.hi * (1.0 / 11 + u.hi * (1.0 / 13))));
    pair sum = add_d(each_lane((mx_dd){0x1.999999999999ap-3, -0x1.999999999999ap-57}), rest);
    sum = add(times(u, sum), each_lane((mx_dd){0x1.5555555555555p-2, 0x1.5555555555555p-56}));
    sum = add(times(times(u, s), sum), s);
    return (pair){2 * sum.hi, 2 * sum.lo};
}

MX_INLINE pair logarithm(pair a, mx_vl *ordinary)
{
    *ordinary = (a.hi > 0x1p-900) & (a.hi < 0x1p900);
    a = select_pair(*ordinary, a, each_lane(mx_dd_make(1)));
    /* 2^e next to a, so that a 2^-e is in sqrt(1/2) .. sqrt(2) */
    mx_vd e = (mx_vd)(((mx_vl)a.hi >> 52) | (mx_vl)mx_vd_splat(0x1p52)) - (0x1p52 + 1022);
    mx_vd m = (mx_vd)(((mx_vl)a.hi & 0xFFFFFFFFFFFFF) | (mx_vl)mx_vd_splat(0.5));
    e -= mx_vd_select(m < 0.70710678118654752, mx_vd_splat(1), mx_vd_splat(0));
    mx_vd by = power_of_two(-e);
    pair x = {a.hi * by, a.lo * by};
    mx_vl near = whole(nearest(x.hi * MX_DD_LOG_STEPS)) - MX_DD_LOG_FIRST;
    double factors[W], hi[W], lo[W];
    for (size_t l = 0; l < W; l++) {
        const mx_dd_log_entry *entry = &mx_dd_log_table[near[l]];
        factors[l] = entry->by;
        hi[l] = entry->log.hi;
        lo[l] = entry->log.lo;
    }
    mx_vd factor = mx_vd_load(factors);
    mx_vd p = x.hi * factor, q = x.lo * factor;
    pair r = add(two_sum(p - 1, fused(x.hi, factor, -p)), (pair){q, fused(x.lo, factor, -q)});
    return add(times_d(each_lane(mx_dd_ln2), e), add((pair){mx_vd_load(hi), mx_vd_load(lo)}, small_log1p(r)));
}

/* sin a, or cos a */
MX_INLINE pair sine(pair a, int cosine, mx_vl *ordinary)
{
    *ordinary = below(a.hi, 1e9);
    a = select_pair(*ordinary, a, each_lane(mx_dd_make(1)));
    mx_vd k = nearest(a.hi / 0x1.921fb54442d18p+0);
    pair r = add_d(a, -k * 0x1.921fb00000000p+0);
    r = add_d(r, -k * 0x1.5110b00000000p-22);
    r = add_d(r, -k * 0x1.1846980000000p-44);
    r = add(r, times_d(each_lane((mx_dd){0x1.3198a2e037073p-69, 0x1.129024e088a68p-123}), -k));
    mx_vl quarter = (whole(k + 0x1p40) + (cosine ? 1 : 0)) & 3; /* sin(a + pi/2) = cos a */
    mx_vl odd = (quarter & 1) != 0; /* the series of the cosine */
    pair square = times(r, r);
    square = (pair){-square.hi, -square.lo};
#define TERM(n) select_pair(odd, each_lane(mx_dd_inverse_factorial[n]), each_lane(mx_dd_inverse_factorial[(n) + 1])) /* 1/(n + 2)! */
    mx_vd rest = {0};
    for (int n = 28; n >= 18; n -= 2)
        rest = (rest + TERM(n - 2).hi) * square.hi;
    pair sum = add_d(TERM(14), rest);
    for (int n = 14; n >= 2; n -= 2)
        sum = add(times(sum, square), TERM(n - 2));
#undef TERM
    sum = times(sum, square);
    sum = select_pair(odd, add_d(sum, mx_vd_splat(1)), add(r, times(sum, r)));
    return select_pair(quarter >= 2, (pair){-sum.hi, -sum.lo}, sum);
}

#endif
