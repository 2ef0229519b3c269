/* A sample inside the stage: a tally whose columns are known to be numbers or names, and the counts of sets of columns. */
#ifndef MX_SAMPLE_H
#define MX_SAMPLE_H

#include "data/tally.h"

#include <stdint.h>

typedef struct mx_sample_column {
    int numeric;      /* every level is a finite number */
    int whole;        /* every level is a whole number */
    int continuous;
    double *value;    /* [levels] when numeric */
    size_t levels;    /* distinct values: 1 and 1.0 are one level of a numeric column */
} mx_sample_column;

typedef struct mx_sample {
    mx_tally tally;             /* codes of numeric columns are merged by value */
    mx_sample_column *column;   /* [tally.columns] */
    double n;                   /* sum of tally.count */
} mx_sample;

/* Takes the tally over (also on failure). */
maxent_error mx_sample_new(mx_tally *tally, mx_sample *sample, maxent_diagnostic *diagnostic);
void mx_sample_free(mx_sample *sample);

/* group[t]: which combination of the columns in `set` tuple t has, numbered in the order of appearance. Returns their number, 0 when
 * there is no memory. group: [tuples]. */
size_t mx_sample_groups(const mx_sample *sample, uint64_t set, uint32_t *group);

/* The product of the levels of the columns in `set`, as a double (it may be large). */
double mx_sample_cells(const mx_sample *sample, uint64_t set);

/* The columns in `set` as points, one a row of the file (in the order of first appearance of their combination): [rows * d]. NULL: no
 * memory. All columns must be numeric. */
double *mx_sample_points(const mx_sample *sample, uint64_t set);

/* splitmix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014): the next 64 bits. */
uint64_t mx_random_next(uint64_t *state);

/* A whole number in [0, n), n >= 1, without bias. */
size_t mx_random_below(uint64_t *state, size_t n);

#endif
