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

static const mx_gram *const variants[] = { /* by mx_variant */
    &mx_gram_portable,
#if defined(MX_VARIANTS_X86)
    &mx_gram_avx2,
    &mx_gram_avx512,
#endif
};

const mx_gram *mx_gram_find(const char *name)
{
    for (mx_variant i = MX_VARIANT_PORTABLE; i <= mx_variant_best(); i++)
        if (strcmp(name, variants[i]->name) == 0)
            return variants[i];
    return NULL;
}

const mx_gram *mx_gram_get(void)
{
    return variants[mx_variant_best()];
}
