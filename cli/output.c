/* Standard output and standard error: what they can show, and what happens when they cannot take more.
 *
 * Results go to standard output in large writes whose errors are looked at: a full disk is exit status 1 with a message, a reader
 * that has gone (`maxent solve ... | head`) is exit status 1 without one. Talk goes to standard error and begins with "maxent: ".
 */
#include "cli.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_look_at(int descriptor, const char *when, cli_look *look)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    look->terminal = isatty(descriptor);
    look->color = look->terminal && (no_color == NULL || no_color[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
    if (strcmp(when, "always") == 0)
        look->color = 1; /* asked for by name: stronger than the environment */
    else if (strcmp(when, "never") == 0)
        look->color = 0;
    look->unicode = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    look->width = 80;
    struct winsize size;
    if (look->terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        look->width = size.ws_col;
}

int cli_write(const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (errno != EPIPE)
                cli_say("standard output: cannot be written: %s", strerror(errno));
            return CLI_SYSTEM;
        }
        bytes += n;
        count -= (size_t)n;
    }
    return CLI_DONE;
}

void cli_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("maxent: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int cli_diagnose(const maxent_diagnostic *diagnostic)
{
    char text[2048];
    maxent_diagnostic_text(diagnostic, text, sizeof text);
    cli_say("%s", text[0] != '\0' ? text : maxent_error_text(diagnostic->error));
    switch (diagnostic->error) {
    case MAXENT_ERROR_MEMORY:
    case MAXENT_ERROR_WRITE:
    case MAXENT_ERROR_CALLBACK:
        return CLI_SYSTEM;
    default:
        return CLI_USAGE;
    }
}

int cli_overwrites(const char *output, const char *other)
{
    struct stat a, b;
    if (output == NULL || other == NULL || strcmp(output, "-") == 0)
        return 0;
    int same = strcmp(output, other) == 0;
    if (!same && stat(output, &a) == 0 && stat(other, &b) == 0)
        same = a.st_dev == b.st_dev && a.st_ino == b.st_ino && S_ISREG(a.st_mode);
    if (same && strncmp(output, "/dev/", 5) != 0) {
        cli_say("writing '%s' would destroy '%s', which is needed too: give the output another name", output, other);
        return 1;
    }
    return 0;
}

int cli_status_of(maxent_verdict verdict)
{
    switch (verdict) {
    case MAXENT_SOLVED:
    case MAXENT_BOUNDARY:
        return CLI_DONE;
    case MAXENT_INFEASIBLE:
        return CLI_INFEASIBLE;
    case MAXENT_UNFINISHED:
        return CLI_UNFINISHED;
    default:
        return CLI_NO_MAXIMUM;
    }
}
