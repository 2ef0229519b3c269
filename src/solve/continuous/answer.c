/* The answer of a continuum: judged afresh from its nodes, and handed over as a density. */
#include "solve/continuous/continuum.h"

#include "base/dd_loops.h"
#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LAST 1e-20   /* of the largest values that nodes see, those that must say nothing any more */
#define SPREAD 1e3   /* a deviation of so many targets may say nothing of the mean, see steep.c */
#define RARE 1e-6
#define FAR_SEEN 1e30 /* nodes at values so many times larger than what is large show where p ends */

/* Values of |f_i - about| beyond which there is next to no mass, to a power of ten: the size of a feature whose target has none. */
static double common_value(const mx_continuum *c, size_t i, double about)
{
    double size = 1;
    for (double mass = 1; mass > RARE && size < 1e300;) {
        mass = 0;
        size *= 10;
        for (size_t j = 0; j < c->nodes.n; j++)
            mass += fabs(c->nodes.hi[j * c->nodes.k + i] - about) > size ? c->p[j] : 0;
    }
    return size;
}

/* Does E|f_i| hang on values so large that they cannot all have been seen? p may come to its end far out too, as exp(-1e-20/x) does before
 * 0; then the nodes beyond, to the largest of doubles, carry nothing of it. */
static int is_heavy(const mx_continuum *c, size_t i, double mean)
{
    double inside = 0, outside = 0, beyond = 0, centre = mx_fact_centre(&c->run->problem->fact[i]);
    double size = mx_fact_size(&c->run->problem->fact[i]);
    double large = 1e15 * (size > 0 ? fmax(size, 1) : common_value(c, i, centre)), most = large;
    size_t k = c->nodes.k;
    for (size_t j = 0; j < c->nodes.n; j++)
        most = fmax(most, c->nodes.logq[j] > -INFINITY ? fabs(c->nodes.hi[j * k + i] - centre - mean) : 0);
    for (size_t j = 0; j < c->nodes.n; j++)
        if (c->p[j] > 0) {
            double off = fabs(c->nodes.hi[j * k + i] - centre - mean);
            *(off > large ? &outside : &inside) += c->p[j] * off;
            beyond += off > LAST * most ? c->p[j] * off : 0;
        }
    if (!(outside > 1e-6 * fmax(inside, size)))
        return 0;
    if (mx_continuum_relaxed(c, i)) /* its mean need not be the target's; what is next to a point is not seen to fade */
        return c->grid.axis[0].singulars > 0 || !mx_continuum_fades(c, i);
    /* The mean is counted from the target; that of a bump is no better than the rounding of p times its deviation. */
    if (fabs(mean) <= 1e-9 * size && most > FAR_SEEN * large && beyond <= 1e-12 * size)
        return 0;
    return !(fabs(mean) <= 1e-7 * size) || !mx_continuum_fades(c, i);
}

/* Residuals, entropy and gap afresh from the nodes as they are. */
void mx_continuum_judge(mx_continuum *c, double *worst)
{
    maxent_result *result = c->run->result;
    size_t n = c->nodes.n, k = c->nodes.k;
    *worst = 0;
    c->heavy = k;
    const mx_dd_loops *loops = mx_dd_loops_get();
    const mx_nodes *nodes = &c->nodes;
    mx_dd dual = {c->centred, c->centred_low}, log_partition = dual; /* both count from the centres */
    double penalty = 0;
    mx_dd entropy = mx_dd_sub(loops->total(n, c->p, nodes->logw), loops->total(n, c->p, c->logp)); /* logp is of the nodes */
    size_t peak = 0;
    for (size_t j = 1; j < n; j++)
        peak = c->p[j] > c->p[peak] ? j : peak;
    int known = fabs(loops->total(n, c->p, NULL).hi - 1) < 1e-6; /* not when multipliers have left the range of doubles */
    /* Counted from the peak: the sum of p is 1 to rounding only, and log q may be 1e10 where p lives. */
    mx_dd there = {nodes->logq[peak], nodes->logq_low[peak]};
    mx_dd relative = mx_dd_neg(mx_dd_add(entropy, loops->sum(n, c->p, nodes->logq, nodes->logq_low, 1, there)));
    relative = mx_dd_sub(relative, there);
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &c->run->problem->fact[i];
        double centre = mx_fact_centre(fact), counted = mx_fact_centre(&c->fact[i]);
        const double *hi = nodes->hi + i, *lo = nodes->lo + i;
        double multiplier = c->lambda[i].hi;
        mx_dd mean = loops->sum(n, c->p, hi, lo, k, mx_dd_make(centre));
        double square = loops->deviation(n, c->p, hi, lo, k, mx_dd_add_d(mean, centre), NULL);
        if (c->heavy == k && is_heavy(c, i, mean.hi))
            c->heavy = i;
        double sd = sqrt(square), off = 0, target = isinf(fact->lower) && isinf(fact->upper) ? 0 : fabs(centre);
        result->achieved[i] = centre + mean.hi;
        result->deviation[i] = sd;
        if (fact->sd > 0) {
            off = fabs(mean.hi - fact->sd * fact->sd * multiplier);
            if (c->ends == NULL || !mx_continuum_relaxed(c, i)) /* else mass ever farther out meets it for nothing: mx_escape_soft */
                penalty += 0.5 * (mean.hi / fact->sd) * (mean.hi / fact->sd);
            sd = fmax(sd, fact->sd);
            dual = mx_dd_add_d(dual, 0.5 * fact->sd * fact->sd * multiplier * multiplier);
        } else if (fact->lower == fact->upper) {
            off = fabs(mean.hi);
            dual = mx_dd_add(dual, mx_dd_mul_d(c->lambda[i], centre - counted));
        } else {
            off = fmax(0, fmax(fact->lower - result->achieved[i], result->achieved[i] - fact->upper));
            double bound = multiplier > 0 ? fact->upper : fact->lower;
            if (multiplier != 0 && isfinite(bound)) {
                dual = mx_dd_add(dual, mx_dd_mul_d(c->lambda[i], bound - counted));
                target = fabs(bound);
            }
        }
        log_partition = mx_dd_sub(log_partition, mx_dd_mul_d(c->lambda[i], counted));
        double scale = fmax(target, sd > SPREAD * target ? fmin(sd, mx_continuum_hides(c, i)) : sd);
        result->residual[i] = !known ? NAN : off == 0 ? 0 : off / scale;
        if (mx_continuum_relaxed(c, i))
            continue; /* it need not be met: see mx_escape_settle */
        if (!(result->residual[i] <= *worst))
            *worst = result->residual[i];
    }
    result->worst_residual = *worst;
    for (size_t i = 0; i < k; i++)
        result->worst_residual = result->residual[i] <= result->worst_residual ? result->worst_residual : result->residual[i];
    result->entropy = entropy.hi;
    result->relative_entropy = relative.hi;
    result->log_partition = log_partition.hi;
    result->gap = mx_dd_add_d(mx_dd_add(dual, relative), penalty).hi;
}

static int by_left(const void *a, const void *b)
{
    const mx_panel *x = a, *y = b;
    return (x->left > y->left) - (x->left < y->left);
}

/* On a face of single numbers the cells do not tile the support: what lies between them gets panels without nodes. Returns the number of
 * panels, at most twice as many and one. */
static size_t fill_gaps(const mx_continuum *c, mx_panel *panel, size_t panels)
{
    size_t n = panels;
    const mx_axis *axis = &c->grid.axis[0];
    for (size_t i = 0; i + 1 < panels; i++)
        if (panel[i].right + 1 < panel[i + 1].left)
            panel[n++] = (mx_panel){.left = panel[i].right + 1, .right = panel[i + 1].left - 1};
    if (panel[0].left > axis->lower && !c->outskirts[0].open[0])
        panel[n++] = (mx_panel){.left = axis->lower, .right = panel[0].left - 1};
    if (panel[panels - 1].right < axis->upper && !c->outskirts[0].open[1])
        panel[n++] = (mx_panel){.left = panel[panels - 1].right + 1, .right = axis->upper};
    qsort(panel, n, sizeof *panel, by_left);
    return n;
}

/* Hands nodes and density over to the result. */
maxent_error mx_continuum_deliver(mx_continuum *c)
{
    maxent_result *result = c->run->result;
    size_t k = c->shadow.k, n = c->nodes.n, variables = c->shadow.support.variables;
    struct mx_density *d = mx_zalloc(1, sizeof *d);
    mx_density_free(result->density);
    result->density = d;
    mx_free(result->lambda);
    mx_free(result->lambda_low);
    result->lambda = mx_zalloc(k + 1, sizeof *result->lambda);
    result->lambda_low = mx_zalloc(k + 1, sizeof *result->lambda_low);
    if (d == NULL || result->lambda == NULL || result->lambda_low == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < k; i++) {
        result->lambda[i] = c->lambda[i].hi;
        result->lambda_low[i] = c->lambda[i].lo;
    }
    int line = variables == 1;
    size_t *order = mx_alloc(n + 1, sizeof *order);
    size_t panels = c->grid.cells + (line ? c->barreds : 0);
    mx_panel *panel = mx_alloc(2 * panels + 2, sizeof *panel);
    double *all = mx_alloc(2 * variables, (n + 1) * sizeof *all);
    d->value = mx_zalloc(variables + 1, sizeof *d->value);
    d->low = mx_zalloc(variables + 1, sizeof *d->low);
    d->logw = mx_alloc(n + 1, sizeof *d->logw);
    d->logp = mx_alloc(n + 1, sizeof *d->logp);
    d->panel = panel;
    if (d->value != NULL)
        d->value[0] = all;
    else
        mx_free(all);
    if (d->value == NULL || order == NULL || panel == NULL || all == NULL || d->low == NULL || d->logw == NULL || d->logp == NULL) {
        mx_free(order);
        return MAXENT_ERROR_MEMORY;
    }
    d->variables = variables;
    d->centred = c->centred;
    d->centred_low = c->centred_low;
    d->n = n;
    for (size_t a = 0; a < c->grid.cells; a++) {
        const mx_cell *cell = &c->grid.cell[a];
        panel[a] = (mx_panel){.mass = cell->mass, .first = cell->first, .count = cell->count};
        mx_span_ends(&cell->span[0], c->grid.axis[0].whole, &panel[a].left, &panel[a].right);
    }
    for (size_t a = c->grid.cells; a < panels; a++) { /* ruled out: no nodes */
        panel[a] = (mx_panel){.mass = 0};
        mx_span_ends(&c->barred[a - c->grid.cells].span[0], c->grid.axis[0].whole, &panel[a].left, &panel[a].right);
    }
    for (size_t j = 0; j < n; j++)
        order[j] = j;
    if (line) {
        qsort(panel, panels, sizeof *panel, by_left);
        size_t at = 0;
        for (size_t a = 0; a < panels; a++) {
            size_t first = panel[a].first;
            panel[a].first = at;
            for (size_t j = 0; j < panel[a].count; j++)
                order[at++] = first + j;
            if (a + 1 < panels && !c->grid.axis[0].whole) /* one edge, whichever center it was counted from */
                panel[a].right = panel[a + 1].left;
        }
        d->panels = panels;
        if (c->on_numbers)
            d->panels = panels = fill_gaps(c, panel, panels);
        if (!c->on_numbers || c->outskirts[0].open[0])
            panel[0].left = c->grid.axis[0].lower;
        if (!c->on_numbers || c->outskirts[0].open[1])
            panel[d->panels - 1].right = c->grid.axis[0].upper;
    }
    for (size_t v = 0; v < variables; v++) {
        d->value[v] = all + v * n;
        d->low[v] = all + (variables + v) * n;
        for (size_t j = 0; j < n; j++) {
            d->value[v][j] = c->nodes.value[v][order[j]];
            d->low[v][j] = c->nodes.low[v][order[j]];
        }
    }
    for (size_t j = 0; j < n; j++) {
        d->logw[j] = c->nodes.logw[order[j]];
        d->logp[j] = c->logp[order[j]] - c->nodes.logw[order[j]];
    }
    mx_free(order);
    return MAXENT_OK;
}
