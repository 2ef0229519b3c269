/* Tallies: one pass over a CSV file that counts combinations of levels in a hash table.
 *
 * Categorical files repeat their lines. The text of each distinct line without quotes is remembered with the combination it stands
 * for, so that a line that has been seen is one hash, one comparison and one addition: the fields are never split. Lines of up to
 * SHORT bytes are hashed and compared as four words, filled up with zeros, without a branch that depends on their length. When lines do
 * not repeat (half of the first 100,000 are new) the memory is given up and every row is parsed.
 */
#include "data/tally.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MEMO_LINES = 1 << 15, MEMO_SLOTS = 1 << 17, MEMO_BYTES = 1 << 22, MEMO_TRIAL = 100000, SHORT = 32, WORDS = SHORT / 8 };

static const uint32_t none = UINT32_MAX;

typedef struct memo_line {
    uint64_t word[WORDS]; /* of a short line: its bytes */
    uint64_t hash;
    size_t start;     /* in memo->text */
    uint32_t length;
    uint32_t tuple;   /* none: a row that is dropped */
    double weight;
} memo_line;

typedef struct memo {
    memo_line *line;  /* [MEMO_LINES] */
    uint32_t *slot;   /* [MEMO_SLOTS] line + 1; 0: empty */
    char *text;       /* [MEMO_BYTES] */
    size_t lines, used, hits, misses;
    int on;
} memo;

typedef struct table {
    uint32_t *slot;   /* [slots] tuple + 1 */
    size_t slots, capacity;
} table;

static maxent_error no_memory(maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* ---- lines that were seen ---- */

static int memo_new(memo *m)
{
    m->line = mx_alloc(MEMO_LINES, sizeof *m->line);
    m->slot = mx_zalloc(MEMO_SLOTS, sizeof *m->slot);
    m->text = mx_alloc(MEMO_BYTES, 1);
    m->on = m->line != NULL && m->slot != NULL && m->text != NULL;
    return m->on;
}

static void memo_free(memo *m)
{
    mx_free(m->line);
    mx_free(m->slot);
    mx_free(m->text);
}

/* A short line as words; SHORT bytes at text may be read. No line holds a NUL: what differs in length differs in its words. */
static void load_words(const char *text, size_t length, uint64_t word[WORDS])
{
    static const unsigned char mask[2 * SHORT] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    };
    for (size_t i = 0; i < WORDS; i++) {
        uint64_t keep;
        memcpy(&word[i], text + 8 * i, 8);
        memcpy(&keep, mask + SHORT - length + 8 * i, 8);
        word[i] &= keep;
    }
}

/* The high half of a product depends on every bit of its factors. */
static uint64_t hash_words(const uint64_t word[WORDS])
{
    uint64_t a = (word[0] ^ 0x9e3779b97f4a7c15u) * 0xa0761d6478bd642fu, b = (word[1] ^ 0xbf58476d1ce4e5b9u) * 0xe7037ed1a0b428dbu;
    uint64_t c = (word[2] ^ 0x94d049bb133111ebu) * 0x8ebc6af09c88c6e3u, d = (word[3] ^ 0xd6e8feb86659fd93u) * 0x589965cc75374cc3u;
    uint64_t hash = (a ^ a >> 32) + (b ^ b >> 29) + (c ^ c >> 31) + (d ^ d >> 27);
    hash *= 0x9fb21c651e98df25u;
    return hash ^ hash >> 32;
}

static memo_line *memo_find(memo *m, const char *text, size_t length)
{
    if (length <= SHORT) {
        uint64_t word[WORDS];
        load_words(text, length, word);
        for (size_t i = hash_words(word) & (MEMO_SLOTS - 1); m->slot[i] != 0; i = (i + 1) & (MEMO_SLOTS - 1)) {
            memo_line *line = &m->line[m->slot[i] - 1];
            uint64_t differ = 0;
            for (size_t w = 0; w < WORDS; w++)
                differ |= line->word[w] ^ word[w];
            if (differ == 0 && line->length == length)
                return line;
        }
        return NULL;
    }
    uint64_t hash = mx_hash_bytes(text, length);
    for (size_t i = hash & (MEMO_SLOTS - 1); m->slot[i] != 0; i = (i + 1) & (MEMO_SLOTS - 1)) {
        memo_line *line = &m->line[m->slot[i] - 1];
        if (line->hash == hash && line->length == length && memcmp(m->text + line->start, text, length) == 0)
            return line;
    }
    return NULL;
}

static void memo_add(memo *m, const char *text, size_t length, uint32_t tuple, double weight)
{
    if (m->lines == MEMO_LINES || length > MEMO_BYTES - m->used)
        return;
    uint64_t word[WORDS] = {0};
    if (length <= SHORT)
        load_words(text, length, word);
    uint64_t hash = length <= SHORT ? hash_words(word) : mx_hash_bytes(text, length);
    size_t i = hash & (MEMO_SLOTS - 1);
    while (m->slot[i] != 0)
        i = (i + 1) & (MEMO_SLOTS - 1);
    memcpy(m->text + m->used, text, length);
    m->line[m->lines] = (memo_line){{word[0], word[1], word[2], word[3]}, hash, m->used, (uint32_t)length, tuple, weight};
    m->slot[i] = (uint32_t)++m->lines;
    m->used += length;
}

/* ---- combinations ---- */

static uint64_t hash_codes(const uint32_t *code, size_t columns)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t j = 0; j < columns; j++) {
        hash = (hash ^ code[j]) * 0xbf58476d1ce4e5b9u;
        hash ^= hash >> 29;
    }
    return hash;
}

static int table_grow(table *t, const mx_tally *tally)
{
    size_t slots = t->slots == 0 ? 1024 : 2 * t->slots;
    uint32_t *slot = mx_zalloc(slots, sizeof *slot);
    if (slot == NULL)
        return 0;
    for (size_t i = 0; i < tally->tuples; i++) {
        size_t at = hash_codes(tally->code + i * tally->columns, tally->columns) & (slots - 1);
        while (slot[at] != 0)
            at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    mx_free(t->slot);
    t->slot = slot;
    t->slots = slots;
    return 1;
}

/* The number of a combination, a new one where it is new. Returns 0 when there is no memory (or no number left). */
static int find_tuple(table *t, mx_tally *tally, const uint32_t *code, uint32_t *out)
{
    if (2 * (tally->tuples + 1) > t->slots && !table_grow(t, tally))
        return 0;
    size_t columns = tally->columns, at = hash_codes(code, columns) & (t->slots - 1);
    for (; t->slot[at] != 0; at = (at + 1) & (t->slots - 1))
        if (memcmp(tally->code + (t->slot[at] - 1) * columns, code, columns * sizeof *code) == 0) {
            *out = t->slot[at] - 1;
            return 1;
        }
    if (tally->tuples >= none - 1)
        return 0;
    if (tally->tuples == t->capacity) {
        size_t capacity = 2 * t->capacity + 256;
        uint32_t *codes = mx_resize(tally->code, capacity, columns * sizeof *codes);
        if (codes == NULL)
            return 0;
        tally->code = codes;
        double *count = mx_resize(tally->count, capacity, sizeof *count);
        if (count == NULL)
            return 0;
        tally->count = count;
        size_t *rows = mx_resize(tally->rows, capacity, sizeof *rows);
        if (rows == NULL)
            return 0;
        tally->rows = rows;
        t->capacity = capacity;
    }
    memcpy(tally->code + tally->tuples * columns, code, columns * sizeof *code);
    tally->count[tally->tuples] = 0;
    tally->rows[tally->tuples] = 0;
    *out = (uint32_t)tally->tuples;
    t->slot[at] = (uint32_t)++tally->tuples;
    return 1;
}

/* ---- rows ---- */

typedef struct reader {
    mx_csv *csv;
    const mx_tally_options *options;
    size_t *source;   /* [columns] place of each in the file */
    size_t weight;    /* place of the weights, or SIZE_MAX */
    uint32_t *code;   /* [columns] of the current row */
    table table;
    memo memo;
} reader;

static maxent_error missing(const reader *r, size_t place, const char *name, maxent_diagnostic *diagnostic)
{
    return mx_csv_fail(r->csv, place, diagnostic, MAXENT_ERROR_VALUE,
                       "a missing value in column \"%.100s\" (such rows can be dropped, or be a category)", name);
}

/* The combination and the weight of a row; *tuple = none: the row is dropped. */
static maxent_error take_row(reader *r, mx_tally *tally, const mx_csv_field *field, uint32_t *tuple, double *weight,
                             maxent_diagnostic *diagnostic)
{
    *tuple = none;
    *weight = 1;
    if (r->weight != SIZE_MAX) {
        if (mx_field_missing(&field[r->weight])) {
            if (r->options->missing == MX_MISSING_DROP)
                return MAXENT_OK;
            return missing(r, r->weight, r->options->weight, diagnostic);
        }
        if (mx_field_number(&field[r->weight], weight) != 1 || *weight < 0)
            return mx_csv_fail(r->csv, r->weight, diagnostic, MAXENT_ERROR_VALUE,
                               "the weight is \"%.*s\"; expected a finite number of at least 0",
                               field[r->weight].length < 60 ? (int)field[r->weight].length : 60, field[r->weight].text);
    }
    for (size_t j = 0; j < tally->columns; j++) {
        const mx_csv_field *f = &field[r->source[j]];
        mx_tally_column *column = &tally->column[j];
        int is_missing = mx_field_missing(f);
        if (is_missing && r->options->missing == MX_MISSING_DROP)
            return MAXENT_OK;
        if (is_missing && r->options->missing == MX_MISSING_ERROR)
            return missing(r, r->source[j], column->name, diagnostic);
        if (!mx_dictionary_add(&column->levels, is_missing ? MX_TABLE_MISSING : f->text, is_missing
                               ? strlen(MX_TABLE_MISSING) : f->length,
                               &r->code[j]))
            return no_memory(diagnostic);
        if (is_missing)
            column->missing = r->code[j];
    }
    return find_tuple(&r->table, tally, r->code, tuple) ? MAXENT_OK : no_memory(diagnostic);
}

static void count_row(mx_tally *tally, uint32_t tuple, double weight)
{
    if (tuple == none) {
        tally->dropped++;
        return;
    }
    tally->count[tuple] += weight;
    tally->rows[tuple]++;
    tally->total_rows++;
}

static maxent_error take_rows(reader *r, mx_tally *tally, maxent_diagnostic *diagnostic)
{
    memo *m = &r->memo;
    for (;;) {
        const char *line;
        size_t length, count;
        while (m->on && mx_csv_peek(r->csv, &line, &length)) {
            const memo_line *known = memo_find(m, line, length);
            if (known == NULL)
                break;
            count_row(tally, known->tuple, known->weight);
            mx_csv_skip(r->csv, length);
            m->hits++;
        }
        const mx_csv_field *field;
        maxent_error error = mx_csv_row(r->csv, &field, &count, diagnostic);
        if (error != MAXENT_OK || count == 0)
            return error;
        uint32_t tuple;
        double weight;
        error = take_row(r, tally, field, &tuple, &weight, diagnostic);
        if (error != MAXENT_OK)
            return error;
        count_row(tally, tuple, weight);
        if (m->on) {
            if (mx_csv_raw(r->csv, &line, &length))
                memo_add(m, line, length, tuple, weight);
            if (++m->misses > MEMO_TRIAL / 2 && m->misses > m->hits)
                m->on = 0;
        }
    }
}

static maxent_error find_column(const mx_csv *csv, const char *wanted, size_t count, char *const *name, size_t *place,
                                maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name[i], wanted) == 0) {
            *place = i;
            return MAXENT_OK;
        }
    return mx_unknown_column(mx_csv_name(csv), wanted, count, (const char *const *)name, diagnostic);
}

maxent_error mx_tally_read(mx_csv *csv, const mx_tally_options *options, mx_tally *out, maxent_diagnostic *diagnostic)
{
    char **name = NULL;
    size_t fields = 0;
    mx_tally tally = {0};
    reader r = {.csv = csv, .options = options, .weight = SIZE_MAX};
    maxent_error error = mx_csv_header(csv, &name, &fields, diagnostic);
    if (error != MAXENT_OK)
        return error;
    r.source = mx_alloc(options->columns, sizeof *r.source);
    r.code = mx_alloc(options->columns, sizeof *r.code);
    tally.column = mx_zalloc(options->columns, sizeof *tally.column);
    if (r.source == NULL || r.code == NULL || tally.column == NULL || !memo_new(&r.memo)) {
        error = no_memory(diagnostic);
        goto cleanup;
    }
    tally.columns = options->columns;
    for (size_t j = 0; j < options->columns; j++) {
        if ((error = find_column(csv, options->column[j], fields, name, &r.source[j], diagnostic)) != MAXENT_OK)
            goto cleanup;
        tally.column[j].missing = none;
        if ((tally.column[j].name = mx_strdup(options->column[j])) == NULL) {
            error = no_memory(diagnostic);
            goto cleanup;
        }
    }
    if (options->weight != NULL && (error = find_column(csv, options->weight, fields, name, &r.weight, diagnostic)) != MAXENT_OK)
        goto cleanup;
    error = take_rows(&r, &tally, diagnostic);
    if (error != MAXENT_OK)
        goto cleanup;
    if (tally.total_rows == 0) {
        error = tally.dropped == 0 ? mx_fail(diagnostic, MAXENT_ERROR_FILE, "a header and no rows")
                                   : mx_fail(diagnostic, MAXENT_ERROR_FILE, "no rows are left: each of %zu has a missing value",
                                             tally.dropped);
        if (diagnostic != NULL)
            snprintf(diagnostic->file, sizeof diagnostic->file, "%s", mx_csv_name(csv));
        goto cleanup;
    }
    *out = tally;
    memset(&tally, 0, sizeof tally);

cleanup:
    for (size_t i = 0; i < fields; i++)
        mx_free(name[i]);
    mx_free(name);
    mx_free(r.source);
    mx_free(r.code);
    mx_free(r.table.slot);
    memo_free(&r.memo);
    mx_tally_free(&tally);
    return error;
}

void mx_tally_free(mx_tally *tally)
{
    for (size_t j = 0; tally->column != NULL && j < tally->columns; j++) {
        mx_free(tally->column[j].name);
        mx_dictionary_free(&tally->column[j].levels);
    }
    mx_free(tally->column);
    mx_free(tally->code);
    mx_free(tally->count);
    mx_free(tally->rows);
    memset(tally, 0, sizeof *tally);
}
