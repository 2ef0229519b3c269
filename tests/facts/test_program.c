/* Programs: random expressions evaluated three ways (blocks of doubles, double-double, a plain recursion in long double), the
 * graph's own rules, and functions in double-double against 50-digit numbers (mpmath, mp.dps = 60). */
#include "facts/program.h"
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t seed = 42;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Writes a random expression of x and y and works out its value at (x, y); *size: a bound on what cancels, for the tolerance. */
static long double random_expression(char **out, long double x, long double y, unsigned depth, long double *size)
{
    long double a, b, sa, sb;
    unsigned kind = depth == 0 ? pick(3) : pick(13);
    char *s = *out;
    switch (kind) {
    case 0: *out += sprintf(s, "x"); return *size = fabsl(x), x;
    case 1: *out += sprintf(s, "y"); return *size = fabsl(y), y;
    case 2: {
        unsigned n = 1 + pick(8);
        *out += sprintf(s, "%u", n);
        return *size = n;
    }
    default: break;
    }
    static const char *const open[] = {"(", "(", "(", "abs(", "min(", "max(", "sqrt(1 + (", "exp(-abs(", "(", "(0 + ("};
    *out += sprintf(s, "%s", open[kind - 3]);
    a = random_expression(out, x, y, depth - 1, &sa);
    switch (kind) {
    case 3:
    case 4:
    case 5:
    case 7:
    case 8:
    case 11:
        *out += sprintf(*out, "%s", kind == 3 ? " + " : kind == 4 ? " - " : kind == 5 ? "*" : kind == 11 ? " < " : ", ");
        b = random_expression(out, x, y, depth - 1, &sb);
        *out += sprintf(*out, ")");
        *size = kind == 5 ? sa * sb : kind == 11 ? 1 : sa + sb;
        return kind == 3   ? a + b
               : kind == 4 ? a - b
               : kind == 5 ? a * b
               : kind == 7 ? fminl(a, b)
               : kind == 8 ? fmaxl(a, b)
                           : a < b;
    case 6: *out += sprintf(*out, ")"); return *size = sa, fabsl(a);
    case 9: *out += sprintf(*out, ")^2)"); return *size = 1 + sa, sqrtl(1 + a * a);
    case 10: *out += sprintf(*out, "))"); return *size = 1 + sa, expl(-fabsl(a));
    default: *out += sprintf(*out, ")^3)"); return *size = sa * sa * sa, a * a * a;
    }
}

static void test_random(void **state)
{
    (void)state;
    size_t compared = 0;
    for (int round = 0; round < 3000; round++) {
        char text[20000] = "x in {-3, -2, -1, 0.5, 1, 2}; y in {1, 2, 0.25, 7}; E[";
        char *out = text + strlen(text);
        static const double xs[] = {-3, -2, -1, 0.5, 1, 2}, ys[] = {1, 2, 0.25, 7};
        uint64_t start = seed;
        long double value[24], size[24];
        for (size_t state_number = 0; state_number < 24; state_number++) { /* the same expression at every state */
            seed = start;
            char *end = out;
            value[state_number] = random_expression(&end, xs[state_number / 4], ys[state_number % 4], 5, &size[state_number]);
        }
        char *end = out + strlen(out);
        strcpy(end, "] <= 1e300");
        maxent_diagnostic where;
        maxent_problem *p = try_text(text, &where);
        if (p == NULL) {
            if (where.error != MAXENT_ERROR_VALUE) /* overflow is refused */
                fail_msg("%s: %s", text, where.message);
            continue;
        }
        double row, hi, lo;
        for (size_t x = 0; x < 24; x++) {
            assert_int_equal(mx_features_block(p, x, 1, &row), 0);
            assert_int_equal(mx_features_block_dd(p, x, 1, &hi, &lo), 0);
            long double tolerance = 200 * 0x1p-53L * (size[x] + 1); /* depth 5: at most a few dozen roundings */
            if (strstr(text, " < ") != NULL && fabsl(row - value[x]) > tolerance)
                continue; /* a comparison of what is equal but for rounding; counted below */
            compared++;
            if (fabsl(row - value[x]) > tolerance || fabsl((long double)hi + lo - value[x]) > tolerance ||
                (p->features.fill_dd == NULL && (row != hi || lo != 0)))
                fail_msg("%s\n at state %zu: %.17g, %.17g + %g, %.20Lg", text, x, row, hi, lo, value[x]);
        }
        maxent_problem_free(p);
    }
    assert_true(compared > 60000);
}

/* Double-double features, to 1e-30 (erf and lgamma to double precision). */
static void test_precise(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double hi, lo;
    } table[] = {
        {"x/3", 0x1.dddddddddddddp-3, 0x1.5555555555555p-57},
        {"x*x", 0x1.f5c28f5c28f5bp-2, 0x1.47ae147ae1480p-59},
        {"x^5", 0x1.5835158b827f8p-3, 0x1.729b280f12c30p-58},
        {"x^-3", 0x1.752d871723144p+1, -0x1.4ca950ed20bb8p-53},
        {"x^0.3", 0x1.cc0b43ba5c3d9p-1, 0x1.c78d5496980bbp-55},
        {"0.3^x", 0x1.b8d809c615f41p-2, 0x1.c311ef01df5dfp-57},
        {"sqrt(x)", 0x1.ac5eb3f7ab2f8p-1, -0x1.7c3f630ca87e2p-55},
        {"exp(x)", 0x1.01c2a61268987p+1, -0x1.ce82f8a77f530p-53},
        {"log(x)", -0x1.6d3c324e13f50p-2, 0x1.641052af5fd8dp-58},
        {"log2(x)", -0x1.0776228967d13p-1, 0x1.43511d11de4d9p-57},
        {"log10(x)", -0x1.3d3d3d21ccf04p-3, -0x1.61acec38d0acfp-57},
        {"sin(x)", 0x1.49d6e694619b8p-1, 0x1.a822cbb5cf8f0p-59},
        {"cos(x)", 0x1.87996529f9d93p-1, -0x1.7234b60138711p-55},
        {"tan(x)", 0x1.af406c2fc78aep-1, -0x1.68e6608993265p-55},
        {"atan(x)", 0x1.38b112d7bd4adp-1, 0x1.9d8e548ac1608p-56},
        {"tanh(x)", 0x1.356fb17af2e91p-1, -0x1.017b37671fc9fp-55},
        {"T(7, x)", 0x1.8279c263bd3eep-1, 0x1.bad04b068e8dep-56},
        {"L(6, x)", -0x1.00961c36976b7p-3, 0x1.a378ab0c88a4bp-59},
        {"erf(x)", 0x1.5b08c21171646p-1, 0x1.b06c212b57106p-58},
        {"lgamma(x)", 0x1.0b20c891cde73p-2, 0x1.f8d6c1618623cp-56},
        {"x*pi - e", -0x1.09d040d2c1296p-1, 0x1.b502fed35a5bcp-56},
        {"min(x/3, 1) + max(x/7, 0) - abs(-x)/9", 0x1.05b05b05b05b0p-2, 0x1.0410410410410p-58},
        {"exp(-x^2/2)*(x > 0.3) + x/3*(x < 0.3)", 0x1.90bea6345bf53p-1, 0x1.cefb207c25294p-55},
        {"log(1 + exp(-x))", 0x1.9cdccdb8aa7ebp-2, 0x1.1777613502c98p-56},
        {"-x/3", -0x1.dddddddddddddp-3, -0x1.5555555555555p-57},
        {"1/3*x - 2/7", -0x1.ad1ad1ad1ad1dp-5, 0x1.8618618618618p-62},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[200];
        maxent_diagnostic where;
        double row, hi, lo;
        snprintf(text, sizeof text, "x in {0.7, 5}; E[%s] <= 1e9", table[i].text);
        maxent_problem *p = try_text(text, &where);
        assert_non_null(p);
        assert_non_null(p->features.fill_dd);
        assert_int_equal(mx_features_block(p, 0, 1, &row), 0);
        assert_int_equal(mx_features_block_dd(p, 0, 1, &hi, &lo), 0);
        mx_dd off = mx_dd_sub((mx_dd){hi, lo}, (mx_dd){table[i].hi, table[i].lo});
        int plain = strstr(table[i].text, "erf") != NULL || strstr(table[i].text, "lgamma") != NULL;
        if (!(fabs(off.hi) <= (plain ? 1e-16 : 1e-30) * fmax(fabs(hi), 1)) || fabs(row - hi) > 4e-16 * fmax(fabs(hi), 1))
            fail_msg("%s: %a + %a and %a, expected %a + %a", table[i].text, hi, lo, row, table[i].hi, table[i].lo);
        maxent_problem_free(p);
    }
}

/* What stands in numbers alone is worked out once, as precisely; 0.3 is the double nearest to it. */
static void test_constants(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double hi, lo;
    } table[] = {
        {"sin(0.3)", 0x1.2e9cd95baba33p-2, 0x1.51dbd44eb0887p-56},
        {"cos(0.3)", 0x1.e921dd42f09bap-1, 0x1.82c9a2fb07ec2p-55},
        {"tan(0.3)", 0x1.3cc2a44e29998p-2, -0x1.fad794f03f7b9p-56},
        {"exp(1.4)", 0x1.0388657115a47p+2, -0x1.6acdf2d8190abp-52},
        {"log(0.3)", -0x1.34378fcbda721p+0, 0x1.9c1404e27f13dp-54},
        {"T(5, 0.3)", 0x1.ff6d330941c82p-1, 0x1.06cca2db61bafp-57},
        {"T(0, 0.3)", 0x1.0000000000000p+0, 0x0.0p+0},
        {"T(1, 0.3)", 0x1.3333333333333p-2, 0x0.0p+0},
        {"L(4, 0.3)", 0x1.2ac083126e97ap-4, 0x1.04189374bc6a8p-58},
        {"0.3^1.4", 0x1.7b93abf4b50ddp-3, -0x1.461a3116d176bp-57},
        {"0.3^-3", 0x1.284bda12f684cp+5, 0x1.b8e38e38e38e4p-49},
        {"min(0.3, 1.4) + max(0.3, 1.4)", 0x1.b333333333333p+0, -0x1.0000000000000p-54},
        {"(0.3 <= 1.4) + 2*(1.4 < 0.3) + 4*(0.3 != 0.3) + 8*(1.4 = 1.4)", 0x1.2000000000000p+3, 0x0.0p+0},
        {"(0.3 > 0 and not (1.4 < 1)) + (0.3 < 0 or 1.4 < 1)", 0x1.0000000000000p+0, 0x0.0p+0},
        {"sign(-0.3) + floor(1.4) - ceil(0.3)", -0x1.0000000000000p+0, 0x0.0p+0},
        {"asin(0.3)*acos(0.3)", 0x1.8b07f1741621cp-2, 0x1.2892bed3e2f41p-56},
        {"sinh(0.3) - cosh(0.3)", -0x1.7b4c869c37c05p-1, 0x1.0a730392f0d98p-59},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[160];
        maxent_diagnostic where;
        double hi, lo;
        snprintf(text, sizeof text, "x in {1, 2}; E[x*(%s)] <= 1e300", table[i].text);
        maxent_problem *p = try_text(text, &where);
        if (p == NULL)
            fail_msg("%s: %s", text, where.message);
        assert_int_equal(mx_features_block_dd(p, 0, 1, &hi, &lo), 0);
        mx_dd off = mx_dd_sub((mx_dd){hi, lo}, (mx_dd){table[i].hi, table[i].lo});
        if (!(fabs(off.hi) <= 1e-30 * fmax(fabs(hi), 1)))
            fail_msg("%s: %a + %a, expected %a + %a", table[i].text, hi, lo, table[i].hi, table[i].lo);
        maxent_problem_free(p);
    }
}

/* A jump is in the same state however the feature is computed: floor(0.1*30) is 3, though 0.1 is above 1/10. */
static void test_jumps(void **state)
{
    (void)state;
    maxent_diagnostic where;
    maxent_problem *p = try_text(
        "x in 0..1000; E[floor(x/10*3) + exp(x/1000)] = 1; P[x/7 > 3/7*x/3 - 0.1*x/10] <= 1; E[sin(x)*(x*0.1 = 0.3)] <= 1",
        &where);
    double row[3], hi[3], lo[3];
    assert_non_null(p);
    for (size_t x = 0; x <= 1000; x++) {
        assert_int_equal(mx_features_block(p, x, 1, row), 0);
        assert_int_equal(mx_features_block_dd(p, x, 1, hi, lo), 0);
        for (int i = 0; i < 3; i++)
            assert_true(fabs(row[i] - hi[i]) <= 1e-12); /* never off by one */
    }
    maxent_problem_free(p);
}

/* More values alive at once than fit on the stack; and a prior of zero where a computed feature is not defined. */
static void test_slots(void **state)
{
    (void)state;
    maxent_diagnostic where;
    maxent_problem *p = try_text(
        "u[1..300] in {3}; x in 1..600\nE[(u[i] + x)/i] <= 1e9 for i in 1..300; E[u[i]*x^2/7] <= 1e9 for i in 1..300", &where);
    static double row[50 * 600], hi[50 * 600], lo[50 * 600], again[50 * 600];
    assert_non_null(p);
    assert_int_equal(mx_features_block(p, 517, 50, row), 0);
    assert_int_equal(mx_features_block_dd(p, 517, 50, hi, lo), 0);
    assert_int_equal(mx_program_fill(p->features.user, 517, 50, again), 0); /* stored and computed are the same */
    assert_memory_equal(row, again, sizeof row);
    for (size_t j = 0; j < 50; j++)
        for (size_t i = 0; i < 300; i++) {
            long double x = (long double)(518 + j), first = (3 + x) / (long double)(i + 1), second = 3 * x * x / 7;
            size_t at = j * 600 + i;
            assert_true(fabsl(row[at] - first) <= 0x1p-53L * first && fabsl(row[at + 300] - second) <= 0x1p-52L * second);
            assert_true(fabsl((long double)hi[at] + lo[at] - first) <= 0x1p-62L * first);
        }
    maxent_problem_free(p);
    p = try_text("x in 0..3; prior x > 0; E[log(x)/x] = 0.5", &where);
    assert_non_null(p);
    assert_int_equal(mx_program_fill(p->features.user, 0, 4, row), 0);
    assert_int_equal(mx_program_fill_dd(p->features.user, 0, 4, hi, lo), 0);
    assert_true(row[0] == 0 && hi[0] == 0 && lo[0] == 0 && row[2] == log(2) / 2 && hi[2] == log(2) / 2);
    maxent_problem_free(p);
}

static void test_graph(void **state)
{
    (void)state;
    double values[2] = {0.5, 3};
    mx_variable variable = {.levels = 2, .number = values, .stride = 1};
    mx_support support = {.n = 2, .variables = 1, .variable = &variable};
    mx_graph g = {.support = &support};
    uint32_t x = mx_graph_variable(&g, 0), one = mx_graph_constant(&g, mx_dd_make(1), 1),
             zero = mx_graph_constant(&g, mx_dd_make(0), 1);
    uint32_t two = mx_graph_constant(&g, mx_dd_make(2), 1), third = mx_graph_constant(&g, mx_dd_make(1.0 / 3), 0);
    assert_int_equal(mx_graph_variable(&g, 0), x); /* each once */
    assert_int_equal(mx_graph_binary(&g, MX_OP_ADD, x, two), mx_graph_binary(&g, MX_OP_ADD, two, x));
    assert_int_not_equal(mx_graph_binary(&g, MX_OP_SUBTRACT, x, two), mx_graph_binary(&g, MX_OP_SUBTRACT, two, x));
    assert_int_equal(mx_graph_binary(&g, MX_OP_ADD, x, zero), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_ADD, zero, x), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_MULTIPLY, one, x), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_DIVIDE, x, one), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_POWER, x, one), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_POWER, x, zero), one);
    assert_int_equal(mx_graph_unary(&g, MX_OP_NEGATE, mx_graph_unary(&g, MX_OP_NEGATE, x)), x);
    assert_int_equal(mx_graph_binary(&g, MX_OP_ADD, one, one), two); /* folded */
    const mx_node *node = &g.node[x];
    assert_true(node->exact && node->bound == 3 && node->grain == -1);
    node = &g.node[mx_graph_binary(&g, MX_OP_MULTIPLY, x, x)];
    assert_true(node->exact && node->bound == 9 && node->grain == -2);
    assert_false(g.node[mx_graph_binary(&g, MX_OP_MULTIPLY, x, third)].exact);
    assert_true(g.node[mx_graph_binary(&g, MX_OP_MULTIPLY, third, two)].exact);
    assert_true(g.node[mx_graph_binary(&g, MX_OP_LESS, x, third)].truth);
    assert_true(g.node[mx_graph_binary(&g, MX_OP_DIVIDE, x, two)].exact);
    assert_false(g.node[mx_graph_binary(&g, MX_OP_DIVIDE, two, x)].exact);
    mx_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_precise),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
