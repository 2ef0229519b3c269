/* Where the slack of a certificate is lowest over the cells of a grid, and beyond them. */
#ifndef MX_EXISTENCE_LOWEST_H
#define MX_EXISTENCE_LOWEST_H

#include "solve/existence/sample.h"

typedef struct mx_low_point {
    double slack, size;
    double known; /* how much the slack differs beside the point, within what the way down could tell: it may be less by as much */
    double at[2 * 64];
    double start;          /* the slack of the node that it was followed down from */
    double from[2 * 64];
} mx_low_point;

/* d . (f - tau), with the bound that d leans on for an interval. size: the largest of its terms, or NULL. */
mx_dd mx_slack(const mx_continuum *c, const double *d, const double *hi, const double *lo, double *size);
/* What counts as 0; the slack as a part of its terms. */
double mx_low_zero(const mx_low_point *low);
double mx_low_relative(const mx_low_point *low);

/* The lowest local minima of the slack over the nodes and the ends of cells, followed down, in the order of slack beside size. Returns
 * their number, 0 after the deadline. least: the least slack of all. work: [2 k + 2] */
size_t mx_lowest(mx_continuum *c, const double *d, mx_low_point *low, size_t most, double *work, double *least);
/* Does the slack still fall where doubles end: at the singular points, at infinity? Then nothing is known of its least value. One axis. */
int mx_falls_beyond(mx_continuum *c, const double *d, double *work);
/* The same where no singular points are known by their place, as far as expressions tell (facts/ranges.h). *sinks: 1: it may.
 * Errors: MEMORY. */
maxent_error mx_may_sink(const mx_continuum *c, const double *d, int *sinks);

#endif
