/* The nodes of a continuum and p on them. */
#include "solve/continuous/escape.h"

#include "base/dd_loops.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "solve/existence/existence.h"
#include "solve/dual/kernels.h"
#include "solve/cells/nested.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROOM 5.5e7 /* doubles that the nodes of nested lines may take */
#define FAR_OUT 1e50 /* an x of which products of a few powers overflow */

/* logq + logq_low, [n], less lambda . (f - centre), counted from the targets so that it stays of ordinary size where the mass is; -inf
 * where a feature is out of range: see MX_FEATURE_MOST. */
static void score(const mx_continuum *c, size_t n, const double *hi, const double *lo, double *logq, double *logq_low)
{
    enum { AT_ONCE = 16 };
    const mx_dd_loops *loops = mx_dd_loops_get();
    double centre[AT_ONCE];
    for (size_t k = c->shadow.k, from = 0; from < k; from += AT_ONCE) {
        size_t some = k - from < AT_ONCE ? k - from : AT_ONCE;
        for (size_t i = 0; i < some; i++)
            centre[i] = mx_fact_centre(&c->shadow.fact[from + i]);
        loops->score(n, some, c->lambda + from, centre, hi + from, lo + from, k, 1, logq, logq_low);
    }
}

void mx_continuum_weigh(mx_continuum *c)
{
    const mx_dd_loops *loops = mx_dd_loops_get();
    const mx_nodes *nodes = &c->nodes;
    size_t n = nodes->n, peak = 0;
    for (size_t j = 0; j < n; j++) { /* scores may be large and differ by little */
        mx_dd at = mx_dd_add_d((mx_dd){nodes->logq[j], nodes->logq_low[j]}, nodes->logw[j]);
        c->logp[j] = at.hi;
        c->p[j] = at.lo;
    }
    score(c, n, nodes->hi, nodes->lo, c->logp, c->p);
    for (size_t j = 1; j < n; j++)
        if (c->logp[j] > c->logp[peak] || (c->logp[j] == c->logp[peak] && c->p[j] > c->p[peak]))
            peak = j;
    mx_dd top = {0, 0}; /* nowhere: see mx_continuum_lay */
    if (n > 0 && c->logp[peak] > -INFINITY)
        top = (mx_dd){c->logp[peak], c->p[peak]};
    loops->shift(n, mx_dd_neg(top), c->logp, c->p);
    if (n > 0)
        memcpy(c->p, c->logp, n * sizeof *c->p);
    mx_kernels_get()->exp_sum(c->p, n, 0);
    mx_dd total = loops->total(n, c->p, NULL);
    double by = 1 / total.hi, log_total = log(total.hi);
    mx_dd centred = mx_dd_add_d(top, log_total);
    c->centred = centred.hi;
    c->centred_low = centred.lo;
    for (size_t j = 0; j < n; j++) {
        c->p[j] *= by;
        c->logp[j] -= log_total;
    }
    for (size_t a = 0; a < c->grid.cells; a++) {
        mx_cell *cell = &c->grid.cell[a];
        cell->mass = 0;
        for (size_t j = 0; j < cell->count; j++)
            cell->mass += c->p[cell->first + j];
    }
    c->evaluations++;
}

/* The feature that is not a number at node j; k: the prior is negative or not finite; SIZE_MAX: all is well. */
static size_t bad_at(const mx_nodes *nodes, size_t j)
{
    if (nodes->logq[j] == -INFINITY)
        return SIZE_MAX;
    if (!(nodes->logq[j] < INFINITY))
        return nodes->k;
    for (size_t i = 0; i < nodes->k; i++)
        if (isnan(nodes->hi[j * nodes->k + i]))
            return i;
    return SIZE_MAX;
}

/* Is node j so far out that expressions leave the range of doubles on the way to an ordinary value, as x^2 exp(-x) does? */
static int is_far_out(const mx_continuum *c, size_t j)
{
    for (size_t a = 0; a < c->grid.axes; a++)
        if (fabs(c->nodes.value[c->grid.axis[a].variable][j]) > FAR_OUT)
            return 1;
    return 0;
}

/* The first node where the prior or a feature is not a number. Those far out where it is a feature are out of range: *out of them. */
static maxent_error check_nodes(mx_continuum *c, size_t *out)
{
    mx_nodes *nodes = &c->nodes;
    const maxent_problem *problem = &c->shadow;
    size_t j = 0, bad = SIZE_MAX, used = 0;
    *out = 0;
    for (; j < nodes->n; j++) {
        bad = bad_at(nodes, j);
        if (bad == SIZE_MAX)
            continue;
        if (bad == nodes->k || !is_far_out(c, j))
            break;
        ++*out;
        nodes->logq[j] = -INFINITY;
        memset(nodes->hi + j * nodes->k, 0, nodes->k * sizeof *nodes->hi);
        memset(nodes->lo + j * nodes->k, 0, nodes->k * sizeof *nodes->lo);
        bad = SIZE_MAX;
    }
    if (bad == SIZE_MAX)
        return MAXENT_OK;
    char number[400] = "";
    for (size_t v = 0; v < problem->support.variables && used < sizeof number - 60; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        double x = mx_units_place(c->run, v, nodes->value[v][j]);
        char text[MX_DOUBLE_TEXT], *shown = mx_double_text_digits(x, 6, text);
        if (isfinite(variable->lower) && isfinite(variable->upper)) { /* as many digits as tell it from both ends */
            double width = mx_units_place(c->run, v, variable->upper - variable->lower), far = fmax(fabs(x), width);
            shown = mx_double_text_digits(x, (int)fmin(17, 6 + ceil(fmax(0, log10(far / width)))), text);
        }
        int wrote = variable->named ? snprintf(number + used, sizeof number - used, "%s%.30s = %.30s", v > 0 ? ", " : "", variable->name,
                                               variable->label[(size_t)x])
                                    : snprintf(number + used, sizeof number - used, "%s%.30s = %s", v > 0 ? ", " : "", variable->name,
                                               shown);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (bad == nodes->k)
        return mx_fail(c->run->diagnostic, MAXENT_ERROR_VALUE, "the prior is %s at %s; a prior is >= 0 and finite",
                       isnan(nodes->logq[j]) ? "negative or not a number" : "infinite", number);
    return mx_fail(c->run->diagnostic, MAXENT_ERROR_VALUE, "the feature of %s is not a number at %s, inside the support",
                   problem->fact[bad].text != NULL ? problem->fact[bad].text : "a fact", number);
}

void mx_continuum_log_density(const mx_continuum *c, size_t n, double *hi, double *lo, double *logq, double *logq_low)
{
    size_t k = c->shadow.k;
    mx_nodes nodes = {.n = n, .k = k, .hi = hi, .lo = lo, .logq = logq, .logq_low = logq_low};
    mx_escape_change(c, &nodes);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < k; i++)
            if (!(fabs(hi[j * k + i]) <= MX_FEATURE_MOST)) /* out of range */
                logq[j] = -INFINITY;
    score(c, n, hi, lo, logq, logq_low);
    mx_dd_loops_get()->shift(n, (mx_dd){-c->centred, -c->centred_low}, logq, logq_low);
}

maxent_error mx_continuum_hint(mx_continuum *c, const double *point, size_t points)
{
    size_t variables = c->shadow.support.variables;
    double *grown = mx_resize(c->hint, c->hints + points + 1, variables * sizeof *grown);
    if (grown == NULL)
        return MAXENT_ERROR_MEMORY;
    c->hint = grown;
    if (points > 0)
        memcpy(c->hint + c->hints * variables, point, points * variables * sizeof *point);
    c->hints += points;
    return MAXENT_OK;
}

void mx_continuum_release(mx_continuum *c)
{
    mx_nodes_close(&c->nodes);
    mx_free(c->logp);
    mx_free(c->p);
    c->logp = c->p = NULL;
}

size_t mx_continuum_nodes_most(const mx_continuum *c)
{
    return (size_t)(ROOM / (double)(2 * c->shadow.support.variables + 4 * c->shadow.k + 7));
}

maxent_error mx_continuum_lay(mx_continuum *c)
{
    mx_nodes fresh;
    int changed = mx_escape_changes(c) || c->anneal.coldness > 0 || c->anneal.over; /* then the old nodes do not show the user's features */
    size_t most = mx_continuum_nodes_most(c);
    c->grid.run = c->run;
    maxent_error error = c->grid.nested.on ? mx_nested_lay(&c->grid, &fresh, most)
                                           : mx_nodes_lay(&c->grid, c->nodes.n > 0 && !changed ? &c->nodes : NULL, most, &fresh);
    c->unlaid = error == MAXENT_ERROR_LIMIT ? 1 : 0;
    if (error == MAXENT_ERROR_LIMIT) { /* what was there stays */
        mx_nodes_close(&fresh);
        return error;
    }
    mx_continuum_release(c);
    c->nodes = fresh;
    c->logp = mx_alloc(c->nodes.n + 1, sizeof *c->logp);
    c->p = mx_alloc(c->nodes.n + 1, sizeof *c->p);
    if (error == MAXENT_OK && (c->logp == NULL || c->p == NULL))
        error = MAXENT_ERROR_MEMORY;
    size_t out = 0;
    if (error == MAXENT_OK)
        error = check_nodes(c, &out);
    int any = 0, before = 0, faced = c->face != NULL && (c->grid.nested.on || c->on_numbers);
    for (size_t j = 0; error == MAXENT_OK && faced && !before && j < c->nodes.n; j++)
        before = c->nodes.logq[j] > -INFINITY;
    for (size_t j = 0; error == MAXENT_OK && faced && j < c->nodes.n; j++)
        if (!mx_existence_on_face(c, c->face, c->face_open, c->nodes.hi + j * c->nodes.k, c->nodes.lo + j * c->nodes.k))
            c->nodes.logq[j] = -INFINITY;
    if (error == MAXENT_OK) {
        mx_escape_change(c, &c->nodes);
        error = mx_continuum_temper(c);
        mx_continuum_weigh(c);
    }
    for (size_t j = 0; error == MAXENT_OK && j < c->nodes.n && !any; j++)
        any = c->nodes.logq[j] > -INFINITY;
    if (error == MAXENT_OK && !any && (before || out > 0)) {
        c->bare = before;
        c->unlaid = 1;
        return MAXENT_ERROR_LIMIT;
    }
    if (error == MAXENT_OK && !any)
        error = mx_fail(c->run->diagnostic, MAXENT_ERROR_VALUE, "the prior is zero on the whole support");
    return error;
}

/* exp E log |f_i| of what is not 0 at the present p: a size that singular points do not lift. */
static double typical_size(const mx_continuum *c, size_t i)
{
    double sum = 0, mass = 0;
    for (size_t j = 0; j < c->nodes.n; j++) {
        double size = fabs(c->nodes.hi[j * c->nodes.k + i]);
        if (c->p[j] > 0 && size > 0 && isfinite(size)) {
            sum += c->p[j] * log(size);
            mass += c->p[j];
        }
    }
    return mass > 0 ? exp(sum / mass) : 0;
}

double mx_continuum_cap(const mx_continuum *c, size_t i)
{
    double centre = mx_fact_size(&c->fact[i]);
    if (isinf(c->fact[i].lower) && isinf(c->fact[i].upper)) /* only watched */
        return MX_FEATURE_MOST;
    if (centre > 0 && centre < 1e-9) /* perhaps nothing but the rounding of a zero */
        centre = fmax(centre, 1e-9 * typical_size(c, i));
    return fmin(MX_FEATURE_MOST, (centre > 0 ? centre : 1) * (c->cap > 0 ? c->cap : MX_CAP));
}

/* Do nodes beyond the cap matter to what is known of the facts? */
int mx_continuum_beyond(const mx_continuum *c)
{
    size_t k = c->nodes.k;
    for (size_t i = 0; i < k; i++) {
        double cap = mx_continuum_cap(c, i), centre = mx_fact_centre(&c->fact[i]), inside = 0, outside = 0;
        for (size_t j = 0; j < c->nodes.n; j++)
            if (c->p[j] > 0) {
                double off = fabs(c->nodes.hi[j * k + i] - centre);
                *(off <= cap ? &inside : &outside) += c->p[j] * off;
            }
        if (cap < MX_FEATURE_MOST && outside > 1e-14 * fmax(inside, mx_fact_size(&c->fact[i])))
            return 1;
    }
    return 0;
}

maxent_error mx_continuum_view(const mx_continuum *c, mx_view *view)
{
    const mx_nodes *nodes = &c->nodes;
    size_t k = nodes->k;
    memset(view, 0, sizeof *view);
    view->k = k;
    view->state = mx_alloc(nodes->n + 1, sizeof *view->state);
    view->column = mx_zalloc(k + 1, sizeof *view->column);
    double *cap = mx_alloc(k + 1, sizeof *cap);
    if (view->state == NULL || view->column == NULL || cap == NULL) {
        mx_free(cap);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t i = 0; i < k; i++)
        cap[i] = mx_continuum_cap(c, i);
    for (int most = 0; most < 2 && view->n == 0; most++) /* beyond the caps when nothing is within them */
        for (size_t j = 0; j < nodes->n; j++) {
            int fits = nodes->logq[j] > -INFINITY && !(c->out != NULL && c->out[j]);
            for (size_t i = 0; i < k && fits; i++)
                fits = fabs(nodes->hi[j * k + i] - mx_fact_centre(&c->fact[i])) <= (most ? MX_FEATURE_MOST : cap[i]);
            if (fits)
                view->state[view->n++] = j;
        }
    mx_free(cap);
    size_t n = view->n;
    view->logq = mx_alloc(n + 1, sizeof *view->logq);
    view->hi = mx_alloc(k + 1, (n + 1) * sizeof *view->hi);
    view->lo = mx_alloc(k + 1, (n + 1) * sizeof *view->lo);
    if (view->logq == NULL || view->hi == NULL || view->lo == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t y = 0; y < n; y++) {
        size_t j = view->state[y];
        view->logq[y] = nodes->logw[j] + nodes->logq[j];
        for (size_t i = 0; i < k; i++) {
            view->hi[i * n + y] = nodes->hi[j * k + i];
            view->lo[i * n + y] = nodes->lo[j * k + i];
        }
    }
    for (size_t i = 0; i < k; i++)
        mx_view_centre(&c->shadow, view, i);
    view->relaxed = c->relaxed != MX_ROUNDING_NONE;
    return MAXENT_OK;
}


int mx_continuum_all_equal(const mx_continuum *c)
{
    for (size_t i = 0; i < c->shadow.k; i++) {
        const mx_fact *fact = &c->fact[i];
        if (fact->sd > 0 || (fact->lower != fact->upper && !(isinf(fact->lower) && isinf(fact->upper))))
            return 0;
    }
    return 1;
}
