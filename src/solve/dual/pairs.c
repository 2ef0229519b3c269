/* The recursion of pairs.h. */
#include "solve/dual/pairs.h"

#include "base/dense.h"

#include <math.h>

#define MEMORY 24 /* pairs kept; more did not lower the number of passes on the benchmark's hard problems */

size_t mx_pairs_size(size_t r)
{
    return 2 * MEMORY * r + 2 * MEMORY;
}

mx_pairs mx_pairs_in(double *memory, size_t r)
{
    return (mx_pairs){.r = r, .s = memory, .y = memory + MEMORY * r, .inverse = memory + 2 * MEMORY * r,
                      .alpha = memory + 2 * MEMORY * r + MEMORY};
}

void mx_pairs_remember(mx_pairs *p, const double *step, double length, const double *slope, const double *before)
{
    double *s = p->s + p->next * p->r, *y = p->y + p->next * p->r;
    for (size_t j = 0; j < p->r; j++) {
        s[j] = length * step[j];
        y[j] = slope[j] - before[j];
    }
    double curvature = mx_dot(p->r, s, y);
    if (!(curvature > 1e-14 * sqrt(mx_dot(p->r, s, s) * mx_dot(p->r, y, y))))
        return;
    p->inverse[p->next] = 1 / curvature;
    p->next = (p->next + 1) % MEMORY;
    p->count = p->count < MEMORY ? p->count + 1 : MEMORY;
}

size_t mx_pairs_last(const mx_pairs *p)
{
    return (p->next + MEMORY - 1) % MEMORY;
}

void mx_pairs_down(mx_pairs *p, double *d)
{
    size_t r = p->r;
    for (size_t a = 0; a < p->count; a++) {
        size_t at = (p->next + MEMORY - 1 - a) % MEMORY;
        p->alpha[at] = p->inverse[at] * mx_dot(r, p->s + at * r, d);
        for (size_t j = 0; j < r; j++)
            d[j] -= p->alpha[at] * p->y[at * r + j];
    }
}

void mx_pairs_up(const mx_pairs *p, double *d)
{
    size_t r = p->r;
    for (size_t a = p->count; a-- > 0;) {
        size_t at = (p->next + MEMORY - 1 - a) % MEMORY;
        double beta = p->inverse[at] * mx_dot(r, p->y + at * r, d);
        for (size_t j = 0; j < r; j++)
            d[j] += (p->alpha[at] - beta) * p->s[at * r + j];
    }
}
