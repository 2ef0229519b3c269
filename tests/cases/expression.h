/* Expressions of the facts language in 80-bit floating point, for judging: written for the tests, shares nothing with src/facts. */
#ifndef TESTS_CASES_EXPRESSION_H
#define TESTS_CASES_EXPRESSION_H

typedef struct expression expression;

/* names: [count] variables. NULL when the text is not understood; *where then points at what is not. */
expression *expression_new(const char *text, int count, const char *const *names, const char **where);

/* At x: [count]. NaN and infinities as the arithmetic gives them. */
long double expression_value(const expression *e, const long double *x);

void expression_free(expression *e);

#endif
