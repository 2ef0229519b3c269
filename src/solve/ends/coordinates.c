/* Coordinates in which every row is a bound on one multiplier, and every equation fixes one; and the names of ends.
 *
 * Each equation and each row that can hold as an equality takes a coordinate S: lambda~_S = a_S . lambda with a_SS = 1. The others stay
 * as they are, so that only the block of the coordinates taken is inverted:
 *
 *     to = | A_SS A_SU |      to^-1 = | A_SS^-1  -A_SS^-1 A_SU |
 *          |  0    1   |              |   0           1        |
 */
#include "solve/ends/inside.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* inverse := A^-1, both [s][s], A spoiled; partial pivoting. Returns 1 when A is singular. */
static int invert(size_t s, mx_dd *A, mx_dd *inverse)
{
    for (size_t i = 0; i < s * s; i++)
        inverse[i] = mx_dd_make(i % (s + 1) == 0);
    for (size_t c = 0; c < s; c++) {
        size_t best = c;
        for (size_t i = c; i < s; i++)
            if (fabs(A[i * s + c].hi) > fabs(A[best * s + c].hi))
                best = i;
        if (!(fabs(A[best * s + c].hi) > 1e-11))
            return 1;
        for (size_t j = 0; j < s && best != c; j++) {
            mx_dd swap = A[c * s + j];
            A[c * s + j] = A[best * s + j];
            A[best * s + j] = swap;
            swap = inverse[c * s + j];
            inverse[c * s + j] = inverse[best * s + j];
            inverse[best * s + j] = swap;
        }
        mx_dd p = A[c * s + c];
        for (size_t j = 0; j < s; j++) {
            A[c * s + j] = mx_dd_div(A[c * s + j], p);
            inverse[c * s + j] = mx_dd_div(inverse[c * s + j], p);
        }
        for (size_t i = 0; i < s; i++) {
            mx_dd f = A[i * s + c];
            for (size_t j = 0; i != c && f.hi != 0 && j < s; j++) {
                A[i * s + j] = mx_dd_sub(A[i * s + j], mx_dd_mul(f, A[c * s + j]));
                inverse[i * s + j] = mx_dd_sub(inverse[i * s + j], mx_dd_mul(f, inverse[c * s + j]));
            }
        }
    }
    return 0;
}

/* The coordinate that `row` can have to itself, given the rows `taken` in echelon form at columns at[]; k: it depends on them. */
static size_t own_column(size_t k, size_t s, const mx_dd *taken, const size_t *at, const mx_dd *row, size_t prefer, mx_dd *spare)
{
    memcpy(spare, row, k * sizeof *row);
    for (size_t q = 0; q < s; q++) {
        mx_dd f = spare[at[q]];
        for (size_t i = 0; f.hi != 0 && i < k; i++) {
            mx_dd part = mx_dd_mul(f, taken[q * k + i]), rest = mx_dd_sub(spare[i], part);
            spare[i] = fabs(rest.hi) <= 1e-11 * fabs(part.hi) ? mx_dd_make(0) : rest;
        }
        spare[at[q]] = mx_dd_make(0);
    }
    size_t best = k;
    for (size_t i = 0; i < k; i++)
        if (spare[i].hi != 0 && (best == k || fabs(spare[i].hi) > fabs(spare[best].hi)))
            best = i;
    return best < k && prefer < k && fabs(spare[prefer].hi) > 1e-6 * fabs(spare[best].hi) ? prefer : best;
}

int mx_ends_coordinates(mx_ends *x)
{
    size_t k = x->k, most = x->equalities + x->rows, s = 0;
    most = most > k ? k : most;
    int error = -1, plain = 1;
    mx_dd *lambda = mx_zalloc(most * k + 1, sizeof *lambda); /* [s][k] the rows of `to` that are not units */
    mx_dd *echelon = mx_zalloc(most * k + 1, sizeof *echelon);
    mx_dd *square = mx_alloc(2 * most * most + 1, sizeof *square), *spare = mx_alloc(k + 1, sizeof *spare);
    size_t *at = mx_alloc(most + 1, sizeof *at);
    if (lambda == NULL || echelon == NULL || square == NULL || spare == NULL || at == NULL)
        goto done;
    for (size_t r = 0; r < x->equalities + x->rows; r++) {
        const mx_end_row *R = r < x->equalities ? NULL : &x->row[r - x->equalities];
        if (R != NULL && (R->face == 0 || R->steep))
            continue;
        const mx_dd *a = R == NULL ? x->equality + r * (k + 1) : R->a;
        mx_dd b = R == NULL ? a[k] : R->b;
        size_t c = own_column(k, s, echelon, at, a, R == NULL ? x->column[r] : R->pivot, spare);
        if (c == k || a[c].hi == 0 || s == most) {
            x->dependent = 1;
            continue;
        }
        for (size_t i = 0; i < k; i++) {
            lambda[s * k + i] = i == c ? mx_dd_make(1) : mx_dd_div(a[i], a[c]);
            plain = plain && (i == c || a[i].hi == 0);
            echelon[s * k + i] = i == c ? mx_dd_make(1) : mx_dd_div(spare[i], spare[c]);
        }
        for (size_t q = 0; q < s; q++) {
            mx_dd f = echelon[q * k + c];
            for (size_t i = 0; f.hi != 0 && i < k; i++)
                echelon[q * k + i] = mx_dd_sub(echelon[q * k + i], mx_dd_mul(f, echelon[s * k + i]));
            echelon[q * k + c] = mx_dd_make(0);
        }
        x->edge[c] = -mx_dd_div(b, a[c]).hi + 0.0;
        x->escape[c] = R == NULL ? MX_ESCAPE_DROPPED : a[c].hi > 0 ? MX_ESCAPE_AT_MOST : MX_ESCAPE_AT_LEAST;
        at[s++] = c;
    }
    error = 0;
    if (plain)
        goto done;

    error = -1;
    x->to = mx_zalloc(k * k, sizeof *x->to);
    x->from = mx_zalloc(k * k, sizeof *x->from);
    if (x->to == NULL || x->from == NULL)
        goto done;
    for (size_t i = 0; i < k; i++)
        x->to[i * k + i] = x->from[i * k + i] = mx_dd_make(1);
    mx_dd *inverse = square + s * s;
    for (size_t p = 0; p < s; p++) {
        memcpy(x->to + at[p] * k, lambda + p * k, k * sizeof *lambda);
        for (size_t q = 0; q < s; q++)
            square[p * s + q] = lambda[p * k + at[q]];
    }
    int singular = invert(s, square, inverse);
    for (size_t p = 0; p < s && !singular; p++)
        for (size_t i = 0; i < k; i++) {
            mx_dd sum = mx_dd_make(0);
            size_t own = s;
            for (size_t q = 0; q < s; q++) {
                own = at[q] == i ? q : own;
                sum = mx_dd_sub(sum, mx_dd_mul(inverse[p * s + q], lambda[q * k + i]));
            }
            x->from[at[p] * k + i] = own < s ? inverse[p * s + own] : sum;
        }
    error = 0;

done:
    mx_free(lambda);
    mx_free(echelon);
    mx_free(square);
    mx_free(spare);
    mx_free(at);
    return error;
}

void mx_end_name(const mx_end *end, const char *variable, char *out, size_t size)
{
    char point[MX_DOUBLE_TEXT];
    const char *comma = end->where[0] == '\0' ? "" : ", ", *where = end->where;
    if (end->several)
        snprintf(out, size, "%s", where);
    else if (mx_end_infinite(end))
        snprintf(out, size, "%s -> %sinfinity%s%s", variable, end->kind == MX_END_PLUS_INFINITY ? "" : "-", comma, where);
    else
        snprintf(out, size, "%s -> %s from %s%s%s", variable, mx_double_text_digits(end->point, 9, point),
                 end->kind == MX_END_RIGHT_OF ? "above" : "below", comma, where);
}
