/* Whether a feature is a polynomial, as the tree shows: its coefficients, worked out in double-double from the bottom up.
 *
 * Only what has few nodes and a moderate degree is tried: coefficients of T(k, x) grow like 2.4^k, and beyond the limits they would
 * say nothing in doubles.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { NODES = 512, DEGREE = 256, RECURRENCE_DEGREE = 64 };

typedef struct polynomial {
    size_t degree;
    mx_dd *coefficient;    /* [degree + 1]; NULL: not worked out */
} polynomial;

/* 1: done; 0: it is none; -1: no memory. */
static int room(polynomial *p, size_t degree)
{
    if (degree > DEGREE)
        return 0;
    p->degree = degree;
    p->coefficient = mx_zalloc(degree + 1, sizeof *p->coefficient);
    return p->coefficient == NULL ? -1 : 1;
}

static int combine(const polynomial *a, double times, const polynomial *b, polynomial *out)
{
    int made = room(out, a->degree > b->degree ? a->degree : b->degree);
    for (size_t i = 0; made == 1 && i <= out->degree; i++) {
        mx_dd x = i <= a->degree ? a->coefficient[i] : mx_dd_make(0.0);
        out->coefficient[i] = i <= b->degree ? mx_dd_add(x, mx_dd_mul_d(b->coefficient[i], times)) : x;
    }
    return made;
}

static int multiply(const polynomial *a, const polynomial *b, polynomial *out)
{
    int made = room(out, a->degree + b->degree);
    for (size_t i = 0; made == 1 && i <= a->degree; i++)
        for (size_t j = 0; j <= b->degree; j++)
            out->coefficient[i + j] = mx_dd_add(out->coefficient[i + j], mx_dd_mul(a->coefficient[i], b->coefficient[j]));
    return made;
}

static int power(const polynomial *a, double n, polynomial *out)
{
    int made = n * (double)a->degree > DEGREE || n < 0 ? 0 : room(out, 0);
    if (made != 1)
        return made;
    out->coefficient[0] = mx_dd_make(1.0);
    if (a->degree == 0) {
        out->coefficient[0] = mx_dd_power(a->coefficient[0], (long)n);
        return 1;
    }
    for (double i = 0; i < n && made == 1; i++) {
        polynomial next = {0};
        made = multiply(out, a, &next);
        mx_free(out->coefficient);
        *out = next;
    }
    return made;
}

/* T_{i+1} = 2 x T_i - T_{i-1}, L_{i+1} = ((2 i + 1) x L_i - i L_{i-1}) / (i + 1), with a for x */
static int recurrence(mx_op op, const polynomial *a, size_t degree, polynomial *out)
{
    polynomial before = {0}, now = {0}, one = {0};
    int made = degree > RECURRENCE_DEGREE || degree * a->degree > DEGREE ? 0 : room(&before, 0);
    if (made == 1) {
        before.coefficient[0] = mx_dd_make(1.0);
        made = room(&one, 0);
    }
    if (made == 1)
        made = combine(a, 0.0, &one, &now);
    for (size_t i = 1; i < degree && made == 1; i++) {
        polynomial product = {0}, next = {0};
        double d = (double)i;
        made = multiply(a, &now, &product);
        for (size_t j = 0; made == 1 && j <= product.degree; j++)
            product.coefficient[j] = mx_dd_mul_d(product.coefficient[j], op == MX_OP_CHEBYSHEV ? 2.0 : 2.0 * d + 1.0);
        if (made == 1)
            made = combine(&product, op == MX_OP_CHEBYSHEV ? -1.0 : -d, &before, &next);
        for (size_t j = 0; made == 1 && op == MX_OP_LEGENDRE && j <= next.degree; j++)
            next.coefficient[j] = mx_dd_div(next.coefficient[j], mx_dd_make(d + 1.0));
        mx_free(product.coefficient);
        mx_free(before.coefficient);
        before = now;
        now = next;
    }
    mx_free(before.coefficient);
    mx_free(one.coefficient);
    if (made == 1)
        *out = now;
    else
        mx_free(now.coefficient);
    return made;
}

/* a, b: of the operands that are nodes. */
static int of_node(const mx_node *node, const polynomial *a, const polynomial *b, polynomial *out)
{
    const polynomial none = {0, (mx_dd[1]){{0.0, 0.0}}};
    int made;
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT:
        made = isfinite(node->value.hi) ? room(out, 0) : 0;
        if (made == 1)
            out->coefficient[0] = node->value;
        return made;
    case MX_OP_VARIABLE:
        made = room(out, 1);
        if (made == 1)
            out->coefficient[1] = mx_dd_make(1.0);
        return made;
    case MX_OP_ADD: return combine(a, 1.0, b, out);
    case MX_OP_SUBTRACT: return combine(a, -1.0, b, out);
    case MX_OP_NEGATE: return combine(&none, -1.0, a, out);
    case MX_OP_MULTIPLY: return multiply(a, b, out);
    case MX_OP_DIVIDE:
        if (b->degree > 0 || b->coefficient[0].hi == 0)
            return 0;
        made = combine(a, 0.0, &none, out);
        for (size_t i = 0; made == 1 && i <= out->degree; i++)
            out->coefficient[i] = mx_dd_div(out->coefficient[i], b->coefficient[0]);
        return made;
    case MX_OP_WHOLE_POWER: return power(a, node->value.hi, out);
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return recurrence((mx_op)node->op, a, (size_t)node->value.hi, out);
    default: return 0;
    }
}

static int may_be(const mx_node *node)
{
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT:
    case MX_OP_VARIABLE:
    case MX_OP_ADD:
    case MX_OP_SUBTRACT:
    case MX_OP_MULTIPLY:
    case MX_OP_DIVIDE:
    case MX_OP_NEGATE: return 1;
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return node->value.hi <= RECURRENCE_DEGREE;
    case MX_OP_WHOLE_POWER: return node->value.hi >= 0 && node->value.hi <= DEGREE;
    default: return 0;
    }
}

/* The nodes that root needs, ascending, so that operands come first: their number, or 0 when there are too many or one is no
 * polynomial. */
static size_t gather(const mx_graph *graph, uint32_t root, uint32_t *list)
{
    size_t count = 1;
    list[0] = root;
    for (size_t i = 0; i < count; i++) {
        const mx_node *node = &graph->node[list[i]];
        uint32_t operand[2] = {node->a, node->b};
        if (!may_be(node))
            return 0;
        for (int j = 0; j < mx_operands(node); j++) {
            size_t at = 0;
            while (at < count && list[at] != operand[j])
                at++;
            if (at == count && count == NODES)
                return 0;
            if (at == count)
                list[count++] = operand[j];
        }
    }
    for (size_t i = 1; i < count; i++) { /* by insertion: they are few */
        uint32_t node = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1] > node; at--)
            list[at] = list[at - 1];
        list[at] = node;
    }
    return count;
}

static const polynomial *find(const uint32_t *list, const polynomial *of, size_t count, uint32_t node)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (list[middle] <= node)
            low = middle;
        else
            high = middle;
    }
    return &of[low];
}

/* The coefficients as doubles, without zeros at the top. */
static int give(const polynomial *p, double **coefficient, size_t *degree)
{
    size_t top = p->degree;
    for (size_t i = 0; i <= top; i++)
        if (!isfinite(p->coefficient[i].hi))
            return 0;
    while (top > 0 && p->coefficient[top].hi == 0)
        top--;
    double *out = mx_alloc(top + 1, sizeof *out);
    if (out == NULL)
        return -1;
    for (size_t i = 0; i <= top; i++)
        out[i] = p->coefficient[i].hi;
    *coefficient = out;
    *degree = top;
    return 1;
}

int mx_field_polynomial(const maxent_problem *problem, size_t i, double **coefficient, size_t *degree)
{
    const mx_graph *graph = &problem->field->graph;
    uint32_t list[NODES];
    polynomial of[NODES];
    if (problem->support.variables != 1 || (i == problem->k && problem->field->bar != NULL))
        return 0;
    size_t count = gather(graph, problem->field->root[i], list), made = 0;
    int result = count > 0;
    for (; result == 1 && made < count; made++) {
        const mx_node *node = &graph->node[list[made]];
        const polynomial *a = mx_operands(node) > 0 ? find(list, of, made, node->a) : NULL;
        const polynomial *b = mx_operands(node) > 1 ? find(list, of, made, node->b) : NULL;
        of[made] = (polynomial){0, NULL};
        result = of_node(node, a, b, &of[made]);
    }
    if (result == 1)
        result = give(&of[count - 1], coefficient, degree);
    while (made-- > 0)
        mx_free(of[made].coefficient);
    return result;
}
