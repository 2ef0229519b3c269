/* Estimators from counts inside the stage: each gets checked counts, grouped by their value. */
#ifndef MX_COUNTS_H
#define MX_COUNTS_H

#include <maxent/entropy.h>

/* Cells with the same count are one group: a table of ten million cells seen once costs as much as one cell. */
typedef struct mx_counts {
    size_t groups;
    double *value;   /* [groups] distinct positive counts, ascending */
    double *cells;   /* [groups] how many cells have it */
    double n;        /* observations N = sum value cells */
    double seen;     /* K+: cells with a positive count */
    double total;    /* K: all cells */
} mx_counts;

double mx_plug_in(const mx_counts *c);
double mx_miller_madow(const mx_counts *c);
double mx_jackknife(const mx_counts *c);
double mx_grassberger(const mx_counts *c);
double mx_chao_shen(const mx_counts *c);
double mx_chao_wang_jost(const mx_counts *c);
double mx_shrinkage(const mx_counts *c);
double mx_pseudocount(const mx_counts *c, double alpha); /* H of (y + alpha) / (N + alpha K) */
/* The posterior mean; *sd: posterior standard deviation. beta_max: upper limit of the mixture; INFINITY: none. */
double mx_nsb(const mx_counts *c, double beta_max, double *sd);

#endif
