/* Cholesky's factors in double-double, row by row: k is small here, and the matrices come from weighted sums that cost more. */
#include "base/dd_dense.h"

/* start - sum_(m < count) a_m b_m, with steps of a and b. */
static mx_dd less_products(mx_dd start, size_t count, const mx_dd *a, size_t step, const mx_dd *b)
{
    for (size_t m = 0; m < count; m++)
        start = mx_dd_sub(start, mx_dd_mul(a[m * step], b[m]));
    return start;
}

int mx_dd_cholesky(size_t k, mx_dd *A, double floor)
{
    for (size_t i = 0; i < k; i++) {
        mx_dd *row = A + i * k;
        for (size_t j = 0; j < i; j++)
            row[j] = mx_dd_div(less_products(row[j], j, row, 1, A + j * k), A[j * k + j]);
        mx_dd pivot = less_products(row[i], i, row, 1, row);
        if (floor > 0 && !(pivot.hi > 0.5 * floor))
            pivot = mx_dd_make(floor);
        else if (!(pivot.hi > 1e-28 * row[i].hi))
            return 1;
        row[i] = mx_dd_sqrt(pivot);
    }
    return 0;
}

void mx_dd_cholesky_solve(size_t k, const mx_dd *L, mx_dd *b)
{
    for (size_t i = 0; i < k; i++)
        b[i] = mx_dd_div(less_products(b[i], i, L + i * k, 1, b), L[i * k + i]);
    for (size_t i = k; i-- > 0;)
        b[i] = mx_dd_div(less_products(b[i], k - i - 1, L + (i + 1) * k + i, k, b + i + 1), L[i * k + i]);
}
