/* A model in the units of its file: the weight of x where the model has that of (x - centre) / scale.
 *
 *     W_jc (x_j - m_j) / s_j = (W_jc / s_j) x_j - W_jc m_j / s_j,      so      b_c(raw) = b_c - sum_j W_jc m_j / s_j
 */
#include "model/model.h"

#include "model/events/columns.h"
#include "model/events/source.h"

#include <math.h>

/* The column of numbers that feature j is, or NULL. */
static const mx_column_use *column_of(const maxent_model *model, size_t j)
{
    const mx_columns *columns = model->space->form == MX_SPACE_TABLE ? model->space->table : NULL;
    for (size_t i = 0; columns != NULL && i < columns->count; i++)
        if (columns->column[i].numeric && columns->column[i].feature == j)
            return &columns->column[i];
    return NULL;
}

double maxent_model_raw_weight(const maxent_model *model, size_t c, size_t j)
{
    const mx_column_use *column = column_of(model, j);
    double weight = maxent_model_weight(model, c, j);
    return column != NULL ? weight / column->scale : weight;
}

double maxent_model_raw_intercept(const maxent_model *model, size_t c)
{
    const mx_columns *columns = model->space->form == MX_SPACE_TABLE ? model->space->table : NULL;
    double value = maxent_model_intercept(model, c);
    for (size_t i = 0; columns != NULL && i < columns->count; i++) {
        const mx_column_use *column = &columns->column[i];
        if (column->numeric && column->feature != UINT32_MAX && column->centre != 0)
            value -= maxent_model_weight(model, c, column->feature) * (column->centre / column->scale);
    }
    return value;
}

double maxent_model_raw_standard_error(const maxent_model *model, size_t c, size_t j)
{
    const mx_columns *columns = model->space->form == MX_SPACE_TABLE ? model->space->table : NULL;
    double se = maxent_model_standard_error(model, c, j);
    if (j < model->features) {
        const mx_column_use *column = column_of(model, j);
        return column != NULL ? se / column->scale : se;
    }
    if (columns == NULL || model->covariance == NULL || model->intercept == NULL || (model->vectors == 1 && c == 0))
        return se;
    size_t v = model->vectors == 1 ? 0 : c; /* Var(b - sum a_i W_i) = a' Cov a, the intercept as a last column with a = -1 */
    double variance = 0.0;
    for (size_t i = 0; i <= columns->count; i++) {
        const mx_column_use *one = i < columns->count ? &columns->column[i] : NULL;
        if (one != NULL && (!one->numeric || one->feature == UINT32_MAX || one->centre == 0))
            continue;
        size_t p = (one != NULL ? one->feature : model->features) * model->vectors + v;
        double a = one != NULL ? one->centre / one->scale : -1.0;
        for (size_t k = 0; k <= columns->count; k++) {
            const mx_column_use *other = k < columns->count ? &columns->column[k] : NULL;
            if (other != NULL && (!other->numeric || other->feature == UINT32_MAX || other->centre == 0))
                continue;
            size_t q = (other != NULL ? other->feature : model->features) * model->vectors + v;
            double b = other != NULL ? other->centre / other->scale : -1.0;
            variance += a * b * model->covariance[p > q ? p * (p + 1) / 2 + q : q * (q + 1) / 2 + p];
        }
    }
    return sqrt(fmax(variance, 0.0));
}

maxent_format maxent_model_format(const maxent_model *model)
{
    return mx_source_format(model->space);
}

const maxent_fit *maxent_model_fit_of(const maxent_model *model)
{
    return &model->fit;
}

void maxent_model_penalties(const maxent_model *model, double *l1, double *l2)
{
    *l1 = model->l1;
    *l2 = model->l2;
}
