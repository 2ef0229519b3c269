/* Columns: how the columns of a table become features, and rows for a model that exists.
 *
 * A column of numbers becomes (x - centre) / scale, with the mean and the standard deviation of the training data, so that columns of any
 * unit are solved equally well; a column of names becomes one feature a level, which is 1 in the rows that have it. A missing value stands,
 * where it is allowed, for the mean or for a level of its own.
 */
#include "model/events/columns.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/events/source.h"
#include "model/events/table_block.h"

#include <math.h>
#include <string.h>

mx_columns *mx_columns_new(size_t count)
{
    mx_columns *columns = mx_zalloc(1, sizeof *columns);
    if (columns == NULL)
        return NULL;
    columns->count = count;
    columns->column = mx_zalloc(count, sizeof *columns->column);
    if (columns->column == NULL) {
        mx_free(columns);
        return NULL;
    }
    return columns;
}

void mx_columns_free(void *memory)
{
    mx_columns *columns = memory;
    if (columns == NULL)
        return;
    for (size_t i = 0; i < columns->count; i++) {
        mx_free(columns->column[i].name);
        mx_dictionary_free(&columns->column[i].level);
    }
    mx_dictionary_free(&columns->offset);
    mx_free(columns->column);
    mx_free(columns->target);
    mx_free(columns);
}

int mx_columns_offsets_fit(size_t offsets, size_t classes)
{
    return offsets == 0 || offsets == classes || (offsets == 1 && classes == 2);
}

size_t mx_column_features(const mx_columns *columns, const mx_column_use *column)
{
    if (column->numeric)
        return column->scale > 0;
    return column->level.levels - (columns->contrasts && column->level.levels > 0);
}

maxent_error mx_columns_settle(mx_columns *columns, mx_space *space, maxent_diagnostic *diagnostic)
{
    mx_buffer name = {0};
    size_t next = 0;
    maxent_error error = MAXENT_OK;
    mx_dictionary_free(&space->feature); /* settled before, perhaps */
    memset(&space->feature, 0, sizeof space->feature);
    for (size_t i = 0; i < columns->count && error == MAXENT_OK; i++) {
        mx_column_use *column = &columns->column[i];
        size_t features = mx_column_features(columns, column);
        column->feature = features > 0 ? (uint32_t)next : UINT32_MAX;
        if (features > UINT32_MAX - 2 - next) {
            error = mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "more than 2^32 - 2 features");
            break;
        }
        for (size_t k = 0; k < features && error == MAXENT_OK; k++) {
            uint32_t code;
            name.length = 0;
            mx_buffer_put(&name, column->name);
            if (!column->numeric) {
                size_t length;
                const char *text = mx_dictionary_text(&column->level, k + (columns->contrasts != 0), &length);
                mx_buffer_char(&name, '=');
                mx_buffer_append(&name, text, length);
            }
            if (name.failed || !mx_dictionary_add(&space->feature, name.data, name.length, &code))
                error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
            else if (code != next++)
                error = mx_fail(diagnostic, MAXENT_ERROR_NAME, "two features would be called \"%s\": rename a column", name.data);
        }
    }
    space->features = (uint32_t)next;
    mx_buffer_free(&name);
    return error;
}

double maxent_events_scale(const maxent_events *events, size_t j)
{
    const mx_columns *columns = events->space->table;
    if (columns == NULL || events->space->form != MX_SPACE_TABLE)
        return 1.0;
    size_t low = 0, high = columns->count; /* the features of the columns ascend, but for those without one */
    for (size_t i = low; i < high; i++) {
        const mx_column_use *column = &columns->column[i];
        if (column->feature != UINT32_MAX && j >= column->feature && j < column->feature + mx_column_features(columns, column))
            return column->numeric ? column->scale : 1.0;
    }
    return 1.0;
}

/* ---- rows for a space ---- */

static size_t find_name(char **name, size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name[i], wanted) == 0)
            return i;
    return SIZE_MAX;
}

maxent_error mx_table_rows_open(const char *path, const maxent_read_options *options, const mx_space *space, int need_target,
                                mx_table_rows *rows, maxent_diagnostic *diagnostic)
{
    mx_table_head head;
    *rows = (mx_table_rows){.space = space, .columns = space->table};
    rows->drop = rows->columns->absent == MAXENT_ABSENT_DROP;
    maxent_error error = mx_table_open(path, options->delimiter, &rows->lines, &head, diagnostic);
    if (error != MAXENT_OK)
        goto done;
    const char *const file = mx_lines_name(rows->lines);
    const char *const *name = (const char *const *)head.name;
    rows->delimiter = head.delimiter;
    rows->width = head.count;
    rows->header = head.bytes;
    rows->field = mx_alloc(rows->columns->count, sizeof *rows->field);
    rows->offset = mx_alloc(rows->columns->offset.levels, sizeof *rows->offset);
    if (rows->field == NULL || rows->offset == NULL) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < rows->columns->count && error == MAXENT_OK; i++) {
        const mx_column_use *column = &rows->columns->column[i];
        rows->field[i] = find_name(head.name, head.count, column->name);
        if (rows->field[i] == SIZE_MAX && column->feature != UINT32_MAX)
            error = mx_unknown_column(file, column->name, head.count, name, diagnostic);
    }
    for (size_t i = 0; i < rows->columns->offset.levels && error == MAXENT_OK; i++) {
        size_t length;
        const char *text = mx_dictionary_text(&rows->columns->offset, i, &length);
        char *wanted = mx_strndup(text, length);
        if (wanted == NULL)
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        else if ((rows->offset[i] = find_name(head.name, head.count, wanted)) == SIZE_MAX)
            error = mx_unknown_column(file, wanted, head.count, name, diagnostic);
        mx_free(wanted);
    }
    const char *target = options->target != NULL ? options->target : rows->columns->target;
    rows->target = find_name(head.name, head.count, target);
    rows->weight = options->weight != NULL ? find_name(head.name, head.count, options->weight) : SIZE_MAX;
    if (error == MAXENT_OK && rows->target == SIZE_MAX && need_target)
        error = mx_unknown_column(file, target, head.count, name, diagnostic);
    if (error == MAXENT_OK && rows->weight == SIZE_MAX && options->weight != NULL)
        error = mx_unknown_column(file, options->weight, head.count, name, diagnostic);
done:
    for (size_t i = 0; i < head.count && head.name != NULL; i++)
        mx_free(head.name[i]);
    mx_free(head.name);
    if (error != MAXENT_OK)
        mx_table_rows_close(rows);
    return error;
}

void mx_table_rows_close(mx_table_rows *rows)
{
    mx_lines_close(rows->lines);
    mx_free(rows->field);
    mx_free(rows->offset);
    memset(rows, 0, sizeof *rows);
}

/* One row on its way. */
typedef struct reading {
    const mx_table_rows *rows;
    const mx_csv *csv;
    const mx_csv_field *field;
    int absent;                /* a value is missing, and such rows are left out */
    maxent_diagnostic where;
} reading;

/* The entry of column i; 1: an entry, 0: none, -1: wrong (r->where says). */
static int entry(reading *r, size_t i, uint32_t *index, double *value, size_t *unknown)
{
    const mx_columns *columns = r->rows->columns;
    const mx_column_use *column = &columns->column[i];
    const size_t at = r->rows->field[i];
    const mx_csv_field *field = &r->field[at];
    if (column->feature == UINT32_MAX)
        return 0;
    int missing = mx_field_missing(field);
    if (missing && columns->absent != MAXENT_ABSENT_IMPUTE) {
        if (r->rows->drop) {
            r->absent = 1;
            return 0;
        }
        mx_csv_fail(r->csv, at, &r->where, MAXENT_ERROR_VALUE, "a missing value in the column \"%s\"", column->name);
        return -1;
    }
    if (column->numeric) {
        double x = column->mean;
        if (!missing && mx_field_number(field, &x) != 1) {
            mx_csv_fail(r->csv, at, &r->where, MAXENT_ERROR_VALUE, "the column \"%s\" holds numbers; '%.*s' is not a finite one",
                        column->name, (int)(field->length < 60 ? field->length : 60), field->text);
            return -1;
        }
        *index = column->feature;
        *value = (x - column->centre) / column->scale;
        return *value != 0;
    }
    uint32_t level;
    int known = missing ? mx_dictionary_find(&column->level, MX_TABLE_MISSING, strlen(MX_TABLE_MISSING), &level)
                        : mx_dictionary_find(&column->level, field->text, field->length, &level);
    *unknown += !known;
    if (!known || (columns->contrasts && level == 0))
        return 0;
    *index = column->feature + level - (columns->contrasts != 0);
    *value = 1.0;
    return 1;
}

/* The offsets of a row into the piece. */
static maxent_error row_offsets(reading *r, mx_piece *piece)
{
    const mx_table_rows *rows = r->rows;
    const size_t classes = rows->space->classes, count = rows->columns->offset.levels;
    double *to = piece->base + piece->events * classes;
    if (count == 0)
        return MAXENT_OK;
    memset(to, 0, classes * sizeof *to);
    for (size_t i = 0; i < count; i++) {
        const mx_csv_field *f = &r->field[rows->offset[i]];
        if (rows->drop && mx_field_missing(f))
            r->absent = 1;
        else if (mx_field_number(f, &to[count == 1 ? classes - 1 : i]) != 1)
            return mx_csv_fail(r->csv, rows->offset[i], &r->where, MAXENT_ERROR_VALUE, "an offset is a finite number");
    }
    return MAXENT_OK;
}

static maxent_error read_row(reading *r, mx_piece *piece)
{
    const mx_table_rows *rows = r->rows;
    const size_t begin = piece->entries;
    maxent_error error;
    r->absent = 0;
    for (size_t i = 0; i < rows->columns->count && !r->absent; i++) {
        if (rows->field[i] == SIZE_MAX)
            continue;
        int got = entry(r, i, &piece->index[piece->entries], &piece->value[piece->entries], &piece->unknown);
        if (got < 0)
            return MAXENT_ERROR_VALUE;
        if (got > 0)
            piece->valued |= piece->value[piece->entries++] != 1.0;
    }
    uint32_t label = MX_NO_CLASS;
    double weight = 1.0;
    if (rows->target != SIZE_MAX) {
        const mx_csv_field *f = &r->field[rows->target];
        if (!mx_dictionary_find(&rows->space->class_name, f->text, f->length, &label))
            label = MX_NO_CLASS;
        r->absent |= rows->drop && mx_field_missing(f) && label == MX_NO_CLASS;
    }
    if (rows->weight != SIZE_MAX && !r->absent && (mx_field_number(&r->field[rows->weight], &weight) != 1 || weight < 0))
        return mx_csv_fail(r->csv, rows->weight, &r->where, MAXENT_ERROR_VALUE, "a weight is a finite number of at least 0");
    if (!r->absent && (error = row_offsets(r, piece)) != MAXENT_OK)
        return error;
    if (r->absent) {
        piece->entries = begin;
        piece->dropped++;
        return MAXENT_OK;
    }
    piece->weighted |= weight != 1.0;
    piece->label[piece->shares] = label;
    piece->share[piece->shares++] = weight;
    piece->entry_end[piece->events] = piece->entries;
    piece->share_end[piece->events] = piece->shares;
    piece->offset[piece->events++] = 0;
    return MAXENT_OK;
}

maxent_error mx_table_rows_parse(const mx_table_rows *rows, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    const size_t first = block->number == 0 ? rows->header : 0, most = block->lines + 1;
    reading r = {.rows = rows};
    mx_csv *csv = NULL;
    if (!mx_piece_reserve(piece, most, most * rows->columns->count + 1, most) ||
        (rows->columns->offset.levels > 0 && !mx_piece_reserve_base(piece, most, rows->space->classes)))
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
    if (first >= block->length)
        return MAXENT_OK;
    maxent_error error = mx_block_csv(block, first, rows->delimiter, &csv, &r.where);
    while (error == MAXENT_OK) {
        size_t count;
        error = mx_csv_row(csv, &r.field, &count, &r.where);
        if (error != MAXENT_OK || count == 0)
            break;
        r.csv = csv;
        error = count != rows->width ? mx_block_ragged(csv, count, rows->width, &r.where) : read_row(&r, piece);
    }
    if (error != MAXENT_OK)
        (void)mx_block_csv_fault(block, first, error, &r.where, fault);
    mx_csv_close(csv);
    return error;
}
