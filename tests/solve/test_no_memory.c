/* No memory, in solves that make many thousands of allocations: the first one of every way in which the program comes to ask for memory
 * fails. The call says so, or does without and comes to the same verdict or to none; it never hands out another one, and leaks nothing
 * (under the sanitizers). Solves of few allocations, with every k, are in test_memory.c.
 */
#include <maxent/maxent.h>

#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WAYS = 4096 };

static maxent_problem *compile(const char *text)
{
    maxent_problem *problem = NULL;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    return problem;
}

static maxent_error solve(const maxent_problem *problem, maxent_result **result)
{
    maxent_options options;
    maxent_options_init(&options);
    options.threads = 1;
    options.time_limit = 600; /* under valgrind, or beside busy programs */
    *result = NULL;
    return maxent_solve(problem, &options, result, NULL);
}

static void every_way(const char *text, maxent_verdict verdict, size_t stride)
{
    static size_t first[WAYS];
    maxent_problem *problem = compile(text);
    maxent_result *result;
    failing_alloc_record(first, WAYS);
    maxent_error error = solve(problem, &result);
    size_t ways = failing_alloc_ways();
    assert_int_equal(error, MAXENT_OK);
    if (maxent_result_verdict(result) != verdict)
        fail_msg("%s: %s: %s", text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
    maxent_result_free(result);
    assert_true(ways > 20 && ways < WAYS);
    for (size_t i = stride / 2; i < ways; i += stride) {
        failing_alloc_start(first[i], 0);
        error = solve(problem, &result);
        size_t failed = failing_alloc_stop();
        assert_true(failed <= 1); /* 0: what is tried within a time took another way */
        if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY)
            fail_msg("%s: allocation %zu: %s", text, first[i], maxent_error_text(error));
        assert_true((error == MAXENT_OK) == (result != NULL));
        if (result != NULL && maxent_result_verdict(result) != verdict && maxent_result_verdict(result) != MAXENT_UNFINISHED)
            fail_msg("%s: allocation %zu: %s", text, first[i], maxent_verdict_word(maxent_result_verdict(result)));
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
}

/* A text and what is special about its solve. */
static const struct {
    const char *text;
    maxent_verdict verdict;
    size_t stride; /* of the ways, one in so many: of solves that take long */
} list[] = {
    /* finite/sampled.c: a clash of several facts of many states */
    {"x in 1..40000; E[x] = 10000; E[x^2] = 9e7; E[x^3] = 1e13; E[sqrt(x)] >= 10", MAXENT_INFEASIBLE, 5},
    /* finite/refine.c, finite/allowance.c */
    {"x in 1..5; E[abs(x - 5)] = 3; P[x <= 4 | x = 4 or x < 5] = 0.9999999999999999; E[x*x] = 4", MAXENT_BOUNDARY, 1},
    /* continuous/steep.c */
    {"x in [0, 1]; E[1/x] = 150", MAXENT_SOLVED, 1},
    /* continuous/central.c */
    {"x in R; E[x] = -2.6; E[x^2] = 7.76; E[x^3] = -25.376; E[x^4] = 89", MAXENT_SOLVED, 1},
    /* continuous/tails.c, cells/nested_far.c */
    {"x in R; y in R; E[log(1 + x^2 + y^2)] = 2", MAXENT_SOLVED, 17},
    /* existence/edge.c */
    {"n in 0..inf; P[n >= 7] = 0.3; E[n] = 2.1", MAXENT_BOUNDARY, 1},
    /* existence/far.c, continuous/rays.c */
    {"x in R; y in R; E[x^2 + y^2] = 1; E[x*y] = 2", MAXENT_INFEASIBLE, 1},
    /* existence/strict.c, boxes.c, descent.c */
    {"x in [0, 1]; y in [0, 1]; E[x*y] = 0.9; E[x + y] = 1", MAXENT_INFEASIBLE, 1},
    /* ends: facts that are only approached */
    {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 1", MAXENT_UNATTAINED, 1},
    /* continuous/forced.c, pinned.c; dual/thinned.c is in test_memory.c */
    {"x in [0, 1]; y in {a, b}; P[x > 0.5] = 0; E[x | y = a] = 0.2", MAXENT_BOUNDARY, 1},
    {"x in R; y in R; E[(x - y)^2] = 0; E[x^2] = 1", MAXENT_SINGULAR, 3},
    /* continuous/rounded.c: power moments of the uniform law on [0.6, 0.7] */
    {"x in [0, 1]; E[x^k] = (0.7^(k + 1) - 0.6^(k + 1))/(0.1*(k + 1)) for k in 1..16", MAXENT_SOLVED, 23},
    /* continuous/bumps.c */
    {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.001; E[x^4] = 8", MAXENT_SOLVED, 17},
    /* continuous/units.c */
    {"x in R; E[x] = 0; E[x^2] = 1e26", MAXENT_SOLVED, 1},
    /* a class, and whole numbers; alone.c */
    {"b in {0, 1}; n in 0..inf; prior 1/(1 + n)^3; E[n] = 0.3; P[b = 1] = 0.3; E[b*n] = 0.05", MAXENT_SOLVED, 1},
    /* three variables, cells/nested.c */
    {"x in [0, 1]; y in [0, 1]; z in [0, 1]; E[max(x, y, z)] = 0.8", MAXENT_SOLVED, 5},
    /* existence/valleys.c, places.c */
    {"x in R; y in R; E[(y - x^2)^2] = 1; E[x] = -3; E[y] = 1", MAXENT_INFEASIBLE, 1},
    /* unbounded */
    {"x in R; y in [0, 1]; E[x] = 3; E[x*y] = 1", MAXENT_UNBOUNDED, 1},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        every_way(list[i].text, list[i].verdict, list[i].stride);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
