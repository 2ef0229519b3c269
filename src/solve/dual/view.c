/* The exact view: reading the features in double-double, centring them on their targets, keeping the states of a face. */
#include "solve/dual/view.h"

#include "base/dd_loops.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

void mx_state_text(const maxent_problem *problem, size_t x, char *out, size_t size)
{
    size_t used = 0;
    if (size > 0)
        out[0] = '\0';
    for (size_t v = 0; v < maxent_problem_variables(problem) && used < size; v++) {
        double number = 0;
        char digits[32];
        const char *label = maxent_problem_value(problem, v, x, &number);
        if (label == NULL) {
            mx_double_text(number, digits);
            label = digits;
        }
        int written = snprintf(out + used, size - used, "%s%s = %s", v > 0 ? ", " : "", maxent_problem_variable(problem, v), label);
        if (written < 0)
            break;
        used += (size_t)written;
    }
    if (maxent_problem_variables(problem) == 0)
        snprintf(out, size, "state %zu", x);
}

/* The rounding of a mean of a few hundred terms, relative to the largest of them. */
#define AVERAGED 0x1p-50

#define LEAST_SD 1e-30

static mx_kind kind_of(const mx_fact *fact)
{
    if (fact->sd > 0)
        return MX_KIND_SOFT;
    if (fact->lower == fact->upper)
        return MX_KIND_EQUAL;
    return isinf(fact->lower) && isinf(fact->upper) ? MX_KIND_WATCH : MX_KIND_BOX;
}

maxent_error mx_not_finite(const maxent_problem *problem, size_t i, size_t x, double value, maxent_diagnostic *diagnostic)
{
    char state[256];
    mx_state_text(problem, x, state, sizeof state);
    const char *text = problem->fact[i].text;
    char name[32];
    snprintf(name, sizeof name, "feature %zu", i + 1);
    return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the feature of %s is %s at %s; every feature must be finite",
                   text != NULL ? text : name, isnan(value) ? "not a number" : value > 0 ? "infinite" : "minus infinity", state);
}

/* Whole numbers are exact; what was computed in double-double nearly so; other doubles are known to half a unit in the last place. */
static double rounding_of(const maxent_problem *problem, const mx_view *view, size_t i)
{
    int whole = 1;
    for (size_t j = i * view->n; j < (i + 1) * view->n && whole; j++)
        whole = view->hi[j] == floor(view->hi[j]) && view->lo[j] == 0;
    return whole ? 0 : problem->features.fill_dd != NULL || problem->field != NULL ? 0x1p-98 : 0x1p-53;
}

static void times_power(size_t n, int power, double *hi, double *lo)
{
    for (size_t x = 0; power != 0 && x < n; x++) {
        mx_dd scaled = mx_dd_scale((mx_dd){hi[x], lo[x]}, power);
        hi[x] = scaled.hi;
        lo[x] = scaled.lo;
    }
}

/* f -> (f - b) 2^-e, and the fact's bounds likewise. */
void mx_view_centre(const maxent_problem *problem, mx_view *view, size_t i)
{
    const mx_fact *fact = &problem->fact[i];
    mx_column *column = &view->column[i];
    double *hi = view->hi + i * view->n, *lo = view->lo + i * view->n;
    column->kind = kind_of(fact);
    column->rounding = rounding_of(problem, view, i);
    column->reference = isfinite(fact->lower) ? fact->lower : isfinite(fact->upper) ? fact->upper : 0;
    double largest = 0, size = fabs(column->reference);
    for (size_t x = 0; x < view->n; x++)
        size = fabs(hi[x]) > size ? fabs(hi[x]) : size;
    /* Beyond 2^1021 the difference could overflow: halve first. */
    int halve = size > 0x1p1021 ? -2 : 0, exponent = 0;
    times_power(view->n, halve, hi, lo);
    mx_dd_loops_get()->shift(view->n, mx_dd_make(-ldexp(column->reference, halve)), hi, lo);
    for (size_t x = 0; x < view->n; x++)
        largest = fabs(hi[x]) > largest ? fabs(hi[x]) : largest;
    if (largest > 0)
        frexp(largest, &exponent);
    times_power(view->n, -exponent, hi, lo);
    exponent -= halve;
    column->exponent = exponent;
    column->size = ldexp(size, -exponent);
    column->error = ldexp(fact->target_error, -exponent);
    if (problem->source == NULL) /* targets of arrays are averages that somebody computed */
        column->error = fmax(column->error, AVERAGED * column->size);
    if (fact->given != SIZE_MAX && column->size > 0) /* E[f | B] = c is E[1_B (f - c)] = 0: the rounding of c is one of the feature */
        column->rounding = fmax(column->rounding, column->error / column->size);
    column->sd = ldexp(fact->sd, -exponent);
    if (column->kind == MX_KIND_SOFT && column->sd < LEAST_SD) /* whose square beside 1 is nothing, and might underflow */
        column->kind = MX_KIND_EQUAL;
    if (column->kind == MX_KIND_SOFT && column->sd > 1 / LEAST_SD) /* so loose that it pulls at nothing */
        column->kind = MX_KIND_WATCH;
    mx_dd lower = mx_two_sum(ldexp(fact->lower, -exponent), -ldexp(column->reference, -exponent));
    mx_dd upper = mx_two_sum(ldexp(fact->upper, -exponent), -ldexp(column->reference, -exponent));
    column->lower = isfinite(fact->lower) ? lower : mx_dd_make(-INFINITY);
    column->upper = isfinite(fact->upper) ? upper : mx_dd_make(INFINITY);
}

maxent_error mx_view_open(const maxent_problem *problem, mx_view *view, maxent_diagnostic *diagnostic)
{
    enum { BLOCK = 256 };
    size_t k = problem->k;
    memset(view, 0, sizeof *view);
    view->k = k;
    maxent_error error = MAXENT_ERROR_MEMORY;
    double *block = mx_alloc(2 * BLOCK * (k + 1), sizeof *block);
    view->state = mx_alloc(problem->n, sizeof *view->state);
    view->column = mx_zalloc(k + 1, sizeof *view->column);
    if (block == NULL || view->state == NULL || view->column == NULL)
        goto done;
    for (size_t x = 0; x < problem->n; x++)
        if (problem->q == NULL || problem->q[x] > 0)
            view->state[view->n++] = x;
    view->logq = mx_alloc(view->n, sizeof *view->logq);
    view->hi = mx_alloc(k + 1, view->n * sizeof *view->hi);
    view->lo = mx_alloc(k + 1, view->n * sizeof *view->lo);
    if (view->logq == NULL || view->hi == NULL || view->lo == NULL)
        goto done;
    for (size_t y = 0; y < view->n; y++)
        view->logq[y] = problem->q == NULL ? 0 : log(problem->q[view->state[y]]);

    size_t y = 0;
    for (size_t first = 0; first < problem->n; first += BLOCK) {
        size_t m = problem->n - first < BLOCK ? problem->n - first : BLOCK;
        double *hi = block, *lo = block + BLOCK * (k + 1);
        if (mx_features_block_dd(problem, first, m, hi, lo) != 0) {
            error = mx_fail(diagnostic, MAXENT_ERROR_CALLBACK, "the callback that computes features reported failure");
            goto done;
        }
        for (; y < view->n && view->state[y] < first + m; y++)
            for (size_t i = 0; i < k; i++) {
                double value = hi[(view->state[y] - first) * k + i];
                if (!isfinite(value)) {
                    error = mx_not_finite(problem, i, view->state[y], value, diagnostic);
                    goto done;
                }
                view->hi[i * view->n + y] = value;
                view->lo[i * view->n + y] = lo[(view->state[y] - first) * k + i];
            }
    }
    for (size_t i = 0; i < k; i++)
        mx_view_centre(problem, view, i);
    error = MAXENT_OK;
done:
    mx_free(block);
    return error;
}

void mx_view_restrict(mx_view *view, const unsigned char *keep)
{
    size_t n = view->n, kept = 0;
    for (size_t x = 0; x < n; x++)
        kept += keep[x] != 0;
    for (size_t i = 0; i < view->k; i++)
        for (size_t x = 0, y = 0; x < n; x++)
            if (keep[x]) {
                view->hi[i * kept + y] = view->hi[i * n + x];
                view->lo[i * kept + y++] = view->lo[i * n + x];
            }
    for (size_t x = 0, y = 0; x < n; x++)
        if (keep[x]) {
            view->state[y] = view->state[x];
            view->logq[y++] = view->logq[x];
        }
    view->n = kept;
}

void mx_view_close(mx_view *view)
{
    mx_free(view->state);
    mx_free(view->logq);
    mx_free(view->hi);
    mx_free(view->lo);
    mx_free(view->column);
    memset(view, 0, sizeof *view);
}
