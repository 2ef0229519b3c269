/* Evaluating one quantity, by kind of columns. Each writes *out whole on success. */
#ifndef MX_EVALUATE_H
#define MX_EVALUATE_H

#include <maxent/measure.h>

#include "entropy/quantities.h"
#include "entropy/sample.h"

typedef struct mx_task {
    const char *text;            /* as the user wrote it, for errors */
    const mx_quantity *quantity;
    size_t column[MX_Q_NAMES];   /* of the sample, for each name */
    const maxent_measure_options *options;
} mx_task;

/* The columns of one part (-1: the condition) as a bit mask. */
uint64_t mx_task_set(const mx_task *task, int part);

/* An error at the i-th name of the quantity. */
maxent_error mx_task_fail(const mx_task *task, size_t i, maxent_diagnostic *diagnostic, maxent_error error, const char *format, ...)
    MX_PRINTF(5, 6);

/* Frequencies of combinations. */
maxent_error mx_evaluate_discrete(const mx_sample *sample, const mx_task *task, maxent_measured *out, maxent_diagnostic *diagnostic);

/* Densities: h(A), h(A | C), I(A; B) where at least one column is continuous. */
maxent_error mx_evaluate_continuous(const mx_sample *sample, const mx_task *task, maxent_measured *out, maxent_diagnostic *diagnostic);

/* Columns that hold probabilities: p[i] of the i-th name, [n] each. */
maxent_error mx_evaluate_given(size_t n, const double *const *p, const mx_task *task, maxent_measured *out,
                               maxent_diagnostic *diagnostic);

#endif
