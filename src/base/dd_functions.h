/* Elementary functions in double-double.
 *
 *   exp:  x = k ln 2 + j/128 + r, |r| <= 1/256;  e^r - 1 by its series, e^(j/128) - 1 from a table
 *   log:  x = m 2^e, y = log m in double;  t = m e^-y - 1 is tiny, and log m = y + t - t^2/2 + ...
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

#include "base/dd_expm1.h"

/* 1/n! for n = 2, 3, ... */
static const mx_dd inverse_factorial[] = {
    {0x1.0000000000000p-1, 0x0.0p+0}, /* 1/2! */
    {0x1.5555555555555p-3, 0x1.5555555555555p-57}, /* 1/3! */
    {0x1.5555555555555p-5, 0x1.5555555555555p-59}, /* 1/4! */
    {0x1.1111111111111p-7, 0x1.1111111111111p-63}, /* 1/5! */
    {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65}, /* 1/6! */
    {0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73}, /* 1/7! */
    {0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76}, /* 1/8! */
    {0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73}, /* 1/9! */
    {0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76}, /* 1/10! */
    {0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80}, /* 1/11! */
    {0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83}, /* 1/12! */
    {0x1.6124613a86d09p-33, 0x1.f28e0cc748ebep-87}, /* 1/13! */
    {0x1.93974a8c07c9dp-37, 0x1.05d6f8a2efd1fp-92}, /* 1/14! */
    {0x1.ae7f3e733b81fp-41, 0x1.1d8656b0ee8cbp-97}, /* 1/15! */
    {0x1.ae7f3e733b81fp-45, 0x1.1d8656b0ee8cbp-101}, /* 1/16! */
    {0x1.952c77030ad4ap-49, 0x1.ac981465ddc6cp-103}, /* 1/17! */
    {0x1.6827863b97d97p-53, 0x1.eec01221a8b0bp-107}, /* 1/18! */
    {0x1.2f49b46814157p-57, 0x1.2650f61dbdcb4p-112}, /* 1/19! */
    {0x1.e542ba4020225p-62, 0x1.ea72b4afe3c2fp-120}, /* 1/20! */
    {0x1.71b8ef6dcf572p-66, -0x1.d043ae40c4647p-120}, /* 1/21! */
    {0x1.0ce396db7f853p-70, -0x1.aebcdbd20331cp-124}, /* 1/22! */
    {0x1.761b41316381ap-75, -0x1.3423c7d91404fp-130}, /* 1/23! */
    {0x1.f2cf01972f578p-80, -0x1.9ada5fcc1ab14p-135}, /* 1/24! */
    {0x1.3f3ccdd165fa9p-84, -0x1.58ddadf344487p-139}, /* 1/25! */
    {0x1.88e85fc6a4e5ap-89, -0x1.71c37ebd16540p-143}, /* 1/26! */
    {0x1.d1ab1c2dccea3p-94, 0x1.054d0c78aea14p-149}, /* 1/27! */
    {0x1.0a18a2635085dp-98, 0x1.b9e2e28e1aa54p-153}, /* 1/28! */
    {0x1.259f98b4358adp-103, 0x1.eaf8c39dd9bc5p-157}, /* 1/29! */
};

/* e^x - 1 for |x| < 0.36: with x = j/128 + r, |r| <= 1/256, from the series of s = e^r - 1, whose terms from r^6 on need no more than
 * doubles, and T = e^(j/128) - 1 as T + s + T s. */
static mx_dd small_expm1(mx_dd x)
{
    double j = nearbyint(x.hi * MX_DD_EXPM1_STEPS);
    mx_dd r = mx_dd_add_d(x, -j / MX_DD_EXPM1_STEPS), t = mx_dd_expm1_table[(int)j + MX_DD_EXPM1_MOST];
    double rest = inverse_factorial[9].hi; /* 1/11!; the next term is below 1e-37 */
    for (int n = 8; n >= 4; n--)
        rest = rest * r.hi + inverse_factorial[n].hi;
    mx_dd sum = mx_dd_add_d(inverse_factorial[3], rest * r.hi);
    for (int n = 2; n >= 0; n--)
        sum = mx_dd_add(mx_dd_mul(sum, r), inverse_factorial[n]);
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
    mx_dd e = mx_dd_add_d(small_expm1(r), 1.0);
    return mx_dd_scale(e, (int)k);
}

static mx_dd dd_expm1(mx_dd a)
{
    if (fabs(a.hi) < 0.35)
        return fabs(a.hi) < 1e-290 ? a : small_expm1(a);
    return mx_dd_add_d(dd_exp(a), -1.0);
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
    double y = log(x.hi);
    mx_dd t = mx_dd_add(mx_dd_add_d(x, -1.0), mx_dd_mul(x, dd_expm1(mx_dd_make(-y)))); /* x e^-y - 1 */
    t = mx_dd_sub(t, mx_dd_make(0.5 * t.hi * t.hi));
    mx_dd result = mx_dd_add_d(t, y);
    return e == 0 ? result : mx_dd_add(mx_dd_mul_d(mx_dd_ln2, (double)e), result);
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

/* a = k pi/2 + r, |r| <= pi/4 and a little; returns k mod 4, or -1 when a is too large for that. */
static int reduce(mx_dd a, mx_dd *r)
{
    if (!(fabs(a.hi) < 1e9))
        return -1;
    double k = nearbyint(a.hi / 0x1.921fb54442d18p+0);
    mx_dd t = mx_dd_add_d(a, -k * 0x1.921fb00000000p+0);
    t = mx_dd_add_d(t, -k * 0x1.5110b00000000p-22);
    t = mx_dd_add_d(t, -k * 0x1.1846980000000p-44);
    *r = mx_dd_add(t, mx_dd_mul_d((mx_dd){0x1.3198a2e037073p-69, 0x1.129024e088a68p-123}, -k));
    double quarter = k - 4.0 * floor(k / 4.0);
    return (int)quarter;
}

/* Series in r^2 from the term r^first on, first = 2 (cosine, without its 1) or 3 (sine, without its r). */
static mx_dd series(mx_dd r, int first)
{
    mx_dd square = mx_dd_neg(mx_dd_mul(r, r));
    mx_dd sum = mx_dd_make(0.0);
    for (int n = first + 26; n >= first; n -= 2)
        sum = mx_dd_add(mx_dd_mul(sum, square), inverse_factorial[n - 2]);
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
