/* Columns: how the columns of a table become features, stored with a model. */
#ifndef MX_COLUMNS_H
#define MX_COLUMNS_H

#include "data/table.h"
#include "model/events/events.h"
#include "model/events/piece.h"

#include <maxent/model_file.h>

typedef struct mx_column_use {
    char *name;
    int numeric;
    double mean;          /* of the training data: stands for missing values */
    double centre, scale; /* the feature is (x - centre) / scale */
    mx_dictionary level;  /* [levels] of a column of names */
    uint32_t feature;     /* the first; a level without one comes first when contrasts are wanted; UINT32_MAX: no feature */
} mx_column_use;

/* What mx_space.table points to. */
typedef struct mx_columns {
    char *target;         /* column of the class */
    size_t count;
    mx_column_use *column; /* [count] */
    mx_dictionary offset; /* [0, 1 or classes] columns of offsets; one: of the second class of two */
    int absent;           /* maxent_absent */
    int contrasts;        /* 1: the first level has no feature */
} mx_columns;

mx_columns *mx_columns_new(size_t count); /* NULL: no memory */
void mx_columns_free(void *columns);

/* Features that a column has. */
size_t mx_column_features(const mx_columns *columns, const mx_column_use *column);

/* Gives the columns their features, and the space their names and number: "age", "outlook=sunny". Errors: MEMORY, LIMIT, NAME (two features
 * of one name). */
maxent_error mx_columns_settle(mx_columns *columns, mx_space *space, maxent_diagnostic *diagnostic);

/* 1 when a model of so many classes can have so many columns of offsets. */
int mx_columns_offsets_fit(size_t offsets, size_t classes);

/* Reads a table for training. Errors: as maxent_events_read. */
maxent_error mx_columns_read(const char *path, const maxent_read_options *options, maxent_events **out, maxent_read_report *report,
                             maxent_diagnostic *diagnostic);

/* ---- rows for a space that exists ---- */

typedef struct mx_table_rows {
    mx_lines *lines;
    const mx_space *space;
    const mx_columns *columns;
    size_t width, header;  /* fields of a row; bytes of the header, in the first block */
    size_t *field;         /* [columns->count] where each is in a row */
    size_t *offset;        /* [columns->offset.levels] the same */
    size_t target, weight; /* the same, or SIZE_MAX */
    char delimiter;
    int drop;              /* rows with a missing value are left out */
} mx_table_rows;

/* need_target: a table without it is an error. Errors: as mx_table_open; NAME. */
maxent_error mx_table_rows_open(const char *path, const maxent_read_options *options, const mx_space *space, int need_target,
                                mx_table_rows *rows, maxent_diagnostic *diagnostic);
/* The rows of a block as events of the space, labels as classes or MX_NO_CLASS. Blocks may be parsed at the same time. Errors: FILE, VALUE,
 * with the place; LIMIT, MEMORY. */
maxent_error mx_table_rows_parse(const mx_table_rows *rows, const mx_block *block, mx_piece *piece, mx_fault *fault);
void mx_table_rows_close(mx_table_rows *rows);

#endif
