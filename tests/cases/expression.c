/* Expressions of the facts language in 80-bit floating point: text to reverse Polish steps, steps to a value.
 *
 * Known: numbers, variables, pi, e, inf, + - * / ^, = != < <= > >=, and or not, the functions of one argument that `function` lists,
 * min and max of two, T(k, x) and L(k, x). Precedence as in docs/language.md. No names of levels, no chains of comparisons.
 */
#include "expression.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER, VARIABLE, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NEGATE, EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, AND,
       OR, NOT, MIN, MAX, CHEBYSHEV, LEGENDRE, FUNCTION };

static long double sign_of(long double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static const struct { const char *name; long double (*call)(long double); } function[] = {
    {"abs", fabsl}, {"exp", expl}, {"log", logl}, {"log2", log2l}, {"log10", log10l}, {"sqrt", sqrtl}, {"sin", sinl}, {"cos", cosl},
    {"tan", tanl}, {"asin", asinl}, {"acos", acosl}, {"atan", atanl}, {"sinh", sinhl}, {"cosh", coshl}, {"tanh", tanhl},
    {"floor", floorl}, {"ceil", ceill}, {"sign", sign_of}, {"erf", erfl}, {"lgamma", lgammal},
};

typedef struct step {
    int what, which;
    long double number;
} step;

struct expression {
    int count, room, depth, deepest;
    step *step;
};

typedef struct reader {
    const char *at;
    int count;
    const char *const *names;
    expression *e;
    int wrong;
} reader;

static void emit(reader *r, int what, int which, long double number)
{
    expression *e = r->e;
    if (e->count == e->room) {
        e->room = e->room ? 2 * e->room : 32;
        e->step = realloc(e->step, (size_t)e->room * sizeof *e->step);
        if (e->step == NULL)
            abort();
    }
    e->step[e->count++] = (step){what, which, number};
    int binary = (what >= ADD && what <= POWER) || (what >= EQUAL && what <= OR) || (what >= MIN && what <= LEGENDRE);
    e->depth += what <= VARIABLE ? 1 : binary ? -1 : 0;
    if (e->depth > e->deepest)
        e->deepest = e->depth;
}

static void blank(reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

static int take(reader *r, const char *word)
{
    blank(r);
    size_t n = strlen(word);
    if (strncmp(r->at, word, n) != 0 || (isalpha((unsigned char)word[0]) && (isalnum((unsigned char)r->at[n]) || r->at[n] == '_')))
        return 0;
    r->at += n;
    return 1;
}

static void read_or(reader *r);
static void read_sign(reader *r);

static void expect(reader *r, const char *word)
{
    if (!take(r, word))
        r->wrong = 1;
}

static void read_arguments(reader *r, int two, int what, int which)
{
    expect(r, "(");
    read_or(r);
    if (two) {
        expect(r, ",");
        read_or(r);
    }
    expect(r, ")");
    emit(r, what, which, 0);
}

static void read_atom(reader *r)
{
    blank(r);
    if (take(r, "(")) {
        read_or(r);
        expect(r, ")");
        return;
    }
    if (isdigit((unsigned char)*r->at) || *r->at == '.') {
        char *end; /* a number of the language is the nearest double */
        emit(r, NUMBER, 0, strtod(r->at, &end));
        r->at = end;
        return;
    }
    for (int v = 0; v < r->count; v++)
        if (take(r, r->names[v])) {
            emit(r, VARIABLE, v, 0);
            return;
        }
    if (take(r, "pi")) { emit(r, NUMBER, 0, 3.141592653589793238462643383279503L); return; }
    if (take(r, "e")) { emit(r, NUMBER, 0, 2.718281828459045235360287471352662L); return; }
    if (take(r, "inf")) { emit(r, NUMBER, 0, INFINITY); return; }
    if (take(r, "min")) { read_arguments(r, 1, MIN, 0); return; }
    if (take(r, "max")) { read_arguments(r, 1, MAX, 0); return; }
    if (take(r, "T")) { read_arguments(r, 1, CHEBYSHEV, 0); return; }
    if (take(r, "L")) { read_arguments(r, 1, LEGENDRE, 0); return; }
    for (int f = 0; f < (int)(sizeof function / sizeof function[0]); f++)
        if (take(r, function[f].name)) {
            read_arguments(r, 0, FUNCTION, f);
            return;
        }
    r->wrong = 1;
}

static void read_power(reader *r)
{
    read_atom(r);
    if (!r->wrong && take(r, "^")) {
        read_sign(r);
        emit(r, POWER, 0, 0);
    }
}

static void read_sign(reader *r)
{
    if (take(r, "-")) {
        read_sign(r);
        emit(r, NEGATE, 0, 0);
    } else {
        read_power(r);
    }
}

/* Parts joined from the left by either of two signs; b NULL: one sign only. */
static void read_joined(reader *r, void (*part)(reader *), const char *a, int first, const char *b, int second)
{
    part(r);
    for (int what; !r->wrong && (what = take(r, a) ? first : b != NULL && take(r, b) ? second : 0) != 0;) {
        part(r);
        emit(r, what, 0, 0);
    }
}

static void read_product(reader *r)
{
    read_joined(r, read_sign, "*", MULTIPLY, "/", DIVIDE);
}

static void read_sum(reader *r)
{
    read_joined(r, read_product, "+", ADD, "-", SUBTRACT);
}

static void read_comparison(reader *r)
{
    read_sum(r);
    int what = take(r, "<=") ? LESS_EQUAL : take(r, ">=") ? GREATER_EQUAL : take(r, "!=") ? UNEQUAL : 0;
    what = what != 0 ? what : take(r, "<") ? LESS : take(r, ">") ? GREATER : take(r, "=") ? EQUAL : 0;
    if (!r->wrong && what != 0) {
        read_sum(r);
        emit(r, what, 0, 0);
    }
}

static void read_not(reader *r)
{
    if (take(r, "not")) {
        read_not(r);
        emit(r, NOT, 0, 0);
    } else {
        read_comparison(r);
    }
}

static void read_and(reader *r)
{
    read_joined(r, read_not, "and", AND, NULL, 0);
}

static void read_or(reader *r)
{
    read_joined(r, read_and, "or", OR, NULL, 0);
}

/* Powers by multiplication where the exponent is a small whole number: powl knows fewer digits. */
static long double power(long double x, long double y)
{
    if (y != floorl(y) || fabsl(y) > 64)
        return powl(x, y);
    long double value = 1, base = x;
    for (int n = (int)fabsl(y); n != 0; n /= 2, base *= base)
        if (n & 1)
            value *= base;
    return y < 0 ? 1 / value : value;
}

static long double recurrence(int what, long double k, long double x)
{
    long double u = 1, v = x;
    if (k == 0)
        return 1;
    for (long double j = 1; j < k; j++) {
        long double w = what == CHEBYSHEV ? 2 * x * v - u : ((2 * j + 1) * x * v - j * u) / (j + 1);
        u = v;
        v = w;
    }
    return v;
}

static long double of_two(int what, long double a, long double b)
{
    switch (what) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case DIVIDE: return a / b;
    case POWER: return power(a, b);
    case EQUAL: return a == b;
    case UNEQUAL: return a != b;
    case LESS: return a < b;
    case LESS_EQUAL: return a <= b;
    case GREATER: return a > b;
    case GREATER_EQUAL: return a >= b;
    case AND: return a != 0 && b != 0;
    case OR: return a != 0 || b != 0;
    case MIN: return a < b ? a : b;
    case MAX: return a > b ? a : b;
    default: return recurrence(what, a, b);
    }
}

long double expression_value(const expression *e, const long double *x)
{
    long double stack[64];
    int top = 0;
    for (int i = 0; i < e->count; i++) {
        const step *s = &e->step[i];
        switch (s->what) {
        case NUMBER: stack[top++] = s->number; break;
        case VARIABLE: stack[top++] = x[s->which]; break;
        case NEGATE: stack[top - 1] = -stack[top - 1]; break;
        case NOT: stack[top - 1] = stack[top - 1] == 0; break;
        case FUNCTION: stack[top - 1] = function[s->which].call(stack[top - 1]); break;
        default:
            top--;
            stack[top - 1] = of_two(s->what, stack[top - 1], stack[top]);
        }
    }
    return stack[0];
}

expression *expression_new(const char *text, int count, const char *const *names, const char **where)
{
    expression *e = calloc(1, sizeof *e);
    if (e == NULL)
        abort();
    reader r = {.at = text, .count = count, .names = names, .e = e};
    read_or(&r);
    blank(&r);
    if (r.wrong || *r.at != '\0' || e->deepest > 64) {
        *where = r.at;
        expression_free(e);
        return NULL;
    }
    return e;
}

void expression_free(expression *e)
{
    if (e != NULL)
        free(e->step);
    free(e);
}
