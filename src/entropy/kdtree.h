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

/* The points in an order in which neighbours follow each other; a permutation [n] of 0..n-1, owned by the tree. */
const size_t *mx_kdtree_order(const mx_kdtree *tree);

/* The k nearest points to q[d] other than point `self` (SIZE_MAX: none left out). distance, index: [k], nearest first; of points at
 * the same distance which ones is not specified, the distances are. 1 <= k < n. */
void mx_kdtree_nearest(const mx_kdtree *tree, const double *q, size_t self, size_t k, double *distance, size_t *index);

/* How many points are at a distance < radius from q[d] (closed = 0) or <= radius (closed = 1). */
size_t mx_kdtree_count(const mx_kdtree *tree, const double *q, double radius, int closed);

void mx_kdtree_free(mx_kdtree *tree); /* NULL is accepted */

#endif
