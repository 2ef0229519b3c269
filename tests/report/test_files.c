/* Every opening, write, close and rename of a file that is written fails once: WRITE, the old file as it was, nothing beside it. */
#include "report/support.h"

#include "support/failing_io.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "report_files_XXXXXX";

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *name, char *text, size_t size)
{
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length;
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void old_or_new(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = report_die(&problem, 4.5, 0);
    assert_non_null(result);
    char whole[8192], text[8192];
    for (int form = 0; form < 2; form++) {
        const char *name = form == 0 ? "p.csv" : "p.svg";
        size_t k = 0, failed;
        do {
            write_file(name, "old\n");
            maxent_diagnostic diagnostic = {0};
            failing_io_start(++k, 0, FAILING_IO_OPEN | FAILING_IO_WRITE | FAILING_IO_CLOSE | FAILING_IO_RENAME);
            maxent_error error = form == 0 ? maxent_report_csv(result, name, &diagnostic)
                                           : maxent_report_plot(result, NULL, name, &diagnostic);
            failed = failing_io_stop();
            read_file(name, text, sizeof text);
            if (failed > 0) {
                assert_int_equal(error, MAXENT_ERROR_WRITE);
                assert_string_equal(text, "old\n");
                assert_non_null(strstr(diagnostic.message, name));
            } else {
                assert_int_equal(error, MAXENT_OK);
            }
            assert_int_equal(entries(), 1);
        } while (failed > 0);
        assert_true(k >= 4);
        read_file(name, whole, sizeof whole);
        assert_non_null(strstr(whole, form == 0 ? "state,p\n0,0.0543531678264" : "</svg>\n"));
        unlink(name);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* A link keeps pointing where it points; permissions stay; a folder and a missing folder are errors. */
static void places(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = report_die(&problem, 4.5, 0);
    assert_non_null(result);
    struct stat status;
    maxent_diagnostic diagnostic = {0};
    write_file("real.csv", "old\n");
    assert_int_equal(chmod("real.csv", 0640), 0);
    assert_int_equal(symlink("real.csv", "link.csv"), 0);
    assert_int_equal(maxent_report_csv(result, "link.csv", &diagnostic), MAXENT_OK);
    assert_int_equal(lstat("link.csv", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat("real.csv", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_true(status.st_size > 100);
    assert_int_equal(maxent_report_csv(result, ".", &diagnostic), MAXENT_ERROR_WRITE);
    assert_int_equal(maxent_report_csv(result, "not/there.csv", &diagnostic), MAXENT_ERROR_WRITE);
    assert_non_null(strstr(diagnostic.message, "not/there.csv: cannot be written"));
    assert_int_equal(maxent_report_csv(result, "/dev/full", &diagnostic), MAXENT_ERROR_WRITE);
    assert_int_equal(entries(), 2);
    unlink("link.csv");
    unlink("real.csv");
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(old_or_new), cmocka_unit_test(places)};
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (chdir("..") != 0 || rmdir(folder) != 0)
        return 1;
    return failed;
}
