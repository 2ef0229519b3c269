/* Smallest clashes on continuous and countable supports, and their repairs: what clash.c does for lists of states, by existence.c.
 *
 * The deletion filter drops each fact of the certificate in turn and keeps it dropped if the others still cannot be met.
 *
 * Repair. With d . f(x) - d . tau >= margin > 0 on the whole support the facts are impossible until the bound b_i that d leans on has moved
 * by margin / d_i: a cutting plane. It is moved there and the question asked again, until the rest can be met, at least in the limit, or
 * a certificate does not involve fact i (then it cannot repair the clash alone). The cuts are tangents of a convex body, so
 * that the errors are about squared from one to the next. What mends the clash is then put to all facts together: another clash may be
 * left. With several continuous variables the search for a deeper cut takes too long:
 * the clash is reduced and no repair given.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum { CUTS = 40, REDUCED_MOST = 40 };

#define REDUCE_SECONDS 5.0 /* hardly ever as much as a tenth of it */
#define SEVERAL_SECONDS 1.0 /* with several continuous variables */

/* What does not show beside the largest component times the size of its target is none. */
static void tidy(const mx_continuum *c, double *d)
{
    double most = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        most = fmax(most, fabs(d[i]) * fmax(1, fabs(mx_fact_centre(&c->fact[i]))));
    for (size_t i = 0; i < c->shadow.k; i++)
        if (fabs(d[i]) * fmax(1, fabs(mx_fact_centre(&c->fact[i]))) <= 1e-14 * most)
            d[i] = 0;
}

static void watch(mx_fact *fact)
{
    fact->lower = -INFINITY;
    fact->upper = INFINITY;
    fact->sd = 0;
}

/* Takes over a certificate. */
static void adopt(mx_existence *to, mx_existence *from)
{
    mx_existence other = *to;
    *to = *from;
    *from = other;
}

static maxent_error filter(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    size_t k = c->shadow.k;
    maxent_error error = MAXENT_OK;
    for (size_t i = 0; i < k; i++)
        if (e->direction[i] == 0)
            watch(&c->fact[i]);
    for (size_t i = 0; i < k && error == MAXENT_OK && !mx_late(c->run); i++) {
        mx_existence other;
        mx_fact was = c->fact[i];
        if (e->direction[i] == 0)
            continue;
        size_t left = 0;
        for (size_t j = 0; j < k; j++)
            left += j != i && e->direction[j] != 0;
        if (left == 0)
            break;
        watch(&c->fact[i]);
        error = mx_existence_ask(c, sample, &other);
        if (error == MAXENT_OK && other.answer == MX_NONE) {
            adopt(e, &other);
            tidy(c, e->direction);
            for (size_t j = 0; j < k; j++)
                if (e->direction[j] == 0)
                    watch(&c->fact[j]);
        } else {
            c->fact[i] = was;
        }
        mx_existence_close(&other);
    }
    return error;
}

/* The shortest number within what the cuts leave open. */
static double shortest(double value, double open)
{
    if (fabs(value) <= open)
        return 0;
    for (int digits = 4; digits < 14; digits++) {
        char text[MX_DOUBLE_TEXT];
        double shorter;
        mx_double_text_digits(value, digits, text);
        if (mx_text_double(text, strlen(text), &shorter) && fabs(shorter - value) <= open)
            return shorter;
    }
    return value;
}

/* The bound of fact i that has to move, from *bound on to where the facts as they are can be met; NaN: that is not known to help. sign: of
 * the certificate. */
static maxent_error repair(mx_continuum *c, mx_sample *sample, size_t i, double sign, double *bound)
{
    maxent_error error = MAXENT_OK;
    mx_fact was = c->fact[i];
    double at = *bound, size = fabs(sign > 0 ? was.upper : was.lower);
    int equal = was.lower == was.upper;
    *bound = NAN;
    for (int cut = 0; cut < CUTS && !mx_late(c->run); cut++) {
        mx_existence other;
        size = fmax(size, fabs(at));
        c->fact[i].target_error = 0x1p-53 * size;
        if (equal || sign > 0)
            c->fact[i].upper = at;
        if (equal || sign < 0)
            c->fact[i].lower = at;
        error = mx_existence_ask(c, sample, &other);
        int clash = other.answer == MX_NONE && other.margin > 0, known = other.answer != MX_NOT_KNOWN;
        double d = error == MAXENT_OK ? other.direction[i] : 0, by = other.margin / d;
        mx_existence_close(&other);
        if (error != MAXENT_OK || !known)
            break;
        if (!clash || (d * sign > 0 && fabs(by) <= 1e-14 * size)) {
            *bound = shortest(at, 1e-12 * size);
            break;
        }
        if (!(d * sign > 0) || at + by == at)
            break;
        at += by;
    }
    c->fact[i] = was;
    return error;
}

/* The repairs of a clash alone, and then of all facts: another clash may be left, which a larger change mends too, or none does.
 * was: all facts; those of the clash are in c->fact. */
static maxent_error repairs(mx_continuum *c, mx_sample *sample, const mx_existence *e, const mx_fact *was, double *found)
{
    size_t k = c->shadow.k;
    maxent_error error = MAXENT_OK;
    int others = 0;
    for (size_t i = 0; i < k; i++)
        others |= e->direction[i] == 0 && (isfinite(was[i].lower) || isfinite(was[i].upper));
    for (int all = 0; all < 1 + others && error == MAXENT_OK; all++) {
        for (size_t i = 0; i < k && error == MAXENT_OK; i++) {
            double d = e->direction[i];
            if (d == 0 || c->run->problem->fact[i].given != SIZE_MAX || (all && isnan(found[i])))
                continue;
            if (!all)
                found[i] = (d > 0 ? c->fact[i].upper : c->fact[i].lower) + e->margin / d;
            error = repair(c, sample, i, d > 0 ? 1 : -1, &found[i]);
        }
        memcpy(c->fact, was, k * sizeof *was);
    }
    return error;
}

maxent_error mx_existence_reduce(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    size_t k = c->shadow.k, involved = 0;
    mx_fact *was = mx_alloc(k + 1, sizeof *was);
    double *found = mx_alloc(k + 1, sizeof *found), deadline = c->run->deadline;
    maxent_error error = was == NULL || found == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error != MAXENT_OK)
        goto done;
    memcpy(was, c->fact, k * sizeof *was);
    tidy(c, e->direction);
    for (size_t i = 0; i < k; i++) {
        found[i] = NAN;
        involved += e->direction[i] != 0;
    }
    if (involved <= REDUCED_MOST) {
        c->run->deadline = fmin(deadline, mx_seconds() + (c->grid.axes == 1 ? REDUCE_SECONDS : SEVERAL_SECONDS));
        error = filter(c, sample, e);
        if (error == MAXENT_OK && c->grid.axes == 1)
            error = repairs(c, sample, e, was, found);
        c->run->deadline = deadline;
        memcpy(c->fact, was, k * sizeof *was);
    }
done:
    mx_free(was);
    if (error == MAXENT_OK)
        e->repair = found;
    else
        mx_free(found);
    return error;
}
