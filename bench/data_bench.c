/* The benchmark's own side: makes the problems, judges the answers, measures the floor. Uses nothing of the library.
 *
 *     data_bench generate plain|hard N K SEED STRENGTH FOLDER     N x K doubles, row-major, into FOLDER/features
 *     data_bench generate spins SPINS 0 SEED STRENGTH FOLDER      2^SPINS x (SPINS + pairs) signed bytes
 *     data_bench judge FOLDER lambda|p FILE                       the residual of an answer
 *     data_bench scale FOLDER                                     min_i sd_i / max(|tau_i|, sd_i)
 *     data_bench stream FOLDER THREADS                            seconds to read the features once
 *
 * FOLDER/shape holds "N K BYTES" (bytes a feature: 8 or 1), FOLDER/target the K targets as doubles.
 *
 * plain: independent standard normals; targets are the means under p = exp(theta . x) / Z with theta_j = STRENGTH e_j / sqrt(K),
 *     e_j standard normal: the log-weights have standard deviation about STRENGTH.
 * hard: z_0, z_1, ... an autoregression with correlation 0.9 between neighbours; column j is z_j, exp(0.75 z_j) or [z_j > 0] for
 *     j mod 3 = 0, 1, 2, and stored times 10^(j mod 5 - 2). Targets as above with theta_j = STRENGTH e_j on the columns as stored:
 *     the few widest columns carry the tilt, and little of the support keeps weight ("effective" of generate: 1 / sum p^2).
 * spins: states are all sign patterns, the features are every s_i and every s_i s_j; fields N(0, 0.3^2), couplings
 *     N(0, STRENGTH^2 / SPINS).
 *
 * The residual is max_i |E_p f_i - tau_i| / sd_i, sd_i the standard deviation of column i over the states; sums in long double.
 * Normals: Marsaglia's polar method on xoshiro256++, the seed expanded by splitmix64. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct problem {
    size_t n, k, bytes;
    const double *F;        /* [n * k], NULL when the features are bytes */
    const signed char *B;   /* [n * k], NULL when the features are doubles */
    size_t length;          /* of the map */
    double *target;         /* [k] */
} problem;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "data_bench: %s %s: %s\n", what, name, errno ? strerror(errno) : "not as expected");
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("no memory for", "an array");
    return memory;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- random numbers ---- */

static uint64_t state[4];
static double spare;
static int have_spare;

static uint64_t rotl(uint64_t x, int r) { return (x << r) | (x >> (64 - r)); }

static uint64_t next(void)
{
    uint64_t result = rotl(state[0] + state[3], 23) + state[0], t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = rotl(state[3], 45);
    return result;
}

static void seed_with(uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        state[i] = z ^ (z >> 31);
    }
    have_spare = 0;
}

static double normal(void)
{
    double u, v, r;
    if (have_spare) {
        have_spare = 0;
        return spare;
    }
    do {
        u = 2 * ((double)(next() >> 11) * 0x1p-53) - 1;
        v = 2 * ((double)(next() >> 11) * 0x1p-53) - 1;
        r = u * u + v * v;
    } while (r >= 1 || r == 0);
    r = sqrt(-2 * log(r) / r);
    spare = v * r;
    have_spare = 1;
    return u * r;
}

/* ---- files ---- */

static void path_of(char *out, size_t size, const char *folder, const char *name)
{
    if (snprintf(out, size, "%s/%s", folder, name) >= (int)size)
        fail("too long a path in", folder);
}

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    path_of(path, sizeof path, folder, name);
    FILE *f = fopen(path, mode);
    if (!f)
        fail("cannot open", path);
    return f;
}

static const void *map_file(const char *path, size_t *length)
{
    struct stat s;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &s) != 0)
        fail("cannot open", path);
    *length = (size_t)s.st_size;
    void *m = mmap(NULL, *length ? *length : 1, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (m == MAP_FAILED)
        fail("cannot map", path);
    close(fd);
    return m;
}

static void load(problem *P, const char *folder)
{
    char path[4096];
    FILE *f = open_in(folder, "shape", "r");
    if (fscanf(f, "%zu %zu %zu", &P->n, &P->k, &P->bytes) != 3)
        fail("cannot read the shape in", folder);
    fclose(f);
    path_of(path, sizeof path, folder, "features");
    const void *map = map_file(path, &P->length);
    if (P->length != P->n * P->k * P->bytes)
        fail("wrong length of", path);
    P->F = P->bytes == 8 ? map : NULL;
    P->B = P->bytes == 1 ? map : NULL;
    P->target = allocate(P->k, sizeof *P->target);
    f = open_in(folder, "target", "rb");
    if (fread(P->target, sizeof *P->target, P->k, f) != P->k)
        fail("cannot read the targets in", folder);
    fclose(f);
}

static double feature(const problem *P, size_t x, size_t i)
{
    return P->F ? P->F[x * P->k + i] : P->B[x * P->k + i];
}

/* p(x) = exp(score . f(x)) / Z with a shifted exponential; returns new memory [n]. */
static double *tilted(const problem *P, const double *score)
{
    double *p = allocate(P->n, sizeof *p), top = -INFINITY;
    long double z = 0;
    for (size_t x = 0; x < P->n; x++) {
        long double s = 0;
        for (size_t i = 0; i < P->k; i++)
            s += (long double)score[i] * feature(P, x, i);
        p[x] = (double)s;
        if (p[x] > top)
            top = p[x];
    }
    for (size_t x = 0; x < P->n; x++)
        z += (p[x] = exp(p[x] - top));
    for (size_t x = 0; x < P->n; x++)
        p[x] = (double)(p[x] / z);
    return p;
}

/* mean[i] = E_p f_i, or of equal weights when p is NULL; square, when given, receives E f_i^2. */
static void means(const problem *P, const double *p, long double *mean, long double *square)
{
    for (size_t i = 0; i < P->k; i++)
        mean[i] = 0;
    for (size_t i = 0; square && i < P->k; i++)
        square[i] = 0;
    for (size_t x = 0; x < P->n; x++) {
        long double w = p ? (long double)p[x] : 1.0L / (long double)P->n;
        for (size_t i = 0; i < P->k; i++) {
            long double f = feature(P, x, i);
            mean[i] += w * f;
            if (square)
                square[i] += w * f * f;
        }
    }
}

/* ---- generate ---- */

static double column_scale(size_t j) { return pow(10, (double)(j % 5) - 2); }

static void write_features(int hard, size_t n, size_t k, const char *folder)
{
    FILE *f = open_in(folder, "features", "wb");
    double *row = allocate(k, sizeof *row);
    for (size_t x = 0; x < n; x++) {
        double z = 0;
        for (size_t j = 0; j < k; j++) {
            double e = normal();
            z = hard && j ? 0.9 * z + sqrt(1 - 0.81) * e : e;
            row[j] = !hard ? z : (j % 3 == 0 ? z : j % 3 == 1 ? exp(0.75 * z) : (double)(z > 0)) * column_scale(j);
        }
        if (fwrite(row, sizeof *row, k, f) != k)
            fail("cannot write the features in", folder);
    }
    free(row);
    if (fclose(f) != 0)
        fail("cannot write the features in", folder);
}

static void write_spins(size_t spins, const char *folder)
{
    FILE *f = open_in(folder, "features", "wb");
    signed char row[32 * 33 / 2];
    for (size_t x = 0; x < (size_t)1 << spins; x++) {
        size_t c = 0;
        for (size_t i = 0; i < spins; i++)
            row[c++] = (x >> (spins - 1 - i)) & 1 ? 1 : -1;
        for (size_t i = 0; i < spins; i++)
            for (size_t j = i + 1; j < spins; j++)
                row[c++] = (signed char)(row[i] * row[j]);
        if (fwrite(row, 1, c, f) != c)
            fail("cannot write the features in", folder);
    }
    if (fclose(f) != 0)
        fail("cannot write the features in", folder);
}

static int generate(const char *kind, size_t n, size_t k, uint64_t seed, double strength, const char *folder)
{
    int hard = strcmp(kind, "hard") == 0, spins = strcmp(kind, "spins") == 0;
    size_t count = n, features = k;
    if ((!hard && !spins && strcmp(kind, "plain") != 0) || (spins && (n < 2 || n > 30)))
        fail("unknown kind", kind);
    seed_with(seed);
    if (spins) {
        count = (size_t)1 << n;
        features = n + n * (n - 1) / 2;
        write_spins(n, folder);
    } else {
        write_features(hard, n, k, folder);
    }
    FILE *f = open_in(folder, "shape", "w");
    fprintf(f, "%zu %zu %d\n", count, features, spins ? 1 : 8);
    fclose(f);
    double *theta = allocate(features, sizeof *theta);
    for (size_t j = 0; j < features; j++) {
        theta[j] = normal() * (hard ? strength : !spins ? strength / sqrt((double)k) : j < n ? 0.3 : strength / sqrt((double)n));
    }
    f = open_in(folder, "target", "wb"); /* a placeholder of the right length, for load */
    fwrite(theta, sizeof *theta, features, f);
    fclose(f);
    problem P;
    load(&P, folder);
    double *p = tilted(&P, theta);
    long double *mean = allocate(features, sizeof *mean), squares = 0;
    means(&P, p, mean, NULL);
    for (size_t i = 0; i < features; i++)
        theta[i] = (double)mean[i];
    for (size_t x = 0; x < P.n; x++)
        squares += (long double)p[x] * p[x];
    f = open_in(folder, "target", "wb");
    if (fwrite(theta, sizeof *theta, features, f) != features || fclose(f) != 0)
        fail("cannot write the targets in", folder);
    printf("{\"n\": %zu, \"k\": %zu, \"bytes\": %zu, \"effective\": %.6g}\n", P.n, P.k, P.length, (double)(1 / squares));
    return 0;
}

/* ---- judge ---- */

static int judge(const char *folder, const char *what, const char *file)
{
    problem P;
    size_t length;
    load(&P, folder);
    const double *answer = map_file(file, &length);
    int from_lambda = strcmp(what, "lambda") == 0;
    if (length != (from_lambda ? P.k : P.n) * sizeof(double))
        fail("wrong length of", file);
    double *p, *score = allocate(P.k, sizeof *score);
    if (from_lambda) {
        for (size_t i = 0; i < P.k; i++)
            score[i] = -answer[i];
        p = tilted(&P, score);
    } else {
        long double total = 0;
        p = allocate(P.n, sizeof *p);
        for (size_t x = 0; x < P.n; x++)
            total += answer[x];
        for (size_t x = 0; x < P.n; x++)
            p[x] = (double)(answer[x] / total);
    }
    long double *mean = allocate(P.k, sizeof *mean), *plain = allocate(P.k, sizeof *plain), *square = allocate(P.k, sizeof *square);
    long double entropy = 0, squares = 0;
    means(&P, p, mean, NULL);
    means(&P, NULL, plain, square);
    double worst = 0;
    for (size_t i = 0; i < P.k; i++) {
        long double sd = sqrtl(square[i] - plain[i] * plain[i]);
        double r = (double)(fabsl(mean[i] - (long double)P.target[i]) / sd);
        if (!(r <= worst))
            worst = r;
    }
    for (size_t x = 0; x < P.n; x++) {
        entropy -= p[x] > 0 ? (long double)p[x] * logl(p[x]) : 0;
        squares += (long double)p[x] * p[x];
    }
    printf("{\"residual\": %.6g, \"entropy\": %.17g, \"effective\": %.6g}\n", isnan(worst) ? 1e308 : worst, (double)entropy,
           (double)(1 / squares));
    return 0;
}

/* ---- scale ---- */

/* What a demand in standard deviations is in parts of max(|tau_i|, sd_i), as the library counts. */
static int scale(const char *folder)
{
    problem P;
    load(&P, folder);
    long double *mean = allocate(P.k, sizeof *mean), *square = allocate(P.k, sizeof *square);
    double least = 1;
    means(&P, NULL, mean, square);
    for (size_t i = 0; i < P.k; i++) {
        double sd = (double)sqrtl(square[i] - mean[i] * mean[i]);
        least = fmin(least, sd / fmax(sd, fabs(P.target[i])));
    }
    printf("{\"scale\": %.6g}\n", least);
    return 0;
}

/* ---- stream ---- */

/* Sum of 64-bit words, so that the compiler may vectorise without reordering anything that matters. */
static int stream(const char *folder, int threads)
{
    problem P;
    load(&P, folder);
    const uint64_t *words = P.F ? (const void *)P.F : (const void *)P.B;
    long long count = (long long)(P.length / 8);
    double best = INFINITY;
    uint64_t sum = 0;
    for (int run = 0; run < 7; run++) {
        double start = seconds_now();
#pragma omp parallel for num_threads(threads) reduction(+ : sum) schedule(static)
        for (long long i = 0; i < count; i++)
            sum += words[i];
        double took = seconds_now() - start;
        if (took < best)
            best = took;
    }
    (void)threads;
    printf("{\"seconds\": %.6g, \"bytes\": %zu, \"sum\": %llu}\n", best, P.length, (unsigned long long)sum);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 8 && strcmp(argv[1], "generate") == 0)
        return generate(argv[2], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10), strtoull(argv[5], NULL, 10),
                        strtod(argv[6], NULL), argv[7]);
    if (argc == 5 && strcmp(argv[1], "judge") == 0)
        return judge(argv[2], argv[3], argv[4]);
    if (argc == 3 && strcmp(argv[1], "scale") == 0)
        return scale(argv[2]);
    if (argc == 4 && strcmp(argv[1], "stream") == 0)
        return stream(argv[2], (int)strtol(argv[3], NULL, 10));
    fprintf(stderr, "usage: data_bench generate KIND N K SEED STRENGTH FOLDER | judge FOLDER lambda|p FILE\n"
                    "       data_bench scale FOLDER | stream FOLDER THREADS\n");
    return 2;
}
