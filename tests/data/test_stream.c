/* Streams: plain, gzip and zstd; every way in which they can be broken. */
#include "base/memory.h"
#include "data/stream.h"
#include "support/failing_alloc.h"
#include "support/failing_io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

enum { SIZE = 1000000 };
static unsigned char plain[SIZE], packed[2 * SIZE + 100];
static maxent_diagnostic where;

static int make_plain(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        plain[i] = "abcdefghijklmnop"[random >> 60];
    }
    return 0;
}

static size_t gzip(const unsigned char *bytes, size_t length, unsigned char *out)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)length;
    z.next_out = out;
    z.avail_out = SIZE + 100;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static size_t zstd(const unsigned char *bytes, size_t length, unsigned char *out)
{
    size_t size = ZSTD_compress(out, SIZE + 100, bytes, length, 3);
    assert_false(ZSTD_isError(size));
    return size;
}

/* Reads all of `bytes` in pieces; *got bytes were equal to plain (repeated). */
static maxent_error unpack(const unsigned char *bytes, size_t length, size_t piece, size_t *got)
{
    mx_stream *stream;
    static char buffer[SIZE];
    *got = 0;
    maxent_error error = mx_stream_memory("m", bytes, length, &stream, &where);
    if (error != MAXENT_OK)
        return error;
    assert_string_equal(mx_stream_name(stream), "m");
    for (size_t now = 1; now > 0; *got += now) {
        error = mx_stream_read(stream, buffer, piece, &now, &where);
        if (error != MAXENT_OK)
            break;
        for (size_t i = 0; i < now; i++)
            if ((unsigned char)buffer[i] != plain[(*got + i) % SIZE])
                fail_msg("byte %zu differs", *got + i);
    }
    mx_stream_close(stream);
    return error;
}

static void test_formats(void **state)
{
    (void)state;
    size_t got, sizes[] = {0, 1, 3, 5, 6, 7, 1000, SIZE}, pieces[] = {1, 7, 4096, SIZE};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t p = sizes[s] > 1000; p < 4; p++) {
            assert_int_equal(unpack(plain, sizes[s], pieces[p], &got), MAXENT_OK);
            assert_int_equal(got, sizes[s]);
            assert_int_equal(unpack(packed, gzip(plain, sizes[s], packed), pieces[p], &got), MAXENT_OK);
            assert_int_equal(got, sizes[s]);
            assert_int_equal(unpack(packed, zstd(plain, sizes[s], packed), pieces[p], &got), MAXENT_OK);
            assert_int_equal(got, sizes[s]);
        }
}

static void test_members(void **state)
{
    (void)state;
    size_t got;
    size_t first = gzip(plain, SIZE / 2, packed), second = gzip(plain + SIZE / 2, SIZE / 2, packed + first);
    assert_int_equal(unpack(packed, first + second, 4096, &got), MAXENT_OK);
    assert_int_equal(got, SIZE);
    memset(packed + first + second, 0, 100); /* padding with zeros */
    assert_int_equal(unpack(packed, first + second + 100, 4096, &got), MAXENT_OK);
    assert_int_equal(got, SIZE);
    packed[first + second + 50] = 'x'; /* padding with anything else */
    assert_int_equal(unpack(packed, first + second + 100, 4096, &got), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "after the end"));

    first = zstd(plain, SIZE / 2, packed);
    static const unsigned char skippable[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    memcpy(packed + first, skippable, sizeof skippable);
    first += sizeof skippable;
    second = zstd(plain + SIZE / 2, SIZE / 2, packed + first);
    assert_int_equal(unpack(packed, first + second, 4096, &got), MAXENT_OK);
    assert_int_equal(got, SIZE);
    assert_int_equal(unpack(packed + first - sizeof skippable, sizeof skippable, 4096, &got), MAXENT_OK);
    assert_int_equal(got, 0);
    memcpy(packed + first + second, "junk", 4);
    assert_int_equal(unpack(packed, first + second + 4, 4096, &got), MAXENT_ERROR_FILE);
}

/* Cut short at every length, and one byte changed: never taken for whole. */
static void test_broken(void **state)
{
    (void)state;
    size_t got;
    for (int kind = 0; kind < 2; kind++) {
        size_t size = kind ? zstd(plain, 3000, packed) : gzip(plain, 3000, packed);
        size_t magic = kind ? 4 : 2;
        for (size_t cut = magic; cut < size; cut++) {
            assert_int_equal(unpack(packed, cut, 512, &got), MAXENT_ERROR_FILE);
            assert_non_null(strstr(where.message, "cut short"));
            assert_string_equal(where.file, "m");
        }
        size = kind ? zstd(plain, SIZE, packed) : gzip(plain, SIZE, packed);
        assert_int_equal(unpack(packed, size - 1, 4096, &got), MAXENT_ERROR_FILE);
        assert_int_equal(unpack(packed, size / 2, 4096, &got), MAXENT_ERROR_FILE);
    }
    size_t size = gzip(plain, SIZE, packed);
    packed[size - 6] ^= 1; /* the check sum */
    assert_int_equal(unpack(packed, size, 4096, &got), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "corrupt"));
    size = zstd(plain, SIZE, packed);
    memset(packed + size / 2, 0xff, 200);
    assert_int_equal(unpack(packed, size, 4096, &got), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "corrupt"));
    assert_int_equal(unpack((const unsigned char *)"\xfd" "7zXZ\0\0", 7, 512, &got), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "xz"));
    assert_int_equal(unpack((const unsigned char *)"BZh91AY&SY", 10, 512, &got), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "bzip2"));
}

static void test_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/maxent-stream-XXXXXX", path[100];
    mx_stream *stream = NULL;
    char *text;
    size_t length;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mx_stream_open(folder, &stream, &where), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "directory"));
    assert_string_equal(where.file, folder);
    snprintf(path, sizeof path, "%s/none", folder);
    assert_int_equal(mx_stream_open(path, &stream, &where), MAXENT_ERROR_FILE);
    assert_non_null(strstr(where.message, "No such file"));
    assert_int_equal(mx_stream_open(path, &stream, NULL), MAXENT_ERROR_FILE);
    assert_null(stream);

    snprintf(path, sizeof path, "%s/x.csv", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(plain, 1, SIZE, file);
    fclose(file);
    assert_int_equal(mx_stream_read_all(path, SIZE, &text, &length, &where), MAXENT_OK);
    assert_int_equal(length, SIZE);
    assert_memory_equal(text, plain, SIZE);
    assert_int_equal(text[SIZE], 0);
    mx_free(text);
    assert_int_equal(mx_stream_read_all(path, SIZE - 1, &text, &length, &where), MAXENT_ERROR_LIMIT);
    assert_int_equal(mx_stream_read_all(folder, SIZE, &text, &length, &where), MAXENT_ERROR_FILE);

    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = mx_stream_read_all(path, SIZE, &text, &length, &where);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
    mx_free(text);
    assert_true(k > 4);

    k = 0;
    do {
        failing_io_start(++k, 0, FAILING_IO_OPEN | FAILING_IO_READ);
        maxent_error error = mx_stream_read_all(path, SIZE, &text, &length, &where);
        failed = failing_io_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_FILE : MAXENT_OK);
    } while (failed > 0);
    mx_free(text);
    assert_true(k > 2);

    assert_non_null(freopen(path, "rb", stdin));
    assert_int_equal(mx_stream_read_all("-", SIZE, &text, &length, &where), MAXENT_OK);
    assert_int_equal(length, SIZE);
    mx_free(text);
    assert_int_equal(mx_stream_open("-", &stream, &where), MAXENT_OK);
    assert_string_equal(mx_stream_name(stream), "standard input");
    mx_stream_close(stream);
    mx_stream_close(NULL);
    remove(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, make_plain, NULL);
}
