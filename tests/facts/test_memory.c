/* No memory: the k-th allocation fails for every k, for texts that use every statement. Nothing leaks (under the sanitizers),
 * nothing is handed out, and what did not fail is right. */
#include "support.h"

#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const texts[] = {
    "x in {1, 2, 3}\nE[x] = 1.75",
    "x in 1..3; y in {a, \"b c\"}; let r = x^2; prior exp(-x); E[r/3 | y = a] in [1, 2]; P[x = k and y = a] <= 0.5 for k in "
    "1..3\n"
    "P[x > 1 | x < 3] = 0.5",
    "s[1..4] in {-1, 1}; E[s[i]*s[j]] = 0.1 for i in 1..3, j in i+1..4 if i != 2; E[s[i]/3] = {1/2, 0.1, 0, 0} +- {1, 2, 3, 4} "
    "for i in {1..4}",
    "x in 1..20; y in {q, r}; z in {r, s}; observed x; prior {1..80}; P[y = z] <= 1; Var[x] = observed; E[x] = observed; "
    "E[x | y = q] = observed; Cov[x, x] <= 99; E[exp(x)] - E[x] >= 0",
    "a in {b}; c in {d}; f in {g}; h in {i}; j in {k}; l in {m}; n in {o}; p in {q}; r in {s}; t in {u}; P[t = v] = 1 for v in t",
    "g in {a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18}; P[g = v] <= 1 for v in g; P[g = a3] "
    "<= 1",
    "states \"maxent-test-memory.csv\"; observed n; P[s = v] = observed for v in s; E[w] = observed for v in w",
    "x in {1, 2}; E[x^k] = \"maxent-test-memory.txt\" for k in 1..2; prior \"maxent-test-memory.txt\"",
    "x in R; c in {a, b}; n in 0..inf; prior exp(-x^2)*(1 + exp(-n))/(2 + abs(x)); E[T(k, x)] = 0 for k in 2..6; P[x < 1 | c = a] = "
    "0.3; E[max(n, x)] = 2; E[floor(x)*tan(n)] = 1",
    "x in [0, 1]; prior x^1.5*(1 - x); E[log(x)] = -2; Var[x] = 0.1; E[x] = 0.5; E[acos(x)/3] <= 1; E[x^k] <= 1 for k in 3..9",
    /* refusals must be themselves or out of memory */
    "x in {a, b, b}",
    "sunny in {1, 2}; E[suny] = 1",
    "x in {a, b}; P[x = c] = 1 for k in 1..2",
    "x in {1, 2}; E[log(x - 1)] = 1",
    "x in 1..3; E[x] = {1, 2} for k in 1..3",
    "let a = 1; x in R; y in [0, a]; z in {c, d}; prior {1, 2}",
    "states \"maxent-test-memory.txt\"; E[x] = 1",
};

static void test_every_allocation(void **state)
{
    (void)state;
    char csv[256], list[256], folder[256];
    static const char table[] = "s,w,n\na,1,2\nb,2.5,3\na,1,4\n", numbers[] = "1.5 # one\n2.5\n";
    write_file("memory.csv", table, strlen(table), csv);
    write_file("memory.txt", numbers, strlen(numbers), list);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(csv, '/') - csv), csv);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        maxent_problem *p = NULL;
        maxent_diagnostic where;
        maxent_error plain = maxent_problem_from_text(texts[i], strlen(texts[i]), NULL, folder, &p, &where);
        if ((plain == MAXENT_OK) != (i < 10))
            fail_msg("%s: %s", texts[i], where.message);
        maxent_problem_free(p);
        for (int after = 0; after <= 1; after++) { /* one failure, or that one and all later ones */
            size_t k = 0, failed;
            do {
                p = NULL;
                failing_alloc_start(++k, after);
                maxent_error error = maxent_problem_from_text(texts[i], strlen(texts[i]), NULL, folder, &p, &where);
                failed = failing_alloc_stop();
                if (error != (failed > 0 ? MAXENT_ERROR_MEMORY : plain) || (error == MAXENT_OK) != (p != NULL))
                    fail_msg("%s\n with allocation %zu failing: error %d: %s", texts[i], k, (int)error, where.message);
                maxent_problem_free(p);
            } while (failed > 0);
            assert_true(k > 5);
        }
    }
    size_t k = 0, failed;
    char facts[256];
    static const char text[] = "x in {1, 2}; E[x] = 1.5";
    write_file("memory.facts", text, strlen(text), facts);
    do { /* the other two doors */
        maxent_problem *p = NULL, *q = NULL;
        const char *two[] = {"x in {1, 2}", "E[x] = 1.5"};
        failing_alloc_start(++k, 0);
        maxent_error one = maxent_problem_from_file(facts, &p, NULL),
                     other = maxent_problem_from_texts(2, two, NULL, NULL, &q, NULL);
        failed = failing_alloc_stop();
        assert_int_equal(one == MAXENT_ERROR_MEMORY || other == MAXENT_ERROR_MEMORY, failed > 0);
        maxent_problem_free(p);
        maxent_problem_free(q);
    } while (failed > 0);
    unlink(csv);
    unlink(list);
    unlink(facts);
}

/* Programs with many slots need memory when they run. */
static void test_run(void **state)
{
    (void)state;
    maxent_problem *p = NULL;
    maxent_diagnostic where;
    static double out[400], hi[400], lo[400];
    static const char text[] = "s[1..28] in {0, 1}; E[s[1]*s[i]*s[j]/3] = 0.25 for i in 1..28, j in i+1..28\n"
                               "E[s[1]+s[2]+s[3]+s[4]+s[5]+s[6]+s[7]+s[8]+s[9]+s[10]+s[11]+s[12]+s[13]+s[14]+s[15]] = 1";
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &p, &where), MAXENT_OK);
    assert_int_equal(mx_features_block_dd(p, 7, 1, hi, lo), 0);
    failing_alloc_start(1, 1);
    int stopped = mx_features_block_dd(p, 7, 1, hi, lo);
    int plain = mx_features_block(p, 7, 1, out);
    size_t failed = failing_alloc_stop();
    assert_int_equal(stopped != 0 || plain != 0, failed > 0);
    maxent_problem_free(p);
}

/* Points: programs of many slots and polynomials take memory. */
static void test_points(void **state)
{
    (void)state;
    static double hi[9000], lo[9000], cuts[9000];
    static const char text[] = "x in R; E[T(i, x)*L(j, x) - abs(x - i)] = 0 for i in 2..40, j in 2..40; E[(x - 1)^3*T(3, x)/4] = 1";
    maxent_problem *p = NULL;
    maxent_diagnostic where;
    assert_int_equal(maxent_problem_from_text(text, strlen(text), NULL, NULL, &p, &where), MAXENT_OK);
    const double x[5] = {0, 1, -2, 0.5, 3}, *value = x;
    mx_points points = {5, &value, NULL};
    for (size_t k = 1, failed = 1; failed > 0; k++) {
        double *coefficient = NULL, logq[5];
        size_t degree = 0;
        failing_alloc_start(k, 0);
        int stopped = mx_field_values(p, &points, hi, NULL, logq), stopped_dd = mx_field_values(p, &points, hi, lo, logq);
        int cut = mx_field_cut_values(p, &points, cuts), made = mx_field_polynomial(p, p->k - 1, &coefficient, &degree);
        failed = failing_alloc_stop();
        assert_int_equal(failed > 0, stopped == -1 || stopped_dd == -1 || cut == -1 || made == -1);
        assert_true(made == -1 || (made == 1 && degree == 6 && coefficient[6] == 1));
        free(coefficient);
    }
    maxent_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation), cmocka_unit_test(test_run), cmocka_unit_test(test_points)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
