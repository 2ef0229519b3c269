/* What the features and the prior show along an axis: cuts, hints, singular points. */
#ifndef MX_HINTS_H
#define MX_HINTS_H

#include "solve/cells/grid.h"

enum { MX_SCAN_MOST = 1400, MX_CENTERS_MOST = 20000 };

typedef struct mx_probe_line {
    const mx_grid *grid;
    size_t a, variables, k, cuts, arguments;
    double base[64];       /* the other variables */
    double *value, *low;   /* [variables * MX_SCAN_MOST] */
    double *f, *f_low, *logq, *cut, *argument; /* [MX_SCAN_MOST * k], ..., [MX_SCAN_MOST * cuts], ... */
} mx_probe_line;

typedef struct mx_center {
    double x;
    int hint;              /* 1, 2, 3: everything is smooth there; 2: not to be left out; 3: nor narrower than its distance from others */
} mx_center;

typedef struct mx_centers {
    mx_center *at;         /* [most], of which [count]; those beyond `most` are left out */
    size_t count, most;
    int failed;            /* 1: no memory */
} mx_centers;

/* To be freed: p->value, which owns all. Errors: MEMORY. */
maxent_error mx_probe_open(const mx_grid *grid, mx_probe_line *p);
/* The other variables: listed ones as in the given combination of levels, continuous ones somewhere inside. */
void mx_probe_base(mx_probe_line *p, size_t combination);
/* Values at points x + low of the axis, the other variables at their base. what: 1 features and prior, 2 cuts,
 * 3 arguments. Returns 0, -1: no memory. */
int mx_probe_look(mx_probe_line *p, size_t n, const double *x, const double *low, int what);
/* Function `which` along the axis: feature i, log prior (k), cut c (k + 1 + c), argument (k + 1 + cuts + ...). A root of it less the level
 * between a and b, where it is level + ga and level + gb, of different signs; the place between a and b where sign times it is largest. */
double mx_probe_root(mx_probe_line *p, size_t which, double level, double a, double b, double ga, double gb);
double mx_probe_peak(mx_probe_line *p, size_t which, double sign, double a, double b);
/* Points of every scale over the axis, ascending; x: [MX_SCAN_MOST]. */
size_t mx_probe_scan(const mx_axis *axis, double *x);
void mx_centers_add(mx_centers *c, double x, int hint);
void mx_probe_cuts(mx_probe_line *p, size_t n, const double *x, mx_centers *out);
void mx_probe_hints(mx_probe_line *p, const mx_fact *fact, size_t n, const double *x, mx_centers *out);
/* Does a feature or the prior change at distances from x (to the side of `sign`) where a smooth function of scale h no longer would? */
int mx_probe_singular(mx_probe_line *p, double x, int sign, double h);

#endif
