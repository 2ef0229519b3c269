/* Errors: their texts, filling a diagnostic, and laying one out for people. */
#include "base/error.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *maxent_error_text(maxent_error error)
{
    static const char *const text[] = {
#define TEXT(name, words) words,
        MAXENT_ERRORS(TEXT)
#undef TEXT
    };
    return (unsigned)error < MAXENT_ERROR_COUNT ? text[error] : "unknown error";
}

maxent_error mx_fail(maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
{
    if (diagnostic != NULL) {
        memset(diagnostic, 0, sizeof *diagnostic);
        diagnostic->error = error;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(diagnostic->message, sizeof diagnostic->message, format, arguments);
        va_end(arguments);
    }
    return error;
}

size_t maxent_diagnostic_text(const maxent_diagnostic *diagnostic, char *out, size_t size)
{
    char place[320] = "";
    if (diagnostic->file[0] != '\0' && diagnostic->line != 0)
        snprintf(place, sizeof place, "%s:%zu:%zu: ", diagnostic->file, diagnostic->line, diagnostic->column);
    else if (diagnostic->file[0] != '\0')
        snprintf(place, sizeof place, "%s: ", diagnostic->file);
    int length;
    if (diagnostic->excerpt[0] != '\0')
        length = snprintf(out, size, "%s%s\n  %s\n  %*s^", place, diagnostic->message, diagnostic->excerpt,
                          (int)diagnostic->caret, "");
    else
        length = snprintf(out, size, "%s%s", place, diagnostic->message);
    return length < 0 ? 0 : (size_t)length;
}

void maxent_free(void *memory)
{
    mx_free(memory);
}
