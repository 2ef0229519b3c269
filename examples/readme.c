/* The program in README.md. */
#include <maxent/maxent.h>
#include <stdio.h>

int main(void)
{
    const double price[3] = {1, 2, 3}, mean = 1.75;
    maxent_problem *problem;
    maxent_result *result;
    maxent_diagnostic diagnostic;
    if (maxent_problem_from_array(3, 1, price, 1, 1, &mean, &problem, &diagnostic) != MAXENT_OK ||
        maxent_solve(problem, NULL, &result, &diagnostic) != MAXENT_OK) {
        fprintf(stderr, "%s\n", diagnostic.message);
        return 1;
    }
    const double *p = maxent_result_probabilities(result);
    maxent_fact fact;
    maxent_result_fact(result, 0, &fact);
    printf("%s: %.6f %.6f %.6f, lambda %.6f, entropy %.6f\n", maxent_verdict_word(maxent_result_verdict(result)),
           p[0], p[1], p[2], fact.lambda, maxent_result_entropy(result));
    maxent_result_free(result);
    maxent_problem_free(problem);
    return 0;
}
