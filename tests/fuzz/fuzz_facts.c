/* Fuzz target: any bytes as a problem in the facts language (of at most 4096 states, reading no files).
 *
 * Checked: no crash; an error has words and a caret within its excerpt; a problem keeps its promises: ordered bounds, texts,
 * finite features, the same in double-double to rounding, stored and computed alike, and the same problem for the same text.
 */
#include "facts/compile.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* At a few points of a continuous or countable support: what is there in doubles is there in double-double, cuts are finite or
 * not but worked out, and a polynomial has its value. */
static void check_field(const maxent_problem *p)
{
    enum { POINTS = 5 };
    size_t k = p->k, variables = p->support.variables;
    double *value = malloc(variables * POINTS * sizeof *value), *low = calloc(variables * POINTS, sizeof *low);
    const double **values = malloc(2 * variables * sizeof *values), **lows = values + variables;
    double *out = malloc((3 * k + 3 + mx_field_cuts(p)) * POINTS * sizeof *out);
    if (value == NULL || low == NULL || values == NULL || out == NULL)
        abort();
    for (size_t v = 0; v < variables; v++) {
        const mx_variable *variable = &p->support.variable[v];
        for (size_t j = 0; j < POINTS; j++) {
            double from = fmax(variable->lower, -3.0), to = fmin(variable->upper, 4.5), x = from + (to - from) * (double)j / POINTS;
            x = variable->extent == MX_WHOLE ? floor(x) : x;
            if (variable->extent == MX_LISTED)
                x = variable->named ? (double)(j % variable->levels) : variable->number[j % variable->levels];
            value[v * POINTS + j] = x;
        }
        values[v] = value + v * POINTS;
        lows[v] = low + v * POINTS;
    }
    mx_points points = {POINTS, values, lows};
    double *hi = out + POINTS * k, *lo = hi + POINTS * k, *logq = lo + POINTS * k;
    require(mx_field_values(p, &points, out, NULL, logq) == 0);
    require(mx_field_values(p, &points, hi, lo, logq + POINTS) == 0);
    for (size_t i = 0; i < POINTS * k; i++)
        require(isfinite(hi[i]) || lo[i] == 0);
    require(mx_field_cut_values(p, &points, logq + 2 * POINTS) == 0);
    for (size_t i = 0; i <= k; i++) {
        double *coefficient;
        size_t degree;
        if (mx_field_polynomial(p, i, &coefficient, &degree) == 1) {
            require(degree == 0 || coefficient[degree] != 0);
            free(coefficient);
        }
    }
    free(value);
    free(low);
    free(values);
    free(out);
}

static void check_problem(const maxent_problem *p)
{
    size_t k = p->k;
    double *row = malloc((k + 1) * sizeof *row), *hi = malloc((k + 1) * sizeof *hi), *lo = malloc((k + 1) * sizeof *lo);
    if (row == NULL || hi == NULL || lo == NULL)
        abort();
    require((p->n >= 1 && p->n <= 4096) || p->field != NULL);
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &p->fact[i];
        require(fact->text != NULL && fact->lower <= fact->upper && fact->sd >= 0 && fact->target_error >= 0);
        require(fact->given == SIZE_MAX || (fact->given < k && p->fact[fact->given].hidden));
        require(fact->hidden || isfinite(fact->lower) || isfinite(fact->upper));
    }
    if (p->field != NULL)
        check_field(p);
    for (size_t x = 0; x < p->n; x += 1 + p->n / 64) {
        double number = 0.0;
        for (size_t v = 0; v < p->support.variables; v++)
            require(maxent_problem_value(p, v, x, &number) != NULL || isfinite(number));
        require(p->q == NULL || (p->q[x] >= 0 && isfinite(p->q[x])));
        require(mx_features_block(p, x, 1, row) == 0 && mx_features_block_dd(p, x, 1, hi, lo) == 0);
        for (size_t i = 0; i < k; i++) {
            require(p->features.storage == MX_STORE_FILL || (isfinite(row[i]) && !isnan(hi[i]) && !isnan(lo[i])));
            require(p->features.fill_dd != NULL || (row[i] == hi[i] && lo[i] == 0) || !isfinite(row[i]));
        }
    }
    free(row);
    free(hi);
    free(lo);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mx_source source = {"fuzz", (const char *)data, size};
    maxent_problem *p = NULL, *again = NULL;
    maxent_diagnostic where;
    for (size_t i = 0; i + 1 < size; i++) /* no file outside of the folder that is not there, no standard input */
        if (data[i] == '"' && (data[i + 1] == '/' || data[i + 1] == '-' || data[i + 1] == '.'))
            return 0;
    maxent_error error = mx_compile_sources(&source, 1, "no such folder", 4096, NULL, &p, &where);
    if (error != MAXENT_OK) {
        require(p == NULL && where.error == error && where.message[0] != '\0');
        require(memchr(where.excerpt, '\0', sizeof where.excerpt) != NULL && where.caret <= characters(where.excerpt));
        require(mx_compile_sources(&source, 1, "no such folder", 4096, NULL, &p, NULL) == error);
        return 0;
    }
    check_problem(p);
    require(mx_compile_sources(&source, 1, "no such folder", 4096, NULL, &again, NULL) == MAXENT_OK);
    require(again->n == p->n && again->k == p->k && again->features.storage == p->features.storage);
    maxent_problem_free(p);
    maxent_problem_free(again);
    return 0;
}
