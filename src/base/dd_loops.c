/* Which variant of the loops over double-doubles runs. */
#include "base/dd_loops.h"

#include <string.h>

static const mx_dd_loops *const variants[] = { /* by mx_variant */
    &mx_dd_loops_portable,
#if defined(MX_VARIANTS_X86)
    &mx_dd_loops_avx2,
    &mx_dd_loops_avx512,
#endif
};

const mx_dd_loops *mx_dd_loops_find(const char *name)
{
    for (mx_variant i = MX_VARIANT_PORTABLE; i <= mx_variant_best(); i++)
        if (strcmp(name, variants[i]->name) == 0)
            return variants[i];
    return NULL;
}

const mx_dd_loops *mx_dd_loops_get(void)
{
    return variants[mx_variant_best()];
}
