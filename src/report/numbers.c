/* Numbers as people read them, in any locale with the point as '.'. */
#include "report/report.h"

#include <math.h>

void mx_report_fixed(mx_buffer *out, double value, int decimals)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    double scaled = nearbyint(fabs(value) * power[decimals]);
    if (!(scaled < 1e18)) {
        mx_report_number(out, value, 12);
        return;
    }
    unsigned long long whole = (unsigned long long)scaled, unit = (unsigned long long)power[decimals];
    if (value < 0.0 && whole != 0)
        mx_buffer_char(out, '-');
    if (decimals == 0)
        mx_buffer_format(out, "%llu", whole);
    else
        mx_buffer_format(out, "%llu.%0*llu", whole / unit, decimals, whole % unit);
}

void mx_report_number(mx_buffer *out, double value, int digits)
{
    char text[MX_DOUBLE_TEXT];
    if (isnan(value))
        mx_buffer_char(out, '-');
    else
        mx_buffer_put(out, mx_double_text_digits(value, digits, text));
}

void mx_report_probability(mx_buffer *out, double p)
{
    if (p == 0.0)
        mx_buffer_char(out, '0');
    else if (p < 0.00005)
        mx_report_number(out, p, 3);
    else
        mx_report_fixed(out, p, 6);
}

void mx_report_seconds(mx_buffer *out, double seconds)
{
    if (seconds < 1e-3)
        mx_report_fixed(out, seconds * 1e6, 0);
    else if (seconds < 1.0)
        mx_report_number(out, seconds * 1e3, 3);
    else
        mx_report_number(out, seconds, 3);
    mx_buffer_put(out, seconds < 1e-3 ? " us" : seconds < 1.0 ? " ms" : " s");
}

double mx_report_unit_scale(maxent_unit unit)
{
    return unit == MAXENT_BIT ? 1.4426950408889634 : unit == MAXENT_DIT ? 0.4342944819032518 : 1.0; /* 1/ln 2, 1/ln 10 */
}

const char *mx_report_unit_name(maxent_unit unit)
{
    return unit == MAXENT_BIT ? "bit" : unit == MAXENT_DIT ? "dit" : "nat";
}

void mx_report_ticks(double low, double high, int most, double *first, double *step)
{
    double rough = (high - low) / most, power = pow(10.0, floor(log10(rough))), m = rough / power;
    *step = power * (m <= 1.0 + 1e-9 ? 1.0 : m <= 2.0 + 1e-9 ? 2.0 : m <= 5.0 + 1e-9 ? 5.0 : 10.0);
    *first = ceil(low / *step - 1e-9) * *step;
}
