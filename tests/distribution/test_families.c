/* The names of answers, with their parameters. The facts are expectations of the family in closed form: psi, zeta' and Bessel functions
 * from mpmath (30 digits), the formula beside each.
 */
#include <maxent/distribution.h>
#include <maxent/solve.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        struct { const char *name; double value; } parameter[4];
    } table[] = {
        /* E log x = log scale - psi(shape), E 1/x = shape / scale */
        {"x in [0, inf); E[log(x)] = -0.1575053797636907813; E[1/x] = 4/3", "inverse gamma", {{"shape", 4}, {"scale", 3}}},
        /* E log x = psi(alpha) - psi(beta), E log(1 + x) = psi(alpha + beta) - psi(beta) */
        {"x in [0, inf); E[log(x)] = -0.4; E[log(1 + x)] = 0.6029610277865572855", "beta prime", {{"alpha", 2.5}, {"beta", 3.5}}},
        /* E log x = log scale + psi(shape / power) / power, E x^power = scale^power shape / power */
        {"x in [0, inf); E[log(x)] = 0.6491359205530098684; E[x^3] = 32/3", "generalised gamma",
         {{"shape", 4}, {"power", 3}, {"scale", 2}}},
        /* E log(x - 1) = psi(shape) - log rate, E x = 1 + shape / rate */
        {"x in [1, inf); E[log(x - 1)] = -0.6758279535696425520; E[x] = 5/3", "gamma", {{"shape", 2}, {"rate", 3}, {"minimum", 1}}},
        /* E exp(i x) = I1(2) / I0(2) exp(i/2) */
        {"x in [-pi, pi]; E[cos(x)] = 0.6123548719582326881; E[sin(x)] = 0.3345309912187580533", "von Mises",
         {{"location", 0.5}, {"concentration", 2}}},
        /* E log(1 + t^2/5) = psi(3) - psi(5/2) */
        {"x in R; E[log(1 + ((x - 1)/2)^2/5)] = 0.2196276944532239522", "Student t", {{"location", 1}, {"scale", 2}, {"df", 5}}},
        /* exp(x) / 3 on the left of 0, exp(-x/2) / 3 on the right */
        {"x in R; E[max(x, 0)] = 4/3; E[max(-x, 0)] = 1/3", "asymmetric Laplace",
         {{"location", 0}, {"left_scale", 1}, {"right_scale", 2}}},
        /* E log x = log 2 - 1/shape */
        {"x in [0, 2]; E[log(x)] = 0.3598138472266119761", "power function", {{"shape", 3}, {"minimum", 0}, {"maximum", 2}}},
        /* log 2 + psi(2) - psi(5), log 2 + psi(3) - psi(5) */
        {"x in [1, 3]; E[log(x - 1)] = -0.3901861527733880239; E[log(3 - x)] = 0.1098138472266119761", "beta",
         {{"alpha", 2}, {"beta", 3}, {"minimum", 1}, {"maximum", 3}}},
        /* z = (x - 1) / 2 with density exp(z - e^z): E z = -gamma, E e^z = 1 */
        {"x in R; E[x] = -0.1544313298030657212; E[exp((x - 1)/2)] = 1", "reflected Gumbel", {{"location", 1}, {"scale", 2}}},
        /* E log n = -zeta'(3) / zeta(3); -zeta'(4) / (zeta(4) - 1) */
        {"n in 1..inf; E[log(n)] = 0.1648226821582772402", "zeta", {{"exponent", 3}}},
        {"n in 2..inf; E[log(n)] = 0.8370816206992826673", "truncated zeta", {{"exponent", 4}, {"minimum", 2}}},
        /* E n = -r / ((1 - r) log(1 - r)) */
        {"n in 1..inf; prior 1/n; E[n] = 1.637035001905937168", "logarithmic", {{"ratio", 0.6}}},
        /* E n = r / (1 - e^-r) */
        {"n in 1..inf; prior exp(-lgamma(n + 1)); E[n] = 2.313035285499331304", "truncated Poisson", {{"rate", 2}, {"minimum", 1}}},
        /* sums over whole numbers are integrals but for 2 exp(-2 pi^2 4) (Poisson's formula) */
        {"n in -inf..inf; E[n] = 3; E[(n - 3)^2] = 4", "discretised normal", {{"mean", 3}, {"sd", 2}}},
        {"x in {0, 1, 5}; P[x = 5] = 0; E[x] = 0.3", "Bernoulli", {{"probability", 0.3}}},
        /* three normal variables of variance 4: E x^2 = 12 */
        {"x in [0, inf); prior x^2; E[x^2] = 12", "Maxwell", {{"scale", 2}}},
        /* priors that are 1 on a part of the support and 0 elsewhere: the ends are those of the part. E x = 3 + 1 / rate; by symmetry the
         * truncated normal of -1 .. 1 about 0 with lambda = 1/2 has E x^2 = 1 - 2 exp(-1/2) / (sqrt(2 pi) erf(1/sqrt 2)) */
        {"x in [0, inf); prior x > 3; E[x] = 5", "exponential", {{"rate", 0.5}, {"minimum", 3}}},
        {"x in R; prior x > 0; E[x] = 2", "exponential", {{"rate", 0.5}}},
        {"x in R; prior abs(x) < 1; E[x^2] = 0.2911250947727693", "truncated normal",
         {{"mean", 0}, {"sd", 1}, {"minimum", -1}, {"maximum", 1}}},
        {"x in R; prior abs(x) < 1", "uniform", {{"minimum", -1}, {"maximum", 1}}},
        {"n in 0..inf; prior n < 4; E[n] = 2", NULL, {{NULL, 0}}},
        {"x in R; prior abs(x) > 1; E[x^2] = 3", NULL, {{NULL, 0}}},
        {"x in R; y in R; prior x < 1; E[x^2 + y^2] = 2", NULL, {{NULL, 0}}},
        /* families' kin that have no name: a wave, a gamma variable from elsewhere, tails to the fourth power, two bumps */
        {"x in [0, 1]; E[sin(7*x)] = 0.2", NULL, {{NULL, 0}}},
        {"x in [1, inf); E[log(x)] = 1; E[x] = 4", NULL, {{NULL, 0}}},
        {"x in R; E[x^2] = 1; E[x^4] = 2.5", NULL, {{NULL, 0}}},
        {"n in 0..inf; E[n^3] = 40", NULL, {{NULL, 0}}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maxent_problem *problem;
        maxent_result *result;
        maxent_family family;
        maxent_options options;
        maxent_options_init(&options);
        options.time_limit = 600; /* under valgrind, or beside busy programs */
        assert_int_equal(maxent_problem_from_text(table[i].text, strlen(table[i].text), NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(maxent_solve(problem, &options, &result, NULL), MAXENT_OK);
        if (maxent_result_verdict(result) != MAXENT_SOLVED && maxent_result_verdict(result) != MAXENT_BOUNDARY)
            fail_msg("%s: %s", table[i].text, maxent_result_message(result));
        maxent_result_family(result, &family);
        if ((family.name == NULL) != (table[i].name == NULL) || (family.name != NULL && strcmp(family.name, table[i].name) != 0))
            fail_msg("%s: '%s'", table[i].text, family.name == NULL ? "" : family.name);
        size_t expected = 0;
        for (; family.name != NULL && expected < 4 && table[i].parameter[expected].name != NULL; expected++) {
            const char *name = table[i].parameter[expected].name;
            double value = table[i].parameter[expected].value;
            if (expected >= family.parameters || strcmp(family.parameter[expected].name, name) != 0 ||
                !(fabs(family.parameter[expected].value - value) <= 1e-8 * fmax(1, fabs(value))))
                fail_msg("%s: %s is %.17g", table[i].text, family.parameter[expected].name, family.parameter[expected].value);
        }
        if (family.name != NULL)
            assert_int_equal(family.parameters, expected);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
