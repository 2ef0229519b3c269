/* How the facts grow towards one end of a line: the germs g_1 >> g_2 >> ... >> log, such that near the end, up to what is of no account,
 *
 *     lambda . f - log q = sum_m (a_m . lambda + b_m) g_m + (a . lambda + b) l,    g_m > 0, l = log(1 / measure).
 *
 * Whether exp(-lambda . f) q can be integrated at the end follows from the signs, in this order: the first a_m . lambda + b_m that
 * is not zero decides; if all are zero, a . lambda + b must exceed 1 at an infinite end, and -1 at a finite one.
 */
#ifndef MX_GERMS_H
#define MX_GERMS_H

#include "base/dd.h"

#include <stddef.h>

typedef enum mx_end_kind {
    MX_END_PLUS_INFINITY,
    MX_END_MINUS_INFINITY,
    MX_END_RIGHT_OF,     /* x > point, x -> point */
    MX_END_LEFT_OF
} mx_end_kind;

typedef struct mx_end {
    mx_end_kind kind;
    double point;        /* RIGHT_OF, LEFT_OF */
    double scale;        /* the length that counts as ordinary; 0: 1. Ends are looked for from a quarter to 2^98 of it (or its inverse) */
    int whole;           /* 1: x runs over the whole numbers */
    char where[80];      /* "", or what else holds there, for messages: "y = b"; */
    int several;         /* 1: all that is said of it, of several variables: "x -> infinity, y -> -infinity" */
    void *user;          /* handed to the probe */
} mx_end;

/* Features hi + lo, [count][k] row-major, and log of the prior, [count], at the points value + low. What is not finite is written as it
 * comes. Returns 0; anything else ends the call, which returns it. */
typedef int (*mx_probe)(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq);

typedef enum mx_germ_kind {
    MX_GERM_FAST,        /* grows faster than l */
    MX_GERM_LOG,         /* l itself: always the last, unless one of the following is */
    MX_GERM_CLOSED,      /* there is no mass near the end, whatever lambda is */
    MX_GERM_UNCLEAR      /* what is left has no order (it oscillates, or grows too slowly to tell) */
} mx_germ_kind;

typedef struct mx_germ {
    mx_germ_kind kind;
    size_t pivot;        /* FAST: the feature that g is, k for the prior */
    mx_dd *a;            /* [k] FAST, LOG */
    mx_dd b;
    /* E[g_m] is finite when g_n with m < n <= absorbed is what holds the tail; with l, when its coefficient exceeds the bound by more
     * than `power` = lim log g_m / l. */
    size_t absorbed;
    double power;
    int slow;            /* LOG: 1: beside l there is what grows more slowly, as 2 log l of 1 / (x log^2 x), which decides where the
                          * coefficient is at its bound; 2: so much of it in the prior that the coefficient may be wrong */
} mx_germ;

typedef struct mx_germs {
    size_t k, count;     /* at least one germ */
    mx_germ *germ;       /* [count] */
    mx_dd *a;            /* their a */
} mx_germs;

/* The germs at an end. Returns 0, -1 when there is no memory, or what the probe returned. */
int mx_germs_find(size_t k, const mx_end *end, mx_probe probe, mx_germs *germs);
void mx_germs_free(mx_germs *germs); /* what it owns */

#endif
