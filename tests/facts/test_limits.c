/* Building a problem is stopped by a limit of time and by its caller, in every kind of work that grows with the problem; and what is
 * small is built whatever the limit. */
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static maxent_error build(const char *text, const maxent_build_options *options, maxent_diagnostic *where)
{
    maxent_problem *p = NULL;
    memset(where, 0, sizeof *where);
    maxent_error error = maxent_problem_build(1, &text, NULL, options, &p, where);
    assert_true((error == MAXENT_OK) == (p != NULL));
    assert_int_equal(where->error, error);
    maxent_problem_free(p);
    return error;
}

/* The limit is over before anything begins, so that each text is stopped in the first kind of work of which it has much. */
static void test_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kind;
    } large[] = {
        {"x in 1..1000000; E[x] = 3", "a range"},
        {"x in {1..600000, 3}; E[x] = 3", "a range in a list"},
        {"s[1..20] in {-1, 1}; E[s[i]] = 0 for i in 1..20", "features of a byte"},
        {"s[1..20] in {-1, 1}; E[s[i] / 3] = 0 for i in 1..20", "features of eight"},
        {"s[1..20] in {0, 1}; prior 1 + s[1]; E[s[1]] = 0.5", "a prior"},
        {"s[1..20] in {0, 1}; observed 1 + s[1]; E[s[1]] = observed", "weights"},
        {"s[1..9] in {0, 1}; E[s[i] * s[j] * s[k]] = 0.5 for i in 1..9, j in 1..9, k in 1..9 if i < j and j < k", "turns"},
        {"x in {0, 1}; prior \"maxent-test-limits.txt\"; E[x] = 0.5", "a list in a file"},
        {"states \"maxent-test-limits.csv\"; E[x] = 3", "a table"},
    };
    enum { NUMBERS = 150000 };
    char *text = malloc(NUMBERS * 2 + 3), path[256], folder[256];
    assert_non_null(text);
    for (size_t i = 0; i < NUMBERS; i++)
        memcpy(text + 2 + 2 * i, "7\n", 2);
    memcpy(text, "x\n", 2);
    write_file("limits.csv", text, 2 + 2 * NUMBERS, path);
    write_file("limits.txt", text + 2, 2 * NUMBERS, path);
    free(text);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    maxent_build_options options;
    maxent_build_options_init(&options);
    options.directory = folder;
    options.time_limit = 1e-9;
    maxent_diagnostic where;
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        maxent_error error = build(large[i].text, &options, &where);
        if (error != MAXENT_ERROR_STOPPED)
            fail_msg("%s: %s (%s)", large[i].kind, maxent_error_text(error), where.message);
        assert_string_equal(where.message, maxent_error_text(MAXENT_ERROR_STOPPED));
    }
    static const char *const small[] = {"x in 1..1000; E[x^k] = {9, 99} for k in 1..2; prior 1/x", "s[1..10] in {0, 1}; E[s[1] / 3] = 0.1",
                                        "x in [0, inf); E[x] = 2"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        assert_int_equal(build(small[i], &options, &where), MAXENT_OK);
    options.time_limit = 0; /* none */
    for (size_t i = 2; i < sizeof large / sizeof *large; i++) { /* the list is too long for two states */
        maxent_error right = strstr(large[i].text, ".txt") != NULL ? MAXENT_ERROR_VALUE : MAXENT_OK;
        assert_int_equal(build(large[i].text, &options, &where), right);
    }
}

typedef struct caller {
    pthread_t thread;
    int calls, stop_at, elsewhere;
    double last;
} caller;

static int look(void *user, double seconds)
{
    caller *c = user;
    c->elsewhere |= !pthread_equal(c->thread, pthread_self()) || seconds < c->last;
    c->last = seconds;
    return ++c->calls == c->stop_at;
}

/* The caller is asked again and again, by his own thread, until he says stop; then it takes no minutes any more. */
static void test_caller(void **state)
{
    (void)state;
    static const char *const large[] = {
        "s[1..24] in {-1, 1}; E[s[i] * s[j]] = 0 for i in 1..10, j in 11..12",
        "s[1..24] in {-1, 1}; E[s[i] * s[j] / 3] = 0 for i in 1..3, j in 11..12", /* bytes are tried first */
        "x in 1..100000000; E[x] = 1000",
        "s[1..27] in {0, 1}; prior lgamma(1 + s[1] + s[2]); E[s[1]] = 0.5",
    };
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        caller c = {.thread = pthread_self(), .stop_at = 2};
        maxent_build_options options;
        maxent_build_options_init(&options);
        options.progress = look;
        options.progress_user = &c;
        maxent_diagnostic where;
        maxent_error error = build(large[i], &options, &where);
        if (error != MAXENT_ERROR_STOPPED && c.calls >= 2) /* a machine that builds it in a tenth of a second asks less often */
            fail_msg("%s: %s after %d calls", large[i], maxent_error_text(error), c.calls);
        assert_true(c.calls <= 2 && !c.elsewhere && (c.calls == 0 || c.last >= 0.05));
    }
}

static void test_arguments(void **state)
{
    (void)state;
    maxent_problem *p = NULL;
    maxent_diagnostic where;
    maxent_build_options options;
    maxent_build_options_init(&options);
    const char *text = "x in {1, 2, 3}; E[x] = 1.75", *none = NULL;
    options.time_limit = -1;
    assert_int_equal(maxent_problem_build(1, &text, NULL, &options, &p, &where), MAXENT_ERROR_ARGUMENT);
    options.time_limit = NAN;
    assert_int_equal(maxent_problem_build(1, &text, NULL, &options, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_build(1, &none, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_build(1, NULL, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_build(70000, &text, NULL, NULL, &p, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_problem_build(1, &text, NULL, NULL, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_null(p);

    char path[256]; /* a file and a statement; the list is beside the file */
    write_file("limits.txt", "1.5", 3, path);
    static const char facts[] = "x in {1, 2, 3}\nE[x^k] = \"maxent-test-limits.txt\" for k in {1}\n";
    write_file("limits.facts", facts, sizeof facts - 1, path);
    const char *texts[] = {NULL, "P[x = 3] <= 0.1"}, *names[] = {path, "second"};
    assert_int_equal(maxent_problem_build(2, texts, names, NULL, &p, &where), MAXENT_OK);
    assert_int_equal(maxent_problem_facts(p), 2);
    maxent_problem_free(p);
    names[0] = "/nothing here";
    assert_int_equal(maxent_problem_build(2, texts, names, NULL, &p, &where), MAXENT_ERROR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_kind), cmocka_unit_test(test_caller), cmocka_unit_test(test_arguments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
