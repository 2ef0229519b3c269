/* The problem of a fit: options against events, penalties, progress, the model at the end. */
#include "model/fit/task.h"
#include "model/threads.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define BLOCK 64 /* events whose scores are held at a time; mx_task_pass has the same */

static double clock_of(clockid_t id)
{
    struct timespec t;
    return clock_gettime(id, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0;
}

double mx_task_seconds(const mx_task *task)
{
    return clock_of(CLOCK_MONOTONIC) - task->started;
}

double mx_task_cpu(const mx_task *task)
{
    return clock_of(CLOCK_PROCESS_CPUTIME_ID) - task->cpu_started;
}

/* Weights of a model of any space as w[P]; what it does not know is 0. */
static maxent_error weights_of(const mx_task *task, const maxent_model *model, double *w, maxent_diagnostic *diagnostic)
{
    const size_t m = task->m, C = task->C, V = task->V;
    uint32_t *feature = mx_alloc(m, sizeof *feature), *class_of = mx_alloc(C, sizeof *class_of);
    if (feature == NULL || class_of == NULL) {
        mx_free(feature);
        mx_free(class_of);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory to match the features of two models");
    }
    mx_space_match(task->events->space, model->space, feature, class_of);
    for (size_t j = 0; j < m + (size_t)task->intercept; j++) {
        size_t from = j == m ? model->features : feature[j];
        for (size_t v = 0; v < V; v++) {
            double value = 0;
            for (size_t side = V == 1 ? 0 : 1; side < 2; side++) { /* with two classes: that of class 1 minus that of class 0 */
                uint32_t c = class_of[V == 1 ? side : v];
                if (c == UINT32_MAX || (j < m && feature[j] == UINT32_MAX))
                    continue;
                double part = j == m ? maxent_model_intercept(model, c) : maxent_model_weight(model, c, from);
                value += side == 0 ? -part : part;
            }
            w[j * V + v] = value;
        }
    }
    mx_free(feature);
    mx_free(class_of);
    return MAXENT_OK;
}

static maxent_error strengths(const mx_task *task, double common, const double *factor, double **out, const char *what,
                              maxent_diagnostic *diagnostic)
{
    if (!(common >= 0) || isinf(common))
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the %s penalty is negative or not a finite number", what);
    if (factor == NULL)
        return MAXENT_OK;
    *out = mx_alloc(task->m, sizeof **out);
    if (*out == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu strengths", task->m);
    for (size_t j = 0; j < task->m; j++) {
        if (!(factor[j] >= 0) || isinf(factor[j]))
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the factor on the %s penalty of feature %zu is negative or not finite", what,
                           j);
        (*out)[j] = common * factor[j];
    }
    return MAXENT_OK;
}

static maxent_error weigh(mx_task *task, maxent_diagnostic *diagnostic)
{
    const maxent_events *events = task->events;
    if (events->weight != NULL || events->target_row != NULL) {
        task->weight = mx_alloc(task->n, sizeof *task->weight);
        if (task->weight == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for the weights of %zu events", task->n);
        for (size_t e = 0; e < task->n; e++)
            task->total += task->weight[e] = mx_event_weight(events, e);
    } else {
        task->total = (double)task->n;
    }
    for (size_t e = 0; e < task->n; e++) {
        mx_targets t;
        mx_event_targets(events, e, &t);
        for (size_t k = 0; k < t.count; k++)
            if (t.target[k] >= task->C)
                return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "event %zu has a class that is not known", e);
    }
    return task->total > 0 ? MAXENT_OK : mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is no event of positive weight to fit to");
}

/* Offsets, and the scores of the prior means. */
static maxent_error start_scores(mx_task *task, maxent_diagnostic *diagnostic)
{
    const maxent_events *events = task->events;
    const size_t C = task->C, V = task->V;
    if (events->offset == NULL && task->center == NULL)
        return MAXENT_OK;
    task->base = mx_alloc(task->n, C * sizeof *task->base);
    if (task->base == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for the scores of %zu events", task->n);
    for (size_t e = 0; e < task->n; e++) {
        double *base = task->base + e * C, *to = base + (V == 1);
        for (size_t c = 0; c < C; c++)
            base[c] = events->offset != NULL ? events->offset[e * C + c] : 0.0;
        if (task->center == NULL)
            continue;
        for (size_t v = 0; task->intercept && v < V; v++)
            to[v] += task->center[task->m * V + v];
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            for (size_t v = 0; v < V; v++)
                to[v] += task->center[events->index[i] * V + v] * mx_event_value(events, i);
    }
    return MAXENT_OK;
}

maxent_error mx_task_begin(mx_task *task, const maxent_events *events, const maxent_fit_options *options,
                           maxent_diagnostic *diagnostic)
{
    maxent_error error;
    *task = (mx_task){.events = events, .options = options, .n = events->events, .m = events->features, .C = events->classes};
    task->started = clock_of(CLOCK_MONOTONIC);
    task->cpu_started = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    task->valid_loss = task->valid_accuracy = NAN;
    task->V = task->C == 2 ? 1 : task->C;
    task->intercept = options->intercept != MAXENT_INTERCEPT_NONE;
    task->P = (task->m + (size_t)task->intercept) * task->V;
    task->threads = mx_workers(options->threads, SIZE_MAX);
    if (!(options->tolerance > 0))
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the tolerance is not positive");
    if (options->valid != NULL && (options->valid->features != events->features || options->valid->classes != events->classes))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the held-out events have %zu features and %zu classes, those to fit %zu and %zu",
                       (size_t)options->valid->features, (size_t)options->valid->classes, task->m, task->C);
    task->l2_all = options->l2;
    task->l1_all = options->l1;
    if (options->intercept == MAXENT_INTERCEPT_PENALIZED) {
        task->l2_bias = options->l2;
        task->l1_bias = options->l1;
    }
    error = strengths(task, options->l2, options->l2_feature, &task->l2, "L2", diagnostic);
    if (error == MAXENT_OK)
        error = strengths(task, options->l1, options->l1_feature, &task->l1, "L1", diagnostic);
    if (error == MAXENT_OK)
        error = weigh(task, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (options->prior != NULL) {
        task->center = mx_alloc(task->P, sizeof *task->center);
        if (task->center == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu prior means", task->P);
        error = weights_of(task, options->prior, task->center, diagnostic);
    }
    if (error == MAXENT_OK)
        error = start_scores(task, diagnostic);
    if (error != MAXENT_OK)
        return error;

    /* Lanes: their gradients together a quarter of the data at most, but two. */
    double data = 5.0 * (double)events->row[task->n] + 16.0 * (double)task->n, each = 8.0 * (double)(task->P + 1);
    double lanes = data / 4 / each;
    task->lanes = lanes < 2 ? 2 : lanes > 16 ? 16 : (size_t)lanes;
    if (task->n < 4 * BLOCK)
        task->lanes = 1;
    if ((double)events->row[task->n] * (double)task->V < 2e6)
        task->threads = 1; /* a pass of a few milliseconds is over before a second thread has woken */
    task->space_each = BLOCK * task->V + 2 * task->C;
    task->space = mx_alloc(task->lanes, task->space_each * sizeof *task->space);
    if (task->space == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for the scores of a block of events");
    return MAXENT_OK;
}

void mx_task_end(mx_task *task)
{
    mx_free(task->l2);
    mx_free(task->l1);
    mx_free(task->base);
    mx_free(task->weight);
    mx_free(task->center);
    mx_free(task->partial);
    mx_free(task->space);
}

maxent_error mx_task_start(const mx_task *task, const maxent_model *model, double *w, maxent_diagnostic *diagnostic)
{
    maxent_error error = weights_of(task, model, w, diagnostic);
    for (size_t i = 0; error == MAXENT_OK && task->center != NULL && i < task->P; i++)
        w[i] -= task->center[i];
    return error;
}

double mx_task_penalty(const mx_task *task, const double *w, double *gradient)
{
    const size_t V = task->V;
    double smooth = 0, sharp = 0;
    for (size_t j = 0; j * V < task->P; j++) {
        double l2 = mx_task_l2(task, j), l1 = mx_task_l1(task, j), square = 0, absolute = 0;
        for (size_t v = 0; v < V; v++) {
            double value = w[j * V + v];
            square += value * value;
            absolute += fabs(value);
            if (gradient != NULL)
                gradient[j * V + v] += l2 * value;
        }
        smooth += 0.5 * l2 * square;
        sharp += l1 * absolute;
    }
    return smooth + sharp;
}

double mx_task_stationarity(const mx_task *task, const double *w, const double *gradient)
{
    const size_t V = task->V;
    double largest = 0;
    for (size_t j = 0; j * V < task->P; j++) {
        double l1 = mx_task_l1(task, j);
        for (size_t v = 0; v < V; v++) {
            double g = gradient[j * V + v], value = w[j * V + v];
            double s = value > 0 ? fabs(g + l1) : value < 0 ? fabs(g - l1) : fmax(fabs(g) - l1, 0.0);
            if (!(s <= largest))
                largest = s;
        }
    }
    return largest;
}

maxent_model *mx_task_model(const mx_task *task, const double *w)
{
    maxent_model *model = mx_model_new(mx_space_share(task->events->space), task->intercept);
    if (model == NULL)
        return NULL;
    const size_t weights = task->m * task->V;
    for (size_t i = 0; i < weights; i++)
        model->weight[i] = w[i] + (task->center != NULL ? task->center[i] : 0.0);
    for (size_t i = weights; i < task->P; i++)
        model->intercept[i - weights] = w[i] + (task->center != NULL ? task->center[i] : 0.0);
    model->l1 = task->options->l1;
    model->l2 = task->options->l2;
    return model;
}

maxent_model *mx_task_model_of(const mx_task *task, double **w)
{
    maxent_model *model = mx_model_new(mx_space_share(task->events->space), task->intercept);
    if (model == NULL)
        return NULL;
    const size_t weights = task->m * task->V;
    mx_free(model->weight); /* zeros of the system's that nobody has touched, if they are many */
    model->weight = *w;
    *w = NULL;
    for (size_t i = 0; task->center != NULL && i < task->P; i++)
        model->weight[i] += task->center[i];
    for (size_t i = weights; i < task->P; i++)
        model->intercept[i - weights] = model->weight[i];
    model->l1 = task->options->l1;
    model->l2 = task->options->l2;
    return model;
}

int mx_task_report(mx_task *task, size_t iteration, double objective, double gap, const double *w)
{
    const maxent_fit_options *options = task->options;
    const double now = mx_task_seconds(task);
    int stop = options->time_limit > 0 && now >= options->time_limit;
    if (options->progress == NULL)
        return stop;
    maxent_model *model = NULL;
    int save = w != NULL && options->checkpoint_seconds > 0 && now - task->checkpointed >= options->checkpoint_seconds;
    int judge = w != NULL && options->valid != NULL && (isnan(task->valid_loss) || now - task->reported >= 0.5);
    if (save || judge)
        model = mx_task_model(task, w); /* without memory: a report without it */
    if (model != NULL && judge) {
        maxent_evaluation found;
        if (maxent_model_evaluate(model, options->valid, task->threads, &found, NULL) == MAXENT_OK && found.weight > 0) {
            task->valid_loss = found.log_loss / found.weight;
            task->valid_accuracy = found.correct / found.weight;
        }
        task->reported = mx_task_seconds(task);
    }
    maxent_fit_progress progress = {iteration, task->products / 2,   objective, gap,
                                    task->valid_loss, task->valid_accuracy, now, save ? model : NULL};
    if (model != NULL) {
        model->fit.objective = objective;
        model->fit.gap = gap;
        model->fit.iterations = iteration;
        model->fit.verdict = MAXENT_UNFINISHED;
    }
    stop |= options->progress(options->progress_user, &progress) != 0;
    if (save)
        task->checkpointed = mx_task_seconds(task);
    maxent_model_free(model);
    return stop;
}
