/* Predicting and scoring from file to file: against the one-event call, for every format, thread count and form of output. */
#include "model/files.h"

#include "model/events/events.h"

#include <math.h>

static maxent_diagnostic where;

static maxent_model *fit_of(const char *path, maxent_read_options *read)
{
    maxent_events *events;
    maxent_model *model = NULL;
    maxent_fit_options options;
    maxent_fit_options_init(&options);
    options.l2 = 0.3;
    options.threads = 1;
    options.standard_errors = 1;
    if (maxent_events_read(path, read, &events, NULL, &where) != MAXENT_OK ||
        maxent_model_fit(events, &options, &model, NULL, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    maxent_events_free(events);
    return model;
}

/* 40,000 events: several blocks. */
static void make_file(int kind)
{
    char *text = malloc(8 << 20);
    size_t used = 0;
    uint32_t x = 1;
    if (kind == 2)
        used = (size_t)sprintf(text, "a,b,y,c\n");
    for (int e = 0; e < 40000; e++) {
        x = x * 1664525u + 1013904223u;
        int class = (int)(x >> 20) % 3, hint = (x >> 12) % 4 == 0 ? (int)(x >> 16) % 3 : class;
        if (kind == 0)
            used += (size_t)sprintf(text + used, "%d %d:%g %d:1 %d:0.25\n", class, 1 + hint, 0.5 + (x >> 8) % 7,
                                    10 + (int)(x >> 9) % 50, 70 + e % 3);
        else if (kind == 1)
            used += (size_t)sprintf(text + used, "c%d\th%d w%d v:%g\n", class, hint, (int)(x >> 9) % 50, 0.1 * ((x >> 8) % 7));
        else
            used += (size_t)sprintf(text + used, "%g,h%d,c%d,\"w%d\"\n", 0.1 * ((x >> 8) % 70) + hint, hint, class, (int)(x >> 9) % 50);
    }
    put_bytes("e", text, used);
    free(text);
}

static void one_format(int kind)
{
    maxent_read_options read;
    maxent_read_options_init(&read);
    read.target = kind == 2 ? "y" : NULL;
    make_file(kind);
    maxent_model *model = fit_of("e", &read);
    read.model = model;
    read.keep_apart = 1;
    maxent_events *events;
    assert_int_equal(maxent_events_read("e", &read, &events, NULL, &where), MAXENT_OK);
    size_t n = events->events, classes = 3, length, other;
    double *logp = malloc(n * classes * sizeof *logp);
    assert_int_equal(maxent_model_predict_events(model, events, 1, logp, &where), MAXENT_OK);

    maxent_predict_options predict;
    maxent_predict_options_init(&predict);
    predict.read.threads = 1;
    predict.form = MAXENT_PREDICT_LOG_PROBABILITIES;
    assert_int_equal(maxent_predict_file(model, "e", &predict, "p", NULL, &where), MAXENT_OK);
    char *text = get_file("p", &length), *at = strchr(text, '\n') + 1;
    double loss = 0, right = 0, brier = 0;
    for (size_t e = 0; e < n; e++) {
        size_t best = 0;
        char name[16], *tab = strchr(at, '\t');
        for (size_t c = 1; c < classes; c++)
            best = logp[e * classes + c] > logp[e * classes + best] ? c : best;
        mx_space_class_name(events->space, best, name, sizeof name);
        assert_true(strlen(name) == (size_t)(tab - at) && memcmp(at, name, strlen(name)) == 0);
        for (size_t c = 0; c < classes; c++) {
            double value = strtod(tab + 1, &tab);
            if (fabs(value - logp[e * classes + c]) > 1e-13 * fmax(1, fabs(value)))
                fail_msg("event %zu, class %zu: %.17g, expected %.17g", e, c, value, logp[e * classes + c]);
            brier += (exp(value) - (c == events->label[e])) * (exp(value) - (c == events->label[e]));
        }
        assert_int_equal(*tab, '\n');
        at = tab + 1;
        loss -= logp[e * classes + events->label[e]];
        right += best == events->label[e];
    }
    assert_int_equal(*at, '\0');
    free(text);
    for (int form = 0; form <= MAXENT_PREDICT_TOP; form++) /* the same bytes for any number of threads */
        for (int json = 0; json < 2; json++) {
            predict.form = (maxent_prediction)form;
            predict.top = 2;
            predict.json = json;
            predict.standard_errors = form == MAXENT_PREDICT_PROBABILITIES;
            predict.read.threads = 1;
            assert_int_equal(maxent_predict_file(model, "e", &predict, "p", NULL, &where), MAXENT_OK);
            predict.read.threads = 4;
            assert_int_equal(maxent_predict_file(model, "e", &predict, "q", NULL, &where), MAXENT_OK);
            text = get_file("p", &length);
            char *again = get_file("q", &other);
            assert_int_equal(length, other);
            assert_memory_equal(text, again, length);
            free(text);
            free(again);
        }
    maxent_score one, four;
    read.model = NULL;
    read.threads = 1;
    assert_int_equal(maxent_score_file(model, "e", &read, &one, &where), MAXENT_OK);
    read.threads = 4;
    assert_int_equal(maxent_score_file(model, "e", &read, &four, &where), MAXENT_OK);
    assert_true(one.log_loss == four.log_loss && one.brier == four.brier && one.correct == four.correct);
    assert_memory_equal(one.confusion, four.confusion, classes * classes * sizeof *one.confusion);
    assert_memory_equal(one.bin_confidence, four.bin_confidence, sizeof one.bin_confidence);
    assert_true(one.weight == (double)n && one.correct == right);
    assert_true(fabs(one.log_loss - loss) < 1e-9 * loss);
    assert_true(fabs(one.brier - brier) < 1e-9 * brier);
    double diagonal = 0, all = 0, binned = 0;
    for (size_t c = 0; c < classes * classes; c++) {
        all += one.confusion[c];
        diagonal += c % (classes + 1) == 0 ? one.confusion[c] : 0;
    }
    for (int b = 0; b < MAXENT_CALIBRATION_BINS; b++)
        binned += one.bin_correct[b];
    assert_true(all == (double)n && diagonal == right && binned == right);
    maxent_score_free(&one);
    maxent_score_free(&four);
    free(logp);
    maxent_events_free(events);
    maxent_model_free(model);
    unlink("q");
}

static void svmlight(void **state)
{
    (void)state;
    one_format(0);
}

static void named(void **state)
{
    (void)state;
    one_format(1);
}

static void tables(void **state)
{
    (void)state;
    one_format(2);
}

static void predicts(maxent_model *model, const char *events, const char *expected)
{
    size_t length;
    put_file("e", events);
    if (maxent_predict_file(model, "e", NULL, "p", NULL, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    char *text = get_file("p", &length);
    assert_string_equal(text, expected);
    free(text);
}

static void refuses(maxent_model *model, const char *events, maxent_error error, size_t line, const char *message)
{
    put_file("e", events);
    unlink("p");
    assert_int_equal(maxent_predict_file(model, "e", NULL, "p", NULL, &where), error);
    if (where.line != line || strstr(where.message, message) == NULL)
        fail_msg("%zu: %s", where.line, where.message);
    assert_int_equal(access("p", F_OK), -1);
}

/* Labels may be missing, features unknown; other data are refused. */
static void edges(void **state)
{
    (void)state;
    maxent_read_options read;
    maxent_read_options_init(&read);
    put_file("e", "1 1:1\n2 2:1\n1 1:2 3:1\n2 2:2\n");
    maxent_model *model = fit_of("e", &read);
    predicts(model, "1:1\n  2:1 99:3\n7 1:1\n1 2:1 3:0 99:1\n# c\n+1 2:1", "1\n2\n1\n2\n2\n");
    refuses(model, "1 9:1\n", MAXENT_ERROR_FILE, 1, "a model for other features");
    refuses(model, "A x\n", MAXENT_ERROR_FILE, 0, "a model for other features");
    refuses(model, "", MAXENT_ERROR_FILE, 0, "no events");
    refuses(model, "1 1:1\n1 2:1 1:1\n", MAXENT_ERROR_FILE, 2, "ascend");
    maxent_score score;
    put_file("e", "1 1:1\n3 2:1\n1*2,2*1 1:1\n");
    assert_int_equal(maxent_score_file(model, "e", NULL, &score, &where), MAXENT_OK);
    assert_true(score.weight == 5 && score.unknown == 1 && score.correct == 3 && score.read.unlabelled == 1);
    assert_true(score.confusion[0] == 3 && score.confusion[2] == 1);
    maxent_score_free(&score);
    put_file("e", "1:1\n1 1:1\n");
    assert_int_equal(maxent_score_file(model, "e", NULL, &score, &where), MAXENT_ERROR_FILE);
    maxent_predict_options predict;
    maxent_predict_options_init(&predict);
    predict.read.format = MAXENT_FORMAT_NAMED;
    assert_int_equal(maxent_predict_file(model, "e", &predict, "p", NULL, &where), MAXENT_ERROR_FILE);
    maxent_model_free(model);

    put_file("e", "a,b,y\n1,u,no\n2,v,yes\n1.5,u,no\n4,v,yes\n");
    read.target = "y";
    read.absent = MAXENT_ABSENT_DROP;
    model = fit_of("e", &read);
    predicts(model, "b,a,x\nv,3,1\nzz,1,\n", "yes\nno\n");
    refuses(model, "b,a\nv,\n", MAXENT_ERROR_VALUE, 2, "a missing value");
    refuses(model, "b,a\nv,x\n", MAXENT_ERROR_VALUE, 2, "holds numbers");
    refuses(model, "b,c\nv,x\n", MAXENT_ERROR_NAME, 0, "no column \"a\"");
    put_file("e", "a,b,y\n1,u,no\n,v,yes\n4,v,what\n");
    assert_int_equal(maxent_score_file(model, "e", &read, &score, &where), MAXENT_OK);
    assert_true(score.weight == 2 && score.unknown == 1 && score.read.dropped == 1);
    maxent_score_free(&score);
    maxent_model_free(model);
}

/* What is wrong far down a table is told with its line and column, whatever the number of threads; rows go over line ends, blocks not
 * through rows. The table: a mark, then 50,000 rows of two lines each, 450 kB, and `last`. */
static void late_rows(const char *last, maxent_error error, size_t column, const char *message)
{
    maxent_read_options read;
    maxent_read_options_init(&read);
    put_file("e", "a,b,y\n1,\"u\nv\",no\n2,w,yes\n1.5,\"u\nv\",no\n4,w,yes\n");
    read.target = "y";
    maxent_model *model = fit_of("e", &read);
    const size_t rows = 50000;
    char *text = malloc(16 * rows + 1000), *at = text;
    at += sprintf(at, "\xEF\xBB\xBF" "a,b\r\n");
    for (size_t i = 0; i < rows; i++)
        at += sprintf(at, "1,\"u\nv\"\n");
    at += sprintf(at, "%s", last);
    put_bytes("e", text, (size_t)(at - text));
    free(text);
    for (int threads = 1; threads <= 3; threads++) {
        maxent_predict_options predict;
        maxent_predict_options_init(&predict);
        predict.read.threads = threads;
        unlink("p");
        maxent_read_report report;
        maxent_error got = maxent_predict_file(model, "e", &predict, "p", &report, &where);
        assert_int_equal(got, error);
        if (error != MAXENT_OK) {
            assert_int_equal(where.line, 2 * rows + 3); /* behind the header, all rows, and one more */
            assert_int_equal(where.column, column);
            assert_non_null(strstr(where.message, message));
            assert_int_equal(access("p", F_OK), -1);
        } else {
            assert_int_equal(report.events, rows + 2);
            size_t length;
            char *labels = get_file("p", &length);
            assert_int_equal(length, 3 * (rows + 1) + 4); /* "no" and a line end each, one "yes" */
            assert_string_equal(labels + 3 * rows, "no\nyes\n");
            free(labels);
        }
    }
    maxent_model_free(model);
}

static void late(void **state)
{
    (void)state;
    late_rows("1,\"u\nv\"\n4,w", MAXENT_OK, 0, "");
    late_rows("1,w\n3,w,5\n", MAXENT_ERROR_FILE, 1, "this row has 3 fields, the header has 2");
    late_rows("1,w\n x,w\n", MAXENT_ERROR_VALUE, 1, "holds numbers; ' x' is not");
    late_rows("1,w\n2,\n", MAXENT_ERROR_VALUE, 3, "a missing value in the column \"b\"");
}

/* A model adapted to new data keeps its features and classes; with nothing to learn from, it stays what it was. */
static void adapted(void **state)
{
    (void)state;
    maxent_read_options read;
    maxent_read_options_init(&read);
    for (int kind = 0; kind < 2; kind++) {
        put_file("e", kind ? "A x y\nB y z\nA x\nC z q\n" : "1 1:1 2:1\n2 2:1 3:1\n1 1:1\n3 3:1 4:1\n");
        maxent_model *old = fit_of("e", &read), *new;
        put_file("e", kind ? "B new z\nD new\nB x\n" : "2 9:1\n4 9:1\n2 1:1\n");
        maxent_read_options extend;
        maxent_read_options_init(&extend);
        extend.extend = old;
        maxent_events *events;
        assert_int_equal(maxent_events_read("e", &extend, &events, NULL, &where), MAXENT_OK);
        assert_int_equal(events->classes, 4);
        assert_true(events->features >= 5);
        maxent_fit_options fit;
        maxent_fit_options_init(&fit);
        fit.l2 = 1e6; /* held at the prior */
        fit.prior = old;
        fit.intercept = MAXENT_INTERCEPT_PENALIZED;
        if (maxent_model_fit(events, &fit, &new, NULL, &where) != MAXENT_OK)
            fail_msg("%s", where.message);
        for (size_t j = 0; j < 4; j++)
            for (size_t c = 0; c < 3; c++)
                assert_true(fabs(maxent_model_weight(new, c, j) - maxent_model_weight(old, c, j)) < 1e-5);
        maxent_model_free(new);
        maxent_model_free(old);
        maxent_events_free(events);
    }
}

static char folder[] = "model_predict_XXXXXX";

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(svmlight), cmocka_unit_test(named), cmocka_unit_test(tables),
                                              cmocka_unit_test(edges), cmocka_unit_test(late), cmocka_unit_test(adapted)};
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("e");
    unlink("p");
    if (chdir("..") != 0 || rmdir(folder) != 0)
        return 1;
    return failed;
}
