/* Checks of arrays that callers hand over, with the element named in the diagnostic. */
#ifndef MX_CHECK_H
#define MX_CHECK_H

#include "base/error.h"

/* Each of p[n] is finite and >= 0; *sum is their compensated sum. what: "probability", "count". Errors: VALUE. */
maxent_error mx_check_weights(size_t n, const double *p, const char *what, double *sum, maxent_diagnostic *diagnostic);

/* Each of x[n] is finite; columns: how many make a row, for the message. Errors: VALUE. */
maxent_error mx_check_finite(size_t n, const double *x, size_t columns, maxent_diagnostic *diagnostic);

maxent_error mx_no_memory(maxent_diagnostic *diagnostic);

#endif
