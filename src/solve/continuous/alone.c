/* The prior alone, on a continuous or countable support: its entropy and the log of its integral, to which the relative entropy refers.
 *
 * Without a prior it is the logarithm of the size of the support, where that is finite. With one it is the answer to the problem
 * without facts. Where the prior cannot be normalised both are NaN, and where that answer is not settled.
 */
#include "solve/result.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <string.h>

/* The log prior is 0 at nodes all over the support when none was given. */
int mx_has_prior(const maxent_result *result)
{
    enum { PLACES = 32 };
    const maxent_problem *problem = result->problem;
    const struct mx_density *d = result->density;
    if (problem->field == NULL || d == NULL)
        return problem->q != NULL;
    size_t variables = problem->support.variables, step = d->n / PLACES + 1, n = 0;
    double logq[PLACES], *hi = mx_alloc(PLACES, (problem->k + 1) * sizeof *hi);
    double *block = mx_alloc(variables, PLACES * sizeof *block);
    const double **value = mx_alloc(variables, sizeof *value);
    int prior = 0;
    if (hi != NULL && block != NULL && value != NULL) {
        for (size_t j = step / 2; j < d->n && n < PLACES; j += step, n++)
            for (size_t v = 0; v < variables; v++) {
                value[v] = block + v * PLACES;
                block[v * PLACES + n] = d->value[v][j];
            }
        mx_points points = {.n = n, .value = value};
        if (mx_field_values(problem, &points, hi, NULL, logq) == 0)
            for (size_t j = 0; j < n; j++)
                prior = prior || logq[j] != 0;
    }
    mx_free(hi);
    mx_free(block);
    mx_free((void *)value);
    return prior;
}

static int is_free(const mx_fact *fact)
{
    return isinf(fact->lower) && isinf(fact->upper) && fact->lower < fact->upper;
}

/* log of the length, area, number of values; infinite for lines and whole numbers without end. */
static double log_size(const mx_support *support)
{
    double sum = 0;
    for (size_t v = 0; v < support->variables; v++) {
        const mx_variable *variable = &support->variable[v];
        sum += log(variable->extent == MX_LISTED ? (double)variable->levels
                   : variable->extent == MX_REAL ? variable->upper - variable->lower
                                                 : variable->upper - variable->lower + 1);
    }
    return sum;
}

/* Does the prior have ever more mass, decade by decade, towards an infinite end of its one variable? Then it has no integral, which
 * quadrature would be long in finding out where the prior is a wave. Means over many points of q x stand for the mass of a decade. */
static int piles_up(const maxent_problem *problem)
{
    enum { POINTS = 64, DECADES = 6 };
    const mx_variable *variable = problem->support.variable;
    double *hi = mx_alloc(POINTS, (problem->k + 1) * sizeof *hi), x[POINTS], logq[POINTS];
    int found = 0;
    for (int side = -1; problem->support.variables == 1 && variable->extent != MX_LISTED && hi != NULL && side <= 1; side += 2) {
        double before = 0;
        int grows = isinf(side < 0 ? variable->lower : variable->upper);
        for (int decade = 0; grows && decade < DECADES; decade++) {
            double sum = 0;
            for (int j = 0; j < POINTS; j++) {
                x[j] = side * pow(10.0, 6 + decade + (j + 0.5) / POINTS);
                x[j] = variable->extent == MX_WHOLE ? floor(x[j]) : x[j];
            }
            const double *value[1] = {x};
            mx_points points = {.n = POINTS, .value = value};
            grows = mx_field_values(problem, &points, hi, NULL, logq) == 0;
            for (int j = 0; j < POINTS && grows; j++)
                sum += exp(fmin(logq[j], 600.0)) * fabs(x[j]);
            grows = grows && isfinite(sum) && (decade == 0 || sum > 2 * before);
            before = sum;
        }
        found = found || (grows && before > 0);
    }
    mx_free(hi);
    return found;
}

maxent_error mx_alone_continuous(mx_run *run, double *log_total)
{
    maxent_result *result = run->result, *other = NULL;
    const maxent_problem *problem = run->problem;
    size_t facts = 0;
    *log_total = result->entropy_without = NAN;
    if (result->density == NULL)
        return MAXENT_OK;
    if (!mx_has_prior(result)) {
        double size = log_size(&problem->support);
        if (isfinite(size))
            *log_total = result->entropy_without = size;
        return MAXENT_OK;
    }
    for (size_t i = 0; i < problem->k; i++)
        facts += !is_free(&problem->fact[i]);
    if (facts == 0) {
        result->entropy_without = result->entropy;
        *log_total = result->log_partition;
        return MAXENT_OK;
    }
    if (piles_up(problem))
        return MAXENT_OK;
    maxent_options options = *run->options;
    options.explain = 0;
    options.warm = NULL;
    if (isfinite(run->deadline))
        options.time_limit = fmax(run->deadline - mx_seconds(), 1e-3);
    maxent_problem without = *problem, alone;
    without.k = 0; /* what features need of the grid is no matter here: a wave in a heavy tail would take seconds, */
    int *same = mx_zalloc(problem->support.variables + 1, sizeof *same);
    maxent_error error = same == NULL ? MAXENT_ERROR_MEMORY : mx_problem_rescale(&without, same, same, &alone); /* nor are their jumps */
    mx_free(same);
    if (error != MAXENT_OK)
        return error;
    error = maxent_solve(&alone, &options, &other, NULL);
    if (error == MAXENT_OK && other->verdict == MAXENT_SOLVED) {
        result->entropy_without = other->entropy;
        *log_total = other->log_partition;
    }
    result->without_unknown = error != MAXENT_OK || (other->verdict != MAXENT_SOLVED && other->verdict != MAXENT_UNBOUNDED);
    maxent_result_free(other);
    mx_problem_rescale_free(&alone);
    return error == MAXENT_ERROR_MEMORY ? error : MAXENT_OK; /* what cannot be said of the prior is left out */
}
