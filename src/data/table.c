/* Tables: CSV rows into columns of numbers and columns of names.
 *
 * Whether a column is numeric is known only at its last row. Until then a column that looks numeric keeps its numbers and the
 * text they came from; the first field that is not a number makes the earlier texts into levels. So "007" in a column that ends
 * up as names is the name 007, and nothing is read twice (standard input cannot be).
 */
#include "data/table.h"

#include "base/memory.h"
#include "base/nearest.h"
#include "base/text.h"
#include "data/dictionary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct builder {
    int names;             /* 1: a column of names by now */
    double *number;        /* [capacity] while numeric */
    uint32_t *code;        /* [capacity] once names */
    size_t capacity;
    char *text;            /* while numeric: each field as its length (4 bytes) and bytes; empty: missing */
    size_t text_length, text_capacity;
    mx_dictionary dictionary;
    size_t missing_line;   /* first line with a missing value; 0: none */
    size_t infinite_line;  /* first line with an infinite one; 0: none */
} builder;

static int same(const mx_csv_field *field, const char *text)
{
    return field->length == strlen(text) && memcmp(field->text, text, field->length) == 0;
}

int mx_field_missing(const mx_csv_field *field)
{
    if (field->length == 0)
        return 1;
    if (field->quoted || field->length > 4 || (field->text[0] != 'N' && field->text[0] != 'n'))
        return 0;
    return same(field, "NA") || same(field, "N/A") || same(field, "NaN") || same(field, "nan") || same(field, "NULL") ||
           same(field, "null");
}

static int blank(char c)
{
    return c == ' ' || c == '\t';
}

/* 1 for inf, +inf, -inf, infinity in any case. */
static int infinity_text(const char *text, size_t length, double *value)
{
    const char *whole = "infinity";
    int negative = length > 0 && text[0] == '-';
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        text++, length--;
    if (length != 3 && length != 8)
        return 0;
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != whole[i])
            return 0;
    *value = negative ? -INFINITY : INFINITY;
    return 1;
}

int mx_field_number(const mx_csv_field *field, double *value)
{
    const char *text = field->text;
    size_t length = field->length;
    while (length > 0 && blank(text[0]))
        text++, length--;
    while (length > 0 && blank(text[length - 1]))
        length--;
    double number;
    if (mx_text_double(text, length, &number)) {
        *value = number;
        return isfinite(number) ? 1 : 2;
    }
    return infinity_text(text, length, value) ? 2 : 0;
}

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* ---- header ---- */

static void free_names(char **name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mx_free(name[i]);
    mx_free(name);
}

maxent_error mx_csv_header(mx_csv *csv, char ***name, size_t *count, maxent_diagnostic *diagnostic)
{
    const mx_csv_field *field;
    size_t fields;
    maxent_error error = mx_csv_row(csv, &field, &fields, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (fields == 0) {
        mx_fail(diagnostic, MAXENT_ERROR_FILE, "the file is empty; expected a header line with the names of the columns");
        if (diagnostic != NULL)
            snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_csv_name(csv));
        return MAXENT_ERROR_FILE;
    }
    mx_dictionary seen = {0};
    char **names = mx_zalloc(fields, sizeof *names);
    if (names == NULL)
        return no_memory(diagnostic);
    for (size_t i = 0; i < fields; i++) {
        const char *text = field[i].text;
        size_t length = field[i].length;
        while (!field[i].quoted && length > 0 && blank(text[0]))
            text++, length--;
        while (!field[i].quoted && length > 0 && blank(text[length - 1]))
            length--;
        if (length == 0) {
            error = mx_csv_fail(csv, i, diagnostic, MAXENT_ERROR_NAME, "column %zu has no name in the header", i + 1);
            goto cleanup;
        }
        if (fields == 1 && !field[i].quoted && (memchr(text, ';', length) != NULL || memchr(text, '\t', length) != NULL)) {
            int tab = memchr(text, '\t', length) != NULL;
            error = mx_csv_fail(csv, i, diagnostic, MAXENT_ERROR_FILE, "the columns are separated by %s; %s",
                                tab ? "tabs" : "semicolons", tab ? "a file of tabs has a name in .tsv"
                                                                 : "write commas, and numbers with a decimal point");
            goto cleanup;
        }
        uint32_t code;
        if (!mx_dictionary_add(&seen, text, length, &code) || (names[i] = mx_strndup(text, length)) == NULL) {
            error = no_memory(diagnostic);
            goto cleanup;
        }
        if (code < i) {
            error = mx_csv_fail(csv, i, diagnostic, MAXENT_ERROR_NAME, "columns %zu and %zu have the same name \"%.100s\"",
                                (size_t)code + 1, i + 1, names[i]);
            goto cleanup;
        }
    }
    *name = names;
    *count = fields;
    names = NULL;

cleanup:
    mx_dictionary_free(&seen);
    if (names != NULL)
        free_names(names, fields);
    return error;
}

maxent_error mx_unknown_column(const char *file, const char *wanted, size_t count, const char *const *name,
                               maxent_diagnostic *diagnostic)
{
    size_t nearest = mx_nearest(wanted, count, name);
    if (nearest != SIZE_MAX)
        return mx_fail(diagnostic, MAXENT_ERROR_NAME, "no column \"%.100s\" in %.200s; did you mean \"%.100s\"?", wanted, file,
                       name[nearest]);
    char list[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(name[i]) + 2;
        if (used + length + 8 > sizeof list) {
            memcpy(list + used, ", ...", 6);
            break;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", name[i]);
    }
    return mx_fail(diagnostic, MAXENT_ERROR_NAME, "no column \"%.100s\" in %.200s; its columns are %s", wanted, file, list);
}

/* ---- columns ---- */

static int reserve(builder *b, size_t rows)
{
    if (rows <= b->capacity)
        return 1;
    size_t capacity = 2 * b->capacity + 64;
    void *larger = b->names ? mx_resize(b->code, capacity, sizeof *b->code) : mx_resize(b->number, capacity, sizeof *b->number);
    if (larger == NULL)
        return 0;
    if (b->names)
        b->code = larger;
    else
        b->number = larger;
    b->capacity = capacity;
    return 1;
}

static int keep_text(builder *b, const char *text, size_t length)
{
    uint32_t stored = (uint32_t)length; /* a row is at most MX_CSV_ROW_LIMIT bytes */
    if (b->text_length + length + sizeof stored > b->text_capacity) {
        size_t capacity = 2 * b->text_capacity + length + 256;
        char *larger = mx_resize(b->text, capacity, 1);
        if (larger == NULL)
            return 0;
        b->text = larger;
        b->text_capacity = capacity;
    }
    memcpy(b->text + b->text_length, &stored, sizeof stored);
    if (length > 0)
        memcpy(b->text + b->text_length + sizeof stored, text, length);
    b->text_length += length + sizeof stored;
    return 1;
}

static int add_level(builder *b, const char *text, size_t length, uint32_t *code)
{
    return length == 0 ? mx_dictionary_add(&b->dictionary, MX_TABLE_MISSING, strlen(MX_TABLE_MISSING), code)
                       : mx_dictionary_add(&b->dictionary, text, length, code);
}

/* The first `rows` fields of a column that looked numeric become levels. */
static int make_names(builder *b, size_t rows)
{
    b->code = mx_alloc(b->capacity, sizeof *b->code);
    if (b->code == NULL)
        return 0;
    size_t at = 0;
    for (size_t row = 0; row < rows; row++) {
        uint32_t length;
        memcpy(&length, b->text + at, sizeof length);
        if (!add_level(b, b->text + at + sizeof length, length, &b->code[row]))
            return 0;
        at += sizeof length + length;
    }
    mx_free(b->number);
    mx_free(b->text);
    b->number = NULL;
    b->text = NULL;
    b->names = 1;
    return 1;
}

/* Appends one field as row number `row`. Returns 0 when there is no memory. */
static int append(builder *b, const mx_csv_field *field, size_t row, size_t line)
{
    if (!reserve(b, row + 1))
        return 0;
    int missing = mx_field_missing(field);
    if (missing && b->missing_line == 0)
        b->missing_line = line;
    size_t length = missing ? 0 : field->length;
    if (!b->names) {
        double value = NAN;
        int kind = missing ? 1 : mx_field_number(field, &value);
        if (kind != 0) {
            if (kind == 2 && b->infinite_line == 0)
                b->infinite_line = line;
            b->number[row] = value;
            return keep_text(b, field->text, length);
        }
        if (!make_names(b, row))
            return 0;
    }
    return add_level(b, field->text, length, &b->code[row]);
}

/* Hands a finished builder's arrays to the column. */
static maxent_error finish(builder *b, mx_column *column, size_t rows, const char *file, maxent_diagnostic *diagnostic)
{
    size_t line = 0;
    if (!b->names && b->missing_line != 0 && rows > 0) {
        int all = 1;
        for (size_t i = 0; i < rows && all; i++)
            all = isnan(b->number[i]);
        if (all) { /* nothing but missing values: one level */
            if (!make_names(b, rows))
                return no_memory(diagnostic);
        } else {
            line = b->missing_line;
            mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                    "column \"%.100s\" has numbers and a missing value, which cannot be a category of its own; drop such rows",
                    column->name);
        }
    }
    if (!b->names && line == 0 && b->infinite_line != 0) {
        line = b->infinite_line;
        mx_fail(diagnostic, MAXENT_ERROR_VALUE, "column \"%.100s\" has an infinite value, or one beyond 1.8e308", column->name);
    }
    if (line != 0) {
        if (diagnostic != NULL) {
            snprintf(diagnostic->file, sizeof diagnostic->file, "%s", file);
            diagnostic->line = line;
            diagnostic->column = 1;
        }
        return MAXENT_ERROR_VALUE;
    }
    column->numeric = !b->names;
    if (b->names) {
        column->label = mx_dictionary_labels(&b->dictionary);
        if (column->label == NULL)
            return no_memory(diagnostic);
        column->levels = b->dictionary.levels;
        column->code = b->code;
        b->code = NULL;
    } else {
        column->number = b->number;
        b->number = NULL;
    }
    return MAXENT_OK;
}

static void builder_free(builder *b)
{
    mx_free(b->number);
    mx_free(b->code);
    mx_free(b->text);
    mx_dictionary_free(&b->dictionary);
}

/* ---- public ---- */

/* source[j]: the place in the file of the column that is read as number j. */
static maxent_error choose(const char *file, const mx_table_options *options, size_t count, char *const *name, size_t *source,
                           maxent_diagnostic *diagnostic)
{
    for (size_t j = 0; j < options->columns; j++) {
        size_t i = 0;
        while (i < count && strcmp(name[i], options->column[j]) != 0)
            i++;
        if (i == count)
            return mx_unknown_column(file, options->column[j], count, (const char *const *)name, diagnostic);
        source[j] = i;
    }
    return MAXENT_OK;
}

maxent_error mx_table_read_csv(mx_csv *csv, const mx_table_options *options, mx_table *table, maxent_diagnostic *diagnostic)
{
    static const mx_table_options defaults = {.missing = MX_MISSING_ERROR};
    if (options == NULL)
        options = &defaults;
    char **name = NULL;
    size_t fields = 0, *source = NULL;
    builder *build = NULL;
    mx_table result = {0};
    maxent_error error = mx_csv_header(csv, &name, &fields, diagnostic);
    if (error != MAXENT_OK)
        return error;

    size_t columns = options->column != NULL ? options->columns : fields;
    source = mx_alloc(columns, sizeof *source);
    build = mx_zalloc(columns, sizeof *build);
    result.column = mx_zalloc(columns, sizeof *result.column);
    if (source == NULL || build == NULL || result.column == NULL) {
        error = no_memory(diagnostic);
        goto cleanup;
    }
    result.columns = columns;
    for (size_t j = 0; j < columns; j++)
        source[j] = j;
    if (options->column != NULL && (error = choose(mx_csv_name(csv), options, fields, name, source, diagnostic)) != MAXENT_OK)
        goto cleanup;
    for (size_t j = 0; j < columns; j++)
        if ((result.column[j].name = mx_strdup(name[source[j]])) == NULL) {
            error = no_memory(diagnostic);
            goto cleanup;
        }

    const mx_csv_field *field;
    size_t count;
    while ((error = mx_csv_row(csv, &field, &count, diagnostic)) == MAXENT_OK && count > 0) {
        if (options->missing != MX_MISSING_CATEGORY) {
            size_t j = 0;
            while (j < columns && !mx_field_missing(&field[source[j]]))
                j++;
            if (j < columns && options->missing == MX_MISSING_ERROR) {
                error = mx_csv_fail(csv, source[j], diagnostic, MAXENT_ERROR_VALUE,
                                    "a missing value in column \"%.100s\" (such rows can be dropped, or be a category)",
                                    result.column[j].name);
                goto cleanup;
            }
            if (j < columns) {
                result.dropped++;
                continue;
            }
        }
        for (size_t j = 0; j < columns; j++)
            if (!append(&build[j], &field[source[j]], result.rows, mx_csv_line(csv))) {
                error = no_memory(diagnostic);
                goto cleanup;
            }
        result.rows++;
        if (mx_watch_due(columns * (result.rows - 1), columns * result.rows) && mx_watch_over(options->watch, 1)) {
            error = mx_fail(diagnostic, MAXENT_ERROR_STOPPED, "%s", maxent_error_text(MAXENT_ERROR_STOPPED));
            goto cleanup;
        }
    }
    if (error != MAXENT_OK)
        goto cleanup;
    if (result.rows == 0) {
        error = result.dropped == 0
                    ? mx_fail(diagnostic, MAXENT_ERROR_FILE, "a header and no rows")
                    : mx_fail(diagnostic, MAXENT_ERROR_FILE, "no rows are left: each of %zu has a missing value", result.dropped);
        if (diagnostic != NULL)
            snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_csv_name(csv));
        goto cleanup;
    }
    for (size_t j = 0; j < columns; j++)
        if ((error = finish(&build[j], &result.column[j], result.rows, mx_csv_name(csv), diagnostic)) != MAXENT_OK)
            goto cleanup;
    *table = result;
    memset(&result, 0, sizeof result);

cleanup:
    for (size_t j = 0; build != NULL && j < columns; j++)
        builder_free(&build[j]);
    mx_free(build);
    mx_free(source);
    free_names(name, fields);
    mx_table_free(&result);
    return error;
}

maxent_error mx_table_read(const char *path, const mx_table_options *options, mx_table *table, maxent_diagnostic *diagnostic)
{
    mx_csv *csv;
    maxent_error error = mx_csv_open(path, options != NULL ? options->delimiter : 0, &csv, diagnostic);
    if (error != MAXENT_OK)
        return error;
    error = mx_table_read_csv(csv, options, table, diagnostic);
    mx_csv_close(csv);
    return error;
}

size_t mx_table_find(const mx_table *table, const char *name)
{
    for (size_t j = 0; j < table->columns; j++)
        if (strcmp(table->column[j].name, name) == 0)
            return j;
    return SIZE_MAX;
}

void mx_table_free(mx_table *table)
{
    for (size_t j = 0; table->column != NULL && j < table->columns; j++) {
        mx_column *column = &table->column[j];
        for (size_t i = 0; column->label != NULL && i < column->levels; i++)
            mx_free(column->label[i]);
        mx_free(column->label);
        mx_free(column->number);
        mx_free(column->code);
        mx_free(column->name);
    }
    mx_free(table->column);
    memset(table, 0, sizeof *table);
}
