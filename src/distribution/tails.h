/* Moments summed over nodes: does what nodes show of the tail settle them? Nodes go as far out as there is mass, which for a heavy tail is
 * not as far as there are moments. */
#ifndef MX_TAILS_H
#define MX_TAILS_H

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { MX_TAIL_BINS = 560 };

typedef struct mx_tails {
    double mass[MX_TAIL_BINS];    /* by the size of the distance from the centre, four powers of two a bin */
    double part[4][MX_TAIL_BINS]; /* of the absolute moments 1 to 4 */
} mx_tails;

static inline void mx_tails_start(mx_tails *t)
{
    memset(t, 0, sizeof *t);
}

/* A node of mass p at distance off from the centre. */
static inline void mx_tails_add(mx_tails *t, double p, double off)
{
    if (off == 0 || !isfinite(off))
        return;
    int at = (ilogb(off) + 1100) / 4;
    size_t bin = at < 0 ? 0 : at >= MX_TAIL_BINS ? MX_TAIL_BINS - 1 : (size_t)at;
    double part = p;
    t->mass[bin] += p;
    for (int r = 0; r < 4; r++)
        t->part[r][bin] += part *= fabs(off);
}

/* 1: what lies where less than 1e-12 of the mass is makes less than a millionth of the moment of order 1 to 4. */
static inline int mx_tails_settled(const mx_tails *t, int order)
{
    double mass = 0, tail = 0, all = 0;
    for (size_t b = 0; b < MX_TAIL_BINS; b++)
        all += t->part[order - 1][b];
    for (size_t b = MX_TAIL_BINS; b-- > 0 && (mass += t->mass[b]) <= 1e-12;)
        tail += t->part[order - 1][b];
    return tail <= 1e-6 * all;
}

#endif
