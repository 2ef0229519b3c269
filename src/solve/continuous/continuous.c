/* Continuous and countable supports: cells that follow p.
 *
 *     region ─► cells, nodes ─► Newton on the nodes ─► do the nodes resolve p, and reach far enough? ─► no: halve, extend ─┐
 *                   ▲                    │                              │ yes                                            │
 *                   └────────────────────┼──────────────────────────────┼────────────────────────────────────────────────┘
 *                                  it drifts: existence        the same integrals with half as many nodes again: the residual that is told
 */
#include "solve/continuous/continuum.h"

#include "base/error.h"
#include "base/memory.h"
#include "solve/continuous/density.h"
#include "solve/continuous/escape.h"
#include "solve/existence/existence.h"
#include "solve/cells/frame.h"
#include "solve/cells/nested.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 200
#define LEAST_ENTROPY (-700.0) /* less than that no density has whose width is a double */
#define ROUGHLY 400 /* cells for a p that is only the beginning */
#define MANY_CELLS 1600 /* where it may be the answer */
#define NEAR_FACTS 4 /* fewer are as quickly met on all nodes */
#define GOOD_ENOUGH 1e-10 /* where no denser grid is to be had */
#define BETTER_THAN_CELLS 1e-6 /* with three axes cells come no nearer */
#define HOLLOW 2 /* times that it is asked whether numbers next to without mass can have any */
#define HOPELESS 0.01 /* residual */
#define PROVED 1e-8 /* gap */
#define IDLE 1e-13 /* mass, and what it adds to facts, that says nothing */
#define LEFT_OPEN 0.01 /* by how much errors of the targets may let the entropy of p exceed that of all that meets them exactly */

/* The same integrals with half as many nodes again. Cells whose mass they see otherwise are halved when the residual is not met. */
static maxent_error verify(mx_continuum *c, double tolerance, double *worst, size_t *halved)
{
    size_t cells = c->grid.cells;
    *halved = 0;
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
        for (size_t i = 0; c->ends != NULL && c->ends->from == NULL && i < c->shadow.k; i++)
            if (c->ends->escape[i] != MX_ESCAPE_NONE && c->lambda[i].hi != c->ends->edge[i]) /* met after all */
                *worst = fmax(*worst, c->run->result->residual[i]);
        if (whole) /* one cell, whose mass says nothing */
            *worst = fmax(*worst, fmax(fabs(c->run->result->entropy - entropy), fabs(c->run->result->gap)) / fmax(1, fabs(centred)));
        c->agreed = c->run->result->entropy;
        c->agreed_to = whole ? *worst : 0;
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
        c->nested.on |= over && *worst <= (c->grid.axes < 3 ? GOOD_ENOUGH : BETTER_THAN_CELLS); /* as dense as it gets */
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
maxent_error mx_continuum_start(mx_continuum *c)
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
    for (size_t i = 0; i < k; i++)
        c->lambda[i] = mx_dd_make(c->run->options->warm != NULL ? c->run->options->warm[i] : 0);
    if (error == MAXENT_OK && !c->turned && !c->unbounded)
        told = mx_continuum_told(c); /* where p is */
    if (error == MAXENT_OK && told != 0)
        error = told < 0 ? MAXENT_ERROR_MEMORY : mx_continuum_turn(c);
    if (error == MAXENT_ERROR_LIMIT && told == 1 && !mx_late(c->run)) {
        c->frame.set = c->nested.on = 0;
        c->turned = 2;
        return mx_continuum_start(c);
    }
    if (told != 0)
        return error;
    if (error == MAXENT_OK)
        error = mx_continuum_lay(c);
    if (error == MAXENT_OK)
        error = mx_continuum_follow(c, ROUGHLY * c->grid.axes * c->grid.axes);
    int open = c->grid.axes == 1 && !c->grid.axis[0].whole && (c->outskirts[0].open[0] || c->outskirts[0].open[1]);
    return error == MAXENT_OK && open && k >= NEAR_FACTS ? mx_continuum_near(c, ROUGHLY) : error;
}

/* The same along the axes of the variables, where existence is asked. */
static maxent_error start_cells(mx_continuum *c)
{
    maxent_error error = mx_continuum_leave(c);
    return error == MAXENT_OK ? mx_continuum_start(c) : error;
}

/* Is there mass next to nowhere because facts leave none there? *over: as of mx_continuum_confined; 0: to go on, or to begin anew. */
static maxent_error ask_hollow(mx_continuum *c, int *over)
{
    size_t k = c->shadow.k;
    int exists, turned = c->grid.frame.set || c->grid.nested.on;
    mx_dd *lambda = mx_alloc(k + 1, sizeof *lambda);
    if (lambda == NULL)
        return MAXENT_ERROR_MEMORY;
    memcpy(lambda, c->lambda, k * sizeof *lambda);
    c->hollow++;
    maxent_error error = turned ? start_cells(c) : MAXENT_OK;
    memcpy(c->lambda, lambda, k * sizeof *lambda);
    if (error == MAXENT_OK)
        error = mx_continuum_confined(c, over, &exists);
    if (error == MAXENT_OK && turned && *over == 1) {
        c->turned = *over = 0;
        error = mx_continuum_start(c);
    }
    mx_free(lambda);
    return error;
}

/* Where there are no facts, what is not finished is an integral. */
static void tell_agreed(mx_continuum *c)
{
    size_t binding = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        binding += isfinite(c->run->problem->fact[i].lower) || isfinite(c->run->problem->fact[i].upper);
    if (binding == 0 && c->agreed_to > 0 && isfinite(c->agreed))
        snprintf(c->run->result->message, sizeof c->run->result->message,
                 "stopped before the integrals were known to the tolerance: two sets of points give an entropy of %.10g nats and differ by "
                 "%.1e",
                 c->agreed, c->agreed_to);
    else if (binding == 0)
        snprintf(c->run->result->message, sizeof c->run->result->message, "stopped before the integrals were known to the tolerance");
}

static maxent_error unfinished(mx_continuum *c)
{
    double worst;
    if (c->run->result->message[0] == '\0')
        tell_agreed(c);
    mx_continuum_judge(c, &worst);
    c->run->result->verdict = MAXENT_UNFINISHED;
    if (!(worst <= HOPELESS) || c->unlaid) { /* nothing that anyone should take for the answer */
        mx_density_free(c->run->result->density);
        c->run->result->density = NULL;
        c->run->result->entropy = c->run->result->relative_entropy = c->run->result->log_partition = NAN;
        return MAXENT_OK;
    }
    return mx_continuum_deliver(c);
}

/* There is no room for the nodes, or no time. */
static maxent_error out_of_room(mx_continuum *c)
{
    tell_agreed(c);
    if (!mx_late(c->run) && c->run->result->message[0] == '\0')
        snprintf(c->run->result->message, sizeof c->run->result->message,
                 "the integrals would need more places at which to compute than there is room for");
    if (c->nodes.n > 0)
        return unfinished(c);
    c->run->result->verdict = MAXENT_UNFINISHED; /* nothing to judge by */
    c->run->result->entropy = c->run->result->relative_entropy = c->run->result->log_partition = NAN;
    return MAXENT_OK;
}

/* Cells that rounding of the targets left without mass: are they left so by the multipliers too? Then p meets the facts on all of the
 * support, and nothing is ruled out. *idle: 1: they are cells again. */
static maxent_error unbar(mx_continuum *c, int *idle)
{
    size_t k = c->shadow.k, before = c->grid.cells;
    double mass = 0;
    *idle = 0;
    if (c->barreds == 0 || c->on_numbers || c->face != NULL || c->grid.axes > 1 || c->grid.axis[0].whole)
        return MAXENT_OK;
    if (c->grid.capacity < before + c->barreds) {
        mx_cell *grown = mx_resize(c->grid.cell, before + c->barreds, sizeof *grown);
        if (grown == NULL)
            return MAXENT_ERROR_MEMORY;
        c->grid.cell = grown;
        c->grid.capacity = before + c->barreds;
    }
    for (size_t a = 0; a < c->barreds; a++) {
        c->grid.cell[c->grid.cells] = c->barred[a];
        c->grid.cell[c->grid.cells++].rule = 0;
    }
    maxent_error error = mx_continuum_lay(c);
    for (size_t a = before; error == MAXENT_OK && a < c->grid.cells; a++)
        for (size_t j = c->grid.cell[a].first; j < c->grid.cell[a].first + c->grid.cell[a].count; j++) {
            double part = 1;
            for (size_t i = 0; i < k && c->p[j] > 0; i++) {
                double size = mx_fact_size(&c->fact[i]);
                part = fmax(part, fabs(c->nodes.hi[j * k + i]) / (size > 0 ? size : 1));
            }
            mass += c->p[j] > 0 ? c->p[j] * part : 0;
        }
    *idle = error == MAXENT_OK && mass <= IDLE;
    c->barreds = *idle ? 0 : c->barreds;
    if (*idle || error != MAXENT_OK)
        return error;
    c->grid.cells = before;
    return mx_continuum_lay(c);
}

static maxent_error solve(mx_continuum *c)
{
    maxent_result *result = c->run->result;
    double tolerance = fmax(c->run->options->tolerance, 1e-12), worst = NAN;
    int clashes;
    maxent_error error = mx_existence_look(c, &clashes);
    if (error != MAXENT_OK || clashes)
        return error;
    error = mx_continuum_start(c);
    if (error == MAXENT_OK && c->unbounded) {
        int over;
        error = mx_continuum_no_bound(c, &over);
        if (error != MAXENT_OK || over)
            return error;
    }
    if (error == MAXENT_OK && mx_continuum_at_an_extreme(c)) {
        int over, exists, turned = c->grid.frame.set || c->grid.nested.on;
        if (turned)
            error = start_cells(c);
        if (error == MAXENT_OK)
            error = mx_continuum_confined(c, &over, &exists);
        if (error != MAXENT_OK || over == 2)
            return error;
        if (turned && over != 0) {
            c->turned = 0;
            error = mx_continuum_start(c);
        }
    }
    for (int round = 0, tries = 0, fresh = 0; error == MAXENT_OK && round < ROUNDS && !mx_late(c->run); round++) {
        mx_outcome how;
        int turned;
        size_t grown, halved, before = c->grid.cells;
        if (c->grid.nested.on && !c->nested.on) { /* given up */
            error = mx_continuum_start(c);
            continue;
        }
        if (mx_continuum_bump_due(c)) {
            int met;
            error = mx_continuum_fewer(c, MANY_CELLS, &met);
            if (error == MAXENT_OK && !met)
                error = mx_continuum_bumps(c, ROUGHLY);
            c->core[0] = c->core[1] = 0;
        }
        if (error == MAXENT_OK)
            error = mx_continuum_newton(c, &how);
        int steep = 0;
        if (error == MAXENT_OK && (how == MX_MET || c->grid.axis[0].singulars > 0))
            error = mx_continuum_steep(c, &steep);
        if (error == MAXENT_OK && steep)
            error = mx_continuum_newton(c, &how);
        if (error == MAXENT_OK && steep) /* what Newton has done to them again */
            error = mx_continuum_steep(c, &steep);
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
                error = mx_continuum_start(c); /* existence is asked along the axes of the variables */
            continue;
        }
        if (error == MAXENT_OK && (how == MX_ADRIFT || how == MX_CLASH)) {
            int over;
            error = mx_continuum_decide(c, &over);
            if (error != MAXENT_OK || over == 0)
                continue;
            return over == 2 ? MAXENT_OK : unfinished(c);
        }
        if (error != MAXENT_OK)
            break;
        if (how == MX_STOPPED || c->grid.cells >= mx_continuum_cells_most(c))
            return unfinished(c);
        if (how == MX_MET && mx_continuum_beyond(c)) {
            c->cap = (c->cap > 0 ? c->cap : MX_CAP) * 1e10;
            continue;
        }
        if (c->turned != 1 && mx_escape_soft(c)) { /* not on a grid that was only guessed */
            error = mx_continuum_lay(c);
            continue;
        }
        int changed;
        error = mx_escape_face(c, &changed);
        if (error == MAXENT_OK && changed && c->near > 0)
            error = mx_continuum_near(c, ROUGHLY);
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
        if (c->stale && fresh++ == 0) /* once more from where it is, in coordinates made there */
            continue;
        error = verify(c, tolerance, &worst, &halved);
        if (error == MAXENT_OK && worst <= tolerance && mx_escape_leave(c))
            continue;
        if (error == MAXENT_OK && (worst <= tolerance || (halved == 0 && (tries++ > 1 || worst <= GOOD_ENOUGH || c->nested.on)))) {
            int hollow = c->hollow < HOLLOW ? mx_continuum_hollow(c) : 0;
            if (hollow < 0)
                return MAXENT_ERROR_MEMORY;
            if (hollow) {
                int over;
                error = ask_hollow(c, &over);
                if (error != MAXENT_OK || over == 2)
                    return error;
                if (over == 0)
                    continue;
            }
            int endless, idle;
            error = unbar(c, &idle);
            if (error == MAXENT_OK && idle)
                error = verify(c, tolerance, &worst, &halved);
            if (error == MAXENT_OK)
                error = mx_continuum_endless(c, &endless);
            if (error != MAXENT_OK)
                return error;
            c->cut_off |= endless;
            int hidden, proved = result->gap <= PROVED * (1 + fabs(result->entropy)) &&
                                 result->gap >= -(c->relaxed ? LEFT_OPEN : PROVED) * (1 + fabs(result->entropy));
            if (c->message[0] != '\0' && !proved) { /* a spike as narrow as the rounding of the targets */
                mx_result_withdraw(result);
                memcpy(result->message, c->message, sizeof c->message);
                result->verdict = MAXENT_SINGULAR;
                return MAXENT_OK;
            }
            result->verdict = !(worst <= fmax(tolerance, GOOD_ENOUGH)) || c->cut_off || !proved ? MAXENT_UNFINISHED
                              : c->barreds > 0 || c->face != NULL || c->on_numbers                                 ? MAXENT_BOUNDARY
                                                                               : MAXENT_SOLVED;
            if (result->verdict == MAXENT_UNFINISHED)
                tell_agreed(c);
            if (result->verdict != MAXENT_UNFINISHED && c->relaxed)
                snprintf(result->message, sizeof result->message, "%s; this density meets them to that, and many multipliers would",
                         c->relaxed == MX_ROUNDING_CLASH
                             ? "the targets contradict each other, by no more than the rounding of their last place"
                             : "the targets are known to the rounding of their last place, and that leaves open which density it is");
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
                         "a part of the mass lies beyond the range of doubles, in a heavy tail or next to a point where the density is "
                         "infinite");
            int doubtful = result->verdict == MAXENT_UNATTAINED || (heavy && result->verdict == MAXENT_UNFINISHED);
            if (doubtful && !c->decided) {
                int over;
                error = mx_continuum_doubt(c, &over);
                if (error != MAXENT_OK || over == 2)
                    return error;
            }
            return MAXENT_OK;
        }
    }
    return error != MAXENT_OK ? error : unfinished(c);
}

maxent_error mx_continuum_open(mx_run *run, mx_continuum *c)
{
    const maxent_problem *problem = run->problem;
    memset(c, 0, sizeof *c);
    c->run = run;
    c->shadow = *problem;
    c->fact = mx_alloc(problem->k + 1, sizeof *c->fact);
    c->relaxed_fact = mx_alloc(problem->k + 1, sizeof *c->relaxed_fact);
    c->dropped = mx_zalloc(problem->k + 1, 1);
    c->soft = mx_zalloc(problem->k + 1, 1);
    c->lambda = mx_zalloc(problem->k + 1, sizeof *c->lambda);
    mx_free(run->result->direction);
    run->result->direction = mx_zalloc(problem->k + 1, sizeof *run->result->direction);
    int missing = c->fact == NULL || c->relaxed_fact == NULL || c->dropped == NULL || c->soft == NULL || c->lambda == NULL;
    if (missing || run->result->direction == NULL)
        return MAXENT_ERROR_MEMORY;
    memcpy(c->fact, problem->fact, problem->k * sizeof *c->fact);
    c->shadow.fact = c->fact;
    return MAXENT_OK;
}

void mx_continuum_close(mx_continuum *c)
{
    mx_continuum_release(c);
    mx_grid_close(&c->grid);
    mx_ends_free(c->ends);
    mx_free(c->fact);
    mx_free(c->relaxed_fact);
    mx_free(c->dropped);
    mx_free(c->soft);
    mx_free(c->lambda);
    mx_free(c->hint);
    mx_free(c->barred);
    mx_free(c->face);
}

maxent_error mx_continuum_attempt(mx_run *run, mx_rounding relaxed, double deadline, int *again)
{
    mx_continuum c;
    maxent_error error = mx_continuum_open(run, &c);
    c.relaxed = relaxed;
    c.whole = deadline;
    if (error == MAXENT_OK) {
        error = solve(&c);
        if (error == MAXENT_ERROR_LIMIT && c.unlaid)
            error = out_of_room(&c);
    }
    maxent_verdict verdict = run->result->verdict;
    if (verdict != MAXENT_INFEASIBLE && verdict != MAXENT_BOUNDARY && verdict != MAXENT_SINGULAR) {
        mx_free(run->result->direction);
        run->result->direction = NULL;
    }
    run->result->iterations += c.iterations;
    run->result->evaluations += c.evaluations;
    *again = !c.relaxed && verdict == MAXENT_UNFINISHED;
    mx_continuum_close(&c);
    return error;
}
