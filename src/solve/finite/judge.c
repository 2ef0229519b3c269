/* The judge: everything that is said about an answer is computed here from p and the facts, not from the solver's own words.
 *
 *     residual_i = |E_p[f_i] - tau_i| / max(|tau_i|, sd_p(f_i))
 *     gap        = D(lambda) - (-sum p log(p / q) - sum over soft facts (E f - tau)^2 / 2 sd^2)  >= 0
 *
 * Sums run in double-double over the states that carry probability.
 */
#include "solve/result.h"

#include "base/memory.h"

#include <math.h>

#define SAME 0x1p-96 /* of its size: what double-double leaves open of a feature */

static double violation(const mx_column *column, mx_dd mean, double multiplier)
{
    switch (column->kind) {
    case MX_KIND_EQUAL:
        return fabs(mean.hi);
    case MX_KIND_BOX:
        return fmax(0, fmax(mx_dd_sub(column->lower, mean).hi, mx_dd_sub(mean, column->upper).hi));
    case MX_KIND_SOFT:
        return fabs(mx_dd_sub(mean, mx_dd_make(column->sd * column->sd * multiplier)).hi);
    default:
        return 0;
    }
}

/* |tau| of the bound that the fact leans on, in scaled units. */
static double target_size(const mx_column *column, const mx_fact *fact, mx_dd mean)
{
    double target = fact->lower;
    if (column->kind == MX_KIND_BOX && (!isfinite(fact->lower) || (isfinite(fact->upper) && mx_dd_compare(mean, column->upper) >= 0)))
        target = fact->upper;
    return isfinite(target) ? fabs(ldexp(target, -column->exponent)) : 0;
}

/* E[f | B] = c: |c| P[B], the size of the two sides of E[1_B f] = c P[B], in scaled units. */
static double conditional_size(const mx_view *view, size_t i, const mx_fact *fact, const double *p)
{
    if (fact->given >= view->k)
        return 0;
    double probability = view->column[fact->given].reference;
    for (size_t x = 0; x < view->n; x++)
        probability += ldexp(view->hi[fact->given * view->n + x], view->column[fact->given].exponent) * p[view->state[x]];
    return fabs(ldexp(fact->shift, -view->column[i].exponent)) * fmax(probability, 0);
}

static void judge_fact(const mx_view *view, size_t i, const mx_fact *fact, maxent_result *result, double *penalty)
{
    const mx_column *column = &view->column[i];
    mx_dd mean = {0, 0};
    double square = 0, least = INFINITY, most = -INFINITY;
    for (size_t x = 0; x < view->n; x++) {
        mx_dd g = mx_view_at(view, i, x);
        double p = result->p[view->state[x]];
        mean = mx_dd_add(mean, mx_dd_mul_d(g, p));
    }
    for (size_t x = 0; x < view->n; x++) {
        double off = mx_dd_sub(mx_view_at(view, i, x), mean).hi;
        square += result->p[view->state[x]] * off * off;
        if (result->p[view->state[x]] > 0) {
            least = fmin(least, mx_view_at(view, i, x).hi);
            most = fmax(most, mx_view_at(view, i, x).hi);
        }
    }
    int constant = most - least <= SAME * column->size; /* then the deviation is the rounding of p, and no scale */
    double sd = constant ? 0 : sqrt(square), multiplier = ldexp(result->lambda[i], column->exponent);
    double off = violation(column, mean, multiplier);
    double scale = fmax(fmax(target_size(column, fact, mean), conditional_size(view, i, fact, result->p)), sd);
    if (column->kind == MX_KIND_SOFT) {
        scale = fmax(scale, column->sd);
        *penalty += 0.5 * (mean.hi / column->sd) * (mean.hi / column->sd);
    }
    if (scale == 0)
        scale = column->size > 0 ? column->size : 1; /* a feature that is the same wherever p is not 0, with target 0 */
    result->residual[i] = off / scale;
    result->deviation[i] = ldexp(sd, column->exponent);
    result->achieved[i] = column->reference + ldexp(mean.hi, column->exponent);
    if (!(result->residual[i] <= result->worst_residual))
        result->worst_residual = result->residual[i];
    if (!(off <= 4 * (column->error + column->size * column->rounding)) && !(result->residual[i] <= result->unmet))
        result->unmet = result->residual[i];
}

void mx_result_judge(mx_run *run, const mx_view *view, double dual)
{
    maxent_result *result = run->result;
    double penalty = 0;
    result->worst_residual = result->unmet = 0;
    for (size_t i = 0; i < view->k; i++)
        judge_fact(view, i, &run->problem->fact[i], result, &penalty);
    mx_dd entropy = {0, 0}, relative = {0, 0};
    for (size_t x = 0; x < view->n; x++) {
        double p = result->p[view->state[x]];
        if (!(p > 0))
            continue;
        double part = p * log(p);
        entropy = mx_dd_add_d(entropy, -part);
        relative = mx_dd_add_d(relative, part);
        if (run->problem->q != NULL)
            relative = mx_dd_sub(relative, mx_two_prod(p, view->logq[x]));
    }
    result->entropy = entropy.hi > 0 ? entropy.hi : 0;
    result->relative_entropy = relative.hi; /* against q itself; mx_result_finish refers it to q / sum q */
    result->gap = dual - (-relative.hi - penalty);
}
