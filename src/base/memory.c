/* Memory: overflow-checked allocation over malloc, so that tests can make any single call fail (tests/support). */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int product(size_t count, size_t size, size_t *bytes)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        return 0;
    *bytes = count * size;
    if (*bytes == 0)
        *bytes = 1;
    return 1;
}

void *mx_alloc(size_t count, size_t size)
{
    size_t bytes;
    return product(count, size, &bytes) ? malloc(bytes) : NULL;
}

void *mx_zalloc(size_t count, size_t size)
{
    size_t bytes;
    return product(count, size, &bytes) ? calloc(1, bytes) : NULL;
}

void *mx_resize(void *old, size_t count, size_t size)
{
    size_t bytes;
    return product(count, size, &bytes) ? realloc(old, bytes) : NULL;
}

void *mx_alloc_aligned(size_t count, size_t size)
{
    size_t bytes;
    if (!product(count, size, &bytes))
        return NULL;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

char *mx_strndup(const char *text, size_t length)
{
    char *copy = mx_alloc(length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *mx_strdup(const char *text)
{
    return mx_strndup(text, strlen(text));
}

void mx_free(void *memory)
{
    free(memory);
}
