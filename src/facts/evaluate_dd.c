/* Double-double: chooses the variant for the processor, and writes rows of features of states. See evaluate_dd_generic.h. */
#include "base/gram.h"
#include "facts/program.h"

#include <math.h>

int mx_program_run_dd(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user)
{
#if defined(MX_VARIANTS_X86)
    if (mx_variant_runs("avx2"))
        return mx_run_dd_avx2(program, points, first, count, emit, user);
#endif
    return mx_run_dd_portable(program, points, first, count, emit, user);
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
