/* Bounds of features on a box of the variables, by interval arithmetic over the graph. */
#ifndef MX_RANGES_H
#define MX_RANGES_H

#include "problem/problem.h"

typedef struct mx_ranges mx_ranges;

/* For a problem with a field. NULL: no memory. */
mx_ranges *mx_ranges_new(const maxent_problem *problem);
void mx_ranges_free(mx_ranges *boxes);
/* Every value of feature i on the box is within low[i] .. high[i], to rounding. lower, upper: [variables], of a LISTED variable both its
 * number or its level when it is named; low, high: [k]. */
void mx_ranges_bounds(mx_ranges *boxes, const double *lower, const double *upper, double *low, double *high);
/* 1: the expression shows that the values of feature i are whole numbers. */
int mx_ranges_whole(const mx_ranges *boxes, size_t i);
/* Does feature i go to -infinity (low[i] = 1) or to infinity (high[i] = 1) towards a finite place, as log(x) does where 0 is an end? By the
 * expression alone: where doubles end is no bound. 0 is sure, 1 may be too much. low, high: [k]. Returns 0, or -1: no memory. */
int mx_ranges_singular(const maxent_problem *problem, unsigned char *low, unsigned char *high);

#endif
