/* Weighted sums, and the Gram matrix by register tiles: compiled once per instruction set, by gram_portable.c, gram_avx2.c and gram_avx512.c.
 *
 * For 128 states at a time, the panel is copied into slivers that a tile reads from first to last: rows i as they are, TILE_ROWS
 * wide, and columns j multiplied by the weights, a few vectors wide. A sliver of rows stays in the first-level cache
 * while the slivers of columns (at most 480 columns) pass by from the second [1]. Tiles above the diagonal are skipped and those
 * on it are cut to the vectors they need.
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

/* sliver[x][j] = w_x panel[x][j], as many columns as a tile has; zero from column `there` on. */
static void pack_weighted_f64(const double *restrict panel, size_t ld, size_t m, const double *restrict w,
                              double *restrict sliver, size_t there)
{
    const size_t columns = TILE_VECTORS * MX_LANES;
    for (size_t x = 0; x < m; x++) {
        for (size_t j = 0; j < columns; j += MX_LANES)
            mx_vd_store(sliver + j, j < there ? mx_vd_load(panel + j) * w[x] : (mx_vd){0});
        panel += ld;
        sliver += columns;
    }
}

static void pack_weighted_f32(const double *restrict panel, size_t ld, size_t m, const double *restrict w, float *restrict sliver,
                              size_t there)
{
    const size_t columns = TILE_VECTORS * MX_LANES * 2;
    for (size_t x = 0; x < m; x++) {
        for (size_t j = 0; j < columns; j += MX_LANES) {
            mx_vd v = j < there ? mx_vd_load(panel + j) * w[x] : (mx_vd){0};
            *(mx_vf_half_any *)(sliver + j) = __builtin_convertvector(v, mx_vf_half);
        }
        panel += ld;
        sliver += columns;
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
                sum[c][v] += mx_vd_load(panel + v * MX_LANES) * w[x + (size_t)c];
            panel += ld;
        }
    }
    for (; x < m; x++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[0][v] += mx_vd_load(panel + v * MX_LANES) * w[x];
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
#define LOAD mx_vd_load
#define STORE mx_vd_store
#include "base/gram_tile.h"
#undef REAL
#undef VECTOR
#undef LANES
#undef NAME
#undef LOAD
#undef STORE

#define REAL float
#define VECTOR mx_vf
#define LANES (2 * MX_LANES)
#define NAME(x) x##_f32
#define LOAD vf_load
#define STORE vf_store
#include "base/gram_tile.h"

#define GRAM_TABLE(variant) {variant, sum, gram_f64, gram_range_f64, gram_f32, gram_range_f32}
