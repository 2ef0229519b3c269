/* Models inside the library: what the trainer makes, the model file stores and the predictor reads.
 *
 * How a model is made (a fit, a model file):
 *
 *     maxent_model *model = mx_model_new(space, intercept);   takes over a reference to the space, also when it fails;
 *                                                             allocates weight (and intercept), zeroed
 *     model->weight[j * vectors + v] = ...
 *     model->covariance, direction = ... or NULL              arrays from base/memory.h, owned by the model
 */
#ifndef MX_MODEL_H
#define MX_MODEL_H

#include "model/events/events.h"

struct maxent_model {
    mx_space *space;       /* one reference: names, and how input becomes features */
    size_t features;       /* m */
    size_t classes;        /* C */
    size_t vectors;        /* V: 1 when C = 2 (that of class 1), else C */
    double *weight;        /* [m][V] */
    double *intercept;     /* [V], or NULL: none */
    double *covariance;    /* of the weights: lower triangle by rows, P (P + 1) / 2 with P = (m + 1) V or m V: weight j of vector v is
                              number j V + v, the intercepts come last; or NULL */
    double *direction;     /* [P] of a BOUNDARY, in the same order, or NULL */
    maxent_fit fit;        /* how it came about; stored with the model */
    double l1, l2;         /* penalties it was fitted with, for people */
};

/* intercept: 0 or 1. NULL: no memory. */
maxent_model *mx_model_new(mx_space *space, int intercept);

/* Adds b and W x to score[V'] where V' = classes: with two classes only score[1] changes. Allocates nothing. */
void mx_model_scores(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value, double *score);

/* score[classes] becomes log p in place; returns the most probable class (the first of equals). */
size_t mx_log_softmax(size_t classes, double *score);

#endif
