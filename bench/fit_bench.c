/* Fits a conditional model and prints how it went, for bench/fit.py:
 *
 *     fit_bench train [--test FILE] [--l2 X] [--l1 X] [--tolerance X] [--intercept free|penalized|none] [--method M] [--threads N]
 *               [--cut EVENTS] [--keep-apart] [--weights OUT]
 *     fit_bench train --judge WEIGHTS ...     objective of weights that another program found, one line a feature, C numbers a line
 *
 * One JSON object on stdout. Seconds are of the process's CPU (all threads), unless they are called wall. --weights writes doubles,
 * [features][classes]; --judge reads the same (the intercepts come last, when there are any).
 */
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
    (void)user;
    fprintf(stderr, "%5zu  passes %8.2f  objective %.9g  gap %.3g  seconds %.3f\n", p->iteration, p->passes, p->objective, p->gap, p->seconds);
    return 0;
}

int main(int argc, char **argv)
{
    const char *train = NULL, *test = NULL, *weights = NULL;
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
        else if (strcmp(argv[i], "--merge") == 0)
            reading.keep_apart = 0;
        else if (++i >= argc)
            return 2;
        else if (strcmp(argv[i - 1], "--test") == 0)
            test = next;
        else if (strcmp(argv[i - 1], "--weights") == 0)
            weights = next;
        else if (strcmp(argv[i - 1], "--l2") == 0)
            options.l2 = atof(next);
        else if (strcmp(argv[i - 1], "--l1") == 0)
            options.l1 = atof(next);
        else if (strcmp(argv[i - 1], "--tolerance") == 0)
            options.tolerance = atof(next);
        else if (strcmp(argv[i - 1], "--threads") == 0)
            options.threads = reading.threads = atoi(next);
        else if (strcmp(argv[i - 1], "--intercept") == 0)
            options.intercept = next[0] == 'f' ? MAXENT_INTERCEPT_FREE : next[0] == 'p' ? MAXENT_INTERCEPT_PENALIZED : MAXENT_INTERCEPT_NONE;
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
    if (train == NULL || maxent_events_read(train, &reading, &events, &report, &diagnostic) != MAXENT_OK)
        die(&diagnostic);
    double read = cpu() - before, memory = peak();
    maxent_model *model = NULL;
    maxent_fit fit;
    before = cpu();
    if (maxent_model_fit(events, &options, &model, &fit, &diagnostic) != MAXENT_OK)
        die(&diagnostic);
    double fitted = cpu() - before;
    size_t m = maxent_model_features(model), C = maxent_model_classes(model), nonzeros = 0;
    for (size_t j = 0; j < m; j++)
        for (size_t c = 0; c < C; c++)
            nonzeros += maxent_model_weight(model, c, j) != 0;
    printf("{\"method\": \"%s\", \"verdict\": \"%s\", \"objective\": %.12g, \"gap\": %.4g, \"relative_gap\": %.4g, \"iterations\": %zu, "
           "\"passes\": %.2f, \"seconds\": %.4f, \"wall\": %.4f, \"read\": %.4f, \"peak_MiB\": %.1f, \"read_MiB\": %.1f, \"gradient\": %.3g, "
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
