/* Boxes, lines and words, written as SVG or as a gnuplot script.
 *
 * Both draw in the same plane of width x height with y downwards, so that a picture looks the same from either. In SVG things
 * lie on each other in the order in which they are drawn; gnuplot puts lines behind, then boxes and paths, then words. SVG places
 * letters by their base line, gnuplot by their middle, which is 0.35 of their size higher.
 */
#include "report/report.h"

#include <string.h>

enum { DIGITS = 7 };

static void put(mx_canvas *canvas, double value)
{
    mx_report_number(&canvas->text, value, DIGITS);
}

/* Words in the markup of the picture: < & " for SVG, ' for gnuplot. */
static void put_words(mx_canvas *canvas, const char *text)
{
    mx_buffer clean = {0};
    mx_report_put_clean(&clean, text);
    canvas->text.failed = canvas->text.failed || clean.failed;
    for (const char *c = clean.failed || clean.data == NULL ? "" : clean.data; *c != '\0'; c++) {
        if (canvas->gnuplot && *c == '\'')
            mx_buffer_put(&canvas->text, "''");
        else if (!canvas->gnuplot && *c == '<')
            mx_buffer_put(&canvas->text, "&lt;");
        else if (!canvas->gnuplot && *c == '>')
            mx_buffer_put(&canvas->text, "&gt;");
        else if (!canvas->gnuplot && *c == '&')
            mx_buffer_put(&canvas->text, "&amp;");
        else
            mx_buffer_char(&canvas->text, *c);
    }
    mx_buffer_free(&clean);
}

static void put_attribute(mx_canvas *canvas, const char *name, double value)
{
    mx_buffer_format(&canvas->text, " %s=\"", name);
    put(canvas, value);
    mx_buffer_char(&canvas->text, '"');
}

static void put_pair(mx_canvas *canvas, double x, double y)
{
    put(canvas, x);
    mx_buffer_char(&canvas->text, ',');
    put(canvas, y);
}

void mx_canvas_start(mx_canvas *canvas, double width, double height, const char *title)
{
    canvas->width = width;
    canvas->height = height;
    if (canvas->gnuplot) {
        mx_buffer_put(&canvas->text, "set encoding utf8\nset terminal pngcairo size ");
        put_pair(canvas, 2.0 * width, 2.0 * height);
        mx_buffer_put(&canvas->text, " font 'sans' fontscale 2 linewidth 2 noenhanced background rgb '#ffffff'\n"
                                     "unset border\nunset tics\nunset key\nset lmargin at screen 0\nset rmargin at screen 1\n"
                                     "set tmargin at screen 1\nset bmargin at screen 0\nset xrange [0:");
        put(canvas, width);
        mx_buffer_put(&canvas->text, "]\nset yrange [");
        put(canvas, height);
        mx_buffer_put(&canvas->text, ":0]\n");
        return;
    }
    mx_buffer_put(&canvas->text, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    put_attribute(canvas, "width", width);
    put_attribute(canvas, "height", height);
    mx_buffer_put(&canvas->text, " viewBox=\"0 0 ");
    put(canvas, width);
    mx_buffer_char(&canvas->text, ' ');
    put(canvas, height);
    mx_buffer_put(&canvas->text, "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" role=\"img\">\n<title>");
    put_words(canvas, title);
    mx_buffer_put(&canvas->text, "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
}

void mx_canvas_box(mx_canvas *canvas, double x, double y, double width, double height, const char *fill)
{
    if (canvas->gnuplot) { /* objects would lie under the grid */
        double xs[] = {x, x + width, x + width, x}, ys[] = {y, y, y + height, y + height};
        mx_canvas_path(canvas, 4, xs, ys, NULL, 0.0, fill);
        return;
    }
    mx_buffer_put(&canvas->text, "<rect");
    put_attribute(canvas, "x", x);
    put_attribute(canvas, "y", y);
    put_attribute(canvas, "width", width);
    put_attribute(canvas, "height", height);
    mx_buffer_format(&canvas->text, " fill=\"%s\"/>\n", fill);
}

void mx_canvas_line(mx_canvas *canvas, double x1, double y1, double x2, double y2, const char *color, double width)
{
    if (canvas->gnuplot) {
        mx_buffer_format(&canvas->text, "set arrow %zu from ", ++canvas->objects);
        put_pair(canvas, x1, y1);
        mx_buffer_put(&canvas->text, " to ");
        put_pair(canvas, x2, y2);
        mx_buffer_format(&canvas->text, " nohead linecolor rgb '%s' linewidth ", color);
        put(canvas, width);
        mx_buffer_char(&canvas->text, '\n');
        return;
    }
    mx_buffer_put(&canvas->text, "<line");
    put_attribute(canvas, "x1", x1);
    put_attribute(canvas, "y1", y1);
    put_attribute(canvas, "x2", x2);
    put_attribute(canvas, "y2", y2);
    put_attribute(canvas, "stroke-width", width);
    mx_buffer_format(&canvas->text, " stroke=\"%s\"/>\n", color);
}

void mx_canvas_path(mx_canvas *canvas, size_t count, const double *x, const double *y, const char *color, double width,
                    const char *fill)
{
    if (canvas->gnuplot) {
        mx_buffer_format(&canvas->text, "$d%zu << END\n", ++canvas->objects);
        for (size_t i = 0; i < count; i++) {
            put(canvas, x[i]);
            mx_buffer_char(&canvas->text, ' ');
            put(canvas, y[i]);
            mx_buffer_char(&canvas->text, '\n');
        }
        mx_buffer_put(&canvas->text, "END\n");
        if (fill != NULL)
            mx_buffer_format(&canvas->plots, "%s $d%zu using 1:2 with filledcurves closed fillcolor rgb '%s'",
                             canvas->plots.length == 0 ? "plot" : ",", canvas->objects, fill);
        if (color != NULL) {
            mx_buffer_format(&canvas->plots, "%s $d%zu using 1:2 with lines linecolor rgb '%s' linewidth ",
                             canvas->plots.length == 0 ? "plot" : ",", canvas->objects, color);
            mx_report_number(&canvas->plots, width, DIGITS);
        }
        return;
    }
    mx_buffer_put(&canvas->text, fill != NULL ? "<polygon points=\"" : "<polyline points=\"");
    for (size_t i = 0; i < count; i++) {
        mx_buffer_char(&canvas->text, ' ');
        put_pair(canvas, x[i], y[i]);
    }
    mx_buffer_format(&canvas->text, "\" fill=\"%s\" stroke=\"%s\"", fill != NULL ? fill : "none", color != NULL ? color : "none");
    put_attribute(canvas, "stroke-width", width);
    mx_buffer_put(&canvas->text, "/>\n");
}

void mx_canvas_segments(mx_canvas *canvas, size_t count, const double *ends, const char *color, double width)
{
    if (count == 0)
        return;
    if (canvas->gnuplot) {
        mx_buffer_format(&canvas->text, "$d%zu << END\n", ++canvas->objects);
        for (size_t i = 0; i < count; i++) {
            for (size_t e = 0; e < 2; e++) {
                put(canvas, ends[4 * i + 2 * e]);
                mx_buffer_char(&canvas->text, ' ');
                put(canvas, ends[4 * i + 2 * e + 1]);
                mx_buffer_char(&canvas->text, '\n');
            }
            mx_buffer_char(&canvas->text, '\n'); /* the pen is lifted */
        }
        mx_buffer_put(&canvas->text, "END\n");
        mx_buffer_format(&canvas->plots, "%s $d%zu using 1:2 with lines linecolor rgb '%s' linewidth ",
                         canvas->plots.length == 0 ? "plot" : ",", canvas->objects, color);
        mx_report_number(&canvas->plots, width, DIGITS);
        return;
    }
    mx_buffer_put(&canvas->text, "<path d=\"");
    for (size_t i = 0; i < count; i++) {
        mx_buffer_char(&canvas->text, 'M');
        put_pair(canvas, ends[4 * i], ends[4 * i + 1]);
        mx_buffer_char(&canvas->text, 'L');
        put_pair(canvas, ends[4 * i + 2], ends[4 * i + 3]);
    }
    mx_buffer_format(&canvas->text, "\" fill=\"none\" stroke=\"%s\" stroke-linecap=\"round\"", color);
    put_attribute(canvas, "stroke-width", width);
    mx_buffer_put(&canvas->text, "/>\n");
}

void mx_canvas_text(mx_canvas *canvas, double x, double y, const char *text, double size, const char *color, mx_anchor anchor,
                    int bold, int turned)
{
    static const char *const svg[] = {"start", "middle", "end"}, *const gnuplot[] = {"left", "center", "right"};
    if (canvas->gnuplot) {
        mx_buffer_format(&canvas->text, "set label %zu '", ++canvas->objects);
        put_words(canvas, text);
        mx_buffer_put(&canvas->text, "' at ");
        put_pair(canvas, turned ? x - 0.35 * size : x, turned ? y : y - 0.35 * size);
        mx_buffer_format(&canvas->text, " %s%s noenhanced front textcolor rgb '%s' font '%s,", gnuplot[anchor],
                         turned ? " rotate by 90" : "", color, bold ? "sans:Bold" : "");
        put(canvas, 0.75 * size); /* points of 1/72 inch against pixels of 1/96 */
        mx_buffer_put(&canvas->text, "'\n");
        return;
    }
    mx_buffer_put(&canvas->text, "<text");
    put_attribute(canvas, "x", x);
    put_attribute(canvas, "y", y);
    put_attribute(canvas, "font-size", size);
    mx_buffer_format(&canvas->text, " fill=\"%s\" text-anchor=\"%s\"%s", color, svg[anchor], bold ? " font-weight=\"bold\"" : "");
    if (turned) {
        mx_buffer_put(&canvas->text, " transform=\"rotate(-90 ");
        put(canvas, x);
        mx_buffer_char(&canvas->text, ' ');
        put(canvas, y);
        mx_buffer_put(&canvas->text, ")\"");
    }
    mx_buffer_char(&canvas->text, '>');
    put_words(canvas, text);
    mx_buffer_put(&canvas->text, "</text>\n");
}

void mx_canvas_end(mx_canvas *canvas)
{
    if (!canvas->gnuplot) {
        mx_buffer_put(&canvas->text, "</svg>\n");
    } else if (canvas->plots.length > 0) {
        mx_buffer_append(&canvas->text, canvas->plots.data, canvas->plots.length);
        mx_buffer_char(&canvas->text, '\n');
    } else {
        mx_buffer_put(&canvas->text, "plot NaN\n");
    }
    canvas->text.failed = canvas->text.failed || canvas->plots.failed;
    mx_buffer_free(&canvas->plots);
}
