/* Draws from a density of several variables, by rejection from boxes (boxes.c). */
#ifndef MX_BOXES_H
#define MX_BOXES_H

#include "distribution/sampling.h"

typedef struct mx_boxes mx_boxes;

/* Boxes for a result with a density of two or more REAL or WHOLE variables, beside any listed ones. The result must outlive them.
 * mass: [*count] how often each is to be proposed, to be freed. Errors: MEMORY, LIMIT (more than 4096 combinations of listed values carry
 * something), VALUE (there are no finite masses). */
maxent_error mx_boxes_new(const maxent_result *result, mx_boxes **boxes, double **mass, size_t *count);
void mx_boxes_free(mx_boxes *boxes);

/* One point: out[variables]. The sampler picks boxes in proportion to `mass`. NaN when there is no memory. */
void mx_boxes_draw(mx_boxes *boxes, maxent_sampler *sampler, double *out);

#endif
