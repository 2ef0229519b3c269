/* Files that appear whole or not at all.
 *
 * A regular file is written beside its place under a name of its own and moved there when it is complete; a failure leaves the old file
 * as it was, and nothing else. Standard output ("-"), devices and pipes are written in place. A symbolic link keeps pointing to the file
 * it points to.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "report/report.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static maxent_error fail(const mx_output *output, const char *path, maxent_diagnostic *diagnostic)
{
    int number = errno;
    const char *name = output != NULL ? output->path : path;
    maxent_error error = mx_fail(diagnostic, MAXENT_ERROR_WRITE, "%s: cannot be written: %s",
                                 strcmp(name, "-") == 0 ? "standard output" : name, strerror(number));
    errno = number;
    return error;
}

maxent_error mx_output_open(mx_output *output, const char *path, maxent_diagnostic *diagnostic)
{
    memset(output, 0, sizeof *output);
    output->descriptor = -1;
    struct stat status;
    int in_place = 0, exists = 0;
    if (strcmp(path, "-") == 0) {
        output->descriptor = STDOUT_FILENO;
    } else {
        exists = stat(path, &status) == 0;
        in_place = exists && !S_ISREG(status.st_mode);
    }
    char *real = exists && !in_place ? realpath(path, NULL) : NULL; /* through symbolic links */
    output->path = mx_strdup(real != NULL ? real : path);
    free(real);
    if (output->path == NULL)
        goto memory;
    if (output->descriptor >= 0)
        return MAXENT_OK;
    if (in_place) {
        output->descriptor = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        if (exists && access(path, W_OK) != 0)
            goto failed;
        size_t size = strlen(output->path) + 48;
        output->temporary = mx_alloc(size, 1);
        if (output->temporary == NULL)
            goto memory;
        for (unsigned attempt = 0; attempt < 100 && output->descriptor < 0; attempt++) {
            snprintf(output->temporary, size, "%s.%ld-%u.tmp", output->path, (long)getpid(), attempt);
            output->descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (output->descriptor < 0 && errno != EEXIST)
                break;
        }
        if (output->descriptor >= 0 && exists)
            (void)fchmod(output->descriptor, status.st_mode & 0777); /* the replaced file's permissions */
    }
    if (output->descriptor >= 0)
        return MAXENT_OK;
failed:;
    maxent_error error = fail(NULL, path, diagnostic);
    mx_free(output->temporary);
    mx_free(output->path);
    return error;
memory:
    mx_free(output->path);
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

maxent_error mx_output_write(mx_output *output, const char *bytes, size_t count, maxent_diagnostic *diagnostic)
{
    while (count > 0) {
        ssize_t n = write(output->descriptor, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(output, NULL, diagnostic);
        bytes += n;
        count -= (size_t)n;
    }
    return MAXENT_OK;
}

maxent_error mx_output_close(mx_output *output, maxent_error error, maxent_diagnostic *diagnostic)
{
    int number = errno;
    if (output->descriptor != STDOUT_FILENO && close(output->descriptor) != 0 && error == MAXENT_OK) {
        error = fail(output, NULL, diagnostic);
        number = errno;
    }
    if (output->temporary != NULL) {
        if (error == MAXENT_OK && rename(output->temporary, output->path) != 0) {
            error = fail(output, NULL, diagnostic);
            number = errno;
        }
        if (error != MAXENT_OK)
            (void)unlink(output->temporary);
    }
    mx_free(output->temporary);
    mx_free(output->path);
    errno = number;
    return error;
}
