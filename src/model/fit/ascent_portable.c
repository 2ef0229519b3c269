/* Dual coordinate ascent: the portable variant. */
#define VARIANT mx_ascent_portable
#define VARIANT_NAME "portable"
#include "model/fit/ascent_generic.h"
