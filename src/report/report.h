/* What the forms of a report share: values of states as text, numbers for people, tables, files that appear whole. */
#ifndef MX_REPORT_H
#define MX_REPORT_H

#include <maxent/report.h>

#include "base/text.h"
#include "distribution/line.h"
#include "problem/problem.h"

/* ---- labels.c: states ---- */

/* Number of columns that say which state it is: the variables, or 1 (the index from 0) for arrays and callbacks. */
size_t mx_report_columns(const maxent_problem *problem);
const char *mx_report_column_name(const maxent_problem *problem, size_t v);
/* What the probability is called beside the variables: "p", or "probability" where a variable has that name, and so on. */
const char *mx_report_p_name(const maxent_problem *problem);
/* Value of column v in state x: its label, or NULL and the number. */
const char *mx_report_value(const maxent_problem *problem, size_t v, size_t x, double *number);
/* The value as text: labels as they are, numbers with `digits` significant digits (0: shortest that reads back). */
void mx_report_put_value(mx_buffer *out, const maxent_problem *problem, size_t v, size_t x, int digits);
/* Length of the letter at the start of text in UTF-8, or 0 when there is none. */
size_t mx_report_letter(const char *text);
/* Text for a terminal or a picture: control characters and bytes that are not UTF-8 become '?'. */
void mx_report_put_clean(mx_buffer *out, const char *text);
/* Columns that a text takes on a terminal. */
size_t mx_report_width(const char *text, size_t length);
/* Is the support one variable that is a number? */
int mx_report_is_numeric(const maxent_problem *problem);
/* Prior probability of state x, normalised; sum: of the prior (mx_report_prior_sum). */
double mx_report_prior_sum(const maxent_problem *problem);
/* The indices of the `most` largest of p[n], largest first, ties in order of the index. order: [most] out. */
void mx_report_largest(size_t n, const double *p, size_t most, size_t *order);

/* ---- answer.c: what there is to report ---- */

/* Is there a p, as probabilities or as a density? */
int mx_report_is_answered(const maxent_result *result);
/* Is the support continuous or countable? */
int mx_report_is_continuous(const maxent_problem *problem);
int mx_report_is_bounded(const maxent_problem *problem); /* no end at infinity */
/* Was a prior given? */
int mx_report_has_prior(const maxent_result *result);
/* The one variable of a density laid out as a line to about 1e-9: for what people look at. NULL, and MAXENT_OK, when it has
 * several variables. */
maxent_error mx_report_line(const maxent_result *result, mx_line **line);
/* Was laying out a line refused because an unfinished answer has no finite mass? */
int mx_report_has_no_law(const maxent_result *result, maxent_error error);
/* The part of the line that a picture shows: the central 99.9 %, up to an end of the support that is near, and of heavy tails ten
 * times the distance of the quartiles. */
void mx_report_view(const mx_line *line, double *low, double *high);
/* Where p is largest within low .. high. */
double mx_report_mode(const mx_line *line, double low, double high);

/* The listed variables' values, each combination in turn; with one real or countable variable beside them, its law given them. */
typedef struct mx_classes {
    size_t listed, running;   /* how many variables are listed, and how many are not */
    size_t v;                 /* the first that is not */
    size_t count;             /* combinations */
    size_t *level;            /* [count][variables]; 0 where a variable is not listed */
    double *p;                /* [count] */
    double *mean, *sd;        /* [count][variables] of those not listed, given the class */
} mx_classes;

/* Errors: MEMORY; LIMIT: more than 10,000 combinations. */
maxent_error mx_classes_new(const maxent_result *result, mx_classes **out);
void mx_classes_free(mx_classes *classes);
/* The values of a class as nodes have them, for mx_line_request. held: [variables] */
void mx_classes_held(const mx_classes *classes, const maxent_problem *problem, size_t i, double *held);
/* "a, 3": the listed values of a class. */
void mx_classes_label(const mx_classes *classes, const maxent_problem *problem, size_t i, mx_buffer *out);

/* The whole numbers (atoms) that carry all but `left` of the probability, in ascending order: line->piece[*first] .. [*end - 1], or 0 when
 * there are more than `most`, or probability lies in pieces that hold many. */
int mx_report_atoms(const mx_line *line, double left, size_t most, size_t *first, size_t *end);

/* ---- numbers.c: numbers for people ---- */

/* value with `decimals` (0..9) digits after the point, |value| < 1e9; "-0.000" is "0.000". */
void mx_report_fixed(mx_buffer *out, double value, int decimals);
/* `digits` significant digits; "-" for NaN. */
void mx_report_number(mx_buffer *out, double value, int digits);
/* A probability in a column of them: 0.123456, 3.2e-09 where that would be 0.000000, 0 only for exactly 0. */
void mx_report_probability(mx_buffer *out, double p);
/* A duration: "12 us", "3.4 ms", "2.1 s". */
void mx_report_seconds(mx_buffer *out, double seconds);
double mx_report_unit_scale(maxent_unit unit);       /* nats times this = unit */
const char *mx_report_unit_name(maxent_unit unit);   /* "nat" */
/* Round steps for an axis from low to high with about `most` ticks: first tick and step. */
void mx_report_ticks(double low, double high, int most, double *first, double *step);

/* ---- table.c: columns that line up ---- */

typedef struct mx_layout {
    size_t columns;
    char align[40];           /* 'l', 'r', or 'b': the last column, a bar, not padded */
    const char *color[40];    /* ANSI code of a column, or NULL */
    size_t most;              /* columns of a line, above which the first column is cut; 0: no limit */
    mx_buffer text;           /* the cells, each NUL-terminated */
    size_t cells;
} mx_layout;

enum { MX_TABLE_COLUMNS = 40 };

void mx_layout_start(mx_layout *table, size_t columns, const char *align);
/* The cell that is being written is table->text; this ends it. */
void mx_layout_next(mx_layout *table);
void mx_layout_cell(mx_layout *table, const char *text); /* a whole cell, cleaned */
/* Prints a bold header (the first row) and the rows, indented by one; frees what the table owns. color: ANSI on. */
void mx_layout_print(mx_layout *table, mx_buffer *out, int color);

/* ---- pieces of the text report ---- */

/* "E[x] = 1.75", "E[x] in [1, 2]", "E[x] <= 4" */
void mx_report_put_fact(mx_buffer *out, const maxent_fact *fact);
/* The multiplier as people see it: one that is nothing but rounding, and moves log p by less than 1e-13, is 0. */
double mx_report_lambda(const maxent_fact *fact);
void mx_report_formula(mx_buffer *out, const maxent_result *result, const maxent_report_options *options);
/* A chart of p over one numeric variable with many values, and a line of what it looks like. */
maxent_error mx_report_sketch(mx_buffer *out, const maxent_result *result, const maxent_report_options *options);
/* The same for a density (text_density.c). */
maxent_error mx_report_density_sketch(mx_buffer *out, const mx_line *line, const maxent_report_options *options);
/* Columns of blocks, height[columns] of at most `top`, over an axis from low to high. */
void mx_report_chart(mx_buffer *out, const double *height, size_t columns, double top, const maxent_report_options *options);
void mx_report_chart_ends(mx_buffer *out, double low, double high, size_t columns);
/* A horizontal bar of `value` in 0..1, `width` columns long at 1. */
void mx_report_bar(mx_buffer *out, double value, size_t width, int unicode);

/* ---- file.c: files that appear whole or not at all ---- */

typedef struct mx_output {
    int descriptor;
    char *path;      /* where it goes */
    char *temporary; /* beside it, or NULL: written in place (standard output, a device, a pipe) */
    int unnamed;     /* 1: `temporary` is not there yet, the file has no name */
} mx_output;

maxent_error mx_output_open(mx_output *output, const char *path, maxent_diagnostic *diagnostic);
maxent_error mx_output_write(mx_output *output, const char *bytes, size_t count, maxent_diagnostic *diagnostic);
/* error == MAXENT_OK: moves the file into place; else removes it. Returns error, or WRITE. errno is that of the failure. */
maxent_error mx_output_close(mx_output *output, maxent_error error, maxent_diagnostic *diagnostic);

/* ---- plot.c, canvas.c, png.c: pictures ---- */

typedef enum mx_anchor { MX_START, MX_MIDDLE, MX_END } mx_anchor;

/* Where a picture is drawn: rectangles, lines and words in a plane of width x height, y downwards. Either SVG or a gnuplot script. */
typedef struct mx_canvas {
    mx_buffer text;
    mx_buffer plots; /* gnuplot: the plot command, last in the script */
    int gnuplot;     /* 0: SVG */
    double width, height;
    size_t objects;  /* gnuplot numbers them */
} mx_canvas;

void mx_canvas_start(mx_canvas *canvas, double width, double height, const char *title);
void mx_canvas_box(mx_canvas *canvas, double x, double y, double width, double height, const char *fill);
void mx_canvas_line(mx_canvas *canvas, double x1, double y1, double x2, double y2, const char *color, double width);
/* A broken line through count points; fill: NULL, or the colour of the area that it closes. */
void mx_canvas_path(mx_canvas *canvas, size_t count, const double *x, const double *y, const char *color, double width,
                    const char *fill);
/* Many separate lines of one look, over what was drawn before: ends: [count][4], x1 y1 x2 y2. */
void mx_canvas_segments(mx_canvas *canvas, size_t count, const double *ends, const char *color, double width);
/* size: of the letters; turned: 1: reads upwards; bold. */
void mx_canvas_text(mx_canvas *canvas, double x, double y, const char *text, double size, const char *color, mx_anchor anchor,
                    int bold, int turned);
void mx_canvas_end(mx_canvas *canvas);
/* Runs gnuplot on the script and writes the picture to the open file. */
maxent_error mx_run_gnuplot(const mx_canvas *canvas, int descriptor, maxent_diagnostic *diagnostic);

#endif
