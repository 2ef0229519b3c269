/* Text: numbers to and from decimal text whatever the locale, and a string that grows. */
#ifndef MX_TEXT_H
#define MX_TEXT_H

#include "base/error.h"

#include <stddef.h>

/* ---- numbers ---- */

#define MX_DOUBLE_TEXT 32 /* bytes that hold any double as text, with the NUL */

/* The shortest decimal that reads back as the same double: "0.1", "1e-30", "12345", "-0", "inf", "-inf", "nan"; the point is
 * always '.'. Exponents from -5 to 15 are written out, others as d.ddde-NN. Returns out. */
char *mx_double_text(double value, char out[MX_DOUBLE_TEXT]);

/* The same without the NUL; returns the end. */
char *mx_double_write(double value, char out[MX_DOUBLE_TEXT]);

/* The same with `digits` significant digits (1..17), trailing zeros dropped: for messages and tables. Returns out. */
char *mx_double_text_digits(double value, int digits, char out[MX_DOUBLE_TEXT]);

/* The fewest significant digits, from `least` on, at which the two numbers read differently; `least` when they are equal. */
int mx_double_text_apart(double a, double b, int least);

/* Reads the decimal number [+-]digits[.digits][e[+-]digits] (a digit on at least one side of the point) at the start of
 * text[length], correctly rounded, whatever the locale. Returns the number of bytes read, 0 when there is no number.
 * *value: inf when it is out of range. *exact (NULL accepted): 1 when the double is the decimal, to the last digit. */
size_t mx_text_number(const char *text, size_t length, double *value, int *exact);

/* The whole of text[length] as one such number. Returns 1, or 0 when it is not one (empty, trailing bytes, "inf", "nan"). */
int mx_text_double(const char *text, size_t length, double *value);

/* ---- characters ---- */

/* Bytes of the character at text[left], left > 0; 0 when it is not UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
size_t mx_text_character(const char *text, size_t left);

/* text: [length] fit to be shown: control characters become blanks, bytes that are not UTF-8 question marks. */
void mx_text_clean(char *text, size_t length);

/* ---- a string that grows ---- */

/* Start from {0}. A failed allocation is remembered and makes every later call do nothing, so that only the end is checked. */
typedef struct mx_buffer {
    char *data;      /* [capacity], NUL-terminated once anything was put */
    size_t length;   /* bytes, without the NUL */
    size_t capacity;
    int failed;      /* 1: there was no memory */
} mx_buffer;

/* Room for `count` more bytes behind the text, and the NUL; NULL: no memory. Who writes them adds to buffer->length. */
char *mx_buffer_room(mx_buffer *buffer, size_t count);
void mx_buffer_append(mx_buffer *buffer, const char *bytes, size_t count);
void mx_buffer_put(mx_buffer *buffer, const char *text);
void mx_buffer_char(mx_buffer *buffer, char c);
void mx_buffer_repeat(mx_buffer *buffer, const char *text, size_t times);
void mx_buffer_double(mx_buffer *buffer, double value); /* mx_double_text */
void mx_buffer_size(mx_buffer *buffer, size_t value);
/* printf in the current locale: not for %f, %g, %e; doubles go through mx_buffer_double. */
void mx_buffer_format(mx_buffer *buffer, const char *format, ...) MX_PRINTF(2, 3);
/* Hands the string over (to be freed with mx_free) and empties the buffer; NULL when an allocation failed. */
char *mx_buffer_take(mx_buffer *buffer);
void mx_buffer_free(mx_buffer *buffer);

#endif
