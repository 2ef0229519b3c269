/* Loops over double-doubles for processors with AVX-512. The code is in dd_loops_generic.h. */
#include "base/dd_loops.h"

#if defined(MX_VARIANTS_X86)
#include "base/dd_loops_generic.h"

const mx_dd_loops mx_dd_loops_avx512 = DD_LOOPS_TABLE("avx512");
#endif
