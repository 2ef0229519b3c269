/* Files with planned failures; the linker's --wrap sends the calls here. Not for several threads that do I/O at once. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "support/failing_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>

FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fdopen(int fd, const char *mode);
int __real_open(const char *path, int flags, ...);
int __real_mkstemp(char *name);
size_t __real_fread(void *out, size_t size, size_t count, FILE *file);
char *__real_fgets(char *out, int size, FILE *file);
int __real_fgetc(FILE *file);
int __real_getc(FILE *file);
ssize_t __real_read(int fd, void *out, size_t size);
size_t __real_fwrite(const void *data, size_t size, size_t count, FILE *file);
int __real_fputs(const char *text, FILE *file);
int __real_fputc(int c, FILE *file);
int __real_putc(int c, FILE *file);
int __real_vfprintf(FILE *file, const char *format, va_list arguments);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fflush(FILE *file);
int __real_fsync(int fd);
int __real_fclose(FILE *file);
int __real_close(int fd);
int __real_rename(const char *from, const char *to);
int __real_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);
int __real_ferror(FILE *file);

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
int __wrap_open(const char *path, int flags, ...);
int __wrap_mkstemp(char *name);
size_t __wrap_fread(void *out, size_t size, size_t count, FILE *file);
char *__wrap_fgets(char *out, int size, FILE *file);
int __wrap_fgetc(FILE *file);
int __wrap_getc(FILE *file);
ssize_t __wrap_read(int fd, void *out, size_t size);
size_t __wrap_fwrite(const void *data, size_t size, size_t count, FILE *file);
int __wrap_fputs(const char *text, FILE *file);
int __wrap_fputc(int c, FILE *file);
int __wrap_putc(int c, FILE *file);
int __wrap_fprintf(FILE *file, const char *format, ...);
int __wrap_vfprintf(FILE *file, const char *format, va_list arguments);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fflush(FILE *file);
int __wrap_fsync(int fd);
int __wrap_fclose(FILE *file);
int __wrap_close(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);
int __wrap_ferror(FILE *file);

static size_t fail_at; /* 0: never */
static int fail_after;
static int fail_kinds;
static size_t asked;
static size_t failed;
static FILE *broken; /* the stream whose last read or write was made to fail */

void failing_io_start(size_t k, int after, int kinds)
{
    asked = failed = 0;
    broken = NULL;
    fail_at = k;
    fail_after = after;
    fail_kinds = kinds;
}

size_t failing_io_stop(void)
{
    fail_at = 0;
    fail_kinds = 0;
    broken = NULL;
    return failed;
}

size_t failing_io_count(void)
{
    return asked;
}

/* Counts one call; returns 1, with errno set and the stream marked, when it is to fail. */
static int refuse(int kind, FILE *file)
{
    if (!(fail_kinds & kind))
        return 0;
    asked++;
    if (fail_at == 0 || asked < fail_at || (asked > fail_at && !fail_after))
        return 0;
    failed++;
    if (file != NULL)
        broken = file;
    errno = kind & (FAILING_IO_WRITE | FAILING_IO_CLOSE) ? ENOSPC : EIO;
    return 1;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return refuse(FAILING_IO_OPEN, NULL) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
    return refuse(FAILING_IO_OPEN, NULL) ? NULL : __real_fdopen(fd, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
    int mode = 0;
#ifdef O_TMPFILE
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
#else
    if (flags & O_CREAT) {
#endif
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, int);
        va_end(arguments);
    }
    return refuse(FAILING_IO_OPEN, NULL) ? -1 : __real_open(path, flags, mode);
}

int __wrap_mkstemp(char *name)
{
    return refuse(FAILING_IO_OPEN, NULL) ? -1 : __real_mkstemp(name);
}

size_t __wrap_fread(void *out, size_t size, size_t count, FILE *file)
{
    return refuse(FAILING_IO_READ, file) ? 0 : __real_fread(out, size, count, file);
}

char *__wrap_fgets(char *out, int size, FILE *file)
{
    return refuse(FAILING_IO_READ, file) ? NULL : __real_fgets(out, size, file);
}

int __wrap_fgetc(FILE *file)
{
    return refuse(FAILING_IO_READ, file) ? EOF : __real_fgetc(file);
}

int __wrap_getc(FILE *file)
{
    return refuse(FAILING_IO_READ, file) ? EOF : __real_getc(file);
}

ssize_t __wrap_read(int fd, void *out, size_t size)
{
    return refuse(FAILING_IO_READ, NULL) ? -1 : __real_read(fd, out, size);
}

size_t __wrap_fwrite(const void *data, size_t size, size_t count, FILE *file)
{
    return refuse(FAILING_IO_WRITE, file) ? 0 : __real_fwrite(data, size, count, file);
}

int __wrap_fputs(const char *text, FILE *file)
{
    return refuse(FAILING_IO_WRITE, file) ? EOF : __real_fputs(text, file);
}

int __wrap_fputc(int c, FILE *file)
{
    return refuse(FAILING_IO_WRITE, file) ? EOF : __real_fputc(c, file);
}

int __wrap_putc(int c, FILE *file)
{
    return refuse(FAILING_IO_WRITE, file) ? EOF : __real_putc(c, file);
}

int __wrap_vfprintf(FILE *file, const char *format, va_list arguments)
{
    return refuse(FAILING_IO_WRITE, file) ? -1 : __real_vfprintf(file, format, arguments);
}

int __wrap_fprintf(FILE *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = refuse(FAILING_IO_WRITE, file) ? -1 : __real_vfprintf(file, format, arguments);
    va_end(arguments);
    return written;
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    return refuse(FAILING_IO_WRITE, NULL) ? -1 : __real_write(fd, data, size);
}

int __wrap_fflush(FILE *file)
{
    return refuse(FAILING_IO_WRITE, file) ? EOF : __real_fflush(file);
}

int __wrap_fsync(int fd)
{
    return refuse(FAILING_IO_WRITE, NULL) ? -1 : __real_fsync(fd);
}

int __wrap_fclose(FILE *file)
{
    int fails = refuse(FAILING_IO_CLOSE, NULL);
    int saved = errno;
    if (file == broken)
        broken = NULL; /* the address may be given out again */
    int status = __real_fclose(file);
    if (fails) {
        errno = saved;
        status = EOF;
    }
    return status;
}

int __wrap_close(int fd)
{
    int fails = refuse(FAILING_IO_CLOSE, NULL);
    int saved = errno;
    int status = __real_close(fd);
    if (fails) {
        errno = saved;
        status = -1;
    }
    return status;
}

int __wrap_rename(const char *from, const char *to)
{
    return refuse(FAILING_IO_RENAME, NULL) ? -1 : __real_rename(from, to);
}

int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    return refuse(FAILING_IO_RENAME, NULL) ? -1 : __real_linkat(from_folder, from, to_folder, to, flags);
}

int __wrap_ferror(FILE *file)
{
    return file == broken || __real_ferror(file);
}
