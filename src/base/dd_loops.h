/* Loops over arrays of double-doubles: what orthogonalising, weighing and judging do for every state or node.
 *
 * Numbers are kept as an array of high and one of low parts. Operations are those of dd.h; sums are made in 16 partial sums, the lanes of
 * vectors, which are added crosswise at the end, in the same order whatever the processor: the bits do not depend on the variant.
 * n = 0 is allowed, no function allocates or fails. Where a stride is named, element x is at x * stride.
 */
#ifndef MX_DD_LOOPS_H
#define MX_DD_LOOPS_H

#include "base/dd.h"
#include "base/gram.h"

typedef struct mx_dd_loops {
    const char *name; /* "portable", "avx2", "avx512" */

    /* sum_x w_x a_x; w NULL: 1, a NULL: 1. Where w_x is 0, a_x may be anything. */
    mx_dd (*total)(size_t n, const double *w, const double *a);

    /* sum_x w_x (a_x - centre); w NULL: 1. Where w_x is 0, a_x may be anything. */
    mx_dd (*sum)(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd centre);

    /* out[x] = a_x - mean in doubles, 0 where w_x is 0; returns sum_x w_x out_x^2. out may be NULL. */
    double (*deviation)(size_t n, const double *w, const double *hi, const double *lo, size_t stride, mx_dd mean, double *out);

    /* sum_x w_x a_x b_x; w NULL: 1. */
    mx_dd (*product)(size_t n, const double *w, const double *a_hi, const double *a_lo, const double *b_hi, const double *b_lo);

    /* a_x += by, what is not finite stays;  a_x *= by;  a_x -= by b_x. */
    void (*shift)(size_t n, mx_dd by, double *hi, double *lo);
    void (*scale)(size_t n, mx_dd by, double *hi, double *lo);
    void (*take)(size_t n, mx_dd by, const double *b_hi, const double *b_lo, double *hi, double *lo);

    /* s_x -= sum_i mu_i (f_xi - centre_i) over mu_i != 0, or -inf where that is not finite; f_xi is at x * step + i * stride. */
    void (*score)(size_t n, size_t k, const mx_dd *mu, const double *centre, const double *hi, const double *lo, size_t step,
                  size_t stride, double *s_hi, double *s_lo);

    /* The functions of dd.h, with their bits; in place allowed. */
    void (*exp)(size_t n, const double *a_hi, const double *a_lo, double *hi, double *lo);
    void (*log)(size_t n, const double *a_hi, const double *a_lo, double *hi, double *lo);
    void (*sin)(size_t n, const double *a_hi, const double *a_lo, double *hi, double *lo);
    void (*cos)(size_t n, const double *a_hi, const double *a_lo, double *hi, double *lo);
} mx_dd_loops;

/* The fastest variant that this processor runs. */
const mx_dd_loops *mx_dd_loops_get(void);

/* A variant by name, for tests; NULL when unknown or when this processor cannot run it. */
const mx_dd_loops *mx_dd_loops_find(const char *name);

extern const mx_dd_loops mx_dd_loops_portable;
#if defined(MX_VARIANTS_X86)
extern const mx_dd_loops mx_dd_loops_avx2;
extern const mx_dd_loops mx_dd_loops_avx512;
#endif

#endif
