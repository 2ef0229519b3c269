/* Pictures of continuous and countable answers of one variable: the area under the density, bars for whole numbers, a curve for each
 * class beside it, through a mark at each whole number.
 *
 * The picture shows the part of the line that mx_report_view gives. The curve goes through the mean of p over columns of half a pixel, so
 * that no spike is missed, and jumps where p jumps. A peak that would press everything else to the floor is cut, and said to be.
 * Facts about the variable itself are marked: its mean, and quantile facts P[x <= a] = b.
 */
#include "report/plot.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BARS = 60, COLUMNS = 1240, MOST_CURVES = 8 };

static const char *const curve_color[MOST_CURVES] = {"#3b6ea8", "#d1495b", "#3a8f5c", "#c77c11",
                                                     "#7a4fa3", "#2a9d9d", "#8a6d3b", "#555555"};

/* A curve in values; x does not fall, and repeats where p jumps. */
typedef struct curve {
    size_t count;
    double *x, *p;
} curve;

static int add(curve *c, double x, double p)
{
    c->x[c->count] = x;
    c->p[c->count++] = p;
    return 1;
}

/* Is there a jump between two pieces that a person could see? */
static int jumps(const mx_line *line, double x, double top)
{
    double left = mx_line_at(line, x, -1), right = mx_line_at(line, x, 1), step = fabs(left - right);
    return step > 0.005 * top && step > 1e-3 * fmax(left, right) && fmin(left, right) < 100.0 * top; /* no rounding of a peak */
}

/* p at an end of the curve, from its inside; a series may swing at an end where p is infinite. */
static double at_end(const mx_line *line, double x, int side, double mean)
{
    return fmin(fmax(mx_line_at(line, x, side), 0.5 * mean), 2.0 * mean);
}

/* Whole numbers: p at each of them, the mean over columns where they are many; times `share`. */
static maxent_error trace_whole(const mx_line *line, double low, double high, double share, curve *c)
{
    double from = fmax(ceil(low), line->lower), to = fmin(floor(high), line->upper), each = ceil((to - from + 1.0) / COLUMNS);
    size_t columns = (size_t)ceil((to - from + 1.0) / each);
    c->count = 0;
    c->x = mx_alloc(columns, 2 * sizeof *c->x);
    if (c->x == NULL)
        return MAXENT_ERROR_MEMORY;
    c->p = c->x + columns;
    for (size_t i = 0; i < columns; i++) {
        double a = from + each * (double)i, b = fmin(a + each - 1.0, to);
        add(c, 0.5 * (a + b), share * mx_line_between(line, a, b) / (b - a + 1.0));
    }
    return MAXENT_OK;
}

/* The curve of p over low .. high; times `share`. */
static maxent_error trace(const mx_line *line, double low, double high, double share, curve *c)
{
    size_t room = COLUMNS + 2 * line->pieces + 8;
    c->count = 0;
    c->x = mx_alloc(room, 2 * sizeof *c->x);
    if (c->x == NULL)
        return MAXENT_ERROR_MEMORY;
    c->p = c->x + room;
    double from = fmax(low, line->lower), to = fmin(high, line->upper), top = 0.0;
    size_t piece = 0;
    for (size_t i = 0; i < 64; i++) {
        double a = from + (to - from) * (double)i / 64.0, b = from + (to - from) * (double)(i + 1) / 64.0;
        top = fmax(top, mx_line_between(line, a, b) / (b - a));
    }
    double width = (to - from) / COLUMNS;
    for (size_t i = 0; i < COLUMNS; i++) {
        double a = from + width * (double)i, b = i + 1 == COLUMNS ? to : a + width;
        if (i == 0)
            add(c, a, at_end(line, a, 1, mx_line_between(line, a, b) / (b - a)));
        while (piece < line->pieces && line->piece[piece].left.hi <= a)
            piece++;
        int jump = 0;
        for (size_t j = piece; j < line->pieces && line->piece[j].left.hi < b && j < piece + 64; j++) {
            double x = line->piece[j].left.hi;
            if (!jumps(line, x, top))
                continue;
            jump = 1;
            add(c, x, mx_line_at(line, x, -1));
            add(c, x, mx_line_at(line, x, 1));
        }
        if (!jump)
            add(c, 0.5 * (a + b), mx_line_between(line, a, b) / (b - a));
        if (i + 1 == COLUMNS)
            add(c, b, at_end(line, b, -1, mx_line_between(line, a, b) / (b - a)));
    }
    for (size_t i = 0; i < c->count; i++)
        c->p[i] *= share;
    return MAXENT_OK;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The height of the field: the largest p, unless a peak of a few columns is eight times as high as all else. *cut: it is. */
static double height(const curve *c, int *cut)
{
    double *sorted = mx_alloc(c->count, sizeof *sorted), top = 0.0;
    for (size_t i = 0; i < c->count; i++)
        top = fmax(top, c->p[i]);
    if (sorted != NULL) {
        memcpy(sorted, c->p, c->count * sizeof *sorted);
        qsort(sorted, c->count, sizeof *sorted, rising);
        double most = sorted[c->count - 1 - c->count / 50];
        if (most > 0.0 && top > 8.0 * most && isfinite(top)) {
            top = 2.5 * most;
            *cut = 1;
        }
    }
    mx_free(sorted);
    return top;
}

/* A line of dashes through points in pixels. */
static void dashes(mx_plot *g, size_t count, const double *x, const double *y, const char *color, double width)
{
    const double on = 6.0, off = 4.0;
    double total = 0.0, at = 0.0;
    for (size_t i = 1; i < count; i++)
        total += hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
    size_t room = (size_t)fmin(2.0 * total / (on + off), 1e5) + count + 4, n = 0;
    double *ends = mx_alloc(room, 4 * sizeof *ends);
    if (ends == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        return;
    }
    for (size_t i = 1; i < count; i++) {
        double length = hypot(x[i] - x[i - 1], y[i] - y[i - 1]), done = 0.0;
        while (done < length && n < room) {
            double phase = fmod(at + done, on + off), rest = phase < on ? on - phase : on + off - phase;
            double step = fmax(fmin(rest, length - done), 1e-6), from = done / length, to = fmin(1.0, (done + step) / length);
            if (phase < on) {
                double *end = ends + 4 * n++;
                end[0] = x[i - 1] + (x[i] - x[i - 1]) * from;
                end[1] = y[i - 1] + (y[i] - y[i - 1]) * from;
                end[2] = x[i - 1] + (x[i] - x[i - 1]) * to;
                end[3] = y[i - 1] + (y[i] - y[i - 1]) * to;
            }
            done += step;
        }
        at += length;
    }
    mx_canvas_segments(&g->canvas, n, ends, color, width);
    mx_free(ends);
}

/* Draws a curve: filled (area) or as a line. */
static void draw_curve(mx_plot *g, const curve *c, const char *color, const char *fill)
{
    double *x = mx_alloc(c->count + 2, 2 * sizeof *x), *y = x + c->count + 2;
    if (x == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        x[i + 1] = mx_plot_x(g, c->x[i]);
        y[i + 1] = fmax(mx_plot_y(g, c->p[i]), g->top - 1.0);
    }
    x[0] = x[1];
    x[c->count + 1] = x[c->count];
    y[0] = y[c->count + 1] = g->bottom;
    if (fill != NULL)
        mx_canvas_path(&g->canvas, c->count + 2, x, y, NULL, 0.0, fill);
    mx_canvas_path(&g->canvas, c->count, x + 1, y + 1, color, 2.0, NULL);
    mx_free(x);
}

/* A mark at each place of a curve, where p is nothing between them. */
static void points(mx_plot *g, const curve *c, const char *color)
{
    for (size_t i = 0; i < c->count; i++)
        mx_canvas_box(&g->canvas, mx_plot_x(g, c->x[i]) - 3.0, fmax(mx_plot_y(g, c->p[i]), g->top - 1.0) - 3.0, 6.0, 6.0, color);
}

static void x_axis(mx_plot *g, const char *label, int whole)
{
    double first, step;
    mx_report_ticks(g->x0, g->x1, 8, &first, &step);
    if (whole && step < 1.0) {
        step = 1.0;
        first = ceil(g->x0);
    }
    for (double i = 0.0; first + i * step <= g->x1 + 1e-9 * step; i++) {
        double value = first + i * step, x = mx_plot_x(g, value);
        if (fabs(value) < 1e-9 * step)
            value = 0.0;
        mx_canvas_line(&g->canvas, x, g->bottom, x, g->bottom + 5.0, MX_AXIS_COLOR, 1.0);
        /* as many digits as tell neighbours apart */
        int digits = (int)fmin(15.0, fmax(6.0, 2.0 + ceil(log10(fmax(fabs(g->x0), fabs(g->x1)) / step))));
        mx_buffer text = {0};
        mx_report_number(&text, value, digits);
        mx_canvas_text(&g->canvas, x, g->bottom + 20.0, text.data != NULL ? text.data : "", 12.0, MX_INK_COLOR, MX_MIDDLE, 0, 0);
        g->canvas.text.failed = g->canvas.text.failed || text.failed;
        mx_buffer_free(&text);
    }
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, label, 13.0, MX_INK_COLOR, MX_MIDDLE, 0, 0);
}

/* ---- marks ---- */

/* "P[x <= 3]" or "E[x]" about this variable: 'q' with the place, 'm', or 0. */
static int about(const char *text, const char *name, double *place)
{
    size_t length = strlen(name);
    if ((text[0] != 'P' && text[0] != 'E') || text[1] != '[' || strncmp(text + 2, name, length) != 0)
        return 0;
    const char *rest = text + 2 + length;
    if (text[0] == 'E')
        return strcmp(rest, "]") == 0 ? 'm' : 0;
    rest += strspn(rest, " ");
    if (rest[0] != '<' && rest[0] != '>')
        return 0;
    rest += rest[1] == '=' ? 2 : 1;
    rest += strspn(rest, " ");
    int minus = rest[0] == '-';
    size_t used = mx_text_number(rest + minus, strlen(rest + minus), place, NULL);
    *place = minus ? -*place : *place;
    return used > 0 && strcmp(rest + minus + used, "]") == 0 ? 'q' : 0;
}

/* Dashed verticals where facts say something about the variable, with the fact's words at the top. */
static void marks(mx_plot *g, const mx_line *line)
{
    double last = -INFINITY, level = 0.0;
    const char *name = mx_report_column_name(g->problem, 0);
    for (size_t i = 0; i < maxent_result_facts(g->result); i++) {
        maxent_fact fact;
        double place = 0.0;
        maxent_result_fact(g->result, i, &fact);
        int kind = about(fact.text, name, &place);
        if (kind == 0 || isnan(fact.achieved))
            continue;
        if (kind == 'm')
            place = fact.achieved;
        double x = mx_plot_x(g, place), xs[2] = {x, x};
        if (!(place > g->x0 && place < g->x1))
            continue;
        double p = line->whole ? g->y1 : fmax(mx_line_at(line, place, -1), mx_line_at(line, place, 1));
        double ys[2] = {g->bottom, fmin(mx_plot_y(g, fmin(p, g->y1)), g->bottom - 24.0)};
        if (kind == 'm')
            ys[1] = g->top + 16.0;
        dashes(g, 2, xs, ys, MX_MARK_COLOR, 1.5);
        mx_buffer words = {0};
        mx_report_put_fact(&words, &fact);
        level = x - last < 110.0 ? level + 14.0 : 0.0; /* words that would meet go below each other */
        last = x;
        double y = kind == 'm' ? g->top + 12.0 + level : fmax(ys[1] - 6.0, g->top + 12.0 + level);
        int left = x > g->right - 130.0;
        mx_canvas_text(&g->canvas, left ? x - 6.0 : x + 6.0, y, words.data != NULL ? words.data : "", 12.0, MX_MARK_COLOR,
                       left ? MX_END : MX_START, 0, 0);
        g->canvas.text.failed = g->canvas.text.failed || words.failed;
        mx_buffer_free(&words);
    }
}

/* The prior along the curve's places, scaled to the mass that p has in the picture; 0 when there is none. */
static int prior_along(mx_plot *g, const curve *c, double *q)
{
    size_t k = g->problem->k;
    if (!mx_report_has_prior(g->result))
        return 0;
    double *hi = mx_alloc(c->count, (k + 1) * sizeof *hi);
    const double *value[1] = {c->x};
    mx_points points = {.n = c->count, .value = value};
    int ok = hi != NULL && mx_field_values(g->problem, &points, hi, NULL, q) == 0;
    if (!ok)
        g->error = MAXENT_ERROR_MEMORY;
    double sum = 0.0, mass = 0.0, top = -INFINITY;
    for (size_t i = 0; ok && i < c->count; i++)
        if (q[i] > top && q[i] < INFINITY)
            top = q[i];
    for (size_t i = 0; ok && i < c->count; i++)
        q[i] = q[i] < INFINITY ? exp(q[i] - top) : q[i] > 0.0 ? 1.0 : 0.0;
    for (size_t i = 1; ok && i < c->count; i++) {
        double step = c->x[i] - c->x[i - 1];
        sum += 0.5 * step * (q[i] + q[i - 1]);
        mass += 0.5 * step * (c->p[i] + c->p[i - 1]);
    }
    for (size_t i = 0; ok && i < c->count; i++)
        q[i] *= mass / sum;
    mx_free(hi);
    return ok && sum > 0.0;
}

static void legend(mx_plot *g)
{
    double x = g->right - 104.0, y = 43.0, xs[2] = {x + 48.0, x + 68.0}, ys[2] = {y - 2.0, y - 2.0};
    mx_canvas_box(&g->canvas, x, y - 7.0, 14.0, 10.0, MX_BAR_COLOR);
    mx_canvas_text(&g->canvas, x + 19.0, y + 2.0, mx_report_p_name(g->problem), 12.0, MX_INK_COLOR, MX_START, 0, 0);
    dashes(g, 2, xs, ys, MX_PRIOR_COLOR, 2.0);
    mx_canvas_text(&g->canvas, x + 71.0, y + 2.0, "prior", 12.0, MX_INK_COLOR, MX_START, 0, 0);
}

/* ---- one real variable ---- */

static void draw_real(mx_plot *g, const mx_line *line)
{
    curve c;
    int cut = 0;
    double *q = NULL;
    mx_report_view(line, &g->x0, &g->x1);
    if (isfinite(line->lower) && g->x0 == line->lower) /* a little air beside an end */
        g->x0 -= 0.02 * (g->x1 - g->x0);
    if (isfinite(line->upper) && g->x1 == line->upper)
        g->x1 += 0.02 * (g->x1 - g->x0);
    g->error = line->step > 0.0 ? trace_whole(line, g->x0, g->x1, 1.0, &c) : trace(line, g->x0, g->x1, 1.0, &c);
    if (g->error != MAXENT_OK)
        return;
    q = mx_alloc(c.count, 3 * sizeof *q);
    if (q == NULL) {
        g->error = MAXENT_ERROR_MEMORY;
        goto done;
    }
    double top = height(&c, &cut);
    int prior = prior_along(g, &c, q);
    double highest = 0.0;
    for (size_t i = 0; prior && i < c.count; i++)
        highest = fmax(highest, q[i]);
    prior = prior && highest <= 4.0 * top; /* else it is elsewhere: at the edge of the picture, nothing to see */
    top = prior && !cut ? fmax(top, highest) : top;
    mx_plot_start(g, 720.0, 440.0);
    mx_plot_y_axis(g, top * 1.05);
    draw_curve(g, &c, MX_BAR_COLOR, MX_AREA_COLOR);
    if (prior && g->error == MAXENT_OK) {
        double *x = q + c.count, *y = x + c.count;
        for (size_t i = 0; i < c.count; i++) {
            x[i] = mx_plot_x(g, c.x[i]);
            y[i] = fmax(mx_plot_y(g, q[i]), g->top);
        }
        dashes(g, c.count, x, y, MX_PRIOR_COLOR, 1.5);
        legend(g);
    }
    x_axis(g, mx_report_column_name(g->problem, 0), line->whole);
    mx_plot_base(g);
    marks(g, line);
    if (cut)
        mx_canvas_text(&g->canvas, g->right, g->top - 6.0, "the peak goes on above", 11.0, MX_PALE_COLOR, MX_END, 0, 0);
done:
    mx_free(q);
    mx_free(c.x);
}

/* ---- whole numbers ---- */

static void draw_whole(mx_plot *g, const mx_line *line)
{
    double low, high, largest = 0.0;
    mx_report_view(line, &low, &high);
    if (high - low + 1.0 > MOST_BARS || fmax(fabs(low), fabs(high)) >= 0x1p53) { /* beyond, x + 1 is x */
        draw_real(g, line);
        return;
    }
    g->x0 = low - 0.8;
    g->x1 = high + 0.8;
    for (double x = low; x <= high; x++)
        largest = fmax(largest, mx_line_at(line, x, 1));
    mx_plot_start(g, 720.0, 440.0);
    mx_plot_y_axis(g, largest);
    double half = fmin(40.0, 0.4 * (g->right - g->left) / (g->x1 - g->x0));
    for (double x = low; x <= high; x++) {
        double y = mx_plot_y(g, mx_line_at(line, x, 1));
        mx_canvas_box(&g->canvas, mx_plot_x(g, x) - half, y, 2.0 * half, g->bottom - y, MX_BAR_COLOR);
    }
    if (high - low < 13.0) {
        for (double x = low; x <= high; x++)
            mx_plot_number(g, mx_plot_x(g, x), g->bottom + 20.0, x, MX_MIDDLE);
        mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, mx_report_column_name(g->problem, 0), 13.0,
                       MX_INK_COLOR, MX_MIDDLE, 0, 0);
    } else {
        x_axis(g, mx_report_column_name(g->problem, 0), line->whole);
    }
    mx_plot_base(g);
    marks(g, line);
}

/* ---- classes: a curve for each ---- */

static void draw_classes(mx_plot *g)
{
    mx_classes *classes = NULL;
    mx_line *line[MOST_CURVES] = {NULL};
    curve c[MOST_CURVES] = {{0}};
    size_t variables = g->problem->support.variables, count = 0, which[MOST_CURVES];
    double *held = mx_alloc(variables, sizeof *held), top = 0.0;
    int whole = 0;
    g->x0 = INFINITY;
    g->x1 = -INFINITY;
    g->error = held == NULL ? MAXENT_ERROR_MEMORY : mx_classes_new(g->result, &classes);
    if (g->error != MAXENT_OK)
        goto done;
    for (size_t i = 0; i < classes->count && count < MOST_CURVES; i++) {
        mx_classes_held(classes, g->problem, i, held);
        mx_line_request request = {.result = g->result, .v = classes->v, .held = held, .floor = 1e-16, .tolerance = 1e-9};
        maxent_error error = mx_line_new(&request, &line[count]);
        if (error == MAXENT_ERROR_VALUE)
            continue;
        g->error = error;
        if (error != MAXENT_OK)
            goto done;
        double low, high;
        mx_report_view(line[count], &low, &high);
        g->x0 = fmin(g->x0, low);
        g->x1 = fmax(g->x1, high);
        whole = line[count]->step > 0.0;
        which[count++] = i;
    }
    for (size_t i = 0; i < count; i++) {
        int cut = 0;
        g->error = line[i]->step > 0.0 ? trace_whole(line[i], g->x0, g->x1, line[i]->total, &c[i])
                                       : trace(line[i], g->x0, g->x1, line[i]->total, &c[i]);
        if (g->error != MAXENT_OK)
            goto done;
        top = fmax(top, height(&c[i], &cut));
    }
    if (whole) { /* so that marks at the ends are seen whole */
        double air = 0.02 * fmax(g->x1 - g->x0, 1.0);
        g->x0 -= air;
        g->x1 += air;
    }
    mx_plot_start(g, 720.0, 440.0);
    mx_plot_y_axis(g, top * 1.05);
    for (size_t i = 0; i < count && g->error == MAXENT_OK; i++) {
        mx_buffer words = {0};
        draw_curve(g, &c[i], curve_color[i], NULL);
        if (line[i]->step > 0.0 && g->x1 - g->x0 < MOST_BARS)
            points(g, &c[i], curve_color[i]);
        mx_classes_label(classes, g->problem, which[i], &words);
        mx_buffer_put(&words, "  ");
        mx_report_number(&words, classes->p[which[i]], 4);
        double y = g->top + 12.0 + 17.0 * (double)i;
        mx_canvas_line(&g->canvas, g->right - 150.0, y - 4.0, g->right - 130.0, y - 4.0, curve_color[i], 2.5);
        mx_canvas_text(&g->canvas, g->right - 124.0, y, words.failed ? "" : words.data, 12.0, MX_INK_COLOR, MX_START, 0, 0);
        g->canvas.text.failed = g->canvas.text.failed || words.failed;
        mx_buffer_free(&words);
    }
    if (classes->count > count)
        mx_canvas_text(&g->canvas, g->right, g->top - 6.0, "the first classes only", 11.0, MX_PALE_COLOR, MX_END, 0, 0);
    x_axis(g, g->problem->support.variable[classes->v].name, whole);
    mx_plot_base(g);
done:
    for (size_t i = 0; i < MOST_CURVES; i++) {
        mx_line_free(line[i]);
        mx_free(c[i].x);
    }
    mx_classes_free(classes);
    mx_free(held);
}

void mx_plot_density(mx_plot *g)
{
    const mx_support *support = &g->problem->support;
    size_t running = 0, which[2] = {0, 0};
    for (size_t v = 0; v < support->variables; v++)
        if (support->variable[v].extent != MX_LISTED) {
            if (running < 2)
                which[running] = v;
            running++;
        }
    if (support->variables == 1) {
        mx_line *line;
        g->error = mx_report_line(g->result, &line);
        if (g->error != MAXENT_OK)
            return;
        if (line->whole)
            draw_whole(g, line);
        else
            draw_real(g, line);
        mx_line_free(line);
    } else if (running == 1) {
        draw_classes(g);
    } else if (running == 2 && support->variables == 2) {
        mx_plot_plane(g, which[0], which[1]);
    } else {
        g->error = MAXENT_ERROR_UNSUPPORTED;
    }
}
