/* Dual coordinate ascent: one event at a time, its block of dual variables solved exactly.
 *
 * The dual of  sum_e w_e loss_e + sum_j (l2_j/2) |W_j|^2  has a distribution alpha_e over the classes for every event:
 *
 *     D(alpha) = sum_e w_e (H(alpha_e) + sum_c (alpha_ec - y_ec) o_ec) - sum_j (l2_j/2) |W_j(alpha)|^2
 *     W_j(alpha) = (1/l2_j) sum_e w_e (y_e - alpha_e) x_ej
 *
 * With W kept up to date, the best alpha_e given all others solves, with scores z and q = w_e sum_j x_ej^2 / l2_j [1]
 *
 *     log alpha_c + q alpha_c = z_c + q alpha_old_c - mu,     sum_c alpha_c = 1
 *
 * From p = softmax z, Newton's method in log alpha and mu together takes two or three steps, of an exponential for each class. Where p
 * is too far for it, it is one equation in mu: alpha_c = omega(z_c + q alpha_old_c - mu + log q) / q is decreasing and convex in mu, so
 * that Newton's method cannot fail. Because the sums over the classes of y and alpha agree, sum_c W_jc = 0 and the last class is not
 * stored.
 * With two classes one number and one vector are kept, in the parametrisation of the public header.
 *
 * Everything is in single precision but the two-class alpha: an error in W moves the fixed point to the optimum for prior means off by
 * that error, which costs the objective its square.
 *
 * [1] H.-F. Yu, F.-L. Huang, C.-J. Lin, Dual coordinate descent methods for logistic regression and maximum entropy models,
 *     Machine Learning 85 (2011) 41.
 */
#ifndef MX_ASCENT_H
#define MX_ASCENT_H

#include "model/events/events.h"

#define MX_ASCENT_CLASSES 1024 /* at most */

typedef struct mx_ascent {
    const maxent_events *events;
    size_t lanes;        /* floats in a row of W: C - 1 rounded up to 16; 1 with two classes */
    float *W;            /* [m][lanes] */
    float *bias;         /* [lanes] intercepts */
    float bias_inverse;  /* 1 / strength of the intercepts; 0: there are none */
    float inverse;       /* 1 / l2, or */
    float *inverses;     /* [m] 1 / l2_j; NULL: all the same */
    float *alpha;        /* [n][C] with three classes or more, */
    double *two;         /* [n] with two: that of class 1 */
    float *q;            /* [n] w_e sum_j x_ej^2 / l2_j, intercept included */
    const float *weight; /* [n] w_e; NULL: 1 */
    const float *score;  /* [n][C] scores to start from (offsets, prior means); NULL: 0 */
    float level[256];    /* the events' */
    unsigned char *calm; /* [n] how often in a row the event's part of the gap was small */
    float small;         /* what counts as small */
} mx_ascent;

typedef struct mx_ascent_kernels {
    const char *name;
    /* Visits the events of visit[count]; returns the sum over them of w_e KL(alpha_e || p_e) before their update, nearly. */
    double (*pass)(mx_ascent *ascent, const uint32_t *visit, size_t count);
} mx_ascent_kernels;

const mx_ascent_kernels *mx_ascent_kernels_get(void);
const mx_ascent_kernels *mx_ascent_kernels_find(const char *name); /* for tests */
extern const mx_ascent_kernels mx_ascent_portable, mx_ascent_avx2, mx_ascent_avx512;

#endif
