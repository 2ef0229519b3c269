/* Lines: a stream cut into blocks of whole lines, which all cores work on at once and which are handed over in order.
 *
 * Every worker runs the same loop: take the next bytes of the stream (one worker at a time), parse them (all at once), wait until the
 * blocks before have been handed over, hand this one over (one at a time, in the order of the file). While one worker unpacks gzip, the
 * others parse; there are never more blocks in memory than workers. What comes out, and which fault is reported, does not depend on the
 * number of workers.
 */
#define _DEFAULT_SOURCE
#include "model/events/lines.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/mask.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { PADDING = MX_LINE_PADDING, EXCERPT = 120 };

struct mx_lines {
    mx_stream *stream;
    size_t bytes;             /* to read at a time */
    int quotes;               /* 1: line ends between quotes end no line */
    char *carry;              /* what is read and belongs to the next block */
    size_t carried, capacity;
    int ended;                /* the stream has no more */
    size_t next;              /* number of the next block */
    size_t turn;              /* number of the block that is handed over next */
    size_t line;              /* lines handed over */
    int stopped;
    maxent_error error;
    pthread_mutex_t reading, order;
    pthread_cond_t moved;
};

typedef struct buffer {
    char *text;
    size_t capacity;
} buffer;

maxent_error mx_fault_at(mx_fault *fault, maxent_error error, size_t offset, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fault->error = error;
    fault->offset = offset;
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    return error;
}

int mx_lines_workers(int wanted)
{
#ifdef _OPENMP
    return wanted > 0 ? wanted : omp_get_max_threads();
#else
    (void)wanted;
    return 1;
#endif
}

static int grow(char **text, size_t *capacity, size_t needed)
{
    if (needed <= *capacity)
        return 1;
    size_t larger = needed < 2 * *capacity ? 2 * *capacity : needed;
    char *moved = mx_resize(*text, larger, 1);
    if (moved == NULL)
        return 0;
    *text = moved;
    *capacity = larger;
    return 1;
}

/* The last '\n' of text[length], or NULL. */
static const char *last_newline(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] != '\n')
        length--;
    return length > 0 ? text + length - 1 : NULL;
}

/* The last '\n' of text[length] with an even number of quotes before it, or NULL. */
static const char *last_unquoted_newline(const char *text, size_t length)
{
    size_t quotes = 0, i = length;
    for (const char *c = text, *end = text + length; (c = memchr(c, '"', (size_t)(end - c))) != NULL; c++)
        quotes++;
    for (; i > 0; i--) {
        if (text[i - 1] == '\n' && quotes % 2 == 0)
            return text + i - 1;
        quotes -= text[i - 1] == '"';
    }
    return NULL;
}

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* The next block into `into`; *length = 0 at the end. */
static maxent_error next_block(mx_lines *lines, buffer *into, size_t *length, maxent_diagnostic *diagnostic)
{
    size_t have = lines->carried, cut;
    *length = 0;
    if (!grow(&into->text, &into->capacity, have + lines->bytes + PADDING))
        return no_memory(diagnostic);
    if (have > 0)
        memcpy(into->text, lines->carry, have);
    lines->carried = 0;
    for (;;) {
        const char *newline = NULL;
        if (have >= lines->bytes || lines->ended)
            newline = lines->quotes && have <= MX_QUOTE_LIMIT && !lines->ended ? last_unquoted_newline(into->text, have)
                                                                               : last_newline(into->text, have);
        cut = newline != NULL ? (size_t)(newline - into->text) + 1 : 0;
        if (lines->ended || cut > 0)
            break;
        if (have > MX_LINE_LIMIT) {
            maxent_error error = mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "a line is longer than %zu bytes", MX_LINE_LIMIT);
            if (diagnostic != NULL)
                snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_stream_name(lines->stream));
            return error;
        }
        size_t room = have < lines->bytes ? lines->bytes : have + (lines->quotes ? have : lines->bytes), got;
        if (!grow(&into->text, &into->capacity, room + PADDING))
            return no_memory(diagnostic);
        maxent_error error = mx_stream_read(lines->stream, into->text + have, room - have, &got, diagnostic);
        if (error != MAXENT_OK)
            return error;
        lines->ended = got < room - have;
        have += got;
    }
    if (lines->ended && cut < have) { /* a last line without its end */
        into->text[have++] = '\n';
        cut = have;
    }
    size_t rest = have - cut;
    if (!grow(&lines->carry, &lines->capacity, rest + 1))
        return no_memory(diagnostic);
    if (rest > 0)
        memcpy(lines->carry, into->text + cut, rest);
    lines->carried = rest;
    memset(into->text + cut, 0, PADDING);
    *length = cut;
    return MAXENT_OK;
}

static size_t count_newlines(const char *text, size_t length)
{
    size_t count = 0;
    for (; length >= MX_MASK_BYTES; length -= MX_MASK_BYTES, text += MX_MASK_BYTES)
        count += mx_mask_count(mx_mask_one(text, '\n'));
    for (const char *end = text + length; text < end && (text = memchr(text, '\n', (size_t)(end - text))) != NULL; text++)
        count++;
    return count;
}

/* Characters in text[length]: bytes that do not continue one. */
static size_t letters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* Line and column, and a window of the line around the place. */
void mx_lines_locate(const mx_lines *lines, const mx_block *block, size_t offset, maxent_diagnostic *diagnostic)
{
    snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_stream_name(lines->stream));
    if (offset > block->length)
        return;
    const char *at = block->text + offset, *begin = at, *end = at;
    while (begin > block->text && begin[-1] != '\n')
        begin--;
    diagnostic->line = lines->line + count_newlines(block->text, (size_t)(begin - block->text)) + 1;
    diagnostic->column = letters(begin, (size_t)(at - begin)) + 1;
    if ((size_t)(at - begin) > EXCERPT / 2) { /* from the beginning of a character on */
        begin = at - EXCERPT / 2;
        while (((unsigned char)*begin & 0xc0) == 0x80)
            begin++;
    }
    while (*end != '\n' && *end != '\r' && *end != '\0' && (size_t)(end - begin) < EXCERPT)
        end++;
    while (end > begin && ((unsigned char)*end & 0xc0) == 0x80)
        end--;
    size_t used = (size_t)(end - begin);
    memcpy(diagnostic->excerpt, begin, used);
    diagnostic->excerpt[used] = '\0';
    mx_text_clean(diagnostic->excerpt, used);
    diagnostic->caret = letters(diagnostic->excerpt, at < end ? (size_t)(at - begin) : used);
}

/* The fault as a diagnostic. */
static void report(const mx_lines *lines, const mx_block *block, const mx_fault *fault, maxent_diagnostic *diagnostic)
{
    mx_fail(diagnostic, fault->error, "%s", fault->message);
    if (diagnostic != NULL && fault->error != MAXENT_ERROR_MEMORY && fault->error != MAXENT_ERROR_WRITE)
        mx_lines_locate(lines, block, fault->offset, diagnostic);
}

maxent_error mx_lines_open(mx_stream *stream, size_t bytes, int quotes, mx_lines **out, maxent_diagnostic *diagnostic)
{
    mx_lines *lines = mx_zalloc(1, sizeof *lines);
    if (lines == NULL) {
        mx_stream_close(stream);
        return no_memory(diagnostic);
    }
    lines->stream = stream;
    lines->bytes = bytes;
    lines->quotes = quotes;
    buffer first = {NULL, 0};
    size_t length;
    maxent_error error = next_block(lines, &first, &length, diagnostic);
    if (error == MAXENT_OK && !grow(&lines->carry, &lines->capacity, length + lines->carried + 1))
        error = no_memory(diagnostic);
    if (error == MAXENT_OK) { /* back in front of what was carried over */
        memmove(lines->carry + length, lines->carry, lines->carried);
        memcpy(lines->carry, first.text, length);
        lines->carried += length;
        if (lines->carried >= 3 && memcmp(lines->carry, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
            lines->carried -= 3;
            memmove(lines->carry, lines->carry + 3, lines->carried);
        }
        *out = lines;
    } else {
        mx_lines_close(lines);
    }
    mx_free(first.text);
    return error;
}

const char *mx_lines_peek(const mx_lines *lines, size_t *length)
{
    *length = lines->carried;
    return lines->carry;
}

static void run_worker(mx_lines *lines, int worker, const mx_lines_work *work, maxent_diagnostic *diagnostic)
{
    buffer own = {NULL, 0};
    for (;;) {
        maxent_diagnostic trouble;
        mx_fault fault = {MAXENT_OK, SIZE_MAX, ""};
        mx_block block = {NULL, 0, 0, 0, 0.0};
        pthread_mutex_lock(&lines->reading);
        if (lines->stopped) {
            pthread_mutex_unlock(&lines->reading);
            break;
        }
        maxent_error failed = next_block(lines, &own, &block.length, &trouble);
        if (failed != MAXENT_OK || block.length == 0)
            lines->stopped = 1; /* nobody reads on; blocks before this one are still handed over */
        block.number = lines->next++;
        block.share = mx_stream_share(lines->stream);
        pthread_mutex_unlock(&lines->reading);
        if (failed == MAXENT_OK && block.length == 0)
            break;
        block.text = own.text;
        block.lines = count_newlines(block.text, block.length);
        maxent_error error = failed == MAXENT_OK ? work->parse(work->user, worker, &block, &fault) : failed;

        pthread_mutex_lock(&lines->order);
        while (lines->turn != block.number && lines->error == MAXENT_OK)
            pthread_cond_wait(&lines->moved, &lines->order);
        int late = lines->error != MAXENT_OK;
        if (!late && error == MAXENT_OK && work->take != NULL)
            error = work->take(work->user, worker, &block, &fault);
        if (!late && error != MAXENT_OK) {
            lines->error = error;
            if (failed != MAXENT_OK && diagnostic != NULL)
                *diagnostic = trouble;
            else if (failed == MAXENT_OK)
                report(lines, &block, &fault, diagnostic);
        }
        lines->line += late ? 0 : block.lines;
        lines->turn++;
        late = lines->error != MAXENT_OK;
        pthread_cond_broadcast(&lines->moved);
        pthread_mutex_unlock(&lines->order);
        if (late) {
            pthread_mutex_lock(&lines->reading);
            lines->stopped = 1;
            pthread_mutex_unlock(&lines->reading);
            break;
        }
    }
    mx_free(own.text);
}

maxent_error mx_lines_run(mx_lines *lines, int workers, const mx_lines_work *work, maxent_diagnostic *diagnostic)
{
    pthread_mutex_init(&lines->reading, NULL);
    pthread_mutex_init(&lines->order, NULL);
    pthread_cond_init(&lines->moved, NULL);
#ifdef _OPENMP
#pragma omp parallel num_threads(workers)
    run_worker(lines, omp_get_thread_num(), work, diagnostic);
#else
    (void)workers;
    run_worker(lines, 0, work, diagnostic);
#endif
    pthread_cond_destroy(&lines->moved);
    pthread_mutex_destroy(&lines->order);
    pthread_mutex_destroy(&lines->reading);
    return lines->error;
}

const char *mx_lines_name(const mx_lines *lines)
{
    return mx_stream_name(lines->stream);
}

size_t mx_lines_count(const mx_lines *lines)
{
    return lines->line;
}

void mx_lines_close(mx_lines *lines)
{
    if (lines == NULL)
        return;
    mx_stream_close(lines->stream);
    mx_free(lines->carry);
    mx_free(lines);
}
