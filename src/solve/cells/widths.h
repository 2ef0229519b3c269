/* Where single facts keep the mass along an axis with an infinite end. */
#ifndef MX_WIDTHS_H
#define MX_WIDTHS_H

#include "solve/cells/grid.h"

/* centre, scale: [axes] set for the axes of which it is known: the middle and half the width of the narrowest stretch within which a
 * feature that grows without bound beyond it is at its target, the other variables somewhere inside; of a half line its other end and its
 * length. Returns 0, -1: no memory. */
int mx_widths_from_facts(const mx_grid *grid, const mx_fact *fact, double *centre, double *scale);

#endif
