/* svmlight: `label number:value number:value ... # comment`, as SVMlight [1] and LIBSVM [2] read it.
 *
 * A label is a number, or a list `label*weight,label*weight` that shares the event out among classes. Numbers of features are whole, from 0
 * to 2^32 - 2, and ascend in a line; values are finite decimals, and those that are 0 are not stored. Blank lines and lines that begin with
 * '#' are no events. `qid:` (rankings) is refused: there is no model here that could use it.
 *
 * [1] T. Joachims, SVMlight, svmlight.joachims.org. [2] C.-C. Chang, C.-J. Lin, LIBSVM, ACM TIST 2 (2011) 27.
 */
#include "base/memory.h"
#include "model/events/events.h"
#include "model/events/piece.h"
#include "model/events/scan.h"

#include <math.h>
#include <string.h>

static size_t token_length(const char *at)
{
    const char *end = at;
    while (!mx_is_end(*end))
        end++;
    return (size_t)(end - at) < 60 ? (size_t)(end - at) : 60;
}

/* What is wrong with the entry at `at`. */
static maxent_error wrong_entry(const mx_block *block, const char *at, mx_fault *fault)
{
    size_t offset = (size_t)(at - block->text);
    int length = (int)token_length(at);
    uint64_t number = 0;
    const char *s = at;
    if (length > 4 && memcmp(at, "qid:", 4) == 0)
        return mx_fault_at(fault, MAXENT_ERROR_FILE, offset,
                           "'%.*s': query numbers belong to rankings, which are not fitted here; take them out", length, at);
    while (mx_digit(*s) <= 9 && s < at + 10)
        number = number * 10 + mx_digit(*s++);
    if (s == at)
        return mx_fault_at(fault, MAXENT_ERROR_FILE, offset, "'%.*s' is not number:value%s", length, at,
                           *at == '-' ? "; the number of a feature is not negative" : "");
    if (mx_digit(*s) <= 9 || number > UINT32_MAX - 1)
        return mx_fault_at(fault, MAXENT_ERROR_FILE, offset, "the number of a feature is at most %u", (unsigned)(UINT32_MAX - 1));
    if (*s != ':')
        return mx_fault_at(fault, MAXENT_ERROR_FILE, offset + (size_t)(s - at), "'%.*s' is not number:value", length, at);
    s++;
    int rest = (int)token_length(s);
    return mx_fault_at(fault, MAXENT_ERROR_FILE, offset + (size_t)(s - at),
                       "'%.*s' is not a value: a number of at most 1e150 is expected", rest, s);
}

/* `previous` and `number` do not ascend. */
static maxent_error wrong_order(const mx_block *block, const char *at, uint32_t previous, uint32_t number, mx_fault *fault)
{
    size_t offset = (size_t)(at - block->text);
    if (previous == number)
        return mx_fault_at(fault, MAXENT_ERROR_FILE, offset, "feature %u comes twice in this line", (unsigned)number);
    return mx_fault_at(fault, MAXENT_ERROR_FILE, offset, "feature %u comes after %u: the numbers of a line must ascend", (unsigned)number,
                       (unsigned)previous);
}

maxent_error mx_parse_svmlight(mx_parser *parser, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    const char *at = block->text, *end = block->text + block->length;
    const mx_index_map *map = parser->map;
    size_t entries = 0, unknown = 0;
    int valued = 0;
    /* an entry has at least 3 bytes and a blank before it, a share at least 3 and a comma, or it is all of a label */
    if (!mx_piece_reserve(piece, block->lines, block->length / 4 + 1, block->length / 4 + block->lines))
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
    while (at < end) {
        while (mx_is_blank(*at))
            at++;
        if (*at == '\n' || *at == '#') {
            at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
            continue;
        }
        piece->offset[piece->events] = (size_t)(at - block->text);
        const char *token = at;
        if (parser->label_optional)
            while (mx_digit(*token) <= 9)
                token++;
        if (token == at || *token != ':') {
            maxent_error error = mx_parse_label(parser, block, &at, piece, fault);
            if (error != MAXENT_OK)
                return error;
        } else {
            piece->soft = 1; /* an event without a label */
        }
        uint32_t previous = 0;
        int first = 1;
        for (;;) {
            while (mx_is_blank(*at))
                at++;
            if (*at == '\n')
                break;
            if (*at == '#') {
                at = memchr(at, '\n', (size_t)(end - at));
                break;
            }
            const char *begin = at;
            uint64_t number = 0;
            unsigned d;
            while ((d = mx_digit(*at)) <= 9) {
                number = number * 10 + d;
                at++;
            }
            if (at == begin || at - begin > 10 || number > UINT32_MAX - 1 || *at != ':')
                return wrong_entry(block, begin, fault);
            if (number <= previous && !first)
                return wrong_order(block, begin, previous, (uint32_t)number, fault);
            previous = (uint32_t)number;
            first = 0;
            at++;
            double value = 1.0;
            if (at[0] == '1' && mx_is_end(at[1])) {
                at++;
            } else {
                at = mx_scan_number(at, &value);
                if (at == NULL || !mx_is_end(*at) || !(fabs(value) <= MX_VALUE_MOST))
                    return wrong_entry(block, begin, fault);
                if (value == 0.0)
                    continue;
            }
            uint32_t index = previous;
            if (map != NULL) {
                index = mx_index_find(map, index);
                if (index == UINT32_MAX) {
                    unknown++;
                    continue;
                }
            }
            if (!valued && value != 1.0) { /* binary features cost no value: those before get theirs now */
                valued = 1;
                for (size_t i = 0; i < entries; i++)
                    piece->value[i] = 1.0;
            }
            if (valued)
                piece->value[entries] = value;
            piece->index[entries++] = index;
        }
        at++;
        piece->entry_end[piece->events] = entries;
        piece->share_end[piece->events++] = piece->shares;
    }
    piece->entries = entries;
    piece->valued = valued;
    piece->unknown = unknown;
    return MAXENT_OK;
}
