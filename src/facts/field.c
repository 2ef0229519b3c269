/* The problem on points: features, log prior and cuts of a continuous or countable support, as programs that are run over points.
 *
 * Nothing is stored: the solver chooses the points. Rows of features are written eight columns at a time, so that thousands of
 * features do not touch a line of memory for each number.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { HELD = 8 };

/* ---- rows ---- */

/* Columns that follow one another, until they are written as pieces of rows. */
typedef struct rows {
    size_t k;
    double *hi, *lo;       /* [n][k]; lo NULL: doubles */
    size_t column, held;   /* columns column .. column + held - 1 are held */
    size_t first, count;   /* for these points */
    double high[HELD * MX_POINT_BLOCK], low[HELD * MX_POINT_BLOCK];
} rows;

static void write_rows(const rows *r, const double *held, double *out)
{
    for (size_t j = 0; j < r->count; j++) {
        double *row = out + (r->first + j) * r->k + r->column;
        if (r->held == HELD)
            for (size_t i = 0; i < HELD; i++)
                row[i] = held[i * MX_POINT_BLOCK + j];
        else
            for (size_t i = 0; i < r->held; i++)
                row[i] = held[i * MX_POINT_BLOCK + j];
    }
}

static void flush(rows *r)
{
    write_rows(r, r->high, r->hi);
    if (r->lo != NULL)
        write_rows(r, r->low, r->lo);
    r->held = 0;
}

static int hold(rows *r, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    if (r->held == HELD || (r->held > 0 && (column != r->column + r->held || first != r->first)))
        flush(r);
    if (r->held == 0) {
        r->column = column;
        r->first = first;
        r->count = count;
    }
    memcpy(r->high + r->held * MX_POINT_BLOCK, hi, count * sizeof *hi);
    if (lo != NULL)
        memcpy(r->low + r->held * MX_POINT_BLOCK, lo, count * sizeof *lo);
    r->held++;
    return 0;
}

static int to_rows(void *user, size_t column, size_t first, size_t count, const double *value)
{
    return hold(user, column, first, count, value, NULL);
}

static int to_rows_dd(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    return hold(user, column, first, count, hi, lo);
}

static int run(const mx_program *program, const mx_points *points, double *hi, double *lo)
{
    rows r;
    r.k = program->k;
    r.hi = hi;
    r.lo = lo;
    r.held = 0;
    int stop = lo == NULL ? mx_program_run(program, points, 0, points->n, to_rows, &r)
                          : mx_program_run_dd(program, points, 0, points->n, to_rows_dd, &r);
    if (r.held > 0)
        flush(&r);
    return stop;
}

/* One column, in double-double, rounded. */
static int to_column(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    (void)column;
    (void)lo;
    memcpy((double *)user + first, hi, count * sizeof *hi);
    return 0;
}

/* The log prior, and what rules mass out of it. */
typedef struct bars {
    const double *to;
    double *logq, *low;    /* low may be NULL */
} bars;

static int bar(void *user, size_t column, size_t first, size_t count, const double *value)
{
    bars *b = user;
    for (size_t j = 0; j < count; j++)
        if (value[j] != b->to[column]) {
            b->logq[first + j] = -INFINITY;
            if (b->low != NULL)
                b->low[first + j] = 0;
        }
    return 0;
}

static int bar_dd(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    (void)lo;
    return bar(user, column, first, count, hi);
}

/* The prior becomes 0 at combinations of listed variables that are shut. */
static void shut(const maxent_problem *problem, const mx_points *points, double *logq, double *low)
{
    const mx_support *support = &problem->support;
    for (size_t j = 0; j < points->n; j++) {
        size_t combination = 0;
        for (size_t v = 0; v < support->variables; v++) {
            const mx_variable *variable = &support->variable[v];
            size_t level = 0;
            if (variable->extent != MX_LISTED)
                continue;
            while (!variable->named && level + 1 < variable->levels && variable->number[level] != points->value[v][j])
                level++;
            combination = combination * variable->levels + (variable->named ? (size_t)points->value[v][j] : level);
        }
        if (!problem->field->shut[combination])
            continue;
        logq[j] = -INFINITY;
        if (low != NULL)
            low[j] = 0;
    }
}

int mx_field_values(const maxent_problem *problem, const mx_points *points, double *hi, double *lo, double *logq)
{
    const mx_field *field = problem->field;
    bars b = {field->barred_to, logq, NULL};
    if (hi != NULL && problem->k > 0 && run(field->features, points, hi, lo) != 0)
        return -1;
    if (logq == NULL)
        return 0;
    int plain = hi != NULL && lo == NULL;
    int bad = plain ? run(field->prior, points, logq, NULL) : mx_program_run_dd(field->prior, points, 0, points->n, to_column, logq);
    if (bad == 0 && field->bar != NULL)
        bad = plain ? mx_program_run(field->bar, points, 0, points->n, bar, &b)
                    : mx_program_run_dd(field->bar, points, 0, points->n, bar_dd, &b);
    if (bad == 0 && field->shut != NULL)
        shut(problem, points, logq, NULL);
    return bad;
}

typedef struct pair {
    double *hi, *lo;
} pair;

static int to_pair(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo)
{
    pair *to = user;
    (void)column;
    memcpy(to->hi + first, hi, count * sizeof *hi);
    memcpy(to->lo + first, lo, count * sizeof *lo);
    return 0;
}

int mx_field_prior(const maxent_problem *problem, const mx_points *points, double *hi, double *lo)
{
    const mx_field *field = problem->field;
    pair to = {hi, lo};
    bars b = {field->barred_to, hi, lo};
    int bad = mx_program_run_dd(field->prior, points, 0, points->n, to_pair, &to);
    if (bad == 0 && field->bar != NULL)
        bad = mx_program_run_dd(field->bar, points, 0, points->n, bar_dd, &b);
    if (bad == 0 && field->shut != NULL)
        shut(problem, points, hi, lo);
    return bad;
}

size_t mx_field_cuts(const maxent_problem *problem)
{
    return problem->field->cuts;
}

mx_cut mx_field_cut(const maxent_problem *problem, size_t c)
{
    return problem->field->kind[c];
}

int mx_field_cut_values(const maxent_problem *problem, const mx_points *points, double *out)
{
    return problem->field->cuts == 0 ? 0 : run(problem->field->cut, points, out, NULL);
}

int mx_field_cut_values_exact(const maxent_problem *problem, const mx_points *points, double *hi, double *lo)
{
    return problem->field->cuts == 0 ? 0 : run(problem->field->cut, points, hi, lo);
}

size_t mx_field_arguments(const maxent_problem *problem)
{
    return problem->field->argument->k;
}

int mx_field_argument_values(const maxent_problem *problem, const mx_points *points, double *out)
{
    return problem->field->argument->k == 0 ? 0 : run(problem->field->argument, points, out, NULL);
}

/* ---- making ---- */

void mx_field_free(mx_field *field)
{
    if (field == NULL)
        return;
    mx_program_free(field->features);
    mx_program_free(field->prior);
    mx_program_free(field->cut);
    mx_program_free(field->argument);
    mx_graph_free(&field->graph);
    mx_free(field->root);
    mx_free(field->kind);
    mx_free(field);
}

maxent_error mx_problem_bar(const maxent_problem *problem, const signed char *side, maxent_problem *out)
{
    size_t k = problem->k, count = 0;
    *out = *problem;
    mx_field *field = out->field = mx_alloc(1, sizeof *field);
    out->fact = mx_alloc(k + 1, sizeof *out->fact);
    uint32_t *root = mx_alloc(k + 1, sizeof *root);
    if (field != NULL) {
        *field = *problem->field; /* all but what is new is the problem's own */
        field->bar = NULL;
        field->barred_to = mx_alloc(k + 1, sizeof *field->barred_to);
    }
    int missing = field == NULL || out->fact == NULL || root == NULL || field->barred_to == NULL;
    for (size_t i = 0; i < k && !missing; i++) {
        out->fact[i] = problem->fact[i];
        if (side[i] == 0)
            continue;
        root[count] = field->root[i];
        field->barred_to[count++] = side[i] > 0 ? problem->fact[i].upper : problem->fact[i].lower;
        out->fact[i].lower = -INFINITY;
        out->fact[i].upper = INFINITY;
        out->fact[i].target_error = 0;
    }
    if (!missing)
        field->bar = mx_program_new(&field->graph, root, count, 0);
    mx_free(root);
    if (missing || field->bar == NULL) {
        mx_problem_unbar(out);
        return MAXENT_ERROR_MEMORY;
    }
    return MAXENT_OK;
}

void mx_problem_shut(maxent_problem *barred, unsigned char *combinations)
{
    barred->field->shut = combinations;
}

void mx_problem_comb(maxent_problem *barred)
{
    barred->field->comb = 1;
}

int mx_field_comb(const maxent_problem *problem)
{
    return problem->field->comb;
}

int mx_field_barred(const maxent_problem *problem)
{
    return problem->field->bar != NULL;
}

void mx_problem_unbar(maxent_problem *barred)
{
    if (barred->field != NULL) {
        mx_program_free(barred->field->bar);
        mx_free(barred->field->barred_to);
    }
    mx_free(barred->field);
    mx_free(barred->fact);
    memset(barred, 0, sizeof *barred);
}

mx_field *mx_field_new(mx_graph *graph, const uint32_t *root, size_t k)
{
    mx_field *field = mx_zalloc(1, sizeof *field);
    uint32_t *cut = NULL, *argument = NULL;
    size_t arguments;
    if (field == NULL)
        return NULL;
    field->graph = *graph;
    *graph = (mx_graph){0};
    field->root = mx_alloc(k + 1, sizeof *field->root);
    if (field->root == NULL)
        goto failed;
    memcpy(field->root, root, (k + 1) * sizeof *root);
    if (!mx_cuts_find(&field->graph, root, k + 1, &field->kind, &cut, &field->cuts) ||
        !mx_arguments_find(&field->graph, root, k + 1, cut, field->cuts, &argument, &arguments))
        goto failed;
    field->features = mx_program_new(&field->graph, root, k, 0);
    field->prior = mx_program_new(&field->graph, root + k, 1, 0);
    field->cut = mx_program_new(&field->graph, cut, field->cuts, 0);
    field->argument = mx_program_new(&field->graph, argument, arguments, 0);
    if (field->features == NULL || field->prior == NULL || field->cut == NULL || field->argument == NULL)
        goto failed;
    mx_free(cut);
    mx_free(argument);
    return field;
failed:
    mx_free(cut);
    mx_free(argument);
    mx_field_free(field);
    return NULL;
}

void mx_field_support(mx_field *field, const mx_support *support)
{
    field->graph.support = field->features->support = field->prior->support = field->cut->support = field->argument->support = support;
}
