/* Orders of growth and limits, judged by D = log a - log b and a / b at u/4, u/2 and u.
 *
 * In u = log2 x powers are exponentials of lines, logarithms lines, and what converges like 1/log x converges by half at each doubling.
 * A ratio that converges like a power of x is taken as it is at the far end or extrapolated in that power; one that converges like
 * 1/log x is extrapolated in 1/u. A limit is rounded to the simplest fraction within what is known of it.
 */
#include "solve/ends/trend.h"

#include <float.h>

#define RUN 12 /* points of one sign up to the last that make a trend, where others came before: noise does it once in 2^11 */

/* ---- trends ---- */

/* By D = log a - log b at three points `step` apart, D[0], D[step] and D[2 step]. */
static mx_order compare_at(const double *D, size_t step)
{
    double before = D[step] - D[0], after = D[2 * step] - D[step], spread = 0;
    for (size_t j = step; j <= 2 * step; j++)
        spread = fmax(spread, fabs(D[2 * step] - D[j]));
    if (spread < 1e-9)
        return MX_EQUAL;
    /* Convergence like 1/u halves a spread in an octave, log u keeps it: the border lies between. */
    double border = exp2(-0.4 * (double)step / MX_TREND_OCTAVE);
    if (spread <= border * fabs(before) && spread <= 2 * fabs(after) + 1e-7)
        return MX_EQUAL;
    double half = D[step + step / 2];
    int up = after > 0 && half > D[step] && D[2 * step] > half;
    int down = after < 0 && half < D[step] && D[2 * step] < half;
    if ((up || down) && (fabs(after) > border * fabs(before) && (before * after > 0 || fabs(after) > 2 * fabs(before))))
        return up ? MX_FASTER : MX_SLOWER;
    return MX_NO_LIMIT;
}

/* At u/4, u/2, u, or closer together where less is known; and at u/2, u/1.4, u. They must agree. */
mx_order mx_trend_compare(const mx_trend *a, const mx_trend *b)
{
    size_t first = a->first > b->first ? a->first : b->first;
    size_t last = a->last < b->last ? a->last : b->last;
    if (a->first > a->last || b->first > b->last || last < first + 6)
        return MX_NO_LIMIT;
    size_t step = (last - first) / 2;
    step = step > MX_TREND_OCTAVE ? MX_TREND_OCTAVE : step;
    double D[2 * MX_TREND_OCTAVE + 1];
    for (size_t j = 0; j <= 2 * step; j++) {
        D[j] = a->size[last - 2 * step + j] - b->size[last - 2 * step + j];
        if (!isfinite(D[j]))
            return MX_NO_LIMIT;
    }
    mx_order order = compare_at(D, step);
    if (step >= 6 && order != compare_at(D + 2 * (step - step / 2), step / 2))
        return MX_NO_LIMIT;
    return order;
}

static int sign_of(const mx_series *s, size_t j)
{
    double v = s->value[j].hi;
    if (!(fabs(v) < MX_TREND_HUGE) || !(fabs(v) > MX_TREND_CLEAR * s->error[j]))
        return 0;
    return v > 0 ? 1 : -1;
}

void mx_series_find_trend(mx_series *s, int rest)
{
    mx_trend *t = &s->trend;
    size_t end = MX_TREND_POINTS, zeros = 0, usable = 0;
    s->wild = 0;
    t->first = 1;
    t->last = 0;
    for (size_t j = 0; j < MX_TREND_POINTS; j++) {
        t->size[j] = NAN;
        usable += sign_of(s, j) != 0;
    }
    while (end > 0 && !(fabs(s->value[end - 1].hi) < MX_TREND_HUGE))
        end--;
    while (zeros < end && s->value[end - 1 - zeros].hi == 0)
        zeros++;
    if ((!rest && zeros >= 6) || (rest && usable < RUN))
        return;
    if (rest)
        while (end > 0 && sign_of(s, end - 1) == 0)
            end--;

    size_t run = 0, others = 0; /* points of one sign at the end; usable ones before */
    while (run < end && sign_of(s, end - 1) != 0 && sign_of(s, end - 1 - run) == sign_of(s, end - 1))
        run++;
    for (size_t j = 0; j + run < end; j++)
        others += sign_of(s, j) != 0;
    if (run >= RUN || (others == 0 && run >= 7)) {
        /* What ends in nothing, far above its error, is nothing (an indicator). */
        if (rest && end < MX_TREND_POINTS && s->error[end] < 0x1p-40 * fabs(s->value[end - 1].hi))
            return;
        t->first = end - run;
        t->last = end - 1;
        for (size_t j = t->first; j <= t->last; j++)
            t->size[j] = log(fabs(s->value[j].hi));
        return;
    }
    s->wild = 1;
    for (size_t j = 0; j < end; j++) {
        double most = 0;
        for (size_t i = j < MX_TREND_OCTAVE - 1 ? 0 : j - (MX_TREND_OCTAVE - 1); i <= j; i++)
            if (fabs(s->value[i].hi) < MX_TREND_HUGE)
                most = fmax(most, fmax(fabs(s->value[i].hi), s->error[i]));
        t->size[j] = log(fmax(most, DBL_MIN));
    }
    t->first = MX_TREND_OCTAVE - 1;
    t->last = end == 0 ? 0 : end - 1;
}

/* ---- limits ---- */

/* The fraction of least denominator within `tolerance` of x, if it is simple for what the tolerance allows; otherwise x. */
static mx_dd simplest(mx_dd x, double tolerance, int *exact)
{
    mx_dd rest = mx_dd_abs(x);
    double p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    *exact = 0;
    for (int i = 0; i < 24; i++) {
        mx_dd whole = mx_dd_floor(rest);
        if (!(whole.hi < 0x1p50))
            break;
        double p = whole.hi * p1 + p0, q = whole.hi * q1 + q0;
        if (!(p < 0x1p50 && q <= 4096))
            break;
        mx_dd fraction = mx_dd_div(mx_dd_make(p), mx_dd_make(q));
        if (fabs(mx_dd_sub(fraction, mx_dd_abs(x)).hi) <= tolerance) {
            if (q * q * tolerance > 0x1p-5)
                break;
            *exact = 1;
            return x.hi < 0 ? mx_dd_neg(fraction) : fraction;
        }
        p0 = p1;
        q0 = q1;
        p1 = p;
        q1 = q;
        mx_dd part = mx_dd_sub(rest, whole);
        if (!(part.hi > 0))
            break;
        rest = mx_dd_div(mx_dd_make(1.0), part);
    }
    return x;
}

/* The polynomial in w through four ratios a / b, `step` points apart from `last` down, at w = 0 (Neville). w = x^-p, or 1/u for p = 0.
 * Through fewer of them where the next changes it more; *change: what the last one taken made. */
static mx_dd extrapolate(const double *u, const mx_series *a, const mx_series *b, size_t last, size_t step, double p, double *change)
{
    mx_dd r[4], w[4], value = mx_dd_make(NAN);
    *change = INFINITY;
    for (size_t j = 0; j < 4; j++) {
        size_t at = last - j * step;
        r[j] = mx_dd_div(a->value[at], b->value[at]);
        w[j] = p > 0 ? mx_dd_make(exp2(-p * (u[at] - u[last]))) : mx_dd_div(mx_dd_make(1.0), mx_dd_make(u[at]));
    }
    for (size_t m = 1; m < 4; m++) {
        mx_dd previous = r[0];
        for (size_t j = 0; j + m < 4; j++) {
            mx_dd slope = mx_dd_div(mx_dd_sub(r[j + 1], r[j]), mx_dd_sub(w[j + m], w[j]));
            r[j] = mx_dd_sub(r[j], mx_dd_mul(w[j], slope));
        }
        double made = fabs(mx_dd_sub(r[0], previous).hi);
        if (made < *change) {
            *change = made;
            value = r[0];
        }
    }
    return value;
}

/* What three neighbouring ratios say of the convergence of a / b. */
typedef struct pace {
    mx_dd ratio;
    double known;        /* bound on its error */
    double after;        /* how far it is from the one before */
    double power;        /* of x, by which the differences shrink; 0 when they hardly do: like 1 / log x */
} pace;

static pace measure(const double *u, const mx_series *a, const mx_series *b, size_t at)
{
    mx_dd r[3];
    for (size_t j = 0; j < 3; j++)
        r[j] = mx_dd_div(a->value[at - j], b->value[at - j]);
    pace m = {.ratio = r[0], .known = (a->error[at] + fabs(r[0].hi) * b->error[at]) / fabs(b->value[at].hi)};
    m.after = fabs(mx_dd_sub(r[0], r[1]).hi);
    double before = fabs(mx_dd_sub(r[1], r[2]).hi);
    if (m.after < 0.72 * before)
        m.power = log2(before / m.after) / (u[at] - u[at - 1]);
    return m;
}

mx_dd mx_series_limit(const double *u, const mx_series *a, const mx_series *b, double *error)
{
    size_t first = a->trend.first > b->trend.first ? a->trend.first : b->trend.first;
    size_t last = a->trend.last < b->trend.last ? a->trend.last : b->trend.last;

    /* At the very last points a rest is known to 2^-20 only. Fast convergence is at its best where that and what is still to come are least
     * together; slow convergence is extrapolated, from where the ratio is known well. */
    size_t fast_at = last, slow_at = last, fast = 0, slow = 0;
    double least = INFINITY;
    for (size_t at = last; at + MX_TREND_OCTAVE >= last && at >= first + MX_TREND_OCTAVE / 2; at--) {
        pace m = measure(u, a, b, at);
        if (m.power == 0 && m.after > 16 * m.known) {
            slow++;
            slow_at = at;
            if (m.known <= 0x1p-45 * fabs(m.ratio.hi))
                break;
        } else {
            fast++;
            if (m.known + m.after < least) {
                least = m.known + m.after;
                fast_at = at;
            }
        }
    }
    int exact;
    size_t at = slow > fast ? slow_at : fast_at;
    pace m = measure(u, a, b, at);
    mx_dd value = m.ratio;
    *error = slow > fast ? INFINITY : 2 * least;
    value = simplest(value, slow > fast ? 0 : fmax(*error, 0x1p-88 * fabs(value.hi)), &exact);
    if (!exact && m.after > 16 * m.known) {
        double p = m.power > 0.75 ? rint(m.power) : m.power > 0 ? fmax(rint(4 * m.power), 1) / 4 : 0;
        double best = INFINITY, distance = INFINITY; /* what the last order made; how far the nearest other is */
        for (size_t step = 1; step <= MX_TREND_OCTAVE && 3 * step <= at - first; step *= 2) {
            double change;
            mx_dd other = extrapolate(u, a, b, at, step, p, &change);
            double apart = step == 1 ? m.after : fabs(mx_dd_sub(other, value).hi);
            if (change < best) {
                distance = apart;
                value = other;
                best = change;
            } else {
                distance = fmin(distance, apart);
            }
        }
        *error = fmin(*error, 1e5 * (m.known + 0x1p-50 * m.after) + 8 * best + 2 * distance);
        value = simplest(value, fmax(*error, 0x1p-88 * fabs(value.hi)), &exact);
    }
    *error = (exact ? 0 : *error) + 0x1p-100 * fabs(value.hi);
    return *error <= 1e-6 * fabs(value.hi) ? value : mx_dd_make(NAN);
}
