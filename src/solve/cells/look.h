/* Features and the prior at random points about a place, counted from their values there. */
#ifndef MX_LOOK_H
#define MX_LOOK_H

#include "solve/cells/grid.h"

enum { MX_LOOK_MOST = 64 };

typedef struct mx_look {
    size_t n, k;           /* points, facts */
    size_t fact[MX_LOOK_MOST];
    double lower[MX_LOOK_MOST], upper[MX_LOOK_MOST]; /* their bounds, less the value of the feature at the place */
    double *at;            /* [axes][n] points, counted from the place, in units of the frame */
    double *column;        /* [k][n] features, less their values at the place */
    double *norm;          /* [k] */
    double *logq;          /* [n] log prior, less its value at the place; NaN: not told */
} mx_look;

/* The facts looked at, and space for n points. Returns 1, 0: no facts, -1: no memory. To be freed: look->at. */
int mx_look_open(const mx_grid *grid, size_t n, mx_look *look);

/* Points centre + by u, u in -1 .. 1 along every axis of the frame, and what features are there; listed variables have their first values.
 * Returns 0, -1: no memory. */
int mx_look_at(const mx_grid *grid, const mx_fact *fact, const mx_frame *frame, mx_look *look);

#endif
