/* The rows of one block of a table, column by column.
 *
 * A block without quotes, of valid UTF-8, is read in one go: cell after cell as what its column is, numbers digit by digit, names up to the
 * next delimiter. Whatever is not regular (a quote, a row of another length, a missing value that is not allowed) sends the whole block to
 * the general reader of CSV (data/csv.h), row by row, which knows what is wrong and where. A column begins every block as one of numbers,
 * unless it is known for names: the first cell that is no number turns its cells of this block into names.
 */
#include "model/events/table_block.h"

#include "base/memory.h"
#include "data/mask.h"
#include "data/table.h"
#include "model/events/scan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 1 << 18 }; /* bytes of the file at a time, as in source.c */

typedef enum outcome { GOOD, IRREGULAR, NO_MEMORY } outcome;

static void start(const mx_table_form *form, mx_table_block *to)
{
    to->rows = to->dropped = 0;
    for (size_t i = 0; i < form->count; i++) {
        mx_block_column *column = &to->column[i];
        column->cells.names = atomic_load_explicit(&form->names[i], memory_order_relaxed) != 0;
        column->cells.text_length = 0;
        column->odd = column->infinite = SIZE_MAX;
    }
}

/* A number of at most 15 digits without an exponent: the place behind it, or NULL. One next to its text is told by it. */
static inline const char *plain_number(const char *at, double *value, unsigned char *form)
{
    const int negative = *at == '-';
    const char *digits = at + negative;
    uint64_t m;
    size_t whole, decimals;
    at = mx_scan_digits(digits, &m, &whole, &decimals);
    if (whole == 0 || (*digits == '0' && whole > 1) || whole + decimals > 15 || at[-1] == '.')
        return NULL;
    const double result = mx_scan_scaled(m, decimals);
    *value = negative ? -result : result;
    *form = (unsigned char)decimals;
    return at;
}

/* The first of the bytes that end a cell, from `at` on; somewhere there is one. 8 bytes at a time: x - LOW & ~x & HIGH has the high bit of
 * the lowest byte of x that is 0, and perhaps of some above it. */
typedef struct stops {
    uint64_t delimiter;     /* eight times */
    unsigned char is[256];
} stops;

#define LOW 0x0101010101010101u
#define HIGH 0x8080808080808080u

static inline const char *cell_end(const char *at, const stops *stop)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (;; at += 8) { /* at most 8 bytes behind the block, where it has MX_LINE_PADDING */
        uint64_t x, d, n, r;
        memcpy(&x, at, sizeof x);
        d = x ^ stop->delimiter;
        n = x ^ LOW * '\n';
        r = x ^ LOW * '\r';
        uint64_t found = (((d - LOW) & ~d) | ((n - LOW) & ~n) | ((r - LOW) & ~r)) & HIGH;
        if (found != 0)
            return at + mx_mask_lowest(found) / 8;
    }
#else
    while (!stop->is[(unsigned char)*at])
        at++;
    return at;
#endif
}

static inline int put_name(mx_block_column *column, size_t row, const char *text, size_t length)
{
    uint32_t code;
    if (length - 1 >= 8) { /* not 1 .. 8 bytes; so many can be read behind any text */
        if (!mx_dictionary_add(&column->text, text, length, &code))
            return 0;
        column->cells.code[row] = code;
        return 1;
    }
    uint64_t bytes;
    const uint32_t one = 1;
    memcpy(&bytes, text, sizeof bytes);
    bytes &= *(const unsigned char *)&one == 1 ? ~(uint64_t)0 >> (64 - 8 * length) : ~(uint64_t)0 << (64 - 8 * length);
    size_t slot = (size_t)(bytes * 0x9E3779B97F4A7C15u >> 54);
    if (column->cache[slot].bytes != bytes) { /* texts have no NUL: their bytes tell the length; 0: an empty slot */
        if (!mx_dictionary_add(&column->text, text, length, &code))
            return 0;
        column->cache[slot].bytes = bytes;
        column->cache[slot].code = code;
    }
    column->cells.code[row] = column->cache[slot].code;
    return 1;
}

/* A cell of a column whose missing values, if it is one, are allowed. at: its byte in the block. IRREGULAR: not what the column needs. */
static outcome put_cell(const mx_table_form *form, mx_table_block *to, size_t i, const mx_csv_field *field, size_t at)
{
    mx_block_column *column = &to->column[i];
    mx_cells *cells = &column->cells;
    const size_t row = to->rows;
    const int missing = mx_field_missing(field);
    double value = NAN;
    if (form->role[i] == MX_WEIGHT || form->role[i] == MX_OFFSET) {
        if (mx_field_number(field, &value) != 1 || (form->role[i] == MX_WEIGHT && value < 0))
            return IRREGULAR;
        cells->number[row] = value;
        cells->form[row] = 0; /* never wanted as text */
        return GOOD;
    }
    if (!cells->names) {
        int is = missing ? 1 : mx_field_number(field, &value);
        if (is == 2 && column->infinite == SIZE_MAX)
            column->infinite = at;
        if (is != 0) {
            cells->number[row] = value;
            cells->form[row] = missing ? MX_CELL_MISSING : MX_CELL_TEXT;
            return missing || mx_cells_keep(cells, field->text, field->length) ? GOOD : NO_MEMORY;
        }
        column->odd = at;
        if (!mx_cells_to_names(cells, row, &column->text))
            return NO_MEMORY;
    }
    if (!missing && (field->length > 8 || field->quoted)) /* whose text may end where memory does */
        return mx_dictionary_add(&column->text, field->text, field->length, &cells->code[row]) ? GOOD : NO_MEMORY;
    if (missing)
        cells->code[row] = UINT32_MAX;
    return missing || put_name(column, row, field->text, field->length) ? GOOD : NO_MEMORY;
}

/* ---- in one go ---- */

/* 1: no quote, and UTF-8 without NUL. */
static int is_regular(const char *text, size_t length)
{
    if (memchr(text, '"', length) != NULL)
        return 0;
    for (size_t at = 0; at < length;) {
        if (length - at >= MX_MASK_BYTES && mx_mask_plain(text + at, 1)) {
            at += MX_MASK_BYTES;
            continue;
        }
        const size_t stop = length - at < MX_MASK_BYTES ? length : at + MX_MASK_BYTES;
        while (at < stop) {
            int is = mx_csv_character(text + at, length - at);
            if (is <= 0)
                return 0;
            at += (size_t)is;
        }
    }
    return 1;
}

/* 1 when the row has a missing value in a column that is used. */
static int lacks(const mx_table_form *form, const stops *stop, const char *at)
{
    for (size_t i = 0;; i++) {
        const char *end = cell_end(at, stop);
        mx_csv_field field = {at, (size_t)(end - at), 0};
        if (i >= form->count) /* a row of another length: somebody else tells */
            return 0;
        if (form->role[i] != MX_IGNORED && mx_field_missing(&field))
            return 1;
        if (*end != form->delimiter)
            return 0;
        at = end + 1;
    }
}

static outcome parse_rows(const mx_table_form *form, const mx_block *block, size_t first, mx_table_block *to)
{
    const char *at = block->text + first, *const end = block->text + block->length;
    const char delimiter = form->delimiter;
    stops ends = {.delimiter = LOW * (unsigned char)delimiter};
    ends.is[(unsigned char)delimiter] = ends.is['\n'] = ends.is['\r'] = 1;
    if (mx_digit(delimiter) <= 9 || delimiter == '.' || delimiter == '-')
        return IRREGULAR;
    while (at < end) {
        int drop = 0;
        if (*at == '\n' || (*at == '\r' && at[1] == '\n')) { /* a blank line is no row */
            at += 1 + (*at == '\r');
            continue;
        }
        if (form->absent == MAXENT_ABSENT_DROP)
            drop = lacks(form, &ends, at);
        for (size_t i = 0; i < form->count; i++) {
            mx_block_column *column = &to->column[i];
            const char *stop = NULL;
            if (form->role[i] == MX_FEATURE && !column->cells.names && !drop) {
                double value;
                unsigned char looks;
                stop = plain_number(at, &value, &looks);
                if (stop != NULL && ends.is[(unsigned char)*stop]) {
                    column->cells.number[to->rows] = value;
                    column->cells.form[to->rows] = looks;
                } else {
                    stop = NULL;
                }
            }
            if (stop == NULL) {
                stop = cell_end(at, &ends);
                mx_csv_field field = {at, (size_t)(stop - at), 0};
                if (drop || form->role[i] == MX_IGNORED) {
                    ;
                } else if (column->cells.names && field.length > 0 && (*at | 32) != 'n') { /* not missing */
                    if (!put_name(column, to->rows, at, field.length))
                        return NO_MEMORY;
                } else if (mx_field_missing(&field) && (form->absent != MAXENT_ABSENT_IMPUTE || form->role[i] != MX_FEATURE)) {
                    return IRREGULAR;
                } else {
                    outcome is = put_cell(form, to, i, &field, (size_t)(at - block->text));
                    if (is != GOOD)
                        return is;
                }
            }
            if (i + 1 < form->count ? *stop != delimiter : *stop == delimiter || (*stop == '\r' && stop[1] != '\n'))
                return IRREGULAR;
            at = stop + 1 + (i + 1 == form->count && *stop == '\r');
        }
        to->rows += !drop;
        to->dropped += (size_t)drop;
    }
    return GOOD;
}

/* ---- by the general reader ---- */

/* The byte of a place in a block. */
static size_t offset_of(const mx_block *block, size_t first, const maxent_diagnostic *where)
{
    const char *at = block->text + first, *end = block->text + block->length;
    if (where->line == 0)
        return SIZE_MAX;
    for (size_t line = 1; line < where->line && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    for (size_t column = 1; column < where->column && at < end; column++)
        for (at++; at < end && ((unsigned char)*at & 0xc0) == 0x80;)
            at++;
    return (size_t)(at - block->text);
}

maxent_error mx_block_csv_fault(const mx_block *block, size_t first, maxent_error error, const maxent_diagnostic *where, mx_fault *fault)
{
    return mx_fault_at(fault, error, offset_of(block, first, where), "%s", where->message);
}

maxent_error mx_block_csv(const mx_block *block, size_t first, char delimiter, mx_csv **out, maxent_diagnostic *where)
{
    mx_stream *stream;
    maxent_error error = mx_stream_memory("", block->text + first, block->length - first, &stream, where);
    if (error == MAXENT_OK)
        error = mx_csv_from_stream(stream, delimiter, out, where);
    if (error == MAXENT_OK)
        mx_csv_any_width(*out);
    return error;
}

maxent_error mx_block_ragged(const mx_csv *csv, size_t count, size_t header, maxent_diagnostic *where)
{
    return mx_csv_fail(csv, 0, where, MAXENT_ERROR_FILE, "this row has %zu field%s, the header has %zu", count, count == 1 ? "" : "s",
                       header);
}

static maxent_error parse_row(const mx_table_form *form, const mx_block *block, size_t first, mx_csv *csv, const mx_csv_field *field,
                              size_t count, mx_table_block *to, mx_fault *fault)
{
    maxent_diagnostic where = {0};
    if (count != form->count) {
        (void)mx_block_ragged(csv, count, form->count, &where);
        return mx_block_csv_fault(block, first, MAXENT_ERROR_FILE, &where, fault);
    }
    for (size_t i = 0; i < count; i++) {
        if (form->role[i] == MX_IGNORED || !mx_field_missing(&field[i]))
            continue;
        if (form->absent == MAXENT_ABSENT_DROP) {
            to->dropped++;
            return MAXENT_OK;
        }
        if (form->absent == MAXENT_ABSENT_ERROR || form->role[i] != MX_FEATURE) {
            mx_csv_fail(csv, i, &where, MAXENT_ERROR_VALUE, "a missing value in the column \"%s\"", form->name[i]);
            return mx_block_csv_fault(block, first, MAXENT_ERROR_VALUE, &where, fault);
        }
    }
    for (size_t i = 0; i < count; i++) {
        mx_block_column *column = &to->column[i];
        const size_t odd = column->odd, infinite = column->infinite;
        if (form->role[i] == MX_IGNORED)
            continue;
        outcome is = put_cell(form, to, i, &field[i], 0);
        if (is == NO_MEMORY)
            return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
        if (is == GOOD && odd == column->odd && infinite == column->infinite)
            continue;
        mx_csv_fail(csv, i, &where, MAXENT_ERROR_VALUE, "%s",
                    form->role[i] == MX_WEIGHT ? "a weight is a finite number of at least 0" : "an offset is a finite number");
        if (is == IRREGULAR)
            return mx_block_csv_fault(block, first, MAXENT_ERROR_VALUE, &where, fault);
        if (odd != column->odd)
            column->odd = offset_of(block, first, &where);
        else
            column->infinite = offset_of(block, first, &where);
    }
    to->rows++;
    return MAXENT_OK;
}

static maxent_error parse_general(const mx_table_form *form, const mx_block *block, size_t first, mx_table_block *to, mx_fault *fault)
{
    maxent_diagnostic where = {0};
    mx_csv *csv = NULL;
    maxent_error error = mx_block_csv(block, first, form->delimiter, &csv, &where);
    while (error == MAXENT_OK) {
        const mx_csv_field *field;
        size_t count;
        error = mx_csv_row(csv, &field, &count, &where);
        if (error != MAXENT_OK || count == 0)
            break;
        error = parse_row(form, block, first, csv, field, count, to, fault);
        if (error != MAXENT_OK)
            goto done;
    }
    if (error != MAXENT_OK)
        (void)mx_block_csv_fault(block, first, error, &where, fault);
done:
    mx_csv_close(csv);
    return error;
}

maxent_error mx_table_parse(const mx_table_form *form, const mx_block *block, mx_table_block *to, mx_fault *fault)
{
    const size_t first = block->number == 0 ? form->header : 0;
    outcome is = GOOD;
    start(form, to);
    for (size_t i = 0; i < form->count; i++)
        if (form->role[i] != MX_IGNORED && !mx_cells_reserve(&to->column[i].cells, block->lines + 1, 0))
            return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
    if (first >= block->length)
        return MAXENT_OK;
    is = is_regular(block->text + first, block->length - first) ? parse_rows(form, block, first, to) : IRREGULAR;
    if (is == NO_MEMORY)
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
    if (is == GOOD)
        return MAXENT_OK;
    start(form, to);
    for (size_t i = 0; i < form->count; i++) /* those that had become names in between */
        if (form->role[i] != MX_IGNORED && !mx_cells_reserve(&to->column[i].cells, block->lines + 1, 0))
            return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
    return parse_general(form, block, first, to, fault);
}

/* ---- opening a table ---- */

/* Bytes of text[length] up to the end of the first row that is not blank. */
static size_t header_of(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && (text[at] == '\n' || (text[at] == '\r' && at + 1 < length && text[at + 1] == '\n')))
        at++;
    for (int quoted = 0; at < length; at++) {
        quoted ^= text[at] == '"';
        if (text[at] == '\n' && !quoted)
            return at + 1;
    }
    return length;
}

maxent_error mx_table_open(const char *path, char delimiter, mx_lines **lines, mx_table_head *head, maxent_diagnostic *diagnostic)
{
    mx_stream *stream;
    mx_csv *csv;
    size_t length;
    *lines = NULL;
    *head = (mx_table_head){0};
    maxent_error error = mx_stream_open(path, &stream, diagnostic);
    if (error == MAXENT_OK)
        error = mx_lines_open(stream, BLOCK, 1, lines, diagnostic);
    if (error != MAXENT_OK)
        return error;
    const char *text = mx_lines_peek(*lines, &length);
    head->bytes = header_of(text, length);
    error = mx_stream_memory(mx_lines_name(*lines), text, length, &stream, diagnostic);
    if (error == MAXENT_OK)
        error = mx_csv_from_stream(stream, delimiter, &csv, diagnostic);
    if (error != MAXENT_OK)
        return error;
    head->delimiter = mx_csv_delimiter(csv);
    error = mx_csv_header(csv, &head->name, &head->count, diagnostic);
    mx_csv_close(csv);
    return error;
}
