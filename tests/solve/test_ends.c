/* Ends of a line: which facts are only approached, which are dropped, and where no multiplier can be normalised.
 *
 * Expected answers: the closed forms of design.md section 9 and of the reference cases, and for power moments M. Junk, Math. Models
 * Methods Appl. Sci. 10 (2000) 1001; the rest by hand, with the argument beside it. */
#include "solve/ends/ends.h"
#include "solve/ends/interior.h"
#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- features ---- */

typedef mx_dd (*feature)(mx_dd x);

#define FEATURE(name, value) static mx_dd name(mx_dd x) { return value; }
#define NUMBER(v) mx_dd_make(v)
FEATURE(x1, x)
FEATURE(x2, mx_dd_power(x, 2))
FEATURE(x3, mx_dd_power(x, 3))
FEATURE(x4, mx_dd_power(x, 4))
FEATURE(x5, mx_dd_power(x, 5))
FEATURE(x6, mx_dd_power(x, 6))
FEATURE(x7, mx_dd_power(x, 7))
FEATURE(x8, mx_dd_power(x, 8))
FEATURE(x9, mx_dd_power(x, 9))
FEATURE(x10, mx_dd_power(x, 10))
FEATURE(x11, mx_dd_power(x, 11))
FEATURE(x12, mx_dd_power(x, 12))
FEATURE(absolute, mx_dd_abs(x))
FEATURE(logx, mx_dd_log(x))
FEATURE(log2x, mx_dd_div(mx_dd_log(x), mx_dd_ln2))
FEATURE(log_squared, mx_dd_power(mx_dd_log(x), 2))
FEATURE(log_one_plus, mx_dd_log(mx_dd_add_d(x, 1)))
FEATURE(log_one_minus, mx_dd_log(mx_dd_sub(NUMBER(1), x)))
FEATURE(cauchy, mx_dd_log(mx_dd_add_d(mx_dd_mul(x, x), 1)))
FEATURE(exponential, mx_dd_exp(x))
FEATURE(decay, mx_dd_exp(mx_dd_neg(x)))
FEATURE(gauss, mx_dd_exp(mx_dd_mul(x, x)))
FEATURE(softplus, mx_dd_log(mx_dd_add_d(mx_dd_exp(mx_dd_neg(x)), 1)))
FEATURE(inverse, mx_dd_div(NUMBER(1), x))
FEATURE(inverse_root, mx_dd_div(NUMBER(1), mx_dd_sqrt(x)))
FEATURE(inverse_from_one, mx_dd_div(NUMBER(1), mx_dd_sub(NUMBER(1), x)))
FEATURE(sine, mx_dd_sin(x))
FEATURE(cosine, mx_dd_cos(x))
FEATURE(x_sine, mx_dd_mul(x, mx_dd_sin(x)))
FEATURE(x2_x, mx_dd_add(mx_dd_mul(x, x), x))
FEATURE(x3_2x, mx_dd_add(mx_dd_power(x, 3), mx_dd_mul_d(x, 2)))
FEATURE(x4_3x, mx_dd_add(mx_dd_power(x, 4), mx_dd_mul_d(x, 3)))
FEATURE(x_logx, mx_dd_mul(x, mx_dd_log(x)))
FEATURE(x_logx_x, mx_dd_add(mx_dd_mul(x, mx_dd_log(x)), x))
FEATURE(ln2_x4_x2, mx_dd_add(mx_dd_mul(mx_dd_power(x, 4), mx_dd_ln2), mx_dd_mul(x, x)))
FEATURE(root_minus_x, mx_dd_sub(mx_dd_sqrt(mx_dd_add_d(mx_dd_mul(x, x), 1)), x))
FEATURE(far_square, mx_dd_power(mx_dd_add_d(x, -1e6), 2))
FEATURE(below_three, NUMBER(x.hi < 3))
FEATURE(x2_below_three, x.hi < 3 ? mx_dd_add(mx_dd_mul(x, x), x) : mx_dd_mul(x, x))
FEATURE(parity, NUMBER(fmod(x.hi, 2) != 0 ? -1 : 1))
FEATURE(one, NUMBER(1 + 0 * x.hi))
FEATURE(nowhere, NUMBER(x.hi * NAN))

static double flat(double x) { return 0 * x; }
static double normal_prior(double x) { return -x * x / 2; }
static double heavy_normal(double x) { return -x * x / 2 - 2 * log1p(x * x); }
static double cubic_prior(double x) { return -3 * log(x); }
static double decay_prior(double x) { return log(exp(-x)); } /* -inf from 745 on, as doubles have it */
/* 1 / (x log^c x) has the integral int du / u^c over u = log x: finite for c > 1. */
static double border_prior(double x) { return -log(x) - log(log(x)); }
static double summable_prior(double x) { return -log(x) - 1.5 * log(log(x)); }
static double light_prior(double x) { return -log(x) - 12 * log(log(x)); }
static double growing_prior(double x) { return x * x; }
static double half_prior(double x) { return x > 0 ? -x : -INFINITY; }
static double cut_prior(double x) { return fabs(x) < 100 ? 0 : -INFINITY; }

typedef struct line {
    size_t k;
    feature f[14];
    double (*logq)(double x);
    int fails;           /* what the probe returns */
} line;

static int probe(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq)
{
    const line *p = user;
    for (size_t j = 0; j < count; j++) {
        mx_dd x = mx_two_sum(value[j], low[j]);
        for (size_t i = 0; i < p->k; i++) {
            mx_dd f = p->f[i](x);
            hi[j * p->k + i] = f.hi;
            lo[j * p->k + i] = f.lo;
        }
        logq[j] = p->logq(x.hi);
    }
    return p->fails;
}

/* ends: + and - infinity, 0 (from above), 1 (from below); w after an end: whole numbers. Returns their number. */
static size_t make_ends(const char *ends, line *p, mx_end *end)
{
    size_t n = 0;
    for (; *ends != 0; ends++) {
        if (*ends == 'w') {
            end[n - 1].whole = 1;
            continue;
        }
        end[n] = (mx_end){.user = p, .point = *ends == '1'};
        end[n++].kind = *ends == '+'   ? MX_END_PLUS_INFINITY
                        : *ends == '-' ? MX_END_MINUS_INFINITY
                        : *ends == '0' ? MX_END_RIGHT_OF
                                       : MX_END_LEFT_OF;
    }
    return n;
}

static line make_line(const feature *f, double (*logq)(double))
{
    line p = {.logq = logq == NULL ? flat : logq};
    while (f[p.k] != NULL) {
        p.f[p.k] = f[p.k];
        p.k++;
    }
    return p;
}

/* One character a fact: = stays, < at most, > at least, 0 dropped; or U for unbounded, ? in front when an end is unclear. */
static void describe(const mx_ends *x, char *out)
{
    if (x->unclear)
        *out++ = '?';
    if (x->unbounded)
        *out++ = 'U';
    for (size_t i = 0; i < x->k && !x->unbounded; i++)
        *out++ = "=<>0"[x->escape[i]];
    *out = 0;
}

static mx_ends *find(const char *name, const feature *f, double (*logq)(double), const char *ends, const unsigned char *sign,
                     const char *expected)
{
    static line p; /* the ends keep a pointer to it */
    mx_end end[8];
    mx_ends *x;
    char seen[32];
    p = make_line(f, logq);
    size_t n = make_ends(ends, &p, end);
    assert_int_equal(mx_ends_find(p.k, sign, n, end, probe, "x", &x), 0);
    describe(x, seen);
    if (strcmp(seen, expected) != 0)
        fail_msg("%s on %s: %s, expected %s (%s)", name, ends, seen, expected, x->message);
    assert_int_equal(x->unbounded || x->unclear, x->message[0] != 0);
    if (!x->unbounded)
        assert_int_equal(mx_ends_finite(x, x->lambda, NULL), 1);
    return x;
}

#define LIST(...) ((feature[]){__VA_ARGS__, NULL})
#define EXPECT(ends, expected, ...) mx_ends_free(find(#__VA_ARGS__, LIST(__VA_ARGS__), NULL, ends, NULL, expected))
#define EXPECT_PRIOR(prior, ends, expected, ...) mx_ends_free(find(#__VA_ARGS__, LIST(__VA_ARGS__), prior, ends, NULL, expected))

static void test_articles(void **state)
{
    (void)state;
    EXPECT("+", "=", x1);     /* exponential */
    EXPECT("+-", "==", x1, x2); /* normal */
    EXPECT("+-", "U", x1);    /* no maximum */
    EXPECT("01", "=", x1);    /* a mean on an interval: there is one */
    mx_ends_free(find("no facts", (feature[]){NULL}, NULL, "+-", NULL, "U"));
    mx_ends_free(find("no facts", (feature[]){NULL}, NULL, "01", NULL, ""));
    mx_ends_free(find("no facts", (feature[]){NULL}, NULL, "", NULL, ""));
}

static void test_cases(void **state)
{
    (void)state;
    EXPECT("+0", "==", x1, logx);          /* gamma: without lambda_1, log x would have to exceed 1 there and not here */
    EXPECT("+0", "==", logx, log_squared); /* lognormal */
    EXPECT("01", "==", logx, log_one_minus);
    EXPECT("+0", "U", logx);               /* lognormals of growing width */
    EXPECT("+-", "=", cauchy);
    EXPECT("+", "=", logx);                /* Pareto */
    EXPECT("+w", "=", logx);               /* zeta */
    EXPECT("+-", "==", x1, decay);         /* Gumbel */
    EXPECT("+-", "==", x1, softplus);      /* logistic */
    EXPECT("+-", "=", x4);
    EXPECT("+-", "=<", absolute, x2);
    EXPECT("+-", "=<", x2, x4);
    EXPECT("+-", "==<", x2, x4, x6);
    EXPECT("+", "==<", x1, x2, x3);
    EXPECT("01", "==", x1, x2);
    EXPECT("01", "==", cosine, sine);
    EXPECT("01", "=", below_three);
}

/* On the line the odd ones at the top are dropped, the even ones at the top can be approached from above; 1: exponential, 1 and 2: normal,
 * where a multiplier of 0 leaves nothing that holds the density together. On the half line that is so for every top but the first. */
static void test_powers(void **state)
{
    (void)state;
    const feature power[] = {x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12};
    for (size_t k = 1; k <= 12; k++) {
        feature f[13] = {NULL};
        char expected[14];
        memcpy(f, power, k * sizeof *f);
        memset(expected, '=', k);
        expected[k] = 0;
        if (k > 1)
            expected[k - 1] = '<';
        mx_ends_free(find("powers", f, NULL, "+", NULL, expected));
        mx_ends_free(find("powers", f, NULL, "+w", NULL, expected));
        if (k % 2 != 0) {
            expected[k - 1] = '0';
            if (k > 1)
                expected[k - 2] = k > 3 ? '<' : '=';
        } else if (k == 2) {
            expected[1] = '=';
        }
        mx_ends_free(find("powers", f, NULL, "+-", NULL, k == 1 ? "U" : expected));
    }
}

static void test_growth(void **state)
{
    (void)state;
    EXPECT("0", "=", inverse);         /* E[1/x] is infinite without it: never only approached */
    EXPECT("0", "<", inverse_root);    /* it is 2 without it: larger targets are only approached */
    EXPECT("1", "=", inverse_from_one);
    EXPECT("01", "==", inverse, inverse_from_one);
    EXPECT("+0", "==", x1, inverse);
    EXPECT("+0", "=<", x1, inverse_root);
    EXPECT("+-", "==", exponential, decay);
    EXPECT("+-", "=", gauss);
    EXPECT("+-", "==", x1, gauss);     /* without gauss: a mean on the line */
    EXPECT("+", "==", x1, gauss);      /* E[exp(x^2)] is infinite for an exponential */
    EXPECT("+-", "==<", x1, x4, gauss); /* but not for exp(-x^4) */
    EXPECT("+", "=<", x1, x_logx);
    EXPECT("+", "<=", x_logx_x, x_logx); /* eliminated by a limit that converges like 1/log x */
    EXPECT("+w", "==<", x1, log_one_plus, x2);
    EXPECT("+w", "=", log_one_plus);
    EXPECT("+w", "==", parity, x1);
    EXPECT("+-", "==", sine, x2);
    EXPECT("+-", "==", root_minus_x, x2); /* 1/(2x), and rounding errors from 2^52 on */
    EXPECT("+-", "==", far_square, x2);
    EXPECT("+-", "===", far_square, x2, x1);
    EXPECT("+-", "==", below_three, x2);
    EXPECT("+", "==", x2_below_three, x2); /* what is left is nothing, not something lost in rounding: x2 alone */
    EXPECT("+-", "==", one, x2);
}

static void test_elimination(void **state)
{
    (void)state;
    EXPECT("+-", "==", x2_x, x2);
    mx_ends *x = find("x^3, x^3 + 2x, x^2", LIST(x3, x3_2x, x2), NULL, "+-", NULL, "0==");
    /* lambda_1 + lambda_2 = 0, so x^3 + 2x - x^3 is a fact, x^3 is not. */
    assert_non_null(x->to);
    assert_true(x->to[0].hi == 1 && x->to[1].hi == 1 && x->to[2].hi == 0 && x->to[4].hi == 1);
    assert_true(x->from[1].hi == -1 && x->from[0].hi == 1 && x->from[3].hi == 0 && x->from[2].hi == 0);
    mx_ends_free(x);

    x = find("x^4, x^4 + 3x, x^2", LIST(x4, x4_3x, x2), NULL, "+-", NULL, "<==");
    assert_true(x->to[1].hi == 1 && x->from[1].hi == -1 && x->from[1].lo == 0);
    /* The face: x^2 and 3x. */
    mx_ends *face;
    assert_int_equal(x->rows, 1);
    assert_int_equal(mx_ends_face(x, (const unsigned char[]){1}, "x", &face), 0);
    assert_false(face->unbounded);
    assert_int_equal(face->escape[0], MX_ESCAPE_DROPPED);
    assert_int_equal(face->escape[2], MX_ESCAPE_NONE);
    assert_int_equal(mx_ends_finite(face, (const double[]){-1, 1, 0.5}, NULL), 1);
    assert_int_equal(mx_ends_finite(face, (const double[]){-1, 1, -0.5}, NULL), 0);
    mx_ends_free(face);
    mx_ends_free(x);

    /* A ratio that is no fraction: log 2, to 30 digits. */
    x = find("log(2) x^4 + x^2, x^4", LIST(ln2_x4_x2, x4), NULL, "+-", NULL, "<=");
    mx_dd product = mx_dd_mul(x->to[1], mx_dd_ln2);
    assert_true(fabs(mx_dd_add_d(product, -1).hi) < 1e-28);
    assert_true(fabs(mx_dd_add(x->to[1], x->from[1]).hi) < 1e-28);
    mx_ends_free(x);

    /* to and from are inverse. Three facts at the top, and a logarithm of another base. */
    x = find("x^4 and kin", LIST(x4, x4_3x, ln2_x4_x2, x1), NULL, "+-", NULL, "<===");
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            mx_dd sum = mx_dd_make(0);
            for (size_t l = 0; l < 4; l++)
                sum = mx_dd_add(sum, mx_dd_mul(x->to[i * 4 + l], x->from[l * 4 + j]));
            assert_true(fabs(mx_dd_add_d(sum, i == j ? -1 : 0).hi) < 1e-28);
        }
    mx_ends_free(x);
    x = find("log2 x", LIST(log2x), NULL, "+", NULL, "=");
    assert_int_equal(mx_ends_finite(x, (const double[]){0.6931471805}, NULL), 0); /* x^-lambda/log 2: more than log 2 */
    assert_int_equal(mx_ends_finite(x, (const double[]){0.6931471806}, NULL), 1);
    mx_ends_free(x);
}

static void test_priors(void **state)
{
    (void)state;
    EXPECT_PRIOR(normal_prior, "+-", "=", x1);
    EXPECT_PRIOR(normal_prior, "+-", "==", x1, x2);
    EXPECT_PRIOR(normal_prior, "+-", "=<", x2, x4);
    EXPECT_PRIOR(normal_prior, "+-", "0", x3);
    EXPECT_PRIOR(cubic_prior, "+", "<", x1);  /* lambda = 0 has mean 2 on [1, inf) */
    EXPECT_PRIOR(decay_prior, "+", "=", x1);
    EXPECT_PRIOR(growing_prior, "+-", "U", x1);
    EXPECT_PRIOR(border_prior, "+", "U", inverse);
    mx_ends *border = find("summable", LIST(inverse), summable_prior, "+", NULL, "?=");
    assert_int_equal(border->unbounded, 0);
    mx_ends_free(border);
    border = find("light", LIST(inverse), light_prior, "+", NULL, "?=");
    assert_int_equal(border->unbounded, 0);
    mx_ends_free(border);
    EXPECT_PRIOR(growing_prior, "+-", "=", x2);
    EXPECT_PRIOR(half_prior, "+-", "=", x1);
    EXPECT_PRIOR(cut_prior, "+-", "=", x1);
    mx_ends *x = find("x^2", LIST(x2), heavy_normal, "+-", NULL, "<"); /* lambda >= -1/2, and there q is 1/(1 + x^2)^2 */
    assert_true(x->edge[0] == -0.5 && x->row[0].b.hi == 0.5);
    mx_ends_free(x);
}

static void test_signs(void **state)
{
    (void)state;
    const unsigned char most[] = {MX_SIGN_AT_MOST}, least[] = {MX_SIGN_AT_LEAST, MX_SIGN_AT_LEAST, MX_SIGN_FREE};
    const unsigned char watched[] = {MX_SIGN_FREE, MX_SIGN_ZERO}, second[] = {MX_SIGN_FREE, MX_SIGN_AT_LEAST};
    mx_ends_free(find("E[x] <= u", LIST(x1), NULL, "+", most, "="));
    mx_ends_free(find("E[x] >= l", LIST(x1), NULL, "+", least, "U"));
    mx_ends_free(find("E[x] >= l", LIST(x1), NULL, "-", least, "="));
    mx_ends_free(find("E[x^2] >= l", LIST(x2), NULL, "+-", least, "U"));
    mx_ends_free(find("x, x^2 watched", LIST(x1, x2), NULL, "+-", watched, "U"));
    mx_ends_free(find("x, x^2 watched", LIST(x1, x2), NULL, "+", watched, "=0"));
    mx_ends_free(find("x, E[x^2] >= l", LIST(x1, x2), NULL, "+", second, "=0")); /* costs nothing to meet */
    mx_ends_free(find("E[x] >= l, E[x^2] >= l, x^3", LIST(x1, x2, x3), NULL, "+", least, "==="));
    mx_ends_free(find("x, x^2, x^3", LIST(x1, x2, x3), NULL, "-", NULL, "==>"));
}

static void test_unclear(void **state)
{
    (void)state;
    mx_ends *x = find("x sin x", LIST(x_sine), NULL, "+", NULL, "?=");
    assert_string_equal(x->message, "the facts have no clear order of growth as x -> infinity");
    mx_ends_free(x);
    /* Under x^2 it is of no account, but without x^2 nothing is known. */
    x = find("x sin x, x^2", LIST(x_sine, x2), NULL, "+-", NULL, "=<");
    assert_int_equal(x->row[0].face, 2);
    mx_ends_free(x);
    EXPECT("+", "U", nowhere); /* not defined there; that is for others to say */
}

/* A variable beside the line: x on the line when y = a, on the half line when y = b, each with a mean. */
typedef struct class_line {
    int y;
} class_line;

static int class_probe(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq)
{
    const class_line *c = user;
    memset(lo, 0, count * 3 * sizeof *lo);
    for (size_t j = 0; j < count; j++) {
        double x = value[j] + low[j];
        hi[3 * j] = c->y == 0 ? x : 0;
        hi[3 * j + 1] = c->y == 0 ? x * x : 0;
        hi[3 * j + 2] = c->y == 1 ? x : 0;
        logq[j] = 0;
    }
    return 0;
}

static void test_classes(void **state)
{
    (void)state;
    class_line a = {0}, b = {1};
    mx_end end[] = {{.kind = MX_END_PLUS_INFINITY, .user = &a, .where = "y = a"},
                    {.kind = MX_END_MINUS_INFINITY, .user = &a, .where = "y = a"},
                    {.kind = MX_END_PLUS_INFINITY, .user = &b, .where = "y = b"}};
    mx_ends *x;
    assert_int_equal(mx_ends_find(3, NULL, 3, end, class_probe, "x", &x), 0);
    assert_int_equal(x->unbounded, 0);
    assert_int_equal(x->rows, 2);
    assert_int_equal(x->row[0].pivot, 1);
    assert_int_equal(x->row[0].twin, 1);
    assert_int_equal(x->row[1].pivot, 2);
    size_t which = 9;
    assert_int_equal(mx_ends_finite(x, (const double[]){5, 1, 0}, &which), 0);
    assert_int_equal(which, 2);
    assert_int_equal(mx_ends_finite(x, (const double[]){5, 1e-30, 1}, NULL), 1);
    mx_ends_free(x);
    const unsigned char sign[] = {MX_SIGN_FREE, MX_SIGN_FREE, MX_SIGN_AT_LEAST};
    assert_int_equal(mx_ends_find(3, sign, 3, end, class_probe, "x", &x), 0);
    assert_int_equal(x->unbounded, 1);
    assert_string_equal(x->message, "nothing keeps the density from spreading without limit as x -> infinity, y = b");
    mx_ends_free(x);
}

static void test_messages(void **state)
{
    (void)state;
    const struct { feature f; double (*q)(double); const char *ends, *text; } expected[] = {
        {x1, NULL, "+-", "nothing keeps the density from spreading without limit as x -> infinity and as x -> -infinity"},
        {logx, NULL, "0+", "no multipliers hold the density together as x -> 0 from above and as x -> infinity at the same time"},
        {inverse, border_prior, "+", "no multipliers hold the density together as x -> infinity"},
        {x1, growing_prior, "+", "the prior grows too fast as x -> infinity to be normalised"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        mx_ends *x = find("message", LIST(expected[i].f), expected[i].q, expected[i].ends, NULL, "U");
        assert_string_equal(x->message, expected[i].text);
        mx_ends_free(x);
    }
    char name[64];
    mx_end end = {.kind = MX_END_LEFT_OF, .point = -0.25, .where = "y = b"};
    mx_end_name(&end, "t", name, sizeof name);
    assert_string_equal(name, "t -> -0.25 from below, y = b");
}

/* ---- two ways: random polynomials and their leading coefficients ---- */

static double uniform(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

#define DEGREE 7
typedef struct polynomials {
    size_t k;
    double c[DEGREE][DEGREE + 1]; /* small whole numbers, [feature][power] */
} polynomials;

static int polynomial_probe(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq)
{
    const polynomials *p = user;
    for (size_t j = 0; j < count; j++) {
        mx_dd x = mx_two_sum(value[j], low[j]);
        for (size_t i = 0; i < p->k; i++) {
            mx_dd f = mx_dd_make(0);
            for (size_t d = DEGREE + 1; d-- > 0;)
                f = mx_dd_add_d(mx_dd_mul(f, x), p->c[i][d]);
            hi[j * p->k + i] = f.hi;
            lo[j * p->k + i] = f.lo;
        }
        logq[j] = 0;
    }
    return 0;
}

static void test_random_polynomials(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 400; round++) {
        polynomials p = {.k = 1 + (size_t)(uniform(&seed) * 4)};
        size_t degree = 1 + (size_t)(uniform(&seed) * DEGREE);
        for (size_t i = 0; i < p.k; i++)
            for (size_t d = 0; d <= degree; d++)
                p.c[i][d] = uniform(&seed) < 0.5 ? 0 : floor(uniform(&seed) * 7) - 3;
        mx_end end[2] = {{.kind = MX_END_PLUS_INFINITY, .user = &p}, {.kind = MX_END_MINUS_INFINITY, .user = &p}};
        mx_ends *x;
        assert_int_equal(mx_ends_find(p.k, NULL, 2, end, polynomial_probe, "x", &x), 0);
        assert_false(x->unclear);
        int any = 0;
        for (int trial = 0; trial < 400; trial++) {
            double lambda[4];
            for (size_t i = 0; i < p.k; i++)
                lambda[i] = trial == 0 && !x->unbounded ? x->lambda[i] : floor(uniform(&seed) * 9) - 4;
            size_t top = 0;
            double leading = 0;
            for (size_t d = 1; d <= degree; d++) {
                double sum = 0, size = 0;
                for (size_t i = 0; i < p.k; i++) {
                    sum += lambda[i] * p.c[i][d];
                    size += fabs(lambda[i] * p.c[i][d]);
                }
                if (fabs(sum) > 1e-12 * size) {
                    top = d;
                    leading = sum;
                }
            }
            int finite = top > 0 && top % 2 == 0 && leading > 0;
            any |= finite;
            /* Levels that were passed are taken for zero; a lambda off the equations is outside. */
            for (size_t q = 0; q < x->equalities; q++) {
                double sum = x->equality[q * (p.k + 1) + p.k].hi;
                for (size_t i = 0; i < p.k; i++)
                    sum += x->equality[q * (p.k + 1) + i].hi * lambda[i];
                if (fabs(sum) > 1e-9) {
                    if (finite)
                        fail_msg("round %d: an equation excludes a good lambda", round);
                    goto next;
                }
            }
            if (!x->unbounded && mx_ends_finite(x, lambda, NULL) != finite)
                fail_msg("round %d: finite %d, expected %d", round, !finite, finite);
next:;
        }
        if (any && x->unbounded)
            fail_msg("round %d: %s", round, x->message);
        if (!any && !x->unbounded)
            fail_msg("round %d: lambda found where there should be none", round);
        mx_ends_free(x);
    }
}

/* ---- two ways: random combinations of functions whose order is known ---- */

#define KINDS 9
typedef struct mixture {
    size_t k;
    double c[4][KINDS];
} mixture;

/* In descending order at infinity, then those that matter at 0 only. */
static mx_dd kind_of(size_t i, mx_dd x)
{
    switch (i) {
    case 0: return mx_dd_power(x, 3);
    case 1: return mx_dd_mul(x, mx_dd_log(x));
    case 2: return x;
    case 3: return mx_dd_sqrt(x);
    case 4: return mx_dd_power(mx_dd_log(x), 2);
    case 5: return mx_dd_log(x);
    case 6: return mx_dd_power(x, -2);
    case 7: return mx_dd_div(NUMBER(1), mx_dd_sqrt(x));
    default: return mx_dd_atan(x);
    }
}

static int mixture_probe(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq)
{
    const mixture *p = user;
    for (size_t j = 0; j < count; j++) {
        mx_dd x = mx_two_sum(value[j], low[j]);
        for (size_t i = 0; i < p->k; i++) {
            mx_dd f = mx_dd_make(0);
            for (size_t d = 0; d < KINDS; d++)
                if (p->c[i][d] != 0)
                    f = mx_dd_add(f, mx_dd_mul_d(kind_of(d, x), p->c[i][d]));
            hi[j * p->k + i] = f.hi;
            lo[j * p->k + i] = f.lo;
        }
        logq[j] = 0;
    }
    return 0;
}

static int mixture_finite(const mixture *p, const double *lambda)
{
    const size_t at_infinity[] = {0, 1, 2, 3, 4, 5}, at_zero[] = {6, 7, 4, 5};
    for (int end = 0; end < 2; end++) {
        const size_t *order = end == 0 ? at_infinity : at_zero;
        double sum = 0;
        for (size_t m = 0; m < (end == 0 ? 6u : 4u) && sum == 0; m++) {
            double size = 0;
            for (size_t i = 0; i < p->k; i++) {
                sum += lambda[i] * p->c[i][order[m]];
                size += fabs(lambda[i] * p->c[i][order[m]]);
            }
            if (fabs(sum) <= 1e-12 * size)
                sum = 0;
            if (order[m] == 5) /* x^-sum: more than 1 at infinity, less than 1 at 0 */
                sum = end == 0 ? sum - 1 : 1 - sum;
        }
        if (!(sum > 0))
            return 0;
    }
    return 1;
}

static void test_random_mixtures(void **state)
{
    (void)state;
    uint64_t seed = 3;
    int unbounded = 0, unclear = 0, untold = 0;
    for (int round = 0; round < 500; round++) {
        mixture p = {.k = 1 + (size_t)(uniform(&seed) * 4)};
        for (size_t i = 0; i < p.k; i++)
            for (size_t d = 0; d < KINDS; d++)
                p.c[i][d] = uniform(&seed) < 0.65 ? 0 : floor(uniform(&seed) * 7) - 3;
        mx_end end[2] = {{.kind = MX_END_PLUS_INFINITY, .user = &p}, {.kind = MX_END_RIGHT_OF, .user = &p}};
        mx_ends *x;
        assert_int_equal(mx_ends_find(p.k, NULL, 2, end, mixture_probe, "x", &x), 0);
        unclear += x->unclear;
        unbounded += x->unbounded;
        if (!x->unbounded && !x->unclear && !mixture_finite(&p, x->lambda))
            fail_msg("round %d: not finite", round);
        for (int trial = 0; trial < 300; trial++) {
            double lambda[4];
            for (size_t i = 0; i < p.k; i++)
                lambda[i] = floor(uniform(&seed) * 9) - 4;
            int finite = mixture_finite(&p, lambda);
            if (x->unbounded && finite)
                fail_msg("round %d: %s", round, x->message);
            if (x->unbounded || x->unclear || x->equalities > 0 || mx_ends_finite(x, lambda, NULL) == finite)
                continue;
            /* Claims too much only where a germ could not be told. */
            int open = 0;
            for (size_t e = 0; e < 2; e++)
                open |= x->germs[e].germ[x->germs[e].count - 1].kind == MX_GERM_UNCLEAR;
            if (finite || !open)
                fail_msg("round %d: finite %d, expected %d", round, !finite, finite);
        }
        for (size_t e = 0; e < 2; e++)
            untold += x->germs[e].germ[x->germs[e].count - 1].kind == MX_GERM_UNCLEAR;
        mx_ends_free(x);
    }
    assert_true(unbounded > 50 && unclear == 0 && untold < 50);
}

/* ---- the linear programme: both its solutions prove each other ---- */

static void test_interior(void **state)
{
    (void)state;
    uint64_t seed = 11;
    int seen[4] = {0};
    for (int round = 0; round < 20000; round++) {
        size_t m = (size_t)(uniform(&seed) * 7), k = (size_t)(uniform(&seed) * 5);
        double a[6 * 4 + 1], b[7], w[7], x[5], y[7], t = 0;
        for (size_t i = 0; i < m * k; i++)
            a[i] = uniform(&seed) < 0.4 ? 0 : floor(uniform(&seed) * 5) - 2;
        for (size_t e = 0; e < m; e++) {
            b[e] = uniform(&seed) < 0.6 ? 0 : floor(uniform(&seed) * 5) - 2;
            w[e] = uniform(&seed) < 0.7;
        }
        int found = mx_interior(m, k, a, b, w, &t, x, y);
        assert_true(found >= 0);
        double weight = 0, value = 0;
        for (size_t e = 0; e < m; e++) {
            assert_true(y[e] >= -1e-12);
            weight += w[e] * y[e];
            value += b[e] * y[e];
        }
        for (size_t i = 0; i < k; i++) {
            double sum = 0;
            for (size_t e = 0; e < m; e++)
                sum += a[e * k + i] * y[e];
            assert_true(fabs(sum) < 1e-9);
        }
        if (found == 1) {
            assert_true(weight < 1e-9 && value < -1e-9);
            seen[3]++;
            continue;
        }
        for (size_t e = 0; e < m; e++) {
            double slack = b[e] - w[e] * t;
            for (size_t i = 0; i < k; i++)
                slack += a[e * k + i] * x[i];
            assert_true(slack > -1e-9);
        }
        /* t <= w . y t + a . x y ... = b . y + (1 - w . y): no x does better. */
        assert_true(fabs(value + (1 - weight) - t) < 1e-9 && weight < 1 + 1e-9);
        seen[t > 1e-9 ? 0 : t < -1e-9 ? 2 : 1]++;
    }
    for (int i = 0; i < 4; i++)
        assert_true(seen[i] > 100);
}

/* ---- failures ---- */

static void test_failures(void **state)
{
    (void)state;
    line p = make_line(LIST(x4, x4_3x, x2), NULL);
    mx_end end[2];
    mx_ends *x, *face;
    size_t n = make_ends("+-", &p, end), failed;
    size_t count = 0;
    do {
        failing_alloc_start(++count, 0);
        int error = mx_ends_find(3, NULL, n, end, probe, "x", &x);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? -1 : 0);
        assert_true(failed == 0 || x == NULL);
    } while (failed > 0);
    count = 0;
    do {
        failing_alloc_start(++count, 0);
        int error = mx_ends_face(x, (const unsigned char[]){1}, "x", &face);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? -1 : 0);
        assert_true(failed == 0 || face == NULL);
    } while (failed > 0);
    mx_ends_free(face);
    mx_ends_free(x);
    mx_ends_free(NULL);
    p.fails = 17;
    assert_int_equal(mx_ends_find(3, NULL, n, end, probe, "x", &x), 17);
    assert_null(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_articles),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_elimination),
        cmocka_unit_test(test_priors),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_unclear),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_random_polynomials),
        cmocka_unit_test(test_random_mixtures),
        cmocka_unit_test(test_interior),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
