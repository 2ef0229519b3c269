/* Pieces: room for the events of a block, the labels in front of a line, numbers of features that are far apart. */
#include "model/events/piece.h"

#include "base/memory.h"
#include "model/events/events.h"
#include "model/events/scan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int grow(void *pointer, size_t count, size_t size)
{
    void **array = pointer;
    mx_free(*array); /* a new block: what was there is not needed */
    *array = mx_alloc(count, size);
    return *array != NULL;
}

int mx_piece_reserve(mx_piece *piece, size_t events, size_t entries, size_t shares)
{
    piece->events = piece->entries = piece->shares = 0;
    piece->valued = piece->weighted = piece->zeros = piece->soft = 0;
    piece->unknown = piece->dropped = 0;
    if (events > piece->event_room) {
        events += events / 4; /* blocks are not all of one size */
        piece->event_room = 0;
        if (!grow(&piece->entry_end, events, sizeof *piece->entry_end) || !grow(&piece->share_end, events, sizeof *piece->share_end) ||
            !grow(&piece->offset, events, sizeof *piece->offset))
            return 0;
        piece->event_room = events;
    }
    if (entries > piece->entry_room) {
        entries += entries / 16;
        piece->entry_room = 0;
        if (!grow(&piece->index, entries, sizeof *piece->index) || !grow(&piece->value, entries, sizeof *piece->value))
            return 0;
        piece->entry_room = entries;
    }
    if (shares > piece->share_room) {
        shares += shares / 16;
        piece->share_room = 0;
        if (!grow(&piece->label, shares, sizeof *piece->label) || !grow(&piece->share, shares, sizeof *piece->share))
            return 0;
        piece->share_room = shares;
    }
    return 1;
}

int mx_piece_reserve_base(mx_piece *piece, size_t events, size_t classes)
{
    if (piece->base == NULL || events * classes > piece->base_room) {
        piece->base_room = 0;
        if (!grow(&piece->base, events, classes * sizeof *piece->base))
            return 0;
        piece->base_room = events * classes;
    }
    piece->classes = classes;
    return 1;
}

void mx_piece_free(mx_piece *piece)
{
    mx_free(piece->base);
    mx_free(piece->entry_end);
    mx_free(piece->share_end);
    mx_free(piece->offset);
    mx_free(piece->index);
    mx_free(piece->value);
    mx_free(piece->label);
    mx_free(piece->share);
}

/* ---- numbers of features ---- */

static void place(mx_index_map *map, uint32_t key, uint32_t column)
{
    size_t i = (size_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 32) & (map->slots - 1);
    while (map->slot[i].column != 0)
        i = (i + 1) & (map->slots - 1);
    map->slot[i].key = key;
    map->slot[i].column = column + 1;
}

int mx_index_add(mx_index_map *map, uint32_t number, uint32_t *column)
{
    if (map->slot != NULL && (*column = mx_index_find(map, number)) != UINT32_MAX)
        return 1;
    if (2 * (map->used + 1) > map->slots) {
        mx_index_map larger = {map->base, map->features, NULL, map->slots == 0 ? 64 : 2 * map->slots, map->used};
        larger.slot = mx_zalloc(larger.slots, sizeof *larger.slot);
        if (larger.slot == NULL)
            return 0;
        for (size_t i = 0; i < map->slots; i++)
            if (map->slot[i].column != 0)
                place(&larger, map->slot[i].key, map->slot[i].column - 1);
        mx_free(map->slot);
        *map = larger;
    }
    *column = (uint32_t)map->used++;
    place(map, number, *column);
    return 1;
}

void mx_index_map_free(mx_index_map *map)
{
    mx_free(map->slot);
    map->slot = NULL;
    map->slots = map->used = 0;
}

/* ---- labels ---- */

void mx_parser_free(mx_parser *parser)
{
    mx_dictionary_free(&parser->names);
    mx_dictionary_free(&parser->labels);
    mx_free(parser->stamp);
}

#define LOW 0x0101010101010101u /* in every byte */

int mx_name_valid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        uint64_t eight; /* most are plain */
        if (length - i >= sizeof eight) {
            memcpy(&eight, s + i, sizeof eight);
            if ((((eight - LOW * 0x20) | eight | (eight + LOW)) & LOW * 0x80) == 0) { /* each in 0x20 .. 0x7e: a first one outside shows */
                i += sizeof eight;
                continue;
            }
        }
        unsigned c = s[i];
        if (c >= 0x20 && c < 0x7f) {
            i++;
            continue;
        }
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 9;
        if (more == 9 || (c < 0x20 && c != '\t') || c == 0x7f || i + more >= length)
            return 0;
        for (size_t k = 1; k <= more; k++)
            if ((s[i + k] & 0xc0) != 0x80)
                return 0;
        if ((c == 0xe0 && s[i + 1] < 0xa0) || (c == 0xed && s[i + 1] > 0x9f) || (c == 0xf0 && s[i + 1] < 0x90) ||
            (c == 0xf4 && s[i + 1] > 0x8f)) /* overlong, surrogates, beyond U+10FFFF */
            return 0;
        i += more + 1;
    }
    return 1;
}

/* The number of a label: of the dictionary when training, of the model's classes when not. */
static maxent_error label_code(mx_parser *parser, const mx_block *block, const char *text, size_t length, uint32_t *code,
                               mx_fault *fault)
{
    char number[MX_DOUBLE_TEXT];
    const char *name = text;
    size_t size = length;
    if (length == parser->last_length && memcmp(text, parser->last, length) == 0) {
        *code = parser->last_code;
        return MAXENT_OK;
    }
    size_t at = (size_t)(text - block->text);
    if (parser->numbers) { /* +1, 1 and 1.0 are one class */
        double value;
        if (!mx_text_double(text, length, &value) || isinf(value))
            return mx_fault_at(fault, MAXENT_ERROR_FILE, at,
                               "'%.*s' is not a label: a line of svmlight data begins with a number",
                               (int)(length < 80 ? length : 80), text);
        name = mx_double_text(value == 0 ? 0.0 : value, number);
        size = strlen(name);
    } else if (!mx_name_valid(text, length)) {
        return mx_fault_at(fault, MAXENT_ERROR_FILE, at, "a label that is not valid UTF-8 or has control characters");
    }
    if (parser->space != NULL) {
        if (!mx_dictionary_find(&parser->space->class_name, name, size, code))
            *code = MX_NO_CLASS;
    } else if (!mx_dictionary_add(&parser->labels, name, size, code)) {
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
    }
    if (length <= sizeof parser->last) {
        memcpy(parser->last, text, length);
        parser->last_length = length;
        parser->last_code = *code;
    }
    return MAXENT_OK;
}

/* One `label*weight` of a list; 0 when text[length] is not one. */
static int is_share(const char *text, size_t length, size_t *name, double *weight)
{
    size_t star = length;
    while (star > 0 && text[star - 1] != '*')
        star--;
    if (star < 2 || star == length || !mx_text_double(text + star, length - star, weight))
        return 0;
    *name = star - 1;
    return 1;
}

maxent_error mx_parse_label(mx_parser *parser, const mx_block *block, const char **at, mx_piece *piece, mx_fault *fault)
{
    const char *begin = *at, *end = begin;
    int starred = 0;
    for (; !mx_is_end(*end); end++)
        starred |= *end == '*';
    *at = end;
    size_t length = (size_t)(end - begin), name;
    double weight;
    uint32_t code;
    size_t before = piece->shares;
    if (starred) { /* a list only when every item of it is a share */
        for (const char *item = begin; item <= end && starred;) {
            const char *comma = memchr(item, ',', (size_t)(end - item));
            comma = comma != NULL ? comma : end;
            starred = is_share(item, (size_t)(comma - item), &name, &weight);
            item = comma + 1;
        }
    }
    if (!starred) {
        maxent_error error = label_code(parser, block, begin, length, &code, fault);
        if (error != MAXENT_OK)
            return error;
        piece->label[piece->shares] = code;
        piece->share[piece->shares++] = 1.0;
        return MAXENT_OK;
    }
    for (const char *item = begin; item <= end;) {
        const char *comma = memchr(item, ',', (size_t)(end - item));
        comma = comma != NULL ? comma : end;
        (void)is_share(item, (size_t)(comma - item), &name, &weight);
        maxent_error error = label_code(parser, block, item, name, &code, fault);
        if (error != MAXENT_OK)
            return error;
        if (!(weight >= 0) || isinf(weight))
            return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(item - block->text) + name + 1,
                               "the weight of a class is a finite number of at least 0");
        for (size_t s = before; s < piece->shares && code != MX_NO_CLASS; s++)
            if (piece->label[s] == code)
                return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(item - block->text), "the class '%.*s' comes twice in this line",
                                   (int)(name < 80 ? name : 80), item);
        piece->label[piece->shares] = code;
        piece->share[piece->shares++] = weight;
        item = comma + 1;
    }
    piece->weighted = 1;
    if (piece->shares != before + 1)
        piece->soft = 1;
    return MAXENT_OK;
}
