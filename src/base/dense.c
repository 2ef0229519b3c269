/* Cholesky factors, by blocks of columns [1]; with diagonal pivoting after [2].
 *
 * A block of 64 columns is worked on transposed, as a panel whose rows are columns of the matrix: then every step is a weighted
 * sum of panel rows, and what the block does to the rest of the matrix, A -= L L^T, is a Gram matrix with weights -1 (gram.h).
 * Threads share the columns of the panel and of that update; no entry's arithmetic depends on how.
 *
 * [1] E. Anderson et al. LAPACK Users' Guide, 3rd ed., SIAM 1999: dpotrf.
 * [2] C. Lucas. LAPACK-style codes for level 2 and 3 pivoted Cholesky factorizations. LAPACK Working Note 161, 2004.
 */
#include "base/dense.h"
#include "base/gram.h"

#include <math.h>
#include <string.h>

#if defined(_OPENMP)
#include <omp.h>
#endif

#define BLOCK ((size_t)64)         /* columns at a time */
#define RANGE ((size_t)192)        /* columns that one thread takes at a time; a multiple of 8 */
#define THREADS_FROM ((size_t)500) /* below, all the work is a few milliseconds */

static size_t round8(size_t k)
{
    return (k + 7) / 8 * 8;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int team_size(size_t k, int threads)
{
    return threads < 1 || k < THREADS_FROM ? 1 : threads;
}

/* The parts of the work space. */
typedef struct space {
    double *panel;    /* [BLOCK][round8(k)] */
    double *weights;  /* [max(k, BLOCK)], rounded up */
    double *extra;    /* [2][round8(k)] */
    double *scratch;  /* [threads][share] */
    size_t share;
} space;

static space divide(size_t k, double *work)
{
    space s = {.panel = work, .share = mx_gram_scratch(k)};
    s.weights = work + BLOCK * round8(k);
    s.extra = s.weights + round8(k) + BLOCK;
    s.scratch = s.extra + 2 * round8(k);
    return s;
}

size_t mx_cholesky_work(size_t k, int threads)
{
    return (BLOCK + 3) * round8(k) + BLOCK + (size_t)team_size(k, threads) * mx_gram_scratch(k);
}

/* A -= P^T P in the lower triangle; P: [rows][ld], A: count x count. */
static void subtract_gram(const space *s, const double *P, size_t ld, size_t rows, size_t count, double *A, size_t lda, int team)
{
    const mx_gram *gram = mx_gram_get();

    for (size_t y = 0; y < rows; y++)
        s->weights[y] = -1;
    if (team == 1 || count < 2 * RANGE) {
        gram->gram(P, ld, rows, count, s->weights, A, lda, s->scratch);
        return;
    }
#if defined(_OPENMP)
#pragma omp parallel for schedule(dynamic) num_threads(team)
#endif
    for (size_t c = 0; c < count; c += RANGE) {
        size_t me = 0;
#if defined(_OPENMP)
        me = (size_t)omp_get_thread_num();
#endif
        gram->gram_range(P, ld, rows, count, s->weights, A, lda, c, c + RANGE, s->scratch + me * s->share);
    }
}

/* The Cholesky factor of a small square, row by row. */
static int factor_square(size_t k, double *A, size_t ld)
{
    for (size_t i = 0; i < k; i++) {
        double *row = A + i * ld, d;
        for (size_t j = 0; j < i; j++)
            row[j] = (row[j] - mx_dot(j, row, A + j * ld)) / A[j * ld + j];
        d = row[i] - mx_dot(i, row, row);
        if (!(d > 0 && d < INFINITY))
            return -1;
        row[i] = sqrt(d);
    }
    return 0;
}

/* Columns [c0, c1) of P := L^-1 P for a small square L: [rows] in A, P: [rows][ld]. */
static void solve_panel(const mx_gram *gram, const double *A, size_t lda, size_t rows, double *P, size_t ld, size_t c0, size_t c1)
{
    for (size_t y = 0; y < rows; y++) {
        double minus[BLOCK], *row = P + y * ld;
        for (size_t z = 0; z < y; z++)
            minus[z] = -A[y * lda + z];
        gram->sum(P + c0, ld, y, c1 - c0, minus, row + c0);
        for (size_t c = c0; c < c1; c++)
            row[c] /= A[y * lda + y];
    }
}

/* P[y][i] = A[i][y] for i < count, y < rows, zero beyond; and back. Eight rows of A at a time, to use whole cache lines. */
static void transpose_out(const double *A, size_t lda, size_t count, size_t rows, double *P, size_t ld)
{
    for (size_t i = 0; i < count; i += 8) {
        size_t end = smaller(8, count - i);
        for (size_t y = 0; y < rows; y++) {
            for (size_t l = 0; l < 8; l++)
                P[y * ld + i + l] = l < end ? A[(i + l) * lda + y] : 0;
        }
    }
}

static void transpose_back(const double *P, size_t ld, size_t count, size_t rows, double *A, size_t lda)
{
    for (size_t i = 0; i < count; i += 8) {
        size_t end = smaller(i + 8, count);
        for (size_t j = i; j < end; j++) {
            for (size_t y = 0; y < rows; y++)
                A[j * lda + y] = P[y * ld + j];
        }
    }
}

int mx_cholesky(size_t k, double *A, size_t ld, int threads, double *work)
{
    const space s = divide(k, work);
    const mx_gram *gram = mx_gram_get();
    int team = team_size(k, threads);

    for (size_t j = 0; j < k; j += BLOCK) {
        size_t rows = smaller(BLOCK, k - j), next = j + rows, count = k - next, ldp = round8(count);
        double *corner = A + j * ld + j, *below = A + next * ld + j;
        if (factor_square(rows, corner, ld) != 0)
            return -1;
        if (count == 0)
            break;
#if defined(_OPENMP)
#pragma omp parallel for schedule(static) num_threads(team) if (team > 1)
#endif
        for (size_t c = 0; c < count; c += RANGE) {
            size_t width = smaller(RANGE, count - c);
            transpose_out(below + c * ld, ld, width, rows, s.panel + c, ldp);
            solve_panel(gram, corner, ld, rows, s.panel, ldp, c, c + width);
            transpose_back(s.panel + c, ldp, width, rows, below + c * ld, ld);
        }
        subtract_gram(&s, s.panel, ldp, rows, count, A + next * ld + next, ld, team);
    }
    return 0;
}

/* Rows and columns a < b of a symmetric matrix change places. */
static void swap_symmetric(size_t k, double *A, size_t ld, size_t a, size_t b)
{
    double t;
#define SWAP(x, y) (t = (x), (x) = (y), (y) = t)
    for (size_t j = 0; j < a; j++)
        SWAP(A[a * ld + j], A[b * ld + j]);
    for (size_t i = a + 1; i < b; i++)
        SWAP(A[i * ld + a], A[b * ld + i]);
    for (size_t i = b + 1; i < k; i++)
        SWAP(A[i * ld + a], A[i * ld + b]);
    SWAP(A[a * ld + a], A[b * ld + b]);
#undef SWAP
}

static int usable(size_t k, const double *A, size_t ld)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            if (!isfinite(A[i * ld + j]))
                return 0;
        }
        if (A[i * ld + i] < 0)
            return 0;
    }
    return 1;
}

int mx_cholesky_pivoted(size_t k, double *A, size_t ld, double tolerance, int threads, size_t *order, size_t *rank, double *work)
{
    const space s = divide(k, work);
    const mx_gram *gram = mx_gram_get();
    double *original = s.extra, *taken = s.extra + round8(k); /* A_ii; what this block has taken of the diagonal */
    int team = team_size(k, threads);
    size_t next;

    if (!usable(k, A, ld))
        return -1;
    for (size_t i = 0; i < k; i++) {
        order[i] = i;
        original[i] = A[i * ld + i];
    }
    for (size_t j0 = 0; j0 < k; j0 = next) {
        size_t count = k - j0, ldp = round8(count), rows = smaller(BLOCK, count);
        next = j0 + rows;
        memset(taken, 0, k * sizeof *taken);
        for (size_t y = 0; y < rows; y++) { /* column j = j0 + y of L is row y of the panel, entry i at i - j0 */
            size_t j = j0 + y, p = j;
            double best = -1, *row = s.panel + y * ldp, pivot;
            for (size_t i = j; i < k; i++) {
                double part = original[i] > 0 ? (A[i * ld + i] - taken[i]) / original[i] : 0;
                if (part > best) {
                    best = part;
                    p = i;
                }
            }
            if (!(best > tolerance && best > 0)) {
                *rank = j;
                return 0;
            }
            if (p != j) {
                double t;
                size_t o = order[j];
                order[j] = order[p];
                order[p] = o;
                swap_symmetric(k, A, ld, j, p);
                t = original[j], original[j] = original[p], original[p] = t;
                t = taken[j], taken[j] = taken[p], taken[p] = t;
                for (size_t z = 0; z < y; z++) {
                    double *at = s.panel + z * ldp;
                    t = at[y], at[y] = at[p - j0], at[p - j0] = t;
                }
            }
            pivot = sqrt(A[j * ld + j] - taken[j]);
            A[j * ld + j] = pivot;
            for (size_t i = 0; i < ldp; i++)
                row[i] = i > y && i < count ? A[(j0 + i) * ld + j] : 0;
            for (size_t z = 0; z < y; z++)
                s.weights[z] = -s.panel[z * ldp + y];
            gram->sum(s.panel, ldp, y, count, s.weights, row);
            row[y] = pivot;
            for (size_t i = y + 1; i < count; i++) {
                row[i] /= pivot;
                A[(j0 + i) * ld + j] = row[i];
                taken[j0 + i] += row[i] * row[i];
            }
        }
        if (next < k) {
            /* the part below the block, moved to the start of each row so that it is aligned */
            size_t rest = k - next, ldr = round8(rest);
            for (size_t y = 0; y < rows; y++) {
                memmove(s.panel + y * ldr, s.panel + y * ldp + rows, rest * sizeof *s.panel);
                memset(s.panel + y * ldr + rest, 0, (ldr - rest) * sizeof *s.panel);
            }
            subtract_gram(&s, s.panel, ldr, rows, rest, A + next * ld + next, ld, team);
        }
    }
    *rank = k;
    return 0;
}

/* Eight rows at a time, whose entries of a column are neighbours in the other triangle. */
void mx_mirror_lower(size_t k, double *A, size_t ld)
{
    for (size_t i0 = 0; i0 < k; i0 += 8)
        for (size_t j = 0, end = smaller(i0 + 8, k); j < end; j++)
            for (size_t i = j < i0 ? i0 : j + 1; i < end; i++)
                A[j * ld + i] = A[i * ld + j];
}

void mx_mirror_upper(size_t k, double *A, size_t ld)
{
    for (size_t i0 = 0; i0 < k; i0 += 8)
        for (size_t j = 0, end = smaller(i0 + 8, k); j < end; j++)
            for (size_t i = j < i0 ? i0 : j + 1; i < end; i++)
                A[i * ld + j] = A[j * ld + i];
}

double mx_dot(size_t count, const double *a, const double *b)
{
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        for (size_t l = 0; l < 8; l++)
            sum[l] += a[i + l] * b[i + l];
    }
    for (size_t l = 0; i < count; i++, l++)
        sum[l] += a[i] * b[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void mx_solve_lower(size_t k, const double *L, size_t ld, double *b)
{
    for (size_t i = 0; i < k; i++)
        b[i] = (b[i] - mx_dot(i, L + i * ld, b)) / L[i * ld + i];
}

void mx_solve_lower_transposed(size_t k, const double *L, size_t ld, double *b)
{
    for (size_t i = k; i-- > 0;) {
        const double *row = L + i * ld;
        double x = b[i] / row[i];
        b[i] = x;
        for (size_t j = 0; j < i; j++)
            b[j] -= x * row[j];
    }
}

void mx_cholesky_solve(size_t k, const double *L, size_t ld, double *b)
{
    mx_solve_lower(k, L, ld, b);
    mx_solve_lower_transposed(k, L, ld, b);
}

/* With M = L^-1, row x of which is (e_x - sum_{z < x} L_xz M_z) / L_xx, the inverse is the Gram matrix sum_x M_x M_x^T; of
 * the first rows of M only the first columns are not zero. Blocks of rows and ranges of columns keep the work in cache. */
void mx_cholesky_inverse(size_t k, const double *L, size_t ld, double *inverse, size_t ldi, double *work)
{
    const mx_gram *gram = mx_gram_get();
    size_t ldm = round8(k);
    double *M = work, *scratch = work + k * ldm, weights[BLOCK];

    memset(M, 0, k * ldm * sizeof *M);
    for (size_t x0 = 0; x0 < k; x0 += BLOCK) {
        size_t rows = smaller(BLOCK, k - x0);
        for (size_t x = x0; x < x0 + rows; x++)
            M[x * ldm + x] = 1;
        for (size_t c = 0; c < x0 + rows; c += RANGE) {
            size_t end = smaller(c + RANGE, x0 + rows);
            for (size_t z0 = c / BLOCK * BLOCK; z0 < x0; z0 += BLOCK) { /* rows before z0 are zero from column c on */
                for (size_t x = x0; x < x0 + rows; x++) {
                    for (size_t z = 0; z < BLOCK; z++)
                        weights[z] = -L[x * ld + z0 + z];
                    gram->sum(M + z0 * ldm + c, ldm, BLOCK, end - c, weights, M + x * ldm + c);
                }
            }
            solve_panel(gram, L + x0 * ld + x0, ld, rows, M + x0 * ldm, ldm, c, end);
        }
    }
    for (size_t x = 0; x < k; x++)
        memset(inverse + x * ldi, 0, (x + 1) * sizeof *inverse);
    for (size_t y = 0; y < BLOCK; y++)
        weights[y] = 1;
    for (size_t x = 0; x < k; x += BLOCK) {
        size_t rows = smaller(BLOCK, k - x);
        gram->gram(M + x * ldm, ldm, rows, x + rows, weights, inverse, ldi, scratch);
    }
}

size_t mx_cholesky_inverse_work(size_t k)
{
    return k * round8(k) + mx_gram_scratch(k);
}
