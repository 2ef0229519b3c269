/* What is decided when Newton comes to no end, or must not begin: whether any density meets the facts, on all of the support or on a part.
 *
 * Existence (existence.h) answers; here the grid is taken down to the part that can carry mass, or the verdict is put into words. Facts
 * that contradict each other by no more than the rounding of their targets are relaxed by as much, once.
 */
#include "solve/continuous/continuum.h"

#include "base/memory.h"
#include "solve/continuous/density.h"
#include "solve/continuous/escape.h"
#include "solve/existence/existence.h"
#include "solve/existence/lowest.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOW_MOST = 4096, LEVELS_MOST = 16 };

#define NOTHING 1e-290 /* a margin next to the least of doubles: its limit may be 0 */
#define THIN 1e-11     /* of the distance from 0: how wide a cell is that only rounding puts on a face */
#define LEFT_OPEN 1e-12 /* of the extent of a direction over the support */
#define PART_MOST 1e7 /* of one direction to another */
#define BESIDE 0x1p-26 /* how far beside centers, of the distance of all */
#define MASS 1e-9     /* of a number that has some */
#define NO_MASS 1e-16 /* what rounding of the targets may have left */
#define JUMP 1e-13    /* of the height beside it: what rounding may have left beyond a jump */
#define UNDETERMINED 1e-2 /* nats that the rounding of the targets is worth: then the multipliers may be those of the edge */
#define EXTREME 1e-14 /* of its size: how near a target is to the extreme of its feature to be one */

static double outer_edge(const mx_continuum *c, size_t a, int side)
{
    double edge = side == 1 ? -INFINITY : INFINITY, left, right;
    for (size_t b = 0; b < c->grid.cells; b++) {
        mx_span_ends(&c->grid.cell[b].span[a], c->grid.axis[a].whole, &left, &right);
        edge = side == 1 ? fmax(edge, right) : fmin(edge, left);
    }
    return edge;
}

/* Cells were taken away: an end is open only if those that reached it are still there. was: [axes][2] the edges before. */
static void close_ends(mx_continuum *c, double was[MX_AXES][2])
{
    for (size_t a = 0; a < c->grid.axes; a++)
        for (int side = 0; side < 2; side++)
            c->outskirts[a].open[side] = c->outskirts[a].open[side] && outer_edge(c, a, side) == was[a][side];
}

/* Only the cells with keep != 0 can carry mass. */
static maxent_error restrict_to(mx_continuum *c, const unsigned char *keep)
{
    size_t kept = 0, cells = c->grid.cells;
    mx_cell *grown = mx_resize(c->barred, c->barreds + cells, sizeof *grown);
    if (grown == NULL)
        return MAXENT_ERROR_MEMORY;
    c->barred = grown;
    double was[MX_AXES][2];
    for (size_t a = 0; a < 2 * c->grid.axes; a++)
        was[a / 2][a % 2] = outer_edge(c, a / 2, (int)(a % 2));
    for (size_t a = 0; a < cells; a++)
        if (keep[a])
            c->grid.cell[kept++] = c->grid.cell[a];
        else
            c->barred[c->barreds++] = c->grid.cell[a];
    c->grid.cells = kept;
    close_ends(c, was);
    for (size_t i = 0; i < c->shadow.k; i++)
        c->lambda[i] = mx_dd_make(0);
    return mx_continuum_lay(c);
}

/* The same on a countable support, where single numbers are left; with listed variables beside them, numbers with some of their levels: the
 * others are barred node by node. */
static maxent_error restrict_to_numbers(mx_continuum *c, const mx_existence *e)
{
    mx_cell cell = c->grid.cell[0];
    size_t variables = c->shadow.support.variables, v = c->grid.axis[0].variable;
    if (c->grid.levels > 1) {
        mx_free(c->face);
        c->face = mx_alloc(c->shadow.k + 1, sizeof *c->face);
        if (c->face == NULL)
            return MAXENT_ERROR_MEMORY;
        memcpy(c->face, e->direction, c->shadow.k * sizeof *c->face);
        c->face_open = e->open;
    }
    if (c->grid.capacity < c->grid.cells + e->points) {
        mx_cell *grown = mx_resize(c->grid.cell, c->grid.cells + e->points, sizeof *grown);
        if (grown == NULL)
            return MAXENT_ERROR_MEMORY;
        c->grid.cell = grown;
        c->grid.capacity = c->grid.cells + e->points;
    }
    double was[MX_AXES][2] = {{outer_edge(c, 0, 0), outer_edge(c, 0, 1)}};
    size_t kept = 0;
    for (size_t a = 0; a < c->grid.cells; a++)
        if (e->answer == MX_ON_FACE && e->keep[a])
            c->grid.cell[kept++] = c->grid.cell[a];
    c->grid.cells = kept;
    cell.rule = 0;
    for (size_t i = 0; i < e->points; i++) {
        int known = 0;
        double number = e->point[i * variables + v];
        for (size_t a = 0; a < c->grid.cells && !known; a++)
            known = c->grid.cell[a].span[0].from <= number && number <= c->grid.cell[a].span[0].to;
        if (known)
            continue;
        cell.span[0] = (mx_span){.sign = 1, .from = number, .to = number};
        c->grid.cell[c->grid.cells++] = cell;
    }
    c->on_numbers = 1;
    if (c->hollow > 0 && !c->relaxed) /* facts that all numbers met to rounding may contradict each other by as much on these */
        c->relaxed = MX_ROUNDING_CLASH;
    close_ends(c, was);
    for (size_t i = 0; i < c->shadow.k; i++)
        c->lambda[i] = mx_dd_make(0);
    mx_continuum_release(c);
    return mx_continuum_lay(c);
}

static void tell_unknown(mx_continuum *c, const char *reason)
{
    mx_result_withdraw(c->run->result);
    c->run->result->verdict = MAXENT_UNFINISHED;
    snprintf(c->run->result->message, sizeof c->run->result->message, "%s", reason);
}

/* Does a certificate hold between the points that were looked at, as intervals tell? *holds: 0: it does not. */
static maxent_error holds_between(mx_continuum *c, const mx_existence *e, int *holds)
{
    mx_sample sample = {.problem = &c->shadow, .variables = c->shadow.support.variables, .k = c->shadow.k};
    mx_fact *was = c->fact;
    size_t found;
    c->fact = c->run->problem->fact;
    maxent_error error = mx_existence_boxes(c, e, &sample, &found);
    c->fact = was;
    mx_sample_close(&sample);
    *holds = found == 0;
    return error;
}

/* Nothing, or nothing but points: what nobody can meet, in words. */
static maxent_error tell(mx_continuum *c, mx_existence *e)
{
    maxent_result *result = c->run->result;
    int holds = 1;
    maxent_error error = e->answer == MX_NONE ? mx_existence_holds_far(c, e->direction, &holds) : MAXENT_OK;
    if (error != MAXENT_OK)
        return error;
    if (!holds) {
        tell_unknown(c, "near the middle of the support the facts clash, but not along curves far out; whether they can be met is not "
                        "known");
        return MAXENT_OK;
    }
    if (e->answer == MX_NONE && e->margin < NOTHING) {
        tell_unknown(c, "the facts ask for mass where the prior is 0, or nearer to such a place than doubles go; whether they can be met "
                        "there is not known");
        return MAXENT_OK;
    }
    if (e->answer == MX_NONE && c->grid.axes > 1 && !e->jump)
        error = holds_between(c, e, &holds);
    if (error != MAXENT_OK)
        return error;
    if (!holds) {
        tell_unknown(c, "the facts clash at the points that were looked at, but not between them; whether they can be met is not known");
        return MAXENT_OK;
    }
    if (e->answer == MX_NONE && c->grid.axes > 1 && mx_late(c->run)) {
        tell_unknown(c, "the facts clash at the points that were looked at; there was no time to look between them");
        return MAXENT_OK;
    }
    mx_result_withdraw(result);
    if (!e->jump || (c->barreds == 0 && c->face == NULL)) /* else it is that of the face */
        memcpy(result->direction, e->direction, c->shadow.k * sizeof *e->direction);
    result->verdict = e->answer == MX_NONE ? MAXENT_INFEASIBLE : MAXENT_SINGULAR;
    result->margin = e->answer == MX_NONE ? e->margin : NAN;
    mx_free(result->repair);
    result->repair = e->repair;
    e->repair = NULL;
    if (e->jump) {
        int part = c->barreds > 0 || c->face != NULL; /* the clash is one of what a face leaves */
        mx_explain_jump(c->run, e->point, part ? NAN : e->margin, c->shadow.support.variables);
        return MAXENT_OK;
    }
    mx_explain_existence(c->run, e->answer == MX_ON_POINTS ? e->point : NULL, e->points, c->shadow.support.variables);
    return MAXENT_OK;
}

/* Are cells that are kept no wider than what rounds to their place? Then they are no part of the support that has an area. */
static int all_thin(const mx_continuum *c, const unsigned char *keep)
{
    int thin = 1;
    for (size_t b = 0; b < c->grid.cells && thin; b++) {
        thin = !keep[b];
        for (size_t a = 0; a < c->grid.axes && !thin; a++) {
            double left, right;
            mx_span_ends(&c->grid.cell[b].span[a], c->grid.axis[a].whole, &left, &right);
            thin = !c->grid.axis[a].whole && right - left <= THIN * fmax(fabs(left), fabs(right));
        }
    }
    return thin;
}

/* A face without area: no density is on it. Where one fact alone asks for it, mass at a point of the face meets it, and the verdict is
 * SINGULAR; so it is where mass at some of its points meets the other facts too. */
static maxent_error tell_bare(mx_continuum *c, mx_existence *e)
{
    size_t binding = 0;
    int met = 0;
    for (size_t i = 0; i < c->shadow.k; i++) {
        const mx_fact *fact = &c->run->problem->fact[i];
        binding += fact->sd > 0 || isfinite(fact->lower) || isfinite(fact->upper);
    }
    mx_fact *was = c->fact;
    c->fact = c->shadow.fact = c->run->problem->fact;
    maxent_error error = binding == 1 ? MAXENT_OK : mx_existence_met_on_face(c, e, &met);
    c->fact = c->shadow.fact = was;
    if (error != MAXENT_OK)
        return error;
    if ((binding == 1 || met) && e->points > 0) {
        mx_result_withdraw(c->run->result);
        e->answer = MX_ON_POINTS;
        return tell(c, e);
    }
    tell_unknown(c, "the facts leave mass only on a set without area, where no density is; whether distributions on it meet them is not "
                    "known");
    return MAXENT_OK;
}

/* A certificate that was found on what a face leaves, e->direction, is one for the whole support when enough of the direction of the face,
 * in the result, is added: e->direction becomes that, and *holds. Cells that are kept need not be all of the face: there may be points. */
static maxent_error complete(mx_continuum *c, mx_existence *e, int *holds)
{
    size_t k = c->shadow.k;
    const double *face = c->run->result->direction;
    double *d = mx_alloc(3 * k + 2, sizeof *d), *work = d + k, most = 0, least;
    mx_low_point *low = NULL;
    mx_fact *facts = c->fact;
    *holds = 0;
    maxent_error error = d == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK)
        error = mx_continuum_leave(c);
    mx_free(c->face);
    c->face = NULL;
    c->turned = 2; /* cells, each of which is looked at */
    if (error == MAXENT_OK)
        error = mx_continuum_start(c);
    size_t room = c->grid.cells + 16 * MX_AXES * 2 + 1; /* for every cell: none is passed over */
    if (error == MAXENT_OK && room <= LOW_MOST && (low = mx_alloc(room, sizeof *low)) == NULL)
        error = MAXENT_ERROR_MEMORY;
    c->fact = c->shadow.fact = c->run->problem->fact;
    for (size_t i = 0; i < k; i++)
        most = fmax(most, fabs(e->direction[i]));
    for (double part = 0; error == MAXENT_OK && !*holds && low != NULL && !mx_escape_changes(c) && part < PART_MOST * most;
         part = part > 0 ? 10 * part : most) {
        for (size_t i = 0; i < k; i++)
            d[i] = e->direction[i] + part * face[i];
        *holds = mx_lowest(c, d, low, room - 1, work, &least) > 0 && least > 0 && low[0].slack > mx_low_zero(&low[0]);
        if (*holds) {
            memcpy(e->direction, d, k * sizeof *d);
            e->margin = least;
        }
    }
    c->fact = c->shadow.fact = facts;
    mx_free(d);
    mx_free(low);
    return error;
}

/* Is what rounding of the targets leaves open more than a face can be told by? */
static int is_open(const mx_continuum *c, const mx_existence *e)
{
    size_t k = c->nodes.k;
    double least = INFINITY, most = -INFINITY;
    for (size_t j = 0; j < c->nodes.n; j++) {
        if (!(c->nodes.logq[j] > -INFINITY))
            continue;
        double sum = 0;
        for (size_t i = 0; i < k; i++)
            sum += e->direction[i] * c->nodes.hi[j * k + i];
        least = fmin(least, sum);
        most = fmax(most, sum);
    }
    return e->open > LEFT_OPEN * (most - least);
}

/* Are points at some distance of the first point of a face, along the only axis, not on it? */
static int leaves_face(const mx_continuum *c, const mx_existence *e)
{
    size_t k = c->shadow.k;
    const mx_axis *axis = &c->grid.axis[0];
    double step = 1e-3 * fmax(fabs(e->point[0]), 1), x[2] = {e->point[0] - step, e->point[0] + step};
    double *value = mx_alloc(4 * k, sizeof *value);
    const double *const column[] = {x};
    mx_points points = {2, column, NULL};
    int leaves = value != NULL && c->shadow.support.variables == 1 && !axis->whole &&
                 mx_field_values(&c->shadow, &points, value, value + 2 * k, NULL) == 0;
    for (size_t j = 0; leaves && j < 2; j++)
        leaves = x[j] < axis->lower || x[j] > axis->upper || !mx_existence_on_face(c, e->direction, 0, value + j * k, value + (2 + j) * k);
    mx_free(value);
    return leaves;
}

/* Are all nodes on the face? Cells that are kept hold others too where listed variables stand beside numbers. */
static int all_on_face(const mx_continuum *c, const mx_existence *e)
{
    size_t k = c->nodes.k;
    int all = 1;
    for (size_t j = 0; j < c->nodes.n && all; j++)
        all = !(c->nodes.logq[j] > -INFINITY) ||
              mx_existence_on_face(c, e->direction, e->open, c->nodes.hi + j * k, c->nodes.lo + j * k);
    return all;
}

/* Mass may have to be as close to points and ends as the targets are to what is impossible: hints right beside the centers of the spans,
 * between which spans are short. */
static maxent_error hint_beside(mx_continuum *c)
{
    const mx_axis *axis = &c->grid.axis[0];
    if (c->grid.axes != 1 || axis->whole || c->shadow.support.variables != 1 || axis->roots == 0)
        return MAXENT_OK;
    double low = axis->root[0].center, high = axis->root[axis->roots - 1].center, last = NAN;
    maxent_error error = MAXENT_OK;
    for (size_t j = 0; j < axis->roots && error == MAXENT_OK; j++)
        for (int side = -1; side <= 1 && error == MAXENT_OK && axis->root[j].center != last; side += 2) {
            double x = axis->root[j].center + side * BESIDE * (high - low);
            if (x != axis->root[j].center && x > axis->lower && x < axis->upper)
                error = mx_continuum_hint(c, &x, 1);
            last = side == 1 ? axis->root[j].center : last;
        }
    return error;
}

/* Acts on what is known of existence. *over: as of mx_continuum_decide. */
static maxent_error act(mx_continuum *c, mx_existence *e, int *over)
{
    maxent_result *result = c->run->result;
    size_t k = c->shadow.k, variables = c->shadow.support.variables, kept = 0;
    maxent_error error = MAXENT_OK;
    *over = 0;
    for (size_t a = 0; a < c->grid.cells; a++)
        kept += e->keep[a] != 0;
    int numbers = c->grid.axes == 1 && c->grid.axis[0].whole && c->face == NULL; /* with a face it is one of what that leaves */
    int nothing = e->answer == MX_ON_FACE && kept == c->grid.cells; /* all of the support lies within rounding of the face */
    if (nothing && numbers && c->grid.levels > 1)
        nothing = all_on_face(c, e);
    int points = (e->answer == MX_ON_POINTS || e->answer == MX_NONE) && e->open > 0 && !(e->margin > e->open) && k > 1;
    if (nothing && e->open == 0) { /* no rounding: the grid is no wider than what rounds to the extreme of a feature */
        e->answer = e->points > 0 && leaves_face(c, e) ? MX_ON_POINTS : MX_NOT_KNOWN;
        nothing = 0;
    }
    int vague = !nothing && !points && e->answer == MX_ON_FACE && mx_continuum_all_equal(c) && is_open(c, e);
    if (!c->relaxed && (nothing || points || vague)) { /* by no more than rounding of the targets: leave out what it leaves open */
        mx_continuum_relax(c, vague ? MX_ROUNDING_OPEN : MX_ROUNDING_CLASH);
        if (e->answer == MX_ON_POINTS) { /* the verdict, if that should not help */
            memcpy(result->direction, e->direction, k * sizeof *e->direction);
            mx_explain_existence(c->run, e->point, e->points, variables);
            memcpy(c->message, result->message, sizeof c->message);
            result->message[0] = '\0';
        }
        error = mx_continuum_start(c);
        return error;
    }
    if (numbers && (e->answer == MX_ON_POINTS || (e->answer == MX_ON_FACE && !nothing))) {
        memcpy(result->direction, e->direction, k * sizeof *e->direction);
        return restrict_to_numbers(c, e); /* points of a countable support have mass */
    }
    switch (e->answer) {
    case MX_EXISTS:
        if (c->decided) {
            *over = 1;
            break;
        }
        c->decided = 1;
        error = mx_continuum_hint(c, e->point, e->points);
        if (error == MAXENT_OK)
            error = hint_beside(c);
        if (error == MAXENT_OK)
            error = mx_continuum_start(c);
        break;
    case MX_ON_FACE:
        if (nothing) {
            *over = 1;
            break;
        }
        memcpy(result->direction, e->direction, k * sizeof *e->direction);
        int turned;
        error = mx_continuum_turn_face(c, e->direction, e->open, &turned);
        if (error == MAXENT_ERROR_LIMIT && c->bare) {
            error = tell_bare(c, e);
            *over = 2;
        } else if (error == MAXENT_OK && !turned && all_thin(c, e->keep)) {
            error = tell_bare(c, e);
            *over = 2;
        } else if (error == MAXENT_OK && !turned)
            error = restrict_to(c, e->keep);
        break;
    case MX_ON_POINTS:
    case MX_NONE:;
        int holds = 1;
        if (e->answer == MX_NONE && (c->barreds > 0 || c->face != NULL || c->on_numbers))
            error = complete(c, e, &holds);
        if (error == MAXENT_OK && holds)
            error = tell(c, e);
        else if (error == MAXENT_OK)
            tell_unknown(c, "the facts leave little of the support any mass, and whether they can be met there is not known");
        *over = 2;
        break;
    default:
        *over = c->insist;
        c->insist = 1;
        break;
    }
    return error;
}

/* The same for targets that only rounding keeps off the edge of what can be met. nice: see there. *over: 1: they are not seen to be. */
static maxent_error act_on_edge(mx_continuum *c, int nice, int *over)
{
    mx_existence e;
    double *lambda = mx_alloc(c->shadow.k + 1, sizeof *lambda);
    *over = 1;
    if (lambda == NULL)
        return MAXENT_ERROR_MEMORY;
    mx_escape_multipliers(c, lambda);
    maxent_error error = mx_existence_edge(c, lambda, nice, &e);
    if (error == MAXENT_OK && (e.answer == MX_ON_FACE || e.answer == MX_ON_POINTS)) {
        mx_rounding relaxed = c->relaxed;
        c->relaxed = MX_ROUNDING_CLASH; /* on the face the targets contradict each other by as much */
        mx_result_withdraw(c->run->result);
        error = act(c, &e, over);
        c->relaxed = *over == 1 ? relaxed : c->relaxed;
    }
    mx_existence_close(&e);
    mx_free(lambda);
    return error;
}

maxent_error mx_continuum_decide(mx_continuum *c, int *over)
{
    mx_existence e;
    maxent_error error = mx_existence_open(c, &e);
    *over = 1;
    if (error == MAXENT_OK && e.answer == MX_EXISTS && !c->relaxed)
        error = act_on_edge(c, !c->decided, over);
    if (error == MAXENT_OK && *over == 1)
        error = act(c, &e, over);
    mx_existence_close(&e);
    return error;
}

/* Before a supremum is told: can the facts be met at all? *over: 2 when they cannot be, and the verdict is in the result. */
maxent_error mx_continuum_doubt(mx_continuum *c, int *over)
{
    mx_existence e;
    maxent_error error = mx_existence_open(c, &e);
    *over = 1;
    if (error == MAXENT_OK && (e.answer == MX_NONE || e.answer == MX_ON_POINTS)) {
        mx_result_withdraw(c->run->result);
        error = tell(c, &e);
        *over = 2;
    }
    mx_existence_close(&e);
    return error;
}

/* Does a fact ask for the extreme of its feature, as far as nodes show it? Its multiplier would have no end, and Newton, which comes near
 * enough at some e^-lambda, would not say that mass is ruled out. */
int mx_continuum_at_an_extreme(const mx_continuum *c)
{
    size_t k = c->shadow.k;
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &c->fact[i];
        double least = INFINITY, most = -INFINITY;
        if (fact->sd > 0 || (isinf(fact->lower) && isinf(fact->upper)))
            continue;
        for (size_t j = 0; j < c->nodes.n; j++)
            if (c->nodes.logq[j] > -INFINITY) {
                least = fmin(least, c->nodes.hi[j * k + i]);
                most = fmax(most, c->nodes.hi[j * k + i]);
            }
        if (fact->upper <= least + EXTREME * fabs(least) || fact->lower >= most - EXTREME * fabs(most))
            return 1;
    }
    return 0;
}

/* Numbers without mass between others that have some: of a countable support that no fact rules out, or all but? Facts may leave them none,
 * and multipliers of 40 say so to rounding only. */
static int hollow_between(const mx_continuum *c, size_t level)
{
    double first = INFINITY, last = -INFINITY;
    const mx_nodes *nodes = &c->nodes;
    const double *x = nodes->value[c->grid.axis[0].variable];
    for (size_t j = level; j < nodes->n; j += c->grid.levels)
        if (c->p[j] > MASS) {
            first = fmin(first, x[j]);
            last = fmax(last, x[j]);
        }
    for (size_t j = level; j < nodes->n; j += c->grid.levels)
        if (nodes->logq[j] > -INFINITY && x[j] > first && x[j] < last && c->logp[j] - nodes->logw[j] < log(NO_MASS))
            return 1;
    return 0;
}

typedef struct side {
    double x, height; /* the first or last node of a cell, and log p there */
    size_t cell;
} side;

static int by_place(const void *a, const void *b)
{
    const side *s = a, *t = b;
    return (s->x > t->x) - (s->x < t->x);
}

/* Does p jump down by so much where features do that what is left beyond may be the rounding of nothing? Along the only axis. */
static int falls_away(const mx_continuum *c)
{
    size_t n = 0, levels = c->grid.levels, v = c->grid.axis[0].variable;
    double most = -INFINITY;
    side *at = mx_alloc(2 * c->grid.cells + 1, sizeof *at);
    int falls = 0;
    if (at == NULL)
        return -1;
    for (size_t j = 0; j < c->nodes.n; j++)
        most = fmax(most, c->logp[j] - c->nodes.logw[j]);
    for (size_t l = 0; l < levels && l < LEVELS_MOST && !falls; l++, n = 0) {
        for (size_t a = 0; a < c->grid.cells; a++)
            for (int end = 0; end < 2; end++) {
                const mx_cell *cell = &c->grid.cell[a];
                size_t j = cell->first + (end == 0 ? l : cell->count - levels + l);
                if (c->nodes.logq[j] > -INFINITY)
                    at[n++] = (side){c->nodes.value[v][j], c->logp[j] - c->nodes.logw[j], a};
            }
        qsort(at, n, sizeof *at, by_place);
        for (size_t i = 0; i + 1 < n && !falls; i++) {
            double high = fmax(at[i].height, at[i + 1].height), low = fmin(at[i].height, at[i + 1].height);
            falls = at[i].cell != at[i + 1].cell && high > most + log(MASS) && low < high + log(JUMP);
        }
    }
    mx_free(at);
    return falls;
}

int mx_continuum_hollow(const mx_continuum *c)
{
    double *lambda = mx_alloc(c->shadow.k + 1, sizeof *lambda), by = 0;
    if (lambda == NULL || c->on_numbers) {
        mx_free(lambda);
        return c->on_numbers ? 0 : -1;
    }
    mx_escape_multipliers(c, lambda);
    for (size_t i = 0; i < c->shadow.k; i++)
        by += fabs(lambda[i]) * c->run->problem->fact[i].target_error;
    mx_free(lambda);
    int hollow = 0, whole = c->grid.axes == 1 && c->grid.axis[0].whole;
    for (size_t level = 0; whole && !hollow && level < c->grid.levels; level++)
        hollow = hollow_between(c, level);
    if (whole)
        return hollow;
    if (c->relaxed || c->barreds > 0)
        return 0;
    return by > UNDETERMINED ? 1 : c->grid.axes == 1 && mx_field_cuts(&c->shadow) > 0 ? falls_away(c) : 0;
}

/* Decides whether facts confine the mass or cannot be met, and nothing else. *over: as of decide; 1 if they do not. */
maxent_error mx_continuum_confined(mx_continuum *c, int *over, int *exists)
{
    mx_existence e;
    maxent_error error = mx_existence_open(c, &e);
    *exists = error == MAXENT_OK && e.answer == MX_EXISTS;
    int confining = error == MAXENT_OK && (e.answer == MX_NONE || e.answer == MX_ON_POINTS || e.answer == MX_ON_FACE);
    mx_existence_close(&e);
    *over = 1;
    if (*exists && c->hollow > 0)
        return act_on_edge(c, 1, over);
    return confining ? mx_continuum_decide(c, over) : error;
}

/* No multipliers normalise: the entropy has no upper bound, unless facts confine the mass or cannot be met. *over: the verdict is in. */
maxent_error mx_continuum_no_bound(mx_continuum *c, int *over)
{
    char reason[sizeof c->run->result->message];
    memcpy(reason, c->run->result->message, sizeof reason);
    c->run->result->message[0] = '\0';
    int exists;
    maxent_error error = mx_continuum_confined(c, over, &exists);
    if (error == MAXENT_OK && *over != 2 && *over != 0 && exists) {
        memcpy(c->run->result->message, reason, sizeof reason);
        c->run->result->verdict = MAXENT_UNBOUNDED;
    } else if (error == MAXENT_OK && *over != 2 && *over != 0) {
        c->run->result->verdict = MAXENT_UNFINISHED;
        snprintf(c->run->result->message, sizeof c->run->result->message,
                 "nothing bounds the entropy, but it is not known whether any density meets the facts");
    }
    return error;
}
