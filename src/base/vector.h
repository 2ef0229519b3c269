/* Vectors: the little that the inner loops need beyond C, in the vector extensions of GCC and Clang.
 *
 * A file that includes this is compiled once per instruction set; the width follows from the flags it is compiled with
 * (AVX-512: 8 doubles, AVX2 with FMA: 4, anything else: 2). Products and sums are fused where the code says so and never
 * elsewhere (contraction is off), because a compiler that may choose does not choose alike in a loop and in what is left of it.
 */
#ifndef MX_VECTOR_H
#define MX_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>
#define MX_LANES 8
#define MX_EACH_LANE(x) {x, x, x, x, x, x, x, x}
#define MX_EACH_LANE_F32(x) {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define MX_LANES 4
#define MX_EACH_LANE(x) {x, x, x, x}
#define MX_EACH_LANE_F32(x) {x, x, x, x, x, x, x, x}
#else
#define MX_LANES 2
#define MX_EACH_LANE(x) {x, x}
#define MX_EACH_LANE_F32(x) {x, x, x, x}
#endif

#define MX_INLINE static inline __attribute__((always_inline, unused))

/* Loops whose bounds are constants after inlining, and whose arrays must become registers. Not under the address sanitizer,
 * with which the unrolled code takes the compiler minutes. */
#if defined(__has_feature)
#define MX_HAS(feature) __has_feature(feature)
#else
#define MX_HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || MX_HAS(address_sanitizer)
#define MX_UNROLL
#elif defined(__clang__)
#define MX_UNROLL _Pragma("clang loop unroll(full)")
#else
#define MX_UNROLL _Pragma("GCC unroll 16")
#endif

typedef double mx_vd __attribute__((vector_size(MX_LANES * 8)));
typedef int64_t mx_vl __attribute__((vector_size(MX_LANES * 8)));
typedef float mx_vf __attribute__((vector_size(MX_LANES * 8)));      /* twice as many lanes */
typedef float mx_vf_half __attribute__((vector_size(MX_LANES * 4))); /* as many lanes as mx_vd */

typedef double mx_vd_any __attribute__((vector_size(MX_LANES * 8), aligned(8), may_alias));
typedef float mx_vf_any __attribute__((vector_size(MX_LANES * 8), aligned(4), may_alias));
typedef float mx_vf_half_any __attribute__((vector_size(MX_LANES * 4), aligned(4), may_alias));

MX_INLINE mx_vd mx_vd_load(const double *from)
{
    return *(const mx_vd_any *)from;
}

MX_INLINE void mx_vd_store(double *to, mx_vd v)
{
    *(mx_vd_any *)to = v;
}

MX_INLINE mx_vd mx_vd_splat(double x)
{
    return (mx_vd)MX_EACH_LANE(x);
}

/* a b + c, rounded once where the instruction set has it; c first because it is what a loop adds to. */
MX_INLINE mx_vd mx_vd_add_product(mx_vd c, mx_vd a, mx_vd b)
{
#if MX_LANES == 8
    return _mm512_fmadd_pd(a, b, c);
#elif MX_LANES == 4
    return _mm256_fmadd_pd(a, b, c);
#else
    return a * b + c;
#endif
}

MX_INLINE mx_vf mx_vf_add_product(mx_vf c, mx_vf a, mx_vf b)
{
#if MX_LANES == 8
    return _mm512_fmadd_ps(a, b, c);
#elif MX_LANES == 4
    return _mm256_fmadd_ps(a, b, c);
#else
    return a * b + c;
#endif
}

/* mask ? a : b, lane by lane; a mask is what a comparison gives. */
MX_INLINE mx_vd mx_vd_select(mx_vl mask, mx_vd a, mx_vd b)
{
    return (mx_vd)(((mx_vl)a & mask) | ((mx_vl)b & ~mask));
}

/* Lanes of a and b by number, those of b counted on from those of a. */
#if defined(__clang__)
#define MX_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MX_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (mx_vl){__VA_ARGS__})
#endif

/* Lane r of the result is the sum of the lanes of row[r]: always added in the same order. */
MX_INLINE mx_vd mx_vd_sums(const mx_vd row[MX_LANES])
{
#if MX_LANES == 8
#define MX_PAIR(a, b) (MX_SHUFFLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + MX_SHUFFLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
#define MX_QUAD(a, b) (MX_SHUFFLE(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + MX_SHUFFLE(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define MX_OCTO(a, b) (MX_SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + MX_SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
    mx_vd p0 = MX_PAIR(row[0], row[1]), p1 = MX_PAIR(row[2], row[3]);
    mx_vd p2 = MX_PAIR(row[4], row[5]), p3 = MX_PAIR(row[6], row[7]);
    mx_vd q0 = MX_QUAD(p0, p1), q1 = MX_QUAD(p2, p3);
    return MX_OCTO(q0, q1);
#elif MX_LANES == 4
#define MX_PAIR(a, b) (MX_SHUFFLE(a, b, 0, 4, 2, 6) + MX_SHUFFLE(a, b, 1, 5, 3, 7))
#define MX_QUAD(a, b) (MX_SHUFFLE(a, b, 0, 1, 4, 5) + MX_SHUFFLE(a, b, 2, 3, 6, 7))
    mx_vd p0 = MX_PAIR(row[0], row[1]), p1 = MX_PAIR(row[2], row[3]);
    return MX_QUAD(p0, p1);
#else
    return MX_SHUFFLE(row[0], row[1], 0, 2) + MX_SHUFFLE(row[0], row[1], 1, 3);
#endif
}

/* Rows become columns. */
MX_INLINE void mx_vd_transpose(mx_vd row[MX_LANES])
{
#if MX_LANES == 8
    mx_vd p[8], q[8];
    MX_UNROLL
    for (int i = 0; i < 8; i += 2) {
        p[i] = MX_SHUFFLE(row[i], row[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        p[i + 1] = MX_SHUFFLE(row[i], row[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    MX_UNROLL
    for (int i = 0; i < 8; i += 4) {
        MX_UNROLL
        for (int j = i; j < i + 2; j++) {
            q[j] = MX_SHUFFLE(p[j], p[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            q[j + 2] = MX_SHUFFLE(p[j], p[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    MX_UNROLL
    for (int j = 0; j < 4; j++) {
        row[j] = MX_SHUFFLE(q[j], q[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        row[j + 4] = MX_SHUFFLE(q[j], q[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#elif MX_LANES == 4
    mx_vd p0 = MX_SHUFFLE(row[0], row[1], 0, 4, 2, 6), p1 = MX_SHUFFLE(row[0], row[1], 1, 5, 3, 7);
    mx_vd p2 = MX_SHUFFLE(row[2], row[3], 0, 4, 2, 6), p3 = MX_SHUFFLE(row[2], row[3], 1, 5, 3, 7);
    row[0] = MX_SHUFFLE(p0, p2, 0, 1, 4, 5);
    row[2] = MX_SHUFFLE(p0, p2, 2, 3, 6, 7);
    row[1] = MX_SHUFFLE(p1, p3, 0, 1, 4, 5);
    row[3] = MX_SHUFFLE(p1, p3, 2, 3, 6, 7);
#else
    mx_vd p0 = MX_SHUFFLE(row[0], row[1], 0, 2);
    row[1] = MX_SHUFFLE(row[0], row[1], 1, 3);
    row[0] = p0;
#endif
}

#endif
