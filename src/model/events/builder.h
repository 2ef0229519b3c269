/* Building events: pieces put one after the other. */
#ifndef MX_BUILDER_H
#define MX_BUILDER_H

#include "model/events/events.h"
#include "model/events/piece.h"

/* Start from {0}. The arrays grow by doubling, or to what the share of the file suggests; memory that was never written is never used. */
typedef struct mx_builder {
    double progress;       /* share of the whole that there is with the next piece; set by who knows it, 0: not known */
    size_t events, entries, shares;
    size_t *row;           /* [events + 1] */
    uint32_t *index;
    unsigned char *code;   /* value = level[code]; NULL while all values are 1, or as value, when there are many different ones: */
    double *value;
    double level[256];     /* [levels] different values, the first of them 1 */
    unsigned char slot[1024]; /* by hash: 1 + the level that may be it */
    size_t levels;
    uint32_t *label;       /* [shares] */
    double *share;         /* [shares]; NULL while all are 1 */
    size_t *share_row;     /* [events + 1]; NULL while every event has one share */
    double *base;          /* [events][classes] offsets; NULL: none */
    size_t classes, base_room;
    uint32_t shift;        /* taken from every feature; set by who knows it */
    uint32_t most;         /* the greatest feature before that; likewise */
    size_t twice;          /* event of the piece, + 1, that has a feature twice; 0: none. Known when features were sorted */
    size_t row_room, entry_room, share_room, code_room, value_room, weight_room, share_row_room;
} mx_builder;

/* Appends the events of a piece. feature, label: what its numbers become, or NULL: they stay as they are. sort: the features of an
 * event are put in ascending order, for which the values of the piece are moved. 0: no memory. */
int mx_builder_append(mx_builder *builder, mx_piece *piece, const uint32_t *feature, const uint32_t *label, int sort);

/* Hands the arrays over to events of a space, whose reference is taken over, also on failure. class_map: what labels become, or NULL.
 * Errors: MEMORY, those of mx_events_finish. */
maxent_error mx_builder_finish(mx_builder *builder, mx_space *space, const uint32_t *class_map, maxent_events **out,
                               maxent_diagnostic *diagnostic);

void mx_builder_free(mx_builder *builder); /* frees what it owns, not the struct */

#endif
