/* Descent by features: the avx512 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_sweep_avx512
#define VARIANT_NAME "avx512"
#include "model/fit/sweep_generic.h"
#endif
