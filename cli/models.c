/* What fit, predict, score and show share: models, data, names. */
#include "models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_read_model(const char *path, maxent_model **model)
{
    maxent_diagnostic diagnostic;
    return maxent_model_read(path, model, &diagnostic) == MAXENT_OK ? CLI_DONE : cli_diagnose(&diagnostic);
}

int cli_format(const char *text, maxent_format *format)
{
    const char *words[MAXENT_FORMAT_COUNT];
    for (int i = 0; i < MAXENT_FORMAT_COUNT; i++)
        words[i] = maxent_format_word((maxent_format)i);
    int choice = cli_choice("format", text, words, MAXENT_FORMAT_COUNT);
    *format = choice >= 0 ? (maxent_format)choice : MAXENT_FORMAT_AUTO;
    return choice >= 0;
}

int cli_absent(const char *text, maxent_absent *absent)
{
    static const char *const words[] = {"error", "drop", "impute"};
    int choice = cli_choice("missing", text, words, 3);
    *absent = choice >= 0 ? (maxent_absent)choice : MAXENT_ABSENT_ERROR;
    return choice >= 0;
}

int cli_delimiter(const char *text, char *delimiter)
{
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        text = "\t";
    if (strlen(text) != 1) {
        cli_say("'%s' is not a value of --delimiter: one character is expected, or tab", text);
        return 0;
    }
    *delimiter = text[0];
    return 1;
}

int cli_least(const char *option, const char *text, int zero, double *value)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end != '\0' || !(zero ? x >= 0.0 : x > 0.0) || !isfinite(x)) {
        cli_say("'%s' is not a value of --%s: a number %s 0 is expected", text, option, zero ? "of at least" : "greater than");
        return 0;
    }
    *value = x;
    return 1;
}

/* An option that several commands have: 1 set, 0 wrong, -1 it is none of those. */
static int set_shared(cli_model_words *s, const char *name, const char *value)
{
    unsigned long long number;
    if (strcmp(name, "format") == 0)
        return cli_format(value, &s->read.format);
    if (strcmp(name, "delimiter") == 0)
        return cli_delimiter(value, &s->read.delimiter);
    if (strcmp(name, "threads") == 0) {
        if (!cli_whole(name, value, 1, 1024, &number))
            return 0;
        s->read.threads = (int)number;
        return 1;
    }
    int *flag = strcmp(name, "json") == 0 ? &s->json : strcmp(name, "quiet") == 0 ? &s->quiet : strcmp(name, "help") == 0 ? &s->help : NULL;
    if (flag != NULL)
        *flag = 1;
    return flag != NULL ? 1 : -1;
}

/* Whether the words are as many as they should be. */
static int check_words(const cli_command *command, int files, const cli_model_words *s)
{
    if (files == 1 && s->model == NULL)
        cli_say("which model? 'maxent %s MODEL'", command->name);
    else if (files == 2 && s->data == NULL)
        cli_say("a model and a file of %sevents are expected: maxent %s MODEL FILE", strcmp(command->name, "score") == 0 ? "labelled " : "",
                command->name);
    else if (files == 2 && strcmp(s->model, "-") == 0 && strcmp(s->data, "-") == 0)
        cli_say("the model and the events cannot both come from standard input");
    else
        return CLI_DONE;
    return CLI_USAGE;
}

int cli_read_model_words(const cli_command *command, int count, char **words, int files, cli_model_words *shared,
                         int (*set)(void *own, int id, const char *value), void *own)
{
    cli_words walk = {.count = count, .words = words};
    maxent_read_options_init(&shared->read);
    for (;;) {
        const char *value;
        int id = cli_next(&walk, command, &value), ok = 1;
        if (id == CLI_END)
            return check_words(command, files, shared);
        if (id == CLI_WRONG)
            return CLI_USAGE;
        if (id != CLI_WORD) {
            ok = set_shared(shared, command->option[id].name, value);
            ok = ok < 0 ? set(own, id, value) : ok;
            if (shared->help)
                return CLI_DONE;
        } else if (shared->model != NULL && (files == 1 || shared->data != NULL)) {
            if (files == 1)
                cli_say("one model is expected, not '%s' too", value);
            else
                cli_say("a model and one file of events are expected, not '%s' too", value);
            ok = 0;
        } else {
            *(shared->model == NULL ? &shared->model : &shared->data) = value;
        }
        if (!ok)
            return CLI_USAGE;
    }
}

static char *name_of(const maxent_model *model, size_t i, size_t (*get)(const maxent_model *, size_t, char *, size_t))
{
    size_t length = get(model, i, NULL, 0);
    char *text = malloc(length + 1);
    if (text == NULL)
        cli_say("out of memory");
    else
        get(model, i, text, length + 1);
    return text;
}

char *cli_class_name(const maxent_model *model, size_t c)
{
    return name_of(model, c, maxent_model_class_name);
}

char *cli_feature_name(const maxent_model *model, size_t j)
{
    return name_of(model, j, maxent_model_feature_name);
}

int cli_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void cli_put_field(cli_text *out, const char *text, int width, int right)
{
    int have = cli_width(text), shown = have > width ? width - 3 : have;
    if (right)
        cli_put(out, "%*s", have < width ? width - have : 0, "");
    for (int letters = 0; *text != '\0'; text++) {
        letters += ((unsigned char)*text & 0xc0) != 0x80;
        if (letters > shown)
            break;
        cli_put(out, "%c", (unsigned char)*text < 32 || *text == 127 ? '?' : *text);
    }
    if (have > width)
        cli_put(out, "...");
    if (!right)
        cli_put(out, "%*s", have < width ? width - have : 0, "");
}

void cli_say_report(const maxent_read_report *report, const char *file)
{
    for (const char *note = report->note; *note != '\0'; note += strcspn(note, "\n"), note += *note == '\n')
        cli_say("%s:%.*s", file, (int)strcspn(note, "\n"), note);
    if (report->dropped > 0)
        cli_say("%s: %zu row%s with missing values left out", file, report->dropped, report->dropped == 1 ? "" : "s");
    if (report->unlabelled > 0)
        cli_say("%s: %zu event%s of classes that the model does not know", file, report->unlabelled, report->unlabelled == 1 ? "" : "s");
    if (report->unknown > 0)
        cli_say("%s: %zu of %zu features of events unknown to the model and left out", file, report->unknown,
                report->unknown + report->entries);
}
