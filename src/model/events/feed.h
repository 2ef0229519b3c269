/* The events of a file for a space that exists, block by block on all cores: what evaluating, predicting and scoring share. */
#ifndef MX_FEED_H
#define MX_FEED_H

#include "model/events/columns.h"
#include "model/events/events.h"
#include "model/events/piece.h"

#include <maxent/model_file.h>

typedef struct mx_feed {
    const mx_space *space;
    maxent_format format;
    mx_lines *lines;      /* of both */
    mx_table_rows rows;   /* of a table */
    mx_index_map map;     /* of svmlight data */
    int workers;
    mx_parser *parser;    /* [workers] */
    mx_piece *piece;      /* [workers] */
} mx_feed;

typedef struct mx_feed_work {
    void *user;
    /* As those of mx_lines_work, with the events of the block; either may be NULL. */
    maxent_error (*predict)(void *user, int worker, const mx_piece *piece, mx_fault *fault);
    maxent_error (*take)(void *user, int worker, const mx_block *block, mx_piece *piece, mx_fault *fault);
} mx_feed_work;

/* labelled: a table has to have its target and a line of svmlight data its label, and rows of tables with a missing value are left out if
 * the model was made so; else every row is an event. *feed is to be closed also on failure.
 * Errors: as maxent_events_read; ARGUMENT (a format that the space has not). */
maxent_error mx_feed_open(const char *path, const maxent_read_options *options, mx_space *space, int labelled, mx_feed *feed,
                          maxent_diagnostic *diagnostic);

/* Works through the file; adds what there was to *report. A file without events is an error (FILE), features of which the space knows
 * none too. Errors: as mx_lines_run. */
maxent_error mx_feed_run(mx_feed *feed, const mx_feed_work *work, maxent_read_report *report, maxent_diagnostic *diagnostic);

void mx_feed_close(mx_feed *feed); /* frees what it owns, not the struct */

#endif
