/* What is known of features without running them: where they are at their extremes, what they are between on a box, whether they go to
 * infinity or are whole numbers. And the variants that run them: the same bits. Expected values are worked out by hand, or are those of the
 * features themselves at points drawn from the box.
 */
#include "facts/field.h"
#include "facts/ranges.h"
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PI 3.14159265358979323846

/* support, with the feature as its one fact. */
static maxent_problem *compile(const char *support, const char *feature)
{
    char text[400];
    maxent_diagnostic where;
    snprintf(text, sizeof text, "%s; E[%s] = 1", support, feature);
    maxent_problem *p = try_text(text, &where);
    if (p == NULL)
        fail_msg("%s: %s", text, where.message);
    return p;
}

/* ---- extremes ---- */

typedef struct line {
    double x, y, b; /* x X + y Y = b */
} line;

static void test_extremes(void **state)
{
    (void)state;
    static const struct {
        const char *support, *feature;
        int side, complete;
        size_t count;
        line line[2];
    } table[] = {
        {"x in R; y in R", "(x - 3)^2 + abs(2*y + 1)", 1, 1, 2, {{1, 0, 3}, {0, 2, -1}}},
        {"x in R; y in R", "(x - 3)^2 - abs(2*y + 1)", 1, 0, 0, {{0, 0, 0}}}, /* without end */
        {"x in R; y in R", "abs(x + y - 2)", 1, 1, 1, {{1, 1, 2}}},
        {"x in R; y in R", "(-x + 4*y/2)^4", 1, 1, 1, {{-1, 2, 0}}},
        {"x in R; y in R", "(x - y*3)*(x - y*3)", 1, 1, 1, {{1, -3, 0}}},
        {"x in R; y in R", "exp(-(x - 2)^2)", -1, 1, 1, {{1, 0, 2}}},
        {"x in R; y in R", "exp(-(x - 2)^2)", 1, 0, 0, {{0, 0, 0}}}, /* 0 is approached far out */
        {"x in R; y in R", "-cosh(x/2)", -1, 1, 1, {{0.5, 0, 0}}},
        {"x in R; y in R", "(x - 1)^2/(-2)", -1, 1, 1, {{1, 0, 1}}},
        {"x in R; y in R", "-(x*x)*2 - 3*y^2", -1, 1, 2, {{1, 0, 0}, {0, 1, 0}}},
        {"x in R; y in R", "tanh(x)^2 + erf(y)^2", 1, 1, 2, {{1, 0, 0}, {0, 1, 0}}},
        {"x in R; y in R", "abs(x^3)", 1, 1, 1, {{1, 0, 0}}},
        {"x in R; y in R", "abs(5*x^3) + abs(y^5*7)", 1, 1, 2, {{1, 0, 0}, {0, 1, 0}}},
        {"x in R; y in R", "abs(sinh(x)/4)", 1, 1, 1, {{1, 0, 0}}},
        {"x in R; y in R", "(x^2 + y^2)^2", 1, 1, 2, {{1, 0, 0}, {0, 1, 0}}},
        {"x in R; y in R", "abs(atan(x)*atan(x))", 1, 1, 1, {{1, 0, 0}}},
        {"x in R; y in R", "abs(x*y)", 1, 0, 0, {{0, 0, 0}}}, /* either of them */
        {"x in R; y in R", "max(x^2, y^2)", 1, 0, 0, {{0, 0, 0}}},
        {"x in R; y in R", "abs(x^2 - y^2)", 1, 0, 0, {{0, 0, 0}}},
        {"x in R; y in R", "x + y", 1, 0, 0, {{0, 0, 0}}},
        {"x in [1, 4]; y in [0, 2]", "3*(x - 1)^3", 1, 1, 1, {{1, 0, 1}}},
        {"x in [1, 4]; y in [0, 2]", "x/2 - y", -1, 1, 2, {{1, 0, 4}, {0, 1, 0}}},
        {"x in [1, 4]; y in [0, 2]", "-2*(x + y)", 1, 1, 2, {{1, 0, 4}, {0, 1, 2}}},
        {"x in [1, 4]; y in [0, 2]", "sqrt(y) + log(x)", 1, 1, 2, {{0, 1, 0}, {1, 0, 1}}},
        {"x in [1, 4]; y in [0, 2]", "sqrt(y)*sqrt(x)", 1, 0, 0, {{0, 0, 0}}},
        {"x in [1, 4]; y in [0, 2]", "abs(x)", 1, 0, 0, {{0, 0, 0}}}, /* 1, not 0 */
        {"x in [0, inf); y in 0..inf", "sqrt(x) + y^3", 1, 1, 2, {{1, 0, 0}, {0, 1, 0}}},
        {"x in R; y in {1, 2}", "(x - y)^2", 1, 0, 0, {{0, 0, 0}}}, /* a line for each */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mx_equation found[8];
        int complete = -1;
        maxent_problem *p = compile(table[i].support, table[i].feature);
        size_t count = mx_field_extreme(p, 0, table[i].side, found, 8, &complete);
        if (count != table[i].count || complete != table[i].complete)
            fail_msg("%s: %zu equations, complete %d", table[i].feature, count, complete);
        for (size_t j = 0; j < count; j++) {
            int there = 0;
            for (size_t m = 0; m < count; m++) {
                const line *l = &table[i].line[j];
                there |= found[m].a[0] == l->x && found[m].a[1] == l->y && found[m].b == l->b;
            }
            if (!there)
                fail_msg("%s: no equation %g x + %g y = %g", table[i].feature, table[i].line[j].x, table[i].line[j].y, table[i].line[j].b);
        }
        maxent_problem_free(p);
    }
}

/* ---- boxes ---- */

static uint64_t seed = 7;

static double uniform(double low, double high)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(seed >> 11) * 0x1p-53;
}

/* Boxes on which the bounds are known exactly. */
static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *feature; /* of x in R, n in 0..inf, both between `from` and `to` */
        double from, to, low, high;
    } table[] = {
        {"log2(x)", 1, 8, 0, 3},
        {"log10(x)", 0.01, 1000, -2, 3},
        {"log(x)", 1, 2, 0, 0.6931471805599453},
        {"sin(x)", 0, 1, 0, 0.8414709848078965},
        {"sin(x)", 1, 2, 0.8414709848078965, 1},
        {"sin(x)", 4, 5, -1, -0.7568024953079282},
        {"sin(x)", 3e9, 3.1e9, -1, 1},
        {"cos(x)", -1, 1, 0.5403023058681398, 1},
        {"cosh(x)", -1, 0.5, 1, 1.5430806348152437},
        {"cosh(x)", 1, 2, 1.5430806348152437, 3.7621956910836314},
        {"x^0.5", 4, 9, 2, 3},
        {"4^x", -1, 0.5, 0.25, 2},
        {"x^2", -2, 1, 0, 4},
        {"1/(x - 5)", 1, 3, -0.5, -0.25},
        {"(n != 3)", 4, 5, 1, 1},
        {"(n != 3)", 3, 3, 0, 0},
        {"(n != 3)", 2, 4, 0, 1},
        {"(n = 3)", 4, 5, 0, 0},
        {"(n = 3)", 3, 3, 1, 1},
        {"(x < 3)", 1, 2, 1, 1},
        {"(x <= 3)", 1, 4, 0, 1},
        {"(x < 3 and x > 1)", 1.5, 2, 1, 1},
        {"(x < 3 or x > 5)", 3.5, 4, 0, 0},
        {"(not (x < 3))", 4, 5, 1, 1},
        {"erf(x)", -1, 0, -0.8427007929497149, 0},
        {"max(x, 2)", 1, 3, 2, 3},
        {"floor(x)", 1.5, 3.5, 1, 3},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double low, high;
        maxent_problem *p = compile("x in R; n in 0..inf", table[i].feature);
        mx_ranges *boxes = mx_ranges_new(p);
        assert_non_null(boxes);
        double lower[2] = {table[i].from, table[i].from}, upper[2] = {table[i].to, table[i].to};
        mx_ranges_bounds(boxes, lower, upper, &low, &high);
        if (!(fabs(low - table[i].low) <= 4e-16 * fabs(table[i].low)) || !(fabs(high - table[i].high) <= 4e-16 * fabs(table[i].high)))
            fail_msg("%s on %g .. %g: %.17g .. %.17g", table[i].feature, table[i].from, table[i].to, low, high);
        mx_ranges_free(boxes);
        maxent_problem_free(p);
    }
}

/* On any box, of whatever size and place, the values at points of it are within the bounds; on a smaller box bounds are no wider. */
static void test_bounds_hold(void **state)
{
    (void)state;
    static const char *const feature[] = {
        "x*y - x/(1 + y^2)", "x^2*y^3", "x^-1*y", "x^-2 + y^-3", "abs(x)^y", "abs(x - y)^0.7", "2^(x - y)", "exp(-x^2 - y^2)*x",
        "exp(-abs(x))/(0.1 + y^2)", "log(abs(x) + 0.1)*y", "log2(1 + x^2) - log10(2 + y^2)", "sqrt(abs(x*y))", "sin(3*x)*cos(y)",
        "sin(x^2 + y)", "tan(x/4)", "asin(x/(1 + abs(x)))", "acos(y/(1 + abs(y)))", "atan(x*y)", "sinh(x/3) - cosh(y/3)", "tanh(x - y)",
        "erf(x)*y", "lgamma(1 + x^2)", "min(x, y)*max(x, -y)", "sign(x)*y", "floor(x) - ceil(y)", "T(3, x/4) + L(4, y/4)",
        "(x < y)*x + (x >= y)*y", "(x > 1 or y <= 2)", "(floor(x) = 1 or floor(2*y) != 2)", "(not (x > 0) and y <= 0.5)",
        "(x - 1)*(x - 1)", "1/(5 + x)/(6 - y)", "-(x^4) + 3*x^2",
    };
    for (size_t i = 0; i < sizeof feature / sizeof *feature; i++) {
        maxent_problem *p = compile("x in R; y in R", feature[i]);
        mx_ranges *boxes = mx_ranges_new(p);
        assert_non_null(boxes);
        for (int round = 0; round < 200; round++) {
            enum { POINTS = 32 };
            double lower[2], upper[2], low, high, inner_low, inner_high, value[POINTS], point[2][POINTS];
            const double *list[2] = {point[0], point[1]};
            mx_points points = {POINTS, list, NULL};
            double size = pow(10, uniform(-6, 0.7));
            for (int v = 0; v < 2; v++) {
                lower[v] = round % 5 == 0 ? floor(uniform(-4, 4)) : uniform(-4.5, 4);
                upper[v] = lower[v] + size;
                for (size_t j = 0; j < POINTS; j++)
                    point[v][j] = j % 8 == 0 ? lower[v] : j % 8 == 1 ? upper[v] : uniform(lower[v], upper[v]);
            }
            mx_ranges_bounds(boxes, lower, upper, &low, &high);
            assert_int_equal(mx_field_values(p, &points, value, NULL, NULL), 0);
            for (size_t j = 0; j < POINTS; j++)
                if (isfinite(value[j]) &&
                    !(value[j] >= low - 1e-12 * (1 + fabs(value[j])) && value[j] <= high + 1e-12 * (1 + fabs(value[j]))))
                    fail_msg("%s at %.17g, %.17g: %.17g, not in %.17g .. %.17g", feature[i], point[0][j], point[1][j], value[j], low, high);
            for (int v = 0; v < 2; v++) {
                lower[v] += 0.25 * size;
                upper[v] -= 0.25 * size;
            }
            mx_ranges_bounds(boxes, lower, upper, &inner_low, &inner_high);
            if (!(inner_low >= low - 1e-12 * (1 + fabs(low)) && inner_high <= high + 1e-12 * (1 + fabs(high))))
                fail_msg("%s: %.17g .. %.17g on a part of %.17g .. %.17g", feature[i], inner_low, inner_high, low, high);
        }
        mx_ranges_free(boxes);
        maxent_problem_free(p);
    }
}

/* Which features go to infinity towards a finite place, and which are whole numbers. */
static void test_singular_and_whole(void **state)
{
    (void)state;
    static const struct {
        const char *support, *feature;
        int low, high, whole; /* 2: may be told, as the expression alone does not show it */
    } table[] = {
        {"x in (0, 1]", "log(x)", 1, 0, 0},
        {"x in (0, 1]", "-log2(x)", 0, 1, 0},
        {"x in (0, 1]", "abs(log10(x))", 0, 1, 0},
        {"x in (0, 1]", "3 - 1/x", 1, 0, 0},
        {"x in (0, 1]", "x^-0.5", 0, 1, 0},
        {"x in (0, 1]", "x^-3", 0, 1, 0},
        {"x in (0, 1]", "lgamma(x)", 0, 1, 0},
        {"x in (0, 1]", "exp(log(x))", 0, 0, 0},
        {"x in (0, 1]", "exp(1/x)", 0, 1, 0},
        {"x in (0, 1]", "max(1/x, 2)", 0, 1, 0},
        {"x in (0, 1]", "sin(1/x)", 0, 0, 0},
        {"x in (0, 1]", "atan(log(x))", 0, 0, 0},
        {"x in (0, 1]", "erf(1/x)", 0, 0, 0},
        {"x in (0, 1]", "sign(log(x))", 0, 0, 1},
        {"x in (0, 1]", "(1/x > 3)", 0, 0, 1},
        {"x in (0, 1]", "floor(1/x)", 2, 1, 1},
        {"x in [-1, 1]", "1/x", 1, 1, 0},
        {"x in [-1, 1]", "x^-2", 0, 1, 0},
        {"x in [-1, 1]", "x^-1*x^3", 1, 1, 0},
        {"x in [-2, 2]", "tan(x)", 1, 1, 0},
        {"x in [1, 2]", "log(x) + 1/x + x^-0.5", 0, 0, 0},
        {"x in [1, 2]", "cosh(x) - sqrt(x)", 0, 0, 0},
        {"x in 0..inf", "x^2 - 3*x", 0, 0, 1},
        {"x in 0..inf", "min(abs(-x), 4)", 0, 0, 1},
        {"x in 0..inf", "x/2", 0, 0, 0},
        {"x in 0..inf", "0.5*x", 0, 0, 0},
        {"x in 0..inf", "(x + 1)^-1", 2, 2, 0},
        {"x in 0..inf; k in {1, 2}", "k*x", 0, 0, 1},
        {"x in 0..inf; k in {0.5, 1}", "k*x", 0, 0, 0},
        {"x in 0..inf; c in {a, b}", "(c = a)*x", 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        unsigned char low = 9, high = 9;
        maxent_problem *p = compile(table[i].support, table[i].feature);
        mx_ranges *boxes = mx_ranges_new(p);
        assert_non_null(boxes);
        assert_int_equal(mx_ranges_singular(p, &low, &high), 0);
        int whole = mx_ranges_whole(boxes, 0);
        if ((table[i].low < 2 && low != table[i].low) || (table[i].high < 2 && high != table[i].high) || whole != table[i].whole)
            fail_msg("%s; %s: low %d, high %d, whole %d", table[i].support, table[i].feature, low, high, whole);
        mx_ranges_free(boxes);
        maxent_problem_free(p);
    }
}

/* ---- variants ---- */

static int keep(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    double *kept = user;
    (void)column;
    for (size_t j = 0; j < count; j++) {
        kept[2 * (first + j)] = hi[j];
        kept[2 * (first + j) + 1] = lo[j];
    }
    return 0;
}

/* The variant for any processor gives the bits of the one that is chosen, NaN and infinities too. */
static void test_variants(void **state)
{
    (void)state;
    static const char *const feature[] = {
        "x*y - x/y", "x^7 - y^-3", "x^y", "exp(x) + log(y)", "log2(x)*log10(y)", "sqrt(x - y)", "sin(x) + cos(y) - tan(x)",
        "asin(x) - acos(y)", "atan(x)*sinh(y)", "cosh(x) - tanh(y)", "erf(x) + lgamma(y)", "min(x, y) + max(x, 2*y)",
        "floor(x) - ceil(y) + sign(x)", "(x < y) + 2*(x <= y) + 4*(floor(x) = floor(y)) + 8*(floor(x) != ceil(y))",
        "(x > 0 and y > 0) + (not (x > y or y > 2))", "T(9, x) - L(6, y)", "abs(-x)",
    };
    enum { POINTS = 1024 };
    static double point[2][POINTS], low[2][POINTS], one[2 * POINTS], other[2 * POINTS];
    const double *list[2] = {point[0], point[1]}, *low_list[2] = {low[0], low[1]};
    mx_points points = {POINTS, list, low_list};
    for (size_t j = 0; j < POINTS; j++)
        for (int v = 0; v < 2; v++) {
            point[v][j] = j % 16 == 0 ? floor(uniform(-3, 3)) : uniform(-3, 3) * pow(10, uniform(-8, j % 4 == 0 ? 3 : 0));
            low[v][j] = j % 3 == 0 ? 0 : point[v][j] * uniform(-0x1p-54, 0x1p-54);
        }
    for (size_t i = 0; i < sizeof feature / sizeof *feature; i++) {
        maxent_problem *p = compile("x in R; y in R", feature[i]);
        assert_int_equal(mx_run_dd_portable(p->field->features, &points, 0, POINTS, keep, one), 0);
        assert_int_equal(mx_program_run_dd(p->field->features, &points, 0, POINTS, keep, other), 0);
        for (size_t j = 0; j < 2 * POINTS; j++)
            if (memcmp(&one[j], &other[j], sizeof *one) != 0 && !(isnan(one[j]) && isnan(other[j])))
                fail_msg("%s at %.17g, %.17g: %a and %a", feature[i], point[0][j / 2], point[1][j / 2], one[j], other[j]);
        maxent_problem_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extremes),    cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bounds_hold), cmocka_unit_test(test_singular_and_whole),
        cmocka_unit_test(test_variants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
