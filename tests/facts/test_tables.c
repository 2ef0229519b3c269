/* Tables as supports, lists in files: real tables of tests/data where numbers are published, and small ones made here. */
#include "facts/compile.h"
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static maxent_problem *compile(const char *text, const char *directory)
{
    maxent_diagnostic where;
    maxent_problem *p = NULL;
    if (maxent_problem_from_text(text, strlen(text), NULL, directory, &p, &where) != MAXENT_OK)
        fail_msg("%s: %s:%zu:%zu: %s", text, where.file, where.line, where.column, where.message);
    return p;
}

static const char people[] = "Sex,Age,e,Freq,Petal.Length,odd name\n"
                             "Male,30,1,10,0.5,a\n"
                             "Female,20,2,0,1.5,b\n"
                             "Male,20,1,30,2.5,\"c d\"\n"
                             "Female,30,2,60,3.5,1\n";

static void test_table(void **state)
{
    (void)state;
    char path[256], text[1000];
    write_file("people.csv", people, strlen(people), path);
    snprintf(text, sizeof text,
             "states \"%s\"; prior Freq > 0; observed Freq\n"
             "P[Sex = s] = observed for s in Sex; P[Age = a and Sex = s] = observed for a in Age, s in Sex\n"
             "E[Petal.Length] = observed; E[`e`] = observed; P[`odd name` = \"c d\"] <= 1; P[`odd name` = \"1\"] <= 1\n"
             "E[Age | Sex = Male] = observed",
             path);
    maxent_problem *p = compile(text, NULL);
    static const char *const texts[] = {"P[Sex = Male]",
                                        "P[Sex = Female]",
                                        "P[Age = 20 and Sex = Male]",
                                        "P[Age = 20 and Sex = Female]",
                                        "P[Age = 30 and Sex = Male]",
                                        "P[Age = 30 and Sex = Female]",
                                        "E[Petal.Length]",
                                        "E[`e`]",
                                        "P[`odd name` = \"c d\"]",
                                        "P[`odd name` = \"1\"]",
                                        "E[Age | Sex = Male]"};
    static const double lower[] = {0.4, 0.6, 0.3, 0, 0.1, 0.6, 2.9, 1.6, -INFINITY, -INFINITY, 0};
    assert_int_equal(p->n, 4);
    assert_int_equal(p->k, 12);
    for (size_t i = 0; i < 11; i++) {
        assert_string_equal(p->fact[i].text, texts[i]);
        assert_true(p->fact[i].lower == lower[i]);
    }
    assert_true(p->fact[3].target_error == 0);  /* nothing observed: exactly 0 */
    assert_true(p->fact[0].target_error > 0);
    assert_true(p->fact[10].shift == 22.5);     /* (30*10 + 20*30)/40 */
    assert_true(p->q[0] == 1 && p->q[1] == 0);
    double row[12], number;
    assert_int_equal(mx_features_block(p, 2, 1, row), 0); /* Male, 20, 1, 30, 2.5, "c d" */
    static const double expected[12] = {1, 0, 1, 0, 0, 0, 2.5, 1, 1, 0, -2.5, 1};
    for (size_t i = 0; i < 12; i++)
        assert_true(row[i] == expected[i]);
    assert_int_equal(maxent_problem_variables(p), 6);
    assert_string_equal(maxent_problem_value(p, 0, 3, &number), "Female");
    assert_null(maxent_problem_value(p, 1, 3, &number));
    assert_true(number == 30);
    maxent_problem_free(p);

    snprintf(text, sizeof text, "states \"%s\"; E[Age] = observed", path); /* no weights: every row counts once */
    p = compile(text, NULL);
    assert_true(p->fact[0].lower == 25);
    maxent_problem_free(p);

    maxent_diagnostic where;
    snprintf(text, sizeof text, "states \"%s\"; E[e] = 1", path);
    assert_null(try_text(text, &where));
    assert_non_null(strstr(where.message, "is a constant and a variable"));
    snprintf(text, sizeof text, "states \"%s\"; P[Sex = Maie] = 1", path);
    assert_null(try_text(text, &where));
    assert_non_null(strstr(where.message, "unknown value 'Maie' of Sex; did you mean 'Male'?"));
    unlink(path);
}

/* The two-way margins of the UCB table (Bickel, Hammel, O'Connell 1975): 4526 applicants, 2691 men, 1755 admitted, 1198 men. */
static void test_published_table(void **state)
{
    (void)state;
    char directory[300], path[400];
    snprintf(directory, sizeof directory, "%s/examples", MAXENT_SOURCE_DIR);
    snprintf(path, sizeof path, "%s/ucb_admissions.csv", directory);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        skip();
    fclose(file);
    maxent_problem *p =
        compile("states \"ucb_admissions.csv\"; observed Freq\n"
                "P[Admit = Admitted] = observed; P[Gender = Male] = observed; P[Gender = Male and Admit = Admitted] = observed\n"
                "P[Admit = a and Dept = d] = observed for a in Admit, d in Dept",
                directory);
    assert_int_equal(p->n, 24);
    assert_int_equal(p->k, 15);
    assert_true(p->fact[0].lower == 1755.0 / 4526 && p->fact[1].lower == 2691.0 / 4526 && p->fact[2].lower == 1198.0 / 4526);
    maxent_problem_free(p);
}

static void list_is(const char *content, size_t count, const double *expected)
{
    char path[256];
    double *value = NULL;
    unsigned char *decimal = NULL;
    size_t got = 99;
    maxent_diagnostic where = {0};
    write_file("list.txt", content, strlen(content), path);
    if (mx_list_read(path, NULL, &value, &decimal, &got, &where) != MAXENT_OK)
        fail_msg("%s: %s", content, where.message);
    assert_int_equal(got, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(value[i] == expected[i]);
        assert_int_equal(decimal[i], expected[i] * 4 == floor(expected[i] * 4));
    }
    free(value);
    free(decimal);
    unlink(path);
}

static void list_fails(const char *content, size_t length, maxent_error error, size_t line, size_t column, const char *message)
{
    char path[256];
    double *value;
    size_t got;
    maxent_diagnostic where = {0};
    write_file("list.txt", content, length, path);
    assert_int_equal(mx_list_read(path, NULL, &value, NULL, &got, &where), error);
    if (where.error != error || where.line != line || where.column != column || strstr(where.message, message) == NULL)
        fail_msg("%s: %zu:%zu: %s", content, where.line, where.column, where.message);
    unlink(path);
}

static void test_lists(void **state)
{
    (void)state;
    list_is("1 2.5\n-3e0\t.25", 4, (double[]){1, 2.5, -3, 0.25});
    list_is("1, 2,3;4 # five\r\n, 5\n", 5, (double[]){1, 2, 3, 4, 5});
    list_is("\xEF\xBB\xBF# only a comment", 0, NULL);
    list_is("", 0, NULL);
    list_is("0.1,", 1, (double[]){0.1});
    list_fails("1 x 2", 5, MAXENT_ERROR_FILE, 1, 3, "expected a number, found 'x'");
    list_fails("1\n2,,3", 6, MAXENT_ERROR_FILE, 2, 3, "expected a number, found ','");
    list_fails(", 1", 3, MAXENT_ERROR_FILE, 1, 1, "expected a number, found ','");
    list_fails("1 inf", 5, MAXENT_ERROR_FILE, 1, 3, "found 'inf'");
    list_fails("1 nan", 5, MAXENT_ERROR_FILE, 1, 3, "found 'nan'");
    list_fails("1 2x", 4, MAXENT_ERROR_FILE, 1, 3, "found '2x'");
    list_fails("1/2", 3, MAXENT_ERROR_FILE, 1, 1, "found '1/2'");
    list_fails("1 1e999", 7, MAXENT_ERROR_VALUE, 1, 3, "out of range");
    list_fails("1 1e-999", 8, MAXENT_ERROR_VALUE, 1, 3, "out of range");
    list_fails("1\0002", 3, MAXENT_ERROR_FILE, 1, 2, "NUL byte");
    list_fails("1 \xFF", 3, MAXENT_ERROR_FILE, 1, 3, "not UTF-8");
    list_fails("\xFF\xFE" "1\0", 4, MAXENT_ERROR_FILE, 1, 1, "UTF-16 text; save it as UTF-8");
    list_fails("\xFE\xFF\0" "1", 4, MAXENT_ERROR_FILE, 1, 1, "UTF-16 text; save it as UTF-8");
}

/* Lists from files in facts, priors and weights; names relative to the directory of the problem's file. */
static void test_list_files(void **state)
{
    (void)state;
    char list[256], problem[256];
    maxent_problem *p;
    maxent_diagnostic where;
    write_file("m.txt", "2\n4.5 # E[x^2]\n", 15, list);
    static const char text[] =
        "x in 1..3\nE[x^k] = \"maxent-test-m.txt\" for k in 1..2\nE[x^k] <= \"maxent-test-m.txt\" +- 1 for k in 1..2";
    static const char good[] =
        "x in 1..2\nprior \"maxent-test-m.txt\"\nobserved \"maxent-test-m.txt\"; E[x^k] = \"maxent-test-m.txt\" +- "
        "\"maxent-test-m.txt\" for k in 1..2";
    write_file("p.facts", text, strlen(text), problem);
    assert_int_equal(maxent_problem_from_file(problem, &p, &where), MAXENT_ERROR_SYNTAX); /* +- with <= */
    assert_string_equal(where.file, problem);
    assert_int_equal(where.line, 3);
    write_file("p.facts", good, strlen(good), problem);
    assert_int_equal(maxent_problem_from_file(problem, &p, &where), MAXENT_OK);
    assert_true(p->q[0] == 2 && p->q[1] == 4.5 && p->fact[0].lower == 2 && p->fact[1].lower == 4.5 && p->fact[1].sd == 4.5);
    maxent_problem_free(p);
    unlink(list);
    assert_int_equal(maxent_problem_from_file(problem, &p, &where), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "No such file"));
    unlink(problem);
    assert_int_equal(maxent_problem_from_file(problem, &p, &where), MAXENT_ERROR_FILE);
    assert_int_equal(maxent_problem_from_file("/", &p, &where), MAXENT_ERROR_FILE);
    assert_int_equal(maxent_problem_from_file(NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    write_file("p.facts", "\x7F" "ELF\0\1\2", 7, problem); /* a program, not a text */
    assert_int_equal(maxent_problem_from_file(problem, &p, &where), MAXENT_ERROR_SYNTAX);
    assert_non_null(strstr(where.message, "is this a text file?"));
    unlink(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_published_table),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_list_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
