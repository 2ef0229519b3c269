/* How long the library takes for problems on continuous supports.
 *
 *     continuous_bench [--cpu] RUNS FILE [PLACES]
 *
 * One line of JSON: the medians of RUNS (fewer when it takes long) of reading it and of maxent_solve on one thread, in seconds, the
 * verdict, the library's own residual, the entropy, and the density at the places listed in the file PLACES. */
#include <maxent/maxent.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_RUNS = 1001 };
static clockid_t clock_id = CLOCK_MONOTONIC;

static double now(void)
{
    struct timespec t;
    clock_gettime(clock_id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The numbers of a file; NULL: it cannot be read. */
static double *read_numbers(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    size_t room = 1024;
    double x, *list = malloc(room * sizeof *list);
    *count = 0;
    while (file != NULL && list != NULL && fscanf(file, "%lf", &x) == 1) {
        if (*count == room) {
            double *more = realloc(list, 2 * room * sizeof *list);
            if (more == NULL)
                break;
            list = more;
            room *= 2;
        }
        list[(*count)++] = x;
    }
    if (file == NULL) {
        free(list);
        return NULL;
    }
    fclose(file);
    return list;
}

static int print(const maxent_result *result, double reading, double solving, int runs, const char *places)
{
    maxent_certificate proof;
    maxent_effort effort;
    size_t count = 0;
    maxent_result_certificate(result, &proof);
    maxent_result_effort(result, &effort);
    printf("{\"read\": %.9f, \"solve\": %.9f, \"runs\": %d, \"verdict\": \"%s\", \"iterations\": %zu", reading, solving, runs,
           maxent_verdict_word(maxent_result_verdict(result)), effort.iterations);
    if (!isnan(proof.residual))
        printf(", \"residual\": %.3e, \"entropy\": %.17g", proof.residual, maxent_result_entropy(result));
    double *x = places != NULL ? read_numbers(places, &count) : NULL, *p = malloc((count + 1) * sizeof *p);
    int wrong = p == NULL || (places != NULL && x == NULL) || (count > 0 && maxent_result_density(result, count, x, p) != MAXENT_OK);
    for (size_t i = 0; i < count && !wrong; i++)
        printf("%s%.17g", i > 0 ? ", " : ", \"p\": [", p[i]);
    printf("%s}\n", count > 0 && !wrong ? "]" : "");
    free(x);
    free(p);
    return wrong;
}

static int measure(const char *path, int most, const char *places)
{
    static double reading[MOST_RUNS], solving[MOST_RUNS];
    double spent = 0;
    int wrong = 0;
    maxent_options options;
    maxent_diagnostic diagnostic;
    maxent_options_init(&options);
    options.threads = 1;
    options.time_limit = 60;
    for (int run = 0; run < most; run++) {
        maxent_problem *problem = NULL;
        maxent_result *result = NULL;
        double start = now();
        maxent_error error = maxent_problem_from_file(path, &problem, &diagnostic);
        double middle = now();
        if (error == MAXENT_OK)
            error = maxent_solve(problem, &options, &result, &diagnostic);
        double end = now();
        if (error != MAXENT_OK) {
            fprintf(stderr, "%s: %s\n", path, diagnostic.message);
            maxent_problem_free(problem);
            return 1;
        }
        reading[run] = middle - start;
        solving[run] = end - middle;
        spent += end - start;
        if (run + 1 == most || spent > 2) {
            int runs = run + 1;
            qsort(reading, (size_t)runs, sizeof *reading, ascending);
            qsort(solving, (size_t)runs, sizeof *solving, ascending);
            wrong = print(result, reading[runs / 2], solving[runs / 2], runs, places);
            most = 0;
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
    return wrong;
}

int main(int argc, char **argv)
{
    int at = 1;
    if (at < argc && strcmp(argv[at], "--cpu") == 0) {
        clock_id = CLOCK_PROCESS_CPUTIME_ID;
        at++;
    }
    int runs = at < argc ? atoi(argv[at++]) : 0;
    if (runs < 1 || runs > MOST_RUNS || at == argc) {
        fprintf(stderr, "usage: continuous_bench [--cpu] RUNS FILE [PLACES]\n");
        return 2;
    }
    return measure(argv[at], runs, at + 1 < argc ? argv[at + 1] : NULL);
}
