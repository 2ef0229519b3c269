/* Weighted sums of the rows of a panel, and of their outer products: the one place where k^2 work is done for every state.
 *
 *     G_i  += sum_x w_x u_xi
 *     H_ij += sum_x w_x u_xi u_xj,     i >= j: only the lower triangle of H is read or written; H is row-major, H[i * ldh + j].
 *
 * The panel is row-major [m][ld] doubles, 64-byte aligned, ld a multiple of 8 and at least k, columns k .. ld-1 zero.
 * `gram` and `gram_ahead` also take rows without padding, of any alignment and any ld <= 32: what vectors read of the next row counts
 * for nothing, and behind the last row there have to be 7 more numbers to read.
 * Each H_ij is one chain of fused multiply-adds per 128 states in the order of x, whatever tile it falls into: the bits do not
 * depend on how the columns are shared out. They do depend on the variant (that is, on the processor).
 */
#ifndef MX_GRAM_H
#define MX_GRAM_H

#include <stddef.h>

typedef struct mx_gram {
    const char *name; /* "portable", "avx2", "avx512" */

    /* G: [k]; w: [m], any sign. */
    void (*sum)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *G);

    /* scratch: mx_gram_scratch(k) doubles, 64-byte aligned. w: [m], any sign. Nothing else is written than H and scratch. */
    void (*gram)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch);

    /* The same for columns c0 <= j < c1 of the lower triangle only (and the rows i >= j in them); c0 a multiple of 8.
     * Ranges may be computed by different threads, each with its own scratch: together they give the bits of `gram`. */
    void (*gram_range)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                       size_t c1, double *scratch);

    /* gram, which also brings `bytes` bytes at `next` into the second-level cache while it computes: give it the features of
     * the next block when they are contiguous and come from memory. Any address is safe; nothing there is used. */
    void (*gram_ahead)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                       double *scratch, const void *next, size_t bytes);

    /* The same in single precision, added up in double every 128 states: relative to sqrt(H_ii H_jj) good to about 1e-6, at
     * twice the speed. Products w u beyond 3e38 become inf. */
    void (*gram_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, double *scratch);
    void (*gram_range_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh, size_t c0,
                           size_t c1, double *scratch);
    void (*gram_ahead_f32)(const double *panel, size_t ld, size_t m, size_t k, const double *w, double *H, size_t ldh,
                           double *scratch, const void *next, size_t bytes);
} mx_gram;

/* Doubles of scratch that any of the four functions needs. */
size_t mx_gram_scratch(size_t k);

/* The fastest variant that this processor runs. */
const mx_gram *mx_gram_get(void);

/* A variant by name, for tests; NULL when unknown or when this processor cannot run it. */
const mx_gram *mx_gram_find(const char *name);

/* The widest variant that the processor runs: a few loads, for inner loops. */
typedef enum mx_variant { MX_VARIANT_PORTABLE, MX_VARIANT_AVX2, MX_VARIANT_AVX512 } mx_variant;
mx_variant mx_variant_best(void);

/* Whether the processor runs the variant of this name; also used for other files that come in the same variants. */
int mx_variant_runs(const char *name);

extern const mx_gram mx_gram_portable;
#if defined(__x86_64__) && defined(__GNUC__)
#define MX_VARIANTS_X86 1
extern const mx_gram mx_gram_avx2;
extern const mx_gram mx_gram_avx512;
#endif

#endif
