/* Conditional models: the maximum-entropy p(y | x) of labelled events. Events, fitting, the model, predicting. */
#ifndef MAXENT_MODEL_H
#define MAXENT_MODEL_H

#include <maxent/solve.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- events ------------------------------------------------------------------------------------------------------------
 *
 * n events in contexts x_e (sparse rows of m features), each with a class y_e of C, or a distribution y_e over the classes, a weight
 * w_e and an offset o_e. The model is
 *
 *     p(c | x) = exp(s_c) / sum_d exp(s_d),      s_c = o_ec + b_c + sum_j W_jc x_j
 *
 * With two classes one vector serves: s_0 = o_0, s_1 = o_1 + b + sum_j W_j x_j. */
typedef struct maxent_events maxent_events;

/* Events from compressed sparse rows: row e has the features index[row[e] .. row[e+1]-1], strictly ascending and < features.
 * row: [n + 1], starts at 0. value: [row[n]], finite; NULL: all 1. label: [n], < classes. weight: [n], finite, >= 0; NULL: all 1.
 * Everything is copied. features = 0 and n = 0 are allowed here (a fit wants an event of positive weight), classes >= 2.
 * *out: to be freed with maxent_events_free; written only on success. Errors: MEMORY, ARGUMENT, VALUE. */
MAXENT_API maxent_error maxent_events_from_csr(size_t n, size_t features, size_t classes, const size_t *row, const uint32_t *index,
                                               const double *value, const uint32_t *label, const double *weight,
                                               maxent_events **out, maxent_diagnostic *diagnostic);

/* Events from a dense array: feature j of event e is x[e * stride + j]. Zeros are not stored. The rest as above. */
MAXENT_API maxent_error maxent_events_from_dense(size_t n, size_t features, size_t classes, const double *x, size_t stride,
                                                 const uint32_t *label, const double *weight, maxent_events **out,
                                                 maxent_diagnostic *diagnostic);

/* Soft labels: target[e * classes + c] >= 0 is the weight with which event e has class c; an event's weight becomes their sum.
 * Copied. Errors: MEMORY, VALUE (negative or not finite). */
MAXENT_API maxent_error maxent_events_set_targets(maxent_events *events, const double *target, maxent_diagnostic *diagnostic);

/* Offsets, or the scores of a base model: offset[e * classes + c], finite, copied; NULL: none. Errors: MEMORY, VALUE. */
MAXENT_API maxent_error maxent_events_set_offsets(maxent_events *events, const double *offset, maxent_diagnostic *diagnostic);

/* Names of features and classes, copied; either may be NULL: left as they are (numbers, from 0). feature: [features],
 * class_name: [classes], distinct. Call it before anything else shares the names (a fit, a reader).
 * Errors: MEMORY, NAME (a name twice), ARGUMENT (the names are shared already). */
MAXENT_API maxent_error maxent_events_set_names(maxent_events *events, const char *const *feature, const char *const *class_name,
                                                maxent_diagnostic *diagnostic);

/* Merges events of equal contexts (and equal offsets): one event with soft labels. The fit is the same, with less work.
 * *merged (NULL accepted): how many events went. Errors: MEMORY. */
MAXENT_API maxent_error maxent_events_merge(maxent_events *events, size_t *merged, maxent_diagnostic *diagnostic);

MAXENT_API size_t maxent_events_count(const maxent_events *events);    /* n */
MAXENT_API size_t maxent_events_features(const maxent_events *events); /* m, without the intercept */
MAXENT_API size_t maxent_events_classes(const maxent_events *events);  /* C */
MAXENT_API size_t maxent_events_nonzeros(const maxent_events *events);
MAXENT_API double maxent_events_weight(const maxent_events *events);   /* the sum of the weights */
MAXENT_API void maxent_events_free(maxent_events *events);

/* ---- fitting ----------------------------------------------------------------------------------------------------------- */

typedef enum maxent_intercept {
    MAXENT_INTERCEPT_FREE,      /* unpenalised, the default */
    MAXENT_INTERCEPT_PENALIZED, /* as a feature that is 1 everywhere, with the common l1 and l2 */
    MAXENT_INTERCEPT_NONE
} maxent_intercept;

/* name, word, text */
#define MAXENT_FIT_METHODS(X)                                                                     \
    X(MAXENT_FIT_AUTO, "auto", "chosen by size and penalty")                                      \
    X(MAXENT_FIT_DUAL, "dual", "dual coordinate ascent (needs an L2 penalty on every feature)")   \
    X(MAXENT_FIT_NEWTON, "newton", "Newton with the Hessian formed (few weights)")                \
    X(MAXENT_FIT_NEWTON_CG, "newton-cg", "trust-region Newton, conjugate gradients")              \
    X(MAXENT_FIT_PROXIMAL, "proximal", "proximal Newton with active sets (takes L1)")

typedef enum maxent_fit_method {
#define MAXENT_FIT_METHOD_ENTRY(name, word, text) name,
    MAXENT_FIT_METHODS(MAXENT_FIT_METHOD_ENTRY)
#undef MAXENT_FIT_METHOD_ENTRY
    MAXENT_FIT_METHOD_COUNT
} maxent_fit_method;

MAXENT_API const char *maxent_fit_method_word(maxent_fit_method method); /* "dual", ...; static */

typedef struct maxent_model maxent_model;

/* What a progress callback sees. */
typedef struct maxent_fit_progress {
    size_t iteration;
    double passes;        /* over the events */
    double objective;     /* best so far */
    double gap;           /* objective - optimum is at most this (an estimate between certificates); inf: not known yet */
    double valid_loss;    /* mean log loss on options.valid, NaN without */
    double valid_accuracy;
    double seconds;       /* since the fit began */
    const maxent_model *model; /* the model as it is now, for a checkpoint; good during the call only; NULL when not due */
} maxent_fit_progress;

/* Called about once an iteration from the thread that called. Return non-zero to stop: verdict UNFINISHED, the best model so far. */
typedef int (*maxent_fit_callback)(void *user, const maxent_fit_progress *progress);

/* The objective, to be minimised (V: vectors; one when C = 2, else C):
 *
 *     sum_e w_e (-sum_c y_ec log p(c | x_e))  +  sum_j (l2_j / 2) sum_v (W_jv - W0_jv)^2  +  sum_j l1_j sum_v |W_jv - W0_jv|
 *
 * and the same for the intercept b when it is penalised. scikit-learn's C: l2 = 1/C. glmnet: l2 = n lambda (1 - alpha),
 * l1 = n lambda alpha. A normal prior of variance sigma^2: l2 = 1/sigma^2. Wapiti: l1 = rho1, l2 = rho2 (its features are C times ours). */
typedef struct maxent_fit_options {
    double l2;                 /* >= 0, default 0 */
    double l1;                 /* >= 0, default 0 */
    const double *l2_feature;  /* [features] factors on l2, >= 0; NULL: 1 */
    const double *l1_feature;  /* [features] factors on l1, >= 0; NULL: 1 */
    const maxent_model *prior; /* the means W0 (and b0 for a penalised intercept), matched by the names; NULL: 0 */
    const maxent_model *start; /* weights to start from, matched by the names (resume, paths); NULL: none */
    maxent_intercept intercept;
    maxent_fit_method method;
    double tolerance;          /* of gap / objective; default 1e-6 */
    size_t max_iterations;     /* 0: no limit but the built-in one */
    double time_limit;         /* seconds; 0: none */
    int threads;               /* 0: as many as the machine offers; the same bits for any number */
    uint64_t seed;             /* of the order in which events are visited; default 1 */
    int standard_errors;       /* non-zero: those of weights and probabilities. LIMIT when there are over 4,096 weights */
    const maxent_events *valid;/* held-out events of the same features and classes, for progress; NULL: none */
    maxent_fit_callback progress;
    void *progress_user;
    double checkpoint_seconds; /* progress.model is given when that long has passed since it last was; 0: never */
} maxent_fit_options;

MAXENT_API void maxent_fit_options_init(maxent_fit_options *options);

/* How a fit ended. verdict: SOLVED; BOUNDARY: some events are separated and their penalty-free weights would run to infinity: the model is
 * finite, the loss within the tolerance of its infimum, maxent_model_direction says where it would run; UNFINISHED. */
typedef struct maxent_fit {
    maxent_verdict verdict;
    maxent_fit_method method;
    char message[256];     /* one sentence for a person */
    double objective;      /* at the model returned */
    double log_loss;       /* its first part: the sum over events, nats */
    double penalty;        /* the rest */
    double gap;            /* objective - optimum <= gap: certified by a point of the dual, computed afresh in double precision. Where
                              weights have no penalty, and the method is not dual: half the Newton decrement, or the like, an estimate */
    double gradient;       /* largest absolute component of the gradient (of the smallest subgradient with L1); after method dual with the
                              probabilities of its dual point */
    size_t separated;      /* BOUNDARY: events for which the direction rules a class out (all but their own: their loss goes to 0) */
    size_t iterations;
    double passes;         /* over the events, of any kind: products with the data divided by 2 */
    double seconds;        /* wall clock */
    double cpu_seconds;    /* of all threads */
    int threads;
} maxent_fit;

/* Fits. options: NULL for the defaults (no penalty). *model: to be freed with maxent_model_free; it shares the names with the
 * events, which may be freed before it. *fit: NULL accepted. Both written only on success; separable data is a verdict, no error.
 * Errors: MEMORY, ARGUMENT (no event of positive weight; a method that cannot serve the penalty), VALUE, LIMIT, CALLBACK.
 * Classes without events are kept; without a penalty their probability goes to zero: BOUNDARY.
 * Thread-safe: events are read only. */
MAXENT_API maxent_error maxent_model_fit(const maxent_events *events, const maxent_fit_options *options, maxent_model **model,
                                         maxent_fit *fit, maxent_diagnostic *diagnostic);

/* One strength of a path. */
typedef struct maxent_path_point {
    double scale;          /* both l1 and l2 of the options times this */
    maxent_fit fit;
    double valid_loss;     /* mean log loss on options.valid, or of all held-out folds; NaN without */
    double valid_accuracy;
    double valid_error;    /* standard error of valid_loss over the folds; NaN without folds */
    size_t nonzeros;       /* weights that are not 0 */
} maxent_path_point;

/* Fits for scale[0 .. count-1], each started from the one before (sort them: largest first is quickest).
 * point: [count], written only on success. best: NULL accepted, else the model of least valid_loss when options.valid is given,
 * of the last scale when not. */
MAXENT_API maxent_error maxent_model_fit_path(const maxent_events *events, const maxent_fit_options *options, size_t count,
                                              const double *scale, maxent_path_point *point, maxent_model **best,
                                              maxent_diagnostic *diagnostic);

/* K-fold cross-validation of the same scales; folds by a permutation with options.seed. Merged events (one context) stay together.
 * point[i].fit is the fit on the last fold. 2 <= folds <= n. */
MAXENT_API maxent_error maxent_model_cross_validate(const maxent_events *events, const maxent_fit_options *options, size_t folds,
                                                    size_t count, const double *scale, maxent_path_point *point,
                                                    maxent_diagnostic *diagnostic);

/* ---- the model --------------------------------------------------------------------------------------------------------- */

MAXENT_API size_t maxent_model_features(const maxent_model *model);
MAXENT_API size_t maxent_model_classes(const maxent_model *model);
MAXENT_API int maxent_model_has_intercept(const maxent_model *model);
MAXENT_API int maxent_model_binary(const maxent_model *model); /* 1: two classes, one vector: that of class 1 */

/* Weight of feature j for class c, and the intercept; with two classes 0 for class 0. */
MAXENT_API double maxent_model_weight(const maxent_model *model, size_t c, size_t j);
MAXENT_API double maxent_model_intercept(const maxent_model *model, size_t c);
/* Their standard errors (0 where the model has none to have: class 0 of two), NaN unless asked of the fit;
 * j = features: of the intercept. With three or more classes: of the weights that sum to 0 over the classes. */
MAXENT_API double maxent_model_standard_error(const maxent_model *model, size_t c, size_t j);
/* BOUNDARY: the direction in which separated events' loss falls to 0 and nobody else's changes; else 0. j = features: intercept. */
MAXENT_API double maxent_model_direction(const maxent_model *model, size_t c, size_t j);

/* Names: at most `size` bytes with the NUL into out; the length without it is returned. Unnamed ones are numbers. */
MAXENT_API size_t maxent_model_feature_name(const maxent_model *model, size_t j, char *out, size_t size);
MAXENT_API size_t maxent_model_class_name(const maxent_model *model, size_t c, char *out, size_t size);

MAXENT_API void maxent_model_free(maxent_model *model);

/* ---- predicting -------------------------------------------------------------------------------------------------------- */

/* log p(c | x) for one event. index: [nonzeros], any order; indices >= features are ignored. value: NULL: all 1. offset: [classes] or
 * NULL. logp: [classes]. Returns the most probable class (the first of equals). Allocates nothing; thread-safe. */
MAXENT_API size_t maxent_model_predict(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value,
                                       const double *offset, double *logp);

/* Standard errors of the probabilities of one event, by the delta method: se: [classes]. scratch: [maxent_model_scratch] doubles.
 * Returns 0, or 1 when the fit was not asked for standard errors. Allocates nothing; thread-safe. */
MAXENT_API size_t maxent_model_scratch(const maxent_model *model);
MAXENT_API int maxent_model_predict_se(const maxent_model *model, size_t nonzeros, const uint32_t *index, const double *value,
                                       const double *offset, double *se, double *scratch);

/* log p(c | x_e) for all events: logp [n * classes]; threads as in the options. The events' features and classes must be the model's.
 * Errors: ARGUMENT, MEMORY. */
MAXENT_API maxent_error maxent_model_predict_events(const maxent_model *model, const maxent_events *events, int threads,
                                                    double *logp, maxent_diagnostic *diagnostic);

typedef struct maxent_evaluation {
    double weight;   /* of all events */
    double log_loss; /* the sum */
    double correct;  /* weight of the classes rightly predicted */
} maxent_evaluation;

/* The loss of a model on events, summed over them. Errors: ARGUMENT, MEMORY. */
MAXENT_API maxent_error maxent_model_evaluate(const maxent_model *model, const maxent_events *events, int threads,
                                              maxent_evaluation *out, maxent_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif
#endif
