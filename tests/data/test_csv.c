/* CSV: every rule of RFC 4180 and every refusal with its place, at every boundary of the read buffer. */
#include "base/memory.h"
#include "data/csv.h"
#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The whole file as text: fields between [ and ] (quoted ones between { and }), rows ended by '|'. */
static char seen[1 << 16];
static maxent_diagnostic where;

static maxent_error read_bytes(const char *name, const char *bytes, size_t length, char delimiter)
{
    mx_stream *stream;
    mx_csv *csv;
    size_t used = 0;
    seen[0] = '\0';
    memset(&where, 0, sizeof where);
    maxent_error error = mx_stream_memory(name, bytes, length, &stream, &where);
    if (error == MAXENT_OK)
        error = mx_csv_from_stream(stream, delimiter, &csv, &where);
    if (error != MAXENT_OK)
        return error;
    const mx_csv_field *field;
    size_t count;
    while ((error = mx_csv_row(csv, &field, &count, &where)) == MAXENT_OK && count > 0) {
        for (size_t i = 0; i < count && used + field[i].length + 8 < sizeof seen; i++) { /* the rest of a huge row is left out */
            seen[used++] = field[i].quoted ? '{' : '[';
            memcpy(seen + used, field[i].text, field[i].length);
            used += field[i].length;
            seen[used++] = field[i].quoted ? '}' : ']';
        }
        seen[used++] = '|';
        seen[used] = '\0';
    }
    mx_csv_close(csv);
    return error;
}

static void reads(const char *text, const char *expected)
{
    maxent_error error = read_bytes("t.csv", text, strlen(text), 0);
    if (error != MAXENT_OK)
        fail_msg("%s", where.message);
    assert_string_equal(seen, expected);
}

static void refuses(const char *bytes, size_t length, maxent_error error, size_t line, size_t column, const char *message)
{
    assert_int_equal(read_bytes("t.csv", bytes, length, 0), error);
    assert_int_equal(where.error, error);
    assert_string_equal(where.file, "t.csv");
    assert_int_equal(where.line, line);
    assert_int_equal(where.column, column);
    if (strstr(where.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", where.message, message);
}

static void test_grammar(void **state)
{
    (void)state;
    reads("a,b\n1,2\n", "[a][b]|[1][2]|");
    reads("a,b\n1,2", "[a][b]|[1][2]|");                       /* no line end at the end */
    reads("a,b\r\n1,2\r\n", "[a][b]|[1][2]|");                 /* CR LF */
    reads("a,b\r\n1,2\n", "[a][b]|[1][2]|");                   /* mixed */
    reads("a,\n,b\n,\n", "[a][]|[][b]|[][]|");                 /* empty fields */
    reads("a,b\n1,", "[a][b]|[1][]|");                         /* an empty field ends the file */
    reads("\"a\",\"b\"\n", "{a}{b}|");
    reads("\"a\",\"b\"", "{a}{b}|");
    reads("\"a,b\",\"c\nd\",\"e\r\nf\"\n", "{a,b}{c\nd}{e\r\nf}|");
    reads("\"a\"\"b\",\"\"\"\",\"\"\r\n", "{a\"b}{\"}{}|");
    reads("\"\"\"x\"\"\",\"y\"\n", "{\"x\"}{y}|");
    reads(" a , b \n", "[ a ][ b ]|");                         /* blanks are part of a field */
    reads("\xef\xbb\xbf" "a,b\n", "[a][b]|");                  /* byte order mark */
    reads("\xef\xbb\xbf\"a\",b\n", "{a}[b]|");
    reads("h\xc3\xa9,\xe2\x82\xac,\xf0\x9f\x98\x80\n", "[h\xc3\xa9][\xe2\x82\xac][\xf0\x9f\x98\x80]|");
    reads("\n\na,b\n\r\n1,2\n\n", "[a][b]|[1][2]|");           /* blank lines are no rows */
    reads("a\n\"\"\nb\n", "[a]|{}|[b]|");                      /* a quoted empty field is one */
    reads("", "");
    reads("\n", "");
    reads("\xef\xbb\xbf", "");
    reads("a;b\n", "[a;b]|");
}

static void test_delimiters(void **state)
{
    (void)state;
    const char *text = "a\tb,c\n";
    assert_int_equal(read_bytes("t.tsv", text, strlen(text), 0), MAXENT_OK);
    assert_string_equal(seen, "[a][b,c]|");
    assert_int_equal(read_bytes("t.TAB.tab.zst", text, strlen(text), 0), MAXENT_OK);
    assert_string_equal(seen, "[a][b,c]|");
    assert_int_equal(read_bytes("t.tsv.gz", text, strlen(text), 0), MAXENT_OK);
    assert_string_equal(seen, "[a][b,c]|");
    assert_int_equal(read_bytes("tsv", text, strlen(text), 0), MAXENT_OK);
    assert_string_equal(seen, "[a\tb][c]|");
    assert_int_equal(read_bytes("t.csv", "a;b\n", 4, ';'), MAXENT_OK);
    assert_string_equal(seen, "[a][b]|");
    assert_int_equal(read_bytes("t.csv", "a;b\n", 4, '"'), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(read_bytes("t.csv", "a;b\n", 4, '\n'), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(read_bytes("t.csv", "a;b\n", 4, '\xe9'), MAXENT_ERROR_ARGUMENT);
}

#define BYTES(text) text, sizeof(text) - 1

static void test_refusals(void **state)
{
    (void)state;
    refuses(BYTES("a,b\n1,\"x\n\n2,3\n"), MAXENT_ERROR_FILE, 2, 3, "never closed");
    assert_string_equal(where.excerpt, "1,\"x");
    assert_int_equal(where.caret, 2);
    refuses(BYTES("a,b\n1,\"x\"y\n"), MAXENT_ERROR_FILE, 2, 6, "after the closing quote");
    refuses(BYTES("a,b\n\"1\n2\"x,3\n"), MAXENT_ERROR_FILE, 3, 3, "after the closing quote");
    refuses(BYTES("a,b\n1,2\"3\n"), MAXENT_ERROR_FILE, 2, 4, "quote inside");
    refuses(BYTES("a,b,c,d\n1,2,3,4\n\"5\n6\",7,8,9\n\n\n1,2,3\n"), MAXENT_ERROR_FILE, 7, 1,
            "row on line 7 has 3 fields, the header has 4");
    assert_string_equal(where.excerpt, "1,2,3");
    refuses(BYTES("a\n1,2\n"), MAXENT_ERROR_FILE, 2, 1, "row on line 2 has 2 fields, the header has 1");
    refuses(BYTES("a,b\n1\n"), MAXENT_ERROR_FILE, 2, 1, "row on line 2 has 1 field, the header has 2");
    refuses(BYTES("a,b\r1,2\r"), MAXENT_ERROR_FILE, 1, 4, "carriage return");
    refuses(BYTES("a,b\r"), MAXENT_ERROR_FILE, 1, 4, "carriage return");
    refuses(BYTES("a,b\n1,x\0y\n"), MAXENT_ERROR_FILE, 2, 4, "NUL");
    refuses(BYTES("h\xc3\xa9,b\nx\xc3\xa9,caf\xe9\n"), MAXENT_ERROR_FILE, 2, 7, "0xe9 is not UTF-8"); /* columns in characters */
    assert_string_equal(where.excerpt, "x\xc3\xa9,caf");
    assert_int_equal(where.caret, 6);
    refuses(BYTES("a\n\xc3"), MAXENT_ERROR_FILE, 2, 1, "0xc3");              /* cut off by the end */
    refuses(BYTES("a\n\xc0\x80"), MAXENT_ERROR_FILE, 2, 1, "0xc0");          /* overlong */
    refuses(BYTES("a\n\xe0\x80\x80"), MAXENT_ERROR_FILE, 2, 1, "0xe0");
    refuses(BYTES("a\n\xed\xa0\x80"), MAXENT_ERROR_FILE, 2, 1, "0xed");      /* surrogate */
    refuses(BYTES("a\n\xf4\x90\x80\x80"), MAXENT_ERROR_FILE, 2, 1, "0xf4");  /* beyond U+10FFFF */
    refuses(BYTES("a\n\"\xff\n"), MAXENT_ERROR_FILE, 2, 2, "0xff");          /* inside quotes */
    refuses(BYTES("\xff\xfe" "a\0,\0"), MAXENT_ERROR_FILE, 1, 1, "UTF-16");
    refuses(BYTES("\x89PNG\r\n\x1a\n\0\0"), MAXENT_ERROR_FILE, 1, 1, "0x89");
    /* the rows before a bad byte come out */
    read_bytes("t.csv", BYTES("a,b\n1,2\n3,\0"), 0);
    assert_string_equal(seen, "[a][b]|[1][2]|");
}

/* A long prefix of one row moves the rest over every position of a block and over the end of the read buffer. */
static void test_positions(void **state)
{
    (void)state;
    static const char tail[] = "\xe2\x82\xac,\"x\"\"\ny\",z\r\n1,2,\"3\"\n";
    enum { BUFFER = 1 << 18 };
    size_t places[64 + 40 + 64];
    size_t count = 0;
    for (size_t i = 1; i <= 64; i++)
        places[count++] = i;
    for (size_t i = 0; i < 40; i++)
        places[count++] = BUFFER - i;
    for (size_t i = 0; i < 64; i++)
        places[count++] = 2 * BUFFER + 8 - i;
    char *bytes = malloc(3 * BUFFER);
    assert_non_null(bytes);
    for (size_t p = 0; p < count; p++) {
        size_t length = places[p];
        memset(bytes, 'a', length);
        memcpy(bytes + length, tail, sizeof tail - 1);
        mx_stream *stream;
        mx_csv *csv;
        const mx_csv_field *field;
        size_t fields;
        assert_int_equal(mx_stream_memory("t", bytes, length + sizeof tail - 1, &stream, &where), MAXENT_OK);
        assert_int_equal(mx_csv_from_stream(stream, 0, &csv, &where), MAXENT_OK);
        assert_int_equal(mx_csv_row(csv, &field, &fields, &where), MAXENT_OK);
        assert_int_equal(fields, 3);
        assert_int_equal(field[0].length, length + 3);
        assert_memory_equal(field[0].text + length, "\xe2\x82\xac", 3);
        assert_int_equal(field[1].length, 4);
        assert_memory_equal(field[1].text, "x\"\ny", 4);
        assert_int_equal(field[2].length, 1);
        assert_int_equal(mx_csv_line(csv), 1);
        assert_int_equal(mx_csv_row(csv, &field, &fields, &where), MAXENT_OK);
        assert_int_equal(fields, 3);
        assert_memory_equal(field[2].text, "3", 1);
        assert_int_equal(mx_csv_line(csv), 3);
        assert_int_equal(mx_csv_row(csv, &field, &fields, &where), MAXENT_OK);
        assert_int_equal(fields, 0);
        assert_int_equal(mx_csv_row(csv, &field, &fields, &where), MAXENT_OK); /* the end stays the end */
        assert_int_equal(fields, 0);
        mx_csv_close(csv);
    }
    free(bytes);
}

/* Random tables written by the rules and read back: two ways of saying the same. */
static void test_round_trip(void **state)
{
    (void)state;
    uint64_t random = 7;
    static char text[1 << 20], expected[1 << 16];
    for (int trial = 0; trial < 300; trial++) {
        size_t used = 0, want = 0;
        int rows = 1 + trial % 40, columns = 2 + trial % 5;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                unsigned length = (unsigned)(random >> 60), quote = (unsigned)(random >> 40) & 1;
                text[used] = '"';
                used += quote;
                expected[want++] = quote ? '{' : '[';
                for (unsigned i = 0; i < length; i++) {
                    random = random * 6364136223846793005u + 1442695040888963407u;
                    char letter = quote ? "ab,\n\r\"x9"[random >> 61] : "abcdefg "[random >> 61];
                    if (letter == '"')
                        text[used++] = letter;
                    text[used++] = letter;
                    expected[want++] = letter;
                }
                text[used] = '"';
                used += quote;
                text[used++] = c + 1 < columns ? ',' : '\n';
                expected[want++] = quote ? '}' : ']';
            }
            expected[want++] = '|';
        }
        expected[want] = '\0';
        assert_int_equal(read_bytes("t", text, used, 0), MAXENT_OK);
        assert_string_equal(seen, expected);
    }
}

static void test_limits(void **state)
{
    (void)state;
    size_t length = MX_CSV_FIELD_LIMIT + 2;
    char *bytes = malloc(length);
    assert_non_null(bytes);
    memset(bytes, ',', length);
    assert_int_equal(read_bytes("t.csv", bytes, MX_CSV_FIELD_LIMIT - 1, 0), MAXENT_OK); /* one field more than delimiters */
    refuses(bytes, MX_CSV_FIELD_LIMIT, MAXENT_ERROR_LIMIT, 1, MX_CSV_FIELD_LIMIT + 1, "fields");
    free(bytes);
}

static void test_fail(void **state)
{
    (void)state;
    static const char text[] = "a,b,c\n\"x,\"\"1\",,zz\n";
    mx_stream *stream;
    mx_csv *csv;
    const mx_csv_field *field;
    size_t count;
    assert_int_equal(mx_stream_memory("t", text, sizeof text - 1, &stream, NULL), MAXENT_OK);
    assert_int_equal(mx_csv_from_stream(stream, 0, &csv, NULL), MAXENT_OK);
    mx_csv_row(csv, &field, &count, NULL);
    mx_csv_row(csv, &field, &count, NULL);
    assert_int_equal(mx_csv_fail(csv, 2, &where, MAXENT_ERROR_VALUE, "no %s", "good"), MAXENT_ERROR_VALUE);
    assert_int_equal(where.line, 2);
    assert_int_equal(where.column, 10);
    assert_int_equal(where.caret, 9);
    assert_string_equal(where.message, "no good");
    assert_string_equal(where.excerpt, "\"x,\"\"1\",,zz");
    assert_string_equal(mx_csv_name(csv), "t");
    assert_int_equal(mx_csv_fail(csv, 0, NULL, MAXENT_ERROR_VALUE, "x"), MAXENT_ERROR_VALUE);
    mx_csv_close(csv);
    mx_csv_close(NULL);
}

/* The excerpt of a long line is a window of whole characters around the place. */
static void test_long_excerpt(void **state)
{
    (void)state;
    char bytes[1000];
    size_t used = 0;
    for (int i = 0; i < 200; i++) {
        memcpy(bytes + used, "\xe2\x82\xac", 3);
        used += 3;
    }
    bytes[used++] = '"';
    memset(bytes + used, 'x', 300);
    used += 300;
    refuses(bytes, used, MAXENT_ERROR_FILE, 1, 201, "quote inside");
    assert_true(strlen(where.excerpt) <= 160);
    assert_int_equal(where.excerpt[0], '\xe2');
    assert_int_equal(where.excerpt[3 * where.caret], '"');
}

static void test_allocation(void **state)
{
    (void)state;
    static char bytes[1 << 19]; /* wide rows and a row beyond the buffer: fields and buffer grow */
    size_t used = 0;
    for (int i = 0; i < 199; i++)
        bytes[used++] = ',';
    bytes[used++] = '\n';
    bytes[used++] = '"';
    while (used < sizeof bytes - 300) {
        bytes[used++] = '"';
        bytes[used++] = '"';
    }
    bytes[used++] = '"';
    for (int i = 0; i < 199; i++)
        bytes[used++] = ',';
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = read_bytes("t", bytes, used, 0);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
    assert_true(k > 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),    cmocka_unit_test(test_delimiters),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_positions),  cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fail),       cmocka_unit_test(test_long_excerpt), cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
