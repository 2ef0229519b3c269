/* The normal law of largest entropy that facts about quadratic polynomials allow. */
#ifndef MX_NORMAL_H
#define MX_NORMAL_H

#include "solve/cells/frame.h"

typedef enum mx_normal {
    MX_NORMAL_NONE,  /* no such facts, or they bound no normal law, or none meets them */
    MX_NORMAL_PART,  /* there are other facts or a prior too, so that it is a guess */
    MX_NORMAL_ALL    /* on all of the line it is the answer */
} mx_normal;

/* Its mean and covariance in *frame, which has a first guess of both, and its multipliers, [k]; both as they were where there is none.
 * Returns a mx_normal, or -1: no memory. */
int mx_normal_from_facts(const mx_grid *grid, const mx_fact *fact, mx_frame *frame, double *lambda);

#endif
