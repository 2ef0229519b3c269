/* No memory: the k-th allocation fails for every k, alone or with all later ones, on problems that reach every part of the solver.
 * The call says so, hands nothing out and leaks nothing (under the sanitizers); where nothing failed the verdict is the right one. */
#include "solve/finite/face.h"
#include "ways.h"

#include "support/failing_alloc.h"

typedef struct plan {
    const char *name;
    raw r;
    int way;                /* -1: maxent_solve; else as in ways.h */
    maxent_verdict verdict; /* or, on the large way, */
    int hard;
} plan;

static raw facts(size_t n, size_t k, const double *F, const double *target)
{
    raw r = raw_new(n, k);
    memcpy(r.F, F, n * k * sizeof *F);
    memcpy(r.lower, target, k * sizeof *target);
    memcpy(r.upper, target, k * sizeof *target);
    return r;
}

static raw random_facts(size_t n, size_t k, uint64_t seed)
{
    raw r = raw_new(n, k);
    for (size_t j = 0; j < n * k; j++) {
        r.F[j] = normal(&seed);
        r.lower[j % k] += r.F[j] / (double)n;
    }
    for (size_t i = 0; i < k; i++)
        r.lower[i] = r.upper[i] = r.lower[i] + 0.1;
    return r;
}

static maxent_error attempt(const plan *p, const maxent_problem *problem, maxent_result **out, size_t fail, int after, size_t *failed)
{
    *out = NULL;
    if (p->way < 0) {
        maxent_options options;
        maxent_diagnostic where;
        maxent_options_init(&options);
        options.explain = 1;
        options.threads = 2;
        failing_alloc_start(fail, after);
        maxent_error error = maxent_solve(problem, &options, out, &where);
        *failed = failing_alloc_stop();
        assert_true(error == MAXENT_OK || where.error == error);
        return error;
    }
    int hard;
    maxent_result *result = empty_result(problem);
    failing_alloc_start(fail, after);
    maxent_error error = go(problem, p->way, result, &hard);
    *failed = failing_alloc_stop();
    if (error != MAXENT_OK) {
        maxent_result_free(result);
        return error;
    }
    if (hard != p->hard)
        fail_msg("%s: hard %d", p->name, hard);
    *out = result;
    return MAXENT_OK;
}

static void every_allocation(plan *p, size_t least)
{
    maxent_problem *problem = raw_problem(&p->r);
    size_t failed, count = 0;
    for (int after = 0; after <= 1; after++) {
        size_t fail = 0;
        do {
            maxent_result *result;
            maxent_error error = attempt(p, problem, &result, ++fail, after, &failed);
            if (error != (failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK) || (error == MAXENT_OK) != (result != NULL))
                fail_msg("%s: with allocation %zu failing: %s", p->name, fail, maxent_error_text(error));
            if (result != NULL && !p->hard)
                verify(&p->r, result, p->verdict, p->name);
            maxent_result_free(result);
        } while (failed > 0);
        count = fail;
    }
    if (count < least)
        fail_msg("%s: only %zu allocations", p->name, count);
    maxent_problem_free(problem);
    raw_free(&p->r);
}

static void test_exact(void **state)
{
    (void)state;
    static const double die[12] = {1, 1, 2, 4, 3, 9, 4, 16, 5, 25, 6, 36}, mean[2] = {4, 19}, six[2] = {6, 36}, seven[2] = {7, 40};
    static const double F[12] = {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1}, clash[3] = {.9, .9, .7};
    static const double twice[12] = {1, 2, 2, 4, 3, 6, 4, 8, 5, 10, 6, 12}, same[2] = {4, 8}, other[2] = {4, 9};
    plan plans[] = {
        {"solved", facts(6, 2, die, mean), -1, MAXENT_SOLVED, 0},
        {"boundary", facts(6, 2, die, six), -1, MAXENT_BOUNDARY, 0},
        {"one fact", facts(6, 2, die, seven), -1, MAXENT_INFEASIBLE, 0},
        {"clash", facts(4, 3, F, clash), -1, MAXENT_INFEASIBLE, 0},
        {"redundant", facts(6, 2, twice, same), -1, MAXENT_SOLVED, 0},
        {"constant", facts(6, 2, twice, other), -1, MAXENT_INFEASIBLE, 0},
        {"slack", facts(6, 2, die, mean), -1, MAXENT_SOLVED, 0},
        {"no facts", raw_new(3, 0), -1, MAXENT_SOLVED, 0},
    };
    plan *slack = &plans[6];
    slack->r.upper[0] = 5;
    slack->r.sd[1] = 0.5;
    slack->r.q = doubles(6);
    for (size_t x = 0; x < 6; x++)
        slack->r.q[x] = (double)x;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        every_allocation(&plans[i], 10);
}

static void test_large(void **state)
{
    (void)state;
    plan plans[] = {
        {"exact model", random_facts(300, 4, 1), LARGE_WAY, MAXENT_SOLVED, 0},
        {"lagged", random_facts(900, 12, 2), LARGE_WAY, MAXENT_SOLVED, 0},
        {"one fact", random_facts(300, 9, 3), LARGE_WAY, MAXENT_INFEASIBLE, 0},
        {"edge", random_facts(300, 9, 4), LARGE_WAY, MAXENT_BOUNDARY, 1},
        {"combination", random_facts(500, 2, 6), LARGE_WAY, MAXENT_INFEASIBLE, 0},
        {"with a sample", random_facts(8400, 8, 8), LARGE_WAY, MAXENT_SOLVED, 0},
    };
    plans[0].r.upper[0] = INFINITY;
    plans[0].r.q = doubles(300);
    for (size_t x = 0; x < 300; x++)
        plans[0].r.q[x] = (double)(x % 3);
    plans[2].r.lower[5] = plans[2].r.upper[5] = 50;
    for (size_t x = 0; x < 300; x++)
        plans[3].r.F[9 * x + 2] = x % 4 != 1;
    plans[3].r.lower[2] = plans[3].r.upper[2] = 1;
    for (size_t x = 0; x < 500; x++)
        plans[4].r.F[2 * x + 1] = plans[4].r.F[2 * x] * plans[4].r.F[2 * x];
    plans[4].r.lower[0] = plans[4].r.upper[0] = 2;
    plans[4].r.lower[1] = plans[4].r.upper[1] = 2;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        every_allocation(&plans[i], 8);
}

/* Second looks: facts that clash by no more than their rounding, faces that clash one after another, huge multipliers. */
static void test_second_looks(void **state)
{
    (void)state;
    static const struct { const char *text; maxent_verdict verdict; } cases[] = {
        {"x in 1..5; E[abs(x - 5)] = 3; P[x <= 4 | x = 4 or x < 5] = 0.9999999999999999; E[x*x] = 4", MAXENT_BOUNDARY},
        {"n in 0..3; E[n | n > 2] in [3.00000000000001, 3.0000000000001]; E[n] = 2.04", MAXENT_INFEASIBLE},
        {"x in 1..3; y in 0..1; E[(y - 1)^2] = 0.665 +- 4.73e-7; E[y] <= 0.2405955; E[x*y] = 0.5", MAXENT_SOLVED},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        maxent_problem *problem = NULL;
        assert_int_equal(maxent_problem_from_text(cases[c].text, strlen(cases[c].text), NULL, NULL, &problem, NULL), MAXENT_OK);
        size_t fail = 0, failed;
        do {
            maxent_result *result = NULL;
            failing_alloc_start(++fail, 0);
            maxent_error error = maxent_solve(problem, NULL, &result, NULL);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
            assert_true((error == MAXENT_OK) == (result != NULL));
            if (result != NULL)
                assert_int_equal(maxent_result_verdict(result), cases[c].verdict);
            maxent_result_free(result);
        } while (failed > 0);
        assert_true(fail > 40);
        maxent_problem_free(problem);
    }
}

/* The large way names a feature that is not finite. */
static void test_not_finite(void **state)
{
    (void)state;
    raw r = random_facts(200, 3, 7);
    r.F[3 * 150 + 1] = NAN;
    maxent_problem *problem = raw_problem(&r);
    size_t fail = 0, failed;
    do {
        int hard;
        maxent_result *result = empty_result(problem);
        failing_alloc_start(++fail, 0);
        maxent_error error = go(problem, LARGE_WAY, result, &hard);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_ERROR_VALUE);
        maxent_result_free(result);
    } while (failed > 0);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* Faces by combinations, for which the problems above are too small: f0 + f1 = 1 but in state 5, where both are 0. */
static void test_face(void **state)
{
    (void)state;
    raw r = raw_new(6, 3);
    for (size_t x = 0; x < 6; x++) {
        r.F[3 * x] = x < 5 ? (double)(x % 2) : 0;
        r.F[3 * x + 1] = x < 5 ? 1 - (double)(x % 2) : 0;
        r.F[3 * x + 2] = (double)x;
    }
    r.lower[0] = r.upper[0] = 0.25;
    r.lower[1] = r.upper[1] = 0.75;
    r.lower[2] = r.upper[2] = 2;
    maxent_problem *problem = raw_problem(&r);
    static const double scale[3] = {1, 1, 1}, variance[9] = {0.25, -0.25, 0.1, -0.25, 0.25, -0.1, 0.1, -0.1, 2};
    size_t fail = 0, failed, out;
    do {
        double covariance[9], logq[6] = {0}, direction[3] = {0};
        memcpy(covariance, variance, sizeof variance);
        failing_alloc_start(++fail, 0);
        maxent_error error = mx_find_face(problem, covariance, scale, 1, NULL, logq, direction, &out);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        if (failed > 0)
            continue;
        assert_int_equal(out, 1);
        assert_true(logq[5] == -INFINITY && logq[4] == 0);
        assert_true(direction[0] == direction[1] && direction[0] == -1 && direction[2] == 0);
    } while (failed > 0);
    assert_true(fail > 4);
    maxent_problem_free(problem);
    raw_free(&r);
}

static int fill(void *user, size_t first, size_t count, double *out)
{
    (void)user;
    for (size_t x = 0; x < count; x++)
        out[x] = (double)(first + x);
    return 0;
}

/* problem.h and distribution.h, and a text that is solved. */
static void test_other_calls(void **state)
{
    (void)state;
    static const double v[3] = {1, 2, 3}, target = 1.75, q[3] = {1, 2, 3};
    static const signed char bytes[3] = {1, 2, 3};
    static const char text[] = "x in 1..5; y in {a, b}; E[x | y = a] = 2; E[x/3] in [1, 1.2]; P[y = b] = 0.3 +- 0.1";
    for (int call = 0; call < 9; call++) {
        size_t fail = 0, failed;
        do {
            maxent_problem *problem = NULL, *made = NULL;
            maxent_result *result = NULL;
            maxent_sampler *sampler = NULL;
            double covariance[25];
            assert_int_equal(maxent_problem_from_array(3, 1, v, 1, 1, &target, &problem, NULL), MAXENT_OK);
            if (call == 6)
                result = solve_with(problem, NULL);
            if (call == 8)
                assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &made, NULL), MAXENT_OK);
            failing_alloc_start(++fail, 0);
            maxent_error error = MAXENT_OK;
            switch (call) {
            case 0: error = maxent_problem_from_array(3, 1, v, 1, 1, &target, &made, NULL); break;
            case 1: error = maxent_problem_from_bytes(3, 1, bytes, &target, &made, NULL); break;
            case 2: error = maxent_problem_from_callback(3, 1, fill, NULL, &target, &made, NULL); break;
            case 3: error = maxent_problem_set_prior(problem, q, NULL); break;
            case 4: error = maxent_problem_set_text(problem, 0, "E[price]"); break;
            case 5: error = maxent_problem_from_text(text, strlen(text), NULL, NULL, &made, NULL); break;
            case 6: error = maxent_result_covariance(result, covariance); break;
            case 7: error = maxent_sampler_new(3, q, 1, &sampler); break;
            default: error = maxent_solve(made, NULL, &result, NULL); break;
            }
            failed = failing_alloc_stop();
            if (error != (failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK))
                fail_msg("call %d, allocation %zu: %s", call, fail, maxent_error_text(error));
            if (error != MAXENT_OK) {
                assert_true(sampler == NULL && (call == 8 || made == NULL) && (call == 6 || result == NULL));
                assert_null(problem->q);
                assert_string_equal(problem->fact[0].text, "E[f1]");
            }
            maxent_sampler_free(sampler);
            maxent_result_free(result);
            maxent_problem_free(made);
            maxent_problem_free(problem);
        } while (failed > 0);
        assert_true(fail > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact),        cmocka_unit_test(test_large),
                                       cmocka_unit_test(test_second_looks), cmocka_unit_test(test_not_finite),
                                       cmocka_unit_test(test_face),         cmocka_unit_test(test_other_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
