/* Reports: an answer as text for people, as JSON and CSV for programs, as a picture. */
#ifndef MAXENT_REPORT_H
#define MAXENT_REPORT_H

#include <maxent/distribution.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum maxent_unit { MAXENT_NAT, MAXENT_BIT, MAXENT_DIT } maxent_unit;

typedef struct maxent_report_options {
    maxent_unit unit;  /* of entropies; multipliers and log_partition are in nats always */
    int color;         /* non-zero: ANSI colours */
    int width;         /* columns of the terminal; 0: 80 */
    int unicode;       /* non-zero: block characters for bars, else ASCII */
    int covariance;    /* non-zero: also the covariance of the features */
    size_t max_states; /* text: rows of the table before it is shortened; 0: 20. JSON: states listed; 0: 10,000 */
} maxent_report_options;

MAXENT_API void maxent_report_options_init(maxent_report_options *options);

/* *out: a NUL-terminated UTF-8 string of *length bytes (length may be NULL), to be freed with maxent_free.
 * The text form is for people and may change; the JSON form is docs/design.md section 3. Errors: MEMORY. */
MAXENT_API maxent_error maxent_report_text(const maxent_result *result, const maxent_report_options *options, char **out,
                                           size_t *length);
MAXENT_API maxent_error maxent_report_json(const maxent_result *result, const maxent_report_options *options, char **out,
                                           size_t *length);

/* Writes one row a state, the variables and p, as RFC 4180 CSV with shortest round-trip numbers; "-" is standard output.
 * The file appears whole or not at all (written beside it and renamed). Errors: MEMORY, WRITE, ARGUMENT (no p). */
MAXENT_API maxent_error maxent_report_csv(const maxent_result *result, const char *path, maxent_diagnostic *diagnostic);

/* Draws p, and the prior when there is one, to a file ending in .svg or .png. .png needs the program gnuplot.
 * Errors: as maxent_report_csv, and UNSUPPORTED (ending; gnuplot is not there). */
MAXENT_API maxent_error maxent_report_plot(const maxent_result *result, const maxent_report_options *options,
                                           const char *path, maxent_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif
#endif
