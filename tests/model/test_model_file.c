/* Model files: the same bits back, both forms; every damaged, cut or newer file refused; writing that fails leaves the old one. */
#include "model/files.h"

#include "model/events/columns.h"
#include "model/model.h"
#include "support/failing_io.h"

#include <dirent.h>
#include <math.h>
#include <zlib.h>

static maxent_diagnostic where;

static maxent_model *fit_file(const char *text, maxent_read_options *read, double l1, double l2, int errors)
{
    maxent_events *events;
    maxent_model *model = NULL;
    maxent_fit_options options;
    maxent_fit_options_init(&options);
    options.l1 = l1;
    options.l2 = l2;
    options.standard_errors = errors;
    options.threads = 1;
    put_file("train", text);
    if (maxent_events_read("train", read, &events, NULL, &where) != MAXENT_OK ||
        maxent_model_fit(events, &options, &model, NULL, &where) != MAXENT_OK)
        fail_msg("%s", where.message);
    maxent_events_free(events);
    unlink("train");
    return model;
}

/* Models of every form and with every part. */
static maxent_model *model_of(int kind)
{
    maxent_read_options read;
    maxent_read_options_init(&read);
    static const char svm[] = "1 1:0.1 3:2\n2 2:1\n3 1:1 2:-3\n1 3:1\n2 2:2\n";
    static const char names[] = "A x y:0.3\nB y z\\w\nA x z\\w\nB y\n\xc3\xa9 q\nA*0.5,B*1.5 q r\n";
    static const char table[] = "a,b,y\n1,u,no\n3.5,\"v\nw\",yes\n7,u,no\n2,u,yes\n";
    static const char separated[] = "1 1:1\n2 2:1\n1 1:2\n";
    char far[400] = "";
    switch (kind) {
    case 0: return fit_file(svm, &read, 0, 1, 0);
    case 1: return fit_file(names, &read, 0, 0.5, 1);
    case 2: return fit_file(names, &read, 0.7, 0, 0); /* mostly zeros */
    case 3: return fit_file(separated, &read, 0, 0, 0);
    case 4:
        read.target = "y";
        read.absent = MAXENT_ABSENT_IMPUTE;
        return fit_file(table, &read, 0, 0.1, 1);
    case 5:
        read.target = "y";
        read.contrasts = 1;
        return fit_file(table, &read, 0, 0.1, 0);
    default:
        for (int i = 0; i < 8; i++)
            sprintf(far + strlen(far), "%d %d:1 4000000000:2\n", i % 3, 100 + 7000000 * i);
        return fit_file(far, &read, 0, 1, 0);
    }
}

enum { KINDS = 7 };

static void equal_bits(const void *a, const void *b, size_t bytes)
{
    assert_true((a == NULL) == (b == NULL));
    if (a != NULL && bytes > 0)
        assert_memory_equal(a, b, bytes);
}

static void same_model(const maxent_model *a, const maxent_model *b, int covariance)
{
    assert_int_equal(a->features, b->features);
    assert_int_equal(a->classes, b->classes);
    assert_int_equal(a->vectors, b->vectors);
    assert_int_equal(a->space->form, b->space->form);
    assert_int_equal(a->space->base, b->space->base);
    size_t all = (a->features + (a->intercept != NULL)) * a->vectors;
    equal_bits(a->weight, b->weight, a->features * a->vectors * sizeof *a->weight);
    equal_bits(a->intercept, b->intercept, a->vectors * sizeof *a->weight);
    if (covariance)
        equal_bits(a->covariance, b->covariance, all * (all + 1) / 2 * sizeof *a->weight);
    equal_bits(a->direction, b->direction, all * sizeof *a->weight);
    assert_true(a->l1 == b->l1 && a->l2 == b->l2);
    assert_string_equal(a->fit.message, b->fit.message);
    assert_int_equal(a->fit.verdict, b->fit.verdict);
    assert_int_equal(a->fit.method, b->fit.method);
    assert_int_equal(a->fit.iterations, b->fit.iterations);
    equal_bits(&a->fit.objective, &b->fit.objective, sizeof a->fit.objective);
    equal_bits(&a->fit.gap, &b->fit.gap, sizeof a->fit.gap);
    char one[64], other[64];
    for (size_t j = 0; j < a->features; j++) {
        mx_space_feature_name(a->space, j, one, sizeof one);
        mx_space_feature_name(b->space, j, other, sizeof other);
        assert_string_equal(one, other);
    }
    for (size_t c = 0; c < a->classes; c++) {
        mx_space_class_name(a->space, c, one, sizeof one);
        mx_space_class_name(b->space, c, other, sizeof other);
        assert_string_equal(one, other);
    }
}

static maxent_model *read_back(const char *name)
{
    maxent_model *model = NULL;
    memset(&where, 0, sizeof where);
    if (maxent_model_read(name, &model, &where) != MAXENT_OK)
        fail_msg("%s:%zu: %s", name, where.line, where.message);
    return model;
}

static void round_trips(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        maxent_model *model = model_of(kind);
        assert_int_equal(maxent_model_write(model, "m", &where), MAXENT_OK);
        maxent_model *binary = read_back("m");
        same_model(model, binary, 1);
        assert_int_equal(maxent_model_write_text(model, "t", &where), MAXENT_OK);
        maxent_model *text = read_back("t");
        same_model(model, text, 0);
        if (model->covariance == NULL) { /* the same file, byte by byte */
            size_t one, other;
            assert_int_equal(maxent_model_write(text, "n", &where), MAXENT_OK);
            char *a = get_file("m", &one), *b = get_file("n", &other);
            assert_int_equal(one, other);
            assert_memory_equal(a, b, one);
            free(a);
            free(b);
            unlink("n");
        }
        double p[8], q[8];
        const uint32_t index[] = {0, 1};
        maxent_model_predict(model, 2, index, NULL, NULL, p);
        maxent_model_predict(text, 2, index, NULL, NULL, q);
        assert_memory_equal(p, q, model->classes * sizeof *p);
        maxent_model_free(model);
        maxent_model_free(binary);
        maxent_model_free(text);
    }
    unlink("m");
    unlink("t");
}

static void refused(const char *why)
{
    maxent_model *model;
    memset(&where, 0, sizeof where);
    maxent_error error = maxent_model_read("d", &model, &where);
    if (error != MAXENT_ERROR_FILE || where.message[0] == '\0')
        fail_msg("error %d: %s (%s)", error, where.message, why);
}

/* Every place near the ends, and some of those between. */
static size_t after(size_t at, size_t length, size_t step)
{
    return at + (at < 150 || at + 24 > length ? 1 : step);
}

/* Every cut and every changed byte of the binary form is noticed, each with a message. */
static void damage(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        maxent_model *model = model_of(kind);
        size_t length;
        assert_int_equal(maxent_model_write(model, "m", &where), MAXENT_OK);
        maxent_model_free(model);
        char *whole = get_file("m", &length), what[64];
        for (size_t cut = 0; cut < length; cut = after(cut, length, 41)) {
            put_bytes("d", whole, cut);
            snprintf(what, sizeof what, "kind %d cut at %zu of %zu", kind, cut, length);
            refused(what);
            if (cut >= 8)
                assert_non_null(strstr(where.message, "cut short"));
        }
        for (size_t at = 0; at < length; at = after(at, length, 37)) {
            static const unsigned char flips[] = {1, 0x80, 0xff};
            char old = whole[at];
            whole[at] = (char)(old ^ flips[at % 3]);
            put_bytes("d", whole, length);
            snprintf(what, sizeof what, "kind %d changed at %zu of %zu", kind, at, length);
            refused(what);
            whole[at] = old;
        }
        char *more = malloc(length + 1);
        memcpy(more, whole, length);
        more[length] = 'x';
        put_bytes("d", more, length + 1);
        refused("more");
        free(more);
        whole[8] = 2; /* the version */
        put_bytes("d", whole, length);
        refused("newer");
        assert_non_null(strstr(where.message, "newer"));
        free(whole);
    }
    put_file("d", "this is not one");
    refused("text");
    assert_non_null(strstr(where.message, "this is not a model"));
    maxent_model *none;
    assert_int_equal(maxent_model_read("not-there", &none, &where), MAXENT_ERROR_FILE);
    unlink("d");
    unlink("m");
}

static uint32_t stored_sum(const char *whole, size_t length)
{
    const unsigned char *at = (const unsigned char *)whole + length - 8;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_signed(const char *name, char *whole, size_t length)
{
    uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)whole, length - 16);
    for (int i = 0; i < 4; i++)
        whole[length - 8 + (size_t)i] = (char)(sum >> 8 * i & 0xff);
    put_bytes(name, whole, length);
}

/* Changes that keep the checksum right: each is refused with its reason, or what is read is a model, whose numbers are finite. */
static void forged(void **state)
{
    (void)state;
    static const char *const reason[] = {
        "a name comes twice", "columns that cannot be", "a column that cannot be", "a weight that is not finite",
        "more weights than there are", "a weight in a place that cannot be", "cut short", "fewer than two classes",
        "the number of classes is not that of their names",
    };
    size_t seen[sizeof reason / sizeof *reason] = {0}, taken = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        maxent_model *model = model_of(kind), *read;
        size_t length;
        assert_int_equal(maxent_model_write(model, "m", &where), MAXENT_OK);
        maxent_model_free(model);
        char *whole = get_file("m", &length);
        uint32_t sum = stored_sum(whole, length);
        put_signed("d", whole, length);
        assert_int_equal(stored_sum(whole, length), sum);
        for (size_t at = 16; at + 17 < length; at += at < 400 ? 1 : 3)
            for (int change = 0; change < 5; change++) {
                char old[2] = {whole[at], whole[at + 1]};
                static const unsigned char to[] = {0, 1, 'A', 0x7f, 0xff};
                whole[at] = (char)to[change];
                if (change == 4) /* with the last bytes of a double: not a number */
                    whole[at + 1] = (char)0xff;
                put_signed("d", whole, length);
                memset(&where, 0, sizeof where);
                maxent_error error = maxent_model_read("d", &read, &where);
                if (error == MAXENT_OK) {
                    double p[8];
                    const uint32_t index[] = {0, 1};
                    taken++;
                    for (size_t i = 0; i < read->features * read->vectors; i++)
                        assert_true(isfinite(read->weight[i]));
                    if (read->classes <= 8 && read->features > 1)
                        maxent_model_predict(read, 2, index, NULL, NULL, p);
                    maxent_model_free(read);
                } else if (error != MAXENT_ERROR_FILE || where.message[0] == '\0') {
                    fail_msg("kind %d, byte %zu, change %d: error %d: %s", kind, at, change, error, where.message);
                }
                for (size_t i = 0; i < sizeof reason / sizeof *reason; i++)
                    seen[i] += error != MAXENT_OK && strstr(where.message, reason[i]) != NULL;
                memcpy(whole + at, old, 2);
            }
        free(whole);
    }
    for (size_t i = 0; i < sizeof reason / sizeof *reason; i++)
        if (seen[i] == 0)
            fail_msg("never said: %s", reason[i]);
    assert_true(taken > 100); /* another digit of a weight is another model */
    unlink("d");
    unlink("m");
}

/* The text form may be edited, so not every change is an error; but none may crash, and no cut is taken for a whole model. */
static void text_damage(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        maxent_model *model = model_of(kind), *read;
        size_t length;
        assert_int_equal(maxent_model_write_text(model, "m", &where), MAXENT_OK);
        maxent_model_free(model);
        char *whole = get_file("m", &length);
        for (size_t cut = 0; cut + 1 < length; cut = after(cut, length, 29)) {
            put_bytes("d", whole, cut);
            refused("a cut text");
        }
        for (size_t at = 13; at < length; at = after(at, length, 23)) {
            static const char to[] = "\t\n9x";
            char old = whole[at];
            whole[at] = to[at % 4];
            put_bytes("d", whole, length);
            if (maxent_model_read("d", &read, &where) == MAXENT_OK)
                maxent_model_free(read);
            whole[at] = old;
        }
        free(whole);
    }
    static const struct {
        const char *text;
        size_t line;
        const char *message;
    } wrong[] = {
        {"maxent-model\t2\n", 1, "newer"},
        {"maxent-model\t1\nform\tsvm\n", 2, "an unknown word"},
        {"maxent-model\t1\nbase\t1\n", 2, "the form comes first"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t1\n", 4, "a name comes twice"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t2\nfeature\t1\tnan\n", 5, "a finite number"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t2\nfeature\t1\t1\t2\n", 5, "a field too many"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t2\nclass\t3\nfeature\t1\t1\n", 6, "ends too early"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t2\nfeature\t1\t1\nend\t2\n", 6, "not what the end says"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nclass\t2\nfeature\tx\t1\nend\t1\n", 0, "no number"},
        {"maxent-model\t1\nform\tsvmlight\nclass\t1\nend\t0\n", 0, "fewer than two classes"},
        {"maxent-model\t1\nform\tcsv\nclass\t1\nclass\t2\nend\t0\n", 6, "'target' is missing"},
        {"maxent-model\t1\nform\tcsv\ntarget\ty\terror\t0\nnumber\ta\t0\t0\t1\nclass\tu\nclass\tv\nfeature\tb\t1\nend\t1\n", 7,
         "not the feature"},
        {"maxent-model\t1\nform\tsvmlight\nnumber\ta\t0\t0\t1\n", 3, "columns belong"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put_file("d", wrong[i].text);
        refused(wrong[i].text);
        if (where.line != wrong[i].line || strstr(where.message, wrong[i].message) == NULL)
            fail_msg("%zu: %s; expected %zu: %s", where.line, where.message, wrong[i].line, wrong[i].message);
    }
    unlink("d");
    unlink("m");
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* Every opening, write, close and rename fails once: WRITE, the old file as it was, nothing beside it. */
static void old_or_new(void **state)
{
    (void)state;
    maxent_model *model = model_of(1);
    put_file("events", "A x\nB y\nA q\n");
    for (int form = 0; form < 3; form++) {
        size_t k = 0, failed, length;
        do {
            put_file("m", "old\n");
            failing_io_start(++k, 0, FAILING_IO_WRITE | FAILING_IO_RENAME | (form < 2 ? FAILING_IO_OPEN | FAILING_IO_CLOSE : 0));
            maxent_error error = form == 0   ? maxent_model_write(model, "m", &where)
                                 : form == 1 ? maxent_model_write_text(model, "m", &where)
                                             : maxent_predict_file(model, "events", NULL, "m", NULL, &where);
            failed = failing_io_stop();
            char *text = get_file("m", &length);
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_WRITE : MAXENT_OK);
            assert_int_equal(strcmp(text, "old\n") == 0, failed > 0);
            assert_int_equal(entries(), 2);
            free(text);
        } while (failed > 0);
        assert_true(k >= 2);
    }
    for (size_t k = 1, failed = 1; failed > 0; k++) { /* reading: no crash, FILE */
        maxent_model *again = NULL;
        assert_int_equal(maxent_model_write(model, "m", &where), MAXENT_OK);
        failing_io_start(k, 0, FAILING_IO_OPEN | FAILING_IO_READ);
        maxent_error error = maxent_model_read("m", &again, &where);
        failed = failing_io_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_FILE : MAXENT_OK);
        maxent_model_free(again);
    }
    for (size_t k = 1, failed = 1; failed > 0; k++) {
        maxent_events *events = NULL;
        failing_io_start(k, 0, FAILING_IO_OPEN | FAILING_IO_READ);
        maxent_error error = maxent_events_read("events", NULL, &events, NULL, &where);
        failed = failing_io_stop();
        assert_int_equal(error, failed > 0 ? MAXENT_ERROR_FILE : MAXENT_OK);
        maxent_events_free(events);
    }
    assert_int_equal(maxent_model_write(model, "/dev/full", &where), MAXENT_ERROR_WRITE);
    maxent_model_free(model);
    unlink("m");
    unlink("events");
}

/* The weights of a table in the units of its file give the same probabilities without the transformation. */
static void units(void **state)
{
    (void)state;
    maxent_model *model = model_of(4);
    const mx_columns *columns = model->space->table;
    double x = 2.5, p[2];
    const uint32_t index[] = {0, 1};
    const double value[] = {(x - columns->column[0].centre) / columns->column[0].scale, 1};
    maxent_model_predict(model, 2, index, value, NULL, p);
    double s = maxent_model_raw_intercept(model, 1) + x * maxent_model_raw_weight(model, 1, 0) + maxent_model_raw_weight(model, 1, 1);
    assert_true(fabs(p[1] - p[0] - s) < 1e-13);
    assert_true(maxent_model_raw_standard_error(model, 1, 0) > 0);
    /* Var(b + x w) is the same in both units: with x = 0 it is that of the raw intercept */
    size_t i = model->features * model->vectors;
    double a = columns->column[0].centre / columns->column[0].scale, *v = model->covariance;
    double variance = v[i * (i + 1) / 2 + i] - 2 * a * v[i * (i + 1) / 2] + a * a * v[0];
    assert_true(fabs(maxent_model_raw_standard_error(model, 1, model->features) - sqrt(variance)) < 1e-13);
    maxent_model_free(model);
}

static char folder[] = "model_file_XXXXXX";

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips), cmocka_unit_test(damage), cmocka_unit_test(forged), cmocka_unit_test(text_damage),
        cmocka_unit_test(old_or_new),  cmocka_unit_test(units),
    };
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (chdir("..") != 0 || rmdir(folder) != 0)
        return 1;
    return failed;
}
