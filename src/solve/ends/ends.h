/* Which multipliers can be normalised, end by end, and which facts escape.
 *
 * Mass eps that goes to an end with eps |f| = c held takes c r with it from E[f], r = lim f / |f|, and costs no entropy in the limit when
 * |f| grows faster than log(1 / measure). So E[f] = tau only says E[f] + sum_e c_e r_e = tau, c_e >= 0, to whom entropy is all; in
 * the dual, lambda . r_e >= 0 is the edge of where Z is finite. This module finds the edges (rows), says which of them can be
 * part of the answer (there Z is finite on the edge too), and which combinations of facts can be changed freely in both directions
 * (x^3 on the line): those are dropped, their multipliers are zero, and the ends are looked at anew.
 *
 * New coordinates: lambda~ = to lambda, f~ = from^T f, tau~ = from^T tau, so that lambda . f = lambda~ . f~ and every row bounds a single
 * lambda~_i. Mostly they are the old ones.
 */
#ifndef MX_ENDS_H
#define MX_ENDS_H

#include "solve/ends/germs.h"

/* What the multiplier of a fact may be. */
typedef enum mx_sign {
    MX_SIGN_FREE,        /* an equality, an interval, a soft fact */
    MX_SIGN_AT_MOST,     /* only E[f] <= u: lambda >= 0 */
    MX_SIGN_AT_LEAST,    /* only E[f] >= l: lambda <= 0 */
    MX_SIGN_ZERO         /* watched: lambda = 0 */
} mx_sign;

typedef enum mx_escape {
    MX_ESCAPE_NONE,      /* the fact (combination) f~_i stays as it is */
    MX_ESCAPE_AT_MOST,   /* E[f~_i] = tau~_i becomes E[f~_i] <= tau~_i: lambda~_i >= edge_i. Of an interval the lower bound goes, of
                          * a soft fact with centre c all below c becomes free of charge */
    MX_ESCAPE_AT_LEAST,  /* E[f~_i] >= tau~_i: lambda~_i <= edge_i */
    MX_ESCAPE_DROPPED    /* lambda~_i = edge_i (0 unless the prior takes part), E[f~_i] takes any value */
} mx_escape;

/* An edge: Z is infinite where a . lambda + b < 0. */
typedef struct mx_end_row {
    size_t end, twin;    /* the end, and another one with the same row, or SIZE_MAX */
    size_t level;        /* its germ */
    size_t pivot;        /* the feature that grows fastest there */
    mx_dd *a;            /* [k] */
    mx_dd b;             /* 0 unless the prior shrinks as fast as the facts grow */
    int face;            /* 1: Z is finite for some lambda with a . lambda + b = 0, so that the answer may lie there and the fact only be
                          * approached; 0: for none: the edge is a wall; 2: not known */
    int steep;           /* 1: on that face E[f~] is infinite in the direction of the row: the answer does not lie there */
} mx_end_row;

typedef struct mx_ends {
    size_t k, count;
    mx_end *end;         /* [count] */
    mx_germs *germs;     /* [count] */
    int unbounded;       /* 1: no lambda (of the signs allowed) makes Z finite; `message` says where and why. The entropy has then no
                          * upper bound, or the facts cannot be met at all */
    int unclear;         /* 1: some end could not be judged; `message` says which. Nothing is claimed about it */
    char message[320];
    double *lambda;      /* [k] Z is finite there (as far as ends can tell); zeros when unbounded */
    size_t rows;
    mx_end_row *row;     /* [rows] no two the same; those with face 0 too */
    mx_escape *escape;   /* [k] */
    double *edge;        /* [k] */
    int dependent;       /* 1: some row with face != 0 depends on others and is not one of the lambda~_i; see `row` */
    mx_dd *to, *from;    /* [k][k], inverse of each other; NULL: the identity */

    size_t *level;       /* [count] germs before it vanish on the dropped combinations */
    size_t equalities;   /* E . lambda + e = 0: reduced to echelon form */
    mx_dd *equality;     /* [k][k + 1] the last column is e */
    size_t *column;      /* [k] where its 1 is */
    unsigned char *sign; /* [k] mx_sign */
    mx_dd *rowa;
    int borrowed;        /* germs and ends belong to another */
} mx_ends;

/* variable: the name for messages. sign: [k] mx_sign as bytes, NULL: all free. end: copied. *out: to be freed.
 * Returns 0, -1 when there is no memory, or what the probe returned. */
int mx_ends_find(size_t k, const unsigned char *sign, size_t count, const mx_end *end, mx_probe probe, const char *variable,
                 mx_ends **out);

/* The same on the face where the rows with tight[r] hold as equalities: they join what is dropped, and the ends are looked at anew.
 * *face borrows from `ends`, which must outlive it. Returns 0, -1 when there is no memory. */
int mx_ends_face(const mx_ends *ends, const unsigned char *tight, const char *variable, mx_ends **face);

/* 1: Z(lambda) is finite as far as ends can tell; 0: it is not; *which (NULL accepted): the end. What is within 1e-13 of an edge,
 * relative to its terms, counts as on it, and the next germ decides. The dropped combinations count as zero. */
int mx_ends_finite(const mx_ends *ends, const double *lambda, size_t *which);

/* "x -> infinity", "x -> 0 from above, y = b", "x -> infinity, y -> -infinity". */
void mx_end_name(const mx_end *end, const char *variable, char *out, size_t size);

void mx_ends_free(mx_ends *ends);

#endif
