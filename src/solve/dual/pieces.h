/* The pieces of the dual that are not the log partition: what slack in the facts adds to it.
 *
 *     E[u] = target             target z
 *     lower <= E[u] <= upper    upper z for z > 0, lower z for z < 0   (an infinite bound forbids that sign)
 *     E[u] = target +- sd       target z + sd^2 z^2 / 2
 */
#ifndef MX_PIECES_H
#define MX_PIECES_H

#include "solve/dual/view.h"

typedef struct mx_piece {
    mx_kind kind;
    double lower, upper; /* box; equality and soft: the target, both */
    double sd;           /* soft */
} mx_piece;

/* A coordinate that carries no fact, where none is boxed on any side. */
static inline int mx_piece_watched(const mx_piece *piece)
{
    return piece->kind == MX_KIND_BOX || piece->kind == MX_KIND_WATCH;
}

/* The sum of the pieces at z: [r]. */
double mx_pieces_value(size_t r, const mx_piece *piece, const double *z);

/* slope: [r], the derivative of the whole dual, -mean + pieces, of least absolute value where z_j = 0 makes a choice:
 * zero exactly when the fact is met. */
void mx_pieces_slope(size_t r, const mx_piece *piece, const double *z, const double *mean, double *slope);

/* Minimises the quadratic model of the whole dual
 *
 *     -mean . d + d' H d / 2 + pieces(z + d)
 *
 * exactly, by a primal active-set method on the signs of the boxed coordinates. covariance: [r * r], not changed.
 * d: [r]. work: mx_direction_work(r, threads) doubles, aligned to 64 bytes. Returns the least relative pivot met, the measure
 * of how well determined the step is (0: H is singular to rounding; d then comes from a slightly regularised H). */
double mx_direction(size_t r, const mx_piece *piece, const double *z, const double *mean, const double *covariance, int threads,
                    double *d, double *work);
size_t mx_direction_work(size_t r, int threads);

#endif
