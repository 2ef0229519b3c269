/* The result inside the library, and the two ways that lead to one. */
#ifndef MX_RESULT_H
#define MX_RESULT_H

#include "solve/dual/minimise.h"
#include "solve/dual/view.h"

struct maxent_result {
    const maxent_problem *problem;
    maxent_verdict verdict;
    char message[1024];
    double *p;             /* [n] or NULL; a continuous support has `density` instead */
    struct mx_density *density; /* density.h; NULL: finite support, or no answer */
    double *lambda;        /* [k] or NULL */
    double *lambda_low;    /* [k] what lambda loses by rounding, or NULL */
    double *achieved;      /* [k] E[f_i] as stored, NaN without p */
    double *residual;      /* [k] */
    double *deviation;     /* [k] sd of f_i under p */
    double *cost;          /* [k] or NULL */
    double *direction;     /* [k] or NULL */
    double *repair;        /* [k] or NULL */
    signed char *forced;   /* [k] 1: the feature is at the upper bound of its fact wherever there is mass, -1: at the lower; or NULL */
    double entropy, entropy_without, relative_entropy, log_partition;
    int without_unknown;     /* 1: entropy_without is NaN because it could not be found out, not because the prior has none */
    double against_prior;  /* sum p log(p / q) with q as it was given; relative_entropy refers to q / sum q */
    double unmet;          /* the worst residual of a fact that is missed by more than the rounding of its target */
    double worst_residual, gap, margin, bound;
    size_t zeros;
    size_t shown;          /* facts that are not hidden */
    size_t *fact;          /* [shown] their numbers */
    size_t iterations, evaluations;
    double seconds;
    int threads;
};

/* What both ways need to know of a solve under way. */
typedef struct mx_run {
    const maxent_problem *problem;
    const maxent_options *options;
    maxent_result *result;
    maxent_diagnostic *diagnostic;
    int threads;
    double started, deadline;
    maxent_progress seen; /* what there is to say of it, for a caller who is asked between steps */
    double asked;         /* when he was, mx_seconds() */
    int stopped;          /* 1: he said so */
    const struct mx_units *units; /* other units in which it is solved for a while, or NULL: see mx_units_open */
    int trial;            /* 1: whether facts clash is all that is asked: no smallest clash, no repairs */
} mx_run;

/* 1: the time is over, or the caller, who is asked a few times a second, wants no more. To be called between pieces of work, from the
 * thread that called maxent_solve. */
int mx_late(mx_run *run);
/* Of these, whether the caller wants no more; for mx_watch.ask, with the run as its user. */
int mx_told(void *run, double now);

/* The number of states whose probability is above 0 but below the least of doubles, so that p has 0 there. */
size_t mx_result_vanishing(const maxent_result *result);

/* Small problems: everything judged in double-double (exact.c). */
maxent_error mx_solve_exact(mx_run *run);
/* The verdict on another problem, small and finite, continuous or countable, and nothing else. */
maxent_error mx_solve_trial(const mx_run *run, const maxent_problem *problem, double deadline, maxent_verdict *verdict);
/* Do the facts of a small finite problem clash still when the bound of fact i that is nearer is moved to `bound`? */
maxent_error mx_solve_repaired(const mx_run *run, size_t i, double bound, double deadline, int *clash);
/* Continuous and countable supports (continuous.c). */
maxent_error mx_solve_continuous(mx_run *run);
/* A value of feature i, one of variable v, and the entropy, in the user's units (units.c). */
double mx_units_value(const mx_run *run, size_t i, double value);
double mx_units_place(const mx_run *run, size_t v, double value);
double mx_units_entropy(const mx_run *run, double entropy);
/* Entropy of the prior alone and the log of its integral, for a continuous answer; NaN where it has none, or it is not known (alone.c). */
maxent_error mx_alone_continuous(mx_run *run, double *log_total);
/* Was a prior given? */
int mx_has_prior(const maxent_result *result);
/* Large problems: the features are streamed, nothing of their size is stored (stream.c). *hard: 1 when the problem turned out to
 * need the exact way; the result is then as it was. */
maxent_error mx_solve_stream(mx_run *run, int *hard);

/* Fills entropy, relative entropy, achieved, residuals and gap of the result from its p and lambda, afresh. `dual` is
 * D(lambda) in nats, `lambda` the multipliers; view: the facts on the states that p may use. */
void mx_result_judge(mx_run *run, const mx_view *view, double dual);

/* Nothing of what was judged on the way is an answer: density, multipliers and numbers are taken back. */
void mx_result_withdraw(maxent_result *result);

/* The rules that the options give. */
mx_rules mx_run_rules(const mx_run *run);

#endif
