/* Continuous and countable supports: cells that follow p.
 *
 *     region ─► cells, nodes ─► Newton on the nodes ─► do the nodes resolve p, and reach far enough? ─► no: halve, extend ─┐
 *                   ▲                    │                              │ yes                                            │
 *                   └────────────────────┼──────────────────────────────┼────────────────────────────────────────────────┘
 *                                  it drifts: existence        the same integrals with half as many nodes again: the residual that is told
 */
#include "solve/continuum.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/density.h"
#include "solve/escape.h"
#include "solve/existence.h"
#include "solve/frame.h"
#include "solve/moments.h"
#include "solve/nested.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 200
#define LEAST_ENTROPY (-700.0) /* less than that no density has whose width is a double */
#define ROUGHLY 400 /* cells for a p that is only the beginning */
#define GOOD_ENOUGH 1e-10 /* where no denser grid is to be had */
#define HOPELESS 0.01 /* residual */
#define EXTREME 1e-14 /* as a part of it: how near a target is to the extreme of its feature to be one */
#define PATIENCE 15.0 /* seconds, when no limit was asked for */

/* The same integrals with half as many nodes again. Cells whose mass they see otherwise are halved when the residual is not met. */
static maxent_error verify(mx_continuum *c, double tolerance, double *worst, size_t *halved)
{
    size_t cells = c->grid.cells;
    int whole = c->grid.frame.comb > 0 || c->grid.nested.on;
    double centred = c->centred, entropy = NAN, *mass = mx_alloc(cells + 1, sizeof *mass);
    if (mass == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t a = 0; a < cells; a++)
        mass[a] = c->grid.cell[a].mass;
    mx_fact *relaxed = mx_alloc(c->shadow.k + 1, sizeof *relaxed);
    mx_dd *lambda = mx_alloc(c->shadow.k + 1, sizeof *lambda);
    maxent_error error = relaxed == NULL || lambda == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    *worst = NAN;
    if (error != MAXENT_OK)
        goto done;
    memcpy(relaxed, c->fact, c->shadow.k * sizeof *relaxed);
    memcpy(lambda, c->lambda, c->shadow.k * sizeof *lambda);
    if (whole) {
        mx_continuum_judge(c, worst);
        entropy = c->run->result->entropy;
    }
    mx_escape_undo(c); /* the user's facts are what is judged */
    mx_grid_rule(&c->grid, 1);
    c->grid.nested.check = 1;
    error = mx_continuum_lay(c);
    *halved = 0;
    if (error == MAXENT_OK) {
        mx_continuum_judge(c, worst);
        for (size_t i = 0; whole && c->ends != NULL && c->ends->from == NULL && i < c->shadow.k; i++)
            if (c->ends->escape[i] != MX_ESCAPE_NONE && c->lambda[i].hi != c->ends->edge[i]) /* met after all */
                *worst = fmax(*worst, c->run->result->residual[i]);
        if (whole) /* one cell, whose mass says nothing */
            *worst = fmax(*worst, fmax(fmax(fabs(c->centred - centred), fabs(c->run->result->entropy - entropy)),
                                       fabs(c->run->result->gap)) / fmax(1, fabs(centred)));
        error = mx_continuum_deliver(c);
    }
    mx_grid_rule(&c->grid, 0);
    memcpy(c->fact, relaxed, c->shadow.k * sizeof *relaxed);
    memcpy(c->lambda, lambda, c->shadow.k * sizeof *lambda);
    c->plain = 0;
    c->grid.nested.check = 0;
    if (error == MAXENT_OK && !(*worst <= tolerance) && whole) {
        int over;
        error = mx_continuum_denser(c, *worst, &over);
        c->nested.on |= over && *worst <= GOOD_ENOUGH; /* as dense as it gets */
        *halved = !(over && c->nested.on);
    } else if (error == MAXENT_OK && !(*worst <= tolerance)) {
        double largest = 0;
        for (size_t a = 0; a < cells; a++)
            largest = fmax(largest, fabs(mass[a] - c->grid.cell[a].mass));
        for (size_t a = 0; a < cells && error == MAXENT_OK && largest > 1e-15; a++)
            if (fabs(mass[a] - c->grid.cell[a].mass) > fmax(1e-15, 1e-3 * largest))
                for (size_t b = 0, before = c->grid.cells; b < c->grid.axes; b++) {
                    size_t added = c->grid.cells - before;
                    int done = mx_grid_halve(&c->grid, a, b);
                    *halved += done == 0;
                    for (size_t e = 0; e < added && done >= 0; e++)
                        done = mx_grid_halve(&c->grid, before + e, b);
                    if (done < 0)
                        error = MAXENT_ERROR_MEMORY;
                }
        if (error == MAXENT_OK)
            error = mx_continuum_lay(c);
    }
done:
    mx_free(mass);
    mx_free(relaxed);
    mx_free(lambda);
    return error;
}

/* Begins anew, with what has been learnt of where mass has to be. */
static maxent_error start(mx_continuum *c)
{
    size_t k = c->shadow.k;
    int told = 0;
    mx_grid_close(&c->grid);
    memset(c->outskirts, 0, sizeof c->outskirts);
    maxent_error error = mx_grid_open(&c->shadow, &c->grid);
    if (error == MAXENT_OK)
        error = mx_region_start(&c->grid, c->run->problem->fact, c->hint, c->hints, c->outskirts, c->run->diagnostic);
    if (error == MAXENT_ERROR_LIMIT && !c->turned && mx_nested_fits(&c->grid)) /* lines inside lines need no cells */
        error = MAXENT_OK;
    if (error == MAXENT_OK && !c->looked) {
        error = mx_escape_find(c, &c->unbounded);
        c->looked = 1;
    }
    if (error == MAXENT_OK && !c->turned && !c->unbounded)
        told = mx_continuum_told(c); /* where p is */
    for (size_t i = 0; i < k; i++)
        c->lambda[i] = mx_dd_make(c->run->options->warm != NULL ? c->run->options->warm[i] : 0);
    if (error == MAXENT_OK && told != 0)
        error = told < 0 ? MAXENT_ERROR_MEMORY : mx_continuum_turn(c);
    if (error == MAXENT_ERROR_LIMIT && told == 1 && mx_seconds() < c->run->deadline) {
        c->frame.set = c->nested.on = 0;
        c->turned = 2;
        return start(c);
    }
    if (told != 0)
        return error;
    if (error == MAXENT_OK)
        error = mx_continuum_lay(c);
    return error == MAXENT_OK ? mx_continuum_follow(c, ROUGHLY * c->grid.axes * c->grid.axes) : error;
}

/* The same along the axes of the variables, where existence is asked. */
static maxent_error start_cells(mx_continuum *c)
{
    maxent_error error = mx_continuum_leave(c);
    return error == MAXENT_OK ? start(c) : error;
}

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

/* The same on a countable support, where single numbers are left. */
static maxent_error restrict_to_numbers(mx_continuum *c, const mx_existence *e)
{
    mx_cell cell = c->grid.cell[0];
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
        for (size_t a = 0; a < kept && !known; a++)
            known = c->grid.cell[a].span[0].from <= e->point[i] && e->point[i] <= c->grid.cell[a].span[0].to;
        if (known)
            continue;
        cell.span[0] = (mx_span){.sign = 1, .from = e->point[i], .to = e->point[i]};
        c->grid.cell[c->grid.cells++] = cell;
    }
    c->on_numbers = 1;
    close_ends(c, was);
    for (size_t i = 0; i < c->shadow.k; i++)
        c->lambda[i] = mx_dd_make(0);
    mx_continuum_release(c);
    return mx_continuum_lay(c);
}

/* Nothing, or nothing but points: what nobody can meet, in words. */
static void tell(mx_continuum *c, mx_existence *e)
{
    maxent_result *result = c->run->result;
    memcpy(result->direction, e->direction, c->shadow.k * sizeof *e->direction);
    result->verdict = e->answer == MX_NONE ? MAXENT_INFEASIBLE : MAXENT_SINGULAR;
    result->margin = e->answer == MX_NONE ? e->margin : NAN;
    mx_free(result->repair);
    result->repair = e->repair;
    e->repair = NULL;
    mx_explain_existence(c->run, e->answer == MX_ON_POINTS ? e->point : NULL, e->points, c->shadow.support.variables);
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

/* Newton has come to no end: is there a density at all? *over: the verdict is in the result. */
static maxent_error decide(mx_continuum *c, int *over)
{
    maxent_result *result = c->run->result;
    mx_existence e;
    size_t k = c->shadow.k, variables = c->shadow.support.variables;
    maxent_error error = mx_existence_open(c, &e);
    *over = 0;
    if (error != MAXENT_OK)
        goto done;
    size_t kept = 0;
    for (size_t a = 0; a < c->grid.cells; a++)
        kept += e.keep[a] != 0;
    int nothing = e.answer == MX_ON_FACE && kept == c->grid.cells; /* all of the support lies within rounding of the face */
    int points = (e.answer == MX_ON_POINTS || e.answer == MX_NONE) && e.open > 0 && !(e.margin > e.open) && k > 1;
    if (nothing && e.open == 0) { /* no rounding: the grid is no wider than what rounds to the extreme of a feature */
        e.answer = e.points > 0 && leaves_face(c, &e) ? MX_ON_POINTS : MX_NOT_KNOWN;
        nothing = 0;
    }
    if (!c->relaxed && (nothing || points)) {
        c->relaxed = 1; /* by no more than rounding of the targets: leave out what it leaves open */
        if (e.answer == MX_ON_POINTS) { /* the verdict, if that should not help */
            memcpy(result->direction, e.direction, k * sizeof *e.direction);
            mx_explain_existence(c->run, e.point, e.points, variables);
            memcpy(c->message, result->message, sizeof c->message);
            result->message[0] = '\0';
        }
        error = start(c);
        goto done;
    }
    int numbers = c->grid.axes == 1 && c->grid.axis[0].whole && c->grid.levels == 1;
    if (numbers && (e.answer == MX_ON_POINTS || (e.answer == MX_ON_FACE && !nothing))) {
        memcpy(result->direction, e.direction, k * sizeof *e.direction);
        error = restrict_to_numbers(c, &e); /* points of a countable support have mass */
        goto done;
    }
    switch (e.answer) {
    case MX_EXISTS:
        if (c->decided) {
            *over = 1;
            break;
        }
        c->decided = 1;
        error = mx_continuum_hint(c, e.point, e.points);
        if (error == MAXENT_OK)
            error = start(c);
        break;
    case MX_ON_FACE:
        if (nothing) {
            *over = 1;
            break;
        }
        memcpy(result->direction, e.direction, k * sizeof *e.direction);
        int turned;
        error = mx_continuum_turn_face(c, e.direction, e.open, &turned);
        if (error == MAXENT_OK && !turned)
            error = restrict_to(c, e.keep);
        break;
    case MX_ON_POINTS:
    case MX_NONE:
        tell(c, &e);
        *over = 2;
        break;
    default:
        *over = c->insist;
        c->insist = 1;
        break;
    }
done:
    mx_existence_close(&e);
    return error;
}

/* Nothing of what was judged on the way is an answer. */
static void withdraw(maxent_result *result, size_t k)
{
    mx_density_free(result->density);
    mx_free(result->lambda);
    mx_free(result->lambda_low);
    result->density = NULL;
    result->lambda = result->lambda_low = NULL;
    result->entropy = result->relative_entropy = result->log_partition = result->worst_residual = result->gap = result->bound = NAN;
    for (size_t i = 0; i < k; i++)
        result->achieved[i] = result->residual[i] = result->deviation[i] = NAN;
}

/* Before a supremum is told: can the facts be met at all? *over: 2 when they cannot be, and the verdict is in the result. */
static maxent_error doubt(mx_continuum *c, int *over)
{
    mx_existence e;
    maxent_error error = mx_existence_open(c, &e);
    *over = 1;
    if (error == MAXENT_OK && (e.answer == MX_NONE || e.answer == MX_ON_POINTS)) {
        withdraw(c->run->result, c->shadow.k);
        tell(c, &e);
        *over = 2;
    }
    mx_existence_close(&e);
    return error;
}

static maxent_error unfinished(mx_continuum *c)
{
    double worst;
    mx_continuum_judge(c, &worst);
    c->run->result->verdict = MAXENT_UNFINISHED;
    if (!(worst <= HOPELESS)) { /* nothing that anyone should take for the answer */
        mx_density_free(c->run->result->density);
        c->run->result->density = NULL;
        c->run->result->entropy = c->run->result->relative_entropy = c->run->result->log_partition = NAN;
        return MAXENT_OK;
    }
    return mx_continuum_deliver(c);
}

/* Lines inside lines would need more nodes, or time, than there is. */
static maxent_error out_of_room(mx_continuum *c)
{
    if (c->nodes.n > 0)
        return unfinished(c);
    c->run->result->verdict = MAXENT_UNFINISHED; /* nothing to judge by */
    c->run->result->entropy = c->run->result->relative_entropy = c->run->result->log_partition = NAN;
    return MAXENT_OK;
}

/* Does a fact ask for the extreme of its feature, as far as nodes show it? Its multiplier would have no end, and Newton, which comes near
 * enough at some e^-lambda, would not say that mass is ruled out. */
static int at_an_extreme(const mx_continuum *c)
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

/* Decides whether facts confine the mass or cannot be met, and nothing else. *over: as of decide; 1 if they do not. */
static maxent_error confined(mx_continuum *c, int *over, int *exists)
{
    mx_existence e;
    maxent_error error = mx_existence_open(c, &e);
    *exists = error == MAXENT_OK && e.answer == MX_EXISTS;
    int confining = error == MAXENT_OK && (e.answer == MX_NONE || e.answer == MX_ON_POINTS || e.answer == MX_ON_FACE);
    mx_existence_close(&e);
    *over = 1;
    return confining ? decide(c, over) : error;
}

/* No multipliers normalise: the entropy has no upper bound, unless facts confine the mass or cannot be met. *over: the verdict is in. */
static maxent_error no_bound(mx_continuum *c, int *over)
{
    char reason[sizeof c->run->result->message];
    memcpy(reason, c->run->result->message, sizeof reason);
    c->run->result->message[0] = '\0';
    int exists;
    maxent_error error = confined(c, over, &exists);
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

static maxent_error solve(mx_continuum *c)
{
    maxent_result *result = c->run->result;
    double tolerance = fmax(c->run->options->tolerance, 1e-12), worst = NAN;
    maxent_error error = start(c);
    if (error == MAXENT_OK && c->unbounded) {
        int over;
        error = no_bound(c, &over);
        if (error != MAXENT_OK || over)
            return error;
    }
    if (error == MAXENT_OK && at_an_extreme(c)) {
        int over, exists, turned = c->grid.frame.set || c->grid.nested.on;
        if (turned)
            error = start_cells(c);
        if (error == MAXENT_OK)
            error = confined(c, &over, &exists);
        if (error != MAXENT_OK || over == 2)
            return error;
        if (turned && over != 0) {
            c->turned = 0;
            error = start(c);
        }
    }
    for (int round = 0, tries = 0; error == MAXENT_OK && round < ROUNDS; round++) {
        mx_outcome how;
        int turned;
        size_t grown, halved, before = c->grid.cells;
        if (c->grid.nested.on && !c->nested.on) { /* given up */
            error = start(c);
            continue;
        }
        error = mx_continuum_newton(c, &how);
        if (error == MAXENT_OK && c->message[0] != '\0' && (how != MX_MET || !(c->centred > LEAST_ENTROPY))) {
            memcpy(result->message, c->message, sizeof c->message);
            result->verdict = MAXENT_SINGULAR;
            return MAXENT_OK;
        }
        if (error == MAXENT_OK && how == MX_MET && !c->relaxed && !c->decided && !c->unsure && (c->ends == NULL || c->ends->from == NULL)) {
            mx_continuum_judge(c, &worst); /* facts met, but not by multipliers that prove it: perhaps there is no density */
            if (!(fabs(result->gap) <= 1e-6 * (1 + fabs(result->entropy)))) {
                how = MX_ADRIFT;
                c->unsure = 1;
            }
        }
        if (error == MAXENT_OK && (how == MX_ADRIFT || how == MX_CLASH) && (c->grid.frame.set || c->grid.nested.on)) {
            error = mx_continuum_retreat(c, &turned);
            if (error == MAXENT_OK && !turned)
                error = start(c); /* existence is asked along the axes of the variables */
            continue;
        }
        if (error == MAXENT_OK && (how == MX_ADRIFT || how == MX_CLASH)) {
            int over;
            error = decide(c, &over);
            if (error != MAXENT_OK || over == 0)
                continue;
            return over == 2 ? MAXENT_OK : unfinished(c);
        }
        if (error != MAXENT_OK)
            break;
        if (how == MX_STOPPED || c->grid.cells >= mx_continuum_cells_most(c))
            return unfinished(c);
        if (how == MX_MET && mx_continuum_beyond(c)) {
            c->cap = (c->cap > 0 ? c->cap : 1e12) * 1e10;
            continue;
        }
        if (mx_escape_soft(c)) {
            error = mx_continuum_lay(c);
            continue;
        }
        int changed;
        error = mx_escape_face(c, &changed);
        if (error != MAXENT_OK || changed)
            continue;
        error = mx_continuum_align(c, &turned);
        if (error != MAXENT_OK || turned)
            continue;
        error = mx_continuum_reach(c, &grown);
        if (error == MAXENT_OK)
            error = mx_continuum_follow(c, SIZE_MAX);
        if (error != MAXENT_OK || c->grid.cells != before || grown > 0)
            continue;
        error = verify(c, tolerance, &worst, &halved);
        if (error == MAXENT_OK && worst <= tolerance && mx_escape_leave(c))
            continue;
        if (error == MAXENT_OK && (worst <= tolerance || (halved == 0 && (tries++ > 1 || worst <= GOOD_ENOUGH)))) {
            int hidden, proved = c->relaxed || fabs(result->gap) <= 1e-8 * (1 + fabs(result->entropy));
            result->verdict = !(worst <= fmax(tolerance, GOOD_ENOUGH)) || c->cut_off || !proved ? MAXENT_UNFINISHED
                              : c->barreds > 0 || c->face != NULL || c->on_numbers                                 ? MAXENT_BOUNDARY
                                                                               : MAXENT_SOLVED;
            if (result->verdict != MAXENT_UNFINISHED && c->relaxed)
                snprintf(result->message, sizeof result->message,
                         "the targets contradict each other, by no more than the rounding of their last place; this density meets them to "
                         "that, and many multipliers would");
            if (result->verdict == MAXENT_BOUNDARY)
                snprintf(result->message, sizeof result->message,
                         "the facts leave no mass on a part of the support; the one distribution on the rest that meets them and assumes "
                         "nothing else");
            if (result->verdict != MAXENT_UNFINISHED)
                mx_escape_settle(c);
            error = mx_continuum_hidden(c, &hidden);
            result->verdict = hidden ? MAXENT_UNFINISHED : result->verdict;
            int heavy = (result->verdict == MAXENT_SOLVED || result->verdict == MAXENT_BOUNDARY) && c->heavy < c->shadow.k;
            if (heavy && !mx_escape_heavy(c)) {
                const char *text = c->run->problem->fact[c->heavy].text;
                result->verdict = MAXENT_UNFINISHED;
                snprintf(result->message, sizeof result->message,
                         "the expectation of %s is not finite under the only candidate: its feature is too large where it has mass",
                         text != NULL ? text : "a fact");
            } else if (c->cut_off && !heavy)
                snprintf(result->message, sizeof result->message,
                         "the tail of the answer is so heavy that a part of its mass lies beyond the range of doubles");
            if (result->verdict == MAXENT_UNATTAINED && !c->decided) {
                int over;
                error = doubt(c, &over);
                if (error != MAXENT_OK || over == 2)
                    return error;
            }
            return MAXENT_OK;
        }
    }
    return error == MAXENT_ERROR_LIMIT && c->turned ? out_of_room(c) : error != MAXENT_OK ? error : unfinished(c);
}

maxent_error mx_solve_continuous(mx_run *run)
{
    const maxent_problem *problem = run->problem;
    mx_continuum c;
    int mine;
    maxent_error error = mx_solve_moments(run, &mine);
    if (error != MAXENT_OK || mine)
        return error;
    memset(&c, 0, sizeof c);
    c.run = run;
    if (isinf(run->deadline)) /* never a hang */
        run->deadline = run->started + PATIENCE;
    c.shadow = *problem;
    c.fact = mx_alloc(problem->k + 1, sizeof *c.fact);
    c.relaxed_fact = mx_alloc(problem->k + 1, sizeof *c.relaxed_fact);
    c.dropped = mx_zalloc(problem->k + 1, 1);
    c.soft = mx_zalloc(problem->k + 1, 1);
    c.lambda = mx_zalloc(problem->k + 1, sizeof *c.lambda);
    run->result->direction = mx_zalloc(problem->k + 1, sizeof *run->result->direction);
    int missing = c.fact == NULL || c.relaxed_fact == NULL || c.dropped == NULL || c.soft == NULL || c.lambda == NULL;
    error = missing || run->result->direction == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        memcpy(c.fact, problem->fact, problem->k * sizeof *c.fact);
        c.shadow.fact = c.fact;
        error = solve(&c);
    }
    maxent_verdict verdict = run->result->verdict;
    if (verdict != MAXENT_INFEASIBLE && verdict != MAXENT_BOUNDARY && verdict != MAXENT_SINGULAR) {
        mx_free(run->result->direction);
        run->result->direction = NULL;
    }
    run->result->iterations = c.iterations;
    run->result->evaluations = c.evaluations;
    mx_continuum_release(&c);
    mx_grid_close(&c.grid);
    mx_ends_free(c.ends);
    mx_free(c.fact);
    mx_free(c.relaxed_fact);
    mx_free(c.dropped);
    mx_free(c.soft);
    mx_free(c.lambda);
    mx_free(c.hint);
    mx_free(c.barred);
    mx_free(c.face);
    return error;
}
