/* What boxes.c and boxes_tile.c share. */
#ifndef MX_BOXES_INSIDE_H
#define MX_BOXES_INSIDE_H

#include "distribution/boxes.h"
#include "problem/problem.h"
#include "solve/continuous/density.h"

enum { MX_BOXES_DIMENSIONS = 3, MX_BOXES_BATCH = 256 };

typedef struct mx_box {
    double low[MX_BOXES_DIMENSIONS], high[MX_BOXES_DIMENSIONS]; /* WHOLE: both belong to it */
    double top, mean;    /* log of the bound, and of the mean on the grid */
    double waste;        /* (bound - mean) volume; infinite: has to be halved */
    int singular;        /* p grows towards a side */
    size_t across;       /* the direction in which it varies most */
    size_t root;         /* combination of listed values */
    size_t first, count; /* nodes in it: order[first ..] */
} mx_box;

struct mx_boxes {
    const maxent_result *result;
    const mx_support *support;
    size_t variables, d;           /* d: of them that run */
    size_t axis[MX_BOXES_DIMENSIONS]; /* which */
    double mean[MX_BOXES_DIMENSIONS], factor[MX_BOXES_DIMENSIONS][MX_BOXES_DIMENSIONS]; /* x = mean + factor z */
    double *held;                  /* [roots][variables] listed values */
    size_t roots;
    mx_box *all;
    size_t count, room;
    double *z;                     /* [nodes][d], while the tiling is built */
    size_t *order;                 /* [nodes], those of a box together */
    double *x, *logp;              /* [variables][BATCH], [BATCH]: points on their way */
    const double **column;         /* [variables] */
    double *ready;                 /* [BATCH][variables] points that were taken */
    size_t waiting;
};

int mx_boxes_whole(const mx_boxes *boxes, size_t i);              /* is direction i WHOLE? */
double mx_boxes_volume(const mx_boxes *boxes, const mx_box *box);
double mx_boxes_node_mass(const mx_boxes *boxes, size_t node);
/* Point j of the batch becomes that at `part` in [0, 1]^d of a box. */
void mx_boxes_put(mx_boxes *boxes, const mx_box *box, const double *part, size_t j);
/* The length of side i. */
double mx_boxes_side(const mx_boxes *boxes, const mx_box *box, size_t i);
maxent_error mx_boxes_ask(mx_boxes *boxes, size_t n);             /* logp of the first n points of the batch */

/* boxes_tile.c: from the root boxes to all, with their bounds. */
maxent_error mx_boxes_tile(mx_boxes *boxes);

#endif
