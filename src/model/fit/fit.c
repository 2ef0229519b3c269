/* maxent_model_fit: options, method, model. */
#include "model/fit/ascent.h"
#include "model/fit/newton.h"
#include "model/fit/proximal.h"
#include "model/fit/task.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAMPLE 1000      /* events that tell how stiff the data are */
#define STIFF 3e4        /* where dual ascent needs more passes than conjugate gradients: those grow with it, these with its root */
#define MOST_ERRORS 4096 /* weights that standard errors are computed for: a matrix of 134 MB */

const char *maxent_fit_method_word(maxent_fit_method method)
{
    static const char *const word[] = {
#define WORD(name, text, more) text,
        MAXENT_FIT_METHODS(WORD)
#undef WORD
    };
    return (unsigned)method < MAXENT_FIT_METHOD_COUNT ? word[method] : "unknown method";
}

void maxent_fit_options_init(maxent_fit_options *options)
{
    *options = (maxent_fit_options){.tolerance = 1e-6, .seed = 1};
}

/* What the choice of the method rests on. */
typedef struct traits {
    int sharp;       /* some L1 */
    int all_smooth;  /* L2 on every feature */
    double newton;   /* multiply-adds that a Hessian takes */
    double pass;     /* and a pass */
    double stiffness; /* sum_j x_ej^2 / l2_j, the mean of some events; with L2 on every feature */
} traits;

static traits traits_of(const mx_task *task)
{
    traits t = {.all_smooth = 1};
    for (size_t j = 0; j < task->m; j++) {
        t.sharp |= mx_task_l1(task, j) > 0;
        t.all_smooth &= mx_task_l2(task, j) > 0;
    }
    t.sharp |= task->intercept && task->l1_bias > 0;
    double V = (double)task->V;
    for (size_t e = 0; e < task->n; e++) {
        double k = (double)(task->events->row[e + 1] - task->events->row[e]) + task->intercept;
        t.pass += 2 * k * V;
    }
    t.newton = mx_task_hessian_work(task);
    const size_t each = task->n / SAMPLE + 1;
    for (size_t e = 0; t.all_smooth && e < task->n; e += each)
        for (size_t i = task->events->row[e]; i < task->events->row[e + 1]; i++) {
            const double x = mx_event_value(task->events, i);
            t.stiffness += x * x / mx_task_l2(task, task->events->index[i]) * (double)each / (double)task->n;
        }
    return t;
}

/* Newton when its matrices are small beside the data or at all, and ten iterations cost no more than some eighty passes of ascent
 * would. */
static maxent_fit_method choose(const mx_task *task, const traits *t)
{
    if (t->sharp)
        return MAXENT_FIT_PROXIMAL;
    if (task->P <= 3000 && (t->newton <= 8 * t->pass + 2e7 || (!t->all_smooth && t->newton <= 1e10)))
        return MAXENT_FIT_NEWTON;
    if (t->all_smooth && task->C <= MX_ASCENT_CLASSES && t->stiffness <= STIFF)
        return MAXENT_FIT_DUAL;
    return MAXENT_FIT_NEWTON_CG;
}

static maxent_error suits(const mx_task *task, const traits *t, maxent_fit_method method, maxent_diagnostic *diagnostic)
{
    if (t->sharp && method != MAXENT_FIT_PROXIMAL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the method %s does not take an L1 penalty; proximal does",
                       maxent_fit_method_word(method));
    if (method == MAXENT_FIT_DUAL && (!t->all_smooth || task->C > MX_ASCENT_CLASSES))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the method dual needs an L2 penalty on every feature, and at most %d classes",
                       MX_ASCENT_CLASSES);
    if (method == MAXENT_FIT_NEWTON && task->P > 20000)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu weights are too many for a Hessian; newton-cg has none", task->P);
    return MAXENT_OK;
}

/* Values whose squares a method's arithmetic could not hold, or beside which the L1 penalty is nothing. */
static maxent_error sized(const mx_task *task, maxent_fit_method method, maxent_diagnostic *diagnostic)
{
    const maxent_events *events = task->events;
    const int single = method == MAXENT_FIT_DUAL || (method == MAXENT_FIT_PROXIMAL && mx_proximal_is_large(task));
    const double most = single ? 1e15 : 1e150;
    int beyond = events->value != NULL || method == MAXENT_FIT_PROXIMAL;
    for (size_t i = 0; events->code != NULL && i < 256; i++)
        beyond |= fabs(events->level[i]) > most;
    for (size_t e = 0; beyond && e < task->n; e++)
        for (size_t i = events->row[e]; i < events->row[e + 1]; i++) {
            const double size = fabs(mx_event_value(events, i)), l1 = mx_task_l1(task, events->index[i]);
            char name[64];
            if (!(size <= most) || (l1 > 0 && size * 1e-16 > l1))
                (void)mx_space_feature_name(events->space, events->index[i], name, sizeof name);
            if (l1 > 0 && size * 1e-16 > l1 && size <= most) /* the gap asks whether the gradient is above l1 */
                return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                               "the L1 penalty of feature %s, %.3g beside values of %.3g, is lost in the rounding of its gradient: divide "
                               "that feature by a number, or leave the penalty out", name, l1, size);
            if (!(size <= most))
                return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                               "a value of feature %s is %.3g; the method %s holds values up to %.0e: divide that feature by a number",
                               name, mx_event_value(events, i), maxent_fit_method_word(method), most);
        }
    return MAXENT_OK;
}

static void say(const mx_task *task, const mx_found *found, maxent_fit *fit)
{
    if (fit->verdict == MAXENT_SOLVED)
        (void)snprintf(fit->message, sizeof fit->message, "the optimum, to a gap of %.2g of the objective",
                       fit->objective > 0 ? fit->gap / fit->objective : 0.0);
    else if (fit->verdict == MAXENT_BOUNDARY)
        (void)snprintf(fit->message, sizeof fit->message,
                       "%zu of %zu events are separated from a class by weights without penalty, which would grow without end; "
                       "a penalty (--l2) makes them finite", found->separated, task->n);
    else
        (void)snprintf(fit->message, sizeof fit->message, "stopped after %zu iterations with a gap of %.2g of the objective",
                       fit->iterations, fit->objective > 0 ? fit->gap / fit->objective : 0.0);
}

maxent_error maxent_model_fit(const maxent_events *events, const maxent_fit_options *given, maxent_model **out, maxent_fit *fit,
                              maxent_diagnostic *diagnostic)
{
    maxent_fit_options options;
    mx_task task;
    mx_found found = {0};
    maxent_model *model = NULL;
    maxent_fit result = {0};
    double *covariance = NULL;
    maxent_fit_options_init(&options);
    if (given != NULL)
        options = *given;
    maxent_error error = mx_task_begin(&task, events, &options, diagnostic);
    if (error != MAXENT_OK)
        goto done;
    traits about = traits_of(&task);
    result.method = options.method == MAXENT_FIT_AUTO ? choose(&task, &about) : options.method;
    error = suits(&task, &about, result.method, diagnostic);
    if (error == MAXENT_OK)
        error = sized(&task, result.method, diagnostic);
    if (error == MAXENT_OK && options.standard_errors && task.P > MOST_ERRORS)
        error = mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "standard errors of %zu weights: at most %d", task.P, MOST_ERRORS);
    if (error != MAXENT_OK)
        goto done;
    found.w = mx_zalloc(task.P, sizeof *found.w);
    if (found.w == NULL) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for %zu weights", task.P);
        goto done;
    }
    if (options.start != NULL) {
        error = mx_task_start(&task, options.start, found.w, diagnostic);
        found.warm = 1;
        if (error != MAXENT_OK)
            goto done;
    }
    switch (result.method) {
    case MAXENT_FIT_NEWTON:
        error = mx_fit_newton(&task, &found);
        break;
    case MAXENT_FIT_NEWTON_CG:
        error = mx_fit_newton_cg(&task, &found);
        break;
    case MAXENT_FIT_PROXIMAL:
        error = mx_fit_proximal(&task, &found);
        break;
    default:
        error = mx_fit_dual(&task, &found);
        if (error == MAXENT_OK && found.stuck && options.method == MAXENT_FIT_AUTO) { /* double precision, then */
            const size_t before = found.iterations;
            result.method = MAXENT_FIT_NEWTON_CG;
            found.warm = 1;
            error = mx_fit_newton_cg(&task, &found);
            found.iterations += before;
        }
        break;
    }
    if (error != MAXENT_OK) {
        error = mx_fail(diagnostic, error, "no memory to fit %zu weights to %zu events", task.P, task.n);
        goto done;
    }
    if (options.standard_errors)
        error = mx_task_covariance(&task, found.w, &covariance);
    if (error == MAXENT_OK)
        model = mx_task_model_of(&task, &found.w);
    if (model == NULL) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory for a model of %zu weights", task.P);
        goto done;
    }
    model->covariance = covariance;
    covariance = NULL;
    model->direction = found.direction;
    found.direction = NULL;
    result.verdict = found.verdict;
    result.objective = found.objective;
    result.log_loss = found.loss;
    result.penalty = found.objective - found.loss;
    result.gap = found.gap;
    result.gradient = found.gradient;
    result.separated = found.separated;
    result.iterations = found.iterations;
    result.passes = task.products / 2;
    result.seconds = mx_task_seconds(&task);
    result.cpu_seconds = mx_task_cpu(&task);
    result.threads = task.threads;
    say(&task, &found, &result);
    model->fit = result;
    *out = model;
    model = NULL;
    if (fit != NULL)
        *fit = result;
done:
    maxent_model_free(model);
    mx_free(found.w);
    mx_free(covariance);
    mx_free(found.direction);
    mx_task_end(&task);
    return error;
}
