/* Many Chebyshev and Legendre moments: the fast way against laws made here.
 *
 * A law has random multipliers that fall like 1 / degree; its moments are taken in long double by 20 Gauss points on each of many panels
 * of the angle, a rule that the solver does not use, so every number expected below is known to 1e-17. */
#include "support.h"

#include "solve/moments/moments.h"
#include "support/failing_alloc.h"

enum { MOST = 256, GAUSS = 20 };

typedef struct law {
    int legendre;
    double tilt;               /* the prior is exp(-tilt x) */
    size_t k, degree[MOST];
    double lambda[MOST], target[MOST];
    double entropy;            /* of the density in x */
} law;

/* T_j or L_j at x, j = 0 .. most. */
static void polynomials(int legendre, long double x, size_t most, long double *out)
{
    out[0] = 1;
    out[1] = x;
    for (size_t j = 1; j < most; j++)
        out[j + 1] = legendre ? ((2.0L * j + 1) * x * out[j] - j * out[j - 1]) / (j + 1.0L) : 2 * x * out[j] - out[j - 1];
}

static long double log_density(const law *l, long double x, const long double *f)
{
    long double sum = -(long double)l->tilt * x;
    for (size_t i = 0; i < l->k; i++)
        sum -= (long double)l->lambda[i] * f[l->degree[i]];
    return sum;
}

static void gauss(long double *x, long double *w)
{
    for (int i = 0; i < GAUSS; i++) {
        long double z = cosl(3.14159265358979323846L * (i + 0.75L) / (GAUSS + 0.5L)), slope = 1;
        for (int step = 0; step < 10; step++) {
            long double f[GAUSS + 1];
            polynomials(1, z, GAUSS, f);
            slope = GAUSS * (z * f[GAUSS] - f[GAUSS - 1]) / (z * z - 1);
            z -= f[GAUSS] / slope;
        }
        x[i] = z;
        w[i] = 2 / ((1 - z * z) * slope * slope);
    }
}

/* Degrees 1 .. most in steps; size: of the multipliers. */
static law *make(int legendre, size_t most, size_t step, double size, double tilt, uint64_t seed)
{
    law *l = calloc(1, sizeof *l);
    assert_non_null(l);
    l->legendre = legendre;
    l->tilt = tilt;
    for (size_t j = 1; j <= most; j += step) {
        l->degree[l->k] = j;
        l->lambda[l->k++] = size * normal(&seed) / (double)j;
    }
    long double x[GAUSS], w[GAUSS], f[MOST + 1], moment[MOST + 1] = {0}, z = 0, score = 0;
    size_t panels = 8 + most;
    gauss(x, w);
    for (size_t a = 0; a < panels; a++)
        for (int i = 0; i < GAUSS; i++) {
            long double theta = 3.14159265358979323846L * (a + 0.5L + 0.5L * x[i]) / panels, t = cosl(theta);
            polynomials(legendre, t, most, f);
            long double value = log_density(l, t, f), p = w[i] * sinl(theta) * expl(value);
            z += p;
            score += p * value;
            for (size_t j = 1; j <= most; j++)
                moment[j] += p * f[j];
        }
    for (size_t i = 0; i < l->k; i++)
        l->target[i] = (double)(moment[l->degree[i]] / z);
    l->entropy = (double)(logl(z * 1.57079632679489661923L / panels) - score / z);
    return l;
}

/* argument: of the polynomials, as text; flip: it falls with x, so that odd moments change their sign. */
static maxent_problem *write_problem(const law *l, const char *head, const char *argument)
{
    size_t room = 200 + 80 * l->k, used;
    char *text = malloc(room);
    assert_non_null(text);
    used = (size_t)snprintf(text, room, "%s\n", head);
    for (size_t i = 0; i < l->k; i++)
        used += (size_t)snprintf(text + used, room - used, "E[%c(%zu, %s)] = %.17g\n", l->legendre ? 'L' : 'T', l->degree[i], argument,
                                 l->target[i]);
    maxent_problem *problem;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, used, NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    free(text);
    return problem;
}

/* The fast way alone. */
static maxent_result *fast(const maxent_problem *problem, int *mine)
{
    maxent_options options;
    maxent_options_init(&options);
    maxent_result *result = calloc(1, sizeof *result);
    size_t k = problem->k;
    assert_non_null(result);
    result->problem = problem;
    result->achieved = calloc(k, sizeof(double));
    result->residual = calloc(k, sizeof(double));
    result->deviation = calloc(k, sizeof(double));
    mx_run run = {.problem = problem, .options = &options, .result = result, .threads = 1, .deadline = INFINITY};
    assert_int_equal(mx_solve_moments(&run, mine), MAXENT_OK);
    return result;
}

static void expect_fit(const maxent_problem *problem, int expected)
{
    int mine;
    maxent_result_free(fast(problem, &mine));
    assert_int_equal(mine, expected);
}

static maxent_result *solve(const maxent_problem *problem, maxent_verdict verdict)
{
    maxent_result *result;
    maxent_diagnostic where;
    if (maxent_solve(problem, NULL, &result, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    assert_int_equal(maxent_result_verdict(result), verdict);
    return result;
}

/* The multipliers are as far off as the least variance of a combination of features allows: 1e-9 for these laws. */
static void expect_law(const law *l, const maxent_result *result, double entropy)
{
    maxent_certificate proof;
    maxent_result_certificate(result, &proof);
    assert_true(proof.residual <= 1e-12);
    assert_true(fabs(proof.gap) <= 1e-12);
    assert_true(fabs(maxent_result_entropy(result) - entropy) <= 1e-12);
    for (size_t i = 0; i < l->k; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        assert_true(fabs(fact.achieved - l->target[i]) <= 1e-12);
        assert_true(fabs(fact.lambda - l->lambda[i]) <= 1e-9);
    }
    double x[9], p[9], below[9];
    long double f[MOST + 1];
    for (int j = 0; j < 9; j++)
        x[j] = j == 8 ? 1 : -1 + 0.24 * j;
    assert_int_equal(maxent_result_log_density(result, 9, x, p), MAXENT_OK);
    law own = *l; /* with the multipliers of the result: what log p has to be to rounding */
    for (size_t i = 0; i < l->k; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        own.lambda[i] = fact.lambda;
    }
    polynomials(l->legendre, x[0], l->degree[l->k - 1], f);
    long double first = log_density(l, x[0], f), first_own = log_density(&own, x[0], f);
    for (int j = 1; j < 9; j++) {
        polynomials(l->legendre, x[j], l->degree[l->k - 1], f);
        assert_true(fabsl(p[j] - p[0] - (log_density(l, x[j], f) - first)) <= 1e-8);
        assert_true(fabsl(p[j] - p[0] - (log_density(&own, x[j], f) - first_own)) <= 1e-13);
    }
    assert_int_equal(maxent_result_cdf(result, 9, x, below), MAXENT_OK);
    assert_true(fabs(below[8] - 1) <= 1e-12);
}

static void test_recovered(void **state)
{
    (void)state;
    static const struct {
        size_t most, step;
        double size, tilt;
    } cases[] = {{8, 1, 1, 0}, {24, 1, 2, 0}, {64, 1, 1, 0}, {200, 1, 0.5, 0}, {63, 2, 1, 0},
                 {120, 7, 1, 0}, {40, 1, 1, 0.7}, {100, 3, 1, -2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int legendre = 0; legendre < 2; legendre++) {
            char head[100];
            law *l = make(legendre, cases[i].most, cases[i].step, cases[i].size, cases[i].tilt, 40 + i);
            if (l->tilt != 0)
                snprintf(head, sizeof head, "x in [-1, 1]\nprior exp(-(%g) * x)", l->tilt);
            maxent_problem *problem = write_problem(l, l->tilt != 0 ? head : "x in [-1, 1]", "x");
            expect_fit(problem, 1);
            maxent_result *result = solve(problem, MAXENT_SOLVED);
            expect_law(l, result, l->entropy);
            if (l->tilt != 0) { /* sinh(t) / t is the mean of exp(-t x) over the interval */
                double t = l->tilt, mean = 1 / t - cosh(t) / sinh(t);
                assert_true(fabs(maxent_result_entropy_without(result) - (log(2 * sinh(t) / t) + t * mean)) <= 1e-11);
            }
            maxent_result_free(result);
            maxent_problem_free(problem);
            free(l);
        }
}

/* All degrees up to 60: the same law whether by T or by L. */
static void test_two_families(void **state)
{
    (void)state;
    law *l = make(0, 60, 1, 1.5, 0, 9), *same = malloc(sizeof *same);
    assert_non_null(same);
    *same = *l;
    same->legendre = 1;
    /* E L_n from E T_j: L_n = sum_k a_k a_{n-k} cos((n - 2 k) theta) */
    long double a[MOST] = {1};
    for (size_t k = 1; k <= 60; k++)
        a[k] = a[k - 1] * (2.0L * k - 1) / (2.0L * k);
    for (size_t n = 1; n <= 60; n++) {
        long double sum = 0;
        for (size_t k = 0; k <= n; k++) {
            size_t j = 2 * k > n ? 2 * k - n : n - 2 * k;
            sum += a[k] * a[n - k] * (j == 0 ? 1 : l->target[j - 1]);
        }
        same->target[n - 1] = (double)sum;
    }
    maxent_problem *one = write_problem(l, "x in [-1, 1]", "x"), *other = write_problem(same, "x in [-1, 1]", "x");
    maxent_result *by_t = solve(one, MAXENT_SOLVED), *by_l = solve(other, MAXENT_SOLVED);
    double x[5] = {-1, -0.999, 0.1, 0.77, 1}, p[5], q[5];
    assert_true(fabs(maxent_result_entropy(by_t) - maxent_result_entropy(by_l)) <= 1e-13);
    assert_int_equal(maxent_result_log_density(by_t, 5, x, p), MAXENT_OK);
    assert_int_equal(maxent_result_log_density(by_l, 5, x, q), MAXENT_OK);
    for (int j = 0; j < 5; j++)
        assert_true(fabs(p[j] - q[j]) <= 1e-10);
    maxent_result_free(by_t);
    maxent_result_free(by_l);
    maxent_problem_free(one);
    maxent_problem_free(other);
    free(l);
    free(same);
}

/* On [0, 1] and, falling, on [2, 6]: lambda is the same, the entropy that of a narrower or wider law. */
static void test_moved(void **state)
{
    (void)state;
    law *l = make(0, 30, 1, 1, 0, 3);
    maxent_problem *unit = write_problem(l, "x in [0, 1]", "2*x - 1"), *falling = write_problem(l, "x in [2, 6]", "(4 - x)/2");
    expect_fit(unit, 1);
    expect_fit(falling, 1);
    maxent_result *a = solve(unit, MAXENT_SOLVED), *b = solve(falling, MAXENT_SOLVED);
    assert_true(fabs(maxent_result_entropy(a) - (l->entropy - log(2))) <= 1e-12);
    assert_true(fabs(maxent_result_entropy(b) - (l->entropy + log(2))) <= 1e-12);
    double x[3] = {0, 0.3, 0.99}, y[3] = {6, 4.8, 2.04}, p[3], q[3], middle;
    assert_int_equal(maxent_result_log_density(a, 3, x, p), MAXENT_OK);
    assert_int_equal(maxent_result_log_density(b, 3, y, q), MAXENT_OK);
    for (int j = 0; j < 3; j++)
        assert_true(fabs(p[j] - q[j] - log(4)) <= 1e-10);
    double mass, other;
    assert_int_equal(maxent_result_interval(a, 0.2, 0.7, &mass), MAXENT_OK);
    assert_int_equal(maxent_result_interval(b, 3.2, 5.2, &other), MAXENT_OK);
    assert_true(fabs(mass - other) <= 1e-12);
    assert_int_equal(maxent_result_quantile(a, 1, &mass, &middle), MAXENT_OK);
    assert_int_equal(maxent_result_cdf(a, 1, &middle, &other), MAXENT_OK);
    assert_true(fabs(mass - other) <= 1e-12);
    maxent_result_free(a);
    maxent_result_free(b);
    maxent_problem_free(unit);
    maxent_problem_free(falling);
    free(l);
}

/* The certificate holds on the interval, at ten thousand places and in long double. */
static void test_no_law(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        law *l = make(0, 40, 1, 1, 0, 5);
        if (kind == 0)
            l->target[0] = 1.01;
        else if (kind == 1)
            l->target[29] = l->target[29] > 0 ? -0.9 : 0.9;
        else /* moments of mass 1.3 at cos 1 and -0.3 at cos 2 */
            for (size_t j = 0; j < 40; j++)
                l->target[j] = 1.3 * cos((double)j + 1) - 0.3 * cos(2 * (double)j + 2);
        maxent_problem *problem = write_problem(l, "x in [-1, 1]", "x");
        expect_fit(problem, 1);
        maxent_result *result = solve(problem, MAXENT_INFEASIBLE);
        maxent_certificate proof;
        maxent_result_certificate(result, &proof);
        assert_non_null(proof.direction);
        assert_true(proof.margin > 0);
        long double target = 0;
        for (size_t i = 0; i < l->k; i++)
            target += (long double)proof.direction[i] * l->target[i];
        for (int j = 0; j <= 10000; j++) {
            long double f[MOST + 1], value = 0;
            polynomials(0, cosl(3.14159265358979323846L * j / 10000), 40, f);
            for (size_t i = 0; i < l->k; i++)
                value += proof.direction[i] * f[i + 1];
            assert_true(value >= target + (long double)proof.margin * (1 - 1e-9L));
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
        free(l);
    }
}

/* What is not for the fast way goes on to the general one and comes out all the same. */
static void test_others(void **state)
{
    (void)state;
    law *l = make(0, 8, 1, 0.5, 0, 11);
    maxent_problem *narrow = write_problem(l, "x in [-1, 0.5]", "x"), *line = write_problem(l, "x in (-2, 1)", "x");
    maxent_problem *bent = write_problem(l, "x in [-1, 1]\nprior 1 + (x > 0.3)", "x"), *bound = write_problem(l, "x in [-1, 1]", "x");
    assert_int_equal(maxent_problem_set_interval(bound, 2, l->target[2] - 0.01, l->target[2] + 0.01), MAXENT_OK);
    expect_fit(narrow, 0);
    expect_fit(line, 0);
    expect_fit(bent, 0);
    expect_fit(bound, 0);
    maxent_result *result = solve(bent, MAXENT_SOLVED);
    maxent_certificate proof;
    maxent_result_certificate(result, &proof);
    assert_true(proof.residual <= 1e-12);
    maxent_result_free(result);
    result = solve(bound, MAXENT_SOLVED);
    assert_true(maxent_result_entropy(result) > l->entropy - 1e-12);
    maxent_result_free(result);
    maxent_problem_free(narrow);
    maxent_problem_free(line);
    maxent_problem_free(bent);
    maxent_problem_free(bound);
    free(l);
}

static void test_orthogonal(void **state)
{
    (void)state;
    static const struct {
        const char *feature;
        int is;
        mx_orthogonal_family family;
        size_t degree;
        double slope, offset;
    } cases[] = {
        {"T(5, x)", 1, MX_ORTHOGONAL_CHEBYSHEV, 5, 1, 0},
        {"L(3, 2*x - 1)", 1, MX_ORTHOGONAL_LEGENDRE, 3, 2, -1},
        {"T(7, (x - 3)/2)", 1, MX_ORTHOGONAL_CHEBYSHEV, 7, 0.5, -1.5},
        {"T(2, 1 - x)", 1, MX_ORTHOGONAL_CHEBYSHEV, 2, -1, 1},
        {"T(2, -3*(x + 1)*2)", 1, MX_ORTHOGONAL_CHEBYSHEV, 2, -6, -6},
        {"T(1, x)", 1, MX_ORTHOGONAL_EITHER, 1, 1, 0},
        {"T(5, x^2)", 0, 0, 0, 0, 0},
        {"T(5, x) + 1", 0, 0, 0, 0, 0},
        {"T(5, x*x)", 0, 0, 0, 0, 0},
        {"T(5, 1/x)", 0, 0, 0, 0, 0},
        {"exp(x)", 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        int length = snprintf(text, sizeof text, "x in [0.5, 1]\nE[%s] = 0.1\n", cases[i].feature);
        maxent_problem *problem;
        mx_orthogonal o;
        assert_int_equal(maxent_problem_from_text(text, (size_t)length, NULL, NULL, &problem, NULL), MAXENT_OK);
        assert_int_equal(mx_field_orthogonal(problem, 0, &o), cases[i].is);
        if (cases[i].is) {
            assert_int_equal(o.family, cases[i].family);
            assert_int_equal(o.degree, cases[i].degree);
            assert_true(o.slope[0] == cases[i].slope && o.offset[0] == cases[i].offset);
        }
        maxent_problem_free(problem);
    }
}

/* A warm start at the answer takes hardly a step; bounds on the effort leave no answer that claims to be one. */
static void test_options(void **state)
{
    (void)state;
    law *l = make(0, 80, 1, 1, 0, 21);
    maxent_problem *problem = write_problem(l, "x in [-1, 1]", "x");
    maxent_options options;
    maxent_options_init(&options);
    options.warm = l->lambda;
    maxent_result *result;
    maxent_effort effort;
    assert_int_equal(maxent_solve(problem, &options, &result, NULL), MAXENT_OK);
    maxent_result_effort(result, &effort);
    assert_true(effort.iterations <= 4);
    expect_law(l, result, l->entropy);
    maxent_result_free(result);
    options.warm = NULL;
    options.max_iterations = 1;
    assert_int_equal(maxent_solve(problem, &options, &result, NULL), MAXENT_OK);
    assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
    maxent_result_free(result);
    maxent_problem_free(problem);
    free(l);
}

static void test_memory(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        law *l = make(kind == 1, 24, 1, 1, 0, 2);
        if (kind == 2)
            l->target[3] = 1.5;
        maxent_problem *problem = write_problem(l, "x in [-1, 1]", "x");
        size_t refused = 1;
        for (size_t at = 1; refused > 0; at++) {
            maxent_result *result = NULL;
            failing_alloc_start(at, 0);
            maxent_error error = maxent_solve(problem, NULL, &result, NULL);
            refused = failing_alloc_stop();
            if (error == MAXENT_OK) /* a message may do without */
                assert_int_equal(maxent_result_verdict(result), kind == 2 ? MAXENT_INFEASIBLE : MAXENT_SOLVED);
            else
                assert_true(error == MAXENT_ERROR_MEMORY && result == NULL);
            maxent_result_free(result);
            assert_true(at < 200);
        }
        maxent_problem_free(problem);
        free(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recovered), cmocka_unit_test(test_two_families), cmocka_unit_test(test_moved),
        cmocka_unit_test(test_no_law),    cmocka_unit_test(test_others),       cmocka_unit_test(test_orthogonal),
        cmocka_unit_test(test_options),   cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
