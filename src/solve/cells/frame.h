/* Coordinates in which p has mean 0 and covariance 1, for real variables on all of the line: x = centre + by u. The cells of a grid lie
 * along axes, and a p whose variables hang together lies along none of them until they are turned. */
#ifndef MX_FRAME_H
#define MX_FRAME_H

#include "solve/cells/grid.h"

/* 1: the grid may be turned: two axes or more, all of them real lines open at both ends, and nothing bends or jumps on them. */
int mx_frame_fits(const mx_grid *grid);

/* by of a frame, from covariance = by by^T, by lower triangular; its centre stays. 0: not positive definite. */
int mx_frame_set(mx_frame *frame, size_t axes, double covariance[MX_AXES][MX_AXES]);

/* The frame that the facts tell: equalities from which every E[x] and E[x y] follow. 1: *frame is set, 0: they tell none, -1: no memory. */
int mx_frame_from_facts(const mx_grid *grid, const mx_fact *fact, mx_frame *frame);

/* The frame of the weights p on the nodes, [nodes->n] of sum 1. Returns 1, or 0 when p has no width in some direction. */
int mx_frame_from_nodes(const mx_grid *grid, const mx_nodes *nodes, const double *p, mx_frame *frame);

/* Along axes with an infinite end: the mean and the standard deviation under p, or for a half line the mean distance from its end. */
void mx_frame_widths(const mx_grid *grid, const mx_nodes *nodes, const double *p, double *centre, double *scale);
/* The same from facts. 1: they tell it for all such axes, 0: not, -1: no memory. */
int mx_frame_told_widths(const mx_grid *grid, const mx_fact *fact, double *centre, double *scale);

#endif
