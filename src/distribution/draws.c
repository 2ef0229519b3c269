/* Draws from an answer: points with the values of its variables.
 *
 * A density of one variable, beside any listed ones, is laid out as a line (line.h) for every combination of listed values. A draw
 * picks a line by the alias method with its probability, and a place on it as the quantile of an even number, so that draws follow
 * the density itself, and do not change with the nodes or pieces that carry it. An answer that is a normal distribution of several
 * variables is drawn as mean + L z with the Cholesky factor L of its covariance, and z by the polar method of Marsaglia. Other
 * densities of two or three real or countable variables are drawn from by rejection (boxes.h).
 */
#include "distribution/sampling.h"

#include "base/memory.h"
#include "distribution/boxes.h"
#include "distribution/family.h"
#include "distribution/line.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <string.h>

static const size_t most_lines = 4096;

struct mx_draws {
    const maxent_problem *problem;
    size_t variables, v;     /* v: the variable that runs along the lines */
    size_t lines;            /* 0: states, a normal, or boxes */
    mx_line **line;          /* [lines], some NULL: their values have no probability */
    double *held;            /* [lines][variables] */
    double *mean, *factor;   /* a normal: [variables], [variables][variables] lower */
    mx_boxes *boxes;         /* other densities of several running variables, or NULL */
};

void mx_draws_free(mx_draws *draws)
{
    if (draws == NULL)
        return;
    for (size_t i = 0; i < draws->lines && draws->line != NULL; i++)
        mx_line_free(draws->line[i]);
    mx_free(draws->line);
    mx_free(draws->held);
    mx_free(draws->mean);
    mx_free(draws->factor);
    mx_boxes_free(draws->boxes);
    mx_free(draws);
}

/* Level l of a listed variable as nodes have it. */
static double listed(const mx_variable *variable, size_t level)
{
    return variable->named ? (double)level : variable->number[level];
}

/* One line for every combination of the listed values. */
static maxent_error lay_lines(mx_draws *d, const maxent_result *result)
{
    const mx_support *support = &d->problem->support;
    size_t lines = 1;
    for (size_t v = 0; v < d->variables; v++)
        if (v != d->v) {
            if (support->variable[v].levels > most_lines / lines)
                return MAXENT_ERROR_LIMIT;
            lines *= support->variable[v].levels;
        }
    d->line = mx_zalloc(lines, sizeof *d->line);
    d->held = mx_zalloc(lines, d->variables * sizeof *d->held);
    if (d->line == NULL || d->held == NULL)
        return MAXENT_ERROR_MEMORY;
    d->lines = lines;
    size_t laid = 0;
    for (size_t i = 0; i < lines; i++) {
        size_t rest = i;
        for (size_t v = d->variables; v-- > 0;)
            if (v != d->v) {
                d->held[i * d->variables + v] = listed(&support->variable[v], rest % support->variable[v].levels);
                rest /= support->variable[v].levels;
            }
        mx_line_request request = {.result = result, .v = d->v, .held = d->held + i * d->variables, .floor = 1e-20};
        maxent_error error = mx_line_new(&request, &d->line[i]);
        if (error == MAXENT_ERROR_VALUE)
            continue; /* these values have no probability */
        if (error != MAXENT_OK)
            return error;
        laid++;
    }
    return laid > 0 ? MAXENT_OK : MAXENT_ERROR_VALUE;
}

/* A table over the lines. */
static maxent_error tabulate(mx_draws *d, uint64_t seed, maxent_sampler **out)
{
    double *mass = mx_alloc(d->lines, sizeof *mass);
    if (mass == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < d->lines; i++)
        mass[i] = d->line[i] != NULL ? d->line[i]->total : 0.0;
    maxent_error error = maxent_sampler_new(d->lines, mass, seed, out);
    mx_free(mass);
    return error;
}

/* A table over boxes. */
static maxent_error in_boxes(mx_draws *d, const maxent_result *result, uint64_t seed, maxent_sampler **out)
{
    double *mass;
    size_t count;
    maxent_error error = mx_boxes_new(result, &d->boxes, &mass, &count);
    if (error != MAXENT_OK)
        return error;
    error = maxent_sampler_new(count, mass, seed, out);
    mx_free(mass);
    return error;
}

maxent_error maxent_sampler_new_result(const maxent_result *result, uint64_t seed, maxent_sampler **out)
{
    const maxent_problem *problem = result != NULL ? maxent_result_problem(result) : NULL;
    if (out == NULL || problem == NULL || problem->support.variables == 0 ||
        (maxent_result_probabilities(result) == NULL && result->density == NULL))
        return MAXENT_ERROR_ARGUMENT;
    static const double one = 1.0;
    maxent_error error = MAXENT_OK;
    size_t running = 0;
    maxent_sampler *sampler = NULL;
    mx_draws *d = mx_zalloc(1, sizeof *d);
    if (d == NULL)
        return MAXENT_ERROR_MEMORY;
    d->problem = problem;
    d->variables = problem->support.variables;
    for (size_t v = 0; v < d->variables; v++)
        if (problem->support.variable[v].extent != MX_LISTED) {
            running++;
            d->v = v;
        }
    if (maxent_result_probabilities(result) != NULL) {
        error = maxent_sampler_new(problem->n, maxent_result_probabilities(result), seed, &sampler);
    } else if (running > 1) {
        error = mx_family_normal(result, &d->mean, &d->factor);
        if (error == MAXENT_OK)
            error = maxent_sampler_new(1, &one, seed, &sampler);
        else if (error == MAXENT_ERROR_UNSUPPORTED)
            error = in_boxes(d, result, seed, &sampler);
    } else {
        error = lay_lines(d, result);
        if (error == MAXENT_OK)
            error = tabulate(d, seed, &sampler);
    }
    if (error == MAXENT_OK) {
        sampler->draws = d;
        *out = sampler;
    } else {
        mx_draws_free(d);
    }
    return error;
}

/* Two independent standard normals from points in the unit circle. */
static void polar(maxent_sampler *sampler, double z[2])
{
    double x, y, square;
    do {
        x = 2.0 * mx_sampler_uniform(sampler) - 1.0;
        y = 2.0 * mx_sampler_uniform(sampler) - 1.0;
        square = x * x + y * y;
    } while (!(square < 1.0 && square > 0.0));
    double scale = sqrt(-2.0 * log(square) / square);
    z[0] = x * scale;
    z[1] = y * scale;
}

static void draw_normal(maxent_sampler *sampler, double *out)
{
    const mx_draws *d = sampler->draws;
    double z[2];
    for (size_t v = 0; v < d->variables; v++)
        out[v] = d->mean[v];
    for (size_t u = 0; u < d->variables; u++) {
        if (u % 2 == 0)
            polar(sampler, z);
        for (size_t v = u; v < d->variables; v++)
            out[v] += d->factor[v * d->variables + u] * z[u % 2];
    }
}

void maxent_sampler_draw_points(maxent_sampler *sampler, size_t count, double *out)
{
    const mx_draws *d = sampler->draws;
    if (d == NULL)
        return;
    for (size_t i = 0; i < count; i++, out += d->variables) {
        if (d->mean != NULL) {
            draw_normal(sampler, out);
            continue;
        }
        if (d->boxes != NULL) {
            mx_boxes_draw(d->boxes, sampler, out);
            continue;
        }
        size_t cell;
        maxent_sampler_draw(sampler, 1, &cell);
        if (d->lines == 0) {
            for (size_t v = 0; v < d->variables; v++)
                if (maxent_problem_value(d->problem, v, cell, &out[v]) != NULL)
                    out[v] = (double)mx_support_level(&d->problem->support, v, cell);
            continue;
        }
        const double *held = d->held + cell * d->variables;
        for (size_t v = 0; v < d->variables; v++)
            out[v] = held[v];
        out[d->v] = mx_line_draw(d->line[cell], mx_sampler_uniform(sampler));
    }
}
