/* The tree's memory, and writing an expression back as text.
 *
 * Printing gives the user's own expression with normal spacing: `E[ x ^k ]` with k = 2 is "E[x^2]". Parentheses are kept where
 * the user put them, so nothing needs to be known about precedence; loop variables are replaced by their values.
 */
#include "facts/tree.h"

#include "base/memory.h"
#include "facts/lexer.h"

#include <string.h>

/* ---- pool ---- */

struct mx_pool_chunk {
    struct mx_pool_chunk *before;
    max_align_t memory[];
};

void *mx_pool_alloc(mx_pool *pool, size_t size)
{
    enum { FIRST = 4000, UNIT = 16 };
    size = (size + UNIT - 1) / UNIT * UNIT;
    if (size > pool->left) {
        size_t room = pool->chunk == NULL ? FIRST : (size_t)FIRST * 16; /* a small problem fits in the first */
        if (room < size)
            room = size;
        struct mx_pool_chunk *chunk = mx_alloc(sizeof *chunk + room, 1);
        if (chunk == NULL)
            return NULL;
        chunk->before = pool->chunk;
        pool->chunk = chunk;
        pool->next = (char *)chunk->memory;
        pool->left = room;
    }
    void *result = pool->next;
    pool->next += size;
    pool->left -= size;
    return memset(result, 0, size);
}

void mx_pool_free(mx_pool *pool)
{
    while (pool->chunk != NULL) {
        struct mx_pool_chunk *before = pool->chunk->before;
        mx_free(pool->chunk);
        pool->chunk = before;
    }
    *pool = (mx_pool){0};
}

/* ---- printing ---- */

typedef struct printer {
    const mx_source *source;
    mx_tree_substitute substitute;
    mx_tree_index index;
    void *user;
    mx_buffer *out;
} printer;

static const char *relation(int join)
{
    switch (join) {
    case MX_TOKEN_LESS: return " < ";
    case MX_TOKEN_AT_MOST: return " <= ";
    case MX_TOKEN_GREATER: return " > ";
    case MX_TOKEN_AT_LEAST: return " >= ";
    case MX_TOKEN_UNEQUAL: return " != ";
    default: return " = ";
    }
}

static void print(const printer *p, const mx_tree *tree);

/* Children with `between` before each but the first. */
static void print_list(const printer *p, const mx_tree *child, const char *between)
{
    for (int first = 1; child != NULL; child = child->next, first = 0) {
        if (!first)
            mx_buffer_put(p->out, between);
        print(p, child);
    }
}

static void print_string(const printer *p, const char *text, size_t length)
{
    mx_buffer_char(p->out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            mx_buffer_char(p->out, '\\');
        mx_buffer_char(p->out, text[i]);
    }
    mx_buffer_char(p->out, '"');
}

static void print_bare(const printer *p, const mx_tree *tree)
{
    mx_buffer *out = p->out;
    const mx_tree *first = tree->child;
    double value;
    switch ((mx_tree_kind)tree->kind) {
    case MX_TREE_NUMBER: mx_buffer_append(out, p->source[tree->source].text + tree->at, tree->length); break;
    case MX_TREE_NAME:
        if (p->substitute == NULL || !p->substitute(p->user, tree, out)) {
            if (tree->quoted)
                mx_buffer_char(out, '`');
            mx_buffer_append(out, tree->value.text, tree->length);
            if (tree->quoted)
                mx_buffer_char(out, '`');
        }
        break;
    case MX_TREE_STRING: print_string(p, tree->value.text, tree->length); break;
    case MX_TREE_SUM:
        print(p, first);
        for (const mx_tree *t = first->next; t != NULL; t = t->next) {
            mx_buffer_put(out, t->join == '-' ? " - " : " + ");
            print(p, t);
        }
        break;
    case MX_TREE_PRODUCT:
        print(p, first);
        for (const mx_tree *t = first->next; t != NULL; t = t->next) {
            mx_buffer_char(out, (char)t->join);
            print(p, t);
        }
        break;
    case MX_TREE_NEGATE:
        mx_buffer_char(out, '-');
        print(p, first);
        break;
    case MX_TREE_POWER: print_list(p, first, "^"); break;
    case MX_TREE_COMPARE:
        print(p, first);
        for (const mx_tree *t = first->next; t != NULL; t = t->next) {
            mx_buffer_put(out, relation(t->join));
            print(p, t);
        }
        break;
    case MX_TREE_AND: print_list(p, first, " and "); break;
    case MX_TREE_OR: print_list(p, first, " or "); break;
    case MX_TREE_NOT:
        mx_buffer_put(out, "not ");
        print(p, first);
        break;
    case MX_TREE_CALL:
        mx_buffer_append(out, tree->value.text, tree->length);
        mx_buffer_char(out, '(');
        print_list(p, first, ", ");
        mx_buffer_char(out, ')');
        break;
    case MX_TREE_INDEX:
        mx_buffer_append(out, tree->value.text, tree->length);
        mx_buffer_char(out, '[');
        if (p->index != NULL && p->index(p->user, first, &value))
            mx_buffer_double(out, value);
        else
            print(p, first);
        mx_buffer_char(out, ']');
        break;
    case MX_TREE_MEMBER: print_list(p, first, " in "); break;
    case MX_TREE_EXPECT:
    case MX_TREE_CHANCE:
        mx_buffer_put(out, tree->kind == MX_TREE_EXPECT ? "E[" : "P[");
        print_list(p, first, " | ");
        mx_buffer_char(out, ']');
        break;
    case MX_TREE_VARIANCE:
    case MX_TREE_COVARIANCE:
        mx_buffer_put(out, tree->kind == MX_TREE_VARIANCE ? "Var[" : "Cov[");
        print_list(p, first, ", ");
        mx_buffer_char(out, ']');
        break;
    case MX_TREE_SET:
        mx_buffer_char(out, '{');
        print_list(p, first, ", ");
        mx_buffer_char(out, '}');
        break;
    case MX_TREE_RANGE: print_list(p, first, ".."); break;
    case MX_TREE_INTERVAL:
        mx_buffer_char(out, tree->open_low ? '(' : '[');
        print_list(p, first, ", ");
        mx_buffer_char(out, tree->open_high ? ')' : ']');
        break;
    case MX_TREE_REALS: mx_buffer_char(out, 'R'); break;
    case MX_TREE_OBSERVED: mx_buffer_put(out, "observed"); break;
    }
}

static void print(const printer *p, const mx_tree *tree)
{
    if (tree->wrapped)
        mx_buffer_char(p->out, '(');
    print_bare(p, tree);
    if (tree->wrapped)
        mx_buffer_char(p->out, ')');
}

void mx_tree_print(const mx_tree *tree, const mx_source *source, mx_tree_substitute substitute, mx_tree_index index,
                   void *user, mx_buffer *out)
{
    printer p = {source, substitute, index, user, out};
    print(&p, tree);
}
