/* Quantities over files: the parser, the published numbers of the weather table, estimators, tests, and every refusal. */
#include <maxent/measure.h>

#include "entropy/close.h"
#include "entropy/quantities.h"
#include "entropy/sample.h"
#include "support/failing_alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static maxent_diagnostic where;
static char folder[] = "/tmp/maxent-measure-XXXXXX", path[100];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/t.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    remove(path);
    return rmdir(folder);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    fclose(file);
}

/* Quinlan's weather table (Machine Learning 1 (1986) 81). */
static const char weather[] =
    "outlook,temperature,humidity,wind,play\nsunny,hot,high,weak,no\nsunny,hot,high,strong,no\novercast,hot,high,weak,yes\n"
    "rain,mild,high,weak,yes\nrain,cool,normal,weak,yes\nrain,cool,normal,strong,no\novercast,cool,normal,strong,yes\n"
    "sunny,mild,high,weak,no\nsunny,cool,normal,weak,yes\nrain,mild,normal,weak,yes\nsunny,mild,normal,strong,yes\n"
    "overcast,mild,high,strong,yes\novercast,hot,normal,weak,yes\nrain,mild,high,strong,no\n";

static maxent_measured measure(const char *quantity, const maxent_measure_options *options)
{
    maxent_measured out;
    size_t failed;
    if (maxent_measure_file(path, 1, &quantity, options, &out, NULL, &failed, &where) != MAXENT_OK)
        fail_msg("%s: %s", quantity, where.message);
    return out;
}

static double bits(const char *quantity)
{
    return measure(quantity, NULL).value / log(2);
}

/* ---- the parser ---- */

static void test_parser(void **state)
{
    (void)state;
    mx_quantity q;
    assert_int_equal(mx_quantity_parse(" I ( play , wind;\"light snow\";h\xc3\xa9|outlook , x.y_2 ) ", &q, &where), MAXENT_OK);
    assert_int_equal(q.kind, MX_Q_INFORMATION);
    assert_true(q.parts == 3 && q.names == 6);
    assert_string_equal(q.name[2], "light snow");
    assert_string_equal(q.name[3], "h\xc3\xa9");
    assert_string_equal(q.name[5], "x.y_2");
    assert_true(q.part[1] == 0 && q.part[2] == 1 && q.part[3] == 2 && q.part[4] == -1 && q.part[5] == -1);
    assert_int_equal(q.at[1], 12);
    mx_quantity_free(&q);
    static const struct {
        const char *text;
        mx_quantity_kind kind;
        double order;
    } good[] = {{"H(a)", MX_Q_ENTROPY, 1}, {"H(a,b|c)", MX_Q_ENTROPY, 1}, {"H_2(a)", MX_Q_ENTROPY, 2}, {"H_0.5(a)", MX_Q_ENTROPY, 0.5},
                {"H_inf(a,b)", MX_Q_ENTROPY, INFINITY}, {"T_2(a)", MX_Q_TSALLIS, 2}, {"I(a;b)", MX_Q_INFORMATION, 1},
                {"TC(a,b|c)", MX_Q_TOTAL, 1},
                {"VI(a;b)", MX_Q_VARIATION, 1}, {"H(p||q)", MX_Q_CROSS, 1}, {"D(p || p)", MX_Q_RELATIVE, 1}, {"D_JS(p,q)", MX_Q_JENSEN, 1},
                {"h(x|y)", MX_Q_DIFFERENTIAL, 1}, {"perplexity(a|b)", MX_Q_PERPLEXITY, 1}, {"redundancy(a)", MX_Q_REDUNDANCY, 1}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(mx_quantity_parse(good[i].text, &q, &where), MAXENT_OK);
        assert_int_equal(q.kind, good[i].kind);
        assert_true(q.order == good[i].order);
        mx_quantity_free(&q);
    }
    static const struct {
        const char *text, *message;
        size_t column;
        maxent_error error;
    } bad[] = {
        {"", "expected a quantity", 1, MAXENT_ERROR_SYNTAX},        {"Q(a)", "unknown quantity \"Q\"; expected H", 1, MAXENT_ERROR_SYNTAX},
        {"perplexty(a)", "mean \"perplexity\"", 1, MAXENT_ERROR_SYNTAX}, {"H", "expected \"(\"", 2, MAXENT_ERROR_SYNTAX},
        {"H()", "name of a column", 3, MAXENT_ERROR_SYNTAX},        {"H(a", "found the end", 4, MAXENT_ERROR_SYNTAX},
        {"H(a,)", "name of a column", 5, MAXENT_ERROR_SYNTAX},      {"H(a;b)", "\";\" belongs to I", 4, MAXENT_ERROR_SYNTAX},
        {"H(a) b", "found \"b\"; expected the end", 6, MAXENT_ERROR_SYNTAX}, {"I(a)", "the other side", 4, MAXENT_ERROR_SYNTAX},
        {"I(a;)", "name of a column", 5, MAXENT_ERROR_SYNTAX},      {"TC(a)", "two or more", 5, MAXENT_ERROR_SYNTAX},
        {"H_x(a)", "not an order", 3, MAXENT_ERROR_SYNTAX},         {"H_-1(a)", "not an order", 3, MAXENT_ERROR_SYNTAX},
        {"T_inf(a)", "not an order", 3, MAXENT_ERROR_SYNTAX},       {"H(a, a)", "column \"a\" twice", 6, MAXENT_ERROR_NAME},
        {"I(a; b | a)", "twice", 10, MAXENT_ERROR_NAME},            {"H_2(a | b)", "no condition", 7, MAXENT_ERROR_SYNTAX},
        {"D(a, b)", "\"||\"", 4, MAXENT_ERROR_SYNTAX},              {"D_JS(a || b)", "\",\", as in", 8, MAXENT_ERROR_SYNTAX},
        {"D(a || b, c)", "expected", 9, MAXENT_ERROR_SYNTAX},       {"H(\"a)", "never closed", 3, MAXENT_ERROR_SYNTAX},
        {"H(\"\")", "name of a column", 3, MAXENT_ERROR_SYNTAX},    {"VI(a; b; c)", "more than 2 parts", 8, MAXENT_ERROR_LIMIT},
        {"H(\xc3\xa9, +)", "found \"+\"", 6, MAXENT_ERROR_SYNTAX},  {"I(a;b;c;d;e;f;g;h;i)", "more than 8 parts", 18, MAXENT_ERROR_LIMIT},
        {"H(a || b || c)", "expected", 10, MAXENT_ERROR_SYNTAX},    {"H(a, b || c)", "no condition", 8, MAXENT_ERROR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        maxent_error error = mx_quantity_parse(bad[i].text, &q, &where);
        if (error != bad[i].error || strstr(where.message, bad[i].message) == NULL || where.column != bad[i].column)
            fail_msg("%s: %d, column %zu, \"%s\"", bad[i].text, (int)error, where.column, where.message);
        assert_string_equal(where.file, "quantity");
        assert_true(where.caret + 1 == where.column);
        assert_int_equal(mx_quantity_parse(bad[i].text, &q, NULL), bad[i].error);
    }
    char many[400] = "H(a0";
    for (int i = 1; i < 40; i++)
        sprintf(many + strlen(many), ",a%d", i);
    strcat(many, ")");
    assert_int_equal(mx_quantity_parse(many, &q, &where), MAXENT_ERROR_LIMIT);
    assert_true(strlen(where.excerpt) < 200);
}

/* ---- discrete columns ---- */

static void test_weather(void **state)
{
    (void)state;
    write_file(weather);
    assert_close(bits("H(play)"), .940285958671, 1e-12); /* the published cases, in bits */
    assert_close(bits("I(play; outlook)"), .246749819774, 1e-12);
    assert_close(bits("I(play; humidity)"), .151835501362, 1e-12);
    assert_close(bits("I(play; wind)"), .0481270304083, 1e-12);
    assert_close(bits("I(play; temperature)"), .029222565659, 1e-12);
    assert_close(bits("H(play | outlook)"), .940285958671 - .246749819774, 2e-12);
    assert_close(bits("H(play, outlook)"), bits("H(outlook)") + bits("H(play | outlook)"), 1e-14);
    assert_close(bits("VI(play; wind)"), bits("H(play | wind)") + bits("H(wind | play)"), 1e-14);
    assert_close(bits("I(play; wind | outlook)"), bits("H(play | outlook)") - bits("H(play | wind, outlook)"), 1e-14);
    assert_close(bits("I(play; wind; outlook)"), bits("I(play; wind)") - bits("I(play; wind | outlook)"), 1e-14);
    assert_close(bits("I(play; wind; outlook | humidity)"),
                 bits("I(play; wind | humidity)") - bits("I(play; wind | outlook, humidity)"), 1e-14);
    assert_close(bits("TC(play, wind, outlook)"),
                 bits("H(play)") + bits("H(wind)") + bits("H(outlook)") - bits("H(play, wind, outlook)"), 1e-14);
    assert_close(bits("TC(play, wind | outlook)"), bits("I(play; wind | outlook)"), 1e-14);
    assert_close(measure("perplexity(play)", NULL).value, exp(measure("H(play)", NULL).value), 1e-15);
    assert_close(measure("redundancy(play)", NULL).value, 1 - bits("H(play)"), 1e-15);
    double p = 5 / 14.;
    assert_close(measure("H_2(play)", NULL).value, -log(p * p + (1 - p) * (1 - p)), 1e-15);
    assert_close(measure("H_inf(play)", NULL).value, -log(1 - p), 1e-15);
    assert_close(measure("T_2(play)", NULL).value, 1 - p * p - (1 - p) * (1 - p), 1e-15);
    maxent_measured m = measure("H(play, outlook)", NULL);
    assert_true(m.n == 14 && m.cells == 6 && m.pure == 0 && isnan(m.standard_error) && isnan(m.lower) && isnan(m.p_value));
    assert_string_equal(m.estimator, "plug-in");
    assert_int_equal(measure("T_2(play)", NULL).pure, 1);

    const char *several[] = {"H(play)", "I(play; wind)"};
    maxent_measured two[2];
    assert_int_equal(maxent_measure_file(path, 2, several, NULL, two, NULL, NULL, &where), MAXENT_OK);
    assert_close(two[1].value / log(2), .0481270304083, 1e-12);
}

static void test_estimators(void **state)
{
    (void)state;
    static const int count[] = {4, 2, 3, 2, 4, 2, 1, 1}; /* the counts of the published cases, without the empty cells */
    char text[2000] = "x,one,y\n";
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < count[i]; j++)
            sprintf(text + strlen(text), "%d%s,1,%d\n", i, j % 2 ? ".0" : "", j % 2); /* 3 and 3.0 are one value */
    write_file(text);
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.counts.cells = 11;
    static const struct {
        const char *word;
        double value;
    } expected[] = {{"plug-in", 1.96838240872838},  {"miller-madow", 2.15259293504417}, {"jeffreys", 2.1794803827237},
                    {"laplace", 2.25787551869304},  {"perks", 2.03688780812372},        {"minimax", 2.15409118993096},
                    {"chao-shen", 2.20113710127958}, {"shrinkage", 2.37960289530996},   {"jackknife", 2.231274314180113},
                    {"grassberger", 2.144626386031427}, {"nsb", 2.187766664452536}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        options.estimator = expected[i].word;
        maxent_measured m = measure("H(x)", &options);
        assert_close(m.value, expected[i].value, 1e-13);
        assert_true(m.cells == 11 && m.n == 19);
        assert_string_equal(m.estimator, expected[i].word);
        assert_true(isnan(m.standard_error) == (strcmp(m.estimator, "nsb") != 0));
        assert_close(measure("H(x, one)", &options).value, expected[i].value, 1e-13);
    }
    options.counts.cells = 0;
    options.estimator = "miller-madow"; /* I = H(x) + H(y) - H(x, y), each corrected */
    double i_xy = measure("I(x; y)", &options).value;
    assert_close(i_xy, measure("H(x)", &options).value + measure("H(y)", &options).value - measure("H(x, y)", &options).value, 1e-14);
    options.estimator = "laplace"; /* cells of a pair: 8 x 2 */
    assert_true(measure("H(x, y)", &options).cells == 16);
    options.estimator = NULL;
    options.replicates = 400;
    options.level = 0.9;
    maxent_measured m = measure("H(x | y)", &options), again = measure("H(x | y)", &options);
    assert_true(m.lower < m.upper && m.value < m.upper && m.standard_error > 0); /* so small a sample: the value may lie below */
    assert_true(m.lower == again.lower && m.upper == again.upper);
    options.seed = 2;
    again = measure("H(x | y)", &options);
    assert_true(m.lower != again.lower);
}

/* The permutation test: small p for a dependence, and uniform p where there is none; conditional on C too. */
static void test_permutations(void **state)
{
    (void)state;
    uint64_t random = 5;
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.permutations = 99;
    int below = 0;
    for (int trial = 0; trial < 60; trial++) {
        char *text = malloc(20000), *at = text + sprintf(text, "a,b,c,d\n");
        for (int i = 0; i < 200; i++) { /* a and d depend on c only; b nearly copies a */
            unsigned c = (unsigned)(random_bits(&random) % 2), a = (c + (random_bits(&random) % 4 == 0)) % 3;
            unsigned d = (c + (random_bits(&random) % 3 == 0)) % 3, b = random_bits(&random) % 8 == 0 ? 2 : a;
            at += sprintf(at, "%u,%u,%u,%u\n", a, b, c, d);
        }
        write_file(text);
        free(text);
        options.seed = (uint64_t)trial;
        assert_close(measure("I(a; b)", &options).p_value, 0.01, 1e-15);      /* the least there is */
        assert_close(measure("I(a; b | c)", &options).p_value, 0.01, 1e-15);
        assert_close(measure("I(a; d)", &options).p_value, 0.01, 1e-15);      /* through c */
        double p = measure("I(a; d | c)", &options).p_value;                  /* nothing is left given c */
        assert_true(p >= 0.01 && p <= 1);
        below += p <= 0.3;
    }
    assert_true(below >= 8 && below <= 29); /* 60 trials of chance 0.3: 18 +- 3.5, three sigmas */
}

static void test_weights_and_missing(void **state)
{
    (void)state;
    write_file("a,b,w\nx,u,3\ny,u,1\ny,v,2.5\nx,v,1.5\nz,u,0\n");
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.weight = "w";
    double p[] = {4.5 / 8, 3.5 / 8}, h;
    assert_int_equal(maxent_entropy(2, p, &h, NULL), MAXENT_OK);
    maxent_measured m = measure("H(a)", &options);
    assert_close(m.value, h, 1e-15);
    assert_true(m.n == 8);
    write_file("a,b\nx,u\n,u\ny,NA\ny,v\n");
    const char *quantity = "H(a)";
    size_t dropped, failed;
    options.weight = NULL;
    assert_int_equal(maxent_measure_file(path, 1, &quantity, &options, &m, &dropped, &failed, &where), MAXENT_ERROR_VALUE);
    assert_true(where.line == 3 && failed == 1);
    options.missing = MAXENT_MISSING_DROP;
    assert_int_equal(maxent_measure_file(path, 1, &quantity, &options, &m, &dropped, &failed, &where), MAXENT_OK);
    assert_true(m.n == 3 && dropped == 1); /* b is not used */
    options.missing = MAXENT_MISSING_CATEGORY;
    assert_true(measure("H(a)", &options).cells == 3);
    write_file("a\n1\n\"\"\n2\n"); /* whole numbers and a missing value as a category */
    assert_true(measure("H(a)", &options).cells == 3);
}

/* ---- continuous columns ---- */

static void test_continuous(void **state)
{
    (void)state;
    enum { N = 600 };
    static double x[N], y[N], xy[2 * N];
    static uint32_t code[N];
    uint64_t random = 6;
    char *text = malloc(100 * N), *at = text + sprintf(text, "x,y,c,g,i\n");
    for (int i = 0; i < N; i++) {
        x[i] = random_normal(&random);
        y[i] = 0.6 * x[i] + 0.8 * random_normal(&random);
        code[i] = x[i] > 0.3;
        xy[2 * i] = x[i];
        xy[2 * i + 1] = y[i];
        at += sprintf(at, "%.17g,%.17g,%s,%.1f,%d\n", x[i], y[i], code[i] ? "up" : "down", x[i], i);
    }
    write_file(text);
    free(text);
    double h, h2, error;
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    assert_int_equal(maxent_knn_entropy(N, 1, x, 3, 1, &h, &error, NULL), MAXENT_OK);
    maxent_measured m = measure("h(x)", &options);
    assert_close(m.value, h, 1e-14);
    assert_close(m.standard_error, error, 1e-13);
    assert_true(isnan(m.cells) && m.n == N);
    assert_int_equal(maxent_knn_entropy(N, 2, xy, 3, 1, &h2, NULL, NULL), MAXENT_OK);
    assert_close(measure("h(x, y)", &options).value, h2, 1e-14);
    assert_close(measure("h(y | x)", &options).value, h2 - h, 1e-14);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG1, N, 1, x, 1, y, 3, 1, &h, NULL, NULL), MAXENT_OK);
    m = measure("I(x; y)", &options);
    assert_close(m.value, h, 1e-14);
    assert_string_equal(m.estimator, "ksg");
    assert_int_equal(maxent_ross_mutual_information(N, code, 1, y, 3, 1, &h, NULL, NULL), MAXENT_OK);
    m = measure("I(c; y)", &options);
    assert_close(m.value, h, 1e-14);
    assert_string_equal(m.estimator, "ross");
    assert_close(measure("I(y; c)", &options).value, h, 1e-14);
    m = measure("H(c)", &options);
    assert_string_equal(m.estimator, "plug-in");
    options.permutations = 19;
    assert_close(measure("I(x; y)", &options).p_value, 0.05, 1e-15);
    assert_close(measure("I(c; y)", &options).p_value, 0.05, 1e-15);
    options.permutations = 0;
    options.replicates = 2;
    m = measure("I(x; y)", &options);
    assert_close(m.upper - m.value, 1.959963984540054 * m.standard_error, 1e-12);
    options.replicates = 0;
    const char *words[] = {"vasicek", "van-es", "ebrahimi", "correa"};
    for (int s = 0; s < 4; s++) {
        options.estimator = words[s];
        assert_int_equal(maxent_spacing_entropy((maxent_spacing)s, N, x, 0, &h, NULL), MAXENT_OK);
        m = measure("h(x)", &options);
        assert_close(m.value, h, 1e-14);
        assert_string_equal(m.estimator, words[s]);
    }
    options.estimator = NULL;
    const char *g[] = {"g"}, *i[] = {"i"};
    options.discrete = g;
    options.discretes = 1;
    assert_string_equal(measure("H(g)", &options).estimator, "plug-in");
    options.discretes = 0;
    options.continuous = i;
    options.continuouses = 1;
    assert_string_equal(measure("I(x; i)", &options).estimator, "ksg");
}

/* Points that repeat: gao by itself, a refusal where nothing else is to be had. */
static void test_repeats(void **state)
{
    (void)state;
    char text[8000] = "x,y\n", *at = text + strlen(text);
    uint64_t random = 7;
    for (int i = 0; i < 300; i++) {
        double x = floor(4 * random_unit(&random)) / 2, y = x + floor(3 * random_unit(&random)) / 2;
        at += sprintf(at, "%.1f,%.1f\n", x, y);
    }
    write_file(text);
    maxent_measured m = measure("I(x; y)", NULL);
    assert_string_equal(m.estimator, "gao");
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    const char *both[] = {"x", "y"};
    options.discrete = both;
    options.discretes = 2;
    assert_true(fabs(m.value - measure("I(x; y)", &options).value) < 0.05); /* near the plug-in */
    const char *h = "h(x)";
    assert_int_equal(maxent_measure_file(path, 1, &h, NULL, &m, NULL, NULL, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "300 of 300 rows repeat"));
}

/* ---- columns of probabilities ---- */

static void test_given(void **state)
{
    (void)state;
    write_file("p,q,name\n.2,.1,a\n.2,.4,b\n.6,.5,c\n");
    assert_close(measure("D(p || q)", NULL).value, .109392934076373, 1e-12); /* the published case */
    maxent_measured m = measure("D(p||p)", NULL);
    assert_true(m.value == 0 && m.cells == 3 && isnan(m.n));
    assert_string_equal(m.estimator, "given");
    double p[] = {.2, .2, .6}, q[] = {.1, .4, .5}, value;
    maxent_jensen_shannon(3, p, q, &value, NULL);
    assert_close(measure("D_JS(p, q)", NULL).value, value, 1e-15);
    maxent_cross_entropy(3, p, q, &value, NULL);
    assert_close(measure("H(p || q)", NULL).value, value, 1e-15);
    maxent_renyi(3, p, 2, &value, NULL);
    assert_close(measure("H_2(p)", NULL).value, value, 1e-15); /* found out by itself: non-whole numbers that sum to 1 */
    maxent_entropy(3, q, &value, NULL);
    const char *two[] = {"D(p || q)", "H(q)"};
    maxent_measured out[2];
    assert_int_equal(maxent_measure_file(path, 2, two, NULL, out, NULL, NULL, &where), MAXENT_OK);
    assert_close(out[1].value, value, 1e-15);
    write_file("p\n3\n1\n");
    maxent_measure_options options;
    maxent_measure_options_init(&options);
    options.probabilities = options.normalize = 1;
    assert_close(measure("H(p)", &options).value, -.75 * log(.75) - .25 * log(.25), 1e-15);
    assert_close(measure("perplexity(p)", &options).value, exp(-.75 * log(.75) - .25 * log(.25)), 1e-15);
    assert_close(measure("redundancy(p)", &options).value, 1 - (-.75 * log(.75) - .25 * log(.25)) / log(2), 1e-15);
    assert_close(measure("T_2(p)", &options).value, 1 - .5625 - .0625, 1e-15);
}

/* ---- refusals ---- */

static void refused(const char *quantity, const maxent_measure_options *options, maxent_error error, const char *message)
{
    maxent_measured out;
    size_t failed;
    maxent_error got = maxent_measure_file(path, 1, &quantity, options, &out, NULL, &failed, &where);
    if (got != error || where.error != error || strstr(where.message, message) == NULL)
        fail_msg("%s: %s: \"%s\" lacks \"%s\"", quantity, maxent_error_text(got), where.message, message);
}

static void test_refusals(void **state)
{
    (void)state;
    maxent_measure_options clean, o;
    maxent_measure_options_init(&clean);
    write_file("a,b,x,y,p,w\nu,1,1.5,2,0.5,1.5\nv,2,2.5,7,0.4,1\nv,2,2.75,4,0.3,1\nu,1,9.5,5,0.3,1\n");
    refused("H(aa)", NULL, MAXENT_ERROR_NAME, "no column \"aa\"");
    refused("h(a)", NULL, MAXENT_ERROR_VALUE, "h is of numbers");
    refused("H(x)", NULL, MAXENT_ERROR_VALUE, "column \"x\" is continuous");
    refused("TC(a, x)", NULL, MAXENT_ERROR_VALUE, "continuous");
    refused("D(p || b)", NULL, MAXENT_ERROR_VALUE, "sum to 1.5");
    refused("D(a || p)", NULL, MAXENT_ERROR_VALUE, "has names");
    refused("D(p || z)", NULL, MAXENT_ERROR_NAME, "no column \"z\"");
    refused("H(a", NULL, MAXENT_ERROR_SYNTAX, "found the end");
    o = clean;
    o.probabilities = o.normalize = 1;
    refused("I(p; b)", &o, MAXENT_ERROR_UNSUPPORTED, "no joint distribution");
    refused("h(p)", &o, MAXENT_ERROR_UNSUPPORTED, "not one of columns of probabilities");
    o.estimator = "nsb";
    refused("H(p)", &o, MAXENT_ERROR_ARGUMENT, "nothing is estimated");
    o = clean;
    o.estimator = "ksg";
    refused("H(a)", &o, MAXENT_ERROR_ARGUMENT, "is for continuous columns");
    refused("h(x)", &o, MAXENT_ERROR_ARGUMENT, "does not estimate h");
    refused("I(a; x)", &o, MAXENT_ERROR_UNSUPPORTED, "needs numbers in every column");
    o.estimator = "nsb";
    refused("I(x; y)", &o, MAXENT_ERROR_ARGUMENT, "does not estimate I");
    refused("H_2(a)", &o, MAXENT_ERROR_UNSUPPORTED, "plug-in estimator only");
    o.weight = "w";
    refused("H(a)", &o, MAXENT_ERROR_VALUE, "whole numbers");
    o.estimator = "ross";
    o.weight = NULL;
    refused("I(x; w)", &o, MAXENT_ERROR_UNSUPPORTED, "discrete columns on one side");
    o.estimator = "vasicek";
    refused("h(x, y)", &o, MAXENT_ERROR_UNSUPPORTED, "one column");
    refused("I(x; w)", &o, MAXENT_ERROR_ARGUMENT, "does not estimate I");
    o = clean;
    o.weight = "w";
    refused("h(x)", &o, MAXENT_ERROR_UNSUPPORTED, "weights are for discrete");
    o.replicates = 10;
    refused("H(a)", &o, MAXENT_ERROR_VALUE, "not whole numbers");
    o.replicates = 0;
    o.permutations = 10;
    refused("I(a; b)", &o, MAXENT_ERROR_UNSUPPORTED, "without weights");
    o = clean;
    o.permutations = 10;
    refused("H(a)", &o, MAXENT_ERROR_UNSUPPORTED, "permutation test");
    refused("h(x)", &o, MAXENT_ERROR_UNSUPPORTED, "permutation test");
    o = clean;
    o.counts.cells = 5;
    refused("I(a; b)", &o, MAXENT_ERROR_ARGUMENT, "one set of columns");
    refused("h(x)", &o, MAXENT_ERROR_ARGUMENT, "number of cells");
    o.counts.cells = 1;
    refused("H(a)", &o, MAXENT_ERROR_ARGUMENT, "1 cells were said");
    o = clean;
    o.replicates = 10;
    refused("h(x | w)", &o, MAXENT_ERROR_UNSUPPORTED, "no interval");
    o.estimator = "correa";
    refused("h(x)", &o, MAXENT_ERROR_UNSUPPORTED, "no interval");
    o = clean;
    o.k = 0;
    refused("h(x)", &o, MAXENT_ERROR_ARGUMENT, "k must");
    o.k = 50;
    refused("h(x)", &o, MAXENT_ERROR_ARGUMENT, "k is 50 for 4 points");
    o = clean;
    o.level = 1;
    refused("H(a)", &o, MAXENT_ERROR_ARGUMENT, "level");
    o = clean;
    o.replicates = 1;
    refused("H(a)", &o, MAXENT_ERROR_ARGUMENT, "replicates");
    o = clean;
    const char *list[] = {"a"}, *other[] = {"b"};
    o.continuous = list;
    o.continuouses = 1;
    refused("H(a)", &o, MAXENT_ERROR_VALUE, "does not hold numbers");
    refused("H(b)", &o, MAXENT_ERROR_NAME, "no quantity names it");
    o.continuous = other;
    refused("H(b)", &o, MAXENT_ERROR_VALUE, "continuous");
    write_file("a\n1.5\ninf\n");
    refused("h(a)", NULL, MAXENT_ERROR_VALUE, "infinite");
    write_file("a,w\nx,0\ny,0\n");
    o = clean;
    o.weight = "w";
    refused("H(a)", &o, MAXENT_ERROR_VALUE, "sum of the weights");
    write_file("a\n1.5\n\"\"\n");
    o = clean;
    o.missing = MAXENT_MISSING_CATEGORY;
    refused("h(a)", &o, MAXENT_ERROR_VALUE, "cannot be a category");
    write_file("a,b\nx,1\ny\n");
    refused("H(a)", NULL, MAXENT_ERROR_FILE, "row on line 3 has 1 field");
    assert_int_equal(maxent_measure_file(path, 0, NULL, NULL, NULL, NULL, NULL, &where), MAXENT_ERROR_ARGUMENT);
    remove(path);
    refused("H(a)", NULL, MAXENT_ERROR_FILE, "No such file");

    char header[1000] = "c0";
    static char texts[3][400];
    const char *quantities[3] = {texts[0], texts[1], texts[2]};
    for (int i = 1; i < 70; i++)
        sprintf(header + strlen(header), ",c%d", i);
    strcat(header, "\n");
    write_file(header);
    for (int i = 0; i < 3; i++) {
        sprintf(texts[i], "H(c%d", 25 * i);
        for (int j = 1; j < 25 && 25 * i + j < 70; j++)
            sprintf(texts[i] + strlen(texts[i]), ",c%d", 25 * i + j);
        strcat(texts[i], ")");
    }
    maxent_measured out[3];
    size_t failed;
    assert_int_equal(maxent_measure_file(path, 3, quantities, NULL, out, NULL, &failed, &where), MAXENT_ERROR_LIMIT);
    assert_int_equal(failed, 2);
}

static void test_allocation(void **state)
{
    (void)state;
    char text[6000] = "a,b,x,y\n", *at = text + strlen(text);
    uint64_t random = 8;
    for (int i = 0; i < 60; i++)
        at += sprintf(at, "n%d,%d,%.9f,%.9f\n", (int)(random_bits(&random) % 3), (int)(random_bits(&random) % 3), random_unit(&random),
                      random_unit(&random));
    write_file(text);
    static const struct {
        const char *quantity, *estimator;
        size_t replicates, permutations;
    } call[] = {{"I(a; b)", NULL, 3, 0}, {"I(a; b)", NULL, 0, 3}, {"I(x; y)", NULL, 0, 2}, {"I(a; x)", NULL, 0, 2},
                {"h(x | y)", NULL, 0, 0}, {"h(x | a, y)", NULL, 0, 0}, {"I(x; y | a)", NULL, 0, 2},
                {"H_2(a)", NULL, 0, 0}, {"h(x)", "vasicek", 0, 0}};
    for (size_t i = 0; i < sizeof call / sizeof *call; i++) {
        maxent_measure_options options;
        maxent_measure_options_init(&options);
        options.estimator = call[i].estimator;
        options.replicates = call[i].replicates;
        options.permutations = call[i].permutations;
        options.threads = 1;
        size_t k = 0, failed;
        do {
            maxent_measured out;
            failing_alloc_start(++k, 0);
            maxent_error error = maxent_measure_file(path, 1, &call[i].quantity, &options, &out, NULL, NULL, &where);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        } while (failed > 0);
        assert_true(k > 20);
    }
    write_file("p,q\n.5,.25\n.5,.75\n");
    size_t k = 0, failed;
    const char *quantity = "D(p || q)";
    do {
        maxent_measured out;
        failing_alloc_start(++k, 0);
        maxent_error error = maxent_measure_file(path, 1, &quantity, NULL, &out, NULL, NULL, &where);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
}

/* mx_random_below is uniform. */
static void test_random(void **state)
{
    (void)state;
    uint64_t seed = 1, first = 1;
    assert_true(mx_random_next(&first) == 0x910a2dec89025cc1u); /* splitmix64 of seed 1, its reference output */
    size_t seen[7] = {0};
    for (int i = 0; i < 70000; i++)
        seen[mx_random_below(&seed, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_true(seen[i] > 9600 && seen[i] < 10400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parser),     cmocka_unit_test(test_weather),   cmocka_unit_test(test_estimators),
        cmocka_unit_test(test_permutations), cmocka_unit_test(test_weights_and_missing), cmocka_unit_test(test_continuous),
        cmocka_unit_test(test_repeats),    cmocka_unit_test(test_given),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_allocation), cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
