/* See chain.h. The loops run over values of x inside and degrees outside, so that the compiler can use its
 * vectors. In double-double: evaluate_dd_generic.h. */
#include "facts/chain.h"

#include <math.h>
#include <string.h>

/* ---- doubles ---- */

static double power(double x, uint32_t n)
{
    double result = 1.0;
    for (; n != 0; n >>= 1) {
        if (n & 1)
            result *= x;
        x *= x;
    }
    return result;
}

static void advance(mx_op op, uint32_t degree, size_t count, const double *restrict x, double *restrict now,
                    double *restrict before)
{
    double d = (double)degree, a = (2.0 * d + 1.0) / (d + 1.0), b = d / (d + 1.0);
    if (op == MX_OP_CHEBYSHEV) {
        for (size_t j = 0; j < count; j++) {
            double next = 2.0 * x[j] * now[j] - before[j];
            before[j] = now[j];
            now[j] = next;
        }
    } else {
        for (size_t j = 0; j < count; j++) {
            double next = a * x[j] * now[j] - b * before[j];
            before[j] = now[j];
            now[j] = next;
        }
    }
}

void mx_chain_run(const mx_step *step, size_t count, const double *x, double *now, double *before, double *out)
{
    uint32_t from = step->from, degree = (uint32_t)step->x.hi;
    if (from == 0) {
        memcpy(now, x, count * sizeof *now);
        for (size_t j = 0; j < count; j++)
            before[j] = 1.0;
        from = 1;
    }
    if (step->op == MX_OP_WHOLE_POWER) {
        uint32_t gap = degree - from;
        for (size_t j = 0; j < count; j++)
            now[j] *= gap == 1 ? x[j] : power(x[j], gap);
    } else {
        for (; from < degree; from++)
            advance((mx_op)step->op, from, count, x, now, before);
    }
    memcpy(out, now, count * sizeof *out);
}
