/* Kernels for processors with AVX-512 (F, DQ, BW, VL). The code is in kernels_generic.h. */
#include "solve/dual/kernels.h"

#if defined(MX_VARIANTS_X86)
#define GRAM mx_gram_avx512
#include "solve/dual/kernels_generic.h"

const mx_kernels mx_kernels_avx512 = KERNELS_TABLE("avx512");
#endif
