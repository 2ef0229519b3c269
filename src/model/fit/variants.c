/* Which variant of the inner loops runs: the widest that the processor offers. */
#include "model/fit/ascent.h"
#include "model/fit/products.h"
#include "model/fit/sweep.h"

#include "base/gram.h"

#include <string.h>

const mx_products *mx_products_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_products_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_products_avx2;
#endif
    return &mx_products_portable;
}

const mx_ascent_kernels *mx_ascent_kernels_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_ascent_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_ascent_avx2;
#endif
    return &mx_ascent_portable;
}

const mx_sweep_kernels *mx_sweep_kernels_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_sweep_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_sweep_avx2;
#endif
    return &mx_sweep_portable;
}

static const char *widest(void)
{
    return mx_variant_runs("avx512") ? "avx512" : mx_variant_runs("avx2") ? "avx2" : "portable";
}

const mx_products *mx_products_get(void)
{
    return mx_products_find(widest());
}

const mx_ascent_kernels *mx_ascent_kernels_get(void)
{
    return mx_ascent_kernels_find(widest());
}

const mx_sweep_kernels *mx_sweep_kernels_get(void)
{
    return mx_sweep_kernels_find(widest());
}
