/* Faces that combinations of facts force.
 *
 * Near such a face p all but vanishes outside it, and some features depend on others as far as p can tell: the combination is constant
 * on the face. A pivoted Cholesky factorisation of their covariance, A = L L', finds the dependent ones; of feature j
 *
 *     u_j = sum_i c_i u_i + const on the face,    c = L_R^-T L_j,    d = e_j - sum_i c_i e_i.
 *
 * When d is of small whole numbers, as with counts, margins and indicators, d . f_x is computed for every state in double-double: it
 * is a proof when no state is below the target d . tau and some are on it. A combination that needs several of these together is not
 * found.
 */
#include "solve/finite/face.h"

#include "base/dd.h"
#include "base/dense.h"
#include "base/memory.h"
#include "solve/dual/coordinates.h"

#include <math.h>
#include <string.h>

#define DEPENDENT 1e-10      /* part of a variance that the others leave open, below which a feature depends on them */
#define MOST_CANDIDATES 64
#define MOST_MULTIPLE 24     /* d times a whole number up to this is to be whole */
#define WHOLE 1e-5
/* Parts of the range of d . f: up to the first a state counts as on the face, for rounding; up to the second nobody can say. */
#define ON 1e-12
#define UNCLEAR 1e-6
#define BLOCK 64

typedef struct candidate {
    double *d;           /* [k] */
    double size;         /* sum |d tau|, for rounding */
    double open;         /* what is not known of d . tau */
    mx_dd target;        /* d . tau */
    mx_dd least, most;   /* of d . f */
    int found;
} candidate;

/* d to whole numbers; 0 when it is not near such, or a fact in it is none that binds at both sides. */
static int settle(const maxent_problem *problem, const double *scale, candidate *c)
{
    double most = 0;
    size_t k = problem->k;
    for (size_t i = 0; i < k; i++)
        most = fmax(most, fabs(c->d[i] *= scale[i]));
    if (!(most > 0) || !isfinite(most))
        return 0;
    for (int by = 1; by <= MOST_MULTIPLE; by++) {
        int whole = 1;
        for (size_t i = 0; i < k && whole; i++)
            whole = fabs(c->d[i] / most * by - round(c->d[i] / most * by)) <= WHOLE;
        if (!whole)
            continue;
        c->target = mx_dd_make(0);
        c->open = c->size = 0;
        for (size_t i = 0; i < k; i++) {
            const mx_fact *fact = &problem->fact[i];
            c->d[i] = round(c->d[i] / most * by);
            if (c->d[i] == 0)
                continue;
            if (fact->lower != fact->upper || fact->sd > 0)
                return 0;
            c->target = mx_dd_add(c->target, mx_two_prod(c->d[i], fact->lower));
            c->open += MX_ALLOWED * fabs(c->d[i]) * fact->target_error;
            c->size += fabs(c->d[i] * fact->lower);
        }
        return 1;
    }
    return 0;
}

static mx_dd along(const double *hi, const double *lo, const double *d, size_t k)
{
    mx_dd sum = {0, 0};
    for (size_t i = 0; i < k; i++)
        if (d[i] != 0)
            sum = mx_dd_add(sum, mx_dd_mul_d((mx_dd){hi[i], lo[i]}, d[i]));
    return sum;
}

/* The combinations that the covariance shows; returns how many. */
static size_t propose(const maxent_problem *problem, double *A, const double *scale, int threads, candidate *list, double *row,
                      size_t *order, double *work)
{
    size_t k = problem->k, rank, count = 0;
    if (mx_cholesky_pivoted(k, A, k, DEPENDENT, threads, order, &rank, work) != 0)
        return 0;
    for (size_t j = rank; j < k && count < MOST_CANDIDATES; j++) {
        memcpy(row, A + j * k, rank * sizeof *row);
        mx_solve_lower_transposed(rank, A, k, row);
        double *d = list[count].d;
        memset(d, 0, k * sizeof *d);
        d[order[j]] = 1;
        for (size_t i = 0; i < rank; i++)
            d[order[i]] = -row[i];
        count += (size_t)settle(problem, scale, &list[count]);
    }
    return count;
}

/* What a sweep over the states is for: the ranges of all candidates; whether those found have a gap beside the face; to rule out. */
typedef enum aim { RANGE, GAP, RULE } aim;

/* Returns non-zero when the candidate rules a state out. */
static int use(candidate *c, mx_dd value, aim what, int first)
{
    if (what == RANGE) {
        c->least = first || mx_dd_compare(value, c->least) < 0 ? value : c->least;
        c->most = first || mx_dd_compare(value, c->most) > 0 ? value : c->most;
        return 0;
    }
    double range = mx_dd_sub(c->most, c->least).hi, above = mx_dd_sub(value, c->least).hi;
    int off = c->found && above > fmax(ON * range, 4 * c->open);
    if (what == GAP && off && above < UNCLEAR * range)
        c->found = 0;
    return what == RULE && off;
}

static maxent_error sweep(const maxent_problem *problem, candidate *list, size_t count, double *block, mx_watch *watch, double *logq,
                          aim what, size_t *out)
{
    size_t k = problem->k;
    double *hi = block, *lo = block + BLOCK * k;
    int any = 0;
    for (size_t first = 0; first < problem->n; first += BLOCK) {
        size_t m = problem->n - first < BLOCK ? problem->n - first : BLOCK;
        if (mx_watch_due(first * k, (first + m) * k) && mx_watch_over(watch, 1))
            return MAXENT_ERROR_STOPPED;
        if (mx_features_block_dd(problem, first, m, hi, lo) != 0)
            return MAXENT_ERROR_CALLBACK;
        for (size_t x = 0; x < m; x++) {
            if (logq[first + x] == -INFINITY)
                continue;
            for (size_t c = 0; c < count; c++) {
                mx_dd value = along(hi + x * k, lo + x * k, list[c].d, k);
                if (use(&list[c], value, what, !any)) {
                    logq[first + x] = -INFINITY;
                    ++*out;
                    break;
                }
            }
            any = 1;
        }
    }
    return MAXENT_OK;
}

/* Is the target at an end of the range? Then d points away from it. */
static void judge(candidate *c, size_t k)
{
    c->found = 0;
    if (mx_dd_compare(c->least, c->most) == 0)
        return;
    double open = c->open + 0x1p-60 * c->size;
    if (fabs(mx_dd_sub(c->most, c->target).hi) <= open) {
        mx_dd least = c->least;
        for (size_t i = 0; i < k; i++)
            c->d[i] = c->d[i] == 0 ? 0 : -c->d[i];
        c->target = (mx_dd){-c->target.hi, -c->target.lo};
        c->least = (mx_dd){-c->most.hi, -c->most.lo};
        c->most = (mx_dd){-least.hi, -least.lo};
    }
    c->found = fabs(mx_dd_sub(c->least, c->target).hi) <= open;
}

maxent_error mx_find_face(const maxent_problem *problem, double *covariance, const double *scale, int threads, mx_watch *watch,
                          double *logq, double *direction, size_t *out)
{
    size_t k = problem->k, count;
    candidate list[MOST_CANDIDATES + 1];
    memset(list, 0, sizeof list);
    *out = 0;
    double *d = mx_alloc(k, (MOST_CANDIDATES + 1) * sizeof *d), *block = mx_alloc(2 * BLOCK + 1, k * sizeof *block);
    size_t *order = mx_alloc(k, sizeof *order);
    double *work = mx_alloc_aligned(mx_cholesky_work(k, threads) + 8, sizeof *work);
    maxent_error error = MAXENT_ERROR_MEMORY;
    if (d == NULL || block == NULL || order == NULL || work == NULL)
        goto done;
    for (size_t c = 0; c <= MOST_CANDIDATES; c++)
        list[c].d = d + c * k;
    count = propose(problem, covariance, scale, threads, list, block + 2 * BLOCK * k, order, work);
    error = count > 0 ? sweep(problem, list, count, block, watch, logq, RANGE, out) : MAXENT_OK;
    int any = 0;
    for (size_t c = 0; c < count && error == MAXENT_OK; c++)
        judge(&list[c], k);
    if (count > 0 && error == MAXENT_OK)
        error = sweep(problem, list, count, block, watch, logq, GAP, out);
    for (size_t c = 0; c < count && error == MAXENT_OK; c++) {
        if (list[c].found && !any)
            memcpy(direction, list[c].d, k * sizeof *d);
        any |= list[c].found;
    }
    if (any && error == MAXENT_OK)
        error = sweep(problem, list, count, block, watch, logq, RULE, out);
done:
    mx_free(d);
    mx_free(block);
    mx_free(order);
    mx_free(work);
    return error;
}
