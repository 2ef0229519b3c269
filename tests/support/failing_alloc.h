/* Makes allocations fail on purpose: `maxent_test(... FAILING_ALLOC)` routes malloc, calloc, realloc, aligned_alloc and
 * posix_memalign of the program and the library through here. Libraries of the system are not touched.
 *
 * The usual test makes the k-th allocation of a call fail for every k:
 *
 *     size_t k = 0;
 *     do {
 *         failing_alloc_start(++k, 0);
 *         error = maxent_something(...);
 *         size_t failed = failing_alloc_stop();
 *         assert error == MAXENT_ERROR_MEMORY whenever failed > 0, and that nothing leaks
 *     } while (failed > 0);
 */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <stddef.h>

/* From now on counts allocations; the k-th (1-based) returns NULL, and with `after` every later one too. k = 0: none fails. */
void failing_alloc_start(size_t k, int after);

/* Stops failing. Returns how many allocations were refused since the start. */
size_t failing_alloc_stop(void);

/* Allocations asked for since the start. */
size_t failing_alloc_count(void);

/* From now on none fails, and the different ways are noted in which the program, with one thread, comes to ask for memory: the return
 * addresses on its stack. first: [most] the number of the first allocation of each way. failing_alloc_ways stops that and returns how many
 * there are, at most `most`. Where so many allocations are made that every k would take hours, those k are tested. */
void failing_alloc_record(size_t *first, size_t most);
size_t failing_alloc_ways(void);

#endif
