/* Working coordinates: the facts of a view orthogonalised, so that the dual is well conditioned however the user chose them.
 *
 *     u_xj = sum_i map_ij g_xi,        lambda_i = 2^-e_i sum_j map_ij z_j
 *
 * Equality facts come first and are orthonormal under the given weights (modified Gram-Schmidt, twice, in double-double); box
 * and soft facts follow, made orthogonal to the equalities and scaled. Redundant facts are left out.
 */
#ifndef MX_COORDINATES_H
#define MX_COORDINATES_H

#include "solve/dual/view.h"

/* Targets that somebody summed or rounded twice are off by a few units in the last place: a contradiction among several facts counts
 * from so many times on what the rounding of each one leaves open. */
#define MX_ALLOWED 8

typedef struct mx_coordinates {
    size_t n, r;
    size_t ld;         /* r rounded up to a multiple of 8 */
    double *panel;     /* [n][ld] the coordinates less their offset, rounded, as the kernels want them */
    double *offset;    /* [r] the mean under the weights where it is far from the target, in standard deviations; else 0 */
    double *hi, *lo;   /* [r * n] the same in double-double, column j at j * n */
    size_t *fact;      /* [r] the fact each came from */
    mx_kind *kind;     /* [r] EQUAL, BOX or SOFT */
    mx_dd *lower;      /* [r] box: bounds on E[u_j] */
    mx_dd *upper;      /* [r] */
    double *sd;        /* [r] soft: standard error on E[u_j] */
    mx_dd *map;        /* [k * r] */
    /* When facts contradict each other in every state alike: sum_i clash_i g_xi = clash_value for every x, and 0 was asked. */
    double *clash;     /* [k] or NULL */
    double clash_value;
    size_t redundant;  /* facts left out because the others imply them */
    mx_dd *settled;    /* [k] multipliers of soft facts whose means the equalities fix, and what they take from the equalities */
    double settled_value; /* what these facts add to the dual */
    size_t *left_out;  /* [redundant] those facts, */
    mx_dd *null;       /* [redundant * k] and with each the combination of it and others that is the same in every state */
} mx_coordinates;

/* weights: [n] of the states, or NULL: equal. The columns of kind WATCH take no part. Errors: MEMORY. */
maxent_error mx_coordinates_open(const mx_view *view, const double *weights, mx_coordinates *coordinates);
void mx_coordinates_close(mx_coordinates *coordinates);

/* lambda: [k] multipliers of the scaled columns g (multiply by 2^-e_i for the user's); double-double. */
void mx_coordinates_multipliers(const mx_coordinates *coordinates, size_t k, const double *z, mx_dd *lambda);
void mx_coordinates_multipliers_dd(const mx_coordinates *coordinates, size_t k, const mx_dd *z, mx_dd *lambda);

/* Takes off lambda what has no effect on p, so that the user's multipliers 2^-e_i lambda_i have the least Euclidean norm.
 * work: [(redundant + 8) * (k + 1)] */
void mx_coordinates_least_norm(const mx_coordinates *coordinates, const mx_view *view, mx_dd *lambda, double *work);

/* The reverse: z with the same scores, up to a constant, as lambda gives. Before mx_coordinates_least_norm, which changes `null`. */
void mx_coordinates_from_multipliers(const mx_coordinates *coordinates, size_t k, const mx_dd *lambda, double *z);

#endif
