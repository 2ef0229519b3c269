/* Verdicts on continuous and countable supports in words: why no density meets the facts, and why nothing does. */
#include "solve/verdict.h"

#include "base/memory.h"
#include "base/text.h"
#include "solve/continuous/continuum.h"
#include "solve/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void mx_explain_pinned(mx_run *run, const char *where)
{
    const maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    mx_writer w = {run->result->message, sizeof run->result->message, 0};
    double target = 0;
    for (size_t i = 0; i < problem->k; i++)
        target += result->direction[i] != 0 ? result->direction[i] * mx_bound_of(&problem->fact[i], result->direction[i]) : 0;
    if (result->verdict == MAXENT_INFEASIBLE) {
        mx_say(&w, "no distribution meets the facts: by ");
        mx_say_facts(&w, problem, result->direction);
        mx_say(&w, " all mass would have to be where %s, and there the others clash", where);
        return;
    }
    mx_say_alone(&w, problem, result->direction, target);
    mx_say(&w, "%s %s; the entropy is minus infinity", problem->support.variables > 1 ? "where" : "at", where);
}

void mx_explain_existence(mx_run *run, const double *point, size_t points, size_t variables)
{
    enum { NAMED_POINTS = 6 };
    maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    mx_writer w = {result->message, sizeof result->message, 0};
    double *d = mx_alloc(problem->k + 1, sizeof *d), target = 0, size = 0, most = 0, share = 0;
    if (d == NULL) {
        mx_say(&w, "%s", maxent_verdict_text(result->verdict));
        return;
    }
    for (size_t i = 0; i < problem->k; i++) {
        most = fmax(most, fabs(result->direction[i]));
        share = fmax(share, fabs(result->direction[i]) * fmax(1, mx_fact_size(&problem->fact[i])));
    }
    for (size_t i = 0; i < problem->k; i++) { /* what is only the rounding of a zero: beside 1, and beside what its target adds */
        double part = fabs(result->direction[i]), adds = part * mx_fact_size(&problem->fact[i]);
        d[i] = part > 1e-14 * most || adds > 1e-10 * share ? result->direction[i] : 0;
    }
    mx_round_direction(problem->k, d);
    for (size_t i = 0; i < problem->k; i++)
        if (d[i] != 0) {
            target += d[i] * mx_bound_of(&problem->fact[i], d[i]);
            size += fabs(d[i] * mx_bound_of(&problem->fact[i], d[i]));
        }
    if (point != NULL) { /* SINGULAR */
        mx_say_alone(&w, problem, d, fabs(target) > 1e-14 * size ? target : 0);
        int many = variables > 1; /* some points of a curve or a surface would tell nobody which it is */
        mx_say(&w, many ? "where it is so, on a set of measure zero" : points > NAMED_POINTS ? "where it is, as at " : "at ");
        for (size_t j = 0; j < points && j < NAMED_POINTS && !many; j++) {
            mx_say(&w, "%s", j == 0 ? "" : " or ");
            mx_say_point(&w, &problem->support, point + j * variables);
        }
        mx_say(&w, "; the entropy is minus infinity");
        mx_free(d);
        return;
    }
    double margin = 0;
    for (size_t i = 0; i < problem->k && most > 0; i++) /* in the units of the rounded direction */
        if (fabs(result->direction[i]) == most)
            margin = result->margin / most * fabs(d[i]);
    double least = fabs(target + margin) > 1e-14 * (size + margin) ? target + margin : 0;
    mx_extremes b = {mx_dd_make(least), mx_dd_make(INFINITY), mx_dd_make(target)};
    size_t count = mx_count_facts(problem->k, d), only = 0;
    for (size_t i = 0; i < problem->k; i++)
        only = d[i] != 0 ? i : only;
    if (count == 1) {
        mx_say_single(&w, problem, only, d, &b);
    } else {
        mx_say(&w, "no distribution meets the facts: ");
        mx_say_combination(&w, problem, d, 1);
        mx_say(&w, " is never below ");
        mx_say_unlike(&w, b.least.hi, target);
        mx_say(&w, ", but by ");
        mx_say_facts(&w, problem, d);
        mx_say(&w, " its mean would be ");
        mx_say_unlike(&w, target, b.least.hi);
    }
    if (result->repair != NULL)
        mx_say_repairs(&w, problem, d, result->repair);
    mx_free(d);
}

void mx_explain_jump(mx_run *run, const double *point, double margin, size_t variables)
{
    maxent_result *result = run->result;
    char rest[sizeof result->message];
    mx_writer w = {result->message, sizeof result->message, 0};
    snprintf(rest, sizeof rest, "the facts, which leave mass only on a part of the support beside that, are not met");
    if (!isnan(margin)) {
        result->margin = margin;
        mx_explain_existence(run, NULL, 0, variables);
        result->margin = NAN;
        memcpy(rest, result->message, sizeof rest);
    }
    mx_say(&w, "but for mass at ");
    mx_say_point(&w, &run->problem->support, point);
    mx_say(&w, " itself, which no density has: %s; the entropy is minus infinity", rest);
}

void mx_explain_forced(mx_run *run, const signed char *side)
{
    maxent_result *result = run->result;
    char rest[sizeof result->message];
    mx_writer w = {result->message, sizeof result->message, 0};
    double *d = mx_alloc(run->problem->k + 1, sizeof *d);
    if (d == NULL)
        return;
    memcpy(rest, result->message, sizeof rest);
    for (size_t i = 0; i < run->problem->k; i++)
        d[i] = side[i];
    mx_say(&w, "where ");
    mx_say_facts(&w, run->problem, d);
    mx_say(&w, " %s mass, %s", mx_count_facts(run->problem->k, d) == 1 ? "leaves" : "leave", rest);
    mx_free(d);
}

void mx_explain_bare(mx_run *run, const signed char *side)
{
    maxent_result *result = run->result;
    mx_writer w = {result->message, sizeof result->message, 0};
    double *d = mx_alloc(run->problem->k + 1, sizeof *d);
    result->message[0] = '\0';
    if (d == NULL)
        return;
    for (size_t i = 0; i < run->problem->k; i++)
        d[i] = side[i];
    mx_say(&w, "no density meets the facts: where ");
    mx_say_facts(&w, run->problem, d);
    mx_say(&w, " %s room for one the others clash, ", mx_count_facts(run->problem->k, d) == 1 ? "leaves" : "leave");
    if (result->verdict == MAXENT_SINGULAR)
        mx_say(&w, "and what meets them has mass on a set of measure zero; the entropy is minus infinity");
    else
        mx_say(&w, "and whether mass on a set of measure zero can meet them is not known");
    mx_free(d);
}
