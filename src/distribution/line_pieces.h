/* Pieces of a line on their way: what line.c lays out and line_pieces.c makes pieces of. */
#ifndef MX_LINE_PIECES_H
#define MX_LINE_PIECES_H

#include "distribution/line.h"
#include "solve/continuous/density.h"

enum { MX_LINE_BATCH = 64, MX_LINE_POINTS = MX_LINE_TERMS + 2, MX_LINE_LEAST_WHOLE = 64 };
#define MX_LINE_SMALLEST 0x1p-1000 /* width of the last interval at an end */
enum { MX_LINE_LOWER = 1, MX_LINE_UPPER = 2 };

/* An interval that is to become pieces. count: 0, or the whole numbers in it, from left + 1/2 on. */
typedef struct mx_line_pending {
    mx_dd left;
    double width, count;
    int depth;
    int sides;             /* MX_LINE_LOWER, MX_LINE_UPPER: that end of it is one of the panel */
} mx_line_pending;

typedef struct mx_line_builder {
    const mx_line_request *request;
    const struct mx_density *density;
    size_t variables;
    double floor, tolerance;
    double t[MX_LINE_TERMS], w[MX_LINE_TERMS], matrix[MX_LINE_TERMS][MX_LINE_TERMS]; /* [k][i] */
    mx_stretch *piece;
    size_t pieces, room;
    size_t tried;                   /* intervals that were sampled */
    mx_line_pending *todo;
    size_t waiting, todo_room;
    double *value, *low, *logp;     /* [MX_LINE_BATCH * MX_LINE_POINTS] */
    double **column, **low_column;  /* [variables] */
    double *held;                   /* [variables][MX_LINE_BATCH * MX_LINE_POINTS] */
    maxent_error error;
} mx_line_builder;

void mx_line_matrix(mx_line_builder *b);                                    /* t, w, matrix */
void mx_line_add_atom(mx_line_builder *b, double x, double p);
void mx_line_add_whole(mx_line_builder *b, double a, double count);         /* whole numbers from a on, one by one */
void mx_line_push(mx_line_builder *b, mx_line_pending interval);            /* it waits, unless it is empty */
void mx_line_work_off(mx_line_builder *b);                                  /* everything that waits becomes pieces */
/* From a place to an infinite end in growing steps; sign: which one. */
void mx_line_walk(mx_line_builder *b, double from, double step, int sign, int whole);

#endif
