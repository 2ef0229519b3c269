/* Dictionaries: an open-addressing hash table [1, 6.4] from text to level.
 *
 * The hash takes 16 bytes at a time (little-endian whatever the machine), multiplies one half by the other and folds the two
 * halves of the 128-bit product, the step of wyhash [2]; the file's own texts choose the slots, so it need not resist attack
 * beyond that a table never degrades to worse than a scan.
 *
 * A slot keeps 32 bits of the hash, the upper ones of which are its place; so the table grows by one pass over its slots in their
 * order, without a look at the texts. A search waits for memory twice: for the slot and for the record. Many searches at once wait for
 * all their slots together, then for all records.
 *
 * [1] D. E. Knuth, The Art of Computer Programming 3 (1998). [2] Wang Yi, wyhash (2019), public domain.
 */
#include "data/dictionary.h"

#include "base/memory.h"
#include "data/mask.h"

#include <string.h>

static uint64_t fold(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t mid = ah * bl + (al * bl >> 32), mid2 = al * bh + (uint32_t)mid;
    return a * b ^ (ah * bh + (mid >> 32) + (mid2 >> 32));
#endif
}

/* Little-endian whatever the machine; compilers make one load of each. */
static uint64_t load4(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24;
}

static uint64_t load8(const char *text)
{
    return load4(text) | load4(text + 4) << 32;
}

/* The hash of a text whose last bytes, at most 16, are a and b, with zeros behind them; `rest` of the bytes come before those. */
static inline uint64_t hash_end(const char *text, size_t rest, size_t length, uint64_t a, uint64_t b)
{
    uint64_t hash = 0x9e3779b97f4a7c15u ^ length;
    for (; rest > 0; rest -= 16, text += 16)
        hash = fold(load8(text) ^ 0xa0761d6478bd642fu, load8(text + 8) ^ hash);
    return fold(fold(a ^ 0xe7037ed1a0b428dbu, b ^ hash) ^ hash, 0x8ebc6af09c88c6e3u);
}

/* Bytes before the last 1 .. 16 (0: there are none). */
static inline size_t rest_of(size_t length)
{
    return length > 16 ? (length - 1) / 16 * 16 : 0;
}

uint64_t mx_hash_bytes(const char *text, size_t length)
{
    size_t rest = rest_of(length);
    char last[16] = {0};
    if (length > 0)
        memcpy(last, text + rest, length - rest);
    return hash_end(text, rest, length, load8(last), load8(last + 8));
}

static uint32_t hash_of(const char *text, size_t length)
{
    return (uint32_t)(mx_hash_bytes(text, length) >> 32);
}

/* The first `length` of 8 bytes; none for 0 and less, all for 8 and more. */
static inline uint64_t first_bytes(uint64_t bytes, ptrdiff_t length)
{
    uint64_t shift = length <= 0 ? 64 : length >= 8 ? 0 : (uint64_t)(64 - 8 * length);
    return shift == 64 ? 0 : bytes & (UINT64_MAX >> shift);
}

/* The same where 16 bytes behind the text may be read: no branch by its length unless that is over 16. */
static inline uint32_t hash_of_padded(const char *text, size_t length)
{
    size_t rest = rest_of(length);
    const char *last = text + rest;
    ptrdiff_t left = (ptrdiff_t)(length - rest);
    return (uint32_t)(hash_end(text, rest, length, first_bytes(load8(last), left), first_bytes(load8(last + 8), left - 8)) >> 32);
}

/* 1 when the `length` bytes are the same; 16 bytes behind both may be read. */
static inline int same(const char *a, const char *b, size_t length)
{
    if (length > 16)
        return memcmp(a, b, length) == 0;
    return (first_bytes(load8(a) ^ load8(b), (ptrdiff_t)length) | first_bytes(load8(a + 8) ^ load8(b + 8), (ptrdiff_t)length - 8)) == 0;
}

static inline const char *text_at(const mx_dictionary *dictionary, size_t at)
{
    return (const char *)(dictionary->record + at + 1);
}

static inline uint32_t level_at(const mx_dictionary *dictionary, size_t at)
{
    return (uint32_t)dictionary->record[at];
}

const char *mx_dictionary_text(const mx_dictionary *dictionary, size_t level, size_t *length)
{
    size_t at = dictionary->at[level];
    *length = (size_t)(dictionary->record[at] >> 32);
    return text_at(dictionary, at);
}

/* 1 when the record is that of the text. */
static inline int is_text(const mx_dictionary *dictionary, size_t at, const char *text, size_t length)
{
    return dictionary->record[at] >> 32 == length && (length == 0 || memcmp(text_at(dictionary, at), text, length) == 0);
}

/* The same; 16 bytes behind the text may be read. */
static inline int is_padded_text(const mx_dictionary *dictionary, size_t at, const char *text, size_t length)
{
    return dictionary->record[at] >> 32 == length && same(text_at(dictionary, at), text, length);
}

/* Where the search for a hash begins: its share of the table. */
static inline size_t place_of(const mx_dictionary *dictionary, uint32_t hash)
{
    return (size_t)((uint64_t)hash * dictionary->slots >> 32);
}

static int grow_slots(mx_dictionary *dictionary)
{
    size_t slots = dictionary->slots == 0 ? 16 : 2 * dictionary->slots, before = dictionary->slots;
    struct mx_dictionary_slot *slot = mx_zalloc(slots, sizeof *slot), *old = dictionary->slot;
    if (slot == NULL)
        return 0;
    dictionary->slot = slot;
    dictionary->slots = slots;
    for (size_t k = 0; k < before; k++) {
        if (old[k].at == 0)
            continue;
        size_t i = place_of(dictionary, old[k].hash);
        while (slot[i].at != 0)
            i = (i + 1) & (slots - 1);
        slot[i] = old[k];
    }
    mx_free(old);
    return 1;
}

/* The level of a text, or UINT32_MAX; *free_slot: where the search ended then. */
static inline uint32_t search(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t hash, size_t *free_slot)
{
    size_t i = place_of(dictionary, hash);
    for (; dictionary->slot[i].at != 0; i = (i + 1) & (dictionary->slots - 1))
        if (dictionary->slot[i].hash == hash && is_text(dictionary, dictionary->slot[i].at - 1, text, length))
            return level_at(dictionary, dictionary->slot[i].at - 1);
    *free_slot = i;
    return UINT32_MAX;
}

/* Room for one more record of `words`. 0: no memory, or too much of it. */
static int make_room(mx_dictionary *dictionary, size_t words)
{
    if (dictionary->used + words > UINT32_MAX - 1 || dictionary->levels >= UINT32_MAX - 1)
        return 0;
    if (dictionary->used + words + 2 > dictionary->capacity) {
        size_t capacity = 2 * dictionary->capacity + words + 16;
        uint64_t *larger = mx_resize(dictionary->record, capacity, sizeof *larger);
        if (larger == NULL)
            return 0;
        dictionary->record = larger;
        dictionary->capacity = capacity;
    }
    if (dictionary->levels == dictionary->at_capacity) {
        size_t capacity = 2 * dictionary->at_capacity + 16;
        uint32_t *larger = mx_resize(dictionary->at, capacity, sizeof *larger);
        if (larger == NULL)
            return 0;
        dictionary->at = larger;
        dictionary->at_capacity = capacity;
    }
    return 1;
}

static int add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t hash, uint32_t *code)
{
    if (4 * (dictionary->levels + 1) > 3 * dictionary->slots && (uint64_t)dictionary->slots >> 32 == 0 && !grow_slots(dictionary))
        return 0;
    size_t i = 0, words = 1 + (length + 7) / 8, at = dictionary->used;
    uint32_t level = search(dictionary, text, length, hash, &i);
    if (level != UINT32_MAX) {
        *code = level;
        return 1;
    }
    if (length > UINT32_MAX || !make_room(dictionary, words))
        return 0;
    dictionary->record[at] = (uint64_t)length << 32 | dictionary->levels;
    if (length > 0) {
        dictionary->record[at + words - 1] = 0; /* the end of the last word */
        memcpy(dictionary->record + at + 1, text, length);
    }
    dictionary->used += words;
    dictionary->record[dictionary->used] = dictionary->record[dictionary->used + 1] = 0;
    dictionary->at[dictionary->levels] = (uint32_t)at;
    dictionary->slot[i].hash = hash;
    dictionary->slot[i].at = (uint32_t)at + 1;
    *code = (uint32_t)dictionary->levels++;
    return 1;
}

int mx_dictionary_find(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    size_t i;
    if (dictionary->levels == 0)
        return 0;
    uint32_t level = search(dictionary, text, length, hash_of(text, length), &i);
    if (level == UINT32_MAX)
        return 0;
    *code = level;
    return 1;
}

int mx_dictionary_add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    return add(dictionary, text, length, hash_of(text, length), code);
}

/* A guess at the answers, in `code`: the record whose slot has the same hash, + 1, or 0. It is on its way to the cache. */
static void guess(const mx_dictionary *dictionary, mx_dictionary_query *query, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        query[k].hash = hash_of_padded(query[k].text, query[k].length);
        MX_PREFETCH(&dictionary->slot[place_of(dictionary, query[k].hash)]);
    }
    for (size_t k = 0; k < count; k++) {
        size_t i = place_of(dictionary, query[k].hash);
        while (dictionary->slot[i].at != 0 && dictionary->slot[i].hash != query[k].hash)
            i = (i + 1) & (dictionary->slots - 1);
        query[k].code = dictionary->slot[i].at;
        MX_PREFETCH(dictionary->record + query[k].code); /* of no use for 0, and no harm */
    }
}

size_t mx_dictionary_add_many(mx_dictionary *dictionary, mx_dictionary_query *query, size_t count)
{
    if (dictionary->slots == 0 && !grow_slots(dictionary))
        return 0;
    guess(dictionary, query, count);
    for (size_t k = 0; k < count; k++) {
        mx_dictionary_query *q = &query[k];
        if (q->code != 0 && is_padded_text(dictionary, q->code - 1, q->text, q->length))
            q->code = level_at(dictionary, q->code - 1);
        else if (!add(dictionary, q->text, q->length, q->hash, &q->code))
            return k;
    }
    return count;
}

void mx_dictionary_find_many(const mx_dictionary *dictionary, mx_dictionary_query *query, size_t count)
{
    size_t i;
    if (dictionary->levels == 0) {
        for (size_t k = 0; k < count; k++)
            query[k].code = UINT32_MAX;
        return;
    }
    guess(dictionary, query, count);
    for (size_t k = 0; k < count; k++) {
        mx_dictionary_query *q = &query[k];
        if (q->code == 0)
            q->code = UINT32_MAX;
        else if (is_padded_text(dictionary, q->code - 1, q->text, q->length))
            q->code = level_at(dictionary, q->code - 1);
        else
            q->code = search(dictionary, q->text, q->length, q->hash, &i);
    }
}

char **mx_dictionary_labels(const mx_dictionary *dictionary)
{
    char **label = mx_alloc(dictionary->levels, sizeof *label);
    if (label == NULL)
        return NULL;
    for (size_t i = 0; i < dictionary->levels; i++) {
        size_t length;
        const char *text = mx_dictionary_text(dictionary, i, &length);
        label[i] = mx_strndup(text, length);
        if (label[i] == NULL) {
            while (i-- > 0)
                mx_free(label[i]);
            mx_free(label);
            return NULL;
        }
    }
    return label;
}

void mx_dictionary_free(mx_dictionary *dictionary)
{
    mx_free(dictionary->record);
    mx_free(dictionary->at);
    mx_free(dictionary->slot);
    memset(dictionary, 0, sizeof *dictionary);
}
