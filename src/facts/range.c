/* What is known of the values of a node on a continuous or countable support: an interval, worked out from those of its operands.
 *
 * It tells positive factors from others, so that the log of a prior is the sum of their logs, and sees that 1 + exp(-x) has no zero.
 * low > 0 says that a value is positive, however small: exp(x) is at least the smallest double. Intervals are not rounded
 * outwards: what hangs on them is where panels end, and a sign that is wrong by a last place at the end of a support does no harm.
 */
#include "facts/program.h"

#include <float.h>
#include <math.h>

#define LEAST 0x1p-1074 /* of positive doubles */

static double product(double x, double y)
{
    double z = x * y;
    return x == 0 || y == 0 ? 0.0 : z == 0 ? copysign(LEAST, z) : z; /* what underflows is not 0 */
}

static void multiply(mx_node *node, double a, double b, double c, double d)
{
    double p = product(a, c), q = product(a, d), r = product(b, c), s = product(b, d);
    node->low = fmin(fmin(p, q), fmin(r, s));
    node->high = fmax(fmax(p, q), fmax(r, s));
}

static void whole_power(mx_node *node, double low, double high, double n)
{
    int even = fmod(n, 2.0) == 0;
    if (even && low < 0) { /* |a| */
        double far = fmax(-low, high);
        low = high < 0 ? -high : 0.0;
        high = far;
    }
    if (n > 0) {
        node->low = low < 0 ? fmin(pow(low, n), -LEAST) : pow(low, n);
        node->high = high > 0 ? fmax(pow(high, n), LEAST) : pow(high, n);
    } else if (low >= 0) {
        node->low = fmax(pow(high, n), LEAST);
        node->high = INFINITY;
    }
    if (low > 0)
        node->low = fmax(node->low, LEAST);
}

static void divide(mx_node *node, const mx_node *a, const mx_node *b)
{
    if (b->low > 0)
        multiply(node, a->low, a->high, b->high == INFINITY ? 0.0 : 1 / b->high, 1 / b->low);
    else if (b->high < 0)
        multiply(node, a->low, a->high, 1 / b->high, b->low == -INFINITY ? 0.0 : 1 / b->low);
    else if (b->low == 0 && a->low >= 0)
        node->low = 0;
    if (a->low > 0 && b->low >= 0)
        node->low = fmax(node->low, LEAST);
}

/* A function that rises. */
static void rises(mx_node *node, const mx_node *a, double (*f)(double))
{
    node->low = f(a->low);
    node->high = f(a->high);
}

void mx_range_judge(const mx_support *support, mx_node *node, const mx_node *a, const mx_node *b)
{
    node->low = -INFINITY;
    node->high = INFINITY;
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT: node->low = node->high = node->value.hi; break;
    case MX_OP_VARIABLE: {
        const mx_variable *v = &support->variable[node->a];
        node->low = v->extent == MX_LISTED ? INFINITY : v->lower;
        node->high = v->extent == MX_LISTED ? -INFINITY : v->upper;
        for (size_t i = 0; i < v->levels && v->extent == MX_LISTED; i++) {
            node->low = fmin(node->low, v->number[i]);
            node->high = fmax(node->high, v->number[i]);
        }
        break;
    }
    case MX_OP_ADD:
        node->low = a->low + b->low;
        node->high = a->high + b->high;
        break;
    case MX_OP_SUBTRACT:
        node->low = a->low - b->high;
        node->high = a->high - b->low;
        break;
    case MX_OP_MULTIPLY:
        if (node->a == node->b)
            whole_power(node, a->low, a->high, 2);
        else
            multiply(node, a->low, a->high, b->low, b->high);
        if (a->low > 0 && b->low > 0)
            node->low = fmax(node->low, LEAST);
        break;
    case MX_OP_DIVIDE: divide(node, a, b); break;
    case MX_OP_POWER: node->low = a->low > 0 ? LEAST : 0.0; break; /* or undefined: whole exponents are WHOLE_POWER */
    case MX_OP_WHOLE_POWER: whole_power(node, a->low, a->high, node->value.hi); break;
    case MX_OP_MIN:
        node->low = fmin(a->low, b->low);
        node->high = fmin(a->high, b->high);
        break;
    case MX_OP_MAX:
        node->low = fmax(a->low, b->low);
        node->high = fmax(a->high, b->high);
        break;
    case MX_OP_NEGATE:
        node->low = -a->high;
        node->high = -a->low;
        break;
    case MX_OP_ABS:
        node->low = a->low > 0 ? a->low : a->high < 0 ? -a->high : 0.0;
        node->high = fmax(fabs(a->low), fabs(a->high));
        break;
    case MX_OP_FLOOR: rises(node, a, floor); break;
    case MX_OP_CEIL: rises(node, a, ceil); break;
    case MX_OP_SQRT:
        node->low = a->low > 0 ? sqrt(a->low) : 0.0;
        node->high = sqrt(fmax(a->high, 0.0));
        break;
    case MX_OP_EXP:
        node->low = fmax(exp(a->low), LEAST);
        node->high = exp(a->high);
        break;
    case MX_OP_LOG:
    case MX_OP_LOG2:
    case MX_OP_LOG10:
        node->low = a->low > 1 ? LEAST : a->low == 1 ? 0.0 : -INFINITY;
        node->high = a->high <= 1 ? 0.0 : INFINITY;
        break;
    case MX_OP_SINH: rises(node, a, sinh); break;
    case MX_OP_COSH: node->low = 1; break;
    case MX_OP_ATAN: rises(node, a, atan); break;
    case MX_OP_TANH: rises(node, a, tanh); break;
    case MX_OP_ERF: rises(node, a, erf); break;
    case MX_OP_ASIN:
        node->low = a->low >= 0 ? 0.0 : -2.0;
        node->high = 2;
        break;
    case MX_OP_ACOS:
        node->low = 0;
        node->high = 4;
        break;
    case MX_OP_SIGN:
        node->low = a->low > 0 ? 1 : a->low >= 0 ? 0 : -1;
        node->high = a->high < 0 ? -1 : a->high <= 0 ? 0 : 1;
        break;
    case MX_OP_SIN:
    case MX_OP_COS:
        node->low = -1;
        node->high = 1;
        break;
    case MX_OP_LGAMMA: node->low = a->low >= 2 ? 0.0 : -INFINITY; break;
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE:
        if (a->low >= -1 && a->high <= 1) {
            node->low = -1;
            node->high = 1;
        }
        break;
    case MX_OP_TAN:
    case MX_OP_LOG_SUM: break;
    default: /* what is 0 or 1 */
        node->low = 0;
        node->high = 1;
        break;
    }
    if (isnan(node->low))
        node->low = -INFINITY;
    if (isnan(node->high))
        node->high = INFINITY;
}
