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

/* Name of a class or feature, to be freed with free; NULL: no memory, which is said. */
char *cli_class_name(const maxent_model *model, size_t c);
char *cli_feature_name(const maxent_model *model, size_t j);

/* The text in a field `width` columns wide, cut with "..." when longer; right: to the right. Control characters become '?'. */
void cli_put_field(cli_text *out, const char *text, int width, int right);
/* Columns that the text takes. */
int cli_width(const char *text);

/* What reading found, said on standard error: rows left out, features and classes that the model does not know. */
void cli_say_report(const maxent_read_report *report, const char *file);

/* SIGINT: the first makes *cli_interrupted non-zero, a second one ends the program. */
void cli_catch_interrupt(void);
int cli_interrupted(void);
/* Holds SIGINT, SIGTERM and SIGHUP back while files are written; `hold` 1 or 0. */
void cli_hold_signals(int hold);

#endif
