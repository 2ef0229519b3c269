/* Sources: which reader a file needs, and what readers for training, predicting and scoring share. */
#define _DEFAULT_SOURCE
#include "model/events/source.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/events/scan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1 << 18 }; /* a block and what is made of it stay in cache; larger ones gain nothing (bench/predict.py) */

double mx_source_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

maxent_error mx_source_fail(const char *name, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mx_fail(diagnostic, error, "%s", message);
    if (diagnostic != NULL)
        snprintf(diagnostic->file, sizeof diagnostic->file, "%s", name);
    return error;
}

/* ---- formats ---- */

static int all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (mx_digit(text[i]) > 9)
            return 0;
    return length > 0;
}

/* A label of svmlight data: a number, or numbers with weights. */
static int is_number_label(const char *text, size_t length)
{
    double value;
    while (length > 0) {
        size_t read = mx_text_number(text, length, &value, NULL);
        if (read == 0)
            return 0;
        if (read < length && text[read] == '*') {
            size_t weight = mx_text_number(text + read + 1, length - read - 1, &value, NULL);
            if (weight == 0)
                return 0;
            read += 1 + weight;
        }
        if (read == length)
            return 1;
        if (text[read] != ',')
            return 0;
        text += read + 1;
        length -= read + 1;
    }
    return 0;
}

maxent_format mx_source_detect(const char *text, size_t length)
{
    size_t at = 0, commas = 0, looked = 0;
    int numbers = 1, blanks = 0;
    while (at < length && looked < 20) { /* lines */
        size_t begin = at;
        while (at < length && text[at] != '\n')
            at++;
        size_t end = at++, i = begin, token = 0;
        while (i < end && mx_is_blank(text[i]))
            i++;
        if (i == end || text[i] == '#')
            continue;
        looked++;
        int comma = 0;
        while (i < end && text[i] != '#') {
            size_t start = i;
            const char *colon = NULL;
            for (; i < end && !mx_is_blank(text[i]); i++) {
                colon = text[i] == ':' && colon == NULL ? text + i : colon;
                comma |= text[i] == ',';
            }
            size_t key = colon != NULL ? (size_t)(colon - text) - start : 0, sign = text[start] == '-';
            int entry = colon != NULL && (all_digits(text + start + sign, key - sign) || (key == 3 && memcmp(text + start, "qid", 3) == 0));
            numbers &= entry || (token++ == 0 && is_number_label(text + start, i - start));
            while (i < end && mx_is_blank(text[i])) {
                blanks |= i + 1 < end && text[i] != '\r';
                i++;
            }
        }
        commas += (size_t)comma;
        if (!numbers && blanks)
            break;
    }
    if (numbers)
        return MAXENT_FORMAT_SVMLIGHT;
    return commas == looked && !blanks ? MAXENT_FORMAT_TABLE : MAXENT_FORMAT_NAMED;
}

maxent_format mx_source_format(const mx_space *space)
{
    static const maxent_format format[] = {[MX_SPACE_ARRAY] = MAXENT_FORMAT_AUTO,
                                           [MX_SPACE_SVM] = MAXENT_FORMAT_SVMLIGHT,
                                           [MX_SPACE_NAMED] = MAXENT_FORMAT_NAMED,
                                           [MX_SPACE_TABLE] = MAXENT_FORMAT_TABLE};
    return format[space->form];
}

const char *maxent_format_word(maxent_format format)
{
    static const char *const word[] = {
#define WORD(name, text) text,
        MAXENT_FORMATS(WORD)
#undef WORD
    };
    return (unsigned)format < MAXENT_FORMAT_COUNT ? word[format] : "unknown";
}

maxent_error mx_source_open(const char *path, const maxent_read_options *options, const mx_space *space, mx_lines **out,
                            maxent_format *format, maxent_diagnostic *diagnostic)
{
    mx_stream *stream;
    mx_lines *lines;
    maxent_error error = mx_stream_open(path, &stream, diagnostic);
    if (error != MAXENT_OK)
        return error;
    error = mx_lines_open(stream, BLOCK, 0, &lines, diagnostic);
    if (error != MAXENT_OK)
        return error;
    size_t length;
    const char *text = mx_lines_peek(lines, &length);
    maxent_format looks = mx_source_detect(text, length), wanted = space != NULL ? mx_source_format(space) : looks;
    if (wanted == MAXENT_FORMAT_AUTO) /* arrays: numbers from 0 */
        wanted = MAXENT_FORMAT_SVMLIGHT;
    *format = options->format != MAXENT_FORMAT_AUTO ? options->format : wanted;
    if (space != NULL && *format != wanted)
        error = mx_source_fail(mx_lines_name(lines), diagnostic, MAXENT_ERROR_FILE, "the model takes %s data, not %s",
                               maxent_format_word(wanted), maxent_format_word(*format));
    else if (space != NULL && options->format == MAXENT_FORMAT_AUTO && length > 0 && looks != wanted)
        error = mx_source_fail(mx_lines_name(lines), diagnostic, MAXENT_ERROR_FILE,
                               "the model takes %s data, and this looks like %s data: a model for other features",
                               maxent_format_word(wanted), maxent_format_word(looks));
    else if (*format == MAXENT_FORMAT_TABLE)
        error = mx_source_fail(mx_lines_name(lines), diagnostic, MAXENT_ERROR_ARGUMENT,
                               "this looks like a table (CSV); which column is the class? The target is to be named");
    if (error != MAXENT_OK)
        mx_lines_close(lines);
    else
        *out = lines;
    return error;
}

maxent_error mx_source_map(const mx_space *space, mx_index_map *map, maxent_diagnostic *diagnostic)
{
    memset(map, 0, sizeof *map);
    map->base = space->base;
    map->features = space->features;
    for (size_t j = 0; j < space->feature.levels; j++) { /* compacted: the names are the numbers */
        size_t length;
        const char *text = mx_dictionary_text(&space->feature, j, &length);
        uint64_t number = 0;
        for (size_t i = 0; i < length; i++)
            number = number * 10 + mx_digit(text[i]);
        uint32_t column;
        if (!mx_index_add(map, (uint32_t)number, &column)) {
            mx_index_map_free(map);
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        }
    }
    return MAXENT_OK;
}

maxent_error mx_source_check_known(const mx_piece *piece, const mx_block *block, mx_fault *fault)
{
    if (block->number != 0 || piece->entries > 0 || piece->unknown == 0)
        return MAXENT_OK;
    return mx_fault_at(fault, MAXENT_ERROR_FILE, piece->offset[0],
                       "none of the features from here on is known to the model: a model for other features");
}

/* ---- order of classes ---- */

typedef struct named_level {
    const char *text;
    size_t length;
    uint32_t level;
    double number;
} named_level;

static int by_number(const void *a, const void *b)
{
    const named_level *x = a, *y = b;
    return x->number != y->number ? (x->number < y->number ? -1 : 1) : x->level < y->level ? -1 : 1;
}

static int by_bytes(const void *a, const void *b)
{
    const named_level *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order != 0 ? order : x->length < y->length ? -1 : 1;
}

int mx_source_sort_names(const mx_dictionary *from, size_t fixed, uint32_t *order)
{
    named_level *names = mx_alloc(from->levels, sizeof *names);
    int numbers = 1;
    if (names == NULL)
        return 0;
    for (size_t i = 0; i < from->levels; i++) {
        names[i].text = mx_dictionary_text(from, i, &names[i].length);
        names[i].level = (uint32_t)i;
        names[i].number = 0;
        numbers = numbers && mx_text_double(names[i].text, names[i].length, &names[i].number) && isfinite(names[i].number);
    }
    if (from->levels > fixed)
        qsort(names + fixed, from->levels - fixed, sizeof *names, numbers ? by_number : by_bytes);
    for (size_t i = 0; i < from->levels; i++)
        order[i] = names[i].level;
    mx_free(names);
    return 1;
}
