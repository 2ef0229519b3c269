/* Verdicts in words.
 *
 * A certificate of infeasibility is a combination d of facts with d . f(x) > d . b for every state x, so no mean can satisfy
 * E[d . f] = d . b. It is checked here, in double-double, against the features themselves and not against anything the solver
 * derived from them; if the check fails, the verdict is withdrawn. What the user reads is the combination in his own expressions.
 */
#include "solve/verdict.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "solve/finite/clash.h"
#include "solve/finite/sampled.h"
#include "solve/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REDUCE_FEATURES 200000 /* features in all up to which smallest clashes are looked for */
#define REDUCE_SECONDS 0.7

/* The range of d . f over the states, in double-double from the features. */
static maxent_error measure(const maxent_problem *problem, const double *direction, mx_extremes *found)
{
    enum { BLOCK = 64 };
    size_t k = problem->k;
    double *hi = mx_alloc(2 * BLOCK, (k + 1) * sizeof *hi);
    if (hi == NULL)
        return MAXENT_ERROR_MEMORY;
    double *lo = hi + BLOCK * (k + 1);
    found->target = mx_dd_make(0);
    for (size_t i = 0; i < k; i++)
        if (direction[i] != 0)
            found->target = mx_dd_add(found->target, mx_two_prod(direction[i], mx_bound_of(&problem->fact[i], direction[i])));
    int any = 0;
    for (size_t first = 0; first < problem->n; first += BLOCK) {
        size_t m = problem->n - first < BLOCK ? problem->n - first : BLOCK;
        if (mx_features_block_dd(problem, first, m, hi, lo) != 0) {
            mx_free(hi);
            return MAXENT_ERROR_CALLBACK;
        }
        for (size_t x = 0; x < m; x++) {
            if (problem->q != NULL && problem->q[first + x] == 0)
                continue;
            mx_dd sum = {0, 0};
            for (size_t i = 0; i < k; i++)
                if (direction[i] != 0)
                    sum = mx_dd_add(sum, mx_dd_mul_d((mx_dd){hi[x * k + i], lo[x * k + i]}, direction[i]));
            if (!any || mx_dd_compare(sum, found->least) < 0)
                found->least = sum;
            if (!any || mx_dd_compare(sum, found->most) > 0)
                found->most = sum;
            any = 1;
        }
    }
    mx_free(hi);
    return MAXENT_OK;
}

static void say_clash(mx_writer *w, const maxent_problem *problem, const double *d, const mx_extremes *b)
{
    size_t k = problem->k, count = mx_count_facts(k, d), plus = 0;
    if (count == 1) {
        for (size_t i = 0; i < k; i++)
            if (d[i] != 0)
                mx_say_single(w, problem, i, d, b);
        return;
    }
    mx_say(w, "no distribution meets ");
    mx_say_facts(w, problem, d);
    mx_say(w, " together");
    if (count > MX_NAMED_FACTS)
        return;
    for (size_t i = 0; i < k; i++)
        plus += d[i] > 0;
    size_t lead = 0;
    while (d[lead] == 0)
        lead++;
    double sign = 2 * plus > count || (2 * plus == count && d[lead] > 0) ? 1 : -1;
    mx_say(w, ": ");
    mx_say_combination(w, problem, d, sign);
    int constant = fabs(b->most.hi - b->least.hi) <= 1e-12 * (fabs(b->most.hi) + fabs(b->target.hi));
    mx_say(w, constant ? " is always " : sign > 0 ? " is never below " : " never exceeds ");
    mx_say_unlike(w, sign * b->least.hi, sign * b->target.hi);
    mx_say(w, ", but the facts put its mean at ");
    mx_say_unlike(w, sign * b->target.hi, sign * b->least.hi);
}

/* A repair computed as 26.499999999999996 means 26.5: fewer digits where they differ only by rounding. */
static double rounded(double value)
{
    char digits[MX_DOUBLE_TEXT];
    double shorter;
    mx_double_text_digits(value, 13, digits);
    if (mx_text_double(digits, strlen(digits), &shorter) && fabs(shorter - value) <= 4e-15 * fabs(value))
        return shorter;
    return value;
}

/* A smallest clash and its repairs, from the exact view. */
maxent_error mx_explain_reduce(mx_run *run)
{
    maxent_result *result = run->result;
    size_t k = run->problem->k;
    mx_view view;
    double *scaled = mx_alloc(k + 1, sizeof *scaled);
    result->repair = mx_alloc(k + 1, sizeof *result->repair);
    maxent_error error = MAXENT_ERROR_MEMORY;
    memset(&view, 0, sizeof view);
    if (scaled == NULL || result->repair == NULL)
        goto done;
    error = mx_view_open(run->problem, &view, run->diagnostic);
    if (error != MAXENT_OK)
        goto done;
    double deadline = fmin(run->deadline, mx_seconds() + REDUCE_SECONDS);
    for (size_t i = 0; i < k; i++)
        scaled[i] = ldexp(result->direction[i], view.column[i].exponent);
    error = mx_clash_reduce(&view, scaled, deadline);
    if (error == MAXENT_OK)
        error = mx_clash_repair(&view, scaled, deadline, result->repair);
    deadline = fmin(run->deadline, mx_seconds() + REDUCE_SECONDS);
    for (size_t i = 0; i < k && error == MAXENT_OK; i++) {
        result->direction[i] = ldexp(scaled[i], -view.column[i].exponent);
        result->repair[i] = run->problem->fact[i].given == SIZE_MAX ? rounded(result->repair[i]) : NAN;
        if (result->repair[i] == mx_bound_of(&run->problem->fact[i], scaled[i])) /* by less than a double can tell */
            result->repair[i] = NAN;
        int clash = 0; /* facts on the face that the repair leads to may clash again */
        if (isfinite(result->repair[i]))
            error = mx_solve_repaired(run, i, result->repair[i], deadline, &clash);
        result->repair[i] = clash ? NAN : result->repair[i];
    }
done:
    mx_view_close(&view);
    mx_free(scaled);
    return error;
}

maxent_error mx_explain_infeasible(mx_run *run)
{
    maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    size_t k = problem->k;
    mx_writer w = {result->message, sizeof result->message, 0};
    mx_extremes b;
    memset(&b, 0, sizeof b);
    double *plain = mx_alloc(k + 1, sizeof *plain);
    if (plain == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = MAXENT_OK;
    if (!run->trial)
        error = (double)problem->n * (double)k <= REDUCE_FEATURES ? mx_explain_reduce(run) : mx_clash_sampled(run);
    memcpy(plain, result->direction, k * sizeof *plain);
    mx_round_direction(k, result->direction);
    if (error == MAXENT_OK)
        error = measure(problem, result->direction, &b);
    if (error == MAXENT_OK && !(mx_dd_sub(b.least, b.target).hi > 0)) { /* rounding it spoiled it */
        memcpy(result->direction, plain, k * sizeof *plain);
        error = measure(problem, result->direction, &b);
    }
    mx_free(plain);
    if (error != MAXENT_OK)
        return error;
    result->margin = mx_dd_sub(b.least, b.target).hi;
    if (!(result->margin > 0)) {
        result->verdict = MAXENT_UNFINISHED;
        mx_say(&w, "the facts clash by no more than the rounding of their numbers, and no certificate of it holds in exact arithmetic");
        return MAXENT_OK;
    }
    say_clash(&w, problem, result->direction, &b);
    if (result->repair != NULL)
        mx_say_repairs(&w, problem, result->direction, result->repair);
    return MAXENT_OK;
}

void mx_explain_near_face(mx_run *run)
{
    mx_writer w = {run->result->message, sizeof run->result->message, 0};
    mx_say(&w, "the facts are met and no distribution that meets them has more entropy by more than the gap; some states have next to no "
            "probability and may be forced to zero, which is too large a question to decide here");
}

void mx_explain_stopped(mx_run *run)
{
    mx_writer w = {run->result->message, sizeof run->result->message, 0};
    mx_say(&w, run->result->evaluations == 0 ? "stopped before the facts had been evaluated at every state: there are no numbers yet"
                                             : "stopped before there was time to work out a first distribution: there are no numbers yet");
}

void mx_explain_doubt(mx_run *run, double doubt)
{
    mx_writer w = {run->result->message, sizeof run->result->message, 0};
    mx_say(&w, "the facts are met, but they are so nearly dependent, or so large beside their spread, that double precision leaves "
            "probabilities in doubt by ");
    mx_say_number(&w, doubt);
    mx_say(&w, " of the largest, and the problem is too large for exact arithmetic; subtract a constant near the mean from each feature");
}

void mx_explain_scores(mx_run *run, double doubt)
{
    mx_writer w = {run->result->message, sizeof run->result->message, 0};
    mx_say(&w, "the facts are met, but their multipliers are so large, and so nearly cancel, that rounding leaves log p in doubt by ");
    mx_say_number(&w, doubt);
    mx_say(&w, "; soft facts far apart in their standard errors do that: one with their weighted mean does the same");
}

static void say_vanishing(mx_writer *w, size_t states)
{
    if (states > 0)
        mx_say(w, "; the probability of %zu state%s is below the least of doubles, and 0 here", states, states == 1 ? "" : "s");
}

void mx_explain(mx_run *run)
{
    maxent_result *result = run->result;
    mx_writer w = {result->message, sizeof result->message, 0};
    if (result->message[0] != '\0')
        return;
    switch (result->verdict) {
    case MAXENT_SOLVED:
        mx_say(&w, "the one distribution that meets the facts and assumes nothing else");
        say_vanishing(&w, mx_result_vanishing(result));
        break;
    case MAXENT_BOUNDARY:
        mx_say(&w, "the facts force probability zero in %zu state%s; ", result->zeros, result->zeros == 1 ? "" : "s");
        mx_say(&w, "the one distribution on the others that meets them and assumes nothing else");
        say_vanishing(&w, mx_result_vanishing(result));
        break;
    case MAXENT_UNFINISHED:
        if (isnan(result->worst_residual)) {
            mx_say(&w, "stopped before any distribution was found that comes near the facts");
        } else if (result->worst_residual <= mx_run_rules(run).tolerance) {
            if (fabs(result->gap) <= mx_run_rules(run).tolerance) /* of the nodes as they are */
                mx_say(&w, "the facts are met at the points that were taken, but stopped before finer ones had borne that out");
            else {
                mx_say(&w, "the facts are met, but it is not proved that nothing that meets them has more entropy: gap ");
                mx_say_number(&w, result->gap);
                mx_say(&w, " nats");
            }
        } else {
            mx_say(&w, "stopped before the facts were met to the tolerance: residual ");
            mx_say_number(&w, result->worst_residual);
        }
        break;
    default:
        mx_say(&w, "%s", maxent_verdict_text(result->verdict));
    }
}
