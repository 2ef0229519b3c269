/* Running a program in double-double: exactly the user's expression, to about 30 digits. Compiled for every processor and for those with
 * FMA: the same bits, up to three times as fast.
 *
 * Numbers in the text and values of variables are the doubles that they are; + - * / ^ abs min max sqrt exp log log2 log10 sin
 * cos tan atan tanh and the polynomials are computed in double-double, erf and lgamma in double. Jumps (comparisons, and or not,
 * sign, floor, ceil) are those of the plain doubles, which run along: a feature must jump in the same state however it is
 * computed. Only what depends on a REAL variable jumps where the double-double does: its points may be as near to a jump as they like.
 */
#ifndef MX_EVALUATE_DD_GENERIC_H
#define MX_EVALUATE_DD_GENERIC_H

#include "base/dd_functions.h"
#include "base/dd_loops.h"
#include "base/memory.h"
#include "facts/program.h"

#include <math.h>
#include <string.h>

enum { STACK = 3 * 2048, SHORTEST = 16, HEAP_BLOCK = 64 };

/* ---- chains, see chain.h ---- */

static inline mx_dd legendre_next(uint32_t degree, mx_dd x, mx_dd now, mx_dd before)
{
    double d = (double)degree;
    mx_dd sum = mx_dd_sub(mx_dd_mul(mx_dd_mul_d(x, 2.0 * d + 1.0), now), mx_dd_mul_d(before, d));
    return mx_dd_div(sum, mx_dd_make(d + 1.0));
}

/* One degree more; state: now_hi, now_lo, before_hi, before_lo. */
static void advance_dd(mx_op op, uint32_t degree, size_t count, const double *restrict x_hi, const double *restrict x_lo,
                       double *restrict now_hi, double *restrict now_lo, double *restrict before_hi, double *restrict before_lo)
{
#define ADVANCE(NEXT)                                                                                                        \
    for (size_t j = 0; j < count; j++) {                                                                                     \
        mx_dd x = {x_hi[j], x_lo[j]}, now = {now_hi[j], now_lo[j]}, before = {before_hi[j], before_lo[j]};                   \
        mx_dd next = (NEXT);                                                                                                 \
        (void)before;                                                                                                        \
        before_hi[j] = now.hi;                                                                                               \
        before_lo[j] = now.lo;                                                                                               \
        now_hi[j] = next.hi;                                                                                                 \
        now_lo[j] = next.lo;                                                                                                 \
    }
    if (op == MX_OP_CHEBYSHEV)
        ADVANCE(mx_dd_sub(mx_dd_mul((mx_dd){2.0 * x.hi, 2.0 * x.lo}, now), before))
    else if (op == MX_OP_LEGENDRE)
        ADVANCE(legendre_next(degree, x, now, before))
    else
        ADVANCE(mx_dd_mul(now, x))
#undef ADVANCE
}

static void chain_dd(const mx_step *step, size_t count, const double *x_hi, const double *x_lo, double *now_hi, double *now_lo,
                     double *before_hi, double *before_lo, double *out_hi, double *out_lo)
{
    uint32_t from = step->from, degree = (uint32_t)step->x.hi;
    if (from == 0) {
        memcpy(now_hi, x_hi, count * sizeof *now_hi);
        memcpy(now_lo, x_lo, count * sizeof *now_lo);
        for (size_t j = 0; j < count; j++) {
            before_hi[j] = 1.0;
            before_lo[j] = 0.0;
        }
        from = 1;
    }
    if (step->op == MX_OP_WHOLE_POWER && degree - from > 2) {
        for (size_t j = 0; j < count; j++) {
            mx_dd power = mx_dd_power((mx_dd){x_hi[j], x_lo[j]}, (long)(degree - from));
            mx_dd now = mx_dd_mul((mx_dd){now_hi[j], now_lo[j]}, power);
            now_hi[j] = now.hi;
            now_lo[j] = now.lo;
        }
    } else {
        for (; from < degree; from++)
            advance_dd((mx_op)step->op, from, count, x_hi, x_lo, now_hi, now_lo, before_hi, before_lo);
    }
    memcpy(out_hi, now_hi, count * sizeof *out_hi);
    for (size_t j = 0; j < count; j++)
        out_lo[j] = isfinite(now_hi[j]) ? now_lo[j] : 0.0;
}

static mx_dd chain_value(mx_op op, uint32_t degree, mx_dd x)
{
    mx_step step = {.op = (uint8_t)op, .x = {(double)degree, 0.0}};
    mx_dd now, before, out;
    if (degree == 0)
        return mx_dd_make(1.0);
    chain_dd(&step, 1, &x.hi, &x.lo, &now.hi, &now.lo, &before.hi, &before.lo, &out.hi, &out.lo);
    return out;
}

/* ---- one value ---- */

static mx_dd minimum(mx_dd a, mx_dd b)
{
    int order = mx_dd_compare(a, b);
    return order == 2 ? mx_dd_make(NAN) : order <= 0 ? a : b;
}

static mx_dd maximum(mx_dd a, mx_dd b)
{
    int order = mx_dd_compare(a, b);
    return order == 2 ? mx_dd_make(NAN) : order >= 0 ? a : b;
}

static mx_dd log_sum(mx_dd a, mx_dd b)
{
    mx_dd high = maximum(a, b), low = minimum(a, b);
    if (isnan(high.hi) || isinf(high.hi))
        return high;
    return mx_dd_add(high, dd_log(mx_dd_add_d(dd_exp(mx_dd_sub(low, high)), 1.0)));
}

static mx_dd op_dd(mx_op op, mx_dd a, mx_dd b)
{
    switch (op) {
    case MX_OP_ADD: return mx_dd_add(a, b);
    case MX_OP_SUBTRACT: return mx_dd_sub(a, b);
    case MX_OP_MULTIPLY: return mx_dd_mul(a, b);
    case MX_OP_DIVIDE: return mx_dd_div(a, b);
    case MX_OP_POWER: return dd_pow(a, b);
    case MX_OP_WHOLE_POWER: return mx_dd_power(a, (long)b.hi);
    case MX_OP_MIN: return minimum(a, b);
    case MX_OP_MAX: return maximum(a, b);
    case MX_OP_NEGATE: return mx_dd_neg(a);
    case MX_OP_ABS: return mx_dd_abs(a);
    case MX_OP_SQRT: return mx_dd_sqrt(a);
    case MX_OP_EXP: return dd_exp(a);
    case MX_OP_LOG: return dd_log(a);
    case MX_OP_LOG2: return mx_dd_div(dd_log(a), mx_dd_ln2);
    case MX_OP_LOG10: return mx_dd_div(dd_log(a), mx_dd_ln10);
    case MX_OP_SIN: return dd_sin(a);
    case MX_OP_COS: return dd_cos(a);
    case MX_OP_TAN: return dd_tan(a);
    case MX_OP_ASIN: return dd_asin(a);
    case MX_OP_ACOS: return dd_acos(a);
    case MX_OP_ATAN: return dd_atan(a);
    case MX_OP_SINH: return dd_sinh(a);
    case MX_OP_COSH: return dd_cosh(a);
    case MX_OP_LOG_SUM: return log_sum(a, b);
    case MX_OP_TANH: return dd_tanh(a);
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return chain_value(op, (uint32_t)b.hi, a);
    default: return mx_dd_make(mx_op_double(op, a.hi, b.hi));
    }
}

/* ---- a block ---- */

/* A jump of what depends on a REAL variable: of the double-double, so that x < 3 holds at 3 - 1e-40. */
static mx_dd jump_dd(mx_op op, mx_dd a, mx_dd b)
{
    int order = op <= MX_OP_OR ? mx_dd_compare(a, b) : 0;
    switch (op) {
    case MX_OP_LESS: return mx_dd_make(order == 2 ? (double)NAN : order < 0);
    case MX_OP_AT_MOST: return mx_dd_make(order == 2 ? (double)NAN : order <= 0);
    case MX_OP_EQUAL: return mx_dd_make(order == 2 ? (double)NAN : order == 0);
    case MX_OP_UNEQUAL: return mx_dd_make(order == 2 ? (double)NAN : order != 0);
    case MX_OP_FLOOR: return mx_dd_floor(a);
    case MX_OP_CEIL: return mx_dd_neg(mx_dd_floor(mx_dd_neg(a)));
    default: return mx_dd_make(mx_op_double(op, a.hi, b.hi));
    }
}

/* The sines or cosines of what depends on no REAL variable. Multiples of pi/2 are rounded as all numbers are: what is no further from 0
 * than by that is 0, or sin(pi n)^2 = 0 would rule out each n but 0. */
static void wave_dd(int sine, size_t count, const double *a_hi, const double *a_lo, double *out_hi, double *out_lo)
{
    enum { PART = 64 };
    const mx_dd_loops *loops = mx_dd_loops_get();
    for (size_t from = 0; from < count; from += PART) {
        double size[PART]; /* the result may take the place of the argument */
        size_t n = count - from < PART ? count - from : PART;
        for (size_t j = 0; j < n; j++)
            size[j] = fabs(a_hi[from + j]);
        (sine ? loops->sin : loops->cos)(n, a_hi + from, a_lo + from, out_hi + from, out_lo + from);
        for (size_t j = 0; j < n; j++)
            if (size[j] > 1 && fabs(out_hi[from + j]) <= 0x1p-100 * size[j])
                out_hi[from + j] = out_lo[from + j] = 0;
    }
}

/* One operation on a block: loops of their own for the common ones, so that the compiler can use its vectors. */
static void operate(const mx_step *step, int jump, int real, size_t count, double *hi, double *lo, size_t pitch)
{
    int two = step->op <= MX_OP_OR, a_constant = step->a_constant, b_constant = !two || step->b_constant;
    const mx_dd x = step->x, y = two ? step->y : step->x;
    const double *a_hi = hi + step->a * pitch, *a_lo = lo + step->a * pitch;
    const double *b_hi = hi + (b_constant ? 0 : step->b * pitch), *b_lo = lo + (b_constant ? 0 : step->b * pitch);
    double *out_hi = hi + step->out * pitch, *out_lo = lo + step->out * pitch;
#define LOOP(VALUE)                                                                                                          \
    for (size_t j = 0; j < count; j++) {                                                                                     \
        mx_dd a = {a_constant ? x.hi : a_hi[j], a_constant ? x.lo : a_lo[j]};                                                \
        mx_dd b = {b_constant ? y.hi : b_hi[j], b_constant ? y.lo : b_lo[j]};                                                \
        mx_dd value = (VALUE);                                                                                               \
        (void)b;                                                                                                             \
        out_hi[j] = value.hi;                                                                                                \
        out_lo[j] = isfinite(value.hi) ? value.lo : 0.0;                                                                     \
    }
    const mx_dd_loops *loops = mx_dd_loops_get();
    if (!a_constant && !real && (step->op == MX_OP_SIN || step->op == MX_OP_COS)) {
        wave_dd(step->op == MX_OP_SIN, count, a_hi, a_lo, out_hi, out_lo);
        return;
    }
    if (!a_constant && (step->op == MX_OP_EXP || step->op == MX_OP_LOG || step->op == MX_OP_SIN || step->op == MX_OP_COS)) {
        (step->op == MX_OP_EXP ? loops->exp : step->op == MX_OP_LOG ? loops->log : step->op == MX_OP_SIN ? loops->sin : loops->cos)(
            count, a_hi, a_lo, out_hi, out_lo);
        return;
    }
    switch ((mx_op)step->op) {
    case MX_OP_ADD: LOOP(mx_dd_add(a, b)) break;
    case MX_OP_SUBTRACT: LOOP(mx_dd_sub(a, b)) break;
    case MX_OP_MULTIPLY: LOOP(mx_dd_mul(a, b)) break;
    case MX_OP_DIVIDE: LOOP(mx_dd_div(a, b)) break;
    default: LOOP(jump ? jump_dd((mx_op)step->op, a, b) : op_dd((mx_op)step->op, a, b)) break;
    }
#undef LOOP
}

static void variable_dd(const mx_step *step, const mx_points *points, size_t first, size_t count, double *hi, double *lo)
{
    const double *value = points->value[step->a] + first, *low = points->low == NULL ? NULL : points->low[step->a];
    for (size_t j = 0; j < count; j++) {
        mx_dd x = low == NULL ? mx_dd_make(value[j]) : mx_two_sum(value[j], low[first + j]);
        hi[j] = x.hi;
        lo[j] = x.lo;
    }
}

/* plain, hi and lo lie one after the other, `slots * pitch` apart. */
static void step_dd(const mx_program *program, const mx_step *step, const mx_points *points, size_t first, size_t count,
                    double *plain, double *hi, double *lo, size_t pitch)
{
    size_t out = step->out * pitch, in = step->a * pitch, now = step->state * pitch, before = now + pitch;
    int real = (step->on & MX_ON_REAL) != 0, jump = mx_op_jumps(step->op) || step->op == MX_OP_VARIABLE;
    if (!real) /* plain values of what depends on a REAL variable are never read */
        mx_step_run(program, step, points, first, count, plain, pitch);
    if (step->op == MX_OP_VARIABLE && points != NULL) {
        variable_dd(step, points, first, count, hi + out, lo + out);
    } else if (step->chain) {
        chain_dd(step, count, hi + in, lo + in, hi + now, lo + now, hi + before, lo + before, hi + out, lo + out);
    } else if (!real && (step->exact || jump)) {
        for (size_t j = 0; j < count; j++) {
            hi[out + j] = plain[out + j];
            lo[out + j] = 0.0;
        }
    } else if (step->op == MX_OP_CONSTANT) {
        for (size_t j = 0; j < count; j++) {
            hi[out + j] = step->x.hi;
            lo[out + j] = step->x.lo;
        }
    } else {
        operate(step, jump, real, count, hi, lo, pitch);
    }
}

static int run_dd(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user)
{
    double stack[STACK], *plain = stack, *heap = NULL;
    size_t slots = program->slots > 0 ? program->slots : 1, pitch = STACK / 3 / slots / 8 * 8;
    if (pitch > (points != NULL ? MX_POINT_BLOCK : 256))
        pitch = points != NULL ? MX_POINT_BLOCK : 256;
    if (pitch < SHORTEST) {
        pitch = HEAP_BLOCK;
        plain = heap = mx_alloc(slots, 3 * HEAP_BLOCK * sizeof *heap);
        if (heap == NULL)
            return -1;
    }
    double *hi = plain + slots * pitch, *lo = hi + slots * pitch;
    int stop = 0;
    for (size_t done = 0; done < count && stop == 0; done += pitch) {
        size_t m = count - done < pitch ? count - done : pitch;
        for (size_t s = 0; s < program->steps && stop == 0; s++) {
            const mx_step *step = &program->step[s];
            step_dd(program, step, points, first + done, m, plain, hi, lo, pitch);
            for (uint32_t c = step->first_column; c < step->end_column && stop == 0; c++)
                stop = emit(user, program->column[c], first + done, m, hi + step->out * pitch, lo + step->out * pitch);
        }
    }
    mx_free(heap);
    return stop;
}

#endif
