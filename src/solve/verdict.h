/* Verdicts in words: why nothing meets the facts, which of them clash, what would repair them. */
#ifndef MX_VERDICT_H
#define MX_VERDICT_H

#include "solve/result.h"

/* From result->direction: checks it against the features in double-double, reduces it to facts that clash by themselves, finds the
 * nearest repair for each, and writes margin, repair and message. Errors: MEMORY, CALLBACK. */
maxent_error mx_explain_infeasible(mx_run *run);

/* The message when facts and gap are met, but states of vanishing probability may be forced to zero and nobody can tell. */
void mx_explain_near_face(mx_run *run);

/* The message when the facts are met, but p is in doubt by `doubt` of its largest and the problem too large to do better. */
void mx_explain_doubt(mx_run *run, double doubt);

/* The message when time was over before there were any numbers. */
void mx_explain_stopped(mx_run *run);

/* The message of a verdict on the part of the support that facts with side[i] != 0 leave ([k], see forced.h) says so. */
void mx_explain_forced(mx_run *run, const signed char *side);

/* The message of SINGULAR, or of UNFINISHED, when what such facts leave to densities clashes with the others: single points may not. */
void mx_explain_bare(mx_run *run, const signed char *side);

/* The message of SINGULAR, or of INFEASIBLE, where result->direction leaves mass only where equations hold: they in words. */
void mx_explain_pinned(mx_run *run, const char *where);

/* The message when the facts are met, but multipliers are so large that log p is in doubt by `doubt`. */
void mx_explain_scores(mx_run *run, double doubt);

/* A smallest clash and its repairs, from the certificate in the result and the exact view of the problem. Errors: MEMORY, CALLBACK. */
maxent_error mx_explain_reduce(mx_run *run);

/* Continuous supports: the message of INFEASIBLE and SINGULAR from result->direction. point: [points][variables] or NULL. */
void mx_explain_existence(mx_run *run, const double *point, size_t points, size_t variables);
/* The same where the certificate, of that margin, holds but at one point, where features jump; NaN: it is one of what a face leaves. */
void mx_explain_jump(mx_run *run, const double *point, double margin, size_t variables);

/* The message of any other verdict. */
void mx_explain(mx_run *run);

#endif
