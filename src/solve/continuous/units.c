/* The units in which a problem is solved.
 *
 * A mean of 0 has no size of its own: of incomes in cents it is no more than 1e8, of other things no more than 1e-8. Nor do x^12 and its
 * square have room in doubles where x goes up to 1e13. So where facts put the mass farther from 0, or closer to it, than a thousand, or
 * ask for what is out of the ordinary, the variable and the features are counted in powers of two of what the facts ask for.
 */
#include "solve/continuous/units.h"

#include "base/memory.h"
#include "solve/cells/hints.h"
#include "solve/continuous/continuum.h"
#include "solve/continuous/density.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACT_LEAST = 13, AXIS_LEAST = 10, FACT_FAR = 128, SCALES = 1020, COMBINATIONS = 4 };
#define DOUBLES 1010 /* powers of two up to which a law has room in doubles */
#define PART 0.5 /* of the time that is left */

static int exponent(double size)
{
    return size > 0 && isfinite(size) ? ilogb(size) : 0;
}

/* Is there anything of which the units may be far from 1? */
static int worth_looking(const maxent_problem *problem)
{
    size_t running = 0;
    for (size_t v = 0; v < problem->support.variables; v++)
        running += problem->support.variable[v].extent != MX_LISTED;
    if (running != 1 || problem->field == NULL || mx_field_barred(problem))
        return 0;
    for (size_t i = 0; i < problem->k; i++)
        if (abs(exponent(mx_fact_size(&problem->fact[i]))) >= FACT_LEAST)
            return 1;
    return 0;
}

/* The scale of the axis, as a power of two: the farthest from the end, or from 0, at which a feature first takes the size of its target. */
static int scale_of(mx_probe_line *p, const maxent_problem *problem, const mx_axis *axis, const double *x, size_t n, double anchor)
{
    size_t k = problem->k;
    int most = INT_MIN;
    if (isfinite(axis->lower) && isfinite(axis->upper))
        return exponent(axis->upper - axis->lower);
    for (size_t level = 0; level < p->grid->levels && level < COMBINATIONS; level++) {
        mx_probe_base(p, level);
        if (mx_probe_look(p, n, x, NULL, 1) != 0)
            return INT_MIN;
        for (size_t i = 0; i < k; i++) {
            double size = mx_fact_size(&problem->fact[i]);
            for (size_t j = 1; j < n && size > 0; j++) {
                double before = fabs(p->f[(j - 1) * k + i]) - size, now = fabs(p->f[j * k + i]) - size;
                int e = exponent(fabs(x[j] - anchor));
                if ((before < 0 && now >= 0) || (before >= 0 && now < 0)) {
                    most = e > most ? e : most;
                    break;
                }
            }
        }
    }
    return most;
}

/* The largest of |f_i| at that distance from the anchor, where it is finite, for facts without a size. */
static void sizes_there(mx_probe_line *p, const maxent_problem *problem, const mx_axis *axis, double anchor, int scale, double *size)
{
    static const double near[] = {1, -1, 0.7, -0.7};
    double x[sizeof near / sizeof *near];
    size_t n = 0, k = problem->k;
    for (size_t j = 0; j < sizeof near / sizeof *near; j++) {
        x[n] = anchor + ldexp(near[j], scale);
        x[n] = axis->whole ? floor(x[n]) : x[n];
        n += x[n] > axis->lower && x[n] < axis->upper;
    }
    for (size_t level = 0; level < p->grid->levels && level < COMBINATIONS; level++) {
        mx_probe_base(p, level);
        if (n == 0 || mx_probe_look(p, n, x, NULL, 1) != 0)
            return;
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < k; i++)
                if (isfinite(p->f[j * k + i]))
                    size[i] = fmax(size[i], fabs(p->f[j * k + i]));
    }
}

/* Powers of two for the axis and the facts; *far: 1: it is worth it. Errors: MEMORY. */
static maxent_error choose(const maxent_problem *problem, mx_units *units, int *far)
{
    mx_grid grid;
    mx_probe_line p;
    size_t k = problem->k, n = 0;
    *far = 0;
    maxent_error error = mx_grid_open(problem, &grid);
    double *size = mx_zalloc(k + 1, sizeof *size);
    memset(&p, 0, sizeof p);
    if (error == MAXENT_OK)
        error = size == NULL ? MAXENT_ERROR_MEMORY : mx_probe_open(&grid, &p);
    if (error != MAXENT_OK)
        goto done;
    const mx_axis *axis = &grid.axis[0];
    double x[MX_SCAN_MOST], anchor = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper : 0;
    double sign = isfinite(axis->lower) || isinf(axis->upper) ? 1 : -1;
    for (int e = -SCALES; e <= SCALES; e += 2) {
        double at = anchor + ldexp(sign, e);
        if (at != anchor && (n == 0 || at != x[n - 1]) && at >= axis->lower && at <= axis->upper && (!axis->whole || at == floor(at)))
            x[n++] = at;
    }
    int scale = scale_of(&p, problem, axis, x, n, anchor);
    if (scale == INT_MIN)
        goto done;
    sizes_there(&p, problem, axis, anchor, scale, size);
    units->beyond = abs(scale) > DOUBLES;
    if (units->beyond)
        goto done;
    units->axis[axis->variable] = axis->whole || abs(scale) < AXIS_LEAST ? 0 : scale;
    *far = abs(scale) >= AXIS_LEAST;
    for (size_t i = 0; i < k; i++) {
        double asked = mx_fact_size(&problem->fact[i]);
        int e = exponent(asked > 0 ? asked : size[i]);
        units->fact[i] = abs(e) < AXIS_LEAST ? 0 : e;
        *far |= abs(e) >= FACT_FAR;
    }
done:
    mx_free(p.value);
    mx_free(size);
    mx_grid_close(&grid);
    return error;
}

maxent_error mx_units_open(mx_run *run, mx_units *units)
{
    const maxent_problem *problem = run->problem;
    int far = 0;
    memset(units, 0, sizeof *units);
    units->outer = *run;
    if (!worth_looking(problem))
        return MAXENT_OK;
    units->axis = mx_zalloc(problem->support.variables + 1, sizeof *units->axis);
    units->fact = mx_zalloc(problem->k + 1, sizeof *units->fact);
    units->warm = mx_zalloc(problem->k + 1, sizeof *units->warm);
    maxent_error error = units->axis == NULL || units->fact == NULL || units->warm == NULL ? MAXENT_ERROR_MEMORY
                                                                                         : choose(problem, units, &far);
    if (error == MAXENT_OK && far)
        error = mx_problem_rescale(problem, units->axis, units->fact, &units->problem);
    if (error != MAXENT_OK || !far) {
        mx_free(units->axis);
        mx_free(units->fact);
        mx_free(units->warm);
        units->axis = units->fact = NULL;
        units->warm = NULL;
        return error;
    }
    for (size_t v = 0; v < problem->support.variables; v++)
        units->stretch = mx_dd_add(units->stretch, mx_dd_mul_d((mx_dd){0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}, units->axis[v]));
    units->options = *run->options;
    for (size_t i = 0; i < problem->k && run->options->warm != NULL; i++)
        units->warm[i] = ldexp(run->options->warm[i], units->fact[i]);
    if (run->options->warm != NULL)
        units->options.warm = units->warm;
    double now = mx_seconds();
    run->deadline = now + PART * (run->deadline - now);
    run->options = &units->options;
    run->problem = run->result->problem = &units->problem;
    run->units = units;
    return MAXENT_OK;
}

void mx_units_beyond(const mx_units *units, maxent_result *result)
{
    if (!units->beyond || result->verdict != MAXENT_UNFINISHED)
        return;
    mx_result_withdraw(result);
    snprintf(result->message, sizeof result->message,
             "the facts put a part of the mass beyond the range of doubles; with the variable in other units they need not");
}

double mx_units_value(const mx_run *run, size_t i, double value)
{
    return run->units != NULL ? ldexp(value, run->units->fact[i]) : value;
}

double mx_units_place(const mx_run *run, size_t v, double value)
{
    return run->units != NULL && run->units->axis != NULL ? ldexp(value, run->units->axis[v]) : value;
}

double mx_units_entropy(const mx_run *run, double entropy)
{
    return run->units != NULL ? entropy + run->units->stretch.hi : entropy;
}

static void density_in(struct mx_density *d, const mx_units *units)
{
    mx_dd centred = mx_dd_add((mx_dd){d->centred, d->centred_low}, units->stretch);
    d->centred = centred.hi;
    d->centred_low = centred.lo;
    for (size_t j = 0; j < d->n; j++) {
        d->logw[j] += units->stretch.hi;
        d->logp[j] -= units->stretch.hi;
        for (size_t v = 0; v < d->variables; v++) {
            d->value[v][j] = ldexp(d->value[v][j], units->axis[v]);
            if (d->low != NULL && d->low[v] != NULL)
                d->low[v][j] = ldexp(d->low[v][j], units->axis[v]);
        }
    }
    for (size_t a = 0; a < d->panels; a++) {
        d->panel[a].left = ldexp(d->panel[a].left, units->axis[0]);
        d->panel[a].right = ldexp(d->panel[a].right, units->axis[0]);
    }
}

void mx_units_close(mx_run *run, mx_units *units, int *told)
{
    maxent_result *result = run->result;
    *told = 1;
    if (units->axis == NULL)
        return;
    run->problem = result->problem = units->outer.problem;
    run->options = units->outer.options;
    run->deadline = units->outer.deadline;
    run->units = NULL;
    maxent_verdict verdict = result->verdict;
    *told = verdict == MAXENT_SOLVED || verdict == MAXENT_BOUNDARY || verdict == MAXENT_UNATTAINED;
    for (size_t i = 0; i < run->problem->k && *told; i++) {
        int up = units->fact[i];
        result->achieved[i] = ldexp(result->achieved[i], up);
        result->deviation[i] = ldexp(result->deviation[i], up);
        if (result->lambda != NULL)
            result->lambda[i] = ldexp(result->lambda[i], -up);
        if (result->lambda_low != NULL)
            result->lambda_low[i] = ldexp(result->lambda_low[i], -up);
        if (result->direction != NULL)
            result->direction[i] = ldexp(result->direction[i], -up);
    }
    if (*told) {
        result->entropy += units->stretch.hi;
        result->bound += units->stretch.hi;
        result->relative_entropy -= units->stretch.hi;
        result->log_partition += units->stretch.hi;
        if (result->density != NULL)
            density_in(result->density, units);
    } else {
        mx_result_withdraw(result);
        mx_free(result->direction);
        mx_free(result->repair);
        mx_free(result->forced);
        result->direction = result->repair = NULL;
        result->forced = NULL;
        result->message[0] = '\0';
        result->verdict = MAXENT_UNFINISHED;
    }
    mx_problem_rescale_free(&units->problem);
    mx_free(units->axis);
    mx_free(units->fact);
    mx_free(units->warm);
    memset(units, 0, sizeof *units);
}
