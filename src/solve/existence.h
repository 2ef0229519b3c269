/* Whether any density can meet the facts: nearest points over the nodes, and exchange between them. */
#ifndef MX_EXISTENCE_H
#define MX_EXISTENCE_H

#include "solve/continuum.h"
#include "solve/hull.h"

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
    double open;            /* what rounding of the targets leaves open of d . tau */
} mx_existence;

/* Errors: MEMORY. To be closed also after one. */
maxent_error mx_existence_open(mx_continuum *c, mx_existence *existence);
void mx_existence_close(mx_existence *existence);

#endif
