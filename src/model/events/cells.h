/* Cells: one column of a table, as numbers whose text can be had again, or as names. */
#ifndef MX_CELLS_H
#define MX_CELLS_H

#include "data/dictionary.h"

#include <stddef.h>
#include <stdint.h>

/* How the text of a number looks: so many decimals after plain digits, or one of these. */
enum {
    MX_CELL_DECIMALS = 15, /* at most */
    MX_CELL_MISSING = 254,
    MX_CELL_TEXT = 255     /* kept as text: "1e3", "007", "+5", " 2" */
};

/* Start from {0}. */
typedef struct mx_cells {
    int names;             /* 1: code is filled, 0: number and form are */
    double *number;        /* [rows] NAN: missing */
    unsigned char *form;   /* [rows] */
    uint32_t *code;        /* [rows] level in a dictionary; UINT32_MAX: missing */
    char *text;            /* of the cells of form MX_CELL_TEXT, one after the other: length (4 bytes), bytes */
    size_t text_length, text_room, number_room, form_room, code_room;
} mx_cells;

/* Room for so many rows of what the cells are; share: of all rows that these will be, or 0: not known. 0: no memory. */
int mx_cells_reserve(mx_cells *cells, size_t rows, double share);

/* Keeps the text of a number whose form is MX_CELL_TEXT; those of one column in the order of their rows. 0: no memory. */
int mx_cells_keep(mx_cells *cells, const char *text, size_t length);

/* The first `rows` cells, numbers so far, become names: levels of the dictionary, by the texts that they were. 0: no memory. */
int mx_cells_to_names(mx_cells *cells, size_t rows, mx_dictionary *dictionary);

/* Appends the `more` cells of `from` to the first `rows` of `to`, which become names if either are. own: levels of `to`; other: of `from`,
 * *map: [*mapped] what each became, UINT32_MAX: not yet seen; kept from call to call. share: as above. 0: no memory. */
int mx_cells_append(mx_cells *to, size_t rows, const mx_cells *from, size_t more, double share, mx_dictionary *own,
                    const mx_dictionary *other, uint32_t **map, size_t *mapped);

void mx_cells_free(mx_cells *cells); /* frees what it owns, not the struct */

#endif
