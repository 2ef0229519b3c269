/* A pass over the states is stopped within: by the limit of time and by the caller, while features are computed or read. There may be
 * nothing to tell then, and that is what is told; or the best so far, which is judged here afresh. */
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

enum { STATES = 1 << 20, FACTS = 3 };

typedef struct slow {
    long wait;    /* nanoseconds a call */
    size_t calls; /* blocks computed */
    size_t end;   /* the last state asked for, and one more */
} slow;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* x/n, (x/n)^2 and the parity of x */
static int fill(void *user, size_t first, size_t count, double *out)
{
    slow *s = user;
    if (s->wait > 0)
        nanosleep(&(struct timespec){0, s->wait}, NULL);
#ifdef _OPENMP
#pragma omp atomic
#endif
    s->calls++;
    for (size_t j = 0; j < count; j++) {
        double v = (double)(first + j) / STATES;
        out[j * FACTS] = v;
        out[j * FACTS + 1] = v * v;
        out[j * FACTS + 2] = (double)((first + j) % 2);
    }
    return 0;
}

typedef struct caller {
    pthread_t thread;
    int calls, stop_at, elsewhere;
} caller;

static int look(void *user, const maxent_progress *progress)
{
    caller *c = user;
    c->elsewhere |= !pthread_equal(c->thread, pthread_self()) || !(progress->seconds >= 0);
    return ++c->calls >= c->stop_at;
}

static maxent_problem *slow_problem(slow *s)
{
    static const double target[FACTS] = {0.4, 0.25, 0.7};
    maxent_problem *problem = NULL;
    assert_int_equal(maxent_problem_from_callback(STATES, FACTS, fill, s, target, &problem, NULL), MAXENT_OK);
    return problem;
}

/* Nothing is there that was not worked out. */
static void check_nothing(const maxent_result *result)
{
    maxent_fact fact;
    maxent_certificate c;
    maxent_result_certificate(result, &c);
    assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
    assert_null(maxent_result_probabilities(result));
    assert_true(isnan(maxent_result_entropy(result)) && isnan(maxent_result_log_partition(result)) && isnan(c.residual) && isnan(c.gap));
    for (size_t i = 0; i < FACTS; i++) {
        maxent_result_fact(result, i, &fact);
        assert_true(isnan(fact.achieved) && isnan(fact.lambda) && isnan(fact.residual));
    }
    assert_non_null(strstr(maxent_result_message(result), "stopped before"));
}

/* What a result says of itself is true of its p: the sum, the averages, the residuals. */
static void check_best(const maxent_result *result)
{
    const double *p = maxent_result_probabilities(result);
    double row[FACTS];
    slow s = {0};
    long double sum = 0, mean[FACTS] = {0};
    assert_non_null(p);
    for (size_t x = 0; x < STATES; x++) {
        fill(&s, x, 1, row);
        sum += p[x];
        for (size_t i = 0; i < FACTS; i++)
            mean[i] += (long double)p[x] * row[i];
    }
    assert_true(fabsl(sum - 1) < 1e-12);
    for (size_t i = 0; i < FACTS; i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        assert_true(fabsl(mean[i] - fact.achieved) < 1e-12 && isfinite(fact.lambda));
    }
}

/* A pass takes twenty seconds and more; the limit is a third of one. */
static void test_first_pass(void **state)
{
    (void)state;
    slow s = {.wait = 20000000};
    maxent_problem *problem = slow_problem(&s);
    maxent_options options;
    maxent_options_init(&options);
    options.time_limit = 0.3;
    double before = seconds();
    maxent_result *result = solve_with(problem, &options);
    double took = seconds() - before;
    check_nothing(result);
    assert_true(took >= 0.3 && took < 5);
    maxent_effort effort;
    maxent_result_effort(result, &effort);
    assert_true(effort.evaluations == 0 && effort.iterations == 0);
    maxent_result_free(result);

    caller c = {.thread = pthread_self(), .stop_at = 2}; /* and the same by the caller */
    maxent_options_init(&options);
    options.progress = look;
    options.progress_user = &c;
    before = seconds();
    result = solve_with(problem, &options);
    assert_true(seconds() - before < 5 && c.calls == 2 && !c.elsewhere);
    check_nothing(result);
    maxent_result_free(result);
    maxent_problem_free(problem);
}

/* Later on: whatever the limit, the best so far or nothing, and never anything but the truth. */
static void test_later_passes(void **state)
{
    (void)state;
    slow s = {.wait = 0};
    maxent_problem *problem = slow_problem(&s);
    maxent_options options;
    maxent_options_init(&options);
    double before = seconds();
    maxent_result *result = solve_with(problem, &options);
    double whole = seconds() - before;
    assert_int_equal(maxent_result_verdict(result), MAXENT_SOLVED);
    check_best(result);
    double entropy = maxent_result_entropy(result);
    maxent_result_free(result);
    size_t told = 0;
    for (int part = 1; part <= 10; part++) {
        options.time_limit = (part < 10 ? 0.1 * part : 100) * whole;
        result = solve_with(problem, &options);
        if (maxent_result_verdict(result) == MAXENT_SOLVED) /* another time the machine is faster */
            assert_true(fabs(maxent_result_entropy(result) - entropy) < 1e-10);
        else if (maxent_result_probabilities(result) != NULL)
            assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
        else
            check_nothing(result);
        if (maxent_result_probabilities(result) != NULL) {
            check_best(result);
            told++;
        }
        maxent_result_free(result);
    }
    assert_true(told > 0);
    maxent_problem_free(problem);
}

/* A caller who stops after a number of steps or in the middle of a pass is told what there is. */
static void test_caller(void **state)
{
    (void)state;
    slow s = {.wait = 0};
    maxent_problem *problem = slow_problem(&s);
    for (int stop = 2; stop <= 6; stop++) {
        caller c = {.thread = pthread_self(), .stop_at = stop};
        maxent_options options;
        maxent_options_init(&options);
        options.progress = look;
        options.progress_user = &c;
        maxent_result *result = solve_with(problem, &options);
        if (maxent_result_verdict(result) != MAXENT_SOLVED) {
            assert_int_equal(maxent_result_verdict(result), MAXENT_UNFINISHED);
            assert_true(c.calls == stop && !c.elsewhere);
            if (maxent_result_probabilities(result) != NULL)
                check_best(result);
            else
                check_nothing(result);
        }
        maxent_result_free(result);
    }
    maxent_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_pass), cmocka_unit_test(test_later_passes),
                                       cmocka_unit_test(test_caller)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
