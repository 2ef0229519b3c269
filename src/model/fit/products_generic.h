/* The products, compiled once per instruction set. VARIANT, VARIANT_NAME: the table. Vectors run along the V numbers of a feature. */
#include "base/vector.h"
#include "model/fit/products.h"

typedef double f8 __attribute__((vector_size(64)));
typedef int64_t i8 __attribute__((vector_size(64)));
typedef double f8_any __attribute__((vector_size(64), aligned(8), may_alias));
typedef double f4_any __attribute__((vector_size(32), aligned(8), may_alias));
typedef double f2_any __attribute__((vector_size(16), aligned(8), may_alias));

typedef enum kind { ONES, CODES, VALUES } kind;

#define MOST 8 /* vectors of 8 kept in registers; more go in turns */

MX_INLINE double value_at(const maxent_events *events, size_t at, kind k)
{
    return k == ONES ? 1.0 : k == CODES ? events->level[events->code[at]] : events->value[at];
}

MX_INLINE f8 load(const double *from, unsigned count)
{
#if defined(__AVX512F__)
    return (f8)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1u), from);
#else
    f8 v = {0};
    for (unsigned i = 0; i < 8 && i < count; i++)
        v[i] = from[i];
    return v;
#endif
}

MX_INLINE void store(double *to, f8 v, unsigned count)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1u), (__m512d)v);
#else
    for (unsigned i = 0; i < 8 && i < count; i++)
        to[i] = v[i];
#endif
}

/* to += r x, count (1 .. 7) numbers. In whole stores: a masked one holds up the loads of the next row, which it might overlap. */
MX_INLINE void add_part(double *to, const double *r, double x, unsigned count)
{
    if (count & 4) {
        *(f4_any *)to += *(const f4_any *)r * x;
        to += 4;
        r += 4;
    }
    if (count & 2) {
        *(f2_any *)to += *(const f2_any *)r * x;
        to += 2;
        r += 2;
    }
    if (count & 1)
        *to += *r * x;
}

/* `whole` vectors of each row, and a rest of 0 .. 7 numbers. Nine numbers are frequent enough (ten classes) for a way of their own: the
 * callers give the rests 0 and 1 as constants. */
MX_INLINE void scores_of(const maxent_events *events, size_t first, size_t end, const double *W, size_t V, unsigned whole,
                         unsigned rest, double *Z, kind k)
{
    for (size_t e = first; e < end; e++) {
        f8 z[MOST + 1];
        double one = 0;
        for (unsigned v = 0; v <= whole; v++)
            z[v] = (f8){0};
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            if (events->features > 2048 && i + 16 < events->row[events->events])
                for (unsigned v = 0; v < whole + (rest > 0); v++)
                    __builtin_prefetch(W + events->index[i + 16] * V + 8 * v);
            const double *row = W + events->index[i] * V;
            double x = value_at(events, i, k);
            for (unsigned v = 0; v < whole; v++)
                z[v] += *(const f8_any *)(row + 8 * v) * x;
            if (rest == 1)
                one += row[8 * whole] * x;
            else if (rest > 1)
                z[whole] += load(row + 8 * whole, rest) * x;
        }
        double *to = Z + (e - first) * V;
        for (unsigned v = 0; v < whole; v++)
            *(f8_any *)(to + 8 * v) = z[v];
        if (rest == 1)
            to[8 * whole] = one;
        else if (rest > 1)
            store(to + 8 * whole, z[whole], rest);
    }
}

MX_INLINE void scatter_of(const maxent_events *events, size_t first, size_t end, const double *R, size_t V, unsigned whole,
                          unsigned rest, double *G, kind k)
{
    for (size_t e = first; e < end; e++) {
        const double *tail = R + (e - first) * V + 8 * whole;
        f8 r[MOST];
        for (unsigned v = 0; v < whole; v++)
            r[v] = *(const f8_any *)(R + (e - first) * V + 8 * v);
        const double one = rest == 1 ? *tail : 0;
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            if (events->features > 2048 && i + 16 < events->row[events->events])
                for (unsigned v = 0; v < whole + (rest > 0); v++)
                    __builtin_prefetch(G + events->index[i + 16] * V + 8 * v, 1);
            double *row = G + events->index[i] * V;
            double x = value_at(events, i, k);
            for (unsigned v = 0; v < whole; v++)
                *(f8_any *)(row + 8 * v) += r[v] * x;
            if (rest == 1)
                row[8 * whole] += one * x;
            else if (rest > 1)
                add_part(row + 8 * whole, tail, x, rest);
        }
    }
}

MX_INLINE void scores_one(const maxent_events *events, size_t first, size_t end, const double *W, double *Z, kind k)
{
    for (size_t e = first; e < end; e++) {
        double z = 0;
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            z += W[events->index[i]] * value_at(events, i, k);
        Z[e - first] = z;
    }
}

MX_INLINE void scatter_one(const maxent_events *events, size_t first, size_t end, const double *R, double *G, kind k)
{
    for (size_t e = first; e < end; e++)
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            G[events->index[i]] += R[e - first] * value_at(events, i, k);
}

#define BY_KIND(call, ...)                                                                                           \
    do {                                                                                                             \
        if (events->value != NULL)                                                                                   \
            call(__VA_ARGS__, VALUES);                                                                               \
        else if (events->code != NULL)                                                                               \
            call(__VA_ARGS__, CODES);                                                                                \
        else                                                                                                         \
            call(__VA_ARGS__, ONES);                                                                                 \
    } while (0)

/* By the number of vectors and the rest, which are constants where they are common. */
#define BY_SIZE(call, from, to)                                                                                      \
    for (size_t at = 0; at < columns; at += 8 * MOST) {                                                              \
        const size_t left = columns - at < 8 * MOST ? columns - at : 8 * MOST;                                       \
        const unsigned whole = (unsigned)(left / 8), rest = (unsigned)(left % 8);                                    \
        if (whole == 0)                                                                                              \
            BY_KIND(call, events, first, end, from + at, V, 0, rest, to + at);                                       \
        else if (whole == 1 && rest == 0)                                                                            \
            BY_KIND(call, events, first, end, from + at, V, 1, 0, to + at);                                          \
        else if (whole == 1 && rest == 1)                                                                            \
            BY_KIND(call, events, first, end, from + at, V, 1, 1, to + at);                                          \
        else if (whole == 1)                                                                                         \
            BY_KIND(call, events, first, end, from + at, V, 1, rest, to + at);                                       \
        else if (whole == 2 && rest == 0)                                                                            \
            BY_KIND(call, events, first, end, from + at, V, 2, 0, to + at);                                          \
        else if (whole == 2)                                                                                         \
            BY_KIND(call, events, first, end, from + at, V, 2, rest, to + at);                                       \
        else                                                                                                         \
            BY_KIND(call, events, first, end, from + at, V, whole, rest, to + at);                                   \
    }

static void scores(const maxent_events *events, size_t first, size_t end, const double *W, size_t V, size_t columns, double *Z)
{
    if (V == 1)
        BY_KIND(scores_one, events, first, end, W, Z);
    else
        BY_SIZE(scores_of, W, Z)
}

static void scatter(const maxent_events *events, size_t first, size_t end, const double *R, size_t V, size_t columns, double *G)
{
    if (V == 1)
        BY_KIND(scatter_one, events, first, end, R, G);
    else
        BY_SIZE(scatter_of, R, G)
}

MX_INLINE f8 f8_select(i8 mask, f8 a, f8 b)
{
    return (f8)(((i8)a & mask) | ((i8)b & ~mask));
}

#define F8(x) ((f8){x, x, x, x, x, x, x, x})

/* x = 2^k m, m in [sqrt(1/2), sqrt 2); log m = f - s (f - R) as in FDLIBM's e_log.c, s = f / (2 + f), f = m - 1. */
static void logs(double *x, size_t count)
{
    for (size_t i = 0; i < count; i += 8) {
        f8 at = *(const f8_any *)(x + i);
        at = f8_select(at > 1e-300, at, F8(1e-300));
        i8 bits = (i8)at, k = ((bits - 0x3FE6A09E667F3BCD) >> 52);
        f8 f = (f8)(bits - (k << 52)) - 1.0, whole = (f8)(k + 0x4338000000000000) - 0x1.8p52;
        f8 s = f / (f + 2.0), z = s * s, p = F8(1.479819860511658591e-1);
        p = p * z + 1.531383769920937332e-1;
        p = p * z + 1.818357216161805012e-1;
        p = p * z + 2.222219843214978396e-1;
        p = p * z + 2.857142874366239149e-1;
        p = p * z + 3.999999999940941908e-1;
        p = p * z + 6.666666666666735130e-1;
        f8 square = 0.5 * f * f;
        *(f8_any *)(x + i) = whole * 6.93147180369123816490e-1 -
                             ((square - (s * (square + p * z) + whole * 1.90821492927058770002e-10)) - f);
    }
}

/* e^x = 2^n e^r, |r| <= log(2)/2, e^r by its series to r^13. */
static void exps(double *x, size_t count)
{
    static const double series[] = {1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0,
                                    1.0 / 720.0,       1.0 / 120.0,      1.0 / 24.0,      1.0 / 6.0,      0.5};
    for (size_t i = 0; i < count; i += 8) {
        f8 at = *(const f8_any *)(x + i);
        at = f8_select(at > -708.0, at, F8(-708.0));
        f8 t = at * 1.44269504088896340736 + 0x1.8p52, whole = t - 0x1.8p52;
        f8 r = at - whole * 6.93147180369123816490e-1;
        r = r - whole * 1.90821492927058770002e-10;
        f8 p = F8(1.0 / 6227020800.0);
        for (size_t j = 0; j < sizeof series / sizeof *series; j++)
            p = p * r + series[j];
        p = p * (r * r) + r + 1.0;
        *(f8_any *)(x + i) = p * (f8)(((i8)t - 0x4338000000000000 + 1023) << 52);
    }
}

const mx_products VARIANT = {VARIANT_NAME, scores, scatter, logs, exps};
