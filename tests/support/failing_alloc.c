/* Allocation with planned failures; the linker's --wrap sends the calls here. Counters are atomic: threads may allocate. */
#include "support/failing_alloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);

static atomic_size_t fail_at;   /* 0: never */
static atomic_int fail_after;
static atomic_size_t asked;
static atomic_size_t refused;

void failing_alloc_start(size_t k, int after)
{
    atomic_store(&asked, 0);
    atomic_store(&refused, 0);
    atomic_store(&fail_after, after);
    atomic_store(&fail_at, k);
}

size_t failing_alloc_stop(void)
{
    atomic_store(&fail_at, 0);
    return atomic_load(&refused);
}

size_t failing_alloc_count(void)
{
    return atomic_load(&asked);
}

/* ---- ways ---- */

enum { DEPTH = 12, TABLE = 1 << 16 };

static uint64_t seen[TABLE];    /* hashes; 0: free */
static size_t *record, record_most, ways;

typedef struct walk {
    uint64_t hash;
    int depth;
} walk;

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *user)
{
    walk *w = user;
    w->hash = (w->hash ^ (uint64_t)_Unwind_GetIP(context)) * 0x9E3779B97F4A7C15u;
    w->hash ^= w->hash >> 29;
    return ++w->depth < DEPTH ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void note_way(size_t number)
{
    walk w = {1, 0};
    _Unwind_Backtrace(step, &w);
    w.hash |= 1;
    size_t at = (size_t)(w.hash >> 48) % TABLE;
    while (seen[at] != 0 && seen[at] != w.hash)
        at = (at + 1) % TABLE;
    if (seen[at] == w.hash || ways == record_most)
        return;
    seen[at] = w.hash;
    record[ways++] = number;
}

void failing_alloc_record(size_t *first, size_t most)
{
    memset(seen, 0, sizeof seen);
    failing_alloc_start(0, 0);
    record_most = most < TABLE / 2 ? most : TABLE / 2;
    ways = 0;
    record = first;
}

size_t failing_alloc_ways(void)
{
    record = NULL;
    return ways;
}

/* ---- failures ---- */

/* Counts one allocation; returns 1 when it is to fail. */
static int refuse(void)
{
    size_t number = atomic_fetch_add(&asked, 1) + 1;
    if (record != NULL)
        note_way(number);
    size_t at = atomic_load(&fail_at);
    if (at == 0 || number < at || (number > at && !atomic_load(&fail_after)))
        return 0;
    atomic_fetch_add(&refused, 1);
    errno = ENOMEM;
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refuse() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return refuse() ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
    return refuse() ? ENOMEM : __real_posix_memalign(out, alignment, size);
}
