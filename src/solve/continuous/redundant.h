/* Facts that others imply but for the rounding of their targets, on continuous and countable supports: E[x] = 2.7 and E[3*x] = 8.1. In
 * doubles 8.1 is not three times 2.7, and an infinite support has densities for every difference: to the letter nothing meets both. */
#ifndef MX_REDUNDANT_H
#define MX_REDUNDANT_H

#include "solve/result.h"

typedef struct mx_redundant {
    size_t count;           /* facts left out; 0: none, and `problem` is not set */
    maxent_problem problem; /* in which they are only watched */
    unsigned char *out;     /* [k] 1: such a fact */
} mx_redundant;

/* Only equalities, and only where targets are off by more than 0 and no more than their rounding. Errors: MEMORY, VALUE, LIMIT. To be
 * closed also after one. */
maxent_error mx_redundant_open(mx_run *run, mx_redundant *redundant);
void mx_redundant_close(mx_redundant *redundant);

/* The residuals of what was left out, into run->result, which is on redundant->problem; run->problem is the whole. Returns 1 where the
 * verdict is one on the whole; 0: it has to be solved as it is. */
int mx_redundant_tell(mx_run *run, const mx_redundant *redundant);

#endif
