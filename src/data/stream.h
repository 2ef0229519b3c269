/* Streams: the bytes of a file, of standard input or of memory, decompressed when they are gzip or zstd. */
#ifndef MX_STREAM_H
#define MX_STREAM_H

#include <maxent/error.h>

typedef struct mx_stream mx_stream;

/* Opens `path` for reading; "-" is standard input. Plain, gzip and zstd are told apart by their first bytes, not by the name.
 * *out: to be closed with mx_stream_close; written only on success.
 * Errors: MEMORY, FILE (missing, a directory, unreadable: the diagnostic has the reason). */
maxent_error mx_stream_open(const char *path, mx_stream **out, maxent_diagnostic *diagnostic);

/* The same over bytes in memory that the caller keeps alive. name: what diagnostics call it. */
maxent_error mx_stream_memory(const char *name, const void *bytes, size_t length, mx_stream **out,
                              maxent_diagnostic *diagnostic);

/* Fills buffer with `size` bytes; *got is smaller only at the end. Errors: FILE (a read failed, the compressed data are
 * truncated or corrupt), MEMORY. After an error the stream can only be closed. */
maxent_error mx_stream_read(mx_stream *stream, char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic);

/* The share of the source, as it is stored, that has gone into what was read: 0 .. 1, 0 when the size of the source is not known. */
double mx_stream_share(const mx_stream *stream);

/* The path, or "standard input"; owned by the stream. */
const char *mx_stream_name(const mx_stream *stream);

void mx_stream_close(mx_stream *stream); /* NULL is accepted */

/* The whole of a file, NUL-terminated: *text has *length bytes before the NUL, to be freed with mx_free.
 * limit: most bytes (after decompression) that are accepted; more is LIMIT. Errors: as mx_stream_open and mx_stream_read. */
maxent_error mx_stream_read_all(const char *path, size_t limit, char **text, size_t *length, maxent_diagnostic *diagnostic);

#endif
