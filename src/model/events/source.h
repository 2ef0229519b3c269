/* Sources: which reader a file needs, and what readers for training, predicting and scoring share. */
#ifndef MX_SOURCE_H
#define MX_SOURCE_H

#include "model/events/events.h"
#include "model/events/lines.h"
#include "model/events/piece.h"

#include <maxent/model_file.h>

/* The format of a file of lines by its first bytes: SVMLIGHT or NAMED; TABLE when it looks like one. */
maxent_format mx_source_detect(const char *text, size_t length);

/* Opens a file of lines and settles its format: options->format, or that of the space when there is one, or what it looks like.
 * Errors: as mx_lines_open; FILE when it does not look like what the space needs, or like a table. */
maxent_error mx_source_open(const char *path, const maxent_read_options *options, const mx_space *space, mx_lines **out,
                            maxent_format *format, maxent_diagnostic *diagnostic);

/* The form of a space as a format; AUTO for arrays. */
maxent_format mx_source_format(const mx_space *space);

/* Fills *map for the numbers of a svmlight file read for a space. Errors: MEMORY. */
maxent_error mx_source_map(const mx_space *space, mx_index_map *map, maxent_diagnostic *diagnostic);

/* A fault that none of the features at all is known: a model for other features. piece: of the first block. */
maxent_error mx_source_check_known(const mx_piece *piece, const mx_block *block, mx_fault *fault);

/* A FILE error about a whole file. */
maxent_error mx_source_fail(const char *name, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...) MX_PRINTF(4, 5);

/* Seconds of a clock that only goes forward. */
double mx_source_seconds(void);

/* Distinct texts of `from` in ascending order, of numbers when all are numbers, else of bytes; those before `fixed` stay where they are.
 * order: [from->levels] old level of each new one. 0: no memory. */
int mx_source_sort_names(const mx_dictionary *from, size_t fixed, uint32_t *order);

#endif
