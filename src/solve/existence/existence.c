/* Existence on a continuum, by exchange.
 *
 * A finite sample of points is asked whether the targets lie in the convex hull of its features (hull.h, in double-double). If they
 * do, so they do on the whole support. If not there is a direction d with d . (f(x) - tau) >= 0 at every point of the sample, and the
 * question is whether that holds between them too: every local minimum over the nodes of the grid is followed down, and the points
 * where the inequality fails join the sample. When none is left, d is the certificate: > 0 everywhere, nothing meets the facts; 0
 * somewhere, mass can be only there, which is a density if it is a set of positive measure, and otherwise is none.
 *
 * The sample holds the limits at the ends of every cell, from inside: where a feature jumps, both of them.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "solve/continuous/escape.h"
#include "solve/existence/lowest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLAT 1e-13       /* of its terms: a slack of no more than that is 0; */
#define FLAT_ALONE 1e-26 /* of one fact alone, whose direction has no rounding: as far as double-double goes */
enum { EXCHANGES = 80, TOUCHES = 12, JOIN_MOST = 24, POINTS_MOST = 64, MISSED_MOST = 8 };

#define BLURRED 1e-7
#define SAME 1e-8 /* of how far points reach: cos(x) - 1 is 0 to rounding so far beside 0 */
#define NOTHING 1e-290 /* next to the least of doubles: as near as nodes come to a singular point, where the limit may be 0 */
#define FAR_TERMS 1e4 /* times those of the targets: so far out the rounding of a direction is no reason to take a slack for 0 */
#define ROUNDED 1e-26 /* of its terms: what double-double leaves of a slack */
#define NEAR_FACE 1e-10 /* of its terms: a point with no more slack is on the face, as far as the way down can tell */
#define NOISE 1e-25 /* of the largest component of a direction, on columns of size 1: what double-double leaves where there is nothing */

static double flat(const mx_continuum *c, const double *d)
{
    size_t used = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        used += d[i] != 0;
    return used == 1 ? FLAT_ALONE : FLAT;
}

int mx_existence_on_face(const mx_continuum *c, const double *d, double open, const double *hi, const double *lo)
{
    double size, value = mx_slack(c, d, hi, lo, &size).hi;
    return value <= open + flat(c, d) * size;
}

/* Numbers beside listed variables: are those of a cell that are on the face known, as each is a node or all of a level are alike? */
static int known_by_level(const mx_continuum *c, const mx_cell *cell, const double *d, double open)
{
    size_t levels = c->grid.levels, k = c->shadow.k, on = 0;
    int every = !cell->span[0].log && cell->span[0].to - cell->span[0].from < MX_EACH, alike = 1;
    for (size_t l = 0; l < levels && alike; l++) {
        size_t here = 0, all = 0;
        for (size_t j = cell->first + l; j < cell->first + cell->count; j += levels)
            if (c->nodes.logq[j] > -INFINITY) {
                all++;
                here += mx_existence_on_face(c, d, open, c->nodes.hi + j * k, c->nodes.lo + j * k) != 0;
            }
        alike = every || here == 0 || here == all;
        on += here;
    }
    return alike && on > 0;
}

/* The cells on which the slack is 0 to rounding everywhere. */
static size_t flat_cells(mx_continuum *c, const double *d, double open, unsigned char *keep)
{
    size_t kept = 0, k = c->shadow.k;
    double near = flat(c, d);
    int by_level = c->grid.axes == 1 && c->grid.axis[0].whole && c->grid.levels > 1;
    for (size_t a = 0; a < c->grid.cells; a++) {
        const mx_cell *cell = &c->grid.cell[a];
        int any = 0;
        if (by_level) {
            keep[a] = (unsigned char)known_by_level(c, cell, d, open);
            kept += keep[a];
            continue;
        }
        keep[a] = 1;
        for (size_t j = cell->first; j < cell->first + cell->count && keep[a]; j++) {
            if (c->nodes.logq[j] == -INFINITY) /* there is no mass anyway */
                continue;
            any = 1;
            double size, value = mx_slack(c, d, c->nodes.hi + j * k, c->nodes.lo + j * k, &size).hi;
            keep[a] = value <= open + near * size;
        }
        keep[a] &= (unsigned char)any;
        kept += keep[a];
    }
    return kept;
}

static maxent_error keep_points(mx_continuum *c, const mx_low_point *low, size_t count, double limit, mx_existence *e)
{
    size_t variables = c->shadow.support.variables;
    double far[64] = {0}; /* how far the points reach, or the support: 0 among them is one only to that */
    e->point = mx_alloc(POINTS_MOST * variables + 1, sizeof *e->point);
    if (e->point == NULL)
        return MAXENT_ERROR_MEMORY;
    if (c->grid.axes == 1 && c->grid.axis[0].whole && c->grid.levels == 1) { /* every number is a place of its own */
        for (size_t a = 0; a < c->grid.cells; a++)
            for (size_t j = c->grid.cell[a].first; !e->keep[a] && j < c->grid.cell[a].first + c->grid.cell[a].count; j++) {
                double size, x = c->nodes.value[0][j];
                double value = mx_slack(c, e->direction, c->nodes.hi + j * c->shadow.k, c->nodes.lo + j * c->shadow.k, &size).hi;
                if (x != floor(x) || c->nodes.logq[j] == -INFINITY || !(value <= limit + 1e-14 * size))
                    continue;
                if (e->points == POINTS_MOST) { /* none may be lost */
                    e->answer = MX_NOT_KNOWN;
                    return MAXENT_OK;
                }
                e->point[e->points++] = x;
            }
        if (e->points > 0 || e->answer == MX_ON_FACE)
            return MAXENT_OK;
    }
    for (size_t a = 0; a < c->grid.axes; a++)
        if (isfinite(c->grid.axis[a].lower) && isfinite(c->grid.axis[a].upper))
            far[c->grid.axis[a].variable] = c->grid.axis[a].upper - c->grid.axis[a].lower;
    for (size_t i = 0; i < count; i++)
        for (size_t v = 0; v < variables && low[i].slack <= limit + mx_low_zero(&low[i]) + NEAR_FACE * low[i].size; v++)
            far[v] = fmax(far[v], fabs(low[i].at[v]));
    for (size_t i = 0; i < count && e->points < POINTS_MOST; i++) {
        if (low[i].slack > limit + mx_low_zero(&low[i]) + NEAR_FACE * low[i].size)
            continue;
        int known = 0;
        for (size_t j = 0; j < e->points && !known; j++) {
            known = 1;
            for (size_t v = 0; v < variables; v++)
                known &= fabs(e->point[j * variables + v] - low[i].at[v]) <= 1e-6 * (fabs(low[i].at[v]) + 1e-300) + SAME * far[v];
        }
        if (known)
            continue;
        for (size_t v = 0; v < variables; v++)
            e->point[e->points * variables + v] = fabs(low[i].at[v]) > 1e-14 * far[v] ? low[i].at[v] : 0;
        e->points++;
    }
    return MAXENT_OK;
}

/* Points far out, where features are large, would drown the others in the sample: what is wrong nearer comes first. */
static int nearest_first(const void *a, const void *b)
{
    const mx_low_point *x = a, *y = b;
    return (x->size > y->size) - (x->size < y->size);
}

/* Points with slack <= most + part * size join the sample. */
static maxent_error join_low(mx_sample *s, const mx_low_point *low, size_t count, double most, double part)
{
    for (size_t i = 0; i < count; i++) {
        double at[128];
        if (!(low[i].slack <= most + part * low[i].size))
            continue;
        memcpy(at, low[i].at, s->variables * sizeof *at);
        memcpy(at + s->variables, low[i].at + 64, s->variables * sizeof *at);
        if (mx_sample_join(s, at, 1, 1) != 0)
            return MAXENT_ERROR_MEMORY;
    }
    return MAXENT_OK;
}

/* Is the slack above 0 at all of the lowest points, beyond all rounding? Terms that are far larger than those of the targets cancel to
 * what double-double leaves: the direction that they are formed with is the certificate, digit by digit. */
static int clears(const mx_existence *e, const mx_low_point *low, size_t count, double at_target)
{
    int above = 1;
    for (size_t i = 0; i < count && above; i++) {
        double size = at_target > 0 ? fmin(low[i].size, FAR_TERMS * at_target) : low[i].size;
        above = low[i].slack > e->open + 1e-14 * size + ROUNDED * low[i].size + 4 * low[i].known;
    }
    return above;
}

/* What the sample says, put to the whole support. direction: [k] on the view's columns; kept: [view->n] the points of the face, or NULL.
 * *again: points have joined the sample. */
static maxent_error exchange(mx_continuum *c, mx_sample *s, const mx_view *view, const double *direction, const unsigned char *kept,
                             mx_existence *e, mx_low_point *low, double *work, int *again)
{
    size_t k = c->shadow.k, variables = s->variables;
    int least = 0, first = 1;
    double largest = 0;
    *again = 0;
    for (size_t i = 0; i < k; i++)
        largest = fmax(largest, fabs(direction[i]));
    for (size_t i = 0; i < k; i++) { /* scaled so that nothing under- or overflows */
        int exponent;
        if (!(fabs(direction[i]) > NOISE * largest))
            continue;
        frexp(direction[i], &exponent);
        exponent -= view->column[i].exponent;
        least = first || exponent > least ? exponent : least;
        first = 0;
    }
    e->open = 0;
    for (size_t i = 0; i < k; i++) {
        double part = fabs(direction[i]) > NOISE * largest ? direction[i] : 0;
        e->direction[i] = ldexp(part, -view->column[i].exponent - least);
        e->open += MX_ALLOWED * fabs(e->direction[i]) * c->fact[i].target_error;
    }
    double least_slack;
    size_t count = mx_lowest(c, e->direction, low, JOIN_MOST, work, &least_slack);
    if (count == 0) {
        e->answer = MX_NOT_KNOWN;
        return MAXENT_OK;
    }
    double limit = e->open + mx_low_zero(&low[0]);
    for (size_t a = 0; a < c->grid.axes; a++)
        limit += c->grid.axis[a].singulars > 0 ? NOTHING : 0;
    if (low[0].slack < -limit) {
        for (size_t y = 0, tangents = 0; kept != NULL && !s->bare && y < view->n && tangents < 4 * (k + 1); y++)
            if (kept[y] && s->joined[view->state[y]] != 2) {
                if (mx_sample_tangents(c, s, view->state[y]) != 0)
                    return MAXENT_ERROR_MEMORY;
                tangents++;
            }
        double worst = mx_low_relative(&low[0]);
        qsort(low, count, sizeof *low, nearest_first);
        for (size_t i = 0; i < count; i++) {
            double at[128];
            if (!(mx_low_relative(&low[i]) <= 0.05 * worst) || (low[i].size > 1e6 * low[0].size && *again))
                continue;
            int node = c->grid.axes == 1 && low[i].start < 0.1 * low[i].slack; /* then it need not be laid anew: it is no hint */
            const double *point = node ? low[i].from : low[i].at;
            memcpy(at, point, variables * sizeof *at);
            memcpy(at + variables, point + 64, variables * sizeof *at);
            if (mx_sample_join(s, at, 1, node ? 3 : 1) != 0)
                return MAXENT_ERROR_MEMORY;
            *again = 1;
        }
        if (*again)
            return MAXENT_OK;
    }
    if (kept == NULL && c->grid.axes == 1 && low[0].slack <= limit && s->touched < TOUCHES) {
        /* d . f = d . tau is reached, but at points that may be too few for the targets: with them the direction turns */
        s->touched++;
        *again = 1;
        return join_low(s, low, count, e->open, 1e-14);
    }
    double at_target = 0;
    for (size_t i = 0; i < k; i++)
        at_target = fmax(at_target, fabs(e->direction[i] * mx_fact_centre(&c->fact[i])));
    int blurred = low[0].slack < 0 && limit > BLURRED * at_target; /* 0 to rounding, but of a point so far out that it says nothing */
    if ((blurred && at_target > 0) || mx_falls_beyond(c, e->direction, work)) {
        e->answer = MX_NOT_KNOWN;
        return MAXENT_OK;
    }
    if (clears(e, low, count, at_target) && least_slack > 0) {
        int sinks = 0;
        maxent_error error = c->grid.axes > 1 || c->grid.axis[0].singulars == 0 ? mx_may_sink(c, e->direction, &sinks) : MAXENT_OK;
        if (error != MAXENT_OK || sinks)
            return error;
        e->answer = MX_NONE;
        e->margin = least_slack;
        return join_low(s, low, count, 3 * least_slack, 0); /* for the next question: clash.c */
    }
    e->answer = flat_cells(c, e->direction, limit, e->keep) > 0 ? MX_ON_FACE : MX_ON_POINTS;
    return keep_points(c, low, count, limit, e);
}

static maxent_error joined_points(const mx_sample *s, mx_existence *e)
{
    e->point = mx_alloc(POINTS_MOST * s->variables + 1, sizeof *e->point);
    if (e->point == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t j = s->n; j-- > 0 && e->points < POINTS_MOST;)
        if (s->joined[j] == 1)
            memcpy(e->point + e->points++ * s->variables, s->at + j * 2 * s->variables, s->variables * sizeof *e->point);
    return MAXENT_OK;
}

/* Does something grow faster at the end of row r, with a row of its own? Then mass cannot take what is in row r with it. */
static int outgrown(const mx_ends *ends, size_t r)
{
    const mx_end_row *row = &ends->row[r];
    for (size_t o = 0; o < ends->rows; o++) {
        const mx_end_row *other = &ends->row[o];
        if (other->level < row->level && (other->end == row->end || other->twin == row->end))
            return 1;
    }
    return 0;
}

/* The facts as existence takes them: mass that goes to an end along a row of ends.h with a single coefficient can carry any amount of that
 * feature, so the fact binds from one side only, or not at all. The user's otherwise: entropy has no say here. */
static void closed_facts(const mx_continuum *c, const mx_fact *given, mx_fact *fact)
{
    const mx_ends *ends = c->ends;
    size_t k = c->shadow.k;
    memcpy(fact, given, k * sizeof *fact);
    if (ends == NULL || ends->unbounded)
        return;
    for (size_t r = 0; r < ends->rows; r++) {
        size_t used = 0, only = 0;
        for (size_t i = 0; i < k; i++)
            if (ends->row[r].a[i].hi != 0) {
                used++;
                only = i;
            }
        if (used == 1 && !(fact[only].sd > 0) && !outgrown(ends, r))
            *(ends->row[r].a[only].hi > 0 ? &fact[only].lower : &fact[only].upper) = ends->row[r].a[only].hi > 0 ? -INFINITY : INFINITY;
    }
    for (size_t i = 0; ends->from == NULL && i < k; i++)
        if (ends->escape[i] == MX_ESCAPE_DROPPED && !c->dropped[i])
            fact[i] = c->fact[i];
}

maxent_error mx_existence_exchange(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    size_t k = c->shadow.k;
    memset(e, 0, sizeof *e);
    e->answer = MX_NOT_KNOWN;
    e->margin = NAN;
    e->direction = mx_zalloc(k + 1, sizeof *e->direction);
    e->keep = mx_zalloc(c->grid.cells + 1, 1);
    double *work = mx_alloc(2 * k + 2, sizeof *work);
    mx_low_point *low = mx_alloc(JOIN_MOST + 1, sizeof *low);
    maxent_error error = MAXENT_ERROR_MEMORY;
    if (e->direction == NULL || e->keep == NULL || work == NULL || low == NULL)
        goto done;
    mx_sample_bare(sample); /* tangents of another question */
    sample->bare = 0;
    sample->touched = 0;
    int again = 1, near = 0;
    error = MAXENT_OK;
    for (int round = 0; again && error == MAXENT_OK && round < EXCHANGES && !mx_late(c->run); round++) {
        mx_view view;
        mx_coordinates coordinates;
        mx_hull hull;
        memset(&coordinates, 0, sizeof coordinates);
        memset(&hull, 0, sizeof hull);
        again = 0;
        error = mx_sample_view(c, sample, &view);
        if (error == MAXENT_OK)
            error = mx_coordinates_open(&view, NULL, &coordinates);
        if (error == MAXENT_OK && coordinates.clash != NULL) { /* a combination of facts that is the same everywhere */
            double toward = coordinates.clash_value > 0 ? 1 : -1;
            for (size_t i = 0; i < k; i++)
                coordinates.clash[i] *= toward;
            error = exchange(c, sample, &view, coordinates.clash, NULL, e, low, work, &again);
        } else if (error == MAXENT_OK) {
            error = mx_hull_open(&view, &coordinates, 2000 + 50 * coordinates.r, &hull);
            if (error == MAXENT_OK && hull.side == MX_INTERIOR && mx_sample_bare(sample) > 0) {
                again = 1;
                round = -1;
            } else if (error == MAXENT_OK && hull.side == MX_INTERIOR && !near && mx_sample_within(c, sample) > 0) {
                again = near = 1;
            } else if (error == MAXENT_OK && hull.side == MX_INTERIOR) {
                e->answer = MX_EXISTS;
                error = joined_points(sample, e);
            } else if (error == MAXENT_OK && hull.side != MX_UNDECIDED && !near) {
                error = exchange(c, sample, &view, hull.direction, hull.side == MX_FACE ? hull.keep : NULL, e, low, work, &again);
            }
        }
        mx_hull_close(&hull);
        mx_coordinates_close(&coordinates);
        mx_view_close(&view);
    }
done:
    mx_free(work);
    mx_free(low);
    return error;
}

maxent_error mx_existence_ask(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    if (sample->places != NULL)
        return mx_existence_strict(c, sample, e);
    maxent_error error = mx_existence_exchange(c, sample, e);
    if (error == MAXENT_OK && e->answer == MX_NOT_KNOWN && !mx_late(c->run))
        error = mx_existence_fewer(c, sample, e);
    if (error == MAXENT_OK && e->answer == MX_ON_POINTS && e->points > 1 && !c->grid.axis[0].whole)
        error = mx_existence_trim(c, e);
    int all = c->barreds == 0 && c->face == NULL && !c->on_numbers; /* what is left of a support is none of intervals */
    /* Between the nodes, and at any scale? With several variables that is asked last: decide.c; but for valleys. */
    for (int round = 0; error == MAXENT_OK && e->answer == MX_NONE && all; round++) {
        size_t found;
        error = c->grid.axes == 1 ? mx_existence_boxes(c, e, sample, &found) : mx_existence_valleys(c, e, sample, &found);
        if (error != MAXENT_OK || found == 0)
            break;
        if (round == MISSED_MOST) {
            e->answer = MX_NOT_KNOWN;
            break;
        }
        mx_existence_close(e);
        error = mx_existence_exchange(c, sample, e);
    }
    if (e->answer != MX_EXISTS && mx_late(c->run)) /* what would refute it was not looked for to the end */
        e->answer = MX_NOT_KNOWN;
    return error;
}

/* The least slack of a certificate at points `from` .. of the sample, or its margin; *at: which point. */
static double least_at(const mx_continuum *c, const mx_sample *s, size_t from, const mx_existence *e, size_t *at)
{
    double least = e->margin;
    *at = SIZE_MAX;
    for (size_t j = from; j < s->n; j++) {
        double size, slack = mx_slack(c, e->direction, s->hi + j * s->k, s->lo + j * s->k, &size).hi;
        if (slack < least - 1e-12 * size) {
            least = slack <= e->open + flat(c, e->direction) * size ? fmin(slack, 0) : slack;
            *at = j;
        }
    }
    return least;
}

/* A certificate need not hold at the very point where features jump, as of P[x <= 1] + P[x >= 1]. Those inside join the sample: what
 * clashes then still is impossible for mass at points too; otherwise the answer is that point. */
static maxent_error at_jumps(mx_continuum *c, mx_sample *s, mx_existence *e)
{
    size_t before, v = c->grid.axis[0].variable, worst;
    const mx_axis *axis = &c->grid.axis[0];
    double at[128];
    if (c->grid.axes != 1 || axis->whole || c->nodes.n < c->grid.levels)
        return MAXENT_OK;
    mx_sample_bare(s); /* so that nothing moves in it below */
    before = s->n;
    for (size_t i = 0; i < axis->roots; i++) {
        double x = axis->root[i].center;
        if (!(x > axis->lower) || !(x < axis->upper) || (i > 0 && x == axis->root[i - 1].center))
            continue;
        for (size_t l = 0; l < c->grid.levels; l++) {
            for (size_t w = 0; w < s->variables; w++) {
                at[w] = c->nodes.value[w][l];
                at[s->variables + w] = 0;
            }
            at[v] = x;
            if (mx_sample_join(s, at, 1, 1) != 0)
                return MAXENT_ERROR_MEMORY;
        }
    }
    double least = least_at(c, s, before, e, &worst), place[64];
    if (least > 0) {
        e->margin = least;
        return MAXENT_OK;
    }
    memcpy(place, s->at + worst * 2 * s->variables, s->variables * sizeof *place);
    mx_existence other;
    maxent_error error = mx_existence_ask(c, s, &other);
    if (error == MAXENT_OK && other.answer == MX_NONE && least_at(c, s, before, &other, &worst) > 0) {
        mx_existence was = *e;
        other.margin = least_at(c, s, before, &other, &worst);
        *e = other;
        other = was;
    } else if (error == MAXENT_OK && other.answer == MX_NOT_KNOWN) {
        e->answer = MX_NOT_KNOWN;
    } else if (error == MAXENT_OK) { /* in the hull with that point */
        e->point = mx_alloc(s->variables, sizeof *e->point);
        error = e->point == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
        if (error == MAXENT_OK) {
            memcpy(e->point, place, s->variables * sizeof *place);
            e->points = 1;
            e->jump = 1;
            e->answer = MX_ON_POINTS;
        }
    }
    mx_existence_close(&other);
    return error;
}

maxent_error mx_existence_of(mx_continuum *c, const mx_fact *given, mx_existence *e)
{
    mx_fact *fact = mx_alloc(c->shadow.k + 1, sizeof *fact), *was = c->fact;
    int mixed = mx_escape_changes(c) && !c->plain, closed = 0;
    mx_sample sample = {.problem = &c->shadow, .variables = c->shadow.support.variables, .k = c->shadow.k};
    memset(e, 0, sizeof *e);
    e->answer = MX_NOT_KNOWN;
    if (fact == NULL)
        return MAXENT_ERROR_MEMORY;
    closed_facts(c, given, fact);
    c->fact = fact;
    c->shadow.fact = fact;
    c->plain |= mixed;
    maxent_error error = mixed ? mx_continuum_lay(c) : MAXENT_OK;
    if (error == MAXENT_OK && mx_sample_build(c, &sample) != 0)
        error = MAXENT_ERROR_MEMORY;
    if (error == MAXENT_OK)
        error = mx_existence_ask(c, &sample, e);
    if (error == MAXENT_OK && e->answer == MX_NONE)
        error = at_jumps(c, &sample, e);
    if (error == MAXENT_OK && e->answer == MX_NONE && !c->run->trial)
        error = mx_existence_reduce(c, &sample, e);
    for (size_t i = 0; i < c->shadow.k; i++) { /* as they are, whatever is known of ends */
        closed |= fact[i].lower != given[i].lower || fact[i].upper != given[i].upper;
        fact[i] = given[i];
    }
    if (error == MAXENT_OK && e->answer == MX_EXISTS && e->points == 0 && closed) { /* but where? */
        mx_existence other;
        error = mx_existence_ask(c, &sample, &other);
        if (error == MAXENT_OK && other.answer == MX_EXISTS) {
            mx_existence nowhere = *e;
            *e = other;
            other = nowhere;
        }
        mx_existence_close(&other);
    }
    mx_sample_close(&sample);
    if (error == MAXENT_OK && (e->answer == MX_NOT_KNOWN || (e->answer == MX_EXISTS && closed)))
        error = mx_existence_places(c, e);
    c->fact = was;
    c->shadow.fact = was;
    if (mixed) {
        c->plain = 0;
        maxent_error again = mx_continuum_lay(c);
        error = error == MAXENT_OK ? again : error;
    }
    mx_free(fact);
    return error;
}

maxent_error mx_existence_open(mx_continuum *c, mx_existence *e)
{
    return mx_existence_of(c, c->run->problem->fact, e);
}

maxent_error mx_existence_faces(mx_continuum *c, double limit, mx_existence *e)
{
    double *work = mx_alloc(2 * c->shadow.k + 2, sizeof *work), least;
    mx_low_point *low = mx_alloc(JOIN_MOST + 1, sizeof *low);
    maxent_error error = work == NULL || low == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int mixed = mx_escape_changes(c) && !c->plain;
    c->plain |= mixed;
    if (error == MAXENT_OK && mixed)
        error = mx_continuum_lay(c);
    size_t count = error == MAXENT_OK ? mx_lowest(c, e->direction, low, JOIN_MOST, work, &least) : 0;
    mx_free(e->point);
    e->point = NULL;
    e->points = 0;
    e->jump = 0;
    e->open = limit;
    e->answer = MX_EXISTS;
    if (count > 0 && fabs(least) <= limit + mx_low_zero(&low[0]) && !mx_falls_beyond(c, e->direction, work)) {
        e->answer = flat_cells(c, e->direction, limit, e->keep) > 0 ? MX_ON_FACE : MX_ON_POINTS;
        error = keep_points(c, low, count, limit, e);
    }
    if (mixed) {
        c->plain = 0;
        maxent_error again = mx_continuum_lay(c);
        error = error == MAXENT_OK ? again : error;
    }
    mx_free(work);
    mx_free(low);
    return error;
}

void mx_existence_close(mx_existence *e)
{
    mx_free(e->direction);
    mx_free(e->keep);
    mx_free(e->repair);
    mx_free(e->point);
    memset(e, 0, sizeof *e);
}
