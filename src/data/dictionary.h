/* Dictionaries: distinct texts numbered 0, 1, 2, ... in the order in which they first appear. */
#ifndef MX_DICTIONARY_H
#define MX_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

typedef struct mx_dictionary {
    size_t levels;       /* distinct texts */
    uint64_t *record;    /* one a text: its level and its length, 32 bits each, then its bytes in as many words as they need */
    size_t used, capacity; /* words of it; two more than `used` may be read */
    uint32_t *at;        /* [levels] word at which its record begins */
    size_t at_capacity;
    struct mx_dictionary_bucket *bucket; /* [buckets] the hash table */
    size_t buckets;      /* power of two, or 0 before the first text */
} mx_dictionary;

/* Start from {0}. *code: the level of text[length], added when it is new. Returns 0 when there is no memory, or when
 * the texts come to 32 GiB; the dictionary is unchanged then. */
int mx_dictionary_add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code);

/* `share` (0 .. 1) of the texts that will be added are: makes room for as many more as that tells, which costs memory only once they come.
 * A guess that is wrong, or too large, does no harm. */
void mx_dictionary_expect(mx_dictionary *dictionary, double share);

/* As mx_dictionary_add without adding: 0 when the text is not there. */
int mx_dictionary_find(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code);

/* Many texts at once, several times as fast as one after the other when the dictionary is larger than the cache: memory is asked for
 * before it is needed. The same codes come out. 16 bytes behind each text may be read, and have to be there. */
typedef struct mx_dictionary_query {
    const char *text;
    size_t length;
    uint32_t hash;       /* work space */
    uint32_t code;       /* the answer; UINT32_MAX: not there */
} mx_dictionary_query;

/* Returns how many were answered: less than `count` when there is no memory, or room, for the next one. */
size_t mx_dictionary_add_many(mx_dictionary *dictionary, mx_dictionary_query *query, size_t count);
void mx_dictionary_find_many(const mx_dictionary *dictionary, mx_dictionary_query *query, size_t count);

/* The text of a level: *length bytes, not NUL-terminated. */
const char *mx_dictionary_text(const mx_dictionary *dictionary, size_t level, size_t *length);

/* Copies: [levels] strings, each to be freed with mx_free, as the array. NULL: no memory. */
char **mx_dictionary_labels(const mx_dictionary *dictionary);

void mx_dictionary_free(mx_dictionary *dictionary); /* frees what it owns, not the struct */

/* A 64-bit hash of bytes, the same on every machine. */
uint64_t mx_hash_bytes(const char *text, size_t length);

#endif
