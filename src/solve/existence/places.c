/* The cloud.
 *
 * Points are drawn from a Kronecker sequence [1], so that every run is the same: some anywhere, some at coordinates that the roots of the
 * grid name, some near ends, some along rays. Then every cut gets points on both of its sides, next to each other as near as
 * doubles are, by bisection between points whose signs differ, and so do places where two or three of them cross, by Newton's method: of
 * the parts into which cuts divide the support nearly all have a corner. Lines across the support get points where what functions are
 * taken of is 0 or at its extreme (valleys.c): a valley along a curve is met at every scale.
 *
 * [1] H. Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods (1992), section 3.
 */
#include "solve/existence/places.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ANYWHERE = 160, PAIRS = 6, CROSSINGS = 60, STARTS = 3, ANGLES = 16, HALVINGS = 80, LINES = 40, LINE = 101, BOTTOMS = 6 };

#define FAR_LINE 16.0      /* lines cross an infinite axis up to its scale times sinh of that, */
#define FARTHEST_LINE 48.0 /* and are looked at up to that */

static const double distances[] = {1, 2, 5, 10, 20, 50, 100, 300, 1e3, 1e4, 1e6, 1e9, 1e15, 1e30};
#define DISTANCES (sizeof distances / sizeof *distances)

/* Number j of the sequence in dimension v, in 0 .. 1. The ratio is the root of x^8 = x + 1. */
double mx_places_drawn(size_t j, size_t v)
{
    double step = pow(1.0969815577985598, -(double)(v + 1)), whole;
    return modf(0.5 + (double)(j + 1) * step, &whole);
}

double mx_places_x(const mx_places *p, size_t a, double z)
{
    double x = p->infinite[a] ? p->base[a] + p->scale[a] * sinh(z) : z;
    x = p->whole[a] ? rint(x) : x;
    return fmin(fmax(x, p->lower[a]), p->upper[a]);
}

double mx_places_z(const mx_places *p, size_t a, double x)
{
    return p->infinite[a] ? asinh((x - p->base[a]) / p->scale[a]) : x;
}

/* ---- opening ---- */

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

maxent_error mx_places_open(const mx_grid *grid, mx_places *p)
{
    memset(p, 0, sizeof *p);
    p->problem = grid->problem;
    p->variables = grid->problem->support.variables;
    p->axes = grid->axes;
    p->levels = grid->levels;
    size_t cuts = mx_field_cuts(grid->problem);
    p->cuts = cuts < MX_CUTS_MOST ? cuts : MX_CUTS_MOST;
    for (size_t a = 0; a < grid->axes; a++) {
        const mx_axis *axis = &grid->axis[a];
        p->variable[a] = axis->variable;
        p->whole[a] = axis->whole;
        p->lower[a] = axis->lower;
        p->upper[a] = axis->upper;
        p->infinite[a] = isinf(axis->lower) || isinf(axis->upper);
        p->spot[a] = mx_alloc(3 * axis->roots + 3, sizeof *p->spot[a]);
        if (p->spot[a] == NULL)
            return MAXENT_ERROR_MEMORY;
        for (size_t i = 0; i < axis->roots; i++) {
            double ends[2];
            mx_span_ends(&axis->root[i], axis->whole, &ends[0], &ends[1]);
            for (int side = 0; side < 3; side++) {
                double x = side < 2 ? ends[side] : 0.5 * ends[0] + 0.5 * ends[1];
                if (isfinite(x))
                    p->spot[a][p->spots[a]++] = x;
            }
        }
        if (isfinite(axis->lower))
            p->spot[a][p->spots[a]++] = axis->lower;
        if (isfinite(axis->upper))
            p->spot[a][p->spots[a]++] = axis->upper;
        if (p->spots[a] == 0)
            p->spot[a][p->spots[a]++] = 0;
        qsort(p->spot[a], p->spots[a], sizeof *p->spot[a], by_value);
        double middle = p->spot[a][p->spots[a] / 2];
        p->base[a] = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper : middle;
        p->scale[a] = fmax(fabs(p->spot[a][3 * p->spots[a] / 4] - p->base[a]), fabs(p->spot[a][p->spots[a] / 4] - p->base[a]));
        if (!(p->scale[a] > 0) || !(p->scale[a] < 1e6))
            p->scale[a] = 1;
    }
    return MAXENT_OK;
}

void mx_places_close(mx_places *p)
{
    for (size_t a = 0; a < MX_AXES; a++)
        mx_free(p->spot[a]);
    memset(p, 0, sizeof *p);
}

/* ---- values of cuts ---- */

int mx_places_cuts(const mx_places *p, const double *at, size_t n, double *out)
{
    size_t cuts = mx_field_cuts(p->problem), width = 2 * p->variables;
    if (cuts == 0 || n == 0)
        return 0;
    double *column = mx_alloc(p->variables, n * sizeof *column), *all = mx_alloc(cuts, n * sizeof *all);
    const double **list = mx_alloc(p->variables, sizeof *list);
    int bad = column == NULL || list == NULL || all == NULL ? -1 : 0;
    for (size_t v = 0; bad == 0 && v < p->variables; v++) {
        for (size_t j = 0; j < n; j++)
            column[v * n + j] = at[j * width + v];
        list[v] = column + v * n;
    }
    if (bad == 0) {
        mx_points points = {n, list, NULL};
        bad = mx_field_cut_values(p->problem, &points, all);
    }
    for (size_t j = 0; bad == 0 && j < n; j++)
        memcpy(out + j * p->cuts, all + j * cuts, p->cuts * sizeof *out);
    mx_free(column);
    mx_free(all);
    mx_free(list);
    return bad;
}

/* On which side of a cut. */
double mx_places_side(const mx_places *p, size_t cut, double value)
{
    return mx_field_cut(p->problem, cut) == MX_CUT_WHOLE ? floor(value) : (double)((value > 0) - (value < 0));
}

static uint64_t mix(uint64_t sum, double value)
{
    return (sum ^ (uint64_t)(int64_t)fmin(fmax(value, -1e15), 1e15)) * 1099511628211u; /* FNV-1a */
}

int mx_places_parts(const mx_places *p, const double *at, size_t n, uint64_t *part, uint64_t *quarter)
{
    double *value = mx_alloc(p->cuts + 1, (n + 1) * sizeof *value);
    if (value == NULL || mx_places_cuts(p, at, n, value) != 0) {
        mx_free(value);
        return -1;
    }
    for (size_t j = 0; j < n; j++) {
        double farthest = 0;
        part[j] = quarter[j] = 1469598103934665603u;
        for (size_t c = 0; c < p->cuts; c++)
            part[j] = mix(part[j], mx_places_side(p, c, value[j * p->cuts + c]));
        for (size_t v = 0; v < p->variables; v++)
            if (p->problem->support.variable[v].extent == MX_LISTED)
                part[j] = mix(part[j], 1e3 * at[j * 2 * p->variables + v]);
        for (size_t a = 0; a < p->axes; a++) {
            double x = at[j * 2 * p->variables + p->variable[a]], centre = p->infinite[a] ? p->base[a] : 0.5 * (p->lower[a] + p->upper[a]);
            quarter[j] = mix(quarter[j], x > centre);
            if (p->infinite[a])
                farthest = fmax(farthest, fabs(mx_places_z(p, a, x)));
        }
        quarter[j] = mix(quarter[j], (double)((farthest > 1) + (farthest > 10)));
    }
    mx_free(value);
    return 0;
}

/* ---- the cloud ---- */

typedef struct cloud {
    const mx_places *places;
    double *at;            /* [n][2 variables] */
    size_t n, capacity;
    int failed;
} cloud;

void mx_places_listed(const mx_places *p, size_t level, double *at)
{
    for (size_t v = p->variables; v-- > 0;) {
        const mx_variable *variable = &p->problem->support.variable[v];
        if (variable->extent != MX_LISTED)
            continue;
        size_t l = level % variable->levels;
        level /= variable->levels;
        at[v] = variable->named ? (double)l : variable->number[l];
    }
}

/* z: [axes]; the listed variables as in combination `level`. */
static void put(cloud *c, const double *z, size_t level)
{
    const mx_places *p = c->places;
    size_t width = 2 * p->variables;
    if (c->n == c->capacity) {
        size_t capacity = 2 * c->capacity + 1024;
        double *grown = mx_resize(c->at, capacity, width * sizeof *grown);
        if (grown == NULL) {
            c->failed = 1;
            return;
        }
        c->at = grown;
        c->capacity = capacity;
    }
    double *at = c->at + c->n++ * width;
    memset(at, 0, width * sizeof *at);
    mx_places_listed(p, level, at);
    for (size_t a = 0; a < p->axes; a++)
        at[p->variable[a]] = mx_places_x(p, a, z[a]);
}

static void anywhere(cloud *c)
{
    const mx_places *p = c->places;
    size_t many = p->levels < 8 ? p->levels : 8;
    for (size_t j = 0; j < ANYWHERE * p->axes * many; j++) {
        double z[MX_AXES];
        for (size_t a = 0; a < p->axes; a++) {
            double u = mx_places_drawn(j, 2 * a), t = mx_places_drawn(j, 2 * a + 1);
            if (u < 0.4) { /* a spot, or next to one */
                size_t i = (size_t)(t * (double)p->spots[a]);
                z[a] = mx_places_z(p, a, p->spot[a][i]);
            } else if (p->infinite[a]) {
                double w = 2 * t - 1;
                z[a] = 20 * w * w * w;
            } else {
                double length = p->upper[a] - p->lower[a], near = u > 0.8 ? exp(-37 * modf(16 * u, &(double){0})) : 1;
                z[a] = t < 0.5 ? p->lower[a] + t * near * length : p->upper[a] - (1 - t) * near * length;
            }
        }
        put(c, z, j % p->levels);
    }
    size_t corners = 1;
    for (size_t a = 0; a < p->axes; a++)
        corners *= 3;
    for (size_t j = 0; j < corners * many; j++) { /* lower end, upper end, middle */
        double z[MX_AXES];
        size_t rest = j / many;
        for (size_t a = 0; a < p->axes; a++, rest /= 3) {
            double x = rest % 3 == 0 ? p->lower[a] : rest % 3 == 1 ? p->upper[a] : 0.5 * p->lower[a] + 0.5 * p->upper[a];
            z[a] = mx_places_z(p, a, isfinite(x) ? x : p->base[a]);
        }
        put(c, z, j % many);
    }
}

/* Along the axes, the diagonals and some angles between. */
static void rays(cloud *c)
{
    const mx_places *p = c->places;
    size_t straight = 1, open = 0;
    for (size_t a = 0; a < p->axes; a++) {
        straight *= 3;
        open += p->infinite[a] != 0;
    }
    for (size_t j = 0; open > 0 && j < straight + (p->axes > 1 ? ANGLES * p->axes : 0); j++) {
        double way[MX_AXES], z[MX_AXES];
        size_t rest = j;
        for (size_t a = 0; a < p->axes; a++, rest /= 3)
            way[a] = j < straight ? (double)(rest % 3) - 1 : 2 * mx_places_drawn(j, a) - 1;
        for (size_t i = 0; i < DISTANCES; i++) {
            for (size_t a = 0; a < p->axes; a++) {
                double finite = mx_places_z(p, a, p->spot[a][(j + i) % p->spots[a]]);
                z[a] = p->infinite[a] ? asinh(distances[i] * way[a]) : finite;
            }
            for (size_t l = 0; l < p->levels && l < 4; l++)
                put(c, z, l);
        }
    }
}

static void z_of(const mx_places *p, const double *at, double *z)
{
    for (size_t a = 0; a < p->axes; a++)
        z[a] = mx_places_z(p, a, at[p->variable[a]]);
}

/* Pairs of points, [pairs][2][2 variables], and for each the cut that is between: each pair is brought together. */
static int bring_together(const mx_places *p, double *pair, const size_t *cut, size_t pairs)
{
    size_t width = 2 * p->variables, cuts = p->cuts;
    double *middle = mx_alloc(pairs + 1, width * sizeof *middle), *value = mx_alloc(2 * pairs + 1, (cuts + 1) * sizeof *value);
    double *side = mx_alloc(pairs + 1, sizeof *side);
    int bad = middle == NULL || value == NULL || side == NULL || mx_places_cuts(p, pair, 2 * pairs, value) != 0 ? -1 : 0;
    for (size_t i = 0; bad == 0 && i < pairs; i++)
        side[i] = mx_places_side(p, cut[i], value[2 * i * cuts + cut[i]]);
    for (int step = 0; bad == 0 && step < HALVINGS; step++) {
        int moved = 0;
        for (size_t i = 0; i < pairs; i++) {
            const double *one = pair + 2 * i * width, *other = one + width;
            memcpy(middle + i * width, one, width * sizeof *one);
            for (size_t a = 0; a < p->axes; a++) {
                size_t v = p->variable[a];
                double far = fabs(one[v]) + fabs(other[v]); /* by z while they are far apart, then by x, which doubles are dense in */
                double x = p->infinite[a] && fabs(one[v] - other[v]) > 0.1 * far
                               ? mx_places_x(p, a, 0.5 * (mx_places_z(p, a, one[v]) + mx_places_z(p, a, other[v])))
                               : 0.5 * one[v] + 0.5 * other[v];
                x = p->whole[a] ? floor(x) : x;
                middle[i * width + v] = x;
                moved |= x != one[v] && x != other[v];
            }
        }
        if (!moved)
            break;
        bad = mx_places_cuts(p, middle, pairs, value);
        for (size_t i = 0; bad == 0 && i < pairs; i++) {
            int same = mx_places_side(p, cut[i], value[i * cuts + cut[i]]) == side[i];
            memcpy(pair + (2 * i + !same) * width, middle + i * width, width * sizeof *middle);
        }
    }
    mx_free(middle);
    mx_free(value);
    mx_free(side);
    return bad;
}

static void put_at(cloud *c, const double *at)
{
    const mx_places *p = c->places;
    double z[MX_AXES];
    z_of(p, at, z);
    size_t before = c->n;
    put(c, z, 0);
    if (c->n > before)
        memcpy(c->at + before * 2 * p->variables, at, 2 * p->variables * sizeof *at); /* z rounds */
}

/* Both sides of every cut. */
static int sides(cloud *c)
{
    const mx_places *p = c->places;
    size_t width = 2 * p->variables, n = c->n, most = p->cuts * PAIRS * p->axes, pairs = 0;
    double *value = mx_alloc(n + 1, (p->cuts + 1) * sizeof *value), *pair = mx_alloc(2 * most + 1, width * sizeof *pair);
    size_t *cut = mx_alloc(most + 1, sizeof *cut);
    int bad = value == NULL || pair == NULL || cut == NULL || mx_places_cuts(p, c->at, n, value) != 0 ? -1 : 0;
    for (size_t i = 0; bad == 0 && i < p->cuts; i++) {
        size_t found = 0;
        for (size_t j = 0; j < 40 * PAIRS && found < PAIRS * p->axes; j++) {
            size_t one = (size_t)(mx_places_drawn(j, 1 + i % 7) * (double)n), other = (size_t)(mx_places_drawn(j + 17, i % 5) * (double)n);
            double u = mx_places_side(p, i, value[one * p->cuts + i]), w = mx_places_side(p, i, value[other * p->cuts + i]);
            for (size_t far = 0; far < n && u == w; far++) { /* few are on one of the sides */
                other = (other + 1) % n;
                w = mx_places_side(p, i, value[other * p->cuts + i]);
            }
            if (u == w)
                break;
            memcpy(pair + 2 * pairs * width, c->at + one * width, width * sizeof *pair);
            memcpy(pair + (2 * pairs + 1) * width, c->at + one * width, width * sizeof *pair);
            for (size_t a = 0; a < p->axes; a++)
                pair[(2 * pairs + 1) * width + p->variable[a]] = c->at[other * width + p->variable[a]];
            cut[pairs++] = i;
            found++;
        }
    }
    if (bad == 0)
        bad = bring_together(p, pair, cut, pairs);
    for (size_t i = 0; bad == 0 && i < 2 * pairs; i++)
        put_at(c, pair + i * width);
    mx_free(value);
    mx_free(pair);
    mx_free(cut);
    return bad;
}

/* Cut values along the axes of z: those of cuts[r] at z in g[r], the derivatives in by[r]. */
int mx_places_slopes(const mx_places *p, const double *at, const double *z, const size_t *cut, size_t r, double *g, double by[][MX_AXES])
{
    size_t width = 2 * p->variables;
    double near[(1 + MX_AXES) * 128], value[(1 + MX_AXES) * MX_CUTS_MOST], h[MX_AXES];
    for (size_t j = 0; j <= p->axes; j++) {
        memcpy(near + j * width, at, width * sizeof *at);
        for (size_t a = 0; a < p->axes; a++) {
            h[a] = 1e-6 * (p->infinite[a] ? 1 : p->upper[a] - p->lower[a]);
            if (z[a] + h[a] > mx_places_z(p, a, p->upper[a]))
                h[a] = -h[a];
            near[j * width + p->variable[a]] = j == a + 1 ? mx_places_x(p, a, z[a] + h[a]) : at[p->variable[a]];
        }
    }
    if (mx_places_cuts(p, near, p->axes + 1, value) != 0)
        return -1;
    for (size_t i = 0; i < r; i++) {
        g[i] = value[cut[i]];
        for (size_t a = 0; a < p->axes; a++)
            by[i][a] = (value[(a + 1) * p->cuts + cut[i]] - g[i]) / h[a];
    }
    return 0;
}

int mx_places_solve(size_t r, double by[][MX_AXES], const double *g, double *step)
{
    double m[MX_AXES][MX_AXES + 1];
    for (size_t i = 0; i < r; i++) {
        memcpy(m[i], by[i], r * sizeof(double));
        m[i][r] = g[i];
    }
    for (size_t i = 0; i < r; i++) {
        size_t best = i;
        for (size_t j = i; j < r; j++)
            best = fabs(m[j][i]) > fabs(m[best][i]) ? j : best;
        for (size_t q = 0; q <= r; q++) {
            double swap = m[i][q];
            m[i][q] = m[best][q];
            m[best][q] = swap;
        }
        if (!(fabs(m[i][i]) > 0))
            return 0;
        for (size_t j = 0; j < r; j++)
            for (size_t q = r + 1; j != i && q-- > i;)
                m[j][q] -= m[j][i] / m[i][i] * m[i][q];
    }
    for (size_t i = 0; i < r; i++)
        step[i] = m[i][r] / m[i][i];
    return 1;
}

/* Where as many cuts meet as there are axes: the place, and all around it. */
static int crossing(cloud *c, const size_t *cut, size_t start)
{
    const mx_places *p = c->places;
    size_t width = 2 * p->variables, axes = p->axes;
    double at[128], z[MX_AXES], g[MX_AXES], by[MX_AXES][MX_AXES], step[MX_AXES];
    memcpy(at, c->at + start * width, width * sizeof *at);
    z_of(p, at, z);
    for (int round = 0; round < 30; round++) {
        double largest = 0;
        if (mx_places_slopes(p, at, z, cut, axes, g, by) != 0)
            return -1;
        if (!mx_places_solve(axes, by, g, step))
            return 0;
        for (size_t a = 0; a < axes; a++) {
            if (!isfinite(step[a]))
                return 0;
            double unit = p->infinite[a] ? 1 : p->upper[a] - p->lower[a];
            z[a] -= fmax(fmin(step[a], unit), -unit);
            largest = fmax(largest, fabs(step[a]) / unit);
            at[p->variable[a]] = mx_places_x(p, a, z[a]);
            z[a] = mx_places_z(p, a, at[p->variable[a]]);
        }
        if (largest < 1e-14)
            break;
        if (round == 29 && largest > 1e-9)
            return 0;
    }
    put_at(c, at);
    static const double near[2] = {1e-10, 1e-4};
    size_t around = 1;
    for (size_t a = 0; a < axes; a++)
        around *= 3;
    for (size_t j = 0; j < 2 * around; j++) {
        double moved[128];
        size_t rest = j / 2;
        memcpy(moved, at, width * sizeof *at);
        for (size_t a = 0; a < axes; a++, rest /= 3) {
            double unit = near[j % 2] * (p->infinite[a] ? 1 : p->upper[a] - p->lower[a]);
            moved[p->variable[a]] = mx_places_x(p, a, z[a] + ((double)(rest % 3) - 1) * unit * (1 + 0.3 * (double)a));
        }
        put_at(c, moved);
    }
    return 0;
}

static int crossings(cloud *c)
{
    const mx_places *p = c->places;
    size_t n = c->n, done = 0, real = 0;
    for (size_t a = 0; a < p->axes; a++)
        real += !p->whole[a];
    if (p->axes < 2 || real < p->axes || p->cuts < p->axes)
        return 0;
    for (size_t i = 0; i < p->cuts; i++)
        for (size_t j = i + 1; j < p->cuts; j++)
            for (size_t l = p->axes == 2 ? 0 : j + 1; l < (p->axes == 2 ? 1 : p->cuts) && done < CROSSINGS; l++, done++)
                for (size_t start = 0; start < STARTS && !c->failed; start++) {
                    size_t cut[MX_AXES] = {i, j, l};
                    if (crossing(c, cut, (size_t)(mx_places_drawn(3 * done + start, 0) * (double)n)) != 0)
                        return -1;
                }
    return 0;
}

/* In narrow valleys: along each axis, at places of every scale along the others. */
static int valleys(cloud *c)
{
    const mx_places *p = c->places;
    double at[128] = {0}, x[LINE], out[BOTTOMS];
    size_t count;
    if (p->axes < 2 || mx_field_arguments(p->problem) == 0)
        return 0;
    for (size_t a = 0; a < p->axes; a++)
        for (size_t j = 0; j < LINES * p->axes && !c->failed; j++) {
            mx_places_listed(p, j % p->levels, at);
            for (size_t b = 0; b < p->axes; b++) {
                double u = mx_places_drawn(j, b), w = 2 * u - 1;
                double z = p->infinite[b] ? FAR_LINE * w * w * w : p->lower[b] + u * (p->upper[b] - p->lower[b]);
                at[p->variable[b]] = mx_places_x(p, b, z);
            }
            for (size_t i = 0; i < LINE; i++) {
                double w = 2 * (double)i / (LINE - 1) - 1;
                x[i] = mx_places_x(p, a, p->infinite[a] ? FARTHEST_LINE * w * w * w
                                                        : p->lower[a] + 0.5 * (w + 1) * (p->upper[a] - p->lower[a]));
            }
            if (mx_places_bottoms(p->problem, at, p->variable[a], LINE, x, out, BOTTOMS, &count) != 0)
                return -1;
            for (size_t i = 0; i < count; i++) {
                double was = at[p->variable[a]];
                at[p->variable[a]] = p->whole[a] ? rint(out[i]) : out[i];
                put_at(c, at);
                at[p->variable[a]] = was;
            }
        }
    return 0;
}

maxent_error mx_places_valleys(const mx_places *p, mx_sample *sample)
{
    cloud c = {.places = p};
    int bad = valleys(&c) != 0 || c.failed || mx_sample_join(sample, c.at, c.n, 1) != 0;
    mx_free(c.at);
    return bad ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

maxent_error mx_places_cloud(const mx_places *p, mx_sample *sample)
{
    cloud c = {.places = p};
    anywhere(&c);
    rays(&c);
    int bad = c.failed || valleys(&c) != 0 || sides(&c) != 0 || crossings(&c) != 0 || c.failed || mx_sample_join(sample, c.at, c.n, 1) != 0;
    mx_free(c.at);
    return bad ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}
