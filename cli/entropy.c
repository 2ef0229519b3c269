/* maxent entropy: entropies and informations of probabilities, of counts, and of the columns of a CSV file. */
#include "formula.h"
#include "lists.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { P_, C_, E_, BASE, ESTIMATOR, CELLS, ALPHA, BETA_MAX, K_, WINDOW, WEIGHT, MISSING, DELIMITER, DISCRETE, CONTINUOUS, PROBABILITIES,
       NORMALIZE, CI, LEVEL, REPLICATES, PERMUTATIONS, SEED, THREADS, JSON, QUIET, HELP };

static const cli_option option[] = {
    [P_] = {"p", 'p', "LIST", "probabilities: 0.5,0.25,1/4"},
    [C_] = {"c", 'c', "LIST", "counts: 4,2,3,0,2 (a zero is a cell that was not seen)"},
    [E_] = {"e", 'e', "STATEMENT", "a density by statements: 'x in R', 'p(x) = exp(-abs(x)) / 2'"},
    [BASE] = {"base", 0, "B", "unit: e (nats), 2 (bits), 10 (dits) or any base; default e"},
    [ESTIMATOR] = {"estimator", 0, "NAME", "how to estimate (see the manual); with -c also 'all'"},
    [CELLS] = {"cells", 0, "K", "number of cells that exist, seen or not"},
    [ALPHA] = {"alpha", 0, "A", "pseudocount of the estimator dirichlet (default 1)"},
    [BETA_MAX] = {"beta-max", 0, "B", "largest concentration of nsb (default e^10; inf: no limit)"},
    [K_] = {"neighbours", 'k', "K", "neighbours of knn, ksg, gao, ross and their like (default 3)"},
    [WINDOW] = {"window", 0, "M", "window of vasicek, van-es, ebrahimi, correa (default sqrt n)"},
    [WEIGHT] = {"weight", 0, "COLUMN", "how often each row counts"},
    [MISSING] = {"missing", 0, "RULE", "missing values: error, drop or category (default error)"},
    [DELIMITER] = {"delimiter", 0, "C", "between fields (default: comma; tab in .tsv files)"},
    [DISCRETE] = {"discrete", 0, "COLUMNS", "their values are categories, though not whole numbers"},
    [CONTINUOUS] = {"continuous", 0, "COLUMNS", "their values are from a density, though whole numbers"},
    [PROBABILITIES] = {"probabilities", 0, NULL, "columns hold probabilities, one row an outcome"},
    [NORMALIZE] = {"normalize", 0, NULL, "divide probabilities by their sum"},
    [CI] = {"ci", 0, NULL, "an interval: bootstrap, or the estimator's own for densities"},
    [LEVEL] = {"level", 0, "L", "of the interval (default 0.95)"},
    [REPLICATES] = {"replicates", 0, "N", "of the bootstrap (default 1000)"},
    [PERMUTATIONS] = {"permutations", 0, "N", "test of I(A; B | C) = 0 by N permutations"},
    [SEED] = {"seed", 0, "S", "of bootstrap and permutations (default 1)"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [QUIET] = {"quiet", 'q', NULL, "no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    maxent_measure_options measure;
    double *p, *counts;
    size_t outcomes, cells;
    const char **word;      /* [words] FILE and quantities */
    const char **statement; /* [statements] of -e */
    size_t words, statements;
    double nats;            /* in one unit */
    char unit[24];
    char *lists[2];
    const char **names[2];
    int all, ci, alpha_given, json, quiet, help;
} settings;

typedef struct answer {
    const char *text;       /* [answers] quantities */
    maxent_measured value;
} answer;

/* ---- output ---- */

static void to_unit(const settings *s, answer *a)
{
    double *nats[] = {&a->value.value, &a->value.standard_error, &a->value.lower, &a->value.upper};
    for (size_t i = 0; i < 4 && !a->value.pure; i++)
        *nats[i] /= s->nats;
}

static void put_key(cli_text *out, const char *key, double value)
{
    cli_put(out, ", \"%s\": ", key);
    cli_put_number(out, value);
}

static void put_json(cli_text *out, const settings *s, const answer *a, size_t count, size_t dropped)
{
    cli_put(out, "{\n  \"unit\": ");
    cli_put_string(out, s->unit);
    cli_put(out, ",\n  \"dropped\": %zu,\n  \"quantities\": [", dropped);
    for (size_t i = 0; i < count; i++) {
        const maxent_measured *v = &a[i].value;
        cli_put(out, "%s\n    {\"quantity\": ", i > 0 ? "," : "");
        cli_put_string(out, a[i].text);
        put_key(out, "value", v->value);
        if (isinf(v->value))
            cli_put(out, ", \"infinite\": true"); /* JSON has no infinity */
        cli_put(out, ", \"unit\": ");
        if (v->pure)
            cli_put(out, "null");
        else
            cli_put_string(out, s->unit);
        cli_put(out, ", \"estimator\": \"%s\"", v->estimator);
        put_key(out, "n", v->n);
        put_key(out, "cells", v->cells);
        put_key(out, "standard_error", v->standard_error);
        if (isnan(v->lower)) {
            cli_put(out, ", \"interval\": null");
        } else {
            cli_put(out, ", \"interval\": [");
            cli_put_number(out, v->lower);
            cli_put(out, ", ");
            cli_put_number(out, v->upper);
            cli_put(out, "]");
        }
        if (!isnan(v->p_value))
            put_key(out, "p_value", v->p_value);
        cli_put(out, "}");
    }
    cli_put(out, "\n  ]\n}\n");
}

/* Characters of a text that are seen, for columns that line up (wide ones aside). */
static int width(const char *text)
{
    int count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void put_text(cli_text *out, const settings *s, const answer *a, size_t count)
{
    int widest = 0, estimators = 0;
    for (size_t i = 0; i < count; i++) {
        widest = width(a[i].text) > widest ? width(a[i].text) : widest;
        estimators |= strcmp(a[i].value.estimator, "given") != 0 && strcmp(a[i].value.estimator, "plug-in") != 0;
    }
    for (size_t i = 0; i < count; i++) {
        const maxent_measured *v = &a[i].value;
        for (const char *p = a[i].text; *p != '\0'; p++)
            cli_put(out, "%c", (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
        cli_put(out, "%*s  %.12g", widest - width(a[i].text), "", v->value == 0 ? 0.0 : v->value);
        if (!v->pure)
            cli_put(out, " %s", s->unit);
        if (!isnan(v->standard_error))
            cli_put(out, "  +- %.3g", v->standard_error);
        if (!isnan(v->lower))
            cli_put(out, "  [%.6g, %.6g]", v->lower, v->upper);
        if (!isnan(v->p_value))
            cli_put(out, "  p = %.3g", v->p_value);
        if (estimators && strcmp(v->estimator, "given") != 0)
            cli_put(out, "  (%s)", v->estimator);
        cli_put(out, "\n");
    }
}

static int finish(const settings *s, answer *a, size_t count, size_t dropped)
{
    cli_text out = {0};
    for (size_t i = 0; i < count; i++)
        to_unit(s, &a[i]);
    if (s->json)
        put_json(&out, s, a, count, dropped);
    else
        put_text(&out, s, a, count);
    if (dropped > 0 && !s->quiet)
        cli_say("%zu row%s with missing values left out", dropped, dropped == 1 ? "" : "s");
    return cli_text_write(&out);
}

/* ---- the three kinds of input ---- */

static int diagnose(const settings *s, const maxent_diagnostic *diagnostic)
{
    int status = cli_diagnose(diagnostic);
    if (!s->measure.normalize && strstr(diagnostic->message, "sum to") != NULL)
        cli_say("--normalize divides them by their sum");
    return status;
}

static maxent_measured given(double value, int pure, size_t n)
{
    maxent_measured v = {.value = value, .pure = pure, .n = NAN, .cells = (double)n, .standard_error = NAN, .lower = NAN,
                         .upper = NAN,
                         .p_value = NAN};
    snprintf(v.estimator, sizeof v.estimator, "given");
    return v;
}

static int of_probabilities(settings *s)
{
    maxent_diagnostic diagnostic;
    double h, perplexity, redundancy;
    if (s->measure.estimator != NULL || s->ci || s->measure.counts.cells != 0 || s->measure.permutations != 0) {
        cli_say("probabilities are given, nothing is estimated: --estimator, --cells, --ci and --permutations belong to -c and to files");
        return CLI_USAGE;
    }
    if ((s->measure.normalize && maxent_normalize(s->outcomes, s->p, &diagnostic) != MAXENT_OK) ||
        maxent_entropy(s->outcomes, s->p, &h, &diagnostic) != MAXENT_OK ||
        maxent_perplexity(s->outcomes, s->p, &perplexity, &diagnostic) != MAXENT_OK ||
        maxent_redundancy(s->outcomes, s->p, &redundancy, &diagnostic) != MAXENT_OK)
        return diagnose(s, &diagnostic);
    answer a[] = {{"H(p)", given(h, 0, s->outcomes)},
                  {"perplexity(p)", given(perplexity, 1, s->outcomes)},
                  {"redundancy(p)", given(redundancy, 1, s->outcomes)}};
    return finish(s, a, 3, 0);
}

static int of_counts(settings *s)
{
    answer a[MAXENT_ESTIMATOR_COUNT];
    size_t count = 0;
    maxent_estimator only = MAXENT_PLUG_IN;
    maxent_diagnostic diagnostic;
    if (s->measure.permutations != 0) {
        cli_say("--permutations belongs to informations of a file");
        return CLI_USAGE;
    }
    if (!s->all && s->measure.estimator != NULL && !maxent_estimator_find(s->measure.estimator, &only)) {
        cli_say("the estimator '%s' is for samples; counts take plug-in, miller-madow, nsb, ...", s->measure.estimator);
        return CLI_USAGE;
    }
    for (int e = 0; e < MAXENT_ESTIMATOR_COUNT; e++) {
        maxent_estimator estimator = (maxent_estimator)e;
        if (s->all ? estimator == MAXENT_DIRICHLET && !s->alpha_given : estimator != only)
            continue; /* without --alpha dirichlet would be laplace again */
        maxent_estimate estimate;
        maxent_interval interval = {NAN, NAN, NAN};
        if (maxent_entropy_estimate(estimator, s->cells, s->counts, &s->measure.counts, &estimate, &diagnostic) != MAXENT_OK ||
            (s->ci && maxent_entropy_bootstrap(estimator, s->cells, s->counts, &s->measure.counts, s->measure.replicates,
                                               s->measure.level,
                                               s->measure.seed, &interval, &diagnostic) != MAXENT_OK))
            return diagnose(s, &diagnostic);
        maxent_measured v = {.value = estimate.value, .n = estimate.observations, .cells = (double)estimate.cells, .p_value = NAN,
                             .standard_error = isnan(estimate.standard_error) ? interval.standard_error : estimate.standard_error,
                             .lower = interval.lower, .upper = interval.upper};
        snprintf(v.estimator, sizeof v.estimator, "%s", maxent_estimator_word(estimator));
        a[count++] = (answer){"H", v};
    }
    return finish(s, a, count, 0);
}

static int of_file(settings *s)
{
    maxent_diagnostic diagnostic;
    size_t count = s->words - 1, dropped = 0, failed;
    if (count == 0) {
        cli_say("no quantity: maxent entropy %s 'H(column)' is expected; 'maxent entropy --help'", s->word[0]);
        return CLI_USAGE;
    }
    if (!s->ci)
        s->measure.replicates = 0;
    answer *a = malloc(count * sizeof *a);
    maxent_measured *measured = malloc(count * sizeof *measured);
    int status = CLI_SYSTEM;
    if (a == NULL || measured == NULL) {
        cli_say("out of memory");
    } else if (maxent_measure_file(s->word[0], count, s->word + 1, &s->measure, measured, &dropped, &failed,
                                   &diagnostic) != MAXENT_OK) {
        status = diagnose(s, &diagnostic);
    } else {
        for (size_t i = 0; i < count; i++)
            a[i] = (answer){s->word[i + 1], measured[i]};
        status = finish(s, a, count, dropped);
    }
    free(a);
    free(measured);
    return status;
}

static int of_formula(settings *s)
{
    if (s->measure.estimator != NULL || s->ci || s->measure.counts.cells != 0 || s->measure.permutations != 0) {
        cli_say("the distribution is given, nothing is estimated: --estimator, --cells, --ci and --permutations belong to -c and to files");
        return CLI_USAGE;
    }
    cli_formula formula;
    int status = cli_formula_entropy(s->statement, s->statements, s->measure.normalize, s->measure.threads, &formula);
    if (status != CLI_DONE)
        return status;
    answer a = {formula.quantity, given(formula.entropy, 0, 0)};
    a.value.cells = NAN;
    status = finish(s, &a, 1, 0);
    free(formula.quantity);
    return status;
}

/* ---- options ---- */

static int known_estimator(const char *word)
{
    const char *names[MAXENT_ESTIMATOR_COUNT + MAXENT_SPACING_COUNT + MAXENT_KNN_INFORMATION_COUNT +
                      MAXENT_KNN_CONDITIONAL_COUNT + 3];
    size_t count = 0;
    for (int i = 0; i < MAXENT_ESTIMATOR_COUNT; i++)
        names[count++] = maxent_estimator_word((maxent_estimator)i);
    for (int i = 0; i < MAXENT_SPACING_COUNT; i++)
        names[count++] = maxent_spacing_word((maxent_spacing)i);
    for (int i = 0; i < MAXENT_KNN_INFORMATION_COUNT; i++)
        names[count++] = maxent_knn_word((maxent_knn_information)i);
    for (int i = 0; i < MAXENT_KNN_CONDITIONAL_COUNT; i++)
        names[count++] = maxent_knn_conditional_word((maxent_knn_conditional)i);
    names[count++] = "knn";
    names[count++] = "ross";
    names[count++] = "all";
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], word) == 0)
            return 1;
    const char *near = cli_nearest(word, names, count);
    if (near != NULL)
        cli_say("unknown estimator '%s'; did you mean '%s'?", word, near);
    else
        cli_say("unknown estimator '%s'; the manual of maxent-entropy lists them", word);
    return 0;
}

static int take_list(settings *s, int which, const char *value, size_t *count)
{
    free(s->lists[which]);
    free((void *)s->names[which]);
    s->names[which] = NULL;
    s->lists[which] = malloc(strlen(value) + 1);
    if (s->lists[which] == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    strcpy(s->lists[which], value);
    return cli_split(s->lists[which], &s->names[which], count);
}

static int delimiter(const char *text, char *out)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
        *out = '\t';
        return 1;
    }
    if (strlen(text) != 1 || *text == '"' || (unsigned char)*text >= 0x80 || (unsigned char)*text < 0x20) {
        cli_say("'%s' is not a value of --delimiter: one character, or tab, is expected", text);
        return 0;
    }
    *out = *text;
    return 1;
}

/* One option; CLI_DONE or the exit status. */
static int take(settings *s, int id, const char *value)
{
    static const char *const rules[] = {"error", "drop", "category"};
    maxent_measure_options *m = &s->measure;
    unsigned long long whole = 0;
    int ok = 1, choice;
    switch (id) {
    case P_:
    case C_:
        if (s->p != NULL || s->counts != NULL) {
            cli_say("one list is expected: -p or -c, once");
            return CLI_USAGE;
        }
        return id == P_ ? cli_numbers("-p", value, &s->p, &s->outcomes) : cli_numbers("-c", value, &s->counts, &s->cells);
    case BASE: ok = cli_base(value, &s->nats, s->unit); break;
    case ESTIMATOR:
        ok = known_estimator(value);
        s->all = strcmp(value, "all") == 0;
        m->estimator = value;
        break;
    case CELLS:
        ok = cli_whole("cells", value, 1, 1ull << 53, &whole);
        m->counts.cells = (size_t)whole;
        break;
    case ALPHA:
        ok = cli_real("alpha", value, &m->counts.alpha);
        s->alpha_given = 1;
        break;
    case E_: s->statement[s->statements++] = value; break;
    case BETA_MAX:
        m->counts.beta_max = INFINITY;
        ok = strcmp(value, "inf") == 0 || cli_real("beta-max", value, &m->counts.beta_max);
        break;
    case K_:
        ok = cli_whole("neighbours", value, 1, 1000000, &whole);
        m->k = (size_t)whole;
        break;
    case WINDOW:
        ok = cli_whole("window", value, 1, 1ull << 53, &whole);
        m->window = (size_t)whole;
        break;
    case WEIGHT: m->weight = value; break;
    case MISSING:
        ok = (choice = cli_choice("missing", value, rules, 3)) >= 0;
        m->missing = ok ? (maxent_missing)choice : MAXENT_MISSING_ERROR;
        break;
    case DELIMITER: ok = delimiter(value, &m->delimiter); break;
    case DISCRETE: return take_list(s, 0, value, &m->discretes);
    case CONTINUOUS: return take_list(s, 1, value, &m->continuouses);
    case PROBABILITIES: m->probabilities = 1; break;
    case NORMALIZE: m->normalize = 1; break;
    case CI: s->ci = 1; break;
    case LEVEL:
        ok = cli_real("level", value, &m->level);
        if (ok && m->level >= 1) {
            cli_say("'%s' is not a value of --level: a number between 0 and 1 is expected", value);
            ok = 0;
        }
        break;
    case REPLICATES:
        ok = cli_whole("replicates", value, 2, 10000000, &whole);
        m->replicates = (size_t)whole;
        break;
    case PERMUTATIONS:
        ok = cli_whole("permutations", value, 1, 10000000, &whole);
        m->permutations = (size_t)whole;
        break;
    case SEED:
        ok = cli_whole("seed", value, 0, UINT64_MAX, &whole);
        m->seed = whole;
        break;
    case THREADS:
        ok = cli_whole("threads", value, 1, 1024, &whole);
        m->threads = (int)whole;
        break;
    case JSON: s->json = 1; break;
    case QUIET: s->quiet = 1; break;
    case HELP: s->help = 1; break;
    }
    return ok ? CLI_DONE : CLI_USAGE;
}

static int read_options(const cli_command *command, int count, char **words, settings *s)
{
    cli_words walk = {.count = count, .words = words};
    for (;;) {
        const char *value;
        int id = cli_next(&walk, command, &value), status = CLI_DONE;
        if (id == CLI_END || s->help)
            break;
        if (id == CLI_WRONG)
            return CLI_USAGE;
        if (id == CLI_WORD)
            s->word[s->words++] = value;
        else
            status = take(s, id, value);
        if (status != CLI_DONE)
            return status;
    }
    s->measure.discrete = s->names[0];
    s->measure.continuous = s->names[1];
    if (s->help)
        return CLI_DONE;
    if ((s->p != NULL || s->counts != NULL) && s->words > 0) {
        cli_say("'%s' beside a list: either -p or -c, or a file and quantities", s->word[0]);
        return CLI_USAGE;
    }
    if (s->statements > 0 && (s->p != NULL || s->counts != NULL || s->words > 0)) {
        cli_say("-e beside %s: the entropy of one distribution is asked for at a time", s->words > 0 ? "a file" : "a list");
        return CLI_USAGE;
    }
    if (s->p == NULL && s->counts == NULL && s->words == 0 && s->statements == 0) {
        cli_say("nothing to measure: -p LIST, -c LIST, -e STATEMENT, or FILE and quantities are expected; 'maxent entropy --help'");
        return CLI_USAGE;
    }
    if (s->all && s->counts == NULL) {
        cli_say("--estimator all belongs to -c");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.nats = 1, .unit = "nat"};
    maxent_measure_options_init(&s.measure);
    s.measure.replicates = 1000;
    s.word = malloc(((size_t)count + 1) * sizeof *s.word);
    s.statement = malloc(((size_t)count + 1) * sizeof *s.statement);
    if (s.word == NULL || s.statement == NULL) {
        cli_say("out of memory");
        free((void *)s.word);
        free((void *)s.statement);
        return CLI_SYSTEM;
    }
    int status = read_options(command, count, words, &s);
    if (status == CLI_DONE)
        status = s.help ? cli_help(command) : s.p != NULL ? of_probabilities(&s) : s.counts != NULL ? of_counts(&s) :
                 s.statements > 0 ? of_formula(&s) : of_file(&s);
    free(s.p);
    free(s.counts);
    free((void *)s.word);
    free((void *)s.statement);
    for (int i = 0; i < 2; i++) {
        free(s.lists[i]);
        free((void *)s.names[i]);
    }
    return status;
}

const cli_command cli_entropy = {
    .name = "entropy",
    .usage = "maxent entropy -p LIST | -c LIST | -e STATEMENT... | FILE|- QUANTITY... [OPTION]...",
    .about = "Measures entropy: of probabilities, from counts, and of the columns of a CSV file.\n"
             "Quantities: H(a) H(a, b) H(a | b) I(a; b) I(a; b | c) TC(a, b, c) VI(a; b) H_2(a) T_2(a)\n"
             "h(x) perplexity(a) redundancy(a), and of columns of probabilities D(p || q) D_JS(p, q)\n"
             "H(p || q). With -e the density is a formula.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent entropy -p 0.5,0.25,0.125,0.125 --base 2\n"
                "  maxent entropy -c 4,2,3,0,2,4,0,0,2,1,1 --estimator all\n"
                "  maxent entropy weather.csv 'H(play)' 'H(play | outlook)' 'I(play; wind | outlook)'\n"
                "  maxent entropy table.csv --weight freq 'H(admit | dept, gender)'\n"
                "  maxent entropy samples.csv 'h(x)' 'I(x; y)' --ci\n"
                "  maxent entropy -e 'x in R' -e 'p(x) = exp(-x^2/2) / sqrt(2*pi)'\n",
    .run = run,
};
