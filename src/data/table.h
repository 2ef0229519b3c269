/* Tables: a CSV file in memory, each column numbers or names. */
#ifndef MX_TABLE_H
#define MX_TABLE_H

#include "base/watch.h"
#include "data/csv.h"

#include <stdint.h>

#define MX_TABLE_MISSING "(missing)" /* the level that missing values become under MX_MISSING_CATEGORY */

/* What to do with a missing value: an empty field, quoted or not, or one of NA, N/A, NaN, nan, NULL, null without quotes. */
typedef enum mx_missing {
    MX_MISSING_ERROR,   /* refuse the file, with the place */
    MX_MISSING_DROP,    /* leave out rows in which a column that is read has one */
    MX_MISSING_CATEGORY /* a level of its own in a column of names; a column of numbers is refused */
} mx_missing;

typedef struct mx_table_options {
    mx_missing missing;
    char delimiter;            /* 0: by the file's name, as mx_csv_open */
    const char *const *column; /* [columns] names of those to read, in this order; NULL: all */
    size_t columns;
    mx_watch *watch;           /* whose time it is; NULL: there is no limit */
} mx_table_options;

typedef struct mx_column {
    char *name;       /* as in the header, blanks around it taken off unless quoted */
    int numeric;      /* 1: number, 0: code and label */
    double *number;   /* [rows] finite, when numeric */
    uint32_t *code;   /* [rows] level of each row, when not */
    char **label;     /* [levels] in the order of appearance, when not */
    size_t levels;
} mx_column;

typedef struct mx_table {
    size_t rows;
    size_t columns;
    mx_column *column; /* [columns] */
    size_t dropped;    /* rows left out because of missing values */
} mx_table;

/* Reads a table: the first row is the header. A column is numeric when every field that is not missing is the decimal form of a
 * finite number (blanks around it allowed); one field that is not makes it a column of names. Spellings of infinity ("inf",
 * "-Infinity", "1e999") count as numbers for this, and a column that is numeric with them is refused: VALUE.
 * options: NULL for the defaults (missing values are errors, all columns).
 * *table: written only on success, to be freed with mx_table_free.
 * Errors: those of mx_csv_open and mx_csv_row; NAME (an empty or repeated name in the header; a column that is not there: the
 * nearest name is suggested); FILE (no header, no rows); VALUE (a missing or infinite value); STOPPED. */
maxent_error mx_table_read(const char *path, const mx_table_options *options, mx_table *table, maxent_diagnostic *diagnostic);

/* The same from an open reader, which is not closed. */
maxent_error mx_table_read_csv(mx_csv *csv, const mx_table_options *options, mx_table *table, maxent_diagnostic *diagnostic);

/* Index of the column of that name, or SIZE_MAX. */
size_t mx_table_find(const mx_table *table, const char *name);

/* 1 when a field is missing by the rule above. */
int mx_field_missing(const mx_csv_field *field);

/* What a field says as a number: 1 finite (*value), 2 infinite (*value = +-inf), 0 not a number. Blanks around it are allowed. */
int mx_field_number(const mx_csv_field *field, double *value);

/* The header as names: reads the first row, checks it, and hands over [*count] strings (each and the array to be freed with
 * mx_free). Errors: as mx_table_read. */
maxent_error mx_csv_header(mx_csv *csv, char ***name, size_t *count, maxent_diagnostic *diagnostic);

/* NAME: `no column "ply" in weather.csv; did you mean "play"?` or with the list of the columns when they are few. */
maxent_error mx_unknown_column(const char *file, const char *wanted, size_t count, const char *const *name,
                               maxent_diagnostic *diagnostic);

void mx_table_free(mx_table *table); /* frees what it owns, not the struct; a column's arrays may have been taken (set to NULL) */

#endif
