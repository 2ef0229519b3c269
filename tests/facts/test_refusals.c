/* Wrong input: every refusal with its kind, place and words; and the stated limits. */
#include "facts/compile.h"
#include "facts/parser.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define X "x in {1, 2, 3}\n"

static const struct {
    const char *text;
    maxent_error error;
    size_t line, column;
    const char *message;
} table[] = {
    /* syntax: found and expected */
    {X "E[x = 1.75", MAXENT_ERROR_SYNTAX, 2, 11, "expected ']' to close E[ opened at column 1, found end of input"},
    {X "E[x = 1.75\nE[x] = 2", MAXENT_ERROR_SYNTAX, 2, 11, "expected ']' to close E[ opened at column 1, found end of line"},
    {X "E[(x\n + 1] = 2", MAXENT_ERROR_SYNTAX, 3, 5, "expected ')' to close ( opened at line 2, column 3, found ']'"},
    {"x in (1, 2, 3)\nE[x] = 2", MAXENT_ERROR_SYNTAX, 1, 11, "a list of values is written in braces"},
    {"x in [1, 2, 3]\nE[x] = 2", MAXENT_ERROR_SYNTAX, 1, 11, "an interval has two ends"},
    {X "E[x)] = 1", MAXENT_ERROR_SYNTAX, 2, 4, "expected ']' to close E[ opened at column 1, found ')'"},
    {X "E[x;] = 1", MAXENT_ERROR_SYNTAX, 2, 4, "found ';'"},
    {X "E[] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "expected an expression, found ']'"},
    {X "E[x] 1", MAXENT_ERROR_SYNTAX, 2, 6, "expected '=', '<=', '>=' or 'in' after the left side of a fact, found '1'"},
    {X "E[x] =", MAXENT_ERROR_SYNTAX, 2, 7, "expected an expression, found end of input"},
    {X "E[x] =\nE[x] = 1", MAXENT_ERROR_SYNTAX, 2, 7, "expected an expression, found end of line"},
    {X "E[x] = 1 2", MAXENT_ERROR_SYNTAX, 2, 10, "expected the end of the statement, '+-' or 'for', found '2'"},
    {X "E[x] = 1 for", MAXENT_ERROR_SYNTAX, 2, 13, "expected the name of a loop variable"},
    {X "E[x] = 1 for k", MAXENT_ERROR_SYNTAX, 2, 15, "expected 'in' after the loop variable"},
    {X "E[x] = 1 for k in", MAXENT_ERROR_SYNTAX, 2, 18, "expected a set {...}, a range 1..n or a variable"},
    {X "E[x] = 1 for k in 3", MAXENT_ERROR_SYNTAX, 2, 20, "expected '..' of a range"},
    {X "E[x] < 2", MAXENT_ERROR_SYNTAX, 2, 6, "write '<=' for '<'"},
    {X "E[x] > 2", MAXENT_ERROR_SYNTAX, 2, 6, "write '>=' for '>'"},
    {X "E[x] != 2", MAXENT_ERROR_SYNTAX, 2, 6, "found '!='"},
    {X "E[x] in 1..2", MAXENT_ERROR_SYNTAX, 2, 9, "expected an interval [a, b]"},
    {X "E[x] in [1; 2]", MAXENT_ERROR_SYNTAX, 2, 11, "expected ',' between the ends of the interval, found ';'"},
    {X "E[x] in [1, 2", MAXENT_ERROR_SYNTAX, 2, 14, "expected ']' to close [ opened at column 9"},
    {X "E[2x] = 1", MAXENT_ERROR_SYNTAX, 2, 4, "a product needs its '*'"},
    {X "E[x**2] = 1", MAXENT_ERROR_SYNTAX, 2, 5, "a power is written x^2"},
    {X "E[x ^ ] = 1", MAXENT_ERROR_SYNTAX, 2, 7, "expected an expression"},
    {X "E[|x|] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "the absolute value is abs(x)"},
    {X "P[x > 1 && x < 3] = 1", MAXENT_ERROR_SYNTAX, 2, 9, "write 'and'"},
    {X "P[!(x > 1)] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "write 'not'"},
    {X "P[x = 'a'] = 1", MAXENT_ERROR_SYNTAX, 2, 7, "double quotes"},
    {X "P[x = 1] = 25%", MAXENT_ERROR_SYNTAX, 2, 14, "write 0.25 for 25%"},
    {X "E[x] = 0x10", MAXENT_ERROR_SYNTAX, 2, 8, "numbers are decimal"},
    {X "E[x\xC2\xB2] = 1", MAXENT_ERROR_SYNTAX, 2, 4, "found '\xC2\xB2'; a power is written x^2"},
    {X "E[x\x01] = 1", MAXENT_ERROR_SYNTAX, 2, 4, "control character 0x01"},
    {X "P[x = \"a] = 1", MAXENT_ERROR_SYNTAX, 2, 7, "no closing '\"'"},
    {X "P[x = \"\"] = 1", MAXENT_ERROR_SYNTAX, 2, 7, "empty"},
    {X "P[x = \"\\n\"] = 1", MAXENT_ERROR_SYNTAX, 2, 8, "after the backslash"},
    {X "P[`x = 1", MAXENT_ERROR_SYNTAX, 2, 3, "no closing '`'"},
    {X "E[x] = 1 for k in 1:3", MAXENT_ERROR_SYNTAX, 2, 20, "a range is written 1..6"},
    {X "states 3", MAXENT_ERROR_SYNTAX, 2, 8, "expected a file name in double quotes after 'states'"},
    {X "let 3 = 1", MAXENT_ERROR_SYNTAX, 2, 5, "expected a name after 'let'"},
    {X "let a 1", MAXENT_ERROR_SYNTAX, 2, 7, "expected '=' after the name"},
    {X "let a = E[x]", MAXENT_ERROR_SYNTAX, 2, 9, "an expectation cannot stand inside an expression"},
    {X "E[E[x]] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "an expectation cannot stand inside an expression"},
    {X "Cov[x] = 1", MAXENT_ERROR_SYNTAX, 2, 6, "expected ',' between the two expressions of Cov["},
    {X "1 = 1", MAXENT_ERROR_SYNTAX, 2, 1, "a fact needs an expectation"},
    {X "3 in [1, 2]", MAXENT_ERROR_SYNTAX, 2, 1, "a fact needs an expectation"},
    {X "2 = observed", MAXENT_ERROR_SYNTAX, 2, 1, "a fact needs an expectation"},
    {X "observed = E[x]", MAXENT_ERROR_SYNTAX, 2, 10, "expected an expression"},
    {X "E[x] = 2*{1, 2}", MAXENT_ERROR_SYNTAX, 2, 10, "expected an expression, found '{'"},
    {X "1 <= E[x] <= {1}", MAXENT_ERROR_SYNTAX, 2, 14, "a list stands alone"},
    {X "1 <= E[x] <= observed", MAXENT_ERROR_SYNTAX, 2, 14, "'observed' stands alone"},
    {X "E[x] >= 1 +- 0.1", MAXENT_ERROR_SYNTAX, 2, 14, "a standard error goes with a single '='"},
    {X "E[x] in [1, 2] +- 0.1", MAXENT_ERROR_SYNTAX, 2, 19, "a standard error goes with '='"},
    {X "E[x] = 2 +- observed", MAXENT_ERROR_SYNTAX, 2, 13, "cannot be observed"},
    {X "E[x] = 2 +- E[x]", MAXENT_ERROR_SYNTAX, 2, 13, "a standard error is a constant"},
    {X "E[x] in [E[x], 3]", MAXENT_ERROR_SYNTAX, 2, 9, "the ends of an interval are constants"},
    {X "E[abs()] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "abs takes one argument, not 0"},
    {X "E[min()] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "min takes at least one argument"},
    {X "E[T(x)] = 1", MAXENT_ERROR_SYNTAX, 2, 3, "T takes two arguments"},
    {X "Pr[x = 1] = 0.5", MAXENT_ERROR_SYNTAX, 2, 9, "facts begin with E[ or P["},
    {"x in {\xE2\x80\x9Cla mer\xE2\x80\x9D}", MAXENT_ERROR_SYNTAX, 1, 7, "typographic quote"},
    {"s[3] in {1}", MAXENT_ERROR_SYNTAX, 1, 4, "the '..' of an index range"},
    {"s[1..3 in {1}", MAXENT_ERROR_SYNTAX, 1, 8, "expected ']' to close [ opened at column 2"},
    {"x in 5", MAXENT_ERROR_SYNTAX, 1, 7, "expected '..' of a range"},
    {"x in", MAXENT_ERROR_SYNTAX, 1, 5, "expected a set {...}, a range 1..n, an interval [a, b] or R"},
    {"x in {1, 2", MAXENT_ERROR_SYNTAX, 1, 11, "expected '}' to close { opened at column 6"},
    {"", MAXENT_ERROR_SYNTAX, 0, 0, "there is no support"},
    {"# nothing\n\n;;", MAXENT_ERROR_SYNTAX, 0, 0, "there is no support"},
    {"E[x] = 1", MAXENT_ERROR_SYNTAX, 0, 0, "there is no support"},
    /* names */
    {"outlook in {sunny, rainy}; P[outlok = sunny] = 0.5", MAXENT_ERROR_NAME, 1, 30,
     "unknown name 'outlok'; did you mean 'outlook'?"},
    {"outlook in {sunny, rainy}; P[outlook = suny] = 0.5", MAXENT_ERROR_NAME, 1, 40,
     "unknown value 'suny' of outlook; did you mean 'sunny'?"},
    {"outlook in {sunny, rainy}; P[outlook = \"wet\"] = 0.5", MAXENT_ERROR_NAME, 1, 40, "unknown value 'wet' of outlook"},
    {X "E[y] = 1", MAXENT_ERROR_NAME, 2, 3, "unknown name 'y'"},
    {"\xc5\xbelu\xc5\xa5 in {1, 2}\nE[\xc5\xbelut] = 1", MAXENT_ERROR_NAME, 2, 3, "did you mean '\xc5\xbelu\xc5\xa5'?"},
    {X "E[expp(x)] = 1", MAXENT_ERROR_NAME, 2, 3, "unknown function 'expp'; did you mean 'exp'?"},
    {X "E(x) = 1", MAXENT_ERROR_SYNTAX, 2, 1, "E takes square brackets: E[...]"},
    {X "E[x] = 1; Var(x) = 1", MAXENT_ERROR_SYNTAX, 2, 11, "Var takes square brackets: Var[...]"},
    {"g in {a, b}; P[b] = 0.5", MAXENT_ERROR_NAME, 1, 16, "unknown name 'b'; it is a value of g: write g = b"},
    {X "E[ln(x)] = 1", MAXENT_ERROR_NAME, 2, 3, "the natural logarithm is 'log'"},
    {X "E[x(2)] = 1", MAXENT_ERROR_NAME, 2, 3, "'x' is not a function"},
    {X "E[x[1]] = 1", MAXENT_ERROR_NAME, 2, 3, "'x' is not an indexed variable"},
    {X "E[y[1]] = 1", MAXENT_ERROR_NAME, 2, 3, "unknown name 'y'"},
    {"s[1..3] in {0, 1}; E[s] = 1", MAXENT_ERROR_NAME, 1, 22, "write s[1]"},
    {"x in {1}; x in {2}", MAXENT_ERROR_NAME, 1, 11, "'x' is already a variable"},
    {"x in {1}; let x = 2", MAXENT_ERROR_NAME, 1, 1, "'x' is already defined by let"},
    {"x in {1}; let a = 2; let a = 3", MAXENT_ERROR_NAME, 1, 26, "'a' is already defined by let"},
    {"s[1..2] in {1}; s in {1}", MAXENT_ERROR_NAME, 1, 17, "'s' is already an indexed variable"},
    {"E in {1, 2}", MAXENT_ERROR_NAME, 1, 1, "'E' is a word of the language"},
    {"pi in {1, 2}", MAXENT_ERROR_NAME, 1, 1, "'pi' is a word of the language"},
    {"x in {1}; let e = 2", MAXENT_ERROR_NAME, 1, 15, "'e' is a word of the language"},
    {"`e` in {1, 2}; E[e] = 1", MAXENT_ERROR_NAME, 1, 18, "'e' is a constant and a variable: write `e` for the variable"},
    {X "let a = b; let b = a", MAXENT_ERROR_NAME, 2, 20, "'a' is defined through itself"},
    {X "let a = y + 1", MAXENT_ERROR_NAME, 2, 9, "unknown name 'y'"}, /* though nothing uses it */
    {X "E[x^k] = 1 for k in 1..2, k in 1..2", MAXENT_ERROR_NAME, 2, 27, "two loop variables have the same name"},
    {X "E[x] = 1 for x in 1..2", MAXENT_ERROR_NAME, 2, 14, "would hide"},
    {X "E[x] = 1 for e in 1..2", MAXENT_ERROR_NAME, 2, 14, "a word of the language"},
    {X "E[x] = 1 for k in y", MAXENT_ERROR_NAME, 2, 19, "unknown name 'y'"},
    {X "E[x^kk] = 1 for k in 1..2", MAXENT_ERROR_NAME, 2, 5, "unknown name 'kk'; did you mean 'k'? (for k = 1)"},
    {"x in {1}; prior 1; prior 2", MAXENT_ERROR_NAME, 1, 26, "already a prior statement"},
    {"x in {1}; observed 1; observed 2", MAXENT_ERROR_NAME, 1, 32, "already an observed statement"},
    {"x in {1}; states \"a.csv\"", MAXENT_ERROR_NAME, 1, 18, "not both"},
    {"states \"a.csv\"; states \"b.csv\"", MAXENT_ERROR_NAME, 1, 24, "already read from \"a.csv\""},
    {"x in {a, b, a}", MAXENT_ERROR_NAME, 1, 13, "'a' is in this set twice"},
    {"x in {1, y}; y in {1}", MAXENT_ERROR_VALUE, 1, 7, "a set holds numbers or names, not both"},
    {"y in {1, 2}; x in {y + 1}", MAXENT_ERROR_NAME, 1, 20, "'y' is a variable; only constants can stand here"},
    {"g in {a, b}; P[g = v and v = c] = 1 for v in g", MAXENT_ERROR_NAME, 1, 30, "unknown value 'c' of g"},
    /* values */
    {X "E[x] = 1e999", MAXENT_ERROR_VALUE, 2, 8, "out of range"},
    {X "E[x] = 1e-999", MAXENT_ERROR_VALUE, 2, 8, "out of range"},
    {X "E[x] = inf", MAXENT_ERROR_VALUE, 2, 8, "finite"},
    {X "E[x] = 1/0", MAXENT_ERROR_VALUE, 2, 8, "finite"},
    {X "E[x] = 0/0", MAXENT_ERROR_VALUE, 2, 1, "not a finite number"},
    {X "E[x] in [3, 2]", MAXENT_ERROR_VALUE, 2, 1, "the lower bound 3 is above the upper bound 2"},
    {X "3 <= E[x] <= 2", MAXENT_ERROR_VALUE, 2, 6, "the lower bound 3 is above the upper bound 2"},
    {X "E[x] in (1, 2)", MAXENT_ERROR_VALUE, 2, 9, "closed bounds"},
    {X "E[x] in (-inf, inf)", MAXENT_ERROR_VALUE, 2, 1, "not a finite number"},
    {X "E[x] in [0/0, 1]", MAXENT_ERROR_VALUE, 2, 10, "NaN"},
    {X "E[x] = 2 +- 0", MAXENT_ERROR_VALUE, 2, 13, "without one the fact is exact"},
    {X "E[x] = 2 +- -1", MAXENT_ERROR_VALUE, 2, 13, "positive and finite"},
    {X "E[x] = 2 +- inf", MAXENT_ERROR_VALUE, 2, 13, "positive and finite"},
    {X "E[1/(x - 2)] = 1", MAXENT_ERROR_VALUE, 2, 1, "the feature of E[1/(x - 2)] is inf at x = 2"},
    {X "E[log(x - k)] = 1 for k in 2..3", MAXENT_ERROR_VALUE, 2, 1, "the feature of E[log(x - 2)] is undefined at x = 1"},
    {X "P[log(x - 2) > 0] = 1", MAXENT_ERROR_VALUE, 2, 1, "undefined at x = 1"}, /* a comparison does not hide it */
    {X "E[min(x, log(x - 2))] = 1", MAXENT_ERROR_VALUE, 2, 1, "undefined at x = 1"},
    {"x in {1, 2}; y in {a, b}; E[1/((y = a) + x - 1)] = 1", MAXENT_ERROR_VALUE, 1, 27, "inf at x = 1, y = b"},
    {X "E[x | log(x - 2) > 0] = 1", MAXENT_ERROR_VALUE, 2, 1, "undefined at x = 1"},
    {X "E[x | x = 7] = 1", MAXENT_ERROR_VALUE, 2, 1, "the condition of E[x | x = 7] holds in no state"},
    {X "prior x < 3; E[x | x = 3] = 1", MAXENT_ERROR_VALUE, 2, 14, "holds in no state"},
    {X "E[x | 1 = 2] = 1", MAXENT_ERROR_VALUE, 2, 9, "this condition never holds"},
    {X "P[x] = 1", MAXENT_ERROR_VALUE, 2, 3, "expected an event such as x > 2"},
    {X "E[x | x] = 1", MAXENT_ERROR_VALUE, 2, 7, "expected an event"},
    {X "x = 1", MAXENT_ERROR_VALUE, 2, 1, "stands outside of E[...] and P[...]"},
    {X "E[x] = x", MAXENT_ERROR_VALUE, 2, 8, "stands outside of E[...] and P[...]"},
    {X "E[x] = {1, 2}", MAXENT_ERROR_VALUE, 2, 8, "a list of 2 numbers for one fact"},
    {X "E[x^k] = {1, 2} for k in 1..3", MAXENT_ERROR_VALUE, 2, 10, "the list has 2 numbers, the family has 3 facts"},
    {X "E[x^k] = {1, 2, 3, 4} for k in 1..3", MAXENT_ERROR_VALUE, 2, 10, "the list has 4 numbers, the family has 3 facts"},
    {X "E[x^k] = 1 +- {1} for k in 1..3", MAXENT_ERROR_VALUE, 2, 15, "the list has 1 number, the family has 3 facts"},
    {X "E[x^k] = {1, x} for k in 1..2", MAXENT_ERROR_VALUE, 2, 14, "a number of a list is a constant"},
    {X "E[x^k] = {1, inf} for k in 1..2", MAXENT_ERROR_VALUE, 2, 14, "a number of a list is finite"},
    {X "E[x^k] = 1 for k in 1..2 if x > 1", MAXENT_ERROR_VALUE, 2, 31, "a filter is about the loop variables"},
    {X "E[x^k] = 1 for k in 1..2 if k", MAXENT_ERROR_VALUE, 2, 29, "expected an event"},
    {X "E[x^k] = 1 for k in [1, 2]", MAXENT_ERROR_VALUE, 2, 21, "a loop runs over a set"},
    {X "let y = x + 1; E[x^k] = 1 for k in y", MAXENT_ERROR_VALUE, 2, 36, "a loop runs over a set"},
    {X "E[x^k] = 1 for k in 1..2.5", MAXENT_ERROR_VALUE, 2, 24, "the end of a loop is a whole number, not 2.5"},
    {X "E[x^k] = 1 for k in 1..inf", MAXENT_ERROR_VALUE, 2, 24, "a whole number, not inf"},
    {X "E[x] = observed", MAXENT_ERROR_VALUE, 2, 8, "there is nothing observed"},
    {X "observed {0, 0, 1}; P[x = 3 | x < 3] = observed", MAXENT_ERROR_VALUE, 2, 40, "never observed"},
    {X "observed {1, 0, 1}; E[1/(x - 1)] = observed", MAXENT_ERROR_VALUE, 2, 36, "the observed value is not finite"},
    {X "prior {1, 2}", MAXENT_ERROR_VALUE, 2, 7, "the prior has 2 numbers, the support has 3 states"},
    {X "prior x - 2", MAXENT_ERROR_VALUE, 2, 7, "the prior is -1 at x = 1; it must be finite and not negative"},
    {X "prior 1/(x - 2)^2", MAXENT_ERROR_VALUE, 2, 7, "the prior is inf at x = 2"},
    {X "prior log(x - 2)", MAXENT_ERROR_VALUE, 2, 7, "the prior is nan at x = 1"},
    {X "prior 0*x", MAXENT_ERROR_VALUE, 2, 7, "the prior is zero in every state"},
    {X "observed {1, -1, 1}", MAXENT_ERROR_VALUE, 2, 10, "the list of observed weights is -1 at x = 2"},
    {"x in {}", MAXENT_ERROR_VALUE, 1, 6, "this set is empty"},
    {"x in {2..1}", MAXENT_ERROR_VALUE, 1, 6, "this set is empty"},
    {"x in 2..1", MAXENT_ERROR_VALUE, 1, 6, "this range is empty"},
    {"x in 1..2.5", MAXENT_ERROR_VALUE, 1, 9, "a whole number, not 2.5"},
    {"x in 1..1e30", MAXENT_ERROR_VALUE, 1, 9, "a whole number of at most 2^53, not 1e30"},
    {"x in {1, inf}", MAXENT_ERROR_VALUE, 1, 10, "finite"},
    {"x in {1, 0/0}", MAXENT_ERROR_VALUE, 1, 10, "NaN"},
    {"s[3..1] in {1}", MAXENT_ERROR_VALUE, 1, 3, "this range of indices is empty"},
    {"s[1..3] in {0, 1}; E[s[4]] = 1", MAXENT_ERROR_VALUE, 1, 22, "s[4] does not exist; the index runs from 1 to 3"},
    {"s[1..3] in {0, 1}; E[s[1.5]] = 1", MAXENT_ERROR_VALUE, 1, 24, "an index is a whole number, not 1.5"},
    {"s[1..3] in {0, 1}; E[s[s[1]]] = 1", MAXENT_ERROR_VALUE, 1, 24, "an index is a constant"},
    {"y in {a, b}; E[y] = 1", MAXENT_ERROR_VALUE, 1, 16, "the values of y are names, not numbers; compare it: y = a"},
    {"y in {a, b}; P[y = 3] = 1", MAXENT_ERROR_VALUE, 1, 20, "the values of y are names"},
    {"y in {a, b}; P[y < a] = 1", MAXENT_ERROR_VALUE, 1, 16, "names have no order"},
    {"y in {a, b}; P[y in 1..2] = 1", MAXENT_ERROR_VALUE, 1, 21, "names are members of sets"},
    {X "P[x = \"a\"] = 1", MAXENT_ERROR_VALUE, 2, 7, "a name is compared with a number"},
    {X "E[x + \"a\"] = 1", MAXENT_ERROR_VALUE, 2, 7, "expected a number, found the name \"a\""},
    {X "E[T(-1, x)] = 1", MAXENT_ERROR_VALUE, 2, 5, "a degree is between 0 and"},
    {X "E[T(0.5, x)] = 1", MAXENT_ERROR_VALUE, 2, 5, "a degree is a whole number, not 0.5"},
    {X "E[T(x, x)] = 1", MAXENT_ERROR_VALUE, 2, 5, "a degree is a constant"},
    /* not linear in p */
    {X "E[x]*E[x^2] = 3", MAXENT_ERROR_UNSUPPORTED, 2, 6, "a product of expectations is not linear in p"},
    {X "1/E[x] = 3", MAXENT_ERROR_UNSUPPORTED, 2, 3, "a ratio of expectations is not linear in p"},
    {X "P[x = 1]/P[x = 2] = 3", MAXENT_ERROR_UNSUPPORTED, 2, 10, "is written P[A | B] = c"},
    {X "E[x]^2 = 3", MAXENT_ERROR_UNSUPPORTED, 2, 5, "not linear in p"},
    {X "sqrt(E[x]) = 3", MAXENT_ERROR_UNSUPPORTED, 2, 1, "not linear in p"},
    {X "Var[x] = 1", MAXENT_ERROR_UNSUPPORTED, 2, 5, "not linear in p unless the mean is given"},
    {X "Var[x] = 1; E[x] <= 2", MAXENT_ERROR_UNSUPPORTED, 2, 5, "not linear in p unless the mean is given"},
    {X "Var[x] = 1; E[x] = 2 +- 1", MAXENT_ERROR_UNSUPPORTED, 2, 5, "not linear in p unless the mean is given"},
    {X "y in 1..2; Cov[x, y] = 1; E[x] = 2", MAXENT_ERROR_UNSUPPORTED, 2, 19, "not linear in p unless the mean is given"},
    {X "E[x] = 2; Var[x | x > 1] = 1", MAXENT_ERROR_UNSUPPORTED, 2, 17, "a conditional variance is not linear in p"},
    {X "E[x | x > 1] + 1 = 2", MAXENT_ERROR_UNSUPPORTED, 2, 1, "can only stand alone"},
    {X "2*E[x | x > 1] = 2", MAXENT_ERROR_UNSUPPORTED, 2, 3, "can only stand alone"},
    {X "-E[x | x > 1] = 2", MAXENT_ERROR_UNSUPPORTED, 2, 2, "can only stand alone"},
    {X "E[x | x > 1] <= E[x]", MAXENT_ERROR_UNSUPPORTED, 2, 1, "can only stand alone"},
    {X "E[x] <= E[x | x > 1]", MAXENT_ERROR_UNSUPPORTED, 2, 9, "can only stand alone"},
    {X "E[x | x > 1] = 2.5 +- 0.1", MAXENT_ERROR_UNSUPPORTED, 2, 1, "a standard error on a conditional expectation"},
    /* supports of later versions: they parse */
    /* continuous and countable */
    {"x in [2, 2]", MAXENT_ERROR_VALUE, 1, 6, "measure zero"},
    {"x in (inf, inf)", MAXENT_ERROR_VALUE, 1, 6, "measure zero"},
    {"x in [3, 1]", MAXENT_ERROR_VALUE, 1, 6, "measure zero"},
    {"x in (0, -inf)", MAXENT_ERROR_VALUE, 1, 6, "measure zero"},
    {"x in inf..5", MAXENT_ERROR_VALUE, 1, 6, "this range is empty"},
    {"x in inf..inf", MAXENT_ERROR_VALUE, 1, 6, "this range is empty"},
    {"x in 0.5..inf", MAXENT_ERROR_VALUE, 1, 6, "is a whole number, not 0.5"},
    {"a in R; b in [0, 1]; c in 0..inf; d in R", MAXENT_ERROR_LIMIT, 1, 35, "more than 3 continuous"},
    {"s[1..4] in [0, 1]", MAXENT_ERROR_LIMIT, 1, 1, "more than 3 continuous"},
    {"x in R; P[x = 3] = 0.1", MAXENT_ERROR_VALUE, 1, 11, "measure zero"},
    {"x in R; P[x > 1 | x^2 != 3] = 0.1", MAXENT_ERROR_VALUE, 1, 20, "measure zero"},
    {"x in R; P[x in {1, 2}] = 0.1", MAXENT_ERROR_VALUE, 1, 11, "measure zero"},
    {"x in R; P[x in 1..5] = 0.1", MAXENT_ERROR_VALUE, 1, 11, "measure zero"},
    {"x in R; y in R; P[x = y] = 0.1", MAXENT_ERROR_VALUE, 1, 19, "measure zero"},
    {"x in R; E[x^k] = 1 for k in x", MAXENT_ERROR_VALUE, 1, 29, "a loop cannot run over x"},
    {"x in R; prior {1, 2}", MAXENT_ERROR_VALUE, 1, 15, "give a density"},
    {"x in R; prior \"q.txt\"", MAXENT_ERROR_VALUE, 1, 15, "give a density"},
    {"x in R; prior 0", MAXENT_ERROR_VALUE, 1, 15, "not zero everywhere"},
    {"x in R; prior -1", MAXENT_ERROR_VALUE, 1, 15, "not negative"},
    {"x in R; prior -exp(x)", MAXENT_ERROR_VALUE, 1, 15, "the prior is negative everywhere"},
    {"x in [0, 1]; prior min(0, x)", MAXENT_ERROR_VALUE, 1, 20, "the prior is zero everywhere"},
    {"x in R; observed exp(-x)", MAXENT_ERROR_UNSUPPORTED, 1, 18, "observed weights are those of states"},
    {"x in R; E[x] = observed", MAXENT_ERROR_VALUE, 1, 16, "nothing observed"},
    /* files */
    {"states \"/nowhere/at all.csv\"", MAXENT_ERROR_FILE, 0, 0, "No such file or directory"},
    {X "E[x^k] = \"/nowhere/list.txt\" for k in 1..2", MAXENT_ERROR_FILE, 0, 0, "No such file or directory"},
    {X "prior \"/\"", MAXENT_ERROR_FILE, 0, 0, "directory"},
    /* limits */
    {"x in 1..300000000", MAXENT_ERROR_LIMIT, 1, 6, "more than 268435456 values"},
    {"x in 1..20000; y in 1..20000", MAXENT_ERROR_LIMIT, 1, 16, "more than 268435456 states"},
    {"s[1..29] in {0, 1}", MAXENT_ERROR_LIMIT, 1, 1, "more than 268435456 states"},
    {"s[1..70000] in {0}", MAXENT_ERROR_LIMIT, 1, 3, "more than 65536 variables"},
    {X "P[x = i] <= 1 for i in 1..70000", MAXENT_ERROR_LIMIT, 2, 1, "more than 65536 facts"},
    {X "P[x = i] <= 1 for i in 1..10^9, j in 2..1", MAXENT_ERROR_LIMIT, 2, 19, "more than 1048576 turns"},
    {X "E[x] <= 1 for a in 1..1, b in 1..1, c in 1..1, d in 1..1, f in 1..1, g in 1..1, h in 1..1, i in 1..1, j in 1..1",
     MAXENT_ERROR_LIMIT, 2, 103, "more than 8 loop variables"},
    {X "0 <= E[x] <= E[x] <= E[x] <= E[x] <= E[x] <= E[x] <= E[x] <= 1", MAXENT_ERROR_LIMIT, 2, 62, "more than 8 sides"},
    {X "E[x^k] = {1..70000} for k in 1..2", MAXENT_ERROR_LIMIT, 2, 11, "more than 65536 numbers"},
    {X "E[T(70000, x)] = 1", MAXENT_ERROR_VALUE, 2, 5, "a degree is between 0 and 65536"},
};

/* 1 when the text is refused as it should be. */
static int refused(const char *text, maxent_error error, size_t line, size_t column, const char *message)
{
    maxent_diagnostic where;
    maxent_problem *p = try_text(text, &where);
    size_t caret = line == 0 || where.excerpt[0] == '\0' ? 0 : column < 62 ? column - 1 : 60; /* the caret stands at the column */
    int ok = p == NULL && where.error == error && where.line == line && where.column == column && where.caret == caret &&
             strstr(where.message, message) != NULL;
    if (!ok)
        print_error("%.200s\n  gave %d at %zu:%zu (caret %zu): %s\n  expected %d at %zu:%zu: %s\n", text, (int)where.error,
                    where.line, where.column, where.caret, p != NULL ? "a problem" : where.message, (int)error, line, column,
                    message);
    maxent_problem_free(p);
    return ok;
}

static void test_table(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        wrong += !refused(table[i].text, table[i].error, table[i].line, table[i].column, table[i].message);
    assert_int_equal(wrong, 0);
}

static void test_excerpt(void **state)
{
    (void)state;
    maxent_diagnostic where;
    char out[1500];
    assert_null(try_text("gr\xC3\xB6\xC3\x9F" "e in {1, 2}\n\tE[gr\xC3\xB6\xC3\x9F" "e] = y\r\n", &where));
    assert_int_equal(where.line, 2);
    assert_int_equal(where.column, 13); /* characters, not bytes */
    assert_string_equal(where.excerpt, " E[gr\xC3\xB6\xC3\x9F" "e] = y");
    maxent_diagnostic_text(&where, out, sizeof out);
    assert_string_equal(out, "t.facts:2:13: unknown name 'y'\n   E[gr\xC3\xB6\xC3\x9F" "e] = y\n              ^");

    char text[5000] = "x in {1, 2}; E[x";
    for (size_t i = strlen(text); i < 4000; i += 2)
        memcpy(text + i, "\xC3\xB6", 2);
    memcpy(text + 4000, "] = 1 + 2 + 3", 14);
    assert_null(try_text(text, &where)); /* a window of a long line, in whole characters */
    assert_int_equal(where.column, 16);
    assert_int_equal(where.caret, 15);
    assert_true(strlen(where.excerpt) < 256);
    assert_true(((unsigned char)where.excerpt[strlen(where.excerpt) - 1] & 0xC0) == 0x80);
    memset(text, ' ', 4000);
    memcpy(text, "x in {1, 2};", 12);
    memcpy(text + 4000, "E[y] = 1", 9);
    assert_null(try_text(text, &where));
    assert_int_equal(where.column, 4003);
    assert_int_equal(where.caret, 60);
    assert_true(where.excerpt[60] == 'y');
}

static void test_bytes(void **state)
{
    (void)state;
    static const char *const bad[] = {"x in {1}\n\xFF", "x in {1}\n#\xC3", "x in {1}\n#\xC0\x80", "x in {1}\n#\xED\xA0\x80",
                                      "x in {1}\n#\xF4\x90\x80\x80", "x in {1}\n#\xE2\x28\xA1", "x in {1}\n#\xF0\x80\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(refused(bad[i], MAXENT_ERROR_SYNTAX, 2, i == 0 ? 1 : 2, "not UTF-8; is this a text file?"));
    maxent_problem *p;
    maxent_diagnostic where;
    assert_int_equal(maxent_problem_from_text("x in {1}\0E", 10, NULL, NULL, &p, &where), MAXENT_ERROR_SYNTAX);
    assert_non_null(strstr(where.message, "line 1 has a NUL byte; is this a text file?"));
    assert_string_equal(where.file, "input");
    assert_int_equal(maxent_problem_from_text("\xEF\xBB\xBFx in {1}", 11, NULL, NULL, &p, &where),
                     MAXENT_OK); /* a byte order mark */
    maxent_problem_free(p);
}

/* Limits of the text: what is allowed passes, one more does not. */
static void nested(const char *open, const char *middle, const char *close, size_t depth, int ok)
{
    size_t a = strlen(open), b = strlen(close);
    char *text = malloc(100 + depth * (a + b)), *end = text;
    if (text == NULL)
        abort();
    memcpy(end, X "E[", strlen(X "E["));
    end += strlen(X "E[");
    for (size_t i = 0; i < depth; i++, end += a)
        memcpy(end, open, a);
    memcpy(end, middle, strlen(middle));
    end += strlen(middle);
    for (size_t i = 0; i < depth; i++, end += b)
        memcpy(end, close, b);
    memcpy(end, "] <= 1", 7);
    maxent_diagnostic where;
    maxent_problem *p = try_text(text, &where);
    if ((p != NULL) != ok)
        fail_msg("%zu times %s: %s", depth, open, where.message);
    if (!ok) {
        assert_int_equal(where.error, MAXENT_ERROR_LIMIT);
        assert_non_null(strstr(where.message, "nested deeper than 200 levels"));
    }
    maxent_problem_free(p);
    free(text);
}

static void test_nesting(void **state)
{
    (void)state;
    const size_t most = MX_NESTING_LIMIT - 1; /* E[ is one of them */
    static const struct {
        const char *open, *middle, *close;
    } kinds[] = {{"(", "x", ")"}, {"abs(", "x", ")"}, {"-", "x", ""}, {"+", "x", ""}, {"not ", "x > 1", ""}, {"1^", "x", ""}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        nested(kinds[i].open, kinds[i].middle, kinds[i].close, most, 1);
        nested(kinds[i].open, kinds[i].middle, kinds[i].close, most + 1, 0);
        nested(kinds[i].open, kinds[i].middle, kinds[i].close, 300000, 0);
    }
}

static void test_long_texts(void **state)
{
    (void)state;
    maxent_diagnostic where;
    const size_t terms = 100000; /* a long sum is not deep */
    char *text = malloc(4 * terms + 100), *end = text + sprintf(text, X "E[x");
    for (size_t i = 0; i < terms; i++, end += 4)
        memcpy(end, " + x", 4);
    strcpy(end, "] <= 1e9");
    maxent_problem *p = try_text(text, &where);
    assert_non_null(p);
    double row[1];
    assert_int_equal(mx_features_block(p, 2, 1, row), 0);
    assert_true(row[0] == 3.0 * (double)(terms + 1));
    maxent_problem_free(p);
    free(text);

    const size_t lets = 2000; /* names through names: evaluated in order they are not deep */
    text = malloc(40 * lets + 100);
    end = text + sprintf(text, X "let a0 = x\n");
    for (size_t i = 1; i < lets; i++)
        end += sprintf(end, "let a%zu = a%zu + 1\n", i, i - 1);
    sprintf(end, "E[a%zu] = 2000", lets - 1);
    p = try_text(text, &where);
    assert_non_null(p);
    maxent_problem_free(p);
    end = text + sprintf(text, X "E[a0] = 2000\n"); /* in the other order they are */
    for (size_t i = 1; i < lets; i++)
        end += sprintf(end, "let a%zu = a%zu + 1\n", i - 1, i);
    sprintf(end, "let a%zu = x\n", lets - 1);
    assert_null(try_text(text, &where));
    assert_int_equal(where.error, MAXENT_ERROR_LIMIT);
    free(text);

    text = malloc(MX_TEXT_LIMIT + 2);
    memset(text, ' ', MX_TEXT_LIMIT + 2);
    memcpy(text, X, strlen(X));
    assert_int_equal(maxent_problem_from_text(text, MX_TEXT_LIMIT, NULL, NULL, &p, &where), MAXENT_OK);
    maxent_problem_free(p);
    assert_int_equal(maxent_problem_from_text(text, MX_TEXT_LIMIT + 1, NULL, NULL, &p, &where), MAXENT_ERROR_LIMIT);
    assert_non_null(strstr(where.message, "more than 16777216 bytes"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),   cmocka_unit_test(test_excerpt),    cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_nesting), cmocka_unit_test(test_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
