/* Events: made from arrays or by readers, checked, compacted, merged. */
#include "model/events/events.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- spaces ---- */

mx_space *mx_space_new(void)
{
    mx_space *space = mx_zalloc(1, sizeof *space);
    if (space != NULL)
        atomic_init(&space->references, 1);
    return space;
}

mx_space *mx_space_share(mx_space *space)
{
    atomic_fetch_add(&space->references, 1);
    return space;
}

void mx_space_release(mx_space *space)
{
    if (space == NULL || atomic_fetch_sub(&space->references, 1) > 1)
        return;
    if (space->table_free != NULL)
        space->table_free(space->table);
    mx_dictionary_free(&space->feature);
    mx_dictionary_free(&space->class_name);
    mx_free(space);
}

static size_t name_of(const mx_dictionary *dictionary, size_t level, size_t base, char *out, size_t size)
{
    char number[32];
    const char *text = number;
    size_t length;
    if (dictionary->levels > level)
        text = mx_dictionary_text(dictionary, level, &length);
    else
        length = (size_t)snprintf(number, sizeof number, "%zu", level + base);
    if (size > 0) {
        size_t copied = length < size ? length : size - 1;
        memcpy(out, text, copied);
        out[copied] = '\0';
    }
    return length;
}

size_t mx_space_feature_name(const mx_space *space, size_t j, char *out, size_t size)
{
    return name_of(&space->feature, j, space->base, out, size);
}

size_t mx_space_class_name(const mx_space *space, size_t c, char *out, size_t size)
{
    return name_of(&space->class_name, c, 0, out, size);
}

/* ---- events ---- */

maxent_events *mx_events_new(mx_space *space)
{
    maxent_events *events = mx_zalloc(1, sizeof *events);
    if (events == NULL) {
        mx_space_release(space);
        return NULL;
    }
    events->space = space;
    events->features = space->features;
    events->classes = space->classes;
    return events;
}

void maxent_events_free(maxent_events *events)
{
    if (events == NULL)
        return;
    mx_space_release(events->space);
    mx_free(events->row);
    mx_free(events->index);
    mx_free(events->value);
    mx_free(events->code);
    mx_free(events->label);
    mx_free(events->target_row);
    mx_free(events->target);
    mx_free(events->target_weight);
    mx_free(events->weight);
    mx_free(events->offset);
    mx_free(events);
}

/* Distinct values to one byte each: as long as there are at most 256. Returns 0 when there are more, or no memory. */
static int make_codes(maxent_events *events, size_t nonzeros)
{
    unsigned char *code = mx_alloc(nonzeros, 1);
    unsigned char slot[1024] = {0}; /* by hash: 1 + a level that may be it */
    double level[256];
    size_t levels = 0;
    if (code == NULL)
        return 0;
    for (size_t i = 0; i < nonzeros; i++) {
        uint64_t bits;
        memcpy(&bits, &events->value[i], sizeof bits);
        size_t h = (size_t)((bits * 0x9E3779B97F4A7C15u) >> 54), at;
        for (;; h = (h + 1) % 1024) {
            if (slot[h] == 0 && levels < 255) { /* 255: so that 1 + level fits a byte */
                at = levels++;
                level[at] = events->value[i];
                slot[h] = (unsigned char)(at + 1);
                break;
            }
            if (slot[h] == 0) {
                mx_free(code);
                return 0;
            }
            at = slot[h] - 1u;
            if (memcmp(&level[at], &events->value[i], sizeof *level) == 0)
                break;
        }
        code[i] = (unsigned char)at;
    }
    memcpy(events->level, level, levels * sizeof *level);
    mx_free(events->value);
    events->value = NULL;
    events->code = code;
    return 1;
}

maxent_error mx_events_finish(maxent_events *events, maxent_diagnostic *diagnostic)
{
    size_t nonzeros = events->events > 0 ? events->row[events->events] : 0;
    int ones = 1;
    if (events->value != NULL) {
        for (size_t i = 0; i < nonzeros; i++) {
            if (!isfinite(events->value[i]))
                return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the value of feature %zu is not a finite number",
                               (size_t)events->index[i]);
            ones &= events->value[i] == 1.0;
        }
        if (ones) {
            mx_free(events->value);
            events->value = NULL;
        } else {
            (void)make_codes(events, nonzeros); /* the values stay when it cannot be done */
        }
    }
    if (events->weight != NULL) {
        ones = 1;
        for (size_t e = 0; e < events->events; e++) {
            if (!(events->weight[e] >= 0) || isinf(events->weight[e]))
                return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the weight of event %zu is negative or not a finite number", e);
            ones &= events->weight[e] == 1.0;
        }
        if (ones) {
            mx_free(events->weight);
            events->weight = NULL;
        }
    }
    return MAXENT_OK;
}

double mx_event_weight(const maxent_events *events, size_t e)
{
    if (events->target_row == NULL)
        return events->weight == NULL ? 1.0 : events->weight[e];
    double sum = 0;
    for (size_t t = events->target_row[e]; t < events->target_row[e + 1]; t++)
        sum += events->target_weight[t];
    return sum;
}

void mx_event_targets(const maxent_events *events, size_t e, mx_targets *out)
{
    if (events->target_row != NULL) {
        size_t first = events->target_row[e];
        out->count = events->target_row[e + 1] - first;
        out->target = events->target + first;
        out->weight = events->target_weight + first;
    } else {
        out->count = 1;
        out->one = events->weight == NULL ? 1.0 : events->weight[e];
        out->target = events->label + e;
        out->weight = &out->one;
    }
}

size_t maxent_events_count(const maxent_events *events)
{
    return events->events;
}

size_t maxent_events_features(const maxent_events *events)
{
    return events->features;
}

size_t maxent_events_classes(const maxent_events *events)
{
    return events->classes;
}

size_t maxent_events_nonzeros(const maxent_events *events)
{
    return events->events > 0 ? events->row[events->events] : 0;
}

double maxent_events_weight(const maxent_events *events)
{
    double sum = 0;
    for (size_t e = 0; e < events->events; e++)
        sum += mx_event_weight(events, e);
    return sum;
}
