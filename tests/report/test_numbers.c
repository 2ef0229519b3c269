/* Numbers, widths and orders that reports are made of. */
#include "report/report.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void is(mx_buffer *buffer, const char *expected)
{
    assert_false(buffer->failed);
    assert_string_equal(buffer->data != NULL ? buffer->data : "", expected);
    mx_buffer_free(buffer);
    *buffer = (mx_buffer){0};
}

static void fixed(void **unused)
{
    (void)unused;
    mx_buffer b = {0};
    mx_report_fixed(&b, 0.46623959, 6);
    is(&b, "0.466240");
    mx_report_fixed(&b, -0.0000001, 6);
    is(&b, "0.000000");
    mx_report_fixed(&b, -1.5, 1);
    is(&b, "-1.5");
    mx_report_fixed(&b, 12.0, 0);
    is(&b, "12");
    mx_report_fixed(&b, 1e300, 3); /* too large for digits after the point */
    is(&b, "1e300");
    mx_report_fixed(&b, NAN, 3);
    is(&b, "-");
    mx_report_fixed(&b, 0.0499999999, 9);
    is(&b, "0.050000000");
}

static void probabilities(void **unused)
{
    (void)unused;
    mx_buffer b = {0};
    mx_report_probability(&b, 0.0);
    is(&b, "0");
    mx_report_probability(&b, 1.0);
    is(&b, "1.000000");
    mx_report_probability(&b, 3.14159e-9);
    is(&b, "3.14e-9");
    mx_report_number(&b, NAN, 6);
    is(&b, "-");
    mx_report_seconds(&b, 12.4e-6);
    is(&b, "12 us");
    mx_report_seconds(&b, 0.0123456);
    is(&b, "12.3 ms");
    mx_report_seconds(&b, 61.04);
    is(&b, "61 s");
}

/* Ticks are 1, 2 or 5 times a power of ten, inside the range, and no more than a third over the number asked for. */
static void ticks(void **unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        double low = (double)((i * 37) % 100) - 50.0, span = pow(10.0, (double)(i % 17) - 8.0) * (1.0 + (double)(i % 9)), first, step;
        mx_report_ticks(low, low + span, 6, &first, &step);
        double mantissa = step / pow(10.0, floor(log10(step) + 1e-9));
        assert_true(fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 || fabs(mantissa - 5) < 1e-6);
        assert_true(span / step <= 6.0 + 1e-6 && span / step > 2.0);
        assert_true(first >= low - 1e-6 * step - 1e-12 * fabs(low));
    }
}

static void letters(void **unused)
{
    (void)unused;
    assert_int_equal(mx_report_width("abc", 3), 3);
    assert_int_equal(mx_report_width("\xc3\xa0", 2), 1);               /* a grave */
    assert_int_equal(mx_report_width("\xe6\xbc\xa2", 3), 2);           /* a Chinese letter */
    assert_int_equal(mx_report_width("a\xcc\x80", 3), 1);              /* a and a combining grave */
    assert_int_equal(mx_report_letter("\xed\xa0\x80"), 0);             /* half of a pair */
    assert_int_equal(mx_report_letter("\xc0\x80"), 0);                 /* NUL, too long */
    assert_int_equal(mx_report_letter("\xf4\x90\x80\x80"), 0);         /* beyond the last letter */
    assert_int_equal(mx_report_letter("\xf0\x9f\x8e\xb2"), 4);         /* a die */
    mx_buffer b = {0};
    mx_report_put_clean(&b, "a\033[31mb\x7f\xc2\x9b\xffz\xc3\xa0\xc3");
    is(&b, "a?[31mb???z\xc3\xa0?");
}

static void bars(void **unused)
{
    (void)unused;
    mx_buffer b = {0};
    mx_report_bar(&b, 1.0, 10, 0);
    is(&b, "##########");
    mx_report_bar(&b, 0.0, 10, 1);
    is(&b, "");
    mx_report_bar(&b, 0.0625, 10, 1); /* 5 eighths */
    is(&b, "\u258b");
    mx_report_bar(&b, 0.25, 10, 1);
    is(&b, "\u2588\u2588\u258c");
}

/* The largest of random values, with many ties, against a plain selection. */
static void largest(void **unused)
{
    (void)unused;
    uint64_t z = 1;
    for (size_t n = 1; n < 60; n++) {
        double p[60];
        size_t order[60];
        for (size_t i = 0; i < n; i++) {
            z = z * 6364136223846793005u + 1442695040888963407u;
            p[i] = (double)(z >> 60);
        }
        size_t most = 1 + n * (z >> 62) / 4;
        mx_report_largest(n, p, most, order);
        char used[60] = {0};
        for (size_t r = 0; r < most; r++) {
            size_t best = SIZE_MAX;
            for (size_t i = 0; i < n; i++)
                if (!used[i] && (best == SIZE_MAX || p[i] > p[best]))
                    best = i;
            used[best] = 1;
            assert_int_equal(order[r], best);
        }
    }
}

static void tables(void **unused)
{
    (void)unused;
    mx_buffer out = {0};
    mx_layout table;
    mx_layout_start(&table, 3, "lrb");
    static const char *const cells[] = {"x", "p", "", "\xc3\xa0", "0.25", "##", "long", "1", ""};
    for (size_t i = 0; i < 9; i++)
        mx_layout_cell(&table, cells[i]);
    mx_layout_print(&table, &out, 0);
    is(&out, " x        p\n \xc3\xa0     0.25  ##\n long     1\n");
    /* too long for a line of 24 columns: 1 + 20 + 2 + 4; the first column is cut to 17 in its middle, wide letters whole */
    mx_layout_start(&table, 2, "lr");
    table.most = 24;
    static const char *const long_cells[] = {"name", "p", "aaaaaa\xe6\xbc\xa2xxxxxxxzzzzz", "0.25", "aaaaaaaaaaaaa\xe6\xbc\xa2zzzzzz", "1"};
    for (size_t i = 0; i < 6; i++)
        mx_layout_cell(&table, long_cells[i]);
    mx_layout_print(&table, &out, 0);
    is(&out, " name                  p\n aaaaaa...xxzzzzz   0.25\n aaaaaaa...zzzzzz      1\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed), cmocka_unit_test(probabilities), cmocka_unit_test(ticks),  cmocka_unit_test(letters),
        cmocka_unit_test(bars),  cmocka_unit_test(largest),       cmocka_unit_test(tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
