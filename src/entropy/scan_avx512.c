/* The inner loops of the k-d tree for processors with AVX-512. The code is in scan_generic.h. */
#include "entropy/scan.h"

#if defined(MX_VARIANTS_X86)
#include "entropy/scan_generic.h"

const mx_scan mx_scan_avx512[2] = SCAN_TABLE;
#endif
