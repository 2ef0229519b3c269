/* Expanding facts: what the parts that turn statements into features share. */
#ifndef MX_EXPAND_H
#define MX_EXPAND_H

#include "facts/compile.h"

#include <math.h>

#define MX_ULP 0x1p-53 /* half an ulp of 1: what rounding may hide of a number */

typedef struct mx_side_value {
    uint32_t node;         /* the constant, or f of E[f] */
    uint32_t given;        /* event of a conditional expectation, or MX_NO_NODE */
    int random;            /* it has an expectation */
    double error;          /* half-width of what rounding of the constants in it leaves open, when it has one */
} mx_side_value;

typedef struct mx_mean {
    uint32_t node;
    double value;
} mx_mean;

/* What an expansion is for. */
typedef struct mx_expansion {
    mx_compile *c;
    int means_only;        /* collect E[x] = m; make no facts */
    mx_mean *mean;         /* [means], sorted by node once collected */
    size_t means, mean_capacity;
    /* of the statement being expanded */
    const mx_statement *statement;
    double *list, *soft_list;
    unsigned char *decimal;
    size_t listed, soft_listed;
    size_t turn;           /* how many turns came before this one */
    size_t rounds;         /* turns of all its loops, those that the filter leaves out too */
} mx_expansion;

/* A bound with what is known of its rounding. */
typedef struct mx_bound {
    double value;
    double error;          /* half-width of what is not known */
} mx_bound;

/* A constant with that; 0 when nothing was rounded. */
static inline mx_bound mx_bound_of(const mx_node *node)
{
    double value = node->value.hi;
    return (mx_bound){value, node->decimal || isinf(value) ? 0.0 : fabs(value) * MX_ULP};
}

/* ---- sides.c ---- */

int mx_tree_has(const mx_tree *tree, int low, int high); /* some node's kind is in low .. high */
int mx_tree_expects(const mx_tree *tree);                /* E, P, Var or Cov occurs in it */
int mx_mean_order(const void *a, const void *b);         /* means by node, for qsort */
/* A side of a fact as one expectation or one constant. 0: the error is set. */
int mx_side_linear(mx_expansion *expansion, const mx_tree *tree, mx_side_value *out);
int mx_side_refuse_conditional(mx_expansion *expansion, const mx_tree *tree); /* the error; returns 0 */

/* ---- facts.c ---- */

/* The facts of the current statement in the current turn of its loops. 0: the error is set. */
int mx_fact_instance(mx_expansion *expansion);

#endif
