/* Loops over double-doubles for any processor. The code is in dd_loops_generic.h. */
#include "base/dd_loops_generic.h"

const mx_dd_loops mx_dd_loops_portable = DD_LOOPS_TABLE("portable");
