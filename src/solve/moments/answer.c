/* The answer for many moments: checked against the problem's own features, judged, handed over as a density. See moments.c. */
#include "solve/moments/moments.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <string.h>

enum { PANEL = 16 };

static int is_free(const mx_fact *fact)
{
    return fact->lower == -INFINITY && fact->upper == INFINITY;
}

/* Are the features what they were taken for? A few nodes, as the problem's own programs see them. 1: yes, 0: no, -1: no memory. */
int mx_moments_agree(mx_many *s, mx_fejer *r)
{
    enum { PLACES = 16 };
    size_t k = s->problem->k;
    double value[PLACES], low[PLACES], *hi = mx_alloc(2 * k, PLACES * sizeof *hi);
    const double *values[1] = {value}, *lows[1] = {low};
    int same = hi == NULL ? -1 : 1;
    mx_points points = {PLACES, values, lows};
    for (size_t j = 0; j < PLACES; j++)
        mx_fejer_place(s, r, (2 * j + 1) * r->n / (2 * PLACES), &value[j], &low[j]);
    if (same == 1 && mx_field_values(s->problem, &points, hi, hi + k * PLACES, NULL) != 0)
        same = -1;
    mx_moments_series(s, s->m, s->lambda, r->space, r->n);
    mx_cosine_values(&r->cosine, r->space, r->space);
    for (size_t j = 0; same == 1 && j < PLACES; j++) {
        double sum = 0, size = 1;
        for (size_t i = 0; i < s->m; i++) {
            sum += s->lambda[i] * hi[j * k + s->fact[i]];
            size += fabs(s->lambda[i]);
        }
        same = fabs(sum - r->space[(2 * j + 1) * r->n / (2 * PLACES)]) <= 1e-12 * size;
    }
    mx_free(hi);
    return same;
}

/* lambda . f as a series; NULL: no memory. */
static mx_series *series_of(const mx_many *s, mx_fejer *fine, double log_z)
{
    const mx_variable *variable = &s->problem->support.variable[0];
    mx_series *series = mx_zalloc(1, sizeof *series);
    double *value = mx_alloc(fine->n, sizeof *value);
    if (series == NULL || value == NULL) {
        mx_free(series);
        mx_free(value);
        return NULL;
    }
    mx_moments_series(s, s->m, s->lambda, value, fine->n);
    for (size_t j = 0; j < MX_SERIES_FIRST; j++) {
        series->first[j] = value[j];
        value[j] = 0;
    }
    mx_cosine_values(&fine->cosine, value, value);
    series->n = fine->n;
    series->value = value;
    series->flipped = s->flipped;
    series->lower = variable->lower;
    series->upper = variable->upper;
    series->log_z = log_z;
    return series;
}

/* The density on the nodes of `coarse`, from left to right; log Z from `fine`. */
static maxent_error hand_over(mx_many *s, mx_fejer *coarse, mx_fejer *fine)
{
    maxent_result *result = s->run->result;
    size_t n = coarse->n, panels = n / PANEL;
    const mx_variable *variable = &s->problem->support.variable[0];
    struct mx_density *d = mx_zalloc(1, sizeof *d);
    if (d == NULL)
        return MAXENT_ERROR_MEMORY;
    d->value = mx_zalloc(1, sizeof *d->value);
    d->low = mx_zalloc(1, sizeof *d->low);
    d->logw = mx_alloc(n, sizeof *d->logw);
    d->logp = mx_alloc(n, sizeof *d->logp);
    d->panel = mx_zalloc(panels, sizeof *d->panel);
    double *all = mx_alloc(2 * n, sizeof *all);
    if (d->value != NULL)
        d->value[0] = all;
    else
        mx_free(all);
    if (d->value == NULL || d->low == NULL || d->logw == NULL || d->logp == NULL || d->panel == NULL || all == NULL) {
        mx_density_free(d);
        return MAXENT_ERROR_MEMORY;
    }
    d->low[0] = all + n;
    d->variables = 1;
    d->centred = s->dual;
    d->n = n;
    d->panels = panels;
    mx_moments_series(s, s->m, s->lambda, coarse->space, n);
    mx_cosine_values(&coarse->cosine, coarse->space, coarse->space);
    double log_z = s->dual;
    for (size_t i = 0; i < s->m; i++)
        log_z -= s->lambda[i] * s->target[i];
    for (size_t j = 0; j < n; j++) {
        size_t from = s->flipped ? j : n - 1 - j;
        mx_fejer_place(s, coarse, from, &d->value[0][j], &d->low[0][j]);
        d->logw[j] = coarse->logw[from];
        d->logp[j] = coarse->logq[from] - coarse->space[from] - log_z;
        d->panel[j / PANEL].mass += exp(d->logp[j] + d->logw[j]);
    }
    for (size_t i = 0; i < panels; i++) {
        d->panel[i].first = i * PANEL;
        d->panel[i].count = PANEL;
        d->panel[i].left = i == 0 ? variable->lower : d->panel[i - 1].right;
        d->panel[i].right = i + 1 == panels ? variable->upper
                                            : 0.5 * (d->value[0][(i + 1) * PANEL - 1] + d->value[0][(i + 1) * PANEL]);
    }
    d->series = series_of(s, fine, log_z);
    if (d->series == NULL) {
        mx_density_free(d);
        return MAXENT_ERROR_MEMORY;
    }
    result->density = d;
    return MAXENT_OK;
}

/* Residuals, entropies and gap on the nodes of `fine`, where p was evaluated last. */
static maxent_error judge(mx_many *s, mx_fejer *fine)
{
    maxent_result *result = s->run->result;
    size_t k = s->problem->k, n = fine->n;
    double log_z = s->dual, by = 0;
    result->lambda = mx_zalloc(k, sizeof *result->lambda);
    result->lambda_low = mx_zalloc(k, sizeof *result->lambda_low);
    if (result->lambda == NULL || result->lambda_low == NULL)
        return MAXENT_ERROR_MEMORY;
    result->worst_residual = mx_moments_residual(s, s->m);
    for (size_t i = 0; i < s->m; i++) {
        size_t at = s->fact[i];
        double off = fabs(s->mean[i] - s->target[i]), sd = sqrt(fmax(s->variance[i], 0));
        result->lambda[at] = s->lambda[i];
        result->achieved[at] = s->mean[i];
        result->deviation[at] = sd;
        result->residual[at] = off == 0 ? 0 : off / fmax(fabs(s->target[i]), sd);
        log_z -= s->lambda[i] * s->target[i];
    }
    for (size_t i = 0; i < k; i++) {
        mx_orthogonal o;
        if (!is_free(&s->problem->fact[i]) || !mx_field_orthogonal(s->problem, i, &o))
            continue;
        result->achieved[i] = mx_moments_mean(s, o.degree, s->mu);
        double square = s->legendre ? NAN : 0.5 * (1 + s->mu[2 * o.degree]);
        result->deviation[i] = sqrt(fmax(0, square - result->achieved[i] * result->achieved[i]));
        result->residual[i] = 0;
    }
    mx_moments_series(s, s->m, s->lambda, fine->space, n);
    mx_cosine_values(&fine->cosine, fine->space, fine->space);
    mx_dd entropy = {0, 0}, relative = {0, 0};
    for (size_t j = 0; j < n; j++)
        by += fine->p[j];
    for (size_t j = 0; j < n; j++) {
        double p = fine->p[j] / by;
        if (!(p > 0))
            continue;
        double logp = fine->logq[j] - fine->space[j] - log_z;
        entropy = mx_dd_sub(entropy, mx_two_prod(p, logp));
        relative = mx_dd_add(relative, mx_two_prod(p, logp - fine->logq[j]));
    }
    result->entropy = entropy.hi;
    result->relative_entropy = relative.hi;
    result->log_partition = log_z;
    result->gap = s->dual + relative.hi;
    result->verdict = MAXENT_SOLVED;
    result->iterations = s->iterations;
    result->evaluations = s->evaluations;
    return MAXENT_OK;
}

maxent_error mx_moments_deliver(mx_many *s, mx_fejer *coarse, mx_fejer *fine)
{
    maxent_error error = judge(s, fine);
    return error == MAXENT_OK ? hand_over(s, coarse, fine) : error;
}
