/* Weighted sums, and the Gram matrix by register tiles: compiled once per instruction set, by gram_portable.c, gram_avx2.c and
 * gram_avx512.c.
 *
 * For 128 states at a time, the panel is copied into slivers that a tile reads from first to last: rows i as they are, TILE_ROWS
 * wide, and columns j multiplied by the weights, a few vectors wide. A sliver of rows stays in the first-level cache while the
 * slivers of columns (at most 480 columns) pass by from the second [1]. Narrow panels are read where they are. Tiles above the
 * diagonal are skipped and those on it are cut to the vectors they need.
 *
 * [1] K. Goto, R. van de Geijn. Anatomy of high-performance matrix multiplication. ACM TOMS 34(3), 2008.
 */
#include "base/gram.h"
#include "base/vector.h"

/* The sums of a tile fill the registers less those for one row of columns and a broadcast: 24 of 32, 12 of 16, 8 of 16. */
#if MX_LANES == 8
#define TILE_ROWS 8
#define TILE_VECTORS 3
#elif MX_LANES == 4
#define TILE_ROWS 4
#define TILE_VECTORS 3
#else
#define TILE_ROWS 4
#define TILE_VECTORS 2
#endif

#define STATES 128 /* states per sliver: mx_gram_scratch knows both */
#define WIDTH 480  /* columns per set of slivers, a multiple of every tile's; STATES x WIDTH doubles are half of a 1 MiB cache */
#define NARROW 32  /* panels up to this wide are read in place, by IN_PLACE tiles */
#define LINE 64    /* bytes of a cache line */

/* Halves of vectors, used on the diagonal when HALVES is 1; otherwise stand-ins that nothing uses. */
#if MX_LANES == 8
#define HALVES 1
#define HALF_F64 __m256d
#define HALF_F32 __m256
#define ADD_HALF_F64(c, a, b) _mm256_fmadd_pd(_mm512_castpd512_pd256(a), _mm256_set1_pd(b), c)
#define ADD_HALF_F32(c, a, b) _mm256_fmadd_ps(_mm512_castps512_ps256(a), _mm256_set1_ps(b), c)
#else
#define HALVES 0
#define HALF_F64 mx_vd
#define HALF_F32 mx_vf
#define ADD_HALF_F64(c, a, b) (c)
#define ADD_HALF_F32(c, a, b) (c)
#endif

/* Memory that will be wanted next. */
typedef struct ahead {
    uintptr_t next; /* an address, of which nothing is assumed */
    size_t lines;
} ahead;

MX_INLINE mx_vf vf_load(const float *from)
{
    return *(const mx_vf_any *)from;
}

MX_INLINE void vf_store(float *to, mx_vf v)
{
    *(mx_vf_any *)to = v;
}

/* sliver[x][i] = panel[x][i], i < TILE_ROWS */
static void pack_f64(const double *restrict panel, size_t ld, size_t m, double *restrict sliver)
{
    for (size_t x = 0; x < m; x++) {
        MX_UNROLL
        for (int i = 0; i < TILE_ROWS; i += MX_LANES)
            mx_vd_store(sliver + i, mx_vd_load(panel + i));
        panel += ld;
        sliver += TILE_ROWS;
    }
}

static void pack_f32(const double *restrict panel, size_t ld, size_t m, float *restrict sliver)
{
    for (size_t x = 0; x < m; x++) {
        MX_UNROLL
        for (int i = 0; i < TILE_ROWS; i += MX_LANES)
            *(mx_vf_half_any *)(sliver + i) = __builtin_convertvector(mx_vd_load(panel + i), mx_vf_half);
        panel += ld;
        sliver += TILE_ROWS;
    }
}

/* sliver[x][j] = w_x panel[x][j] for j < `there`, in vectors: the sliver is as wide as it must be, TILE_VECTORS at most. */
MX_INLINE void weigh_f64(const double *restrict panel, size_t ld, size_t m, const double *restrict w, double *restrict sliver,
                         const int vectors)
{
    for (size_t x = 0; x < m; x++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            mx_vd_store(sliver + v * MX_LANES, mx_vd_load(panel + v * MX_LANES) * w[x]);
        panel += ld;
        sliver += vectors * MX_LANES;
    }
}

static void pack_weighted_f64(const double *restrict panel, size_t ld, size_t m, const double *restrict w,
                              double *restrict sliver, size_t there)
{
    switch ((there + MX_LANES - 1) / MX_LANES) {
    case 1: weigh_f64(panel, ld, m, w, sliver, 1); break;
#if TILE_VECTORS == 3
    case 2: weigh_f64(panel, ld, m, w, sliver, 2); break;
#endif
    default: weigh_f64(panel, ld, m, w, sliver, TILE_VECTORS); break;
    }
}

/* The same, zero from the first vector of doubles on that holds none of those columns. */
MX_INLINE void weigh_f32(const double *restrict panel, size_t ld, size_t m, const double *restrict w, float *restrict sliver,
                         const int halves, const int columns)
{
    for (size_t x = 0; x < m; x++) {
        MX_UNROLL
        for (int h = 0; h < halves; h++)
            *(mx_vf_half_any *)(sliver + h * MX_LANES) =
                __builtin_convertvector(mx_vd_load(panel + h * MX_LANES) * w[x], mx_vf_half);
        if (halves % 2 != 0)
            *(mx_vf_half_any *)(sliver + halves * MX_LANES) = (mx_vf_half){0};
        panel += ld;
        sliver += columns;
    }
}

static void pack_weighted_f32(const double *restrict panel, size_t ld, size_t m, const double *restrict w, float *restrict sliver,
                              size_t there)
{
    switch ((there + MX_LANES - 1) / MX_LANES) {
    case 1: weigh_f32(panel, ld, m, w, sliver, 1, 2 * MX_LANES); break;
    case 2: weigh_f32(panel, ld, m, w, sliver, 2, 2 * MX_LANES); break;
    case 3: weigh_f32(panel, ld, m, w, sliver, 3, 4 * MX_LANES); break;
#if TILE_VECTORS == 3
    case 4: weigh_f32(panel, ld, m, w, sliver, 4, 4 * MX_LANES); break;
    case 5: weigh_f32(panel, ld, m, w, sliver, 5, 6 * MX_LANES); break;
#endif
    default: weigh_f32(panel, ld, m, w, sliver, 2 * TILE_VECTORS, 2 * TILE_VECTORS * MX_LANES); break;
    }
}

/* to[j] = sum_x w_x panel[x][j] over `vectors` vectors of columns, in `chains` independent sums. */
MX_INLINE void sum_part(const double *restrict panel, size_t ld, size_t m, const double *restrict w, double *restrict to,
                             const int vectors, const int chains)
{
    mx_vd sum[4][4];
    MX_UNROLL
    for (int c = 0; c < chains; c++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[c][v] = (mx_vd){0};
    }
    size_t x = 0;
    for (; x + (size_t)chains <= m; x += (size_t)chains) {
        MX_UNROLL
        for (int c = 0; c < chains; c++) {
            MX_UNROLL
            for (int v = 0; v < vectors; v++)
                sum[c][v] = mx_vd_add_product(sum[c][v], mx_vd_load(panel + v * MX_LANES), mx_vd_splat(w[x + (size_t)c]));
            panel += ld;
        }
    }
    for (; x < m; x++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[0][v] = mx_vd_add_product(sum[0][v], mx_vd_load(panel + v * MX_LANES), mx_vd_splat(w[x]));
        panel += ld;
    }
    MX_UNROLL
    for (int c = 1; c < chains; c++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[0][v] += sum[c][v];
    }
    MX_UNROLL
    for (int v = 0; v < vectors; v++)
        mx_vd_store(to + v * MX_LANES, sum[0][v]);
}

static void sum(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *G)
{
    enum { CHAINS = MX_LANES == 8 ? 4 : 2 };
    double to[4 * MX_LANES];
    for (size_t i = 0; i < k; i += 4 * MX_LANES) {
        size_t count = k - i < 4 * MX_LANES ? k - i : 4 * MX_LANES;
        switch ((count + MX_LANES - 1) / MX_LANES) {
        case 1: sum_part(panel + i, ld, m, w, to, 1, 4); break;
        case 2: sum_part(panel + i, ld, m, w, to, 2, CHAINS); break;
        case 3: sum_part(panel + i, ld, m, w, to, 3, CHAINS); break;
        default: sum_part(panel + i, ld, m, w, to, 4, CHAINS); break;
        }
        for (size_t j = 0; j < count; j++)
            G[i + j] += to[j];
    }
}

#define REAL double
#define VECTOR mx_vd
#define LANES MX_LANES
#define NAME(x) x##_f64
#define IN_PLACE 1
#define HALF HALF_F64
#define ADD_HALF ADD_HALF_F64
#define SPLAT(x) (VECTOR)MX_EACH_LANE(x)
#define ADD_PRODUCT mx_vd_add_product
#define LOAD mx_vd_load
#define STORE mx_vd_store
#include "base/gram_tile.h"
#undef REAL
#undef VECTOR
#undef LANES
#undef NAME
#undef IN_PLACE
#undef HALF
#undef ADD_HALF
#undef SPLAT
#undef ADD_PRODUCT
#undef LOAD
#undef STORE

#define REAL float
#define VECTOR mx_vf
#define LANES (2 * MX_LANES)
#define NAME(x) x##_f32
#define IN_PLACE 0
#define HALF HALF_F32
#define ADD_HALF ADD_HALF_F32
#define SPLAT(x) (VECTOR)MX_EACH_LANE_F32(x)
#define ADD_PRODUCT mx_vf_add_product
#define LOAD vf_load
#define STORE vf_store
#include "base/gram_tile.h"

#define GRAM_TABLE(variant) {variant, sum, gram_f64, gram_range_f64, gram_ahead_f64, gram_f32, gram_range_f32, gram_ahead_f32}
