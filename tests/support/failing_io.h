/* Makes input and output fail on purpose: `maxent_test(... FAILING_IO)` routes the file functions of the program and the
 * library through here, to see that a full disk or a broken pipe gives an error and leaves no half-written file.
 *
 *     size_t k = 0, failed;
 *     do {
 *         failing_io_start(++k, 0, FAILING_IO_ALL);
 *         error = maxent_report_csv(...);
 *         failed = failing_io_stop();
 *         assert error == MAXENT_ERROR_WRITE whenever failed > 0, and that neither the file nor its temporary exists
 *     } while (failed > 0);
 *
 * Closing really closes the file before it reports failure, so that nothing leaks. After a failed read or write, ferror of
 * that stream is true, as it would be.
 */
#ifndef FAILING_IO_H
#define FAILING_IO_H

#include <stddef.h>

#define FAILING_IO_OPEN 1   /* fopen, fdopen, open, mkstemp */
#define FAILING_IO_READ 2   /* fread, fgets, fgetc, getc, read */
#define FAILING_IO_WRITE 4  /* fwrite, fputs, fputc, putc, fprintf, vfprintf, write, fflush, fsync */
#define FAILING_IO_CLOSE 8  /* fclose, close */
#define FAILING_IO_RENAME 16 /* rename, linkat */
#define FAILING_IO_ALL 31

/* From now on counts the calls whose kind is in `kinds`; the k-th (1-based) fails, with `after` every later one too.
 * k = 0: none fails. Opening, reading and renaming fail with EIO, writing and closing with ENOSPC. */
void failing_io_start(size_t k, int after, int kinds);

/* Stops failing. Returns how many calls were made to fail since the start. */
size_t failing_io_stop(void);

/* Calls counted since the start. */
size_t failing_io_count(void);

#endif
