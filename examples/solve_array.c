/* From arrays: the die of mean 4.5 under a prior that favours the five, then a sweep of means, each started from the last answer.
 *
 *     cc solve_array.c $(pkg-config --cflags --libs maxent) -o solve_array
 */
#include <maxent/maxent.h>

#include <stdio.h>
#include <stdlib.h>

static void check(maxent_error error, const maxent_diagnostic *diagnostic)
{
    if (error != MAXENT_OK) {
        char text[2048];
        maxent_diagnostic_text(diagnostic, text, sizeof text);
        fprintf(stderr, "%s\n", text);
        exit(1);
    }
}

int main(void)
{
    const double face[6] = {1, 2, 3, 4, 5, 6}; /* the only feature, f(x) = x */
    const double prior[6] = {0.1, 0.1, 0.1, 0.1, 0.5, 0.1};
    const double mean = 4.5;
    maxent_diagnostic diagnostic = {0};
    maxent_problem *problem;
    maxent_result *result;

    check(maxent_problem_from_array(6, 1, face, 1, 1, &mean, &problem, &diagnostic), &diagnostic);
    check(maxent_problem_set_prior(problem, prior, &diagnostic), &diagnostic);
    check(maxent_problem_set_text(problem, 0, "E[x]"), &diagnostic);
    check(maxent_solve(problem, NULL, &result, &diagnostic), &diagnostic);

    const double *p = maxent_result_probabilities(result);
    for (int x = 0; x < 6; x++)
        printf("p(%d) = %.15f\n", x + 1, p[x]);
    maxent_certificate proof;
    maxent_result_certificate(result, &proof);
    printf("%s: relative entropy %.15f, residual below 1e-12: %s\n", maxent_verdict_word(maxent_result_verdict(result)),
           maxent_result_relative_entropy(result), proof.residual < 1e-12 ? "yes" : "no");

    /* What would other means have told? Each solve starts from the multiplier of the one before. */
    maxent_fact fact;
    maxent_result_fact(result, 0, &fact);
    double lambda = fact.lambda;
    maxent_result_free(result);
    for (int i = 2; i <= 7; i++) {
        maxent_options options;
        maxent_options_init(&options);
        options.warm = &lambda;
        check(maxent_problem_set_target(problem, 0, (double)i), &diagnostic);
        check(maxent_solve(problem, &options, &result, &diagnostic), &diagnostic);
        maxent_result_fact(result, 0, &fact);
        maxent_verdict verdict = maxent_result_verdict(result);
        if (verdict == MAXENT_SOLVED) {
            printf("mean %d: lambda %9.6f, entropy %.6f\n", i, fact.lambda, maxent_result_entropy(result));
            lambda = fact.lambda;
        } else {
            printf("mean %d: %s\n", i, maxent_verdict_word(verdict));
        }
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
    return 0;
}
