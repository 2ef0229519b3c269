/* The log density anywhere, from the multipliers. */
#include "solve/continuous/density.h"

#include "base/memory.h"

#include <math.h>

static int inside(const mx_support *support, const mx_points *points, size_t j)
{
    for (size_t v = 0; v < support->variables; v++) {
        const mx_variable *variable = &support->variable[v];
        double x = points->value[v][j];
        if (isnan(x) || (variable->extent != MX_LISTED && (x < variable->lower || x > variable->upper)))
            return 0;
        if (variable->extent != MX_LISTED && isinf(x))
            return 0;
    }
    return 1;
}

/* Where log p is at hand as a series. */
static maxent_error by_series(const maxent_result *result, const mx_points *points, double *out)
{
    if (mx_field_values(result->problem, points, NULL, NULL, out) != 0)
        return MAXENT_ERROR_MEMORY;
    mx_series_log(result->density->series, points, out, out);
    for (size_t j = 0; j < points->n; j++)
        if (!inside(&result->problem->support, points, j) || isnan(out[j]))
            out[j] = -INFINITY;
    return MAXENT_OK;
}

/* Is the point where facts rule mass out? Panels without nodes are there for nothing else. */
static int barred(const struct mx_density *density, double x, int whole)
{
    size_t low = 0, high = density->panels;
    while (high - low > 1) { /* the last panel whose left end is not beyond x */
        size_t middle = low + (high - low) / 2;
        if (density->panel[middle].left <= x)
            low = middle;
        else
            high = middle;
    }
    double left = density->panels > 0 ? density->panel[low].left : 0;
    return density->panels > 0 && density->panel[low].count == 0 && (whole ? x >= left : x > left);
}

/* Is a feature not where its fact forces it to be? */
static int forced_out(const maxent_result *result, const double *hi)
{
    const maxent_problem *problem = result->problem;
    for (size_t i = 0; i < problem->k && result->forced != NULL; i++)
        if (result->forced[i] != 0 && hi[i] != (result->forced[i] > 0 ? problem->fact[i].upper : problem->fact[i].lower))
            return 1;
    return 0;
}

/* The same for several variables: a point that is not on the face of the certificate's direction. */
static int off_face(const maxent_result *result, const double *hi, const double *lo)
{
    const maxent_problem *problem = result->problem;
    mx_dd slack = {0, 0};
    double size = 0;
    if (result->verdict != MAXENT_BOUNDARY || result->direction == NULL || problem->support.variables == 1)
        return 0;
    for (size_t i = 0; i < problem->k; i++) {
        double d = result->direction[i], bound = d > 0 ? problem->fact[i].upper : problem->fact[i].lower;
        if (d == 0)
            continue;
        slack = mx_dd_add(slack, mx_dd_mul_d(mx_dd_add_d((mx_dd){hi[i], lo[i]}, -bound), d));
        size += fabs(d) * (fabs(hi[i]) + fabs(bound));
    }
    return !(slack.hi <= 1e-12 * size);
}

maxent_error mx_density_log(const maxent_result *result, const mx_points *points, double *out)
{
    enum { BLOCK = 256 };
    const maxent_problem *problem = result->problem;
    if (result->density->series != NULL)
        return by_series(result, points, out);
    size_t k = problem->k, variables = problem->support.variables;
    double *hi = mx_alloc(BLOCK, (2 * k + 3) * sizeof *hi);
    const double **part = mx_alloc(2 * variables + 1, sizeof *part);
    maxent_error error = hi == NULL || part == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    double *lo = hi != NULL ? hi + BLOCK * k : NULL, *logq = hi != NULL ? hi + 2 * BLOCK * k : NULL, zero[BLOCK] = {0};
    double *logq_low = hi != NULL ? logq + BLOCK : NULL;
    for (size_t first = 0; error == MAXENT_OK && first < points->n; first += BLOCK) {
        size_t m = points->n - first < BLOCK ? points->n - first : BLOCK;
        for (size_t v = 0; v < variables; v++) {
            part[v] = points->value[v] + first;
            part[variables + v] = points->low != NULL && points->low[v] != NULL ? points->low[v] + first : zero;
        }
        mx_points block = {m, part, part + variables};
        if (mx_field_values(problem, &block, hi, lo, NULL) != 0 || mx_field_prior(problem, &block, logq, logq_low) != 0) {
            error = MAXENT_ERROR_MEMORY;
            break;
        }
        for (size_t j = 0; j < m; j++) {
            mx_dd sum = {logq[j], logq_low[j]};
            for (size_t i = 0; i < k && sum.hi > -INFINITY; i++) {
                mx_dd lambda = {result->lambda[i], result->lambda_low != NULL ? result->lambda_low[i] : 0};
                if (lambda.hi == 0)
                    continue;
                sum = mx_dd_sub(sum, mx_dd_mul(lambda, mx_dd_add_d((mx_dd){hi[j * k + i], lo[j * k + i]},
                                                            -mx_fact_centre(&problem->fact[i]))));
            }
            sum = mx_dd_sub(sum, (mx_dd){result->density->centred, result->density->centred_low});
            int whole = problem->support.variable[0].extent == MX_WHOLE;
            int out_of_it = variables == 1 ? barred(result->density, block.value[0][j], whole) : off_face(result, hi + j * k, lo + j * k);
            out_of_it |= forced_out(result, hi + j * k);
            out[first + j] = inside(&problem->support, &block, j) && !isnan(sum.hi) && !out_of_it
                                 ? sum.hi
                                 : -INFINITY;
        }
    }
    mx_free(hi);
    mx_free(part);
    return error;
}

void mx_density_free(struct mx_density *density)
{
    if (density == NULL)
        return;
    if (density->value != NULL)
        mx_free(density->value[0]);
    mx_free(density->value);
    mx_free(density->low);
    mx_free(density->logw);
    mx_free(density->logp);
    mx_free(density->panel);
    mx_series_free(density->series);
    mx_free(density);
}
