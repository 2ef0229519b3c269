/* Functions seen at points that go to an end of a line: their order of growth, and limits of ratios. The points are u = log2 of what
 * goes to infinity, eight to each doubling of u; a bound on the error goes with every value. See germs.c.
 */
#ifndef MX_TREND_H
#define MX_TREND_H

#include "base/dd.h"

#include <stddef.h>

#define MX_TREND_POINTS 69
#define MX_TREND_OCTAVE 8      /* points to a doubling of u */
#define MX_TREND_CLEAR 0x1p20  /* values stand clear of their errors by this */
#define MX_TREND_HUGE 1e280    /* from here on they count as infinite */

typedef enum mx_order { MX_SLOWER = -1, MX_EQUAL = 0, MX_FASTER = 1, MX_NO_LIMIT = 2 } mx_order;

/* log of a size over first .. last, NaN where it is not known. */
typedef struct mx_trend {
    double size[MX_TREND_POINTS];
    size_t first, last;  /* first > last: none */
} mx_trend;

typedef struct mx_series {
    mx_dd value[MX_TREND_POINTS];
    double error[MX_TREND_POINTS];
    mx_trend trend;
    int wild;            /* signs change all the way: the trend is that of the envelope */
    int rank;            /* for germs.c */
} mx_series;

/* How a / b develops: EQUAL when it has a limit that is neither 0 nor infinite. */
mx_order mx_trend_compare(const mx_trend *a, const mx_trend *b);

/* Finds where the series is known and of one sign; otherwise its envelope. rest: it is what elimination left, with known errors. */
void mx_series_find_trend(mx_series *s, int rest);

/* lim a / b for ratios that are known to converge, and a bound on its error: 2^-100 of it for a simple fraction. NaN when it is known to
 * less than six digits, which is too little to take anything off by it. u: [POINTS]. */
mx_dd mx_series_limit(const double *u, const mx_series *a, const mx_series *b, double *error);

#endif
