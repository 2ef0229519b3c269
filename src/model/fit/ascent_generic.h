/* The inner loop of dual coordinate ascent; compiled once per instruction set. VARIANT: the name of the table. */
#if defined(__clang__) /* the last case of pass() has bounds that are told at run time: not unrolled is right there */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

#include "model/fit/ascent.h"
#include "model/fit/lanes16.h"

#include <math.h>

#define MOST (MX_ASCENT_CLASSES / 16)

typedef enum kind { ONES, CODES, VALUES } kind;

MX_INLINE float value_at(const mx_ascent *a, size_t at, kind k)
{
    return k == ONES ? 1.0f : k == CODES ? a->level[a->events->code[at]] : (float)a->events->value[at];
}

/* The same block from anywhere: y = q alpha, alpha_c = omega(z_c + q old_c - mu + log q) / q. */
static __attribute__((noinline)) void far_event(const f16 *z, const f16 *old, f16 *y, float q, float mu, unsigned nc)
{
    f16 s[MOST + 1];
    const float logq = logf(q);
    for (unsigned v = 0; v < nc; v++)
        s[v] = f16_max(z[v] + q * old[v] + (logq - mu), F16(-60.0f));
    for (unsigned v = 0; v < nc; v++)
        y[v] = f16_omega(s[v]);
    for (int turn = 0; turn < 30; turn++) {
        f16 high = F16(0.0f), slope = F16(0.0f);
        for (unsigned v = 0; v < nc; v++) {
            high += y[v];
            slope += y[v] / (1.0f + y[v]);
        }
        float g = f16_sum(high) - q;
        if (!(fabsf(g) > 2e-6f * q))
            break;
        float step = g / f16_sum(slope);
        for (unsigned v = 0; v < nc; v++) {
            s[v] = f16_max(s[v] - step, F16(-60.0f));
            y[v] = fabsf(step) < 0.5f ? f16_omega_step(y[v] * (1.0f - step / (1.0f + y[v])), s[v]) : f16_omega(s[v]);
        }
    }
}

/* z_c of W_jc x_j summed over the entries first .. end-1, on top of what is there; nv vectors. */
MX_INLINE void add_scores(const mx_ascent *a, size_t first, size_t end, unsigned nv, kind k, f16 *z)
{
    const uint32_t *index = a->events->index;
    const float *W = a->W;
    const size_t lanes = 16 * (size_t)nv;
    size_t at = first;
    if (nv == 1) { /* four sums, because one would wait for itself */
        f16 one = z[0], two = F16(0.0f), three = two, four = two;
        for (; at + 4 <= end; at += 4) {
            one += *(const f16_any *)(W + 16 * (size_t)index[at]) * value_at(a, at, k);
            two += *(const f16_any *)(W + 16 * (size_t)index[at + 1]) * value_at(a, at + 1, k);
            three += *(const f16_any *)(W + 16 * (size_t)index[at + 2]) * value_at(a, at + 2, k);
            four += *(const f16_any *)(W + 16 * (size_t)index[at + 3]) * value_at(a, at + 3, k);
        }
        z[0] = (one + two) + (three + four);
    }
    for (; at < end; at++) {
        const float *row = W + index[at] * lanes;
        const float x = value_at(a, at, k);
        MX_UNROLL
        for (unsigned v = 0; v < nv; v++)
            z[v] += *(const f16_any *)(row + 16 * v) * x;
    }
}

/* W_j += move x_j / l2_j. What the loop reads is held by value: it stores through pointers that might be to anything. The features of an
 * event differ, so that four rows can be read before they are written. */
MX_INLINE void add_rows(mx_ascent *a, size_t first, size_t end, unsigned nv, kind k, const f16 *move)
{
    const uint32_t *const index = a->events->index;
    const unsigned char *const code = a->events->code;
    const double *const value = a->events->value;
    const float *const level = a->level, *const inverses = a->inverses;
    float *const W = a->W;
    const size_t lanes = 16 * (size_t)nv;
    size_t i = first;
    if (inverses == NULL && nv == 1) {
        const f16 part = move[0] * a->inverse;
        for (; i + 4 <= end; i += 4) {
            float *row[4];
            f16 w[4];
            MX_UNROLL
            for (unsigned u = 0; u < 4; u++) {
                row[u] = W + 16 * (size_t)index[i + u];
                w[u] = *(const f16_any *)row[u];
                w[u] += k == ONES ? part : part * (k == CODES ? level[code[i + u]] : (float)value[i + u]);
            }
            MX_UNROLL
            for (unsigned u = 0; u < 4; u++)
                *(f16_any *)row[u] = w[u];
        }
    }
    for (; i < end; i++) {
        const size_t j = index[i];
        float *row = W + j * lanes;
        const float x = (k == ONES ? 1.0f : k == CODES ? level[code[i]] : (float)value[i]) * (inverses != NULL ? inverses[j] : a->inverse);
        MX_UNROLL
        for (unsigned v = 0; v < nv; v++)
            *(f16_any *)(row + 16 * v) += move[v] * x;
    }
}

/* One event. nv: vectors in a row of W; nc: vectors that hold all classes (nv, or nv + 1 when C - 1 is a multiple of 16). */
MX_INLINE double visit_event(mx_ascent *a, size_t e, unsigned nv, unsigned nc, kind k)
{
    const maxent_events *events = a->events;
    const size_t first = events->row[e], end = events->row[e + 1];
    const unsigned classes = events->classes, last = classes - 1;
    const float w = a->weight == NULL ? 1.0f : a->weight[e], q = a->q[e];
    f16 z[MOST + 1], old[MOST + 1], y[MOST + 1], move[MOST + 1], h[MOST + 1];

    /* z_c = sum_j W_jc x_j; the last class gets minus the sum of the others */
    z[0] = y[0] = old[0] = move[0] = F16(0.0f);
    MX_UNROLL
    for (unsigned v = 0; v < nv; v++)
        z[v] = *(const f16_any *)(a->bias + 16 * v);
    add_scores(a, first, end, nv, k, z);
    f16 total = z[0];
    MX_UNROLL
    for (unsigned v = 1; v < nv; v++)
        total += z[v];
    float z_last = -f16_sum(total);
    if (nc > nv)
        z[nc - 1] = F16(0.0f);
    i16 is_last = I16_COUNT == I16((int)(last % 16)), beyond = I16_COUNT > I16((int)(last % 16));
    z[nc - 1] = f16_select(is_last, F16(z_last), z[nc - 1]);
    if (a->score != NULL)
        for (unsigned v = 0; v < nc; v++)
            z[v] += f16_load_part(a->score + e * classes + 16 * v, v + 1 < nc ? 16 : last % 16 + 1);
    z[nc - 1] = f16_select(beyond, F16(-1e30f), z[nc - 1]);

    float *alpha = a->alpha + e * classes;
    MX_UNROLL
    for (unsigned v = 0; v < nc; v++)
        old[v] = f16_load_part(alpha + 16 * v, v + 1 < nc ? 16 : last % 16 + 1);

    /* p, and how far alpha is from it */
    f16 largest = z[0];
    MX_UNROLL
    for (unsigned v = 1; v < nc; v++)
        largest = f16_max(largest, z[v]);
    float top = f16_largest(largest);
    f16 sum = F16(0.0f);
    MX_UNROLL
    for (unsigned v = 0; v < nc; v++) {
        y[v] = f16_exp(z[v] - top);
        sum += y[v];
    }
    float z_sum = f16_sum(sum), scale = 1.0f / z_sum;
    f16 apart = F16(0.0f);
    MX_UNROLL
    for (unsigned v = 0; v < nc; v++) {
        y[v] *= scale;
        f16 d = y[v] - old[v];
        apart += d * d / (y[v] + old[v] + 1e-30f);
    }
    float kl = w * f16_sum(apart);
    if (kl < a->small) {
        a->calm[e] += a->calm[e] < 255;
        if (kl < 1e-3f * a->small)
            return kl;
    } else {
        a->calm[e] = 0;
    }

    /* Newton's method for log y + q y = z + q old - mu, sum y = 1 from y = p, in the logarithms u of y: with what is still amiss in the
     * equations, F = q (y - old) at first and q y (e^du - 1 - du) after a step du, h = 1 / (1 + q y):
     *     dmu = (sum y - 1 - sum y h F) / sum y h,     du = -(F + dmu) h */
    float step = 0, mass = 1;
    /* After a step du the equations are amiss by q y du^2 / 2: where that is below 5e-4 another is not worth its exponentials. With a
     * looser bound (du < 0.03 at any q) events of large q stall far from the optimum. */
    const float near = q > 1 ? 1e-3f / q : 1e-3f, near_square = near > 1e-6f ? near : 1e-6f;
    MX_UNROLL
    for (unsigned v = 0; v < nc; v++)
        move[v] = q * (y[v] - old[v]);
    int turn = 0;
    for (; turn < 8; turn++) {
        f16 below = F16(0.0f), above = F16(0.0f), far = F16(0.0f), after = F16(0.0f);
        MX_UNROLL
        for (unsigned v = 0; v < nc; v++) {
            h[v] = 1.0f / (1.0f + q * y[v]);
            f16 share = y[v] * h[v];
            below += share;
            above += share * move[v];
        }
        float dmu = (mass - 1.0f - f16_sum(above)) / f16_sum(below);
        MX_UNROLL
        for (unsigned v = 0; v < nc; v++) {
            f16 du = (move[v] + dmu) * h[v];
            far = f16_max(far, f16_max(du, -du));
            h[v] = -du;
        }
        step = f16_largest(far);
        if (!(step < 3.0f))
            break; /* too far for it */
        MX_UNROLL
        for (unsigned v = 0; v < nc; v++) {
            f16 grown = f16_exp(h[v]);
            move[v] = q * y[v] * (grown - 1.0f - h[v]);
            y[v] *= grown;
            after += y[v];
        }
        mass = f16_sum(after);
        if (step * step < near_square)
            break;
    }
    if (!(step * step < near_square)) {
        far_event(z, old, y, q, top + logf(z_sum), nc);
        mass = 0;
        for (unsigned v = 0; v < nc; v++)
            mass += f16_sum(y[v]);
    }
    float to_alpha = 1.0f / mass;
    MX_UNROLL
    for (unsigned v = 0; v < nc; v++) {
        y[v] *= to_alpha;
        if (v == nc - 1)
            y[v] = f16_select(beyond, F16(0.0f), y[v]);
        f16_store_part(alpha + 16 * v, y[v], v + 1 < nc ? 16 : last % 16 + 1);
        move[v] = w * (old[v] - y[v]);
    }
    if (nc == nv)
        move[nc - 1] = f16_select(is_last, F16(0.0f), move[nc - 1]);

    /* W_j += w (alpha_old - alpha) x_j / l2_j */
    if (a->bias_inverse != 0)
        for (unsigned v = 0; v < nv; v++)
            *(f16_any *)(a->bias + 16 * v) += move[v] * a->bias_inverse;
    add_rows(a, first, end, nv, k, move);
    return kl;
}

MX_INLINE double pass_of(mx_ascent *a, const uint32_t *visit, size_t count, unsigned nv, unsigned nc, kind k)
{
    const maxent_events *events = a->events;
    const size_t lanes = 16 * (size_t)nv;
    double gap = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 20 < count)
            __builtin_prefetch(events->row + visit[i + 20]);
        if (i + 6 < count) {
            size_t e = visit[i + 6];
            if (k == CODES)
                __builtin_prefetch(events->code + events->row[e]);
            __builtin_prefetch(events->index + events->row[e]);
            __builtin_prefetch(events->index + events->row[e] + 16);
            __builtin_prefetch(a->alpha + e * events->classes);
        }
        if (i + 2 < count) {
            const size_t e = visit[i + 2], end = events->row[e + 1];
            for (size_t at = events->row[e] + 32; at < end; at += 16)
                __builtin_prefetch(events->index + at);
            for (size_t at = events->row[e] + 64; k == CODES && at < end; at += 64)
                __builtin_prefetch(events->code + at);
        }
        if (i + 2 < count && events->features > 4096) {
            size_t e = visit[i + 2];
            for (size_t at = events->row[e]; at < events->row[e + 1]; at++)
                for (unsigned v = 0; v < nv; v++)
                    __builtin_prefetch(a->W + events->index[at] * lanes + 16 * v);
        }
        gap += visit_event(a, visit[i], nv, nc, k);
    }
    return gap;
}

/* Two classes: one number alpha = that of class 1, one vector W.  logit(a) + q (a - a_old) = z  has a left side that rises in
 * u = logit(a), with slope 1 at least; Newton's steps are kept inside a bracket. */
MX_INLINE double visit_two(mx_ascent *a, size_t e, kind k)
{
    const maxent_events *events = a->events;
    const double w = a->weight == NULL ? 1.0 : (double)a->weight[e], q = (double)a->q[e], old = a->two[e];
    double z = (double)a->bias[0];
    for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
        z += (double)(a->W[events->index[i]] * value_at(a, i, k));
    if (a->score != NULL)
        z += (double)a->score[2 * e + 1] - (double)a->score[2 * e];

    double p = 1 / (1 + exp(-z)), d = p - old;
    double kl = w * (d * d / (p + old + 1e-30) + d * d / (2 - p - old + 1e-30));
    if (kl < (double)a->small) {
        a->calm[e] += a->calm[e] < 255;
        if (kl < 1e-3 * (double)a->small)
            return kl;
    } else {
        a->calm[e] = 0;
    }
    double low = z - q * (1 - old), high = z + q * old;
    double u = z - q * d / (1 + q * p * (1 - p)); /* one Newton step from u = z */
    double at = 0;
    for (int turn = 0; turn < 60; turn++) {
        u = u > low && u < high ? u : 0.5 * (low + high);
        at = 1 / (1 + exp(-u));
        double f = u + q * (at - old) - z;
        if (f > 0)
            high = u;
        else
            low = u;
        if (!(fabs(f) > 1e-12 * (1 + fabs(z) + q)))
            break;
        u -= f / (1 + q * at * (1 - at));
    }
    a->two[e] = at;

    float step = (float)(w * (old - at));
    if (a->bias_inverse != 0)
        a->bias[0] += step * a->bias_inverse;
    for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
        uint32_t j = events->index[i];
        a->W[j] += step * value_at(a, i, k) * (a->inverses != NULL ? a->inverses[j] : a->inverse);
    }
    return kl;
}

MX_INLINE double pass_two(mx_ascent *a, const uint32_t *visit, size_t count, kind k)
{
    const maxent_events *events = a->events;
    double gap = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 6 < count)
            __builtin_prefetch(events->index + events->row[visit[i + 6]]);
        if (i + 2 < count && events->features > 65536)
            for (size_t at = events->row[visit[i + 2]]; at < events->row[visit[i + 2] + 1]; at++)
                __builtin_prefetch(a->W + events->index[at]);
        gap += visit_two(a, visit[i], k);
    }
    return gap;
}

#define SIZED(nv, nc)                                                           \
    (events->value != NULL  ? pass_of(a, visit, count, nv, nc, VALUES)          \
     : events->code != NULL ? pass_of(a, visit, count, nv, nc, CODES)           \
                            : pass_of(a, visit, count, nv, nc, ONES))

static double pass(mx_ascent *a, const uint32_t *visit, size_t count)
{
    const maxent_events *events = a->events;
    if (events->classes == 2)
        return events->value != NULL  ? pass_two(a, visit, count, VALUES)
               : events->code != NULL ? pass_two(a, visit, count, CODES)
                                      : pass_two(a, visit, count, ONES);
    unsigned nv = (unsigned)(a->lanes / 16), nc = (events->classes + 15) / 16;
    if (nv == 1 && nc == 1)
        return SIZED(1, 1);
    if (nv == 1)
        return SIZED(1, 2);
    if (nv == 2 && nc == 2)
        return SIZED(2, 2);
    if (nv == 4 && nc == 4)
        return SIZED(4, 4);
    return SIZED(nv, nc);
}

const mx_ascent_kernels VARIANT = {VARIANT_NAME, pass};
