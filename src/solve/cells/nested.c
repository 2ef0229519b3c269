/* Lines inside lines. */
#include "solve/cells/nested.h"

#include "base/dd.h"
#include "base/memory.h"
#include "solve/cells/nested_far.h"
#include "solve/result.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 40, BREAKS_MOST = 64, CUTS_MOST = 64, RULE_MOST = 192, BISECTIONS = 200, DIPS = 60, DIPS_MOST = 24 };

#define LAST_PLACES 1e-15
#define AT_ZERO 1e-15  /* of the distance of two samples */
#define JUST_INSIDE 1e-11
#define COMB_REACH 10.2
#define HALF_FROM (-3.4) /* exp(u - exp(-u)) from 1e-14 ... */
#define HALF_TO 4.6      /* ... to 100 */
#define DEEP_REACH 3.9 /* 1e-33, in double-double */
#define SHARP_REACH 3.2  /* tanh(pi/2 sinh u): as close as 1e-16 of the length, and closer as end + low */

/* Nodes of a piece, smooth or sharp, by order; half lines get twice as many. */
static const size_t ORDER[MX_NESTED_ORDERS] = {12, 18, 26, 36, 48, 64, 90, 128};

typedef struct rule {
    size_t n;
    double node[RULE_MOST], weight[RULE_MOST]; /* on -1 .. 1 */
} rule;

typedef struct nest {
    mx_grid *grid;
    size_t axes, variables, cuts, most, rows, capacity;
    int failed;                /* 1: no memory, 2: too many, or too late */
    rule smooth;
    double at[MX_AXES], low[MX_AXES]; /* the point so far */
    double *row;               /* [rows][2 axes + 1] coordinates, low parts, log weight */
    unsigned char *edge;       /* [rows] */
    double least[CUTS_MOST];   /* of the absolute values of each cut since they were forgotten, */
    unsigned char crossed[CUTS_MOST]; /* and whether both signs were seen: 3 */
    double *column, *value;    /* space for SAMPLES points, and the cuts there */
    const double **list;
} nest;

int mx_nested_fits(const mx_grid *grid)
{
    for (size_t a = 0; a < grid->axes; a++)
        if (grid->axis[a].whole)
            return 0;
    return grid->axes > 1 && mx_field_cuts(grid->problem) <= CUTS_MOST;
}

double mx_nested_growth(const mx_grid *grid)
{
    size_t order = grid->nested.order, next = order + 1 < MX_NESTED_ORDERS ? ORDER[order + 1] : 2 * ORDER[order];
    return pow((double)next / (double)ORDER[order], (double)grid->axes);
}

/* ---- where a line is cut ---- */

/* Points of the line of axis a, the axes before it fixed and those after it at given places. */
static mx_points place(nest *t, size_t a, size_t n, const double *x)
{
    const mx_support *support = &t->grid->problem->support;
    for (size_t v = 0; v < t->variables; v++) {
        double *column = t->column + v * SAMPLES, *low = t->column + (t->variables + v) * SAMPLES;
        t->list[v] = column;
        t->list[t->variables + v] = low;
        for (size_t j = 0; j < n && support->variable[v].extent == MX_LISTED; j++) {
            column[j] = support->variable[v].named ? 0 : support->variable[v].number[0];
            low[j] = 0;
        }
    }
    for (size_t b = 0; b < t->axes; b++)
        for (size_t j = 0; j < n; j++) {
            size_t v = t->grid->axis[b].variable;
            t->column[v * SAMPLES + j] = b == a ? x[j] : t->at[b];
            t->column[(t->variables + v) * SAMPLES + j] = b == a ? 0 : t->low[b];
        }
    return (mx_points){n, t->list, t->list + t->variables};
}

/* The cuts there. */
static void look(nest *t, size_t a, size_t n, const double *x)
{
    mx_points points = place(t, a, n, x);
    if (mx_field_cut_values(t->grid->problem, &points, t->value) != 0)
        t->failed = 1;
    for (size_t j = 0; j < n; j++)
        for (size_t c = 0; c < t->cuts; c++) {
            double v = t->value[j * t->cuts + c];
            t->least[c] = fmin(t->least[c], fabs(v));
            t->crossed[c] |= v < 0 ? 1 : 2;
        }
}

static void forget(nest *t)
{
    for (size_t c = 0; c < t->cuts; c++) {
        t->least[c] = INFINITY;
        t->crossed[c] = 0;
    }
}

static double side(const nest *t, size_t c, double value)
{
    if (mx_field_cut(t->grid->problem, c) == MX_CUT_WHOLE)
        return floor(value);
    return value < 0 ? -1 : 1; /* 0 itself belongs to one side: a point of a line has no length */
}

/* Points over an axis, at no simple numbers; the finite ends themselves for the last axis, for others just inside, where a line that is cut
 * at a corner of the support still shows it. */
static void samples(const nest *t, size_t a, double *x)
{
    const mx_axis *axis = &t->grid->axis[a];
    const mx_nested *nested = &t->grid->nested;
    int left = isinf(axis->lower), right = isinf(axis->upper);
    double length = axis->upper - axis->lower, inset = a + 1 == t->axes ? 0 : JUST_INSIDE;
    for (size_t j = 0; j < SAMPLES; j++) {
        /* other places for every order and for the check: what falls between the samples of one shows as a residual of the other */
        double shift = 0.5 + 0.13 * sin((double)(1 + a + 3 * nested->order) + 1.7 * nested->check);
        double s = ((double)j + shift) / SAMPLES, far = 4 * (double)a; /* inner lines farther than outer ones */
        x[j] = left && right ? nested->centre[a] + nested->scale[a] * sinh((14 + far) * (s - 0.5))
               : left        ? axis->upper - nested->scale[a] * exp((24 + far) * (1 - s) - 16)
               : right       ? axis->lower + nested->scale[a] * exp((24 + far) * s - 16)
                             : axis->lower + length * s;
    }
    if (!left)
        x[0] = inset > 0 ? axis->lower + inset * (right ? nested->scale[a] : length) : nextafter(axis->lower, INFINITY);
    if (!right)
        x[SAMPLES - 1] = inset > 0 ? axis->upper - inset * (left ? nested->scale[a] : length) : nextafter(axis->upper, -INFINITY);
}

typedef unsigned long long mark;

static mark mix(mark m, double x)
{
    unsigned long long bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    m = (m ^ bits) * 1099511628211ull;
    return m ^ (m >> 29);
}

static size_t breaks(nest *t, size_t a, double *at, mark *how);

/* How the line of axis a + 1, or for the last axis the point, looks when axis a is at x. */
static mark kind_at(nest *t, size_t a, double x)
{
    double at[BREAKS_MOST];
    if (a + 2 < t->axes && !t->failed && mx_late(t->grid->run))
        t->failed = 2;
    mark m = 14695981039346656037ull;
    t->at[a] = x;
    t->low[a] = 0;
    if (a + 1 < t->axes) {
        breaks(t, a + 1, at, &m);
        return m;
    }
    look(t, a, 1, &x);
    for (size_t c = 0; c < t->cuts; c++)
        m = mix(m, side(t, c, t->value[c]));
    return m;
}

/* Breaks of the line of axis a, ascending; how: what the sequence of its pieces is. */
/* A cut may cross the line twice between two samples. Where its absolute value dips, at sample j, it is followed down until its sign is
 * another: 1 and the place in *x. */
static int dips(nest *t, size_t a, size_t c, const double *sample, const double *value, size_t j, double *x)
{
    double here = value[j * t->cuts + c], left = value[(j - 1) * t->cuts + c], right = value[(j + 1) * t->cuts + c];
    int same = side(t, c, left) == side(t, c, here) && side(t, c, right) == side(t, c, here);
    if (!same || fabs(here) > fabs(left) || fabs(here) > fabs(right) || here == 0)
        return 0;
    double low = sample[j - 1], high = sample[j + 1], least = fabs(here);
    for (int step = 0; step < DIPS && !t->failed; step++) { /* by thirds: three points at once cost little more than one */
        double try[4];
        for (int i = 0; i < 4; i++)
            try[i] = low + (high - low) * (i + 1) / 5;
        look(t, a, 4, try);
        int best = 0;
        for (int i = 0; i < 4; i++) {
            double v = t->value[(size_t)i * t->cuts + c];
            if (v * here <= 0) {
                *x = try[i];
                return 1;
            }
            best = fabs(v) < fabs(t->value[(size_t)best * t->cuts + c]) ? i : best;
        }
        double value_there = fabs(t->value[(size_t)best * t->cuts + c]);
        low = best > 0 ? try[best - 1] : low;
        high = best < 3 ? try[best + 1] : high;
        if (value_there > 0.5 * least && step > 8) /* it is not going to be 0 */
            break;
        least = fmin(least, value_there);
    }
    return 0;
}

/* Where a cut that does not change its sign comes nearest to 0 between two points of axis a: sqrt(x^2 + y^2) is not smooth there. */
static double distance_at(nest *t, size_t a, size_t c, double x)
{
    forget(t);
    kind_at(t, a, x);
    return t->least[c];
}

static double nearest(nest *t, size_t a, size_t c, double low, double high)
{
    if (low < 0 && high > 0) { /* mostly it is at 0 */
        double here = distance_at(t, a, c, 0), near = 1e-6 * (high - low);
        if (here < distance_at(t, a, c, near) && here < distance_at(t, a, c, -near))
            return 0;
    }
    double at = 0.5 * (low + high);
    for (int step = 0; step < DIPS && !t->failed && high - low > 1e-8 * fmax(fabs(low), fabs(high)); step++) {
        double try[4], value[4];
        int best = 0;
        for (int i = 0; i < 4; i++) {
            try[i] = low + (high - low) * (i + 1) / 5;
            value[i] = distance_at(t, a, c, try[i]);
            best = value[i] < value[best] ? i : best;
        }
        at = try[best];
        low = best > 0 ? try[best - 1] : low;
        high = best < 3 ? try[best + 1] : high;
    }
    return at;
}

typedef struct scan {
    size_t n;
    double x[SAMPLES + DIPS_MOST + MX_SPOTS];
    mark kind[SAMPLES + DIPS_MOST + MX_SPOTS];
    size_t touches;
    double touch[DIPS_MOST];
} scan;

static void insert(nest *t, size_t a, scan *s, double x)
{
    size_t at = s->n++;
    for (; at > 0 && s->x[at - 1] > x; at--) {
        s->x[at] = s->x[at - 1];
        s->kind[at] = s->kind[at - 1];
    }
    s->x[at] = x;
    s->kind[at] = kind_at(t, a, x);
}

/* The samples of an axis and what they show. */
static void scan_line(nest *t, size_t a, scan *s)
{
    double sample[SAMPLES], least[SAMPLES * CUTS_MOST], value[SAMPLES * CUTS_MOST], before[CUTS_MOST];
    unsigned char crossed[SAMPLES * CUTS_MOST], outer[CUTS_MOST];
    size_t cuts = t->cuts, last = a + 1 == t->axes;
    memcpy(before, t->least, sizeof before); /* those of the line that this one is a point of */
    memcpy(outer, t->crossed, sizeof outer);
    samples(t, a, sample);
    memcpy(s->x, sample, sizeof sample);
    s->n = SAMPLES;
    s->touches = 0;
    if (last)
        look(t, a, SAMPLES, s->x);
    if (last)
        memcpy(value, t->value, SAMPLES * cuts * sizeof *value);
    for (size_t j = 0; j < SAMPLES; j++) {
        forget(t);
        s->kind[j] = last ? 14695981039346656037ull : kind_at(t, a, s->x[j]);
        for (size_t c = 0; c < cuts; c++) {
            double v = last ? value[j * cuts + c] : 0;
            if (last)
                s->kind[j] = mix(s->kind[j], side(t, c, v));
            least[j * cuts + c] = last ? fabs(v) : t->least[c];
            crossed[j * cuts + c] = last ? (v < 0 ? 1 : 2) : t->crossed[c];
        }
    }
    for (size_t i = 0; i < t->grid->nested.spots && !t->failed; i++) { /* a disc about the spot, say */
        const mx_spot *spot = &t->grid->nested.spot[i];
        if (isinf(spot->width[a]) || !(spot->at[a] > t->grid->axis[a].lower) || !(spot->at[a] < t->grid->axis[a].upper))
            continue;
        forget(t);
        insert(t, a, s, spot->at[a]);
        for (size_t b = 0; b < cuts; b++) {
            before[b] = fmin(before[b], t->least[b]);
            outer[b] |= t->crossed[b];
        }
    }
    for (size_t c = 0; c < cuts; c++)
        for (size_t j = 1; j + 1 < SAMPLES && s->n + s->touches < SAMPLES + DIPS_MOST + t->grid->nested.spots && !t->failed; j++) {
            const double *l = &least[j * cuts + c];
            const unsigned char *r = &crossed[j * cuts + c];
            double x;
            if (mx_field_cut(t->grid->problem, c) != MX_CUT_ZERO || r[0] == 3 || *(r - cuts) != *r || r[cuts] != *r ||
                !(*l < *(l - cuts) && *l <= l[cuts]) || isinf(*l))
                continue;
            int other = last && dips(t, a, c, sample, value, j, &x);
            if (!other) {
                x = nearest(t, a, c, sample[j - 1], sample[j + 1]);
                other = !last && kind_at(t, a, x) != kind_at(t, a, sample[j]); /* a disc between two lines, say */
            }
            if (other)
                insert(t, a, s, x);
            else
                s->touch[s->touches++] = x;
            distance_at(t, a, c, x);
            for (size_t b = 0; b < cuts; b++) {
                before[b] = fmin(before[b], t->least[b]);
                outer[b] |= t->crossed[b];
            }
        }
    for (size_t c = 0; c < cuts; c++) {
        for (size_t j = 0; j < SAMPLES; j++) {
            before[c] = fmin(before[c], least[j * cuts + c]);
            outer[c] |= crossed[j * cuts + c];
        }
        t->least[c] = fmin(before[c], t->least[c]);
        t->crossed[c] |= outer[c];
    }
}

/* Breaks of the line of axis a, ascending; how: what the sequence of its pieces is. */
static size_t breaks(nest *t, size_t a, double *at, mark *how)
{
    scan s;
    size_t found = 0;
    scan_line(t, a, &s);
    double least[CUTS_MOST];
    unsigned char crossed[CUTS_MOST];
    memcpy(least, t->least, sizeof least);
    memcpy(crossed, t->crossed, sizeof crossed);
    *how = mix(14695981039346656037ull, (double)(s.kind[0] >> 11));
    for (size_t j = 0; j + 1 < s.n && !t->failed; j++) {
        double left = s.x[j];
        mark here = s.kind[j];
        while (here != s.kind[j + 1] && found < BREAKS_MOST && !t->failed) { /* several may lie between two samples */
            double low = left, high = s.x[j + 1];
            mark beyond = s.kind[j + 1];
            for (int step = 0; step < BISECTIONS; step++) {
                double middle = low < 0 && high > 0 ? 0 : 0.5 * (low + high); /* 0 is where most cuts are */
                if (!(middle > low && middle < high))
                    break;
                mark m = kind_at(t, a, middle);
                if (middle == 0) { /* then there is no need to come nearer and nearer to it */
                    double beside = (m == here ? 1 : -1) * AT_ZERO * (high - low);
                    mark other = kind_at(t, a, beside);
                    if ((other == here) != (m == here)) {
                        beyond = m == here ? other : m;
                        high = 0;
                        break;
                    }
                }
                if (m == here)
                    low = middle;
                else {
                    high = middle;
                    beyond = m;
                }
            }
            if (found == 0 || high > at[found - 1])
                at[found++] = high;
            *how = mix(*how, (double)(beyond >> 11));
            here = beyond;
            left = high;
        }
    }
    for (size_t i = 0; i < s.touches && found < BREAKS_MOST; i++) {
        size_t b = found++;
        for (; b > 0 && at[b - 1] > s.touch[i]; b--)
            at[b] = at[b - 1];
        at[b] = s.touch[i];
    }
    memcpy(t->least, least, sizeof least); /* what bisection saw says nothing of the samples */
    memcpy(t->crossed, crossed, sizeof crossed);
    if (found == BREAKS_MOST)
        t->failed = 2;
    return found;
}

/* ---- rules ---- */

static void line(nest *t, size_t a, double logw, int edge);

static void put(nest *t, size_t a, mx_dd end, double off, double logw, int edge)
{
    mx_dd x = mx_dd_add_d(end, off);
    t->at[a] = x.hi;
    t->low[a] = x.lo;
    if (a + 1 < t->axes) {
        line(t, a + 1, logw, edge);
        return;
    }
    size_t width = 2 * t->axes + 1;
    if (t->rows == t->capacity) {
        size_t capacity = 2 * t->capacity + 1024;
        double *row = mx_resize(t->row, capacity, width * sizeof *row);
        t->row = row != NULL ? row : t->row;
        unsigned char *grown = mx_resize(t->edge, capacity, 1);
        t->edge = grown != NULL ? grown : t->edge;
        if (row == NULL || grown == NULL) {
            t->failed = 1;
            return;
        }
        t->capacity = capacity;
    }
    if (t->rows * t->grid->levels >= t->most) {
        t->failed = 2;
        return;
    }
    double *row = t->row + t->rows * width;
    memcpy(row, t->at, t->axes * sizeof *row);
    memcpy(row + t->axes, t->low, t->axes * sizeof *row);
    row[2 * t->axes] = logw;
    t->edge[t->rows++] = (unsigned char)edge;
}

/* The same along an axis on which p falls slowly. */
static void far_piece(nest *t, size_t a, mx_dd from, mx_dd to, double logw, int edge)
{
    mx_far_node *node = mx_alloc(MX_FAR_MOST, sizeof *node);
    size_t n = node != NULL ? mx_nested_far(&t->grid->nested, a, from.hi, to.hi, t->smooth.n, node) : 0;
    t->failed = t->failed ? t->failed : node == NULL ? 1 : n == 0 ? 2 : 0;
    mx_dd centre = mx_dd_make(t->grid->nested.centre[a]);
    for (size_t j = 0; j < n && !t->failed; j++)
        put(t, a, node[j].end < 0 ? from : node[j].end > 0 ? to : centre, node[j].off, logw + node[j].logw, edge || node[j].edge);
    mx_free(node);
}

/* A piece between a and b, either of which may be infinite. */
static void piece(nest *t, size_t a, mx_dd from, mx_dd to, double logw, int edge)
{
    const mx_nested *nested = &t->grid->nested;
    size_t n = t->smooth.n;
    double left = from.hi, right = to.hi;
    mx_dd centre = mx_dd_make(nested->centre[a]);
    if (mx_nested_is_far(t->grid, a)) {
        far_piece(t, a, from, to, logw, edge);
    } else if (isinf(left) && isinf(right)) {
        n *= 2;
        double step = 2 * COMB_REACH / (double)n;
        for (size_t j = 0; j < n && !t->failed; j++) {
            double u = step * ((double)j + 0.5) - COMB_REACH, s = nested->scale[a];
            if (nested->sharp) /* farther out, for the same steps near the center */
                put(t, a, centre, s * sinh(0.5 * u), logw + log(0.5 * step * s * cosh(0.5 * u)), edge || j == 0 || j + 1 == n);
            else
                put(t, a, centre, s * u, logw + log(step * s), edge || j == 0 || j + 1 == n);
        }
    } else if (isinf(left) || isinf(right)) {
        n *= 2;
        double step = (HALF_TO - HALF_FROM) / (double)n, scale = nested->scale[a];
        mx_dd end = isinf(left) ? to : from;
        for (size_t j = 0; j < n && !t->failed; j++) {
            double u = HALF_FROM + step * ((double)j + 0.5), s = u - exp(-u);
            put(t, a, end, (isinf(left) ? -scale : scale) * exp(s), logw + log(step * scale) + s + log1p(exp(-u)), edge || j + 1 == n);
        }
    } else if (nested->sharp) {
        double reach = nested->sharp == 1 ? SHARP_REACH : DEEP_REACH, step = 2 * reach / (double)n, length = right - left;
        for (size_t j = 0; j < n && !t->failed; j++) {
            double u = step * ((double)j + 0.5) - reach, s = 3.14159265358979323846 * sinh(u);
            double near = length / (1 + exp(fabs(s))); /* the distance from the nearer end */
            double weight = log(step * 3.14159265358979323846 * cosh(u)) + log(near) - log1p(exp(-fabs(s)));
            put(t, a, u < 0 ? from : to, u < 0 ? near : -near, logw + weight, edge);
        }
    } else {
        double half = 0.5 * (right - left), middle = 0.5 * (left + right);
        for (size_t j = 0; j < n && !t->failed; j++)
            put(t, a, mx_dd_make(middle), half * t->smooth.node[j], logw + log(half * t->smooth.weight[j]), edge);
    }
}

/* What is missing of breaks to their last places: x - y is 0 at y = x, low part and all, and log(abs(x - y)) is singular there and nowhere
 * beside it. By one step of Newton's method, with differences of the cut that is 0 there. rest: [count] */
static void sharpen(nest *t, size_t a, const double *at, size_t count, double *rest)
{
    const mx_axis *axis = &t->grid->axis[a];
    double scale = isfinite(axis->upper - axis->lower) ? axis->upper - axis->lower : t->grid->nested.scale[a];
    double here[CUTS_MOST], low[CUTS_MOST];
    for (size_t i = 0; i < count && !t->failed; i++) {
        double h = ldexp(1, ilogb(scale) - 20), x[2] = {at[i], at[i] + h}, best = INFINITY;
        rest[i] = 0;
        mx_points points = place(t, a, 1, x);
        if (mx_field_cut_values_exact(t->grid->problem, &points, here, low) != 0) /* x + y - 1 in doubles has lost its last places */
            t->failed = 1;
        look(t, a, 2, x);
        for (size_t c = 0; c < t->cuts; c++) {
            double slope = (t->value[t->cuts + c] - t->value[c]) / h, off = fabs(here[c] / slope);
            if (mx_field_cut(t->grid->problem, c) != MX_CUT_ZERO || !(off <= LAST_PLACES * fabs(at[i])) || !(off < best))
                continue;
            best = off;
            rest[i] = -(here[c] + low[c]) / slope;
        }
    }
}

static void line(nest *t, size_t a, double logw, int edge)
{
    const mx_axis *axis = &t->grid->axis[a];
    double at[MX_NESTED_BREAKS], rest[MX_NESTED_BREAKS] = {0}, low[MX_AXES], outer[MX_AXES];
    mark how;
    memcpy(outer, t->at, sizeof outer);
    memcpy(low, t->low, sizeof low);
    size_t count = t->cuts > 0 ? breaks(t, a, at, &how) : 0;
    if (a + 1 < t->axes && !t->failed && mx_late(t->grid->run))
        t->failed = 2;
    memcpy(t->at, outer, sizeof outer);
    memcpy(t->low, low, sizeof low);
    count = mx_nested_about(t->grid, a, t->at, at, count);
    if (a + 1 == t->axes && t->cuts > 0 && t->grid->nested.sharp)
        sharpen(t, a, at, count, rest);
    mx_dd left = mx_dd_make(axis->lower);
    for (size_t i = 0; i <= count && !t->failed; i++) {
        mx_dd right = i < count ? mx_two_sum(at[i], rest[i]) : mx_dd_make(axis->upper);
        if (right.hi > left.hi)
            piece(t, a, left, right, logw, edge);
        left = right;
    }
}

/* ---- the nodes ---- */

static maxent_error to_nodes(const nest *t, mx_nodes *nodes)
{
    const maxent_problem *problem = t->grid->problem;
    size_t levels = t->grid->levels, width = 2 * t->axes + 1;
    maxent_error error = mx_nodes_open(nodes, t->rows * levels, problem->support.variables, problem->k);
    if (error != MAXENT_OK)
        return error;
    for (size_t a = 0; a < t->axes; a++) {
        size_t v = t->grid->axis[a].variable;
        for (size_t j = 0; j < nodes->n; j++) {
            nodes->value[v][j] = t->row[j / levels * width + a];
            nodes->low[v][j] = t->row[j / levels * width + t->axes + a];
        }
    }
    for (size_t j = 0; j < nodes->n; j++)
        nodes->logw[j] = t->row[j / levels * width + 2 * t->axes];
    mx_nodes_levels(t->grid, nodes, 0, nodes->n);
    t->grid->cell[0].first = 0;
    t->grid->cell[0].count = nodes->n;
    return mx_nodes_evaluate(t->grid, nodes, 0, nodes->n);
}

maxent_error mx_nested_lay(mx_grid *grid, mx_nodes *nodes, size_t most)
{
    mx_nested *nested = &grid->nested;
    nest t = {.grid = grid, .axes = grid->axes, .variables = grid->problem->support.variables, .cuts = mx_field_cuts(grid->problem)};
    t.most = most;
    memset(nodes, 0, sizeof *nodes);
    t.column = mx_zalloc(2 * t.variables, SAMPLES * sizeof *t.column);
    t.value = mx_alloc(t.cuts + 1, SAMPLES * sizeof *t.value);
    t.list = mx_alloc(2 * t.variables, sizeof *t.list);
    maxent_error error = t.column == NULL || t.value == NULL || t.list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        size_t n = ORDER[nested->order];
        t.smooth.n = nested->check ? n + n / 3 : n;
        mx_legendre_rule(t.smooth.n, t.smooth.node, t.smooth.weight);
        line(&t, 0, 0, 0);
        error = t.failed == 1 ? MAXENT_ERROR_MEMORY : t.failed == 2 ? MAXENT_ERROR_LIMIT : MAXENT_OK;
    }
    if (error == MAXENT_OK)
        error = to_nodes(&t, nodes);
    if (error == MAXENT_OK) {
        mx_free(nested->edge);
        nested->edge = t.edge;
    } else {
        mx_free(t.edge);
    }
    mx_free(t.row);
    mx_free(t.column);
    mx_free(t.value);
    mx_free(t.list);
    return error;
}
