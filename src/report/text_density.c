/* A continuous or countable answer in the text report: a sketch of the density, its quantiles and moments; whole numbers in a table while
 * they are few; classes in a table; several variables by means, spreads and correlations. */
#include "report/text.h"

#include "base/memory.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <string.h>

enum { MOST_COLUMNS = 64, SHOWN_ATOMS = 24, SHOWN_CLASSES = 24, WIDEST_BAR = 40 };

maxent_error mx_report_density_sketch(mx_buffer *out, const mx_line *line, const maxent_report_options *options)
{
    int width = options->width > 0 ? options->width : 80;
    size_t columns = width - 14 < MOST_COLUMNS ? (size_t)(width - 14) : MOST_COLUMNS;
    double low, high, height[MOST_COLUMNS], top = 0.0, from, to;
    mx_report_view(line, &low, &high);
    from = low;
    to = high;
    if (line->step > 0.0) { /* whole columns of whole numbers */
        double each = ceil((high - low + 1.0) / (double)columns);
        columns = (size_t)fmax(1.0, ceil((high - low + 1.0) / each));
        from = low - 0.5;
        to = from + each * (double)columns;
        high = to - 0.5;
    }
    for (size_t c = 0; c < columns; c++) {
        double a = from + (to - from) * (double)c / (double)columns, b = from + (to - from) * (double)(c + 1) / (double)columns;
        height[c] = mx_line_between(line, a, b) / (b - a); /* the mean over the column */
        top = fmax(top, height[c]);
    }
    mx_report_chart(out, height, columns, top, options);
    mx_report_chart_ends(out, low, high, columns);
    double shown = mx_line_between(line, line->step > 0.0 ? from : low, line->step > 0.0 ? to : high);
    if (shown < 0.9985) {
        mx_buffer_put(out, " outside of this range: ");
        mx_report_number(out, 100.0 * (1.0 - shown), 2);
        mx_buffer_put(out, " % of the probability\n");
    }
    return MAXENT_OK;
}

static void put_moment(mx_buffer *out, double value, int digits)
{
    if (isnan(value))
        mx_buffer_put(out, "none");
    else if (isinf(value))
        mx_buffer_put(out, value > 0.0 ? "infinite" : "-infinite");
    else
        mx_report_number(out, value, digits);
}

/* A moment summed over nodes. */
static void put_followed(mx_buffer *out, double value)
{
    if (isnan(value))
        mx_buffer_put(out, "not known");
    else
        mx_report_number(out, value, 6);
}

/* Digits that show places on the line: six, and more when it lies far off, such as 1000000.0007. */
static int digits_of(const mx_line *line)
{
    double quarter = mx_line_quantile(line, 0.25), three = mx_line_quantile(line, 0.75);
    double far = fmax(fabs(quarter), fabs(three)) / (three - quarter);
    return far > 10.0 && far < 1e300 ? (int)fmin(15.0, 4.0 + ceil(log10(far))) : 6;
}

static void put_quantiles(mx_page *page, const mx_line *line)
{
    static const double share[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    mx_layout table;
    mx_layout_start(&table, 6, "lrrrrr");
    mx_layout_cell(&table, "quantile");
    for (size_t i = 0; i < 5; i++) {
        mx_buffer_format(&table.text, "%d %%", (int)(100.0 * share[i] + 0.5));
        mx_layout_next(&table);
    }
    mx_layout_cell(&table, mx_report_column_name(page->problem, 0));
    for (size_t i = 0; i < 5; i++) {
        double x = mx_line_quantile(line, share[i]), spread = mx_line_quantile(line, 0.95) - mx_line_quantile(line, 0.05);
        mx_report_number(&table.text, fabs(x) < 1e-13 * spread && line->lower < 0.0 ? 0.0 : x, line->whole ? 15 : digits_of(line));
        mx_layout_next(&table);
    }
    mx_layout_print(&table, &page->out, page->options.color);
}

/* mean, sd, mode of one variable, and its quantiles */
static maxent_error put_summary(mx_page *page, const mx_line *line)
{
    double low, high;
    maxent_moments m; /* of the answer itself: the line was laid to be looked at */
    maxent_error error = maxent_result_moments(page->result, 0, &m);
    if (error != MAXENT_OK)
        return error;
    mx_report_view(line, &low, &high);
    mx_buffer_char(&page->out, ' ');
    mx_report_put_clean(&page->out, mx_report_column_name(page->problem, 0));
    mx_buffer_put(&page->out, ": mean ");
    double wide = line->lower < 0.0 ? mx_line_quantile(line, 0.75) - mx_line_quantile(line, 0.25) : 0.0;
    double mean = fabs(m.mean) < 1e-12 * wide ? 0.0 : m.mean; /* rounding of a symmetric density */
    put_moment(&page->out, mean, digits_of(line));
    mx_buffer_put(&page->out, ", standard deviation ");
    put_moment(&page->out, m.sd, 6);
    double mode = mx_report_mode(line, low, high), least = fmin(mx_line_at(line, low, 1), mx_line_at(line, high, -1));
    if (line->whole || fmax(mx_line_at(line, mode, 1), mx_line_at(line, mode, -1)) > least * (1.0 + 1e-6)) { /* not flat */
        mode = fabs(mode) < 1e-7 * wide ? 0.0 : mode;
        mx_buffer_put(&page->out, line->whole ? ", most probable " : ", densest at ");
        mx_report_number(&page->out, mode, line->whole ? 12 : digits_of(line) - 2);
    }
    mx_buffer_put(&page->out, "\n\n");
    put_quantiles(page, line);
    return MAXENT_OK;
}

/* Whole numbers that carry what there is, one a row. */
static void put_atoms(mx_page *page, const mx_line *line, size_t first, size_t end)
{
    mx_layout table;
    mx_layout_start(&table, 3, "rrb");
    table.color[2] = MX_CYAN;
    mx_layout_cell(&table, mx_report_column_name(page->problem, 0));
    mx_layout_cell(&table, mx_report_p_name(page->problem));
    mx_layout_cell(&table, "");
    double largest = 0.0;
    for (size_t j = first; j < end; j++)
        largest = fmax(largest, line->piece[j].mass);
    for (size_t j = first; j < end; j++) {
        mx_report_number(&table.text, line->piece[j].left.hi, 12);
        mx_layout_next(&table);
        mx_report_probability(&table.text, line->piece[j].mass);
        mx_layout_next(&table);
        mx_report_bar(&table.text, line->piece[j].mass / largest, WIDEST_BAR, page->options.unicode);
        mx_layout_next(&table);
    }
    mx_layout_print(&table, &page->out, page->options.color);
    mx_page_paint(page, MX_DIM);
    mx_buffer_put(&page->out, " the others share ");
    mx_report_probability(&page->out, fmax(line->piece[first].before + line->piece[end - 1].after, 0.0));
    mx_page_paint(page, MX_PLAIN);
    mx_buffer_put(&page->out, "\n\n");
}

static maxent_error one_variable(mx_page *page)
{
    mx_line *line;
    size_t first, end, most = page->options.max_states > 0 ? page->options.max_states : SHOWN_ATOMS;
    maxent_error error = mx_report_line(page->result, &line);
    if (mx_report_has_no_law(page->result, error)) {
        mx_buffer_put(&page->out, " no sketch: what was reached has no finite mass\n");
        return MAXENT_OK;
    }
    if (error != MAXENT_OK)
        return error;
    int rows = line->whole && mx_report_atoms(line, 1e-4, most, &first, &end);
    if (!rows) {
        error = mx_report_density_sketch(&page->out, line, &page->options);
        mx_buffer_char(&page->out, '\n');
    } else {
        put_atoms(page, line, first, end);
    }
    if (error == MAXENT_OK)
        error = put_summary(page, line);
    mx_line_free(line);
    return error;
}

/* A row for each class: its probability, mean and spread of what is measured. */
static maxent_error several_variables(mx_page *page)
{
    const mx_support *support = &page->problem->support;
    mx_classes *c;
    maxent_error error = mx_classes_new(page->result, &c);
    if (error == MAXENT_ERROR_LIMIT) {
        mx_buffer_put(&page->out, " too many combinations of the listed values for a table\n");
        return MAXENT_OK;
    }
    if (error != MAXENT_OK)
        return error;
    size_t columns = (c->listed > 0 ? 2 : 0) + 2 * c->running + (c->listed > 0), n = 0;
    if (columns > MX_TABLE_COLUMNS) {
        mx_classes_free(c);
        return MAXENT_OK;
    }
    char align[MX_TABLE_COLUMNS];
    if (c->listed > 0) {
        align[n++] = 'l';
        align[n++] = 'r';
    }
    while (n < columns)
        align[n++] = 'r';
    if (c->listed > 0)
        align[columns - 1] = 'b';
    mx_layout table;
    mx_layout_start(&table, columns, align);
    table.most = (size_t)page->width;
    table.color[columns - 1] = c->listed > 0 ? MX_CYAN : NULL;
    size_t written = 0;
    for (size_t v = 0; v < support->variables; v++)
        if (support->variable[v].extent == MX_LISTED) {
            mx_buffer_put(&table.text, written++ == 0 ? "" : ", ");
            mx_report_put_clean(&table.text, support->variable[v].name);
        }
    if (c->listed > 0) {
        mx_layout_next(&table);
        mx_layout_cell(&table, mx_report_p_name(page->problem));
    }
    for (size_t v = 0; v < support->variables; v++)
        if (support->variable[v].extent != MX_LISTED) {
            mx_buffer_put(&table.text, "mean ");
            mx_report_put_clean(&table.text, support->variable[v].name);
            mx_layout_next(&table);
            mx_buffer_put(&table.text, "sd ");
            mx_report_put_clean(&table.text, support->variable[v].name);
            mx_layout_next(&table);
        }
    if (c->listed > 0)
        mx_layout_cell(&table, "");
    size_t shown = c->count < SHOWN_CLASSES ? c->count : SHOWN_CLASSES;
    double largest = 0.0;
    for (size_t i = 0; i < c->count; i++)
        largest = fmax(largest, c->p[i]);
    for (size_t i = 0; i < shown; i++) {
        if (c->listed > 0) {
            mx_classes_label(c, page->problem, i, &table.text);
            mx_layout_next(&table);
            mx_report_probability(&table.text, c->p[i]);
            mx_layout_next(&table);
        }
        for (size_t v = 0; v < support->variables; v++)
            if (support->variable[v].extent != MX_LISTED) {
                double mean = c->mean[i * support->variables + v], sd = c->sd[i * support->variables + v];
                int about_zero = fabs(mean) < 1e-12 * sd && support->variable[v].lower < 0;
                put_followed(&table.text, about_zero ? 0.0 : mean);
                mx_layout_next(&table);
                put_followed(&table.text, sd);
                mx_layout_next(&table);
            }
        if (c->listed > 0) {
            mx_report_bar(&table.text, largest > 0.0 ? c->p[i] / largest : 0.0, 20, page->options.unicode);
            mx_layout_next(&table);
        }
    }
    mx_layout_print(&table, &page->out, page->options.color);
    if (c->count > shown)
        mx_buffer_format(&page->out, " ... and %zu more\n", c->count - shown);
    mx_classes_free(c);
    return MAXENT_OK;
}

/* Correlations of the variables that are not listed, over all classes. */
static maxent_error put_correlations(mx_page *page)
{
    enum { MOST = 8 };
    const struct mx_density *d = page->result->density;
    const mx_support *support = &page->problem->support;
    double mean[MOST] = {0}, product[MOST][MOST] = {{0}};
    size_t which[MOST], count = 0;
    for (size_t v = 0; v < support->variables && count < MOST; v++)
        if (support->variable[v].extent != MX_LISTED)
            which[count++] = v;
    if (count < 2)
        return MAXENT_OK;
    for (size_t j = 0; j < d->n; j++) {
        double p = exp(d->logw[j] + d->logp[j]);
        for (size_t a = 0; a < count && p > 0.0; a++)
            mean[a] += p * d->value[which[a]][j];
    }
    for (size_t j = 0; j < d->n; j++) {
        double p = exp(d->logw[j] + d->logp[j]);
        for (size_t a = 0; a < count && p > 0.0; a++)
            for (size_t b = 0; b <= a; b++)
                product[a][b] += p * (d->value[which[a]][j] - mean[a]) * (d->value[which[b]][j] - mean[b]);
    }
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < a; b++) {
            double r = product[a][b] / sqrt(product[a][a] * product[b][b]);
            mx_buffer_put(&page->out, " correlation of ");
            mx_report_put_clean(&page->out, support->variable[which[b]].name);
            mx_buffer_put(&page->out, " and ");
            mx_report_put_clean(&page->out, support->variable[which[a]].name);
            mx_buffer_put(&page->out, ": ");
            mx_report_number(&page->out, fabs(r) < 1e-12 ? 0.0 : r, 6);
            mx_buffer_char(&page->out, '\n');
        }
    return MAXENT_OK;
}

maxent_error mx_page_density(mx_page *page)
{
    if (page->problem->support.variables == 1)
        return one_variable(page);
    maxent_error error = several_variables(page);
    return error == MAXENT_OK ? put_correlations(page) : error;
}
