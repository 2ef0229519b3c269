/* Newton's method in double-double.
 *
 *     s_x = log q_x - z . u_x,    g_j = b_j - E_p[u_j] + sd_j^2 z_j,    (Cov[u] + diag(sd^2)) d = -g
 *
 * Facts that are nearly the same and at odds, an exact one and one with a small standard error, have multipliers of 1e10 whose sum is
 * of order 1. Scores in double-double keep that sum, p needs no more than a double of it, and the slopes g are as good as p. The
 * covariance is factored in double-double too: of two such facts it leaves no more than sd^2, which may be 1e-17 of it.
 *
 * A box counts as an equality at the bound that it leans on while its multiplier has the sign for it, and not at all otherwise. The
 * start is where doubles came to an end, or 0; there is no globalisation but halved steps, which on a convex dual is enough where the
 * matrix stays regular.
 */
#include "solve/finite/refine.h"

#include "base/dd_dense.h"
#include "base/memory.h"
#include "solve/dual/minimise.h"

#include <math.h>
#include <string.h>

#define STEPS 100
#define IDLE 12         /* steps without a better residual */
#define AFFORDABLE 3e5  /* n r^2: 10 ms a step */

typedef struct refinement {
    const mx_coordinates *c;
    const double *logq;
    mx_dd *z, *trial;   /* [r] */
    mx_dd *slope;       /* [r] of the coordinates that are free */
    mx_dd *mean;        /* [r] */
    mx_dd *step;        /* [r] */
    mx_dd *square;      /* [r * r] */
    mx_dd *centred;     /* [n * r] */
    double *p;          /* [n] */
    int *free;          /* [r] */
    mx_dd log_partition;
    double divergence;  /* sum p (log p - log p_z), of p as rounded */
    double residual;    /* max |slope| / sd */
} refinement;

static mx_dd at(const mx_coordinates *c, size_t j, size_t x)
{
    return (mx_dd){c->hi[j * c->n + x], c->lo[j * c->n + x]};
}

/* p and log Z at z. */
static void distribute(refinement *f, const mx_dd *z)
{
    const mx_coordinates *c = f->c;
    mx_dd top = {-INFINITY, 0}, *score = f->centred; /* not in use at the same time */
    for (size_t x = 0; x < c->n; x++) {
        mx_dd sum = mx_dd_make(f->logq[x]);
        for (size_t j = 0; j < c->r; j++)
            if (z[j].hi != 0)
                sum = mx_dd_sub(sum, mx_dd_mul(z[j], at(c, j, x)));
        score[x] = sum;
        if (mx_dd_compare(sum, top) > 0)
            top = sum;
    }
    mx_dd total = {0, 0};
    for (size_t x = 0; x < c->n; x++) {
        f->p[x] = exp(mx_dd_sub(score[x], top).hi);
        total = mx_dd_add_d(total, f->p[x]);
    }
    mx_dd log_z = mx_dd_add_d(top, log(total.hi));
    f->log_partition = log_z;
    f->divergence = 0;
    for (size_t x = 0; x < c->n; x++) {
        f->p[x] /= total.hi;
        if (f->p[x] > 0)
            f->divergence += f->p[x] * (log(f->p[x]) - mx_dd_sub(score[x], log_z).hi);
    }
}

/* Slopes at z, which coordinates are free there, and the residual. */
static void judge(refinement *f, const mx_dd *z)
{
    const mx_coordinates *c = f->c;
    f->residual = 0;
    for (size_t j = 0; j < c->r; j++) {
        mx_dd mean = {0, 0}, bound = {0, 0};
        double square = 0;
        for (size_t x = 0; x < c->n; x++)
            mean = mx_dd_add(mean, mx_dd_mul_d(at(c, j, x), f->p[x]));
        for (size_t x = 0; x < c->n; x++) {
            double off = mx_dd_sub(at(c, j, x), mean).hi;
            square += f->p[x] * off * off;
        }
        f->mean[j] = mean;
        f->free[j] = c->kind[j] != MX_KIND_BOX;
        if (c->kind[j] == MX_KIND_BOX) {
            int upper = z[j].hi > 0 || (z[j].hi == 0 && mx_dd_compare(mean, c->upper[j]) > 0);
            int lower = z[j].hi < 0 || (z[j].hi == 0 && mx_dd_compare(mean, c->lower[j]) < 0);
            f->free[j] = upper ? 1 : lower ? -1 : 0;
            bound = upper ? c->upper[j] : lower ? c->lower[j] : mean;
        }
        f->slope[j] = mx_dd_sub(bound, mean);
        if (c->kind[j] == MX_KIND_SOFT)
            f->slope[j] = mx_dd_add(f->slope[j], mx_dd_mul(mx_two_prod(c->sd[j], c->sd[j]), z[j]));
        double scale = fmax(sqrt(square), c->kind[j] == MX_KIND_SOFT ? c->sd[j] : 0);
        double part = f->slope[j].hi == 0 ? 0 : fabs(f->slope[j].hi) / scale;
        if (!(part <= f->residual))
            f->residual = part;
    }
}

/* The Newton step over the free coordinates. Non-zero: the matrix is singular. */
static int find_step(refinement *f)
{
    const mx_coordinates *c = f->c;
    size_t n = c->n, r = c->r;
    mx_dd *A = f->square;
    for (size_t j = 0; j < r; j++)
        for (size_t x = 0; x < n; x++)
            f->centred[j * n + x] = f->free[j] ? mx_dd_sub(at(c, j, x), f->mean[j]) : mx_dd_make(0);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++) {
            mx_dd sum = {0, 0};
            for (size_t x = 0; f->free[i] && f->free[j] && x < n; x++)
                if (f->p[x] > 0)
                    sum = mx_dd_add(sum, mx_dd_mul_d(mx_dd_mul(f->centred[i * n + x], f->centred[j * n + x]), f->p[x]));
            if (i == j && c->kind[j] == MX_KIND_SOFT)
                sum = mx_dd_add(sum, mx_two_prod(c->sd[j], c->sd[j]));
            A[i * r + j] = i == j && !f->free[j] ? mx_dd_make(1) : sum;
        }
    if (mx_dd_cholesky(r, A, 0))
        return 1;
    for (size_t i = 0; i < r; i++)
        f->step[i] = f->free[i] ? mx_dd_neg(f->slope[i]) : mx_dd_make(0);
    mx_dd_cholesky_solve(r, A, f->step);
    return 0;
}

/* Along the step, the first of its halves at which the dual no longer falls as steeply; a box that would change sides stops at 0. */
static int advance(refinement *f)
{
    size_t r = f->c->r;
    double before = 0, length = 1;
    for (size_t j = 0; j < r; j++)
        before += f->slope[j].hi * f->step[j].hi;
    for (int attempt = 0; attempt < 30; attempt++, length *= 0.5) {
        double along = 0;
        for (size_t j = 0; j < r; j++) {
            f->trial[j] = mx_dd_add(f->z[j], mx_dd_mul_d(f->step[j], length));
            if (f->c->kind[j] == MX_KIND_BOX && f->trial[j].hi * f->free[j] < 0)
                f->trial[j] = mx_dd_make(0);
        }
        distribute(f, f->trial);
        judge(f, f->trial);
        for (size_t j = 0; j < r; j++)
            along += f->slope[j].hi * f->step[j].hi;
        if (fabs(along) < 0.9 * fabs(before)) {
            memcpy(f->z, f->trial, r * sizeof *f->z);
            return 1;
        }
    }
    return 0;
}

static double dual_value(const refinement *f, const mx_dd *z)
{
    const mx_coordinates *c = f->c;
    mx_dd value = f->log_partition;
    for (size_t j = 0; j < c->r; j++) {
        if (c->kind[j] == MX_KIND_BOX && z[j].hi != 0)
            value = mx_dd_add(value, mx_dd_mul(z[j], z[j].hi > 0 ? c->upper[j] : c->lower[j]));
        if (c->kind[j] == MX_KIND_SOFT)
            value = mx_dd_add(value, mx_dd_scale(mx_dd_mul(mx_two_prod(c->sd[j], c->sd[j]), mx_dd_mul(z[j], z[j])), -1));
    }
    return value.hi;
}

/* D(z) less the primal at p. With penalties of 1e13 their difference has no digit left; term by term it keeps them all:
 *
 *     gap = sum p (log p - log p_z) + sum_soft slope^2 / 2 sd^2 + sum_others z slope. */
static double gap(const refinement *f, const mx_dd *z)
{
    double sum = f->divergence;
    for (size_t j = 0; j < f->c->r; j++) {
        double slope = f->slope[j].hi, sd = f->c->sd[j];
        sum += f->c->kind[j] == MX_KIND_SOFT ? 0.5 * (slope / sd) * (slope / sd) : z[j].hi * slope;
    }
    return sum;
}

int mx_refine_affordable(const mx_coordinates *c)
{
    return c->r > 0 && (double)c->n * (double)c->r * (double)c->r <= AFFORDABLE;
}

maxent_error mx_refine(const mx_coordinates *c, const double *logq, double deadline, mx_dd *z, double *p, mx_dd *log_partition,
                       double *value, double *distance, int *better)
{
    size_t r = c->r;
    refinement f = {.c = c, .logq = logq, .p = p};
    mx_dd *vectors = mx_alloc(5 * r + r * r, sizeof *vectors), *best = mx_alloc(r, sizeof *best);
    f.centred = mx_alloc(c->n, (r + 1) * sizeof *f.centred);
    f.free = mx_alloc(r, sizeof *f.free);
    maxent_error error = vectors == NULL || best == NULL || f.centred == NULL || f.free == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error != MAXENT_OK)
        goto done;
    f.z = vectors;
    f.trial = vectors + r;
    f.slope = vectors + 2 * r;
    f.mean = vectors + 3 * r;
    f.step = vectors + 4 * r;
    f.square = vectors + 5 * r;
    memcpy(f.z, z, r * sizeof *z);
    memcpy(best, z, r * sizeof *z);
    distribute(&f, f.z);
    judge(&f, f.z);
    double least = f.residual;
    *better = 0;
    for (int step = 0, idle = 0; step < STEPS && idle < IDLE && least > 0 && mx_seconds() < deadline; step++) {
        if (find_step(&f) || !advance(&f))
            break;
        idle = f.residual < least ? 0 : idle + 1;
        if (f.residual < least) {
            least = f.residual;
            memcpy(best, f.z, r * sizeof *z);
            *better = 1;
        }
    }
    memcpy(z, best, r * sizeof *z);
    distribute(&f, z);
    *log_partition = f.log_partition;
    judge(&f, z);
    *value = dual_value(&f, z);
    *distance = gap(&f, z);
done:
    mx_free(vectors);
    mx_free(best);
    mx_free(f.centred);
    mx_free(f.free);
    return error;
}
