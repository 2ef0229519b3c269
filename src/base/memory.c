/* Memory: overflow-checked allocation over malloc, so that tests can make any single call fail (tests/support). */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Large arrays in large pages, where the system has them: fewer faults when they are first written, fewer misses of the page table.
 *
 * New ones begin with such a page; but not the largest, which gain less from it, and which realloc shall move without a copy: that takes a
 * mapping with one wish for the whole of it, small pages at both ends included. */
enum { LARGE_PAGE = 1 << 21, LARGEST = 16 * LARGE_PAGE };

static void *in_large_pages(void *memory, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (memory != NULL && bytes >= LARGE_PAGE) {
        uintptr_t first = (uintptr_t)memory & ~(page - 1), end = ((uintptr_t)memory + bytes + page - 1) & ~(page - 1);
        (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
    }
#else
    (void)bytes;
#endif
    return memory;
}

/* New memory; aligned: to 64 bytes. */
static void *new_memory(size_t bytes, int aligned)
{
    const size_t unit = bytes >= LARGE_PAGE && bytes < LARGEST ? LARGE_PAGE : 64;
    if (unit > 64 || aligned)
        return in_large_pages(aligned_alloc(unit, (bytes + unit - 1) / unit * unit), bytes);
    return in_large_pages(malloc(bytes), bytes);
}

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
    return product(count, size, &bytes) ? new_memory(bytes, 0) : NULL;
}

void *mx_zalloc(size_t count, size_t size)
{
    size_t bytes;
    return product(count, size, &bytes) ? in_large_pages(calloc(1, bytes), bytes) : NULL;
}

void *mx_resize(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (!product(count, size, &bytes))
        return NULL;
    return old == NULL ? new_memory(bytes, 0) : in_large_pages(realloc(old, bytes), bytes);
}

void *mx_alloc_aligned(size_t count, size_t size)
{
    size_t bytes;
    return product(count, size, &bytes) ? new_memory(bytes, 1) : NULL;
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
