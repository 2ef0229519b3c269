/* Samples: what the columns of a tally are, and how often combinations of some of them occur. */
#include "entropy/sample.h"

#include "base/memory.h"
#include "entropy/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct valued {
    double value;
    uint32_t level;
} valued;

static int by_value(const void *a, const void *b)
{
    const valued *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->level > y->level) - (x->level < y->level);
}

/* Reads the levels as numbers; levels of equal value get the code of the first of them. */
static maxent_error read_column(mx_tally *tally, size_t j, mx_sample_column *out, maxent_diagnostic *diagnostic)
{
    const mx_tally_column *column = &tally->column[j];
    size_t levels = column->levels.levels, others = 0;
    out->levels = levels;
    out->value = mx_alloc(levels, sizeof *out->value);
    valued *sorted = mx_alloc(levels, sizeof *sorted);
    uint32_t *first = mx_alloc(levels, sizeof *first);
    if (out->value == NULL || sorted == NULL || first == NULL) {
        mx_free(sorted);
        mx_free(first);
        return mx_no_memory(diagnostic);
    }
    maxent_error error = MAXENT_OK;
    int numbers = 1, infinite = 0, whole = 1;
    for (size_t i = 0; i < levels && numbers; i++) {
        mx_csv_field field = {NULL, 0, 0};
        field.text = mx_dictionary_text(&column->levels, i, &field.length);
        out->value[i] = 0;
        if (i == column->missing)
            continue;
        int kind = mx_field_number(&field, &out->value[i]);
        numbers = kind != 0;
        infinite |= kind == 2;
        whole = whole && out->value[i] == floor(out->value[i]);
        sorted[others++] = (valued){out->value[i], (uint32_t)i};
    }
    if (numbers && others > 0 && infinite) {
        error = mx_fail(diagnostic, MAXENT_ERROR_VALUE, "column \"%.100s\" has an infinite value, or one beyond 1.8e308",
                        column->name);
    } else if (numbers && others > 0 && !whole && column->missing != UINT32_MAX) {
        error = mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                        "column \"%.100s\" has numbers and a missing value, which cannot be a category of its own; drop such rows",
                        column->name);
    } else if (numbers && others > 0) {
        out->numeric = column->missing == UINT32_MAX;
        out->whole = whole;
        qsort(sorted, others, sizeof *sorted, by_value);
        for (size_t i = 0; i < levels; i++)
            first[i] = (uint32_t)i;
        for (size_t i = 1; i < others; i++)
            if (sorted[i].value == sorted[i - 1].value) {
                first[sorted[i].level] = first[sorted[i - 1].level];
                out->levels--;
            }
        if (out->levels < levels)
            for (size_t t = 0; t < tally->tuples; t++)
                tally->code[t * tally->columns + j] = first[tally->code[t * tally->columns + j]];
    }
    mx_free(sorted);
    mx_free(first);
    return error;
}

maxent_error mx_sample_new(mx_tally *tally, mx_sample *sample, maxent_diagnostic *diagnostic)
{
    memset(sample, 0, sizeof *sample);
    sample->tally = *tally;
    memset(tally, 0, sizeof *tally);
    sample->column = mx_zalloc(sample->tally.columns, sizeof *sample->column);
    maxent_error error = sample->column == NULL ? mx_no_memory(diagnostic) : MAXENT_OK;
    for (size_t j = 0; error == MAXENT_OK && j < sample->tally.columns; j++) {
        error = read_column(&sample->tally, j, &sample->column[j], diagnostic);
        sample->column[j].continuous = sample->column[j].numeric && !sample->column[j].whole;
    }
    for (size_t t = 0; t < sample->tally.tuples; t++)
        sample->n += sample->tally.count[t];
    if (error == MAXENT_OK && !(sample->n > 0 && isfinite(sample->n)))
        error = mx_fail(diagnostic, MAXENT_ERROR_VALUE, "the sum of the weights is not a positive finite number");
    if (error != MAXENT_OK)
        mx_sample_free(sample);
    return error;
}

void mx_sample_free(mx_sample *sample)
{
    for (size_t j = 0; sample->column != NULL && j < sample->tally.columns; j++)
        mx_free(sample->column[j].value);
    mx_free(sample->column);
    mx_tally_free(&sample->tally);
    memset(sample, 0, sizeof *sample);
}

size_t mx_sample_groups(const mx_sample *sample, uint64_t set, uint32_t *group)
{
    const mx_tally *tally = &sample->tally;
    size_t slots = 64, columns = tally->columns, groups = 0;
    while (slots < 2 * tally->tuples)
        slots *= 2;
    uint32_t *slot = mx_zalloc(slots, sizeof *slot); /* tuple + 1 that stands for its group */
    if (slot == NULL)
        return 0;
    for (size_t t = 0; t < tally->tuples; t++) {
        const uint32_t *code = tally->code + t * columns;
        uint64_t hash = 0x9e3779b97f4a7c15u;
        for (size_t j = 0; j < columns; j++)
            if (set >> j & 1) {
                hash = (hash ^ code[j]) * 0xbf58476d1ce4e5b9u;
                hash ^= hash >> 29;
            }
        size_t at = hash & (slots - 1);
        for (; slot[at] != 0; at = (at + 1) & (slots - 1)) {
            const uint32_t *other = tally->code + (slot[at] - 1) * columns;
            size_t j = 0;
            while (j < columns && (!(set >> j & 1) || other[j] == code[j]))
                j++;
            if (j == columns)
                break;
        }
        if (slot[at] == 0) {
            slot[at] = (uint32_t)t + 1;
            group[t] = (uint32_t)groups++;
        } else {
            group[t] = group[slot[at] - 1];
        }
    }
    mx_free(slot);
    return groups;
}

double mx_sample_cells(const mx_sample *sample, uint64_t set)
{
    double cells = 1;
    for (size_t j = 0; j < sample->tally.columns; j++)
        if (set >> j & 1)
            cells *= (double)sample->column[j].levels;
    return cells;
}

double *mx_sample_points(const mx_sample *sample, uint64_t set)
{
    const mx_tally *tally = &sample->tally;
    size_t d = 0, used = 0;
    for (size_t j = 0; j < tally->columns; j++)
        d += set >> j & 1;
    double *points = mx_alloc(tally->total_rows, d * sizeof *points);
    if (points == NULL)
        return NULL;
    for (size_t t = 0; t < tally->tuples; t++)
        for (size_t row = 0; row < tally->rows[t]; row++)
            for (size_t j = 0; j < tally->columns; j++)
                if (set >> j & 1)
                    points[used++] = sample->column[j].value[tally->code[t * tally->columns + j]];
    return points;
}

uint64_t mx_random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

size_t mx_random_below(uint64_t *state, size_t n)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, bits; /* what is above would favour small numbers */
    do
        bits = mx_random_next(state);
    while (bits >= limit);
    return (size_t)(bits % n);
}
