/* A limited-memory BFGS recursion: the difference of a Hessian from a matrix that is known, learnt from steps and changes of the slope
 * [1, algorithm 7.4].
 *
 * [1] J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006.
 */
#ifndef MX_PAIRS_H
#define MX_PAIRS_H

#include <stddef.h>

typedef struct mx_pairs {
    size_t r, count, next;
    double *s, *y;   /* [most][r] steps, and changes of the slope */
    double *inverse; /* [most] 1 / s . y */
    double *alpha;   /* [most] */
} mx_pairs;

/* Doubles of memory, and pairs in it. */
size_t mx_pairs_size(size_t r);
mx_pairs mx_pairs_in(double *memory, size_t r);

/* The pair of length * step and slope - before, if there is curvature in it. */
void mx_pairs_remember(mx_pairs *p, const double *step, double length, const double *slope, const double *before);

/* d: [r] := B^-1 d, in two parts, between which the caller multiplies d by the inverse of the matrix that is known. */
void mx_pairs_down(mx_pairs *p, double *d);
void mx_pairs_up(const mx_pairs *p, double *d);

/* The place of the last one; there must be one. */
size_t mx_pairs_last(const mx_pairs *p);

#endif
