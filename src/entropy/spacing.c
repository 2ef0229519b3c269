/* Differential entropy of real numbers from m-spacings of the ordered sample x_(1) <= ... <= x_(n); x_(i) = x_(1) for i < 1, x_(n)
 * for i > n. All as in scipy.stats.differential_entropy.
 *
 *     Vasicek [1]    (1/n) sum log[ n/(2m) (x_(i+m) - x_(i-m)) ]
 *     van Es [2]     1/(n-m) sum_(i <= n-m) log[ (n+1)/m (x_(i+m) - x_(i)) ] + sum_(k=m)^n 1/k + log(m/(n+1))
 *     Ebrahimi [3]   (1/n) sum log[ n/(c_i m) (x_(i+m) - x_(i-m)) ],   c_i = 1 + (i-1)/m, 2, 1 + (n-i)/m at the left, within, at the right
 *     Correa [4]     -(1/n) sum log[ sum_j (x_(j) - xbar_i)(j - i) / (n sum_j (x_(j) - xbar_i)^2) ],   j = i-m .. i+m
 *
 * A spacing of zero (values that repeat more often than m bridges) would be log 0: refused.
 *
 * [1] O. Vasicek, J. R. Stat. Soc. B 38 (1976) 54. [2] B. van Es, Scand. J. Stat. 19 (1992) 61.
 * [3] N. Ebrahimi, K. Pflughoeft, E. Soofi, Stat. Prob. Lett. 20 (1994) 225. [4] J. C. Correa, Comm. Stat. Theory Meth. 24 (1995) 2439.
 */
#include <maxent/entropy.h>

#include "base/memory.h"
#include "base/text.h"
#include "entropy/check.h"
#include "entropy/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
#define WORD(name, word, text) word,
    MAXENT_SPACINGS(WORD)
#undef WORD
};

const char *maxent_spacing_word(maxent_spacing spacing)
{
    return (unsigned)spacing < MAXENT_SPACING_COUNT ? words[spacing] : "unknown";
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* x_(i) with the ends repeated; i from 0. */
static double at(const double *x, size_t n, size_t i, ptrdiff_t step)
{
    if (step < 0)
        return i < (size_t)-step ? x[0] : x[i - (size_t)-step];
    return i + (size_t)step >= n ? x[n - 1] : x[i + (size_t)step];
}

/* log(scale * (high - low)) also where the difference overflows. */
static double log_spacing(double high, double low, double scale)
{
    double width = high - low;
    return isfinite(width) ? log(scale) + log(width) : log(scale) + log(2) + log(high / 2 - low / 2);
}

static double vasicek(const double *x, size_t n, size_t m, int ebrahimi)
{
    mx_sum h = {0, 0};
    double count = (double)n, window = (double)m;
    for (size_t i = 0; i < n; i++) {
        double c = 2;
        if (ebrahimi && i < m)
            c = 1 + (double)i / window;
        else if (ebrahimi && i >= n - m)
            c = 1 + (double)(n - 1 - i) / window;
        mx_sum_add(&h, log_spacing(at(x, n, i, (ptrdiff_t)m), at(x, n, i, -(ptrdiff_t)m), count / (c * window)));
    }
    return mx_sum_value(&h) / count;
}

static double van_es(const double *x, size_t n, size_t m)
{
    mx_sum h = {0, 0}, harmonic = {0, 0};
    double count = (double)n, window = (double)m;
    for (size_t i = 0; i + m < n; i++)
        mx_sum_add(&h, log_spacing(x[i + m], x[i], (count + 1) / window));
    for (size_t k = m; k <= n; k++)
        mx_sum_add(&harmonic, 1 / (double)k);
    return mx_sum_value(&h) / (count - window) + mx_sum_value(&harmonic) + log(window) - log(count + 1);
}

/* The slope of the ranks on the values in each window, by the deviations from the window's first value (exact differences). */
static double correa(const double *x, size_t n, size_t m)
{
    mx_sum h = {0, 0};
    double width = 2 * (double)m + 1;
    for (size_t i = 0; i < n; i++) {
        double scale = at(x, n, i, (ptrdiff_t)m) / 2 - at(x, n, i, -(ptrdiff_t)m) / 2; /* > 0: checked; keeps squares in range */
        double mean = 0, above = 0, below = 0, first = at(x, n, i, -(ptrdiff_t)m);
        for (ptrdiff_t j = -(ptrdiff_t)m; j <= (ptrdiff_t)m; j++)
            mean += (at(x, n, i, j) / 2 - first / 2) / scale;
        mean /= width;
        for (ptrdiff_t j = -(ptrdiff_t)m; j <= (ptrdiff_t)m; j++) {
            double off = (at(x, n, i, j) / 2 - first / 2) / scale - mean;
            above += off * (double)j;
            below += off * off;
        }
        mx_sum_add(&h, log(2 * scale) + log((double)n * below / above));
    }
    return mx_sum_value(&h) / (double)n;
}

/* The first spacing of the kind the method uses that is zero is refused with its value. */
static maxent_error refuse_repeats(const double *x, size_t n, size_t m, maxent_spacing spacing, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < n; i++) {
        double low = spacing == MAXENT_VAN_ES ? x[i] : at(x, n, i, -(ptrdiff_t)m);
        if (spacing == MAXENT_VAN_ES && i + m >= n)
            break;
        if (at(x, n, i, (ptrdiff_t)m) > low)
            continue;
        size_t first = i, last = i;
        while (first > 0 && x[first - 1] == x[i])
            first--;
        while (last + 1 < n && x[last + 1] == x[i])
            last++;
        char text[MX_DOUBLE_TEXT];
        return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                       "the value %s occurs %zu times among %zu: with a window of %zu a spacing is zero and the estimate would be minus "
                       "infinity; repeated values are not a sample from a density (a larger window may bridge a few)",
                       mx_double_text(x[i], text), last - first + 1, n, m);
    }
    return MAXENT_OK;
}

maxent_error maxent_spacing_entropy(maxent_spacing spacing, size_t n, const double *x, size_t m, double *out,
                                    maxent_diagnostic *diagnostic)
{
    if ((unsigned)spacing >= MAXENT_SPACING_COUNT)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no such spacing estimator");
    if (n < 3)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu values; spacings need at least 3", n);
    if (m == 0) {
        m = (size_t)floor(sqrt((double)n) + 0.5);
        while (2 * m >= n)
            m--;
    }
    if (m >= n || 2 * m >= n)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a window of %zu for %zu values; it must be smaller than half of them", m, n);
    maxent_error error = mx_check_finite(n, x, 1, diagnostic);
    if (error != MAXENT_OK)
        return error;
    double *sorted = mx_alloc(n, sizeof *sorted);
    if (sorted == NULL)
        return mx_no_memory(diagnostic);
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, ascending);
    error = refuse_repeats(sorted, n, m, spacing, diagnostic);
    if (error == MAXENT_OK)
        *out = spacing == MAXENT_VAN_ES   ? van_es(sorted, n, m)
               : spacing == MAXENT_CORREA ? correa(sorted, n, m)
                                          : vasicek(sorted, n, m, spacing == MAXENT_EBRAHIMI);
    mx_free(sorted);
    return error;
}
