/* Rays and curves to the ends of a support.
 *
 * On a line the ends are its own. With several axes they are rays along each of them and along the diagonals; curves on which one goes as
 * the square of others, where x y outgrows x^2; and, in a plane, the lines along which features bend, x = y of max(x, y), on both
 * sides, where a combination of facts may be level that grows to either side; and hyperbolas x y = c, where x^2 y^2 is level: the strip
 * between two of them narrows as 1/t, which is told as a factor of the prior.
 */
#include "solve/continuous/rays.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BENDS_MOST = 8 };

#define BESIDE 0.3 /* how far beside a bend: both sides of a jump are looked at */
#define ASIDE 0.8359375 /* x y on a hyperbola: what is 0 on a curve alone, such as (x y - 1)^2 x^2, is not level along it */
#define GRAINS 64  /* of 1: so few digits that x - y keeps them on x = y, however far out */

int mx_ray_look(void *user, size_t count, const double *value, const double *low, double *hi, double *lo, double *logq)
{
    const mx_ray *r = user;
    const mx_continuum *c = r->c;
    size_t variables = c->shadow.support.variables;
    double *column = mx_alloc(2 * variables, (count + 1) * sizeof *column);
    const double **list = mx_alloc(2 * variables, sizeof *list);
    int bad = column == NULL || list == NULL ? -1 : 0;
    size_t combination = r->level;
    for (size_t v = variables; bad == 0 && v-- > 0;) {
        const mx_variable *variable = &c->shadow.support.variable[v];
        size_t axis = SIZE_MAX, level = 0;
        for (size_t a = 0; a < c->grid.axes; a++)
            axis = c->grid.axis[a].variable == v ? a : axis;
        if (axis == SIZE_MAX) {
            level = combination % variable->levels;
            combination /= variable->levels;
        }
        for (size_t j = 0; j < count; j++) {
            mx_dd x = {value[j], low[j]};
            if (axis == SIZE_MAX)
                x = mx_dd_make(variable->named ? (double)level : variable->number[level]);
            else if (c->grid.axes == 1)
                x = mx_dd_add_d(x, r->base[0]);
            else
                x = mx_dd_add_d(mx_dd_mul_d(r->square[axis]       ? mx_dd_mul(x, x)
                                            : r->power[axis] == -1 ? mx_dd_div(mx_dd_make(1), x)
                                            : r->power[axis] != 0 ? mx_dd_make(pow(x.hi, r->power[axis]))
                                                                  : x,
                                            r->toward[axis]), r->base[axis]);
            column[v * count + j] = x.hi;
            column[(variables + v) * count + j] = x.lo;
        }
        list[v] = column + v * count;
        list[variables + v] = column + (variables + v) * count;
    }
    if (bad == 0) {
        mx_points points = {count, list, list + variables};
        bad = mx_field_values(c->run->problem, &points, hi, lo, logq);
    }
    for (size_t a = 0; bad == 0 && a < c->grid.axes; a++)
        for (size_t j = 0; r->power[a] == -1 && j < count; j++)
            logq[j] -= log(fabs(value[j]));
    mx_free(column);
    mx_free(list);
    return bad;
}

static void describe_level(const mx_continuum *c, mx_ray *r)
{
    size_t combination = r->level, used = 0;
    const mx_support *support = &c->shadow.support;
    for (size_t v = support->variables; v-- > 0 && used + 1 < sizeof r->where;) {
        const mx_variable *variable = &support->variable[v];
        if (variable->extent != MX_LISTED)
            continue;
        size_t level = combination % variable->levels;
        combination /= variable->levels;
        int wrote = variable->named ? snprintf(r->where + used, sizeof r->where - used, "%s%.20s = %.30s", used > 0 ? ", " : "",
                                               variable->name, variable->label[level])
                                    : snprintf(r->where + used, sizeof r->where - used, "%s%.20s = %.10g", used > 0 ? ", " : "",
                                               variable->name, variable->number[level]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

void mx_ray_begin(const mx_continuum *c, size_t level, mx_ray *r)
{
    *r = (mx_ray){.c = c, .level = level};
    describe_level(c, r);
}

/* Where everything is about a centre far from 0, infinite ends are told by the distance from it, on a ray of their own: of x = z - 1000,
 * 1/(1 + x^2) beside cosh(x) shows no order in z. */
size_t mx_rays_line(const mx_continuum *c, mx_ray *r, size_t *rays, mx_end *end, size_t n)
{
    const mx_axis *axis = &c->grid.axis[0];
    double centre = c->outskirts[0].center[0];
    int moved = !axis->whole && fabs(centre) > fmax(c->outskirts[0].reach[0], c->outskirts[0].reach[1]);
    r[1] = *r;
    r[1].base[0] = moved ? centre : 0;
    *rays += 2;
    mx_end e = {.whole = axis->whole, .user = r};
    memcpy(e.where, r->where, sizeof e.where);
    for (int side = 0; side < 2; side++)
        if (isinf(side == 0 ? axis->lower : axis->upper) && n < MX_ENDS_MOST) {
            double far = fabs(side == 0 ? c->outskirts[0].center[0] : c->outskirts[0].center[1]) + c->outskirts[0].reach[side];
            e.kind = side == 0 ? MX_END_MINUS_INFINITY : MX_END_PLUS_INFINITY;
            far = moved ? fabs(c->outskirts[0].center[1] - centre) + c->outskirts[0].reach[side] : far;
            e.scale = far > 0 && isfinite(far) ? far : 1;
            e.user = r + 1;
            end[n++] = e;
        }
    e.user = r;
    for (size_t i = 0; i < axis->singulars && n < MX_ENDS_MOST; i++) {
        e.kind = axis->singular[i].sign > 0 ? MX_END_RIGHT_OF : MX_END_LEFT_OF;
        e.point = axis->singular[i].center;
        e.scale = axis->singular[i].to;
        end[n++] = e;
    }
    return n;
}

/* "x -> infinity, y -> -infinity", and the combination of levels. */
static void describe_ray(const mx_continuum *c, const mx_ray *r, char *out, size_t size)
{
    size_t used = 0;
    for (size_t a = 0; a < c->grid.axes && used < size; a++)
        if (r->toward[a] != 0)
            used += (size_t)snprintf(out + used, size - used, "%s%.12s -> %s", used > 0 ? ", " : "",
                                     c->shadow.support.variable[c->grid.axis[a].variable].name,
                                     r->power[a] == -1 ? "0" : r->toward[a] > 0 ? "infinity" : "-infinity");
    if (r->where[0] != '\0' && used + strlen(r->where) + 3 < size)
        snprintf(out + used, size - used, ", %s", r->where);
}

static int inside(const mx_continuum *c, const mx_ray *one)
{
    int in = 1;
    for (size_t a = 0; a < c->grid.axes; a++) {
        const mx_axis *axis = &c->grid.axis[a];
        in = in && one->base[a] >= axis->lower && one->base[a] <= axis->upper && isfinite(one->base[a]);
        in = in && !(one->toward[a] > 0 && isfinite(axis->upper)) && !(one->toward[a] < 0 && isfinite(axis->lower));
    }
    return in;
}

static size_t add(const mx_continuum *c, const mx_ray *one, mx_end *end, size_t n)
{
    double scale = 0;
    for (size_t a = 0; a < c->grid.axes; a++)
        if (one->toward[a] != 0)
            scale = fmax(scale, fabs(c->outskirts[a].center[0]) + c->outskirts[a].reach[one->toward[a] > 0]);
    end[n] = (mx_end){.kind = MX_END_PLUS_INFINITY, .user = (void *)one, .scale = scale > 0 && isfinite(scale) ? scale : 1, .several = 1};
    describe_ray(c, one, end[n].where, sizeof end[n].where);
    return n + 1;
}

/* The line where a cut of a plane is 0, if it is straight: g . x = -at. */
static int straight(const mx_continuum *c, const mx_ray *model, size_t cut, double *g, double *at)
{
    size_t variables = c->shadow.support.variables, cuts = mx_field_cuts(&c->shadow);
    double *value = mx_zalloc(variables, 4 * sizeof *value), *out = mx_alloc(cuts, 4 * sizeof *out);
    const double **list = mx_alloc(variables, sizeof *list);
    int is = value != NULL && out != NULL && list != NULL && mx_field_cut(&c->shadow, cut) == MX_CUT_ZERO;
    for (size_t v = 0; is && v < variables; v++) {
        list[v] = value + 4 * v;
        for (size_t j = 0; j < 4; j++)
            for (size_t a = 0; a < 2; a++)
                if (c->grid.axis[a].variable == v)
                    value[4 * v + j] = model->base[a] + ((j >> a & 1) ? (isfinite(c->grid.axis[a].upper) ? -1 : 1) : 0);
    }
    mx_points points = {4, list, NULL};
    is = is && mx_field_cut_values(&c->shadow, &points, out) == 0;
    if (is) {
        double o = out[cut], x = out[cuts + cut], y = out[2 * cuts + cut], both = out[3 * cuts + cut];
        g[0] = (x - o) * (isfinite(c->grid.axis[0].upper) ? -1 : 1);
        g[1] = (y - o) * (isfinite(c->grid.axis[1].upper) ? -1 : 1);
        *at = o - g[0] * model->base[0] - g[1] * model->base[1];
        is = g[0] != 0 && g[1] != 0 && fabs(both - x - y + o) <= 1e-14 * (fabs(both) + fabs(x) + fabs(y));
    }
    mx_free(value);
    mx_free(out);
    mx_free((void *)list);
    return is;
}

/* Along bends, and along hyperbolas, of a plane. */
static size_t bends(const mx_continuum *c, mx_ray *r, const mx_ray *model, size_t *found, mx_end *end, size_t n)
{
    size_t cuts = mx_field_cuts(&c->shadow);
    if (c->grid.axes != 2 || c->grid.axis[0].whole || c->grid.axis[1].whole)
        return n;
    for (size_t cut = 0, count = 0; cut < cuts && count < BENDS_MOST; cut++) {
        double g[2], at;
        if (!straight(c, model, cut, g, &at))
            continue;
        count++;
        double square = g[0] * g[0] + g[1] * g[1], off = (g[0] * model->base[0] + g[1] * model->base[1] + at) / square;
        for (int way = 0; way < 4 && n < MX_ENDS_MOST; way++) {
            mx_ray one = *model;
            double side = (way & 1 ? BESIDE : -BESIDE) / sqrt(square), sign = way & 2 ? 1 : -1;
            for (size_t a = 0; a < 2; a++) {
                one.base[a] = rint(GRAINS * (model->base[a] - (off - side) * g[a])) / GRAINS;
                one.toward[a] = sign * (a == 0 ? g[1] : -g[0]) / fmax(fabs(g[0]), fabs(g[1]));
            }
            if (!inside(c, &one))
                continue;
            r[*found] = one;
            n = add(c, &r[(*found)++], end, n);
        }
    }
    for (int way = 0; way < 8 && n < MX_ENDS_MOST; way++) {
        mx_ray one = *model;
        for (size_t a = 0; a < 2; a++) {
            one.base[a] = 0;
            one.power[a] = (size_t)(way >> 2) == a ? -1 : 0;
            one.toward[a] = ((way >> a & 1) ? -1 : 1) * (one.power[a] == -1 ? ASIDE : 1);
        }
        size_t near = (size_t)(way >> 2);
        int room = one.toward[near] > 0 ? c->grid.axis[near].upper >= 1 : c->grid.axis[near].lower <= -1;
        mx_ray far = one;
        far.toward[near] = 0;
        if (!room || !inside(c, &far))
            continue;
        r[*found] = one;
        n = add(c, &r[(*found)++], end, n);
    }
    return n;
}

size_t mx_rays_space(const mx_continuum *c, mx_ray *r, size_t *rays, mx_end *end, size_t n)
{
    size_t axes = c->grid.axes, directions = 1, shapes = (size_t)1 << axes, found = 0;
    mx_ray model = *r;
    for (size_t a = 0; a < axes; a++)
        directions *= 3;
    /* Axes, then curves, then diagonals: where an edge follows from others it is the last of them. */
    for (size_t pass = 0, d = 0; pass < 3 && n < MX_ENDS_MOST; pass += d + 1 == directions * shapes, d = (d + 1) % (directions * shapes)) {
        size_t rest = d % directions, shape = d / directions, moving = 0, squares = 0;
        int leaves = 1;
        mx_ray *one = r + found;
        *one = model;
        for (size_t a = 0; a < axes; a++, rest /= 3) {
            const mx_axis *axis = &c->grid.axis[a];
            one->toward[a] = (double)(rest % 3) - 1;
            one->square[a] = (unsigned char)(shape >> a & 1);
            double middle = 0.3 + 0.1 * (double)a;
            one->base[a] = isfinite(axis->lower) && isfinite(axis->upper) ? axis->lower + middle * (axis->upper - axis->lower)
                           : isfinite(axis->lower)                        ? axis->lower + middle
                           : isfinite(axis->upper)                        ? axis->upper - middle
                                                                          : middle;
            if (axis->whole)
                one->base[a] = floor(one->base[a]);
            moving += one->toward[a] != 0;
            squares += one->square[a];
            leaves = leaves && !(one->toward[a] == 0 && one->square[a]);
            leaves = leaves && !(one->toward[a] > 0 && isfinite(axis->upper)) && !(one->toward[a] < 0 && isfinite(axis->lower));
            one->toward[a] *= 1 + 0.25 * (double)a; /* no two axes alike */
        }
        if (!leaves || (squares > 0 && squares == moving) || moving == 0 || pass != (moving == 1 ? 0 : squares > 0 ? 1 : 2))
            continue;
        n = add(c, one, end, n);
        found++;
    }
    for (size_t a = 0; a < axes; a++)
        model.base[a] = rint(GRAINS * r[0].base[a]) / GRAINS;
    n = bends(c, r, &model, &found, end, n);
    *rays += found;
    return n;
}
