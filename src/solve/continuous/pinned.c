/* Facts that leave a set of measure zero.
 *
 * What has to hold where features are at their extremes are linear equations of the variables (facts/extremes.c). Where one of them has a
 * REAL variable in it, the set has no length, area or volume, so that no density meets the facts. Variables that the equations settle,
 * x = 3, are then listed with that value alone, and the rest is asked for: when its facts clash nothing meets the facts, otherwise
 * distributions do that are no densities. Where equations settle no variable (x = y) the usual way is asked.
 */
#include "solve/continuous/pinned.h"

#include "base/memory.h"
#include "solve/cells/grid.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINES_MOST = 16, EACH_MOST = 8, STATES_MOST = 4096 };

#define BESIDE 1e-9 /* of the place, or of 1 */
#define NOTHING 1e-12 /* of the coefficients of an equation */

typedef struct pins {
    size_t lines;
    mx_equation line[LINES_MOST]; /* reduced: each has a variable that no other has, with coefficient 1 */
    unsigned char settled[MX_EQUATION_VARIABLES];
    double at[MX_EQUATION_VARIABLES];
} pins;

/* Gauss and Jordan. 0: the equations contradict each other. */
static int eliminate(pins *p, size_t variables)
{
    size_t rank = 0;
    for (size_t v = 0; v < variables && rank < p->lines; v++) {
        size_t best = rank;
        for (size_t j = rank; j < p->lines; j++)
            best = fabs(p->line[j].a[v]) > fabs(p->line[best].a[v]) ? j : best;
        if (!(fabs(p->line[best].a[v]) > NOTHING))
            continue;
        mx_equation pivot = p->line[best];
        p->line[best] = p->line[rank];
        double by = 1 / pivot.a[v];
        for (size_t w = 0; w < variables; w++)
            pivot.a[w] *= by;
        pivot.b *= by;
        p->line[rank] = pivot;
        for (size_t j = 0; j < p->lines; j++) {
            double part = p->line[j].a[v];
            if (j == rank || part == 0)
                continue;
            for (size_t w = 0; w < variables; w++) {
                p->line[j].a[w] -= part * pivot.a[w];
                if (w == v || fabs(p->line[j].a[w]) <= NOTHING)
                    p->line[j].a[w] = 0;
            }
            p->line[j].b -= part * pivot.b;
        }
        rank++;
    }
    for (size_t j = rank; j < p->lines; j++)
        if (fabs(p->line[j].b) > NOTHING)
            return 0;
    p->lines = rank;
    return 1;
}

/* The equations, and the variables they settle. watched: [k] facts that say no more than that. 0: they tell nothing. */
static int find(const maxent_problem *problem, const signed char *side, pins *p, unsigned char *watched)
{
    size_t variables = problem->support.variables;
    int null = 0;
    memset(p, 0, sizeof *p);
    if (variables > MX_EQUATION_VARIABLES)
        return 0;
    for (size_t i = 0; i < problem->k; i++) {
        int complete = 0;
        if (side[i] != 0 && p->lines + EACH_MOST <= LINES_MOST)
            p->lines += mx_field_extreme(problem, i, side[i], p->line + p->lines, EACH_MOST, &complete);
        watched[i] = (unsigned char)complete;
    }
    if (p->lines == 0 || !eliminate(p, variables))
        return 0;
    for (size_t j = 0; j < p->lines; j++) {
        size_t used = 0, only = 0;
        for (size_t v = 0; v < variables; v++)
            if (p->line[j].a[v] != 0) {
                used++;
                only = v;
                null |= problem->support.variable[v].extent == MX_REAL;
            }
        if (used != 1)
            continue;
        const mx_variable *variable = &problem->support.variable[only];
        p->settled[only] = 1;
        p->at[only] = p->line[j].b + 0.0;
        if (!(p->at[only] >= variable->lower && p->at[only] <= variable->upper))
            return 0;
    }
    for (size_t i = 0; i < problem->k; i++) { /* a fact with equations of other variables stays one */
        mx_equation line[EACH_MOST];
        int complete;
        size_t count = watched[i] ? mx_field_extreme(problem, i, side[i], line, EACH_MOST, &complete) : 0;
        for (size_t j = 0; j < count; j++)
            for (size_t v = 0; v < variables; v++)
                watched[i] &= line[j].a[v] == 0 || p->settled[v];
    }
    return null;
}

/* Is the prior positive beside a point at which it is 0? at: [variables]. Mass may then come as near as one likes. */
static int prior_beside(const maxent_problem *problem, const double *at)
{
    double x[MX_EQUATION_VARIABLES], logq, low;
    const double *list[MX_EQUATION_VARIABLES];
    mx_points point = {1, list, NULL};
    size_t variables = problem->support.variables, reals = 0, real[MX_AXES];
    for (size_t v = 0; v < variables; v++) {
        x[v] = at[v];
        list[v] = &x[v];
        if (problem->support.variable[v].extent == MX_REAL && reals < MX_AXES)
            real[reals++] = v;
    }
    for (size_t side = 0; side < (size_t)1 << reals; side++) {
        int inside = 1;
        for (size_t r = 0; r < reals; r++) {
            size_t v = real[r];
            const mx_variable *variable = &problem->support.variable[v];
            double step = BESIDE * fmax(1, fabs(at[v]));
            x[v] = at[v] + (side >> r & 1 ? step : -step);
            inside = inside && x[v] >= variable->lower && x[v] <= variable->upper;
        }
        if (inside && mx_field_prior(problem, &point, &logq, &low) == 0 && logq > -INFINITY)
            return 1;
    }
    return 0;
}

/* No variable is left but listed ones: a finite problem of their combinations. */
static maxent_error make_finite(const maxent_problem *problem, const maxent_problem *rest, maxent_problem **out)
{
    size_t variables = rest->support.variables, n = 1, k = rest->k, states = 0;
    for (size_t v = 0; v < variables; v++)
        n *= rest->support.variable[v].levels;
    *out = NULL;
    if (n > STATES_MOST)
        return MAXENT_OK;
    maxent_problem *finite = mx_problem_new(n, k);
    double *column = mx_alloc(variables, n * sizeof *column);
    const double **list = mx_alloc(variables, sizeof *list);
    maxent_error error = finite == NULL || column == NULL || list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        finite->features = (mx_features){.storage = MX_STORE_F64, .state_stride = k, .feature_stride = 1};
        finite->features.owned = mx_alloc(n * k + 1, sizeof(double));
        finite->features.f64 = finite->features.owned;
        finite->q = mx_alloc(n + 1, sizeof *finite->q);
        error = finite->features.owned == NULL || finite->q == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    }
    for (size_t v = 0; error == MAXENT_OK && v < variables; v++) {
        size_t before = 1;
        for (size_t w = 0; w < v; w++)
            before *= rest->support.variable[w].levels;
        const mx_variable *variable = &rest->support.variable[v];
        list[v] = column + v * n;
        for (size_t x = 0; x < n; x++) {
            size_t level = x / before % variable->levels;
            column[v * n + x] = variable->named ? (double)level : variable->number[level];
        }
    }
    mx_points points = {n, list, NULL};
    if (error == MAXENT_OK && mx_field_values(rest, &points, finite->features.owned, NULL, finite->q) != 0)
        error = MAXENT_ERROR_MEMORY;
    for (size_t x = 0; error == MAXENT_OK && x < n; x++) {
        double at[MX_EQUATION_VARIABLES];
        for (size_t v = 0; v < variables; v++)
            at[v] = column[v * n + x];
        finite->q[x] = finite->q[x] > -INFINITY || prior_beside(problem, at) ? 1 : 0;
        states += finite->q[x] > 0;
    }
    if (error == MAXENT_OK && states == 0)
        error = MAXENT_ERROR_VALUE;
    for (size_t i = 0; error == MAXENT_OK && i < k; i++) {
        finite->fact[i] = rest->fact[i];
        finite->fact[i].text = NULL;
    }
    mx_free(column);
    mx_free(list);
    if (error != MAXENT_OK) {
        maxent_problem_free(finite);
        return error;
    }
    *out = finite;
    return MAXENT_OK;
}

/* The verdict on what is left when the settled variables have their values. */
static maxent_error ask_rest(mx_run *run, const pins *p, const unsigned char *watched, maxent_verdict *verdict)
{
    const maxent_problem *problem = run->problem;
    size_t variables = problem->support.variables, k = problem->k;
    maxent_problem rest = *problem, *finite = NULL;
    int running = 0;
    rest.support.variable = mx_alloc(variables, sizeof *rest.support.variable);
    rest.fact = mx_alloc(k + 1, sizeof *rest.fact);
    double number[MX_EQUATION_VARIABLES];
    maxent_error error = rest.support.variable == NULL || rest.fact == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t v = 0; error == MAXENT_OK && v < variables; v++) {
        rest.support.variable[v] = problem->support.variable[v];
        number[v] = p->at[v];
        if (p->settled[v]) {
            mx_variable *variable = &rest.support.variable[v];
            *variable = (mx_variable){.name = variable->name, .extent = MX_LISTED, .levels = 1, .number = &number[v], .stride = 1};
        }
        running |= rest.support.variable[v].extent != MX_LISTED;
    }
    for (size_t i = 0; error == MAXENT_OK && i < k; i++) {
        rest.fact[i] = problem->fact[i];
        if (watched[i]) {
            rest.fact[i].lower = -INFINITY;
            rest.fact[i].upper = INFINITY;
        }
    }
    if (error == MAXENT_OK && !running)
        error = make_finite(problem, &rest, &finite);
    *verdict = MAXENT_UNFINISHED;
    if (error == MAXENT_OK && (running || finite != NULL))
        error = mx_solve_trial(run, running ? &rest : finite, run->deadline, verdict);
    if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY) { /* whatever it is that cannot be computed there */
        error = MAXENT_OK;
        *verdict = MAXENT_UNFINISHED;
    }
    maxent_problem_free(finite);
    mx_free(rest.support.variable);
    mx_free(rest.fact);
    return error;
}

/* "x = 3", "x = y + 1", "x + 2 y = 1". */
static void say_line(const maxent_problem *problem, const mx_equation *line, int first, char *out, size_t size)
{
    size_t used = strlen(out), terms = 0, which[2] = {0, 0};
    for (size_t v = 0; v < problem->support.variables; v++)
        if (line->a[v] != 0 && terms++ < 2)
            which[terms - 1] = v;
    const mx_variable *variable = problem->support.variable;
    used += (size_t)snprintf(out + used, size - used, "%s", first ? "" : " and ");
    if (terms == 2 && line->a[which[0]] == 1 && line->a[which[1]] == -1) {
        used += (size_t)snprintf(out + used, size - used, "%.30s = %.30s", variable[which[0]].name, variable[which[1]].name);
        if (line->b != 0)
            snprintf(out + used, size - used, " %c %.10g", line->b > 0 ? '+' : '-', fabs(line->b));
        return;
    }
    for (size_t v = 0, said = 0; v < problem->support.variables && used + 80 < size; v++) {
        if (line->a[v] == 0)
            continue;
        char factor[32] = "";
        if (fabs(line->a[v]) != 1)
            snprintf(factor, sizeof factor, "%.10g ", fabs(line->a[v]));
        used += (size_t)snprintf(out + used, size - used, "%s%s%.30s", said++ > 0 ? (line->a[v] < 0 ? " - " : " + ") : "", factor,
                                 variable[v].name);
    }
    snprintf(out + used, size - used, " = %.10g", line->b + 0.0);
}

maxent_error mx_pinned_look(mx_run *run, const signed char *side, mx_pinned *pinned)
{
    const maxent_problem *problem = run->problem;
    maxent_verdict verdict = MAXENT_UNFINISHED;
    pins p;
    unsigned char *watched = mx_zalloc(problem->k + 1, 1);
    maxent_error error = watched == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int settled = 0;
    pinned->where[0] = '\0';
    if (error == MAXENT_OK && find(problem, side, &p, watched)) {
        for (size_t v = 0; v < problem->support.variables; v++)
            settled |= p.settled[v];
        for (size_t j = 0; j < p.lines && strlen(pinned->where) < sizeof pinned->where / 2; j++)
            say_line(problem, &p.line[j], j == 0, pinned->where, sizeof pinned->where);
        if (settled)
            error = ask_rest(run, &p, watched, &verdict);
    }
    pinned->rest = verdict == MAXENT_UNFINISHED || verdict == MAXENT_INFEASIBLE ? verdict : MAXENT_SINGULAR;
    mx_free(watched);
    return error;
}

maxent_error mx_pinned_tell(mx_run *run, const signed char *side, const mx_pinned *pinned)
{
    maxent_result *result = run->result;
    size_t k = run->problem->k;
    int known = pinned->rest != MAXENT_UNFINISHED || result->verdict != MAXENT_UNFINISHED;
    if (!known || (result->verdict == MAXENT_INFEASIBLE && pinned->rest != MAXENT_SINGULAR))
        return MAXENT_OK;
    mx_result_withdraw(result);
    mx_free(result->direction);
    result->direction = mx_zalloc(k + 1, sizeof *result->direction);
    if (result->direction == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t i = 0; i < k; i++)
        result->direction[i] = side[i];
    result->verdict = pinned->rest == MAXENT_INFEASIBLE ? MAXENT_INFEASIBLE : MAXENT_SINGULAR;
    mx_explain_pinned(run, pinned->where);
    if (result->verdict == MAXENT_INFEASIBLE) { /* what adds up to a certificate is not known */
        mx_free(result->direction);
        result->direction = NULL;
    }
    return MAXENT_OK;
}
