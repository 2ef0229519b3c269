/* Facts and certificates in words.
 *
 * A feature is written as the user wrote it: what stands between the brackets of E[...], the whole fact where that is no plain expectation.
 */
#include "solve/words.h"

#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

double mx_bound_of(const mx_fact *fact, double direction)
{
    return direction > 0 ? fact->upper : fact->lower;
}

/* Scales d so that its largest component is 1, then to small whole numbers if it is a multiple of such. */
void mx_round_direction(size_t k, double *d)
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

void mx_say(mx_writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = w->used < w->size ? vsnprintf(w->out + w->used, w->size - w->used, format, arguments) : 0;
    va_end(arguments);
    if (length > 0)
        w->used = w->used + (size_t)length < w->size ? w->used + (size_t)length : w->size - 1;
}

void mx_say_number(mx_writer *w, double value)
{
    char digits[MX_DOUBLE_TEXT];
    mx_say(w, "%s", mx_double_text_digits(value + 0.0, 10, digits)); /* + 0: no minus zero */
}

/* The same where ten digits would not tell it from `other`: then as many as it takes. */
void mx_say_unlike(mx_writer *w, double value, double other)
{
    char digits[MX_DOUBLE_TEXT], others[MX_DOUBLE_TEXT];
    mx_double_text_digits(value + 0.0, 10, digits);
    mx_double_text_digits(other + 0.0, 10, others);
    mx_say(w, "%s", strcmp(digits, others) != 0 || value == other ? digits : mx_double_text(value + 0.0, digits));
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
        mx_writer w = {inner, size, 0};
        mx_say(&w, "[%s] (%s%.*s%s - %s)", given, *text == 'P' ? "[" : "", (int)left, open + 1, *text == 'P' ? "]" : "",
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

void mx_say_combination(mx_writer *w, const maxent_problem *problem, const double *d, double sign)
{
    int first = 1;
    for (size_t i = 0; i < problem->k; i++) {
        if (d[i] == 0)
            continue;
        char whole[256], inner[256];
        fact_parts(problem, i, whole, sizeof whole, inner);
        double factor = d[i] * sign;
        mx_say(w, "%s", first ? (factor < 0 ? "-" : "") : factor < 0 ? " - " : " + ");
        if (fabs(factor) != 1) {
            mx_say_number(w, fabs(factor));
            mx_say(w, " ");
        }
        int wrap = compound(inner) && inner[0] != 'P' && (!first || fabs(factor) != 1 || factor < 0);
        mx_say(w, wrap ? "(%s)" : "%s", inner);
        first = 0;
    }
}

size_t mx_count_facts(size_t k, const double *d)
{
    size_t count = 0;
    for (size_t i = 0; i < k; i++)
        count += d[i] != 0;
    return count;
}

/* "E[x] = 2", "E[x] <= 4": the side of the fact that d leans on. */
static void say_fact(mx_writer *w, const maxent_problem *problem, size_t i, double direction, double value)
{
    const mx_fact *fact = &problem->fact[i];
    char whole[256], inner[256];
    fact_parts(problem, i, whole, sizeof whole, inner);
    mx_say(w, "%s %s ", whole, fact->lower == fact->upper ? "=" : direction > 0 ? "<=" : ">=");
    mx_say_unlike(w, value + fact->shift, value == mx_bound_of(fact, direction) ? value + fact->shift : mx_bound_of(fact, direction));
}

void mx_say_facts(mx_writer *w, const maxent_problem *problem, const double *d)
{
    size_t named = 0, count = mx_count_facts(problem->k, d);
    for (size_t i = 0; i < problem->k && named < MX_NAMED_FACTS; i++) {
        if (d[i] == 0)
            continue;
        mx_say(w, "%s", named == 0 ? "" : named + 1 == count ? " and " : ", ");
        char digits[MX_DOUBLE_TEXT], whole[256], inner[256];
        fact_parts(problem, i, whole, sizeof whole, inner);
        const mx_fact *fact = &problem->fact[i];
        mx_say(w, "%s %s %s", whole, fact->lower == fact->upper ? "=" : d[i] > 0 ? "<=" : ">=",
            mx_double_text(mx_bound_of(fact, d[i]) + fact->shift + 0.0, digits));
        named++;
    }
    if (count > named)
        mx_say(w, " and %zu more", count - named);
}

/* One fact that asks for what its feature never is. */
void mx_say_single(mx_writer *w, const maxent_problem *problem, size_t i, const double *d, const mx_extremes *b)
{
    const mx_fact *fact = &problem->fact[i];
    char whole[256], inner[256];
    fact_parts(problem, i, whole, sizeof whole, inner);
    double low = d[i] > 0 ? b->least.hi / d[i] : b->most.hi / d[i], high = d[i] > 0 ? b->most.hi / d[i] : b->least.hi / d[i];
    if (fact->given != SIZE_MAX) {
        mx_say(w, "%s cannot be ", whole);
        mx_say_number(w, fact->shift);
        mx_say(w, ": its condition has positive probability only with other values");
        return;
    }
    if (!plain_expectation(problem, i)) {
        mx_say(w, "%s ", whole);
        mx_say(w, low == high ? "is " : d[i] > 0 ? "is at least " : "is at most ");
    } else {
        mx_say(w, "%s ", inner);
        mx_say(w, low == high ? "is always " : d[i] > 0 ? "is never below " : "never exceeds ");
    }
    mx_say_unlike(w, d[i] > 0 ? low : high, mx_bound_of(fact, d[i]));
    mx_say(w, fact->lower == fact->upper ? ", so %s cannot be " : d[i] > 0 ? ", so %s cannot be at most " : ", so %s cannot be at least ",
        plain_expectation(problem, i) ? whole : "it");
    mx_say_unlike(w, mx_bound_of(fact, d[i]), d[i] > 0 ? low : high);
}

void mx_say_repairs(mx_writer *w, const maxent_problem *problem, const double *d, const double *repair)
{
    size_t count = 0, named = 0;
    for (size_t i = 0; i < problem->k; i++)
        count += isfinite(repair[i]) && problem->fact[i].given == SIZE_MAX;
    if (count == 0)
        return;
    mx_say(w, "; the smallest change of one fact alone that repairs it: ");
    for (size_t i = 0; i < problem->k && named < MX_NAMED_FACTS; i++) {
        if (!isfinite(repair[i]) || problem->fact[i].given != SIZE_MAX)
            continue;
        mx_say(w, "%s", named == 0 ? "" : ", or ");
        say_fact(w, problem, i, d[i], repair[i]);
        named++;
    }
}

/* "x = 1", "(x, y) = (0, 1)". */
void mx_say_point(mx_writer *w, const mx_support *support, const double *point)
{
    for (size_t v = 0; v < support->variables; v++) {
        const mx_variable *variable = &support->variable[v];
        mx_say(w, "%s%.60s = ", v > 0 ? ", " : "", variable->name);
        if (variable->named)
            mx_say(w, "%.60s", variable->label[(size_t)point[v]]);
        else
            mx_say_number(w, point[v]);
    }
}

/* What no density can do. */
void mx_say_alone(mx_writer *w, const maxent_problem *problem, const double *d, double target)
{
    mx_say(w, "no density meets the facts: ");
    mx_say_combination(w, problem, d, 1);
    mx_say(w, " is never below ");
    mx_say_number(w, target);
    mx_say(w, ", and ");
    mx_say_facts(w, problem, d);
    mx_say(w, " ask%s for just that on average, so all mass would have to be ", mx_count_facts(problem->k, d) == 1 ? "s" : "");
}
