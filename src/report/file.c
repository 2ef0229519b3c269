/* Files that appear whole or not at all.
 *
 * A regular file is written without a name, where the system has such files (O_TMPFILE), so that nothing is left of it when the program is
 * killed; when it is complete it gets a name of its own beside its place and is moved there. Elsewhere it has that name from the beginning.
 * A failure leaves the old file as it was, and nothing else. Standard output ("-"), devices and pipes are written in place. A symbolic link
 * keeps pointing to the file it points to.
 */
#define _GNU_SOURCE /* realpath, O_TMPFILE */
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

/* A file without a name in the folder of output->path, for which output->temporary is used; -1 with errno 0: there are none here. */
static int open_unnamed(const mx_output *output)
{
#if defined(O_TMPFILE) && defined(AT_SYMLINK_FOLLOW)
    const char *slash = strrchr(output->path, '/');
    size_t length = slash == NULL ? 0 : slash == output->path ? 1 : (size_t)(slash - output->path);
    char *folder = output->temporary;
    memcpy(folder, length > 0 ? output->path : ".", length > 0 ? length : 1);
    folder[length > 0 ? length : 1] = '\0';
    int file = access("/proc/self/fd", X_OK) == 0 ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL || errno == EACCES || errno == ENOTDIR))
        errno = 0; /* the file system or the kernel has none; what else may be wrong shows when the named one is made */
    return file;
#else
    (void)output;
    errno = 0;
    return -1;
#endif
}

/* A name of its own for each try. */
static void name_temporary(mx_output *output, unsigned attempt)
{
    snprintf(output->temporary, strlen(output->path) + 48, "%s.%ld-%u.tmp", output->path, (long)getpid(), attempt);
}

/* Gives the file without a name its name beside its place. 0, or -1 with errno. */
static int give_name(mx_output *output)
{
#if defined(O_TMPFILE) && defined(AT_SYMLINK_FOLLOW)
    char self[48];
    int status = -1;
    snprintf(self, sizeof self, "/proc/self/fd/%d", output->descriptor);
    for (unsigned attempt = 0; attempt < 100 && status != 0; attempt++) {
        name_temporary(output, attempt);
        status = linkat(AT_FDCWD, self, AT_FDCWD, output->temporary, AT_SYMLINK_FOLLOW);
        if (status != 0 && errno != EEXIST)
            break;
    }
    return status;
#else
    (void)output;
    return 0;
#endif
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
        output->temporary = mx_alloc(strlen(output->path) + 48, 1);
        if (output->temporary == NULL)
            goto memory;
        output->descriptor = open_unnamed(output);
        output->unnamed = output->descriptor >= 0;
        for (unsigned attempt = 0; attempt < 100 && output->descriptor < 0 && (attempt > 0 || errno == 0); attempt++) {
            name_temporary(output, attempt);
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
    if (output->unnamed && error == MAXENT_OK) {
        if (give_name(output) == 0) {
            output->unnamed = 0;
        } else {
            error = fail(output, NULL, diagnostic);
            number = errno;
        }
    }
    if (output->descriptor != STDOUT_FILENO && close(output->descriptor) != 0 && error == MAXENT_OK) {
        error = fail(output, NULL, diagnostic);
        number = errno;
    }
    if (output->temporary != NULL) {
        if (error == MAXENT_OK && rename(output->temporary, output->path) != 0) {
            error = fail(output, NULL, diagnostic);
            number = errno;
        }
        if (error != MAXENT_OK && !output->unnamed)
            (void)unlink(output->temporary);
    }
    mx_free(output->temporary);
    mx_free(output->path);
    errno = number;
    return error;
}
