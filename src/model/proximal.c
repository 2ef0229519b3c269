/* Proximal Newton: not yet. */
#include "model/task.h"

maxent_error mx_fit_proximal(mx_task *task, mx_found *found)
{
    (void)task;
    (void)found;
    return MAXENT_ERROR_UNSUPPORTED;
}
