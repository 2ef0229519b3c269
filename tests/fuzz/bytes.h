/* Bytes as a file with a name, for functions that take paths. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A file with those bytes, without a name but for the one in path[32]; close the descriptor when done. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[32])
{
    static char name[] = "/tmp/maxent-fuzz-XXXXXX";
    static int file = -1;
    if (file < 0) { /* one file for all inputs: it is written anew each time */
        file = mkstemp(name);
        if (file < 0)
            abort();
        unlink(name);
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    snprintf(path, 32, "/proc/self/fd/%d", file);
    return file;
}

#endif
