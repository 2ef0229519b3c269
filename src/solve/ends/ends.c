/* Ends: their germs, where the dual is finite, the edges of that domain and the faces on them.
 *
 * An edge a . lambda + b = 0 belongs to the domain if the same procedure with that equation added finds a lambda; then the dual, which is
 * lower semicontinuous, may have its minimum there [1].
 *
 * [1] The closure of the domain and steepness: O. Barndorff-Nielsen, Information and Exponential Families (1978), chapters 8, 9.
 *     Power moments: M. Junk, Maximum entropy for reduced moment problems, Math. Models Methods Appl. Sci. 10 (2000) 1001.
 */
#include "solve/ends/inside.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>

static mx_ends *make(size_t k, size_t count)
{
    mx_ends *x = mx_zalloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->k = k;
    x->count = count;
    x->lambda = mx_zalloc(k, sizeof *x->lambda);
    x->escape = mx_zalloc(k, sizeof *x->escape);
    x->edge = mx_zalloc(k, sizeof *x->edge);
    x->level = mx_zalloc(count, sizeof *x->level);
    x->column = mx_zalloc(k, sizeof *x->column);
    x->sign = mx_zalloc(k, 1);
    x->row = mx_zalloc(count, sizeof *x->row);
    x->rowa = mx_zalloc(count * k, sizeof *x->rowa);
    if (!x->lambda || !x->escape || !x->edge || !x->level || !x->column || !x->sign || !x->row || !x->rowa) {
        x->borrowed = 1;
        mx_ends_free(x);
        return NULL;
    }
    return x;
}

/* ---- faces ---- */

/* The same ends with the equations of `from`, and those of its rows with tight[r]. */
static int restricted(const mx_ends *from, const unsigned char *tight, const char *variable, mx_ends **out)
{
    size_t k = from->k;
    mx_ends *x = make(k, from->count);
    mx_dd *row = mx_alloc(k + 1, sizeof *row);
    int error = -1;
    if (x == NULL || row == NULL)
        goto done;
    x->borrowed = 1;
    x->end = from->end;
    x->germs = from->germs;
    x->equalities = from->equalities;
    memcpy(x->sign, from->sign, k);
    memcpy(x->column, from->column, k * sizeof *x->column);
    memcpy(x->level, from->level, x->count * sizeof *x->level);
    x->equality = mx_alloc((x->equalities + 1) * (k + 1), sizeof *x->equality);
    if (x->equality == NULL)
        goto done;
    if (x->equalities > 0)
        memcpy(x->equality, from->equality, x->equalities * (k + 1) * sizeof *x->equality);
    for (size_t r = 0; r < from->rows; r++) {
        if (!tight[r])
            continue;
        const mx_end_row *R = &from->row[r];
        memcpy(row, R->a, k * sizeof *row);
        row[k] = R->b;
        mx_ends_reduce(x, row);
        if (mx_ends_add_equation(x, row, R->pivot) < 0)
            goto done;
        x->level[R->end]++;
        if (R->twin != SIZE_MAX)
            x->level[R->twin]++;
    }
    error = mx_ends_settle(x, variable);

done:
    mx_free(row);
    if (error) {
        mx_ends_free(x);
        x = NULL;
    }
    *out = x;
    return error;
}

/* Whether E of the germ of end e is infinite on the face whatever lambda is. */
static int is_steep(const mx_ends *face, size_t e, size_t level, mx_dd *row)
{
    const mx_germ *g = &face->germs[e].germ[level], *now = mx_ends_standing(face, e);
    if (now->kind == MX_GERM_FAST)
        return face->level[e] > g->absorbed;
    if (now->kind != MX_GERM_LOG)
        return 0;
    mx_ends_load(face, now, row);
    for (size_t i = 0; i < face->k; i++)
        if (row[i].hi != 0)
            return isinf(g->power);
    return row[face->k].hi - (mx_end_infinite(&face->end[e]) ? 1 : -1) <= g->power + 1e-6;
}

/* The edges: the coefficients that vanish somewhere; and which of them belong to the domain. */
static int find_rows(mx_ends *x, const char *variable)
{
    size_t k = x->k;
    mx_dd *row = mx_alloc(k + 1, sizeof *row);
    unsigned char *tight = mx_zalloc(x->count, 1);
    int error = -1;
    if (row == NULL || tight == NULL)
        goto done;
    for (size_t e = 0; e < x->count; e++) {
        const mx_germ *g = mx_ends_standing(x, e);
        if (g->kind != MX_GERM_FAST)
            continue;
        mx_ends_load(x, g, row);
        int empty = 1;
        for (size_t i = 0; i < k; i++)
            empty = empty && row[i].hi == 0;
        if (empty)
            continue;
        size_t same = 0;
        for (; same < x->rows; same++) {
            const mx_end_row *R = &x->row[same];
            int equal = fabs(R->b.hi - row[k].hi) <= MX_ENDS_NOTHING;
            for (size_t i = 0; equal && i < k; i++)
                equal = fabs(R->a[i].hi - row[i].hi) <= MX_ENDS_NOTHING;
            if (equal)
                break;
        }
        if (same < x->rows) {
            /* Three and more of a kind: the others follow by themselves, as their coefficients vanish on the face. */
            if (x->row[same].twin == SIZE_MAX)
                x->row[same].twin = e;
            continue;
        }
        mx_end_row *R = &x->row[x->rows];
        *R = (mx_end_row){.end = e, .twin = SIZE_MAX, .level = x->level[e], .pivot = g->pivot, .a = x->rowa + x->rows * k, .b = row[k]};
        memcpy(R->a, row, k * sizeof *row);
        x->rows++;
    }
    for (size_t r = 0; r < x->rows; r++) {
        mx_end_row *R = &x->row[r];
        mx_ends *face;
        tight[r] = 1;
        if (restricted(x, tight, variable, &face))
            goto done;
        tight[r] = 0;
        R->face = face->unbounded ? 0 : face->unclear ? 2 : 1;
        if (R->face == 1) {
            R->steep = is_steep(face, R->end, R->level, row);
            if (R->twin != SIZE_MAX)
                R->steep |= is_steep(face, R->twin, x->level[R->twin], row);
        }
        mx_ends_free(face);
    }
    error = 0;

done:
    mx_free(row);
    mx_free(tight);
    return error;
}

/* ---- public functions ---- */

int mx_ends_find(size_t k, const unsigned char *sign, size_t count, const mx_end *end, mx_probe probe, const char *variable,
                 mx_ends **out)
{
    *out = NULL;
    mx_ends *x = make(k, count);
    if (x == NULL)
        return -1;
    int error = -1;
    mx_dd *row = mx_alloc(k + 1, sizeof *row);
    x->end = mx_alloc(count, sizeof *x->end);
    x->germs = mx_zalloc(count, sizeof *x->germs);
    if (row == NULL || x->end == NULL || x->germs == NULL)
        goto done;
    if (count > 0)
        memcpy(x->end, end, count * sizeof *end);
    if (sign != NULL)
        memcpy(x->sign, sign, k);
    error = 0;
    for (size_t e = 0; e < count; e++) {
        error = mx_germs_find(k, &end[e], probe, &x->germs[e]);
        if (error)
            goto done;
    }
    error = -1;
    for (size_t i = 0; i < k; i++)
        if (x->sign[i] == MX_SIGN_ZERO) {
            memset(row, 0, (k + 1) * sizeof *row);
            row[i] = mx_dd_make(1);
            if (mx_ends_add_equation(x, row, i) < 0)
                goto done;
        }
    if (mx_ends_settle(x, variable))
        goto done;
    if (!x->unbounded && (find_rows(x, variable) || mx_ends_coordinates(x)))
        goto done;
    error = 0;

done:
    mx_free(row);
    if (error)
        mx_ends_free(x);
    else
        *out = x;
    return error;
}

int mx_ends_face(const mx_ends *ends, const unsigned char *tight, const char *variable, mx_ends **face)
{
    if (restricted(ends, tight, variable, face))
        return -1;
    if (!(*face)->unbounded && (find_rows(*face, variable) || mx_ends_coordinates(*face))) {
        mx_ends_free(*face);
        *face = NULL;
        return -1;
    }
    return 0;
}

int mx_ends_finite(const mx_ends *ends, const double *lambda, size_t *which)
{
    for (size_t e = 0; e < ends->count; e++) {
        const mx_germs *germs = &ends->germs[e];
        for (size_t m = ends->level[e]; m < germs->count; m++) {
            const mx_germ *g = &germs->germ[m];
            if (g->kind == MX_GERM_CLOSED || g->kind == MX_GERM_UNCLEAR)
                break;
            mx_dd sum = g->b;
            double size = fabs(g->b.hi);
            for (size_t i = 0; i < ends->k; i++) {
                mx_dd part = mx_dd_mul_d(g->a[i], lambda[i]);
                size += fabs(part.hi);
                sum = mx_dd_add(sum, part);
            }
            double value = fabs(sum.hi) <= 1e-13 * size ? 0 : sum.hi;
            if (g->kind == MX_GERM_FAST && value == 0)
                continue;
            double bound = g->kind == MX_GERM_FAST ? 0 : mx_end_infinite(&ends->end[e]) ? 1 : -1;
            if (value > bound || g->slow == 2 || (g->slow && value == bound)) /* where it is not known nothing is claimed */
                break;
            if (which != NULL)
                *which = e;
            return 0;
        }
    }
    return 1;
}

void mx_ends_free(mx_ends *ends)
{
    if (ends == NULL)
        return;
    for (size_t e = 0; !ends->borrowed && ends->germs != NULL && e < ends->count; e++)
        mx_germs_free(&ends->germs[e]);
    if (!ends->borrowed) {
        mx_free(ends->germs);
        mx_free(ends->end);
    }
    mx_free(ends->lambda);
    mx_free(ends->row);
    mx_free(ends->rowa);
    mx_free(ends->escape);
    mx_free(ends->edge);
    mx_free(ends->to);
    mx_free(ends->from);
    mx_free(ends->level);
    mx_free(ends->equality);
    mx_free(ends->column);
    mx_free(ends->sign);
    mx_free(ends);
}
