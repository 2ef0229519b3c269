/* Named features: `label name name:value ...`, apart by blanks or tabs.
 *
 * A name is any UTF-8 text without blanks; the text after its last colon is the value, which is 1 when there is no colon. A colon that
 * belongs to a name is written %3A, or in any other way, as names are taken as they stand: nothing is unescaped. A label is a name too, or
 * a list `label*weight,label*weight` that shares the event out among classes. A word that begins with '#' begins a comment.
 */
#include "base/memory.h"
#include "model/events.h"
#include "model/piece.h"
#include "model/scan.h"

#include <math.h>
#include <string.h>

static maxent_error no_memory(mx_fault *fault)
{
    return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
}

/* Marks feature `code` as seen in event parser->now; *twice: it was already. 0: no memory. */
static int stamp(mx_parser *parser, uint32_t code, int *twice)
{
    if (code >= parser->stamps) {
        size_t count = (size_t)code + 1 + parser->stamps;
        uint32_t *larger = mx_resize(parser->stamp, count, sizeof *larger);
        if (larger == NULL)
            return 0;
        memset(larger + parser->stamps, 0, (count - parser->stamps) * sizeof *larger);
        parser->stamp = larger;
        parser->stamps = count;
    }
    *twice = parser->stamp[code] == parser->now;
    parser->stamp[code] = parser->now;
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

maxent_error mx_parse_named(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    const char *at = block->text, *end = block->text + block->length;
    size_t entries = 0;
    /* an entry has a byte and a blank before it */
    if (!mx_piece_reserve(piece, block->length / 2 + 1, block->length / 2 + 1, block->length / 2 + 1))
        return no_memory(fault);
    while (at < end) {
        while (mx_is_blank(*at))
            at++;
        if (*at == '\n' || *at == '#') {
            at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
            continue;
        }
        piece->offset[piece->events] = (size_t)(at - block->text);
        maxent_error error = mx_parse_label(parser, block, &at, piece, fault);
        if (error != MAXENT_OK)
            return error;
        next_event(parser);
        for (;;) {
            while (mx_is_blank(*at))
                at++;
            if (*at == '\n')
                break;
            if (*at == '#') {
                at = memchr(at, '\n', (size_t)(end - at));
                break;
            }
            const char *begin = at, *colon = NULL;
            for (; !mx_is_end(*at); at++)
                if (*at == ':')
                    colon = at;
            double value = 1.0;
            const char *name_end = at;
            if (colon != NULL) {
                const char *after = mx_scan_number(colon + 1, &value);
                if (after != at || isinf(value))
                    return wrong_value(block, colon + 1, at, fault);
                name_end = colon;
            }
            size_t length = (size_t)(name_end - begin);
            if (length == 0)
                return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text), "a feature without a name");
            uint32_t code;
            int twice;
            if (parser->space == NULL) {
                size_t known = parser->names.levels;
                if (!mx_dictionary_add(&parser->names, begin, length, &code))
                    return no_memory(fault);
                if (code == known && !mx_name_valid(begin, length))
                    return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text),
                                       "a name that is not valid UTF-8 or has control characters");
            } else if (!mx_dictionary_find(&parser->space->feature, begin, length, &code)) {
                piece->unknown++;
                continue;
            }
            if (!stamp(parser, code, &twice))
                return no_memory(fault);
            if (twice)
                return mx_fault_at(fault, MAXENT_ERROR_FILE, (size_t)(begin - block->text), "the feature '%.*s' comes twice in this line",
                                   (int)(length < 200 ? length : 200), begin);
            if (value == 0.0)
                continue;
            piece->valued |= value != 1.0;
            piece->index[entries] = code;
            piece->value[entries++] = value;
        }
        at++;
        piece->entry_end[piece->events] = entries;
        piece->share_end[piece->events++] = piece->shares;
    }
    piece->entries = entries;
    return MAXENT_OK;
}
