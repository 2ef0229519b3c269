/* Double-double for processors with AVX2 and FMA. The code is in evaluate_dd_generic.h. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#include "facts/evaluate_dd_generic.h"

int mx_run_dd_avx2(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user)
{
    return run_dd(program, points, first, count, emit, user);
}
#endif
