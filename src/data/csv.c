/* CSV: a strict streaming reader of comma (or tab) separated values as RFC 4180 [1] describes them.
 *
 *     file   = row *(end row) [end]        end    = LF / CR LF
 *     row    = field *(delimiter field)    field  = quoted / plain
 *     quoted = '"' *(any character but '"' / '""') '"'
 *     plain  = *(any character but delimiter, '"', CR, LF)
 *
 * Beyond the paper: a byte order mark is skipped, blank lines are no rows, the text must be UTF-8 without NUL (a table of
 * numbers in Latin-1 is ASCII and passes; a binary file does not). What the grammar does not allow is refused with its place;
 * nothing is guessed: a quote in the middle of a plain field, text after a closing quote, a lone CR, a row whose number of
 * fields differs from the first one's.
 *
 * How it is fast: 64 bytes at a time are compared with the four bytes that matter and become one 64-bit mask (data/mask.h); the
 * parser only visits set bits. Fields point into the read buffer; only a quoted field with doubled quotes is copied.
 *
 * [1] RFC 4180.
 */
#include "data/csv.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/mask.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER_SIZE = 1 << 18, BLOCK = MX_MASK_BYTES, EXCERPT = 160 }; /* 256 KiB stays in the second cache: larger was slower */

struct mx_csv {
    mx_stream *stream;
    char delimiter;
    char *buffer;          /* [capacity + BLOCK]; BLOCK bytes of slack so that whole blocks may be loaded */
    size_t capacity;
    size_t start;          /* of the current (or next) row */
    size_t next;           /* of the row after it */
    size_t valid;          /* bytes known to be UTF-8 without NUL; the parser sees no more than these */
    size_t end;            /* bytes read */
    int ended;             /* the stream has no more */
    int bad;               /* the byte at `valid` is not acceptable */
    size_t line;           /* of `start` */
    size_t next_line;      /* of `next` */
    size_t width;          /* fields of the first row; 0: not known yet */
    int any_width;         /* 1: it does not matter */
    size_t count;          /* fields of the current row */
    mx_csv_field *field;   /* [field_capacity] */
    size_t field_capacity;
    char *scratch;         /* unescaped text of the current row's fields; capacity always >= that of the row */
    size_t scratch_capacity;
};

/* Counts UTF-8 characters: bytes that do not continue one. */
static size_t characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* Puts file, line, column, excerpt of the byte at `at` (>= csv->start) into the diagnostic. */
static void locate(const mx_csv *csv, size_t at, maxent_diagnostic *diagnostic)
{
    size_t line = csv->line, begin = csv->start;
    for (size_t i = csv->start; i < at; i++)
        if (csv->buffer[i] == '\n') {
            line++;
            begin = i + 1;
        }
    snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_stream_name(csv->stream));
    diagnostic->line = line;
    diagnostic->column = characters(csv->buffer + begin, at - begin) + 1;

    size_t first = begin, last = at; /* the excerpt: at most EXCERPT bytes, whole characters, tabs as blanks */
    if (at - begin > EXCERPT / 2)
        first = at - EXCERPT / 2;
    while (first > begin && first < at && ((unsigned char)csv->buffer[first] & 0xc0) == 0x80)
        first++;
    while (last < csv->valid && last - first < EXCERPT && csv->buffer[last] != '\n' && csv->buffer[last] != '\r')
        last++;
    while (last > at && last < csv->valid && ((unsigned char)csv->buffer[last] & 0xc0) == 0x80)
        last--;
    memcpy(diagnostic->excerpt, csv->buffer + first, last - first);
    diagnostic->excerpt[last - first] = '\0';
    mx_text_clean(diagnostic->excerpt, last - first);
    diagnostic->caret = characters(diagnostic->excerpt, at - first);
}

static maxent_error fail_at(const mx_csv *csv, size_t at, maxent_diagnostic *diagnostic, maxent_error error, const char *format,
                            ...) MX_PRINTF(5, 6);

static maxent_error fail_at(const mx_csv *csv, size_t at, maxent_diagnostic *diagnostic, maxent_error error, const char *format,
                            ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mx_fail(diagnostic, error, "%s", message);
    if (diagnostic != NULL)
        locate(csv, at, diagnostic);
    return error;
}

/* ---- UTF-8 ---- */

/* Length of the valid UTF-8 character at text[0..left): 0 when it is not one, -1 when it may be cut off by the end. */
static int character_length(const unsigned char *text, size_t left)
{
    unsigned char a = text[0];
    if (a < 0x80)
        return a != 0;
    int length = a >= 0xc2 && a <= 0xdf ? 2 : (a & 0xf0) == 0xe0 ? 3 : a >= 0xf0 && a <= 0xf4 ? 4 : 0;
    if (length == 0)
        return 0;
    for (int i = 1; i < length; i++) {
        if ((size_t)i >= left)
            return -1;
        unsigned char low = 0x80, high = 0xbf; /* the second byte: no overlong forms, no surrogates, at most U+10FFFF */
        if (i == 1) {
            low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
            high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
        }
        if (text[i] < low || text[i] > high)
            return 0;
    }
    return length;
}

/* Moves `valid` as far as the bytes are good. */
static void validate(mx_csv *csv)
{
    size_t at = csv->valid;
    while (at < csv->end) {
        if (csv->end - at >= BLOCK && mx_mask_plain(csv->buffer + at, 1)) {
            at += BLOCK;
            continue;
        }
        size_t stop = csv->end - at > BLOCK ? at + BLOCK : csv->end;
        while (at < stop) {
            int length = character_length((const unsigned char *)csv->buffer + at, csv->end - at);
            if (length == 0 || (length < 0 && csv->ended))
                csv->bad = 1;
            if (length <= 0) {
                csv->valid = at;
                return;
            }
            at += (size_t)length;
        }
    }
    csv->valid = at;
}

/* ---- reading ---- */

/* Moves the current row to the front of the buffer, enlarges the buffer when the row fills it, and reads on. */
static maxent_error refill(mx_csv *csv, maxent_diagnostic *diagnostic)
{
    size_t held = csv->end - csv->start;
    if (csv->start > 0 && held > 0)
        memmove(csv->buffer, csv->buffer + csv->start, held);
    csv->valid -= csv->start;
    csv->start = 0;
    csv->end = held;
    if (held == csv->capacity) {
        if (csv->capacity >= MX_CSV_ROW_LIMIT)
            return fail_at(csv, csv->start, diagnostic, MAXENT_ERROR_LIMIT,
                           "the row that begins here is longer than %zu bytes, the limit", MX_CSV_ROW_LIMIT);
        char *larger = mx_resize(csv->buffer, 2 * csv->capacity + BLOCK, 1);
        if (larger == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        csv->buffer = larger;
        csv->capacity *= 2;
    }
    size_t got;
    maxent_error error = mx_stream_read(csv->stream, csv->buffer + csv->end, csv->capacity - csv->end, &got, diagnostic);
    if (error != MAXENT_OK)
        return error;
    csv->ended = got < csv->capacity - csv->end;
    csv->end += got;
    memset(csv->buffer + csv->end, 0, BLOCK);
    validate(csv);
    return MAXENT_OK;
}

/* ---- parsing ---- */

/* Set bits: the bytes of the block that are delimiter, quote, CR or LF. */
static uint64_t block_mask(const char *text, char delimiter)
{
    return mx_mask_four(text, delimiter, '"', '\n', '\r');
}

typedef enum outcome { ROW, MORE, FAILED } outcome;

static int add_field(mx_csv *csv, const char *text, size_t length, int quoted)
{
    if (csv->count == csv->field_capacity) {
        if (csv->count >= MX_CSV_FIELD_LIMIT)
            return 0;
        size_t capacity = 2 * csv->field_capacity;
        mx_csv_field *larger = mx_resize(csv->field, capacity, sizeof *larger);
        if (larger == NULL)
            return 0;
        csv->field = larger;
        csv->field_capacity = capacity;
    }
    csv->field[csv->count++] = (mx_csv_field){text, length, quoted};
    return 1;
}

static outcome no_room(const mx_csv *csv, size_t at, maxent_diagnostic *diagnostic, maxent_error *error)
{
    if (csv->count >= MX_CSV_FIELD_LIMIT)
        *error = fail_at(csv, at, diagnostic, MAXENT_ERROR_LIMIT, "a row with more than %zu fields, the limit", MX_CSV_FIELD_LIMIT);
    else
        *error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    return FAILED;
}

/* The quoted field whose opening quote is at `open`. On ROW the field is added, *after is the byte behind the closing quote.
 * *lines: line ends inside are added. *scratch_used: bytes of scratch taken. */
static outcome quoted_field(mx_csv *csv, size_t open, size_t *after, size_t *lines, size_t *scratch_used,
                            maxent_diagnostic *diagnostic, maxent_error *error)
{
    size_t at = open + 1, doubled = 0;
    for (;;) {
        const char *quote = memchr(csv->buffer + at, '"', csv->valid - at);
        if (quote == NULL || ((size_t)(quote - csv->buffer) + 1 == csv->valid && !csv->ended && !csv->bad)) {
            if (!csv->ended || csv->bad)
                return MORE;
            mx_fail(diagnostic, MAXENT_ERROR_FILE, "the quote that opens here is never closed");
            if (diagnostic != NULL)
                locate(csv, open, diagnostic);
            *error = MAXENT_ERROR_FILE;
            return FAILED;
        }
        at = (size_t)(quote - csv->buffer) + 1;
        if (at < csv->valid && csv->buffer[at] == '"') {
            doubled++;
            at++;
            continue;
        }
        break;
    }
    const char *text = csv->buffer + open + 1;
    size_t length = at - 1 - (open + 1);
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + length - p))) != NULL; p++)
        ++*lines;
    if (doubled > 0) {
        if (csv->scratch_capacity < csv->capacity) {
            assert(*scratch_used == 0); /* fields of this row point into the scratch; the capacity only grows between rows */
            mx_free(csv->scratch);
            csv->scratch_capacity = 0;
            csv->scratch = mx_alloc(csv->capacity, 1);
            if (csv->scratch == NULL)
                return no_room(csv, open, diagnostic, error);
            csv->scratch_capacity = csv->capacity;
        }
        char *out = csv->scratch + *scratch_used;
        size_t used = 0;
        for (size_t i = 0; i < length; i++) {
            out[used++] = text[i];
            i += text[i] == '"'; /* the second of two */
        }
        *scratch_used += used;
        text = out;
        length = used;
    }
    if (!add_field(csv, text, length, 1))
        return no_room(csv, open, diagnostic, error);
    *after = at;
    return ROW;
}

/* Parses the row at csv->start as far as `valid`. ROW: fields, next, next_line are set. MORE: the row goes on behind `valid`. */
static outcome parse_row(mx_csv *csv, maxent_diagnostic *diagnostic, maxent_error *error)
{
    const char *buffer = csv->buffer;
    const size_t valid = csv->valid;
    const char delimiter = csv->delimiter;
    size_t begin = csv->start, base = begin, scratch_used = 0, lines = 0;
    uint64_t mask = block_mask(buffer + base, delimiter);
    csv->count = 0;
    for (;;) {
        while (mask == 0 && base + BLOCK < valid) {
            base += BLOCK;
            mask = block_mask(buffer + base, delimiter);
        }
        size_t at = mask == 0 ? valid : base + mx_mask_lowest(mask);
        if (at >= valid) { /* no line end: the last row of the file, or more is to come */
            if (!csv->ended || csv->bad)
                return MORE;
            if (!add_field(csv, buffer + begin, valid - begin, 0))
                return no_room(csv, begin, diagnostic, error);
            csv->next = valid;
            csv->next_line = csv->line + lines + 1;
            return ROW;
        }
        mask &= mask - 1;
        char c = buffer[at];
        if (c == '"') {
            if (at != begin) {
                *error = fail_at(csv, at, diagnostic, MAXENT_ERROR_FILE,
                                 "a quote inside a field that does not begin with one; put the whole field in quotes and double this one");
                return FAILED;
            }
            outcome end = quoted_field(csv, begin, &at, &lines, &scratch_used, diagnostic, error);
            if (end != ROW)
                return end;
            if (at >= valid) {
                if (!csv->ended || csv->bad)
                    return MORE;
                csv->next = valid;
                csv->next_line = csv->line + lines + 1;
                return ROW;
            }
            c = buffer[at];
            if (c != delimiter && c != '\n' && c != '\r') {
                *error = fail_at(csv, at, diagnostic, MAXENT_ERROR_FILE,
                                 "text after the closing quote of a field; expected a %s or the end of the line",
                                 delimiter == '\t' ? "tab" : delimiter == ',' ? "comma" : "delimiter");
                return FAILED;
            }
            base = at + 1; /* the scan goes on behind this byte, in a new block */
            mask = base < valid ? block_mask(buffer + base, delimiter) : 0;
        } else if (!add_field(csv, buffer + begin, at - begin, 0)) {
            return no_room(csv, begin, diagnostic, error);
        }
        if (c == delimiter) {
            begin = at + 1;
            continue;
        }
        if (c == '\r') {
            if (at + 1 >= valid && (!csv->ended || csv->bad))
                return MORE;
            if (at + 1 >= valid || buffer[at + 1] != '\n') {
                *error = fail_at(csv, at, diagnostic, MAXENT_ERROR_FILE,
                                 "a carriage return that is not followed by a line feed (line ends are LF or CR LF)");
                return FAILED;
            }
            at++;
        }
        csv->next = at + 1;
        csv->next_line = csv->line + lines + 1;
        return ROW;
    }
}

/* The byte at `valid` is not text: says what it is. */
static maxent_error fail_bad(const mx_csv *csv, maxent_diagnostic *diagnostic)
{
    unsigned byte = (unsigned char)csv->buffer[csv->valid];
    if (byte == 0)
        return fail_at(csv, csv->valid, diagnostic, MAXENT_ERROR_FILE, "a NUL byte: this is not a text file");
    return fail_at(csv, csv->valid, diagnostic, MAXENT_ERROR_FILE,
                   "the byte 0x%02x is not UTF-8; convert the file first (iconv -f LATIN1 -t UTF-8)", byte);
}

/* ---- public ---- */

static char delimiter_of(const char *path)
{
    size_t length = strlen(path);
    if (length > 3 && strcmp(path + length - 3, ".gz") == 0)
        length -= 3;
    else if (length > 4 && strcmp(path + length - 4, ".zst") == 0)
        length -= 4;
    return length >= 4 && (memcmp(path + length - 4, ".tsv", 4) == 0 || memcmp(path + length - 4, ".tab", 4) == 0) ? '\t' : ',';
}

maxent_error mx_csv_open(const char *path, char delimiter, mx_csv **out, maxent_diagnostic *diagnostic)
{
    mx_stream *stream;
    maxent_error error = mx_stream_open(path, &stream, diagnostic);
    return error != MAXENT_OK ? error : mx_csv_from_stream(stream, delimiter, out, diagnostic);
}

maxent_error mx_csv_from_stream(mx_stream *stream, char delimiter, mx_csv **out, maxent_diagnostic *diagnostic)
{
    maxent_error error = MAXENT_ERROR_MEMORY;
    mx_csv *csv = mx_zalloc(1, sizeof *csv);
    if (csv == NULL) {
        mx_stream_close(stream);
        return mx_fail(diagnostic, error, "out of memory");
    }
    csv->stream = stream;
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || (unsigned char)delimiter >= 0x80) {
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a delimiter must be one ASCII character, not a quote or a line end");
        goto failed;
    }
    csv->delimiter = delimiter != 0 ? delimiter : delimiter_of(mx_stream_name(stream));
    csv->capacity = BUFFER_SIZE;
    csv->buffer = mx_alloc(csv->capacity + BLOCK, 1);
    csv->field_capacity = 64;
    csv->field = mx_alloc(csv->field_capacity, sizeof *csv->field);
    csv->line = csv->next_line = 1;
    if (csv->buffer == NULL || csv->field == NULL) {
        mx_fail(diagnostic, error, "out of memory");
        goto failed;
    }
    error = refill(csv, diagnostic);
    if (error != MAXENT_OK)
        goto failed;
    const unsigned char *b = (const unsigned char *)csv->buffer;
    if (csv->end >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff))) {
        error = fail_at(csv, 0, diagnostic, MAXENT_ERROR_FILE, "UTF-16 text; save it as UTF-8");
        goto failed;
    }
    if (csv->valid >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) /* byte order mark */
        csv->start = csv->next = 3;
    *out = csv;
    return MAXENT_OK;

failed:
    mx_csv_close(csv);
    return error;
}

maxent_error mx_csv_row(mx_csv *csv, const mx_csv_field **field, size_t *count, maxent_diagnostic *diagnostic)
{
    maxent_error error = MAXENT_OK;
    for (;;) {
        csv->start = csv->next;
        csv->line = csv->next_line;
        if (csv->start == csv->valid && csv->ended && !csv->bad) {
            csv->count = 0;
            *count = 0;
            return MAXENT_OK;
        }
        switch (parse_row(csv, diagnostic, &error)) {
        case FAILED:
            return error;
        case MORE:
            if (csv->bad)
                return fail_bad(csv, diagnostic);
            error = refill(csv, diagnostic);
            if (error != MAXENT_OK)
                return error;
            csv->next = csv->start;
            continue;
        case ROW:
            break;
        }
        if (csv->count == 1 && csv->field[0].length == 0 && !csv->field[0].quoted)
            continue; /* a blank line */
        if (csv->width == 0)
            csv->width = csv->count;
        if (csv->count != csv->width && !csv->any_width)
            return fail_at(csv, csv->start, diagnostic, MAXENT_ERROR_FILE, "row on line %zu has %zu field%s, the header has %zu",
                           csv->line, csv->count, csv->count == 1 ? "" : "s", csv->width);
        *field = csv->field;
        *count = csv->count;
        return MAXENT_OK;
    }
}

int mx_csv_character(const char *text, size_t left)
{
    return character_length((const unsigned char *)text, left);
}

void mx_csv_any_width(mx_csv *csv)
{
    csv->any_width = 1;
}

char mx_csv_delimiter(const mx_csv *csv)
{
    return csv->delimiter;
}

int mx_csv_peek(const mx_csv *csv, const char **line, size_t *length)
{
    const char *text = csv->buffer + csv->next, *end = memchr(text, '\n', csv->valid - csv->next);
    if (end == NULL)
        return 0;
    *line = text;
    *length = (size_t)(end - text);
    return 1;
}

void mx_csv_skip(mx_csv *csv, size_t length)
{
    csv->next += length + 1;
    csv->next_line++;
}

int mx_csv_raw(const mx_csv *csv, const char **line, size_t *length)
{
    if (csv->next_line != csv->line + 1 || csv->next == csv->start || csv->buffer[csv->next - 1] != '\n')
        return 0;
    for (size_t i = 0; i < csv->count; i++)
        if (csv->field[i].quoted)
            return 0;
    *line = csv->buffer + csv->start;
    *length = csv->next - 1 - csv->start;
    return 1;
}

size_t mx_csv_line(const mx_csv *csv)
{
    return csv->line;
}

maxent_error mx_csv_fail(const mx_csv *csv, size_t i, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    /* Where field i begins: the fields before it are walked over again, since an unescaped one does not point into the row. */
    size_t at = csv->start;
    int quoted = 0;
    for (size_t field = 0; at < csv->next && field < i; at++) {
        if (csv->buffer[at] == '"')
            quoted = !quoted;
        else if (csv->buffer[at] == csv->delimiter && !quoted)
            field++;
    }
    return fail_at(csv, at, diagnostic, error, "%s", message);
}

const char *mx_csv_name(const mx_csv *csv)
{
    return mx_stream_name(csv->stream);
}

void mx_csv_close(mx_csv *csv)
{
    if (csv == NULL)
        return;
    mx_stream_close(csv->stream);
    mx_free(csv->buffer);
    mx_free(csv->field);
    mx_free(csv->scratch);
    mx_free(csv);
}
