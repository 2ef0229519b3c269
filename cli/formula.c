/* maxent entropy -e 'x in R' -e 'p(x) = exp(-x^2/2) / sqrt(2*pi)': the entropy of a distribution that is written down.
 *
 * The density becomes the prior of a problem without facts, whose solution is the prior divided by its integral Z:
 *
 *     p(x) = q(x) / Z,     Z = integral of q  (a sum where x is discrete)
 *
 * so that log Z = 0 says that the formula is a density, and the solution's entropy is the one asked for. The statement is rewritten in
 * the text that the library compiles; what a diagnostic says of that text is put back into the words of the user.
 */
#include "formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGRAL_TOLERANCE 1e-9 /* |log Z| of a density: MAXENT_SUM_TOLERANCE of probabilities */

static const char word[] = "prior ";

/* "p(x, y) =" in one of the statements. */
typedef struct header {
    size_t statement;    /* which */
    size_t at, length;   /* bytes from 'p' to behind '=' */
    size_t line;         /* 1-based, of the 'p' */
} header;

static size_t blanks(const char *text, size_t at)
{
    return at + strspn(text + at, " \t");
}

/* Length of "p(...) =" at text, 0 when it is something else. */
static size_t header_length(const char *text)
{
    size_t at = 1;
    if (text[0] != 'p' || text[at = blanks(text, at)] != '(')
        return 0;
    at += strcspn(text + at, ")\n;");
    if (text[at] != ')')
        return 0;
    at = blanks(text, at + 1);
    return text[at] == '=' && text[at + 1] != '=' ? at + 1 : 0;
}

/* Looks for the header at the beginning of statements. Returns how many there are; *out: the last. */
static size_t find_header(const char *const *statement, size_t statements, header *out)
{
    size_t found = 0;
    for (size_t s = 0; s < statements; s++) {
        const char *text = statement[s];
        size_t line = 1, length;
        int begins = 1, depth = 0;
        for (size_t i = 0; text[i] != '\0'; i++) {
            if (begins && depth == 0 && (length = header_length(text + i)) > 0) {
                *out = (header){s, i, length, line};
                found++;
            }
            char c = text[i];
            begins = c == '\n' || c == ';' || (begins && (c == ' ' || c == '\t'));
            line += c == '\n';
            depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
            if (c == '#') {
                i += strcspn(text + i, "\n") - 1;
            } else if (c == '"') {
                i += strcspn(text + i + 1, "\"\n");
                i += text[i + 1] == '"';
            }
        }
    }
    return found;
}

static size_t characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* Puts a diagnostic of the rewritten text back: the columns behind the header, the excerpt, the name of what is wrong. */
static void restore(const header *h, const char *original, maxent_diagnostic *d)
{
    char file[32];
    snprintf(file, sizeof file, "-e %zu", h->statement + 1);
    static const char name[] = "the prior ";
    if (strncmp(d->message, name, strlen(name)) == 0) {
        d->message[0] = 'p';
        d->message[1] = ' ';
        memmove(d->message + 2, d->message + strlen(name), strlen(d->message + strlen(name)) + 1);
    }
    char *place = strstr(d->excerpt, word);
    if (strcmp(d->file, file) != 0 || d->line != h->line || place == NULL)
        return;
    char excerpt[sizeof d->excerpt];
    size_t before = (size_t)(place - d->excerpt);
    if (snprintf(excerpt, sizeof excerpt, "%.*s%.*s%s", (int)before, d->excerpt, (int)h->length, original + h->at,
                 place + strlen(word)) >= (int)sizeof excerpt)
        return;
    memcpy(d->excerpt, excerpt, sizeof excerpt);
    size_t more = characters(original + h->at, h->length) - strlen(word);
    if (d->caret >= characters(excerpt, before) + strlen(word)) {
        d->column += more;
        d->caret += more;
    }
}

static int is_name(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(text, name, length) == 0;
}

/* Whether the header names the variables of the problem, each once and in any order; says so if not. */
static int names_variables(const char *text, const header *h, const maxent_problem *problem)
{
    size_t variables = maxent_problem_variables(problem), named = 0, begin = h->at + strcspn(text + h->at, "(") + 1;
    for (size_t at = begin; text[at - 1] != ')'; at++, named++) {
        at = blanks(text, at);
        size_t length = strcspn(text + at, " \t,)"), v = 0;
        while (v < variables && !is_name(text + at, length, maxent_problem_variable(problem, v)))
            v++;
        if (v == variables) {
            cli_say("'%.*s' has '%.*s', which is no variable that is declared", (int)h->length, text + h->at, (int)length, text + at);
            return 0;
        }
        at = blanks(text, at + length);
        if (text[at] != ',' && text[at] != ')') {
            cli_say("'%.*s': a comma is expected between names", (int)h->length, text + h->at);
            return 0;
        }
    }
    for (size_t v = 0; v < variables; v++) {
        size_t times = 0;
        for (size_t at = begin; text[at - 1] != ')'; at++) {
            at = blanks(text, at);
            size_t length = strcspn(text + at, " \t,)");
            times += is_name(text + at, length, maxent_problem_variable(problem, v)) != 0;
            at = blanks(text, at + length);
        }
        if (times != 1) {
            cli_say("'%.*s' has '%s' %zu times; each of the %zu variables that are declared is expected once", (int)h->length,
                    text + h->at, maxent_problem_variable(problem, v), times, variables);
            return 0;
        }
    }
    return named > 0;
}

static int any_real(const maxent_problem *problem)
{
    int real = 0;
    for (size_t v = 0; v < maxent_problem_variables(problem); v++)
        real |= maxent_problem_extent(problem, v, NULL, NULL) == MAXENT_REAL;
    return real;
}

/* "h(x, y)", or "H(x)". */
static char *quantity_of(const maxent_problem *problem)
{
    size_t length = 4, variables = maxent_problem_variables(problem);
    for (size_t v = 0; v < variables; v++)
        length += strlen(maxent_problem_variable(problem, v)) + 2;
    char *text = malloc(length);
    if (text == NULL)
        return NULL;
    char *at = text + sprintf(text, "%c(", any_real(problem) ? 'h' : 'H');
    for (size_t v = 0; v < variables; v++)
        at += sprintf(at, "%s%s", v > 0 ? ", " : "", maxent_problem_variable(problem, v));
    strcpy(at, ")");
    return text;
}

/* Judges the solution and takes its entropy. */
static int take_entropy(const maxent_result *result, int real, int given, int normalize, double *entropy)
{
    maxent_verdict verdict = maxent_result_verdict(result);
    int status = cli_status_of(verdict);
    double z = exp(maxent_result_log_partition(result));
    if (verdict == MAXENT_UNBOUNDED && given) {
        cli_say("p has no finite %s: it is not the density of a distribution", real ? "integral" : "sum");
        return CLI_USAGE;
    }
    *entropy = maxent_result_entropy(result);
    if (status != CLI_DONE) {
        cli_say("%s", maxent_result_message(result));
        return status;
    }
    if (given && !normalize && !(fabs(maxent_result_log_partition(result)) <= INTEGRAL_TOLERANCE)) {
        cli_say("p %s to %.10g; 1 is expected. --normalize divides it by that", real ? "integrates" : "sums", z);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

int cli_formula_entropy(const char *const *statement, size_t statements, int normalize, int threads, cli_formula *out)
{
    header h = {0};
    size_t headers = find_header(statement, statements, &h);
    if (headers > 1) {
        cli_say("%zu statements of the form p(...) = ...; one is expected", headers);
        return CLI_USAGE;
    }
    const char **texts = malloc(statements * sizeof *texts), **names = malloc(statements * sizeof *names);
    char *labels = malloc(statements * 32), *rewritten = NULL;
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    maxent_options options;
    maxent_diagnostic diagnostic;
    int status = CLI_SYSTEM;
    out->quantity = NULL;
    if (headers == 1)
        rewritten = malloc(strlen(statement[h.statement]) + sizeof word);
    if (texts == NULL || names == NULL || labels == NULL || (headers == 1 && rewritten == NULL))
        goto memory;
    for (size_t i = 0; i < statements; i++) {
        snprintf(labels + 32 * i, 32, "-e %zu", i + 1);
        names[i] = labels + 32 * i;
        texts[i] = statement[i];
    }
    if (headers == 1) {
        const char *text = statement[h.statement];
        sprintf(rewritten, "%.*s%s%s", (int)h.at, text, word, text + h.at + h.length);
        texts[h.statement] = rewritten;
    }
    if (maxent_problem_from_texts(statements, texts, names, NULL, &problem, &diagnostic) != MAXENT_OK) {
        if (headers == 1)
            restore(&h, statement[h.statement], &diagnostic);
        status = cli_diagnose(&diagnostic);
        goto cleanup;
    }
    status = CLI_USAGE;
    if (headers == 1 && !names_variables(statement[h.statement], &h, problem))
        goto cleanup;
    if (headers == 1 && maxent_problem_facts(problem) > 0) {
        cli_say("facts beside p(...) = ...: p is what it is; 'maxent solve' takes it as a prior and adds facts");
        goto cleanup;
    }
    maxent_options_init(&options);
    options.threads = threads;
    if (maxent_solve(problem, &options, &result, &diagnostic) != MAXENT_OK) {
        if (headers == 1)
            restore(&h, statement[h.statement], &diagnostic);
        status = cli_diagnose(&diagnostic);
        goto cleanup;
    }
    if ((status = take_entropy(result, any_real(problem), headers == 1, normalize, &out->entropy)) != CLI_DONE)
        goto cleanup;
    if ((out->quantity = quantity_of(problem)) != NULL)
        goto cleanup;
memory:
    status = CLI_SYSTEM;
    cli_say("out of memory");
cleanup:
    maxent_result_free(result);
    maxent_problem_free(problem);
    free(rewritten);
    free(labels);
    free((void *)names);
    free((void *)texts);
    return status;
}
