/* Source text: the pieces a problem was written in, and errors that point into them. */
#ifndef MX_SOURCE_H
#define MX_SOURCE_H

#include "base/error.h"

#include <stdarg.h>
#include <stddef.h>

#define MX_TEXT_LIMIT ((size_t)16 << 20) /* bytes of facts language, all pieces together */

typedef struct mx_source {
    const char *name; /* what diagnostics call it */
    const char *text; /* [length], need not be NUL-terminated */
    size_t length;
} mx_source;

/* Fills *diagnostic (NULL accepted) with an error at byte `offset` of the source: file, line, column, excerpt, caret. */
maxent_error mx_fail_at(const mx_source *source, size_t offset, maxent_diagnostic *diagnostic, maxent_error error,
                        const char *format, ...) MX_PRINTF(5, 6);
maxent_error mx_vfail_at(const mx_source *source, size_t offset, maxent_diagnostic *diagnostic, maxent_error error,
                         const char *format, va_list arguments);

/* OK, or SYNTAX: a NUL byte, or bytes that are not UTF-8 (RFC 3629). */
maxent_error mx_source_check(const mx_source *source, maxent_diagnostic *diagnostic);

/* 1-based column, in characters, of byte `offset`. */
size_t mx_source_column(const mx_source *source, size_t offset);

#endif
