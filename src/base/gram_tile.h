/* One tile of a Gram matrix, in double or in single precision: included twice by gram_generic.h, with
 *
 *     REAL    double or float            VECTOR, LANES   a vector of it and the number of its lanes
 *     NAME(x) x with the type's suffix   LOAD, STORE     of vectors, unaligned
 *     IN_PLACE  1: narrow panels are read where they are
 *     ADD_PRODUCT(c, a, b)  c + a b     SPLAT(x)    x in every lane
 *     HALF, ADD_HALF(c, a, b)  a vector of LANES / 2, and c + x b with x the lower half of vector a and a number b
 *
 * A tile is up to TILE_ROWS rows i of TILE_VECTORS vectors of columns j. Its sums stay in registers over all the states; a row
 * takes one broadcast and TILE_VECTORS fused multiply-adds. Where the last vector of columns begins at the first row, on the
 * diagonal of H, the first LANES / 2 rows need only half of it.
 */

#define TILE_COLUMNS (TILE_VECTORS * LANES)

/* What a tile reads: at state x, columns a[x * lda + j], already weighted when w is NULL, and rows b[x * ldb + i]. */
typedef struct NAME(source) {
    const REAL *a, *b;
    size_t lda, ldb, m;
    const double *w;
    uintptr_t next;    /* fetched into the second-level cache on the way, a line per state, when stride is not 0 */
    size_t stride;
} NAME(source);

/* out[i][j] = sum_x b[x][i] a[x][j] w_x; diagonal: see above. */
MX_INLINE void NAME(tile)(const NAME(source) *restrict from, REAL *restrict out, const int rows, const int vectors,
                          const int weighted, const int diagonal)
{
    const REAL *restrict a = from->a, *restrict b = from->b;
    uintptr_t next = from->next;
    const size_t m = from->m, lda = from->lda, ldb = from->ldb, stride = from->stride;
    const int halves = !diagonal ? 0 : rows < LANES / 2 ? rows : LANES / 2, last = vectors - 1;
    VECTOR sum[TILE_ROWS][TILE_VECTORS];
    HALF half[TILE_ROWS];

    MX_UNROLL
    for (int i = 0; i < rows; i++) {
        half[i] = (HALF){0};
        MX_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[i][v] = (VECTOR){0};
    }
    for (size_t x = 0; x < m; x++) {
        VECTOR column[TILE_VECTORS];
        MX_UNROLL
        for (int v = 0; v < vectors; v++) {
            column[v] = LOAD(a + v * LANES);
            if (weighted)
                column[v] *= (REAL)from->w[x];
        }
        __builtin_prefetch((const void *)next, 0, 2);
        MX_UNROLL
        for (int i = 0; i < rows; i++) {
            MX_UNROLL
            for (int v = 0; v < last; v++)
                sum[i][v] = ADD_PRODUCT(sum[i][v], column[v], SPLAT(b[i]));
            if (i < halves)
                half[i] = ADD_HALF(half[i], column[last], b[i]);
            else
                sum[i][last] = ADD_PRODUCT(sum[i][last], column[last], SPLAT(b[i]));
        }
        a += lda;
        b += ldb;
        next += stride;
    }
    MX_UNROLL
    for (int i = 0; i < rows; i++) {
        REAL *to = out + i * TILE_COLUMNS;
        MX_UNROLL
        for (int v = 0; v < last; v++)
            STORE(to + v * LANES, sum[i][v]);
        if (i < halves)
            *(HALF *)(void *)(to + last * LANES) = half[i];
        else
            STORE(to + last * LANES, sum[i][last]);
    }
}

typedef void NAME(tile_function)(const NAME(source) *restrict from, REAL *restrict out, int diagonal);

#define TILE(r, v)                                                                                                               \
    static void NAME(tile_##r##_##v)(const NAME(source) *restrict from, REAL *restrict out, int diagonal)                        \
    {                                                                                                                            \
        const int weighted = IN_PLACE && from->w != NULL;                                                                        \
        if (weighted && diagonal)                                                                                                \
            NAME(tile)(from, out, r, v, IN_PLACE, HALVES);                                                                       \
        else if (weighted)                                                                                                       \
            NAME(tile)(from, out, r, v, IN_PLACE, 0);                                                                            \
        else if (diagonal)                                                                                                       \
            NAME(tile)(from, out, r, v, 0, HALVES);                                                                              \
        else                                                                                                                     \
            NAME(tile)(from, out, r, v, 0, 0);                                                                                   \
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

/* Columns [c0, c1) and rows from c0 on for the states of one set of slivers; `from` stands at column c0 and row c0, the next
 * column is `next_a` and the next row `next_b` numbers away. */
static void NAME(columns)(NAME(source) from, size_t next_a, size_t next_b, size_t k, double *H, size_t ldh, size_t c0, size_t c1,
                          ahead *fetch)
{
    REAL sum[TILE_ROWS * TILE_COLUMNS] __attribute__((aligned(64)));
    const REAL *a = from.a, *b = from.b;
    const size_t narrow = from.lda; /* 0: the width of the tile */

    for (size_t i0 = c0; i0 < k; i0 += TILE_ROWS) {
        size_t rows = k - i0 < TILE_ROWS ? k - i0 : TILE_ROWS;
        from.b = b + (i0 - c0) * next_b;
        for (size_t j0 = c0; j0 < c1 && j0 < i0 + rows; j0 += TILE_COLUMNS) {
            size_t j1 = j0 + TILE_COLUMNS < c1 ? j0 + TILE_COLUMNS : c1;
            size_t width = (j1 < i0 + rows ? j1 : i0 + rows) - j0;
            from.a = a + (j0 - c0) * next_a;
            from.lda = narrow != 0 ? narrow : (j1 - j0 + LANES - 1) / LANES * LANES;
            from.next = fetch->next;
            from.stride = fetch->lines < from.m ? 0 : LINE;
            fetch->next += from.m * from.stride;
            fetch->lines -= from.stride != 0 ? from.m : 0;
            size_t last = (width - 1) / LANES;
            for (size_t i = 0; i < rows; i++) /* what the tile will be added to: wide matrices are not in the near caches */
                for (size_t j = 0; j < width && narrow == 0; j += LINE / sizeof(double))
                    __builtin_prefetch(H + (i0 + i) * ldh + j0 + j, 1, 3);
            NAME(tiles)[rows - 1][last](&from, sum, HALVES && i0 == j0 + last * LANES);
            NAME(add)(sum, rows, i0, j0, j1, H, ldh);
        }
    }
}

static void NAME(gram_part)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                            size_t c0, size_t c1, double *scratch, ahead fetch)
{
    REAL *rows = (REAL *)scratch, *weighted = (REAL *)(scratch + STATES * ((k + 63) / 64 * 64));

    if (c1 > k)
        c1 = k;
    for (size_t x = 0; x < m && c0 < c1; x += STATES) {
        size_t count = m - x < STATES ? m - x : STATES;
        const double *u = panel + x * ld;
#if IN_PLACE
        if (ld <= NARROW) {
            NAME(source) from = {.a = u + c0, .b = u + c0, .lda = ld, .ldb = ld, .m = count, .w = w + x};
            NAME(columns)(from, 1, 1, k, H, ldh, c0, c1, &fetch);
            continue;
        }
#endif
        for (size_t i0 = c0; i0 < k; i0 += TILE_ROWS)
            NAME(pack)(u + i0, ld, count, rows + (i0 - c0) * count);
        for (size_t j0 = c0; j0 < c1; j0 += WIDTH) {
            size_t j1 = j0 + WIDTH < c1 ? j0 + WIDTH : c1;
            NAME(source) from = {.a = weighted, .b = rows + (j0 - c0) * count, .lda = 0, .ldb = TILE_ROWS, .m = count};
            for (size_t j = j0; j < j1; j += TILE_COLUMNS)
                NAME(pack_weighted)(u + j, ld, count, w + x, weighted + (j - j0) * count, j1 - j);
            NAME(columns)(from, count, count, k, H, ldh, j0, j1, &fetch);
        }
    }
}

static void NAME(gram)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                       double *scratch)
{
    NAME(gram_part)(panel, ld, m, k, w, H, ldh, 0, k, scratch, (ahead){(uintptr_t)panel, 0});
}

static void NAME(gram_ahead)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                             double *scratch, const void *next, size_t bytes)
{
    NAME(gram_part)(panel, ld, m, k, w, H, ldh, 0, k, scratch, (ahead){(uintptr_t)next, bytes / LINE});
}

static void NAME(gram_range)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                             size_t c0, size_t c1, double *scratch)
{
    NAME(gram_part)(panel, ld, m, k, w, H, ldh, c0, c1, scratch, (ahead){(uintptr_t)panel, 0});
}

#undef TILE_COLUMNS
#undef TILE
#undef TILE_ROW
#undef TILE_LIST
