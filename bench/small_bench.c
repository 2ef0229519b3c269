/* How long the smallest job takes: prices 1, 2, 3 with mean 1.75, from text and from an array, library calls only.
 *
 *     small_bench [RUNS]
 *
 * Prints one line of JSON: the median and the best of RUNS (default 2000) in microseconds, each from making the problem to freeing
 * the result. The answer is checked against (19 - sqrt 61) / 24. */
#include <maxent/maxent.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double microseconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One job, made, solved and freed; returns 0 when the answer is right. */
static int once(int text)
{
    static const char facts[] = "x in {1, 2, 3}\nE[x] = 1.75\n";
    static const double F[3] = {1, 2, 3}, target[1] = {1.75};
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    int right = 0;
    maxent_error error = text ? maxent_problem_from_text(facts, strlen(facts), NULL, NULL, &problem, NULL)
                              : maxent_problem_from_array(3, 1, F, 1, 1, target, &problem, NULL);
    if (!error)
        error = maxent_solve(problem, NULL, &result, NULL);
    if (!error) {
        const double *p = maxent_result_probabilities(result);
        right = p && fabs(p[0] - (19 - sqrt(61)) / 24) <= 1e-14;
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
    return right ? 0 : 1;
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    double *took = calloc(runs + 1, sizeof *took);
    if (!took || runs == 0)
        return 2;
    for (int text = 0; text < 2; text++) {
        for (size_t i = 0; i < runs; i++) {
            double start = microseconds_now();
            if (once(text)) {
                fprintf(stderr, "small_bench: a wrong answer\n");
                return 1;
            }
            took[i] = microseconds_now() - start;
        }
        qsort(took, runs, sizeof *took, ascending);
        printf("%s\"%s\": {\"median\": %.3f, \"best\": %.3f}%s", text ? " " : "{", text ? "text" : "array", took[runs / 2], took[0],
               text ? "}\n" : ",");
    }
    free(took);
    return 0;
}
