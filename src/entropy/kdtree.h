/* A k-d tree: nearest neighbours and counts within a distance, for points in a few dimensions. */
#ifndef MX_KDTREE_H
#define MX_KDTREE_H

#include <stddef.h>
#include <stdint.h>

typedef enum mx_metric {
    MX_METRIC_MAX,      /* the largest difference of a coordinate */
    MX_METRIC_EUCLIDEAN /* distances are squared everywhere below */
} mx_metric;

typedef struct mx_kdtree mx_kdtree;

/* x: [n * d] row-major, finite, copied. n >= 1, d >= 1. NULL: no memory. */
mx_kdtree *mx_kdtree_new(size_t n, size_t d, const double *x, mx_metric metric);

/* The points are in leaves, at most MX_LEAF_POINTS in each, neighbours together. */
enum { MX_LEAF_POINTS = 32, MX_FEW_NEIGHBOURS = 16 };
size_t mx_kdtree_leaves(const mx_kdtree *tree);

/* For every point of a leaf its k nearest other points. Returns how many points the leaf has; point: [MX_LEAF_POINTS] their numbers;
 * distance, index: [MX_LEAF_POINTS][k], for each the k nearest, the farthest of them last; of points at the same distance which ones is
 * not specified, the distances are. index may be NULL, which is faster, when k <= MX_FEW_NEIGHBOURS. 1 <= k < n.
 * room: [MX_LEAF_POINTS * d]. */
size_t mx_kdtree_nearest(const mx_kdtree *tree, size_t leaf, size_t k, double *room, size_t *point, double *distance, size_t *index);

/* For every point i of a leaf how many points, itself among them, are at a distance < radius[i]. Returns how many points the leaf has;
 * point, room: as above; count: [MX_LEAF_POINTS]. radius: [n]. */
size_t mx_kdtree_count(const mx_kdtree *tree, size_t leaf, const double *radius, double *room, size_t *point, size_t *count);

void mx_kdtree_free(mx_kdtree *tree); /* NULL is accepted */

#endif
