/* States as text: the values of their variables, what a terminal shows of them, and which are the most probable. */
#include "report/report.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

size_t mx_report_columns(const maxent_problem *problem)
{
    size_t variables = maxent_problem_variables(problem);
    return variables == 0 ? 1 : variables;
}

const char *mx_report_column_name(const maxent_problem *problem, size_t v)
{
    return maxent_problem_variables(problem) == 0 ? "state" : maxent_problem_variable(problem, v);
}

const char *mx_report_p_name(const maxent_problem *problem)
{
    static const char *const names[] = {"p", "probability", "p(state)", "probability(state)"};
    for (size_t i = 0; i < 4; i++) {
        int taken = 0;
        for (size_t v = 0; v < maxent_problem_variables(problem); v++)
            taken = taken || strcmp(maxent_problem_variable(problem, v), names[i]) == 0;
        if (!taken)
            return names[i];
    }
    return "probability of the state";
}

const char *mx_report_value(const maxent_problem *problem, size_t v, size_t x, double *number)
{
    if (maxent_problem_variables(problem) == 0) {
        *number = (double)x;
        return NULL;
    }
    return maxent_problem_value(problem, v, x, number);
}

void mx_report_put_value(mx_buffer *out, const maxent_problem *problem, size_t v, size_t x, int digits)
{
    double number;
    char text[MX_DOUBLE_TEXT];
    const char *label = mx_report_value(problem, v, x, &number);
    if (label != NULL)
        mx_buffer_put(out, label);
    else
        mx_buffer_put(out, digits > 0 ? mx_double_text_digits(number, digits, text) : mx_double_text(number, text));
}

size_t mx_report_letter(const char *text)
{
    const unsigned char *t = (const unsigned char *)text;
    size_t length = t[0] < 0x80 ? 1 : t[0] < 0xc2 ? 0 : t[0] < 0xe0 ? 2 : t[0] < 0xf0 ? 3 : t[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((t[i] & 0xc0) != 0x80)
            return 0;
    /* too long, half of a pair, beyond the last letter */
    if ((t[0] == 0xe0 && t[1] < 0xa0) || (t[0] == 0xed && t[1] > 0x9f) || (t[0] == 0xf0 && t[1] < 0x90) ||
        (t[0] == 0xf4 && t[1] > 0x8f))
        return 0;
    return length;
}

void mx_report_put_clean(mx_buffer *out, const char *text)
{
    while (*text != '\0') {
        const unsigned char *t = (const unsigned char *)text;
        size_t length = mx_report_letter(text);
        int control = t[0] < 0x20 || t[0] == 0x7f || (t[0] == 0xc2 && t[1] < 0xa0);
        if (length == 0 || control)
            mx_buffer_char(out, '?');
        else
            mx_buffer_append(out, text, length);
        text += length == 0 ? 1 : length;
    }
}

/* Two columns for the wide letters of East Asia and pictures, none for combining marks. */
static size_t letter_width(unsigned long c)
{
    if (c >= 0x300 && c <= 0x36f)
        return 0;
    int wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
               (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
               (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

size_t mx_report_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i++];
        unsigned long letter = c < 0x80 ? c : c < 0xe0 ? c & 0x1fu : c < 0xf0 ? c & 0x0fu : c & 0x07u;
        while (c >= 0xc0 && i < length && ((unsigned char)text[i] & 0xc0) == 0x80)
            letter = letter << 6 | ((unsigned char)text[i++] & 0x3fu);
        width += letter_width(letter);
    }
    return width;
}

int mx_report_is_numeric(const maxent_problem *problem)
{
    return problem->support.variables == 1 && !problem->support.variable[0].named;
}

double mx_report_prior_sum(const maxent_problem *problem)
{
    double sum = 0.0;
    for (size_t x = 0; problem->q != NULL && x < problem->n; x++)
        sum += problem->q[x];
    return problem->q != NULL ? sum : (double)problem->n;
}

/* Is state a before state b in the order of the list? */
static int before(const double *p, size_t a, size_t b)
{
    return p[a] > p[b] || (p[a] == p[b] && a < b);
}

/* A heap of the best so far with the worst of them on top. */
static void sift(const double *p, size_t *heap, size_t count, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= count)
            return;
        if (child + 1 < count && before(p, heap[child], heap[child + 1]))
            child++;
        if (!before(p, heap[i], heap[child]))
            return;
        size_t swap = heap[i];
        heap[i] = heap[child];
        heap[child] = swap;
        i = child;
    }
}

void mx_report_largest(size_t n, const double *p, size_t most, size_t *order)
{
    size_t count = most < n ? most : n;
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count / 2; i-- > 0;)
        sift(p, order, count, i);
    for (size_t x = count; x < n && count > 0; x++)
        if (before(p, x, order[0])) {
            order[0] = x;
            sift(p, order, count, 0);
        }
    for (size_t left = count; left > 1; left--) { /* the worst goes last */
        size_t worst = order[0];
        order[0] = order[left - 1];
        order[left - 1] = worst;
        sift(p, order, left - 1, 0);
    }
}
