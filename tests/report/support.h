/* A solved problem to report on: Jaynes' die as an array, with a prior when asked for. */
#ifndef REPORT_SUPPORT_H
#define REPORT_SUPPORT_H

#include <maxent/maxent.h>

#include <stddef.h>

static const double report_faces[6] = {1, 2, 3, 4, 5, 6}, report_prior[6] = {0.1, 0.1, 0.1, 0.1, 0.5, 0.1};

static maxent_result *report_die(maxent_problem **problem, double mean, int with_prior)
{
    maxent_result *result = NULL;
    if (maxent_problem_from_array(6, 1, report_faces, 1, 1, &mean, problem, NULL) != MAXENT_OK ||
        maxent_problem_set_text(*problem, 0, "E[x] = mean") != MAXENT_OK ||
        (with_prior && maxent_problem_set_prior(*problem, report_prior, NULL) != MAXENT_OK) ||
        maxent_solve(*problem, NULL, &result, NULL) != MAXENT_OK)
        return NULL;
    return result;
}

#endif
