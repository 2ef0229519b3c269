/* Readers of events: what they make of good files, the same for any number of threads, and what they say about bad ones. */
#include "model/files.h"

#include "model/events/columns.h"
#include "model/events/events.h"

#include <math.h>
#include <zlib.h>

static maxent_diagnostic where;
static maxent_read_report report;

static maxent_events *read_events(const char *text, maxent_read_options *options)
{
    maxent_events *events = NULL;
    put_file("t.txt", text);
    memset(&where, 0, sizeof where);
    if (maxent_events_read("t.txt", options, &events, &report, &where) != MAXENT_OK) {
        char message[2048];
        maxent_diagnostic_text(&where, message, sizeof message);
        fail_msg("%s", message);
    }
    return events;
}

static maxent_read_options plain(void)
{
    maxent_read_options options;
    maxent_read_options_init(&options);
    options.threads = 1;
    options.keep_apart = 1;
    return options;
}

static void feature_is(const maxent_events *events, size_t j, const char *expected)
{
    char name[64];
    mx_space_feature_name(events->space, j, name, sizeof name);
    assert_string_equal(name, expected);
}

static void class_is(const maxent_events *events, size_t c, const char *expected)
{
    char name[64];
    mx_space_class_name(events->space, c, name, sizeof name);
    assert_string_equal(name, expected);
}

static void svmlight(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    maxent_events *e = read_events("# head\n+1 1:0.5 3:1 # c\n\n-1 2:1e-1\n1.0\t3:2.5\r\n  -1.0   1:0 4:1", &options);
    assert_int_equal(report.format, MAXENT_FORMAT_SVMLIGHT);
    assert_int_equal(e->events, 4);
    assert_int_equal(e->features, 4);
    assert_int_equal(e->classes, 2);
    class_is(e, 0, "-1");
    class_is(e, 1, "1");
    feature_is(e, 0, "1");
    const uint32_t labels[] = {1, 0, 1, 0};
    assert_memory_equal(e->label, labels, sizeof labels);
    const size_t rows[] = {0, 2, 3, 4, 5};
    assert_memory_equal(e->row, rows, sizeof rows);
    const uint32_t index[] = {0, 2, 1, 2, 3};
    const double value[] = {0.5, 1, 0.1, 2.5, 1};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(e->index[i], index[i]);
        assert_true(mx_event_value(e, i) == value[i]);
    }
    assert_null(e->weight);
    maxent_events_free(e);
    e = read_events("0 0:1 5:1\n1 0:1", &options); /* from 0 on; binary values cost nothing */
    assert_int_equal(e->space->base, 0);
    assert_int_equal(e->features, 6);
    assert_null(e->value);
    assert_null(e->code);
    maxent_events_free(e);
}

static void numbers_far_apart(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    char *text = malloc(1 << 20);
    size_t used = 0;
    for (unsigned i = 0; i < 2000; i++)
        used += (size_t)sprintf(text + used, "%u %u:1 %u:2\n", i % 2, 7 + i * 1000000u, 4294967294u);
    maxent_events *e = read_events(text, &options);
    assert_int_equal(e->features, 2001);
    feature_is(e, 0, "7");
    feature_is(e, 1999, "1999000007");
    feature_is(e, 2000, "4294967294");
    assert_int_equal(e->index[2 * 1234], 1234);
    options.like = e; /* and again for the same features, in another order and with unknown ones */
    maxent_events *f = read_events("1 1:1 1000007:5 3000000007:1\n0 7:1\n3 7:2\n", &options);
    assert_int_equal(f->row[3], 3);
    assert_int_equal(f->index[0], 1);
    assert_int_equal(f->index[1], 0);
    assert_int_equal(report.unknown, 2);
    assert_int_equal(report.unlabelled, 1);
    assert_int_equal(f->label[2], MX_NO_CLASS);
    maxent_events_free(f);
    maxent_events_free(e);
    free(text);
}

static void named(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    maxent_events *e = read_events("B z y:2 \xc3\xa9\xe2\x82\xac a%3Ab\n#x\nA y x#y # y\nB*2 z:0 x\nA*0.25,B*0.75 q\n", &options);
    assert_int_equal(report.format, MAXENT_FORMAT_NAMED);
    assert_int_equal(e->events, 4);
    class_is(e, 0, "A");
    feature_is(e, 0, "z");
    feature_is(e, 2, "\xc3\xa9\xe2\x82\xac");
    feature_is(e, 3, "a%3Ab");
    feature_is(e, 4, "x#y");
    assert_int_equal(e->features, 7);
    assert_int_equal(e->row[1], 4);
    assert_int_equal(e->index[4], 1);
    assert_non_null(e->target_row);
    const double weight[] = {1, 1, 2, 0.25, 0.75};
    const uint32_t target[] = {1, 0, 1, 0, 1};
    for (size_t i = 0; i < 5; i++) {
        assert_true(e->target_weight[i] == weight[i]);
        assert_int_equal(e->target[i], target[i]);
    }
    maxent_events_free(e);
    options.keep_apart = 0; /* equal contexts become one */
    e = read_events("A x y\nB y x\nA x\n", &options);
    assert_int_equal(e->events, 2);
    assert_int_equal(report.merged, 1);
    assert_true(maxent_events_weight(e) == 3);
    maxent_events_free(e);
}

static void tables(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    options.target = "y";
    options.weight = "w";
    maxent_events *e = read_events("a,b,y,w,c\n1,u,no,1,5\n3,v,yes,3,5\n7,u,no,0,5\n", &options);
    assert_int_equal(report.format, MAXENT_FORMAT_TABLE);
    assert_int_equal(e->features, 3); /* c has one value */
    feature_is(e, 0, "a");
    feature_is(e, 1, "b=u");
    double mean = 10.0 / 4, scale = sqrt((1 * 2.25 + 3 * 0.25) / 4);
    assert_true(fabs(mx_event_value(e, 0) - (1 - mean) / scale) < 1e-15);
    assert_true(fabs(maxent_events_scale(e, 0) - scale) < 1e-15);
    assert_true(maxent_events_scale(e, 2) == 1.0);
    maxent_read_options again = plain();
    again.like = e;
    put_file("u.csv", "x,b,y,a\n0,w,yes,2.5\n0,v,maybe,4\n");
    maxent_events *f;
    assert_int_equal(maxent_events_read("u.csv", &again, &f, &report, &where), MAXENT_OK);
    assert_int_equal(f->row[1], 0); /* the mean, and a level that is not known */
    assert_int_equal(f->index[0], 0);
    assert_int_equal(f->index[1], 2);
    assert_int_equal(f->label[1], MX_NO_CLASS);
    assert_int_equal(report.unknown, 1);
    maxent_events_free(f);
    maxent_events_free(e);
    options = plain();
    options.target = "y";
    options.contrasts = 1;
    const char *const categories[] = {"a"}, *const ignored[] = {"c"};
    options.categorical = categories;
    options.categoricals = 1;
    options.ignore = ignored;
    options.ignores = 1;
    options.absent = MAXENT_ABSENT_IMPUTE;
    e = read_events("a,b,y,c\n1,2,no,x\n2,NA,yes,y\n,4,no,z\n", &options);
    assert_int_equal(e->features, 3);
    feature_is(e, 0, "a=2");
    feature_is(e, 1, "a=(missing)");
    feature_is(e, 2, "b");
    assert_int_equal(e->row[2] - e->row[1], 1); /* the mean of b is no entry */
    maxent_events_free(e);
    options.absent = MAXENT_ABSENT_DROP;
    e = read_events("a,b,y,c\n1,2,no,x\n2,NA,yes,y\n1,4,yes,NA\n", &options);
    assert_int_equal(e->events, 2);
    assert_int_equal(report.dropped, 1);
    maxent_events_free(e);
}

/* ---- large files: blocks, threads, compression ---- */

static uint64_t state64 = 42;

static uint32_t next(uint32_t below)
{
    state64 = state64 * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state64 >> 33) % below;
}

static void same(const maxent_events *a, const maxent_events *b)
{
    assert_int_equal(a->events, b->events);
    assert_int_equal(a->features, b->features);
    assert_memory_equal(a->row, b->row, (a->events + 1) * sizeof *a->row);
    assert_memory_equal(a->index, b->index, a->row[a->events] * sizeof *a->index);
    assert_memory_equal(a->label, b->label, a->events * sizeof *a->label);
    for (size_t i = 0; i < a->row[a->events]; i++)
        assert_true(mx_event_value(a, i) == mx_event_value(b, i));
    for (size_t j = 0; j < a->features; j += 997) {
        char one[64], other[64];
        mx_space_feature_name(a->space, j, one, sizeof one);
        mx_space_feature_name(b->space, j, other, sizeof other);
        assert_string_equal(one, other);
    }
}

static void large(void **state)
{
    (void)state;
    enum { EVENTS = 60000, ROOM = 6 << 20 };
    char *text = malloc(ROOM);
    double *values = malloc(EVENTS * 8 * sizeof *values);
    for (int form = 0; form < 2; form++) {
        size_t used = 0, count = 0;
        for (int e = 0; e < EVENTS; e++) {
            used += (size_t)sprintf(text + used, "%u", next(5));
            unsigned number = 0;
            for (unsigned k = 0, n = next(8); k < n; k++) {
                static const char *const shapes[] = {"%.17g", "%.6f", "%.3e", "%.25g"};
                number += 1 + next(500);
                double x = (next(2) ? 1 : -1) * ldexp((double)next(1u << 30) + 1, (int)next(20) - 30);
                char digits[80];
                sprintf(digits, shapes[next(4)], x);
                values[count] = strtod(digits, NULL); /* the C library's own reader judges */
                if (values[count] == 0)
                    continue;
                count++;
                used += (size_t)sprintf(text + used, form == 0 ? " %u:%s" : "\tname%u:%s", number, digits);
            }
            text[used++] = '\n';
        }
        put_bytes("large", text, used);
        gzFile zipped = gzopen("large.gz", "w1");
        assert_int_equal(gzwrite(zipped, text, (unsigned)used), used);
        gzclose(zipped);
        maxent_read_options options = plain();
        options.format = form == 0 ? MAXENT_FORMAT_SVMLIGHT : MAXENT_FORMAT_NAMED;
        maxent_events *one, *other;
        assert_int_equal(maxent_events_read("large", &options, &one, NULL, NULL), MAXENT_OK);
        assert_int_equal(one->events, EVENTS);
        assert_int_equal(one->row[EVENTS], count);
        for (size_t i = 0; form == 0 && i < count; i++)
            assert_true(mx_event_value(one, i) == values[i]);
        for (int threads = 2; threads <= 7; threads += 5)
            for (int zip = 0; zip < 2; zip++) {
                options.threads = threads;
                assert_int_equal(maxent_events_read(zip ? "large.gz" : "large", &options, &other, NULL, NULL), MAXENT_OK);
                same(one, other);
                maxent_events_free(other);
            }
        maxent_events_free(one);
        memcpy(text + used - 1, " 1:x", 4); /* the last line is wrong; and with many threads, the first wrong one is told */
        for (int second = 0; second < 2; second++) {
            put_bytes("large", text, used + 3);
            options.threads = 3;
            assert_int_equal(maxent_events_read("large", &options, &other, NULL, &where), MAXENT_ERROR_FILE);
            assert_int_equal(where.line, second ? 1 : EVENTS);
            memcpy(text, "1 :\n", 4);
        }
    }
    free(text);
    free(values);
}

/* Blocks with values and blocks without, in turn. */
static void valued_by_turns(void **state)
{
    (void)state;
    enum { EVENTS = 300000 };
    char *text = malloc(EVENTS * 16);
    maxent_read_options options = plain();
    for (int form = 0; form < 2; form++) {
        size_t used = 0;
        for (int e = 0; e < EVENTS; e++)
            used += (size_t)sprintf(text + used, form ? "c%d x%d%s z\n" : "%d %d%s 9:1\n", e % 2, 1 + e % 7,
                                    e / 100000 == 1 ? ":0.5" : form ? "" : ":1");
        put_bytes("large", text, used);
        for (options.threads = 1; options.threads < 4; options.threads += 2) {
            maxent_events *events;
            assert_int_equal(maxent_events_read("large", &options, &events, NULL, NULL), MAXENT_OK);
            for (size_t e = 0; e < EVENTS; e++)
                for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
                    char name[16];
                    mx_space_feature_name(events->space, events->index[i], name, sizeof name);
                    int last = strcmp(name, "9") == 0 || strcmp(name, "z") == 0;
                    assert_true(mx_event_value(events, i) == (e / 100000 == 1 && !last ? 0.5 : 1.0));
                }
            maxent_events_free(events);
        }
    }
    free(text);
}

/* Values that come in blocks: few different ones at first, then one more than a byte tells apart, or one of them, or no new ones; and the
 * first feature 0 of the file late. What was written is what is read, with one thread and with three. */
static void values_and_numbers(void **state)
{
    (void)state;
    enum { LINES = 60000 }; /* about 700 kB, so some blocks */
    static const unsigned different[] = {1, 200, 254, 255, 256, 1000};
    for (size_t turn = 0; turn < 2 * sizeof different / sizeof *different; turn++) {
        FILE *file = fopen("large", "w");
        unsigned most = different[turn / 2];
        int zero = turn % 2;
        for (unsigned i = 0; i < LINES; i++) /* value 1 is one of them, where they are more */
            fprintf(file, "%u %u:%u 5:0 7:1\n", i % 2, zero && i > LINES / 2 ? 0 : 1 + i % 4,
                    i < LINES / 2 ? 1 + i % 100 % most : 1 + i % most);
        fclose(file);
        for (int threads = 1; threads <= 3; threads += 2) {
            maxent_read_options options = plain();
            options.keep_apart = 1;
            options.threads = threads;
            maxent_events *events;
            assert_int_equal(maxent_events_read("large", &options, &events, &report, &where), MAXENT_OK);
            assert_int_equal(events->events, LINES);
            assert_int_equal(report.entries, 2 * LINES);
            assert_int_equal(events->features, 7 + zero);
            assert_true((events->value != NULL) == (most >= 256)); /* a byte tells 255 apart */
            for (unsigned i = 0; i < LINES; i++) {
                assert_int_equal(events->row[i], 2 * i);
                assert_int_equal(events->index[2 * i], (zero && i > LINES / 2 ? 0 : 1 + i % 4) - (zero ? 0u : 1u));
                assert_int_equal(events->index[2 * i + 1], 7 - (zero ? 0u : 1u));
                assert_true(mx_event_value(events, 2 * i) == (i < LINES / 2 ? 1 + i % 100 % most : 1 + i % most));
                assert_true(mx_event_value(events, 2 * i + 1) == 1.0);
            }
            maxent_events_free(events);
        }
    }
}

/* Named features with value 0 are no entries, also among others, in events of every length, and wherever blocks end. */
static void zeros(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    FILE *file = fopen("large", "w");
    size_t entries = 0;
    for (unsigned i = 0; i < LINES; i++) {
        fprintf(file, "%c", i % 3 == 0 ? 'A' : 'B');
        for (unsigned k = 0; k < i % 80; k++) {
            unsigned value = (i + k) % 5;
            fprintf(file, value == 1 ? " n%u" : " n%u:%u", k * 37 % 80, value); /* 37 and 80 have no common divisor: each name once */
            entries += value != 0;
        }
        fprintf(file, "\n");
    }
    fclose(file);
    for (int threads = 1; threads <= 3; threads += 2) {
        maxent_read_options options = plain();
        options.keep_apart = 1;
        options.threads = threads;
        maxent_events *events;
        assert_int_equal(maxent_events_read("large", &options, &events, &report, &where), MAXENT_OK);
        assert_int_equal(report.entries, entries);
        assert_int_equal(events->row[LINES], entries);
        for (unsigned i = 0; i < LINES; i++) {
            size_t at = events->row[i], seen = 0;
            unsigned value_of[80] = {0};
            for (unsigned k = 0; k < i % 80; k++)
                value_of[k * 37 % 80] = (i + k) % 5;
            for (; at < events->row[i + 1]; at++, seen++) {
                char name[16];
                assert_true(at == events->row[i] || events->index[at - 1] < events->index[at]);
                mx_space_feature_name(events->space, events->index[at], name, sizeof name);
                assert_true(mx_event_value(events, at) == value_of[atoi(name + 1)] && value_of[atoi(name + 1)] > 0);
            }
            for (unsigned k = 0; k < 80; k++)
                seen -= value_of[k] != 0;
            assert_int_equal(seen, 0);
        }
        maxent_events_free(events);
    }
}

/* One line of many features: their order. */
static void wide(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    char *text = malloc(1 << 20);
    size_t used = 0;
    for (int pass = 0; pass < 2; pass++) {
        used += (size_t)sprintf(text + used, "%c", 'A' + pass);
        for (int i = 0; i < 1000; i++)
            used += (size_t)sprintf(text + used, " n%d:%d", pass ? (i * 617) % 1000 : i, pass ? (i * 617) % 1000 + 2 : i + 2);
        text[used++] = '\n';
    }
    text[used] = '\0';
    maxent_events *e = read_events(text, &options);
    for (size_t i = 0; i < 2000; i++) {
        assert_int_equal(e->index[i], i % 1000);
        assert_true(mx_event_value(e, i) == (double)(i % 1000 + 2));
    }
    maxent_events_free(e);
    free(text);
}

/* Words, colons and comments wherever they fall among the 64 bytes that are looked at together, and names looked up together or not. */
static void words(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    char *text = malloc(1 << 16), name[256];
    for (size_t shift = 0; shift < 130; shift++) {
        size_t used = (size_t)sprintf(text, "A a");
        memset(text + used, 'b', shift);
        used += shift;
        used += (size_t)sprintf(text + used, " x:y:2.5 c:0\t#:d z:1e0 \r\n#\nB   e:3 # f:1 :\n C \nA x:y:7");
        maxent_events *e = read_events(text, &options);
        assert_int_equal(e->events, 4);
        assert_int_equal(e->features, 4); /* c has the value 0 only; '#:d' begins a comment */
        mx_space_feature_name(e->space, 0, name, sizeof name);
        assert_int_equal(strlen(name), 1 + shift);
        feature_is(e, 1, "x:y");
        feature_is(e, 2, "c");
        feature_is(e, 3, "e");
        const size_t rows[] = {0, 2, 3, 3, 4};
        assert_memory_equal(e->row, rows, sizeof rows);
        const uint32_t index[] = {0, 1, 3, 1};
        const double value[] = {1, 2.5, 3, 7};
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(e->index[i], index[i]);
            assert_true(mx_event_value(e, i) == value[i]);
        }
        maxent_events_free(e);
    }
    free(text);
}

/* ---- refusals ---- */

typedef struct refusal {
    const char *text;
    maxent_error error;
    size_t line, column;
    const char *message;
} refusal;

static void refuse(const refusal *r, const maxent_read_options *options)
{
    maxent_events *events;
    memset(&where, 0, sizeof where);
    put_file("t.txt", r->text);
    maxent_error error = maxent_events_read("t.txt", options, &events, NULL, &where);
    if (error != r->error || where.error != error || where.line != r->line || where.column != r->column ||
        strstr(where.message, r->message) == NULL)
        fail_msg("'%s': error %d at %zu:%zu, \"%s\"; expected error %d at %zu:%zu, \"%s\"", r->text, error, where.line, where.column,
                 where.message, r->error, r->line, r->column, r->message);
}

static void refusals(void **state)
{
    (void)state;
    static const refusal svm[] = {
        {"", MAXENT_ERROR_FILE, 0, 0, "no events"},
        {"# only a comment\n\n", MAXENT_ERROR_FILE, 0, 0, "no events"},
        {"1 2:1\n1 3:1\n", MAXENT_ERROR_FILE, 0, 0, "every event has the class '1'"},
        {"1 2:1\n2 3:1 3:2\n", MAXENT_ERROR_FILE, 2, 7, "feature 3 comes twice"},
        {"1 2:1\n2 3:1 2:2\n", MAXENT_ERROR_FILE, 2, 7, "feature 2 comes after 3"},
        {"1 2:nan\n", MAXENT_ERROR_FILE, 1, 5, "'nan' is not a value"},
        {"1 2:-inf\n", MAXENT_ERROR_FILE, 1, 5, "'-inf' is not a value"},
        {"1 2:1e999\n", MAXENT_ERROR_FILE, 1, 5, "'1e999' is not a value"},
        {"1 2:1e150\n2 3:1 4:-1e200\n", MAXENT_ERROR_FILE, 2, 9, "'-1e200' is not a value: a number of at most 1e150"},
        {"1 2:\n", MAXENT_ERROR_FILE, 1, 5, "is not a value"},
        {"1 2:1x\n", MAXENT_ERROR_FILE, 1, 5, "'1x' is not a value"},
        {"1 2:0x10\n", MAXENT_ERROR_FILE, 1, 5, "'0x10' is not a value"},
        {"1 2: 1\n", MAXENT_ERROR_FILE, 1, 5, "is not a value"},
        {"1 2\n", MAXENT_ERROR_FILE, 1, 4, "is not number:value"},
        {"1 -2:1\n", MAXENT_ERROR_FILE, 1, 3, "not negative"},
        {"1 4294967295:1\n", MAXENT_ERROR_FILE, 1, 3, "at most 4294967294"},
        {"1 99999999999999999999:1\n", MAXENT_ERROR_FILE, 1, 3, "at most 4294967294"},
        {"1 qid:7 2:1\n", MAXENT_ERROR_FILE, 1, 3, "rankings"},
        {"1 2:1\nx 3:1\n", MAXENT_ERROR_FILE, 2, 1, "'x' is not a label"},
        {"nan 3:1\n", MAXENT_ERROR_FILE, 1, 1, "'nan' is not a label"},
        {"3:1 4:1\n", MAXENT_ERROR_FILE, 1, 1, "'3:1' is not a label"},
        {"1*2,1*3 3:1\n", MAXENT_ERROR_FILE, 1, 5, "the class '1' comes twice"},
        {"1*-2 3:1\n", MAXENT_ERROR_FILE, 1, 3, "the weight of a class"},
    };
    maxent_read_options options = plain();
    options.format = MAXENT_FORMAT_SVMLIGHT;
    for (size_t i = 0; i < sizeof svm / sizeof *svm; i++)
        refuse(&svm[i], &options);
    static const refusal names[] = {
        {"A x\nB y:x\n", MAXENT_ERROR_FILE, 2, 5, "'x' is not a value"},
        {"A x:\n", MAXENT_ERROR_FILE, 1, 5, "is not a value"},
        {"A x:inf\n", MAXENT_ERROR_FILE, 1, 5, "is not a value"},
        {"A x\nB y:1e200\n", MAXENT_ERROR_FILE, 2, 5, "'1e200' is not a value: after the last colon a number of at most 1e150"},
        {"A \xc3\xa9 x \xc3\xa9\n", MAXENT_ERROR_FILE, 1, 7, "comes twice"},
        {"A x x:0\n", MAXENT_ERROR_FILE, 1, 5, "the feature 'x' comes twice"},
        {"A :3\n", MAXENT_ERROR_FILE, 1, 3, "without a name"},
        {"A x\xff y\n", MAXENT_ERROR_FILE, 1, 3, "not valid UTF-8"},
        {"A\x01 y\n", MAXENT_ERROR_FILE, 1, 1, "not valid UTF-8"},
        {"A*2,A*3 y\n", MAXENT_ERROR_FILE, 1, 5, "comes twice"},
        {"A x\nA y\n", MAXENT_ERROR_FILE, 0, 0, "every event has the class 'A'"},
    };
    options.format = MAXENT_FORMAT_NAMED;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        refuse(&names[i], &options);
    options.format = MAXENT_FORMAT_AUTO;
    refuse(&(refusal){"a,b\n1,2\n", MAXENT_ERROR_ARGUMENT, 0, 0, "which column is the class"}, &options);
    static const refusal table[] = {
        {"", MAXENT_ERROR_FILE, 0, 0, ""},
        {"a,y\n", MAXENT_ERROR_FILE, 0, 0, "no rows below the header"},
        {"a,y\n1,u\n2\n", MAXENT_ERROR_FILE, 3, 1, "1 field"},
        {"a,z\n1,u\n", MAXENT_ERROR_NAME, 0, 0, "no column \"y\""},
        {"a,y\n1,u\n2,u\n", MAXENT_ERROR_FILE, 0, 0, "every event has the class 'u'"},
        {"a,y\n1,u\n,v\n", MAXENT_ERROR_VALUE, 3, 1, "a missing value in the column \"a\""},
        {"a,y\n1,u\n1,NA\n", MAXENT_ERROR_VALUE, 3, 3, "a missing value in the column \"y\""},
        {"a,y\n1,u\ninf,v\n", MAXENT_ERROR_VALUE, 3, 1, "infinite"},
        {"a,a=b,y\nb,1,u\nc,2,v\n", MAXENT_ERROR_NAME, 0, 0, "two features would be called"},
    };
    options.target = "y";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        refuse(&table[i], &options);
    options.weight = "w";
    refuse(&(refusal){"w,y\n1,u\n-1,v\n", MAXENT_ERROR_VALUE, 3, 1, "a weight"}, &options);
    options.weight = "y";
    refuse(&(refusal){"w,y\n1,u\n", MAXENT_ERROR_NAME, 0, 0, "cannot be two things"}, &options);
    maxent_events *events;
    assert_int_equal(maxent_events_read("not-there", NULL, &events, NULL, &where), MAXENT_ERROR_FILE);
}

/* Tables of many blocks: what a cell is does not depend on where a block ends, nor on the number of threads. Column n has numbers until
 * `late`, and is one of names from its first cell on all the same; q is quoted, with line ends and quotes inside; z is numbers. */
static void large_tables(void **state)
{
    (void)state;
    enum { N = 40000 };
    maxent_events *first = NULL;
    for (int turn = 0; turn < 4; turn++) { /* 1, 2, 3 threads; then no odd cell */
        char *text = malloc(N * 64), *at = text + sprintf(text, "\xef\xbb\xbf\r\nn,q,y,z\r\n");
        for (int e = 0; e < N; e++)
            at += sprintf(at, "%s,\"a \"\"%d\"\"\r\n,\",%c,%d.%d0\r\n",
                          e == N - 5 && turn < 3 ? "0x10" : e % 3 == 0 ? "007" : "7.50", e % 2, e % 7 < 3 ? 'u' : 'v', e % 50, e % 10);
        put_file("large.csv", text);
        free(text);
        maxent_read_options options = plain();
        options.target = "y";
        options.threads = turn < 3 ? turn + 1 : 2;
        maxent_events *e;
        assert_int_equal(maxent_events_read("large.csv", &options, &e, &report, &where), MAXENT_OK);
        assert_int_equal(report.events, N);
        if (turn == 3) {
            assert_string_equal(report.note, "");
            assert_int_equal(e->features, 4); /* n, q of two levels, z */
            feature_is(e, 0, "n");
            maxent_events_free(e);
            continue;
        }
        assert_string_equal(report.note,
                            "79993:1: '0x10' is no number, so the column \"n\" is one of names; 2 of its 3 values are numbers");
        assert_int_equal(e->features, 6);
        feature_is(e, 0, "n=007");
        feature_is(e, 1, "n=7.50");
        feature_is(e, 2, "n=0x10");
        feature_is(e, 3, "q=a \"0\"\r\n,");
        assert_int_equal(e->index[e->row[N - 5]], 2);
        double mean = 0, square = 0;
        for (int i = 0; i < N; i++)
            mean += (i % 50 + i % 10 / 10.0) / N;
        for (int i = 0; i < N; i++)
            square += pow(i % 50 + i % 10 / 10.0 - mean, 2) / N;
        for (size_t i = 0; i < N; i += 999) {
            assert_int_equal(e->row[i + 1] - e->row[i], 3);
            double z = (double)(i % 50) + (double)(i % 10) / 10.0;
            assert_true(fabs(mx_event_value(e, e->row[i] + 2) - (z - mean) / sqrt(square)) < 1e-12);
            assert_int_equal(e->label[i], i % 7 >= 3);
        }
        if (first != NULL) {
            assert_memory_equal(e->index, first->index, 3 * N * sizeof *e->index);
            for (size_t i = 0; i < 3 * N; i++)
                assert_true(mx_event_value(e, i) == mx_event_value(first, i));
            maxent_events_free(e);
        } else {
            first = e;
        }
    }
    maxent_events_free(first);
    /* every way to write a number is the name that it was, once one cell is none */
    static const char *const numbers[] = {"007", "+5", "-0",               "0.50",   ".5",    "5.",
                                          "1e3", " 2", "123456789.012345", "-12.25", "1e400", "12345678901234567"};
    char text[600] = "x,y\n", *at = text + 4;
    for (size_t i = 0; i < 12; i++)
        at += sprintf(at, "%s,%c\n", numbers[i], i % 2 ? 'a' : 'b');
    maxent_read_options options = plain();
    options.target = "y";
    sprintf(at, "?,a\n");
    maxent_events *e = read_events(text, &options);
    assert_int_equal(e->features, 13);
    for (size_t i = 0; i < 12; i++) {
        char name[80];
        sprintf(name, "x=%s", numbers[i]);
        feature_is(e, i, name);
    }
    assert_non_null(strstr(report.note, "14:1: '?' is no number"));
    maxent_events_free(e);
    options.categorical = (const char *const[]){"x"};
    options.categoricals = 1;
    e = read_events(text, &options);
    assert_string_equal(report.note, ""); /* it was said */
    maxent_events_free(e);
    options.categoricals = 0;
    *at = '\0'; /* without the odd cell they are numbers, one of them infinite */
    refuse(&(refusal){text, MAXENT_ERROR_VALUE, 12, 1, "beyond 1.8e308"}, &options);
    options = plain();
    options.target = "y";
    refuse(&(refusal){"y,x\na,\"1\n\"\nb,2,3\n", MAXENT_ERROR_FILE, 4, 1, "3 fields, the header has 2"}, &options);
    refuse(&(refusal){"y,x\na,1\nb,2\"2\na,\"3\"\n", MAXENT_ERROR_FILE, 3, 4, "a quote inside"}, &options);
    refuse(&(refusal){"y,x\na,1\nb,\"2\na,3\n", MAXENT_ERROR_FILE, 3, 3, "never closed"}, &options);
    refuse(&(refusal){"y,x\na,1\nb,\xe9t\xe9\n", MAXENT_ERROR_FILE, 3, 3, "not UTF-8"}, &options);
    refuse(&(refusal){"y,x\na,1\nb,2\rc,3\n", MAXENT_ERROR_FILE, 3, 4, "carriage return"}, &options);
}

/* The first lines tell the format. */
static void formats(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        maxent_format format;
    } files[] = {
        {"1 2:3\n-1 4:5\n", MAXENT_FORMAT_SVMLIGHT},      {"# c\n\n+1\n2 3:1\n", MAXENT_FORMAT_SVMLIGHT},
        {"1*2,2*0.5 2:3\n2 2:1\n", MAXENT_FORMAT_SVMLIGHT}, {"1 a:3\n2 b\n", MAXENT_FORMAT_NAMED},
        {"1 2 3\n2 3\n", MAXENT_FORMAT_NAMED},            {"A\tx\nB\ty,z\n", MAXENT_FORMAT_NAMED},
        {"N w=a,b\nV w=c\n", MAXENT_FORMAT_NAMED},
    };
    maxent_read_options options = plain();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        maxent_events *events = read_events(files[i].text, &options);
        assert_int_equal(report.format, files[i].format);
        maxent_events_free(events);
    }
    /* data for other features */
    maxent_events *svm = read_events("1 2:3\n-1 4:5\n", &options), *other;
    options.like = svm;
    refuse(&(refusal){"A x\n", MAXENT_ERROR_FILE, 0, 0, "a model for other features"}, &options);
    refuse(&(refusal){"# \n1 7:1\n", MAXENT_ERROR_FILE, 2, 1, "none of the features"}, &options);
    options.target = "y";
    options.format = MAXENT_FORMAT_TABLE;
    assert_int_equal(maxent_events_read("t.txt", &options, &other, NULL, &where), MAXENT_ERROR_ARGUMENT);
    maxent_events_free(svm);
}

/* Names are looked up some lines at a time: the first thing wrong in the file is told all the same. */
static void first_wrong_name(void **state)
{
    (void)state;
    maxent_read_options options = plain();
    static const struct {
        const char *text;
        size_t line, column;
        const char *message;
    } cases[] = {
        {"A x x\nB y:z\n", 1, 5, "twice"},
        {"A x\nB y:z\nA x x\n", 2, 5, "not a value"},
        {"A \xff\nB :\n", 1, 3, "UTF-8"},
        {"A x y x:0\n\xff y\n", 1, 7, "twice"},
        {"A x:0 x\n", 1, 7, "twice"},
        {"A a\nB b a b\nA :1\n", 2, 7, "twice"},
        {"# c c\n\n  A a # a\nB\tb:0\ta:2\tb:3 # b\nA :1\n", 4, 11, "'b' comes twice"},
        {"A a b:1 b:z\n", 1, 11, "not a value"},
        {"A a:b a:1\nB a:2\n", 1, 5, "not a value"},
        {"A b%3A b%3A:1\nB \x01\n", 1, 8, "'b%3A' comes twice"},
        {"A b \x01" "b b\n", 1, 5, "control"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(&(refusal){cases[i].text, MAXENT_ERROR_FILE, cases[i].line, cases[i].column, cases[i].message}, &options);
    char *text = malloc(1 << 16); /* the same name a batch later */
    for (unsigned many = 250; many < 262; many++) {
        size_t used = (size_t)sprintf(text, "B q\nA");
        for (unsigned k = 0; k < many; k++)
            used += (size_t)sprintf(text + used, " n%u", k);
        sprintf(text + used, " n3\nB n3\n");
        refuse(&(refusal){text, MAXENT_ERROR_FILE, 2, used - 4 + 2, "'n3' comes twice"}, &options);
    }
    free(text);
}

static char folder[] = "model_read_XXXXXX";

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(svmlight), cmocka_unit_test(numbers_far_apart), cmocka_unit_test(named),    cmocka_unit_test(tables),
        cmocka_unit_test(large_tables),
        cmocka_unit_test(large),    cmocka_unit_test(wide),              cmocka_unit_test(refusals), cmocka_unit_test(formats),
        cmocka_unit_test(valued_by_turns), cmocka_unit_test(values_and_numbers), cmocka_unit_test(zeros),
        cmocka_unit_test(words), cmocka_unit_test(first_wrong_name),
    };
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const files[] = {"t.txt", "u.csv", "large", "large.gz", "large.csv"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    if (chdir("..") != 0 || rmdir(folder) != 0)
        return 1;
    return failed;
}
