/* Descent by features: the portable variant. */
#define VARIANT mx_sweep_portable
#define VARIANT_NAME "portable"
#include "model/fit/sweep_generic.h"
