/* See cosine.h. n real numbers in the order 0, 2, 4, ..., 5, 3, 1 are transformed as n / 2 complex ones, by Stockham's method. */
#include "solve/moments/cosine.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

int mx_cosine_open(mx_cosine *c, size_t n)
{
    c->n = n;
    c->turn = mx_alloc(n, 2 * sizeof *c->turn);
    c->root = mx_alloc(n, sizeof *c->root);
    c->space = mx_alloc(n, 2 * sizeof *c->space);
    if (c->turn == NULL || c->root == NULL || c->space == NULL)
        return -1;
    for (size_t j = 0; j < n; j++) {
        c->turn[2 * j] = cos(pi * (double)j / (double)(2 * n));
        c->turn[2 * j + 1] = sin(pi * (double)j / (double)(2 * n));
    }
    for (size_t j = 0; j < n / 4; j++) {
        c->root[2 * j] = cos(4 * pi * (double)j / (double)n);
        c->root[2 * j + 1] = sin(4 * pi * (double)j / (double)n);
    }
    return 0;
}

void mx_cosine_close(mx_cosine *c)
{
    mx_free(c->turn);
    mx_free(c->root);
    mx_free(c->space);
    memset(c, 0, sizeof *c);
}

/* sum_m z_m exp(-2 pi i j m / h), h = n / 2, real parts first, then imaginary ones; returns where the result is: in or out. */
static double *transform(const mx_cosine *c, double *in, double *out)
{
    size_t h = c->n / 2;
    for (size_t m = h / 2, s = 1; m >= 1; m /= 2, s *= 2) {
        const double *x = in, *xi = in + h;
        double *y = out, *yi = out + h;
        for (size_t p = 0; p < m; p++) {
            double wr = c->root[2 * p * s], wi = -c->root[2 * p * s + 1];
            const double *a = x + s * p, *ai = xi + s * p, *b = x + s * (p + m), *bi = xi + s * (p + m);
            double *u = y + 2 * s * p, *ui = yi + 2 * s * p, *v = u + s, *vi = ui + s;
            for (size_t q = 0; q < s; q++) {
                double dr = a[q] - b[q], di = ai[q] - bi[q];
                u[q] = a[q] + b[q];
                ui[q] = ai[q] + bi[q];
                v[q] = dr * wr - di * wi;
                vi[q] = dr * wi + di * wr;
            }
        }
        double *swap = in;
        in = out;
        out = swap;
    }
    return in;
}

void mx_cosine_moments(mx_cosine *c, const double *y, double *A)
{
    size_t n = c->n, h = n / 2;
    double *z = c->space;
    for (size_t m = 0; m < h / 2; m++) { /* the reordered v: v_m = y_2m, v_{n-1-m} = y_{2m+1}; z_m = v_2m + i v_{2m+1} */
        z[m] = y[4 * m];
        z[h + m] = y[4 * m + 2];
        z[h - 1 - m] = y[4 * m + 3];
        z[n - 1 - m] = y[4 * m + 1];
    }
    const double *t = transform(c, z, z + n);
    /* V_j = (Z_j + Z*_{h-j}) / 2 - i e^{-2 pi i j / n} (Z_j - Z*_{h-j}) / 2, A_j - i A_{n-j} = e^{-pi i j / 2n} V_j */
    A[0] = t[0] + t[h];
    A[h] = c->turn[2 * h] * (t[0] - t[h]);
    for (size_t j = 1; j < h; j++) {
        size_t l = h - j;
        double er = 0.5 * (t[j] + t[l]), ei = 0.5 * (t[h + j] - t[h + l]);
        double dr = 0.5 * (t[h + j] + t[h + l]), di = -0.5 * (t[j] - t[l]);
        /* e^{-2 pi i j / n} = (e^{-pi i j / 2n})^4 is the turn of 4 j / (2 n) */
        double cr, ci;
        if (j < n / 4) {
            cr = c->turn[8 * j];
            ci = -c->turn[8 * j + 1];
        } else {
            cr = -c->turn[2 * (4 * j - n) + 1];
            ci = -c->turn[2 * (4 * j - n)];
        }
        double vr = er + cr * dr - ci * di, vi = ei + cr * di + ci * dr;
        double tr = c->turn[2 * j], ti = -c->turn[2 * j + 1];
        A[j] = tr * vr - ti * vi;
        A[n - j] = -(tr * vi + ti * vr);
    }
}

void mx_cosine_values(mx_cosine *c, const double *a, double *y)
{
    size_t n = c->n, h = n / 2;
    double *z = c->space;
    /* V_j = e^{pi i j / 2n} (B_j - i B_{n-j}), B_0 = a_0, B_j = a_j / 2; Z_j = (V_j + V*_{h-j}) + i e^{2 pi i j / n} (V_j - V*_{h-j}).
     * The inverse transform is the forward one with real and imaginary parts exchanged. */
    for (size_t j = 0; j < h; j++) {
        size_t l = h - j;
        double br = j == 0 ? a[0] : 0.5 * a[j], bi = j == 0 ? 0 : -0.5 * a[n - j];
        double tr = c->turn[2 * j], ti = c->turn[2 * j + 1];
        double vr = tr * br - ti * bi, vi = tr * bi + ti * br;
        double dr = 0.5 * a[l], di = -0.5 * a[n - l];
        double sr = c->turn[2 * l], si = c->turn[2 * l + 1];
        double wr = sr * dr - si * di, wi = -(sr * di + si * dr); /* conjugate of V_l */
        double cr, ci; /* e^{2 pi i j / n} */
        if (j < n / 4) {
            cr = c->turn[8 * j];
            ci = c->turn[8 * j + 1];
        } else {
            cr = -c->turn[2 * (4 * j - n) + 1];
            ci = c->turn[2 * (4 * j - n)];
        }
        double er = vr - wr, ei = vi - wi;
        double fr = cr * er - ci * ei, fi = cr * ei + ci * er;
        z[h + j] = vr + wr - fi;
        z[j] = vi + wi + fr;
    }
    const double *t = transform(c, z, z + n);
    for (size_t m = 0; m < h / 2; m++) {
        y[4 * m] = t[h + m];
        y[4 * m + 2] = t[m];
        y[4 * m + 3] = t[n - 1 - m];
        y[4 * m + 1] = t[h - 1 - m];
    }
}

/* w_m = (2 / n) (1 - 2 sum_{j >= 1, 2j < n} cos(2 j theta_m) / (4 j^2 - 1)) */
void mx_cosine_weights(mx_cosine *c, double *weight)
{
    double n = (double)c->n;
    memset(weight, 0, c->n * sizeof *weight);
    weight[0] = 2 / n;
    for (size_t j = 2; j < c->n; j += 2)
        weight[j] = -4 / (n * ((double)j * (double)j - 1));
    mx_cosine_values(c, weight, weight);
}
