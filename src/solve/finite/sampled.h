/* A smallest clash and its repairs where there are too many states for the exact view: on a sample of them. */
#ifndef MX_SAMPLED_H
#define MX_SAMPLED_H

#include "solve/result.h"

/* From the certificate in the result: a smaller one, and the repairs, as mx_explain_reduce finds them. Both hold for all states; repairs
 * that do not are NaN. Errors: MEMORY, CALLBACK. */
maxent_error mx_clash_sampled(mx_run *run);

#endif
