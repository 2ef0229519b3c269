/* Quantities over files whose columns are mixed, discrete and continuous: which estimator answers, and that it gives what the function on
 * arrays gives and what the law says. */
#include <maxent/measure.h>

#include "entropy/close.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 3000 };

static maxent_diagnostic where;
static char folder[] = "/tmp/maxent-mixed-XXXXXX", path[100];
static double x[N], y[N], z[N], w[N], bits[2 * N];
static uint32_t code[N];

/* z normal; x = z + e, y = z + e / 2 + ...: correlation 1/2 given z; c: names with the chances 1, 2, 1 quarters; w = c + unit uniform; u
 * uniform on [c, c + 2]; i: counts 0, 1, 2, 3 of three fair coins. */
static int make_file(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/t.csv", folder);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return -1;
    uint64_t random = 21;
    static const char *const name[] = {"low", "middle", "high"};
    fputs("x,y,z,c,w,u,i\n", file);
    for (int i = 0; i < N; i++) {
        z[i] = random_normal(&random);
        x[i] = z[i] + random_normal(&random);
        y[i] = z[i] + 0.5 * (x[i] - z[i]) + sqrt(0.75) * random_normal(&random);
        uint64_t coins = random_bits(&random);
        code[i] = (uint32_t)((coins & 1) + (coins >> 1 & 1));
        w[i] = code[i] + random_unit(&random);
        bits[2 * i] = code[i]; /* replaced below by the bits of the order of appearance */
        fprintf(file, "%.17g,%.17g,%.17g,%s,%.17g,%.17g,%d\n", x[i], y[i], z[i], name[code[i]], w[i],
                code[i] + 2 * random_unit(&random), (int)((coins >> 2 & 1) + (coins >> 3 & 1) + (coins >> 4 & 1)));
    }
    uint32_t number[3], seen = 0, known[3] = {0};
    for (int i = 0; i < N; i++) {
        if (!known[code[i]]) {
            known[code[i]] = 1;
            number[code[i]] = seen++;
        }
        bits[2 * i] = number[code[i]] & 1;
        bits[2 * i + 1] = number[code[i]] >> 1 & 1;
    }
    return fclose(file);
}

static int remove_file(void **state)
{
    (void)state;
    remove(path);
    return rmdir(folder);
}

static maxent_measured measure(const char *quantity, const maxent_measure_options *options, const char *estimator)
{
    maxent_measured out;
    if (maxent_measure_file(path, 1, &quantity, options, &out, NULL, NULL, &where) != MAXENT_OK)
        fail_msg("%s: %s", quantity, where.message);
    assert_string_equal(out.estimator, estimator);
    return out;
}

static void test_conditional_information(void **state)
{
    (void)state;
    double value, error;
    maxent_measured m = measure("I(x; y | z)", NULL, "frenzel-pompe");
    assert_int_equal(maxent_knn_conditional_information(MAXENT_FRENZEL_POMPE, N, 1, x, 1, y, 1, z, 3, 1, &value, &error, NULL), MAXENT_OK);
    assert_true(m.value == value && m.standard_error == error && m.n == N);
    assert_true(fabs(m.value + log(1 - .25) / 2) < 4 * error + 0.01);
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.estimator = "mesner-shalizi";
    assert_true(fabs(measure("I(x; y | z)", &options, "mesner-shalizi").value + log(1 - .25) / 2) < 4 * error + 0.02);
    /* names in the condition are bits */
    m = measure("I(x; y | c)", NULL, "mesner-shalizi");
    assert_int_equal(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, N, 1, x, 1, y, 2, bits, 3, 1, &value, &error, NULL),
                     MAXENT_OK);
    assert_true(m.value == value);
    double r = 1.5 / sqrt(2 * 2.0); /* cov(x, y) = 1 + 1/2 = 1.5, var x = var y = 2; c says nothing of them */
    assert_true(fabs(m.value + log(1 - r * r) / 2) < 4 * error + 0.02);
    /* names and whole numbers everywhere: I(c; u | i) = I(c; u) = H(c) + h(u) - log 2 */
    double hc = 1.5 * log(2), hu = -2 * (0.125 * log(0.125) + 0.375 * log(0.375)); /* density of u: 1, 3, 3, 1 eighths */
    m = measure("I(c; u | i)", NULL, "mesner-shalizi");
    assert_true(fabs(m.value - (hu - log(2))) < 4 * m.standard_error + 0.02);
    assert_true(hc > m.value);
    m = measure("I(c; w | i)", NULL, "mesner-shalizi"); /* w tells c: I = H(c) */
    assert_true(fabs(m.value - hc) < 4 * m.standard_error + 0.03);
    /* both sides mixed */
    m = measure("I(c, x; y)", NULL, "gao");
    assert_true(fabs(m.value + log(1 - r * r) / 2) < 4 * m.standard_error + 0.02);
    m = measure("I(x, c; w, y)", NULL, "gao");
    assert_true(fabs(m.value - (hc - log(1 - r * r) / 2)) < 4 * m.standard_error + 0.15); /* four dimensions: coarse */
}

static void test_permutations(void **state)
{
    (void)state;
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.permutations = 19;
    assert_close(measure("I(x; y | c)", &options, "mesner-shalizi").p_value, 0.05, 1e-15); /* the least there is */
    assert_close(measure("I(c; u | i)", &options, "mesner-shalizi").p_value, 0.05, 1e-15);
    assert_true(measure("I(w; u | c)", &options, "mesner-shalizi").p_value > 0.05); /* nothing is left given c, */
    assert_close(measure("I(w; u)", &options, "ksg").p_value, 0.05, 1e-15);         /* without it much */
}

static void test_conditional_entropy(void **state)
{
    (void)state;
    /* h(w | c): of a unit uniform; h(w) = H(c) as well, being a mixture of disjoint ones */
    maxent_measured m = measure("h(w | c)", NULL, "knn"), whole = measure("h(w)", NULL, "knn");
    assert_true(fabs(m.value) < 4 * m.standard_error);
    assert_true(fabs(whole.value - 1.5 * log(2)) < 4 * whole.standard_error);
    double mean = 0; /* by hand, class by class */
    for (uint32_t g = 0; g < 3; g++) {
        static double part[N];
        size_t members = 0;
        double h;
        for (int i = 0; i < N; i++)
            if (code[i] == g)
                part[members++] = w[i];
        assert_int_equal(maxent_knn_entropy(members, 1, part, 3, 1, &h, NULL, NULL), MAXENT_OK);
        mean += (double)members / N * h;
    }
    assert_close(m.value, mean, 1e-14);
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.estimator = "vasicek";
    assert_true(fabs(measure("h(w | c, i)", &options, "vasicek").value) < 0.1);
    /* discrete and continuous in the condition: h(y | z, c) = h(y | z) = log(2 pi e) / 2, the variance of y given z being 1 */
    m = measure("h(y | z, c)", NULL, "knn");
    assert_true(fabs(m.value - log(2 * acos(-1) * exp(1)) / 2) < 0.1);
}

static void refused(const char *quantity, const maxent_measure_options *options, maxent_error error, const char *message)
{
    maxent_measured out;
    maxent_error got = maxent_measure_file(path, 1, &quantity, options, &out, NULL, NULL, &where);
    if (got != error || strstr(where.message, message) == NULL)
        fail_msg("%s: %s: \"%s\" lacks \"%s\"", quantity, maxent_error_text(got), where.message, message);
}

static void test_refusals(void **state)
{
    (void)state;
    maxent_measure_options o;
    maxent_measure_options_init(&o);
    refused("I(x; y; z)", &o, MAXENT_ERROR_UNSUPPORTED, "I(A; B) and I(A; B | C)");
    refused("h(c | x)", &o, MAXENT_ERROR_VALUE, "h is of numbers");
    const char *column[] = {"w"};
    o.discrete = column;
    o.discretes = 1;
    refused("h(x | w)", &o, MAXENT_ERROR_ARGUMENT, "1 row only of one combination");
    o.discretes = 0;
    o.permutations = 5;
    refused("I(x; y | z)", &o, MAXENT_ERROR_UNSUPPORTED, "C is continuous");
    o.permutations = 0;
    o.estimator = "ksg";
    refused("I(x; y | z)", &o, MAXENT_ERROR_ARGUMENT, "frenzel-pompe and mesner-shalizi do");
    refused("I(x, c; y)", &o, MAXENT_ERROR_UNSUPPORTED, "gao takes names too");
    o.estimator = "frenzel-pompe";
    refused("I(x; y)", &o, MAXENT_ERROR_ARGUMENT, "ksg, ksg2, gao and ross do");
    refused("I(x; y | c)", &o, MAXENT_ERROR_UNSUPPORTED, "mesner-shalizi takes names too");
    refused("I(x; u | i)", &o, MAXENT_OK, "");
    o.estimator = "ross";
    refused("I(x; c, y)", &o, MAXENT_ERROR_UNSUPPORTED, "gao takes any");
    o.estimator = "correa";
    refused("h(x | z)", &o, MAXENT_ERROR_UNSUPPORTED, "one column");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditional_information), cmocka_unit_test(test_permutations), cmocka_unit_test(test_conditional_entropy),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
