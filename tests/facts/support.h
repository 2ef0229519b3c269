/* Helpers of the tests of the facts language. */
#ifndef TEST_FACTS_SUPPORT_H
#define TEST_FACTS_SUPPORT_H

#include "problem/problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compiles one text; NULL after an error, with *diagnostic filled. */
static inline maxent_problem *try_text(const char *text, maxent_diagnostic *diagnostic)
{
    maxent_problem *problem = NULL;
    memset(diagnostic, 0, sizeof *diagnostic);
    maxent_error error = maxent_problem_from_text(text, strlen(text), "t.facts", NULL, &problem, diagnostic);
    return error == MAXENT_OK ? problem : NULL;
}

/* A scratch file with this content; out: its path. */
static inline void write_file(const char *name, const char *content, size_t length, char out[256])
{
    const char *folder = getenv("TMPDIR");
    snprintf(out, 256, "%s/maxent-test-%s", folder != NULL ? folder : "/tmp", name);
    FILE *file = fopen(out, "wb");
    if (file == NULL || fwrite(content, 1, length, file) != length || fclose(file) != 0)
        abort();
}

#endif
