/* Which variant of the kernels runs, and how many states a block has. */
#include "solve/dual/kernels.h"

#include <string.h>

const mx_kernels *mx_kernels_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_kernels_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_kernels_avx2;
#endif
    return &mx_kernels_portable;
}

const mx_kernels *mx_kernels_get(void)
{
#if defined(MX_VARIANTS_X86)
    mx_variant best = mx_variant_best();
    if (best != MX_VARIANT_PORTABLE)
        return best == MX_VARIANT_AVX512 ? &mx_kernels_avx512 : &mx_kernels_avx2;
#endif
    return &mx_kernels_portable;
}

size_t mx_kernels_block(size_t k)
{
    size_t m = k < 32 ? 2048 : 65536 / (k + 7) / 64 * 64; /* 512 KiB of panel: half of a 1 MiB second-level cache */
    return m < 128 ? 128 : m > 2048 ? 2048 : m;
}

size_t mx_kernels_rows(size_t k)
{
    size_t m = 32; /* 24 KiB of doubles: most of a first-level cache */
    while (m < 128 && 2 * m * k * sizeof(double) <= 24576)
        m *= 2;
    return m;
}
