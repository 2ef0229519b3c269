/* Solving: from a problem to a verdict with its proof. */
#ifndef MAXENT_SOLVE_H
#define MAXENT_SOLVE_H

#include <maxent/problem.h>

#ifdef __cplusplus
extern "C" {
#endif

/* name, word in JSON, text */
#define MAXENT_VERDICTS(X)                                                                                   \
    X(MAXENT_SOLVED, "solved", "the maximum-entropy distribution, interior")                                 \
    X(MAXENT_BOUNDARY, "boundary", "the facts force probability zero somewhere; solved on that face")        \
    X(MAXENT_INFEASIBLE, "infeasible", "no distribution meets the facts")                                    \
    X(MAXENT_SINGULAR, "singular", "only measures concentrated on points meet the facts")                    \
    X(MAXENT_UNATTAINED, "unattained", "the entropy has a finite supremum that no density reaches")          \
    X(MAXENT_UNBOUNDED, "unbounded", "the entropy has no upper bound")                                       \
    X(MAXENT_UNFINISHED, "unfinished", "stopped by a limit or by the user; the best so far")

typedef enum maxent_verdict {
#define MAXENT_VERDICT_ENTRY(name, word, text) name,
    MAXENT_VERDICTS(MAXENT_VERDICT_ENTRY)
#undef MAXENT_VERDICT_ENTRY
    MAXENT_VERDICT_COUNT
} maxent_verdict;

MAXENT_API const char *maxent_verdict_word(maxent_verdict verdict); /* "solved", ...; static */
MAXENT_API const char *maxent_verdict_text(maxent_verdict verdict); /* one line; static */

/* What a progress callback sees. */
typedef struct maxent_progress {
    size_t iteration;
    size_t evaluations; /* passes over the states so far */
    double dual;        /* D(lambda), nats: an upper bound on the entropy relative to the prior */
    double residual;    /* max_i |E f_i - tau_i| / scale_i */
    double seconds;     /* since the solve began */
} maxent_progress;

/* Called about once an iteration, from the thread that called maxent_solve. Return non-zero to stop: verdict UNFINISHED. */
typedef int (*maxent_progress_callback)(void *user, const maxent_progress *progress);

typedef struct maxent_options {
    double tolerance;      /* residual max_i |E f_i - tau_i| / scale_i to reach, scale_i = max(|tau_i|, sd_p(f_i)); default 1e-12.
                              Small problems go on to the limit of double precision at no cost that shows. */
    size_t max_iterations; /* 0: no limit but the built-in one (1000) */
    double time_limit;     /* seconds; 0: none */
    int threads;           /* 0: as many as the machine offers; the answer has the same bits for any number */
    int explain;           /* non-zero: also what each fact costs in entropy (k further solves) */
    const double *warm;    /* [k] multipliers to start from, or NULL: 0 */
    maxent_progress_callback progress;
    void *progress_user;
} maxent_options;

MAXENT_API void maxent_options_init(maxent_options *options); /* the defaults */

typedef struct maxent_result maxent_result;

/* Solves: the p that minimises D(p || q / sum q) under the facts (for the default prior: maximises the entropy),
 *
 *     p(x) = q(x) exp(-sum_i lambda_i f_i(x)) / Z(lambda),     D(lambda) = log Z(lambda) + sum_i lambda_i tau_i -> min
 *
 * options: NULL for the defaults. *result: to be freed with maxent_result_free, written only on success; it keeps a
 * pointer to `problem`, which must outlive it. Infeasible facts are a verdict, not an error.
 * Errors: MEMORY, ARGUMENT, VALUE (a feature is not finite: the diagnostic names the fact and the state), CALLBACK.
 * Thread-safe for different problems; one problem may be solved by several threads at once if none changes it. */
MAXENT_API maxent_error maxent_solve(const maxent_problem *problem, const maxent_options *options, maxent_result **result,
                                     maxent_diagnostic *diagnostic);

MAXENT_API maxent_verdict maxent_result_verdict(const maxent_result *result);
MAXENT_API const char *maxent_result_message(const maxent_result *result); /* one sentence for a person; owned by the result */
MAXENT_API const maxent_problem *maxent_result_problem(const maxent_result *result);

/* All entropies in nats; NaN when there is none (infeasible). */
MAXENT_API double maxent_result_entropy(const maxent_result *result);           /* -sum p log p */
MAXENT_API double maxent_result_entropy_without(const maxent_result *result);   /* of the prior alone: q / sum q; NaN: none, or not known */
MAXENT_API double maxent_result_relative_entropy(const maxent_result *result);  /* D(p || q / sum q) */
MAXENT_API double maxent_result_log_partition(const maxent_result *result);     /* log Z(lambda), natural logarithm */

/* One fact of the answer. */
typedef struct maxent_fact {
    const char *text;   /* as the user wrote it, or the default name; owned by the problem */
    double target;      /* as the user wrote it: of the conditional expectation when it is one; NaN for an interval */
    double lower;       /* bounds on the same quantity; equal to target for an equality and for a soft fact */
    double upper;
    double sd;          /* standard error of a soft fact, else 0 */
    double achieved;    /* the same quantity under p; NaN when there is no p, or its condition has probability 0 */
    double lambda;      /* multiplier: dH/dtau. NaN when there is none. On a boundary: of the solution on the face. */
    double residual;    /* how far the fact is from met, in the unit of scale_i; 0 inside an interval */
    double cost;        /* entropy gained by dropping this fact alone, nats; NaN unless options.explain */
    double direction;   /* component of the certificate's direction (infeasible, boundary), else 0 */
    double repair;      /* infeasible: the nearest target that makes all facts feasible when only this fact moves; NaN if none */
} maxent_fact;

MAXENT_API size_t maxent_result_facts(const maxent_result *result);
/* Writes fact i (in the order of the problem); i < maxent_result_facts. */
MAXENT_API void maxent_result_fact(const maxent_result *result, size_t i, maxent_fact *fact);

/* The proof. */
typedef struct maxent_certificate {
    double residual;         /* max_i |E f_i - tau_i| / scale_i, computed afresh from p by compensated sums; NaN without p */
    double gap;              /* D(lambda) - H(p) (relative to the prior), computed afresh; >= 0 up to rounding; NaN without p */
    const double *direction; /* [k] d with d.f(x) >= d.tau for every x, or NULL: infeasible (strict everywhere) and boundary
                                (strict where p = 0; NULL when states were ruled out in a problem too large for
                                the exact way). Sign: along +d the dual falls. Owned by the result. */
    double margin;           /* infeasible: min_x d.f(x) - d.tau > 0, in exact terms of the given doubles; else NaN */
    double bound;            /* the supremum of the entropy when unattained, else NaN */
    size_t zeros;            /* number of states of positive prior that are forced to probability zero */
} maxent_certificate;

MAXENT_API void maxent_result_certificate(const maxent_result *result, maxent_certificate *certificate);

typedef struct maxent_effort {
    size_t iterations;
    size_t evaluations; /* passes over the states, every kind */
    double seconds;     /* wall clock of maxent_solve */
    int threads;
} maxent_effort;

MAXENT_API void maxent_result_effort(const maxent_result *result, maxent_effort *effort);

MAXENT_API void maxent_result_free(maxent_result *result);

#ifdef __cplusplus
}
#endif
#endif
