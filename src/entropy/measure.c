/* Measuring a file: parse the quantities, read the columns they name in one pass, decide what the columns are, evaluate.
 *
 * Discrete or continuous: a column of numbers that are not all whole is continuous, every other one discrete, unless the caller says
 * otherwise. Columns hold probabilities when the caller says so, when D, D_JS or H(p || q) is asked, or when a column of which only
 * entropies are asked has non-whole numbers in [0, 1] that sum to 1 within MAXENT_SUM_TOLERANCE.
 */
#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/evaluate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_COLUMNS = 64 };

static const maxent_measure_options defaults = {.counts = {0, 1.0, MAXENT_NSB_BETA_MAX}, .k = 3, .level = 0.95, .seed = 1};

typedef struct job {
    size_t count;
    const char *const *text;
    const maxent_measure_options *options;
    mx_quantity *quantity;               /* [count] */
    mx_task *task;                       /* [count] */
    const char *name[MOST_COLUMNS];      /* [columns] distinct names, owned by the quantities */
    size_t columns;
    size_t failed;
} job;

uint64_t mx_task_set(const mx_task *task, int part)
{
    uint64_t set = 0;
    for (size_t i = 0; i < task->quantity->names; i++)
        if (task->quantity->part[i] == part)
            set |= (uint64_t)1 << task->column[i];
    return set;
}

maxent_error mx_task_fail(const mx_task *task, size_t i, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return mx_quantity_fail(task->text, task->quantity->at[i], diagnostic, error, "%s", message);
}

/* Parses all quantities and gathers the names. */
static maxent_error parse(job *j, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < j->count; i++) {
        j->failed = i;
        maxent_error error = mx_quantity_parse(j->text[i], &j->quantity[i], diagnostic);
        if (error != MAXENT_OK)
            return error;
        j->task[i] = (mx_task){.text = j->text[i], .quantity = &j->quantity[i], .options = j->options};
        for (size_t k = 0; k < j->quantity[i].names; k++) {
            size_t c = 0;
            while (c < j->columns && strcmp(j->name[c], j->quantity[i].name[k]) != 0)
                c++;
            if (c == MOST_COLUMNS)
                return mx_task_fail(&j->task[i], k, diagnostic, MAXENT_ERROR_LIMIT, "more than %d columns in all", MOST_COLUMNS);
            if (c == j->columns)
                j->name[j->columns++] = j->quantity[i].name[k];
            j->task[i].column[k] = c;
        }
    }
    j->failed = j->count;
    return MAXENT_OK;
}

static int is_divergence(const mx_quantity *q)
{
    return q->kind == MX_Q_CROSS || q->kind == MX_Q_RELATIVE || q->kind == MX_Q_JENSEN;
}

static int is_single_entropy(const mx_quantity *q)
{
    return (q->kind == MX_Q_ENTROPY || q->kind == MX_Q_TSALLIS || q->kind == MX_Q_PERPLEXITY || q->kind == MX_Q_REDUNDANCY) &&
           q->names == 1;
}

/* ---- columns of probabilities ---- */

static maxent_error measure_table(job *j, mx_csv *csv, maxent_measured *out, size_t *dropped, maxent_diagnostic *diagnostic)
{
    mx_table table;
    mx_table_options options = {.missing = (mx_missing)j->options->missing, .column = j->name, .columns = j->columns};
    maxent_error error = mx_table_read_csv(csv, &options, &table, diagnostic);
    if (error != MAXENT_OK)
        return error;
    *dropped = table.dropped;
    for (size_t c = 0; error == MAXENT_OK && c < j->columns && j->options->normalize; c++)
        if (table.column[c].numeric)
            error = maxent_normalize(table.rows, table.column[c].number, diagnostic);
    for (size_t i = 0; error == MAXENT_OK && i < j->count; i++) {
        const double *p[2] = {NULL, NULL};
        const mx_quantity *q = &j->quantity[i];
        j->failed = i;
        for (size_t k = 0; error == MAXENT_OK && k < q->names; k++) {
            const mx_column *column = &table.column[j->task[i].column[k]];
            maxent_diagnostic inner;
            if (!column->numeric)
                error = mx_task_fail(&j->task[i], k, diagnostic, MAXENT_ERROR_VALUE,
                                     "column \"%.100s\" has names; probabilities are expected", column->name);
            else if ((error = maxent_probabilities_check(table.rows, column->number, &inner)) != MAXENT_OK)
                mx_task_fail(&j->task[i], k, diagnostic, error, "column \"%.100s\": %.300s", column->name, inner.message);
            else if (k < 2)
                p[k] = column->number;
        }
        if (error == MAXENT_OK)
            error = mx_evaluate_given(table.rows, p, &j->task[i], &out[i], diagnostic);
    }
    mx_table_free(&table);
    return error;
}

/* ---- columns of data ---- */

static maxent_error apply_choices(const job *j, mx_sample *sample, const char *const *list, size_t count, int continuous,
                                  maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++) {
        size_t c = 0;
        while (c < j->columns && strcmp(j->name[c], list[i]) != 0)
            c++;
        if (c == j->columns)
            return mx_fail(diagnostic, MAXENT_ERROR_NAME, "column \"%.100s\" is called %s, but no quantity names it", list[i],
                           continuous ? "continuous" : "discrete");
        if (continuous && !sample->column[c].numeric)
            return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                           "column \"%.100s\" is called continuous, but it does not hold numbers", list[i]);
        sample->column[c].continuous = continuous;
    }
    return MAXENT_OK;
}

/* 1 when the column looks like probabilities; then *p holds them, one a row. -1: no memory. */
static int looks_given(const mx_sample *sample, const mx_task *task, double **p)
{
    size_t c = task->column[0];
    const mx_sample_column *column = &sample->column[c];
    if (!column->continuous || task->options->weight != NULL)
        return 0;
    for (size_t i = 0; i < sample->tally.column[c].levels.levels; i++)
        if (!(column->value[i] >= 0 && column->value[i] <= 1))
            return 0;
    double *points = mx_sample_points(sample, (uint64_t)1 << c);
    if (points == NULL)
        return -1;
    if (maxent_probabilities_check(sample->tally.total_rows, points, NULL) != MAXENT_OK) {
        mx_free(points);
        return 0;
    }
    *p = points;
    return 1;
}

static maxent_error measure_one(const job *j, const mx_sample *sample, const mx_task *task, maxent_measured *out,
                                maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    (void)j;
    if (is_single_entropy(q)) {
        double *p = NULL;
        int given = looks_given(sample, task, &p);
        if (given < 0)
            return mx_no_memory(diagnostic);
        if (given) {
            const double *columns[1] = {p};
            maxent_error error = mx_evaluate_given(sample->tally.total_rows, columns, task, out, diagnostic);
            mx_free(p);
            return error;
        }
    }
    int continuous = 0;
    for (size_t k = 0; k < q->names; k++) {
        const mx_sample_column *column = &sample->column[task->column[k]];
        if (q->kind == MX_Q_DIFFERENTIAL && !column->numeric && q->part[k] == 0)
            return mx_task_fail(task, k, diagnostic, MAXENT_ERROR_VALUE,
                                "column \"%.100s\" has names; h is of numbers (H counts names)",
                                q->name[k]);
        if (column->continuous && q->kind != MX_Q_DIFFERENTIAL && q->kind != MX_Q_INFORMATION)
            return mx_task_fail(task, k, diagnostic, MAXENT_ERROR_VALUE,
                                "column \"%.100s\" is continuous (its numbers are not all whole): h(%.100s) is its differential entropy; "
                                "call it discrete to count its distinct values", q->name[k], q->name[k]);
        continuous |= column->continuous;
    }
    return continuous || q->kind == MX_Q_DIFFERENTIAL ? mx_evaluate_continuous(sample, task, out, diagnostic)
                                                      : mx_evaluate_discrete(sample, task, out, diagnostic);
}

static maxent_error measure_rows(job *j, mx_csv *csv, maxent_measured *out, size_t *dropped, maxent_diagnostic *diagnostic)
{
    mx_tally tally;
    mx_sample sample;
    mx_tally_options options = {(mx_missing)j->options->missing, j->name, j->columns, j->options->weight};
    maxent_error error = mx_tally_read(csv, &options, &tally, diagnostic);
    if (error != MAXENT_OK)
        return error;
    *dropped = tally.dropped;
    if ((error = mx_sample_new(&tally, &sample, diagnostic)) != MAXENT_OK)
        return error;
    if ((error = apply_choices(j, &sample, j->options->discrete, j->options->discretes, 0, diagnostic)) == MAXENT_OK)
        error = apply_choices(j, &sample, j->options->continuous, j->options->continuouses, 1, diagnostic);
    for (size_t i = 0; error == MAXENT_OK && i < j->count; i++) {
        j->failed = i;
        error = measure_one(j, &sample, &j->task[i], &out[i], diagnostic);
    }
    mx_sample_free(&sample);
    return error;
}

/* ---- public ---- */

void maxent_measure_options_init(maxent_measure_options *options)
{
    *options = defaults;
}

maxent_error maxent_measure_file(const char *path, size_t count, const char *const *quantity, const maxent_measure_options *options,
                                 maxent_measured *out, size_t *dropped, size_t *failed, maxent_diagnostic *diagnostic)
{
    if (options == NULL)
        options = &defaults;
    job j = {.count = count, .text = quantity, .options = options, .failed = count};
    mx_csv *csv = NULL;
    maxent_measured *result = NULL;
    size_t left_out = 0;
    maxent_error error = MAXENT_OK;
    if (count == 0)
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no quantities");
    else if (!(options->level > 0 && options->level < 1))
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the level of an interval must lie between 0 and 1");
    else if (options->replicates == 1)
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a bootstrap needs at least 2 replicates");
    else if (options->k == 0)
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "k must be at least 1");
    if (error != MAXENT_OK)
        goto cleanup;
    j.quantity = mx_zalloc(count, sizeof *j.quantity);
    j.task = mx_zalloc(count, sizeof *j.task);
    result = mx_zalloc(count, sizeof *result);
    if (j.quantity == NULL || j.task == NULL || result == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    if ((error = parse(&j, diagnostic)) != MAXENT_OK || (error = mx_csv_open(path, options->delimiter, &csv,
                                                                             diagnostic)) != MAXENT_OK)
        goto cleanup;
    int given = options->probabilities;
    for (size_t i = 0; i < count; i++)
        given |= is_divergence(&j.quantity[i]);
    error = given ? measure_table(&j, csv, result, &left_out, diagnostic) : measure_rows(&j, csv, result, &left_out, diagnostic);
    if (error != MAXENT_OK)
        goto cleanup;
    memcpy(out, result, count * sizeof *out);
    if (dropped != NULL)
        *dropped = left_out;

cleanup:
    if (failed != NULL)
        *failed = j.failed;
    for (size_t i = 0; j.quantity != NULL && i < count; i++)
        mx_quantity_free(&j.quantity[i]);
    mx_free(j.quantity);
    mx_free(j.task);
    mx_free(result);
    mx_csv_close(csv);
    return error;
}
