/* Lists of numbers: {1/2, 1/3} in the text, or a file of numbers separated by blanks, commas or semicolons, with # comments. */
#include "facts/compile.h"

#include "base/memory.h"
#include "data/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LIST_FILE_LIMIT ((size_t)8 << 30) /* bytes of a list file: 2^28 numbers of 32 characters */

typedef struct list {
    double *value;
    unsigned char *decimal;
    size_t count, capacity;
} list;

static void list_free(list *l)
{
    mx_free(l->value);
    mx_free(l->decimal);
}

static int list_add(list *l, double value, int decimal)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 16 : l->capacity * 2;
        double *values = mx_resize(l->value, capacity, sizeof *values);
        if (values == NULL)
            return 0;
        l->value = values;
        unsigned char *decimals = mx_resize(l->decimal, capacity, 1);
        if (decimals == NULL)
            return 0;
        l->decimal = decimals;
        l->capacity = capacity;
    }
    l->value[l->count] = value;
    l->decimal[l->count++] = (unsigned char)decimal;
    return 1;
}

static void list_give(list *l, double **out, unsigned char **decimal, size_t *count)
{
    *out = l->value;
    *count = l->count;
    if (decimal != NULL)
        *decimal = l->decimal;
    else
        mx_free(l->decimal);
}

static int blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static maxent_error parse(const mx_source *source, mx_watch *watch, list *l, maxent_diagnostic *diagnostic)
{
    const char *s = source->text;
    size_t i = source->length >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int after_comma = 1; /* at the start, after a separator: another one would hide a missing number */
    for (;;) {
        while (i < source->length && (blank(s[i]) || s[i] == '#'))
            if (s[i++] == '#')
                while (i < source->length && s[i] != '\n')
                    i++;
        if (i == source->length)
            return MAXENT_OK;
        if ((s[i] == ',' || s[i] == ';') && !after_comma) {
            after_comma = 1;
            i++;
            continue;
        }
        size_t end = i;
        while (end < source->length && !blank(s[end]) && s[end] != ',' && s[end] != ';' && s[end] != '#')
            end++;
        double value;
        int decimal;
        if (end == i || mx_text_number(s + i, end - i, &value, &decimal) != end - i) {
            size_t shown = end - i < 40 ? end - i : 40;
            while (shown > 0 && i + shown < source->length && ((unsigned char)s[i + shown] & 0xC0) == 0x80)
                shown--;
            return mx_fail_at(source, i, diagnostic, MAXENT_ERROR_FILE, "expected a number, found '%.*s'",
                              (int)(end == i ? 1 : shown), s + i);
        }
        if (isinf(value) || (value == 0 && !decimal))
            return mx_fail_at(source, i, diagnostic, MAXENT_ERROR_VALUE, "this number is out of range");
        if (l->count == MX_STATE_LIMIT)
            return mx_fail_at(source, i, diagnostic, MAXENT_ERROR_LIMIT, "more than %zu numbers in a list", MX_STATE_LIMIT);
        if (!list_add(l, value, decimal))
            return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        if (mx_watch_due(l->count - 1, l->count) && mx_watch_over(watch, 1))
            return mx_fail(diagnostic, MAXENT_ERROR_STOPPED, "%s", maxent_error_text(MAXENT_ERROR_STOPPED));
        after_comma = 0;
        i = end;
    }
}

maxent_error mx_list_parse(const mx_source *source, mx_watch *watch, double **out, unsigned char **decimal, size_t *count,
                           maxent_diagnostic *diagnostic)
{
    list l = {0};
    maxent_error error = mx_source_check(source, diagnostic);
    if (error != MAXENT_OK) { /* a data file that is no text is a malformed file */
        error = MAXENT_ERROR_FILE;
        if (diagnostic != NULL)
            diagnostic->error = error;
    } else {
        error = parse(source, watch, &l, diagnostic);
    }
    if (error != MAXENT_OK)
        list_free(&l);
    else
        list_give(&l, out, decimal, count);
    return error;
}

maxent_error mx_list_read(const char *path, mx_watch *watch, double **out, unsigned char **decimal, size_t *count,
                          maxent_diagnostic *diagnostic)
{
    char *text = NULL;
    size_t length = 0;
    maxent_error error = mx_stream_read_all(path, LIST_FILE_LIMIT, &text, &length, diagnostic);
    if (error != MAXENT_OK)
        return error;
    mx_source source = {path, text, length};
    error = mx_list_parse(&source, watch, out, decimal, count, diagnostic);
    mx_free(text);
    return error;
}

char *mx_list_path(const mx_compile *compile, const mx_tree *name)
{
    mx_buffer path = {0};
    int absolute = name->value.text[0] == '/' || (name->length == 1 && name->value.text[0] == '-');
    if (compile->directory != NULL && compile->directory[0] != '\0' && !absolute) {
        mx_buffer_put(&path, compile->directory);
        if (path.length > 0 && path.data[path.length - 1] != '/')
            mx_buffer_char(&path, '/');
    }
    mx_buffer_append(&path, name->value.text, name->length);
    return mx_buffer_take(&path);
}

/* first..last inside a list */
static int add_range(mx_compile *compile, const mx_tree *tree, size_t limit, list *l)
{
    double first, last;
    if (!mx_check_whole(compile, tree->child, "the end of a range", &first) ||
        !mx_check_whole(compile, tree->child->next, "the end of a range", &last))
        return 0;
    if (last - first >= (double)(limit - l->count))
        return mx_compile_fail(compile, tree, MAXENT_ERROR_LIMIT, "more than %zu numbers, which no list here can have", limit);
    for (double v = first; v <= last; v++) {
        if (!list_add(l, v, 1))
            return mx_compile_memory(compile);
        if (mx_compile_late(compile, l->count - 1, l->count))
            return 0;
    }
    return 1;
}

int mx_list_values(mx_compile *compile, const mx_tree *tree, size_t limit, double **out, unsigned char **decimal, size_t *count)
{
    if (tree->kind == MX_TREE_STRING) {
        char *path = mx_list_path(compile, tree);
        if (path == NULL)
            return mx_compile_memory(compile);
        compile->error = mx_list_read(path, compile->watch, out, decimal, count, compile->diagnostic);
        mx_free(path);
        return compile->error == MAXENT_OK;
    }
    list l = {0};
    for (const mx_tree *t = tree->child; t != NULL; t = t->next) {
        mx_dd value;
        int exact = 0, ok;
        if (t->kind == MX_TREE_RANGE) {
            ok = add_range(compile, t, limit, &l);
        } else {
            ok = mx_check_constant(compile, t, "a number of a list", &value, &exact);
            if (ok && isinf(value.hi))
                ok = mx_compile_fail(compile, t, MAXENT_ERROR_VALUE, "a number of a list is finite");
            if (ok && l.count == limit)
                ok = mx_compile_fail(compile, t, MAXENT_ERROR_LIMIT, "more than %zu numbers, which no list here can have", limit);
            if (ok && !list_add(&l, value.hi, exact))
                ok = mx_compile_memory(compile);
        }
        if (!ok) {
            list_free(&l);
            return 0;
        }
    }
    list_give(&l, out, decimal, count);
    return 1;
}
