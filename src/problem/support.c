/* Supports: the value of each variable in each state.
 *
 * In a product the last variable runs fastest, so that a variable with `stride` s keeps its level for s states in a row; in a
 * table every state has its own entry.
 */
#include "problem/problem.h"

#include "base/memory.h"

void mx_support_column(const mx_support *support, size_t v, size_t first, size_t count, double *out)
{
    const mx_variable *variable = &support->variable[v];
    if (variable->stride == 0) {
        if (variable->named)
            for (size_t j = 0; j < count; j++)
                out[j] = (double)variable->code[first + j];
        else
            for (size_t j = 0; j < count; j++)
                out[j] = variable->number[first + j];
        return;
    }
    size_t stride = variable->stride, level = first / stride % variable->levels, left = stride - first % stride;
    for (size_t j = 0; j < count;) {
        size_t run = left < count - j ? left : count - j;
        double value = variable->named ? (double)level : variable->number[level];
        for (size_t end = j + run; j < end; j++)
            out[j] = value;
        level = level + 1 == variable->levels ? 0 : level + 1;
        left = stride;
    }
}

size_t mx_support_level(const mx_support *support, size_t v, size_t x)
{
    const mx_variable *variable = &support->variable[v];
    return variable->stride == 0 ? variable->code[x] : x / variable->stride % variable->levels;
}

void mx_support_free(mx_support *support)
{
    for (size_t v = 0; v < support->variables && support->variable != NULL; v++) {
        mx_variable *variable = &support->variable[v];
        mx_free(variable->name);
        for (size_t i = 0; i < variable->levels && variable->label != NULL; i++)
            mx_free(variable->label[i]);
        mx_free(variable->label);
        mx_free(variable->number);
        mx_free(variable->code);
    }
    mx_free(support->variable);
    *support = (mx_support){0};
}
