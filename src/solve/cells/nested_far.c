/* Lines that reach far out. */
#include "solve/cells/nested_far.h"

#include <math.h>

#define UNIT 5.1  /* that a rule of `steps` nodes covers */
#define NEAR 4.3  /* exp(u - exp(-u)) from exp(-78): x^-0.6 has 1e-13 below */

/* Nodes at equal steps between low and high. */
static size_t count(double low, double high, size_t steps)
{
    double n = ceil((high - low) / UNIT * (double)steps);
    return n >= 1 && n <= MX_FAR_MOST ? (size_t)n : 0;
}

size_t mx_nested_far(const mx_nested *nested, size_t a, double left, double right, size_t steps, mx_far_node *node)
{
    double scale = nested->scale[a], out = log(nested->far[a] / scale), low = -NEAR, high = out, length = right - left;
    int line = isinf(left) && isinf(right), half = !line && isinf(length);
    double A = fmax(0, log(length / scale));
    if (line) {
        high = out + log(2);
        low = -high;
    } else if (!half) {
        high = A + NEAR;
        low = -high;
    }
    size_t n = count(low, high, steps);
    double h = (high - low) / (double)n;
    for (size_t j = 0; j < n; j++) {
        double u = low + h * ((double)j + 0.5);
        mx_far_node *x = &node[j];
        *x = (mx_far_node){.end = line ? 0 : half ? (isinf(left) ? 1 : -1) : u < 0 ? -1 : 1};
        x->edge = (line && j == 0) || ((line || half) && j + 1 == n);
        if (line) {
            x->off = scale * sinh(u);
            x->logw = log(h * scale * cosh(u));
        } else if (half) {
            double s = u - exp(-u);
            x->off = (isinf(left) ? -scale : scale) * exp(s);
            x->logw = log(h * scale) + s + log1p(exp(-u));
        } else {
            double v = u + exp(u - A) - exp(-u - A), near = length / (1 + exp(fabs(v)));
            x->off = u < 0 ? near : -near;
            x->logw = log(h * (1 + exp(u - A) + exp(-u - A))) + log(near) - log1p(exp(-fabs(v)));
        }
    }
    return n;
}
