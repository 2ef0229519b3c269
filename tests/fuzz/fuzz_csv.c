/* Fuzz target: any bytes as a CSV file (plain, gzip or zstd), read as a table under each missing-value rule.
 *
 * Checked: no crash, and that a table that is accepted keeps its promises: finite numbers, codes within the levels, as many
 * values as rows, and the same table when the same bytes are read again.
 */
#include "data/table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_table(const uint8_t *data, size_t size, mx_missing missing, mx_table *table, maxent_diagnostic *diagnostic)
{
    mx_table_options options = {.missing = missing};
    mx_stream *stream;
    mx_csv *csv;
    if (mx_stream_memory("fuzz.csv", data, size, &stream, diagnostic) != MAXENT_OK ||
        mx_csv_from_stream(stream, 0, &csv, diagnostic) != MAXENT_OK)
        return 0;
    maxent_error error = mx_table_read_csv(csv, &options, table, diagnostic);
    mx_csv_close(csv);
    return error == MAXENT_OK;
}

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int rule = MX_MISSING_ERROR; rule <= MX_MISSING_CATEGORY; rule++) {
        mx_table one, two;
        maxent_diagnostic diagnostic;
        memset(&diagnostic, 0, sizeof diagnostic);
        if (!read_table(data, size, (mx_missing)rule, &one, &diagnostic)) {
            require(diagnostic.message[0] != '\0' && diagnostic.error != MAXENT_OK);
            require(memchr(diagnostic.excerpt, '\0', sizeof diagnostic.excerpt) != NULL);
            continue;
        }
        require(read_table(data, size, (mx_missing)rule, &two, NULL));
        require(one.rows == two.rows && one.columns == two.columns && one.rows > 0 && one.columns > 0);
        for (size_t j = 0; j < one.columns; j++) {
            const mx_column *a = &one.column[j], *b = &two.column[j];
            require(a->numeric == b->numeric && strcmp(a->name, b->name) == 0 && mx_table_find(&one, a->name) == j);
            for (size_t i = 0; i < one.rows; i++)
                if (a->numeric)
                    require(isfinite(a->number[i]) && a->number[i] == b->number[i]);
                else
                    require(a->code[i] < a->levels && a->code[i] == b->code[i]);
        }
        mx_table_free(&one);
        mx_table_free(&two);
    }
    return 0;
}
