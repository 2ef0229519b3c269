/* maxent score: how well a model does on labelled events. */
#include "models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TARGET, WEIGHT, FORMAT, DELIMITER, THREADS, JSON, QUIET, HELP };
enum { MOST_CONFUSED = 12 }; /* classes whose confusion matrix fits a page */

static const cli_option option[] = {
    [TARGET] = {"target", 0, "COLUMN", "CSV: the column of the class (default: as in training)"},
    [WEIGHT] = {"weight", 0, "COLUMN", "CSV: the column of weights or counts"},
    [FORMAT] = {"format", 0, "WORD", "auto, svmlight, named or csv (default: what the model takes)"},
    [DELIMITER] = {"delimiter", 0, "C", "CSV: the character between fields"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [QUIET] = {"quiet", 'q', NULL, "no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

/* Its own options are about tables. */
static int set(void *own, int id, const char *value)
{
    cli_model_words *s = own;
    *(id == TARGET ? &s->read.target : &s->read.weight) = value;
    return 1;
}

/* Of one class: true positives, what it has, what was predicted as it. */
typedef struct tally {
    double right, support, predicted;
} tally;

static tally tally_of(const maxent_score *score, size_t c)
{
    tally t = {score->confusion[c * score->classes + c], 0, 0};
    for (size_t d = 0; d < score->classes; d++) {
        t.support += score->confusion[c * score->classes + d];
        t.predicted += score->confusion[d * score->classes + c];
    }
    return t;
}

/* Precision, recall, F1; NaN where there is nothing to divide by. */
static void measures(const tally *t, double out[3])
{
    out[0] = t->predicted > 0 ? t->right / t->predicted : NAN;
    out[1] = t->support > 0 ? t->right / t->support : NAN;
    out[2] = t->predicted + t->support > 0 ? 2.0 * t->right / (t->predicted + t->support) : NAN;
}

static void put_pair(cli_text *out, const char *key, double value, const char *after)
{
    cli_put(out, "\"%s\": ", key);
    cli_put_number(out, value);
    cli_put(out, "%s", after);
}

/* sum over bins of the share of the bin times |mean confidence - accuracy|: the expected calibration error. */
static double calibration_error(const maxent_score *s)
{
    double known = s->weight - s->unknown, sum = 0.0;
    for (int b = 0; b < MAXENT_CALIBRATION_BINS; b++)
        sum += fabs(s->bin_confidence[b] - s->bin_correct[b]);
    return known > 0 ? sum / known : NAN;
}

static int print_json(const maxent_score *s, char **name)
{
    cli_text out = {0};
    double known = s->weight - s->unknown, mean[3] = {0, 0, 0};
    size_t counted = 0;
    cli_put(&out, "{\n  \"events\": %zu,\n  ", s->read.events);
    put_pair(&out, "weight", s->weight, ",\n  ");
    put_pair(&out, "unknown_classes", s->unknown, ",\n  ");
    cli_put(&out, "\"unknown_features\": %zu,\n  \"dropped\": %zu,\n  ", s->read.unknown, s->read.dropped);
    put_pair(&out, "accuracy", s->weight > 0 ? s->correct / s->weight : NAN, ",\n  ");
    put_pair(&out, "log_loss", known > 0 ? s->log_loss / known : NAN, ",\n  ");
    put_pair(&out, "brier", known > 0 ? s->brier / known : NAN, ",\n  ");
    put_pair(&out, "calibration_error", calibration_error(s), ",\n");
    cli_put(&out, "  \"classes\": [");
    for (size_t c = 0; c < s->classes; c++) {
        cli_put(&out, "%s\n    {\"class\": ", c > 0 ? "," : "");
        cli_put_string(&out, name[c]);
        if (s->confusion != NULL) {
            tally t = tally_of(s, c);
            double m[3];
            measures(&t, m);
            cli_put(&out, ", ");
            put_pair(&out, "precision", m[0], ", ");
            put_pair(&out, "recall", m[1], ", ");
            put_pair(&out, "f1", m[2], ", ");
            put_pair(&out, "support", t.support, ", ");
            put_pair(&out, "predicted", t.predicted, "");
            if (t.support > 0) {
                for (int i = 0; i < 3; i++)
                    mean[i] += isnan(m[i]) ? 0.0 : m[i];
                counted++;
            }
        }
        cli_put(&out, "}");
    }
    cli_put(&out, "\n  ],\n  \"macro\": {");
    put_pair(&out, "precision", counted > 0 ? mean[0] / (double)counted : NAN, ", ");
    put_pair(&out, "recall", counted > 0 ? mean[1] / (double)counted : NAN, ", ");
    put_pair(&out, "f1", counted > 0 ? mean[2] / (double)counted : NAN, "},\n  \"confusion\": ");
    if (s->confusion == NULL) {
        cli_put(&out, "null");
    } else {
        cli_put(&out, "[");
        for (size_t c = 0; c < s->classes; c++) {
            cli_put(&out, "%s\n    [", c > 0 ? "," : "");
            for (size_t d = 0; d < s->classes; d++) {
                cli_put(&out, d > 0 ? ", " : "");
                cli_put_number(&out, s->confusion[c * s->classes + d]);
            }
            cli_put(&out, "]");
        }
        cli_put(&out, "\n  ]");
    }
    cli_put(&out, ",\n  \"calibration\": [");
    for (int b = 0; b < MAXENT_CALIBRATION_BINS; b++) {
        cli_put(&out, "%s\n    {\"from\": %g, \"to\": %g, ", b > 0 ? "," : "", b / 10.0, (b + 1) / 10.0);
        put_pair(&out, "weight", s->bin_weight[b], ", ");
        put_pair(&out, "confidence", s->bin_weight[b] > 0 ? s->bin_confidence[b] / s->bin_weight[b] : NAN, ", ");
        put_pair(&out, "accuracy", s->bin_weight[b] > 0 ? s->bin_correct[b] / s->bin_weight[b] : NAN, "}");
    }
    cli_put(&out, "\n  ],\n  ");
    put_pair(&out, "seconds", s->read.seconds, "\n}\n");
    return cli_text_write(&out);
}

static void put_share(cli_text *out, double value, int width)
{
    if (isnan(value))
        cli_put(out, "%*s", width, "-");
    else
        cli_put(out, "%*.4f", width, value);
}

static void put_confusion(cli_text *out, const maxent_score *s, char **name, int width)
{
    cli_put(out, "\n confusion: rows are true classes, columns are predictions\n %*s", width, "");
    for (size_t d = 0; d < s->classes; d++) {
        cli_put(out, " ");
        cli_put_field(out, name[d], 8, 1);
    }
    cli_put(out, "\n");
    for (size_t c = 0; c < s->classes; c++) {
        cli_put(out, " ");
        cli_put_field(out, name[c], width, 0);
        for (size_t d = 0; d < s->classes; d++)
            cli_put(out, " %8.6g", s->confusion[c * s->classes + d]);
        cli_put(out, "\n");
    }
}

static int print_text(const maxent_score *s, char **name)
{
    cli_text out = {0};
    double known = s->weight - s->unknown;
    int width = 5;
    for (size_t c = 0; c < s->classes; c++)
        width = cli_width(name[c]) > width ? cli_width(name[c]) : width;
    width = width > 24 ? 24 : width;
    cli_put(&out, " events     %zu", s->read.events);
    if (s->weight != (double)s->read.events)
        cli_put(&out, " of weight %.10g", s->weight);
    cli_put(&out, "\n accuracy   ");
    put_share(&out, s->weight > 0 ? s->correct / s->weight : NAN, 0);
    if (known > 0)
        cli_put(&out, "\n log loss   %.6g nats an event\n brier      %.6g\n", s->log_loss / known, s->brier / known);
    else
        cli_put(&out, "\n log loss   - (no event of positive weight has a class that the model knows)\n");
    if (s->unknown > 0)
        cli_put(&out, " unknown    %.10g of classes that the model does not know: wrong, and not in the rest\n", s->unknown);
    if (s->confusion != NULL) {
        cli_put(&out, "\n ");
        cli_put_field(&out, "class", width, 0);
        cli_put(&out, "  precision   recall       F1    support\n");
        for (size_t c = 0; c < s->classes; c++) {
            tally t = tally_of(s, c);
            double m[3];
            measures(&t, m);
            cli_put(&out, " ");
            cli_put_field(&out, name[c], width, 0);
            put_share(&out, m[0], 11);
            put_share(&out, m[1], 9);
            put_share(&out, m[2], 9);
            cli_put(&out, " %10.8g\n", t.support);
        }
        if (s->classes <= MOST_CONFUSED)
            put_confusion(&out, s, name, width);
    }
    cli_put(&out, "\n calibration: predictions by the probability that they claim\n claimed          mean    right     weight\n");
    for (int b = 0; b < MAXENT_CALIBRATION_BINS; b++) {
        if (s->bin_weight[b] == 0)
            continue;
        cli_put(&out, " %.1f to %.1f", b / 10.0, (b + 1) / 10.0);
        put_share(&out, s->bin_confidence[b] / s->bin_weight[b], 11);
        put_share(&out, s->bin_correct[b] / s->bin_weight[b], 9);
        cli_put(&out, " %10.8g\n", s->bin_weight[b]);
    }
    cli_put(&out, " expected calibration error ");
    put_share(&out, calibration_error(s), 0);
    cli_put(&out, "\n");
    return cli_text_write(&out);
}

static int run(const cli_command *command, int count, char **words)
{
    cli_model_words s = {0};
    maxent_model *model = NULL;
    maxent_score score = {0};
    maxent_diagnostic diagnostic;
    char **name = NULL;
    size_t classes = 0;
    int status = cli_read_model_words(command, count, words, 2, &s, set, &s);
    if (status == CLI_DONE && s.help)
        return cli_help(command);
    if (status == CLI_DONE)
        status = cli_read_model(s.model, &model);
    if (status == CLI_DONE && maxent_score_file(model, s.data, &s.read, &score, &diagnostic) != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
    if (status == CLI_DONE) {
        classes = maxent_model_classes(model);
        name = calloc(classes, sizeof *name);
        for (size_t c = 0; c < classes && name != NULL && status == CLI_DONE; c++)
            if ((name[c] = cli_class_name(model, c)) == NULL)
                status = CLI_SYSTEM;
        if (name == NULL) {
            cli_say("out of memory");
            status = CLI_SYSTEM;
        }
    }
    if (status == CLI_DONE && !s.quiet)
        cli_say_report(&score.read, s.data);
    if (status == CLI_DONE)
        status = s.json ? print_json(&score, name) : print_text(&score, name);
    for (size_t c = 0; name != NULL && c < classes; c++)
        free(name[c]);
    free(name);
    maxent_score_free(&score);
    maxent_model_free(model);
    return status;
}

const cli_command cli_score = {
    .name = "score",
    .usage = "maxent score [OPTION]... MODEL FILE",
    .about = "Predicts the labelled events in FILE and compares: accuracy, log loss, precision, recall and F1\n"
             "of each class, confusion matrix, calibration.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent score tagger.model test.svm\n"
                "  maxent score play.model new.csv --json\n",
    .run = run,
};
