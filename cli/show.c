/* maxent show: what a model has learnt: the strongest features of each class, by name; or all of it as text. */
#include "models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP, CLASS, TSV, SAVE, OUTPUT, JSON, HELP };

static const cli_option option[] = {
    [TOP] = {"top", 0, "N", "the N strongest features of each class (default 10)"},
    [CLASS] = {"class", 0, "NAME", "of this class only"},
    [TSV] = {"tsv", 0, NULL, "the whole model as tab-separated text, which reads back exactly"},
    [SAVE] = {"save", 0, "MODEL", "write it as a model file: back from text"},
    [OUTPUT] = {"output", 'o', "FILE", "write --tsv to a file instead of standard output"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    cli_model_words shared;
    const char *class, *output, *save;
    size_t top;
    int tsv;
} settings;

static int set(void *own, int id, const char *value)
{
    settings *s = own;
    unsigned long long number = 0;
    int ok = 1;
    switch (id) {
    case TOP:
        ok = cli_whole("top", value, 0, 1000000000, &number);
        s->top = (size_t)number;
        break;
    case CLASS: s->class = value; break;
    case TSV: s->tsv = 1; break;
    case SAVE: s->save = value; break;
    case OUTPUT: s->output = value; break;
    }
    return ok;
}

/* The `most` features of class c of largest |weight|, largest first, the first of equals first. For tables the size is that of the
 * weight of the standardised column, so that columns of different units compare. Returns how many there are that are not 0. */
static size_t strongest(const maxent_model *model, size_t c, size_t most, size_t *order)
{
    size_t have = 0;
    for (size_t j = 0; j < maxent_model_features(model); j++) {
        double size = fabs(maxent_model_weight(model, c, j));
        if (size == 0 || (have == most && (most == 0 || size <= fabs(maxent_model_weight(model, c, order[most - 1])))))
            continue;
        size_t k = have < most ? have++ : most - 1;
        for (; k > 0 && size > fabs(maxent_model_weight(model, c, order[k - 1])); k--)
            order[k] = order[k - 1];
        order[k] = j;
    }
    return have;
}

static void put_pair(cli_text *out, const char *key, double value, const char *after)
{
    cli_put(out, "\"%s\": ", key);
    cli_put_number(out, value);
    cli_put(out, "%s", after);
}

static int put_json_class(cli_text *out, const maxent_model *model, size_t c, size_t found, const size_t *order)
{
    char *name = cli_class_name(model, c);
    if (name == NULL)
        return CLI_SYSTEM;
    cli_put(out, "    {\"class\": ");
    cli_put_string(out, name);
    free(name);
    cli_put(out, ", ");
    put_pair(out, "intercept", maxent_model_has_intercept(model) ? maxent_model_raw_intercept(model, c) : NAN, ", ");
    put_pair(out, "intercept_se", maxent_model_raw_standard_error(model, c, maxent_model_features(model)), ", \"features\": [");
    for (size_t i = 0; i < found; i++) {
        if ((name = cli_feature_name(model, order[i])) == NULL)
            return CLI_SYSTEM;
        cli_put(out, "%s\n      {\"feature\": ", i > 0 ? "," : "");
        cli_put_string(out, name);
        free(name);
        cli_put(out, ", ");
        put_pair(out, "weight", maxent_model_raw_weight(model, c, order[i]), ", ");
        put_pair(out, "se", maxent_model_raw_standard_error(model, c, order[i]), "}");
    }
    cli_put(out, "]}");
    return CLI_DONE;
}

static int put_text_class(cli_text *out, const maxent_model *model, size_t c, size_t found, const size_t *order)
{
    char *name = cli_class_name(model, c), *other = maxent_model_binary(model) ? cli_class_name(model, 0) : NULL;
    int errors = !isnan(maxent_model_standard_error(model, c, 0)) && maxent_model_features(model) > 0, width = 9;
    int status = name == NULL || (maxent_model_binary(model) && other == NULL) ? CLI_SYSTEM : CLI_DONE;
    for (size_t i = 0; i < found && status == CLI_DONE; i++) {
        char *feature = cli_feature_name(model, order[i]);
        status = feature == NULL ? CLI_SYSTEM : CLI_DONE;
        width = feature != NULL && cli_width(feature) > width ? cli_width(feature) : width;
        free(feature);
    }
    width = width > 48 ? 48 : width;
    if (status == CLI_DONE) {
        cli_put(out, "\n %s%s%s\n", name, other != NULL ? " against " : "", other != NULL ? other : "");
        if (maxent_model_has_intercept(model)) {
            cli_put(out, "   ");
            cli_put_field(out, "intercept", width, 0);
            cli_put(out, " %12.6g", maxent_model_raw_intercept(model, c));
            if (errors)
                cli_put(out, "  se %.4g", maxent_model_raw_standard_error(model, c, maxent_model_features(model)));
            cli_put(out, "\n");
        }
    }
    for (size_t i = 0; i < found && status == CLI_DONE; i++) {
        char *feature = cli_feature_name(model, order[i]);
        if (feature == NULL) {
            status = CLI_SYSTEM;
            break;
        }
        cli_put(out, "   ");
        cli_put_field(out, feature, width, 0);
        cli_put(out, " %12.6g", maxent_model_raw_weight(model, c, order[i]));
        if (errors)
            cli_put(out, "  se %.4g", maxent_model_raw_standard_error(model, c, order[i]));
        cli_put(out, "\n");
        free(feature);
    }
    free(name);
    free(other);
    return status;
}

static void put_head(cli_text *out, const maxent_model *model, int json)
{
    const maxent_fit *fit = maxent_model_fit_of(model);
    size_t classes = maxent_model_classes(model), features = maxent_model_features(model), used = 0;
    double l1, l2;
    maxent_model_penalties(model, &l1, &l2);
    for (size_t j = 0; j < features; j++)
        for (size_t c = maxent_model_binary(model) ? 1 : 0; c < classes; c++)
            used += maxent_model_weight(model, c, j) != 0;
    if (json) {
        cli_put(out, "{\n  \"format\": \"%s\",\n  \"features\": %zu,\n  \"classes\": %zu,\n  \"nonzeros\": %zu,\n  ",
                maxent_format_word(maxent_model_format(model)), features, classes, used);
        put_pair(out, "l1", l1, ",\n  ");
        put_pair(out, "l2", l2, ",\n  ");
        cli_put(out, "\"verdict\": \"%s\",\n  ", maxent_verdict_word(fit->verdict));
        put_pair(out, "objective", fit->objective, ",\n  ");
        put_pair(out, "log_loss", fit->log_loss, ",\n  ");
        put_pair(out, "penalty", fit->penalty, ",\n  ");
        put_pair(out, "gap", fit->gap, ",\n");
        cli_put(out, "  \"weights\": [\n");
        return;
    }
    cli_put(out, " model      %s data, %zu features, %zu classes, %zu weights that are not 0\n",
            maxent_format_word(maxent_model_format(model)), features, classes, used);
    cli_put(out, " fitted     l1 %.6g, l2 %.6g; objective %.10g (%s)\n", l1, l2, fit->objective, maxent_verdict_word(fit->verdict));
}

static int show(const settings *s, const maxent_model *model)
{
    cli_text out = {0};
    size_t features = maxent_model_features(model), classes = maxent_model_classes(model), shown = 0;
    size_t top = s->top < features ? s->top : features, *order = malloc((top + 1) * sizeof *order);
    int status = order == NULL ? CLI_SYSTEM : CLI_DONE;
    if (status == CLI_DONE)
        put_head(&out, model, s->shared.json);
    else
        cli_say("out of memory");
    for (size_t c = maxent_model_binary(model) ? 1 : 0; c < classes && status == CLI_DONE; c++) {
        char *name = s->class != NULL ? cli_class_name(model, c) : NULL;
        int skip = s->class != NULL && (name == NULL || strcmp(name, s->class) != 0);
        free(name);
        if (skip)
            continue;
        size_t found = strongest(model, c, top, order);
        if (s->shared.json && shown > 0)
            cli_put(&out, ",\n");
        status = s->shared.json ? put_json_class(&out, model, c, found, order) : put_text_class(&out, model, c, found, order);
        shown++;
    }
    free(order);
    if (status == CLI_DONE && shown == 0) {
        cli_say("the model has no weights of a class '%s'%s", s->class,
                maxent_model_binary(model) ? "; those of its second class are measured against the first" : "");
        status = CLI_USAGE;
    }
    if (s->shared.json)
        cli_put(&out, "\n  ]\n}\n");
    if (status != CLI_DONE) {
        free(out.text);
        return status;
    }
    return cli_text_write(&out);
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.top = 10};
    maxent_model *model = NULL;
    maxent_diagnostic diagnostic;
    int status = cli_read_model_words(command, count, words, 1, &s.shared, set, &s);
    if (status == CLI_DONE && s.shared.help)
        return cli_help(command);
    if (status == CLI_DONE && s.tsv && s.shared.json) {
        cli_say("--tsv or --json, not both");
        status = CLI_USAGE;
    }
    if (status == CLI_DONE && s.output != NULL && !s.tsv) {
        cli_say("--output goes with --tsv; --save writes a model file");
        status = CLI_USAGE;
    }
    if (status == CLI_DONE)
        status = cli_read_model(s.shared.model, &model);
    cli_hold_signals(1);
    if (status == CLI_DONE && s.save != NULL && maxent_model_write(model, s.save, &diagnostic) != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
    if (status == CLI_DONE && s.tsv && maxent_model_write_text(model, s.output != NULL ? s.output : "-", &diagnostic) != MAXENT_OK)
        status = cli_diagnose(&diagnostic);
    cli_hold_signals(0);
    if (status == CLI_DONE && !s.tsv && s.save == NULL)
        status = show(&s, model);
    maxent_model_free(model);
    return status;
}

const cli_command cli_show = {
    .name = "show",
    .usage = "maxent show [OPTION]... MODEL",
    .about = "Shows a model: the strongest features of each class, by name.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent show tagger.model --top 20\n"
                "  maxent show tagger.model --tsv > tagger.tsv\n"
                "  maxent show tagger.tsv --save tagger.model\n",
    .run = run,
};
