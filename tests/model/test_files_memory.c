/* Every allocation of reading, writing, predicting and scoring fails once: MEMORY, and nothing leaks. (Cutting an array to its size may
 * fail without harm: then the answer is whole.) */
#include "model/files.h"

#include "support/failing_alloc.h"

static maxent_diagnostic where;

static const char *const data[] = {
    "1 1:0.5 3:2\n2 2:1\n1*0.5,2*0.5 5:1\n",
    "A x y:0.3 # c\nB y z\nA*0.5,B*1.5 q r\n\xc3\xa9 x\n",
    "a,b,y,w,o\n1,u,no,1,0\n2,v,yes,2,0.5\n,u,no,3,-1\n7,,yes,1,2\n",
    "",
};

static maxent_read_options options_of(int kind)
{
    static const char *const offset[] = {"o"};
    maxent_read_options options;
    maxent_read_options_init(&options);
    options.threads = 1;
    if (kind == 2) {
        options.target = "y";
        options.weight = "w";
        options.offset = offset;
        options.offsets = 1;
        options.absent = MAXENT_ABSENT_IMPUTE;
    }
    return options;
}

static void ends_well(maxent_error error, size_t failed, int made)
{
    assert_true(error == MAXENT_OK || (failed > 0 && error == MAXENT_ERROR_MEMORY && where.error == MAXENT_ERROR_MEMORY));
    assert_int_equal(made, error == MAXENT_OK);
}

static void one_by_one(int kind)
{
    maxent_read_options read = options_of(kind);
    maxent_events *events, *again;
    maxent_model *model, *copy;
    maxent_score score;
    maxent_predict_options predict;
    size_t failed = 0;
    if (kind < 3) {
        put_file("e", data[kind]);
    } else { /* numbers far apart: more than 1024 of them */
        FILE *file = fopen("e", "w");
        assert_non_null(file);
        for (int i = 0; i < 20; i++)
            fprintf(file, "%d %d:1 4000000000:%d\n", i % 2, 5000 * i, 2 + i);
        assert_int_equal(fclose(file), 0);
    }
    for (size_t k = 1; k == 1 || failed > 0; k++) {
        events = NULL;
        failing_alloc_start(k, 0);
        maxent_error error = maxent_events_read("e", &read, &events, NULL, &where);
        failed = failing_alloc_stop();
        ends_well(error, failed, events != NULL);
        if (failed > 0)
            maxent_events_free(events);
    }
    maxent_fit_options fit;
    maxent_fit_options_init(&fit);
    fit.l2 = 1;
    fit.standard_errors = 1;
    assert_int_equal(maxent_model_fit(events, &fit, &model, NULL, &where), MAXENT_OK);
    for (size_t k = 1; k == 1 || failed > 0; k++) { /* data for a model */
        maxent_read_options other = options_of(kind);
        other.model = model;
        again = NULL;
        failing_alloc_start(k, 0);
        maxent_error error = maxent_events_read("e", &other, &again, NULL, &where);
        failed = failing_alloc_stop();
        ends_well(error, failed, again != NULL);
        maxent_events_free(again);
    }
    for (size_t k = 1; k == 1 || failed > 0; k++) { /* and to extend one */
        maxent_read_options other = options_of(kind);
        other.extend = model;
        again = NULL;
        failing_alloc_start(k, 0);
        maxent_error error = maxent_events_read("e", &other, &again, NULL, &where);
        failed = failing_alloc_stop();
        ends_well(error, failed, again != NULL);
        maxent_events_free(again);
    }
    for (int text = 0; text < 2; text++) {
        for (size_t k = 1; k == 1 || failed > 0; k++) {
            failing_alloc_start(k, 0);
            maxent_error error = text ? maxent_model_write_text(model, "m", &where) : maxent_model_write(model, "m", &where);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        }
        for (size_t k = 1; k == 1 || failed > 0; k++) {
            copy = NULL;
            failing_alloc_start(k, 0);
            maxent_error error = maxent_model_read("m", &copy, &where);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
            maxent_model_free(copy);
        }
    }
    maxent_predict_options_init(&predict);
    predict.read.threads = 1;
    for (int form = 0; form <= MAXENT_PREDICT_TOP; form++) {
        predict.form = (maxent_prediction)form;
        predict.json = form % 2;
        predict.standard_errors = form == MAXENT_PREDICT_TOP;
        for (size_t k = 1; k == 1 || failed > 0; k++) {
            failing_alloc_start(k, 0);
            maxent_error error = maxent_predict_file(model, "e", &predict, "p", NULL, &where);
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
        }
    }
    for (size_t k = 1; k == 1 || failed > 0; k++) {
        maxent_read_options other = options_of(kind);
        failing_alloc_start(k, 0);
        maxent_error error = maxent_score_file(model, "e", &other, &score, &where);
        failed = failing_alloc_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
    }
    maxent_score_free(&score);
    maxent_model_free(model);
    maxent_events_free(events);
}

static void svmlight(void **state)
{
    (void)state;
    one_by_one(0);
}

static void named(void **state)
{
    (void)state;
    one_by_one(1);
}

static void tables(void **state)
{
    (void)state;
    one_by_one(2);
}

static void far_apart(void **state)
{
    (void)state;
    one_by_one(3);
}

/* Several workers share the files: whichever it hits, MEMORY or the whole answer. */
static void workers(void **state)
{
    (void)state;
    char *text = malloc(4 << 20);
    size_t used = 0, failed = 0;
    for (int i = 0; i < 200000; i++)
        used += (size_t)sprintf(text + used, "c%d w%d x%d\n", i % 3, i % 977, i % 31);
    put_bytes("e", text, used);
    free(text);
    maxent_read_options read = options_of(1);
    read.threads = 3;
    for (size_t k = 1; k < 200; k += 1 + k / 8) {
        maxent_events *events = NULL;
        failing_alloc_start(k, 0);
        maxent_error error = maxent_events_read("e", &read, &events, NULL, &where);
        failed = failing_alloc_stop();
        ends_well(error, failed, events != NULL);
        maxent_events_free(events);
    }
}

static char folder[] = "model_memory_XXXXXX";

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(svmlight), cmocka_unit_test(named), cmocka_unit_test(tables),
                                              cmocka_unit_test(far_apart), cmocka_unit_test(workers)};
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("e");
    unlink("m");
    unlink("p");
    if (chdir("..") != 0 || rmdir(folder) != 0)
        return 1;
    return failed;
}
