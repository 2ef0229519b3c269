/* maxent fit: labelled events in, the maximum-entropy model p(class | event) out.
 *
 * Ctrl-C makes the fit stop at its best so far, which is written and marked (exit status 5); a second Ctrl-C ends the program. The model
 * file appears whole or not at all, as do checkpoints.
 */
#include "models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OUTPUT, L2, L1, VALID, FORMAT, TARGET, WEIGHT, OFFSET, IGNORE, CATEGORICAL, MISSING, CONTRASTS, STANDARDIZE, DELIMITER, NO_INTERCEPT,
    PENALIZE_INTERCEPT, PRIOR, PATH, CV, SE, METHOD, TOLERANCE, MAX_ITERATIONS, TIME_LIMIT, SEED, THREADS, CHECKPOINT, CHECKPOINT_EVERY,
    RESUME, JSON, QUIET, HELP
};

static const cli_option option[] = {
    [OUTPUT] = {"output", 'o', "MODEL", "write the model; -: standard output"},
    [L2] = {"l2", 0, "X", "L2 penalty: (X/2) sum of squared weights (default 0)"},
    [L1] = {"l1", 0, "X", "L1 penalty: X sum of absolute weights (default 0)"},
    [VALID] = {"valid", 0, "FILE", "held-out data: their loss is shown, and chooses on a path"},
    [FORMAT] = {"format", 0, "WORD", "auto, svmlight, named or csv (default auto)"},
    [TARGET] = {"target", 0, "COLUMN", "CSV: the column of the class"},
    [WEIGHT] = {"weight", 0, "COLUMN", "CSV: the column of weights or counts"},
    [OFFSET] = {"offset", 0, "LIST", "CSV: columns added to scores, of the second class or one a class"},
    [IGNORE] = {"ignore", 0, "LIST", "CSV: columns that are no features"},
    [CATEGORICAL] = {"categorical", 0, "LIST", "CSV: columns whose numbers are names"},
    [MISSING] = {"missing", 0, "RULE", "CSV: error, drop or impute (default error)"},
    [CONTRASTS] = {"contrasts", 0, NULL, "CSV: the first level of names has no weight of its own"},
    [STANDARDIZE] = {"standardize", 0, NULL, "CSV: penalise weights of standardised columns"},
    [DELIMITER] = {"delimiter", 0, "C", "CSV: the character between fields"},
    [NO_INTERCEPT] = {"no-intercept", 0, NULL, "no intercept"},
    [PENALIZE_INTERCEPT] = {"penalize-intercept", 0, NULL, "penalise it like a feature that is 1 everywhere"},
    [PRIOR] = {"prior", 0, "MODEL", "adapt a model: penalties are on the distance from it"},
    [PATH] = {"path", 0, "LIST", "several strengths: multiples of --l1 and --l2"},
    [CV] = {"cv", 0, "K", "choose among them by K-fold cross-validation"},
    [SE] = {"se", 0, NULL, "standard errors (up to 4096 weights)"},
    [METHOD] = {"method", 0, "WORD", "auto, dual, newton, newton-cg or proximal"},
    [TOLERANCE] = {"tolerance", 0, "T", "of the gap, relative to the objective (default 1e-6)"},
    [MAX_ITERATIONS] = {"max-iterations", 0, "N", "stop after N iterations"},
    [TIME_LIMIT] = {"time-limit", 0, "SECONDS", "stop after that time"},
    [SEED] = {"seed", 0, "N", "of the order of events and of folds (default 1)"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [CHECKPOINT] = {"checkpoint", 0, "MODEL", "write the best so far there now and then"},
    [CHECKPOINT_EVERY] = {"checkpoint-every", 0, "SECONDS", "how often (default 60)"},
    [RESUME] = {"resume", 0, "MODEL", "start from a model, such as a checkpoint"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [QUIET] = {"quiet", 'q', NULL, "no progress and no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    maxent_read_options read;
    maxent_fit_options fit;
    const char *train, *output, *valid, *prior, *resume, *checkpoint;
    char *ignore, *categorical, *offset;
    const char **ignored, **categories, **offsets;
    double *scale;
    size_t scales, folds;
    double every;
    int has_path, standardize, json, quiet, help;
} settings;

typedef struct outcome {
    maxent_read_report train, valid;
    size_t events, features, classes, nonzeros;
    maxent_model *model;
    maxent_fit fit;
    maxent_evaluation held;     /* of --valid */
    maxent_path_point *point;   /* [points] */
    size_t points, chosen;
} outcome;

/* ---- progress, checkpoints ---- */

typedef struct meter {
    const settings *s;
    int shown, wanted;
    double drawn, first_gap, first_seconds;
    int failed;                /* a checkpoint could not be written; said once */
} meter;

/* Seconds until the gap is small enough, if it goes on shrinking at the mean rate so far; NaN when that cannot be told. */
static double time_left(meter *m, const maxent_fit_progress *p)
{
    double goal = m->s->fit.tolerance * fabs(p->objective);
    if (!(p->gap > 0) || !isfinite(p->gap))
        return NAN;
    if (m->first_gap == 0) {
        m->first_gap = p->gap;
        m->first_seconds = p->seconds;
        return NAN;
    }
    double rate = log(m->first_gap / p->gap) / (p->seconds - m->first_seconds), left = log(p->gap / goal) / rate;
    return rate > 0 && left > 0 ? left : NAN;
}

static int on_progress(void *user, const maxent_fit_progress *p)
{
    meter *m = user;
    if (m->wanted && p->seconds > 1.0 && p->seconds > m->drawn + 0.1) {
        double left = time_left(m, p);
        fprintf(stderr, "\r\033[Kmaxent: %.1f s, iteration %zu, objective %.8g", p->seconds, p->iteration, p->objective);
        if (isfinite(p->gap))
            fprintf(stderr, ", gap %.1e", p->gap / fabs(p->objective));
        if (!isnan(p->valid_loss))
            fprintf(stderr, ", held-out loss %.5f", p->valid_loss);
        if (!isnan(left) && left < 1e6)
            fprintf(stderr, ", about %.0f s left", left);
        m->drawn = p->seconds;
        m->shown = 1;
    }
    if (p->model != NULL && m->s->checkpoint != NULL) {
        maxent_diagnostic diagnostic;
        cli_hold_signals(1);
        if (maxent_model_write(p->model, m->s->checkpoint, &diagnostic) != MAXENT_OK && !m->failed) {
            if (m->shown)
                fputs("\r\033[K", stderr);
            (void)cli_diagnose(&diagnostic);
            m->failed = 1;
        }
        cli_hold_signals(0);
    }
    return cli_interrupted();
}

/* ---- options ---- */

static int read_list(const char *value, char **text, const char ***words, size_t *count)
{
    free(*text);
    free(*words);
    *words = NULL;
    *text = malloc(strlen(value) + 1);
    if (*text == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    strcpy(*text, value);
    return cli_split(*text, words, count);
}

static int method_of(const char *text, maxent_fit_method *method)
{
    const char *words[MAXENT_FIT_METHOD_COUNT];
    for (int i = 0; i < MAXENT_FIT_METHOD_COUNT; i++)
        words[i] = maxent_fit_method_word((maxent_fit_method)i);
    int choice = cli_choice("method", text, words, MAXENT_FIT_METHOD_COUNT);
    *method = choice >= 0 ? (maxent_fit_method)choice : MAXENT_FIT_AUTO;
    return choice >= 0;
}

static int whole(const char *name, const char *value, unsigned long long least, unsigned long long most, size_t *out)
{
    unsigned long long number;
    if (!cli_whole(name, value, least, most, &number))
        return 0;
    *out = (size_t)number;
    return 1;
}

/* One option; CLI_DONE, or the exit status after saying what is wrong. */
static int set(settings *s, int id, const char *value)
{
    size_t number;
    int ok = 1, status = CLI_DONE;
    switch (id) {
    case OUTPUT: s->output = value; break;
    case L2: ok = cli_least("l2", value, 1, &s->fit.l2); break;
    case L1: ok = cli_least("l1", value, 1, &s->fit.l1); break;
    case VALID: s->valid = value; break;
    case FORMAT: ok = cli_format(value, &s->read.format); break;
    case TARGET: s->read.target = value; break;
    case WEIGHT: s->read.weight = value; break;
    case OFFSET: status = read_list(value, &s->offset, &s->offsets, &s->read.offsets); break;
    case IGNORE: status = read_list(value, &s->ignore, &s->ignored, &s->read.ignores); break;
    case CATEGORICAL: status = read_list(value, &s->categorical, &s->categories, &s->read.categoricals); break;
    case MISSING: ok = cli_absent(value, &s->read.absent); break;
    case CONTRASTS: s->read.contrasts = 1; break;
    case STANDARDIZE: s->standardize = 1; break;
    case DELIMITER: ok = cli_delimiter(value, &s->read.delimiter); break;
    case NO_INTERCEPT: s->fit.intercept = MAXENT_INTERCEPT_NONE; break;
    case PENALIZE_INTERCEPT: s->fit.intercept = MAXENT_INTERCEPT_PENALIZED; break;
    case PRIOR: s->prior = value; break;
    case PATH:
        free(s->scale);
        s->scale = NULL;
        status = cli_numbers("--path", value, &s->scale, &s->scales);
        s->has_path = 1;
        break;
    case CV: ok = whole("cv", value, 2, 1000000, &s->folds); break;
    case SE: s->fit.standard_errors = 1; break;
    case METHOD: ok = method_of(value, &s->fit.method); break;
    case TOLERANCE: ok = cli_real("tolerance", value, &s->fit.tolerance); break;
    case MAX_ITERATIONS: ok = whole("max-iterations", value, 1, 1000000000, &s->fit.max_iterations); break;
    case TIME_LIMIT: ok = cli_real("time-limit", value, &s->fit.time_limit); break;
    case SEED:
        if ((ok = whole("seed", value, 0, (unsigned long long)-1, &number)))
            s->fit.seed = number;
        break;
    case THREADS:
        if ((ok = whole("threads", value, 1, 1024, &number)))
            s->fit.threads = s->read.threads = (int)number;
        break;
    case CHECKPOINT: s->checkpoint = value; break;
    case CHECKPOINT_EVERY: ok = cli_real("checkpoint-every", value, &s->every); break;
    case RESUME: s->resume = value; break;
    case JSON: s->json = 1; break;
    case QUIET: s->quiet = 1; break;
    }
    return ok ? status : CLI_USAGE;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x > y ? -1 : x < y;
}

static int check(settings *s)
{
    static const double powers[] = {1e3, 1e2, 1e1, 1, 1e-1, 1e-2, 1e-3};
    if (s->train == NULL) {
        cli_say("which data? 'maxent fit FILE -o MODEL'; 'maxent fit --help' says more");
        return CLI_USAGE;
    }
    if (s->json && s->output != NULL && strcmp(s->output, "-") == 0) {
        cli_say("--json and --output - both want standard output: give --output a file name");
        return CLI_USAGE;
    }
    const char *const read[] = {s->train, s->valid};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        if (cli_overwrites(s->output, read[i]) || cli_overwrites(s->checkpoint, read[i]))
            return CLI_USAGE;
    if (cli_overwrites(s->output, s->checkpoint))
        return CLI_USAGE;
    if (s->folds > 0 && !s->has_path) { /* seven strengths around the one given */
        s->scale = malloc(sizeof powers);
        if (s->scale == NULL) {
            cli_say("out of memory");
            return CLI_SYSTEM;
        }
        memcpy(s->scale, powers, sizeof powers);
        s->scales = sizeof powers / sizeof *powers;
    }
    for (size_t i = 0; i < s->scales; i++)
        if (!(s->scale[i] >= 0) || !isfinite(s->scale[i])) {
            cli_say("a strength of --path is a finite number of at least 0");
            return CLI_USAGE;
        }
    if (s->scales > 0) {
        qsort(s->scale, s->scales, sizeof *s->scale, descending);
        if (s->fit.l1 == 0 && s->fit.l2 == 0)
            s->fit.l2 = 1.0;
    }
    if (s->standardize && s->read.target == NULL) {
        cli_say("--standardize is about the columns of a table, which needs --target");
        return CLI_USAGE;
    }
    if (s->read.offsets > 0 && s->read.target == NULL) {
        cli_say("--offset is about the columns of a table, which needs --target");
        return CLI_USAGE;
    }
    s->read.offset = s->offsets;
    s->read.ignore = s->ignored;
    s->read.categorical = s->categories;
    s->read.uncentred = s->fit.intercept != MAXENT_INTERCEPT_FREE;
    if (s->checkpoint != NULL)
        s->fit.checkpoint_seconds = s->every;
    return CLI_DONE;
}

static int read_options(const cli_command *command, int count, char **words, settings *s)
{
    cli_words walk = {.count = count, .words = words};
    for (;;) {
        const char *value;
        int id = cli_next(&walk, command, &value), status = CLI_DONE;
        if (id == CLI_END)
            return check(s);
        if (id == CLI_WRONG)
            return CLI_USAGE;
        if (id == HELP) {
            s->help = 1;
            return CLI_DONE;
        }
        if (id != CLI_WORD)
            status = set(s, id, value);
        else if (s->train != NULL) {
            cli_say("two files, '%s' and '%s': one is expected", s->train, value);
            status = CLI_USAGE;
        } else
            s->train = value;
        if (status != CLI_DONE)
            return status;
    }
}

/* ---- work ---- */

/* Factors that make penalties those of weights in the units of the file: W x = (W s) (x / s). */
static int set_factors(settings *s, const maxent_events *events, double **factors)
{
    size_t m = maxent_events_features(events);
    *factors = NULL;
    if (s->standardize || s->read.target == NULL)
        return CLI_DONE;
    *factors = malloc((2 * m + 1) * sizeof **factors);
    if (*factors == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    for (size_t j = 0; j < m; j++) {
        double scale = maxent_events_scale(events, j);
        (*factors)[j] = 1.0 / scale;
        (*factors)[m + j] = 1.0 / (scale * scale);
    }
    s->fit.l1_feature = *factors;
    s->fit.l2_feature = *factors + m;
    return CLI_DONE;
}

/* The scale of least loss, the larger penalty of equals. */
static size_t best_point(const outcome *o)
{
    size_t best = 0;
    for (size_t i = 1; i < o->points; i++)
        if (o->point[i].valid_loss < o->point[best].valid_loss)
            best = i;
    return best;
}

static int fit(settings *s, const maxent_events *events, outcome *o)
{
    maxent_diagnostic diagnostic;
    maxent_error error = MAXENT_OK;
    meter m = {.s = s, .wanted = !s->quiet && isatty(STDERR_FILENO)};
    s->fit.progress = on_progress;
    s->fit.progress_user = &m;
    cli_catch_interrupt(1);
    if (s->scales > 0) {
        o->point = calloc(s->scales, sizeof *o->point);
        o->points = s->scales;
        if (o->point == NULL) {
            cli_say("out of memory");
            return CLI_SYSTEM;
        }
    }
    if (s->folds > 0) {
        error = maxent_model_cross_validate(events, &s->fit, s->folds, s->scales, s->scale, o->point, &diagnostic);
    } else if (s->scales > 0) {
        error = maxent_model_fit_path(events, &s->fit, s->scales, s->scale, o->point, &o->model, &diagnostic);
        o->chosen = s->valid != NULL ? best_point(o) : s->scales - 1;
        o->fit = o->point[o->chosen].fit;
    }
    if (error == MAXENT_OK && o->model == NULL) {
        if (s->folds > 0) {
            o->chosen = best_point(o);
            s->fit.l1 *= s->scale[o->chosen];
            s->fit.l2 *= s->scale[o->chosen];
        }
        error = maxent_model_fit(events, &s->fit, &o->model, &o->fit, &diagnostic);
    }
    if (m.shown)
        fputs("\r\033[K", stderr);
    if (error == MAXENT_OK && s->fit.valid != NULL)
        error = maxent_model_evaluate(o->model, s->fit.valid, s->fit.threads, &o->held, &diagnostic);
    return error == MAXENT_OK ? CLI_DONE : cli_diagnose(&diagnostic);
}

static void count_weights(outcome *o)
{
    for (size_t j = 0; j < o->features; j++)
        for (size_t c = maxent_model_binary(o->model) ? 1 : 0; c < o->classes; c++)
            o->nonzeros += maxent_model_weight(o->model, c, j) != 0;
}

static void put_pair(cli_text *out, const char *key, double value, const char *after)
{
    cli_put(out, "\"%s\": ", key);
    cli_put_number(out, value);
    cli_put(out, "%s", after);
}

static int print_json(const settings *s, const outcome *o)
{
    cli_text out = {0};
    const maxent_fit *f = &o->fit;
    cli_put(&out, "{\n  \"verdict\": \"%s\",\n  \"message\": ", maxent_verdict_word(f->verdict));
    cli_put_string(&out, f->message);
    cli_put(&out, ",\n  ");
    put_pair(&out, "objective", f->objective, ",\n  ");
    put_pair(&out, "log_loss", f->log_loss, ",\n  ");
    put_pair(&out, "penalty", f->penalty, ",\n  ");
    put_pair(&out, "gap", f->gap, ",\n  ");
    put_pair(&out, "gradient", f->gradient, ",\n  ");
    cli_put(&out, "\"iterations\": %zu,\n  ", f->iterations);
    put_pair(&out, "passes", f->passes, ",\n  ");
    put_pair(&out, "seconds", f->seconds, ",\n  ");
    put_pair(&out, "cpu_seconds", f->cpu_seconds, ",\n  ");
    cli_put(&out, "\"threads\": %d,\n  \"method\": \"%s\",\n  ", f->threads, maxent_fit_method_word(f->method));
    double l1, l2;
    maxent_model_penalties(o->model, &l1, &l2);
    put_pair(&out, "l1", l1, ",\n  ");
    put_pair(&out, "l2", l2, ",\n  ");
    cli_put(&out, "\"separated\": %zu,\n  \"events\": %zu,\n  \"merged\": %zu,\n  \"features\": %zu,\n  \"classes\": %zu,\n", f->separated,
            o->train.events, o->train.merged, o->features, o->classes);
    cli_put(&out, "  \"nonzeros\": %zu,\n  \"format\": \"%s\",\n  ", o->nonzeros, maxent_format_word(o->train.format));
    put_pair(&out, "reading_seconds", o->train.seconds, ",\n  \"model\": ");
    if (s->output != NULL)
        cli_put_string(&out, s->output);
    else
        cli_put(&out, "null");
    if (s->valid != NULL) {
        cli_put(&out, ",\n  \"valid\": {\"events\": %zu, ", o->valid.events);
        put_pair(&out, "log_loss", o->held.log_loss / o->held.weight, ", ");
        put_pair(&out, "accuracy", o->held.correct / o->held.weight, "}");
    }
    if (o->points > 0) {
        cli_put(&out, ",\n  \"chosen\": %zu,\n  \"path\": [", o->chosen);
        for (size_t i = 0; i < o->points; i++) {
            const maxent_path_point *p = &o->point[i];
            cli_put(&out, "%s\n    {", i > 0 ? "," : "");
            put_pair(&out, "scale", p->scale, ", ");
            put_pair(&out, "objective", p->fit.objective, ", ");
            put_pair(&out, "gap", p->fit.gap, ", ");
            put_pair(&out, "passes", p->fit.passes, ", ");
            put_pair(&out, "valid_loss", p->valid_loss, ", ");
            put_pair(&out, "valid_accuracy", p->valid_accuracy, ", ");
            put_pair(&out, "valid_error", p->valid_error, ", ");
            cli_put(&out, "\"nonzeros\": %zu, \"verdict\": \"%s\"}", p->nonzeros, maxent_verdict_word(p->fit.verdict));
        }
        cli_put(&out, "\n  ]");
    }
    cli_put(&out, "\n}\n");
    return cli_text_write(&out);
}

static int print_text(const settings *s, const outcome *o)
{
    cli_text out = {0};
    const maxent_fit *f = &o->fit;
    cli_put(&out, " data       %zu events", o->train.events);
    if (o->train.merged > 0)
        cli_put(&out, " in %zu contexts", o->train.events - o->train.merged);
    cli_put(&out, ", %zu features, %zu classes\n", o->features, o->classes);
    if (o->points > 0) {
        cli_put(&out, "\n %10s  %13s  %9s  %9s  %9s\n", "strength", "objective", "held-out", "accuracy", "nonzeros");
        for (size_t i = 0; i < o->points; i++) {
            const maxent_path_point *p = &o->point[i];
            cli_put(&out, " %10.4g  %13.8g  ", p->scale, p->fit.objective);
            if (isnan(p->valid_loss))
                cli_put(&out, "%9s  %9s  ", "-", "-");
            else
                cli_put(&out, "%9.5f  %9.5f  ", p->valid_loss, p->valid_accuracy);
            cli_put(&out, "%9zu%s\n", p->nonzeros, i == o->chosen ? "  taken" : "");
        }
        cli_put(&out, "\n");
    }
    cli_put(&out, " objective  %.12g = log loss %.10g + penalty %.10g\n", f->objective, f->log_loss, f->penalty);
    if (f->gap <= 1e-15 * fabs(f->objective))
        cli_put(&out, " gap        none but rounding\n");
    else if (isfinite(f->gap))
        cli_put(&out, " gap        at most %.2g above the optimum (%.1e of the objective)\n", f->gap, f->gap / fabs(f->objective));
    if (s->valid != NULL)
        cli_put(&out, " held out   mean log loss %.6g, accuracy %.5f (%zu events)\n", o->held.log_loss / o->held.weight,
                o->held.correct / o->held.weight, o->valid.events);
    cli_put(&out, " %-10s %s (%s, %zu iterations, %.1f passes, %.3g s)\n", maxent_verdict_word(f->verdict), f->message,
            maxent_fit_method_word(f->method), f->iterations, f->passes, f->seconds);
    return cli_text_write(&out);
}

static int work(settings *s, outcome *o)
{
    maxent_diagnostic diagnostic;
    maxent_events *train = NULL, *valid = NULL;
    maxent_model *prior = NULL, *start = NULL;
    double *factors = NULL;
    int status = CLI_DONE;
    if (s->prior != NULL)
        status = cli_read_model(s->prior, &prior);
    if (status == CLI_DONE && s->resume != NULL)
        status = cli_read_model(s->resume, &start);
    s->read.extend = prior;
    if (status == CLI_DONE && s->resume != NULL && prior == NULL && s->read.target != NULL)
        s->read.extend = start; /* the same transformation of the columns */
    s->fit.prior = prior;
    s->fit.start = start;
    if (status == CLI_DONE && maxent_events_read(s->train, &s->read, &train, &o->train, &diagnostic) != MAXENT_OK) {
        status = cli_diagnose(&diagnostic);
        if (diagnostic.error == MAXENT_ERROR_ARGUMENT && s->read.target == NULL)
            cli_say("maxent fit %s --target COLUMN", s->train);
    }
    if (status == CLI_DONE && !s->quiet)
        cli_say_report(&o->train, s->train);
    if (status == CLI_DONE && s->valid != NULL) {
        maxent_read_options read = s->read;
        read.extend = NULL;
        read.like = train;
        if (maxent_events_read(s->valid, &read, &valid, &o->valid, &diagnostic) != MAXENT_OK)
            status = cli_diagnose(&diagnostic);
        else if (!s->quiet)
            cli_say_report(&o->valid, s->valid);
        s->fit.valid = valid;
    }
    if (status == CLI_DONE)
        status = set_factors(s, train, &factors);
    if (status == CLI_DONE) {
        o->features = maxent_events_features(train);
        o->classes = maxent_events_classes(train);
        status = fit(s, train, o);
    }
    maxent_events_free(train);
    maxent_events_free(valid);
    maxent_model_free(prior);
    maxent_model_free(start);
    free(factors);
    return status;
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.every = 60.0};
    outcome o = {0};
    maxent_read_options_init(&s.read);
    maxent_fit_options_init(&s.fit);
    int status = read_options(command, count, words, &s);
    if (status == CLI_DONE && s.help) {
        status = cli_help(command);
        goto done;
    }
    if (status == CLI_DONE)
        status = work(&s, &o);
    if (status != CLI_DONE)
        goto done;
    maxent_diagnostic diagnostic;
    cli_hold_signals(1);
    if (s.output != NULL && maxent_model_write(o.model, s.output, &diagnostic) != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
    cli_hold_signals(0);
    if (status == CLI_DONE) {
        count_weights(&o);
        if (s.output == NULL || strcmp(s.output, "-") != 0)
            status = s.json ? print_json(&s, &o) : print_text(&s, &o);
    }
    if (status == CLI_DONE && o.fit.verdict == MAXENT_UNFINISHED && !s.quiet)
        cli_say("unfinished%s: the model is the best so far, not the answer", cli_interrupted() ? " (interrupted)" : "");
    if (status == CLI_DONE)
        status = cli_status_of(o.fit.verdict);
done:
    maxent_model_free(o.model);
    free(o.point);
    free(s.scale);
    free(s.ignore);
    free(s.categorical);
    free(s.offset);
    free(s.offsets);
    free(s.ignored);
    free(s.categories);
    return status;
}

const cli_command cli_fit = {
    .name = "fit",
    .usage = "maxent fit [OPTION]... FILE [-o MODEL]",
    .about = "Fits the maximum-entropy model p(class | event) to labelled events: svmlight data, named features,\n"
             "or a CSV file with a column of classes (--target). Files may be compressed; - is standard input.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent fit train.svm -o tagger.model --l2 1 --valid dev.svm\n"
                "  maxent fit events.csv --target play -o play.model\n"
                "  maxent fit train.svm --l2 1 --cv 5 --path 0.01,0.1,1,10 -o best.model\n"
                "\n"
                "exit status: 0 solved or boundary; 1 the system failed; 2 wrong usage or input; 5 unfinished\n",
    .run = run,
};
