/* Several variables: laws that are narrow across the axes or far from 0, against closed forms and integrals taken without the library. */
#include <maxent/maxent.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NORMAL 2.83787706640934548356 /* log(2 pi e): the entropy of two independent standard normals */

typedef struct expected {
    const char *text;
    maxent_verdict verdict;
    double entropy;        /* NaN: none to compare */
    double within;
} expected;

static void check(const expected *list, size_t count, double limit)
{
    for (size_t i = 0; i < count; i++) {
        maxent_problem *problem;
        maxent_result *result;
        maxent_options options;
        maxent_diagnostic where;
        const char *text = list[i].text;
        if (maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where) != MAXENT_OK)
            fail_msg("%s: %s", text, where.message);
        maxent_options_init(&options);
        options.time_limit = limit;
        if (maxent_solve(problem, &options, &result, &where) != MAXENT_OK)
            fail_msg("%s: %s", text, where.message);
        double entropy = maxent_result_entropy(result);
        if (maxent_result_verdict(result) != list[i].verdict)
            fail_msg("%s: %s, %s", text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
        if (!isnan(list[i].entropy) && !(fabs(entropy - list[i].entropy) <= list[i].within))
            fail_msg("%s: entropy %.17g, not %.17g", text, entropy, list[i].entropy);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* Facts about quadratic polynomials leave a normal law, of entropy (n log(2 pi e) + log det S) / 2. */
static void test_normal(void **state)
{
    (void)state;
    const expected list[] = {
        /* x and x - y are independent */
        {"x in R; y in R; E[(x-y)^2]=0.01; E[x^2]=1", MAXENT_SOLVED, NORMAL + log(0.1), 1e-11},
        {"x in R; y in R; E[(x-y)^2]=1e-8; E[x^2]=1", MAXENT_SOLVED, NORMAL + log(1e-4), 1e-9},
        {"x in R; y in R; E[(x-y)^2]=0.01; E[x^2]=1e4", MAXENT_SOLVED, NORMAL + log(10.0), 1e-11},
        {"x in R; y in R; E[(x-y)^2]=0.01; E[x^2]=1; E[x]=0.5", MAXENT_SOLVED, NORMAL + 0.5 * log(0.0075), 1e-11},
        {"x in R; y in R; z in R; E[(x-y)^2]=.01; E[(y-z)^2]=.01; E[x^2]=1", MAXENT_SOLVED, 1.5 * NORMAL + log(0.01), 1e-11},
        /* scipy 1.15, SLSQP on mean and Cholesky factor of the covariance: 0.48867272064008 */
        {"x in R; y in R; E[(x-y)^2]=0.01; E[x^2]<=1; E[y]>=0.3", MAXENT_SOLVED, 0.48867272064, 1e-10},
        /* x + y of variance 1/2 and mean 3, x - y of .01; their Jacobian is 2 */
        {"x in R; y in R; prior exp(-(x+y-3)^2); E[(x-y)^2]=0.01", MAXENT_SOLVED, NORMAL + 0.5 * log(0.005) - log(2.0), 1e-11},
        {"c in {a,b}; x in R; y in R; E[(x-y)^2]=0.01; E[x^2]=1; P[c=a]=0.5", MAXENT_SOLVED, NORMAL + log(0.1) + log(2.0), 1e-11},
        /* as E[x^2] = 1 and E[y^2] = 2 are more than .1 apart */
        {"x in R; y in R; E[(x-y)^2]=0.01; E[x^2]=1; E[y^2]=2", MAXENT_INFEASIBLE, NAN, 0},
        {"x in R; y in R; E[(x-y)^2]=0; E[x^2]=1", MAXENT_SINGULAR, NAN, 0},
    };
    check(list, sizeof list / sizeof *list, 4);
}

/* The same between ends: Newton on 800 x 400 Gauss nodes, the inner line about the mean of y given x, in numpy. */
static void test_normal_between_ends(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in [0,inf); y in [0,inf); E[x]=1.75; E[y]=75; Var[x]=0.0049; Var[y]=144; Cov[x,y]=0.5", MAXENT_SOLVED, 2.4448070424996, 1e-10},
        {"x in [0,inf); y in [0,inf); E[x]=1.75; E[y]=5; Var[x]=0.0049; Var[y]=4; Cov[x,y]=0.05", MAXENT_SOLVED, 0.7965191038307, 1e-10},
        {"x in [0,inf); y in [0,inf); E[x]=1.75; E[y]=5; Var[x]=0.0049; Var[y]=4; Cov[x,y]=0.138", MAXENT_SOLVED, -0.9165136202893, 1e-10},
        {"x in [0,inf); y in R; E[x]=1.75; E[y]=5; Var[x]=0.0049; Var[y]=4; Cov[x,y]=0.05", MAXENT_SOLVED, 0.8035386586725, 1e-10},
    };
    check(list, sizeof list / sizeof *list, 4);
}

/* An interval beside a line without end, about 0 and about places far from it: facts of densities of known multipliers, integrated by
 * composite Gauss rules in numpy, whose entropies follow. */
static void test_one_end_less(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in [0,1]; y in R; prior 1+x^2*y^2; E[y^2]=0.37425196270048255; E[exp(-x^2-y^2)]=0.5728179398198893; "
         "E[x/(1+x^2+y^2)]=0.31512654218859293; P[x>0.4]=0.7799065724381158", MAXENT_SOLVED, 0.756914, 1e-6}, /* 1, -3, 2, -2 */
        {"x in [0,1]; y in R; prior 1+x^2*y^2; E[y^2]=2.1866983730022067; E[sin(2*x-y)]=0.035961286059885696; "
         "P[x>0.3 and y>0.5]=0.46444130299189396", MAXENT_SOLVED, 1.6203938240074, 1e-10}, /* .5, .6, -.6 */
        {"x in [0,inf); y in [-1,2]; prior x^2; E[x]=1.9870030909403675; E[exp(-x^2-y^2)]=0.06929067619589452; "
         "E[tanh(x*y)]=-0.5742457936595737", MAXENT_SOLVED, 1.5689456943387, 1e-10}, /* 2, 3, 2 */
        {"x in [0,1]; y in R; E[y^2]=0.2446838553428916; E[tanh(x*y)]=0.07881307361130269; E[cos(x+y)]=0.678157598783931; "
         "E[x*y]=0.08762158559144963", MAXENT_SOLVED, 0.6633359993243, 1e-10}, /* 2, -2, -.6, .1 */
        {"x in [0,inf); y in R; prior exp(-x^2-y^2); E[x^2]=0.49369898627048847; E[y^2]=0.23030876615855628; "
         "E[cos(x+y)]=0.5687156601318453; E[tanh(x*y)]=0.14733448570468238", MAXENT_SOLVED, 0.8959489547232, 1e-10}, /* .5, 2, .6, -2 */
        {"x in [100000,100001]; y in R; let u = x-100000; let v = y-100000; E[v^2]=0.2446838553428916; E[tanh(u*v)]=0.07881307361130269; "
         "E[cos(u+v)]=0.678157598783931; E[u*v]=0.08762158559144963", MAXENT_SOLVED, 0.6633359993243, 1e-9},
        {"x in [100000,100001]; y in R; let u = x-100000; let v = y-100000; prior 1+u^2*v^2; E[v^2]=0.42006228228721154; "
         "E[cos(u+v)]=0.7884864579549482; E[tanh(u*v)]=-0.08551694613353981; E[sin(2*u-v)]=0.4650982776871653", MAXENT_SOLVED, 0.869612,
         1e-6},
    };
    check(list, sizeof list / sizeof *list, 4);
}

/* Priors with cusps: scales of axes came from the rounding of 0, and they were told unbounded. Entropies: log Z + E[f], by mpmath from the
 * one-dimensional integrals along and across the cusp; the last one by Gauss rules in an octant. */
static void test_cusps(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in R; y in R; prior exp(-abs(x)-abs(y))", MAXENT_SOLVED, 2 + 2 * log(2.0), 1e-11},
        {"x in R; y in R; prior exp(-abs(x)-x^2-y^2)", MAXENT_SOLVED, 1.86789516633699, 1e-11},
        {"x in R; y in R; prior exp(-abs(x+y)-x^2-y^2)", MAXENT_SOLVED, 1.75942305948057, 1e-11},
        {"x in R; y in R; prior exp(-abs(x))", MAXENT_UNBOUNDED, NAN, 0},
    };
    check(list, sizeof list / sizeof *list, 4);
    /* breaks along curves that leave the middle of p: numpy, Gauss rules between hyperbolas */
    const expected hyperbola[] = {
        {"x in R; y in R; prior exp(-5*abs(x*y-1)-x^2-y^2)", MAXENT_SOLVED, 1.4642040664887, 1e-10},
    };
    check(hyperbola, 1, 60);
    const expected octants[] = {
        {"x in R; y in R; z in R; prior exp(-abs(x*y*z)-x^2-y^2-z^2)", MAXENT_SOLVED, 3.0092656072586, 1e-9},
    };
    check(octants, 1, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_between_ends),
        cmocka_unit_test(test_one_end_less),
        cmocka_unit_test(test_cusps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
