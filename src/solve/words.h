/* Facts and certificates in words: what the files that tell verdicts share. */
#ifndef MX_WORDS_H
#define MX_WORDS_H

#include "base/error.h"
#include "base/dd.h"
#include "problem/problem.h"

#define MX_NAMED_FACTS 8 /* facts named in a message before "and so on" */

typedef struct mx_writer {
    char *out;
    size_t size, used;
} mx_writer;

typedef struct mx_extremes {
    mx_dd least, most;  /* of d . f over the states of positive prior */
    mx_dd target;       /* d . b */
} mx_extremes;

/* The bound of a fact that a certificate with that component leans on. */
double mx_bound_of(const mx_fact *fact, double direction);
/* Scales d so that its largest component is 1, then to small whole numbers if it is a multiple of such. */
void mx_round_direction(size_t k, double *d);
size_t mx_count_facts(size_t k, const double *d);

/* Text is appended, and cut off at size. */
void mx_say(mx_writer *w, const char *format, ...) MX_PRINTF(2, 3);
void mx_say_number(mx_writer *w, double value);
/* The same where ten digits would not tell it from `other`: then as many as it takes. */
void mx_say_unlike(mx_writer *w, double value, double other);
/* sign d . f, in the user's expressions. */
void mx_say_combination(mx_writer *w, const maxent_problem *problem, const double *d, double sign);
/* The facts with d != 0, each with the bound that d leans on. */
void mx_say_facts(mx_writer *w, const maxent_problem *problem, const double *d);
/* Fact i alone asks for what its feature never is. */
void mx_say_single(mx_writer *w, const maxent_problem *problem, size_t i, const double *d, const mx_extremes *b);
void mx_say_repairs(mx_writer *w, const maxent_problem *problem, const double *d, const double *repair);
/* "x = 1, y = 2"; point: [variables] */
void mx_say_point(mx_writer *w, const mx_support *support, const double *point);
/* What no density can do: d . f is to be its least on average. */
void mx_say_alone(mx_writer *w, const maxent_problem *problem, const double *d, double target);

#endif
