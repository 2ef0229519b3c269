/* Where integrals are taken: a continuous or countable support as cells, each with the nodes of a product of Gauss rules.
 *
 * An axis is a REAL or WHOLE variable. Along it a cell covers a span: x = center + sign t with t in from .. to, or t = exp(s) with s
 * in from .. to, so that nodes come as close to a center as doubles go. On a WHOLE axis a span is the whole numbers from .. to: each is a
 * node when they are few; of many, the Gauss rule of their own counting measure takes the sum [1]. Listed variables multiply the nodes:
 * every combination of their levels has its own.
 *
 * [2] L. N. Trefethen, J. A. C. Weideman, The exponentially convergent trapezoidal rule, SIAM Review 56 (2014), section 5.
 * [1] The polynomials orthogonal on equidistant points (Chebyshev 1858, Gram 1883): W. Gautschi, Orthogonal Polynomials (2004), 1.5.2.
 */
#ifndef MX_GRID_H
#define MX_GRID_H

#include "problem/problem.h"

enum { MX_AXES = 3, MX_RULE_MOST = 24, MX_EACH = 48, MX_LINE_MOST = 512, MX_SPOTS = 40, MX_RIDGES = 8 };

typedef struct mx_span {
    double center;
    double from, to;       /* of t, or of s = log t; WHOLE: first and last number */
    signed char sign;      /* +1, -1 */
    signed char log;       /* 1: s */
} mx_span;

typedef struct mx_cell {
    mx_span span[MX_AXES];
    size_t first, count;   /* its nodes, as last laid */
    size_t rule;           /* the rule they were laid with; 0: not yet, or halved since */
    double mass;           /* under the last density told */
} mx_cell;

typedef struct mx_axis {
    size_t variable;
    int whole;
    int fine;              /* 1: whole, and features step from number to number (floor, ceil, cos(pi n) = 1): every number is a node */
    double lower, upper;
    mx_span *root;         /* [roots] ascending: the spans that the axis was first cut into */
    size_t roots, capacity;
    mx_span *singular;     /* [singulars] where something is singular: center, side (sign), and how far it was looked at (to) */
    size_t singulars;
} mx_axis;

/* Turned coordinates, see frame.h: x = centre + by u, by lower triangular; the spans of the axes are then of u. */
typedef struct mx_frame {
    int set;      /* 0: x = u */
    double centre[MX_AXES], by[MX_AXES][MX_AXES];
    size_t comb;  /* 0: cells; else nodes along each axis at equal steps from -reach to reach, in one cell. For a p that is analytic and
                   * dies out this is the best of rules: the error falls as exp(-1 / step) and faster [2]. */
    double reach;
} mx_frame;

/* A place where features or the prior are narrow, see narrow.h, and how narrow along each axis; INFINITY: no more than the support. */
typedef struct mx_spot {
    double at[MX_AXES], width[MX_AXES];
} mx_spot;

/* A line or a plane across several axes, sum_a by[a] x_a = at, about which features, the prior or p are narrow, and how narrow along each
 * axis. */
typedef struct mx_ridge {
    double by[MX_AXES], at, width[MX_AXES];
} mx_ridge;

/* Lines inside lines instead of cells, see nested.h. */
typedef struct mx_nested {
    int on;
    size_t order;        /* of the rules of single pieces: 0 .. MX_NESTED_ORDERS - 1 */
    int check;           /* 1: half as fine again, to judge the usual order by */
    int sharp;           /* 1: pieces may be singular at their ends, 2: so much so that 1e-17 of them has mass */
    double centre[MX_AXES], scale[MX_AXES]; /* of what p shows along axes with an infinite end */
    int heavy;           /* 1: far there, see nested_far.h: */
    double far[MX_AXES]; /* how far from the centre there is mass */
    unsigned char *edge; /* [points] 1: next to an infinite end */
    size_t spots, idle;  /* spots, and more of them after those that lines need not be cut for */
    mx_spot spot[MX_SPOTS];
    size_t ridges;
    mx_ridge ridge[MX_RIDGES];
} mx_nested;

typedef struct mx_grid {
    const maxent_problem *problem;
    struct mx_run *run;    /* whose time it is, or NULL: see mx_late */
    mx_frame frame;
    mx_nested nested;
    size_t axes;
    mx_axis axis[MX_AXES];
    size_t levels;         /* combinations of listed variables, >= 1 */
    size_t rule;           /* nodes along one axis of a cell, or of the comb */
    double node[MX_RULE_MOST], weight[MX_RULE_MOST], log_weight[MX_RULE_MOST]; /* Gauss-Legendre on -1 .. 1 */
    double tail[3][MX_RULE_MOST]; /* rows: the last three Legendre coefficients of what the nodes show */
    mx_cell *cell;         /* [cells] */
    size_t cells, capacity;
} mx_grid;

typedef struct mx_nodes {
    size_t n, k;
    double **value, **low; /* [variables][n] */
    double *logw;          /* [n] log weight with the Jacobian, without the prior */
    double *logq, *logq_low; /* [n] log prior: the sum of both */
    double *hi, *lo;       /* [n][k] features */
} mx_nodes;

/* Axes and levels of the problem; no spans yet. Errors: MEMORY. To be closed also after one. */
maxent_error mx_grid_open(const maxent_problem *problem, mx_grid *grid);
void mx_grid_close(mx_grid *grid);

/* The Gauss rule for cells: the usual number of nodes along an axis, or (check) half as many again, to judge the usual one by. */
void mx_grid_rule(mx_grid *grid, int check);

/* The Gauss-Legendre rule of m >= 2 points on -1 .. 1, ascending: node, weight [m]. */
void mx_legendre_rule(size_t m, double *node, double *weight);

/* Appends a root span to an axis (kept in ascending order by the caller). Returns 0, or -1: no memory. */
int mx_grid_root(mx_axis *axis, mx_span span);
/* Cells for every combination of roots in which axis a's root number is in first .. last - 1; the other axes' roots all. */
maxent_error mx_grid_cells(mx_grid *grid, size_t a, size_t first, size_t last);
/* The point of a span at t (s), as value + low. */
void mx_span_point(const mx_span *span, double t, double *value, double *low);
/* Coordinates along the axes of a turned grid become those of the variables, in place: value, low: [axes][n]. */
void mx_frame_points(const mx_grid *grid, size_t n, double *const *value, double *const *low);
/* The ends of a span in x (u), left < right. */
void mx_span_ends(const mx_span *span, int whole, double *left, double *right);

/* Cell c is halved along axis a; the second half is appended. 0: done, 1: it is too narrow to be halved, -1: no memory. */
int mx_grid_halve(mx_grid *grid, size_t c, size_t a);

/* The nodes of all cells, with features in double-double. old: the nodes that were laid last, for the cells that have not changed since, or
 * NULL. Sets first, count and rule of the cells. Errors: MEMORY, LIMIT (more than `most` nodes, or too late). nodes is to be closed also
 * after one. */
maxent_error mx_nodes_lay(mx_grid *grid, const mx_nodes *old, size_t most, mx_nodes *nodes);
void mx_nodes_close(mx_nodes *nodes);
/* Space for n nodes. Errors: MEMORY. */
maxent_error mx_nodes_open(mx_nodes *nodes, size_t n, size_t variables, size_t k);
/* The listed variables of `count` nodes from number `first`, a whole multiple of the levels. */
void mx_nodes_levels(const mx_grid *grid, mx_nodes *nodes, size_t first, size_t count);
/* The features and the prior there. Errors: MEMORY, LIMIT (too late). */
maxent_error mx_nodes_evaluate(const mx_grid *grid, mx_nodes *nodes, size_t first, size_t count);

/* How badly the nodes of cell c resolve y along axis a: the sum over lines of the largest of the last three Legendre coefficients.
 * y: values at the cell's nodes of a density with respect to t (s), that is without the weights of the rule. 0 where every whole number
 * is a node. */
double mx_grid_tail(const mx_grid *grid, const mx_cell *cell, size_t a, const double *y);
/* The sum of y over the first (side 0) or last nodes of cell c along axis a. */
double mx_grid_edge(const mx_grid *grid, const mx_cell *cell, size_t a, int side, const double *y);
/* The weights of the rule at the cell's nodes without the Jacobian: [cell->count]. */
void mx_grid_weights(const mx_grid *grid, const mx_cell *cell, double *out);

#endif
