/* maxent sample: random draws from the distribution of maximum entropy, one row a draw.
 *
 * The same seed gives the same draws on every machine. Draws come only from a finished answer: an infeasible or unfinished problem
 * gives a message, its exit status, and no draws.
 */
#include "cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { E_, N_, SEED, JSON, TOLERANCE, TIME_LIMIT, THREADS, QUIET, HELP };

static const cli_option option[] = {
    [E_] = {"e", 'e', "STATEMENT", "a statement of the facts language; repeatable, adds to FILE"},
    [N_] = {"count", 'n', "N", "number of draws (default 1)"},
    [SEED] = {"seed", 0, "S", "seed of the generator, 0 to 2^64 - 1 (default 1)"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of CSV"},
    [TOLERANCE] = {"tolerance", 0, "T", "residual to reach, in units of each fact's scale (default 1e-12)"},
    [TIME_LIMIT] = {"time-limit", 0, "SECONDS", "stop after that time"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [QUIET] = {"quiet", 'q', NULL, "no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    cli_solve_words shared;
    uint64_t seed, count;
} settings;

/* ---- a string that is flushed to standard output ---- */

typedef struct pen {
    char *text;
    size_t length, capacity;
    int status; /* CLI_DONE, or why writing ended */
} pen;

static void put_bytes(pen *p, const char *bytes, size_t count)
{
    while (count > 0 && p->status == CLI_DONE) {
        size_t part = p->capacity - p->length < count ? p->capacity - p->length : count;
        memcpy(p->text + p->length, bytes, part);
        p->length += part;
        bytes += part;
        count -= part;
        if (p->length == p->capacity) {
            p->status = cli_write(p->text, p->length);
            p->length = 0;
        }
    }
}

static void put(pen *p, const char *text)
{
    put_bytes(p, text, strlen(text));
}

/* 15, 16 or 17 digits: the first that reads back as the same double (the program runs with LC_NUMERIC "C"). */
static void put_number(pen *p, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    put(p, text);
}

/* RFC 4180: quoted when it holds a comma, a quote or a line end. */
static void put_csv(pen *p, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        put(p, text);
        return;
    }
    put(p, "\"");
    for (; *text != '\0'; text++)
        put_bytes(p, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    put(p, "\"");
}

static void put_json(pen *p, const char *text)
{
    put(p, "\"");
    for (; *text != '\0'; text++) {
        char escape[8];
        if (*text == '"' || *text == '\\') {
            snprintf(escape, sizeof escape, "\\%c", *text);
            put(p, escape);
        } else if ((unsigned char)*text < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)*text);
            put(p, escape);
        } else {
            put_bytes(p, text, 1);
        }
    }
    put(p, "\"");
}

/* One draw: `label: value` pairs in JSON, values in CSV. */
static void put_draw(pen *p, const maxent_problem *problem, const double *point, int json)
{
    size_t variables = maxent_problem_variables(problem);
    put(p, json ? "{" : "");
    for (size_t v = 0; v < variables; v++) {
        double number = point[v];
        const char *label = maxent_problem_label(problem, v, (size_t)(number < 0.0 ? 0.0 : number));
        put(p, v == 0 ? "" : json ? ", " : ",");
        if (json) {
            put_json(p, maxent_problem_variable(problem, v));
            put(p, ": ");
        }
        if (label == NULL)
            put_number(p, number);
        else if (json)
            put_json(p, label);
        else
            put_csv(p, label);
    }
    put(p, json ? "}" : "\n");
}

static int draw(const settings *s, const maxent_problem *problem, maxent_sampler *sampler)
{
    enum { BLOCK = 4096 };
    size_t variables = maxent_problem_variables(problem);
    double *point = malloc(BLOCK * variables * sizeof *point);
    static char room[1 << 16];
    pen p = {.text = room, .capacity = sizeof room};
    char head[96];
    if (point == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    if (s->shared.json) {
        snprintf(head, sizeof head, "{\n  \"seed\": %" PRIu64 ",\n  \"count\": %" PRIu64 ",\n  \"draws\": [", s->seed, s->count);
        put(&p, head);
    } else {
        for (size_t v = 0; v < maxent_problem_variables(problem); v++) {
            put(&p, v == 0 ? "" : ",");
            put_csv(&p, maxent_problem_variable(problem, v));
        }
        put(&p, "\n");
    }
    for (uint64_t done = 0; done < s->count && p.status == CLI_DONE;) {
        size_t part = s->count - done < BLOCK ? (size_t)(s->count - done) : BLOCK;
        maxent_sampler_draw_points(sampler, part, point);
        for (size_t i = 0; i < part; i++) {
            if (isnan(point[i * variables])) {
                cli_say("out of memory");
                p.status = CLI_SYSTEM;
                break;
            }
            if (s->shared.json)
                put(&p, done + i == 0 ? "\n    " : ",\n    ");
            put_draw(&p, problem, point + i * variables, s->shared.json);
        }
        done += part;
    }
    free(point);
    put(&p, s->shared.json ? "\n  ]\n}\n" : "");
    return p.status == CLI_DONE ? cli_write(p.text, p.length) : p.status;
}

static int set(void *own, int id, const char *value)
{
    settings *s = own;
    unsigned long long whole;
    if (id == N_ ? !cli_whole("count", value, 0, 1000000000000000000ull, &whole) : !cli_whole("seed", value, 0, UINT64_MAX, &whole))
        return 0;
    *(id == N_ ? &s->count : &s->seed) = whole;
    return 1;
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.seed = 1, .count = 1};
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    maxent_sampler *sampler = NULL;
    maxent_diagnostic diagnostic;
    int status = cli_read_solve_words(command, count, words, &s.shared, set, &s);
    if (status == CLI_DONE && s.shared.help) {
        status = cli_help(command);
        goto done;
    }
    if (status == CLI_DONE)
        status = cli_read(&s.shared, command, NULL, NULL, &problem);
    if (status == CLI_UNFINISHED)
        cli_say("no draws: unfinished: stopped while the facts were being evaluated, before there was a problem to solve");
    if (status != CLI_DONE)
        goto done;
    if (maxent_solve(problem, &s.shared.solve, &result, &diagnostic) != MAXENT_OK) {
        status = cli_diagnose(&diagnostic);
        goto done;
    }
    maxent_verdict verdict = maxent_result_verdict(result);
    status = cli_status_of(verdict);
    if (status != CLI_DONE) {
        cli_say("no draws: %s: %s", maxent_verdict_word(verdict), maxent_result_message(result));
        goto done;
    }
    maxent_error error = maxent_sampler_new_result(result, s.seed, &sampler);
    if (error == MAXENT_ERROR_UNSUPPORTED) {
        cli_say("no draws: the tails of this density are too heavy, or its peaks too sharp, to draw from it faithfully");
        status = CLI_UNFINISHED;
        goto done;
    }
    if (error != MAXENT_OK) {
        cli_say("%s", maxent_error_text(error));
        status = CLI_SYSTEM;
        goto done;
    }
    status = draw(&s, problem, sampler);
done:
    maxent_sampler_free(sampler);
    maxent_result_free(result);
    maxent_problem_free(problem);
    free((void *)s.shared.input.statement);
    return status;
}

const cli_command cli_sample = {
    .name = "sample",
    .usage = "maxent sample [OPTION]... [FILE|-] [-e STATEMENT]...",
    .about = "Draws from the distribution that 'maxent solve' finds: CSV, a header and one row a draw.\n"
             "The same seed gives the same draws everywhere.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent sample fast-food.facts -n 1000 --seed 7\n"
                "  maxent sample -e 'x in 1..6' -e 'E[x] = 4.5' -n 10\n"
                "\n"
                "exit status: as 'maxent solve'\n",
    .run = run,
};
