/* See series.h. */
#include "solve/moments/series.h"

#include "base/dd.h"
#include "base/memory.h"

#include <math.h>

enum { WIDTH = 24 };

/* At the angle (u + 1/2) pi / n; the series is even about 0 and pi. Far more than 16 digits of the angle matter where it is steep. */
static double between(const mx_series *s, mx_dd u)
{
    double floor_u = floor(u.hi), above = 0, below = 0, binomial = 1, part = mx_dd_add_d(u, -floor_u).hi;
    long lead = WIDTH / 2 - 1, first = (long)floor_u - lead, n = (long)s->n;
    for (int i = 0; i < WIDTH; i++) {
        long at = first + i;
        at = at < 0 ? -1 - at : at >= n ? 2 * n - 1 - at : at;
        double away = part + (double)(lead - i);
        if (away == 0)
            return s->value[at];
        above += binomial / away * s->value[at];
        below += binomial / away;
        binomial *= -(double)(WIDTH - 1 - i) / (double)(i + 1);
    }
    return above / below;
}

void mx_series_log(const mx_series *s, const mx_points *points, const double *logq, double *out)
{
    double width = s->upper - s->lower;
    for (size_t j = 0; j < points->n; j++) {
        double low = points->low != NULL && points->low[0] != NULL ? points->low[0][j] : 0;
        mx_dd x = mx_two_sum(points->value[0][j], low), from = mx_dd_add_d(x, -s->lower), to = mx_dd_neg(mx_dd_add_d(x, -s->upper));
        int nearer_upper = to.hi < from.hi;
        mx_dd part = mx_dd_div(nearer_upper ? to : from, mx_dd_make(width)); /* of the width, from the nearer end */
        mx_dd turn = mx_dd_div(mx_dd_mul_d(mx_dd_asin(mx_dd_sqrt(part.hi > 0 ? part : (mx_dd){0, 0})), 2), mx_dd_pi); /* theta / pi */
        int small = nearer_upper != s->flipped; /* theta near 0 */
        mx_dd t = mx_dd_add_d(mx_dd_mul_d(part, -2), 1), before = {0, 0}, now = {0, 0};
        if (!small)
            t = mx_dd_neg(t);
        for (int i = MX_SERIES_FIRST; i-- > 1;) { /* b_i = a_i + 2 t b_{i+1} - b_{i+2} */
            mx_dd next = mx_dd_add_d(mx_dd_sub(mx_dd_mul_d(mx_dd_mul(t, now), 2), before), s->first[i]);
            before = now;
            now = next;
        }
        mx_dd sum = mx_dd_add_d(mx_dd_sub(mx_dd_mul(t, now), before), s->first[0]);
        sum = mx_dd_add_d(sum, between(s, mx_dd_add_d(mx_dd_mul_d(small ? turn : mx_dd_sub(mx_dd_make(1), turn), (double)s->n), -0.5)));
        out[j] = mx_dd_sub(mx_dd_make(logq[j]), mx_dd_add_d(sum, s->log_z)).hi;
    }
}

void mx_series_free(mx_series *series)
{
    if (series != NULL)
        mx_free(series->value);
    mx_free(series);
}
