/* Integrals over several real variables taken one inside the other, each line cut where it has to be.
 *
 * Along every axis, the outer ones fixed, the line is cut where a cut crosses it (x < y crosses the line of y at x); along an outer axis
 * it is cut also where the way in which the inner lines are cut changes, so that what is left between is smooth. Each piece gets one rule
 * of many nodes: Gauss-Legendre, or tanh-sinh where the ends are singular [1], its like for half lines [1], a comb for lines.
 *
 * [1] H. Takahasi, M. Mori, Double exponential formulas for numerical integration, Publ. RIMS 9 (1974) 721-741.
 */
#ifndef MX_NESTED_H
#define MX_NESTED_H

#include "solve/cells/grid.h"

enum { MX_NESTED_ORDERS = 8, MX_NESTED_BREAKS = 640 };

/* 1: the axes are real, two or more, and the cuts few enough. */
int mx_nested_fits(const mx_grid *grid);

/* nested_about.c: more breaks of a line of axis a, the axes before it at outer[], where something is narrow. at: [MX_NESTED_BREAKS], of
 * which count are there, ascending. Returns how many there are then. */
size_t mx_nested_about(const mx_grid *grid, size_t a, const double *outer, double *at, size_t count);

/* How many times the nodes of a check the check of the next order takes. */
double mx_nested_growth(const mx_grid *grid);

/* The nodes, as grid->nested says; sets its `edge`, and grid->cell[0]. Errors: MEMORY, LIMIT: more than `most` nodes, or too late
 * (grid->run). nodes is to be closed also after one. */
maxent_error mx_nested_lay(mx_grid *grid, mx_nodes *nodes, size_t most);

#endif
