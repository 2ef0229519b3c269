/* The answer on a continuous or countable support, to the outside: density, nodes, distribution function, quantiles, moments. */
#include <maxent/distribution.h>

#include "base/memory.h"
#include "distribution/line.h"
#include "solve/continuous/density.h"

#include "distribution/tails.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 512 };

maxent_error maxent_result_log_density(const maxent_result *result, size_t count, const double *x, double *out)
{
    if (result == NULL || result->density == NULL || (count > 0 && (x == NULL || out == NULL)))
        return MAXENT_ERROR_ARGUMENT;
    size_t variables = result->density->variables;
    double *block = mx_alloc(variables, BLOCK * sizeof *block);
    const double **value = mx_alloc(variables, sizeof *value);
    maxent_error error = block == NULL || value == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t first = 0; first < count && error == MAXENT_OK; first += BLOCK) {
        size_t n = count - first < BLOCK ? count - first : BLOCK;
        for (size_t v = 0; v < variables; v++) {
            value[v] = block + v * BLOCK;
            for (size_t j = 0; j < n; j++)
                block[v * BLOCK + j] = x[(first + j) * variables + v];
        }
        mx_points points = {.n = n, .value = value};
        error = mx_density_log(result, &points, out + first);
        for (size_t j = 0; j < n && error == MAXENT_OK; j++)
            for (size_t v = 0; v < variables; v++)
                if (isnan(x[(first + j) * variables + v]))
                    out[first + j] = NAN;
    }
    mx_free(block);
    mx_free((void *)value);
    return error;
}

maxent_error maxent_result_density(const maxent_result *result, size_t count, const double *x, double *out)
{
    maxent_error error = maxent_result_log_density(result, count, x, out);
    for (size_t j = 0; j < count && error == MAXENT_OK; j++)
        out[j] = exp(out[j]);
    return error;
}

maxent_error maxent_result_nodes(const maxent_result *result, maxent_nodes *nodes)
{
    if (result == NULL || result->density == NULL || nodes == NULL)
        return MAXENT_ERROR_ARGUMENT;
    const struct mx_density *d = result->density;
    nodes->n = d->n;
    nodes->variables = d->variables;
    nodes->value = (const double *const *)d->value;
    nodes->low = (const double *const *)d->low;
    nodes->log_weight = d->logw;
    nodes->log_p = d->logp;
    return MAXENT_OK;
}

/* Probability of node (or state) j and the values of its variables; 0 when it has none. */
static double point(const maxent_result *result, size_t j, double *x)
{
    const struct mx_density *d = result->density;
    const maxent_problem *problem = result->problem;
    double p = d != NULL ? exp(d->logw[j] + d->logp[j]) : result->p[j];
    for (size_t v = 0; p > 0.0 && v < problem->support.variables; v++) {
        if (d != NULL)
            x[v] = d->value[v][j];
        else if (maxent_problem_value(problem, v, j, &x[v]) != NULL)
            x[v] = (double)mx_support_level(&problem->support, v, j);
    }
    return p;
}

maxent_error maxent_result_expectation(const maxent_result *result, maxent_function g, void *user, double *value)
{
    if (result == NULL || g == NULL || value == NULL || (result->density == NULL && result->p == NULL) ||
        result->problem->support.variables == 0)
        return MAXENT_ERROR_ARGUMENT;
    double *x = mx_alloc(result->problem->support.variables, sizeof *x);
    if (x == NULL)
        return MAXENT_ERROR_MEMORY;
    mx_dd sum = {0, 0};
    size_t n = result->density != NULL ? result->density->n : result->problem->n;
    for (size_t j = 0; j < n; j++) {
        double p = point(result, j, x);
        if (p > 0.0)
            sum = mx_dd_add_d(sum, p * g(user, x));
    }
    mx_free(x);
    *value = sum.hi;
    return MAXENT_OK;
}

/* ---- one variable ---- */

static maxent_error line_of(const maxent_result *result, double floor, mx_line **line)
{
    if (result == NULL || result->problem->support.variables != 1)
        return MAXENT_ERROR_ARGUMENT;
    mx_line_request request = {.result = result, .floor = floor};
    return mx_line_new(&request, line);
}

/* Does something of the support lie outside of what was laid out, with less than the floor in it, and x there? */
static int is_far(const mx_line *line, double x)
{
    const mx_stretch *first = &line->piece[0], *last = &line->piece[line->pieces - 1];
    return (isinf(line->lower) && x < first->left.hi && x > -INFINITY) ||
           (isinf(line->upper) && x > last->left.hi + last->width && x < INFINITY);
}

/* The line, again with the farthest tails when one of the places needs them. */
static maxent_error line_for(const maxent_result *result, size_t count, const double *x, mx_line **line)
{
    maxent_error error = line_of(result, 0.0, line);
    int far = 0;
    for (size_t j = 0; j < count && error == MAXENT_OK; j++)
        far = far || is_far(*line, x[j]);
    if (far) {
        mx_line_free(*line);
        error = line_of(result, 1e-305, line);
    }
    return error;
}

maxent_error maxent_result_cdf(const maxent_result *result, size_t count, const double *x, double *out)
{
    mx_line *line;
    double above;
    if (count > 0 && (x == NULL || out == NULL))
        return MAXENT_ERROR_ARGUMENT;
    maxent_error error = line_for(result, count, x, &line);
    if (error != MAXENT_OK)
        return error;
    for (size_t j = 0; j < count; j++)
        mx_line_cdf(line, x[j], &out[j], &above);
    mx_line_free(line);
    return MAXENT_OK;
}

maxent_error maxent_result_quantile(const maxent_result *result, size_t count, const double *u, double *out)
{
    mx_line *line;
    double least = 1.0;
    if (count > 0 && (u == NULL || out == NULL))
        return MAXENT_ERROR_ARGUMENT;
    for (size_t j = 0; j < count; j++)
        if (u[j] > 0.0)
            least = fmin(least, u[j]);
    maxent_error error = line_of(result, least < 1e-22 ? fmax(least * 1e-4, 1e-305) : 0.0, &line);
    if (error != MAXENT_OK)
        return error;
    for (size_t j = 0; j < count; j++)
        out[j] = mx_line_quantile(line, u[j]);
    mx_line_free(line);
    return MAXENT_OK;
}

maxent_error maxent_result_interval(const maxent_result *result, double a, double b, double *p)
{
    mx_line *line;
    double ends[2] = {a, b};
    if (p == NULL)
        return MAXENT_ERROR_ARGUMENT;
    maxent_error error = line_for(result, 2, ends, &line);
    if (error != MAXENT_OK)
        return error;
    *p = mx_line_between(line, a, b);
    mx_line_free(line);
    return MAXENT_OK;
}

maxent_error maxent_result_hdi(const maxent_result *result, double mass, maxent_range **ranges, size_t *count)
{
    mx_line *line;
    mx_interval *list;
    if (ranges == NULL || count == NULL)
        return MAXENT_ERROR_ARGUMENT;
    maxent_error error = line_of(result, 0.0, &line);
    if (error != MAXENT_OK)
        return error;
    size_t n;
    error = mx_line_densest(line, mass, &list, &n);
    mx_line_free(line);
    if (error != MAXENT_OK)
        return error;
    maxent_range *out = mx_alloc(n, sizeof *out);
    if (out != NULL) {
        for (size_t i = 0; i < n; i++)
            out[i] = (maxent_range){list[i].from, list[i].to};
        *ranges = out;
        *count = n;
    }
    mx_free(list);
    return out != NULL ? MAXENT_OK : MAXENT_ERROR_MEMORY;
}

/* Sums over nodes or states of ((x - centre) / scale)^r p. size: of |x - centre| / scale. */
static void central(const maxent_result *result, size_t v, double centre, double scale, double *x, double out[4], double *size)
{
    size_t n = result->density != NULL ? result->density->n : result->problem->n;
    mx_dd sum[4] = {{0, 0}};
    mx_tails tails;
    mx_tails_start(&tails);
    *size = 0.0;
    for (size_t j = 0; j < n; j++) {
        double term = point(result, j, x), low = 0.0;
        if (!(term > 0.0))
            continue;
        if (result->density != NULL && result->density->low != NULL && result->density->low[v] != NULL)
            low = result->density->low[v][j];
        double off = ((x[v] - centre) + low) / scale;
        mx_tails_add(&tails, term, off);
        *size += term * fabs(off);
        for (int r = 0; r < 4; r++)
            sum[r] = mx_dd_add_d(sum[r], term *= off);
    }
    for (int r = 0; r < 4; r++)
        out[r] = result->density == NULL || mx_tails_settled(&tails, r + 1) ? sum[r].hi : NAN;
}

maxent_error maxent_result_moments(const maxent_result *result, size_t v, maxent_moments *moments)
{
    if (result == NULL || moments == NULL || v >= result->problem->support.variables ||
        result->problem->support.variable[v].named || (result->density == NULL && result->p == NULL))
        return MAXENT_ERROR_ARGUMENT;
    double m[4];
    if (result->density != NULL && result->problem->support.variables == 1) {
        mx_line *line;
        maxent_error error = line_of(result, 0.0, &line);
        if (error != MAXENT_OK)
            return error;
        mx_line_moments(line, m);
        mx_line_free(line);
    } else {
        double *x = mx_alloc(result->problem->support.variables, sizeof *x), mean, size, scale;
        if (x == NULL)
            return MAXENT_ERROR_MEMORY;
        central(result, v, 0.0, 1.0, x, m, &size);
        mean = m[0];
        central(result, v, mean, 1.0, x, m, &size);
        scale = size > 0.0 && isfinite(size) ? exp2(ilogb(size)) : 1.0; /* about 1e300 squares are no doubles */
        central(result, v, mean, scale, x, m, &size);
        double sd = sqrt(m[1]);
        m[0] = mean + scale * m[0];
        m[2] /= m[1] * sd;
        m[3] /= m[1] * m[1];
        m[1] = scale * sd;
        mx_free(x);
    }
    *moments = (maxent_moments){m[0], m[1], m[2], m[3]};
    return MAXENT_OK;
}
