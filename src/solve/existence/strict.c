/* Clashes that leave room, by directions.
 *
 * With v(x) = f(x) - tau on columns of usual size 1, and u = v / |v|, a certificate is a d with d . u(x) > 0 everywhere. The u are
 * bounded however far out x is, so that their closure is compact: if 0 is not in its convex hull, the point of the hull nearest to 0 is a
 * d with d . u >= t > 0 on the whole support and at all its ends, which no rounding of d spoils (of x^2 - 2 b x y + y^2 it takes a
 * b below 1). The nearest point comes from a cloud of places (places.h), the places where
 * it fails from the way down, and they join the cloud. What survives is searched once more by halving boxes on which intervals
 * leave room for less (boxes.c).
 *
 * When 0 is in the hull because of places far out in opposite directions, such as (1, 1, 1) and (-1, -1, -1) of x, y and max(x, y), a
 * certificate must be level along them: those lines are taken out, the rest is asked in the same way, and only whole numbers will do for d
 * then, which are level without rounding.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "solve/existence/lowest.h"
#include "solve/existence/strict.h"
#include "solve/verdict.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ROUNDS = 60, STARTS = 20, FEW_STEPS = 40, ALL_STEPS = 400 };

#define LEAST_ANGLE 1e-11
#define ENOUGH 0.25 /* of the angle at the cloud, anywhere: then it is a certificate */
#define FAR_OUT 1e6
#define NOTHING 1e-290 /* next to the least of doubles: the limit at an end where the prior is 0 may be 0 */
#define ALONG 1e-9 /* what is left of a point beside the lines, below which it counts as one of them */
#define REACHED 1e40 /* of facts and ends */
#define LOOK_SECONDS 2.0 /* at most, and */
#define LOOK_PART 0.5    /* of what is left */

/* ---- columns ---- */

static void values(const mx_clash *k, const double *hi, const double *lo, double *v)
{
    for (size_t i = 0; i < k->m; i++) {
        const mx_clash_column *col = &k->column[i];
        v[i] = col->sign * mx_dd_sub((mx_dd){hi[col->fact], lo[col->fact]}, mx_dd_make(col->bound)).hi / col->scale;
    }
}

double mx_clash_length(size_t m, const double *v)
{
    double most = 0, sum = 0;
    for (size_t i = 0; i < m; i++)
        most = fmax(most, fabs(v[i]));
    for (size_t i = 0; i < m && most > 0; i++)
        sum += (v[i] / most) * (v[i] / most);
    return most * sqrt(sum);
}

/* v without what it has along the lines; 0 where hardly anything is left. Returns its length. */
static double level(const mx_clash *k, double *v)
{
    double whole = mx_clash_length(k->m, v), size;
    for (size_t l = 0; l < k->lines; l++) {
        double along = 0;
        for (size_t i = 0; i < k->m; i++)
            along += k->line[l][i] * v[i];
        for (size_t i = 0; i < k->m; i++)
            v[i] -= along * k->line[l][i];
    }
    size = k->lines > 0 ? mx_clash_length(k->m, v) : whole;
    if (size > ALONG * whole)
        return size;
    memset(v, 0, k->m * sizeof *v);
    return 0;
}

static int in_range(const mx_clash *k, const double *hi)
{
    for (size_t i = 0; i < k->m; i++)
        if (!(fabs(hi[k->column[i].fact]) <= MX_FEATURE_MOST))
            return 0;
    return 1;
}

double mx_clash_angle(const void *user, const double *hi, const double *lo)
{
    const mx_clash *k = user;
    double v[MX_COLUMNS_MOST], sum = 0;
    if (!in_range(k, hi))
        return INFINITY;
    values(k, hi, lo, v);
    double size = level(k, v);
    for (size_t i = 0; i < k->m && size > 0; i++)
        sum += k->d[i] * (v[i] / size);
    return size > 0 ? sum : k->lines > 0 ? INFINITY : 0;
}

double mx_clash_slack(const void *user, const double *hi, const double *lo)
{
    const mx_clash *k = user;
    mx_dd sum = {0, 0};
    if (!in_range(k, hi))
        return INFINITY;
    for (size_t i = 0; i < k->m; i++) {
        const mx_clash_column *col = &k->column[i];
        mx_dd part = mx_dd_sub((mx_dd){hi[col->fact], lo[col->fact]}, mx_dd_make(col->bound));
        sum = mx_dd_add(sum, mx_dd_mul_d(part, k->exact[i]));
    }
    return sum.hi;
}

static void unscale(mx_clash *k)
{
    for (size_t i = 0; i < k->m; i++)
        k->exact[i] = k->column[i].sign * k->d[i] / k->column[i].scale;
}

/* A column for every bound that counts. */
static void choose_columns(mx_clash *k)
{
    const mx_sample *s = k->sample;
    k->m = 0;
    for (size_t i = 0; i < k->c->shadow.k; i++) {
        const mx_fact *fact = &k->c->fact[i];
        int equal = fact->lower == fact->upper;
        if (fact->sd > 0)
            continue;
        for (int side = 0; side < 2; side++) {
            double bound = side == 0 ? fact->upper : fact->lower;
            if (!isfinite(bound) || (equal && side == 1) || k->m == MX_COLUMNS_MOST)
                continue;
            double sum = 0;
            size_t count = 0;
            for (size_t j = 0; j < s->n; j++) {
                double off = fabs(s->hi[j * s->k + i] - bound);
                if (off > 0 && off <= 1e3 * fmax(1, fabs(bound))) {
                    sum += log(off);
                    count++;
                }
            }
            k->column[k->m++] = (mx_clash_column){.fact = i, .sign = side == 0 ? 1 : -1, .bound = bound, .side = !equal,
                                         .scale = count > 0 ? exp(sum / (double)count) : 1};
        }
    }
}

/* The directions of the sample's points, from number `from` on. */
static int directions(mx_clash *k, size_t from)
{
    const mx_sample *s = k->sample;
    if (s->n > k->capacity) {
        size_t capacity = 2 * s->n;
        double *u = mx_resize(k->u, capacity, MX_COLUMNS_MOST * sizeof *u);
        k->u = u != NULL ? u : k->u;
        double *size = mx_resize(k->size, capacity, sizeof *size);
        k->size = size != NULL ? size : k->size;
        if (u == NULL || size == NULL)
            return -1;
        k->capacity = capacity;
    }
    for (size_t j = from; j < s->n; j++) {
        double *u = k->u + j * MX_COLUMNS_MOST;
        values(k, s->hi + j * s->k, s->lo + j * s->k, u);
        k->size[j] = level(k, u);
        for (size_t i = 0; i < k->m && k->size[j] > 0; i++)
            u[i] /= k->size[j];
    }
    k->n = s->n;
    return 0;
}

/* ---- where it fails ---- */

/* Joins a place unless the sample has it. */
static int join(mx_clash *k, const double *at)
{
    return mx_sample_join(k->sample, at, 1, 1);
}

/* Goes down from the lowest points of the cloud. least: the least worth; lowest: [2 variables]
 * where. bar: what is below joins. *joined: how many. Returns 0, -1. */
static int look_around(mx_clash *k, mx_worth worth, double bar, double *least, double *lowest, size_t *joined)
{
    mx_sample *s = k->sample;
    size_t n = s->n, width = 2 * s->variables, starts = 0, start[3 * STARTS];
    double *value = mx_alloc(n + 1, sizeof *value), at[3 * STARTS][128], got[3 * STARTS];
    uint64_t *part = mx_alloc(n + 1, 2 * sizeof *part), seen[3 * STARTS];
    int bad = value == NULL || part == NULL || mx_places_parts(k->places, s->at, n, part, part + n) != 0 ? -1 : 0;
    for (size_t j = 0; bad == 0 && j < n; j++)
        value[j] = worth(k, s->hi + j * s->k, s->lo + j * s->k);
    for (size_t round = 0; bad == 0 && round < 3; round++) /* the lowest of each part, of each quarter, of what is left */
        for (size_t found = 0, first = starts; found < (round < 2 ? STARTS : STARTS / 4); found++) {
            size_t best = n;
            for (size_t j = 0; j < n; j++) {
                int known = 0;
                for (size_t i = 0; i < starts && !known; i++)
                    known = start[i] == j || (round < 2 && i >= first && seen[i] == part[round * n + j]);
                if (!known && (best == n || value[j] < value[best]))
                    best = j;
            }
            if (best == n || !isfinite(value[best]))
                break;
            seen[starts] = part[(round & 1) * n + best];
            start[starts++] = best;
        }
    *least = INFINITY;
    *joined = 0;
    for (size_t i = 0; i < starts; i++)
        memcpy(at[i], s->at + start[i] * width, width * sizeof(double));
    for (int far = 0; bad == 0 && far < 2 && !(*least < bar); far++) /* all the way only when a few steps do not show it */
        for (size_t i = 0; bad == 0 && i < starts; i++) {
            bad = mx_places_descend(k->places, worth, k, far ? ALL_STEPS : FEW_STEPS, k->c->run, at[i], &got[i]);
            if (got[i] < *least) {
                *least = got[i];
                memcpy(lowest, at[i], width * sizeof(double));
            }
        }
    for (size_t i = 0; bad == 0 && i < starts; i++) {
        int known = !(got[i] < bar);
        for (size_t j = 0; j < i && !known; j++)
            known = memcmp(at[i], at[j], width * sizeof(double)) == 0;
        if (!known && join(k, at[i]) != 0)
            bad = -1;
        *joined += !known;
    }
    mx_free(value);
    mx_free(part);
    return bad;
}

/* ---- the exchange ---- */

/* Does d hold wherever one can look? Places where it does not join the cloud. Returns 0, -1. */
static int certify(mx_clash *k, int *holds, double *margin)
{
    double at[128];
    size_t found, joined;
    *holds = 0;
    if (mx_clash_boxes(k, &found) != 0)
        return -1;
    if (found > 0)
        return 0;
    if (look_around(k, mx_clash_slack, 0, margin, at, &joined) != 0)
        return -1;
    *holds = *margin > NOTHING && !mx_late(k->c->run);
    return 0;
}

/* d with as few digits as will do, which are easier to check for a person. With lines: whole numbers, or *holds = 0. */
static int tidy(mx_clash *k, int *holds, double *margin)
{
    static const double grains[] = {1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60, 100, 1000, 1e4};
    double was[MX_COLUMNS_MOST], kept[MX_COLUMNS_MOST], most = 0, at[128], angle, slack, whole = *margin;
    size_t joined, tries = k->lines > 0 ? sizeof grains / sizeof *grains : 4;
    memcpy(was, k->d, sizeof was);
    memcpy(kept, k->exact, sizeof kept);
    for (size_t i = 0; i < k->m; i++)
        most = fmax(most, fabs(kept[i]));
    for (size_t t = 0; t < tries; t++) {
        int fits = 1;
        for (size_t i = 0; i < k->m; i++) {
            double part = fabs(kept[i]) / most, grain = k->lines > 0 ? grains[t] : pow(10, (double)t - (part > 0 ? floor(log10(part)) : 0));
            k->exact[i] = copysign(k->lines > 0 ? rint(part * grain) : rint(part * grain) / grain, kept[i]);
            k->d[i] = k->column[i].sign * k->exact[i] * k->column[i].scale;
        }
        for (size_t j = 0; j < k->n && fits; j++)
            fits = mx_clash_angle(k, k->sample->hi + j * k->sample->k, k->sample->lo + j * k->sample->k) > 0 &&
                   mx_clash_slack(k, k->sample->hi + j * k->sample->k, k->sample->lo + j * k->sample->k) > 0;
        if (!fits)
            continue;
        double size = mx_clash_length(k->m, k->d);
        if (look_around(k, mx_clash_angle, 0, &angle, at, &joined) != 0)
            return -1;
        if (!(angle > 1e-3 * k->angle * size))
            continue;
        if (certify(k, &fits, &slack) != 0)
            return -1;
        if (fits) {
            *margin = slack;
            *holds = 1;
            return 0;
        }
    }
    memcpy(k->d, was, sizeof was);
    memcpy(k->exact, kept, sizeof kept);
    *margin = whole;
    *holds = k->lines == 0;
    return 0;
}

typedef enum outcome { CLASH, NO_CLASH, AT_INFINITY, UNKNOWN } outcome;

/* Do the columns clash? margin: by how much. Returns 0, -1. */
static int exchange(mx_clash *k, outcome *how, double *margin)
{
    double at[128], least;
    size_t joined;
    *how = UNKNOWN;
    if (k->m == 0) {
        *how = NO_CLASH;
        return 0;
    }
    if (directions(k, 0) != 0)
        return -1;
    for (int round = 0; round < ROUNDS && !mx_late(k->c->run); round++) {
        mx_clash_nearest(k);
        if (!(k->angle > LEAST_ANGLE)) {
            *how = NO_CLASH;
            for (size_t j = 0; j < k->used; j++)
                if (k->size[k->use[j]] > FAR_OUT)
                    *how = AT_INFINITY;
            return 0;
        }
        if (look_around(k, mx_clash_angle, ENOUGH * k->angle, &least, at, &joined) != 0)
            return -1;
        if (mx_late(k->c->run))
            return 0;
        if (joined > 0 && !(round > ROUNDS / 2 && least > 0)) {
            if (directions(k, k->n) != 0)
                return -1;
            continue;
        }
        int holds = 1;
        unscale(k);
        if (k->lines == 0 && certify(k, &holds, margin) != 0)
            return -1;
        if (holds) {
            if (tidy(k, &holds, margin) != 0)
                return -1;
            *how = holds ? CLASH : UNKNOWN;
            return 0;
        }
        if (mx_late(k->c->run) || k->sample->n == k->n)
            return 0;
        if (directions(k, k->n) != 0)
            return -1;
    }
    return 0;
}

/* The direction in the user's units. */
static void hand_over(const mx_clash *k, mx_existence *e, double margin)
{
    memset(e->direction, 0, k->c->shadow.k * sizeof *e->direction);
    e->open = 0;
    for (size_t i = 0; i < k->m; i++) {
        const mx_clash_column *col = &k->column[i];
        e->direction[col->fact] += k->exact[i];
        e->open += MX_ALLOWED * fabs(k->exact[i]) * k->c->fact[col->fact].target_error;
    }
    e->margin = margin;
    if (margin > e->open)
        e->answer = MX_NONE;
}

/* The directions of the far points in the combination become lines: those of the farthest points along them. Returns whether any does. */
static int take_lines(mx_clash *k)
{
    size_t before = k->lines;
    for (size_t j = 0; j < k->used; j++) {
        size_t farthest = k->use[j];
        const double *u = k->u + k->use[j] * MX_COLUMNS_MOST;
        double *line = k->line[k->lines];
        if (k->size[farthest] <= FAR_OUT || k->lines + 1 >= k->m)
            continue;
        for (size_t i = 0; i < k->n; i++) {
            double along = 0;
            for (size_t e = 0; e < k->m; e++)
                along += u[e] * k->u[i * MX_COLUMNS_MOST + e];
            if (along > 1 - 1e-6 && k->size[i] > k->size[farthest])
                farthest = i;
        }
        memcpy(line, k->u + farthest * MX_COLUMNS_MOST, k->m * sizeof *line);
        for (size_t i = 0; i < k->m; i++)
            line[i] = fabs(line[i]) > 1e-12 ? line[i] : 0;
        double rest = level(k, line);
        if (!(rest > 1e-3))
            continue;
        for (size_t i = 0; i < k->m; i++)
            line[i] /= rest;
        k->lines++;
    }
    return k->lines > before;
}

maxent_error mx_existence_strict(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    size_t features = c->shadow.k;
    mx_clash *k = mx_zalloc(1, sizeof *k);
    maxent_error error = MAXENT_ERROR_MEMORY;
    memset(e, 0, sizeof *e);
    e->answer = MX_NOT_KNOWN;
    e->margin = NAN;
    e->direction = mx_zalloc(features + 1, sizeof *e->direction);
    e->keep = mx_zalloc(c->grid.cells + 1, 1);
    if (k == NULL || e->direction == NULL || e->keep == NULL)
        goto done;
    k->c = c;
    k->places = sample->places;
    k->sample = sample;
    choose_columns(k);
    error = MAXENT_OK;
    for (int again = k->m < MX_COLUMNS_MOST; again && error == MAXENT_OK;) {
        outcome how;
        double margin = NAN;
        size_t before = k->lines;
        if (exchange(k, &how, &margin) != 0)
            error = MAXENT_ERROR_MEMORY;
        else if (how == CLASH)
            hand_over(k, e, margin);
        else if (how == NO_CLASH && before == 0)
            e->answer = MX_EXISTS;
        again = error == MAXENT_OK && how == AT_INFINITY && take_lines(k);
    }
done:
    if (k != NULL) {
        mx_free(k->u);
        mx_free(k->size);
    }
    mx_free(k);
    return error;
}

/* Do facts or ends lie beyond the reach of the points that are tried? What is only approached farther out would be taken for impossible. */
static int immense(const mx_continuum *c)
{
    int found = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        found |= (isfinite(c->fact[i].lower) && fabs(c->fact[i].lower) > REACHED) ||
                 (isfinite(c->fact[i].upper) && fabs(c->fact[i].upper) > REACHED);
    for (size_t a = 0; a < c->grid.axes; a++)
        found |= (isfinite(c->grid.axis[a].lower) && fabs(c->grid.axis[a].lower) > REACHED) ||
                 (isfinite(c->grid.axis[a].upper) && fabs(c->grid.axis[a].upper) > REACHED);
    return found;
}

/* Does a certificate hold towards singular points too, nearer than doubles go? *holds: 0: that is not known. */
static maxent_error holds_near(mx_continuum *c, const double *direction, int *holds)
{
    int sinks = 0;
    maxent_error error = MAXENT_OK;
    if (c->grid.axes > 1 || c->grid.axis[0].singulars == 0) {
        error = mx_may_sink(c, direction, &sinks);
    } else {
        double *work = mx_alloc(2 * c->shadow.k + 2, sizeof *work);
        if (work == NULL)
            return MAXENT_ERROR_MEMORY;
        sinks = mx_falls_beyond(c, direction, work);
        mx_free(work);
    }
    *holds = !sinks;
    return error;
}

maxent_error mx_existence_places(mx_continuum *c, mx_existence *e)
{
    mx_places places;
    mx_existence other;
    mx_sample sample = {.problem = &c->shadow, .variables = c->shadow.support.variables, .k = c->shadow.k, .places = &places};
    double deadline = c->run->deadline;
    memset(&other, 0, sizeof other);
    if (c->shadow.k >= MX_COLUMNS_MOST || immense(c))
        return MAXENT_OK;
    maxent_error error = mx_places_open(&c->grid, &places);
    c->run->deadline = mx_seconds() + fmin(LOOK_SECONDS, LOOK_PART * (deadline - mx_seconds()));
    if (error == MAXENT_OK)
        error = mx_places_cloud(&places, &sample);
    if (error == MAXENT_OK)
        error = mx_existence_strict(c, &sample, &other);
    c->run->deadline = deadline;
    if (error == MAXENT_OK && other.answer == MX_NONE && !c->run->trial)
        error = mx_existence_reduce(c, &sample, &other);
    int holds = 1;
    if (error == MAXENT_OK && other.answer == MX_NONE)
        error = holds_near(c, other.direction, &holds);
    if (error == MAXENT_OK && other.answer == MX_NONE && holds)
        error = mx_existence_holds_far(c, other.direction, &holds);
    if (!holds || mx_late(c->run))
        other.answer = MX_NOT_KNOWN;
    if (error == MAXENT_OK && other.answer == MX_NONE) {
        mx_existence was = *e;
        *e = other;
        other = was;
    }
    mx_existence_close(&other);
    mx_sample_close(&sample);
    mx_places_close(&places);
    return error;
}

maxent_error mx_existence_look(mx_continuum *c, int *clashes)
{
    mx_existence e;
    *clashes = 0;
    memset(&e, 0, sizeof e);
    memset(c->outskirts, 0, sizeof c->outskirts);
    maxent_error error = mx_grid_open(&c->shadow, &c->grid);
    if (error == MAXENT_OK && c->grid.axes > 1) {
        error = mx_region_start(&c->grid, c->run->problem->fact, NULL, 0, c->outskirts, c->run->diagnostic);
        if (error == MAXENT_OK || error == MAXENT_ERROR_LIMIT)
            error = mx_existence_places(c, &e);
    }
    if (error == MAXENT_OK && e.answer == MX_NONE) {
        maxent_result *result = c->run->result;
        memcpy(result->direction, e.direction, c->shadow.k * sizeof *e.direction);
        result->verdict = MAXENT_INFEASIBLE;
        result->margin = e.margin;
        result->repair = e.repair;
        e.repair = NULL;
        mx_explain_existence(c->run, NULL, 0, c->shadow.support.variables);
        *clashes = 1;
    }
    mx_existence_close(&e);
    return error;
}
