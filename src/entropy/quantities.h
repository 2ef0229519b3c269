/* Quantities as a textbook writes them: text to what is to be computed. */
#ifndef MX_QUANTITIES_H
#define MX_QUANTITIES_H

#include "base/error.h"

#include <stddef.h>

typedef enum mx_quantity_kind {
    MX_Q_ENTROPY,       /* H(A), H(A | C); with an order: Renyi */
    MX_Q_TSALLIS,       /* T_q(A) */
    MX_Q_PERPLEXITY,    /* perplexity(A), perplexity(A | C) */
    MX_Q_REDUNDANCY,    /* redundancy(A) */
    MX_Q_INFORMATION,   /* I(A; B | C), with three parts or more: interaction information */
    MX_Q_TOTAL,         /* TC(A, B, ... | C) */
    MX_Q_VARIATION,     /* VI(A; B) */
    MX_Q_CROSS,         /* H(p || q) */
    MX_Q_RELATIVE,      /* D(p || q) */
    MX_Q_JENSEN,        /* D_JS(p, q) */
    MX_Q_DIFFERENTIAL   /* h(A), h(A | C) */
} mx_quantity_kind;

enum { MX_Q_NAMES = 32, MX_Q_PARTS = 8 };

typedef struct mx_quantity {
    mx_quantity_kind kind;
    double order;               /* of Renyi and Tsallis; 1 elsewhere */
    size_t names, parts;        /* parts: those before the condition */
    char *name[MX_Q_NAMES];     /* [names] columns; owned */
    int part[MX_Q_NAMES];       /* [names] part of each, -1: the condition */
    size_t at[MX_Q_NAMES];      /* [names] 0-based byte of each in the text */
} mx_quantity;

/* Errors: SYNTAX, LIMIT (names, parts), NAME (a column twice), MEMORY; position and caret in the diagnostic, file: "quantity".
 * *out: to be freed with mx_quantity_free; written only on success. */
maxent_error mx_quantity_parse(const char *text, mx_quantity *out, maxent_diagnostic *diagnostic);

/* An error at byte `at` of the text. Returns error. */
maxent_error mx_quantity_fail(const char *text, size_t at, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
    MX_PRINTF(5, 6);

void mx_quantity_free(mx_quantity *quantity); /* frees what it owns, not the struct */

#endif
