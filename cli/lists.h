/* Lists of numbers on the command line, and numbers as text: what `entropy` and `questions` share. */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "cli.h"

/* A growing text for standard output. Start from {0}; failed: there was no memory. */
typedef struct cli_text {
    char *text;
    size_t length, capacity;
    int failed;
} cli_text;

void cli_put(cli_text *out, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* The fewest of 15, 16 or 17 digits that read back as the same double; "null" for NaN and infinity. */
void cli_put_number(cli_text *out, double value);
/* A JSON string; bytes that are not UTF-8 become U+FFFD. */
void cli_put_string(cli_text *out, const char *text);
/* Writes it to standard output and frees it; the exit status. */
int cli_text_write(cli_text *out);

/* "0.5,0.25,1/4": numbers or fractions between commas or blanks. *list: to be freed; CLI_DONE, or the exit status after saying what
 * is wrong. */
int cli_numbers(const char *option, const char *text, double **list, size_t *count);

/* "a,b,c" as a list of words, cut in place: *words points into `text`, which must be the caller's own. To be freed (the array). */
int cli_split(char *text, const char ***words, size_t *count);

/* A base of logarithms: e, 2, 10 or any positive number but 1. *nats: nats in one unit; unit: [24] "nat", "bit", "dit" or "base 3". */
int cli_base(const char *text, double *nats, char unit[24]);

#endif
