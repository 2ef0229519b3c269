/* Fuzz target: any bytes as a file of events, in each format. The first byte chooses it.
 *
 * Checked: no crash; what is accepted keeps its promises (ascending features below their number, classes, finite values), is the same for
 * several threads, and is taken by the model that is made of it; what is refused has a message.
 */
#include "fuzz/bytes.h"

#include "model/events/events.h"
#include "model/model.h"

#include <maxent/model_file.h>

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check(const maxent_events *events)
{
    require(events->events > 0 && events->classes >= 2);
    for (size_t e = 0; e < events->events; e++) {
        mx_targets targets;
        mx_event_targets(events, e, &targets);
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            require(events->index[i] < events->features && isfinite(mx_event_value(events, i)));
            require(i == events->row[e] || events->index[i] > events->index[i - 1]);
        }
        for (size_t k = 0; k < targets.count; k++)
            require(targets.target[k] < events->classes && targets.weight[k] >= 0 && (k == 0 || targets.target[k] > targets.target[k - 1]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const target[] = {NULL, NULL, "y"};
    if (size < 1)
        return 0;
    char path[32];
    fuzz_file(data + 1, size - 1, path);
    maxent_read_options options;
    maxent_read_options_init(&options);
    options.format = (maxent_format)(data[0] % MAXENT_FORMAT_COUNT);
    options.target = options.format == MAXENT_FORMAT_TABLE ? target[2] : NULL;
    options.absent = (maxent_absent)(data[0] / 4 % 3);
    options.contrasts = data[0] / 16 % 2;
    options.keep_apart = data[0] / 32 % 2;
    options.threads = 1;
    maxent_events *events, *again;
    maxent_diagnostic diagnostic;
    memset(&diagnostic, 0, sizeof diagnostic);
    if (maxent_events_read(path, &options, &events, NULL, &diagnostic) != MAXENT_OK) {
        require(diagnostic.error != MAXENT_OK && diagnostic.message[0] != '\0');
        require(memchr(diagnostic.excerpt, '\0', sizeof diagnostic.excerpt) != NULL);
        return 0;
    }
    check(events);
    options.threads = 2;
    require(maxent_events_read(path, &options, &again, NULL, NULL) == MAXENT_OK);
    require(events->events == again->events && events->row[events->events] == again->row[events->events]);
    require(memcmp(events->index, again->index, events->row[events->events] * sizeof *events->index) == 0);
    maxent_events_free(again);
    if ((uint64_t)events->features * events->classes < 100000) { /* a model of zeros takes its own data */
        maxent_model *model = mx_model_new(mx_space_share(events->space), 1);
        maxent_score score;
        maxent_read_options read;
        require(model != NULL);
        maxent_read_options_init(&read);
        read.format = options.format;
        read.threads = 1;
        maxent_error error = maxent_score_file(model, path, &read, &score, &diagnostic);
        if (error == MAXENT_OK)
            maxent_score_free(&score);
        else
            require(diagnostic.message[0] != '\0');
        maxent_model_free(model);
    }
    maxent_events_free(events);
    return 0;
}
