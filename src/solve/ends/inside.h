/* What the files of ends share. Rows and equations are [k + 1]: a . lambda + b, with b last. */
#ifndef MX_ENDS_INSIDE_H
#define MX_ENDS_INSIDE_H

#include "solve/ends/ends.h"

#define MX_ENDS_NOTHING 1e-11 /* coefficients are of the order of 1 and carry at least 13 digits */

static inline int mx_end_infinite(const mx_end *end)
{
    return end->kind == MX_END_PLUS_INFINITY || end->kind == MX_END_MINUS_INFINITY;
}

/* The germ where an end stands. */
static inline const mx_germ *mx_ends_standing(const mx_ends *x, size_t e)
{
    return &x->germs[e].germ[x->level[e]];
}

/* ---- domain.c ---- */

/* What is left of a row where the equations hold. Small remainders become 0. */
void mx_ends_reduce(const mx_ends *x, mx_dd *row);
/* The same of a germ's row. */
void mx_ends_load(const mx_ends *x, const mx_germ *g, mx_dd *row);
/* Adds row = 0, where row is reduced; the 1 is at `prefer` if it can be. Returns 1, 0 when the row is empty, -1 when there is no memory. */
int mx_ends_add_equation(mx_ends *x, const mx_dd *row, size_t prefer);
/* Looks for a lambda where Z is finite; adds equations and advances ends until one is found or there is none. Returns 0, -1: no memory. */
int mx_ends_settle(mx_ends *x, const char *variable);

/* ---- coordinates.c ---- */

/* Fills escape, edge, dependent, to and from by equations and rows. Returns 0, -1 when there is no memory. */
int mx_ends_coordinates(mx_ends *x);

#endif
