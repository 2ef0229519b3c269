/* Lines: a stream cut into blocks of whole lines, which all cores work on at once and which are handed over in order. */
#ifndef MX_LINES_H
#define MX_LINES_H

#include "base/error.h"
#include "data/stream.h"

#include <stddef.h>

#define MX_LINE_LIMIT ((size_t)1 << 30) /* bytes of one line */
#define MX_LINE_PADDING 64              /* bytes that may be read behind a block */

/* What is wrong in a block, and where. */
typedef struct mx_fault {
    maxent_error error;
    size_t offset;      /* byte of the block; (size_t)-1: nowhere in particular */
    char message[512];
} mx_fault;

/* Fills *fault; returns error. */
maxent_error mx_fault_at(mx_fault *fault, maxent_error error, size_t offset, const char *format, ...) MX_PRINTF(4, 5);

/* A block: `length` bytes of whole lines, the last of them ended by '\n' too (added when the file lacks it); `text` is writable and has
 * MX_LINE_PADDING bytes of zeros behind it. */
typedef struct mx_block {
    char *text;
    size_t length;
    size_t lines;       /* of the block */
    size_t number;      /* 0, 1, 2, ... in the order of the file */
    double share;       /* of the file, up to about the end of the block; 0: not known */
} mx_block;

typedef struct mx_lines_work {
    void *user;
    /* Called for several blocks at once, each by one worker 0 .. workers-1. */
    maxent_error (*parse)(void *user, int worker, const mx_block *block, mx_fault *fault);
    /* Called for one block after the other in the order of the file, by the worker that parsed it. NULL: nothing to do. */
    maxent_error (*take)(void *user, int worker, const mx_block *block, mx_fault *fault);
} mx_lines_work;

typedef struct mx_lines mx_lines;

/* Starts on an open stream, which it takes over (also on failure), and reads the first block. bytes: about the size of a block.
 * quotes: 1: a line end between quotes ends no line (CSV); a block in which a quote stays open for MX_QUOTE_LIMIT bytes is handed over all
 * the same. Errors: as mx_stream_read; MEMORY, LIMIT. */
#define MX_QUOTE_LIMIT ((size_t)1 << 28)
maxent_error mx_lines_open(mx_stream *stream, size_t bytes, int quotes, mx_lines **out, maxent_diagnostic *diagnostic);

/* The bytes of the first block, before mx_lines_run: to tell the format. */
const char *mx_lines_peek(const mx_lines *lines, size_t *length);

/* Works through the stream with up to `workers` threads. The first fault in the order of the file ends it, whatever the number of
 * threads; it becomes *diagnostic with file, line, column and excerpt.
 * Errors: those of parse and take; as mx_stream_read; MEMORY, LIMIT. */
maxent_error mx_lines_run(mx_lines *lines, int workers, const mx_lines_work *work, maxent_diagnostic *diagnostic);

/* For parse and take of the block handed over: the place of a byte of it as file, line, column and excerpt. In parse the line is counted
 * from the last block handed over. */
void mx_lines_locate(const mx_lines *lines, const mx_block *block, size_t offset, maxent_diagnostic *diagnostic);

const char *mx_lines_name(const mx_lines *lines); /* of the stream; owned by it */
size_t mx_lines_count(const mx_lines *lines);     /* lines handed over so far */

void mx_lines_close(mx_lines *lines); /* NULL is accepted */

/* Threads to use: `wanted`, or as many as the machine offers for 0. */
int mx_lines_workers(int wanted);

#endif
