/* Does log p have a given form? Least squares at the places where p counts, and the largest deviation is what decides.
 *
 * Linear forms: orthogonalised columns (Gram-Schmidt, twice). Others: Gauss and Newton with damping (Levenberg, Marquardt), which ends at
 * rounding in a few steps when the form is right, the only case that matters.
 */
#include "distribution/family.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double form_tolerance = 1e-9; /* of log p, absolute; log p itself is known to about 1e-14 */

enum { SOME = 64, MOST = MX_FORM_MOST };

/* The n x count matrix whose column i is column(j, i), least squares for y: solution in theta. 0: the columns are dependent. */
typedef struct square {
    size_t count;
    double gram[MOST][MOST], right[MOST];
} square;

static int solve(square *s, double damping, double *theta)
{
    double factor[MOST][MOST];
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = s->gram[i][j] + (i == j ? damping * s->gram[i][i] : 0.0);
            for (size_t k = 0; k < j; k++)
                sum -= factor[i][k] * factor[j][k];
            if (i == j && !(sum > 0.0))
                return 0;
            factor[i][j] = i == j ? sqrt(sum) : sum / factor[j][j];
        }
    for (size_t i = 0; i < s->count; i++) {
        theta[i] = s->right[i];
        for (size_t k = 0; k < i; k++)
            theta[i] -= factor[i][k] * theta[k];
        theta[i] /= factor[i][i];
    }
    for (size_t i = s->count; i-- > 0;) {
        for (size_t k = i + 1; k < s->count; k++)
            theta[i] -= factor[k][i] * theta[k];
        theta[i] /= factor[i][i];
    }
    return 1;
}

/* Adds a row with right side y. */
static void add_row(square *s, const double *row, double y)
{
    for (size_t i = 0; i < s->count; i++) {
        for (size_t j = 0; j <= i; j++)
            s->gram[i][j] += row[i] * row[j];
        s->right[i] += row[i] * y;
    }
}

static double combine(size_t count, const double *theta, const double *phi)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += theta[i] * phi[i];
    return sum;
}

int mx_fit_linear(const mx_sampled *s, mx_basis basis, const double *constant, size_t count, double *theta)
{
    double phi[MOST], size[MOST] = {0};
    if (s->n < 2 * count)
        return 0;
    memset(theta, 0, count * sizeof *theta);
    for (size_t j = 0; j < s->n; j++) {
        basis(s->x[j], constant, phi);
        for (size_t i = 0; i < count; i++) {
            if (!isfinite(phi[i]))
                return 0;
            size[i] = fmax(size[i], fabs(phi[i]));
        }
    }
    for (size_t i = 0; i < count; i++)
        if (!(size[i] > 0.0))
            return 0;
    for (int pass = 0; pass < 4; pass++) { /* the first from a few places, the others on what it leaves */
        size_t every = pass == 0 && s->n > SOME ? s->n / SOME : 1;
        square normal = {.count = count};
        double more[MOST], worst = 0.0;
        for (size_t j = 0; j < s->n; j += every) {
            basis(s->x[j], constant, phi);
            double rest = s->logp[j] - combine(count, theta, phi);
            worst = fmax(worst, fabs(rest));
            for (size_t i = 0; i < count; i++)
                phi[i] /= size[i];
            add_row(&normal, phi, rest);
        }
        if (pass == 2 && !(worst <= form_tolerance))
            return 0;
        if (pass == 1 && !(worst <= 1e-5))
            return 0;
        if (!solve(&normal, 0.0, more))
            return pass > 1;
        for (size_t i = 0; i < count; i++)
            theta[i] += more[i] / size[i];
    }
    return 1;
}

/* Sum of squares, and the normal equations of a step when wanted. worst: the largest deviation. */
static double squares(const mx_sampled *s, mx_form form, size_t count, size_t fixed, const double *theta, size_t every, square *normal,
                      double *worst)
{
    double sum = 0.0, slope[MOST];
    *worst = 0.0;
    if (normal != NULL) {
        memset(normal, 0, sizeof *normal);
        normal->count = fixed;
    }
    (void)count;
    for (size_t j = 0; j < s->n; j += every) {
        double rest = s->logp[j] - form(s->x[j], theta, slope);
        sum += rest * rest;
        if (!(fabs(rest) <= *worst))
            *worst = fabs(rest);
        if (normal != NULL)
            add_row(normal, slope, rest);
    }
    return sum;
}

int mx_fit_form(const mx_sampled *s, mx_form form, size_t count, size_t fixed, double *theta)
{
    double worst, damping = 1e-3, next[MOST], step[MOST];
    if (s->n < 2 * count)
        return 0;
    size_t every = s->n > SOME ? s->n / SOME : 1;
    square normal;
    double sum = squares(s, form, count, fixed, theta, every, &normal, &worst);
    for (int i = 0; i < 60 && damping < 1e12; i++) {
        if (!isfinite(sum))
            return 0;
        double after = INFINITY;
        if (solve(&normal, damping, step)) {
            memcpy(next, theta, count * sizeof *next);
            for (size_t k = 0; k < fixed; k++)
                next[k] += step[k];
            after = squares(s, form, count, fixed, next, every, NULL, &worst);
        }
        if (!(after < sum)) {
            damping *= 10.0;
            if (worst <= 0.01 * form_tolerance)
                break;
            continue;
        }
        memcpy(theta, next, count * sizeof *next);
        damping = damping > 1e-14 ? damping * 0.05 : 0.0;
        if (i == 25 && worst > 1e-2)
            return 0;
        sum = squares(s, form, count, fixed, theta, every, &normal, &worst);
    }
    squares(s, form, count, fixed, theta, 1, NULL, &worst);
    return worst <= form_tolerance;
}
