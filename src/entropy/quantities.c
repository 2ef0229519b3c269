/* The parser of quantities.
 *
 *     quantity  = word "(" list *( ";" list ) [ "|" list ] ")"         H(play, outlook)   I(play; wind | outlook)
 *               / word "(" name "||" name ")"                          D(p || q)   H(p || q)
 *     word      = "H" [ "_" order ] / "T_" order / "I" / "TC" / "VI" / "D" / "D_JS" / "h" / "perplexity" / "redundancy"
 *     list      = name *( "," name )
 *     name      = letters, digits, "_", "." and any character beyond ASCII / '"' anything but '"' '"'
 *
 * Blanks are free. No recursion; at most MX_Q_NAMES names and MX_Q_PARTS parts.
 */
#include "entropy/quantities.h"

#include "base/memory.h"
#include "base/nearest.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char expected_words[] = "H, I, TC, VI, D, D_JS, h, H_2 or another order, T_2, perplexity or redundancy";

typedef struct cursor {
    const char *text;
    size_t at;
    maxent_diagnostic *diagnostic;
} cursor;

maxent_error mx_quantity_fail(const char *text, size_t at, maxent_diagnostic *diagnostic, maxent_error error,
                              const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mx_fail(diagnostic, error, "%s", message);
    if (diagnostic == NULL)
        return error;
    snprintf(diagnostic->file, sizeof diagnostic->file, "quantity");
    diagnostic->line = 1;
    size_t length = strlen(text), first = at > 100 ? at - 100 : 0, used = 0;
    while (first > 0 && first < length && ((unsigned char)text[first] & 0xc0) == 0x80)
        first++;
    diagnostic->column = 1;
    for (size_t i = 0; i < at; i++)
        diagnostic->column += ((unsigned char)text[i] & 0xc0) != 0x80;
    for (size_t i = first; i < length && used < 200; i++) {
        unsigned char c = (unsigned char)text[i];
        if (used >= 196 && (c & 0xc0) != 0x80)
            break; /* whole characters */
        diagnostic->caret += i < at && (c & 0xc0) != 0x80;
        diagnostic->excerpt[used++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    diagnostic->excerpt[used] = '\0';
    return error;
}

static void skip(cursor *c)
{
    while (c->text[c->at] == ' ' || c->text[c->at] == '\t')
        c->at++;
}

static int letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
        (unsigned char)c >= 0x80;
}

/* What stands at the cursor, for messages. */
static const char *found(const cursor *c, char out[40])
{
    const char *p = c->text + c->at;
    if (*p == '\0')
        return "the end";
    size_t length = 1;
    if (letter(*p))
        for (length = 0; letter(p[length]) && length < 30; length++) {}
    snprintf(out, 40, "\"%.*s\"", (int)length, p);
    return out;
}

static maxent_error expect(const cursor *c, const char *what)
{
    char text[40];
    return mx_quantity_fail(c->text, c->at, c->diagnostic, MAXENT_ERROR_SYNTAX, "found %s; expected %s", found(c, text), what);
}

static maxent_error unknown(const cursor *c, const char *word)
{
    static const char *const known[] = {"H", "I", "TC", "VI", "D", "D_JS", "h", "H_2", "T_2", "perplexity", "redundancy"};
    size_t near = strlen(word) > 1 ? mx_nearest(word, sizeof known / sizeof *known, known) : SIZE_MAX;
    if (near != SIZE_MAX)
        return mx_quantity_fail(c->text, c->at, c->diagnostic, MAXENT_ERROR_SYNTAX,
                                "unknown quantity \"%s\"; did you mean \"%s\"?", word,
                                known[near]);
    return mx_quantity_fail(c->text, c->at, c->diagnostic, MAXENT_ERROR_SYNTAX, "unknown quantity \"%s\"; expected %s", word,
                            expected_words);
}

static maxent_error read_word(cursor *c, mx_quantity *q)
{
    char word[40];
    size_t length = 0;
    skip(c);
    while (letter(c->text[c->at + length]) && length + 1 < sizeof word)
        length++;
    if (length == 0)
        return expect(c, "a quantity such as H(x), H(x | y), I(x; y) or D(p || q)");
    memcpy(word, c->text + c->at, length);
    word[length] = '\0';
    static const struct {
        const char *word;
        mx_quantity_kind kind;
    } plain[] = {{"H", MX_Q_ENTROPY}, {"I", MX_Q_INFORMATION}, {"TC", MX_Q_TOTAL}, {"VI", MX_Q_VARIATION}, {"D", MX_Q_RELATIVE},
                 {"D_JS", MX_Q_JENSEN}, {"h", MX_Q_DIFFERENTIAL}, {"perplexity", MX_Q_PERPLEXITY}, {"redundancy", MX_Q_REDUNDANCY}};
    q->order = 1;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(word, plain[i].word) == 0) {
            q->kind = plain[i].kind;
            c->at += length;
            return MAXENT_OK;
        }
    if ((word[0] != 'H' && word[0] != 'T') || word[1] != '_')
        return unknown(c, word);
    q->kind = word[0] == 'H' ? MX_Q_ENTROPY : MX_Q_TSALLIS;
    if (strcmp(word + 2, "inf") == 0 && word[0] == 'H')
        q->order = INFINITY;
    else if (!mx_text_double(word + 2, length - 2, &q->order) || !isfinite(q->order) || q->order < 0)
        return mx_quantity_fail(c->text, c->at + 2, c->diagnostic, MAXENT_ERROR_SYNTAX,
                                "\"%s\" is not an order; expected a number of at least 0%s",
                                word + 2, word[0] == 'H' ? ", or inf" : "");
    c->at += length;
    return MAXENT_OK;
}

static maxent_error read_name(cursor *c, mx_quantity *q, int part)
{
    skip(c);
    size_t start = c->at, length = 0;
    const char *text = c->text + c->at;
    if (*text == '"') {
        const char *end = strchr(text + 1, '"');
        if (end == NULL)
            return mx_quantity_fail(c->text, start, c->diagnostic, MAXENT_ERROR_SYNTAX,
                                    "the quote that opens here is never closed");
        text++;
        length = (size_t)(end - text);
        c->at += length + 2;
    } else {
        while (letter(text[length]))
            length++;
        c->at += length;
    }
    if (length == 0) {
        c->at = start;
        return expect(c, "the name of a column (in quotes when it is not a plain word)");
    }
    if (q->names == MX_Q_NAMES)
        return mx_quantity_fail(c->text, start, c->diagnostic, MAXENT_ERROR_LIMIT, "more than %d columns in one quantity",
                                MX_Q_NAMES);
    char *name = mx_strndup(text, length);
    if (name == NULL)
        return mx_fail(c->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    int between = q->kind == MX_Q_RELATIVE || q->kind == MX_Q_JENSEN || q->kind == MX_Q_CROSS; /* D(p || p) is 0, not a mistake */
    for (size_t i = 0; i < q->names && !between; i++)
        if (strcmp(q->name[i], name) == 0) {
            mx_free(name);
            return mx_quantity_fail(c->text, start, c->diagnostic, MAXENT_ERROR_NAME, "column \"%.100s\" twice in one quantity",
                                    q->name[i]);
        }
    q->name[q->names] = name;
    q->part[q->names] = part;
    q->at[q->names++] = start;
    return MAXENT_OK;
}

static maxent_error read_list(cursor *c, mx_quantity *q, int part)
{
    for (;;) {
        maxent_error error = read_name(c, q, part);
        if (error != MAXENT_OK)
            return error;
        skip(c);
        if (c->text[c->at] != ',')
            return MAXENT_OK;
        c->at++;
    }
}

static maxent_error take(cursor *c, const char *sign, const char *what)
{
    skip(c);
    if (strncmp(c->text + c->at, sign, strlen(sign)) != 0)
        return expect(c, what);
    c->at += strlen(sign);
    return MAXENT_OK;
}

/* p || q, or p, q */
static maxent_error read_pair(cursor *c, mx_quantity *q, const char *sign, const char *what)
{
    maxent_error error = read_name(c, q, 0);
    if (error == MAXENT_OK)
        error = take(c, sign, what);
    if (error == MAXENT_OK)
        error = read_name(c, q, 1);
    q->parts = 2;
    return error;
}

static maxent_error read_inside(cursor *c, mx_quantity *q)
{
    if (q->kind == MX_Q_RELATIVE)
        return read_pair(c, q, "||", "\"||\", as in D(p || q)");
    if (q->kind == MX_Q_JENSEN)
        return read_pair(c, q, ",", "\",\", as in D_JS(p, q)");
    maxent_error error = read_list(c, q, 0);
    q->parts = 1;
    if (error == MAXENT_OK && q->kind == MX_Q_ENTROPY && q->order == 1 && q->names == 1 && strncmp(c->text + c->at, "||", 2) == 0) {
        q->kind = MX_Q_CROSS;
        c->at += 2;
        q->parts = 2;
        return read_name(c, q, 1);
    }
    while (error == MAXENT_OK && c->text[c->at] == ';') {
        if (q->kind != MX_Q_INFORMATION && q->kind != MX_Q_VARIATION)
            return expect(c, "\",\" between columns (\";\" belongs to I and VI)");
        if (q->parts == MX_Q_PARTS || (q->kind == MX_Q_VARIATION && q->parts == 2))
            return mx_quantity_fail(c->text, c->at, c->diagnostic, MAXENT_ERROR_LIMIT, "more than %d parts",
                                    q->kind == MX_Q_VARIATION ? 2 : MX_Q_PARTS);
        c->at++;
        error = read_list(c, q, (int)q->parts++);
    }
    if (error != MAXENT_OK)
        return error;
    if ((q->kind == MX_Q_INFORMATION || q->kind == MX_Q_VARIATION) && q->parts < 2)
        return expect(c, "\";\" and the other side");
    if (q->kind == MX_Q_TOTAL && q->names < 2)
        return expect(c, "\",\" and another column: a total correlation is between two or more");
    if (c->text[c->at] != '|')
        return MAXENT_OK;
    if ((q->kind == MX_Q_ENTROPY && q->order != 1) || q->kind == MX_Q_TSALLIS || q->kind == MX_Q_REDUNDANCY ||
        q->kind == MX_Q_VARIATION ||
        c->text[c->at + 1] == '|')
        return expect(c, "\")\": this quantity takes no condition");
    c->at++;
    return read_list(c, q, -1);
}

maxent_error mx_quantity_parse(const char *text, mx_quantity *out, maxent_diagnostic *diagnostic)
{
    cursor c = {text, 0, diagnostic};
    mx_quantity q = {0};
    maxent_error error = read_word(&c, &q);
    if (error == MAXENT_OK)
        error = take(&c, "(", "\"(\"");
    if (error == MAXENT_OK)
        error = read_inside(&c, &q);
    if (error == MAXENT_OK)
        error = take(&c, ")", q.kind == MX_Q_INFORMATION ? "\",\", \";\", \"|\" or \")\"" : "\",\", \"|\" or \")\"");
    skip(&c);
    if (error == MAXENT_OK && text[c.at] != '\0')
        error = expect(&c, "the end: one quantity an argument");
    if (error != MAXENT_OK) {
        mx_quantity_free(&q);
        return error;
    }
    *out = q;
    return MAXENT_OK;
}

void mx_quantity_free(mx_quantity *quantity)
{
    for (size_t i = 0; i < quantity->names; i++)
        mx_free(quantity->name[i]);
    quantity->names = 0;
}
