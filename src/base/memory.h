/* Memory: overflow-checked allocation. Every function returns NULL when there is no memory; mx_free accepts NULL. */
#ifndef MX_MEMORY_H
#define MX_MEMORY_H

#include <stddef.h>

void *mx_alloc(size_t count, size_t size);                 /* count * size bytes, uninitialised; a zero product gives 1 byte */
void *mx_zalloc(size_t count, size_t size);                /* the same, zeroed */
void *mx_resize(void *old, size_t count, size_t size);     /* realloc; on NULL `old` is untouched */
void *mx_alloc_aligned(size_t count, size_t size);         /* aligned to 64 bytes; free with mx_free */
char *mx_strdup(const char *text);
char *mx_strndup(const char *text, size_t length);
void mx_free(void *memory);

#endif
