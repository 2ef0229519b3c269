/* Dictionaries: an open-addressing hash table [1, 6.4] from text to level.
 *
 * The hash takes 16 bytes at a time (little-endian whatever the machine), multiplies one half by the other and folds the two
 * halves of the 128-bit product, the step of wyhash [2]; the file's own texts choose the slots, so it need not resist attack
 * beyond that a table never degrades to worse than a scan.
 *
 * A bucket is a cache line of eight slots, filled from the first on, that are compared at once; what finds it full goes on to the next
 * one. A slot keeps 32 bits of the hash, the upper ones of which are its place; so the table grows by one pass over its slots in their
 * order, without a look at the texts. A search waits for memory twice: for the bucket and for the record. Many searches at once wait for
 * all their buckets together, then for all records.
 *
 * [1] D. E. Knuth, The Art of Computer Programming 3 (1998). [2] Wang Yi, wyhash (2019), public domain.
 */
#include "data/dictionary.h"

#include "base/memory.h"
#include "data/mask.h"

#include <string.h>

enum { SLOTS = 8 };

struct mx_dictionary_bucket {
    uint32_t hash[SLOTS]; /* says where it stands, and is compared before the bytes */
    uint32_t at[SLOTS];   /* word at which the record begins, + 1; 0: empty, and so are those after it */
};

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

#if !(MX_MASK_SSE2 && defined(__x86_64__))
/* The first `length` of 8 bytes; none for 0 and less, all for 8 and more. */
static inline uint64_t first_bytes(uint64_t bytes, ptrdiff_t length)
{
    uint64_t shift = length <= 0 ? 64 : length >= 8 ? 0 : (uint64_t)(64 - 8 * length);
    return shift == 64 ? 0 : bytes & (UINT64_MAX >> shift);
}
#endif

/* The same where 16 bytes behind the text may be read: no branch by its length unless that is over 16. */
static inline uint32_t hash_of_padded(const char *text, size_t length)
{
    size_t rest = rest_of(length), left = length - rest;
    const char *last = text + rest;
    uint64_t a, b;
#if MX_MASK_SSE2 && defined(__x86_64__)
    static const unsigned char keep[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    __m128i both = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)last),
                                 _mm_loadu_si128((const __m128i *)(const void *)(keep + 16 - left)));
    a = (uint64_t)_mm_cvtsi128_si64(both);
    b = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(both, both));
#else
    a = first_bytes(load8(last), (ptrdiff_t)left);
    b = first_bytes(load8(last + 8), (ptrdiff_t)left - 8);
#endif
    return (uint32_t)(hash_end(text, rest, length, a, b) >> 32);
}

/* 1 when the `length` bytes are the same; 16 bytes behind both may be read. */
static inline int same(const char *a, const char *b, size_t length)
{
    if (length > 16)
        return memcmp(a, b, length) == 0;
#if MX_MASK_SSE2 && defined(__x86_64__)
    __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a), _mm_loadu_si128((const __m128i *)(const void *)b));
    return ((~(unsigned)_mm_movemask_epi8(equal)) & ((1u << length) - 1)) == 0;
#else
    return (first_bytes(load8(a) ^ load8(b), (ptrdiff_t)length) | first_bytes(load8(a + 8) ^ load8(b + 8), (ptrdiff_t)length - 8)) == 0;
#endif
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
    return (size_t)((uint64_t)hash * dictionary->buckets >> 32);
}

/* Number of the first empty slot; SLOTS: there is none. */
static inline unsigned filled(const struct mx_dictionary_bucket *bucket)
{
    return mx_mask_lowest(mx_mask_words(bucket->at, 0) | 1u << SLOTS);
}

/* Into the first empty slot from bucket i on. */
static void put(struct mx_dictionary_bucket *bucket, size_t buckets, size_t i, uint32_t hash, uint32_t at)
{
    unsigned k;
    while ((k = filled(&bucket[i])) == SLOTS)
        i = (i + 1) & (buckets - 1);
    bucket[i].hash[k] = hash;
    bucket[i].at[k] = at;
}

static int grow_buckets(mx_dictionary *dictionary)
{
    size_t buckets = dictionary->buckets == 0 ? 2 : 2 * dictionary->buckets, before = dictionary->buckets;
    struct mx_dictionary_bucket *bucket = mx_alloc_aligned(buckets, sizeof *bucket), *old = dictionary->bucket;
    if (bucket == NULL)
        return 0;
    memset(bucket, 0, buckets * sizeof *bucket);
    dictionary->bucket = bucket;
    dictionary->buckets = buckets;
    for (size_t b = 0; b < before; b++)
        for (unsigned k = 0; k < SLOTS && old[b].at[k] != 0; k++)
            put(bucket, buckets, place_of(dictionary, old[b].hash[k]), old[b].hash[k], old[b].at[k]);
    mx_free(old);
    return 1;
}

/* The level of a text, or UINT32_MAX. */
static inline uint32_t search(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t hash)
{
    for (size_t i = place_of(dictionary, hash);; i = (i + 1) & (dictionary->buckets - 1)) {
        const struct mx_dictionary_bucket *bucket = &dictionary->bucket[i];
        for (unsigned found = mx_mask_words(bucket->hash, hash); found != 0; found &= found - 1) {
            uint32_t at = bucket->at[mx_mask_lowest(found)];
            if (at != 0 && is_text(dictionary, at - 1, text, length))
                return level_at(dictionary, at - 1);
        }
        if (bucket->at[SLOTS - 1] == 0)
            return UINT32_MAX;
    }
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
    if (4 * (dictionary->levels + 1) > 3 * SLOTS * dictionary->buckets && (uint64_t)dictionary->buckets >> 32 == 0 &&
        !grow_buckets(dictionary))
        return 0;
    size_t words = 1 + (length + 7) / 8, at = dictionary->used;
    uint32_t level = search(dictionary, text, length, hash);
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
    put(dictionary->bucket, dictionary->buckets, place_of(dictionary, hash), hash, (uint32_t)at + 1);
    *code = (uint32_t)dictionary->levels++;
    return 1;
}

int mx_dictionary_find(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    if (dictionary->levels == 0)
        return 0;
    uint32_t level = search(dictionary, text, length, hash_of(text, length));
    if (level == UINT32_MAX)
        return 0;
    *code = level;
    return 1;
}

int mx_dictionary_add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    return add(dictionary, text, length, hash_of(text, length), code);
}

/* Room for `count` elements in place of `have`, if that is more and there is memory; the first `used` stay. */
static void expect(void *pointer, size_t *have, size_t used, double count, size_t size)
{
    void **array = pointer, *larger;
    if (!(count > (double)*have && count < 1e9) || (larger = mx_alloc((size_t)count, size)) == NULL)
        return;
    if (used > 0)
        memcpy(larger, *array, used * size);
    mx_free(*array);
    *array = larger;
    *have = (size_t)count;
}

void mx_dictionary_expect(mx_dictionary *dictionary, double share)
{
    if (!(share > 0 && share < 1) || dictionary->levels == 0)
        return;
    expect(&dictionary->record, &dictionary->capacity, dictionary->used + 2, (double)dictionary->used / share, sizeof *dictionary->record);
    expect(&dictionary->at, &dictionary->at_capacity, dictionary->levels, (double)dictionary->levels / share, sizeof *dictionary->at);
}

/* A guess at the answers, in `code`: the record whose slot in the first bucket has the same hash, + 1, or 0. It is on its way to the
 * cache. */
static void guess(const mx_dictionary *dictionary, mx_dictionary_query *query, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        query[k].hash = hash_of_padded(query[k].text, query[k].length);
        MX_PREFETCH(&dictionary->bucket[place_of(dictionary, query[k].hash)]);
    }
    for (size_t k = 0; k < count; k++) {
        const struct mx_dictionary_bucket *bucket = &dictionary->bucket[place_of(dictionary, query[k].hash)];
        unsigned found = mx_mask_words(bucket->hash, query[k].hash);
        uint32_t at = bucket->at[mx_mask_lowest(found | 1u << (SLOTS - 1))];
        query[k].code = found != 0 ? at : 0;
        MX_PREFETCH(dictionary->record + query[k].code); /* of no use for 0, and no harm */
    }
}

size_t mx_dictionary_add_many(mx_dictionary *dictionary, mx_dictionary_query *query, size_t count)
{
    if (dictionary->buckets == 0 && !grow_buckets(dictionary))
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
    if (dictionary->levels == 0) {
        for (size_t k = 0; k < count; k++)
            query[k].code = UINT32_MAX;
        return;
    }
    guess(dictionary, query, count);
    for (size_t k = 0; k < count; k++) {
        mx_dictionary_query *q = &query[k];
        if (q->code != 0 && is_padded_text(dictionary, q->code - 1, q->text, q->length))
            q->code = level_at(dictionary, q->code - 1);
        else
            q->code = search(dictionary, q->text, q->length, q->hash);
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
    mx_free(dictionary->bucket);
    memset(dictionary, 0, sizeof *dictionary);
}
