/* The inner loops of the k-d tree: distances between the points of a leaf, a point, and boxes. */
#ifndef MX_SCAN_H
#define MX_SCAN_H

#include "base/gram.h" /* MX_VARIANTS_X86, mx_variant_runs */
#include "entropy/kdtree.h"

enum { MX_SCAN_LEAF = MX_LEAF_POINTS }; /* points of a leaf, at most the bits of an unsigned; 8 and 16 were slower */

/* For one metric: Euclidean (distances squared) or the largest difference of a coordinate. The same bits in every variant. */
typedef struct mx_scan {
    /* x: [d][MX_SCAN_LEAF] coordinates. out: [MX_SCAN_LEAF] distances from q[d]. Returns the set of points nearer than bound, bit i for
     * point i; when it is empty, out need not be complete. */
    unsigned (*leaf)(const double *x, size_t d, const double *q, double bound, double *out);
    /* x: as above. box: [2][d] lowest and highest coordinates. bound: [MX_SCAN_LEAF]. Returns the set of points nearer to the box than
     * their bound; a point inside is at 0. */
    unsigned (*group)(const double *x, size_t d, const double *box, const double *bound);
    /* The same, and *whole: the set of points from which all of the box is nearer than their bound. */
    unsigned (*cover)(const double *x, size_t d, const double *box, const double *bound, unsigned *whole);
} mx_scan;

extern const mx_scan mx_scan_portable[2]; /* [0]: largest difference, [1]: Euclidean */
#if defined(MX_VARIANTS_X86)
extern const mx_scan mx_scan_avx2[2];
extern const mx_scan mx_scan_avx512[2];
#endif

#endif
