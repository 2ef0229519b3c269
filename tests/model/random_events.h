/* Random events for the tests of the trainer, and a judge that knows nothing of it: objective and gradient in long double, by plain loops
 * over the arrays that the events were made of. */
#ifndef RANDOM_EVENTS_H
#define RANDOM_EVENTS_H

#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct plan {
    size_t n, m, C;
    int values; /* 0: ones, 1: a few distinct, 2: any */
    int weighted, soft, offsets;
    double density;
    uint64_t seed;
} plan;

typedef struct raw {
    plan p;
    double *x;      /* [n][m] */
    double *target; /* [n][C] weights of the classes */
    double *offset; /* [n][C] or NULL */
    maxent_events *events;
} raw;

static inline double uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline raw raw_new(plan p)
{
    raw r = {p, calloc(p.n * p.m + 1, sizeof(double)), calloc(p.n * p.C, sizeof(double)), NULL, NULL};
    uint64_t seed = p.seed;
    uint32_t *label = malloc(p.n * sizeof *label);
    double *weight = malloc(p.n * sizeof *weight), *W = malloc(p.m * p.C * sizeof *W + 8);
    assert_non_null(r.x);
    for (size_t i = 0; i < p.m * p.C; i++)
        W[i] = 4 * uniform(&seed) - 2;
    if (p.offsets)
        r.offset = malloc(p.n * p.C * sizeof *r.offset);
    for (size_t e = 0; e < p.n; e++) {
        double best = -INFINITY;
        for (size_t j = 0; j < p.m; j++)
            if (uniform(&seed) < p.density)
                r.x[e * p.m + j] = p.values == 0 ? 1.0 : p.values == 1 ? floor(5 * uniform(&seed)) - 1.5 : 4 * uniform(&seed) - 2;
        for (size_t c = 0; c < p.C; c++) { /* a class by the weights and noise */
            double s = -log(-log(uniform(&seed) + 1e-300));
            for (size_t j = 0; j < p.m; j++)
                s += r.x[e * p.m + j] * W[j * p.C + c] * 0.5;
            if (s > best) {
                best = s;
                label[e] = (uint32_t)c;
            }
            if (p.offsets)
                r.offset[e * p.C + c] = uniform(&seed) - 0.5;
        }
        weight[e] = p.weighted ? floor(3 * uniform(&seed)) + (e % 7 == 0 ? 0.5 : 0.0) : 1.0;
        r.target[e * p.C + label[e]] = weight[e];
        for (size_t c = 0; p.soft && c < p.C; c++)
            r.target[e * p.C + c] += uniform(&seed) < 0.4 ? uniform(&seed) : 0.0;
    }
    assert_int_equal(maxent_events_from_dense(p.n, p.m, p.C, r.x, p.m, label, weight, &r.events, NULL), MAXENT_OK);
    if (p.soft)
        assert_int_equal(maxent_events_set_targets(r.events, r.target, NULL), MAXENT_OK);
    if (p.offsets)
        assert_int_equal(maxent_events_set_offsets(r.events, r.offset, NULL), MAXENT_OK);
    free(label);
    free(weight);
    free(W);
    return r;
}

static inline void raw_free(raw *r)
{
    maxent_events_free(r->events);
    free(r->x);
    free(r->target);
    free(r->offset);
}

/* The objective at a model, and in g[(m + 1) C] the smallest subgradient; with two classes that of class 1 counts. */
static inline long double judge(const raw *r, const maxent_model *model, const maxent_fit_options *o, long double *g)
{
    const size_t m = r->p.m, C = r->p.C, base = C == 2;
    long double loss = 0;
    for (size_t i = 0; i < (m + 1) * C; i++)
        g[i] = 0;
    for (size_t e = 0; e < r->p.n; e++) {
        long double s[64], top = -INFINITY, sum = 0, weight = 0;
        for (size_t c = 0; c < C; c++) {
            s[c] = maxent_model_intercept(model, c) + (r->offset != NULL ? r->offset[e * C + c] : 0.0);
            for (size_t j = 0; j < m; j++)
                s[c] += (long double)maxent_model_weight(model, c, j) * r->x[e * m + j];
            top = s[c] > top ? s[c] : top;
        }
        for (size_t c = 0; c < C; c++)
            sum += expl(s[c] - top);
        for (size_t c = 0; c < C; c++) {
            weight += r->target[e * C + c];
            loss += r->target[e * C + c] * (top + logl(sum) - s[c]);
        }
        for (size_t c = base; c < C; c++) {
            long double residual = weight * expl(s[c] - top) / sum - r->target[e * C + c];
            for (size_t j = 0; j < m; j++)
                g[j * C + c] += residual * r->x[e * m + j];
            g[m * C + c] += residual;
        }
    }
    for (size_t j = 0; j <= m; j++) {
        int bias = j == m, punished = !bias || o->intercept == MAXENT_INTERCEPT_PENALIZED;
        long double l2 = punished ? o->l2 * (!bias && o->l2_feature != NULL ? o->l2_feature[j] : 1.0) : 0;
        long double l1 = punished ? o->l1 * (!bias && o->l1_feature != NULL ? o->l1_feature[j] : 1.0) : 0;
        for (size_t c = base; c < C; c++) {
            long double w = bias ? maxent_model_intercept(model, c) : maxent_model_weight(model, c, j), *to = &g[j * C + c];
            if (o->prior != NULL)
                w -= bias ? maxent_model_intercept(o->prior, c) : maxent_model_weight(o->prior, c, j);
            loss += l2 / 2 * w * w + l1 * fabsl(w);
            *to += l2 * w;
            *to = w > 0 ? *to + l1 : w < 0 ? *to - l1 : fabsl(*to) > l1 ? fabsl(*to) - l1 : 0;
            if (bias && o->intercept == MAXENT_INTERCEPT_NONE)
                *to = 0;
        }
    }
    return loss;
}

static inline long double largest(const raw *r, const long double *g)
{
    long double most = 0;
    for (size_t i = 0; i < (r->p.m + 1) * r->p.C; i++)
        most = fabsl(g[i]) > most ? fabsl(g[i]) : most;
    return most;
}

#endif
