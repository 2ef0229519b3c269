/* Double-double for any processor. The code is in evaluate_dd_generic.h. */
#include "facts/evaluate_dd_generic.h"

int mx_run_dd_portable(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user)
{
    return run_dd(program, points, first, count, emit, user);
}

mx_dd mx_op_dd(mx_op op, mx_dd a, mx_dd b)
{
    return op_dd(op, a, b);
}
