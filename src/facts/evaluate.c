/* Running a program in doubles, a block of states at a time: each step is one loop over the block, in cache.
 *
 * The block is as long as the program's slots let it be within a small array on the stack, so that no call allocates for programs
 * of ordinary size, and any number of threads may run one program.
 */
#define _DEFAULT_SOURCE 1 /* lgamma_r: lgamma itself writes a global variable */

#include "facts/chain.h"
#include "facts/program.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { STACK = 8192, SHORTEST = 64, HEAP_BLOCK = 256 }; /* doubles: 64 KB on the stack */

/* ---- one value ---- */

static double log_gamma(double x)
{
    int sign;
    return x <= 0 && x == floor(x) ? INFINITY : lgamma_r(x, &sign);
}

#define MIN_OF(x, y) ((x) < (y) ? (x) : (y) <= (x) ? (y) : (double)NAN)
#define MAX_OF(x, y) ((x) > (y) ? (x) : (y) >= (x) ? (y) : (double)NAN)
#define LESS_OF(x, y) ((x) < (y) ? 1.0 : (x) >= (y) ? 0.0 : (double)NAN)
#define AT_MOST_OF(x, y) ((x) <= (y) ? 1.0 : (x) > (y) ? 0.0 : (double)NAN)
#define EQUAL_OF(x, y) ((x) == (y) ? 1.0 : (x) < (y) || (x) > (y) ? 0.0 : (double)NAN)
#define UNEQUAL_OF(x, y) ((x) == (y) ? 0.0 : (x) < (y) || (x) > (y) ? 1.0 : (double)NAN)
#define AND_OF(x, y) ((x) == 0 || (y) == 0 ? 0.0 : (x) != (x) || (y) != (y) ? (double)NAN : 1.0)
#define OR_OF(x, y) (((x) != 0 && (x) == (x)) || ((y) != 0 && (y) == (y)) ? 1.0 : (x) == 0 && (y) == 0 ? 0.0 : (double)NAN)
#define NOT_OF(x) ((x) == 0 ? 1.0 : (x) != (x) ? (double)NAN : 0.0)
#define SIGN_OF(x) ((x) > 0 ? 1.0 : (x) < 0 ? -1.0 : (x))

static double log_sum(double x, double y)
{
    double high = x > y ? x : y, low = x > y ? y : x;
    return isnan(x) || isnan(y) ? (double)NAN : isinf(high) ? high : high + log1p(exp(low - high));
}

/* The jumps, and the functions; the rest has loops of its own in mx_step_run. */
double mx_op_double(mx_op op, double x, double y)
{
    switch (op) {
    case MX_OP_LESS: return LESS_OF(x, y);
    case MX_OP_AT_MOST: return AT_MOST_OF(x, y);
    case MX_OP_EQUAL: return EQUAL_OF(x, y);
    case MX_OP_UNEQUAL: return UNEQUAL_OF(x, y);
    case MX_OP_AND: return AND_OF(x, y);
    case MX_OP_OR: return OR_OF(x, y);
    case MX_OP_NOT: return NOT_OF(x);
    case MX_OP_SIGN: return SIGN_OF(x);
    case MX_OP_FLOOR: return floor(x);
    case MX_OP_CEIL: return ceil(x);
    case MX_OP_EXP: return exp(x);
    case MX_OP_LOG: return log(x);
    case MX_OP_LOG2: return log2(x);
    case MX_OP_LOG10: return log10(x);
    case MX_OP_SIN: return sin(x);
    case MX_OP_COS: return cos(x);
    case MX_OP_TAN: return tan(x);
    case MX_OP_ASIN: return asin(x);
    case MX_OP_ACOS: return acos(x);
    case MX_OP_ATAN: return atan(x);
    case MX_OP_SINH: return sinh(x);
    case MX_OP_COSH: return cosh(x);
    case MX_OP_TANH: return tanh(x);
    case MX_OP_ERF: return erf(x);
    case MX_OP_LGAMMA: return log_gamma(x);
    default: return NAN;
    }
}

/* ---- one step over a block ---- */

static void variable_step(const mx_program *program, const mx_step *step, const mx_points *points, size_t first, size_t count,
                          double *out)
{
    if (points != NULL)
        memcpy(out, points->value[step->a] + first, count * sizeof *out);
    else
        mx_support_column(program->support, step->a, first, count, out);
    if (step->op == MX_OP_LEVEL) {
        double level = step->b;
        for (size_t j = 0; j < count; j++)
            out[j] = out[j] == level ? 1.0 : 0.0;
    } else if (step->op == MX_OP_SAME) {
        const uint32_t *map = program->map[(size_t)step->x.hi];
        for (size_t j = 0; j < count; j++) {
            size_t other = points != NULL ? (size_t)points->value[step->b][first + j]
                                          : mx_support_level(program->support, step->b, first + j);
            out[j] = map[(size_t)out[j]] == other ? 1.0 : 0.0;
        }
    }
}

/* The operands are slots or constants; one loop for each case, so that the compiler can use its vectors. */
#define BINARY(EXPRESSION)                                                                                                   \
    do {                                                                                                                     \
        if (step->b_constant) {                                                                                              \
            const double y = step->y.hi;                                                                                     \
            for (size_t j = 0; j < count; j++) {                                                                             \
                const double x = a[j];                                                                                       \
                out[j] = (EXPRESSION);                                                                                       \
            }                                                                                                                \
        } else if (step->a_constant) {                                                                                       \
            const double x = step->x.hi;                                                                                     \
            for (size_t j = 0; j < count; j++) {                                                                             \
                const double y = b[j];                                                                                       \
                out[j] = (EXPRESSION);                                                                                       \
            }                                                                                                                \
        } else {                                                                                                             \
            for (size_t j = 0; j < count; j++) {                                                                             \
                const double x = a[j], y = b[j];                                                                             \
                out[j] = (EXPRESSION);                                                                                       \
            }                                                                                                                \
        }                                                                                                                    \
    } while (0)

#define UNARY(EXPRESSION)                                                                                                    \
    do {                                                                                                                     \
        for (size_t j = 0; j < count; j++) {                                                                                 \
            const double x = a[j];                                                                                           \
            out[j] = (EXPRESSION);                                                                                           \
        }                                                                                                                    \
    } while (0)

void mx_step_run(const mx_program *program, const mx_step *step, const mx_points *points, size_t first, size_t count, double *base,
                 size_t pitch)
{
    double *out = base + step->out * pitch;
    if (step->op < MX_OP_ADD) {
        if (step->op == MX_OP_CONSTANT)
            for (size_t j = 0; j < count; j++)
                out[j] = step->x.hi;
        else
            variable_step(program, step, points, first, count, out);
        return;
    }
    const double *a = base + step->a * pitch, *b = base + step->b * pitch;
    if (step->chain) {
        mx_chain_run(step, count, a, base + step->state * pitch, base + (step->state + 1) * pitch, out);
        return;
    }
    switch ((mx_op)step->op) {
    case MX_OP_ADD: BINARY(x + y); break;
    case MX_OP_SUBTRACT: BINARY(x - y); break;
    case MX_OP_MULTIPLY: BINARY(x * y); break;
    case MX_OP_DIVIDE: BINARY(x / y); break;
    case MX_OP_MIN: BINARY(MIN_OF(x, y)); break;
    case MX_OP_MAX: BINARY(MAX_OF(x, y)); break;
    case MX_OP_LESS: BINARY(LESS_OF(x, y)); break;
    case MX_OP_AT_MOST: BINARY(AT_MOST_OF(x, y)); break;
    case MX_OP_EQUAL: BINARY(EQUAL_OF(x, y)); break;
    case MX_OP_UNEQUAL: BINARY(UNEQUAL_OF(x, y)); break;
    case MX_OP_AND: BINARY(AND_OF(x, y)); break;
    case MX_OP_OR: BINARY(OR_OF(x, y)); break;
    case MX_OP_POWER: BINARY(pow(x, y)); break;
    case MX_OP_LOG_SUM: BINARY(log_sum(x, y)); break;
    case MX_OP_NEGATE: UNARY(-x); break;
    case MX_OP_NOT: UNARY(NOT_OF(x)); break;
    case MX_OP_ABS: UNARY(fabs(x)); break;
    case MX_OP_SIGN: UNARY(SIGN_OF(x)); break;
    case MX_OP_SQRT: UNARY(sqrt(x)); break;
    case MX_OP_WHOLE_POWER: {
        const double n = step->x.hi;
        if (n == 2)
            UNARY(x * x);
        else
            UNARY(pow(x, n));
        break;
    }
    default: UNARY(mx_op_double((mx_op)step->op, x, step->x.hi)); break;
    }
}

/* ---- a whole program ---- */

int mx_program_run(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit emit, void *user)
{
    double stack[STACK], *base = stack, *heap = NULL;
    size_t slots = program->slots > 0 ? program->slots : 1, pitch = STACK / slots / 8 * 8;
    if (pitch > (points != NULL ? MX_POINT_BLOCK : 1024))
        pitch = points != NULL ? MX_POINT_BLOCK : 1024;
    if (pitch < SHORTEST) {
        pitch = points != NULL ? MX_POINT_BLOCK : HEAP_BLOCK;
        base = heap = mx_alloc(slots, HEAP_BLOCK * sizeof *heap);
        if (heap == NULL)
            return -1;
    }
    int stop = 0;
    for (size_t done = 0; done < count && stop == 0; done += pitch) {
        size_t m = count - done < pitch ? count - done : pitch;
        for (size_t s = 0; s < program->steps && stop == 0; s++) {
            const mx_step *step = &program->step[s];
            mx_step_run(program, step, points, first + done, m, base, pitch);
            for (uint32_t c = step->first_column; c < step->end_column && stop == 0; c++)
                stop = emit(user, program->column[c], first + done, m, base + step->out * pitch);
        }
    }
    mx_free(heap);
    return stop;
}

typedef struct rows {
    const mx_program *program;
    size_t first;
    double *out;
} rows;

static int to_rows(void *user, size_t column, size_t first, size_t count, const double *value)
{
    const rows *r = user;
    size_t k = r->program->k;
    double *out = r->out + (first - r->first) * k + column;
    const maxent_problem *problem = r->program->problem;
    if (problem != NULL && problem->masked) {
        for (size_t j = 0; j < count; j++)
            out[j * k] = !isfinite(value[j]) && problem->q[first + j] == 0 ? 0.0 : value[j];
    } else {
        for (size_t j = 0; j < count; j++)
            out[j * k] = value[j];
    }
    return 0;
}

int mx_program_fill(void *program, size_t first, size_t count, double *out)
{
    rows r = {program, first, out};
    return mx_program_run(program, NULL, first, count, to_rows, &r);
}
