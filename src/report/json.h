/* The pieces of the JSON report. */
#ifndef MX_REPORT_JSON_H
#define MX_REPORT_JSON_H

#include "report/report.h"

void mx_json_number(mx_buffer *out, double value); /* null for what is not finite */
void mx_json_string(mx_buffer *out, const char *text);
void mx_json_key(mx_buffer *out, const char *key, double value);
/* The keys states, density, quantiles and moments of a continuous or countable answer (json_density.c). Errors: MEMORY. */
maxent_error mx_json_density(mx_buffer *out, const maxent_result *result, size_t most);

#endif
