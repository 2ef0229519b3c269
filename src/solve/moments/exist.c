/* Whether any law has the Chebyshev moments asked for, by Levinson's recursion.
 *
 * Numbers mu_1 .. mu_K are E cos(j theta) of some law exactly when the Toeplitz matrix mu_|i-j| is semi-definite [1]. The recursion
 * finds for each order the monic polynomial A of least A' T A, with reflection coefficient g; |g| > 1 at order n shows that
 * v = A + sign(g) reversed A has v' T v = 2 e (1 - |g|) < 0, while E |sum_j v_j e^{i j theta}|^2 >= 0 under every law: the coefficients
 *
 *     d_j = 2 sum_i v_i v_{i+j}:      sum_j d_j T_j(x) >= -sum_i v_i^2   on -1 <= x <= 1,   sum_j d_j mu_j < -sum_i v_i^2
 *
 * are the certificate. It is judged afresh, with the rounding of d counted against it.
 *
 * [1] C. Caratheodory, Ueber den Variabilitaetsbereich der Fourier'schen Konstanten (1911).
 */
#include "solve/moments/moments.h"

#include "base/memory.h"
#include "solve/verdict.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* v[order + 1] shows that no law has the moments: direction and margin. 1: it does; 0: not beyond rounding. */
static int certify(mx_many *s, const double *v, size_t order)
{
    maxent_result *result = s->run->result;
    size_t k = s->problem->k;
    double sum = 0, *direction = s->trial;
    for (size_t i = 0; i <= order; i++)
        sum += fabs(v[i]);
    mx_dd square = {0, 0};
    for (size_t i = 0; i <= order; i++)
        square = mx_dd_add(square, mx_two_prod(v[i], v[i]));
    mx_dd below = square; /* sum_i v_i^2 + d . mu */
    for (size_t j = 1; j <= order; j++) {
        mx_dd d = {0, 0};
        for (size_t i = 0; i + j <= order; i++)
            d = mx_dd_add(d, mx_two_prod(v[i], v[i + j]));
        direction[j - 1] = 2 * d.hi;
        below = mx_dd_add(below, mx_two_prod(direction[j - 1], s->target[j - 1]));
    }
    double margin = -below.hi - 4 * DBL_EPSILON * sum * sum; /* each d_j is rounded once: their errors sum to no more */
    if (!(margin > 0))
        return 0;
    double most = 0;
    for (size_t j = 0; j < order; j++)
        most = fmax(most, fabs(direction[j]));
    memset(result->direction, 0, k * sizeof *result->direction);
    for (size_t j = 0; j < order; j++)
        result->direction[s->fact[j]] = direction[j] / most;
    result->margin = margin / most;
    result->verdict = MAXENT_INFEASIBLE;
    return 1;
}

int mx_moments_exist(mx_many *s)
{
    maxent_result *result = s->run->result;
    size_t complete = 0, order = 0;
    while (complete < s->m && s->degree[complete] == complete + 1)
        complete++;
    if (s->legendre || complete == 0)
        return 1;
    double *a = mx_zalloc(2, (complete + 1) * sizeof *a), *v = a != NULL ? a + complete + 1 : NULL, error = 1, g = 0;
    if (a == NULL)
        return -1;
    a[0] = 1;
    for (size_t n = 1; n <= complete; n++) { /* A of order n - 1 is a; g = -sum_i a_i mu_{n-i} / e */
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += a[i] * s->target[n - i - 1];
        g = -sum / error;
        order = n;
        if (!(fabs(g) < 1))
            break;
        for (size_t i = 0; i <= n; i++)
            v[i] = a[i] + g * (i > 0 ? a[n - i] : 0);
        memcpy(a, v, (n + 1) * sizeof *a);
        error *= 1 - g * g;
    }
    int exist = 1;
    if (!(fabs(g) < 1)) {
        double scale = 1 / sqrt(fmax(error, DBL_MIN));
        for (size_t i = 0; i <= order; i++)
            v[i] = (i < order ? a[i] : 0) + (g > 0 ? 1 : -1) * (i > 0 ? a[order - i] : 0);
        for (size_t i = 0; i <= order; i++)
            v[i] *= scale;
        mx_free(result->direction);
        result->direction = mx_zalloc(s->problem->k, sizeof *result->direction);
        exist = result->direction == NULL ? -1 : !certify(s, v, order);
        if (exist == 0)
            mx_explain_existence(s->run, NULL, 0, 1);
        else {
            mx_free(result->direction);
            result->direction = NULL;
        }
    }
    mx_free(a);
    return exist;
}
