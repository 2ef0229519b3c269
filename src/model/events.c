/* Events: made from arrays or by readers, checked, compacted, merged. */
#include "model/events.h"

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
