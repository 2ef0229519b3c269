/* Model files: what the binary form and the text form share. */
#ifndef MX_MODEL_FILE_H
#define MX_MODEL_FILE_H

#include "data/stream.h"
#include "model/events/columns.h"
#include "model/model.h"

#include <maxent/model_file.h>

#define MX_MODEL_MAGIC "\x93maxent\n"      /* 8 bytes: not text, and damaged by what changes line ends */
#define MX_MODEL_TEXT_MAGIC "maxent-model\t" /* and the version */
#define MX_MODEL_VERSION 1

/* Flags of the binary form: which parts follow. */
enum { MX_MODEL_SPARSE = 1, MX_MODEL_COVARIANCE = 2, MX_MODEL_DIRECTION = 4, MX_MODEL_INTERCEPT = 8, MX_MODEL_OFFSETS = 16 };

/* Checks of a space that was read: names, counts; settles the features of a table. Errors: FILE with what is wrong, MEMORY. */
maxent_error mx_model_check_space(mx_space *space, const char *name, maxent_diagnostic *diagnostic);

/* The text form: text[length], all of it. */
maxent_error mx_model_parse_text(const char *name, const char *text, size_t length, maxent_model **out, maxent_diagnostic *diagnostic);

#endif
