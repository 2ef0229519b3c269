/* How many threads work, and which one this is; one without OpenMP. */
#ifndef MX_THREADS_H
#define MX_THREADS_H

#include <stddef.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* wanted: 0: as many as the machine offers; never more than there are pieces of work, at least 1. */
static inline int mx_workers(int wanted, size_t pieces)
{
#ifdef _OPENMP
    size_t most = wanted > 0 ? (size_t)wanted : (size_t)omp_get_max_threads();
    return (int)(most < pieces ? most : pieces > 0 ? pieces : 1);
#else
    (void)wanted;
    (void)pieces;
    return 1;
#endif
}

static inline int mx_worker(void)
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

#endif
