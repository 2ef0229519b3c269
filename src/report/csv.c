/* Every state and its probability as CSV (RFC 4180 with line feeds): a header, one row a state, numbers that read back exactly. */
#include "report/report.h"

#include <errno.h>
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

maxent_error maxent_report_csv(const maxent_result *result, const char *path, maxent_diagnostic *diagnostic)
{
    const double *p = maxent_result_probabilities(result);
    const maxent_problem *problem = maxent_result_problem(result);
    if (p == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is no distribution to write");
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
    mx_buffer_put(&out, mx_report_p_name(problem));
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
