/* What fit, predict, score and show share: models, data, and names in tables and JSON. */
#ifndef CLI_MODELS_H
#define CLI_MODELS_H

#include "lists.h"

/* Reads a model; CLI_DONE, or the exit status after saying what is wrong. */
int cli_read_model(const char *path, maxent_model **model);

/* Options about data that several commands have: --format, --missing, --delimiter. 0 after saying what is wrong. */
int cli_format(const char *text, maxent_format *format);
int cli_absent(const char *text, maxent_absent *absent);
int cli_delimiter(const char *text, char *delimiter);
/* A number of at least 0, or greater than 0. */
int cli_least(const char *option, const char *text, int zero, double *value);

/* ---- the words of predict, score and show: MODEL [FILE], and the options that they have alike ---- */

typedef struct cli_model_words {
    const char *model, *data;
    maxent_read_options read; /* --format, --delimiter, --threads */
    int json, quiet, help;
} cli_model_words;

/* Reads them. An option that is the command's own goes to `set` with its number in the table of the command; `set` returns 0 after saying
 * what is wrong. files: 1: a model; 2: a model and a file of events. CLI_DONE (with --help: shared->help, and nothing is checked), or
 * CLI_USAGE after saying what is wrong: a word too many, or too few. */
int cli_read_model_words(const cli_command *command, int count, char **words, int files, cli_model_words *shared,
                         int (*set)(void *own, int id, const char *value), void *own);

/* Name of a class or feature, to be freed with free; NULL: no memory, which is said. */
char *cli_class_name(const maxent_model *model, size_t c);
char *cli_feature_name(const maxent_model *model, size_t j);

/* The text in a field `width` columns wide, cut with "..." when longer; right: to the right. Control characters become '?'. */
void cli_put_field(cli_text *out, const char *text, int width, int right);
/* Columns that the text takes. */
int cli_width(const char *text);

/* What reading found, said on standard error: rows left out, features and classes that the model does not know. */
void cli_say_report(const maxent_read_report *report, const char *file);

#endif
