/* Reading a result: the accessors of maxent/solve.h and maxent/distribution.h. */
#include "solve/continuous/density.h"

#include <maxent/distribution.h>

#include "base/memory.h"
#include "solve/dual/kernels.h"

#include <math.h>
#include <string.h>

const char *maxent_verdict_word(maxent_verdict verdict)
{
    static const char *const word[] = {
#define WORD(name, json, text) json,
        MAXENT_VERDICTS(WORD)
#undef WORD
    };
    return (unsigned)verdict < MAXENT_VERDICT_COUNT ? word[verdict] : "unknown";
}

const char *maxent_verdict_text(maxent_verdict verdict)
{
    static const char *const line[] = {
#define LINE(name, json, text) text,
        MAXENT_VERDICTS(LINE)
#undef LINE
    };
    return (unsigned)verdict < MAXENT_VERDICT_COUNT ? line[verdict] : "unknown verdict";
}

maxent_verdict maxent_result_verdict(const maxent_result *result)
{
    return result->verdict;
}

const char *maxent_result_message(const maxent_result *result)
{
    return result->message;
}

const maxent_problem *maxent_result_problem(const maxent_result *result)
{
    return result->problem;
}

double maxent_result_entropy(const maxent_result *result)
{
    return result->entropy;
}

double maxent_result_entropy_without(const maxent_result *result)
{
    return result->entropy_without;
}

double maxent_result_relative_entropy(const maxent_result *result)
{
    return result->relative_entropy;
}

double maxent_result_log_partition(const maxent_result *result)
{
    return result->log_partition;
}

const double *maxent_result_probabilities(const maxent_result *result)
{
    return result->p;
}

size_t maxent_result_facts(const maxent_result *result)
{
    return result->shown;
}

void maxent_result_fact(const maxent_result *result, size_t number, maxent_fact *out)
{
    size_t i = result->fact[number];
    const mx_fact *fact = &result->problem->fact[i];
    double condition = 1;
    if (fact->given != SIZE_MAX)
        condition = result->achieved != NULL ? result->achieved[fact->given] : NAN;
    memset(out, 0, sizeof *out);
    out->text = fact->text;
    out->lower = fact->lower + fact->shift;
    out->upper = fact->upper + fact->shift;
    out->target = fact->lower == fact->upper ? out->lower : NAN;
    out->sd = fact->sd;
    out->achieved = result->achieved == NULL ? NAN : condition > 0 ? result->achieved[i] / condition + fact->shift : NAN;
    out->lambda = result->lambda != NULL ? result->lambda[i] : NAN;
    out->residual = result->residual != NULL ? result->residual[i] : NAN;
    out->cost = result->cost != NULL ? result->cost[i] : NAN;
    out->direction = result->direction != NULL ? result->direction[i] : 0;
    out->repair = result->repair != NULL ? result->repair[i] : NAN;
}

void maxent_result_certificate(const maxent_result *result, maxent_certificate *certificate)
{
    memset(certificate, 0, sizeof *certificate);
    certificate->residual = result->worst_residual;
    certificate->gap = result->gap;
    certificate->direction = result->direction;
    certificate->margin = result->verdict == MAXENT_INFEASIBLE ? result->margin : NAN;
    certificate->bound = result->bound;
    certificate->zeros = result->zeros;
}

size_t mx_result_vanishing(const maxent_result *result)
{
    const maxent_problem *problem = result->problem;
    size_t count = 0;
    for (size_t x = 0; result->p != NULL && x < problem->n; x++)
        count += result->p[x] == 0 && (problem->q == NULL || problem->q[x] > 0);
    return count > result->zeros ? count - result->zeros : 0;
}

void maxent_result_effort(const maxent_result *result, maxent_effort *effort)
{
    effort->iterations = result->iterations;
    effort->evaluations = result->evaluations;
    effort->seconds = result->seconds;
    effort->threads = result->threads;
}

/* The features at some of the nodes. 0, or -1: no memory. */
static int node_features(const maxent_problem *problem, const struct mx_density *d, size_t first, size_t count, double *block)
{
    size_t variables = d->variables;
    const double **part = mx_alloc(2 * variables, sizeof *part);
    if (part == NULL)
        return -1;
    for (size_t v = 0; v < variables; v++) {
        part[v] = d->value[v] + first;
        part[variables + v] = d->low != NULL && d->low[v] != NULL ? d->low[v] + first : NULL;
    }
    mx_points points = {.n = count, .value = part, .low = part + variables};
    int status = mx_field_values(problem, &points, block, NULL, NULL);
    mx_free((void *)part);
    return status;
}

maxent_error maxent_result_covariance(const maxent_result *result, double *out)
{
    enum { BLOCK = 256 };
    const maxent_problem *problem = result->problem;
    const struct mx_density *d = result->density;
    size_t k = problem->k, n = d != NULL ? d->n : problem->n;
    if ((result->p == NULL && d == NULL) || out == NULL)
        return MAXENT_ERROR_ARGUMENT;
    double mass[BLOCK];
    size_t ld = (k + 7) / 8 * 8;
    maxent_error error = MAXENT_ERROR_MEMORY;
    double *block = mx_alloc(BLOCK, (k + 1) * sizeof *block);
    double *panel = mx_alloc_aligned(BLOCK, (ld + 8) * sizeof *panel);
    double *scratch = mx_alloc_aligned(mx_gram_scratch(k) + 8, sizeof *scratch);
    double *scale = mx_alloc(k + 1, sizeof *scale);
    if (block == NULL || panel == NULL || scratch == NULL || scale == NULL)
        goto done;
    memset(out, 0, k * k * sizeof *out);
    for (size_t i = 0; i < k; i++)
        scale[i] = 1;
    for (size_t first = 0; first < n && k > 0; first += BLOCK) {
        size_t m = n - first < BLOCK ? n - first : BLOCK;
        if (d != NULL && node_features(problem, d, first, m, block) != 0)
            goto done;
        if (d == NULL && mx_features_block(problem, first, m, block) != 0) {
            error = MAXENT_ERROR_CALLBACK;
            goto done;
        }
        for (size_t j = 0; j < m; j++) {
            mass[j] = d != NULL ? exp(d->logw[first + j] + d->logp[first + j]) : result->p[first + j];
            for (size_t i = 0; i < k && mass[j] == 0; i++)
                block[j * k + i] = result->achieved[i]; /* 0 times infinity is no part of it */
        }
        mx_kernels_get()->load_f64(block, k, 1, m, k, result->achieved, scale, panel, ld);
        mx_kernels_get()->gram(panel, ld, m, k, mass, out, k, scratch);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            out[j * k + i] = out[i * k + j];
    error = MAXENT_OK;
done:
    mx_free(block);
    mx_free(panel);
    mx_free(scratch);
    mx_free(scale);
    return error;
}

void maxent_result_free(maxent_result *result)
{
    if (result == NULL)
        return;
    mx_free(result->p);
    mx_density_free(result->density);
    mx_free(result->lambda_low);
    mx_free(result->lambda);
    mx_free(result->achieved);
    mx_free(result->residual);
    mx_free(result->deviation);
    mx_free(result->cost);
    mx_free(result->direction);
    mx_free(result->forced);
    mx_free(result->repair);
    mx_free(result->fact);
    mx_free(result);
}

void mx_result_withdraw(maxent_result *result)
{
    mx_density_free(result->density);
    mx_free(result->p);
    mx_free(result->lambda);
    mx_free(result->lambda_low);
    result->density = NULL;
    result->p = result->lambda = result->lambda_low = NULL;
    result->entropy = result->relative_entropy = result->log_partition = result->worst_residual = result->gap = result->bound = NAN;
    for (size_t i = 0; i < result->problem->k; i++)
        result->achieved[i] = result->residual[i] = result->deviation[i] = NAN;
}
