/* A sketch of p over one number with many values: columns of blocks on a terminal, and a line that says where the probability is. */
#include "report/report.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 8, MOST_COLUMNS = 64 };

typedef struct state {
    double x, p;
} state;

static int by_x(const void *a, const void *b)
{
    double x = ((const state *)a)->x, y = ((const state *)b)->x;
    return (x > y) - (x < y);
}

void mx_report_bar(mx_buffer *out, double value, size_t width, int unicode)
{
    static const char *const part[] = {"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
    double eighths = floor(value * (double)width * 8.0 + 0.5);
    if (!(eighths > 0.0))
        return;
    size_t n = (size_t)eighths;
    if (unicode) {
        mx_buffer_repeat(out, "\u2588", n / 8);
        mx_buffer_put(out, part[n % 8]);
    } else {
        mx_buffer_repeat(out, "#", n / 8 + (n % 8 >= 4));
    }
}

/* The x where the probability to the left reaches `share`. */
static double quantile(size_t n, const state *s, double share)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += s[j].p;
        if (sum >= share - 1e-12)
            return s[j].x;
    }
    return s[n - 1].x;
}

void mx_report_chart(mx_buffer *out, const double *height, size_t columns, double top, const maxent_report_options *options)
{
    static const char *const block[] = {" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
    for (int row = ROWS - 1; row >= 0; row--) {
        size_t before = out->length;
        mx_buffer_char(out, ' ');
        if (row == ROWS - 1)
            mx_report_number(out, top, 3);
        size_t label = out->length - before;
        mx_buffer_repeat(out, " ", label < 11 ? 11 - label : 0);
        mx_buffer_put(out, options->unicode ? "\u2502" : "|");
        if (options->color)
            mx_buffer_put(out, "\033[36m");
        for (size_t c = 0; c < columns; c++) {
            double eighths = floor(fmin(1.0, height[c] / top) * ROWS * 8.0 + 0.5) - 8.0 * row;
            if (eighths < 1.0 && row == 0 && height[c] > 0.0)
                eighths = 1.0; /* little is not nothing */
            int n = eighths < 0.0 ? 0 : eighths > 8.0 ? 8 : (int)eighths;
            mx_buffer_put(out, options->unicode ? block[n] : n >= 6 ? "#" : n >= 3 ? ":" : n >= 1 ? "." : " ");
        }
        while (!options->color && !out->failed && out->data[out->length - 1] == ' ')
            out->length--;
        if (options->color)
            mx_buffer_put(out, "\033[0m");
        mx_buffer_char(out, '\n');
    }
    mx_buffer_repeat(out, " ", 11);
    mx_buffer_put(out, options->unicode ? "\u2514" : "+");
    mx_buffer_repeat(out, options->unicode ? "\u2500" : "-", columns);
    mx_buffer_char(out, '\n');
}

/* The ends of the axis under the chart. */
void mx_report_chart_ends(mx_buffer *out, double low, double high, size_t columns)
{
    mx_buffer ends = {0};
    double far = fmax(fabs(low), fabs(high)) / (high - low); /* digits that tell them apart */
    int digits = far > 10.0 && far < 1e300 ? (int)fmin(15.0, 5.0 + ceil(log10(far))) : 6;
    mx_report_number(&ends, low, digits);
    size_t left = ends.length;
    mx_buffer_char(&ends, '\0');
    mx_report_number(&ends, high, digits);
    if (ends.failed) {
        out->failed = 1;
    } else {
        size_t right = ends.length - left - 1;
        mx_buffer_repeat(out, " ", 12);
        mx_buffer_append(out, ends.data, left);
        mx_buffer_repeat(out, " ", columns > left + right + 1 ? columns - left - right : 2);
        mx_buffer_append(out, ends.data + left + 1, right);
        mx_buffer_char(out, '\n');
    }
    mx_buffer_free(&ends);
}

/* "a to b" */
static void put_range(mx_buffer *out, double a, double b)
{
    mx_report_number(out, a, 6);
    mx_buffer_put(out, " to ");
    mx_report_number(out, b, 6);
}

maxent_error mx_report_sketch(mx_buffer *out, const maxent_result *result, const maxent_report_options *options)
{
    const maxent_problem *problem = maxent_result_problem(result);
    const double *p = maxent_result_probabilities(result);
    size_t n = maxent_problem_states(problem);
    state *s = mx_alloc(n, sizeof *s);
    if (s == NULL)
        return MAXENT_ERROR_MEMORY;
    double mean = 0.0, largest = 0.0, mode = 0.0, variance = 0.0;
    for (size_t x = 0; x < n; x++) {
        mx_report_value(problem, 0, x, &s[x].x);
        s[x].p = p[x];
        mean += p[x] * s[x].x;
        if (p[x] > largest) {
            largest = p[x];
            mode = s[x].x;
        }
    }
    for (size_t x = 0; x < n; x++)
        variance += p[x] * (s[x].x - mean) * (s[x].x - mean);
    qsort(s, n, sizeof *s, by_x);
    int width = options->width > 0 ? options->width : 80;
    size_t columns = width - 14 < MOST_COLUMNS ? (size_t)(width - 14) : MOST_COLUMNS;
    double low = s[0].x, half_span = s[n - 1].x / 2.0 - low / 2.0, height[MOST_COLUMNS] = {0}, top = 0.0;
    size_t values[MOST_COLUMNS] = {0};
    if (n < columns)
        columns = n;
    for (size_t j = 0; j < n; j++) {
        double place = half_span > 0.0 ? (s[j].x / 2.0 - low / 2.0) / half_span : 0.0;
        size_t c = (size_t)(place * (double)columns);
        c = c < columns ? c : columns - 1;
        height[c] += s[j].p;
        values[c]++;
    }
    for (size_t c = 0; c < columns; c++) { /* the mean over the values in a column, so that 3 here and 4 there make no teeth */
        height[c] /= values[c] > 0 ? (double)values[c] : 1.0;
        top = fmax(top, height[c]);
    }
    mx_report_chart(out, height, columns, top, options);
    mx_report_chart_ends(out, low, s[n - 1].x, columns);
    mx_buffer_put(out, "\n ");
    mx_report_put_clean(out, mx_report_column_name(problem, 0));
    mx_buffer_put(out, ": mean ");
    mx_report_number(out, mean, 6);
    mx_buffer_put(out, ", standard deviation ");
    mx_report_number(out, sqrt(variance), 4);
    mx_buffer_put(out, ", most probable ");
    mx_report_number(out, mode, 6);
    mx_buffer_put(out, "\n half of the probability from ");
    put_range(out, quantile(n, s, 0.25), quantile(n, s, 0.75));
    mx_buffer_put(out, ", 95 % from ");
    put_range(out, quantile(n, s, 0.025), quantile(n, s, 0.975));
    mx_buffer_char(out, '\n');
    mx_free(s);
    return MAXENT_OK;
}
