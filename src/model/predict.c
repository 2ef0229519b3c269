/* A model on many events: probabilities, and the loss. Shared out in blocks of fixed size, added up in their order. */
#include "model/model.h"
#include "model/threads.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define BLOCK 1024 /* events */

/* Scores of event e, offsets included. */
static void scores_of(const maxent_model *model, const maxent_events *events, size_t e, double *score)
{
    const size_t vectors = model->vectors;
    if (events->offset != NULL)
        memcpy(score, events->offset + e * model->classes, model->classes * sizeof *score);
    else
        memset(score, 0, model->classes * sizeof *score);
    mx_model_scores(model, 0, NULL, NULL, score);
    double *to = score + (vectors == 1);
    for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
        const double *row = model->weight + events->index[i] * vectors;
        double x = mx_event_value(events, i);
        for (size_t v = 0; v < vectors; v++)
            to[v] += row[v] * x;
    }
}

static maxent_error check(const maxent_model *model, const maxent_events *events, maxent_diagnostic *diagnostic)
{
    if (model->features != events->features || model->classes != events->classes)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model has %zu features and %zu classes, the events %zu and %zu",
                       model->features, model->classes, (size_t)events->features, (size_t)events->classes);
    return MAXENT_OK;
}

maxent_error maxent_model_predict_events(const maxent_model *model, const maxent_events *events, int threads, double *logp,
                                         maxent_diagnostic *diagnostic)
{
    maxent_error error = check(model, events, diagnostic);
    if (error != MAXENT_OK)
        return error;
    const size_t classes = model->classes;
    const long blocks = (long)((events->events + BLOCK - 1) / BLOCK);
    const int workers = mx_workers(threads, (size_t)blocks);
#pragma omp parallel for schedule(static) num_threads(workers)
    for (long b = 0; b < blocks; b++)
        for (size_t e = (size_t)b * BLOCK; e < (size_t)(b + 1) * BLOCK && e < events->events; e++) {
            scores_of(model, events, e, logp + e * classes);
            (void)mx_log_softmax(classes, logp + e * classes);
        }
    return MAXENT_OK;
}

maxent_error maxent_model_evaluate(const maxent_model *model, const maxent_events *events, int threads, maxent_evaluation *out,
                                   maxent_diagnostic *diagnostic)
{
    maxent_error error = check(model, events, diagnostic);
    if (error != MAXENT_OK)
        return error;
    const size_t classes = model->classes;
    const long blocks = (long)((events->events + BLOCK - 1) / BLOCK);
    const int workers = mx_workers(threads, (size_t)blocks);
    maxent_evaluation *part = mx_zalloc((size_t)blocks, sizeof *part), total = {0};
    double *score = mx_alloc((size_t)workers, classes * sizeof *score);
    if (part == NULL || score == NULL) {
        mx_free(part);
        mx_free(score);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory to evaluate %zu events", events->events);
    }
#pragma omp parallel for schedule(static) num_threads(workers)
    for (long b = 0; b < blocks; b++) {
        double *s = score + (size_t)mx_worker() * classes;
        for (size_t e = (size_t)b * BLOCK; e < (size_t)(b + 1) * BLOCK && e < events->events; e++) {
            mx_targets t;
            mx_event_targets(events, e, &t);
            scores_of(model, events, e, s);
            size_t best = mx_log_softmax(classes, s);
            for (size_t k = 0; k < t.count; k++) {
                part[b].weight += t.weight[k];
                if (t.target[k] != MX_NO_CLASS && t.weight[k] > 0)
                    part[b].log_loss -= t.weight[k] * s[t.target[k]];
                part[b].correct += t.target[k] == best ? t.weight[k] : 0.0;
            }
        }
    }
    for (long b = 0; b < blocks; b++) {
        total.weight += part[b].weight;
        total.log_loss += part[b].log_loss;
        total.correct += part[b].correct;
    }
    mx_free(part);
    mx_free(score);
    *out = total;
    return MAXENT_OK;
}
