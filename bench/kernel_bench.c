/* Time of one pass over the features on one core, part by part, beside the machine's floor measured in the same run:
 *
 *     bytes   summing as many bytes from memory as the features take
 *     flops   n k^2 floating point operations (one triangle of a Gram matrix) at the rate of numpy's dgemm
 *
 *     kernel_bench [python3 with numpy | -] [variant]
 *
 * Times are processor seconds (of the parts: clock time), the least of 9 runs on both sides, so that other programs on the
 * machine count little. With "-" in place of python3 the rate of dgemm is not measured and the flops count as nothing.
 */
#include "base/memory.h"
#include "solve/dual/kernels.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPEATS 9

enum { LOAD, SCORE, EXP, GRADIENT, GRAM, PARTS };

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double least(const double *v, size_t count)
{
    double best = v[0];
    for (size_t i = 1; i < count; i++)
        best = v[i] < best ? v[i] : best;
    return best;
}

static void *need(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "kernel_bench: no memory\n");
        exit(1);
    }
    return memory;
}

/* Floating point operations per second of numpy's matrix product on one core; 0 when python does not tell. */
static double dgemm_rate(const char *python)
{
    char command[1000], answer[100] = "";
    snprintf(command, sizeof command,
             "OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 %s -c 'import numpy as np, time\n"
             "A = np.random.randn(1500, 1500); A @ A; t = []\n"
             "for _ in range(9):\n s = time.process_time(); A @ A; t.append(time.process_time() - s)\n"
             "print(2 * 1500**3 / min(t))'",
             python);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return 0;
    if (fgets(answer, sizeof answer, pipe) == NULL)
        answer[0] = '\0';
    pclose(pipe);
    return strtod(answer, NULL);
}

typedef struct problem {
    size_t n, k;
    int bytes;         /* 1: features are signed chars */
    int feature_major;
    int single;        /* the Gram matrix in single precision */
} problem;

typedef struct data {
    double *f64;
    signed char *i8;
    double *panel, *s, *mu, *center, *scale, *G, *H, *scratch;
} data;

/* One pass as the solver makes it; adds the seconds of its parts. Returns log Z. */
static double pass(const mx_kernels *kernels, const problem *shape, const data *d, int what, double seconds[PARTS])
{
    size_t k = shape->k, ld = (k + 7) / 8 * 8, block = mx_kernels_block(k);
    double shift = 0, z = 0, t0, t1;

    memset(d->G, 0, k * sizeof *d->G);
    memset(d->H, 0, k * k * sizeof *d->H);
    for (size_t first = 0; first < shape->n; first += block) {
        size_t m = shape->n - first < block ? shape->n - first : block;
        /* the features of the next block, when they are contiguous */
        size_t last = first + m, more = shape->n - last < block ? shape->n - last : block, ahead = more * k;
        const void *next = shape->bytes ? (const void *)(d->i8 + last * k) : d->f64 + last * k;
        ahead = shape->feature_major ? 0 : shape->bytes ? ahead : ahead * sizeof *d->f64;
        t0 = now(CLOCK_MONOTONIC);
        if (shape->bytes)
            kernels->load_i8(d->i8 + first * k, m, k, d->center, d->scale, d->panel, ld);
        else if (shape->feature_major)
            kernels->load_f64(d->f64 + first, 1, shape->n, m, k, d->center, d->scale, d->panel, ld);
        else
            kernels->load_f64(d->f64 + first * k, k, 1, m, k, d->center, d->scale, d->panel, ld);
        t1 = now(CLOCK_MONOTONIC), seconds[LOAD] += t1 - t0, t0 = t1;
        memset(d->s, 0, m * sizeof *d->s);
        kernels->score(d->panel, ld, m, k, d->mu, d->s);
        t1 = now(CLOCK_MONOTONIC), seconds[SCORE] += t1 - t0, t0 = t1;
        double most = kernels->max(d->s, m);
        if (first == 0)
            shift = most;
        z += kernels->exp_sum(d->s, m, shift);
        t1 = now(CLOCK_MONOTONIC), seconds[EXP] += t1 - t0, t0 = t1;
        kernels->gradient(d->panel, ld, m, k, d->s, d->G);
        t1 = now(CLOCK_MONOTONIC), seconds[GRADIENT] += t1 - t0, t0 = t1;
        if (what == GRAM)
            (shape->single ? kernels->gram_ahead_f32 : kernels->gram_ahead)(d->panel, ld, m, k, d->s, d->H, k, d->scratch, next,
                                                                            ahead);
        t1 = now(CLOCK_MONOTONIC), seconds[GRAM] += t1 - t0;
    }
    return shift + log(z);
}

static double stream(const void *from, size_t bytes)
{
    const uint64_t *v = from;
    uint64_t sum[32] = {0}, all = 0;
    for (size_t i = 0; i + 32 <= bytes / 8; i += 32) {
        for (size_t l = 0; l < 32; l++)
            sum[l] += v[i + l];
    }
    for (size_t l = 0; l < 32; l++)
        all += sum[l];
    return (double)all;
}

static void measure(const mx_kernels *kernels, const problem *shape, double rate)
{
    size_t n = shape->n, k = shape->k, ld = (k + 7) / 8 * 8, block = mx_kernels_block(k);
    size_t size = shape->bytes ? 1 : sizeof(double);
    double times[PARTS + 2][REPEATS], check = 0;
    data d = {0};

    if (shape->bytes)
        d.i8 = need(mx_alloc_aligned(n * k, 1));
    else
        d.f64 = need(mx_alloc_aligned(n * k, sizeof *d.f64));
    d.panel = need(mx_alloc_aligned(block * ld, sizeof *d.panel));
    d.s = need(mx_alloc_aligned(block, sizeof *d.s));
    d.mu = need(mx_alloc_aligned(k, sizeof *d.mu));
    d.center = need(mx_alloc_aligned(k, sizeof *d.center));
    d.scale = need(mx_alloc_aligned(k, sizeof *d.scale));
    d.G = need(mx_alloc_aligned(k, sizeof *d.G));
    d.H = need(mx_alloc_aligned(k * k, sizeof *d.H));
    d.scratch = need(mx_alloc_aligned(mx_gram_scratch(k), sizeof *d.scratch));
    uint64_t random = 1;
    for (size_t i = 0; i < n * k; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        if (shape->bytes)
            d.i8[i] = random >> 63 ? 1 : -1;
        else
            d.f64[i] = (double)(random >> 11) * 0x1p-52 - 1;
    }
    for (size_t i = 0; i < k; i++) {
        d.mu[i] = 0.1 / sqrt((double)k) * (double)(i % 7);
        d.center[i] = 0.01;
        d.scale[i] = 1.5;
    }
    for (int r = 0; r < REPEATS; r++) {
        double seconds[PARTS] = {0}, t0 = now(CLOCK_PROCESS_CPUTIME_ID);
        check += pass(kernels, shape, &d, GRAM, seconds);
        times[PARTS][r] = now(CLOCK_PROCESS_CPUTIME_ID) - t0;
        for (int p = 0; p < PARTS; p++)
            times[p][r] = seconds[p];
        t0 = now(CLOCK_PROCESS_CPUTIME_ID);
        check += stream(shape->bytes ? (const void *)d.i8 : d.f64, n * k * size);
        times[PARTS + 1][r] = now(CLOCK_PROCESS_CPUTIME_ID) - t0;
    }
    double floor_flops = rate > 0 ? (double)n * (double)k * (double)k / rate : 0;
    double total = least(times[PARTS], REPEATS), floor_bytes = least(times[PARTS + 1], REPEATS);
    double larger = floor_bytes > floor_flops ? floor_bytes : floor_flops;
    printf("%8zu x %-4zu %-4s%-4s%9.2f", n, k, shape->bytes ? "i8" : shape->feature_major ? "f64T" : "f64",
           shape->single ? " f32" : "", 1e3 * total);
    for (int p = 0; p < PARTS; p++)
        printf("%8.2f", 1e3 * least(times[p], REPEATS));
    printf("  |%9.2f%9.2f%8.2f%8.2f%s\n", 1e3 * floor_bytes, 1e3 * floor_flops, total / larger,
           total / (floor_bytes + floor_flops), isfinite(check) ? "" : "  not finite!");
    mx_free(d.f64);
    mx_free(d.i8);
    mx_free(d.panel);
    mx_free(d.s);
    mx_free(d.mu);
    mx_free(d.center);
    mx_free(d.scale);
    mx_free(d.G);
    mx_free(d.H);
    mx_free(d.scratch);
}

int main(int count, char **argument)
{
    static const problem shapes[] = {
        {1000000, 1, 0, 0, 0},  {1000000, 4, 0, 0, 0},   {1000000, 8, 0, 0, 0},   {1000000, 20, 0, 0, 0},  {1000000, 20, 0, 0, 1},
        {1000000, 20, 0, 1, 0}, {200000, 100, 0, 0, 0},  {200000, 100, 0, 0, 1},  {200000, 100, 0, 1, 0},  {10000, 1000, 0, 0, 0},
        {10000, 1000, 0, 0, 1}, {10000, 1000, 0, 1, 0},  {262144, 210, 1, 0, 0},  {262144, 210, 1, 0, 1},
    };
    const mx_kernels *kernels = count > 2 ? mx_kernels_find(argument[2]) : mx_kernels_get();
    if (kernels == NULL) {
        fprintf(stderr, "kernel_bench: this processor does not run the variant '%s'\n", argument[2]);
        return 2;
    }
    double rate = count > 1 && strcmp(argument[1], "-") == 0 ? 0 : dgemm_rate(count > 1 ? argument[1] : "python3");
    printf("kernels: %s; dgemm: %.1f Gflop/s; milliseconds on one core\n", kernels->name, rate / 1e9);
    printf("%-23s%9s%8s%8s%8s%8s%8s  |%9s%9s%8s%8s\n", "  states x features", "pass", "load", "score", "exp", "grad", "gram",
           "bytes", "flops", "/larger", "/sum");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        measure(kernels, &shapes[i], rate);
    return 0;
}
