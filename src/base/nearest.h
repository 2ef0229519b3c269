/* The nearest known name to a mistyped one, for "did you mean". */
#ifndef MX_NEAREST_H
#define MX_NEAREST_H

#include <stddef.h>

/* Index of the candidate nearest to `name`, or SIZE_MAX when none is near: at most a third of the name's bytes (at least one)
 * may be changed, inserted, left out, or swapped with the neighbour (optimal string alignment distance); a name that differs
 * in the case of ASCII letters only is nearer than any other. The first of equals. NULL candidates are skipped. */
size_t mx_nearest(const char *name, size_t count, const char *const *candidate);

#endif
