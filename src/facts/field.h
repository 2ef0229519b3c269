/* Fields: the features and the prior of a continuous or countable problem as programs over points. What its parts share. */
#ifndef MX_FIELD_H
#define MX_FIELD_H

#include "facts/program.h"

struct mx_field {
    mx_graph graph;        /* taken over from the compiler; its maps serve the programs */
    uint32_t *root;        /* [k + 1] nodes of the features and of the log prior */
    mx_program *features;  /* k columns */
    mx_program *prior;     /* one column */
    mx_program *cut;       /* a column for each cut */
    mx_cut *kind;          /* [cuts] */
    size_t cuts;
    mx_program *argument;  /* a column for each argument */
    mx_program *bar;       /* features that rule mass out wherever they are not barred_to, a column each; or NULL: mx_problem_bar */
    double *barred_to;     /* [bar->k] */
    unsigned char *shut;   /* [combinations of listed variables] 1: no mass there at all; or NULL: mx_problem_shut */
    int comb;              /* 1: they rule out other numbers than their neighbours again and again, or what is between them */
};

/* Takes over the graph. root: [k + 1], copied; the last one is the log prior. NULL: no memory (the graph is then empty). */
mx_field *mx_field_new(mx_graph *graph, const uint32_t *root, size_t k);
void mx_field_support(mx_field *field, const mx_support *support); /* where the support has moved to */

/* ---- logprior.c ---- */

/* The node of log(node), without underflow where that can be had; MX_NO_NODE: no memory. */
uint32_t mx_log_node(mx_graph *graph, uint32_t node);

/* ---- arguments.c ---- */

/* Finds the arguments of elementary functions in what the nodes root[count] need, and among the nodes cut[cuts]: their nodes, to be freed,
 * NULL when there are none. 0: no memory. */
int mx_arguments_find(mx_graph *graph, const uint32_t *root, size_t count, const uint32_t *cut, size_t cuts, uint32_t **node,
                      size_t *number);

/* ---- cuts.c ---- */

/* Finds the cuts of what the nodes root[count] need: their kinds and nodes, to be freed. 0: no memory. */
int mx_cuts_find(mx_graph *graph, const uint32_t *root, size_t count, mx_cut **kind, uint32_t **node, size_t *cuts);

#endif
