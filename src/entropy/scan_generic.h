/* The code of the inner loops of the k-d tree, compiled once per instruction set (base/vector.h says how). Nothing is fused, so that the
 * variants agree to the last bit. */
#include "base/vector.h"
#include "entropy/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef double pair_v __attribute__((vector_size(16)));
typedef double pair_any __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t pair_l __attribute__((vector_size(16)));

MX_INLINE mx_vd larger(mx_vd a, mx_vd b)
{
#if MX_LANES == 8
    return _mm512_max_pd(a, b);
#elif MX_LANES == 4
    return _mm256_max_pd(a, b);
#elif defined(__SSE2__)
    return _mm_max_pd(a, b);
#else
    return mx_vd_select(a > b, a, b);
#endif
}

/* Bit i: lane i of a is less than that of b. */
MX_INLINE unsigned below(mx_vd a, mx_vd b)
{
#if MX_LANES == 8
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
#elif MX_LANES == 4
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ));
#elif defined(__SSE2__)
    return (unsigned)_mm_movemask_pd(_mm_cmplt_pd(a, b));
#else
    unsigned bits = 0;
    for (int i = 0; i < MX_LANES; i++)
        bits |= (unsigned)(a[i] < b[i]) << i;
    return bits;
#endif
}

MX_INLINE unsigned leaf(const double *x, size_t d, const double *q, double bound, double *out, int euclidean)
{
    enum { PARTS = MX_SCAN_LEAF / MX_LANES };
    mx_vd sum[PARTS];
    const mx_vd limit = mx_vd_splat(bound);
    const mx_vl magnitude = (mx_vl){0} + INT64_MAX;
    unsigned bits = 0;
    MX_UNROLL
    for (int v = 0; v < PARTS; v++)
        sum[v] = mx_vd_splat(0);
    for (size_t c = 0; c < d; c++, x += MX_SCAN_LEAF) {
        const mx_vd centre = mx_vd_splat(q[c]);
        MX_UNROLL
        for (int v = 0; v < PARTS; v++) {
            mx_vd off = mx_vd_load(x + v * MX_LANES) - centre;
            if (euclidean)
                sum[v] = sum[v] + off * off;
            else
                sum[v] = larger((mx_vd)((mx_vl)off & magnitude), sum[v]);
        }
        if ((c & 3) == 3 && c + 1 < d) { /* every fourth coordinate: is none near enough any more? */
            bits = 0;
            MX_UNROLL
            for (int v = 0; v < PARTS; v++)
                bits |= below(sum[v], limit);
            if (bits == 0)
                return 0;
        }
    }
    bits = 0;
    MX_UNROLL
    for (int v = 0; v < PARTS; v++) {
        bits |= below(sum[v], limit) << (v * MX_LANES);
        mx_vd_store(out + v * MX_LANES, sum[v]);
    }
    return bits;
}

MX_INLINE pair_v pair_larger(pair_v a, pair_v b)
{
#if defined(__SSE2__)
    return _mm_max_pd(a, b);
#else
    pair_l mask = a > b;
    return (pair_v)(((pair_l)a & mask) | ((pair_l)b & ~mask));
#endif
}

MX_INLINE void boxes(const double *box, size_t d, const double *q, double *near, double *far, int euclidean, int with_far)
{
    pair_v least = {0, 0}, most = {0, 0};
    const pair_v zero = {0, 0};
    for (size_t c = 0; c < d; c++, box += 4) {
        const pair_v centre = {q[c], q[c]};
        pair_v under = *(const pair_any *)box - centre, over = centre - *(const pair_any *)(box + 2);
        pair_v off = pair_larger(pair_larger(under, over), zero);
        least = euclidean ? least + off * off : pair_larger(least, off);
        if (with_far) { /* from the middle of the box outwards: -under to its low side, -over to its high side */
            pair_v reach = pair_larger(pair_larger(under, -under), pair_larger(over, -over));
            most = euclidean ? most + reach * reach : pair_larger(most, reach);
        }
    }
    near[0] = least[0];
    near[1] = least[1];
    if (with_far) {
        far[0] = most[0];
        far[1] = most[1];
    }
}

static unsigned leaf_max(const double *x, size_t d, const double *q, double bound, double *out)
{
    return leaf(x, d, q, bound, out, 0);
}

static unsigned leaf_euclidean(const double *x, size_t d, const double *q, double bound, double *out)
{
    return leaf(x, d, q, bound, out, 1);
}

static void pair_max(const double *box, size_t d, const double *q, double *near)
{
    boxes(box, d, q, near, NULL, 0, 0);
}

static void pair_euclidean(const double *box, size_t d, const double *q, double *near)
{
    boxes(box, d, q, near, NULL, 1, 0);
}

static void reach_max(const double *box, size_t d, const double *q, double *near, double *far)
{
    boxes(box, d, q, near, far, 0, 1);
}

static void reach_euclidean(const double *box, size_t d, const double *q, double *near, double *far)
{
    boxes(box, d, q, near, far, 1, 1);
}

#define SCAN_TABLE {{leaf_max, pair_max, reach_max}, {leaf_euclidean, pair_euclidean, reach_euclidean}}
