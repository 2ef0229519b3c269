/* How a continuous or countable problem is asked: what is peeled off before cells are laid, and put back when there is an answer.
 *
 *     moments by closed recurrences ─► units in which numbers are of ordinary size ─► facts that leave no mass somewhere, or only points
 *        ─► facts that others imply ─► cells (continuous.c), again with targets known to their last place only
 */
#include "solve/continuous/continuum.h"

#include "solve/continuous/forced.h"
#include "solve/continuous/pinned.h"
#include "solve/continuous/redundant.h"
#include "solve/continuous/units.h"
#include "solve/existence/existence.h"
#include "solve/moments/moments.h"
#include "solve/verdict.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MANY_FACTS 8
#define LEAST_TOLERANCE 1e-12
#define PATIENCE 15.0 /* seconds, when no limit was asked for */

/* Sixteen digits of many facts may say too little for the ways above, as those of twenty power moments of a narrow density. On a bounded
 * line a density that meets them within their last place is an answer. */
static int may_be_rounded(const maxent_problem *problem)
{
    const mx_variable *x = problem->support.variable;
    int line = problem->support.variables == 1 && x->extent == MX_REAL && isfinite(x->lower) && isfinite(x->upper);
    for (size_t i = 0; i < problem->k && line; i++)
        line = problem->fact[i].lower == problem->fact[i].upper && !(problem->fact[i].sd > 0);
    return line && problem->k >= MANY_FACTS;
}

static maxent_error solve_on(mx_run *run)
{
    int again, rounded = may_be_rounded(run->problem);
    double deadline = run->deadline, now = mx_seconds();
    if (rounded)
        run->deadline = now + 0.5 * (deadline - now);
    maxent_error error = mx_continuum_attempt(run, MX_ROUNDING_NONE, deadline, &again);
    run->deadline = deadline;
    size_t most = run->options->max_iterations;
    again |= run->result->verdict == MAXENT_SOLVED && !(run->result->worst_residual <= fmax(run->options->tolerance, LEAST_TOLERANCE));
    if (error == MAXENT_OK && rounded && again && !mx_late(run) && (most == 0 || run->result->iterations < most)) {
        mx_result_withdraw(run->result);
        run->result->message[0] = '\0';
        error = mx_continuum_attempt(run, MX_ROUNDING_OPEN, deadline, &again);
    }
    return error;
}

/* The same without facts that others imply but for the rounding of targets. */
static maxent_error solve_independent(mx_run *run)
{
    const maxent_problem *whole = run->problem;
    mx_redundant redundant;
    maxent_error error = mx_redundant_open(run, &redundant);
    int told = 0;
    if (error == MAXENT_OK && redundant.count > 0) {
        run->problem = &redundant.problem;
        error = solve_on(run);
        run->problem = whole;
        if (error == MAXENT_OK) {
            told = mx_redundant_tell(run, &redundant);
            if (!told) {
                mx_result_withdraw(run->result);
                run->result->message[0] = '\0';
            }
        }
    }
    if (error == MAXENT_OK && !told)
        error = solve_on(run);
    mx_redundant_close(&redundant);
    return error;
}

/* Facts that force clash with the others wherever a density could be: on the whole support, single points included? *answer. */
static maxent_error ask_whole(mx_run *run, mx_existing *answer)
{
    mx_continuum c;
    mx_existence e;
    maxent_result *result = run->result;
    char message[sizeof result->message];
    double *direction = result->direction;
    int trial = run->trial;
    result->direction = NULL;
    memcpy(message, result->message, sizeof message);
    memset(&e, 0, sizeof e);
    maxent_error error = mx_continuum_open(run, &c);
    c.turned = 2; /* cells */
    run->trial = 1;
    if (error == MAXENT_OK)
        error = mx_continuum_start(&c);
    if (error == MAXENT_OK)
        error = mx_existence_open(&c, &e);
    run->trial = trial;
    *answer = e.answer;
    if (error == MAXENT_ERROR_LIMIT) {
        error = MAXENT_OK;
        *answer = MX_NOT_KNOWN;
    }
    mx_existence_close(&e);
    mx_continuum_close(&c);
    mx_free(result->direction);
    result->direction = direction;
    memcpy(result->message, message, sizeof message);
    return error;
}

/* Facts that ask for extremes leave no room, and no equations tell where they are met: on a line, at points that are seen? *told: 1: the
 * others are met by mass there, and the verdict is in the result. */
static maxent_error ask_points(mx_run *run, const signed char *side, int *told)
{
    const maxent_problem *problem = run->problem;
    maxent_result *result = run->result;
    size_t k = problem->k;
    mx_continuum c;
    mx_existence e;
    memset(&e, 0, sizeof e);
    *told = 0;
    maxent_error error = mx_continuum_open(run, &c);
    c.turned = 2; /* cells */
    if (error == MAXENT_OK)
        error = mx_continuum_start(&c);
    if (error == MAXENT_OK && c.grid.axes == 1 && !c.grid.axis[0].whole) {
        e.direction = mx_zalloc(k + 1, sizeof *e.direction);
        e.keep = mx_zalloc(c.grid.cells + 1, 1);
        error = e.direction == NULL || e.keep == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        memcpy(c.fact, problem->fact, k * sizeof *c.fact);
        for (size_t i = 0; error == MAXENT_OK && i < k; i++)
            e.direction[i] = side[i];
        if (error == MAXENT_OK)
            error = mx_existence_faces(&c, 0, &e);
        for (size_t i = 0; i < k; i++) /* they hold there */
            if (side[i] != 0)
                c.fact[i].lower = -(c.fact[i].upper = INFINITY);
        if (error == MAXENT_OK && e.answer == MX_ON_POINTS)
            error = mx_existence_met(&c, &e, told, NULL);
    }
    error = error == MAXENT_ERROR_LIMIT ? MAXENT_OK : error;
    result->message[0] = '\0';
    if (error == MAXENT_OK && *told) {
        result->verdict = MAXENT_SINGULAR;
        for (size_t i = 0; i < k; i++)
            result->direction[i] = side[i];
        mx_explain_existence(run, e.point, e.points, problem->support.variables);
    }
    mx_existence_close(&e);
    mx_continuum_close(&c);
    return error;
}

/* What is left by facts that force has been tried, run->problem being the whole: is it only densities that cannot meet the facts? *told: 1:
 * the verdict is in. */
static maxent_error ask_beside(mx_run *run, mx_forced *forced, int *told)
{
    maxent_result *result = run->result;
    mx_existing answer;
    maxent_error error;
    *told = 0;
    if (forced->shut != NULL && result->verdict == MAXENT_UNFINISHED && !mx_late(run)) { /* nodes may be on a set of measure zero */
        mx_problem_shut(&forced->problem, forced->shut);
        run->problem = &forced->problem;
        mx_result_withdraw(result);
        result->message[0] = '\0';
        error = solve_on(run);
        run->problem = forced->whole;
        if (error != MAXENT_OK)
            return error;
        if (result->verdict != MAXENT_INFEASIBLE) {
            mx_result_withdraw(result);
            result->verdict = MAXENT_UNFINISHED;
        }
    }
    if (result->verdict != MAXENT_INFEASIBLE || mx_forced_stepped(forced))
        return MAXENT_OK;
    error = ask_whole(run, &answer);
    if (error == MAXENT_OK && answer != MX_NONE) {
        mx_result_withdraw(result);
        mx_free(result->repair);
        result->repair = NULL;
        result->margin = NAN;
        result->verdict = answer == MX_ON_FACE || answer == MX_ON_POINTS ? MAXENT_SINGULAR : MAXENT_UNFINISHED;
        mx_explain_bare(run, forced->side);
        *told = 1;
        mx_free(result->direction);
        result->direction = NULL;
        if (result->verdict == MAXENT_SINGULAR && (result->direction = mx_zalloc(forced->whole->k + 1, sizeof(double))) == NULL)
            return MAXENT_ERROR_MEMORY;
        for (size_t i = 0; result->direction != NULL && i < forced->whole->k; i++)
            result->direction[i] = forced->side[i];
    }
    return error;
}

/* In the run's units. */
static maxent_error solve_here(mx_run *run)
{
    const maxent_problem *whole = run->problem;
    mx_forced forced;
    int told = 0;
    mx_pinned pinned = {.where = "", .rest = MAXENT_UNFINISHED};
    maxent_error error = mx_forced_open(run->problem, &forced);
    if (error == MAXENT_OK && forced.count > 0)
        run->problem = &forced.problem;
    else if (error == MAXENT_OK && forced.asking > 0)
        error = mx_pinned_look(run, forced.side, &pinned);
    if (error == MAXENT_OK && forced.count == 0 && forced.asking > 0 && pinned.where[0] == '\0')
        error = ask_points(run, forced.side, &told);
    if (error == MAXENT_OK && forced.asking == 0)
        error = mx_existence_squares(run, &told);
    if (error == MAXENT_OK && pinned.rest != MAXENT_SINGULAR && !told)
        error = solve_independent(run);
    run->problem = whole;
    if (error == MAXENT_OK && forced.count > 0)
        error = ask_beside(run, &forced, &told);
    if (error == MAXENT_OK && forced.count > 0 && !told)
        error = mx_forced_tell(run, &forced);
    else if (error == MAXENT_OK && pinned.where[0] != '\0')
        error = mx_pinned_tell(run, forced.side, &pinned);
    mx_forced_close(&forced);
    return error;
}

maxent_error mx_solve_continuous(mx_run *run)
{
    int mine, told = 0;
    mx_units units;
    maxent_error error = mx_solve_moments(run, &mine);
    if (error != MAXENT_OK || mine)
        return error;
    if (isinf(run->deadline)) /* never a hang */
        run->deadline = run->started + PATIENCE;
    error = mx_units_open(run, &units);
    if (error == MAXENT_OK && run->units != NULL) {
        error = solve_here(run);
        mx_units_close(run, &units, &told);
    }
    if (error == MAXENT_OK && !told) {
        error = solve_here(run);
        mx_units_beyond(&units, run->result);
    }
    return error;
}
