/* Tables of text: cells are collected, then printed with every column as wide as its widest cell; the first
 * column gives way where the line would be too long. */
#include "report/report.h"

#include <string.h>

enum { NARROWEST = 12 }; /* what a first column is never cut below */

void mx_layout_start(mx_layout *table, size_t columns, const char *align)
{
    memset(table, 0, sizeof *table);
    table->columns = columns;
    for (size_t c = 0; c < columns && c < MX_TABLE_COLUMNS; c++)
        table->align[c] = align != NULL ? align[c] : 'l';
}

void mx_layout_next(mx_layout *table)
{
    mx_buffer_char(&table->text, '\0');
    table->cells++;
}

void mx_layout_cell(mx_layout *table, const char *text)
{
    mx_report_put_clean(&table->text, text);
    mx_layout_next(table);
}

/* Bytes of the first letters of text that take at most `most` columns. */
static size_t bytes_within(const char *text, size_t most)
{
    size_t bytes = 0, width = 0;
    while (text[bytes] != '\0') {
        size_t letter = mx_report_letter(text + bytes);
        letter = letter > 0 ? letter : 1;
        width += mx_report_width(text + bytes, letter);
        if (width > most)
            break;
        bytes += letter;
    }
    return bytes;
}

/* Where the last letters of text begin that take at most `most` columns. */
static const char *last_within(const char *text, size_t most)
{
    size_t width = mx_report_width(text, strlen(text));
    while (width > most) {
        size_t letter = mx_report_letter(text) > 0 ? mx_report_letter(text) : 1;
        width -= mx_report_width(text, letter);
        text += letter;
    }
    return text;
}

/* Without the blanks at the end of a line. */
static void end_line(mx_buffer *out)
{
    while (!out->failed && out->length > 0 && out->data[out->length - 1] == ' ')
        out->length--;
    mx_buffer_char(out, '\n');
}

void mx_layout_print(mx_layout *table, mx_buffer *out, int color)
{
    if (table->text.failed) {
        out->failed = 1;
    } else if (table->cells > 0) {
        size_t width[MX_TABLE_COLUMNS] = {0};
        const char *cell = table->text.data;
        for (size_t i = 0; i < table->cells; i++) {
            size_t length = strlen(cell), w = mx_report_width(cell, length), c = i % table->columns;
            if (w > width[c] && table->align[c] != 'b')
                width[c] = w;
            cell += length + 1;
        }
        size_t total = 0;
        for (size_t c = 0; c < table->columns; c++)
            total += width[c] + (c == 0 ? 1 : 2);
        if (table->most > 0 && total > table->most)
            width[0] = width[0] > total - table->most + NARROWEST ? width[0] - (total - table->most) : NARROWEST;
        cell = table->text.data;
        for (size_t i = 0; i < table->cells; i++) {
            size_t c = i % table->columns, bytes = strlen(cell), length = bytes, w = mx_report_width(cell, length);
            const char *end = "";
            int cut = c == 0 && w > width[0];
            if (cut) { /* in the middle: what tells one fact from the next is often at its end */
                length = bytes_within(cell, width[0] / 2 - 1);
                end = last_within(cell, width[0] - width[0] / 2 - 2);
                w = mx_report_width(cell, length) + 3 + mx_report_width(end, strlen(end));
            }
            const char *paint = !color ? NULL : i < table->columns ? "\033[1m" : table->color[c];
            size_t pad = width[c] > w ? width[c] - w : 0;
            mx_buffer_put(out, c == 0 ? " " : "  ");
            if (table->align[c] == 'r')
                mx_buffer_repeat(out, " ", pad);
            if (paint != NULL && length > 0)
                mx_buffer_put(out, paint);
            mx_buffer_append(out, cell, length);
            mx_buffer_put(out, cut ? "..." : "");
            mx_buffer_put(out, end);
            if (paint != NULL && length > 0)
                mx_buffer_put(out, "\033[0m");
            if (table->align[c] == 'l')
                mx_buffer_repeat(out, " ", pad);
            if (c + 1 == table->columns)
                end_line(out);
            cell += bytes + 1;
        }
    }
    mx_buffer_free(&table->text);
}
