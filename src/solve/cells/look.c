/* Features at points, for what can be told from their values without knowing their trees. */
#include "solve/cells/look.h"

#include "base/dd.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static double draw(unsigned long long *state) /* of -1 .. 1 */
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(*state >> 11) * 0x1p-52 - 1;
}

int mx_look_open(const mx_grid *grid, size_t n, mx_look *look)
{
    look->n = n;
    if (look->k == 0)
        return 0;
    look->at = mx_alloc(grid->axes * n + look->k * n + look->k + n, sizeof *look->at);
    if (look->at == NULL)
        return -1;
    look->column = look->at + grid->axes * n;
    look->norm = look->column + look->k * n;
    look->logq = look->norm + look->k;
    return 1;
}

/* The points in their variables, as value + low. list: [2 variables], into value: [2 variables][n + 1]. */
static void place(const mx_grid *grid, const mx_frame *frame, mx_look *look, double *value, const double **list)
{
    size_t n = look->n, variables = grid->problem->support.variables;
    unsigned long long state = 20;
    for (size_t a = 0; a < grid->axes; a++)
        for (size_t j = 0; j < n; j++)
            look->at[a * n + j] = draw(&state);
    for (size_t v = 0; v < variables; v++) {
        double *x = value + v * (n + 1), *low = value + (variables + v) * (n + 1);
        list[v] = x;
        list[variables + v] = low;
        const mx_variable *variable = &grid->problem->support.variable[v];
        for (size_t j = 0; j <= n && variable->extent == MX_LISTED; j++)
            x[j] = variable->named ? 0 : variable->number[0];
        for (size_t a = 0; a < grid->axes; a++)
            for (size_t j = 0; j <= n && grid->axis[a].variable == v; j++) {
                double off = 0;
                for (size_t b = 0; b <= a && j < n; b++)
                    off += frame->by[a][b] * look->at[b * n + j];
                mx_dd sum = mx_two_sum(frame->centre[a], off);
                x[j] = sum.hi;
                low[j] = sum.lo;
            }
    }
}

int mx_look_at(const mx_grid *grid, const mx_fact *fact, const mx_frame *frame, mx_look *look)
{
    size_t n = look->n, variables = grid->problem->support.variables, k = grid->problem->k;
    double *value = mx_zalloc((2 * variables + 2 * k + 1) * (n + 1) + 1, sizeof *value);
    const double **list = mx_alloc(2 * variables, sizeof *list);
    int bad = value == NULL || list == NULL ? -1 : 0;
    if (bad == 0) {
        place(grid, frame, look, value, list);
        mx_points points = {n + 1, list, list + variables};
        double *hi = value + 2 * variables * (n + 1), *lo = hi + k * (n + 1), *logq = lo + k * (n + 1);
        bad = mx_field_values(grid->problem, &points, hi, lo, logq) != 0 ? -1 : 0;
        for (size_t i = 0; i < look->k && bad == 0; i++) {
            size_t f = look->fact[i];
            mx_dd from = {hi[n * k + f], lo[n * k + f]};
            look->lower[i] = isinf(fact[f].lower) ? fact[f].lower : mx_dd_add_d(mx_dd_neg(from), fact[f].lower).hi;
            look->upper[i] = isinf(fact[f].upper) ? fact[f].upper : mx_dd_add_d(mx_dd_neg(from), fact[f].upper).hi;
            double square = 0;
            for (size_t j = 0; j < n; j++) {
                double y = mx_dd_sub((mx_dd){hi[j * k + f], lo[j * k + f]}, from).hi;
                look->column[i * n + j] = y;
                square += y * y;
            }
            look->norm[i] = sqrt(square);
        }
        for (size_t j = 0; j < n && bad == 0; j++)
            look->logq[j] = logq[j] - logq[n];
    }
    mx_free(value);
    mx_free(list);
    return bad;
}
