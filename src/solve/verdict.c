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

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAMED_FACTS 8          /* facts named in a message before "and so on" */
#define REDUCE_FEATURES 200000 /* features in all up to which smallest clashes are looked for */
#define REDUCE_SECONDS 0.7

typedef struct bounds {
    mx_dd least, most;  /* of d . f over the states of positive prior */
    mx_dd target;       /* d . b */
} bounds;

static double bound_of(const mx_fact *fact, double direction)
{
    return direction > 0 ? fact->upper : fact->lower;
}

/* The range of d . f over the states, in double-double from the features. */
static maxent_error measure(const maxent_problem *problem, const double *direction, bounds *found)
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
            found->target = mx_dd_add(found->target, mx_two_prod(direction[i], bound_of(&problem->fact[i], direction[i])));
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

/* Scales d so that its largest component is 1, then to small whole numbers if it is a multiple of such. */
static void round_direction(size_t k, double *d)
{
    double most = 0;
    for (size_t i = 0; i < k; i++)
        most = fmax(most, fabs(d[i]));
    if (!(most > 0) || isinf(most))
        return;
    for (size_t i = 0; i < k; i++)
        d[i] /= most;
    for (int by = 1; by <= 24; by++) {
        int whole = 1;
        for (size_t i = 0; i < k && whole; i++)
            whole = fabs(d[i] * by - round(d[i] * by)) <= 1e-9 && (d[i] == 0 || round(d[i] * by) != 0);
        if (whole) {
            for (size_t i = 0; i < k; i++)
                d[i] = round(d[i] * by);
            return;
        }
    }
}

typedef struct writer {
    char *out;
    size_t size, used;
} writer;

static void say(writer *w, const char *format, ...) MX_PRINTF(2, 3);
static void say(writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = w->used < w->size ? vsnprintf(w->out + w->used, w->size - w->used, format, arguments) : 0;
    va_end(arguments);
    if (length > 0)
        w->used = w->used + (size_t)length < w->size ? w->used + (size_t)length : w->size - 1;
}

static void say_number(writer *w, double value)
{
    char digits[MX_DOUBLE_TEXT];
    say(w, "%s", mx_double_text_digits(value + 0.0, 10, digits)); /* + 0: no minus zero */
}

/* The same where ten digits would not tell it from `other`: then as many as it takes. */
static void say_unlike(writer *w, double value, double other)
{
    char digits[MX_DOUBLE_TEXT], others[MX_DOUBLE_TEXT];
    mx_double_text_digits(value + 0.0, 10, digits);
    mx_double_text_digits(other + 0.0, 10, others);
    say(w, "%s", strcmp(digits, others) != 0 || value == other ? digits : mx_double_text(value + 0.0, digits));
}

/* Is the fact written E[...], so that what stands between the brackets is its feature? Else (P, Var, Cov, sums of expectations) its
 * feature has no name but the fact's own. */
static int plain_expectation(const maxent_problem *problem, size_t i)
{
    const char *text = problem->fact[i].text;
    size_t length = text != NULL ? strlen(text) : 0;
    return text == NULL || (strncmp(text, "E[", 2) == 0 && text[length - 1] == ']' && strstr(text + 2, "E[") == NULL &&
                            strstr(text + 2, "P[") == NULL);
}

/* The text of a fact up to its relation ("E[x]"), and what stands between its brackets. */
static void fact_parts(const maxent_problem *problem, size_t i, char *whole, size_t size, char *inner)
{
    const char *text = problem->fact[i].text;
    char name[40];
    if (text == NULL) {
        snprintf(name, sizeof name, "E[f%zu]", i + 1);
        text = name;
    }
    const char *open = strchr(text, '['), *close = NULL;
    int depth = 0;
    for (const char *at = open; at != NULL && *at != '\0' && close == NULL; at++) {
        depth += *at == '[' ? 1 : *at == ']' ? -1 : 0;
        if (depth == 0)
            close = at;
    }
    if (close == NULL || (problem->fact[i].given == SIZE_MAX && !plain_expectation(problem, i))) {
        snprintf(whole, size, "%s", text);
        snprintf(inner, size, "%s", text);
        return;
    }
    snprintf(whole, size, "%.*s", (int)(close + 1 - text), text);
    snprintf(inner, size, "%.*s", (int)(close - open - 1), open + 1);
    const char *bar = strchr(inner, '|');
    if (problem->fact[i].given != SIZE_MAX && bar != NULL) { /* E[g | B] = c is E[[B] (g - c)] = 0 */
        char digits[MX_DOUBLE_TEXT], given[100];
        snprintf(given, sizeof given, "%.99s", bar + 1 + (bar[1] == ' '));
        size_t left = (size_t)(bar - inner);
        while (left > 0 && inner[left - 1] == ' ')
            left--;
        writer w = {inner, size, 0};
        say(&w, "[%s] (%s%.*s%s - %s)", given, *text == 'P' ? "[" : "", (int)left, open + 1, *text == 'P' ? "]" : "",
            mx_double_text(problem->fact[i].shift, digits));
    } else if (!plain_expectation(problem, i)) {
        snprintf(inner, size, "%s", whole);
    }
}

/* Is `inner` a sum, so that a coefficient needs parentheses? */
static int compound(const char *inner)
{
    int depth = 0;
    for (const char *at = inner; *at != '\0'; at++) {
        depth += *at == '(' || *at == '[' ? 1 : *at == ')' || *at == ']' ? -1 : 0;
        if (depth == 0 && at != inner && strchr("+-=<>|", *at) != NULL)
            return 1;
    }
    return 0;
}

static void say_combination(writer *w, const maxent_problem *problem, const double *d, double sign)
{
    int first = 1;
    for (size_t i = 0; i < problem->k; i++) {
        if (d[i] == 0)
            continue;
        char whole[256], inner[256];
        fact_parts(problem, i, whole, sizeof whole, inner);
        double factor = d[i] * sign;
        say(w, "%s", first ? (factor < 0 ? "-" : "") : factor < 0 ? " - " : " + ");
        if (fabs(factor) != 1) {
            say_number(w, fabs(factor));
            say(w, " ");
        }
        int wrap = compound(inner) && inner[0] != 'P' && (!first || fabs(factor) != 1 || factor < 0);
        say(w, wrap ? "(%s)" : "%s", inner);
        first = 0;
    }
}

static size_t count_facts(size_t k, const double *d)
{
    size_t count = 0;
    for (size_t i = 0; i < k; i++)
        count += d[i] != 0;
    return count;
}

/* "E[x] = 2", "E[x] <= 4": the side of the fact that d leans on. */
static void say_fact(writer *w, const maxent_problem *problem, size_t i, double direction, double value)
{
    const mx_fact *fact = &problem->fact[i];
    char whole[256], inner[256];
    fact_parts(problem, i, whole, sizeof whole, inner);
    say(w, "%s %s ", whole, fact->lower == fact->upper ? "=" : direction > 0 ? "<=" : ">=");
    say_unlike(w, value + fact->shift, value == bound_of(fact, direction) ? value + fact->shift : bound_of(fact, direction));
}

static void say_facts(writer *w, const maxent_problem *problem, const double *d)
{
    size_t named = 0, count = count_facts(problem->k, d);
    for (size_t i = 0; i < problem->k && named < NAMED_FACTS; i++) {
        if (d[i] == 0)
            continue;
        say(w, "%s", named == 0 ? "" : named + 1 == count ? " and " : ", ");
        char digits[MX_DOUBLE_TEXT], whole[256], inner[256];
        fact_parts(problem, i, whole, sizeof whole, inner);
        const mx_fact *fact = &problem->fact[i];
        say(w, "%s %s %s", whole, fact->lower == fact->upper ? "=" : d[i] > 0 ? "<=" : ">=",
            mx_double_text(bound_of(fact, d[i]) + fact->shift + 0.0, digits));
        named++;
    }
    if (count > named)
        say(w, " and %zu more", count - named);
}

/* One fact that asks for what its feature never is. */
static void say_single(writer *w, const maxent_problem *problem, size_t i, const double *d, const bounds *b)
{
    const mx_fact *fact = &problem->fact[i];
    char whole[256], inner[256];
    fact_parts(problem, i, whole, sizeof whole, inner);
    double low = d[i] > 0 ? b->least.hi / d[i] : b->most.hi / d[i], high = d[i] > 0 ? b->most.hi / d[i] : b->least.hi / d[i];
    if (fact->given != SIZE_MAX) {
        say(w, "%s cannot be ", whole);
        say_number(w, fact->shift);
        say(w, ": its condition has positive probability only with other values");
        return;
    }
    if (!plain_expectation(problem, i)) {
        say(w, "%s ", whole);
        say(w, low == high ? "is " : d[i] > 0 ? "is at least " : "is at most ");
    } else {
        say(w, "%s ", inner);
        say(w, low == high ? "is always " : d[i] > 0 ? "is never below " : "never exceeds ");
    }
    say_unlike(w, d[i] > 0 ? low : high, bound_of(fact, d[i]));
    say(w, fact->lower == fact->upper ? ", so %s cannot be " : d[i] > 0 ? ", so %s cannot be at most " : ", so %s cannot be at least ",
        plain_expectation(problem, i) ? whole : "it");
    say_unlike(w, bound_of(fact, d[i]), d[i] > 0 ? low : high);
}

static void say_clash(writer *w, const maxent_problem *problem, const double *d, const bounds *b)
{
    size_t k = problem->k, count = count_facts(k, d), plus = 0;
    if (count == 1) {
        for (size_t i = 0; i < k; i++)
            if (d[i] != 0)
                say_single(w, problem, i, d, b);
        return;
    }
    say(w, "no distribution meets ");
    say_facts(w, problem, d);
    say(w, " together");
    if (count > NAMED_FACTS)
        return;
    for (size_t i = 0; i < k; i++)
        plus += d[i] > 0;
    size_t lead = 0;
    while (d[lead] == 0)
        lead++;
    double sign = 2 * plus > count || (2 * plus == count && d[lead] > 0) ? 1 : -1;
    say(w, ": ");
    say_combination(w, problem, d, sign);
    int constant = fabs(b->most.hi - b->least.hi) <= 1e-12 * (fabs(b->most.hi) + fabs(b->target.hi));
    say(w, constant ? " is always " : sign > 0 ? " is never below " : " never exceeds ");
    say_unlike(w, sign * b->least.hi, sign * b->target.hi);
    say(w, ", but the facts put its mean at ");
    say_unlike(w, sign * b->target.hi, sign * b->least.hi);
}

static void say_repairs(writer *w, const maxent_problem *problem, const double *d, const double *repair)
{
    size_t count = 0, named = 0;
    for (size_t i = 0; i < problem->k; i++)
        count += isfinite(repair[i]) && problem->fact[i].given == SIZE_MAX;
    if (count == 0)
        return;
    say(w, "; the smallest change of one fact alone that repairs it: ");
    for (size_t i = 0; i < problem->k && named < NAMED_FACTS; i++) {
        if (!isfinite(repair[i]) || problem->fact[i].given != SIZE_MAX)
            continue;
        say(w, "%s", named == 0 ? "" : ", or ");
        say_fact(w, problem, i, d[i], repair[i]);
        named++;
    }
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
        if (result->repair[i] == bound_of(&run->problem->fact[i], scaled[i])) /* by less than a double can tell */
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
    writer w = {result->message, sizeof result->message, 0};
    bounds b;
    memset(&b, 0, sizeof b);
    double *plain = mx_alloc(k + 1, sizeof *plain);
    if (plain == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = MAXENT_OK;
    if (!run->trial)
        error = (double)problem->n * (double)k <= REDUCE_FEATURES ? mx_explain_reduce(run) : mx_clash_sampled(run);
    memcpy(plain, result->direction, k * sizeof *plain);
    round_direction(k, result->direction);
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
        say(&w, "the facts clash by no more than the rounding of their numbers, and no certificate of it holds in exact arithmetic");
        return MAXENT_OK;
    }
    say_clash(&w, problem, result->direction, &b);
    if (result->repair != NULL)
        say_repairs(&w, problem, result->direction, result->repair);
    return MAXENT_OK;
}

void mx_explain_near_face(mx_run *run)
{
    writer w = {run->result->message, sizeof run->result->message, 0};
    say(&w, "the facts are met and no distribution that meets them has more entropy by more than the gap; some states have next to no "
            "probability and may be forced to zero, which is too large a question to decide here");
}

void mx_explain_doubt(mx_run *run, double doubt)
{
    writer w = {run->result->message, sizeof run->result->message, 0};
    say(&w, "the facts are met, but they are so nearly dependent, or so large beside their spread, that double precision leaves "
            "probabilities in doubt by ");
    say_number(&w, doubt);
    say(&w, " of the largest, and the problem is too large for exact arithmetic; subtract a constant near the mean from each feature");
}

void mx_explain_scores(mx_run *run, double doubt)
{
    writer w = {run->result->message, sizeof run->result->message, 0};
    say(&w, "the facts are met, but their multipliers are so large, and so nearly cancel, that rounding leaves log p in doubt by ");
    say_number(&w, doubt);
    say(&w, "; soft facts far apart in their standard errors do that: one with their weighted mean does the same");
}

/* "x = 1", "(x, y) = (0, 1)". */
static void say_point(writer *w, const mx_support *support, const double *point)
{
    for (size_t v = 0; v < support->variables; v++) {
        const mx_variable *variable = &support->variable[v];
        say(w, "%s%.60s = ", v > 0 ? ", " : "", variable->name);
        if (variable->named)
            say(w, "%.60s", variable->label[(size_t)point[v]]);
        else
            say_number(w, point[v]);
    }
}

/* What no density can do. */
static void say_alone(writer *w, const maxent_problem *problem, const double *d, double target)
{
    say(w, "no density meets the facts: ");
    say_combination(w, problem, d, 1);
    say(w, " is never below ");
    say_number(w, target);
    say(w, ", and ");
    say_facts(w, problem, d);
    say(w, " ask%s for just that on average, so all mass would have to be ", count_facts(problem->k, d) == 1 ? "s" : "");
}

void mx_explain_pinned(mx_run *run, const char *where)
{
    const maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    writer w = {run->result->message, sizeof run->result->message, 0};
    double target = 0;
    for (size_t i = 0; i < problem->k; i++)
        target += result->direction[i] != 0 ? result->direction[i] * bound_of(&problem->fact[i], result->direction[i]) : 0;
    if (result->verdict == MAXENT_INFEASIBLE) {
        say(&w, "no distribution meets the facts: by ");
        say_facts(&w, problem, result->direction);
        say(&w, " all mass would have to be where %s, and there the others clash", where);
        return;
    }
    say_alone(&w, problem, result->direction, target);
    say(&w, "%s %s; the entropy is minus infinity", problem->support.variables > 1 ? "where" : "at", where);
}

void mx_explain_existence(mx_run *run, const double *point, size_t points, size_t variables)
{
    enum { NAMED_POINTS = 6 };
    maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    writer w = {result->message, sizeof result->message, 0};
    double *d = mx_alloc(problem->k + 1, sizeof *d), target = 0, size = 0, most = 0;
    if (d == NULL) {
        say(&w, "%s", maxent_verdict_text(result->verdict));
        return;
    }
    for (size_t i = 0; i < problem->k; i++)
        most = fmax(most, fabs(result->direction[i]));
    for (size_t i = 0; i < problem->k; i++) /* what is only the rounding of a zero */
        d[i] = fabs(result->direction[i]) > 1e-14 * most ? result->direction[i] : 0;
    round_direction(problem->k, d);
    for (size_t i = 0; i < problem->k; i++)
        if (d[i] != 0) {
            target += d[i] * bound_of(&problem->fact[i], d[i]);
            size += fabs(d[i] * bound_of(&problem->fact[i], d[i]));
        }
    if (point != NULL) { /* SINGULAR */
        say_alone(&w, problem, d, target);
        say(&w, variables > 1 ? "on a set of measure zero, as at " : points > NAMED_POINTS ? "where it is, as at " : "at ");
        for (size_t j = 0; j < points && j < (variables > 1 ? 1 : NAMED_POINTS); j++) {
            say(&w, "%s", j == 0 ? "" : " or ");
            say_point(&w, &problem->support, point + j * variables);
        }
        say(&w, "; the entropy is minus infinity");
        mx_free(d);
        return;
    }
    double margin = 0;
    for (size_t i = 0; i < problem->k && most > 0; i++) /* in the units of the rounded direction */
        if (fabs(result->direction[i]) == most)
            margin = result->margin / most * fabs(d[i]);
    double least = fabs(target + margin) > 1e-14 * (size + margin) ? target + margin : 0;
    bounds b = {mx_dd_make(least), mx_dd_make(INFINITY), mx_dd_make(target)};
    size_t count = count_facts(problem->k, d), only = 0;
    for (size_t i = 0; i < problem->k; i++)
        only = d[i] != 0 ? i : only;
    if (count == 1) {
        say_single(&w, problem, only, d, &b);
    } else {
        say(&w, "no distribution meets the facts: ");
        say_combination(&w, problem, d, 1);
        say(&w, " is never below ");
        say_unlike(&w, b.least.hi, target);
        say(&w, ", but by ");
        say_facts(&w, problem, d);
        say(&w, " its mean would be ");
        say_unlike(&w, target, b.least.hi);
    }
    if (result->repair != NULL)
        say_repairs(&w, problem, d, result->repair);
    mx_free(d);
}

void mx_explain_jump(mx_run *run, const double *point, double margin, size_t variables)
{
    maxent_result *result = run->result;
    char rest[sizeof result->message];
    writer w = {result->message, sizeof result->message, 0};
    snprintf(rest, sizeof rest, "the facts, which leave mass only on a part of the support beside that, are not met");
    if (!isnan(margin)) {
        result->margin = margin;
        mx_explain_existence(run, NULL, 0, variables);
        result->margin = NAN;
        memcpy(rest, result->message, sizeof rest);
    }
    say(&w, "but for mass at ");
    say_point(&w, &run->problem->support, point);
    say(&w, " itself, which no density has: %s; the entropy is minus infinity", rest);
}

void mx_explain_forced(mx_run *run, const signed char *side)
{
    maxent_result *result = run->result;
    char rest[sizeof result->message];
    writer w = {result->message, sizeof result->message, 0};
    double *d = mx_alloc(run->problem->k + 1, sizeof *d);
    if (d == NULL)
        return;
    memcpy(rest, result->message, sizeof rest);
    for (size_t i = 0; i < run->problem->k; i++)
        d[i] = side[i];
    say(&w, "where ");
    say_facts(&w, run->problem, d);
    say(&w, " %s mass, %s", count_facts(run->problem->k, d) == 1 ? "leaves" : "leave", rest);
    mx_free(d);
}

static void say_vanishing(writer *w, size_t states)
{
    if (states > 0)
        say(w, "; the probability of %zu state%s is below the least of doubles, and 0 here", states, states == 1 ? "" : "s");
}

void mx_explain(mx_run *run)
{
    maxent_result *result = run->result;
    writer w = {result->message, sizeof result->message, 0};
    if (result->message[0] != '\0')
        return;
    switch (result->verdict) {
    case MAXENT_SOLVED:
        say(&w, "the one distribution that meets the facts and assumes nothing else");
        say_vanishing(&w, mx_result_vanishing(result));
        break;
    case MAXENT_BOUNDARY:
        say(&w, "the facts force probability zero in %zu state%s; ", result->zeros, result->zeros == 1 ? "" : "s");
        say(&w, "the one distribution on the others that meets them and assumes nothing else");
        say_vanishing(&w, mx_result_vanishing(result));
        break;
    case MAXENT_UNFINISHED:
        if (isnan(result->worst_residual)) {
            say(&w, "stopped before any distribution was found that comes near the facts");
        } else if (result->worst_residual <= mx_run_rules(run).tolerance) {
            if (fabs(result->gap) <= mx_run_rules(run).tolerance) /* of the nodes as they are */
                say(&w, "the facts are met at the points that were taken, but stopped before finer ones had borne that out");
            else {
                say(&w, "the facts are met, but it is not proved that nothing that meets them has more entropy: gap ");
                say_number(&w, result->gap);
                say(&w, " nats");
            }
        } else {
            say(&w, "stopped before the facts were met to the tolerance: residual ");
            say_number(&w, result->worst_residual);
        }
        break;
    default:
        say(&w, "%s", maxent_verdict_text(result->verdict));
    }
}
