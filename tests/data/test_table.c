/* Tables: types, missing values, names, refusals; the dictionary. */
#include "base/memory.h"
#include "base/nearest.h"
#include "data/dictionary.h"
#include "data/table.h"
#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static maxent_diagnostic where;

static maxent_error read_text(const char *text, const mx_table_options *options, mx_table *table)
{
    mx_stream *stream;
    mx_csv *csv;
    memset(&where, 0, sizeof where);
    maxent_error error = mx_stream_memory("t.csv", text, strlen(text), &stream, &where);
    if (error == MAXENT_OK)
        error = mx_csv_from_stream(stream, 0, &csv, &where);
    if (error != MAXENT_OK)
        return error;
    error = mx_table_read_csv(csv, options, table, &where);
    mx_csv_close(csv);
    return error;
}

static void refuses(const char *text, const mx_table_options *options, maxent_error error, size_t line, const char *message)
{
    mx_table table;
    assert_int_equal(read_text(text, options, &table), error);
    assert_int_equal(where.line, line);
    if (strstr(where.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", where.message, message);
}

static const mx_table_options drop = {.missing = MX_MISSING_DROP}, category = {.missing = MX_MISSING_CATEGORY};

static void test_types(void **state)
{
    (void)state;
    mx_table t;
    assert_int_equal(read_text("x,name, id ,q\n1,b,007,\"1\"\n-2.5e1,a,8,2\n 3 ,b,x,3\n", NULL, &t), MAXENT_OK);
    assert_int_equal(t.rows, 3);
    assert_int_equal(t.columns, 4);
    assert_int_equal(t.column[0].numeric, 1);
    assert_true(t.column[0].number[0] == 1 && t.column[0].number[1] == -25 && t.column[0].number[2] == 3);
    assert_int_equal(t.column[1].numeric, 0);
    assert_int_equal(t.column[1].levels, 2);
    assert_string_equal(t.column[1].label[0], "b"); /* in the order of appearance */
    assert_string_equal(t.column[1].label[1], "a");
    assert_true(t.column[1].code[0] == 0 && t.column[1].code[1] == 1 && t.column[1].code[2] == 0);
    assert_string_equal(t.column[2].name, "id"); /* blanks around names go */
    assert_int_equal(t.column[2].levels, 3);
    assert_string_equal(t.column[2].label[0], "007"); /* what looked like a number keeps its spelling */
    assert_int_equal(t.column[3].numeric, 1);         /* quoted numbers are numbers */
    assert_int_equal(mx_table_find(&t, "name"), 1);
    assert_true(mx_table_find(&t, "nam") == SIZE_MAX);
    mx_table_free(&t);

    assert_int_equal(read_text("v\n1.5\ninf\nx\n1.5\n", NULL, &t), MAXENT_OK); /* among names, inf is a name */
    assert_int_equal(t.column[0].numeric, 0);
    assert_int_equal(t.column[0].levels, 3);
    mx_table_free(&t);
    refuses("v\n1.5\n-Infinity\n", NULL, MAXENT_ERROR_VALUE, 3, "infinite");
    refuses("v\n1.5\n2\n1e999\n", NULL, MAXENT_ERROR_VALUE, 4, "infinite");
}

static void test_missing(void **state)
{
    (void)state;
    mx_table t;
    refuses("a,b\n1,\n", NULL, MAXENT_ERROR_VALUE, 2, "missing value in column \"b\"");
    assert_int_equal(where.column, 3);
    const char *spellings[] = {"", "NA", "N/A", "NaN", "nan", "NULL", "null", "\"\""};
    for (size_t i = 0; i < 8; i++) {
        char text[100];
        snprintf(text, sizeof text, "a,b\n1,x\n%s,y\n3,\"NA\"\n", spellings[i]);
        assert_int_equal(read_text(text, &drop, &t), MAXENT_OK);
        assert_int_equal(t.rows, 2);
        assert_int_equal(t.dropped, 1);
        assert_int_equal(t.column[0].numeric, 1);
        assert_true(t.column[0].number[1] == 3);
        assert_int_equal(t.column[1].levels, 2); /* y went with its row; a quoted NA is a name */
        assert_string_equal(t.column[1].label[1], "NA");
        mx_table_free(&t);
    }
    assert_int_equal(read_text("a,b\n1,x\n2,NA\n2,\n", &category, &t), MAXENT_OK);
    assert_int_equal(t.column[1].levels, 2);
    assert_string_equal(t.column[1].label[1], MX_TABLE_MISSING);
    assert_true(t.column[1].code[1] == 1 && t.column[1].code[2] == 1);
    mx_table_free(&t);
    refuses("a,b\n1,x\n2,y\n,z\n", &category, MAXENT_ERROR_VALUE, 4, "numbers and a missing");
    assert_int_equal(read_text("a,b\n,x\nNA,y\n", &category, &t), MAXENT_OK); /* nothing but missing values */
    assert_int_equal(t.column[0].levels, 1);
    mx_table_free(&t);
    assert_int_equal(read_text("a,b\n,x\n1,y\nz,y\n", &category, &t), MAXENT_OK); /* becomes names later */
    assert_int_equal(t.column[0].levels, 3);
    assert_string_equal(t.column[0].label[0], MX_TABLE_MISSING);
    assert_string_equal(t.column[0].label[1], "1");
    mx_table_free(&t);
    refuses("a,b\n1,\n2,\n", &drop, MAXENT_ERROR_FILE, 0, "each of 2");
}

static void test_columns(void **state)
{
    (void)state;
    mx_table t;
    const char *wanted[] = {"c", "a"};
    mx_table_options options = {.column = wanted, .columns = 2};
    assert_int_equal(read_text("a,b,c\n1,,x\n2,,y\n", &options, &t), MAXENT_OK); /* missing only where it is not read */
    assert_int_equal(t.columns, 2);
    assert_string_equal(t.column[0].name, "c");
    assert_string_equal(t.column[0].label[1], "y");
    assert_true(t.column[1].number[1] == 2);
    mx_table_free(&t);
    wanted[0] = "humidty";
    refuses("outlook,humidity\n1,2\n", &options, MAXENT_ERROR_NAME, 0, "did you mean \"humidity\"?");
    wanted[0] = "zzz";
    refuses("outlook,humidity\n1,2\n", &options, MAXENT_ERROR_NAME, 0, "its columns are outlook, humidity");
    char many[4000] = "a";
    for (int i = 0; i < 200; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",column%d", i);
    strcat(many, "\n");
    refuses(many, &options, MAXENT_ERROR_NAME, 0, ", ...");
}

static void test_header(void **state)
{
    (void)state;
    refuses("", NULL, MAXENT_ERROR_FILE, 0, "empty");
    refuses("a,b\n", NULL, MAXENT_ERROR_FILE, 0, "no rows");
    refuses("a,,b\n1,2,3\n", NULL, MAXENT_ERROR_NAME, 1, "column 2 has no name");
    refuses("a, ,b\n1,2,3\n", NULL, MAXENT_ERROR_NAME, 1, "column 2 has no name");
    refuses("a,b, a\n1,2,3\n", NULL, MAXENT_ERROR_NAME, 1, "columns 1 and 3 have the same name \"a\"");
    refuses("a;b\n1;2,5\n", NULL, MAXENT_ERROR_FILE, 1, "separated by semicolons; write commas");
    refuses("a\tb\n1\t2\n", NULL, MAXENT_ERROR_FILE, 1, "separated by tabs; a file of tabs has a name in .tsv");
    refuses("a,b\n1,2\n3\n", NULL, MAXENT_ERROR_FILE, 3, "row on line 3 has 1 field, the header has 2");
    mx_table t;
    assert_int_equal(mx_table_read("no/such/file.csv", NULL, &t, &where), MAXENT_ERROR_FILE);
}

static void test_many_levels(void **state)
{
    (void)state;
    mx_dictionary d = {0};
    char text[40];
    uint32_t code;
    for (uint32_t i = 0; i < 100000; i++) {
        int length = snprintf(text, sizeof text, "level number %u", i);
        assert_true(mx_dictionary_add(&d, text, (size_t)length, &code));
        assert_int_equal(code, i);
    }
    for (uint32_t i = 0; i < 100000; i++) {
        int length = snprintf(text, sizeof text, "level number %u", i);
        assert_true(mx_dictionary_add(&d, text, (size_t)length, &code));
        assert_int_equal(code, i);
    }
    assert_true(mx_dictionary_add(&d, "", 0, &code)); /* the empty text is one, too */
    assert_int_equal(code, 100000);
    assert_true(mx_dictionary_add(&d, "", 0, &code));
    assert_int_equal(code, 100000);
    size_t length;
    assert_memory_equal(mx_dictionary_text(&d, 77, &length), "level number 77", 15);
    assert_int_equal(length, 15);
    mx_dictionary_free(&d);
}

static void test_nearest(void **state)
{
    (void)state;
    const char *names[] = {"play", NULL, "outlook", "temperature", "x", "Ab"};
    assert_int_equal(mx_nearest("ply", 6, names), 0);
    assert_int_equal(mx_nearest("paly", 6, names), 0); /* a swap is one step */
    assert_int_equal(mx_nearest("OUTLOOK", 6, names), 2);
    assert_int_equal(mx_nearest("temprature", 6, names), 3);
    assert_int_equal(mx_nearest("Temperture", 6, names), 3);
    assert_int_equal(mx_nearest("X", 6, names), 4);
    assert_int_equal(mx_nearest("aB", 6, names), 5);
    assert_true(mx_nearest("y", 6, names) == SIZE_MAX); /* nothing in common */
    assert_true(mx_nearest("windy", 6, names) == SIZE_MAX);
    assert_true(mx_nearest("", 6, names) == SIZE_MAX);
    assert_true(mx_nearest("play", 0, NULL) == SIZE_MAX);
    char longer[400];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_true(mx_nearest(longer, 6, names) == SIZE_MAX);
    names[1] = longer;
    assert_int_equal(mx_nearest("pplay", 6, names), 0);
}

static void test_allocation(void **state)
{
    (void)state;
    static char text[200000] = "n,s,late,one\n";
    for (int i = 0; i < 3000; i++)
        snprintf(text + strlen(text), 64, "%d,s%d,%s,1\n", i, i % 200, i < 2900 ? "12345678" : "z");
    mx_table t;
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = read_text(text, NULL, &t);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        if (error != MAXENT_OK)
            assert_int_equal(where.error, MAXENT_ERROR_MEMORY);
    } while (failed > 0);
    assert_int_equal(t.rows, 3000);
    assert_int_equal(t.column[2].levels, 2);
    assert_string_equal(t.column[2].label[0], "12345678");
    mx_table_free(&t);
    assert_true(k > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),  cmocka_unit_test(test_missing),     cmocka_unit_test(test_columns),
        cmocka_unit_test(test_header), cmocka_unit_test(test_many_levels), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
