/* Text to tokens.
 *
 * A newline ends a statement unless a bracket is open; `#` starts a comment. Names are letters, digits and underscores, with dots
 * in between where a letter or digit follows (Sepal.Length), and any letter of UTF-8; `anything` in backquotes is a name too. The
 * signs ≤ ≥ ≠ ± − × · ⋅ ∈ ∧ ∨ ¬ ∞ π mean <= >= != +- - * * * in and or not inf pi. The source has been checked to be UTF-8
 * without NUL.
 */
#include "facts/lexer.h"

#include <math.h>
#include <string.h>

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the UTF-8 character at s when it may stand in a name, else 0. Punctuation and operators may not: U+0080 to U+00BF,
 * the two signs of arithmetic, U+2000 to U+2BFF, U+3000 to U+3003, U+FEFF, and the plane of private use. */
static size_t wide_letter(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80)
        return 0;
    if (u[0] < 0xE0) {
        unsigned long c = ((unsigned long)(u[0] & 0x1F) << 6) | (u[1] & 0x3F);
        return c < 0xC0 || c == 0xD7 || c == 0xF7 ? 0 : 2;
    }
    if (u[0] < 0xF0) {
        unsigned long c = ((unsigned long)(u[0] & 0x0F) << 12) | ((unsigned long)(u[1] & 0x3F) << 6) | (u[2] & 0x3F);
        return (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3003) || c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF) ? 0
                                                                                                                          : 3;
    }
    return 4;
}

static maxent_error fail(const mx_lexer *lexer, size_t at, maxent_error error, const char *message)
{
    return mx_fail_at(lexer->source, at, lexer->diagnostic, error, "%s", message);
}

/* Signs beyond ASCII: bytes, what they mean. */
typedef struct sign {
    const char *bytes;
    mx_token_kind kind;
    const char *name; /* for NAME */
} sign;

static const sign signs[] = {
    {"\xE2\x89\xA4", MX_TOKEN_AT_MOST, NULL},   {"\xE2\x89\xA5", MX_TOKEN_AT_LEAST, NULL},
    {"\xE2\x89\xA0", MX_TOKEN_UNEQUAL, NULL},   {"\xC2\xB1", MX_TOKEN_PLUS_MINUS, NULL},
    {"\xE2\x88\x92", MX_TOKEN_MINUS, NULL},     {"\xC3\x97", MX_TOKEN_TIMES, NULL},
    {"\xC2\xB7", MX_TOKEN_TIMES, NULL},         {"\xE2\x8B\x85", MX_TOKEN_TIMES, NULL},
    {"\xE2\x88\x88", MX_TOKEN_IN, NULL},        {"\xE2\x88\xA7", MX_TOKEN_AND, NULL},
    {"\xE2\x88\xA8", MX_TOKEN_OR, NULL},        {"\xC2\xAC", MX_TOKEN_NOT, NULL},
    {"\xE2\x88\x9E", MX_TOKEN_NAME, "inf"},     {"\xCF\x80", MX_TOKEN_NAME, "pi"},
};

static size_t skip_blank(mx_lexer *lexer, uint8_t *after_line)
{
    const char *s = lexer->source->text;
    size_t i = lexer->position, end = lexer->source->length;
    for (;;) {
        if (i < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\f' || s[i] == '\v')) {
            i++;
        } else if (i + 1 < end && s[i] == '\xC2' && s[i + 1] == '\xA0') { /* no-break space */
            i += 2;
        } else if (i + 2 < end && i == 0 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
            i += 3;
        } else if (i < end && s[i] == '#') {
            while (i < end && s[i] != '\n')
                i++;
        } else if (i < end && s[i] == '\n' && lexer->nesting > 0) {
            *after_line = 1;
            i++;
        } else {
            return i;
        }
    }
}

static maxent_error number(mx_lexer *lexer, mx_token *token)
{
    const char *s = lexer->source->text;
    size_t end = lexer->source->length;
    int exact = 0;
    size_t used = mx_text_number(s + token->at, end - token->at, &token->number, &exact);
    if (s[token->at + used - 1] == '.' && token->at + used < end && s[token->at + used] == '.')
        used--; /* 1..6 */
    token->exact = (uint8_t)exact;
    token->kind = MX_TOKEN_NUMBER;
    token->end = (uint32_t)(token->at + used);
    if (isinf(token->number))
        return fail(lexer, token->at, MAXENT_ERROR_VALUE, "this number is out of range: the largest is about 1.8e308");
    if (token->number == 0 && !exact)
        return fail(lexer, token->at, MAXENT_ERROR_VALUE, "this number is out of range: the smallest is about 4.9e-324");
    if (token->end < end && (is_letter(s[token->end]) || wide_letter(s + token->end) != 0)) {
        if ((s[token->end] == 'x' || s[token->end] == 'X') && used == 1 && s[token->at] == '0')
            return fail(lexer, token->at, MAXENT_ERROR_SYNTAX, "numbers are decimal");
        return fail(lexer, token->end, MAXENT_ERROR_SYNTAX, "expected an operator after the number; a product needs its '*'");
    }
    return MAXENT_OK;
}

static const struct keyword {
    const char *text;
    mx_token_kind kind;
} keywords[] = {{"in", MX_TOKEN_IN},   {"and", MX_TOKEN_AND}, {"or", MX_TOKEN_OR},
                {"not", MX_TOKEN_NOT}, {"for", MX_TOKEN_FOR}, {"if", MX_TOKEN_IF}};

static void name(mx_lexer *lexer, mx_token *token)
{
    const char *s = lexer->source->text;
    size_t i = token->at, end = lexer->source->length;
    while (i < end) {
        size_t wide;
        if (is_letter(s[i]) || is_digit(s[i]))
            i++;
        else if (s[i] == '.' && i + 1 < end && (is_letter(s[i + 1]) || is_digit(s[i + 1])))
            i += 2;
        else if ((wide = wide_letter(s + i)) != 0 && memcmp(s + i, "\xCF\x80", 2) != 0)
            i += wide;
        else
            break;
    }
    token->kind = MX_TOKEN_NAME;
    token->text = s + token->at;
    token->length = (uint32_t)(i - token->at);
    token->end = (uint32_t)i;
    if (token->length > 3)
        return;
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
        if (strlen(keywords[k].text) == token->length && memcmp(keywords[k].text, token->text, token->length) == 0)
            token->kind = keywords[k].kind;
}

/* "text" with \" and \\, or `name`: up to the closing quote on the same line. */
static maxent_error quoted(mx_lexer *lexer, mx_token *token)
{
    const char *s = lexer->source->text;
    size_t end = lexer->source->length, i = token->at + 1u;
    char quote = s[token->at];
    int escapes = 0;
    for (; i < end && s[i] != quote && s[i] != '\n'; i++)
        if (quote == '"' && s[i] == '\\') {
            escapes = 1;
            if (i + 1 < end && s[i + 1] != '"' && s[i + 1] != '\\')
                return fail(lexer, i, MAXENT_ERROR_SYNTAX, "expected \\\" or \\\\ after the backslash in a string");
            i++;
        }
    if (i >= end || s[i] == '\n')
        return fail(lexer, token->at, MAXENT_ERROR_SYNTAX,
                    quote == '"' ? "this string has no closing '\"' on its line" : "this name has no closing '`' on its line");
    token->kind = quote == '"' ? MX_TOKEN_STRING : MX_TOKEN_QUOTED;
    token->text = s + token->at + 1;
    token->length = (uint32_t)(i - token->at - 1);
    token->end = (uint32_t)(i + 1);
    if (token->length == 0)
        return fail(lexer, token->at, MAXENT_ERROR_SYNTAX, quote == '"' ? "this string is empty" : "this name is empty");
    if (escapes) {
        char *copy = mx_pool_alloc(lexer->pool, token->length);
        if (copy == NULL)
            return mx_fail(lexer->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        uint32_t length = 0;
        for (size_t j = token->at + 1u; j < i; j++) {
            if (s[j] == '\\')
                j++;
            copy[length++] = s[j];
        }
        token->text = copy;
        token->length = length;
    }
    return MAXENT_OK;
}

/* Signs that people paste or type and that are written otherwise here. */
static const struct foreign {
    const char *bytes, *advice;
} foreign[] = {
    {"\xC2\xB2", "found '\xC2\xB2'; a power is written x^2"},       {"\xC2\xB3", "found '\xC2\xB3'; a power is written x^3"},
    {"\xE2\x80\xA6", "found '\xE2\x80\xA6'; a range is written 1..6"}, {"\xE2\x88\x9A", "found '\xE2\x88\x9A'; write sqrt(x)"},
    {"\xE2\x80\x9C", "found a typographic quote; write \""},       {"\xE2\x80\x9D", "found a typographic quote; write \""},
    {"\xE2\x80\x9E", "found a typographic quote; write \""},       {"\xE2\x80\x93", "found a dash; write '-'"},
    {"\xE2\x80\x94", "found a dash; write '-'"},                   {"\xE2\x88\xA3", "found '\xE2\x88\xA3'; write '|'"},
};

static maxent_error unexpected(mx_lexer *lexer, size_t at)
{
    const char *s = lexer->source->text + at;
    switch (*s) {
    case '&': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found '&'; write 'and'");
    case '!': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found '!'; write 'not', or '!=' for unequal");
    case '~': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found '~'; write 'not'");
    case '\'': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found a single quote; names with blanks stand in double quotes");
    case '%': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found '%'; write 0.25 for 25%");
    case ':': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found ':'; a range is written 1..6");
    case '.': return fail(lexer, at, MAXENT_ERROR_SYNTAX, "found '.' where no number or range is");
    default: break;
    }
    unsigned char c = (unsigned char)*s;
    if (c < 0x20 || c == 0x7F)
        return mx_fail_at(lexer->source, at, lexer->diagnostic, MAXENT_ERROR_SYNTAX, "found the control character 0x%02X", c);
    int bytes = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strlen(foreign[i].bytes) == (size_t)bytes && memcmp(s, foreign[i].bytes, (size_t)bytes) == 0)
            return fail(lexer, at, MAXENT_ERROR_SYNTAX, foreign[i].advice);
    return mx_fail_at(lexer->source, at, lexer->diagnostic, MAXENT_ERROR_SYNTAX,
                      "found the character '%.*s', which means nothing here", bytes, s);
}

/* Operators and brackets; kind END: none of them. *used: bytes. */
static mx_token_kind operator_at(const char *s, size_t left, size_t *used)
{
    char next = left > 1 ? s[1] : '\0';
    *used = 1;
    switch (*s) {
    case '+':
        if (left > 2 && next == '/' && s[2] == '-') {
            *used = 3;
            return MX_TOKEN_PLUS_MINUS;
        }
        *used = next == '-' ? 2 : 1;
        return next == '-' ? MX_TOKEN_PLUS_MINUS : MX_TOKEN_PLUS;
    case '-': return MX_TOKEN_MINUS;
    case '*': return MX_TOKEN_TIMES;
    case '/': return MX_TOKEN_DIVIDE;
    case '^': return MX_TOKEN_POWER;
    case '<':
        *used = next == '=' || next == '>' ? 2 : 1;
        return next == '=' ? MX_TOKEN_AT_MOST : next == '>' ? MX_TOKEN_UNEQUAL : MX_TOKEN_LESS;
    case '>':
        *used = next == '=' ? 2 : 1;
        return next == '=' ? MX_TOKEN_AT_LEAST : MX_TOKEN_GREATER;
    case '=':
        *used = next == '=' ? 2 : 1;
        return MX_TOKEN_EQUAL;
    case '!':
        *used = 2;
        return next == '=' ? MX_TOKEN_UNEQUAL : MX_TOKEN_END;
    case '.':
        *used = 2;
        return next == '.' ? MX_TOKEN_DOTS : MX_TOKEN_END;
    case '|': return MX_TOKEN_BAR;
    case ',': return MX_TOKEN_COMMA;
    case '(': return MX_TOKEN_OPEN;
    case ')': return MX_TOKEN_CLOSE;
    case '[': return MX_TOKEN_BRACKET;
    case ']': return MX_TOKEN_UNBRACKET;
    case '{': return MX_TOKEN_BRACE;
    case '}': return MX_TOKEN_UNBRACE;
    case ';':
    case '\n': return MX_TOKEN_LINE;
    default: return MX_TOKEN_END;
    }
}

maxent_error mx_lexer_next(mx_lexer *lexer, mx_token *token)
{
    maxent_error error = MAXENT_OK;
    memset(token, 0, sizeof *token);
    size_t i = skip_blank(lexer, &token->after_line);
    const char *s = lexer->source->text;
    size_t left = lexer->source->length - i, used;
    token->at = token->end = (uint32_t)i;
    if (left == 0) {
        token->kind = MX_TOKEN_END;
    } else if (is_digit(s[i]) || (s[i] == '.' && left > 1 && is_digit(s[i + 1]))) {
        error = number(lexer, token);
    } else if (is_letter(s[i]) || (wide_letter(s + i) != 0 && (left < 2 || memcmp(s + i, "\xCF\x80", 2) != 0))) {
        name(lexer, token);
    } else if (s[i] == '"' || s[i] == '`') {
        error = quoted(lexer, token);
    } else if ((token->kind = operator_at(s + i, left, &used)) != MX_TOKEN_END) {
        token->end = (uint32_t)(i + used);
        token->ascii_pm = token->kind == MX_TOKEN_PLUS_MINUS && used == 2;
        if (token->kind == MX_TOKEN_OPEN || token->kind == MX_TOKEN_BRACKET || token->kind == MX_TOKEN_BRACE)
            lexer->nesting++;
        else if ((token->kind == MX_TOKEN_CLOSE || token->kind == MX_TOKEN_UNBRACKET || token->kind == MX_TOKEN_UNBRACE) &&
                 lexer->nesting > 0)
            lexer->nesting--;
    } else {
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
            size_t length = strlen(signs[k].bytes);
            if (left >= length && memcmp(s + i, signs[k].bytes, length) == 0) {
                token->kind = signs[k].kind;
                token->text = signs[k].name;
                token->length = token->text != NULL ? (uint32_t)strlen(token->text) : 0;
                token->end = (uint32_t)(i + length);
            }
        }
        if (token->kind == MX_TOKEN_END)
            error = unexpected(lexer, i);
    }
    lexer->position = token->end;
    return error;
}
