/* Which states can have probability at all, decided in double-double.
 *
 * With u_x the coordinates of state x, centred on the targets, the facts can be met exactly when 0 lies in the convex hull of the
 * u_x. Either some p > 0 meets them (INTERIOR), or there is a direction d with d . u_x >= 0 for every x: with > for every x no
 * distribution exists (OUTSIDE); otherwise p must vanish wherever it is > (FACE), and can be positive wherever it is not.
 */
#ifndef MX_HULL_H
#define MX_HULL_H

#include "solve/dual/coordinates.h"

typedef enum mx_side { MX_INTERIOR, MX_FACE, MX_OUTSIDE, MX_UNDECIDED } mx_side;

typedef struct mx_hull {
    mx_side side;
    unsigned char *keep;   /* [n] FACE: 1 for the states that can have probability */
    double *direction;     /* [k] FACE, OUTSIDE: d on the scaled columns of the view */
    double margin;         /* OUTSIDE: min_x d . u_x; FACE: the least over the states that are ruled out */
    unsigned char *pinned; /* [k] FACE: 1, 2 where a box fact can only be met at its lower, upper bound */
} mx_hull;

/* limit: major steps before UNDECIDED. Errors: MEMORY. To be closed also after one. */
maxent_error mx_hull_open(const mx_view *view, const mx_coordinates *coordinates, size_t limit, mx_hull *hull);
void mx_hull_close(mx_hull *hull);

#endif
