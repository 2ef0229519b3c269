/* Draws from densities of two and three running variables.
 *
 * Draws are held against what the facts fix (they are expectations under the answer), against laws in closed form, and stay inside
 * the support. Seeds are fixed, so that these tests either always pass or never; 4.5 standard errors are allowed.
 */
#include <maxent/distribution.h>
#include <maxent/solve.h>

#include "support/failing_alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 20000 };

static maxent_result *solved(const char *text, maxent_problem **problem)
{
    maxent_result *result;
    maxent_options options;
    maxent_options_init(&options);
    options.time_limit = 600; /* under valgrind, or beside busy programs */
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, problem, NULL), MAXENT_OK);
    assert_int_equal(maxent_solve(*problem, &options, &result, NULL), MAXENT_OK);
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    return result;
}

/* COUNT points; to be freed. */
static double *draws(const char *text, size_t variables)
{
    maxent_problem *problem;
    maxent_result *result = solved(text, &problem);
    maxent_sampler *sampler;
    double *x = malloc(COUNT * variables * sizeof *x);
    assert_int_equal(maxent_sampler_new_result(result, 11, &sampler), MAXENT_OK);
    maxent_sampler_draw_points(sampler, COUNT, x);
    maxent_sampler_free(sampler);
    maxent_result_free(result);
    maxent_problem_free(problem);
    return x;
}

/* Is the mean of f over the draws what is wanted? */
static void has_mean(const double *x, size_t variables, double (*f)(const double *x), double want)
{
    double sum = 0.0, square = 0.0;
    for (size_t j = 0; j < COUNT; j++) {
        double y = f(x + j * variables);
        sum += y - want;
        square += (y - want) * (y - want);
    }
    double mean = sum / COUNT, error = sqrt((square / COUNT - mean * mean) / COUNT);
    if (!(fabs(mean) <= 4.5 * error))
        fail_msg("mean %.6g, wanted %.6g, standard error %.2g", want + mean, want, error);
}

static double first(const double *x)
{
    return x[0];
}

static double product(const double *x)
{
    return x[0] * x[1];
}

static double fourth(const double *x)
{
    return x[0] * x[0] * x[0] * x[0];
}

static double squares(const double *x)
{
    return x[0] * x[0] * x[1] * x[1];
}

static double less(const double *x)
{
    return x[0] < x[1];
}

static double log_first(const double *x)
{
    return log(x[0]);
}

static double all_three(const double *x)
{
    return x[0] * x[1] * x[2];
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void a_plane(void **unused)
{
    (void)unused;
    double *x = draws("x in (-inf, inf); y in (-inf, inf); E[x^4] = 1; E[y^4] = 1; E[x^2 * y^2] = 0.3", 2);
    has_mean(x, 2, first, 0.0);
    has_mean(x, 2, fourth, 1.0);
    has_mean(x, 2, squares, 0.3);
    free(x);
}

/* E[r] = 1 on the plane: p = exp(-2 r) 2 / pi, r is a gamma variable of shape 2: P[R <= r] = 1 - exp(-2 r) (1 + 2 r). The distance of
 * Kolmogorov and Smirnov times sqrt(n) is above 2.2 with probability 1e-4. */
static void a_radius(void **unused)
{
    (void)unused;
    double *x = draws("x in (-inf, inf); y in (-inf, inf); E[sqrt(x^2 + y^2)] = 1", 2), far = 0.0;
    for (size_t j = 0; j < COUNT; j++) {
        double r = hypot(x[2 * j], x[2 * j + 1]);
        x[j] = 1.0 - exp(-2.0 * r) * (1.0 + 2.0 * r);
    }
    qsort(x, COUNT, sizeof *x, by_size);
    for (size_t j = 0; j < COUNT; j++)
        far = fmax(far, fmax(x[j] - (double)j / COUNT, ((double)j + 1.0) / COUNT - x[j]));
    assert_true(far * sqrt((double)COUNT) < 2.2);
    free(x);
}

/* A jump across the square, and sides at which p is infinite: x^-0.9 and its like. */
static void a_square(void **unused)
{
    (void)unused;
    double *x = draws("x in [0, 1]; y in [0, 1]; P[x < y] = 0.3; E[x] = 0.5", 2);
    has_mean(x, 2, less, 0.3);
    has_mean(x, 2, first, 0.5);
    for (size_t j = 0; j < 2 * COUNT; j++)
        assert_true(x[j] >= 0.0 && x[j] <= 1.0);
    free(x);
    x = draws("x in (0, 1]; y in [0, 1]; E[log(x)] = -10; E[x * y] = 0.1", 2);
    has_mean(x, 2, log_first, -10.0);
    has_mean(x, 2, product, 0.1);
    free(x);
}

static void three(void **unused)
{
    (void)unused;
    double *x = draws("x in [-1, 1]; y in [-1, 1]; z in [-1, 1]; E[x * y * z] = 0.2", 3);
    has_mean(x, 3, all_three, 0.2);
    has_mean(x, 3, first, 0.0);
    free(x);
}

/* A normal: means 1, -2, 3, variances 4, 1, 9, covariances 1.2, -3, 0, so that x y has mean 1.2 - 2, and x's fourth moment about its mean
 * is 3 * 16. The square of Mahalanobis' distance, with the inverse of that matrix, is chi squared: mean 3, mean square 3 (3 + 2). */
static double distance(const double *x)
{
    static const double covariance[3][3] = {{4, 1.2, -3}, {1.2, 1, 0}, {-3, 0, 9}};
    static const double mean[3] = {1, -2, 3};
    double l[3][3] = {{0}}, z[3], square = 0;
    for (int i = 0; i < 3; i++) {
        double rest = x[i] - mean[i];
        for (int j = 0; j <= i; j++) {
            double sum = covariance[i][j];
            for (int m = 0; m < j; m++)
                sum -= l[i][m] * l[j][m];
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
        for (int j = 0; j < i; j++)
            rest -= l[i][j] * z[j];
        z[i] = rest / l[i][i];
        square += z[i] * z[i];
    }
    return square;
}

static double distance_squared(const double *x)
{
    return distance(x) * distance(x);
}

static double fourth_about_one(const double *x)
{
    return pow(x[0] - 1, 4);
}

static double third_variable(const double *x)
{
    return x[2];
}

static void a_normal(void **unused)
{
    (void)unused;
    const char *text = "x in R; y in R; z in R; E[x] = 1; E[y] = -2; E[z] = 3; E[(x - 1)^2] = 4; E[(y + 2)^2] = 1; E[(z - 3)^2] = 9;"
                       "E[(x - 1)*(y + 2)] = 1.2; E[(x - 1)*(z - 3)] = -3; E[(y + 2)*(z - 3)] = 0";
    double *x = draws(text, 3);
    has_mean(x, 3, first, 1.0);
    has_mean(x, 3, third_variable, 3.0);
    has_mean(x, 3, product, 1.2 - 2.0);
    has_mean(x, 3, fourth_about_one, 48.0);
    has_mean(x, 3, distance, 3.0);
    has_mean(x, 3, distance_squared, 15.0);
    free(x);
    maxent_problem *problem;
    maxent_result *result = solved(text, &problem);
    maxent_sampler *sampler;
    size_t failed;
    for (size_t k = 1;; k++) {
        failing_alloc_start(k, 0);
        maxent_error error = maxent_sampler_new_result(result, 3, &sampler);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        if (failed == 0)
            break;
    }
    maxent_sampler_free(sampler);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Whole numbers: independent geometric ones would have E[x y] = 6. */
static void whole(void **unused)
{
    (void)unused;
    double *x = draws("x in 0..inf; y in 0..inf; E[x] = 3; E[y] = 2; E[x * y] = 4", 2);
    has_mean(x, 2, first, 3.0);
    has_mean(x, 2, product, 4.0);
    for (size_t j = 0; j < 2 * COUNT; j++)
        assert_true(x[j] >= 0.0 && x[j] == floor(x[j]));
    free(x);
}

static double class_a(const double *x)
{
    return x[0] == 0.0;
}

static double fourth_of_a(const double *x)
{
    return x[0] == 0.0 ? x[2] * x[2] * x[2] * x[2] : 0.0;
}

/* Names beside a plane: the level comes first. */
static void classes(void **unused)
{
    (void)unused;
    double *x = draws("c in {a, b}; x in (-inf, inf); y in (-inf, inf); P[c = a] = 0.3; E[x^2 | c = a] = 1; E[y^4 | c = a] = 2;"
                      "E[x^2 + y^2 | c = b] = 2", 3);
    has_mean(x, 3, class_a, 0.3);
    has_mean(x, 3, fourth_of_a, 0.3 * 2.0);
    free(x);
}

/* The same points for the same seed, however many are asked for at a time. */
static void in_parts(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = solved("x in [0, 1]; y in [0, 1]; E[x * y] = 0.3", &problem);
    double all[200], part[200];
    maxent_sampler *sampler;
    assert_int_equal(maxent_sampler_new_result(result, 3, &sampler), MAXENT_OK);
    maxent_sampler_draw_points(sampler, 100, all);
    maxent_sampler_free(sampler);
    assert_int_equal(maxent_sampler_new_result(result, 3, &sampler), MAXENT_OK);
    for (size_t j = 0; j < 100; j++)
        maxent_sampler_draw_points(sampler, 1, part + 2 * j);
    maxent_sampler_free(sampler);
    assert_memory_equal(all, part, sizeof all);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* r^2 = x^2 + y^2 is heavy-tailed: P[r^2 > q] = (1 + q)^(-2/3). Boxes miss a part of that, and nothing is drawn. */
static void heavy_tails(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = solved("x in (-inf, inf); y in (-inf, inf); E[log(1 + x^2 + y^2)] = 1.5", &problem);
    maxent_sampler *sampler = NULL;
    assert_int_equal(maxent_sampler_new_result(result, 3, &sampler), MAXENT_ERROR_UNSUPPORTED);
    assert_null(sampler);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

static void no_memory(void **unused)
{
    (void)unused;
    maxent_problem *problem;
    maxent_result *result = solved("x in [0, 1]; y in [0, 1]; E[x * y] = 0.3", &problem);
    maxent_sampler *sampler;
    double x[2];
    size_t k = 0, all, failed, step;
    failing_alloc_start(0, 0);
    assert_int_equal(maxent_sampler_new_result(result, 3, &sampler), MAXENT_OK);
    all = failing_alloc_count();
    failing_alloc_stop();
    failing_alloc_start(1, 0); /* the first of a draw */
    maxent_sampler_draw_points(sampler, 1, x);
    assert_int_equal(failing_alloc_stop(), 1);
    assert_true(isnan(x[0]) && isnan(x[1]));
    maxent_sampler_draw_points(sampler, 1, x);
    assert_true(x[0] >= 0.0 && x[0] <= 1.0);
    maxent_sampler_free(sampler);
    do { /* every one of the first and the last, every seventh of what the boxes ask for alike */
        step = k < 100 || k + 100 > all ? 1 : 7;
        failing_alloc_start(k += step, 0);
        maxent_error error = maxent_sampler_new_result(result, 3, &sampler);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        if (error == MAXENT_OK)
            maxent_sampler_free(sampler);
    } while (failed > 0);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plane),
        cmocka_unit_test(a_radius),
        cmocka_unit_test(a_square),
        cmocka_unit_test(three),
        cmocka_unit_test(a_normal),
        cmocka_unit_test(whole),
        cmocka_unit_test(classes),
        cmocka_unit_test(in_parts),
        cmocka_unit_test(heavy_tails),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
