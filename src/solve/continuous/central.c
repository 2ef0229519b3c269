/* E[(x - mean)^d] from facts about polynomials of x, and the sizes of features that follow from them.
 *
 * E[x^10] of a law about -2.6 is 3e5, and what its tails say about it is in the sixth place; E[(x - mean)^10] is 46, and says it in the
 * first.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* E[x^d], d = 0 ..: facts in the order of their degrees, each with the powers below it known. Returns the last degree; -1: no memory. */
static int raw_moments(const maxent_problem *problem, mx_dd *raw)
{
    int known = 0, missing = 0;
    raw[0] = mx_dd_make(1);
    for (int degree = 1; degree <= MX_CENTRAL_MOST && known == degree - 1 && !missing; degree++)
        for (size_t i = 0; i < problem->k && known < degree && !missing; i++) {
            const mx_fact *fact = &problem->fact[i];
            double *coefficient = NULL;
            size_t its;
            if (fact->lower != fact->upper || fact->sd > 0)
                continue;
            int is = mx_field_polynomial(problem, i, &coefficient, &its);
            missing = is < 0;
            if (is > 0 && its == (size_t)degree && coefficient != NULL) {
                mx_dd rest = mx_dd_make(fact->lower);
                for (int d = 0; d < degree; d++)
                    rest = mx_dd_sub(rest, mx_dd_mul_d(raw[d], coefficient[d]));
                raw[degree] = mx_dd_div(rest, mx_dd_make(coefficient[degree]));
                known = degree;
            }
            mx_free(coefficient);
        }
    return missing ? -1 : known;
}

maxent_error mx_continuum_central(mx_continuum *c)
{
    mx_anneal *anneal = &c->anneal;
    mx_dd raw[MX_CENTRAL_MOST + 1];
    int known = c->shadow.support.variables == 1 ? raw_moments(c->run->problem, raw) : 0;
    anneal->order = 0;
    if (known < 2)
        return known < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    anneal->mean = raw[1].hi;
    for (int degree = 2; degree <= known; degree += 2) {
        mx_dd sum = raw[degree]; /* Horner: sum_j C(d, j) (-mean)^(d - j) raw_j */
        double binomial = 1;
        mx_dd power = mx_dd_make(1);
        for (int j = degree - 1; j >= 0; j--) {
            binomial = binomial * (j + 1) / (degree - j);
            power = mx_dd_mul_d(power, -anneal->mean);
            sum = mx_dd_add(sum, mx_dd_mul(mx_dd_mul_d(power, binomial), raw[j]));
        }
        if (!(sum.hi > 0))
            break;
        anneal->central[degree] = sum.hi;
        anneal->order = (size_t)degree;
    }
    return MAXENT_OK;
}

size_t mx_continuum_units(const mx_continuum *c, double *unit)
{
    size_t k = c->shadow.k, found = 0;
    for (size_t i = 0; i < k; i++) {
        double least = 0;
        for (size_t j = 0; j < c->nodes.n; j++)
            least = fmin(least, c->nodes.hi[j * k + i]);
        unit[i] = least >= 0 ? mx_fact_size(&c->fact[i]) : 0;
        found += unit[i] > 0;
    }
    return found;
}

double mx_continuum_weight(const mx_continuum *c, const double *unit, double x, const double *hi)
{
    const mx_anneal *anneal = &c->anneal;
    double most = 1;
    for (size_t d = 2; d <= anneal->order; d += 2)
        most = fmax(most, pow(x - anneal->mean, (double)d) / anneal->central[d]);
    for (size_t i = 0; i < c->shadow.k && anneal->order == 0; i++)
        if (unit[i] > 0)
            most = fmax(most, hi[i] / unit[i]);
    return most;
}
