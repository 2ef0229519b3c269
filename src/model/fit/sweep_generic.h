/* The inner loops of descent by features; compiled once per instruction set. VARIANT: the name of the table. */
#include "model/fit/lanes16.h"
#include "model/fit/sweep.h"

#include <math.h>
#include <string.h>

#define AHEAD 16

typedef struct entries {
    const uint32_t *event; /* NULL: event i is i */
    const float *value;    /* NULL: 1 */
    size_t count;
} entries;

MX_INLINE entries entries_of(const mx_sweep *s, size_t j)
{
    if (j == SIZE_MAX)
        return (entries){NULL, NULL, s->n};
    size_t start = s->column[j];
    return (entries){s->event + start, s->value == NULL ? NULL : s->value + start, s->column[j + 1] - start};
}

#define EACH_ENTRY(from, also)                                                             \
    size_t e = x.event == NULL ? i : x.event[i];                                           \
    float v = x.value == NULL ? 1.0f : x.value[i];                                         \
    if (x.event != NULL && i + AHEAD < x.count) {                                          \
        __builtin_prefetch((from) + x.event[i + AHEAD] * s->lanes);                        \
        if (also)                                                                          \
            __builtin_prefetch(s->p + x.event[i + AHEAD] * s->lanes);                      \
    }

/* One vector in a row stays in a register; more are added up in memory, where they stay in the first cache. */
MX_INLINE void slope_of(const mx_sweep *s, const float *from, const float *weight, size_t j, float *out, size_t vectors)
{
    const entries x = entries_of(s, j);
    f16 sum = F16(0.0f);
    if (vectors > 1)
        memset(out, 0, s->lanes * sizeof *out);
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(from, 0)
        const float *t = from + e * s->lanes;
        if (weight != NULL)
            v *= weight[e];
        if (vectors == 1)
            sum += *(const f16_any *)t * v;
        else
            for (size_t k = 0; k < vectors; k++)
                *(f16_any *)(out + 16 * k) += *(const f16_any *)(t + 16 * k) * v;
    }
    if (vectors == 1)
        *(f16_any *)out = sum;
}

MX_INLINE void shift_of(const mx_sweep *s, size_t j, const float *delta, size_t vectors)
{
    const entries x = entries_of(s, j);
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->t, 1)
        const float *p = s->p + e * s->lanes;
        float *t = s->t + e * s->lanes, scale = s->weight == NULL ? v : v * s->weight[e];
        f16 product = *(const f16_any *)p * *(const f16_any *)delta;
        for (size_t k = 1; k < vectors; k++)
            product += *(const f16_any *)(p + 16 * k) * *(const f16_any *)(delta + 16 * k);
        float mean = f16_sum(product);
        for (size_t k = 0; k < vectors; k++)
            *(f16_any *)(t + 16 * k) += *(const f16_any *)(p + 16 * k) * (*(const f16_any *)(delta + 16 * k) - mean) * scale;
    }
}

/* p_c := p_c e^(x delta_c) / m, m = 1 + sum_b p_b (e^(x delta_b) - 1); the sum of w log m. power: [lanes] e^delta. */
MX_INLINE double follow_of(const mx_sweep *s, size_t j, const float *delta, const float *power, size_t vectors)
{
    const entries x = entries_of(s, j);
    double change = 0;
    float product = 1;
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->p, 0)
        float *p = s->p + e * s->lanes;
        f16 old = F16(0.0f), sum = F16(0.0f);
        for (size_t k = 0; k < vectors; k++) {
            f16 now = *(const f16_any *)(p + 16 * k);
            f16 f = *(const f16_any *)(power + 16 * k);
            if (x.value != NULL)
                f = f16_exp(*(const f16_any *)(delta + 16 * k) * v);
            old += now;
            now *= f;
            sum += now;
            *(f16_any *)(p + 16 * k) = now;
        }
        const float last = 1 - f16_sum(old), m = f16_sum(sum) + (last > 0 ? last : 0), scale = 1 / m;
        for (size_t k = 0; k < vectors; k++)
            *(f16_any *)(p + 16 * k) *= scale;
        if (s->weight != NULL) {
            change += (double)(s->weight[e] * logf(m));
        } else {
            product *= m;
            if (!(product > 1e-15f && product < 1e15f)) {
                change += (double)logf(product);
                product = 1;
            }
        }
    }
    return change + (double)logf(product);
}

MX_INLINE void block_of(const mx_sweep *s, size_t j, size_t kept, float *out, size_t vectors)
{
    const entries x = entries_of(s, j);
    memset(out, 0, kept * s->lanes * sizeof *out);
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->p, 0)
        const float *p = s->p + e * s->lanes, square = s->weight == NULL ? v * v : v * v * s->weight[e];
        for (size_t c = 0; c < kept; c++) {
            float *row = out + c * s->lanes, part = p[c] * square;
            for (size_t k = 0; k < vectors; k++)
                *(f16_any *)(row + 16 * k) -= *(const f16_any *)(p + 16 * k) * part;
            row[c] += part;
        }
    }
}

MX_INLINE void curve_of(const mx_sweep *s, const mx_rows *rows, size_t first, size_t end, const float *v, const float *bias, float *out,
                        float *out_bias, float *u, size_t vectors)
{
    for (size_t e = first; e < end; e++) {
        const float *p = s->p + e * s->lanes, weight = s->weight == NULL ? 1.0f : s->weight[e];
        f16 one = F16(0.0f), sum = F16(0.0f);
        if (bias != NULL)
            one = *(const f16_any *)bias;
        for (size_t k = 0; vectors > 1 && k < vectors; k++)
            *(f16_any *)(u + 16 * k) = F16(0.0f);
        for (size_t k = 0; vectors > 1 && bias != NULL && k < vectors; k++)
            *(f16_any *)(u + 16 * k) = *(const f16_any *)(bias + 16 * k);
        for (size_t i = rows->row[e]; i < rows->row[e + 1]; i++) {
            const float x = rows->value == NULL ? 1.0f : rows->value[i], *from = v + rows->index[i] * s->lanes;
            if (vectors == 1)
                one += *(const f16_any *)from * x;
            else
                for (size_t k = 0; k < vectors; k++)
                    *(f16_any *)(u + 16 * k) += *(const f16_any *)(from + 16 * k) * x;
        }
        if (vectors == 1)
            sum = one * *(const f16_any *)p;
        else
            for (size_t k = 0; k < vectors; k++)
                sum += *(const f16_any *)(u + 16 * k) * *(const f16_any *)(p + 16 * k);
        const float mean = f16_sum(sum);
        if (vectors == 1) {
            one = (one - mean) * *(const f16_any *)p * weight;
            if (bias != NULL)
                *(f16_any *)out_bias += one;
        } else {
            for (size_t k = 0; k < vectors; k++) {
                f16 t = (*(const f16_any *)(u + 16 * k) - mean) * *(const f16_any *)(p + 16 * k) * weight;
                *(f16_any *)(u + 16 * k) = t;
                if (bias != NULL)
                    *(f16_any *)(out_bias + 16 * k) += t;
            }
        }
        for (size_t i = rows->row[e]; i < rows->row[e + 1]; i++) {
            const float x = rows->value == NULL ? 1.0f : rows->value[i];
            float *to = out + rows->index[i] * s->lanes;
            if (vectors == 1)
                *(f16_any *)to += one * x;
            else
                for (size_t k = 0; k < vectors; k++)
                    *(f16_any *)(to + 16 * k) += *(const f16_any *)(u + 16 * k) * x;
        }
    }
}

/* Two classes: p is that of class 1, one number a row. */
static void slope_two(const mx_sweep *s, const float *from, const float *weight, size_t j, float *out)
{
    const entries x = entries_of(s, j);
    double sum = 0;
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(from, 0)
        sum += (double)(from[e] * v * (weight == NULL ? 1.0f : weight[e]));
    }
    out[0] = (float)sum;
}

static float curvature_two(const mx_sweep *s, size_t e)
{
    return s->p[e] * (1 - s->p[e]) * (s->weight == NULL ? 1.0f : s->weight[e]);
}

static void shift_two(const mx_sweep *s, size_t j, const float *delta)
{
    const entries x = entries_of(s, j);
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->t, 1)
        s->t[e] += curvature_two(s, e) * v * delta[0];
    }
}

static double follow_two(const mx_sweep *s, size_t j, const float *delta, const float *power)
{
    const entries x = entries_of(s, j);
    double change = 0;
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->p, 0)
        const float f = x.value == NULL ? power[0] : expf(v * delta[0]), m = 1 + s->p[e] * (f - 1);
        s->p[e] *= f / m;
        change += (double)((s->weight == NULL ? 1.0f : s->weight[e]) * logf(m));
    }
    return change;
}

static void block_two(const mx_sweep *s, size_t j, float *out)
{
    const entries x = entries_of(s, j);
    double sum = 0;
    for (size_t i = 0; i < x.count; i++) {
        EACH_ENTRY(s->p, 0)
        sum += (double)(curvature_two(s, e) * v * v);
    }
    out[0] = (float)sum;
}

static void curve_two(const mx_sweep *s, const mx_rows *rows, size_t first, size_t end, const float *v, const float *bias, float *out,
                      float *out_bias)
{
    for (size_t e = first; e < end; e++) {
        float u = bias == NULL ? 0.0f : *bias;
        for (size_t i = rows->row[e]; i < rows->row[e + 1]; i++)
            u += v[rows->index[i]] * (rows->value == NULL ? 1.0f : rows->value[i]);
        u *= curvature_two(s, e);
        if (bias != NULL)
            *out_bias += u;
        for (size_t i = rows->row[e]; i < rows->row[e + 1]; i++)
            out[rows->index[i]] += u * (rows->value == NULL ? 1.0f : rows->value[i]);
    }
}

static void slope(const mx_sweep *s, const float *from, const float *weight, size_t j, float *out)
{
    if (s->lanes == 1)
        slope_two(s, from, weight, j, out);
    else if (s->lanes == 16)
        slope_of(s, from, weight, j, out, 1);
    else
        slope_of(s, from, weight, j, out, s->lanes / 16);
}

static void shift(const mx_sweep *s, size_t j, const float *delta)
{
    if (s->lanes == 1)
        shift_two(s, j, delta);
    else if (s->lanes == 16)
        shift_of(s, j, delta, 1);
    else
        shift_of(s, j, delta, s->lanes / 16);
}

static double follow(const mx_sweep *s, size_t j, const float *delta, float *power)
{
    for (size_t c = 0; c < s->lanes; c++)
        power[c] = expf(delta[c]);
    return s->lanes == 1    ? follow_two(s, j, delta, power)
           : s->lanes == 16 ? follow_of(s, j, delta, power, 1)
                            : follow_of(s, j, delta, power, s->lanes / 16);
}

static void block(const mx_sweep *s, size_t j, size_t kept, float *out)
{
    if (s->lanes == 1)
        block_two(s, j, out);
    else if (s->lanes == 16)
        block_of(s, j, kept, out, 1);
    else
        block_of(s, j, kept, out, s->lanes / 16);
}

static void curve(const mx_sweep *s, const mx_rows *rows, size_t first, size_t end, const float *v, const float *bias, float *out,
                  float *out_bias, float *u)
{
    if (s->lanes == 1)
        curve_two(s, rows, first, end, v, bias, out, out_bias);
    else if (s->lanes == 16)
        curve_of(s, rows, first, end, v, bias, out, out_bias, u, 1);
    else
        curve_of(s, rows, first, end, v, bias, out, out_bias, u, s->lanes / 16);
}

static void add(size_t count, const float *from, float by, float *to)
{
    for (size_t i = 0; i < count; i += 16)
        *(f16 *)(to + i) += *(const f16 *)(from + i) * by;
}

const mx_sweep_kernels VARIANT = {VARIANT_NAME, slope, shift, follow, block, curve, add};
