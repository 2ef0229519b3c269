/* Errors that point into text: line, column in characters, the line itself (a window of it when it is long) and the caret.
 *
 * Positions are byte offsets everywhere else; lines and columns are counted only here, when something went wrong.
 */
#include "facts/source.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW = 60, ROOM = 250 }; /* characters shown on each side of the caret; bytes of the excerpt in all */

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t line_start(const mx_source *source, size_t offset)
{
    while (offset > 0 && source->text[offset - 1] != '\n')
        offset--;
    return offset;
}

size_t mx_source_column(const mx_source *source, size_t offset)
{
    size_t column = 1;
    for (size_t i = line_start(source, offset); i < offset; i++)
        column += !is_continuation(source->text[i]);
    return column;
}

static void fill_excerpt(const mx_source *source, size_t offset, maxent_diagnostic *diagnostic)
{
    const char *text = source->text;
    size_t low = line_start(source, offset), from = offset, to = offset;
    for (int shown = 0; from > low && shown < WINDOW;) /* up to WINDOW characters before the caret */
        shown += !is_continuation(text[--from]);
    while (from > low && is_continuation(text[from]))
        from--;
    for (int shown = 0; to < source->length && text[to] != '\n' && to - from < ROOM; to++)
        if (!is_continuation(text[to]) && ++shown > WINDOW)
            break;
    while (to > from && to < source->length && is_continuation(text[to])) /* no half characters */
        to--;
    if (to > from && text[to - 1] == '\r')
        to--;
    size_t length = 0;
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)text[i];
        if (i < offset && !is_continuation(text[i]))
            diagnostic->caret++;
        diagnostic->excerpt[length++] = c < 0x20 || c == 0x7F ? ' ' : text[i];
    }
    diagnostic->excerpt[length] = '\0';
}

/* Cuts a half character off the end of a clipped string. */
static void trim(char *text)
{
    size_t length = strlen(text), back = length;
    while (back > 0 && is_continuation(text[back - 1]))
        back--;
    if (back == 0)
        return;
    unsigned char lead = (unsigned char)text[back - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (back - 1) < need)
        text[back - 1] = '\0';
}

maxent_error mx_vfail_at(const mx_source *source, size_t offset, maxent_diagnostic *diagnostic, maxent_error error,
                         const char *format, va_list arguments)
{
    if (diagnostic == NULL)
        return error;
    memset(diagnostic, 0, sizeof *diagnostic);
    diagnostic->error = error;
    snprintf(diagnostic->file, sizeof diagnostic->file, "%s", source->name);
    trim(diagnostic->file);
    vsnprintf(diagnostic->message, sizeof diagnostic->message, format, arguments);
    trim(diagnostic->message);
    if (offset > source->length)
        offset = source->length;
    diagnostic->line = 1;
    for (size_t i = 0; i < offset; i++)
        diagnostic->line += source->text[i] == '\n';
    diagnostic->column = mx_source_column(source, offset);
    fill_excerpt(source, offset, diagnostic);
    return error;
}

maxent_error mx_fail_at(const mx_source *source, size_t offset, maxent_diagnostic *diagnostic, maxent_error error,
                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    mx_vfail_at(source, offset, diagnostic, error, format, arguments);
    va_end(arguments);
    return error;
}

maxent_error mx_source_check(const mx_source *source, maxent_diagnostic *diagnostic)
{
    const unsigned char *s = (const unsigned char *)source->text;
    size_t line = 1;
    int wide = source->length >= 2 && ((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF));
    for (size_t i = 0; i < source->length;) {
        size_t step = s[i] == 0 ? 0 : mx_text_character(source->text + i, source->length - i);
        if (step == 0) {
            /* no excerpt: what cannot be read cannot be shown */
            if (wide)
                mx_fail(diagnostic, MAXENT_ERROR_SYNTAX, "UTF-16 text; save it as UTF-8");
            else
                mx_fail(diagnostic, MAXENT_ERROR_SYNTAX, "line %zu has %s; is this a text file?", line,
                        s[i] == 0 ? "a NUL byte" : "bytes that are not UTF-8");
            if (diagnostic != NULL) {
                snprintf(diagnostic->file, sizeof diagnostic->file, "%s", source->name);
                diagnostic->line = line;
                diagnostic->column = mx_source_column(source, i);
            }
            return MAXENT_ERROR_SYNTAX;
        }
        line += s[i] == '\n';
        i += step;
    }
    return MAXENT_OK;
}
