/* Lists of numbers on the command line, and numbers as text. */
#include "lists.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cli_put(cli_text *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (out->failed || length < 0)
        return;
    size_t need = out->length + (size_t)length + 1;
    if (need > out->capacity) {
        size_t capacity = 2 * need + 256;
        char *larger = realloc(out->text, capacity);
        if (larger == NULL) {
            out->failed = 1;
            return;
        }
        out->text = larger;
        out->capacity = capacity;
    }
    va_start(arguments, format);
    vsnprintf(out->text + out->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    out->length += (size_t)length;
}

void cli_put_number(cli_text *out, double value)
{
    char text[40];
    if (!isfinite(value)) {
        cli_put(out, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value == 0 ? 0.0 : value); /* no "-0" */
        if (strtod(text, NULL) == value)
            break;
    }
    cli_put(out, "%s", text);
}

/* Length of the UTF-8 character at text, 0 when it is not one. */
static int letter(const unsigned char *text)
{
    int length = text[0] < 0x80 ? 1 : text[0] >= 0xc2 && text[0] <= 0xdf ? 2 : (text[0] & 0xf0) == 0xe0 ? 3
                 : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4 : 0;
    for (int i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf0 && text[1] < 0x90) ||
        (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

void cli_put_string(cli_text *out, const char *text)
{
    cli_put(out, "\"");
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
        int length = letter(p);
        if (length == 0)
            cli_put(out, "\\ufffd");
        else if (*p == '"' || *p == '\\')
            cli_put(out, "\\%c", *p);
        else if (*p < 0x20 || *p == 0x7f)
            cli_put(out, "\\u%04x", (unsigned)*p);
        else
            cli_put(out, "%.*s", length, (const char *)p);
        p += length > 0 ? length : 1;
    }
    cli_put(out, "\"");
}

int cli_text_write(cli_text *out)
{
    int status = CLI_SYSTEM;
    if (out->failed)
        cli_say("out of memory");
    else
        status = out->length > 0 ? cli_write(out->text, out->length) : CLI_DONE;
    free(out->text);
    *out = (cli_text){0};
    return status;
}

static int separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\n';
}

/* A decimal number at *text; no "0x", "inf" or "nan", which strtod would take. */
static int number(const char **text, double *value)
{
    const char *p = *text + (**text == '-' || **text == '+');
    if (!((p[0] >= '0' && p[0] <= '9' && p[1] != 'x' && p[1] != 'X') || (p[0] == '.' && p[1] >= '0' && p[1] <= '9')))
        return 0;
    char *end;
    *value = strtod(*text, &end);
    *text = end;
    return 1;
}

int cli_numbers(const char *option, const char *text, double **list, size_t *count)
{
    size_t capacity = 1;
    for (const char *p = text; *p != '\0'; p++)
        capacity += separator(*p);
    double *values = malloc(capacity * sizeof *values);
    if (values == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    size_t used = 0;
    const char *p = text;
    for (;;) {
        while (*p == ' ' || *p == '\t' || *p == '\n')
            p++;
        const char *start = p;
        double below = 1;
        int ok = number(&p, &values[used]);
        if (ok && *p == '/') {
            p++;
            ok = number(&p, &below) && below != 0;
        }
        if (!ok || (*p != '\0' && !separator(*p))) {
            int length = 0;
            while (start[length] != '\0' && !separator(start[length]) && length < 40)
                length++;
            if (length == 0)
                cli_say("a number is missing in the list of %s, at character %zu", option, (size_t)(start - text) + 1);
            else
                cli_say("'%.*s' in the list of %s is not a number", length, start, option);
            free(values);
            return CLI_USAGE;
        }
        values[used++] /= below;
        while (*p == ' ' || *p == '\t' || *p == '\n')
            p++;
        if (*p == '\0')
            break;
        if (*p == ',')
            p++;
    }
    *list = values;
    *count = used;
    return CLI_DONE;
}

int cli_split(char *text, const char ***words, size_t *count)
{
    size_t parts = 1;
    for (const char *p = text; *p != '\0'; p++)
        parts += *p == ',';
    const char **list = malloc(parts * sizeof *list);
    if (list == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    *count = 0;
    list[(*count)++] = text;
    for (char *p = text; *p != '\0'; p++)
        if (*p == ',') {
            *p = '\0';
            list[(*count)++] = p + 1;
        }
    *words = list;
    return CLI_DONE;
}

int cli_base(const char *text, double *nats, char unit[24])
{
    static const struct {
        const char *text, *unit;
        double base;
    } known[] = {{"e", "nat", 2.718281828459045}, {"2", "bit", 2}, {"10", "dit", 10}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i].text) == 0) {
            *nats = i == 0 ? 1 : maxent_nats(known[i].base);
            snprintf(unit, 24, "%s", known[i].unit);
            return 1;
        }
    const char *p = text;
    double base;
    if (!number(&p, &base) || *p != '\0' || isnan(maxent_nats(base))) {
        cli_say("'%s' is not a value of --base: e, 2, 10 or another positive number but 1 is expected", text);
        return 0;
    }
    *nats = maxent_nats(base);
    snprintf(unit, 24, "base %.12g", base);
    return 1;
}
