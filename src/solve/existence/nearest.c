/* The point nearest to 0 of the convex hull of directions, plus a cone, by the method of Lawson and Hanson [1].
 *
 * [1] C. L. Lawson, R. J. Hanson, Solving Least Squares Problems (1974), chapter 23.
 */
#include "solve/existence/strict.h"

#include <math.h>
#include <string.h>

#define ROUNDING 1e-13 /* of the nearest point, on directions of length 1: no farther from 0 than that it is 0 */

/* Least squares by Gram and Schmidt, twice: [p] columns of length r in a; b. Returns the first column that depends on others, or p. */
static size_t least_squares(size_t r, size_t p, double a[][MX_COLUMNS_MOST + 1], const double *b, double *x)
{
    double q[MX_COLUMNS_MOST + 2][MX_COLUMNS_MOST + 1], t[MX_COLUMNS_MOST + 2][MX_COLUMNS_MOST + 2], rest[MX_COLUMNS_MOST + 1];
    memset(t, 0, sizeof t);
    for (size_t j = 0; j < p; j++) {
        double before = mx_clash_length(r, a[j]), after;
        memcpy(q[j], a[j], r * sizeof(double));
        for (int twice = 0; twice < 2; twice++)
            for (size_t i = 0; i < j; i++) {
                double dot = 0;
                for (size_t e = 0; e < r; e++)
                    dot += q[i][e] * q[j][e];
                for (size_t e = 0; e < r; e++)
                    q[j][e] -= dot * q[i][e];
                t[i][j] += dot;
            }
        after = mx_clash_length(r, q[j]);
        if (!(after > 1e-13 * before))
            return j;
        for (size_t e = 0; e < r; e++)
            q[j][e] /= after;
        t[j][j] = after;
    }
    memcpy(rest, b, r * sizeof(double));
    for (size_t j = 0; j < p; j++) {
        x[j] = 0;
        for (size_t e = 0; e < r; e++)
            x[j] += q[j][e] * rest[e];
        for (size_t e = 0; e < r; e++)
            rest[e] -= x[j] * q[j][e];
    }
    for (size_t j = p; j-- > 0;) {
        for (size_t i = j + 1; i < p; i++)
            x[j] -= t[j][i] * x[i];
        x[j] /= t[j][j];
    }
    return p;
}

/* min |A y - b| over y >= 0, with columns (u_j, 1) for points, (e_i, 0) for facts with one side, (+-l, 0) for
 * lines, b = (0, 1): the residual is (-w, rho),
 * and w . u_j >= rho for every j. */
void mx_clash_nearest(mx_clash *k)
{
    size_t m = k->m, r = m + 1, p = 0, take[MX_COLUMNS_MOST + 2]; /* points by number, then n + i: the side of column i; lines */
    double a[MX_COLUMNS_MOST + 2][MX_COLUMNS_MOST + 1], b[MX_COLUMNS_MOST + 1] = {0}, y[MX_COLUMNS_MOST + 2] = {0}, x[MX_COLUMNS_MOST + 2];
    double rest[MX_COLUMNS_MOST + 1];
    b[m] = 1;
    memcpy(rest, b, sizeof rest);
    for (size_t step = 0, barred = SIZE_MAX; step < 40 * (r + 2); step++) {
        size_t best = SIZE_MAX;
        double most = 1e-14 * mx_clash_length(r, rest);
        for (size_t j = 0; j < k->n; j++) {
            double gain = rest[m];
            for (size_t i = 0; i < m; i++)
                gain += k->u[j * MX_COLUMNS_MOST + i] * rest[i];
            if (gain > most && j != barred && (k->size[j] > 0 || k->lines == 0)) {
                most = gain;
                best = j;
            }
        }
        for (size_t i = 0; i < m; i++)
            if (k->column[i].side && rest[i] > most && k->n + i != barred) {
                most = rest[i];
                best = k->n + i;
            }
        for (size_t l = 0; l < 2 * k->lines; l++) {
            double gain = 0;
            for (size_t i = 0; i < m; i++)
                gain += (l % 2 == 0 ? 1 : -1) * k->line[l / 2][i] * rest[i];
            if (gain > most && k->n + m + l != barred) {
                most = gain;
                best = k->n + m + l;
            }
        }
        for (size_t j = 0; j < p; j++)
            if (take[j] == best)
                best = SIZE_MAX;
        if (best == SIZE_MAX || p > r)
            break;
        take[p] = best;
        y[p] = 0;
        memset(a[p], 0, sizeof a[p]);
        if (best < k->n) {
            memcpy(a[p], k->u + best * MX_COLUMNS_MOST, m * sizeof(double));
            a[p][m] = 1;
        } else if (best < k->n + m) {
            a[p][best - k->n] = 1;
        } else {
            for (size_t i = 0; i < m; i++)
                a[p][i] = ((best - k->n - m) % 2 == 0 ? 1 : -1) * k->line[(best - k->n - m) / 2][i];
        }
        p++;
        for (;;) { /* back along the way to the least square until nothing is below 0 */
            size_t depends = least_squares(r, p, a, b, x), out = p;
            double part = 1;
            if (depends < p) {
                out = depends;
                part = 0;
                if (depends == p - 1)
                    barred = best;
            } else {
                for (size_t j = 0; j < p; j++)
                    if (x[j] <= 0 && !(y[j] / (y[j] - x[j]) >= part)) {
                        part = y[j] / (y[j] - x[j]);
                        out = j;
                    }
                if (out == p - 1 && part == 0)
                    barred = best;
                else if (out == p)
                    barred = SIZE_MAX;
                for (size_t j = 0; j < p; j++)
                    y[j] += part * (x[j] - y[j]);
            }
            if (out == p)
                break;
            for (size_t j = out; j + 1 < p; j++) {
                memcpy(a[j], a[j + 1], sizeof a[j]);
                y[j] = y[j + 1];
                take[j] = take[j + 1];
            }
            p--;
        }
        memcpy(rest, b, sizeof rest);
        for (size_t j = 0; j < p; j++)
            for (size_t e = 0; e < r; e++)
                rest[e] -= a[j][e] * y[j];
    }
    for (size_t i = 0; i < m; i++)
        k->d[i] = k->column[i].side ? fmax(-rest[i], 0) : -rest[i];
    double size = mx_clash_length(m, k->d);
    for (size_t i = 0; i < m && size > 0; i++)
        k->d[i] = fabs(k->d[i]) > 1e-13 * size ? k->d[i] / size : 0;
    k->angle = size > ROUNDING ? rest[m] / size : 0;
    k->used = 0;
    for (size_t j = 0; j < p; j++)
        if (take[j] < k->n && k->used < MX_COLUMNS_MOST)
            k->use[k->used++] = take[j];
}
