/* Small dense linear algebra: Cholesky factors of symmetric matrices and solves with them.
 *
 * Matrices are row-major, A[i * ld + j], ld >= k; of a symmetric matrix or a lower triangular factor only the lower triangle
 * (j <= i) is read or written. Nothing here allocates: functions that need space say how much. The bits of a result do not
 * depend on the number of threads. Not the same bits on every processor (see gram.h).
 */
#ifndef MX_DENSE_H
#define MX_DENSE_H

#include <stddef.h>

/* Doubles of work space, to be aligned to 64 bytes, for the two factorisations of k x k with at most this many threads. */
size_t mx_cholesky_work(size_t k, int threads);

/* A = L L^T; L takes the place of A. threads: used from k = 500 on. Returns 0, or -1 when A is not positive definite as far as
 * rounding lets us see, or has an entry that is not finite: A is then spoiled. k = 0 is fine. */
int mx_cholesky(size_t k, double *A, size_t ld, int threads, double *work);

/* A_{p_i p_j} = (L L^T)_{ij} for a semi-definite A, p = order: [k] out. Each pivot is the row whose remaining variance is the
 * largest part of its original A_ii (on equal terms the first), and the process ends when that part is at most `tolerance`
 * (1e-12, say; 0 stops at zeros only). *rank: rows taken; columns below *rank of A then hold L, rows in the new order, and
 * the rest of the lower triangle is spoiled. Returns 0, or -1 when an entry is not finite or an A_ii is negative. */
int mx_cholesky_pivoted(size_t k, double *A, size_t ld, double tolerance, int threads, size_t *order, size_t *rank,
                        double *work);

/* b := L^-1 b and b := L^-T b, [k]. The diagonal of L must not be zero. */
void mx_solve_lower(size_t k, const double *L, size_t ld, double *b);
void mx_solve_lower_transposed(size_t k, const double *L, size_t ld, double *b);

/* b := (L L^T)^-1 b, [k]. */
void mx_cholesky_solve(size_t k, const double *L, size_t ld, double *b);

/* The lower triangle of inverse := (L L^T)^-1, row-major [k][ldi]; inverse and L do not overlap. work:
 * mx_cholesky_inverse_work(k) doubles, aligned to 64 bytes. */
size_t mx_cholesky_inverse_work(size_t k);
void mx_cholesky_inverse(size_t k, const double *L, size_t ld, double *inverse, size_t ldi, double *work);

/* A_ji := A_ij for j < i, and the other way round: one triangle becomes the other's mirror image. */
void mx_mirror_lower(size_t k, double *A, size_t ld);
void mx_mirror_upper(size_t k, double *A, size_t ld);

/* sum_i a_i b_i in eight interleaved sums: always added in the same order. */
double mx_dot(size_t count, const double *a, const double *b);

#endif
