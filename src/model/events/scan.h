/* Scanning: the inner loops of the text readers. Every line ends with '\n', so that no loop looks for the end of the block.
 *
 * A number m 10^e with at most 19 digits, m <= 2^53 and |e| <= 22 is one exact product or quotient (W. D. Clinger, How to read floating
 * point numbers accurately, PLDI 1990); everything else goes to mx_text_number, which rounds correctly too.
 */
#ifndef MX_SCAN_H
#define MX_SCAN_H

#include "base/text.h"

#include <stdint.h>

#define MX_VALUE_MOST 1e150 /* the largest value of a feature in a file: squares are finite */

static inline int mx_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline int mx_is_end(char c) /* of a token */
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline unsigned mx_digit(char c) /* > 9: not a digit */
{
    return (unsigned)(unsigned char)c - '0';
}

/* The digits at `at`, with a point among them or none, as one whole number; the place behind them. With more than 19 digits *m is wrong. */
static inline const char *mx_scan_digits(const char *at, uint64_t *m, size_t *whole, size_t *decimals)
{
    const char *begin = at;
    uint64_t n = 0;
    unsigned d;
    while ((d = mx_digit(*at)) <= 9) {
        n = n * 10 + d;
        at++;
    }
    *whole = (size_t)(at - begin);
    *decimals = 0;
    if (*at == '.') {
        begin = ++at;
        while ((d = mx_digit(*at)) <= 9) {
            n = n * 10 + d;
            at++;
        }
        *decimals = (size_t)(at - begin);
    }
    *m = n;
    return at;
}

/* m 10^-decimals, rightly rounded for m <= 2^53 and decimals <= 22. */
static inline double mx_scan_scaled(uint64_t m, size_t decimals)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return decimals > 0 ? (double)m / power[decimals] : (double)m;
}

/* The decimal number at `at`: *value and the place behind it, or NULL when there is none. */
static inline const char *mx_scan_number(const char *at, double *value)
{
    const char *begin = at;
    const int negative = *at == '-';
    uint64_t m;
    size_t whole, decimals;
    at = mx_scan_digits(at + (negative || *at == '+'), &m, &whole, &decimals);
    const size_t count = whole + decimals;
    if (count > 0 && count <= 19 && m <= (uint64_t)1 << 53 && (*at | 32) != 'e') { /* 19 digits fit into m; decimals <= 19 < 22 */
        const double result = mx_scan_scaled(m, decimals);
        *value = negative ? -result : result;
        return at;
    }
    if (count == 0)
        return NULL;
    while (!mx_is_end(*at)) /* "1e-7", "0.1234567890123456789012" */
        at++;
    size_t read = mx_text_number(begin, (size_t)(at - begin), value, NULL);
    return read > 0 ? begin + read : NULL;
}

#endif
