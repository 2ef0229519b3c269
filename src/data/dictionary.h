/* Dictionaries: distinct texts numbered 0, 1, 2, ... in the order in which they first appear. */
#ifndef MX_DICTIONARY_H
#define MX_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

typedef struct mx_dictionary {
    size_t levels;       /* distinct texts */
    char *text;          /* their bytes, one after the other, no NUL between */
    size_t text_capacity;
    size_t *end;         /* [levels] where each ends in text */
    size_t end_capacity;
    struct mx_dictionary_slot {
        uint32_t hash;   /* upper bits of the hash, to compare before the bytes */
        uint32_t code;   /* level + 1; 0: empty */
    } *slot;             /* [slots], linear probing, at most half full */
    size_t slots;        /* power of two, or 0 before the first text */
} mx_dictionary;

/* Start from {0}. *code: the level of text[length], added when it is new. Returns 0 when there is no memory, or for the
 * 2^32 - 1st text; the dictionary is unchanged then. */
int mx_dictionary_add(mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code);

/* The same without adding: 0 when the text is not there. */
int mx_dictionary_find(const mx_dictionary *dictionary, const char *text, size_t length, uint32_t *code);

/* The text of a level: *length bytes, not NUL-terminated. */
const char *mx_dictionary_text(const mx_dictionary *dictionary, size_t level, size_t *length);

/* Copies: [levels] strings, each to be freed with mx_free, as the array. NULL: no memory. */
char **mx_dictionary_labels(const mx_dictionary *dictionary);

void mx_dictionary_free(mx_dictionary *dictionary); /* frees what it owns, not the struct */

/* A 64-bit hash of bytes, the same on every machine. */
uint64_t mx_hash_bytes(const char *text, size_t length);

#endif
