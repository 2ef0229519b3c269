/* Dictionaries: an open-addressing hash table [1, 6.4] from text to level.
 *
 * The hash takes 8 bytes at a time (little-endian whatever the machine), multiplies by an odd constant and folds the two
 * halves of the 128-bit product, the step of wyhash [2]; the file's own texts choose the slots, so it need not resist attack
 * beyond that a table never degrades to worse than a scan.
 *
 * [1] D. E. Knuth, The Art of Computer Programming 3 (1998). [2] Wang Yi, wyhash (2019), public domain.
 */
#include "data/dictionary.h"

#include "base/memory.h"

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

uint64_t mx_hash_bytes(const char *text, size_t length)
{
    uint64_t hash = 0x9e3779b97f4a7c15u ^ length, last = 0;
    for (; length > 8; length -= 8, text += 8)
        hash = fold(hash ^ load8(text), 0xa0761d6478bd642fu);
    if (length >= 4)
        last = load4(text) | load4(text + length - 4) << 32; /* the two may overlap */
    else
        for (size_t i = 0; i < length; i++)
            last |= (uint64_t)(unsigned char)text[i] << (8 * i);
    return fold(hash ^ last, 0xe7037ed1a0b428dbu);
}

static size_t start_of(const mx_dictionary *dictionary, size_t level)
{
    return level == 0 ? 0 : dictionary->end[level - 1];
}

const char *mx_dictionary_text(const mx_dictionary *dictionary, size_t level, size_t *length)
{
    size_t start = start_of(dictionary, level);
    *length = dictionary->end[level] - start;
    return dictionary->text + start;
}

static int grow_slots(mx_dictionary *dictionary)
{
    size_t slots = dictionary->slots == 0 ? 16 : 2 * dictionary->slots;
    struct mx_dictionary_slot *slot = mx_zalloc(slots, sizeof *slot);
    if (slot == NULL)
        return 0;
    for (size_t level = 0; level < dictionary->levels; level++) {
        size_t length;
        const char *text = mx_dictionary_text(dictionary, level, &length);
        uint64_t hash = mx_hash_bytes(text, length);
        size_t i = (size_t)hash & (slots - 1);
        while (slot[i].code != 0)
            i = (i + 1) & (slots - 1);
        slot[i].hash = (uint32_t)(hash >> 32);
        slot[i].code = (uint32_t)level + 1;
    }
    mx_free(dictionary->slot);
    dictionary->slot = slot;
    dictionary->slots = slots;
    return 1;
}

int mx_dictionary_find(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    if (dictionary->levels == 0)
        return 0;
    uint64_t hash = mx_hash_bytes(text, length);
    uint32_t upper = (uint32_t)(hash >> 32);
    for (size_t i = (size_t)hash & (dictionary->slots - 1); dictionary->slot[i].code != 0; i = (i + 1) & (dictionary->slots - 1)) {
        if (dictionary->slot[i].hash != upper)
            continue;
        size_t level = dictionary->slot[i].code - 1, start = start_of(dictionary, level);
        if (dictionary->end[level] - start == length && (length == 0 || memcmp(dictionary->text + start, text, length) == 0)) {
            *code = (uint32_t)level;
            return 1;
        }
    }
    return 0;
}

int mx_dictionary_add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code)
{
    if (2 * (dictionary->levels + 1) > dictionary->slots && !grow_slots(dictionary))
        return 0;
    uint64_t hash = mx_hash_bytes(text, length);
    uint32_t upper = (uint32_t)(hash >> 32);
    size_t i = (size_t)hash & (dictionary->slots - 1);
    for (; dictionary->slot[i].code != 0; i = (i + 1) & (dictionary->slots - 1)) {
        if (dictionary->slot[i].hash != upper)
            continue;
        size_t level = dictionary->slot[i].code - 1, start = start_of(dictionary, level);
        if (dictionary->end[level] - start == length && (length == 0 || memcmp(dictionary->text + start, text, length) == 0)) {
            *code = (uint32_t)level;
            return 1;
        }
    }
    if (dictionary->levels >= UINT32_MAX - 1)
        return 0;
    size_t used = start_of(dictionary, dictionary->levels);
    if (used + length > dictionary->text_capacity || dictionary->text == NULL) {
        size_t capacity = 2 * dictionary->text_capacity + length + 64;
        char *larger = mx_resize(dictionary->text, capacity, 1);
        if (larger == NULL)
            return 0;
        dictionary->text = larger;
        dictionary->text_capacity = capacity;
    }
    if (dictionary->levels == dictionary->end_capacity) {
        size_t capacity = 2 * dictionary->end_capacity + 8;
        size_t *larger = mx_resize(dictionary->end, capacity, sizeof *larger);
        if (larger == NULL)
            return 0;
        dictionary->end = larger;
        dictionary->end_capacity = capacity;
    }
    if (length > 0)
        memcpy(dictionary->text + used, text, length);
    dictionary->end[dictionary->levels] = used + length;
    dictionary->slot[i].hash = upper;
    dictionary->slot[i].code = (uint32_t)++dictionary->levels;
    *code = (uint32_t)(dictionary->levels - 1);
    return 1;
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
    mx_free(dictionary->text);
    mx_free(dictionary->end);
    mx_free(dictionary->slot);
    memset(dictionary, 0, sizeof *dictionary);
}
