/* Cells: one column of a table. Whether it is one of numbers is known only at its last row, and a file cannot be read twice when it is
 * standard input; so the text of a number stays recoverable. The text of most is told by its value and the number of its decimals: of
 * the decimal fractions of at most 15 digits, one at most is next to a double. One byte a cell says so; other texts are kept.
 */
#include "model/events/cells.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static int grow(void **array, size_t *room, size_t wanted, double share, size_t size)
{
    if (wanted <= *room)
        return 1;
    size_t larger = wanted < 2 * *room ? 2 * *room : wanted;
    double all = share > 0 && share <= 1 ? 1.03 * (double)wanted / share : 0;
    if (all > (double)larger && all < 1e15) /* memory that is never written is never used */
        larger = (size_t)all;
    void *moved = mx_resize(*array, larger, size);
    if (moved == NULL)
        return 0;
    *array = moved;
    *room = larger;
    return 1;
}

static int reserve_codes(mx_cells *cells, size_t rows, double share)
{
    void *code = cells->code;
    int ok = grow(&code, &cells->code_room, rows, share, sizeof *cells->code);
    cells->code = code;
    return ok;
}

int mx_cells_reserve(mx_cells *cells, size_t rows, double share)
{
    if (cells->names)
        return reserve_codes(cells, rows, share);
    void *number = cells->number, *form = cells->form;
    int ok = grow(&number, &cells->number_room, rows, share, sizeof *cells->number) && grow(&form, &cells->form_room, rows, share, 1);
    cells->number = number;
    cells->form = form;
    return ok;
}

int mx_cells_keep(mx_cells *cells, const char *text, size_t length)
{
    void *room = cells->text;
    uint32_t stored = (uint32_t)length; /* a row is no longer than that */
    int ok = grow(&room, &cells->text_room, cells->text_length + sizeof stored + length, 0, 1);
    cells->text = room;
    if (!ok)
        return 0;
    memcpy(cells->text + cells->text_length, &stored, sizeof stored);
    memcpy(cells->text + cells->text_length + sizeof stored, text, length);
    cells->text_length += sizeof stored + length;
    return 1;
}

/* The text of row `row`, whose turn it is in the kept texts at *at; `own` is room for it. */
static const char *text_of(const mx_cells *cells, size_t row, size_t *at, char own[32], size_t *length)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const unsigned form = cells->form[row];
    if (form == MX_CELL_TEXT) {
        uint32_t stored;
        memcpy(&stored, cells->text + *at, sizeof stored);
        const char *text = cells->text + *at + sizeof stored;
        *at += sizeof stored + stored;
        *length = stored;
        return text;
    }
    uint64_t m = (uint64_t)(fabs(cells->number[row]) * power[form] + 0.5); /* below 10^15: the product is off by less than 0.3 */
    char *c = own + 32;
    for (unsigned digits = 0; m > 0 || digits <= form; digits++) {
        if (digits == form && form > 0)
            *--c = '.';
        *--c = (char)('0' + m % 10);
        m /= 10;
    }
    if (signbit(cells->number[row]))
        *--c = '-';
    *length = (size_t)(own + 32 - c);
    return c;
}

/* The cells of `from` as levels of a dictionary, into code[more]. */
static int levels_of(const mx_cells *from, size_t more, mx_dictionary *dictionary, uint32_t *code)
{
    size_t at = 0;
    for (size_t row = 0; row < more; row++) {
        char own[32];
        size_t length;
        code[row] = UINT32_MAX;
        if (from->form[row] == MX_CELL_MISSING)
            continue;
        const char *text = text_of(from, row, &at, own, &length);
        if (!mx_dictionary_add(dictionary, text, length, &code[row]))
            return 0;
    }
    return 1;
}

int mx_cells_to_names(mx_cells *cells, size_t rows, mx_dictionary *dictionary)
{
    if (!reserve_codes(cells, rows > cells->number_room ? rows : cells->number_room, 0) || !levels_of(cells, rows, dictionary, cells->code))
        return 0;
    cells->names = 1;
    cells->text_length = 0;
    return 1;
}

int mx_cells_append(mx_cells *to, size_t rows, const mx_cells *from, size_t more, double share, mx_dictionary *own,
                    const mx_dictionary *other, uint32_t **map, size_t *mapped)
{
    if (!to->names && from->names) {
        if (!mx_cells_to_names(to, rows, own))
            return 0;
        mx_free(to->number); /* the column is one of names from here on */
        mx_free(to->form);
        mx_free(to->text);
        *to = (mx_cells){.names = 1, .code = to->code, .code_room = to->code_room};
    }
    if (!mx_cells_reserve(to, rows + more, share))
        return 0;
    if (!to->names) {
        if (more > 0) {
            memcpy(to->number + rows, from->number, more * sizeof *to->number);
            memcpy(to->form + rows, from->form, more);
        }
        void *text = to->text;
        int ok = grow(&text, &to->text_room, to->text_length + from->text_length, share, 1);
        to->text = text;
        if (!ok)
            return 0;
        if (from->text_length > 0)
            memcpy(to->text + to->text_length, from->text, from->text_length);
        to->text_length += from->text_length;
        return 1;
    }
    if (!from->names)
        return levels_of(from, more, own, to->code + rows);
    if (*mapped < other->levels) {
        uint32_t *moved = mx_resize(*map, 2 * other->levels, sizeof *moved);
        if (moved == NULL)
            return 0;
        memset(moved + *mapped, 0xff, (2 * other->levels - *mapped) * sizeof *moved);
        *map = moved;
        *mapped = 2 * other->levels;
    }
    for (size_t row = 0; row < more; row++) {
        uint32_t code = from->code[row];
        if (code != UINT32_MAX && (*map)[code] == UINT32_MAX) {
            size_t length;
            const char *text = mx_dictionary_text(other, code, &length);
            if (!mx_dictionary_add(own, text, length, &(*map)[code]))
                return 0;
        }
        to->code[rows + row] = code == UINT32_MAX ? UINT32_MAX : (*map)[code];
    }
    return 1;
}

void mx_cells_free(mx_cells *cells)
{
    mx_free(cells->number);
    mx_free(cells->form);
    mx_free(cells->code);
    mx_free(cells->text);
}
