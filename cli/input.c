/* The problem of a command line: FILE, "-" for standard input, and any number of -e STATEMENT.
 *
 * One file alone is read by the library. With -e beside it the statements are added to those of the file, which therefore is read
 * here: its text and the statements become one problem, each with its own name in messages ("-e 2" is the second statement).
 * Files that a text names are looked up beside FILE, or from the current folder when there is none.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 64 << 20 }; /* bytes of a facts file that is read here; the library has the same order of limit */

/* The whole of `path` ("-": standard input) as a NUL-terminated string, or NULL after saying why; *status: exit status. */
static char *read_text(const char *path, int *status)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in == NULL) {
        cli_say("%s: cannot be read: %s", path, strerror(errno));
        *status = CLI_USAGE;
        return NULL;
    }
    size_t length = 0, capacity = 1 << 16;
    char *text = malloc(capacity);
    *status = text != NULL ? CLI_DONE : CLI_SYSTEM;
    while (*status == CLI_DONE) {
        length += fread(text + length, 1, capacity - 1 - length, in);
        if (ferror(in)) {
            cli_say("%s: cannot be read: %s", path, strerror(errno));
            *status = CLI_USAGE;
        } else if (memchr(text, '\0', length) != NULL) {
            cli_say("%s: not a text file: it holds a NUL byte; a file in the facts language is expected", path);
            *status = CLI_USAGE;
        } else if (length < capacity - 1) {
            break;
        } else if (length >= LONGEST) {
            cli_say("%s: longer than %d MiB; a file in the facts language is expected", path, LONGEST >> 20);
            *status = CLI_USAGE;
        } else {
            char *more = realloc(text, capacity * 2);
            if (more == NULL) {
                *status = CLI_SYSTEM;
            } else {
                text = more;
                capacity *= 2;
            }
        }
    }
    if (*status == CLI_SYSTEM)
        cli_say("out of memory");
    if (in != stdin)
        fclose(in);
    if (*status != CLI_DONE) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}

/* Copy of the folder of `path`, or NULL for the current one. */
static char *folder_of(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    if (slash == NULL)
        return NULL;
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    char *folder = malloc(length + 1);
    if (folder != NULL) {
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    return folder;
}

static int read_pieces(const cli_input *input, maxent_problem **problem)
{
    size_t count = input->statements + (input->file != NULL);
    const char **texts = malloc(count * sizeof *texts), **names = malloc(count * sizeof *names);
    char *labels = malloc(count * 32), *file_text = NULL, *folder = NULL;
    int status = CLI_DONE;
    size_t used = 0;
    if (texts == NULL || names == NULL || labels == NULL) {
        cli_say("out of memory");
        status = CLI_SYSTEM;
        goto done;
    }
    if (input->file != NULL) {
        file_text = read_text(input->file, &status);
        if (file_text == NULL)
            goto done;
        texts[used] = file_text;
        names[used++] = strcmp(input->file, "-") == 0 ? "standard input" : input->file;
        folder = folder_of(input->file);
    }
    for (size_t i = 0; i < input->statements; i++) {
        snprintf(labels + 32 * i, 32, "-e %zu", i + 1);
        texts[used] = input->statement[i];
        names[used++] = labels + 32 * i;
    }
    maxent_diagnostic diagnostic;
    if (maxent_problem_from_texts(count, texts, names, folder, problem, &diagnostic) != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
done:
    free(folder);
    free(file_text);
    free(labels);
    free((void *)names);
    free((void *)texts);
    return status;
}

int cli_read(const cli_input *input, const cli_command *command, maxent_problem **problem)
{
    if (input->file == NULL && input->statements == 0) {
        cli_say("nothing to do: give a FILE, - for standard input, or -e STATEMENT ('maxent %s --help' shows how)",
                command->name);
        return CLI_USAGE;
    }
    if (input->statements != 0)
        return read_pieces(input, problem);
    maxent_diagnostic diagnostic;
    if (maxent_problem_from_file(input->file, problem, &diagnostic) != MAXENT_OK)
        return cli_diagnose(&diagnostic);
    return CLI_DONE;
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
