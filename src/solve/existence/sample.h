/* The points of a support at which existence is asked for: features in double-double, and the view of them. */
#ifndef MX_EXISTENCE_SAMPLE_H
#define MX_EXISTENCE_SAMPLE_H

#include "solve/continuous/continuum.h"

typedef struct mx_sample {
    const maxent_problem *problem;
    size_t n, capacity, variables, k;
    double *at;            /* [capacity][2 variables] value, low */
    double *hi, *lo;       /* [capacity][k] */
    unsigned char *joined; /* [capacity] 1: came by exchange, 2: a tangent, 3: a node that did */
    int bare;              /* 1: no more tangents */
    int touched;           /* rounds in which points joined that only touch */
    const struct mx_places *places; /* a cloud, see places.h; NULL: on the cells of the grid */
} mx_sample;

/* Features and log prior at n points, at: [n][2 variables] values, then what is to be added to them. Returns 0, -1: no memory. */
int mx_sample_evaluate(const maxent_problem *problem, const double *at, size_t n, double *hi, double *lo, double *logq);
/* Adds points whose features are in range and whose prior is positive. */
int mx_sample_join(mx_sample *s, const double *at, size_t n, int joined);
/* At a point of the face that lies inside a cell, d . f is least and so has no slope: the tangents there, as if they were points, leave
 * only such directions. Without them the exchange would creep towards the point from both sides. */
int mx_sample_tangents(mx_continuum *c, mx_sample *s, size_t from);
void mx_sample_close(mx_sample *s);
/* Takes the tangents out for good: what lies in the hull of points and tangents need not lie in that of the points. Returns how many. */
size_t mx_sample_bare(mx_sample *s);
/* Takes the points out whose features are so large that next to them what is near the targets is nothing: what is interior has to be so
 * without them. Returns how many. */
size_t mx_sample_within(const mx_continuum *c, mx_sample *s);
/* The end of a span from inside, at[] [2 variables] holding the other variables: the center itself where nothing jumps or is singular. */
void mx_sample_end(mx_continuum *c, const mx_span *span, int side, double *at);
/* Some nodes of every cell, and its ends. */
int mx_sample_build(mx_continuum *c, mx_sample *s);
/* The view of a sample; points too far out are left away (their place in the sample stays). */
maxent_error mx_sample_view(mx_continuum *c, const mx_sample *s, mx_view *view);

#endif
