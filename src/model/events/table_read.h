/* A table read for training: its columns, before they become features. */
#ifndef MX_TABLE_READ_H
#define MX_TABLE_READ_H

#include "data/table.h"
#include "model/events/table_block.h"

/* One column. */
typedef struct mx_raw_field {
    mx_cells cells;
    mx_dictionary text;
    int said;                    /* 1: the options say that its numbers are names */
    maxent_diagnostic *odd;      /* the first cell that is no number, of a column that began with numbers; or NULL */
    maxent_diagnostic *infinite; /* the first infinite number, or NULL */
} mx_raw_field;

typedef struct mx_raw_table {
    mx_lines *lines;
    const maxent_read_options *options;
    mx_table_form form;
    mx_table_block *worker; /* [workers] */
    int workers;
    size_t rows, dropped;
    mx_raw_field *field;           /* [form.count] those that are used are filled */
    size_t *offset_at;      /* [options->offsets] their columns */
    const double *weight;   /* [rows] or NULL */
} mx_raw_table;

/* Reads a file; options->target is needed. *table is to be freed in any case. Errors: as maxent_events_read. */
maxent_error mx_table_read_file(const char *path, const maxent_read_options *options, mx_raw_table *table, maxent_diagnostic *diagnostic);

/* What there is to tell of columns that hold both numbers and names. */
void mx_table_tell_mixed(const mx_raw_table *table, maxent_read_report *report);

void mx_table_free_raw(mx_raw_table *table); /* frees what it owns, not the struct */

#endif
