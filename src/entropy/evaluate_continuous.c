/* Quantities of continuous columns: h by nearest neighbours or spacings, I by KSG, Gao et al. or Ross; and quantities of columns that
 * hold probabilities.
 *
 *     h(A | C) = sum_d p(d) [h(A, K | D = d) - h(K | D = d)],    D: the discrete columns of C, K: the continuous ones
 *
 * I(A; B): all columns of both sides continuous (or numbers): KSG, and where points repeat, Gao et al.; one side discrete and the other
 * continuous: Ross; anything else: Gao et al. I(A; B | C): all columns continuous: Frenzel and Pompe; where points repeat or columns are
 * discrete: Mesner and Shalizi. Which one was used is in the result. Intervals are normal ones around the value with the estimator's
 * standard error.
 *
 * Numbers are coordinates with their values, discrete ones too. A column of names with L levels becomes log2 L coordinates, the bits
 * of the level's number: with the largest difference of a coordinate as the distance, any two names are 1 apart.
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

static int any_continuous(const mx_sample *sample, uint64_t set)
{
    for (size_t j = 0; j < sample->tally.columns; j++)
        if ((set >> j & 1) && sample->column[j].continuous)
            return 1;
    return 0;
}

static int all_columns(const mx_sample *sample, uint64_t set, int continuous)
{
    for (size_t j = 0; j < sample->tally.columns; j++)
        if ((set >> j & 1) && !(continuous ? sample->column[j].continuous : sample->column[j].numeric))
            return 0;
    return 1;
}

/* The class of each row: its combination of the columns of a discrete set; the empty set: one class. *classes: how many. */
static uint32_t *classes_of(const mx_sample *sample, uint64_t set, size_t *classes)
{
    uint32_t *group = mx_alloc(sample->tally.tuples, sizeof *group), *code = mx_alloc(sample->tally.total_rows, sizeof *code);
    size_t used = 0;
    if (group == NULL || code == NULL || (*classes = mx_sample_groups(sample, set, group)) == 0) {
        mx_free(code);
        code = NULL;
    }
    for (size_t t = 0; code != NULL && t < sample->tally.tuples; t++)
        for (size_t i = 0; i < sample->tally.rows[t]; i++)
            code[used++] = group[t];
    mx_free(group);
    return code;
}

/* Rows class by class, in order within each: order[start[c]] .. order[start[c + 1] - 1] are those of class c. start: [classes + 1]. */
static int sort_classes(size_t n, const uint32_t *code, size_t classes, size_t **order, size_t **start)
{
    *order = mx_alloc(n, sizeof **order);
    *start = mx_zalloc(classes + 2, sizeof **start);
    if (*order == NULL || *start == NULL)
        return 0;
    for (size_t i = 0; i < n; i++)
        (*start)[code[i] + 2]++;
    for (size_t c = 2; c <= classes; c++)
        (*start)[c] += (*start)[c - 1];
    for (size_t i = 0; i < n; i++)
        (*order)[(*start)[code[i] + 1]++] = i;
    return 1;
}

/* ---- h ---- */

static maxent_error one_differential(const mx_task *task, size_t n, size_t d, const double *x, double *out, double *sd,
                                     maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    maxent_spacing spacing;
    *sd = NAN;
    if (options->estimator != NULL && spacing_of(options->estimator, &spacing))
        return maxent_spacing_entropy(spacing, n, x, options->window, out, diagnostic);
    return maxent_knn_entropy(n, d, x, options->k, options->threads, out, sd, diagnostic);
}

/* sum_g (n_g / n) h(set | class g): of the classes that the discrete columns in `given` make. */
static maxent_error differential(const mx_sample *sample, const mx_task *task, uint64_t set, uint64_t given, double *out, double *sd,
                                 maxent_diagnostic *diagnostic)
{
    size_t n = sample->tally.total_rows, d = columns_of(set), classes = 0, *order = NULL, *start = NULL;
    double *points = mx_sample_points(sample, set), *part = mx_alloc(n, d * sizeof *part);
    uint32_t *code = classes_of(sample, given, &classes);
    double mean = 0, squares = 0, variance = 0;
    maxent_error error = MAXENT_OK;
    if (points == NULL || part == NULL || code == NULL || !sort_classes(n, code, classes, &order, &start)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t g = 0; g < classes; g++) {
        size_t members = start[g + 1] - start[g];
        double h, error_here, share = (double)members / (double)n;
        for (size_t i = 0; i < members; i++)
            memcpy(part + i * d, points + order[start[g] + i] * d, d * sizeof *part);
        if ((error = one_differential(task, members, d, part, &h, &error_here, diagnostic)) != MAXENT_OK) {
            error = error == MAXENT_ERROR_ARGUMENT && given != 0
                        ? mx_quantity_fail(task->text, 0, diagnostic, error, "%zu row%s only of one combination of the discrete columns "
                                           "that are given, too few for an entropy of its own (a column of numbers from a density has "
                                           "to be called continuous)", members, members == 1 ? "" : "s")
                        : explain(sample, task, set | given, error, diagnostic);
            goto cleanup;
        }
        mean += share * h;
        squares += share * h * h;
        variance += share * share * error_here * error_here;
    }
    *out = mean;
    *sd = classes == 1 ? sqrt(variance) : sqrt(variance + fmax(squares - mean * mean, 0) / (double)n); /* within and between classes */

cleanup:
    mx_free(points);
    mx_free(part);
    mx_free(code);
    mx_free(order);
    mx_free(start);
    return error;
}

static maxent_error evaluate_h(const mx_sample *sample, const mx_task *task, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    uint64_t a = mx_task_set(task, 0), c = mx_task_set(task, -1), real = 0;
    for (size_t j = 0; j < sample->tally.columns; j++)
        if ((c >> j & 1) && sample->column[j].continuous)
            real |= (uint64_t)1 << j;
    maxent_spacing spacing;
    int by_spacing = options->estimator != NULL && spacing_of(options->estimator, &spacing);
    if (options->estimator != NULL && !by_spacing && strcmp(options->estimator, "knn") != 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" does not estimate h; knn, vasicek, van-es, ebrahimi and correa do",
                                options->estimator);
    if (by_spacing && (columns_of(a) > 1 || real != 0))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "spacings are of one column; knn takes several");
    double h, hc = 0, sd, unused;
    maxent_error error = differential(sample, task, a | real, c & ~real, &h, &sd, diagnostic);
    if (error == MAXENT_OK && real != 0)
        error = differential(sample, task, real, c & ~real, &hc, &unused, diagnostic);
    if (error != MAXENT_OK)
        return error;
    out->value = h - hc;
    out->standard_error = real != 0 ? NAN : sd;
    snprintf(out->estimator, sizeof out->estimator, "%s", by_spacing ? options->estimator : "knn");
    return MAXENT_OK;
}

/* ---- I ---- */

/* What an information is estimated from. */
typedef struct sides {
    double *part[3];    /* [n][d] the points of A, B and C */
    size_t d[3], n;
    uint32_t *code;     /* [n] Ross: the classes of A */
    size_t *order, *start, strata; /* rows by classes of C, to be permuted within each */
} sides;

/* The columns in `set` as points [rows][*d], names as bits. NULL: no memory. */
static double *coordinates(const mx_sample *sample, uint64_t set, size_t *d)
{
    const mx_tally *tally = &sample->tally;
    *d = 0;
    for (size_t j = 0; j < tally->columns; j++) {
        int bits = 1;
        while (!sample->column[j].numeric && tally->column[j].levels.levels > (size_t)1 << bits)
            bits++;
        *d += set >> j & 1 ? (size_t)bits : 0;
    }
    double *points = mx_alloc(tally->total_rows, *d * sizeof *points);
    size_t used = 0;
    for (size_t t = 0; points != NULL && t < tally->tuples; t++)
        for (size_t row = 0; row < tally->rows[t]; row++)
            for (size_t j = 0; j < tally->columns; j++) {
                const mx_sample_column *column = &sample->column[j];
                uint32_t code = tally->code[t * tally->columns + j];
                if (!(set >> j & 1))
                    continue;
                if (column->numeric) {
                    points[used++] = column->value[code];
                    continue;
                }
                points[used++] = code & 1;
                for (size_t bit = 1; tally->column[j].levels.levels > (size_t)1 << bit; bit++)
                    points[used++] = code >> bit & 1;
            }
    return points;
}

static int conditional_of(const char *word, maxent_knn_conditional *out)
{
    for (int i = 0; i < MAXENT_KNN_CONDITIONAL_COUNT; i++)
        if (strcmp(word, maxent_knn_conditional_word((maxent_knn_conditional)i)) == 0) {
            *out = (maxent_knn_conditional)i;
            return 1;
        }
    return 0;
}

static maxent_error information(const sides *s, const mx_task *task, const char *word, double *out, double *sd,
                                maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *o = task->options;
    maxent_knn_information method;
    maxent_knn_conditional conditional;
    if (conditional_of(word, &conditional))
        return maxent_knn_conditional_information(conditional, s->n, s->d[0], s->part[0], s->d[1], s->part[1], s->d[2], s->part[2], o->k,
                                                  o->threads, out, sd, diagnostic);
    if (method_of(word, &method))
        return maxent_knn_mutual_information(method, s->n, s->d[0], s->part[0], s->d[1], s->part[1], o->k, o->threads, out, sd,
                                             diagnostic);
    return maxent_ross_mutual_information(s->n, s->code, s->d[1], s->part[1], o->k, o->threads, out, sd, diagnostic);
}

/* Fisher and Yates on the rows of B within each class of C. */
static maxent_error permute(sides *s, const mx_task *task, const char *word, maxent_measured *out, maxent_diagnostic *diagnostic)
{
    const maxent_measure_options *options = task->options;
    uint64_t state = options->seed;
    size_t at_least = 0, d = s->d[1];
    for (size_t r = 0; r < options->permutations; r++) {
        for (size_t g = 0; g < s->strata; g++) {
            const size_t *row = s->order + s->start[g];
            for (size_t i = s->start[g + 1] - s->start[g]; i-- > 1;) {
                size_t j = mx_random_below(&state, i + 1);
                for (size_t c = 0; c < d; c++) {
                    double swap = s->part[1][row[i] * d + c];
                    s->part[1][row[i] * d + c] = s->part[1][row[j] * d + c];
                    s->part[1][row[j] * d + c] = swap;
                }
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

/* The estimator's word, by what the columns are and what was asked for. */
static maxent_error choose(const mx_sample *sample, const mx_task *task, const uint64_t set[3], const char **word,
                           maxent_diagnostic *diagnostic)
{
    const char *asked = task->options->estimator;
    uint64_t all = set[0] | set[1] | set[2];
    int for_ross = !any_continuous(sample, set[0]) && all_columns(sample, set[1], 1), numbers = all_columns(sample, all, 0);
    maxent_knn_information method;
    maxent_knn_conditional conditional;
    if (asked == NULL)
        *word = set[2] != 0 ? (all_columns(sample, all, 1) ? "frenzel-pompe" : "mesner-shalizi")
                            : for_ross ? "ross" : numbers ? "ksg" : "gao";
    else
        *word = asked;
    if (set[2] != 0 && !conditional_of(*word, &conditional))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" does not estimate I(A; B | C) of continuous columns; frenzel-pompe and "
                                "mesner-shalizi do", *word);
    if (set[2] == 0 && strcmp(*word, "ross") != 0 && !method_of(*word, &method))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_ARGUMENT,
                                "the estimator \"%.40s\" does not estimate I of continuous columns; ksg, ksg2, gao and ross do", *word);
    if (strcmp(*word, "ross") == 0 && !for_ross)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "this estimator needs discrete columns on one side and continuous ones on the other; gao takes any");
    if (!numbers && strcmp(*word, "ross") != 0 && strcmp(*word, "gao") != 0 && strcmp(*word, "mesner-shalizi") != 0)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "this estimator needs numbers in every column; %s takes names too",
                                set[2] != 0 ? "mesner-shalizi" : "gao");
    return MAXENT_OK;
}

static maxent_error evaluate_information(const mx_sample *sample, const mx_task *task, maxent_measured *out,
                                         maxent_diagnostic *diagnostic)
{
    const mx_quantity *q = task->quantity;
    const maxent_measure_options *options = task->options;
    uint64_t set[3] = {mx_task_set(task, 0), mx_task_set(task, 1), mx_task_set(task, -1)};
    if (q->kind != MX_Q_INFORMATION || q->parts != 2)
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "of continuous columns, h(A), h(A | C), I(A; B) and I(A; B | C) are estimated; this one is for discrete "
                                "columns");
    if (options->permutations > 0 && any_continuous(sample, set[2]))
        return mx_quantity_fail(task->text, 0, diagnostic, MAXENT_ERROR_UNSUPPORTED,
                                "a permutation test permutes rows of equal C, and C is continuous here");
    if (!any_continuous(sample, set[1])) { /* a discrete side goes to the left */
        uint64_t swap = set[0];
        set[0] = set[1];
        set[1] = swap;
    }
    const char *word;
    maxent_error error = choose(sample, task, set, &word, diagnostic);
    if (error != MAXENT_OK)
        return error;
    sides s = {.n = sample->tally.total_rows};
    uint32_t *stratum = NULL;
    size_t classes;
    int failed = 0;
    for (int i = 0; i < 3; i++)
        if (i == 0 && strcmp(word, "ross") == 0)
            failed |= (s.code = classes_of(sample, set[0], &classes)) == NULL;
        else if (set[i] != 0)
            failed |= (s.part[i] = coordinates(sample, set[i], &s.d[i])) == NULL;
    if (options->permutations > 0)
        failed |= (stratum = classes_of(sample, set[2], &s.strata)) == NULL ||
                  !sort_classes(s.n, stratum, s.strata, &s.order, &s.start);
    if (failed) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    error = information(&s, task, word, &out->value, &out->standard_error, diagnostic);
    if (error == MAXENT_ERROR_VALUE && options->estimator == NULL && strcmp(word, "ross") != 0) {
        word = set[2] != 0 ? "mesner-shalizi" : "gao"; /* repeated points */
        error = information(&s, task, word, &out->value, &out->standard_error, diagnostic);
    }
    if (error != MAXENT_OK) {
        error = explain(sample, task, set[0] | set[1] | set[2], error, diagnostic);
        goto cleanup;
    }
    snprintf(out->estimator, sizeof out->estimator, "%s", word);
    if (options->permutations > 0)
        error = permute(&s, task, word, out, diagnostic);

cleanup:
    for (int i = 0; i < 3; i++)
        mx_free(s.part[i]);
    mx_free(s.code);
    mx_free(s.order);
    mx_free(s.start);
    mx_free(stratum);
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
