/* How long a piece of work may go on: until a time, or until somebody who is asked now and then wants no more. */
#ifndef MX_WATCH_H
#define MX_WATCH_H

#include <stddef.h>

typedef struct mx_watch {
    double deadline;                    /* mx_seconds() at which to stop; inf: none */
    int (*ask)(void *user, double now); /* non-zero: stop; NULL: nobody is asked */
    void *user;
    double asked;                       /* mx_seconds() when he was */
    int over;                           /* 1: stop, for good */
} mx_watch;

double mx_seconds(void); /* a monotonic clock */

/* 1: stop. To be called between pieces of work of milliseconds, from any thread; `asking` says that this is the thread whose caller may
 * be asked, which happens a few times a second. NULL: 0. */
int mx_watch_over(mx_watch *watch, int asking);

/* Is it time to look at the watch, when the work so far goes from `before` to `after` values? Every 2^17 of them. */
static inline int mx_watch_due(size_t before, size_t after)
{
    return before >> 17 != after >> 17;
}

#endif
