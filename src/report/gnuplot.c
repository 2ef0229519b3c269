/* Running gnuplot: the script on its standard input, the picture from its standard output, no shell between.
 *
 * All three streams are files, so that neither side ever waits for the other and no signal can come from a broken pipe. The
 * program is found as execvp finds it; it gets the environment of the process, which the library itself never reads.
 */
#include "report/report.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static maxent_error system_failed(maxent_diagnostic *diagnostic, int number)
{
    return mx_fail(diagnostic, MAXENT_ERROR_WRITE, "gnuplot cannot be run: %s", strerror(number));
}

/* Exit status of the program, or -1 with errno. */
static int spawn(int in, int out, int err)
{
    char name[] = "gnuplot", defaults[] = "-d"; /* no ~/.gnuplot */
    char *words[] = {name, defaults, NULL};
    posix_spawn_file_actions_t actions;
    int number = posix_spawn_file_actions_init(&actions), status;
    if (number != 0) {
        errno = number;
        return -1;
    }
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    pid_t child;
    number = posix_spawnp(&child, name, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (number != 0) {
        errno = number;
        return -1;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* The first line of what the program complained about. */
static void first_line(FILE *err, char *line, int size)
{
    line[0] = '\0';
    rewind(err);
    while (fgets(line, size, err) != NULL && strspn(line, " \t\r\n^") == strlen(line))
        ;
    line[strcspn(line, "\r\n")] = '\0';
}

maxent_error mx_run_gnuplot(const mx_canvas *canvas, int descriptor, maxent_diagnostic *diagnostic)
{
    maxent_error error = MAXENT_OK;
    char line[256];
    FILE *err = NULL, *in = tmpfile();
    if (in == NULL || (err = tmpfile()) == NULL || fwrite(canvas->text.data, 1, canvas->text.length, in) != canvas->text.length ||
        fflush(in) != 0 || lseek(fileno(in), 0, SEEK_SET) != 0) {
        error = system_failed(diagnostic, errno);
        goto done;
    }
    int status = spawn(fileno(in), descriptor, fileno(err));
    if (status < 0 && errno == ENOENT) {
        error = mx_fail(diagnostic, MAXENT_ERROR_UNSUPPORTED,
                        "a .png picture needs the program gnuplot, which is not there: install it, or draw to a .svg file");
    } else if (status < 0) {
        error = system_failed(diagnostic, errno);
    } else if (status != 0 || lseek(descriptor, 0, SEEK_CUR) <= 0) { /* it writes at our place in the file */
        first_line(err, line, sizeof line);
        error = mx_fail(diagnostic, MAXENT_ERROR_WRITE, "gnuplot made no picture: %s", line[0] != '\0' ? line : "it says nothing");
    }
done:
    if (err != NULL)
        fclose(err);
    if (in != NULL)
        fclose(in);
    return error;
}
