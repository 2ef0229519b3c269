/* Verdicts on continuous and countable supports, each derived beside it. */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct verdict_case {
    const char *text;
    maxent_verdict verdict;
    const char *says;      /* what the message has in it, or NULL */
} verdict_case;

static maxent_result *solve(const char *text, double limit)
{
    maxent_problem *problem;
    maxent_result *result;
    maxent_options options;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    maxent_options_init(&options);
    options.time_limit = limit;
    maxent_error error = maxent_solve(problem, &options, &result, &where);
    maxent_problem_free(problem);
    if (error != MAXENT_OK)
        fail_msg("%s: %s: %s", text, maxent_error_text(error), where.message);
    return result;
}

static void check(const verdict_case *list, size_t count, double limit)
{
    for (size_t i = 0; i < count; i++) {
        maxent_result *result = solve(list[i].text, limit);
        if (maxent_result_verdict(result) != list[i].verdict || (list[i].says && !strstr(maxent_result_message(result), list[i].says)))
            fail_msg("%s: %s, %s", list[i].text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
        maxent_result_free(result);
    }
}

#define CHECK(list, limit) check(list, sizeof(list) / sizeof *(list), limit)

/* Features that vary from number to number, with targets that lead far beyond where doubles count them: |cos| <= 1. */
static void test_far_numbers(void **state)
{
    (void)state;
    static const verdict_case list[] = {
        {"u in -inf..inf; E[cos(u)] >= 0.708; E[u^2] = 0.699; P[u > 1] <= 0.00728; E[abs(cos(u))] = 1.0468; E[abs(cos(u))^3] <= 1.146",
         MAXENT_INFEASIBLE, "abs(cos(u)) never exceeds 1"},
        {"n in -inf..inf; E[abs(cos(n))] = 1.0468", MAXENT_INFEASIBLE, "E[abs(cos(n))] = 1"}};
    CHECK(list, 20);
}

/* On y = x^3 the first term is 0, and what is left falls without bound: nothing is impossible there, however far out. On the others the
 * least is known: x^2 + y^2 - x sqrt|y| is least at x = sqrt(y)/2, y^2 - y/4 at y = 1/8, -1/64. */
static void test_valleys(void **state)
{
    (void)state;
    static const char *const possible[] = {"x in R; y in R; E[(y-x^3)^2 - x^2] = -1e8",
                                           "x in [0,inf); y in [0,inf); E[(y-x^3)^2 - x] = -1e4",
                                           "x in [0,inf); y in [0,inf); E[(y-x^3)^2 - log(1+x)] = -10",
                                           "x in [0,inf); y in [0,inf); E[(y-x^2)^2] = 1; E[log(1+x)] = 20",
                                           "x in [0,inf); y in [0,inf); E[(y-x^3)^2] = 1; E[x] = 1e4; E[x^2] >= 1e9",
                                           "x in R; y in R; E[(y-2*x^3+5)^2 - abs(x)] = -1e5",
                                           "x in R; y in R; E[x^2*(1-3*exp(-(y-x^3)^2))] = -1e6",
                                           "n in 0..inf; y in R; E[(y-n^3)^2 - n] = -1e5",
                                           "x in R; y in R; z in R; E[(y-x^3)^2 + (z-x^2)^2 - abs(x)] = -1e6"};
    static const verdict_case impossible[] = {
        {"x in R; y in R; E[x^2 + y^2 - x*abs(y)^0.5] = -1", MAXENT_INFEASIBLE, "is never below -0.015625"},
        {"x in R; y in R; E[(y-x^3)^2 + x^2] = -1", MAXENT_INFEASIBLE, "is never below 0"}};
    for (size_t i = 0; i < sizeof possible / sizeof *possible; i++) {
        maxent_result *result = solve(possible[i], 4);
        if (maxent_result_verdict(result) == MAXENT_INFEASIBLE)
            fail_msg("%s: %s", possible[i], maxent_result_message(result));
        maxent_result_free(result);
    }
    CHECK(impossible, 20);
}

/* What goes where: y^2 has an end only on the axis of y; the classes are named. */
static void test_where_it_goes(void **state)
{
    (void)state;
    static const verdict_case list[] = {
        {"x in [0,1]; y in [0,inf); E[y] = 0.2800888518499706; E[y^2] = 0.1383736112149974; E[1/(1+x^2+y^2)] = 0.8153233733951182; "
         "E[tanh(x-2*y)] = -0.19428440942861788", MAXENT_UNATTAINED, "(y -> infinity)"},
        {"x in [0,1]; y in [0,inf); E[y] = 1; E[y^2] = 5", MAXENT_UNATTAINED, "(y -> infinity)"}, /* E[y^2] <= 2 E[y]^2 */
        {"b in {one, two}; y in [0,inf); E[y] = 1; E[y^2] = 5", MAXENT_UNATTAINED, "(y -> infinity, b = "},
        {"x in R; y in R; E[x] = 1", MAXENT_UNBOUNDED, "y -> -infinity and as y -> infinity"}};
    CHECK(list, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_far_numbers), cmocka_unit_test(test_valleys),
                                       cmocka_unit_test(test_where_it_goes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
