/* Gram matrices for processors with AVX2 and FMA. The code is in gram_generic.h. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#include "base/gram_generic.h"

const mx_gram mx_gram_avx2 = GRAM_TABLE("avx2");
#endif
