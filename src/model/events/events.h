/* Events inside the library: what readers build and the trainer reads.
 *
 * How a reader makes events:
 *
 *     mx_space *space = mx_space_new();                       names and meaning of features and classes, one reference
 *     mx_dictionary_add(&space->feature, ...);                as they are seen; or leave the dictionary empty (numbers)
 *     space->features = ..., space->classes = ...;            once the file is read; immutable from then on, shared by reference
 *     maxent_events *events = mx_events_new(space);           takes over the reference, also when it fails
 *     events->row, index, value, label, weight, ... = ...;    arrays from base/memory.h, owned by the events; counts set
 *     mx_events_finish(events, diagnostic);                   checks and compacts: values that are all 1 go, few distinct ones
 *                                                             become one byte each; then read values by mx_event_value only
 *     maxent_events_merge(events, NULL, diagnostic);          unless the events must stay one by one (predicting)
 *
 * Events for a space that exists (dev and test files) share it: mx_space_share. Features that it does not know are left out by the
 * reader; a class it does not know has the label MX_NO_CLASS, which evaluation counts as wrong with loss 0 and a fit refuses.
 */
#ifndef MX_EVENTS_H
#define MX_EVENTS_H

#include "data/dictionary.h"

#include <maxent/model.h>

#include <stdatomic.h>
#include <stdint.h>

#define MX_NO_CLASS UINT32_MAX

typedef enum mx_space_form {
    MX_SPACE_ARRAY, /* numbers from 0 */
    MX_SPACE_SVM,   /* numbers from `base`, as svmlight has them; classes named by their text */
    MX_SPACE_NAMED, /* named features */
    MX_SPACE_TABLE  /* columns of a CSV file; `table` says how they become features */
} mx_space_form;

/* What features and classes are called, and how input becomes features. Shared by events and models; not changed once shared. */
typedef struct mx_space {
    atomic_int references;
    mx_space_form form;
    uint32_t features, classes;
    uint32_t base;              /* number of feature 0 in the file: 0 or 1 */
    mx_dictionary feature;      /* [features] names, or no levels: numbers from base */
    mx_dictionary class_name;   /* [classes] names, or no levels: numbers from 0 */
    void *table;                /* MX_SPACE_TABLE: the reader's own (numeric: mean and scale; categorical: levels) */
    void (*table_free)(void *); /* frees it; NULL: nothing to free */
} mx_space;

mx_space *mx_space_new(void);              /* one reference, all empty; NULL: no memory */
mx_space *mx_space_share(mx_space *space); /* one reference more; returns space */
void mx_space_release(mx_space *space);    /* one less; frees with the last; NULL accepted */
/* Name of a feature or class into out[size], cut at size - 1 with a NUL; returns the whole length. */
size_t mx_space_feature_name(const mx_space *space, size_t j, char *out, size_t size);
size_t mx_space_class_name(const mx_space *space, size_t c, char *out, size_t size);

struct maxent_events {
    mx_space *space;       /* one reference */
    size_t events;         /* n */
    uint32_t features;     /* m = space->features */
    uint32_t classes;      /* C = space->classes */
    size_t *row;           /* [n + 1] */
    uint32_t *index;       /* [row[n]] strictly ascending in a row, < m */
    double *value;         /* [row[n]], or NULL: see code */
    unsigned char *code;   /* [row[n]] value = level[code]; NULL when value is there or all values are 1 */
    double level[256];     /* distinct values, when code is there */
    uint32_t *label;       /* [n] hard labels, or NULL: */
    size_t *target_row;    /* [n + 1] soft labels: */
    uint32_t *target;      /* [target_row[n]] classes, strictly ascending in an event, */
    double *target_weight; /* [target_row[n]] and their weights, > 0; an event's weight is their sum (it may have none: weight 0) */
    double *weight;        /* [n] of hard labels; NULL: all 1. Always NULL with soft labels */
    double *offset;        /* [n * C], or NULL */
};

/* Empty events (n = 0, no arrays) of a space, whose reference is taken over, also on failure. NULL: no memory. */
maxent_events *mx_events_new(mx_space *space);

/* Checks what a reader could have got wrong from its file (VALUE: a value or weight that is not finite, a negative weight), asserts the
 * rest, and compacts the values. The events stay as they are when it fails. */
maxent_error mx_events_finish(maxent_events *events, maxent_diagnostic *diagnostic);

static inline double mx_event_value(const maxent_events *events, size_t at)
{
    return events->value != NULL ? events->value[at] : events->code != NULL ? events->level[events->code[at]] : 1.0;
}

/* Weight of event e. */
double mx_event_weight(const maxent_events *events, size_t e);

/* The classes of event e with their weights: *count of them at *target, *weight; `one` is space for a hard label. */
typedef struct mx_targets {
    size_t count;
    const uint32_t *target;
    const double *weight;
    double one;
} mx_targets;
void mx_event_targets(const maxent_events *events, size_t e, mx_targets *out);

/* Feature and class of `from` that have the names of those of `to`: map_feature[to->features], UINT32_MAX where there is none; the same
 * for classes. The identity when the spaces are the same or both are numbers. */
void mx_space_match(const mx_space *to, const mx_space *from, uint32_t *map_feature, uint32_t *map_class);

#endif
