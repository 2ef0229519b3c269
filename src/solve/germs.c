/* Germs by looking: features and prior in double-double at points x with u = log2 x (or log2 1/t, at distance t from a finite end)
 * from 1/4 to 98, eight to each doubling of u. In u, powers are exponentials of lines, logarithms lines, and what converges like 1/log x
 * converges by half at each doubling, which is what the limits below are judged by: the ratio of two features at u/4, u/2 and u.
 *
 * The fastest feature is the germ; the others are divided by it, and where the ratio has a limit r that is not zero, r times the germ is
 * taken off them (as of x^2 and x^2 + x). A limit is rounded to the simplest fraction within what is known of it. Every value
 * carries a bound on its error; what is left after elimination counts only where it stands clear of that. Then again, on what
 * is left, until nothing grows faster than a logarithm.
 *
 * What this cannot see: growth of one fact that shows only beyond 2^98 times the scale (of all: 2^290), powers below about 1/50 (they pass for logarithms or less),
 * more than two iterated logarithms. What oscillates is measured by its envelope and has no limit: it must be dominated, or the end
 * is declared unclear.
 */
#include "solve/germs.h"

#include "base/memory.h"

#include <float.h>
#include <string.h>

#define POINTS 69
#define FIRST 0.2717     /* u of the first point; no u is a whole number, where periodic features might look constant */
#define OCTAVE 8         /* points to a doubling of u */
#define RUN 12           /* points of one sign up to the last that make a trend, where others came before: noise does it once in 2^11 */
#define ERROR 0x1p-92    /* of features as they come, relative: 2^12 roundings of double-double */
#define CLEAR 0x1p20     /* values stand clear of their errors by this */
#define HUGE_VALUE 1e280

enum { FASTER = 1, EQUAL = 0, SLOWER = -1, NO_LIMIT = 2 };
enum { NOTHING, LOGARITHM, FAST, WILD };

/* log of a size over first .. last, NaN where it is not known. */
typedef struct trend {
    double size[POINTS];
    size_t first, last;  /* first > last: none */
} trend;

typedef struct series {
    mx_dd value[POINTS];
    double error[POINTS];
    trend trend;
    int wild;            /* signs change all the way: the trend is that of the envelope */
    int rank;            /* NOTHING .. WILD */
} series;

typedef struct table {
    size_t k;            /* features; the prior is series k */
    double u[POINTS];
    trend l;             /* l = log(2) u */
    series *s;           /* [k + 1] */
    unsigned char *done; /* [k + 1] is a germ already */
} table;

/* ---- trends ---- */

/* By D = log a - log b at three points `step` apart, D[0], D[step] and D[2 step]. */
static int compare_at(const double *D, size_t step)
{
    double before = D[step] - D[0], after = D[2 * step] - D[step], spread = 0;
    for (size_t j = step; j <= 2 * step; j++)
        spread = fmax(spread, fabs(D[2 * step] - D[j]));
    if (spread < 1e-9)
        return EQUAL;
    /* Convergence like 1/u halves a spread in an octave, log u keeps it: the border lies between. */
    double border = exp2(-0.4 * (double)step / OCTAVE);
    if (spread <= border * fabs(before) && spread <= 2 * fabs(after) + 1e-7)
        return EQUAL;
    double half = D[step + step / 2];
    int up = after > 0 && half > D[step] && D[2 * step] > half;
    int down = after < 0 && half < D[step] && D[2 * step] < half;
    if ((up || down) && (fabs(after) > border * fabs(before) && (before * after > 0 || fabs(after) > 2 * fabs(before))))
        return up ? FASTER : SLOWER;
    return NO_LIMIT;
}

/* How a / b develops: at u/4, u/2, u, or closer together where less is known; and at u/2, u/1.4, u. They must agree. */
static int compare(const trend *a, const trend *b)
{
    size_t first = a->first > b->first ? a->first : b->first;
    size_t last = a->last < b->last ? a->last : b->last;
    if (a->first > a->last || b->first > b->last || last < first + 6)
        return NO_LIMIT;
    size_t step = (last - first) / 2;
    step = step > OCTAVE ? OCTAVE : step;
    double D[2 * OCTAVE + 1];
    for (size_t j = 0; j <= 2 * step; j++) {
        D[j] = a->size[last - 2 * step + j] - b->size[last - 2 * step + j];
        if (!isfinite(D[j]))
            return NO_LIMIT;
    }
    int order = compare_at(D, step);
    if (step >= 6 && order != compare_at(D + 2 * (step - step / 2), step / 2))
        return NO_LIMIT;
    return order;
}

static int sign_of(const series *s, size_t j)
{
    double v = s->value[j].hi;
    if (!(fabs(v) < HUGE_VALUE) || !(fabs(v) > CLEAR * s->error[j]))
        return 0;
    return v > 0 ? 1 : -1;
}

/* Finds where the series is known and of one sign; otherwise its envelope. `rest`: it is what elimination left. */
static void find_trend(series *s, int rest)
{
    trend *t = &s->trend;
    size_t end = POINTS, zeros = 0, usable = 0;
    s->wild = 0;
    t->first = 1;
    t->last = 0;
    for (size_t j = 0; j < POINTS; j++) {
        t->size[j] = NAN;
        usable += sign_of(s, j) != 0;
    }
    while (end > 0 && !(fabs(s->value[end - 1].hi) < HUGE_VALUE))
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
        if (rest && end < POINTS && s->error[end] < 0x1p-40 * fabs(s->value[end - 1].hi))
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
        for (size_t i = j < OCTAVE - 1 ? 0 : j - (OCTAVE - 1); i <= j; i++)
            if (fabs(s->value[i].hi) < HUGE_VALUE)
                most = fmax(most, fmax(fabs(s->value[i].hi), s->error[i]));
        t->size[j] = log(fmax(most, DBL_MIN));
    }
    t->first = OCTAVE - 1;
    t->last = end == 0 ? 0 : end - 1;
}

static void rank(table *t, size_t i, int rest)
{
    series *s = &t->s[i];
    find_trend(s, rest);
    s->rank = NOTHING;
    if (s->trend.first > s->trend.last && !s->wild)
        return;
    int order = compare(&s->trend, &t->l);
    size_t at = s->trend.last, half = OCTAVE / 2;
    if (at >= s->trend.first + OCTAVE && !s->wild) {
        /* Near the end of what is seen, over u / 2 to u / 1.4 to u: no change at all is a limit; the same slope in u is a logarithm, whatever
         * stands beside it; and what is neither, though it seemed to go with l, is a lull before growth. */
        const mx_dd *v = s->value + at;
        double now = mx_dd_sub(v[0], s->value[at - half]).hi, before = mx_dd_sub(s->value[at - half], s->value[at - OCTAVE]).hi;
        double slope = now / (t->u[at] - t->u[at - half]), earlier = before / (t->u[at - half] - t->u[at - OCTAVE]);
        if (fabs(now) < 3e-4 * fabs(v->hi))
            order = SLOWER;
        else if (fabs(slope - earlier) < 0.02 * fabs(slope) && fabs(now) > CLEAR * s->error[at])
            order = EQUAL;
        else if (order == EQUAL)
            order = NO_LIMIT;
    }
    s->rank = order == SLOWER ? NOTHING : order == NO_LIMIT || s->wild ? WILD : order == FASTER ? FAST : LOGARITHM;
    /* What oscillates within bounds is of no account, nor are rounding errors after something that vanishes. */
    if (s->wild) {
        double early = -INFINITY, late = -INFINITY;
        for (size_t j = s->trend.first; j <= s->trend.last; j++)
            if (2 * j < s->trend.first + s->trend.last)
                early = fmax(early, s->trend.size[j]);
            else
                late = fmax(late, s->trend.size[j]);
        if (late <= early + 0.5)
            s->rank = NOTHING;
    }
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
static mx_dd extrapolate(const table *t, const series *a, const series *b, size_t last, size_t step, double p, double *change)
{
    mx_dd r[4], w[4], value = mx_dd_make(NAN);
    *change = INFINITY;
    for (size_t j = 0; j < 4; j++) {
        size_t at = last - j * step;
        r[j] = mx_dd_div(a->value[at], b->value[at]);
        w[j] = p > 0 ? mx_dd_make(exp2(-p * (t->u[at] - t->u[last]))) : mx_dd_div(mx_dd_make(1.0), mx_dd_make(t->u[at]));
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

static pace measure(const table *t, const series *a, const series *b, size_t at)
{
    mx_dd r[3];
    for (size_t j = 0; j < 3; j++)
        r[j] = mx_dd_div(a->value[at - j], b->value[at - j]);
    pace m = {.ratio = r[0], .known = (a->error[at] + fabs(r[0].hi) * b->error[at]) / fabs(b->value[at].hi)};
    m.after = fabs(mx_dd_sub(r[0], r[1]).hi);
    double before = fabs(mx_dd_sub(r[1], r[2]).hi);
    if (m.after < 0.72 * before)
        m.power = log2(before / m.after) / (t->u[at] - t->u[at - 1]);
    return m;
}

/* lim a / b for ratios that are known to converge, and a bound on its error: 2^-100 of it for a simple fraction. NaN when it is known to
 * less than six digits, which is too little to take anything off by it. */
static mx_dd limit(const table *t, const series *a, const series *b, double *error)
{
    size_t first = a->trend.first > b->trend.first ? a->trend.first : b->trend.first;
    size_t last = a->trend.last < b->trend.last ? a->trend.last : b->trend.last;

    /* At the very last points a rest is known to 2^-20 only. Fast convergence is at its best where that and what is still to come are least
     * together; slow convergence is extrapolated, from where the ratio is known well. */
    size_t fast_at = last, slow_at = last, fast = 0, slow = 0;
    double least = INFINITY;
    for (size_t at = last; at + OCTAVE >= last && at >= first + OCTAVE / 2; at--) {
        pace m = measure(t, a, b, at);
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
    pace m = measure(t, a, b, at);
    mx_dd value = m.ratio;
    *error = slow > fast ? INFINITY : 2 * least;
    value = simplest(value, slow > fast ? 0 : fmax(*error, 0x1p-88 * fabs(value.hi)), &exact);
    if (!exact && m.after > 16 * m.known) {
        double p = m.power > 0.75 ? rint(m.power) : m.power > 0 ? fmax(rint(4 * m.power), 1) / 4 : 0;
        double best = INFINITY, distance = INFINITY; /* what the last order made; how far the nearest other is */
        for (size_t step = 1; step <= OCTAVE && 3 * step <= at - first; step *= 2) {
            double change;
            mx_dd other = extrapolate(t, a, b, at, step, p, &change);
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

/* ---- one end ---- */

static int read_points(table *t, const mx_end *end, mx_probe probe, int *empty)
{
    size_t k = t->k, width = k == 0 ? 1 : k;
    double value[POINTS], low[POINTS], logq[POINTS], scale = end->scale > 0 ? end->scale : 1;
    int infinite = end->kind == MX_END_PLUS_INFINITY || end->kind == MX_END_MINUS_INFINITY;
    int negative = end->kind == MX_END_MINUS_INFINITY || end->kind == MX_END_LEFT_OF;
    double *hi = mx_alloc(POINTS, 2 * width * sizeof *hi);
    if (hi == NULL)
        return -1;
    double *lo = hi + POINTS * width;
    t->l.first = 0;
    t->l.last = POINTS - 1;
    for (size_t j = 0; j < POINTS; j++) {
        double x = scale * exp2((infinite ? 1 : -1) * FIRST * exp2((double)j / OCTAVE));
        if (end->whole) {
            x = fmax(rint(x), 2.0);
            if (x < 0x1p52 && fmod(x, 2.0) != (double)(j % 2)) /* so that (-1)^x is seen to oscillate */
                x += 1;
        }
        t->u[j] = infinite ? log2(x / scale) : -log2(x / scale);
        if (!(t->u[j] > FIRST / 2))
            t->u[j] = FIRST / 2;
        t->l.size[j] = log(log(2.0) * t->u[j]);
        x = negative ? -x : x;
        value[j] = infinite || end->point == 0 ? x : end->point;
        low[j] = infinite || end->point == 0 ? 0 : x;
    }
    /* Far fewer calls where a finite end is an ordinary one: nothing there is larger than elsewhere. */
    int error = 0;
    *empty = 0;
    if (!infinite) {
        const size_t sample[4] = {0, POINTS / 2, POINTS * 4 / 5, POINTS - 2};
        double v[4], w[4];
        for (size_t j = 0; j < 4; j++) {
            v[j] = value[sample[j]];
            w[j] = low[sample[j]];
        }
        error = probe(end->user, 4, v, w, hi, lo, logq);
        int ordinary = !error;
        for (size_t i = 0; ordinary && i <= k; i++) {
            double f[4];
            for (size_t j = 0; j < 4; j++)
                f[j] = fabs(i < k ? hi[j * k + i] : logq[j]);
            ordinary = f[3] <= 1.5 * fmax(f[0], fmax(f[1], f[2])) + DBL_MIN && isfinite(f[0] + f[1] + f[2]);
        }
        if (error || ordinary) {
            *empty = ordinary;
            mx_free(hi);
            return error;
        }
    }
    error = probe(end->user, POINTS, value, low, hi, lo, logq);
    for (size_t j = 0; !error && j < POINTS; j++)
        for (size_t i = 0; i <= k; i++) {
            series *s = &t->s[i];
            mx_dd v = i < k ? (mx_dd){hi[j * k + i], lo[j * k + i]} : mx_dd_make(-logq[j]);
            s->value[j] = fabs(v.hi) < HUGE_VALUE ? v : mx_dd_make(isnan(v.hi) ? NAN : INFINITY);
            s->error[j] = (i < k ? ERROR : 0x1p-52) * fabs(v.hi);
        }
    mx_free(hi);
    return error;
}

/* A prior that vanishes towards the end, and not because exp(-700) is as small as doubles get. */
static int no_mass(const series *prior)
{
    size_t last = POINTS;
    while (last > 0 && !isfinite(prior->value[last - 1].hi))
        last--;
    return last == 0 || (last < POINTS - 2 && fabs(prior->value[last - 1].hi) < 200);
}

static mx_germ *next_germ(mx_germs *germs, mx_germ_kind kind)
{
    mx_germ *g = &germs->germ[germs->count];
    *g = (mx_germ){.kind = kind, .pivot = germs->k, .a = germs->a + germs->count * germs->k};
    g->absorbed = germs->count++;
    return g;
}

/* lambda . f - log q at index i: where its coefficient goes. */
static mx_dd *slot(const mx_germs *germs, mx_germ *g, size_t i)
{
    return i < germs->k ? &g->a[i] : &g->b;
}

/* The next germ that is faster than l: 1 found, 0 none, -1 what there is has no order. */
static int take_fastest(table *t, mx_germs *germs)
{
    size_t k = t->k, best = k + 1;
    int any = 0;
    for (size_t i = 0; i <= k; i++) {
        any |= !t->done[i] && t->s[i].rank >= FAST;
        if (!t->done[i] && t->s[i].rank == FAST && (best > k || compare(&t->s[i].trend, &t->s[best].trend) == FASTER))
            best = i;
    }
    if (!any)
        return 0;
    if (best > k)
        return -1;
    for (size_t i = 0; i <= k; i++)
        if (i != best && !t->done[i] && t->s[i].rank >= FAST) {
            int order = compare(&t->s[best].trend, &t->s[i].trend);
            if (order != FASTER && (order != EQUAL || t->s[i].wild || t->s[i].rank == WILD))
                return -1;
        }
    mx_germ *g = next_germ(germs, MX_GERM_FAST);
    series *p = &t->s[best];
    double sign = p->value[p->trend.last].hi > 0 ? 1 : -1;
    g->pivot = best;
    *slot(germs, g, best) = mx_dd_make(sign);
    t->done[best] = 1;
    for (size_t i = 0; i <= k; i++) {
        series *s = &t->s[i];
        if (t->done[i] || s->rank != FAST || compare(&p->trend, &s->trend) != EQUAL)
            continue;
        double error;
        mx_dd r = limit(t, s, p, &error);
        if (isnan(r.hi)) {
            memset(g->a, 0, k * sizeof *g->a);
            germs->count--;
            return -1;
        }
        *slot(germs, g, i) = mx_dd_mul_d(r, sign);
        for (size_t j = 0; j < POINTS; j++) {
            mx_dd part = mx_dd_mul(r, p->value[j]);
            s->error[j] += fabs(r.hi) * p->error[j] + error * fabs(p->value[j].hi);
            s->value[j] = isfinite(part.hi) ? mx_dd_sub(s->value[j], part) : mx_dd_make(NAN);
        }
        rank(t, i, 1);
    }
    return 1;
}

/* When the expectation of a germ is finite, by comparing its logarithm with the germs after it. */
static void find_absorbed(const table *t, mx_germs *germs, size_t fast)
{
    for (size_t m = 0; m < fast; m++) {
        mx_germ *g = &germs->germ[m];
        series s;
        s.trend = t->s[g->pivot].trend;
        double shift = fmax(0, 1 - s.trend.size[s.trend.first]); /* a constant factor of g */
        for (size_t j = s.trend.first; j <= s.trend.last; j++) {
            double size = s.trend.size[j] + shift;
            s.value[j] = mx_dd_make(size);
            s.error[j] = 0x1p-50 * fabs(size);
            s.trend.size[j] = log(size);
            if (!isfinite(s.trend.size[j]))
                s.trend.first = j + 1;
        }
        g->absorbed = m;
        while (g->absorbed + 1 < fast &&
               compare(&s.trend, &t->s[germs->germ[g->absorbed + 1].pivot].trend) == SLOWER)
            g->absorbed++;
        int order = compare(&s.trend, &t->l);
        g->power = order == SLOWER ? 0 : INFINITY;
        if (order == EQUAL) {
            series l;
            l.trend = t->l;
            for (size_t j = 0; j < POINTS; j++) {
                l.value[j] = mx_dd_make(log(2.0) * t->u[j]);
                l.error[j] = 0x1p-50 * l.value[j].hi;
            }
            double error;
            g->power = limit(t, &s, &l, &error).hi;
            g->power = isnan(g->power) ? 0 : g->power; /* no claim */
        }
    }
}

/* The coefficient of l. */
static void take_logarithms(table *t, mx_germs *germs)
{
    mx_germ *g = next_germ(germs, MX_GERM_LOG);
    series l = {.trend = t->l};
    for (size_t j = 0; j < POINTS; j++) {
        l.value[j] = mx_dd_mul_d(mx_dd_ln2, t->u[j]);
        l.error[j] = 0x1p-50 * l.value[j].hi; /* u is rounded */
    }
    for (size_t i = 0; i <= t->k; i++)
        if (!t->done[i] && t->s[i].rank == LOGARITHM) {
            double error;
            *slot(germs, g, i) = limit(t, &t->s[i], &l, &error);
            if (isnan(slot(germs, g, i)->hi)) {
                memset(g->a, 0, t->k * sizeof *g->a);
                g->kind = MX_GERM_UNCLEAR;
                return;
            }
        }
}

static int look(size_t k, const mx_end *end, mx_probe probe, mx_germs *germs)
{
    table t = {.k = k};
    int error = -1, empty = 0;
    *germs = (mx_germs){.k = k};
    t.s = mx_alloc(k + 1, sizeof *t.s);
    t.done = mx_zalloc(k + 1, 1);
    germs->germ = mx_alloc(k + 2, sizeof *germs->germ);
    if (t.s == NULL || t.done == NULL || germs->germ == NULL)
        goto done;
    error = read_points(&t, end, probe, &empty);
    if (error)
        goto done;
    size_t matter = 0;
    for (size_t i = 0; i <= k; i++) {
        t.s[i].rank = NOTHING;
        if (!empty)
            rank(&t, i, 0);
        matter += t.s[i].rank != NOTHING;
    }
    germs->a = mx_zalloc((matter + 2) * (k == 0 ? 1 : k), sizeof *germs->a);
    if (germs->a == NULL) {
        error = -1;
        goto done;
    }
    if (!empty && no_mass(&t.s[k])) {
        next_germ(germs, MX_GERM_CLOSED);
        goto done;
    }
    int found;
    while ((found = take_fastest(&t, germs)) == 1) {
    }
    find_absorbed(&t, germs, germs->count);
    if (found < 0)
        next_germ(germs, MX_GERM_UNCLEAR);
    else
        take_logarithms(&t, germs);

done:
    mx_free(t.s);
    mx_free(t.done);
    if (error)
        mx_germs_free(germs);
    return error;
}

/* Whether something grows, in an order. */
static int grows(const mx_germs *germs)
{
    const mx_germ *g = germs->germ;
    int any = g->b.hi != 0;
    for (size_t i = 0; g->kind == MX_GERM_LOG && i < germs->k; i++)
        any |= g->a[i].hi != 0;
    return g->kind == MX_GERM_LOG ? any : g->kind != MX_GERM_UNCLEAR;
}

int mx_germs_find(size_t k, const mx_end *end, mx_probe probe, mx_germs *germs)
{
    int error = look(k, end, probe, germs);
    if (error || grows(germs) || (end->kind != MX_END_PLUS_INFINITY && end->kind != MX_END_MINUS_INFINITY))
        return error;
    /* Nothing that an infinite end can do without: farther out, then, where 1 + (x / 1e40)^2 shows. */
    mx_end far = *end;
    for (int i = 1; i <= 4; i++) {
        mx_germs other;
        far.scale = (end->scale > 0 ? end->scale : 1) * exp2(48 * i);
        error = look(k, &far, probe, &other);
        if (!error && grows(&other)) {
            mx_germs swap = *germs;
            *germs = other;
            other = swap;
            i = 4;
        }
        if (error)
            mx_germs_free(germs);
        else
            mx_germs_free(&other);
        if (error)
            return error;
    }
    return 0;
}

void mx_germs_free(mx_germs *germs)
{
    mx_free(germs->germ);
    mx_free(germs->a);
    *germs = (mx_germs){0};
}
