/* The rows of one block of a table, column by column. */
#ifndef MX_TABLE_BLOCK_H
#define MX_TABLE_BLOCK_H

#include "data/csv.h"
#include "model/events/cells.h"
#include "model/events/lines.h"

#include <maxent/model_file.h>

#include <stdatomic.h>

typedef enum mx_role { MX_IGNORED, MX_FEATURE, MX_TARGET, MX_WEIGHT, MX_OFFSET } mx_role;

/* What all blocks are parsed by. */
typedef struct mx_table_form {
    size_t count;         /* columns */
    char **name;          /* [count] */
    char *role;           /* [count] mx_role */
    atomic_char *names;   /* [count] 1: the cells are names: said by the user, or seen in an earlier block */
    char delimiter;
    maxent_absent absent;
    size_t header;        /* bytes of the first block that the header takes */
} mx_table_form;

#define MX_CELL_CACHE 1024

/* One column, of one worker. */
typedef struct mx_block_column {
    mx_cells cells;
    mx_dictionary text;   /* levels that its blocks have had */
    uint32_t *map;        /* [mapped] what they became in the table */
    size_t mapped;
    size_t odd;           /* byte of the first cell that made it names, or SIZE_MAX */
    size_t infinite;      /* of the first infinite number, or SIZE_MAX */
    struct {
        uint64_t bytes;   /* a text of 1 .. 8 bytes, 0: none, */
        uint32_t code;    /* and its level */
    } cache[MX_CELL_CACHE];
} mx_block_column;

typedef struct mx_table_block {
    size_t rows, dropped;
    mx_block_column *column; /* [count] */
} mx_table_block;

/* Parses a block into *to, which keeps its dictionaries from one to the next. Errors: FILE, VALUE, with the place; LIMIT, MEMORY. */
maxent_error mx_table_parse(const mx_table_form *form, const mx_block *block, mx_table_block *to, mx_fault *fault);

/* Opens a table: its blocks, the delimiter, the names of its columns, and how many bytes of the first block the header takes.
 * *lines is to be closed also on failure. Errors: as mx_lines_open and mx_csv_header. */
typedef struct mx_table_head {
    char delimiter;
    size_t bytes, count;
    char **name;          /* [count], from base/memory.h as they are */
} mx_table_head;
maxent_error mx_table_open(const char *path, char delimiter, mx_lines **lines, mx_table_head *head, maxent_diagnostic *diagnostic);

/* The general reader over the bytes of a block from `first` on; rows of any width. */
maxent_error mx_block_csv(const mx_block *block, size_t first, char delimiter, mx_csv **out, maxent_diagnostic *where);

/* What it found to be wrong, as a fault of the block. Returns error. */
maxent_error mx_block_csv_fault(const mx_block *block, size_t first, maxent_error error, const maxent_diagnostic *where, mx_fault *fault);

/* A row of `count` fields where the header has more or fewer: FILE. */
maxent_error mx_block_ragged(const mx_csv *csv, size_t count, size_t header, maxent_diagnostic *where);

#endif
