/* Problems from arrays and callbacks, their parts, and the blocks of features that the solver asks for.
 *
 * Features live where they are cheapest: in the caller's doubles, in bytes, or nowhere at all (computed block by block). The one
 * way to them is mx_features_block and mx_features_block_dd. The facts language builds its problems in src/facts.
 */
#include "problem/problem.h"

#include "base/memory.h"
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What rounding left unknown of a bound that a caller gives as a double: half an ulp, nothing for multiples of 2^-20 below
 * 2^32, which nobody gets by rounding. */
static double bound_error(double lower, double upper)
{
    double error = 0.0, bound[2] = {lower, upper};
    for (int i = 0; i < 2; i++) {
        double size = fabs(bound[i]), scaled = size * 0x1p20;
        if (isfinite(size) && !(size < 0x1p32 && scaled == floor(scaled)))
            error = fmax(error, size * (DBL_EPSILON / 2));
    }
    return error;
}

static maxent_error check_targets(size_t k, const double *target, maxent_diagnostic *diagnostic)
{
    char text[MX_DOUBLE_TEXT];
    for (size_t i = 0; i < k; i++)
        if (!isfinite(target[i]))
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "target %zu is %s; a target is a finite number", i,
                           mx_double_text(target[i], text));
    return MAXENT_OK;
}

maxent_problem *mx_problem_new(size_t n, size_t k)
{
    maxent_problem *problem = mx_zalloc(1, sizeof *problem);
    if (problem == NULL)
        return NULL;
    problem->fact = mx_zalloc(k, sizeof *problem->fact);
    if (problem->fact == NULL) {
        mx_free(problem);
        return NULL;
    }
    problem->n = n;
    problem->k = k;
    problem->support.n = n;
    for (size_t i = 0; i < k; i++)
        problem->fact[i].given = SIZE_MAX;
    return problem;
}

void maxent_problem_free(maxent_problem *problem)
{
    if (problem == NULL)
        return;
    if (problem->features.free_user != NULL)
        problem->features.free_user(problem->features.user);
    mx_free(problem->features.owned);
    mx_field_free(problem->field);
    mx_support_free(&problem->support);
    mx_free(problem->q);
    for (size_t i = 0; i < problem->k; i++)
        mx_free(problem->fact[i].text);
    mx_free(problem->fact);
    mx_free(problem->source);
    mx_free(problem);
}

/* The part that the three constructors share. */
static maxent_error start(size_t n, size_t k, const void *features, const double *target, maxent_problem **out,
                          maxent_diagnostic *diagnostic)
{
    if (out == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is nowhere to put the problem: out is NULL");
    if (n == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a problem has at least one state, not 0");
    if (k > 0 && (features == NULL || target == NULL))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%s is NULL, but there are %zu facts",
                       target == NULL ? "target" : "the source of the features", k);
    maxent_error error = check_targets(k, target, diagnostic);
    if (error != MAXENT_OK)
        return error;
    maxent_problem *problem = mx_problem_new(n, k);
    if (problem == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < k; i++) {
        char text[40];
        snprintf(text, sizeof text, "E[f%zu]", i + 1);
        problem->fact[i].text = mx_strdup(text);
        if (problem->fact[i].text == NULL) {
            maxent_problem_free(problem);
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        }
        maxent_problem_set_target(problem, i, target[i]);
    }
    *out = problem;
    return MAXENT_OK;
}

maxent_error maxent_problem_from_array(size_t n, size_t k, const double *F, size_t state_stride, size_t feature_stride,
                                       const double *target, maxent_problem **out, maxent_diagnostic *diagnostic)
{
    if (n > 0 && k > 0 && ((state_stride == 0 && n > 1) || (feature_stride == 0 && k > 1)))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a stride is 0");
    if (n > 0 && k > 0 &&
        ((state_stride > 0 && n - 1 > SIZE_MAX / 16 / state_stride) ||
         (feature_stride > 0 && k - 1 > SIZE_MAX / 16 / feature_stride)))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the array is larger than any memory");
    maxent_problem *problem;
    maxent_error error = start(n, k, F, target, out == NULL ? NULL : &problem, diagnostic);
    if (error != MAXENT_OK)
        return error;
    problem->features.storage = MX_STORE_F64;
    problem->features.f64 = F;
    problem->features.state_stride = state_stride;
    problem->features.feature_stride = feature_stride;
    *out = problem;
    return MAXENT_OK;
}

maxent_error maxent_problem_from_bytes(size_t n, size_t k, const signed char *F, const double *target, maxent_problem **out,
                                       maxent_diagnostic *diagnostic)
{
    if (k > 0 && n > SIZE_MAX / 2 / k)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the array is larger than any memory");
    maxent_problem *problem;
    maxent_error error = start(n, k, F, target, out == NULL ? NULL : &problem, diagnostic);
    if (error != MAXENT_OK)
        return error;
    problem->features.storage = MX_STORE_I8;
    problem->features.i8 = F;
    *out = problem;
    return MAXENT_OK;
}

maxent_error maxent_problem_from_callback(size_t n, size_t k, maxent_fill fill, void *user, const double *target,
                                          maxent_problem **out, maxent_diagnostic *diagnostic)
{
    if (k > 0 && fill == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the callback is NULL, but there are %zu facts", k);
    maxent_problem *problem;
    maxent_error error = start(n, k, "", target, out == NULL ? NULL : &problem, diagnostic);
    if (error != MAXENT_OK)
        return error;
    problem->features.storage = MX_STORE_FILL;
    problem->features.fill = fill;
    problem->features.user = user;
    *out = problem;
    return MAXENT_OK;
}

maxent_error maxent_problem_set_prior(maxent_problem *problem, const double *q, maxent_diagnostic *diagnostic)
{
    char text[MX_DOUBLE_TEXT];
    if (problem->n == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT,
                       "a continuous or countable problem has no states; its prior is part of its text");
    double largest = q == NULL ? 1.0 : 0.0;
    for (size_t x = 0; x < problem->n; x++) {
        double value = q == NULL ? 1.0 : q[x];
        if (!(value >= 0) || isinf(value))
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the prior of state %zu is %s; it must be finite and not negative", x,
                           mx_double_text(value, text));
        if (value > 0 && problem->masked && problem->q[x] == 0)
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                           "the prior of state %zu was zero when the facts were compiled, and they may not be defined there", x);
        largest = fmax(largest, value);
    }
    if (largest == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the prior is zero in every state");
    double *copy = NULL;
    if (q != NULL) {
        copy = mx_alloc(problem->n, sizeof *copy);
        if (copy == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        memcpy(copy, q, problem->n * sizeof *copy);
    }
    mx_free(problem->q);
    problem->q = copy;
    return MAXENT_OK;
}

/* A conditional fact has its value inside its feature 1_B (g - c), so only that value can be kept. */
static maxent_error settable(const maxent_problem *problem, size_t i)
{
    return i >= problem->k || problem->fact[i].given != SIZE_MAX || problem->fact[i].hidden ? MAXENT_ERROR_ARGUMENT : MAXENT_OK;
}

maxent_error maxent_problem_set_interval(maxent_problem *problem, size_t i, double lower, double upper)
{
    maxent_error error = settable(problem, i);
    if (error != MAXENT_OK)
        return error;
    if (!(lower <= upper) || (isinf(lower) && lower == upper))
        return MAXENT_ERROR_VALUE;
    mx_fact *fact = &problem->fact[i];
    fact->lower = lower;
    fact->upper = upper;
    fact->sd = 0.0;
    fact->target_error = bound_error(lower, upper);
    return MAXENT_OK;
}

maxent_error maxent_problem_set_target(maxent_problem *problem, size_t i, double target)
{
    return maxent_problem_set_interval(problem, i, target, target);
}

maxent_error maxent_problem_set_soft(maxent_problem *problem, size_t i, double target, double sd)
{
    if (!(sd > 0) || isinf(sd))
        return settable(problem, i) != MAXENT_OK ? MAXENT_ERROR_ARGUMENT : MAXENT_ERROR_VALUE;
    maxent_error error = maxent_problem_set_interval(problem, i, target, target);
    if (error == MAXENT_OK)
        problem->fact[i].sd = sd;
    return error;
}

maxent_error maxent_problem_set_text(maxent_problem *problem, size_t i, const char *text)
{
    if (i >= problem->k || text == NULL)
        return MAXENT_ERROR_ARGUMENT;
    char *copy = mx_strdup(text);
    if (copy == NULL)
        return MAXENT_ERROR_MEMORY;
    mx_free(problem->fact[i].text);
    problem->fact[i].text = copy;
    return MAXENT_OK;
}

size_t maxent_problem_states(const maxent_problem *problem)
{
    return problem->n;
}

size_t maxent_problem_facts(const maxent_problem *problem)
{
    return problem->k;
}

size_t maxent_problem_variables(const maxent_problem *problem)
{
    return problem->support.variables;
}

const char *maxent_problem_variable(const maxent_problem *problem, size_t v)
{
    return problem->support.variable[v].name;
}

maxent_extent maxent_problem_extent(const maxent_problem *problem, size_t v, double *lower, double *upper)
{
    const mx_variable *variable = &problem->support.variable[v];
    double low = variable->lower, high = variable->upper;
    if (variable->extent == MX_LISTED) {
        size_t count = variable->stride == 0 ? problem->n : variable->levels;
        low = variable->named ? 0.0 : INFINITY;
        high = variable->named ? (double)variable->levels - 1.0 : -INFINITY;
        for (size_t i = 0; i < count && !variable->named; i++) {
            low = fmin(low, variable->number[i]);
            high = fmax(high, variable->number[i]);
        }
    }
    if (lower != NULL)
        *lower = low;
    if (upper != NULL)
        *upper = high;
    return variable->extent == MX_LISTED ? MAXENT_LISTED : variable->extent == MX_REAL ? MAXENT_REAL : MAXENT_WHOLE;
}

const char *maxent_problem_label(const maxent_problem *problem, size_t v, size_t level)
{
    const mx_variable *variable = &problem->support.variable[v];
    return variable->named && level < variable->levels ? variable->label[level] : NULL;
}

const char *maxent_problem_value(const maxent_problem *problem, size_t v, size_t x, double *number)
{
    const mx_variable *variable = &problem->support.variable[v];
    if (variable->named)
        return variable->label[mx_support_level(&problem->support, v, x)];
    mx_support_column(&problem->support, v, x, 1, number);
    return NULL;
}

int mx_features_block(const maxent_problem *problem, size_t first, size_t count, double *out)
{
    const mx_features *features = &problem->features;
    size_t k = problem->k;
    if (k == 0 || count == 0)
        return 0;
    if (problem->n == 0) /* no states: mx_field_values */
        return -1;
    switch (features->storage) {
    case MX_STORE_F64: {
        size_t row = features->state_stride, step = features->feature_stride;
        for (size_t j = 0; j < count; j++) {
            const double *from = features->f64 + (first + j) * row;
            if (step == 1)
                memcpy(out + j * k, from, k * sizeof *out);
            else
                for (size_t i = 0; i < k; i++)
                    out[j * k + i] = from[i * step];
        }
        return 0;
    }
    case MX_STORE_I8: {
        const signed char *from = features->i8 + first * k;
        for (size_t j = 0; j < count * k; j++)
            out[j] = from[j];
        return 0;
    }
    default: return features->fill(features->user, first, count, out);
    }
}

int mx_features_block_dd(const maxent_problem *problem, size_t first, size_t count, double *hi, double *lo)
{
    if (problem->k == 0 || count == 0)
        return 0;
    if (problem->n == 0)
        return -1;
    if (problem->features.fill_dd != NULL)
        return problem->features.fill_dd(problem->features.user, first, count, hi, lo);
    memset(lo, 0, count * problem->k * sizeof *lo);
    return mx_features_block(problem, first, count, hi);
}
