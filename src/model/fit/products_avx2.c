/* Products of the data: the avx2 variant. */
#include "base/gram.h"

#if defined(MX_VARIANTS_X86)
#define VARIANT mx_products_avx2
#define VARIANT_NAME "avx2"
#include "model/fit/products_generic.h"
#endif
