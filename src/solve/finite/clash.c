/* Smallest clashes and their repairs.
 *
 * A certificate usually leans on more facts than it needs. The deletion filter [1] drops each in turn and keeps it dropped if the
 * others still clash: what remains is irreducible, every fact of it is needed for the clash.
 *
 * Repair. For a certificate d with d_i > 0 the facts are impossible until b_i has moved to min_x (d . g_x - sum_{j /= i} d_j b_j) / d_i:
 * a cutting plane on b_i. Move it there and ask again; each answer is feasible, or a deeper cut, or a certificate that does not
 * involve fact i (then i cannot repair it alone). The cuts come from the facets of a polytope, so there are finitely many.
 *
 * [1] J. W. Chinneck, E. W. Dravnieks, Locating minimal infeasible constraint sets in linear programs, ORSA J. Comput. 3 (1991) 157.
 */
#include "solve/finite/clash.h"

#include "base/memory.h"
#include "solve/finite/allowance.h"
#include "solve/dual/coordinates.h"
#include "solve/finite/hull.h"
#include "solve/dual/minimise.h"

#include <math.h>
#include <string.h>

#define CUTS 60

typedef enum answer {
    MEETS,   /* some distribution meets the facts, */
    NEARLY,  /* or would if targets were moved by no more than their rounding: direction is a certificate */
    CLASHES  /* none does, nor then */
} answer;

/* Is the problem of the view infeasible? Then direction: [k] is a certificate. */
static maxent_error ask(const mx_view *view, double *direction, answer *clash)
{
    mx_coordinates c;
    mx_hull hull;
    memset(&hull, 0, sizeof hull);
    *clash = MEETS;
    maxent_error error = mx_coordinates_open(view, NULL, &c);
    if (error == MAXENT_OK && c.clash != NULL) {
        for (size_t i = 0; i < view->k; i++)
            direction[i] = c.clash_value > 0 ? c.clash[i] : -c.clash[i];
        *clash = CLASHES;
    } else if (error == MAXENT_OK) {
        error = mx_hull_open(view, &c, 1000 + 20 * c.r, &hull);
        if (error == MAXENT_OK && hull.side == MX_OUTSIDE) {
            double open = 0;
            for (size_t i = 0; i < view->k; i++) {
                const mx_column *column = &view->column[i];
                open += fabs(hull.direction[i]) * 4 * (column->error + fmax(column->rounding, 0x1p-98) * column->size);
            }
            memcpy(direction, hull.direction, view->k * sizeof *direction);
            *clash = hull.margin > open ? CLASHES : NEARLY;
        }
    }
    mx_hull_close(&hull);
    mx_coordinates_close(&c);
    return error;
}

/* Components that cannot matter are none: what d_i g_i contributes at most, beside the largest contribution. */
static void tidy(const mx_view *view, double *direction)
{
    double most = 0;
    for (size_t i = 0; i < view->k; i++)
        most = fmax(most, fabs(direction[i]));
    for (size_t i = 0; i < view->k; i++)
        if (fabs(direction[i]) <= 1e-12 * most)
            direction[i] = 0;
}

maxent_error mx_clash_reduce(mx_view *view, double *direction, double deadline)
{
    maxent_error error = MAXENT_ERROR_MEMORY;
    size_t k = view->k;
    mx_kind *kind = mx_alloc(k + 1, sizeof *kind);
    double *next = mx_alloc(k + 1, sizeof *next);
    if (kind == NULL || next == NULL)
        goto done;
    error = MAXENT_OK;
    tidy(view, direction);
    for (size_t i = 0; i < k; i++) {
        kind[i] = view->column[i].kind;
        if (direction[i] == 0)
            view->column[i].kind = MX_KIND_WATCH;
    }
    for (size_t i = 0; i < k && error == MAXENT_OK && mx_seconds() < deadline; i++) {
        if (view->column[i].kind == MX_KIND_WATCH)
            continue;
        mx_kind was = view->column[i].kind;
        answer clash;
        view->column[i].kind = MX_KIND_WATCH;
        error = ask(view, next, &clash);
        if (error == MAXENT_OK && clash == CLASHES) {
            tidy(view, next);
            memcpy(direction, next, k * sizeof *direction);
            for (size_t j = 0; j < k; j++)
                if (direction[j] == 0)
                    view->column[j].kind = MX_KIND_WATCH;
        } else {
            view->column[i].kind = was;
        }
    }
    for (size_t i = 0; i < k; i++)
        view->column[i].kind = kind[i];
done:
    mx_free(kind);
    mx_free(next);
    return error;
}

/* min_x d . (g_x - b), with each box at the bound that d leans on; 0 when it is not above what double-double leaves of its terms. */
static mx_dd margin_of(const mx_view *view, const double *direction)
{
    mx_dd least = mx_dd_make(INFINITY);
    double terms = 0;
    for (size_t i = 0; i < view->k; i++)
        terms += fabs(direction[i]) * view->column[i].size;
    for (size_t x = 0; x < view->n; x++) {
        mx_dd sum = mx_view_along(view, direction, x);
        least = mx_dd_compare(sum, least) < 0 ? sum : least;
    }
    return least.hi > 0x1p-90 * terms ? least : mx_dd_make(0);
}

/* Moves the bound of column i that is in the way by `by`. */
static void move_bound(mx_view *view, size_t i, double sign, mx_dd by)
{
    mx_column *column = &view->column[i];
    if (column->kind == MX_KIND_BOX) {
        mx_dd *bound = sign > 0 ? &column->upper : &column->lower;
        *bound = mx_dd_add(*bound, by);
        return;
    }
    for (size_t x = 0; x < view->n; x++) {
        mx_dd g = mx_dd_sub(mx_view_at(view, i, x), by);
        view->hi[i * view->n + x] = g.hi;
        view->lo[i * view->n + x] = g.lo;
    }
}

/* The bound of column i, moved, as a double that is no less far. */
static double repaired(const mx_column *column, double sign, mx_dd moved)
{
    mx_dd bound = column->kind != MX_KIND_BOX ? moved : sign > 0 ? column->upper : column->lower;
    bound = mx_dd_add_d(mx_dd_scale(bound, column->exponent), column->reference);
    return bound.lo * sign > fabs(bound.hi) * 0x1p-90 ? nextafter(bound.hi, sign * INFINITY) : bound.hi;
}

maxent_error mx_clash_repair(mx_view *view, const double *direction, double deadline, double *repair)
{
    maxent_error error = MAXENT_OK;
    size_t k = view->k;
    double *d = mx_alloc(k + 1, sizeof *d);
    if (d == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < k; i++)
        repair[i] = NAN;
    for (size_t i = 0; i < k && error == MAXENT_OK; i++) {
        if (direction[i] == 0)
            continue;
        double sign = direction[i] > 0 ? 1 : -1;
        mx_dd moved = mx_dd_make(0);
        answer clash = CLASHES;
        memcpy(d, direction, k * sizeof *d);
        for (int cut = 0; cut < CUTS && clash != MEETS && d[i] * sign > 0 && error == MAXENT_OK && mx_seconds() < deadline; cut++) {
            mx_dd margin = margin_of(view, d), by = mx_dd_div(margin, mx_dd_make(d[i]));
            if (!(margin.hi > 0)) {
                clash = cut > 0 ? NEARLY : clash; /* after a cut, what is left is the rounding of d; the repair is put to the test */
                break;
            }
            move_bound(view, i, sign, by);
            moved = mx_dd_add(moved, by);
            error = ask(view, d, &clash);
            tidy(view, d);
        }
        if (error == MAXENT_OK && clash != CLASHES)
            repair[i] = repaired(&view->column[i], sign, moved);
        move_bound(view, i, sign, mx_dd_neg(moved));
    }
    mx_free(d);
    return error;
}
