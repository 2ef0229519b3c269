/* Errors inside the library: filling the public diagnostic. */
#ifndef MX_ERROR_H
#define MX_ERROR_H

#include <maxent/error.h>

#if defined(__GNUC__)
#define MX_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define MX_PRINTF(f, a)
#endif

/* Fills *diagnostic (NULL accepted) without a position and returns `error`. Numbers in messages: use mx_double_text. */
maxent_error mx_fail(maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...) MX_PRINTF(3, 4);

#endif
