/* Inner loops of descent by features, for an L1 penalty (proximal_large.c).
 *
 * Rows of probabilities and of residuals are told by their first C - 1 classes, and moves delta of the weights of a feature relative to
 * that of the last class: p_last is one minus the others, and adding a number to the scores of all classes changes nothing.
 *
 * Two ways to follow a move of the weights of feature j by delta. The probabilities themselves:
 *
 *     p_ec := p_ec exp(x_ej delta_c) / m_e,     m_e = 1 + sum_b p_eb (exp(x_ej delta_b) - 1);     the loss changes by sum_e w_e log m_e
 *                                                                                               less delta . sum_e t_e x_ej (labels)
 * or the quadratic model around fixed probabilities, whose slope along feature j is sum_e x_ej t_e:
 *
 *     t_e = w_e (diag p_e - p_e p_e') u_e,     u_e = sum_j delta_j x_ej:     t_ec += w_e x_ej p_ec (delta_c - sum_b p_eb delta_b)
 *
 * With two classes (lanes = 1) a row is the one number of class 1.
 */
#ifndef MX_SWEEP_H
#define MX_SWEEP_H

#include <stddef.h>
#include <stdint.h>

typedef struct mx_sweep {
    const size_t *column;  /* [m + 1] where each feature starts */
    const uint32_t *event; /* [nnz] events that have it, */
    const float *value;    /* [nnz] and its values; NULL: 1 */
    const float *weight;   /* [n] weights of events; NULL: 1 */
    size_t n, lanes;       /* lanes: C - 1 rounded up to 16; 1 with two classes */
    float *p, *t;          /* [n][lanes] */
} mx_sweep;

/* Some of the features, by event. */
typedef struct mx_rows {
    const size_t *row;     /* [n + 1] */
    const uint32_t *index; /* [row[n]] */
    const float *value;    /* [row[n]]; NULL: 1 */
} mx_rows;

/* A feature is j < m, or SIZE_MAX for the intercept: all events, value 1. Vectors [lanes] are aligned to 64 bytes. */
typedef struct mx_sweep_kernels {
    const char *name;
    /* out := sum_e x_ej from_e, times weight[e] unless that is NULL */
    void (*slope)(const mx_sweep *s, const float *from, const float *weight, size_t j, float *out);
    void (*shift)(const mx_sweep *s, size_t j, const float *delta); /* t follows a move */
    /* p follows a move; returns sum_e w_e log m_e. power: [lanes] space */
    double (*follow)(const mx_sweep *s, size_t j, const float *delta, float *power);
    /* out [kept][lanes] := sum_e w_e x_ej^2 (diag p_e - p_e p_e'), kept: C - 1 */
    void (*block)(const mx_sweep *s, size_t j, size_t kept, float *out);
    /* out [features of rows][lanes] += what the events first .. end-1 give to the Hessian times v; bias, out_bias: [lanes] the
     * intercept's part, or NULL; u: [lanes] space */
    void (*curve)(const mx_sweep *s, const mx_rows *rows, size_t first, size_t end, const float *v, const float *bias, float *out,
                  float *out_bias, float *u);
    void (*add)(size_t count, const float *from, float by, float *to); /* to += by from; count: a multiple of 16, both aligned */
} mx_sweep_kernels;

const mx_sweep_kernels *mx_sweep_kernels_get(void);
const mx_sweep_kernels *mx_sweep_kernels_find(const char *name); /* for tests */
extern const mx_sweep_kernels mx_sweep_portable, mx_sweep_avx2, mx_sweep_avx512;

#endif
