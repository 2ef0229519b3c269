/* Dual coordinate ascent: the avx2 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_ascent_avx2
#define VARIANT_NAME "avx2"
#include "model/fit/ascent_generic.h"
#endif
