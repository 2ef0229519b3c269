/* Elementary functions in double-double.
 *
 *   exp:  x = k ln 2 + j/128 + r, |r| <= 1/256;  e^r - 1 by its series, e^(j/128) - 1 from a table
 *   log:  x = m 2^e, b a short number near 1/m from a table:  log m = log(1 + r) - log b with r = m b - 1, by its series
 *   sin, cos:  x = k pi/2 + r, |r| <= pi/4, then the series
 *   atan:  one step like that of log from the double;  asin, acos from it, with 1 - a and 1 + a apart
 *
 * ln 2 and pi/2 are cut into parts short enough that k times a part is exact (Cody and Waite). Measured against mpmath at 60
 * digits (tests/base/test_dd.c has a sample): relative error below 1e-30 for exp with |x| < 700, log, tan away from its poles,
 * atan, tanh and pow with |y log x| < 10; absolute error below 1e-31 for sin and cos with |x| < 1e9.
 *
 * A header, because they are compiled twice: dd_math.c for every processor, and with FMA, four times as fast and the same bits, where
 * blocks of points are worked out (facts/evaluate_dd_avx2.c).
 *
 * Constants: mpmath, 120 digits, rounded to two doubles.
 */
#ifndef MX_DD_FUNCTIONS_H
#define MX_DD_FUNCTIONS_H

#include "base/dd_tables.h"

/* e^x - 1 for |x| < 0.36: with x = j/128 + r, |r| <= 1/256, from the series of s = e^r - 1, whose terms from r^6 on need no more than
 * doubles, and T = e^(j/128) - 1 as T + s + T s. */
static mx_dd small_expm1(mx_dd x)
{
    double j = nearbyint(x.hi * MX_DD_EXPM1_STEPS);
    mx_dd r = mx_dd_add_d(x, -j / MX_DD_EXPM1_STEPS), t = mx_dd_expm1_table[(int)j + MX_DD_EXPM1_MOST];
    double rest = mx_dd_inverse_factorial[9].hi; /* 1/11!; the next term is below 1e-37 */
    for (int n = 8; n >= 4; n--)
        rest = rest * r.hi + mx_dd_inverse_factorial[n].hi;
    mx_dd sum = mx_dd_add_d(mx_dd_inverse_factorial[3], rest * r.hi);
    for (int n = 2; n >= 0; n--)
        sum = mx_dd_add(mx_dd_mul(sum, r), mx_dd_inverse_factorial[n]);
    mx_dd s = mx_dd_add(mx_dd_mul(mx_dd_mul(sum, r), r), r);
    return j == 0.0 ? s : mx_dd_add(mx_dd_add(mx_dd_mul(t, s), s), t);
}

static mx_dd dd_exp(mx_dd a)
{
    if (!(fabs(a.hi) < 760.0) || fabs(a.hi) < 1e-300)
        return mx_dd_make(exp(a.hi));
    double k = nearbyint(a.hi / 0x1.62e42fefa39efp-1);
    mx_dd r = mx_dd_add_d(a, -k * 0x1.62e42fefa2000p-1);
    r = mx_dd_add_d(r, -k * 0x1.9ef35793c6000p-41);
    r = mx_dd_add(r, mx_dd_mul_d((mx_dd){0x1.673007e5ed5e8p-81, 0x1.e6864ce5316c6p-137}, -k));
    mx_dd e = mx_dd_scale(mx_dd_add_d(small_expm1(r), 1.0), (int)k);
    return isfinite(e.hi) ? e : mx_dd_make(e.hi);
}

static mx_dd dd_expm1(mx_dd a)
{
    if (fabs(a.hi) < 0.35)
        return fabs(a.hi) < 1e-290 ? a : small_expm1(a);
    return mx_dd_add_d(dd_exp(a), -1.0);
}

/* log(1 + r) = 2 (s + s^3/3 + s^5/5 + ..) with s = r / (2 + r), |r| < 2^-7: from s^7 on doubles will do. */
static mx_dd small_log1p(mx_dd r)
{
    mx_dd below = mx_dd_add_d(r, 2);
    double first = r.hi / below.hi, second = mx_dd_sub(r, mx_dd_mul_d(below, first)).hi / below.hi;
    mx_dd s = mx_quick_two_sum(first, second), u = mx_dd_mul(s, s);
    double rest = u.hi * (1.0 / 7 + u.hi * (1.0 / 9 + u.hi * (1.0 / 11 + u.hi * (1.0 / 13))));
    mx_dd sum = mx_dd_add_d((mx_dd){0x1.999999999999ap-3, -0x1.999999999999ap-57}, rest);
    sum = mx_dd_add(mx_dd_mul(u, sum), (mx_dd){0x1.5555555555555p-2, 0x1.5555555555555p-56});
    sum = mx_dd_add(mx_dd_mul(mx_dd_mul(u, s), sum), s);
    return (mx_dd){2 * sum.hi, 2 * sum.lo};
}

static mx_dd dd_log(mx_dd a)
{
    if (!(a.hi > 0) || isinf(a.hi))
        return mx_dd_make(log(a.hi));
    int e;
    double m = frexp(a.hi, &e);
    if (m < 0.70710678118654752)
        e--;
    mx_dd x = mx_dd_scale(a, -e);
    int j = (int)nearbyint(x.hi * MX_DD_LOG_STEPS);
    const mx_dd_log_entry *near = &mx_dd_log_table[j - MX_DD_LOG_FIRST];
    mx_dd p = mx_two_prod(x.hi, near->by);
    mx_dd r = mx_dd_add(mx_two_sum(p.hi - 1, p.lo), mx_two_prod(x.lo, near->by)); /* x by - 1 */
    mx_dd result = mx_dd_add(near->log, small_log1p(r));
    return mx_dd_add(mx_dd_mul_d(mx_dd_ln2, (double)e), result);
}

static mx_dd dd_pow(mx_dd a, mx_dd b)
{
    if (b.lo == 0 && b.hi == floor(b.hi) && fabs(b.hi) <= 65536)
        return mx_dd_power(a, (long)b.hi);
    double plain = pow(a.hi, b.hi);
    if (!(a.hi > 0) || !isfinite(plain) || plain == 0 || isinf(b.hi))
        return mx_dd_make(plain);
    return dd_exp(mx_dd_mul(b, dd_log(a)));
}

#define MX_DD_ANGLE 0x1p50 /* beyond, sines are those of a as a double */

/* a = k pi/2 + r, |r| <= pi/4 and a little; returns k mod 4, or -1 when a is too large for that. */
static int reduce(mx_dd a, mx_dd *r)
{
    if (!(fabs(a.hi) < MX_DD_ANGLE))
        return -1;
    double k = nearbyint(a.hi / 0x1.921fb54442d18p+0);
    if (!(fabs(k) < 1e9)) { /* k and the parts of pi/2 have no digits to spare: products without rounding */
        mx_dd far = mx_dd_sub(a, mx_two_prod(k, 0x1.921fb54442d18p+0));
        far = mx_dd_sub(far, mx_two_prod(k, 0x1.1a62633145c07p-54));
        *r = mx_dd_sub(far, mx_two_prod(k, -0x1.f1976b7ed8fbcp-110));
        return (int)(k - 4.0 * floor(k / 4.0));
    }
    mx_dd t = mx_dd_add_d(a, -k * 0x1.921fb00000000p+0);
    t = mx_dd_add_d(t, -k * 0x1.5110b00000000p-22);
    t = mx_dd_add_d(t, -k * 0x1.1846980000000p-44);
    *r = mx_dd_add(t, mx_dd_mul_d((mx_dd){0x1.3198a2e037073p-69, 0x1.129024e088a68p-123}, -k));
    double quarter = k - 4.0 * floor(k / 4.0);
    return (int)quarter;
}

/* Series in r^2 from the term r^first on, first = 2 (cosine, without its 1) or 3 (sine, without its r); terms below 2^-53 of the first need
 * no more than doubles. */
static mx_dd series(mx_dd r, int first)
{
    mx_dd square = mx_dd_neg(mx_dd_mul(r, r));
    double rest = 0;
    for (int n = first + 26; n >= first + 16; n -= 2)
        rest = (rest + mx_dd_inverse_factorial[n - 2].hi) * square.hi;
    mx_dd sum = mx_dd_add_d(mx_dd_inverse_factorial[first + 12], rest);
    for (int n = first + 12; n >= first; n -= 2)
        sum = mx_dd_add(mx_dd_mul(sum, square), mx_dd_inverse_factorial[n - 2]);
    return mx_dd_mul(sum, square); /* -r^2 (1/first! - r^2/(first+2)! + ...) */
}

static mx_dd small_sin(mx_dd r)
{
    return mx_dd_add(r, mx_dd_mul(series(r, 3), r));
}

static mx_dd small_cos(mx_dd r)
{
    return mx_dd_add_d(series(r, 2), 1.0);
}

static mx_dd dd_sin(mx_dd a)
{
    mx_dd r;
    int quarter = reduce(a, &r);
    if (quarter < 0)
        return mx_dd_make(sin(a.hi));
    mx_dd s = quarter % 2 == 0 ? small_sin(r) : small_cos(r);
    return quarter >= 2 ? mx_dd_neg(s) : s;
}

static mx_dd dd_cos(mx_dd a)
{
    mx_dd r;
    int quarter = reduce(a, &r);
    if (quarter < 0)
        return mx_dd_make(cos(a.hi));
    mx_dd c = quarter % 2 == 0 ? small_cos(r) : small_sin(r);
    return quarter == 1 || quarter == 2 ? mx_dd_neg(c) : c;
}

static mx_dd dd_tan(mx_dd a)
{
    if (!(fabs(a.hi) < 1e9))
        return mx_dd_make(tan(a.hi));
    return mx_dd_div(dd_sin(a), dd_cos(a));
}

static mx_dd dd_atan(mx_dd a)
{
    if (fabs(a.hi) < 1e-100 || isnan(a.hi))
        return a;
    if (!(fabs(a.hi) < 1e15)) /* pi/2 - 1/a; the next term is below 1e-45 */
        return mx_dd_sub(mx_dd_scale(a.hi > 0 ? mx_dd_pi : mx_dd_neg(mx_dd_pi), -1), mx_dd_div(mx_dd_make(1.0), a));
    mx_dd y = mx_dd_make(atan(a.hi));
    mx_dd s = dd_sin(y), c = dd_cos(y);
    /* tan(atan a - y) = (a cos y - sin y) / (cos y + a sin y), as small as the error of the double */
    mx_dd t = mx_dd_div(mx_dd_sub(mx_dd_mul(a, c), s), mx_dd_add(c, mx_dd_mul(a, s)));
    return mx_dd_add(y, t);
}

static mx_dd dd_tanh(mx_dd a)
{
    if (!(fabs(a.hi) < 40.0))
        return mx_dd_make(tanh(a.hi));
    mx_dd t = dd_expm1(mx_dd_scale(a, 1));
    return mx_dd_div(t, mx_dd_add_d(t, 2.0));
}

/* 2 atan(sqrt((1 - a) / (1 + a))) */
static mx_dd dd_acos(mx_dd a)
{
    mx_dd below = mx_dd_sub(mx_dd_make(1.0), a), above = mx_dd_add_d(a, 1.0);
    if (!(below.hi >= 0 && above.hi >= 0))
        return mx_dd_make(NAN);
    return mx_dd_scale(dd_atan(mx_dd_sqrt(mx_dd_div(below, above))), 1);
}

/* atan(a / sqrt((1 - a) (1 + a))), near the ends pi/2 - acos */
static mx_dd dd_asin(mx_dd a)
{
    if (fabs(a.hi) > 0.5) {
        mx_dd s = mx_dd_sub(mx_dd_scale(mx_dd_pi, -1), dd_acos(mx_dd_abs(a)));
        return a.hi < 0 ? mx_dd_neg(s) : s;
    }
    mx_dd square = mx_dd_mul(mx_dd_sub(mx_dd_make(1.0), a), mx_dd_add_d(a, 1.0));
    if (!(square.hi >= 0))
        return mx_dd_make(NAN);
    return dd_atan(mx_dd_div(a, mx_dd_sqrt(square)));
}

/* (t + t / (t + 1)) / 2 for t = e^|a| - 1, with the sign of a */
static mx_dd dd_sinh(mx_dd a)
{
    if (!(fabs(a.hi) < 700.0))
        return mx_dd_make(sinh(a.hi));
    mx_dd t = dd_expm1(mx_dd_abs(a));
    mx_dd s = mx_dd_scale(mx_dd_add(t, mx_dd_div(t, mx_dd_add_d(t, 1.0))), -1);
    return a.hi < 0 ? mx_dd_neg(s) : s;
}

static mx_dd dd_cosh(mx_dd a)
{
    if (!(fabs(a.hi) < 700.0))
        return mx_dd_make(cosh(a.hi));
    mx_dd e = dd_exp(mx_dd_abs(a));
    return mx_dd_scale(mx_dd_add(e, mx_dd_div(mx_dd_make(1.0), e)), -1);
}

#endif
