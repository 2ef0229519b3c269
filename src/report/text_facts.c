/* The facts in the text report: target, what was achieved, the price, and what a person wants to know beside it. */
#include "report/text.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { SHOWN_FACTS = 24, SHOWN_COVARIANCE = 8, DIGITS = 8 };

static int is_interval(const maxent_fact *fact)
{
    return isnan(fact->target) || fact->lower < fact->upper;
}

/* 1.75, 1.75 +- 0.05, 2 .. 3, <= 4, >= 4 */
static void put_target(mx_buffer *out, const maxent_fact *fact, int digits)
{
    if (!is_interval(fact)) {
        mx_report_number(out, fact->target, digits);
        if (fact->sd > 0.0) {
            mx_buffer_put(out, " +- ");
            mx_report_number(out, fact->sd, 4);
        }
    } else if (isinf(fact->lower) && isinf(fact->upper)) {
        mx_buffer_put(out, "any");
    } else if (isinf(fact->lower) || isinf(fact->upper)) {
        mx_buffer_put(out, isinf(fact->lower) ? "<= " : ">= ");
        mx_report_number(out, isinf(fact->lower) ? fact->upper : fact->lower, digits);
    } else {
        mx_report_number(out, fact->lower, digits);
        mx_buffer_put(out, " .. ");
        mx_report_number(out, fact->upper, digits);
    }
}

void mx_report_put_fact(mx_buffer *out, const maxent_fact *fact)
{
    mx_buffer_put(out, fact->text);
    if (!is_interval(fact) || isinf(fact->lower) || isinf(fact->upper)) {
        mx_buffer_put(out, is_interval(fact) ? " " : " = ");
        put_target(out, fact, DIGITS);
    } else {
        mx_buffer_put(out, " in [");
        mx_report_number(out, fact->lower, DIGITS);
        mx_buffer_put(out, ", ");
        mx_report_number(out, fact->upper, DIGITS);
        mx_buffer_char(out, ']');
    }
}

double mx_report_lambda(const maxent_fact *fact)
{
    return fabs(fact->lambda) * fmax(fabs(fact->achieved), 1e-4) < 1e-13 ? 0.0 : fact->lambda;
}

/* Digits of a target: as many as tell it from the change that would repair it. */
static int target_digits(const maxent_fact *fact)
{
    if (isnan(fact->repair))
        return DIGITS;
    return mx_double_text_apart(fact->repair < fact->lower ? fact->lower : fact->upper, fact->repair, DIGITS);
}

/* Does a free fact stand at this end of its interval? Then, on the boundary, it may be what forces the zeros. */
static int at_end(const maxent_fact *fact, double end)
{
    return !isinf(end) && fabs(fact->achieved - end) <= 1e-12 * fmax(fabs(end), 1.0);
}

/* Which end of an interval holds the answer back, how far a soft fact gave way, which facts clash and what would mend it. */
static void put_note(mx_buffer *out, const maxent_fact *fact, maxent_verdict verdict, int p)
{
    if (verdict == MAXENT_INFEASIBLE) {
        mx_buffer_put(out, fact->direction != 0.0 ? "clashes" : "");
        if (!isnan(fact->repair)) {
            mx_buffer_put(out, fact->direction != 0.0 ? "; " : "");
            mx_report_number(out, fact->repair, target_digits(fact));
            mx_buffer_put(out, " would do");
        }
        return;
    }
    if (!p)
        return;
    if (verdict == MAXENT_UNATTAINED && fact->residual > 1e-6)
        mx_buffer_put(out, "only approached");
    else if (isnan(fact->achieved)) {
        mx_buffer_put(out, "its condition has probability 0");
    } else if (is_interval(fact)) {
        /* E[f] <= b binds with lambda > 0: raising b by one unit brings lambda of entropy */
        int free = fact->lambda == 0.0 || isnan(fact->lambda), forces = free && verdict == MAXENT_BOUNDARY;
        int upper = forces ? at_end(fact, fact->upper) : fact->lambda > 0.0, lower = forces && at_end(fact, fact->lower);
        mx_buffer_put(out, free && !upper && !lower ? "not felt" : upper ? "upper end" : "lower end");
    } else if (fact->sd > 0.0) {
        mx_report_number(out, fabs(fact->achieved - fact->target) / fact->sd, 3);
        mx_buffer_put(out, " sd off");
    }
    if (verdict == MAXENT_UNFINISHED && fact->residual > 0.0) {
        mx_buffer_put(out, is_interval(fact) || fact->sd > 0.0 ? "; residual " : "residual ");
        mx_report_number(out, fact->residual, 2);
    }
}

typedef struct columns {
    int p;       /* achieved and lambda */
    int explain;
    int notes;
} columns;

static void put_row(mx_layout *table, const mx_page *page, const maxent_fact *fact, const columns *shown)
{
    mx_layout_cell(table, fact->text);
    put_target(&table->text, fact, target_digits(fact));
    mx_layout_next(table);
    if (shown->p) {
        int rounding = fact->target == 0.0 && fact->sd == 0.0 && fact->residual <= 1e-9; /* 1e-17 is met as 0 */
        mx_report_number(&table->text, fact->achieved == 0.0 || rounding ? 0.0 : fact->achieved, 8);
        mx_layout_next(table);
        mx_report_number(&table->text, mx_report_lambda(fact), 6);
        mx_layout_next(table);
    }
    if (shown->explain) {
        double cost = fact->cost * mx_report_unit_scale(page->options.unit);
        if (isnan(cost))
            mx_buffer_char(&table->text, '-');
        else
            mx_report_probability(&table->text, cost < 1e-14 ? 0.0 : cost); /* below: rounding */
        mx_layout_next(table);
    }
    if (shown->notes) {
        put_note(&table->text, fact, page->verdict, shown->p);
        mx_layout_next(table);
    }
}

void mx_page_facts(mx_page *page)
{
    size_t facts = maxent_result_facts(page->result), wanted = 0, c = 0;
    int infeasible = page->verdict == MAXENT_INFEASIBLE;
    int remarkable = infeasible || page->verdict == MAXENT_UNFINISHED || page->verdict == MAXENT_UNATTAINED;
    columns shown = {.p = mx_report_is_answered(page->result), .notes = remarkable};
    maxent_fact fact;
    if (page->facts == 0)
        return;
    for (size_t i = 0; i < facts; i++) {
        maxent_result_fact(page->result, i, &fact);
        if (page->problem->fact[i].hidden)
            continue;
        shown.explain = shown.explain || !isnan(fact.cost);
        shown.notes = shown.notes || is_interval(&fact) || fact.sd > 0.0 || (shown.p && isnan(fact.achieved));
    }
    mx_layout table;
    char align[8];
    align[c++] = 'l';
    for (int i = 0; i < 1 + 2 * shown.p + shown.explain; i++)
        align[c++] = 'r';
    if (shown.notes)
        align[c++] = 'l';
    mx_layout_start(&table, c, align);
    table.most = (size_t)page->width;
    mx_layout_cell(&table, page->facts == 1 ? "fact" : "facts");
    mx_layout_cell(&table, "target");
    if (shown.p) {
        mx_layout_cell(&table, "achieved");
        mx_layout_cell(&table, "lambda");
    }
    if (shown.explain)
        mx_layout_cell(&table, "costs");
    if (shown.notes)
        mx_layout_cell(&table, "");
    for (size_t i = 0; i < facts; i++) {
        maxent_result_fact(page->result, i, &fact);
        /* of many facts, an infeasible answer shows those that clash */
        int idle = infeasible && page->facts > SHOWN_FACTS && fact.direction == 0.0 && isnan(fact.repair);
        if (!page->problem->fact[i].hidden && !idle && ++wanted <= SHOWN_FACTS)
            put_row(&table, page, &fact, &shown);
    }
    mx_layout_print(&table, &page->out, page->options.color);
    mx_page_paint(page, MX_DIM);
    if (wanted > SHOWN_FACTS)
        mx_buffer_format(&page->out, " ... and %zu more; --json lists every fact\n", wanted - SHOWN_FACTS);
    if (shown.p)
        mx_buffer_put(&page->out, " lambda: what one unit more of the target would bring, in nats\n");
    if (shown.explain)
        mx_buffer_format(&page->out, " costs: entropy that would be gained without the fact, in %ss\n"
                         " (0: the others imply it)\n",
                         mx_report_unit_name(page->options.unit));
    mx_page_paint(page, MX_PLAIN);
    mx_buffer_char(&page->out, '\n');
}

maxent_error mx_page_covariance(mx_page *page)
{
    size_t k = maxent_problem_facts(page->problem);
    if (!mx_report_is_answered(page->result) || page->facts == 0)
        return MAXENT_OK;
    if (page->facts > SHOWN_COVARIANCE) {
        mx_buffer_format(&page->out, " the covariance of %zu facts is too wide for text: see --json\n\n", page->facts);
        return MAXENT_OK;
    }
    double *covariance = mx_alloc(k, k * sizeof *covariance);
    if (covariance == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = maxent_result_covariance(page->result, covariance);
    mx_layout table;
    mx_layout_start(&table, page->facts + 1, "lrrrrrrrr");
    table.most = (size_t)page->width;
    mx_layout_cell(&table, "covariance");
    for (size_t j = 0; j < page->facts; j++) {
        mx_buffer_format(&table.text, "%zu", j + 1);
        mx_layout_next(&table);
    }
    size_t number = 0;
    for (size_t i = 0; error == MAXENT_OK && i < k; i++) {
        maxent_fact fact;
        if (page->problem->fact[i].hidden)
            continue;
        maxent_result_fact(page->result, i, &fact);
        mx_buffer_format(&table.text, "%zu ", ++number);
        mx_layout_cell(&table, fact.text);
        for (size_t j = 0; j < k; j++)
            if (!page->problem->fact[j].hidden) {
                double value = covariance[i * k + j];
                mx_report_number(&table.text, value == 0.0 ? 0.0 : value, 5);
                mx_layout_next(&table);
            }
    }
    mx_layout_print(&table, &page->out, page->options.color);
    mx_buffer_char(&page->out, '\n');
    mx_free(covariance);
    return error;
}
