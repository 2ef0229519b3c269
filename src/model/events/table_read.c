/* Tables for training: reading their columns.
 *
 * The blocks of the file are parsed on all cores (table_block.c) and their columns appended in the order of the file. A column is one of
 * numbers when every cell that is not missing is the decimal form of a number, unless the options say that its numbers are names. A
 * column of names some of which are numbers is told of: the user may have meant numbers.
 */
#include "model/events/table_read.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/events/source.h"

#include <stdio.h>
#include <string.h>

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

static maxent_error set_role(mx_raw_table *t, const char *column, mx_role role, maxent_diagnostic *diagnostic)
{
    mx_table_form *form = &t->form;
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->name[i], column) == 0) {
            if (role == MX_FEATURE) {
                t->field[i].said = t->field[i].cells.names = 1;
                atomic_store(&form->names[i], 1);
                return MAXENT_OK;
            }
            if (form->role[i] != MX_FEATURE)
                return mx_fail(diagnostic, MAXENT_ERROR_NAME, "the column \"%s\" cannot be two things", column);
            form->role[i] = (char)role;
            return MAXENT_OK;
        }
    return mx_unknown_column(mx_lines_name(t->lines), column, form->count, (const char *const *)form->name, diagnostic);
}

static maxent_error open_table(mx_raw_table *t, const char *path, maxent_diagnostic *diagnostic)
{
    const maxent_read_options *o = t->options;
    mx_table_form *form = &t->form;
    if (o->target == NULL)
        return mx_source_fail(path, diagnostic, MAXENT_ERROR_ARGUMENT, "which column is the class? A table needs a target");
    mx_table_head head;
    maxent_error error = mx_table_open(path, o->delimiter, &t->lines, &head, diagnostic);
    if (error != MAXENT_OK)
        return error;
    form->delimiter = head.delimiter;
    form->header = head.bytes;
    form->name = head.name;
    form->count = head.count;
    const size_t count = form->count;
    form->absent = o->absent;
    t->workers = mx_lines_workers(o->threads);
    t->field = mx_zalloc(count, sizeof *t->field);
    form->role = mx_alloc(count, 1);
    form->names = mx_alloc(count, sizeof *form->names);
    t->worker = mx_zalloc((size_t)t->workers, sizeof *t->worker);
    t->offset_at = mx_alloc(o->offsets, sizeof *t->offset_at);
    if (t->field == NULL || form->role == NULL || form->names == NULL || t->worker == NULL || t->offset_at == NULL)
        return no_memory(diagnostic);
    for (int w = 0; w < t->workers; w++)
        if ((t->worker[w].column = mx_zalloc(count, sizeof *t->worker[w].column)) == NULL)
            return no_memory(diagnostic);
    memset(form->role, MX_FEATURE, count);
    for (size_t i = 0; i < count; i++)
        atomic_init(&form->names[i], 0);
    error = set_role(t, o->target, MX_TARGET, diagnostic);
    if (error == MAXENT_OK && o->weight != NULL)
        error = set_role(t, o->weight, MX_WEIGHT, diagnostic);
    for (size_t i = 0; i < o->offsets && error == MAXENT_OK; i++) {
        error = set_role(t, o->offset[i], MX_OFFSET, diagnostic);
        for (size_t k = 0; k < count; k++)
            if (strcmp(form->name[k], o->offset[i]) == 0)
                t->offset_at[i] = k;
    }
    for (size_t i = 0; i < o->ignores && error == MAXENT_OK; i++)
        error = set_role(t, o->ignore[i], MX_IGNORED, diagnostic);
    for (size_t i = 0; i < o->categoricals && error == MAXENT_OK; i++)
        error = set_role(t, o->categorical[i], MX_FEATURE, diagnostic);
    for (size_t i = 0; i < count; i++)
        if (form->role[i] == MX_TARGET) {
            t->field[i].cells.names = 1;
            atomic_store(&form->names[i], 1);
        }
    return error;
}

static maxent_error parse_block(void *user, int worker, const mx_block *block, mx_fault *fault)
{
    mx_raw_table *t = user;
    return mx_table_parse(&t->form, block, &t->worker[worker], fault);
}

/* Notes the place of a cell, unless there is one already. 0: no memory. */
static int note(const mx_raw_table *t, const mx_block *block, size_t offset, maxent_diagnostic **where)
{
    if (offset == SIZE_MAX || *where != NULL)
        return 1;
    *where = mx_zalloc(1, sizeof **where);
    if (*where != NULL)
        mx_lines_locate(t->lines, block, offset, *where);
    return *where != NULL;
}

static maxent_error take_block(void *user, int worker, const mx_block *block, mx_fault *fault)
{
    mx_raw_table *t = user;
    mx_table_block *from = &t->worker[worker];
    for (size_t i = 0; i < t->form.count; i++) {
        mx_raw_field *f = &t->field[i];
        mx_block_column *column = &from->column[i];
        if (t->form.role[i] == MX_IGNORED)
            continue;
        if ((!f->cells.names && !note(t, block, column->odd, &f->odd)) || !note(t, block, column->infinite, &f->infinite) ||
            !mx_cells_append(&f->cells, t->rows, &column->cells, from->rows, block->share, &f->text, &column->text, &column->map,
                             &column->mapped))
            return mx_fault_at(fault, MAXENT_ERROR_MEMORY, SIZE_MAX, "out of memory");
        if (f->cells.names)
            atomic_store_explicit(&t->form.names[i], 1, memory_order_relaxed);
    }
    t->rows += from->rows;
    t->dropped += from->dropped;
    return MAXENT_OK;
}

static maxent_error read_rows(mx_raw_table *t, maxent_diagnostic *diagnostic)
{
    const mx_lines_work work = {t, parse_block, take_block};
    maxent_error error = mx_lines_run(t->lines, t->workers, &work, diagnostic);
    if (error != MAXENT_OK)
        return error;
    for (size_t i = 0; i < t->form.count; i++) {
        const mx_raw_field *f = &t->field[i];
        if (t->form.role[i] == MX_WEIGHT)
            t->weight = f->cells.number;
        if (f->infinite == NULL || f->cells.names)
            continue;
        mx_fail(diagnostic, MAXENT_ERROR_VALUE, "an infinite number, or one beyond 1.8e308, in the column \"%s\"", t->form.name[i]);
        if (diagnostic != NULL) {
            f->infinite->error = diagnostic->error;
            memcpy(f->infinite->message, diagnostic->message, sizeof diagnostic->message);
            *diagnostic = *f->infinite;
        }
        return MAXENT_ERROR_VALUE;
    }
    if (t->rows == 0)
        return mx_source_fail(mx_lines_name(t->lines), diagnostic, MAXENT_ERROR_FILE, "no events: there are no rows below the header%s",
                              t->dropped > 0 ? " without missing values" : "");
    return MAXENT_OK;
}

void mx_table_tell_mixed(const mx_raw_table *t, maxent_read_report *report)
{
    for (size_t i = 0; i < t->form.count; i++) {
        const mx_raw_field *f = &t->field[i];
        size_t numbers = 0, length;
        mx_csv_field odd = {"", 0, 0};
        double value;
        if (t->form.role[i] != MX_FEATURE || f->odd == NULL || f->said)
            continue;
        for (size_t k = 0; k < f->text.levels; k++) {
            mx_csv_field text = {NULL, 0, 0};
            text.text = mx_dictionary_text(&f->text, k, &text.length);
            int is = mx_field_number(&text, &value) != 0;
            odd = !is && numbers + 1 > k ? text : odd; /* the first */
            numbers += (size_t)is;
        }
        if (numbers == 0)
            continue;
        char one[256];
        size_t shown = odd.length < 40 ? odd.length : 40;
        while (shown < odd.length && shown > 0 && ((unsigned char)odd.text[shown] & 0xc0) == 0x80)
            shown--;
        (void)snprintf(one, sizeof one, "%zu:%zu: '%.*s' is no number, so the column \"%.60s\" is one of names; %zu of its %zu values are "
                       "numbers", f->odd->line, f->odd->column, (int)shown, odd.text, t->form.name[i], numbers, f->text.levels);
        for (char *c = one; *c != '\0'; c++)
            *c = (unsigned char)*c < 32 || *c == 127 ? '?' : *c;
        length = strlen(report->note);
        (void)snprintf(report->note + length, sizeof report->note - length, "%s%s", length > 0 ? "\n" : "", one);
    }
}

maxent_error mx_table_read_file(const char *path, const maxent_read_options *options, mx_raw_table *t, maxent_diagnostic *diagnostic)
{
    *t = (mx_raw_table){.options = options};
    maxent_error error = open_table(t, path, diagnostic);
    return error != MAXENT_OK ? error : read_rows(t, diagnostic);
}

void mx_table_free_raw(mx_raw_table *t)
{
    for (size_t i = 0; i < t->form.count; i++) {
        mx_free(t->form.name[i]);
        for (int w = 0; t->worker != NULL && w < t->workers && t->worker[w].column != NULL; w++) {
            mx_cells_free(&t->worker[w].column[i].cells);
            mx_dictionary_free(&t->worker[w].column[i].text);
            mx_free(t->worker[w].column[i].map);
        }
        if (t->field != NULL) {
            mx_cells_free(&t->field[i].cells);
            mx_dictionary_free(&t->field[i].text);
            mx_free(t->field[i].odd);
            mx_free(t->field[i].infinite);
        }
    }
    for (int w = 0; t->worker != NULL && w < t->workers; w++)
        mx_free(t->worker[w].column);
    mx_free(t->worker);
    mx_free(t->form.name);
    mx_free(t->form.role);
    mx_free(t->form.names);
    mx_free(t->field);
    mx_free(t->offset_at);
    mx_lines_close(t->lines);
}
