/* Building events: pieces put one after the other, classes given their numbers, arrays cut to size. */
#include "model/events/builder.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Room for `count` elements, which are a share of all: for all of them and a few more, as shares are not exact. 0: no memory. */
static int room(void *pointer, size_t *have, size_t count, size_t size, double share)
{
    void **array = pointer;
    if (count <= *have && *array != NULL)
        return 1;
    size_t larger = count + *have;
    void *moved = NULL;
    if (share > 0 && (double)count / share < 1e15) {
        size_t all = (size_t)((double)count / share * (1 + 1.0 / 64)), least = count + *have / 16;
        all = all > least ? all : least;
        if ((moved = *array != NULL ? mx_resize(*array, all, size) : mx_alloc(all, size)) != NULL)
            larger = all;
    }
    if (moved == NULL && (moved = mx_resize(*array, larger, size)) == NULL)
        return 0;
    *array = moved;
    *have = larger;
    return 1;
}

enum { RANKED = 32 };

/* Up to RANKED numbers: each goes to the place that is how many others are less, without a branch. 0: two are equal. */
static int sort_few(uint32_t *index, double *value, size_t count)
{
    uint32_t key[RANKED], rank[RANKED];
    double held[RANKED];
    size_t sum = 0;
    memset(key, 0xff, sizeof key);
    memcpy(key, index, count * sizeof *key);
    for (int half = 0; half < RANKED && (size_t)half < count; half += RANKED / 2) { /* what fits into registers */
        uint32_t own[RANKED / 2], less[RANKED / 2] = {0};
        memcpy(own, key + half, sizeof own);
        for (size_t k = 0; k < count; k++)
            for (int i = 0; i < RANKED / 2; i++)
                less[i] += key[k] < own[i];
        memcpy(rank + half, less, sizeof less);
    }
    for (size_t i = 0; i < count; i++) {
        index[rank[i]] = key[i];
        sum += rank[i];
    }
    if (value != NULL) {
        memcpy(held, value, count * sizeof *held);
        for (size_t i = 0; i < count; i++)
            value[rank[i]] = held[i];
    }
    return sum == count * (count - (count > 0)) / 2; /* equal ones have equal ranks, and the sum is less */
}

static int ascends(const uint32_t *index, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (index[i - 1] >= index[i])
            return 0;
    return 1;
}

/* Numbers in ascending order, values with them. Some features an event: insertion; many: heapsort, which needs no space. 0: two are
 * equal. */
static int sort_entries(uint32_t *index, double *value, size_t count)
{
    if (count <= RANKED)
        return sort_few(index, value, count);
    if (count <= 64) {
        for (size_t i = 1; i < count; i++) {
            uint32_t key = index[i];
            double held = value != NULL ? value[i] : 0.0;
            size_t k = i;
            for (; k > 0 && index[k - 1] > key; k--) {
                index[k] = index[k - 1];
                if (value != NULL)
                    value[k] = value[k - 1];
            }
            index[k] = key;
            if (value != NULL)
                value[k] = held;
        }
        return ascends(index, count);
    }
    for (size_t start = count / 2, end = count; end > 1;) {
        uint32_t key;
        double held = 0.0;
        if (start > 0) {
            key = index[--start];
            held = value != NULL ? value[start] : 0.0;
        } else {
            key = index[--end];
            held = value != NULL ? value[end] : 0.0;
            index[end] = index[0];
            if (value != NULL)
                value[end] = value[0];
        }
        size_t hole = start;
        for (size_t child; (child = 2 * hole + 1) < end; hole = child) {
            if (child + 1 < end && index[child + 1] > index[child])
                child++;
            if (index[child] <= key)
                break;
            index[hole] = index[child];
            if (value != NULL)
                value[hole] = value[child];
        }
        index[hole] = key;
        if (value != NULL)
            value[hole] = held;
    }
    return ascends(index, count);
}

/* ---- values: one byte each as long as that can tell them apart ---- */

/* The level of a value, a new one if need be; 256: there are as many already, or it is not a finite number. */
static inline size_t level_of(mx_builder *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (size_t h = (size_t)((bits * 0x9E3779B97F4A7C15u) >> 54);; h = (h + 1) % sizeof b->slot) {
        size_t at = b->slot[h] - (size_t)1;
        if (b->slot[h] == 0) {
            if (b->levels == 255 || !isfinite(value)) /* 255: so that 1 + level fits a byte */
                return 256;
            b->level[b->levels] = value;
            b->slot[h] = (unsigned char)++b->levels;
            return b->levels - 1;
        }
        if (memcmp(&b->level[at], &value, sizeof value) == 0)
            return at;
    }
}

/* Codes become values. 0: no memory. */
static int decode(mx_builder *b, size_t entries)
{
    if (!room(&b->value, &b->value_room, entries, sizeof *b->value, b->progress))
        return 0;
    for (size_t i = 0; i < b->entries; i++)
        b->value[i] = b->level[b->code[i]];
    mx_free(b->code);
    b->code = NULL;
    return 1;
}

/* The values of the piece behind those there are; there will be `entries`. 0: no memory. */
static int append_values(mx_builder *b, const mx_piece *piece, size_t entries)
{
    if (b->value == NULL && b->code == NULL) {
        if (!piece->valued)
            return 1;
        b->levels = 0;
        memset(b->slot, 0, sizeof b->slot);
        if (!room(&b->code, &b->code_room, entries, 1, b->progress))
            return 0;
        (void)level_of(b, 1.0); /* level 0 */
        if (b->entries > 0)
            memset(b->code, 0, b->entries);
    }
    if (b->code != NULL) {
        size_t i = 0;
        if (!room(&b->code, &b->code_room, entries, 1, b->progress))
            return 0;
        if (!piece->valued && piece->entries > 0)
            memset(b->code + b->entries, 0, piece->entries);
        for (; piece->valued && i < piece->entries; i++) {
            size_t level = level_of(b, piece->value[i]);
            if (level == 256)
                break;
            b->code[b->entries + i] = (unsigned char)level;
        }
        if (!piece->valued || i == piece->entries)
            return 1;
        if (!decode(b, entries))
            return 0;
    }
    if (!room(&b->value, &b->value_room, entries, sizeof *b->value, b->progress))
        return 0;
    for (size_t i = 0; !piece->valued && i < piece->entries; i++)
        b->value[b->entries + i] = 1.0;
    if (piece->valued && piece->entries > 0)
        memcpy(b->value + b->entries, piece->value, piece->entries * sizeof *b->value);
    return 1;
}

/* Closes the gaps of values 0; how many entries there are then. */
static size_t drop_zeros(mx_builder *b, mx_piece *piece)
{
    size_t kept = 0, i = 0;
    uint32_t *index = b->index + b->entries;
    for (size_t e = 0; e < piece->events; e++) {
        for (; i < piece->entry_end[e]; i++)
            if (piece->value[i] != 0.0) {
                index[kept] = index[i];
                piece->value[kept++] = piece->value[i];
            }
        b->row[b->events + e + 1] = b->entries + kept;
    }
    piece->entries = kept;
    return b->entries + kept;
}

int mx_builder_append(mx_builder *b, mx_piece *piece, const uint32_t *feature, const uint32_t *label, int sort)
{
    size_t entries = b->entries + piece->entries, shares = b->shares + piece->shares, events = b->events + piece->events;
    if (!room(&b->row, &b->row_room, events + 1, sizeof *b->row, b->progress) ||
        !room(&b->index, &b->entry_room, entries, sizeof *b->index, b->progress) ||
        !room(&b->label, &b->share_room, shares, sizeof *b->label, b->progress))
        return 0;
    b->row[0] = 0;
    b->twice = 0;
    if (b->share != NULL || piece->weighted) {
        int new = b->share == NULL;
        if (!room(&b->share, &b->weight_room, shares, sizeof *b->share, b->progress))
            return 0;
        for (size_t i = 0; new && i < b->shares; i++)
            b->share[i] = 1.0;
        if (piece->shares > 0)
            memcpy(b->share + b->shares, piece->share, piece->shares * sizeof *b->share);
    }
    if (b->share_row != NULL || piece->soft) {
        int new = b->share_row == NULL;
        if (!room(&b->share_row, &b->share_row_room, events + 1, sizeof *b->share_row, b->progress))
            return 0;
        for (size_t e = 0; new && e <= b->events; e++)
            b->share_row[e] = e;
        for (size_t e = 0; e < piece->events; e++)
            b->share_row[b->events + 1 + e] = b->shares + piece->share_end[e];
    }
    for (size_t i = 0; i < piece->entries; i++)
        b->index[b->entries + i] = (feature != NULL ? feature[piece->index[i]] : piece->index[i]) - b->shift;
    for (size_t s = 0; s < piece->shares; s++) {
        uint32_t code = piece->label[s];
        b->label[b->shares + s] = label != NULL && code != MX_NO_CLASS ? label[code] : code;
    }
    for (size_t e = 0; e < piece->events; e++) {
        size_t begin = b->row[b->events + e], end = b->entries + piece->entry_end[e];
        b->row[b->events + e + 1] = end;
        if (sort && !sort_entries(b->index + begin, piece->valued ? piece->value + (begin - b->entries) : NULL, end - begin) &&
            b->twice == 0)
            b->twice = e + 1;
    }
    if (piece->zeros)
        entries = drop_zeros(b, piece);
    if (!append_values(b, piece, entries))
        return 0;
    if (piece->base != NULL) { /* every piece has them, or none */
        if (!room(&b->base, &b->base_room, events * piece->classes, sizeof *b->base, b->progress))
            return 0;
        memcpy(b->base + b->events * piece->classes, piece->base, piece->events * piece->classes * sizeof *b->base);
        b->classes = piece->classes;
    }
    b->entries = entries;
    b->shares = shares;
    b->events = events;
    return 1;
}

/* Cuts an array to size; on failure it stays. */
static void *cut(void *array, size_t count, size_t size)
{
    void *smaller = array != NULL ? mx_resize(array, count, size) : NULL;
    return smaller != NULL ? smaller : array;
}

/* Shares of an event: ascending classes, each once (MX_NO_CLASS may have come several times), weights > 0. */
static size_t tidy(uint32_t *label, double *share, size_t count)
{
    size_t kept = 0;
    for (size_t s = 0; s < count; s++)
        if (share[s] > 0) {
            uint32_t key = label[s];
            double weight = share[s];
            size_t k = kept++;
            for (; k > 0 && label[k - 1] > key; k--) {
                label[k] = label[k - 1];
                share[k] = share[k - 1];
            }
            label[k] = key;
            share[k] = weight;
            if (kept > 1 && label[kept - 2] == MX_NO_CLASS) { /* it sorts last, so both are at the end */
                share[kept - 2] += share[kept - 1];
                kept--;
            }
        }
    return kept;
}

maxent_error mx_builder_finish(mx_builder *b, mx_space *space, const uint32_t *class_map, maxent_events **out,
                               maxent_diagnostic *diagnostic)
{
    maxent_events *events = mx_events_new(space);
    if (events == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (size_t s = 0; class_map != NULL && s < b->shares; s++)
        if (b->label[s] != MX_NO_CLASS)
            b->label[s] = class_map[b->label[s]];
    if (b->share_row != NULL && b->share == NULL) {
        b->share = mx_alloc(b->shares, sizeof *b->share);
        if (b->share == NULL) {
            maxent_events_free(events);
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        }
        for (size_t s = 0; s < b->shares; s++)
            b->share[s] = 1.0;
    }
    events->events = b->events;
    events->row = cut(b->row, b->events + 1, sizeof *b->row);
    events->index = cut(b->index, b->entries, sizeof *b->index);
    events->value = cut(b->value, b->entries, sizeof *b->value);
    events->code = cut(b->code, b->entries, sizeof *b->code);
    memcpy(events->level, b->level, b->levels * sizeof *b->level);
    events->offset = cut(b->base, b->events * b->classes, sizeof *b->base);
    if (b->share_row == NULL) {
        events->label = cut(b->label, b->shares, sizeof *b->label);
        events->weight = cut(b->share, b->shares, sizeof *b->share);
    } else {
        size_t kept = 0;
        for (size_t e = 0; e < b->events; e++) {
            size_t begin = b->share_row[e], count = b->share_row[e + 1] - begin;
            memmove(b->label + kept, b->label + begin, count * sizeof *b->label);
            memmove(b->share + kept, b->share + begin, count * sizeof *b->share);
            b->share_row[e] = kept;
            kept += tidy(b->label + kept, b->share + kept, count);
        }
        b->share_row[b->events] = kept;
        events->target_row = cut(b->share_row, b->events + 1, sizeof *b->share_row);
        events->target = cut(b->label, kept, sizeof *b->label);
        events->target_weight = cut(b->share, kept, sizeof *b->share);
    }
    memset(b, 0, sizeof *b);
    maxent_error error = mx_events_finish(events, diagnostic);
    if (error != MAXENT_OK) {
        maxent_events_free(events);
        return error;
    }
    *out = events;
    return MAXENT_OK;
}

void mx_builder_free(mx_builder *b)
{
    mx_free(b->row);
    mx_free(b->index);
    mx_free(b->code);
    mx_free(b->value);
    mx_free(b->label);
    mx_free(b->share);
    mx_free(b->share_row);
    mx_free(b->base);
}
