/* Quantities of discrete columns: each is a sum of entropies H(S) of sets of columns, estimated one by one,
 *
 *     H(A | C)    = H(A, C) - H(C)
 *     I(A; B | C) = H(A, C) + H(B, C) - H(A, B, C) - H(C);       m parts: -sum_(S of parts) (-1)^|S| H(S, C)
 *     TC(A | C)   = sum_(v in A) [H(v, C) - H(C)] - H(A, C) + H(C)
 *     VI(A; B)    = 2 H(A, B) - H(A) - H(B)
 *
 * so that an estimator's correction for H carries over. Which group a tuple of the sample belongs to is computed once for every set;
 * a bootstrap replicate or a permutation then only counts anew.
 *
 * Bootstrap: rows are drawn anew, basic interval as in bootstrap.c. Permutation test of I(A; B | C) = 0 [1, section 4.3]: the values of
 * B are shuffled among the rows with the same C, which leaves every marginal but the joint one as it is.
 *
 * [1] A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application (1997).
 */
#include <maxent/distribution.h>

#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/evaluate.h"
#include "entropy/sum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TERMS = 1 << MX_Q_PARTS };

typedef struct term {
    uint64_t set;
    double coefficient;
    size_t groups;
    uint32_t *group; /* [tuples] */
    double cells;
} term;

typedef struct plan {
    const mx_sample *sample;
    const mx_task *task;
    maxent_estimator estimator;
    term term[MOST_TERMS];
    size_t terms;
    double *count; /* [largest number of groups] */
    int never_negative;
} plan;

/* Adds coefficient H(set); the empty set has none. */
static void add_term(plan *p, uint64_t set, double coefficient)
{
    if (set == 0)
        return;
    for (size_t i = 0; i < p->terms; i++)
        if (p->term[i].set == set) {
            p->term[i].coefficient += coefficient;
            return;
        }
    p->term[p->terms++] = (term){set, coefficient, 0, NULL, 0};
}

static void add_terms(plan *p)
{
    const mx_quantity *q = p->task->quantity;
    uint64_t c = mx_task_set(p->task, -1), a = mx_task_set(p->task, 0), b = mx_task_set(p->task, 1);
    p->never_negative = 1;
    switch (q->kind) {
    case MX_Q_INFORMATION:
        p->never_negative = q->parts == 2;
        for (unsigned s = 0; s < 1u << q->parts; s++) {
            uint64_t set = c;
            int odd = 0;
            for (int i = 0; i < (int)q->parts; i++)
                if (s >> i & 1) {
                    set |= mx_task_set(p->task, i);
                    odd = !odd;
                }
            add_term(p, set, odd ? 1 : -1);
        }
        break;
    case MX_Q_TOTAL:
        for (size_t i = 0; i < q->names; i++)
            if (q->part[i] == 0) {
                add_term(p, (uint64_t)1 << p->task->column[i] | c, 1);
                add_term(p, c, -1);
            }
        add_term(p, a | c, -1);
        add_term(p, c, 1);
        break;
    case MX_Q_VARIATION:
        add_term(p, a | b, 2);
        add_term(p, a, -1);
        add_term(p, b, -1);
        break;
    default: /* H, perplexity, redundancy, Renyi, Tsallis */
        add_term(p, a | c, 1);
        add_term(p, c, -1);
        break;
    }
}

static int uses_cells(maxent_estimator e)
{
    return e == MAXENT_SHRINKAGE || e == MAXENT_JEFFREYS || e == MAXENT_LAPLACE || e == MAXENT_PERKS || e == MAXENT_MINIMAX ||
           e == MAXENT_DIRICHLET || e == MAXENT_NSB;
}

static maxent_error prepare(plan *p, maxent_diagnostic *diagnostic)
{
    const mx_sample *sample = p->sample;
    const maxent_measure_options *options = p->task->options;
    size_t most = 1, left = 0;
    add_terms(p);
    if (p->terms > 1 && options->counts.cells != 0)
        return mx_quantity_fail(p->task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "a number of cells applies to the entropy of one set of columns only");
    for (size_t i = 0; i < p->terms; i++) /* entropies that cancel need not be estimated */
        if (p->term[i].coefficient != 0)
            p->term[left++] = p->term[i];
    p->terms = left;
    for (size_t i = 0; i < p->terms; i++) {
        term *t = &p->term[i];
        t->group = mx_alloc(sample->tally.tuples, sizeof *t->group);
        t->groups = t->group == NULL ? 0 : mx_sample_groups(sample, t->set, t->group);
        if (t->groups == 0)
            return mx_no_memory(diagnostic);
        t->cells = options->counts.cells != 0 ? (double)options->counts.cells : mx_sample_cells(sample, t->set);
        if (uses_cells(p->estimator) && t->cells > 0x1p53)
            return mx_quantity_fail(p->task->text, 0, diagnostic, MAXENT_ERROR_LIMIT,
                                    "the columns have more than 2^53 cells together, too many for this estimator");
        most = t->groups > most ? t->groups : most;
    }
    p->count = mx_alloc(most, sizeof *p->count);
    return p->count == NULL ? mx_no_memory(diagnostic) : MAXENT_OK;
}

static void plan_free(plan *p)
{
    for (size_t i = 0; i < p->terms; i++)
        mx_free(p->term[i].group);
    mx_free(p->count);
}

/* H of one set for given weights of the tuples, of any order; *sd: the estimator's own standard error. */
static maxent_error entropy_of(plan *p, const term *t, const double *weight, double *out, double *sd, maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = p->task->quantity;
    memset(p->count, 0, t->groups * sizeof *p->count);
    for (size_t i = 0; i < p->sample->tally.tuples; i++)
        p->count[t->group[i]] += weight[i];
    if (q->kind == MX_Q_TSALLIS || q->order != 1) {
        maxent_error error = maxent_normalize(t->groups, p->count, diagnostic);
        if (error != MAXENT_OK)
            return error;
        *sd = NAN;
        return q->kind == MX_Q_TSALLIS ? maxent_tsallis(t->groups, p->count, q->order, out, diagnostic)
                                       : maxent_renyi(t->groups, p->count, q->order, out, diagnostic);
    }
    maxent_estimate_options options = p->task->options->counts;
    options.cells = uses_cells(p->estimator) && t->cells > (double)t->groups ? (size_t)t->cells : 0;
    if (p->task->options->counts.cells != 0)
        options.cells = p->task->options->counts.cells;
    maxent_estimate estimate;
    maxent_error error = maxent_entropy_estimate(p->estimator, t->groups, p->count, &options, &estimate, diagnostic);
    if (error == MAXENT_OK) {
        *out = estimate.value;
        *sd = estimate.standard_error;
    }
    return error;
}

static maxent_error value_of(plan *p, const double *weight, double *out, double *sd, maxent_diagnostic *diagnostic)
{
    mx_sum sum = {0, 0};
    for (size_t i = 0; i < p->terms; i++) {
        double h;
        maxent_error error = entropy_of(p, &p->term[i], weight, &h, sd, diagnostic);
        if (error != MAXENT_OK)
            return error;
        mx_sum_add(&sum, p->term[i].coefficient * h);
    }
    double value = mx_sum_value(&sum);
    if (p->never_negative && p->estimator == MAXENT_PLUG_IN && value < 0)
        value = 0; /* by rounding */
    if (p->terms != 1)
        *sd = NAN;
    const mx_quantity *q = p->task->quantity;
    if (q->kind == MX_Q_PERPLEXITY) {
        value = exp(value);
        *sd *= value; /* delta method */
    } else if (q->kind == MX_Q_REDUNDANCY) {
        double capacity = log(p->term[0].cells);
        value = capacity > 0 ? 1 - value / capacity : 0;
        *sd = capacity > 0 ? *sd / capacity : NAN;
        if (p->estimator == MAXENT_PLUG_IN && value < 0)
            value = 0;
    }
    *out = value;
    return MAXENT_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(size_t n, const double *x, double level) /* type 7 of R */
{
    double place = level * (double)(n - 1);
    size_t i = (size_t)place;
    return i + 1 < n ? x[i] + (place - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

static maxent_error bootstrap(plan *p, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const mx_tally *tally = &p->sample->tally;
    const maxent_measure_options *options = p->task->options;
    for (size_t t = 0; t < tally->tuples; t++)
        if (tally->count[t] != floor(tally->count[t]) || p->sample->n >= 0x1p53)
            return mx_quantity_fail(p->task->text, 0, diagnostic, MAXENT_ERROR_VALUE,
                                    "rows with weights that are not whole numbers cannot be drawn anew for an interval");
    double *weight = mx_alloc(tally->tuples, sizeof *weight), *value = mx_alloc(options->replicates, sizeof *value);
    maxent_sampler *sampler = NULL;
    maxent_error error = weight == NULL || value == NULL ? mx_no_memory(diagnostic) : MAXENT_OK;
    if (error == MAXENT_OK && (error = maxent_sampler_new(tally->tuples, tally->count, options->seed, &sampler)) != MAXENT_OK)
        mx_fail(diagnostic, error, "%s", maxent_error_text(error));
    mx_sum sum = {0, 0}, squares = {0, 0};
    for (size_t r = 0; error == MAXENT_OK && r < options->replicates; r++) {
        memset(weight, 0, tally->tuples * sizeof *weight);
        for (double left = p->sample->n; left > 0;) {
            size_t block[1024], now = left < 1024 ? (size_t)left : 1024;
            maxent_sampler_draw(sampler, now, block);
            for (size_t i = 0; i < now; i++)
                weight[block[i]] += 1;
            left -= (double)now;
        }
        double sd;
        error = value_of(p, weight, &value[r], &sd, diagnostic);
        if (error == MAXENT_OK)
            mx_sum_add(&sum, value[r]);
    }
    if (error == MAXENT_OK) {
        double mean = mx_sum_value(&sum) / (double)options->replicates;
        for (size_t r = 0; r < options->replicates; r++)
            mx_sum_add(&squares, (value[r] - mean) * (value[r] - mean));
        qsort(value, options->replicates, sizeof *value, ascending);
        out->standard_error = sqrt(mx_sum_value(&squares) / (double)(options->replicates - 1));
        out->lower = 2 * out->value - quantile(options->replicates, value, 0.5 + options->level / 2);
        out->upper = 2 * out->value - quantile(options->replicates, value, 0.5 - options->level / 2);
        if (p->never_negative && out->lower < 0)
            out->lower = 0;
    }
    mx_free(weight);
    mx_free(value);
    maxent_sampler_free(sampler);
    return error;
}

/* One row of the shuffled file: its groups of A with C, of B, and of C. */
typedef struct row {
    uint32_t ac, b, c;
} row;

static int by_condition(const void *x, const void *y)
{
    const row *a = x, *b = y;
    return (a->c > b->c) - (a->c < b->c);
}

static uint64_t pair_key(const row *r)
{
    return (uint64_t)r->ac << 32 | r->b;
}

static int by_pair(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* H of the joint of (A, C) and B by the estimator, from the rows as they stand. key, count: [n] room. */
static maxent_error joint_entropy(plan *p, const row *rows, size_t n, double cells, uint64_t *key, double *count, double *out,
                                  maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < n; i++)
        key[i] = pair_key(&rows[i]);
    qsort(key, n, sizeof *key, by_pair);
    size_t groups = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || key[i] != key[i - 1])
            count[groups++] = 0;
        count[groups - 1] += 1;
    }
    maxent_estimate_options options = p->task->options->counts;
    options.cells = uses_cells(p->estimator) && cells > (double)groups ? (size_t)cells : 0;
    maxent_estimate estimate;
    maxent_error error = maxent_entropy_estimate(p->estimator, groups, count, &options, &estimate, diagnostic);
    if (error == MAXENT_OK)
        *out = estimate.value;
    return error;
}

static maxent_error permute(plan *p, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const mx_sample *sample = p->sample;
    const mx_tally *tally = &sample->tally;
    const maxent_measure_options *options = p->task->options;
    const mx_quantity *q = p->task->quantity;
    if (q->kind != MX_Q_INFORMATION || q->parts != 2)
        return mx_quantity_fail(p->task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "a permutation test belongs to I(A; B) and I(A; B | C) only");
    if (options->weight != NULL)
        return mx_quantity_fail(p->task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "a permutation test needs rows without weights");
    uint64_t c = mx_task_set(p->task, -1), a = mx_task_set(p->task, 0), b = mx_task_set(p->task, 1), state = options->seed;
    size_t n = tally->total_rows, used = 0, at_least = 0;
    uint32_t *group = mx_alloc(3 * tally->tuples, sizeof *group);
    row *rows = mx_alloc(n, sizeof *rows);
    uint64_t *key = mx_alloc(n, sizeof *key);
    double *count = mx_alloc(n, sizeof *count), h, first, cells = mx_sample_cells(sample, a | b | c);
    maxent_error error = MAXENT_OK;
    if (group == NULL || rows == NULL || key == NULL || count == NULL || mx_sample_groups(sample, a | c, group) == 0 ||
        mx_sample_groups(sample, b, group + tally->tuples) == 0 || mx_sample_groups(sample, c, group + 2 * tally->tuples) == 0) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t t = 0; t < tally->tuples; t++)
        for (size_t i = 0; i < tally->rows[t]; i++)
            rows[used++] = (row){group[t], group[t + tally->tuples], group[t + 2 * tally->tuples]};
    qsort(rows, n, sizeof *rows, by_condition);
    if ((error = joint_entropy(p, rows, n, cells, key, count, &first, diagnostic)) != MAXENT_OK)
        goto cleanup;
    for (size_t r = 0; r < options->permutations; r++) {
        for (size_t begin = 0, end; begin < n; begin = end) { /* Fisher and Yates within each stratum */
            end = begin;
            while (end < n && rows[end].c == rows[begin].c)
                end++;
            for (size_t i = end - begin; i-- > 1;) {
                size_t j = mx_random_below(&state, i + 1);
                uint32_t swap = rows[begin + i].b;
                rows[begin + i].b = rows[begin + j].b;
                rows[begin + j].b = swap;
            }
        }
        if ((error = joint_entropy(p, rows, n, cells, key, count, &h, diagnostic)) != MAXENT_OK)
            goto cleanup;
        at_least += h <= first + 1e-12 * fabs(first); /* I is a constant less this entropy; ties count */
    }
    out->p_value = (1 + (double)at_least) / (1 + (double)options->permutations);

cleanup:
    mx_free(group);
    mx_free(rows);
    mx_free(key);
    mx_free(count);
    return error;
}

maxent_error mx_evaluate_discrete(const mx_sample *sample, const mx_task *task, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    const maxent_measure_options *options = task->options;
    plan p = {.sample = sample, .task = task, .estimator = MAXENT_PLUG_IN};
    if (options->estimator != NULL && !maxent_estimator_find(options->estimator, &p.estimator))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" is for continuous columns; these are discrete", options->estimator);
    if ((q->kind == MX_Q_TSALLIS || q->order != 1) && p.estimator != MAXENT_PLUG_IN)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "orders other than 1 have the plug-in estimator only");

    maxent_measured result = {.n = sample->n, .standard_error = NAN, .lower = NAN, .upper = NAN, .p_value = NAN};
    snprintf(result.estimator, sizeof result.estimator, "%s", maxent_estimator_word(p.estimator));
    result.pure = q->kind == MX_Q_TSALLIS || q->kind == MX_Q_PERPLEXITY || q->kind == MX_Q_REDUNDANCY;
    uint64_t all = 0;
    for (size_t i = 0; i < q->names; i++)
        all |= (uint64_t)1 << task->column[i];
    result.cells = options->counts.cells != 0 ? (double)options->counts.cells : mx_sample_cells(sample, all);
    maxent_error error = prepare(&p, diagnostic);
    if (error == MAXENT_OK)
        error = value_of(&p, sample->tally.count, &result.value, &result.standard_error, diagnostic);
    if (error == MAXENT_OK && options->replicates > 0)
        error = bootstrap(&p, &result, diagnostic);
    if (error == MAXENT_OK && options->permutations > 0)
        error = permute(&p, &result, diagnostic);
    plan_free(&p);
    if (error == MAXENT_OK)
        *out = result;
    return error;
}
