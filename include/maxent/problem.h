/* Problems: a support, a reference measure and facts. Built from text, from arrays, or from a callback. */
#ifndef MAXENT_PROBLEM_H
#define MAXENT_PROBLEM_H

#include <maxent/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* n states, k features f_i, a prior q[n] (default: 1) and one fact per feature:
 *
 *     E_p[f_i] = tau_i,   or   lower_i <= E_p[f_i] <= upper_i,   or   E_p[f_i] = tau_i +- sd_i
 */
typedef struct maxent_problem maxent_problem;

/* A problem in which some variable runs over an interval, or over whole numbers without end, has no states: n = 0. Such continuous and
 * countable problems come from text only; their features are functions of the variables, and the prior, an expression, is the
 * density of the reference measure (Lebesgue measure for an interval, counting measure for whole numbers and sets). Of the functions
 * below, those about states do not apply to them: there is no state to ask for, and maxent_problem_set_prior is refused. */

/* Compiles a problem written in the facts language (docs/language.md).
 * text: [length] bytes of UTF-8, need not be NUL-terminated. name: what diagnostics call it (a file name); NULL: "input".
 * directory: where relative file names in the text are looked up; NULL: the current directory.
 * *out: the new problem, to be freed with maxent_problem_free; written only on success.
 * Errors: MEMORY, SYNTAX, NAME, VALUE, LIMIT, UNSUPPORTED, FILE; `diagnostic` says where. */
MAXENT_API maxent_error maxent_problem_from_text(const char *text, size_t length, const char *name, const char *directory,
                                                 maxent_problem **out, maxent_diagnostic *diagnostic);

/* Reads a file in the facts language; "-" is standard input. As maxent_problem_from_text, relative to the file's folder. */
MAXENT_API maxent_error maxent_problem_from_file(const char *path, maxent_problem **out, maxent_diagnostic *diagnostic);

/* Several pieces of text, each with its name (the -e options of the command line): as one problem. names, texts: [count]. */
MAXENT_API maxent_error maxent_problem_from_texts(size_t count, const char *const *texts, const char *const *names,
                                                  const char *directory, maxent_problem **out, maxent_diagnostic *diagnostic);

/* Called a few times a second while a problem is built, from the thread that asked for it, with the seconds since then. Return non-zero
 * to stop. Small problems are built without a call. */
typedef int (*maxent_build_callback)(void *user, double seconds);

typedef struct maxent_build_options {
    const char *directory; /* where relative file names in the text are looked up; NULL: beside the first file that is read, or in the
                              current directory */
    double time_limit;     /* seconds; 0: none. Not looked at while a file is read as a whole, nor for small problems */
    maxent_build_callback progress;
    void *progress_user;
} maxent_build_options;

MAXENT_API void maxent_build_options_init(maxent_build_options *options); /* the defaults: all 0 */

/* As maxent_problem_from_texts, in which texts[i] may be NULL: then names[i] is a file ("-": standard input) that is read; and with a
 * limit on the time that reading and evaluating may take. A problem of 2^28 states takes many seconds to build.
 * options: NULL for the defaults. Errors: those of maxent_problem_from_text; ARGUMENT; STOPPED. */
MAXENT_API maxent_error maxent_problem_build(size_t count, const char *const *texts, const char *const *names,
                                             const maxent_build_options *options, maxent_problem **out,
                                             maxent_diagnostic *diagnostic);

/* A problem on n states from a dense feature array that the caller keeps alive and unchanged until the problem is freed.
 * F: feature i of state x is F[x * state_stride + i * feature_stride] (strides in doubles); row-major n x k: (k, 1),
 * feature-major k x n: (1, n). All finite (checked by the solve). target: [k], copied; may be changed later.
 * n >= 1; k = 0 is allowed (F and target may then be NULL). Errors: MEMORY, ARGUMENT, VALUE (a target is not finite). */
MAXENT_API maxent_error maxent_problem_from_array(size_t n, size_t k, const double *F, size_t state_stride,
                                                  size_t feature_stride, const double *target, maxent_problem **out,
                                                  maxent_diagnostic *diagnostic);

/* As above with features of one byte, F[x * k + i] in row-major order: 0/1, spins, counts. An eighth of the memory. */
MAXENT_API maxent_error maxent_problem_from_bytes(size_t n, size_t k, const signed char *F, const double *target,
                                                  maxent_problem **out, maxent_diagnostic *diagnostic);

/* Writes the features of states first .. first+count-1 into out: row-major [count][k]. Called many times, from several
 * threads at once, always with the same answer for the same state. Returns 0, or non-zero to stop (MAXENT_ERROR_CALLBACK). */
typedef int (*maxent_fill)(void *user, size_t first, size_t count, double *out);

/* A problem whose features are computed when needed and never stored as a whole. */
MAXENT_API maxent_error maxent_problem_from_callback(size_t n, size_t k, maxent_fill fill, void *user, const double *target,
                                                     maxent_problem **out, maxent_diagnostic *diagnostic);

/* Sets the prior (reference measure). q: [n], copied, >= 0, finite, not all zero, any sum; NULL: back to 1 for every state.
 * Errors: MEMORY, VALUE, ARGUMENT (a continuous or countable problem). */
MAXENT_API maxent_error maxent_problem_set_prior(maxent_problem *problem, const double *q, maxent_diagnostic *diagnostic);

/* E[f_i] = target. Errors: ARGUMENT (i >= k; a conditional fact of the facts language, whose value is part of its feature),
 * VALUE (not finite). Solve again to see the effect; with
 * `maxent_options.warm` the last multipliers are the start. */
MAXENT_API maxent_error maxent_problem_set_target(maxent_problem *problem, size_t i, double target);

/* lower <= E[f_i] <= upper; either may be infinite, lower <= upper, not NaN. Both infinite: the fact is only watched. */
MAXENT_API maxent_error maxent_problem_set_interval(maxent_problem *problem, size_t i, double lower, double upper);

/* E[f_i] = target +- sd, a normal error: (E[f_i] - target)^2 / (2 sd^2) is taken off the entropy. sd > 0, finite. */
MAXENT_API maxent_error maxent_problem_set_soft(maxent_problem *problem, size_t i, double target, double sd);

/* Names fact i for reports ("E[x]"); copied. Default: "E[f1]", "E[f2]", ... */
MAXENT_API maxent_error maxent_problem_set_text(maxent_problem *problem, size_t i, const char *text);

MAXENT_API size_t maxent_problem_states(const maxent_problem *problem); /* n; 0 for continuous and countable problems */
MAXENT_API size_t maxent_problem_facts(const maxent_problem *problem);  /* k */

/* Number of variables of the support (0 for arrays and callbacks). */
MAXENT_API size_t maxent_problem_variables(const maxent_problem *problem);
MAXENT_API const char *maxent_problem_variable(const maxent_problem *problem, size_t v); /* its name; owned by the problem */

typedef enum maxent_extent {
    MAXENT_LISTED,     /* finitely many values, numbers or names */
    MAXENT_REAL,       /* every real number of lower .. upper */
    MAXENT_WHOLE       /* every whole number of lower .. upper, one end or both infinite */
} maxent_extent;

/* What variable v runs over. *lower, *upper (NULL accepted): its ends, -inf and inf among them; of a listed one the least and the
 * greatest number, of one of names 0 and the number of names less 1. v must be in range. */
MAXENT_API maxent_extent maxent_problem_extent(const maxent_problem *problem, size_t v, double *lower, double *upper);

/* Value of variable v in state x: returns its label when its values are names (and leaves *number alone), else NULL and
 * the number in *number. v and x must be in range. */
MAXENT_API const char *maxent_problem_value(const maxent_problem *problem, size_t v, size_t x, double *number);

/* The name of level `level` of variable v, as draws and nodes have it; NULL when its values are numbers or there is no such level.
 * Owned by the problem. */
MAXENT_API const char *maxent_problem_label(const maxent_problem *problem, size_t v, size_t level);

MAXENT_API void maxent_problem_free(maxent_problem *problem);

#ifdef __cplusplus
}
#endif
#endif
