/* Kernels: the inner loops of the dual over a block of states in cache.
 *
 * With multipliers mu and u_xi = (f_xi - center_i) scale_i:
 *
 *     s_x = log q_x - sum_i mu_i u_xi,    w_x = exp(s_x - shift),    Z = sum_x w_x,
 *     G_i = sum_x w_x u_xi,               H_ij = sum_x w_x u_xi u_xj.
 *
 * A panel holds u for m states: row-major [m][ld] doubles, 64-byte aligned, ld = k rounded up to a multiple of 8, columns
 * k .. ld-1 zero. Everything is a plain loop of one thread with a fixed order of summation: the same arguments give the same
 * bits on the same processor. No function allocates or fails; m = 0 and k = 0 are allowed.
 */
#ifndef MX_KERNELS_H
#define MX_KERNELS_H

#include "base/gram.h"

/* Features as they stand in memory: the row of state x begins at x * stride doubles, or bytes. */
typedef struct mx_rows {
    const void *at;
    size_t stride;
    int bytes; /* 1: signed char; 0: double */
} mx_rows;

typedef struct mx_kernels {
    const char *name; /* "portable", "avx2", "avx512" */

    /* panel[x][i] = (F[x * state_stride + i * feature_stride] - center[i]) * scale[i]. Fast when either stride is 1. */
    void (*load_f64)(const double *F, size_t state_stride, size_t feature_stride, size_t m, size_t k, const double *center,
                     const double *scale, double *panel, size_t ld);
    /* The same from row-major [m][k] bytes. */
    void (*load_i8)(const signed char *F, size_t m, size_t k, const double *center, const double *scale, double *panel,
                    size_t ld);

    int (*finite)(const double *v, size_t count);  /* 1: no infinity and no NaN among them; 1 for count = 0 */
    double (*max)(const double *s, size_t m);      /* -inf for m = 0; NaNs are passed over */

    /* s[x] -= sum_i u_xi mu_i; s is preset by the caller. mu: [k]. The bits of s[x] depend on row x and mu alone. */
    void (*score)(const double *panel, size_t ld, size_t m, size_t k, const double *mu, double *s);

    /* s[x] = exp(s[x] - shift); returns their sum. Within 1 ulp; denormals as they should be; exp(-inf) = 0; NaN stays. */
    double (*exp_sum)(double *s, size_t m, double shift);

    /* G[i] += sum_x w[x] u_xi. G: [k]. */
    void (*gradient)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *G);

    /* H += sum_x w_x u_x u_x^T in the lower triangle, and by ranges of columns, and in single precision: see base/gram.h.
     * scratch: mx_gram_scratch(k) doubles, 64-byte aligned. */
    void (*gram)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch);
    void (*gram_range)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                       size_t c1, double *scratch);
    void (*gram_ahead)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                       double *scratch, const void *next, size_t bytes);
    void (*gram_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch);
    void (*gram_range_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                           size_t c1, double *scratch);
    void (*gram_ahead_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                           double *scratch, const void *next, size_t bytes);

    /* On features f as they stand, k >= 8; y = scale mu makes scores of them but for a constant.
     * s[x] -= sum_i f_xi y_i, as in `score`;  G[i] += sum_x w[x] f_xi: each also fetches half of as much again as lies behind the rows;
     * G[i] += sum_x w[x] f_xi, S[i] += sum_x w[x] f_xi^2;  G[i] += sum_x w[x] u_xi, S[i] += sum_x w[x] u_xi^2;
     * low and high: [k] widened to the values of f, and 0 returned when one of them is not finite. */
    void (*rows_score)(mx_rows rows, size_t m, size_t k, const double *y, double *s);
    void (*rows_sum)(mx_rows rows, size_t m, size_t k, const double *w, double *G);
    void (*rows_squares)(mx_rows rows, size_t m, size_t k, const double *w, double *G, double *S);
    void (*rows_moments)(mx_rows rows, size_t m, size_t k, const double *center, const double *scale, const double *w, double *G,
                         double *S);
    int (*rows_range)(mx_rows rows, size_t m, size_t k, double *low, double *high);
} mx_kernels;

/* The fastest variant that this processor runs. */
const mx_kernels *mx_kernels_get(void);

/* A variant by name, for tests; NULL when unknown or when this processor cannot run it. */
const mx_kernels *mx_kernels_find(const char *name);

/* States per block for k features: a multiple of 64, so that a panel and what is computed from it stay in cache. */
size_t mx_kernels_block(size_t k);

/* States that are worked on at a time when features are used as they stand: a divisor of mx_kernels_block. */
size_t mx_kernels_rows(size_t k);

extern const mx_kernels mx_kernels_portable;
#if defined(MX_VARIANTS_X86)
extern const mx_kernels mx_kernels_avx2;
extern const mx_kernels mx_kernels_avx512;
#endif

#endif
