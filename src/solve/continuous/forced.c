/* Facts that force.
 *
 * The expressions tell what a feature is never below, l, and never above, h (facts/ranges.h). Where a fact allows no more than E[f] = l,
 * f is l wherever there is mass, and where it is not the prior may as well be 0. Newton would find a multiplier of 1e16 instead, and leave
 * e^-1e16 of the mass behind: enough to tell "solved" for what is a boundary. That f is l on more than a set of measure zero is proved on a
 * small box around some point: its interval there is l .. l.
 *
 * A certificate d of what is left holds on the rest of the support too when enough of the forcing facts is added: f - l is 1 at least where
 * f is a whole number and not l, so that M (f - l) with M >= -min d . (f - b) does it. Where d . f has no lower bound there is no such M,
 * and the certificate is told in words only.
 */
#include "solve/continuous/forced.h"

#include "base/memory.h"
#include "facts/ranges.h"
#include "solve/cells/hints.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS_MOST = 64, TRIES = 4096, PLACES_MOST = 6000, FREE_MOST = 4096 };

#define BESIDE 1e-9 /* half the width of a box, of the distance from 0 or of */
#define NEAREST 1e-3
#define FARTHEST 0x1p46 /* of the numbers that are looked at: their multiples of pi are known to 1e-17 */

static double scaled_draw(size_t j, size_t a)
{
    static const double by[MX_AXES] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
    return fmod(0.5 + (double)(j + 1) * by[a], 1);
}

/* Points between all that a line shows, ascending in no particular order of use: those of a scan, and the middles between cuts. */
static size_t line_places(mx_probe_line *p, size_t a, mx_centers *cuts, double *place)
{
    const mx_axis *axis = &p->grid->axis[a];
    double x[MX_SCAN_MOST];
    size_t n = mx_probe_scan(axis, x), count = 0;
    p->a = a;
    cuts->count = 0;
    if (p->cuts > 0)
        mx_probe_cuts(p, n, x, cuts);
    for (size_t j = 0; j < n && count < PLACES_MOST; j++)
        place[count++] = axis->whole ? floor(x[j]) : x[j];
    for (size_t i = 0; i < cuts->count && count + 3 < PLACES_MOST; i++) {
        double at = cuts->at[i].x, next = axis->upper;
        for (size_t j = 0; j < cuts->count; j++)
            next = cuts->at[j].x > at && cuts->at[j].x < next ? cuts->at[j].x : next;
        place[count++] = isinf(next) ? at + 1 + fabs(at) : 0.5 * (at + next);
        place[count++] = axis->whole ? floor(at) : isinf(axis->lower) ? at - 1 - fabs(at) : 0.5 * (axis->lower + at);
        place[count++] = axis->whole ? ceil(at) : at + 1e-3 * (isinf(next) ? 1 + fabs(at) : next - at);
    }
    return count;
}

/* Are the features at their extremes all over a small box around a point, and is the prior positive there? low, high: [2 variables + 2 k]
 * space. */
static int open_at(const maxent_problem *problem, const mx_forced *f, mx_ranges *ranges, const double *at, double *work)
{
    size_t variables = problem->support.variables, k = problem->k;
    double *lower = work, *upper = lower + variables, *low = upper + variables, *high = low + k, logq;
    const double *list[64];
    int real = 0;
    for (size_t v = 0; v < variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        real |= variable->extent == MX_REAL;
        double d = variable->extent == MX_REAL ? BESIDE * fmax(fabs(at[v]), NEAREST) : 0;
        if (variable->extent != MX_LISTED && !(at[v] >= variable->lower && at[v] <= variable->upper))
            return 0;
        if (variable->extent == MX_REAL && !(at[v] - d > variable->lower && at[v] + d < variable->upper))
            return 0;
        lower[v] = at[v] - d;
        upper[v] = at[v] + d;
        list[v] = at + v;
    }
    mx_points points = {1, list, NULL};
    if (real)
        mx_ranges_bounds(ranges, lower, upper, low, high);
    else if (mx_field_values(problem, &points, low, high, &logq) != 0) /* a state has mass of its own: low + high is what is there */
        return 0;
    for (size_t i = 0; i < k; i++) {
        double value = f->side[i] > 0 ? problem->fact[i].upper : problem->fact[i].lower;
        if (f->side[i] != 0 && (low[i] != value || (real && high[i] != value)))
            return 0;
    }
    return mx_field_values(problem, &points, NULL, NULL, &logq) == 0 && logq > -INFINITY;
}

/* Is there more than a set of measure zero where all forcing facts are met? *found; and at which combinations of listed variables there is
 * not: f->shut. As far as points show it. */
static maxent_error find_open(const maxent_problem *problem, mx_forced *f, mx_ranges *ranges, int *found)
{
    size_t variables = problem->support.variables;
    mx_grid grid;
    mx_probe_line p;
    mx_centers cuts = {.most = MX_CENTERS_MOST};
    size_t count[MX_AXES] = {0};
    memset(&p, 0, sizeof p);
    maxent_error error = mx_grid_open(problem, &grid);
    *found = 0;
    if (error != MAXENT_OK)
        return error;
    cuts.at = mx_alloc(MX_CENTERS_MOST, sizeof *cuts.at);
    double *place = mx_alloc(MX_AXES, PLACES_MOST * sizeof *place), *work = mx_alloc(2 * variables + 2 * problem->k + 1, sizeof *work);
    f->shut = mx_zalloc(grid.levels, 1);
    int missing = cuts.at == NULL || place == NULL || work == NULL || f->shut == NULL, real = 0;
    error = missing ? MAXENT_ERROR_MEMORY : mx_probe_open(&grid, &p);
    for (size_t a = 0; a < grid.axes; a++)
        real |= !grid.axis[a].whole;
    size_t shut = 0;
    for (size_t level = 0; error == MAXENT_OK && level < LEVELS_MOST && level < (*found && !real ? 0 : grid.levels); level++) {
        mx_probe_base(&p, level);
        size_t tries = 0;
        int here = 0;
        for (size_t a = 0; a < grid.axes; a++) {
            count[a] = line_places(&p, a, &cuts, place + a * PLACES_MOST);
            tries = grid.axes == 1 ? count[0] : TRIES;
        }
        if (cuts.failed)
            error = MAXENT_ERROR_MEMORY;
        for (size_t j = 0; j < tries && !here && error == MAXENT_OK; j++) {
            double at[64];
            memcpy(at, p.base, variables * sizeof *at);
            for (size_t a = 0; a < grid.axes; a++) {
                size_t which = grid.axes == 1 ? j : (size_t)(scaled_draw(j, a) * (double)count[a]);
                at[grid.axis[a].variable] = place[a * PLACES_MOST + which];
            }
            here = open_at(problem, f, ranges, at, work);
        }
        *found |= here;
        f->shut[level] = real && !here;
        shut += f->shut[level];
    }
    if (shut == 0) {
        mx_free(f->shut);
        f->shut = NULL;
    }
    mx_free(p.value);
    mx_free(cuts.at);
    mx_free(place);
    mx_free(work);
    mx_grid_close(&grid);
    return error;
}

/* Is number x of variable v, the others as in at[], possible by the prior (0), ruled out by the facts (1), or out of the question (-1)? */
static int ruled_out(const maxent_problem *problem, const mx_forced *f, double *at, size_t v, double x)
{
    const double *list[64];
    double before, after;
    mx_points points = {1, list, NULL};
    at[v] = x;
    for (size_t w = 0; w < problem->support.variables; w++)
        list[w] = at + w;
    if (mx_field_values(problem, &points, NULL, NULL, &before) != 0 || before == -INFINITY)
        return -1;
    return mx_field_values(&f->problem, &points, NULL, NULL, &after) != 0 ? -1 : after == -INFINITY;
}

/* Of one variable, at every combination of the listed ones: what is ruled out at places of every scale; of whole numbers also beside them
 * and between them. */
static maxent_error look_between(const maxent_problem *problem, mx_forced *f)
{
    mx_grid grid;
    mx_probe_line p;
    mx_centers cuts = {.most = MX_CENTERS_MOST};
    memset(&p, 0, sizeof p);
    maxent_error error = mx_grid_open(problem, &grid);
    int line = error == MAXENT_OK && grid.axes == 1 && grid.levels <= LEVELS_MOST;
    double *place = line ? mx_alloc(PLACES_MOST, sizeof *place) : NULL;
    cuts.at = line ? mx_alloc(MX_CENTERS_MOST, sizeof *cuts.at) : NULL;
    if (line)
        error = place == NULL || cuts.at == NULL ? MAXENT_ERROR_MEMORY : mx_probe_open(&grid, &p);
    if (line && error == MAXENT_OK) {
        int whole = grid.axis[0].whole;
        double at[64], scan[MX_SCAN_MOST];
        size_t barred = 0, alone = 0, v = grid.axis[0].variable, scanned = mx_probe_scan(&grid.axis[0], scan);
        for (size_t level = 0; level < grid.levels; level++) {
            mx_probe_base(&p, level);
            size_t n = line_places(&p, 0, &cuts, place);
            memcpy(at, p.base, problem->support.variables * sizeof *at);
            for (size_t j = 0; j < n; j++) {
                if (!whole) {
                    barred += place[j] > grid.axis[0].lower && place[j] < grid.axis[0].upper && ruled_out(problem, f, at, v, place[j]) == 1;
                    continue;
                }
                double number = floor(place[j]);
                if (!(fabs(number) < FARTHEST && number - 1 >= grid.axis[0].lower && number + 1 <= grid.axis[0].upper))
                    continue;
                int here = ruled_out(problem, f, at, v, number), left = ruled_out(problem, f, at, v, number - 1);
                int right = ruled_out(problem, f, at, v, number + 1), between = ruled_out(problem, f, at, v, number + 0.3819660112501051);
                barred += here == 1 || left == 1 || right == 1;
                alone += j < scanned && ((here >= 0 && 1 - here == left && left == right) || /* what cuts show is a place by itself */
                                         (here >= 0 && here == right && between == 1 - here));
            }
        }
        f->idle = barred == 0;
        if (alone > 1)
            mx_problem_comb(&f->problem);
    }
    error = error == MAXENT_OK && cuts.failed ? MAXENT_ERROR_MEMORY : error;
    mx_free(place);
    mx_free(cuts.at);
    mx_free(p.value);
    mx_grid_close(&grid);
    return error;
}

/* What the features are never below and never above on the support. */
static void bound(const maxent_problem *problem, mx_forced *f, mx_ranges *ranges, double *work)
{
    const mx_support *support = &problem->support;
    size_t variables = support->variables, k = problem->k, levels = 1;
    double *lower = work, *upper = lower + variables, *low = upper + variables, *high = low + k;
    for (size_t v = 0; v < variables; v++)
        levels *= support->variable[v].extent == MX_LISTED ? support->variable[v].levels : 1;
    for (size_t i = 0; i < k; i++) {
        f->least[i] = levels <= FREE_MOST ? INFINITY : -INFINITY;
        f->most[i] = -f->least[i];
    }
    for (size_t level = 0; level < levels && levels <= FREE_MOST; level++) {
        size_t rest = level;
        for (size_t v = 0; v < variables; v++) {
            const mx_variable *variable = &support->variable[v];
            lower[v] = variable->lower;
            upper[v] = variable->upper;
            if (variable->extent == MX_LISTED) {
                lower[v] = upper[v] = variable->named ? (double)(rest % variable->levels) : variable->number[rest % variable->levels];
                rest /= variable->levels;
            }
        }
        mx_ranges_bounds(ranges, lower, upper, low, high);
        for (size_t i = 0; i < k; i++) {
            f->least[i] = fmin(f->least[i], low[i]);
            f->most[i] = fmax(f->most[i], high[i]);
        }
    }
}

maxent_error mx_forced_open(const maxent_problem *problem, mx_forced *f)
{
    size_t k = problem->k, variables = problem->support.variables;
    memset(f, 0, sizeof *f);
    if (k == 0 || variables > 64)
        return MAXENT_OK;
    f->whole = problem;
    f->side = mx_zalloc(k + 1, 1);
    f->steps = mx_zalloc(k + 1, 1);
    f->least = mx_alloc(k + 1, sizeof *f->least);
    f->most = mx_alloc(k + 1, sizeof *f->most);
    double *work = mx_alloc(2 * variables + 2 * k + 1, sizeof *work);
    mx_ranges *ranges = mx_ranges_new(problem);
    maxent_error error = MAXENT_ERROR_MEMORY;
    size_t count = 0;
    int found = 0;
    if (f->side == NULL || f->steps == NULL || f->least == NULL || f->most == NULL || work == NULL || ranges == NULL)
        goto done;
    bound(problem, f, ranges, work);
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &problem->fact[i];
        if (fact->sd > 0 || !(f->least[i] < f->most[i]) || fact->lower > fact->upper)
            continue;
        f->side[i] = fact->upper == f->least[i] && isfinite(fact->upper) ? 1 : fact->lower == f->most[i] && isfinite(fact->lower) ? -1 : 0;
        f->steps[i] = (unsigned char)mx_ranges_whole(ranges, i);
        count += f->side[i] != 0;
    }
    error = MAXENT_OK;
    f->asking = count;
    if (count == 0)
        goto done;
    error = find_open(problem, f, ranges, &found);
    if (error != MAXENT_OK || !found)
        goto done;
    error = mx_problem_bar(problem, f->side, &f->problem);
    f->count = error == MAXENT_OK ? count : 0;
    if (error == MAXENT_OK)
        error = look_between(problem, f);
done:
    mx_ranges_free(ranges);
    mx_free(work);
    return error;
}

void mx_forced_close(mx_forced *f)
{
    if (f->count > 0)
        mx_problem_unbar(&f->problem);
    mx_free(f->side);
    mx_free(f->shut);
    mx_free(f->steps);
    mx_free(f->least);
    mx_free(f->most);
    memset(f, 0, sizeof *f);
}

int mx_forced_stepped(const mx_forced *f)
{
    int real = 0, smooth = 0;
    for (size_t v = 0; v < f->whole->support.variables; v++)
        real |= f->whole->support.variable[v].extent == MX_REAL;
    for (size_t i = 0; i < f->whole->k; i++)
        smooth |= f->side[i] != 0 && !f->steps[i];
    return !real || !smooth;
}

/* The certificate of what is left, d, becomes one for the whole: 1. 0: it cannot. */
static int complete(const mx_forced *f, double margin, double *d)
{
    size_t k = f->whole->k;
    double least = 0, size = 0;
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &f->whole->fact[i];
        if (d[i] == 0)
            continue;
        least += d[i] > 0 ? d[i] * (f->least[i] - fact->upper) : d[i] * (f->most[i] - fact->lower);
        size += fabs(d[i]);
    }
    for (size_t i = 0; i < k; i++)
        if (f->side[i] != 0 && !f->steps[i])
            return 0;
    if (!isfinite(least))
        return 0;
    for (size_t i = 0; i < k; i++)
        if (f->side[i] != 0)
            d[i] += f->side[i] * (fmax(0, -least) + fmax(margin, size));
    return 1;
}

maxent_error mx_forced_tell(mx_run *run, mx_forced *f)
{
    maxent_result *result = run->result;
    size_t k = f->whole->k;
    result->forced = f->side;
    f->side = NULL;
    mx_forced own = *f;
    own.side = result->forced;
    double margin = result->verdict == MAXENT_INFEASIBLE ? result->margin : 0;
    switch (result->verdict) {
    case MAXENT_SOLVED:
        if (own.idle)
            break;
        result->verdict = MAXENT_BOUNDARY;
        if (result->message[0] == '\0')
            snprintf(result->message, sizeof result->message,
                     "the facts leave no mass on a part of the support; the one distribution on the rest that meets them and assumes "
                     "nothing else");
        mx_free(result->direction);
        result->direction = mx_zalloc(k + 1, sizeof *result->direction);
        if (result->direction == NULL)
            return MAXENT_ERROR_MEMORY;
        for (size_t i = 0; i < k; i++)
            result->direction[i] = result->forced[i];
        break;
    case MAXENT_BOUNDARY:
    case MAXENT_SINGULAR:
    case MAXENT_INFEASIBLE:
        if (result->verdict != MAXENT_BOUNDARY)
            mx_explain_forced(run, result->forced);
        if (result->direction == NULL || complete(&own, margin, result->direction) || result->verdict == MAXENT_BOUNDARY)
            break;
        mx_free(result->direction);
        result->direction = NULL;
        break;
    default: break;
    }
    return MAXENT_OK;
}
