/* The exact view of a problem: its facts in double-double, on the states that can still have probability.
 *
 * Whether targets lie inside, on the edge or outside of what the features allow is a question about exact numbers, so it is asked
 * here: column i holds g_xi = (f_xi - b_i) 2^-e_i to about 31 digits, where b_i is the fact's target (or one of its bounds) and
 * 2^e_i its size. The fact is then E[g_i] = 0, or lower_i <= E[g_i] <= upper_i.
 */
#ifndef MX_VIEW_H
#define MX_VIEW_H

#include "base/dd.h"
#include "problem/problem.h"

typedef enum mx_kind {
    MX_KIND_EQUAL, /* E[g] = 0 */
    MX_KIND_BOX,   /* lower <= E[g] <= upper */
    MX_KIND_SOFT,  /* E[g] = 0 +- sd */
    MX_KIND_WATCH  /* no constraint */
} mx_kind;

typedef struct mx_column {
    mx_kind kind;
    double reference;    /* b_i, in the user's unit */
    int exponent;        /* e_i */
    mx_dd lower, upper;  /* box, centred and scaled; -inf, inf where open */
    double sd;           /* soft, scaled */
    double error;        /* what rounding leaves open of b_i, scaled */
    double size;         /* max |f_i| over the states, scaled */
    double rounding;     /* relative rounding of the feature: 0 for whole numbers, 2^-98 computed in double-double, else 2^-53 */
} mx_column;

typedef struct mx_view {
    size_t n;            /* states kept */
    size_t k;            /* columns: all facts of the problem */
    size_t *state;       /* [n] their numbers in the problem */
    double *logq;        /* [n] log prior */
    double *hi, *lo;     /* [k * n] column i at i * n */
    mx_column *column;   /* [k] */
    int relaxed;         /* 1: combinations that the rounding of the targets leaves open are ignored */
} mx_view;

/* Reads the features of all states of positive prior. *view is to be closed also after an error.
 * Errors: MEMORY, CALLBACK, VALUE (a feature is not finite; the diagnostic names fact and state). */
maxent_error mx_view_open(const maxent_problem *problem, mx_view *view, maxent_diagnostic *diagnostic);

/* Column i, as read from the features (hi, lo), is centred on the fact's bound and scaled; its column[i] is filled. */
void mx_view_centre(const maxent_problem *problem, mx_view *view, size_t i);

/* Keeps the states x with keep[x] != 0. */
void mx_view_restrict(mx_view *view, const unsigned char *keep);

void mx_view_close(mx_view *view);

static inline mx_dd mx_view_at(const mx_view *view, size_t i, size_t x)
{
    return (mx_dd){view->hi[i * view->n + x], view->lo[i * view->n + x]};
}

/* The diagnostic for a feature that is not finite; returns MAXENT_ERROR_VALUE. */
maxent_error mx_not_finite(const maxent_problem *problem, size_t i, size_t x, double value, maxent_diagnostic *diagnostic);

/* Names the state for a message: "x = 3", "s[1] = 1, s[2] = -1", "state 7". */
void mx_state_text(const maxent_problem *problem, size_t x, char *out, size_t size);

#endif
