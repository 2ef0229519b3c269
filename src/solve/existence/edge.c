/* Targets on the edge of what can be met, but for their rounding.
 *
 * P[n >= 7] = 0.3 and E[n] = 2.1 are met by mass on 0 and 7 alone: n - 7 [n >= 7] is never below 0, and 2.1 - 7 * 0.3 = 0. As doubles
 * 2.1 is larger than 7 times 0.3 by 1.7e-16, and taken so the facts leave the other numbers 1e-16 of the mass. That is told as what the
 * decimals say. Each target is moved by half a unit in its last place to where its multiplier pushes it, and existence is asked once
 * more: a direction d that rules the targets out then, and whose combination of targets is off the least of d . f by no more than those
 * halves together, shows the edge.
 *
 * A combination of many facts with many digits may do so by chance: those of ten power moments are off by less than their rounding. So d
 * is to be a combination of few digits, or else of few facts.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { FEW = 4, DENOMINATOR_MOST = 24 };

#define BEYOND 1.0625 /* halves of the last place by which targets are moved: the edge itself is beyond */
#define DIGITS 1e6    /* numbers of few digits are whole numbers up to this over a power of ten or a small number */
#define EXACT 1e-8    /* relative to which a component is taken for one: what the question tells of d */
#define NOTHING 1e-9  /* of the largest: no part of d */

/* value becomes the number of few digits that it is; 0: it is none. */
static int few_digits(double *value)
{
    for (int by = 1; by <= DENOMINATOR_MOST + 6; by++) {
        double scale = by <= DENOMINATOR_MOST ? by : pow(10, by - DENOMINATOR_MOST), whole = rint(*value * scale);
        if (whole != 0 && fabs(whole) <= DIGITS && fabs(whole - *value * scale) <= EXACT * fabs(whole)) {
            *value = whole / scale;
            return 1;
        }
    }
    return 0;
}

/* d becomes a multiple of itself in numbers of few digits, if there is one. size: [k] of the features. */
static int make_nice(size_t k, double *d, double *work)
{
    for (size_t j = 0; j < k; j++) {
        int nice = d[j] != 0;
        for (size_t i = 0; i < k && nice; i++) {
            work[i] = d[i] / fabs(d[j]);
            nice = d[i] == 0 || few_digits(&work[i]);
        }
        if (nice) {
            memcpy(d, work, k * sizeof *d);
            return 1;
        }
    }
    return 0;
}

/* What rounding leaves open of a fact: half a unit in the last place, where that is all. */
static double half_unit(const mx_fact *fact)
{
    double size = mx_fact_size(fact), half = 0.5 * (nextafter(size, INFINITY) - size);
    return fact->target_error > 0 && fact->target_error <= 0x1.01p-53 * size ? half : fact->target_error;
}

maxent_error mx_existence_edge(mx_continuum *c, const double *lambda, int nice, mx_existence *e)
{
    size_t k = c->shadow.k, used = 0;
    const mx_fact *fact = c->run->problem->fact;
    mx_fact *moved = mx_alloc(k + 1, sizeof *moved), *was = c->fact;
    double *work = mx_alloc(k + 1, sizeof *work), most = 0, limit = 0;
    maxent_error error = moved == NULL || work == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int trial = c->run->trial;
    memset(e, 0, sizeof *e);
    if (error != MAXENT_OK)
        goto done;
    memcpy(moved, fact, k * sizeof *moved);
    for (size_t i = 0; i < k; i++) {
        double by = BEYOND * half_unit(&fact[i]);
        int equal = fact[i].lower == fact[i].upper;
        if (fact[i].sd > 0 || !(fabs(lambda[i]) > 0))
            continue;
        if (lambda[i] > 0 || equal)
            moved[i].upper += lambda[i] > 0 ? -by : by;
        if (lambda[i] < 0 || equal)
            moved[i].lower += lambda[i] > 0 ? -by : by;
        moved[i].target_error = 0;
    }
    c->run->trial = 1; /* no smallest clash, no repairs */
    error = mx_existence_of(c, moved, e);
    c->run->trial = trial;
    if (error != MAXENT_OK || (e->answer != MX_NONE && e->answer != MX_ON_FACE && e->answer != MX_ON_POINTS))
        goto done;
    for (size_t i = 0; i < k; i++)
        most = fmax(most, fabs(e->direction[i]) * fmax(1, mx_fact_size(&fact[i])));
    for (size_t i = 0; i < k; i++) {
        if (fabs(e->direction[i]) * fmax(1, mx_fact_size(&fact[i])) <= NOTHING * most)
            e->direction[i] = 0;
        used += e->direction[i] != 0;
    }
    int few = make_nice(k, e->direction, work) || (!nice && used <= FEW);
    for (size_t i = 0; i < k; i++)
        limit += 2 * BEYOND * fabs(e->direction[i]) * half_unit(&fact[i]);
    mx_free(e->repair);
    e->repair = NULL;
    e->answer = MX_EXISTS;
    if (few && limit > 0) {
        c->fact = c->shadow.fact = (mx_fact *)fact;
        error = mx_existence_faces(c, limit, e);
        c->fact = c->shadow.fact = was;
    }
done:
    mx_free(moved);
    mx_free(work);
    return error;
}
