/* Sixteen floats at a time: exponential, logarithm, and Wright's omega function, in the vector extensions of GCC and Clang.
 *
 * The same code for every instruction set; narrower ones take several registers for a vector. The file that includes this is compiled
 * with contraction on: nothing here comes as a loop with a remainder, so the bits do not depend on how the work is cut up.
 *
 * omega(s) is the y > 0 with y + log y = s.
 *
 * [1] R. Iacono, J. P. Boyd, New approximations to the principal real-valued branch of the Lambert W-function,
 *     Adv. Comput. Math. 43 (2017) 1403 (the first guess).
 * [2] F. N. Fritsch, R. E. Shafer, W. P. Crowley, Algorithm 443: solution of the transcendental equation w e^w = x,
 *     CACM 16 (1973) 123 (the correction, of fourth order).
 */
#ifndef MX_LANES16_H
#define MX_LANES16_H

#include "base/vector.h"

typedef float f16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef float f16_any __attribute__((vector_size(64), aligned(4), may_alias));

#define F16(x) ((f16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x})
#define I16(x) ((i16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x})
#define I16_COUNT ((i16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

MX_INLINE f16 f16_select(i16 mask, f16 a, f16 b)
{
    return (f16)(((i16)a & mask) | ((i16)b & ~mask));
}

MX_INLINE f16 f16_max(f16 a, f16 b)
{
#if defined(__AVX512F__)
    return (f16)_mm512_max_ps((__m512)a, (__m512)b);
#else
    return f16_select(a > b, a, b);
#endif
}

MX_INLINE f16 f16_min(f16 a, f16 b)
{
    return f16_select(a < b, a, b);
}

/* Sum and maximum of the lanes, always in the same order. */
MX_INLINE float f16_sum(f16 v)
{
    typedef float f8 __attribute__((vector_size(32)));
    typedef float f4 __attribute__((vector_size(16)));
    union {
        f16 v;
        f8 h[2];
    } a = {v};
    union {
        f8 v;
        f4 h[2];
    } b = {a.h[0] + a.h[1]};
    f4 c = b.h[0] + b.h[1];
    return (c[0] + c[2]) + (c[1] + c[3]);
}

MX_INLINE float f16_largest(f16 v)
{
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps((__m512)v);
#else
    float m = v[0];
    for (int i = 1; i < 16; i++)
        m = m > v[i] ? m : v[i];
    return m;
#endif
}

/* The first `count` floats (0 .. 16) at `from`, the rest 0. */
MX_INLINE f16 f16_load_part(const float *from, unsigned count)
{
#if defined(__AVX512F__)
    return (f16)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1u), from);
#else
    f16 v = F16(0.0f);
    for (unsigned i = 0; i < 16 && i < count; i++)
        v[i] = from[i];
    return v;
#endif
}

MX_INLINE void f16_store_part(float *to, f16 v, unsigned count)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1u), (__m512)v);
#else
    for (unsigned i = 0; i < 16 && i < count; i++)
        to[i] = v[i];
#endif
}

/* e^x for x <= 88; below -87 it stays at e^-87. Relative error 1e-7: 2^n exp(r), |r| <= log(2)/2, polynomial of Cephes. */
MX_INLINE f16 f16_exp(f16 x)
{
    x = f16_max(x, F16(-87.0f));
    f16 t = x * 1.44269504f + 12582912.0f; /* 1.5 2^23: the integer is in the last bits */
    i16 n = (i16)t - I16(0x4B400000);
    f16 whole = t - 12582912.0f;
    f16 r = x - whole * 0.693359375f;
    r = r + whole * 2.12194440e-4f;
    f16 p = F16(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    return p * (f16)((n + 127) << 23);
}

/* log x for normal x > 0; polynomial of Cephes. */
MX_INLINE f16 f16_log(f16 x)
{
    i16 bits = (i16)x;
    i16 n = ((bits - 0x3F3504F3) >> 23); /* so that the mantissa is in [sqrt(1/2), sqrt 2) */
    f16 m = (f16)(bits - (n << 23)) - 1.0f;
    f16 e = __builtin_convertvector(n, f16);
    f16 z = m * m;
    f16 p = F16(7.0376836292e-2f);
    p = p * m + -1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m + -1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m + -1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m + -2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = p * m * z;
    p = p + e * -2.12194440e-4f;
    p = p - 0.5f * z;
    return m + p + e * 0.693359375f;
}

/* One correction of y towards omega(s) [2]; the error is raised to its fourth power. */
MX_INLINE f16 f16_omega_step(f16 y, f16 s)
{
    f16 r = s - y - f16_log(y);
    f16 u = y + 1.0f;
    f16 t = 2.0f * u * (u + 0.66666667f * r);
    return y + y * r * (t - r) / (u * (t - 2.0f * r));
}

/* omega(s) for s >= -80, relative error about 1e-6 [1, 2]. */
MX_INLINE f16 f16_omega(f16 s)
{
    f16 e = f16_exp(f16_min(s, F16(20.0f)));
    f16 l = f16_select(s > 15.0f, s, f16_log(1.0f + e));
    f16 y = l - l * f16_log(1.0f + l) / (2.0f + l);
    y = f16_select(e < 0.5f, e / (1.0f + e), y);
    return f16_omega_step(y, s);
}

#endif
