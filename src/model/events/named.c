/* Named features: `label name name:value ...`, apart by blanks or tabs.
 *
 * A name is any UTF-8 text without blanks; the text after its last colon is the value, which is 1 when there is no colon. A colon that
 * belongs to a name is written %3A, or in any other way, as names are taken as they stand: nothing is unescaped. A label is a name too, or
 * a list `label*weight,label*weight` that shares the event out among classes. A word that begins with '#' begins a comment.
 *
 * The ends of words are found 64 bytes at a time; the names of some lines are then looked up together (data/dictionary.h), before anything
 * is said about what comes after them. When they are read for training, that a name comes twice in a line shows when the features of the
 * events are sorted (model/events/builder.h): mx_named_twice then finds the place in the text.
 */
#include "base/memory.h"
#include "data/mask.h"
#include "model/events/events.h"
#include "model/events/piece.h"
#include "model/events/scan.h"

#include <math.h>
#include <string.h>

enum { BATCH = 256 }; /* names looked up together, of several lines: more wait for memory together than of one line */

/* Where words end, and where colons are, in the 64 bytes from `base` on; those that were passed are taken out. */
typedef struct scanner {
    const char *base;
    uint64_t ends, colons;
    const char *colon; /* the last colon before `base`, or NULL */
} scanner;

/* Names that wait to be looked up, and where the lines among them end. */
typedef struct batch {
    mx_dictionary_query query[BATCH];
    double value[BATCH];
    size_t count;
    size_t end[BATCH]; /* [lines] names up to there; lines without names end where the one before does */
    size_t lines;
    size_t done;       /* events of the piece that are complete */
    int valued;        /* 1: some value is not 1 */
} batch;

static maxent_error no_memory(mx_fault *fault)
{
    return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
}

static inline void load(scanner *s, const char *at)
{
    s->base = at;
    s->ends = mx_mask_upto(at, ' '); /* and other control characters, which next_end passes over */
    s->colons = mx_mask_one(at, ':');
}

/* The next end of a word; the one before is taken out. There is one: the block ends with '\n'. */
static inline const char *next_end(scanner *s)
{
    const char *at;
    do {
        while (s->ends == 0) {
            if (s->colons != 0)
                s->colon = s->base + mx_mask_highest(s->colons);
            load(s, s->base + MX_MASK_BYTES);
        }
        at = s->base + mx_mask_lowest(s->ends);
        s->ends &= s->ends - 1;
    } while (!mx_is_end(*at));
    return at;
}

/* The last colon of the word that goes from `begin` to `end`, the end found last; NULL: it has none. */
static inline const char *last_colon(const scanner *s, const char *begin, const char *end)
{
    uint64_t before = s->colons != 0 ? s->colons & (((uint64_t)1 << (end - s->base)) - 1) : 0;
    const char *colon = before != 0 ? s->base + mx_mask_highest(before) : s->colon;
    return colon != NULL && colon >= begin ? colon : NULL;
}

/* Room for marks of `levels` features. 0: no memory. */
static int make_stamps(mx_parser *parser, size_t levels)
{
    if (levels <= parser->stamps)
        return 1;
    size_t count = 2 * levels;
    uint32_t *larger = mx_resize(parser->stamp, count, sizeof *larger);
    if (larger == NULL)
        return 0;
    memset(larger + parser->stamps, 0, (count - parser->stamps) * sizeof *larger);
    parser->stamp = larger;
    parser->stamps = count;
    return 1;
}

static void next_event(mx_parser *parser)
{
    if (++parser->now == 0) { /* after 2^32 events */
        if (parser->stamps > 0)
            memset(parser->stamp, 0, parser->stamps * sizeof *parser->stamp);
        parser->now = 1;
    }
}

static maxent_error wrong_value(const mx_block *block, const char *at, const char *end, mx_fault *fault)
{
    size_t length = (size_t)(end - at);
    return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(at - block->text),
                       "'%.*s' is not a value: after the last colon a number of at most 1e150 is expected; write a colon of a name as %%3A",
                       (int)(length < 60 ? length : 60), at);
}

/* The first name of the batch that is new, from level `known` on, and no text. */
static maxent_error check_new(const mx_block *block, const batch *b, size_t known, mx_fault *fault)
{
    for (size_t k = 0; k < b->count; k++)
        if (b->query[k].code >= known && !mx_name_valid(b->query[k].text, b->query[k].length))
            return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(b->query[k].text - block->text),
                               "a name that is not valid UTF-8 or has control characters");
    return MAXENT_OK;
}

/* Makes all names entries of the piece, and their lines events: for training, where each has a number. */
static void enter_all(const batch *b, mx_piece *piece)
{
    uint32_t *index = piece->index + piece->entries;
    for (size_t k = 0; k < b->count; k++)
        index[k] = b->query[k].code;
    if (b->valued && !piece->valued) { /* binary features cost no value: those before get theirs now */
        piece->valued = 1;
        for (size_t i = 0; i < piece->entries; i++)
            piece->value[i] = 1.0;
    }
    if (piece->valued && b->count > 0)
        memcpy(piece->value + piece->entries, b->value, b->count * sizeof *b->value);
    for (size_t line = 0; line < b->lines; line++)
        piece->entry_end[b->done + line] = piece->entries + b->end[line];
    piece->entries += b->count;
}

/* Makes names `from` .. `to` - 1, of one event, entries of the piece: for a model, which does not know all. */
static maxent_error enter_known(mx_parser *parser, const mx_block *block, const batch *b, size_t from, size_t to, mx_piece *piece,
                                mx_fault *fault)
{
    size_t entries = piece->entries;
    for (size_t k = from; k < to; k++) {
        uint32_t code = b->query[k].code;
        double value = b->value[k];
        if (code == UINT32_MAX) {
            piece->unknown++;
            continue;
        }
        if (parser->stamp[code] == parser->now) {
            size_t length = b->query[k].length;
            return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(b->query[k].text - block->text),
                               "the feature '%.*s' comes twice in this line", (int)(length < 200 ? length : 200), b->query[k].text);
        }
        parser->stamp[code] = parser->now;
        if (value == 0.0)
            continue;
        if (!piece->valued && value != 1.0) {
            piece->valued = 1;
            for (size_t i = 0; i < entries; i++)
                piece->value[i] = 1.0;
        }
        if (piece->valued)
            piece->value[entries] = value;
        piece->index[entries++] = code;
    }
    piece->entries = entries;
    return MAXENT_OK;
}

/* Looks the names up and makes them entries of the piece. */
static maxent_error flush(mx_parser *parser, const mx_block *block, batch *b, mx_piece *piece, mx_fault *fault)
{
    size_t from = 0, known = parser->names.levels;
    maxent_error error = MAXENT_OK;
    if (parser->space == NULL) {
        if (mx_dictionary_add_many(&parser->names, b->query, b->count) < b->count)
            return no_memory(fault);
        if (parser->names.levels > known)
            error = check_new(block, b, known, fault);
        if (error == MAXENT_OK)
            enter_all(b, piece);
    } else {
        mx_dictionary_find_many(&parser->space->feature, b->query, b->count);
        if (!make_stamps(parser, parser->space->features))
            return no_memory(fault);
        for (size_t k = 0; k < b->count; k++)
            if (b->query[k].code != UINT32_MAX)
                MX_PREFETCH(parser->stamp + b->query[k].code);
        for (size_t line = 0; line < b->lines && error == MAXENT_OK; line++) {
            error = enter_known(parser, block, b, from, b->end[line], piece, fault);
            from = b->end[line];
            piece->entry_end[b->done + line] = piece->entries;
            next_event(parser);
        }
        if (error == MAXENT_OK)
            error = enter_known(parser, block, b, from, b->count, piece, fault);
    }
    b->done += b->lines;
    b->count = b->lines = 0;
    b->valued = 0;
    return error;
}

/* The word from begin to end, the end found last, as a feature: its name and value into the batch. */
static inline maxent_error parse_feature(const mx_block *block, const scanner *s, const char *begin, const char *end, batch *b,
                                         mx_piece *piece, mx_fault *fault)
{
    const char *colon = last_colon(s, begin, end), *name_end = end;
    double value = 1.0;
    if (colon != NULL) {
        const char *after = mx_scan_number(colon + 1, &value);
        if (after != end || !(fabs(value) <= MX_VALUE_MOST))
            return wrong_value(block, colon + 1, end, fault);
        name_end = colon;
        b->valued |= value != 1.0;
        piece->zeros |= value == 0.0;
    }
    if (name_end == begin)
        return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text), "a feature without a name");
    b->query[b->count].text = begin;
    b->query[b->count].length = (size_t)(name_end - begin);
    b->value[b->count++] = value;
    return MAXENT_OK;
}

/* The lines of the block, but for the names that still wait in the batch at the end. */
static maxent_error parse_lines(mx_parser *parser, const mx_block *block, batch *b, mx_piece *piece, mx_fault *fault)
{
    const char *begin = block->text, *stop = block->text + block->length, *end, *at;
    maxent_error error = MAXENT_OK;
    scanner s = {.colon = NULL};
    load(&s, begin);
    for (; begin < stop; begin = end + 1) {
        end = next_end(&s);
        if (end == begin)
            continue;
        if (*begin == '#') {
            while (*end != '\n')
                end = next_end(&s);
            continue;
        }
        piece->offset[piece->events] = (size_t)(begin - block->text);
        at = begin;
        error = mx_parse_label(parser, block, &at, piece, fault);
        if (error != MAXENT_OK)
            return error;
        while (*end != '\n') {
            begin = end + 1;
            end = next_end(&s);
            if (end == begin)
                continue;
            if (*begin == '#') {
                while (*end != '\n')
                    end = next_end(&s);
                break;
            }
            error = parse_feature(block, &s, begin, end, b, piece, fault);
            if (error == MAXENT_OK && b->count == BATCH)
                error = flush(parser, block, b, piece, fault);
            if (error != MAXENT_OK)
                return error;
        }
        b->end[b->lines++] = b->count;
        piece->share_end[piece->events++] = piece->shares;
        if (b->lines == BATCH && (error = flush(parser, block, b, piece, fault)) != MAXENT_OK)
            return error;
    }
    return MAXENT_OK;
}

maxent_error mx_parse_named(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    batch b;
    /* an entry has a byte and a blank before it, and so has a share */
    if (!mx_piece_reserve(piece, block->lines, block->length / 2 + 1, block->length / 2 + 1))
        return no_memory(fault);
    b.count = b.lines = b.done = 0;
    b.valued = 0;
    next_event(parser);
    maxent_error error = parse_lines(parser, block, &b, piece, fault), earlier;
    mx_fault before; /* a name before what is wrong may be wrong too */
    if ((earlier = flush(parser, block, &b, piece, &before)) != MAXENT_OK && error != MAXENT_ERROR_MEMORY) {
        *fault = before;
        error = earlier;
    }
    if (error == MAXENT_ERROR_FILE && parser->space == NULL &&
        (earlier = mx_named_twice(block, 0, fault->offset, &before)) != MAXENT_OK) {
        *fault = before;
        error = earlier;
    }
    return error;
}

maxent_error mx_named_twice(const mx_block *block, size_t from, size_t to, mx_fault *fault)
{
    const char *begin = block->text + from, *stop = block->text + to;
    maxent_error error = MAXENT_OK;
    mx_dictionary seen = {0};
    while (begin < stop && error == MAXENT_OK) { /* lines */
        int words = 0;
        for (const char *end; begin < stop && *begin != '\n'; begin = end) {
            for (end = begin; !mx_is_end(*end);)
                end++;
            if (end == begin) { /* a blank */
                end++;
                continue;
            }
            if (*begin == '#') {
                begin = memchr(begin, '\n', (size_t)(block->text + block->length - begin));
                break;
            }
            if (end > stop)
                break;
            if (words++ == 0) /* the label */
                continue;
            size_t length = (size_t)(end - begin), known = seen.levels;
            uint32_t code;
            for (size_t k = length; k > 0; k--)
                if (begin[k - 1] == ':') {
                    length = k - 1;
                    break;
                }
            if (!mx_dictionary_add(&seen, begin, length, &code)) {
                error = no_memory(fault);
                break;
            }
            if (code < known) {
                error = mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text), "the feature '%.*s' comes twice in this line",
                                    (int)(length < 200 ? length : 200), begin);
                break;
            }
        }
        mx_dictionary_free(&seen);
        begin = begin < stop ? (const char *)memchr(begin, '\n', (size_t)(block->text + block->length - begin)) + 1 : stop;
    }
    mx_dictionary_free(&seen);
    return error;
}
