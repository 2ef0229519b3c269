/* The dual of the linear programme, min b . y + s subject to A^T y = 0, w . y + s = 1, y >= 0, s >= 0, by the simplex method in a dense
 * tableau. There are few rows (the ends of a line, and facts with one side), so that Bland's rule [1], which cannot cycle, is fast
 * enough. Columns of A that depend on others are left out first; y = 0, s = 1 is where it starts, with artificial
 * variables that stay at zero for the other equations.
 *
 * [1] R. G. Bland, New finite pivoting rules for the simplex method, Mathematics of Operations Research 2 (1977) 103.
 */
#include "solve/ends/interior.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

#define TINY 1e-11

/* Columns of A that are independent: their number, and which. spare: [m * m]. */
static size_t independent_columns(size_t m, size_t k, const double *a, double *spare, size_t *column)
{
    size_t r = 0;
    for (size_t i = 0; i < k && r < m; i++) {
        double *v = spare + r * m, most = 0, whole = 0;
        for (size_t e = 0; e < m; e++) {
            v[e] = a[e * k + i];
            whole = fmax(whole, fabs(v[e]));
        }
        if (whole == 0)
            continue;
        for (int twice = 0; twice < 2; twice++)
            for (size_t j = 0; j < r; j++) {
                double dot = 0;
                for (size_t e = 0; e < m; e++)
                    dot += v[e] * spare[j * m + e];
                for (size_t e = 0; e < m; e++)
                    v[e] -= dot * spare[j * m + e];
            }
        for (size_t e = 0; e < m; e++)
            most += v[e] * v[e];
        most = sqrt(most);
        if (most <= TINY * whole)
            continue;
        for (size_t e = 0; e < m; e++)
            v[e] /= most;
        column[r++] = i;
    }
    return r;
}

/* The tableau: rows 0 .. r - 1 for A^T y = 0, row r for w . y + s = 1, row r + 1 the reduced costs; columns y [m], s, artificial [r],
 * right-hand side. */
static void pivot(double *T, size_t rows, size_t columns, size_t row, size_t column)
{
    double *P = T + row * columns, scale = 1 / P[column];
    for (size_t j = 0; j < columns; j++)
        P[j] *= scale;
    P[column] = 1;
    for (size_t i = 0; i < rows; i++) {
        double *R = T + i * columns, f = R[column];
        if (i == row || f == 0)
            continue;
        for (size_t j = 0; j < columns; j++) {
            R[j] -= f * P[j];
            if (fabs(R[j]) < TINY)
                R[j] = 0;
        }
        R[column] = 0;
    }
}

int mx_interior(size_t m, size_t k, const double *a, const double *b, const double *w, double *t, double *x, double *y)
{
    int error = -1;
    size_t *column = mx_alloc(m + 1, sizeof *column), *basic = mx_alloc(m + 1, sizeof *basic);
    double *spare = mx_alloc(m * m + 1, sizeof *spare), *T = NULL;
    if (column == NULL || basic == NULL || spare == NULL)
        goto done;
    size_t r = independent_columns(m, k, a, spare, column);
    size_t rows = r + 2, columns = m + 1 + r + 1, rhs = columns - 1;
    T = mx_zalloc(rows * columns, sizeof *T);
    if (T == NULL)
        goto done;
    for (size_t i = 0; i < r; i++) {
        for (size_t e = 0; e < m; e++)
            T[i * columns + e] = a[e * k + column[i]];
        T[i * columns + m + 1 + i] = 1;
        basic[i] = m + 1 + i;
    }
    double *last = T + r * columns, *cost = last + columns;
    for (size_t e = 0; e < m; e++) {
        last[e] = w[e];
        cost[e] = b[e] - w[e]; /* s is basic with cost 1 */
    }
    last[m] = last[rhs] = 1;
    cost[rhs] = -1;
    basic[r] = m;
    for (size_t e = 0; e < m; e++)
        y[e] = 0;

    error = 0;
    for (;;) {
        size_t enter = 0, leave = rows;
        while (enter <= m && !(cost[enter] < -TINY))
            enter++;
        if (enter > m)
            break;
        double least = INFINITY;
        for (size_t i = 0; i <= r && least >= 0; i++) {
            double f = T[i * columns + enter], ratio = T[i * columns + rhs] / f;
            if (basic[i] > m && fabs(f) > TINY) { /* artificial: it must not leave zero, so it goes out whatever the sign of f */
                leave = i;
                least = -1;
            } else if (basic[i] <= m && f > TINY && (ratio < least || (ratio == least && basic[i] < basic[leave]))) {
                leave = i;
                least = ratio;
            }
        }
        if (leave == rows) { /* a ray: rows that contradict each other whatever t */
            y[enter] = 1;
            for (size_t i = 0; i <= r; i++)
                if (basic[i] < m)
                    y[basic[i]] = -T[i * columns + enter];
            error = 1;
            goto done;
        }
        pivot(T, rows, columns, leave, enter);
        basic[leave] = enter;
    }
    for (size_t i = 0; i <= r; i++)
        if (basic[i] < m)
            y[basic[i]] = T[i * columns + rhs];
    *t = -cost[rhs];
    for (size_t i = 0; i < k; i++)
        x[i] = 0;
    for (size_t i = 0; i < r; i++)
        x[column[i]] = cost[m + 1 + i]; /* minus the multiplier of the equation */

done:
    mx_free(column);
    mx_free(basic);
    mx_free(spare);
    mx_free(T);
    return error;
}
