/* Many Chebyshev or Legendre moments of one variable on an interval: the fast way for them (moments.c), and what its parts share. */
#ifndef MX_MOMENTS_H
#define MX_MOMENTS_H

#include "solve/moments/cosine.h"
#include "solve/result.h"

/* Solves a continuous problem whose facts are equalities on E[T_j] or E[L_j], j in any set, on all of -1 <= slope x + offset <= 1.
 * *mine: 1 when the result is complete, 0 when the problem is none of these, too small to gain, or did not come out: the
 * result is then as it was, and the general way has to solve it. Errors: MEMORY. */
maxent_error mx_solve_moments(mx_run *run, int *mine);

typedef struct mx_fejer {
    mx_cosine cosine;
    size_t n;
    double *logw, *logq;   /* [n] theta ascending, so that t falls */
    double *p;             /* [n] */
    double *space;         /* [n] */
} mx_fejer;

typedef struct mx_many {
    mx_run *run;
    const maxent_problem *problem;
    int legendre, flipped; /* flipped: the slope is negative */
    size_t m;              /* facts that count */
    size_t *fact, *degree; /* [m] ascending in degree */
    size_t most;           /* largest degree of all features */
    double *target;        /* [m] */
    double *a;             /* [2 most + 1] (1/2)_k / k! */
    double *lambda, *trial, *mean, *slope, *step; /* [m] */
    double *r, *z, *d, *Hd; /* [m] conjugate gradients */
    double *mu;            /* [2 most + 1] */
    double *variance;      /* [m] of the features */
    double *H;             /* [m][m] factor */
    double *work;          /* Cholesky */
    double *legendre_mean; /* [2 most + 1] */
    double *before, *now, *next; /* [2 most + 2] rows of E[L_i L_j] */
    size_t factored;       /* facts that the factor is for; 0: there is none */
    double dual;           /* log Z + lambda . target */
    mx_fejer *at;          /* the present rule */
    int started;           /* lambda is near */
    size_t iterations, evaluations;
} mx_many;

/* ---- newton.c ---- */

/* Fejer's rule of n nodes on the support. 1: laid; 0: the prior is not finite at one; -1: no memory. To be closed in any case. */
int mx_fejer_open(const mx_many *s, mx_fejer *r, size_t n);
void mx_fejer_close(mx_fejer *r);
/* x at node j, with the distance from the nearer end to full precision. */
void mx_fejer_place(const mx_many *s, const mx_fejer *r, size_t j, double *value, double *low);

/* out[n] = the cosine series of sum_i c_i f_i over the first m facts. */
void mx_moments_series(const mx_many *s, size_t m, const double *c, double *out, size_t n);
/* E of a feature from E cos(j theta), j = 0 .. degree. */
double mx_moments_mean(const mx_many *s, size_t degree, const double *mu);
/* p, log Z + lambda . target, moments and means of the first m facts at lambda, on the present rule. Returns the dual. */
double mx_moments_evaluate(mx_many *s, size_t m, const double *lambda, double *mean);
/* The largest |E f - tau| / max(|tau|, sd f) of the first m facts at the present p; s->variance. */
double mx_moments_residual(mx_many *s, size_t m);
/* Newton on the first m facts from s->lambda until the residual is below `goal` or falls no more. 0: fine, 1: it does not come out. */
int mx_moments_newton(mx_many *s, size_t m, double goal, double *worst);
int mx_moments_late(const mx_many *s); /* out of time, or of iterations */

/* ---- exist.c ---- */

/* 0: no law has these moments, and the result says so; 1: nothing is known against it; -1: no memory. */
int mx_moments_exist(mx_many *s);

/* ---- answer.c ---- */

/* Are the features what they were taken for? A few nodes, as the problem's own programs see them. 1: yes, 0: no, -1: no memory. */
int mx_moments_agree(mx_many *s, mx_fejer *r);
/* The result, SOLVED: residuals, entropies and gap on the nodes of `fine`, where p was evaluated last; the density on those of
 * `coarse`. Errors: MEMORY. */
maxent_error mx_moments_deliver(mx_many *s, mx_fejer *coarse, mx_fejer *fine);

#endif
