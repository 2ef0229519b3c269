/* Our side of the benchmark: one problem folder (bench/data_bench.c says what is in it), one solve, one line of JSON.
 *
 *     solve_bench FOLDER OUT THREADS TOLERANCE [bytes|callback]
 *
 * The features are read before the clock starts, as the peers read theirs. seconds: from the problem's making to the result; cpu: of
 * all threads. OUT receives lambda, K raw doubles, for data_bench to judge. peak_kib
 * counts the features too. Uses the public headers alone. */
#define _GNU_SOURCE
#include <maxent/maxent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

typedef struct features {
    size_t k;
    const signed char *bytes; /* [n * k] */
} features;

static double seconds_now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(const char *what, const maxent_diagnostic *diagnostic)
{
    fprintf(stderr, "solve_bench: %s: %s\n", what, diagnostic ? diagnostic->message : "not as expected");
    return 1;
}

/* In memory of its own on large pages where there are such, which is what numpy gives the peers' arrays. */
static const void *read_features(const char *path, size_t bytes)
{
    enum { PAGE = 1 << 21 };
    void *memory = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
    FILE *file = fopen(path, "rb");
    if (memory == NULL || file == NULL)
        return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE);
    size_t got = fread(memory, 1, bytes, file);
    fclose(file);
    return got == bytes ? memory : NULL;
}

/* The spins of a state are the bits of its number, the most significant first; then the products of all pairs. */
static int fill_spins(void *user, size_t first, size_t count, double *out)
{
    size_t spins = *(const size_t *)user;
    for (size_t x = first; x < first + count; x++) {
        const double *s = out;
        for (size_t i = 0; i < spins; i++)
            *out++ = (x >> (spins - 1 - i)) & 1 ? 1 : -1;
        for (size_t i = 0; i < spins; i++)
            for (size_t j = i + 1; j < spins; j++)
                *out++ = s[i] * s[j];
    }
    return 0;
}

int main(int argc, char **argv)
{
    size_t n, k, bytes, spins = 0;
    char path[4096];
    maxent_diagnostic diagnostic = {0};
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: solve_bench FOLDER OUT THREADS TOLERANCE [bytes|callback]\n");
        return 2;
    }
    int callback = argc == 6 && strcmp(argv[5], "callback") == 0;

    snprintf(path, sizeof path, "%s/shape", argv[1]);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%zu %zu %zu", &n, &k, &bytes) != 3)
        return fail("cannot read the shape", NULL);
    fclose(file);
    double *target = calloc(k + 1, sizeof *target);
    snprintf(path, sizeof path, "%s/target", argv[1]);
    file = fopen(path, "rb");
    if (!target || !file || fread(target, sizeof *target, k, file) != k)
        return fail("cannot read the targets", NULL);
    fclose(file);

    const void *map = NULL;
    if (!callback) {
        snprintf(path, sizeof path, "%s/features", argv[1]);
        map = read_features(path, n * k * bytes);
        if (map == NULL)
            return fail("cannot read the features", NULL);
    }
    while (((size_t)1 << spins) < n)
        spins++;

    maxent_options options;
    maxent_options_init(&options);
    options.threads = (int)strtol(argv[3], NULL, 10);
    options.tolerance = strtod(argv[4], NULL);
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    double start = seconds_now(CLOCK_MONOTONIC), cpu_start = seconds_now(CLOCK_PROCESS_CPUTIME_ID);
    maxent_error error = callback   ? maxent_problem_from_callback(n, k, fill_spins, &spins, target, &problem, &diagnostic)
                         : bytes == 1 ? maxent_problem_from_bytes(n, k, map, target, &problem, &diagnostic)
                                      : maxent_problem_from_array(n, k, map, k, 1, target, &problem, &diagnostic);
    if (!error)
        error = maxent_solve(problem, &options, &result, &diagnostic);
    double took = seconds_now(CLOCK_MONOTONIC) - start, cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    if (error)
        return fail("no result", &diagnostic);

    maxent_effort effort;
    maxent_certificate certificate;
    maxent_result_effort(result, &effort);
    maxent_result_certificate(result, &certificate);
    file = fopen(argv[2], "wb");
    for (size_t i = 0; file && i < k; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        fwrite(&fact.lambda, sizeof fact.lambda, 1, file);
    }
    if (!file || fclose(file) != 0)
        return fail("cannot write the answer", NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %.6g, \"cpu\": %.6g, \"evaluations\": %zu, \"iterations\": %zu, \"threads\": %d, \"verdict\": \"%s\", "
           "\"answer\": \"lambda\", \"claimed\": %.3g, \"entropy\": %.17g, \"peak_kib\": %ld}\n",
           took, cpu, effort.evaluations, effort.iterations, effort.threads,
           maxent_verdict_word(maxent_result_verdict(result)), certificate.residual, maxent_result_entropy(result), usage.ru_maxrss);
    maxent_result_free(result);
    maxent_problem_free(problem);
    free(target);
    return 0;
}
