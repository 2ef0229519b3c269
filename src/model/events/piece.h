/* Pieces: the events of one block of a file, as a parser leaves them; what readers of every format hand to training and predicting. */
#ifndef MX_PIECE_H
#define MX_PIECE_H

#include "data/dictionary.h"
#include "model/events/lines.h"

#include <stdint.h>

/* Event e has the entries entry_end[e-1] .. entry_end[e]-1 and the shares share_end[e-1] .. share_end[e]-1 (from 0 for e = 0).
 * Start from {0}; mx_piece_reserve before a block makes room, so that parsers need not look. */
typedef struct mx_piece {
    size_t events, entries, shares;
    size_t *entry_end;    /* [events] */
    size_t *share_end;    /* [events] */
    size_t *offset;       /* [events] byte of the block where its line begins */
    uint32_t *index;      /* [entries] features: numbers of the file, numbers of `names`, or columns of a model */
    double *value;        /* [entries], meaningless while valued = 0: all are 1 */
    uint32_t *label;      /* [shares] numbers of `labels`, or classes of a model, or MX_NO_CLASS */
    double *share;        /* [shares] weights */
    double *base;         /* [events][classes] offsets of tables, or NULL: none; see mx_piece_reserve_base */
    size_t classes, base_room;
    int valued;           /* 1: a value is not 1 */
    int weighted;         /* 1: a share is not 1 */
    int zeros;            /* 1: entries with value 0 are to be left out, once it is known that no feature comes twice */
    int soft;             /* 1: an event has not exactly one share */
    size_t unknown;       /* features that the model does not know, left out */
    size_t dropped;       /* rows of a table with a missing value, left out */
    size_t event_room, entry_room, share_room;
} mx_piece;

/* Empties the piece and makes room. 0: no memory. */
int mx_piece_reserve(mx_piece *piece, size_t events, size_t entries, size_t shares);
/* Room for offsets, which the piece has from then on. 0: no memory. */
int mx_piece_reserve_base(mx_piece *piece, size_t events, size_t classes);
void mx_piece_free(mx_piece *piece); /* frees what it owns, not the struct */

/* What the numbers of a svmlight file mean to a model or to a space that was compacted. */
typedef struct mx_index_map {
    uint32_t base, features; /* without slots: column = number - base */
    struct mx_index_slot {
        uint32_t key, column; /* column + 1; 0: empty */
    } *slot;                  /* [slots] or NULL */
    size_t slots;             /* a power of two */
    size_t used;
} mx_index_map;

/* Column of a number, or UINT32_MAX. */
static inline uint32_t mx_index_find(const mx_index_map *map, uint32_t number)
{
    if (map->slot == NULL) {
        uint32_t column = number - map->base; /* wraps below the base */
        return column < map->features ? column : UINT32_MAX;
    }
    size_t i = (size_t)((uint64_t)number * 0x9e3779b97f4a7c15u >> 32) & (map->slots - 1);
    for (; map->slot[i].column != 0; i = (i + 1) & (map->slots - 1))
        if (map->slot[i].key == number)
            return map->slot[i].column - 1;
    return UINT32_MAX;
}

/* Adds a number; its column is map->used when it is new. 0: no memory. */
int mx_index_add(mx_index_map *map, uint32_t number, uint32_t *column);
void mx_index_map_free(mx_index_map *map);

/* A parser of one worker: where texts become numbers. */
typedef struct mx_parser {
    int numbers;               /* 1: svmlight, 0: named features */
    int label_optional;        /* svmlight: a line may begin with its first feature */
    /* reading for training: everything seen is entered */
    mx_dictionary names;       /* features of named files */
    mx_dictionary labels;
    /* reading for a model: nothing is entered; NULL: training */
    const struct mx_space *space;
    const mx_index_map *map;
    /* features seen in this event, to find those that come twice */
    uint32_t *stamp;           /* [stamps] event number in which the feature came last */
    size_t stamps;
    uint32_t now;
    char last[64];             /* the label before, which is most often the next one too */
    size_t last_length;
    uint32_t last_code;
} mx_parser;

void mx_parser_free(mx_parser *parser);

/* Parses a block of whole lines. Errors: MEMORY; FILE with the place. */
maxent_error mx_parse_svmlight(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault);
maxent_error mx_parse_named(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault);

/* The fault of the first name that comes twice in a line, of the lines of named features from `from` on, words that end after `to` left
 * out. MAXENT_OK: there is none. */
maxent_error mx_named_twice(const mx_block *block, size_t from, size_t to, mx_fault *fault);

/* The label at *at (not blank, not a line end), moved behind it, as shares: `label`, or `label*weight,label*weight,...`. */
maxent_error mx_parse_label(mx_parser *parser, const mx_block *block, const char **at, mx_piece *piece, mx_fault *fault);

/* 1 when text[length] is valid UTF-8 without control characters. */
int mx_name_valid(const char *text, size_t length);

#endif
