/* maxent_solve: options in, the way that suits the size, a result out. */
#include "solve/result.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/verdict.h"

#include <math.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* Up to this many features in all (and Gram-Schmidt operations) the exact way costs less than a blink. */
#define EXACT_FEATURES 400000.0
#define EXACT_WORK 4e7
#define MOST_ITERATIONS 1000
#define ASK_EVERY 0.05 /* seconds: no one notices that Ctrl-C takes so long */
#define GAP_MOST 0.05 /* in nats, of an answer: soft facts at odds leave some by rounding alone */

void maxent_options_init(maxent_options *options)
{
    memset(options, 0, sizeof *options);
    options->tolerance = 1e-12;
}

mx_rules mx_run_rules(const mx_run *run)
{
    mx_rules rules;
    memset(&rules, 0, sizeof rules);
    rules.tolerance = run->options->tolerance > 0 ? run->options->tolerance : 1e-12;
    rules.floor = -INFINITY;
    rules.max_iterations = run->options->max_iterations > 0 ? run->options->max_iterations : MOST_ITERATIONS;
    rules.deadline = run->deadline;
    rules.started = run->started;
    rules.progress = run->options->progress;
    rules.progress_user = run->options->progress_user;
    return rules;
}

int mx_told(void *user, double now)
{
    mx_run *run = user;
    if (!run->stopped && run->options->progress != NULL && now > run->asked + ASK_EVERY) {
        run->asked = now;
        run->seen.seconds = now - run->started;
        run->stopped = run->options->progress(run->options->progress_user, &run->seen) != 0;
    }
    return run->stopped;
}

int mx_late(mx_run *run)
{
    double now = mx_seconds();
    return mx_told(run, now) || now > run->deadline;
}

/* The entropy of q / sum q, and log sum q. Errors: STOPPED. */
static maxent_error prior_alone(mx_run *run, double *entropy, double *log_total)
{
    const maxent_problem *problem = run->problem;
    if (problem->q == NULL) {
        *entropy = *log_total = log((double)problem->n);
        return MAXENT_OK;
    }
    double largest = 0;
    for (size_t x = 0; x < problem->n; x++)
        largest = fmax(largest, problem->q[x]);
    mx_dd total = {0, 0}, sum = {0, 0};
    for (size_t x = 0; x < problem->n; x++) {
        if (mx_watch_due(x, x + 1) && mx_late(run))
            return MAXENT_ERROR_STOPPED;
        if (problem->q[x] > 0) {
            double q = problem->q[x] / largest;
            total = mx_dd_add_d(total, q);
            sum = mx_dd_add_d(sum, q > 0 ? q * log(q) : 0);
        }
    }
    *entropy = log(total.hi) - sum.hi / total.hi;
    *log_total = log(total.hi) + log(largest);
    return MAXENT_OK;
}

static maxent_error new_result(const maxent_problem *problem, maxent_result **out)
{
    size_t k = problem->k;
    maxent_result *result = mx_zalloc(1, sizeof *result);
    if (result == NULL)
        return MAXENT_ERROR_MEMORY;
    result->problem = problem;
    result->achieved = mx_alloc(k + 1, sizeof *result->achieved);
    result->residual = mx_alloc(k + 1, sizeof *result->residual);
    result->deviation = mx_alloc(k + 1, sizeof *result->deviation);
    result->fact = mx_alloc(k + 1, sizeof *result->fact);
    if (result->achieved == NULL || result->residual == NULL || result->deviation == NULL || result->fact == NULL) {
        maxent_result_free(result);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t i = 0; i < k; i++) {
        result->achieved[i] = result->residual[i] = result->deviation[i] = NAN;
        if (!problem->fact[i].hidden)
            result->fact[result->shown++] = i;
    }
    result->entropy = result->entropy_without = result->relative_entropy = result->log_partition = NAN;
    result->worst_residual = result->gap = result->margin = result->bound = NAN;
    *out = result;
    return MAXENT_OK;
}

/* What each fact costs: the fall of the (relative) entropy that it alone is to blame for. */
static maxent_error explain(const mx_run *run)
{
    maxent_result *result = run->result;
    size_t k = run->problem->k;
    maxent_options options = *run->options;
    options.explain = 0;
    options.warm = result->lambda;
    maxent_problem without = *run->problem;
    without.fact = mx_alloc(k + 1, sizeof *without.fact);
    result->cost = mx_alloc(k + 1, sizeof *result->cost);
    maxent_error error = without.fact == NULL || result->cost == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t i = 0; i < k && error == MAXENT_OK; i++) {
        result->cost[i] = NAN;
        if (run->problem->fact[i].hidden)
            continue;
        memcpy(without.fact, run->problem->fact, k * sizeof *without.fact);
        without.fact[i].lower = -INFINITY;
        without.fact[i].upper = INFINITY;
        without.fact[i].sd = 0;
        if (isfinite(run->deadline))
            options.time_limit = fmax(run->deadline - mx_seconds(), 1e-3);
        maxent_result *other;
        error = maxent_solve(&without, &options, &other, run->diagnostic);
        if (error != MAXENT_OK)
            break;
        if (other->verdict == MAXENT_SOLVED || other->verdict == MAXENT_BOUNDARY)
            result->cost[i] = fmax(0, result->against_prior - other->against_prior);
        maxent_result_free(other);
    }
    mx_free(without.fact);
    return error;
}

maxent_error mx_solve_trial(const mx_run *run, const maxent_problem *problem, double deadline, maxent_verdict *verdict)
{
    mx_run trial = {.problem = problem, .options = run->options, .threads = run->threads, .started = mx_seconds(), .deadline = deadline,
                    .trial = 1};
    trial.asked = trial.started;
    trial.seen.dual = trial.seen.residual = NAN;
    maxent_error error = new_result(problem, &trial.result);
    if (error != MAXENT_OK)
        return error;
    error = problem->n == 0 ? mx_solve_continuous(&trial) : mx_solve_exact(&trial);
    *verdict = trial.result->verdict;
    maxent_result_free(trial.result);
    return error;
}

maxent_error mx_solve_repaired(const mx_run *run, size_t i, double bound, double deadline, int *clash)
{
    size_t k = run->problem->k;
    maxent_problem moved = *run->problem;
    maxent_verdict verdict = MAXENT_UNFINISHED;
    *clash = 0;
    moved.fact = mx_alloc(k + 1, sizeof *moved.fact);
    maxent_error error = moved.fact == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        memcpy(moved.fact, run->problem->fact, k * sizeof *moved.fact);
        mx_fact *fact = &moved.fact[i];
        int upper = bound > fact->upper || fact->lower == fact->upper;
        fact->lower = bound < fact->lower || fact->lower == fact->upper ? bound : fact->lower;
        fact->upper = upper ? bound : fact->upper;
        error = mx_solve_trial(run, &moved, deadline, &verdict);
        *clash = error == MAXENT_OK && verdict == MAXENT_INFEASIBLE;
    }
    mx_free(moved.fact);
    return error;
}

static maxent_error check_options(const maxent_problem *problem, const maxent_options *options, maxent_diagnostic *diagnostic)
{
    if (!(options->tolerance >= 0) || isinf(options->tolerance))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the tolerance must be a number >= 0");
    if (!(options->time_limit >= 0))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the time limit must be a number of seconds >= 0");
    if (options->threads < 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the number of threads must be >= 0");
    for (size_t i = 0; options->warm != NULL && i < problem->k; i++)
        if (!isfinite(options->warm[i]))
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the warm start is not finite at fact %zu", i + 1);
    return MAXENT_OK;
}

static maxent_error solve_finite(mx_run *run, double *log_total)
{
    const maxent_problem *problem = run->problem;
    maxent_error error = prior_alone(run, &run->result->entropy_without, log_total);
    double features = (double)problem->n * (double)problem->k;
    int exact = features <= EXACT_FEATURES && features * (double)problem->k <= EXACT_WORK;
    if (!exact && error == MAXENT_OK)
        error = mx_solve_stream(run, &exact);
    return error == MAXENT_OK && exact ? mx_solve_exact(run) : error;
}

/* A large gap, of either sign, proves nothing: soft facts at odds by 1e8 of their standard errors have multipliers
 * in whose scores a double loses it. */
static void doubt_gap(maxent_result *result)
{
    int answered = result->verdict == MAXENT_SOLVED || result->verdict == MAXENT_BOUNDARY;
    if (!answered || fabs(result->gap) <= GAP_MOST * (1 + fabs(result->entropy)) || isnan(result->gap))
        return;
    result->verdict = MAXENT_UNFINISHED;
    result->message[0] = '\0';
}

maxent_error maxent_solve(const maxent_problem *problem, const maxent_options *options, maxent_result **out,
                          maxent_diagnostic *diagnostic)
{
    maxent_options defaults;
    maxent_options_init(&defaults);
    if (problem == NULL || out == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "maxent_solve needs a problem and a place for the result");
    if (options == NULL)
        options = &defaults;
    maxent_error error = check_options(problem, options, diagnostic);
    if (error != MAXENT_OK)
        return error;
    mx_run run = {.problem = problem, .options = options, .diagnostic = diagnostic};
    error = new_result(problem, &run.result);
    if (error != MAXENT_OK)
        return mx_fail(diagnostic, error, "out of memory");
    run.started = run.asked = mx_seconds();
    run.seen.dual = run.seen.residual = NAN; /* nothing yet */
    run.deadline = options->time_limit > 0 ? run.started + options->time_limit : INFINITY;
#ifdef _OPENMP
    run.threads = options->threads > 0 ? options->threads : omp_get_max_threads();
#else
    run.threads = 1;
#endif
    if (diagnostic != NULL)
        memset(diagnostic, 0, sizeof *diagnostic);
    double log_total = NAN;
    if (problem->n == 0)
        error = mx_solve_continuous(&run);
    else
        error = solve_finite(&run, &log_total);
    if (error == MAXENT_ERROR_STOPPED) { /* before there was anything to tell */
        mx_result_withdraw(run.result);
        run.result->verdict = MAXENT_UNFINISHED;
        mx_explain_stopped(&run);
        error = MAXENT_OK;
    }
    if (error == MAXENT_OK && problem->n == 0)
        error = mx_alone_continuous(&run, &log_total);
    if (error == MAXENT_OK && problem->n > 0)
        doubt_gap(run.result);
    run.result->against_prior = run.result->relative_entropy;
    if (error == MAXENT_OK && (run.result->p != NULL || run.result->density != NULL))
        run.result->relative_entropy = isnan(log_total) ? NAN : fmax(0, run.result->relative_entropy + log_total);
    if (error == MAXENT_OK && options->explain && (run.result->p != NULL || run.result->density != NULL) &&
        run.result->verdict != MAXENT_UNFINISHED)
        error = explain(&run);
    if (error == MAXENT_OK) {
        mx_explain(&run);
        run.result->threads = run.threads;
        run.result->seconds = mx_seconds() - run.started;
        *out = run.result;
        return MAXENT_OK;
    }
    maxent_result_free(run.result);
    if (diagnostic != NULL && diagnostic->error == MAXENT_OK)
        mx_fail(diagnostic, error, "%s", maxent_error_text(error));
    return error;
}
