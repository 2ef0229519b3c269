/* Models as text: tab-separated lines, exact, to be looked at, compared and edited.
 *
 *     maxent-model  1
 *     form          svmlight | named | csv | array
 *     base          0 | 1                               number of the first feature of svmlight data
 *     penalty       l1  l2
 *     fit           verdict  method  objective  log_loss  penalty  gap  gradient  separated  iterations  passes  message
 *     target        name  absent  contrasts             tables: the column of the class, the rule for missing values, contrasts
 *     offset        name ...                            tables: columns of offsets, where there are some
 *     number        name  mean  centre  scale           tables: a column of numbers,
 *     names         name  level  level ...              or of names, in their order
 *     class         name                                in their order; arrays have numbers
 *     intercept     weight ...                          one for each class but the first of two
 *     feature       name  weight ...                    in their order
 *     direction     name  value ...                     where it is not 0; the intercept's has the line direction_intercept
 *     end           features
 *
 * Tab, line feed, carriage return and backslash in names are written \t, \n, \r and \\. Numbers are the shortest that read back as the same
 * double. Covariances are left out: they are P^2 / 2 numbers that nobody reads.
 */
#define _DEFAULT_SOURCE
#include "model/file/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/events/source.h"
#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- writing ---- */

static const char *const form_word[] = {"array", "svmlight", "named", "csv"};
static const char *const absent_word[] = {"error", "drop", "impute"};
static const char *const method_word[] = {
#define WORD(name, word, text) word,
    MAXENT_FIT_METHODS(WORD)
#undef WORD
};

static void put_name(mx_buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        switch (text[i]) {
        case '\t': mx_buffer_put(out, "\\t"); break;
        case '\n': mx_buffer_put(out, "\\n"); break;
        case '\r': mx_buffer_put(out, "\\r"); break;
        case '\\': mx_buffer_put(out, "\\\\"); break;
        default: mx_buffer_char(out, text[i]);
        }
}

static void put_level(mx_buffer *out, const mx_dictionary *names, size_t i)
{
    size_t length;
    const char *text = mx_dictionary_text(names, i, &length);
    put_name(out, text, length);
}

static void put_numbers(mx_buffer *out, const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mx_buffer_char(out, '\t');
        mx_buffer_double(out, value[i]);
    }
}

static void put_head(mx_buffer *out, const maxent_model *model)
{
    const mx_space *space = model->space;
    const maxent_fit *fit = &model->fit;
    mx_buffer_format(out, MX_MODEL_TEXT_MAGIC "%d\nform\t%s\n", MX_MODEL_VERSION, form_word[space->form]);
    mx_buffer_format(out, "base\t%u\npenalty", (unsigned)space->base);
    const double penalty[] = {model->l1, model->l2};
    const double measured[] = {fit->objective, fit->log_loss, fit->penalty, fit->gap, fit->gradient};
    put_numbers(out, penalty, 2);
    mx_buffer_format(out, "\nfit\t%s\t%s", maxent_verdict_word(fit->verdict), method_word[fit->method]);
    put_numbers(out, measured, 5);
    mx_buffer_format(out, "\t%zu\t%zu", fit->separated, fit->iterations);
    put_numbers(out, &fit->passes, 1);
    mx_buffer_char(out, '\t');
    put_name(out, fit->message, strnlen(fit->message, sizeof fit->message));
    mx_buffer_char(out, '\n');
    if (space->form == MX_SPACE_TABLE) {
        const mx_columns *columns = space->table;
        mx_buffer_put(out, "target\t");
        put_name(out, columns->target, strlen(columns->target));
        mx_buffer_format(out, "\t%s\t%d\n", absent_word[columns->absent], columns->contrasts);
        for (size_t i = 0; i < columns->offset.levels; i++) {
            mx_buffer_put(out, i == 0 ? "offset\t" : "\t");
            put_level(out, &columns->offset, i);
        }
        mx_buffer_put(out, columns->offset.levels > 0 ? "\n" : "");
        for (size_t i = 0; i < columns->count; i++) {
            const mx_column_use *column = &columns->column[i];
            mx_buffer_put(out, column->numeric ? "number\t" : "names\t");
            put_name(out, column->name, strlen(column->name));
            const double numbers[] = {column->mean, column->centre, column->scale};
            put_numbers(out, numbers, column->numeric ? 3 : 0);
            for (size_t k = 0; k < column->level.levels; k++) {
                mx_buffer_char(out, '\t');
                put_level(out, &column->level, k);
            }
            mx_buffer_char(out, '\n');
        }
    }
    for (size_t c = 0; c < model->classes; c++) {
        mx_buffer_put(out, "class\t");
        if (space->class_name.levels > 0)
            put_level(out, &space->class_name, c);
        else
            mx_buffer_size(out, c);
        mx_buffer_char(out, '\n');
    }
    if (model->intercept != NULL) {
        mx_buffer_put(out, "intercept");
        put_numbers(out, model->intercept, model->vectors);
        mx_buffer_char(out, '\n');
    }
}

static void put_feature(mx_buffer *out, const maxent_model *model, size_t j, const char *word, const double *value)
{
    mx_buffer_put(out, word);
    mx_buffer_char(out, '\t');
    if (model->space->feature.levels > 0)
        put_level(out, &model->space->feature, j);
    else
        mx_buffer_size(out, j + model->space->base);
    put_numbers(out, value, model->vectors);
    mx_buffer_char(out, '\n');
}

static int any(const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (value[i] != 0)
            return 1;
    return 0;
}

maxent_error maxent_model_write_text(const maxent_model *model, const char *path, maxent_diagnostic *diagnostic)
{
    enum { FLUSH = 1 << 16 };
    mx_output output;
    mx_buffer out = {0};
    maxent_error error = mx_output_open(&output, path, diagnostic);
    if (error != MAXENT_OK)
        return error;
    size_t vectors = model->vectors;
    put_head(&out, model);
    for (size_t j = 0; j < 2 * model->features && error == MAXENT_OK && !out.failed; j++) {
        size_t feature = j < model->features ? j : j - model->features;
        if (j < model->features)
            put_feature(&out, model, feature, "feature", model->weight + feature * vectors);
        else if (model->direction != NULL && any(model->direction + feature * vectors, vectors))
            put_feature(&out, model, feature, "direction", model->direction + feature * vectors);
        if (out.length > FLUSH) {
            error = mx_output_write(&output, out.data, out.length, diagnostic);
            out.length = 0;
        }
    }
    if (model->direction != NULL && model->intercept != NULL && any(model->direction + model->features * vectors, vectors)) {
        mx_buffer_put(&out, "direction_intercept");
        put_numbers(&out, model->direction + model->features * vectors, vectors);
        mx_buffer_char(&out, '\n');
    }
    mx_buffer_format(&out, "end\t%zu\n", model->features);
    if (error == MAXENT_OK)
        error = out.failed ? mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory")
                           : mx_output_write(&output, out.data, out.length, diagnostic);
    mx_buffer_free(&out);
    return mx_output_close(&output, error, diagnostic);
}

/* ---- reading ---- */

typedef struct reader {
    const char *name, *at, *end; /* at: the field after the one read last */
    size_t line;
    const char *begin;           /* of the line */
    int more;                    /* a field of this line is left */
    char *unescaped;
    size_t room;
    maxent_error error;
    maxent_diagnostic *diagnostic;
} reader;

static maxent_error wrong(reader *r, const char *place, const char *what)
{
    if (r->error != MAXENT_OK)
        return r->error;
    r->error = mx_source_fail(r->name, r->diagnostic, MAXENT_ERROR_FILE, "not a model of this form: %s", what);
    if (r->diagnostic != NULL) {
        r->diagnostic->line = r->line;
        r->diagnostic->column = (size_t)(place - r->begin) + 1;
    }
    return r->error;
}

static void no_memory(reader *r)
{
    if (r->error == MAXENT_OK)
        r->error = mx_fail(r->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* The next line, past the rest of this one. 0: the end. */
static int next_line(reader *r)
{
    while (r->at < r->end && *r->at != '\n' && r->line > 0)
        r->at++;
    if (r->line > 0 && r->at < r->end)
        r->at++;
    r->line++;
    r->begin = r->at;
    r->more = r->at < r->end;
    return r->more;
}

/* The next field of the line, unescaped, in r->unescaped (NUL-terminated); its place in *place. */
static size_t next_field(reader *r, const char **place)
{
    size_t length = 0;
    *place = r->at;
    if (r->error == MAXENT_OK && !r->more)
        wrong(r, r->at, "the line ends too early");
    const char *end = r->at;
    while (end < r->end && *end != '\t' && *end != '\n')
        end++;
    if (r->error == MAXENT_OK && (size_t)(end - r->at) + 1 > r->room) {
        size_t room = 2 * (size_t)(end - r->at) + 64;
        char *larger = mx_resize(r->unescaped, room, 1);
        if (larger == NULL)
            no_memory(r);
        else {
            r->unescaped = larger;
            r->room = room;
        }
    }
    if (r->error != MAXENT_OK)
        return 0;
    for (const char *s = r->at; s < end; s++) {
        char c = *s;
        if (c == '\\' && s + 1 < end) {
            c = *++s;
            c = (char)(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
        } else if (c == '\r' && s + 1 == end && (end == r->end || *end == '\n')) {
            break; /* a line end as Windows writes it */
        }
        r->unescaped[length++] = c;
    }
    r->unescaped[length] = '\0';
    r->more = end < r->end && *end == '\t';
    r->at = end + r->more;
    return length;
}

static double next_number(reader *r, int finite)
{
    const char *place;
    double value = 0.0;
    size_t length = next_field(r, &place);
    if (r->error != MAXENT_OK)
        return 0.0;
    int special = !finite && (strcmp(r->unescaped, "nan") == 0 || strcmp(r->unescaped, "inf") == 0 || strcmp(r->unescaped, "-inf") == 0);
    if (special)
        return r->unescaped[0] == 'n' ? NAN : r->unescaped[0] == '-' ? -INFINITY : INFINITY;
    if (!mx_text_double(r->unescaped, length, &value) || (finite && !isfinite(value)))
        wrong(r, place, "a finite number is expected");
    return value;
}

static size_t next_count(reader *r)
{
    const char *place = r->at;
    double value = next_number(r, 1);
    if (r->error == MAXENT_OK && (value < 0 || value > 1e15 || value != floor(value)))
        wrong(r, place, "a whole number is expected");
    return r->error == MAXENT_OK ? (size_t)value : 0;
}

static int next_word(reader *r, const char *const *words, int count)
{
    const char *place;
    next_field(r, &place);
    for (int i = 0; i < count && r->error == MAXENT_OK; i++)
        if (strcmp(r->unescaped, words[i]) == 0)
            return i;
    wrong(r, place, "an unknown word");
    return 0;
}

static void add_name(reader *r, mx_dictionary *names)
{
    const char *place;
    uint32_t code;
    size_t known = names->levels, length = next_field(r, &place);
    if (r->error != MAXENT_OK)
        return;
    if (!mx_dictionary_add(names, r->unescaped, length, &code))
        no_memory(r);
    else if (code != known)
        wrong(r, place, "a name comes twice");
}

static void read_fit(reader *r, maxent_model *model)
{
    const char *words[MAXENT_VERDICT_COUNT], *place;
    for (int i = 0; i < MAXENT_VERDICT_COUNT; i++)
        words[i] = maxent_verdict_word((maxent_verdict)i);
    maxent_fit *fit = &model->fit;
    fit->verdict = (maxent_verdict)next_word(r, words, MAXENT_VERDICT_COUNT);
    fit->method = (maxent_fit_method)next_word(r, method_word, MAXENT_FIT_METHOD_COUNT);
    fit->objective = next_number(r, 0);
    fit->log_loss = next_number(r, 0);
    fit->penalty = next_number(r, 0);
    fit->gap = next_number(r, 0);
    fit->gradient = next_number(r, 0);
    fit->separated = next_count(r);
    fit->iterations = next_count(r);
    fit->passes = next_number(r, 0);
    next_field(r, &place);
    if (r->error == MAXENT_OK)
        snprintf(fit->message, sizeof fit->message, "%s", r->unescaped);
}

/* ---- columns, gathered before their number is known ---- */

static mx_column_use *add_column(reader *r, mx_columns *columns, size_t *room)
{
    if (columns->count == *room) {
        size_t larger = 2 * *room + 8;
        mx_column_use *moved = mx_resize(columns->column, larger, sizeof *moved);
        if (moved == NULL) {
            no_memory(r);
            return NULL;
        }
        columns->column = moved;
        *room = larger;
    }
    mx_column_use *column = &columns->column[columns->count++];
    memset(column, 0, sizeof *column);
    const char *place;
    next_field(r, &place);
    if (r->error == MAXENT_OK && (column->name = mx_strdup(r->unescaped)) == NULL)
        no_memory(r);
    return r->error == MAXENT_OK ? column : NULL;
}

static void read_column(reader *r, mx_columns *columns, size_t *room, int numeric)
{
    mx_column_use *column = add_column(r, columns, room);
    if (column == NULL)
        return;
    column->numeric = numeric;
    if (!numeric) {
        while (r->more && r->error == MAXENT_OK)
            add_name(r, &column->level);
        return;
    }
    column->mean = next_number(r, 1);
    column->centre = next_number(r, 1);
    const char *place = r->at;
    column->scale = next_number(r, 1);
    if (r->error == MAXENT_OK && column->scale < 0)
        wrong(r, place, "a scale of at least 0 is expected");
}

/* ---- the lines ---- */

typedef struct draft {
    maxent_model *model;
    mx_space *space;
    mx_columns *columns;
    size_t column_room, weight_room, features;
    int formed, ended;
} draft;

static void read_weights(reader *r, double *to, size_t count)
{
    for (size_t v = 0; v < count && r->error == MAXENT_OK; v++)
        to[v] = next_number(r, 1);
}

static void read_feature(reader *r, draft *d)
{
    maxent_model *m = d->model;
    const char *place = r->at;
    m->vectors = d->space->class_name.levels == 2 ? 1 : d->space->class_name.levels;
    if (d->columns == NULL) {
        add_name(r, &d->space->feature);
    } else { /* named by the columns */
        if (d->features == 0)
            r->error = mx_columns_settle(d->columns, d->space, r->diagnostic);
        size_t length = next_field(r, &place), named = 0;
        const char *text = d->features < d->space->feature.levels ? mx_dictionary_text(&d->space->feature, d->features, &named) : "";
        if (r->error == MAXENT_OK && (named != length || memcmp(text, r->unescaped, length) != 0))
            wrong(r, place, "not the feature that the columns make here");
    }
    if (r->error == MAXENT_OK && m->vectors == 0)
        wrong(r, r->begin, "features come after the classes");
    if (r->error == MAXENT_OK && d->features >= UINT32_MAX - 1)
        wrong(r, r->begin, "too many features");
    if (r->error == MAXENT_OK && d->features == d->weight_room) {
        size_t larger = 2 * d->weight_room + 64;
        double *moved = mx_resize(m->weight, larger, m->vectors * sizeof *moved);
        if (moved == NULL) {
            no_memory(r);
            return;
        }
        m->weight = moved;
        d->weight_room = larger;
    }
    if (r->error == MAXENT_OK)
        read_weights(r, m->weight + d->features++ * m->vectors, m->vectors);
}

/* The direction of the feature of that name. */
static void read_direction(reader *r, draft *d, int intercept)
{
    maxent_model *m = d->model;
    const char *place = r->begin;
    size_t vectors = m->vectors, j = d->features;
    if (m->direction == NULL && r->error == MAXENT_OK) {
        m->direction = mx_zalloc(d->features + 1, vectors * sizeof *m->direction);
        if (m->direction == NULL)
            no_memory(r);
    }
    if (!intercept && r->error == MAXENT_OK) {
        size_t length = next_field(r, &place);
        uint32_t code = UINT32_MAX;
        double number;
        if (r->error == MAXENT_OK && d->space->feature.levels > 0)
            (void)mx_dictionary_find(&d->space->feature, r->unescaped, length, &code);
        else if (r->error == MAXENT_OK && mx_text_double(r->unescaped, length, &number) && number >= d->space->base && number < 4e9)
            code = (uint32_t)number - d->space->base;
        j = code;
        if (r->error == MAXENT_OK && j >= d->features)
            wrong(r, place, "a direction of an unknown feature");
    }
    if (r->error == MAXENT_OK)
        read_weights(r, m->direction + j * vectors, vectors);
}

static void read_line(reader *r, draft *d)
{
    static const char *const lines[] = {"form",  "base",      "penalty", "fit",       "target",             "offset", "number", "names",
                                        "class", "intercept", "feature", "direction", "direction_intercept", "end"};
    enum { FORM, BASE, PENALTY, FIT, TARGET, OFFSET, NUMBER, NAMES, CLASS, INTERCEPT, FEATURE, DIRECTION, DIRECTION_INTERCEPT, END, LINES };
    maxent_model *m = d->model;
    int line = next_word(r, lines, LINES);
    if (r->error == MAXENT_OK && ((line != FORM) != d->formed || d->ended))
        wrong(r, r->begin, d->ended ? "a line after the end" : "the form comes first, and once");
    if (r->error == MAXENT_OK && (line == NUMBER || line == NAMES || line == TARGET || line == OFFSET) && d->columns == NULL)
        wrong(r, r->begin, "columns belong to models of tables");
    if (r->error != MAXENT_OK)
        return;
    switch (line) {
    case FORM:
        d->space->form = (mx_space_form)next_word(r, form_word, 4);
        d->formed = 1;
        if (r->error == MAXENT_OK && d->space->form == MX_SPACE_TABLE) {
            d->space->table = d->columns = mx_columns_new(0);
            d->space->table_free = mx_columns_free;
            if (d->columns == NULL)
                no_memory(r);
        }
        break;
    case BASE: d->space->base = (uint32_t)next_count(r); break;
    case PENALTY:
        m->l1 = next_number(r, 1);
        m->l2 = next_number(r, 1);
        break;
    case FIT: read_fit(r, m); break;
    case TARGET: {
        const char *place;
        next_field(r, &place);
        mx_free(d->columns->target);
        d->columns->target = r->error == MAXENT_OK ? mx_strdup(r->unescaped) : NULL;
        if (d->columns->target == NULL)
            no_memory(r);
        d->columns->absent = next_word(r, absent_word, 3);
        d->columns->contrasts = next_count(r) != 0;
        break;
    }
    case OFFSET:
        do
            add_name(r, &d->columns->offset);
        while (r->more && r->error == MAXENT_OK);
        break;
    case NUMBER: read_column(r, d->columns, &d->column_room, 1); break;
    case NAMES: read_column(r, d->columns, &d->column_room, 0); break;
    case CLASS:
        if (d->features > 0 || m->intercept != NULL)
            wrong(r, r->begin, "classes come before weights");
        add_name(r, &d->space->class_name);
        break;
    case INTERCEPT: {
        size_t vectors = d->space->class_name.levels == 2 ? 1 : d->space->class_name.levels;
        if (m->intercept != NULL || vectors == 0)
            wrong(r, r->begin, "one intercept is expected, after the classes");
        if (r->error == MAXENT_OK && (m->intercept = mx_zalloc(vectors, sizeof *m->intercept)) == NULL)
            no_memory(r);
        if (r->error == MAXENT_OK)
            read_weights(r, m->intercept, vectors);
        break;
    }
    case FEATURE:
        if (m->direction != NULL)
            wrong(r, r->begin, "features come before the direction");
        read_feature(r, d);
        break;
    case DIRECTION: read_direction(r, d, 0); break;
    case DIRECTION_INTERCEPT: read_direction(r, d, 1); break;
    default:
        if (next_count(r) != d->features)
            wrong(r, r->begin, "the number of features is not what the end says");
        d->ended = 1;
    }
    if (r->error == MAXENT_OK && r->more)
        wrong(r, r->at, "the line has a field too many");
}

/* Names that say no more than the numbers from base on go. */
static void drop_numbers(mx_dictionary *names, size_t base)
{
    for (size_t j = 0; j < names->levels; j++) {
        char number[32];
        size_t length;
        const char *text = mx_dictionary_text(names, j, &length);
        int digits = snprintf(number, sizeof number, "%zu", j + base);
        if ((size_t)digits != length || memcmp(number, text, length) != 0)
            return;
    }
    mx_dictionary_free(names);
    memset(names, 0, sizeof *names);
}

maxent_error mx_model_parse_text(const char *name, const char *text, size_t length, maxent_model **out, maxent_diagnostic *diagnostic)
{
    reader r = {.name = name, .at = text, .end = text + length, .begin = text, .diagnostic = diagnostic};
    draft d = {0};
    char head[32];
    d.model = mx_zalloc(1, sizeof *d.model);
    d.space = mx_space_new();
    if (d.model == NULL || d.space == NULL)
        no_memory(&r);
    snprintf(head, sizeof head, "%d", MX_MODEL_VERSION);
    const char *place;
    if (r.error == MAXENT_OK && next_line(&r)) {
        next_field(&r, &place);
        next_field(&r, &place);
        if (r.error == MAXENT_OK && strcmp(r.unescaped, head) != 0)
            wrong(&r, place, "a version that this program does not read; it was written by a newer one, or damaged");
    }
    while (r.error == MAXENT_OK && next_line(&r))
        read_line(&r, &d);
    if (r.error == MAXENT_OK && !d.ended)
        wrong(&r, r.at, "the file is cut short: there is no line 'end'");
    if (r.error == MAXENT_OK && d.columns != NULL && d.columns->target == NULL)
        wrong(&r, r.at, "the line 'target' is missing");
    if (r.error == MAXENT_OK) {
        d.space->features = (uint32_t)d.features;
        d.space->classes = (uint32_t)d.space->class_name.levels;
        if (d.space->form == MX_SPACE_ARRAY)
            drop_numbers(&d.space->class_name, 0);
        if (d.space->form == MX_SPACE_ARRAY || d.space->form == MX_SPACE_SVM)
            drop_numbers(&d.space->feature, d.space->base);
        if (d.space->feature.levels > 0 && d.space->form == MX_SPACE_SVM)
            d.space->base = 0;
        r.error = mx_model_check_space(d.space, name, diagnostic);
    }
    if (r.error == MAXENT_OK) {
        maxent_model *m = d.model;
        m->space = d.space;
        d.space = NULL;
        m->features = m->space->features;
        m->classes = m->space->classes;
        m->vectors = m->classes == 2 ? 1 : m->classes;
        if (m->weight == NULL && (m->weight = mx_zalloc(1, sizeof *m->weight)) == NULL)
            no_memory(&r);
    }
    mx_space_release(d.space);
    mx_free(r.unescaped);
    if (r.error != MAXENT_OK)
        maxent_model_free(d.model);
    else
        *out = d.model;
    return r.error;
}
