/* The large way, which stores nothing of the size of the features: small problems sent there by hand and compared with the exact
 * way, problems just above the limit of the exact way, and problems that the exact way could not be given at all. Every answer is
 * judged by the verifier of support.h. */
#include "ways.h"

/* What the facts of a random problem look like. */
enum { EQUAL = 1, BOX = 2, SOFT = 4, PRIOR = 8, REDUNDANT = 16, OFF = 32 };

static raw random_raw(size_t n, size_t k, int kinds, uint64_t *seed)
{
    raw r = raw_new(n, k);
    double *p = doubles(n);
    int style = (int)below(seed, 3);
    if (kinds & PRIOR)
        r.q = doubles(n);
    for (size_t x = 0; x < n; x++) {
        double score = 0;
        for (size_t i = 0; i < k; i++) {
            double v = style == 0 ? normal(seed) : style == 1 ? (double)below(seed, 5) - 1 : normal(seed) * pow(10, (double)(i % 7) - 3);
            if ((kinds & REDUNDANT) && i > 0 && i == k - 1)
                v = r.F[x * k] - (k > 2 ? r.F[x * k + 1] : 0) + 1;
            r.F[x * k + i] = v;
            score += style == 2 ? 0 : 0.5 * v / sqrt((double)k);
        }
        p[x] = exp(score);
        if (kinds & PRIOR) {
            r.q[x] = x % 5 == 1 ? 0 : exp(normal(seed));
            p[x] *= r.q[x];
        }
    }
    for (size_t i = 0; i < k; i++) {
        long double mean = 0, square = 0, sum = 0;
        for (size_t x = 0; x < n; x++) {
            sum += p[x];
            mean += (long double)p[x] * r.F[x * k + i];
            square += (long double)p[x] * r.F[x * k + i] * r.F[x * k + i];
        }
        mean /= sum;
        double sd = (double)sqrtl(fmaxl(square / sum - mean * mean, 0));
        r.lower[i] = r.upper[i] = (double)mean + (kinds & OFF ? 0.7 * sd * normal(seed) : 0);
        double draw = uniform(seed);
        if ((kinds & BOX) && draw < 0.4) {
            r.lower[i] -= draw < 0.1 ? INFINITY : 0.2 * sd * uniform(seed);
            r.upper[i] += draw > 0.3 ? INFINITY : 0.2 * sd * uniform(seed);
        } else if ((kinds & SOFT) && draw < 0.8) {
            r.sd[i] = sd * (0.01 + uniform(seed));
        }
    }
    free(p);
    return r;
}

/* The two ways agree wherever the large one answers; *answered counts that. */
static void compare(const raw *r, size_t *answered, const char *where)
{
    maxent_problem *problem = raw_problem(r);
    int hard, none;
    maxent_result *large = solve_by(problem, LARGE_WAY, &hard), *exact = solve_by(problem, EXACT_WAY, &none);
    maxent_verdict verdict = maxent_result_verdict(exact);
    if (hard) {
        assert_null(maxent_result_probabilities(large));
    } else {
        ++*answered;
        if (maxent_result_verdict(large) != verdict)
            fail_msg("%s: %s, but the exact way says %s", where, maxent_verdict_word(maxent_result_verdict(large)),
                     maxent_verdict_word(verdict));
        verify(r, large, verdict, where);
        if (verdict != MAXENT_INFEASIBLE)
            for (size_t x = 0; x < r->n; x++)
                if (!(fabs(maxent_result_probabilities(large)[x] - maxent_result_probabilities(exact)[x]) <= 1e-10))
                    fail_msg("%s: p differs in state %zu", where, x);
    }
    maxent_result_free(large);
    maxent_result_free(exact);
    maxent_problem_free(problem);
}

static void test_against_exact(void **state)
{
    (void)state;
    static const int kinds[] = {EQUAL, EQUAL | PRIOR, BOX, BOX | SOFT | PRIOR, SOFT, SOFT | PRIOR, EQUAL | OFF, BOX | OFF, SOFT | OFF,
                                BOX | SOFT | PRIOR | OFF};
    uint64_t seed = 100;
    for (size_t a = 0; a < sizeof kinds / sizeof *kinds; a++) {
        size_t answered = 0;
        for (int b = 0; b < 14; b++) {
            char where[80];
            size_t k = 1 + below(&seed, 14);
            snprintf(where, sizeof where, "kinds %d, problem %d", kinds[a], b);
            raw r = random_raw(60 + below(&seed, 300), k, kinds[a], &seed);
            compare(&r, &answered, where);
            raw_free(&r);
        }
        assert_true(answered >= (kinds[a] & OFF ? 4 : 10));
    }
}

/* What only exact numbers decide is declined; redundant facts may be, and a face of several facts that is found. */
static void test_declined(void **state)
{
    (void)state;
    uint64_t seed = 200;
    for (int number = 0; number < 300; number++) {
        int what = number % 3;
        size_t k = 5 + below(&seed, 12);
        raw r = random_raw(10 * k + below(&seed, 300), k, what == 0 ? EQUAL | REDUNDANT : EQUAL, &seed);
        if (what == 1) { /* a fact at the edge of its feature's range */
            for (size_t x = 0; x < r.n; x++)
                r.F[x * r.k + 4] = x < 7 * r.n / 8 ? 2 : 3 + (double)(x % 3);
            r.lower[4] = r.upper[4] = 2;
        }
        if (what == 2) /* two facts that force a face together: f0 + f1 <= 1 with E f0 + E f1 = 1 */
            for (size_t x = 0; x < r.n; x++) {
                r.F[x * r.k] = x % 3 == 0;
                r.F[x * r.k + 1] = x % 3 == 1;
                r.lower[0] = r.upper[0] = r.lower[1] = r.upper[1] = 0.5;
            }
        maxent_problem *problem = raw_problem(&r);
        int hard;
        maxent_result *large = solve_by(problem, LARGE_WAY, &hard);
        if (!hard && what == 0)
            verify(&r, large, MAXENT_SOLVED, "redundant");
        else if (!hard && what == 2)
            verify(&r, large, MAXENT_BOUNDARY, "a face of two facts");
        else if (!hard)
            fail_msg("case %d, problem %d: %s", what, number, maxent_verdict_word(maxent_result_verdict(large)));
        assert_true(!hard || maxent_result_probabilities(large) == NULL);
        maxent_result_free(large);
        maxent_problem_free(problem);
        raw_free(&r);
    }
}

/* All pair margins of a 2 x 2 x 2 table whose cells 0 and 7 they force to zero (tests/cases, pairs_2x2x2_zeros_0), each state 60 times:
 * a step to its minimum kills both at once, and the residual is met with none dying. */
static void test_killed(void **state)
{
    (void)state;
    static const double p[8] = {0, 0.484375, 0.1640625, 0.1171875, 0.0625, 0.0859375, 0.0859375, 0};
    raw r = raw_new(480, 12);
    for (size_t x = 0; x < r.n; x++) {
        size_t bit[3] = {x / 4 % 2, x / 2 % 2, x % 2};
        for (size_t i = 0; i < 12; i++) {
            size_t first = i < 8 ? 0 : 1, second = i < 4 ? 1 : 2;
            r.F[x * 12 + i] = bit[first] == i / 2 % 2 && bit[second] == i % 2;
            r.lower[i] = r.upper[i] = r.lower[i] + r.F[x * 12 + i] * p[x % 8] / 60;
        }
    }
    for (size_t i = 0; i < 12; i++)
        r.lower[i] = r.upper[i] = round(r.lower[i] * 128) / 128;
    maxent_problem *problem = raw_problem(&r);
    int hard;
    maxent_result *large = solve_by(problem, LARGE_WAY, &hard);
    assert_true(hard || maxent_result_verdict(large) == MAXENT_BOUNDARY);
    maxent_result_free(large);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- just above the limit of the exact way, through the public door ---- */

static raw line(size_t n)
{
    raw r = raw_new(n, 2);
    for (size_t x = 0; x < n; x++) {
        double v = 2 * (double)x / (double)(n - 1) - 1;
        r.F[2 * x] = v;
        r.F[2 * x + 1] = v * v;
    }
    return r;
}

static void solve_line(double first, double second, maxent_verdict verdict, const char *says)
{
    raw r = line(200100);
    r.lower[0] = r.upper[0] = first;
    r.lower[1] = r.upper[1] = second;
    maxent_problem *problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    verify(&r, result, verdict, says);
    if (strstr(maxent_result_message(result), says) == NULL)
        fail_msg("%s", maxent_result_message(result));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

static void test_line(void **state)
{
    (void)state;
    solve_line(0.1, 0.3, MAXENT_SOLVED, "the one distribution");
    solve_line(1.25, 0.3, MAXENT_INFEASIBLE, "f1 never exceeds 1, so E[f1] cannot be 1.25");
    solve_line(0.1, -0.5, MAXENT_INFEASIBLE, "f2 is never below");
    solve_line(0.5, 1, MAXENT_BOUNDARY, "zero in 200098 states"); /* x^2 = 1: the two ends */
}

/* E x^2 < (E x)^2: the multipliers run away, in a direction that proves it. */
static void test_combination(void **state)
{
    (void)state;
    raw r = line(3000);
    r.lower[0] = r.upper[0] = 0.5;
    r.lower[1] = r.upper[1] = 0.125;
    maxent_problem *problem = raw_problem(&r);
    int hard;
    maxent_result *result = solve_by(problem, LARGE_WAY, &hard);
    if (!hard)
        verify(&r, result, MAXENT_INFEASIBLE, "a combination");
    if (!hard && strstr(maxent_result_message(result), "together") == NULL)
        fail_msg("%s", maxent_result_message(result));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- too large for the exact way ---- */

/* 0/1 features and, where asked, normals: what n states and k facts allow is interior by construction. */
static raw wide(size_t n, size_t k, uint64_t seed)
{
    raw r = raw_new(n, k);
    double *p = doubles(n);
    long double total = 0;
    for (size_t x = 0; x < n; x++) {
        total += p[x] = exp(0.5 * normal(&seed));
        for (size_t i = 0; i < k; i++)
            r.F[x * k + i] = i % 2 == 0 ? normal(&seed) : uniform(&seed) < 0.3;
    }
    for (size_t i = 0; i < k; i++) {
        long double mean = 0;
        for (size_t x = 0; x < n; x++)
            mean += p[x] * r.F[x * k + i];
        r.lower[i] = r.upper[i] = (double)(mean / total);
    }
    free(p);
    return r;
}

static void solve_and_free(const raw *r, maxent_verdict verdict, const char *where)
{
    maxent_problem *problem = raw_problem(r);
    maxent_result *result = solve_with(problem, NULL);
    verify(r, result, verdict, where);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* More than 400 facts: the first matrix is the diagonal. */
static void test_diagonal(void **state)
{
    (void)state;
    raw r = wide(1500, 420, 300);
    solve_and_free(&r, MAXENT_SOLVED, "420 facts");
    for (size_t i = 0; i < r.k; i += 3)
        r.sd[i] = 0.05;
    for (size_t i = 1; i < r.k; i += 60) { /* only watched */
        r.lower[i] = -INFINITY;
        r.upper[i] = INFINITY;
        assert_true(r.sd[i] == 0);
    }
    solve_and_free(&r, MAXENT_SOLVED, "420 facts, some soft, some watched");
    raw_free(&r);
}

/* More than 6000 facts: no matrix at all. Half of a million features for 80 states. */
static void test_matrix_free(void **state)
{
    (void)state;
    raw r = wide(70, 6100, 400);
    for (size_t i = 0; i < r.k; i++)
        r.sd[i] = 0.3;
    solve_and_free(&r, MAXENT_SOLVED, "6100 soft facts");
    r.lower[77] = r.upper[77] = 2;
    r.sd[77] = 0; /* a 0/1 feature of mean 2 */
    solve_and_free(&r, MAXENT_INFEASIBLE, "6100 facts, one impossible");
    raw_free(&r);
}

/* Two faces that two facts each force together: f2 + f3 = 1 but for states 2, 9, ..., f5 + 2 f6 = 0 but for 3, 14, ... */
static void combined(raw *r)
{
    raw own = raw_new(r->n, r->k);
    memcpy(own.F, r->F, r->n * r->k * sizeof *r->F);
    size_t left = 0;
    for (size_t x = 0; x < r->n; x++) {
        double *f = own.F + x * r->k, out2 = x % 7 == 2, out3 = x % 11 == 3;
        f[1] = x % 5 == 1;
        f[2] = out2 != 0 ? 0 : x % 2;
        f[3] = out2 != 0 ? 0 : 1 - x % 2;
        f[6] = (double)(x % 3);
        f[5] = out3 - 2 * f[6];
        left += out2 == 0 && out3 == 0;
    }
    for (size_t i = 0; i < r->k; i++) {
        long double mean = 0;
        for (size_t x = 0; x < r->n; x++)
            mean += x % 7 == 2 || x % 11 == 3 ? 0 : own.F[x * r->k + i];
        own.lower[i] = own.upper[i] = (double)(mean / (long double)left) + 0.002 * (i % 7 == 0 && i > 0);
    }
    own.lower[3] = own.upper[3] = 1 - own.lower[2];
    own.lower[5] = own.upper[5] = -2 * own.lower[6];
    maxent_problem *problem = raw_problem(&own);
    maxent_result *result = solve_with(problem, NULL);
    verify(&own, result, MAXENT_BOUNDARY, "unaffordable, combined");
    for (size_t x = 0; x < r->n; x++)
        assert_true((maxent_result_probabilities(result)[x] == 0) == (x % 7 == 2 || x % 11 == 3));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&own);
}

/* Over 1.5e9 operations of Gram-Schmidt: what the large way cannot decide nobody does. */
static void test_unaffordable(void **state)
{
    (void)state;
    raw r = wide(4200, 600, 500);
    maxent_problem *problem;
    /* fact 1 at the edge of its range: its states are ruled out without the exact way */
    for (size_t x = 0; x < r.n; x++)
        r.F[x * r.k + 1] = x % 20 == 3;
    double before[2] = {r.lower[1], r.upper[1]};
    r.lower[1] = r.upper[1] = 0;
    for (size_t i = 0; i < r.k; i++) { /* targets that the remaining states meet */
        long double mean = 0;
        for (size_t x = 0; x < r.n; x++)
            mean += x % 20 == 3 ? 0 : r.F[x * r.k + i];
        r.lower[i] = r.upper[i] = i == 1 ? 0 : (double)(mean / 3990) + 0.002 * (i % 7 == 0);
    }
    problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_BOUNDARY, "unaffordable boundary");
    for (size_t x = 0; x < r.n; x++)
        assert_true((maxent_result_probabilities(result)[x] == 0) == (x % 20 == 3));
    maxent_result_free(result);
    maxent_problem_free(problem);
    combined(&r);
    /* redundant facts: steps that need no inverse */
    r.lower[1] = before[0];
    r.upper[1] = before[1];
    for (size_t x = 0; x < r.n; x++)
        r.F[x * r.k + 1] = r.F[x * r.k];
    r.lower[1] = r.upper[1] = r.lower[0];
    solve_and_free(&r, MAXENT_SOLVED, "unaffordable, redundant");
    raw_free(&r);
}

/* ---- errors ---- */

typedef struct failing {
    size_t k, at;
    double value; /* of feature 1 in state `at`; NaN, inf, or 0: the callback fails there */
} failing;

static int fill(void *user, size_t first, size_t count, double *out)
{
    const failing *f = user;
    for (size_t x = 0; x < count; x++)
        for (size_t i = 0; i < f->k; i++) {
            if (first + x == f->at && f->value == 0)
                return 1;
            out[x * f->k + i] = first + x == f->at && i == 1 ? f->value : sin((double)((first + x) * (i + 1)));
        }
    return 0;
}

static void test_errors(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY, 0};
    for (size_t k = 3; k <= 12; k += 9) { /* the exact model, the lagged one */
        double target[12] = {0};
        for (size_t i = 0; i < 4; i++) {
            failing f = {k, 123456, values[i]};
            maxent_problem *problem = NULL;
            maxent_result *result = NULL;
            maxent_diagnostic where;
            assert_int_equal(maxent_problem_from_callback(150000, k, fill, &f, target, &problem, NULL), MAXENT_OK);
            maxent_error error = maxent_solve(problem, NULL, &result, &where);
            assert_int_equal(error, i == 3 ? MAXENT_ERROR_CALLBACK : MAXENT_ERROR_VALUE);
            assert_int_equal(where.error, error);
            if (i < 3) {
                assert_non_null(strstr(where.message, "E[f2]"));
                assert_non_null(strstr(where.message, "123456"));
            }
            assert_null(result);
            maxent_problem_free(problem);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_exact), cmocka_unit_test(test_declined),     cmocka_unit_test(test_line),
        cmocka_unit_test(test_combination),  cmocka_unit_test(test_killed),
        cmocka_unit_test(test_diagonal),      cmocka_unit_test(test_matrix_free),  cmocka_unit_test(test_unaffordable),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
