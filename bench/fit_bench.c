/* Fits a conditional model and prints how it went as one JSON object, for bench/fit.py:
 *
 *     fit_bench FILE | --generate EVENTS,FEATURES,CLASSES,ENTRIES
 *               [--test FILE] [--l2 X] [--l1 X] [--tolerance X] [--intercept free|penalized|none] [--method M] [--threads N]
 *               [--iterations N] [--limit SECONDS] [--merge] [--trace] [--weights OUT] [--pass]
 *
 * --generate: events of ENTRIES binary features each, frequent ones first (an inverse square law), labels by random weights.
 * --weights writes doubles, [features (+ 1 with an intercept)][classes]. --pass: nothing is fitted; seconds of one pass (value and
 * gradient in double precision) beside the machine's floor: the bytes that a pass must read at the rate at which this machine reads
 * memory, or the multiply-adds at the rate of its vector unit, whichever takes longer.
 * Seconds are of the process's CPU, all threads together, unless they are called wall.
 */
#include "model/fit/task.h"

#include <maxent/maxent.h>
#include <maxent/model_file.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void die(const maxent_diagnostic *diagnostic)
{
    char text[2048];
    maxent_diagnostic_text(diagnostic, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    exit(1);
}

static int trace(void *user, const maxent_fit_progress *p)
{
    const double *start = user; /* of the fit, on the clock of the process */
    fprintf(stderr, "%5zu  passes %8.2f  objective %.12g  gap %.3g  seconds %.3f\n", p->iteration, p->passes, p->objective,
            p->gap, cpu() - *start);
    return 0;
}

static double uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static maxent_events *generate(size_t n, size_t m, size_t C, size_t k, maxent_diagnostic *diagnostic)
{
    size_t *row = malloc((n + 1) * sizeof *row);
    uint32_t *index = malloc(n * k * sizeof *index), *label = malloc(n * sizeof *label);
    uint64_t seed = 1;
    maxent_events *events = NULL;
    if (row == NULL || index == NULL || label == NULL)
        return NULL;
    row[0] = 0;
    for (size_t e = 0; e < n; e++) {
        uint32_t *at = index + row[e];
        size_t count = 0, votes = 0, best = 0;
        for (size_t i = 0; i < k; i++) {
            double u = uniform(&seed);
            at[i] = (uint32_t)((double)(m - 1) * u * u);
        }
        qsort(at, k, sizeof *at, ascending);
        for (size_t i = 0; i < k; i++)
            if (i == 0 || at[i] != at[i - 1])
                at[count++] = at[i];
        row[e + 1] = row[e] + count;
        for (size_t i = 0; i < count; i++) { /* each feature votes for a class of its own; four in ten labels are noise */
            size_t c = at[i] * 2654435761u % C, same = 0;
            for (size_t l = 0; l < count; l++)
                same += at[l] * 2654435761u % C == c;
            if (same > votes) {
                votes = same;
                best = c;
            }
        }
        label[e] = (uint32_t)(uniform(&seed) < 0.4 ? (size_t)(uniform(&seed) * (double)C) : best);
    }
    if (maxent_events_from_csr(n, m, C, row, index, NULL, label, NULL, &events, diagnostic) != MAXENT_OK)
        events = NULL;
    free(row);
    free(index);
    free(label);
    return events;
}

/* Bytes a second that one thread reads from memory, and multiply-adds a second in doubles. */
static void machine(double *bytes, double *flops)
{
    size_t count = 1 << 24;
    double *x = malloc(count * sizeof *x), sum = 0, best = 1e9, start;
    for (size_t i = 0; x != NULL && i < count; i++)
        x[i] = (double)i;
    for (int turn = 0; x != NULL && turn < 5; turn++) {
        double part[8] = {0};
        start = cpu();
        for (size_t i = 0; i < count; i += 8)
            for (size_t l = 0; l < 8; l++)
                part[l] += x[i + l];
        best = fmin(best, cpu() - start);
        sum += part[0] + part[7];
    }
    *bytes = (double)count * sizeof *x / best;
    best = 1e9;
    for (int turn = 0; x != NULL && turn < 5; turn++) {
        double a[64];
        for (size_t l = 0; l < 64; l++)
            a[l] = x[l];
        start = cpu();
        for (size_t i = 0; i < 1000000; i++)
            for (size_t l = 0; l < 64; l++)
                a[l] = a[l] * 0.999 + 1.5;
        best = fmin(best, cpu() - start);
        for (size_t l = 0; l < 64; l++)
            sum += a[l];
    }
    *flops = 64e6 / best;
    if (sum == 1.25)
        puts("");
    free(x);
}

static int measure_pass(const maxent_events *events, const maxent_fit_options *options, maxent_diagnostic *diagnostic)
{
    mx_task task;
    double loss, best = 1e9, bytes, flops;
    if (mx_task_begin(&task, events, options, diagnostic) != MAXENT_OK)
        return 1;
    double *w = calloc(2 * task.P, sizeof *w);
    for (int turn = 0; w != NULL && turn < 7; turn++) {
        double start = cpu();
        if (mx_task_pass(&task, w, &loss, w + task.P, NULL, NULL) != MAXENT_OK)
            return 1;
        best = fmin(best, cpu() - start);
    }
    machine(&bytes, &flops);
    double entries = (double)maxent_events_nonzeros(events);
    double width = events->value != NULL ? 12 : events->code != NULL ? 5 : 4;
    double read = 2 * entries * width + 24.0 * (double)task.n + 24.0 * (double)task.P; /* the data twice; weights, gradient in and out */
    double work = 2 * entries * (double)task.V;
    double floor = fmax(read / bytes, work / flops);
    printf("{\"pass\": %.6f, \"floor\": %.6f, \"times_floor\": %.2f, \"gigabytes_a_second\": %.2f, \"gigaflops\": %.2f, \"events\": %zu, "
           "\"features\": %zu, \"classes\": %zu, \"entries\": %.0f, \"nanoseconds_an_entry_and_class\": %.3f}\n",
           best, floor, best / floor, bytes / 1e9, 2 * flops / 1e9, task.n, task.m, task.C, entries,
           1e9 * best / (entries * (double)task.V));
    free(w);
    mx_task_end(&task);
    return 0;
}

int main(int argc, char **argv)
{
    const char *train = NULL, *test = NULL, *weights = NULL;
    size_t n = 0, m_wanted = 0, C_wanted = 0, entries = 0;
    int pass_only = 0;
    maxent_fit_options options;
    maxent_read_options reading;
    maxent_diagnostic diagnostic;
    maxent_fit_options_init(&options);
    maxent_read_options_init(&reading);
    reading.keep_apart = 1;
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        if (argv[i][0] != '-')
            train = argv[i];
        else if (strcmp(argv[i], "--trace") == 0)
            options.progress = trace;
        else if (strcmp(argv[i], "--pass") == 0)
            pass_only = 1;
        else if (strcmp(argv[i], "--merge") == 0)
            reading.keep_apart = 0;
        else if (++i >= argc)
            return 2;
        else if (strcmp(argv[i - 1], "--test") == 0)
            test = next;
        else if (strcmp(argv[i - 1], "--weights") == 0)
            weights = next;
        else if (strcmp(argv[i - 1], "--generate") == 0) {
            if (sscanf(next, "%zu,%zu,%zu,%zu", &n, &m_wanted, &C_wanted, &entries) != 4)
                return 2;
        } else if (strcmp(argv[i - 1], "--limit") == 0)
            options.time_limit = atof(next);
        else if (strcmp(argv[i - 1], "--iterations") == 0)
            options.max_iterations = (size_t)atol(next);
        else if (strcmp(argv[i - 1], "--l2") == 0)
            options.l2 = atof(next);
        else if (strcmp(argv[i - 1], "--l1") == 0)
            options.l1 = atof(next);
        else if (strcmp(argv[i - 1], "--tolerance") == 0)
            options.tolerance = atof(next);
        else if (strcmp(argv[i - 1], "--threads") == 0)
            options.threads = reading.threads = atoi(next);
        else if (strcmp(argv[i - 1], "--intercept") == 0)
            options.intercept = next[0] == 'f'   ? MAXENT_INTERCEPT_FREE
                                : next[0] == 'p' ? MAXENT_INTERCEPT_PENALIZED
                                                 : MAXENT_INTERCEPT_NONE;
        else if (strcmp(argv[i - 1], "--method") == 0) {
            for (int m = 0; m < MAXENT_FIT_METHOD_COUNT; m++)
                if (strcmp(next, maxent_fit_method_word((maxent_fit_method)m)) == 0)
                    options.method = (maxent_fit_method)m;
        } else
            return 2;
    }
    maxent_events *events = NULL, *held = NULL;
    maxent_read_report report;
    double before = cpu();
    if (n > 0)
        events = generate(n, m_wanted, C_wanted, entries, &diagnostic);
    else if (train == NULL)
        return 2;
    else if (maxent_events_read(train, &reading, &events, &report, &diagnostic) != MAXENT_OK)
        events = NULL;
    if (events == NULL)
        die(&diagnostic);
    double read = cpu() - before, memory = peak();
    if (pass_only) {
        int failed = measure_pass(events, &options, &diagnostic);
        maxent_events_free(events);
        return failed;
    }
    maxent_model *model = NULL;
    maxent_fit fit;
    before = cpu();
    options.progress_user = &before;
    if (maxent_model_fit(events, &options, &model, &fit, &diagnostic) != MAXENT_OK)
        die(&diagnostic);
    double fitted = cpu() - before;
    size_t m = maxent_model_features(model), C = maxent_model_classes(model), nonzeros = 0;
    for (size_t j = 0; j < m; j++)
        for (size_t c = 0; c < C; c++)
            nonzeros += maxent_model_weight(model, c, j) != 0;
    printf("{\"method\": \"%s\", \"verdict\": \"%s\", \"objective\": %.12g, \"gap\": %.4g, \"relative_gap\": %.4g, \"iterations\": %zu, "
           "\"passes\": %.2f, \"seconds\": %.4f, \"wall\": %.4f, \"read\": %.4f, \"peak_MiB\": %.1f, \"read_MiB\": %.1f, "
           "\"gradient\": %.3g, "
           "\"events\": %zu, \"features\": %zu, \"classes\": %zu, \"nonzeros\": %zu, \"entries\": %zu",
           maxent_fit_method_word(fit.method), maxent_verdict_word(fit.verdict), fit.objective, fit.gap, fit.gap / fit.objective,
           fit.iterations, fit.passes, fitted, fit.seconds, read, peak(), memory, fit.gradient, maxent_events_count(events), m, C, nonzeros,
           maxent_events_nonzeros(events));
    if (test != NULL) {
        maxent_evaluation found;
        reading.model = model;
        if (maxent_events_read(test, &reading, &held, NULL, &diagnostic) != MAXENT_OK ||
            maxent_model_evaluate(model, held, 0, &found, &diagnostic) != MAXENT_OK)
            die(&diagnostic);
        printf(", \"accuracy\": %.6f, \"log_loss\": %.6f", found.correct / found.weight, found.log_loss / found.weight);
    }
    printf("}\n");
    if (weights != NULL) {
        FILE *file = fopen(weights, "wb");
        for (size_t j = 0; file != NULL && j < m + (size_t)maxent_model_has_intercept(model); j++)
            for (size_t c = 0; c < C; c++) {
                double w = j < m ? maxent_model_weight(model, c, j) : maxent_model_intercept(model, c);
                fwrite(&w, sizeof w, 1, file);
            }
        if (file == NULL || fclose(file) != 0)
            return 1;
    }
    maxent_events_free(held);
    maxent_events_free(events);
    maxent_model_free(model);
    return 0;
}
