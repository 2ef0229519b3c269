/* Products of the data: the avx512 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_products_avx512
#define VARIANT_NAME "avx512"
#include "model/fit/products_generic.h"
#endif
