/* A continuous or countable answer in JSON:
 *
 *     states      countable, one variable: the values that carry all but 1e-12 of the probability; with listed variables: the classes
 *     density     one real variable: {x: [...], p: [...]}, about 200 points in ascending order that follow the density
 *     quantiles   one variable: {u: [...], x: [...]}
 *     moments     for each variable that is a number: {variable, mean, sd, skewness, kurtosis}
 */
#include "report/json.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>

enum { POINTS = 200 };

static const double share[] = {0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.999};
enum { SHARES = sizeof share / sizeof share[0] };

static void put_list(mx_buffer *out, const char *key, size_t n, const double *value)
{
    mx_buffer_format(out, "\"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        mx_buffer_put(out, i == 0 ? "" : ", ");
        mx_json_number(out, value[i]);
    }
    mx_buffer_char(out, ']');
}

/* Half of the points at even shares of the probability, half even over what a picture shows; ends of pieces where p jumps twice,
 * just before and after. */
static maxent_error put_points(mx_buffer *out, const maxent_result *result, const mx_line *line)
{
    double x[2 * POINTS + 2], p[2 * POINTS + 2], low, high;
    size_t n = 0, a = 0, b = 0;
    mx_report_view(line, &low, &high);
    for (double last = -INFINITY; a <= POINTS / 2 || b < POINTS / 2;) { /* two rising lists become one */
        double even = a <= POINTS / 2 ? low + (high - low) * (double)a / (POINTS / 2) : INFINITY;
        double u = ((double)b + 0.5) / (POINTS / 2), by_mass = b < POINTS / 2 ? mx_line_quantile(line, u) : INFINITY;
        double next = fmin(fmax(fmin(even, by_mass), line->lower), line->upper); /* 'even' may round to beyond the end */
        a += !(even > by_mass); /* what is not a number is passed over: an unfinished answer may reach anywhere */
        b += !(by_mass > even);
        if (next > last && n < 2 * POINTS)
            x[n++] = last = next;
    }
    maxent_error error = maxent_result_density(result, n, x, p);
    if (error != MAXENT_OK)
        return error;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) /* where p is infinite there is nothing to plot */
        if (isfinite(p[i])) {
            x[kept] = x[i];
            p[kept++] = p[i];
        }
    mx_buffer_put(out, "  \"density\": {\n    ");
    put_list(out, "x", kept, x);
    mx_buffer_put(out, ",\n    ");
    put_list(out, "p", kept, p);
    mx_buffer_put(out, "\n  },\n");
    return MAXENT_OK;
}

static void put_atoms(mx_buffer *out, const maxent_problem *problem, const mx_line *line, size_t most)
{
    size_t first, end;
    if (!line->whole || !mx_report_atoms(line, 1e-12, most, &first, &end)) {
        mx_buffer_put(out, "  \"states\": null,\n");
        return;
    }
    mx_buffer_put(out, "  \"states\": [");
    for (size_t j = first; j < end; j++) {
        mx_buffer_put(out, j == first ? "\n    {" : ",\n    {");
        mx_json_string(out, mx_report_column_name(problem, 0));
        mx_buffer_put(out, ": ");
        mx_json_number(out, line->piece[j].left.hi);
        mx_buffer_put(out, ", ");
        mx_json_key(out, mx_report_p_name(problem), line->piece[j].mass);
        mx_buffer_char(out, '}');
    }
    mx_buffer_put(out, "\n  ],\n");
}

/* Classes: listed values, p, mean and sd of the others given them. */
static maxent_error put_classes(mx_buffer *out, const maxent_result *result, size_t most)
{
    const maxent_problem *problem = maxent_result_problem(result);
    const mx_support *support = &problem->support;
    mx_classes *c = NULL;
    maxent_error error = mx_classes_new(result, &c);
    if (error == MAXENT_ERROR_LIMIT || (error == MAXENT_OK && (c->listed == 0 || c->count > most))) {
        mx_buffer_put(out, "  \"states\": null,\n");
        mx_classes_free(c);
        return MAXENT_OK;
    }
    if (error != MAXENT_OK)
        return error;
    mx_buffer_put(out, "  \"states\": [");
    for (size_t i = 0; i < c->count; i++) {
        mx_buffer_put(out, i == 0 ? "\n    {" : ",\n    {");
        for (size_t v = 0; v < support->variables; v++) {
            const mx_variable *variable = &support->variable[v];
            size_t level = c->level[i * support->variables + v];
            mx_json_string(out, variable->name);
            mx_buffer_put(out, ": ");
            if (variable->extent != MX_LISTED) {
                mx_buffer_char(out, '{');
                mx_json_key(out, "mean", c->mean[i * support->variables + v]);
                mx_buffer_put(out, ", ");
                mx_json_key(out, "sd", c->sd[i * support->variables + v]);
                mx_buffer_char(out, '}');
            } else if (variable->named) {
                mx_json_string(out, variable->label[level]);
            } else {
                mx_json_number(out, variable->number[level]);
            }
            mx_buffer_put(out, ", ");
        }
        mx_json_key(out, mx_report_p_name(problem), c->p[i]);
        mx_buffer_char(out, '}');
    }
    mx_buffer_put(out, "\n  ],\n");
    mx_classes_free(c);
    return MAXENT_OK;
}

/* line: NULL, or the one variable laid out. */
static maxent_error put_moments(mx_buffer *out, const maxent_result *result, const mx_line *line)
{
    const maxent_problem *problem = maxent_result_problem(result);
    size_t written = 0;
    mx_buffer_put(out, "  \"moments\": [");
    for (size_t v = 0; v < problem->support.variables; v++) {
        maxent_moments m;
        if (problem->support.variable[v].named)
            continue;
        if (line != NULL) {
            double c[4];
            mx_line_moments(line, c);
            m = (maxent_moments){c[0], c[1], c[2], c[3]};
        } else {
            maxent_error error = maxent_result_moments(result, v, &m);
            if (error != MAXENT_OK)
                return error;
        }
        mx_buffer_put(out, written++ == 0 ? "\n    {\"variable\": " : ",\n    {\"variable\": ");
        mx_json_string(out, problem->support.variable[v].name);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "mean", m.mean);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "sd", m.sd);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "skewness", m.skewness);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "kurtosis", m.kurtosis);
        mx_buffer_char(out, '}');
    }
    mx_buffer_put(out, "\n  ],\n");
    return MAXENT_OK;
}

maxent_error mx_json_density(mx_buffer *out, const maxent_result *result, size_t most)
{
    const maxent_problem *problem = maxent_result_problem(result);
    maxent_error error = MAXENT_OK;
    mx_line *line = NULL;
    if (problem->support.variables == 1) {
        mx_line_request request = {.result = result};
        error = mx_line_new(&request, &line);
        if (mx_report_has_no_law(result, error)) {
            mx_buffer_put(out, "  \"states\": null,\n  \"density\": null,\n  \"quantiles\": null,\n  \"moments\": null,\n");
            return MAXENT_OK;
        }
        if (error != MAXENT_OK)
            return error;
        put_atoms(out, problem, line, most);
        if (line->whole)
            mx_buffer_put(out, "  \"density\": null,\n");
        else
            error = put_points(out, result, line);
        double x[SHARES];
        for (size_t i = 0; i < SHARES; i++)
            x[i] = mx_line_quantile(line, share[i]);
        mx_buffer_put(out, "  \"quantiles\": {\n    ");
        put_list(out, "u", SHARES, share);
        mx_buffer_put(out, ",\n    ");
        put_list(out, "x", SHARES, x);
        mx_buffer_put(out, "\n  },\n");
    } else {
        error = put_classes(out, result, most);
        mx_buffer_put(out, "  \"density\": null,\n  \"quantiles\": null,\n");
    }
    if (error == MAXENT_OK)
        error = put_moments(out, result, line);
    mx_line_free(line);
    return error;
}
