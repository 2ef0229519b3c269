/* Problems from arrays, bytes and callbacks: what is stored, what is refused, blocks of features, no memory. */
#include "problem/problem.h"

#include "support/failing_alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double F[6] = {1, 10, 2, 20, 3, 30}; /* 3 states, 2 features */
static const double target[2] = {1.75, 17.5};

static maxent_diagnostic where;

static void says(maxent_error error, maxent_error expected, const char *message)
{
    assert_int_equal(error, expected);
    assert_int_equal(where.error, expected);
    if (strstr(where.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", where.message, message);
}

static void test_array(void **state)
{
    (void)state;
    maxent_problem *p;
    double block[4], hi[4], lo[4];
    assert_int_equal(maxent_problem_from_array(3, 2, F, 2, 1, target, &p, NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_states(p), 3);
    assert_int_equal(maxent_problem_facts(p), 2);
    assert_int_equal(maxent_problem_variables(p), 0);
    assert_string_equal(p->fact[1].text, "E[f2]");
    assert_true(p->fact[0].lower == 1.75 && p->fact[0].upper == 1.75 && p->fact[0].sd == 0);
    assert_true(p->fact[0].given == SIZE_MAX && !p->fact[0].hidden);
    assert_int_equal(mx_features_block(p, 1, 2, block), 0);
    assert_memory_equal(block, F + 2, sizeof block);
    assert_int_equal(mx_features_block_dd(p, 1, 2, hi, lo), 0);
    assert_memory_equal(hi, F + 2, sizeof hi);
    assert_true(lo[0] == 0 && lo[3] == 0);
    assert_int_equal(mx_features_block(p, 0, 0, NULL), 0);
    maxent_problem_free(p);

    /* feature-major: the transpose of the same */
    const double columns[6] = {1, 2, 3, 10, 20, 30};
    assert_int_equal(maxent_problem_from_array(3, 2, columns, 1, 3, target, &p, NULL), MAXENT_OK);
    assert_int_equal(mx_features_block(p, 1, 2, block), 0);
    assert_memory_equal(block, F + 2, sizeof block);
    maxent_problem_free(p);

    assert_int_equal(maxent_problem_from_array(3, 0, NULL, 0, 0, NULL, &p, NULL), MAXENT_OK); /* no facts */
    assert_int_equal(mx_features_block(p, 0, 3, NULL), 0);
    maxent_problem_free(p);
    maxent_problem_free(NULL);
}

static int fill(void *user, size_t first, size_t count, double *out)
{
    for (size_t j = 0; j < count; j++) {
        out[2 * j] = F[2 * (first + j)];
        out[2 * j + 1] = F[2 * (first + j) + 1];
    }
    return *(int *)user;
}

static void test_bytes_and_callback(void **state)
{
    (void)state;
    static const signed char bytes[6] = {1, 10, 2, 20, 3, 30};
    int stop = 0;
    double block[6];
    maxent_problem *p;
    assert_int_equal(maxent_problem_from_bytes(3, 2, bytes, target, &p, NULL), MAXENT_OK);
    assert_int_equal(mx_features_block(p, 0, 3, block), 0);
    assert_memory_equal(block, F, sizeof block);
    maxent_problem_free(p);
    assert_int_equal(maxent_problem_from_callback(3, 2, fill, &stop, target, &p, NULL), MAXENT_OK);
    assert_int_equal(mx_features_block(p, 0, 3, block), 0);
    assert_memory_equal(block, F, sizeof block);
    stop = 5;
    assert_int_equal(mx_features_block(p, 0, 3, block), 5);
    maxent_problem_free(p);
}

static void test_refusals(void **state)
{
    (void)state;
    maxent_problem *p = NULL;
    const double bad[2] = {1, NAN};
    says(maxent_problem_from_array(0, 2, F, 2, 1, target, &p, &where), MAXENT_ERROR_ARGUMENT, "at least one state");
    says(maxent_problem_from_array(3, 2, NULL, 2, 1, target, &p, &where), MAXENT_ERROR_ARGUMENT, "features is NULL");
    says(maxent_problem_from_array(3, 2, F, 2, 1, NULL, &p, &where), MAXENT_ERROR_ARGUMENT, "target is NULL");
    says(maxent_problem_from_array(3, 2, F, 0, 1, target, &p, &where), MAXENT_ERROR_ARGUMENT, "stride");
    says(maxent_problem_from_array(3, 2, F, SIZE_MAX / 4, 1, target, &p, &where), MAXENT_ERROR_ARGUMENT, "larger than any memory");
    says(maxent_problem_from_array(3, 2, F, 2, 1, bad, &p, &where), MAXENT_ERROR_VALUE, "target 1 is nan");
    says(maxent_problem_from_array(3, 2, F, 2, 1, target, NULL, &where), MAXENT_ERROR_ARGUMENT, "out is NULL");
    says(maxent_problem_from_bytes(SIZE_MAX / 2, 5, (const signed char *)"", target, &p, &where), MAXENT_ERROR_ARGUMENT, "larger");
    says(maxent_problem_from_callback(3, 2, NULL, NULL, target, &p, &where), MAXENT_ERROR_ARGUMENT, "callback is NULL");
    assert_null(p);
}

static void test_setters(void **state)
{
    (void)state;
    maxent_problem *p;
    double q[3] = {0.5, 0, 2}, negative[3] = {1, -1, 1}, zero[3] = {0, 0, 0}, infinite[3] = {1, INFINITY, 1};
    assert_int_equal(maxent_problem_from_array(3, 2, F, 2, 1, target, &p, NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_set_interval(p, 0, 1, INFINITY), MAXENT_OK);
    assert_true(p->fact[0].lower == 1 && isinf(p->fact[0].upper));
    assert_int_equal(maxent_problem_set_interval(p, 0, -INFINITY, INFINITY), MAXENT_OK);
    assert_int_equal(maxent_problem_set_interval(p, 0, 2, 1), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_interval(p, 0, NAN, 1), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_interval(p, 0, INFINITY, INFINITY), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_interval(p, 2, 0, 1), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_set_soft(p, 0, 2, 0.1), MAXENT_OK);
    assert_true(p->fact[0].lower == 2 && p->fact[0].sd == 0.1);
    assert_int_equal(maxent_problem_set_soft(p, 0, 2, 0), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_soft(p, 0, 2, INFINITY), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_soft(p, 0, NAN, 1), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_soft(p, 7, 2, 0), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_set_target(p, 0, 0.1), MAXENT_OK);
    assert_true(p->fact[0].sd == 0 && p->fact[0].target_error == 0.1 * 0x1p-53); /* a rounded decimal */
    assert_int_equal(maxent_problem_set_target(p, 0, 2.5), MAXENT_OK);
    assert_true(p->fact[0].target_error == 0); /* exact in binary */
    assert_int_equal(maxent_problem_set_target(p, 0, INFINITY), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_problem_set_text(p, 1, "E[price]"), MAXENT_OK);
    assert_string_equal(p->fact[1].text, "E[price]");
    assert_int_equal(maxent_problem_set_text(p, 1, NULL), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_set_text(p, 2, "x"), MAXENT_ERROR_ARGUMENT);

    assert_int_equal(maxent_problem_set_prior(p, q, NULL), MAXENT_OK);
    assert_memory_equal(p->q, q, sizeof q);
    says(maxent_problem_set_prior(p, negative, &where), MAXENT_ERROR_VALUE, "state 1 is -1");
    says(maxent_problem_set_prior(p, infinite, &where), MAXENT_ERROR_VALUE, "state 1 is inf");
    says(maxent_problem_set_prior(p, zero, &where), MAXENT_ERROR_VALUE, "zero in every state");
    assert_memory_equal(p->q, q, sizeof q); /* kept */
    assert_int_equal(maxent_problem_set_prior(p, NULL, NULL), MAXENT_OK);
    assert_null(p->q);
    maxent_problem_free(p);
}

static void test_support(void **state)
{
    (void)state;
    maxent_problem *p;
    const char *text = "a in 1..3; b in {x, y}; c in {0.5, 1.5}";
    double number = 0, column[12];
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &p, NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_variables(p), 3);
    assert_string_equal(maxent_problem_variable(p, 1), "b");
    for (size_t x = 0; x < 12; x++) { /* the last variable runs fastest */
        assert_null(maxent_problem_value(p, 0, x, &number));
        assert_true(number == (double)(1 + x / 4));
        assert_string_equal(maxent_problem_value(p, 1, x, &number), x / 2 % 2 == 0 ? "x" : "y");
        assert_null(maxent_problem_value(p, 2, x, &number));
        assert_true(number == 0.5 + (double)(x % 2));
    }
    for (size_t first = 0; first < 12; first++) /* any window */
        for (size_t count = 0; first + count <= 12; count++)
            for (size_t v = 0; v < 3; v++) {
                mx_support_column(&p->support, v, first, count, column);
                for (size_t j = 0; j < count; j++) {
                    size_t level = mx_support_level(&p->support, v, first + j);
                    assert_true(column[j] == (v == 1 ? (double)level : p->support.variable[v].number[level]));
                }
            }
    maxent_problem_free(p);
}

/* A prior of zero may hide a state where a feature is not defined; it must stay zero. */
static void test_masked(void **state)
{
    (void)state;
    maxent_problem *p;
    const char *text = "x in 0..3; prior x > 0; E[log(x)] = 0.5";
    const double some[4] = {0, 1, 0, 5}, all[4] = {1, 1, 1, 1};
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &p, NULL), MAXENT_OK);
    says(maxent_problem_set_prior(p, all, &where), MAXENT_ERROR_VALUE, "may not be defined");
    says(maxent_problem_set_prior(p, NULL, &where), MAXENT_ERROR_VALUE, "may not be defined");
    assert_int_equal(maxent_problem_set_prior(p, some, NULL), MAXENT_OK);
    maxent_problem_free(p);
    text = "x in 0..3; E[x | x > 1] = 2.5"; /* the value of a conditional fact is part of its feature */
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &p, NULL), MAXENT_OK);
    assert_int_equal(maxent_problem_set_target(p, 0, 2), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_set_target(p, 1, 2), MAXENT_ERROR_ARGUMENT); /* its condition */
    maxent_problem_free(p);
}

static maxent_error build_all(void)
{
    maxent_problem *p = NULL;
    const double q[3] = {1, 2, 3};
    maxent_error error = maxent_problem_from_array(3, 2, F, 2, 1, target, &p, NULL);
    if (error == MAXENT_OK)
        error = maxent_problem_set_prior(p, q, NULL);
    if (error == MAXENT_OK)
        error = maxent_problem_set_text(p, 0, "E[x]");
    maxent_problem_free(p);
    return error;
}

static void test_no_memory(void **state)
{
    (void)state;
    size_t k = 0, failed;
    do {
        failing_alloc_start(++k, 0);
        maxent_error error = build_all();
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    } while (failed > 0);
    assert_true(k > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_array),   cmocka_unit_test(test_bytes_and_callback), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_setters), cmocka_unit_test(test_support),            cmocka_unit_test(test_masked),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
