/* The two products of the data that every method is made of, in doubles: scores X W, and gradients X' R. */
#ifndef MX_PRODUCTS_H
#define MX_PRODUCTS_H

#include "model/events/events.h"

typedef struct mx_products {
    const char *name;
    /* Z[(e - first) * V + v] = sum_j x_ej W[j * V + v] for the events first .. end-1 and v < columns <= V. */
    void (*scores)(const maxent_events *events, size_t first, size_t end, const double *W, size_t V, size_t columns, double *Z);
    /* G[j * V + v] += x_ej R[(e - first) * V + v], likewise. */
    void (*scatter)(const maxent_events *events, size_t first, size_t end, const double *R, size_t V, size_t columns, double *G);
    /* x := log x (x >= 0; what is below 1e-300 counts as that) and e^x (x <= 700; 1e-308 or so below -708), to 1e-15 of their values;
     * the arrays have room for count rounded up to 8. */
    void (*logs)(double *x, size_t count);
    void (*exps)(double *x, size_t count);
} mx_products;

const mx_products *mx_products_get(void); /* the fastest that this processor runs */
const mx_products *mx_products_find(const char *name); /* for tests; NULL: unknown, or it does not run here */
extern const mx_products mx_products_portable, mx_products_avx2, mx_products_avx512;

#endif
