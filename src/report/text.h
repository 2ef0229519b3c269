/* The pieces of the text report. */
#ifndef MX_REPORT_TEXT_H
#define MX_REPORT_TEXT_H

#include "report/report.h"

#define MX_BOLD "\033[1m"
#define MX_DIM "\033[2m"
#define MX_CYAN "\033[36m"
#define MX_PLAIN "\033[0m"

/* A report that is being written. */
typedef struct mx_page {
    mx_buffer out;
    const maxent_result *result;
    const maxent_problem *problem;
    maxent_report_options options;
    int width;             /* columns */
    size_t facts;          /* that the user wrote */
    maxent_verdict verdict;
} mx_page;

void mx_page_paint(mx_page *page, const char *code); /* an ANSI code, when there are colours */
maxent_error mx_page_states(mx_page *page);          /* text_states.c */
maxent_error mx_page_density(mx_page *page);         /* text_density.c */
void mx_page_facts(mx_page *page);                   /* text_facts.c */
maxent_error mx_page_covariance(mx_page *page);

#endif
