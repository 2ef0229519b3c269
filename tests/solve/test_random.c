/* Several hundred random problems, biased to corners, each judged by the verifier of support.h: whatever the verdict, its proof
 * must hold. Where the targets come from a p that is positive everywhere the verdict must be "solved", unless intervals that end at
 * the very mean leave, by the rounding of their bounds, nothing between them. Of such intervals a few may stay undecided. */
#include "support.h"

#define PROBLEMS 900

/* Features: small whole numbers, normals, 0/1, powers of the number of the state, powers of a coordinate in [-1, 1], columns of very
 * different sizes. */
static void random_features(raw *r, uint64_t *seed)
{
    size_t style = below(seed, 6);
    for (size_t x = 0; x < r->n; x++)
        for (size_t i = 0; i < r->k; i++) {
            double v = 0;
            switch (style) {
            case 0: v = (double)below(seed, 7) - 3; break;
            case 1: v = normal(seed); break;
            case 2: v = uniform(seed) < 0.4; break;
            case 3: v = pow((double)x, (double)(i + 1)); break;
            case 4: v = pow(2 * (double)x / (double)r->n - 1, (double)(i + 1)); break;
            default: v = normal(seed) * pow(10, 4.0 * (double)(i % 5) - 8); break;
            }
            r->F[x * r->k + i] = v;
        }
}

static void random_prior(raw *r, uint64_t *seed)
{
    size_t style = below(seed, 4);
    if (style == 0)
        return;
    r->q = doubles(r->n);
    for (size_t x = 0; x < r->n; x++) {
        r->q[x] = style == 1 ? 0.1 + uniform(seed) : pow(10, 10 * uniform(seed) - 5);
        if (style == 3 && x > 0 && uniform(seed) < 0.2)
            r->q[x] = 0;
    }
}

/* p: [n], positive wherever q is, or on a few states only. Returns 1 when it is positive everywhere. */
static int random_p(const raw *r, uint64_t *seed, double *p)
{
    int sparse = uniform(seed) < 0.3;
    double total = 0;
    for (size_t x = 0; x < r->n; x++) {
        p[x] = r->q != NULL && r->q[x] == 0 ? 0 : sparse && uniform(seed) < 0.7 ? 0 : exp(normal(seed));
        total += p[x];
    }
    if (total == 0)
        p[0] = total = 1; /* the prior of state 0 is never 0 */
    for (size_t x = 0; x < r->n; x++)
        p[x] /= total;
    return !sparse;
}

/* Bounds around E_p f. Returns 1 when p still meets them. */
static int random_facts(raw *r, uint64_t *seed, const double *p)
{
    double off = uniform(seed);
    int meets = 1;
    long double total = 0;
    for (size_t x = 0; x < r->n; x++)
        total += p[x];
    for (size_t i = 0; i < r->k; i++) {
        long double sum = 0; /* so that the target is the mean rounded once, as little off as a number can be */
        double square = 0;
        for (size_t x = 0; x < r->n; x++)
            sum += (long double)p[x] * r->F[x * r->k + i];
        double mean = (double)(sum / total);
        for (size_t x = 0; x < r->n; x++)
            square += p[x] * (r->F[x * r->k + i] - mean) * (r->F[x * r->k + i] - mean);
        double sd = sqrt(square), target = mean;
        if (off < 0.1) { /* as printed in a paper */
            char text[40];
            snprintf(text, sizeof text, "%.3g", mean);
            target = strtod(text, NULL);
        } else if (off < 0.2) {
            target += 1e-3 * sd * normal(seed);
        } else if (off < 0.35) {
            target += sd * normal(seed);
        }
        meets &= off >= 0.35;
        r->lower[i] = r->upper[i] = target;
        double kind = uniform(seed);
        if (kind < 0.1)
            r->lower[i] = -INFINITY;
        else if (kind < 0.2)
            r->upper[i] = INFINITY;
        else if (kind < 0.3)
            r->upper[i] += 0.3 * sd;
        else if (kind < 0.4)
            r->lower[i] -= 1e-3 * (sd + fabs(target));
        else if (kind < 0.55)
            r->sd[i] = (0.01 + uniform(seed)) * (sd + 1e-3 * fabs(target) + 1e-6);
    }
    return meets;
}

/* 1: some fact is an interval. */
static int boxed(const raw *r)
{
    for (size_t i = 0; i < r->k; i++)
        if (r->lower[i] != r->upper[i])
            return 1;
    return 0;
}

/* Is the clash one of the last places of the bounds? */
static int by_rounding(const raw *r, const maxent_result *result)
{
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    double open = 0;
    for (size_t i = 0; i < r->k; i++)
        if (c.direction[i] != 0)
            open += fabs(c.direction[i] * (c.direction[i] > 0 ? r->upper[i] : r->lower[i]));
    return c.margin <= 0x1p-51 * open;
}

static void test_random(void **state)
{
    (void)state;
    size_t count[MAXENT_VERDICT_COUNT] = {0};
    pinned_intervals = 1;
    for (uint64_t number = 0; number < PROBLEMS; number++) {
        uint64_t seed = 7919 * number + 17;
        raw r = raw_new(2 + below(&seed, 39), 1 + below(&seed, 7));
        random_features(&r, &seed);
        random_prior(&r, &seed);
        double *p = doubles(r.n);
        int interior = random_p(&r, &seed, p);
        interior &= random_facts(&r, &seed, p);
        maxent_problem *problem = raw_problem(&r);
        maxent_result *result = solve_with(problem, NULL);
        maxent_verdict verdict = maxent_result_verdict(result);
        count[verdict]++;
        const char *wrong = NULL;
        if (verdict == MAXENT_SOLVED || verdict == MAXENT_BOUNDARY)
            wrong = wrong_answer(&r, result, 1e-12);
        else if (verdict == MAXENT_INFEASIBLE)
            wrong = wrong_direction(&r, result, 1);
        else if (!boxed(&r))
            wrong = maxent_result_message(result);
        if (wrong == NULL && interior && verdict != MAXENT_SOLVED && !boxed(&r))
            wrong = "p > 0 meets the facts";
        if (wrong == NULL && interior && verdict == MAXENT_INFEASIBLE && !by_rounding(&r, result))
            wrong = "p > 0 meets the facts";
        if (wrong != NULL)
            fail_msg("problem %d, n = %zu, k = %zu, %s: %s", (int)number, r.n, r.k, maxent_verdict_word(verdict), wrong);
        maxent_result_free(result);
        maxent_problem_free(problem);
        free(p);
        raw_free(&r);
    }
    assert_true(count[MAXENT_SOLVED] > 600 && count[MAXENT_BOUNDARY] > 20 && count[MAXENT_INFEASIBLE] > 50);
    if (count[MAXENT_UNFINISHED] > PROBLEMS / 100)
        fail_msg("%zu problems unfinished", count[MAXENT_UNFINISHED]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
