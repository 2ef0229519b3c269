/* A picture of two real variables: the density as shades on a grid, and the contours within which 50, 90 and 99 % of the probability lie.
 *
 * The levels of the contours come from the nodes: sorted by p from the top, the level where their probabilities reach the share. Contours
 * are drawn by marching squares: in each square of the grid, straight lines between the crossings of its edges.
 */
#include "report/plot.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>

enum { ACROSS = 160, DOWN = 112, SHADES = 16 };

typedef struct weighed {
    double key, mass;
} weighed;

static int rising(const void *a, const void *b)
{
    double x = ((const weighed *)a)->key, y = ((const weighed *)b)->key;
    return (x > y) - (x < y);
}

/* The key at which the masses of the sorted list reach the share. */
static double reach(const weighed *list, size_t n, double share)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += list[j].mass;
        if (sum >= share)
            return list[j].key;
    }
    return n > 0 ? list[n - 1].key : 0.0;
}

/* The central part of a variable, as mx_report_view for a line. */
static void view(const mx_plot *g, size_t v, weighed *list, double *low, double *high)
{
    const struct mx_density *d = g->result->density;
    const mx_variable *variable = &g->problem->support.variable[v];
    for (size_t j = 0; j < d->n; j++)
        list[j] = (weighed){d->value[v][j], exp(d->logw[j] + d->logp[j])};
    qsort(list, d->n, sizeof *list, rising);
    double half = reach(list, d->n, 0.5), span = 10.0 * (reach(list, d->n, 0.75) - reach(list, d->n, 0.25));
    double a = fmax(reach(list, d->n, 0.001), half - span), b = fmin(reach(list, d->n, 0.999), half + span);
    double room = 0.06 * (b - a);
    a -= room;
    b += room;
    *low = isfinite(variable->lower) && a - variable->lower <= 0.25 * (b - a) ? variable->lower : a;
    *high = isfinite(variable->upper) && variable->upper - b <= 0.25 * (b - a) ? variable->upper : b;
    if (!(*high > *low)) {
        *low -= 1e-6 * fmax(fabs(*low), 1.0);
        *high += 1e-6 * fmax(fabs(*high), 1.0);
    }
}

/* Blue on white: 0 white, 1 the colour of bars. */
static const char *shade(double part, char out[8])
{
    static const char digit[] = "0123456789abcdef";
    static const double color[3] = {59.0, 110.0, 168.0};
    out[0] = '#';
    for (int i = 0; i < 3; i++) {
        int value = (int)(255.0 + (color[i] - 255.0) * part + 0.5);
        out[1 + 2 * i] = digit[value / 16];
        out[2 + 2 * i] = digit[value % 16];
    }
    out[7] = '\0';
    return out;
}

static double place_y(const mx_plot *g, double y0, double y1, double y)
{
    return g->bottom - (y - y0) / (y1 - y0) * (g->bottom - g->top);
}

/* Where column j of the grid begins, in pixels. */
static double across(const mx_plot *g, size_t j)
{
    return g->left + (g->right - g->left) * (double)j / ACROSS;
}

/* p at the corners of the grid: [DOWN + 1][ACROSS + 1]. */
static maxent_error sample(const mx_plot *g, double y0, double y1, double *p)
{
    size_t n = (ACROSS + 1) * (DOWN + 1);
    double *x = mx_alloc(n, 2 * sizeof *x);
    if (x == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i <= DOWN; i++)
        for (size_t j = 0; j <= ACROSS; j++) {
            double s = fmin(fmax((double)j / ACROSS, 1e-6), 1.0 - 1e-6), t = fmin(fmax((double)i / DOWN, 1e-6), 1.0 - 1e-6);
            x[2 * (i * (ACROSS + 1) + j)] = g->x0 + (g->x1 - g->x0) * s;
            x[2 * (i * (ACROSS + 1) + j) + 1] = y0 + (y1 - y0) * t;
        }
    maxent_error error = maxent_result_density(g->result, n, x, p);
    mx_free(x);
    return error;
}

/* One square: corners in order around it, in pixels, and p there. Adds up to two lines to ends; how many. */
static size_t march(const double x[4], const double y[4], const double p[4], double level, double *ends)
{
    double cross[8];
    size_t crossings = 0;
    for (int e = 0; e < 4; e++) {
        int f = (e + 1) % 4;
        if ((p[e] >= level) == (p[f] >= level))
            continue;
        double t = (level - p[e]) / (p[f] - p[e]);
        t = t >= 0.0 && t <= 1.0 ? t : 0.5;
        cross[2 * crossings] = x[e] + t * (x[f] - x[e]);
        cross[2 * crossings++ + 1] = y[e] + t * (y[f] - y[e]);
    }
    for (size_t i = 0; i < 4 * (crossings / 2); i++)
        ends[i] = cross[i];
    return crossings / 2;
}

static void ticks(mx_plot *g, double low, double high, int upright)
{
    double first, step;
    mx_report_ticks(low, high, upright ? 6 : 8, &first, &step);
    for (double i = 0.0; first + i * step <= high + 1e-9 * step; i++) {
        double value = fabs(first + i * step) < 1e-9 * step ? 0.0 : first + i * step;
        if (upright) {
            double y = place_y(g, low, high, value);
            mx_canvas_line(&g->canvas, g->left - 5.0, y, g->left, y, MX_AXIS_COLOR, 1.0);
            mx_plot_number(g, g->left - 8.0, y + 4.0, value, MX_END);
        } else {
            double x = mx_plot_x(g, value);
            mx_canvas_line(&g->canvas, x, g->bottom, x, g->bottom + 5.0, MX_AXIS_COLOR, 1.0);
            mx_plot_number(g, x, g->bottom + 20.0, value, MX_MIDDLE);
        }
    }
}

void mx_plot_plane(mx_plot *g, size_t v, size_t w)
{
    static const double share[3] = {0.5, 0.9, 0.99}, width[3] = {1.8, 1.3, 0.9};
    const struct mx_density *d = g->result->density;
    weighed *list = mx_alloc(d->n, sizeof *list);
    double *p = mx_alloc((ACROSS + 1) * (DOWN + 1), sizeof *p), *ends = mx_alloc(ACROSS * DOWN, 8 * sizeof *ends);
    double y0, y1, level[3];
    g->error = list == NULL || p == NULL || ends == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (g->error != MAXENT_OK)
        goto done;
    view(g, v, list, &g->x0, &g->x1);
    view(g, w, list, &y0, &y1);
    for (size_t j = 0; j < d->n; j++)
        list[j] = (weighed){-d->logp[j], exp(d->logw[j] + d->logp[j])};
    qsort(list, d->n, sizeof *list, rising);
    for (size_t i = 0; i < 3; i++)
        level[i] = exp(-reach(list, d->n, share[i]));
    double top = exp(-reach(list, d->n, 0.02));
    g->bottom = 500.0;
    g->right = 640.0;
    g->error = sample(g, y0, y1, p);
    if (g->error != MAXENT_OK)
        goto done;
    mx_plot_start(g, 720.0, 560.0);
    for (size_t i = 0; i < DOWN; i++) { /* runs of one shade are one box */
        double low = place_y(g, 0.0, DOWN, (double)i), high = place_y(g, 0.0, DOWN, (double)(i + 1));
        size_t from = 0;
        int before = -1;
        for (size_t j = 0; j <= ACROSS; j++) {
            const double *c = p + i * (ACROSS + 1) + j;
            int now = -1;
            if (j < ACROSS) {
                double mean = 0.25 * (c[0] + c[1] + c[ACROSS + 1] + c[ACROSS + 2]);
                now = (int)floor(fmin(1.0, mean / top) * SHADES + 0.5);
            }
            if (now == before)
                continue;
            if (before > 0) {
                char color[8];
                double a = across(g, from), b = across(g, j);
                mx_canvas_box(&g->canvas, a, high - 0.3, b - a + 0.3, low - high + 0.6, shade((double)before / SHADES, color));
            }
            from = j;
            before = now;
        }
    }
    for (size_t k = 0; k < 3; k++) {
        size_t lines = 0;
        for (size_t i = 0; i < DOWN; i++)
            for (size_t j = 0; j < ACROSS; j++) {
                const double *c = p + i * (ACROSS + 1) + j;
                double a = across(g, j), b = across(g, j + 1);
                double low = place_y(g, 0.0, DOWN, (double)i), high = place_y(g, 0.0, DOWN, (double)(i + 1));
                double x[4] = {a, b, b, a}, y[4] = {low, low, high, high}, corner[4] = {c[0], c[1], c[ACROSS + 2], c[ACROSS + 1]};
                lines += march(x, y, corner, level[k], ends + 4 * lines);
            }
        mx_canvas_segments(&g->canvas, lines, ends, MX_INK_COLOR, width[k]);
    }
    ticks(g, g->x0, g->x1, 0);
    ticks(g, y0, y1, 1);
    mx_canvas_text(&g->canvas, (g->left + g->right) / 2.0, g->bottom + 42.0, mx_report_column_name(g->problem, v), 13.0, MX_INK_COLOR,
                   MX_MIDDLE, 0, 0);
    mx_canvas_text(&g->canvas, 18.0, (g->top + g->bottom) / 2.0, mx_report_column_name(g->problem, w), 13.0, MX_INK_COLOR, MX_MIDDLE, 0,
                   1);
    mx_canvas_line(&g->canvas, g->left, g->top, g->left, g->bottom, MX_AXIS_COLOR, 1.0);
    mx_plot_base(g);
    mx_canvas_text(&g->canvas, g->right, g->top - 6.0, "contours hold 50, 90 and 99 % of the probability", 11.0, MX_PALE_COLOR, MX_END,
                   0, 0);
done:
    mx_free(list);
    mx_free(p);
    mx_free(ends);
}
