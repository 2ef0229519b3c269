/* Dual coordinate ascent: the avx512 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_ascent_avx512
#define VARIANT_NAME "avx512"
#include "model/fit/ascent_generic.h"
#endif
