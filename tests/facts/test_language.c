/* The language on finite supports: what each form of statement means, as features, bounds and texts worked out by hand. */
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const double inf = INFINITY;

static maxent_problem *compile(const char *text)
{
    maxent_diagnostic where;
    maxent_problem *p = try_text(text, &where);
    if (p == NULL)
        fail_msg("%s: %zu:%zu: %s", text, where.line, where.column, where.message);
    return p;
}

/* Feature i of every state, in order. */
static void feature(const maxent_problem *p, size_t i, const double *expected)
{
    double *row = malloc(p->k * sizeof *row), *hi = malloc(p->k * sizeof *hi), *lo = malloc(p->k * sizeof *lo);
    for (size_t x = 0; x < p->n; x++) {
        assert_int_equal(mx_features_block(p, x, 1, row), 0);
        assert_int_equal(mx_features_block_dd(p, x, 1, hi, lo), 0);
        if (!(fabs(row[i] - expected[x]) <= 1e-15 * fabs(expected[x])) || fabs(hi[i] - row[i]) > 1e-14 * fabs(row[i]))
            fail_msg("%s in state %zu: %.17g, and %.17g + %g, expected %.17g", p->fact[i].text, x, row[i], hi[i], lo[i],
                     expected[x]);
    }
    free(row);
    free(hi);
    free(lo);
}

static void fact(const maxent_problem *p, size_t i, const char *text, double lower, double upper)
{
    assert_true(i < p->k);
    assert_string_equal(p->fact[i].text, text);
    if (p->fact[i].lower != lower || p->fact[i].upper != upper)
        fail_msg("%s: [%.17g, %.17g], expected [%.17g, %.17g]", text, p->fact[i].lower, p->fact[i].upper, lower, upper);
}

/* One fact E[expression] on x in {-2, -1, 0, 1, 2, 3}. */
static void expression(const char *text, double a, double b, double c, double d, double e, double f)
{
    char all[400];
    snprintf(all, sizeof all, "x in {-2, -1, 0, 1, 2, 3}; let n = 2; E[%s] <= 1", text);
    maxent_problem *p = compile(all);
    feature(p, 0, (double[]){a, b, c, d, e, f});
    maxent_problem_free(p);
}

static void test_expressions(void **state)
{
    (void)state;
    expression("x", -2, -1, 0, 1, 2, 3);
    expression("-x^2", -4, -1, 0, -1, -4, -9);
    expression("2^-x", 4, 2, 1, 0.5, 0.25, 0.125);
    expression("2^3^(x - x) + 0*x", 2, 2, 2, 2, 2, 2); /* 2^(3^0) */
    expression("x - 1 - 1", -4, -3, -2, -1, 0, 1);
    expression("12/(x + 5)/2", 2, 1.5, 1.2, 1, 6.0 / 7, 0.75);
    expression("+x*+n", -4, -2, 0, 2, 4, 6);
    expression("x +-1", -3, -2, -1, 0, 1, 2); /* inside brackets, a plus and a minus */
    expression("x > 0", 0, 0, 0, 1, 1, 1);
    expression("x >= 0", 0, 0, 1, 1, 1, 1);
    expression("x < 0 or x = 3", 1, 1, 0, 0, 0, 1);
    expression("x == 1 or x <= -2", 1, 0, 0, 1, 0, 0);
    expression("x != 1 and not x > 1", 1, 1, 1, 0, 0, 0);
    expression("x <> 1 or 1 = 1", 1, 1, 1, 1, 1, 1);
    expression("-1 < x <= 2", 0, 0, 1, 1, 1, 0);
    expression("0 < x < n < 3", 0, 0, 0, 1, 0, 0);
    expression("(x > 0)*(x - 1)", 0, 0, 0, 0, 1, 2);
    expression("x in {-2, n, 7}", 1, 0, 0, 0, 1, 0);
    expression("x in 0..2", 0, 0, 1, 1, 1, 0);
    expression("x/2 in -1..1", 1, 0, 1, 0, 1, 0); /* whole numbers only */
    expression("x in (0, 2]", 0, 0, 0, 1, 1, 0);
    expression("x in {-2..-1, 3}", 1, 1, 0, 0, 0, 1);
    expression("x in R", 1, 1, 1, 1, 1, 1);
    expression("abs(x)", 2, 1, 0, 1, 2, 3);
    expression("min(x, 1, 5) + max(x, 0)", -2, -1, 0, 2, 3, 4);
    expression("sign(x)", -1, -1, 0, 1, 1, 1);
    expression("floor(x/2) + ceil(x/2)", -2, -1, 0, 1, 2, 3);
    expression("exp(x)", exp(-2), exp(-1), 1, exp(1), exp(2), exp(3));
    expression("log(x + 3)", 0, log(2), log(3), log(4), log(5), log(6));
    expression("log2(2^x)", -2, -1, 0, 1, 2, 3);
    expression("log10(10^x)", -2, -1, 0, 1, 2, 3);
    expression("sqrt(x + 2)", 0, 1, sqrt(2), sqrt(3), 2, sqrt(5));
    expression("sin(x)", sin(-2), sin(-1), 0, sin(1), sin(2), sin(3));
    expression("cos(x)", cos(2), cos(1), 1, cos(1), cos(2), cos(3));
    expression("tan(x)", tan(-2), tan(-1), 0, tan(1), tan(2), tan(3));
    expression("atan(x)", atan(-2), atan(-1), 0, atan(1), atan(2), atan(3));
    expression("tanh(x)", tanh(-2), tanh(-1), 0, tanh(1), tanh(2), tanh(3));
    expression("erf(x)", erf(-2), erf(-1), 0, erf(1), erf(2), erf(3));
    expression("lgamma(x + 3)", 0, 0, log(2), log(6), log(24), log(120));
    expression("T(0, x) + T(1, x)", -1, 0, 1, 2, 3, 4);
    expression("T(3, x)", -26, -1, 0, 1, 26, 99); /* 4 x^3 - 3 x */
    expression("L(2, x)", 5.5, 1, -0.5, 1, 5.5, 13);
    expression("pi*(x = 0) + e*(x = 1)", 0, 0, 3.14159265358979312, 2.71828182845904509, 0, 0);
    expression("x^3", -8, -1, 0, 1, 8, 27);
    expression("(x + 3)^0.5", 1, sqrt(2), sqrt(3), 2, sqrt(5), sqrt(6));
    expression("x \xE2\x88\x88 {0, 1} \xE2\x88\xA7 \xC2\xAC(x = 0) \xE2\x88\xA8 2\xE2\x8B\x85x = 4", 0, 0, 0, 1, 1, 0);
    expression("x \xE2\x89\xA4 1 and x \xE2\x89\xA0 0 and x \xE2\x89\xA5 -1", 0, 1, 0, 1, 0, 0);
    expression("x\xC2\xB7" "2 \xE2\x88\x92 1", -5, -3, -1, 1, 3, 5);
    expression("  x  # a comment\n + # another\n 1", -1, 0, 1, 2, 3, 4); /* a newline in brackets is a blank */
}

static void test_relations(void **state)
{
    (void)state;
    maxent_problem *p = compile("x in 1..3\nE[x] = 1.75\nE[x] == 2; E[x] <= 2.5\nE[x] >= 1/4\n2 <= E[x]; 3 = E[x]\n"
                                "E[x^2] in [2, 3]; E[x^2] in [2, inf); E[x^2] in (-inf, 3]; 0.25 <= P[x > 2] <= 0.5\n"
                                "0.5 >= P[x > 2] >= 0.25; E[x] in [2, 2]");
    assert_int_equal(p->k, 12);
    fact(p, 0, "E[x]", 1.75, 1.75);
    fact(p, 1, "E[x]", 2, 2);
    fact(p, 2, "E[x]", -inf, 2.5);
    fact(p, 3, "E[x]", 0.25, inf);
    fact(p, 4, "E[x]", 2, inf);
    fact(p, 5, "E[x]", 3, 3);
    fact(p, 6, "E[x^2]", 2, 3);
    fact(p, 7, "E[x^2]", 2, inf);
    fact(p, 8, "E[x^2]", -inf, 3);
    fact(p, 9, "P[x > 2]", 0.25, 0.5);
    fact(p, 10, "P[x > 2]", 0.25, 0.5);
    fact(p, 11, "E[x]", 2, 2);
    feature(p, 6, (double[]){1, 4, 9});
    feature(p, 9, (double[]){0, 0, 1});
    maxent_problem_free(p);
}

static void test_soft(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("x in 1..3; E[x] = 1.75 +- 0.05; E[x^k] = {2, 4} \xC2\xB1 {.1, 1/5} for k in 1..2\nE[x] = 2 +/- sqrt(4)");
    assert_int_equal(p->k, 4);
    fact(p, 0, "E[x]", 1.75, 1.75);
    assert_true(p->fact[0].sd == 0.05);
    assert_true(p->fact[1].sd == 0.1 && p->fact[2].sd == 0.2 && p->fact[3].sd == 2);
    maxent_problem_free(p);
}

static void test_linear(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("x in 1..3; y in 0..1\nE[x] = E[y]; P[x = 1] = 2*P[x = 2]; E[x] - 0.5*E[y] <= 1\n"
                "2*E[x] = 3.5; (E[x] + E[y])/4 >= -(E[x] - 1); E[x] <= E[x + y] <= 3; 1 + E[y] = 1.5; -E[x] <= -1");
    assert_int_equal(p->k, 9);
    fact(p, 0, "E[x] - E[y]", 0, 0);
    feature(p, 0, (double[]){1, 0, 2, 1, 3, 2});
    fact(p, 1, "P[x = 1] - 2*P[x = 2]", 0, 0);
    feature(p, 1, (double[]){1, 1, -2, -2, 0, 0});
    fact(p, 2, "E[x] - 0.5*E[y]", -inf, 1);
    feature(p, 2, (double[]){1, 0.5, 2, 1.5, 3, 2.5});
    fact(p, 3, "2*E[x]", 3.5, 3.5);
    feature(p, 3, (double[]){2, 2, 4, 4, 6, 6});
    fact(p, 4, "(E[x] + E[y])/4 - (-(E[x] - 1))", 0, inf);
    feature(p, 4, (double[]){0.25, 0.5, 1.5, 1.75, 2.75, 3});
    fact(p, 5, "E[x] - E[x + y]", -inf, 0);
    fact(p, 6, "E[x + y]", -inf, 3);
    fact(p, 7, "1 + E[y]", 1.5, 1.5);
    feature(p, 7, (double[]){1, 2, 1, 2, 1, 2});
    fact(p, 8, "-E[x]", -inf, -1);
    maxent_problem_free(p);
}

/* E[g | B] = c is E[1_B (g - c)] = 0; an interval is two facts; the conditions come last, each once. */
static void test_conditional(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("x in 1..3; y in {no, yes}\nE[x | y = yes] = 2.5; P[x > 1 | y = yes] <= 0.5; E[x | x < 3] in [1.25, 1.5]");
    assert_int_equal(p->k, 6);
    fact(p, 0, "E[x | y = yes]", 0, 0);
    feature(p, 0, (double[]){0, -1.5, 0, -0.5, 0, 0.5});
    assert_true(p->fact[0].shift == 2.5 && p->fact[0].given == 4 && !p->fact[0].hidden);
    fact(p, 1, "P[x > 1 | y = yes]", -inf, 0);
    feature(p, 1, (double[]){0, -0.5, 0, 0.5, 0, 0.5});
    assert_true(p->fact[1].shift == 0.5 && p->fact[1].given == 4);
    fact(p, 2, "E[x | x < 3]", 0, inf);
    assert_true(p->fact[2].shift == 1.25 && p->fact[2].given == 5);
    fact(p, 3, "E[x | x < 3]", -inf, 0);
    assert_true(p->fact[3].shift == 1.5 && p->fact[3].given == 5);
    fact(p, 4, "condition of E[x | y = yes]", -inf, inf);
    assert_true(p->fact[4].hidden && p->fact[5].hidden && p->fact[4].given == SIZE_MAX);
    feature(p, 4, (double[]){0, 1, 0, 1, 0, 1});
    feature(p, 5, (double[]){1, 1, 1, 1, 0, 0});
    maxent_problem_free(p);
}

static void test_spread(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("x in 1..3; y in 0..1; Var[x] = 0.5; E[x] = 2; E[y] = {1/2}; Cov[x, y] <= 0.25; Var[x] + Var[y] in [0, 1]");
    fact(p, 0, "Var[x]", 0.5, 0.5); /* before the mean, in the order of the text */
    feature(p, 0, (double[]){1, 1, 0, 0, 1, 1});
    fact(p, 3, "Cov[x, y]", -inf, 0.25);
    feature(p, 3, (double[]){0.5, -0.5, 0, 0, -0.5, 0.5});
    fact(p, 4, "Var[x] + Var[y]", 0, 1);
    feature(p, 4, (double[]){1.25, 1.25, 0.25, 0.25, 1.25, 1.25});
    maxent_problem_free(p);
}

static void test_names(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("sky in {sunny, \"light snow\", e}; play in {no, e}; n in {1, 2}\n"
                "P[sky = sunny] = 0.25; P[\"light snow\" = sky] <= 0.5; P[sky = e] <= 0.5; P[sky != e and n = 1] = 0.25\n"
                "P[sky in {e, sunny}] <= 0.75; P[sky = play] = 0.125; P[play != sky] <= 1; P[sky = play and n = 2] <= 1");
    fact(p, 0, "P[sky = sunny]", 0.25, 0.25);
    feature(p, 0, (double[]){1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0});
    fact(p, 1, "P[\"light snow\" = sky]", -inf, 0.5);
    feature(p, 1, (double[]){0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0});
    feature(p, 2, (double[]){0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1}); /* a value before the constant e */
    feature(p, 3, (double[]){1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0});
    feature(p, 4, (double[]){1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1});
    feature(p, 5, (double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}); /* the same name, whatever its place in the set */
    feature(p, 6, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
    double number = -1;
    assert_string_equal(maxent_problem_value(p, 0, 4, &number), "light snow");
    assert_true(number == -1);
    assert_null(maxent_problem_value(p, 2, 1, &number));
    assert_true(number == 2);
    maxent_problem_free(p);

    p = compile("q in {\"a\\\"b\\\\\", c}; s[-1..1] in {up, \"down\"}; let u = \"up\"\n"
                "P[q = \"a\\\"b\\\\\"] = 0.5; P[s[0] = up and s[-1] != down] <= 1; P[s[1] = u] <= 1; P[s[0] = s[1]] <= 1\n"
                "P[s[0] = v] <= 1 for w in {up, down}, v in {w}; P[u = up and s[0] = up] <= 1; P[x.y.1 = \xF0\x9D\x9B\xBC] <= 1\n"
                "x.y.1 in {\xF0\x9D\x9B\xBC}");
    fact(p, 0, "P[q = \"a\\\"b\\\\\"]", 0.5, 0.5);
    assert_string_equal(maxent_problem_value(p, 0, 0, NULL), "a\"b\\");
    assert_string_equal(maxent_problem_variable(p, 1), "s[-1]");
    feature(p, 1, (double[]){1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0});
    feature(p, 2, (double[]){1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0});
    feature(p, 3, (double[]){1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1});
    fact(p, 4, "P[s[0] = up]", -inf, 1);
    fact(p, 5, "P[s[0] = down]", -inf, 1);
    feature(p, 6, (double[]){1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
    maxent_problem_free(p);

    p = compile("`x y` in 1..2; `in` in {0, 1}; gr\xC3\xB6\xC3\x9F" "e.1 in {a}\nE[`x y`*`in`] = 1; P[`in` = 1] <= 1");
    assert_string_equal(maxent_problem_variable(p, 0), "x y");
    assert_string_equal(maxent_problem_variable(p, 2), "gr\xC3\xB6\xC3\x9F" "e.1");
    fact(p, 0, "E[`x y`*`in`]", 1, 1);
    maxent_problem_free(p);
}

static void test_families(void **state)
{
    (void)state;
    maxent_problem *p = compile("x in 1..3; g in {m, \"f f\"}; s[1..3] in {-1, 1}\n"
                                "E[ x ^k ] = { 2, 5 } for k in 1..2\n"
                                "E[s[i]*s[j]] = 0.125*(i + j) for i in 1..3, j in i+1..3\n"
                                "P[g = v and x = w] <= 0.5 for v in g, w in {1, 3} if not (w = 3 and v = m)\n"
                                "E[x^k] >= k for k in -1..0\n"
                                "E[s[4 - i]] = 0 for i in {1..2, 3}\n"
                                "P[x = i] <= 1 for i in x if i != 2\n"
                                "P[g = a] <= 1 for a in {m, \"f f\"}\n"
                                "E[x] <= 9 for i in 2..1");
    static const char *const text[] = {"E[x^1]", "E[x^2]", "E[s[1]*s[2]]", "E[s[1]*s[3]]", "E[s[2]*s[3]]", "P[g = m and x = 1]",
                                       "P[g = \"f f\" and x = 1]", "P[g = \"f f\" and x = 3]", "E[x^(-1)]", "E[x^0]", "E[s[3]]",
                                       "E[s[2]]", "E[s[1]]", "P[x = 1]", "P[x = 3]", "P[g = m]", "P[g = \"f f\"]"};
    assert_int_equal(p->k, sizeof text / sizeof *text);
    for (size_t i = 0; i < p->k; i++)
        assert_string_equal(p->fact[i].text, text[i]);
    assert_true(p->fact[0].lower == 2 && p->fact[1].lower == 5);
    assert_true(p->fact[2].lower == 0.375 && p->fact[3].lower == 0.5 && p->fact[4].lower == 0.625);
    assert_true(p->fact[8].lower == -1 && p->fact[9].lower == 0);
    double row[17];
    assert_int_equal(mx_features_block(p, p->n - 3, 1, row), 0); /* x = 3, g = "f f", s = 1, -1, 1 */
    static const double expected[17] = {3, 9, -1, 1, -1, 0, 0, 1, 1.0 / 3, 1, 1, -1, 1, 0, 1, 0, 1};
    for (size_t i = 0; i < 17; i++)
        assert_true(row[i] == expected[i]);
    maxent_problem_free(p);
}

static void test_prior_and_observed(void **state)
{
    (void)state;
    maxent_problem *p = compile("x in 1..4; prior exp(-x)*(x > 1); E[x] = 3");
    assert_true(p->q[0] == 0 && p->q[2] == exp(-3));
    maxent_problem_free(p);
    p = compile(
        "prior {0.2, 1/2, 0}; x in 1..3; E[1/(3 - x)] <= 1"); /* statements in any order; not defined where the prior is 0 */
    assert_true(p->q[0] == 0.2 && p->q[1] == 0.5 && p->q[2] == 0);
    feature(p, 0, (double[]){0.5, 1, 0});
    assert_int_equal(p->masked, 1);
    maxent_problem_free(p);
    p = compile(
        "x in 1..4; observed {1, 0, 3, 4}; E[x^k] = observed for k in 1..2; P[x > 2] <= observed; E[x | x > 1] = observed\n"
        "E[x - 1] = observed +- 0.5; Var[x] = observed");
    fact(p, 0, "E[x^1]", 26.0 / 8, 26.0 / 8); /* (1 + 3*3 + 4*4)/8 */
    fact(p, 1, "E[x^2]", 92.0 / 8, 92.0 / 8);
    fact(p, 2, "P[x > 2]", -inf, 7.0 / 8);
    assert_true(p->fact[3].shift == 25.0 / 7);
    feature(p, 3, (double[]){0, 2 - 25.0 / 7, 3 - 25.0 / 7, 4 - 25.0 / 7});
    fact(p, 4, "E[x - 1]", 2.25, 2.25);
    assert_true(p->fact[4].sd == 0.5);
    fact(p, 5, "Var[x]", 92.0 / 8 - 3.25 * 3.25, 92.0 / 8 - 3.25 * 3.25);
    assert_true(p->fact[0].target_error == 0); /* 26/8 is exact */
    assert_true(p->fact[3].target_error > 0 && p->fact[3].target_error < 1e-14);
    maxent_problem_free(p);
    p = compile("x in 0..1; observed {1, 2}; E[x] = observed"); /* 2/3 is not */
    assert_true(p->fact[0].lower == 2.0 / 3 && p->fact[0].target_error > 0);
    maxent_problem_free(p);
}

/* A number that is listed twice is two states, and one value. */
static void test_repeated(void **state)
{
    (void)state;
    maxent_problem *p = compile("x in {1, 0, 1, -0, 2..3, 2}; P[x = v] <= 0.5 for v in x");
    static const char *const text[] = {"P[x = 1]", "P[x = 0]", "P[x = 2]", "P[x = 3]"};
    assert_int_equal(p->n, 7);
    assert_int_equal(p->k, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(p->fact[i].text, text[i]);
    feature(p, 0, (double[]){1, 0, 1, 0, 0, 0, 0});
    feature(p, 1, (double[]){0, 1, 0, 1, 0, 0, 0});
    feature(p, 2, (double[]){0, 0, 0, 0, 1, 0, 1});
    maxent_problem_free(p);
}

/* What is not known of a bound because of rounding. */
static void test_target_errors(void **state)
{
    (void)state;
    const double half_ulp = 0x1p-53;
    maxent_problem *p =
        compile("x in 1..3; let h = 1/4; E[x] = 1.75; E[x] = 0.1; E[x] = 1/3; E[x] = 3*h; E[x] in [0.1, 2]; E[x] = 7\n"
                "E[x] = 0.5^3; E[x] = sqrt(4); E[x] = sqrt(2); E[x | x > 1] = 2.3; E[x] = 1e23; E[x] = pi; E[x] = {2.5}");
    static const double factor[] = {0, 0.1, 1.0 / 3, 0, 0.1, 0, 0, 0, 1.4142135623730951, 2.3, 1e23, 3.141592653589793, 0};
    for (size_t i = 0; i < sizeof factor / sizeof *factor; i++)
        if (p->fact[i].target_error != factor[i] * half_ulp)
            fail_msg("fact %zu: %g", i, p->fact[i].target_error);
    maxent_problem_free(p);
}

/* Whole numbers up to 127 are kept as bytes; where doubles are exact there is no double-double. */
static void test_storage(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mx_storage storage;
        int dd;
    } table[] = {
        {"x in -127..127; E[x] = 1; E[floor(x/3)] = 1; P[x > 3] <= 1", MX_STORE_I8, 0},
        {"x in -128..127; E[x] = 1", MX_STORE_F64, 0},
        {"x in 1..12; E[x^2] <= 150", MX_STORE_F64, 0},
        {"x in {0.5, 1}; E[x] = 1", MX_STORE_F64, 0},
        {"x in {0.1, 1}; E[x] = 1", MX_STORE_F64, 0},       /* the value itself is exact */
        {"x in {0.1, 1}; E[x^2] <= 1", MX_STORE_F64, 1},
        {"x in {0.1, 1}; E[2*x] <= 1; P[x/3 > 0.1] <= 1", MX_STORE_F64, 0},
        {"x in {1/3, 2/3}; E[x*3] <= 1", MX_STORE_I8, 1},   /* 1 and 2 after rounding only */
        {"x in 1..3; E[exp(x)] <= 5", MX_STORE_F64, 1},
        {"x in 1..3; E[x/4] <= 5; E[x^30] <= 1e20", MX_STORE_F64, 0},
        {"x in 1..3; E[x^40] <= 1e30", MX_STORE_F64, 1},    /* 3^40 > 2^53 */
        {"x in {1e-200, 1}; E[x^2] <= 1", MX_STORE_I8, 1},  /* 0 and 1 by underflow */
        {"x in {1, 2}; E[sqrt(x*x)] <= 1", MX_STORE_I8, 1}, /* whole by luck */
        {"s[1..26] in {0, 1}; E[s[i]*s[j]] = 0.25 for i in 1..12, j in i+1..12; E[s[1]/3] <= 1", MX_STORE_FILL, 1},
        {"s[1..26] in {0, 1}; E[s[i]*s[j]] = 0.25 for i in 1..12, j in i+1..12", MX_STORE_FILL, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        maxent_problem *p = compile(table[i].text);
        if (p->features.storage != table[i].storage || (p->features.fill_dd != NULL) != table[i].dd)
            fail_msg("%s: storage %d, dd %d", table[i].text, p->features.storage, p->features.fill_dd != NULL);
        maxent_problem_free(p);
    }
}

/* Computed features are the stored ones, any window, from a program of many slots too. */
static void test_fill(void **state)
{
    (void)state;
    maxent_problem *p = compile("s[1..26] in {-1, 1}; E[s[i]*s[j]/4] = 0 for i in 1..26, j in i+1..26");
    assert_int_equal(p->features.storage, MX_STORE_FILL);
    assert_int_equal(p->k, 325);
    static double out[40 * 325];
    for (size_t first = 12345; first < 67108864; first += 13421700) {
        assert_int_equal(mx_features_block(p, first, 40, out), 0);
        for (size_t j = 0; j < 40; j++)
            for (size_t a = 0, i = 0; a < 26; a++)
                for (size_t b = a + 1; b < 26; b++, i++) {
                    size_t x = first + j;
                    double sa = (x >> (25 - a)) & 1 ? 1 : -1, sb = (x >> (25 - b)) & 1 ? 1 : -1;
                    assert_true(out[j * 325 + i] == sa * sb / 4);
                }
    }
    maxent_problem_free(p);
}

/* Enough states and features for threads and tiles; 123 features and 3 * 5 * 2^12 states are no multiples of 8 and of a block. */
static void test_many_bytes(void **state)
{
    (void)state;
    maxent_problem *p =
        compile("a in 1..3; b in {-100, 0, 7, 100, 127}; s[1..12] in {-1, 1}\n"
                "E[s[i]*s[j]] = 0 for i in 1..12, j in i+1..12; E[s[i]*b] = 0 for i in 1..12; E[s[i]*a] = 0 for i in 1..12\n"
                "P[s[i] = s[j] and a = 2] <= 1 for i in 1..3, j in 4..12; E[a] = 2; E[b] <= 20; P[a = 2] <= 1\n"
                "E[a*s[12] + 3] <= 9; E[a - s[11]*3] <= 9; E[b*(a = 1)] <= 9");
    assert_int_equal(p->features.storage, MX_STORE_I8);
    assert_int_equal(p->k, 123);
    assert_int_equal(p->n, 61440);
    static const int bs[] = {-100, 0, 7, 100, 127};
    for (size_t x = 0; x < p->n; x++) {
        int a = 1 + (int)(x / 20480), b = bs[x / 4096 % 5], s[12];
        const signed char *row = p->features.i8 + x * 123;
        size_t at = 0;
        for (int i = 0; i < 12; i++)
            s[i] = (x >> (11 - i)) & 1 ? 1 : -1;
        int ok = 1;
        for (int i = 0; i < 12; i++)
            for (int j = i + 1; j < 12; j++)
                ok &= row[at++] == s[i] * s[j];
        for (int i = 0; i < 12; i++)
            ok &= row[at++] == s[i] * b;
        for (int i = 0; i < 12; i++)
            ok &= row[at++] == s[i] * a;
        for (int i = 0; i < 3; i++)
            for (int j = 3; j < 12; j++)
                ok &= row[at++] == (s[i] == s[j] && a == 2);
        ok &= row[at] == a && row[at + 1] == b && row[at + 2] == (a == 2) && row[at + 3] == a * s[11] + 3;
        ok &= row[at + 4] == a - 3 * s[10] && row[at + 5] == b * (a == 1);
        if (!ok)
            fail_msg("state %zu", x);
    }
    maxent_problem_free(p);
    p = compile("a in 1..3; b in 1..20000; E[(a - 2)*(b = 19999)*127] = 0; E[(b > 15000 and a > 2)*128] <= 1; E[b/8] <= 9e9"
                "; E[k*a] <= 99 for k in 1..20"); /* whole and small for long, and then not */
    assert_int_equal(p->features.storage, MX_STORE_F64);
    assert_true(p->features.f64[59999 * 23 + 1] == 128 && p->features.f64[59999 * 23 + 2] == 2500);
    maxent_problem_free(p);
}

static void test_several_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {"x in {1, 2, 3}", "E[x] = 1.75", ""};
    static const char *const names[] = {"one", "two", "three"};
    maxent_problem *p;
    maxent_diagnostic where;
    assert_int_equal(maxent_problem_from_texts(3, texts, NULL, NULL, &p, &where), MAXENT_OK);
    assert_int_equal(p->k, 1);
    assert_string_equal(p->source, "x in {1, 2, 3}\nE[x] = 1.75\n");
    maxent_problem_free(p);
    static const char *const wrong[] = {"x in {1, 2, 3}", "E[y] = 1.75"};
    assert_int_equal(maxent_problem_from_texts(2, wrong, NULL, NULL, &p, &where), MAXENT_ERROR_NAME);
    assert_string_equal(where.file, "-e 2");
    assert_int_equal(where.column, 3);
    assert_int_equal(maxent_problem_from_texts(2, wrong, names, NULL, &p, &where), MAXENT_ERROR_NAME);
    assert_string_equal(where.file, "two");
    static const char *const open[] = {"x in {1, 2", ", 3}"}; /* each text ends its statement */
    assert_int_equal(maxent_problem_from_texts(2, open, NULL, NULL, &p, &where), MAXENT_ERROR_SYNTAX);
    assert_string_equal(where.file, "-e 1");
    assert_int_equal(maxent_problem_from_texts(0, NULL, NULL, NULL, &p, &where), MAXENT_ERROR_SYNTAX);
    static const char *const null[] = {NULL};
    assert_int_equal(maxent_problem_from_texts(1, null, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_from_texts(1, NULL, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_from_texts(1, texts, NULL, NULL, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_from_text(NULL, 3, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_from_text("x in 1..2 E[", 9, NULL, NULL, &p, NULL), MAXENT_OK); /* length counts, not a NUL */
    maxent_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions), cmocka_unit_test(test_relations),
        cmocka_unit_test(test_soft),        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_conditional), cmocka_unit_test(test_spread),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_families),
        cmocka_unit_test(test_prior_and_observed), cmocka_unit_test(test_target_errors),
        cmocka_unit_test(test_storage),     cmocka_unit_test(test_fill),
        cmocka_unit_test(test_many_bytes),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_several_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
