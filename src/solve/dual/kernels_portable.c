/* Kernels for any processor: vectors of 16 bytes. The code is in kernels_generic.h. */
#define GRAM mx_gram_portable
#include "solve/dual/kernels_generic.h"

const mx_kernels mx_kernels_portable = KERNELS_TABLE("portable");
