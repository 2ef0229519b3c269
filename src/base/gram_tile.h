/* One tile of a Gram matrix, in double or in single precision: included twice by gram_generic.h, with
 *
 *     REAL    double or float            VECTOR, LANES   a vector of it and the number of its lanes
 *     NAME(x) x with the type's suffix   LOAD, STORE     of vectors, unaligned
 *
 * A tile is up to TILE_ROWS rows i of TILE_VECTORS vectors of columns j. Its sums stay in registers over all the states; a row
 * takes one broadcast and TILE_VECTORS fused multiply-adds.
 */

#define TILE_COLUMNS (TILE_VECTORS * LANES)

/* out[i][j] = sum_x b[x][i] a[x][j] */
MX_INLINE void NAME(tile)(size_t m, const REAL *restrict a, size_t lda, const REAL *restrict b, size_t ldb, REAL *restrict out,
                          const int rows, const int vectors)
{
    VECTOR sum[TILE_ROWS][TILE_VECTORS];
    MX_UNROLL
    for (int i = 0; i < rows; i++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[i][v] = (VECTOR){0};
    }
    for (size_t x = 0; x < m; x++) {
        VECTOR column[TILE_VECTORS];
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            column[v] = LOAD(a + v * LANES);
        MX_UNROLL
        for (int i = 0; i < rows; i++) {
            MX_UNROLL
            for (int v = 0; v < vectors; v++)
                sum[i][v] += column[v] * b[i];
        }
        a += lda;
        b += ldb;
    }
    MX_UNROLL
    for (int i = 0; i < rows; i++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            STORE(out + i * TILE_COLUMNS + v * LANES, sum[i][v]);
    }
}

typedef void NAME(tile_function)(size_t m, const REAL *restrict a, size_t lda, const REAL *restrict b, size_t ldb,
                                 REAL *restrict out);

#define TILE(r, v)                                                                                                               \
    static void NAME(tile_##r##_##v)(size_t m, const REAL *restrict a, size_t lda, const REAL *restrict b, size_t ldb,           \
                                     REAL *restrict out)                                                                         \
    {                                                                                                                            \
        NAME(tile)(m, a, lda, b, ldb, out, r, v);                                                                                \
    }
#if TILE_VECTORS == 3
#define TILE_ROW(r) TILE(r, 1) TILE(r, 2) TILE(r, 3)
#define TILE_LIST(r) {NAME(tile_##r##_1), NAME(tile_##r##_2), NAME(tile_##r##_3)}
#else
#define TILE_ROW(r) TILE(r, 1) TILE(r, 2)
#define TILE_LIST(r) {NAME(tile_##r##_1), NAME(tile_##r##_2)}
#endif
TILE_ROW(1)
TILE_ROW(2)
TILE_ROW(3)
TILE_ROW(4)
#if TILE_ROWS == 8
TILE_ROW(5)
TILE_ROW(6)
TILE_ROW(7)
TILE_ROW(8)
#endif

/* [rows - 1][vectors - 1] */
static NAME(tile_function) *const NAME(tiles)[TILE_ROWS][TILE_VECTORS] = {
    TILE_LIST(1), TILE_LIST(2), TILE_LIST(3), TILE_LIST(4),
#if TILE_ROWS == 8
    TILE_LIST(5), TILE_LIST(6), TILE_LIST(7), TILE_LIST(8),
#endif
};

/* Rows [i0, i0 + rows) and columns [j0, j1) of H, of which the part with i >= j is added to. */
static void NAME(add)(const REAL *restrict sum, size_t rows, size_t i0, size_t j0, size_t j1, double *restrict H, size_t ldh)
{
    for (size_t i = 0; i < rows; i++) {
        double *to = H + (i0 + i) * ldh + j0;
        const REAL *from = sum + i * TILE_COLUMNS;
        size_t count = (j1 < i0 + i + 1 ? j1 : i0 + i + 1) - j0;
        if (count == TILE_COLUMNS) {
            for (size_t j = 0; j < TILE_COLUMNS; j++)
                to[j] += from[j];
        } else {
            for (size_t j = 0; j < count; j++)
                to[j] += from[j];
        }
    }
}

/* Columns [c0, c1), at most WIDTH of them, for m states, at most STATES. a: space for the weighted columns; b: slivers of
 * TILE_ROWS rows from row `first` on, [ceil((k - first) / TILE_ROWS)][m][TILE_ROWS]; first <= c0, c0 - first a multiple of 8. */
static void NAME(columns)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                          size_t c1, REAL *a, const REAL *b, size_t first)
{
    REAL sum[TILE_ROWS * TILE_COLUMNS] __attribute__((aligned(64)));

    for (size_t j0 = c0; j0 < c1; j0 += TILE_COLUMNS)
        NAME(pack_weighted)(panel + j0, ld, m, w, a + (j0 - c0) * m, ld - j0);
    for (size_t i0 = c0; i0 < k; i0 += TILE_ROWS) {
        size_t rows = k - i0 < TILE_ROWS ? k - i0 : TILE_ROWS;
        const REAL *bi = b + (i0 - first) * m;
        for (size_t j0 = c0; j0 < c1 && j0 < i0 + rows; j0 += TILE_COLUMNS) {
            size_t j1 = j0 + TILE_COLUMNS < c1 ? j0 + TILE_COLUMNS : c1;
            size_t width = (j1 < i0 + rows ? j1 : i0 + rows) - j0;
            NAME(tiles)[rows - 1][(width - 1) / LANES](m, a + (j0 - c0) * m, TILE_COLUMNS, bi, TILE_ROWS, sum);
            NAME(add)(sum, rows, i0, j0, j1, H, ldh);
        }
    }
}

static void NAME(gram_range)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                             size_t c0, size_t c1, double *scratch)
{
    if (c1 > k)
        c1 = k;
    REAL *b = (REAL *)scratch;
    REAL *a = (REAL *)(scratch + STATES * ((k + 63) / 64 * 64));
    for (size_t x = 0; x < m && c0 < c1; x += STATES) {
        size_t count = m - x < STATES ? m - x : STATES;
        const double *from = panel + x * ld;
        for (size_t i0 = c0; i0 < k; i0 += TILE_ROWS)
            NAME(pack)(from + i0, ld, count, b + (i0 - c0) * count);
        for (size_t j0 = c0; j0 < c1; j0 += WIDTH)
            NAME(columns)(from, ld, count, k, w + x, H, ldh, j0, j0 + WIDTH < c1 ? j0 + WIDTH : c1, a, b, c0);
    }
}

static void NAME(gram)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                       double *scratch)
{
    NAME(gram_range)(panel, ld, m, k, w, H, ldh, 0, k, scratch);
}

#undef TILE_COLUMNS
#undef TILE
#undef TILE_ROW
#undef TILE_LIST
