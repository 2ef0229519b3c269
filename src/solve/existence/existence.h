/* Whether any density can meet the facts: nearest points over the nodes, and exchange between them. */
#ifndef MX_EXISTENCE_H
#define MX_EXISTENCE_H

#include "solve/continuous/continuum.h"
#include "solve/existence/sample.h"
#include "solve/finite/hull.h"

typedef enum mx_existing {
    MX_EXISTS,        /* the targets are interior: some positive density meets the facts */
    MX_ON_FACE,       /* only densities on `keep` cells do */
    MX_ON_POINTS,     /* only measures on sets of measure zero do */
    MX_NONE,          /* nothing does */
    MX_NOT_KNOWN
} mx_existing;

typedef struct mx_existence {
    mx_existing answer;
    double *direction;      /* [k] in the user's units: d . f >= d . tau on the whole support (FACE, POINTS, NONE) */
    double margin;          /* NONE: the least of d . f - d . tau */
    unsigned char *keep;    /* [cells] FACE */
    size_t points;          /* POINTS: where d . f = d . tau; EXISTS: where the mass may have to be and nodes were missing */
    double *point;          /* [points][variables] */
    int jump;               /* POINTS: 1: the certificate is one of NONE, with its margin, but at point[0], where features jump: mass
                             * there meets what no density does */
    double open;            /* what rounding of the targets leaves open of d . tau */
    double *repair;         /* [k] NONE: the nearest bound of each fact with which the others can be met; NaN: there is none. Or NULL */
} mx_existence;

/* Errors: MEMORY. To be closed also after one. */
maxent_error mx_existence_open(mx_continuum *c, mx_existence *existence);
/* The same with other bounds, given: [k]. */
maxent_error mx_existence_of(mx_continuum *c, const mx_fact *given, mx_existence *existence);
/* What lies within `limit` of the least of existence->direction, whose slack is to be no farther from 0 there, with c->fact as it is: FACE
 * or POINTS; else EXISTS. Errors: MEMORY. */
maxent_error mx_existence_faces(mx_continuum *c, double limit, mx_existence *existence);
/* edge.c: the same question with every target moved by its own rounding to where multipliers of the signs of lambda, [k], push: FACE or
 * POINTS when the targets, as decimals, lie on the edge of what can be met, and EXISTS when that is not seen. nice: only by combinations
 * of few digits. Errors: MEMORY. To be closed also after one. */
maxent_error mx_existence_edge(mx_continuum *c, const double *lambda, int nice, mx_existence *existence);
/* Is a point with features hi + lo where d . f = d . tau, to rounding and to `open`? */
int mx_existence_on_face(const mx_continuum *c, const double *d, double open, const double *hi, const double *lo);
void mx_existence_close(mx_existence *existence);

/* strict.c: the same on a cloud (sample->places), without a grid: EXISTS (the cloud alone meets them), NONE, or NOT_KNOWN. */
maxent_error mx_existence_strict(mx_continuum *c, mx_sample *sample, mx_existence *existence);
/* Asks it with the facts as they are, on a cloud made for the grid: what was not known may change to NONE. */
maxent_error mx_existence_places(mx_continuum *c, mx_existence *existence);
/* far.c: does a certificate hold towards infinite ends too? [k] in the user's units. *holds: 0: it does not, or that is not known. Errors:
 * MEMORY. */
maxent_error mx_existence_holds_far(mx_continuum *c, const double *direction, int *holds);
/* boxes.c: a certificate put to the whole support by intervals, with c->fact as it is: places where it does not hold, *found of them, join
 * the sample. Errors: MEMORY. */
maxent_error mx_existence_boxes(mx_continuum *c, const mx_existence *existence, mx_sample *sample, size_t *found);
/* The same of several axes, in narrow valleys only: valleys.c. Errors: MEMORY. */
maxent_error mx_existence_valleys(mx_continuum *c, const mx_existence *existence, mx_sample *sample, size_t *found);
/* squares.c: means and covariances that no law has, or none with a density: *told: 1: the verdict is in run->result. Errors: MEMORY. */
maxent_error mx_existence_squares(mx_run *run, int *told);
/* Of several continuous variables, before a grid is laid: *clashes: 1: the facts clash, and the verdict is in the result. */
maxent_error mx_existence_look(mx_continuum *c, int *clashes);

/* The exchange alone, on a sample. Errors: MEMORY. To be closed also after one. */
maxent_error mx_existence_exchange(mx_continuum *c, mx_sample *sample, mx_existence *existence);
/* fewer.c: after it came to no end: without the facts that have least to say, *existence changes when that decides it. Errors: MEMORY. */
maxent_error mx_existence_fewer(mx_continuum *c, mx_sample *sample, mx_existence *existence);
/* fewer.c: can the facts, c->fact, be met by mass at the points of an answer? *met; used: [points] 1 where some of it may be, or NULL.
 * Errors: MEMORY. */
maxent_error mx_existence_met(mx_continuum *c, const mx_existence *existence, int *met, unsigned char *used);
/* fewer.c: of POINTS, those at which the facts leave no mass are no more among them. Errors: MEMORY. */
maxent_error mx_existence_trim(mx_continuum *c, mx_existence *existence);
/* fewer.c: is there mass at points of a face, a direction and what is open of it, with which the facts are met? *met; as far as a cloud of
 * places shows. Errors: MEMORY. */
maxent_error mx_existence_met_on_face(mx_continuum *c, const mx_existence *existence, int *met);
/* The same on a sample that was asked before, with c->fact as it is. What *existence had is forgotten. */
maxent_error mx_existence_ask(mx_continuum *c, mx_sample *sample, mx_existence *existence);
/* clash.c: a certificate (NONE) is reduced to facts that clash by themselves, and their repairs are found, with c->fact as it is
 * before and after. */
maxent_error mx_existence_reduce(mx_continuum *c, mx_sample *sample, mx_existence *existence);

#endif
