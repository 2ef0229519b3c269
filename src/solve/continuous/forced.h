/* Facts that ask for the least or the largest value of their feature rule mass out wherever it is another: P[x > 5] <= 0, P[A | B] = 1,
 * E[max(x - 1, 0)] = 0. What is left is the same problem with the prior 0 there, however little mass that would have been. */
#ifndef MX_FORCED_H
#define MX_FORCED_H

#include "solve/result.h"

typedef struct mx_forced {
    size_t count;           /* facts that do and leave room; 0: none, and `problem` is not set */
    size_t asking;          /* facts that ask for an extreme, whether they leave room or not */
    const maxent_problem *whole;
    maxent_problem problem; /* prior 0 where one of them rules mass out; they themselves are only watched */
    signed char *side;      /* [k] 1: the feature has to be at its least value, -1: at its largest, 0: no such fact */
    double *least;          /* [k] what each feature is never below, and never above, as far as its expression shows */
    double *most;
    int idle;               /* 1: they rule out no number, as far as many of them show: E[cos(2*pi*n)] = 1 */
    unsigned char *shut;    /* [combinations of listed variables] 1: what they leave there has no length, area or volume; or NULL: none */
    unsigned char *steps;   /* [k] 1: the feature's values are whole numbers */
} mx_forced;

/* For continuous and countable supports. Facts that leave nothing but a set of measure zero are not among them. Errors: MEMORY. To be
 * closed also after one. */
maxent_error mx_forced_open(const maxent_problem *problem, mx_forced *forced);
void mx_forced_close(mx_forced *forced);

/* 1: all of them have whole numbers as values, or all variables do: what clashes on what they leave clashes everywhere. */
int mx_forced_stepped(const mx_forced *forced);

/* The verdict on forced->problem, in run->result, becomes one on run->problem, the whole. Errors: MEMORY. */
maxent_error mx_forced_tell(mx_run *run, mx_forced *forced);

#endif
