/* Which variant of the loops over double-doubles runs. */
#include "base/dd_loops.h"

#include <string.h>

const mx_dd_loops *mx_dd_loops_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_dd_loops_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_dd_loops_avx2;
#endif
    return &mx_dd_loops_portable;
}

const mx_dd_loops *mx_dd_loops_get(void)
{
#if defined(MX_VARIANTS_X86)
    if (mx_variant_runs("avx512"))
        return &mx_dd_loops_avx512;
    if (mx_variant_runs("avx2"))
        return &mx_dd_loops_avx2;
#endif
    return &mx_dd_loops_portable;
}
