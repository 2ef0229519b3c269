/* Many strengths of the penalty, each fit started from the one before; and cross-validation.
 *
 * A fold is a set of events; merged events (one context, several labels) stay together.
 */
#include "model/model.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static maxent_error check(size_t count, const double *scale, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++)
        if (!(scale[i] >= 0) || isinf(scale[i]))
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "strength %zu of the path is negative or not a finite number", i);
    return MAXENT_OK;
}

static size_t nonzeros(const maxent_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->features * model->vectors; i++)
        count += model->weight[i] != 0;
    return count;
}

maxent_error maxent_model_fit_path(const maxent_events *events, const maxent_fit_options *given, size_t count, const double *scale,
                                   maxent_path_point *point, maxent_model **best, maxent_diagnostic *diagnostic)
{
    maxent_fit_options options;
    maxent_model *model = NULL, *kept = NULL;
    double least = INFINITY;
    maxent_error error = check(count, scale, diagnostic);
    maxent_path_point *found = mx_alloc(count, sizeof *found);
    if (error == MAXENT_OK && found == NULL)
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for a path of %zu strengths", count);
    maxent_fit_options_init(&options);
    if (given != NULL)
        options = *given;
    const double l1 = options.l1, l2 = options.l2;
    for (size_t i = 0; i < count && error == MAXENT_OK; i++) {
        maxent_model *next = NULL;
        found[i] = (maxent_path_point){.scale = scale[i], .valid_loss = NAN, .valid_accuracy = NAN, .valid_error = NAN};
        options.l1 = l1 * scale[i];
        options.l2 = l2 * scale[i];
        if (model != NULL)
            options.start = model;
        error = maxent_model_fit(events, &options, &next, &found[i].fit, diagnostic);
        if (error != MAXENT_OK)
            break;
        found[i].nonzeros = nonzeros(next);
        if (model != kept)
            maxent_model_free(model);
        model = next;
        if (options.valid != NULL) {
            maxent_evaluation e;
            error = maxent_model_evaluate(model, options.valid, options.threads, &e, diagnostic);
            if (error == MAXENT_OK && e.weight > 0) {
                found[i].valid_loss = e.log_loss / e.weight;
                found[i].valid_accuracy = e.correct / e.weight;
            }
        }
        if (options.valid == NULL || found[i].valid_loss < least || kept == NULL) {
            least = found[i].valid_loss;
            maxent_model_free(kept);
            kept = model;
        }
    }
    if (model != kept)
        maxent_model_free(model);
    if (error == MAXENT_OK) {
        memcpy(point, found, count * sizeof *point);
        if (best != NULL) {
            *best = kept;
            kept = NULL;
        }
    }
    maxent_model_free(kept);
    mx_free(found);
    return error;
}

/* The events whose fold is f (inside), or is not. NULL: no memory. */
static maxent_events *part(const maxent_events *events, const uint32_t *fold, uint32_t f, int inside)
{
    size_t n = 0, entries = 0, targets = 0;
    for (size_t e = 0; e < events->events; e++)
        if ((fold[e] == f) == inside) {
            n++;
            entries += events->row[e + 1] - events->row[e];
            targets += events->target_row != NULL ? events->target_row[e + 1] - events->target_row[e] : 0;
        }
    maxent_events *to = mx_events_new(mx_space_share(events->space));
    if (to == NULL)
        return NULL;
    to->row = mx_alloc(n + 1, sizeof *to->row);
    to->index = mx_alloc(entries, sizeof *to->index);
    to->value = events->value != NULL ? mx_alloc(entries, sizeof *to->value) : NULL;
    to->code = events->code != NULL ? mx_alloc(entries, 1) : NULL;
    memcpy(to->level, events->level, sizeof to->level);
    to->label = events->label != NULL ? mx_alloc(n, sizeof *to->label) : NULL;
    to->weight = events->weight != NULL ? mx_alloc(n, sizeof *to->weight) : NULL;
    to->offset = events->offset != NULL ? mx_alloc(n, events->classes * sizeof *to->offset) : NULL;
    if (events->target_row != NULL) {
        to->target_row = mx_alloc(n + 1, sizeof *to->target_row);
        to->target = mx_alloc(targets, sizeof *to->target);
        to->target_weight = mx_alloc(targets, sizeof *to->target_weight);
    }
    if (to->row == NULL || to->index == NULL || (events->value != NULL && to->value == NULL) ||
        (events->code != NULL && to->code == NULL) || (events->label != NULL && to->label == NULL) ||
        (events->weight != NULL && to->weight == NULL) || (events->offset != NULL && to->offset == NULL) ||
        (events->target_row != NULL && (to->target_row == NULL || to->target == NULL || to->target_weight == NULL))) {
        maxent_events_free(to);
        return NULL;
    }
    size_t at = 0, t = 0;
    to->row[0] = 0;
    if (to->target_row != NULL)
        to->target_row[0] = 0;
    for (size_t e = 0; e < events->events; e++) {
        if ((fold[e] == f) != inside)
            continue;
        size_t first = events->row[e], length = events->row[e + 1] - first, me = to->events++;
        memcpy(to->index + at, events->index + first, length * sizeof *to->index);
        if (to->value != NULL)
            memcpy(to->value + at, events->value + first, length * sizeof *to->value);
        if (to->code != NULL)
            memcpy(to->code + at, events->code + first, length);
        at += length;
        to->row[me + 1] = at;
        if (to->label != NULL)
            to->label[me] = events->label[e];
        if (to->weight != NULL)
            to->weight[me] = events->weight[e];
        if (to->offset != NULL)
            memcpy(to->offset + me * events->classes, events->offset + e * events->classes, events->classes * sizeof *to->offset);
        if (to->target_row != NULL) {
            for (size_t k = events->target_row[e]; k < events->target_row[e + 1]; k++, t++) {
                to->target[t] = events->target[k];
                to->target_weight[t] = events->target_weight[k];
            }
            to->target_row[me + 1] = t;
        }
    }
    return to;
}

/* fold[n]: as even as can be, in an order by the seed. */
static void deal(size_t n, size_t folds, uint64_t seed, uint32_t *fold)
{
    for (size_t e = 0; e < n; e++)
        fold[e] = (uint32_t)(e % folds);
    for (size_t i = n; i > 1; i--) {
        uint64_t z = seed += 0x9E3779B97F4A7C15u; /* splitmix64 */
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        size_t k = (size_t)(((z ^ (z >> 31)) >> 32) * i >> 32);
        uint32_t swap = fold[i - 1];
        fold[i - 1] = fold[k];
        fold[k] = swap;
    }
}

maxent_error maxent_model_cross_validate(const maxent_events *events, const maxent_fit_options *given, size_t folds, size_t count,
                                         const double *scale, maxent_path_point *point, maxent_diagnostic *diagnostic)
{
    const size_t n = events->events;
    maxent_fit_options options;
    if (folds < 2 || folds > n)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu folds of %zu events: at least 2 folds, at most one an event", folds, n);
    maxent_error error = check(count, scale, diagnostic);
    if (error != MAXENT_OK)
        return error;
    maxent_fit_options_init(&options);
    if (given != NULL)
        options = *given;
    maxent_path_point *found = mx_alloc(count, sizeof *found), *one = mx_alloc(count, sizeof *one);
    double *sum = mx_zalloc(4, count * sizeof *sum); /* loss, correct, mean losses, their squares */
    uint32_t *fold = mx_alloc(n, sizeof *fold);
    double weight = 0;
    if (found == NULL || one == NULL || sum == NULL || fold == NULL)
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory to cross-validate %zu events", n);
    else
        deal(n, folds, options.seed, fold);
    for (size_t f = 0; f < folds && error == MAXENT_OK; f++) {
        maxent_events *inside = part(events, fold, (uint32_t)f, 1), *outside = part(events, fold, (uint32_t)f, 0);
        if (inside == NULL || outside == NULL) {
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for a fold of %zu events", n);
        } else {
            double held = maxent_events_weight(inside);
            options.valid = inside;
            error = maxent_model_fit_path(outside, &options, count, scale, one, NULL, diagnostic);
            weight += held;
            for (size_t i = 0; i < count && error == MAXENT_OK && held > 0; i++) {
                sum[i] += held * one[i].valid_loss;
                sum[count + i] += held * one[i].valid_accuracy;
                sum[2 * count + i] += one[i].valid_loss;
                sum[3 * count + i] += one[i].valid_loss * one[i].valid_loss;
            }
        }
        maxent_events_free(inside);
        maxent_events_free(outside);
    }
    for (size_t i = 0; i < count && error == MAXENT_OK; i++) {
        const double k = (double)folds, mean = sum[2 * count + i] / k;
        found[i] = one[i];
        found[i].valid_loss = sum[i] / weight;
        found[i].valid_accuracy = sum[count + i] / weight;
        found[i].valid_error = sqrt(fmax(sum[3 * count + i] / k - mean * mean, 0.0) / (k - 1));
    }
    if (error == MAXENT_OK)
        memcpy(point, found, count * sizeof *point);
    mx_free(found);
    mx_free(one);
    mx_free(sum);
    mx_free(fold);
    return error;
}
