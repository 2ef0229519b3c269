/* The problem of a command line: FILE, "-" for standard input, and any number of -e STATEMENT.
 *
 * The text of the file and the statements become one problem, each with its own name in messages ("-e 2" is the second statement).
 * Files that a text names are looked up beside FILE, or from the current folder when there is none.
 */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct waiting {
    cli_building *tell;
    void *user;
} waiting;

/* From here on Ctrl-C does not end the program: what is being built is given up, and said to be unfinished. */
static int on_build(void *user, double seconds)
{
    const waiting *w = user;
    cli_catch_interrupt(1);
    if (w->tell != NULL)
        w->tell(w->user, seconds);
    return cli_interrupted();
}

int cli_read(cli_solve_words *shared, const cli_command *command, cli_building *tell, void *user, maxent_problem **problem)
{
    const cli_input *input = &shared->input;
    if (input->file == NULL && input->statements == 0) {
        cli_say("nothing to do: give a FILE, - for standard input, or -e STATEMENT ('maxent %s --help' shows how)",
                command->name);
        return CLI_USAGE;
    }
    waiting w = {tell, user};
    double limit = shared->solve.time_limit, started = seconds_now();
    maxent_build_options options;
    maxent_build_options_init(&options);
    options.time_limit = limit;
    options.progress = command == &cli_solve ? on_build : NULL;
    options.progress_user = &w;
    size_t count = input->statements + (input->file != NULL), used = 0;
    const char **texts = malloc(count * sizeof *texts), **names = malloc(count * sizeof *names);
    char *labels = malloc(count * 32);
    int status = CLI_DONE;
    if (texts == NULL || names == NULL || labels == NULL) {
        cli_say("out of memory");
        status = CLI_SYSTEM;
        goto done;
    }
    if (input->file != NULL) {
        texts[used] = NULL;
        names[used++] = input->file;
    }
    for (size_t i = 0; i < input->statements; i++) {
        snprintf(labels + 32 * i, 32, "-e %zu", i + 1);
        texts[used] = input->statement[i];
        names[used++] = labels + 32 * i;
    }
    maxent_diagnostic diagnostic;
    maxent_error error = maxent_problem_build(count, texts, names, &options, problem, &diagnostic);
    if (error == MAXENT_ERROR_STOPPED)
        status = CLI_UNFINISHED;
    else if (error != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
    if (limit > 0) /* and that is what is left; 0 would be no limit */
        shared->solve.time_limit = fmax(limit - (seconds_now() - started), fmin(limit, 1e-3));
done:
    free(labels);
    free((void *)names);
    free((void *)texts);
    return status;
}

/* A word (CLI_WORD), or an option that the commands have alike: 1 set, 0 wrong, -1 it is none of those. */
static int set_shared(const cli_command *command, int id, const char *value, cli_solve_words *s)
{
    const char *name = id == CLI_WORD ? NULL : command->option[id].name;
    unsigned long long whole;
    if (name == NULL) {
        int first = s->input.file == NULL;
        if (!first)
            cli_say("two files, '%s' and '%s': one is expected; -e adds statements to it", s->input.file, value);
        s->input.file = value;
        return first;
    }
    if (strcmp(name, "e") == 0) {
        s->input.statement[s->input.statements++] = value;
        return 1;
    }
    if (strcmp(name, "tolerance") == 0)
        return cli_real(name, value, &s->solve.tolerance);
    if (strcmp(name, "time-limit") == 0)
        return cli_real(name, value, &s->solve.time_limit);
    if (strcmp(name, "threads") == 0) {
        if (!cli_whole(name, value, 1, 1024, &whole))
            return 0;
        s->solve.threads = (int)whole;
        return 1;
    }
    int *flag = strcmp(name, "json") == 0 ? &s->json : strcmp(name, "quiet") == 0 ? &s->quiet : strcmp(name, "help") == 0 ? &s->help : NULL;
    if (flag != NULL)
        *flag = 1;
    return flag != NULL ? 1 : -1;
}

int cli_read_solve_words(const cli_command *command, int count, char **words, cli_solve_words *shared,
                         int (*set)(void *own, int id, const char *value), void *own)
{
    cli_words walk = {.count = count, .words = words};
    maxent_options_init(&shared->solve);
    shared->input.statement = malloc(((size_t)count + 1) * sizeof *shared->input.statement);
    if (shared->input.statement == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    for (;;) {
        const char *value;
        int id = cli_next(&walk, command, &value);
        if (id == CLI_END)
            return CLI_DONE;
        int ok = id == CLI_WRONG ? 0 : set_shared(command, id, value, shared);
        if (ok < 0)
            ok = set(own, id, value);
        if (!ok)
            return CLI_USAGE;
        if (shared->help)
            return CLI_DONE;
    }
}
