/* Errors: what every call that can fail returns, and the diagnostic that says where and why. */
#ifndef MAXENT_ERROR_H
#define MAXENT_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef MAXENT_API
#if defined(__GNUC__) && __GNUC__ >= 4
#define MAXENT_API __attribute__((visibility("default")))
#else
#define MAXENT_API
#endif
#endif

/* name, text. A `maxent_error` says that a call could not do its work; how a solve ended is a `maxent_verdict`. */
#define MAXENT_ERRORS(X)                                                       \
    X(MAXENT_OK, "success")                                                    \
    X(MAXENT_ERROR_MEMORY, "out of memory")                                    \
    X(MAXENT_ERROR_ARGUMENT, "an argument is not acceptable")                  \
    X(MAXENT_ERROR_SYNTAX, "the text does not parse")                          \
    X(MAXENT_ERROR_NAME, "an unknown or duplicate name")                       \
    X(MAXENT_ERROR_VALUE, "a value is out of its domain")                      \
    X(MAXENT_ERROR_LIMIT, "a stated limit is exceeded")                        \
    X(MAXENT_ERROR_UNSUPPORTED, "not supported")                               \
    X(MAXENT_ERROR_FILE, "an input file is missing, unreadable or malformed")  \
    X(MAXENT_ERROR_WRITE, "an output could not be written")                    \
    X(MAXENT_ERROR_CALLBACK, "a callback reported failure")                    \
    X(MAXENT_ERROR_STOPPED, "stopped by a time limit or by the caller")

typedef enum maxent_error {
#define MAXENT_ERROR_ENTRY(name, text) name,
    MAXENT_ERRORS(MAXENT_ERROR_ENTRY)
#undef MAXENT_ERROR_ENTRY
    MAXENT_ERROR_COUNT
} maxent_error;

/* Where and why a call failed. Plain memory: no ownership, may be copied. All strings are NUL-terminated UTF-8, clipped when
 * longer than their array. Every function that takes a `maxent_diagnostic *` accepts NULL; it is written only on failure. */
typedef struct maxent_diagnostic {
    maxent_error error;   /* the value the call returned */
    char file[256];       /* file name, "-e 2" for the second inline statement, or empty */
    size_t line;          /* 1-based; 0 when there is no position */
    size_t column;        /* 1-based, in characters; 0 when there is no position */
    char excerpt[256];    /* the offending line (a window of it when long), no newline; may be empty */
    size_t caret;         /* 0-based character of `excerpt` under which the caret belongs */
    char message[768];    /* one sentence: what was found, what was expected */
} maxent_diagnostic;

/* The text of an error, static; "unknown error" for a value outside the enum. Thread-safe. */
MAXENT_API const char *maxent_error_text(maxent_error error);

/* Lays a diagnostic out as people read it: `file:line:column: message`, the excerpt and the caret, each on its own line.
 * out: [size] bytes, always NUL-terminated when size > 0. Returns the length the full text needs, without the NUL. */
MAXENT_API size_t maxent_diagnostic_text(const maxent_diagnostic *diagnostic, char *out, size_t size);

/* Frees memory that a maxent function handed over (strings of `maxent_report_*`). NULL is accepted. */
MAXENT_API void maxent_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
