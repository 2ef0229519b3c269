/* Where a narrow valley may be: exp(-(y - 2 x^3 + 5)^2) is all but 0 wherever one looks, but for the curve y = 2 x^3 - 5, where what it is
 * taken of is 0. That, of low degree, is as wide as the support, and shows the curve line by line: along y, for any x, it has one extreme.
 *
 * The zeros and extremes of all such arguments (facts/arguments.c) between given places of a line are closed in upon by dividing the
 * interval again and again.
 */
#include "solve/existence/places.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { PARTS = 8, ROUNDS = 30, ARGUMENTS_MOST = 24 };

typedef struct line {
    const maxent_problem *problem;
    const double *at;   /* [variables] */
    size_t v, arguments, variables;
    double *column, *value; /* of `room` points */
    const double **list;
} line;

/* All arguments at n places of the line: w->value, [n][arguments]. Returns 0, -1: no memory. */
static int look(line *w, size_t n, const double *x)
{
    for (size_t u = 0; u < w->variables; u++) {
        w->list[u] = w->column + u * n;
        for (size_t j = 0; j < n; j++)
            w->column[u * n + j] = u == w->v ? x[j] : w->at[u];
    }
    mx_points points = {n, w->list, NULL};
    return mx_field_argument_values(w->problem, &points, w->value);
}

/* A zero (sign 0) or the least of sign times argument i between from and to. Returns 0, -1: no memory. */
static int close_in(line *w, size_t i, int sign, double from, double to, double *found)
{
    double x[PARTS + 1];
    const double *value = w->value + i;
    for (int round = 0; round < ROUNDS && nextafter(from, to) < to; round++) {
        size_t best = 0;
        for (int j = 0; j <= PARTS; j++)
            x[j] = j == PARTS ? to : from + (to - from) * j / PARTS;
        if (look(w, PARTS + 1, x) != 0)
            return -1;
        if (sign == 0) /* the last on the side of the first */
            while (best + 1 < PARTS && (value[(best + 1) * w->arguments] > 0) == (value[0] > 0))
                best++;
        for (size_t j = 1; j <= PARTS && sign != 0; j++)
            best = sign * value[j * w->arguments] < sign * value[best * w->arguments] ? j : best;
        *found = x[best];
        from = x[sign != 0 && best > 0 ? best - 1 : best];
        to = x[best < PARTS ? best + 1 : best];
    }
    return 0;
}

int mx_places_bottoms(const maxent_problem *problem, const double *at, size_t v, size_t n, const double *x, double *out, size_t most,
                      size_t *count)
{
    size_t arguments = mx_field_arguments(problem), variables = problem->support.variables, room = n > PARTS + 1 ? n : PARTS + 1;
    size_t looked = arguments < ARGUMENTS_MOST ? arguments : ARGUMENTS_MOST;
    line w = {.problem = problem, .at = at, .v = v, .arguments = arguments, .variables = variables};
    *count = 0;
    if (arguments == 0 || n < 3)
        return 0;
    w.column = mx_alloc(room, variables * sizeof *w.column);
    w.value = mx_alloc(room, arguments * sizeof *w.value);
    w.list = mx_alloc(variables, sizeof *w.list);
    double *scan = mx_alloc(n, arguments * sizeof *scan);
    int bad = w.column == NULL || w.value == NULL || w.list == NULL || scan == NULL || look(&w, n, x) != 0 ? -1 : 0;
    if (bad == 0)
        memcpy(scan, w.value, n * arguments * sizeof *scan);
    for (size_t i = 0; bad == 0 && i < looked; i++)
        for (size_t j = 1; bad == 0 && j < n && *count < most; j++) {
            double before = scan[(j - 1) * arguments + i], here = scan[j * arguments + i];
            double after = j + 1 < n ? scan[(j + 1) * arguments + i] : NAN;
            int least = here < before && here <= after, greatest = here > before && here >= after, zero = before * here < 0;
            if (zero)
                bad = close_in(&w, i, 0, x[j - 1], x[j], &out[*count]);
            *count += bad == 0 && zero;
            if (bad == 0 && *count < most && (least || greatest)) {
                bad = close_in(&w, i, least ? 1 : -1, x[j - 1], x[j + 1], &out[*count]);
                *count += bad == 0;
            }
        }
    mx_free(w.column);
    mx_free(w.value);
    mx_free((void *)w.list);
    mx_free(scan);
    return bad;
}
