/* Programs: the expressions of a problem as one graph without repetitions, and as steps that are run over blocks of states. */
#ifndef MX_PROGRAM_H
#define MX_PROGRAM_H

#include "base/dd.h"
#include "problem/problem.h"

#include <stddef.h>
#include <stdint.h>

/* name, number of operands that are nodes */
typedef enum mx_op {
    MX_OP_CONSTANT,
    MX_OP_VARIABLE,    /* a: variable, as its number */
    MX_OP_LEVEL,       /* a: variable, b: level: 1 where it has that level */
    MX_OP_SAME,        /* a, b: two variables of names: 1 where they have the same name; value.hi: index of the map */
    /* two operands */
    MX_OP_ADD,
    MX_OP_SUBTRACT,
    MX_OP_MULTIPLY,
    MX_OP_DIVIDE,
    MX_OP_POWER,
    MX_OP_MIN,
    MX_OP_MAX,
    MX_OP_LESS,        /* comparisons are NaN when an operand is */
    MX_OP_AT_MOST,
    MX_OP_EQUAL,
    MX_OP_UNEQUAL,
    MX_OP_LOG_SUM,     /* log(e^a + e^b); no word of the language, see logprior.c */
    MX_OP_AND,         /* 0 when either is 0, else NaN when either is NaN */
    MX_OP_OR,
    /* one operand */
    MX_OP_NEGATE,
    MX_OP_NOT,
    MX_OP_ABS,
    MX_OP_SIGN,
    MX_OP_FLOOR,
    MX_OP_CEIL,
    MX_OP_SQRT,
    MX_OP_EXP,
    MX_OP_LOG,
    MX_OP_LOG2,
    MX_OP_LOG10,
    MX_OP_SIN,
    MX_OP_COS,
    MX_OP_TAN,
    MX_OP_ASIN,
    MX_OP_ACOS,
    MX_OP_ATAN,
    MX_OP_SINH,
    MX_OP_COSH,
    MX_OP_TANH,
    MX_OP_ERF,
    MX_OP_LGAMMA,
    MX_OP_CHEBYSHEV,   /* a: x; value.hi: degree */
    MX_OP_LEGENDRE,
    MX_OP_WHOLE_POWER  /* a: x; value.hi: a whole exponent */
} mx_op;

#define MX_NO_NODE UINT32_MAX
#define MX_DEGREE_LIMIT 65536 /* of T and L */

/* What a node depends on: bits of mx_node.on. */
enum {
    MX_ON_REAL = 1,    /* variables over the real line */
    MX_ON_WHOLE = 2,   /* variables over whole numbers without end */
    MX_ON_BENT = 4,    /* REAL, and some part bends or jumps with it: it may be constant over a stretch */
    MX_ON_SMOOTH = 8,  /* REAL or WHOLE, not through jumps alone */
    MX_ON_VANISH = 16  /* an exponential of them is a factor or a term: it may underflow */
};

typedef struct mx_node {
    uint8_t op;
    uint8_t exact;     /* evaluation in doubles makes no rounding error */
    uint8_t truth;     /* its values are 0 and 1 */
    uint8_t on;
    uint8_t decimal;   /* constant: nothing was rounded on the way from the text */
    uint32_t a, b;
    uint32_t average;  /* for observed.c: 1 + its number among the averages; 0: none asked for */
    mx_dd value;       /* constant; or the parameter of an operation */
    double bound;      /* |value| <= bound; inf: unknown */
    double low, high;  /* continuous and countable supports: every value is between them, see range.c */
    int grain;         /* every value is a multiple of 2^grain (when exact) */
} mx_node;

/* Whether its values are 0 where something does not hold and 1 where it does. */
static inline int mx_op_truth(int op)
{
    return op == MX_OP_LEVEL || op == MX_OP_SAME || op == MX_OP_LESS || op == MX_OP_AT_MOST || op == MX_OP_EQUAL || op == MX_OP_UNEQUAL ||
           op == MX_OP_AND || op == MX_OP_OR || op == MX_OP_NOT;
}

/* Whether it is a whole number whatever its operands are: along them it stays the same, and jumps. */
static inline int mx_op_jumps(int op)
{
    return mx_op_truth(op) || op == MX_OP_SIGN || op == MX_OP_FLOOR || op == MX_OP_CEIL;
}

/* How many operands of a node are nodes. */
static inline int mx_operands(const mx_node *node)
{
    return node->op < MX_OP_ADD ? 0 : node->op <= MX_OP_OR ? 2 : 1;
}

typedef struct mx_graph {
    const mx_support *support;
    mx_node *node;     /* [nodes]; operands come before what uses them */
    uint32_t nodes, capacity;
    uint32_t *slot;    /* [slots] hash table of node + 1 */
    uint32_t slots;
    uint32_t **map;    /* [maps] level of one variable -> level of another, UINT32_MAX: none */
    size_t maps;
    int failed;        /* no memory: every later call returns MX_NO_NODE */
} mx_graph;

void mx_graph_free(mx_graph *graph);
void mx_range_judge(const mx_support *support, mx_node *node, const mx_node *a, const mx_node *b); /* range.c: low, high */
/* [nodes + 1] 1 for the nodes that root[count] are made of; NULL: no memory. To be freed with mx_free. */
unsigned char *mx_graph_needed(const mx_graph *graph, const uint32_t *root, size_t count);
/* Each returns the node, new or already there; constants are folded (in double-double). */
uint32_t mx_graph_constant(mx_graph *graph, mx_dd value, int decimal);
uint32_t mx_graph_variable(mx_graph *graph, size_t variable);
uint32_t mx_graph_level(mx_graph *graph, size_t variable, size_t level);
uint32_t mx_graph_same(mx_graph *graph, size_t first, size_t second); /* variables of names */
uint32_t mx_graph_binary(mx_graph *graph, mx_op op, uint32_t a, uint32_t b);
uint32_t mx_graph_unary(mx_graph *graph, mx_op op, uint32_t a);
uint32_t mx_graph_polynomial(mx_graph *graph, mx_op op, uint32_t x, size_t degree);

/* ---- steps ---- */

typedef struct mx_step {
    uint8_t op;
    uint8_t a_constant, b_constant; /* the operand is `x` or `y` below, not a slot */
    uint8_t exact;
    uint8_t on;                     /* as mx_node */
    uint8_t chain;                  /* 1: the degree of T, L or a power is reached from the one before it: see chain.h */
    uint32_t from, state;           /* chain: that degree, 0 for a start; the first of two slots that keep it */
    uint32_t out, a, b;             /* slots; variables and levels for the ops on variables */
    mx_dd x, y;                     /* constant operands, or the parameter (in x) */
    uint32_t first_column;          /* columns column[first_column .. end_column) are this step's value */
    uint32_t end_column;
} mx_step;

typedef struct mx_program {
    mx_step *step;        /* [steps] */
    size_t steps;
    uint32_t *column;     /* [k] feature numbers, grouped by step */
    size_t k;             /* features */
    size_t slots;         /* blocks of doubles needed at once */
    int exact;            /* every feature is exact in doubles */
    int small;            /* every feature is surely a whole number in -127 .. 127 */
    uint32_t **map;       /* [maps] taken over from the graph, or NULL */
    size_t maps;
    const mx_support *support;
    const maxent_problem *problem; /* for the zeros of its prior; NULL while there is none */
} mx_program;

/* The program that computes the nodes root[k]. The graph may go away afterwards, except that programs made with `own` = 0
 * still need its maps. Returns NULL when there is no memory. */
mx_program *mx_program_new(mx_graph *graph, const uint32_t *root, size_t k, int own);
void mx_program_free(mx_program *program);

/* What takes the values of feature `column` in `count` states from `first`: 0 to go on. */
typedef int (*mx_emit)(void *user, size_t column, size_t first, size_t count, const double *value);
typedef int (*mx_emit_dd)(void *user, size_t column, size_t first, size_t count, const double *hi, const double *lo);

/* Runs a program over states first .. first+count-1 of the support, or over those points. Returns what emit returned when that was
 * not 0, and -1 when there is no memory (programs of up to about 100 slots need none). In doubles the low parts of points count for
 * nothing; in double-double jumps of what depends on a REAL variable are those of the double-double. Thread-safe. */
int mx_program_run(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit emit, void *user);
int mx_program_run_dd(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user);
/* Its variants: the same bits. */
int mx_run_dd_portable(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user);
int mx_run_dd_avx2(const mx_program *program, const mx_points *points, size_t first, size_t count, mx_emit_dd emit, void *user);
enum { MX_POINT_BLOCK = 128 }; /* the most points handed to emit at once */

/* maxent_fill and mx_fill_dd of a program, which is the user. A value that is not finite is written as 0 where the prior is 0. */
int mx_program_fill(void *program, size_t first, size_t count, double *out);
int mx_program_fill_dd(void *program, size_t first, size_t count, double *hi, double *lo);

/* One step over `count` states or points from `first`, in doubles; slot s is at base + s * pitch. */
void mx_step_run(const mx_program *program, const mx_step *step, const mx_points *points, size_t first, size_t count, double *base,
                 size_t pitch);

mx_dd mx_op_dd(mx_op op, mx_dd a, mx_dd b);            /* one operation on numbers */
double mx_op_double(mx_op op, double a, double b);     /* the same for jumps and functions, the others being loops */

#endif
