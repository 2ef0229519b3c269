/* Tallies: counts against a table of the same file, remembered lines and forgotten ones, weights, missing values. */
#include "base/memory.h"
#include "data/tally.h"
#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static maxent_diagnostic where;

static maxent_error tally_text(const char *text, const mx_tally_options *options, mx_tally *tally)
{
    mx_stream *stream;
    mx_csv *csv;
    memset(&where, 0, sizeof where);
    maxent_error error = mx_stream_memory("t.csv", text, strlen(text), &stream, &where);
    if (error == MAXENT_OK)
        error = mx_csv_from_stream(stream, 0, &csv, &where);
    if (error != MAXENT_OK)
        return error;
    error = mx_tally_read(csv, options, tally, &where);
    mx_csv_close(csv);
    return error;
}

static const char *const ab[] = {"b", "a"};

static void test_counts(void **state)
{
    (void)state;
    mx_tally t;
    mx_tally_options options = {MX_MISSING_ERROR, ab, 2, NULL};
    assert_int_equal(tally_text("a,c,b\nx,1,u\ny,2,u\nx,3,u\nx,1,u\n\"x\",1,\"u\"\n\nx,1,v", &options, &t), MAXENT_OK);
    assert_int_equal(t.tuples, 3);
    assert_int_equal(t.total_rows, 6);
    assert_true(t.count[0] == 4 && t.count[1] == 1 && t.count[2] == 1);
    assert_true(t.rows[0] == 4);
    assert_string_equal(t.column[0].name, "b");
    assert_true(t.code[0] == 0 && t.code[1] == 0 && t.code[2] == 0 && t.code[3] == 1 && t.code[4] == 1 && t.code[5] == 0);
    mx_tally_free(&t);
    options.weight = "c";
    assert_int_equal(tally_text("a,c,b\nx,1.5,u\ny,2,u\nx,3,u\nx,1.5,u\n", &options, &t), MAXENT_OK);
    assert_true(t.count[0] == 6 && t.count[1] == 2 && t.rows[0] == 3);
    mx_tally_free(&t);
}

/* Lines of every length around the one up to which they are compared as words, equal but for their ends: each is told from the others.
 * Line l, r times: l letters, the last one 'x' in every second turn. */
static void test_lengths(void **state)
{
    (void)state;
    enum { LONGEST = 70 };
    char *text = malloc(2 + LONGEST * 6 * (LONGEST + 2)), *at = text + sprintf(text, "a\n");
    for (int turn = 0; turn < 6; turn++)
        for (int l = 1; l <= LONGEST; l++)
            if (l % 3 != 0 || turn < 4) {
                memset(at, 'y', (size_t)l);
                at[l - 1] = turn % 2 ? 'x' : 'y';
                at += l;
                *at++ = '\n';
            }
    *at = '\0';
    mx_tally t;
    const char *const a[] = {"a"};
    mx_tally_options options = {MX_MISSING_ERROR, a, 1, NULL};
    assert_int_equal(tally_text(text, &options, &t), MAXENT_OK);
    free(text);
    assert_int_equal(t.tuples, 2 * LONGEST);
    for (size_t i = 0; i < t.tuples; i++) {
        size_t length;
        const char *level = mx_dictionary_text(&t.column[0].levels, t.code[i], &length);
        assert_true(t.count[i] == (length % 3 != 0 ? 3 : 2) && t.rows[i] == (size_t)t.count[i]);
        for (size_t j = 0; j + 1 < length; j++)
            assert_true(level[j] == 'y');
    }
    mx_tally_free(&t);
}

static void refuses(const char *text, const mx_tally_options *options, maxent_error error, size_t line, const char *message)
{
    mx_tally t;
    assert_int_equal(tally_text(text, options, &t), error);
    assert_int_equal(where.line, line);
    if (strstr(where.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", where.message, message);
}

static void test_refusals(void **state)
{
    (void)state;
    mx_tally_options options = {MX_MISSING_ERROR, ab, 2, "w"};
    refuses("a,b,w\nx,u,1\nx,u,-1\n", &options, MAXENT_ERROR_VALUE, 3, "weight is \"-1\"");
    refuses("a,b,w\nx,u,1\nx,u,inf\n", &options, MAXENT_ERROR_VALUE, 3, "weight is \"inf\"");
    refuses("a,b,w\nx,u,1\nx,u,z\n", &options, MAXENT_ERROR_VALUE, 3, "weight is \"z\"");
    refuses("a,b,w\nx,u,\n", &options, MAXENT_ERROR_VALUE, 2, "column \"w\"");
    refuses("a,b,w\nx,,1\n", &options, MAXENT_ERROR_VALUE, 2, "column \"b\"");
    refuses("a,b\nx,u\n", &options, MAXENT_ERROR_NAME, 0, "no column \"w\"");
    refuses("a,w\nx,u\n", &options, MAXENT_ERROR_NAME, 0, "no column \"b\"");
    refuses("a,b,w\n", &options, MAXENT_ERROR_FILE, 0, "no rows");
    refuses("", &options, MAXENT_ERROR_FILE, 0, "empty");
    /* a remembered line does not hide what is wrong behind it */
    refuses("a,b,w\nx,u,1\nx,u,1\nx,u,1\nx,u\n", &options, MAXENT_ERROR_FILE, 5, "row on line 5 has 2 fields");
    refuses("a,b,w\nx,u,1\nx,u,1\nx,u,1\n\"x,u,1\n", &options, MAXENT_ERROR_FILE, 5, "never closed");
    refuses("a,b,w\nx,u,1\nx,u,1\nx,u,\xff\n", &options, MAXENT_ERROR_FILE, 4, "0xff");
    options.missing = MX_MISSING_DROP;
    refuses("a,b,w\nx,,1\nx,,1\nx,u,\n", &options, MAXENT_ERROR_FILE, 0, "each of 3");
}

static void test_missing(void **state)
{
    (void)state;
    mx_tally t;
    mx_tally_options options = {MX_MISSING_DROP, ab, 2, NULL};
    const char *text = "a,b,c\nx,u,\nx,NA,1\n,u,1\nx,u,1\nx,NA,1\n";
    assert_int_equal(tally_text(text, &options, &t), MAXENT_OK);
    assert_true(t.total_rows == 2 && t.dropped == 3 && t.tuples == 1); /* c is not read */
    mx_tally_free(&t);
    options.missing = MX_MISSING_CATEGORY;
    assert_int_equal(tally_text(text, &options, &t), MAXENT_OK);
    assert_true(t.total_rows == 5 && t.dropped == 0 && t.tuples == 3);
    assert_true(t.column[0].missing == 1 && t.column[1].missing == 1);
    mx_tally_free(&t);
}

/* Random files, some with few distinct lines and some with many, against the table of the same text. */
static void test_against_table(void **state)
{
    (void)state;
    uint64_t random = 3;
    char *text = malloc(1 << 22);
    assert_non_null(text);
    const int levels[] = {2, 30, 5000};
    for (int trial = 0; trial < 3; trial++) {
        size_t used = (size_t)sprintf(text, "a,b,c\n");
        for (int row = 0; row < 120000; row++) {
            unsigned v[3];
            for (int j = 0; j < 3; j++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                v[j] = (unsigned)((random >> 33) % (unsigned)levels[trial]);
            }
            used += (size_t)sprintf(text + used, v[0] % 7 == 1 ? "\"n%u\",%u,x%u\n" : "n%u,%u,x%u\n", v[0], v[1], v[2] % 10);
        }
        const char *names[] = {"a", "c"};
        mx_tally_options options = {MX_MISSING_ERROR, names, 2, NULL};
        mx_table_options all = {.column = names, .columns = 2};
        mx_tally t;
        mx_table table;
        mx_stream *stream;
        mx_csv *csv;
        assert_int_equal(tally_text(text, &options, &t), MAXENT_OK);
        assert_int_equal(mx_stream_memory("t", text, used, &stream, NULL), MAXENT_OK);
        assert_int_equal(mx_csv_from_stream(stream, 0, &csv, NULL), MAXENT_OK);
        assert_int_equal(mx_table_read_csv(csv, &all, &table, &where), MAXENT_OK);
        mx_csv_close(csv);
        assert_int_equal(t.total_rows, 120000);
        size_t cells = table.column[0].levels * table.column[1].levels, tuples = 0;
        double *count = calloc(cells, sizeof *count);
        assert_non_null(count);
        for (size_t i = 0; i < table.rows; i++) {
            double *cell = &count[table.column[0].code[i] * table.column[1].levels + table.column[1].code[i]];
            tuples += *cell == 0;
            ++*cell;
        }
        assert_int_equal(t.tuples, tuples);
        for (size_t i = 0; i < t.tuples; i++) { /* levels are in the order of appearance in both */
            assert_true(count[t.code[2 * i] * table.column[1].levels + t.code[2 * i + 1]] == t.count[i]);
            assert_true((double)t.rows[i] == t.count[i]);
        }
        free(count);
        mx_table_free(&table);
        mx_tally_free(&t);
    }
    free(text);
}

static void test_allocation(void **state)
{
    (void)state;
    static char text[100000] = "a,b,w\n";
    for (int i = 0; i < 2000; i++)
        sprintf(text + strlen(text), "n%d,u%d,1\n", i % 900, i % 7);
    mx_tally_options options = {MX_MISSING_ERROR, ab, 2, "w"};
    mx_tally t;
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = tally_text(text, &options, &t);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
    mx_tally_free(&t);
    assert_true(k > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_missing),
        cmocka_unit_test(test_against_table), cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
