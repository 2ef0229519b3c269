/* Tables for training: means and standard deviations of columns of numbers, levels of those of names, and the events. */
#include "model/events/columns.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/events/builder.h"
#include "model/events/source.h"
#include "model/events/table_read.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4096 }; /* filled at a time */

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* mean = sum w x / sum w, scale^2 = sum w (x - mean)^2 / sum w, over the rows that have a value. */
static maxent_error measure(const mx_raw_table *t, const mx_raw_field *f, mx_column_use *column, maxent_diagnostic *diagnostic)
{
    const double *number = f->cells.number;
    double total = 0, sum = 0, squares = 0, largest = 0;
    for (size_t e = 0; e < t->rows; e++)
        if (!isnan(number[e])) {
            double w = t->weight != NULL ? t->weight[e] : 1.0, x = number[e];
            total += w;
            sum += w * x;
            largest = w > 0 && fabs(x) > largest ? fabs(x) : largest;
        }
    column->mean = total > 0 ? sum / total : 0.0;
    int constant = 1;
    double first = NAN;
    for (size_t e = 0; e < t->rows; e++)
        if (!isnan(number[e])) {
            double w = t->weight != NULL ? t->weight[e] : 1.0, x = number[e], d = x - column->mean;
            squares += w * d * d;
            if (w > 0) {
                constant = constant && (isnan(first) || x == first);
                first = x;
            }
        }
    column->scale = total > 0 && !constant ? sqrt(squares / total) : 0.0;
    column->centre = t->options->uncentred ? 0.0 : column->mean;
    if (column->scale == 0 && t->options->uncentred)
        column->scale = largest; /* a column of one value, which is no intercept's */
    if (!isfinite(column->scale) || !isfinite(column->mean))
        return mx_source_fail(mx_lines_name(t->lines), diagnostic, MAXENT_ERROR_VALUE, "the numbers of the column \"%s\" are too large",
                              column->name);
    return MAXENT_OK;
}

/* "1,5": digits with one comma among them, where commas do not part the fields. */
static int has_decimal_comma(const char *text, size_t length)
{
    size_t commas = 0, digits = 0, i = length > 0 && (text[0] == '-' || text[0] == '+');
    for (; i < length; i++) {
        commas += text[i] == ',';
        digits += text[i] >= '0' && text[i] <= '9';
        if (text[i] != ',' && (text[i] < '0' || text[i] > '9'))
            return -1;
    }
    return digits > 0 && commas <= 1 ? (int)commas : -1;
}

/* A column of names is taken for what it says, unless all it holds are numbers with a decimal comma: those were meant as numbers. */
static maxent_error check_names(const mx_raw_table *t, size_t i, maxent_diagnostic *diagnostic)
{
    const mx_dictionary *text = &t->field[i].text;
    int comma = 0;
    if (t->field[i].said)
        return MAXENT_OK;
    for (size_t k = 0; k < text->levels; k++) {
        size_t length;
        const char *level = mx_dictionary_text(text, k, &length);
        int has = has_decimal_comma(level, length);
        if (has < 0)
            return MAXENT_OK;
        comma |= has;
    }
    return !comma ? MAXENT_OK
                  : mx_source_fail(mx_lines_name(t->lines), diagnostic, MAXENT_ERROR_VALUE,
                                   "the numbers of the column \"%s\" have decimal commas: write decimal points, or call it categorical",
                                   t->form.name[i]);
}

static maxent_error use_columns(const mx_raw_table *t, mx_columns *columns, size_t *which, maxent_diagnostic *diagnostic)
{
    columns->absent = (int)t->options->absent;
    columns->contrasts = t->options->contrasts != 0;
    columns->target = mx_strdup(t->options->target);
    if (columns->target == NULL)
        return no_memory(diagnostic);
    for (size_t i = 0, k = 0; i < t->form.count; i++) {
        if (t->form.role[i] != MX_FEATURE)
            continue;
        mx_column_use *column = &columns->column[k];
        const mx_raw_field *f = &t->field[i];
        which[k++] = i;
        column->name = mx_strdup(t->form.name[i]);
        if (column->name == NULL)
            return no_memory(diagnostic);
        column->numeric = !f->cells.names;
        if (column->numeric) {
            maxent_error error = measure(t, f, column, diagnostic);
            if (error != MAXENT_OK)
                return error;
            continue;
        }
        maxent_error error = check_names(t, i, diagnostic);
        if (error != MAXENT_OK)
            return error;
        uint32_t code;
        int missing = 0;
        for (size_t e = 0; e < t->rows; e++)
            missing |= f->cells.code[e] == UINT32_MAX;
        for (size_t j = 0; j < f->text.levels; j++) {
            size_t length;
            const char *text = mx_dictionary_text(&f->text, j, &length);
            if (!mx_dictionary_add(&column->level, text, length, &code))
                return no_memory(diagnostic);
        }
        if (missing && !mx_dictionary_add(&column->level, MX_TABLE_MISSING, strlen(MX_TABLE_MISSING), &code))
            return no_memory(diagnostic);
    }
    return MAXENT_OK;
}

/* The columns of offsets kept with the model, and the offsets of the rows put among the classes of a piece. */
static maxent_error use_offsets(const mx_raw_table *t, mx_columns *columns, size_t classes, maxent_diagnostic *diagnostic)
{
    const size_t count = t->options->offsets;
    uint32_t code;
    if (!mx_columns_offsets_fit(count, classes))
        return mx_source_fail(mx_lines_name(t->lines), diagnostic, MAXENT_ERROR_ARGUMENT,
                              "%zu column%s of offsets for %zu classes: one for each class, in their order, is expected%s", count,
                              count == 1 ? "" : "s", classes, classes == 2 ? ", or one, of the second" : "");
    for (size_t i = 0; i < count; i++)
        if (!mx_dictionary_add(&columns->offset, t->options->offset[i], strlen(t->options->offset[i]), &code))
            return no_memory(diagnostic);
    return MAXENT_OK;
}

static void put_offsets(const mx_raw_table *t, size_t row, size_t classes, double *to)
{
    const size_t count = t->options->offsets;
    for (size_t c = 0; c < classes; c++)
        to[c] = count == classes ? t->field[t->offset_at[c]].cells.number[row]
                : c == classes - 1 ? t->field[t->offset_at[0]].cells.number[row] : 0.0;
}

/* What one column gives to a row. */
typedef struct source {
    const double *number;   /* or NULL: */
    const uint32_t *code;
    double mean, centre, scale;
    uint32_t feature, absent, skipped; /* skipped: levels without a feature */
} source;

/* The entries of the rows first .. end-1, at most `count` each, at index and value; row[e + 1]: how many. Returns whether all are 1. */
static int fill_rows(const source *from, size_t count, size_t first, size_t end, size_t *row, uint32_t *index, double *value)
{
    int ones = 1;
    for (size_t e = first; e < end; e++) {
        size_t entries = 0;
        for (size_t k = 0; k < count; k++) {
            const source *s = &from[k];
            if (s->number != NULL) {
                double x = isnan(s->number[e]) ? s->mean : s->number[e], scaled = (x - s->centre) / s->scale;
                index[entries] = s->feature;
                value[entries] = scaled;
                entries += scaled != 0;
                ones &= scaled == 1.0 || scaled == 0.0;
                continue;
            }
            uint32_t code = s->code[e] != UINT32_MAX ? s->code[e] : s->absent;
            index[entries] = s->feature + code - s->skipped;
            value[entries] = 1.0;
            entries += code >= s->skipped;
        }
        row[e + 1] = entries;
        index += entries;
        value += entries;
    }
    return ones;
}

/* The rows as events: ranges of them are filled at once, each where it would begin if no entry were 0, and moved together. */
static maxent_error fill(const mx_raw_table *t, const mx_columns *columns, const size_t *which, size_t target, mx_space *space,
                         const uint32_t *map, maxent_events **out, maxent_diagnostic *diagnostic)
{
    const size_t n = t->rows, classes = space->classes, parts = (n + ROWS - 1) / ROWS;
    size_t count = 0, entries = 0;
    maxent_error error = MAXENT_OK;
    source *from = mx_alloc(columns->count, sizeof *from);
    unsigned char *ones = mx_alloc(parts, 1);
    maxent_events *events = mx_events_new(space); /* which it takes over */
    if (from == NULL || ones == NULL || events == NULL) {
        error = no_memory(diagnostic);
        goto done;
    }
    for (size_t k = 0; k < columns->count; k++) {
        const mx_column_use *column = &columns->column[k];
        const mx_cells *cells = &t->field[which[k]].cells;
        uint32_t absent = UINT32_MAX;
        (void)mx_dictionary_find(&column->level, MX_TABLE_MISSING, strlen(MX_TABLE_MISSING), &absent);
        if (column->feature != UINT32_MAX)
            from[count++] = (source){column->numeric ? cells->number : NULL, cells->code, column->mean,       column->centre,
                                     column->scale,                          column->feature, absent, columns->contrasts != 0};
    }
    events->events = n;
    events->row = mx_alloc(n + 1, sizeof *events->row);
    events->index = mx_alloc(n * count + 1, sizeof *events->index); /* + 1: an entry of 0 is written before it is known for one */
    events->value = mx_alloc(n * count + 1, sizeof *events->value);
    events->label = mx_alloc(n, sizeof *events->label);
    if (t->weight != NULL)
        events->weight = mx_alloc(n, sizeof *events->weight);
    if (t->options->offsets > 0)
        events->offset = mx_alloc(n, classes * sizeof *events->offset);
    if (events->row == NULL || events->index == NULL || events->value == NULL || events->label == NULL ||
        (t->weight != NULL && events->weight == NULL) || (t->options->offsets > 0 && events->offset == NULL)) {
        error = no_memory(diagnostic);
        goto done;
    }
    const long last = (long)parts;
#pragma omp parallel for schedule(static) num_threads(t->workers) if (t->workers > 1)
    for (long part = 0; part < last; part++) {
        size_t first = (size_t)part * ROWS, end = first + ROWS < n ? first + ROWS : n;
        ones[part] = (unsigned char)fill_rows(from, count, first, end, events->row, events->index + first * count,
                                              events->value + first * count);
        for (size_t e = first; e < end; e++)
            events->label[e] = map[t->field[target].cells.code[e]];
    }
    events->row[0] = 0;
    int all = 1;
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * ROWS, end = first + ROWS < n ? first + ROWS : n, begin = entries;
        for (size_t e = first; e < end; e++)
            entries = events->row[e + 1] += entries;
        if (begin != first * count) {
            memmove(events->index + begin, events->index + first * count, (entries - begin) * sizeof *events->index);
            memmove(events->value + begin, events->value + first * count, (entries - begin) * sizeof *events->value);
        }
        all &= ones[part];
    }
    if (all) { /* names only */
        mx_free(events->value);
        events->value = NULL;
    }
    if (t->weight != NULL)
        memcpy(events->weight, t->weight, n * sizeof *events->weight);
    for (size_t e = 0; events->offset != NULL && e < n; e++)
        put_offsets(t, e, classes, events->offset + e * classes);
    error = mx_events_finish(events, diagnostic);
done:
    mx_free(from);
    mx_free(ones);
    if (error == MAXENT_OK)
        *out = events;
    else
        maxent_events_free(events);
    return error;
}

static maxent_error make(mx_raw_table *t, maxent_events **out, maxent_diagnostic *diagnostic)
{
    size_t features = 0, target = 0;
    for (size_t i = 0; i < t->form.count; i++) {
        features += t->form.role[i] == MX_FEATURE;
        target = t->form.role[i] == MX_TARGET ? i : target;
    }
    const mx_dictionary *classes = &t->field[target].text;
    if (classes->levels < 2) {
        size_t length = 0;
        const char *text = mx_dictionary_text(classes, 0, &length);
        return mx_source_fail(mx_lines_name(t->lines), diagnostic, MAXENT_ERROR_FILE,
                              "every event has the class '%.*s'; a model needs at least two classes",
                              (int)(length < 80 ? length : 80), text);
    }
    mx_space *space = mx_space_new();
    mx_columns *columns = mx_columns_new(features);
    size_t *which = mx_alloc(features, sizeof *which);
    uint32_t *order = mx_alloc(classes->levels, sizeof *order), *map = mx_alloc(classes->levels, sizeof *map), code;
    maxent_error error = MAXENT_OK;
    if (space == NULL || columns == NULL || which == NULL || order == NULL || map == NULL || !mx_source_sort_names(classes, 0, order)) {
        error = no_memory(diagnostic);
        mx_columns_free(columns);
        goto done;
    }
    space->form = MX_SPACE_TABLE;
    space->table = columns;
    space->table_free = mx_columns_free;
    space->classes = (uint32_t)classes->levels;
    for (size_t i = 0; i < classes->levels && error == MAXENT_OK; i++) {
        size_t length;
        const char *text = mx_dictionary_text(classes, order[i], &length);
        if (!mx_dictionary_add(&space->class_name, text, length, &code))
            error = no_memory(diagnostic);
        map[order[i]] = (uint32_t)i;
    }
    if (error == MAXENT_OK)
        error = use_columns(t, columns, which, diagnostic);
    if (error == MAXENT_OK)
        error = use_offsets(t, columns, classes->levels, diagnostic);
    if (error == MAXENT_OK)
        error = mx_columns_settle(columns, space, diagnostic);
    if (error == MAXENT_OK)
        error = fill(t, columns, which, target, mx_space_share(space), map, out, diagnostic);
done:
    mx_space_release(space);
    mx_free(which);
    mx_free(order);
    mx_free(map);
    return error;
}

static maxent_error read_training(const char *path, const maxent_read_options *options, maxent_events **out, maxent_read_report *report,
                                  maxent_diagnostic *diagnostic)
{
    mx_raw_table t;
    maxent_error error = mx_table_read_file(path, options, &t, diagnostic);
    if (error == MAXENT_OK)
        error = make(&t, out, diagnostic);
    if (error == MAXENT_OK)
        mx_table_tell_mixed(&t, report);
    report->events = t.rows;
    report->dropped = t.dropped;
    report->lines = t.lines != NULL ? mx_lines_count(t.lines) : 0;
    mx_table_free_raw(&t);
    return error;
}

maxent_error mx_columns_read(const char *path, const maxent_read_options *options, maxent_events **out, maxent_read_report *report,
                             maxent_diagnostic *diagnostic)
{
    report->format = MAXENT_FORMAT_TABLE;
    maxent_error error = read_training(path, options, out, report, diagnostic);
    if (error == MAXENT_OK)
        report->entries = maxent_events_nonzeros(*out);
    return error;
}
