/* The states in the text report: a row each with its bar, the most probable ones when there are many, or a sketch. */
#include "report/text.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Up to ALL_STATES are all shown; of more, the most probable. */
enum { ALL_STATES = 32, SHOWN_STATES = 20, WIDEST_BAR = 40, WIDEST_STATE = 46 };

/* `text` of which at most `most` columns are shown. Counts bytes as columns: enough for what is only cut rarely. */
static void put_cut(mx_buffer *out, const mx_buffer *text, size_t most)
{
    if (text->failed || text->data == NULL) {
        out->failed = out->failed || text->failed;
        return;
    }
    size_t length = text->length;
    if (length > most) {
        length = most - 3;
        while (length > 0 && ((unsigned char)text->data[length] & 0xc0) == 0x80)
            length--;
        text->data[length] = '\0';
    }
    mx_report_put_clean(out, text->data);
    mx_buffer_put(out, length < text->length ? "..." : "");
}

/* Is every variable -1 or 1? Then a sign each says which state it is. */
static int are_spins(const maxent_problem *problem)
{
    const mx_support *support = &problem->support;
    for (size_t v = 0; v < support->variables; v++) {
        const mx_variable *variable = &support->variable[v];
        if (variable->named || variable->levels != 2 || fabs(variable->number[0]) != 1.0 ||
            variable->number[1] != -variable->number[0])
            return 0;
    }
    return support->variables > 0;
}

/* The variables of a state in one column, for supports with more variables than fit beside each other. */
static void put_joined(mx_buffer *out, const maxent_problem *problem, size_t x)
{
    mx_buffer text = {0};
    int signs = are_spins(problem);
    for (size_t v = 0; v < mx_report_columns(problem); v++) {
        double number;
        if (v > 0)
            mx_buffer_char(&text, ' ');
        if (signs)
            mx_buffer_put(&text, (mx_report_value(problem, v, x, &number), number > 0.0) ? "+" : "-");
        else
            mx_report_put_value(&text, problem, v, x, 6);
    }
    put_cut(out, &text, WIDEST_STATE);
    mx_buffer_free(&text);
}

/* Columns that the variables would take beside each other in the rows shown; stops when it is more than `most`. */
static size_t variables_width(const mx_page *page, const size_t *row, size_t rows, size_t most)
{
    size_t total = 0;
    mx_buffer text = {0};
    for (size_t v = 0; v < mx_report_columns(page->problem) && total <= most; v++) {
        const char *name = mx_report_column_name(page->problem, v);
        size_t widest = mx_report_width(name, strlen(name));
        for (size_t r = 0; r < rows; r++) {
            text.length = 0;
            mx_report_put_value(&text, page->problem, v, row[r], 6);
            size_t width = text.failed ? 0 : mx_report_width(text.data, text.length);
            widest = width > widest ? width : widest;
        }
        total += widest + 2;
    }
    mx_buffer_free(&text);
    return total;
}

/* Columns: the variables, p, the prior when there is one, a bar. */
static void put_rows(mx_page *page, const size_t *row, size_t rows)
{
    const maxent_problem *problem = page->problem;
    const double *p = maxent_result_probabilities(page->result), *q = problem->q;
    size_t numbers = q != NULL ? 22 : 12, width = (size_t)page->width, columns = mx_report_columns(problem);
    size_t names = variables_width(page, row, rows, width);
    int joined = columns + 3 > MX_TABLE_COLUMNS || names + numbers + 8 > width;
    size_t left = joined ? WIDEST_STATE + 2 + numbers : names + numbers;
    size_t bar = left + 6 < width ? width - left - 1 : 6, c = 0;
    bar = bar > WIDEST_BAR ? WIDEST_BAR : bar;
    double sum = mx_report_prior_sum(problem), largest = 0.0;
    if (joined)
        columns = 1;
    char align[MX_TABLE_COLUMNS];
    for (size_t v = 0; v < columns; v++) {
        double number;
        align[c++] = !joined && mx_report_value(problem, v, 0, &number) == NULL ? 'r' : 'l';
    }
    align[c++] = 'r';
    if (q != NULL)
        align[c++] = 'r';
    align[c++] = 'b';
    mx_layout table;
    mx_layout_start(&table, c, align);
    table.color[c - 1] = MX_CYAN;
    for (size_t v = 0; v < columns; v++) {
        mx_report_put_clean(&table.text, mx_report_column_name(problem, v));
        if (joined) {
            mx_buffer_put(&table.text, " ... ");
            mx_report_put_clean(&table.text, mx_report_column_name(problem, mx_report_columns(problem) - 1));
        }
        mx_layout_next(&table);
    }
    mx_layout_cell(&table, mx_report_p_name(problem));
    if (q != NULL)
        mx_layout_cell(&table, "prior");
    mx_layout_cell(&table, "");
    for (size_t r = 0; r < rows; r++)
        largest = fmax(largest, p[row[r]]);
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < columns; v++) {
            mx_buffer value = {0};
            if (joined) {
                put_joined(&table.text, problem, row[r]);
            } else {
                mx_report_put_value(&value, problem, v, row[r], 6);
                put_cut(&table.text, &value, WIDEST_STATE);
            }
            mx_layout_next(&table);
            mx_buffer_free(&value);
        }
        mx_report_probability(&table.text, p[row[r]]);
        mx_layout_next(&table);
        if (q != NULL) {
            mx_report_probability(&table.text, q[row[r]] / sum);
            mx_layout_next(&table);
        }
        mx_report_bar(&table.text, largest > 0.0 ? p[row[r]] / largest : 0.0, bar, page->options.unicode);
        mx_layout_next(&table);
    }
    mx_layout_print(&table, &page->out, page->options.color);
}

maxent_error mx_page_states(mx_page *page)
{
    const double *p = maxent_result_probabilities(page->result);
    size_t n = maxent_problem_states(page->problem), most = page->options.max_states;
    most = most > 0 ? most : n <= ALL_STATES ? n : SHOWN_STATES;
    if (n > most && mx_report_is_numeric(page->problem)) {
        maxent_error error = mx_report_sketch(&page->out, page->result, &page->options);
        if (error != MAXENT_OK || page->options.max_states == 0)
            return error;
        mx_buffer_char(&page->out, '\n');
    }
    size_t rows = n <= most ? n : most;
    size_t *row = mx_alloc(rows, sizeof *row);
    if (row == NULL)
        return MAXENT_ERROR_MEMORY;
    if (n <= most)
        for (size_t r = 0; r < rows; r++)
            row[r] = r;
    else
        mx_report_largest(n, p, most, row);
    put_rows(page, row, rows);
    if (n > most) {
        double shown = 0.0;
        for (size_t r = 0; r < rows; r++)
            shown += p[row[r]];
        mx_page_paint(page, MX_DIM);
        mx_buffer_format(&page->out, " the %zu most probable of %zu states; the others share ", rows, n);
        mx_report_probability(&page->out, fmax(0.0, 1.0 - shown));
        mx_page_paint(page, MX_PLAIN);
        mx_buffer_char(&page->out, '\n');
    }
    mx_free(row);
    return MAXENT_OK;
}
