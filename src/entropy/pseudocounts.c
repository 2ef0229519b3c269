/* Entropy of smoothed frequencies: pseudocounts (Jeffreys, Laplace, Perks, minimax [1], any alpha) and James-Stein shrinkage [2].
 *
 *     pseudocounts   p_i = (y_i + alpha) / (N + alpha K)
 *     shrinkage      p_i = L / K + (1 - L) y_i / N,   L = (1 - sum (y_i/N)^2) / ((N - 1) sum (1/K - y_i/N)^2), clipped to [0, 1]
 *
 * [1] S. Trybula, Ann. Math. Stat. 29 (1958) 885. [2] J. Hausser and K. Strimmer, JMLR 10 (2009) 1469, eq. 4-6.
 */
#include "entropy/counts.h"
#include "entropy/sum.h"

#include <math.h>

static void add_cells(mx_sum *h, double cells, double p)
{
    if (cells > 0 && p > 0)
        mx_sum_add(h, -cells * p * log(p));
}

double mx_pseudocount(const mx_counts *c, double alpha)
{
    mx_sum h = {0, 0};
    double all = c->n + alpha * c->total;
    if (isinf(all))
        return log(c->total); /* alpha beyond 1e308 / K: uniform */
    for (size_t g = 0; g < c->groups; g++)
        add_cells(&h, c->cells[g], (c->value[g] + alpha) / all);
    add_cells(&h, c->total - c->seen, alpha / all);
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}

double mx_shrinkage(const mx_counts *c)
{
    double n = c->n, target = 1 / c->total;
    mx_sum spread = {0, 0}, distance = {0, 0}; /* 1 - sum p^2 = sum p (1 - p); sum (1/K - p)^2 */
    for (size_t g = 0; g < c->groups; g++) {
        double p = c->value[g] / n;
        mx_sum_add(&spread, c->cells[g] * p * ((n - c->value[g]) / n));
        mx_sum_add(&distance, c->cells[g] * (target - p) * (target - p));
    }
    mx_sum_add(&distance, (c->total - c->seen) * target * target);
    double intensity = 1, below = (n - 1) * mx_sum_value(&distance);
    if (n > 1 && mx_sum_value(&spread) < below)
        intensity = mx_sum_value(&spread) / below;
    mx_sum h = {0, 0};
    for (size_t g = 0; g < c->groups; g++)
        add_cells(&h, c->cells[g], intensity * target + (1 - intensity) * c->value[g] / n);
    add_cells(&h, c->total - c->seen, intensity * target);
    double value = mx_sum_value(&h);
    return value > 0 ? value : 0;
}
