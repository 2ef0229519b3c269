/* The inner loops of the k-d tree: distances to the points of a leaf and to the boxes of two children. */
#ifndef MX_SCAN_H
#define MX_SCAN_H

#include "base/gram.h" /* MX_VARIANTS_X86, mx_variant_runs */

enum { MX_SCAN_LEAF = 16 }; /* points of a leaf */

/* For one metric: Euclidean (distances squared) or the largest difference of a coordinate. The same bits in every variant. */
typedef struct mx_scan {
    /* x: [d][MX_SCAN_LEAF] coordinates. out: [MX_SCAN_LEAF] distances from q[d]. Returns the set of points nearer than bound, bit i for
     * point i; when it is empty, out need not be complete. */
    unsigned (*leaf)(const double *x, size_t d, const double *q, double bound, double *out);
    /* box: [d][4] lowest coordinates of the left and of the right child, then highest. near: [2] least distances from q, 0 inside. */
    void (*pair)(const double *box, size_t d, const double *q, double *near);
    /* The same, and far: [2] largest distances. */
    void (*reach)(const double *box, size_t d, const double *q, double *near, double *far);
} mx_scan;

extern const mx_scan mx_scan_portable[2]; /* [0]: largest difference, [1]: Euclidean */
#if defined(MX_VARIANTS_X86)
extern const mx_scan mx_scan_avx2[2];
extern const mx_scan mx_scan_avx512[2];
#endif

#endif
