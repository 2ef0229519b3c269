/* A program of a stranger: solves the fast-food case through the installed header and library. */
#include <maxent/maxent.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char text[] = "x in {1, 2, 3}; E[x] = 1.75";
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    maxent_diagnostic diagnostic;
    maxent_error error = maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &diagnostic);
    if (error == MAXENT_OK)
        error = maxent_solve(problem, NULL, &result, &diagnostic);
    int ok = error == MAXENT_OK && strcmp(maxent_version(), MAXENT_VERSION) == 0;
    if (error != MAXENT_OK)
        fprintf(stderr, "%s\n", diagnostic.message);
    if (ok) {
        const double *p = maxent_result_probabilities(result);
        printf("%.3f %.3f %.3f\n", p[0], p[1], p[2]);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
    return ok ? 0 : 1;
}
