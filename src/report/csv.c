/* Every state and its probability, or the density at the nodes, as CSV (RFC 4180 with line feeds): a header, one row a state or node,
 * numbers that read back exactly. */
#include "report/report.h"

#include "solve/continuous/density.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { PIECE = 1 << 16 }; /* bytes collected before they are written */

static void put_field(mx_buffer *out, const char *text)
{
    if (text[0] != '\0' && strpbrk(text, ",\"\r\n") == NULL) {
        mx_buffer_put(out, text);
        return;
    }
    mx_buffer_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            mx_buffer_char(out, '"');
        mx_buffer_char(out, *text);
    }
    mx_buffer_char(out, '"');
}

static maxent_error flush(mx_output *file, mx_buffer *out, maxent_diagnostic *diagnostic)
{
    if (out->failed)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    maxent_error error = mx_output_write(file, out->data, out->length, diagnostic);
    out->length = 0;
    return error;
}

/* The head of the column of probabilities: a file outlives the exit status, so it says itself when its numbers are not the answer. */
static void put_p_name(mx_buffer *out, const maxent_result *result)
{
    if (maxent_result_verdict(result) == MAXENT_UNFINISHED)
        mx_buffer_put(out, "unfinished ");
    if (maxent_result_verdict(result) == MAXENT_UNATTAINED)
        mx_buffer_put(out, "approached ");
    mx_buffer_put(out, mx_report_p_name(maxent_result_problem(result)));
}

/* x, p and cdf at the nodes of one variable, in ascending order, or at the whole numbers; several variables: their values, the weight
 * of the node, p. */
static maxent_error write_nodes(const maxent_result *result, const char *path, maxent_diagnostic *diagnostic)
{
    const maxent_problem *problem = maxent_result_problem(result);
    const struct mx_density *d = result->density;
    size_t variables = problem->support.variables;
    mx_line *line = NULL;
    mx_output file;
    mx_buffer out = {0};
    mx_line_request request = {.result = result};
    maxent_error error = variables == 1 ? mx_line_new(&request, &line) : MAXENT_OK;
    if (error != MAXENT_OK)
        return mx_fail(diagnostic, error, "%s", mx_report_has_no_law(result, error)
                       ? "no table: what the unfinished solve reached has no finite mass" : maxent_error_text(error));
    error = mx_output_open(&file, path, diagnostic);
    if (error != MAXENT_OK) {
        int number = errno;
        mx_line_free(line);
        errno = number;
        return error;
    }
    for (size_t v = 0; v < variables; v++) {
        put_field(&out, problem->support.variable[v].name);
        mx_buffer_char(&out, ',');
    }
    put_p_name(&out, result);
    mx_buffer_put(&out, line != NULL ? ",cdf\n" : ",weight\n");
    int atoms = line != NULL && line->whole;
    for (size_t j = 0; error == MAXENT_OK && j < (atoms ? line->pieces : d->n); j++) {
        double below, above, x = atoms ? line->piece[j].left.hi : d->value[0][j];
        if (atoms && line->piece[j].width > 0.0) { /* many whole numbers: the middle one stands for them */
            x = floor(line->piece[j].left.hi + 0.5 * line->piece[j].width);
            mx_buffer_double(&out, x);
        } else {
            for (size_t v = 0; v < variables; v++) {
                const mx_variable *variable = &problem->support.variable[v];
                mx_buffer_put(&out, v == 0 ? "" : ",");
                if (variable->named)
                    put_field(&out, variable->label[(size_t)d->value[v][j]]);
                else
                    mx_buffer_double(&out, atoms ? x : d->value[v][j]);
            }
        }
        mx_buffer_char(&out, ',');
        mx_buffer_double(&out, atoms ? mx_line_at(line, x, 1) : exp(d->logp[j]));
        mx_buffer_char(&out, ',');
        if (line != NULL) {
            mx_line_cdf(line, x, &below, &above);
            mx_buffer_double(&out, below);
        } else {
            mx_buffer_double(&out, exp(d->logw[j]));
        }
        mx_buffer_char(&out, '\n');
        if (out.length >= PIECE || out.failed)
            error = flush(&file, &out, diagnostic);
    }
    if (error == MAXENT_OK)
        error = flush(&file, &out, diagnostic);
    error = mx_output_close(&file, error, diagnostic);
    int number = errno;
    mx_buffer_free(&out);
    mx_line_free(line);
    errno = number;
    return error;
}

maxent_error maxent_report_csv(const maxent_result *result, const char *path, maxent_diagnostic *diagnostic)
{
    const double *p = maxent_result_probabilities(result);
    const maxent_problem *problem = maxent_result_problem(result);
    if (!mx_report_is_answered(result))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is no distribution to write");
    if (p == NULL)
        return write_nodes(result, path, diagnostic);
    mx_output file;
    maxent_error error = mx_output_open(&file, path, diagnostic);
    if (error != MAXENT_OK)
        return error;
    size_t columns = mx_report_columns(problem);
    mx_buffer out = {0};
    for (size_t v = 0; v < columns; v++) {
        put_field(&out, mx_report_column_name(problem, v));
        mx_buffer_char(&out, ',');
    }
    put_p_name(&out, result);
    mx_buffer_char(&out, '\n');
    for (size_t x = 0; error == MAXENT_OK && x < maxent_problem_states(problem); x++) {
        for (size_t v = 0; v < columns; v++) {
            double number;
            const char *label = mx_report_value(problem, v, x, &number);
            if (label != NULL)
                put_field(&out, label);
            else
                mx_buffer_double(&out, number);
            mx_buffer_char(&out, ',');
        }
        mx_buffer_double(&out, p[x]);
        mx_buffer_char(&out, '\n');
        if (out.length >= PIECE || out.failed)
            error = flush(&file, &out, diagnostic);
    }
    if (error == MAXENT_OK)
        error = flush(&file, &out, diagnostic);
    error = mx_output_close(&file, error, diagnostic);
    int number = errno; /* callers may want to know a reader that has gone (EPIPE) from a full disk */
    mx_buffer_free(&out);
    errno = number;
    return error;
}
