/* Running a program in double-double: exactly the user's expression, to about 30 digits.
 *
 * Numbers in the text and values of variables are the doubles that they are; + - * / ^ abs min max sqrt exp log log2 log10 sin
 * cos tan atan tanh and the polynomials are computed in double-double, erf and lgamma in double. Jumps (comparisons, and or not,
 * sign, floor, ceil) are those of the plain doubles, which run along: a feature must jump in the same state however it is
 * computed. Only what depends on a REAL variable jumps where the double-double does: its points may be as near to a jump as they like.
 */
#include "facts/chain.h"
#include "facts/program.h"

#include "base/memory.h"

#include <math.h>

enum { STACK = 3 * 2048, SHORTEST = 16, HEAP_BLOCK = 64 };

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
    return mx_dd_add(high, mx_dd_log(mx_dd_add_d(mx_dd_exp(mx_dd_sub(low, high)), 1.0)));
}

mx_dd mx_op_dd(mx_op op, mx_dd a, mx_dd b)
{
    switch (op) {
    case MX_OP_ADD: return mx_dd_add(a, b);
    case MX_OP_SUBTRACT: return mx_dd_sub(a, b);
    case MX_OP_MULTIPLY: return mx_dd_mul(a, b);
    case MX_OP_DIVIDE: return mx_dd_div(a, b);
    case MX_OP_POWER: return mx_dd_pow(a, b);
    case MX_OP_WHOLE_POWER: return mx_dd_power(a, (long)b.hi);
    case MX_OP_MIN: return minimum(a, b);
    case MX_OP_MAX: return maximum(a, b);
    case MX_OP_NEGATE: return mx_dd_neg(a);
    case MX_OP_ABS: return mx_dd_abs(a);
    case MX_OP_SQRT: return mx_dd_sqrt(a);
    case MX_OP_EXP: return mx_dd_exp(a);
    case MX_OP_LOG: return mx_dd_log(a);
    case MX_OP_LOG2: return mx_dd_div(mx_dd_log(a), mx_dd_ln2);
    case MX_OP_LOG10: return mx_dd_div(mx_dd_log(a), mx_dd_ln10);
    case MX_OP_SIN: return mx_dd_sin(a);
    case MX_OP_COS: return mx_dd_cos(a);
    case MX_OP_TAN: return mx_dd_tan(a);
    case MX_OP_ASIN: return mx_dd_asin(a);
    case MX_OP_ACOS: return mx_dd_acos(a);
    case MX_OP_ATAN: return mx_dd_atan(a);
    case MX_OP_SINH: return mx_dd_sinh(a);
    case MX_OP_COSH: return mx_dd_cosh(a);
    case MX_OP_LOG_SUM: return log_sum(a, b);
    case MX_OP_TANH: return mx_dd_tanh(a);
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return mx_chain_value_dd(op, (uint32_t)b.hi, a);
    default: return mx_dd_make(mx_op_double(op, a.hi, b.hi));
    }
}

/* ---- a block ---- */

static int jumps(int op)
{
    switch ((mx_op)op) {
    case MX_OP_LESS:
    case MX_OP_AT_MOST:
    case MX_OP_EQUAL:
    case MX_OP_UNEQUAL:
    case MX_OP_AND:
    case MX_OP_OR:
    case MX_OP_NOT:
    case MX_OP_SIGN:
    case MX_OP_FLOOR:
    case MX_OP_CEIL: return 1;
    default: return op < MX_OP_ADD && op != MX_OP_CONSTANT;
    }
}

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
    int real = (step->on & MX_ON_REAL) != 0, jump = jumps(step->op);
    mx_step_run(program, step, points, first, count, plain, pitch);
    if (step->op == MX_OP_VARIABLE && points != NULL) {
        variable_dd(step, points, first, count, hi + out, lo + out);
    } else if (step->chain) {
        mx_chain_run_dd(step, count, hi + in, lo + in, hi + now, lo + now, hi + before, lo + before, hi + out, lo + out);
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
        int two = step->op <= MX_OP_OR;
        for (size_t j = 0; j < count; j++) {
            mx_dd a = step->a_constant ? step->x : (mx_dd){hi[in + j], lo[in + j]};
            mx_dd b = !two ? step->x : step->b_constant ? step->y : (mx_dd){hi[step->b * pitch + j], lo[step->b * pitch + j]};
            mx_dd value = jump ? jump_dd((mx_op)step->op, a, b) : mx_op_dd((mx_op)step->op, a, b);
            hi[out + j] = value.hi;
            lo[out + j] = isfinite(value.hi) ? value.lo : 0.0;
        }
    }
}

int mx_program_run_dd(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user)
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

typedef struct rows {
    const mx_program *program;
    size_t first;
    double *hi, *lo;
} rows;

static int to_rows(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    const rows *r = user;
    size_t k = r->program->k, at = (first - r->first) * k + column;
    const maxent_problem *problem = r->program->problem;
    int masked = problem != NULL && problem->masked;
    for (size_t j = 0; j < count; j++, at += k) {
        int zero = masked && !isfinite(hi[j]) && problem->q[first + j] == 0;
        r->hi[at] = zero ? 0.0 : hi[j];
        r->lo[at] = zero ? 0.0 : lo[j];
    }
    return 0;
}

int mx_program_fill_dd(void *program, size_t first, size_t count, double *hi, double *lo)
{
    rows r = {program, first, hi, lo};
    return mx_program_run_dd(program, NULL, first, count, to_rows, &r);
}
