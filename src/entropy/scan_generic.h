/* The code of the inner loops of the k-d tree, compiled once per instruction set (base/vector.h says how). Nothing is fused, so that the
 * variants agree to the last bit. */
#include "base/vector.h"
#include "entropy/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* Which points are nearer to the box than their bound; whole: and to all of it, NULL where that is not asked. */
MX_INLINE unsigned group(const double *x, size_t d, const double *box, const double *bound, unsigned *whole, int euclidean)
{
    enum { PARTS = MX_SCAN_LEAF / MX_LANES };
    mx_vd sum[PARTS], far[PARTS];
    const mx_vd zero = mx_vd_splat(0);
    unsigned bits = 0, all = 0;
    MX_UNROLL
    for (int v = 0; v < PARTS; v++)
        sum[v] = far[v] = zero;
    for (size_t c = 0; c < d; c++, x += MX_SCAN_LEAF) {
        const mx_vd low = mx_vd_splat(box[c]), high = mx_vd_splat(box[d + c]);
        MX_UNROLL
        for (int v = 0; v < PARTS; v++) {
            mx_vd here = mx_vd_load(x + v * MX_LANES), under = low - here, over = here - high, off = larger(larger(under, over), zero);
            sum[v] = euclidean ? sum[v] + off * off : larger(off, sum[v]);
            if (whole != NULL) { /* from the middle of the box outwards: -under to its low side, -over to its high side */
                mx_vd reach = larger(larger(zero - under, zero - over), off);
                far[v] = euclidean ? far[v] + reach * reach : larger(reach, far[v]);
            }
        }
        if ((c & 3) == 3 && c + 1 < d) { /* every fourth coordinate: is none near enough any more? */
            bits = 0;
            MX_UNROLL
            for (int v = 0; v < PARTS; v++)
                bits |= below(sum[v], mx_vd_load(bound + v * MX_LANES));
            if (bits == 0) {
                if (whole != NULL)
                    *whole = 0;
                return 0;
            }
        }
    }
    bits = 0;
    MX_UNROLL
    for (int v = 0; v < PARTS; v++) {
        mx_vd limit = mx_vd_load(bound + v * MX_LANES);
        bits |= below(sum[v], limit) << (v * MX_LANES);
        if (whole != NULL)
            all |= below(far[v], limit) << (v * MX_LANES);
    }
    if (whole != NULL)
        *whole = all;
    return bits;
}

static unsigned leaf_max(const double *x, size_t d, const double *q, double bound, double *out)
{
    return leaf(x, d, q, bound, out, 0);
}

static unsigned leaf_euclidean(const double *x, size_t d, const double *q, double bound, double *out)
{
    return leaf(x, d, q, bound, out, 1);
}

static unsigned group_max(const double *x, size_t d, const double *box, const double *bound)
{
    return group(x, d, box, bound, NULL, 0);
}

static unsigned group_euclidean(const double *x, size_t d, const double *box, const double *bound)
{
    return group(x, d, box, bound, NULL, 1);
}

static unsigned cover_max(const double *x, size_t d, const double *box, const double *bound, unsigned *whole)
{
    return group(x, d, box, bound, whole, 0);
}

static unsigned cover_euclidean(const double *x, size_t d, const double *box, const double *bound, unsigned *whole)
{
    return group(x, d, box, bound, whole, 1);
}

#define SCAN_TABLE {{leaf_max, group_max, cover_max}, {leaf_euclidean, group_euclidean, cover_euclidean}}
