/* The answer on a continuous or countable support: a density (for countable supports probabilities), and the nodes that carry it.
 *
 * Integrals and sums are sums over the nodes: the integral of p g over the support is sum_j exp(logw_j + logp_j) g(x_j). For a single
 * REAL or WHOLE variable the nodes are in ascending order and belong to panels, which tile the support.
 */
#ifndef MX_DENSITY_H
#define MX_DENSITY_H

#include "solve/continuous/continuum.h"
#include "solve/moments/series.h"

/* Part of a line. REAL: all of left .. right; either may be infinite. WHOLE: the whole numbers of left .. right, both included. */
typedef struct mx_panel {
    double left, right;
    double mass;         /* its probability */
    size_t first, count; /* its nodes */
} mx_panel;

struct mx_density {
    size_t variables;    /* those of the problem */
    double centred, centred_low; /* log Z + lambda . centre, with mx_fact_centre of each fact: the sum of both */
    size_t n;            /* nodes */
    double **value;      /* [variables][n] as mx_points */
    double **low;        /* [variables][n], NULL where all are 0 */
    double *logw;        /* [n] log of the quadrature weight (the prior is not in it) */
    double *logp;        /* [n] log of the density with respect to Lebesgue measure, counting measure for WHOLE and LISTED variables */
    size_t panels;       /* 0 when there is more than one variable */
    mx_panel *panel;     /* [panels] ascending, tiling the support */
    mx_series *series;   /* of many moments: log p in short, or NULL */
};

/* out[j] = log p at the points: logq - lambda . (f - centre) - centred in double-double, -inf outside the support and where a
 * face rules it out.
 * Errors: MEMORY. Thread-safe. The result must have a density. */
maxent_error mx_density_log(const maxent_result *result, const mx_points *points, double *out);

void mx_density_free(struct mx_density *density);

#endif
