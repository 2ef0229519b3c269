/* Kernels for processors with AVX2 and FMA. The code is in kernels_generic.h. */
#include "solve/dual/kernels.h"

#if defined(MX_VARIANTS_X86)
#define GRAM mx_gram_avx2
#include "solve/dual/kernels_generic.h"

const mx_kernels mx_kernels_avx2 = KERNELS_TABLE("avx2");
#endif
