/* Reads a file of events and says how fast: read_bench FILE THREADS REPEATS [TARGET] -> one JSON line. TARGET: the column of
 * the class, of a table. Merging is not part of it. */
#include <maxent/maxent.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int count, char **words)
{
    maxent_read_options options;
    maxent_read_report report;
    struct stat status;
    double wall = 1e300, cpu = 1e300;
    if (count < 4 || count > 5 || stat(words[1], &status) != 0) {
        fprintf(stderr, "usage: read_bench FILE THREADS REPEATS [TARGET]\n");
        return 2;
    }
    maxent_read_options_init(&options);
    options.threads = atoi(words[2]);
    options.keep_apart = 1;
    options.target = count == 5 ? words[4] : NULL;
    for (int i = 0; i < atoi(words[3]); i++) { /* the best of them: the machine may be busy */
        maxent_events *events;
        double start = seconds(CLOCK_MONOTONIC), began = seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (maxent_events_read(words[1], &options, &events, &report, NULL) != MAXENT_OK)
            return 1;
        double took = seconds(CLOCK_MONOTONIC) - start, used = seconds(CLOCK_PROCESS_CPUTIME_ID) - began;
        wall = took < wall ? took : wall;
        cpu = used < cpu ? used : cpu;
        maxent_events_free(events);
    }
    printf("{\"bytes\": %lld, \"events\": %zu, \"entries\": %zu, \"seconds\": %.6f, \"cpu\": %.6f}\n", (long long)status.st_size,
           report.events, report.entries, wall, cpu);
    return 0;
}
