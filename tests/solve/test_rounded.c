/* Power moments on [0, 1], of which sixteen digits do not tell the density: of a narrow one from twelve or so on. Their true density is
 * known, so its entropy is a lower bound, but for what rounding of the facts does to it, and that of the normal with the same variance is
 * an upper one. The moments are products and differences in long double, rounded once.
 */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/long_double.h"

#define PI 3.14159265358979323846L
enum { MOST = 40 };

/* alpha > 0: beta(alpha, beta); else uniform on [from, to]. */
typedef struct law {
    double alpha, beta, from, to;
    double entropy;
} law;

static void moments(const law *l, size_t k, long double *m)
{
    long double product = 1, low = 1, high = 1;
    for (size_t j = 1; j <= k; j++) {
        product *= ((long double)l->alpha + j - 1) / ((long double)l->alpha + l->beta + j - 1);
        low = powl((long double)l->from, (long double)j + 1);
        high = powl((long double)l->to, (long double)j + 1);
        m[j] = l->alpha > 0 ? product : (high - low) / ((long double)(j + 1) * ((long double)l->to - l->from));
    }
}

static void check(const law *l, size_t k)
{
    char text[4096];
    long double m[MOST + 1];
    size_t length = (size_t)snprintf(text, sizeof text, "x in [0, 1]");
    moments(l, k, m);
    for (size_t j = 1; j <= k; j++)
        length += (size_t)snprintf(text + length, sizeof text - length, "; E[x^%zu] = %.17g", j, (double)m[j]);
    maxent_problem *problem;
    maxent_result *result;
    maxent_certificate proof;
    assert_int_equal(maxent_problem_from_text(text, length, NULL, NULL, &problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
    maxent_result_certificate(result, &proof);
    double normal = (double)(0.5L * logl(2 * PI * expl(1) * (m[2] - m[1] * m[1]))), entropy = maxent_result_entropy(result);
    if (maxent_result_verdict(result) != MAXENT_SOLVED)
        fail_msg("beta %g %g, uniform %g %g, %zu moments: %s", l->alpha, l->beta, l->from, l->to, k, maxent_result_message(result));
    if (!(entropy >= l->entropy - 1e-3 && entropy <= fmin(normal, 0) + 1e-12 && proof.residual <= 1e-12))
        fail_msg("beta %g %g, uniform %g %g, %zu moments: entropy %.12g, not in %.12g .. %.12g; residual %g", l->alpha, l->beta, l->from,
                 l->to, k, entropy, l->entropy, normal, proof.residual);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Entropies of beta laws: log B + (a + b - 2) psi(a + b) - (a - 1) psi(a) - (b - 1) psi(b), mpmath, 20 digits. */
static void test_narrow_densities(void **state)
{
    (void)state;
    const law list[] = {{24.5, 24.5, 0, 1, -1.2305324968596365271}, {26, 13, 0, 1, -1.1824869863092540833},
                        {2, 15.5, 0, 1, -1.3193555579458981754},
                        {0, 0, 0.6, 0.7, -2.3025850929940457}, {0, 0, 0.4, 1, -0.51082562376599068}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        for (size_t k = 16; k <= (i < 2 ? 32 : 24); k += 8)
            check(&list[i], k);
}

static void test_wide_densities(void **state)
{
    (void)state;
    const law list[] = {{0, 0, 0, 1, 0}, {0.5, 0.5, 0, 1, -0.24156447527049044469}}; /* log(pi / 4) */
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        for (size_t k = 24; k <= MOST; k += 4)
            check(&list[i], k);
}

/* What is no density must not be met to its last place by a spike: E[x^j] of a point, and of two. */
static void test_points(void **state)
{
    (void)state;
    for (size_t points = 1; points <= 2; points++)
        for (size_t k = 2 * points; k <= 12; k += 5) {
            char text[4096];
            size_t length = (size_t)snprintf(text, sizeof text, "x in [0, 1]");
            for (size_t j = 1; j <= k; j++)
                length += (size_t)snprintf(text + length, sizeof text - length, "; E[x^%zu] = %.17g", j,
                                           (double)((powl(0.5L, j) + powl(points == 1 ? 0.5L : 0.25L, j)) / 2));
            maxent_problem *problem;
            maxent_result *result;
            assert_int_equal(maxent_problem_from_text(text, length, NULL, NULL, &problem, NULL), MAXENT_OK);
            assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
            maxent_verdict verdict = maxent_result_verdict(result);
            if (verdict != MAXENT_SINGULAR && (k < 5 || verdict != MAXENT_UNFINISHED))
                fail_msg("%zu points, %zu moments: %s", points, k, maxent_verdict_word(verdict));
            maxent_result_free(result);
            maxent_problem_free(problem);
        }
}

/* Twenty-four moments of a normal are met by the normal of the first two, ten of an exponential by that of the first: the multipliers of
 * the others are 0. (2 j - 1)!! and j! are exact in doubles. */
static void test_more_than_needed(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        char text[4096];
        size_t length = (size_t)snprintf(text, sizeof text, half ? "x in [0, inf)" : "x in R");
        double moment = 1;
        for (int j = 1; j <= (half ? 10 : 24); j++) {
            moment *= half ? j : j % 2 == 0 ? j - 1 : 1;
            length += (size_t)snprintf(text + length, sizeof text - length, "; E[x^%d] = %.17g", j, half || j % 2 == 0 ? moment : 0);
        }
        maxent_problem *problem;
        maxent_result *result;
        maxent_fact fact;
        assert_int_equal(maxent_problem_from_text(text, length, NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        maxent_result_fact(result, half ? 0 : 1, &fact);
        double entropy = half ? 1 : 1.4189385332046727418; /* log(2 pi e)/2 */
        if (maxent_result_verdict(result) != MAXENT_SOLVED || !(fabs(maxent_result_entropy(result) - entropy) <= 1e-12) ||
            !(fabs(fact.lambda - (half ? 1 : 0.5)) <= 1e-10))
            fail_msg("%s: %s, entropy %.17g, lambda %.17g", text, maxent_result_message(result), maxent_result_entropy(result),
                     fact.lambda);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Six raw moments of half N(m - s, s^2/4), half N(m + s, s^2/4), m = 1e-6, s = 1e-9: of the last two the rounding leaves nothing, and
 * what the first four say of it is known to 1e-4. Nothing is left without mass. */
static void test_far_from_0(void **state)
{
    (void)state;
    static const char *const text[] = {
        "x in R; E[x] = 0; E[x^2] = 1.25; E[x^3] = 0; E[x^4] = 2.6875",
        "x in R; E[x^1]=9.9999999999999995e-7; E[x^2]=1.0000012499999999e-12; E[x^3]=1.0000037499999999e-18; "
        "E[x^4]=1.0000075000026873e-24; E[x^5]=1.0000125000134373e-30; E[x^6]=1.0000187500403122e-36"};
    double entropy[2];
    for (int i = 0; i < 2; i++) {
        maxent_problem *problem;
        maxent_result *result;
        assert_int_equal(maxent_problem_from_text(text[i], strlen(text[i]), NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        if (maxent_result_verdict(result) != MAXENT_SOLVED)
            fail_msg("%s: %s", text[i], maxent_result_message(result));
        entropy[i] = maxent_result_entropy(result) - (i == 1 ? log(1e-9) : 0);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
    if (!(fabs(entropy[1] - entropy[0]) <= 1e-3))
        fail_msg("entropy %.12g, not %.12g", entropy[1], entropy[0]);
}

int main(void)
{
    if (!long_double_is_wide()) {
        print_message("long double has the digits of double here: targets would be off in their last places, on which all hangs\n");
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_narrow_densities), cmocka_unit_test(test_wide_densities),
                                       cmocka_unit_test(test_points), cmocka_unit_test(test_more_than_needed),
                                       cmocka_unit_test(test_far_from_0)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
