/* The products, compiled once per instruction set. VARIANT, VARIANT_NAME: the table. Vectors run along the V numbers of a feature. */
#include "base/vector.h"
#include "model/products.h"

typedef double f8 __attribute__((vector_size(64)));
typedef double f8_any __attribute__((vector_size(64), aligned(8), may_alias));

typedef enum kind { ONES, CODES, VALUES } kind;

#define MOST 8 /* vectors of 8 kept in registers; more go in turns */

MX_INLINE double value_at(const maxent_events *events, size_t at, kind k)
{
    return k == ONES ? 1.0 : k == CODES ? events->level[events->code[at]] : events->value[at];
}

MX_INLINE f8 load(const double *from, unsigned count, int whole)
{
    if (whole)
        return *(const f8_any *)from;
#if defined(__AVX512F__)
    return (f8)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1u), from);
#else
    f8 v = {0};
    for (unsigned i = 0; i < 8 && i < count; i++)
        v[i] = from[i];
    return v;
#endif
}

MX_INLINE void store(double *to, f8 v, unsigned count, int whole)
{
    if (whole) {
        *(f8_any *)to = v;
        return;
    }
#if defined(__AVX512F__)
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1u), (__m512d)v);
#else
    for (unsigned i = 0; i < 8 && i < count; i++)
        to[i] = v[i];
#endif
}

/* `vectors` vectors of each row, the last with `rest` (1 .. 8) numbers. */
MX_INLINE void scores_of(const maxent_events *events, size_t first, size_t end, const double *W, size_t V, unsigned vectors,
                         unsigned rest, double *Z, kind k)
{
    for (size_t e = first; e < end; e++) {
        f8 z[MOST];
        for (unsigned v = 0; v < vectors; v++)
            z[v] = (f8){0};
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            if (events->features > 2048 && i + 16 < events->row[events->events])
                for (unsigned v = 0; v < vectors; v++)
                    __builtin_prefetch(W + events->index[i + 16] * V + 8 * v);
            const double *row = W + events->index[i] * V;
            double x = value_at(events, i, k);
            for (unsigned v = 0; v < vectors; v++)
                z[v] += load(row + 8 * v, rest, v + 1 < vectors || rest == 8) * x;
        }
        for (unsigned v = 0; v < vectors; v++)
            store(Z + (e - first) * V + 8 * v, z[v], rest, v + 1 < vectors || rest == 8);
    }
}

MX_INLINE void scatter_of(const maxent_events *events, size_t first, size_t end, const double *R, size_t V, unsigned vectors,
                          unsigned rest, double *G, kind k)
{
    for (size_t e = first; e < end; e++) {
        f8 r[MOST];
        for (unsigned v = 0; v < vectors; v++)
            r[v] = load(R + (e - first) * V + 8 * v, rest, v + 1 < vectors || rest == 8);
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            if (events->features > 2048 && i + 16 < events->row[events->events])
                for (unsigned v = 0; v < vectors; v++)
                    __builtin_prefetch(G + events->index[i + 16] * V + 8 * v, 1);
            double *row = G + events->index[i] * V;
            double x = value_at(events, i, k);
            for (unsigned v = 0; v < vectors; v++)
                store(row + 8 * v, load(row + 8 * v, rest, v + 1 < vectors || rest == 8) + r[v] * x, rest,
                      v + 1 < vectors || rest == 8);
        }
    }
}

MX_INLINE void scores_one(const maxent_events *events, size_t first, size_t end, const double *W, double *Z, kind k)
{
    for (size_t e = first; e < end; e++) {
        double z = 0;
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            z += W[events->index[i]] * value_at(events, i, k);
        Z[e - first] = z;
    }
}

MX_INLINE void scatter_one(const maxent_events *events, size_t first, size_t end, const double *R, double *G, kind k)
{
    for (size_t e = first; e < end; e++)
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++)
            G[events->index[i]] += R[e - first] * value_at(events, i, k);
}

#define BY_KIND(call, ...)                                                                                           \
    do {                                                                                                             \
        if (events->value != NULL)                                                                                   \
            call(__VA_ARGS__, VALUES);                                                                               \
        else if (events->code != NULL)                                                                               \
            call(__VA_ARGS__, CODES);                                                                                \
        else                                                                                                         \
            call(__VA_ARGS__, ONES);                                                                                 \
    } while (0)

static void scores(const maxent_events *events, size_t first, size_t end, const double *W, size_t V, double *Z)
{
    if (V == 1) {
        BY_KIND(scores_one, events, first, end, W, Z);
        return;
    }
    for (size_t at = 0; at < V; at += 8 * MOST) {
        size_t left = V - at < 8 * MOST ? V - at : 8 * MOST;
        unsigned vectors = (unsigned)((left + 7) / 8), rest = (unsigned)(left - 8 * (vectors - 1u));
        if (vectors == 1)
            BY_KIND(scores_of, events, first, end, W + at, V, 1, rest, Z + at);
        else if (vectors == 2)
            BY_KIND(scores_of, events, first, end, W + at, V, 2, rest, Z + at);
        else if (vectors == 3)
            BY_KIND(scores_of, events, first, end, W + at, V, 3, rest, Z + at);
        else
            BY_KIND(scores_of, events, first, end, W + at, V, vectors, rest, Z + at);
    }
}

static void scatter(const maxent_events *events, size_t first, size_t end, const double *R, size_t V, double *G)
{
    if (V == 1) {
        BY_KIND(scatter_one, events, first, end, R, G);
        return;
    }
    for (size_t at = 0; at < V; at += 8 * MOST) {
        size_t left = V - at < 8 * MOST ? V - at : 8 * MOST;
        unsigned vectors = (unsigned)((left + 7) / 8), rest = (unsigned)(left - 8 * (vectors - 1u));
        if (vectors == 1)
            BY_KIND(scatter_of, events, first, end, R + at, V, 1, rest, G + at);
        else if (vectors == 2)
            BY_KIND(scatter_of, events, first, end, R + at, V, 2, rest, G + at);
        else if (vectors == 3)
            BY_KIND(scatter_of, events, first, end, R + at, V, 3, rest, G + at);
        else
            BY_KIND(scatter_of, events, first, end, R + at, V, vectors, rest, G + at);
    }
}

const mx_products VARIANT = {VARIANT_NAME, scores, scatter};
