/* maxent solve: facts in, the distribution of maximum entropy out, with its proof.
 *
 * Standard output gets one answer: text, one JSON object (--json), the table of states as CSV (--output -),
 * or numbers (--quantile, --cdf, --interval, --hdi). Ctrl-C while solving
 * makes the solver stop at its best so far, which is printed and marked (exit status 5); a second Ctrl-C ends the program. Files
 * are written with Ctrl-C held back, so that none is left half-written.
 */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    E_, JSON, BASE, EXPLAIN, COVARIANCE, OUTPUT, PLOT, QUANTILE, CDF, INTERVAL, HDI, STATES, TOLERANCE, MAX_ITERATIONS, TIME_LIMIT, THREADS,
    COLOR, QUIET, HELP
};

static const cli_option option[] = {
    [E_] = {"e", 'e', "STATEMENT", "a statement of the facts language; repeatable, adds to FILE"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [BASE] = {"base", 0, "e|2|10", "entropies in nats, bits or dits (default e)"},
    [EXPLAIN] = {"explain", 0, NULL, "also what each fact costs: the entropy gained without it"},
    [COVARIANCE] = {"covariance", 0, NULL, "also the covariance of the facts' expressions"},
    [OUTPUT] = {"output", 'o', "FILE.csv", "write every state, or the density; -: standard output"},
    [PLOT] = {"plot", 0, "FILE.svg", "draw the distribution; .png needs gnuplot"},
    [QUANTILE] = {"quantile", 0, "U,...", "print only the x with P[X <= x] = U (one variable)"},
    [CDF] = {"cdf", 0, "X,...", "print only P[X <= x]"},
    [INTERVAL] = {"interval", 0, "A,B", "print only P[A <= X <= B]; inf and -inf may be ends"},
    [HDI] = {"hdi", 0, "MASS", "print only the smallest set of that probability, a range a line"},
    [STATES] = {"states", 0, "N", "list up to N states (default 20, JSON 10000)"},
    [TOLERANCE] = {"tolerance", 0, "T", "residual to reach, in units of each fact's scale (default 1e-12)"},
    [MAX_ITERATIONS] = {"max-iterations", 0, "N", "stop after N iterations"},
    [TIME_LIMIT] = {"time-limit", 0, "SECONDS", "stop after that time"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [COLOR] = {"color", 0, "WHEN", "auto, always or never (default auto)"},
    [QUIET] = {"quiet", 'q', NULL, "no progress and no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    cli_solve_words shared;
    maxent_report_options report;
    const char *output, *plot, *color;
    int question;         /* QUANTILE, CDF, INTERVAL, HDI, or -1 */
    const char *places;   /* its numbers, as given */
} settings;

/* ---- progress and Ctrl-C ---- */

typedef struct meter {
    int shown;    /* the line is on the screen */
    int wanted;
    double drawn; /* when, seconds */
} meter;

static int on_progress(void *user, const maxent_progress *progress)
{
    meter *m = user;
    if (m->wanted && progress->seconds > 1.0 && progress->seconds > m->drawn + 0.1) {
        fprintf(stderr, "\r\033[Kmaxent: %.1f s, iteration %zu", progress->seconds, progress->iteration);
        if (isfinite(progress->residual))
            fprintf(stderr, ", residual %.1e", progress->residual);
        m->drawn = progress->seconds;
        m->shown = 1;
    }
    return cli_interrupted();
}

static void on_build(void *user, double seconds)
{
    meter *m = user;
    if (m->wanted && seconds > 1.0 && seconds > m->drawn + 0.1) {
        fprintf(stderr, "\r\033[Kmaxent: %.1f s, evaluating the facts", seconds);
        m->drawn = seconds;
        m->shown = 1;
    }
}

static void wipe(meter *m)
{
    if (m->shown)
        fputs("\r\033[K", stderr);
    m->shown = 0;
    m->drawn = 0;
}

/* ---- options ---- */

static int set(void *own, int id, const char *value)
{
    static const char *const bases[] = {"e", "2", "10"}, *const colors[] = {"auto", "always", "never"};
    settings *s = own;
    unsigned long long whole;
    int choice, ok = 1;
    switch (id) {
    case EXPLAIN: s->shared.solve.explain = 1; break;
    case COVARIANCE: s->report.covariance = 1; break;
    case QUANTILE:
    case CDF:
    case INTERVAL:
    case HDI:
        if (s->question >= 0) {
            cli_say("one of --quantile, --cdf, --interval and --hdi at a time");
            return 0;
        }
        s->question = id;
        s->places = value;
        break;
    case OUTPUT: s->output = value; break;
    case PLOT: s->plot = value; break;
    case BASE:
        ok = (choice = cli_choice("base", value, bases, 3)) >= 0;
        s->report.unit = choice == 1 ? MAXENT_BIT : choice == 2 ? MAXENT_DIT : MAXENT_NAT;
        break;
    case COLOR:
        ok = (choice = cli_choice("color", value, colors, 3)) >= 0;
        s->color = value;
        break;
    case STATES:
        if ((ok = cli_whole("states", value, 1, 1000000000, &whole)))
            s->report.max_states = (size_t)whole;
        break;
    case MAX_ITERATIONS:
        if ((ok = cli_whole("max-iterations", value, 1, 1000000000, &whole)))
            s->shared.solve.max_iterations = (size_t)whole;
        break;
    default: break; /* no other is in the table */
    }
    return ok;
}

/* What can be seen to be wrong before any work is done. */
static int check(const settings *s)
{
    if (s->shared.json && s->output != NULL && strcmp(s->output, "-") == 0) {
        cli_say("--json and --output - both want standard output: give --output a file name");
        return CLI_USAGE;
    }
    if (s->question >= 0 && (s->shared.json || (s->output != NULL && strcmp(s->output, "-") == 0))) {
        cli_say("--%s prints numbers in place of a report: it goes neither with --json nor with --output -", option[s->question].name);
        return CLI_USAGE;
    }
    const char *facts = s->shared.input.file;
    if (cli_overwrites(s->output, facts) || cli_overwrites(s->plot, facts) || cli_overwrites(s->output, s->plot))
        return CLI_USAGE;
    size_t length = s->plot != NULL ? strlen(s->plot) : 0;
    if (s->plot != NULL && (length < 5 || (strcmp(s->plot + length - 4, ".svg") != 0 && strcmp(s->plot + length - 4, ".png") != 0))) {
        cli_say("'%s' is not a value of --plot: a file name ending in .svg or .png is expected", s->plot);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* ---- work ---- */

/* The time was over before there was a problem to solve: the keys of any answer, with nothing in them. */
static int print_unbuilt(const settings *s)
{
    static const char *const units[] = {[MAXENT_NAT] = "nat", [MAXENT_BIT] = "bit", [MAXENT_DIT] = "dit"};
    static const char message[] = "stopped while the facts were being evaluated, before there was a problem to solve";
    char text[1024];
    if (!s->shared.json || !s->shared.quiet)
        cli_say("unfinished%s: %s", cli_interrupted() ? " (interrupted)" : "", message);
    if (!s->shared.json)
        return CLI_UNFINISHED;
    int length = snprintf(text, sizeof text,
                          "{\n  \"verdict\": \"unfinished\",\n  \"message\": \"%s\",\n  \"entropy\": null,\n"
                          "  \"entropy_without_facts\": null,\n  \"relative_entropy\": null,\n  \"unit\": \"%s\",\n"
                          "  \"log_partition\": null,\n  \"zeros\": 0,\n  \"facts\": [],\n  \"family\": null,\n  \"states\": null,\n"
                          "  \"density\": null,\n  \"quantiles\": null,\n  \"moments\": null,\n"
                          "  \"certificate\": {\"residual\": null, \"gap\": null, \"direction\": null, \"margin\": null, "
                          "\"bound\": null},\n"
                          "  \"iterations\": 0,\n  \"evaluations\": 0,\n  \"seconds\": 0,\n  \"threads\": 0\n}\n",
                          message, units[s->report.unit]);
    int status = cli_write(text, (size_t)length);
    return status == CLI_DONE ? CLI_UNFINISHED : status;
}

static int solve(const settings *s, const maxent_problem *problem, maxent_result **result)
{
    meter m = {.wanted = !s->shared.quiet && isatty(STDERR_FILENO)};
    maxent_options options = s->shared.solve;
    options.progress = on_progress;
    options.progress_user = &m;
    cli_catch_interrupt(1);
    maxent_diagnostic diagnostic;
    maxent_error error = maxent_solve(problem, &options, result, &diagnostic);
    cli_catch_interrupt(0);
    wipe(&m);
    return error == MAXENT_OK ? CLI_DONE : cli_diagnose(&diagnostic);
}

static int print(const settings *s, const maxent_result *result)
{
    maxent_report_options report = s->report;
    char *text;
    size_t length;
    maxent_error error;
    if (s->shared.json) {
        error = maxent_report_json(result, &report, &text, &length);
    } else {
        cli_look look;
        cli_look_at(STDOUT_FILENO, s->color, &look);
        report.color = look.color;
        report.unicode = look.unicode;
        report.width = look.width;
        error = maxent_report_text(result, &report, &text, &length);
    }
    if (error != MAXENT_OK) {
        cli_say("%s", maxent_error_text(error));
        return CLI_SYSTEM;
    }
    int status = cli_write(text, length);
    maxent_free(text);
    return status;
}

static int is_answered(const maxent_result *result)
{
    maxent_nodes nodes;
    return maxent_result_probabilities(result) != NULL || maxent_result_nodes(result, &nodes) == MAXENT_OK;
}

/* Numbers between commas; inf and -inf too. *list: to be freed, also after a failure. */
static int read_places(const char *name, const char *text, double **list, size_t *count)
{
    size_t room = 1;
    for (const char *c = text; *c != '\0'; c++)
        room += *c == ',';
    *list = malloc(room * sizeof **list);
    *count = 0;
    if (*list == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    for (const char *c = text;; c++) {
        char *end;
        double value = strtod(c, &end);
        if (end == c || value != value || (*end != ',' && *end != '\0')) {
            cli_say("'%s' is not a value of --%s: numbers with commas between them are expected", text, name);
            return CLI_USAGE;
        }
        (*list)[(*count)++] = value;
        c = end;
        if (*end == '\0')
            return CLI_DONE;
    }
}

/* With as many digits as it takes to read it back. */
static int put_number(double value, char end)
{
    char text[40];
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, sizeof text, "%.*g%c", digits, value, end);
        if (strtod(text, NULL) == value)
            break;
    }
    return cli_write(text, (size_t)length);
}

/* What --quantile, --cdf, --interval or --hdi asks for, a number or a range a line. */
static int answer_question(const settings *s, const double *place, size_t count, const maxent_result *result)
{
    size_t numbers = s->question == INTERVAL ? 1 : count, ranges = 0;
    maxent_range *range = NULL;
    double *value = malloc(count * sizeof *value);
    maxent_error error = value == NULL               ? MAXENT_ERROR_MEMORY
                         : s->question == QUANTILE ? maxent_result_quantile(result, count, place, value)
                         : s->question == CDF      ? maxent_result_cdf(result, count, place, value)
                         : s->question == INTERVAL ? maxent_result_interval(result, place[0], place[1], value)
                                                   : maxent_result_hdi(result, place[0], &range, &ranges);
    int status = CLI_DONE;
    if (error == MAXENT_ERROR_ARGUMENT) {
        cli_say("--%s is for one variable that is a number", option[s->question].name);
        status = CLI_USAGE;
    } else if (error != MAXENT_OK) {
        cli_say("%s", maxent_error_text(error));
        status = CLI_SYSTEM;
    }
    for (size_t i = 0; i < ranges && status == CLI_DONE; i++) {
        status = put_number(range[i].from, ' ');
        if (status == CLI_DONE)
            status = put_number(range[i].to, '\n');
    }
    for (size_t i = 0; i < numbers && s->question != HDI && status == CLI_DONE; i++)
        status = put_number(value[i], '\n');
    maxent_free(range);
    free(value);
    return status;
}

/* An older file stays as it was, and must not pass for the answer: said even when quiet. */
static void say_stale(const char *name)
{
    if (name != NULL && strcmp(name, "-") != 0 && access(name, F_OK) == 0)
        cli_say("'%s' is not of this problem: it stays as it was", name);
}

/* The files, each whole or not at all. */
static int write_files(const settings *s, const maxent_result *result)
{
    if (s->output == NULL && s->plot == NULL)
        return CLI_DONE;
    if (!is_answered(result)) {
        if (!s->shared.quiet)
            cli_say("there is no distribution to write: %s", maxent_verdict_text(maxent_result_verdict(result)));
        say_stale(s->output);
        say_stale(s->plot);
        return CLI_DONE;
    }
    maxent_diagnostic diagnostic;
    int status = CLI_DONE;
    int to_file = s->output != NULL && strcmp(s->output, "-") != 0;
    if (to_file)
        cli_hold_signals(1);
    errno = 0;
    if (s->output != NULL && maxent_report_csv(result, s->output, &diagnostic) != MAXENT_OK)
        status = !to_file && errno == EPIPE ? CLI_SYSTEM : cli_diagnose(&diagnostic);
    if (!to_file)
        cli_hold_signals(1);
    if (status == CLI_DONE && s->plot != NULL && maxent_report_plot(result, &s->report, s->plot, &diagnostic) != MAXENT_OK)
        status = diagnostic.error == MAXENT_ERROR_UNSUPPORTED ? (cli_diagnose(&diagnostic), CLI_SYSTEM) : cli_diagnose(&diagnostic);
    cli_hold_signals(0);
    return status;
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.color = "auto", .question = -1};
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    double *place = NULL;
    size_t places = 0;
    maxent_report_options_init(&s.report);
    int status = cli_read_solve_words(command, count, words, &s.shared, set, &s);
    if (status == CLI_DONE && s.shared.help) {
        status = cli_help(command);
        goto done;
    }
    if (status == CLI_DONE)
        status = check(&s);
    if (status == CLI_DONE && s.question >= 0)
        status = read_places(option[s.question].name, s.places, &place, &places);
    if (status == CLI_DONE && s.question == INTERVAL && places != 2) {
        cli_say("'%s' is not a value of --interval: two numbers with a comma between them are expected", s.places);
        status = CLI_USAGE;
    }
    if (status == CLI_DONE && s.question == HDI && (places != 1 || !(place[0] > 0.0 && place[0] < 1.0))) {
        cli_say("'%s' is not a value of --hdi: one probability between 0 and 1 is expected", s.places);
        status = CLI_USAGE;
    }
    for (size_t i = 0; status == CLI_DONE && s.question == QUANTILE && i < places; i++)
        if (!(place[i] >= 0.0 && place[i] <= 1.0)) {
            cli_say("'%s' is not a value of --quantile: probabilities from 0 to 1 are expected", s.places);
            status = CLI_USAGE;
        }
    if (status == CLI_DONE) {
        meter m = {.wanted = !s.shared.quiet && isatty(STDERR_FILENO)};
        status = cli_read(&s.shared, command, on_build, &m, &problem);
        wipe(&m);
        status = status == CLI_UNFINISHED ? print_unbuilt(&s) : status;
    }
    if (status == CLI_DONE)
        status = solve(&s, problem, &result);
    if (status != CLI_DONE)
        goto done;
    maxent_verdict verdict = maxent_result_verdict(result);
    if (s.question >= 0 && is_answered(result) && cli_status_of(verdict) != CLI_NO_MAXIMUM)
        status = answer_question(&s, place, places, result);
    else if (s.output == NULL || strcmp(s.output, "-") != 0 || !is_answered(result))
        status = print(&s, result);
    if (status == CLI_DONE)
        status = write_files(&s, result);
    if (status == CLI_DONE && verdict == MAXENT_UNFINISHED && !s.shared.quiet)
        cli_say("unfinished%s%s", cli_interrupted() ? " (interrupted)" : "",
                is_answered(result) ? ": the numbers are the best so far, not the answer" : "");
    if (status == CLI_DONE)
        status = cli_status_of(verdict);
done:
    maxent_result_free(result);
    maxent_problem_free(problem);
    free(place);
    free((void *)s.shared.input.statement);
    return status;
}

const cli_command cli_solve = {
    .name = "solve",
    .usage = "maxent solve [OPTION]... [FILE|-] [-e STATEMENT]...",
    .about = "Finds the distribution of maximum entropy (with a prior: of minimum relative entropy) that agrees\n"
             "with the facts in FILE, or proves that there is none.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent solve -e 'x in {1, 2, 3}' -e 'E[x] = 1.75'\n"
                "  maxent solve fast-food.facts --json --base 2\n"
                "  maxent solve fast-food.facts -e 'P[x = 3] <= 0.2' --explain\n"
                "  maxent solve -e 'x in [0, inf); E[x] = 2' --plot exponential.svg\n"
                "\n"
                "exit status: 0 solved or boundary; 1 the system failed; 2 wrong usage or input;\n"
                "3 infeasible; 4 no maximum (singular, unattained, unbounded); 5 unfinished\n",
    .run = run,
};
