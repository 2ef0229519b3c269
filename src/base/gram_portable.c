/* Gram matrices for any processor: vectors of 16 bytes. The code is in gram_generic.h. */
#include "base/gram_generic.h"

const mx_gram mx_gram_portable = GRAM_TABLE("portable");
