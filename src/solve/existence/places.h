/* Places of a support without a grid: a cloud of them that meets every part that features tell apart, and the way down from one. */
#ifndef MX_EXISTENCE_PLACES_H
#define MX_EXISTENCE_PLACES_H

#include "solve/continuous/continuum.h"
#include "solve/existence/sample.h"

enum { MX_CUTS_MOST = 48 };

/* Coordinates z: x = z along a finite axis, x = base + scale sinh z along one with an infinite end, where steps in z are steps in the
 * logarithm of x far out and a line far out turns about the base. */
typedef struct mx_places {
    const maxent_problem *problem;
    size_t variables, axes, levels, cuts; /* cuts: of those no more than MX_CUTS_MOST */
    size_t variable[MX_AXES];
    int whole[MX_AXES], infinite[MX_AXES];
    double lower[MX_AXES], upper[MX_AXES], base[MX_AXES], scale[MX_AXES];
    double *spot[MX_AXES]; /* [spots] coordinates where something may happen */
    size_t spots[MX_AXES];
} mx_places;

/* What is asked of points with features hi + lo, [k] of each: a number that is to be small; INFINITY: no. */
typedef double (*mx_worth)(const void *user, const double *hi, const double *lo);

/* The values of the listed variables in combination number `level` into at[variables]. */
void mx_places_listed(const mx_places *p, size_t level, double *at);
/* From a grid with roots. Errors: MEMORY. To be closed also after one. */
maxent_error mx_places_open(const mx_grid *grid, mx_places *places);
void mx_places_close(mx_places *places);
/* A cloud: everywhere and at every scale, in every direction far out, on both sides of every cut, where cuts cross. Errors: MEMORY. */
maxent_error mx_places_cloud(const mx_places *places, mx_sample *sample);
/* Those of it that are in narrow valleys across several axes, as what functions are taken of shows. Errors: MEMORY. */
maxent_error mx_places_valleys(const mx_places *places, mx_sample *sample);
/* Numbers of parts of the support for each of n points: by the sides of cuts and the levels; by the quarter it is in, and how far out.
 * Returns 0, -1: no memory. */
int mx_places_parts(const mx_places *places, const double *at, size_t n, uint64_t *part, uint64_t *quarter);
/* Between x and z along axis a; x is inside the support, and a whole number where it has to be. */
double mx_places_x(const mx_places *places, size_t a, double z);
double mx_places_z(const mx_places *places, size_t a, double x);
/* Number j of a Kronecker sequence in dimension v < 8, in 0 .. 1. */
double mx_places_drawn(size_t j, size_t v);
/* Values of the cuts, [n][cuts], and on which side of one such a value is. Returns 0, -1: no memory. */
int mx_places_cuts(const mx_places *places, const double *at, size_t n, double *out);
double mx_places_side(const mx_places *places, size_t cut, double value);
/* Values g[r] of r cuts at a place with coordinates z, and their slopes along the axes of z. Returns 0, -1: no memory. */
int mx_places_slopes(const mx_places *places, const double *at, const double *z, const size_t *cut, size_t r, double *g,
                     double by[][MX_AXES]);

/* Solves the r equations by * step = g. Returns 0 when they are singular. */
int mx_places_solve(size_t r, double by[][MX_AXES], const double *g, double *step);

/* valleys.c. Where an argument of the functions in features is 0 or at an extreme between the places x[n], ascending, of variable v, the
 * others as in at[variables]: *count <= most of them in out. Returns 0, -1: no memory. */
int mx_places_bottoms(const maxent_problem *problem, const double *at, size_t v, size_t n, const double *x, double *out, size_t most,
                      size_t *count);

/* descent.c. Goes down from at, [2 variables], in all directions, along cuts where they are in the way. *value: the
 * least worth met.
 * Stops after so many steps, and when it is late. Returns 0, -1: no memory. */
int mx_places_descend(const mx_places *places, mx_worth worth, const void *user, size_t steps, mx_run *run, double *at,
                      double *value);

#endif
