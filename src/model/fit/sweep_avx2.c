/* Descent by features: the avx2 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_sweep_avx2
#define VARIANT_NAME "avx2"
#include "model/fit/sweep_generic.h"
#endif
