/* Steps by way of a sample of the states, on a strong tilt of skewed features where p rests on few states: the sample against the whole,
 * the step against the truth, the solve against Newton on the exact model. */
#include "support.h"

#include "base/dense.h"
#include "solve/dual/lanes.h"
#include "solve/dual/thinned.h"

enum { N = 30000, K = 10 };

/* Normal, lognormal and 0/1 columns; targets from exp(theta . f) with sd 4 of its logarithm. What was used to make them: theta. */
static raw skewed(double theta[K])
{
    uint64_t seed = 77;
    raw r = raw_new(N, K);
    double *weight = doubles(N), total = 0, top = -INFINITY;
    for (size_t i = 0; i < K; i++)
        theta[i] = 1.6 * normal(&seed);
    for (size_t x = 0; x < N; x++) {
        for (size_t i = 0; i < K; i++) {
            double v = normal(&seed);
            r.F[x * K + i] = i % 3 == 0 ? v : i % 3 == 1 ? exp(0.5 * v) : v > 0;
            weight[x] += theta[i] * r.F[x * K + i];
        }
        top = fmax(top, weight[x]);
    }
    for (size_t x = 0; x < N; x++)
        total += weight[x] = exp(weight[x] - top);
    for (size_t x = 0; x < N; x++)
        for (size_t i = 0; i < K; i++)
            r.lower[i] += weight[x] / total * r.F[x * K + i];
    memcpy(r.upper, r.lower, K * sizeof *r.upper);
    free(weight);
    return r;
}

typedef struct setting {
    raw r;
    maxent_problem *problem;
    mx_dual dual;
    mx_minimum minimum;
    mx_piece *piece;
    double *center, *scale, *scores, *spare, theta[K];
} setting;

/* At z = -part theta; the truth is -theta. */
static setting setting_new(double part, int threads)
{
    setting s = {.center = doubles(K), .scale = doubles(K), .scores = doubles(N), .spare = doubles(N)};
    s.r = skewed(s.theta);
    s.problem = raw_problem(&s.r);
    s.piece = calloc(K, sizeof *s.piece);
    assert_non_null(s.piece);
    for (size_t i = 0; i < K; i++) {
        s.center[i] = s.r.lower[i];
        s.scale[i] = 1;
        s.piece[i] = (mx_piece){.kind = MX_KIND_EQUAL};
    }
    s.dual = (mx_dual){.n = N, .r = K, .problem = s.problem, .center = s.center, .scale = s.scale, .direct = 1, .threads = threads,
                       .scores = s.scores, .spare = s.spare};
    assert_int_equal(mx_dual_open(&s.dual, 1), MAXENT_OK);
    assert_int_equal(mx_minimum_open(&s.minimum, K, threads, 1), MAXENT_OK);
    mx_minimum *m = &s.minimum;
    for (size_t i = 0; i < K; i++)
        m->z[i] = -part * s.theta[i];
    assert_int_equal(mx_dual_evaluate(&s.dual, m->z, MX_WANT_HESSIAN, &m->log_partition, m->mean, m->covariance), MAXENT_OK);
    for (size_t i = 0; i < K; i++)
        m->variance[i] = m->covariance[i * K + i];
    return s;
}

static void setting_free(setting *s)
{
    mx_minimum_close(&s->minimum);
    mx_dual_close(&s->dual);
    maxent_problem_free(s->problem);
    raw_free(&s->r);
    double *all[] = {s->center, s->scale, s->scores, s->spare};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(s->piece);
}

/* The covariance at z from the definition. */
static void covariance_of(const setting *s, const double *z, double *C)
{
    long double total = 0, *mean = calloc(K, sizeof *mean), *square = calloc(K * K, sizeof *square);
    assert_true(mean != NULL && square != NULL);
    for (size_t x = 0; x < N; x++) {
        long double score = s->dual.logq != NULL ? s->dual.logq[x] : 0;
        const double *f = s->r.F + x * K;
        for (size_t i = 0; i < K; i++)
            score -= (long double)z[i] * (f[i] - s->center[i]);
        long double w = expl(score - 10);
        total += w;
        for (size_t i = 0; i < K; i++) {
            mean[i] += w * (f[i] - s->center[i]);
            for (size_t j = 0; j <= i; j++)
                square[i * K + j] += w * (f[i] - s->center[i]) * (f[j] - s->center[j]);
        }
    }
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j <= i; j++)
            C[i * K + j] = C[j * K + i] = (double)(square[i * K + j] / total - mean[i] / total * (mean[j] / total));
    free(mean);
    free(square);
}

static double furthest(const double *C, const double *exact)
{
    double most = 0;
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            most = fmax(most, fabs(C[i * K + j] - exact[i * K + j]) / sqrt(exact[i * K + i] * exact[j * K + j]));
    return most;
}

/* Hessians of evaluations: of features as they stand about centers 50 deviations off, at the start and where p rests on few states;
 * from one block in four, which is nearly the same; and where those blocks have no weight, when all are taken. */
static void test_hessian(void **state)
{
    (void)state;
    double exact[K * K], C[K * K], first[K * K], mean[K], z[K], value;
    for (int threads = 1; threads <= 3; threads++) {
        setting s = setting_new(0.5, threads);
        for (size_t i = 0; i < K; i += 2)
            s.center[i] += 50;
        for (int tilted = 0; tilted < 2; tilted++) {
            for (size_t i = 0; i < K; i++)
                z[i] = tilted ? -0.7 * s.theta[i] : 0;
            covariance_of(&s, z, exact);
            s.dual.thin = 0;
            assert_int_equal(mx_dual_evaluate(&s.dual, z, MX_WANT_HESSIAN, &value, mean, C), MAXENT_OK);
            assert_true(furthest(C, exact) < 1e-11);
            assert_int_equal(mx_dual_evaluate(&s.dual, z, MX_WANT_DIAGONAL, &value, mean, C), MAXENT_OK);
            for (size_t i = 0; i < K; i++)
                assert_true(fabs(C[i] / exact[i * K + i] - 1) < 1e-11);
        }
        s.dual.thin = 4;
        memset(z, 0, sizeof z);
        covariance_of(&s, z, exact);
        size_t before = s.dual.evaluations;
        assert_int_equal(mx_dual_evaluate(&s.dual, z, MX_WANT_HESSIAN, &value, mean, C), MAXENT_OK);
        assert_true(s.dual.thin == 4 && s.dual.evaluations == before + 1);
        double off = furthest(C, exact); /* 7500 states or so: a correlation is off by about 0.012 */
        assert_true(off > 1e-4 && off < 0.1);
        if (threads == 1)
            memcpy(first, C, sizeof C);
        assert_memory_equal(first, C, sizeof C);
        double *logq = doubles(N);
        for (size_t x = 0; x < N; x++)
            logq[x] = mx_hashed(x / s.dual.rows) < 0.25 ? -INFINITY : 0;
        s.dual.logq = logq;
        covariance_of(&s, z, exact);
        assert_int_equal(mx_dual_evaluate(&s.dual, z, MX_WANT_HESSIAN, &value, mean, C), MAXENT_OK);
        assert_true(s.dual.thin == 0 && s.dual.evaluations == before + 3 && furthest(C, exact) < 1e-11);
        free(logq);
        setting_free(&s);
    }
}

/* Weights that are unbiased: their sum is 1, and the means under them those of all states, within five standard errors. */
static void test_sample(void **state)
{
    (void)state;
    enum { MOST = 1500, LD = 16 };
    double *panel = doubles(MOST * LD), *logarithm = doubles(MOST), *first = doubles(MOST * LD), *of_first = doubles(MOST);
    for (int threads = 1; threads <= 3; threads++) {
        setting s = setting_new(0.7, threads);
        const mx_minimum *m = &s.minimum;
        size_t count, heavy = 0, found = 0, before = s.dual.evaluations;
        assert_int_equal(mx_dual_sample(&s.dual, m->log_partition, MOST, panel, logarithm, &count), MAXENT_OK);
        assert_true(count > MOST / 2 && count <= MOST && s.dual.evaluations == before);
        double total = 0, least = INFINITY;
        for (size_t t = 0; t < count; t++) {
            total += exp(logarithm[t]);
            least = fmin(least, logarithm[t]);
        }
        /* a state below tau counts tau or nothing: variance at most tau p */
        double error = 5 * sqrt(exp(least));
        assert_true(fabs(total - 1) <= error);
        for (size_t i = 0; i < K; i++) {
            double mean = 0;
            for (size_t t = 0; t < count; t++)
                mean += exp(logarithm[t]) * panel[t * LD + i];
            assert_true(fabs(mean - m->mean[i]) <= error * sqrt(m->variance[i] + m->mean[i] * m->mean[i]));
        }
        for (size_t x = 0; x < N; x++) /* the heavy ones are all there, as they are */
            heavy += s.dual.scores[x] - m->log_partition > least;
        for (size_t t = 0; t < count; t++)
            found += logarithm[t] > least;
        assert_int_equal(heavy, found);
        if (threads == 1) {
            memcpy(first, panel, count * LD * sizeof *panel);
            memcpy(of_first, logarithm, count * sizeof *logarithm);
        }
        assert_memory_equal(first, panel, count * LD * sizeof *panel);
        assert_memory_equal(of_first, logarithm, count * sizeof *logarithm);
        setting_free(&s);
    }
    free(panel);
    free(logarithm);
    free(first);
    free(of_first);
}

static double distance(const setting *s)
{
    double sum = 0;
    for (size_t i = 0; i < K; i++)
        sum += (s->minimum.z[i] + s->theta[i]) * (s->minimum.z[i] + s->theta[i]);
    return sqrt(sum);
}

/* One step by the sample comes much nearer to the truth than Newton's with the exact Hessian. */
static void test_step(void **state)
{
    (void)state;
    setting s = setting_new(0.6, 1);
    mx_minimum *m = &s.minimum;
    mx_rules rules = {.tolerance = 1e-10, .floor = -INFINITY, .max_iterations = 100, .deadline = INFINITY};
    mx_minimum_settle(m, s.piece, &rules);
    double before = distance(&s), newton[K], work[K * K];
    memcpy(newton, m->slope, sizeof newton);
    memcpy(work, m->covariance, sizeof work);
    double *space = doubles(mx_cholesky_work(K, 1));
    assert_int_equal(mx_cholesky(K, work, K, 1, space), 0);
    mx_cholesky_solve(K, work, K, newton);
    free(space);
    mx_thinned sample;
    int found;
    assert_int_equal(mx_thinned_open(&sample, &s.dual), MAXENT_OK);
    assert_int_equal(sample.most, N / 20);
    assert_int_equal(mx_thinned_step(&sample, &s.dual, s.piece, &rules, m, &found), MAXENT_OK);
    assert_true(found);
    double *z = m->z, plain = 0;
    for (size_t i = 0; i < K; i++) {
        double off = z[i] - newton[i] + s.theta[i];
        plain += off * off;
        z[i] += m->step[i];
    }
    assert_true(distance(&s) < 0.1 * before);
    assert_true(distance(&s) < 0.3 * sqrt(plain));
    /* and the covariance that it found is nearly the one there */
    double there[K * K], mean[K], value;
    assert_int_equal(mx_dual_evaluate(&s.dual, z, MX_WANT_HESSIAN, &value, mean, there), MAXENT_OK);
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            assert_true(fabs(there[i * K + j] - m->covariance[i * K + j]) <= 0.25 * sqrt(there[i * K + i] * there[j * K + j]));
    mx_thinned_close(&sample);
    setting_free(&s);
}

/* The whole: multipliers as they were made, to the same bits on any number of threads. A panel of one's own, and few states: no sample. */
static void test_solve(void **state)
{
    (void)state;
    double theta[K], lambda[K] = {0};
    raw r = skewed(theta);
    maxent_problem *problem = raw_problem(&r);
    for (int threads = 1; threads <= 3; threads++) {
        maxent_options options;
        maxent_options_init(&options);
        options.threads = threads;
        options.tolerance = 1e-11;
        maxent_result *result = solve_with(problem, &options);
        verify(&r, result, MAXENT_SOLVED, "skewed");
        for (size_t i = 0; i < K; i++) {
            maxent_fact fact;
            maxent_result_fact(result, i, &fact);
            assert_true(fabs(fact.lambda + theta[i]) <= 1e-8);
            assert_true(threads == 1 || fact.lambda == lambda[i]);
            lambda[i] = fact.lambda;
        }
        maxent_result_free(result);
    }
    mx_thinned sample;
    mx_dual few = {.n = 49 * 20 * K, .r = K, .problem = problem}, own = {.n = N, .r = K, .panel = theta};
    assert_int_equal(mx_thinned_open(&sample, &few), MAXENT_OK);
    assert_int_equal(sample.most, 0);
    assert_int_equal(mx_thinned_open(&sample, &own), MAXENT_OK);
    assert_int_equal(sample.most, 0);
    maxent_problem_free(problem);
    raw_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hessian), cmocka_unit_test(test_sample),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_solve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
