/* The answer as a formula with its numbers, in the words of the facts:
 *
 *     p(x) = exp(-0.384156 x) / 1.460676
 *
 * The expression of a fact is read off its text: E[g] is g, P[B] is [B] (1 where B holds), E[g | B] = c is [B] (g - c). With too
 * many facts for a person to read, or one whose text has another form, the general formula is given: the multipliers stand in the
 * table of facts.
 */
#include "report/report.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MOST_TERMS = 8, MOST_LETTERS = 60 };

/* Length of the bracket that starts at text[0] == '[' with what it holds, or 0. *bar: place of a '|' at its top level, or 0. */
static size_t bracket(const char *text, size_t *bar)
{
    size_t depth = 0;
    *bar = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        if (c == '"') {
            for (i++; text[i] != '\0' && text[i] != '"'; i++)
                ;
            if (text[i] == '\0')
                return 0;
        } else if (c == '[' || c == '(' || c == '{') {
            depth++;
        } else if (c == ']' || c == ')' || c == '}') {
            if (--depth == 0)
                return i + 1;
        } else if (c == '|' && depth == 1) {
            *bar = i;
        }
    }
    return 0;
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && (*text)[0] == ' ') {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && (*text)[*length - 1] == ' ')
        (*length)--;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Must it stand in parentheses after a number? Unless it is a name, a call, a power of one, or a product of such. */
static int needs_parentheses(const char *text, size_t length)
{
    int depth = 0;
    if (length == 0 || !(is_letter(text[0]) || text[0] == '('))
        return 1;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '(' || c == '[')
            depth++;
        else if (c == ')' || c == ']')
            depth--;
        else if (depth == 0 && strchr("+-=<>!/\"", c) != NULL)
            return 1;
        else if (depth == 0 && c == ' ' && text[i + 1] != '*' && text[i - 1] != '*')
            return 1; /* a word: and, or, not */
    }
    return 0;
}

static void put_in(mx_buffer *out, const char *text, size_t length, char open, char close)
{
    mx_buffer_char(out, open);
    mx_buffer_append(out, text, length);
    mx_buffer_char(out, close);
}

static void put_factor(mx_buffer *out, const char *text, size_t length)
{
    if (needs_parentheses(text, length))
        put_in(out, text, length, '(', ')');
    else
        mx_buffer_append(out, text, length);
}

/* What the fact averages; 0: cannot be told from its text. */
static int put_expression(mx_buffer *out, const char *text, double shift)
{
    int is_p = text[0] == 'P';
    size_t bar, length;
    if ((text[0] != 'E' && !is_p) || text[1] != '[' || (length = bracket(text + 1, &bar)) == 0)
        return 0;
    const char *inside = text + 2, *condition = text + 2 + bar;
    size_t inner = (bar > 0 ? bar : length - 1) - 1, given = bar > 0 ? length - 2 - bar : 0;
    trim(&inside, &inner);
    trim(&condition, &given);
    if (inner == 0)
        return 0;
    if (bar == 0 && is_p) {
        put_in(out, inside, inner, '[', ']');
    } else if (bar == 0) {
        put_factor(out, inside, inner);
    } else {
        put_in(out, condition, given, '[', ']');
        mx_buffer_put(out, " (");
        if (is_p)
            put_in(out, inside, inner, '[', ']');
        else
            mx_buffer_append(out, inside, inner);
        mx_buffer_put(out, shift < 0.0 ? " + " : " - ");
        mx_report_number(out, fabs(shift), 6);
        mx_buffer_char(out, ')');
    }
    return 1;
}

/* "Var[g]" is the mean of (g - m)^2 with the m of the fact E[g] = m; 0: no such fact. */
static int put_square(mx_buffer *out, const maxent_result *result, const char *text)
{
    if (strncmp(text, "Var[", 4) != 0)
        return 0;
    for (size_t i = 0; i < maxent_result_facts(result); i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        if (strncmp(fact.text, "E[", 2) != 0 || strcmp(fact.text + 2, text + 4) != 0 || isnan(fact.target))
            continue;
        mx_buffer_char(out, '(');
        mx_buffer_append(out, text + 4, strlen(text + 4) - 1);
        mx_buffer_put(out, fact.target < 0.0 ? " + " : " - ");
        mx_report_number(out, fabs(fact.target), 6);
        mx_buffer_put(out, ")^2");
        return 1;
    }
    return 0;
}

/* "p(x, y)"; at most four variables by name. */
static void put_head(mx_buffer *out, const maxent_problem *problem)
{
    size_t columns = mx_report_columns(problem);
    mx_buffer_put(out, "p(");
    for (size_t v = 0; v < columns; v++) {
        if (columns > 4 && v == 2)
            mx_buffer_put(out, ", ...");
        if (columns <= 4 || v < 2 || v + 1 == columns) {
            mx_buffer_put(out, v == 0 ? "" : ", ");
            mx_report_put_clean(out, mx_report_column_name(problem, v));
        }
    }
    mx_buffer_char(out, ')');
}

static void put_z(mx_buffer *out, double logz)
{
    mx_buffer_put(out, " / ");
    if (fabs(logz) < 30.0) {
        mx_report_number(out, exp(logz), 7);
    } else {
        mx_buffer_put(out, "exp(");
        mx_report_number(out, logz, 10);
        mx_buffer_char(out, ')');
    }
}

/* The terms of the exponent, each NUL-terminated; their number, or 0 when the general formula is better. */
static size_t put_terms(mx_buffer *terms, const maxent_result *result)
{
    const maxent_problem *problem = maxent_result_problem(result);
    size_t count = 0;
    for (size_t i = 0; i < maxent_result_facts(result); i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        if (problem->fact[i].hidden || mx_report_lambda(&fact) == 0.0)
            continue;
        if (isnan(fact.lambda) || count == MOST_TERMS)
            return 0;
        mx_buffer_put(terms, fact.lambda > 0.0 ? "-" : "+");
        mx_report_number(terms, fabs(fact.lambda), 6);
        mx_buffer_char(terms, ' ');
        size_t before = terms->length;
        int known = put_square(terms, result, fact.text) || put_expression(terms, fact.text, problem->fact[i].shift);
        if (!known || terms->length - before > MOST_LETTERS)
            return 0;
        mx_buffer_char(terms, '\0');
        count++;
    }
    return count;
}

/* exp(-a f + b g ...), broken between terms. start: where the line begins in out. */
static void put_exponential(mx_buffer *out, const mx_buffer *terms, size_t count, size_t start, int width)
{
    mx_buffer_put(out, "exp(");
    if (out->failed || terms->failed) {
        out->failed = 1;
        return;
    }
    size_t indent = mx_report_width(out->data + start, out->length - start), column = indent;
    const char *term = terms->data;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(term), w = mx_report_width(term, length) + 3;
        if (i > 0 && column + w + 12 > (size_t)width) {
            mx_buffer_char(out, '\n');
            mx_buffer_repeat(out, " ", indent);
            column = indent;
        } else if (i > 0) {
            mx_buffer_char(out, ' ');
        }
        if (i > 0) {
            mx_buffer_char(out, term[0]);
            mx_buffer_char(out, ' ');
        } else if (term[0] == '-') {
            mx_buffer_char(out, '-');
        }
        mx_report_put_clean(out, term + 1);
        column += w;
        term += length + 1;
    }
    mx_buffer_char(out, ')');
}

void mx_report_formula(mx_buffer *out, const maxent_result *result, const maxent_report_options *options)
{
    const maxent_problem *problem = maxent_result_problem(result);
    double logz = maxent_result_log_partition(result);
    if (!mx_report_is_answered(result) || isnan(logz))
        return;
    maxent_certificate certificate;
    maxent_result_certificate(result, &certificate);
    size_t start = out->length, active = 0;
    for (size_t i = 0; i < maxent_result_facts(result); i++) {
        maxent_fact fact;
        maxent_result_fact(result, i, &fact);
        active += !problem->fact[i].hidden && mx_report_lambda(&fact) != 0.0;
    }
    mx_buffer terms = {0};
    size_t count = active == 0 ? 0 : put_terms(&terms, result);
    mx_buffer_char(out, ' ');
    put_head(out, problem);
    int prior = mx_report_has_prior(result);
    mx_buffer_put(out, prior ? " = q " : " = ");
    if (count > 0)
        put_exponential(out, &terms, count, start, options->width > 0 ? options->width : 80);
    else if (active > 0)
        mx_buffer_put(out, "exp(-sum_i lambda_i f_i)");
    else if (!prior)
        mx_buffer_char(out, '1');
    put_z(out, logz);
    int face = mx_report_is_continuous(problem) ? maxent_result_verdict(result) == MAXENT_BOUNDARY : certificate.zeros > 0;
    mx_buffer_put(out, face ? "\n where the facts allow it, and 0 elsewhere\n" : "\n");
    if (prior)
        mx_buffer_put(out, " with q the prior as it was given\n");
    if (count == 0 && active > 0)
        mx_buffer_put(out, " with the lambda_i of the facts below, and f_i what fact i averages\n");
    mx_buffer_free(&terms);
}
