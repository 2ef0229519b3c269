/* What the options do: limits and interruption, warm starts, explain, threads; and what is read from a result besides p.
 *
 * The same problem is also given in every storage the library knows, to see one answer. */
#include "support.h"

static maxent_fact fact_of(const maxent_result *result, size_t i)
{
    maxent_fact fact;
    maxent_result_fact(result, i, &fact);
    return fact;
}

/* k facts on n states, features normal, targets from a tilt: an interior optimum some way off the start. */
static raw tilted(size_t n, size_t k, double tilt, uint64_t seed)
{
    raw r = raw_new(n, k);
    double *score = doubles(n), total = 0;
    for (size_t x = 0; x < n; x++)
        for (size_t i = 0; i < k; i++) {
            r.F[x * k + i] = normal(&seed);
            score[x] += tilt * r.F[x * k + i] / sqrt((double)k);
        }
    for (size_t x = 0; x < n; x++)
        total += score[x] = exp(score[x]);
    for (size_t i = 0; i < k; i++) {
        for (size_t x = 0; x < n; x++)
            r.lower[i] += score[x] / total * r.F[x * k + i];
        r.upper[i] = r.lower[i];
    }
    free(score);
    return r;
}

/* ---- limits ---- */

typedef struct watch {
    size_t calls, stop_at, last_iteration, last_evaluations;
    double dual, residual, seconds;
    int monotone;
} watch;

static int look(void *user, const maxent_progress *progress)
{
    watch *w = user;
    if (w->calls > 0)
        w->monotone &= progress->iteration >= w->last_iteration && progress->evaluations >= w->last_evaluations &&
                       progress->dual <= w->dual + 1e-12 && progress->seconds >= w->seconds;
    w->calls++;
    w->last_iteration = progress->iteration;
    w->last_evaluations = progress->evaluations;
    w->dual = progress->dual;
    w->residual = progress->residual;
    w->seconds = progress->seconds;
    return w->calls == w->stop_at;
}

static void check_limits(const raw *r)
{
    maxent_problem *problem = raw_problem(r);
    maxent_options options;
    maxent_options_init(&options);
    watch w = {.monotone = 1};
    options.progress = look;
    options.progress_user = &w;
    maxent_result *result = solve_with(problem, &options);
    verify(r, result, MAXENT_SOLVED, "no limit");
    maxent_effort effort;
    maxent_result_effort(result, &effort);
    assert_true(w.calls >= 3 && w.monotone && w.last_iteration <= effort.iterations && w.residual <= 1e-9);
    /* the dual is an upper bound on the entropy relative to the prior, and meets it */
    assert_true(fabs(w.dual - maxent_result_entropy(result)) <= 1e-9);
    double entropy = maxent_result_entropy(result);
    maxent_result_free(result);

    for (int limit = 0; limit < 3; limit++) {
        maxent_options_init(&options);
        w = (watch){.monotone = 1, .stop_at = 2};
        if (limit == 0)
            options.max_iterations = 1;
        else if (limit == 1)
            options.time_limit = 1e-9;
        else {
            options.progress = look;
            options.progress_user = &w;
        }
        result = solve_with(problem, &options);
        assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
        maxent_result_effort(result, &effort);
        assert_true(effort.iterations <= 1);
        /* the best so far: a distribution, its true residual and gap, D still above the entropy of the answer */
        const double *p = maxent_result_probabilities(result);
        assert_non_null(p);
        long double total = 0, worst = 0;
        for (size_t x = 0; x < r->n; x++)
            total += p[x];
        assert_true(fabsl(total - 1) < 1e-13);
        for (size_t i = 0; i < r->k; i++) {
            long double mean = 0, square = 0;
            for (size_t x = 0; x < r->n; x++)
                mean += (long double)p[x] * r->F[x * r->k + i];
            for (size_t x = 0; x < r->n; x++)
                square += p[x] * powl(r->F[x * r->k + i] - mean, 2);
            long double off = fabsl(mean - r->lower[i]) / fmaxl(fabs(r->lower[i]), sqrtl(square));
            assert_true(fabsl(off - fact_of(result, i).residual) < 1e-9);
            assert_true(fabsl(mean - fact_of(result, i).achieved) < 1e-12);
            worst = fmaxl(worst, off);
        }
        maxent_certificate c;
        maxent_result_certificate(result, &c);
        assert_true(fabsl(worst - c.residual) < 1e-9 && c.residual > 1e-9);
        assert_true(maxent_result_entropy(result) + c.gap > entropy);
        assert_non_null(strstr(maxent_result_message(result), "residual"));
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
}

static void test_limits(void **state)
{
    (void)state;
    raw r = tilted(50, 4, 2, 1);
    check_limits(&r);
    raw_free(&r);
    r = tilted(2500, 20, 2, 2); /* one that is streamed */
    check_limits(&r);
    raw_free(&r);
}

/* A looser tolerance is met, and asks for no more. */
static void test_tolerance(void **state)
{
    (void)state;
    raw r = tilted(45000, 10, 2, 3);
    maxent_problem *problem = raw_problem(&r);
    maxent_options options;
    size_t before = 0;
    for (int i = 0; i < 3; i++) {
        maxent_options_init(&options);
        options.tolerance = i == 0 ? 1e-2 : i == 1 ? 1e-7 : 0;
        maxent_result *result = solve_with(problem, &options);
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        maxent_certificate c;
        maxent_effort effort;
        maxent_result_certificate(result, &c);
        maxent_result_effort(result, &effort);
        assert_true(c.residual <= (i == 2 ? 1e-12 : options.tolerance) && effort.evaluations >= before);
        before = effort.evaluations;
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- warm start ---- */

static void check_warm(raw *r, size_t which, double by, int fewer)
{
    maxent_problem *problem = raw_problem(r);
    maxent_result *first = solve_with(problem, NULL);
    verify(r, first, MAXENT_SOLVED, "first");
    double *lambda = doubles(r->k);
    for (size_t i = 0; i < r->k; i++)
        lambda[i] = fact_of(first, i).lambda;
    maxent_result_free(first);
    r->lower[which] += by;
    r->upper[which] += by;
    raw_apply(r, problem);
    maxent_options options;
    maxent_options_init(&options);
    maxent_result *cold = solve_with(problem, &options);
    options.warm = lambda;
    maxent_result *warm = solve_with(problem, &options);
    verify(r, cold, MAXENT_SOLVED, "cold");
    verify(r, warm, MAXENT_SOLVED, "warm");
    maxent_effort cold_effort, warm_effort;
    maxent_result_effort(cold, &cold_effort);
    maxent_result_effort(warm, &warm_effort);
    if (fewer && warm_effort.iterations >= cold_effort.iterations)
        fail_msg("n = %zu: warm %zu iterations, cold %zu", r->n, warm_effort.iterations, cold_effort.iterations);
    for (size_t x = 0; x < r->n; x++)
        assert_true(fabs(maxent_result_probabilities(warm)[x] - maxent_result_probabilities(cold)[x]) <= 1e-12);
    maxent_result_free(cold);
    maxent_result_free(warm);
    maxent_problem_free(problem);
    free(lambda);
}

static void test_warm(void **state)
{
    (void)state;
    raw r = tilted(60, 4, 3, 4);
    check_warm(&r, 2, 1e-3, 1);
    raw_free(&r);
    r = tilted(60, 3, 3, 5); /* a redundant fact besides */
    for (size_t x = 0; x < r.n; x++)
        r.F[x * 3 + 2] = 2 * r.F[x * 3];
    r.lower[2] = r.upper[2] = 2 * r.lower[0];
    check_warm(&r, 1, 1e-3, 0);
    raw_free(&r);
    r = tilted(45000, 10, 3, 6);
    check_warm(&r, 7, 1e-4, 1);
    raw_free(&r);
}

/* ---- explain, covariance ---- */

/* cost_i = D(p || q) - D(p without i || q), by solving without i. */
static void test_explain(void **state)
{
    (void)state;
    uint64_t seed = 7;
    raw r = tilted(40, 5, 2, 8);
    r.upper[1] = INFINITY;
    r.sd[3] = 0.1;
    r.lower[4] = -INFINITY;
    r.q = doubles(40);
    for (size_t x = 0; x < 40; x++)
        r.q[x] = uniform(&seed);
    maxent_problem *problem = raw_problem(&r);
    maxent_options options;
    maxent_options_init(&options);
    options.explain = 1;
    options.time_limit = 60;
    maxent_result *result = solve_with(problem, &options);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    for (size_t i = 0; i < r.k; i++) {
        raw_apply(&r, problem);
        assert_int_equal(maxent_problem_set_interval(problem, i, -INFINITY, INFINITY), MAXENT_OK);
        maxent_result *without = solve_with(problem, NULL);
        double cost = maxent_result_relative_entropy(result) - maxent_result_relative_entropy(without);
        assert_true(fabs(fact_of(result, i).cost - fmax(cost, 0)) <= 1e-12);
        assert_true(fact_of(result, i).lambda == 0 || cost > 0);
        assert_true(fact_of(without, i).lambda == 0 && fact_of(without, i).residual == 0);
        maxent_result_free(without);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* A conditional fact: its condition is watched, hidden, and not counted. */
static void test_explain_text(void **state)
{
    (void)state;
    static const char text[] = "x in 1..4; y in {a, b}; E[x | y = a] = 3; E[x] in [1, 2.4]; P[y = a] <= 0.9";
    maxent_problem *problem = NULL;
    maxent_options options;
    maxent_options_init(&options);
    options.explain = 1;
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, NULL), MAXENT_OK);
    maxent_result *result = solve_with(problem, &options);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_int_equal(maxent_result_facts(result), 3);
    assert_true(maxent_problem_facts(problem) == 4);
    maxent_fact fact = fact_of(result, 0);
    assert_true(fabs(fact.achieved - 3) <= 1e-14 && fact.target == 3 && fact.cost > 0);
    const double *p = maxent_result_probabilities(result);
    double on = 0, sum = 0;
    for (size_t x = 0; x < 8; x++) {
        double number;
        const char *label = maxent_problem_value(problem, 1, x, &number);
        assert_non_null(label);
        assert_null(maxent_problem_value(problem, 0, x, &number));
        if (strcmp(label, "a") == 0) {
            on += p[x];
            sum += p[x] * number;
        }
    }
    assert_true(fabs(sum / on - 3) <= 1e-14);
    assert_true(fact_of(result, 1).lambda > 0 && fabs(fact_of(result, 1).achieved - 2.4) <= 1e-14);
    assert_true(fact_of(result, 2).lambda == 0 && fact_of(result, 2).cost == 0 && fact_of(result, 2).achieved < 0.9);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void test_covariance(void **state)
{
    (void)state;
    raw r = tilted(700, 13, 1, 9);
    maxent_problem *problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    const double *p = maxent_result_probabilities(result);
    double *covariance = doubles(13 * 13);
    assert_int_equal(maxent_result_covariance(result, covariance), MAXENT_OK);
    for (size_t i = 0; i < 13; i++)
        for (size_t j = 0; j < 13; j++) {
            long double a = 0, b = 0, ab = 0;
            for (size_t x = 0; x < r.n; x++) {
                a += (long double)p[x] * r.F[x * 13 + i];
                b += (long double)p[x] * r.F[x * 13 + j];
                ab += (long double)p[x] * r.F[x * 13 + i] * r.F[x * 13 + j];
            }
            assert_true(fabsl(covariance[i * 13 + j] - (ab - a * b)) <= 1e-13);
        }
    free(covariance);
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- threads and storage ---- */

typedef struct bytes {
    const signed char *F;
    size_t k;
} bytes;

static int fill_bytes(void *user, size_t first, size_t count, double *out)
{
    const bytes *b = user;
    for (size_t j = 0; j < count * b->k; j++)
        out[j] = b->F[first * b->k + j];
    return 0;
}

enum { ROWS, COLUMNS, ODD, BYTES, FILL, STORAGES };

/* The same whole numbers in every storage. `memory` is to be freed after the problem. */
static maxent_problem *stored(int storage, const raw *r, signed char *F, bytes *user, double **memory)
{
    size_t n = r->n, k = r->k;
    maxent_problem *problem = NULL;
    maxent_error error = MAXENT_OK;
    *memory = doubles(3 * n * k + 5);
    if (storage == BYTES)
        error = maxent_problem_from_bytes(n, k, F, r->lower, &problem, NULL);
    else if (storage == FILL)
        error = maxent_problem_from_callback(n, k, fill_bytes, user, r->lower, &problem, NULL);
    else {
        size_t row = storage == COLUMNS ? 1 : storage == ODD ? 2 * k + 1 : k, step = storage == COLUMNS ? n : storage == ODD ? 2 : 1;
        for (size_t x = 0; x < n; x++)
            for (size_t i = 0; i < k; i++)
                (*memory)[x * row + i * step] = F[x * k + i];
        error = maxent_problem_from_array(n, k, *memory, row, step, r->lower, &problem, NULL);
    }
    assert_int_equal(error, MAXENT_OK);
    raw_apply(r, problem);
    return problem;
}

static void check_bits(size_t n, size_t k, uint64_t seed)
{
    static const int threads[] = {1, 2, 3, 5};
    raw r = tilted(n, k, 0, seed);
    signed char *F = malloc(n * k);
    double *score = doubles(n), total = 0, *first = doubles(n + k), *memory;
    assert_non_null(F);
    for (size_t x = 0; x < n; x++)
        for (size_t i = 0; i < k; i++) {
            F[x * k + i] = (signed char)below(&seed, 5);
            r.F[x * k + i] = F[x * k + i];
            score[x] += 0.5 * F[x * k + i] / sqrt((double)k);
        }
    for (size_t x = 0; x < n; x++)
        total += score[x] = exp(score[x]);
    for (size_t i = 0; i < k; i++) {
        r.lower[i] = 0;
        for (size_t x = 0; x < n; x++)
            r.lower[i] += score[x] / total * F[x * k + i];
        r.upper[i] = r.lower[i];
    }
    bytes user = {F, k};
    for (int storage = 0; storage < STORAGES; storage++) {
        maxent_problem *problem = stored(storage, &r, F, &user, &memory);
        double *p = NULL, *lambda = doubles(k);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            maxent_options options;
            maxent_options_init(&options);
            options.threads = threads[t];
            maxent_result *result = solve_with(problem, &options);
            const double *now = maxent_result_probabilities(result);
            maxent_effort effort;
            maxent_result_effort(result, &effort);
            assert_int_equal(effort.threads, threads[t]);
            if (t == 0) {
                verify(&r, result, MAXENT_SOLVED, "one thread");
                p = doubles(n);
                memcpy(p, now, n * sizeof *p);
                for (size_t i = 0; i < k; i++)
                    lambda[i] = fact_of(result, i).lambda;
            } else if (memcmp(p, now, n * sizeof *p) != 0) {
                fail_msg("n = %zu, k = %zu, storage %d: other bits on %d threads", n, k, storage, threads[t]);
            }
            for (size_t i = 0; i < k; i++)
                assert_true(fact_of(result, i).lambda == lambda[i]);
            maxent_result_free(result);
        }
        for (size_t x = 0; x < n; x++) {
            if (storage == 0)
                first[x] = p[x];
            if (!(fabs(first[x] - p[x]) <= 1e-12))
                fail_msg("n = %zu, k = %zu, storage %d: p = %.17g, not %.17g", n, k, storage, p[x], first[x]);
        }
        free(p);
        free(lambda);
        maxent_problem_free(problem);
        free(memory);
    }
    free(F);
    free(score);
    free(first);
    raw_free(&r);
}

static void test_bits(void **state)
{
    (void)state;
    check_bits(3000, 6, 10);   /* the exact way, one or two lanes */
    check_bits(14000, 5, 11);  /* the exact way, many lanes */
    check_bits(101000, 4, 12); /* streamed, the exact model */
    check_bits(19100, 21, 13); /* streamed, lagged */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),       cmocka_unit_test(test_tolerance),  cmocka_unit_test(test_warm),
        cmocka_unit_test(test_explain),      cmocka_unit_test(test_explain_text), cmocka_unit_test(test_covariance),
        cmocka_unit_test(test_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
