/* Quantities of continuous columns: h by nearest neighbours or spacings, I by KSG, Gao et al. or Ross; and quantities of columns that
 * hold probabilities.
 *
 *     h(A | C) = h(A, C) - h(C)
 *
 * I(A; B): all columns of both sides continuous (or numbers): KSG, and where points repeat, Gao et al.; one side discrete: Ross. Which
 * one was used is in the result. Intervals are normal ones around the value with the estimator's standard error.
 */
#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t columns_of(uint64_t set)
{
    size_t count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* z with P(|Z| <= z) = level, by bisection on erfc. */
static double normal_quantile(double level)
{
    double low = 0, high = 40;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / sqrt(2)) > 1 - level)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int method_of(const char *word, maxent_knn_information *out)
{
    for (int i = 0; i < MAXENT_KNN_INFORMATION_COUNT; i++)
        if (strcmp(word, maxent_knn_word((maxent_knn_information)i)) == 0) {
            *out = (maxent_knn_information)i;
            return 1;
        }
    return 0;
}

static int spacing_of(const char *word, maxent_spacing *out)
{
    for (int i = 0; i < MAXENT_SPACING_COUNT; i++)
        if (strcmp(word, maxent_spacing_word((maxent_spacing)i)) == 0) {
            *out = (maxent_spacing)i;
            return 1;
        }
    return 0;
}

/* Errors of the array functions, told of the quantity; of repeated points, how many rows of the file they are. */
static maxent_error explain(const mx_sample *sample, const mx_task *task, uint64_t set, maxent_error error,
                            maxent_diagnostic *diagnostic)
{
    if (error == MAXENT_ERROR_MEMORY || diagnostic == NULL)
        return error;
    char message[sizeof diagnostic->message];
    snprintf(message, sizeof message, "%s", diagnostic->message);
    uint32_t *group = mx_alloc(sample->tally.tuples, sizeof *group);
    size_t *rows = mx_zalloc(sample->tally.tuples, sizeof *rows), repeated = 0;
    size_t groups = group == NULL || rows == NULL ? 0 : mx_sample_groups(sample, set, group);
    for (size_t t = 0; groups > 0 && t < sample->tally.tuples; t++)
        rows[group[t]] += sample->tally.rows[t];
    for (size_t g = 0; g < groups; g++)
        repeated += rows[g] > 1 ? rows[g] : 0;
    mx_free(group);
    mx_free(rows);
    if (error == MAXENT_ERROR_VALUE && repeated > 0)
        return mx_quantity_fail(task->text, 0, diagnostic, error,
                                "%zu of %zu rows repeat a value, which a sample from a density never does; a finite estimate "
                                "cannot be given (%.200s)", repeated, sample->tally.total_rows, message);
    return mx_quantity_fail(task->text, 0, diagnostic, error, "%.480s", message);
}

static maxent_error differential(const mx_sample *sample, const mx_task *task, uint64_t set, double *out, double *sd,
                                 maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    size_t n = sample->tally.total_rows, d = columns_of(set);
    double *points = mx_sample_points(sample, set);
    if (points == NULL)
        return mx_no_memory(diagnostic);
    maxent_spacing spacing;
    maxent_error error;
    *sd = NAN;
    if (options->estimator != NULL && spacing_of(options->estimator, &spacing))
        error = maxent_spacing_entropy(spacing, n, points, options->window, out, diagnostic);
    else
        error = maxent_knn_entropy(n, d, points, options->k, options->threads, out, sd, diagnostic);
    mx_free(points);
    return error == MAXENT_OK ? error : explain(sample, task, set, error, diagnostic);
}

static maxent_error evaluate_h(const mx_sample *sample, const mx_task *task, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    uint64_t a = mx_task_set(task, 0), c = mx_task_set(task, -1);
    maxent_spacing spacing;
    int by_spacing = options->estimator != NULL && spacing_of(options->estimator, &spacing);
    if (options->estimator != NULL && !by_spacing && strcmp(options->estimator, "knn") != 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" does not estimate h; knn, vasicek, van-es, ebrahimi and correa do",
                                    options->estimator);
    if (by_spacing && (columns_of(a) > 1 || c != 0))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "spacings are of one column; knn takes several");
    double h, hc = 0, sd, unused;
    maxent_error error = differential(sample, task, a | c, &h, &sd, diagnostic);
    if (error == MAXENT_OK && c != 0)
        error = differential(sample, task, c, &hc, &unused, diagnostic);
    if (error != MAXENT_OK)
        return error;
    out->value = h - hc;
    out->standard_error = c != 0 ? NAN : sd;
    snprintf(out->estimator, sizeof out->estimator, "%s", by_spacing ? options->estimator : "knn");
    return MAXENT_OK;
}

/* What an information is estimated from: points or classes on the left, points on the right. */
typedef struct sides {
    double *x, *y;
    uint32_t *code;
    size_t dx, dy, n;
} sides;

static maxent_error information(const sides *s, const mx_task *task, const char *word, double *out, double *sd,
                                maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    maxent_knn_information method;
    if (!method_of(word, &method))
        return maxent_ross_mutual_information(s->n, s->code, s->dy, s->y, options->k, options->threads, out, sd, diagnostic);
    return maxent_knn_mutual_information(method, s->n, s->dx, s->x, s->dy, s->y, options->k, options->threads, out, sd, diagnostic);
}

static int all_columns(const mx_sample *sample, uint64_t set, int continuous)
{
    for (size_t j = 0; j < sample->tally.columns; j++)
        if ((set >> j & 1) && !(continuous ? sample->column[j].continuous : sample->column[j].numeric))
            return 0;
    return 1;
}

static int any_continuous(const mx_sample *sample, uint64_t set)
{
    for (size_t j = 0; j < sample->tally.columns; j++)
        if ((set >> j & 1) && sample->column[j].continuous)
            return 1;
    return 0;
}

/* The class of each row: its combination of the columns of a discrete side. */
static uint32_t *classes(const mx_sample *sample, uint64_t set)
{
    uint32_t *group = mx_alloc(sample->tally.tuples, sizeof *group), *code = mx_alloc(sample->tally.total_rows, sizeof *code);
    size_t used = 0;
    if (group == NULL || code == NULL || mx_sample_groups(sample, set, group) == 0) {
        mx_free(code);
        code = NULL;
    }
    for (size_t t = 0; code != NULL && t < sample->tally.tuples; t++)
        for (size_t i = 0; i < sample->tally.rows[t]; i++)
            code[used++] = group[t];
    mx_free(group);
    return code;
}

static maxent_error permute(sides *s, const mx_task *task, const char *word, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    uint64_t state = options->seed;
    size_t at_least = 0;
    for (size_t r = 0; r < options->permutations; r++) {
        for (size_t i = s->n; i-- > 1;) {
            size_t j = mx_random_below(&state, i + 1);
            for (size_t c = 0; c < s->dy; c++) {
                double swap = s->y[i * s->dy + c];
                s->y[i * s->dy + c] = s->y[j * s->dy + c];
                s->y[j * s->dy + c] = swap;
            }
        }
        double value;
        maxent_error error = information(s, task, word, &value, NULL, diagnostic);
        if (error != MAXENT_OK)
            return error;
        at_least += value >= out->value;
    }
    out->p_value = (1 + (double)at_least) / (1 + (double)options->permutations);
    return MAXENT_OK;
}

static maxent_error evaluate_information(const mx_sample *sample, const mx_task *task, maxent_measured *out,
                                         maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    const maxent_measure_options *options = task->options;
    uint64_t a = mx_task_set(task, 0), b = mx_task_set(task, 1);
    if (q->kind != MX_Q_INFORMATION || q->parts != 2 || mx_task_set(task, -1) != 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "of continuous columns, h(A), h(A | C) and I(A; B) are estimated; this one is for discrete columns");
    if (!any_continuous(sample, b)) { /* a discrete side goes to the left */
        uint64_t swap = a;
        a = b;
        b = swap;
    }
    int left_discrete = !any_continuous(sample, a), numbers = all_columns(sample, a | b, 0);
    const char *word = options->estimator != NULL ? options->estimator : left_discrete ? "ross" : "ksg";
    maxent_knn_information method;
    int is_ross = strcmp(word, "ross") == 0;
    if (!is_ross && !method_of(word, &method))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" does not estimate I of continuous columns; ksg, ksg2, gao and ross do",
                                    word);
    if ((is_ross && (!left_discrete || !all_columns(sample, b, 1))) || (!is_ross && !numbers))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                is_ross ? "this estimator needs discrete columns on one side and continuous ones on the other"
                                        : "this estimator needs numbers on both sides; ross takes names on one");
    sides s = {.n = sample->tally.total_rows, .dx = columns_of(a), .dy = columns_of(b)};
    maxent_error error;
    s.x = is_ross ? NULL : mx_sample_points(sample, a);
    s.code = is_ross ? classes(sample, a) : NULL;
    s.y = mx_sample_points(sample, b);
    if (s.y == NULL || (s.x == NULL && s.code == NULL)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    error = information(&s, task, word, &out->value, &out->standard_error, diagnostic);
    if (error == MAXENT_ERROR_VALUE && options->estimator == NULL && !is_ross) {
        word = "gao"; /* repeated points */
        error = information(&s, task, word, &out->value, &out->standard_error, diagnostic);
    }
    if (error != MAXENT_OK) {
        error = explain(sample, task, a | b, error, diagnostic);
        goto cleanup;
    }
    snprintf(out->estimator, sizeof out->estimator, "%s", word);
    if (options->permutations > 0)
        error = permute(&s, task, word, out, diagnostic);

cleanup:
    mx_free(s.x);
    mx_free(s.y);
    mx_free(s.code);
    return error;
}

maxent_error mx_evaluate_continuous(const mx_sample *sample, const mx_task *task, maxent_measured *out,
                                    maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    const maxent_measure_options *options = task->options;
    maxent_measured result = {.n = sample->n, .cells = NAN, .standard_error = NAN, .lower = NAN, .upper = NAN, .p_value = NAN};
    if (options->weight != NULL)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED, "weights are for discrete columns");
    if (options->counts.cells != 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT, "a number of cells is for discrete columns");
    if (q->kind == MX_Q_DIFFERENTIAL && options->permutations > 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED, "a permutation test belongs to I(A; B) only");
    maxent_error error = q->kind == MX_Q_DIFFERENTIAL ? evaluate_h(sample, task, &result, diagnostic)
                                                      : evaluate_information(sample, task, &result, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (options->replicates > 0 && isnan(result.standard_error))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED, "this estimator has no interval");
    if (options->replicates > 0) {
        double z = normal_quantile(options->level);
        result.lower = result.value - z * result.standard_error;
        result.upper = result.value + z * result.standard_error;
    }
    *out = result;
    return MAXENT_OK;
}

maxent_error mx_evaluate_given(size_t n, const double *const *p, const mx_task *task, maxent_measured *out,
                               maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    const maxent_measure_options *options = task->options;
    maxent_measured result = {.n = NAN, .cells = (double)n, .standard_error = NAN, .lower = NAN, .upper = NAN, .p_value = NAN};
    snprintf(result.estimator, sizeof result.estimator, "given");
    result.pure = q->kind == MX_Q_TSALLIS || q->kind == MX_Q_PERPLEXITY || q->kind == MX_Q_REDUNDANCY;
    if (options->estimator != NULL || options->counts.cells != 0 || options->replicates > 0 || options->permutations > 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "these columns hold probabilities: nothing is estimated, and estimators, cells, intervals and tests "
                                "do not apply");
    int two = q->kind == MX_Q_CROSS || q->kind == MX_Q_RELATIVE || q->kind == MX_Q_JENSEN;
    if (!two && q->names > 1)
        return mx_quantity_fail(task->text, q->at[1], diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "columns of probabilities have no joint distribution; the cross entropy is written H(p || q)");
    maxent_error error;
    switch (q->kind) {
    case MX_Q_ENTROPY: error = maxent_renyi(n, p[0], q->order, &result.value, diagnostic); break;
    case MX_Q_TSALLIS: error = maxent_tsallis(n, p[0], q->order, &result.value, diagnostic); break;
    case MX_Q_PERPLEXITY: error = maxent_perplexity(n, p[0], &result.value, diagnostic); break;
    case MX_Q_REDUNDANCY: error = maxent_redundancy(n, p[0], &result.value, diagnostic); break;
    case MX_Q_CROSS: error = maxent_cross_entropy(n, p[0], p[1], &result.value, diagnostic); break;
    case MX_Q_RELATIVE: error = maxent_relative_entropy(n, p[0], p[1], &result.value, diagnostic); break;
    case MX_Q_JENSEN: error = maxent_jensen_shannon(n, p[0], p[1], &result.value, diagnostic); break;
    default:
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "this quantity is not one of columns of probabilities");
    }
    if (error == MAXENT_OK)
        *out = result;
    return error;
}
