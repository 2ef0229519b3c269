/* The clock, and whether work is to stop. */
#include "base/watch.h"

#include <time.h>

#define ASK_EVERY 0.05 /* seconds: no one notices that Ctrl-C takes so long */

double mx_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int mx_watch_over(mx_watch *watch, int asking)
{
    int over;
    if (watch == NULL)
        return 0;
#ifdef _OPENMP
#pragma omp atomic read
#endif
    over = watch->over;
    if (over)
        return 1;
    double now = mx_seconds();
    over = now > watch->deadline;
    if (!over && asking && watch->ask != NULL && now > watch->asked + ASK_EVERY) {
        watch->asked = now;
        over = watch->ask(watch->user, now) != 0;
    }
    if (over) {
#ifdef _OPENMP
#pragma omp atomic write
#endif
        watch->over = 1;
    }
    return over;
}
