/* The answer for a person: the formula, the states with bars, the facts with their prices, the entropy, the verdict and its proof.
 *
 * It is laid out for a terminal of options.width columns; labels are cleaned of control characters. The tables of states and facts
 * are in text_states.c and text_facts.c.
 */
#include "report/text.h"

#include "base/memory.h"
#include "solve/result.h"

#include <math.h>
#include <string.h>

void maxent_report_options_init(maxent_report_options *options)
{
    memset(options, 0, sizeof *options);
}

void mx_page_paint(mx_page *page, const char *code)
{
    if (page->options.color)
        mx_buffer_put(&page->out, code);
}

static const char *verdict_color(maxent_verdict verdict)
{
    switch (verdict) {
    case MAXENT_SOLVED: return "\033[1;32m";
    case MAXENT_BOUNDARY: return "\033[1;36m";
    case MAXENT_UNFINISHED: return "\033[1;33m";
    default: return "\033[1;31m";
    }
}

/* `text` broken at blanks, the lines after the first indented; then `tail` in one piece. column: where the cursor is. */
static void put_wrapped(mx_page *page, const char *text, const char *tail, size_t column)
{
    size_t indent = column;
    for (int last = 0; !last;) {
        size_t length = strcspn(text, " ");
        last = *text == '\0';
        const char *piece = last ? tail : text;
        if (last && *tail == '\0')
            return;
        size_t bytes = last ? strlen(tail) : length, width = mx_report_width(piece, bytes);
        char *word = mx_strndup(piece, bytes);
        if (word == NULL) {
            page->out.failed = 1;
            return;
        }
        if (column > indent && column + width + 1 > (size_t)page->width) {
            mx_buffer_char(&page->out, '\n');
            mx_buffer_repeat(&page->out, " ", indent);
            column = indent;
        } else if (column > indent) {
            mx_buffer_char(&page->out, ' ');
            column++;
        }
        mx_report_put_clean(&page->out, word);
        mx_free(word);
        column += width;
        text += length + (text[length] == ' ');
    }
}

static void put_label(mx_page *page, const char *label)
{
    mx_buffer_char(&page->out, ' ');
    mx_page_paint(page, MX_BOLD);
    mx_buffer_put(&page->out, label);
    mx_page_paint(page, MX_PLAIN);
    mx_buffer_repeat(&page->out, " ", strlen(label) < 10 ? 10 - strlen(label) : 1);
}

static void put_entropy(mx_page *page)
{
    double h = maxent_result_entropy(page->result), without = maxent_result_entropy_without(page->result);
    double relative = maxent_result_relative_entropy(page->result), scale = mx_report_unit_scale(page->options.unit);
    if (isnan(h))
        return;
    put_label(page, "entropy");
    mx_report_fixed(&page->out, h * scale, 6);
    mx_buffer_format(&page->out, " %ss", mx_report_unit_name(page->options.unit));
    int prior = mx_report_has_prior(page->result);
    if (page->facts > 0 && !isfinite(without)) {
        if (page->result->without_unknown)
            mx_buffer_put(&page->out, "; that of the prior alone is not known");
        else if (!mx_report_is_bounded(page->problem))
            mx_buffer_put(&page->out, prior ? "; the prior alone has none" : "; unbounded without the facts");
    } else if (page->facts > 0) {
        mx_buffer_put(&page->out, prior ? "; of the prior alone " : "; without the facts ");
        mx_report_fixed(&page->out, without * scale, 6);
        if (prior && !isnan(relative)) {
            mx_buffer_char(&page->out, '\n');
            put_label(page, "relative");
            mx_report_fixed(&page->out, fabs(relative) * scale, 6);
            mx_buffer_format(&page->out, " %ss from the prior: what the facts tell", mx_report_unit_name(page->options.unit));
        } else if (!prior) {
            mx_buffer_put(&page->out, ", so they tell ");
            mx_report_fixed(&page->out, fabs(relative) * scale, 6);
        }
    }
    mx_buffer_char(&page->out, '\n');
}

/* The entropy that no density reaches, when that is the verdict. */
static void put_supremum(mx_page *page)
{
    maxent_certificate c;
    maxent_result_certificate(page->result, &c);
    if (page->verdict != MAXENT_UNATTAINED || isnan(c.bound))
        return;
    put_label(page, "supremum");
    mx_report_fixed(&page->out, c.bound * mx_report_unit_scale(page->options.unit), 6);
    mx_buffer_format(&page->out, " %ss: densities that meet the facts come as close as one likes\n",
                     mx_report_unit_name(page->options.unit));
}

static void put_family(mx_page *page)
{
    maxent_family family;
    maxent_result_family(page->result, &family);
    if (family.name == NULL)
        return;
    mx_buffer line = {0};
    mx_buffer_put(&line, family.name);
    for (size_t i = 0; i < family.parameters; i++) {
        mx_buffer_format(&line, "%s%s ", i == 0 ? " (" : ", ", family.parameter[i].name);
        mx_report_number(&line, family.parameter[i].value, 6);
    }
    mx_buffer_put(&line, family.parameters > 0 ? ")" : "");
    put_label(page, "family");
    if (line.failed)
        page->out.failed = 1;
    else
        put_wrapped(page, line.data, "", 11);
    mx_buffer_char(&page->out, '\n');
    mx_buffer_free(&line);
}

/* The sentence beside the verdict: the proof, from what was computed afresh from p, or the solver's message. */
static void put_sentence(mx_page *page, mx_buffer *line)
{
    maxent_certificate c;
    maxent_result_certificate(page->result, &c);
    int prior = mx_report_has_prior(page->result);
    if (page->verdict != MAXENT_SOLVED && page->verdict != MAXENT_BOUNDARY) {
        mx_buffer_put(line, maxent_result_message(page->result));
        if (page->verdict == MAXENT_UNFINISHED && !isnan(c.residual)) {
            if (strstr(maxent_result_message(page->result), "residual") == NULL) {
                mx_buffer_put(line, "; residual ");
                mx_report_number(line, c.residual, 2);
            }
            if (c.gap >= 0.0) { /* of facts that are not met the difference D - H bounds nothing */
                mx_buffer_put(line, ", gap ");
                mx_report_number(line, c.gap, 2);
            }
        }
        return;
    }
    int continuous = mx_report_is_continuous(page->problem);
    if (page->verdict == MAXENT_BOUNDARY && continuous)
        mx_buffer_format(line, "%s; ", maxent_result_message(page->result));
    else if (c.zeros > 0)
        mx_buffer_format(line, "the facts force %zu of the %zu states to probability 0; ", c.zeros,
                         maxent_problem_states(page->problem));
    size_t vanishing = mx_result_vanishing(page->result);
    if (vanishing > 0)
        mx_buffer_format(line, "the probability of %zu state%s is below the least of doubles, and 0 here; ", vanishing,
                         vanishing == 1 ? "" : "s");
    if (page->facts == 0) {
        mx_buffer_put(line, prior ? "no facts: the prior stands" : continuous ? "no facts: every value is as probable as any other"
                                                                        : "no facts: every state is as probable as any other");
        return;
    }
    mx_buffer_put(line, page->facts == 1 ? "the fact is met to " : "the facts are met to ");
    mx_report_number(line, c.residual, 2);
    mx_buffer_put(line, page->facts == 1 ? " of its scale; nothing that meets it " : " of their scale; nothing that meets them ");
    mx_buffer_put(line, prior ? "is closer to the prior by more than " : "has more entropy by more than ");
    mx_report_number(line, fmax(c.gap, 0.0), 2);
    mx_buffer_put(line, " nats");
}

static void put_verdict(mx_page *page)
{
    maxent_effort effort;
    maxent_result_effort(page->result, &effort);
    const char *word = maxent_verdict_word(page->verdict);
    size_t length = strlen(word), column = length < 10 ? 11 : length + 2;
    mx_buffer line = {0}, tail = {0};
    put_sentence(page, &line);
    mx_buffer_format(&tail, "(%zu iteration%s, ", effort.iterations, effort.iterations == 1 ? "" : "s");
    mx_report_seconds(&tail, effort.seconds);
    mx_buffer_char(&tail, ')');
    mx_buffer_char(&page->out, ' ');
    mx_page_paint(page, verdict_color(page->verdict));
    mx_buffer_put(&page->out, word);
    mx_page_paint(page, MX_PLAIN);
    mx_buffer_repeat(&page->out, " ", column - 1 - length);
    if (line.failed || tail.failed)
        page->out.failed = 1;
    else
        put_wrapped(page, line.data, tail.data, column);
    mx_buffer_char(&page->out, '\n');
    mx_buffer_free(&tail);
    mx_buffer_free(&line);
}

maxent_error maxent_report_text(const maxent_result *result, const maxent_report_options *given, char **text, size_t *length)
{
    mx_page page = {.result = result, .problem = maxent_result_problem(result), .verdict = maxent_result_verdict(result)};
    maxent_report_options_init(&page.options);
    if (given != NULL)
        page.options = *given;
    page.width = page.options.width > 0 ? page.options.width : 80;
    page.width = page.width < 40 ? 40 : page.width;
    page.options.width = page.width;
    for (size_t i = 0; i < maxent_result_facts(result); i++)
        page.facts += !page.problem->fact[i].hidden;
    maxent_error error = MAXENT_OK;
    if (mx_report_is_answered(result)) {
        if (page.verdict == MAXENT_UNFINISHED) {
            mx_buffer_char(&page.out, ' ');
            mx_page_paint(&page, verdict_color(page.verdict));
            mx_buffer_put(&page.out, "UNFINISHED: the numbers below are the best so far, not the answer");
            mx_page_paint(&page, MX_PLAIN);
            mx_buffer_put(&page.out, "\n\n");
        }
        if (page.verdict == MAXENT_UNATTAINED)
            mx_buffer_put(&page.out, " No density is the answer. Those that meet the facts come near to this one:\n\n");
        mx_report_formula(&page.out, result, &page.options);
        mx_buffer_char(&page.out, '\n');
        error = result->density != NULL ? mx_page_density(&page) : mx_page_states(&page);
        mx_buffer_char(&page.out, '\n');
    }
    mx_page_facts(&page);
    if (error == MAXENT_OK && page.options.covariance)
        error = mx_page_covariance(&page);
    put_entropy(&page);
    put_supremum(&page);
    put_family(&page);
    put_verdict(&page);
    size_t size = page.out.length;
    char *taken = mx_buffer_take(&page.out);
    if (error == MAXENT_OK && taken == NULL)
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK) {
        mx_free(taken);
        return error;
    }
    *text = taken;
    if (length != NULL)
        *length = size;
    return MAXENT_OK;
}
