/* Continuous and countable problems: supports, log priors, cuts, polynomials, families, mixtures with sets. */
#include "support.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static maxent_problem *compile(const char *text)
{
    maxent_diagnostic where;
    maxent_problem *p = try_text(text, &where);
    if (p == NULL)
        fail_msg("%s: %s", text, where.message);
    return p;
}

/* One variable, one point. */
static int at(const maxent_problem *p, double x, double *hi, double *lo, double *logq)
{
    const double *value = &x;
    mx_points points = {1, &value, NULL};
    return mx_field_values(p, &points, hi, lo, logq);
}

static void test_supports(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        maxent_extent extent;
        double lower, upper;
    } table[] = {
        {"x in [0, 1]", MAXENT_REAL, 0, 1},
        {"x in (-2, 1/2]", MAXENT_REAL, -2, 0.5},
        {"x in [0, inf)", MAXENT_REAL, 0, INFINITY},
        {"x in [0, inf]", MAXENT_REAL, 0, INFINITY},
        {"x in (-inf, 3)", MAXENT_REAL, -INFINITY, 3},
        {"x in (-inf, inf)", MAXENT_REAL, -INFINITY, INFINITY},
        {"x in R", MAXENT_REAL, -INFINITY, INFINITY},
        {"let a = 2; x in [a, 2*pi]", MAXENT_REAL, 2, 0x1.921fb54442d18p+2},
        {"x in 0..inf", MAXENT_WHOLE, 0, INFINITY},
        {"x in -inf..5", MAXENT_WHOLE, -INFINITY, 5},
        {"x in -inf..inf", MAXENT_WHOLE, -INFINITY, INFINITY},
        {"x in 1..6", MAXENT_LISTED, 1, 6},
        {"x in {3, -2, 7}", MAXENT_LISTED, -2, 7},
        {"x in {a, b, c}", MAXENT_LISTED, 0, 2},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maxent_problem *p = compile(table[i].text);
        double lower = NAN, upper = NAN;
        assert_int_equal(maxent_problem_extent(p, 0, &lower, &upper), table[i].extent);
        if (lower != table[i].lower || upper != table[i].upper)
            fail_msg("%s: %g .. %g", table[i].text, lower, upper);
        assert_int_equal(maxent_problem_states(p) == 0, table[i].extent != MAXENT_LISTED);
        assert_int_equal(p->field != NULL, table[i].extent != MAXENT_LISTED);
        maxent_problem_free(p);
    }
}

/* The log of the prior against the formula worked out by hand. */
static void test_prior(void **state)
{
    (void)state;
    static const struct {
        const char *support, *prior;
        double x, logq;
    } table[] = {
        {"R", "1", 3, 0},
        {"R", "2.5", 3, 0x1.d5240f0e0e078p-1},
        {"R", "exp(-x^2/2)", 100, -5000},
        {"R", "exp(-x^2/2)/sqrt(2*pi)", 0, -0.918938533204672742},
        {"R", "exp(-x^2/2)/sqrt(2*pi)", 1000, -500000.918938533204672742},
        {"R", "exp(-x)^2*exp(x/2)", 4000, -6000},
        {"R", "1/(1 + exp(-x))*exp(-x)", 2000, -2000},
        {"R", "sqrt(exp(-x))", 4000, -2000},
        {"R", "exp(-x)^1.5", 4000, -6000},
        {"R", "2^(-x)", 5000, -3465.73590279972655},
        {"R", "abs(x)^-0.5", 1e300, -345.387763949107},
        {"R", "x^2*exp(-x^2)", -50, -2500 + 7.82404601085629},
        {"R", "x^-4", 1e100, -921.034037197618274},
        {"R", "exp(-(x - 50)^2/2) + exp(-(x + 50)^2/2)", 0, -1250 + 0.693147180559945309},
        {"R", "0.5*exp(-(x - 50)^2/2) + 2*exp(-(x + 50)^2/2)", 50, -0.693147180559945309},
        {"R", "max(exp(-x), exp(-2*x))", 1000, -1000},
        {"R", "min(exp(-x), exp(-2*x))", 1000, -2000},
        {"R", "(x < 3)*exp(-x)", 2, -2},
        {"R", "(x < 3)*exp(-x)", 4, -INFINITY},
        {"R", "(x < 3)*(3 - x)*exp(-x)", 2, -2}, /* 0 times a negative number is 0, not negative */
        {"R", "(x < 3)*(3 - x)*exp(-x)", 4, -INFINITY},
        {"R", "(1 - x)*(2 - x)", 3, 0.693147180559945309}, /* both are negative */
        {"R", "(1 - x)*(2 - x)", 1.5, NAN},
        {"R", "x - 1", 0, NAN},
        {"R", "(x - 1)^3*exp(-x)", 0, NAN},
        {"R", "(x - 1)^3*exp(-x)", 2, -2},
        {"R", "x*exp(-x)", 0, -INFINITY},
        {"R", "-x", -1, 0},
        {"[0, inf)", "x^2.5/(1 + x)^4", 1e200, -690.775527898213705},
        {"[0, inf)", "x^1.5*exp(-2*x)", 0, -INFINITY},
        {"[0, 1]", "(1 - x)^-0.5", 1, INFINITY},
        {"[0, 1]", "x^3*(1 - x)^5", 0.5, -5.54517744447956248},
        {"0..inf", "exp(-lgamma(x + 1))", 5, -4.78749174278204599},
        {"0..inf", "1/exp(lgamma(x + 1))", 5, -4.78749174278204599},
        {"0..inf", "x^x", 0, 0},
        {"-inf..inf", "0.5^abs(x)", -3000, -2079.44154167983593},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[200];
        snprintf(text, sizeof text, "x in %s; prior %s; E[x] = 1", table[i].support, table[i].prior);
        maxent_problem *p = compile(text);
        double hi, lo, logq[3], expected = table[i].logq;
        assert_int_equal(at(p, table[i].x, &hi, NULL, &logq[0]), 0);
        assert_int_equal(at(p, table[i].x, &hi, &lo, &logq[1]), 0);
        assert_int_equal(at(p, table[i].x, NULL, NULL, &logq[2]), 0);
        for (int j = 0; j < 3; j++) /* a few units of the last place of the largest term */
            if (isnan(expected) ? !isnan(logq[j]) : !(logq[j] == expected || fabs(logq[j] - expected) <= 1e-14 * (1 + fabs(expected))))
                fail_msg("%s at %g: %.17g, expected %.17g", text, table[i].x, logq[j], expected);
        maxent_problem_free(p);
    }
}

static void test_cuts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *cuts; /* z: zero, w: whole */
        double x, value[3];
    } table[] = {
        {"x in R; E[x^2] = 1", "", 0, {0}},
        {"x in R; E[T(5, x)*L(2, x)] = 1; E[exp(-x^2) + sin(x)/3] = 0", "", 0, {0}},
        {"x in R; E[abs(x - 2)] = 1", "z", 5, {3}},
        {"x in R; E[sign(x)] = 0", "z", 5, {5}},
        {"x in R; P[x <= 3] = 0.5", "z", 5, {2}},
        {"x in R; P[3 < x] = 0.5", "z", 5, {2}},
        {"x in R; P[x <= 3] = 0.5; P[x > 3] <= 0.6; E[log(abs(3 - x))] <= 1", "z", 5, {2}},
        {"x in R; P[0 < x < 2] = 0.5", "zz", 5, {5, 3}},
        {"x in R; P[x in [1, 2)] = 0.5", "zz", 5, {4, 3}},
        {"x in R; E[max(x, 1)] = 2; E[min(x, -1)] = -2", "zz", 5, {4, 6}},
        {"x in R; E[floor(2*x)] = 2; E[ceil(x)] = 1", "ww", 5.25, {10.5, 5.25}},
        {"x in R; E[log(x^2)] = 2", "z", 5, {5}},
        {"x in [0, inf); E[log(x)] = 2; E[sqrt(x)] = 1; E[log10(2*x)] <= 9", "z", 5, {5}},
        {"x in R; E[log(1 + exp(-x))] = 2; E[log(1 + x^2)] = 1; E[1/(2 + cos(x))] = 0.4", "", 5, {0}},
        {"x in [0, 1]; E[log(1 - x)] = 2; E[log(x*(1 - x))] = 1", "zz", 0.25, {0.25, -0.75}},
        {"x in R; E[1/(x - 1)] = 0; E[(x + 2)^-2] = 1", "zz", 5, {4, 7}},
        {"x in R; E[abs(x)^0.3] = 1; E[abs(x)^0.7] = 2", "z", 5, {5}},
        {"x in R; E[exp(-1/x^2)] = 0.5", "z", 5, {5}},
        {"x in [-1, 1]; E[acos(x)] = 1", "zz", 0.5, {-0.5, 1.5}},
        {"x in R; E[tan(x)] = 1", "w", 0, {-0.5}},
        {"x in R; E[lgamma(x)] = 1", "z", 5, {5}},
        {"x in R; P[floor(x) <= 3] = 0.5", "w", 5, {5}},
        {"x in R; P[x > 1 and not x > 2 or x < -1] = 0.5", "zzz", 5, {4, 3, 6}},
        {"x in R; E[x | x > 2] = 3", "z", 5, {3}},
        {"x in R; prior exp(-abs(x - 1)); E[x] = 3", "z", 5, {4}},
        {"x in R; prior (x > 0)*exp(-x); E[x] = 3", "z", 5, {5}},
        {"x in 0..inf; P[x = 3] = 0.1; P[x > 5] <= 0.1", "zz", 5, {2, 0}},
        {"x in 0..inf; prior exp(-lgamma(x + 1)); E[x] = 3", "", 5, {0}},
        {"let r = abs(x); x in R; E[r] = 1; E[r^2] = 2; E[r > 3] = 0.1", "zz", -5, {-5, 2}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maxent_problem *p = compile(table[i].text);
        const double *value = &table[i].x;
        mx_points points = {1, &value, NULL};
        double out[16] = {0};
        size_t cuts = mx_field_cuts(p), found = 0;
        assert_true(cuts <= 16);
        assert_int_equal(mx_field_cut_values(p, &points, out), 0);
        for (size_t j = 0; j < strlen(table[i].cuts); j++) /* in any order */
            for (size_t c = 0; c < cuts; c++)
                if (mx_field_cut(p, c) == (table[i].cuts[j] == 'z' ? MX_CUT_ZERO : MX_CUT_WHOLE) && out[c] == table[i].value[j]) {
                    out[c] = NAN;
                    found++;
                    break;
                }
        if (cuts != strlen(table[i].cuts) || found != cuts)
            fail_msg("%s: %zu cuts, %zu of them right: %g %g %g", table[i].text, cuts, found, out[0], out[1], out[2]);
        maxent_problem_free(p);
    }
    /* what moves with listed variables only is no cut; what depends on both is one */
    maxent_problem *p = compile("x in R; c in {1, 2, 3}; P[c <= 2] = 0.5; E[abs(c - 2)] <= 1; E[max(x, c)] = 4; P[x < y] = 0.3; y in R");
    assert_int_equal(mx_field_cuts(p), 2);
    maxent_problem_free(p);
}

/* What exponentials and the like are taken of; sums of values over all arguments, by hand. */
static void test_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t arguments;
        double x, sum;
    } table[] = {
        {"x in R; E[x^2] = 1; E[exp(x)] = 2; E[log(x)] <= 9", 0, 0, 0},              /* bare variables are left out */
        {"x in R; E[exp(-(x - 3)^2)] = 0.5", 1, 5, -4},
        {"x in R; E[1/(1 + (x - 3)^2)] = 0.5", 1, 5, 5},
        {"x in R; E[tanh(x - 3)] = 0.5; E[atan(2*x)] = 0", 2, 5, 12},
        {"x in R; E[(x - 3)^2] = 0.5; E[(x - 3)^8] = 2", 1, 5, 2},                   /* narrow from the eighth power on */
        {"x in R; P[(x - 3)^2 <= 0.5] = 0.5", 1, 5, 3.5},                            /* what is 0 at the jump */
        {"x in R; prior exp(-(x - 3)^2); E[x] = 1", 0, 0, 0},                        /* of its log nothing is left to take */
        {"x in R; E[1/(3 + exp(-2*x))] = 0.1", 3, 0, 0 + (3 + 1) + (3 - 1)},         /* also where the terms are of one size */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maxent_problem *p = compile(table[i].text);
        const double *value = &table[i].x;
        mx_points points = {1, &value, NULL};
        double out[16] = {0}, sum = 0;
        size_t arguments = mx_field_arguments(p);
        assert_true(arguments <= 16);
        assert_int_equal(mx_field_argument_values(p, &points, out), 0);
        for (size_t a = 0; a < arguments; a++)
            sum += out[a];
        if (arguments != table[i].arguments || fabs(sum - table[i].sum) > 1e-12)
            fail_msg("%s: %zu arguments: %g %g %g", table[i].text, arguments, out[0], out[1], out[2]);
        maxent_problem_free(p);
    }
}

static void test_polynomials(void **state)
{
    (void)state;
    static const struct {
        const char *feature;
        int degree; /* -1: none */
        double coefficient[7];
    } table[] = {
        {"x", 1, {0, 1}},
        {"3", 0, {3}},
        {"x^3", 3, {0, 0, 0, 1}},
        {"(x - 1)^2", 2, {1, -2, 1}},
        {"x^2 - (x - 1)^2", 1, {-1, 2}},
        {"x - x", 0, {0}},
        {"-(x + 1)*(x - 1)/4", 2, {0.25, 0, -0.25}},
        {"x/3", 1, {0, 1.0 / 3}},
        {"T(4, x)", 4, {1, 0, -8, 0, 8}},
        {"T(6, x)", 6, {-1, 0, 18, 0, -48, 0, 32}},
        {"T(3, 2*x - 1)", 3, {-1, 18, -48, 32}},
        {"L(4, x)", 4, {0.375, 0, -3.75, 0, 4.375}},
        {"2^x", -1, {0}},
        {"x^0.5", -1, {0}},
        {"1/x", -1, {0}},
        {"x^-2", -1, {0}},
        {"abs(x)", -1, {0}},
        {"(x > 1)*x", -1, {0}},
        {"exp(x)", -1, {0}},
        {"x^300", -1, {0}},
        {"T(100, x)", -1, {0}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[120];
        double *coefficient = NULL;
        size_t degree = 0;
        snprintf(text, sizeof text, "x in R; prior exp(-x^2/2 + x); E[%s] = 1", table[i].feature);
        maxent_problem *p = compile(text);
        int made = mx_field_polynomial(p, 0, &coefficient, &degree);
        assert_int_equal(made, table[i].degree >= 0);
        if (made == 1) {
            assert_int_equal(degree, table[i].degree);
            for (size_t d = 0; d <= degree; d++)
                if (coefficient[d] != table[i].coefficient[d])
                    fail_msg("%s: coefficient %zu is %.17g", text, d, coefficient[d]);
            mx_free(coefficient);
        }
        assert_int_equal(mx_field_polynomial(p, 1, &coefficient, &degree), 1); /* the log prior */
        assert_int_equal(degree, 2);
        assert_true(coefficient[0] == 0 && coefficient[1] == 1 && coefficient[2] == -0.5);
        mx_free(coefficient);
        maxent_problem_free(p);
    }
    double *coefficient;
    size_t degree;
    maxent_problem *p = compile("x in R; y in R; E[x] = 1");
    assert_int_equal(mx_field_polynomial(p, 0, &coefficient, &degree), 0);
    maxent_problem_free(p);
    /* 600 doublings: few enough nodes to look at, far too high a degree */
    static char text[40000];
    size_t used = (size_t)snprintf(text, sizeof text, "x in R; let a0 = x + 1");
    for (int i = 1; i < 600; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "; let a%d = a%d*a%d", i, i - 1, i - 1);
    snprintf(text + used, sizeof text - used, "; E[a599] = 1; prior a599");
    p = compile(text);
    assert_int_equal(mx_field_polynomial(p, 0, &coefficient, &degree), 0);
    maxent_problem_free(p);
}

/* Degrees in any order, alone or within other expressions, against cos(k acos x), sums and pow. */
static void test_families(void **state)
{
    (void)state;
    enum { K = 300, N = 300 };
    static const char *const order[] = {
        "x in [-1, 1]; E[T(k, x)] = 0 for k in 1..300",
        "x in [-1, 1]; E[T(301 - k, x)] = 0 for k in 1..300",
        "x in [-1, 1]; E[T(1 + 7*k - 300*floor(7*k/300), x)] = 0 for k in 1..300",
        "x in [-1, 1]; E[L(k, x)] = 0 for k in 1..300",
        "x in [-1, 1]; E[x^k] = 0 for k in 1..300",
        "x in [-1, 1]; E[x^(301 - k)] = 0 for k in 1..300",
    };
    static double x[N], hi[N * K], lo[N * K], plain[N * K];
    const double *value = x;
    mx_points points = {N, &value, NULL};
    volatile long double more = 1;
    more += 0x1p-60L; /* under valgrind long double has no more digits than double */
    for (size_t j = 0; j < N; j++)
        x[j] = sin((double)(j * j) + 0.1);
    for (size_t o = 0; o < sizeof order / sizeof *order; o++) {
        maxent_problem *p = compile(order[o]);
        assert_int_equal(p->k, K);
        assert_int_equal(mx_field_values(p, &points, plain, NULL, NULL), 0);
        assert_int_equal(mx_field_values(p, &points, hi, lo, NULL), 0);
        for (size_t j = 0; j < N; j++) {
            long double legendre[K + 1] = {1, x[j]}; /* the recurrence in long double: 11 more bits */
            for (size_t i = 1; i < K; i++)
                legendre[i + 1] = ((2.0L * i + 1) * x[j] * legendre[i] - i * legendre[i - 1]) / (i + 1.0L);
            for (size_t i = 0; i < K; i++) {
                size_t k = i + 1;
                if (o == 1 || o == 5)
                    k = 300 - i;
                if (o == 2)
                    k = 1 + 7 * (i + 1) % 300;
                long double want = o < 3 ? cosl((long double)k * acosl(x[j])) : o == 3 ? legendre[k] : powl(x[j], (long double)k);
                double got = plain[j * K + i];
                /* the recurrence amplifies rounding by k / sin(acos x) at most; long double itself is off by k 2^-64 */
                double room = 4 * (double)k * 0x1p-53 * fmin((double)k, 1 / sqrt(1 - x[j] * x[j]));
                double exact = more > 1 ? 0x1p-52 : room;
                if (!(fabs((double)(want - got)) <= room) || !(fabs((double)(want - hi[j * K + i])) <= exact))
                    fail_msg("%s at %g, %zu: %.17g and %.17g, not %.17Lg", order[o], x[j], k, got, hi[j * K + i], want);
            }
        }
        maxent_problem_free(p);
    }
    /* the same numbers one by one and in blocks, features within other features, two arguments, T and L and powers together */
    maxent_problem *p = compile("x in [-1, 1]; E[T(k, x)*L(k, x/2) - x^k*(x > 0)] = 0 for k in 2..20; E[T(k, x/2) + x^k | x < 0.5] = 0 for "
                                "k in 2..20");
    size_t k = p->k;
    assert_int_equal(k, 39);
    assert_int_equal(mx_field_values(p, &points, hi, lo, NULL), 0);
    assert_int_equal(mx_field_values(p, &points, plain, NULL, NULL), 0);
    for (size_t j = 0; j < N; j++) {
        double one[39], one_hi[39], one_lo[39], t[21] = {1, x[j]}, u[21] = {1, x[j] / 2}, l[21] = {1, x[j] / 2};
        assert_int_equal(at(p, x[j], one, NULL, NULL), 0);
        assert_int_equal(at(p, x[j], one_hi, one_lo, NULL), 0);
        assert_memory_equal(one, plain + j * k, sizeof one);
        assert_memory_equal(one_hi, hi + j * k, sizeof one);
        assert_memory_equal(one_lo, lo + j * k, sizeof one);
        for (size_t i = 1; i < 20; i++) {
            t[i + 1] = 2 * x[j] * t[i] - t[i - 1];
            u[i + 1] = x[j] * u[i] - u[i - 1];
            l[i + 1] = ((2.0 * (double)i + 1) * x[j] / 2 * l[i] - (double)i * l[i - 1]) / ((double)i + 1);
        }
        for (size_t i = 2; i <= 20; i++) {
            double power = pow(x[j], (double)i);
            assert_true(fabs(one_hi[i - 2] - (t[i] * l[i] - (x[j] > 0 ? power : 0))) < 1e-12);
            assert_true(fabs(one_hi[19 + i - 2] - (x[j] < 0.5 ? u[i] + power : 0)) < 1e-12);
        }
        assert_true(one_hi[38] == (x[j] < 0.5));
    }
    maxent_problem_free(p);
}

/* Sets beside intervals: names, numbers, and what is the same in both. */
static void test_mixtures(void **state)
{
    (void)state;
    maxent_problem *p = compile("class in {a, b, c}; x in R; n in {2, 5}; twin in {c, b, z}; w in 0..inf\n"
                                "P[class = b] = 0.3; E[x | class = a] = 2; E[x*n] = 1; P[class = twin] = 0.2; E[w*x^2] = 3\n"
                                "Var[x] = 4; E[x] = 0.5\n"
                                "prior exp(-x^2/2)*(0.3*(class = a) + 0.7*(class != a))*n");
    assert_int_equal(p->k, 8);
    assert_int_equal(p->fact[1].given, 7);
    assert_true(p->fact[7].hidden && p->fact[1].shift == 2);
    assert_int_equal(p->support.variable[0].stride, 6);
    assert_int_equal(p->support.variable[2].stride, 3);
    assert_int_equal(p->support.variable[3].stride, 1);
    const double class[] = {0, 1, 2, 1}, x[] = {3, 3, -40, 1}, n[] = {2, 5, 5, 2}, twin[] = {1, 1, 0, 2}, w[] = {0, 7, 1000, 2.5};
    const double *const value[] = {class, x, n, twin, w};
    mx_points points = {4, value, NULL};
    double f[4][8], hi[4][8], lo[4][8], logq[4];
    assert_int_equal(mx_field_values(p, &points, f[0], NULL, logq), 0);
    assert_int_equal(mx_field_values(p, &points, hi[0], lo[0], logq), 0);
    for (size_t j = 0; j < 4; j++) {
        const double want[8] = {class[j] == 1,    class[j] == 0 ? x[j] - 2 : 0,    x[j] * n[j], j == 1 || j == 2,
                                w[j] * x[j] * x[j], (x[j] - 0.5) * (x[j] - 0.5), x[j],        class[j] == 0};
        for (size_t i = 0; i < 8; i++)
            assert_true(f[j][i] == want[i] && hi[j][i] == want[i] && lo[j][i] == 0);
        assert_true(fabs(logq[j] - (-x[j] * x[j] / 2 + log(class[j] == 0 ? 0.3 : 0.7) + log(n[j]))) < 1e-12);
    }
    maxent_problem_free(p);
}

/* What is about states is empty or refused. */
static void test_stateless(void **state)
{
    (void)state;
    maxent_diagnostic where;
    double f, q = 1.0;
    maxent_problem *p = compile("x in [0, inf); E[x] = 2");
    assert_int_equal(maxent_problem_states(p), 0);
    assert_int_equal(maxent_problem_facts(p), 1);
    assert_int_equal(maxent_problem_variables(p), 1);
    assert_string_equal(maxent_problem_variable(p, 0), "x");
    assert_int_equal(mx_features_block(p, 0, 0, &f), 0);
    assert_true(mx_features_block(p, 0, 1, &f) != 0 && mx_features_block_dd(p, 0, 1, &f, &q) != 0);
    assert_int_equal(maxent_problem_set_prior(p, &q, &where), MAXENT_ERROR_ARGUMENT);
    assert_non_null(strstr(where.message, "no states"));
    assert_int_equal(maxent_problem_set_prior(p, NULL, NULL), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_set_target(p, 0, 3), MAXENT_OK);
    assert_true(p->fact[0].lower == 3);
    maxent_problem_free(p);
    p = compile("x in R"); /* no facts */
    assert_int_equal(at(p, 1, NULL, NULL, &q), 0);
    assert_true(q == 0 && mx_field_cuts(p) == 0);
    maxent_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supports),    cmocka_unit_test(test_prior),    cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_polynomials), cmocka_unit_test(test_families), cmocka_unit_test(test_mixtures),
        cmocka_unit_test(test_stateless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
