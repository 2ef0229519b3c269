/* Intervals by the bootstrap: how an estimate scatters when N observations are drawn anew from the observed frequencies.
 *
 * The basic interval [1, section 5.2] mirrors the resampled estimates at the estimate, h* - h standing for h - H:
 *
 *     [ 2 h - q(1 - (1 - level)/2),  2 h - q((1 - level)/2) ]      q: quantiles of the resampled estimates
 *
 * Cost: N draws and one estimate a replicate.
 *
 * [1] A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application (1997).
 */
#include <maxent/distribution.h>
#include <maxent/entropy.h>

#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 1024 };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantile of sorted x[n] by linear interpolation, as R's type 7. */
static double quantile(size_t n, const double *x, double level)
{
    double place = level * (double)(n - 1);
    size_t i = (size_t)place;
    return i + 1 < n ? x[i] + (place - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

maxent_error maxent_entropy_bootstrap(maxent_estimator estimator, size_t n, const double *count,
                                      const maxent_estimate_options *options, size_t replicates, double level, uint64_t seed,
                                      maxent_interval *out, maxent_diagnostic *diagnostic)
{
    if (replicates < 2)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a bootstrap needs at least 2 replicates");
    if (!(level > 0 && level < 1))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the level of an interval must lie between 0 and 1");
    maxent_estimate estimate;
    maxent_error error = maxent_entropy_estimate(estimator, n, count, options, &estimate, diagnostic);
    if (error != MAXENT_OK)
        return error;
    for (size_t i = 0; i < n; i++)
        if (count[i] != floor(count[i]) || estimate.observations >= 0x1p53)
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE, "count %zu is not a whole number: weights cannot be drawn anew", i + 1);

    double *drawn = mx_alloc(n, sizeof *drawn), *value = mx_alloc(replicates, sizeof *value);
    maxent_sampler *sampler = NULL;
    if (drawn == NULL || value == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    error = maxent_sampler_new(n, count, seed, &sampler);
    if (error != MAXENT_OK) {
        mx_fail(diagnostic, error, "%s", maxent_error_text(error));
        goto cleanup;
    }
    for (size_t r = 0; r < replicates; r++) {
        memset(drawn, 0, n * sizeof *drawn);
        for (double left = estimate.observations; left > 0;) {
            size_t block[DRAWS], now = left < DRAWS ? (size_t)left : DRAWS;
            maxent_sampler_draw(sampler, now, block);
            for (size_t i = 0; i < now; i++)
                drawn[block[i]] += 1;
            left -= (double)now;
        }
        maxent_estimate again;
        error = maxent_entropy_estimate(estimator, n, drawn, options, &again, diagnostic);
        if (error != MAXENT_OK)
            goto cleanup;
        value[r] = again.value;
    }
    mx_sum sum = {0, 0}, squares = {0, 0};
    for (size_t r = 0; r < replicates; r++)
        mx_sum_add(&sum, value[r]);
    double mean = mx_sum_value(&sum) / (double)replicates;
    for (size_t r = 0; r < replicates; r++)
        mx_sum_add(&squares, (value[r] - mean) * (value[r] - mean));
    qsort(value, replicates, sizeof *value, ascending);
    out->standard_error = sqrt(mx_sum_value(&squares) / (double)(replicates - 1));
    out->lower = 2 * estimate.value - quantile(replicates, value, 0.5 + level / 2);
    out->upper = 2 * estimate.value - quantile(replicates, value, 0.5 - level / 2);
    if (out->lower < 0)
        out->lower = 0;

cleanup:
    mx_free(drawn);
    mx_free(value);
    maxent_sampler_free(sampler);
    return error;
}
