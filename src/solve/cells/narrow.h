/* Where the expressions show that features or the prior may change quickly, and over what distance: what no rule of nodes would meet by
 * chance. An argument of exp, 1/x and the like is as wide as the support where what is made of it is narrow, so that its zeros and
 * extremes are found from a few samples. */
#ifndef MX_NARROW_H
#define MX_NARROW_H

#include "solve/cells/hints.h"

/* One variable. Spots along p's axis, the other variables at p's base, in order of x; x: [n] the scan, ascending. Only at[0] and width[0]
 * are set. Returns how many, at most `most`; -1: no memory. */
int mx_narrow_line(mx_probe_line *p, size_t n, const double *x, mx_spot *spot, size_t most);

/* The distance from x along p's axis at which a feature or the prior stops changing faster and faster; INFINITY: it does not. */
enum { MX_NARROW_STEPS = 112 }; /* on each side */
double mx_narrow_width(mx_probe_line *p, double x);
/* The same at which feature i has changed by more than `off`. */
double mx_narrow_target(mx_probe_line *p, size_t i, double x, double off);

/* Several variables: fills grid->nested.spot and ridge. fact: [k], whose targets may be near the extreme of their features.
 * Errors: MEMORY. */
maxent_error mx_narrow_spots(mx_grid *grid, mx_probe_line *p, const mx_fact *fact);

#endif
