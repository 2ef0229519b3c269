/* maxent_solve on problems whose answer is known: closed forms, published numbers, every kind of fact and every verdict.
 *
 * The numbers named below without another source are of the collection of published results that the project's verdict tests
 * use: closed forms, or 25 digits by independent multi-precision arithmetic. */
#include "support.h"

/* A problem on one variable with the values v, features f_i(v) given row-major. */
static raw make(size_t n, size_t k, const double *F, const double *target)
{
    raw r = raw_new(n, k);
    memcpy(r.F, F, n * k * sizeof *F);
    memcpy(r.lower, target, k * sizeof *target);
    memcpy(r.upper, target, k * sizeof *target);
    return r;
}

static maxent_fact fact_of(const maxent_result *result, size_t i)
{
    maxent_fact fact;
    maxent_result_fact(result, i, &fact);
    return fact;
}

static maxent_certificate certificate_of(const maxent_result *result)
{
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    return c;
}

static void assert_p(const maxent_result *result, const double *p, size_t n, double tolerance)
{
    const double *got = maxent_result_probabilities(result);
    assert_non_null(got);
    for (size_t x = 0; x < n; x++)
        if (!(fabs(got[x] - p[x]) <= tolerance))
            fail_msg("state %zu: p = %.17g, not %.17g", x, got[x], p[x]);
}

static maxent_problem *from_text(const char *text)
{
    maxent_problem *problem = NULL;
    maxent_diagnostic where;
    if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    return problem;
}

/* A text that is solved, its p. */
static void assert_text(const char *text, const double *p, size_t n, double tolerance)
{
    maxent_problem *problem = from_text(text);
    maxent_result *result = solve_with(problem, NULL);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_int_equal(maxent_problem_states(problem), n);
    assert_p(result, p, n, tolerance);
    assert_true(certificate_of(result).residual <= 1e-14);
    assert_true(fabs(certificate_of(result).gap) <= 1e-14);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* ---- closed forms ---- */

static int fill_values(void *user, size_t first, size_t count, double *out)
{
    const double *v = user;
    memcpy(out, v + first, count * sizeof *out);
    return 0;
}

/* The articles' fast food: p1 + p2 + p3 = 1, p2 + 2 p3 = 3/4 and p2^2 = p1 p3 give 12 p3^2 - 13 p3 + 9/4 = 0. */
static void test_fast_food(void **state)
{
    (void)state;
    double v[3] = {1, 2, 3}, wide[6] = {1, NAN, 2, NAN, 3, NAN}, target = 1.75, root = sqrt(61);
    double p[3] = {(19 - root) / 24, (root - 4) / 12, (13 - root) / 24};
    signed char bytes[3] = {1, 2, 3};
    raw r = make(3, 1, v, &target);
    maxent_problem *problem[5];
    assert_int_equal(maxent_problem_from_array(3, 1, v, 1, 1, &target, &problem[0], NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_from_array(3, 1, wide, 2, 7, &target, &problem[1], NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_from_bytes(3, 1, bytes, &target, &problem[2], NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_from_callback(3, 1, fill_values, v, &target, &problem[3], NULL), MAXENT_OK);
    problem[4] = from_text("x in {1, 2, 3}; E[x] = 1.75");
    for (int way = 0; way < 5; way++) {
        maxent_result *result = solve_with(problem[way], NULL);
        verify(&r, result, MAXENT_SOLVED, "fast food");
        assert_p(result, p, 3, 1e-14);
        maxent_certificate c = certificate_of(result);
        assert_true(c.residual <= 1e-14 && fabs(c.gap) <= 1e-14);
        assert_true(isnan(c.margin) && isnan(c.bound) && c.zeros == 0 && c.direction == NULL);
        assert_true(fabs(maxent_result_entropy(result) - 1.0511728534684784) <= 4e-16);
        assert_true(fabs(maxent_result_entropy_without(result) - log(3)) <= 4e-16);
        assert_true(fabs(maxent_result_relative_entropy(result) - (log(3) - 1.0511728534684784)) <= 1e-15);
        assert_true(fabs(maxent_result_log_partition(result) - log(1.4606759533305582)) <= 1e-15);
        maxent_fact fact = fact_of(result, 0);
        assert_true(fabs(fact.lambda - .38415631037597031) <= 1e-15);
        assert_true(fact.target == 1.75 && fact.lower == 1.75 && fact.upper == 1.75 && fact.sd == 0);
        assert_true(fabs(fact.achieved - 1.75) <= 1e-15 && fact.residual <= 1e-14);
        assert_true(isnan(fact.cost) && isnan(fact.repair) && fact.direction == 0);
        assert_string_equal(fact.text, way == 4 ? "E[x]" : "E[f1]");
        assert_int_equal(maxent_result_facts(result), 1);
        maxent_effort effort;
        maxent_result_effort(result, &effort);
        assert_true(effort.iterations > 0 && effort.evaluations >= effort.iterations && effort.seconds >= 0 && effort.threads > 0);
        assert_true(strlen(maxent_result_message(result)) > 0);
        maxent_result_free(result);
        maxent_problem_free(problem[way]);
    }
    raw_free(&r);
}

static void test_no_facts(void **state)
{
    (void)state;
    maxent_problem *problem = NULL;
    double q[6] = {1, 2, 0, 4, 1, 0}, none[6] = {1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6};
    double with[6] = {.125, .25, 0, .5, .125, 0};
    assert_int_equal(maxent_problem_from_array(6, 0, NULL, 0, 0, NULL, &problem, NULL), MAXENT_OK);
    maxent_result *result = solve_with(problem, NULL);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_p(result, none, 6, 1e-16);
    assert_true(fabs(maxent_result_entropy(result) - log(6)) <= 4e-16 && maxent_result_facts(result) == 0);
    assert_int_equal(maxent_result_covariance(result, NULL), MAXENT_ERROR_ARGUMENT);
    maxent_result_free(result);
    assert_int_equal(maxent_problem_set_prior(problem, q, NULL), MAXENT_OK);
    result = solve_with(problem, NULL);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_p(result, with, 6, 1e-16);
    assert_true(fabs(maxent_result_entropy(result) - 1.75 * log(2)) <= 1e-15);
    assert_true(fabs(maxent_result_entropy_without(result) - 1.75 * log(2)) <= 1e-15);
    assert_true(maxent_result_relative_entropy(result) <= 1e-15);
    assert_true(fabs(maxent_result_log_partition(result) - log(8)) <= 1e-15);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void test_published(void **state)
{
    (void)state;
    /* MIT 6.050J, chapter 9 */
    static const double tofu[] = {.35462604220449828, .29643811312407197, .24779780516481603, .10113803950661371};
    assert_text("x in {1, 2, 3, 8}; E[x] = 2.5", tofu, 4, 1e-15);
    /* E. T. Jaynes, Where do we stand on maximum entropy? (1978) */
    static const double die[] = {.054353167826491518, .078771545633053519, .11415997722944056,
                                 .16544680311005334,  .23977444042689998,  .34749406577406109};
    assert_text("x in 1..6; E[x] = 4.5", die, 6, 1e-15);
    static const double prior[] = {.051258622874198245, .062724949328996333, .076756242124983099,
                                   .093926272849542383, .57468581623898938,  .14064809658329056};
    assert_text("x in 1..6; prior {0.1, 0.1, 0.1, 0.1, 0.5, 0.1}; E[x] = 4.5", prior, 6, 1e-15);
    static const double two[] = {.12174765025538582, .12185047850801478, .13209902671811796,
                                 .15512354624369926, .1973156620492594,  .27186363622552279};
    assert_text("x in 1..6; E[x] = 4; E[x^2] = 19", two, 6, 1e-14);
    /* Wolf's white die, Jaynes (1978) */
    static const double wolf[] = {.16433037320397457, .16962723798993836, .14117475539386552,
                                  .14572524460613448, .18656442662650819, .19257796217957888};
    assert_text("x in 1..6; E[x - 3.5] = 0.0983; E[2*(x=1) + 2*(x=2) - (x=3) - (x=4) + 2*(x=5) + 2*(x=6) - (x=1) - (x=2) - (x=5) - "
                "(x=6) - (x=3) - (x=4)] = 0.1393", wolf, 6, 1e-15);
    /* Berger, Della Pietra, Della Pietra, Computational Linguistics 22 (1996) 39, section 2 */
    double d = 0.9 - sqrt(0.51), rest = (1 - d - (.3 - d) - (.5 - d)) / 2;
    double words[] = {d, .3 - d, .5 - d, rest, rest};
    assert_text("w in {dans, en, a, \"au cours de\", pendant}; P[w = dans or w = en] = 0.3; P[w = dans or w = a] = 0.5", words, 5,
                1e-15);
    static const double first[] = {.15, .15, .7 / 3, .7 / 3, .7 / 3};
    assert_text("w in {dans, en, a, \"au cours de\", pendant}; P[w = dans or w = en] = 0.3", first, 5, 1e-15);
    /* S. F. Gull, J. Skilling, IEE Proc. F 131 (1984) 646 */
    static const double kangaroos[] = {1. / 12, 1. / 6, 1. / 4, 1. / 2};
    assert_text("hand in {left, right}; eye in {blue, brown}; P[eye = blue] = 1/3; P[hand = left] = 1/4", kangaroos, 4, 1e-15);
    static const double spins[] = {.5, .1, .15, .25};
    assert_text("s in {1, -1}; t in {1, -1}; E[s] = 0.2; E[t] = 0.3; E[s*t] = 0.5", spins, 4, 1e-15);
    /* a conditional probability: of what is on x <= 2, a quarter on 1; p = (a, 3a, b, b), H' = 0 by hand: b = a 3^(3/4) */
    double b = pow(3, .75), z = 4 + 2 * b, given[] = {1 / z, 3 / z, b / z, b / z};
    assert_text("x in 1..4; P[x = 1 | x <= 2] = 0.25", given, 4, 1e-15);
}

/* Independence: rows and columns of a table fixed, p = r c. */
static void test_independence(void **state)
{
    (void)state;
    enum { R = 5, C = 7 };
    double row[R] = {.1, .3, .05, .35, .2}, column[C] = {.02, .08, .2, .25, .15, .1, .2}, p[R * C];
    raw r = raw_new(R * C, R + C);
    for (size_t i = 0; i < R; i++)
        for (size_t j = 0; j < C; j++) {
            r.F[(i * C + j) * (R + C) + i] = r.F[(i * C + j) * (R + C) + R + j] = 1;
            p[i * C + j] = row[i] * column[j];
        }
    for (size_t i = 0; i < R; i++)
        r.lower[i] = r.upper[i] = row[i];
    for (size_t j = 0; j < C; j++)
        r.lower[R + j] = r.upper[R + j] = column[j];
    maxent_problem *problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_SOLVED, "independence");
    assert_p(result, p, R * C, 1e-15);
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- slack ---- */

/* The die with one fact on x, as an interval or soft. */
static maxent_result *die(raw *r, maxent_problem **problem, double lower, double upper, double sd)
{
    static const double v[6] = {1, 2, 3, 4, 5, 6};
    double none = 0;
    *r = make(6, 1, v, &none);
    r->lower[0] = lower;
    r->upper[0] = upper;
    r->sd[0] = sd;
    *problem = raw_problem(r);
    maxent_result *result = solve_with(*problem, NULL);
    verify(r, result, MAXENT_SOLVED, "a die");
    return result;
}

static void test_slack(void **state)
{
    (void)state;
    /* with its bound active an interval is the equality: Jaynes' die, lambda = -.37104893808103334 */
    static const struct {
        double lower, upper, sd, mean, lambda;
    } cases[] = {
        {4.5, 5, 0, 4.5, -.37104893808103334},       {4.5, INFINITY, 0, 4.5, -.37104893808103334},
        {2, 2.5, 0, 2.5, .37104893808103334},        {-INFINITY, 2.5, 0, 2.5, .37104893808103334},
        {3, 4, 0, 3.5, 0},                           {-INFINITY, 4, 0, 3.5, 0},
        {3, INFINITY, 0, 3.5, 0},                    {-INFINITY, INFINITY, 0, 3.5, 0},
        {3.5, 3.5, .25, 3.5, 0},                     {-20, 90, 0, 3.5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        raw r;
        maxent_problem *problem;
        maxent_result *result = die(&r, &problem, cases[i].lower, cases[i].upper, cases[i].sd);
        maxent_fact fact = fact_of(result, 0);
        assert_true(fabs(fact.achieved - cases[i].mean) <= 1e-14 && fabs(fact.lambda - cases[i].lambda) <= 1e-14);
        assert_true(fact.lower == cases[i].lower && fact.upper == cases[i].upper && fact.sd == cases[i].sd);
        assert_true(cases[i].lower == cases[i].upper ? fact.target == cases[i].lower : isnan(fact.target));
        maxent_result_free(result);
        maxent_problem_free(problem);
        raw_free(&r);
    }
    /* E f = v + sd^2 lambda; the mean lies between the prior's and v, the nearer to v the smaller sd */
    double before = 3.5;
    for (double sd = 100; sd > 1e-6; sd /= 10) {
        raw r;
        maxent_problem *problem;
        maxent_result *result = die(&r, &problem, 4.5, 4.5, sd);
        maxent_fact fact = fact_of(result, 0);
        assert_true(fabs(fact.achieved - (4.5 + sd * sd * fact.lambda)) <= 1e-13 * (1 + sd));
        assert_true(fact.achieved > before && fact.achieved < 4.5 && fact.lambda < 0 && fact.lambda > -.371048938081034);
        before = fact.achieved;
        maxent_result_free(result);
        maxent_problem_free(problem);
        raw_free(&r);
    }
    assert_true(fabs(before - 4.5) < 1e-10);
    /* beyond what the die can do, a soft fact is still only soft */
    raw r;
    maxent_problem *problem;
    maxent_result *result = die(&r, &problem, 9, 9, 0.5);
    assert_true(fact_of(result, 0).achieved > 5.5 && fact_of(result, 0).achieved < 6);
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* Soft facts of one feature at odds by up to 1e9 of their errors are one, at the mean weighted by 1 / sd^2 (their distance adds but a
 * constant): q of p ~ q^x solves (3 - m) q^2 + (2 - m) q + 1 - m = 0 on {1, 2, 3}, log Z = log(q + q^2 + q^3). The multipliers are 1e9
 * to 1e17 and all but cancel. Where double-double has no digit left of that either, it is told. */
static void test_far_soft(void **state)
{
    (void)state;
    static const double F[9] = {1, 1, 1, 2, 2, 2, 3, 3, 3}, target[3] = {2.9, 1.5, 1.7};
    for (double sd = 1e-5; sd > 1e-23; sd *= 1e-2) {
        raw r = make(3, 3, F, target);
        r.sd[0] = r.sd[1] = sd;
        r.sd[2] = 2 * sd;
        maxent_problem *problem = raw_problem(&r);
        maxent_result *result = solve_with(problem, NULL);
        if (sd > 5e-10) {
            double q = 1, mean = (2.9 + 1.5 + 1.7 / 4) / 2.25;
            for (int step = 0; step < 3; step++) {
                double m = mean - sd * sd / 2.25 * log(q); /* of one soft fact: mean + sd^2 lambda */
                q = (m - 2 + sqrt((m - 2) * (m - 2) + 4 * (3 - m) * (m - 1))) / (2 * (3 - m));
            }
            double z = q + q * q + q * q * q, p[3] = {q / z, q * q / z, q * q * q / z};
            assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
            assert_p(result, p, 3, 1e-12);
            assert_true(fabs(maxent_result_log_partition(result) - log(z)) <= 1e-11);
            maxent_certificate certificate;
            maxent_result_certificate(result, &certificate);
            assert_true(certificate.residual <= 1e-12 && fabs(certificate.gap) <= 1e-12);
        } else if (sd < 1e-14) {
            assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
        raw_free(&r);
    }
}

/* ---- redundant facts ---- */

/* x, 2 x + 3 and a constant are one fact: the multipliers are those of least norm, lambda_x (1, 2) / 5. */
static void test_redundant(void **state)
{
    (void)state;
    static const double F[18] = {1, 5, 1, 2, 7, 1, 3, 9, 1, 4, 11, 1, 5, 13, 1, 6, 15, 1}, target[3] = {4.5, 12, 1};
    raw r = make(6, 3, F, target);
    maxent_problem *problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_SOLVED, "redundant");
    double lambda = -.37104893808103334;
    assert_true(fabs(fact_of(result, 0).lambda - lambda / 5) <= 1e-14);
    assert_true(fabs(fact_of(result, 1).lambda - lambda * 2 / 5) <= 1e-14);
    assert_true(fabs(fact_of(result, 2).lambda) <= 1e-14);
    maxent_result_free(result);
    /* one of them off: they clash, by exactly those two */
    assert_int_equal(maxent_problem_set_target(problem, 1, 12.5), MAXENT_OK);
    r.lower[1] = r.upper[1] = 12.5;
    result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_INFEASIBLE, "a constant combination");
    assert_true(fact_of(result, 0).direction * -1 == fact_of(result, 1).direction * 2 && fact_of(result, 2).direction == 0);
    assert_true(fact_of(result, 0).repair == 4.75 && fact_of(result, 1).repair == 12 && isnan(fact_of(result, 2).repair));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* ---- verdicts ---- */

/* Facts c_i E[x] = 4 c_i, far more than states: the multipliers of least norm are lambda c_i / sum c^2, lambda that of E[x] = 4 alone. */
static void test_many_redundant(void **state)
{
    (void)state;
    enum { N = 6, K = 90 };
    raw one = raw_new(N, 1), many = raw_new(N, K);
    double squares = 0;
    one.lower[0] = one.upper[0] = 4;
    for (size_t i = 0; i < K; i++) {
        double c = (double)(i % 7 + 1);
        squares += c * c;
        many.lower[i] = many.upper[i] = 4 * c;
        for (size_t x = 0; x < N; x++) {
            one.F[x] = (double)(x + 1);
            many.F[x * K + i] = c * (double)(x + 1);
        }
    }
    maxent_problem *alone = raw_problem(&one), *all = raw_problem(&many);
    maxent_result *first = solve_with(alone, NULL), *second = solve_with(all, NULL);
    assert_int_equal(maxent_result_verdict(second), MAXENT_SOLVED);
    assert_p(second, maxent_result_probabilities(first), N, 1e-14);
    for (size_t i = 0; i < K; i++) {
        double lambda = fact_of(first, 0).lambda * (double)(i % 7 + 1) / squares;
        assert_true(fabs(fact_of(second, i).lambda - lambda) <= 1e-14);
    }
    maxent_result_free(first);
    maxent_result_free(second);
    maxent_problem_free(alone);
    maxent_problem_free(all);
    raw_free(&one);
    raw_free(&many);
}

/* A bound that an equality implies is not felt, also when it touches, whatever its scale; the prior spans 200 orders of magnitude,
 * where the two multipliers at odds once grew to 1e13 each and the solve ended unfinished. */
static void test_implied(void **state)
{
    (void)state;
    enum { N = 60 };
    for (int bound = 0; bound < 4; bound++) {
        raw r = raw_new(N, 3), alone = raw_new(N, 2);
        r.q = doubles(N);
        alone.q = doubles(N);
        for (size_t x = 0; x < N; x++) {
            alone.q[x] = r.q[x] = pow(10, -(double)(x * x * 37 % 200));
            r.F[3 * x] = alone.F[2 * x] = (double)x;
            r.F[3 * x + 1] = alone.F[2 * x + 1] = (double)(x * x);
            r.F[3 * x + 2] = bound < 2 ? (double)(x * x) : 7 - 0.5 * (double)(x * x);
        }
        r.lower[0] = r.upper[0] = alone.lower[0] = alone.upper[0] = 30.25;
        r.lower[1] = r.upper[1] = alone.lower[1] = alone.upper[1] = 1250;
        r.lower[2] = bound == 0 ? 1250 : bound == 1 ? 1000 : bound == 2 ? 7 - 625 : -INFINITY;
        r.upper[2] = bound == 3 ? 7 - 625 : INFINITY;
        maxent_problem *problem = raw_problem(&r), *without = raw_problem(&alone);
        maxent_result *result = solve_with(problem, NULL), *expected = solve_with(without, NULL);
        assert_int_equal(maxent_result_verdict(result), maxent_result_verdict(expected));
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        assert_p(result, maxent_result_probabilities(expected), N, 1e-13);
        assert_true(fact_of(result, 2).lambda == 0);
        maxent_result_free(result);
        maxent_result_free(expected);
        maxent_problem_free(problem);
        maxent_problem_free(without);
        raw_free(&r);
        raw_free(&alone);
    }
    /* Decimals that touch: 9.5 - 8.4 is 1.1 but for rounding, which pins E[x]; slack bounds beside it stay slack. lambda of E[x] = 1.1
     * by scipy's brentq. */
    maxent_problem *problem =
        from_text("x in 0..3; E[x] >= 1.1; E[abs(x - 9.5)] >= 8.4; E[cos(x)] in [-0.9, 0.9]; E[abs(x - 12.5)] >= 11");
    maxent_result *touching = solve_with(problem, NULL);
    assert_int_equal(maxent_result_verdict(touching), MAXENT_SOLVED);
    assert_true(fabs(maxent_result_entropy(touching) - 1.3213350201159413) < 1e-13);
    maxent_result_free(touching);
    maxent_problem_free(problem);
}

static void test_infeasible(void **state)
{
    (void)state;
    static const double v[6] = {1, 2, 3, 4, 5, 6}, seven = 7;
    raw r = make(6, 1, v, &seven);
    maxent_problem *problem = raw_problem(&r);
    maxent_options options;
    maxent_options_init(&options);
    options.explain = 1;
    maxent_result *result = solve_with(problem, &options);
    verify(&r, result, MAXENT_INFEASIBLE, "die of mean 7");
    assert_null(maxent_result_probabilities(result));
    assert_true(isnan(maxent_result_entropy(result)) && isnan(maxent_result_relative_entropy(result)));
    assert_true(isnan(maxent_result_log_partition(result)) && fabs(maxent_result_entropy_without(result) - log(6)) < 1e-15);
    maxent_fact fact = fact_of(result, 0);
    assert_true(isnan(fact.achieved) && isnan(fact.lambda) && isnan(fact.residual) && isnan(fact.cost));
    assert_true(fact.direction == -1 && fact.repair == 6 && certificate_of(result).margin == 1);
    assert_true(isnan(certificate_of(result).residual) && isnan(certificate_of(result).gap));
    assert_non_null(strstr(maxent_result_message(result), "f1 never exceeds 6, so E[f1] cannot be 7"));
    double covariance;
    assert_int_equal(maxent_result_covariance(result, &covariance), MAXENT_ERROR_ARGUMENT);
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* Each repair makes the facts feasible when it alone is applied (and a few units in the last place more, because it is rounded), and
 * less than it does not. */
static void check_repairs(raw *r, size_t expected)
{
    maxent_problem *problem = raw_problem(r);
    maxent_result *result = solve_with(problem, NULL);
    verify(r, result, MAXENT_INFEASIBLE, "repairs");
    size_t found = 0;
    for (size_t i = 0; i < r->k; i++) {
        maxent_fact fact = fact_of(result, i);
        if (isnan(fact.repair))
            continue;
        found++;
        double lower = r->lower[i], upper = r->upper[i], bound = fact.direction > 0 ? upper : lower;
        for (int short_of = 0; short_of < 2; short_of++) {
            double to = short_of ? bound + 0.999 * (fact.repair - bound) : fact.repair + 4e-16 * (fact.repair - bound);
            double low = lower == upper || fact.direction < 0 ? to : lower, high = lower == upper || fact.direction > 0 ? to : upper;
            assert_int_equal(maxent_problem_set_interval(problem, i, low, high), MAXENT_OK);
            maxent_result *other = solve_with(problem, NULL);
            if ((maxent_result_verdict(other) == MAXENT_INFEASIBLE) != short_of)
                fail_msg("fact %zu moved to %.17g: %s", i, to, maxent_result_message(other));
            maxent_result_free(other);
        }
        assert_int_equal(maxent_problem_set_interval(problem, i, lower, upper), MAXENT_OK);
    }
    assert_int_equal(found, expected);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void test_repairs(void **state)
{
    (void)state;
    /* P(A) = P(B) = .9 with P(A and B) = .7: each alone can repair it, to .8, .8 and .8 */
    static const double F[12] = {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1}, target[3] = {.9, .9, .7};
    raw r = make(4, 3, F, target);
    check_repairs(&r, 3);
    raw_free(&r);
    /* three spins with every E s_i s_j = -.9 */
    static const double S[24] = {1, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1, 1};
    static const double minus[3] = {-.9, -.9, -.9};
    r = make(8, 3, S, minus);
    check_repairs(&r, 3);
    raw_free(&r);
    /* boxes: x <= 2 and x^2 >= 30 on the die */
    static const double X[12] = {1, 1, 2, 4, 3, 9, 4, 16, 5, 25, 6, 36}, none[2] = {0, 0};
    r = make(6, 2, X, none);
    r.lower[0] = -INFINITY;
    r.upper[0] = 2;
    r.lower[1] = 30;
    r.upper[1] = INFINITY;
    check_repairs(&r, 2);
    raw_free(&r);
}

static void test_boundary(void **state)
{
    (void)state;
    static const double v[6] = {1, 2, 3, 4, 5, 6}, six = 6, sure[6] = {0, 0, 0, 0, 0, 1};
    raw r = make(6, 1, v, &six);
    maxent_problem *problem = raw_problem(&r);
    maxent_result *result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_BOUNDARY, "die of mean 6");
    assert_p(result, sure, 6, 0);
    assert_int_equal(certificate_of(result).zeros, 5);
    assert_true(maxent_result_entropy(result) == 0 && fact_of(result, 0).direction < 0);
    assert_non_null(strstr(maxent_result_message(result), "zero in 5 states"));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);

    /* P(A) = P(B) = .9, P(A and B) = .8: neither never happens */
    static const double F[12] = {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1}, target[3] = {.9, .9, .8}, p[4] = {0, .1, .1, .8};
    r = make(4, 3, F, target);
    problem = raw_problem(&r);
    result = solve_with(problem, NULL);
    assert_int_equal(maxent_result_verdict(result), MAXENT_BOUNDARY);
    assert_null(wrong_answer(&r, result, 1e-12));
    assert_p(result, p, 4, 1e-15);
    assert_true(maxent_result_probabilities(result)[0] == 0);
    assert_non_null(strstr(maxent_result_message(result), "zero in 1 state;"));
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);

    /* a box that can only be met at one bound: x >= 6 */
    r = make(6, 1, v, &six);
    r.upper[0] = 20;
    problem = raw_problem(&r);
    result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_BOUNDARY, "die of mean at least 6");
    assert_p(result, sure, 6, 0);
    maxent_result_free(result);
    /* a prior zero is not a forced zero */
    double q[6] = {1, 1, 1, 1, 0, 3}, eleven_halves = 5.5;
    r.q = doubles(6);
    memcpy(r.q, q, sizeof q);
    r.lower[0] = r.upper[0] = eleven_halves;
    raw_apply(&r, problem);
    result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_SOLVED, "prior with a zero");
    maxent_result_free(result);
    r.lower[0] = r.upper[0] = 6;
    raw_apply(&r, problem);
    result = solve_with(problem, NULL);
    verify(&r, result, MAXENT_BOUNDARY, "mean 6 under a prior with a zero");
    assert_int_equal(certificate_of(result).zeros, 4);
    maxent_result_free(result);
    maxent_problem_free(problem);
    raw_free(&r);
}

/* A feature that is the same wherever there is mass has no deviation to be judged by: the rounding of p is none. */
static void test_same_wherever_mass_is(void **state)
{
    (void)state;
    static const char *const text[] = {"x in 0..2; prior {3, 0.5, 100}; P[x = 0] = 0; E[0*x] in [-0.1, 0]",
                                       "x in 0..2; prior {3, 0.5, 100}; P[x = 0] = 0; E[(x = 0)*x] in [-0.1, 0]",
                                       "x in 0..2; prior {3, 0.5, 100}; P[x = 0] = 0; E[(x = 0)*x + log(2)] in [log(2), 7]"};
    const double p[3] = {0, 1 / 201., 200 / 201.};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = from_text(text[i]);
        maxent_result *result = solve_with(problem, NULL);
        if (maxent_result_verdict(result) != MAXENT_BOUNDARY)
            fail_msg("%s: %s", text[i], maxent_result_message(result));
        assert_p(result, p, 3, 1e-15);
        assert_true(certificate_of(result).residual <= 1e-14);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* x in {0, 1, 1000}, E[x] = 1/10: p(1000) is about 9/10 9^-1000, 1e-954. */
static void test_vanishing(void **state)
{
    (void)state;
    maxent_problem *problem = from_text("x in {0, 1, 1000}; E[x] = 0.1");
    maxent_result *result = solve_with(problem, NULL);
    const double p[3] = {0.9, 0.1, 0};
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    assert_p(result, p, 3, 1e-15);
    assert_int_equal(certificate_of(result).zeros, 0);
    assert_non_null(strstr(maxent_result_message(result), "the probability of 1 state is below the least of doubles"));
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* ---- errors ---- */

static int fill_fails(void *user, size_t first, size_t count, double *out)
{
    (void)user;
    for (size_t x = 0; x < count; x++)
        out[x] = (double)(first + x);
    return first + count > 2;
}

static void test_errors(void **state)
{
    (void)state;
    double v[3] = {1, 2, 3}, target = 2, warm = NAN;
    double F[4 * 2] = {1, 2, 3, 4, 5, INFINITY, 7, 8}, targets[2] = {3, 5};
    maxent_problem *problem = NULL, *broken = NULL, *bad = NULL;
    maxent_result *result = NULL;
    maxent_diagnostic where;
    assert_int_equal(maxent_problem_from_array(3, 1, v, 1, 1, &target, &problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(NULL, NULL, &result, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_solve(problem, NULL, NULL, NULL), MAXENT_ERROR_ARGUMENT);
    maxent_options options[6];
    for (int i = 0; i < 6; i++)
        maxent_options_init(&options[i]);
    options[0].tolerance = -1;
    options[1].tolerance = NAN;
    options[2].time_limit = -1;
    options[3].threads = -1;
    options[4].warm = &warm;
    options[5].tolerance = INFINITY;
    for (int i = 0; i < 6; i++) {
        memset(&where, 0, sizeof where);
        assert_int_equal(maxent_solve(problem, &options[i], &result, &where), MAXENT_ERROR_ARGUMENT);
        assert_true(where.error == MAXENT_ERROR_ARGUMENT && where.message[0] != '\0');
    }
    assert_null(result);
    maxent_problem_free(problem);

    assert_int_equal(maxent_problem_from_callback(3, 1, fill_fails, NULL, &target, &broken, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(broken, NULL, &result, &where), MAXENT_ERROR_CALLBACK);
    assert_int_equal(where.error, MAXENT_ERROR_CALLBACK);
    maxent_problem_free(broken);

    assert_int_equal(maxent_problem_from_array(4, 2, F, 2, 1, targets, &bad, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(bad, NULL, &result, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "E[f2]"));
    assert_non_null(strstr(where.message, "state 2"));
    double q[4] = {1, 1, 0, 1}; /* what the prior rules out need not be finite */
    assert_int_equal(maxent_problem_set_prior(bad, q, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(bad, NULL, &result, &where), MAXENT_OK);
    maxent_result_free(result);
    result = NULL;
    F[7] = NAN;
    assert_int_equal(maxent_solve(bad, NULL, &result, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "state 3"));
    assert_null(result);
    maxent_problem_free(bad);
    maxent_result_free(NULL);
    assert_string_equal(maxent_verdict_word(MAXENT_INFEASIBLE), "infeasible");
    assert_string_equal(maxent_verdict_word((maxent_verdict)99), "unknown");
    assert_string_equal(maxent_verdict_text(MAXENT_INFEASIBLE), "no distribution meets the facts");
    assert_string_equal(maxent_verdict_text((maxent_verdict)-1), "unknown verdict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_food), cmocka_unit_test(test_no_facts),   cmocka_unit_test(test_published),
        cmocka_unit_test(test_independence), cmocka_unit_test(test_slack),   cmocka_unit_test(test_far_soft),
        cmocka_unit_test(test_redundant),
        cmocka_unit_test(test_many_redundant), cmocka_unit_test(test_implied),
        cmocka_unit_test(test_infeasible), cmocka_unit_test(test_repairs),   cmocka_unit_test(test_boundary),
        cmocka_unit_test(test_same_wherever_mass_is), cmocka_unit_test(test_vanishing),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
