/* CSV: rows of fields from a stream, as RFC 4180 writes them. */
#ifndef MX_CSV_H
#define MX_CSV_H

#include "base/error.h"
#include "data/stream.h"

#include <stddef.h>

#define MX_CSV_ROW_LIMIT ((size_t)1 << 28)   /* bytes of one row, quotes included */
#define MX_CSV_FIELD_LIMIT ((size_t)1 << 20) /* fields of one row */

typedef struct mx_csv mx_csv;

/* One field of the current row: [length] bytes of valid UTF-8 without NUL, quotes taken off; not NUL-terminated. */
typedef struct mx_csv_field {
    const char *text;
    size_t length;
    int quoted; /* 1: it stood between quotes */
} mx_csv_field;

/* Opens `path` ("-": standard input; gzip and zstd are unpacked). delimiter: ',' or '\t' or ';' or '|' ..., any ASCII character but
 * the quote and the line ends; 0: tab when the name ends in .tsv or .tab (.gz and .zst aside), else comma.
 * Errors: as mx_stream_open, and those of the first bytes; ARGUMENT (delimiter). */
maxent_error mx_csv_open(const char *path, char delimiter, mx_csv **out, maxent_diagnostic *diagnostic);

/* The same over an open stream, which the reader takes over (also on failure). */
maxent_error mx_csv_from_stream(mx_stream *stream, char delimiter, mx_csv **out, maxent_diagnostic *diagnostic);

/* The next row. *field: [*count] fields, valid until the next call; *count = 0 at the end. Every row has as many fields as the
 * first one. Blank lines are no rows. Errors, each with line, column and excerpt: FILE (malformed, ragged, not UTF-8, a read
 * failed), LIMIT, MEMORY. After an error the reader can only be closed. */
maxent_error mx_csv_row(mx_csv *csv, const mx_csv_field **field, size_t *count, maxent_diagnostic *diagnostic);

/* From here on rows may have any number of fields: the caller looks. */
void mx_csv_any_width(mx_csv *csv);

char mx_csv_delimiter(const mx_csv *csv);

/* Length of the UTF-8 character, not NUL, that text[0..left) begins with: 0 when it begins with none, -1 when it is cut off. */
int mx_csv_character(const char *text, size_t left);

/* The text of the next line, without its LF, when it lies whole in the buffer: 1; 0 when mx_csv_row has to read on. Who has seen the
 * same line before as a row without quotes (mx_csv_raw) knows its fields and may skip it. Here and there MX_CSV_SLACK bytes from the
 * beginning of the line on may be read, however short it is. */
enum { MX_CSV_SLACK = 64 };
int mx_csv_peek(const mx_csv *csv, const char **line, size_t *length);
void mx_csv_skip(mx_csv *csv, size_t length);

/* The text of the current row without its LF when it is one line without quotes: 1, else 0. */
int mx_csv_raw(const mx_csv *csv, const char **line, size_t *length);

/* Line on which the current row begins, 1-based. */
size_t mx_csv_line(const mx_csv *csv);

/* Fills *diagnostic with an error at field i of the current row: file, line, column, excerpt. Returns error. */
maxent_error mx_csv_fail(const mx_csv *csv, size_t i, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
    MX_PRINTF(5, 6);

const char *mx_csv_name(const mx_csv *csv); /* of the stream; owned by the reader */

void mx_csv_close(mx_csv *csv); /* NULL is accepted */

#endif
