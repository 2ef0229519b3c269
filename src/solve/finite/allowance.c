/* When facts clash by no more than their rounding, and when several faces together make a clash.
 *
 * Allowing. Targets that somebody computed are off by a few units in the last place: P[x <= 4 | x < 5] = 0.9999999999999999 asks, taken
 * at its word, for P[x < 5] = 0. Facts that are infeasible only when taken so are solved with every bound moved apart by that much;
 * the answer meets the facts as given to a few units in the last place. What rounding leaves open of a conditional fact is in proportion
 * to the probability of its condition, which no bound on its feature says: it is dropped when it says nothing else, or kept as it is.
 *
 * Decimals. 7 * 0.3 = 2.1, but the double 2.1 is larger than seven times the double 0.3, by 1.7e-16: taken so, P[n >= 7] = 0.3 and
 * E[n] = 2.1 leave all numbers but 0 and 7 so much, and taken as the decimals that they are written as, nothing.
 *
 * Chaining. Facial reduction rules states out stage by stage: d_1 . (f_x - b) > 0 on the states of the first stage and 0 elsewhere, d_2
 * likewise on what is left. When the last stage leaves none, no distribution exists, and
 *
 *     d = d_m + M_{m-1} (d_{m-1} + M_{m-2} (...))     with M large enough that d . (f_x - b) > 0 for every x
 *
 * is the certificate in one piece.
 */
#include "solve/finite/allowance.h"

#include "base/memory.h"
#include "base/text.h"
#include "solve/finite/hull.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEXT_TO_NONE 1e-13 /* a probability that may be there by the rounding of the targets, */
#define PUSHED 1e-15       /* which is then worth more than so many nats */

/* Is g_i = c g_j + d in every state? Then d. */
static int multiple_of(const mx_view *view, size_t i, size_t j, mx_dd *d)
{
    size_t far = 0;
    for (size_t x = 1; x < view->n; x++)
        if (fabs(view->hi[j * view->n + x] - view->hi[j * view->n]) > fabs(view->hi[j * view->n + far] - view->hi[j * view->n]))
            far = x;
    mx_dd i0 = mx_view_at(view, i, 0), j0 = mx_view_at(view, j, 0), apart = mx_dd_sub(mx_view_at(view, j, far), j0);
    if (apart.hi == 0)
        return 0;
    mx_dd c = mx_dd_div(mx_dd_sub(mx_view_at(view, i, far), i0), apart);
    double noise = 0x1p-95 * (view->column[i].size + fabs(c.hi) * view->column[j].size) + 4 * view->column[i].rounding;
    *d = mx_dd_sub(i0, mx_dd_mul(c, j0));
    if (c.hi == 0)
        return 0;
    for (size_t x = 1; x < view->n; x++) {
        mx_dd off = mx_dd_sub(mx_dd_sub(mx_view_at(view, i, x), mx_dd_mul(c, mx_view_at(view, j, x))), *d);
        if (fabs(off.hi) > noise)
            return 0;
    }
    return 1;
}

/* A bound on what an equality fixes already has nothing to say: beside it the multipliers of both would be at odds. */
void mx_view_drop_implied(mx_view *view)
{
    for (size_t i = 0; i < view->k && view->n > 0; i++)
        for (size_t j = 0; j < view->k && view->column[i].kind == MX_KIND_BOX; j++) {
            mx_dd d;
            if (view->column[j].kind != MX_KIND_EQUAL || !multiple_of(view, i, j, &d))
                continue;
            const mx_column *column = &view->column[i];
            double open = column->error + 0x1p-50 * fabs(d.hi);
            if (mx_dd_sub(d, column->lower).hi >= -open && mx_dd_sub(column->upper, d).hi >= -open)
                view->column[i].kind = MX_KIND_WATCH;
        }
}

void mx_view_allow(const maxent_problem *problem, mx_view *view)
{
    for (size_t i = 0; i < view->k; i++) {
        mx_column *column = &view->column[i];
        double open = MX_ALLOWED * (column->error + column->rounding * column->size);
        if ((column->kind != MX_KIND_EQUAL && column->kind != MX_KIND_BOX) || open == 0)
            continue;
        int equal = column->kind == MX_KIND_EQUAL, met = 1;
        mx_dd lower = mx_dd_add_d(equal ? mx_dd_make(0) : column->lower, -open);
        mx_dd upper = mx_dd_add_d(equal ? mx_dd_make(0) : column->upper, open);
        for (size_t x = 0; x < view->n && met; x++)
            met = mx_dd_compare(mx_view_at(view, i, x), lower) >= 0 && mx_dd_compare(mx_view_at(view, i, x), upper) <= 0;
        if (met) {
            column->kind = MX_KIND_WATCH;
        } else if (problem->fact[i].given == SIZE_MAX) {
            column->kind = MX_KIND_BOX;
            column->lower = lower;
            column->upper = upper;
        }
    }
}

mx_dd mx_view_along(const mx_view *view, const double *direction, size_t x)
{
    mx_dd sum = {0, 0};
    for (size_t i = 0; i < view->k; i++) {
        if (direction[i] == 0)
            continue;
        mx_dd g = mx_view_at(view, i, x);
        if (view->column[i].kind == MX_KIND_BOX)
            g = mx_dd_sub(g, direction[i] > 0 ? view->column[i].upper : view->column[i].lower);
        sum = mx_dd_add(sum, mx_dd_mul_d(g, direction[i]));
    }
    return sum;
}

/* The facts miss the hull by no more than `open`, the rounding of the numbers given. If the states fall into two clear classes, those
 * where d . g is 0 to rounding and those where it is not, the targets were meant to lie on the face of the first: keep[x] = 1 there.
 * Returns the number kept, or 0 when there is no such gap. */
size_t mx_view_near_face(const mx_view *view, const double *direction, double open, unsigned char *keep)
{
    size_t kept = 0;
    double most = 0;
    for (size_t x = 0; x < view->n; x++)
        most = fmax(most, mx_view_along(view, direction, x).hi);
    for (size_t x = 0; x < view->n; x++) {
        double value = mx_view_along(view, direction, x).hi;
        keep[x] = value <= 64 * open;
        kept += keep[x];
        if (!keep[x] && value < 1e-7 * most)
            return 0;
    }
    return kept < view->n ? kept : 0;
}

int mx_view_hollow(const mx_view *view, const mx_dd *lambda, const double *p)
{
    double least = INFINITY, by = 0;
    for (size_t x = 0; x < view->n; x++)
        least = fmin(least, p[view->state[x]]);
    for (size_t i = 0; i < view->k; i++)
        by += fabs(lambda[i].hi) * view->column[i].error;
    return least < NEXT_TO_NONE && by > PUSHED;
}

/* What a bound is off the shortest decimal that reads as it. */
static mx_dd off_decimal(double bound)
{
    char text[MX_DOUBLE_TEXT];
    mx_dd value = {0, 0};
    long places = 0;
    int point = 0;
    if (!isfinite(bound))
        return value;
    const char *at = mx_double_text(fabs(bound), text);
    for (; *at != '\0' && *at != 'e'; at++) {
        point |= *at == '.';
        if (*at == '.')
            continue;
        value = mx_dd_add_d(mx_dd_mul_d(value, 10), *at - '0');
        places += point;
    }
    places -= *at == 'e' ? strtol(at + 1, NULL, 10) : 0;
    mx_dd power = mx_dd_power(mx_dd_make(10), labs(places));
    value = places > 0 ? mx_dd_div(value, power) : mx_dd_mul(value, power);
    value = bound < 0 ? mx_dd_neg(value) : value;
    return mx_dd_add_d(value, -bound);
}

maxent_error mx_view_edge(const maxent_problem *problem, const mx_view *view, unsigned char *keep, double *direction, size_t *kept)
{
    size_t k = view->k, n = view->n;
    mx_view exact = *view;
    mx_coordinates coordinates;
    mx_hull hull;
    memset(&coordinates, 0, sizeof coordinates);
    memset(&hull, 0, sizeof hull);
    *kept = 0;
    exact.hi = mx_alloc(k + 1, (n + 1) * sizeof *exact.hi);
    exact.lo = mx_alloc(k + 1, (n + 1) * sizeof *exact.lo);
    exact.column = mx_alloc(k + 1, sizeof *exact.column);
    maxent_error error = exact.hi == NULL || exact.lo == NULL || exact.column == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t i = 0; i < k && error == MAXENT_OK; i++) {
        const mx_fact *fact = &problem->fact[i];
        mx_column *column = &exact.column[i];
        *column = view->column[i];
        int rounded = fact->target_error > 0 && fact->given == SIZE_MAX;
        mx_dd lower = rounded ? mx_dd_scale(off_decimal(fact->lower), -column->exponent) : mx_dd_make(0);
        mx_dd upper = rounded ? mx_dd_scale(off_decimal(fact->upper), -column->exponent) : mx_dd_make(0);
        for (size_t x = 0; x < n; x++) {
            mx_dd g = mx_view_at(view, i, x);
            g = column->kind == MX_KIND_EQUAL ? mx_dd_sub(g, lower) : g;
            exact.hi[i * n + x] = g.hi;
            exact.lo[i * n + x] = g.lo;
        }
        if (column->kind == MX_KIND_BOX) {
            column->lower = mx_dd_add(column->lower, lower);
            column->upper = mx_dd_add(column->upper, upper);
        }
    }
    if (error == MAXENT_OK)
        error = mx_coordinates_open(&exact, NULL, &coordinates);
    if (error == MAXENT_OK && coordinates.clash == NULL)
        error = mx_hull_open(&exact, &coordinates, 1000 + 50 * coordinates.r, &hull);
    if (error == MAXENT_OK && coordinates.clash == NULL && hull.side == MX_FACE) {
        for (size_t x = 0; x < n; x++)
            *kept += keep[x] = hull.keep[x];
        memcpy(direction, hull.direction, k * sizeof *direction);
    }
    mx_hull_close(&hull);
    mx_coordinates_close(&coordinates);
    mx_free(exact.hi);
    mx_free(exact.lo);
    mx_free(exact.column);
    return error;
}

/* The face that facts at the very edge of their own feature's range force, exactly: keep[x] = 1 on it, direction: [k] with components
 * +-1 at those facts. Returns the number of states kept. */
size_t mx_view_edge_face(const mx_view *view, unsigned char *keep, double *direction)
{
    size_t kept = 0;
    memset(keep, 1, view->n);
    for (size_t i = 0; i < view->k; i++) {
        const mx_column *column = &view->column[i];
        direction[i] = 0;
        if (column->kind != MX_KIND_EQUAL && column->kind != MX_KIND_BOX)
            continue;
        mx_dd lower = column->kind == MX_KIND_BOX ? column->lower : mx_dd_make(0);
        mx_dd upper = column->kind == MX_KIND_BOX ? column->upper : mx_dd_make(0);
        int above = 0, below = 0;
        for (size_t x = 0; x < view->n; x++) {
            above |= mx_dd_compare(mx_view_at(view, i, x), lower) > 0;
            below |= mx_dd_compare(mx_view_at(view, i, x), upper) < 0;
        }
        if (above && below)
            continue;
        direction[i] = below ? -1 : 1; /* no state above the lower bound, or none below the upper one */
        for (size_t x = 0; x < view->n; x++)
            if (mx_dd_compare(mx_view_at(view, i, x), below ? lower : upper) != 0)
                keep[x] = 0;
    }
    for (size_t x = 0; x < view->n; x++)
        kept += keep[x];
    return kept;
}

/* along: [n] d . (g_x - b), each box at the bound that d leans on; d in the user's units. Returns what double-double leaves of it. */
static double survey(const mx_view *view, const double *d, mx_dd *along)
{
    double terms = 0;
    memset(along, 0, view->n * sizeof *along);
    for (size_t i = 0; i < view->k; i++) {
        const mx_column *column = &view->column[i];
        double part = ldexp(d[i], column->exponent);
        if (part == 0)
            continue;
        terms += fabs(part) * fmax(column->size, 1);
        mx_dd bound = column->kind != MX_KIND_BOX ? mx_dd_make(0) : part > 0 ? column->upper : column->lower;
        for (size_t x = 0; x < view->n; x++)
            along[x] = mx_dd_add(along[x], mx_dd_mul_d(mx_dd_sub(mx_view_at(view, i, x), bound), part));
    }
    return 0x1p-90 * terms;
}

maxent_error mx_chain_certificates(const maxent_problem *problem, const double *stages, size_t count, double *out)
{
    mx_view view;
    memset(&view, 0, sizeof view);
    maxent_error error = mx_view_open(problem, &view, NULL);
    mx_dd *total = error == MAXENT_OK ? mx_alloc(view.n, sizeof *total) : NULL, *stage = NULL;
    if (error == MAXENT_OK)
        stage = mx_alloc(view.n, sizeof *stage);
    if (error == MAXENT_OK && (total == NULL || stage == NULL))
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK)
        goto done;
    memcpy(out, stages + (count - 1) * view.k, view.k * sizeof *out);
    for (size_t s = count - 1; s-- > 0;) {
        const double *d = stages + s * view.k;
        survey(&view, out, total);
        double noise = survey(&view, d, stage), by = 0, largest = 0;
        for (size_t x = 0; x < view.n; x++)
            if (stage[x].hi > noise) {
                by = fmax(by, (fabs(total[x].hi) - fmin(total[x].hi, 0)) / stage[x].hi);
                largest = fmax(largest, stage[x].hi);
            }
        for (size_t x = 0; x < view.n; x++) /* a total of 0 is not more than 0 */
            by = fmax(by, largest > 0 ? fabs(total[x].hi) / largest : 0);
        for (size_t i = 0; i < view.k; i++)
            out[i] += 2 * by * d[i];
    }
done:
    mx_view_close(&view);
    mx_free(total);
    mx_free(stage);
    return error;
}
