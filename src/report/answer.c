/* What there is to report of an answer: whether there is one, its line, the part of it worth showing, its classes. */
#include "report/report.h"

#include "base/memory.h"
#include "solve/continuous/density.h"
#include "distribution/tails.h"

#include <math.h>
#include <string.h>

int mx_report_is_answered(const maxent_result *result)
{
    return maxent_result_probabilities(result) != NULL || result->density != NULL;
}

int mx_report_is_continuous(const maxent_problem *problem)
{
    return problem->field != NULL;
}

int mx_report_is_bounded(const maxent_problem *problem)
{
    for (size_t v = 0; v < problem->support.variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        if (variable->extent != MX_LISTED && (isinf(variable->lower) || isinf(variable->upper)))
            return 0;
    }
    return 1;
}

int mx_report_has_prior(const maxent_result *result)
{
    return mx_has_prior(result);
}

maxent_error mx_report_line(const maxent_result *result, mx_line **line)
{
    *line = NULL;
    if (result->density == NULL || maxent_result_problem(result)->support.variables != 1)
        return MAXENT_OK;
    mx_line_request request = {.result = result, .floor = 1e-16, .tolerance = 1e-9};
    return mx_line_new(&request, line);
}

int mx_report_has_no_law(const maxent_result *result, maxent_error error)
{
    return error == MAXENT_ERROR_VALUE && maxent_result_verdict(result) == MAXENT_UNFINISHED;
}

void mx_report_view(const mx_line *line, double *low, double *high)
{
    double quarter = mx_line_quantile(line, 0.25), half = mx_line_quantile(line, 0.5), three = mx_line_quantile(line, 0.75);
    double reach = 10.0 * (three - quarter), a = mx_line_quantile(line, 0.0005), b = mx_line_quantile(line, 0.9995);
    if (reach > 0.0) {
        a = fmax(a, half - reach);
        b = fmin(b, half + reach);
    }
    double span = b - a;
    if (isfinite(line->lower) && a - line->lower <= 0.3 * span)
        a = line->lower;
    if (isfinite(line->upper) && line->upper - b <= 0.3 * span)
        b = line->upper;
    if (!(b > a)) {
        double size = line->step > 0.0 ? 1.0 : 1e-6 * fmax(fabs(a), 1e-290);
        a -= size;
        b += size;
    }
    *low = a;
    *high = b;
}

double mx_report_mode(const mx_line *line, double low, double high)
{
    enum { PLACES = 32 };
    double mode = low, top = -1.0;
    for (size_t j = 0; j < line->pieces; j++) {
        const mx_stretch *piece = &line->piece[j];
        size_t places = piece->width > 0.0 ? PLACES + 1 : 1;
        for (size_t i = 0; i < places; i++) {
            double t = places == 1 ? 0.0 : -1.0 + 2.0 * (double)i / PLACES;
            double p = piece->width > 0.0 ? mx_stretch_at(piece, t) : piece->mass;
            double x = mx_dd_add_d(piece->left, 0.5 * (1.0 + t) * piece->width).hi;
            if (!(p > top * (1.0 + 1e-9)) || !(x >= low && x <= high))
                continue;
            top = p;
            double a = fmax(-1.0, t - 2.0 / PLACES), b = fmin(1.0, t + 2.0 / PLACES); /* a hill between the neighbours */
            for (int step = 0; step < 60 && places > 1; step++) {
                double c = a + (b - a) / 3.0, d = b - (b - a) / 3.0;
                if (mx_stretch_at(piece, c) < mx_stretch_at(piece, d))
                    a = c;
                else
                    b = d;
            }
            if (places > 1 && mx_stretch_at(piece, 0.5 * (a + b)) > p)
                x = mx_dd_add_d(piece->left, 0.5 * (1.0 + 0.5 * (a + b)) * piece->width).hi;
            mode = piece->count > 0.0 ? floor(x + 0.5) : x;
        }
    }
    return mode;
}

int mx_report_atoms(const mx_line *line, double left, size_t most, size_t *first, size_t *end)
{
    size_t a = 0, b = line->pieces;
    while (a < b && line->piece[a].before + line->piece[a].mass <= 0.5 * left)
        a++;
    while (b > a && line->piece[b - 1].after + line->piece[b - 1].mass <= 0.5 * left)
        b--;
    *first = a;
    *end = b;
    for (size_t j = a; j < b; j++)
        if (line->piece[j].width > 0.0)
            return 0;
    return b - a <= most && line->whole;
}

/* ---- classes ---- */

void mx_classes_free(mx_classes *classes)
{
    if (classes == NULL)
        return;
    mx_free(classes->level);
    mx_free(classes->p);
    mx_free(classes);
}

void mx_classes_held(const mx_classes *classes, const maxent_problem *problem, size_t i, double *held)
{
    size_t variables = problem->support.variables;
    for (size_t v = 0; v < variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        size_t level = classes->level[i * variables + v];
        held[v] = variable->extent != MX_LISTED ? 0.0 : variable->named ? (double)level : variable->number[level];
    }
}

void mx_classes_label(const mx_classes *classes, const maxent_problem *problem, size_t i, mx_buffer *out)
{
    size_t variables = problem->support.variables, written = 0;
    for (size_t v = 0; v < variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        size_t level = classes->level[i * variables + v];
        if (variable->extent != MX_LISTED)
            continue;
        mx_buffer_put(out, written++ == 0 ? "" : ", ");
        if (variable->named)
            mx_report_put_clean(out, variable->label[level]);
        else
            mx_report_number(out, variable->number[level], 6);
    }
}

/* Which class a node belongs to. */
static size_t class_of(const maxent_problem *problem, const struct mx_density *d, size_t j)
{
    size_t cell = 0;
    for (size_t v = 0; v < problem->support.variables; v++) {
        const mx_variable *variable = &problem->support.variable[v];
        if (variable->extent != MX_LISTED)
            continue;
        size_t level = 0;
        while (!variable->named && level + 1 < variable->levels && variable->number[level] != d->value[v][j])
            level++;
        cell = cell * variable->levels + (variable->named ? (size_t)d->value[v][j] : level);
    }
    return cell;
}

/* NaN for the moments of a class that its nodes do not settle. */
static void judge_tails(const maxent_problem *problem, const struct mx_density *d, mx_classes *c)
{
    size_t variables = problem->support.variables;
    for (size_t i = 0; i < c->count; i++)
        for (size_t v = 0; v < variables; v++) {
            mx_tails tails;
            mx_tails_start(&tails);
            for (size_t j = 0; j < d->n && problem->support.variable[v].extent != MX_LISTED; j++)
                if (class_of(problem, d, j) == i)
                    mx_tails_add(&tails, exp(d->logw[j] + d->logp[j]) / c->p[i], d->value[v][j]);
            for (int r = 0; r < 2; r++)
                if (!mx_tails_settled(&tails, r + 1))
                    (r == 0 ? c->mean : c->sd)[i * variables + v] = NAN;
        }
}

static void sum_classes(const maxent_problem *problem, const struct mx_density *d, mx_classes *c)
{
    size_t variables = problem->support.variables;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t j = 0; j < d->n; j++) {
            double p = exp(d->logw[j] + d->logp[j]);
            if (!(p > 0.0))
                continue;
            size_t i = class_of(problem, d, j);
            c->p[i] += pass == 0 ? p : 0.0;
            for (size_t v = 0; v < variables; v++) {
                double off = d->value[v][j] - (pass == 1 ? c->mean[i * variables + v] : 0.0);
                double *sum = pass == 0 ? &c->mean[i * variables + v] : &c->sd[i * variables + v];
                *sum += pass == 0 ? p * off : p * off * off;
            }
        }
        for (size_t i = 0; i < c->count; i++)
            for (size_t v = 0; v < variables; v++) {
                double *sum = pass == 0 ? &c->mean[i * variables + v] : &c->sd[i * variables + v];
                *sum = pass == 0 ? *sum / c->p[i] : sqrt(*sum / c->p[i]);
            }
    }
    judge_tails(problem, d, c);
}

maxent_error mx_classes_new(const maxent_result *result, mx_classes **out)
{
    const maxent_problem *problem = maxent_result_problem(result);
    size_t variables = problem->support.variables, count = 1;
    mx_classes *c = mx_zalloc(1, sizeof *c);
    if (c == NULL)
        return MAXENT_ERROR_MEMORY;
    c->v = variables;
    for (size_t v = 0; v < variables; v++) {
        if (problem->support.variable[v].extent != MX_LISTED) {
            c->v = c->running++ == 0 ? v : c->v;
            continue;
        }
        c->listed++;
        if (problem->support.variable[v].levels > 10000 / count) {
            mx_free(c);
            return MAXENT_ERROR_LIMIT;
        }
        count *= problem->support.variable[v].levels;
    }
    c->count = count;
    c->level = mx_zalloc(count, variables * sizeof *c->level);
    c->p = mx_zalloc(count, (1 + 2 * variables) * sizeof *c->p);
    if (c->level == NULL || c->p == NULL) {
        mx_classes_free(c);
        return MAXENT_ERROR_MEMORY;
    }
    c->mean = c->p + count;
    c->sd = c->mean + count * variables;
    for (size_t i = 0; i < count; i++) {
        size_t rest = i;
        for (size_t v = variables; v-- > 0;)
            if (problem->support.variable[v].extent == MX_LISTED) {
                c->level[i * variables + v] = rest % problem->support.variable[v].levels;
                rest /= problem->support.variable[v].levels;
            }
    }
    sum_classes(problem, result->density, c);
    *out = c;
    return MAXENT_OK;
}
