/* Kernels over features as they stand in memory, doubles or bytes, without a copy: part of kernels_generic.h.
 *
 * What does not fill the last vector of a row is read by a vector that ends where the row ends; the columns that it has in common
 * with the one before it count in one of them only. Hence k >= 8. Sums over states are kept in registers for narrow rows; for wide
 * ones eight rows at a time are added to sums in memory, so that the rows are read from first to last.
 *
 * Scores and sums are taken of the same rows one after the other, from the caches. Meanwhile the rows behind them are fetched from
 * memory, half of them by either: memory is idle neither time. (By the sums alone, passes took a quarter longer.)
 */

#define NARROW (4 * W) /* features for which the sums stay in registers */

/* Columns i .. i + W - 1 of the row at `row`. */
MX_INLINE mx_vd row_load(const void *row, size_t i, const int bytes)
{
    if (!bytes)
        return mx_vd_load((const double *)row + i);
    const signed char *from = (const signed char *)row + i;
#if MX_LANES == 8
    return _mm512_cvtepi32_pd(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from)));
#elif MX_LANES == 4
    int four;
    memcpy(&four, from, sizeof four);
    return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(four)));
#else
    return (mx_vd){from[0], from[1]};
#endif
}

MX_INLINE const char *row_at(mx_rows rows, size_t x, const int bytes)
{
    return (const char *)rows.at + x * rows.stride * (bytes ? 1 : sizeof(double));
}

/* The last vector of y, of which the columns that belong to the vector before are zero. */
MX_INLINE mx_vd last_of(const double *y, size_t k)
{
    double last[W] = {0};
    for (size_t l = k / W * W; l < k; l++)
        last[W - (k - l)] = y[l];
    return mx_vd_load(last);
}

/* Bytes from one row to the next. */
MX_INLINE size_t row_length(mx_rows rows, const int bytes)
{
    return rows.stride * (bytes ? 1 : sizeof(double));
}

/* Fetches the bytes [from, to) behind `next`. */
MX_INLINE void fetch(const char *next, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += 64)
        __builtin_prefetch(next + at, 0, 2);
}

/* ahead: bytes to the rows of which the even ones are fetched; 0: none are. */
MX_INLINE mx_vd eight_scores(const char *const row[W], size_t k, const double *y, mx_vd last, size_t ahead, const int bytes)
{
    const size_t whole = k / W * W;
    mx_vd sum[W];
    MX_UNROLL
    for (size_t r = 0; r < W; r++)
        sum[r] = (mx_vd){0};
    for (size_t i = 0; i < whole; i += W) {
        mx_vd v = mx_vd_load(y + i);
        MX_UNROLL
        for (size_t r = 0; r < W; r++)
            sum[r] = mx_vd_add_product(sum[r], row_load(row[r], i, bytes), v);
        if (ahead > 0) {
            MX_UNROLL
            for (size_t r = 0; r < W; r += 2)
                __builtin_prefetch(row[r] + i * sizeof(double) + ahead, 0, 2);
        }
    }
    if (whole < k) {
        MX_UNROLL
        for (size_t r = 0; r < W; r++)
            sum[r] = mx_vd_add_product(sum[r], row_load(row[r], k - W, bytes), last);
    }
    return mx_vd_sums(sum);
}

MX_INLINE void rows_score_as(mx_rows rows, size_t m, size_t k, const double *y, double *s, const int bytes)
{
    const mx_vd last = last_of(y, k);
    const size_t length = row_length(rows, bytes), ahead = bytes || k <= NARROW ? 0 : m * length;
    const char *row[W], *next = row_at(rows, m, bytes);
    size_t x = 0;
    for (; x + W <= m; x += W) {
        MX_UNROLL
        for (size_t r = 0; r < W; r++)
            row[r] = row_at(rows, x + r, bytes);
        if (k <= NARROW)
            fetch(next, x * length / 2, (x + W) * length / 2);
        mx_vd_store(s + x, mx_vd_load(s + x) - eight_scores(row, k, y, last, ahead, bytes));
    }
    if (x < m) { /* the last row takes the place of those that are missing */
        for (size_t r = 0; r < W; r++)
            row[r] = row_at(rows, x + r < m ? x + r : m - 1, bytes);
        mx_vd all = eight_scores(row, k, y, last, 0, bytes);
        for (size_t l = 0; x + l < m; l++)
            s[x + l] -= all[l];
    }
}

static void rows_score(mx_rows rows, size_t m, size_t k, const double *y, double *s)
{
    if (rows.bytes)
        rows_score_as(rows, m, k, y, s, 1);
    else
        rows_score_as(rows, m, k, y, s, 0);
}

/* to[v] = sum_x w_x columns v W ... over all rows; the last vector ends at column k. */
MX_INLINE void narrow_sum(mx_rows rows, size_t m, size_t k, const double *w, mx_vd *to, const int vectors, const int bytes)
{
    const size_t length = row_length(rows, bytes);
    const char *row = row_at(rows, 0, bytes), *next = row_at(rows, m, bytes) + m * length / 2;
    mx_vd sum[2][4];
    MX_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[0][v] = sum[1][v] = (mx_vd){0};
    size_t x = 0;
    for (; x + 2 <= m; x += 2) {
        MX_UNROLL
        for (int c = 0; c < 2; c++) {
            MX_UNROLL
            for (int v = 0; v < vectors; v++) {
                const size_t i = v + 1 < vectors ? (size_t)v * W : k - W;
                sum[c][v] = mx_vd_add_product(sum[c][v], row_load(row, i, bytes), mx_vd_splat(w[x + (size_t)c]));
            }
            row += length;
        }
        fetch(next, x * length / 2, (x + 2) * length / 2);
    }
    if (x < m) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++) {
            const size_t i = v + 1 < vectors ? (size_t)v * W : k - W;
            sum[0][v] = mx_vd_add_product(sum[0][v], row_load(row, i, bytes), mx_vd_splat(w[x]));
        }
    }
    MX_UNROLL
    for (int v = 0; v < vectors; v++)
        to[v] = sum[0][v] + sum[1][v];
}

/* One vector of columns over eight rows, added to G. ahead: bytes to the rows of which the odd ones are fetched; 0: none are. */
MX_INLINE mx_vd wide_sum(const char *const row[8], size_t i, const double *w, mx_vd sum, size_t ahead, const int bytes)
{
    MX_UNROLL
    for (size_t r = 0; r < 8; r++) {
        sum = mx_vd_add_product(sum, row_load(row[r], i, bytes), mx_vd_splat(w[r]));
        if (ahead > 0 && r % 2 == 1)
            __builtin_prefetch(row[r] + i * sizeof(double) + ahead, 0, 2);
    }
    return sum;
}

MX_INLINE void rows_sum_as(mx_rows rows, size_t m, size_t k, const double *w, double *G, const int bytes)
{
    const size_t whole = k / W * W, common = whole < k ? W - (k - whole) : 0;
    if (k <= NARROW) {
        mx_vd to[4];
        const size_t vectors = (k + W - 1) / W;
        switch (vectors) {
        case 1: narrow_sum(rows, m, k, w, to, 1, bytes); break;
        case 2: narrow_sum(rows, m, k, w, to, 2, bytes); break;
        case 3: narrow_sum(rows, m, k, w, to, 3, bytes); break;
        default: narrow_sum(rows, m, k, w, to, 4, bytes); break;
        }
        for (size_t i = 0; i < whole; i += W)
            mx_vd_store(G + i, mx_vd_load(G + i) + to[i / W]);
        for (size_t l = common; whole < k && l < W; l++)
            G[k - W + l] += to[vectors - 1][l];
        return;
    }
    const size_t ahead = bytes ? 0 : m * row_length(rows, bytes);
    const char *row[8];
    size_t x = 0;
    for (; x + 8 <= m; x += 8) {
        MX_UNROLL
        for (size_t r = 0; r < 8; r++)
            row[r] = row_at(rows, x + r, bytes);
        for (size_t i = 0; i < whole; i += W)
            mx_vd_store(G + i, wide_sum(row, i, w + x, mx_vd_load(G + i), ahead, bytes));
        if (whole < k) {
            mx_vd last = wide_sum(row, k - W, w + x, (mx_vd){0}, ahead, bytes);
            for (size_t l = common; l < W; l++)
                G[k - W + l] += last[l];
        }
    }
    for (; x < m; x++) {
        const char *one = row_at(rows, x, bytes);
        for (size_t i = 0; i < whole; i += W)
            mx_vd_store(G + i, mx_vd_add_product(mx_vd_load(G + i), row_load(one, i, bytes), mx_vd_splat(w[x])));
        mx_vd last = row_load(one, k - W, bytes) * w[x];
        for (size_t l = W - (k - whole); l < W; l++)
            G[k - W + l] += last[l];
    }
}

static void rows_sum(mx_rows rows, size_t m, size_t k, const double *w, double *G)
{
    if (rows.bytes)
        rows_sum_as(rows, m, k, w, G, 1);
    else
        rows_sum_as(rows, m, k, w, G, 0);
}

/* mean[v] = sum_x w_x f, square[v] = sum_x w_x f^2 of columns v W ..., as narrow_sum. whole: of all columns: fetches, too. ahead: bytes to
 * the rows of which the odd ones are fetched; 0: none are. */
MX_INLINE void narrow_squares(mx_rows rows, size_t m, size_t k, const double *w, mx_vd *mean, mx_vd *square, size_t ahead,
                              const int vectors, const int bytes, const int whole)
{
    const size_t length = row_length(rows, bytes);
    const char *row = row_at(rows, 0, bytes), *next = row_at(rows, m, bytes) + m * length / 2;
    MX_UNROLL
    for (int v = 0; v < vectors; v++)
        mean[v] = square[v] = (mx_vd){0};
    for (size_t x = 0; x < m; x++) {
        MX_UNROLL
        for (int v = 0; v < vectors; v++) {
            const size_t i = v + 1 < vectors ? (size_t)v * W : k - W;
            mx_vd f = row_load(row, i, bytes), part = f * w[x];
            mean[v] += part;
            square[v] = mx_vd_add_product(square[v], part, f);
            if (ahead > 0 && x % 2 == 1)
                __builtin_prefetch(row + i * sizeof(double) + ahead, 0, 2);
        }
        row += length;
        if (whole)
            fetch(next, x * length / 2, (x + 1) * length / 2);
    }
}

/* Some vectors of sums for columns from `from` on, the last one ending at column k, added to G. */
MX_INLINE void add_vectors(const mx_vd *sums, size_t vectors, size_t from, size_t k, double *G)
{
    for (size_t v = 0; v < vectors; v++, from += W) {
        size_t at = from + W <= k ? from : k - W;
        for (size_t l = from - at; l < W; l++)
            G[at + l] += sums[v][l];
    }
}

/* By as many columns at a time as fill the registers: the rows come from the caches. */
MX_INLINE void rows_squares_as(mx_rows rows, size_t m, size_t k, const double *w, double *G, double *S, const int bytes)
{
    mx_vd mean[4], square[4];
    for (size_t i = 0; i < k; i += NARROW) {
        const size_t count = k - i < NARROW ? k - i : NARROW, vectors = (count + W - 1) / W;
        mx_rows part = rows;
        size_t back = count < W ? W - count : 0; /* a last vector that begins before column i */
        part.at = row_at(rows, 0, bytes) + (i - back) * (bytes ? 1 : sizeof(double));
        const int whole = count == k;
        const size_t ahead = bytes || whole ? 0 : m * row_length(rows, bytes);
        switch (vectors) {
        case 1: narrow_squares(part, m, count + back, w, mean, square, ahead, 1, bytes, whole); break;
        case 2: narrow_squares(part, m, count, w, mean, square, ahead, 2, bytes, whole); break;
        case 3: narrow_squares(part, m, count, w, mean, square, ahead, 3, bytes, whole); break;
        default: narrow_squares(part, m, count, w, mean, square, ahead, 4, bytes, whole); break;
        }
        add_vectors(mean, vectors, i, i + count, G);
        add_vectors(square, vectors, i, i + count, S);
    }
}

static void rows_squares(mx_rows rows, size_t m, size_t k, const double *w, double *G, double *S)
{
    if (rows.bytes)
        rows_squares_as(rows, m, k, w, G, S, 1);
    else
        rows_squares_as(rows, m, k, w, G, S, 0);
}

/* Sums over all rows of one vector of columns. */
MX_INLINE void column_moments(mx_rows rows, size_t m, size_t i, mx_vd center, mx_vd scale, const double *w, mx_vd *mean,
                              mx_vd *square, const int bytes)
{
    const char *row = row_at(rows, 0, bytes);
    const size_t step = row_length(rows, bytes);
    mx_vd sum = {0}, squares = {0};
    for (size_t x = 0; x < m; x++) {
        mx_vd u = (row_load(row, i, bytes) - center) * scale, part = u * w[x];
        sum += part;
        squares = mx_vd_add_product(squares, part, u);
        row += step;
    }
    *mean = sum;
    *square = squares;
}

MX_INLINE void rows_moments_as(mx_rows rows, size_t m, size_t k, const double *center, const double *scale, const double *w,
                               double *G, double *S, const int bytes)
{
    mx_vd mean, square;
    for (size_t i = 0; i < k; i += W) {
        size_t at = i + W <= k ? i : k - W;
        column_moments(rows, m, at, mx_vd_load(center + at), mx_vd_load(scale + at), w, &mean, &square, bytes);
        for (size_t l = i - at; l < W; l++) {
            G[at + l] += mean[l];
            S[at + l] += square[l];
        }
    }
}

static void rows_moments(mx_rows rows, size_t m, size_t k, const double *center, const double *scale, const double *w, double *G,
                         double *S)
{
    if (rows.bytes)
        rows_moments_as(rows, m, k, center, scale, w, G, S, 1);
    else
        rows_moments_as(rows, m, k, center, scale, w, G, S, 0);
}

/* Eight rows at a time of wide ones, so that they are read from first to last; narrow ones by columns. Returns 0 when some value is not
 * finite: then its product with 0 is NaN. */
MX_INLINE int rows_range_as(mx_rows rows, size_t m, size_t k, double *low, double *high, const int bytes)
{
    const size_t step = row_length(rows, bytes), some = k <= NARROW ? m : 8;
    mx_vd bad = {0};
    for (size_t first = 0; first < m; first += some) {
        const size_t count = m - first < some ? m - first : some;
        for (size_t i = 0; i < k; i += W) {
            size_t at = i + W <= k ? i : k - W;
            const char *row = row_at(rows, first, bytes);
            mx_vd least = mx_vd_load(low + at), most = mx_vd_load(high + at);
            for (size_t x = 0; x < count; x++) {
                mx_vd f = row_load(row, at, bytes);
                least = smaller(f, least);
                most = larger(f, most);
                if (!bytes)
                    bad += f * 0.0;
                row += step;
            }
            mx_vd_store(low + at, least);
            mx_vd_store(high + at, most);
        }
    }
    double all = 0;
    for (size_t l = 0; l < W; l++)
        all += bad[l];
    return all == 0;
}

static int rows_range(mx_rows rows, size_t m, size_t k, double *low, double *high)
{
    return rows.bytes ? rows_range_as(rows, m, k, low, high, 1) : rows_range_as(rows, m, k, low, high, 0);
}
