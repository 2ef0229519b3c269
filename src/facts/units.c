/* A continuous or countable problem in other units: x = 2^a x' along each axis, f = 2^b f' for each fact.
 *
 * Nothing is rounded by that, so multipliers, densities and verdicts are those of the problem, moved by powers of two. The graph is made
 * anew with 2^a x' in the place of x, so that ranges, cuts and arguments are found in the new units.
 */
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* value 2^exponent as a node; powers of two beyond the range of doubles in two steps. */
static uint32_t times(mx_graph *graph, uint32_t node, int exponent)
{
    for (int some; exponent != 0 && node != MX_NO_NODE; exponent -= some) {
        some = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
        node = mx_graph_binary(graph, MX_OP_MULTIPLY, node, mx_graph_constant(graph, mx_dd_make(ldexp(1, some)), 1));
    }
    return node;
}

/* A node of the old graph in the new one; made: those before it. */
static uint32_t copy(mx_graph *graph, const mx_node *node, const uint32_t *made, const int *axis)
{
    int many = mx_operands(node);
    uint32_t a = many > 0 ? made[node->a] : 0, b = many > 1 ? made[node->b] : 0;
    switch ((mx_op)node->op) {
    case MX_OP_CONSTANT: return mx_graph_constant(graph, node->value, node->decimal);
    case MX_OP_VARIABLE: return times(graph, mx_graph_variable(graph, node->a), axis[node->a]);
    case MX_OP_LEVEL: return mx_graph_level(graph, node->a, node->b);
    case MX_OP_SAME: return mx_graph_same(graph, node->a, node->b);
    case MX_OP_CHEBYSHEV:
    case MX_OP_LEGENDRE: return mx_graph_polynomial(graph, (mx_op)node->op, a, (size_t)node->value.hi);
    case MX_OP_WHOLE_POWER: return mx_graph_binary(graph, MX_OP_POWER, a, mx_graph_constant(graph, node->value, 1));
    default: return many == 2 ? mx_graph_binary(graph, (mx_op)node->op, a, b) : mx_graph_unary(graph, (mx_op)node->op, a);
    }
}

static mx_field *field_in(const maxent_problem *problem, const int *axis, const int *fact, const mx_support *support)
{
    const mx_graph *old = &problem->field->graph;
    size_t k = problem->k;
    mx_graph graph = {.support = support};
    uint32_t *made = mx_alloc((size_t)old->nodes + 1, sizeof *made), *root = mx_alloc(k + 1, sizeof *root);
    unsigned char *needed = NULL;
    mx_field *field = NULL;
    if (made == NULL || root == NULL)
        goto done;
    memcpy(root, problem->field->root, k * sizeof *root);
    root[k] = problem->field->root[problem->field->features->k]; /* of fewer facts than the field has features, the prior still */
    needed = mx_graph_needed(old, root, k + 1);
    if (needed == NULL)
        goto done;
    for (uint32_t i = 0; i < old->nodes; i++)
        made[i] = needed[i] ? copy(&graph, &old->node[i], made, axis) : MX_NO_NODE;
    for (size_t i = 0; i <= k; i++)
        root[i] = times(&graph, made[root[i]], i < k ? -fact[i] : 0);
    if (!graph.failed)
        field = mx_field_new(&graph, root, k);
done:
    mx_graph_free(&graph);
    mx_free(needed);
    mx_free(made);
    mx_free(root);
    return field;
}

maxent_error mx_problem_rescale(const maxent_problem *problem, const int *axis, const int *fact, maxent_problem *out)
{
    size_t k = problem->k, variables = problem->support.variables;
    *out = *problem;
    out->field = NULL;
    out->fact = mx_alloc(k + 1, sizeof *out->fact);
    out->support.variable = mx_alloc(variables + 1, sizeof *out->support.variable);
    if (out->fact == NULL || out->support.variable == NULL) {
        mx_problem_rescale_free(out);
        return MAXENT_ERROR_MEMORY;
    }
    for (size_t v = 0; v < variables; v++) {
        mx_variable *variable = &out->support.variable[v];
        *variable = problem->support.variable[v];
        variable->lower = ldexp(variable->lower, -axis[v]);
        variable->upper = ldexp(variable->upper, -axis[v]);
    }
    for (size_t i = 0; i < k; i++) {
        mx_fact *f = &out->fact[i];
        *f = problem->fact[i];
        f->lower = ldexp(f->lower, -fact[i]);
        f->upper = ldexp(f->upper, -fact[i]);
        f->sd = ldexp(f->sd, -fact[i]);
        f->target_error = ldexp(f->target_error, -fact[i]);
    }
    out->field = field_in(problem, axis, fact, &out->support);
    if (out->field != NULL) {
        mx_field_support(out->field, &out->support);
        return MAXENT_OK;
    }
    mx_problem_rescale_free(out);
    return MAXENT_ERROR_MEMORY;
}

void mx_problem_rescale_free(maxent_problem *rescaled)
{
    mx_field_free(rescaled->field);
    mx_free(rescaled->support.variable);
    mx_free(rescaled->fact);
    memset(rescaled, 0, sizeof *rescaled);
}
