/* Named features: `label name name:value ...`, apart by blanks or tabs.
 *
 * A name is any UTF-8 text without blanks; the text after its last colon is the value, which is 1 when there is no colon. A colon that
 * belongs to a name is written %3A, or in any other way, as names are taken as they stand: nothing is unescaped. A label is a name too, or
 * a list `label*weight,label*weight` that shares the event out among classes. A word that begins with '#' begins a comment.
 *
 * The ends of words are found 64 bytes at a time; the names of some lines are then looked up together (data/dictionary.h), before anything
 * is said about what comes after them.
 */
#include "base/memory.h"
#include "data/mask.h"
#include "model/events.h"
#include "model/piece.h"
#include "model/scan.h"

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
} batch;

static maxent_error no_memory(mx_fault *fault)
{
    return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
}

static void scan_from(scanner *s, const char *at)
{
    s->base = at;
    s->ends = mx_mask_four(at, ' ', '\t', '\n', '\r');
    s->colons = mx_mask_one(at, ':');
    s->colon = NULL;
}

/* The next end of a word; the one before is taken out. There is one: the block ends with '\n'. */
static inline const char *next_end(scanner *s)
{
    while (s->ends == 0) {
        if (s->colons != 0)
            s->colon = s->base + mx_mask_highest(s->colons);
        s->base += MX_MASK_BYTES;
        s->ends = mx_mask_four(s->base, ' ', '\t', '\n', '\r');
        s->colons = mx_mask_one(s->base, ':');
    }
    const char *at = s->base + mx_mask_lowest(s->ends);
    s->ends &= s->ends - 1;
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
                       "'%.*s' is not a value: after the last colon a finite number is expected; write a colon of a name as %%3A",
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

/* Makes names `from` .. `to` - 1, of one event, entries of the piece. */
static maxent_error enter(mx_parser *parser, const mx_block *block, const batch *b, size_t from, size_t to, mx_piece *piece,
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
        if (!piece->valued && value != 1.0) { /* binary features cost no value: those before get theirs now */
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

/* The codes of the names; what is wrong with new ones. */
static maxent_error look_up(mx_parser *parser, const mx_block *block, batch *b, mx_fault *fault)
{
    size_t known = parser->names.levels;
    if (parser->space != NULL) {
        mx_dictionary_find_many(&parser->space->feature, b->query, b->count);
        return make_stamps(parser, parser->space->features) ? MAXENT_OK : no_memory(fault);
    }
    if (mx_dictionary_add_many(&parser->names, b->query, b->count) < b->count || !make_stamps(parser, parser->names.levels))
        return no_memory(fault);
    return parser->names.levels > known ? check_new(block, b, known, fault) : MAXENT_OK;
}

/* Looks the names up and makes them entries of the piece. */
static maxent_error flush(mx_parser *parser, const mx_block *block, batch *b, mx_piece *piece, mx_fault *fault)
{
    size_t from = 0;
    maxent_error error = look_up(parser, block, b, fault);
    for (size_t k = 0; k < b->count && error == MAXENT_OK; k++)
        if (b->query[k].code != UINT32_MAX)
            MX_PREFETCH(parser->stamp + b->query[k].code);
    for (size_t line = 0; line < b->lines && error == MAXENT_OK; line++) {
        error = enter(parser, block, b, from, b->end[line], piece, fault);
        from = b->end[line];
        piece->entry_end[b->done++] = piece->entries;
        next_event(parser);
    }
    if (error == MAXENT_OK)
        error = enter(parser, block, b, from, b->count, piece, fault);
    b->count = b->lines = 0;
    return error;
}

/* The features of one event, up to the end of its line; *at is moved behind it. */
static maxent_error parse_features(mx_parser *parser, const mx_block *block, const char **at, batch *b, mx_piece *piece,
                                   mx_fault *fault)
{
    const char *begin = *at;
    scanner s;
    scan_from(&s, begin);
    for (;;) {
        const char *end = next_end(&s);
        if (end > begin && *begin == '#') {
            while (*end != '\n')
                end = next_end(&s);
        } else if (end > begin) {
            const char *colon = last_colon(&s, begin, end), *name_end = end;
            double value = 1.0;
            if (colon != NULL) {
                const char *after = mx_scan_number(colon + 1, &value);
                if (after != end || isinf(value))
                    return wrong_value(block, colon + 1, end, fault);
                name_end = colon;
            }
            if (name_end == begin)
                return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text), "a feature without a name");
            b->query[b->count].text = begin;
            b->query[b->count].length = (size_t)(name_end - begin);
            b->value[b->count++] = value;
            if (b->count == BATCH) {
                maxent_error error = flush(parser, block, b, piece, fault);
                if (error != MAXENT_OK)
                    return error;
            }
        }
        begin = end + 1;
        if (*end == '\n')
            break;
    }
    *at = begin;
    return MAXENT_OK;
}

maxent_error mx_parse_named(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    const char *at = block->text, *end = block->text + block->length;
    batch b;
    maxent_error error = MAXENT_OK;
    /* an entry has a byte and a blank before it */
    if (!mx_piece_reserve(piece, block->length / 2 + 1, block->length / 2 + 1, block->length / 2 + 1))
        return no_memory(fault);
    b.count = b.lines = b.done = 0;
    next_event(parser);
    while (at < end && error == MAXENT_OK) {
        while (mx_is_blank(*at))
            at++;
        if (*at == '\n' || *at == '#') {
            at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
            continue;
        }
        piece->offset[piece->events] = (size_t)(at - block->text);
        error = mx_parse_label(parser, block, &at, piece, fault);
        if (error == MAXENT_OK)
            error = parse_features(parser, block, &at, &b, piece, fault);
        if (error != MAXENT_OK)
            break;
        b.end[b.lines++] = b.count;
        piece->share_end[piece->events++] = piece->shares;
        if (b.lines == BATCH)
            error = flush(parser, block, &b, piece, fault);
    }
    mx_fault before; /* a name before what is wrong may be wrong too */
    maxent_error earlier = flush(parser, block, &b, piece, &before);
    if (earlier == MAXENT_OK || error == MAXENT_ERROR_MEMORY)
        return error;
    *fault = before;
    return earlier;
}
