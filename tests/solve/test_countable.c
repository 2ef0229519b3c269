/* Countable supports: what holds near 0 holds anywhere, for a law of whole numbers is told by distances between them. The entropies are
 * formulas: of the geometric law of mean m it is (m + 1) log(m + 1) - m log m; of p(n) = (1 - r) / (1 + r) r^|n - c| it is
 * log((1 + r) / (1 - r)) - 2 r / (1 - r^2) log r.
 */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct shape {
    const char *text;   /* with C for the place */
    double entropy;
} shape;

static double geometric(double mean)
{
    return (mean + 1) * log(mean + 1) - mean * log(mean);
}

static double two_sided(double r)
{
    return log((1 + r) / (1 - r)) - 2 * r / (1 - r * r) * log(r);
}

static void check_text(const char *text, maxent_verdict verdict, double entropy)
{
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    maxent_diagnostic where;
    maxent_certificate proof;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK ||
        maxent_solve(problem, NULL, &result, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    maxent_result_certificate(result, &proof);
    if (maxent_result_verdict(result) != verdict)
        fail_msg("%s: %s (%s)", text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
    if (!(fabs(maxent_result_entropy(result) - entropy) <= 1e-12 * entropy)) /* sums of 1e4 terms: 50 eps and more */
        fail_msg("%s: entropy %.17g, not %.17g", text, maxent_result_entropy(result), entropy);
    assert_true(proof.residual <= 1e-12);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Each shape at each place: C stands for it. */
static void check_places(const shape *list, size_t count)
{
    static const char *const place[] = {"0", "100000", "1000000", "123456789", "1000000000"};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sizeof place / sizeof *place; j++) {
            char text[256];
            size_t n = 0;
            for (const char *from = list[i].text; *from != '\0'; from++)
                n += (size_t)snprintf(text + n, sizeof text - n, *from == 'C' ? "%s" : "%.1s", *from == 'C' ? place[j] : from);
            check_text(text, MAXENT_SOLVED, list[i].entropy);
        }
}

static void test_far_starts(void **state)
{
    (void)state;
    const shape list[] = {
        {"n in C..inf; E[n] = 10 + C", geometric(10)},
        {"n in C..inf; E[n - C] = 1", geometric(1)},
        {"n in C..inf; E[n - C] = 300", geometric(300)},
        {"n in -inf..-C; E[n + C] = -10", geometric(10)},
        {"n in C..inf; prior 0.9^(n - C)", geometric(9)},
        {"c in {a, b}; n in C..inf; E[n] = 10 + C", log(2) + geometric(10)},
        {"n in C..inf; m in 0..inf; E[n - C] = 10; E[m] = 1", geometric(10) + geometric(1)},
        {"n in C..inf; E[n - C] = 10; P[n = C] = 1/11; E[abs(n - C)] <= 20", geometric(10)},
    };
    check_places(list, sizeof list / sizeof *list);
}

static void test_far_centers(void **state)
{
    (void)state;
    const shape list[] = {
        {"n in -inf..inf; prior 0.9^abs(n - C)", two_sided(0.9)},
        {"n in -inf..inf; prior 0.95^abs(n - C)", two_sided(0.95)},
        /* the same, tilted: p = a^n above C, b^n below, a = 0.95 exp(lambda), b = 0.95 exp(-lambda), from the mean 3 (mpmath) */
        {"n in -inf..inf; prior 0.95^abs(n - C); E[n - C] = 3", 4.66899496962016168},
        {"n in -inf..inf; E[abs(n - C)] = 3", two_sided((sqrt(10) - 1) / 3)}, /* 2 r / (1 - r^2) = 3 */
        {"n in 0..inf; prior 0.9^abs(n - 1000000 - C)", two_sided(0.9)},
    };
    check_places(list, sizeof list / sizeof *list);
}

/* What is true of every number but for the rounding of pi says nothing; what is true of some leaves the law of those. Multiples of pi/2 are
 * 0 where they round to it. */
static void test_multiples_of_pi(void **state)
{
    (void)state;
    const shape free[] = {
        {"n in C..inf; E[n - C] = 300; E[cos(2*pi*n)] = 1", geometric(300)},
        {"n in C..inf; E[n - C] = 3; E[cos(2*pi*n)] = 1", geometric(3)},
        {"n in C..inf; E[n - C] = 30; E[sin(pi*n)^2] = 0", geometric(30)},
        {"n in C..inf; E[n - C] = 3; E[abs(sin(pi*n))] <= 0", geometric(3)},
    };
    check_places(free, sizeof free / sizeof *free);
    static const struct {
        const char *text;
        double entropy;
    } part[] = {
        {"n in 0..inf; E[n] = 1000; E[cos(pi*n)] = 1", 500},      /* n = 2 m */
        {"n in 0..inf; E[n] = 1e4; E[cos(pi*n)] = 1", 5000},
        {"n in 0..inf; E[n] = 300; E[cos(2*pi*n/3)] = 1", 100},   /* n = 3 m */
        {"n in 0..inf; E[n] = 301; E[sin(pi*n/2)] = 1", 75},      /* n = 1 + 4 m */
        {"n in 0..inf; E[n] = 300; E[sin(pi*n/2)^2] = 0", 150},
        {"n in 100000..inf; E[n] = 100300; E[cos(pi*n)] = 1", 150},
        {"n in 1000000000..inf; E[n] = 1000000300; E[cos(pi*n)] = 1", 150},
    };
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        check_text(part[i].text, MAXENT_BOUNDARY, geometric(part[i].entropy));
    check_text("n in 0..inf; E[n] = 3; P[n > 1000000] = 0", MAXENT_BOUNDARY, geometric(3));
    check_text("n in 0..inf; E[n] = 3; P[n = 12345] = 0", MAXENT_BOUNDARY, geometric(3)); /* but for 12345 (1/4) (3/4)^12345 */
    check_text("c in {a, b}; n in 0..inf; E[n] = 3; E[cos(2*pi*n)] = 1", MAXENT_SOLVED, log(2) + geometric(3));
    /* c = a: n even, c = b: any, both exp(-lambda n): log(1/(1 - r^2) + 1/(1 - r)) + 30 lambda, with r from the mean (mpmath) */
    check_text("c in {a, b}; n in 0..inf; E[n] = 30; E[cos(pi*n)*(c = a) + (c = b)] = 1", MAXENT_BOUNDARY, 4.82858189039196);
    check_text("n in 0..20; E[n] = 10; E[sin(pi*n)^2] = 0", MAXENT_SOLVED, log(21));
}

/* Decimals on the edge: n - 7 [n >= 7] is never below 0, so that 0.3 of the mass is at 7 and 0.7 at 0; beside a class, of the level that
 * the facts speak of alone. */
static void test_edges_beside_a_class(void **state)
{
    (void)state;
    double two = -0.3 * log(0.3) - 0.7 * log(0.7);
    check_text("n in 0..inf; P[n >= 7] = .3; E[n] = 2.1", MAXENT_BOUNDARY, two);
    check_text("b in {0, 1}; n in 0..inf; P[n >= 7] = .3; E[n] = 2.1", MAXENT_BOUNDARY, log(2) + two);
    check_text("b in {0, 1}; n in 0..inf; P[n >= 7] = .3; E[n] = 2.1; P[b = 1] = .2", MAXENT_BOUNDARY,
               -.2 * log(.2) - .8 * log(.8) + two);
    check_text("b in {u, v}; n in 0..inf; P[n >= 7 | b = u] = .3; E[n | b = u] = 2.1; E[n] = 5; P[b = u] = .5", MAXENT_BOUNDARY,
               log(2) + 0.5 * two + 0.5 * geometric(7.9)); /* 2 * 5 - 2.1 */
    check_text("b in {0, 1}; n in 0..inf; P[n >= 7 and b = 1] = .3; E[n*b] = 2.1; E[n] = 5; P[b = 1] = .5", MAXENT_BOUNDARY,
               log(2) + 0.5 * geometric(5.8) - 0.3 * log(.6) - 0.2 * log(.4)); /* .3 at 7, .2 at 0 */
}

/* The prior alone is no comb, though a fact beside it steps from number to number. Z = pi coth(pi); log Z + sum log(1 + n^2)/(1 + n^2)/Z,
 * mpmath, Euler and Maclaurin from 2000 on. */
static void test_prior_alone(void **state)
{
    (void)state;
    const char *text = "n in -inf..inf; prior 1/(1 + n^2); E[n^2] = 1.5; E[n - 2*floor(n/2)] >= 0.465";
    maxent_problem *problem;
    maxent_result *result;
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    if (!(fabs(maxent_result_entropy_without(result) - 2.5228911545753816301) <= 1e-13))
        fail_msg("of the prior alone %.17g", maxent_result_entropy_without(result));
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_far_starts),
        cmocka_unit_test(test_far_centers),
        cmocka_unit_test(test_multiples_of_pi),
        cmocka_unit_test(test_edges_beside_a_class),
        cmocka_unit_test(test_prior_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
