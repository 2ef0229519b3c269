/* How far to go along a step. */
#ifndef MX_ALONG_H
#define MX_ALONG_H

#include "solve/dual/minimise.h"

/* A length at which the dual is nearly least along the step, of which length, value and slope at the end are known. Newton's method
 * while it makes the slope fall; else where the tangents at a length too short and one too long meet, which for a function that is
 * nearly the largest of some straight lines is nearly there. The scores after `length` are in dual->scores and become the ray, those
 * before are in dual->spare. 0: none found. */
double mx_best_length(mx_dual *dual, const mx_piece *pieces, const mx_minimum *m, double length, double value, double slope,
                      double before);

#endif
