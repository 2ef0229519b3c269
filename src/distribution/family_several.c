/* Is an answer of two or three real variables a normal distribution?
 *
 * log p at the nodes that carry probability is laid against c + b.u - u.A u / 2, u the variables in units of their spread; then the
 * covariance is A^-1 and the mean A^-1 b.
 */
#include "distribution/family.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <string.h>

enum { MOST = 3, FORM = MX_FORM_MOST };

typedef struct normal {
    size_t d;
    double mean[MOST], covariance[MOST][MOST];
} normal;

/* Row number x of the table of basis functions. */
static void row(double x, const double *table, double *out)
{
    memcpy(out, table + (size_t)x * FORM, FORM * sizeof *out);
}

/* lower * lower' = a; 0 when a is not positive definite. */
static int cholesky(size_t d, double a[MOST][MOST], double lower[MOST][MOST])
{
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = a[i][j];
            if (j > i) {
                lower[i][j] = 0.0;
                continue;
            }
            for (size_t k = 0; k < j; k++)
                sum -= lower[i][k] * lower[j][k];
            if (i == j && !(sum > 0.0))
                return 0;
            lower[i][j] = i == j ? sqrt(sum) : sum / lower[j][j];
        }
    return 1;
}

/* a x = b by the factor. */
static void solve(size_t d, double lower[MOST][MOST], const double *b, double *x)
{
    for (size_t i = 0; i < d; i++) {
        x[i] = b[i];
        for (size_t k = 0; k < i; k++)
            x[i] -= lower[i][k] * x[k];
        x[i] /= lower[i][i];
    }
    for (size_t i = d; i-- > 0;) {
        for (size_t k = i + 1; k < d; k++)
            x[i] -= lower[k][i] * x[k];
        x[i] /= lower[i][i];
    }
}

/* Mean and spread of each variable over the nodes that carry probability. */
static void centre(const struct mx_density *d, double *mean, double *sd)
{
    for (size_t v = 0; v < d->variables; v++) {
        double sum = 0.0, m = 0.0, square = 0.0;
        for (size_t j = 0; j < d->n; j++) {
            double p = exp(d->logw[j] + d->logp[j]);
            if (p > 0.0) {
                sum += p;
                m += p * d->value[v][j];
            }
        }
        mean[v] = m / sum;
        for (size_t j = 0; j < d->n; j++) {
            double p = exp(d->logw[j] + d->logp[j]), off = d->value[v][j] - mean[v];
            if (p > 0.0)
                square += p * off * off;
        }
        sd[v] = sqrt(square / sum);
    }
}

/* MAXENT_OK, UNSUPPORTED when it is no normal, MEMORY. */
static maxent_error recognise(const maxent_result *result, normal *out)
{
    const struct mx_density *d = result->density;
    const mx_support *support = &result->problem->support;
    size_t variables = support->variables, n = 0, count = 1 + variables + variables * (variables + 1) / 2;
    if (d == NULL || variables < 2 || variables > MOST)
        return MAXENT_ERROR_UNSUPPORTED;
    for (size_t v = 0; v < variables; v++)
        if (support->variable[v].extent != MX_REAL || isfinite(support->variable[v].lower) || isfinite(support->variable[v].upper))
            return MAXENT_ERROR_UNSUPPORTED;
    for (size_t j = 0; j < d->n; j++)
        if (d->logp[j] == -INFINITY) /* the prior is 0 on a part of the space */
            return MAXENT_ERROR_UNSUPPORTED;
    double mean[MOST], sd[MOST], theta[FORM];
    double *table = mx_alloc(d->n, FORM * sizeof *table), *x = mx_alloc(d->n, 2 * sizeof *x);
    maxent_error error = MAXENT_ERROR_MEMORY;
    if (table == NULL || x == NULL)
        goto done;
    error = MAXENT_ERROR_UNSUPPORTED;
    centre(d, mean, sd);
    double *logp = x + d->n;
    for (size_t j = 0; j < d->n; j++) {
        double *phi = table + n * FORM, u[MOST];
        if (!(d->logw[j] + d->logp[j] > -30.0)) /* 1e-13 */
            continue;
        for (size_t v = 0; v < variables; v++)
            u[v] = (d->value[v][j] - mean[v]) / sd[v];
        size_t i = 0;
        memset(phi, 0, FORM * sizeof *phi);
        phi[i++] = 1.0;
        for (size_t v = 0; v < variables; v++)
            phi[i++] = u[v];
        for (size_t v = 0; v < variables; v++)
            for (size_t w = v; w < variables; w++)
                phi[i++] = v == w ? -0.5 * u[v] * u[v] : -u[v] * u[w];
        x[n] = (double)n;
        logp[n++] = d->logp[j];
    }
    mx_sampled s = {.n = n, .x = x, .logp = logp};
    double a[MOST][MOST], lower[MOST][MOST], place[MOST];
    if (!mx_fit_linear(&s, row, table, count, theta))
        goto done;
    size_t i = 1 + variables;
    for (size_t v = 0; v < variables; v++)
        for (size_t w = v; w < variables; w++)
            a[v][w] = a[w][v] = theta[i++];
    if (!cholesky(variables, a, lower))
        goto done;
    out->d = variables;
    solve(variables, lower, theta + 1, place);
    for (size_t v = 0; v < variables; v++) {
        double unit[MOST] = {0}, column[MOST];
        unit[v] = 1.0;
        solve(variables, lower, unit, column);
        out->mean[v] = mean[v] + sd[v] * place[v];
        for (size_t w = 0; w < variables; w++)
            out->covariance[v][w] = column[w] * sd[v] * sd[w];
    }
    error = MAXENT_OK;
done:
    mx_free(table);
    mx_free(x);
    return error;
}

void mx_family_several(const maxent_result *result, maxent_family *family)
{
    static const char *const means[] = {"mean_1", "mean_2", "mean_3"}, *const sds[] = {"sd_1", "sd_2", "sd_3"};
    static const char *const correlations[MOST][MOST] = {
        {NULL, "correlation_12", "correlation_13"}, {NULL, NULL, "correlation_23"}, {NULL, NULL, NULL}};
    normal n;
    if (recognise(result, &n) != MAXENT_OK)
        return;
    mx_family_name(family, "multivariate normal");
    for (size_t v = 0; v < n.d; v++)
        mx_family_parameter(family, means[v], fabs(n.mean[v]) <= 1e-13 * sqrt(n.covariance[v][v]) ? 0.0 : n.mean[v]);
    for (size_t v = 0; v < n.d; v++)
        mx_family_parameter(family, sds[v], sqrt(n.covariance[v][v]));
    for (size_t v = 0; v < n.d; v++)
        for (size_t w = v + 1; w < n.d; w++) {
            double r = n.covariance[v][w] / sqrt(n.covariance[v][v] * n.covariance[w][w]);
            mx_family_parameter(family, correlations[v][w], fabs(r) <= 1e-13 ? 0.0 : r);
        }
}

maxent_error mx_family_normal(const maxent_result *result, double **mean, double **factor)
{
    normal n;
    maxent_error error = recognise(result, &n);
    if (error != MAXENT_OK)
        return error;
    double lower[MOST][MOST];
    if (!cholesky(n.d, n.covariance, lower))
        return MAXENT_ERROR_UNSUPPORTED;
    *mean = mx_alloc(n.d, sizeof **mean);
    *factor = mx_alloc(n.d, n.d * sizeof **factor);
    if (*mean == NULL || *factor == NULL) {
        mx_free(*mean);
        mx_free(*factor);
        *mean = *factor = NULL;
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t v = 0; v < n.d; v++) {
        (*mean)[v] = n.mean[v];
        for (size_t w = 0; w < n.d; w++)
            (*factor)[v * n.d + w] = lower[v][w];
    }
    return MAXENT_OK;
}
