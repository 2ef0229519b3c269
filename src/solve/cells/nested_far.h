/* Rules for lines of nested grids on which p falls slowly: p = (1 + x^2 + y^2)^-1.3 has 1e-10 of its mass beyond 1e16.
 *
 * What falls like a power is smooth in the logarithm of the distance, so nodes are at equal steps of it, as far out as there is mass, and
 * die out doubly exponentially towards a finite end [1, of nested.h]: with s = u - exp(-u),
 *
 *     half line    x = end + scale exp(s),  u to log(far / scale)
 *     line         x = centre + scale sinh(u)
 *     between      x = end + length / (1 + exp(-v)),  v = u + exp(u - A) - exp(-u - A),  A = log(length / scale)
 *
 * scale: no more than the distance over which anything changes near the ends of pieces.
 */
#ifndef MX_NESTED_FAR_H
#define MX_NESTED_FAR_H

#include "solve/cells/grid.h"

#include <math.h>

enum { MX_FAR_MOST = 4096 };

typedef struct mx_far_node {
    double off, logw;    /* from an end or the centre; log of the weight */
    signed char end;     /* -1: from the left end, 1: from the right one, 0: from the centre */
    unsigned char edge;  /* 1: the outermost towards an infinite end */
} mx_far_node;

static inline int mx_nested_is_far(const mx_grid *grid, size_t a)
{
    return grid->nested.heavy && (isinf(grid->axis[a].lower) || isinf(grid->axis[a].upper));
}

/* The nodes of a piece left .. right of axis a, [MX_FAR_MOST]; steps: of a rule of so many nodes for an ordinary piece. Returns how many;
 * 0: more than there is room for. */
size_t mx_nested_far(const mx_nested *nested, size_t a, double left, double right, size_t steps, mx_far_node *node);

#endif
