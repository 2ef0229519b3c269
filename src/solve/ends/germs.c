/* Germs by looking: features and prior in double-double at points x with u = log2 x (or log2 1/t, at distance t from a finite end)
 * from 1/4 to 98, eight to each doubling of u.
 *
 * The fastest feature is the germ; the others are divided by it, and where the ratio has a limit r that is not zero, r times the germ
 * is taken off them (as of x^2 and x^2 + x). Every value carries a bound on its error; what is left after elimination counts only
 * where it stands clear of that. Then again, on what is left, until nothing grows faster than a logarithm.
 *
 * What this cannot see: growth of one fact that shows only beyond 2^98 times the scale (of all: 2^290), powers below about 1/50
 * (they pass for logarithms or less, or for unclear), more than two iterated logarithms. What oscillates is measured by its envelope
 * and has no limit: it must be dominated, or the end is declared unclear.
 */
#include "solve/ends/germs.h"

#include "base/memory.h"
#include "solve/ends/trend.h"

#include <float.h>
#include <string.h>

#define FIRST 0.2717     /* u of the first point; no u is a whole number, where periodic features might look constant */
#define SLOWEST 1e-3     /* of the change of log l, that of a feature which still grows */
#define BORDER 1e-6
#define LASTING 0.7      /* log l changes as much as over the doubling before, log log l by 0.8 of it, 1 / l by half */
#define ERROR 0x1p-92    /* of features as they come, relative: 2^12 roundings of double-double */

enum { NOTHING, LOGARITHM, FAST, WILD };

typedef struct table {
    size_t k;            /* features; the prior is series k */
    double u[MX_TREND_POINTS];
    mx_trend l;             /* l = log(2) u */
    double shift;        /* |log x| - l */
    mx_series *s;           /* [k + 1] */
    unsigned char *done; /* [k + 1] is a germ already */
} table;

static void rank(table *t, size_t i, int rest)
{
    mx_series *s = &t->s[i];
    mx_series_find_trend(s, rest);
    s->rank = NOTHING;
    if (s->trend.first > s->trend.last && !s->wild)
        return;
    int order = mx_trend_compare(&s->trend, &t->l);
    size_t at = s->trend.last, half = MX_TREND_OCTAVE / 2;
    if (at >= s->trend.first + MX_TREND_OCTAVE && !s->wild) {
        /* Near the end of what is seen, over u / 2 to u / 1.4 to u: no change at all is a limit; the same slope in u is a logarithm,
         * whatever stands beside it; and what is neither, though it seemed to go with l, is a lull before growth. */
        const mx_dd *v = s->value + at;
        double now = mx_dd_sub(v[0], s->value[at - half]).hi, before = mx_dd_sub(s->value[at - half], s->value[at - MX_TREND_OCTAVE]).hi;
        double slope = now / (t->u[at] - t->u[at - half]), earlier = before / (t->u[at - half] - t->u[at - MX_TREND_OCTAVE]);
        if (fabs(now) < 3e-4 * fabs(v->hi))
            order = MX_SLOWER;
        else if (fabs(slope - earlier) < 0.02 * fabs(slope) && fabs(now) > MX_TREND_CLEAR * s->error[at])
            order = MX_EQUAL;
        else if (order == MX_EQUAL)
            order = MX_NO_LIMIT;
    }
    s->rank = order == MX_SLOWER ? NOTHING : order == MX_NO_LIMIT || s->wild ? WILD : order == MX_FASTER ? FAST : LOGARITHM;
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

/* ---- one end ---- */

static int read_points(table *t, const mx_end *end, mx_probe probe, int *empty)
{
    size_t k = t->k, width = k == 0 ? 1 : k;
    double value[MX_TREND_POINTS], low[MX_TREND_POINTS], logq[MX_TREND_POINTS], scale = end->scale > 0 ? end->scale : 1;
    int infinite = end->kind == MX_END_PLUS_INFINITY || end->kind == MX_END_MINUS_INFINITY;
    int negative = end->kind == MX_END_MINUS_INFINITY || end->kind == MX_END_LEFT_OF;
    double *hi = mx_alloc(MX_TREND_POINTS, 2 * width * sizeof *hi);
    if (hi == NULL)
        return -1;
    double *lo = hi + MX_TREND_POINTS * width;
    t->shift = infinite ? log(scale) : -log(scale);
    t->l.first = 0;
    t->l.last = MX_TREND_POINTS - 1;
    for (size_t j = 0; j < MX_TREND_POINTS; j++) {
        double x = scale * exp2((infinite ? 1 : -1) * FIRST * exp2((double)j / MX_TREND_OCTAVE));
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
        const size_t sample[4] = {0, MX_TREND_POINTS / 2, MX_TREND_POINTS * 4 / 5, MX_TREND_POINTS - 2};
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
    error = probe(end->user, MX_TREND_POINTS, value, low, hi, lo, logq);
    for (size_t j = 0; !error && j < MX_TREND_POINTS; j++)
        for (size_t i = 0; i <= k; i++) {
            mx_series *s = &t->s[i];
            mx_dd v = i < k ? (mx_dd){hi[j * k + i], lo[j * k + i]} : mx_dd_make(-logq[j]);
            s->value[j] = fabs(v.hi) < MX_TREND_HUGE ? v : mx_dd_make(isnan(v.hi) ? NAN : INFINITY);
            s->error[j] = (i < k ? ERROR : 0x1p-52) * fabs(v.hi);
        }
    mx_free(hi);
    return error;
}

/* A prior that vanishes towards the end, and not because exp(-700) is as small as doubles get. */
static int no_mass(const mx_series *prior)
{
    size_t last = MX_TREND_POINTS;
    while (last > 0 && !isfinite(prior->value[last - 1].hi))
        last--;
    return last == 0 || (last < MX_TREND_POINTS - 2 && fabs(prior->value[last - 1].hi) < 200);
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
        if (!t->done[i] && t->s[i].rank == FAST && (best > k || mx_trend_compare(&t->s[i].trend, &t->s[best].trend) == MX_FASTER))
            best = i;
    }
    if (!any)
        return 0;
    if (best > k)
        return -1;
    for (size_t i = 0; i <= k; i++)
        if (i != best && !t->done[i] && t->s[i].rank >= FAST) {
            int order = mx_trend_compare(&t->s[best].trend, &t->s[i].trend);
            if (order != MX_FASTER && (order != MX_EQUAL || t->s[i].wild || t->s[i].rank == WILD))
                return -1;
        }
    mx_germ *g = next_germ(germs, MX_GERM_FAST);
    mx_series *p = &t->s[best];
    double sign = p->value[p->trend.last].hi > 0 ? 1 : -1;
    g->pivot = best;
    *slot(germs, g, best) = mx_dd_make(sign);
    t->done[best] = 1;
    for (size_t i = 0; i <= k; i++) {
        mx_series *s = &t->s[i];
        if (t->done[i] || s->rank != FAST || mx_trend_compare(&p->trend, &s->trend) != MX_EQUAL)
            continue;
        double error;
        mx_dd r = mx_series_limit(t->u, s, p, &error);
        if (isnan(r.hi)) {
            memset(g->a, 0, k * sizeof *g->a);
            germs->count--;
            return -1;
        }
        *slot(germs, g, i) = mx_dd_mul_d(r, sign);
        for (size_t j = 0; j < MX_TREND_POINTS; j++) {
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
        mx_series s;
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
        while (g->absorbed + 1 < fast) { /* of exp(x / 3) beside x the multiplier decides: it may be finite */
            mx_order order = mx_trend_compare(&s.trend, &t->s[germs->germ[g->absorbed + 1].pivot].trend);
            if (order != MX_SLOWER && order != MX_EQUAL)
                break;
            g->absorbed++;
        }
        int order = mx_trend_compare(&s.trend, &t->l);
        g->power = order == MX_SLOWER ? 0 : INFINITY;
        if (order == MX_EQUAL) {
            mx_series l;
            l.trend = t->l;
            for (size_t j = 0; j < MX_TREND_POINTS; j++) {
                l.value[j] = mx_dd_make(log(2.0) * t->u[j]);
                l.error[j] = 0x1p-50 * l.value[j].hi;
            }
            double error;
            g->power = mx_series_limit(t->u, &s, &l, &error).hi;
            g->power = isnan(g->power) ? 0 : g->power; /* no claim */
        }
    }
}

/* Does what is left of function i beside r l go on growing? By c such that it changes like c log L, L = |log x|, over the last doubling of
 * u and the one before; what has a limit changes by less and less. The prior counts where c > 1: 1 / (x log x) has no integral. 2: it
 * is of the size of L itself. */
static int grows_slowly(const table *t, size_t i, mx_dd r)
{
    const mx_series *s = &t->s[i];
    double rest[3], size[3];
    for (size_t j = 0; j < 3; j++) {
        size_t at = MX_TREND_POINTS - 1 - j * MX_TREND_OCTAVE;
        mx_dd l = mx_dd_mul_d(mx_dd_ln2, t->u[at]);
        rest[j] = mx_dd_sub(s->value[at], mx_dd_mul(r, l)).hi;
        size[j] = l.hi + t->shift;
        if (!(fabs(rest[j]) < MX_TREND_HUGE) || !(size[j] > 0))
            return 0;
    }
    double now = (rest[0] - rest[1]) / log(size[0] / size[1]), before = (rest[1] - rest[2]) / log(size[1] / size[2]);
    if (!(i < t->k ? fabs(now) > SLOWEST : now > 1 + BORDER) || !(fabs(now) > LASTING * fabs(before)) ||
        !(fabs(now) > MX_TREND_CLEAR * s->error[MX_TREND_POINTS - 1]))
        return 0;
    return i == t->k && s->value[MX_TREND_POINTS - 1].hi > size[0] && r.hi < 1 ? 2 : 1;
}

/* The coefficient of l. */
static void take_logarithms(table *t, mx_germs *germs)
{
    mx_germ *g = next_germ(germs, MX_GERM_LOG);
    mx_series l = {.trend = t->l};
    for (size_t j = 0; j < MX_TREND_POINTS; j++) {
        l.value[j] = mx_dd_mul_d(mx_dd_ln2, t->u[j]);
        l.error[j] = 0x1p-50 * l.value[j].hi; /* u is rounded */
    }
    for (size_t i = 0; i <= t->k; i++)
        if (!t->done[i] && t->s[i].rank == LOGARITHM) {
            double error;
            *slot(germs, g, i) = mx_series_limit(t->u, &t->s[i], &l, &error);
            if (isnan(slot(germs, g, i)->hi)) {
                memset(g->a, 0, t->k * sizeof *g->a);
                g->kind = MX_GERM_UNCLEAR;
                return;
            }
        }
    for (size_t i = 0; i <= t->k; i++) {
        int slow = t->done[i] ? 0 : grows_slowly(t, i, *slot(germs, g, i));
        g->slow = slow > g->slow ? slow : g->slow;
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

/* Is a feature beyond the range of doubles so many scales out? */
static int overflows(size_t k, const mx_end *end, mx_probe probe, double far, double *hi, int *error)
{
    double low = 0, logq, x = end->kind == MX_END_MINUS_INFINITY ? -far : far;
    int infinite = 0;
    x = end->whole ? rint(x) : x;
    *error = probe(end->user, 1, &x, &low, hi, hi + k, &logq);
    for (size_t i = 0; i < k && !*error; i++)
        infinite |= isinf(hi[i]);
    return infinite;
}

/* A scale at which features that leave the range of doubles, such as exp(x^3) beyond x = 9, are seen to grow before they do: small enough
 * for that, and large enough for exp(x) not to look like 1 + x. */
static int seen_scale(size_t k, const mx_end *end, mx_probe probe, double *scale)
{
    double least = end->whole ? 1 : 0x1p-60 * *scale, *hi = mx_alloc(2 * k + 2, sizeof *hi);
    int error = hi == NULL ? -1 : 0;
    while (!error && *scale > least && overflows(k, end, probe, 16 * *scale, hi, &error))
        *scale *= 0.25;
    if (!error && overflows(k, end, probe, 0x1p64 * *scale, hi, &error)) /* no power of ordinary degree does */
        while (!error && !overflows(k, end, probe, 1024 * *scale, hi, &error))
            *scale *= 4;
    mx_free(hi);
    return error;
}

int mx_germs_find(size_t k, const mx_end *end, mx_probe probe, mx_germs *germs)
{
    mx_end near = *end;
    int infinite = end->kind == MX_END_PLUS_INFINITY || end->kind == MX_END_MINUS_INFINITY;
    near.scale = end->scale > 0 ? end->scale : 1;
    *germs = (mx_germs){.k = k};
    int error = infinite ? seen_scale(k, end, probe, &near.scale) : 0;
    if (!error)
        error = look(k, &near, probe, germs);
    if (error || grows(germs) || !infinite)
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
