/* The graph to steps: the nodes that the roots need, in order, each with a slot for its block of values. */
#include "facts/program.h"

#include "base/memory.h"
#include "facts/chain.h"

#include <string.h>

void mx_program_free(mx_program *program)
{
    if (program == NULL)
        return;
    for (size_t i = 0; i < program->maps && program->map != NULL; i++)
        mx_free(program->map[i]);
    mx_free(program->map);
    mx_free(program->step);
    mx_free(program->column);
    mx_free(program);
}

/* A link of a chain: which chain (by its argument and kind), and where that stands. chain: [3 * nodes] 1 + its number; at:
 * [nodes] the degree where each stands. The state's slots are counted from 0; place() moves them behind all others. */
static void link_chain(mx_step *step, const mx_node *node, uint32_t *chain, uint32_t *at, uint32_t *chains)
{
    uint32_t kind = node->op == MX_OP_CHEBYSHEV ? 0 : node->op == MX_OP_LEGENDRE ? 1 : 2, degree = (uint32_t)node->value.hi;
    uint32_t *number = &chain[3 * (size_t)node->a + kind];
    if (*number == 0)
        *number = ++*chains;
    step->chain = 1;
    step->state = 2 * (*number - 1);
    step->from = degree >= at[*number - 1] ? at[*number - 1] : 0;
    at[*number - 1] = degree;
}

/* Slots by linear scan: a slot is free again after the last step that reads it, and may be overwritten by that very step. */
static void place(mx_graph *graph, mx_program *program, const uint32_t *columns, const uint32_t *last, uint32_t *slot,
                  uint32_t *free_slot, uint32_t *chain, uint32_t *at)
{
    uint32_t free_slots = 0, used = 0, column = 0, chains = 0;
    int field = graph->support->n == 0;
    mx_step *step = program->step;
    for (uint32_t i = 0; i < graph->nodes; i++) {
        const mx_node *node = &graph->node[i];
        if (last[i] == 0)
            continue;
        if (node->op == MX_OP_CONSTANT && columns[i] == 0)
            continue;
        int many = mx_operands(node);
        uint32_t operand[2] = {node->a, node->b};
        *step = (mx_step){.op = node->op, .exact = node->exact, .on = node->on, .a = node->a, .b = node->b, .x = node->value};
        if (mx_chain_takes(node, field))
            link_chain(step, node, chain, at, &chains);
        for (int j = 0; j < many; j++) {
            const mx_node *from = &graph->node[operand[j]];
            int constant = from->op == MX_OP_CONSTANT;
            if (j == 0) {
                step->a_constant = (uint8_t)constant;
                step->a = constant ? 0 : slot[operand[0]];
                if (constant)
                    step->x = from->value;
            } else {
                step->b_constant = (uint8_t)constant;
                step->b = constant ? 0 : slot[operand[1]];
                step->y = from->value;
            }
            if (!constant && last[operand[j]] == i + 1 && !(j == 1 && operand[0] == operand[1]))
                free_slot[free_slots++] = slot[operand[j]];
        }
        slot[i] = free_slots > 0 ? free_slot[--free_slots] : used++;
        step->out = slot[i];
        step->first_column = column;
        column += columns[i];
        step->end_column = column;
        if (last[i] == i + 1 || node->op == MX_OP_CONSTANT) /* no step reads it: it was only a feature */
            free_slot[free_slots++] = slot[i];
        step++;
    }
    program->steps = (size_t)(step - program->step);
    program->slots = used + 2 * (size_t)chains;
    for (size_t i = 0; i < program->steps; i++)
        program->step[i].state += program->step[i].chain ? used : 0;
}

mx_program *mx_program_new(mx_graph *graph, const uint32_t *root, size_t k, int own)
{
    uint32_t n = graph->nodes, needed = 0;
    mx_program *program = mx_zalloc(1, sizeof *program);
    uint32_t *work = mx_zalloc((size_t)n + 1, 9 * sizeof *work);
    if (program == NULL || work == NULL)
        goto failed;
    /* last[i]: 1 + index of the last node that reads i (or i itself for a feature); 0: not needed */
    uint32_t *last = work, *columns = work + n, *slot = columns + n, *free_slot = slot + n, *start = free_slot + n, *chain = start + n,
             *at = chain + 3 * (size_t)n;
    program->k = k;
    program->support = graph->support;
    program->exact = program->small = 1;
    for (size_t i = 0; i < k; i++) {
        const mx_node *node = &graph->node[root[i]];
        columns[root[i]]++;
        last[root[i]] = root[i] + 1;
        program->exact &= node->exact;
        program->small &= node->exact && node->grain >= 0 && node->bound <= 127;
    }
    for (uint32_t i = n; i-- > 0;) {
        if (last[i] == 0)
            continue;
        needed++;
        const mx_node *node = &graph->node[i];
        int many = mx_operands(node);
        if (many > 0 && last[node->a] < i + 1)
            last[node->a] = i + 1;
        if (many > 1 && last[node->b] < i + 1)
            last[node->b] = i + 1;
    }
    program->step = mx_alloc(needed, sizeof *program->step);
    program->column = mx_alloc(k, sizeof *program->column);
    if (program->step == NULL || program->column == NULL)
        goto failed;
    place(graph, program, columns, last, slot, free_slot, chain, at);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) { /* the same order as place() */
        start[i] = sum;
        sum += columns[i];
    }
    for (size_t i = 0; i < k; i++)
        program->column[start[root[i]]++] = (uint32_t)i;
    if (own) {
        program->map = graph->map;
        program->maps = graph->maps;
        graph->map = NULL;
        graph->maps = 0;
    } else if (graph->maps > 0) {
        program->map = mx_alloc(graph->maps, sizeof *program->map);
        if (program->map == NULL)
            goto failed;
        memcpy(program->map, graph->map, graph->maps * sizeof *program->map); /* borrowed: maps stays 0, so they are not freed */
    }
    mx_free(work);
    return program;
failed:
    mx_free(work);
    mx_program_free(program);
    return NULL;
}
