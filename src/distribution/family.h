/* Families of continuous and countable answers, and fitting forms to log p. */
#ifndef MX_FAMILY_H
#define MX_FAMILY_H

#include <maxent/distribution.h>

void mx_family_name(maxent_family *family, const char *text);
void mx_family_parameter(maxent_family *family, const char *text, double value);

/* ---- family_fit.c: forms laid against log p ---- */

enum { MX_FORM_MOST = 10 };

/* log p at places where it is not negligible: all or some of the nodes. */
typedef struct mx_sampled {
    size_t n;
    double *x;      /* [n] */
    double *logp;   /* [n] */
} mx_sampled;

/* value of basis function i of `count` at x, for forms that are linear in their parameters. */
typedef void (*mx_basis)(double x, const double *constant, double *out);
/* Is log p = sum_i theta_i phi_i to the tolerance everywhere? constant: what the basis needs to know. theta: [count] out. */
int mx_fit_linear(const mx_sampled *s, mx_basis basis, const double *constant, size_t count, double *theta);

/* y = form(x; theta), and its derivatives by theta. */
typedef double (*mx_form)(double x, const double *theta, double *slope);
/* The same for forms that are not linear, from theta as a guess; theta: [count] in, out. fixed: parameters from here on stay. */
int mx_fit_form(const mx_sampled *s, mx_form form, size_t count, size_t fixed, double *theta);

/* ---- family_shape.c ---- */

typedef struct mx_shape {
    mx_sampled s;       /* places in ascending order, counted from the origin */
    double origin;      /* a finite end, or the median: near it places keep digits that x has not */
    double lower, upper;
    double mode, kink;  /* the place of the largest p; the end of a panel that is nearest to it, or NaN; from the origin */
    double middle, spread; /* median, from the origin, and half the distance of the quartiles, roughly */
} mx_shape;

/* Of a result with a density. Returns 0 when nothing can be said: the prior has holes, or there is no memory. a->s.x is to be freed with
 * mx_free in any case. */
int mx_shape_look(const maxent_result *result, mx_shape *a);

/* ---- family_line.c, family_several.c ---- */

/* One real or countable variable. */
void mx_family_line(const maxent_result *result, maxent_family *family);
/* Several real variables. */
void mx_family_several(const maxent_result *result, maxent_family *family);
/* mean [d] and lower Cholesky factor [d][d] of the covariance of a normal answer on all of R^d, to be freed with mx_free.
 * Errors: MEMORY, UNSUPPORTED (the answer is no such normal). */
maxent_error mx_family_normal(const maxent_result *result, double **mean, double **factor);

#endif
