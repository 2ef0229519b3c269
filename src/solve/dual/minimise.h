/* Minimising the dual: damped Newton on the exact model, with the line search and the stopping rule. */
#ifndef MX_MINIMISE_H
#define MX_MINIMISE_H

#include "solve/dual/dual.h"
#include "solve/dual/pieces.h"

#include <maxent/solve.h>

typedef enum mx_ending {
    MX_ENDING_CONVERGED, /* residual met and the Newton step vanishes in every state */
    MX_ENDING_DRIFTING,  /* the multipliers run away, or the step does not vanish somewhere: look for a face */
    MX_ENDING_ILL,       /* the coordinates have become too ill-conditioned under p to go on */
    MX_ENDING_LIMIT,     /* max_iterations or time_limit */
    MX_ENDING_STOPPED    /* the user's callback */
} mx_ending;

typedef struct mx_minimum {
    size_t r;
    int threads;
    double *z;          /* [r] in: the start; out: the best point */
    double *mean;       /* [r] E[u] there */
    double *covariance; /* [r * r] Cov[u] at the last point where it was formed */
    double *variance;   /* [r] of u_j: by the last covariance, or as the lagged method last saw it */
    double *slope;      /* [r] see mx_pieces_slope */
    double *step;       /* [r] the last Newton step */
    double *trial;      /* [3][r] */
    double *work;
    double log_partition; /* F(z) */
    double value;         /* the whole dual: F(z) + pieces */
    double residual;      /* max_j |slope_j| / max(reference_j, sd of u_j) */
    double doubt;         /* once the residual is met: by so much of the largest p the next step changes any */
    int separates;        /* step . u then has the same sign in every state, as far as doubles tell: the facts clash */
    int dependent;        /* lagged: some states have all but died, and without them the covariance is singular: a face, perhaps */
    size_t iterations;
    int lagged;           /* variance is kept by the method, not read off the covariance */
    int judged;           /* lagged: mean and variance are of one pass at z, whose scores are in dual->scores */
    int ready;            /* in: log_partition, mean and covariance at z are known already */
    mx_ending ending;
} mx_minimum;

typedef struct mx_rules {
    double tolerance;         /* on the residual */
    double settled;           /* on the doubt: go on until it is no more, while that gains; 0: never */
    const double *reference;  /* [r] |tau_j| in the units of u, or NULL: 0 */
    const double *range;      /* [2r] least and largest u_j over the states, or NULL */
    int polish;               /* go on to the limit of double precision */
    int patient;              /* do not report DRIFTING: it is known that the optimum is interior */
    size_t impatience;        /* iterations after which DRIFTING is reported; 0: the usual */
    double least_pivot;       /* below it: ILL; 0: never */
    double floor;             /* no feasible problem has a dual below it: less proves that the facts clash; -inf: not known */
    size_t max_iterations;
    double deadline;          /* mx_seconds() at which to stop; inf: none */
    double started;
    size_t iterations_before; /* for progress */
    size_t evaluations_before;
    maxent_progress_callback progress;
    void *progress_user;
} mx_rules;

/* method: 0 for mx_minimise, 1 lagged, 2 lagged and matrix-free. */
maxent_error mx_minimum_open(mx_minimum *minimum, size_t r, int threads, int method);
void mx_minimum_close(mx_minimum *minimum);

/* What every solver does after a step: the whole dual, its slope, the residual. */
void mx_minimum_settle(mx_minimum *minimum, const mx_piece *piece, const mx_rules *rules);

/* spread: the most by which a step changes the score of any state, relative to the mean change: below MX_SPREAD the next step is its
 * square. minimum->doubt becomes what it changes any p by; bounds on both where they will do. And minimum->separates. */
#define MX_SPREAD 0.02
maxent_error mx_minimum_spread(mx_dual *dual, const mx_rules *rules, mx_minimum *minimum, const double *step, double *spread);

/* The residual is met, and no score would change by more than MX_SPREAD. Is another step worth while for the sake of minimum->doubt?
 * last: what that was before the last step, `inf` at first. */
int mx_minimum_goes_on(const mx_rules *rules, const mx_minimum *minimum, double *last);

/* Tells the user's callback. Non-zero: stop. */
int mx_minimum_report(const mx_dual *dual, const mx_rules *rules, const mx_minimum *minimum);

/* Minimises from minimum->z. Errors: MEMORY, CALLBACK, VALUE (see mx_dual.range). */
maxent_error mx_minimise(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *minimum);

/* The same with the Hessian formed only when it pays, from a choice of states, and corrected in between (lagged.c);
 * dual->scores is needed. matrix_free: never formed; covariance and scores may then be NULL. No coordinate may be a BOX but those with
 * two infinite bounds. MX_ENDING_ILL: the covariance is singular to rounding. */
maxent_error mx_minimise_lagged(mx_dual *dual, const mx_piece *piece, const mx_rules *rules, mx_minimum *minimum,
                                int matrix_free);

/* What the lagged method, unless matrix-free, wants of the first pass: variances go into minimum->variance. Sets dual->thin. */
mx_want mx_lagged_begins(mx_dual *dual);

size_t mx_lagged_work(size_t r);

#endif
