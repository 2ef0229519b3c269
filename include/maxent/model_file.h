/* Conditional models and files: events from files, model files, predicting and scoring from file to file. */
#ifndef MAXENT_MODEL_FILE_H
#define MAXENT_MODEL_FILE_H

#include <maxent/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- events from files --------------------------------------------------------------------------------------------------
 *
 *     svmlight   label number:value number:value ... # comment       labels are numbers, numbers ascend in a line
 *     named      label name name:value ... # comment                 apart by blanks or tabs; names are any UTF-8 without blanks
 *     table      a CSV file with a header, one column of which is the class
 *
 * In the first two a label may be a list `label*weight,label*weight,...`: how often, or with what probability, the context had each
 * class. Files may be compressed by gzip or zstd; "-" is standard input. */

/* name, word */
#define MAXENT_FORMATS(X)              \
    X(MAXENT_FORMAT_AUTO, "auto")      \
    X(MAXENT_FORMAT_SVMLIGHT, "svmlight") \
    X(MAXENT_FORMAT_NAMED, "named")    \
    X(MAXENT_FORMAT_TABLE, "csv")

typedef enum maxent_format {
#define MAXENT_FORMAT_ENTRY(name, word) name,
    MAXENT_FORMATS(MAXENT_FORMAT_ENTRY)
#undef MAXENT_FORMAT_ENTRY
    MAXENT_FORMAT_COUNT
} maxent_format;

MAXENT_API const char *maxent_format_word(maxent_format format); /* "svmlight", ...; static */

/* A missing value of a table: an empty field, or one of NA, N/A, NaN, nan, NULL, null without quotes. A missing class,
 * weight or offset is an error unless rows are dropped. */
typedef enum maxent_absent {
    MAXENT_ABSENT_ERROR, /* refuse the file, with the place */
    MAXENT_ABSENT_DROP,  /* leave out rows with one in a column that is used; predicting refuses them */
    MAXENT_ABSENT_IMPUTE /* a number: the mean of its column; a name: the level "(missing)" */
} maxent_absent;

typedef struct maxent_read_options {
    maxent_format format;  /* AUTO: a table when a target is given (or the model is one of a table), else told by the first line */
    int threads;           /* 0: as many as the machine offers; the same events for any number */
    int keep_apart;        /* non-zero: events of equal contexts are not merged */
    /* tables */
    const char *target;    /* column of the class */
    const char *weight;    /* column of weights >= 0, or NULL */
    const char *const *ignore;      /* [ignores] columns that are no features */
    size_t ignores;
    const char *const *categorical; /* [categoricals] columns whose numbers are names */
    size_t categoricals;
    const char *const *offset;      /* [offsets] columns of offsets: one, added to the score of the second of two classes, or one a class
                                       in their order. The model keeps their names and needs them wherever it is used */
    size_t offsets;
    maxent_absent absent;
    int contrasts;         /* non-zero: the first level of a column of names has no feature; what the others' weights are measured from */
    int uncentred;         /* non-zero: means are not taken off (for fits without an unpenalised intercept) */
    char delimiter;        /* 0: tab for names in .tsv or .tab, else comma */
    /* for features and classes that exist already: at most one of */
    const maxent_events *like;      /* held-out data of a training set */
    const maxent_model *model;      /* data for a model */
    const maxent_model *extend;     /* new data that a model is adapted to: its features and classes, and new ones (tables: no new ones) */
} maxent_read_options;

MAXENT_API void maxent_read_options_init(maxent_read_options *options);

/* What reading found. */
typedef struct maxent_read_report {
    maxent_format format;
    size_t events;         /* before merging */
    size_t merged;         /* events that went into others of equal context */
    size_t entries;        /* features of events, as stored */
    size_t unknown;        /* features of events that the model or the training set does not know: left out */
    size_t unlabelled;     /* events whose class it does not know */
    size_t dropped;        /* rows left out because of missing values */
    size_t lines;
    double seconds;
    char note[512];        /* tables: LINE:COLUMN: what may have been meant otherwise (a name in a column of numbers), a line each; cut
                              at the end; empty: nothing */
} maxent_read_report;

/* Reads a file of events.
 *
 * Columns of a table: numbers become (x - mean) / standard deviation (both of the training data, with the weights; columns of one
 * value only become no feature), names become one feature a level, "column=level". maxent_events_scale tells the standard
 * deviations, for penalties in the units of the file. Data for an existing model are transformed as its training data were; columns
 * that it does not need are ignored, levels that it does not know have no feature.
 * Classes are numbered in ascending order, of numbers when all are numbers, else of bytes. Numbers of features far apart are made dense.
 *
 * *out: to be freed with maxent_events_free; written only on success. report: NULL accepted.
 * Errors: FILE, with line and column (malformed lines, numbers that do not ascend, a feature twice in a line, values that are not
 * finite, no events, one class only when training, a model for another format), NAME (a column that is not there, a feature twice), VALUE,
 * ARGUMENT (a table without a target), LIMIT (2^32 - 2 features; a line of 1 GiB), MEMORY. */
MAXENT_API maxent_error maxent_events_read(const char *path, const maxent_read_options *options, maxent_events **out,
                                           maxent_read_report *report, maxent_diagnostic *diagnostic);

/* What feature j was divided by: the standard deviation of its column; 1 for all that is no column of numbers. */
MAXENT_API double maxent_events_scale(const maxent_events *events, size_t j);

/* ---- the model in the units of its file ------------------------------------------------------------------------------------
 *
 * The same as maxent_model_weight, maxent_model_intercept and maxent_model_standard_error; but for a model of a table the weight of a
 * column of numbers is that of x itself, not of (x - mean) / standard deviation, and the intercept that of x = 0. */
MAXENT_API double maxent_model_raw_weight(const maxent_model *model, size_t c, size_t j);
MAXENT_API double maxent_model_raw_intercept(const maxent_model *model, size_t c);
/* j = features: of the intercept. */
MAXENT_API double maxent_model_raw_standard_error(const maxent_model *model, size_t c, size_t j);

MAXENT_API maxent_format maxent_model_format(const maxent_model *model); /* of the files it takes; AUTO: it was fitted to arrays */
MAXENT_API const maxent_fit *maxent_model_fit_of(const maxent_model *model); /* how it came about */
MAXENT_API void maxent_model_penalties(const maxent_model *model, double *l1, double *l2);

/* ---- model files ----------------------------------------------------------------------------------------------------------- */

/* Writes a model: exact, with a checksum. A regular file appears whole or not at all, whatever happens; "-": standard output.
 * Errors: WRITE, MEMORY. */
MAXENT_API maxent_error maxent_model_write(const maxent_model *model, const char *path, maxent_diagnostic *diagnostic);

/* The same as tab-separated text, as exact. Covariances are not part of it. */
MAXENT_API maxent_error maxent_model_write_text(const maxent_model *model, const char *path, maxent_diagnostic *diagnostic);

/* Reads either. *out: to be freed with maxent_model_free; written only on success. Errors: FILE (no model, damaged, cut short, of a
 * newer version), with the line for text; MEMORY. */
MAXENT_API maxent_error maxent_model_read(const char *path, maxent_model **out, maxent_diagnostic *diagnostic);

/* ---- from file to file ------------------------------------------------------------------------------------------------------ */

typedef enum maxent_prediction {
    MAXENT_PREDICT_LABELS,            /* the most probable class, one a line */
    MAXENT_PREDICT_PROBABILITIES,     /* a header, then the class and p of every class, tabs between */
    MAXENT_PREDICT_LOG_PROBABILITIES, /* the same with log p */
    MAXENT_PREDICT_TOP                /* the `top` most probable classes, each with its p */
} maxent_prediction;

typedef struct maxent_predict_options {
    maxent_read_options read;  /* format, threads, delimiter, absent are used */
    maxent_prediction form;
    size_t top;
    int standard_errors;       /* non-zero: after each p its standard error; needs a model fitted with standard errors */
    int json;                  /* non-zero: one JSON object */
} maxent_predict_options;

MAXENT_API void maxent_predict_options_init(maxent_predict_options *options);

/* Predicts every event of a file, in its order, in blocks: memory does not grow with the file. A label in front of a named line is
 * needed but not looked at; svmlight lines may lack it, and tables the column. output: a file, which appears whole or not at all, or
 * "-".
 * Errors: as maxent_events_read, ARGUMENT (a standard error asked of a model without), WRITE. */
MAXENT_API maxent_error maxent_predict_file(const maxent_model *model, const char *input, const maxent_predict_options *options,
                                            const char *output, maxent_read_report *report, maxent_diagnostic *diagnostic);

#define MAXENT_CALIBRATION_BINS 10

/* How well a model does on labelled events; all counts are weights. Events of a class that the model does not know count as wrong, and
 * are left out of the loss, of the tables and of the calibration. */
typedef struct maxent_score {
    maxent_read_report read;
    size_t classes;
    double weight;         /* of all events */
    double unknown;        /* of those with a class that the model does not know */
    double correct;
    double log_loss;       /* the sum over events of known classes, nats */
    double brier;          /* the sum of sum_c (p_c - y_c)^2 over the same */
    double *confusion;     /* [classes][classes] true class, predicted class */
    double bin_weight[MAXENT_CALIBRATION_BINS];     /* predictions whose p of the predicted class is in [b/10, (b+1)/10) */
    double bin_confidence[MAXENT_CALIBRATION_BINS]; /* sum of that p */
    double bin_correct[MAXENT_CALIBRATION_BINS];    /* of those, right */
} maxent_score;

/* Predicts every event of a labelled file and compares. *out: what it owns is to be freed with maxent_score_free; written only on success.
 * The same sums for any number of threads. Errors: as maxent_events_read. */
MAXENT_API maxent_error maxent_score_file(const maxent_model *model, const char *input, const maxent_read_options *options,
                                          maxent_score *out, maxent_diagnostic *diagnostic);
MAXENT_API void maxent_score_free(maxent_score *score); /* frees what it owns, not the struct */

#ifdef __cplusplus
}
#endif
#endif
