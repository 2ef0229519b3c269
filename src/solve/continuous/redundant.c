/* Facts that others imply but for the rounding of their targets.
 *
 * A few points anywhere in the support show which combinations of features may be constant; the nodes that the solver would begin with,
 * which know of every place where features bend or jump, have to bear it out. Then all but the first of such facts are only watched. What
 * is found without them is measured against them in the end.
 */
#include "solve/continuous/redundant.h"

#include "base/memory.h"
#include "solve/cells/grid.h"
#include "solve/cells/region.h"
#include "solve/dual/coordinates.h"
#include "solve/existence/sample.h"

#include <math.h>
#include <string.h>

enum { FACTS_MOST = 32, NODES_MOST = 100000 };

#define CONSTANT 0x1p-88 /* of the size of its terms at a point, a combination that is the same everywhere; features have 2^-98 */
#define PLAIN_MOST 1e6   /* times the feature left out, the terms of a combination: beyond, it is a near one of many powers, say */
#define EXACT 0x1p-90    /* of its terms, the difference of targets that agree to the letter */
#define MET 1e-12        /* residual of a fact that was left out */

/* Between 0 and 1, evenly in all variables: multiples of irrational numbers (the powers of the root of t^9 = t + 1). */
static double even(size_t j, size_t v)
{
    double whole;
    return modf(0.5 + (double)(j + 1) * pow(1.0850702454914508, -(double)(v % 8 + 1)), &whole);
}

static double place(const mx_variable *x, double u, size_t j)
{
    if (x->extent == MX_LISTED) {
        double level = floor(u * (double)x->levels);
        return x->named ? level : x->number[(size_t)level];
    }
    double at, far = exp(6 * u - 3);
    if (isfinite(x->lower) && isfinite(x->upper))
        at = x->lower + u * (x->upper - x->lower + (x->extent == MX_WHOLE));
    else
        at = isfinite(x->lower) ? x->lower + far : isfinite(x->upper) ? x->upper - far : j % 2 ? -far : far;
    return x->extent == MX_WHOLE ? floor(at) : at;
}

/* The facts at a few points, as a view; those of which nothing can be said are not looked at. Errors: MEMORY. */
static maxent_error look(const maxent_problem *problem, mx_sample *s, mx_view *view)
{
    size_t k = problem->k, variables = problem->support.variables, count = 2 * k + 16;
    double *at = mx_zalloc(count, 2 * variables * sizeof *at);
    if (at == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t j = 0; j < count; j++)
        for (size_t v = 0; v < variables; v++)
            at[j * 2 * variables + v] = place(&problem->support.variable[v], even(j, v), j);
    int bad = mx_sample_join(s, at, count, 0);
    mx_free(at);
    if (bad != 0)
        return MAXENT_ERROR_MEMORY;
    size_t n = view->n = s->n;
    view->k = k;
    view->column = mx_zalloc(k + 1, sizeof *view->column);
    view->hi = mx_alloc(k + 1, (n + 1) * sizeof *view->hi);
    view->lo = mx_alloc(k + 1, (n + 1) * sizeof *view->lo);
    if (view->column == NULL || view->hi == NULL || view->lo == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < k; i++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t j = 0; j < n; j++) {
            view->hi[i * n + j] = s->hi[j * k + i];
            view->lo[i * n + j] = s->lo[j * k + i];
            least = fmin(least, s->hi[j * k + i]);
            most = fmax(most, s->hi[j * k + i]);
        }
        mx_view_centre(problem, view, i);
        if (view->column[i].kind != MX_KIND_EQUAL || problem->fact[i].given != SIZE_MAX || !(least < most))
            view->column[i].kind = MX_KIND_WATCH;
        view->column[i].error = INFINITY; /* whatever the targets are: a combination that is constant is no clash yet */
    }
    return MAXENT_OK;
}

/* sum_i c_i (f_i - b_i) at a point, and the size of its terms. */
static mx_dd combined(const maxent_problem *problem, const mx_dd *c, const double *hi, const double *lo, double *size)
{
    mx_dd sum = {0, 0};
    *size = 0;
    for (size_t i = 0; i < problem->k; i++) {
        if (c[i].hi == 0)
            continue;
        mx_dd off = mx_dd_add_d((mx_dd){hi[i], lo[i]}, -problem->fact[i].lower);
        sum = mx_dd_add(sum, mx_dd_mul(c[i], off));
        *size += fabs(c[i].hi) * (fabs(hi[i]) + fabs(problem->fact[i].lower));
    }
    return sum;
}

/* Is the combination c, in the user's units, the same at all nodes, and that 0 but for the rounding of the targets? */
static int holds(const maxent_problem *problem, const mx_dd *c, const mx_nodes *nodes)
{
    double open = 0, size, first_size = 0;
    mx_dd first = {NAN, 0};
    for (size_t i = 0; i < problem->k; i++)
        open += fabs(c[i].hi) * problem->fact[i].target_error;
    for (size_t j = 0; j < nodes->n; j++) {
        int fits = nodes->logq[j] > -INFINITY;
        for (size_t i = 0; i < problem->k && fits; i++)
            fits = fabs(nodes->hi[j * nodes->k + i]) <= MX_FEATURE_MOST;
        if (!fits)
            continue;
        mx_dd sum = combined(problem, c, nodes->hi + j * nodes->k, nodes->lo + j * nodes->k, &size);
        if (isnan(first.hi) || size < first_size) { /* the sharpest value is that of the smallest terms */
            if (!isnan(first.hi) && !(fabs(mx_dd_sub(sum, first).hi) <= CONSTANT * (size + first_size)))
                return 0;
            first = sum;
            first_size = size;
        } else if (!(fabs(mx_dd_sub(sum, first).hi) <= CONSTANT * (size + first_size)))
            return 0;
    }
    return fabs(first.hi) <= MX_ALLOWED * open && fabs(first.hi) > EXACT * first_size;
}

/* The combination that leaves fact i out, from the scaled columns to the user's units. 1: its terms are of the size of f_i. */
static int plain(const mx_view *view, mx_dd *c, size_t left_out)
{
    double most = 0;
    for (size_t i = 0; i < view->k; i++) {
        most = fmax(most, fabs(c[i].hi));
        if (fabs(c[i].hi) < CONSTANT)
            c[i] = mx_dd_make(0);
    }
    int fits = most <= PLAIN_MOST * fabs(c[left_out].hi);
    for (size_t i = 0; i < view->k; i++)
        c[i] = mx_dd_scale(c[i], -view->column[i].exponent);
    return fits;
}

/* The nodes that a solver begins with. Errors: MEMORY, VALUE, LIMIT. */
static maxent_error first_nodes(mx_run *run, mx_nodes *nodes)
{
    mx_grid grid;
    mx_outskirts outskirts[MX_AXES];
    memset(outskirts, 0, sizeof outskirts);
    maxent_error error = mx_grid_open(run->problem, &grid);
    grid.run = run;
    if (error == MAXENT_OK)
        error = mx_region_start(&grid, run->problem->fact, NULL, 0, outskirts, run->diagnostic);
    if (error == MAXENT_OK)
        error = mx_nodes_lay(&grid, NULL, NODES_MOST, nodes);
    mx_grid_close(&grid);
    return error;
}

maxent_error mx_redundant_open(mx_run *run, mx_redundant *r)
{
    const maxent_problem *problem = run->problem;
    size_t k = problem->k, equalities = 0;
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < k; i++)
        equalities += problem->fact[i].lower == problem->fact[i].upper && !(problem->fact[i].sd > 0);
    if (equalities < 2 || k > FACTS_MOST)
        return MAXENT_OK;
    mx_sample sample = {.problem = problem, .variables = problem->support.variables, .k = k};
    mx_view view;
    mx_coordinates coordinates;
    mx_nodes nodes;
    memset(&view, 0, sizeof view);
    memset(&coordinates, 0, sizeof coordinates);
    memset(&nodes, 0, sizeof nodes);
    r->out = mx_zalloc(k + 1, 1);
    maxent_error error = r->out == NULL ? MAXENT_ERROR_MEMORY : look(problem, &sample, &view);
    if (error == MAXENT_OK && view.n > k)
        error = mx_coordinates_open(&view, NULL, &coordinates);
    if (error == MAXENT_OK && coordinates.redundant > 0)
        error = first_nodes(run, &nodes);
    for (size_t a = 0; error == MAXENT_OK && a < coordinates.redundant; a++) {
        mx_dd *c = coordinates.null + a * k;
        size_t i = coordinates.left_out[a];
        if (plain(&view, c, i) && nodes.n > 0 && holds(problem, c, &nodes)) {
            r->out[i] = 1;
            r->count++;
        }
    }
    mx_fact *fact = error == MAXENT_OK && r->count > 0 ? mx_alloc(k + 1, sizeof *fact) : NULL;
    if (error == MAXENT_OK && r->count > 0 && fact == NULL) {
        r->count = 0;
        error = MAXENT_ERROR_MEMORY;
    }
    if (r->count > 0 && fact != NULL) {
        r->problem = *problem;
        r->problem.fact = fact;
        for (size_t i = 0; i < k; i++) {
            fact[i] = problem->fact[i];
            if (!r->out[i])
                continue;
            fact[i].lower = -INFINITY;
            fact[i].upper = INFINITY;
            fact[i].target_error = 0;
        }
    }
    mx_nodes_close(&nodes);
    mx_coordinates_close(&coordinates);
    mx_view_close(&view);
    mx_sample_close(&sample);
    return error == MAXENT_ERROR_LIMIT ? MAXENT_OK : error; /* with so many cells it is not looked at */
}

void mx_redundant_close(mx_redundant *r)
{
    if (r->count > 0)
        mx_free(r->problem.fact);
    mx_free(r->out);
    memset(r, 0, sizeof *r);
}

int mx_redundant_tell(mx_run *run, const mx_redundant *r)
{
    maxent_result *result = run->result;
    if (result->verdict == MAXENT_INFEASIBLE) /* what would repair it is asked of all facts */
        return 0;
    int met = 1, answer = result->verdict == MAXENT_SOLVED || result->verdict == MAXENT_BOUNDARY;
    for (size_t i = 0; i < run->problem->k; i++) {
        if (!r->out[i] || isnan(result->achieved[i]))
            continue;
        double target = run->problem->fact[i].lower, off = fabs(result->achieved[i] - target);
        result->residual[i] = off == 0 ? 0 : off / fmax(fabs(target), result->deviation[i]);
        if (!(result->residual[i] <= result->worst_residual))
            result->worst_residual = result->residual[i];
        met = met && result->residual[i] <= MET;
    }
    return met || !answer;
}
