/* Double-double arithmetic: a number as the unevaluated sum hi + lo, |lo| <= ulp(hi)/2, about 106 bits or 31 digits.
 *
 * It decides what plain doubles cannot: whether targets lie on the boundary of what the features allow, how large a residual
 * really is. Basic operations are accurate to a few 2^-104 of the result [1, 2]; overflow and underflow behave as in doubles, and
 * the low part is lost below about 1e-290. A hi that is inf or NaN has lo = 0, so that signs and comparisons stay those of hi.
 *
 * [1] D. E. Knuth, The Art of Computer Programming 2, section 4.2.2 (the exact sum).
 * [2] M. Joldes, J.-M. Muller, V. Popescu, Tight and rigorous error bounds for basic building blocks of double-word arithmetic,
 *     ACM TOMS 44 (2017) 15.
 */
#ifndef MX_DD_H
#define MX_DD_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct mx_dd {
    double hi, lo;
} mx_dd;

static inline mx_dd mx_dd_make(double value)
{
    return (mx_dd){value, 0.0};
}

/* hi + lo = a + b exactly. */
static inline mx_dd mx_two_sum(double a, double b)
{
    double s = a + b;
    double c = s - a;
    double e = (a - (s - c)) + (b - c);
    return (mx_dd){s, isfinite(s) ? e : 0.0};
}

/* The same for |a| >= |b|. */
static inline mx_dd mx_quick_two_sum(double a, double b)
{
    double s = a + b;
    return (mx_dd){s, isfinite(s) ? b - (s - a) : 0.0};
}

/* hi + lo = a b exactly (if nothing underflows). */
static inline mx_dd mx_two_prod(double a, double b)
{
    double p = a * b;
    return (mx_dd){p, isfinite(p) ? fma(a, b, -p) : 0.0};
}

static inline mx_dd mx_dd_neg(mx_dd a)
{
    return (mx_dd){-a.hi, -a.lo};
}

static inline mx_dd mx_dd_add_d(mx_dd a, double b)
{
    mx_dd s = mx_two_sum(a.hi, b);
    return mx_quick_two_sum(s.hi, s.lo + a.lo);
}

static inline mx_dd mx_dd_add(mx_dd a, mx_dd b)
{
    mx_dd s = mx_two_sum(a.hi, b.hi);
    mx_dd t = mx_two_sum(a.lo, b.lo);
    s = mx_quick_two_sum(s.hi, s.lo + t.hi);
    return mx_quick_two_sum(s.hi, s.lo + t.lo);
}

static inline mx_dd mx_dd_sub(mx_dd a, mx_dd b)
{
    return mx_dd_add(a, mx_dd_neg(b));
}

static inline mx_dd mx_dd_mul_d(mx_dd a, double b)
{
    mx_dd p = mx_two_prod(a.hi, b);
    return mx_quick_two_sum(p.hi, isfinite(p.hi) ? fma(a.lo, b, p.lo) : 0.0);
}

static inline mx_dd mx_dd_mul(mx_dd a, mx_dd b)
{
    mx_dd p = mx_two_prod(a.hi, b.hi);
    if (!isfinite(p.hi))
        return p;
    double t = fma(a.hi, b.lo, a.lo * b.lo);
    return mx_quick_two_sum(p.hi, p.lo + fma(a.lo, b.hi, t));
}

/* Multiplies by a power of two: exact. */
static inline mx_dd mx_dd_scale(mx_dd a, int power)
{
    if (power < -1022 || power > 1023)
        return (mx_dd){ldexp(a.hi, power), ldexp(a.lo, power)};
    uint64_t bits = (uint64_t)(power + 1023) << 52; /* of 2^power: a product is several times faster than ldexp */
    double by;
    memcpy(&by, &bits, sizeof by);
    return (mx_dd){a.hi * by, a.lo * by};
}

/* Long division, three digits of base 2^53. */
static inline mx_dd mx_dd_div(mx_dd a, mx_dd b)
{
    double q1 = a.hi / b.hi;
    if (!isfinite(q1) || isinf(b.hi))
        return mx_dd_make(q1);
    mx_dd r = mx_dd_sub(a, mx_dd_mul_d(b, q1));
    double q2 = r.hi / b.hi;
    r = mx_dd_sub(r, mx_dd_mul_d(b, q2));
    double q3 = r.hi / b.hi;
    mx_dd q = mx_quick_two_sum(q1, q2);
    return mx_dd_add_d(q, q3);
}

/* One Newton step from the double: sqrt(a) ~ s + (a - s^2) / (2 s), twice. NaN below 0. */
static inline mx_dd mx_dd_sqrt(mx_dd a)
{
    double s = sqrt(a.hi);
    if (!(s > 0) || isinf(s))
        return mx_dd_make(s);
    mx_dd root = mx_dd_make(s);
    for (int step = 0; step < 2; step++) {
        mx_dd r = mx_dd_sub(a, mx_dd_mul(root, root));
        root = mx_dd_add_d(root, r.hi / (2.0 * s));
    }
    return root;
}

static inline mx_dd mx_dd_abs(mx_dd a)
{
    return a.hi < 0 || (a.hi == 0 && a.lo < 0) ? mx_dd_neg(a) : a;
}

/* -1, 0, 1; 2 when either is NaN. */
static inline int mx_dd_compare(mx_dd a, mx_dd b)
{
    if (isnan(a.hi) || isnan(b.hi))
        return 2;
    if (a.hi != b.hi)
        return a.hi < b.hi ? -1 : 1;
    return a.lo < b.lo ? -1 : a.lo > b.lo;
}

static inline mx_dd mx_dd_floor(mx_dd a)
{
    double f = floor(a.hi);
    if (f != a.hi)
        return mx_dd_make(f);
    return mx_quick_two_sum(f, floor(a.lo));
}

/* a^n by repeated squaring; 0^0 = 1. Relative error about |n| 2^-104. */
static inline mx_dd mx_dd_power(mx_dd a, long n)
{
    unsigned long m = n < 0 ? 0UL - (unsigned long)n : (unsigned long)n;
    mx_dd result = mx_dd_make(1.0);
    for (; m != 0; m >>= 1) {
        if (m & 1)
            result = mx_dd_mul(result, a);
        if (m > 1)
            a = mx_dd_mul(a, a);
    }
    return n < 0 ? mx_dd_div(mx_dd_make(1.0), result) : result;
}

/* ---- dd_math.c: relative error (sin, cos: absolute) of about 1e-30 where the result is a normal number of ordinary size ---- */

mx_dd mx_dd_exp(mx_dd a);
mx_dd mx_dd_log(mx_dd a);           /* -inf at 0, NaN below */
mx_dd mx_dd_pow(mx_dd a, mx_dd b);  /* as pow() at the edges */
mx_dd mx_dd_sin(mx_dd a);           /* |a| < 2^50, to 2^-105 |a|; beyond, as good as doubles */
mx_dd mx_dd_cos(mx_dd a);
mx_dd mx_dd_tan(mx_dd a);
mx_dd mx_dd_atan(mx_dd a);
mx_dd mx_dd_asin(mx_dd a);          /* NaN outside of -1 .. 1 */
mx_dd mx_dd_acos(mx_dd a);
mx_dd mx_dd_sinh(mx_dd a);
mx_dd mx_dd_cosh(mx_dd a);
mx_dd mx_dd_tanh(mx_dd a);

extern const mx_dd mx_dd_pi, mx_dd_e, mx_dd_ln2, mx_dd_ln10;

#endif
