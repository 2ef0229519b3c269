/* Entropy from counts: checking, grouping, choosing; the estimators that correct the plug-in's bias by a formula.
 *
 *     plug-in        H = log N - (1/N) sum y log y
 *     Miller-Madow   H + (K+ - 1) / 2N                                                          [1]
 *     jackknife      N H - (N-1)/N sum_i y_i H_(-i),  H_(-i): one observation of cell i less    [2]
 *     Grassberger    log N - (1/N) sum y G(y),  G(y) = psi(y) + (-1)^y [psi((y+1)/2) - psi(y/2)] / 2    [3, eq. 35]
 *
 * [1] G. A. Miller, Information Theory in Psychology (1955) 95. [2] S. Zahl, Ecology 58 (1977) 907.
 * [3] P. Grassberger, arXiv:physics/0307138 (2003).
 */
#include "entropy/counts.h"

#include "base/memory.h"
#include "base/text.h"
#include "entropy/check.h"
#include "entropy/special.h"
#include "entropy/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double y_log_y(double y)
{
    return y > 0 ? y * log(y) : 0;
}

double mx_plug_in(const mx_counts *c)
{
    mx_sum h = {0, 0}; /* -sum p log p: no cancellation, unlike log N - ... */
    for (size_t g = 0; g < c->groups; g++) {
        double p = c->value[g] / c->n;
        mx_sum_add(&h, -c->cells[g] * p * log(p));
    }
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}

double mx_miller_madow(const mx_counts *c)
{
    return mx_plug_in(c) + (c->seen - 1) / (2 * c->n);
}

double mx_jackknife(const mx_counts *c)
{
    double n = c->n;
    if (n == 1)
        return 0; /* nothing is left without the one observation */
    /* With T = sum y log y: N H = N log N - T and (N-1) H_(-i) = (N-1) log(N-1) - T + y log y - (y-1) log(y-1), so that
     *     H_J = N log N - (N-1) log(N-1) - (1/N) sum_i y_i [y_i log y_i - (y_i - 1) log(y_i - 1)]                          */
    mx_sum h = {0, 0};
    mx_sum_add(&h, log(n) - (n - 1) * log1p(-1 / n));
    for (size_t g = 0; g < c->groups; g++) {
        double y = c->value[g], step = y == 1 ? 0 : y < 1e8 ? y_log_y(y) - y_log_y(y - 1) : log(y) - (y - 1) * log1p(-1 / y);
        mx_sum_add(&h, -c->cells[g] * y / n * step);
    }
    return mx_sum_value(&h);
}

double mx_grassberger(const mx_counts *c)
{
    mx_sum h = {0, 0};
    mx_sum_add(&h, log(c->n));
    for (size_t g = 0; g < c->groups; g++) {
        double y = c->value[g], sign = fmod(y, 2) == 0 ? 0.5 : -0.5;
        double G = mx_digamma(y) + sign * (mx_digamma((y + 1) / 2) - mx_digamma(y / 2));
        mx_sum_add(&h, -c->cells[g] * y / c->n * G);
    }
    return mx_sum_value(&h);
}

/* ---- checking and grouping ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int takes_weights(maxent_estimator estimator)
{
    return estimator == MAXENT_PLUG_IN || estimator == MAXENT_JEFFREYS || estimator == MAXENT_LAPLACE ||
           estimator == MAXENT_PERKS || estimator == MAXENT_MINIMAX || estimator == MAXENT_DIRICHLET;
}

/* The groups of count[n]; to be freed: c->value (cells is in the same block). */
static maxent_error group(size_t n, const double *count, int whole, size_t cells, mx_counts *c, maxent_diagnostic *diagnostic)
{
    if (n == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no counts");
    maxent_error error = mx_check_weights(n, count, "count", &c->n, diagnostic);
    if (error != MAXENT_OK)
        return error;
    size_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        if (whole && (count[i] != floor(count[i]) || count[i] >= 0x1p53)) {
            char text[MX_DOUBLE_TEXT];
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "count %zu is %s; this estimator needs whole numbers below 2^53", i + 1,
                           mx_double_text(count[i], text));
        }
        seen += count[i] > 0;
    }
    if (seen == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the counts are all zero: no observations");
    if (cells != 0 && cells < seen)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu cells were said to exist, but %zu have counts", cells, seen);
    c->seen = (double)seen;
    c->total = (double)(cells != 0 ? cells : n);
    c->value = mx_alloc(seen, 2 * sizeof *c->value);
    if (c->value == NULL)
        return mx_no_memory(diagnostic);
    c->cells = c->value + seen;
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (count[i] > 0)
            c->value[used++] = count[i];
    qsort(c->value, used, sizeof *c->value, ascending);
    c->groups = 0;
    for (size_t i = 0; i < used;) {
        size_t j = i;
        while (j < used && c->value[j] == c->value[i])
            j++;
        c->value[c->groups] = c->value[i];
        c->cells[c->groups++] = (double)(j - i);
        i = j;
    }
    return MAXENT_OK;
}

static const maxent_estimate_options defaults = {0, 1.0, MAXENT_NSB_BETA_MAX};

static double apply(maxent_estimator estimator, const mx_counts *c, const maxent_estimate_options *options, double *sd)
{
    *sd = NAN;
    switch (estimator) {
    case MAXENT_PLUG_IN: return mx_plug_in(c);
    case MAXENT_MILLER_MADOW: return mx_miller_madow(c);
    case MAXENT_JACKKNIFE: return mx_jackknife(c);
    case MAXENT_GRASSBERGER: return mx_grassberger(c);
    case MAXENT_SHRINKAGE: return mx_shrinkage(c);
    case MAXENT_CHAO_SHEN: return mx_chao_shen(c);
    case MAXENT_CHAO_WANG_JOST: return mx_chao_wang_jost(c);
    case MAXENT_JEFFREYS: return mx_pseudocount(c, 0.5);
    case MAXENT_LAPLACE: return mx_pseudocount(c, 1);
    case MAXENT_PERKS: return mx_pseudocount(c, 1 / c->total);
    case MAXENT_MINIMAX: return mx_pseudocount(c, sqrt(c->n) / c->total);
    case MAXENT_DIRICHLET: return mx_pseudocount(c, options->alpha);
    case MAXENT_NSB: return mx_nsb(c, options->beta_max, sd);
    case MAXENT_ESTIMATOR_COUNT: break;
    }
    return NAN;
}

/* ---- public ---- */

static const struct {
    const char *word, *text;
} names[] = {
#define NAMES(name, word, text) {word, text},
    MAXENT_ESTIMATORS(NAMES)
#undef NAMES
};

const char *maxent_estimator_word(maxent_estimator estimator)
{
    return (unsigned)estimator < MAXENT_ESTIMATOR_COUNT ? names[estimator].word : "unknown";
}

const char *maxent_estimator_text(maxent_estimator estimator)
{
    return (unsigned)estimator < MAXENT_ESTIMATOR_COUNT ? names[estimator].text : "unknown";
}

int maxent_estimator_find(const char *word, maxent_estimator *out)
{
    for (int i = 0; i < MAXENT_ESTIMATOR_COUNT; i++)
        if (strcmp(names[i].word, word) == 0) {
            *out = (maxent_estimator)i;
            return 1;
        }
    return 0;
}

void maxent_estimate_options_init(maxent_estimate_options *options)
{
    *options = defaults;
}

maxent_error maxent_entropy_estimate(maxent_estimator estimator, size_t n, const double *count,
                                     const maxent_estimate_options *options, maxent_estimate *out, maxent_diagnostic *diagnostic)
{
    if (options == NULL)
        options = &defaults;
    if ((unsigned)estimator >= MAXENT_ESTIMATOR_COUNT)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no such estimator");
    if (estimator == MAXENT_DIRICHLET && !(options->alpha > 0 && isfinite(options->alpha)))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "alpha must be positive and finite");
    if (estimator == MAXENT_NSB && !(options->beta_max >= 1e-3))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "beta_max must be at least 0.001; infinity is no limit");
    mx_counts c = {0};
    maxent_error error = group(n, count, !takes_weights(estimator), options->cells, &c, diagnostic);
    if (error != MAXENT_OK)
        return error;
    out->value = apply(estimator, &c, options, &out->standard_error);
    out->observations = c.n;
    out->cells = options->cells != 0 ? options->cells : n;
    mx_free(c.value);
    return MAXENT_OK;
}
