/* The version of the library that is linked. */
#include <maxent/maxent.h>

const char *maxent_version(void)
{
    return MAXENT_VERSION;
}
