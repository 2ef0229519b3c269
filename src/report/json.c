/* The answer as one JSON object: the keys of docs/design.md, section 3, and a few more.
 *
 * Numbers are the shortest decimals that read back as the same double; what does not exist (NaN, an infinite bound) is null. Entropies,
 * costs and bound are in the unit asked for; log_partition, lambda, gap and margin are in nats.
 */
#include "report/report.h"

#include "base/memory.h"
#include "report/json.h"
#include "solve/result.h"

#include <math.h>
#include <string.h>

static const size_t most_states = 10000;

void mx_json_number(mx_buffer *out, double value)
{
    if (isfinite(value))
        mx_buffer_double(out, value == 0.0 ? 0.0 : value); /* no "-0" */
    else
        mx_buffer_put(out, "null");
}

/* Quoted and escaped. Bytes that are not UTF-8 become U+FFFD, so that the whole always parses. */
void mx_json_string(mx_buffer *out, const char *text)
{
    mx_buffer_char(out, '"');
    for (size_t i = 0; text[i] != '\0';) {
        unsigned char c = (unsigned char)text[i];
        size_t length = mx_report_letter(text + i);
        if (length == 0) {
            mx_buffer_put(out, "\\ufffd");
            i++;
            continue;
        }
        if (c == '"' || c == '\\')
            mx_buffer_format(out, "\\%c", c);
        else if (c == '\n')
            mx_buffer_put(out, "\\n");
        else if (c == '\t')
            mx_buffer_put(out, "\\t");
        else if (c < 0x20 || c == 0x7f)
            mx_buffer_format(out, "\\u%04x", (unsigned)c);
        else
            mx_buffer_append(out, text + i, length);
        i += length;
    }
    mx_buffer_char(out, '"');
}

void mx_json_key(mx_buffer *out, const char *key, double value)
{
    mx_buffer_format(out, "\"%s\": ", key);
    mx_json_number(out, value);
}

static void put_facts(mx_buffer *out, const maxent_result *result, double scale)
{
    const maxent_problem *problem = maxent_result_problem(result);
    maxent_verdict verdict = maxent_result_verdict(result);
    size_t shown = 0;
    mx_buffer_put(out, "  \"facts\": [");
    for (size_t i = 0; i < maxent_result_facts(result); i++) {
        maxent_fact fact;
        if (problem->fact[i].hidden)
            continue;
        maxent_result_fact(result, i, &fact);
        mx_buffer_put(out, shown++ == 0 ? "\n    {\"text\": " : ",\n    {\"text\": ");
        mx_json_string(out, fact.text);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "target", fact.target);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "lower", fact.lower);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "upper", fact.upper);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "sd", fact.sd > 0.0 ? fact.sd : NAN);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "achieved", fact.achieved);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "lambda", fact.lambda);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "residual", fact.residual);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "cost", fact.cost * scale);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "direction", fact.direction);
        mx_buffer_put(out, ", ");
        mx_json_key(out, "repair", verdict == MAXENT_INFEASIBLE ? fact.repair : NAN);
        mx_buffer_char(out, '}');
    }
    mx_buffer_put(out, shown == 0 ? "],\n" : "\n  ],\n");
}

static void put_family(mx_buffer *out, const maxent_result *result)
{
    maxent_family family;
    maxent_result_family(result, &family);
    mx_buffer_put(out, "  \"family\": ");
    if (family.name == NULL) {
        mx_buffer_put(out, "null,\n");
        return;
    }
    mx_buffer_put(out, "{\"name\": ");
    mx_json_string(out, family.name);
    for (size_t i = 0; i < family.parameters; i++) {
        mx_buffer_put(out, ", ");
        mx_json_key(out, family.parameter[i].name, family.parameter[i].value);
    }
    mx_buffer_put(out, "},\n");
}

static void put_states(mx_buffer *out, const maxent_result *result, size_t most)
{
    const maxent_problem *problem = maxent_result_problem(result);
    const double *p = maxent_result_probabilities(result);
    size_t n = maxent_problem_states(problem), columns = mx_report_columns(problem);
    if (p == NULL || n > most) {
        mx_buffer_put(out, "  \"states\": null,\n");
        return;
    }
    mx_buffer_put(out, "  \"states\": [");
    for (size_t x = 0; x < n; x++) {
        mx_buffer_put(out, x == 0 ? "\n    {" : ",\n    {");
        for (size_t v = 0; v < columns; v++) {
            double number;
            const char *label = mx_report_value(problem, v, x, &number);
            mx_json_string(out, mx_report_column_name(problem, v));
            mx_buffer_put(out, ": ");
            if (label != NULL)
                mx_json_string(out, label);
            else
                mx_json_number(out, number);
            mx_buffer_put(out, ", ");
        }
        mx_json_key(out, mx_report_p_name(problem), p[x]);
        mx_buffer_char(out, '}');
    }
    mx_buffer_put(out, "\n  ],\n");
}

static maxent_error put_covariance(mx_buffer *out, const maxent_result *result)
{
    const maxent_problem *problem = maxent_result_problem(result);
    size_t k = maxent_problem_facts(problem), row = 0;
    if (!mx_report_is_answered(result)) {
        mx_buffer_put(out, "  \"covariance\": null,\n");
        return MAXENT_OK;
    }
    double *covariance = k > 0 ? mx_alloc(k, k * sizeof *covariance) : NULL;
    if (k > 0 && covariance == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = k > 0 ? maxent_result_covariance(result, covariance) : MAXENT_OK;
    mx_buffer_put(out, "  \"covariance\": [");
    for (size_t i = 0; error == MAXENT_OK && i < k; i++) {
        if (problem->fact[i].hidden)
            continue;
        mx_buffer_put(out, row++ == 0 ? "\n    [" : ",\n    [");
        size_t column = 0;
        for (size_t j = 0; j < k; j++) {
            if (problem->fact[j].hidden)
                continue;
            mx_buffer_put(out, column++ == 0 ? "" : ", ");
            mx_json_number(out, covariance[i * k + j]);
        }
        mx_buffer_char(out, ']');
    }
    mx_buffer_put(out, row == 0 ? "],\n" : "\n  ],\n");
    mx_free(covariance);
    return error;
}

static void put_certificate(mx_buffer *out, const maxent_result *result, double scale)
{
    const maxent_problem *problem = maxent_result_problem(result);
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    mx_buffer_put(out, "  \"certificate\": {");
    mx_json_key(out, "residual", c.residual);
    mx_buffer_put(out, ", ");
    mx_json_key(out, "gap", c.gap);
    mx_buffer_put(out, ", \"direction\": ");
    if (c.direction == NULL) {
        mx_buffer_put(out, "null");
    } else {
        size_t shown = 0;
        for (size_t i = 0; i < maxent_result_facts(result); i++)
            if (!problem->fact[i].hidden) {
                mx_buffer_put(out, shown++ == 0 ? "[" : ", ");
                mx_json_number(out, c.direction[i]);
            }
        mx_buffer_put(out, shown == 0 ? "[]" : "]");
    }
    mx_buffer_put(out, ", ");
    mx_json_key(out, "margin", c.margin);
    mx_buffer_put(out, ", ");
    mx_json_key(out, "bound", c.bound * scale);
    mx_buffer_put(out, "},\n");
}

maxent_error maxent_report_json(const maxent_result *result, const maxent_report_options *given, char **text, size_t *length)
{
    maxent_report_options options;
    maxent_report_options_init(&options);
    if (given != NULL)
        options = *given;
    double scale = mx_report_unit_scale(options.unit);
    maxent_certificate certificate;
    maxent_effort effort;
    maxent_result_certificate(result, &certificate);
    maxent_result_effort(result, &effort);
    mx_buffer out = {0};
    mx_buffer_format(&out, "{\n  \"verdict\": \"%s\",\n  \"message\": ", maxent_verdict_word(maxent_result_verdict(result)));
    mx_json_string(&out, maxent_result_message(result));
    mx_buffer_put(&out, ",\n  ");
    mx_json_key(&out, "entropy", maxent_result_entropy(result) * scale);
    mx_buffer_put(&out, ",\n  ");
    mx_json_key(&out, "entropy_without_facts", maxent_result_entropy_without(result) * scale);
    mx_buffer_put(&out, ",\n  ");
    mx_json_key(&out, "relative_entropy", mx_report_has_prior(result) ? maxent_result_relative_entropy(result) * scale : NAN);
    mx_buffer_format(&out, ",\n  \"unit\": \"%s\",\n  ", mx_report_unit_name(options.unit));
    mx_json_key(&out, "log_partition", maxent_result_log_partition(result));
    mx_buffer_format(&out, ",\n  \"zeros\": %zu,\n", certificate.zeros);
    put_facts(&out, result, scale);
    put_family(&out, result);
    maxent_error error = MAXENT_OK;
    if (result->density != NULL) {
        error = mx_json_density(&out, result, options.max_states > 0 ? options.max_states : most_states);
    } else {
        put_states(&out, result, options.max_states > 0 ? options.max_states : most_states);
        mx_buffer_put(&out, "  \"density\": null,\n  \"quantiles\": null,\n  \"moments\": null,\n");
    }
    if (error == MAXENT_OK && options.covariance)
        error = put_covariance(&out, result);
    put_certificate(&out, result, scale);
    mx_buffer_format(&out, "  \"iterations\": %zu,\n  \"evaluations\": %zu,\n  ", effort.iterations, effort.evaluations);
    mx_json_key(&out, "seconds", effort.seconds);
    mx_buffer_format(&out, ",\n  \"threads\": %d\n}\n", effort.threads);
    size_t size = out.length;
    char *taken = mx_buffer_take(&out);
    if (error == MAXENT_OK && taken == NULL)
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK) {
        mx_free(taken);
        return error;
    }
    *text = taken;
    if (length != NULL)
        *length = size;
    return MAXENT_OK;
}
