/* Products of the data: the portable variant. */
#define VARIANT mx_products_portable
#define VARIANT_NAME "portable"
#include "model/fit/products_generic.h"
