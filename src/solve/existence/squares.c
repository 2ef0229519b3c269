/* Means and covariances that no law has, or none with a density.
 *
 * Facts about polynomials of degree 2 tell the means of 1, x_a and x_a x_b when those are combinations of them. For v = (v_0, v_1, ...) the
 * mean of (v_0 + v_1 x_1 + ...)^2 is v^T M v, M being the matrix of those means: below 0 nothing has it, and the square is the certificate;
 * at 0 all mass is where v_0 + v_1 x_1 + ... = 0. Where other facts are met to 1e-9 of the edge no search tells the two apart; here M is
 * taken apart in double-double, with what the rounding of the targets leaves open of each mean.
 *
 * Coefficients are what the features show at whole numbers, checked elsewhere.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIDES = MX_AXES + 1, MONOMIALS = SIDES * (SIDES + 1) / 2, FACTS_MOST = 24, CHECKS = 6, LOOKS = 1 + 2 * MX_AXES + MX_AXES + CHECKS };

#define EXACT 1e-24   /* of its terms: what double-double leaves of a polynomial, and of a mean */
#define NO_PIVOT 1e-18 /* of a column */
#define PLAINLY 1e-4
#define DIRECTION 4e-16 /* of its terms: what the rounding of a certificate's components leaves of its mean */

typedef struct row {
    mx_dd a[MONOMIALS]; /* of 1, x_a, x_a x_b: place_of */
    mx_dd by[FACTS_MOST]; /* the combination of facts that it is */
} row;

typedef struct squares {
    size_t n, facts, fact[FACTS_MOST]; /* variables; of the problem's facts, those that are such polynomials */
    int barred;            /* 1: the prior is 0 at some of the points */
    row rows[FACTS_MOST];
    mx_dd m[SIDES][SIDES], combination[SIDES][SIDES][FACTS_MOST];
    double open[SIDES][SIDES];
    int known[SIDES][SIDES];
} squares;

static size_t place_of(size_t a, size_t b)
{
    size_t low = a < b ? a : b, high = a < b ? b : a;
    return high * (high + 1) / 2 + low;
}

/* Points at which coefficients are read off: 0, e_a, -e_a, e_a + e_b, and others. */
static void choose_points(size_t n, double at[][2 * 64])
{
    size_t j = 1;
    memset(at, 0, LOOKS * sizeof *at);
    for (size_t a = 0; a < n; a++)
        for (int side = 1; side >= -1; side -= 2)
            at[j++][a] = side;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            at[j][a] = at[j][b] = 1, j++;
    for (size_t c = 0; c < CHECKS; c++, j++)
        for (size_t a = 0; a < n; a++)
            at[j][a] = (c % 2 == 0 ? 3 : 1e3) * (double)((7 * c + 5 * a + 3) % 11) / 4 - (c % 3 == 0 ? 1e2 : 2) + 0.125 * (double)a;
}

/* The coefficients of a feature with those values at the points. 0: it is no such polynomial. */
static int read_off(size_t n, double at[][2 * 64], const mx_dd *f, mx_dd *a)
{
    size_t j = 1;
    memset(a, 0, MONOMIALS * sizeof *a);
    a[0] = f[0];
    for (size_t v = 1; v <= n; v++, j += 2) {
        a[place_of(0, v)] = mx_dd_mul_d(mx_dd_sub(f[j], f[j + 1]), 0.5);
        a[place_of(v, v)] = mx_dd_sub(mx_dd_mul_d(mx_dd_add(f[j], f[j + 1]), 0.5), f[0]);
    }
    for (size_t v = 1; v <= n; v++)
        for (size_t w = v + 1; w <= n; w++, j++) {
            mx_dd rest = mx_dd_sub(f[j], f[0]);
            for (int both = 0; both < 2; both++) {
                size_t u = both ? w : v;
                rest = mx_dd_sub(mx_dd_sub(rest, a[place_of(0, u)]), a[place_of(u, u)]);
            }
            a[place_of(v, w)] = rest;
        }
    for (size_t c = 0; c < CHECKS; c++, j++) {
        mx_dd sum = {0, 0};
        double size = 0;
        for (size_t v = 0; v <= n; v++)
            for (size_t w = v; w <= n; w++) {
                mx_dd x = mx_two_prod(v == 0 ? 1 : at[j][v - 1], w == 0 ? 1 : at[j][w - 1]), part = mx_dd_mul(a[place_of(v, w)], x);
                sum = mx_dd_add(sum, part);
                size = fmax(size, fabs(part.hi));
            }
        if (!(fabs(mx_dd_sub(sum, f[j]).hi) <= EXACT * size))
            return 0;
    }
    return 1;
}

/* The facts that are equalities of such polynomials. Errors: MEMORY. */
static maxent_error find(const maxent_problem *problem, squares *s)
{
    double at[LOOKS][2 * 64];
    size_t k = problem->k, n = s->n = problem->support.variables;
    choose_points(n, at);
    size_t count = 1 + 2 * n + n * (n - 1) / 2 + CHECKS;
    double *packed = mx_alloc(count, 2 * n * sizeof *packed), *hi = mx_alloc(count, (2 * k + 1) * sizeof *hi);
    maxent_error error = packed == NULL || hi == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t j = 0; error == MAXENT_OK && j < count; j++)
        memcpy(packed + j * 2 * n, at[j], 2 * n * sizeof *packed);
    double *lo = hi != NULL ? hi + count * k : NULL, *logq = hi != NULL ? lo + count * k : NULL;
    if (error == MAXENT_OK && mx_sample_evaluate(problem, packed, count, hi, lo, logq) != 0)
        error = MAXENT_ERROR_MEMORY;
    for (size_t j = 0; error == MAXENT_OK && j < count; j++)
        s->barred |= !(logq[j] > -INFINITY);
    for (size_t i = 0; error == MAXENT_OK && i < k && s->facts < FACTS_MOST; i++) {
        mx_dd f[LOOKS];
        const mx_fact *fact = &problem->fact[i];
        int finite = fact->lower == fact->upper && !(fact->sd > 0);
        for (size_t j = 0; j < count; j++) {
            f[j] = (mx_dd){hi[j * k + i], lo[j * k + i]};
            finite = finite && isfinite(f[j].hi);
        }
        row *r = &s->rows[s->facts];
        if (!finite || !read_off(n, at, f, r->a))
            continue;
        r->by[s->facts] = mx_dd_make(1);
        s->fact[s->facts++] = i;
    }
    mx_free(packed);
    mx_free(hi);
    return error;
}

/* Gauss and Jordan: which means follow, and from what combination of facts. */
static void solve_means(const maxent_problem *problem, squares *s)
{
    size_t rank = 0, monomials = (s->n + 1) * (s->n + 2) / 2, pivot[FACTS_MOST];
    for (size_t m = 1; m < monomials && rank < s->facts; m++) {
        size_t best = rank;
        double most = 0;
        for (size_t r = 0; r < s->facts; r++)
            most = fmax(most, fabs(s->rows[r].a[m].hi));
        for (size_t r = rank; r < s->facts; r++)
            best = fabs(s->rows[r].a[m].hi) > fabs(s->rows[best].a[m].hi) ? r : best;
        if (!(fabs(s->rows[best].a[m].hi) > NO_PIVOT * most))
            continue;
        row p = s->rows[best];
        s->rows[best] = s->rows[rank];
        mx_dd by = p.a[m];
        for (size_t l = 0; l < monomials; l++)
            p.a[l] = mx_dd_div(p.a[l], by);
        for (size_t i = 0; i < s->facts; i++)
            p.by[i] = mx_dd_div(p.by[i], by);
        for (size_t r = 0; r < s->facts; r++) {
            mx_dd part = s->rows[r].a[m];
            for (size_t l = 0; l < monomials && r != rank && part.hi != 0; l++) {
                mx_dd was = s->rows[r].a[l], less = mx_dd_mul(part, p.a[l]);
                s->rows[r].a[l] = mx_dd_sub(was, less);
                if (l == m || fabs(s->rows[r].a[l].hi) <= NO_PIVOT * (fabs(was.hi) + fabs(less.hi)))
                    s->rows[r].a[l] = mx_dd_make(0);
            }
            for (size_t i = 0; i < s->facts && r != rank && part.hi != 0; i++)
                s->rows[r].by[i] = mx_dd_sub(s->rows[r].by[i], mx_dd_mul(part, p.by[i]));
        }
        s->rows[rank] = p;
        pivot[rank++] = m;
    }
    s->known[0][0] = 1;
    s->m[0][0] = mx_dd_make(1);
    for (size_t r = 0; r < rank; r++) {
        int alone = 1;
        mx_dd mean = mx_dd_neg(s->rows[r].a[0]);
        double open = 0;
        for (size_t l = 1; l < monomials; l++)
            alone = alone && (l == pivot[r] || s->rows[r].a[l].hi == 0);
        for (size_t i = 0; i < s->facts; i++) {
            const mx_fact *fact = &problem->fact[s->fact[i]];
            mean = mx_dd_add(mean, mx_dd_mul_d(s->rows[r].by[i], fact->upper));
            open += fabs(s->rows[r].by[i].hi) * fact->target_error;
        }
        for (size_t a = 0; a <= s->n && alone; a++)
            for (size_t b = 0; b <= s->n; b++)
                if (place_of(a, b) == pivot[r]) {
                    s->known[a][b] = 1;
                    s->m[a][b] = mean;
                    s->open[a][b] = open;
                    memcpy(s->combination[a][b], s->rows[r].by, sizeof s->rows[r].by);
                }
    }
}

typedef enum square { ORDINARY, FLAT, BELOW } square;

/* v^T M w, how large its terms are, and what rounding of the targets leaves open of it. */
static double form(const squares *s, const double *v, const double *w, double *size, double *open)
{
    mx_dd sum = {0, 0};
    *size = *open = 0;
    for (size_t b = 0; b <= s->n; b++)
        for (size_t c = 0; c <= s->n; c++)
            if (v[b] != 0 && w[c] != 0) {
                mx_dd part = mx_dd_mul(s->m[b][c], mx_two_prod(v[b], w[c]));
                sum = mx_dd_add(sum, part);
                *size += fabs(part.hi);
                *open += fabs(v[b] * w[c]) * s->open[b][c];
            }
    return sum.hi;
}

static void scaled(const squares *s, const mx_dd *way, double *v)
{
    double most = 0;
    for (size_t b = 0; b <= s->n; b++)
        most = fmax(most, fabs(way[b].hi));
    for (size_t b = 0; b <= s->n; b++)
        v[b] = way[b].hi / most;
}

/* v^T M v of the sides in a set: is it below 0 for some v, [SIDES], or else 0 (FLAT)? */
static square take_apart(const squares *s, unsigned set, double *v, double *mean, double *clearly)
{
    mx_dd left[SIDES][SIDES], way[SIDES][SIDES];
    square found = ORDINARY;
    unsigned rest = set;
    memcpy(left, s->m, sizeof left);
    memset(way, 0, sizeof way);
    for (size_t a = 0; a <= s->n; a++)
        way[a][a] = mx_dd_make(1);
    while (rest != 0) {
        size_t next = SIDES;
        double best = 0;
        for (size_t a = 0; a <= s->n; a++) {
            double size, open, u[SIDES], w[SIDES];
            if (!(rest >> a & 1))
                continue;
            scaled(s, way[a], u);
            double q = form(s, u, u, &size, &open);
            if (q < -(open + DIRECTION * size)) {
                memcpy(v, u, sizeof u);
                *mean = q;
                *clearly = -q / size;
                return BELOW;
            }
            if (fabs(q) <= open + EXACT * size) { /* then it is 0 with all others too, or below for some combination */
                for (size_t b = 0; b <= s->n; b++)
                    if ((rest >> b & 1) && b != a) {
                        scaled(s, way[b], w);
                        double both = form(s, u, w, &size, &open);
                        if (!(fabs(both) <= open + EXACT * size))
                            return ORDINARY;
                    }
                memcpy(v, u, sizeof u);
                *mean = q;
                found = FLAT;
                rest &= ~(1u << a);
                continue;
            }
            if (!(left[a][a].hi > 0)) /* too near to tell */
                return ORDINARY;
            if (left[a][a].hi / s->m[a][a].hi > best) {
                best = left[a][a].hi / s->m[a][a].hi;
                next = a;
            }
        }
        if (next == SIDES)
            return found;
        rest &= ~(1u << next);
        for (size_t a = 0; a <= s->n; a++) {
            if (!(rest >> a & 1))
                continue;
            mx_dd part = mx_dd_div(left[a][next], left[next][next]);
            for (size_t b = 0; b <= s->n; b++)
                way[a][b] = mx_dd_sub(way[a][b], mx_dd_mul(part, way[next][b]));
        }
        mx_dd column[SIDES];
        for (size_t a = 0; a <= s->n; a++)
            column[a] = left[a][next];
        for (size_t a = 0; a <= s->n; a++)
            for (size_t b = 0; b <= s->n; b++)
                if ((rest >> a & 1) && (rest >> b & 1))
                    left[a][b] = mx_dd_sub(left[a][b], mx_dd_div(mx_dd_mul(column[a], column[b]), column[next]));
    }
    return found;
}

/* A square alone is 0 along lines, and with rounded components below 0 far out on them: other squares are added, for half of what the mean
 * is below 0. */
static void make_definite(const squares *s, unsigned set, double *mean, double *direction)
{
    double count = 0;
    for (size_t a = 1; a <= s->n; a++)
        count += set >> a & 1;
    for (size_t a = 1; a <= s->n; a++)
        for (size_t i = 0; (set >> a & 1) && s->m[a][a].hi > 0 && i < s->facts; i++)
            direction[s->fact[i]] += -0.5 * *mean / (count * s->m[a][a].hi) * s->combination[a][a][i].hi;
    *mean *= 0.5;
}

/* "2 x - y = 0" */
static void say_where(const maxent_problem *problem, const double *v, size_t n, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t a = 1; a <= n && used + 80 < size; a++) {
        char factor[32] = "";
        if (v[a] == 0)
            continue;
        if (fabs(v[a]) != 1)
            snprintf(factor, sizeof factor, "%.10g ", fabs(v[a]));
        used += (size_t)snprintf(out + used, size - used, "%s%s%.30s", used > 0 ? (v[a] < 0 ? " - " : " + ") : v[a] < 0 ? "-" : "", factor,
                                 problem->support.variable[a - 1].name);
    }
    snprintf(out + used, size - used, " = %.10g", -v[0] + 0.0);
}

maxent_error mx_existence_squares(mx_run *run, int *told)
{
    const maxent_problem *problem = run->problem;
    maxent_result *result = run->result;
    size_t n = problem->support.variables, k = problem->k;
    int lines = 1;
    double v[SIDES], mean;
    *told = 0;
    for (size_t a = 0; a < n; a++) {
        const mx_variable *x = &problem->support.variable[a];
        if (x->extent != MX_REAL)
            return MAXENT_OK;
        lines = lines && isinf(x->lower) && isinf(x->upper);
    }
    if (n < 2 || n > MX_AXES || k < 2)
        return MAXENT_OK;
    squares *s = mx_zalloc(1, sizeof *s);
    maxent_error error = s == NULL ? MAXENT_ERROR_MEMORY : find(problem, s);
    if (error == MAXENT_OK && s->facts > 0)
        solve_means(problem, s);
    for (unsigned set = (1u << (n + 1)) - 1; error == MAXENT_OK && !*told && set > 0; set--) {
        int known = 1;
        for (size_t a = 0; a <= n; a++)
            for (size_t b = 0; b <= n; b++)
                known = known && (!(set >> a & 1) || !(set >> b & 1) || s->known[a][b]);
        double clearly = 0; /* how far below 0, beside its terms: where that is plain a search finds what is easier to read */
        square how = known ? take_apart(s, set, v, &mean, &clearly) : ORDINARY;
        if (how == BELOW && clearly > PLAINLY)
            break;
        if (how == ORDINARY || (how == FLAT && (!lines || s->barred || s->facts < k)))
            continue;
        mx_free(result->direction);
        result->direction = mx_zalloc(k + 1, sizeof *result->direction);
        if (result->direction == NULL) {
            error = MAXENT_ERROR_MEMORY;
            break;
        }
        *told = 1;
        for (size_t i = 0; i < s->facts; i++)
            for (size_t a = 0; a <= n; a++)
                for (size_t b = 0; b <= n; b++)
                    result->direction[s->fact[i]] += v[a] * v[b] * s->combination[a][b][i].hi;
        if (how == BELOW) {
            make_definite(s, set, &mean, result->direction);
            result->verdict = MAXENT_INFEASIBLE;
            result->margin = -mean;
            mx_explain_existence(run, NULL, 0, n);
        } else {
            char where[200];
            result->verdict = MAXENT_SINGULAR;
            say_where(problem, v, n, where, sizeof where);
            mx_explain_pinned(run, where);
        }
    }
    mx_free(s);
    return error;
}
