/* The dual, the only place where Z is formed. In working coordinates u_x = (f_x - c) S (see coordinates.h),
 *
 *     F(z) = log sum_x q_x exp(-z . u_x),      -grad F = E_p[u],      Hess F = Cov_p(u),
 *
 * all from one pass over the features: blocks of states are loaded into cache, weighed, and added to sums.
 */
#ifndef MX_DUAL_H
#define MX_DUAL_H

#include "base/watch.h"
#include "problem/problem.h"

typedef enum mx_want {
    MX_WANT_VALUE = 0,
    MX_WANT_GRADIENT = 1,      /* value and mean */
    MX_WANT_DIAGONAL = 2,      /* and variances: covariance is [r] */
    MX_WANT_HESSIAN = 3        /* and covariance */
} mx_want;

/* Where the working coordinates come from: an explicit panel, or the problem's own storage centred and scaled on the fly. */
typedef struct mx_dual {
    size_t n;                      /* states */
    size_t r;                      /* coordinates */
    size_t ld;                     /* r rounded up to a multiple of 8 */
    const double *panel;           /* [n][ld] explicit coordinates, 64-byte aligned; or NULL */
    const maxent_problem *problem; /* when panel is NULL: u_xi = (f_xi - center_i) * scale_i, r = k */
    const double *center;          /* [r] */
    const double *scale;           /* [r] */
    int direct;                    /* 1: no center is so large beside its feature's deviations that f z may take the place of (f - c) z */
    const double *logq;            /* [n] log prior, -inf where it is zero; NULL: 0 */
    int threads;
    mx_watch *watch;               /* whose time it is, or NULL: a pass that outlasts it ends with STOPPED */
    double *scores;                /* [n] or NULL: where evaluations leave log q_x - z . u_x, for mx_dual_covariance */
    double *spare;                 /* [n] with it: scores at another point, or how they change along a step */
    double effective;              /* of the last evaluation: (sum w)^2 / sum w^2, the number of states that p rests on */
    size_t evaluations;            /* passes made */
    double *range;                 /* [2r] when not NULL: every evaluation also finds the least and largest u_xi, and */
    size_t bad_state, bad_feature; /* the first value that is not finite (SIZE_MAX: none) */
    size_t thin;                   /* when not 0: Hessians of evaluations are from one of so many blocks, chosen by a hash */
    int hessian;                   /* whether Hessians are asked for */
    size_t block;                  /* states a block */
    size_t rows;                   /* and states worked on at a time when the features are used as they stand */
    double *aim;                   /* [r] S z of this pass, and */
    double offset;                 /* c . S z: scores are log q - f . aim + offset */
    size_t lanes;                  /* independent sums, combined in order: see lanes.h; at most 16 */
    double *lane_sums;             /* [lanes][6 + 2r] */
    double *lane_squares;          /* [lanes - 1][r * r] when Hessians are asked for; lane 0 uses the caller's array */
    size_t lane_stride;
    double *scratch;               /* [workers][scratch_stride] */
    size_t scratch_stride;
    size_t workers;
    double *surveys;               /* [lanes][2 + 2r] */
} mx_dual;

/* Prepares the sums and scratch space for the fields n .. threads already set. hessian: whether Hessians will be asked for. */
maxent_error mx_dual_open(mx_dual *dual, int hessian);
void mx_dual_close(mx_dual *dual);

/* *value = F(z); mean: [r] E_p[u]; covariance: [r * r] row-major, both triangles (DIAGONAL: [r] variances). Not wanted: NULL.
 * z: [r], NULL: 0. Errors: CALLBACK; VALUE when `range` is asked for and a feature is not finite. */
maxent_error mx_dual_evaluate(mx_dual *dual, const double *z, mx_want want, double *value, double *mean, double *covariance);

/* covariance: [r * r] Cov[u] at the point of the last evaluation, where F was `value`, from about `states` of the states (n: from all
 * of weight), in single precision when `single`. Needs `scores`. Errors: CALLBACK. See covariance.c. */
maxent_error mx_dual_covariance(mx_dual *dual, double value, size_t states, int single, double *covariance);

/* Instead, a choice of at most `most` states: panel: [most][ld] their coordinates, logarithm: [most] of the weight that each counts;
 * *count: how many. Needs `scores` and `spare`, which is overwritten. Errors: CALLBACK. */
maxent_error mx_dual_sample(mx_dual *dual, double value, size_t most, double *panel, double *logarithm, size_t *count);

/* How many states, about, have a part in such a covariance from all of weight in single precision. */
size_t mx_dual_heavy(const mx_dual *dual, double value);

/* The scores s: [n] at one point and their change q: [n] along a step give F all along it without reading a feature: along: [3] becomes
 * F, F' and F'' at s + t q. */
void mx_dual_ray(mx_dual *dual, const double *s, const double *q, double t, double along[3]);

/* The most by which log p of a state has changed since the scores, now in `scores`, were `before`: [n], and F was less by `change`; of
 * states whose score is, or was but for that change, above `least`. */
double mx_dual_largest(const mx_dual *dual, const double *before, double change, double least);

/* Is some score, but for those of -inf, further below the largest than that? */
int mx_dual_beyond(const mx_dual *dual, double far);

/* p: [n] probabilities at z, normalised by their own sum. */
maxent_error mx_dual_probabilities(mx_dual *dual, const double *z, double *p);

/* What the judge needs, in one pass at z, whose F(z) = value is known: p: [n] = q exp(-z . u - value), their sum, moments under
 * p as they stand (mean: [r] sum p u, square: [r] sum p u^2), and sum p log p, sum p log q over the states with p > 0. Sums are
 * compensated from block to block. */
typedef struct mx_moments {
    double *p, *mean, *square;
    double total, p_log_p, p_log_q;
} mx_moments;
maxent_error mx_dual_moments(mx_dual *dual, const double *z, double value, mx_moments *moments);

/* The same but for mean and square, without reading a feature: p holds the scores of z. */
void mx_dual_weigh(mx_dual *dual, double value, mx_moments *moments);

/* extent: [2] least and largest of v . u_x over states with logq > -inf, and the number of the state where each occurs. One pass. */
maxent_error mx_dual_extent(mx_dual *dual, const double *v, double extent[2], size_t where[2]);

/* What a step from z along v, under whose mean E[v . u] is `mean`, does to the states, in one pass. change: [2] the most by which a score
 * changes beside the mean, and the most by which a probability does, in parts of the largest. */
maxent_error mx_dual_change(mx_dual *dual, const double *z, const double *v, double mean, double change[2]);

#endif
