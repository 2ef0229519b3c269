/* A continuous or countable problem on its way: the grid, the facts as the solver takes them, the multipliers. */
#ifndef MX_CONTINUUM_H
#define MX_CONTINUUM_H

#include "solve/dual/coordinates.h"
#include "solve/ends/ends.h"
#include "solve/cells/region.h"
#include "solve/result.h"

/* What features are counted from: the fact's target, or the bound nearer to 0. */
static inline double mx_fact_centre(const mx_fact *fact)
{
    double low = isfinite(fact->lower) ? fact->lower : isfinite(fact->upper) ? fact->upper : 0;
    return isfinite(fact->upper) && fabs(fact->upper) < fabs(low) ? fact->upper : low;
}

/* The size of what it asks for: of the target, or of the larger bound. */
static inline double mx_fact_size(const mx_fact *fact)
{
    return fmax(isfinite(fact->lower) ? fabs(fact->lower) : 0, isfinite(fact->upper) ? fabs(fact->upper) : 0);
}

enum { MX_CENTRAL_MOST = 32 };

/* How p is changed far out for a while, see bumps.c. */
typedef struct mx_anneal {
    double low, high;    /* ends of the core */
    double coldness;     /* 0: p is as it is */
    double level;        /* the height, without the normalisation of p */
    const double *unit;  /* [k] the targets of features that are nowhere negative, 0 for others */
    double mean;         /* of x, and */
    double central[MX_CENTRAL_MOST + 1]; /* E[(x - mean)^d] for even d = 2 .. order */
    size_t order;        /* 0: not told */
    double *weight;      /* [nodes.n] W */
    int over;            /* 1: it was changed until now */
} mx_anneal;

/* Why targets are taken as known to their last place only. */
typedef enum mx_rounding { MX_ROUNDING_NONE, MX_ROUNDING_CLASH, MX_ROUNDING_OPEN } mx_rounding;

typedef struct mx_continuum {
    mx_run *run;
    maxent_problem shadow; /* the problem with facts as the solver takes them: relaxed, dropped */
    mx_fact *fact;         /* [k] of the shadow */
    mx_fact *relaxed_fact; /* [k] what they were before they became the user's again */
    mx_ends *ends;         /* what was relaxed, or NULL */
    signed char *soft;     /* [k] the sign that the multiplier of a relaxed soft fact must have, or 0 */
    unsigned char *dropped; /* [k] 1: on a face only, see mx_escape_face */
    int faced;             /* 0: not asked yet, 1: on the face, 2: the minimum is not there */
    int plain;             /* 1: facts and nodes are the user's */
    mx_grid grid;
    mx_frame frame;        /* what the grid is turned to when it is laid anew */
    mx_nested nested;      /* how lines are laid inside lines, when they are */
    double wider;          /* by how much its scales have grown */
    int guesses;
    double nested_worst;   /* the residual by which they were judged last, */
    double nested_left;    /* what part that was of the one before, */
    size_t nested_smooth;  /* the order that was next when rules for what is not smooth were taken; MX_NESTED_ORDERS: they did worse */
    double agreed, agreed_to; /* the entropy that two sets of points last had, and how nearly the same; 0: none yet */
    double nested_since;   /* and when they were laid */
    mx_anneal anneal;
    double core[2];        /* low < high: where features are of ordinary size */
    size_t near;           /* iterations when lambda was first found there; 0: not yet */
    int turned;            /* 1: a frame or nested lines have been guessed, 2: made for p, or given up */
    mx_outskirts outskirts[MX_AXES];
    mx_nodes nodes;        /* of the grid as it is */
    int unlaid;            /* 1: those of an earlier one, as there was no time or room for more */
    double *logp;          /* [nodes.n] log of the probability of each node at lambda, normalised */
    double centred, centred_low; /* log Z + lambda . centre there: the dual, when all facts are equalities; the sum of both */
    double *p;             /* [nodes.n] */
    mx_dd *lambda;         /* [k] in the user's units */
    int looked, unbounded; /* the ends have been looked at; no multipliers normalise */
    size_t heavy;          /* the first fact whose E|f| is not finite as far as nodes can tell; k: none */
    double cap;            /* see mx_continuum_cap; 0: the usual */
    int unsure;            /* 1: the multipliers once proved less than they should */
    int cut_off;           /* mass lies beyond the range of doubles */
    mx_rounding relaxed;   /* combinations that rounding of the targets leaves open are ignored */
    double width;          /* rounded.c: the errors that it came to, in half units of the last place */
    double least_width;    /* the errors from which there was no way to narrower ones; 0: none so far */
    double whole;          /* the deadline from then on: before, it may have been nearer */
    int decided;           /* 1: it is known that an interior solution exists */
    int stale;             /* 1: p has become so narrow in the coordinates that its last digits are in doubt */
    const unsigned char *out; /* [nodes.n] 1: a node that is left out for a while; or NULL */
    int insist;            /* 1: whether one exists could not be decided: Newton goes on as long as it gains anything */
    double *hint;          /* [hints][variables] where mass has to be, found on the way */
    size_t hints;
    double *face;          /* [k] the direction that bars all nodes but those on its face, or NULL; see mx_existence_on_face */
    double face_open;
    int bare;              /* 1: no node is on that face: it has no area */
    mx_cell *barred;       /* [barreds] cells that facts rule out */
    size_t barreds;
    char message[1024];    /* the verdict SINGULAR in words, in case that the facts cannot be met within their rounding either */
    int on_numbers;        /* 1: all mass is on single whole numbers */
    int hollow;            /* how often it was asked whether facts leave places no mass that have next to none */
    size_t iterations, evaluations;
    size_t annealing;      /* of the iterations, those that the limit does not count */
} mx_continuum;

/* Features are looked at up to this many times their targets at first: a mean of 3 of 1/x says nothing about x = 1e-30 that smaller
 * values would not, but its square there would be all of the variance. */
#define MX_CAP 1e12
/* Features beyond this are out of range: their products would leave the range of doubles. */
#define MX_FEATURE_MOST 1e70
#define MX_NODES_MOST 1e6
#define MX_FAR (-150.0) /* log p of nodes that can be left out for a while */

/* Nodes for the grid as it is, and p there. Errors: MEMORY, VALUE (a feature or the prior is not a number at a node). */
maxent_error mx_continuum_lay(mx_continuum *c);

size_t mx_continuum_nodes_most(const mx_continuum *c); /* for more there is no room */

/* p and log Z at lambda on the nodes. */
void mx_continuum_weigh(mx_continuum *c);

/* logq + logq_low, [n] log of the prior at points with features hi + lo: logq becomes log p there. Features are changed as those of the
 * nodes. */
void mx_continuum_log_density(const mx_continuum *c, size_t n, double *hi, double *lo, double *logq, double *logq_low);

/* Adds places where mass has to be. point: [points][variables]. Errors: MEMORY. */
maxent_error mx_continuum_hint(mx_continuum *c, const double *point, size_t points);

void mx_continuum_release(mx_continuum *c); /* frees the nodes */

/* How far feature i may be from its target for a node to count as a state; whether nodes beyond matter at the present p. */
double mx_continuum_cap(const mx_continuum *c, size_t i);
int mx_continuum_beyond(const mx_continuum *c);

/* The nodes that can count as states: prior positive, features in range; weights are left in view->logq. Errors: MEMORY. */
maxent_error mx_continuum_view(const mx_continuum *c, mx_view *view);

static inline void mx_continuum_relax(mx_continuum *c, mx_rounding why)
{
    c->relaxed = why;
    c->run->deadline = c->whole;
}

/* Fact i, or a combination that it is part of, is only approached as far as the ends tell: it need not be met. */
static inline int mx_continuum_relaxed(const mx_continuum *c, size_t i)
{
    for (size_t j = 0; c->ends != NULL && j < c->shadow.k; j++)
        if (c->ends->escape[j] != MX_ESCAPE_NONE && (c->ends->from == NULL ? i == j : c->ends->from[i * c->shadow.k + j].hi != 0))
            return 1;
    return 0;
}

/* As many cells as make MX_NODES_MOST nodes. */
static inline size_t mx_continuum_cells_most(const mx_continuum *c)
{
    double nodes = (double)c->grid.levels;
    for (size_t a = 0; a < c->grid.axes; a++)
        nodes *= (double)c->grid.rule;
    return (size_t)(MX_NODES_MOST / nodes) + 1;
}

/* ---- continuous.c ---- */

/* For run->problem. To be closed also after an error. Errors: MEMORY. */
maxent_error mx_continuum_open(mx_run *run, mx_continuum *c);
void mx_continuum_close(mx_continuum *c);
/* Begins anew, with what has been learnt of where mass has to be. Errors: MEMORY, VALUE, LIMIT. */
maxent_error mx_continuum_start(mx_continuum *c);
/* The answer to run->problem as it stands. relaxed: as in a continuum; from the beginning. deadline: once it is. *again: 1: it is worth
 * trying. Errors: as of starting. */
maxent_error mx_continuum_attempt(mx_run *run, mx_rounding relaxed, double deadline, int *again);

/* ---- decide.c ---- */

/* Newton has come to no end: is there a density at all? *over: 0: to be tried again, on another grid; 1: nothing is known; 2: the verdict
 * is in the result. Errors: as of starting. */
maxent_error mx_continuum_decide(mx_continuum *c, int *over);
/* Before a supremum is told: can the facts be met at all? *over: 2 when they cannot be, else 1. */
maxent_error mx_continuum_doubt(mx_continuum *c, int *over);
/* Does a fact ask for the extreme of its feature, as far as nodes show it? Its multiplier would have no end, and Newton, which comes near
 * enough at some e^-lambda, would not say that mass is ruled out. */
int mx_continuum_at_an_extreme(const mx_continuum *c);
/* Has p places all but without mass where that may be the rounding of none: numbers between others, beyond a jump; or are multipliers so
 * large that they may be those of no density at all? -1: no memory. */
int mx_continuum_hollow(const mx_continuum *c);
/* Decides whether facts confine the mass or cannot be met, and nothing else; when p is hollow, whether they do but for the rounding of
 * their targets too. *over: as of decide; 1 if they do not. */
maxent_error mx_continuum_confined(mx_continuum *c, int *over, int *exists);
/* No multipliers normalise: the entropy has no upper bound, unless facts confine the mass or cannot be met. *over: the verdict is in. */
maxent_error mx_continuum_no_bound(mx_continuum *c, int *over);

/* ---- newton.c ---- */

typedef enum mx_outcome { MX_MET, MX_ADRIFT, MX_CLASH, MX_STOPPED } mx_outcome;

/* Minimises the dual on the nodes that count, from lambda. *stuck: doubles could not tell the way. Errors: MEMORY. */
maxent_error mx_continuum_minimise(mx_continuum *c, mx_outcome *how, int *stuck);
/* The same, and where that is stuck without the nodes that have no say. Errors: MEMORY. */
maxent_error mx_continuum_newton(mx_continuum *c, mx_outcome *how);

/* near.c: lambda of the same on the nodes near the mass, which are resolved with up to `most` cells, if p stays there; else lambda as it
 * was. c->core tells where that is. One real axis. Errors: as mx_continuum_lay. */
maxent_error mx_continuum_near(mx_continuum *c, size_t most);

/* lambda of a density that meets the first facts, and with them all others to rounding, if there is one: *met; the others are only watched
 * from then on. Errors: as above. */
maxent_error mx_continuum_fewer(mx_continuum *c, size_t most, int *met);
/* bumps.c: lambda of a density with its core in c->core and a bump farther out, and cells that resolve it, if there is one; not asked
 * again. Errors: as mx_continuum_lay. */
maxent_error mx_continuum_bumps(mx_continuum *c, size_t most);
/* Newton has taken so many steps that there may be one. */
#define MX_MANY_STEPS 60
static inline int mx_continuum_bump_due(const mx_continuum *c)
{
    return c->core[0] < c->core[1] && c->iterations - c->near > MX_MANY_STEPS;
}
/* Changes the nodes as c->anneal says. Errors: MEMORY. */
maxent_error mx_continuum_temper(mx_continuum *c);

/* 1: every fact is an equality or only watched. */
int mx_continuum_all_equal(const mx_continuum *c);
/* rounded.c: the same with targets known to half a unit in their last place only. */
maxent_error mx_continuum_rounded(mx_continuum *c, mx_outcome *how);

/* ---- steep.c ---- */

/* Multipliers of equalities whose means are off their targets where the deviation of the feature is so large that Newton does not see it.
 * *changed: 1: p is of other multipliers now. Errors: MEMORY. */
maxent_error mx_continuum_steep(mx_continuum *c, int *changed);
/* A deviation beyond which it hides whether the mean is right, for equalities; else INFINITY. */
double mx_continuum_hides(const mx_continuum *c, size_t i);
/* 1: p |f_i| is gone beyond the nodes, on a line. */
int mx_continuum_fades(const mx_continuum *c, size_t i);

/* ---- central.c ---- */

/* c->anneal.mean, central and order from the facts. Errors: MEMORY. */
maxent_error mx_continuum_central(mx_continuum *c);
/* unit: [k] the targets of features that are nowhere negative, as far as nodes show; 0 for the others. Returns how many there are. */
size_t mx_continuum_units(const mx_continuum *c, double *unit);
/* W at x with features hi, [k]: how many times larger than is expected of them powers of x - mean, or features with a unit, are; >= 1. */
double mx_continuum_weight(const mx_continuum *c, const double *unit, double x, const double *hi);

/* ---- turned.c ---- */

/* Lays the grid anew as c->frame or c->nested say; lambda is kept. Errors: MEMORY, VALUE, LIMIT (too many nodes). */
maxent_error mx_continuum_turn(mx_continuum *c);
/* A first grid for several axes, from what facts tell of p or else from a guess, in c->frame or c->nested: 1; 0: cells it is; -1: no
 * memory. */
int mx_continuum_told(mx_continuum *c);
/* Makes the grid for the p that it holds, once, if there is a better one. *turned: 1: it is another grid now. Errors: as of turning. */
maxent_error mx_continuum_align(mx_continuum *c, int *turned);
/* Cells from now on; what lines have shown is kept as hints. Errors: MEMORY. */
maxent_error mx_continuum_leave(mx_continuum *c);
/* No solution on the grid as it is: another guess, lambda 0, or (*turned 0) none. Errors: as of turning. */
maxent_error mx_continuum_retreat(mx_continuum *c, int *turned);
/* The same for the face of a direction, [k], lambda 0. *turned: 0: it cannot be; direction is copied. Errors: MEMORY and as above. */
maxent_error mx_continuum_turn_face(mx_continuum *c, const double *direction, double open, int *turned);
/* Along the axes and the diagonals of a turned grid: the nearest distance beyond its reach where log p + axes log distance, both in turned
 * coordinates, is more than `least`; 0: none. Errors: MEMORY. */
maxent_error mx_continuum_far(const mx_continuum *c, double least, double *distance);
/* A denser grid, or one that reaches farther by a factor. *over: 1: no more of this kind, to be begun anew with cells. Errors: as above. */
maxent_error mx_continuum_denser(mx_continuum *c, double worst, int *over);
maxent_error mx_continuum_wider(mx_continuum *c, double farther, int *over);

/* ---- tails.c ---- */

/* Is p at the present lambda so heavy in its tails, along some axis, that lines have to reach far out? *heavy: 1: c->nested is made for
 * that, and to be laid. Errors: MEMORY. */
maxent_error mx_continuum_tails(mx_continuum *c, int *heavy);
/* Several variables: is there mass 1e100 widths away still, which no integral reaches? Errors: MEMORY. */
maxent_error mx_continuum_endless(const mx_continuum *c, int *endless);

/* ---- hidden.c ---- */

/* *hidden: 1: p or a feature is far larger somewhere than at any node; the result's message says where. Errors: MEMORY. */
maxent_error mx_continuum_hidden(mx_continuum *c, int *hidden);

/* ---- follow.c ---- */

/* behind.c: halves cells at whose near ends p has mass that no node sees; of several axes only when thorough. *halved: so many more.
 * Errors: MEMORY. */
maxent_error mx_continuum_behind(mx_continuum *c, int thorough, size_t *halved);
/* Lays and halves until p at the present lambda is resolved, or there are more than `most` cells. Errors: as mx_continuum_lay. */
maxent_error mx_continuum_follow(mx_continuum *c, size_t most);
/* Moves infinite ends out where the outermost spans carry mass. *grown: how many spans were added. Errors: as above. */
maxent_error mx_continuum_reach(mx_continuum *c, size_t *grown);

/* ---- answer.c ---- */

/* Residuals, entropy and gap of the result, afresh from the nodes as they are. worst: the largest residual. */
void mx_continuum_judge(mx_continuum *c, double *worst);
/* Multipliers and density go to the result. Errors: MEMORY. */
maxent_error mx_continuum_deliver(mx_continuum *c);

#endif
