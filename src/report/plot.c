/* The answer as a picture: bars over numbers, bars beside the names of states, or the probabilities in order of size.
 *
 *     one numeric variable, up to 60 values       bars at their values; the prior as an outline
 *     one numeric variable, more values           the area under p; the prior as a line
 *     names or several variables, up to 40 states  a bar beside each state
 *     more states                                  probabilities from the largest to the smallest
 *     continuous and countable supports            plot_density.c, plot_plane.c
 */
#include "report/plot.h"

#include "base/memory.h"
#include "solve/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BARS = 60, MOST_ROWS = 40, MOST_POINTS = 1200, MOST_PARAMETERS = 5 };
#define TITLE_UNIT 10.2 /* the mean width of a character of DejaVu Sans, the widest of the fonts asked for: bold at size 16, */
#define SUBTITLE_UNIT 6.8 /* and plain at size 12 */
#define TITLE_MARGIN 12.0
#define LABEL_MOST 6.0 /* digits to the left of an upright axis, which leave room for its name */

typedef struct point {
    double x, p, q;
} point;

static int by_x(const void *a, const void *b)
{
    double x = ((const point *)a)->x, y = ((const point *)b)->x;
    return (x > y) - (x < y);
}

/* Whether words of so many units a character fit in the room. */
static int fits(const mx_buffer *words, double room, double unit)
{
    return words->failed || (double)mx_report_width(words->data, words->length) * unit <= room;
}

/* What the picture says on top: the facts while they fit, and the entropy. */
static void put_title(mx_plot *g, double room, mx_buffer *title)
{
    size_t facts = 0;
    for (size_t i = 0; i < maxent_result_facts(g->result); i++) {
        maxent_fact fact;
        if (g->problem->fact[i].hidden)
            continue;
        maxent_result_fact(g->result, i, &fact);
        if (facts++ > 0)
            mx_buffer_put(title, ", ");
        if (fits(title, room, TITLE_UNIT))
            mx_report_put_fact(title, &fact);
    }
    if (!fits(title, room, TITLE_UNIT) || facts == 0) {
        mx_buffer_free(title);
        *title = (mx_buffer){0};
        if (facts == 0)
            mx_buffer_put(title, "No facts");
        else
            mx_buffer_format(title, "Maximum entropy under %zu facts", facts);
    }
}

/* The family, its first parameters, the verdict where it is not "solved", the entropy. */
static void put_subtitle(mx_plot *g, size_t parameters, mx_buffer *line)
{
    if (mx_report_is_continuous(g->problem)) {
        maxent_family family;
        maxent_result_family(g->result, &family);
        if (family.name != NULL)
            mx_buffer_put(line, family.name);
        size_t shown = family.parameters < parameters ? family.parameters : parameters;
        for (size_t i = 0; i < shown; i++) {
            mx_buffer_format(line, "%s%s ", i == 0 ? " (" : ", ", family.parameter[i].name);
            mx_report_number(line, family.parameter[i].value, 5);
        }
        mx_buffer_put(line, shown > 0 ? "), " : family.name != NULL ? ", " : "");
        if (maxent_result_verdict(g->result) == MAXENT_UNATTAINED) {
            mx_buffer_put(line, "unattained: the density that is approached");
            return;
        }
        mx_buffer_put(line, "entropy ");
        mx_report_number(line, maxent_result_entropy(g->result) * mx_report_unit_scale(g->options->unit), 6);
        mx_buffer_format(line, " %ss%s", mx_report_unit_name(g->options->unit),
                         maxent_result_verdict(g->result) == MAXENT_SOLVED ? "" : ", ");
        if (maxent_result_verdict(g->result) != MAXENT_SOLVED)
            mx_buffer_put(line, maxent_verdict_word(maxent_result_verdict(g->result)));
        return;
    }
    mx_buffer_put(line, "entropy ");
    mx_report_number(line, maxent_result_entropy(g->result) * mx_report_unit_scale(g->options->unit), 6);
    mx_buffer_format(line, " %ss, %zu states, %s", mx_report_unit_name(g->options->unit), maxent_problem_states(g->problem),
                     maxent_verdict_word(maxent_result_verdict(g->result)));
}

void mx_plot_start(mx_plot *g, double width, double height)
{
    mx_buffer title = {0}, line = {0};
    put_title(g, width - g->left - TITLE_MARGIN, &title);
    put_subtitle(g, MOST_PARAMETERS, &line);
    if (!fits(&line, width - g->left - TITLE_MARGIN, SUBTITLE_UNIT)) {
        mx_buffer_free(&line);
        line = (mx_buffer){0};
        put_subtitle(g, 0, &line);
    }
    g->canvas.text.failed = g->canvas.text.failed || title.failed || line.failed;
    const char *words = title.data != NULL ? title.data : "";
    mx_canvas_start(&g->canvas, width, height, words);
    mx_canvas_text(&g->canvas, g->left, 28.0, words, 16.0, MX_INK_COLOR, MX_START, 1, 0);
    mx_canvas_text(&g->canvas, g->left, 47.0, line.data != NULL ? line.data : "", 12.0, MX_PALE_COLOR, MX_START, 0, 0);
    mx_buffer_free(&title);
    mx_buffer_free(&line);
}

/* "p" and "prior" at the top right, when both are drawn. */
static void put_legend(mx_plot *g)
{
    if (g->q == NULL)
        return;
    double x = g->right - 104.0, y = 43.0;
    mx_canvas_box(&g->canvas, x, y - 7.0, 14.0, 10.0, MX_BAR_COLOR);
    mx_canvas_text(&g->canvas, x + 19.0, y + 2.0, mx_report_p_name(g->problem), 12.0, MX_INK_COLOR, MX_START, 0, 0);
    mx_canvas_line(&g->canvas, x + 48.0, y - 2.0, x + 66.0, y - 2.0, MX_PRIOR_COLOR, 2.0);
    mx_canvas_text(&g->canvas, x + 71.0, y + 2.0, "prior", 12.0, MX_INK_COLOR, MX_START, 0, 0);
}

/* A number beside an axis; power: as 2.5e12. */
static void put_label(mx_buffer *text, double value, int power)
{
    if (value == 0.0 || !power) {
        mx_report_number(text, value == 0.0 ? 0.0 : value, 6);
        return;
    }
    double exponent = floor(log10(fabs(value)) + 1e-9);
    mx_report_number(text, value * pow(10.0, -exponent), 6);
    mx_buffer_format(text, "e%d", (int)exponent);
}

/* The width of a label in digits, of which a point is half as wide. */
static double label_width(double value, int power)
{
    mx_buffer text = {0};
    put_label(&text, value, power);
    double width = text.failed ? 0.0 : (double)text.length - (memchr(text.data, '.', text.length) != NULL ? 0.5 : 0.0);
    mx_buffer_free(&text);
    return width;
}

/* Is a number too wide for the room to the left of an upright axis, and less so as a power of ten? */
static int is_wide(double value)
{
    return label_width(value, 0) > LABEL_MOST && label_width(value, 1) < label_width(value, 0);
}

static void draw_label(mx_plot *g, double x, double y, double value, mx_anchor anchor, int power)
{
    mx_buffer text = {0};
    put_label(&text, value, power);
    mx_canvas_text(&g->canvas, x, y, text.data != NULL ? text.data : "", 12.0, MX_INK_COLOR, anchor, 0, 0);
    g->canvas.text.failed = g->canvas.text.failed || text.failed;
    mx_buffer_free(&text);
}

void mx_plot_number(mx_plot *g, double x, double y, double value, mx_anchor anchor)
{
    draw_label(g, x, y, value, anchor, anchor == MX_END && is_wide(value));
}

double mx_plot_x(const mx_plot *g, double x)
{
    return g->left + (x - g->x0) / (g->x1 - g->x0) * (g->right - g->left);
}

double mx_plot_y(const mx_plot *g, double y)
{
    return g->bottom - y / g->y1 * (g->bottom - g->top);
}

/* Grid and numbers of a linear axis from 0 to the largest probability, which is made a little larger. */
void mx_plot_y_axis(mx_plot *g, double largest)
{
    double first, step;
    mx_report_ticks(0.0, largest, 6, &first, &step);
    g->y1 = ceil(largest / step - 1e-9) * step;
    int power = 0;
    for (double i = 1.0; i * step <= g->y1 * (1.0 + 1e-9); i++)
        power = power || is_wide(i * step);
    for (double i = 0.0; i * step <= g->y1 * (1.0 + 1e-9); i++) {
        double y = mx_plot_y(g, i * step);
        if (i > 0.0)
            mx_canvas_line(&g->canvas, g->left, y, g->right, y, MX_GRID_COLOR, 1.0);
        draw_label(g, g->left - 8.0, y + 4.0, i * step, MX_END, power);
    }
    mx_canvas_text(&g->canvas, 18.0, (g->top + g->bottom) / 2.0, mx_report_p_name(g->problem), 13.0, MX_INK_COLOR, MX_MIDDLE, 0, 1);
}

/* gap: the least distance of two values. */
static void put_x_ticks(mx_plot *g, size_t n, const point *s, double gap, double low, double high)
{
    if (n <= 12 && (high - low) <= 1.001 * (double)n * gap) {
        for (size_t j = 0; j < n; j++) /* few and even: every value */
            mx_plot_number(g, mx_plot_x(g, s[j].x), g->bottom + 20.0, s[j].x, MX_MIDDLE);
    } else {
        double first, step;
        mx_report_ticks(low, high, 9, &first, &step);
        for (double i = 0.0; first + i * step <= high + 1e-9 * step; i++) {
            double x = mx_plot_x(g, first + i * step);
            mx_canvas_line(&g->canvas, x, g->bottom, x, g->bottom + 5.0, MX_AXIS_COLOR, 1.0);
            mx_plot_number(g, x, g->bottom + 20.0, first + i * step, MX_MIDDLE);
        }
    }
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, mx_report_column_name(g->problem, 0), 13.0, MX_INK_COLOR,
                   MX_MIDDLE, 0, 0);
}

void mx_plot_base(mx_plot *g)
{
    mx_canvas_line(&g->canvas, g->left, g->bottom, g->right, g->bottom, MX_AXIS_COLOR, 1.0);
}

/* ---- one numeric variable ---- */

static void draw_bars(mx_plot *g, size_t n, const point *s, double gap)
{
    double half = 0.4 * gap / (g->x1 - g->x0) * (g->right - g->left);
    half = half < 1.0 ? 1.0 : half > 60.0 ? 60.0 : half;
    for (size_t j = 0; j < n; j++) {
        double x = mx_plot_x(g, s[j].x), y = mx_plot_y(g, s[j].p);
        if (s[j].p > 0.0)
            mx_canvas_box(&g->canvas, x - half, y, 2.0 * half, g->bottom - y, MX_BAR_COLOR);
    }
    for (size_t j = 0; g->q != NULL && j < n; j++) {
        double x = mx_plot_x(g, s[j].x), y = mx_plot_y(g, s[j].q), e = half + 2.0;
        double xs[] = {x - e, x - e, x + e, x + e}, ys[] = {g->bottom, y, y, g->bottom};
        mx_canvas_path(&g->canvas, 4, xs, ys, MX_PRIOR_COLOR, 1.5, NULL);
    }
}

/* The mean of p (or q) over the values that fall into each of the columns, as a line through them. */
static void draw_area(mx_plot *g, size_t n, const point *s, int prior)
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
        x[++count] = mx_plot_x(g, at);
        y[count] = mx_plot_y(g, mean);
    }
    if (!prior) {
        x[0] = x[1];
        x[count + 1] = x[count];
        y[0] = y[count + 1] = g->bottom;
        mx_canvas_path(&g->canvas, count + 2, x, y, NULL, 0.0, MX_AREA_COLOR);
    }
    mx_canvas_path(&g->canvas, count, x + 1, y + 1, prior ? MX_PRIOR_COLOR : MX_BAR_COLOR, prior ? 1.5 : 2.0, NULL);
    mx_free(x);
}

static void draw_numeric(mx_plot *g)
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
    mx_plot_start(g, 720.0, 440.0);
    mx_plot_y_axis(g, largest);
    put_x_ticks(g, n, s, gap, low, high > low ? high : low + gap);
    if (n <= MOST_BARS) {
        draw_bars(g, n, s, gap);
    } else {
        draw_area(g, n, s, 0);
        if (g->q != NULL && g->error == MAXENT_OK)
            draw_area(g, n, s, 1);
    }
    mx_plot_base(g);
    put_legend(g);
    mx_free(s);
}

/* ---- names or several variables ---- */

static void put_state(mx_plot *g, mx_buffer *out, size_t x)
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

static void draw_rows(mx_plot *g)
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
    mx_plot_start(g, g->right + 84.0, g->bottom + 20.0);
    mx_buffer names = {0};
    for (size_t v = 0; v < mx_report_columns(g->problem); v++) {
        mx_buffer_put(&names, v == 0 ? "" : ", ");
        mx_buffer_put(&names, mx_report_column_name(g->problem, v));
    }
    if (!names.failed && mx_report_width(names.data, names.length) <= widest + 2)
        mx_canvas_text(&g->canvas, g->left - 10.0, g->top - 4.0, names.data, 12.0, MX_PALE_COLOR, MX_END, 0, 0);
    for (size_t x = 0; x < n; x++) {
        double y = g->top + row * (double)x + 6.0, width = g->p[x] / largest * (g->right - g->left), high = row * 0.72;
        text.length = 0;
        put_state(g, &text, x);
        mx_canvas_text(&g->canvas, g->left - 10.0, y + high / 2.0 + 4.0, text.failed ? "" : text.data, 12.0, MX_INK_COLOR, MX_END, 0, 0);
        if (g->p[x] > 0.0)
            mx_canvas_box(&g->canvas, g->left, y, width, high, MX_BAR_COLOR);
        double end = g->left + width;
        if (g->q != NULL) {
            double prior = g->q[x] / g->q_sum / largest * (g->right - g->left);
            mx_canvas_line(&g->canvas, g->left + prior, y - 2.0, g->left + prior, y + high + 2.0, MX_PRIOR_COLOR, 2.0);
            end = fmax(end, g->left + prior + 2.0);
        }
        text.length = 0;
        mx_report_probability(&text, g->p[x]);
        mx_canvas_text(&g->canvas, end + 6.0, y + high / 2.0 + 4.0, text.failed ? "" : text.data, 11.0, MX_PALE_COLOR, MX_START, 0, 0);
    }
    mx_canvas_line(&g->canvas, g->left, g->top, g->left, g->bottom, MX_AXIS_COLOR, 1.0);
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

static void draw_ranks(mx_plot *g)
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
    mx_plot_start(g, 720.0, 440.0);
    if (logarithmic) {
        double every = high - low > 8.0 ? 2.0 : 1.0;
        for (double e = high; e >= low; e -= every) {
            double at = g->bottom - (e - low) / (high - low) * (g->bottom - g->top);
            mx_canvas_line(&g->canvas, g->left, at, g->right, at, MX_GRID_COLOR, 1.0);
            char power[16];
            snprintf(power, sizeof power, "1e%d", (int)e);
            mx_canvas_text(&g->canvas, g->left - 8.0, at + 4.0, e == 0.0 ? "1" : power, 12.0, MX_INK_COLOR, MX_END, 0, 0);
        }
        mx_canvas_text(&g->canvas, 18.0, (g->top + g->bottom) / 2.0, mx_report_p_name(g->problem), 13.0, MX_INK_COLOR, MX_MIDDLE, 0, 1);
    } else {
        mx_plot_y_axis(g, sorted[0]);
    }
    double first, step;
    mx_report_ticks(0.0, (double)n, 8, &first, &step);
    for (double i = 0.0; i * step <= (double)n; i++) {
        mx_canvas_line(&g->canvas, mx_plot_x(g, i * step), g->bottom, mx_plot_x(g, i * step), g->bottom + 5.0, MX_AXIS_COLOR, 1.0);
        mx_plot_number(g, mx_plot_x(g, i * step), g->bottom + 20.0, i * step, MX_MIDDLE);
    }
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, "states, from the most to the least probable", 13.0,
                   MX_INK_COLOR, MX_MIDDLE, 0, 0);
    points = positive < MOST_POINTS ? positive : MOST_POINTS;
    for (size_t i = 0; i < points; i++) {
        size_t r = points > 1 ? (size_t)((double)i / (double)(points - 1) * (double)(positive - 1)) : 0;
        double height = logarithmic ? fmax(0.0, (log10(sorted[r]) - low) / (high - low)) : sorted[r] / g->y1;
        x[i + 1] = mx_plot_x(g, (double)r + 0.5);
        y[i + 1] = g->bottom - height * (g->bottom - g->top);
    }
    x[0] = x[1];
    x[points + 1] = x[points];
    y[0] = y[points + 1] = g->bottom;
    mx_canvas_path(&g->canvas, points + 2, x, y, NULL, 0.0, MX_AREA_COLOR);
    mx_canvas_path(&g->canvas, points, x + 1, y + 1, MX_BAR_COLOR, 2.0, NULL);
    mx_plot_base(g);
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
    mx_plot g = {.result = result, .problem = problem, .options = &options, .p = maxent_result_probabilities(result), .q = problem->q,
              .q_sum = mx_report_prior_sum(problem), .left = 76.0, .right = 696.0, .top = 70.0, .bottom = 380.0};
    size_t length = strlen(path), n = maxent_problem_states(problem);
    int png = length > 4 && strcmp(path + length - 4, ".png") == 0;
    if (!png && !(length > 4 && strcmp(path + length - 4, ".svg") == 0))
        return mx_fail(diagnostic, MAXENT_ERROR_UNSUPPORTED, "%s: a picture is drawn to a file ending in .svg or .png", path);
    if (!mx_report_is_answered(result))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is no distribution to draw");
    g.canvas.gnuplot = png;
    if (result->density != NULL)
        mx_plot_density(&g);
    else if (mx_report_is_numeric(problem))
        draw_numeric(&g);
    else if (n <= MOST_ROWS)
        draw_rows(&g);
    else
        draw_ranks(&g);
    mx_canvas_end(&g.canvas);
    maxent_error error = g.error;
    if (error == MAXENT_ERROR_UNSUPPORTED)
        error = mx_fail(diagnostic, error, "there is no picture of %zu variables; --output writes their density at the nodes",
                        problem->support.variables);
    else if (mx_report_has_no_law(result, error))
        error = mx_fail(diagnostic, error, "no picture: what the unfinished solve reached has no finite mass");
    else if (error != MAXENT_OK || g.canvas.text.failed)
        error = mx_fail(diagnostic, error != MAXENT_OK ? error : MAXENT_ERROR_MEMORY, "%s",
                        maxent_error_text(error != MAXENT_OK ? error : MAXENT_ERROR_MEMORY));
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
