/* Sends a problem the exact or the large way, whatever its size. */
#ifndef TEST_SOLVE_WAYS_H
#define TEST_SOLVE_WAYS_H

#include "support.h"

#include "base/memory.h"
#include "solve/result.h"
#include "solve/verdict.h"

enum { EXACT_WAY = 0, LARGE_WAY = 1 };

/* A result with nothing in it, as maxent_solve begins with. */
static inline maxent_result *empty_result(const maxent_problem *problem)
{
    size_t k = problem->k;
    maxent_result *result = mx_zalloc(1, sizeof *result);
    assert_non_null(result);
    result->problem = problem;
    result->achieved = mx_zalloc(k + 1, sizeof(double));
    result->residual = mx_zalloc(k + 1, sizeof(double));
    result->deviation = mx_zalloc(k + 1, sizeof(double));
    result->fact = mx_zalloc(k + 1, sizeof(size_t));
    assert_true(result->achieved != NULL && result->residual != NULL && result->deviation != NULL && result->fact != NULL);
    for (size_t i = 0; i < k; i++)
        result->fact[i] = i;
    result->shown = k;
    return result;
}

/* *hard: the large way declined. */
static inline maxent_error go(const maxent_problem *problem, int way, maxent_result *result, int *hard)
{
    maxent_options options;
    maxent_options_init(&options);
    maxent_diagnostic where;
    mx_run run = {.problem = problem, .options = &options, .result = result, .diagnostic = &where, .threads = 2,
                  .started = mx_seconds(), .deadline = INFINITY};
    *hard = 0;
    maxent_error error = way == LARGE_WAY ? mx_solve_stream(&run, hard) : mx_solve_exact(&run);
    if (error != MAXENT_OK)
        return error;
    double total = 0;
    for (size_t x = 0; x < problem->n; x++)
        total += problem->q != NULL ? problem->q[x] : 1;
    result->relative_entropy += log(total);
    if (!*hard)
        mx_explain(&run);
    return MAXENT_OK;
}

static inline maxent_result *solve_by(const maxent_problem *problem, int way, int *hard)
{
    maxent_result *result = empty_result(problem);
    assert_int_equal(go(problem, way, result, hard), MAXENT_OK);
    return result;
}

#endif
