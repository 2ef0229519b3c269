/* Lanes: how a pass over the states is shared out so that its sums have the same bits for any number of threads.
 *
 * The states are cut into lanes, whose number depends on n and r alone; each lane is a whole number of blocks, worked through in
 * order by one thread; what the lanes found is combined in index order by the caller.
 */
#ifndef MX_LANES_H
#define MX_LANES_H

#include "solve/dual/dual.h"
#include "solve/dual/kernels.h"

#include <math.h>
#include <stdint.h>

/* One thread's space. */
typedef struct mx_workspace {
    double *panel;  /* [block][ld] coordinates of a block */
    double *raw;    /* [block][r] features as a callback gives them */
    double *score;  /* [block] */
    double *gram;   /* scratch of the Hessian */
    double *gather; /* [block][ld] rows chosen for a Hessian, from one block or several; the panel, where features are as they stand; */
    double *chosen; /* [block] and their weights */
    size_t *index;  /* [block] numbers of states */
    size_t worker;  /* 0: the thread that asked for the pass */
} mx_workspace;

/* Work on one lane; non-zero: the problem's callback failed, or the time is over. */
typedef int (*mx_lane_body)(const mx_dual *dual, size_t lane, mx_workspace space, void *data);

/* Runs body for every lane, on dual->workers threads, and counts a pass. Errors: CALLBACK, STOPPED. */
maxent_error mx_lanes_run(mx_dual *dual, mx_lane_body body, void *data);

/* Sets block, lanes, workers and the strides; allocates nothing. */
void mx_lanes_plan(mx_dual *dual, int hessian);

/* The states first .. end-1 of a lane. */
void mx_lane_range(const mx_dual *dual, size_t lane, size_t *first, size_t *end);

/* The features of some states: as coordinates, or as they stand in memory (then u is NULL). */
typedef struct mx_block {
    const double *u; /* [m][ld] */
    mx_rows rows;    /* [m] */
    size_t first, m;
} mx_block;

/* Before every pass: what the scores of z need. z NULL: 0. */
void mx_lanes_aim(mx_dual *dual, const double *z);

/* The features of m states from `first` on; non-zero: the callback failed, or the time is over. */
int mx_lane_open(const mx_dual *dual, const mx_workspace *space, size_t first, size_t m, mx_block *block);

/* Their coordinates; loaded into space->panel where they are not at hand. */
const double *mx_lane_panel(const mx_dual *dual, const mx_workspace *space, const mx_block *block);

/* May the covariance be summed of the features as they stand too, in rows no wider than that? Then a gathered row holds them;
 * mx_lane_rows gives those of a block and how far apart they are, copied into space->panel where something has to lie behind the last;
 * and mx_lane_settle_square, before mx_lane_settle, makes sums of w u u^T, the lower triangle, of those of w f f^T. */
#define MX_LANE_NARROW 32
int mx_lane_as_they_stand(const mx_dual *dual);
void mx_lane_gather(const mx_dual *dual, const mx_block *block, size_t x, double *row);
const double *mx_lane_rows(const mx_dual *dual, const mx_workspace *space, const mx_block *block, size_t *stride);
void mx_lane_settle_square(const mx_dual *dual, double total, const double *G, double *H);

/* u: [ld] of state x of the block. */
void mx_lane_row(const mx_dual *dual, const mx_block *block, size_t x, double *u);

/* u: [ld] of state x of the support; non-zero: the callback failed. And the same announced, where it is known where it lies. */
int mx_lane_state(const mx_dual *dual, const mx_workspace *space, size_t x, double *u);
void mx_lane_fetch(const mx_dual *dual, size_t x);

/* s_x = log q_x - z . u_x; z NULL: 0. */
void mx_lane_scores(const mx_dual *dual, const mx_block *block, const double *z, double *s);

/* G: [r] gains sum w u, or sum w f where the features are used as they stand; mx_lane_settle makes the one of the other, once the
 * sum of all weights is known. */
void mx_lane_gradient(const mx_dual *dual, const mx_block *block, const double *w, double *G);
void mx_lane_settle(const mx_dual *dual, double total, double *G);

/* The same with S: [r], which gains sum w u^2 or sum w f^2. */
void mx_lane_squares(const mx_dual *dual, const mx_block *block, const double *w, double *G, double *S);
void mx_lane_settle_squares(const mx_dual *dual, double total, double *G, double *S);

/* G: [r] gains sum w u, S: [r] sum w u^2. */
void mx_lane_moments(const mx_dual *dual, const mx_block *block, const double *w, double *G, double *S);

/* States that a pass without Hessian works on at a time. */
size_t mx_lane_step(const mx_dual *dual);

/* *high + *low gains value, with Neumaier's compensation. */
static inline void mx_add_exactly(double *high, double *low, double value)
{
    double sum = *high + value;
    *low += fabs(*high) >= fabs(value) ? (*high - sum) + value : (value - sum) + *high;
    *high = sum;
}

/* A number in [0, 1) of number x, without pattern in the order of the states. */
static inline double mx_hashed(size_t x)
{
    uint64_t hash = ((uint64_t)x + 1) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
    return (double)(hash >> 32) * 0x1p-32;
}

static inline size_t mx_round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

#endif
