/* Continuous and countable supports against closed forms: the articles' results, families, verdicts of every kind, and what must be
 * refused. Entropies are formulas where there is one, else 50-digit quadrature (mpmath) of exp(-lambda f) at the solved lambda.
 */
#include <maxent/maxent.h>

#include "support/failing_alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct expected {
    const char *text;
    maxent_verdict verdict;
    double entropy;        /* NaN: not compared; of an unattained problem its supremum */
} expected;

#define PI 3.14159265358979323846
#define GAMMA 0.57721566490153286061 /* Euler */

static maxent_problem *compile(const char *text)
{
    maxent_problem *problem;
    maxent_diagnostic where;
    maxent_error error = maxent_problem_from_text(text, strlen(text), NULL, NULL, &problem, &where);
    if (error != MAXENT_OK)
        fail_msg("%s: %s", text, where.message);
    return problem;
}

static void check(const expected *e)
{
    maxent_problem *problem = compile(e->text);
    maxent_result *result;
    maxent_diagnostic where;
    maxent_certificate proof;
    if (maxent_solve(problem, NULL, &result, &where) != MAXENT_OK)
        fail_msg("%s: %s", e->text, where.message);
    maxent_result_certificate(result, &proof);
    if (maxent_result_verdict(result) != e->verdict)
        fail_msg("%s: %s (%s)", e->text, maxent_verdict_word(maxent_result_verdict(result)), maxent_result_message(result));
    double h = e->verdict == MAXENT_UNATTAINED ? proof.bound : maxent_result_entropy(result);
    if (!isnan(e->entropy) && !(fabs(h - e->entropy) <= 1e-12 * fmax(1, fabs(e->entropy))))
        fail_msg("%s: entropy %.17g, not %.17g", e->text, h, e->entropy);
    if (e->verdict == MAXENT_SOLVED || e->verdict == MAXENT_BOUNDARY) {
        assert_true(proof.residual <= 1e-12);
        assert_true(fabs(proof.gap) <= 1e-11 * fmax(1, fabs(h)));
    }
    assert_true(maxent_result_message(result)[0] != '\0');
    maxent_result_free(result);
    maxent_problem_free(problem);
}

#define CHECK_ALL(list)                                              \
    for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++)       \
    check(&(list)[i])

static void test_articles(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in [0, inf); E[x] = 2", MAXENT_SOLVED, 1 + log(2)},
        {"x in [0, inf); prior 2 + sin(x); E[x] <= 1", MAXENT_SOLVED, 0.98718052721404896}, /* lambda 1, Z 2.5: mpmath, 25 digits */
        {"x in (-inf, inf); E[x] = 1; E[x^2] = 5", MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1) * 4)},
        {"x in R; E[x] = 3", MAXENT_UNBOUNDED, NAN},
        {"x in [-1, 7]; E[x] = 3", MAXENT_SOLVED, log(8)},
        {"x in [0, 4]", MAXENT_SOLVED, log(4)},
    };
    CHECK_ALL(list);
}

static void test_families(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in R; E[(x - 1e6)^2] = 1e-6", MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1) * 1e-6)},
        {"x in R; E[abs(x - 3)] = 1e-7", MAXENT_SOLVED, 1 + log(2e-7)},
        {"x in R; E[log(1 + x^2)] = 1.3862943611198906", MAXENT_SOLVED, log(4 * PI)},
        {"x in [1, inf); E[log(x)] = 0.5", MAXENT_SOLVED, log(0.5) + 1 + 0.5},
        {"x in R; E[x/(1 + x^2)] = -2e-19; E[sqrt(1 + x^2)] = 1.2866488360387336", MAXENT_SOLVED, 1.2971182768613268}, /* K_0, K_1 */
        {"x in [1, inf); E[log(x)] = 20", MAXENT_SOLVED, 21 + log(20)}, /* 4e-16 of the mass is beyond 1e308 */
        {"n in 1..inf; E[log(n)] = 20", MAXENT_SOLVED, 24.0239648245596135}, /* zeta of s = 1.04861869919108435: mpmath */
        {"x in [0, 1]; E[log(x)] = -1; E[log(1 - x)] = -1", MAXENT_SOLVED, 0},
        {"x in [0, inf); E[log(x)] = 0.5; E[log(x)^2] = 2.5", MAXENT_SOLVED, 0.5 + 0.5 * log(2 * PI * exp(1) * 2.25)},
        {"x in R; E[x] = 0.57721566490153286; E[exp(-x)] = 1", MAXENT_SOLVED, 1 + GAMMA},
        {"x in R; prior exp(-x^2/2); E[x] = 5", MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1))},
        {"x in R; prior exp(-x^2/2); E[x] = 1e5", MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1))},
        {"x in R; E[x] = 1e8; E[(x - 1e8)^2] = 1", MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1))},
        {"x in [0, 1]; P[x < 0.25] = 0.5; P[x < 0.5] = 0.75", MAXENT_SOLVED, -0.25 * log(2)},
        {"c in {a, b}; x in R; P[c = a] = 0.3; E[x | c = a] = 1; E[x | c = b] = -1; E[x^2] = 4", MAXENT_SOLVED,
         -0.3 * log(0.3) - 0.7 * log(0.7) + 0.5 * log(2 * PI * exp(1) * 3)},
        {"x in R; y in R; E[x] = 1; E[y] = -2; E[x^2] = 3; E[x*y] = -1.5; E[y^2] = 5", MAXENT_SOLVED,
         log(2 * PI * exp(1)) + 0.5 * log(2 * 1 - 0.25)},
        {"x in 0..inf; E[x] = 2", MAXENT_SOLVED, 3 * log(3) - 2 * log(2)},
        {"x in 0..inf; prior exp(-lgamma(x + 1)); E[x] = 2", MAXENT_SOLVED, 1.70488264393298384}, /* Poisson, summed */
    };
    CHECK_ALL(list);
}

/* Ten moments of mixtures of normals, exact rationals rounded once: D = (N(-3, .5^2) + 2 N(0, 1) + N(2, .75^2)) / 4,
 * E = .9 N(0, 1) + .1 N(4, .5^2). Entropies: Newton in 80-bit arithmetic in the polynomials that are orthonormal under the mixture (found
 * in 40 digits), 400 Gauss points on [-10, 9] and on [-10, 11]; good to 1e-13. */
static void test_power_moments(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in R; E[x] = -0.25; E[x^2] = 3.953125; E[x^3] = -4.46875; E[x^4] = 32.7841796875; E[x^5] = -56.705078125;"
         "E[x^6] = 336.72991943359375; E[x^7] = -708.9256591796875; E[x^8] = 3908.3096046447754; E[x^9] = -9183.756217956543;"
         "E[x^10] = 49696.33685898781", MAXENT_SOLVED, 1.9595001174242979},
        {"x in R; E[x] = 0.4; E[x^2] = 2.525; E[x^3] = 6.7; E[x^4] = 30.71875; E[x^5] = 118.775;"
         "E[x^6] = 523.6234375; E[x^7] = 2218.65625; E[x^8] = 9861.841015625;"
         "E[x^9] = 43506.6765625; E[x^10] = 196853.72353515626", MAXENT_SOLVED, 1.6700650962026982},
        {"x in R; E[x] = -3.5; E[x^2] = 13.25; E[x^3] = -53.375; E[x^4] = 226.5625;"
         "E[x^5] = -1006.46875; E[x^6] = 4655.453125; E[x^7] = -22332.8984375;"
         "E[x^8] = 110753.31640625; E[x^9] = -566299.794921875; E[x^10] = 2978829.1298828125",
         MAXENT_SOLVED, 0.5 * log(2 * PI * exp(1))}, /* N(-3.5, 1) */
        /* .38 N(-3.6, .5^2) + .62 N(-2, .4^2): Newton in 50 digits, 20 Gauss points on each of 700 parts of [-20, 2.5]; ten moments
         * have a bump of mass 1e-12 at -15.6, twelve have none */
        {"x in R;"
         "E[x^1] = -2.608; E[x^2] = 7.599; E[x^3] = -24.31048; E[x^4] = 83.632274; E[x^5] = -303.6293288; "
         "E[x^6] = 1146.84568298; E[x^7] = -4462.619401048; E[x^8] = 17774.7673790038; E[x^9] = -72168.68127342808; "
         "E[x^10] = 297892.5854321787",
         MAXENT_SOLVED, 1.16173793899362905},
        {"x in R;"
         "E[x^1] = -2.608; E[x^2] = 7.599; E[x^3] = -24.31048; E[x^4] = 83.632274; E[x^5] = -303.6293288; "
         "E[x^6] = 1146.84568298; E[x^7] = -4462.619401048; E[x^8] = 17774.7673790038; E[x^9] = -72168.68127342808; "
         "E[x^10] = 297892.5854321787; E[x^11] = -1247856.0246093336; E[x^12] = 5298245.89424273",
         MAXENT_SOLVED, 1.15956258166115963},
    };
    CHECK_ALL(list);
}

/* log p without its constant. */
static long double quartic(const double *lambda, long double x)
{
    return -x * (lambda[0] + x * (lambda[1] + x * (lambda[2] + x * lambda[3])));
}

/* Adds exp(quartic) x^m, m = 0 .. 4, by the trapezoidal rule, which is exact to rounding where a bump dies out on both sides. */
static void add_bump(const double *lambda, long double middle, long double width, long double *sum)
{
    for (int j = -4000; j <= 4000; j++) {
        long double x = middle + width * j / 200, term = expl(quartic(lambda, x)) * width / 200;
        for (int m = 0; m <= 4; m++, term *= x)
            sum[m] += term;
    }
}

/* Beside a bulk that is nearly normal, a bump far out: its place is a root of the slope, found here from the multipliers alone, and the
 * moments of both parts are taken afresh. */
static void test_far_bumps(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double moment[4];
    } list[] = {
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.1; E[x^4] = 5", {0, 1, 0.1, 5}},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.01; E[x^4] = 4", {0, 1, 0.01, 4}},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = -0.001; E[x^4] = 4", {0, 1, -0.001, 4}},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.001; E[x^4] = 8", {0, 1, 0.001, 8}},   /* mass 3e-16 at 11000 */
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.001; E[x^4] = 20", {0, 1, 0.001, 20}}, /* mass 7e-18 at 39000 */
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result;
        double lambda[4], sign = list[i].moment[2] < 0 ? -1 : 1;
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        for (size_t j = 0; j < 4; j++) {
            maxent_fact fact;
            maxent_result_fact(result, j, &fact);
            lambda[j] = fact.lambda;
        }
        long double x = sign * 1e9L, curve = 0, sum[5] = {0}, bump[5] = {0};
        for (int step = 0; step < 200; step++) { /* down to the outermost root */
            curve = -(2 * lambda[1] + x * (6 * lambda[2] + x * 12 * lambda[3]));
            x += (lambda[0] + x * (2 * lambda[1] + x * (3 * lambda[2] + x * 4 * lambda[3]))) / curve;
        }
        assert_true(curve < 0 && sign * x > 10);
        add_bump(lambda, x, 1 / sqrtl(-curve), bump);
        add_bump(lambda, 0, 0.5L, sum);
        assert_true(bump[0] < 1e-4 * sum[0]);
        for (int m = 1; m <= 4; m++) { /* of multipliers rounded to doubles: the bump is known to rounding times |log p| terms there */
            double known = 1e-8 + 4 * 0x1p-52 * (double)(lambda[3] * x * x * x * x) * list[i].moment[3];
            double off = (double)((sum[m] + bump[m]) / (sum[0] + bump[0]) - list[i].moment[m - 1]);
            if (!(fabs(off) <= known))
                fail_msg("%s: moment %d is off by %g, known to %g", list[i].text, m, off, known);
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

static void test_several_variables(void **state) /* tests/cases/several_variables.py derives the numbers */
{
    (void)state;
    const expected list[] = {
        {"x in [0, 1]; y in [0, 1]; P[x < y] = 0.9", MAXENT_SOLVED, -0.9 * log(1.8) - 0.1 * log(0.2)},
        {"x in [0, 1]; y in [0, 1]; P[x + y < 1] = 0", MAXENT_BOUNDARY, -log(2)},
        {"x in [0, 1]; y in [0, 1]; E[max(x, y)] = 0.8; E[min(x, y)] = 0.5", MAXENT_SOLVED, -0.2777977503169475179},
        {"x in [-1, 1]; y in [-1, 1]; P[x^2 + y^2 < 1] = 0.5; E[x] = 0.1", MAXENT_SOLVED, 1.1778728887837689998},
        {"x in [0, 10]; y in [0, 10]; P[(x - 7)^2 + (y - 2)^2 < 1e-4] = 0.5", MAXENT_SOLVED,
         -0.5 * log(0.5 / (PI * 1e-4)) - 0.5 * log(0.5 / (100 - PI * 1e-4))},
        {"x in [0, 1]; y in [0, 1]; prior x + y <= 1; E[log(x)] = -1; E[log(y)] = -1.5; E[log(1 - x - y)] = -2", MAXENT_SOLVED,
         -0.86333701304019706401},
        {"x in [0, inf); y in [0, inf); E[x] = 1; E[y] = 2; P[x < y] = 0.5", MAXENT_SOLVED, 2.5858461124866007383},
        {"x in R; y in R; E[sqrt(x^2 + y^2)] = 1", MAXENT_SOLVED, 2 + log(PI / 2)},
        {"x in R; y in R; E[log(1 + x^2 + y^2)] = 4", MAXENT_SOLVED, log(4 * PI) + 5}, /* 1/(4 pi) (1 + r^2)^-1.25: 1e-10 beyond 1e20 */
        {"x in R; y in R; E[log(1 + x^2)] = 1.3862943611198906; E[log(1 + y^2)] = 1.3862943611198906", MAXENT_SOLVED, 2 * log(4 * PI)},
        {"x in [1, inf); y in R; E[log(x)] = 0.7; E[y^2/x] = 1", MAXENT_SOLVED, /* Pareto, and a normal of variance x */
         1.7 + log(0.7) + 0.5 * (log(2 * PI * exp(1)) + 0.7)},
        {"x in R; y in R; E[y^4] = 3; E[x^4] <= 3; E[y^2] = 1; E[x^2] = 1", MAXENT_SOLVED, log(2 * PI * exp(1))}, /* normal */
        {"x in R; y in R; E[x^4] = 1; E[y^4] = 1; E[x^2*y^2] = 0.3", MAXENT_SOLVED, 2.3462983897134902283},
        {"x in R; y in R; E[x] = 0; E[y] = 0; E[x^2] = 1; E[x*y] = 0.999; E[y^2] = 1", MAXENT_SOLVED,
         log(2 * PI * exp(1)) + 0.5 * log(1 - 0.999 * 0.999)},
        {"x in R; y in R; z in R; E[x] = 0; E[y] = 0; E[z] = 0; E[x^2] = 1; E[y^2] = 1; E[z^2] = 1; E[x*y] = .5; E[y*z] = .5; E[x*z] = .5",
         MAXENT_SOLVED, 1.5 * log(2 * PI * exp(1)) + 0.5 * log(0.5)},
        {"x in [0, inf); y in [0, inf); z in [0, inf); E[x] = 1; E[y] = 2; E[z] = 3", MAXENT_SOLVED, 3 + log(6)},
        {"x in [0, 1]; y in [0, 1]; z in [0, 1]; P[x + y + z < 1] = 0.5", MAXENT_SOLVED, -0.5 * log(3) - 0.5 * log(0.6)},
    };
    CHECK_ALL(list);
}

/* Peaks that no rule of nodes would meet by chance: by hand, or by tests/cases/narrow.py. */
static void test_narrow(void **state)
{
    (void)state;
    const double spike = (1 + 1e6) * exp(-12.3456), geometric = 1 / -expm1(-1e-4), z = geometric + 1e6 * exp(-12.3456);
    double slopes = 20 / 60e6, waves = 1 - 10 * PI / 60 + slopes;
    const expected list[] = {
        {"x in [0, 1]; prior 1 + 1e4*exp(-1e8*(x - .4321)^2)", MAXENT_SOLVED, -4.5504568675930198111},
        {"x in [0, 1]; E[exp(-1e8*(x - .4321)^2)] = 0.3", MAXENT_SOLVED, -2.2931929118940333586},
        {"x in [0, 1]; P[(x - .4321)^2 <= 1e-8] = 0.5", MAXENT_SOLVED, -0.5 * log(0.5 / 2e-4) - 0.5 * log(0.5 / (1 - 2e-4))},
        {"x in [0, 1]; P[abs(x - .4321) <= 1e-4] = 0.5", MAXENT_SOLVED, -0.5 * log(0.5 / 2e-4) - 0.5 * log(0.5 / (1 - 2e-4))},
        {"x in [0, 1]; E[x^100000] = 0.1", MAXENT_SOLVED, -1.0624142779432691506},
        {"x in R; prior exp(-x^2/2) + 1e5*exp(-1e8*(x - 12.345)^2)", MAXENT_SOLVED, -6.5792572372814764700},
        {"x in R; E[exp(-((x + 320)/8)^2)] = 0.406", MAXENT_UNBOUNDED, NAN},
        {"x in R; E[exp(-((x + 320)/8)^2)] = 1.406", MAXENT_INFEASIBLE, NAN},
        {"n in 0..inf; prior exp(-.0001*n)*(1 + 1e6*(n == 123456))", MAXENT_SOLVED,
         log(z) + 1e-4 * (geometric * geometric * exp(-1e-4) + 123456e6 * exp(-12.3456)) / z - log1p(1e6) * spike / z},
        {"n in 0..inf; E[n] = 10; E[exp(-1000*(n - 123456)^2)] = 1e-6", MAXENT_SOLVED, 3.33917305803071463863},
        {"x in [0, 1]; y in [0, 1]; P[max(abs(x - .3), abs(y - .7)) <= 1e-4] = 0.5", MAXENT_SOLVED,
         -0.5 * log(0.5 / 4e-8) - 0.5 * log(0.5 / (1 - 4e-8))},
        {"x in [0, 1]; y in [0, 1]; prior 1 + 1e4*exp(-1e7*(x - .4)^2)", MAXENT_SOLVED, -5.5058784656086122415},
        {"x in [0, 1]; y in [0, 1]; E[(x - .5)^2 + (y - .5)^2] = 1e-6", MAXENT_SOLVED, log(PI * 1e-6) + 1},
        /* facts of the density with multipliers .5578081458180864, -.698819931007411, 1.9732161162651716, .3092154255917036 and
         * -.10275093789467224, integrated by 400 x 400 Gauss points: what looks narrow at an end of the support is not */
        {"x in [0, 3]; y in R; E[y^2] = 1.0661018554853519; E[x] = 2.156595124259539; E[exp(-x^2 - y^2)] = 0.036166553030303875;"
         "E[y] = -0.3024995038418312; E[log(1 + x^2 + y^2)] = 1.8747983955940333", MAXENT_SOLVED, 2.18422300477822},
        /* More waves than are looked at one by one, in cells (a variable is whole). At the 20 ends of those where sin > 0 there is mass
         * 1 / (1e6 60) each, within 1e-7; nodes of the cells behind those ends see nothing of it: 1.4e-6 less entropy. */
        {"x in [0, 1]; n in 0..inf; prior exp(-1e6*max(sin(60*x), 0)); E[n] = 2", MAXENT_SOLVED, log(6.75) + log(waves) + slopes / waves},
        {"x in R; y in R; E[exp(-((x - 1000)^2 + (y - 1)^2))] = 0.3", MAXENT_UNBOUNDED, NAN},
        {"x in [0, 1]; y in [0, 1]; E[exp(-((x - .4)^2 + (y - .6)^2)*1e5)] = 1.2", MAXENT_INFEASIBLE, NAN},
    };
    CHECK_ALL(list);
}

static void test_existence(void **state)
{
    (void)state;
    double normal = 0.5 * log(2 * PI * exp(1));
    const expected list[] = {
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 4", MAXENT_UNATTAINED, normal},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 3.001", MAXENT_UNATTAINED, normal},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0.1", MAXENT_UNATTAINED, normal},
        /* six moments of a drawn law, and more of |x|^6.5 than it has: only approached; 1e-8 |x|^6.5 overtakes x^6 beyond 1e10 */
        {"x in R; E[x^k] = {-2.461588619540514, 6.073911316041192, -15.022145368784326, 37.23751774129506, -92.51047380916899, "
         "230.32443197704808} for k in 1..6; E[abs(x)^6.5] >= 474.4419324088314", MAXENT_UNATTAINED, NAN},
        {"x in [0, inf); E[x] = 1; E[x^2] = 3", MAXENT_UNATTAINED, 1},
        /* with a standard error too: far mass costs nothing, and so no penalty is paid */
        {"x in R; E[x^2] = 1; E[x^4] = 3.5 +- 0.01", MAXENT_UNATTAINED, normal},
        {"x in R; E[x^2] = 1; E[x^3] = 0.5 +- 0.1", MAXENT_UNATTAINED, normal},
        {"x in R; E[x^2] = 1; E[x^4] = 3 +- 0.1", MAXENT_SOLVED, normal},
        {"n in 0..inf; E[n] = 1; E[n^2] = 4 +- .1", MAXENT_UNATTAINED, 2 * log(2)},
        /* variance s: the slope 1/(2 s) of the entropy is that of the penalty, (s - 1)/.01 */
        {"x in R; E[x^2] = 1 +- 0.1; E[x^4] = 5 +- 0.1", MAXENT_UNATTAINED, normal + 0.5 * log((1 + sqrt(1.02)) / 2)},
        {"x in R; prior 1/(1 + x^2); E[x] = 1", MAXENT_UNATTAINED, log(4 * PI)}, /* the Cauchy itself has no mean */
        {"x in [0, 1]; E[1/(x - 0.3)] = 0", MAXENT_UNATTAINED, 0},              /* nor has this, where p > 0 at 0.3 */
        {"x in [0, inf); E[log(x)] = 0", MAXENT_UNBOUNDED, NAN},
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 1", MAXENT_SINGULAR, NAN},
        {"x in R; E[x^2] = 0", MAXENT_SINGULAR, NAN},
        {"x in R; E[x^2 - -0.75*x] = -0.140625", MAXENT_SINGULAR, NAN}, /* (x + 0.375)^2 less its constant */
        {"x in [0, inf); E[x] = 1; E[x^2] = 1", MAXENT_SINGULAR, NAN},
        {"x in R; E[x^2] = 1; E[abs(x)] = 1", MAXENT_SINGULAR, NAN},
        {"x in [0, 1]; E[x] = 1", MAXENT_SINGULAR, NAN},
        {"x in [-pi, pi]; E[cos(x)] = 0.6; E[sin(x)] = 0.8", MAXENT_SINGULAR, NAN},
        {"x in [0, 1]; E[x] = 1.25", MAXENT_INFEASIBLE, NAN},
        {"x in [0, 1]; E[x] = 0.5; E[x^2] = 0.2", MAXENT_INFEASIBLE, NAN},
        {"x in [0, inf); E[x] = 1; E[log(x)] = 0.1", MAXENT_INFEASIBLE, NAN},
        {"x in R; E[x^2] = 0.574 +- 0.24; E[x^3] = -0.1357; E[exp(x^3)] = 0.8713", MAXENT_INFEASIBLE, NAN}, /* exp(-0.1357) = 0.8731 */
        {"x in [0, 1]; P[x < 0.5] = 0", MAXENT_BOUNDARY, -log(2)},
        {"x in 0..inf; E[x] = 0", MAXENT_BOUNDARY, 0},
        {"x in 0..inf; E[x] = 2; P[x >= 10] = 0.2", MAXENT_BOUNDARY, 0.50040242353818787}, /* x >= 10 [x >= 10]: on 0 and 10, 0.8 and 0.2 */
        {"x in 0..inf; P[x >= 10] = 0.2; E[x] = 2", MAXENT_BOUNDARY, 0.50040242353818787},
        {"x in -inf..inf; E[x] = 0.5; E[x^2] = 0.5", MAXENT_BOUNDARY, log(2)},
        {"x in -inf..inf; E[abs(x)] = 2; P[x > 5] = 0", MAXENT_BOUNDARY, 2.3653392476981227},
        {"x in [0, inf); E[x] <= 1; P[x > 1.5] = 0", MAXENT_BOUNDARY, log(1.5)},
        {"x in [0, inf); prior 2 + sin(x); E[exp(-x)] = 0.30384865525586957; E[x] = 2.496124464144697", MAXENT_SOLVED, 1.8783007848991255},
        {"x in R; E[(x + 1.875)^2] = 0", MAXENT_SINGULAR, NAN},
        {"x in R; E[x] = -1.625; E[(x + 1.625)^2] = 4; E[(x + 1.625)^4] = 16", MAXENT_SINGULAR, NAN}, /* E[y^4] = E[y^2]^2 */
        {"x in R; E[x] = 1.25; E[(x - 1.25)^2] = 1; E[(x - 1.25)^4] = 1", MAXENT_SINGULAR, NAN},
        {"x in R; y in R; E[(x - y)^2] = 0; E[x^2] = 0.25", MAXENT_SINGULAR, NAN}, /* on a line */
        {"x in (-inf, 5]; E[(x - 0.125)^4] = 0; E[cos(x)] >= -1", MAXENT_SINGULAR, NAN},
        {"c in {a, b}; x in R; P[c = a] = 0.5; E[x | c = a] = 1; E[x^2 | c = a] = 1; E[x^2] = 3", MAXENT_SINGULAR, NAN},
        {"x in [0, inf); E[sin(x)] = 1.01; E[1/(1 + x^2)] = 0.8", MAXENT_INFEASIBLE, NAN},
        {"x in 0..inf; E[abs(max(3 - x, 0))] = 2.9; E[abs(max(3 - x, 0))^3] <= 22", MAXENT_INFEASIBLE, NAN}, /* 2.9^3 = 24.389 */
        {"x in [0, inf); E[x] = -0.1; E[x^2] = 0.5", MAXENT_INFEASIBLE, NAN},
        {"x in [0, inf); prior x^-0.5; E[x] = -0.1", MAXENT_INFEASIBLE, NAN}, /* x >= 0, whatever is singular at 0 */
    };
    CHECK_ALL(list);
}

/* Clashes come down to the facts that make them, with the nearest targets that would do. */
static void test_repairs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t facts;
        double repair[4]; /* NAN: not part of the clash */
    } list[] = {
        {"x in R; E[x] = 2; E[x^2] = 3.9", 2, {1.97484176581315, 4}},                             /* E[x]^2 <= E[x^2] */
        {"x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 1; E[x^4] = 1.9", 4, {1.0 / 19, 0.853174823419815, 0.948683298050514, 2}}, /* below */
        {"x in R; E[x] = 0; E[x^2] = 1; P[abs(x) > 2] = 0.3", 3, {NAN, 1.2, 0.25}},              /* Chebyshev's inequality */
        {"x in [0, inf); E[x] = 1; E[log(x)] = 0.1; E[x^2] = 5", 3, {1.10517091807564763, 0, NAN}}, /* Jensen's inequality */
        {"x in -inf..inf; E[x] = 0.25; E[x^2] = 0.2", 2, {0.2, 0.25}},                           /* x <= x^2 on whole numbers */
        {"x in [0, 1]; E[x] in [0.2, 0.3]; E[x^2] in [0.4, 0.5]", 2, {0.4, 0.3}},
    };
    /* the Hankel matrix (1 m a; m a s; a s k) of the moments is singular: -1.9 m^2 + 2 m - 0.1 = 0; 1.9 a - 1 = a^3; 1.9 = 1 + s^2 */
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result;
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_verdict(result), MAXENT_INFEASIBLE);
        for (size_t j = 0; j < list[i].facts; j++) {
            maxent_fact fact;
            maxent_result_fact(result, j, &fact);
            double want = list[i].repair[j];
            if (isnan(want) ? !isnan(fact.repair) || fact.direction != 0 : !(fabs(fact.repair - want) <= 1e-9))
                fail_msg("%s: repair %.17g of %s", list[i].text, fact.repair, fact.text);
        }
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* With p = exp(-l/x)/Z on 0 .. 1: Z = exp(-l) - l E1(l), E[1/x] = E1(l)/Z, solved for l to 40 digits (mpmath). Values of 1/x up to 1e20
 * carry E[1/x] = 50, up to 1e75 E[1/x] = 170, and p comes to its end long before the nodes do. */
static void test_large_values(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double lambda;
    } list[] = {
        {"x in [0, 1]; E[1/x] = 40", 2.3852787861852e-18},
        {"x in [0, 1]; E[1/x] = 50", 1.08291489356753e-22},
        {"x in [0, 1]; E[1/x] = 85", 6.8279048452454239e-38},
        {"x in [0, 1]; E[1/x] = 100", 2.0886719363262349e-44},
        {"x in [0, 1]; E[1/x] = 170", 8.3034102976679323e-75},
        {"x in [0, 1]; E[1/x] = 400", 1.0752901327140454e-174},
        {"x in [0, 1]; E[1/x] = 600", 1.4880902798972529e-261},
        {"x in [0, 1]; E[1/x] = 650", 2.8701539011084105e-283},
        {"x in [0, 1]; E[1/x] = 100; E[1/(1 - x)] = 80", 2.0886719363262349e-44}, /* as without the other, whose lambda is 1e-35 */
        {"x in [-1, 0]; E[1/x] = -85", -6.8279048452454239e-38},
        {"x in [0, inf); E[1/x] = 100; E[x] = 1", 1.1727046667103739e-44}, /* Bessel functions of 2 sqrt(lambda_1 lambda_2) */
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result;
        maxent_fact fact;
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        maxent_result_fact(result, 0, &fact);
        if (!(fabs(fact.lambda / list[i].lambda - 1) <= 1e-11 * fact.target + 1e-9) || /* its logarithm is off as E[1/x] is */
            !(fabs(fact.achieved / fact.target - 1) <= 1e-9))
            fail_msg("%s: lambda %.17g, achieved %.17g", list[i].text, fact.lambda, fact.achieved);
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

/* What cannot be settled is said, and nothing else is claimed. */
static void test_honest(void **state)
{
    (void)state;
    const expected list[] = {
        {"x in [1, inf); E[log(x)] = 100", MAXENT_UNFINISHED, NAN},             /* Pareto beyond the range of doubles */
        {"n in 1..inf; E[log(n)] = 50", MAXENT_UNFINISHED, NAN},                /* zeta of s = 1.02: as the first */
        {"x in [0, 1]; E[1/x] = 720", MAXENT_UNFINISHED, NAN},                  /* exp(-l/x) with l = e^-720 */
        {"x in [0, inf); E[x] = 1e306", MAXENT_UNFINISHED, NAN},                /* exponential, beyond what is looked at; not infeasible */
        {"x in (0, 1); E[log(x)] = -50", MAXENT_UNFINISHED, NAN},               /* x^-0.98: 1e-6 of it is below e^-690 */
    };
    CHECK_ALL(list);
    maxent_problem *problem = compile("x in [-1, 1]; E[log(x)] = -1");
    maxent_result *result;
    maxent_diagnostic where;
    assert_int_equal(maxent_solve(problem, NULL, &result, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "not a number"));
    maxent_problem_free(problem);
    problem = compile("x in [0, 1]; prior x > 2; E[x] = 0.5");
    assert_int_equal(maxent_solve(problem, NULL, &result, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "zero"));
    maxent_problem_free(problem);
}

/* A limit stops the work: fewer passes than the same problem takes when left alone (about a second). */
static void test_time_limit(void **state)
{
    (void)state;
    maxent_problem *problem = compile("x in R; y in R; E[sqrt(x^2 + y^2)] = 1");
    maxent_effort effort[2];
    for (int t = 0; t < 2; t++) {
        maxent_options options;
        maxent_result *result;
        maxent_options_init(&options);
        options.time_limit = t == 0 ? 0.005 : 0;
        assert_int_equal(maxent_solve(problem, &options, &result, NULL), MAXENT_OK);
        maxent_result_effort(result, &effort[t]);
        if (t == 0)
            assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
        maxent_result_free(result);
    }
    assert_true(effort[0].evaluations < effort[1].evaluations);
    maxent_problem_free(problem);
}

static void test_threads(void **state)
{
    (void)state;
    maxent_problem *problem = compile("x in R; E[x] = 0.25; E[x^2] = 4.65625; E[x^3] = -1.625; E[x^4] = 38.943359375");
    double entropy[2];
    for (int t = 0; t < 2; t++) {
        maxent_options options;
        maxent_result *result;
        maxent_options_init(&options);
        options.threads = 1 + t;
        assert_int_equal(maxent_solve(problem, &options, &result, NULL), MAXENT_OK);
        entropy[t] = maxent_result_entropy(result);
        maxent_result_free(result);
    }
    assert_true(entropy[0] == entropy[1]);
    assert_true(fabs(entropy[0] - 1.98349024106141860) < 1e-12); /* 60-digit Newton, two quadratures */
    maxent_problem_free(problem);
}

static void test_memory(void **state)
{
    (void)state;
    static const char *const text[] = {"x in [0, inf); E[x] = 2", "x in [0, 1]; E[x] = 1.25", "x in R; E[x] = 3",
                                       "x in 0..inf; E[x] = 0", "x in R; E[x^2] = 1; E[x^4] = 4",
                                       "x in [0, 1]; y in [0, 1]; P[x < y] = 0.9",
                                       "x in R; y in R; E[x] = 0; E[y] = 0; E[x^2] = 1; E[x*y] = 0.5; E[y^2] = 1",
                                       "x in [0, 1]; y in [0, 1]; P[x + y < 1] = 0",
                                       "x in [0, 1]; E[1/x] = 100", "x in [0, 3]; y in R; E[log(1 + x^2 + y^2)] = 2",
                                       "x in R; y in R; E[(x-y)^2] = .01; E[x^2] <= 1",
                                       "x in [0, inf); y in R; E[x] = 2; E[x^2] = 4.1; E[(y-x)^2] = 1; E[y] = 2",
                                       "x in [0, 1]; y in R; prior 1 + x^2*y^2; E[y^2] = 2"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        maxent_problem *problem = compile(text[i]);
        size_t failed = 1;
        for (size_t fail = 1; failed > 0; fail += fail < 60 ? 1 : 13 + fail / 8) {
            maxent_result *result = NULL;
            maxent_options options;
            maxent_options_init(&options);
            options.threads = 1;
            failing_alloc_start(fail, 0);
            maxent_error error = maxent_solve(problem, &options, &result, NULL);
            failed = failing_alloc_stop();
            if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY)
                fail_msg("%s: allocation %zu: %s", text[i], fail, maxent_error_text(error));
            assert_true((error == MAXENT_OK) == (result != NULL));
            maxent_result_free(result);
        }
        maxent_problem_free(problem);
    }
}

/* Zeta distributions of exponent s, from -zeta'(s) / zeta(s): mean zeta(s - 1) / zeta(s) when s > 2, sd when s > 3 (mpmath, 30 digits).
 * Beyond 2^53 whole numbers are no longer told apart, and most of the sum for the mean of s = 2.087 is there. */
static void test_tails_of_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double mean, sd;
    } list[] = {
        {"n in 1..inf; E[log(n)] = 0.1", 1.18966431179075, 0.943262411773072}, /* s = 3.50417784067828 */
        {"n in 1..inf; E[log(n)] = 0.2", 1.49271504002825, INFINITY},          /* s = 2.81912188969392 */
        {"n in 1..inf; E[log(n)] = 0.5", 7.71453673570285, INFINITY},          /* s = 2.08671293191355 */
        {"n in 1..inf; E[log(n)] = 5", INFINITY, NAN},                         /* s = 1.18034 */
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        maxent_problem *problem = compile(list[i].text);
        maxent_result *result;
        maxent_moments m;
        double quantile, half = 0.5;
        assert_int_equal(maxent_solve(problem, NULL, &result, NULL), MAXENT_OK);
        assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
        assert_int_equal(maxent_result_moments(result, 0, &m), MAXENT_OK);
        if (!(isinf(list[i].mean) ? m.mean == list[i].mean : fabs(m.mean - list[i].mean) <= 1e-9 * list[i].mean))
            fail_msg("%s: mean %.15g", list[i].text, m.mean);
        if (!(isnan(list[i].sd) ? isnan(m.sd) : isinf(list[i].sd) ? m.sd == list[i].sd : fabs(m.sd - list[i].sd) <= 1e-8 * list[i].sd))
            fail_msg("%s: sd %.15g", list[i].text, m.sd);
        assert_int_equal(maxent_result_quantile(result, 1, &half, &quantile), MAXENT_OK);
        assert_true(quantile >= 1.0 && quantile == floor(quantile));
        maxent_result_free(result);
        maxent_problem_free(problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_articles), cmocka_unit_test(test_families), cmocka_unit_test(test_existence),
                                       cmocka_unit_test(test_power_moments), cmocka_unit_test(test_far_bumps),
                                       cmocka_unit_test(test_several_variables),
                                       cmocka_unit_test(test_narrow),
                                       cmocka_unit_test(test_repairs), cmocka_unit_test(test_tails_of_counts),
                                       cmocka_unit_test(test_large_values), cmocka_unit_test(test_honest),
                                       cmocka_unit_test(test_time_limit), cmocka_unit_test(test_threads), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
