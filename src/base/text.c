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
 * [3] A. Giesen, "SIMD" integer to string, 2010: two halves of a number in one word, divided by the product with a reciprocal.
 */
#include "base/text.h"

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

/* Eight digits of x < 10^8, the first in the lowest byte [3]. */
static inline uint64_t eight_digits(uint32_t x)
{
    uint64_t fours = x / 10000 | (uint64_t)(x % 10000) << 32;
    uint64_t twos = (fours * 10486 >> 20 & 0x7f0000007fu); /* / 100 */
    twos |= (fours - 100 * twos) << 16;
    uint64_t ones = (twos * 103 >> 10 & 0xf000f000f000fu); /* / 10 */
    return ones | (twos - 10 * ones) << 8;
}

static inline void put_eight(char *to, uint64_t digits)
{
    digits += 0x3030303030303030u;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, &digits, 8);
#else
    for (int i = 0; i < 8; i++)
        to[i] = (char)(digits >> (8 * i) & 255);
#endif
}

/* rest + f, less than `unit` (1, 10, 100; f and half in 2^-56), rounded to 0 or to the unit: *to. 1: that is nearer than half, so that the
 * digits before it are enough. *close is set when it is too near to call. No branches: either way is taken as often. */
static inline int rounds(uint64_t rest, uint64_t f, uint64_t unit, uint64_t half, uint64_t *to, int *close)
{
    const uint64_t near = 4, part = rest << 56 | f, above = (unit << 56) - part, distance = part < above ? part : above;
    *to = part < above ? 0 : unit;
    *close |= (unit << 55) - distance < near;
    *close |= unit > 1 && half + near - distance < 2 * near;
    return distance < half;
}

/* The digits of a double whose scaled value is known to 2^-56, without printing and reading back; 0: `value` needs the slow way.
 *
 * With m 2^e = value, m of 53 bits, and p so that 1e16 <= S = value 10^p < 1e17, S = m 5^p 2^(e+p), and 5^p has at most 128 bits. n digits
 * are S rounded to a multiple of u = 10^(17-n), and read back as value when they are nearer to S than half a unit in the last place of
 * value is, h = 5^p 2^(e+p-1). What is too near to call is left to the slow way. */
static int quick(double value, decimal *out)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 wide;
    static const uint64_t five[56][2] = { /* 5^p, the first bit at the top */
        {0x8000000000000000u, 0x0000000000000000u}, {0xa000000000000000u, 0x0000000000000000u}, {0xc800000000000000u, 0x0000000000000000u},
        {0xfa00000000000000u, 0x0000000000000000u}, {0x9c40000000000000u, 0x0000000000000000u}, {0xc350000000000000u, 0x0000000000000000u},
        {0xf424000000000000u, 0x0000000000000000u}, {0x9896800000000000u, 0x0000000000000000u}, {0xbebc200000000000u, 0x0000000000000000u},
        {0xee6b280000000000u, 0x0000000000000000u}, {0x9502f90000000000u, 0x0000000000000000u}, {0xba43b74000000000u, 0x0000000000000000u},
        {0xe8d4a51000000000u, 0x0000000000000000u}, {0x9184e72a00000000u, 0x0000000000000000u}, {0xb5e620f480000000u, 0x0000000000000000u},
        {0xe35fa931a0000000u, 0x0000000000000000u}, {0x8e1bc9bf04000000u, 0x0000000000000000u}, {0xb1a2bc2ec5000000u, 0x0000000000000000u},
        {0xde0b6b3a76400000u, 0x0000000000000000u}, {0x8ac7230489e80000u, 0x0000000000000000u}, {0xad78ebc5ac620000u, 0x0000000000000000u},
        {0xd8d726b7177a8000u, 0x0000000000000000u}, {0x878678326eac9000u, 0x0000000000000000u}, {0xa968163f0a57b400u, 0x0000000000000000u},
        {0xd3c21bcecceda100u, 0x0000000000000000u}, {0x84595161401484a0u, 0x0000000000000000u}, {0xa56fa5b99019a5c8u, 0x0000000000000000u},
        {0xcecb8f27f4200f3au, 0x0000000000000000u}, {0x813f3978f8940984u, 0x4000000000000000u}, {0xa18f07d736b90be5u, 0x5000000000000000u},
        {0xc9f2c9cd04674edeu, 0xa400000000000000u}, {0xfc6f7c4045812296u, 0x4d00000000000000u}, {0x9dc5ada82b70b59du, 0xf020000000000000u},
        {0xc5371912364ce305u, 0x6c28000000000000u}, {0xf684df56c3e01bc6u, 0xc732000000000000u}, {0x9a130b963a6c115cu, 0x3c7f400000000000u},
        {0xc097ce7bc90715b3u, 0x4b9f100000000000u}, {0xf0bdc21abb48db20u, 0x1e86d40000000000u}, {0x96769950b50d88f4u, 0x1314448000000000u},
        {0xbc143fa4e250eb31u, 0x17d955a000000000u}, {0xeb194f8e1ae525fdu, 0x5dcfab0800000000u}, {0x92efd1b8d0cf37beu, 0x5aa1cae500000000u},
        {0xb7abc627050305adu, 0xf14a3d9e40000000u}, {0xe596b7b0c643c719u, 0x6d9ccd05d0000000u}, {0x8f7e32ce7bea5c6fu, 0xe4820023a2000000u},
        {0xb35dbf821ae4f38bu, 0xdda2802c8a800000u}, {0xe0352f62a19e306eu, 0xd50b2037ad200000u}, {0x8c213d9da502de45u, 0x4526f422cc340000u},
        {0xaf298d050e4395d6u, 0x9670b12b7f410000u}, {0xdaf3f04651d47b4cu, 0x3c0cdd765f114000u}, {0x88d8762bf324cd0fu, 0xa5880a69fb6ac800u},
        {0xab0e93b6efee0053u, 0x8eea0d047a457a00u}, {0xd5d238a4abe98068u, 0x72a4904598d6d880u}, {0x85a36366eb71f041u, 0x47a6da2b7f864750u},
        {0xa70c3c40a64e6c51u, 0x999090b65f67d924u}, {0xd0cf4b50cfe20765u, 0xfff4b4e3f741cf6du},
    };
    static const double ten[57] = {
        1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24,
        1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7,
        1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
        1e15, 1e16, 1e17,
    };
    enum { LEAST = 39 };
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int binary = (int)(bits >> 52) - 1023; /* value = fraction 2^binary, 1 <= fraction < 2 */
    const uint64_t mantissa = (bits & 0xfffffffffffffu) | (uint64_t)1 << 52;
    if (mantissa == (uint64_t)1 << 52 || value < 1e-37 || value >= 1e15) /* powers of two have neighbours at two distances */
        return 0;
    int exponent = (binary + 485) * 78913 / 262144 - 146; /* floor(binary log10 2), hardly ever one less */
    exponent += value >= ten[exponent + 1 + LEAST];
    const int p = 16 - exponent, shift = 127 - (p * 1741647 >> 19) - (binary - 52) - 64; /* 59 .. 63, for S of 54 .. 57 bits */
    if (p < 0 || p > 55 || shift < 59 || shift > 63)
        return 0;
    const wide product = (wide)mantissa * five[p][0] + (uint64_t)((wide)mantissa * five[p][1] >> 64);
    const uint64_t number = (uint64_t)(product >> shift), f = (uint64_t)product << (64 - shift) >> 8; /* units of 2^-56 from here on */
    const uint64_t half = five[p][0] >> (shift - 55);
    if (number < UINT64_C(10000000000000000) || number > UINT64_C(99999999999999900))
        return 0;
    const uint64_t hundreds = number / 100, last = number - 100 * hundreds, tens = last / 10;
    uint64_t to15, to16, to17;
    int close = 0;
    const int enough15 = rounds(last, f, 100, half, &to15, &close), enough16 = rounds(last - 10 * tens, f, 10, half, &to16, &close);
    (void)rounds(0, f, 1, half, &to17, &close);
    if (close)
        return 0;
    uint64_t rounded = enough16 ? number - (last - 10 * tens) + to16 : number + to17;
    rounded = enough15 ? number - last + to15 : rounded;
    const uint64_t high = rounded / 100000000;
    const uint64_t digits = eight_digits((uint32_t)(rounded - 100000000 * high));
    out->digit[0] = (char)('0' + high / 100000000);
    put_eight(out->digit + 1, eight_digits((uint32_t)(high % 100000000)));
    put_eight(out->digit + 9, digits);
    out->count = enough15 ? 15 : enough16 ? 16 : 17;
    while (out->count > 1 && out->digit[out->count - 1] == '0')
        out->count--;
    out->exponent = exponent;
    return 1;
#else
    (void)value;
    (void)out;
    return 0;
#endif
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
            memcpy(s, "0.0000", 6);
            s += 1 - d->exponent;
            memcpy(s, d->digit, 17); /* all that there may be, in one go: out has room for 24 bytes and more */
            return s + d->count;
        }
        for (; i <= d->exponent; i++)
            *s++ = i < d->count ? d->digit[i] : '0';
        if (i < d->count) {
            *s++ = '.';
            memcpy(s, d->digit + i, (size_t)(d->count - i));
            s += d->count - i;
        }
        return s;
    }
    *s++ = d->digit[0];
    if (d->count > 1) {
        *s++ = '.';
        memcpy(s, d->digit + 1, 16);
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
    if (size >= 1 && size < 1e15 && size == floor(size)) { /* whole numbers, without a detour */
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

/* ---- characters ---- */

size_t mx_text_character(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return 1;
    size_t need = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || left < need)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
        (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return need;
}

void mx_text_clean(char *text, size_t length)
{
    for (size_t i = 0, step; i < length; i += step) {
        step = mx_text_character(text + i, length - i);
        if (step == 0)
            text[i] = '?';
        else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = ' ';
        step = step == 0 ? 1 : step;
    }
}
