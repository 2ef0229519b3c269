/* A large problem on its way: what stream.c and judging what it found share. */
#ifndef MX_STREAM_H
#define MX_STREAM_H

#include "solve/result.h"

typedef struct mx_stream {
    mx_run *run;
    size_t n, k;
    mx_dual dual;
    mx_minimum minimum;
    mx_piece *piece;     /* [k] */
    double *center;      /* [k] */
    double *scale;       /* [k] powers of two */
    double *reference;   /* [k] |tau| scaled */
    double *range;       /* [2k] */
    double *logq;        /* [n] or NULL */
    double *spare;       /* [n] or NULL: scores beside those in the place of p */
    size_t positive;     /* states of positive prior */
    size_t dead;         /* of them, ruled out */
    int direct;          /* the features may be used as they stand */
    size_t iterations, evaluations;
    mx_watch watch;
    double pass;         /* seconds that the first pass took */
    int known;           /* 1: minimum.log_partition is that of minimum.z */
} mx_stream;

/* Passes go on until then, or until the caller wants no more; one who has said so is still told what there is. */
void mx_stream_watch(mx_stream *s, double deadline);

/* p, multipliers, achieved values, residuals and gap from the minimum. Errors: MEMORY, CALLBACK, STOPPED. */
maxent_error mx_stream_judge(mx_stream *s);

/* The same of the best so far, with the verdict unfinished. */
maxent_error mx_stream_give_up(mx_stream *s);

#endif
