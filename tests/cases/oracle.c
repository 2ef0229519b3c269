/* What property.py asks: integrals in 80-bit floating point by rules of our own, and the library's answer to a problem.
 *
 *     oracle < REQUESTS        one process for many problems
 *
 * Requests, a line each: the measure and the exponent are told first,
 *
 *     new
 *     var NAME real LOW HIGH CUT...        cuts: where the integrand bends or jumps
 *     var NAME whole LOW HIGH
 *     var NAME listed VALUE...
 *     logprior EXPRESSION                  log q; default 0
 *     f LAMBDA EXPRESSION                  as often as there are features
 *     facts                                answer: one line of JSON with log Z, E f, Cov f, E log q and the error of the rules
 *     solve LENGTH SECONDS                 and LENGTH bytes of facts language: answer "ERROR LENGTH CPUSECONDS\n" and the library's
 *                                          JSON, or words
 *
 * One real variable: every piece between cuts is mapped to t by a double-exponential substitution [1], which takes away singularities
 * and infinite ends, and Gauss-Legendre panels of 24 nodes in t are halved until both halves together agree with the whole to 1e-17 of
 * the integrals of q exp(-lambda f) (1, |log q|, |f_i|). Two real variables: products of panels, with ever more of them; infinite ends
 * are cut where the integrand has fallen by e^-75; where it falls too slowly for that, the trapezoidal rule in the logarithm of the
 * distance from 0 (or from the finite end), up to where parts are e^-48 of the largest, with three widths of its steps. Whole numbers: sums
 * until the terms have fallen by e^-75, or else an integral for the tail with the first term of the midpoint formula, for two lengths of
 * the sum. Listed values: all, beside each real or whole one.
 *
 * [1] H. Takahasi, M. Mori, Double exponential formulas for numerical integration, Publ. RIMS 9 (1974) 721-741.
 */
#include "expression.h"

#include <maxent/maxent.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ORDER = 24, VARIABLES = 4, FEATURES = 64, CUTS = 64, DEEPEST = 40, MOST_NODES = 300000 };
enum { REAL, WHOLE, LISTED };

typedef struct variable {
    char name[16];
    int kind, cuts;
    long double low, high, cut[CUTS]; /* of a listed one its values */
} variable;

typedef struct task {
    int variables, features;
    variable v[VARIABLES];
    expression *f[FEATURES], *prior;
    long double lambda[FEATURES];
} task;

/* Nodes that are kept: weight, score and features of each. */
typedef struct nodes {
    size_t n, room;
    int k;
    long double *row; /* [n][k + 3]: weight, score, log q, f */
} nodes;

/* Integrals over one panel, relative to exp(top): of 1, of log q, of the features. */
typedef struct panel {
    long double z, absolute[FEATURES + 1], f[FEATURES + 1];
} panel;

static long double abscissa[ORDER], weight[ORDER];

static void legendre_rule(void)
{
    for (int i = 0; i < ORDER; i++) {
        long double x = cosl(3.141592653589793238462643L * (i + 0.75L) / (ORDER + 0.5L)), slope = 1;
        for (int turn = 0; turn < 50; turn++) {
            long double u = 1, w = x;
            for (int j = 1; j < ORDER; j++) {
                long double next = ((2 * j + 1) * x * w - j * u) / (j + 1);
                u = w;
                w = next;
            }
            slope = ORDER * (x * w - u) / (x * x - 1);
            x -= w / slope;
        }
        abscissa[i] = x;
        weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

static long double *new_row(nodes *s)
{
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 4096;
        s->row = realloc(s->row, s->room * (size_t)(s->k + 3) * sizeof *s->row);
        if (s->row == NULL)
            abort();
    }
    return s->row + s->n++ * (size_t)(s->k + 3);
}

/* Score log q - lambda f at x into row; 0 when the point does not count. */
static int evaluate(const task *t, const long double *x, long double *row)
{
    row[2] = t->prior != NULL ? expression_value(t->prior, x) : 0;
    row[1] = row[2];
    if (!(row[2] > -INFINITY))
        return 0;
    for (int i = 0; i < t->features; i++) {
        row[3 + i] = expression_value(t->f[i], x);
        if (t->lambda[i] != 0)
            row[1] -= t->lambda[i] * row[3 + i];
        if (!isfinite(row[3 + i]))
            return 0; /* at an end, or where the density has long been 0 */
    }
    return isfinite(row[1]) && row[1] > -11000;
}

/* ---- one real variable ---- */

typedef struct line {
    const task *t;
    long double x[VARIABLES]; /* the values of the others */
    int real, searching;      /* which variable runs; whether top is still to be found */
    long double a, b;         /* the piece; one may be infinite */
    long double top, error;
    panel total;
    nodes *kept;
} line;

/* x and dx/dt on the piece. */
static long double mapped(const line *l, long double t, long double *slope)
{
    const long double half_pi = 1.570796326794896619231322L;
    long double u = half_pi * sinhl(t), du = half_pi * coshl(t);
    if (l->b == INFINITY || l->a == -INFINITY) {
        *slope = expl(u) * du;
        return l->b == INFINITY ? l->a + expl(u) : l->b - expl(u);
    }
    long double width = l->b - l->a, part = u < 0 ? expl(2 * u) : expl(-2 * u);
    *slope = width * 2 * du * part / ((1 + part) * (1 + part));
    return u < 0 ? l->a + width * part / (1 + part) : l->b - width * part / (1 + part);
}

static void integrate_panel(line *l, long double from, long double to, panel *p, nodes *keep)
{
    int k = l->t->features;
    long double row[FEATURES + 3];
    memset(p, 0, sizeof *p);
    for (int j = 0; j < ORDER; j++) {
        long double slope, *x = l->x;
        x[l->real] = mapped(l, (from + to) / 2 + (to - from) / 2 * abscissa[j], &slope);
        row[0] = weight[j] * (to - from) / 2 * slope;
        if (x[l->real] == l->a || x[l->real] == l->b || !(row[0] > 0) || !isfinite(row[0]) || !evaluate(l->t, x, row))
            continue;
        if (l->searching && row[1] + logl(row[0]) > l->top)
            l->top = row[1] + logl(row[0]);
        long double e = row[0] * expl(row[1] - l->top);
        p->z += e;
        for (int i = 0; i <= k; i++) {
            p->f[i] += e * row[2 + i];
            p->absolute[i] += fabsl(e * row[2 + i]);
        }
        if (keep != NULL)
            memcpy(new_row(keep), row, (size_t)(k + 3) * sizeof *row);
    }
}

static void refine(line *l, long double from, long double to, const panel *whole, int depth)
{
    const int k = l->t->features;
    panel left, right;
    size_t mark = l->kept->n;
    long double middle = (from + to) / 2, off, worst = 0;
    integrate_panel(l, from, middle, &left, l->kept);
    integrate_panel(l, middle, to, &right, l->kept);
    worst = fabsl(left.z + right.z - whole->z) / l->total.z;
    for (int i = 0; i <= k; i++) {
        off = fabsl(left.f[i] + right.f[i] - whole->f[i]);
        if (off > worst * l->total.absolute[i] && l->total.absolute[i] > 0)
            worst = off / l->total.absolute[i];
    }
    if (worst <= 1e-17L || depth == DEEPEST || l->kept->n > MOST_NODES) {
        l->error += worst;
        return;
    }
    l->kept->n = mark;
    refine(l, from, middle, &left, depth + 1);
    refine(l, middle, to, &right, depth + 1);
}

/* The range of t and its panels. */
static int panels_of(const line *l, long double *edge)
{
    int infinite = l->b == INFINITY || l->a == -INFINITY;
    *edge = infinite || l->a == 0 || l->b == 0 ? 8 : 4.25L; /* beside another end than 0 x has no more digits */
    return infinite ? 48 : 16;
}

/* Ends and cuts in order, without those that lie outside. */
static int pieces_of(const variable *v, long double *point)
{
    int n = 0;
    point[n++] = v->low;
    if (v->low == -INFINITY && v->high == INFINITY && v->cuts == 0)
        point[n++] = 0;
    for (long double last = v->low;;) {
        long double next = v->high;
        for (int i = 0; i < v->cuts; i++)
            if (v->cut[i] > last && v->cut[i] < next)
                next = v->cut[i];
        point[n++] = last = next;
        if (next == v->high)
            return n;
    }
}

/* Both passes over all pieces and all values of the listed variables: the first finds the totals. */
static int listed_count(const task *t)
{
    int n = 1;
    for (int v = 0; v < t->variables; v++)
        n *= t->v[v].kind == LISTED ? t->v[v].cuts : 1;
    return n;
}

static void listed_values(const task *t, int which, long double *x)
{
    for (int v = t->variables - 1; v >= 0; v--)
        if (t->v[v].kind == LISTED) {
            x[v] = t->v[v].cut[which % t->v[v].cuts];
            which /= t->v[v].cuts;
        }
}

static void add_panel(panel *sum, const panel *p, int k)
{
    sum->z += p->z;
    for (int i = 0; i <= k; i++) {
        sum->f[i] += p->f[i];
        sum->absolute[i] += p->absolute[i];
    }
}

static long double integrate_line(const task *t, int real, nodes *kept)
{
    line l = {.t = t, .real = real, .top = -INFINITY, .kept = kept};
    long double point[CUTS + 3], edge;
    panel p;
    int pieces = pieces_of(&t->v[real], point), n;
    for (int pass = 0; pass < 3; pass++) { /* the largest score; the totals; the integrals */
        l.searching = pass == 0;
        for (int c = 0; c < listed_count(t); c++) {
            listed_values(t, c, l.x);
            for (int i = 0; i + 1 < pieces; i++) {
                l.a = point[i];
                l.b = point[i + 1];
                n = panels_of(&l, &edge);
                for (int j = 0; j < n; j++) {
                    long double from = -edge + 2 * edge * j / n, to = -edge + 2 * edge * (j + 1) / n;
                    integrate_panel(&l, from, to, &p, NULL);
                    if (pass == 1)
                        add_panel(&l.total, &p, t->features);
                    if (pass == 2)
                        refine(&l, from, to, &p, 0);
                }
            }
        }
    }
    return l.error;
}

/* ---- two real variables ---- */

/* Where an infinite end is cut: the integrand at the frame has fallen by e^-75. */
static long double frame_of(const task *t, const int *real)
{
    long double x[VARIABLES] = {0}, row[FEATURES + 3], best = -INFINITY;
    for (long double frame = 1; frame < 1e6L; frame *= 1.25L) {
        long double rim = -INFINITY;
        for (int i = -24; i <= 24; i++)
            for (int j = -24; j <= 24; j++) {
                int at[2] = {i, j}, inside = 1;
                for (int d = 0; d < 2; d++) {
                    const variable *v = &t->v[real[d]];
                    long double low = v->low == -INFINITY ? -frame : v->low, high = v->high == INFINITY ? frame : v->high;
                    x[real[d]] = low + (high - low) * (at[d] + 24.5L) / 49;
                    inside = inside && !((at[d] == -24 && v->low == -INFINITY) || (at[d] == 24 && v->high == INFINITY));
                }
                if (!evaluate(t, x, row))
                    continue;
                best = row[1] > best ? row[1] : best;
                rim = !inside && row[1] > rim ? row[1] : rim;
            }
        if (rim < best - 75)
            return frame;
    }
    return 0;
}

static void fill_plane(const task *t, const int *real, int panels, long double frame, nodes *kept)
{
    long double point[2][CUTS + 3], x[VARIABLES] = {0}, row[FEATURES + 3];
    int pieces[2], sides[2] = {0, 0};
    long double *place[2], *width[2];
    for (int d = 0; d < 2; d++) {
        variable v = t->v[real[d]];
        if (v.low == -INFINITY)
            v.low = -frame;
        if (v.high == INFINITY)
            v.high = frame;
        pieces[d] = pieces_of(&v, point[d]);
        place[d] = malloc((size_t)(pieces[d] * panels * ORDER) * sizeof(long double));
        width[d] = malloc((size_t)(pieces[d] * panels * ORDER) * sizeof(long double));
        if (place[d] == NULL || width[d] == NULL)
            abort();
        for (int i = 0; i + 1 < pieces[d]; i++)
            for (int j = 0; j < panels; j++)
                for (int o = 0; o < ORDER; o++) {
                    long double w = (point[d][i + 1] - point[d][i]) / panels;
                    place[d][sides[d]] = point[d][i] + w * (j + (1 + abscissa[o]) / 2);
                    width[d][sides[d]++] = w / 2 * weight[o];
                }
    }
    for (int i = 0; i < sides[0]; i++)
        for (int j = 0; j < sides[1]; j++) {
            x[real[0]] = place[0][i];
            x[real[1]] = place[1][j];
            row[0] = width[0][i] * width[1][j];
            if (evaluate(t, x, row))
                memcpy(new_row(kept), row, (size_t)(t->features + 3) * sizeof *row);
        }
    for (int d = 0; d < 2; d++) {
        free(place[d]);
        free(width[d]);
    }
}

/* ---- whole numbers ---- */

static void sum_whole(const task *t, int which, long least, nodes *kept)
{
    const variable *v = &t->v[which];
    long double x[VARIABLES] = {0}, row[FEATURES + 3];
    for (int c = 0; c < listed_count(t); c++) {
        listed_values(t, c, x);
        for (int way = 0; way < 2; way++) { /* up, then down */
            long double start = v->low > -INFINITY ? v->low : v->high < INFINITY ? v->high : 0;
            if (way == 0 && v->low == -INFINITY && v->high < INFINITY)
                continue;
            if (way == 1 && v->low > -INFINITY)
                continue;
            long double best = -INFINITY, before[FEATURES + 3] = {0};
            long n = way == 1 && v->high == INFINITY ? 1 : 0;
            for (;; n++) {
                x[which] = start + (way == 0 ? n : -n);
                if (x[which] > v->high || x[which] < v->low)
                    break;
                row[0] = 1;
                int counts = evaluate(t, x, row);
                if (n > 64 && (!counts || row[1] < best - 75))
                    break;
                if (!counts)
                    continue;
                best = row[1] > best ? row[1] : best;
                if (n >= least && way == 0) { /* sum of n, n + 1, ... = integral from n - 1/2 + g'(n - 1/2)/24 */
                    task tail = *t;
                    for (int o = 0; o < t->variables; o++)
                        if (t->v[o].kind == LISTED) {
                            tail.v[o].cuts = 1;
                            tail.v[o].cut[0] = x[o];
                        }
                    tail.v[which].kind = REAL;
                    tail.v[which].cuts = 0;
                    tail.v[which].low = x[which] - 0.5L;
                    integrate_line(&tail, which, kept);
                    row[0] = 1 / 24.0L;
                    before[0] = -1 / 24.0L;
                    memcpy(new_row(kept), row, (size_t)(t->features + 3) * sizeof *row);
                    memcpy(new_row(kept), before, (size_t)(t->features + 3) * sizeof *row);
                    break;
                }
                memcpy(new_row(kept), row, (size_t)(t->features + 3) * sizeof *row);
                memcpy(before, row, sizeof row);
            }
        }
    }
}

/* ---- answers ---- */

typedef struct answer {
    long double log_z, log_prior, mean[FEATURES], covariance[FEATURES][FEATURES];
} answer;

static void summarise(const nodes *s, answer *a)
{
    const int k = s->k;
    const size_t stride = (size_t)k + 3;
    long double top = -INFINITY, z = 0, spare = 0;
    memset(a, 0, sizeof *a);
    for (size_t j = 0; j < s->n; j++)
        top = s->row[j * stride + 1] > top ? s->row[j * stride + 1] : top;
    for (int pass = 0; pass < 2; pass++) {
        long double *sum = pass == 0 ? a->mean : NULL;
        for (size_t j = 0; j < s->n; j++) {
            const long double *row = s->row + j * stride;
            long double e = row[0] * expl(row[1] - top);
            if (pass == 0) {
                long double y = e - spare, next = z + y;
                spare = (next - z) - y;
                z = next;
                a->log_prior += e * row[2];
                for (int i = 0; i < k; i++)
                    sum[i] += e * row[3 + i];
            } else {
                for (int i = 0; i < k; i++)
                    for (int m = 0; m <= i; m++)
                        a->covariance[i][m] += e / z * (row[3 + i] - a->mean[i]) * (row[3 + m] - a->mean[m]);
            }
        }
        if (pass == 0) {
            a->log_z = top + logl(z);
            a->log_prior /= z;
            for (int i = 0; i < k; i++)
                a->mean[i] /= z;
        }
    }
    for (int i = 0; i < k; i++)
        for (int m = 0; m < i; m++)
            a->covariance[m][i] = a->covariance[i][m];
}

static long double difference(const answer *a, const answer *b, int k)
{
    long double worst = fabsl(a->log_z - b->log_z);
    for (int i = 0; i < k; i++) {
        long double off = fabsl(a->mean[i] - b->mean[i]) / (fabsl(b->mean[i]) + sqrtl(fabsl(b->covariance[i][i])) + 1e-300L);
        worst = off > worst ? off : worst;
    }
    return worst;
}

/* ---- two real variables in whose infinite ends the integrand falls slowly ---- */

enum { FAR_PLACES = 12000 };

/* A place of an infinite axis: end + sign exp(s - exp(-s)), and its part of the rule. */
static int far_places(const variable *v, long double h, long double reach, long double *place, long double *width)
{
    int n = 0;
    for (int side = 0; side < 2; side++) {
        if (isfinite((double)(side == 0 ? v->low : v->high)))
            continue;
        long double end = side == 0 ? (v->high < INFINITY ? v->high : 0) : v->low > -INFINITY ? v->low : 0;
        for (long double s = -3.9L + h / 3; s < reach && n < FAR_PLACES; s += h) {
            long double off = expl(s - expl(-s));
            place[n] = side == 0 ? end - off : end + off;
            width[n++] = h * off * (1 + expl(-s));
        }
    }
    return n;
}

static int finite_places(const variable *v, int panels, long double *place, long double *width)
{
    long double point[CUTS + 3];
    int n = 0, pieces = pieces_of(v, point);
    for (int i = 0; i + 1 < pieces; i++)
        for (int j = 0; j < panels * ORDER && n < FAR_PLACES; j++) {
            long double w = (point[i + 1] - point[i]) / panels;
            place[n] = point[i] + w * (j / ORDER + (1 + abscissa[j % ORDER]) / 2);
            width[n++] = w / 2 * weight[j % ORDER];
        }
    return n;
}

static int is_finite(const variable *v)
{
    return v->low > -INFINITY && v->high < INFINITY;
}

static int places_of(const variable *v, long double h, long double reach, long double *place, long double *width)
{
    return is_finite(v) ? finite_places(v, (int)(0.6L / h), place, width) : far_places(v, h, reach, place, width);
}

/* The largest exponent of a place with any mass, from coarse places; 0: there is no end. *top: the log of the largest part. */
static long double far_of(const task *t, const int *real, long double *top)
{
    static long double place[2][FAR_PLACES], width[2][FAR_PLACES];
    long double x[VARIABLES] = {0}, row[FEATURES + 3], most = 320, reach = 0;
    int n[2];
    for (int d = 0; d < 2; d++)
        n[d] = places_of(&t->v[real[d]], 0.6L, most, place[d], width[d]);
    *top = -INFINITY;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < n[0]; i++)
            for (int j = 0; j < n[1]; j++) {
                x[real[0]] = place[0][i];
                x[real[1]] = place[1][j];
                if (!evaluate(t, x, row))
                    continue;
                long double part = row[1] + logl(width[0][i]) + logl(width[1][j]);
                if (pass == 0 && part > *top)
                    *top = part;
                for (int d = 0; d < 2 && pass == 1 && part > *top - 48; d++)
                    if (!is_finite(&t->v[real[d]]))
                        reach = fmaxl(reach, logl(1 + fabsl(d == 0 ? x[real[0]] : x[real[1]])) + 1);
            }
    return reach < most - 5 ? reach : 0;
}

static void fill_far(const task *t, const int *real, long double h, long double reach, long double top, nodes *kept)
{
    static long double place[2][FAR_PLACES], width[2][FAR_PLACES];
    long double x[VARIABLES] = {0}, row[FEATURES + 3];
    int n[2];
    for (int d = 0; d < 2; d++)
        n[d] = places_of(&t->v[real[d]], h, reach, place[d], width[d]);
    for (int i = 0; i < n[0]; i++)
        for (int j = 0; j < n[1]; j++) {
            x[real[0]] = place[0][i];
            x[real[1]] = place[1][j];
            row[0] = width[0][i] * width[1][j];
            if (evaluate(t, x, row) && row[1] + logl(row[0]) > top - 62)
                memcpy(new_row(kept), row, (size_t)(t->features + 3) * sizeof *row);
        }
}

/* NULL, or why there is no answer. */
static const char *work_out_far(const task *t, const int *real, nodes *kept, answer *a, long double *error)
{
    static const long double step[] = {0.17L, 0.13L, 0.1L};
    long double top, reach = far_of(t, real, &top);
    answer other;
    if (reach == 0)
        return "the integrand does not fall";
    for (int i = 0; i < 3; i++) {
        kept->n = 0;
        fill_far(t, real, step[i], reach, top, kept);
        summarise(kept, a);
        *error = i > 0 ? difference(&other, a, t->features) : 1;
        other = *a;
        if (*error < 1e-17L)
            break;
    }
    return NULL;
}

/* NULL, or why there is no answer. */
static const char *work_out(const task *t, answer *a, long double *error)
{
    int real[VARIABLES], reals = 0, whole = -1;
    for (int v = 0; v < t->variables; v++)
        if (t->v[v].kind == REAL)
            real[reals++] = v;
        else if (t->v[v].kind == WHOLE)
            whole = v;
    nodes kept = {.k = t->features};
    answer other;
    const char *wrong = NULL;
    *error = 0;
    if (reals == 1 && whole < 0) {
        *error = integrate_line(t, real[0], &kept);
        summarise(&kept, a);
    } else if (reals == 2 && whole < 0) {
        static const int panels[] = {2, 3, 5, 8, 12, 18};
        long double frame = frame_of(t, real);
        if (frame == 0)
            wrong = work_out_far(t, real, &kept, a, error);
        for (int i = 0; i < 6 && frame != 0; i++) {
            kept.n = 0;
            fill_plane(t, real, panels[i], frame, &kept);
            summarise(&kept, a);
            *error = i > 0 ? difference(&other, a, t->features) : 1;
            other = *a;
            if (*error < 1e-17L)
                break;
        }
    } else if (reals == 0 && whole >= 0) {
        sum_whole(t, whole, 4000, &kept);
        summarise(&kept, &other);
        kept.n = 0;
        sum_whole(t, whole, 9000, &kept);
        summarise(&kept, a);
        *error = difference(&other, a, t->features);
    } else {
        wrong = "one or two real variables, or one over whole numbers";
    }
    free(kept.row);
    return wrong;
}

/* ---- requests ---- */

static void clear(task *t)
{
    for (int i = 0; i < t->features; i++)
        expression_free(t->f[i]);
    expression_free(t->prior);
    memset(t, 0, sizeof *t);
}

static const char *read_variable(task *t, char *words)
{
    if (t->variables == VARIABLES)
        return "too many variables";
    variable *v = &t->v[t->variables];
    char kind[16], *at = words, *end;
    int used = 0;
    if (sscanf(words, "%15s %15s%n", v->name, kind, &used) != 2)
        return "var NAME KIND";
    at += used;
    v->kind = strcmp(kind, "real") == 0 ? REAL : strcmp(kind, "whole") == 0 ? WHOLE : LISTED;
    if (v->kind != LISTED) {
        v->low = strtold(at, &at);
        v->high = strtold(at, &at);
    }
    for (;; at = end) {
        long double value = strtold(at, &end);
        if (end == at)
            break;
        if (v->cuts == CUTS)
            return "too many cuts";
        v->cut[v->cuts++] = value;
    }
    t->variables++;
    return NULL;
}

static const char *read_expression(const task *t, const char *text, expression **out)
{
    const char *names[VARIABLES], *where;
    for (int v = 0; v < t->variables; v++)
        names[v] = t->v[v].name;
    *out = expression_new(text, t->variables, names, &where);
    return *out == NULL ? where : NULL;
}

static void print_facts(const task *t)
{
    answer *a = malloc(sizeof *a);
    long double error;
    if (a == NULL)
        abort();
    const char *wrong = work_out(t, a, &error);
    if (wrong != NULL) {
        printf("{\"wrong\": \"%s\"}\n", wrong);
    } else {
        printf("{\"log_z\": \"%.21Lg\", \"log_prior\": \"%.21Lg\", \"error\": \"%.3Lg\", \"mean\": [", a->log_z, a->log_prior, error);
        for (int i = 0; i < t->features; i++)
            printf("%s\"%.21Lg\"", i ? ", " : "", a->mean[i]);
        printf("], \"cov\": [");
        for (int i = 0; i < t->features; i++) {
            printf("%s[", i ? ", " : "");
            for (int j = 0; j < t->features; j++)
                printf("%s\"%.19Lg\"", j ? ", " : "", a->covariance[i][j]);
            printf("]");
        }
        printf("]}\n");
    }
    free(a);
}

static void print_solution(const char *text, size_t length, double seconds)
{
    maxent_problem *problem = NULL;
    maxent_result *result = NULL;
    maxent_diagnostic diagnostic;
    maxent_options options;
    char *json;
    size_t size;
    clock_t start = clock();
    maxent_options_init(&options);
    options.threads = 1;
    options.time_limit = seconds;
    maxent_error error = maxent_problem_from_text(text, length, "input", NULL, &problem, &diagnostic);
    if (error == MAXENT_OK)
        error = maxent_solve(problem, &options, &result, &diagnostic);
    if (error == MAXENT_OK)
        error = maxent_report_json(result, NULL, &json, &size);
    if (error == MAXENT_OK) {
        printf("0 %zu %.3f\n%s", size, (double)(clock() - start) / CLOCKS_PER_SEC, json);
        maxent_free(json);
    } else {
        printf("%d %zu %.3f\n%s", (int)error, strlen(diagnostic.message), (double)(clock() - start) / CLOCKS_PER_SEC, diagnostic.message);
    }
    maxent_result_free(result);
    maxent_problem_free(problem);
}

int main(void)
{
    static char buffer[1 << 16];
    static task t;
    legendre_rule();
    while (fgets(buffer, sizeof buffer, stdin) != NULL) {
        buffer[strcspn(buffer, "\n")] = '\0';
        const char *wrong = NULL;
        size_t length;
        double seconds;
        int used = 0;
        if (strcmp(buffer, "new") == 0) {
            clear(&t);
        } else if (strncmp(buffer, "var ", 4) == 0) {
            wrong = read_variable(&t, buffer + 4);
        } else if (strncmp(buffer, "logprior ", 9) == 0) {
            wrong = read_expression(&t, buffer + 9, &t.prior);
        } else if (sscanf(buffer, "f %Lf %n", &t.lambda[t.features], &used) == 1 && t.features < FEATURES - 1) {
            wrong = read_expression(&t, buffer + used, &t.f[t.features]);
            t.features += wrong == NULL;
        } else if (strcmp(buffer, "facts") == 0) {
            print_facts(&t);
        } else if (sscanf(buffer, "solve %zu %lf", &length, &seconds) == 2 && length < sizeof buffer) {
            if (fread(buffer, 1, length, stdin) != length)
                return 1;
            print_solution(buffer, length, seconds);
        } else {
            wrong = buffer;
        }
        fflush(stdout);
        if (wrong != NULL) {
            fprintf(stderr, "oracle: not understood: %s\n", wrong);
            return 1;
        }
    }
    clear(&t);
    return 0;
}
