/* The inner loops of the k-d tree for any processor. The code is in scan_generic.h. */
#include "entropy/scan_generic.h"

const mx_scan mx_scan_portable[2] = SCAN_TABLE;
