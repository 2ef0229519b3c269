/* Where to look first: each axis cut at what its features show, near where single facts would put the mass. */
#ifndef MX_REGION_H
#define MX_REGION_H

#include "solve/cells/grid.h"

#define TURNED_REACH 10.0 /* of the cells of a turned grid, in standard deviations: a normal has 1e-23 beyond */

#define MX_DEEPEST (-690.0) /* log of the least distance of nodes from a singular point */

typedef struct mx_outskirts {
    double reach[2];       /* how far the roots go on the left, the right, from the outermost center (t); of an infinite end */
    double width[2];       /* of the next span beyond, in log t */
    int open[2];           /* 1: the end is infinite */
    double center[2];
} mx_outskirts;

/* Root spans of every axis, and the cells. fact: [k] whose targets are hints; hint: [hints][variables] more of them. outskirts: [axes].
 * Errors: MEMORY, LIMIT. */
maxent_error mx_region_start(mx_grid *grid, const mx_fact *fact, const double *hint, size_t hints, mx_outskirts *outskirts,
                             maxent_diagnostic *diagnostic);

/* The same for a turned grid, whose p has mean 0 and width 1 along every axis. Errors: MEMORY. */
maxent_error mx_region_turned(mx_grid *grid, mx_outskirts *outskirts);

/* One more root span beyond the left (side 0) or right end of axis a, with its cells. *grown: 0 when features leave the range of doubles
 * (beyond `most` in absolute value) there or the end of the axis is reached. Errors: MEMORY. */
maxent_error mx_region_extend(mx_grid *grid, size_t a, int side, double most, mx_outskirts *outskirts, int *grown);

#endif
