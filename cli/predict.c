/* maxent predict: a model and events in, classes or probabilities out, one line an event. */
#include "models.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OUTPUT, PROBABILITIES, LOG_PROBABILITIES, TOP, SE, FORMAT, DELIMITER, THREADS, JSON, QUIET, HELP };

static const cli_option option[] = {
    [OUTPUT] = {"output", 'o', "FILE", "write to a file instead of standard output"},
    [PROBABILITIES] = {"probabilities", 0, NULL, "the probability of every class"},
    [LOG_PROBABILITIES] = {"log-probabilities", 0, NULL, "their natural logarithms"},
    [TOP] = {"top", 0, "N", "the N most probable classes, with their probabilities"},
    [SE] = {"se", 0, NULL, "standard errors too; the model must have been fitted with --se"},
    [FORMAT] = {"format", 0, "WORD", "auto, svmlight, named or csv (default: what the model takes)"},
    [DELIMITER] = {"delimiter", 0, "C", "CSV: the character between fields"},
    [THREADS] = {"threads", 0, "N", "threads to use (default: all processors)"},
    [JSON] = {"json", 0, NULL, "one JSON object"},
    [QUIET] = {"quiet", 'q', NULL, "no remarks on standard error"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct settings {
    maxent_predict_options predict;
    const char *model, *data, *output;
    int forms, quiet, help;
} settings;

static int read_options(const cli_command *command, int count, char **words, settings *s)
{
    cli_words walk = {.count = count, .words = words};
    for (;;) {
        const char *value;
        unsigned long long number;
        int id = cli_next(&walk, command, &value), ok = 1;
        switch (id) {
        case CLI_END: return CLI_DONE;
        case CLI_WRONG: return CLI_USAGE;
        case CLI_WORD:
            if (s->data != NULL) {
                cli_say("a model and one file of events are expected, not '%s' too", value);
                return CLI_USAGE;
            }
            *(s->model == NULL ? &s->model : &s->data) = value;
            break;
        case OUTPUT: s->output = value; break;
        case PROBABILITIES:
        case LOG_PROBABILITIES:
            s->predict.form = id == PROBABILITIES ? MAXENT_PREDICT_PROBABILITIES : MAXENT_PREDICT_LOG_PROBABILITIES;
            s->forms++;
            break;
        case TOP:
            if ((ok = cli_whole("top", value, 1, 1000000000, &number)))
                s->predict.top = (size_t)number;
            s->predict.form = MAXENT_PREDICT_TOP;
            s->forms++;
            break;
        case SE: s->predict.standard_errors = 1; break;
        case FORMAT: ok = cli_format(value, &s->predict.read.format); break;
        case DELIMITER: ok = cli_delimiter(value, &s->predict.read.delimiter); break;
        case THREADS:
            if ((ok = cli_whole("threads", value, 1, 1024, &number)))
                s->predict.read.threads = (int)number;
            break;
        case JSON: s->predict.json = 1; break;
        case QUIET: s->quiet = 1; break;
        case HELP: s->help = 1; return CLI_DONE;
        }
        if (!ok)
            return CLI_USAGE;
    }
}

static int check(settings *s)
{
    if (s->data == NULL) {
        cli_say("a model and a file of events are expected: maxent predict MODEL FILE");
        return CLI_USAGE;
    }
    if (strcmp(s->model, "-") == 0 && strcmp(s->data, "-") == 0) {
        cli_say("the model and the events cannot both come from standard input");
        return CLI_USAGE;
    }
    if (s->forms > 1) {
        cli_say("one of --probabilities, --log-probabilities and --top is expected");
        return CLI_USAGE;
    }
    if (s->predict.standard_errors && (s->forms == 0 || s->predict.form == MAXENT_PREDICT_LOG_PROBABILITIES)) {
        cli_say("--se goes with --probabilities or --top");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int run(const cli_command *command, int count, char **words)
{
    settings s = {.output = "-"};
    maxent_model *model = NULL;
    maxent_read_report report;
    maxent_diagnostic diagnostic;
    maxent_predict_options_init(&s.predict);
    int status = read_options(command, count, words, &s);
    if (status == CLI_DONE && s.help)
        return cli_help(command);
    if (status == CLI_DONE)
        status = check(&s);
    if (status == CLI_DONE)
        status = cli_read_model(s.model, &model);
    errno = 0;
    if (status == CLI_DONE && maxent_predict_file(model, s.data, &s.predict, s.output, &report, &diagnostic) != MAXENT_OK)
        status = diagnostic.error == MAXENT_ERROR_WRITE && errno == EPIPE ? CLI_SYSTEM : cli_diagnose(&diagnostic);
    else if (status == CLI_DONE && !s.quiet)
        cli_say_report(&report, s.data);
    maxent_model_free(model);
    return status;
}

const cli_command cli_predict = {
    .name = "predict",
    .usage = "maxent predict [OPTION]... MODEL FILE",
    .about = "Predicts the class of every event in FILE, one a line, in their order.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent predict tagger.model test.svm\n"
                "  maxent predict tagger.model test.svm --probabilities -o test.tsv\n"
                "  zcat test.svm.gz | maxent predict tagger.model - --top 3\n",
    .run = run,
};
