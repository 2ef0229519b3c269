/* Clashes that leave room: what the files about them share. */
#ifndef MX_EXISTENCE_STRICT_H
#define MX_EXISTENCE_STRICT_H

#include "solve/existence/places.h"

enum { MX_COLUMNS_MOST = 48 };

typedef struct mx_clash_column {
    size_t fact;
    double sign, bound, scale; /* v = sign (f - bound) / scale */
    int side;                  /* 1: d >= 0 */
} mx_clash_column;

typedef struct mx_clash {
    mx_continuum *c;
    const mx_places *places;
    mx_sample *sample;
    mx_clash_column column[MX_COLUMNS_MOST];
    size_t m;
    double d[MX_COLUMNS_MOST];    /* on the columns */
    double exact[MX_COLUMNS_MOST]; /* the same on f, not scaled */
    double line[MX_COLUMNS_MOST][MX_COLUMNS_MOST]; /* [lines] orthonormal: d is level along them */
    size_t lines;
    double rounding;           /* of its terms: a slack no farther below 0 is none, nor one at a single point; 0: d is as if exact */
    double angle;              /* the least of d . u / |d| over the cloud, as the nearest point tells */
    double *u;                 /* [capacity][MX_COLUMNS_MOST] */
    double *size;              /* [capacity] |v| */
    size_t n, capacity;
    size_t used;               /* points in the combination nearest to 0 */
    size_t use[MX_COLUMNS_MOST + 1];
} mx_clash;

/* nearest.c: d, angle and what is used, for the directions of the cloud. */
void mx_clash_nearest(mx_clash *clash);

/* boxes.c: looks for places where the slack is below 0; those *found join the cloud. Returns 0, -1: no memory. */
int mx_clash_boxes(mx_clash *clash, size_t *found);

/* strict.c: the slack of the exact direction at a point with features hi + lo; user: the clash. So is the angle. */
double mx_clash_slack(const void *user, const double *hi, const double *lo);
double mx_clash_angle(const void *user, const double *hi, const double *lo);
double mx_clash_length(size_t m, const double *v);

#endif
