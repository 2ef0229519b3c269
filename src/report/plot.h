/* A picture under way, and what the kinds of pictures share. */
#ifndef MX_REPORT_PLOT_H
#define MX_REPORT_PLOT_H

#include "report/report.h"

#define MX_BAR_COLOR "#3b6ea8"
#define MX_AREA_COLOR "#9dbbdc"
#define MX_PRIOR_COLOR "#d1495b"
#define MX_GRID_COLOR "#e4e4e4"
#define MX_AXIS_COLOR "#555555"
#define MX_INK_COLOR "#222222"
#define MX_PALE_COLOR "#666666"
#define MX_MARK_COLOR "#c77c11"

typedef struct mx_plot {
    mx_canvas canvas;
    const maxent_result *result;
    const maxent_problem *problem;
    const maxent_report_options *options;
    const double *p, *q;      /* q: NULL, or the prior as given */
    double q_sum;
    double left, right, top, bottom; /* of the field, pixels */
    double x0, x1, y1;        /* values at left, right, top; 0 is at the bottom */
    maxent_error error;
} mx_plot;

/* Title and subtitle on a canvas of that size. */
void mx_plot_start(mx_plot *g, double width, double height);
void mx_plot_number(mx_plot *g, double x, double y, double value, mx_anchor anchor);
double mx_plot_x(const mx_plot *g, double x);
double mx_plot_y(const mx_plot *g, double y);
/* Grid and numbers of a linear axis from 0 to the largest value, which is made a little larger. */
void mx_plot_y_axis(mx_plot *g, double largest);
void mx_plot_base(mx_plot *g);

/* Continuous and countable answers. error UNSUPPORTED: three variables or more. */
void mx_plot_density(mx_plot *g);                     /* plot_density.c */
void mx_plot_plane(mx_plot *g, size_t v, size_t w);   /* plot_plane.c: two real variables */

#endif
