/* maxent predict: a model and events in, classes or probabilities out, one line an event. */
#include "models.h"

#include <errno.h>

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
    cli_model_words shared;
    maxent_predict_options predict;
    const char *output;
    int forms; /* how many of the three were asked for */
} settings;

static int set(void *own, int id, const char *value)
{
    settings *s = own;
    unsigned long long number = 1;
    int ok = 1;
    switch (id) {
    case OUTPUT: s->output = value; break;
    case PROBABILITIES: s->predict.form = MAXENT_PREDICT_PROBABILITIES; break;
    case LOG_PROBABILITIES: s->predict.form = MAXENT_PREDICT_LOG_PROBABILITIES; break;
    case TOP:
        ok = cli_whole("top", value, 1, 1000000000, &number);
        s->predict.top = (size_t)number;
        s->predict.form = MAXENT_PREDICT_TOP;
        break;
    case SE: s->predict.standard_errors = 1; break;
    }
    s->forms += id == PROBABILITIES || id == LOG_PROBABILITIES || id == TOP;
    return ok;
}

static int check(const settings *s)
{
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
    int status = cli_read_model_words(command, count, words, 2, &s.shared, set, &s);
    if (status == CLI_DONE && s.shared.help)
        return cli_help(command);
    if (status == CLI_DONE)
        status = check(&s);
    if (status == CLI_DONE && (cli_overwrites(s.output, s.shared.data) || cli_overwrites(s.output, s.shared.model)))
        status = CLI_USAGE;
    s.predict.read = s.shared.read;
    s.predict.json = s.shared.json;
    if (status == CLI_DONE)
        status = cli_read_model(s.shared.model, &model);
    errno = 0;
    if (status == CLI_DONE && maxent_predict_file(model, s.shared.data, &s.predict, s.output, &report, &diagnostic) != MAXENT_OK)
        status = diagnostic.error == MAXENT_ERROR_WRITE && errno == EPIPE ? CLI_SYSTEM : cli_diagnose(&diagnostic);
    else if (status == CLI_DONE && !s.shared.quiet)
        cli_say_report(&report, s.shared.data);
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
