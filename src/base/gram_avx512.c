/* Gram matrices for processors with AVX-512 (F, DQ, BW, VL). The code is in gram_generic.h. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#include "base/gram_generic.h"

const mx_gram mx_gram_avx512 = GRAM_TABLE("avx512");
#endif
