/* Which variant of the inner loops runs: the widest that the processor offers, asked every time (it is one load). */
#include "base/gram.h"

#include <string.h>

size_t mx_gram_scratch(size_t k)
{
    /* 128 states of all columns as one factor and of at most 480 as the other, each rounded up to a tile */
    return 128 * (k + 64) + 128 * ((k < 480 ? k : 480) + 64);
}

mx_variant mx_variant_best(void)
{
#if defined(MX_VARIANTS_X86)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return MX_VARIANT_PORTABLE;
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl");
    return wide ? MX_VARIANT_AVX512 : MX_VARIANT_AVX2;
#else
    return MX_VARIANT_PORTABLE;
#endif
}

int mx_variant_runs(const char *name)
{
    mx_variant best = mx_variant_best();
    return strcmp(name, "portable") == 0 || (strcmp(name, "avx2") == 0 && best >= MX_VARIANT_AVX2) ||
           (strcmp(name, "avx512") == 0 && best >= MX_VARIANT_AVX512);
}

const mx_gram *mx_gram_find(const char *name)
{
    if (!mx_variant_runs(name))
        return NULL;
#if defined(MX_VARIANTS_X86)
    if (strcmp(name, "avx512") == 0)
        return &mx_gram_avx512;
    if (strcmp(name, "avx2") == 0)
        return &mx_gram_avx2;
#endif
    return &mx_gram_portable;
}

const mx_gram *mx_gram_get(void)
{
#if defined(MX_VARIANTS_X86)
    mx_variant best = mx_variant_best();
    if (best != MX_VARIANT_PORTABLE)
        return best == MX_VARIANT_AVX512 ? &mx_gram_avx512 : &mx_gram_avx2;
#endif
    return &mx_gram_portable;
}
