/* Fitting with an L1 penalty when the Hessian is too large to be formed: what proximal_large.c (the objective itself, the driver),
 * proximal_model.c (its quadratic model) and proximal_stiff.c (its weights of largest curvature) share.
 *
 * Only features that can move are looked at: those with a weight that is not 0, or a gradient beyond the strength of L1. Of these
 * active features everything is kept together, feature by feature, in the order of `active`.
 */
#ifndef MX_PROXIMAL_H
#define MX_PROXIMAL_H

#include "model/fit/sweep.h"
#include "model/fit/task.h"

typedef struct mx_large {
    mx_task *task;
    const mx_sweep_kernels *kernels;
    mx_sweep s;
    size_t kept;          /* C - 1, which rows are told by; 1 with two classes */
    size_t *column;       /* [m + 2] the data by features, as in s */
    uint32_t *event;
    float *value, *weight;
    float *p;             /* [n][max(C, lanes)]: a pass leaves them with all classes, then they are packed */
    double *g, *next;     /* [P] gradient of the loss; weights tried */
    double factor;        /* of all L1 strengths, >= 1 */
    double radius;        /* how far a weight may go in a step */

    uint32_t *active;     /* [m + 1] features that can move; the intercept last */
    uint32_t *place;      /* [m] where features are in some list; UINT32_MAX */
    uint32_t *twin;       /* [m] the first feature that is the same */
    size_t actives, room;
    double *at;           /* [actives][V] their weights, and alike: */
    double *start;        /* weights when the list was made, */
    double *slope;        /* gradient of loss and L2 there, */
    double *mass;         /* sum_e w_e x_ej p_e there (objective), a step (model), */
    double *h;            /* curvatures there, */
    double *R, *v, *z, *Hv, *Hz, *MHv; /* of conjugate residuals, */
    double *line_at;      /* and weights to go back to */
    unsigned char *calm;  /* [actives] how often in a row the feature hardly moved */
    unsigned char *held;  /* [actives][V] out of conjugate residuals */
    float **block;        /* [actives] curvature, [kept][lanes], or NULL: too few entries to keep it */
    float *blocks;
    float *vf, *outf;     /* [actives][lanes]; outf: for each of MX_LARGE_PARTS */
    size_t *row;          /* [n + 1] the entries of features that conjugate residuals move, by events */
    uint32_t *index;      /* [nnz] as active features */
    float *row_value;     /* [nnz] or NULL: 1 */
    double *S;            /* [4 C] */
    float *line;          /* [MX_LARGE_PARTS][(3 + C)][lanes] */

    size_t stiffs;        /* weights of large curvature, at most MX_LARGE_STIFF: */
    uint32_t *stiff;      /* [stiffs] which */
    uint32_t *stiff_place; /* [actives][V] place among them, or UINT32_MAX */
    float *H;             /* [stiffs][MX_LARGE_STIFF] their Hessian, */
    float *stiff_slope;   /* [MX_LARGE_STIFF] the model's slope, */
    double *stiff_at;     /* [MX_LARGE_STIFF] and weights */
    uint32_t *stiff_list; /* [MX_LARGE_STIFF + 2 C + 2], */
    float *stiff_value;   /* [MX_LARGE_STIFF], and */
    float *stiff_row;     /* [MX_LARGE_STIFF] of an event */
    double *L;            /* [stiffs][MX_LARGE_STIFF] Cholesky's factor of those not held, */
    double *L_space, *L_side; /* space, [MX_LARGE_STIFF] */
    int factored;
} mx_large;

#define MX_LARGE_PARTS 4    /* parts of the events (or features) that threads share out: the same at any number of threads */
#define MX_LARGE_STIFF 1536 /* a multiple of 16 */

static inline double mx_large_l1(const mx_large *x, size_t k)
{
    return x->factor * mx_task_l1(x->task, x->active[k]);
}

static inline size_t mx_large_name(const mx_large *x, size_t k)
{
    return x->active[k] == x->task->m ? SIZE_MAX : x->active[k];
}

static inline double mx_soft(double x, double by)
{
    return x > by ? x - by : x < -by ? x + by : 0.0;
}

static inline double mx_clamp(double x, double from, double radius)
{
    return x > from + radius ? from + radius : x < from - radius ? from - radius : x;
}

static inline double mx_large_l2(const mx_large *x, size_t i)
{
    return mx_task_l2(x->task, x->active[i / x->task->V]);
}

/* The slope of the model's smooth part at weight i, given X't. */
static inline double mx_large_slope(const mx_large *x, size_t i, const double *Xt)
{
    return x->slope[i] + Xt[i] + mx_large_l2(x, i) * (x->at[i] - x->start[i]);
}

/* A row of `kept` numbers for all classes: the last is minus the sum. */
static inline void mx_large_widen(const mx_large *x, const float *from, double *to)
{
    double rest = 0;
    for (size_t v = 0; v < x->kept; v++)
        rest -= to[v] = (double)from[v];
    if (x->task->V > 1)
        to[x->kept] = rest;
}

/* Numbers relative to that of the last class; 0 when there is nothing but zeros. */
static inline int mx_large_narrow(const mx_large *x, const double *from, float *to)
{
    const double last = x->task->V > 1 ? from[x->kept] : 0;
    int any = 0;
    for (size_t c = 0; c < x->s.lanes; c++) {
        to[c] = c < x->kept ? (float)(from[c] - last) : 0.0f;
        any |= to[c] != 0;
    }
    return any;
}

/* One sweep of descent by features; what it brought, nearly. model: in the quadratic model, t follows; else in the objective, p does.
 * last: what the sweep before brought. */
double mx_large_sweep(mx_large *x, size_t number, int model, double last);

/* Minimises the quadratic model until a round brings less than `accuracy` of all that was gained and no slope misses its condition by
 * more than `target` of l1; x->at out. Rounds end early when the time is over. */
void mx_large_model(mx_large *x, double accuracy, double target);

/* The stiff weights: chosen (Xt: X't), their Hessian formed; factored without those that are held; to := M from, M nearly the inverse of
 * the Hessian of all weights that are not held. */
void mx_stiff_choose(mx_large *x, const double *Xt);
void mx_stiff_form(mx_large *x);
void mx_stiff_factor(mx_large *x);
void mx_stiff_precondition(mx_large *x, const double *from, double *to);

/* Whether that is for proximal_large.c, which works in single precision. */
int mx_proximal_is_large(const mx_task *task);

maxent_error mx_fit_proximal_large(mx_task *task, mx_found *found);

#endif
