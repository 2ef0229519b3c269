/* Events from arrays of the caller, and what can be set on them: soft labels, offsets, names. */
#include "model/events/events.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static void *copy_of(const void *from, size_t count, size_t size)
{
    void *copy = mx_alloc(count, size);
    if (copy != NULL && count > 0)
        memcpy(copy, from, count * size);
    return copy;
}

/* Events of n rows without any arrays. */
static maxent_error start(size_t n, size_t features, size_t classes, maxent_events **out, maxent_diagnostic *diagnostic)
{
    if (classes < 2 || classes >= UINT32_MAX || features >= UINT32_MAX || n >= UINT32_MAX)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu events, %zu features, %zu classes: at least 2 classes are needed, and "
                       "each number is less than 2^32 - 1", n, features, classes);
    mx_space *space = mx_space_new();
    if (space == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu events", n);
    space->features = (uint32_t)features;
    space->classes = (uint32_t)classes;
    *out = mx_events_new(space);
    if (*out == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu events", n);
    (*out)->events = n;
    return MAXENT_OK;
}

/* Copies labels and weights, checks and finishes; frees the events when it fails. */
static maxent_error complete(maxent_events *events, const uint32_t *label, const double *weight, maxent_events **out,
                             maxent_diagnostic *diagnostic)
{
    maxent_error error = MAXENT_OK;
    for (size_t e = 0; e < events->events && error == MAXENT_OK; e++)
        if (label[e] >= events->classes)
            error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the label of event %zu is %zu; there are %zu classes", e,
                            (size_t)label[e], (size_t)events->classes);
    if (error == MAXENT_OK) {
        events->label = copy_of(label, events->events, sizeof *label);
        events->weight = weight == NULL ? NULL : copy_of(weight, events->events, sizeof *weight);
        if (events->label == NULL || (weight != NULL && events->weight == NULL))
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for the labels of %zu events", events->events);
    }
    if (error == MAXENT_OK)
        error = mx_events_finish(events, diagnostic);
    if (error == MAXENT_OK)
        *out = events;
    else
        maxent_events_free(events);
    return error;
}

maxent_error maxent_events_from_csr(size_t n, size_t features, size_t classes, const size_t *row, const uint32_t *index,
                                    const double *value, const uint32_t *label, const double *weight, maxent_events **out,
                                    maxent_diagnostic *diagnostic)
{
    maxent_events *events;
    if (row == NULL || row[0] != 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the rows do not start at 0");
    for (size_t e = 0; e < n; e++) {
        if (row[e + 1] < row[e])
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "row %zu ends before it starts", e);
        for (size_t i = row[e]; i < row[e + 1]; i++)
            if (index[i] >= features || (i > row[e] && index[i] <= index[i - 1]))
                return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "feature %zu of event %zu is out of order or not less than %zu",
                               (size_t)index[i], e, features);
    }
    maxent_error error = start(n, features, classes, &events, diagnostic);
    if (error != MAXENT_OK)
        return error;
    events->row = copy_of(row, n + 1, sizeof *row);
    events->index = copy_of(index, row[n], sizeof *index);
    events->value = value == NULL ? NULL : copy_of(value, row[n], sizeof *value);
    if (events->row == NULL || events->index == NULL || (value != NULL && events->value == NULL)) {
        maxent_events_free(events);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu features of events", row[n]);
    }
    return complete(events, label, weight, out, diagnostic);
}

maxent_error maxent_events_from_dense(size_t n, size_t features, size_t classes, const double *x, size_t stride,
                                      const uint32_t *label, const double *weight, maxent_events **out,
                                      maxent_diagnostic *diagnostic)
{
    maxent_events *events;
    if (stride < features)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a row of %zu features does not fit a stride of %zu", features, stride);
    maxent_error error = start(n, features, classes, &events, diagnostic);
    if (error != MAXENT_OK)
        return error;
    size_t nonzeros = 0;
    for (size_t e = 0; e < n; e++)
        for (size_t j = 0; j < features; j++)
            nonzeros += x[e * stride + j] != 0;
    events->row = mx_alloc(n + 1, sizeof *events->row);
    events->index = mx_alloc(nonzeros, sizeof *events->index);
    events->value = mx_alloc(nonzeros, sizeof *events->value);
    if (events->row == NULL || events->index == NULL || events->value == NULL) {
        maxent_events_free(events);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu features of events", nonzeros);
    }
    size_t at = 0;
    events->row[0] = 0;
    for (size_t e = 0; e < n; e++) {
        for (size_t j = 0; j < features; j++) {
            double value = x[e * stride + j];
            if (value != 0) {
                events->index[at] = (uint32_t)j;
                events->value[at++] = value;
            }
        }
        events->row[e + 1] = at;
    }
    return complete(events, label, weight, out, diagnostic);
}

maxent_error maxent_events_set_targets(maxent_events *events, const double *target, maxent_diagnostic *diagnostic)
{
    const size_t n = events->events, classes = events->classes;
    size_t count = 0;
    for (size_t i = 0; i < n * classes; i++) {
        if (!(target[i] >= 0) || isinf(target[i]))
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the weight of class %zu of event %zu is negative or not a finite number",
                           i % classes, i / classes);
        count += target[i] > 0;
    }
    size_t *row = mx_alloc(n + 1, sizeof *row);
    uint32_t *class_of = mx_alloc(count, sizeof *class_of);
    double *weight = mx_alloc(count, sizeof *weight);
    if (row == NULL || class_of == NULL || weight == NULL) {
        mx_free(row);
        mx_free(class_of);
        mx_free(weight);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for the soft labels of %zu events", n);
    }
    size_t at = 0;
    row[0] = 0;
    for (size_t e = 0; e < n; e++) {
        for (size_t c = 0; c < classes; c++)
            if (target[e * classes + c] > 0) {
                class_of[at] = (uint32_t)c;
                weight[at++] = target[e * classes + c];
            }
        row[e + 1] = at;
    }
    mx_free(events->label);
    mx_free(events->weight);
    mx_free(events->target_row);
    mx_free(events->target);
    mx_free(events->target_weight);
    events->label = NULL;
    events->weight = NULL;
    events->target_row = row;
    events->target = class_of;
    events->target_weight = weight;
    return MAXENT_OK;
}

maxent_error maxent_events_set_offsets(maxent_events *events, const double *offset, maxent_diagnostic *diagnostic)
{
    double *copy = NULL;
    if (offset != NULL) {
        size_t count = events->events * events->classes;
        for (size_t i = 0; i < count; i++)
            if (!isfinite(offset[i]))
                return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the offset of class %zu of event %zu is not a finite number",
                               i % events->classes, i / events->classes);
        copy = copy_of(offset, count, sizeof *copy);
        if (copy == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu offsets", count);
    }
    mx_free(events->offset);
    events->offset = copy;
    return MAXENT_OK;
}

static maxent_error fill(mx_dictionary *dictionary, size_t count, const char *const *name, const char *what,
                         maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t code;
        if (!mx_dictionary_add(dictionary, name[i], strlen(name[i]), &code))
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu names", count);
        if (code != i)
            return mx_fail(diagnostic, MAXENT_ERROR_NAME, "the name \"%s\" is given to two %s", name[i], what);
    }
    return MAXENT_OK;
}

maxent_error maxent_events_set_names(maxent_events *events, const char *const *feature, const char *const *class_name,
                                     maxent_diagnostic *diagnostic)
{
    mx_space *space = events->space;
    mx_dictionary features = {0}, classes = {0};
    maxent_error error = MAXENT_OK;
    if (atomic_load(&space->references) > 1)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the names are in use already");
    if (feature != NULL)
        error = fill(&features, events->features, feature, "features", diagnostic);
    if (error == MAXENT_OK && class_name != NULL)
        error = fill(&classes, events->classes, class_name, "classes", diagnostic);
    if (error != MAXENT_OK) {
        mx_dictionary_free(&features);
        mx_dictionary_free(&classes);
        return error;
    }
    if (feature != NULL) {
        mx_dictionary_free(&space->feature);
        space->feature = features;
    }
    if (class_name != NULL) {
        mx_dictionary_free(&space->class_name);
        space->class_name = classes;
    }
    return MAXENT_OK;
}
