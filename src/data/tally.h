/* Tallies: how often each combination of values occurs in some columns of a CSV file, in one pass, without holding the rows. */
#ifndef MX_TALLY_H
#define MX_TALLY_H

#include "data/dictionary.h"
#include "data/table.h"

typedef struct mx_tally_column {
    char *name;
    mx_dictionary levels;  /* distinct texts, in the order of appearance */
    uint32_t missing;      /* level of MX_TABLE_MISSING under MX_MISSING_CATEGORY, or UINT32_MAX */
} mx_tally_column;

typedef struct mx_tally {
    size_t columns;
    mx_tally_column *column; /* [columns] in the order asked for */
    size_t tuples;           /* distinct combinations */
    uint32_t *code;          /* [tuples * columns] level of each column */
    double *count;           /* [tuples] rows, or the sum of their weights */
    size_t *rows;            /* [tuples] rows */
    size_t total_rows, dropped;
} mx_tally;

typedef struct mx_tally_options {
    mx_missing missing;
    const char *const *column; /* [columns] names, no two equal */
    size_t columns;
    const char *weight;        /* column of weights >= 0, or NULL: 1 a row */
} mx_tally_options;

/* Reads to the end. *tally: written only on success, to be freed with mx_tally_free.
 * Errors: as mx_table_read; VALUE (a weight that is not a finite number >= 0); LIMIT (2^32 - 2 levels or combinations). */
maxent_error mx_tally_read(mx_csv *csv, const mx_tally_options *options, mx_tally *tally, maxent_diagnostic *diagnostic);

void mx_tally_free(mx_tally *tally); /* frees what it owns, not the struct */

#endif
