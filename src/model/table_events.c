/* Tables for training: what each column is, its mean and standard deviation or its levels, and the events.
 *
 * The rows are kept as one number a field, the number of its text in the dictionary of its column: few bytes, and a column of numbers is
 * known as such only after its last row. A column is one of numbers when every text of it that is not missing is the decimal form of a
 * number, unless the options say that its numbers are names.
 */
#include "model/columns.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/builder.h"
#include "model/source.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4096 }; /* in a piece */

typedef struct field {
    mx_dictionary text;
    uint32_t *code;              /* [rows] number of the text; UINT32_MAX: missing */
    size_t room;
    int names;                   /* 1: not all are numbers */
    maxent_diagnostic *infinite; /* the first infinite number, or NULL */
} field;

typedef struct table {
    mx_csv *csv;
    const maxent_read_options *options;
    char **name;
    size_t count, rows;
    field *field;        /* [count] those with role FEATURE or TARGET are filled */
    char *role;          /* [count] */
    double *weight;      /* [rows] or NULL */
    double *offset;      /* [rows][options->offsets] */
    size_t weight_room, offset_room;
    size_t *offset_at;   /* [options->offsets] their columns */
    size_t dropped;
} table;

enum { IGNORED, FEATURE, TARGET, WEIGHT, OFFSET };

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

static maxent_error set_role(table *t, const char *column, int role, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->name[i], column) == 0) {
            if (role == FEATURE) {
                t->field[i].names = 1;
                return MAXENT_OK;
            }
            if (t->role[i] != FEATURE)
                return mx_fail(diagnostic, MAXENT_ERROR_NAME, "the column \"%s\" cannot be two things", column);
            t->role[i] = (char)role;
            return MAXENT_OK;
        }
    return mx_unknown_column(mx_csv_name(t->csv), column, t->count, (const char *const *)t->name, diagnostic);
}

static maxent_error open_table(table *t, const char *path, maxent_diagnostic *diagnostic)
{
    const maxent_read_options *o = t->options;
    if (o->target == NULL)
        return mx_source_fail(path, diagnostic, MAXENT_ERROR_ARGUMENT, "which column is the class? A table needs a target");
    maxent_error error = mx_csv_open(path, o->delimiter, &t->csv, diagnostic);
    if (error == MAXENT_OK)
        error = mx_csv_header(t->csv, &t->name, &t->count, diagnostic);
    if (error != MAXENT_OK)
        return error;
    t->field = mx_zalloc(t->count, sizeof *t->field);
    t->role = mx_alloc(t->count, 1);
    if (t->field == NULL || t->role == NULL)
        return no_memory(diagnostic);
    memset(t->role, FEATURE, t->count);
    error = set_role(t, o->target, TARGET, diagnostic);
    if (error == MAXENT_OK && o->weight != NULL)
        error = set_role(t, o->weight, WEIGHT, diagnostic);
    t->offset_at = mx_alloc(o->offsets, sizeof *t->offset_at);
    if (t->offset_at == NULL)
        return no_memory(diagnostic);
    for (size_t i = 0; i < o->offsets && error == MAXENT_OK; i++) {
        error = set_role(t, o->offset[i], OFFSET, diagnostic);
        for (size_t k = 0; k < t->count; k++)
            if (strcmp(t->name[k], o->offset[i]) == 0)
                t->offset_at[i] = k;
    }
    for (size_t i = 0; i < o->ignores && error == MAXENT_OK; i++)
        error = set_role(t, o->ignore[i], IGNORED, diagnostic);
    for (size_t i = 0; i < o->categoricals && error == MAXENT_OK; i++)
        error = set_role(t, o->categorical[i], FEATURE, diagnostic);
    return error;
}

/* The code of a field, UINT32_MAX for a missing one. */
static maxent_error take_field(table *t, size_t i, const mx_csv_field *text, maxent_diagnostic *diagnostic)
{
    field *f = &t->field[i];
    uint32_t code = UINT32_MAX;
    if (t->rows == f->room) {
        size_t larger = 2 * f->room + 256;
        uint32_t *moved = mx_resize(f->code, larger, sizeof *moved);
        if (moved == NULL)
            return no_memory(diagnostic);
        f->code = moved;
        f->room = larger;
    }
    if (!mx_field_missing(text)) {
        size_t known = f->text.levels;
        if (!mx_dictionary_add(&f->text, text->text, text->length, &code))
            return no_memory(diagnostic);
        if (code == known && !f->names && t->role[i] == FEATURE) {
            double value;
            int is = mx_field_number(text, &value);
            f->names = is == 0;
            if (is == 2 && f->infinite == NULL) {
                f->infinite = mx_alloc(1, sizeof *f->infinite);
                if (f->infinite == NULL)
                    return no_memory(diagnostic);
                mx_csv_fail(t->csv, i, f->infinite, MAXENT_ERROR_VALUE, "an infinite number in the column \"%s\"", t->name[i]);
            }
        }
    }
    f->code[t->rows] = code;
    return MAXENT_OK;
}

static maxent_error take_weight(table *t, size_t i, const mx_csv_field *text, maxent_diagnostic *diagnostic)
{
    double value;
    if (mx_field_number(text, &value) != 1 || value < 0)
        return mx_csv_fail(t->csv, i, diagnostic, MAXENT_ERROR_VALUE, "a weight is a finite number of at least 0");
    if (t->rows >= t->weight_room) {
        size_t larger = 2 * t->weight_room + 256;
        double *moved = mx_resize(t->weight, larger, sizeof *moved);
        if (moved == NULL)
            return no_memory(diagnostic);
        t->weight = moved;
        t->weight_room = larger;
    }
    t->weight[t->rows] = value;
    return MAXENT_OK;
}

static maxent_error take_offsets(table *t, const mx_csv_field *text, maxent_diagnostic *diagnostic)
{
    const size_t count = t->options->offsets;
    if ((t->rows + 1) * count > t->offset_room) {
        size_t larger = 2 * t->offset_room + 256 * count;
        double *moved = mx_resize(t->offset, larger, sizeof *moved);
        if (moved == NULL)
            return no_memory(diagnostic);
        t->offset = moved;
        t->offset_room = larger;
    }
    for (size_t i = 0; i < count; i++)
        if (mx_field_number(&text[t->offset_at[i]], &t->offset[t->rows * count + i]) != 1)
            return mx_csv_fail(t->csv, t->offset_at[i], diagnostic, MAXENT_ERROR_VALUE, "an offset is a finite number");
    return MAXENT_OK;
}

static maxent_error read_rows(table *t, maxent_diagnostic *diagnostic)
{
    for (;;) {
        const mx_csv_field *text;
        size_t count;
        int drop = 0;
        maxent_error error = mx_csv_row(t->csv, &text, &count, diagnostic);
        if (error != MAXENT_OK)
            return error;
        if (count == 0)
            break;
        for (size_t i = 0; i < count && !drop; i++) {
            if (t->role[i] == IGNORED || !mx_field_missing(&text[i]))
                continue;
            if (t->options->absent == MAXENT_ABSENT_DROP)
                drop = 1;
            else if (t->options->absent == MAXENT_ABSENT_ERROR || t->role[i] != FEATURE)
                return mx_csv_fail(t->csv, i, diagnostic, MAXENT_ERROR_VALUE, "a missing value in the column \"%s\"", t->name[i]);
        }
        t->dropped += (size_t)drop;
        for (size_t i = 0; i < count && !drop && error == MAXENT_OK; i++)
            error = t->role[i] == IGNORED || t->role[i] == OFFSET ? MAXENT_OK
                    : t->role[i] == WEIGHT ? take_weight(t, i, &text[i], diagnostic)
                                           : take_field(t, i, &text[i], diagnostic);
        if (error == MAXENT_OK && !drop)
            error = take_offsets(t, text, diagnostic);
        if (error != MAXENT_OK)
            return error;
        t->rows += !drop;
    }
    for (size_t i = 0; i < t->count; i++)
        if (t->field[i].infinite != NULL && !t->field[i].names) {
            if (diagnostic != NULL)
                *diagnostic = *t->field[i].infinite;
            return MAXENT_ERROR_VALUE;
        }
    if (t->rows == 0)
        return mx_source_fail(mx_csv_name(t->csv), diagnostic, MAXENT_ERROR_FILE, "no events: there are no rows below the header%s",
                              t->dropped > 0 ? " without missing values" : "");
    return MAXENT_OK;
}

/* Numbers of the texts of a column; NULL: no memory. */
static double *numbers_of(const field *f)
{
    double *number = mx_alloc(f->text.levels, sizeof *number);
    for (size_t k = 0; number != NULL && k < f->text.levels; k++) {
        mx_csv_field text = {NULL, 0, 0};
        text.text = mx_dictionary_text(&f->text, k, &text.length);
        number[k] = 0;
        (void)mx_field_number(&text, &number[k]);
    }
    return number;
}

/* mean = sum w x / sum w, scale^2 = sum w (x - mean)^2 / sum w, over the rows that have a value. */
static maxent_error measure(const table *t, const field *f, mx_column_use *column, maxent_diagnostic *diagnostic)
{
    double *number = numbers_of(f), total = 0, sum = 0, squares = 0, largest = 0;
    if (number == NULL)
        return no_memory(diagnostic);
    for (size_t e = 0; e < t->rows; e++)
        if (f->code[e] != UINT32_MAX) {
            double w = t->weight != NULL ? t->weight[e] : 1.0, x = number[f->code[e]];
            total += w;
            sum += w * x;
            largest = w > 0 && fabs(x) > largest ? fabs(x) : largest;
        }
    column->mean = total > 0 ? sum / total : 0.0;
    int constant = 1;
    double first = NAN;
    for (size_t e = 0; e < t->rows; e++)
        if (f->code[e] != UINT32_MAX) {
            double w = t->weight != NULL ? t->weight[e] : 1.0, x = number[f->code[e]], d = x - column->mean;
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
    mx_free(number);
    if (!isfinite(column->scale) || !isfinite(column->mean))
        return mx_source_fail(mx_csv_name(t->csv), diagnostic, MAXENT_ERROR_VALUE, "the numbers of the column \"%s\" are too large",
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
static maxent_error check_names(const table *t, size_t i, maxent_diagnostic *diagnostic)
{
    const mx_dictionary *text = &t->field[i].text;
    int comma = 0;
    for (size_t k = 0; k < t->options->categoricals; k++)
        if (strcmp(t->options->categorical[k], t->name[i]) == 0)
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
                  : mx_source_fail(mx_csv_name(t->csv), diagnostic, MAXENT_ERROR_VALUE,
                                   "the numbers of the column \"%s\" have decimal commas: write decimal points, or call it categorical",
                                   t->name[i]);
}

static maxent_error use_columns(const table *t, mx_columns *columns, size_t *which, maxent_diagnostic *diagnostic)
{
    columns->absent = (int)t->options->absent;
    columns->contrasts = t->options->contrasts != 0;
    columns->target = mx_strdup(t->options->target);
    if (columns->target == NULL)
        return no_memory(diagnostic);
    for (size_t i = 0, k = 0; i < t->count; i++) {
        if (t->role[i] != FEATURE)
            continue;
        mx_column_use *column = &columns->column[k];
        const field *f = &t->field[i];
        which[k++] = i;
        column->name = mx_strdup(t->name[i]);
        if (column->name == NULL)
            return no_memory(diagnostic);
        column->numeric = !f->names;
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
            missing |= f->code[e] == UINT32_MAX;
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
static maxent_error use_offsets(const table *t, mx_columns *columns, size_t classes, maxent_diagnostic *diagnostic)
{
    const size_t count = t->options->offsets;
    uint32_t code;
    if (!mx_columns_offsets_fit(count, classes))
        return mx_source_fail(mx_csv_name(t->csv), diagnostic, MAXENT_ERROR_ARGUMENT,
                              "%zu column%s of offsets for %zu classes: one for each class, in their order, is expected%s", count,
                              count == 1 ? "" : "s", classes, classes == 2 ? ", or one, of the second" : "");
    for (size_t i = 0; i < count; i++)
        if (!mx_dictionary_add(&columns->offset, t->options->offset[i], strlen(t->options->offset[i]), &code))
            return no_memory(diagnostic);
    return MAXENT_OK;
}

static void put_offsets(const table *t, size_t row, mx_piece *piece)
{
    const size_t count = t->options->offsets, classes = piece->classes;
    double *to = piece->base + piece->events * classes;
    for (size_t c = 0; c < classes; c++)
        to[c] = count == classes ? t->offset[row * count + c] : c == classes - 1 ? t->offset[row] : 0.0;
}

/* The rows as events. */
static maxent_error fill(const table *t, const mx_columns *columns, const size_t *which, size_t target, size_t classes,
                         mx_builder *builder, maxent_diagnostic *diagnostic)
{
    mx_piece piece = {0};
    maxent_error error = MAXENT_OK;
    double **number = mx_zalloc(columns->count, sizeof *number);
    uint32_t *absent = mx_alloc(columns->count, sizeof *absent);
    if (number == NULL || absent == NULL)
        error = no_memory(diagnostic);
    for (size_t k = 0; k < columns->count && error == MAXENT_OK; k++) {
        absent[k] = UINT32_MAX;
        (void)mx_dictionary_find(&columns->column[k].level, MX_TABLE_MISSING, strlen(MX_TABLE_MISSING), &absent[k]);
        if (columns->column[k].numeric && (number[k] = numbers_of(&t->field[which[k]])) == NULL)
            error = no_memory(diagnostic);
    }
    for (size_t first = 0; first < t->rows && error == MAXENT_OK; first += ROWS) {
        size_t rows = t->rows - first < ROWS ? t->rows - first : ROWS;
        if (!mx_piece_reserve(&piece, rows, rows * columns->count + 1, rows) ||
            (t->options->offsets > 0 && !mx_piece_reserve_base(&piece, rows, classes))) {
            error = no_memory(diagnostic);
            break;
        }
        for (size_t e = first; e < first + rows; e++) {
            for (size_t k = 0; k < columns->count; k++) {
                const mx_column_use *column = &columns->column[k];
                uint32_t code = t->field[which[k]].code[e];
                if (column->feature == UINT32_MAX)
                    continue;
                if (column->numeric) {
                    double x = code != UINT32_MAX ? number[k][code] : column->mean, value = (x - column->centre) / column->scale;
                    if (value == 0)
                        continue;
                    piece.valued |= value != 1.0;
                    piece.index[piece.entries] = column->feature;
                    piece.value[piece.entries++] = value;
                    continue;
                }
                code = code != UINT32_MAX ? code : absent[k];
                if (columns->contrasts && code == 0)
                    continue;
                piece.index[piece.entries] = column->feature + code - (columns->contrasts != 0);
                piece.value[piece.entries++] = 1.0;
            }
            if (t->options->offsets > 0)
                put_offsets(t, e, &piece);
            piece.label[piece.shares] = t->field[target].code[e];
            piece.share[piece.shares++] = t->weight != NULL ? t->weight[e] : 1.0;
            piece.weighted |= piece.share[piece.shares - 1] != 1.0;
            piece.entry_end[piece.events] = piece.entries;
            piece.share_end[piece.events++] = piece.shares;
        }
        if (!mx_builder_append(builder, &piece, NULL, NULL, 0))
            error = no_memory(diagnostic);
    }
    for (size_t k = 0; number != NULL && k < columns->count; k++)
        mx_free(number[k]);
    mx_free(number);
    mx_free(absent);
    mx_piece_free(&piece);
    return error;
}

static maxent_error make(table *t, maxent_events **out, maxent_diagnostic *diagnostic)
{
    size_t features = 0, target = 0;
    for (size_t i = 0; i < t->count; i++) {
        features += t->role[i] == FEATURE;
        target = t->role[i] == TARGET ? i : target;
    }
    const mx_dictionary *classes = &t->field[target].text;
    if (classes->levels < 2) {
        size_t length = 0;
        const char *text = mx_dictionary_text(classes, 0, &length);
        return mx_source_fail(mx_csv_name(t->csv), diagnostic, MAXENT_ERROR_FILE,
                              "every event has the class '%.*s'; a model needs at least two classes",
                              (int)(length < 80 ? length : 80), text);
    }
    mx_space *space = mx_space_new();
    mx_columns *columns = mx_columns_new(features);
    size_t *which = mx_alloc(features, sizeof *which);
    uint32_t *order = mx_alloc(classes->levels, sizeof *order), *map = mx_alloc(classes->levels, sizeof *map), code;
    mx_builder builder = {0};
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
        error = fill(t, columns, which, target, classes->levels, &builder, diagnostic);
    if (error == MAXENT_OK) {
        error = mx_builder_finish(&builder, space, map, out, diagnostic);
        space = NULL; /* taken over */
    }
done:
    mx_builder_free(&builder);
    mx_space_release(space);
    mx_free(which);
    mx_free(order);
    mx_free(map);
    return error;
}

static maxent_error read_training(const char *path, const maxent_read_options *options, maxent_events **out, maxent_read_report *report,
                                  maxent_diagnostic *diagnostic)
{
    table t = {.options = options};
    maxent_error error = open_table(&t, path, diagnostic);
    if (error == MAXENT_OK)
        error = read_rows(&t, diagnostic);
    if (error == MAXENT_OK)
        error = make(&t, out, diagnostic);
    report->events = t.rows;
    report->dropped = t.dropped;
    for (size_t i = 0; i < t.count; i++) {
        mx_free(t.name[i]);
        if (t.field != NULL) {
            mx_dictionary_free(&t.field[i].text);
            mx_free(t.field[i].code);
            mx_free(t.field[i].infinite);
        }
    }
    mx_free(t.name);
    mx_free(t.field);
    mx_free(t.role);
    mx_free(t.weight);
    mx_free(t.offset);
    mx_free(t.offset_at);
    mx_csv_close(t.csv);
    return error;
}

maxent_error mx_columns_read(const char *path, const maxent_read_options *options, mx_space *space, maxent_events **out,
                             maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    report->format = MAXENT_FORMAT_TABLE;
    if (space == NULL) {
        maxent_error error = read_training(path, options, out, report, diagnostic);
        if (error == MAXENT_OK)
            report->entries = maxent_events_nonzeros(*out);
        return error;
    }
    const mx_columns *columns = space->table;
    int same = options->offsets == columns->offset.levels;
    for (size_t i = 0; i < options->offsets && same; i++) {
        uint32_t code;
        same = mx_dictionary_find(&columns->offset, options->offset[i], strlen(options->offset[i]), &code) && code == i;
    }
    if (options->offsets > 0 && !same)
        return mx_source_fail(path, diagnostic, MAXENT_ERROR_ARGUMENT, "the model has other columns of offsets, or none");
    mx_rows rows;
    mx_piece piece = {0};
    mx_builder builder = {0};
    maxent_error error = mx_rows_open(path, options, space, 1, &rows, diagnostic);
    if (error != MAXENT_OK)
        return error;
    do {
        error = mx_rows_piece(&rows, ROWS, &piece, report, diagnostic);
        if (error == MAXENT_OK && !mx_builder_append(&builder, &piece, NULL, NULL, 0))
            error = no_memory(diagnostic);
    } while (error == MAXENT_OK && piece.events > 0);
    report->events = builder.events;
    report->entries = builder.entries;
    if (error == MAXENT_OK && builder.events == 0)
        error = mx_source_fail(mx_csv_name(rows.csv), diagnostic, MAXENT_ERROR_FILE, "no events: there are no rows below the header");
    if (error == MAXENT_OK)
        error = mx_builder_finish(&builder, mx_space_share(space), NULL, out, diagnostic);
    mx_builder_free(&builder);
    mx_piece_free(&piece);
    mx_rows_close(&rows);
    return error;
}
