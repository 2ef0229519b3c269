/* maxent: entropy and maximum-entropy inference. The whole public interface, in the order of the flow. */
#ifndef MAXENT_MAXENT_H
#define MAXENT_MAXENT_H

#define MAXENT_VERSION_MAJOR 0
#define MAXENT_VERSION_MINOR 1
#define MAXENT_VERSION_PATCH 0
#define MAXENT_VERSION "0.1.0"

#include <maxent/error.h>        /* what can go wrong */
#include <maxent/problem.h>      /* support, prior, facts */
#include <maxent/solve.h>        /* the dual, the verdicts */
#include <maxent/distribution.h> /* the answer */
#include <maxent/entropy.h>      /* measures, estimators, questions */
#include <maxent/measure.h>      /* quantities of the columns of a file */
#include <maxent/model.h>        /* p(y | x): events, fitting, predicting */
#include <maxent/model_file.h>   /* events from files, model files, predicting from file to file */
#include <maxent/report.h>       /* text, JSON, CSV, plots */

#ifdef __cplusplus
extern "C" {
#endif
MAXENT_API const char *maxent_version(void); /* of the library that is linked: "0.1.0" */
#ifdef __cplusplus
}
#endif
#endif
