/* The instruments themselves: allocations and file calls fail when they are told to, and only then. */
#include "support/failing_alloc.h"
#include "support/failing_io.h"

#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void the_kth_allocation_fails(void **state)
{
    (void)state;
    failing_alloc_start(2, 0);
    void *a = mx_alloc(10, 1), *b = mx_zalloc(10, 1), *c = mx_alloc_aligned(10, 8);
    assert_int_equal(failing_alloc_count(), 3);
    assert_int_equal(failing_alloc_stop(), 1);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    mx_free(a);
    mx_free(c);
}

static void all_after_the_kth_fail(void **state)
{
    (void)state;
    failing_alloc_start(2, 1);
    char *a = mx_strdup("x");
    void *grown = mx_resize(a, 100, 1), *c = mx_alloc(1, 1);
    assert_int_equal(failing_alloc_stop(), 2);
    assert_null(grown);
    assert_null(c);
    assert_string_equal(a, "x"); /* untouched by the resize that failed */
    void *d = mx_alloc(1, 1);
    assert_non_null(d); /* stopped */
    mx_free(a);
    mx_free(d);
}

static void a_write_fails(void **state)
{
    (void)state;
    char name[] = "failing-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);

    failing_io_start(2, 0, FAILING_IO_WRITE);
    assert_int_equal(fwrite("abc", 1, 3, file), 3);
    assert_false(ferror(file));
    assert_int_equal(fputs("abc", file), EOF);
    assert_int_equal(errno, ENOSPC);
    assert_true(ferror(file));
    assert_int_equal(failing_io_stop(), 1);

    failing_io_start(1, 0, FAILING_IO_CLOSE);
    assert_int_equal(fclose(file), EOF);
    assert_int_equal(failing_io_stop(), 1);

    failing_io_start(1, 0, FAILING_IO_ALL);
    assert_null(fopen(name, "r"));
    assert_int_equal(errno, EIO);
    file = fopen(name, "r");
    assert_int_equal(failing_io_stop(), 1);
    char text[8];
    assert_int_equal(fread(text, 1, sizeof text, file), 3); /* what was written before the failure */
    assert_int_equal(fclose(file), 0);

    failing_io_start(1, 1, FAILING_IO_RENAME);
    assert_int_equal(rename(name, "elsewhere"), -1);
    failing_io_stop();
    assert_int_equal(remove(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kth_allocation_fails),
        cmocka_unit_test(all_after_the_kth_fail),
        cmocka_unit_test(a_write_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
