/* Numbers to and from text, in any locale; the growing string. Expected texts: David Gay's dtoa as in Python's repr(). */
#include "base/memory.h"
#include "base/text.h"
#include "support/failing_alloc.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void writes(double value, const char *expected)
{
    char text[MX_DOUBLE_TEXT];
    assert_string_equal(mx_double_text(value, text), expected);
}

static void test_write(void **state)
{
    (void)state;
    writes(0.0, "0");
    writes(-0.0, "-0");
    writes(1.75, "1.75");
    writes(0.1, "0.1");
    writes(-1.0 / 3, "-0.3333333333333333");
    writes(12345, "12345");
    writes(1e15, "1000000000000000");
    writes(9007199254740993.0, "9007199254740992");
    writes(1e16, "1e16");
    writes(1e-5, "0.00001");
    writes(1.25e-6, "1.25e-6");
    writes(1e300, "1e300");
    writes(123456789012345678.0, "1.2345678901234568e17");
    writes(5e-324, "5e-324"); /* the least subnormal */
    writes(1.5e-323, "1.5e-323");
    writes(2.2250738585072014e-308, "2.2250738585072014e-308");
    writes(1.7976931348623157e308, "1.7976931348623157e308");
    writes(0x1p-44, "5.684341886080802e-14"); /* a power of two: 16 digits do, though not the nearest 16 */
    writes(INFINITY, "inf");
    writes(-INFINITY, "-inf");
    writes(NAN, "nan");
    char text[MX_DOUBLE_TEXT];
    assert_string_equal(mx_double_text_digits(2.0 / 3, 3, text), "0.667");
    assert_string_equal(mx_double_text_digits(-1234.5, 2, text), "-1200");
    assert_string_equal(mx_double_text_digits(1.0, 0, text), "1");
    assert_string_equal(mx_double_text_digits(0.1, 99, text), "0.10000000000000001");
    assert_int_equal(mx_double_text_apart(1.0, 2.0, 8), 8);
    assert_int_equal(mx_double_text_apart(1.0, 1.0, 8), 8);
    assert_int_equal(mx_double_text_apart(0.333333333333, 0.333333333334, 8), 12);
    assert_int_equal(mx_double_text_apart(3.0, 3.0000000000000004, 8), 17);
    assert_int_equal(mx_double_text_apart(1.0, NAN, 8), 8);
}

static void test_round_trip(void **state)
{
    (void)state;
    char text[MX_DOUBLE_TEXT];
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next();
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (i % 3 == 0)
            value = (double)(bits >> 11) * 0x1p-53;
        if (i % 7 == 0)
            value = ldexp(1.0, (int)(bits % 2098) - 1074);
        if (!isfinite(value))
            continue;
        mx_double_text(value, text);
        assert_true(strlen(text) < MX_DOUBLE_TEXT);
        assert_true(strtod(text, NULL) == value); /* two readers */
        assert_int_equal(mx_text_double(text, strlen(text), &back), 1);
        assert_true(back == value);
    }
}

/* The digits are those of printf, and one fewer do not read back: over the range that has a way of its own, beyond both its ends, and for
 * decimals of few digits and their neighbours. */
static void test_shortest(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; i++) {
        char text[MX_DOUBLE_TEXT], digits[32], other[48];
        double value = exp(-100 + 140 * ((double)(next() >> 11) * 0x1p-53));
        if (i % 4 == 0)
            value = (double)(next() % 100000) * pow(10, (int)(next() % 50) - 40);
        value = i % 8 == 0 ? nextafter(value, i % 16 == 0 ? 1 : 0) : value;
        int exponent, count = 0;
        if (value == 0 || frexp(value, &exponent) == 0.5) /* powers of two have neighbours at two distances */
            continue;
        mx_double_text(value, text);
        for (const char *s = text; *s != '\0' && *s != 'e'; s++) /* from the first that is not 0 on, and zeros behind the last dropped */
            if (*s >= '0' && *s <= '9' && (count > 0 || *s > '0'))
                digits[count++] = *s;
        while (count > 1 && digits[count - 1] == '0')
            count--;
        assert_true(strtod(text, NULL) == value);
        snprintf(other, sizeof other, "%.*e", count - 1, value);
        assert_true(other[0] == digits[0] && (count < 2 || memcmp(other + 2, digits + 1, (size_t)count - 1) == 0));
        if (count > 1 && count != 16) { /* of 15 and fewer digits the ones of 15 are taken, without zeros */
            snprintf(other, sizeof other, "%.*e", count > 16 ? 15 : count - 2, value);
            assert_true(strtod(other, NULL) != value);
        }
    }
}

static void reads(const char *text, size_t used, double expected, int exact)
{
    double value = -7;
    int is_exact = -1;
    assert_int_equal(mx_text_number(text, strlen(text), &value, &is_exact), used);
    if (used > 0) {
        assert_true(value == expected);
        assert_int_equal(is_exact, exact);
    }
}

static void test_read(void **state)
{
    (void)state;
    double value;
    reads("1.75", 4, 1.75, 1);
    reads("0.1", 3, 0.1, 0);
    reads("-2.5e-1x", 7, -0.25, 1);
    reads("+3", 2, 3, 1);
    reads(".5", 2, 0.5, 1);
    reads("5.", 2, 5, 1);
    reads("1..6", 2, 1, 1); /* the point is taken; the lexer knows about ranges */
    reads("1e", 1, 1, 1);
    reads("1e+", 1, 1, 1);
    reads("1e5", 3, 1e5, 1);
    reads("1e22", 4, 1e22, 1);
    reads("1e23", 4, 1e23, 0);
    reads("1e999", 5, INFINITY, 0);
    reads("-1e999999999999", 15, -INFINITY, 0);
    reads("1e-999", 6, 0, 0);
    reads("0e999", 5, 0, 1);
    reads("0.000", 5, 0, 1);
    reads("9007199254740993", 16, 9007199254740992.0, 0);
    reads("36893488147419103232", 20, 0x1p65, 1);
    reads("1.0000000000000002220446049250313080847263336181640625", 54, 1 + 0x1p-52, 1);
    reads("1.00000000000000022204460492503130808472633361816406250000000000000000000000000001", 82, 1 + 0x1p-52, 0);
    reads("2.4703282292062327208e-324", 26, 0, 0);     /* just below half the least subnormal */
    reads("2.4703282292062328208e-324", 26, 5e-324, 0); /* just above */
    reads("", 0, 0, 0);
    reads(".", 0, 0, 0);
    reads("-", 0, 0, 0);
    reads("e5", 0, 0, 0);
    reads("inf", 0, 0, 0);
    reads("nan", 0, 0, 0);
    assert_int_equal(mx_text_double("1.5 ", 4, &value), 0);
    assert_int_equal(mx_text_double("1.5", 3, &value), 1);
    assert_int_equal(mx_text_double("", 0, &value), 0);
    char long_text[2000]; /* 1 + 2^-53 and a little more, far behind the 768th digit: rounds up */
    memset(long_text, '0', sizeof long_text);
    memcpy(long_text, "1.00000000000000011102230246251565404236316680908203125", 55);
    long_text[1998] = '1';
    assert_int_equal(mx_text_double(long_text, 1999, &value), 1);
    assert_true(value == 1 + 0x1p-52);
    long_text[1998] = '0'; /* exactly between: to even */
    assert_int_equal(mx_text_double(long_text, 1999, &value), 1);
    assert_true(value == 1);
}

/* A locale with a decimal comma, when the machine has one; a decimal point that is a comma changes nothing. */
static void test_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR", "de_CH.utf8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i]) != NULL)
            break;
    test_write(state);
    test_read(state);
    setlocale(LC_ALL, "C");
}

static void test_buffer(void **state)
{
    (void)state;
    mx_buffer b = {0};
    mx_buffer_put(&b, "E[x]");
    mx_buffer_char(&b, ' ');
    mx_buffer_double(&b, 1.75);
    mx_buffer_repeat(&b, "=", 3);
    mx_buffer_size(&b, 42);
    mx_buffer_append(&b, "xyz", 2);
    mx_buffer_format(&b, "%s-%d", "n", 7);
    assert_int_equal(b.length, strlen("E[x] 1.75===42xyn-7"));
    char *text = mx_buffer_take(&b);
    assert_string_equal(text, "E[x] 1.75===42xyn-7");
    mx_free(text);
    text = mx_buffer_take(&b); /* an empty one is an empty string */
    assert_string_equal(text, "");
    mx_free(text);
    mx_buffer_repeat(&b, "0123456789", 1000);
    assert_int_equal(b.length, 10000);
    assert_int_equal(b.data[10000], '\0');
    mx_buffer_free(&b);
    assert_true(b.data == NULL && b.length == 0);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t k = 1; k <= 3; k++) {
        mx_buffer b = {0};
        failing_alloc_start(k, 0);
        mx_buffer_repeat(&b, "0123456789", 20); /* three sizes: 64, 96 and so on */
        mx_buffer_put(&b, "more");
        char *text = mx_buffer_take(&b);
        assert_true(failing_alloc_stop() == 1);
        assert_null(text);
        assert_int_equal(b.failed, 0); /* ready for use again */
    }
    mx_buffer b = {0};
    mx_buffer_append(&b, "x", SIZE_MAX / 2);
    assert_int_equal(b.failed, 1);
    mx_buffer_free(&b);
}

/* What is shown of a file that may be none of text: RFC 3629, sections 3 and 4. */
static void test_clean(void **state)
{
    (void)state;
    static const struct {
        const char *text, *clean;
    } list[] = {
        {"plain", "plain"},
        {"a\tb\x1b[31mc\x7f", "a b [31mc "},
        {"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"}, /* 2, 3 and 4 bytes */
        {"\xFF\xFEx", "??x"},
        {"\xC3", "?"},                         /* cut off */
        {"\xC0\xAF", "??"},                    /* overlong */
        {"\xED\xA0\x80", "???"},               /* a surrogate */
        {"\xF4\x90\x80\x80", "????"},          /* above U+10FFFF */
        {"a\x80z", "a?z"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char text[40];
        snprintf(text, sizeof text, "%s", list[i].text);
        mx_text_clean(text, strlen(text));
        assert_string_equal(text, list[i].clean);
    }
    mx_text_clean(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),  cmocka_unit_test(test_round_trip), cmocka_unit_test(test_read),
        cmocka_unit_test(test_shortest), cmocka_unit_test(test_clean),
        cmocka_unit_test(test_locale), cmocka_unit_test(test_buffer),     cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
