/* The problem that a fit solves, and the passes over the data in double precision that methods and certificates are made of.
 *
 * Weights are one array w[P]: weight j of vector v at j V + v, then the V intercepts when there are any. They are deviations from the
 * prior means W0, whose scores are part of the base scores. The loss of an event with base scores o and weights of classes t_c is
 *
 *     (sum_c t_c) log sum_c exp(o_c + z_c) - sum_c t_c (o_c + z_c),      z = W' x + b
 *
 * Passes share the events out to a number of lanes that depends on the sizes alone, each with a gradient of its own; what the lanes find
 * is added in their order: the same bits at any number of threads.
 */
#ifndef MX_TASK_H
#define MX_TASK_H

#include "model/model.h"

typedef struct mx_task {
    const maxent_events *events;
    const maxent_fit_options *options;
    size_t n, m, C, V;
    size_t P;             /* m V, + V with an intercept */
    int intercept;
    double l2_all, l1_all;
    double *l2, *l1;      /* [m] strength of each feature; NULL: l2_all, l1_all */
    double l2_bias, l1_bias;
    double *base;         /* [n][C] offsets and scores of the prior means; NULL: 0 */
    double *weight;       /* [n] weight of each event; NULL: 1 */
    double total;         /* their sum */
    double *center;       /* [P] the prior means; NULL: 0 */
    int threads;
    size_t lanes;
    double *partial;      /* [lanes - 1][P] gradients of the lanes after the first; or NULL: not yet needed */
    double *space;        /* [lanes][space_each] blocks of scores */
    size_t space_each;
    double products;      /* with the data, so far; two are a pass */
    double started, cpu_started;
    double reported, checkpointed; /* when the held-out loss was last computed, and a checkpoint given */
    double valid_loss, valid_accuracy;
} mx_task;

/* Checks options against events (ARGUMENT, VALUE, LIMIT) and sets everything; *task needs mx_task_end in any case. */
maxent_error mx_task_begin(mx_task *task, const maxent_events *events, const maxent_fit_options *options,
                           maxent_diagnostic *diagnostic);
void mx_task_end(mx_task *task);

/* w[P] that a model stands for, as deviations from the prior means. Errors: MEMORY. */
maxent_error mx_task_start(const mx_task *task, const maxent_model *model, double *w, maxent_diagnostic *diagnostic);

double mx_task_seconds(const mx_task *task);
double mx_task_cpu(const mx_task *task); /* of the process */

static inline double mx_task_l2(const mx_task *task, size_t j)
{
    return j == task->m ? task->l2_bias : task->l2 != NULL ? task->l2[j] : task->l2_all;
}

static inline double mx_task_l1(const mx_task *task, size_t j)
{
    return j == task->m ? task->l1_bias : task->l1 != NULL ? task->l1[j] : task->l1_all;
}

/* Where the residuals of a pass come from. */
typedef struct mx_dual_point {
    const float *alpha;   /* [n][C], not quite normalised, or */
    const double *two;    /* [n]: of class 1 */
    const double *shrink; /* [C] and */
    const double *share;  /* [C]: alpha_c := alpha_c (1 - shrink_c) + share_c sum_d alpha_d shrink_d; NULL: none */
    double mix;           /* > 0: alpha = y + mix (p - y), p at the weights of the pass, instead of the others */
    double value;         /* out: sum_e w_e (H(alpha_e) + (alpha_e - y_e) . o_e) */
} mx_dual_point;

/* One pass: *loss at w. gradient: [P] of the loss, or NULL. With a dual point the gradient is sum_e w_e (alpha_e - y_e) x_e
 * instead. p: [n][C] probabilities in single precision, or NULL. MEMORY is the only error. */
maxent_error mx_task_pass(mx_task *task, const double *w, double *loss, double *gradient, mx_dual_point *dual, float *p);

/* The certificate of a dual point: w[P] := W(alpha) (in: intercepts, which stay unless they are penalised), *penalty that of
 * w, *dual = D(alpha); slope[V] := sum_e w_e (alpha_e - y_e). MEMORY. */
maxent_error mx_task_dual(mx_task *task, const mx_dual_point *point, double *w, double *slope, double *dual, double *penalty);

/* The loss at w, whose vectors add up to 0 when there are more than one. MEMORY. */
maxent_error mx_task_primal(mx_task *task, const double *w, double *loss);

/* out[P] = X' D X v for the Hessian of the loss at the probabilities p[n][C]. */
maxent_error mx_task_curve(mx_task *task, const float *p, const double *v, double *out);

/* Row e of a dual point, normalised and repaired, into a[C]. */
void mx_dual_row(const mx_task *task, const mx_dual_point *dual, size_t e, double *a);

/* The penalty at w, and its smooth part's gradient added to `gradient` (NULL: not). */
double mx_task_penalty(const mx_task *task, const double *w, double *gradient);

/* The largest absolute component of the smallest subgradient, given the gradient of the smooth part. */
double mx_task_stationarity(const mx_task *task, const double *w, const double *gradient);

/* Progress. The model is made when it is due. Returns non-zero when the user or the clock says stop. */
int mx_task_report(mx_task *task, size_t iteration, double objective, double gap, const double *w);

/* The model of w (and the prior means). NULL: no memory. */
maxent_model *mx_task_model(const mx_task *task, const double *w);

/* The same, which takes *w over: it is NULL afterwards. NULL: no memory, *w as it was. */
maxent_model *mx_task_model_of(const mx_task *task, double **w);

/* What a method found. */
typedef struct mx_found {
    double *w;          /* [P] in: where to start (0 without); out */
    double objective, loss, gap, gradient;
    size_t iterations;
    maxent_verdict verdict;
    double *direction;  /* [P] BOUNDARY, or NULL; from base/memory.h */
    size_t separated;
    int warm;           /* in: w is not 0 */
    int stuck;          /* out: UNFINISHED because the method's arithmetic gives no more */
} mx_found;

/* The methods. */
maxent_error mx_fit_dual(mx_task *task, mx_found *found);
maxent_error mx_fit_newton(mx_task *task, mx_found *found);
maxent_error mx_fit_newton_cg(mx_task *task, mx_found *found);
maxent_error mx_fit_proximal(mx_task *task, mx_found *found);

/* BOUNDARY: whether the direction d[P] separates: no event's loss rises along it. *separated: how many events have a class that it
 * rules out; 0 when it does not separate. tolerance: relative to the largest score that d gives. */
maxent_error mx_task_separates(mx_task *task, const double *d, double tolerance, size_t *separated);

#endif
