/* Names: what each stands for, which are reserved, and the nearest one to a misspelt one. */
#include "facts/compile.h"

#include "base/memory.h"
#include "base/nearest.h"

#include <math.h>
#include <string.h>

static const char *const functions[] = {"abs",  "min",  "max",  "exp",  "log",  "log2",  "log10", "sqrt", "sin", "cos",    "tan", "asin",
                                        "acos", "atan", "sinh", "cosh", "tanh", "floor", "ceil",  "sign", "erf", "lgamma", "T",   "L"};
static const char *const keywords[] = {"E", "P", "Var", "Cov", "in", "and", "or", "not", "for", "if"};

static int same(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

int mx_names_constant(const char *text, size_t length, mx_dd *value)
{
    if (same(text, length, "pi"))
        *value = mx_dd_pi;
    else if (same(text, length, "e"))
        *value = mx_dd_e;
    else if (same(text, length, "inf"))
        *value = mx_dd_make(INFINITY);
    else
        return 0;
    return 1;
}

int mx_names_reserved(const char *text, size_t length)
{
    mx_dd value;
    if (mx_names_constant(text, length, &value))
        return 1;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (same(text, length, keywords[i]))
            return 1;
    return 0;
}

enum { FEW = 8 }; /* names that are faster looked at one by one than hashed */

const mx_entry *mx_names_find(const mx_compile *compile, const char *text, size_t length)
{
    const mx_entry *entry = compile->entry;
    if (compile->slot == NULL) {
        for (size_t i = 0; i < compile->entries; i++)
            if (entry[i].length == length && memcmp(entry[i].text, text, length) == 0)
                return &entry[i];
        return NULL;
    }
    size_t at = (size_t)mx_hash_bytes(text, length) & (compile->slots - 1);
    for (; compile->slot[at] != 0; at = (at + 1) & (compile->slots - 1)) {
        const mx_entry *found = &entry[compile->slot[at] - 1];
        if (found->length == length && memcmp(found->text, text, length) == 0)
            return found;
    }
    return NULL;
}

static void put(mx_compile *compile, size_t i)
{
    size_t at = (size_t)mx_hash_bytes(compile->entry[i].text, compile->entry[i].length) & (compile->slots - 1);
    while (compile->slot[at] != 0)
        at = (at + 1) & (compile->slots - 1);
    compile->slot[at] = (uint32_t)(i + 1);
}

int mx_names_add(mx_compile *compile, const mx_tree *at, const mx_entry *entry)
{
    const mx_entry *known = mx_names_find(compile, entry->text, entry->length);
    if (known != NULL) {
        static const char *const what[] = {"a variable", "an indexed variable", "defined by let"};
        return mx_compile_fail(compile, at, MAXENT_ERROR_NAME, "'%.*s' is already %s",
                               (int)(entry->length > 100 ? 100 : entry->length), entry->text, what[known->kind]);
    }
    if (compile->entries == compile->entry_capacity) {
        size_t capacity = compile->entry_capacity == 0 ? FEW : compile->entry_capacity * 2;
        mx_entry *grown = mx_resize(compile->entry, capacity, sizeof *grown);
        if (grown == NULL)
            return mx_compile_memory(compile);
        compile->entry = grown;
        compile->entry_capacity = capacity;
        if (capacity > FEW) {
            mx_free(compile->slot);
            compile->slots = 4 * capacity;
            compile->slot = mx_zalloc(compile->slots, sizeof *compile->slot);
            if (compile->slot == NULL)
                return mx_compile_memory(compile);
            for (size_t i = 0; i < compile->entries; i++)
                put(compile, i);
        }
    }
    compile->entry[compile->entries] = *entry;
    if (compile->slot != NULL)
        put(compile, compile->entries);
    compile->entries++;
    return 1;
}

size_t mx_names_level(mx_compile *compile, size_t variable, const char *text, size_t length)
{
    const mx_variable *v = &compile->support.variable[variable];
    if (v->levels <= 16) {
        for (size_t i = 0; i < v->levels; i++)
            if (same(text, length, v->label[i]))
                return i;
        return SIZE_MAX;
    }
    if (compile->levels == NULL) {
        compile->levels = mx_zalloc(compile->support.variables, sizeof *compile->levels);
        if (compile->levels == NULL) {
            mx_compile_memory(compile);
            return SIZE_MAX;
        }
        compile->leveled = compile->support.variables;
    }
    uint32_t code;
    mx_dictionary *levels = compile->levels[variable];
    if (levels == NULL) {
        levels = mx_zalloc(1, sizeof *levels);
        int ok = levels != NULL;
        for (size_t i = 0; ok && i < v->levels; i++)
            ok = mx_dictionary_add(levels, v->label[i], strlen(v->label[i]), &code);
        if (!ok) {
            if (levels != NULL)
                mx_dictionary_free(levels);
            mx_free(levels);
            mx_compile_memory(compile);
            return SIZE_MAX;
        }
        compile->levels[variable] = levels;
    }
    if (!mx_dictionary_add(levels, text, length, &code)) {
        mx_compile_memory(compile);
        return SIZE_MAX;
    }
    return code < v->levels ? code : SIZE_MAX;
}

/* ---- misspelt names ---- */

enum { MOST_CANDIDATES = 4096, SHOWN = 100 };

/* The text, clipped and NUL-terminated; returns how much of it to show. */
static int clip(const char *text, size_t length, char out[SHOWN + 1])
{
    if (length > SHOWN) {
        length = SHOWN;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return (int)length;
}

static int suggest(mx_compile *compile, const mx_tree *at, const char *what, const char *word, const char *of, size_t count,
                   const char *const *candidate)
{
    size_t near = mx_nearest(word, count, candidate);
    if (near != SIZE_MAX)
        return mx_compile_fail(compile, at, MAXENT_ERROR_NAME, "unknown %s '%s'%s%s; did you mean '%.*s'?", what, word,
                               of[0] != '\0' ? " of " : "", of, SHOWN, candidate[near]);
    return mx_compile_fail(compile, at, MAXENT_ERROR_NAME, "unknown %s '%s'%s%s", what, word, of[0] != '\0' ? " of " : "", of);
}

int mx_names_unknown(mx_compile *compile, const mx_tree *at)
{
    char word[SHOWN + 1];
    clip(at->value.text, at->length, word);
    for (size_t v = 0; v < compile->support.variables; v++) {
        const mx_variable *variable = &compile->support.variable[v];
        for (size_t l = 0; variable->label != NULL && l < variable->levels; l++)
            if (same(at->value.text, at->length, variable->label[l])) {
                char of[SHOWN + 1];
                clip(variable->name, strlen(variable->name), of);
                return mx_compile_fail(compile, at, MAXENT_ERROR_NAME, "unknown name '%s'; it is a value of %s: write %s = %s", word, of,
                                       of, word);
            }
    }
    size_t names = compile->entries < MOST_CANDIDATES ? compile->entries : MOST_CANDIDATES, count = 0;
    const char **candidate = mx_alloc(names + compile->turns, sizeof *candidate);
    char *room = candidate == NULL ? NULL : mx_pool_alloc(&compile->pool, (names + compile->turns) * (SHOWN + 1));
    if (room == NULL) {
        mx_free(candidate);
        return mx_compile_memory(compile);
    }
    for (size_t i = 0; i < names + compile->turns; i++) {
        size_t length;
        const char *text;
        if (i < names) {
            text = compile->entry[i].text;
            length = compile->entry[i].length;
        } else {
            text = compile->turn[i - names].name->value.text;
            length = compile->turn[i - names].name->length;
        }
        clip(text, length, room);
        candidate[count++] = room;
        room += SHOWN + 1;
    }
    int result = suggest(compile, at, "name", word, "", count, candidate);
    mx_free(candidate);
    return result;
}

int mx_names_unknown_level(mx_compile *compile, const mx_tree *at, size_t variable, const char *text, size_t length)
{
    char word[SHOWN + 1], of[SHOWN + 1];
    const mx_variable *v = &compile->support.variable[variable];
    clip(text, length, word);
    clip(v->name, strlen(v->name), of);
    size_t count = v->levels < MOST_CANDIDATES ? v->levels : MOST_CANDIDATES;
    return suggest(compile, at, "value", word, of, count, (const char *const *)v->label);
}

int mx_names_unknown_function(mx_compile *compile, const mx_tree *at)
{
    static const char *const expectations[] = {"E", "P", "Var", "Cov"};
    char word[SHOWN + 1];
    clip(at->value.text, at->length, word);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (same(word, strlen(word), expectations[i]))
            return mx_compile_fail(compile, at, MAXENT_ERROR_SYNTAX, "%s takes square brackets: %s[...]", word, word);
    if (same(word, strlen(word), "ln"))
        return mx_compile_fail(compile, at, MAXENT_ERROR_NAME, "unknown function 'ln'; the natural logarithm is 'log'");
    return suggest(compile, at, "function", word, "", sizeof functions / sizeof *functions, functions);
}
