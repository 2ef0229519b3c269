/* The command-line program: what its files share. It sees only the public headers of the library.
 *
 *     main.c      finds the subcommand; --version and --help
 *     options.c   reads options from a table, suggests the nearest one, writes the help
 *     input.c     FILE, - and -e STATEMENT: a problem
 *     signals.c   Ctrl-C
 *     output.c    standard output and standard error: what the terminal can show, errors of writing
 *     solve.c, sample.c   one file per subcommand
 */
#ifndef CLI_H
#define CLI_H

#include <maxent/maxent.h>

/* Exit statuses; the same list as in man/maxent.1. */
typedef enum cli_status {
    CLI_DONE = 0,       /* solved, boundary */
    CLI_SYSTEM = 1,     /* input or output failed, or memory */
    CLI_USAGE = 2,      /* wrong usage or wrong input: nothing was computed */
    CLI_INFEASIBLE = 3,
    CLI_NO_MAXIMUM = 4, /* singular, unattained, unbounded */
    CLI_UNFINISHED = 5
} cli_status;

/* ---- options.c ---- */

typedef struct cli_option {
    const char *name;  /* without the dashes */
    char letter;       /* short form, or 0 */
    const char *value; /* what the help calls its value, or NULL: the option takes none */
    const char *help;  /* one line */
} cli_option;

typedef struct cli_command {
    const char *name;     /* "solve" */
    const char *usage;    /* the line after "usage: " */
    const char *about;    /* a paragraph */
    const cli_option *option;
    size_t options;
    const char *examples; /* indented lines */
    int (*run)(const struct cli_command *command, int count, char **words);
} cli_command;

enum { CLI_END = -1, CLI_WORD = -2, CLI_WRONG = -3 };

/* A walk over the words of a command line; start with {.count, .words}. */
typedef struct cli_words {
    int count, next;
    char **words;
    char *cluster;  /* rest of a group of one-letter options, or NULL */
    int only_words; /* after "--" */
} cli_words;

/* The next option (its index in the table), CLI_WORD, CLI_END, or CLI_WRONG after saying on stderr what is wrong.
 * *value: the option's value or the word. */
int cli_next(cli_words *words, const cli_command *command, const char **value);
/* Whole numbers and reals as values of options; 0 after saying on stderr what is wrong. */
int cli_whole(const char *option, const char *text, unsigned long long least, unsigned long long most,
              unsigned long long *value);
int cli_real(const char *option, const char *text, double *value);
/* One of the `count` words: its index, or -1 after saying what is wrong. */
int cli_choice(const char *option, const char *text, const char *const *choices, int count);
/* The one of `count` names nearest to `text`, or NULL when none is near. */
const char *cli_nearest(const char *text, const char *const *names, size_t count);
int cli_help(const cli_command *command);

/* ---- input.c ---- */

typedef struct cli_input {
    const char *file;        /* NULL: none; "-": standard input */
    const char **statement;  /* [statements] of -e */
    size_t statements;
} cli_input;

/* The words that solve and sample have alike. Start from {0}; to be freed: input.statement. */
typedef struct cli_solve_words {
    cli_input input;      /* FILE, -e */
    maxent_options solve; /* --tolerance, --time-limit, --threads */
    int json, quiet, help;
} cli_solve_words;

/* Reads them. An option that is the command's own goes to `set` with its number in the table of the command; `set` returns 0 after saying
 * what is wrong. CLI_DONE (with --help: shared->help, and nothing is checked), or the exit status after saying what is wrong. */
int cli_read_solve_words(const cli_command *command, int count, char **words, cli_solve_words *shared,
                         int (*set)(void *own, int id, const char *value), void *own);

/* Told a few times a second how long building the problem has taken. */
typedef void cli_building(void *user, double seconds);

/* Builds the problem; on failure says on stderr what is wrong and returns the exit status, else CLI_DONE. CLI_UNFINISHED, when the time
 * limit or Ctrl-C (of solve) came first, is for the caller to explain. The time that it took is off the time limit. tell: may be NULL. */
int cli_read(cli_solve_words *shared, const cli_command *command, cli_building *tell, void *user, maxent_problem **problem);

/* ---- signals.c ---- */

/* on: the first SIGINT makes cli_interrupted non-zero, a second one ends the program; off (0): as before. Once on, on again is nothing. */
void cli_catch_interrupt(int on);
int cli_interrupted(void);
/* Holds SIGINT, SIGTERM and SIGHUP back while files are written; `hold` 1 or 0. */
void cli_hold_signals(int hold);

/* ---- output.c ---- */

extern const cli_command cli_solve;
extern const cli_command cli_sample;
extern const cli_command cli_entropy;
extern const cli_command cli_questions;
extern const cli_command cli_fit;
extern const cli_command cli_predict;
extern const cli_command cli_score;
extern const cli_command cli_show;

/* Looks of a stream: filled by cli_look from the terminal, the locale and NO_COLOR. */
typedef struct cli_look {
    int terminal, color, unicode, width;
} cli_look;

/* when: "auto", "always" or "never". */
void cli_look_at(int descriptor, const char *when, cli_look *look);

/* Writes to standard output, whole; CLI_DONE, or CLI_SYSTEM after saying why (nothing is said when the reader has gone). */
int cli_write(const char *bytes, size_t count);
/* 1, after saying so on stderr: writing `output` would destroy what is in `other`, which is read or written too. Either may be NULL
 * or "-". */
int cli_overwrites(const char *output, const char *other);
/* "maxent: ..." on standard error. */
void cli_say(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;
/* Says what a diagnostic says and returns the exit status that belongs to it. */
int cli_diagnose(const maxent_diagnostic *diagnostic);
int cli_status_of(maxent_verdict verdict);

#endif
