/* Measures over the states: the prior, the observed weights, and averages under the latter.
 *
 *     observed average of f  =  sum_x w_x f(x) / sum_x w_x,
 *
 * summed in double-double in the order of the states. `E[f] = observed` asks for it; all that a problem needs are worked out in
 * one pass, after which the facts are expanded again with the values known.
 */
#include "facts/compile.h"
#include "facts/field.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- prior and weights ---- */

typedef struct values {
    mx_watch *watch;
    double *value;
} values;

static int to_column(void *user, size_t column, size_t first, size_t count, const double *value)
{
    const values *to = user;
    (void)column;
    memcpy(to->value + first, value, count * sizeof *value);
    return mx_watch_due(first, first + count) && mx_watch_over(to->watch, 1) ? MX_COMPILE_STOP : 0;
}

static int measure(mx_compile *c, const mx_statement *s, const char *what, double **out)
{
    const mx_tree *tree = s->value;
    size_t n = c->support.n, count = 0;
    double *value = NULL;
    if (tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING) {
        if (!mx_list_values(c, tree, c->state_limit, &value, NULL, &count))
            return 0;
        if (count != n) {
            mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the %s has %zu number%s, the support has %zu state%s", what, count,
                            count == 1 ? "" : "s", n, n == 1 ? "" : "s");
            goto failed;
        }
    } else {
        uint32_t root = mx_check_number(c, tree);
        if (root == MX_NO_NODE)
            return 0;
        mx_program *program = mx_program_new(&c->graph, &root, 1, 0);
        value = mx_alloc(n, sizeof *value);
        values to = {c->watch, value};
        int stop = program == NULL || value == NULL ? -1 : mx_program_run(program, NULL, 0, n, to_column, &to);
        mx_program_free(program);
        if (stop != 0) {
            mx_compile_pass_failed(c, stop);
            goto failed;
        }
    }
    int positive = 0;
    for (size_t x = 0; x < n; x++) {
        if (!(value[x] >= 0) || isinf(value[x])) {
            char text[MX_DOUBLE_TEXT], state[200];
            mx_store_state(&c->support, x, state, sizeof state);
            mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the %s is %s at %s; it must be finite and not negative", what,
                            mx_double_text(value[x], text), state);
            goto failed;
        }
        positive |= value[x] > 0;
    }
    if (!positive) {
        mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the %s is zero in every state", what);
        goto failed;
    }
    *out = value;
    return 1;
failed:
    mx_free(value);
    return 0;
}

/* The prior of a continuous or countable support: the log of an expression, made from its tree. */
static int field_prior(mx_compile *c, const mx_statement *s)
{
    const mx_tree *tree = s->value;
    if (tree->kind == MX_TREE_SET || tree->kind == MX_TREE_STRING)
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE,
                               "a list is a prior for states, and this support has none; give a density, as in exp(-x)");
    uint32_t root = mx_check_number(c, tree);
    if (root == MX_NO_NODE)
        return c->error != MAXENT_OK ? 0 : mx_compile_memory(c);
    const mx_node *node = &c->graph.node[root];
    if (node->op == MX_OP_CONSTANT && (!(node->value.hi > 0) || isinf(node->value.hi)))
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "a prior is finite and not negative, and not zero everywhere");
    if (node->high < 0 || (node->low == 0 && node->high == 0))
        return mx_compile_fail(c, tree, MAXENT_ERROR_VALUE, "the prior is %s everywhere", node->high < 0 ? "negative" : "zero");
    c->log_prior = mx_log_node(&c->graph, root);
    return c->log_prior != MX_NO_NODE || mx_compile_memory(c);
}

int mx_observed_measures(mx_compile *c)
{
    const mx_statement *prior = NULL, *observed = NULL;
    for (const mx_statement *s = c->statement; s != NULL; s = s->next) {
        const mx_statement **slot = s->kind == MX_STATEMENT_PRIOR ? &prior : s->kind == MX_STATEMENT_OBSERVED ? &observed : NULL;
        if (slot == NULL)
            continue;
        if (*slot != NULL)
            return mx_compile_fail(c, s->value, MAXENT_ERROR_NAME, "there is already %s statement",
                                   slot == &prior ? "a prior" : "an observed");
        *slot = s;
    }
    c->observed = observed != NULL;
    if (c->moving > 0) {
        if (observed != NULL)
            return mx_compile_fail(c, observed->value, MAXENT_ERROR_UNSUPPORTED,
                                   "observed weights are those of states, and this support has none; give the values of the facts");
        return prior == NULL || field_prior(c, prior);
    }
    return (prior == NULL || measure(c, prior, "prior", &c->q)) &&
           (observed == NULL || measure(c, observed, "list of observed weights", &c->weight));
}

/* ---- averages ---- */

int mx_observed_average(mx_compile *c, uint32_t node, mx_average *out)
{
    if (c->graph.node[node].average > 0) {
        *out = c->average[c->graph.node[node].average - 1];
        return 1;
    }
    if (c->averages == c->average_capacity) {
        size_t capacity = c->average_capacity == 0 ? 16 : c->average_capacity * 2;
        mx_average *grown = mx_resize(c->average, capacity, sizeof *grown);
        if (grown == NULL)
            return mx_compile_memory(c);
        c->average = grown;
        c->average_capacity = capacity;
    }
    *out = c->average[c->averages++] = (mx_average){.node = node, .value = NAN};
    c->graph.node[node].average = (uint32_t)c->averages;
    c->pending = 1;
    return 1;
}

typedef struct sums {
    mx_watch *watch;
    size_t columns;
    const double *weight;
    mx_dd *sum;
    double *size;
} sums;

static int to_sums(void *user, size_t column, size_t first, size_t count, const double *value)
{
    sums *s = user;
    mx_dd sum = s->sum[column];
    double size = s->size[column];
    for (size_t j = 0; j < count; j++) {
        double w = s->weight == NULL ? 1.0 : s->weight[first + j];
        if (w == 0)
            continue; /* and what is not defined there does not matter */
        sum = mx_dd_add(sum, mx_two_prod(w, value[j]));
        size = fabs(value[j]) > size || isnan(value[j]) ? fabs(value[j]) : size;
    }
    s->sum[column] = sum;
    s->size[column] = size;
    if (column == 0 && mx_watch_due(first * s->columns, (first + count) * s->columns) && mx_watch_over(s->watch, 1))
        return MX_COMPILE_STOP;
    return 0;
}

int mx_observed_update(mx_compile *c)
{
    size_t n = c->support.n, first = 0, count;
    while (first < c->averages && c->average[first].known)
        first++;
    count = c->averages - first;
    uint32_t *root = mx_alloc(count, sizeof *root);
    mx_dd *sum = mx_zalloc(count, sizeof *sum), total = {0.0, 0.0};
    double *size = mx_zalloc(count, sizeof *size);
    mx_program *program = NULL;
    int stop = -1, whole = 1;
    if (root == NULL || sum == NULL || size == NULL)
        goto done;
    for (size_t i = 0; i < count; i++)
        root[i] = c->average[first + i].node;
    program = mx_program_new(&c->graph, root, count, 0);
    sums s = {c->watch, count, c->weight, sum, size};
    if (program == NULL || (stop = mx_program_run(program, NULL, 0, n, to_sums, &s)) != 0)
        goto done;
    if (c->weight == NULL)
        total.hi = (double)n;
    for (size_t x = 0; c->weight != NULL && x < n; x++) {
        total = mx_dd_add_d(total, c->weight[x]);
        whole &= c->weight[x] == floor(c->weight[x]);
    }
    for (size_t i = 0; i < count; i++) {
        mx_average *a = &c->average[first + i];
        mx_dd value = mx_dd_div(sum[i], total), back = mx_two_prod(value.hi, total.hi);
        a->value = value.hi;
        a->size = size[i];
        a->exact =
            whole && c->graph.node[a->node].exact && sum[i].lo == 0 && total.lo == 0 && back.hi == sum[i].hi && back.lo == 0;
        a->known = 1;
    }
done:
    mx_program_free(program);
    mx_free(root);
    mx_free(sum);
    mx_free(size);
    return stop == 0 || mx_compile_pass_failed(c, stop);
}
