/* Streams: bytes from files, standard input and memory; plain, gzip [1] or zstd [2].
 *
 * The format is told by magic bytes: 1f 8b is gzip, 28 b5 2f fd a zstd frame, 5x 2a 4d 18 a skippable zstd frame. Everything
 * else is passed through untouched. Several gzip members or zstd frames one after the other are one stream, as gzip -cd and
 * zstd -cd have it. What ends in the middle of a member or frame is an error: a half file is never taken for a whole one.
 * Zero bytes after the last gzip member (tapes, block devices) are padding; anything else there is an error.
 *
 * Not done: bzip2 and xz (recognised only to say so).
 *
 * [1] RFC 1952, through zlib. [2] RFC 8878, through libzstd.
 */
#include "data/stream.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { INPUT_SIZE = 1 << 18 }; /* bytes a read: 128 KiB and more read a cached file at the full rate; less does not */

typedef enum format { PLAIN, GZIP, ZSTD } format;

struct mx_stream {
    char *name;
    int file;                  /* descriptor; -1: memory */
    const unsigned char *data; /* memory: what is left */
    size_t left;
    size_t taken, size;        /* bytes taken from the source, and bytes it has; size 0: not known */
    int ended;                 /* the source has no more bytes */
    format kind;
    unsigned char *input;      /* [INPUT_SIZE] raw bytes */
    size_t input_at, input_end;
    z_stream gzip;
    int gzip_on;
    ZSTD_DStream *zstd;
    int inside;                /* in the middle of a gzip member or zstd frame */
    int members;               /* at least one is complete */
};

static maxent_error fail(const mx_stream *stream, maxent_diagnostic *diagnostic, maxent_error error, const char *message)
{
    mx_fail(diagnostic, error, "%s", message);
    if (diagnostic != NULL)
        snprintf(diagnostic->file, sizeof diagnostic->file, "%s", stream->name);
    return error;
}

/* The words for errno; strerror is not thread-safe, strerror_r is. */
static maxent_error fail_errno(const char *name, int code, maxent_diagnostic *diagnostic, const char *what)
{
    char words[160] = "";
    if (strerror_r(code, words, sizeof words) != 0)
        snprintf(words, sizeof words, "error %d", code);
    mx_fail(diagnostic, MAXENT_ERROR_FILE, "%s: %s", what, words);
    if (diagnostic != NULL)
        snprintf(diagnostic->file, sizeof diagnostic->file, "%s", name);
    return MAXENT_ERROR_FILE;
}

/* Raw bytes from the source: up to size; *got = 0 only at its end. */
static maxent_error raw_read(mx_stream *stream, unsigned char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic)
{
    *got = 0;
    if (stream->ended)
        return MAXENT_OK;
    if (stream->file < 0) {
        *got = size < stream->left ? size : stream->left;
        if (*got > 0) /* data may be NULL when nothing is left */
            memcpy(buffer, stream->data, *got);
        stream->data += *got;
        stream->left -= *got;
    } else {
        ssize_t count;
        size_t most = size < (size_t)INT_MAX ? size : (size_t)INT_MAX;
        do
            count = read(stream->file, buffer, most);
        while (count < 0 && errno == EINTR);
        if (count < 0)
            return fail_errno(stream->name, errno, diagnostic, "cannot read");
        *got = (size_t)count;
    }
    stream->taken += *got;
    if (*got == 0)
        stream->ended = 1;
    return MAXENT_OK;
}

/* Makes input hold at least one byte unless the source has ended. */
static maxent_error refill(mx_stream *stream, maxent_diagnostic *diagnostic)
{
    if (stream->input_at < stream->input_end)
        return MAXENT_OK;
    stream->input_at = stream->input_end = 0;
    return raw_read(stream, stream->input, INPUT_SIZE, &stream->input_end, diagnostic);
}

static int is_zstd(const unsigned char *b, size_t n)
{
    return n >= 4 && ((b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) ||
                      ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18));
}

/* Reads the first bytes and sets up the decoder they ask for. */
static maxent_error detect(mx_stream *stream, maxent_diagnostic *diagnostic)
{
    while (stream->input_end < 6 && !stream->ended) { /* a pipe may hand over one byte at a time */
        size_t got;
        maxent_error error = raw_read(stream, stream->input + stream->input_end, INPUT_SIZE - stream->input_end, &got, diagnostic);
        if (error != MAXENT_OK)
            return error;
        stream->input_end += got;
    }
    const unsigned char *b = stream->input;
    size_t n = stream->input_end;
    if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b) {
        stream->kind = GZIP;
        if (inflateInit2(&stream->gzip, 15 + 16) != Z_OK) /* 15: largest window; +16: gzip wrapper */
            return fail(stream, diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        stream->gzip_on = 1;
    } else if (is_zstd(b, n)) {
        stream->kind = ZSTD;
        stream->zstd = ZSTD_createDStream();
        if (stream->zstd == NULL)
            return fail(stream, diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    } else if (n >= 6 && memcmp(b, "\xfd" "7zXZ", 6) == 0) {
        return fail(stream, diagnostic, MAXENT_ERROR_FILE, "xz data; plain, gzip and zstd are read (unpack it first: xz -dc)");
    } else if (n >= 4 && memcmp(b, "BZh", 3) == 0 && b[3] >= '1' && b[3] <= '9') {
        return fail(stream, diagnostic, MAXENT_ERROR_FILE, "bzip2 data; plain, gzip and zstd are read (unpack it first: bzip2 -dc)");
    }
    return MAXENT_OK;
}

static maxent_error read_plain(mx_stream *stream, unsigned char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic)
{
    size_t have = stream->input_end - stream->input_at; /* what detect took in */
    if (have > 0) {
        *got = have < size ? have : size;
        memcpy(buffer, stream->input + stream->input_at, *got);
        stream->input_at += *got;
        return MAXENT_OK;
    }
    return raw_read(stream, buffer, size, got, diagnostic); /* straight into the caller's buffer */
}

static maxent_error read_gzip(mx_stream *stream, unsigned char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic)
{
    for (;;) {
        maxent_error error = refill(stream, diagnostic);
        if (error != MAXENT_OK)
            return error;
        if (stream->input_at == stream->input_end && !stream->inside && stream->members)
            return MAXENT_OK;
        if (!stream->inside && stream->members) { /* after a member: another one, or zeros */
            if (stream->input[stream->input_at] == 0) {
                stream->input_at++;
                continue;
            }
            if (inflateReset(&stream->gzip) != Z_OK)
                return fail(stream, diagnostic, MAXENT_ERROR_FILE, "corrupt gzip data");
        }
        stream->inside = 1;
        stream->gzip.next_in = stream->input + stream->input_at;
        stream->gzip.avail_in = (uInt)(stream->input_end - stream->input_at);
        stream->gzip.next_out = buffer;
        stream->gzip.avail_out = size < INT_MAX ? (uInt)size : (uInt)INT_MAX;
        uInt room = stream->gzip.avail_out;
        int code = inflate(&stream->gzip, Z_NO_FLUSH);
        stream->input_at = stream->input_end - stream->gzip.avail_in;
        *got = room - stream->gzip.avail_out;
        if (code == Z_STREAM_END) {
            stream->inside = 0;
            stream->members = 1;
        } else if (code == Z_MEM_ERROR) {
            return fail(stream, diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        } else if (code == Z_BUF_ERROR || (code == Z_OK && *got == 0 && stream->ended)) {
            if (*got == 0 && stream->ended)
                return fail(stream, diagnostic, MAXENT_ERROR_FILE, "the gzip data end too early: the file is cut short");
        } else if (code != Z_OK) {
            return fail(stream, diagnostic, MAXENT_ERROR_FILE,
                        stream->members ? "corrupt gzip data after the end of a member" : "corrupt gzip data");
        }
        if (*got > 0)
            return MAXENT_OK;
    }
}

static maxent_error read_zstd(mx_stream *stream, unsigned char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic)
{
    for (;;) {
        maxent_error error = refill(stream, diagnostic);
        if (error != MAXENT_OK)
            return error;
        if (stream->input_at == stream->input_end && !stream->inside)
            return MAXENT_OK;
        ZSTD_inBuffer in = {stream->input, stream->input_end, stream->input_at};
        ZSTD_outBuffer out = {buffer, size, 0};
        size_t hint = ZSTD_decompressStream(stream->zstd, &out, &in);
        stream->input_at = in.pos;
        if (ZSTD_isError(hint)) {
            if (ZSTD_getErrorCode(hint) == ZSTD_error_memory_allocation)
                return fail(stream, diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
            char message[200];
            snprintf(message, sizeof message, "corrupt zstd data (%s)", ZSTD_getErrorName(hint));
            return fail(stream, diagnostic, MAXENT_ERROR_FILE, message);
        }
        stream->inside = hint != 0; /* 0: a frame is complete and flushed */
        *got = out.pos;
        if (*got > 0)
            return MAXENT_OK;
        if (stream->ended && stream->inside && stream->input_at == stream->input_end)
            return fail(stream, diagnostic, MAXENT_ERROR_FILE, "the zstd data end too early: the file is cut short");
    }
}

/* A stream without a source yet; takes over `file` (closed on failure when it is not standard input). size: of the file, 0: not known. */
static maxent_error stream_new(const char *name, int file, size_t size, const void *data, size_t left, mx_stream **out,
                               maxent_diagnostic *diagnostic)
{
    maxent_error error = MAXENT_ERROR_MEMORY;
    mx_stream *stream = mx_zalloc(1, sizeof *stream);
    if (stream == NULL) {
        if (file > 0)
            close(file);
        return mx_fail(diagnostic, error, "out of memory");
    }
    stream->file = file;
    stream->data = data;
    stream->left = left;
    stream->size = file < 0 ? left : size;
    stream->name = mx_strdup(name);
    stream->input = mx_alloc(INPUT_SIZE, 1);
    if (stream->name == NULL || stream->input == NULL)
        mx_fail(diagnostic, error, "out of memory");
    else
        error = detect(stream, diagnostic);
    if (error != MAXENT_OK) {
        mx_stream_close(stream);
        return error;
    }
    *out = stream;
    return MAXENT_OK;
}

maxent_error mx_stream_open(const char *path, mx_stream **out, maxent_diagnostic *diagnostic)
{
    int standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fail_errno(name, errno, diagnostic, "cannot open");
    struct stat status;
    if (fstat(file, &status) != 0 || S_ISDIR(status.st_mode)) {
        int code = S_ISDIR(status.st_mode) ? EISDIR : errno;
        if (!standard)
            close(file);
        return fail_errno(name, code, diagnostic, "cannot read");
    }
    return stream_new(name, file, S_ISREG(status.st_mode) ? (size_t)status.st_size : 0, NULL, 0, out, diagnostic);
}

maxent_error mx_stream_memory(const char *name, const void *bytes, size_t length, mx_stream **out,
                              maxent_diagnostic *diagnostic)
{
    return stream_new(name, -1, 0, bytes, length, out, diagnostic);
}

maxent_error mx_stream_read(mx_stream *stream, char *buffer, size_t size, size_t *got, maxent_diagnostic *diagnostic)
{
    size_t total = 0;
    while (total < size) {
        size_t now = 0;
        unsigned char *place = (unsigned char *)buffer + total;
        maxent_error error = stream->kind == GZIP   ? read_gzip(stream, place, size - total, &now, diagnostic)
                             : stream->kind == ZSTD ? read_zstd(stream, place, size - total, &now, diagnostic)
                                                    : read_plain(stream, place, size - total, &now, diagnostic);
        if (error != MAXENT_OK)
            return error;
        if (now == 0)
            break;
        total += now;
    }
    *got = total;
    return MAXENT_OK;
}

double mx_stream_share(const mx_stream *stream)
{
    size_t used = stream->taken - (stream->input_end - stream->input_at);
    return stream->size == 0 ? 0.0 : used < stream->size ? (double)used / (double)stream->size : 1.0;
}

const char *mx_stream_name(const mx_stream *stream)
{
    return stream->name;
}

void mx_stream_close(mx_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->gzip_on)
        inflateEnd(&stream->gzip);
    ZSTD_freeDStream(stream->zstd);
    if (stream->file > 0)
        close(stream->file);
    mx_free(stream->input);
    mx_free(stream->name);
    mx_free(stream);
}

maxent_error mx_stream_read_all(const char *path, size_t limit, char **text, size_t *length, maxent_diagnostic *diagnostic)
{
    mx_stream *stream = NULL;
    char *buffer = NULL;
    size_t capacity = 1 << 16, used = 0;
    maxent_error error = mx_stream_open(path, &stream, diagnostic);
    if (error != MAXENT_OK)
        return error;
    for (;;) {
        char *larger = mx_resize(buffer, capacity, 1);
        if (larger == NULL) {
            error = fail(stream, diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
            goto cleanup;
        }
        buffer = larger;
        size_t got;
        error = mx_stream_read(stream, buffer + used, capacity - used - 1, &got, diagnostic);
        if (error != MAXENT_OK)
            goto cleanup;
        used += got;
        if (used > limit) {
            char message[100];
            snprintf(message, sizeof message, "longer than %zu bytes, the limit for such a file", limit);
            error = fail(stream, diagnostic, MAXENT_ERROR_LIMIT, message);
            goto cleanup;
        }
        if (used < capacity - 1)
            break;
        capacity = capacity > SIZE_MAX / 4 ? SIZE_MAX : 2 * capacity;
    }
    buffer[used] = '\0';
    *text = buffer;
    *length = used;
    buffer = NULL;

cleanup:
    mx_free(buffer);
    mx_stream_close(stream);
    return error;
}
