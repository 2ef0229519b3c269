/* Models: weights, names, and the probabilities of one event. Nothing here allocates but the model itself. */
#include "model/model.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

maxent_model *mx_model_new(mx_space *space, int intercept)
{
    maxent_model *model = mx_zalloc(1, sizeof *model);
    if (model == NULL) {
        mx_space_release(space);
        return NULL;
    }
    model->space = space;
    model->features = space->features;
    model->classes = space->classes;
    model->vectors = space->classes == 2 ? 1 : space->classes;
    model->weight = mx_zalloc(model->features, model->vectors * sizeof *model->weight);
    model->intercept = intercept ? mx_zalloc(model->vectors, sizeof *model->intercept) : NULL;
    if (model->weight == NULL || (intercept && model->intercept == NULL)) {
        maxent_model_free(model);
        return NULL;
    }
    return model;
}

void maxent_model_free(maxent_model *model)
{
    if (model == NULL)
        return;
    mx_space_release(model->space);
    mx_free(model->weight);
    mx_free(model->intercept);
    mx_free(model->covariance);
    mx_free(model->direction);
    mx_free(model);
}

size_t maxent_model_features(const maxent_model *model)
{
    return model->features;
}

size_t maxent_model_classes(const maxent_model *model)
{
    return model->classes;
}

int maxent_model_has_intercept(const maxent_model *model)
{
    return model->intercept != NULL;
}

int maxent_model_binary(const maxent_model *model)
{
    return model->vectors == 1;
}

/* The vector of class c; 0 with *none set for class 0 of two. */
static size_t vector_of(const maxent_model *model, size_t c, int *none)
{
    *none = model->vectors == 1 && c == 0;
    return model->vectors == 1 ? 0 : c;
}

double maxent_model_weight(const maxent_model *model, size_t c, size_t j)
{
    int none;
    size_t v = vector_of(model, c, &none);
    return none ? 0.0 : model->weight[j * model->vectors + v];
}

double maxent_model_intercept(const maxent_model *model, size_t c)
{
    int none;
    size_t v = vector_of(model, c, &none);
    return none || model->intercept == NULL ? 0.0 : model->intercept[v];
}

double maxent_model_standard_error(const maxent_model *model, size_t c, size_t j)
{
    int none;
    size_t v = vector_of(model, c, &none), i = j * model->vectors + v;
    if (model->covariance == NULL)
        return NAN;
    if (none || (j == model->features && model->intercept == NULL))
        return 0.0;
    return sqrt(fmax(model->covariance[i * (i + 1) / 2 + i], 0.0));
}

double maxent_model_direction(const maxent_model *model, size_t c, size_t j)
{
    int none;
    size_t v = vector_of(model, c, &none);
    if (model->direction == NULL || none || (j == model->features && model->intercept == NULL))
        return 0.0;
    return model->direction[j * model->vectors + v];
}

size_t maxent_model_feature_name(const maxent_model *model, size_t j, char *out, size_t size)
{
    return mx_space_feature_name(model->space, j, out, size);
}

size_t maxent_model_class_name(const maxent_model *model, size_t c, char *out, size_t size)
{
    return mx_space_class_name(model->space, c, out, size);
}

void mx_model_scores(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value, double *score)
{
    const size_t vectors = model->vectors;
    double *to = score + (vectors == 1);
    if (model->intercept != NULL)
        for (size_t v = 0; v < vectors; v++)
            to[v] += model->intercept[v];
    for (size_t i = 0; i < nonzeros; i++) {
        if (index[i] >= model->features)
            continue;
        const double *row = model->weight + (size_t)index[i] * vectors;
        double x = value == NULL ? 1.0 : value[i];
        for (size_t v = 0; v < vectors; v++)
            to[v] += row[v] * x;
    }
}

size_t mx_log_softmax(size_t classes, double *score)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (score[c] > score[best])
            best = c;
    double top = score[best], sum = 0;
    for (size_t c = 0; c < classes; c++)
        sum += c == best ? 0.0 : exp(score[c] - top);
    double logz = top + log1p(sum); /* the largest term is 1 exactly */
    for (size_t c = 0; c < classes; c++)
        score[c] -= logz;
    score[best] = -log1p(sum);
    return best;
}

size_t maxent_model_predict(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value,
                            const double *offset, double *logp)
{
    if (offset != NULL)
        memcpy(logp, offset, model->classes * sizeof *logp);
    else
        memset(logp, 0, model->classes * sizeof *logp);
    mx_model_scores(model, nonzeros, index, value, logp);
    return mx_log_softmax(model->classes, logp);
}

size_t maxent_model_scratch(const maxent_model *model)
{
    return model->classes + model->vectors;
}

/* The delta method: Var p_c = g' Cov g with g = dp_c/dW = p_c (delta_cv - p_v) x_j. */
int maxent_model_predict_se(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value,
                            const double *offset, double *se, double *scratch)
{
    if (model->covariance == NULL)
        return 1;
    const size_t vectors = model->vectors, classes = model->classes, base = vectors == 1;
    double *p = scratch, *slope = scratch + classes;
    (void)maxent_model_predict(model, nonzeros, index, value, offset, p);
    for (size_t c = 0; c < classes; c++)
        p[c] = exp(p[c]);
    const size_t count = nonzeros + (model->intercept != NULL);
    for (size_t c = 0; c < classes; c++) {
        double variance = 0;
        for (size_t v = 0; v < vectors; v++)
            slope[v] = p[c] * ((c == v + base) - p[v + base]);
        for (size_t a = 0; a < count; a++) {
            size_t ja = a < nonzeros ? index[a] : model->features;
            double xa = a < nonzeros && value != NULL ? value[a] : 1.0;
            for (size_t b = 0; b < count; b++) {
                size_t jb = b < nonzeros ? index[b] : model->features;
                double xb = b < nonzeros && value != NULL ? value[b] : 1.0;
                if ((a < nonzeros && ja >= model->features) || (b < nonzeros && jb >= model->features))
                    continue;
                for (size_t u = 0; u < vectors; u++)
                    for (size_t v = 0; v < vectors; v++) {
                        size_t i = ja * vectors + u, k = jb * vectors + v, high = i > k ? i : k, low = i > k ? k : i;
                        variance += slope[u] * slope[v] * xa * xb * model->covariance[high * (high + 1) / 2 + low];
                    }
            }
        }
        se[c] = sqrt(fmax(variance, 0.0));
    }
    return 0;
}
