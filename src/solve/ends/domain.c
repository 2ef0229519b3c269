/* The domain of the dual from the germs at the ends.
 *
 * Each end stands at a level: the first germ whose coefficient a . lambda + b is not known to vanish. Where all those coefficients are
 * positive (for l: above its bound) Z is finite. A linear programme looks for such a lambda. When there is none, but some with
 * coefficients that are zero, then its dual solution names ends whose coefficients vanish wherever none is negative: these become equations
 * (the combinations of facts are dropped), those ends go to their next germ, and the question is asked again. It ends when
 * a lambda is found, or the coefficients of some ends contradict each other, or an infinite end has no germ left.
 */
#include "solve/ends/inside.h"

#include "base/memory.h"
#include "solve/ends/interior.h"

#include <stdio.h>
#include <string.h>

#define INSIDE 1e-9   /* the least t that counts as strictly inside */

/* ---- equations ---- */

void mx_ends_reduce(const mx_ends *x, mx_dd *row)
{
    size_t width = x->k + 1;
    for (size_t q = 0; q < x->equalities; q++) {
        const mx_dd *Q = x->equality + q * width;
        mx_dd f = row[x->column[q]];
        if (f.hi == 0)
            continue;
        for (size_t i = 0; i < width; i++) {
            mx_dd part = mx_dd_mul(f, Q[i]);
            mx_dd rest = mx_dd_sub(row[i], part);
            row[i] = fabs(rest.hi) <= MX_ENDS_NOTHING * fabs(part.hi) ? mx_dd_make(0) : rest;
        }
        row[x->column[q]] = mx_dd_make(0);
    }
}

void mx_ends_load(const mx_ends *x, const mx_germ *g, mx_dd *row)
{
    memcpy(row, g->a, x->k * sizeof *row);
    row[x->k] = g->b;
    mx_ends_reduce(x, row);
}

int mx_ends_add_equation(mx_ends *x, const mx_dd *row, size_t prefer)
{
    size_t width = x->k + 1, best = x->k;
    for (size_t i = 0; i < x->k; i++)
        if (row[i].hi != 0 && (best == x->k || fabs(row[i].hi) > fabs(row[best].hi)))
            best = i;
    if (best == x->k)
        return 0;
    if (prefer < x->k && fabs(row[prefer].hi) > 1e-6 * fabs(row[best].hi))
        best = prefer;
    mx_dd *grown = mx_resize(x->equality, (x->equalities + 1) * width, sizeof *grown);
    if (grown == NULL)
        return -1;
    x->equality = grown;
    mx_dd *Q = x->equality + x->equalities * width;
    for (size_t i = 0; i < width; i++)
        Q[i] = mx_dd_div(row[i], row[best]);
    Q[best] = mx_dd_make(1);
    for (size_t q = 0; q < x->equalities; q++) {
        mx_dd *P = x->equality + q * width, f = P[best];
        for (size_t i = 0; f.hi != 0 && i < width; i++)
            P[i] = mx_dd_sub(P[i], mx_dd_mul(f, Q[i]));
        P[best] = mx_dd_make(0);
    }
    x->column[x->equalities++] = best;
    return 1;
}

/* ---- the domain ---- */

/* Whether feature i grows at any end at all. */
static int matters(const mx_ends *x, size_t i)
{
    for (size_t e = 0; e < x->count; e++)
        for (size_t m = 0; m < x->germs[e].count; m++)
            if (x->germs[e].germ[m].a[i].hi != 0)
                return 1;
    return 0;
}

static void say_unclear(mx_ends *x, size_t e, const char *variable)
{
    char name[160];
    mx_end_name(&x->end[e], variable, name, sizeof name);
    x->unclear = 1;
    snprintf(x->message, sizeof x->message, "the facts have no clear order of growth as %s", name);
}

/* At end e the coefficient of l is at its bound at most, and what grows more slowly decides. */
static void say_border(mx_ends *x, size_t e, const char *variable)
{
    char name[160];
    mx_end_name(&x->end[e], variable, name, sizeof name);
    x->unclear = 1;
    snprintf(x->message, sizeof x->message,
             "whether the density has a finite integral as %s hangs on what grows more slowly than a logarithm", name);
}

/* Why there is no lambda: y weighs the ends, row[e] is what is left of their coefficients. */
static void say_unbounded(mx_ends *x, const double *y, const double *a, const double *b, const char *variable)
{
    char list[200] = "";
    size_t named = 0;
    int prior = 0;
    for (int alone = 1; alone >= 0 && named == 0; alone--)
        for (size_t e = 0; e < x->count; e++) {
            int empty = 1;
            for (size_t i = 0; i < x->k; i++)
                empty = empty && a[e * x->k + i] == 0;
            if (alone ? !(empty && b[e] < 0) : !(y[e] > INSIDE))
                continue;
            char name[160];
            mx_end_name(&x->end[e], variable, name, sizeof name);
            size_t used = strlen(list);
            prior |= mx_ends_standing(x, e)->kind == MX_GERM_FAST && mx_ends_standing(x, e)->pivot == x->k;
            snprintf(list + used, sizeof list - used, "%s%s", named++ ? " and as " : "", name);
            if (!alone)
                prior |= 2;
        }
    x->unbounded = 1;
    if (named == 0)
        snprintf(x->message, sizeof x->message, "the facts that bound from one side leave the density free to spread without limit");
    else if (prior & 2)
        snprintf(x->message, sizeof x->message, "no multipliers hold the density together as %s%s", list,
                 named > 1 ? " at the same time" : "");
    else
        snprintf(x->message, sizeof x->message, prior ? "the prior grows too fast as %s to be normalised"
                                                      : "nothing keeps the density from spreading without limit as %s", list);
}

int mx_ends_settle(mx_ends *x, const char *variable)
{
    size_t k = x->k, n = x->count, most = n + k;
    int error = -1;
    double *a = mx_alloc(most * k + 1, sizeof *a), *v = mx_alloc(3 * most + k + 1, sizeof *v);
    size_t *which = mx_alloc(most + 1, sizeof *which); /* e for an end, n + i for the sign of lambda_i */
    mx_dd *row = mx_alloc(k + 1, sizeof *row);
    if (a == NULL || v == NULL || which == NULL || row == NULL)
        goto done;
    double *b = v, *w = b + most, *y = w + most, *point = y + most;

    for (;;) {
        size_t m = 0;
        for (size_t e = 0; e < n; e++) {
            const mx_germ *g = mx_ends_standing(x, e);
            b[m] = 1;
            memset(a + m * k, 0, k * sizeof *a);
            if (g->kind == MX_GERM_UNCLEAR)
                say_unclear(x, e, variable);
            if (g->kind == MX_GERM_FAST || g->kind == MX_GERM_LOG) {
                mx_ends_load(x, g, row);
                for (size_t i = 0; i < k; i++)
                    a[m * k + i] = row[i].hi;
                b[m] = row[k].hi - (g->kind == MX_GERM_FAST ? 0 : mx_end_infinite(&x->end[e]) ? 1 : -1);
            }
            w[m] = 1;
            which[m++] = e;
        }
        for (size_t i = 0; i < k; i++) {
            if ((x->sign[i] != MX_SIGN_AT_MOST && x->sign[i] != MX_SIGN_AT_LEAST) || !matters(x, i))
                continue;
            memset(row, 0, (k + 1) * sizeof *row);
            row[i] = mx_dd_make(x->sign[i] == MX_SIGN_AT_MOST ? 1 : -1);
            mx_ends_reduce(x, row);
            for (size_t j = 0; j < k; j++)
                a[m * k + j] = row[j].hi;
            b[m] = row[k].hi;
            w[m] = 0;
            which[m++] = n + i;
        }
        double t = 0;
        int found = mx_interior(m, k, a, b, w, &t, point, y);
        if (found < 0)
            goto done;
        error = 0;
        if (found == 0 && t > INSIDE) {
            for (size_t i = 0; i < k; i++)
                x->lambda[i] = point[i] + 0.0;
            for (size_t q = 0; q < x->equalities; q++) {
                const mx_dd *Q = x->equality + q * (k + 1);
                double sum = 0.0 - Q[k].hi;
                for (size_t i = 0; i < k; i++)
                    sum -= i == x->column[q] ? 0 : Q[i].hi * point[i];
                x->lambda[x->column[q]] = sum + 0.0;
            }
            goto done;
        }
        int moved = 0, critical = found == 1 || t < -INSIDE;
        size_t border = n;
        for (size_t r = 0; r < m; r++) {
            int last = y[r] > INSIDE && which[r] < n && mx_ends_standing(x, which[r])->kind != MX_GERM_FAST;
            critical = critical || last;
            int slow = last && found == 0 ? mx_ends_standing(x, which[r])->slow : 0;
            if (slow == 2 || (slow == 1 && t >= -INSIDE))
                border = which[r];
        }
        if (border < n) {
            say_border(x, border, variable);
            goto done;
        }
        if (critical) {
            say_unbounded(x, y, a, b, variable);
            goto done;
        }
        error = -1;
        for (size_t r = 0; r < m; r++) {
            if (!(y[r] > INSIDE))
                continue;
            size_t prefer = which[r];
            if (which[r] < n) {
                mx_ends_load(x, mx_ends_standing(x, which[r]), row);
                prefer = mx_ends_standing(x, which[r])->pivot;
                x->level[which[r]]++;
                moved = 1;
            } else {
                prefer -= n;
                memset(row, 0, (k + 1) * sizeof *row);
                row[prefer] = mx_dd_make(1);
                mx_ends_reduce(x, row);
            }
            int added = mx_ends_add_equation(x, row, prefer);
            if (added < 0)
                goto done;
            moved |= added;
        }
        if (!moved) { /* rounding: claim nothing */
            x->unclear = 1;
            snprintf(x->message, sizeof x->message, "the growth of the facts at the ends could not be judged");
            error = 0;
            goto done;
        }
    }

done:
    mx_free(a);
    mx_free(v);
    mx_free(which);
    mx_free(row);
    return error;
}
