/* The answer as a picture: bars over numbers, bars beside the names of states, or the probabilities in order of size.
 *
 *     one numeric variable, up to 60 values       bars at their values; the prior as an outline
 *     one numeric variable, more values           the area under p; the prior as a line
 *     names or several variables, up to 40 states  a bar beside each state
 *     more states                                  probabilities from the largest to the smallest
 */
#include "report/report.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char bar_color[] = "#3b6ea8", area_color[] = "#9dbbdc", prior_color[] = "#d1495b", grid_color[] = "#e4e4e4",
                  axis_color[] = "#555555", ink_color[] = "#222222", pale_color[] = "#666666";

enum { MOST_BARS = 60, MOST_ROWS = 40, MOST_POINTS = 1200, LONGEST_TITLE = 66 };

typedef struct plot {
    mx_canvas canvas;
    const maxent_result *result;
    const maxent_problem *problem;
    const maxent_report_options *options;
    const double *p, *q;      /* q: NULL, or the prior as given */
    double q_sum;
    double left, right, top, bottom; /* of the field, pixels */
    double x0, x1, y1;        /* values at left, right, top; 0 is at the bottom */
    maxent_error error;
} plot;

typedef struct point {
    double x, p, q;
} point;

static int by_x(const void *a, const void *b)
{
    double x = ((const point *)a)->x, y = ((const point *)b)->x;
    return (x > y) - (x < y);
}

/* What the picture says on top: the facts while they fit, and the entropy. */
static void put_title(plot *g, mx_buffer *title)
{
    size_t facts = 0;
    for (size_t i = 0; i < maxent_result_facts(g->result); i++) {
        maxent_fact fact;
        if (g->problem->fact[i].hidden)
            continue;
        maxent_result_fact(g->result, i, &fact);
        if (facts++ > 0)
            mx_buffer_put(title, ", ");
        if (title->length <= LONGEST_TITLE)
            mx_report_put_fact(title, &fact);
    }
    if (title->length > LONGEST_TITLE || facts == 0) {
        mx_buffer_free(title);
        *title = (mx_buffer){0};
        if (facts == 0)
            mx_buffer_put(title, "No facts");
        else
            mx_buffer_format(title, "Maximum entropy under %zu facts", facts);
    }
}

static void put_subtitle(plot *g, mx_buffer *line)
{
    mx_buffer_put(line, "entropy ");
    mx_report_number(line, maxent_result_entropy(g->result) * mx_report_unit_scale(g->options->unit), 6);
    mx_buffer_format(line, " %ss, %zu states, %s", mx_report_unit_name(g->options->unit), maxent_problem_states(g->problem),
                     maxent_verdict_word(maxent_result_verdict(g->result)));
}

static void start(plot *g, double width, double height)
{
    mx_buffer title = {0}, line = {0};
    put_title(g, &title);
    put_subtitle(g, &line);
    g->canvas.text.failed = g->canvas.text.failed || title.failed || line.failed;
    const char *words = title.data != NULL ? title.data : "";
    mx_canvas_start(&g->canvas, width, height, words);
    mx_canvas_text(&g->canvas, g->left, 28.0, words, 16.0, ink_color, MX_START, 1, 0);
    mx_canvas_text(&g->canvas, g->left, 47.0, line.data != NULL ? line.data : "", 12.0, pale_color, MX_START, 0, 0);
    mx_buffer_free(&title);
    mx_buffer_free(&line);
}

/* "p" and "prior" at the top right, when both are drawn. */
static void put_legend(plot *g)
{
    if (g->q == NULL)
        return;
    double x = g->right - 104.0, y = 43.0;
    mx_canvas_box(&g->canvas, x, y - 7.0, 14.0, 10.0, bar_color);
    mx_canvas_text(&g->canvas, x + 19.0, y + 2.0, mx_report_p_name(g->problem), 12.0, ink_color, MX_START, 0, 0);
    mx_canvas_line(&g->canvas, x + 48.0, y - 2.0, x + 66.0, y - 2.0, prior_color, 2.0);
    mx_canvas_text(&g->canvas, x + 71.0, y + 2.0, "prior", 12.0, ink_color, MX_START, 0, 0);
}

static void put_number(plot *g, double x, double y, double value, mx_anchor anchor)
{
    mx_buffer text = {0};
    mx_report_number(&text, value == 0.0 ? 0.0 : value, 6);
    mx_canvas_text(&g->canvas, x, y, text.data != NULL ? text.data : "", 12.0, ink_color, anchor, 0, 0);
    g->canvas.text.failed = g->canvas.text.failed || text.failed;
    mx_buffer_free(&text);
}

static double place_x(const plot *g, double x)
{
    return g->left + (x - g->x0) / (g->x1 - g->x0) * (g->right - g->left);
}

static double place_y(const plot *g, double y)
{
    return g->bottom - y / g->y1 * (g->bottom - g->top);
}

/* Grid and numbers of a linear axis from 0 to the largest probability, which is made a little larger. */
static void put_y_axis(plot *g, double largest)
{
    double first, step;
    mx_report_ticks(0.0, largest, 6, &first, &step);
    g->y1 = ceil(largest / step - 1e-9) * step;
    for (double i = 0.0; i * step <= g->y1 * (1.0 + 1e-9); i++) {
        double y = place_y(g, i * step);
        if (i > 0.0)
            mx_canvas_line(&g->canvas, g->left, y, g->right, y, grid_color, 1.0);
        put_number(g, g->left - 8.0, y + 4.0, i * step, MX_END);
    }
    mx_canvas_text(&g->canvas, 18.0, (g->top + g->bottom) / 2.0, mx_report_p_name(g->problem), 13.0, ink_color, MX_MIDDLE, 0, 1);
}

/* gap: the least distance of two values. */
static void put_x_ticks(plot *g, size_t n, const point *s, double gap, double low, double high)
{
    if (n <= 12 && (high - low) <= 1.001 * (double)n * gap) {
        for (size_t j = 0; j < n; j++) /* few and even: every value */
            put_number(g, place_x(g, s[j].x), g->bottom + 20.0, s[j].x, MX_MIDDLE);
    } else {
        double first, step;
        mx_report_ticks(low, high, 9, &first, &step);
        for (double i = 0.0; first + i * step <= high + 1e-9 * step; i++) {
            double x = place_x(g, first + i * step);
            mx_canvas_line(&g->canvas, x, g->bottom, x, g->bottom + 5.0, axis_color, 1.0);
            put_number(g, x, g->bottom + 20.0, first + i * step, MX_MIDDLE);
        }
    }
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, mx_report_column_name(g->problem, 0), 13.0, ink_color,
                   MX_MIDDLE, 0, 0);
}

static void put_base(plot *g)
{
    mx_canvas_line(&g->canvas, g->left, g->bottom, g->right, g->bottom, axis_color, 1.0);
}

/* ---- one numeric variable ---- */

static void draw_bars(plot *g, size_t n, const point *s, double gap)
{
    double half = 0.4 * gap / (g->x1 - g->x0) * (g->right - g->left);
    half = half < 1.0 ? 1.0 : half > 60.0 ? 60.0 : half;
    for (size_t j = 0; j < n; j++) {
        double x = place_x(g, s[j].x), y = place_y(g, s[j].p);
        if (s[j].p > 0.0)
            mx_canvas_box(&g->canvas, x - half, y, 2.0 * half, g->bottom - y, bar_color);
    }
    for (size_t j = 0; g->q != NULL && j < n; j++) {
        double x = place_x(g, s[j].x), y = place_y(g, s[j].q), e = half + 2.0;
        double xs[] = {x - e, x - e, x + e, x + e}, ys[] = {g->bottom, y, y, g->bottom};
        mx_canvas_path(&g->canvas, 4, xs, ys, prior_color, 1.5, NULL);
    }
}

/* The mean of p (or q) over the values that fall into each of the columns, as a line through them. */
static void draw_area(plot *g, size_t n, const point *s, int prior)
{
    size_t columns = n < MOST_POINTS ? n : MOST_POINTS, count = 0;
    double *x = mx_alloc(columns + 2, 3 * sizeof *x);
    if (x == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        return;
    }
    double *y = x + columns + 2;
    for (size_t c = 0; c < columns; c++) {
        size_t first = (size_t)((double)c / (double)columns * (double)n), last = (size_t)((double)(c + 1) / (double)columns * (double)n);
        double at = 0.0, mean = 0.0, values = (double)(last - first);
        if (last <= first)
            continue;
        for (size_t j = first; j < last; j++) {
            at += s[j].x / values;
            mean += (prior ? s[j].q : s[j].p) / values;
        }
        x[++count] = place_x(g, at);
        y[count] = place_y(g, mean);
    }
    if (!prior) {
        x[0] = x[1];
        x[count + 1] = x[count];
        y[0] = y[count + 1] = g->bottom;
        mx_canvas_path(&g->canvas, count + 2, x, y, NULL, 0.0, area_color);
    }
    mx_canvas_path(&g->canvas, count, x + 1, y + 1, prior ? prior_color : bar_color, prior ? 1.5 : 2.0, NULL);
    mx_free(x);
}

static void draw_numeric(plot *g)
{
    size_t n = maxent_problem_states(g->problem);
    point *s = mx_alloc(n, sizeof *s);
    if (s == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        return;
    }
    double largest = 0.0, gap = INFINITY;
    for (size_t x = 0; x < n; x++) {
        mx_report_value(g->problem, 0, x, &s[x].x);
        s[x].p = g->p[x];
        s[x].q = g->q != NULL ? g->q[x] / g->q_sum : 0.0;
        largest = fmax(largest, fmax(s[x].p, s[x].q));
    }
    qsort(s, n, sizeof *s, by_x);
    double low = s[0].x, high = s[n - 1].x;
    for (size_t j = 1; j < n; j++)
        if (s[j].x > s[j - 1].x)
            gap = fmin(gap, s[j].x - s[j - 1].x);
    if (!(high > low) || isinf(high - low))
        gap = fmax(1.0, fabs(low));
    double room = n <= MOST_BARS ? fmax(0.6 * gap, 0.02 * (high - low)) : 0.0;
    g->x0 = low - room;
    g->x1 = high + room;
    start(g, 720.0, 440.0);
    put_y_axis(g, largest);
    put_x_ticks(g, n, s, gap, low, high > low ? high : low + gap);
    if (n <= MOST_BARS) {
        draw_bars(g, n, s, gap);
    } else {
        draw_area(g, n, s, 0);
        if (g->q != NULL && g->error == MAXENT_OK)
            draw_area(g, n, s, 1);
    }
    put_base(g);
    put_legend(g);
    mx_free(s);
}

/* ---- names or several variables ---- */

static void put_state(plot *g, mx_buffer *out, size_t x)
{
    for (size_t v = 0; v < mx_report_columns(g->problem); v++) {
        mx_buffer_put(out, v == 0 ? "" : ", ");
        mx_report_put_value(out, g->problem, v, x, 6);
    }
    /* at most 36 letters */
    size_t i = 0, letters = 0;
    while (!out->failed && i < out->length && letters < 36) {
        size_t length = mx_report_letter(out->data + i);
        i += length == 0 ? 1 : length;
        letters++;
    }
    if (!out->failed && i < out->length) {
        out->length = i;
        mx_buffer_put(out, "...");
    }
}

static void draw_rows(plot *g)
{
    size_t n = maxent_problem_states(g->problem), widest = 4;
    double largest = 0.0, row = n <= 12 ? 30.0 : 20.0;
    mx_buffer text = {0};
    for (size_t x = 0; x < n; x++) {
        text.length = 0;
        put_state(g, &text, x);
        size_t width = text.failed ? 0 : mx_report_width(text.data, text.length);
        widest = width > widest ? width : widest;
        largest = fmax(largest, fmax(g->p[x], g->q != NULL ? g->q[x] / g->q_sum : 0.0));
    }
    g->left = 24.0 + 6.9 * (double)widest;
    g->right = g->left + 460.0;
    g->bottom = g->top + row * (double)n + 6.0;
    start(g, g->right + 84.0, g->bottom + 20.0);
    mx_buffer names = {0};
    for (size_t v = 0; v < mx_report_columns(g->problem); v++) {
        mx_buffer_put(&names, v == 0 ? "" : ", ");
        mx_buffer_put(&names, mx_report_column_name(g->problem, v));
    }
    if (!names.failed && mx_report_width(names.data, names.length) <= widest + 2)
        mx_canvas_text(&g->canvas, g->left - 10.0, g->top - 4.0, names.data, 12.0, pale_color, MX_END, 0, 0);
    for (size_t x = 0; x < n; x++) {
        double y = g->top + row * (double)x + 6.0, width = g->p[x] / largest * (g->right - g->left), high = row * 0.72;
        text.length = 0;
        put_state(g, &text, x);
        mx_canvas_text(&g->canvas, g->left - 10.0, y + high / 2.0 + 4.0, text.failed ? "" : text.data, 12.0, ink_color, MX_END, 0, 0);
        if (g->p[x] > 0.0)
            mx_canvas_box(&g->canvas, g->left, y, width, high, bar_color);
        double end = g->left + width;
        if (g->q != NULL) {
            double prior = g->q[x] / g->q_sum / largest * (g->right - g->left);
            mx_canvas_line(&g->canvas, g->left + prior, y - 2.0, g->left + prior, y + high + 2.0, prior_color, 2.0);
            end = fmax(end, g->left + prior + 2.0);
        }
        text.length = 0;
        mx_report_probability(&text, g->p[x]);
        mx_canvas_text(&g->canvas, end + 6.0, y + high / 2.0 + 4.0, text.failed ? "" : text.data, 11.0, pale_color, MX_START, 0, 0);
    }
    mx_canvas_line(&g->canvas, g->left, g->top, g->left, g->bottom, axis_color, 1.0);
    put_legend(g);
    g->canvas.text.failed = g->canvas.text.failed || text.failed || names.failed;
    mx_buffer_free(&text);
    mx_buffer_free(&names);
}

/* ---- many states: probabilities in order of size ---- */

static int down(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void draw_ranks(plot *g)
{
    size_t n = maxent_problem_states(g->problem), positive = 0, points;
    double *sorted = mx_alloc(n, sizeof *sorted), *x = mx_alloc(MOST_POINTS + 4, 2 * sizeof *x), *y = x + MOST_POINTS + 4;
    if (sorted == NULL || x == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        goto done;
    }
    memcpy(sorted, g->p, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, down);
    while (positive < n && sorted[positive] > 0.0)
        positive++;
    double decades = log10(sorted[0] / sorted[positive - 1]);
    int logarithmic = decades > 2.0;
    double low = floor(log10(sorted[positive - 1])), high = ceil(log10(sorted[0]));
    low = fmax(low, high - 16.0); /* what is less than that is not worth the room */
    g->x0 = 0.0;
    g->x1 = (double)n;
    start(g, 720.0, 440.0);
    if (logarithmic) {
        double every = high - low > 8.0 ? 2.0 : 1.0;
        for (double e = high; e >= low; e -= every) {
            double at = g->bottom - (e - low) / (high - low) * (g->bottom - g->top);
            mx_canvas_line(&g->canvas, g->left, at, g->right, at, grid_color, 1.0);
            put_number(g, g->left - 8.0, at + 4.0, pow(10.0, e), MX_END);
        }
        mx_canvas_text(&g->canvas, 18.0, (g->top + g->bottom) / 2.0, mx_report_p_name(g->problem), 13.0, ink_color, MX_MIDDLE, 0, 1);
    } else {
        put_y_axis(g, sorted[0]);
    }
    double first, step;
    mx_report_ticks(0.0, (double)n, 8, &first, &step);
    for (double i = 0.0; i * step <= (double)n; i++) {
        mx_canvas_line(&g->canvas, place_x(g, i * step), g->bottom, place_x(g, i * step), g->bottom + 5.0, axis_color, 1.0);
        put_number(g, place_x(g, i * step), g->bottom + 20.0, i * step, MX_MIDDLE);
    }
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, "states, from the most to the least probable", 13.0,
                   ink_color, MX_MIDDLE, 0, 0);
    points = positive < MOST_POINTS ? positive : MOST_POINTS;
    for (size_t i = 0; i < points; i++) {
        size_t r = points > 1 ? (size_t)((double)i / (double)(points - 1) * (double)(positive - 1)) : 0;
        double height = logarithmic ? fmax(0.0, (log10(sorted[r]) - low) / (high - low)) : sorted[r] / g->y1;
        x[i + 1] = place_x(g, (double)r + 0.5);
        y[i + 1] = g->bottom - height * (g->bottom - g->top);
    }
    x[0] = x[1];
    x[points + 1] = x[points];
    y[0] = y[points + 1] = g->bottom;
    mx_canvas_path(&g->canvas, points + 2, x, y, NULL, 0.0, area_color);
    mx_canvas_path(&g->canvas, points, x + 1, y + 1, bar_color, 2.0, NULL);
    put_base(g);
done:
    mx_free(sorted);
    mx_free(x);
}

maxent_error maxent_report_plot(const maxent_result *result, const maxent_report_options *given, const char *path,
                                maxent_diagnostic *diagnostic)
{
    maxent_report_options options;
    maxent_report_options_init(&options);
    if (given != NULL)
        options = *given;
    const maxent_problem *problem = maxent_result_problem(result);
    plot g = {.result = result, .problem = problem, .options = &options, .p = maxent_result_probabilities(result), .q = problem->q,
              .q_sum = mx_report_prior_sum(problem), .left = 76.0, .right = 696.0, .top = 70.0, .bottom = 380.0};
    size_t length = strlen(path), n = maxent_problem_states(problem);
    int png = length > 4 && strcmp(path + length - 4, ".png") == 0;
    if (!png && !(length > 4 && strcmp(path + length - 4, ".svg") == 0))
        return mx_fail(diagnostic, MAXENT_ERROR_UNSUPPORTED, "%s: a picture is drawn to a file ending in .svg or .png", path);
    if (g.p == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is no distribution to draw");
    g.canvas.gnuplot = png;
    if (mx_report_is_numeric(problem))
        draw_numeric(&g);
    else if (n <= MOST_ROWS)
        draw_rows(&g);
    else
        draw_ranks(&g);
    mx_canvas_end(&g.canvas);
    maxent_error error = g.error;
    if (error != MAXENT_OK || g.canvas.text.failed)
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    mx_output file;
    if (error == MAXENT_OK && (error = mx_output_open(&file, path, diagnostic)) == MAXENT_OK) {
        if (png)
            error = mx_run_gnuplot(&g.canvas, file.descriptor, diagnostic);
        else
            error = mx_output_write(&file, g.canvas.text.data, g.canvas.text.length, diagnostic);
        error = mx_output_close(&file, error, diagnostic);
    }
    mx_buffer_free(&g.canvas.text);
    return error;
}
