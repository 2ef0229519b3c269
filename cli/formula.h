/* maxent entropy -e: the entropy of a distribution that is written down. */
#ifndef CLI_FORMULA_H
#define CLI_FORMULA_H

#include "cli.h"

typedef struct cli_formula {
    char *quantity;  /* "h(x)", or "H(x)" when every variable is discrete; to be freed */
    double entropy;  /* nats */
} cli_formula;

/* Statements of the facts language, one of them "p(x) = EXPRESSION" for a density (or for probabilities) of the variables that the others
 * declare; without it, facts, and the distribution is their solution. normalize: p need not integrate to 1. CLI_DONE, or the exit status
 * after saying what is wrong. */
int cli_formula_entropy(const char *const *statement, size_t statements, int normalize, int threads, cli_formula *out);

#endif
