/* Numbers to and from text, and a string that grows.
 *
 * Writing. Fifteen significant digits always survive the way text -> double -> text, so the 15-digit form without its trailing
 * zeros is the shortest whenever it reads back right; else 16, else 17 digits. Two refinements: a subnormal number has fewer
 * digits, so it is tried from one digit on; the interval around a power of two reaches twice as far up as down, so there the
 * 16-digit number above is tried too. Digits come from "%.*e", whose decimal point (the only thing that a locale changes) is
 * skipped. Numbers of ordinary size take a quicker way to the same digits, see quick().
 *
 * Reading. m 10^e with m <= 2^53 and |e| <= 22 is one exact product or quotient of doubles [1]. All else goes to strtod
 * as an integer with an exponent, "ddddde-7", in which there is no point for the locale to change. A double is settled by 768
 * digits [2]; what comes after them only matters as "something more", for which one digit 1 stands.
 *
 * [1] W. D. Clinger, How to read floating point numbers accurately, PLDI 1990.
 * [2] D. M. Gay, Correctly rounded binary-decimal and decimal-binary conversions, AT&T NAM 90-10, 1990.
 */
#include "base/text.h"

#include "base/dd.h"
#include "base/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

typedef struct decimal {
    char digit[17];
    int count;    /* significant digits, trailing zeros dropped */
    int exponent; /* of the first digit */
} decimal;

static const char pairs[201] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                               "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* `digits` significant digits of value > 0, correctly rounded. */
static void to_decimal(double value, int digits, decimal *out)
{
    char text[48];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *s = text;
    out->count = 0;
    for (; *s != '\0' && *s != 'e'; s++)
        if (*s >= '0' && *s <= '9' && out->count < 17)
            out->digit[out->count++] = *s;
    out->exponent = *s == 'e' ? atoi(s + 1) : 0;
    while (out->count > 1 && out->digit[out->count - 1] == '0')
        out->count--;
}

static double from_decimal(const decimal *d)
{
    char text[40];
    size_t n = (size_t)d->count;
    memcpy(text, d->digit, n);
    snprintf(text + n, sizeof text - n, "e%d", d->exponent - d->count + 1);
    double value = 0.0;
    mx_text_number(text, strlen(text), &value, NULL);
    return value;
}

/* Adds one to the last digit. */
static void step_up(decimal *d)
{
    int i = d->count - 1;
    while (i >= 0 && d->digit[i] == '9')
        d->digit[i--] = '0';
    if (i >= 0) {
        d->digit[i]++;
    } else {
        d->digit[0] = '1';
        d->exponent++;
    }
    while (d->count > 1 && d->digit[d->count - 1] == '0')
        d->count--;
}

/* S = number + f rounded to a multiple of `unit`, as 15 .. 17 digits: 1; 0: too near to call; -1: these digits are not enough. */
static inline int quick_digits(uint64_t number, double f, double half, uint64_t unit, int digits, decimal *out)
{
    const double near = 1e-6, part = (double)(number % unit) + f, middle = 0.5 * (double)unit;
    if (fabs(part - middle) < near)
        return 0;
    const int up = part > middle;
    const double distance = up ? (double)unit - part : part;
    if (digits < 17 && fabs(distance - half) < near)
        return 0;
    if (digits < 17 && distance >= half)
        return -1;
    uint64_t rounded = number / unit + (uint64_t)up;
    int i = digits;
    for (; i >= 2; i -= 2, rounded /= 100)
        memcpy(out->digit + i - 2, pairs + 2 * (rounded % 100), 2);
    if (i > 0)
        out->digit[0] = (char)('0' + rounded);
    out->count = digits;
    while (out->count > 1 && out->digit[out->count - 1] == '0')
        out->count--;
    return 1;
}

/* The digits of a double whose scaled value is known exactly, without printing and reading back; 0: `value` needs the slow way.
 *
 * With p so that 1e16 <= value 10^p < 1e17 and 10^p exact as the sum of two doubles (p <= 44), the product is a sum of four doubles, of
 * which the largest is whole: S = I + f, f to about 1e-15. n digits are S rounded to a multiple of u = 10^(17-n), and read back as value
 * when they are nearer to S than half a unit in the last place of value is, h = S / 2m. What is too near to call is left to the slow
 * way. */
static int quick(double value, decimal *out)
{
    static const double high[45] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14,
                                    1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29,
                                    1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44};
    static const double low[45] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8388608.0,
                                    16777216.0, -905969664.0, -4764729344.0, -13287555072.0, 416880263168.0,
                                    8566849142784.0, -19884624838656.0, 364103705034752.0, -5366162204393472.0,
                                    5.442476901295718e+16, 5.4424769012957184e+17, 3.1366338920820244e+18,
                                    -4.242063737401796e+19, 4.6123734179787886e+20, 2.251190176543966e+21,
                                    6.029083362839682e+22, -3.037860284270037e+23, -6.200086450407783e+23,
                                    -4.488571267807592e+25, -1.393721169594141e+26, -8.821361405306423e+27};
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int binary = (int)(bits >> 52) - 1023; /* value = fraction 2^binary, 1 <= fraction < 2 */
    const uint64_t mantissa = bits & 0xfffffffffffffu;
    if (mantissa == 0 || value < 1e-27 || value >= 1e16) /* powers of two have neighbours at two distances */
        return 0;
    int exponent = (binary + 128) * 1233 / 4096 - 39; /* at most floor(binary log10 2), by 2 at most: 128 log10 2 = 38.5; binary > -91 */
    while (exponent + 1 <= 22 && exponent + 1 >= 0 ? value >= high[exponent + 1] : exponent < -1 && value * high[-exponent - 1] >= 1.0)
        exponent++;
    int p = 16 - exponent;
    if (p < 0 || p > 44)
        return 0;
    mx_dd a = mx_two_prod(value, high[p]), b = mx_two_prod(value, low[p]);
    mx_dd rest = mx_two_sum(a.lo, b.hi);
    int64_t whole = (int64_t)rest.hi;
    whole -= (double)whole > rest.hi; /* the floor */
    double f = (rest.hi - (double)whole) + (rest.lo + b.lo);
    uint64_t number = (uint64_t)a.hi + (uint64_t)whole;
    if (number < UINT64_C(10000000000000000) || number > UINT64_C(99999999999999900))
        return 0;
    const double half = a.hi / (2.0 * (double)(mantissa | (uint64_t)1 << 52));
    int done = quick_digits(number, f, half, 100, 15, out);
    if (done < 0)
        done = quick_digits(number, f, half, 10, 16, out);
    if (done < 0)
        done = quick_digits(number, f, half, 1, 17, out);
    out->exponent = exponent;
    return done > 0;
}

static void shortest(double value, decimal *out)
{
    if (quick(value, out))
        return;
    int first = value < 2.3e-308 ? 1 : 15; /* 2^-1022: below it the numbers are subnormal */
    for (int digits = first; digits <= 17; digits++) {
        to_decimal(value, digits, out);
        if (from_decimal(out) == value)
            return;
        int exponent;
        if (digits == 16 && frexp(value, &exponent) == 0.5 && out->count == 16) {
            step_up(out);
            if (from_decimal(out) == value)
                return;
        }
    }
}

/* Writes it without a NUL; returns its end. */
static char *lay_out(int negative, const decimal *d, char *out)
{
    char *s = out;
    if (negative)
        *s++ = '-';
    if (d->exponent >= -5 && d->exponent < 16) {
        int i = 0;
        if (d->exponent < 0) {
            *s++ = '0';
        } else {
            for (; i <= d->exponent; i++)
                *s++ = i < d->count ? d->digit[i] : '0';
        }
        if (i < d->count) {
            *s++ = '.';
            for (int zeros = d->exponent + 1; zeros < 0; zeros++)
                *s++ = '0';
            memcpy(s, d->digit + i, (size_t)(d->count - i));
            s += d->count - i;
        }
        return s;
    }
    *s++ = d->digit[0];
    if (d->count > 1) {
        *s++ = '.';
        memcpy(s, d->digit + 1, (size_t)d->count - 1);
        s += d->count - 1;
    }
    unsigned exponent = d->exponent < 0 ? 0u - (unsigned)d->exponent : (unsigned)d->exponent; /* at most 324 */
    *s++ = 'e';
    if (d->exponent < 0)
        *s++ = '-';
    if (exponent >= 100)
        *s++ = (char)('0' + exponent / 100);
    if (exponent >= 10)
        *s++ = (char)('0' + exponent / 10 % 10);
    *s++ = (char)('0' + exponent % 10);
    return s;
}

static int special(double value, char *out)
{
    if (isnan(value))
        strcpy(out, "nan");
    else if (isinf(value))
        strcpy(out, value < 0 ? "-inf" : "inf");
    else if (value == 0)
        strcpy(out, signbit(value) ? "-0" : "0");
    else
        return 0;
    return 1;
}

char *mx_double_write(double value, char out[MX_DOUBLE_TEXT])
{
    if (special(value, out))
        return out + strlen(out);
    double size = fabs(value);
    if (size < 1e15 && size == floor(size)) { /* whole numbers, without a detour */
        char reversed[16];
        int count = 0;
        for (uint64_t rest = (uint64_t)size; rest != 0; rest /= 10)
            reversed[count++] = (char)('0' + rest % 10);
        char *s = out;
        if (value < 0)
            *s++ = '-';
        while (count > 0)
            *s++ = reversed[--count];
        return s;
    }
    decimal d;
    shortest(size, &d);
    return lay_out(value < 0, &d, out);
}

char *mx_double_text(double value, char out[MX_DOUBLE_TEXT])
{
    *mx_double_write(value, out) = '\0';
    return out;
}

char *mx_double_text_digits(double value, int digits, char out[MX_DOUBLE_TEXT])
{
    if (special(value, out))
        return out;
    decimal d;
    to_decimal(fabs(value), digits < 1 ? 1 : digits > 17 ? 17 : digits, &d);
    *lay_out(value < 0, &d, out) = '\0';
    return out;
}

int mx_double_text_apart(double a, double b, int least)
{
    char one[MX_DOUBLE_TEXT], other[MX_DOUBLE_TEXT];
    int digits = least;
    if (a == b || isnan(a) || isnan(b))
        return least;
    while (digits < 17 && strcmp(mx_double_text_digits(a, digits, one), mx_double_text_digits(b, digits, other)) == 0)
        digits++;
    return digits;
}

/* ---- reading ---- */

/* m 10^e as a double with no rounding at all: needs m 5^e 2^e with an odd part below 2^53. */
static int is_exact(uint64_t m, long e)
{
    if (m == 0)
        return 1;
    for (; e < 0 && m % 5 == 0; e++)
        m /= 5;
    if (e < 0)
        return 0;
    while (m % 2 == 0)
        m /= 2;
    for (; e > 0 && m < ((uint64_t)1 << 53); e--)
        m *= 5;
    return e == 0 && m < ((uint64_t)1 << 53);
}

/* digit[count] 10^e by strtod; digits after the 768th as one 1. */
static double slow(const char *digits, size_t end, long e, int *exact)
{
    enum { MOST = 768 };
    char text[MOST + 32];
    size_t count = 0, dropped = 0;
    int rest = 0;
    for (size_t i = 0; i < end; i++) {
        char c = digits[i];
        if (c == '.' || (c == '0' && count == 0))
            continue;
        if (count < MOST) {
            text[count++] = c;
        } else {
            dropped++;
            rest |= c != '0';
        }
    }
    if (count == 0)
        text[count++] = '0';
    e += (long)dropped;
    if (rest) {
        text[count++] = '1';
        e--;
    }
    snprintf(text + count, sizeof text - count, "e%ld", e);
    double value = strtod(text, NULL);
    if (exact != NULL) { /* print the double to its last digit and compare */
        *exact = 0;
        if (value != 0 && !isinf(value) && !rest) {
            char all[MOST + 64];
            snprintf(all, sizeof all, "%.*e", MOST, value);
            size_t i = 0;
            const char *s = all;
            int same = 1;
            for (; *s != 'e' && *s != '\0'; s++)
                if (*s >= '0' && *s <= '9') {
                    same &= *s == (i < count ? text[i] : '0');
                    i++;
                }
            *exact = same && (long)count - 1 + e == atol(s + 1);
        }
    }
    return value;
}

size_t mx_text_number(const char *text, size_t length, double *value, int *exact)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i = 0;
    int negative = 0;
    if (i < length && (text[i] == '-' || text[i] == '+'))
        negative = text[i++] == '-';
    size_t begin = i, seen = 0, significant = 0;
    uint64_t m = 0;
    long e = 0;
    int point = 0, wide = 0;
    for (; i < length; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            seen++;
            if (significant > 0 || text[i] != '0')
                significant++;
            if (significant <= 19)
                m = m * 10 + (uint64_t)(text[i] - '0');
            else
                wide = 1;
            e -= point;
        } else if (text[i] == '.' && !point) {
            point = 1;
        } else {
            break;
        }
    }
    if (seen == 0)
        return 0;
    size_t end = i;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        size_t j = i + 1;
        int minus = 0;
        if (j < length && (text[j] == '-' || text[j] == '+'))
            minus = text[j++] == '-';
        if (j < length && text[j] >= '0' && text[j] <= '9') {
            long written = 0;
            for (; j < length && text[j] >= '0' && text[j] <= '9'; j++)
                if (written < 100000000)
                    written = written * 10 + (text[j] - '0');
            e += minus ? -written : written;
            i = j;
        }
    }
    double result;
    if (m == 0 && !wide) {
        result = 0.0;
        if (exact != NULL)
            *exact = 1;
    } else if (!wide && m <= ((uint64_t)1 << 53) && e >= -22 && e <= 22) {
        result = e < 0 ? (double)m / power[-e] : (double)m * power[e];
        if (exact != NULL)
            *exact = is_exact(m, e);
    } else {
        result = slow(text + begin, end - begin, e, exact);
    }
    *value = negative ? -result : result;
    return i;
}

int mx_text_double(const char *text, size_t length, double *value)
{
    double read;
    size_t used = mx_text_number(text, length, &read, NULL);
    if (used == 0 || used != length)
        return 0;
    *value = read;
    return 1;
}

/* ---- a string that grows ---- */

static int reserve(mx_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return 0;
    if (more >= SIZE_MAX / 4 - buffer->length) {
        buffer->failed = 1;
        return 0;
    }
    size_t need = buffer->length + more + 1;
    if (need <= buffer->capacity)
        return 1;
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < need)
        capacity += capacity / 2;
    char *data = mx_resize(buffer->data, capacity, 1);
    if (data == NULL) {
        buffer->failed = 1;
        return 0;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 1;
}

char *mx_buffer_room(mx_buffer *buffer, size_t count)
{
    return reserve(buffer, count) ? buffer->data + buffer->length : NULL;
}

void mx_buffer_append(mx_buffer *buffer, const char *bytes, size_t count)
{
    if (!reserve(buffer, count))
        return;
    if (count > 0)
        memcpy(buffer->data + buffer->length, bytes, count);
    buffer->length += count;
    buffer->data[buffer->length] = '\0';
}

void mx_buffer_put(mx_buffer *buffer, const char *text)
{
    mx_buffer_append(buffer, text, strlen(text));
}

void mx_buffer_char(mx_buffer *buffer, char c)
{
    mx_buffer_append(buffer, &c, 1);
}

void mx_buffer_repeat(mx_buffer *buffer, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        mx_buffer_put(buffer, text);
}

void mx_buffer_double(mx_buffer *buffer, double value)
{
    char text[MX_DOUBLE_TEXT];
    mx_buffer_append(buffer, text, (size_t)(mx_double_write(value, text) - text));
}

void mx_buffer_size(mx_buffer *buffer, size_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", value);
    mx_buffer_put(buffer, text);
}

void mx_buffer_format(mx_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        buffer->failed = 1;
    else if (reserve(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

char *mx_buffer_take(mx_buffer *buffer)
{
    mx_buffer_append(buffer, "", 0); /* an empty string still has its NUL */
    char *data = NULL;
    if (buffer->failed)
        mx_free(buffer->data);
    else
        data = buffer->data;
    *buffer = (mx_buffer){0};
    return data;
}

void mx_buffer_free(mx_buffer *buffer)
{
    mx_free(buffer->data);
    *buffer = (mx_buffer){0};
}
