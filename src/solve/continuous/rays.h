/* Rays and curves to the ends of a support, on which the growth of facts is looked at. */
#ifndef MX_RAYS_H
#define MX_RAYS_H

#include "solve/continuous/continuum.h"

enum { MX_ENDS_MOST = 256 };

typedef struct mx_ray {
    const mx_continuum *c;
    size_t level;          /* combination of listed variables */
    double toward[MX_AXES]; /* 0 for one axis: the value is the coordinate itself */
    unsigned char square[MX_AXES]; /* 1: it goes as the square of the value */
    double power[MX_AXES]; /* not 0: it goes as that power of it; with -1 the strip along the curve becomes as narrow */
    double base[MX_AXES];
    char where[80];        /* the combination of levels, in words */
} mx_ray;

/* A ray that does not go anywhere yet, for a combination of levels. */
void mx_ray_begin(const mx_continuum *c, size_t level, mx_ray *ray);
/* Features at points of a ray: t -> base + toward t, on a line base + t. An mx_probe, user: the ray. */
int mx_ray_look(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq);
/* The ends of the only axis join the n in end, [MX_ENDS_MOST]. ray: two, which *rays counts. Returns how many there are then. */
size_t mx_rays_line(const mx_continuum *c, mx_ray *ray, size_t *rays, mx_end *end, size_t n);
/* The same with several axes, by rays of which *ray is the first; *rays grows by their number. Errors are none: what there is no memory
 * for is left out. */
size_t mx_rays_space(const mx_continuum *c, mx_ray *ray, size_t *rays, mx_end *end, size_t n);

#endif
