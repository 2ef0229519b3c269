/* See chain.h. The loops run over values of x inside and degrees outside, so that the compiler can use its vectors. */
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

double mx_chain_value(mx_op op, uint32_t degree, double x)
{
    mx_step step = {.op = (uint8_t)op, .x = {(double)degree, 0.0}};
    double now, before, out;
    if (degree == 0)
        return 1.0;
    mx_chain_run(&step, 1, &x, &now, &before, &out);
    return out;
}

/* ---- double-double ---- */

static mx_dd next_dd(mx_op op, uint32_t degree, mx_dd x, mx_dd now, mx_dd before)
{
    if (op == MX_OP_CHEBYSHEV)
        return mx_dd_sub(mx_dd_mul(mx_dd_scale(x, 1), now), before);
    double d = (double)degree;
    mx_dd sum = mx_dd_sub(mx_dd_mul(mx_dd_mul_d(x, 2.0 * d + 1.0), now), mx_dd_mul_d(before, d));
    return mx_dd_div(sum, mx_dd_make(d + 1.0));
}

void mx_chain_run_dd(const mx_step *step, size_t count, const double *x_hi, const double *x_lo, double *now_hi, double *now_lo,
                     double *before_hi, double *before_lo, double *out_hi, double *out_lo)
{
    uint32_t start = step->from == 0 ? 1 : step->from, degree = (uint32_t)step->x.hi;
    for (size_t j = 0; j < count; j++) {
        mx_dd x = {x_hi[j], x_lo[j]}, now = x, before = {1.0, 0.0};
        if (step->from != 0) {
            now = (mx_dd){now_hi[j], now_lo[j]};
            before = (mx_dd){before_hi[j], before_lo[j]};
        }
        if (step->op == MX_OP_WHOLE_POWER) {
            now = mx_dd_mul(now, degree - start == 1 ? x : mx_dd_power(x, (long)(degree - start)));
        } else {
            for (uint32_t i = start; i < degree; i++) {
                mx_dd next = next_dd((mx_op)step->op, i, x, now, before);
                before = now;
                now = next;
            }
        }
        if (!isfinite(now.hi))
            now.lo = 0.0;
        out_hi[j] = now_hi[j] = now.hi;
        out_lo[j] = now_lo[j] = now.lo;
        before_hi[j] = before.hi;
        before_lo[j] = before.lo;
    }
}

mx_dd mx_chain_value_dd(mx_op op, uint32_t degree, mx_dd x)
{
    mx_step step = {.op = (uint8_t)op, .x = {(double)degree, 0.0}};
    mx_dd now, before, out;
    if (degree == 0)
        return mx_dd_make(1.0);
    mx_chain_run_dd(&step, 1, &x.hi, &x.lo, &now.hi, &now.lo, &before.hi, &before.lo, &out.hi, &out.lo);
    return out;
}
